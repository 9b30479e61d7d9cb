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
    uint64_t seed;
    cxs_replicate *replicates;
    double *z; /* [workers x p] */
    double *max_abs_z;
} permutation_job;

static double max_abs(size_t p, const double *z)
{
    double largest = 0.0;

    for (size_t j = 0; j < p; j++)
        if (fabs(z[j]) > largest) /* false for NaN */
            largest = fabs(z[j]);
    return largest;
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
    CXS_TRY(cxs_scan_score(ctx, &joined->design, &r->problem, z));
    job->max_abs_z[task] = max_abs(joined->design.p, z);

done:
    return rc;
}

cxs_rc cxs_permutation_check(cxs_ctx *ctx, const cxs_joined *joined,
                             const cxs_rank_settings *settings, cxs_permutation *out)
{
    const size_t replicates = settings->permutations, p = joined->design.p;
    permutation_job job = {.joined = joined, .seed = settings->seed};
    cxs_rc rc = CXS_OK;
    size_t workers = 0, reached = 0;

    *out = (cxs_permutation){.observed = (double)NAN, .p = (double)NAN};
    if (replicates == 0)
        return CXS_OK;
    CXS_NEW(out->max_abs_z, replicates);
    CXS_TRY(cxs_replicates_new(ctx, &joined->problem, replicates, &job.replicates,
                               &workers));
    CXS_NEW(job.z, workers * p);
    CXS_TRY(cxs_scan_score(ctx, &joined->design, &joined->problem, job.z));
    out->observed = max_abs(p, job.z);
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
