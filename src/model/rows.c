/*
 * rows.c -- semismooth Newton on the rows
 *
 * Columns x_j, unpenalised ones Z, Hessian H of -loglik/W in eta (n x n, H 1 = 0), the
 * gradient u0 = r/W at eta0.  The quadratic model
 *     Q(b, c) = -u0'e + e'He/2 + sum_j [ l1_j |b_j| + l2_j b_j^2 / 2 ],
 *     e = X b + Z c - eta0                                                          (1)
 * is least where, with u = u0 - H e,
 *     b_j = soft(x_j'u, l1_j) / l2_j,   Z'u = 0                                     (2)
 * since l2_j > 0.  Unknown are the n numbers u and the few c; the support is the set S
 * with |x_j'u| > l1_j.  Newton on (2), with the generalised derivative of soft(),
 *     (I + H K) du + H Z dc = u0 - H e(u, c) - u,     K = sum over S of x_j x_j' / l2_j
 *     Z'H K du  + Z'H Z dc  = Z'(u0 - H e(u, c)),                                   (3)
 * takes any number of support changes in one step of n^3, and is exact when the support
 * and signs no longer change (Li, Sun, Toh 2018, for least squares).
 *
 * From the first step on, which is taken whole, u = u0 - H d with a known d and Z'u = 0,
 * and what Newton decreases is the dual, convex and piecewise quadratic in d,
 *     L(d) = d'Hd/2 + eta0'H d + sum_j soft(x_j'(u0 - H d), l1_j)^2 / (2 l2_j).      (4)
 * Its slope along the step is a sum over columns, so a line search costs O(m) a trial.
 */
#include "model/rows.h"

#include "base/pool.h"
#include "num/blas.h"
#include "num/factor.h"
#include "num/lanes.h"

#include <math.h>
#include <string.h>

enum {
    PIECE = 128, /* columns at a time into the kernel */
    BLOCK = 64,  /* columns of the matrix per task */
    STEPS = 60,  /* semismooth Newton */
    BISECTIONS = 40
};

/* A whole step is taken when the slope at its end is at most this share of the first. */
static const double SLOPE_LEFT = 0.1;
/* An unpenalised term with less than this share of its own information left. */
static const double DEPENDENT = 1e-11;

/* ---- life ------------------------------------------------------------------------ */

cxs_rc cxs_rows_new(cxs_ctx *ctx, size_t n, size_t terms, cxs_rows **out)
{
    const size_t total = n + terms;
    cxs_rc rc = CXS_OK;
    cxs_rows *q = NULL;

    *out = NULL;
    CXS_NEW(q, 1);
    q->n = n;
    q->terms = terms;
    CXS_NEW(q->term, terms);
    CXS_NEW(q->kernel, n * n);
    CXS_NEW(q->slab, n * PIECE);
    CXS_NEW(q->signed_slab, n * PIECE);
    CXS_NEW(q->matrix, total * total);
    CXS_NEW(q->pivot, total);
    CXS_NEW(q->rhs, total);
    CXS_NEW(q->u, n);
    CXS_NEW(q->d, n);
    CXS_NEW(q->e, n);
    CXS_NEW(q->du, n);
    CXS_NEW(q->de, n);
    CXS_NEW(q->residual, n);
    CXS_NEW(q->hz, n * terms);
    CXS_NEW(q->zz, terms * terms);
    *out = q;
    q = NULL;

done:
    cxs_rows_free(q);
    return rc;
}

void cxs_rows_free(cxs_rows *q)
{
    if (q == NULL)
        return;
    cxs_free(q->term);
    cxs_free(q->kernel);
    cxs_free(q->in);
    cxs_free(q->slab);
    cxs_free(q->signed_slab);
    cxs_free(q->matrix);
    cxs_free(q->pivot);
    cxs_free(q->rhs);
    cxs_free(q->u);
    cxs_free(q->d);
    cxs_free(q->e);
    cxs_free(q->du);
    cxs_free(q->de);
    cxs_free(q->residual);
    cxs_free(q->v);
    cxs_free(q->dv);
    cxs_free(q->hz);
    cxs_free(q->zz);
    cxs_free(q);
}

void cxs_rows_forget(cxs_rows *q)
{
    q->has_kernel = 0;
    if (q->held > 0) /* places beyond the columns left are taken again later */
        memset(q->in, 0, q->held);
}

/* Arrays of the columns follow the capacity of the working set. */
static cxs_rc fit(cxs_ctx *ctx, cxs_rows *q, const cxs_working *set)
{
    cxs_rc rc = CXS_OK;

    if (q->held >= set->capacity)
        return CXS_OK;
    cxs_free(q->in);
    cxs_free(q->v);
    cxs_free(q->dv);
    q->in = NULL;
    q->v = q->dv = NULL;
    q->held = 0;
    q->has_kernel = 0;
    CXS_NEW(q->in, set->capacity);
    CXS_NEW(q->v, set->capacity);
    CXS_NEW(q->dv, set->capacity);
    q->held = set->capacity;

done:
    return rc;
}

/* ---- support and kernel ---------------------------------------------------------- */

static double soft(double value, double threshold)
{
    if (value > threshold)
        return value - threshold;
    return value < -threshold ? value + threshold : 0.0;
}

static int is_term(const cxs_working *set, size_t j)
{
    return set->l2[j] == 0.0;
}

/* Sign of b of (2), 0 outside the support. */
static int8_t side(const cxs_rows *q, const cxs_working *set, size_t j)
{
    if (is_term(set, j) || !(fabs(q->v[j]) > set->l1[j]))
        return 0;
    return q->v[j] > 0.0 ? 1 : -1;
}

/* The collected columns into K, plus or minus. */
static void add_slab(cxs_rows *q, size_t count)
{
    cxs_blas_add_nt(q->n, q->n, count, q->signed_slab, q->n, q->slab, q->n, q->kernel,
                    q->n);
}

/* How many columns of the kernel change, and how many signs alone; the support's size. */
static size_t count_changes(const cxs_rows *q, const cxs_working *set, size_t *signs,
                            size_t *support)
{
    size_t changes = 0;

    *signs = *support = 0;
    for (size_t j = 0; j < set->m; j++) {
        const int8_t now = side(q, set, j);
        *support += now != 0;
        if (now == q->in[j])
            continue;
        if (now == 0 || q->in[j] == 0)
            changes++;
        else
            ++*signs;
    }
    return changes;
}

/* Columns whose place in the support changed into the kernel or out of it. */
static void update_kernel(cxs_rows *q, const cxs_rows_place *at)
{
    const cxs_working *set = at->set;
    size_t count = 0;

    for (size_t j = 0; j < set->m; j++) {
        const int8_t now = side(q, set, j), before = q->in[j];
        const double *x = set->x + j * q->n;
        const double share = (now != 0 ? 1.0 : -1.0) / at->factor[set->id[j]];
        q->in[j] = now;
        if ((now != 0) == (before != 0))
            continue;
        for (size_t i = 0; i < q->n; i++) {
            q->slab[count * q->n + i] = x[i];
            q->signed_slab[count * q->n + i] = share * x[i];
        }
        if (++count == PIECE) {
            add_slab(q, count);
            count = 0;
        }
    }
    add_slab(q, count);
}

/* Bring the kernel to the support of v; *same: neither support nor signs changed.
 * Returns how many columns changed. */
static size_t renew_kernel(cxs_rows *q, const cxs_rows_place *at, int *same)
{
    size_t signs, support, changes;

    if (!q->has_kernel)
        memset(q->in, 0, at->set->m);
    changes = count_changes(q, at->set, &signs, &support);
    *same = q->has_kernel && changes == 0 && signs == 0;
    q->kernel_changes += changes;
    if (!q->has_kernel || q->kernel_changes > 4 * support + q->n) {
        memset(q->kernel, 0, q->n * q->n * sizeof *q->kernel);
        memset(q->in, 0, at->set->m);
        q->kernel_changes = 0;
        changes = support;
    }
    update_kernel(q, at);
    q->has_kernel = 1;
    return changes;
}

/* b of (2) at v; the terms stay. */
static void take_target(const cxs_rows *q, const cxs_working *set, double *target)
{
    for (size_t j = 0; j < set->m; j++)
        if (!is_term(set, j))
            target[j] = soft(q->v[j], set->l1[j]) / set->l2[j];
}

/* ---- a step ---------------------------------------------------------------------- */

static void hessian_times(const cxs_rows_place *at, const double *v, double *out,
                          double *work)
{
    cxs_cox_hessian_times(at->risk, at->state, v, out, work);
    for (size_t i = 0; i < at->risk->n; i++)
        out[i] /= at->risk->weight_sum;
}

/* Terms whose information is not that of the terms before them move. */
static void choose_terms(cxs_rows *q, const cxs_rows_place *at)
{
    const cxs_working *set = at->set;
    const size_t n = q->n;

    q->free = 0;
    for (size_t j = 0; j < set->m && q->free < q->terms; j++) {
        const double *z = set->x + j * n;
        double *hz = q->hz + q->free * n, own;
        if (!is_term(set, j))
            continue;
        hessian_times(at, z, hz, at->work);
        own = cxs_lanes_dot(n, z, hz);
        for (size_t i = 0; i < q->free; i++)
            q->rhs[i] = cxs_lanes_dot(n, set->x + q->term[i] * n, hz);
        if (own > DEPENDENT * cxs_lanes_squares(n, at->state->a, z, 0.0) /
                      at->risk->weight_sum &&
            cxs_factor_append(q->free, q->zz, q->terms, q->rhs, own))
            q->term[q->free++] = (uint32_t)j;
    }
}

typedef struct matrix_job {
    const cxs_rows *rows;
    const cxs_rows_place *at;
} matrix_job;

/* Columns of the matrix (3): H K / ridge + I, and Z' times H K / ridge. */
static cxs_rc matrix_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const matrix_job *job = arg;
    const cxs_rows *q = job->rows;
    const size_t n = q->n, total = n + q->free;
    const size_t end = (index + 1) * BLOCK < n ? (index + 1) * BLOCK : n;
    cxs_rc rc = CXS_OK;
    double *work = NULL;

    (void)worker;
    CXS_NEW(work, cxs_cox_work_size(job->at->risk));
    for (size_t i = index * BLOCK; i < end; i++) {
        double *column = q->matrix + i * total;
        hessian_times(job->at, q->kernel + i * n, column, work);
        for (size_t a = 0; a < n; a++)
            column[a] /= job->at->ridge;
        for (size_t t = 0; t < q->free; t++)
            column[n + t] = cxs_lanes_dot(n, job->at->set->x + q->term[t] * n, column);
        column[i] += 1.0;
    }

done:
    cxs_free(work);
    return rc;
}

static cxs_rc factorise(cxs_ctx *ctx, cxs_rows *q, const cxs_rows_place *at,
                        int *definite)
{
    matrix_job job = {q, at};
    const size_t n = q->n, total = n + q->free;
    const cxs_rc rc =
        cxs_pool_run(ctx, NULL, (n + BLOCK - 1) / BLOCK, matrix_block, &job);

    for (size_t t = 0; t < q->free; t++) {
        double *column = q->matrix + (n + t) * total;
        memcpy(column, q->hz + t * n, n * sizeof *column);
        for (size_t i = 0; i < q->free; i++)
            column[n + i] =
                cxs_lanes_dot(n, at->set->x + q->term[i] * n, q->hz + t * n);
    }
    *definite = rc == CXS_OK && cxs_lu(total, q->matrix, q->pivot);
    return rc;
}

/* Right side of (3) at the target, and a bound on the violation there: |x_j'R| <=
 * sqrt(W) (sum R_i^2 / w_i)^(1/2) for a column of unit sd. */
static cxs_rc residual(cxs_ctx *ctx, cxs_rows *q, const cxs_rows_place *at,
                       const double *target, double *bound)
{
    const size_t n = q->n;
    const double weight = at->risk->weight_sum;
    double squares = 0.0;
    const cxs_rc rc = cxs_working_predict(ctx, at->set, target, q->e);

    for (size_t i = 0; i < n; i++)
        q->e[i] -= at->eta[i];
    hessian_times(at, q->e, q->residual, at->work);
    for (size_t i = 0; i < n; i++) {
        q->residual[i] = at->state->r[i] / weight - q->residual[i];
        q->rhs[i] = q->residual[i] - q->u[i];
        squares += q->rhs[i] * q->rhs[i] / at->risk->weight_ts[i];
    }
    *bound = sqrt(weight * squares);
    for (size_t t = 0; t < q->free; t++) {
        q->rhs[n + t] = cxs_lanes_dot(n, at->set->x + q->term[t] * n, q->residual);
        *bound = fmax(*bound, fabs(q->rhs[n + t]));
    }
    return rc;
}

/* Slope of (4) at share t of the step; flat and steep: its quadratic part. */
static double slope(const cxs_rows *q, const cxs_working *set, double flat,
                    double steep, double t)
{
    double sum = flat + t * steep;

    for (size_t j = 0; j < set->m; j++)
        if (!is_term(set, j) && q->dv[j] != 0.0)
            sum += q->dv[j] * (soft(q->v[j] + t * q->dv[j], set->l1[j]) / set->l2[j]);
    return sum;
}

/* Share of the step to take. */
static double search(const cxs_rows *q, const cxs_rows_place *at)
{
    const cxs_working *set = at->set;
    const size_t n = q->n;
    double flat = 0.0, steep = 0.0, low = 0.0, high = 1.0, t = 1.0;
    double first, bend;

    for (size_t i = 0; i < n; i++) {
        flat -= q->du[i] * (q->d[i] + at->eta[i]);
        steep -= q->du[i] * q->de[i];
    }
    first = slope(q, set, flat, steep, 0.0);
    bend = slope(q, set, flat, steep, 1.0);
    if (!(first < 0.0) || bend <= SLOPE_LEFT * -first)
        return 1.0;
    for (int i = 0; i < BISECTIONS && fabs(bend) > SLOPE_LEFT * -first; i++) {
        if (bend > 0.0)
            high = t;
        else
            low = t;
        t = 0.5 * (low + high);
        bend = slope(q, set, flat, steep, t);
    }
    return t;
}

/* Solve (3): du, de = the way to the d that belongs to u + du, dv; dc stays behind
 * rhs[n]. */
static cxs_rc direction(cxs_ctx *ctx, cxs_rows *q, const cxs_rows_place *at)
{
    const cxs_working *set = at->set;
    const size_t n = q->n;

    cxs_lu_solve(n + q->free, q->matrix, q->pivot, q->rhs);
    memcpy(q->du, q->rhs, n * sizeof *q->du);
    cxs_blas_gemv(n, n, q->kernel, q->du, 0.0, q->de);
    for (size_t i = 0; i < n; i++)
        q->de[i] = q->e[i] + q->de[i] / at->ridge - q->d[i];
    for (size_t t = 0; t < q->free; t++)
        for (size_t i = 0; i < n; i++)
            q->de[i] += q->rhs[n + t] * set->x[q->term[t] * n + i];
    return cxs_working_gradient(ctx, set, 0, q->du, 1.0, q->dv);
}

static void move(cxs_rows *q, const cxs_working *set, double t, double *target)
{
    for (size_t i = 0; i < q->n; i++) {
        q->u[i] += t * q->du[i];
        q->d[i] += t * q->de[i];
    }
    for (size_t j = 0; j < set->m; j++)
        q->v[j] += t * q->dv[j];
    for (size_t i = 0; i < q->free; i++)
        target[q->term[i]] += t * q->rhs[q->n + i];
    take_target(q, set, target);
}

/* u, v and the target at the start. */
static void begin(cxs_rows *q, const cxs_rows_place *at, double *target)
{
    const cxs_working *set = at->set;

    for (size_t i = 0; i < q->n; i++) {
        q->u[i] = at->scale * at->state->r[i] / at->risk->weight_sum;
        q->d[i] = 0.0;
    }
    for (size_t j = 0; j < set->m; j++)
        q->v[j] = at->scale * at->g[j];
    memcpy(target, set->b, set->m * sizeof *target);
    take_target(q, set, target);
    choose_terms(q, at);
}

cxs_rc cxs_rows_step(cxs_ctx *ctx, cxs_rows *q, const cxs_rows_place *at, double tol,
                     double *target, int *solved)
{
    double t = 0.0;
    cxs_rc rc = fit(ctx, q, at->set);

    *solved = 0;
    if (rc != CXS_OK)
        return rc;
    begin(q, at, target);
    for (int step = 0; step < STEPS; step++) {
        double bound;
        int definite = 1, same;
        const size_t changes = renew_kernel(q, at, &same);
        *solved = step > 0 && same && t >= 1.0;
        if (*solved)
            return CXS_OK;
        if ((rc = residual(ctx, q, at, target, &bound)) != CXS_OK)
            return rc;
        *solved = step > 0 && bound <= tol;
        if (*solved)
            return CXS_OK;
        if (step == 0 || changes > 0)
            rc = factorise(ctx, q, at, &definite);
        if (rc != CXS_OK || !definite)
            return rc;
        if ((rc = direction(ctx, q, at)) != CXS_OK)
            return rc;
        t = step == 0 ? 1.0 : search(q, at);
        move(q, at->set, t, target);
        q->inner++;
    }
    return CXS_OK;
}
