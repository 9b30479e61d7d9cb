/*
 * matrix_tsv.c -- write a matrix as TSV
 *
 * Most of the time goes into the shortest text of each number, so rows are formatted on
 * the pool, in rounds of a fixed number, and written in order.
 */
#include "base/number.h"
#include "base/out.h"
#include "base/pool.h"
#include "store/data.h"

#include <string.h>

enum { ROUND = 16, ROWS = 32 }; /* tasks at a time, features per task */

typedef struct formatting {
    const cxs_matrix *m;
    size_t first;            /* feature of the round's first row */
    cxs_buf text[ROUND];     /* a tab and a number per sample, row after row */
    size_t end[ROUND][ROWS]; /* where the rows end in it */
} formatting;

static cxs_rc format_rows(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    formatting *f = arg;
    const size_t first = f->first + index * ROWS, n = f->m->n;
    cxs_buf *text = &f->text[index];
    char cell[CXS_NUMBER_BYTES + 1] = "\t";
    cxs_rc rc = CXS_OK;

    (void)worker;
    text->length = 0;
    for (size_t r = 0; r < ROWS && first + r < f->m->p; r++) {
        const double *x = f->m->x + (first + r) * n;
        for (size_t i = 0; i < n; i++)
            CXS_TRY(
                cxs_buf_add(ctx, text, cell, 1 + cxs_number_format(x[i], cell + 1)));
        f->end[index][r] = text->length;
    }

done:
    return rc;
}

static cxs_rc write_round(cxs_ctx *ctx, cxs_out *out, formatting *f)
{
    const size_t left = f->m->p - f->first,
                 rows = left < ROUND * ROWS ? left : ROUND * ROWS;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_pool_run(ctx, NULL, (rows + ROWS - 1) / ROWS, format_rows, f));
    for (size_t r = 0; r < rows; r++) {
        const size_t *end = f->end[r / ROWS];
        const size_t begin = r % ROWS == 0 ? 0 : end[r % ROWS - 1];
        CXS_TRY(cxs_out_text(ctx, out, f->m->feature[f->first + r]));
        CXS_TRY(cxs_out_write(ctx, out, f->text[r / ROWS].text + begin,
                              end[r % ROWS] - begin));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

cxs_rc cxs_matrix_write_tsv(cxs_ctx *ctx, const cxs_matrix *m, const char *path)
{
    formatting f = {.m = m};
    cxs_out *out = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_open(ctx, path, &out));
    CXS_TRY(cxs_out_text(ctx, out, "feature_id"));
    for (size_t i = 0; i < m->n; i++)
        CXS_TRY(cxs_out_text(ctx, out, m->sample[i]));
    CXS_TRY(cxs_out_row_end(ctx, out));
    for (; f.first < m->p; f.first += ROUND * ROWS)
        CXS_TRY(write_round(ctx, out, &f));
    rc = cxs_out_commit(ctx, out);
    out = NULL;

done:
    cxs_out_abort(out);
    for (size_t k = 0; k < ROUND; k++)
        cxs_free(f.text[k].text);
    return rc;
}
