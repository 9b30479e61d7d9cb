/*
 * start.c -- coefficients of an earlier fit to begin a path from
 */
#include "model/start.h"

#include "base/number.h"
#include "base/table.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Feature, p + covariate, or UINT32_MAX. */
static uint32_t find_column(const cxs_design *d, const char *const *term, size_t k,
                            const char *id)
{
    const char *const *at =
        bsearch(&id, d->feature, d->p, sizeof *d->feature, cxs_text_compare);

    if (at != NULL)
        return (uint32_t)(at - d->feature);
    for (size_t t = 0; t < k; t++)
        if (strcmp(term[t], id) == 0)
            return (uint32_t)(d->p + t);
    return UINT32_MAX;
}

static cxs_rc number_cell(cxs_ctx *ctx, const cxs_table *t, size_t row, size_t column,
                          double *value)
{
    const char *cell = cxs_table_cell(t, row, column);

    if (!cxs_number_parse(cell, strlen(cell), value) || !isfinite(*value))
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX016",
                             "%s:%zu:%s: \"%s\" is not a number", t->path, t->line[row],
                             t->name[column], cell);
    return CXS_OK;
}

/* Columns of the table; SIZE_MAX for those that are not there. */
typedef struct layout {
    size_t id, beta, lambda, lambda_index;
} layout;

/* Append one row; one of an unknown id is counted. */
static cxs_rc read_row(cxs_ctx *ctx, const cxs_table *t, const layout *at, size_t row,
                       uint32_t column, size_t *last, cxs_start *out)
{
    const size_t i = out->count;
    double place = 0.0;
    cxs_rc rc = number_cell(ctx, t, row, at->beta, &out->beta[i]);

    out->lambda[i] = (double)NAN;
    if (rc == CXS_OK && at->lambda != SIZE_MAX)
        rc = number_cell(ctx, t, row, at->lambda, &out->lambda[i]);
    if (rc == CXS_OK && at->lambda_index != SIZE_MAX)
        rc = number_cell(ctx, t, row, at->lambda_index, &place);
    if (rc != CXS_OK || column == UINT32_MAX)
        return rc;
    out->index[i] = column;
    out->lambda_index[i] = place > 0.0 ? (size_t)place : 0;
    if (last[column] == out->lambda_index[i] + 1)
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:%s: \"%s\" comes twice", t->path,
                        t->line[row], t->name[at->id], cxs_table_cell(t, row, at->id));
    last[column] = out->lambda_index[i] + 1;
    out->count++;
    return CXS_OK;
}

cxs_rc cxs_start_read(cxs_ctx *ctx, const char *path, const cxs_design *design,
                      const char *const *term, size_t k, cxs_start *out)
{
    cxs_rc rc = CXS_OK;
    cxs_table *t = NULL;
    size_t *last = NULL, unknown = 0;
    layout at;

    memset(out, 0, sizeof *out);
    CXS_TRY(cxs_table_read(ctx, path, &t));
    CXS_TRY(cxs_table_need(ctx, t, "feature_id", &at.id));
    CXS_TRY(cxs_table_need(ctx, t, "beta", &at.beta));
    at.lambda = cxs_table_find(t, "lambda");
    at.lambda_index = cxs_table_find(t, "lambda_index");
    CXS_NEW(last, design->p + k);
    CXS_NEW(out->index, t->rows);
    CXS_NEW(out->beta, t->rows);
    CXS_NEW(out->lambda, t->rows);
    CXS_NEW(out->lambda_index, t->rows);
    for (size_t row = 0; row < t->rows; row++) {
        const uint32_t column =
            find_column(design, term, k, cxs_table_cell(t, row, at.id));
        unknown += column == UINT32_MAX;
        CXS_TRY(read_row(ctx, t, &at, row, column, last, out));
    }
    if (unknown > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "%s: %zu of %zu coefficients are of no feature or "
                         "covariate of this run",
                         path, unknown, t->rows));

done:
    cxs_table_free(t);
    cxs_free(last);
    if (rc != CXS_OK)
        cxs_start_free(out);
    return rc;
}

void cxs_start_free(cxs_start *start)
{
    cxs_free(start->index);
    cxs_free(start->beta);
    cxs_free(start->lambda);
    cxs_free(start->lambda_index);
    memset(start, 0, sizeof *start);
}

void cxs_start_pick_index(cxs_start *start, size_t lambda_index)
{
    size_t kept = 0;

    for (size_t i = 0; i < start->count; i++)
        if (start->lambda_index[i] == lambda_index) {
            start->index[kept] = start->index[i];
            start->beta[kept] = start->beta[i];
            start->lambda[kept] = start->lambda[i];
            start->lambda_index[kept++] = lambda_index;
        }
    start->count = kept;
}

void cxs_start_pick(cxs_start *start, double lambda)
{
    size_t nearest = start->count > 0 ? start->lambda_index[0] : 0;
    double least = HUGE_VAL;

    for (size_t i = 0; i < start->count; i++) {
        const double apart = fabs(log(start->lambda[i]) - log(lambda));
        if (apart < least) { /* false for NaN: the file does not say */
            least = apart;
            nearest = start->lambda_index[i];
        }
    }
    cxs_start_pick_index(start, nearest);
}
