/*
 * measures.c -- making and reading a bag of measures
 *
 * A table is an allocation of its own and so is every column, because callers keep
 * pointers to both while they add more.
 */
#include "store/measures_private.h"

#include "base/text.h"

#include <string.h>

static const size_t chunk_room = (size_t)64 << 10;

/* ---- the bag --------------------------------------------------------------------- */

cxs_rc cxs_measures_new(cxs_ctx *ctx, cxs_measures **out)
{
    *out = cxs_calloc(ctx, 1, sizeof **out);
    return *out != NULL ? CXS_OK : CXS_ENOMEM;
}

static void free_table(cxs_measure *table)
{
    if (table == NULL)
        return;
    for (size_t c = 0; c < table->columns; c++) {
        cxs_free(table->column[c].whole);
        cxs_free(table->column[c].real);
        cxs_free(table->column[c].text);
    }
    for (cxs_measure_chunk *chunk = table->chunk, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        cxs_free(chunk);
    }
    cxs_free(table->column);
    cxs_free(table);
}

void cxs_measures_free(cxs_measures *bag)
{
    if (bag == NULL)
        return;
    for (size_t t = 0; t < bag->count; t++)
        free_table(bag->table[t]);
    cxs_free(bag->table);
    cxs_free(bag);
}

/* ---- names ----------------------------------------------------------------------- */

static bool is_name(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    const size_t length = strlen(name);

    return length >= 1 && length <= CXS_MEASURE_NAME && strspn(name, allowed) == length;
}

/* The name comes from a program, or from bytes that may be anything: it is shown only
 * once it is known to be harmless. */
static cxs_rc check_name(cxs_ctx *ctx, const char *what, const char *name, bool taken)
{
    if (!is_name(name))
        return cxs_fail(ctx, CXS_EARG, "a %s of measures needs a name [a-z0-9_.]{1,%d}",
                        what, CXS_MEASURE_NAME);
    if (taken)
        return cxs_fail(ctx, CXS_EARG, "the %s \"%s\" of measures is there already",
                        what, name);
    return CXS_OK;
}

/* ---- making ---------------------------------------------------------------------- */

cxs_rc cxs_measures_add(cxs_ctx *ctx, cxs_measures *bag, const char *name, size_t rows,
                        cxs_measure **out)
{
    cxs_measure *table = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(check_name(ctx, "table", name, cxs_measures_find(bag, name) != NULL));
    CXS_TRY(cxs_grow(ctx, (void **)&bag->table, &bag->capacity, bag->count + 1,
                     sizeof(cxs_measure *)));
    CXS_NEW(table, 1);
    memcpy(table->name, name, strlen(name) + 1);
    table->rows = rows;
    bag->table[bag->count++] = table;
    *out = table;
done:
    return rc;
}

static size_t find_column(const cxs_measure *table, const char *name)
{
    size_t c = 0;

    while (c < table->columns && strcmp(table->column[c].name, name) != 0)
        c++;
    return c;
}

static cxs_rc add_column(cxs_ctx *ctx, cxs_measure *table, const char *name,
                         cxs_measure_type type, cxs_measure_column_data **out)
{
    cxs_measure_column_data column = {.type = type};
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(check_name(ctx, "column", name, find_column(table, name) < table->columns));
    memcpy(column.name, name, strlen(name) + 1);
    CXS_TRY(cxs_grow(ctx, (void **)&table->column, &table->capacity, table->columns + 1,
                     sizeof *table->column));
    switch (type) {
    case CXS_MEASURE_INT:
        CXS_NEW(column.whole, table->rows);
        break;
    case CXS_MEASURE_REAL:
        CXS_NEW(column.real, table->rows);
        break;
    case CXS_MEASURE_TEXT:
        CXS_NEW(column.text, table->rows);
        break;
    }
    *out = &table->column[table->columns++];
    **out = column;
done:
    return rc;
}

cxs_rc cxs_measure_int(cxs_ctx *ctx, cxs_measure *table, const char *name,
                       int64_t **column)
{
    cxs_measure_column_data *made;
    const cxs_rc rc = add_column(ctx, table, name, CXS_MEASURE_INT, &made);

    *column = made != NULL ? made->whole : NULL;
    return rc;
}

cxs_rc cxs_measure_real(cxs_ctx *ctx, cxs_measure *table, const char *name,
                        double **column)
{
    cxs_measure_column_data *made;
    const cxs_rc rc = add_column(ctx, table, name, CXS_MEASURE_REAL, &made);

    *column = made != NULL ? made->real : NULL;
    return rc;
}

cxs_rc cxs_measure_text(cxs_ctx *ctx, cxs_measure *table, const char *name,
                        size_t *column)
{
    cxs_measure_column_data *made;
    const cxs_rc rc = add_column(ctx, table, name, CXS_MEASURE_TEXT, &made);

    *column = made != NULL ? table->columns - 1 : 0;
    return rc;
}

char *cxs_measure_text_room(cxs_ctx *ctx, cxs_measure *table, size_t n)
{
    cxs_measure_chunk *chunk = table->chunk;
    char *place;

    if (chunk == NULL || chunk->room - chunk->used <= n) {
        const size_t room = n < chunk_room ? chunk_room : n + 1;
        if ((chunk = cxs_calloc(ctx, 1, sizeof *chunk + room)) == NULL)
            return NULL;
        chunk->room = room;
        chunk->next = table->chunk;
        table->chunk = chunk;
    }
    place = chunk->bytes + chunk->used;
    chunk->used += n + 1;
    return place;
}

cxs_rc cxs_measure_set_text(cxs_ctx *ctx, cxs_measure *table, size_t column, size_t row,
                            const char *text)
{
    const size_t length = text != NULL ? strlen(text) : 0;
    char *copy = NULL;

    if (column >= table->columns || row >= table->rows ||
        table->column[column].type != CXS_MEASURE_TEXT)
        return cxs_fail(ctx, CXS_EBUG, "measures \"%s\" have no text at %zu, %zu",
                        table->name, row, column);
    if (text != NULL) {
        if (length >= CXS_MEASURES_BYTES_MAX || !cxs_text_is_utf8(text, length))
            return cxs_fail(ctx, CXS_EFORMAT,
                            "measures \"%s\", column \"%s\", row "
                            "%zu: the text is not UTF-8",
                            table->name, table->column[column].name, row);
        if ((copy = cxs_measure_text_room(ctx, table, length)) == NULL)
            return CXS_ENOMEM;
        memcpy(copy, text, length + 1);
    }
    table->column[column].text[row] = copy;
    return CXS_OK;
}

/* ---- reading --------------------------------------------------------------------- */

size_t cxs_measures_count(const cxs_measures *bag)
{
    return bag->count;
}

const cxs_measure *cxs_measures_at(const cxs_measures *bag, size_t at)
{
    return at < bag->count ? bag->table[at] : NULL;
}

const cxs_measure *cxs_measures_find(const cxs_measures *bag, const char *name)
{
    for (size_t t = 0; t < bag->count; t++)
        if (strcmp(bag->table[t]->name, name) == 0)
            return bag->table[t];
    return NULL;
}

const char *cxs_measure_name(const cxs_measure *table)
{
    return table->name;
}

size_t cxs_measure_rows(const cxs_measure *table)
{
    return table->rows;
}

size_t cxs_measure_columns(const cxs_measure *table)
{
    return table->columns;
}

const char *cxs_measure_column_name(const cxs_measure *table, size_t column)
{
    return column < table->columns ? table->column[column].name : NULL;
}

cxs_measure_type cxs_measure_column_type(const cxs_measure *table, size_t column)
{
    return table->column[column].type;
}

/* Columns of another type have NULL in the field that is asked for. */
const int64_t *cxs_measure_get_int(const cxs_measure *table, const char *name)
{
    const size_t c = find_column(table, name);

    return c < table->columns ? table->column[c].whole : NULL;
}

const double *cxs_measure_get_real(const cxs_measure *table, const char *name)
{
    const size_t c = find_column(table, name);

    return c < table->columns ? table->column[c].real : NULL;
}

const char *const *cxs_measure_get_text(const cxs_measure *table, const char *name)
{
    const size_t c = find_column(table, name);

    return c < table->columns ? table->column[c].text : NULL;
}
