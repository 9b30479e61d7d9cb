/*
 * start.h -- coefficients of an earlier fit to begin a path from
 *
 * They change where Newton begins, not where it ends.
 */
#ifndef CXS_START_H
#define CXS_START_H

#include "resample/problem.h"

/** Coefficients of one or several lambdas; arrays are owned. */
typedef struct cxs_start {
    size_t count;
    uint32_t *index;      /**< [count] feature, or p + t for covariate t */
    double *beta;         /**< [count] on the original scale */
    double *lambda;       /**< [count] NaN when the file does not say */
    size_t *lambda_index; /**< [count] 0 when the file does not say */
} cxs_start;

/**
 * Read feature_id, beta and, where they are there, lambda_index and lambda
 * (P.coef.tsv).
 *
 * Ids are looked up among the features, then among the covariates' @p term [k]; unknown
 * ones are counted in a warning.
 * @return CXS_OK; CXS_EFORMAT for a value that is no number or an id that comes twice
 * at one lambda.
 */
cxs_rc cxs_start_read(cxs_ctx *ctx, const char *path, const cxs_design *design,
                      const char *const *term, size_t k, cxs_start *out) CXS_MUST_USE;
void cxs_start_free(cxs_start *start);

/** Keep the coefficients of the lambda that is nearest to @p lambda on the log scale
 *  (the first of several); all where the file names no lambda. */
void cxs_start_pick(cxs_start *start, double lambda);
/** Keep those of one lambda_index; none is left when it has none. */
void cxs_start_pick_index(cxs_start *start, size_t lambda_index);

#endif /* CXS_START_H */
