/*
 * study_sheet.c -- a sheet's columns, found by map, name or alias, and their cells
 * judged
 *
 * Cells stay where the table holds them; a column is an array of pointers.  All faults
 * of a sheet are collected by kind before the first stops the run, because people mend
 * a sheet once, not cell by cell.
 */
#include "ingest/study_sheet.h"

#include "base/number.h"
#include "ingest/cdisc.h"
#include "ingest/study_ids.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { SUSPECTS = 8, COLUMNS_NAMED = 5 };

/* Faults of a sheet by kind, and the values that look like missing of one column. */
typedef struct judge {
    cxs_ctx *ctx;
    const cxs_plan *plan;
    const cxs_sheet *sheet;
    cxs_faults number, token, listed, date, grade;
    struct {
        const char *text;
        size_t count;
        bool stops;
    } suspect[SUSPECTS];
    size_t suspects;
    cxs_buf ignored; /* the first names of columns that nothing asks for */
} judge;

/* Is one of the aliases ("cbio:SEX,GENDER;cdisc:SEX") a column of the table? */
static size_t find_alias(const cxs_table *table, const char *aliases)
{
    for (size_t c = 0; c < table->columns; c++) {
        const char *name = table->name[c], *at = aliases;
        const size_t length = strlen(name);
        while (length > 0 && (at = strstr(at, name)) != NULL) {
            const bool starts = at > aliases && strchr(":,;", at[-1]) != NULL;
            if (starts && (at[length] == '\0' || strchr(",;", at[length]) != NULL))
                return c;
            at++;
        }
    }
    return SIZE_MAX;
}

/* Column of the table that holds a field, SIZE_MAX when none does. */
static cxs_rc locate(cxs_ctx *ctx, const cxs_plan *plan, const cxs_sheet *sheet,
                     const cxs_field *field, size_t *at)
{
    const char *mapped = cxs_plan_entry(plan, "columns", sheet->id, field->column);

    if (mapped != NULL)
        return cxs_table_need(ctx, sheet->table, mapped, at);
    *at = cxs_table_find(sheet->table, field->column);
    if (*at == SIZE_MAX) {
        *at = find_alias(sheet->table, field->aliases);
        if (*at != SIZE_MAX)
            cxs_note(ctx, "%s: column '%s' is read as %s", sheet->table->path,
                     sheet->table->name[*at], field->column);
    }
    return CXS_OK;
}

static bool is_missing(const cxs_plan *plan, const char *text)
{
    const char *token;

    if (cxs_is_na(text, strlen(text)))
        return true;
    for (size_t i = 0; (token = cxs_plan_item(plan, "na", i)) != NULL; i++)
        if (strcmp(token, text) == 0)
            return true;
    return false;
}

static cxs_rc new_column(cxs_ctx *ctx, cxs_sheet *sheet, const char *name,
                         const char *source, const cxs_field *field, cxs_type type,
                         cxs_column **out)
{
    cxs_rc rc = CXS_OK;
    cxs_column *column = &sheet->column[sheet->columns];

    *column =
        (cxs_column){.name = name, .source = source, .type = type, .field = field};
    sheet->columns++;
    CXS_NEW(column->text, sheet->rows);
    if (cxs_type_is_number(type))
        CXS_NEW(column->number, sheet->rows);
    *out = column;
done:
    return rc;
}

static void suspect(judge *j, const char *text, bool stops)
{
    size_t s = 0;

    while (s < j->suspects && strcmp(j->suspect[s].text, text) != 0)
        s++;
    if (s == SUSPECTS)
        return;
    if (s == j->suspects) {
        j->suspects++;
        j->suspect[s].text = text;
        j->suspect[s].count = 0;
    }
    j->suspect[s].count++;
    j->suspect[s].stops = stops;
}

static void add_not_listed(judge *j, const cxs_column *column, size_t line,
                           const char *text)
{
    const cxs_field *f = column->field;
    const char *path = j->sheet->table->path, *nearest;
    char item[64];

    if (f->type == CXS_TYPE_ID) {
        cxs_fault_add(j->ctx, &j->listed,
                      "%s:%zu:%s: \"%s\" is not an id: 1 to 64 of A-Z a-z 0-9 . _ -",
                      path, line, column->source, cxs_ctx_id(j->ctx, text));
    } else if (f->type == CXS_TYPE_BOOL) {
        cxs_fault_add(j->ctx, &j->listed,
                      "%s:%zu:%s: \"%s\" is not one of 0|1|T|F|TRUE|FALSE|Y|N|YES|NO",
                      path, line, column->source, text);
    } else if (strcmp(f->table, "ae") == 0 && strcmp(f->column, "GRADE") == 0) {
        cxs_fault_add(j->ctx, &j->grade, "%s:%zu:%s: \"%s\" is not a grade of 1 to 5",
                      path, line, column->source, text);
    } else if (strchr(f->allowed, '|') == NULL) {
        cxs_fault_add(j->ctx, &j->listed, "%s:%zu:%s: \"%s\" is outside %s", path, line,
                      column->source, text, f->allowed);
    } else if ((nearest = cxs_enum_nearest(f->allowed, text, item)) != NULL) {
        cxs_fault_add(j->ctx, &j->listed,
                      "%s:%zu:%s: \"%s\" is not one of %s; did you mean \"%s\"?", path,
                      line, column->source, text, f->allowed, nearest);
    } else {
        cxs_fault_add(j->ctx, &j->listed, "%s:%zu:%s: \"%s\" is not one of %s", path,
                      line, column->source, text, f->allowed);
    }
}

static void judge_cell(judge *j, cxs_column *column, size_t row, const char *text)
{
    const size_t line = cxs_sheet_line(j->sheet, row);
    const char *path = j->sheet->table->path;
    double number;
    const cxs_cell cell =
        cxs_cell_judge(column->field, text, &number, &column->text[row]);

    if (column->number != NULL)
        column->number[row] = number;
    switch (cell) {
    case CXS_CELL_OK:
        if (column->type == CXS_TYPE_DATE && number > cxs_date_latest())
            cxs_fault_add(j->ctx, &j->date, "%s:%zu:%s: \"%s\" is in the future", path,
                          line, column->source, text);
        break;
    case CXS_CELL_NOT_NUMBER:
        cxs_fault_add(j->ctx, &j->number, "%s:%zu:%s: \"%s\" is not a %snumber", path,
                      line, column->source, text,
                      column->type == CXS_TYPE_INT ? "whole " : "");
        break;
    case CXS_CELL_NOT_DATE:
        cxs_fault_add(j->ctx, &j->date, "%s:%zu:%s: \"%s\" is not YYYY-MM-DD", path,
                      line, column->source, text);
        break;
    case CXS_CELL_NOT_LISTED:
        add_not_listed(j, column, line, text);
        break;
    case CXS_CELL_TOKEN:
    case CXS_CELL_SENTINEL:
        suspect(j, text, true);
        break;
    case CXS_CELL_SUSPECT:
        suspect(j, text, false);
        break;
    }
}

/* Does nothing lie beyond the number?  99 is also an age and -9 a difference. */
static bool is_extreme(const cxs_column *column, size_t rows, const char *text)
{
    double v = 0.0, lo = (double)INFINITY, hi = (double)-INFINITY;

    for (size_t r = 0; r < rows; r++) {
        lo = fmin(lo, column->number[r]);
        hi = fmax(hi, column->number[r]);
    }
    if (!cxs_number_parse(text, strlen(text), &v) && !cxs_date_parse(text, &v))
        return false;
    return v == lo || v == hi;
}

/* CX017 of one column: stop or warn. */
static cxs_rc end_suspects(judge *j, const cxs_column *column)
{
    cxs_rc rc = CXS_OK;

    for (size_t s = 0; s < j->suspects && rc == CXS_OK; s++) {
        const char *text = j->suspect[s].text, *path = j->sheet->table->path;
        if (j->suspect[s].stops)
            cxs_fault_add(j->ctx, &j->token,
                          "%s:%s: %zu cells hold %s; is it missing? "
                          "add --na %s (na: in study.yaml)",
                          path, column->source, j->suspect[s].count, text, text);
        else if (is_extreme(column, j->sheet->rows, text))
            rc = cxs_warn(j->ctx, "CX017",
                          "%s:%s: %zu cells hold %s; is it missing? "
                          "add --na %s (na: in study.yaml)",
                          path, column->source, j->suspect[s].count, text, text);
    }
    j->suspects = 0;
    return rc;
}

/* Fill a column from the table (at) or from a constant. */
static cxs_rc fill(judge *j, cxs_column *column, size_t at, const char *constant)
{
    const cxs_sheet *sheet = j->sheet;
    const bool is_key =
        column->field != NULL && column->field->required && column->type == CXS_TYPE_ID;

    for (size_t r = 0; r < sheet->rows; r++) {
        const char *text = constant != NULL
                               ? constant
                               : cxs_table_cell(sheet->table, sheet->row[r], at);
        if (column->number != NULL)
            column->number[r] = (double)NAN;
        if (!is_missing(j->plan, text))
            text = cxs_plan_value(j->plan, column->name, text);
        if (!is_missing(j->plan, text))
            judge_cell(j, column, r, text);
        else if (is_key)
            add_not_listed(j, column, cxs_sheet_line(sheet, r), text);
    }
    return end_suspects(j, column);
}

/* A column outside the schema: kept when all its values are numbers, or when the plan
 * names it; ignored else. */
static cxs_rc fill_other(judge *j, cxs_sheet *sheet, size_t at)
{
    const char *name = sheet->table->name[at];
    cxs_column *column = NULL;
    bool numeric = true;
    size_t present = 0;
    cxs_rc rc = CXS_OK;

    for (size_t r = 0; r < sheet->rows && numeric; r++) {
        const char *text = cxs_plan_value(
            j->plan, name, cxs_table_cell(sheet->table, sheet->row[r], at));
        double number;
        if (is_missing(j->plan, text))
            continue;
        present++;
        numeric = cxs_number_parse(text, strlen(text), &number);
    }
    if (!cxs_plan_uses(j->plan, name) && (!numeric || present == 0)) {
        if (sheet->ignored++ < COLUMNS_NAMED)
            rc = cxs_buf_addf(j->ctx, &j->ignored, "%s%s",
                              sheet->ignored > 1 ? ", " : "", name);
        return rc;
    }
    CXS_TRY(new_column(j->ctx, sheet, name, name, NULL,
                       numeric ? CXS_TYPE_FLOAT : CXS_TYPE_STRING, &column));
    CXS_TRY(fill(j, column, at, NULL));
    for (size_t r = 0; r < sheet->rows && numeric; r++)
        if (column->text[r] != NULL)
            (void)cxs_number_parse(column->text[r], strlen(column->text[r]),
                                   &column->number[r]);
done:
    return rc;
}

/* columns: entries must name schema columns of this sheet. */
static cxs_rc check_map(cxs_ctx *ctx, const cxs_plan *plan, const cxs_schema *schema,
                        cxs_sheet_id id)
{
    const char *column, *value, *nearest = "";
    size_t line, best = SIZE_MAX;

    for (size_t at = 0;
         cxs_plan_entry_at(plan, "columns", id, &at, &column, &value, &line);) {
        if (cxs_schema_find(schema, cxs_sheet_name(id), column) != NULL)
            continue;
        for (size_t i = 0; i < schema->fields; i++) {
            const size_t d = cxs_edit_distance(column, schema->field[i].column, 8);
            if (strcmp(schema->field[i].table, cxs_sheet_name(id)) == 0 && d < best) {
                best = d;
                nearest = schema->field[i].column;
            }
        }
        return cxs_fail(
            ctx, CXS_EARG,
            "%s:%zu: '%s' is no column of the %s schema; did you mean '%s'?",
            plan->path, line, column, cxs_sheet_name(id), nearest);
    }
    return CXS_OK;
}

/* Must the file hold the column?  Of patients only the id, of samples only the two ids:
 * everything else is optional until a rule needs it. */
static bool is_needed(const cxs_field *f)
{
    if (strcmp(f->table, "patients") == 0 || strcmp(f->table, "samples") == 0)
        return f->required && f->type == CXS_TYPE_ID &&
               strcmp(f->column, "CENTER_ID") != 0;
    return f->required;
}

static cxs_rc fill_schema_columns(judge *j, cxs_sheet *sheet, const cxs_schema *schema,
                                  bool *used)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < schema->fields; i++) {
        const cxs_field *f = &schema->field[i];
        const char *constant =
            cxs_plan_entry(j->plan, "constants", sheet->id, f->column);
        cxs_column *column = NULL;
        size_t at = SIZE_MAX;
        if (strcmp(f->table, cxs_sheet_name(sheet->id)) != 0)
            continue;
        CXS_TRY(locate(j->ctx, j->plan, sheet, f, &at));
        if (at == SIZE_MAX && constant == NULL) {
            if (is_needed(f))
                CXS_TRY(cxs_table_need(j->ctx, sheet->table, f->column, &at));
            continue;
        }
        if (at != SIZE_MAX && constant != NULL)
            CXS_TRY(cxs_fail(j->ctx, CXS_EARG,
                             "%s: constant %s, but %s has a column for it",
                             j->plan->path, f->column, sheet->table->path));
        if (at != SIZE_MAX) {
            used[at] = true;
            CXS_TRY(cxs_performance_check(j->ctx, j->plan, sheet, f, at));
        }
        CXS_TRY(new_column(j->ctx, sheet, f->column,
                           at != SIZE_MAX ? sheet->table->name[at] : f->column, f,
                           f->type, &column));
        CXS_TRY(fill(j, column, at, constant));
    }
done:
    return rc;
}

static cxs_rc fill_other_columns(judge *j, cxs_sheet *sheet, const cxs_schema *schema,
                                 const bool *used)
{
    const char *name, *value;
    size_t line;
    cxs_rc rc = CXS_OK;

    for (size_t c = 0; c < sheet->table->columns; c++)
        if (!used[c])
            CXS_TRY(fill_other(j, sheet, c));
    for (size_t at = 0; cxs_plan_entry_at(j->plan, "constants", sheet->id, &at, &name,
                                          &value, &line);) {
        cxs_column *column = NULL;
        if (cxs_schema_find(schema, cxs_sheet_name(sheet->id), name) != NULL)
            continue;
        CXS_TRY(new_column(j->ctx, sheet, name, name, NULL, CXS_TYPE_STRING, &column));
        CXS_TRY(fill(j, column, SIZE_MAX, value));
    }
    if (sheet->ignored > 0)
        cxs_note(j->ctx,
                 "%s: %zu text columns that nothing asks for are ignored (%s%s)",
                 sheet->table->path, sheet->ignored, j->ignored.text,
                 sheet->ignored > COLUMNS_NAMED ? ", ..." : "");
done:
    return rc;
}

static size_t constant_count(const cxs_plan *plan, cxs_sheet_id id)
{
    const char *name, *value;
    size_t line, n = 0;

    for (size_t at = 0;
         cxs_plan_entry_at(plan, "constants", id, &at, &name, &value, &line);)
        n++;
    return n;
}

/* Rows that count: repeats of a patient merged, repeats of a sample refused. */
static cxs_rc choose_rows(cxs_ctx *ctx, const cxs_plan *plan, const cxs_schema *schema,
                          cxs_sheet *sheet)
{
    const char *key = sheet->id == CXS_SHEET_SAMPLES ? "SAMPLE_ID" : "PATIENT_ID";
    cxs_rc rc = CXS_OK;
    size_t at = SIZE_MAX;

    CXS_NEW(sheet->row, sheet->table->rows);
    if (sheet->id == CXS_SHEET_PATIENTS || sheet->id == CXS_SHEET_SAMPLES) {
        const cxs_field *f = cxs_schema_find(schema, cxs_sheet_name(sheet->id), key);
        if (f == NULL)
            CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: no row %s %s", schema->table->path,
                             cxs_sheet_name(sheet->id), key));
        CXS_TRY(locate(ctx, plan, sheet, f, &at));
        if (at == SIZE_MAX)
            CXS_TRY(cxs_table_need(ctx, sheet->table, key, &at));
        CXS_TRY(cxs_ids_unique(ctx, sheet->table, at, sheet->id == CXS_SHEET_PATIENTS,
                               sheet->row, &sheet->rows));
    } else {
        for (; sheet->rows < sheet->table->rows; sheet->rows++)
            sheet->row[sheet->rows] = sheet->rows;
    }
done:
    return rc;
}

/* The first kind of fault that occurred is the failure; the others are dropped. */
static cxs_rc end_faults(judge *j, cxs_rc rc)
{
    cxs_faults *all[] = {&j->number, &j->date, &j->token, &j->listed, &j->grade};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (rc == CXS_OK)
            rc = cxs_faults_end(j->ctx, all[i]);
        cxs_free(all[i]->text.text);
        all[i]->text = (cxs_buf){0};
    }
    return rc;
}

cxs_rc cxs_sheet_read(cxs_ctx *ctx, const cxs_plan *plan, const cxs_schema *schema,
                      cxs_sheet_id id, cxs_sheet **out)
{
    cxs_rc rc = CXS_OK;
    cxs_sheet *sheet = NULL;
    char *path = NULL;
    bool *used = NULL;
    judge j = {.ctx = ctx,
               .plan = plan,
               .number = {.code = "CX016"},
               .token = {.code = "CX017"},
               .listed = {.code = "CX018"},
               .date = {.code = "CX057"},
               .grade = {.code = "CX058"}};

    *out = NULL;
    CXS_NEW(sheet, 1);
    j.sheet = sheet;
    sheet->id = id;
    if ((path = cxs_plan_file(
             ctx, plan, cxs_plan_text(plan, "tables", cxs_sheet_name(id)))) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_table_read(ctx, path, &sheet->table));
    CXS_TRY(cxs_cdisc_prepare(ctx, cxs_sheet_name(id), sheet->table));
    CXS_TRY(check_map(ctx, plan, schema, id));
    CXS_TRY(choose_rows(ctx, plan, schema, sheet));
    CXS_NEW(used, sheet->table->columns);
    CXS_NEW(sheet->column, schema->fields + sheet->table->columns +
                               constant_count(plan, id) + CXS_SPARE_COLUMNS);
    CXS_TRY(fill_schema_columns(&j, sheet, schema, used));
    CXS_TRY(fill_other_columns(&j, sheet, schema, used));
done:
    rc = end_faults(&j, rc);
    if (rc == CXS_OK) {
        *out = sheet;
        sheet = NULL;
    }
    cxs_free(j.ignored.text);
    cxs_free(used);
    cxs_free(path);
    cxs_sheet_free(sheet);
    return rc;
}

void cxs_sheet_free(cxs_sheet *sheet)
{
    if (sheet == NULL)
        return;
    for (size_t c = 0; c < sheet->columns; c++) {
        cxs_free(sheet->column[c].text);
        cxs_free(sheet->column[c].number);
    }
    cxs_free(sheet->column);
    cxs_free(sheet->row);
    cxs_table_free(sheet->table);
    cxs_free(sheet);
}
