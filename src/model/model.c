/*
 * model.c -- `model`: path on the full data, cross-validation, what was selected
 */
#include "model/model_private.h"

#include "base/number.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/table.h"
#include "base/text.h"
#include "model/budget.h"
#include "model/few_events.h"
#include "num/blas.h"
#include "num/order.h"
#include "resample/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

cxs_model_settings cxs_model_defaults(void)
{
    return (cxs_model_settings){.alpha = 1.0,
                                .ties = CXS_TIES_EFRON,
                                .nlambda = 100,
                                .lambda_ratio = (double)NAN,
                                .standardize = 1,
                                .tol = 1e-6,
                                .max_iterations = 100,
                                .missing = CXS_MISSING_MEAN,
                                .folds = 10,
                                .repeats = 1,
                                .metric = CXS_CV_DEVIANCE,
                                .rule = CXS_CV_MIN,
                                .early_stop = 1,
                                .seed = 1,
                                .outer_repeats = 1};
}

static cxs_rc check_folds(cxs_ctx *ctx, const cxs_model_settings *s)
{
    if (s->folds == 1 || s->repeats < 1)
        return cxs_fail(ctx, CXS_EARG, "folds must be 0 or >= 2, repeats >= 1");
    if (s->outer_folds == 1 || s->outer_repeats < 1)
        return cxs_fail(ctx, CXS_EARG,
                        "outer-folds must be 0 or >= 2, outer-repeats >= 1");
    if (s->outer_folds > 0 && s->folds == 0)
        return cxs_fail(ctx, CXS_EARG,
                        "outer-folds needs folds: lambda is chosen inside each");
    return CXS_OK;
}

/* Settings that cannot work, found before anything is read or solved. */
static cxs_rc check_settings(cxs_ctx *ctx, const cxs_model_settings *s)
{
    if (!(s->alpha >= 0.0 && s->alpha <= 1.0))
        return cxs_fail(ctx, CXS_EARG, "alpha must lie in [0, 1], got %g", s->alpha);
    if (s->alpha > 0.0 && s->alpha < 1e-3)
        return cxs_fail(
            ctx, CXS_ENOTBUILT,
            "alpha: %g lies between 0 (ridge) and 0.001, which is not built", s->alpha);
    if (s->relax && s->alpha == 0.0)
        return cxs_fail(ctx, CXS_EARG,
                        "relax needs alpha > 0: ridge selects nothing to fit again");
    if (!(s->tol > 0.0))
        return cxs_fail(ctx, CXS_EARG, "tol must be > 0, got %g", s->tol);
    for (size_t l = 0; l < s->lambda_count; l++)
        if (!(s->lambda[l] >= 0.0 && isfinite(s->lambda[l])))
            return cxs_fail(ctx, CXS_EARG, "lambda must be >= 0, got %g", s->lambda[l]);
    return check_folds(ctx, s);
}

/* ---- penalty factors ------------------------------------------------------------- */

/* Index of a feature by bisection; p when unknown. */
static size_t find_feature(const cxs_design *d, const char *id)
{
    const char *const *at =
        bsearch(&id, d->feature, d->p, sizeof *d->feature, cxs_text_compare);

    return at != NULL ? (size_t)(at - d->feature) : d->p;
}

static cxs_rc factor_value(cxs_ctx *ctx, const cxs_table *t, size_t row, size_t column,
                           double *value)
{
    const char *cell = cxs_table_cell(t, row, column);

    if (strcmp(cell, "inf") == 0 || strcmp(cell, "Inf") == 0) {
        *value = (double)INFINITY;
        return CXS_OK;
    }
    if (!cxs_number_parse(cell, strlen(cell), value) || *value < 0.0)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX016",
                             "%s:%zu:%s: \"%s\" is not a number >= 0 or inf", t->path,
                             t->line[row], t->name[column], cell);
    return CXS_OK;
}

/* factor[p] from the file; absent features 1. */
static cxs_rc read_factors(cxs_ctx *ctx, const char *path, const cxs_design *d,
                           double *factor)
{
    cxs_rc rc = CXS_OK;
    cxs_table *table = NULL;
    size_t id, value, unknown = 0;

    for (size_t j = 0; j < d->p; j++)
        factor[j] = 1.0;
    CXS_TRY(cxs_table_read(ctx, path, &table));
    CXS_TRY(cxs_table_need(ctx, table, "feature_id", &id));
    CXS_TRY(cxs_table_need(ctx, table, "factor", &value));
    for (size_t row = 0; row < table->rows; row++) {
        const size_t j = find_feature(d, cxs_table_cell(table, row, id));
        double parsed;
        CXS_TRY(factor_value(ctx, table, row, value, &parsed));
        if (j < d->p)
            factor[j] = parsed;
        else
            unknown++;
    }
    if (unknown > 0)
        CXS_TRY(cxs_warn(ctx, "", "%s: %zu of %zu features are not in the matrix", path,
                         unknown, table->rows));

done:
    cxs_table_free(table);
    return rc;
}

/* ---- lambdas --------------------------------------------------------------------- */

/* Given lambdas in decreasing order: the order in which they are solved and numbered.
 */
static cxs_rc own_lambdas(cxs_ctx *ctx, cxs_model *model)
{
    const size_t count = model->settings.lambda_count;
    cxs_rc rc = CXS_OK;

    if (model->settings.lambda == NULL)
        return CXS_OK;
    CXS_NEW(model->lambda, count);
    memcpy(model->lambda, model->settings.lambda, count * sizeof *model->lambda);
    qsort(model->lambda, count, sizeof *model->lambda, cxs_descending);
    model->settings.lambda = model->lambda;

done:
    return rc;
}

/* ---- cross-validation ------------------------------------------------------------ */

/* Folds of the table, renumbered: those without a row in the matrix are gone. */
static cxs_rc given_folds(cxs_ctx *ctx, cxs_model *model)
{
    const cxs_surv *surv = model->joined->surv;
    const uint32_t *given = cxs_surv_fold(surv);
    uint32_t *number = NULL; /* 0: not seen */
    uint32_t folds = 0;
    cxs_rc rc = CXS_OK;

    if (model->settings.repeats != 1)
        return cxs_fail(ctx, CXS_EARG, "repeats: given folds cannot be repeated");
    if (model->settings.outer_folds > 0)
        return cxs_fail(ctx, CXS_EARG,
                        "outer-folds: given folds cannot be split again");
    CXS_NEW(number, cxs_surv_n_folds(surv));
    CXS_NEW(model->fold, cxs_surv_n(surv));
    for (size_t i = 0; i < cxs_surv_n(surv); i++)
        number[given[i]] = 1;
    for (size_t f = 0; f < cxs_surv_n_folds(surv); f++)
        if (number[f] > 0)
            number[f] = ++folds;
    for (size_t i = 0; i < cxs_surv_n(surv); i++)
        model->fold[i] = number[given[i]] - 1;
    if (folds < 2)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE,
                         "the patients of the matrix are all in one given fold"));
    model->settings.folds = folds;

done:
    cxs_free(number);
    return rc;
}

static cxs_rc random_folds(cxs_ctx *ctx, cxs_model *model)
{
    const cxs_model_settings *s = &model->settings;
    const size_t n = model->joined->design.n;
    cxs_rc rc = CXS_OK;

    CXS_NEW(model->fold, n * s->repeats);
    for (size_t r = 0; r < s->repeats; r++)
        CXS_TRY(cxs_plan_folds(ctx, model->joined->surv, s->folds, s->seed, r,
                               model->fold + r * n));

done:
    return rc;
}

static cxs_rc cross_validate(cxs_ctx *ctx, cxs_panel *panel, cxs_model *model)
{
    const cxs_path *path = model->path;
    cxs_rc rc = CXS_OK;
    double *lambda = NULL;

    CXS_NEW(lambda, path->points);
    for (size_t l = 0; l < path->points; l++)
        lambda[l] = path->point[l].lambda;
    CXS_TRY(cxs_cv_run(ctx, panel, &model->joined->design, &model->joined->problem,
                       &model->settings, model->factor, model->fold, lambda,
                       path->points, path->lambda_max, &model->cv));
    model->has_cv = 1;

done:
    cxs_free(lambda);
    return rc;
}

/* ---- the whole ------------------------------------------------------------------- */

size_t cxs_model_chosen(const cxs_model *model)
{
    return model->settings.rule == CXS_CV_1SE ? model->cv.best_1se : model->cv.best;
}

/* What the settings name, for the joined rows: lambdas, folds, penalty factors. */
static cxs_rc prepare(cxs_ctx *ctx, cxs_model *model)
{
    const cxs_model_settings *s = &model->settings;
    cxs_rc rc = CXS_OK;

    CXS_TRY(own_lambdas(ctx, model));
    if (s->folds > 0)
        CXS_TRY(cxs_surv_fold(model->joined->surv) != NULL ? given_folds(ctx, model)
                                                           : random_folds(ctx, model));
    if (s->penalty_factor != NULL) {
        CXS_NEW(model->factor, model->joined->design.p);
        CXS_TRY(read_factors(ctx, s->penalty_factor, &model->joined->design,
                             model->factor));
    }

done:
    return rc;
}

static cxs_rc solve_path(cxs_ctx *ctx, cxs_panel *panel, cxs_model *model)
{
    const cxs_model_settings *s = &model->settings;
    const cxs_joined *joined = model->joined;
    cxs_path_extra extra = {.start_index = s->start_index};
    cxs_start start = {0};
    cxs_rc rc = CXS_OK;

    if (s->start != NULL) {
        CXS_TRY(cxs_start_read(ctx, s->start, &joined->design,
                               cxs_surv_term(joined->surv), joined->problem.k, &start));
        extra.start = &start;
    }
    if (s->outer_folds > 0)
        CXS_NEW(model->eta,
                joined->design.n * (s->lambda != NULL ? s->lambda_count : s->nlambda));
    extra.eta = model->eta;
    CXS_TRY(cxs_path_solve_with(ctx, panel, &joined->design, &joined->problem, s,
                                model->factor, &extra, &model->path));

done:
    cxs_start_free(&start);
    return rc;
}

/* The selection inside outer folds, and what it looks like without them. */
static cxs_rc nest(cxs_ctx *ctx, cxs_panel *panel, cxs_model *model)
{
    const cxs_joined *joined = model->joined;
    const cxs_outcome *outcome = &joined->problem.outcome;
    const size_t n = joined->design.n;
    cxs_rc rc = CXS_OK;
    double *weight = NULL, pairs;

    CXS_NEW(weight, n);
    for (size_t i = 0; i < n; i++)
        weight[i] = outcome->weight != NULL ? outcome->weight[i] : 1.0;
    CXS_TRY(cxs_cv_concordance(ctx, outcome, weight,
                               model->eta + cxs_model_chosen(model) * n,
                               &model->apparent, &pairs));
    CXS_TRY(cxs_nested_run(ctx, panel, &joined->design, &joined->problem, joined->surv,
                           &model->settings, model->factor, &model->nested));

done:
    cxs_free(weight);
    return rc;
}

/* Path, cross-validation and what else is asked for, with their times. */
static cxs_rc fit_all(cxs_ctx *ctx, cxs_model *model)
{
    const cxs_model_settings *s = &model->settings;
    const double started_s = cxs_now_s();
    cxs_rc rc = CXS_OK;
    cxs_panel *panel = NULL;

    if (s->alpha > 0.0) /* a ridge screens nothing */
        CXS_TRY(cxs_panel_new(ctx, &model->joined->design, &panel));
    CXS_TRY(solve_path(ctx, panel, model));
    model->path_s = cxs_now_s() - started_s;
    if (s->folds > 0)
        CXS_TRY(cross_validate(ctx, panel, model));
    model->cv_s = cxs_now_s() - started_s - model->path_s;
    if (s->relax)
        CXS_TRY(cxs_relax(ctx, &model->joined->design, &model->joined->problem,
                          model->path, s->ties, &model->relaxed));
    if (s->outer_folds > 0) {
        const double nested_s = cxs_now_s();
        CXS_TRY(nest(ctx, panel, model));
        model->nested_s = cxs_now_s() - nested_s;
    }

done:
    cxs_panel_free(panel);
    return rc;
}

cxs_rc cxs_model_fit(cxs_ctx *ctx, cxs_matrix *matrix, cxs_surv *surv,
                     const cxs_model_settings *settings, cxs_model **out)
{
    const cxs_model_settings s = settings != NULL ? *settings : cxs_model_defaults();
    cxs_rc rc = CXS_OK;
    cxs_model *model = NULL;

    *out = NULL;
    CXS_TRY(check_settings(ctx, &s));
    CXS_NEW(model, 1);
    model->settings = s;
    {
        cxs_matrix *const m = matrix;
        cxs_surv *const v = surv;
        matrix = NULL; /* cxs_join() owns both from here on */
        surv = NULL;
        CXS_TRY(cxs_join(ctx, m, v, s.ties, &model->joined));
    }
    CXS_TRY(cxs_warn_few_events(ctx, model->joined->surv,
                                cxs_surv_k(model->joined->surv) + 1, 1));
    CXS_TRY(cxs_budget_model(ctx, model->joined, &s));
    CXS_TRY(cxs_blas_init(ctx));
    CXS_TRY(prepare(ctx, model));
    CXS_TRY(fit_all(ctx, model));
    *out = model;
    model = NULL;

done:
    cxs_matrix_free(matrix);
    cxs_surv_free(surv);
    cxs_model_free(model);
    return rc;
}

void cxs_model_free(cxs_model *model)
{
    if (model == NULL)
        return;
    cxs_joined_free(model->joined);
    cxs_path_free(model->path);
    cxs_cv_free(&model->cv);
    cxs_relaxed_free(&model->relaxed);
    cxs_nested_free(&model->nested);
    cxs_free(model->eta);
    cxs_free(model->factor);
    cxs_free(model->fold);
    cxs_free(model->lambda);
    cxs_free(model);
}
