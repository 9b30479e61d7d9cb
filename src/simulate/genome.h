/*
 * genome.h -- a toy genome with genes, copy-number arms, SNPs: private to this stage
 *
 * Contigs "1".."5" of about equal length; genes lie one after the other, two or three
 * exons each, strands alternate at random; bases are drawn with a GC share that drifts
 * in windows of 2 kb, so that depth depends on GC and a correction has work to do.
 * Everything is a function of (seed, number of genes).
 */
#ifndef CXS_SIMULATE_GENOME_H
#define CXS_SIMULATE_GENOME_H

#include "simulate/draw.h"

enum { CXS_TOY_CONTIGS = 5, CXS_TOY_EXONS = 3, CXS_TOY_SNPS = 100 };

typedef struct cxs_toy_gene {
    size_t contig;
    int reverse; /* strand - */
    int exons;
    int64_t start[CXS_TOY_EXONS], end[CXS_TOY_EXONS]; /* 0-based, half-open, ascending
                                                       */
    int64_t bases; /* of all exons: transcript length */
} cxs_toy_gene;

typedef struct cxs_toy_site { /* one base that differs from the reference */
    size_t contig;
    int64_t at; /* 0-based */
    char ref, alt;
} cxs_toy_site;

typedef struct cxs_genome {
    uint64_t seed;
    size_t genes;
    cxs_toy_gene *gene; /* [genes] in the order of their names, contig by contig */
    int64_t length[CXS_TOY_CONTIGS];
    char *bases[CXS_TOY_CONTIGS];   /* ACGT */
    cxs_toy_site snp[CXS_TOY_SNPS]; /* inside exons, sorted */
    size_t snps;
} cxs_genome;

cxs_rc cxs_genome_make(cxs_ctx *ctx, uint64_t seed, size_t genes,
                       cxs_genome *genome) CXS_MUST_USE;
void cxs_genome_free(cxs_genome *genome);

/* reference.fa reference.fa.fai genes.gtf targets.bed snps.tsv */
cxs_rc cxs_genome_write(cxs_ctx *ctx, const cxs_genome *genome, const char *folder,
                        int digits) CXS_MUST_USE;

#endif /* CXS_SIMULATE_GENOME_H */
