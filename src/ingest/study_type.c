/*
 * study_type.c -- types of clinical cells: what parses, what is in range, what only
 * looks like a value
 *
 * The schema is a reference table, so that adding a column needs no code.  Its column
 * `allowed` is a list ("F|M|U"), a range ("0..120", "0..4 step 0.5", ">=0", ">0") or
 * words for people ("must exist in patients", "any"), which constrain nothing here.
 */
#include "ingest/study_type.h"

#include "base/number.h"
#include "base/out.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { ID_BYTES = 64, ITEM_BYTES = 64 };

const char *cxs_type_name(cxs_type type)
{
    return type == CXS_TYPE_DATE      ? "date"
           : cxs_type_is_number(type) ? "number"
                                      : "text";
}

bool cxs_type_is_number(cxs_type type)
{
    return type == CXS_TYPE_INT || type == CXS_TYPE_FLOAT || type == CXS_TYPE_BOOL ||
           type == CXS_TYPE_DATE;
}

static cxs_type type_by_name(const char *name, const char *allowed)
{
    static const struct {
        const char *name;
        cxs_type type;
    } types[] = {{"id", CXS_TYPE_ID},     {"enum", CXS_TYPE_ENUM},
                 {"int", CXS_TYPE_INT},   {"float", CXS_TYPE_FLOAT},
                 {"bool", CXS_TYPE_BOOL}, {"date", CXS_TYPE_DATE},
                 {"path", CXS_TYPE_PATH}};

    if (strncmp(allowed, "1:", 2) == 0)
        return CXS_TYPE_STATUS;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0)
            return types[i].type;
    return CXS_TYPE_STRING;
}

cxs_rc cxs_schema_read(cxs_ctx *ctx, const char *refdata, cxs_schema **out)
{
    static const char *const names[] = {"table",   "column",  "type",
                                        "allowed", "aliases", "required"};
    enum { TABLE, COLUMN, KIND, ALLOWED, ALIASES, REQUIRED, NAMES };
    cxs_rc rc = CXS_OK;
    cxs_schema *schema = NULL;
    char *path = NULL;
    size_t at[NAMES];

    *out = NULL;
    CXS_NEW(schema, 1);
    if ((path = cxs_path_join(ctx, refdata, "/clinical_schema.tsv")) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_table_read(ctx, path, &schema->table));
    for (size_t c = 0; c < NAMES; c++)
        CXS_TRY(cxs_table_need(ctx, schema->table, names[c], &at[c]));
    CXS_NEW(schema->field, schema->table->rows);
    for (; schema->fields < schema->table->rows; schema->fields++) {
        cxs_field *f = &schema->field[schema->fields];
        const char *cell[NAMES];
        for (size_t c = 0; c < NAMES; c++)
            cell[c] = cxs_table_cell(schema->table, schema->fields, at[c]);
        *f = (cxs_field){.table = cell[TABLE],
                         .column = cell[COLUMN],
                         .allowed = cell[ALLOWED],
                         .aliases = cell[ALIASES],
                         .type = type_by_name(cell[KIND], cell[ALLOWED]),
                         .required = cell[REQUIRED][0] == 'R'};
    }
    *out = schema;
    schema = NULL;
done:
    cxs_free(path);
    cxs_schema_free(schema);
    return rc;
}

void cxs_schema_free(cxs_schema *schema)
{
    if (schema == NULL)
        return;
    cxs_table_free(schema->table);
    cxs_free(schema->field);
    cxs_free(schema);
}

const cxs_field *cxs_schema_find(const cxs_schema *schema, const char *table,
                                 const char *column)
{
    for (size_t i = 0; i < schema->fields; i++)
        if (strcmp(schema->field[i].table, table) == 0 &&
            strcmp(schema->field[i].column, column) == 0)
            return &schema->field[i];
    return NULL;
}

/* Step through "a|b|c": copies the next item, false after the last. */
static bool next_item(const char **list, char item[ITEM_BYTES])
{
    const size_t length = strcspn(*list, "|");

    if (**list == '\0')
        return false;
    snprintf(item, ITEM_BYTES, "%.*s", (int)length, *list);
    *list += length + ((*list)[length] == '|');
    return true;
}

static bool is_listed(const char *allowed, const char *text)
{
    char item[ITEM_BYTES];

    while (next_item(&allowed, item))
        if (strcmp(item, text) == 0)
            return true;
    return false;
}

const char *cxs_enum_nearest(const char *allowed, const char *text, char out[64])
{
    char item[ITEM_BYTES];
    size_t best = 3; /* more than two edits is no help */

    out[0] = '\0';
    while (next_item(&allowed, item)) {
        const size_t d =
            strcasecmp(item, text) == 0 ? 0 : cxs_edit_distance(item, text, 2);
        if (d < best) {
            best = d;
            memcpy(out, item, ITEM_BYTES);
        }
    }
    return out[0] != '\0' ? out : NULL;
}

static bool is_id(const char *text)
{
    const size_t length = strlen(text);

    return length >= 1 && length <= ID_BYTES &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789._-") == length;
}

/* Texts that people write for "missing" and that are not NA tokens. */
static bool is_token(const char *text)
{
    static const char *const tokens[] = {"unk",  "unknown", "-",  "?", "#N/A",
                                         "none", "missing", "--", NULL};

    for (size_t i = 0; tokens[i] != NULL; i++)
        if (strcasecmp(text, tokens[i]) == 0)
            return true;
    return false;
}

/* Numbers that databases write for "missing" (catalogue CX017). */
static bool is_sentinel(double v)
{
    return v == -9.0 || v == -99.0 || v == -999.0 || v == 99.0 || v == 999.0 ||
           v == 9999.0;
}

/* A follow-up time: its sign and its zero are the endpoint's business (CX007), and 99
 * or 999 days are ordinary values of it. */
static bool is_follow_up(const cxs_field *field)
{
    return strncmp(field->column, "OS_", 3) == 0 ||
           strncmp(field->column, "PFS_", 4) == 0 ||
           strcmp(field->column, "ENTRY_DAYS") == 0;
}

/* Bound of a range such as "0..120" or ">=0"; false when it is words. */
static bool bound(const char *text, size_t length, double *value)
{
    return cxs_number_parse(text, length, value);
}

static bool in_range(const cxs_field *field, const char *text, double v)
{
    const char *allowed = field->allowed, *dots = strstr(allowed, "..");
    const char *step_at = strstr(allowed, " step ");
    double lo = 0.0, hi = 0.0, step = 0.0;

    if (is_follow_up(field))
        return true;
    if (strncmp(allowed, ">=", 2) == 0)
        return !bound(allowed + 2, strlen(allowed + 2), &lo) || v >= lo;
    if (allowed[0] == '>')
        return !bound(allowed + 1, strlen(allowed + 1), &lo) || v > lo;
    if (strchr(allowed, '|') != NULL)
        return is_listed(allowed, text);
    if (dots == NULL || !bound(allowed, (size_t)(dots - allowed), &lo) ||
        !bound(dots + 2, strcspn(dots + 2, " "), &hi))
        return true;
    if (v < lo || v > hi)
        return false;
    return step_at == NULL || !bound(step_at + 6, strlen(step_at + 6), &step) ||
           fabs(v / step - round(v / step)) < 1e-9;
}

static cxs_cell judge_number(const cxs_field *field, const char *text, double *number)
{
    double v = 0.0;

    if (!cxs_number_parse(text, strlen(text), &v) ||
        (field->type == CXS_TYPE_INT && v != floor(v)))
        return is_token(text) ? CXS_CELL_TOKEN : CXS_CELL_NOT_NUMBER;
    *number = v;
    if (in_range(field, text, v))
        return is_sentinel(v) && !is_follow_up(field) ? CXS_CELL_SUSPECT : CXS_CELL_OK;
    return is_sentinel(v) ? CXS_CELL_SENTINEL : CXS_CELL_NOT_LISTED;
}

static cxs_cell judge_bool(const char *text, double *number)
{
    static const char *const yes[] = {"1", "T", "TRUE", "Y", "YES"};
    static const char *const no[] = {"0", "F", "FALSE", "N", "NO"};

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0) {
            *number = strcasecmp(text, yes[i]) == 0 ? 1.0 : 0.0;
            return CXS_CELL_OK;
        }
    }
    return is_token(text) ? CXS_CELL_TOKEN : CXS_CELL_NOT_LISTED;
}

static cxs_cell judge_enum(const cxs_field *field, const char *text, const char **canon)
{
    static const char *const roman[] = {"I", "II", "III", "IV"};
    static const char *const arabic[] = {"1", "2", "3", "4"};
    char nearest[64];

    if (is_listed(field->allowed, text)) {
        for (size_t i = 0; i < 4 && is_listed(field->allowed, "IV"); i++)
            if (strcmp(text, roman[i]) == 0)
                *canon = arabic[i];
        return CXS_CELL_OK;
    }
    if (is_token(text) && cxs_enum_nearest(field->allowed, text, nearest) == NULL)
        return CXS_CELL_TOKEN;
    return CXS_CELL_NOT_LISTED;
}

cxs_cell cxs_cell_judge(const cxs_field *field, const char *text, double *number,
                        const char **canon)
{
    *number = (double)NAN;
    *canon = text;
    if (field == NULL)
        return CXS_CELL_OK;
    switch (field->type) {
    case CXS_TYPE_INT:
    case CXS_TYPE_FLOAT:
        return judge_number(field, text, number);
    case CXS_TYPE_BOOL:
        return judge_bool(text, number);
    case CXS_TYPE_DATE:
        if (!cxs_date_parse(text, number))
            return is_token(text) ? CXS_CELL_TOKEN : CXS_CELL_NOT_DATE;
        return strcmp(text, "1900-01-01") == 0 ? CXS_CELL_SUSPECT : CXS_CELL_OK;
    case CXS_TYPE_ENUM:
        return judge_enum(field, text, canon);
    case CXS_TYPE_ID:
        return strcmp(field->allowed, "any") == 0 || is_id(text) ? CXS_CELL_OK
                                                                 : CXS_CELL_NOT_LISTED;
    case CXS_TYPE_STRING:
    case CXS_TYPE_STATUS:
    case CXS_TYPE_PATH:
        break;
    }
    return CXS_CELL_OK;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01: proleptic Gregorian calendar in eras of 400 years with March
 * as first month, so that the leap day is the last of a year. */
static long days_of(int year, int month, int day)
{
    const long y = month <= 2 ? year - 1 : year;
    const long era = y / 400, yoe = y % 400;
    const long doy = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

bool cxs_date_parse(const char *text, double *days)
{
    int part[3] = {0, 0, 0};
    size_t p = 0;

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    for (size_t i = 0; i < 10; i++) {
        if (i == 4 || i == 7)
            p++;
        else if (text[i] < '0' || text[i] > '9')
            return false;
        else
            part[p] = part[p] * 10 + (text[i] - '0');
    }
    if (part[0] < 1900 || part[0] > 2199 || part[1] < 1 || part[1] > 12 ||
        part[2] < 1 || part[2] > days_in_month(part[0], part[1]))
        return false;
    *days = (double)days_of(part[0], part[1], part[2]);
    return true;
}

double cxs_date_latest(void)
{
    const time_t now = time(NULL);

    return fmax(floor((double)now / 86400.0), (double)days_of(2026, 12, 31)) + 1.0;
}
