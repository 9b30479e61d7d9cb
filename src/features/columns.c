/*
 * columns.c -- a growing list of named feature columns
 */
#include "features/columns.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static void free_column(cxs_feature_column *c)
{
    cxs_free(c->name);
    cxs_free(c->unit);
    cxs_free(c->note);
    cxs_free(c->value);
}

cxs_rc cxs_feature_columns_add(cxs_ctx *ctx, cxs_feature_columns *columns,
                               const char *name, const char *unit,
                               cxs_feature_type type, double **value)
{
    cxs_feature_column c = {.type = type};
    cxs_rc rc = CXS_OK;

    *value = NULL;
    CXS_TRY(cxs_grow(ctx, (void **)&columns->column, &columns->capacity,
                     columns->count + 1, sizeof *columns->column));
    rc = CXS_ENOMEM;
    if ((c.name = cxs_strdup(ctx, name)) == NULL ||
        (c.unit = cxs_strdup(ctx, unit)) == NULL ||
        (c.note = cxs_strdup(ctx, "")) == NULL)
        goto done;
    rc = CXS_OK;
    CXS_NEW(c.value, columns->n);
    for (size_t i = 0; i < columns->n; i++)
        c.value[i] = (double)NAN;
    *value = c.value;
    columns->column[columns->count++] = c;
    c = (cxs_feature_column){0};
done:
    free_column(&c);
    return rc;
}

cxs_rc cxs_feature_columns_note(cxs_ctx *ctx, cxs_feature_columns *columns,
                                const char *note)
{
    char *copy = cxs_strdup(ctx, note);

    if (copy == NULL)
        return CXS_ENOMEM;
    cxs_free(columns->column[columns->count - 1].note);
    columns->column[columns->count - 1].note = copy;
    return CXS_OK;
}

size_t cxs_feature_columns_find(const cxs_feature_columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->count; i++)
        if (strcmp(columns->column[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

void cxs_feature_columns_clear(cxs_feature_columns *columns)
{
    for (size_t i = 0; i < columns->count; i++)
        free_column(&columns->column[i]);
    cxs_free(columns->column);
    columns->column = NULL;
    columns->count = columns->capacity = 0;
}
