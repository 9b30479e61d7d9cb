/*
 * replicate.c -- problems that a resampling plan makes out of one problem
 *
 * The matrix is shared and never copied; a replicate owns the outcome side only.
 */
#include "rank/evidence.h"

#include "base/pool.h"

#include <string.h>

static void replicate_clear(cxs_replicate *r)
{
    cxs_free(r->time);
    cxs_free(r->entry);
    cxs_free(r->weight);
    cxs_free(r->offset);
    cxs_free(r->z);
    cxs_free(r->event);
    cxs_free(r->cluster);
    cxs_free(r->from);
}

/* Weights are always there: plans multiply them. */
static cxs_rc replicate_init(cxs_ctx *ctx, const cxs_problem *problem, cxs_replicate *r)
{
    const cxs_outcome *o = &problem->outcome;
    const size_t n = o->n;
    cxs_rc rc = CXS_OK;

    CXS_NEW(r->time, n);
    CXS_NEW(r->event, n);
    CXS_NEW(r->weight, n);
    CXS_NEW(r->from, n);
    CXS_NEW(r->z, n * problem->k);
    if (o->entry != NULL)
        CXS_NEW(r->entry, n);
    if (o->offset != NULL)
        CXS_NEW(r->offset, n);
    if (problem->cluster != NULL)
        CXS_NEW(r->cluster, n);
    r->problem = *problem;
    r->problem.outcome.time = r->time;
    r->problem.outcome.event = r->event;
    r->problem.outcome.weight = r->weight;
    r->problem.outcome.entry = r->entry;
    r->problem.outcome.offset = r->offset;
    r->problem.cluster = r->cluster;
    r->problem.z = problem->k > 0 ? r->z : NULL;
    for (size_t i = 0; i < n; i++)
        r->from[i] = i;
    cxs_replicate_permute(r, problem);

done:
    return rc;
}

cxs_rc cxs_replicates_new(cxs_ctx *ctx, const cxs_problem *problem, size_t tasks,
                          cxs_replicate **out, size_t *count)
{
    const size_t workers = cxs_pool_workers(ctx, tasks);
    cxs_replicate *replicates = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    *count = 0;
    CXS_NEW(replicates, workers);
    for (size_t w = 0; w < workers; w++)
        CXS_TRY(replicate_init(ctx, problem, &replicates[w]));
    *out = replicates;
    *count = workers;
    replicates = NULL;

done:
    cxs_replicates_free(replicates, workers);
    return rc;
}

void cxs_replicates_free(cxs_replicate *replicates, size_t count)
{
    for (size_t w = 0; replicates != NULL && w < count; w++)
        replicate_clear(&replicates[w]);
    cxs_free(replicates);
}

void cxs_replicate_weigh(cxs_replicate *r, const cxs_problem *problem,
                         const double *factor)
{
    const double *weight = problem->outcome.weight;

    for (size_t i = 0; i < problem->outcome.n; i++)
        r->weight[i] = factor[i] * (weight != NULL ? weight[i] : 1.0);
}

void cxs_replicate_permute(cxs_replicate *r, const cxs_problem *problem)
{
    const cxs_outcome *o = &problem->outcome;
    const size_t n = o->n;

    for (size_t i = 0; i < n; i++) {
        const size_t from = r->from[i];
        r->time[i] = o->time[from];
        r->event[i] = o->event[from];
        r->weight[i] = o->weight != NULL ? o->weight[from] : 1.0;
        if (o->entry != NULL)
            r->entry[i] = o->entry[from];
        if (o->offset != NULL)
            r->offset[i] = o->offset[from];
        if (problem->cluster != NULL)
            r->cluster[i] = problem->cluster[from];
        for (size_t t = 0; t < problem->k; t++)
            r->z[i + t * n] = problem->z[from + t * n];
    }
}
