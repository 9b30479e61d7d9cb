/*
 * rna_batch.c -- main axes of expression against batch and centre
 *
 * X [n x p]: log values of the genes that every sample has, each less its mean.  The
 * axes are the eigenvectors u of X X' with the two largest eigenvalues d^2; the score of
 * a sample is d u_i, as prcomp() of R gives it, and d^2/trace the axis's share of the
 * variance.  The sign of an axis is free: its largest score in absolute value is
 * positive.
 *
 * Nothing is corrected: an axis that goes with the batch is told, and the batch may then
 * be a stratum or a covariate.
 */
#include "features/rna_batch.h"

#include "base/out.h"
#include "base/pool.h"
#include "base/text.h"
#include "features/derive.h"
#include "num/blas.h"
#include "num/order.h"
#include "store/data.h"
#include "store/study_schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fixed widths: the last bits of a product depend on them. */
enum { GENES_AT_ONCE = 512, COLUMNS_PER_TASK = 64, LEAST_SAMPLES = 3 };

static const double NOTICEABLE = 0.01;

void cxs_batch_free(cxs_batch *b)
{
    if (b == NULL)
        return;
    cxs_free_strings(b->sample, b->n);
    cxs_free(b->score);
    cxs_free(b->row);
    cxs_free(b);
}

/* ---- axes ------------------------------------------------------------------------ */

typedef struct gram {
    size_t n;
    size_t genes;        /* in the block */
    const double *block; /* [n x genes] */
    double *k;           /* [n x n], lower triangle */
} gram;

static cxs_rc gram_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const gram *w = arg;
    const size_t first = index * COLUMNS_PER_TASK, left = w->n - first;
    const size_t columns = left < COLUMNS_PER_TASK ? left : COLUMNS_PER_TASK;

    (void)ctx, (void)worker;
    cxs_blas_add_nt(left, columns, w->genes, w->block + first, w->n, w->block + first,
                    w->n, w->k + first * w->n + first, w->n);
    return CXS_OK;
}

/* Values of one gene in the used samples, less their mean; false when one is missing. */
static bool centred(const cxs_matrix *m, size_t gene, const size_t *used, size_t n,
                    double *x)
{
    double mean = 0.0;

    for (size_t i = 0; i < n; i++) {
        x[i] = m->x[gene * m->n + used[i]];
        mean += x[i];
    }
    mean /= (double)n;
    for (size_t i = 0; i < n; i++)
        x[i] -= mean;
    return !isnan(mean);
}

/* X X' over the genes; *genes their number. */
static cxs_rc make_gram(cxs_ctx *ctx, const cxs_matrix *m, const size_t *used, size_t n,
                        double *k, size_t *genes)
{
    gram w = {.n = n, .k = k};
    double *block = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(block, n * GENES_AT_ONCE);
    w.block = block;
    *genes = 0;
    for (size_t j = 0; j < m->p; j++) {
        if (strncmp(m->feature[j], "rna.sig.", 8) != 0)
            w.genes += centred(m, j, used, n, block + w.genes * n);
        if (w.genes < GENES_AT_ONCE && j + 1 < m->p)
            continue;
        CXS_TRY(cxs_pool_run(ctx, NULL, (n + COLUMNS_PER_TASK - 1) / COLUMNS_PER_TASK,
                             gram_task, &w));
        *genes += w.genes;
        w.genes = 0;
    }

done:
    cxs_free(block);
    return rc;
}

/* The largest score in absolute value is positive. */
static void fix_sign(size_t n, double *u)
{
    double largest = 0.0;

    for (size_t i = 0; i < n; i++)
        largest = fabs(u[i]) > fabs(largest) ? u[i] : largest;
    for (size_t i = 0; i < n; i++)
        u[i] = largest < 0.0 ? -u[i] : u[i];
}

/* Scores [n x CXS_AXES] of the used samples; *found false without two axes. */
static cxs_rc find_axes(cxs_ctx *ctx, const cxs_matrix *m, const size_t *used, size_t n,
                        double *score, double *share, bool *found)
{
    double *k = NULL, *value = NULL, *work = NULL, trace = 0.0;
    int *whole = NULL;
    size_t genes = 0;
    cxs_rc rc = CXS_OK;

    *found = false;
    CXS_TRY(cxs_blas_init(ctx));
    CXS_NEW(k, n * n);
    CXS_NEW(value, n);
    CXS_NEW(work, 40 * n);
    CXS_NEW(whole, 12 * n);
    CXS_TRY(make_gram(ctx, m, used, n, k, &genes));
    for (size_t i = 0; i < n; i++)
        trace += k[i * n + i];
    if (genes < CXS_AXES || !(trace > 0.0))
        goto done;
    if (!cxs_symmetric_top(n, CXS_AXES, k, value, score, work, whole))
        CXS_TRY(cxs_fail(ctx, CXS_ENOCONV, "main axes of expression: no convergence"));
    for (size_t a = 0; a < CXS_AXES; a++) {
        const double d = sqrt(fmax(value[a], 0.0));
        share[a] = fmax(value[a], 0.0) / trace;
        fix_sign(n, score + a * n);
        for (size_t i = 0; i < n; i++)
            score[a * n + i] *= d;
    }
    *found = true;

done:
    cxs_free(whole);
    cxs_free(work);
    cxs_free(value);
    cxs_free(k);
    return rc;
}

/* ---- association ----------------------------------------------------------------- */

/* Room for the tests of one set of samples. */
typedef struct bench {
    double *x, *rank, *work;
    size_t *order;
    uint32_t *group;
} bench;

static cxs_rc bench_new(cxs_ctx *ctx, size_t n, size_t groups, bench *b)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(b->x, n);
    CXS_NEW(b->rank, n);
    CXS_NEW(b->order, 2 * n);
    CXS_NEW(b->group, n);
    CXS_NEW(b->work, 2 * groups + 1);

done:
    return rc;
}

static void bench_free(bench *b)
{
    cxs_free(b->x);
    cxs_free(b->rank);
    cxs_free(b->order);
    cxs_free(b->group);
    cxs_free(b->work);
}

static cxs_batch_row test_axis(const cxs_batch *b, size_t axis, const cxs_grouping *g,
                               bench *w)
{
    cxs_batch_row row = {.axis = axis, .variable = g->name};

    for (size_t i = 0; i < b->n; i++) {
        const double x = b->score[axis * b->n + i];
        if (isnan(x) || g->group[i] == UINT32_MAX)
            continue;
        w->x[row.n] = x;
        w->group[row.n++] = g->group[i];
    }
    if (row.n == 0)
        return row;
    cxs_average_ranks(row.n, w->x, w->rank, w->order);
    row.test = cxs_kruskal_test(row.n, w->rank, w->group, g->groups, w->work);
    row.levels = isnan(row.test.df) ? 1 : (size_t)row.test.df + 1;
    return row;
}

static cxs_rc test_all(cxs_ctx *ctx, const cxs_grouping *grouping, size_t groupings,
                       cxs_batch *b)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(b->row, groupings * CXS_AXES);
    for (size_t g = 0; g < groupings && rc == CXS_OK; g++) {
        bench w = {.x = NULL};
        rc = bench_new(ctx, b->n, grouping[g].groups, &w);
        for (size_t a = 0; rc == CXS_OK && a < CXS_AXES; a++) {
            const cxs_batch_row row = test_axis(b, a, &grouping[g], &w);
            if (row.levels > 1)
                b->row[b->rows++] = row;
        }
        bench_free(&w);
    }

done:
    return rc;
}

/* Samples with a value in any gene. */
static size_t list_used(const cxs_matrix *m, size_t *used)
{
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++)
        for (size_t j = 0; j < m->p; j++)
            if (!isnan(m->x[j * m->n + i])) {
                used[n++] = i;
                break;
            }
    return n;
}

static cxs_rc new_batch(cxs_ctx *ctx, const cxs_matrix *m, cxs_batch **out)
{
    cxs_batch *b = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(b, 1);
    CXS_NEW(b->sample, m->n);
    CXS_NEW(b->score, m->n * CXS_AXES);
    b->n = m->n;
    for (size_t i = 0; i < m->n; i++)
        if ((b->sample[i] = cxs_strdup(ctx, m->sample[i])) == NULL)
            CXS_TRY(CXS_ENOMEM);
    for (size_t k = 0; k < m->n * CXS_AXES; k++)
        b->score[k] = (double)NAN;
    *out = b;
    b = NULL;

done:
    cxs_batch_free(b);
    return rc;
}

cxs_rc cxs_batch_make(cxs_ctx *ctx, const cxs_matrix *m, const cxs_grouping *grouping,
                      size_t groupings, cxs_batch **out)
{
    cxs_batch *b = NULL;
    double *score = NULL;
    size_t *used = NULL, n, most = 0;
    bool found = false;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    for (size_t g = 0; g < groupings; g++)
        most = grouping[g].groups > most ? grouping[g].groups : most;
    if (most < 2)
        return CXS_OK;
    CXS_NEW(used, m->n);
    CXS_NEW(score, m->n * CXS_AXES);
    n = list_used(m, used);
    if (n < LEAST_SAMPLES)
        goto done;
    CXS_TRY(new_batch(ctx, m, &b));
    CXS_TRY(find_axes(ctx, m, used, n, score, b->share, &found));
    if (!found)
        goto done;
    for (size_t a = 0; a < CXS_AXES; a++)
        for (size_t i = 0; i < n; i++)
            b->score[a * m->n + used[i]] = score[a * n + i];
    CXS_TRY(test_all(ctx, grouping, groupings, b));
    if (b->rows == 0)
        goto done;
    *out = b;
    b = NULL;

done:
    cxs_batch_free(b);
    cxs_free(score);
    cxs_free(used);
    return rc;
}

/* ---- of a study ------------------------------------------------------------------ */

/* Levels of one column of the baseline samples: [n] texts, NULL where not known. */
static cxs_rc read_levels(cxs_ctx *ctx, cxs_study *study, const char *sql,
                          const cxs_matrix *m, char **level)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, study->db, sql, &stmt));
    for (;;) {
        const char *id;
        char *const *hit;
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        id = cxs_column_text(stmt, 0);
        hit = bsearch(&id, m->sample, m->n, sizeof *m->sample, cxs_text_compare);
        if (hit == NULL || level[hit - m->sample] != NULL)
            continue;
        level[hit - m->sample] = cxs_strdup(ctx, cxs_column_text(stmt, 1));
        if (level[hit - m->sample] == NULL)
            CXS_TRY(CXS_ENOMEM);
    }

done:
    cxs_stmt_free(stmt);
    return rc;
}

/* Numbers of the levels in bytewise order. */
static cxs_rc number_levels(cxs_ctx *ctx, char *const *level, size_t n, uint32_t *group,
                            size_t *groups)
{
    const char **sorted = NULL;
    size_t known = 0, distinct = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(sorted, n);
    for (size_t i = 0; i < n; i++)
        if (level[i] != NULL)
            sorted[known++] = level[i];
    qsort(sorted, known, sizeof *sorted, cxs_text_compare);
    for (size_t k = 0; k < known; k++)
        if (k == 0 || strcmp(sorted[k], sorted[distinct - 1]) != 0)
            sorted[distinct++] = sorted[k];
    for (size_t i = 0; i < n; i++) {
        const char *const *hit =
            level[i] != NULL
                ? bsearch(&level[i], sorted, distinct, sizeof *sorted, cxs_text_compare)
                : NULL;
        group[i] = hit != NULL ? (uint32_t)(hit - sorted) : UINT32_MAX;
    }
    *groups = distinct;

done:
    cxs_free(sorted);
    return rc;
}

static cxs_rc read_grouping(cxs_ctx *ctx, cxs_study *study, const char *sql,
                            const cxs_matrix *m, uint32_t *group, size_t *groups)
{
    char **level = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(level, m->n);
    CXS_TRY(read_levels(ctx, study, sql, m, level));
    rc = number_levels(ctx, level, m->n, group, groups);

done:
    cxs_free_strings(level, m->n);
    return rc;
}

static cxs_rc warn_rows(cxs_ctx *ctx, const char *path, const cxs_batch *b)
{
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < b->rows; k++) {
        const cxs_batch_row *r = &b->row[k];
        if (r->test.p < NOTICEABLE)
            CXS_TRY(cxs_warn(ctx, "",
                             "%s: PC%zu of expression (%.0f %% of the variance) goes "
                             "with %s: Kruskal-Wallis p = %.2g, eta squared %.2f; "
                             "nothing is corrected",
                             path, r->axis + 1, 100.0 * b->share[r->axis], r->variable,
                             r->test.p, r->test.eta_squared));
    }

done:
    return rc;
}

cxs_rc cxs_batch_study(cxs_ctx *ctx, cxs_study *study, cxs_features *f)
{
    static const char *const queries[] = {
        "SELECT s.patient, v.value FROM sample_value v JOIN sample s ON s.id = v.sample"
        " WHERE v.name = 'BATCH' AND s.baseline = 1 ORDER BY s.patient, s.id",
        "SELECT patient, value FROM patient_value WHERE name = 'CENTER_ID'"};
    const cxs_matrix *m = f->matrix;
    cxs_grouping grouping[] = {{.name = "BATCH"}, {.name = "CENTER_ID"}};
    uint32_t *group = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(group, 2 * m->n + 1);
    for (size_t g = 0; g < 2; g++) {
        CXS_TRY(read_grouping(ctx, study, queries[g], m, group + g * m->n,
                              &grouping[g].groups));
        grouping[g].group = group + g * m->n;
    }
    CXS_TRY(cxs_batch_make(ctx, m, grouping, 2, &f->batch));
    if (f->batch != NULL)
        rc = warn_rows(ctx, study->path, f->batch);

done:
    cxs_free(group);
    return rc;
}
