/*
 * study_scores.c -- scores that a sheet gives beside their parts: CX059, CX060
 */
#include "ingest/gpa.h"
#include "ingest/study_draft.h"

#include "base/number.h"

#include <math.h>
#include <string.h>

/* ---- performance status ----------------------------------------------------------- */

/* Number of a cell, NaN when it is missing or no plausible status; what looks like a
 * missing value is for other rules. */
static double status_of(const cxs_plan *plan, const cxs_sheet *sheet,
                        const cxs_field *field, size_t at, size_t row)
{
    const char *text = cxs_table_cell(sheet->table, sheet->row[row], at), *canon;
    double x = (double)NAN;
    cxs_cell cell;

    if (cxs_is_na(text, strlen(text)))
        return x;
    text = cxs_plan_value(plan, field->column, text);
    cell = cxs_cell_judge(field, text, &x, &canon);
    if ((cell != CXS_CELL_OK && cell != CXS_CELL_NOT_LISTED) ||
        !cxs_number_parse(text, strlen(text), &x) || x < 0.0 || x > 100.0)
        return (double)NAN;
    return x;
}

static cxs_rc check_kps(cxs_ctx *ctx, const cxs_plan *plan, const cxs_sheet *sheet,
                        const cxs_field *field, size_t at)
{
    const char *path = sheet->table->path, *name = sheet->table->name[at];
    cxs_faults faults = {.code = "CX059"};
    double most = -1.0;

    for (size_t r = 0; r < sheet->rows; r++)
        most = fmax(most, status_of(plan, sheet, field, at, r)); /* skips NaN */
    if (most > 0.0 && most <= 5.0)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX059",
                             "%s:%s: all values are 0..5: this is ECOG", path, name);
    for (size_t r = 0; r < sheet->rows; r++) {
        const double x = status_of(plan, sheet, field, at, r);
        if (fabs(fmod(x, 10.0)) > 0.0)
            cxs_fault_add(ctx, &faults, "%s:%zu:%s: %.15g is not a multiple of 10",
                          path, cxs_sheet_line(sheet, r), name, x);
    }
    return cxs_faults_end(ctx, &faults);
}

static cxs_rc check_ecog(cxs_ctx *ctx, const cxs_plan *plan, const cxs_sheet *sheet,
                         const cxs_field *field, size_t at)
{
    cxs_faults faults = {.code = "CX059"};

    for (size_t r = 0; r < sheet->rows; r++) {
        const double x = status_of(plan, sheet, field, at, r);
        if (x > 5.0)
            cxs_fault_add(ctx, &faults, "%s:%zu:%s: %.15g is above 5: this is no ECOG",
                          sheet->table->path, cxs_sheet_line(sheet, r),
                          sheet->table->name[at], x);
    }
    return cxs_faults_end(ctx, &faults);
}

cxs_rc cxs_performance_check(cxs_ctx *ctx, const cxs_plan *plan, const cxs_sheet *sheet,
                             const cxs_field *field, size_t at)
{
    if (strcmp(field->column, "KPS") == 0)
        return check_kps(ctx, plan, sheet, field, at);
    if (strcmp(field->column, "ECOG") == 0)
        return check_ecog(ctx, plan, sheet, field, at);
    return CXS_OK;
}

/* ---- GPA -------------------------------------------------------------------------- */

static double recompute(const cxs_gpa_tables *tables, const cxs_sheet *patients,
                        size_t i)
{
    const char *primary =
        cxs_column_value(cxs_sheet_find(patients, "PRIMARY_TUMOR"), i);
    cxs_gpa_parts parts = {.subtype = NULL};

    for (size_t f = 0; f < CXS_GPA_FACTORS; f++) {
        const cxs_column *column = cxs_sheet_find(patients, cxs_gpa_column[f]);
        parts.number[f] =
            f == CXS_GPA_SUBTYPE ? (double)NAN : cxs_column_number(column, i);
        if (f == CXS_GPA_SUBTYPE)
            parts.subtype = cxs_column_value(column, i);
    }
    return cxs_gpa(tables, cxs_gpa_index(primary), &parts);
}

cxs_rc cxs_draft_check_gpa(cxs_ctx *ctx, const cxs_draft *draft)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_column *given = cxs_sheet_find(patients, "GPA");
    cxs_gpa_tables *tables = NULL;
    size_t differ = 0;
    cxs_rc rc = CXS_OK;

    if (given == NULL)
        return CXS_OK;
    CXS_TRY(cxs_gpa_read(ctx, draft->refdata, &tables));
    for (size_t i = 0; i < patients->rows; i++) {
        const double gap = cxs_column_number(given, i) - recompute(tables, patients, i);
        differ += fabs(gap) > 1e-9; /* false for NaN */
    }
    if (differ > 0)
        rc = cxs_warn(ctx, "CX060", "%zu patients: GPA given and computed differ",
                      differ);
done:
    cxs_gpa_free(tables);
    return rc;
}
