/*
 * relax.h -- the support of each lambda fitted again without a penalty
 *
 * Meinshausen 2007: the penalty chooses, the refit estimates.  One classical Cox fit
 * (cox_newton.h) per lambda on its nonzero columns, so coefficients and statuses are
 * those of `cox` on the same columns.
 */
#ifndef CXS_RELAX_H
#define CXS_RELAX_H

#include "coxswain/model.h"
#include "model/path.h"

/** Coefficients beside those of the path: entry i belongs to path->index[i]. */
typedef struct cxs_relaxed {
    double *beta;       /**< [path->coefs] original scale, NaN where not ok */
    cxs_status *status; /**< [path->coefs] */
    size_t fitted;      /**< lambdas with a support that could be fitted */
} cxs_relaxed;

/**
 * Fit every support of the path that has fewer terms (unpenalised ones included) than
 * half the events; a larger one is `too_few_events`, that of a lambda without a
 * certificate `not_converged`.  The problem's outcome, offset, weights and strata, and
 * what the path imputed.
 */
cxs_rc cxs_relax(cxs_ctx *ctx, const cxs_design *design, const cxs_problem *problem,
                 const cxs_path *path, cxs_ties ties, cxs_relaxed *out) CXS_MUST_USE;
void cxs_relaxed_free(cxs_relaxed *relaxed);

#endif /* CXS_RELAX_H */
