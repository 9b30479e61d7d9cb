/*
 * scan_pass.c -- workspace of the scan's kernels, the rows of each lane, the choice of
 * the vector width
 */
#include "num/scan_pass.h"

#include "num/vector.h"

#include <math.h>
#include <string.h>

enum { L = CXS_SCAN_LANES };

/* ---- vector width ---------------------------------------------------------------- */

const cxs_scan_kernels *cxs_scan_kernels_of(int width)
{
#if defined(__x86_64__)
    if (width == 8)
        return __builtin_cpu_supports("avx512f") ? &cxs_scan_kernels_8 : NULL;
    if (width == 4)
        return __builtin_cpu_supports("avx2") ? &cxs_scan_kernels_4 : NULL;
#endif
    return width == 2 ? &cxs_scan_kernels_2 : NULL;
}

const cxs_scan_kernels *cxs_scan_kernels_here(void)
{
    const cxs_scan_kernels *kernels = cxs_scan_kernels_of(8);

    if (kernels == NULL)
        kernels = cxs_scan_kernels_of(4);
    return kernels != NULL ? kernels : cxs_scan_kernels_of(2);
}

/* ---- workspace ------------------------------------------------------------------- */

static double *take(double *work, size_t *used, size_t count)
{
    double *here = work != NULL ? work + *used : NULL;

    *used += count;
    return here;
}

/* Returns the number of doubles; with work NULL nothing is placed. */
static size_t place(const cxs_scan_null *null, double *work, cxs_scan_pass *p)
{
    const cxs_risk *risk = null->risk;
    const size_t n = risk->n, times = risk->times, terms = risk->terms;
    const size_t params = null->k + 1, pairs = params * (params + 1) / 2;
    size_t used = 0;

    *p = (cxs_scan_pass){.params = params, .pairs = pairs};
    p->x = take(work, &used, n * L);
    p->weight = take(work, &used, n * L);
    p->e = take(work, &used, n * L);
    p->y = take(work, &used, n * L);
    p->wbar = take(work, &used, terms * L);
    p->frac = take(work, &used, terms * L);
    p->run = take(work, &used, terms * L);
    p->hazard = take(work, &used, times * L);
    p->shared = take(work, &used, times * L);
    p->moved = take(work, &used, 3 * times * L);
    p->tree = take(work, &used, risk->has_entry ? 2 * times * (params + 1) * L : 0);
    p->died = take(work, &used, (params + 1) * L);
    p->unit = take(work, &used, L);
    p->delta = take(work, &used, params * L);
    p->grad = take(work, &used, params * L);
    p->info = take(work, &used, pairs * L);
    p->step = take(work, &used, params * L);
    p->factor = take(work, &used, pairs * L);
    p->pivot = take(work, &used, L);
    p->gain = take(work, &used, L);
    p->trial = take(work, &used, params * L);
    p->trial_grad = take(work, &used, params * L);
    p->trial_info = take(work, &used, pairs * L);
    p->trial_loglik = take(work, &used, L);
    p->spare = take(work, &used, (5 * params + 2 + pairs) * L);
    p->z = take(work, &used, n * null->k);
    p->hz = take(work, &used, n * null->k);
    p->base = take(work, &used, n);
    p->turns = (uint8_t *)take(work, &used, terms / sizeof(double) + 1);
    return used;
}

size_t cxs_scan_work_size(const cxs_scan_null *null)
{
    cxs_scan_pass none;

    return place(null, NULL, &none);
}

cxs_scan_pass cxs_scan_pass_place(const cxs_scan_null *null, double *work)
{
    cxs_scan_pass pass;

    place(null, work, &pass);
    return pass;
}

void cxs_scan_pass_prepare(const cxs_scan_null *null, double *work)
{
    const cxs_scan_pass p = cxs_scan_pass_place(null, work);
    const size_t n = null->risk->n, k = null->k;

    memcpy(p.base, null->lin_ts, n * sizeof *p.base);
    for (size_t c = 0; c < k; c++)
        for (size_t i = 0; i < n; i++) {
            p.z[i * k + c] = null->z_ts[c * n + i];
            p.hz[i * k + c] = null->hz_ts[c * n + i];
        }
    memset(p.x, 0, n * L * sizeof *p.x);
    cxs_scan_pass_rows(null, p.x, work);
}

/* ---- the rows of each lane ------------------------------------------------------- */

CXS_VECTOR
static void lane_weights(size_t n, const double *weight_ts, const double *x,
                         double *weight)
{
    for (size_t i = 0; i < n; i++)
        for (size_t l = 0; l < L; l++)
            weight[i * L + l] = x[i * L + l] == x[i * L + l] ? weight_ts[i] : 0.0;
}

/* Terms of each time: as many as the lane has deaths. */
CXS_VECTOR
static void lane_terms(const cxs_risk *risk, const cxs_scan_pass *p)
{
    const double *given = p->weight;
    double *wbar = p->wbar, *frac = p->frac, all[L] = {0.0};

    for (size_t k = 0; k < risk->times; k++) {
        const size_t from = risk->time_position[k], end = from + risk->deaths[k];
        const size_t t = risk->term_first[k], count = risk->term_first[k + 1] - t;
        double weight[L] = {0.0}, deaths[L] = {0.0};
        for (size_t i = from; i < end; i++)
            for (size_t l = 0; l < L; l++) {
                weight[l] += given[i * L + l];
                deaths[l] += given[i * L + l] > 0.0 ? 1.0 : 0.0;
            }
        for (size_t l = 0; l < L; l++) {
            all[l] += weight[l];
            if (risk->ties != CXS_TIES_EFRON)
                deaths[l] = deaths[l] > 0.0 ? 1.0 : 0.0;
        }
        for (size_t m = 0; m < count; m++)
            for (size_t l = 0; l < L; l++) {
                const double d = deaths[l] > 0.0 ? deaths[l] : 1.0;
                const double lives = (double)m < deaths[l] ? 1.0 : 0.0;
                wbar[(t + m) * L + l] = lives * (weight[l] / d);
                frac[(t + m) * L + l] = lives * ((double)m / d);
            }
    }
    memcpy(p->unit, all, sizeof all);
}

/* Where the weight of the terms changes, in the order in which eval() meets them. */
CXS_VECTOR
static void mark_turns(const cxs_risk *risk, const cxs_scan_pass *p)
{
    const double *wbar = p->wbar;
    double last[L] = {0.0}, *run = p->run;

    for (size_t at = 0; at < risk->times; at++) {
        /* strata in order, times descending */
        const uint32_t s = risk->time_stratum[at];
        const size_t k = risk->time_first[s] + (risk->time_first[s + 1] - 1 - at);
        for (size_t t = risk->term_first[k]; t < risk->term_first[k + 1]; t++) {
            double apart = 0.0;
            for (size_t l = 0; l < L; l++) {
                const double here = wbar[t * L + l] > 0.0 ? wbar[t * L + l] : last[l];
                apart += fabs(here - last[l]);
                last[l] = run[t * L + l] = here;
            }
            p->turns[t] = apart > 0.0;
        }
    }
}

/* Sum over the deaths of w v, lanes apart. */
CXS_VECTOR
static void died_sum(const cxs_risk *risk, const double *weight, const double *v,
                     size_t stride, double *sum)
{
    double total[L] = {0.0};

    for (size_t i = 0; i < risk->n; i++)
        if (risk->event_ts[i])
            for (size_t l = 0; l < L; l++)
                total[l] += weight[i * L + l] * v[i * stride];
    memcpy(sum, total, sizeof total);
}

void cxs_scan_pass_rows(const cxs_scan_null *null, const double *x_lanes, double *work)
{
    const cxs_scan_pass p = cxs_scan_pass_place(null, work);
    const cxs_risk *risk = null->risk;
    const size_t k = null->k;

    lane_weights(risk->n, risk->weight_ts, x_lanes, p.weight);
    lane_terms(risk, &p);
    mark_turns(risk, &p);
    for (size_t c = 0; c < k; c++)
        died_sum(risk, p.weight, p.z + c, k, p.died + c * L);
    died_sum(risk, p.weight, p.base, 1, p.died + (k + 1) * L);
}
