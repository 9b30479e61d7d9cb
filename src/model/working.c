/*
 * working.c -- the working set and its Gram
 *
 * Arrays grow by doubling; the Gram's leading dimension is the capacity, so that
 * columns can be added without moving it.  All sums are BLAS-3 calls on whole blocks.
 */
#include "model/working.h"

#include "base/pool.h"
#include "num/blas.h"
#include "num/vector.h"

#include <math.h>
#include <string.h>

/* Columns per task of a Gram: fixed, so that threads do not change a bit. */
enum { TILE = 96 };
/* Rows per task of X b: a piece of eta stays in the first cache while columns pass by. */
enum { ROWS = 512 };
/* Below this many elements of X a thread costs more than it brings. */
static const size_t WORTH_THREADS = (size_t)1 << 19;

cxs_rc cxs_working_init(cxs_ctx *ctx, cxs_working *w, const cxs_risk *risk,
                        size_t total)
{
    cxs_rc rc = CXS_OK;

    memset(w, 0, sizeof *w);
    w->n = risk->n;
    w->terms = risk->terms;
    w->total = total;
    CXS_NEW(w->slot, total);
    memset(w->slot, 0xff, total * sizeof *w->slot);
    CXS_NEW(w->reference_memory, cxs_cox_state_size(risk));
    cxs_cox_state_place(risk, w->reference_memory, &w->reference);

done:
    return rc;
}

void cxs_working_free(cxs_working *w)
{
    cxs_free(w->id);
    cxs_free(w->slot);
    cxs_free(w->b);
    cxs_free(w->l1);
    cxs_free(w->l2);
    cxs_free(w->x);
    cxs_free(w->ax);
    cxs_free(w->mx);
    cxs_free(w->gram);
    cxs_free(w->reference_memory);
    memset(w, 0, sizeof *w);
}

/* Resize one [rows x capacity] array. */
static cxs_rc resize(cxs_ctx *ctx, double **array, size_t rows, size_t capacity)
{
    double *block = cxs_realloc(ctx, *array, capacity, (rows + 1) * sizeof **array);

    if (block == NULL)
        return CXS_ENOMEM;
    *array = block;
    return CXS_OK;
}

/* Double the capacity; the Gram changes its leading dimension, so it is copied. */
static cxs_rc grow(cxs_ctx *ctx, cxs_working *w)
{
    const size_t wanted = w->capacity > 0 ? 2 * w->capacity : 64;
    cxs_rc rc = CXS_OK;
    double *gram = NULL;
    uint32_t *id;

    if ((id = cxs_realloc(ctx, w->id, wanted, sizeof *id)) == NULL)
        return CXS_ENOMEM;
    w->id = id;
    CXS_TRY(resize(ctx, &w->b, 0, wanted));
    CXS_TRY(resize(ctx, &w->l1, 0, wanted));
    CXS_TRY(resize(ctx, &w->l2, 0, wanted));
    CXS_TRY(resize(ctx, &w->x, w->n, wanted));
    CXS_TRY(resize(ctx, &w->ax, w->n, wanted));
    CXS_TRY(resize(ctx, &w->mx, w->terms, wanted));
    CXS_NEW(gram, wanted * wanted);
    for (size_t j = 0; j < w->gram_m; j++)
        memcpy(gram + j * wanted, w->gram + j * w->capacity, w->gram_m * sizeof *gram);
    cxs_free(w->gram);
    w->gram = gram;
    w->capacity = wanted;

done:
    return rc;
}

cxs_rc cxs_working_add(cxs_ctx *ctx, cxs_working *w, uint32_t id, double **x)
{
    if (w->m == w->capacity) {
        const cxs_rc rc = grow(ctx, w);
        if (rc != CXS_OK)
            return rc;
    }
    w->id[w->m] = id;
    w->b[w->m] = 0.0;
    w->l1[w->m] = w->l2[w->m] = 0.0;
    w->slot[id] = (uint32_t)w->m;
    *x = w->x + w->m * w->n;
    w->m++;
    return CXS_OK;
}

void cxs_working_prune(cxs_working *w, const uint8_t *keep)
{
    size_t kept = 0;

    for (size_t i = 0; i < w->m; i++) {
        if (!keep[i]) {
            w->slot[w->id[i]] = UINT32_MAX;
            continue;
        }
        if (kept != i) {
            memcpy(w->x + kept * w->n, w->x + i * w->n, w->n * sizeof *w->x);
            w->id[kept] = w->id[i];
            w->b[kept] = w->b[i];
            w->l1[kept] = w->l1[i];
            w->l2[kept] = w->l2[i];
            w->slot[w->id[i]] = (uint32_t)kept;
        }
        kept++;
    }
    w->m = kept;
    w->gram_m = 0;
    w->has_reference = 0;
}

/* sqrt(a/W) x and risk-set means / sqrt(W) of the columns from..end at the reference.
 */
static void weigh_columns(cxs_working *w, const cxs_risk *risk, size_t from, size_t end,
                          double *work)
{
    const double root = 1.0 / sqrt(risk->weight_sum);

    for (size_t j = from; j < end; j++) {
        const double *x = w->x + j * w->n;
        double *ax = w->ax + j * w->n, *mx = w->mx + j * w->terms;
        for (size_t i = 0; i < w->n; i++)
            ax[i] = sqrt(fmax(w->reference.a[i], 0.0)) * root * x[i];
        cxs_cox_means(risk, &w->reference, x, mx, work);
        for (size_t t = 0; t < w->terms; t++)
            mx[t] *= root;
    }
}

static void copy_state(const cxs_risk *risk, const cxs_cox_state *from,
                       cxs_cox_state *to)
{
    /* the arrays of a state are one block that begins at r */
    memcpy(to->r, from->r, cxs_cox_state_size(risk) * sizeof *to->r);
    to->loglik = from->loglik;
}

typedef struct vector_job {
    const cxs_working *w;
    const double *in;
    double weight_sum, *out;
} vector_job;

/* The same tasks one after the other when threads are not worth it: the same bits. */
static cxs_rc run_tasks(cxs_ctx *ctx, const cxs_working *w, size_t tasks,
                        cxs_task_fn fn, void *arg)
{
    cxs_rc rc = CXS_OK;

    if (w->n * w->m >= WORTH_THREADS)
        return cxs_pool_run(ctx, NULL, tasks, fn, arg);
    for (size_t i = 0; i < tasks && rc == CXS_OK; i++)
        rc = fn(ctx, i, 0, arg);
    return rc;
}

static cxs_rc gradient_tile(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const vector_job *job = arg;
    const size_t first = index * TILE;
    const size_t end = first + TILE < job->w->m ? first + TILE : job->w->m;

    (void)ctx;
    (void)worker;
    cxs_blas_gemv_t(job->w->n, end - first, job->w->x + first * job->w->n, job->in,
                    job->out + first);
    for (size_t i = first; i < end; i++)
        job->out[i] /= job->weight_sum;
    return CXS_OK;
}

cxs_rc cxs_working_gradient(cxs_ctx *ctx, const cxs_working *w, const double *r,
                            double weight_sum, double *g)
{
    vector_job job = {.w = w, .in = r, .weight_sum = weight_sum, .out = g};

    return run_tasks(ctx, w, (w->m + TILE - 1) / TILE, gradient_tile, &job);
}

CXS_VECTOR static void add(size_t n, double a, const double *x, double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] += a * x[i];
}

static cxs_rc predict_rows(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const vector_job *job = arg;
    const size_t first = index * ROWS;
    const size_t rows = first + ROWS < job->w->n ? ROWS : job->w->n - first;

    (void)ctx;
    (void)worker;
    memset(job->out + first, 0, rows * sizeof *job->out);
    for (size_t i = 0; i < job->w->m; i++)
        if (job->in[i] != 0.0)
            add(rows, job->in[i], job->w->x + i * job->w->n + first, job->out + first);
    return CXS_OK;
}

cxs_rc cxs_working_predict(cxs_ctx *ctx, const cxs_working *w, const double *b,
                           double *eta)
{
    vector_job job = {.w = w, .in = b, .out = eta};

    return run_tasks(ctx, w, (w->n + ROWS - 1) / ROWS, predict_rows, &job);
}

typedef struct refresh_job {
    cxs_working *w;
    const cxs_risk *risk;
} refresh_job;

static size_t tile_end(const cxs_working *w, size_t index)
{
    return (index + 1) * TILE < w->m ? (index + 1) * TILE : w->m;
}

static cxs_rc weigh_tile(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const refresh_job *job = arg;
    cxs_rc rc = CXS_OK;
    double *work = NULL;

    (void)worker;
    CXS_NEW(work, cxs_cox_work_size(job->risk));
    weigh_columns(job->w, job->risk, index * TILE, tile_end(job->w, index), work);

done:
    cxs_free(work);
    return rc;
}

/* Columns first..end of the lower triangle, and their mirror image. */
static cxs_rc gram_tile(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const refresh_job *job = arg;
    cxs_working *w = job->w;
    const size_t first = index * TILE, end = tile_end(w, index), ld = w->capacity;
    double *c = w->gram + first * ld + first;

    (void)ctx;
    (void)worker;
    cxs_blas_gemm_tn(w->m - first, end - first, w->n, 1.0, w->ax + first * w->n,
                     w->ax + first * w->n, 0.0, c, ld);
    if (w->terms > 0)
        cxs_blas_gemm_tn(w->m - first, end - first, w->terms, -1.0,
                         w->mx + first * w->terms, w->mx + first * w->terms, 1.0, c,
                         ld);
    for (size_t j = first; j < end; j++) /* one value for both triangles */
        for (size_t i = j + 1; i < w->m; i++)
            w->gram[i * ld + j] = w->gram[j * ld + i];
    return CXS_OK;
}

cxs_rc cxs_working_refresh(cxs_ctx *ctx, cxs_working *w, const cxs_risk *risk,
                           const cxs_cox_state *state)
{
    const size_t tiles = (w->m + TILE - 1) / TILE;
    refresh_job job = {w, risk};
    cxs_rc rc;

    copy_state(risk, state, &w->reference);
    w->has_reference = 1;
    w->gram_m = w->m;
    rc = cxs_pool_run(ctx, NULL, tiles, weigh_tile, &job);
    return rc == CXS_OK ? cxs_pool_run(ctx, NULL, tiles, gram_tile, &job) : rc;
}

void cxs_working_extend(cxs_working *w, const cxs_risk *risk, double *work)
{
    const size_t from = w->gram_m, added = w->m - from;
    double *corner = w->gram + from * w->capacity;

    if (added == 0)
        return;
    weigh_columns(w, risk, from, w->m, work);
    cxs_blas_gemm_tn(w->m, added, w->n, 1.0, w->ax, w->ax + from * w->n, 0.0, corner,
                     w->capacity);
    if (w->terms > 0)
        cxs_blas_gemm_tn(w->m, added, w->terms, -1.0, w->mx, w->mx + from * w->terms,
                         1.0, corner, w->capacity);
    for (size_t j = from; j < w->m; j++)
        for (size_t i = 0; i < from; i++)
            w->gram[i * w->capacity + j] = w->gram[j * w->capacity + i];
    for (size_t j = from; j < w->m; j++) /* one value for both triangles */
        for (size_t i = from; i < j; i++)
            w->gram[j * w->capacity + i] = w->gram[i * w->capacity + j];
    w->gram_m = w->m;
}
