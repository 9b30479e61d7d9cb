/*
 * firth.c -- Jeffreys' penalty log|I| / 2 of the partial likelihood
 *
 * Firth (1993); Heinze and Schemper (2001) for Cox: maximise
 *     l*(beta) = l(beta) + log|I(beta)| / 2                                         (1)
 * With the terms (k,l) of cox.c, weights wbar, means z' = q'Z and V = I^-1
 *     I_ab = sum wbar Cov_q(z_a, z_b)
 *     dI_ab/dbeta_r = sum wbar E_q[(z_a - z'_a)(z_b - z'_b)(z_r - z'_r)]
 * since q is an exponential family in beta.  With s_i = z_i' V z_i and tau = V z' the
 * derivative of the penalty, tr(V dI/dbeta_r) / 2, is
 *     sum wbar E_q[(s - 2 tau'z + tau'z')(z_r - z'_r)] / 2
 *     = z_r' H s / 2 - sum wbar sum_b tau_b Cov_q(z_b, z_r)                         (2)
 * with H of cox.c, because sum wbar Cov_q(s, z_r) = z_r' H s.
 */
#include "num/firth.h"

#include <math.h>

double cxs_firth_penalty(size_t k, const double *factor)
{
    double total = 0.0;

    for (size_t c = 0; c < k; c++)
        if (factor[c + c * k] > 0.0)
            total += log(factor[c + c * k]);
    return total;
}

size_t cxs_firth_work_size(const cxs_risk *risk, size_t k)
{
    return cxs_cox_work_size(risk) + 2 * risk->n + (2 * k + 1) * risk->terms;
}

/* s_i = z_i' V z_i */
static void quadratic(size_t n, size_t k, const double *z_ts, const double *variance,
                      double *s)
{
    for (size_t i = 0; i < n; i++) {
        s[i] = 0.0;
        for (size_t c = 0; c < k; c++)
            for (size_t b = 0; b < k; b++)
                s[i] += z_ts[c * n + i] * variance[b + c * k] * z_ts[b * n + i];
    }
}

/* The second sum of (2) for the pair b <= r; m and tau are scaled by sqrt(wbar), pair
 * is the scaled mean of z_b z_r. */
static void subtract_pair(const cxs_risk *risk, const cxs_cox_state *state,
                          const double *pair, const double *m, const double *tau,
                          size_t b, size_t r, double *grad)
{
    const size_t terms = risk->terms;

    for (size_t t = 0; t < terms; t++) {
        const double root = sqrt(state->term_weight[t]);
        const double cov = pair[t] - m[b * terms + t] * m[r * terms + t] / root;
        grad[r] -= cov * tau[b * terms + t];
        if (b != r)
            grad[b] -= cov * tau[r * terms + t];
    }
}

void cxs_firth_score(const cxs_risk *risk, const cxs_cox_state *state, size_t k,
                     const double *z_ts, const double *variance, double *grad,
                     double *work)
{
    const size_t n = risk->n, terms = risk->terms;
    double *s = work, *hs = s + n, *pair = hs + n, *m = pair + terms;
    double *tau = m + k * terms, *rest = tau + k * terms;

    quadratic(n, k, z_ts, variance, s);
    cxs_cox_hessian_times(risk, state, s, hs, rest);
    for (size_t c = 0; c < k; c++)
        cxs_cox_means(risk, state, z_ts + c * n, m + c * terms, rest);
    for (size_t c = 0; c < k; c++)
        for (size_t t = 0; t < terms; t++) {
            double total = 0.0;
            for (size_t b = 0; b < k; b++)
                total += variance[b + c * k] * m[b * terms + t];
            tau[c * terms + t] = total;
        }
    for (size_t r = 0; r < k; r++) {
        if (!(variance[r + r * k] > 0.0))
            continue;
        for (size_t i = 0; i < n; i++)
            grad[r] += 0.5 * z_ts[r * n + i] * hs[i];
        for (size_t b = 0; b <= r; b++) {
            if (!(variance[b + b * k] > 0.0))
                continue;
            for (size_t i = 0; i < n; i++)
                s[i] = z_ts[b * n + i] * z_ts[r * n + i];
            cxs_cox_means(risk, state, s, pair, rest);
            subtract_pair(risk, state, pair, m, tau, b, r, grad);
        }
    }
}
