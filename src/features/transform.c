/*
 * transform.c -- the steps after normalisation: scores within cohorts, constant
 * features, frozen clipping and scaling
 *
 * Feature by feature; a missing value is left out of every statistic and stays missing.
 */
#include "features/derive.h"

#include "base/pool.h"
#include "num/order.h"
#include "store/data.h"

#include <math.h>
#include <string.h>

enum { WINSOR_MIN = 100 }; /* samples; below, a 1 % quantile says nothing */

static const double WINSOR_SHARE = 0.01;

typedef struct job {
    cxs_matrix *m;
    const size_t *member; /* [n] samples, cohort by cohort */
    const size_t *start;  /* [cohorts + 1] into member */
    size_t cohorts;
    bool winsorise, standardise;
    cxs_transform *transform;
    double *real;  /* [2n] per worker */
    size_t *whole; /* [2n] per worker */
} job;

static cxs_rc run_genes(cxs_ctx *ctx, job *w, cxs_task_fn fn)
{
    const size_t tasks = (w->m->p + CXS_GENES_PER_TASK - 1) / CXS_GENES_PER_TASK;
    const size_t workers = cxs_pool_workers(ctx, tasks);
    cxs_rc rc = CXS_OK;

    CXS_NEW(w->real, workers * 2 * w->m->n);
    CXS_NEW(w->whole, workers * 2 * w->m->n);
    CXS_TRY(cxs_pool_run(ctx, NULL, tasks, fn, w));

done:
    cxs_free(w->real);
    cxs_free(w->whole);
    return rc;
}

/* Scores of one feature among the samples of one cohort that have a value. */
static void score_cohort(double *x, const size_t *member, size_t count, double *real,
                         size_t *whole)
{
    double *value = real, *score = real + count;
    size_t m = 0;

    for (size_t i = 0; i < count; i++)
        if (!isnan(x[member[i]]))
            value[m++] = x[member[i]];
    cxs_rank_normal(m, value, score, whole);
    m = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(x[member[i]]))
            x[member[i]] = score[m++];
}

static cxs_rc score_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    job *w = arg;
    const size_t first = index * CXS_GENES_PER_TASK, n = w->m->n;

    (void)ctx;
    for (size_t j = first; j < w->m->p && j < first + CXS_GENES_PER_TASK; j++)
        for (size_t c = 0; c < w->cohorts; c++)
            score_cohort(w->m->x + j * n, w->member + w->start[c],
                         w->start[c + 1] - w->start[c], w->real + worker * 2 * n,
                         w->whole + worker * 2 * n);
    return CXS_OK;
}

cxs_rc cxs_cohort_scores(cxs_ctx *ctx, cxs_matrix *m, const uint32_t *cohort)
{
    job w = {.m = m, .cohorts = 1};
    size_t *member = NULL, *start = NULL, at = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; cohort != NULL && i < m->n; i++)
        w.cohorts = cohort[i] >= w.cohorts ? (size_t)cohort[i] + 1 : w.cohorts;
    CXS_NEW(member, m->n);
    CXS_NEW(start, w.cohorts + 1);
    for (size_t c = 0; c < w.cohorts; c++) {
        for (size_t i = 0; i < m->n; i++)
            if (cohort == NULL || cohort[i] == c)
                member[at++] = i;
        start[c + 1] = at;
    }
    w.member = member;
    w.start = start;
    CXS_TRY(run_genes(ctx, &w, score_task));
    m->kind = CXS_KIND_Z;

done:
    cxs_free(start);
    cxs_free(member);
    return rc;
}

static bool is_constant(size_t n, const double *x)
{
    double lo = HUGE_VAL, hi = -HUGE_VAL;

    for (size_t i = 0; i < n; i++) { /* fmin and fmax pass over NaN */
        lo = fmin(lo, x[i]);
        hi = fmax(hi, x[i]);
    }
    return !(hi > lo);
}

size_t cxs_keep_varying(cxs_matrix *m, cxs_transform *transform)
{
    const size_t p = m->p;
    size_t to = 0;

    for (size_t j = 0; j < p; j++) {
        if (is_constant(m->n, m->x + j * m->n)) {
            cxs_free(m->feature[j]);
            if (m->feature_name != NULL)
                cxs_free(m->feature_name[j]);
            continue;
        }
        m->feature[to] = m->feature[j];
        transform[to] = transform[j];
        if (m->feature_name != NULL)
            m->feature_name[to] = m->feature_name[j];
        if (to != j)
            memcpy(m->x + to * m->n, m->x + j * m->n, m->n * sizeof *m->x);
        to++;
    }
    m->p = to;
    return p - to;
}

cxs_rc cxs_drop_constant(cxs_ctx *ctx, cxs_matrix *m, const cxs_features_settings *s,
                         size_t before, cxs_transform *transform)
{
    const size_t all = m->p + before;
    const size_t dropped = cxs_keep_varying(m, transform) + before;

    if (m->p == 0)
        return cxs_fail_code(ctx, CXS_EDEGENERATE, "CX027",
                             CXS_AT "all of %zu features are constant", CXS_AT_ARGS(s),
                             all);
    if (dropped > 0)
        return cxs_warn(ctx, "CX027",
                        CXS_AT "%zu of %zu features are constant and were dropped",
                        CXS_AT_ARGS(s), dropped, all);
    return CXS_OK;
}

static bool is_binary(size_t n, const double *x)
{
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]) && fabs(x[i]) > 0.0 && fabs(x[i] - 1.0) > 0.0)
            return false;
    return true;
}

/* Clip one feature at its own quantiles. */
static void winsorise(size_t n, double *x, double *work, cxs_transform *t)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            work[m++] = x[i];
    t->winsor_low = cxs_quantile7(m, work, WINSOR_SHARE);
    t->winsor_high = cxs_quantile7(m, work, 1.0 - WINSOR_SHARE);
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            x[i] = fmin(fmax(x[i], t->winsor_low), t->winsor_high);
}

/* Mean and sd (divisor n) in two passes over the values that are there. */
static void moments(size_t n, const double *x, cxs_transform *t)
{
    double sum = 0.0, squares = 0.0, m = 0.0;

    for (size_t i = 0; i < n; i++) {
        sum += isnan(x[i]) ? 0.0 : x[i];
        m += isnan(x[i]) ? 0.0 : 1.0;
    }
    t->mean = sum / m;
    for (size_t i = 0; i < n; i++)
        squares += isnan(x[i]) ? 0.0 : (x[i] - t->mean) * (x[i] - t->mean);
    t->sd = sqrt(squares / m);
}

static cxs_rc clip_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    job *w = arg;
    const size_t first = index * CXS_GENES_PER_TASK, n = w->m->n;

    (void)ctx;
    for (size_t j = first; j < w->m->p && j < first + CXS_GENES_PER_TASK; j++) {
        double *x = w->m->x + j * n;
        cxs_transform *t = &w->transform[j];
        t->mean = 0.0;
        t->sd = 1.0;
        t->winsor_low = t->winsor_high = (double)NAN;
        if (w->winsorise && !is_constant(n, x) && !is_binary(n, x) &&
            !cxs_is_ordinal(w->m->feature[j]))
            winsorise(n, x, w->real + worker * 2 * n, t);
    }
    return CXS_OK;
}

cxs_rc cxs_clip(cxs_ctx *ctx, cxs_matrix *m, bool clip, cxs_transform *transform)
{
    job w = {.m = m, .winsorise = clip && m->n >= WINSOR_MIN, .transform = transform};

    return run_genes(ctx, &w, clip_task);
}

static cxs_rc scale_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const job *w = arg;
    const size_t first = index * CXS_GENES_PER_TASK, n = w->m->n;

    (void)ctx, (void)worker;
    for (size_t j = first; j < w->m->p && j < first + CXS_GENES_PER_TASK; j++) {
        double *x = w->m->x + j * n;
        cxs_transform *t = &w->transform[j];
        if (is_binary(n, x) || cxs_is_ordinal(w->m->feature[j]))
            continue;
        moments(n, x, t);
        for (size_t i = 0; w->standardise && t->sd > 0.0 && i < n; i++)
            x[i] = (x[i] - t->mean) / t->sd;
    }
    return CXS_OK;
}

cxs_rc cxs_scale(cxs_ctx *ctx, cxs_matrix *m, bool standardise,
                 cxs_transform *transform)
{
    job w = {.m = m, .standardise = standardise, .transform = transform};
    const cxs_rc rc = run_genes(ctx, &w, scale_task);

    if (standardise)
        m->kind = CXS_KIND_Z;
    return rc;
}
