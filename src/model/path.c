/*
 * path.c -- a sequence of lambdas on one problem, and the first features to enter
 */
#include "model/path.h"

#include "base/progress.h"
#include "model/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Lambda l of the path: given, or log-spaced from lambda_max to ratio * lambda_max. */
static double lambda_at(const cxs_model_settings *s, double ratio, double lambda_max,
                        size_t l)
{
    if (s->lambda != NULL)
        return s->lambda[l];
    if (l == 0 || s->nlambda < 2)
        return lambda_max;
    return lambda_max * pow(ratio, (double)l / (double)(s->nlambda - 1));
}

static double default_ratio(const cxs_model_settings *s, size_t n, size_t p)
{
    if (isfinite(s->lambda_ratio))
        return s->lambda_ratio;
    return n < p ? 0.01 : 1e-4;
}

/* Append the solver's present coefficients as one point. */
static cxs_rc append(cxs_ctx *ctx, cxs_path *path, const cxs_solver *solver,
                     const cxs_solved *solved)
{
    const size_t count = cxs_solver_coefs(solver, NULL, NULL, 0);
    const double span = path->loglik_saturated - path->loglik_null;
    cxs_path_point *point;
    cxs_rc rc;

    rc = cxs_grow(ctx, (void **)&path->point, &path->capacity_points, path->points + 1,
                  sizeof *path->point);
    if (rc != CXS_OK)
        return rc;
    rc = cxs_grow(ctx, (void **)&path->index, &path->capacity_index,
                  path->coefs + count, sizeof *path->index);
    if (rc != CXS_OK)
        return rc;
    rc = cxs_grow(ctx, (void **)&path->beta, &path->capacity_coefs, path->coefs + count,
                  sizeof *path->beta);
    if (rc != CXS_OK)
        return rc;
    cxs_solver_coefs(solver, path->index + path->coefs, path->beta + path->coefs,
                     count);
    point = &path->point[path->points++];
    *point = (cxs_path_point){
        .lambda = solved->lambda,
        .loglik = solved->loglik,
        .dev_ratio = span > 0.0 ? (solved->loglik - path->loglik_null) / span : 0.0,
        .kkt_max = solved->kkt_max,
        .df = solved->df,
        .iterations = solved->iterations,
        .converged = solved->converged,
        .first = path->coefs,
        .count = count};
    path->coefs += count;
    return CXS_OK;
}

static cxs_rc new_path(cxs_ctx *ctx, const cxs_design *design,
                       const cxs_problem *problem, const cxs_solver *solver,
                       cxs_path **out)
{
    cxs_rc rc = CXS_OK;
    cxs_path *path = NULL;

    CXS_NEW(path, 1);
    path->p = design->p;
    path->k = problem->k;
    path->lambda_max = cxs_solver_lambda_max(solver);
    path->loglik_null = cxs_solver_loglik_null(solver);
    path->loglik_saturated = cxs_solver_loglik_saturated(solver);
    path->weight_sum = cxs_solver_weight_sum(solver);
    CXS_NEW(path->scale, design->p);
    CXS_NEW(path->fill, design->p);
    memcpy(path->scale, cxs_solver_scale(solver), design->p * sizeof *path->scale);
    memcpy(path->fill, cxs_solver_fill(solver), design->p * sizeof *path->fill);

done:
    if (rc != CXS_OK) {
        cxs_path_free(path);
        path = NULL;
    }
    *out = path;
    return rc;
}

/* Begin at the coefficients of one lambda of the start. */
static cxs_rc begin_at(cxs_ctx *ctx, cxs_solver *solver, const cxs_path_extra *extra,
                       double lambda)
{
    cxs_start *start = extra->start;

    if (extra->start_index > 0)
        cxs_start_pick_index(start, extra->start_index);
    else
        cxs_start_pick(start, lambda);
    return cxs_solver_start(ctx, solver, lambda, start->index, start->beta,
                            start->count);
}

cxs_rc cxs_path_solve(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                      const cxs_problem *problem, const cxs_model_settings *settings,
                      const double *factor, cxs_path **out)
{
    const cxs_path_extra none = {0};

    return cxs_path_solve_with(ctx, panel, design, problem, settings, factor, &none,
                               out);
}

cxs_rc cxs_path_solve_with(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                           const cxs_problem *problem,
                           const cxs_model_settings *settings, const double *factor,
                           const cxs_path_extra *extra, cxs_path **out)
{
    const size_t count =
        settings->lambda != NULL ? settings->lambda_count : settings->nlambda;
    const double ratio = default_ratio(settings, design->n, design->p);
    cxs_member member = {.problem = problem};
    cxs_rc rc = CXS_OK;
    cxs_path *path = NULL;

    *out = NULL;
    CXS_TRY(cxs_batch_start(ctx, panel, design, settings, factor, &member, 1));
    CXS_TRY(new_path(ctx, design, problem, member.solver, &path));
    member.reference = path->lambda_max;
    if (extra->start != NULL)
        CXS_TRY(begin_at(ctx, member.solver, extra,
                         lambda_at(settings, ratio, path->lambda_max, 0)));
    for (size_t l = 0; l < count; l++) {
        member.lambda = lambda_at(settings, ratio, path->lambda_max, l);
        member.next = l + 1 < count
                          ? lambda_at(settings, ratio, path->lambda_max, l + 1)
                          : (double)NAN;
        CXS_TRY(cxs_batch_solve(ctx, panel, &member, 1));
        CXS_TRY(append(ctx, path, member.solver, &member.solved));
        if (extra->eta != NULL)
            cxs_solver_predict(member.solver, extra->eta + l * design->n);
        if (settings->max_df > 0 && member.solved.df > settings->max_df)
            break;
    }
    *out = path;
    path = NULL;

done:
    cxs_path_free(path);
    cxs_batch_end(&member, 1);
    return rc;
}

void cxs_path_free(cxs_path *path)
{
    if (path == NULL)
        return;
    cxs_free(path->point);
    cxs_free(path->index);
    cxs_free(path->beta);
    cxs_free(path->scale);
    cxs_free(path->fill);
    cxs_free(path);
}

/* ---- the first q features -------------------------------------------------------- */

typedef struct entrant {
    uint32_t feature;
    double size; /* |standardised beta| when it entered */
} entrant;

static int by_size(const void *left, const void *right)
{
    const entrant *a = left, *b = right;

    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return a->feature < b->feature ? -1 : 1;
}

/* Features that became nonzero at this lambda for the first time, largest first. */
static size_t new_entrants(const cxs_solver *solver, size_t p, uint8_t *seen,
                           entrant *found)
{
    size_t count = 0;

    for (size_t i = 0; i < cxs_solver_held(solver); i++) {
        double b = 0.0;
        const size_t j = cxs_solver_held_at(solver, i, &b);
        if (j >= p || b == 0.0 || seen[j])
            continue;
        seen[j] = 1;
        found[count++] = (entrant){(uint32_t)j, fabs(b)};
    }
    qsort(found, count, sizeof *found, by_size);
    return count;
}

/* Panel of problems on their way to q features each. */
typedef struct first_job {
    const cxs_design *design;
    const cxs_model_settings *settings;
    size_t q;
    double ratio;
    uint8_t *seen;    /* [width x p] */
    entrant *entered; /* [p] */
} first_job;

/* Aim every member that still lacks features at lambda number l of its own sequence;
 * returns how many there are. */
static size_t aim_all(const first_job *job, cxs_member *member, size_t count,
                      const size_t *found, size_t l)
{
    size_t busy = 0;

    for (size_t i = 0; i < count; i++) {
        const double top =
            member[i].solver != NULL ? cxs_solver_lambda_max(member[i].solver) : 0.0;
        member[i].idle = member[i].solver == NULL || found[i] >= job->q || !(top > 0.0);
        if (member[i].idle)
            continue;
        member[i].reference = top;
        member[i].lambda = lambda_at(job->settings, job->ratio, top, l);
        member[i].next = lambda_at(job->settings, job->ratio, top, l + 1);
        busy++;
    }
    return busy;
}

static cxs_rc first_of_panel(cxs_ctx *ctx, cxs_panel *panel, const first_job *job,
                             const cxs_problem *problem, size_t count,
                             uint32_t *selected, size_t *found)
{
    cxs_member member[CXS_PANEL_WIDTH] = {{0}};
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < count; i++) {
        member[i].problem = &problem[i];
        found[i] = 0;
    }
    memset(job->seen, 0, count * job->design->p);
    CXS_TRY(
        cxs_batch_start(ctx, panel, job->design, job->settings, NULL, member, count));
    for (size_t l = 0; l < job->settings->nlambda; l++) {
        if (aim_all(job, member, count, found, l) == 0)
            break;
        CXS_TRY(cxs_batch_solve(ctx, panel, member, count));
        for (size_t i = 0; i < count; i++) {
            size_t entered = 0;
            if (!member[i].idle)
                entered = new_entrants(member[i].solver, job->design->p,
                                       job->seen + i * job->design->p, job->entered);
            for (size_t e = 0; e < entered && found[i] < job->q; e++)
                selected[i * job->q + found[i]++] = job->entered[e].feature;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (member[i].solver == NULL)
            found[i] = SIZE_MAX;

done:
    cxs_batch_end(member, count);
    return rc;
}

cxs_rc cxs_path_first(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                      const cxs_problem *problem, size_t count,
                      const cxs_model_settings *settings, size_t q, uint32_t *selected,
                      size_t *found)
{
    first_job job = {.design = design,
                     .settings = settings,
                     .q = q,
                     .ratio = default_ratio(settings, design->n, design->p)};
    cxs_progress progress;
    cxs_rc rc = CXS_OK;

    if (settings->alpha < 1e-3) /* all features enter a ridge at once */
        return cxs_fail(ctx, CXS_EARG,
                        "selection of features needs alpha >= 0.001, got %g",
                        settings->alpha);
    CXS_NEW(job.seen, CXS_PANEL_WIDTH * design->p);
    CXS_NEW(job.entered, design->p);
    cxs_progress_begin(ctx, &progress, "half-samples", count);
    for (size_t first = 0; first < count; first += CXS_PANEL_WIDTH) {
        const size_t size =
            first + CXS_PANEL_WIDTH < count ? CXS_PANEL_WIDTH : count - first;
        CXS_TRY(first_of_panel(ctx, panel, &job, problem + first, size,
                               selected + first * q, found + first));
        cxs_progress_step(ctx, &progress, first + size);
    }
    cxs_progress_end(ctx, &progress);

done:
    cxs_free(job.seen);
    cxs_free(job.entered);
    return rc;
}
