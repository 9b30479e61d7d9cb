/*
 * hazard.c -- cumulative baseline hazard (Breslow 1972; Efron 1977)
 *
 * With the terms (k,l) of cox.c, for one stratum
 *     H0(t) = sum over t_k <= t of sum_l wbar_kl / S_kl (1) S_kl of the state is
 * relative to exp(shift), shift = max of eta + offset over the stratum, so that the sum
 * is multiplied by exp(-shift).
 */
#include "num/hazard.h"

#include <math.h>

void cxs_hazard_baseline(const cxs_risk *risk, const double *eta_ts,
                         const cxs_cox_state *state, double *hazard)
{
    for (size_t s = 0; s < risk->strata; s++) {
        double shift = -HUGE_VAL, total = 0.0;
        for (size_t i = risk->stratum_first[s]; i < risk->stratum_first[s + 1]; i++)
            shift = fmax(shift, eta_ts[i] + risk->offset_ts[i]);
        for (size_t k = risk->time_first[s]; k < risk->time_first[s + 1]; k++) {
            for (size_t t = risk->term_first[k]; t < risk->term_first[k + 1]; t++)
                total += state->term_weight[t] / state->term_sum[t];
            hazard[k] = total * exp(-shift);
        }
    }
}
