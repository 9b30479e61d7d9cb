/*
 * tables.c -- what joins the matrix by id: gene lengths, cohorts
 */
#include "features/derive.h"

#include "base/number.h"
#include "base/table.h"
#include "base/text.h"
#include "store/data.h"

#include <stdlib.h>
#include <string.h>

enum { NAMED = 5 }; /* ids shown in a message */

/* Index of id among n sorted names, or SIZE_MAX. */
static size_t find_sorted(char *const *names, size_t n, const char *id)
{
    char *const *hit = bsearch(&id, names, n, sizeof *names, cxs_text_compare);

    return hit != NULL ? (size_t)(hit - names) : SIZE_MAX;
}

/* Names that found no row: the first few, and how many. */
static cxs_rc refuse_unmatched(cxs_ctx *ctx, const char *path, const char *what,
                               char *const *names, const uint8_t *found, size_t n,
                               bool masked)
{
    cxs_buf list = {0};
    cxs_rc rc = CXS_OK;
    size_t missing = 0;

    for (size_t i = 0; i < n; i++) {
        if (found[i] || missing++ >= NAMED)
            continue;
        CXS_TRY(cxs_buf_addf(ctx, &list, "%s%s", missing > 1 ? ", " : "",
                             masked ? cxs_ctx_id(ctx, names[i]) : names[i]));
    }
    if (missing > 0)
        rc = cxs_fail(ctx, CXS_EMISMATCH, "%s: no %s for %zu of %zu: %s%s", path, what,
                      missing, n, list.text, missing > NAMED ? ", ..." : "");

done:
    cxs_free(list.text);
    return rc;
}

/* Each row of the table that names one of the n ids, once: row [n] gets its number. */
static cxs_rc match_rows(cxs_ctx *ctx, const cxs_table *t, size_t id_column,
                         char *const *names, size_t n, uint8_t *found, size_t *row)
{
    for (size_t r = 0; r < t->rows; r++) {
        const char *id = cxs_table_cell(t, r, id_column);
        const size_t i = find_sorted(names, n, id);
        if (i == SIZE_MAX)
            continue;
        if (found[i])
            return cxs_fail(ctx, CXS_EFORMAT,
                            "%s:%zu:%s: '%s' was already given at line "
                            "%zu",
                            t->path, t->line[r], t->name[id_column],
                            cxs_ctx_id(ctx, id), t->line[row[i]]);
        found[i] = 1;
        row[i] = r;
    }
    return CXS_OK;
}

cxs_rc cxs_lengths_read(cxs_ctx *ctx, const char *path, const cxs_matrix *m,
                        double *length)
{
    cxs_table *t = NULL;
    size_t column, *row = NULL;
    uint8_t *found = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_table_read(ctx, path, &t));
    column = cxs_table_find(t, "length");
    if (column == SIZE_MAX && t->columns == 2)
        column = 1; /* a table of two columns can mean only one */
    if (column == SIZE_MAX)
        CXS_TRY(cxs_table_need(ctx, t, "length", &column));
    CXS_NEW(found, m->p);
    CXS_NEW(row, m->p);
    CXS_TRY(match_rows(ctx, t, 0, m->feature, m->p, found, row));
    CXS_TRY(refuse_unmatched(ctx, path, "length", m->feature, found, m->p, false));
    for (size_t j = 0; j < m->p; j++) {
        const char *cell = cxs_table_cell(t, row[j], column);
        if (!cxs_number_parse(cell, strlen(cell), &length[j]) || !(length[j] > 0.0))
            CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX016",
                                  "%s:%zu:length: '%s' is not a length > 0", path,
                                  t->line[row[j]], cell));
    }

done:
    cxs_free(row);
    cxs_free(found);
    cxs_table_free(t);
    return rc;
}

/* Cohort index in bytewise order of the cohort names: the order of rows never matters.
 */
static cxs_rc number_cohorts(cxs_ctx *ctx, const cxs_table *t, size_t column,
                             const size_t *row, const cxs_matrix *m, uint32_t *cohort)
{
    const char **names = NULL;
    size_t distinct = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(names, m->n);
    for (size_t i = 0; i < m->n; i++) {
        const char *cell = cxs_table_cell(t, row[i], column);
        if (cxs_is_na(cell, strlen(cell)))
            CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH, "%s:%zu:%s: sample %s has no cohort",
                             t->path, t->line[row[i]], t->name[column],
                             cxs_ctx_id(ctx, m->sample[i])));
        names[i] = cell;
    }
    qsort(names, m->n, sizeof *names, cxs_text_compare);
    for (size_t i = 0; i < m->n; i++)
        if (i == 0 || strcmp(names[distinct - 1], names[i]) != 0)
            names[distinct++] = names[i];
    for (size_t i = 0; i < m->n; i++)
        for (size_t c = 0; c < distinct; c++)
            if (strcmp(names[c], cxs_table_cell(t, row[i], column)) == 0)
                cohort[i] = (uint32_t)c;
    cxs_note(ctx, "rank-normal scores within %zu cohorts of column '%s'", distinct,
             t->name[column]);

done:
    cxs_free(names);
    return rc;
}

cxs_rc cxs_cohort_read(cxs_ctx *ctx, const char *path, const char *id,
                       const char *column, const cxs_matrix *m, uint32_t *cohort)
{
    cxs_table *t = NULL;
    size_t id_column = 0, at, *row = NULL;
    uint8_t *found = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_table_read(ctx, path, &t));
    if (id != NULL)
        CXS_TRY(cxs_table_need(ctx, t, id, &id_column));
    CXS_TRY(cxs_table_need(ctx, t, column, &at));
    CXS_NEW(found, m->n);
    CXS_NEW(row, m->n);
    CXS_TRY(match_rows(ctx, t, id_column, m->sample, m->n, found, row));
    CXS_TRY(refuse_unmatched(ctx, path, "row", m->sample, found, m->n, true));
    CXS_TRY(number_cohorts(ctx, t, at, row, m, cohort));

done:
    cxs_free(row);
    cxs_free(found);
    cxs_table_free(t);
    return rc;
}
