/*
 * scan.c -- score test and fit of a feature beside fixed covariates
 *
 * At the null model, with r, a, H, the terms (k,l) and m of cox.c,
 *     U = x'r,  x'Hx = sum a x^2 - sum_kl m_kl^2,
 *     V = x'Hx - x'HZ (Z'HZ)^-1 Z'Hx,  score test U^2 / V                           (1)
 * (U of the covariates is zero there).  H Z is the same for every feature.
 *
 * The fit is Newton-Raphson in (gamma, b) for v_i = (z_i, x_i), with the sums
 *     S0_k, S1_k = sum of e, e v over the risk set; E0_k, E1_k over the deaths at t_k,
 *     mean_kl = (S1_k - f_kl E1_k) / (S0_k - f_kl E0_k)
 *     score = sum over deaths of w v - sum_kl wbar_kl mean_kl (2) information = sum_i
 * a_i v_i v_i' - sum_kl wbar_kl mean_kl mean_kl'             (3) formed in one pass
 * down and one pass up the sorted rows.  Rows hold their v side by side, padded to a
 * multiple of four lanes, so that the processor works on lanes; each lane is summed in
 * the order of the rows, whatever the width of the processor.  With delayed entry the
 * sums over risk sets come from cox.c, which does not cancel.
 */
#include "num/scan.h"

#include "num/newton.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { L = CXS_SCAN_LANES, PAD = 4, HALVINGS_MAX = 60 };
/* exp() of this and sums of it are far from the ends of the range. */
static const double LIN_MAX = 600.0;
/* As in model/cox_newton.c: a coefficient per sd beyond this on a flat likelihood. */
static const double SEPARATED_B = 10.0, MOVING = 1e-4, LOGLIK_NOISE = 1e-12;

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) &&                 \
    !defined(__SANITIZE_ADDRESS__)
#define FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_CPU
#endif

/* Parameters k covariates and the feature; width: padded. */
typedef struct frame {
    size_t params, width;
    double *rows;                        /* [width x n] v of each row */
    double *columns;                     /* [n x params] the same by columns */
    double *lin, *e;                     /* [n] */
    double *hazard, *shared;             /* [K] sum_l wbar / S, and weighted with f */
    double *s1, *e1, *mean;              /* [width] */
    double *sum_grad;                    /* [width] */
    double *sum_info;                    /* [width x width] */
    double *delta, *trial, *step, *grad; /* [params] */
    double *info, *factor;               /* [params x params] */
    double *m, *block, *kernel; /* entry only: [M x params], state, work of cox.c */
    double loglik;
} frame;

static size_t padded(size_t params)
{
    return (params + PAD - 1) / PAD * PAD;
}

size_t cxs_scan_work_size(const cxs_scan_null *null)
{
    const cxs_risk *risk = null->risk;
    const size_t n = risk->n, params = null->k + 1, width = padded(params);

    return n * (width + params + 2) + 2 * risk->times + 4 * width + width * width +
           4 * params + 2 * params * params + risk->terms * params +
           cxs_cox_state_size(risk) + cxs_cox_work_size(risk) + n;
}

static double *take(double **at, size_t count)
{
    double *here = *at;

    *at += count;
    return here;
}

static frame place(const cxs_scan_null *null, double *work)
{
    const cxs_risk *risk = null->risk;
    const size_t n = risk->n, params = null->k + 1, width = padded(params);
    frame f;

    f.params = params;
    f.width = width;
    f.rows = take(&work, n * width);
    f.columns = take(&work, n * params);
    f.lin = take(&work, n);
    f.e = take(&work, n);
    f.hazard = take(&work, risk->times);
    f.shared = take(&work, risk->times);
    f.s1 = take(&work, width);
    f.e1 = take(&work, width);
    f.mean = take(&work, width);
    f.sum_grad = take(&work, width);
    f.sum_info = take(&work, width * width);
    f.delta = take(&work, params);
    f.trial = take(&work, params);
    f.step = take(&work, params);
    f.grad = take(&work, params);
    f.info = take(&work, params * params);
    f.factor = take(&work, params * params);
    f.m = take(&work, risk->terms * params);
    f.block = take(&work, cxs_cox_state_size(risk));
    f.kernel = take(&work, cxs_cox_work_size(risk) + n);
    f.loglik = null->loglik;
    return f;
}

/* ---- score test --------------------------------------------------------------------
 */

/* u, sum a x^2 and x'HZ of the lanes over all rows. */
FOR_EACH_CPU
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
FOR_EACH_CPU
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
                              double *work)
{
    const cxs_risk *risk = null->risk;
    double *column = work, *m = column + risk->n, *kernel = m + risk->terms;

    for (size_t l = 0; l < L; l++) {
        for (size_t i = 0; i < risk->n; i++)
            column[i] = x[i * L + l];
        cxs_cox_means(risk, null->state, column, m, kernel);
        total[l] = 0.0;
        for (size_t t = 0; t < risk->terms; t++)
            total[l] += m[t] * m[t];
    }
}

void cxs_scan_score_lanes(const cxs_scan_null *null, const double *x_lanes,
                          cxs_lane_score *score, double *cross, double *work)
{
    const size_t k = null->k;
    double means[L], square[L], *solved = work;

    score_rows(null, x_lanes, score->u, square, cross);
    if (null->risk->has_entry)
        score_means_entry(null, x_lanes, means, work);
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

/* ---- likelihood of (covariates, x)
 * --------------------------------------------------- */

/* e = w exp(lin) at delta; false when some lin is out of range. */
static int relative_risks(const cxs_scan_null *null, const frame *f,
                          const double *delta)
{
    const size_t n = null->risk->n;
    const double *weight = null->risk->weight_ts;
    double *lin = f->lin, largest = 0.0;

    memcpy(lin, null->lin_ts, n * sizeof *lin);
    for (size_t c = 0; c < f->params; c++) {
        const double *column = f->columns + c * n, b = delta[c];
        for (size_t i = 0; i < n; i++)
            lin[i] += b * column[i];
    }
    for (size_t i = 0; i < n; i++)
        largest = lin[i] > largest ? lin[i] : largest;
    if (!(largest < LIN_MAX))
        return 0;
    for (size_t i = 0; i < n; i++)
        f->e[i] = weight[i] * exp(lin[i]);
    return 1;
}

/* Add weight v v' to the [width x width] sums. */
static inline void add_outer(size_t width, double weight, const double *restrict v,
                             double *restrict info)
{
    for (size_t c = 0; c < width; c++) {
        const double factor = weight * v[c];
        for (size_t b = 0; b < width; b++)
            info[c * width + b] += factor * v[b];
    }
}

/* Terms of time k from the running sums; false when a sum vanished. */
static inline int add_terms(const cxs_risk *risk, size_t k, size_t width, double s0,
                            double e0, const double *restrict s1,
                            const double *restrict e1, double *restrict mean,
                            double *restrict grad, double *restrict info,
                            double *loglik, double *hazard, double *shared)
{
    const uint32_t count = risk->term_first[k + 1] - risk->term_first[k];
    const double wbar = risk->death_weight[k] / (double)count;

    *hazard = *shared = 0.0;
    for (uint32_t l = 0; l < count; l++) {
        const double frac = (double)l / (double)count, sum = s0 - frac * e0;
        const double inverse = 1.0 / sum;
        if (!(sum >= DBL_MIN))
            return 0;
        *loglik -= wbar * log(sum);
        *hazard += wbar * inverse;
        *shared += frac * wbar * inverse;
        for (size_t c = 0; c < width; c++) {
            mean[c] = (s1[c] - frac * e1[c]) * inverse;
            grad[c] -= wbar * mean[c]; /* (2) */
        }
        add_outer(width, -wbar, mean, info); /* (3) */
    }
    return 1;
}

/* Down the sorted rows: terms and hazards; then up: the diagonal part of (3). */
static inline int accumulate(const cxs_risk *risk, const frame *f, size_t width,
                             double *loglik)
{
    const double *rows = f->rows, *e = f->e;
    double *s1 = f->s1, *e1 = f->e1, *grad = f->sum_grad, *info = f->sum_info;

    for (size_t s = 0; s < risk->strata; s++) {
        size_t i = risk->stratum_first[s + 1], k = risk->time_first[s + 1];
        double s0 = 0.0, total = 0.0;
        memset(s1, 0, width * sizeof *s1);
        while (k-- > risk->time_first[s]) {
            const size_t from = risk->time_position[k], end = from + risk->deaths[k];
            double e0 = 0.0;
            for (; i > from; i--) {
                s0 += e[i - 1];
                for (size_t c = 0; c < width; c++)
                    s1[c] += e[i - 1] * rows[(i - 1) * width + c];
            }
            memset(e1, 0, width * sizeof *e1);
            for (size_t j = from; j < end; j++) {
                e0 += e[j];
                *loglik += risk->weight_ts[j] * f->lin[j];
                for (size_t c = 0; c < width; c++) {
                    e1[c] += e[j] * rows[j * width + c];
                    grad[c] += risk->weight_ts[j] * rows[j * width + c];
                }
            }
            if (!add_terms(risk, k, width, s0, e0, s1, e1, f->mean, grad, info, loglik,
                           &f->hazard[k], &f->shared[k]))
                return 0;
        }
        k = risk->time_first[s];
        for (i = risk->stratum_first[s]; i < risk->stratum_first[s + 1]; i++) {
            double a;
            for (; k < risk->last_ts[i]; k++)
                total += f->hazard[k];
            a = e[i] *
                (risk->event_ts[i] ? total - f->shared[risk->death_ts[i]] : total);
            add_outer(width, a, rows + i * width, info);
        }
    }
    return 1;
}

/* One compiled form per width, so that sums stay in registers. */
FOR_EACH_CPU
static int accumulate_4(const cxs_risk *risk, const frame *f, double *loglik)
{
    return accumulate(risk, f, 4, loglik);
}

FOR_EACH_CPU
static int accumulate_8(const cxs_risk *risk, const frame *f, double *loglik)
{
    return accumulate(risk, f, 8, loglik);
}

FOR_EACH_CPU
static int accumulate_any(const cxs_risk *risk, const frame *f, double *loglik)
{
    return accumulate(risk, f, f->width, loglik);
}

/* Likelihood, score and information at delta; false when out of range. */
static int evaluate(const cxs_scan_null *null, frame *f, const double *delta,
                    double *loglik)
{
    const cxs_risk *risk = null->risk;
    int ok;

    *loglik = 0.0;
    if (!relative_risks(null, f, delta))
        return 0;
    memset(f->sum_grad, 0, f->width * sizeof *f->sum_grad);
    memset(f->sum_info, 0, f->width * f->width * sizeof *f->sum_info);
    if (f->width == 4)
        ok = accumulate_4(risk, f, loglik);
    else if (f->width == 8)
        ok = accumulate_8(risk, f, loglik);
    else
        ok = accumulate_any(risk, f, loglik);
    for (size_t c = 0; c < f->params; c++) {
        f->grad[c] = f->sum_grad[c];
        for (size_t b = 0; b < f->params; b++)
            f->info[b + c * f->params] = f->sum_info[c * f->width + b];
    }
    return ok;
}

/* The same with delayed entry, by the kernels of cox.c and newton.c. */
static int evaluate_entry(const cxs_scan_null *null, frame *f, const double *delta,
                          double *loglik)
{
    const cxs_risk *risk = null->risk;
    double *eta = f->kernel, *kernel = eta + risk->n;
    cxs_cox_state state;

    memcpy(eta, null->eta_ts, risk->n * sizeof *eta);
    for (size_t c = 0; c < f->params; c++)
        for (size_t i = 0; i < risk->n; i++)
            eta[i] += delta[c] * f->columns[c * risk->n + i];
    cxs_cox_state_place(risk, f->block, &state);
    if (cxs_cox_eval(risk, eta, &state, kernel) != CXS_OK)
        return 0;
    cxs_newton_information(risk, &state, f->params, f->columns, f->grad, f->info, f->m,
                           kernel);
    *loglik = state.loglik;
    return 1;
}

static int evaluate_at(const cxs_scan_null *null, frame *f, const double *delta,
                       double *loglik)
{
    return null->risk->has_entry ? evaluate_entry(null, f, delta, loglik)
                                 : evaluate(null, f, delta, loglik);
}

/* ---- fit
 * ----------------------------------------------------------------------------- */

/* Columns and rows of v = (z, x), and score and information at the null model. */
static void start(const cxs_scan_null *null, const double *x_ts, double u, double info,
                  const double *cross, frame *f)
{
    const size_t n = null->risk->n, k = null->k, p = f->params;

    memcpy(f->columns, null->z_ts, n * k * sizeof *x_ts);
    memcpy(f->columns + n * k, x_ts, n * sizeof *x_ts);
    memset(f->rows, 0, n * f->width * sizeof *f->rows);
    for (size_t c = 0; c < p; c++)
        for (size_t i = 0; i < n; i++)
            f->rows[i * f->width + c] = f->columns[c * n + i];
    memset(f->delta, 0, p * sizeof *f->delta);
    memset(f->grad, 0, p * sizeof *f->grad);
    f->grad[k] = u;
    for (size_t c = 0; c < k; c++) {
        memcpy(f->info + c * p, null->info + c * k, k * sizeof *f->info);
        f->info[k + c * p] = f->info[c + k * p] = cross[c];
    }
    f->info[k + k * p] = info;
}

static double newton_step(const cxs_scan_null *null, frame *f)
{
    double decrement = 0.0;

    cxs_newton_factor(f->params, f->info, null->risk->event_weight_sum, NULL,
                      f->factor);
    memcpy(f->step, f->grad, f->params * sizeof *f->step);
    cxs_newton_solve(f->params, f->factor, f->step);
    for (size_t c = 0; c < f->params; c++)
        decrement += f->step[c] * f->grad[c];
    return decrement;
}

/* Step, halved until the likelihood is no lower; false when it never is. */
static int move(const cxs_scan_null *null, frame *f)
{
    const double floor = f->loglik - LOGLIK_NOISE * (1.0 + fabs(f->loglik));
    double fraction = 1.0, loglik;

    for (int h = 0; h < HALVINGS_MAX; h++, fraction *= 0.5) {
        for (size_t c = 0; c < f->params; c++)
            f->trial[c] = f->delta[c] + fraction * f->step[c];
        if (evaluate_at(null, f, f->trial, &loglik) && loglik >= floor) {
            memcpy(f->delta, f->trial, f->params * sizeof *f->delta);
            f->loglik = loglik;
            return 1;
        }
    }
    return 0;
}

/* At a flat place: is the likelihood no lower where |b| of the feature passes the
 * bound?  Then b is put there. */
static int runs_away(const cxs_scan_null *null, frame *f)
{
    const double floor = f->loglik - LOGLIK_NOISE * (1.0 + fabs(f->loglik));
    const double s = f->step[f->params - 1], b = f->delta[f->params - 1];
    double multiple, loglik;

    if (!(fabs(s) > MOVING))
        return 0;
    multiple = fmax(1.0, (copysign(1.05 * SEPARATED_B, s) - b) / s);
    for (size_t c = 0; c < f->params; c++)
        f->trial[c] = f->delta[c] + multiple * f->step[c];
    if (!evaluate_at(null, f, f->trial, &loglik) || !(loglik >= floor))
        return 0;
    f->delta[f->params - 1] = b + multiple * s;
    return 1;
}

cxs_scan_fit cxs_scan_newton(const cxs_scan_null *null, const double *x_ts, double u,
                             double info, const double *cross, size_t max_iterations,
                             double tol, double *work)
{
    frame f = place(null, work);
    const size_t last = f.params - 1;
    cxs_scan_fit fit = {(double)NAN, (double)NAN, null->loglik, CXS_SCAN_UNFINISHED};
    int small = 0;

    start(null, x_ts, u, info, cross, &f);
    for (size_t i = 0; i < max_iterations && !small; i++) {
        const double decrement = newton_step(null, &f);
        small = decrement <= tol * (1.0 + fabs(f.loglik));
        if (small && runs_away(null, &f)) {
            fit.end = CXS_SCAN_SEPARATED;
            break;
        }
        if (!move(null, &f))
            break;
    }
    fit.b = f.delta[last];
    fit.loglik = f.loglik;
    if (!small || fit.end == CXS_SCAN_SEPARATED)
        return fit;
    newton_step(null, &f); /* the information at the fit */
    if (!(f.factor[last + last * f.params] > 0.0))
        return fit;
    fit.se =
        1.0 / f.factor[last + last * f.params]; /* the last pivot: given the rest */
    fit.end = CXS_SCAN_CONVERGED;
    return fit;
}
