/*
 * stability.c -- complementary pairs stability selection (E4, E5)
 *
 * Each pair splits the subjects into two halves, balanced by stratum and event.  In
 * each half an elastic-net Cox path (clinical terms unpenalised) runs until q features
 * have entered; a feature's selection frequency is the share of the 2 B halves that
 * hold it (Shah and Samworth 2013).  Every fitted step, scaling and imputation too,
 * sees only the rows of its half.
 */
#include "rank/evidence.h"

#include "model/path.h"
#include "rank/bounds.h"
#include "resample/plan.h"

#include <math.h>

typedef struct stability_job {
    const cxs_joined *joined;
    const cxs_rank_settings *settings;
    cxs_model_settings model;
    size_t q;
    cxs_problem *problem; /* [2 pairs] */
    double *weight;       /* [2 pairs x n] */
    uint32_t *selected;   /* [2 pairs x q] */
    size_t *count;        /* [2 pairs], SIZE_MAX where no fit was possible */
} stability_job;

/* Both halves of one pair: weight zero outside the half. */
static cxs_rc make_pair(cxs_ctx *ctx, stability_job *job, size_t pair, uint8_t *half)
{
    const cxs_joined *joined = job->joined;
    const double *own = joined->problem.outcome.weight;
    const size_t n = joined->design.n;
    const cxs_rc rc =
        cxs_plan_halves(ctx, joined->surv, job->settings->seed, pair, half);

    for (size_t side = 0; side < 2 && rc == CXS_OK; side++) {
        const size_t fit = 2 * pair + side;
        double *weight = job->weight + fit * n;
        for (size_t i = 0; i < n; i++)
            weight[i] = half[i] == side ? (own != NULL ? own[i] : 1.0) : 0.0;
        job->problem[fit] = joined->problem;
        job->problem[fit].outcome.weight = weight;
    }
    return rc;
}

/* Halves in the order of the plan into counts. */
static void count_hits(const stability_job *job, cxs_stability *out)
{
    for (size_t task = 0; task < 2 * out->pairs; task++) {
        if (job->count[task] == SIZE_MAX) {
            out->empty++;
            continue;
        }
        for (size_t i = 0; i < job->count[task]; i++)
            out->hits[job->selected[task * job->q + i]]++;
    }
}

static cxs_rc run_halves(cxs_ctx *ctx, stability_job *job, cxs_stability *out)
{
    const size_t fits = 2 * out->pairs, n = job->joined->design.n;
    cxs_rc rc = CXS_OK;
    uint8_t *half = NULL;
    cxs_panel *panel = NULL;

    CXS_NEW(job->problem, fits);
    CXS_NEW(job->weight, fits * n);
    CXS_NEW(half, n);
    CXS_NEW(job->selected, fits * job->q);
    CXS_NEW(job->count, fits);
    for (size_t pair = 0; pair < out->pairs; pair++)
        CXS_TRY(make_pair(ctx, job, pair, half));
    CXS_TRY(cxs_panel_new(ctx, &job->joined->design, &panel));
    CXS_TRY(cxs_path_first(ctx, panel, &job->joined->design, job->problem, fits,
                           &job->model, job->q, job->selected, job->count));
    count_hits(job, out);
    if (out->empty > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "stability selection: %zu of %zu half-samples could not be "
                         "fitted and count as selecting nothing",
                         out->empty, fits));

done:
    cxs_panel_free(panel);
    cxs_free(half);
    cxs_free(job->problem);
    cxs_free(job->weight);
    cxs_free(job->selected);
    cxs_free(job->count);
    return rc;
}

cxs_rc cxs_stability_select(cxs_ctx *ctx, const cxs_joined *joined,
                            const cxs_rank_settings *settings, size_t evaluated,
                            cxs_stability *out)
{
    const size_t hits = cxs_pfer_hits(settings->threshold, settings->pairs);
    stability_job job = {
        .joined = joined, .settings = settings, .model = cxs_model_defaults()};
    cxs_rc rc = CXS_OK;

    *out = (cxs_stability){.bound = (double)NAN, .bound_mb = (double)NAN};
    if (settings->pairs == 0 || evaluated == 0)
        return CXS_OK;
    job.model.alpha = settings->alpha;
    job.model.ties = settings->ties;
    job.model.folds = 0;
    out->pairs = settings->pairs;
    out->q = job.q = cxs_pfer_choose_q(evaluated, settings->threshold, out->pairs,
                                       settings->max_errors);
    out->bound = cxs_pfer_concave(evaluated, out->q, hits, out->pairs);
    out->bound_mb = cxs_pfer_mb(evaluated, out->q, settings->threshold);
    if (out->bound > settings->max_errors)
        cxs_note(ctx,
                 "stability selection: even one feature per half-sample allows "
                 "%.3g expected false selections among %zu features",
                 out->bound, evaluated);
    CXS_NEW(out->hits, joined->design.p);
    CXS_TRY(run_halves(ctx, &job, out));

done:
    return rc;
}
