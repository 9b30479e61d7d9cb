/*
 * fragment_private.h -- the profile of fragment lengths along the genome, and sites
 */
#ifndef CXS_FRAGMENT_PRIVATE_H
#define CXS_FRAGMENT_PRIVATE_H

#include "base/table.h"
#include "features/assays.h"
#include "features/copynumber.h"

enum {
    CXS_FRAGMENTS_ENOUGH = 1000000, /* below it nothing is told */
    CXS_FRAGMENTS_BINNED = 5000000  /* below it no profile */
};

/* What is known of the fragments of one patient's file. */
typedef struct cxs_fragment_count {
    double fragments;  /* of 20 to 1000 bases; 0 without a file */
    double long_share; /* of 400 bases and more among them; NaN without any */
    double depth;      /* their bases over those of the autosomes; NaN: not known */
} cxs_fragment_count;

/* Rows of the table of quality, and one sentence for each thing to know. */
cxs_rc cxs_fragment_quality(cxs_ctx *ctx, const cxs_patient_file *file,
                            const cxs_fragment_count *count, size_t n,
                            cxs_quality_rows *quality) CXS_MUST_USE;

/* ---- short against long fragments ------------------------------------------------ */

/* A bin of 100 kb that has fragments and a share of GC. */
typedef struct cxs_profile_bin {
    uint8_t chrom;
    int64_t start0, end0;
    double value[2]; /* short, long: corrected for GC */
    double gc;
} cxs_profile_bin;

typedef struct cxs_profile {
    cxs_profile_bin *at; /* [n] autosomes, by chromosome and start */
    size_t n;
    int of_bins; /* GC is that of the bins, not of the fragments */
} cxs_profile;

/* gc: shares of bins for a file that was read without a reference, or NULL.  n = 0: the
 * bag has no such table, or nothing to correct by. */
cxs_rc cxs_profile_read(cxs_ctx *ctx, const cxs_patient_file *file,
                        const cxs_frozen_bins *gc, cxs_profile *out) CXS_MUST_USE;
void cxs_profile_free(cxs_profile *profile);

/*
 * Fifty bins of 100 kb to one of 5 Mb, counted from the telomere inside each arm of
 * chrom_arms.tsv; incomplete ones are dropped.
 *
 *   grid [n]   places of the bins, by chromosome and start
 *   frame [n]  (out) the joined bins, in the order of arms
 * Returns their number.
 */
size_t cxs_profile_join(const cxs_interval *grid, size_t n, const cxs_table *arms,
                        const char *build, cxs_interval *frame);
/* Corrected short over long fragments of the bins within each joined bin; NaN without
 * long ones. */
void cxs_profile_ratios(const cxs_profile *profile, const cxs_interval *frame,
                        size_t count, double *ratio);
/* Mean and standard deviation (n - 1) of the values that are there; NaN below two. */
void cxs_profile_moments(const double *value, size_t n, double *mean, double *sd);

/* frag.short_long.*, frag.profile.*; arms: chrom_arms.tsv; frozen may be NULL. */
cxs_rc cxs_fragment_profile(cxs_ctx *ctx, const cxs_patient_file *file,
                            const cxs_fragment_count *count,
                            const cxs_copy_frozen *frozen, const cxs_table *arms,
                            cxs_quality_rows *quality,
                            cxs_feature_columns *columns) CXS_MUST_USE;

/*
 * Reference of healthy fluid or plasma: median profile over the files, each centred and
 * scaled, and loadings of the first three components of their differences from the mean
 * profile.  The loading that is largest in size is positive (of equal ones the first).
 *
 *   file [n]   those of one build; below 5 M fragments they do not count
 *   gc         as above
 *   out        *count rows in the order of arms; 0 when fewer than `least` files or
 *              three components can be had.  *used: files that counted.
 */
cxs_rc cxs_profile_reference(cxs_ctx *ctx, const cxs_patient_file *file, size_t n,
                             size_t least, const cxs_frozen_bins *gc,
                             const cxs_table *arms, const char *build,
                             cxs_frozen_profile **out, size_t *count,
                             size_t *used) CXS_MUST_USE;

/* ---- sites ----------------------------------------------------------------------- */

/* frag.wps.*: only where windows were followed. */
cxs_rc cxs_fragment_protection(cxs_ctx *ctx, const cxs_patient_file *file,
                               const cxs_fragment_count *count,
                               cxs_feature_columns *columns) CXS_MUST_USE;

/* frag.tss.*: only where start sites were counted; own: groups of genes, NULL: those of
 * signatures.tsv; copies [n]: bags with a table cn.segments, or NULL. */
cxs_rc cxs_fragment_starts(cxs_ctx *ctx, const cxs_patient_file *file,
                           const cxs_fragment_count *count, const cxs_gene_sets *own,
                           cxs_measures *const *copies, const char *refdata,
                           cxs_feature_columns *columns) CXS_MUST_USE;

#endif /* CXS_FRAGMENT_PRIVATE_H */
