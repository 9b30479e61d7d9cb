/*
 * load_path.c -- the files of `coxswain model` for the path and cross-validation
 * figures
 *
 * Coefficients stand in the file on the original scale of each feature, which cannot be
 * compared between features: they are multiplied by the standard deviation that the
 * ranking used, as long as every penalised feature of the path is ranked.
 */
#include "report/load.h"

#include "base/out.h"
#include "base/table.h"
#include "coxswain/record.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct coefficient {
    const char *id; /* borrowed from the table */
    size_t index;
    double beta;
} coefficient;

static int by_id_and_index(const void *a, const void *b)
{
    const coefficient *x = a, *y = b;
    const int order = strcmp(x->id, y->id);

    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static int by_peak(const void *a, const void *b)
{
    const cxs_trace *x = a, *y = b;

    if (x->peak > y->peak || x->peak < y->peak)
        return x->peak < y->peak ? 1 : -1;
    return strcmp(x->id, y->id);
}

static cxs_rc column(cxs_ctx *ctx, const cxs_table *table, const char *name,
                     double **out)
{
    cxs_rc rc = CXS_OK;
    size_t at = 0;

    CXS_NEW(*out, table->rows);
    CXS_TRY(cxs_table_need(ctx, table, name, &at));
    CXS_TRY(cxs_table_numbers(ctx, table, at, NULL, *out));

done:
    return rc;
}

static cxs_rc open_table(cxs_ctx *ctx, const char *prefix, const char *suffix,
                         cxs_table **out)
{
    char *path = cxs_path_join(ctx, prefix, suffix);
    const cxs_rc rc = path == NULL ? CXS_ENOMEM : cxs_table_read(ctx, path, out);

    cxs_free(path);
    return rc;
}

static cxs_rc read_lambdas(cxs_ctx *ctx, const char *prefix, cxs_model_files *p)
{
    cxs_rc rc = CXS_OK;
    cxs_table *table = NULL;

    CXS_TRY(open_table(ctx, prefix, ".path.tsv", &table));
    CXS_TRY(column(ctx, table, "lambda", &p->lambda));
    CXS_TRY(column(ctx, table, "df", &p->df));
    p->lambdas = table->rows;
    for (size_t i = 0; i < p->lambdas; i++)
        if (!(p->lambda[i] > 0))
            CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: lambda must be > 0",
                             table->path, table->line[i]));

done:
    cxs_table_free(table);
    return rc;
}

static bool is_clinical(const cxs_loaded *d, const char *id)
{
    for (size_t i = 0; i < d->terms; i++)
        if (strcmp(d->term[i].name, id) == 0)
            return true;
    return false;
}

static cxs_rc add_trace(cxs_ctx *ctx, cxs_model_files *p, const coefficient *row,
                        size_t count)
{
    cxs_rc rc = CXS_OK;
    cxs_trace *t = &p->trace[p->traces++];

    CXS_NEW(t->index, count);
    CXS_NEW(t->beta, count);
    if ((t->id = cxs_strdup(ctx, row->id)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    t->points = count;
    for (size_t i = 0; i < count; i++) {
        t->index[i] = row[i].index;
        t->beta[i] = row[i].beta;
    }

done:
    return rc;
}

/* Runs of one feature become traces; the unpenalised clinical terms are left out. */
static cxs_rc split_traces(cxs_ctx *ctx, const cxs_loaded *d, const coefficient *rows,
                           size_t count, cxs_model_files *p)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(p->trace, count);
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && strcmp(rows[next].id, rows[i].id) == 0;)
            next++;
        if (!is_clinical(d, rows[i].id))
            CXS_TRY(add_trace(ctx, p, rows + i, next - i));
    }

done:
    return rc;
}

static cxs_rc read_coefficients(cxs_ctx *ctx, const char *prefix, const cxs_loaded *d,
                                cxs_model_files *p)
{
    cxs_rc rc = CXS_OK;
    cxs_table *table = NULL;
    coefficient *rows = NULL;
    double *index = NULL, *beta = NULL;
    size_t id = 0;

    CXS_TRY(open_table(ctx, prefix, ".coef.tsv", &table));
    CXS_TRY(cxs_table_need(ctx, table, "feature_id", &id));
    CXS_TRY(column(ctx, table, "lambda_index", &index));
    CXS_TRY(column(ctx, table, "beta", &beta));
    CXS_NEW(rows, table->rows);
    for (size_t i = 0; i < table->rows; i++) {
        if (!(index[i] >= 1 && index[i] <= (double)p->lambdas) || !isfinite(beta[i]))
            CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                             "%s:%zu: lambda_index must be in 1..%zu and beta a number",
                             table->path, table->line[i], p->lambdas));
        rows[i] =
            (coefficient){cxs_table_cell(table, i, id), (size_t)index[i], beta[i]};
    }
    qsort(rows, table->rows, sizeof *rows, by_id_and_index);
    CXS_TRY(split_traces(ctx, d, rows, table->rows, p));

done:
    cxs_free(rows);
    cxs_free(index);
    cxs_free(beta);
    cxs_table_free(table);
    return rc;
}

static cxs_rc bring_to_one_sd(cxs_ctx *ctx, const cxs_loaded *d, cxs_model_files *p)
{
    cxs_rc rc = CXS_OK;
    double *scale = NULL;

    CXS_NEW(scale, p->traces);
    p->per_sd = p->traces > 0;
    for (size_t t = 0; t < p->traces; t++) {
        cxs_trace *trace = &p->trace[t];
        CXS_TRY(cxs_loaded_feature(ctx, d, trace->id, &scale[t], &trace->name));
        p->per_sd = p->per_sd && scale[t] > 0;
    }
    for (size_t t = 0; t < p->traces; t++)
        for (size_t i = 0; i < p->trace[t].points; i++) {
            p->trace[t].beta[i] *= p->per_sd ? scale[t] : 1;
            if (p->trace[t].index[i] <= p->shown)
                p->trace[t].peak = fmax(p->trace[t].peak, fabs(p->trace[t].beta[i]));
        }
    qsort(p->trace, p->traces, sizeof *p->trace, by_peak);

done:
    cxs_free(scale);
    return rc;
}

static bool is_there(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 || errno != ENOENT;
}

static cxs_rc read_cv(cxs_ctx *ctx, const char *prefix, cxs_model_files *p)
{
    cxs_rc rc = CXS_OK;
    cxs_table *table = NULL;
    char *path = cxs_path_join(ctx, prefix, ".cv.tsv");

    if (path == NULL)
        CXS_TRY(CXS_ENOMEM);
    if (!is_there(path))
        goto done;
    CXS_TRY(cxs_table_read(ctx, path, &table));
    CXS_TRY(column(ctx, table, "lambda", &p->cv_lambda));
    CXS_TRY(column(ctx, table, "cvm", &p->cvm));
    CXS_TRY(column(ctx, table, "cvse", &p->cvse));
    p->cvs = table->rows;

done:
    cxs_table_free(table);
    cxs_free(path);
    return rc;
}

/* The path is drawn as far as cross-validation went: beyond it stand coefficients that
 * nobody would use, large enough to hide the others. */
static void find_shown(cxs_model_files *p)
{
    double least = (double)INFINITY;

    for (size_t i = 0; i < p->cvs; i++)
        least = fmin(least, p->cv_lambda[i]);
    for (p->shown = 0; p->shown < p->lambdas; p->shown++)
        if (p->cvs >= 2 && p->lambda[p->shown] < least * (1 - 1e-9))
            break;
}

static cxs_rc read_choice(cxs_ctx *ctx, const char *prefix, cxs_model_files *p)
{
    cxs_rc rc = CXS_OK;
    char *path = cxs_path_join(ctx, prefix, ".run.json");

    p->lambda_min = p->lambda_1se = (double)NAN;
    if (path == NULL)
        CXS_TRY(CXS_ENOMEM);
    if (!is_there(path))
        goto done;
    CXS_TRY(cxs_record_read_result(ctx, path, "lambda_min", &p->lambda_min));
    CXS_TRY(cxs_record_read_result(ctx, path, "lambda_1se", &p->lambda_1se));

done:
    cxs_free(path);
    return rc;
}

cxs_rc cxs_model_files_read(cxs_ctx *ctx, const char *prefix, const cxs_loaded *d,
                            cxs_model_files **out)
{
    cxs_rc rc = CXS_OK;
    cxs_model_files *p = NULL;

    *out = NULL;
    CXS_NEW(p, 1);
    CXS_TRY(read_lambdas(ctx, prefix, p));
    CXS_TRY(read_coefficients(ctx, prefix, d, p));
    CXS_TRY(read_cv(ctx, prefix, p));
    find_shown(p);
    CXS_TRY(bring_to_one_sd(ctx, d, p));
    CXS_TRY(read_choice(ctx, prefix, p));
    *out = p;
    p = NULL;

done:
    cxs_model_files_free(p);
    return rc;
}

void cxs_model_files_free(cxs_model_files *p)
{
    if (p == NULL)
        return;
    for (size_t t = 0; t < p->traces; t++) {
        cxs_free(p->trace[t].id);
        cxs_free(p->trace[t].name);
        cxs_free(p->trace[t].index);
        cxs_free(p->trace[t].beta);
    }
    cxs_free(p->trace);
    cxs_free(p->lambda);
    cxs_free(p->df);
    cxs_free(p->cv_lambda);
    cxs_free(p->cvm);
    cxs_free(p->cvse);
    cxs_free(p);
}
