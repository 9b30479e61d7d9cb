/*
 * ridge.h -- pure ridge (alpha = 0) with more features than rows, by the n x n form
 *
 * All coefficients are nonzero then, but they lie in the span of the rows: b_j = x_j'u
 * / pf_j with one number u per row.  Newton works on u and the unpenalised terms; the
 * features appear in the n x n kernel, made once, and in the certificate, one float64
 * pass over all columns at each lambda.  One problem; solver.c owns it.
 */
#ifndef CXS_RIDGE_H
#define CXS_RIDGE_H

#include "model/columns.h"
#include "model/working.h"

typedef struct cxs_ridge {
    const cxs_columns *columns;
    const cxs_risk *risk;
    const double *factor;     /**< [columns] penalty factors */
    size_t rows;              /**< of the design: N */
    size_t features, terms;   /**< penalised features; unpenalised terms that move */
    uint32_t *feature, *term; /**< column; place in the working set */
    double widest;            /**< largest sd / unit of the penalised features */
    double *kernel;           /**< [N x N] K, row order, rows outside the problem too */
    double *u, *ku;           /**< [N] 0 outside the problem; K u on all rows */
    double *b;                /**< [p] coefficients, made by the certificate */
    double *lu, *rhs; /**< [(n + terms)^2] factor of a Newton matrix; [n + terms] */
    int *pivot, has_factor;
    double *step, *kstep; /**< [N] direction of u, and K times it */
    double *deta, *v;     /**< [n] direction of eta; [n] r/W - lambda u */
} cxs_ridge;

/** Where the solver stands; the working set holds the unpenalised terms alone. */
typedef struct cxs_ridge_place {
    cxs_working *set;
    cxs_cox_state *state;
    double *eta, *eta_try, *work; /**< [n], [n], [cxs_cox_work_size()] */
} cxs_ridge_place;

/** Fill the kernel from the listed features; it must hold zeros. */
cxs_rc cxs_ridge_make_kernel(cxs_ctx *ctx, cxs_ridge *ridge) CXS_MUST_USE;

/**
 * Kernel of the penalised features; u = 0.
 *
 * @param at  the fit of the unpenalised terms, its state evaluated
 * columns, risk and factor are borrowed for the life of the ridge.
 */
cxs_rc cxs_ridge_new(cxs_ctx *ctx, const cxs_columns *columns, const cxs_risk *risk,
                     const double *factor, const cxs_ridge_place *at,
                     cxs_ridge **out) CXS_MUST_USE;
void cxs_ridge_free(cxs_ridge *ridge);

/** Newton from the present u and terms to a violation of at most @p tol; u, terms, eta
 *  and state belong to one point at the end.  lambda = 0 has no such form: it is given
 *  up. @param steps (in/out) added to, at most @p most. */
cxs_rc cxs_ridge_solve(cxs_ctx *ctx, cxs_ridge *ridge, const cxs_ridge_place *at,
                       double lambda, double tol, size_t most, size_t *steps,
                       int *converged) CXS_MUST_USE;

/** Begin at the u that belongs to eta: exact when eta is that of the solution at
 *  @p lambda.  Where the objective is no lower there, begin at u = 0 and the terms
 *  @p b_null of the fit without features.  The state is evaluated at the end. */
cxs_rc cxs_ridge_start(cxs_ctx *ctx, cxs_ridge *ridge, const cxs_ridge_place *at,
                       double lambda, const double *b_null,
                       double loglik_null) CXS_MUST_USE;

/** Coefficients and the largest |x_j'(r/W - lambda u)| over the penalised features,
 * from the values as read. */
cxs_rc cxs_ridge_certify(cxs_ctx *ctx, cxs_ridge *ridge, const cxs_cox_state *state,
                         double lambda, double *violation) CXS_MUST_USE;

#endif /* CXS_RIDGE_H */
