/*
 * relax.c -- the support of each lambda fitted again without a penalty
 *
 * Lambdas are independent and fitted in parallel.
 */
#include "model/relax.h"

#include "base/pool.h"
#include "model/cox_newton.h"

#include <math.h>
#include <string.h>

typedef struct relax_job {
    const cxs_design *design;
    const cxs_problem *problem;
    const cxs_path *path;
    cxs_cox_settings settings;
    size_t events;
    cxs_relaxed *out;
} relax_job;

/* Column of the design, missing values as the path had them, or covariate. */
static void copy_column(const relax_job *job, size_t id, double *out)
{
    const size_t n = job->design->n, p = job->design->p;
    const double *x = id < p ? job->design->x + id * n : job->problem->z + (id - p) * n;

    memcpy(out, x, n * sizeof *out);
    for (size_t i = 0; id < p && i < n; i++)
        if (isnan(out[i]))
            out[i] = job->path->fill[id];
    if (id < p)
        cxs_design_drop(job->design, id, id + 1);
}

static void set_all(const relax_job *job, const cxs_path_point *point,
                    cxs_status status)
{
    for (size_t i = 0; i < point->count; i++) {
        job->out->beta[point->first + i] = (double)NAN;
        job->out->status[point->first + i] = status;
    }
}

/* Refit one support. */
static cxs_rc refit(cxs_ctx *ctx, const relax_job *job, const cxs_path_point *point)
{
    const size_t n = job->design->n;
    cxs_rc rc = CXS_OK;
    double *z = NULL;
    cxs_newton *fit = NULL;

    CXS_NEW(z, n * point->count);
    for (size_t i = 0; i < point->count; i++)
        copy_column(job, job->path->index[point->first + i], z + i * n);
    CXS_TRY(cxs_newton_fit(ctx, &job->problem->outcome, point->count, z, &job->settings,
                           &fit));
    for (size_t i = 0; i < point->count; i++) {
        const size_t at = point->first + i;
        job->out->status[at] = fit->status[i];
        job->out->beta[at] =
            fit->status[i] == CXS_STATUS_OK ? fit->b[i] / fit->scale[i] : (double)NAN;
    }

done:
    cxs_newton_free(fit);
    cxs_free(z);
    return rc;
}

static cxs_rc relax_point(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const relax_job *job = arg;
    const cxs_path_point *point = &job->path->point[index];

    (void)worker;
    if (!point->converged)
        set_all(job, point, CXS_STATUS_NOT_CONVERGED);
    else if (2 * point->count >= job->events)
        set_all(job, point, CXS_STATUS_TOO_FEW_EVENTS);
    else if (point->count > 0)
        return refit(ctx, job, point);
    return CXS_OK;
}

static size_t count_fitted(const cxs_path *path, const cxs_relaxed *out)
{
    size_t fitted = 0;

    for (size_t l = 0; l < path->points; l++) {
        size_t ok = 0;
        for (size_t i = 0; i < path->point[l].count; i++)
            ok += out->status[path->point[l].first + i] == CXS_STATUS_OK;
        fitted += ok > 0 && ok == path->point[l].count;
    }
    return fitted;
}

cxs_rc cxs_relax(cxs_ctx *ctx, const cxs_design *design, const cxs_problem *problem,
                 const cxs_path *path, cxs_ties ties, cxs_relaxed *out)
{
    relax_job job = {.design = design,
                     .problem = problem,
                     .path = path,
                     .settings = cxs_cox_defaults(),
                     .out = out};
    const cxs_outcome *outcome = &problem->outcome;
    cxs_rc rc = CXS_OK;

    memset(out, 0, sizeof *out);
    job.settings.ties = ties;
    for (size_t i = 0; i < design->n; i++)
        job.events +=
            outcome->event[i] && (outcome->weight == NULL || outcome->weight[i] > 0.0);
    CXS_NEW(out->beta, path->coefs);
    CXS_NEW(out->status, path->coefs);
    CXS_TRY(cxs_pool_run(ctx, "relaxed fits", path->points, relax_point, &job));
    out->fitted = count_fitted(path, out);

done:
    if (rc != CXS_OK)
        cxs_relaxed_free(out);
    return rc;
}

void cxs_relaxed_free(cxs_relaxed *relaxed)
{
    cxs_free(relaxed->beta);
    cxs_free(relaxed->status);
    memset(relaxed, 0, sizeof *relaxed);
}
