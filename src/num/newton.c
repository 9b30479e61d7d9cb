/*
 * newton.c -- the small dense algebra of an unpenalised Cox fit
 *
 * With r, a and the terms (k,l) of cox.c and m_kl = sqrt(wbar_kl) q_kl'Z
 *     U = Z'r,   I = Z'HZ = Z' diag(a) Z - sum_kl m_kl m_kl'                        (1)
 * The score residual of row i for column z (Therneau and Grambsch 2000, section 4.3;
 * tied deaths as in Efron's likelihood) times its weight is
 *     w_i U_i = w_i event_i (z_i - mean over l of q_kl'z) - (H z)_i                 (2)
 * because -(H z)_i = -a_i z_i + e_i sum_kl c_kl,i wbar_kl / S_kl q_kl'z is the part
 * that row i collects while at risk.
 */
#include "num/newton.h"

#include <math.h>
#include <string.h>

void cxs_newton_information(const cxs_risk *risk, const cxs_cox_state *state, size_t k,
                            const double *z_ts, double *grad, double *info, double *m,
                            double *work)
{
    const size_t n = risk->n, terms = risk->terms;

    for (size_t c = 0; c < k; c++) {
        const double *z = z_ts + c * n;
        cxs_cox_means(risk, state, z, m + c * terms, work);
        grad[c] = 0.0;
        for (size_t i = 0; i < n; i++)
            grad[c] += z[i] * state->r[i];
        for (size_t b = 0; b <= c; b++) {
            const double *y = z_ts + b * n;
            double total = 0.0, means = 0.0;
            for (size_t i = 0; i < n; i++)
                total += state->a[i] * z[i] * y[i];
            for (size_t t = 0; t < terms; t++)
                means += m[c * terms + t] * m[b * terms + t];
            info[c + b * k] = info[b + c * k] = total - means; /* (1) */
        }
    }
}

size_t cxs_newton_factor(size_t k, const double *info, double unit, const uint8_t *skip,
                         double *factor)
{
    size_t used = 0;

    memset(factor, 0, k * k * sizeof *factor);
    for (size_t j = 0; j < k; j++) {
        double pivot = info[j + j * k];
        for (size_t c = 0; c < j; c++)
            pivot -= factor[j + c * k] * factor[j + c * k];
        if ((skip != NULL && skip[j]) ||
            !(pivot > CXS_ALIAS * fmax(info[j + j * k], unit)))
            continue;
        used++;
        factor[j + j * k] = sqrt(pivot);
        for (size_t i = j + 1; i < k; i++) {
            double value = info[i + j * k];
            for (size_t c = 0; c < j; c++)
                value -= factor[i + c * k] * factor[j + c * k];
            factor[i + j * k] = value / factor[j + j * k];
        }
    }
    return used;
}

void cxs_newton_solve(size_t k, const double *factor, double *b)
{
    for (size_t j = 0; j < k; j++) {
        const double pivot = factor[j + j * k];
        for (size_t c = 0; c < j; c++)
            b[j] -= factor[j + c * k] * b[c];
        b[j] = pivot > 0.0 ? b[j] / pivot : 0.0;
    }
    for (size_t j = k; j-- > 0;) {
        const double pivot = factor[j + j * k];
        for (size_t i = j + 1; i < k; i++)
            b[j] -= factor[i + j * k] * b[i];
        b[j] = pivot > 0.0 ? b[j] / pivot : 0.0;
    }
}

void cxs_newton_inverse(size_t k, const double *factor, double *variance)
{
    memset(variance, 0, k * k * sizeof *variance);
    for (size_t j = 0; j < k; j++) {
        if (factor[j + j * k] > 0.0)
            variance[j + j * k] = 1.0;
        cxs_newton_solve(k, factor, variance + j * k);
    }
}

/* Mean over l of q_kl'z at event time k, from the scaled means of the terms. */
static double event_mean(const cxs_risk *risk, const cxs_cox_state *state, size_t k,
                         const double *m)
{
    double mean = 0.0;

    for (size_t t = risk->term_first[k]; t < risk->term_first[k + 1]; t++)
        mean += m[t] / sqrt(state->term_weight[t]);
    return mean / (double)(risk->term_first[k + 1] - risk->term_first[k]);
}

void cxs_newton_schoenfeld(const cxs_risk *risk, const cxs_cox_state *state,
                           const double *z_ts, double *out, double *m, double *work)
{
    cxs_cox_means(risk, state, z_ts, m, work);
    for (size_t i = 0; i < risk->n; i++) {
        const uint32_t k = risk->death_ts[i];
        out[i] =
            k == UINT32_MAX ? (double)NAN : z_ts[i] - event_mean(risk, state, k, m);
    }
}

void cxs_newton_score_residuals(const cxs_risk *risk, const cxs_cox_state *state,
                                const double *z_ts, double *out, double *m,
                                double *work)
{
    cxs_cox_hessian_times(risk, state, z_ts, out, work);
    cxs_cox_means(risk, state, z_ts, m, work);
    for (size_t i = 0; i < risk->n; i++) {
        const uint32_t k = risk->death_ts[i];
        out[i] = -out[i];
        if (k != UINT32_MAX)
            out[i] += risk->weight_ts[i] *
                      (z_ts[i] - event_mean(risk, state, k, m)); /* (2) */
    }
}
