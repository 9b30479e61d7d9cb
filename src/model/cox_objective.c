/*
 * cox_objective.c -- what a Cox fit maximises, and its derivatives
 *
 *   plain   log partial likelihood of Breslow or Efron                    num/cox.h
 *   exact   the discrete one; the state of the fit stays Breslow's        num/exact.h
 *   firth   plain + log|I| / 2; I and its factor stay those of plain      num/firth.h
 *
 * Firth's score is stepped by I^-1: the second derivative of the penalty is left out,
 * so that the iteration contracts by a constant, of the order of 1 / events.
 */
#include "model/cox_newton.h"

#include "num/exact.h"
#include "num/firth.h"

#include <math.h>

cxs_rc cxs_objective_allocate(cxs_ctx *ctx, cxs_newton *fit)
{
    const size_t k = fit->k;
    cxs_rc rc = CXS_OK;

    if (fit->exact)
        CXS_NEW(fit->objective_work, cxs_exact_work_size(&fit->risk, k));
    else if (fit->firth)
        CXS_NEW(fit->objective_work, cxs_firth_work_size(&fit->risk, k));
    CXS_NEW(fit->hold_factor, k * k);
done:
    return rc;
}

/* l + log|I| / 2 at the spare state; grad, info and factor are overwritten. */
static double penalised(cxs_newton *fit)
{
    cxs_newton_information(&fit->risk, &fit->spare, fit->k, fit->z_ts, fit->grad,
                           fit->info, fit->m, fit->work);
    if (cxs_newton_factor(fit->k, fit->info, 0.0, fit->skip, fit->factor) < fit->used)
        return (double)NAN; /* log|I| = -infinity */
    return fit->spare.loglik + cxs_firth_penalty(fit->k, fit->factor);
}

double cxs_objective_value(cxs_newton *fit)
{
    if (fit->exact)
        return cxs_exact_loglik(&fit->risk, fit->trial_eta, fit->objective_work);
    if (cxs_cox_eval(&fit->risk, fit->trial_eta, &fit->spare, fit->work) != CXS_OK)
        return (double)NAN;
    return fit->firth ? penalised(fit) : fit->spare.loglik;
}

size_t cxs_objective_derivatives(cxs_newton *fit)
{
    /* A column without information is aliased; later, under Firth's penalty, its
     * information may be small and must still be counted. */
    const int first = fit->used == 0;
    const double unit = fit->firth && !first ? 0.0 : fit->risk.event_weight_sum;
    size_t used;

    if (fit->exact)
        cxs_exact_information(&fit->risk, fit->eta_ts, NULL, fit->k, fit->z_ts,
                              fit->grad, fit->info, fit->objective_work);
    else
        cxs_newton_information(&fit->risk, &fit->state, fit->k, fit->z_ts, fit->grad,
                               fit->info, fit->m, fit->work);
    used = cxs_newton_factor(fit->k, fit->info, unit, fit->skip, fit->factor);
    if (fit->firth) {
        cxs_newton_inverse(fit->k, fit->factor, fit->hold_factor);
        cxs_firth_score(&fit->risk, &fit->state, fit->k, fit->z_ts, fit->hold_factor,
                        fit->grad, fit->objective_work);
    }
    return used;
}
