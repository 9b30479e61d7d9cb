/*
 * scan_pass.c -- one evaluation of (2) and (3) of scan.c, in a few cycles a row
 *
 * One pass down the sorted rows forms the sums over risk sets and the terms, one pass
 * up the hazard that each row collects.  Rows hold their v = (z, x) side by side in
 * groups of four lanes.  With delayed entry, where running sums would cancel, and for
 * more covariates than GROUPS_MAX groups hold, the kernels of cox.c and newton.c do the
 * same.
 */
#include "num/scan_pass.h"

#include "num/newton.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { GROUP = CXS_SCAN_GROUP, GROUPS_MAX = 2 };

/* exp() of this and sums of it are far from the end of the range. */
static const double LIN_MAX = 600.0;

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

typedef double lanes
    __attribute__((vector_size(GROUP * sizeof(double)), aligned(8), may_alias));

/* ---- workspace ---------------------------------------------------------------- */

static size_t in_groups(size_t count)
{
    return (count + GROUP - 1) / GROUP * GROUP;
}

size_t cxs_scan_work_size(const cxs_scan_null *null)
{
    const cxs_risk *risk = null->risk;
    const size_t params = null->k + 1, width = in_groups(params);

    return risk->n * (width + 1) + in_groups(risk->n) * (params + 4) + 2 * risk->times +
           width * (width + 1) + 5 * params + 1 + 2 * params * params +
           risk->terms * params + cxs_cox_state_size(risk) + cxs_cox_work_size(risk);
}

static double *take(double **at, size_t count)
{
    double *here = *at;

    *at += count;
    return here;
}

cxs_scan_pass cxs_scan_pass_place(const cxs_scan_null *null, double *work)
{
    const cxs_risk *risk = null->risk;
    const size_t n = risk->n, params = null->k + 1, width = in_groups(params);
    cxs_scan_pass p;

    p.params = params;
    p.width = width;
    p.rows = in_groups(n);
    p.side = take(&work, n * width);
    p.columns = take(&work, p.rows * params);
    p.base = take(&work, p.rows);
    p.died = take(&work, p.rows);
    p.lin = take(&work, p.rows);
    p.e = take(&work, p.rows);
    p.hazard = take(&work, risk->times);
    p.shared = take(&work, risk->times);
    p.sum_info = take(&work, width * width);
    p.sum_mean = take(&work, width);
    p.died_sum = take(&work, params + 1);
    p.delta = take(&work, params);
    p.trial = take(&work, params);
    p.step = take(&work, params);
    p.grad = take(&work, params);
    p.info = take(&work, params * params);
    p.factor = take(&work, params * params);
    p.m = take(&work, risk->terms * params);
    p.block = take(&work, cxs_cox_state_size(risk));
    p.kernel = take(&work, n + cxs_cox_work_size(risk));
    return p;
}

/* x'y over whole groups: four partial sums, added in one order everywhere. */
CXS_SCAN_EACH_CPU
static double dot(size_t rows, const double *x, const double *y)
{
    const lanes *a = (const lanes *)x, *b = (const lanes *)y;
    lanes sum = {0.0};

    for (size_t i = 0; i < rows / GROUP; i++)
        sum += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Column c into the columns and side by side. */
static void set_column(const cxs_scan_null *null, cxs_scan_pass *p, size_t c,
                       const double *value_ts)
{
    const size_t n = null->risk->n;

    memcpy(p->columns + c * p->rows, value_ts, n * sizeof *value_ts);
    for (size_t i = 0; i < n; i++)
        p->side[i * p->width + c] = value_ts[i];
    p->died_sum[c] = dot(p->rows, p->died, p->columns + c * p->rows);
}

void cxs_scan_pass_prepare(const cxs_scan_null *null, double *work)
{
    cxs_scan_pass p = cxs_scan_pass_place(null, work);
    const cxs_risk *risk = null->risk;

    memset(p.side, 0, risk->n * p.width * sizeof *p.side);
    memset(p.columns, 0, p.rows * p.params * sizeof *p.columns);
    memset(p.base, 0, p.rows * sizeof *p.base);
    memset(p.died, 0, p.rows * sizeof *p.died);
    memcpy(p.base, null->lin_ts, risk->n * sizeof *p.base);
    for (size_t i = 0; i < risk->n; i++)
        p.died[i] = risk->event_ts[i] ? risk->weight_ts[i] : 0.0;
    for (size_t c = 0; c < null->k; c++)
        set_column(null, &p, c, null->z_ts + c * risk->n);
    p.died_sum[p.params] = dot(p.rows, p.died, p.base);
}

void cxs_scan_pass_feature(const cxs_scan_null *null, const double *x_ts,
                           cxs_scan_pass *pass)
{
    set_column(null, pass, null->k, x_ts);
}

/* ---- sums --------------------------------------------------------------------- */

/* base + columns delta. */
CXS_SCAN_EACH_CPU
static void linear_predictor(const cxs_scan_pass *p, const double *delta)
{
    const lanes *base = (const lanes *)p->base;
    lanes *lin = (lanes *)p->lin;

    for (size_t i = 0; i < p->rows / GROUP; i++) {
        const lanes *column = (const lanes *)p->columns + i;
        lanes value = base[i];
        for (size_t c = 0; c < p->params; c++)
            value += delta[c] * column[c * (p->rows / GROUP)];
        lin[i] = value;
    }
}

/* e = w exp(lin); false when some lin is out of range. */
static int relative_risks(const cxs_risk *risk, const cxs_scan_pass *p)
{
    for (size_t i = 0; i < risk->n; i++) {
        if (!(p->lin[i] < LIN_MAX))
            return 0;
        p->e[i] = risk->weight_ts[i] * exp(p->lin[i]);
    }
    return 1;
}

/* Sums of a pass, in registers where the compiler knows `groups`. */
typedef struct sums {
    lanes s1[GROUPS_MAX], e1[GROUPS_MAX], mean[GROUPS_MAX];
    lanes info[GROUP * GROUPS_MAX * GROUPS_MAX]; /* row c: lanes c * groups .. */
} sums;

/* Add weight v v'. */
INLINE void add_outer(size_t groups, double weight, const lanes *v, lanes *info)
{
#pragma GCC unroll 8
    for (size_t c = 0; c < CXS_SCAN_GROUP * groups; c++) {
        const double factor = weight * v[c / CXS_SCAN_GROUP][c % CXS_SCAN_GROUP];
#pragma GCC unroll 2
        for (size_t b = 0; b < groups; b++)
            info[c * groups + b] += factor * v[b];
    }
}

/* sum += factor v */
INLINE void add_row(size_t groups, double factor, const lanes *v, lanes *sum)
{
#pragma GCC unroll 2
    for (size_t b = 0; b < groups; b++)
        sum[b] += factor * v[b];
}

INLINE void clear_row(size_t count, lanes *sum)
{
#pragma GCC unroll 16
    for (size_t b = 0; b < count; b++)
        sum[b] = (lanes){0.0};
}

INLINE void copy_row(size_t count, const lanes *from, lanes *to)
{
#pragma GCC unroll 16
    for (size_t b = 0; b < count; b++)
        to[b] = from[b];
}

/* A weighted sum of logarithms: equal weights in a row are multiplied first. */
typedef struct log_sum {
    double total, product, weight;
} log_sum;

INLINE void log_add(log_sum *s, double weight, double value)
{
    /* such values and products of two of them are far from the ends of the range */
    const int plain = value > 1e-100 && value < 1e100;

    if (plain && weight == s->weight && s->product > 1e-100 && s->product < 1e100) {
        s->product *= value;
        return;
    }
    s->total += s->weight * log(s->product);
    s->weight = weight;
    s->product = value;
}

INLINE double log_total(const log_sum *s)
{
    return s->total + s->weight * log(s->product);
}

/* Term with risk-set sum `sum`, share f of the deaths taken off; false when it
 * vanished. */
INLINE int add_term(size_t groups, double wbar, double frac, double sum, sums *a,
                    log_sum *logs, double *hazard, double *shared)
{
    const double inverse = 1.0 / sum;
    lanes mean[GROUPS_MAX];

    if (!(sum >= DBL_MIN))
        return 0;
    log_add(logs, wbar, sum);
    *hazard += wbar * inverse;
    clear_row(groups, mean);
    add_row(groups, inverse, a->s1, mean);
    if (frac > 0.0) {
        *shared += frac * wbar * inverse;
        add_row(groups, -frac * inverse, a->e1, mean);
    }
    add_row(groups, wbar, mean, a->mean);    /* (2) */
    add_outer(groups, -wbar, mean, a->info); /* (3) */
    return 1;
}

/* Terms of time k from the running sums. */
INLINE int add_terms(const cxs_risk *risk, const cxs_scan_pass *p, size_t groups,
                     size_t k, double s0, sums *a, log_sum *logs)
{
    const uint32_t count = risk->term_first[k + 1] - risk->term_first[k];
    const double wbar = risk->death_weight[k] / (double)count;
    const lanes *side = (const lanes *)p->side;
    double hazard = 0.0, shared = 0.0, e0 = 0.0;
    int ok = 1;

    if (count > 1) { /* Efron: the tied deaths leave by shares */
        clear_row(groups, a->e1);
        for (size_t j = risk->time_position[k]; j < risk->time_position[k] + count;
             j++) {
            e0 += p->e[j];
            add_row(groups, p->e[j], side + j * groups, a->e1);
        }
    }
    ok = add_term(groups, wbar, 0.0, s0, a, logs, &hazard, &shared);
    for (uint32_t l = 1; ok && l < count; l++) {
        const double frac = (double)l / (double)count;
        ok = add_term(groups, wbar, frac, s0 - frac * e0, a, logs, &hazard, &shared);
    }
    p->hazard[k] = hazard;
    p->shared[k] = shared;
    return ok;
}

/* Down the rows of a stratum: terms and hazards; then up: the diagonal part of (3). */
INLINE int add_stratum(const cxs_risk *risk, const cxs_scan_pass *p, size_t groups,
                       size_t s, sums *a, log_sum *logs)
{
    const lanes *side = (const lanes *)p->side;
    const size_t first = risk->stratum_first[s], end = risk->stratum_first[s + 1];
    size_t i = end, k = risk->time_first[s + 1];
    double s0 = 0.0, total = 0.0;

    clear_row(groups, a->s1);
    while (k-- > risk->time_first[s]) {
        for (; i > risk->time_position[k]; i--) {
            s0 += p->e[i - 1];
            add_row(groups, p->e[i - 1], side + (i - 1) * groups, a->s1);
        }
        if (!add_terms(risk, p, groups, k, s0, a, logs))
            return 0;
    }
    k = risk->time_first[s];
    for (i = first; i < end; i++) {
        const uint32_t own = risk->death_ts[i];
        double hazard;
        for (; k < risk->last_ts[i]; k++)
            total += p->hazard[k];
        hazard = own != UINT32_MAX ? total - p->shared[own] : total;
        add_outer(groups, p->e[i] * hazard, side + i * groups, a->info);
    }
    return 1;
}

INLINE double accumulate(const cxs_risk *risk, const cxs_scan_pass *p, size_t groups)
{
    log_sum logs = {0.0, 1.0, 0.0};
    sums a;

    clear_row(groups, a.mean);
    clear_row(GROUP * groups * groups, a.info);
    for (size_t s = 0; s < risk->strata; s++)
        if (!add_stratum(risk, p, groups, s, &a, &logs))
            return (double)NAN;
    copy_row(groups, a.mean, (lanes *)p->sum_mean);
    copy_row(GROUP * groups * groups, a.info, (lanes *)p->sum_info);
    return -log_total(&logs);
}

/* One compiled form per width. */
CXS_SCAN_EACH_CPU
static double accumulate_1(const cxs_risk *risk, const cxs_scan_pass *p)
{
    return accumulate(risk, p, 1);
}

CXS_SCAN_EACH_CPU
static double accumulate_2(const cxs_risk *risk, const cxs_scan_pass *p)
{
    return accumulate(risk, p, GROUPS_MAX);
}

static double eval_fast(const cxs_scan_null *null, cxs_scan_pass *p,
                        const double *delta)
{
    double loglik;

    linear_predictor(p, delta);
    if (!relative_risks(null->risk, p))
        return (double)NAN;
    loglik =
        p->width == GROUP ? accumulate_1(null->risk, p) : accumulate_2(null->risk, p);
    loglik += p->died_sum[p->params];
    for (size_t c = 0; c < p->params; c++) {
        loglik += delta[c] * p->died_sum[c];
        p->grad[c] = p->died_sum[c] - p->sum_mean[c]; /* (2) */
        for (size_t b = 0; b < p->params; b++)
            p->info[b + c * p->params] = p->sum_info[c * p->width + b];
    }
    return loglik;
}

static double eval_general(const cxs_scan_null *null, cxs_scan_pass *p,
                           const double *delta)
{
    const cxs_risk *risk = null->risk;
    double *eta = p->kernel, *kernel = eta + risk->n;
    double *columns = p->side; /* [n x params]: without the gaps of `columns` */
    cxs_cox_state state;

    memcpy(eta, null->eta_ts, risk->n * sizeof *eta);
    for (size_t c = 0; c < p->params; c++) {
        memcpy(columns + c * risk->n, p->columns + c * p->rows,
               risk->n * sizeof *columns);
        for (size_t i = 0; i < risk->n; i++)
            eta[i] += delta[c] * columns[c * risk->n + i];
    }
    cxs_cox_state_place(risk, p->block, &state);
    if (cxs_cox_eval(risk, eta, &state, kernel) != CXS_OK)
        return (double)NAN;
    cxs_newton_information(risk, &state, p->params, columns, p->grad, p->info, p->m,
                           kernel);
    return state.loglik;
}

double cxs_scan_pass_eval(const cxs_scan_null *null, cxs_scan_pass *pass,
                          const double *delta)
{
    if (null->risk->has_entry || pass->width > GROUP * GROUPS_MAX)
        return eval_general(null, pass, delta);
    return eval_fast(null, pass, delta);
}
