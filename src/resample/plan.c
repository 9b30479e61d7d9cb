/*
 * plan.c -- folds, halves, bootstraps and permutations of subjects
 *
 * A subject is the run of rows that share an id.  Each split gives every subject a cell
 * (the stratum, with or without the event of its last row), sorts the subjects of a
 * cell by a random key drawn at the subject's rank, and deals them out.  So balance
 * holds in each cell, and the draw of one subject never depends on how many rows others
 * have.
 */
#include "resample/plan.h"

#include "base/stream.h"

#include <stdlib.h>
#include <string.h>

typedef struct unit {
    size_t first, count; /* its rows */
    size_t rank;         /* place of its id among the ids */
    const uint32_t *stratum;
    uint64_t cell;
    double key;
} unit;

static int by_cell_and_key(const void *left, const void *right)
{
    const unit *a = left, *b = right;

    if (a->cell != b->cell)
        return a->cell < b->cell ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->rank > b->rank) - (a->rank < b->rank);
}

/* Number of rows, then the strata they lie in: what two subjects must share to swap
 * their whole outcome. */
static int compare_shape(const unit *a, const unit *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (size_t r = 0; r < a->count; r++)
        if (a->stratum[r] != b->stratum[r])
            return a->stratum[r] < b->stratum[r] ? -1 : 1;
    return 0;
}

static int by_shape(const void *left, const void *right)
{
    const unit *a = left, *b = right;
    const int shape = compare_shape(a, b);

    return shape != 0 ? shape : (a->rank > b->rank) - (a->rank < b->rank);
}

/* Subjects in the order of their ids, with cells of (stratum, event) of the last row.
 */
static cxs_rc units_new(cxs_ctx *ctx, const cxs_surv *surv, unit **out, size_t *count)
{
    const size_t n = cxs_surv_n(surv);
    const char *const *id = cxs_surv_id(surv);
    cxs_rc rc = CXS_OK;
    unit *units = NULL;
    size_t m = 0;

    CXS_NEW(units, n);
    for (size_t i = 0; i < n; i++) {
        const uint64_t cell =
            2 * (uint64_t)cxs_surv_stratum(surv)[i] + cxs_surv_event(surv)[i];
        if (i == 0 || strcmp(id[i - 1], id[i]) != 0) {
            units[m] =
                (unit){.first = i, .rank = m, .stratum = cxs_surv_stratum(surv) + i};
            m++;
        }
        units[m - 1].count++;
        units[m - 1].cell = cell; /* the last row decides */
    }
    *count = m;

done:
    *out = units;
    return rc;
}

/* Random order inside each cell. */
static void shuffle_cells(unit *units, size_t m, const cxs_stream *stream)
{
    for (size_t i = 0; i < m; i++)
        units[i].key = cxs_draw_uniform(stream, units[i].rank);
    qsort(units, m, sizeof *units, by_cell_and_key);
}

cxs_rc cxs_plan_folds(cxs_ctx *ctx, const cxs_surv *surv, size_t folds, uint64_t seed,
                      size_t repeat, uint32_t *fold)
{
    return cxs_plan_folds_among(ctx, surv, NULL, folds, seed, CXS_DRAW_FOLDS, repeat,
                                fold);
}

/* Subjects whose rows are in use, in order; the rank stays that of the id. */
static size_t units_in_use(unit *units, size_t m, const uint8_t *use)
{
    size_t kept = 0;

    for (size_t i = 0; i < m; i++)
        if (use == NULL || use[units[i].first])
            units[kept++] = units[i];
    return kept;
}

cxs_rc cxs_plan_folds_among(cxs_ctx *ctx, const cxs_surv *surv, const uint8_t *use,
                            size_t folds, uint64_t seed, cxs_purpose purpose,
                            size_t repeat, uint32_t *fold)
{
    const cxs_stream stream = {seed, (uint32_t)purpose, repeat};
    cxs_rc rc = CXS_OK;
    unit *units = NULL;
    size_t m = 0, start;

    CXS_TRY(units_new(ctx, surv, &units, &m));
    start = m; /* a draw behind those of the subjects */
    m = units_in_use(units, m, use);
    if (folds < 1 || folds > m)
        CXS_TRY(cxs_fail(ctx, CXS_EARG,
                         "folds: %zu, but there are %zu subjects; take 2 to %zu, or 0 "
                         "for none",
                         folds, m, m));
    shuffle_cells(units, m, &stream);
    start = cxs_draw_below(&stream, start, folds); /* which fold gets the odd ones */
    memset(fold, 0, cxs_surv_n(surv) * sizeof *fold);
    for (size_t i = 0; i < m; i++)
        for (size_t r = 0; r < units[i].count; r++)
            fold[units[i].first + r] = (uint32_t)((start + i) % folds);

done:
    cxs_free(units);
    return rc;
}

cxs_rc cxs_plan_halves(cxs_ctx *ctx, const cxs_surv *surv, uint64_t seed, size_t pair,
                       uint8_t *half)
{
    const cxs_stream stream = {seed, CXS_DRAW_HALVES, pair};
    cxs_rc rc = CXS_OK;
    unit *units = NULL;
    size_t m = 0;

    CXS_TRY(units_new(ctx, surv, &units, &m));
    shuffle_cells(units, m, &stream);
    for (size_t i = 0; i < m; i++)
        for (size_t r = 0; r < units[i].count; r++)
            half[units[i].first + r] = (uint8_t)(i % 2);

done:
    cxs_free(units);
    return rc;
}

cxs_rc cxs_plan_bootstrap(cxs_ctx *ctx, const cxs_surv *surv, uint64_t seed,
                          size_t replicate, double *weight)
{
    const cxs_stream stream = {seed, CXS_DRAW_BOOTSTRAP, replicate};
    cxs_rc rc = CXS_OK;
    unit *units = NULL;
    size_t m = 0;

    CXS_TRY(units_new(ctx, surv, &units, &m));
    for (size_t i = 0; i < cxs_surv_n(surv); i++)
        weight[i] = 0.0;
    qsort(units, m, sizeof *units,
          by_cell_and_key); /* keys are 0: by cell, then rank */
    for (size_t i = 0, end; i < m; i = end) {
        for (end = i; end < m && units[end].cell == units[i].cell;)
            end++;
        for (size_t j = i; j < end; j++) {
            const unit *drawn =
                &units[i + cxs_draw_below(&stream, units[j].rank, end - i)];
            for (size_t r = 0; r < drawn->count; r++)
                weight[drawn->first + r] += 1.0;
        }
    }

done:
    cxs_free(units);
    return rc;
}

/* Cells of subjects that may swap outcomes, numbered in the order of their shape. */
static void cells_of_shape(unit *units, size_t m)
{
    qsort(units, m, sizeof *units, by_shape);
    for (size_t i = 0; i < m; i++)
        units[i].cell =
            i == 0 ? 0
                   : units[i - 1].cell + (compare_shape(&units[i - 1], &units[i]) != 0);
}

cxs_rc cxs_plan_permutation(cxs_ctx *ctx, const cxs_surv *surv, uint64_t seed,
                            size_t replicate, size_t *from)
{
    const cxs_stream stream = {seed, CXS_DRAW_PERMUTATION, replicate};
    cxs_rc rc = CXS_OK;
    unit *to = NULL, *source = NULL;
    size_t m = 0;

    CXS_TRY(units_new(ctx, surv, &to, &m));
    CXS_NEW(source, m);
    cells_of_shape(to, m);
    memcpy(source, to, m * sizeof *source);
    shuffle_cells(source, m, &stream);
    for (size_t i = 0; i < m; i++)
        for (size_t r = 0; r < to[i].count; r++)
            from[to[i].first + r] = source[i].first + r;

done:
    cxs_free(source);
    cxs_free(to);
    return rc;
}
