/*
 * nested.c -- what the whole selection is worth on patients it has not seen
 *
 * Outer folds come one after the other; the threads are busy inside each.
 */
#include "model/nested.h"

#include "base/progress.h"
#include "resample/plan.h"

#include <math.h>
#include <string.h>

/* ---- the selection on one training set ------------------------------------------- */

void cxs_selection_free(cxs_selection *selection)
{
    cxs_path_free(selection->path);
    cxs_cv_free(&selection->cv);
    cxs_free(selection->eta);
    memset(selection, 0, sizeof *selection);
}

/* Inner folds, all repeats, among the training rows. */
static cxs_rc plan_inner(cxs_ctx *ctx, const cxs_problem *problem, const cxs_surv *surv,
                         const cxs_model_settings *s, size_t replicate, uint32_t *fold)
{
    const size_t n = problem->outcome.n;
    cxs_rc rc = CXS_OK;
    uint8_t *use = NULL;

    CXS_NEW(use, n);
    for (size_t i = 0; i < n; i++)
        use[i] = problem->outcome.weight == NULL || problem->outcome.weight[i] > 0.0;
    for (size_t r = 0; r < s->repeats; r++)
        CXS_TRY(cxs_plan_folds_among(ctx, surv, use, s->folds, s->seed,
                                     CXS_DRAW_INNER_FOLDS, replicate * s->repeats + r,
                                     fold + r * n));

done:
    cxs_free(use);
    return rc;
}

cxs_rc cxs_nested_select(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                         const cxs_problem *problem, const cxs_surv *surv,
                         const cxs_model_settings *settings, const double *factor,
                         size_t replicate, cxs_selection *out)
{
    const size_t n = design->n;
    const size_t count =
        settings->lambda != NULL ? settings->lambda_count : settings->nlambda;
    cxs_path_extra extra = {0};
    cxs_rc rc = CXS_OK;
    double *lambda = NULL;
    uint32_t *fold = NULL;

    memset(out, 0, sizeof *out);
    CXS_NEW(extra.eta, n * count);
    CXS_NEW(out->eta, n);
    CXS_NEW(lambda, count);
    CXS_NEW(fold, n * settings->repeats);
    CXS_TRY(cxs_path_solve_with(ctx, panel, design, problem, settings, factor, &extra,
                                &out->path));
    for (size_t l = 0; l < out->path->points; l++)
        lambda[l] = out->path->point[l].lambda;
    CXS_TRY(plan_inner(ctx, problem, surv, settings, replicate, fold));
    CXS_TRY(cxs_cv_run(ctx, panel, design, problem, settings, factor, fold, lambda,
                       out->path->points, out->path->lambda_max, &out->cv));
    out->chosen = settings->rule == CXS_CV_1SE ? out->cv.best_1se : out->cv.best;
    memcpy(out->eta, extra.eta + out->chosen * n, n * sizeof *out->eta);

done:
    cxs_free(extra.eta);
    cxs_free(lambda);
    cxs_free(fold);
    if (rc != CXS_OK)
        cxs_selection_free(out);
    return rc;
}

/* ---- outer folds ----------------------------------------------------------------- */

typedef struct nested_run {
    cxs_panel *panel;
    const cxs_design *design;
    const cxs_problem *problem;
    const cxs_surv *surv;
    const cxs_model_settings *settings;
    const double *factor;
    cxs_risk risk; /* all rows */
    char *risk_memory;
    double *train, *held;  /* [n] weights of the outer fold */
    double *eta_ts, *work; /* [n], [cxs_cox_work_size()] */
    uint32_t *fold;        /* [n] of one repeat */
} nested_run;

static cxs_rc new_run(cxs_ctx *ctx, nested_run *run)
{
    const size_t n = run->design->n;
    cxs_rc rc = CXS_OK;

    CXS_NEW(run->risk_memory, cxs_risk_size(n));
    if (cxs_risk_build(&run->problem->outcome, &run->risk, run->risk_memory) != CXS_OK)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE, "no event among %zu rows", run->risk.n));
    CXS_NEW(run->train, n);
    CXS_NEW(run->held, n);
    CXS_NEW(run->eta_ts, n);
    CXS_NEW(run->work, cxs_cox_work_size(&run->risk));
    CXS_NEW(run->fold, n);

done:
    return rc;
}

static void free_run(nested_run *run)
{
    cxs_free(run->risk_memory);
    cxs_free(run->train);
    cxs_free(run->held);
    cxs_free(run->eta_ts);
    cxs_free(run->work);
    cxs_free(run->fold);
}

/* Weights of outer fold f; how many events its training set has. */
static size_t split(nested_run *run, size_t f)
{
    const cxs_outcome *o = &run->problem->outcome;
    size_t events = 0;

    for (size_t i = 0; i < o->n; i++) {
        const double w = o->weight != NULL ? o->weight[i] : 1.0;
        const int out = run->fold[i] == f;
        run->train[i] = out ? 0.0 : w;
        run->held[i] = out ? w : 0.0;
        events += o->event[i] && run->train[i] > 0.0;
    }
    return events;
}

/* The rows left out judge the model; what it holds is counted. */
static cxs_rc judge(cxs_ctx *ctx, nested_run *run, const cxs_selection *chosen,
                    cxs_nested_fold *at, cxs_nested *out)
{
    const cxs_path_point *point = &chosen->path->point[chosen->chosen];
    const size_t n = run->design->n;
    double *eta = out->eta + at->repeat * n;

    at->lambda_index = chosen->chosen;
    at->lambda = point->lambda;
    at->df = point->df;
    at->converged = point->converged;
    for (size_t i = 0; i < n; i++)
        if (run->held[i] > 0.0)
            eta[i] = chosen->eta[i];
    for (size_t i = 0; i < run->risk.n; i++)
        run->eta_ts[i] = chosen->eta[run->risk.row[i]];
    at->deviance =
        -2.0 * (cxs_cox_loglik(&run->risk, run->eta_ts, run->work) - point->loglik);
    for (size_t i = 0; i < point->count; i++) {
        const uint32_t index = chosen->path->index[point->first + i];
        if (index < run->design->p)
            out->selected[index]++;
    }
    return cxs_cv_concordance(ctx, &run->problem->outcome, run->held, chosen->eta,
                              &at->concordance, &at->pairs);
}

static cxs_rc outer_fold(cxs_ctx *ctx, nested_run *run, size_t repeat, size_t f,
                         cxs_nested *out)
{
    const size_t index = repeat * run->settings->outer_folds + f;
    cxs_problem training = *run->problem;
    cxs_selection chosen = {0};
    cxs_rc rc = CXS_OK;

    out->fold[index] = (cxs_nested_fold){.repeat = repeat, .fold = f};
    if (split(run, f) == 0)
        return cxs_fail(ctx, CXS_EDEGENERATE,
                        "outer fold %zu: the other folds hold no event; use fewer "
                        "outer folds",
                        f + 1);
    training.outcome.weight = run->train;
    CXS_TRY(cxs_nested_select(ctx, run->panel, run->design, &training, run->surv,
                              run->settings, run->factor, index, &chosen));
    CXS_TRY(judge(ctx, run, &chosen, &out->fold[index], out));

done:
    cxs_selection_free(&chosen);
    return rc;
}

/* Concordance of the repeats, its mean and sd; deviance per unit of weight. */
static void summarise(const nested_run *run, cxs_nested *out)
{
    const size_t folds = run->settings->outer_folds;
    const double repeats = (double)run->settings->outer_repeats;
    double sum = 0.0, squares = 0.0;

    out->deviance = 0.0;
    for (size_t r = 0; r < run->settings->outer_repeats; r++) {
        double right = 0.0, pairs = 0.0;
        for (size_t i = r * folds; i < (r + 1) * folds; i++) {
            const cxs_nested_fold *at = &out->fold[i];
            right += at->pairs > 0.0 ? at->pairs * at->concordance : 0.0;
            pairs += at->pairs;
            out->deviance += at->deviance / run->risk.weight_sum / repeats;
        }
        sum += right / pairs;
        squares += right / pairs * (right / pairs);
    }
    out->concordance = sum / repeats;
    out->concordance_sd =
        repeats > 1.0
            ? sqrt(fmax(squares - sum * out->concordance, 0.0) / (repeats - 1.0))
            : (double)NAN;
}

cxs_rc cxs_nested_run(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                      const cxs_problem *problem, const cxs_surv *surv,
                      const cxs_model_settings *settings, const double *factor,
                      cxs_nested *out)
{
    nested_run run = {.panel = panel,
                      .design = design,
                      .problem = problem,
                      .surv = surv,
                      .settings = settings,
                      .factor = factor};
    cxs_progress progress;
    cxs_rc rc = CXS_OK;

    memset(out, 0, sizeof *out);
    out->count = settings->outer_folds * settings->outer_repeats;
    CXS_NEW(out->fold, out->count);
    CXS_NEW(out->selected, design->p);
    CXS_NEW(out->eta, design->n * settings->outer_repeats);
    CXS_TRY(new_run(ctx, &run));
    cxs_progress_begin(ctx, &progress, "outer folds", out->count);
    for (size_t r = 0; r < settings->outer_repeats; r++) {
        CXS_TRY(cxs_plan_folds_among(ctx, surv, NULL, settings->outer_folds,
                                     settings->seed, CXS_DRAW_OUTER_FOLDS, r,
                                     run.fold));
        for (size_t f = 0; f < settings->outer_folds; f++) {
            CXS_TRY(outer_fold(ctx, &run, r, f, out));
            cxs_progress_step(ctx, &progress, r * settings->outer_folds + f + 1);
        }
    }
    cxs_progress_end(ctx, &progress);
    summarise(&run, out);

done:
    free_run(&run);
    if (rc != CXS_OK)
        cxs_nested_free(out);
    return rc;
}

void cxs_nested_free(cxs_nested *nested)
{
    cxs_free(nested->fold);
    cxs_free(nested->selected);
    cxs_free(nested->eta);
    memset(nested, 0, sizeof *nested);
}
