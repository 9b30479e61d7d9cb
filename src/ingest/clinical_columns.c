/*
 * clinical_columns.c -- the column names of the settings against the table
 */
#include "ingest/cells.h"
#include "ingest/clinical.h"

#include <math.h>
#include <string.h>

/* A single optional column. */
static cxs_rc resolve_one(cxs_ctx *ctx, const cxs_clinical *c, const char *name,
                          size_t *column)
{
    *column = CXS_NO_COLUMN;
    return name == NULL ? CXS_OK : cxs_table_need(ctx, c->table, name, column);
}

/* A comma-separated list; a name that stands there twice is a slip of the hand. */
static cxs_rc resolve_list(cxs_ctx *ctx, const cxs_clinical *c, const char *option,
                           const char *names, size_t **columns, size_t *count)
{
    char **list = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_list_split(ctx, names, &list));
    CXS_NEW(*columns, cxs_list_length(list));
    for (size_t i = 0; list[i] != NULL; i++) {
        CXS_TRY(cxs_table_need(ctx, c->table, list[i], &(*columns)[i]));
        for (size_t j = 0; j < i; j++)
            if ((*columns)[j] == (*columns)[i])
                CXS_TRY(cxs_fail(ctx, CXS_EARG, "--%s: column '%s' is named twice",
                                 option, list[i]));
        (*count)++;
    }

done:
    cxs_list_free(list);
    return rc;
}

/* "COL" or "COL=VALUE"; a column whose own name holds '=' wins over the split. */
static cxs_rc resolve_event(cxs_ctx *ctx, cxs_clinical *c)
{
    const char *text = c->settings->event;
    const char *equals = strchr(text, '=');
    char *name = NULL;
    cxs_rc rc = CXS_OK;

    c->event_column = cxs_table_find(c->table, text);
    if (c->event_column != CXS_NO_COLUMN)
        return CXS_OK;
    if (equals == NULL)
        return cxs_table_need(ctx, c->table, text, &c->event_column);
    if (equals[1] == '\0')
        return cxs_fail(ctx, CXS_EARG, "--event %s: no value after '='", text);
    if ((name = cxs_strndup(ctx, text, (size_t)(equals - text))) == NULL)
        return CXS_ENOMEM;
    rc = cxs_table_need(ctx, c->table, name, &c->event_column);
    c->event_value = equals + 1;
    cxs_free(name);
    return rc;
}

static cxs_rc check_settings(cxs_ctx *ctx, const cxs_clinical_settings *s)
{
    const char *unit = s->time_unit;

    if (s->time == NULL || s->event == NULL)
        return cxs_fail(ctx, CXS_EARG, "%s is required",
                        s->time == NULL ? "--time COL" : "--event COL[=VALUE]");
    if (unit != NULL && strcmp(unit, "days") != 0 && strcmp(unit, "months") != 0 &&
        strcmp(unit, "years") != 0)
        return cxs_fail(ctx, CXS_EARG,
                        "--time-unit: '%s' is not one of days, months, years", unit);
    if (!isnan(s->horizon) && !(s->horizon > 0.0))
        return cxs_fail(ctx, CXS_EARG, "--horizon must be > 0");
    return CXS_OK;
}

/* The outcome must not explain itself. */
static cxs_rc check_roles(cxs_ctx *ctx, const cxs_clinical *c)
{
    const char *twice = NULL;

    if (c->time_column == c->event_column || c->time_column == c->entry_column)
        twice = cxs_clinical_column(c, c->time_column);
    if (c->entry_column != CXS_NO_COLUMN && c->entry_column == c->event_column)
        twice = cxs_clinical_column(c, c->entry_column);
    if (twice != NULL)
        return cxs_fail(ctx, CXS_EARG,
                        "column '%s' is named twice among --time, --entry and --event",
                        twice);
    for (size_t i = 0; i < c->adjust_count; i++)
        if (c->adjust[i] == c->time_column || c->adjust[i] == c->event_column)
            return cxs_fail(ctx, CXS_EARG,
                            "--adjust: column '%s' is the outcome itself",
                            cxs_clinical_column(c, c->adjust[i]));
    return CXS_OK;
}

cxs_rc cxs_clinical_resolve(cxs_ctx *ctx, cxs_clinical *c)
{
    const cxs_clinical_settings *s = c->settings;
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_settings(ctx, s));
    if (s->id != NULL)
        CXS_TRY(cxs_table_need(ctx, c->table, s->id, &c->id));
    else
        c->id = s->rows_are_subjects ? CXS_NO_COLUMN : 0;
    CXS_TRY(resolve_one(ctx, c, s->time, &c->time_column));
    CXS_TRY(resolve_one(ctx, c, s->entry, &c->entry_column));
    CXS_TRY(resolve_event(ctx, c));
    CXS_TRY(resolve_one(ctx, c, s->weights, &c->weight_column));
    CXS_TRY(resolve_one(ctx, c, s->offset, &c->offset_column));
    CXS_TRY(resolve_one(ctx, c, s->cluster, &c->cluster_column));
    CXS_TRY(resolve_one(ctx, c, s->centre, &c->centre_column));
    CXS_TRY(resolve_one(ctx, c, s->fold, &c->fold_column));
    CXS_TRY(resolve_list(ctx, c, "adjust", s->adjust, &c->adjust, &c->adjust_count));
    CXS_TRY(resolve_list(ctx, c, "strata", s->strata, &c->strata, &c->strata_count));
    CXS_TRY(check_roles(ctx, c));

done:
    return rc;
}
