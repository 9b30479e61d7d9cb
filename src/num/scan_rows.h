/*
 * scan_rows.h -- kernels of one pass over the rows: moments, score test, score
 * residuals
 */
#ifndef CXS_NUM_SCAN_ROWS_H
#define CXS_NUM_SCAN_ROWS_H

#include "num/scan_tree.h"

#include <math.h>
#include <string.h>

/* Numbers of parameters for which the kernels are compiled. */
enum { PARAMS_KNOWN = 6 };

/* ---- moments --------------------------------------------------------------------- */

/* Lanes are centred; NaN does not count and stays. */
TARGET static void centre(size_t n, const double *weight, double *x,
                          cxs_lane_moments *m)
{
    const lanes zero = {0.0}, far = zero + HUGE_VAL;

    for (size_t first = 0; first < L; first += WIDTH) {
        lanes sum = zero, weights = zero, off = zero, squares = zero, mean;
        lanes low = far, high = -far;
        for (size_t i = 0; i < n; i++) {
            const mask given = (mask)(AT(x, i) == AT(x, i));
            const lanes value = choose(given, AT(x, i), zero);
            const lanes apart = value * (value - 1.0); /* zero for 0 and 1 */
            weights += choose(given, zero + weight[i], zero);
            sum += weight[i] * value;
            off += apart * apart;
            low = choose((mask)(AT(x, i) < low), value, low);
            high = choose((mask)(AT(x, i) > high), value, high);
        }
        mean = sum / weights;
        for (size_t i = 0; i < n; i++) {
            const lanes value = AT(x, i) - mean;
            const lanes square = weight[i] * value * value;
            squares += choose((mask)(square == square), square, zero);
            AT(x, i) = value;
        }
        AT(m->mean, 0) = mean;
        AT(m->variance, 0) = squares / weights;
        AT(m->off, 0) = off;
        AT(m->range, 0) = high - low;
    }
}

/* x = given factor, zero where not given; the sum over the deaths of w x. */
TARGET static void features(const cxs_scan_null *null, const cxs_scan_pass *pass,
                            const double *given, const double *factor)
{
    const cxs_risk sets = *null->risk, *risk = &sets;
    const cxs_scan_pass own = *pass, *p = &own;
    const lanes zero = {0.0};

    for (size_t first = 0; first < L; first += WIDTH) {
        lanes died = zero, scale;
        memcpy(&scale, factor + first, sizeof scale);
        for (size_t i = 0; i < risk->n; i++) {
            lanes value;
            memcpy(&value, given + i * L + first, sizeof value);
            value *= scale;
            value = choose((mask)(value == value), value, zero);
            AT(p->x, i) = value;
            if (risk->event_ts[i])
                died += AT(p->weight, i) * value;
        }
        AT(p->died, null->k) = died;
    }
}

/* ---- score test ------------------------------------------------------------------ */

/* Of one stratum, down its rows: the sum of m^2 is returned; cross, score and sum a x^2
 * are added to sum[0 .. k + 1]. */
INLINE lanes score_stratum(const cxs_risk *risk, const cxs_cox_state *state,
                           const cxs_scan_pass *p, size_t k, size_t first, size_t s,
                           lanes *sum)
{
    lanes run = {0.0}, means = {0.0};
    size_t i = risk->stratum_first[s + 1];

    for (size_t at = risk->time_first[s + 1]; at-- > risk->time_first[s];) {
        const size_t from = risk->time_position[at];
        const size_t t = risk->term_first[at], end = risk->term_first[at + 1];
        lanes all, tied = {0.0};
        while (i > from) {
            const lanes x = AT(p->x, --i);
#pragma GCC unroll 8
            for (size_t c = 0; c < k; c++)
                sum[c] += p->hz[i * k + c] * x;
            sum[k] += state->r[i] * x;
            sum[k + 1] += state->a[i] * x * x;
            if (!is_late(risk, s, i))
                run += state->we[i] * x;
        }
        all = run;
        if (risk->has_entry)
            all += AT(p->tree, risk->times + at);
        if (end - t > 1)
            for (size_t j = from; j < from + risk->deaths[at]; j++)
                tied += state->we[j] * AT(p->x, j);
        for (size_t m = t; m < end; m++) {
            const lanes mean =
                state->term_scale[m] * (all - state->term_frac[m] * tied);
            means += mean * mean;
        }
    }
    return means;
}

INLINE void score_params(const cxs_scan_null *null, const cxs_scan_pass *pass,
                         size_t known, cxs_lane_score *score, double *cross)
{
    const cxs_risk sets = *null->risk, *risk = &sets;
    const cxs_cox_state at = *null->state, *state = &at;
    const cxs_scan_pass own = *pass, *p = &own;
    const size_t k = known > 0 ? known - 1 : null->k;
    lanes here[PARAMS_KNOWN + 1], *sum = known > 0 ? here : (lanes *)p->spare;

    for (size_t first = 0; first < L; first += WIDTH) {
        lanes means = {0.0};
        clear(k + 2, sum);
        if (risk->has_entry) {
            tree_clear(risk, p->tree, 1, first);
            for (size_t s = 0; s < risk->strata; s++)
                for (size_t i = risk->stratum_first[s]; i < risk->stratum_first[s + 1];
                     i++) {
                    const lanes value = state->we[i] * AT(p->x, i);
                    if (is_late(risk, s, i))
                        tree_add(risk, p->tree, 1, first, i, &value);
                }
            tree_settle(risk, p->tree, 1, first);
        }
        for (size_t s = 0; s < risk->strata; s++)
            means += score_stratum(risk, state, p, k, first, s, sum);
        for (size_t c = 0; c < k; c++)
            AT(cross, c) = sum[c];
        AT(score->u, 0) = sum[k];
        AT(score->info, 0) = sum[k + 1] - means;
    }
}

#define SCORE(known)                                                                   \
    TARGET static void score_##known(const cxs_scan_null *null,                        \
                                     const cxs_scan_pass *p, cxs_lane_score *score,    \
                                     double *cross)                                    \
    {                                                                                  \
        score_params(null, p, known, score, cross);                                    \
    }
SCORE(0)
SCORE(1)
SCORE(2)
SCORE(3)
SCORE(4)
SCORE(5)
SCORE(6)

static void score(const cxs_scan_null *null, const cxs_scan_pass *p,
                  cxs_lane_score *result, double *cross)
{
    static void (*const form[PARAMS_KNOWN + 1])(
        const cxs_scan_null *, const cxs_scan_pass *, cxs_lane_score *,
        double *) = {score_0, score_1, score_2, score_3, score_4, score_5, score_6};

    form[p->params <= PARAMS_KNOWN ? p->params : 0](null, p, result, cross);
}

/* ---- score residuals ------------------------------------------------------------- */

/* Solve for what stands in step. */
INLINE void substitute(const cxs_scan_pass *p, size_t first)
{
    for (size_t j = 0; j < p->params; j++) {
        double *row = p->factor + j * (j + 1) / 2 * L;
        lanes value = AT(p->step, j);
        for (size_t c = 0; c < j; c++)
            value -= AT(row, c) * AT(p->step, c);
        AT(p->step, j) = AT(row, j) * value;
    }
    for (size_t j = p->params; j-- > 0;) {
        lanes value = {0.0};
        for (size_t i = j + 1; i < p->params; i++)
            value += AT(p->factor, i * (i + 1) / 2 + j) * AT(p->step, i);
        AT(p->step, j) -= AT(p->factor, j * (j + 1) / 2 + j) * value;
    }
}

/* The column y = (z, x) I^-1 (0, .., 0, 1)'. */
INLINE void direction(const cxs_scan_pass *p, size_t n, size_t first)
{
    const size_t last = p->params - 1;

    for (size_t c = 0; c < last; c++)
        AT(p->step, c) = (lanes){0.0};
    AT(p->step, last) = (lanes){0.0} + 1.0;
    substitute(p, first);
    for (size_t i = 0; i < n; i++) {
        lanes value = AT(p->x, i) * AT(p->step, last);
        for (size_t c = 0; c < last; c++)
            value += AT(p->step, c) * p->z[i * last + c];
        AT(p->y, i) = value;
    }
}

/* Of time k: hazard, the same times the mean of y; both weighted with f; mean of y over
 * the terms.  sum, moment: of e and e y over the risk set. */
INLINE void mean_terms(const cxs_risk *risk, const cxs_scan_pass *p, size_t first,
                       size_t k, lanes sum, lanes moment)
{
    const size_t from = risk->time_position[k];
    const lanes zero = {0.0};
    lanes e = zero, ey = zero, hazard = zero, shared = zero, moved = zero, lost = zero;
    lanes means = zero, count = zero;

    for (size_t i = from; i < from + risk->deaths[k]; i++) {
        e += AT(p->e, i);
        ey += AT(p->e, i) * AT(p->y, i);
    }
    for (size_t t = risk->term_first[k]; t < risk->term_first[k + 1]; t++) {
        const lanes frac = AT(p->frac, t), wbar = AT(p->wbar, t);
        const lanes live = choose((mask)(wbar > 0.0), zero + 1.0, zero);
        const lanes inverse = 1.0 / live_sum(wbar, sum - frac * e);
        const lanes rate = wbar * inverse;
        const lanes mean = (moment - frac * ey) * inverse;
        hazard += rate;
        moved += rate * mean;
        shared += frac * rate;
        lost += frac * rate * mean;
        means += live * mean;
        count += live;
    }
    AT(p->hazard, k) = hazard;
    AT(p->shared, k) = shared;
    AT(p->moved, 3 * k) = moved;
    AT(p->moved, 3 * k + 1) = lost;
    AT(p->moved, 3 * k + 2) = means / choose((mask)(count > 0.0), count, zero + 1.0);
}

/* Residual of row i, eq. (2) of newton.c, into y. */
INLINE void residual(const cxs_risk *risk, const cxs_scan_pass *p, size_t first,
                     size_t i, lanes hazard, lanes moved)
{
    const uint32_t own = risk->death_ts[i];
    const lanes y = AT(p->y, i);
    lanes died = {0.0};

    if (own != UINT32_MAX) {
        hazard -= AT(p->shared, own);
        moved -= AT(p->moved, 3 * (size_t)own + 1);
        died = AT(p->weight, i) * (y - AT(p->moved, 3 * (size_t)own + 2));
    }
    AT(p->y, i) = died - AT(p->e, i) * (hazard * y - moved);
}

/* e and e y of the late rows into the tree. */
INLINE void late_moments(const cxs_risk *risk, const cxs_scan_pass *p, size_t first)
{
    tree_clear(risk, p->tree, 2, first);
    for (size_t s = 0; s < risk->strata; s++)
        for (size_t i = risk->stratum_first[s]; i < risk->stratum_first[s + 1]; i++) {
            const lanes row[2] = {AT(p->e, i), AT(p->e, i) * AT(p->y, i)};
            if (is_late(risk, s, i))
                tree_add(risk, p->tree, 2, first, i, row);
        }
    tree_settle(risk, p->tree, 2, first);
}

/* Down the rows of a stratum. */
INLINE void add_moments(const cxs_risk *risk, const cxs_scan_pass *p, size_t first,
                        size_t s)
{
    lanes sum = {0.0}, moment = {0.0};
    size_t i = risk->stratum_first[s + 1];

    for (size_t k = risk->time_first[s + 1]; k-- > risk->time_first[s];) {
        lanes late = {0.0}, late_moment = {0.0};
        for (; i > risk->time_position[k]; i--) {
            if (is_late(risk, s, i - 1))
                continue;
            sum += AT(p->e, i - 1);
            moment += AT(p->e, i - 1) * AT(p->y, i - 1);
        }
        if (risk->has_entry) {
            late = AT(NODE(p->tree, risk->times + k, 2), 0);
            late_moment = AT(NODE(p->tree, risk->times + k, 2), 1);
        }
        mean_terms(risk, p, first, k, sum + late, moment + late_moment);
    }
}

/* Up the rows. */
INLINE void stratum_residuals(const cxs_risk *risk, const cxs_scan_pass *p,
                              size_t first, size_t s)
{
    lanes hazard = {0.0}, moved = {0.0};
    size_t k = risk->time_first[s];

    for (size_t i = risk->stratum_first[s]; i < risk->stratum_first[s + 1]; i++) {
        for (; k < risk->last_ts[i]; k++) {
            hazard += AT(p->hazard, k);
            moved += AT(p->moved, 3 * k);
        }
        if (is_late(risk, s, i))
            residual(risk, p, first, i, tree_sum(risk, p->tree, first, i),
                     tree_sum(risk, p->tree + 2 * risk->times * L, first, i));
        else
            residual(risk, p, first, i, hazard, moved);
    }
}

TARGET static void dfbeta(const cxs_scan_null *null, const cxs_scan_pass *pass)
{
    const cxs_risk sets = *null->risk, *risk = &sets;
    const cxs_scan_pass own = *pass, *p = &own;
    double *second = p->tree + 2 * risk->times * L;

    for (size_t first = 0; first < L; first += WIDTH) {
        direction(p, risk->n, first);
        if (risk->has_entry)
            late_moments(risk, p, first);
        for (size_t s = 0; s < risk->strata; s++)
            add_moments(risk, p, first, s);
        if (risk->has_entry) {
            gather_hazards(risk, p, first);
            for (size_t k = 0; k < risk->times; k++)
                AT(second, risk->times + k) = AT(p->moved, 3 * k);
            tree_gather(risk, second, first);
        }
        for (size_t s = 0; s < risk->strata; s++)
            stratum_residuals(risk, p, first, s);
    }
}

#endif /* CXS_NUM_SCAN_ROWS_H */
