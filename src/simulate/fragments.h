/*
 * fragments.h -- fragments of one simulated sample, before they become reads: private
 * to this stage
 *
 * RNA: gene g gets exactly its count of fragments, uniform along the transcript, of
 * length N(180, 25); read 1 lies on the strand opposite to the gene (reverse-stranded
 * library).  Beside them: 3 % fragments between genes, 2 % that map twice (NH 2, with a
 * secondary pair), 1 % unmapped; 4 % of the counted ones carry the duplicate flag.
 *
 * Cell-free DNA: place in proportion to 2(1 - f) + f c for copy number c and tumour
 * fraction f, times exp(-((gc - 0.42)/0.2)^2 / 2) of the fragment, times 0.6 unless the
 * fragment begins with C.  Lengths of healthy fragments: 167 +- 12 (85 %) or 330 +- 25;
 * of tumour fragments: 145 +- 15 (75 %), 167 +- 12 (15 %) or 310 +- 25.  5 % more are
 * duplicates: copies with the flag.
 */
#ifndef CXS_SIMULATE_FRAGMENTS_H
#define CXS_SIMULATE_FRAGMENTS_H

#include "simulate/person.h"

enum { CXS_SIM_READ = 50 }; /* bases of a read */

typedef struct cxs_fragment {
    int64_t start[CXS_TOY_EXONS], end[CXS_TOY_EXONS]; /* blocks on the genome */
    uint32_t name;                                    /* of the template */
    uint8_t contig, blocks, mapq, hits, hit; /* hits: NH; hit: HI, 2 = secondary */
    uint8_t reverse;                         /* read 1 on the reverse strand */
    uint8_t duplicate, tumour, haplotype, unmapped;
} cxs_fragment;

typedef struct cxs_fragments {
    cxs_fragment *at;
    size_t count, capacity;
    uint32_t names; /* given so far */
} cxs_fragments;

cxs_rc cxs_rna_fragments(cxs_ctx *ctx, const cxs_genome *genome,
                         const cxs_person *person, uint64_t seed, size_t i,
                         const uint32_t *count, cxs_fragments *out) CXS_MUST_USE;
cxs_rc cxs_cfdna_fragments(cxs_ctx *ctx, const cxs_genome *genome,
                           const cxs_person *person, uint64_t seed, size_t i, size_t n,
                           cxs_fragments *out) CXS_MUST_USE;

/* What the reads of a sample are written with. */
typedef struct cxs_align_job {
    const cxs_genome *genome;
    const cxs_person *person;
    const cxs_fragments *fragments;
    const char *sample;    /* @RG SM */
    const char *reference; /* FASTA for CRAM; NULL: BAM */
    uint64_t seed;
    size_t i; /* patient */
    int rna;  /* keys the errors of reads: other draws than cell-free DNA */
} cxs_align_job;
/* Coordinate-sorted BAM or CRAM; whole or not at all. */
cxs_rc cxs_align_write(cxs_ctx *ctx, const cxs_align_job *job,
                       const char *path) CXS_MUST_USE;

#endif /* CXS_SIMULATE_FRAGMENTS_H */
