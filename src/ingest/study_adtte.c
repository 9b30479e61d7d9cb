/*
 * study_adtte.c -- an endpoint of the adtte sheet as columns of the patients sheet
 *
 * AVAL keeps its own count of days (ADT - STARTDT + 1): the dates of the patients sheet
 * do not take part in this endpoint.
 */
#include "ingest/study_draft.h"

#include "ingest/cdisc.h"

#include <math.h>
#include <string.h>

/* Two more columns of the patients sheet: days as a number, CNSR as text. */
static cxs_rc add_columns(cxs_ctx *ctx, cxs_draft *draft, const char *paramcd)
{
    static const char *const endings[] = {"_ADTTE_DAYS", "_ADTTE_CNSR"};
    cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < CXS_SPARE_COLUMNS; i++) {
        cxs_column *column = &patients->column[patients->columns];
        cxs_buf name = {0};
        rc = cxs_buf_addf(ctx, &name, "%s%s", paramcd, endings[i]);
        draft->adtte_name[i] = name.text;
        CXS_TRY(rc);
        *column = (cxs_column){.name = name.text,
                               .source = name.text,
                               .type = i == 0 ? CXS_TYPE_FLOAT : CXS_TYPE_STRING};
        patients->columns++;
        CXS_NEW(column->text, patients->rows);
        if (i == 0)
            CXS_NEW(column->number, patients->rows);
        for (size_t r = 0; i == 0 && r < patients->rows; r++)
            column->number[r] = (double)NAN;
    }
done:
    return rc;
}

/* Rows of the endpoint go to their patients; a subject has one. */
static cxs_rc fill_columns(cxs_ctx *ctx, cxs_draft *draft, const cxs_adtte *a,
                           double unit)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_sheet *adtte = draft->sheet[CXS_SHEET_ADTTE];
    const cxs_column *subject = cxs_sheet_find(adtte, "USUBJID");
    const cxs_column *aval = cxs_sheet_find(adtte, "AVAL");
    const cxs_column *cnsr = cxs_sheet_find(adtte, "CNSR");
    const cxs_column *days = cxs_sheet_find(patients, draft->adtte_name[0]);
    const cxs_column *censored = cxs_sheet_find(patients, draft->adtte_name[1]);
    cxs_faults faults = {.code = "CX002"};
    size_t *first = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(first, patients->rows);
    for (size_t r = 0; r < adtte->rows; r++) {
        const size_t row = adtte->row[r];
        size_t i;
        if (!cxs_adtte_is(a, adtte->table, row) || subject->text[r] == NULL)
            continue;
        i = cxs_index_find(&draft->patient, subject->text[r]); /* checked before */
        if (first[i] > 0) {
            cxs_fault_add(ctx, &faults, "%s:%zu:%s: \"%s\" has %s in line %zu already",
                          adtte->table->path, cxs_sheet_line(adtte, r), subject->source,
                          cxs_ctx_id(ctx, subject->text[r]), a->paramcd, first[i]);
            continue;
        }
        first[i] = cxs_sheet_line(adtte, r);
        days->number[i] = cxs_column_number(aval, r) * unit;
        days->text[i] = aval->text[r];
        censored->text[i] = cnsr->text[r];
    }
    rc = cxs_faults_end(ctx, &faults);
done:
    cxs_free(first);
    return rc;
}

cxs_rc cxs_draft_adtte(cxs_ctx *ctx, cxs_draft *draft)
{
    const cxs_plan *plan = draft->plan;
    const cxs_sheet *adtte = draft->sheet[CXS_SHEET_ADTTE];
    const char *paramcd = cxs_plan_text(plan, "endpoint", "paramcd");
    cxs_adtte a = {0};
    cxs_rc rc = CXS_OK;

    if (paramcd == NULL || adtte == NULL)
        return CXS_OK;
    if (!cxs_is_adtte(adtte->table))
        CXS_TRY(
            cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                          "%s:%zu: an adtte table has the columns USUBJID, PARAMCD, "
                          "AVAL and CNSR",
                          adtte->table->path, adtte->table->header_line));
    CXS_TRY(cxs_adtte_choose(ctx, adtte->table, paramcd,
                             cxs_plan_text(plan, "endpoint", "time_unit"), &a));
    if (a.unit == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_EARG,
                         "%s:%zu: time_unit is needed: neither AVALU nor PARAM of %s "
                         "tells it",
                         plan->path, cxs_plan_line(plan, "endpoint", "paramcd"),
                         adtte->table->path));
    CXS_TRY(add_columns(ctx, draft, paramcd));
    CXS_TRY(fill_columns(ctx, draft, &a,
                         strcmp(a.unit, "months") == 0  ? CXS_DAYS_PER_MONTH
                         : strcmp(a.unit, "years") == 0 ? CXS_DAYS_PER_YEAR
                                                        : 1.0));
done:
    return rc;
}
