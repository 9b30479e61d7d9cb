/*
 * cox_newton.h -- Newton-Raphson on the partial likelihood of one problem
 *
 * The engine of `cox` and of the null model of the scan.  Columns are centred and
 * scaled (weighted mean, sd with 1/W) before anything is computed; b is per sd.
 */
#ifndef CXS_COX_NEWTON_H
#define CXS_COX_NEWTON_H

#include "base/base.h"
#include "coxswain/cox.h"
#include "num/newton.h"

/** A fit and its workspace.  All arrays are owned; sizes n, k, M of the risk sets. */
typedef struct cxs_newton {
    cxs_risk risk;
    cxs_cox_state state;          /**< at b */
    size_t k, used;               /**< columns; columns neither constant nor aliased */
    double *z_ts;                 /**< [n x k] centred and scaled, time-sorted */
    double *mean, *scale;         /**< [k] */
    cxs_status *status;           /**< [k] */
    double *b, *eta_ts;           /**< [k], [n] */
    double *grad, *info, *factor; /**< [k], [k x k], [k x k] at b */
    double loglik_null, loglik, score_test;
    size_t iterations;
    int converged;
    /* workspace */
    uint64_t *risk_memory;
    double *state_memory, *spare_memory, *work, *m, *step, *trial_b, *trial_eta;
    cxs_cox_state spare;
    uint8_t *skip;
} cxs_newton;

/**
 * Sort the outcome, standardise the columns and maximise the likelihood from b = 0.
 *
 * Columns that are constant or aliased, coefficients that run away (separated) and a
 * fit that does not converge get their status; none of this is a failure.
 * @param z  [outcome->n x k] columns in row order; NULL when k = 0
 * @return CXS_OK; CXS_EDEGENERATE when there is no event or no finite likelihood;
 *         CXS_ENOMEM.  *out is NULL on failure.
 */
cxs_rc cxs_newton_fit(cxs_ctx *ctx, const cxs_outcome *outcome, size_t k,
                      const double *z, const cxs_cox_settings *settings,
                      cxs_newton **out) CXS_MUST_USE;
void cxs_newton_free(cxs_newton *fit);

#endif /* CXS_COX_NEWTON_H */
