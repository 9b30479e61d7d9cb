/*
 * study_outcome.c -- endpoints: from dates where they exist, else from given columns
 *
 *   OS   event  DEATH_DATE                          censored at LAST_CONTACT_DATE
 *   PFS  event  first of PROGRESSION_DATE, death    censored at LAST_ASSESSMENT_DATE
 * both counted in days from ENROLL_DATE.  PFS is not censored at the last contact:
 * nobody knows that a patient is free of progression who is merely known to be alive.
 * Where dates and columns both speak they must agree within one day, and so must a
 * column in days with one in months (1 month = 30.4375 days, 1 year = 365.25 days).
 */
#include "ingest/study_endpoint.h"

#include "base/number.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { NO_EVENT = 0, EVENT = 1, UNKNOWN = -1 };

static const double ZERO_TIME_DAYS = 0.5; /* a time of 0 becomes half a day */

/* ---- cells ----------------------------------------------------------------------- */

/* Only 1 and 2, with at least one 2? */
static bool is_coded_12(const cxs_column *event, size_t n)
{
    bool two = false;

    for (size_t i = 0; i < n; i++) {
        const char *text = cxs_column_value(event, i);
        double v = 0.0;
        if (text == NULL)
            continue;
        if (!cxs_number_parse(text, strlen(text), &v) || (v != 1.0 && v != 2.0))
            return false;
        two = two || v == 2.0;
    }
    return two;
}

/* A status by its digit: "1:DECEASED", "0", "1.0"; UNKNOWN when it is neither. */
static int status(const char *text, bool coded_12)
{
    double v = 0.0;

    if ((text[0] == '0' || text[0] == '1') && text[1] == ':')
        return text[0] == '1' ? EVENT : NO_EVENT;
    if (!cxs_number_parse(text, strlen(text), &v))
        return UNKNOWN;
    if (coded_12)
        v -= 1.0;
    return v == 1.0 ? EVENT : v == 0.0 ? NO_EVENT : UNKNOWN;
}

static int matches(const char *text, const char *value)
{
    double a = 0.0, b = 0.0;

    if (strcmp(text, value) == 0)
        return EVENT;
    return cxs_number_parse(text, strlen(text), &a) &&
                   cxs_number_parse(value, strlen(value), &b) && a == b
               ? EVENT
               : NO_EVENT;
}

static cxs_rc read_events(cxs_ctx *ctx, const cxs_draft *draft, const cxs_recipe *r,
                          int *event)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_PATIENTS];
    const bool coded_12 = is_coded_12(r->event, sheet->rows);
    cxs_faults faults = {.code = "CX018"};

    if (r->event != NULL && r->event_value == NULL && coded_12 &&
        !cxs_plan_flag(draft->plan, NULL, "status_coding_12"))
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX008",
                             "%s:%s: values are 1 and 2; say --status-coding 12 "
                             "(status_coding_12: yes in study.yaml) if 2 means event",
                             sheet->table->path, r->event->source);
    for (size_t i = 0; i < sheet->rows; i++) {
        const char *text = cxs_column_value(r->event, i);
        event[i] = UNKNOWN;
        if (text == NULL)
            continue;
        event[i] = r->event_value != NULL ? matches(text, r->event_value)
                                          : status(text, coded_12);
        if (event[i] == UNKNOWN)
            cxs_fault_add(ctx, &faults,
                          "%s:%zu:%s: \"%s\" is not one of 0|1, nor does it begin with "
                          "0: or 1:",
                          sheet->table->path, cxs_sheet_line(sheet, i),
                          r->event->source, text);
    }
    return cxs_faults_end(ctx, &faults);
}

/* Times of a text column are told apart here; a numeric column is ready. */
static cxs_rc check_numeric(cxs_ctx *ctx, const cxs_sheet *sheet,
                            const cxs_column *column)
{
    cxs_faults faults = {.code = "CX016"};
    double v;

    if (column == NULL || column->number != NULL)
        return CXS_OK;
    for (size_t i = 0; i < sheet->rows; i++)
        if (column->text[i] != NULL &&
            !cxs_number_parse(column->text[i], strlen(column->text[i]), &v))
            cxs_fault_add(ctx, &faults, "%s:%zu:%s: \"%s\" is not a number",
                          sheet->table->path, cxs_sheet_line(sheet, i), column->source,
                          column->text[i]);
    return cxs_faults_end(ctx, &faults);
}

/* Time and event of one patient from dates; NaN when they do not tell. */
static double from_dates(const cxs_sheet *patients, const char *definition, size_t i,
                         int *event)
{
    const double origin = cxs_column_number(cxs_sheet_find(patients, "ENROLL_DATE"), i);
    const double death = cxs_column_number(cxs_sheet_find(patients, "DEATH_DATE"), i);
    const double progression =
        cxs_column_number(cxs_sheet_find(patients, "PROGRESSION_DATE"), i);
    const bool os = strcmp(definition, "OS") == 0;
    const double first = os ? death : fmin(death, progression); /* fmin skips NaN */
    const double last = cxs_column_number(
        cxs_sheet_find(patients, os ? "LAST_CONTACT_DATE" : "LAST_ASSESSMENT_DATE"), i);

    *event = isnan(first) ? NO_EVENT : EVENT;
    return (isnan(first) ? last : first) - origin;
}

/* ---- one outcome ----------------------------------------------------------------- */

typedef struct findings {
    cxs_faults disagree, negative, entry;
    size_t zeros, dropped;
} findings;

/* Time and event of patient i, dates first. */
static void combine(cxs_ctx *ctx, const cxs_sheet *sheet, const cxs_recipe *r, size_t i,
                    cxs_outcome *out, findings *found)
{
    const size_t line = cxs_sheet_line(sheet, i);
    const char *path = sheet->table->path;
    const double other = cxs_column_number(r->other_time, i) * r->other_unit;
    double given = cxs_column_number(r->time, i) * r->unit, dated = (double)NAN;
    int event = UNKNOWN;

    if (isnan(given))
        given = other;
    if (fabs(given - other) > 1.0)
        cxs_fault_add(
            ctx, &found->disagree,
            "%s:%zu: %s gives %.15g days, %s %.15g: they must agree within 1 day", path,
            line, r->time->source, given, r->other_time->source, other);
    if (strcmp(r->definition, "other") != 0 && !r->given_only)
        dated = from_dates(sheet, r->definition, i, &event);
    if (!isnan(dated) && !isnan(given) && out->event[i] != UNKNOWN &&
        (fabs(dated - given) > 1.0 || event != out->event[i]))
        cxs_fault_add(ctx, &found->disagree,
                      "%s:%zu: dates give %s %.15g days with status %d, columns %.15g "
                      "days with status %d: they must agree within 1 day",
                      path, line, r->definition, dated, event, given, out->event[i]);
    out->time[i] = given;
    if (!isnan(dated)) {
        out->time[i] = dated;
        out->event[i] = event;
    }
    if (isnan(out->time[i]) || out->event[i] == UNKNOWN) {
        out->time[i] = (double)NAN;
        out->event[i] = UNKNOWN;
    }
    if (out->time[i] < 0.0)
        cxs_fault_add(ctx, &found->negative, "%s:%zu:%s: negative time %.15g", path,
                      line, r->time != NULL ? r->time->source : r->name, out->time[i]);
    if (out->time[i] == 0.0) {
        out->time[i] = ZERO_TIME_DAYS;
        found->zeros++;
    }
}

static void set_one_entry(cxs_ctx *ctx, const cxs_draft *draft, const cxs_recipe *r,
                          size_t i, cxs_outcome *out, findings *found)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_PATIENTS];
    const char *rule = cxs_plan_text(draft->plan, NULL, "bad_rows");

    out->entry[i] = cxs_column_number(r->entry, i) * r->entry_unit;
    if (out->entry[i] < 0.0)
        cxs_fault_add(ctx, &found->negative, "%s:%zu:%s: negative time %.15g",
                      sheet->table->path, cxs_sheet_line(sheet, i), r->entry->source,
                      out->entry[i]);
    if (!(out->entry[i] >= out->time[i]))
        return;
    if (rule == NULL || strcmp(rule, "drop") != 0) {
        cxs_fault_add(ctx, &found->entry,
                      "%s:%zu:%s: entry %.15g is not before exit %.15g",
                      sheet->table->path, cxs_sheet_line(sheet, i), r->entry->source,
                      out->entry[i], out->time[i]);
        return;
    }
    found->dropped++;
    out->time[i] = out->entry[i] = (double)NAN;
    out->event[i] = UNKNOWN;
}

static cxs_rc end_findings(cxs_ctx *ctx, const cxs_sheet *sheet, const cxs_recipe *r,
                           findings *found, cxs_rc rc)
{
    cxs_faults *all[] = {&found->negative, &found->disagree, &found->entry};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (rc == CXS_OK)
            rc = cxs_faults_end(ctx, all[i]);
        cxs_free(all[i]->text.text);
        all[i]->text = (cxs_buf){0};
    }
    if (rc == CXS_OK && found->zeros > 0)
        rc = cxs_warn(ctx, "CX007", "%s: %zu times of %s are 0 and became %g day",
                      sheet->table->path, found->zeros, r->name, ZERO_TIME_DAYS);
    if (rc == CXS_OK && found->dropped > 0)
        rc =
            cxs_warn(ctx, "CX013",
                     "%s: %zu patients whose entry is not before the exit were dropped",
                     sheet->table->path, found->dropped);
    return rc;
}

static cxs_rc build(cxs_ctx *ctx, cxs_draft *draft, const cxs_recipe *r)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_PATIENTS];
    cxs_outcome *out = &draft->outcome[draft->outcomes++];
    findings found = {.disagree = {.code = ""},
                      .negative = {.code = "CX007"},
                      .entry = {.code = "CX013"}};
    cxs_rc rc = CXS_OK;

    out->name = r->name;
    out->definition = r->definition;
    CXS_NEW(out->time, sheet->rows);
    CXS_NEW(out->event, sheet->rows);
    if (r->entry != NULL)
        CXS_NEW(out->entry, sheet->rows);
    CXS_TRY(check_numeric(ctx, sheet, r->time));
    CXS_TRY(check_numeric(ctx, sheet, r->entry));
    CXS_TRY(read_events(ctx, draft, r, out->event));
    for (size_t i = 0; i < sheet->rows; i++) {
        combine(ctx, sheet, r, i, out, &found);
        if (r->entry != NULL)
            set_one_entry(ctx, draft, r, i, out, &found);
    }
done:
    return end_findings(ctx, sheet, r, &found, rc);
}

/* CX009: CNSR beside a status that equals it. */
static cxs_rc check_cnsr(cxs_ctx *ctx, const cxs_draft *draft, const cxs_column *event)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_column *cnsr = cxs_sheet_find(sheet, "CNSR");

    if (cnsr == NULL || event == NULL || cnsr == event)
        return CXS_OK;
    for (size_t i = 0; i < sheet->rows; i++) {
        const char *a = cxs_column_value(cnsr, i), *b = cxs_column_value(event, i);
        if ((a == NULL) != (b == NULL) ||
            (a != NULL && status(a, false) != status(b, false)))
            return CXS_OK;
    }
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX009",
                         "%s: CNSR 0 means event; the column cannot be a status: %s "
                         "equals it in every row",
                         sheet->table->path, event->source);
}

static bool can_be_made(const cxs_sheet *patients, const cxs_recipe *r)
{
    const bool os = strcmp(r->definition, "OS") == 0;
    const bool dates = cxs_sheet_find(patients, "ENROLL_DATE") != NULL &&
                       cxs_sheet_find(patients, os ? "LAST_CONTACT_DATE"
                                                   : "LAST_ASSESSMENT_DATE") != NULL;

    return dates || (r->time != NULL && r->event != NULL);
}

static cxs_rc check_events(cxs_ctx *ctx, const cxs_draft *draft)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_outcome *o = &draft->outcome[draft->declared];
    size_t n = 0, events = 0;

    for (size_t i = 0; i < sheet->rows; i++) {
        n += o->event[i] != UNKNOWN;
        events += o->event[i] == EVENT;
    }
    if (events == 0)
        return cxs_fail_code(ctx, CXS_EDEGENERATE, "CX052",
                             "%s: no event of %s among %zu patients with follow-up",
                             sheet->table->path, o->name, n);
    return CXS_OK;
}

cxs_rc cxs_draft_outcomes(cxs_ctx *ctx, cxs_draft *draft)
{
    static const char *const standard[] = {"OS", "PFS"};
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_PATIENTS];
    cxs_recipe declared = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_recipe_declared(ctx, draft, &declared));
    CXS_TRY(check_cnsr(ctx, draft, declared.event));
    if (declared.time == NULL || declared.event == NULL) {
        if (strcmp(declared.definition, "other") == 0 || !can_be_made(sheet, &declared))
            CXS_TRY(cxs_fail(ctx, CXS_EARG,
                             "%s:%zu: endpoint %s: give time and event, or the columns "
                             "that it is made from",
                             draft->plan->path,
                             cxs_plan_line(draft->plan, NULL, "endpoint"),
                             declared.name));
    }
    for (size_t s = 0; s < sizeof standard / sizeof *standard; s++) {
        cxs_recipe r = {0};
        cxs_recipe_schema(sheet, standard[s], &r);
        if (strcmp(declared.name, r.name) != 0 && can_be_made(sheet, &r))
            CXS_TRY(build(ctx, draft, &r));
    }
    draft->declared = draft->outcomes;
    CXS_TRY(build(ctx, draft, &declared));
    CXS_TRY(check_events(ctx, draft));
done:
    return rc;
}

const cxs_outcome *cxs_draft_outcome(const cxs_draft *draft, const char *definition)
{
    for (size_t i = 0; i < draft->outcomes; i++)
        if (strcmp(draft->outcome[i].definition, definition) == 0)
            return &draft->outcome[i];
    return NULL;
}
