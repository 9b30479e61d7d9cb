/*
 * solver_life.c -- a solver from its set up to what it knows
 */
#include "model/solver_private.h"

#include <math.h>
#include <string.h>

/* Unpenalised terms alone are fitted to this gradient per unit of b. */
static const double NULL_TOL = 1e-12;

/* ---- life ------------------------------------------------------------------------ */

static cxs_rc copy_factors(cxs_ctx *ctx, cxs_solver *s, const double *factor)
{
    for (size_t j = 0; j < s->p; j++) {
        s->factor[j] = factor != NULL ? factor[j] : 1.0;
        if (!(s->factor[j] >= 0.0))
            return cxs_fail(ctx, CXS_EARG, "penalty factors must be >= 0, got %g",
                            s->factor[j]);
    }
    return CXS_OK;
}

/* Fit the unpenalised terms alone. */
static cxs_rc fit_null(cxs_ctx *ctx, cxs_solver *s)
{
    cxs_solved solved = {0};
    cxs_rc rc = CXS_OK;

    memset(s->eta, 0, s->risk.n * sizeof *s->eta);
    s->loglik_null = cxs_cox_loglik(&s->risk, s->eta, s->work);
    if (!isfinite(s->loglik_null))
        return cxs_fail(ctx, CXS_EDEGENERATE,
                        "the offset is too widely spread for a partial likelihood");
    for (size_t id = 0; id < s->total && rc == CXS_OK; id++)
        if (s->factor[id] == 0.0 && cxs_solver_usable(s, id))
            rc = cxs_solver_admit(ctx, s, id);
    if (rc != CXS_OK)
        return rc;
    cxs_solver_set_penalty(s, 0.0);
    if ((rc = cxs_solver_newton(ctx, s, NULL_TOL, &solved)) != CXS_OK)
        return rc;
    if (cxs_cox_eval(&s->risk, s->eta, &s->state, s->work) != CXS_OK)
        return cxs_fail(ctx, CXS_ENOCONV, "the unpenalised terms do not converge");
    cxs_solver_scatter(s);
    return CXS_OK;
}

/* Pure ridge with more features than rows has the n x n form. */
static cxs_rc fit_for_ridge(cxs_ctx *ctx, cxs_solver *s)
{
    const cxs_ridge_place at = cxs_solver_place(s);
    size_t penalised = 0;

    for (size_t j = 0; j < s->p; j++)
        penalised += cxs_solver_usable(s, j) && s->factor[j] > 0.0;
    if (s->settings->alpha > 0.0 || penalised <= s->risk.n)
        return CXS_OK;
    return cxs_ridge_new(ctx, &s->columns, &s->risk, s->factor, &at, &s->ridge);
}

cxs_gate *cxs_solver_ask_largest(cxs_solver *s)
{
    cxs_solver_question(s);
    s->gate.want_largest = 1;
    return &s->gate;
}

/* A largest gradient below this is rounding, since a single event of n rows makes one
 * of the order of 1/n: all features stay out. */
static const double NO_GRADIENT = 1e-14;

static int nothing_to_find(const cxs_solver *s)
{
    double widest = 0.0;

    for (size_t j = 0; j < s->p; j++)
        if (isfinite(s->factor[j]))
            widest = fmax(widest, s->factor[j]);
    return !(s->gate.largest * widest > NO_GRADIENT);
}

void cxs_solver_take_largest(cxs_solver *s)
{
    if (nothing_to_find(s)) {
        s->gate.largest = 0.0;
        for (size_t j = 0; j < s->p; j++)
            if (s->factor[j] > 0.0)
                s->factor[j] = HUGE_VAL;
    }
    s->lambda_max = s->gate.largest / fmax(s->settings->alpha, CXS_ALPHA_FLOOR);
    s->last_lambda = s->lambda_max;
    s->known = s->gate.threshold;
}

cxs_rc cxs_solver_new(cxs_ctx *ctx, const cxs_design *design,
                      const cxs_problem *problem, const cxs_model_settings *settings,
                      const double *factor, cxs_solver **out)
{
    cxs_rc rc = CXS_OK;
    cxs_solver *s = NULL;
    char *memory = NULL;

    *out = NULL;
    CXS_NEW(s, 1);
    s->design = design;
    s->problem = problem;
    s->settings = settings;
    s->slope = 1.0;
    s->p = design->p;
    s->total = design->p + problem->k;
    CXS_NEW(memory, cxs_risk_size(problem->outcome.n));
    s->risk_memory = memory;
    if (cxs_risk_build(&problem->outcome, &s->risk, memory) != CXS_OK)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE, "no event among %zu rows", s->risk.n));
    s->weight_least = s->risk.weight_ts[0];
    for (size_t i = 1; i < s->risk.n; i++)
        s->weight_least = fmin(s->weight_least, s->risk.weight_ts[i]);
    CXS_NEW(s->state_memory, cxs_cox_state_size(&s->risk));
    cxs_cox_state_place(&s->risk, s->state_memory, &s->state);
    CXS_NEW(s->work, cxs_cox_work_size(&s->risk));
    CXS_NEW(s->factor, s->total);
    CXS_NEW(s->r_row, design->n);
    CXS_NEW(s->eta, s->risk.n);
    CXS_NEW(s->eta_try, s->risk.n);
    CXS_TRY(copy_factors(ctx, s, factor));
    CXS_TRY(cxs_working_init(ctx, &s->set, &s->risk, s->total));
    *out = s;
    s = NULL;

done:
    cxs_solver_free(s);
    return rc;
}

cxs_rc cxs_solver_scale_columns(cxs_ctx *ctx, cxs_solver *const *s, size_t count)
{
    const cxs_solver *any = NULL;
    cxs_columns_of *of = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(of, count);
    for (size_t i = 0; i < count; i++)
        if (s[i] != NULL) {
            of[i] = (cxs_columns_of){s[i]->problem, &s[i]->risk, &s[i]->columns};
            any = s[i];
        }
    if (any != NULL)
        CXS_TRY(cxs_columns_new(ctx, any->design, any->settings, of, count));

done:
    cxs_free(of);
    return rc;
}

cxs_rc cxs_solver_fit_null(cxs_ctx *ctx, cxs_solver *s)
{
    const cxs_rc rc = fit_null(ctx, s);

    return rc == CXS_OK ? fit_for_ridge(ctx, s) : rc;
}

void cxs_solver_free(cxs_solver *s)
{
    if (s == NULL)
        return;
    cxs_ridge_free(s->ridge);
    cxs_rows_free(s->rows);
    cxs_columns_free(&s->columns);
    cxs_working_free(&s->set);
    cxs_free(s->risk_memory);
    cxs_free(s->state_memory);
    cxs_free(s->work);
    cxs_free(s->factor);
    cxs_free(s->r_row);
    cxs_gate_free(&s->gate);
    cxs_free(s->eta);
    cxs_free(s->eta_try);
    cxs_free(s->c);
    cxs_free(s->target);
    cxs_free(s->g);
    cxs_free(s->quad.work);
    cxs_free(s->quad.index);
    cxs_free(s->keep);
    cxs_free(s->secant.w);
    cxs_free(s->secant.step);
    cxs_free(s->secant.way);
    cxs_free(s->secant.way_off);
    cxs_free(s->secant.drift);
    cxs_free(s);
}

double cxs_solver_lambda_max(const cxs_solver *s)
{
    return s->lambda_max;
}

double cxs_solver_loglik_null(const cxs_solver *s)
{
    return s->loglik_null;
}

double cxs_solver_loglik_saturated(const cxs_solver *s)
{
    return cxs_cox_loglik_saturated(&s->risk);
}

double cxs_solver_weight_sum(const cxs_solver *s)
{
    return s->risk.weight_sum;
}

const double *cxs_solver_scale(const cxs_solver *s)
{
    return s->columns.unit;
}

const double *cxs_solver_fill(const cxs_solver *s)
{
    return s->columns.fill;
}

/* ---- a given start --------------------------------------------------------------- */

/* Coefficients into the working set; those of a ridge's features into its eta alone,
 * eta[n], by way of a column's values in column[n]. */
static cxs_rc take_coefficients(cxs_ctx *ctx, cxs_solver *s, const uint32_t *index,
                                const double *beta, size_t count, double *eta,
                                double *column)
{
    for (size_t i = 0; i < count; i++) {
        const size_t id = index[i];
        const double b = beta[i] * s->columns.unit[id];
        if (!cxs_solver_usable(s, id))
            continue;
        if (s->ridge != NULL && s->set.slot[id] == UINT32_MAX) {
            cxs_columns_gather(&s->columns, &s->risk, id, column);
            for (size_t t = 0; t < s->risk.n; t++)
                eta[t] += b * column[t];
            continue;
        }
        if (s->set.slot[id] == UINT32_MAX) {
            const cxs_rc rc = cxs_solver_admit(ctx, s, id);
            if (rc != CXS_OK)
                return rc;
        }
        s->set.b[s->set.slot[id]] = b;
    }
    return CXS_OK;
}

/* Newton begins at the held coefficients when F is lower there than before. */
static cxs_rc accept_start(cxs_ctx *ctx, cxs_solver *s, double lambda,
                           const double *b_null, size_t held)
{
    const double before = -s->state.loglik / s->risk.weight_sum;
    double after;
    cxs_rc rc = cxs_working_predict(ctx, &s->set, s->set.b, s->eta);

    if (rc != CXS_OK)
        return rc;
    cxs_solver_set_penalty(s, lambda);
    after = -cxs_cox_loglik(&s->risk, s->eta, s->work) / s->risk.weight_sum +
            cxs_solver_penalty(s, s->set.b);
    s->set.has_reference = 0;
    s->at_point = 0;
    if (after < before) { /* false for NaN too; gradients are asked for anew */
        s->last_lambda = lambda;
        s->known = HUGE_VAL;
    } else {
        for (size_t i = 0; i < s->set.m; i++)
            s->set.b[i] = i < held ? b_null[i] : 0.0;
        rc = cxs_working_predict(ctx, &s->set, s->set.b, s->eta);
    }
    if (rc == CXS_OK && cxs_cox_eval(&s->risk, s->eta, &s->state, s->work) != CXS_OK)
        rc = cxs_fail(ctx, CXS_ENOCONV, "the start has no finite likelihood");
    return rc;
}

/* The same for a ridge; eta[n] is that of its features. */
static cxs_rc accept_ridge(cxs_ctx *ctx, cxs_solver *s, double lambda,
                           const double *b_null, double loglik, const double *eta)
{
    const cxs_ridge_place at = cxs_solver_place(s);
    const cxs_rc rc = cxs_working_predict(ctx, &s->set, s->set.b, s->eta);

    if (rc != CXS_OK)
        return rc;
    for (size_t t = 0; t < s->risk.n; t++)
        s->eta[t] += eta[t];
    return cxs_ridge_start(ctx, s->ridge, &at, lambda, b_null, loglik);
}

cxs_rc cxs_solver_start(cxs_ctx *ctx, cxs_solver *s, double lambda,
                        const uint32_t *index, const double *beta, size_t count)
{
    const size_t held = s->set.m;
    cxs_rc rc = CXS_OK;
    double *b_null = NULL, *eta = NULL, *column = NULL;

    CXS_NEW(b_null, held);
    CXS_NEW(eta, s->risk.n);
    CXS_NEW(column, s->risk.n);
    for (size_t i = 0; i < held; i++)
        b_null[i] = s->set.b[i];
    CXS_TRY(take_coefficients(ctx, s, index, beta, count, eta, column));
    CXS_TRY(s->ridge != NULL
                ? accept_ridge(ctx, s, lambda, b_null, s->state.loglik, eta)
                : accept_start(ctx, s, lambda, b_null, held));
    cxs_solver_scatter(s);

done:
    cxs_free(b_null);
    cxs_free(eta);
    cxs_free(column);
    return rc;
}

/* ---- what comes out -------------------------------------------------------------- */

/* Standardised coefficient of a column, 0 where it is not held. */
static double coefficient(const cxs_solver *s, size_t id)
{
    const uint32_t slot = s->set.slot[id];

    if (slot != UINT32_MAX)
        return s->set.b[slot];
    return s->ridge != NULL && id < s->p ? s->ridge->b[id] : 0.0;
}

size_t cxs_solver_coefs(const cxs_solver *s, uint32_t *index, double *beta,
                        size_t capacity)
{
    size_t count = 0;

    for (size_t id = 0; id < s->total; id++) {
        const double b = coefficient(s, id);
        if (b == 0.0)
            continue;
        if (count < capacity) {
            index[count] = (uint32_t)id;
            beta[count] = b / s->columns.unit[id];
        }
        count++;
    }
    return count;
}

size_t cxs_solver_held(const cxs_solver *s)
{
    return s->set.m;
}

size_t cxs_solver_held_at(const cxs_solver *s, size_t i, double *b)
{
    *b = s->set.b[i];
    return s->set.id[i];
}

void cxs_solver_predict(const cxs_solver *s, double *eta)
{
    if (s->ridge != NULL)
        memcpy(eta, s->ridge->ku, s->columns.n * sizeof *eta);
    else
        memset(eta, 0, s->columns.n * sizeof *eta);
    for (size_t i = 0; i < s->set.m; i++) {
        const size_t id = s->set.id[i];
        const double *x = cxs_columns_raw(&s->columns, id);
        const double mean = s->columns.mean[id], unit = s->columns.unit[id];
        if (s->set.b[i] != 0.0)
            for (size_t t = 0; t < s->columns.n; t++)
                eta[t] += s->set.b[i] * ((x[t] - mean) / unit);
        cxs_columns_done(&s->columns, id);
    }
}
