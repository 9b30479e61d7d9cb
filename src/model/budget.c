/*
 * budget.c -- how much memory fits will take
 *
 * A design of n x p takes 8 n p bytes as read and 4 n p as float32 copy for the passes.
 * Each problem that is solved at the same time takes, for r rows, M likelihood terms
 * (at most its events) and m columns held,
 *     44 p           mean, sd, filling, penalty factor, place in the working set; ratio
 *                    and bound of the passes
 *     + m (8 r + 8 min(M, 100))   columns and risk-set means, half as much again for
 *                    columns in float32 where r m is large
 *     + 8 r min(m, 256)   columns times a weight
 *     + 8 (m^2 + 0.45 m^2)   Gram and factor of the support; while it grows out of a
 *                    capacity c the Gram is there twice, which takes 16 c^2
 *     + 8 n per feature with missing values                                      (1)
 * and, by the n x n form of ridge, 8 n^2 + 8 (r + k)^2 + 12 p instead of the second and
 * third line: the kernel on all rows and the factor of a Newton matrix.  A path that
 * goes on by the rows (rows.h) gives the Gram back and takes m (8 r + 145) + 8 r^2 +
 * 8 (r + k)^2 + 2048 r from there on; until then it is one of 2.5 r columns.
 *
 * How many columns a path holds is a guess.  A support cannot have more columns than
 * the partial likelihood has terms unless there is a ridge part; the strong rule admits
 * more, the more features there are to choose from:
 *     max(1.6, 0.2 + 1.3 log10(p / events)) (1 + 2.6 (1 - alpha) / sqrt(alpha))      (2)
 * an event (measured down to 0.01 lambda_max: 2.1, 2.3, 2.5, 2.9, 3.0, 3.1, 5.4 for p /
 * events of 28, 43, 57, 95, 143, 286 and 2857; 1.3, 2.9 and 5.3 times that for alpha
 * 0.9, 0.5 and 0.2).  Where cross-validation may stop early it ends long before:
 * 0.5 to 1.2 columns an event were seen; 400 at most.
 */
#include "model/budget.h"

#include "base/memory.h"
#include "base/pool.h"
#include "coxswain/screen.h"
#include "model/panel.h"
#include "model/path.h"
#include "model/rows.h"
#include "model/working.h"

#include <math.h>
#include <string.h>

static const double HELD_EARLY = 1.0, HELD_EARLY_MAX = 400.0;
/* Pages of the program and its libraries that get touched; what BLAS keeps per thread,
 * less where the rows are few (measured with OpenBLAS 0.3.21 on x86-64). */
static const double PROGRAM = 13e6, BLAS_PER_THREAD = 3e6, BLAS_PER_ROW = 4096.0;
/* What a thread that reads a file map has mapped around its place (memory.c). */
static const double AROUND = 2e6;

enum { BLOCK = 128, GRAM_FIRST = 64, PAGE_DOUBLES = 512 };

/* The Gram's leading dimension is its capacity, which doubles, but pages that nobody
 * touches are not there. */
static double gram_bytes(size_t held)
{
    const double m = (double)held;
    size_t capacity = GRAM_FIRST, before = 0;
    double rows;

    while (capacity < held) {
        before = capacity;
        capacity *= 2;
    }
    rows = fmin(m + PAGE_DOUBLES / 2, (double)capacity); /* the last page, on average */
    return 8.0 * (fmax(m * rows, 2.0 * (double)before * (double)before) + 0.45 * m * m);
}

/* Does a path of so many columns end on the rows? */
static int ends_on_rows(const cxs_budget_problem *problem)
{
    return problem->mixed &&
           (double)problem->held > CXS_ROWS_HELD * (double)problem->rows;
}

/* Working set, Gram and factor of m columns; what narrow columns take is counted. */
static double set_bytes(const cxs_budget_problem *problem, size_t held)
{
    const double r = (double)problem->rows, m = (double)held;
    const double narrow = r * m >= 131072.0 ? 4.0 : 0.0;

    return m * ((8.0 + narrow) * r + 8.0 * fmin((double)problem->events, 100.0) +
                128.0) +
           fmin(m, CXS_WORKING_TILE) * 8.0 * r + gram_bytes(held);
}

/* The same once the path goes on by the rows, and the Gram before. */
static double rows_bytes(const cxs_budget_problem *problem)
{
    const double r = (double)problem->rows, newton = r + (double)problem->k;
    const double after = (double)problem->held * (8.0 * r + 145.0) +
                         8.0 * (r * r + newton * newton) + 2048.0 * r;

    return fmax(after, set_bytes(problem, (size_t)(CXS_ROWS_HELD * r)));
}

double cxs_budget_solver(const cxs_design *design, const cxs_budget_problem *problem)
{
    const double n = (double)design->n, p = (double)(design->p + problem->k);
    const double r = (double)problem->rows;
    const double terms = (double)problem->events, newton = r + (double)problem->k;
    const double columns = 44.0 * p + (problem->missing > 0 ? 4.0 * p : 0.0) +
                           8.0 * n * (double)problem->missing;
    const double outcome = (double)cxs_risk_size(design->n) + 8.0 * n +
                           8.0 * (9.0 * r + 9.0 * terms + 3.0 * terms);

    if (problem->ridge)
        return columns + outcome + 8.0 * (n * n + newton * newton) + 12.0 * p;
    return columns + outcome +
           (ends_on_rows(problem) ? rows_bytes(problem)
                                  : set_bytes(problem, problem->held));
}

void cxs_budget_panel(const cxs_ctx *ctx, const cxs_design *design, cxs_budget *b)
{
    const double n = (double)design->n, p = (double)design->p;
    const double blocks = ceil(p / BLOCK), threads = (double)cxs_ctx_threads(ctx);

    b->copy = 4.0 * n * p;
    b->work += 24.0 * p + 152.0 * blocks; /* location and finds */
    b->work += 4.0 * n * CXS_PANEL_WIDTH;
    b->work += threads * fmin(BLAS_PER_THREAD, BLAS_PER_ROW * n);
}

double cxs_budget_scan(const cxs_ctx *ctx, const cxs_design *design, size_t k)
{
    enum { LANES = 8 };
    const double n = (double)design->n, threads = (double)cxs_ctx_threads(ctx);

    return (threads + 1.0) * 8.0 * n * (3.0 * LANES + 16.0 + 3.0 * (double)k);
}

/* ---- missing values -------------------------------------------------------------- */

typedef struct missing_job {
    const cxs_design *design;
    size_t *count; /* [blocks] */
} missing_job;

static cxs_rc count_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const missing_job *job = arg;
    const cxs_design *d = job->design;
    const size_t first = index * BLOCK;
    const size_t end = first + BLOCK < d->p ? first + BLOCK : d->p;

    (void)ctx;
    (void)worker;
    for (size_t j = first; j < end; j++) {
        const double *x = d->x + j * d->n;
        double sum = 0.0; /* NaN spreads */
        for (size_t i = 0; i < d->n; i++)
            sum += 0.0 * x[i];
        job->count[index] += isnan(sum) != 0 ? 1U : 0U;
    }
    cxs_design_drop(d, first, end);
    return CXS_OK;
}

cxs_rc cxs_budget_missing(cxs_ctx *ctx, const cxs_design *design, size_t *features)
{
    const size_t blocks = (design->p + BLOCK - 1) / BLOCK;
    missing_job job = {.design = design};
    cxs_rc rc = CXS_OK;

    *features = 0;
    CXS_NEW(job.count, blocks);
    CXS_TRY(cxs_pool_run(ctx, NULL, blocks, count_block, &job));
    for (size_t i = 0; i < blocks; i++)
        *features += job.count[i];

done:
    cxs_free(job.count);
    return rc;
}

/* ---- the way --------------------------------------------------------------------- */

cxs_rc cxs_budget_settle(cxs_ctx *ctx, cxs_design *design, const cxs_budget *b)
{
    const double values = 8.0 * (double)design->n * (double)design->p;
    const double window =
        12.0 * (double)(BLOCK * design->n) * (double)cxs_ctx_threads(ctx);
    const double mapped = design->map != NULL ? values : 0.0;
    const double base = cxs_memory_anonymous() + PROGRAM + b->work;
    const double all = base + b->copy + mapped;
    const double least =
        base + window + fmin(AROUND * (double)cxs_ctx_threads(ctx), mapped);

    design->stream = cxs_ctx_memory(ctx) > 0 && all > (double)cxs_ctx_memory(ctx);
    if (design->stream)
        return cxs_memory_expect(ctx, least,
                                 design->map != NULL
                                     ? "; each pass reads the matrix from its file"
                                     : "; each pass converts the matrix anew");
    return cxs_memory_expect(ctx, all, "");
}

static size_t guess_held(double guess, size_t p, size_t k)
{
    return (guess < (double)p ? (size_t)guess : p) + k;
}

/* Columns held on the path of all data, or of a problem that may stop early. */
static size_t held_by_path(const cxs_design *d, const cxs_budget_problem *problem,
                           const cxs_model_settings *s, int early)
{
    const double events = (double)problem->events;
    const double choice = log10(fmax((double)d->p / fmax(events, 1.0), 1.0));
    const double ridge = (1.0 - s->alpha) / sqrt(fmax(s->alpha, 1e-3));
    double guess =
        fmax(1.6, 0.2 + 1.3 * choice) * (1.0 + 2.6 * ridge) * events; /* (2) */

    if (problem->ridge)
        guess = 0.0;
    if (early)
        guess = fmin(guess, fmin(HELD_EARLY * events, HELD_EARLY_MAX));
    if (s->max_df > 0)
        guess = fmin(guess, 2.0 * (double)s->max_df);
    return guess_held(guess, d->p, problem->k);
}

cxs_rc cxs_budget_model(cxs_ctx *ctx, cxs_joined *joined, const cxs_model_settings *s)
{
    cxs_design *d = &joined->design;
    cxs_budget_problem all = {.rows = d->n,
                              .events = cxs_surv_events(joined->surv),
                              .k = joined->problem.k,
                              .ridge = s->alpha == 0.0 && d->p > d->n,
                              .mixed = s->alpha > 0.0 && s->alpha < 1.0};
    const double p = (double)d->p, n = (double)d->n;
    const double lambdas = (double)(s->lambda != NULL ? s->lambda_count : s->nlambda);
    cxs_budget b = {0};
    double path, folds = 0.0;
    cxs_rc rc = cxs_budget_missing(ctx, d, &all.missing);

    if (rc != CXS_OK)
        return rc;
    all.held = held_by_path(d, &all, s, 0);
    path = cxs_budget_solver(d, &all);
    if (ends_on_rows(&all)) /* supports grow about evenly over the path */
        b.work += 6.0 * (double)all.held * lambdas;
    if (s->folds > 0) {
        const double train = 1.0 - 1.0 / (double)s->folds;
        cxs_budget_problem fold = all;
        fold.rows = (size_t)(train * (double)all.rows);
        fold.events = (size_t)(train * (double)all.events);
        fold.held = held_by_path(d, &fold, s, s->early_stop);
        folds = (double)(s->folds * s->repeats) * cxs_budget_solver(d, &fold);
    }
    if (all.ridge) { /* a slab of columns per thread; every coefficient of the path */
        b.work += 8.0 * n * 512.0 * (double)cxs_ctx_threads(ctx);
        b.work += 12.0 * p * lambdas;
    } else {
        cxs_budget_panel(ctx, d, &b);
    }
    /* the path is kept (scale, mean and filling of each feature), its solver is not */
    b.work += 24.0 * p + fmax(path, folds);
    if (s->penalty_factor != NULL)
        b.work += 8.0 * p;
    if (s->outer_folds > 0) /* a path inside each outer fold */
        b.work += 28.0 * p + 16.0 * n * (double)s->nlambda;
    return cxs_budget_settle(ctx, d, &b);
}

cxs_rc cxs_budget_screen(cxs_ctx *ctx, cxs_joined *joined)
{
    const cxs_design *d = &joined->design;
    const cxs_budget b = {.work = cxs_budget_scan(ctx, d, joined->problem.k) +
                                  (double)d->p * (sizeof(cxs_screen_row) + 16.0)};

    return cxs_budget_settle(ctx, &joined->design, &b);
}
