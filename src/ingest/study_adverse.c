/*
 * study_adverse.c -- adverse events beside the follow-up: CX058
 *
 * A grade of 5 is a death (CTCAE v5.0), so it needs one.  CRS and ICANS have grades of
 * their own (ASTCT: Lee 2019, Biol Blood Marrow Transplant 25:625); CTCAE grades of them
 * mean other things, and are counted.  That a grade is 1 to 5 is checked where the cells
 * are read, and that nothing begins after death where the order of events is.
 */
#include "ingest/study_draft.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Whether a patient died: 1, 0, -1 when neither a date nor an endpoint tells. */
static int has_died(const cxs_draft *draft, size_t i)
{
    const cxs_column *death =
        cxs_sheet_find(draft->sheet[CXS_SHEET_PATIENTS], "DEATH_DATE");
    const cxs_outcome *os = cxs_draft_outcome(draft, "OS");

    if (death != NULL && !isnan(death->number[i]))
        return 1;
    if (os != NULL && os->event[i] >= 0)
        return os->event[i];
    return death != NULL ? 0 : -1;
}

static void check_deaths(cxs_ctx *ctx, const cxs_draft *draft, const cxs_sheet *ae,
                         cxs_faults *faults)
{
    const cxs_column *grade = cxs_sheet_find(ae, "GRADE");
    const cxs_column *id = cxs_sheet_find(ae, "PATIENT_ID");

    for (size_t r = 0; id != NULL && r < ae->rows; r++) {
        const size_t patient = id->text[r] != NULL
                                   ? cxs_index_find(&draft->patient, id->text[r])
                                   : SIZE_MAX;
        if (patient != SIZE_MAX && cxs_column_number(grade, r) == 5.0 &&
            has_died(draft, patient) == 0)
            cxs_fault_add(ctx, faults, "%s:%zu:%s: 5 but patient %s is alive",
                          ae->table->path, cxs_sheet_line(ae, r), grade->source,
                          cxs_ctx_id(ctx, id->text[r]));
    }
}

static void check_days(cxs_ctx *ctx, const cxs_sheet *ae, cxs_faults *faults)
{
    const cxs_column *start = cxs_sheet_find(ae, "START_DAY");
    const cxs_column *end = cxs_sheet_find(ae, "END_DAY");

    for (size_t r = 0; r < ae->rows; r++)
        if (cxs_column_number(end, r) < cxs_column_number(start, r))
            cxs_fault_add(ctx, faults,
                          "%s:%zu:%s: day %.15g is before the start (day %.15g)",
                          ae->table->path, cxs_sheet_line(ae, r), end->source,
                          end->number[r], start->number[r]);
}

static bool is_cell(const cxs_column *column, size_t r, const char *text)
{
    const char *value = cxs_column_value(column, r);

    return value != NULL && strcasecmp(value, text) == 0;
}

/* CRS and ICANS, by the event of special interest or by the term. */
static bool is_astct_event(const cxs_sheet *ae, size_t r)
{
    static const char *const terms[] = {
        "Cytokine release syndrome",
        "Immune effector cell-associated neurotoxicity syndrome"};
    const cxs_column *interest = cxs_sheet_find(ae, "AESI");
    const cxs_column *term = cxs_sheet_find(ae, "TERM");
    bool found = is_cell(interest, r, "CRS") || is_cell(interest, r, "ICANS");

    for (size_t t = 0; t < sizeof terms / sizeof *terms; t++)
        found = found || is_cell(term, r, terms[t]);
    return found;
}

static cxs_rc warn_systems(cxs_ctx *ctx, const cxs_sheet *ae)
{
    const cxs_column *system = cxs_sheet_find(ae, "SYSTEM");
    size_t count = 0, first = 0;

    for (size_t r = 0; r < ae->rows; r++) {
        if (!is_cell(system, r, "CTCAE5") || !is_astct_event(ae, r))
            continue;
        if (count++ == 0)
            first = cxs_sheet_line(ae, r);
    }
    if (count == 0)
        return CXS_OK;
    return cxs_warn(ctx, "CX058",
                    "%s:%zu:%s: %zu of %zu adverse events are CRS or ICANS graded by "
                    "CTCAE5; their grades are those of ASTCT",
                    ae->table->path, first, system->source, count, ae->rows);
}

cxs_rc cxs_draft_check_adverse(cxs_ctx *ctx, const cxs_draft *draft)
{
    const cxs_sheet *ae = draft->sheet[CXS_SHEET_AE];
    cxs_faults faults = {.code = "CX058"};
    cxs_rc rc;

    if (ae == NULL)
        return CXS_OK;
    check_deaths(ctx, draft, ae, &faults);
    check_days(ctx, ae, &faults);
    rc = cxs_faults_end(ctx, &faults);
    return rc == CXS_OK ? warn_systems(ctx, ae) : rc;
}
