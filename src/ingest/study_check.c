/*
 * study_check.c -- does the cohort make sense?  CX003, CX005, CX010-CX012, CX015
 *
 * These rules look at more than one cell: ids between sheets, units by the size of the
 * numbers, the order of events of one patient.  They stop a study, because each of the
 * faults leaves every later number plausible and wrong.
 */
#include "ingest/study_draft.h"

#include "num/order.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t cxs_draft_patients(const cxs_draft *draft)
{
    return draft->sheet[CXS_SHEET_PATIENTS]->rows;
}

/* ---- ids ------------------------------------------------------------------------- */

static size_t add_uses(const cxs_sheet *sheet, const char *column, cxs_id_use *use)
{
    const cxs_column *id = cxs_sheet_find(sheet, column);
    size_t n = 0;

    for (size_t i = 0; id != NULL && i < sheet->rows; i++)
        if (id->text[i] != NULL)
            use[n++] =
                (cxs_id_use){id->text[i], sheet->table->path, cxs_sheet_line(sheet, i)};
    return n;
}

static cxs_rc check_distinct(cxs_ctx *ctx, const cxs_draft *draft, const char *column)
{
    cxs_rc rc = CXS_OK;
    cxs_id_use *use = NULL;
    size_t n = 0;

    for (size_t s = 0; s < CXS_SHEETS; s++)
        n += draft->sheet[s] != NULL ? draft->sheet[s]->rows : 0;
    CXS_NEW(use, n);
    n = 0;
    for (size_t s = 0; s < CXS_SHEETS; s++)
        n += add_uses(draft->sheet[s], column, use + n);
    CXS_TRY(cxs_ids_distinct(ctx, use, n));
done:
    cxs_free(use);
    return rc;
}

/* CX003: every id of `column` stands in `known`. */
static cxs_rc check_owners(cxs_ctx *ctx, const cxs_sheet *sheet, const char *column,
                           const cxs_index *known, const char *what)
{
    const cxs_column *id = cxs_sheet_find(sheet, column);
    cxs_faults faults = {.code = "CX003"};

    for (size_t i = 0; id != NULL && i < sheet->rows; i++)
        if (id->text[i] != NULL && cxs_index_find(known, id->text[i]) == SIZE_MAX)
            cxs_fault_add(ctx, &faults, "%s:%zu:%s: no %s \"%s\"", sheet->table->path,
                          cxs_sheet_line(sheet, i), id->source, what,
                          cxs_ctx_id(ctx, id->text[i]));
    return cxs_faults_end(ctx, &faults);
}

cxs_rc cxs_draft_check_ids(cxs_ctx *ctx, cxs_draft *draft)
{
    const cxs_sheet *samples = draft->sheet[CXS_SHEET_SAMPLES];
    const cxs_column *sample_id = cxs_sheet_find(samples, "SAMPLE_ID");
    cxs_index sample = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_distinct(ctx, draft, "PATIENT_ID"));
    CXS_TRY(check_distinct(ctx, draft, "SAMPLE_ID"));
    for (size_t s = CXS_SHEET_SAMPLES; s < CXS_SHEETS; s++)
        if (draft->sheet[s] != NULL)
            CXS_TRY(check_owners(ctx, draft->sheet[s], "PATIENT_ID", &draft->patient,
                                 "patient"));
    if (draft->sheet[CXS_SHEET_ADTTE] != NULL)
        CXS_TRY(check_owners(ctx, draft->sheet[CXS_SHEET_ADTTE], "USUBJID",
                             &draft->patient, "patient"));
    if (sample_id != NULL) {
        CXS_TRY(cxs_index_make(ctx, sample_id->text, samples->rows, &sample));
        CXS_TRY(check_owners(ctx, draft->sheet[CXS_SHEET_ASSAYS], "SAMPLE_ID", &sample,
                             "sample"));
        CXS_TRY(check_owners(ctx, samples, "NORMAL_SAMPLE_ID", &sample, "sample"));
    }
done:
    cxs_index_clear(&sample);
    return rc;
}

/* ---- units ----------------------------------------------------------------------- */

/* Median of the present values, NaN when there is none; *max, *whole: all integers. */
static cxs_rc summary(cxs_ctx *ctx, const double *x, size_t n, double *median,
                      double *max, bool *whole)
{
    cxs_rc rc = CXS_OK;
    double *sorted = NULL;
    size_t m = 0;

    *median = *max = (double)NAN;
    *whole = true;
    CXS_NEW(sorted, n);
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i]))
            continue;
        sorted[m++] = x[i];
        *whole = *whole && x[i] == floor(x[i]);
    }
    if (m > 0) {
        qsort(sorted, m, sizeof *sorted, cxs_ascending);
        *max = sorted[m - 1];
        *median = cxs_median_sorted(m, sorted);
    }
done:
    cxs_free(sorted);
    return rc;
}

/* CX010 of one column: numbers too large for months, or too small and broken for days.
 */
static cxs_rc check_unit(cxs_ctx *ctx, const cxs_draft *draft, const char *name,
                         bool months)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_column *column = cxs_sheet_find(patients, name);
    double median, max;
    bool whole;
    cxs_rc rc = CXS_OK;

    if (column == NULL || column->number == NULL)
        return CXS_OK;
    CXS_TRY(summary(ctx, column->number, patients->rows, &median, &max, &whole));
    if (months && (max > 300.0 || median > 60.0))
        rc = cxs_fail_code(
            ctx, CXS_EFORMAT, "CX010",
            "%s:%s: median %.15g: this looks like days (accept_units: yes "
            "in study.yaml keeps it)",
            patients->table->path, column->source, median);
    if (!months && max < 60.0 && !whole)
        rc = cxs_fail_code(ctx, CXS_EFORMAT, "CX010",
                           "%s:%s: median %.15g: this looks like months (accept_units: "
                           "yes in study.yaml keeps it)",
                           patients->table->path, column->source, median);
done:
    return rc;
}

static cxs_rc check_units(cxs_ctx *ctx, const cxs_draft *draft)
{
    static const struct {
        const char *name;
        bool months;
    } columns[] = {{"OS_MONTHS", true},
                   {"PFS_MONTHS", true},
                   {"OS_DAYS", false},
                   {"PFS_DAYS", false}};
    const cxs_outcome *os = cxs_draft_outcome(draft, "OS");
    const cxs_outcome *pfs = cxs_draft_outcome(draft, "PFS");
    const size_t n = cxs_draft_patients(draft);
    double os_median, pfs_median, max;
    bool whole;
    cxs_rc rc = CXS_OK;

    if (cxs_plan_flag(draft->plan, NULL, "accept_units"))
        return CXS_OK;
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        CXS_TRY(check_unit(ctx, draft, columns[c].name, columns[c].months));
    if (os == NULL || pfs == NULL)
        return CXS_OK;
    CXS_TRY(summary(ctx, os->time, n, &os_median, &max, &whole));
    CXS_TRY(summary(ctx, pfs->time, n, &pfs_median, &max, &whole));
    max = fmax(os_median / pfs_median, pfs_median / os_median);
    if (max >= 20.0 && max <= 45.0) /* about days per month */
        rc = cxs_fail_code(ctx, CXS_EFORMAT, "CX010",
                           "%s: the medians of OS and PFS are %.15g and %.15g days: "
                           "one of them looks like months",
                           draft->sheet[CXS_SHEET_PATIENTS]->table->path, os_median,
                           pfs_median);
done:
    return rc;
}

/* ---- order of events ------------------------------------------------------------- */

static cxs_rc check_pfs_after_os(cxs_ctx *ctx, const cxs_draft *draft)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_outcome *os = cxs_draft_outcome(draft, "OS");
    const cxs_outcome *pfs = cxs_draft_outcome(draft, "PFS");
    cxs_faults faults = {.code = "CX011"};

    if (os == NULL || pfs == NULL)
        return CXS_OK;
    for (size_t i = 0; i < patients->rows; i++) {
        const size_t line = cxs_sheet_line(patients, i);
        if (os->event[i] < 0 || pfs->event[i] < 0)
            continue;
        if (pfs->time[i] > os->time[i] + 1.0)
            cxs_fault_add(ctx, &faults, "%s:%zu: PFS %.15g d is after OS %.15g d",
                          patients->table->path, line, pfs->time[i], os->time[i]);
        else if (os->event[i] == 1 && pfs->event[i] == 0)
            cxs_fault_add(ctx, &faults,
                          "%s:%zu: death at %.15g d, but PFS is censored at %.15g d: "
                          "death is an event of PFS",
                          patients->table->path, line, os->time[i], pfs->time[i]);
    }
    return cxs_faults_end(ctx, &faults);
}

/* Day of death since enrolment: from dates, else from OS when it counts from there. */
static double death_day(const cxs_draft *draft, size_t i)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const double day = cxs_column_number(cxs_sheet_find(patients, "DEATH_DATE"), i) -
                       cxs_column_number(cxs_sheet_find(patients, "ENROLL_DATE"), i);
    const char *origin = cxs_plan_text(draft->plan, NULL, "time_origin");
    const cxs_outcome *os = cxs_draft_outcome(draft, "OS");

    if (!isnan(day) || (origin != NULL && strcmp(origin, "enrolment") != 0))
        return day;
    return os != NULL && os->event[i] == 1 ? os->time[i] : (double)NAN;
}

/* Is any cell of the row the word autopsy?  No column of the schema is made for it. */
static bool is_autopsy(const cxs_sheet *sheet, size_t r)
{
    for (size_t c = 0; c < sheet->table->columns; c++)
        if (strcasecmp(cxs_table_cell(sheet->table, sheet->row[r], c), "autopsy") == 0)
            return true;
    return false;
}

/* CX012: nothing is measured or given more than a day after death; samples of an
 * autopsy are counted. */
static void check_after_death(cxs_ctx *ctx, const cxs_draft *draft,
                              const cxs_sheet *sheet, const char *day_column,
                              cxs_faults *faults, size_t *autopsies)
{
    const cxs_column *day = cxs_sheet_find(sheet, day_column);
    const cxs_column *id = cxs_sheet_find(sheet, "PATIENT_ID");
    const bool samples = sheet != NULL && sheet->id == CXS_SHEET_SAMPLES;

    for (size_t r = 0; day != NULL && id != NULL && r < sheet->rows; r++) {
        const size_t patient = id->text[r] != NULL
                                   ? cxs_index_find(&draft->patient, id->text[r])
                                   : SIZE_MAX;
        const double death =
            patient != SIZE_MAX ? death_day(draft, patient) : (double)NAN;
        if (!(cxs_column_number(day, r) > death + 1.0))
            continue;
        if (samples && is_autopsy(sheet, r))
            ++*autopsies;
        else
            cxs_fault_add(ctx, faults,
                          "%s:%zu:%s: day %.15g is after death (day %.15g)",
                          sheet->table->path, cxs_sheet_line(sheet, r), day->source,
                          day->number[r], death);
    }
}

/* Last visit of each patient must not lie after the last contact. */
static void check_last_contact(cxs_ctx *ctx, const cxs_draft *draft, cxs_faults *faults)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_sheet *visits = draft->sheet[CXS_SHEET_VISITS];
    const cxs_column *id = cxs_sheet_find(visits, "PATIENT_ID");
    const cxs_column *day = cxs_sheet_find(visits, "DAY");
    const cxs_column *contact = cxs_sheet_find(patients, "LAST_CONTACT_DATE");
    const cxs_column *enrolled = cxs_sheet_find(patients, "ENROLL_DATE");

    for (size_t r = 0; id != NULL && day != NULL && r < visits->rows; r++) {
        const size_t i = id->text[r] != NULL
                             ? cxs_index_find(&draft->patient, id->text[r])
                             : SIZE_MAX;
        double last;
        if (i == SIZE_MAX)
            continue;
        last = cxs_column_number(contact, i) - cxs_column_number(enrolled, i);
        if (day->number[r] > last && !(day->number[r] > death_day(draft, i) + 1.0))
            cxs_fault_add(ctx, faults,
                          "%s:%zu:%s: day %.15g is after the last contact (day %.15g)",
                          visits->table->path, cxs_sheet_line(visits, r), day->source,
                          day->number[r], last);
    }
}

static cxs_rc check_order(cxs_ctx *ctx, const cxs_draft *draft)
{
    static const struct {
        cxs_sheet_id sheet;
        const char *day;
    } days[] = {{CXS_SHEET_SAMPLES, "COLLECT_DAY"},
                {CXS_SHEET_VISITS, "DAY"},
                {CXS_SHEET_DOSES, "DAY"},
                {CXS_SHEET_AE, "START_DAY"}};
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_column *death = cxs_sheet_find(patients, "DEATH_DATE");
    cxs_faults faults = {.code = "CX012"};
    size_t autopsies = 0;
    cxs_rc rc;

    for (size_t i = 0; death != NULL && i < patients->rows; i++)
        if (death_day(draft, i) < 0.0)
            cxs_fault_add(ctx, &faults,
                          "%s:%zu:%s: death is %.15g days before enrolment",
                          patients->table->path, cxs_sheet_line(patients, i),
                          death->source, -death_day(draft, i));
    for (size_t d = 0; d < sizeof days / sizeof *days; d++)
        check_after_death(ctx, draft, draft->sheet[days[d].sheet], days[d].day, &faults,
                          &autopsies);
    check_last_contact(ctx, draft, &faults);
    rc = cxs_faults_end(ctx, &faults);
    if (rc == CXS_OK && autopsies > 0)
        rc = cxs_warn(ctx, "CX012",
                      "%s: %zu samples of an autopsy were drawn after death",
                      draft->sheet[CXS_SHEET_SAMPLES]->table->path, autopsies);
    return rc;
}

/* CX015: dates of death are recorded, and OS has events without one. */
cxs_rc cxs_draft_check_columns(cxs_ctx *ctx, cxs_draft *draft)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_column *death = cxs_sheet_find(patients, "DEATH_DATE");
    const cxs_column *event = cxs_sheet_find(patients, "OS_STATUS");
    size_t events = 0, deaths = 0, unexplained = 0;

    if (death == NULL || event == NULL)
        return CXS_OK;
    for (size_t i = 0; i < patients->rows; i++) {
        const bool is_event = event->text[i] != NULL && event->text[i][0] == '1';
        const bool is_death = !isnan(death->number[i]);
        events += is_event;
        deaths += is_death;
        unexplained += is_event && !is_death;
    }
    if (deaths == 0 || unexplained == 0)
        return CXS_OK;
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX015",
                         "%s: %s has %zu events but %zu deaths: this is the composite "
                         "endpoint; map it to PFS",
                         patients->table->path, event->source, events, deaths);
}

cxs_rc cxs_draft_check(cxs_ctx *ctx, cxs_draft *draft)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_order(ctx, draft));
    CXS_TRY(check_units(ctx, draft));
    CXS_TRY(check_pfs_after_os(ctx, draft));
    CXS_TRY(cxs_draft_check_adverse(ctx, draft));
    CXS_TRY(cxs_draft_check_gpa(ctx, draft));
done:
    return rc;
}
