/*
 * table.c -- a table of text cells in memory
 *
 * Each row keeps one copy of its line, into which its cells point: a table costs its
 * text and a pointer per cell, and is freed row by row.  Depends on text.h.
 */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

void cxs_table_free(cxs_table *table)
{
    if (table == NULL)
        return;
    cxs_free_strings(table->line_text, table->rows);
    cxs_free(table->cell);
    cxs_free(table->line);
    cxs_free(table->name);
    cxs_free(table->header_text);
    cxs_free(table->path);
    cxs_free(table);
}

static bool is_nbsp(const char *p)
{
    return (unsigned char)p[0] == 0xc2 && (unsigned char)p[1] == 0xa0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Blanks and no-break spaces off both ends, in place; counts cells that had the
 * latter, which are invisible and make equal ids differ. */
static char *trim_cell(char *text, size_t length, size_t *nbsp_cells)
{
    char *end = text + length;
    bool nbsp = false;

    for (;;) {
        if (text < end && is_blank(*text)) {
            text++;
        } else if (end - text >= 2 && is_nbsp(text)) {
            text += 2;
            nbsp = true;
        } else if (end > text && is_blank(end[-1])) {
            end--;
        } else if (end - text >= 2 && is_nbsp(end - 2)) {
            end -= 2;
            nbsp = true;
        } else {
            break;
        }
    }
    *end = '\0';
    *nbsp_cells += nbsp;
    return text;
}

/* ---- header ---------------------------------------------------------------------- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int compare_ignoring_case(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return (unsigned char)lower(*a) - (unsigned char)lower(*b);
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    const int order = compare_ignoring_case(*x, *y);

    return order != 0 ? order : strcmp(*x, *y);
}

static cxs_rc check_names(cxs_ctx *ctx, const cxs_table *t)
{
    char **sorted = NULL;
    cxs_rc rc = CXS_OK;

    for (size_t j = 0; j < t->columns; j++)
        if (*t->name[j] == '\0')
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                                 "%s:%zu: column %zu has no name", t->path,
                                 t->header_line, j + 1);
    CXS_NEW(sorted, t->columns);
    memcpy(sorted, t->name, t->columns * sizeof *sorted);
    qsort(sorted, t->columns, sizeof *sorted, by_name);
    for (size_t j = 1; j < t->columns && rc == CXS_OK; j++) {
        if (strcmp(sorted[j - 1], sorted[j]) == 0)
            rc = cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                               "%s:%zu: column \"%s\" is given twice", t->path,
                               t->header_line, sorted[j]);
        else if (compare_ignoring_case(sorted[j - 1], sorted[j]) == 0)
            rc = cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                               "%s:%zu: columns \"%s\" and \"%s\" differ only by case",
                               t->path, t->header_line, sorted[j - 1], sorted[j]);
    }
done:
    cxs_free(sorted);
    return rc;
}

/* Fields of the table's file, with the place added to what the splitter says. */
static cxs_rc split(cxs_ctx *ctx, const cxs_table *t, size_t line_number, char *line,
                    size_t length, char sep, cxs_fields *fields)
{
    const cxs_rc rc = cxs_fields_split(ctx, line, length, sep, fields);

    if (rc == CXS_EFORMAT && ctx != NULL)
        return cxs_fail_code(ctx, rc, "CX019", "%s:%zu: %s", t->path, line_number,
                             cxs_ctx_message(ctx));
    return rc;
}

static cxs_rc read_header(cxs_ctx *ctx, cxs_text *text, cxs_table *t,
                          cxs_fields *fields, char *sep)
{
    char *line = NULL;
    size_t length = 0;
    cxs_rc rc = CXS_OK;

    do
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
    while (line != NULL && *line == '#');
    if (line == NULL)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020", "%s: the file has no header",
                             t->path);
    t->header_line = cxs_text_line_number(text);
    if ((t->header_text = cxs_strndup(ctx, line, length)) == NULL)
        return CXS_ENOMEM;
    CXS_TRY(cxs_text_separator(ctx, t->path, t->header_text, sep));
    CXS_TRY(split(ctx, t, t->header_line, t->header_text, length, *sep, fields));
    CXS_NEW(t->name, fields->count);
    t->columns = fields->count;
    for (size_t j = 0; j < t->columns; j++)
        t->name[j] = trim_cell(fields->text[j], fields->length[j], &t->nbsp_cells);
    CXS_TRY(check_names(ctx, t));
done:
    return rc;
}

/* ---- rows ------------------------------------------------------------------------ */

static cxs_rc make_room(cxs_ctx *ctx, cxs_table *t)
{
    size_t cells;
    cxs_rc rc = CXS_OK;

    if (__builtin_mul_overflow(t->rows + 1, t->columns, &cells))
        return cxs_fail(ctx, CXS_ENOMEM, "%s: too many cells", t->path);
    CXS_TRY(
        cxs_grow(ctx, (void **)&t->cell, &t->capacity_cells, cells, sizeof *t->cell));
    CXS_TRY(cxs_grow(ctx, (void **)&t->line, &t->capacity_lines, t->rows + 1,
                     sizeof *t->line));
    CXS_TRY(cxs_grow(ctx, (void **)&t->line_text, &t->capacity_rows, t->rows + 1,
                     sizeof *t->line_text));
done:
    return rc;
}

static cxs_rc ragged(cxs_ctx *ctx, const cxs_table *t, size_t line_number,
                     size_t fields)
{
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX019",
                         "%s:%zu: %zu fields, the header has %zu", t->path, line_number,
                         fields, t->columns);
}

static cxs_rc add_row(cxs_ctx *ctx, cxs_table *t, size_t line_number, const char *line,
                      size_t length, char sep, cxs_fields *fields)
{
    char **cell;
    cxs_rc rc = CXS_OK;

    CXS_TRY(make_room(ctx, t));
    if ((t->line_text[t->rows] = cxs_strndup(ctx, line, length)) == NULL)
        return CXS_ENOMEM;
    t->line[t->rows] = line_number;
    cell = t->cell + t->rows * t->columns;
    t->rows++;
    CXS_TRY(split(ctx, t, line_number, t->line_text[t->rows - 1], length, sep, fields));
    if (fields->count != t->columns)
        return ragged(ctx, t, line_number, fields->count);
    for (size_t j = 0; j < t->columns; j++)
        cell[j] = trim_cell(fields->text[j], fields->length[j], &t->nbsp_cells);
done:
    return rc;
}

/* Empty lines at the end of the file are dropped; one between rows is a ragged row. */
static cxs_rc read_rows(cxs_ctx *ctx, cxs_text *text, cxs_table *t, cxs_fields *fields,
                        char sep)
{
    size_t empty_line = 0;
    cxs_rc rc = CXS_OK;

    for (;;) {
        char *line = NULL;
        size_t length = 0;
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        if (length > 0 && empty_line > 0)
            return ragged(ctx, t, empty_line, 0);
        if (length == 0 && empty_line == 0)
            empty_line = cxs_text_line_number(text);
        if (length > 0)
            CXS_TRY(
                add_row(ctx, t, cxs_text_line_number(text), line, length, sep, fields));
    }
done:
    return rc;
}

cxs_rc cxs_table_read(cxs_ctx *ctx, const char *path, cxs_table **out)
{
    cxs_text *text = NULL;
    cxs_table *t = NULL;
    cxs_fields fields = {0};
    char sep = '\t';
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(t, 1);
    if ((t->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_text_open(ctx, path, &text));
    CXS_TRY(read_header(ctx, text, t, &fields, &sep));
    CXS_TRY(read_rows(ctx, text, t, &fields, sep));
    if (t->nbsp_cells > 0)
        CXS_TRY(cxs_warn(ctx, "CX021",
                         "%s: %zu cells had no-break spaces around them, cut off", path,
                         t->nbsp_cells));
    *out = t;
    t = NULL;
done:
    cxs_fields_free(&fields);
    cxs_text_close(text);
    cxs_table_free(t);
    return rc;
}

void cxs_table_keep(cxs_table *table, const bool *keep)
{
    size_t to = 0;

    for (size_t row = 0; row < table->rows; row++) {
        if (!keep[row]) {
            cxs_free(table->line_text[row]);
            continue;
        }
        table->line_text[to] = table->line_text[row];
        table->line[to] = table->line[row];
        memmove(table->cell + to * table->columns, table->cell + row * table->columns,
                table->columns * sizeof *table->cell);
        to++;
    }
    table->rows = to;
}

const char *cxs_table_cell(const cxs_table *table, size_t row, size_t column)
{
    return table->cell[row * table->columns + column];
}

/* ---- columns by name ------------------------------------------------------------- */

size_t cxs_table_find(const cxs_table *table, const char *name)
{
    for (size_t j = 0; j < table->columns; j++)
        if (strcmp(table->name[j], name) == 0)
            return j;
    return SIZE_MAX;
}

/* The column whose name is most like @p name: another case, else one or two edits. */
static const char *nearest_column(const cxs_table *t, const char *name)
{
    const size_t limit = 2;
    size_t best = limit + 1;
    const char *nearest = NULL;

    for (size_t j = 0; j < t->columns; j++) {
        const size_t d = compare_ignoring_case(t->name[j], name) == 0
                             ? 0
                             : cxs_edit_distance(t->name[j], name, limit);
        if (d < best) {
            best = d;
            nearest = t->name[j];
        }
    }
    return nearest;
}

cxs_rc cxs_table_need(cxs_ctx *ctx, const cxs_table *table, const char *name,
                      size_t *column)
{
    const char *nearest;

    *column = cxs_table_find(table, name);
    if (*column != SIZE_MAX)
        return CXS_OK;
    nearest = nearest_column(table, name);
    if (nearest != NULL)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:%zu: column \"%s\" is missing (found \"%s\"); did you "
                             "mean \"%s\"?",
                             table->path, table->header_line, name, nearest, nearest);
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                         "%s:%zu: column \"%s\" is missing (found %zu other columns, "
                         "the first is \"%s\")",
                         table->path, table->header_line, name, table->columns,
                         table->name[0]);
}
