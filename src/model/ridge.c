/*
 * ridge.c -- pure ridge by the n x n form
 *
 * Columns x_j as the problem standardises them, r = d loglik / d eta, W the weights in
 * total, Z the unpenalised columns.  With alpha = 0 the objective is
 *     F(b, c) = -loglik(Xb + Zc) / W + lambda/2 sum_j pf_j b_j^2 (1)
 * and its optimum has pf_j b_j = x_j'r / (lambda W): b_j = x_j'u / pf_j with
 *     K = X diag(1/pf) X',  eta = K u + Z c,  u = r / (lambda W),  Z'r = 0 (2)
 * (Hastie and Tibshirani 2004).  Newton on (2) for any u, with the exact Hessian H:
 *     (H K + lambda W I) du + H Z dc = r - lambda W u
 *     Z'H K du               + Z'H Z dc = Z'r (3)
 * is Newton on (1) for b = diag(1/pf) X'u: a descent direction, halved until F does not
 * rise.  1'H = 0 and 1'r = 0, so u sums to zero as r does, and raw columns serve for
 * x_j'u.  The factor of (3) is used again, at other points and lambdas, while a step
 * still leaves less than CONTRACTION of the violation: the right side is always exact.
 *
 * The violation of feature j is |x_j'v|, v = r/W - lambda u.  As sum_i w_i x_ij^2 =
 * W (sd_j / unit_j)^2, Cauchy and Schwarz bound it without a pass over X by
 *     sqrt(W) max_j (sd_j / unit_j) (sum_i v_i^2 / w_i)^(1/2) (4)
 */
#include "model/ridge.h"

#include "base/pool.h"
#include "num/blas.h"
#include "num/lanes.h"
#include "num/factor.h"
#include "num/lanes.h"

#include <math.h>
#include <string.h>

/* Factor (3) anew when a step leaves more than this share of the violation. */
static const double CONTRACTION = 0.15;
/* An unpenalised term with less than this share of its own information left. */
static const double DEPENDENT = 1e-11;
/* A gain in F below this share is rounding. */
static const double ROUNDING = 1e-14;

enum {
    BLOCK = 64, /* columns per task of a pass over X: one L2 cache at 500 rows */
    HALVINGS = 30,
    STALLS = 3 /* fresh steps without a gain: rounding decides */
};

/* ---- life ------------------------------------------------------------------------ */

static void list_features(cxs_ridge *g)
{
    const cxs_columns *c = g->columns;

    for (size_t j = 0; j < c->p; j++)
        if (c->unit[j] > 0.0 && g->factor[j] > 0.0 && isfinite(g->factor[j])) {
            g->feature[g->features++] = (uint32_t)j;
            g->widest = fmax(g->widest, c->sd[j] / c->unit[j]);
        }
}

/* Terms whose information is not that of the terms before them; the others keep the
 * coefficient of the fit without features. */
static cxs_rc choose_terms(cxs_ctx *ctx, cxs_ridge *g, const cxs_ridge_place *at)
{
    const size_t n = g->risk->n, m = at->set->m;
    cxs_rc rc = CXS_OK;
    double *hz = NULL, *factor = NULL, *column = NULL;

    CXS_NEW(g->term, m);
    CXS_NEW(hz, n);
    CXS_NEW(factor, m * m);
    CXS_NEW(column, m);
    for (size_t t = 0; t < m; t++) {
        const double *z = at->set->x + t * n;
        double own;
        cxs_cox_hessian_times(g->risk, at->state, z, hz, at->work);
        own = cxs_lanes_dot(n, z, hz);
        for (size_t i = 0; i < g->terms; i++)
            column[i] = cxs_lanes_dot(n, at->set->x + g->term[i] * n, hz);
        if (own > DEPENDENT * cxs_lanes_squares(n, at->state->a, z, 0.0) &&
            cxs_factor_append(g->terms, factor, m, column, own))
            g->term[g->terms++] = (uint32_t)t;
    }

done:
    cxs_free(hz);
    cxs_free(factor);
    cxs_free(column);
    return rc;
}

static cxs_rc allocate(cxs_ctx *ctx, cxs_ridge *g)
{
    const size_t n = g->risk->n, m = n + g->terms;
    cxs_rc rc = CXS_OK;

    CXS_NEW(g->kernel, g->rows * g->rows);
    CXS_NEW(g->u, g->rows);
    CXS_NEW(g->ku, g->rows);
    CXS_NEW(g->b, g->columns->p);
    CXS_NEW(g->lu, m * m);
    CXS_NEW(g->pivot, m);
    CXS_NEW(g->rhs, m);
    CXS_NEW(g->step, g->rows);
    CXS_NEW(g->kstep, g->rows);
    CXS_NEW(g->deta, n);
    CXS_NEW(g->v, n);

done:
    return rc;
}

cxs_rc cxs_ridge_new(cxs_ctx *ctx, const cxs_columns *columns, const cxs_risk *risk,
                     const double *factor, const cxs_ridge_place *at, cxs_ridge **out)
{
    cxs_rc rc = CXS_OK;
    cxs_ridge *g = NULL;

    *out = NULL;
    CXS_NEW(g, 1);
    g->columns = columns;
    g->risk = risk;
    g->factor = factor;
    g->rows = columns->n;
    CXS_NEW(g->feature, columns->p);
    list_features(g);
    CXS_TRY(choose_terms(ctx, g, at));
    CXS_TRY(allocate(ctx, g));
    CXS_TRY(cxs_ridge_make_kernel(ctx, g));
    *out = g;
    g = NULL;

done:
    cxs_ridge_free(g);
    return rc;
}

void cxs_ridge_free(cxs_ridge *g)
{
    if (g == NULL)
        return;
    cxs_free(g->feature);
    cxs_free(g->term);
    cxs_free(g->kernel);
    cxs_free(g->u);
    cxs_free(g->ku);
    cxs_free(g->b);
    cxs_free(g->lu);
    cxs_free(g->pivot);
    cxs_free(g->rhs);
    cxs_free(g->step);
    cxs_free(g->kstep);
    cxs_free(g->deta);
    cxs_free(g->v);
    cxs_free(g);
}

/* ---- one Newton step ------------------------------------------------------------- */

static void kernel_times(const cxs_ridge *g, const double *u, double *ku)
{
    cxs_blas_gemv(g->rows, g->rows, g->kernel, u, 0.0, ku);
}

/* eta = K u + Z c from the present u and c. */
static void renew_eta(cxs_ridge *g, const cxs_ridge_place *at)
{
    const size_t n = g->risk->n;

    kernel_times(g, g->u, g->ku);
    for (size_t i = 0; i < n; i++)
        at->eta[i] = g->ku[g->risk->row[i]];
    for (size_t t = 0; t < at->set->m; t++)
        for (size_t i = 0; i < n; i++)
            at->eta[i] += at->set->b[t] * at->set->x[t * n + i];
}

/* F of (1) from its parts. */
static double objective(const cxs_ridge *g, double loglik, double lambda, double uku)
{
    return -loglik / g->risk->weight_sum + 0.5 * lambda * uku;
}

/* v, the right side of (3), and the bound (4) on the violation. */
static double residual(cxs_ridge *g, const cxs_ridge_place *at, double lambda)
{
    const cxs_risk *risk = g->risk;
    const double weight = risk->weight_sum;
    double squares = 0.0, worst;

    for (size_t i = 0; i < risk->n; i++) {
        g->v[i] = at->state->r[i] / weight - lambda * g->u[risk->row[i]];
        g->rhs[i] = weight * g->v[i];
        squares += g->v[i] * g->v[i] / risk->weight_ts[i];
    }
    worst = g->widest * sqrt(weight * squares);
    for (size_t t = 0; t < g->terms; t++) {
        const double *z = at->set->x + g->term[t] * risk->n;
        g->rhs[risk->n + t] = cxs_lanes_dot(risk->n, z, at->state->r);
        worst = fmax(worst, fabs(g->rhs[risk->n + t]) / weight);
    }
    return worst;
}

typedef struct matrix_job {
    cxs_ridge *ridge;
    const cxs_ridge_place *at;
    double lambda;
} matrix_job;

/* Column i of the matrix in (3): H times a column of (K, Z), and Z' times that. */
static void matrix_column(const matrix_job *job, size_t i, double *v, double *work)
{
    const cxs_ridge *g = job->ridge;
    const cxs_working *set = job->at->set;
    const size_t n = g->risk->n;
    double *column = g->lu + i * (n + g->terms);

    if (i < n) {
        const double *k = g->kernel + g->risk->row[i] * g->rows;
        for (size_t a = 0; a < n; a++)
            v[a] = k[g->risk->row[a]];
    } else
        memcpy(v, set->x + g->term[i - n] * n, n * sizeof *v);
    cxs_cox_hessian_times(g->risk, job->at->state, v, column, work);
    for (size_t t = 0; t < g->terms; t++)
        column[n + t] = cxs_lanes_dot(n, set->x + g->term[t] * n, column);
    if (i < n)
        column[i] += job->lambda * g->risk->weight_sum;
}

static cxs_rc matrix_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const matrix_job *job = arg;
    const size_t n = job->ridge->risk->n, total = n + job->ridge->terms;
    const size_t end = (index + 1) * BLOCK < total ? (index + 1) * BLOCK : total;
    cxs_rc rc = CXS_OK;
    double *v = NULL, *work = NULL;

    (void)worker;
    CXS_NEW(v, n);
    CXS_NEW(work, cxs_cox_work_size(job->ridge->risk));
    for (size_t i = index * BLOCK; i < end; i++)
        matrix_column(job, i, v, work);

done:
    cxs_free(v);
    cxs_free(work);
    return rc;
}

/* Factor the matrix of (3) at the present point. */
static cxs_rc factorise(cxs_ctx *ctx, cxs_ridge *g, const cxs_ridge_place *at,
                        double lambda)
{
    matrix_job job = {g, at, lambda};
    const size_t total = g->risk->n + g->terms;
    const cxs_rc rc =
        cxs_pool_run(ctx, NULL, (total + BLOCK - 1) / BLOCK, matrix_block, &job);

    g->has_factor = rc == CXS_OK && cxs_lu(total, g->lu, g->pivot);
    return rc;
}

/* Solve (3): step, kstep and deta; dc stays behind rhs[n]. */
static void direction(cxs_ridge *g, const cxs_ridge_place *at)
{
    const size_t n = g->risk->n;

    cxs_lu_solve(n + g->terms, g->lu, g->pivot, g->rhs);
    for (size_t i = 0; i < n; i++)
        g->step[g->risk->row[i]] = g->rhs[i];
    kernel_times(g, g->step, g->kstep);
    for (size_t i = 0; i < n; i++)
        g->deta[i] = g->kstep[g->risk->row[i]];
    for (size_t t = 0; t < g->terms; t++)
        for (size_t i = 0; i < n; i++)
            g->deta[i] += g->rhs[n + t] * at->set->x[g->term[t] * n + i];
}

static void move(cxs_ridge *g, const cxs_ridge_place *at, double t)
{
    for (size_t i = 0; i < g->rows; i++) {
        g->u[i] += t * g->step[i];
        g->ku[i] += t * g->kstep[i];
    }
    for (size_t i = 0; i < g->terms; i++)
        at->set->b[g->term[i]] += t * g->rhs[g->risk->n + i];
    memcpy(at->eta, at->eta_try, g->risk->n * sizeof *at->eta);
}

/* Move along the direction, halving until F does not rise; false when it always does.
 */
static int line_search(cxs_ridge *g, const cxs_ridge_place *at, double lambda,
                       double *gain)
{
    const double uku = cxs_lanes_dot(g->rows, g->u, g->ku);
    const double cross = cxs_lanes_dot(g->rows, g->u, g->kstep);
    const double square = cxs_lanes_dot(g->rows, g->step, g->kstep);
    const double before = objective(g, at->state->loglik, lambda, uku);
    const double slack = ROUNDING * (1.0 + fabs(before));
    double t = 1.0;

    for (int halving = 0; halving < HALVINGS; halving++, t *= 0.5) {
        double after;
        for (size_t i = 0; i < g->risk->n; i++)
            at->eta_try[i] = at->eta[i] + t * g->deta[i];
        after = objective(g, cxs_cox_loglik(g->risk, at->eta_try, at->work), lambda,
                          uku + t * (2.0 * cross + t * square));
        if (after <= before + slack) { /* false for NaN too */
            move(g, at, t);
            *gain = before - after > slack ? before - after : 0.0;
            return 1;
        }
    }
    return 0;
}

/* No likelihood at this point: the certificate will find no number. */
static cxs_rc give_up(const cxs_ridge_place *at)
{
    at->state->r[0] = (double)NAN;
    return CXS_OK;
}

cxs_rc cxs_ridge_solve(cxs_ctx *ctx, cxs_ridge *g, const cxs_ridge_place *at,
                       double lambda, double tol, size_t most, size_t *steps,
                       int *converged)
{
    double before = HUGE_VAL, gain = HUGE_VAL;
    int stalls = 0;

    *converged = 0;
    renew_eta(g, at);
    for (;;) {
        double violation;
        int fresh = 0;
        cxs_rc rc;
        if (cxs_cox_eval(g->risk, at->eta, at->state, at->work) != CXS_OK)
            return give_up(at);
        violation = residual(g, at, lambda);
        *converged = violation <= tol;
        stalls = gain > 0.0 ? 0 : stalls + 1;
        if (*converged || *steps >= most || !(lambda > 0.0) || stalls > STALLS)
            return CXS_OK;
        if (!g->has_factor || violation > CONTRACTION * before) {
            if ((rc = factorise(ctx, g, at, lambda)) != CXS_OK)
                return rc;
            fresh = 1;
        }
        if (!g->has_factor)
            return CXS_OK;
        direction(g, at);
        ++*steps;
        before = violation;
        if (!line_search(g, at, lambda, &gain)) {
            if (fresh)
                return CXS_OK; /* rounding decides now: the certificate has the word */
            g->has_factor = 0;
        }
    }
}

cxs_rc cxs_ridge_start(cxs_ctx *ctx, cxs_ridge *g, const cxs_ridge_place *at,
                       double lambda, const double *b_null, double loglik_null)
{
    const cxs_risk *risk = g->risk;
    double there = HUGE_VAL;

    if (lambda > 0.0 && cxs_cox_eval(risk, at->eta, at->state, at->work) == CXS_OK) {
        for (size_t i = 0; i < risk->n; i++)
            g->u[risk->row[i]] = at->state->r[i] / (lambda * risk->weight_sum);
        renew_eta(g, at);
        there = objective(g, cxs_cox_loglik(risk, at->eta, at->work), lambda,
                          cxs_lanes_dot(g->rows, g->u, g->ku));
    }
    if (!(there < objective(g, loglik_null, lambda, 0.0))) {
        memset(g->u, 0, g->rows * sizeof *g->u);
        for (size_t t = 0; t < at->set->m; t++)
            at->set->b[t] = b_null[t];
        renew_eta(g, at);
    }
    if (cxs_cox_eval(risk, at->eta, at->state, at->work) != CXS_OK)
        return cxs_fail(ctx, CXS_ENOCONV, "the unpenalised terms do not converge");
    return CXS_OK;
}

/* ---- all columns ----------------------------------------------------------------- */

typedef struct certificate_job {
    cxs_ridge *ridge;
    const double *pair; /* [N x 2] v and u in row order */
    double *worst;      /* [blocks] */
} certificate_job;

static cxs_rc certify_block(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const certificate_job *job = arg;
    cxs_ridge *g = job->ridge;
    const cxs_columns *c = g->columns;
    const size_t first = index * BLOCK;
    const size_t end = first + BLOCK < c->p ? first + BLOCK : c->p;

    (void)ctx;
    (void)worker;
    for (size_t j = first; j < end; j++) {
        const double unit = c->unit[j], factor = g->factor[j];
        const double *x;
        double violation;
        g->b[j] = 0.0;
        if (!(unit > 0.0) || !(factor > 0.0) || !isfinite(factor))
            continue;
        x = cxs_columns_raw(c, j);
        g->b[j] = cxs_lanes_dot(c->n, x, job->pair + c->n) / unit / factor;
        violation = fabs(cxs_lanes_dot(c->n, x, job->pair)) / unit;
        job->worst[index] =
            isnan(violation) ? HUGE_VAL : fmax(job->worst[index], violation);
    }
    cxs_design_drop(c->design, first, end);
    return CXS_OK;
}

cxs_rc cxs_ridge_certify(cxs_ctx *ctx, cxs_ridge *g, const cxs_cox_state *state,
                         double lambda, double *violation)
{
    const size_t blocks = (g->columns->p + BLOCK - 1) / BLOCK;
    certificate_job job = {.ridge = g};
    cxs_rc rc = CXS_OK;
    double *pair = NULL;

    CXS_NEW(pair, 2 * g->rows);
    CXS_NEW(job.worst, blocks);
    job.pair = pair;
    for (size_t i = 0; i < g->risk->n; i++) {
        const size_t row = g->risk->row[i];
        pair[row] = state->r[i] / g->risk->weight_sum - lambda * g->u[row];
        pair[g->rows + row] = g->u[row];
    }
    CXS_TRY(cxs_pool_run(ctx, NULL, blocks, certify_block, &job));
    *violation = 0.0;
    for (size_t i = 0; i < blocks; i++)
        *violation = fmax(*violation, job.worst[i]);

done:
    cxs_free(pair);
    cxs_free(job.worst);
    return rc;
}
