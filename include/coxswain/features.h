/*
 * features.h -- study -> feature matrix: filter, normalisation, transforms
 */
#ifndef COXSWAIN_FEATURES_H
#define COXSWAIN_FEATURES_H

#include "coxswain/record.h"
#include "coxswain/study.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cxs_normalise {
    CXS_NORMALISE_NONE,
    CXS_NORMALISE_TMM, /**< TMM factors, then log2 counts per million */
    CXS_NORMALISE_MOR, /**< median of ratios, then log2 counts per million */
    CXS_NORMALISE_TPM  /**< log2(TPM + 1) */
} cxs_normalise;

typedef struct cxs_features_settings {
    cxs_normalise normalise; /**< [tmm for counts, tpm for tpm, none else] */
    int filter;              /**< drop genes of low count (edgeR filterByExpr) [1] */
    int rank_normal;         /**< within-cohort rank-normal scores             [0] */
    const char *cohort_column; /**< cohorts for it; NULL: one cohort          [NULL] */
    int winsorise;           /**< clip at 1 % / 99 % when n >= 100             [1] */
    int standardise;         /**< z = (x - mean)/sd, frozen                    [0] */
    const char *lengths;     /**< gene lengths for TPM from counts; NULL     [NULL] */
} cxs_features_settings;
cxs_features_settings cxs_features_defaults(cxs_kind kind);

/** Derived matrix with the factors and constants that made it.  Opaque. */
typedef struct cxs_features cxs_features;

/**
 * Normalise, filter and transform an expression matrix.
 *
 * @param matrix  input, borrowed
 * @param cohort  [n] cohort index per sample for rank_normal, or NULL
 */
cxs_rc cxs_features_derive(cxs_ctx *ctx, const cxs_matrix *matrix,
                           const uint32_t *cohort,
                           const cxs_features_settings *settings,
                           cxs_features **out) CXS_MUST_USE;
void cxs_features_free(cxs_features *features);
/** @return the derived matrix, borrowed. */
const cxs_matrix *cxs_features_matrix(const cxs_features *features);
/** Write P.features.tsv and P.factors.tsv. */
cxs_rc cxs_features_write(cxs_ctx *ctx, const cxs_features *features, const char *prefix,
                          cxs_record *record) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_FEATURES_H */
