/*
 * study_ids.c -- ids of patients and samples
 *
 * All lookups are sorted arrays with bytewise order: no hash, so that nothing depends
 * on insertion order, and 100,000 ids cost a sort.
 */
#include "ingest/study_ids.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    const struct cxs_index_entry *x = a, *y = b;
    const int order = strcmp(x->name, y->name);

    return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

cxs_rc cxs_index_make(cxs_ctx *ctx, const char *const *name, size_t n, cxs_index *out)
{
    cxs_rc rc = CXS_OK;

    *out = (cxs_index){0};
    CXS_NEW(out->entry, n);
    for (size_t i = 0; i < n; i++)
        if (name[i] != NULL)
            out->entry[out->n++] = (struct cxs_index_entry){name[i], i};
    qsort(out->entry, out->n, sizeof *out->entry, by_name);
done:
    return rc;
}

void cxs_index_clear(cxs_index *index)
{
    cxs_free(index->entry);
    *index = (cxs_index){0};
}

size_t cxs_index_find(const cxs_index *index, const char *name)
{
    size_t lo = 0, hi = index->n;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (strcmp(index->entry[mid].name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < index->n && strcmp(index->entry[lo].name, name) == 0
               ? index->entry[lo].row
               : SIZE_MAX;
}

/* Names of the columns in which two rows differ: "AGE, SEX". */
static cxs_rc differing(cxs_ctx *ctx, const cxs_table *table, size_t a, size_t b,
                        cxs_buf *names)
{
    cxs_rc rc = CXS_OK;

    for (size_t c = 0; c < table->columns && rc == CXS_OK; c++)
        if (strcmp(cxs_table_cell(table, a, c), cxs_table_cell(table, b, c)) != 0)
            rc = cxs_buf_addf(ctx, names, "%s%s", names->length > 0 ? ", " : "",
                              table->name[c]);
    return rc;
}

typedef struct repeats {
    cxs_faults faults;
    size_t merged, first_line;
} repeats;

/* Row `again` has the id of row `first`: a fault, or a row to merge. */
static cxs_rc judge_repeat(cxs_ctx *ctx, const cxs_table *table, size_t column,
                           bool merge, size_t first, size_t again, repeats *found)
{
    const char *id = cxs_ctx_id(ctx, cxs_table_cell(table, again, column));
    cxs_buf names = {0};
    cxs_rc rc = CXS_OK;

    if (!merge) {
        cxs_fault_add(ctx, &found->faults,
                      "%s:%zu:%s: \"%s\" was already given at line %zu", table->path,
                      table->line[again], table->name[column], id, table->line[first]);
        return CXS_OK;
    }
    CXS_TRY(differing(ctx, table, first, again, &names));
    if (names.length > 0)
        cxs_fault_add(ctx, &found->faults,
                      "%s:%zu:%s: \"%s\" repeats line %zu with other values in %s",
                      table->path, table->line[again], table->name[column], id,
                      table->line[first], names.text);
    else if (found->merged++ == 0)
        found->first_line = table->line[again];
done:
    cxs_free(names.text);
    return rc;
}

cxs_rc cxs_ids_unique(cxs_ctx *ctx, const cxs_table *table, size_t column, bool merge,
                      size_t *keep, size_t *kept)
{
    cxs_rc rc = CXS_OK;
    repeats found = {.faults = {.code = merge ? "CX002" : "CX001"}};
    const char **name = NULL;
    cxs_index index = {0};

    *kept = 0;
    CXS_NEW(name, table->rows);
    for (size_t r = 0; r < table->rows; r++)
        name[r] = cxs_table_cell(table, r, column);
    CXS_TRY(cxs_index_make(ctx, name, table->rows, &index));
    for (size_t r = 0; r < table->rows; r++) {
        const size_t first = cxs_index_find(&index, name[r]);
        if (first == r || *name[r] == '\0')
            keep[(*kept)++] = r;
        else
            CXS_TRY(judge_repeat(ctx, table, column, merge, first, r, &found));
    }
    rc = cxs_faults_end(ctx, &found.faults);
    if (rc == CXS_OK && found.merged > 0)
        rc = cxs_warn(ctx, "CX002",
                      "%s:%zu:%s: %zu rows repeat an earlier row in every column and "
                      "were merged",
                      table->path, found.first_line, table->name[column], found.merged);
done:
    cxs_free(found.faults.text.text);
    cxs_index_clear(&index);
    cxs_free(name);
    return rc;
}

static unsigned char folded(char c)
{
    if (c == '-' || c == '_' || c == '.' || c == ' ')
        return '_';
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : (unsigned char)c;
}

static int fold_compare(const char *a, const char *b)
{
    while (*a != '\0' && folded(*a) == folded(*b)) {
        a++;
        b++;
    }
    return (int)folded(*a) - (int)folded(*b);
}

static int by_folded(const void *a, const void *b)
{
    const cxs_id_use *x = a, *y = b;
    int order = fold_compare(x->id, y->id);

    if (order == 0)
        order = strcmp(x->id, y->id);
    if (order == 0)
        order = strcmp(x->path, y->path);
    return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

cxs_rc cxs_ids_distinct(cxs_ctx *ctx, cxs_id_use *use, size_t n)
{
    cxs_faults faults = {.code = "CX005"};

    qsort(use, n, sizeof *use, by_folded);
    for (size_t i = 1; i < n; i++)
        if (strcmp(use[i - 1].id, use[i].id) != 0 &&
            fold_compare(use[i - 1].id, use[i].id) == 0)
            cxs_fault_add(
                ctx, &faults,
                "ids \"%s\" (%s:%zu) and \"%s\" (%s:%zu) differ only by case, "
                "blanks or punctuation",
                cxs_ctx_id(ctx, use[i - 1].id), use[i - 1].path, use[i - 1].line,
                cxs_ctx_id(ctx, use[i].id), use[i].path, use[i].line);
    return cxs_faults_end(ctx, &faults);
}
