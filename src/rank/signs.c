/*
 * signs.c -- sign stability by bootstraps of subjects (E7)
 *
 * The adjusted coefficient itself is not needed, only its sign.  The partial likelihood
 * is concave, so its profile over the covariates is a concave function of the feature's
 * coefficient, and the maximum lies on the side to which the profile rises at zero: the
 * sign of the coefficient is the sign of the score statistic given the covariates. That
 * costs one pass instead of a Newton iteration, and holds under separation too.
 *
 * A bootstrap in which the feature cannot be tested (constant among those drawn) shows
 * no sign and counts against stability.
 */
#include "rank/evidence.h"

#include "base/pool.h"
#include "model/scan.h"
#include "resample/plan.h"

#include <string.h>

typedef struct sign_job {
    const cxs_joined *joined;
    const cxs_rank_settings *settings;
    cxs_design candidates;
    cxs_replicate *replicates;
    double *z;                     /* [workers x count] */
    uint32_t *positive, *negative; /* [workers x count] */
} sign_job;

static cxs_rc one_bootstrap(cxs_ctx *ctx, size_t task, size_t worker, void *arg)
{
    const sign_job *job = arg;
    const size_t count = job->candidates.p;
    cxs_replicate *r = &job->replicates[worker];
    double *z = job->z + worker * count;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_plan_bootstrap(ctx, job->joined->surv, job->settings->seed, task,
                               r->weight));
    cxs_replicate_weigh(r, &job->joined->problem, r->weight);
    CXS_TRY(cxs_scan_score(ctx, &job->candidates, &r->problem, z));
    for (size_t j = 0; j < count; j++) { /* NaN is neither */
        job->positive[worker * count + j] += z[j] > 0.0;
        job->negative[worker * count + j] += z[j] < 0.0;
    }

done:
    return rc;
}

/* The columns of the candidates alone. */
static cxs_rc gather(cxs_ctx *ctx, const cxs_design *design, size_t count,
                     const size_t *feature, double **x, const char ***name)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(*x, design->n * count);
    CXS_NEW(*name, count);
    for (size_t j = 0; j < count; j++) {
        memcpy(*x + j * design->n, design->x + feature[j] * design->n,
               design->n * sizeof **x);
        cxs_design_drop(design, feature[j], feature[j] + 1);
        (*name)[j] = design->feature[feature[j]];
    }

done:
    return rc;
}

cxs_rc cxs_sign_stability(cxs_ctx *ctx, const cxs_joined *joined,
                          const cxs_rank_settings *settings, size_t count,
                          const size_t *feature, double *share)
{
    const size_t replicates = settings->bootstraps;
    sign_job job = {.joined = joined, .settings = settings};
    cxs_rc rc = CXS_OK;
    double *x = NULL;
    const char **name = NULL;
    size_t workers = 0;

    if (count == 0 || replicates == 0)
        return CXS_OK;
    CXS_TRY(gather(ctx, &joined->design, count, feature, &x, &name));
    job.candidates =
        (cxs_design){.n = joined->design.n, .p = count, .x = x, .feature = name};
    CXS_TRY(cxs_replicates_new(ctx, &joined->problem, replicates, &job.replicates,
                               &workers));
    CXS_NEW(job.z, workers * count);
    CXS_NEW(job.positive, workers * count);
    CXS_NEW(job.negative, workers * count);
    CXS_TRY(cxs_pool_run(ctx, "bootstraps", replicates, one_bootstrap, &job));
    for (size_t j = 0; j < count; j++) {
        uint32_t positive = 0, negative = 0;
        for (size_t w = 0; w < workers; w++) {
            positive += job.positive[w * count + j];
            negative += job.negative[w * count + j];
        }
        share[j] =
            (double)(positive > negative ? positive : negative) / (double)replicates;
    }

done:
    cxs_replicates_free(job.replicates, workers);
    cxs_free(job.z);
    cxs_free(job.positive);
    cxs_free(job.negative);
    cxs_free(x);
    cxs_free(name);
    return rc;
}
