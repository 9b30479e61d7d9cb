/*
 * variant_private.h -- alleles of one sample on their way from a file to the bag
 *
 * variant_refs.c   reference tables
 * variant_set.c    growing list of alleles and of the genes they touch
 * variant_rules.c  record filter, flags and the checks that need the whole file
 * variant_bag.c    the tables
 */
#ifndef CXS_VARIANT_PRIVATE_H
#define CXS_VARIANT_PRIVATE_H

#include "base/base.h"
#include "base/table.h"
#include "ingest/variants.h"

#include <stdint.h>

/* One term of consequences.tsv; rank 1 is the worst. */
typedef struct cxs_term {
    const char *so, *bcsq, *class;
    int64_t rank;
    bool protein, tmb;
} cxs_term;

enum { CXS_SBS = 96 }; /* substitutions in their trinucleotide */

enum { CXS_HG19 = 0, CXS_HG38 = 1, CXS_BUILDS = 2, CXS_BUILD_OTHER = -1 };

typedef struct cxs_hotspot {
    const char *gene, *label, *hgvs, *chrom, *ref, *alt;
    int64_t pos[CXS_BUILDS];
} cxs_hotspot;

typedef struct cxs_gene_place {
    const char *symbol, *chrom;
    int64_t start[CXS_BUILDS], end[CXS_BUILDS]; /* 0: unknown in that build */
} cxs_gene_place;

typedef struct cxs_alias {
    const char *alias, *symbol;
} cxs_alias;

typedef struct cxs_region {
    const char *id, *chrom;
    int64_t start[CXS_BUILDS], end[CXS_BUILDS];
} cxs_region;

struct cxs_variant_refs {
    cxs_table *table[6]; /* storage of every text below */
    cxs_term *term;
    size_t terms;
    cxs_hotspot *hotspot;
    size_t hotspots;
    const char *hotspot_path;
    cxs_gene_place *gene; /* by symbol, bytewise */
    size_t genes;
    cxs_alias *alias; /* by alias; unique ones only */
    size_t aliases;
    const cxs_table *panels; /* gene_panels.tsv, one of the above */
    const char **ch_gene;
    size_t ch_genes;
    cxs_region *region;
    size_t regions;
};

/* "hg19" and "hg38" to an index, anything else CXS_BUILD_OTHER. */
int cxs_build_index(const char *build);
/* Term by its Sequence Ontology or bcftools name, NULL when there is none. */
const cxs_term *cxs_term_find(const cxs_variant_refs *refs, const char *name,
                              size_t length);
/* Current symbol of a gene name: itself unless an old name with one meaning. */
const char *cxs_gene_current(const cxs_variant_refs *refs, const char *name);
bool cxs_gene_is_ch(const cxs_variant_refs *refs, const char *gene);
const cxs_gene_place *cxs_gene_find(const cxs_variant_refs *refs, const char *gene);
const cxs_region *cxs_region_find(const cxs_variant_refs *refs, const char *id);
/* Hotspot with these alleles at this place, NULL when there is none. */
const cxs_hotspot *cxs_hotspot_at(const cxs_variant_refs *refs, int build,
                                  const char *chrom, int64_t pos, const char *ref,
                                  const char *alt);
/* True when a hotspot of any alleles stands there. */
bool cxs_hotspot_place(const cxs_variant_refs *refs, int build, const char *chrom,
                       int64_t pos);
/* Hotspot of a gene by its protein change (p.Arg132His). */
const cxs_hotspot *cxs_hotspot_named(const cxs_variant_refs *refs, const char *gene,
                                     const char *hgvsp);

/* One ALT allele of the sample; counts CXS_MEASURE_MISSING, fractions NaN. */
typedef struct cxs_variant {
    const char *chrom, *ref, *alt, *filter, *gt; /* in the set's storage */
    int64_t pos, dp, ad_ref, ad_alt, dp_file, normal_dp, normal_alt;
    int64_t ref_fwd, ref_rev, alt_fwd, alt_rev;
    int64_t record, file_pos; /* as the file has it */
    double vaf, normal_vaf, pop_af;
    bool carried; /* the genotype holds the allele, or there is no genotype */
    bool filtered;
    const char *named; /* region event, such as EGFRvIII, or NULL */
    /* set by cxs_variants_judge() */
    const char *status;
    const cxs_hotspot *hotspot;
    bool possible_germline, ch_gene;
    size_t worst; /* of hit[], SIZE_MAX without one */
} cxs_variant;

/* What an allele does to one gene. */
typedef struct cxs_variant_hit {
    size_t variant;
    const char *gene, *transcript, *hgvsp;
    const cxs_term *term; /* its class is "none" after a stop */
    bool after_stop;
} cxs_variant_hit;

typedef struct cxs_variant_set {
    const cxs_vcf_settings *settings;
    int build;
    cxs_variant *variant;
    size_t count, capacity;
    cxs_variant_hit *hit; /* in any order */
    size_t hits, hit_capacity;
    struct cxs_text_chunk *chunk; /* storage of texts */
    const char *annotation;       /* "CSQ", "ANN", "BCSQ", "MAF", "none" */
    bool has_normal, left_aligned;
    int64_t records, alleles, structural, skipped, checked, mismatched;
    int64_t *sbs;            /* [CXS_SBS], NULL without FASTA */
    int64_t *trinucleotides; /* [2 x 32] of targets, of the genome; or NULL */
} cxs_variant_set;

/* Copy of a text that lives as long as the set. */
cxs_rc cxs_variant_text(cxs_ctx *ctx, cxs_variant_set *set, const char *text,
                        const char **out) CXS_MUST_USE;
/* Append; texts are copied.  *at is its index. */
cxs_rc cxs_variant_add(cxs_ctx *ctx, cxs_variant_set *set, const cxs_variant *variant,
                       size_t *at) CXS_MUST_USE;
cxs_rc cxs_variant_hit_add(cxs_ctx *ctx, cxs_variant_set *set,
                           const cxs_variant_hit *hit) CXS_MUST_USE;
/* A variant with every number missing. */
cxs_variant cxs_variant_none(void);
void cxs_variant_set_clear(cxs_variant_set *set);

/* Class and flags of a hit: none after a stop. */
const char *cxs_hit_class(const cxs_variant_hit *hit);
bool cxs_hit_protein(const cxs_variant_hit *hit);
bool cxs_hit_tmb(const cxs_variant_hit *hit);

/* Status, hotspot and flags of every allele.  CX034 by sentinel hotspots. */
cxs_rc cxs_variants_judge(cxs_ctx *ctx, cxs_variant_set *set) CXS_MUST_USE;
/* CX048: the calls are those of the column declared normal. */
cxs_rc cxs_variants_swapped(cxs_ctx *ctx, const cxs_variant_set *set,
                            const char *normal) CXS_MUST_USE;
/* The tables of variants.h. */
cxs_rc cxs_variants_into(cxs_ctx *ctx, const cxs_variant_set *set,
                         cxs_measures *bag) CXS_MUST_USE;

/* Trim shared bases off both ends, first the right one, so that each allele keeps one
 * base; *pos moves with the left end.  Alleles are written in place. */
void cxs_allele_trim(char *ref, char *alt, int64_t *pos);

#endif /* CXS_VARIANT_PRIVATE_H */
