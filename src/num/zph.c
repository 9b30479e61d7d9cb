/*
 * zph.c -- score test for proportional hazards
 *
 * Let U_k, I_k be what event time t_k adds to score and information of the k columns z.
 * The columns z g(t) at theta = 0 have score and information
 *     u_g = sum g_k U_k,   I_12 = sum g_k I_k,   I_22 = sum g_k^2 I_k
 * so that, as in num/newton.c with the hazard of each event time multiplied by g_k,
 *     sum g_k U_k = sum_i z_i (w_i event_i g_k(i) - a_i),
 *     sum g_k I_k = Z' diag(a) Z - sum_kl g_k m_kl m_kl',                           (1)
 *     a_i = e_i sum_{kl: i in R_k} g_k wbar_kl c_kl,i / S_kl.
 * With u = sum U_k, I_11 = sum I_k and V = I_22 - I_21 I_11^-1 I_12
 *     s = u_g - I_21 I_11^-1 u,   statistic_c = s_c^2 / V_cc on 1 df,               (2)
 *     global = s' V^-1 s on k df                                                    (3)
 * Grambsch and Therneau (1994) approximate V; this is the test itself, as R survival
 * computes it since version 3.0.  s with the second term is Neyman's (1959) C(alpha)
 * form: at the maximum u = 0 and it changes nothing, at Firth's estimate it is needed.
 */
#include "num/zph.h"

#include <math.h>
#include <string.h>

static const double SAME_TIME = 1e-9; /* relative distance of tied times, as km.c */

void cxs_zph_transform(const cxs_risk *risk, size_t points, const cxs_km_point *point,
                       double *g)
{
    double mean = 0.0;

    for (size_t s = 0; s < risk->strata; s++) {
        size_t p = 0;
        for (size_t k = risk->time_first[s]; k < risk->time_first[s + 1]; k++) {
            const double before = risk->time_value[k] * (1.0 - SAME_TIME);
            while (p < points && point[p].time < before)
                p++;
            g[k] = p > 0 ? 1.0 - point[p - 1].surv : 0.0;
            mean += risk->deaths[k] * g[k];
        }
    }
    mean /= (double)risk->events;
    for (size_t k = 0; k < risk->times; k++)
        g[k] -= mean;
}

/* a of equation (1) into work[n]; work: [n + 3 K]. */
static void weighted_diagonal(const cxs_risk *risk, const cxs_cox_state *state,
                              const double *g, double *work)
{
    double *a = work, *hazard = a + risk->n, *tree = hazard + risk->times;

    for (size_t k = 0; k < risk->times; k++) {
        hazard[k] = 0.0;
        for (size_t t = risk->term_first[k]; t < risk->term_first[k + 1]; t++)
            hazard[k] += g[k] * state->term_weight[t] / state->term_sum[t];
    }
    cxs_risk_interval_sums(risk, hazard, a, tree);
    for (size_t i = 0; i < risk->n; i++) {
        const uint32_t k = risk->death_ts[i];
        if (k != UINT32_MAX) /* c = 1 - f at the row's own time */
            for (size_t t = risk->term_first[k]; t < risk->term_first[k + 1]; t++)
                a[i] -= g[k] * state->term_frac[t] * state->term_weight[t] /
                        state->term_sum[t];
        a[i] *= state->we[i];
    }
}

/* sum over the terms of g_k m_b m_c. */
static double means_product(const cxs_risk *risk, const double *g, const double *m_b,
                            const double *m_c)
{
    double total = 0.0;

    for (size_t k = 0; k < risk->times; k++)
        for (size_t t = risk->term_first[k]; t < risk->term_first[k + 1]; t++)
            total += g[k] * m_b[t] * m_c[t];
    return total;
}

void cxs_zph_information(const cxs_risk *risk, const cxs_cox_state *state,
                         const double *g, size_t k, const double *z_ts, double *grad,
                         double *info, double *m, double *work)
{
    const size_t n = risk->n, terms = risk->terms;
    const double *a = work;

    for (size_t c = 0; c < k; c++)
        cxs_cox_means(risk, state, z_ts + c * n, m + c * terms, work);
    weighted_diagonal(risk, state, g, work);
    for (size_t c = 0; c < k; c++) {
        const double *z = z_ts + c * n;
        grad[c] = 0.0;
        for (size_t i = 0; i < n; i++) {
            const uint32_t t = risk->death_ts[i];
            const double died = t != UINT32_MAX ? risk->weight_ts[i] * g[t] : 0.0;
            grad[c] += z[i] * (died - a[i]);
        }
        for (size_t b = 0; b <= c; b++) {
            const double *y = z_ts + b * n;
            double total = 0.0;
            for (size_t i = 0; i < n; i++)
                total += a[i] * z[i] * y[i];
            total -= means_product(risk, g, m + b * terms, m + c * terms);
            info[c + b * k] = info[b + c * k] = total; /* (1) */
        }
    }
}

/* V of equation (2), and s; b [k x k] holds I_11^-1 I_12. */
static void adjust(size_t k, const cxs_zph_sums *sums, double *b, double *v, double *s)
{
    memcpy(b, sums->cross, k * k * sizeof *b);
    for (size_t c = 0; c < k; c++)
        cxs_newton_solve(k, sums->factor, b + c * k);
    for (size_t c = 0; c < k; c++) {
        s[c] = sums->u_g[c];
        for (size_t a = 0; a < k; a++)
            s[c] -= b[a + c * k] * sums->u[a];
        for (size_t d = 0; d < k; d++) {
            v[d + c * k] = sums->square[d + c * k];
            for (size_t a = 0; a < k; a++)
                v[d + c * k] -= sums->cross[a + d * k] * b[a + c * k];
        }
    }
}

size_t cxs_zph_test(size_t k, const cxs_zph_sums *sums, double *statistic,
                    double *global, double *work)
{
    double *b = work, *v = b + k * k, *factor = v + k * k;
    double *s = factor + k * k, *solved = s + k;
    size_t used;

    adjust(k, sums, b, v, s);
    for (size_t c = 0; c < k; c++) {
        const double own = v[c + c * k];
        const int takes_part =
            sums->factor[c + c * k] > 0.0 && own > CXS_ALIAS * sums->square[c + c * k];
        statistic[c] = takes_part ? s[c] * s[c] / own : (double)NAN;
        for (size_t d = 0; !takes_part && d < k; d++)
            v[c + d * k] = v[d + c * k] = 0.0;
    }
    used = cxs_newton_factor(k, v, 0.0, NULL, factor);
    memcpy(solved, s, k * sizeof *solved);
    cxs_newton_solve(k, factor, solved);
    *global = used > 0 ? 0.0 : (double)NAN;
    for (size_t c = 0; c < k; c++)
        *global += solved[c] * s[c]; /* (3) */
    return used;
}
