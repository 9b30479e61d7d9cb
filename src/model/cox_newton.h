/*
 * cox_newton.h -- Newton-Raphson on the partial likelihood of one problem
 *
 * The engine of `cox` and of the null model of the scan.  Columns are centred and
 * scaled (weighted mean, sd with 1/W) before anything is computed; b is per sd.
 * What is maximised, the objective, is in cox_objective.c: the partial likelihood of
 * Breslow or Efron, the discrete one, or Firth's penalised one.
 */
#ifndef CXS_COX_NEWTON_H
#define CXS_COX_NEWTON_H

#include "base/base.h"
#include "coxswain/cox.h"
#include "num/newton.h"

/** A fit and its workspace.  All arrays are owned; sizes n, k, M of the risk sets. */
typedef struct cxs_newton {
    cxs_risk risk;
    cxs_cox_state state;          /**< at b; Breslow's when exact */
    int exact, firth;             /**< the objective, see cxs_cox_settings */
    size_t k, used;               /**< columns; columns neither constant nor aliased */
    double *z_ts;                 /**< [n x k] centred and scaled, time-sorted */
    double *mean, *scale;         /**< [k] */
    cxs_status *status;           /**< [k] */
    double *b, *eta_ts;           /**< [k], [n] */
    double *grad, *info, *factor; /**< [k], [k x k], [k x k] at b; grad that of the
                                       objective */
    double loglik_null, loglik, score_test;
    size_t iterations;
    int converged;
    /* workspace */
    uint64_t *risk_memory;
    double *state_memory, *spare_memory, *work, *m, *step, *trial_b, *trial_eta;
    double *objective_work, *step_factor;
    double *curvature, *near_grad, *near_info; /**< firth alone */
    cxs_cox_state spare;
    uint8_t *skip; /**< [k] constant and aliased columns */
    uint8_t *hold; /**< [k] columns that do not move: these, and in a profile of the
                        likelihood one more */
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

/** Go to b [k]: eta_ts, state, loglik and derivatives follow.
 *  @return 0, with the derivatives unspecified, when the objective is not finite there
 */
int cxs_newton_move(cxs_newton *fit, const double *b);
/** Maximise from the present b over the columns that are not in `hold`. */
void cxs_newton_resume(cxs_newton *fit, const cxs_cox_settings *settings);

/** Workspace of the objective.  CXS_ENOMEM. */
cxs_rc cxs_objective_allocate(cxs_ctx *ctx, cxs_newton *fit) CXS_MUST_USE;
/** The objective at trial_eta; the spare state follows.  NaN when it is not finite. */
double cxs_objective_value(cxs_newton *fit);
/** grad, info and factor at b, whose state is `state`; the spare state is lost.
 *  @return number of columns that are not aliased */
size_t cxs_objective_derivatives(cxs_newton *fit);
/** Factor of the curvature over the columns that move, for a step uphill. */
const double *cxs_objective_step_factor(cxs_newton *fit);

#endif /* CXS_COX_NEWTON_H */
