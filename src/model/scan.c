/*
 * scan.c -- one adjusted Cox fit, or one score test, per feature
 *
 * Features are taken in blocks of a fixed size, one task of the pool each; inside a
 * block CXS_SCAN_LANES features pass side by side through the score test and the fit.
 * Features with missing values: scan_missing.c.
 */
#include "model/scan_private.h"

#include "base/pool.h"
#include "num/special.h"
#include "num/vector.h"

#include <math.h>
#include <string.h>

enum { L = CXS_SCAN_LANES, BLOCK = CXS_SCAN_BLOCK };

static void bench_free(cxs_scan_bench *b)
{
    cxs_free(b->x);
    cxs_free(b->cross);
    cxs_free(b->sums);
    cxs_free(b->work);
    cxs_free(b->weight);
    cxs_scan_frame_free(b->own);
}

static cxs_rc bench_make(cxs_ctx *ctx, const cxs_scan_job *job, cxs_scan_bench *b)
{
    const size_t n = job->design->n, k = job->problem->k;
    cxs_rc rc = CXS_OK;

    CXS_NEW(b->x, L * n);
    CXS_NEW(b->cross, L * (k + 1));
    if (job->is_robust)
        CXS_NEW(b->sums, L * job->clusters);
    CXS_NEW(b->work, cxs_scan_work_size(&job->frame->null));
    cxs_scan_prepare(&job->frame->null, b->work);
    CXS_NEW(b->weight, n);
done:
    return rc;
}

/* ---- features into the lanes ----------------------------------------------------- */

/* A range below this share of the mean is rounding: the feature is constant. */
static const double CONSTANT_RELATIVE = 1e-13;

/* Spare lanes repeat the last feature. */
static void gather(const cxs_design *design, const cxs_risk *risk,
                   const cxs_scan_group *group, double *x)
{
    const double *column[L];

    for (size_t l = 0; l < L; l++) {
        const size_t from = l < group->count ? l : group->count - 1;
        column[l] = design->x + group->feature[from] * design->n;
    }
    for (size_t i = 0; i < risk->n; i++) {
        const size_t row = risk->row[i];
        for (size_t l = 0; l < L; l++)
            x[i * L + l] = column[l][row];
    }
}

/* Squares overflow or vanish though the feature is not constant. */
static int is_extreme(const cxs_lane_moments *m, size_t l)
{
    return m->range[l] > 0.0 && !(m->variance[l] > 1e-200 && m->variance[l] < 1e200);
}

/* Divide a lane by the power of two above its largest value, which rounds nothing. */
static double shrink_lane(size_t n, double *x, size_t l)
{
    double largest = 0.0;
    int exponent;

    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(x[i * L + l])); /* skips NaN */
    frexp(largest, &exponent);
    for (size_t i = 0; i < n; i++)
        x[i * L + l] = ldexp(x[i * L + l], -exponent);
    return ldexp(1.0, exponent);
}

void cxs_scan_load(const cxs_scan_job *job, const cxs_risk *risk,
                   const cxs_scan_group *group, cxs_scan_bench *b, cxs_lane_moments *m)
{
    uint8_t extreme[L];
    int any = 0;

    gather(job->design, risk, group, b->x);
    cxs_scan_centre(risk, b->x, m);
    for (size_t l = 0; l < L; l++) {
        b->unit[l] = 1.0;
        extreme[l] = (uint8_t)is_extreme(m, l);
        any |= extreme[l];
    }
    if (any) {
        gather(job->design, risk, group, b->x);
        for (size_t l = 0; l < L; l++)
            if (extreme[l])
                b->unit[l] = shrink_lane(risk->n, b->x, l);
        cxs_scan_centre(risk, b->x, m);
    }
    for (size_t l = 0; l < L; l++)
        if (m->range[l] <= CONSTANT_RELATIVE * fabs(m->mean[l]))
            m->range[l] = 0.0;
}

/* ---- rows ------------------------------------------------------------------------ */

void cxs_scan_empty_row(cxs_screen_row *row, cxs_status status)
{
    static const double nan = (double)NAN;

    row->scale = row->beta = row->se = row->z = nan;
    row->p = row->log10_p = row->q = nan;
    row->status = status;
}

double cxs_scan_z(const cxs_lane_score *score, size_t l, double unit)
{
    if (!(score->variance[l] > CXS_ALIAS * fmax(score->info[l], unit)))
        return (double)NAN;
    return score->u[l] / sqrt(score->variance[l]);
}

/* Is there something to fit?  If not the row is complete. */
static int begin_row(const cxs_scan_job *job, const cxs_lane_moments *m, size_t l,
                     double z, cxs_screen_row *row)
{
    cxs_scan_empty_row(row, CXS_STATUS_OK);
    if (!(m->range[l] > 0.0)) {
        row->status = CXS_STATUS_CONSTANT;
        row->beta = 0.0;
        return 0;
    }
    row->scale = !(m->off[l] > 0.0) ? 1.0 : sqrt(m->variance[l]);
    if (row->events < job->settings->min_events)
        row->status = CXS_STATUS_TOO_FEW_EVENTS;
    else if (isnan(z))
        row->status = CXS_STATUS_ALIASED;
    return row->status == CXS_STATUS_OK;
}

/* p of the test that was asked for. */
static void fill_p(cxs_screen_test test, double twice_gain, double score,
                   cxs_screen_row *row)
{
    double z = row->z;

    if (test == CXS_SCREEN_LRT)
        z = sqrt(fmax(0.0, twice_gain));
    else if (test == CXS_SCREEN_SCORE)
        z = score;
    row->p = cxs_normal_p(z);
    row->log10_p = cxs_normal_log10_p(z);
}

/*
 * A finite answer that cannot be one: a log hazard ratio above 10 per sd (22,000 times
 * the hazard) or a standard error above 5 says that the likelihood is flat towards
 * infinity, which happens to a feature beside covariates that separate already
 * (catalogue CX052).
 */
static int is_implausible(double b, double se)
{
    return !(fabs(b) <= 10.0) || !(se <= 5.0);
}

/* Numbers of a feature whose fit ended, per `scale` units. */
static void end_row(const cxs_scan_job *job, const cxs_lane_fit *fit, const double *se,
                    size_t l, double sd, double z, double loglik_null,
                    cxs_screen_row *row)
{
    row->beta = fit->b[l] * row->scale / sd;
    if (fit->end[l] == CXS_SCAN_SEPARATED)
        row->status = CXS_STATUS_SEPARATED;
    else if (fit->end[l] == CXS_SCAN_UNFINISHED)
        row->status = CXS_STATUS_NOT_CONVERGED;
    else if (is_implausible(fit->b[l], fit->se[l]))
        row->status = CXS_STATUS_SEPARATED;
    if (row->status != CXS_STATUS_OK)
        return;
    row->se = se[l] * row->scale / sd;
    row->z = fit->b[l] / se[l];
    fill_p(job->settings->test, 2.0 * (fit->loglik[l] - loglik_null), z, row);
}

void cxs_scan_group_rows(const cxs_scan_job *job, const cxs_scan_null *null,
                         const cxs_scan_group *group, const cxs_lane_moments *m,
                         const cxs_lane_score *score, const double *z,
                         cxs_scan_bench *b, double *work)
{
    const cxs_scan_limits limits = {(size_t)job->settings->max_iterations,
                                    job->settings->tol};
    uint8_t wanted[L] = {0};
    double robust_se[L];
    cxs_lane_fit fit;

    for (size_t l = 0; l < group->count; l++)
        wanted[l] = (uint8_t)begin_row(job, m, l, z[l], &job->rows[group->feature[l]]);
    cxs_scan_newton(null, wanted, &limits, score, &fit, work);
    if (job->is_robust)
        cxs_scan_robust(null, job->problem->cluster, job->clusters, b->sums, robust_se,
                        work);
    for (size_t l = 0; l < group->count; l++)
        if (wanted[l])
            end_row(job, &fit, job->is_robust ? robust_se : fit.se, l,
                    sqrt(m->variance[l]), z[l], score->loglik[l],
                    &job->rows[group->feature[l]]);
    for (size_t l = 0; l < group->count; l++)
        job->rows[group->feature[l]].scale *= b->unit[l];
}

void cxs_scan_group_fit(const cxs_scan_job *job, const cxs_scan_null *null,
                        const cxs_scan_group *group, const cxs_lane_moments *m,
                        cxs_scan_bench *b, double *work)
{
    cxs_lane_score score;
    double z[L], factor[L];

    cxs_scan_score_lanes(null, b->x, &score, b->cross, work);
    for (size_t l = 0; l < L; l++) {
        z[l] =
            !(m->range[l] > 0.0)
                ? (double)NAN
                : cxs_scan_z(&score, l, null->risk->event_weight_sum * m->variance[l]);
        factor[l] = isnan(z[l]) ? 0.0 : 1.0 / sqrt(m->variance[l]);
    }
    for (size_t l = 0; job->z != NULL && l < group->count; l++)
        job->z[group->feature[l]] = z[l];
    if (job->rows == NULL)
        return;
    cxs_scan_begin(null, b->x, &score, b->cross, factor, work);
    cxs_scan_group_rows(job, null, group, m, &score, z, b, work);
}

/* ---- blocks ---------------------------------------------------------------------- */

CXS_VECTOR
static double count_missing(size_t n, const double *x)
{
    double missing[L] = {0};

    for (size_t i = 0; i < n / L * L; i += L)
        for (size_t l = 0; l < L; l++)
            missing[l] += x[i + l] == x[i + l] ? 0.0 : 1.0;
    for (size_t i = n / L * L; i < n; i++)
        missing[0] += x[i] == x[i] ? 0.0 : 1.0;
    for (size_t l = 1; l < L; l++)
        missing[0] += missing[l];
    return missing[0];
}

/* On a row that counts. */
static int misses_rows(const cxs_scan_job *job, size_t feature)
{
    const cxs_risk *risk = job->frame->null.risk;
    const double *x = job->design->x + feature * job->design->n;
    size_t missing = 0;

    if (!(count_missing(job->design->n, x) > 0.0))
        return 0;
    for (size_t i = 0; i < risk->n; i++)
        missing += isnan(x[risk->row[i]]) ? 1 : 0;
    return missing > 0;
}

/* Features without missing values. */
static void scan_complete(const cxs_scan_job *job, size_t count, const size_t *feature,
                          cxs_scan_bench *b)
{
    const cxs_scan_null *null = &job->frame->null;

    for (size_t j = 0; j < count; j += L) {
        cxs_scan_group group = {.count = count - j < L ? count - j : L};
        cxs_lane_moments m;
        for (size_t l = 0; l < group.count; l++) {
            group.feature[l] = feature[j + l];
            if (job->rows != NULL)
                job->rows[feature[j + l]] =
                    (cxs_screen_row){.n = null->risk->n, .events = null->risk->events};
        }
        cxs_scan_load(job, null->risk, &group, b, &m);
        cxs_scan_group_fit(job, null, &group, &m, b, b->work);
    }
}

static cxs_rc scan_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const cxs_scan_job *job = arg;
    const size_t first = index * BLOCK, p = job->design->p;
    const size_t end = first + BLOCK < p ? first + BLOCK : p;
    size_t complete[BLOCK], incomplete[BLOCK], whole = 0, partial = 0;
    cxs_rc rc = CXS_OK;
    cxs_scan_bench b = {0};

    (void)worker;
    CXS_TRY(bench_make(ctx, job, &b));
    for (size_t j = first; j < end; j++)
        if (misses_rows(job, j))
            incomplete[partial++] = j;
        else
            complete[whole++] = j;
    scan_complete(job, whole, complete, &b);
    if (partial > 0) /* the last, since it takes rows out of the lanes */
        CXS_TRY(cxs_scan_missing(ctx, job, partial, incomplete, &b));
    cxs_design_drop(job->design, first, end);
done:
    bench_free(&b);
    return rc;
}

static size_t cluster_count(const cxs_problem *problem)
{
    size_t count = 0;

    if (problem->cluster == NULL)
        return problem->outcome.n;
    for (size_t i = 0; i < problem->outcome.n; i++)
        if (problem->cluster[i] >= count)
            count = (size_t)problem->cluster[i] + 1;
    return count;
}

static cxs_rc scan_all(cxs_ctx *ctx, cxs_scan_job *job, const char *what)
{
    cxs_rc rc = CXS_OK;
    cxs_scan_frame *frame = NULL;

    CXS_TRY(cxs_scan_frame_new(ctx, job->problem, NULL, job->ties, &frame));
    if (!frame->newton->converged)
        CXS_TRY(cxs_warn(ctx, "", "the fit of the covariates alone did not converge"));
    job->frame = frame;
    CXS_TRY(
        cxs_pool_run(ctx, what, (job->design->p + BLOCK - 1) / BLOCK, scan_block, job));
done:
    cxs_scan_frame_free(frame);
    return rc;
}

cxs_screen_settings cxs_screen_defaults(void)
{
    return (cxs_screen_settings){.ties = CXS_TIES_EFRON,
                                 .test = CXS_SCREEN_WALD,
                                 .by = 0,
                                 .min_events = 3,
                                 .max_iterations = 30,
                                 .tol = 1e-10};
}

cxs_rc cxs_scan(cxs_ctx *ctx, const cxs_design *design, const cxs_problem *problem,
                const cxs_screen_settings *settings, cxs_screen_row *rows)
{
    const cxs_screen_settings defaults = cxs_screen_defaults();
    cxs_scan_job job = {.design = design,
                        .problem = problem,
                        .settings = settings != NULL ? settings : &defaults,
                        .rows = rows};

    job.ties = job.settings->ties;
    job.is_robust = job.settings->robust || problem->cluster != NULL;
    job.clusters = cluster_count(problem);
    return scan_all(ctx, &job, cxs_ctx_is_worker(ctx) ? NULL : "features");
}

cxs_rc cxs_scan_score(cxs_ctx *ctx, const cxs_design *design,
                      const cxs_problem *problem, double *z)
{
    const cxs_screen_settings defaults = cxs_screen_defaults();
    cxs_scan_job job = {.design = design,
                        .problem = problem,
                        .settings = &defaults,
                        .ties = problem->outcome.ties,
                        .z = z};

    return scan_all(ctx, &job, NULL);
}
