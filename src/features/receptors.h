/*
 * receptors.h -- T-cell receptor features of the repertoires of patients
 *
 *   tcr.richness, .shannon, .clonality, .simpson, .gini, .chao1, .d50, .top10,
 *   .expanded      mean of 20 down-samplings to one depth (num/tcr.h); numbers of
 *                  clones (richness, chao1, d50) as log2(x + 1)
 *   tcr.product.share, .morisita   against the T-cell product, on all counts
 *
 * A repertoire with fewer counts than the depth has NaN in every column, one without a
 * product NaN in the last two: never 0.  Down-samplings are keyed by the id of the
 * sample, so that neither its companions nor its row matter.
 */
#ifndef CXS_FEATURES_RECEPTORS_H
#define CXS_FEATURES_RECEPTORS_H

#include "features/assays.h"

typedef struct cxs_receptor_settings {
    size_t depth; /* counts; 0: cxs_receptor_depth() of the files given     [0] */
    uint64_t seed;
    size_t *used; /* (out) the depth, NULL allowed: to be frozen with the model */
    cxs_quality_rows *quality; /* gets the counts of each file; NULL allowed */
} cxs_receptor_settings;

/* Default depth: the smaller of 10 000 and the 10 % quantile (lowest total with a tenth
 * of the totals at or below it) of the totals that are not 0; 0 without any. */
size_t cxs_receptor_depth(const double *total, size_t n, double *work);

/* file, product [columns->n]: bags of cxs_airr_measure(), NULL where there is none;
 * product NULL: no patient has one.  CXS_EFORMAT for a table that is damaged. */
cxs_rc cxs_receptor_features_at(cxs_ctx *ctx, const cxs_patient_file *file,
                                const cxs_patient_file *product,
                                const cxs_receptor_settings *settings,
                                cxs_feature_columns *columns) CXS_MUST_USE;

/* tcr.expansion.n (log2(x + 1)) and .share: clones that grew from before to after, and
 * tcr.product.expansion.* from the product to after (num/tcr.h), on all counts; NaN where
 * either has fewer than depth.  after is of a time after the dose: who asks must have a
 * landmark behind it.  product NULL: no patient has one. */
cxs_rc cxs_receptor_expansion(cxs_ctx *ctx, const cxs_patient_file *before,
                              const cxs_patient_file *after,
                              const cxs_patient_file *product, size_t depth,
                              cxs_feature_columns *columns) CXS_MUST_USE;

/* With the defaults. */
cxs_rc cxs_receptor_features(cxs_ctx *ctx, const cxs_patient_file *file,
                             const cxs_patient_file *product,
                             cxs_feature_columns *columns) CXS_MUST_USE;

#endif /* CXS_FEATURES_RECEPTORS_H */
