/*
 * model_write.c -- P.path.tsv, P.coef.tsv, P.cv.tsv and the run record of `model`
 */
#include "model/model_private.h"

#include "base/out.h"

#include <math.h>

static cxs_rc write_path(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_model *model = of;
    static const char *const names[] = {"lambda_index", "lambda",    "df",
                                        "loglik",       "dev_ratio", "kkt_max",
                                        "iterations",   "status",    NULL};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t l = 0; l < model->path->points; l++) {
        const cxs_path_point *p = &model->path->point[l];
        CXS_TRY(cxs_out_size(ctx, out, l + 1));
        CXS_TRY(cxs_out_real(ctx, out, p->lambda));
        CXS_TRY(cxs_out_size(ctx, out, p->df));
        CXS_TRY(cxs_out_real(ctx, out, p->loglik));
        CXS_TRY(cxs_out_real(ctx, out, p->dev_ratio));
        CXS_TRY(cxs_out_real(ctx, out, p->kkt_max));
        CXS_TRY(cxs_out_size(ctx, out, p->iterations));
        CXS_TRY(cxs_out_text(
            ctx, out,
            cxs_status_name(p->converged ? CXS_STATUS_OK : CXS_STATUS_NOT_CONVERGED)));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

/* Feature id or covariate term of a coefficient. */
static const char *coef_name(const cxs_model *model, uint32_t index)
{
    const cxs_design *d = &model->joined->design;

    return index < d->p ? d->feature[index]
                        : cxs_surv_term(model->joined->surv)[index - d->p];
}

static cxs_rc write_coef(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_model *model = of;
    static const char *const names[] = {"lambda_index", "lambda", "feature_id", "beta",
                                        NULL};
    const cxs_path *path = model->path;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t l = 0; l < path->points; l++)
        for (size_t i = 0; i < path->point[l].count; i++) {
            const size_t at = path->point[l].first + i;
            CXS_TRY(cxs_out_size(ctx, out, l + 1));
            CXS_TRY(cxs_out_real(ctx, out, path->point[l].lambda));
            CXS_TRY(cxs_out_text(ctx, out, coef_name(model, path->index[at])));
            CXS_TRY(cxs_out_real(ctx, out, path->beta[at]));
            CXS_TRY(cxs_out_row_end(ctx, out));
        }

done:
    return rc;
}

static cxs_rc write_cv(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_model *model = of;
    static const char *const names[] = {"lambda_index", "lambda",  "cvm",
                                        "cvse",         "n_folds", NULL};
    const cxs_cv *cv = &model->cv;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t l = 0; l < cv->points; l++) {
        CXS_TRY(cxs_out_size(ctx, out, l + 1));
        CXS_TRY(cxs_out_real(ctx, out, cv->lambda[l]));
        CXS_TRY(cxs_out_real(ctx, out, cv->cvm[l]));
        CXS_TRY(cxs_out_real(ctx, out, cv->cvse[l]));
        CXS_TRY(cxs_out_size(ctx, out, cv->used[l]));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

static cxs_rc write_relaxed(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_model *model = of;
    static const char *const names[] = {"lambda_index", "lambda", "feature_id",
                                        "beta",         "status", NULL};
    const cxs_path *path = model->path;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t l = 0; l < path->points; l++)
        for (size_t i = 0; i < path->point[l].count; i++) {
            const size_t at = path->point[l].first + i;
            CXS_TRY(cxs_out_size(ctx, out, l + 1));
            CXS_TRY(cxs_out_real(ctx, out, path->point[l].lambda));
            CXS_TRY(cxs_out_text(ctx, out, coef_name(model, path->index[at])));
            CXS_TRY(cxs_out_real(ctx, out, model->relaxed.beta[at]));
            CXS_TRY(cxs_out_text(ctx, out, cxs_status_name(model->relaxed.status[at])));
            CXS_TRY(cxs_out_row_end(ctx, out));
        }

done:
    return rc;
}

static cxs_rc write_nested(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_model *model = of;
    static const char *const names[] = {"repeat", "outer_fold", "lambda_index",
                                        "lambda", "df",         "concordance",
                                        "pairs",  "deviance",   NULL};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t i = 0; i < model->nested.count; i++) {
        const cxs_nested_fold *f = &model->nested.fold[i];
        CXS_TRY(cxs_out_size(ctx, out, f->repeat + 1));
        CXS_TRY(cxs_out_size(ctx, out, f->fold + 1));
        CXS_TRY(cxs_out_size(ctx, out, f->lambda_index + 1));
        CXS_TRY(cxs_out_real(ctx, out, f->lambda));
        CXS_TRY(cxs_out_size(ctx, out, f->df));
        CXS_TRY(cxs_out_real(ctx, out, f->concordance));
        CXS_TRY(cxs_out_real(ctx, out, f->pairs));
        CXS_TRY(cxs_out_real(ctx, out, f->deviance));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

/* Features that the model of some outer fold holds. */
static cxs_rc write_selected(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_model *model = of;
    static const char *const names[] = {"feature_id", "selected", "fits", "frequency",
                                        NULL};
    const cxs_nested *nested = &model->nested;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t j = 0; j < model->joined->design.p; j++) {
        if (nested->selected[j] == 0)
            continue;
        CXS_TRY(cxs_out_text(ctx, out, model->joined->design.feature[j]));
        CXS_TRY(cxs_out_size(ctx, out, nested->selected[j]));
        CXS_TRY(cxs_out_size(ctx, out, nested->count));
        CXS_TRY(cxs_out_real(ctx, out,
                             (double)nested->selected[j] / (double)nested->count));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

static size_t unconverged(const cxs_path *path)
{
    size_t count = 0;

    for (size_t l = 0; l < path->points; l++)
        count += !path->point[l].converged;
    return count;
}

/* Named numbers into the record, up to a NULL name. */
typedef struct result {
    const char *name;
    double value;
} result;

static cxs_rc record_all(cxs_ctx *ctx, cxs_record *record, const result *results)
{
    cxs_rc rc = CXS_OK;

    for (; results->name != NULL && rc == CXS_OK; results++)
        rc = cxs_record_result_real(ctx, record, results->name, results->value);
    return rc;
}

static cxs_rc record_cv(cxs_ctx *ctx, const cxs_model *model, cxs_record *record)
{
    const cxs_path *path = model->path;
    const cxs_cv *cv = &model->cv;
    const result results[] = {
        {"cv_s", model->cv_s},
        {"lambda_min", cv->lambda[cv->best]},
        {"lambda_1se", cv->lambda[cv->best_1se]},
        {"lambda_min_index", (double)(cv->best + 1)},
        {"lambda_1se_index", (double)(cv->best_1se + 1)},
        {"df_min", (double)path->point[cv->best].df},
        {"df_1se", (double)path->point[cv->best_1se].df},
        {NULL, 0.0},
    };
    const result spread[] = {
        {"lambda_min_index_low", (double)(cv->best_low + 1)},
        {"lambda_min_index_high", (double)(cv->best_high + 1)},
        {NULL, 0.0},
    };
    cxs_rc rc = record_all(ctx, record, results);

    if (rc == CXS_OK && model->settings.repeats > 1)
        rc = record_all(ctx, record, spread);
    return rc;
}

static cxs_rc record_nested(cxs_ctx *ctx, const cxs_model *model, cxs_record *record)
{
    const result results[] = {
        {"nested_s", model->nested_s},
        {"nested_concordance", model->nested.concordance},
        {"nested_concordance_sd", model->nested.concordance_sd},
        {"nested_deviance", model->nested.deviance},
        {"apparent_concordance", model->apparent},
        {NULL, 0.0},
    };

    return record_all(ctx, record, results);
}

/* Numbers that belong to the whole run. */
static cxs_rc record_results(cxs_ctx *ctx, const cxs_model *model, cxs_record *record)
{
    const cxs_path *path = model->path;
    const cxs_surv *surv = model->joined->surv;
    double kkt = 0.0;
    cxs_rc rc = CXS_OK;

    for (size_t l = 0; l < path->points; l++)
        kkt = fmax(kkt, path->point[l].kkt_max);
    {
        const result results[] = {
            {"n", (double)cxs_surv_n(surv)},
            {"events", (double)cxs_surv_events(surv)},
            {"p", (double)path->p},
            {"lambda_max", path->lambda_max},
            {"loglik_null", path->loglik_null},
            {"kkt_max", kkt},
            {"lambdas_not_converged", (double)unconverged(path)},
            {"path_s", model->path_s},
            {NULL, 0.0},
        };
        CXS_TRY(record_all(ctx, record, results));
    }
    if (model->has_cv)
        CXS_TRY(record_cv(ctx, model, record));
    if (model->settings.relax)
        CXS_TRY(cxs_record_result_real(ctx, record, "lambdas_relaxed",
                                       (double)model->relaxed.fitted));
    if (model->settings.outer_folds > 0)
        CXS_TRY(record_nested(ctx, model, record));

done:
    return rc;
}

/* What a person wants to know first. */
static void tell(cxs_ctx *ctx, const cxs_model *model)
{
    const cxs_path *path = model->path;
    const size_t chosen = cxs_model_chosen(model);

    cxs_note(ctx, "model: %zu lambdas from %g, %zu not converged", path->points,
             path->lambda_max, unconverged(path));
    if (!model->has_cv)
        return;
    if (path->point[chosen].df == 0)
        cxs_note(ctx,
                 "model: no feature is selected at lambda %g; that is a valid answer",
                 model->cv.lambda[chosen]);
    else
        cxs_note(ctx, "model: %zu features at lambda %g (%s)", path->point[chosen].df,
                 model->cv.lambda[chosen],
                 model->settings.rule == CXS_CV_1SE ? "1se" : "min");
    if (model->settings.outer_folds > 0)
        cxs_note(ctx,
                 "model: concordance %.3f on patients left out of the whole selection; "
                 "%.3f on those it was made on (apparent)",
                 model->nested.concordance, model->apparent);
}

cxs_rc cxs_model_write(cxs_ctx *ctx, const cxs_model *model, const char *prefix,
                       cxs_record *record)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_file(ctx, prefix, ".path.tsv", write_path, model, record));
    CXS_TRY(cxs_out_file(ctx, prefix, ".coef.tsv", write_coef, model, record));
    if (model->has_cv)
        CXS_TRY(cxs_out_file(ctx, prefix, ".cv.tsv", write_cv, model, record));
    if (model->settings.relax)
        CXS_TRY(
            cxs_out_file(ctx, prefix, ".relaxed.tsv", write_relaxed, model, record));
    if (model->settings.outer_folds > 0) {
        CXS_TRY(cxs_out_file(ctx, prefix, ".nested.tsv", write_nested, model, record));
        CXS_TRY(
            cxs_out_file(ctx, prefix, ".selected.tsv", write_selected, model, record));
    }
    if (record != NULL)
        CXS_TRY(record_results(ctx, model, record));
    tell(ctx, model);

done:
    return rc;
}
