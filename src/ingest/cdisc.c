/*
 * cdisc.c -- CDISC analysis data sets: ADTTE, ADAE, ADRS
 *
 * Cells are changed in place: what is written is never longer than what stood there.
 */
#include "ingest/cdisc.h"

#include "base/number.h"
#include "base/text.h"
#include "ingest/study_type.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CODES_NAMED = 10 };

static bool has_columns(const cxs_table *t, const char *const *names)
{
    for (; *names != NULL; names++)
        if (cxs_table_find(t, *names) == SIZE_MAX)
            return false;
    return true;
}

/* ---- ADTTE ----------------------------------------------------------------------- */

static const char *const adtte_names[] = {"USUBJID", "PARAMCD", "AVAL", "CNSR", NULL};

bool cxs_is_adtte(const cxs_table *t)
{
    return has_columns(t, adtte_names);
}

bool cxs_adtte_is(const cxs_adtte *a, const cxs_table *t, size_t row)
{
    return strcmp(cxs_table_cell(t, row, a->code), a->paramcd) == 0;
}

/* Distinct codes in bytewise order: "OS, PFS". */
static cxs_rc list_codes(cxs_ctx *ctx, const cxs_table *t, size_t column, cxs_buf *text,
                         size_t *distinct)
{
    const char **code = NULL;
    cxs_rc rc = CXS_OK;

    *distinct = 0;
    CXS_NEW(code, t->rows);
    for (size_t row = 0; row < t->rows; row++)
        code[row] = cxs_table_cell(t, row, column);
    qsort(code, t->rows, sizeof *code, cxs_text_compare);
    for (size_t row = 0; row < t->rows; row++) {
        if (row > 0 && strcmp(code[row - 1], code[row]) == 0)
            continue;
        if (++*distinct <= CODES_NAMED)
            CXS_TRY(
                cxs_buf_addf(ctx, text, "%s%s", *distinct > 1 ? ", " : "", code[row]));
    }
done:
    cxs_free(code);
    return rc;
}

static cxs_rc choose_code(cxs_ctx *ctx, const cxs_table *t, const char *paramcd,
                          cxs_adtte *a)
{
    cxs_buf codes = {0};
    size_t distinct = 0, row = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(list_codes(ctx, t, a->code, &codes, &distinct));
    if (distinct == 0)
        CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX019", "%s: no row below the header",
                              t->path));
    if (paramcd == NULL && distinct > 1)
        CXS_TRY(cxs_fail(ctx, CXS_EARG,
                         "%s: an ADTTE table with the endpoints %s: choose one by "
                         "--paramcd",
                         t->path, codes.text));
    a->paramcd = paramcd != NULL ? paramcd : cxs_table_cell(t, 0, a->code);
    while (row < t->rows && !cxs_adtte_is(a, t, row))
        row++;
    if (row == t->rows)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: no PARAMCD \"%s\", there are %s",
                         t->path, paramcd, codes.text));
done:
    cxs_free(codes.text);
    return rc;
}

/* Unit that begins a text: "Days", "MONTHS", "year". */
static const char *unit_word(const char *text)
{
    return strncasecmp(text, "day", 3) == 0     ? "days"
           : strncasecmp(text, "month", 5) == 0 ? "months"
           : strncasecmp(text, "year", 4) == 0  ? "years"
                                                : NULL;
}

/* Unit that a row tells: AVALU, else "Overall Survival (days)"; NULL when neither. */
static const char *unit_of_row(const cxs_table *t, size_t avalu, size_t param,
                               size_t row)
{
    const char *unit = NULL, *open;

    if (avalu != SIZE_MAX)
        unit = unit_word(cxs_table_cell(t, row, avalu));
    if (unit == NULL && param != SIZE_MAX &&
        (open = strrchr(cxs_table_cell(t, row, param), '(')) != NULL)
        unit = unit_word(open + 1);
    return unit;
}

static cxs_rc choose_unit(cxs_ctx *ctx, const cxs_table *t, const char *declared,
                          cxs_adtte *a)
{
    const size_t avalu = cxs_table_find(t, "AVALU"), param = cxs_table_find(t, "PARAM");

    a->unit = NULL;
    for (size_t row = 0; row < t->rows; row++) {
        const char *unit =
            cxs_adtte_is(a, t, row) ? unit_of_row(t, avalu, param, row) : NULL;
        if (unit != NULL && a->unit != NULL && strcmp(unit, a->unit) != 0)
            return cxs_fail(ctx, CXS_EFORMAT,
                            "%s:%zu: AVAL of %s is in %s here and in %s above", t->path,
                            t->line[row], a->paramcd, unit, a->unit);
        a->unit = unit != NULL ? unit : a->unit;
    }
    if (declared != NULL && a->unit != NULL && strcmp(declared, a->unit) != 0)
        return cxs_fail(ctx, CXS_EARG,
                        "%s: AVAL of %s is in %s by AVALU or PARAM, not "
                        "in %s",
                        t->path, a->paramcd, a->unit, declared);
    a->unit = declared != NULL ? declared : a->unit;
    return CXS_OK;
}

/* CNSR 0 is the event, 1, 2, ... are reasons of censoring. */
static cxs_rc check_cnsr(cxs_ctx *ctx, const cxs_table *t, const cxs_adtte *a)
{
    cxs_faults faults = {.code = "CX018"};

    for (size_t row = 0; row < t->rows; row++) {
        const char *cell = cxs_table_cell(t, row, a->cnsr);
        double value = 0.0;
        if (!cxs_adtte_is(a, t, row) || cxs_is_na(cell, strlen(cell)))
            continue;
        if (!cxs_number_parse(cell, strlen(cell), &value) || value < 0.0 ||
            value != floor(value))
            cxs_fault_add(ctx, &faults,
                          "%s:%zu:CNSR: \"%s\" is not one of 0 (event), 1, 2, ... "
                          "(censored)",
                          t->path, t->line[row], cell);
    }
    return cxs_faults_end(ctx, &faults);
}

/* AVAL in days beside its dates: ADT - STARTDT + 1. */
static cxs_rc check_dates(cxs_ctx *ctx, const cxs_table *t, const cxs_adtte *a)
{
    const size_t start = cxs_table_find(t, "STARTDT"), end = cxs_table_find(t, "ADT");
    size_t compared = 0, short_by_one = 0, other = 0, first = 0;
    const char *what;

    if (start == SIZE_MAX || end == SIZE_MAX || a->unit == NULL ||
        strcmp(a->unit, "days") != 0)
        return CXS_OK;
    for (size_t row = 0; row < t->rows; row++) {
        const char *aval = cxs_table_cell(t, row, a->aval);
        double from, to, value, days;
        if (!cxs_adtte_is(a, t, row) ||
            !cxs_date_parse(cxs_table_cell(t, row, start), &from) ||
            !cxs_date_parse(cxs_table_cell(t, row, end), &to) ||
            !cxs_number_parse(aval, strlen(aval), &value))
            continue;
        days = to - from;
        compared++;
        short_by_one += value == days;
        other += value != days && value != days + 1.0;
        if (value != days + 1.0 && first == 0)
            first = t->line[row];
    }
    if (short_by_one + other == 0)
        return CXS_OK;
    what = other > 0 ? "not ADT - STARTDT + 1" : "ADT - STARTDT, without the first day";
    return cxs_warn(ctx, "", "%s:%zu: AVAL of %s is %s in %zu of %zu rows with dates",
                    t->path, first, a->paramcd, what, short_by_one + other, compared);
}

cxs_rc cxs_adtte_choose(cxs_ctx *ctx, const cxs_table *t, const char *paramcd,
                        const char *declared, cxs_adtte *out)
{
    cxs_rc rc = CXS_OK;

    out->subject = cxs_table_find(t, "USUBJID");
    out->code = cxs_table_find(t, "PARAMCD");
    out->aval = cxs_table_find(t, "AVAL");
    out->cnsr = cxs_table_find(t, "CNSR");
    CXS_TRY(choose_code(ctx, t, paramcd, out));
    CXS_TRY(choose_unit(ctx, t, declared, out));
    CXS_TRY(check_cnsr(ctx, t, out));
    CXS_TRY(check_dates(ctx, t, out));
    cxs_note(ctx, "%s: ADTTE, endpoint %s in %s, CNSR 0 is the event", t->path,
             out->paramcd, out->unit != NULL ? out->unit : "a unit that is not told");
done:
    return rc;
}

cxs_rc cxs_adtte_narrow(cxs_ctx *ctx, const cxs_adtte *a, cxs_table *t)
{
    bool *keep = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(keep, t->rows);
    for (size_t row = 0; row < t->rows; row++)
        keep[row] = cxs_adtte_is(a, t, row);
    cxs_table_keep(t, keep);
done:
    cxs_free(keep);
    return rc;
}

/* ---- ADAE and ADRS --------------------------------------------------------------- */

/* CDISC study days: the reference day is 1 and the day before is -1.  Ours is 0. */
static cxs_rc shift_days(cxs_ctx *ctx, cxs_table *t, const char *name)
{
    const size_t column = cxs_table_find(t, name);
    const int64_t most = 1000000;
    cxs_faults faults = {.code = "CX018"};

    for (size_t row = 0; column != SIZE_MAX && row < t->rows; row++) {
        char *cell = t->cell[row * t->columns + column];
        int64_t day = 0;
        if (!cxs_number_parse_int(cell, -most, most, &day))
            continue; /* the judge of cells says what is wrong */
        if (day == 0)
            cxs_fault_add(ctx, &faults,
                          "%s:%zu:%s: \"0\": CDISC study days have no day 0", t->path,
                          t->line[row], name);
        else if (day > 0)
            snprintf(cell, strlen(cell) + 1, "%lld", (long long)(day - 1));
    }
    return cxs_faults_end(ctx, &faults);
}

static void replace_words(cxs_table *t, const char *name, const char *const (*words)[2],
                          size_t count)
{
    const size_t column = cxs_table_find(t, name);

    for (size_t row = 0; column != SIZE_MAX && row < t->rows; row++) {
        char *cell = t->cell[row * t->columns + column];
        for (size_t w = 0; w < count; w++)
            if (strcasecmp(cell, words[w][0]) == 0) {
                snprintf(cell, strlen(cell) + 1, "%s", words[w][1]);
                break;
            }
    }
}

static cxs_rc prepare_adae(cxs_ctx *ctx, cxs_table *t)
{
    static const char *const relations[][2] = {{"NOT RELATED", "NO"},
                                               {"UNLIKELY RELATED", "UNLIKELY"},
                                               {"POSSIBLY RELATED", "POSSIBLE"},
                                               {"PROBABLY RELATED", "PROBABLE"},
                                               {"DEFINITELY RELATED", "DEFINITE"}};
    static const char *const grades[][2] = {{"GRADE 1", "1"},
                                            {"GRADE 2", "2"},
                                            {"GRADE 3", "3"},
                                            {"GRADE 4", "4"},
                                            {"GRADE 5", "5"}};
    cxs_rc rc = CXS_OK;

    CXS_TRY(shift_days(ctx, t, "ASTDY"));
    CXS_TRY(shift_days(ctx, t, "AENDY"));
    replace_words(t, "AEREL", relations, sizeof relations / sizeof *relations);
    replace_words(t, "AETOXGR", grades, sizeof grades / sizeof *grades);
    replace_words(t, "ATOXGR", grades, sizeof grades / sizeof *grades);
    cxs_note(ctx, "%s: ADAE, days of the study count from 0 now", t->path);
done:
    return rc;
}

/* Overall responses by visit; best responses and the like are other parameters. */
static cxs_rc prepare_adrs(cxs_ctx *ctx, cxs_table *t)
{
    static const char *const overall[] = {"OVR", "OVRLRESP", "OVRLRSP"};
    const size_t code = cxs_table_find(t, "PARAMCD");
    cxs_buf codes = {0};
    bool *keep = NULL;
    size_t kept = 0, distinct = 0;
    const size_t all = t->rows;
    cxs_rc rc = CXS_OK;

    CXS_NEW(keep, t->rows);
    for (size_t row = 0; row < t->rows; row++) {
        for (size_t k = 0; k < sizeof overall / sizeof *overall; k++)
            keep[row] =
                keep[row] || strcmp(cxs_table_cell(t, row, code), overall[k]) == 0;
        kept += keep[row];
    }
    CXS_TRY(list_codes(ctx, t, code, &codes, &distinct));
    if (kept == 0 && all > 0)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                         "%s: an ADRS table without overall responses by visit "
                         "(PARAMCD OVR), there are %s",
                         t->path, codes.text));
    cxs_table_keep(t, keep);
    CXS_TRY(shift_days(ctx, t, "ADY"));
    cxs_note(ctx,
             "%s: ADRS, %zu overall responses; %zu rows of other parameters are left "
             "out",
             t->path, kept, all - kept);
done:
    cxs_free(codes.text);
    cxs_free(keep);
    return rc;
}

cxs_rc cxs_cdisc_prepare(cxs_ctx *ctx, const char *sheet, cxs_table *t)
{
    static const char *const adae[] = {"USUBJID", "AEDECOD", NULL};
    static const char *const adrs[] = {"USUBJID", "PARAMCD", "AVALC", NULL};

    if (strcmp(sheet, "ae") == 0 && has_columns(t, adae))
        return prepare_adae(ctx, t);
    if (strcmp(sheet, "visits") == 0 && has_columns(t, adrs))
        return prepare_adrs(ctx, t);
    return CXS_OK;
}
