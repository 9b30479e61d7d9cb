/*
 * variant_private.h -- variant tables of one sample, looked up fast
 *
 * variant_view.c     views of the tables
 * variants.c         genes and hotspots
 * variant_burden.c   mutational burden, fractions, pathways, tumour-informed detection
 * variant_sbs.c      signature exposures
 */
#ifndef CXS_VARIANT_FEATURES_PRIVATE_H
#define CXS_VARIANT_FEATURES_PRIVATE_H

#include "base/table.h"
#include "features/variants.h"
#include "ingest/variant_private.h"

/* One row of what was covered, sorted by kind and name. */
typedef struct cxs_cover {
    const char *kind, *name;
    int64_t covered;
} cxs_cover;

typedef struct cxs_variant_view {
    const cxs_variant_sample *sample;
    bool known; /* the sample has a variant file */
    size_t n;   /* alleles */
    const char *const *chrom, *const *ref, *const *alt, *const *hotspot, *const *status;
    const int64_t *pos, *dp, *ad_alt, *tmb, *possible_germline, *ch_gene;
    const double *vaf;
    size_t hits;
    const int64_t *hit_variant, *hit_protein;
    const char *const *hit_gene, *const *hit_class;
    cxs_cover *cover;
    size_t covers;
    bool assume; /* no targets were given for a genome or an exome */
    bool umi;
    int64_t target_bases;
    const int64_t *sbs;                             /* [96] or NULL */
    const int64_t *target_triples, *genome_triples; /* [32] or NULL */
    /* what later features need of earlier ones */
    double tmb_per_mb;
    bool mmr_hit, sbs11;
} cxs_variant_view;

/* Look at the tables of a sample; free view->cover. */
cxs_rc cxs_view_read(cxs_ctx *ctx, const cxs_variant_sample *sample,
                     cxs_variant_view *view) CXS_MUST_USE;
bool cxs_view_passes(const cxs_variant_view *v, size_t allele);
/* 1, 0, or CXS_MEASURE_MISSING when it is not known. */
int64_t cxs_view_covered(const cxs_variant_view *v, const char *kind, const char *name);
bool cxs_view_liquid(const cxs_variant_view *v);
/* 1, else 0 when it was assessed, else NaN. */
double cxs_three(bool yes, bool assessed);

typedef struct cxs_variant_job {
    cxs_ctx *ctx;
    const cxs_variant_feature_settings *settings;
    const cxs_variant_refs *refs;
    const cxs_table *panels;
    cxs_variant_view *view; /* [count] */
    size_t count;
    cxs_feature_columns *columns;
} cxs_variant_job;

cxs_rc cxs_variant_burden(cxs_variant_job *job) CXS_MUST_USE;
cxs_rc cxs_variant_hypermut(cxs_variant_job *job) CXS_MUST_USE; /* after sbs */
cxs_rc cxs_variant_signatures(cxs_variant_job *job) CXS_MUST_USE;

/* Columns of a stem: "var.vaf." + each of names; value[i] borrowed. */
cxs_rc cxs_variant_columns(cxs_variant_job *job, const char *stem,
                           const char *const *names, size_t count, const char *unit,
                           cxs_feature_type type, double **value) CXS_MUST_USE;

/* Counts of 96 contexts to exposures on a set of signatures (variant_sbs.c): Lawson and
 * Hanson, then backward drop of signatures while the cosine falls by less than 0.01.
 *   signature  [96 x n] column-major
 *   exposure   (out) [n], 0 for those dropped
 *   kept       (out) [n]
 *   cosine     (out) of counts and fit */
cxs_rc cxs_sbs_refit(cxs_ctx *ctx, size_t n, const double *signature,
                     const double *counts, double *exposure, bool *kept,
                     double *cosine) CXS_MUST_USE;

/* Share of 100 multinomial bootstraps in which each kept signature has > 5 %. */
cxs_rc cxs_sbs_bootstrap(cxs_ctx *ctx, size_t n, const double *signature,
                         const double *counts, const bool *kept, uint64_t seed,
                         uint64_t rank, double *share) CXS_MUST_USE;

#endif /* CXS_VARIANT_FEATURES_PRIVATE_H */
