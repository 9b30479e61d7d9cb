/*
 * scan_kernels.h -- the kernels of scan_pass.h for one vector width: evaluation and
 * step
 *
 * One pass down the sorted rows forms the sums over risk sets and the terms, one pass
 * up the hazard that each row collects.  Included with WIDTH and KERNELS, the name of
 * the table, defined.
 */
#ifndef CXS_NUM_SCAN_KERNELS_H
#define CXS_NUM_SCAN_KERNELS_H

#include "num/scan_rows.h"

#include "num/newton.h"

#include <float.h>

enum { PAIRS_KNOWN = PARAMS_KNOWN * (PARAMS_KNOWN + 1) / 2, LOG_EVERY = 500 };

/* exp() of this and sums of it are far from the end of the range. */
static const double LIN_MAX = 600.0;

/* ---- relative risks -------------------------------------------------------------- */

INLINE lanes linear_predictor(const cxs_scan_pass *p, size_t params, size_t first,
                              size_t i)
{
    lanes value = AT(p->x, i) * AT(p->trial, params - 1) + p->base[i];

#pragma GCC unroll 8
    for (size_t c = 0; c + 1 < params; c++)
        value += AT(p->trial, c) * p->z[i * (params - 1) + c];
    return value;
}

/* e = weight exp(linear predictor) where all of them are near zero; else returns 0. */
INLINE int plain_risks(const cxs_scan_pass *p, size_t n, size_t params, size_t first)
{
    bits far = {0};

    for (size_t i = 0; i < n; i++) {
        bits whole;
        AT(p->e, i) =
            AT(p->weight, i) * exp_plain(linear_predictor(p, params, first, i), &whole);
        far |= whole + 511; /* -511 <= n <= 512 has ten bits */
    }
    return !any((mask)(far >> 10));
}

/* The same for any linear predictor; returns the lanes out of range. */
INLINE mask any_risks(const cxs_scan_pass *p, size_t n, size_t params, size_t first)
{
    mask high = {0};

    for (size_t i = 0; i < n; i++) {
        const lanes value = linear_predictor(p, params, first, i);
        high |= ~(mask)(value < LIN_MAX);
        AT(p->e, i) = AT(p->weight, i) * exp_any(value);
    }
    return high;
}

/* ---- sums ------------------------------------------------------------------------ */

/* Sums of a pass.  Where the compiler knows the number of parameters the first four
 * arrays are in registers, for which every index must be known too; the others, of ties
 * and delayed entry, are in memory. */
typedef struct sums {
    lanes *s1, *moment, *mean, *info;
    lanes *all1, *e1; /* params + 1 of each */
    lanes product, weight, loglik;
    bits exponents;
    size_t factors;
    mask bad;
} sums;

/* sum += factor (z, x) of row i */
INLINE void add_row(const cxs_scan_pass *p, size_t params, size_t first, size_t i,
                    lanes factor, lanes *sum)
{
#pragma GCC unroll 8
    for (size_t c = 0; c + 1 < params; c++)
        sum[c] += factor * p->z[i * (params - 1) + c];
    sum[params - 1] += factor * AT(p->x, i);
}

INLINE void log_settle(sums *a)
{
    const lanes zero = {0.0};
    const lanes n = (lanes)(a->exponents | (bits)(zero + 0x1p52)) - 0x1p52 -
                    1023.0 * (double)a->factors;

    a->loglik -= a->weight * log_scaled(a->product, n);
    a->product = zero + 1.0;
    a->exponents = (bits)zero;
    a->factors = 0;
}

/* Add run log(sum): logarithms of equal weight in a row are taken of the product,
 * fractions and exponents apart. */
INLINE void log_add(const cxs_scan_pass *p, size_t first, size_t t, lanes sum, sums *a)
{
    const lanes one = (lanes){0.0} + 1.0;

    if (p->turns[t] || a->factors == LOG_EVERY) {
        log_settle(a);
        a->weight = AT(p->run, t);
    }
    a->exponents += (bits)sum >> 52;
    a->product *= (lanes)(((bits)sum & 0xfffffffffffffu) | (bits)one);
    a->factors++;
}

/* Term t, (2) and (3), from the sums over its risk set; a->moment becomes the mean. */
INLINE lanes add_term(const cxs_scan_pass *p, size_t params, size_t first, size_t t,
                      lanes s0, sums *a)
{
    const lanes wbar = AT(p->wbar, t), sum = live_sum(wbar, s0), inverse = 1.0 / sum;
    size_t at = 0;

    a->bad |= ~(mask)(sum >= DBL_MIN);
    log_add(p, first, t, sum, a);
#pragma GCC unroll 8
    for (size_t c = 0; c < params; c++) {
        lanes share;
        a->moment[c] *= inverse;
        share = wbar * a->moment[c];
        a->mean[c] += share;
#pragma GCC unroll 8
        for (size_t b = 0; b <= c; b++)
            a->info[at++] -= share * a->moment[b];
    }
    return wbar * inverse;
}

/* Terms of time k; s0 and a->moment: sums over its risk set. */
INLINE void add_time(const cxs_risk *risk, const cxs_scan_pass *p, size_t params,
                     size_t first, size_t k, lanes s0, sums *a)
{
    const size_t t = risk->term_first[k], count = risk->term_first[k + 1] - t;
    const size_t from = risk->time_position[k];
    lanes e0 = {0.0}, shared = {0.0}, hazard;

    if (count > 1) { /* Efron: the tied deaths leave by shares */
        copy(params, a->moment, a->all1);
        clear(params, a->e1);
        for (size_t i = from; i < from + risk->deaths[k]; i++) {
            e0 += AT(p->e, i);
            add_row(p, params, first, i, AT(p->e, i), a->e1);
        }
    }
    hazard = add_term(p, params, first, t, s0, a);
    for (size_t l = 1; l < count; l++) {
        const lanes frac = AT(p->frac, t + l);
        lanes rate;
#pragma GCC unroll 8
        for (size_t c = 0; c < params; c++)
            a->moment[c] = a->all1[c] - frac * a->e1[c];
        rate = add_term(p, params, first, t + l, s0 - frac * e0, a);
        hazard += rate;
        shared += frac * rate;
    }
    AT(p->hazard, k) = hazard;
    AT(p->shared, k) = shared;
}

/* ---- down and up the rows -------------------------------------------------------- */

/* e, e z, e x of the late rows into the tree. */
INLINE void add_late(const cxs_risk *risk, const cxs_scan_pass *p, size_t params,
                     size_t first, lanes *row)
{
    const size_t count = params + 1;

    tree_clear(risk, p->tree, count, first);
    for (size_t s = 0; s < risk->strata; s++)
        for (size_t i = risk->stratum_first[s]; i < risk->stratum_first[s + 1]; i++) {
            if (!is_late(risk, s, i))
                continue;
            clear(count, row);
            row[0] = AT(p->e, i);
            add_row(p, params, first, i, row[0], row + 1);
            tree_add(risk, p->tree, count, first, i, row);
        }
    tree_settle(risk, p->tree, count, first);
}

/* Down the rows of a stratum: terms and hazards. */
INLINE void add_terms(const cxs_risk *risk, const cxs_scan_pass *p, size_t params,
                      size_t first, size_t s, sums *a)
{
    size_t i = risk->stratum_first[s + 1];
    lanes s0 = {0.0};

    clear(params, a->s1);
    for (size_t k = risk->time_first[s + 1]; k-- > risk->time_first[s];) {
        lanes sum;
        for (; i > risk->time_position[k]; i--) {
            if (is_late(risk, s, i - 1))
                continue;
            s0 += AT(p->e, i - 1);
            add_row(p, params, first, i - 1, AT(p->e, i - 1), a->s1);
        }
        copy(params, a->s1, a->moment);
        sum = s0;
        if (risk->has_entry) {
            double *leaf = NODE(p->tree, risk->times + k, params + 1);
            sum += AT(leaf, 0);
#pragma GCC unroll 8
            for (size_t c = 0; c < params; c++)
                a->moment[c] += AT(leaf, c + 1);
        }
        add_time(risk, p, params, first, k, sum, a);
    }
}

/* Up the rows: the diagonal part of (3). */
INLINE void add_diagonal(const cxs_scan_pass *p, size_t params, size_t first, size_t i,
                         lanes a, lanes *info)
{
    size_t at = 0;

#pragma GCC unroll 8
    for (size_t c = 0; c + 1 < params; c++) {
        const lanes y = a * p->z[i * (params - 1) + c];
#pragma GCC unroll 8
        for (size_t b = 0; b <= c; b++)
            info[at++] += y * p->z[i * (params - 1) + b];
    }
    add_row(p, params, first, i, a * AT(p->x, i), info + at);
}

INLINE void add_hazards(const cxs_risk *risk, const cxs_scan_pass *p, size_t params,
                        size_t first, size_t s, sums *a)
{
    size_t k = risk->time_first[s];
    lanes total = {0.0};

    for (size_t i = risk->stratum_first[s]; i < risk->stratum_first[s + 1]; i++) {
        const uint32_t own = risk->death_ts[i];
        lanes hazard;
        for (; k < risk->last_ts[i]; k++)
            total += AT(p->hazard, k);
        hazard = total;
        if (is_late(risk, s, i))
            hazard = tree_sum(risk, p->tree, first, i);
        if (own != UINT32_MAX)
            hazard -= AT(p->shared, own);
        add_diagonal(p, params, first, i, AT(p->e, i) * hazard, a->info);
    }
}

/* ---- one evaluation -------------------------------------------------------------- */

INLINE size_t pairs_of(size_t params)
{
    return params * (params + 1) / 2;
}

INLINE void sums_begin(size_t params, sums *a)
{
    const lanes zero = {0.0};

    clear(params, a->mean);
    clear(pairs_of(params), a->info);
    a->product = zero + 1.0;
    a->weight = a->loglik = zero;
    a->exponents = (bits)zero;
    a->bad = (mask)zero;
    a->factors = 0;
}

INLINE void sums_end(const cxs_scan_pass *p, size_t params, size_t first, mask bad,
                     sums *a)
{
    const lanes nan = (lanes){0.0} + (double)NAN;
    lanes loglik;

    log_settle(a);
    loglik = a->loglik + AT(p->died, params);
#pragma GCC unroll 8
    for (size_t c = 0; c < params; c++) {
        loglik += AT(p->trial, c) * AT(p->died, c);
        AT(p->trial_grad, c) = AT(p->died, c) - a->mean[c]; /* (2) */
    }
#pragma GCC unroll 32
    for (size_t c = 0; c < pairs_of(params); c++)
        AT(p->trial_info, c) = a->info[c];
    AT(p->trial_loglik, 0) = choose(bad | a->bad, nan, loglik);
}

/* Compiled for each number of parameters that registers hold; 0: any number. */
INLINE void eval_params(const cxs_scan_null *null, const cxs_scan_pass *pass,
                        size_t known)
{
    const cxs_risk sets = *null->risk, *risk = &sets;
    const cxs_scan_pass own = *pass, *p = &own;
    const size_t params = known > 0 ? known : p->params;
    lanes s1[PARAMS_KNOWN], moment[PARAMS_KNOWN], mean[PARAMS_KNOWN], info[PAIRS_KNOWN];
    lanes *spare = (lanes *)p->spare;

    for (size_t first = 0; first < L; first += WIDTH) {
        mask bad = {0};
        sums a = {.s1 = s1, .moment = moment, .mean = mean, .info = info};
        if (!plain_risks(p, risk->n, params, first))
            bad = any_risks(p, risk->n, params, first);
        a.all1 = spare;
        a.e1 = spare + params + 1;
        if (known == 0) {
            a.s1 = a.e1 + params + 1;
            a.moment = a.s1 + params;
            a.mean = a.moment + params;
            a.info = a.mean + params;
        }
        sums_begin(params, &a);
        if (risk->has_entry)
            add_late(risk, p, params, first, a.all1);
        for (size_t s = 0; s < risk->strata; s++)
            add_terms(risk, p, params, first, s, &a);
        if (risk->has_entry)
            gather_hazards(risk, p, first);
        for (size_t s = 0; s < risk->strata; s++)
            add_hazards(risk, p, params, first, s, &a);
        sums_end(p, params, first, bad, &a);
    }
}

#define EVAL(known)                                                                    \
    TARGET static void eval_##known(const cxs_scan_null *null, const cxs_scan_pass *p) \
    {                                                                                  \
        eval_params(null, p, known);                                                   \
    }
EVAL(0)
EVAL(1)
EVAL(2)
EVAL(3)
EVAL(4)
EVAL(5)
EVAL(6)

static void eval(const cxs_scan_null *null, const cxs_scan_pass *p)
{
    static void (*const form[PARAMS_KNOWN + 1])(const cxs_scan_null *,
                                                const cxs_scan_pass *) = {
        eval_0, eval_1, eval_2, eval_3, eval_4, eval_5, eval_6};

    form[p->params <= PARAMS_KNOWN ? p->params : 0](null, p);
}

/* ---- step ------------------------------------------------------------------------ */

/* info = U D^-1 U', U lower triangular with diagonal D, in the factor but for the
 * diagonal, which holds 1 / D.  A column that depends on earlier ones has 1 / D = 0, as
 * in cxs_newton_factor(). */
INLINE void factor(const cxs_scan_pass *p, size_t first, int fixed)
{
    const lanes zero = {0.0}, unit = AT(p->unit, 0);

    for (size_t i = 0; i < p->params; i++) {
        double *row = p->factor + i * (i + 1) / 2 * L;
        for (size_t j = 0; j <= i; j++) {
            double *other = p->factor + j * (j + 1) / 2 * L;
            lanes value = AT(p->info, i * (i + 1) / 2 + j);
            for (size_t c = 0; c < j; c++)
                value -= AT(row, c) * AT(other, c) * AT(p->factor, c * (c + 1) / 2 + c);
            AT(row, j) = value;
        }
        {
            const lanes own = AT(p->info, i * (i + 1) / 2 + i), pivot = AT(row, i);
            const lanes least = CXS_ALIAS * choose((mask)(own > unit), own, unit);
            AT(p->pivot, 0) = pivot; /* at last that of the feature */
            AT(row, i) = choose((mask)(pivot > least), 1.0 / pivot, zero);
        }
    }
    if (fixed)
        AT(p->factor, p->pairs - 1) = zero;
}

TARGET static void solve(const cxs_scan_pass *p, int fixed)
{
    for (size_t first = 0; first < L; first += WIDTH) {
        lanes gain = {0.0};
        factor(p, first, fixed);
        for (size_t c = 0; c < p->params; c++)
            AT(p->step, c) = AT(p->grad, c);
        substitute(p, first);
        for (size_t c = 0; c < p->params; c++)
            gain += AT(p->step, c) * AT(p->grad, c);
        AT(p->gain, 0) = gain;
    }
}

/* ---- arrays ---------------------------------------------------------------------- */

/* Element by element; the last vector is filled up with ones. */
#define ARRAY(name, function)                                                          \
    TARGET static void name(size_t n, const double *x, double *out)                    \
    {                                                                                  \
        for (size_t i = 0; i < n; i += WIDTH) {                                        \
            const size_t count = n - i < WIDTH ? n - i : WIDTH;                        \
            lanes value = (lanes){0.0} + 1.0;                                          \
            memcpy(&value, x + i, count * sizeof *x);                                  \
            value = function;                                                          \
            memcpy(out + i, &value, count * sizeof *out);                              \
        }                                                                              \
    }
ARRAY(exp_array, exp_any(value))
ARRAY(log_array, log_scaled(value, (lanes){0.0}))

const cxs_scan_kernels KERNELS = {exp_array, log_array, centre, features,
                                  score,     eval,      solve,  dfbeta};

#endif /* CXS_NUM_SCAN_KERNELS_H */
