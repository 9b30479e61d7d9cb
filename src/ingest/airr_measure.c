/*
 * airr_measure.c -- clones of one repertoire file into a bag
 */
#include "ingest/airr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char LOCUS[] = "TRB";

static int by_clone(const void *x, const void *y)
{
    const cxs_rearrangement *a = x, *b = y;
    int order = strcmp(a->v, b->v);

    if (order == 0)
        order = strcmp(a->j, b->j);
    return order != 0 ? order : strcmp(a->junction, b->junction);
}

/* Down-sampling takes single counts, so there must be such. */
static cxs_rc check_whole(cxs_ctx *ctx, const char *path, const cxs_repertoire *r)
{
    const double exact = 9007199254740992.0; /* 2^53 */

    for (size_t i = 0; i < r->count; i++)
        if (r->row[i].count != floor(r->row[i].count))
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX050",
                                 "%s:%zu: the count %.15g is not whole", path,
                                 r->row[i].line, r->row[i].count);
    if (r->total > exact)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX050",
                             "%s: the counts add up to %.15g, more than can be", path,
                             r->total);
    return CXS_OK;
}

/* Sorted rows of one clone become one; returns the number of clones. */
static size_t merge(cxs_repertoire *r)
{
    size_t clones = 0;

    if (r->count > 0)
        qsort(r->row, r->count, sizeof *r->row, by_clone);
    for (size_t i = 0; i < r->count; i++)
        if (clones > 0 && by_clone(&r->row[clones - 1], &r->row[i]) == 0)
            r->row[clones - 1].count += r->row[i].count;
        else
            r->row[clones++] = r->row[i];
    return clones;
}

static cxs_rc put_clones(cxs_ctx *ctx, const cxs_repertoire *r, size_t clones,
                         cxs_measures *bag)
{
    static const char *const names[] = {"locus", "v", "j", "junction"};
    cxs_measure *t = NULL;
    size_t column[4];
    int64_t *count = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "clones", clones, &t));
    for (size_t c = 0; c < 4; c++)
        CXS_TRY(cxs_measure_text(ctx, t, names[c], &column[c]));
    CXS_TRY(cxs_measure_int(ctx, t, "count", &count));
    for (size_t i = 0; i < clones; i++) {
        const char *const text[] = {LOCUS, r->row[i].v, r->row[i].j,
                                    r->row[i].junction};
        for (size_t c = 0; c < 4; c++)
            CXS_TRY(cxs_measure_set_text(ctx, t, column[c], i, text[c]));
        count[i] = (int64_t)r->row[i].count;
    }
done:
    return rc;
}

static cxs_rc put_summary(cxs_ctx *ctx, const cxs_repertoire *r, size_t rows,
                          cxs_measures *bag)
{
    const struct {
        const char *name;
        size_t value;
    } columns[] = {{"rearrangements", rows},
                   {"unproductive", r->unproductive},
                   {"other_loci", r->other_loci}};
    cxs_measure *t = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "repertoire", 1, &t));
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
        int64_t *value = NULL;
        CXS_TRY(cxs_measure_int(ctx, t, columns[c].name, &value));
        *value = (int64_t)columns[c].value;
    }
done:
    return rc;
}

cxs_rc cxs_airr_measure(cxs_ctx *ctx, const char *path, cxs_measures *bag)
{
    cxs_repertoire *r = NULL;
    size_t rows;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_repertoire_read(ctx, path, LOCUS, &r));
    CXS_TRY(check_whole(ctx, path, r));
    rows = r->count;
    CXS_TRY(put_clones(ctx, r, merge(r), bag));
    rc = put_summary(ctx, r, rows, bag);
done:
    cxs_repertoire_free(r);
    return rc;
}
