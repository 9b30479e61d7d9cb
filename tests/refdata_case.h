/*
 * refdata_case.h -- one reference table in a test: cells by row and column name
 */
#ifndef CXS_TEST_REFDATA_CASE_H
#define CXS_TEST_REFDATA_CASE_H

#include "test.h"

#include "base/number.h"
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

/* The table refdata/NAME; a test that cannot read one cannot go on. */
static inline cxs_table *refdata_open(cxs_ctx *ctx, const char *name)
{
    char path[256];
    cxs_table *table = NULL;

    snprintf(path, sizeof path, "refdata/%s", name);
    if (cxs_table_read(ctx, path, &table) != CXS_OK) {
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
        abort();
    }
    return table;
}

static inline const char *refdata_text(const cxs_table *t, size_t row, const char *name)
{
    const size_t column = cxs_table_find(t, name);

    if (column == SIZE_MAX) {
        fprintf(stderr, "%s: no column %s\n", t->path, name);
        abort();
    }
    return cxs_table_cell(t, row, column);
}

static inline int refdata_is(const cxs_table *t, size_t row, const char *name,
                             const char *text)
{
    return strcmp(refdata_text(t, row, name), text) == 0;
}

/* A whole number in decimal; a failed check and -1 for anything else. */
static inline int64_t refdata_int(const cxs_table *t, size_t row, const char *name)
{
    const char *text = refdata_text(t, row, name);
    int64_t value = -1;
    const int is_number = cxs_number_parse_int(text, 0, 1000000000, &value);

    CHECK(is_number);
    if (!is_number)
        printf("  %s:%zu:%s: '%s' is not a whole number\n", t->path, t->line[row], name,
               text);
    return is_number ? value : -1;
}

static inline double refdata_real(const cxs_table *t, size_t row, const char *name)
{
    const char *text = refdata_text(t, row, name);
    double value = (double)NAN;
    const int is_number = cxs_number_parse(text, strlen(text), &value);

    CHECK(is_number);
    if (!is_number)
        printf("  %s:%zu:%s: '%s' is not a number\n", t->path, t->line[row], name,
               text);
    return value;
}

/* Row whose `name` column holds text, or SIZE_MAX. */
static inline size_t refdata_row(const cxs_table *t, const char *name, const char *text)
{
    for (size_t r = 0; r < t->rows; r++)
        if (refdata_is(t, r, name, text))
            return r;
    return SIZE_MAX;
}

/* One failed check for a row, with its place. */
static inline void refdata_check(int good, const cxs_table *t, size_t row,
                                 const char *what)
{
    CHECK(good);
    if (!good)
        printf("  %s:%zu: %s\n", t->path, t->line[row], what);
}

#endif /* CXS_TEST_REFDATA_CASE_H */
