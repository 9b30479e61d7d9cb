/*
 * scan.c -- one adjusted Cox fit, or one score test, per feature
 *
 * Features are taken in blocks of a fixed size, one task of the pool each; inside a
 * block CXS_SCAN_LANES features pass side by side through the score test.  A feature
 * with missing values is fitted on its own rows: its null model is fitted anew, and
 * kept while the next features miss the same rows.
 */
#include "model/scan.h"

#include "base/pool.h"
#include "model/scan_frame.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

enum { L = CXS_SCAN_LANES, BLOCK = 8 * CXS_SCAN_LANES };

/* What all tasks share. */
typedef struct scan {
    const cxs_design *design;
    const cxs_problem *problem;
    const cxs_screen_settings *settings;
    const cxs_scan_frame *frame; /* null model of all rows */
    cxs_ties ties;
    cxs_screen_row *rows; /* [p], or NULL: score tests alone */
    double *z;            /* [p] or NULL */
} scan;

/* Scratch of one task. */
typedef struct bench {
    double *x;         /* [L x n] lanes, sorted */
    double *column;    /* [n] one feature, standardised */
    double *cross;     /* [L x k] */
    double *cross_one; /* [k] */
    double *work;      /* for the shared frame */
    double *weight;    /* [n] weights of the rows that are not missing, row order */
    uint8_t *present, *present_before; /* [n] */
    cxs_scan_frame *own; /* null model of the rows in present_before, or NULL */
} bench;

/* Weighted moments of the lanes. */
typedef struct moments {
    double mean[L], variance[L], lowest[L], highest[L];
    int has_missing[L], is_binary[L];
} moments;

static void bench_free(bench *b)
{
    cxs_free(b->x);
    cxs_free(b->column);
    cxs_free(b->cross);
    cxs_free(b->cross_one);
    cxs_free(b->work);
    cxs_free(b->weight);
    cxs_free(b->present);
    cxs_free(b->present_before);
    cxs_scan_frame_free(b->own);
}

static cxs_rc bench_make(cxs_ctx *ctx, const scan *s, bench *b)
{
    const size_t n = s->design->n, k = s->problem->k;
    cxs_rc rc = CXS_OK;

    CXS_NEW(b->x, L * n);
    CXS_NEW(b->column, n);
    CXS_NEW(b->cross, L * (k + 1));
    CXS_NEW(b->cross_one, k);
    CXS_NEW(b->work, cxs_scan_work_size(&s->frame->null));
    cxs_scan_prepare(&s->frame->null, b->work);
    CXS_NEW(b->weight, n);
    CXS_NEW(b->present, n);
    CXS_NEW(b->present_before, n);
done:
    return rc;
}

/* Bring count features, from feature j on, into the lanes; spare lanes repeat the last.
 */
static void gather(const cxs_design *design, const cxs_risk *risk, size_t j,
                   size_t count, double *x)
{
    for (size_t l = 0; l < L; l++) {
        const double *from = design->x + (j + (l < count ? l : count - 1)) * design->n;
        for (size_t i = 0; i < risk->n; i++)
            x[i * L + l] = from[risk->row[i]];
    }
}

/* Moments of the lanes; the lanes are centred. */
static moments centre(const cxs_risk *risk, double *x)
{
    moments m;
    double sum[L] = {0}, squares[L] = {0}, off[L] = {0};

    for (size_t l = 0; l < L; l++) {
        m.lowest[l] = HUGE_VAL;
        m.highest[l] = -HUGE_VAL;
    }
    for (size_t i = 0; i < risk->n; i++)
        for (size_t l = 0; l < L; l++) {
            const double value = x[i * L + l];
            sum[l] += risk->weight_ts[i] * value;
            off[l] += fabs(value * (value - 1.0));
            m.lowest[l] = value < m.lowest[l] ? value : m.lowest[l];
            m.highest[l] = value > m.highest[l] ? value : m.highest[l];
        }
    for (size_t l = 0; l < L; l++) {
        m.mean[l] = sum[l] / risk->weight_sum;
        m.has_missing[l] = isnan(sum[l]);
        m.is_binary[l] = !(off[l] > 0.0);
    }
    for (size_t i = 0; i < risk->n; i++)
        for (size_t l = 0; l < L; l++) {
            const double value = x[i * L + l] -= m.mean[l];
            squares[l] += risk->weight_ts[i] * value * value;
        }
    for (size_t l = 0; l < L; l++)
        m.variance[l] = squares[l] / risk->weight_sum;
    return m;
}

/* Score z of lane l; NaN when the covariates explain the feature. */
static double score_z(const cxs_risk *risk, const cxs_lane_score *score,
                      const moments *m, size_t l)
{
    const double unit = risk->event_weight_sum * m->variance[l];

    if (!(m->highest[l] > m->lowest[l]) ||
        !(score->variance[l] > CXS_ALIAS * fmax(score->info[l], unit)))
        return (double)NAN;
    return score->u[l] / sqrt(score->variance[l]);
}

static void empty_row(cxs_screen_row *row, cxs_status status)
{
    static const double nan = (double)NAN;

    row->scale = row->beta = row->se = row->z = nan;
    row->p = row->log10_p = row->q = nan;
    row->status = status;
}

/* p of the test that was asked for. */
static void fill_p(const cxs_scan_null *null, cxs_screen_test test, double loglik,
                   double score, cxs_screen_row *row)
{
    double z = row->z;

    if (test == CXS_SCREEN_LRT)
        z = sqrt(fmax(0.0, 2.0 * (loglik - null->loglik)));
    else if (test == CXS_SCREEN_SCORE)
        z = score;
    row->p = cxs_normal_p(z);
    row->log10_p = cxs_normal_log10_p(z);
}

/* Numbers of a feature whose fit ended, per `scale` units. */
static void fill_fit(const scan *s, const cxs_scan_null *null, const cxs_scan_fit *fit,
                     double sd, double score, cxs_screen_row *row)
{
    row->beta = fit->b * row->scale / sd;
    if (fit->end == CXS_SCAN_SEPARATED)
        row->status = CXS_STATUS_SEPARATED;
    else if (fit->end == CXS_SCAN_UNFINISHED)
        row->status = CXS_STATUS_NOT_CONVERGED;
    if (row->status != CXS_STATUS_OK)
        return;
    row->se = fit->se * row->scale / sd;
    row->z = fit->b / fit->se;
    fill_p(null, s->settings->test, fit->loglik, score, row);
}

/* Fit lane l on the rows of the frame.  n, events and missing are filled already. */
static void fit_lane(const scan *s, const cxs_scan_null *null, const bench *b,
                     double *work, const moments *m, const cxs_lane_score *score,
                     size_t l, cxs_screen_row *row)
{
    const double z = score_z(null->risk, score, m, l), sd = sqrt(m->variance[l]);
    cxs_scan_fit fit;

    empty_row(row, CXS_STATUS_OK);
    if (!(m->highest[l] > m->lowest[l])) {
        row->status = CXS_STATUS_CONSTANT;
        row->beta = 0.0;
        return;
    }
    row->scale = m->is_binary[l] ? 1.0 : sd;
    if (row->events < s->settings->min_events) {
        row->status = CXS_STATUS_TOO_FEW_EVENTS;
        return;
    }
    if (isnan(z)) {
        row->status = CXS_STATUS_ALIASED;
        return;
    }
    for (size_t i = 0; i < null->risk->n; i++)
        b->column[i] = b->x[i * L + l] / sd;
    for (size_t c = 0; c < null->k; c++)
        b->cross_one[c] = b->cross[c * L + l] / sd;
    fit = cxs_scan_newton(null, b->column, score->u[l] / sd,
                          score->info[l] / m->variance[l], b->cross_one,
                          (size_t)s->settings->max_iterations, s->settings->tol, work);
    fill_fit(s, null, &fit, sd, z, row);
}

/* Rows of feature j that count; returns their number, their events in *events. */
static size_t present_rows(const scan *s, size_t j, bench *b, size_t *events)
{
    const cxs_outcome *o = &s->problem->outcome;
    const double *x = s->design->x + j * s->design->n;
    size_t count = 0;

    *events = 0;
    for (size_t i = 0; i < s->design->n; i++) {
        const double weight = o->weight != NULL ? o->weight[i] : 1.0;
        b->present[i] = weight > 0.0 && !isnan(x[i]);
        b->weight[i] = b->present[i] ? weight : 0.0;
        count += b->present[i];
        *events += b->present[i] && o->event[i];
    }
    return count;
}

/* Null model of the rows in b->present, kept from the feature before when they agree.
 */
static cxs_rc own_frame(cxs_ctx *ctx, const scan *s, bench *b)
{
    const size_t n = s->design->n;

    if (b->own != NULL && memcmp(b->present, b->present_before, n) == 0)
        return CXS_OK;
    cxs_scan_frame_free(b->own);
    memcpy(b->present_before, b->present, n);
    return cxs_scan_frame_new(ctx, s->problem, b->weight, s->ties, &b->own);
}

/* Feature j on the rows where it is known. */
static cxs_rc incomplete_feature(cxs_ctx *ctx, const scan *s, size_t j, bench *b)
{
    cxs_rc rc = CXS_OK;
    cxs_screen_row row = {0};
    cxs_lane_score score;
    const cxs_risk *risk;
    moments m;

    row.n = present_rows(s, j, b, &row.events);
    row.missing = s->frame->newton->risk.n - row.n;
    empty_row(&row, row.n == 0 ? CXS_STATUS_MISSING : CXS_STATUS_TOO_FEW_EVENTS);
    if (s->z != NULL)
        s->z[j] = (double)NAN;
    if (row.events > 0) {
        CXS_TRY(own_frame(ctx, s, b));
        risk = &b->own->newton->risk;
        gather(s->design, risk, j, 1, b->x);
        m = centre(risk, b->x);
        cxs_scan_score_lanes(&b->own->null, b->x, &score, b->cross, b->own->work);
        if (s->z != NULL)
            s->z[j] = score_z(risk, &score, &m, 0);
        if (s->rows != NULL)
            fit_lane(s, &b->own->null, b, b->own->work, &m, &score, 0, &row);
    }
    if (s->rows != NULL)
        s->rows[j] = row;
done:
    return rc;
}

/* Features j .. j + count side by side; count <= L. */
static cxs_rc scan_lanes(cxs_ctx *ctx, const scan *s, size_t j, size_t count, bench *b)
{
    const cxs_scan_null *null = &s->frame->null;
    cxs_rc rc = CXS_OK;
    cxs_lane_score score;
    moments m;

    gather(s->design, null->risk, j, count, b->x);
    m = centre(null->risk, b->x);
    cxs_scan_score_lanes(null, b->x, &score, b->cross, b->work);
    for (size_t l = 0; l < count; l++) {
        if (m.has_missing[l])
            continue;
        if (s->z != NULL)
            s->z[j + l] = score_z(null->risk, &score, &m, l);
        if (s->rows != NULL) {
            s->rows[j + l].n = null->risk->n;
            s->rows[j + l].events = null->risk->events;
            s->rows[j + l].missing = 0;
            fit_lane(s, null, b, b->work, &m, &score, l, &s->rows[j + l]);
        }
    }
    for (size_t l = 0; l < count; l++) /* these use the lanes again */
        if (m.has_missing[l])
            CXS_TRY(incomplete_feature(ctx, s, j + l, b));
done:
    return rc;
}

static cxs_rc scan_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const scan *s = arg;
    const size_t first = index * BLOCK, p = s->design->p;
    const size_t end = first + BLOCK < p ? first + BLOCK : p;
    cxs_rc rc = CXS_OK;
    bench b = {0};

    (void)worker;
    CXS_TRY(bench_make(ctx, s, &b));
    for (size_t j = first; j < end; j += L)
        CXS_TRY(scan_lanes(ctx, s, j, end - j < L ? end - j : L, &b));
    cxs_design_drop(s->design, first, end);
done:
    bench_free(&b);
    return rc;
}

static cxs_rc scan_all(cxs_ctx *ctx, scan *s, const char *what)
{
    cxs_rc rc = CXS_OK;
    cxs_scan_frame *frame = NULL;

    CXS_TRY(cxs_scan_frame_new(ctx, s->problem, NULL, s->ties, &frame));
    if (!frame->newton->converged)
        CXS_TRY(cxs_warn(ctx, "", "the fit of the covariates alone did not converge"));
    s->frame = frame;
    CXS_TRY(cxs_pool_run(ctx, what, (s->design->p + BLOCK - 1) / BLOCK, scan_block, s));
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
    scan s = {.design = design,
              .problem = problem,
              .settings = settings != NULL ? settings : &defaults,
              .rows = rows};

    s.ties = s.settings->ties;
    return scan_all(ctx, &s, cxs_ctx_is_worker(ctx) ? NULL : "features");
}

cxs_rc cxs_scan_score(cxs_ctx *ctx, const cxs_design *design,
                      const cxs_problem *problem, double *z)
{
    scan s = {
        .design = design, .problem = problem, .ties = problem->outcome.ties, .z = z};

    return scan_all(ctx, &s, NULL);
}
