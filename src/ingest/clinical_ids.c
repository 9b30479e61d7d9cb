/*
 * clinical_ids.c -- one row per subject, unless intervals or clusters are declared
 *
 * A patient who stands in a table twice counts twice in every sum and appears on both
 * sides of a fold, so repeats stop the read (CX002).  Rows that are identical in every
 * cell are a slip of a join and are merged, with a warning.
 */
#include "ingest/cells.h"
#include "ingest/clinical.h"

#include <stdlib.h>
#include <string.h>

typedef struct row_ref {
    const cxs_clinical *clinical;
    size_t row;
} row_ref;

/* By id, then start and stop where intervals are known, then line. */
static int compare_rows(const void *left, const void *right)
{
    const row_ref *l = left, *r = right;
    const cxs_clinical *c = l->clinical;
    int order = strcmp(cxs_clinical_cell(c, l->row, c->id),
                       cxs_clinical_cell(c, r->row, c->id));

    if (order == 0 && c->entry != NULL) {
        const double *entry = c->entry, *time = c->time;
        order = (entry[l->row] > entry[r->row]) - (entry[l->row] < entry[r->row]);
        if (order == 0)
            order = (time[l->row] > time[r->row]) - (time[l->row] < time[r->row]);
    }
    return order != 0 ? order : (l->row > r->row) - (l->row < r->row);
}

/* Rows that are kept, sorted by compare_rows(). */
static cxs_rc sorted_rows(cxs_ctx *ctx, const cxs_clinical *c, row_ref **out,
                          size_t *count)
{
    row_ref *refs = cxs_calloc(ctx, c->table->rows, sizeof *refs);

    *count = 0;
    if (refs == NULL)
        return CXS_ENOMEM;
    for (size_t row = 0; row < c->table->rows; row++)
        if (c->keep[row])
            refs[(*count)++] = (row_ref){c, row};
    qsort(refs, *count, sizeof *refs, compare_rows);
    *out = refs;
    return CXS_OK;
}

static bool same_id(const cxs_clinical *c, size_t a, size_t b)
{
    return strcmp(cxs_clinical_cell(c, a, c->id), cxs_clinical_cell(c, b, c->id)) == 0;
}

static cxs_rc check_alike(cxs_ctx *ctx, const cxs_clinical *c, const row_ref *rows,
                          size_t count)
{
    cxs_id_ref *refs = cxs_calloc(ctx, count, sizeof *refs);
    cxs_rc rc;

    if (refs == NULL)
        return CXS_ENOMEM;
    for (size_t i = 0; i < count; i++)
        refs[i] = (cxs_id_ref){cxs_clinical_cell(c, rows[i].row, c->id), c->path,
                               c->table->line[rows[i].row]};
    rc = cxs_ids_check(ctx, refs, count);
    cxs_free(refs);
    return rc;
}

/* Names of the columns in which two rows differ, "" when they are identical. */
static cxs_rc differing_columns(cxs_ctx *ctx, const cxs_clinical *c, size_t a, size_t b,
                                cxs_buf *names)
{
    cxs_rc rc = cxs_buf_add(ctx, names, "", 0);

    for (size_t j = 0; rc == CXS_OK && j < c->table->columns; j++)
        if (strcmp(cxs_clinical_cell(c, a, j), cxs_clinical_cell(c, b, j)) != 0)
            rc = cxs_buf_addf(ctx, names, "%s%s", names->length > 0 ? ", " : "",
                              cxs_clinical_column(c, j));
    return rc;
}

/* CX002 for one pair of rows, or the second one is merged into the first. */
static cxs_rc check_pair(cxs_ctx *ctx, cxs_clinical *c, size_t first, size_t row,
                         cxs_faults *faults, size_t *merged)
{
    cxs_buf names = {0};
    const cxs_rc rc = differing_columns(ctx, c, first, row, &names);

    if (rc == CXS_OK && names.length == 0) {
        c->keep[row] = false;
        (*merged)++;
    } else if (rc == CXS_OK) {
        cxs_fault_add(ctx, faults,
                      "%s:%zu:%s: \"%s\" repeats line %zu with other values in %s",
                      c->path, c->table->line[row], cxs_clinical_column(c, c->id),
                      cxs_ctx_id(ctx, cxs_clinical_cell(c, row, c->id)),
                      c->table->line[first], names.text);
    }
    cxs_free(names.text);
    return rc;
}

cxs_rc cxs_clinical_check_ids(cxs_ctx *ctx, cxs_clinical *c)
{
    cxs_faults faults = {.code = "CX002"};
    row_ref *rows = NULL;
    size_t count = 0, merged = 0, first = 0;
    const bool intervals = c->entry_column != CXS_NO_COLUMN;
    cxs_rc rc = CXS_OK;

    if (c->id == CXS_NO_COLUMN)
        return CXS_OK;
    CXS_TRY(sorted_rows(ctx, c, &rows, &count));
    CXS_TRY(check_alike(ctx, c, rows, count));
    if (c->cluster_column != CXS_NO_COLUMN || intervals)
        goto done; /* repeats are allowed; intervals are looked at once they are read */
    for (size_t i = 1; i < count; i++) {
        if (!same_id(c, rows[first].row, rows[i].row))
            first = i;
        else
            CXS_TRY(check_pair(ctx, c, rows[first].row, rows[i].row, &faults, &merged));
    }
    CXS_TRY(cxs_faults_end(ctx, &faults));
    if (merged > 0) {
        CXS_TRY(cxs_warn(ctx, "CX002",
                         "%s: %zu rows repeat another row in every "
                         "column and were merged with it",
                         c->path, merged));
        CXS_TRY(cxs_surv_flow_add(ctx, c->surv, merged, "merged: identical rows"));
    }

done:
    cxs_free(faults.text.text);
    cxs_free(rows);
    return rc;
}

cxs_rc cxs_clinical_check_intervals(cxs_ctx *ctx, const cxs_clinical *c)
{
    cxs_faults faults = {.code = "CX002"};
    row_ref *rows = NULL;
    size_t count = 0, last = 0; /* `last`: interval of this id that stops latest */
    cxs_rc rc = CXS_OK;

    if (c->id == CXS_NO_COLUMN || c->entry == NULL ||
        c->cluster_column != CXS_NO_COLUMN)
        return CXS_OK;
    CXS_TRY(sorted_rows(ctx, c, &rows, &count));
    for (size_t i = 1; i < count; i++) {
        const size_t a = rows[last].row, b = rows[i].row;
        if (same_id(c, a, b) &&
            c->entry[b] < c->time[a] - CXS_TIME_TOLERANCE * c->time[a])
            cxs_fault_add(ctx, &faults,
                          "%s:%zu:%s: \"%s\" repeats line %zu with an interval that "
                          "overlaps it",
                          c->path, c->table->line[b], cxs_clinical_column(c, c->id),
                          cxs_ctx_id(ctx, cxs_clinical_cell(c, b, c->id)),
                          c->table->line[a]);
        if (!same_id(c, a, b) || c->time[b] > c->time[a])
            last = i;
    }
    CXS_TRY(cxs_faults_end(ctx, &faults));

done:
    cxs_free(rows);
    return rc;
}
