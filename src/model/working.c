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

enum { TILE = CXS_WORKING_TILE, WEIGH = 16, PIECE = 256 };
/* Rows per task of X b: a piece of eta stays in the first cache while columns pass by. */
enum { ROWS = 512 };
/* Below this many elements of X a thread costs more than it brings. */
/* From this many on a product in float32 is worth a copy in float32. */
static const size_t WORTH_FLOAT = (size_t)1 << 17;
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
    CXS_NEW(w->group, risk->terms);
    CXS_NEW(w->share, risk->terms);
    CXS_NEW(w->aw, risk->n);

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
    cxs_free(w->aw);
    cxs_free(w->x32);
    cxs_free(w->ax32);
    cxs_free(w->mx);
    cxs_free(w->group);
    cxs_free(w->share);
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

static cxs_rc fit_x32(cxs_ctx *ctx, cxs_working *w, size_t capacity)
{
    float *block = cxs_realloc(ctx, w->x32, capacity, (w->n + 1) * sizeof *block);

    if (block == NULL)
        return CXS_ENOMEM;
    w->x32 = block;
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
    CXS_TRY(resize(ctx, &w->mx, w->terms, wanted));
    if (w->x32 != NULL)
        CXS_TRY(fit_x32(ctx, w, wanted));
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
    w->gram_m = w->x32_m = 0;
    w->has_reference = 0;
}

typedef struct vector_job {
    const cxs_working *w;
    size_t from; /* first column */
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
    const size_t first = job->from + index * TILE;
    const size_t end = first + TILE < job->w->m ? first + TILE : job->w->m;

    (void)ctx;
    (void)worker;
    cxs_blas_gemv_t(job->w->n, end - first, job->w->x + first * job->w->n, job->in,
                    job->out + first);
    for (size_t i = first; i < end; i++)
        job->out[i] /= job->weight_sum;
    return CXS_OK;
}

cxs_rc cxs_working_gradient(cxs_ctx *ctx, const cxs_working *w, size_t from,
                            const double *r, double weight_sum, double *g)
{
    vector_job job = {
        .w = w, .from = from, .in = r, .weight_sum = weight_sum, .out = g};

    return run_tasks(ctx, w, (w->m - from + TILE - 1) / TILE, gradient_tile, &job);
}

/* Four columns at a time: y is loaded and stored once for all. */
CXS_VECTOR static void add4(size_t n, const double *b, const double *const *x,
                            double *y)
{
    const double *x0 = x[0], *x1 = x[1], *x2 = x[2], *x3 = x[3];

    for (size_t i = 0; i < n; i++)
        y[i] += (b[0] * x0[i] + b[1] * x1[i]) + (b[2] * x2[i] + b[3] * x3[i]);
}

static cxs_rc predict_rows(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const vector_job *job = arg;
    const size_t first = index * ROWS;
    const size_t rows = first + ROWS < job->w->n ? ROWS : job->w->n - first;
    const double *x[4] = {NULL};
    double b[4];
    size_t held = 0;

    (void)ctx;
    (void)worker;
    memset(job->out + first, 0, rows * sizeof *job->out);
    for (size_t i = 0; i < job->w->m; i++) {
        if (job->in[i] == 0.0)
            continue;
        b[held] = job->in[i];
        x[held++] = job->w->x + i * job->w->n + first;
        if (held == 4) {
            add4(rows, b, x, job->out + first);
            held = 0;
        }
    }
    for (size_t i = held; i < 4; i++) { /* the last ones, with zeros */
        b[i] = 0.0;
        x[i] = x[0];
    }
    if (held > 0)
        add4(rows, b, x, job->out + first);
    return CXS_OK;
}

cxs_rc cxs_working_predict(cxs_ctx *ctx, const cxs_working *w, const double *b,
                           double *eta)
{
    vector_job job = {.w = w, .in = b, .out = eta};

    return run_tasks(ctx, w, (w->n + ROWS - 1) / ROWS, predict_rows, &job);
}

/* ---- the Gram -------------------------------------------------------------------- */

/* Terms share a row of M while the weight of their risk set stays within this share. */
static const double SAME_RISK_SET = 0.9;

/* Group the terms of the reference point.  With delayed entry a risk set can change
 * without changing its weight: each term stays alone. */
static void group_terms(cxs_working *w, const cxs_risk *risk)
{
    const cxs_cox_state *at = &w->reference;
    double first_sum = 0.0, weight = 0.0;
    size_t first = 0;

    w->groups = 0;
    for (size_t s = 0; s < risk->strata; s++) {
        const size_t begin = risk->term_first[risk->time_first[s]];
        const size_t end = risk->term_first[risk->time_first[s + 1]];
        for (size_t t = begin; t < end; t++) {
            if (t == begin || risk->has_entry ||
                at->term_sum[t] < SAME_RISK_SET * first_sum) {
                first_sum = at->term_sum[t];
                w->groups++;
            }
            w->group[t] = (uint32_t)(w->groups - 1);
        }
    }
    /* a row is sum sqrt(wbar) m / sqrt(sum wbar), m = sqrt(wbar) mean as of cox.h */
    for (size_t t = 0; t < w->terms; first = t) {
        for (weight = 0.0; t < w->terms && w->group[t] == w->group[first]; t++)
            weight += at->term_weight[t];
        for (size_t i = first; i < t; i++)
            w->share[i] = sqrt(at->term_weight[i] / (weight * risk->weight_sum));
    }
}

/* Columns first..end of the Gram, at most TILE, on their way. */
typedef struct gram_job {
    cxs_working *w;
    const cxs_risk *risk;
    size_t first, end;
    int narrow; /* float32 */
} gram_job;

CXS_VECTOR static void narrow(size_t n, const double *x, float *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)x[i];
}

CXS_VECTOR static void times(size_t n, const double *a, const double *x, double *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = a[i] * x[i];
}

CXS_VECTOR static void times_narrow(size_t n, const double *a, const double *x,
                                    float *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)(a[i] * x[i]);
}

/* a x / W of one column at the reference, and its rows of M.
 * work: [cxs_cox_work_size() + terms]. */
static void weigh_column(const gram_job *job, size_t j, double *work)
{
    cxs_working *w = job->w;
    const double *x = w->x + j * w->n;
    const size_t at = (j - job->first) * w->n;
    double *mx = w->mx + j * w->groups;
    double *mean = work + cxs_cox_work_size(job->risk);

    if (job->narrow) {
        narrow(w->n, x, w->x32 + j * w->n);
        times_narrow(w->n, w->aw, x, w->ax32 + at);
    } else {
        times(w->n, w->aw, x, w->ax + at);
    }
    cxs_cox_means(job->risk, &w->reference, x, mean, work);
    memset(mx, 0, w->groups * sizeof *mx);
    for (size_t t = 0; t < w->terms; t++)
        mx[w->group[t]] += w->share[t] * mean[t];
}

static cxs_rc weigh_some(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const gram_job *job = arg;
    const size_t first = job->first + index * WEIGH;
    cxs_rc rc = CXS_OK;
    double *work = NULL;

    (void)worker;
    CXS_NEW(work, cxs_cox_work_size(job->risk) + job->w->terms);
    for (size_t j = first; j < first + WEIGH && j < job->end; j++)
        weigh_column(job, j, work);

done:
    cxs_free(work);
    return rc;
}

/* Rows first..end of X'(a X)/W by float32. */
static void narrow_product(const gram_job *job, size_t first, size_t end, size_t column)
{
    const cxs_working *w = job->w;
    const size_t rows = end - first;
    float c[TILE * PIECE];

    for (size_t j = column, some; j < job->end; j += some) {
        some = j + PIECE < job->end ? PIECE : job->end - j;
        cxs_blas_sgemm_tn(rows, some, w->n, w->x32 + first * w->n,
                          w->ax32 + (j - job->first) * w->n, c);
        for (size_t k = 0; k < some; k++)
            for (size_t i = 0; i < rows; i++)
                w->gram[(j + k) * w->capacity + first + i] = (double)c[k * rows + i];
    }
}

/* A tile of rows against the job's columns at or right of it, and the mirror image: one
 * value for both triangles. */
static cxs_rc gram_rows(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const gram_job *job = arg;
    const cxs_working *w = job->w;
    const size_t first = index * TILE, ld = w->capacity;
    const size_t end = first + TILE < job->end ? first + TILE : job->end;
    const size_t column = first > job->first ? first : job->first;
    double *c = w->gram + column * ld + first;

    (void)ctx;
    (void)worker;
    if (job->narrow) {
        narrow_product(job, first, end, column);
    } else {
        cxs_blas_gemm_tn(end - first, job->end - column, w->n, 1.0, w->x + first * w->n,
                         w->ax + (column - job->first) * w->n, 0.0, c, ld);
    }
    if (w->groups > 0)
        cxs_blas_gemm_tn(end - first, job->end - column, w->groups, -1.0,
                         w->mx + first * w->groups, w->mx + column * w->groups, 1.0, c,
                         ld);
    for (size_t i = first; i < end; i++)
        for (size_t j = i + 1 > column ? i + 1 : column; j < job->end; j++)
            w->gram[i * ld + j] = w->gram[j * ld + i];
    return CXS_OK;
}

/* Columns from..m of the Gram at the reference point, some at a time. */
static cxs_rc add_to_gram(cxs_ctx *ctx, cxs_working *w, const cxs_risk *risk,
                          size_t from)
{
    const int use_float = !w->double_only && w->n * w->m >= WORTH_FLOAT;
    cxs_rc rc = CXS_OK;

    if (use_float && w->ax32 == NULL)
        CXS_NEW(w->ax32, w->n * TILE);
    if (use_float && w->x32 == NULL)
        CXS_TRY(fit_x32(ctx, w, w->capacity));
    for (; use_float && w->x32_m < from; w->x32_m++)
        narrow(w->n, w->x + w->x32_m * w->n, w->x32 + w->x32_m * w->n);
    if (!use_float && w->ax == NULL)
        CXS_NEW(w->ax, w->n * TILE);
    for (size_t first = from; first < w->m && rc == CXS_OK; first += TILE) {
        const size_t end = first + TILE < w->m ? first + TILE : w->m;
        gram_job job = {w, risk, first, end, use_float};
        rc = run_tasks(ctx, w, (end - first + WEIGH - 1) / WEIGH, weigh_some, &job);
        if (rc == CXS_OK)
            rc = run_tasks(ctx, w, (end + TILE - 1) / TILE, gram_rows, &job);
    }
    w->gram_m = w->m;
    w->in_float |= use_float;
    if (use_float)
        w->x32_m = w->m;

done:
    return rc;
}

static void copy_state(const cxs_risk *risk, const cxs_cox_state *from,
                       cxs_cox_state *to)
{
    /* the arrays of a state are one block that begins at r */
    memcpy(to->r, from->r, cxs_cox_state_size(risk) * sizeof *to->r);
    to->loglik = from->loglik;
}

cxs_rc cxs_working_refresh(cxs_ctx *ctx, cxs_working *w, const cxs_risk *risk,
                           const cxs_cox_state *state)
{
    copy_state(risk, state, &w->reference);
    group_terms(w, risk);
    for (size_t i = 0; i < w->n; i++)
        w->aw[i] = fmax(state->a[i], 0.0) / risk->weight_sum;
    w->has_reference = 1;
    w->in_float = 0;
    return add_to_gram(ctx, w, risk, 0);
}

cxs_rc cxs_working_extend(cxs_ctx *ctx, cxs_working *w, const cxs_risk *risk)
{
    return w->gram_m < w->m ? add_to_gram(ctx, w, risk, w->gram_m) : CXS_OK;
}
