/*
 * cox_objective.c -- what a Cox fit maximises, and its derivatives
 *
 *   plain   log partial likelihood of Breslow or Efron                    num/cox.h
 *   exact   the discrete one; the state of the fit stays Breslow's        num/exact.h
 *   firth   plain + log|I| / 2; info and factor stay those of plain       num/firth.h
 *
 * Firth's score U* cannot be stepped by I^-1 as is usual for large samples: with one
 * event the true curvature can be 2 I, and the iteration swings for ever.  The
 * curvature is taken by central differences of U*, k times two evaluations.
 */
#include "model/cox_newton.h"

#include "num/exact.h"
#include "num/firth.h"

#include <math.h>

/* Change of one column per sd in the differences: the error of the curvature is h^2 and
 * rounding / h, both near 1e-8, which leaves Newton's steps quadratic in effect. */
static const double DIFFERENCE = 1e-4;

cxs_rc cxs_objective_allocate(cxs_ctx *ctx, cxs_newton *fit)
{
    const size_t k = fit->k;
    cxs_rc rc = CXS_OK;

    CXS_NEW(fit->step_factor, k * k);
    if (fit->exact)
        CXS_NEW(fit->objective_work, cxs_exact_work_size(&fit->risk, k));
    if (fit->firth) {
        CXS_NEW(fit->objective_work, cxs_firth_work_size(&fit->risk, k));
        CXS_NEW(fit->curvature, k * k);
        CXS_NEW(fit->near_grad, 2 * k);
        CXS_NEW(fit->near_info, 3 * k * k);
    }
done:
    return rc;
}

/* Information and its factor at a state.  Returns the number of columns not aliased. */
static size_t information(cxs_newton *fit, const cxs_cox_state *state, double *grad,
                          double *info, double *factor)
{
    /* A column without information is aliased; later, under Firth's penalty, its
     * information may be small and must still be counted. */
    const int first = fit->used == 0;
    const double unit = fit->firth && !first ? 0.0 : fit->risk.event_weight_sum;

    cxs_newton_information(&fit->risk, state, fit->k, fit->z_ts, grad, info, fit->m,
                           fit->work);
    return cxs_newton_factor(fit->k, info, unit, fit->skip, factor);
}

double cxs_objective_value(cxs_newton *fit)
{
    const size_t k = fit->k;
    double *factor = fit->near_info;

    if (fit->exact)
        return cxs_exact_loglik(&fit->risk, fit->trial_eta, fit->objective_work);
    if (cxs_cox_eval(&fit->risk, fit->trial_eta, &fit->spare, fit->work) != CXS_OK)
        return (double)NAN;
    if (!fit->firth)
        return fit->spare.loglik;
    if (information(fit, &fit->spare, fit->near_grad, factor + k * k, factor) <
        fit->used)
        return (double)NAN; /* log|I| = -infinity */
    return fit->spare.loglik + cxs_firth_penalty(k, factor);
}

/* Score of the penalised likelihood at a state. */
static size_t firth_score(cxs_newton *fit, const cxs_cox_state *state, double *grad,
                          double *info, double *factor)
{
    double *variance = fit->near_info + 2 * fit->k * fit->k;
    const size_t used = information(fit, state, grad, info, factor);

    cxs_newton_inverse(fit->k, factor, variance);
    cxs_firth_score(&fit->risk, state, fit->k, fit->z_ts, variance, grad,
                    fit->objective_work);
    return used;
}

/* Score at eta + h z_c; false when the likelihood is not finite there. */
static int score_near(cxs_newton *fit, size_t c, double h, double *grad)
{
    const size_t n = fit->risk.n, k = fit->k;

    for (size_t i = 0; i < n; i++)
        fit->trial_eta[i] = fit->eta_ts[i] + h * fit->z_ts[c * n + i];
    if (cxs_cox_eval(&fit->risk, fit->trial_eta, &fit->spare, fit->work) != CXS_OK)
        return 0;
    firth_score(fit, &fit->spare, grad, fit->near_info, fit->near_info + k * k);
    return 1;
}

/* -dU* / db, symmetrised; zero, which no step can use, where a difference fails. */
static void fill_curvature(cxs_newton *fit)
{
    const size_t k = fit->k;
    double *up = fit->near_grad, *down = up + k, *out = fit->curvature;

    for (size_t c = 0; c < k; c++) {
        const int is_known = !fit->skip[c] && score_near(fit, c, DIFFERENCE, up) &&
                             score_near(fit, c, -DIFFERENCE, down);
        for (size_t b = 0; b < k; b++)
            out[b + c * k] = is_known ? (down[b] - up[b]) / (2.0 * DIFFERENCE) : 0.0;
    }
    for (size_t c = 0; c < k; c++)
        for (size_t b = 0; b < c; b++)
            out[b + c * k] = out[c + b * k] = 0.5 * (out[b + c * k] + out[c + b * k]);
}

size_t cxs_objective_derivatives(cxs_newton *fit)
{
    size_t used;

    if (fit->firth) {
        used = firth_score(fit, &fit->state, fit->grad, fit->info, fit->factor);
        fill_curvature(fit);
        return used;
    }
    if (!fit->exact)
        return information(fit, &fit->state, fit->grad, fit->info, fit->factor);
    cxs_exact_information(&fit->risk, fit->eta_ts, NULL, fit->k, fit->z_ts, fit->grad,
                          fit->info, fit->objective_work);
    return cxs_newton_factor(fit->k, fit->info, fit->risk.event_weight_sum, fit->skip,
                             fit->factor);
}

const double *cxs_objective_step_factor(cxs_newton *fit)
{
    size_t moving = 0;

    if (!fit->firth)
        return fit->factor;
    for (size_t c = 0; c < fit->k; c++)
        moving += !fit->hold[c];
    /* Far from the maximum the curvature need not be positive; I always is. */
    if (cxs_newton_factor(fit->k, fit->curvature, 0.0, fit->hold, fit->step_factor) <
        moving)
        cxs_newton_factor(fit->k, fit->info, 0.0, fit->hold, fit->step_factor);
    return fit->step_factor;
}
