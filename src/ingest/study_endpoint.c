/*
 * study_endpoint.c -- which columns an endpoint is made from, and in which unit
 *
 * The definition of the declared endpoint is told by its columns, not by its label: a
 * registry may call "OS" what counts progressions.  A unit is told by the end of the
 * column's name or by time_unit; the two must not contradict each other.
 */
#include "ingest/study_endpoint.h"

#include <string.h>
#include <strings.h>

static double unit_by_name(const char *unit)
{
    return strcmp(unit, "months") == 0  ? CXS_DAYS_PER_MONTH
           : strcmp(unit, "years") == 0 ? CXS_DAYS_PER_YEAR
                                        : 1.0;
}

/* Unit told by the end of a column's name: "os_months"; 0 when it does not tell. */
static double unit_by_suffix(const char *name)
{
    static const char *const suffix[] = {"days", "months", "years"};
    const size_t length = strlen(name);

    for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++) {
        const size_t n = strlen(suffix[i]);
        if (length > n && strchr("_.", name[length - n - 1]) != NULL &&
            strcasecmp(name + length - n, suffix[i]) == 0)
            return unit_by_name(suffix[i]);
    }
    return 0.0;
}

static cxs_rc need_column(cxs_ctx *ctx, const cxs_draft *draft, const char *key,
                          const char *name, const cxs_column **out)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];

    *out = cxs_sheet_find(patients, name);
    if (*out == NULL)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:1: column \"%s\" is missing (%s:%zu: endpoint %s)",
                             patients->table->path, name, draft->plan->path,
                             cxs_plan_line(draft->plan, "endpoint", key), key);
    return CXS_OK;
}

static cxs_rc unit_of(cxs_ctx *ctx, const cxs_draft *draft, const cxs_column *column,
                      const char *key, double *unit)
{
    const char *declared = cxs_plan_text(draft->plan, "endpoint", "time_unit");

    *unit = unit_by_suffix(column->name);
    if (*unit == 0.0)
        *unit = unit_by_suffix(column->source);
    if (*unit == 0.0 && declared == NULL)
        return cxs_fail(ctx, CXS_EARG,
                        "%s:%zu: time_unit is needed: the name '%s' does not tell it",
                        draft->plan->path, cxs_plan_line(draft->plan, "endpoint", key),
                        column->source);
    if (declared != NULL && *unit != 0.0 && *unit != unit_by_name(declared))
        return cxs_fail(
            ctx, CXS_EARG, "%s:%zu: time_unit %s, but '%s' is in other units",
            draft->plan->path, cxs_plan_line(draft->plan, "endpoint", "time_unit"),
            declared, column->source);
    if (*unit == 0.0)
        *unit = unit_by_name(declared);
    return CXS_OK;
}

void cxs_recipe_schema(const cxs_sheet *patients, const char *name, cxs_recipe *r)
{
    const bool os = strcmp(name, "OS") == 0;
    const cxs_column *days = cxs_sheet_find(patients, os ? "OS_DAYS" : "PFS_DAYS");
    const cxs_column *months =
        cxs_sheet_find(patients, os ? "OS_MONTHS" : "PFS_MONTHS");

    r->name = r->definition = name;
    r->time = days != NULL ? days : months;
    r->unit = days != NULL ? 1.0 : CXS_DAYS_PER_MONTH;
    r->other_time = days != NULL ? months : NULL;
    r->other_unit = CXS_DAYS_PER_MONTH;
    r->event = cxs_sheet_find(patients, os ? "OS_STATUS" : "PFS_STATUS");
    r->event_value = NULL;
}

/* Event column "COL" or "COL=VALUE"; CX009 for CNSR read as a status. */
static cxs_rc set_event(cxs_ctx *ctx, const cxs_draft *draft, const char *text,
                        cxs_recipe *r)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const char *equals = strrchr(text, '=');
    cxs_rc rc = CXS_OK;
    char *name = NULL;

    if (cxs_sheet_find(patients, text) != NULL)
        equals = NULL; /* the sign is part of the name */
    name =
        cxs_strndup(ctx, text, equals != NULL ? (size_t)(equals - text) : strlen(text));
    if (name == NULL)
        CXS_TRY(CXS_ENOMEM);
    if (equals == NULL && strcasecmp(name, "CNSR") == 0)
        CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX009",
                              "%s: CNSR 0 means event; the column cannot be a status: "
                              "write event: CNSR=0",
                              patients->table->path));
    CXS_TRY(need_column(ctx, draft, "event", name, &r->event));
    r->event_value = equals != NULL ? equals + 1 : NULL;
done:
    cxs_free(name);
    return rc;
}

static cxs_rc set_entry(cxs_ctx *ctx, const cxs_draft *draft, cxs_recipe *r)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const char *name = cxs_plan_text(draft->plan, "endpoint", "entry");
    const char *origin = cxs_plan_text(draft->plan, NULL, "time_origin");

    r->entry_unit = 1.0;
    if (name == NULL) {
        r->entry = cxs_sheet_find(patients, "ENTRY_DAYS");
        if (r->entry == NULL && origin != NULL && strcmp(origin, "diagnosis") == 0)
            r->entry = cxs_sheet_find(patients, "DAYS_DX_TO_ENROLL");
        return CXS_OK;
    }
    if (need_column(ctx, draft, "entry", name, &r->entry) != CXS_OK)
        return CXS_EFORMAT;
    if (r->entry->field != NULL)
        return CXS_OK; /* the schema's entry columns are in days */
    return unit_of(ctx, draft, r->entry, "entry", &r->entry_unit);
}

cxs_rc cxs_recipe_declared(cxs_ctx *ctx, const cxs_draft *draft, cxs_recipe *r)
{
    const cxs_plan *plan = draft->plan;
    const char *name = cxs_plan_text(plan, "endpoint", "name");
    const char *time = cxs_plan_text(plan, "endpoint", "time");
    const char *event = cxs_plan_text(plan, "endpoint", "event");
    const char *definition = cxs_plan_text(plan, "endpoint", "definition");
    cxs_rc rc = CXS_OK;

    if (draft->adtte_name[0] != NULL && (time != NULL || event != NULL))
        return cxs_fail(ctx, CXS_EARG,
                        "%s:%zu: endpoint: paramcd stands instead of time and event",
                        plan->path, cxs_plan_line(plan, "endpoint", "paramcd"));
    if ((time == NULL) != (event == NULL))
        return cxs_fail(ctx, CXS_EARG, "%s:%zu: endpoint needs both time and event",
                        plan->path, cxs_plan_line(plan, NULL, "endpoint"));
    if (strcmp(name, "OS") == 0 || strcmp(name, "PFS") == 0)
        cxs_recipe_schema(draft->sheet[CXS_SHEET_PATIENTS], name, r);
    r->name = name;
    r->definition = definition != NULL      ? definition
                    : r->definition != NULL ? r->definition
                                            : "other";
    if (draft->adtte_name[0] != NULL) {
        const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
        r->other_time = NULL;
        r->time = cxs_sheet_find(patients, draft->adtte_name[0]);
        r->event = cxs_sheet_find(patients, draft->adtte_name[1]);
        r->event_value = "0";
        r->unit = 1.0;
        r->given_only = true;
    } else if (time != NULL) {
        r->other_time = NULL;
        CXS_TRY(need_column(ctx, draft, "time", time, &r->time));
        CXS_TRY(unit_of(ctx, draft, r->time, "time", &r->unit));
        CXS_TRY(set_event(ctx, draft, event, r));
        if (definition == NULL && strncmp(r->time->name, "PFS_", 4) == 0)
            r->definition = "PFS";
        else if (definition == NULL && strncmp(r->time->name, "OS_", 3) == 0)
            r->definition = "OS";
    }
    CXS_TRY(set_entry(ctx, draft, r));
done:
    return rc;
}
