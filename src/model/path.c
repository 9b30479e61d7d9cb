/*
 * path.c -- a sequence of lambdas on one problem, and the first features to enter
 */
#include "model/path.h"

#include "model/solver.h"

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
    CXS_NEW(path->mean, design->p);
    memcpy(path->scale, cxs_solver_scale(solver), design->p * sizeof *path->scale);
    memcpy(path->mean, cxs_solver_fill(solver), design->p * sizeof *path->mean);

done:
    if (rc != CXS_OK) {
        cxs_path_free(path);
        path = NULL;
    }
    *out = path;
    return rc;
}

cxs_rc cxs_path_solve(cxs_ctx *ctx, const cxs_design *design,
                      const cxs_problem *problem, const cxs_model_settings *settings,
                      const double *factor, cxs_path_follow follow, void *user,
                      cxs_path **out)
{
    const size_t count =
        settings->lambda != NULL ? settings->lambda_count : settings->nlambda;
    cxs_rc rc = CXS_OK;
    cxs_solver *solver = NULL;
    cxs_path *path = NULL;
    double ratio, reference;

    *out = NULL;
    CXS_TRY(cxs_solver_new(ctx, design, problem, settings, factor, &solver));
    CXS_TRY(new_path(ctx, design, problem, solver, &path));
    ratio = default_ratio(settings, design->n, design->p);
    reference = path->lambda_max;
    for (size_t l = 0; l < count; l++) {
        cxs_solved solved;
        CXS_TRY(cxs_solver_solve(ctx, solver,
                                 lambda_at(settings, ratio, path->lambda_max, l),
                                 reference, &solved));
        CXS_TRY(append(ctx, path, solver, &solved));
        if (follow != NULL && !follow(user, path))
            break;
        if (settings->max_df > 0 && solved.df > settings->max_df)
            break;
    }
    *out = path;
    path = NULL;

done:
    cxs_path_free(path);
    cxs_solver_free(solver);
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
    cxs_free(path->mean);
    cxs_free(path);
}

/* ---- the first q features
 * ------------------------------------------------------------- */

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

    for (size_t j = 0; j < p; j++) {
        const double b = cxs_solver_b(solver, j);
        if (b == 0.0 || seen[j])
            continue;
        seen[j] = 1;
        found[count++] = (entrant){(uint32_t)j, fabs(b)};
    }
    qsort(found, count, sizeof *found, by_size);
    return count;
}

cxs_rc cxs_path_first(cxs_ctx *ctx, const cxs_design *design,
                      const cxs_problem *problem, const cxs_model_settings *settings,
                      size_t q, uint32_t *selected, size_t *count)
{
    cxs_rc rc = CXS_OK;
    cxs_solver *solver = NULL;
    uint8_t *seen = NULL;
    entrant *found = NULL;
    double ratio, lambda_max;

    *count = 0;
    CXS_NEW(seen, design->p);
    CXS_NEW(found, design->p);
    CXS_TRY(cxs_solver_new(ctx, design, problem, settings, NULL, &solver));
    lambda_max = cxs_solver_lambda_max(solver);
    ratio = default_ratio(settings, design->n, design->p);
    for (size_t l = 0; l < settings->nlambda && *count < q && lambda_max > 0.0; l++) {
        cxs_solved solved;
        size_t entered;
        CXS_TRY(cxs_solver_solve(ctx, solver, lambda_at(settings, ratio, lambda_max, l),
                                 lambda_max, &solved));
        entered = new_entrants(solver, design->p, seen, found);
        for (size_t i = 0; i < entered && *count < q; i++)
            selected[(*count)++] = found[i].feature;
    }

done:
    cxs_solver_free(solver);
    cxs_free(seen);
    cxs_free(found);
    return rc;
}
