/*
 * permutation.c -- is any candidate better than chance?
 *
 * Outcome tuples (entry, time, event, weight, offset, covariates) change places within
 * strata against the matrix: this keeps the clinical model and the correlation of the
 * features, and breaks only the link between the two.  The statistic is the largest |z|
 * of the adjusted scan (score test given the covariates), so the p-value counts the
 * whole search:  p = (1 + #{T_b >= T}) / (B + 1)  (Phipson and Smyth 2010), never zero.
 */
#include "rank/evidence.h"

#include "base/pool.h"
#include "model/scan.h"
#include "resample/plan.h"

#include <math.h>

/* Equal statistics differ by rounding when rows change places; equal counts as "at
 * least as large". */
static const double SAME_Z = 1e-9;

typedef struct permutation_job {
    const cxs_joined *joined;
    const uint8_t *binary;
    uint64_t seed;
    cxs_replicate *replicates;
    double *z; /* [workers x p] */
    double *max_abs_z;
} permutation_job;

/* The largest |z| among the features that this outcome can judge. */
static cxs_rc largest_score(cxs_ctx *ctx, const permutation_job *job,
                            const cxs_problem *problem, double *z, double *largest)
{
    const cxs_design *design = &job->joined->design;
    cxs_rc rc = cxs_scan_score(ctx, design, problem, z);

    *largest = 0.0;
    for (size_t j = 0; j < design->p && rc == CXS_OK; j++)
        if (fabs(z[j]) > *largest && /* false for NaN */
            (!job->binary[j] || cxs_enough_events(problem, design->x + j * design->n)))
            *largest = fabs(z[j]);
    cxs_design_drop(design, 0, design->p);
    return rc;
}

static cxs_rc one_permutation(cxs_ctx *ctx, size_t task, size_t worker, void *arg)
{
    const permutation_job *job = arg;
    const cxs_joined *joined = job->joined;
    cxs_replicate *r = &job->replicates[worker];
    double *z = job->z + worker * joined->design.p;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_plan_permutation(ctx, joined->surv, job->seed, task, r->from));
    cxs_replicate_permute(r, &joined->problem);
    CXS_TRY(largest_score(ctx, job, &r->problem, z, &job->max_abs_z[task]));

done:
    return rc;
}

cxs_rc cxs_permutation_check(cxs_ctx *ctx, const cxs_joined *joined,
                             const uint8_t *binary, const cxs_rank_settings *settings,
                             cxs_permutation *out)
{
    const size_t replicates = settings->permutations, p = joined->design.p;
    permutation_job job = {.joined = joined, .binary = binary, .seed = settings->seed};
    cxs_rc rc = CXS_OK;
    size_t workers = 0, reached = 0;

    *out = (cxs_permutation){.observed = (double)NAN, .p = (double)NAN};
    if (replicates == 0 || p == 0)
        return CXS_OK;
    CXS_NEW(out->max_abs_z, replicates);
    CXS_TRY(cxs_replicates_new(ctx, &joined->problem, replicates, &job.replicates,
                               &workers));
    CXS_NEW(job.z, workers * p);
    CXS_TRY(largest_score(ctx, &job, &joined->problem, job.z, &out->observed));
    job.max_abs_z = out->max_abs_z;
    CXS_TRY(cxs_pool_run(ctx, "permutations", replicates, one_permutation, &job));
    for (size_t b = 0; b < replicates; b++)
        reached += out->max_abs_z[b] >= out->observed * (1.0 - SAME_Z);
    out->replicates = replicates;
    out->p = (1.0 + (double)reached) / (1.0 + (double)replicates);

done:
    cxs_replicates_free(job.replicates, workers);
    cxs_free(job.z);
    return rc;
}
