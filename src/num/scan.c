/*
 * scan.c -- score test and fit of a feature beside fixed covariates
 *
 * At the null model, with r, a, H, the terms (k,l) and m of cox.c,
 *     U = x'r,  x'Hx = sum a x^2 - sum_kl m_kl^2
 *     V = x'Hx - x'HZ (Z'HZ)^-1 Z'Hx,  score test U^2 / V                         (1)
 * (U of the covariates is zero there).  H Z is the same for every feature.
 *
 * The fit is Newton-Raphson in (gamma, b) for v_i = (z_i, x_i), with the sums
 *     S0_k, S1_k = sum of e, e v over the risk set; E0_k, E1_k over the deaths,
 *     mean_kl = (S1_k - f_kl E1_k) / (S0_k - f_kl E0_k)
 *     score = sum over deaths of w v - sum_kl wbar_kl mean_kl                     (2)
 *     information = sum_i a_i v_i v_i' - sum_kl wbar_kl mean_kl mean_kl'          (3)
 * formed by scan_pass.c.  Convergence and runaway coefficients: model/cox_newton.c.
 */
#include "num/scan.h"

#include "num/newton.h"
#include "num/scan_pass.h"

#include <math.h>
#include <string.h>

enum { L = CXS_SCAN_LANES, HALVINGS_MAX = 60 };
/* As in model/cox_newton.c: a coefficient per sd beyond this on a flat likelihood. */
static const double SEPARATED_B = 10.0, MOVING = 1e-4, LOGLIK_NOISE = 1e-12;

/* ---- score test --------------------------------------------------------------- */

/* u, sum a x^2 and x'HZ of the lanes over all rows. */
CXS_SCAN_EACH_CPU
static void score_rows(const cxs_scan_null *null, const double *x, double *u,
                       double *square, double *cross)
{
    const size_t n = null->risk->n;
    const double *r = null->state->r, *a = null->state->a;
    double su[L] = {0}, sa[L] = {0};

    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < L; l++) {
            const double value = x[i * L + l];
            su[l] += r[i] * value;
            sa[l] += a[i] * value * value;
        }
    memcpy(u, su, sizeof su);
    memcpy(square, sa, sizeof sa);
    for (size_t c = 0; c < null->k; c++) {
        const double *hz = null->hz_ts + c * n;
        double sc[L] = {0};
        for (size_t i = 0; i < n; i++)
            for (size_t l = 0; l < L; l++)
                sc[l] += hz[i] * x[i * L + l];
        memcpy(cross + c * L, sc, sizeof sc);
    }
}

/* sum m_kl^2 of the lanes; no delayed entry. */
CXS_SCAN_EACH_CPU
static void score_means(const cxs_scan_null *null, const double *x, double *total)
{
    const cxs_risk *risk = null->risk;
    const cxs_cox_state *state = null->state;
    double sum[L] = {0};

    for (size_t s = 0; s < risk->strata; s++) {
        size_t i = risk->stratum_first[s + 1];
        double run[L] = {0};
        for (size_t k = risk->time_first[s + 1]; k-- > risk->time_first[s];) {
            const size_t from = risk->time_position[k], end = from + risk->deaths[k];
            double tied[L] = {0};
            while (i > from) {
                i--;
                for (size_t l = 0; l < L; l++)
                    run[l] += state->we[i] * x[i * L + l];
            }
            if (risk->term_first[k + 1] - risk->term_first[k] > 1)
                for (size_t j = from; j < end; j++)
                    for (size_t l = 0; l < L; l++)
                        tied[l] += state->we[j] * x[j * L + l];
            for (size_t t = risk->term_first[k]; t < risk->term_first[k + 1]; t++) {
                const double scale = state->term_scale[t], frac = state->term_frac[t];
                for (size_t l = 0; l < L; l++) {
                    const double m = scale * (run[l] - frac * tied[l]);
                    sum[l] += m * m;
                }
            }
        }
    }
    memcpy(total, sum, sizeof sum);
}

/* The same with delayed entry, lane by lane. */
static void score_means_entry(const cxs_scan_null *null, const double *x, double *total,
                              const cxs_scan_pass *pass)
{
    const cxs_risk *risk = null->risk;
    double *column = pass->kernel, *m = pass->m, *kernel = column + risk->n;

    for (size_t l = 0; l < L; l++) {
        for (size_t i = 0; i < risk->n; i++)
            column[i] = x[i * L + l];
        cxs_cox_means(risk, null->state, column, m, kernel);
        total[l] = 0.0;
        for (size_t t = 0; t < risk->terms; t++)
            total[l] += m[t] * m[t];
    }
}

void cxs_scan_prepare(const cxs_scan_null *null, double *work)
{
    cxs_scan_pass_prepare(null, work);
}

void cxs_scan_score_lanes(const cxs_scan_null *null, const double *x_lanes,
                          cxs_lane_score *score, double *cross, double *work)
{
    const size_t k = null->k;
    const cxs_scan_pass pass = cxs_scan_pass_place(null, work);
    double means[L], square[L], *solved = pass.step;

    score_rows(null, x_lanes, score->u, square, cross);
    if (null->risk->has_entry)
        score_means_entry(null, x_lanes, means, &pass);
    else
        score_means(null, x_lanes, means);
    for (size_t l = 0; l < L; l++) {
        score->info[l] = square[l] - means[l];
        for (size_t c = 0; c < k; c++)
            solved[c] = cross[c * L + l];
        cxs_newton_solve(k, null->factor, solved);
        score->variance[l] = score->info[l];
        for (size_t c = 0; c < k; c++)
            score->variance[l] -= cross[c * L + l] * solved[c]; /* (1) */
    }
}

/* ---- fit ---------------------------------------------------------------------- */

/* Feature, and score and information at the null model. */
static void start(const cxs_scan_null *null, const double *x_ts, double u, double info,
                  const double *cross, cxs_scan_pass *p)
{
    const size_t k = null->k, params = p->params;

    cxs_scan_pass_feature(null, x_ts, p);
    memset(p->delta, 0, params * sizeof *p->delta);
    memset(p->grad, 0, params * sizeof *p->grad);
    p->grad[k] = u;
    for (size_t c = 0; c < k; c++) {
        memcpy(p->info + c * params, null->info + c * k, k * sizeof *p->info);
        p->info[k + c * params] = p->info[c + k * params] = cross[c];
    }
    p->info[k + k * params] = info;
}

static double newton_step(const cxs_scan_null *null, cxs_scan_pass *p)
{
    double decrement = 0.0;

    cxs_newton_factor(p->params, p->info, null->risk->event_weight_sum, NULL,
                      p->factor);
    memcpy(p->step, p->grad, p->params * sizeof *p->step);
    cxs_newton_solve(p->params, p->factor, p->step);
    for (size_t c = 0; c < p->params; c++)
        decrement += p->step[c] * p->grad[c];
    return decrement;
}

/* Step, halved until the likelihood is no lower; false when it never is. */
static int move(const cxs_scan_null *null, cxs_scan_pass *p, double *loglik)
{
    const double floor = *loglik - LOGLIK_NOISE * (1.0 + fabs(*loglik));
    double fraction = 1.0;

    for (int h = 0; h < HALVINGS_MAX; h++, fraction *= 0.5) {
        double value;
        for (size_t c = 0; c < p->params; c++)
            p->trial[c] = p->delta[c] + fraction * p->step[c];
        value = cxs_scan_pass_eval(null, p, p->trial);
        if (value >= floor) {
            memcpy(p->delta, p->trial, p->params * sizeof *p->delta);
            *loglik = value;
            return 1;
        }
    }
    return 0;
}

/* At a flat place: is the likelihood no lower where |b| of the feature passes the
 * bound?  Then b is put there. */
static int runs_away(const cxs_scan_null *null, cxs_scan_pass *p, double loglik)
{
    const double floor = loglik - LOGLIK_NOISE * (1.0 + fabs(loglik));
    const double s = p->step[p->params - 1], b = p->delta[p->params - 1];
    double multiple;

    if (!(fabs(s) > MOVING))
        return 0;
    multiple = fmax(1.0, (copysign(1.05 * SEPARATED_B, s) - b) / s);
    for (size_t c = 0; c < p->params; c++)
        p->trial[c] = p->delta[c] + multiple * p->step[c];
    if (!(cxs_scan_pass_eval(null, p, p->trial) >= floor))
        return 0;
    p->delta[p->params - 1] = b + multiple * s;
    return 1;
}

cxs_scan_fit cxs_scan_newton(const cxs_scan_null *null, const double *x_ts, double u,
                             double info, const double *cross, size_t max_iterations,
                             double tol, double *work)
{
    cxs_scan_pass p = cxs_scan_pass_place(null, work);
    const size_t last = p.params - 1;
    cxs_scan_fit fit = {(double)NAN, (double)NAN, null->loglik, CXS_SCAN_UNFINISHED};
    int small = 0;

    start(null, x_ts, u, info, cross, &p);
    for (size_t i = 0; i < max_iterations && !small; i++) {
        const double decrement = newton_step(null, &p);
        small = decrement <= tol * (1.0 + fabs(fit.loglik));
        if (small && runs_away(null, &p, fit.loglik)) {
            fit.b = p.delta[last];
            fit.end = CXS_SCAN_SEPARATED;
            return fit;
        }
        if (!move(null, &p, &fit.loglik))
            break;
    }
    fit.b = p.delta[last];
    newton_step(null, &p); /* the information at the fit */
    if (!small || !(p.factor[last + last * p.params] > 0.0))
        return fit;
    fit.se =
        1.0 / p.factor[last + last * p.params]; /* the last pivot: given the rest */
    fit.end = CXS_SCAN_CONVERGED;
    return fit;
}
