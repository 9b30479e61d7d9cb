/*
 * columns.c -- mean, sd and missing values of each column; the gradient over all
 * columns
 *
 * The one pass over the whole matrix that a problem needs before it starts, and the
 * pass of every certificate.  Columns are independent and taken in blocks of fixed
 * size, so threads do not change a bit.  Sums are scaled by the largest value, so that
 * columns of scale 1e300 or 1e-300 keep their sd.
 */
#include "model/columns.h"

#include "base/pool.h"
#include "num/blas.h"
#include "num/lanes.h"
#include "num/order.h"

#include <math.h>
#include <string.h>

/* Columns per task: a block of 64 columns of 500 rows is 256 KB, about one L2 cache. */
enum { BLOCK = 64 };

/* One problem. */
typedef struct job {
    cxs_columns *c; /* NULL: left out */
    const cxs_risk *risk;
    const cxs_model_settings *settings;
    double *weight;   /* [n] row order, 0 where not at risk */
    uint8_t *missing; /* [p] column has missing values */
} job;

/* All of them: a block of columns stays in the cache while they pass by. */
typedef struct scale_job {
    const cxs_design *design;
    job *of;
    size_t count, total; /* problems; columns of the one with most */
} scale_job;

typedef struct gradient_job {
    const cxs_columns *c;
    const double *r;
    double weight_sum, *g;
} gradient_job;

const double *cxs_columns_raw(const cxs_columns *c, size_t id)
{
    if (id >= c->p)
        return c->z + (id - c->p) * c->n;
    if (c->filled != NULL && c->filled_at[id] != UINT32_MAX)
        return c->filled + c->filled_at[id] * c->n;
    return c->design->x + id * c->n;
}

void cxs_columns_done(const cxs_columns *c, size_t id)
{
    if (id < c->p)
        cxs_design_drop(c->design, id, id + 1);
}

/* A spread below this share of the largest value is rounding: the column is constant.
 */
static const double CONSTANT_RELATIVE = 1e-13;
/* A coefficient per unit of a column below this spread may be beyond all numbers: the
 * column counts as constant too. */
static const double SMALLEST = 1e-305;
/* Squares of values in this range neither overflow nor vanish. */
static const double SAFE_LOW = 1e-100, SAFE_HIGH = 1e100;

/* Weighted mean and sd (1/W) over the rows at risk, scaled by the largest value against
 * overflow; NaN values are skipped. */
static void careful_scale(const cxs_risk *risk, const double *x, double *mean,
                          double *sd)
{
    double largest = 0.0, weight = 0.0, sum = 0.0, squares = 0.0;

    for (size_t i = 0; i < risk->n; i++)
        largest = fmax(largest, fabs(x[risk->row[i]])); /* fmax skips NaN */
    *mean = *sd = 0.0;
    if (!(largest > 0.0))
        return;
    for (size_t i = 0; i < risk->n; i++) {
        const double value = x[risk->row[i]];
        if (isnan(value))
            continue;
        weight += risk->weight_ts[i];
        sum += risk->weight_ts[i] * (value / largest);
    }
    *mean = sum / weight;
    for (size_t i = 0; i < risk->n; i++) {
        const double value = x[risk->row[i]] / largest - *mean;
        if (!isnan(value))
            squares += risk->weight_ts[i] * value * value;
    }
    *sd = sqrt(squares / weight);
    *sd = *sd > CONSTANT_RELATIVE && *sd * largest > SMALLEST ? *sd * largest : 0.0;
    *mean *= largest;
}

/* Median of the values of the rows at risk (weights only select). */
static double median(const cxs_risk *risk, const double *x, double *values)
{
    size_t n = 0;

    for (size_t i = 0; i < risk->n; i++)
        if (!isnan(x[risk->row[i]]))
            values[n++] = x[risk->row[i]];
    return n > 0 ? cxs_median(n, values) : 0.0;
}

enum { COLUMNS = 4 }; /* at a time */

/* Columns id..id + count - 1; their values in row order, where the weight is 0 for rows
 * not at risk.  Values are missing where the sum is NaN: there are no infinities. */
static void scale_columns(const job *j, size_t id, size_t count)
{
    const cxs_columns *c = j->c;
    const double *x[COLUMNS];
    double sum[COLUMNS], squares[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++) /* the last one fills up */
        x[i] = cxs_columns_raw(c, id + (i < count ? i : count - 1));
    cxs_lanes_dot4(c->n, j->weight, x, sum);
    for (size_t i = 0; i < COLUMNS; i++)
        sum[i] /= j->risk->weight_sum;
    cxs_lanes_squares4(c->n, j->weight, x, sum, squares);
    for (size_t i = 0; i < count; i++) {
        double *mean = &c->mean[id + i], *sd = &c->sd[id + i];
        *mean = sum[i];
        *sd = sqrt(squares[i] / j->risk->weight_sum);
        if (!(*sd > SAFE_LOW && *sd<SAFE_HIGH && * sd> 1e-6 * fabs(*mean)))
            careful_scale(j->risk, x[i], mean, sd);
        if (c->unit != c->sd)
            c->unit[id + i] = *sd > 0.0 ? 1.0 : 0.0;
        if (id + i < c->p)
            j->missing[id + i] = isnan(sum[i]) ? 1U : 0U;
    }
}

static cxs_rc scale_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const scale_job *all = arg;
    const size_t first = index * BLOCK, p = all->design->p;
    const size_t end = first + BLOCK < all->total ? first + BLOCK : all->total;

    (void)ctx;
    (void)worker;
    for (size_t id = first; id < end; id += COLUMNS)
        for (size_t i = 0; i < all->count; i++) {
            const cxs_columns *c = all->of[i].c;
            const size_t last = c == NULL ? 0 : (end < c->p + c->k ? end : c->p + c->k);
            if (id < last)
                scale_columns(&all->of[i], id,
                              last - id < COLUMNS ? last - id : COLUMNS);
        }
    if (first < p)
        cxs_design_drop(all->design, first, end < p ? end : p);
    return CXS_OK;
}

/* Fill missing values of one feature, x[n] in c->filled, and scale it again: the sd of
 * an imputed column is that of the column that is fitted. */
static void fill_column(const job *j, size_t id, double *x, double *values)
{
    const cxs_columns *c = j->c;
    const double fill = j->settings->missing == CXS_MISSING_MEDIAN
                            ? median(j->risk, x, values)
                            : c->mean[id];

    c->fill[id] = fill;
    for (size_t i = 0; i < c->n; i++)
        if (isnan(x[i]))
            x[i] = fill;
    scale_columns(j, id, 1);
}

/* Only columns with missing values are copied: every problem has its own filling. */
static cxs_rc fill_missing(cxs_ctx *ctx, const job *j)
{
    cxs_columns *c = j->c;
    cxs_rc rc = CXS_OK;
    size_t columns = 0;
    double *values = NULL;

    for (size_t id = 0; id < c->p; id++)
        columns += j->missing[id];
    if (columns == 0)
        return CXS_OK;
    if (j->settings->missing == CXS_MISSING_REFUSE)
        return cxs_fail(ctx, CXS_EDEGENERATE,
                        "%zu features have missing values and --missing is refuse",
                        columns);
    CXS_NEW(values, c->n);
    CXS_NEW(c->filled_at, c->p);
    memset(c->filled_at, 0xff, c->p * sizeof *c->filled_at);
    CXS_NEW(c->filled, c->n * columns);
    columns = 0;
    for (size_t id = 0; id < c->p; id++)
        if (j->missing[id]) {
            double *x = c->filled + columns * c->n;
            memcpy(x, c->design->x + id * c->n, c->n * sizeof *x);
            cxs_design_drop(c->design, id, id + 1);
            c->filled_at[id] = (uint32_t)columns++;
            fill_column(j, id, x, values);
        }

done:
    cxs_free(values);
    return rc;
}

/* Room for one problem. */
static cxs_rc place_one(cxs_ctx *ctx, const cxs_design *design,
                        const cxs_columns_of *of, job *j)
{
    cxs_columns *out = of->out;
    const size_t total = design->p + of->problem->k;
    cxs_rc rc = CXS_OK;

    *out = (cxs_columns){.n = design->n,
                         .p = design->p,
                         .k = of->problem->k,
                         .design = design,
                         .z = of->problem->z};
    j->c = out;
    j->risk = of->risk;
    CXS_NEW(out->mean, total);
    CXS_NEW(out->sd, total);
    out->unit = out->sd;
    if (!j->settings->standardize) {
        out->unit = NULL;
        CXS_NEW(out->unit, total);
    }
    CXS_NEW(out->fill, design->p);
    for (size_t id = 0; id < design->p; id++)
        out->fill[id] = (double)NAN;
    CXS_NEW(j->missing, design->p);
    CXS_NEW(j->weight, design->n);
    for (size_t i = 0; i < of->risk->n; i++)
        j->weight[of->risk->row[i]] = of->risk->weight_ts[i];

done:
    return rc;
}

cxs_rc cxs_columns_new(cxs_ctx *ctx, const cxs_design *design,
                       const cxs_model_settings *settings, const cxs_columns_of *of,
                       size_t count)
{
    scale_job all = {.design = design, .count = count, .total = design->p};
    cxs_rc rc = CXS_OK;

    CXS_NEW(all.of, count);
    for (size_t i = 0; i < count; i++) {
        all.of[i].settings = settings;
        if (of[i].problem == NULL)
            continue;
        CXS_TRY(place_one(ctx, design, &of[i], &all.of[i]));
        if (design->p + of[i].problem->k > all.total)
            all.total = design->p + of[i].problem->k;
    }
    CXS_TRY(
        cxs_pool_run(ctx, NULL, (all.total + BLOCK - 1) / BLOCK, scale_block, &all));
    for (size_t i = 0; i < count; i++)
        if (all.of[i].c != NULL)
            CXS_TRY(fill_missing(ctx, &all.of[i]));

done:
    for (size_t i = 0; all.of != NULL && i < count; i++) {
        cxs_free(all.of[i].missing);
        cxs_free(all.of[i].weight);
        if (rc != CXS_OK && all.of[i].c != NULL)
            cxs_columns_free(all.of[i].c);
    }
    cxs_free(all.of);
    return rc;
}

void cxs_columns_free(cxs_columns *c)
{
    cxs_free(c->filled);
    cxs_free(c->filled_at);
    cxs_free(c->mean);
    if (c->unit != c->sd)
        cxs_free(c->unit);
    cxs_free(c->sd);
    cxs_free(c->fill);
    memset(c, 0, sizeof *c);
}

void cxs_columns_gather(const cxs_columns *c, const cxs_risk *risk, size_t id,
                        double *out)
{
    const double *x = cxs_columns_raw(c, id);

    for (size_t i = 0; i < risk->n; i++)
        out[i] = (x[risk->row[i]] - c->mean[id]) / c->unit[id];
    cxs_columns_done(c, id);
}

static cxs_rc gradient_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const gradient_job *j = arg;
    const cxs_columns *c = j->c;
    const size_t first = index * BLOCK;
    const size_t end = first + BLOCK < c->p ? first + BLOCK : c->p;

    (void)ctx;
    (void)worker;
    cxs_blas_gemv_t(c->n, end - first, c->design->x + first * c->n, j->r, j->g + first);
    for (size_t id = first; id < end; id++)
        if (c->filled != NULL && c->filled_at[id] != UINT32_MAX)
            cxs_columns_dot(c, id, j->r, j->weight_sum, &j->g[id]);
        else
            j->g[id] = c->unit[id] > 0.0 ? j->g[id] / c->unit[id] / j->weight_sum : 0.0;
    cxs_design_drop(c->design, first, end);
    return CXS_OK;
}

cxs_rc cxs_columns_gradient(cxs_ctx *ctx, const cxs_columns *c, const double *r,
                            double weight_sum, double *g)
{
    gradient_job j = {.c = c, .r = r, .weight_sum = weight_sum, .g = g};

    for (size_t t = 0; t < c->k; t++) {
        const double unit = c->unit[c->p + t];
        double sum = 0.0;
        for (size_t i = 0; i < c->n; i++)
            sum += c->z[t * c->n + i] * r[i];
        g[c->p + t] = unit > 0.0 ? sum / unit / weight_sum : 0.0;
    }
    return cxs_pool_run(ctx, NULL, (c->p + BLOCK - 1) / BLOCK, gradient_block, &j);
}

void cxs_columns_dot(const cxs_columns *c, size_t id, const double *r,
                     double weight_sum, double *g)
{
    double sum = 0.0;

    if (c->unit[id] > 0.0) {
        sum = cxs_lanes_dot(c->n, r, cxs_columns_raw(c, id));
        cxs_columns_done(c, id);
    }
    *g = c->unit[id] > 0.0 ? sum / c->unit[id] / weight_sum : 0.0;
}
