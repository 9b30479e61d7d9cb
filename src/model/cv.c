/*
 * cv.c -- cross-validation in lock step
 *
 * Deviance (van Houwelingen et al. 2006): fold f contributes
 *     D_f = -2 [ l(beta_-f) - l_-f(beta_-f) ],
 * l on all rows, l_-f on the training rows, so that every event is judged in full risk
 * sets.  cvm = sum_f D_f / W; the error is the weighted sd of D_f / W_f over the folds / sqrt(F - 1), weights W_f.
 * Concordance: that of the held-out rows, weights are their comparable pairs.  Several
 * repeats give the mean of their curves and of their errors.
 *
 * All folds stand at the same lambda when the curve is looked at, so the rule that ends
 * it costs nothing beyond its last lambda.
 */
#include "model/cv.h"

#include "base/pool.h"
#include "base/progress.h"
#include "model/batch.h"
#include "num/concordance.h"

#include <math.h>
#include <string.h>

enum { STOP_LAMBDAS = 10 };

/* One fold: its problem, its solver, what it contributes at each lambda. */
typedef struct cv_fold {
    cxs_problem problem;
    double *weight; /* [n] training weights */
    double *held;   /* [n] held-out weights */
    double held_sum;
    double *value;      /* [lambdas] D_f, or concordance */
    double *importance; /* [lambdas] W_f, or comparable pairs */
    uint8_t *converged; /* [lambdas] */
} cv_fold;

typedef struct cv_run {
    const cxs_design *design;
    const cxs_problem *problem;
    const cxs_model_settings *settings;
    const double *factor, *lambda;
    size_t count, at; /* lambdas, and the one that is solved */
    double reference;
    cxs_risk risk; /* all rows */
    void *risk_memory;
    cv_fold *fold;
    cxs_member *member; /* [folds] */
    size_t folds;
} cv_run;

size_t cxs_cv_choose(size_t points, const double *cvm, const double *cvse,
                     int larger_is_better, int early_stop, size_t *best,
                     size_t *best_1se, int *over)
{
    const double sign = larger_is_better ? -1.0 : 1.0;
    size_t kept = points;

    *best = *best_1se = 0;
    *over = 0;
    for (size_t l = 0; l < kept; l++) {
        if (sign * cvm[l] < sign * cvm[*best] || (isnan(cvm[*best]) && !isnan(cvm[l])))
            *best = l;
        if (early_stop && l >= *best + STOP_LAMBDAS &&
            sign * cvm[l] > sign * cvm[*best] + 2.0 * cvse[*best]) {
            *over = 1;
            kept = l + 1;
        }
    }
    while (*best_1se < *best &&
           !(sign * cvm[*best_1se] <= sign * cvm[*best] + cvse[*best]))
        ++*best_1se;
    return kept;
}

/* ---- one fold -------------------------------------------------------------------- */

cxs_rc cxs_cv_concordance(cxs_ctx *ctx, const cxs_outcome *outcome,
                          const double *weight, const double *eta, double *c,
                          double *pairs)
{
    cxs_outcome held = *outcome;
    cxs_concordance found;
    cxs_risk risk;
    cxs_rc rc = CXS_OK;
    char *memory = NULL, *work = NULL;
    double *score = NULL;

    held.weight = weight;
    CXS_NEW(memory, cxs_risk_size(held.n));
    CXS_NEW(work, cxs_concordance_work_size(held.n));
    CXS_NEW(score, held.n);
    *c = (double)NAN;
    *pairs = 0.0;
    if (cxs_risk_build(&held, &risk, memory) != CXS_OK)
        goto done; /* no event among them: no comparable pair */
    for (size_t i = 0; i < risk.n; i++)
        score[i] = eta[risk.row[i]] + risk.offset_ts[i];
    found = cxs_concordance_of(&risk, score, NULL, work);
    *pairs = found.concordant + found.discordant + found.tied;
    *c = *pairs > 0.0 ? found.c : (double)NAN;

done:
    cxs_free(memory);
    cxs_free(work);
    cxs_free(score);
    return rc;
}

/* Concordance of the held-out rows. */
static cxs_rc held_concordance(cxs_ctx *ctx, const cv_run *run, const cv_fold *f,
                               const double *eta, size_t l)
{
    const cxs_rc rc = cxs_cv_concordance(ctx, &run->problem->outcome, f->held, eta,
                                         &f->value[l], &f->importance[l]);

    if (!(f->importance[l] > 0.0))
        f->value[l] = 0.0;
    return rc;
}

/* D_f at the solver's present point. */
static void held_deviance(const cv_run *run, const cv_fold *f, const double *eta,
                          double loglik_train, double *eta_ts, double *work, size_t l)
{
    for (size_t i = 0; i < run->risk.n; i++)
        eta_ts[i] = eta[run->risk.row[i]];
    f->value[l] = -2.0 * (cxs_cox_loglik(&run->risk, eta_ts, work) - loglik_train);
    f->importance[l] = f->held_sum;
}

/* What a fold contributes at the present lambda. */
static cxs_rc judge_fold(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const cv_run *run = arg;
    cv_fold *f = &run->fold[index];
    const cxs_member *m = &run->member[index];
    cxs_rc rc = CXS_OK;
    double *eta = NULL, *eta_ts = NULL, *work = NULL;

    (void)worker;
    CXS_NEW(eta, run->design->n);
    CXS_NEW(eta_ts, run->design->n);
    CXS_NEW(work, cxs_cox_work_size(&run->risk));
    cxs_solver_predict(m->solver, eta);
    f->converged[run->at] = (uint8_t)m->solved.converged;
    if (run->settings->metric == CXS_CV_CONCORDANCE)
        CXS_TRY(held_concordance(ctx, run, f, eta, run->at));
    else
        held_deviance(run, f, eta, m->solved.loglik, eta_ts, work, run->at);

done:
    cxs_free(eta);
    cxs_free(eta_ts);
    cxs_free(work);
    return rc;
}

/* Bring all folds to lambda l and judge them. */
static cxs_rc solve_lambda(cxs_ctx *ctx, cv_run *run, cxs_panel *panel, size_t l)
{
    cxs_rc rc;

    run->at = l;
    for (size_t i = 0; i < run->folds; i++) {
        run->member[i].lambda = run->lambda[l];
        run->member[i].next = l + 1 < run->count ? run->lambda[l + 1] : (double)NAN;
        run->member[i].reference = run->reference;
    }
    rc = cxs_batch_solve(ctx, panel, run->member, run->folds);
    return rc == CXS_OK ? cxs_pool_run(ctx, NULL, run->folds, judge_fold, run) : rc;
}

/* Solvers of all folds; a training set without an event is named. */
static cxs_rc start_folds(cxs_ctx *ctx, cv_run *run, cxs_panel *panel)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(run->member, run->folds);
    for (size_t i = 0; i < run->folds; i++)
        run->member[i].problem = &run->fold[i].problem;
    CXS_TRY(cxs_batch_start(ctx, panel, run->design, run->settings, run->factor,
                            run->member, run->folds));
    for (size_t i = 0; i < run->folds; i++)
        if (run->member[i].solver == NULL)
            CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE,
                             "fold %zu: the other folds hold no event; use fewer folds",
                             i % run->settings->folds + 1));

done:
    return rc;
}

/* ---- the curve ------------------------------------------------------------------- */

/* cvm and cvse of one repeat at lambda l. */
static void summarise(const cv_run *run, size_t repeat, size_t l, double *cvm,
                      double *cvse)
{
    const size_t folds = run->settings->folds;
    const cv_fold *f = run->fold + repeat * folds;
    const int deviance = run->settings->metric == CXS_CV_DEVIANCE;
    double total = 0.0, sum = 0.0, spread = 0.0;

    for (size_t i = 0; i < folds; i++) {
        total += f[i].importance[l];
        sum += deviance ? f[i].value[l] : f[i].importance[l] * f[i].value[l];
    }
    *cvm = sum / total;
    for (size_t i = 0; i < folds; i++) {
        const double own =
            deviance ? f[i].value[l] / f[i].importance[l] : f[i].value[l];
        if (f[i].importance[l] > 0.0)
            spread += f[i].importance[l] * (own - *cvm) * (own - *cvm);
    }
    *cvse = sqrt(spread / total / (double)(folds - 1));
}

static void fill_curve(const cv_run *run, cxs_cv *cv, size_t l)
{
    cv->lambda[l] = run->lambda[l];
    cv->cvm[l] = cv->cvse[l] = 0.0;
    cv->used[l] = 0;
    for (size_t r = 0; r < run->settings->repeats; r++) {
        double cvm, cvse;
        summarise(run, r, l, &cvm, &cvse);
        cv->cvm[l] += cvm / (double)run->settings->repeats;
        cv->cvse[l] += cvse / (double)run->settings->repeats;
    }
    for (size_t i = 0; i < run->folds; i++)
        cv->used[l] += run->fold[i].converged[l];
}

/* Minima of the single repeats, on the lambdas that are kept. */
static void spread_of_minima(const cv_run *run, cxs_cv *cv)
{
    const int larger = run->settings->metric == CXS_CV_CONCORDANCE;

    cv->best_low = SIZE_MAX;
    cv->best_high = 0;
    for (size_t r = 0; r < run->settings->repeats; r++) {
        size_t best = 0;
        double least = HUGE_VAL;
        for (size_t l = 0; l < cv->points; l++) {
            double cvm, cvse;
            summarise(run, r, l, &cvm, &cvse);
            cvm = larger ? -cvm : cvm;
            best = cvm < least ? l : best;
            least = fmin(least, cvm);
        }
        cv->best_low = best < cv->best_low ? best : cv->best_low;
        cv->best_high = best > cv->best_high ? best : cv->best_high;
    }
}

/* Training and held-out weights of fold `index` (repeat-major). */
static cxs_rc make_fold(cxs_ctx *ctx, const cv_run *run, const uint32_t *assigned,
                        size_t index)
{
    const size_t n = run->design->n;
    const uint32_t *fold_of = assigned + index / run->settings->folds * n;
    const double *weight = run->problem->outcome.weight;
    cv_fold *f = &run->fold[index];
    cxs_rc rc = CXS_OK;

    CXS_NEW(f->weight, n);
    CXS_NEW(f->held, n);
    CXS_NEW(f->value, run->count);
    CXS_NEW(f->importance, run->count);
    CXS_NEW(f->converged, run->count);
    for (size_t i = 0; i < n; i++) {
        const double w = weight != NULL ? weight[i] : 1.0;
        const int out = fold_of[i] == index % run->settings->folds;
        f->weight[i] = out ? 0.0 : w;
        f->held[i] = out ? w : 0.0;
        f->held_sum += f->held[i];
    }
    f->problem = *run->problem;
    f->problem.outcome.weight = f->weight;

done:
    return rc;
}

static void free_run(cv_run *run)
{
    if (run->member != NULL)
        cxs_batch_end(run->member, run->folds);
    cxs_free(run->member);
    for (size_t i = 0; run->fold != NULL && i < run->folds; i++) {
        cxs_free(run->fold[i].weight);
        cxs_free(run->fold[i].held);
        cxs_free(run->fold[i].value);
        cxs_free(run->fold[i].importance);
        cxs_free(run->fold[i].converged);
    }
    cxs_free(run->fold);
    cxs_free(run->risk_memory);
}

static cxs_rc new_curve(cxs_ctx *ctx, const cv_run *run, cxs_cv *cv)
{
    cxs_rc rc = CXS_OK;

    memset(cv, 0, sizeof *cv);
    cv->folds = run->folds;
    CXS_NEW(cv->lambda, run->count);
    CXS_NEW(cv->cvm, run->count);
    CXS_NEW(cv->cvse, run->count);
    CXS_NEW(cv->used, run->count);

done:
    return rc;
}

cxs_rc cxs_cv_run(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                  const cxs_problem *problem, const cxs_model_settings *settings,
                  const double *factor, const uint32_t *fold, const double *lambda,
                  size_t count, double reference, cxs_cv *out)
{
    const int larger = settings->metric == CXS_CV_CONCORDANCE;
    cv_run run = {.design = design,
                  .problem = problem,
                  .settings = settings,
                  .factor = factor,
                  .lambda = lambda,
                  .count = count,
                  .reference = reference,
                  .folds = settings->folds * settings->repeats};
    cxs_progress progress;
    cxs_rc rc = CXS_OK;
    char *memory = NULL;

    CXS_TRY(new_curve(ctx, &run, out));
    CXS_NEW(memory, cxs_risk_size(design->n));
    run.risk_memory = memory;
    if (cxs_risk_build(&problem->outcome, &run.risk, memory) != CXS_OK)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE, "no event among %zu rows", run.risk.n));
    CXS_NEW(run.fold, run.folds);
    for (size_t i = 0; i < run.folds; i++)
        CXS_TRY(make_fold(ctx, &run, fold, i));
    CXS_TRY(start_folds(ctx, &run, panel));
    cxs_progress_begin(ctx, &progress, "cross-validation lambdas", count);
    for (size_t l = 0; l < count; l++) {
        CXS_TRY(solve_lambda(ctx, &run, panel, l));
        fill_curve(&run, out, l);
        out->points =
            cxs_cv_choose(l + 1, out->cvm, out->cvse, larger, settings->early_stop,
                          &out->best, &out->best_1se, &out->stopped);
        cxs_progress_step(ctx, &progress, l + 1);
        if (out->stopped)
            break;
    }
    cxs_progress_end(ctx, &progress);
    spread_of_minima(&run, out);

done:
    free_run(&run);
    if (rc != CXS_OK)
        cxs_cv_free(out);
    return rc;
}

void cxs_cv_free(cxs_cv *cv)
{
    cxs_free(cv->lambda);
    cxs_free(cv->cvm);
    cxs_free(cv->cvse);
    cxs_free(cv->used);
    memset(cv, 0, sizeof *cv);
}
