/*
 * rows.h -- the elastic-net model of a Newton step with many more columns than rows
 *
 * Where the penalty has a ridge part the support outgrows the rows, and a Gram of the
 * columns costs time and memory without end.  Here everything that is factored has the
 * size of the rows and the unpenalised terms.  One problem; the solver owns it.
 */
#ifndef CXS_ROWS_H
#define CXS_ROWS_H

#include "model/working.h"

/*
 * Beyond this many columns a row.  The Gram's way takes m^2 n for a Gram and m s for
 * each column that enters, the rows' way some n^3 + 8 n m a step whatever enters.
 * Measured: even at 2 to 3 columns a row for alpha 0.5 to 0.9; five times as fast at 8,
 * and the Gram's way does not end in sensible time at 15.  Without a ridge part the
 * support cannot outgrow the rows.
 */
#define CXS_ROWS_HELD 2.5

typedef struct cxs_rows {
    size_t n, terms, held; /**< rows; room for unpenalised terms; columns */
    size_t free;           /**< terms that move: */
    uint32_t *term;        /**< [terms] their places in the working set */
    double *kernel;        /**< [n x n] sum over the support of x x' / factor */
    int8_t *in;            /**< [held] sign of a column in the kernel, else 0 */
    int has_kernel;
    size_t kernel_changes;      /**< since it was made anew */
    double *slab, *signed_slab; /**< [n x piece] columns on their way into it */
    double *matrix;             /**< [(n + terms)^2] of a Newton step, and its factor */
    int *pivot;
    double *rhs;       /**< [n + terms] */
    double *u, *d, *e; /**< [n] row variables, see rows.c */
    double *du, *de, *residual;
    double *v, *dv;  /**< [held] X'u and its direction */
    double *hz, *zz; /**< [n x terms], [terms x terms] */
    size_t inner;    /**< Newton steps on row variables so far */
} cxs_rows;

/** The present point of the solver. */
typedef struct cxs_rows_place {
    cxs_working *set;
    const cxs_risk *risk;
    const cxs_cox_state *state; /**< at eta */
    const double *eta, *g;      /**< [n]; [m] X'r / W */
    const double *factor;       /**< [columns] penalty factors */
    double scale;               /**< of r / W, to begin with */
    double ridge;               /**< lambda (1 - alpha) > 0 */
    double *work;               /**< [cxs_cox_work_size()] */
} cxs_rows_place;

/** @param terms  unpenalised columns held, at most */
cxs_rc cxs_rows_new(cxs_ctx *ctx, size_t n, size_t terms, cxs_rows **out) CXS_MUST_USE;
void cxs_rows_free(cxs_rows *rows);
/** Columns held changed their places. */
void cxs_rows_forget(cxs_rows *rows);

/**
 * Minimise the quadratic model at the present point, see solver.c (2), to a violation
 * of at most @p tol.
 *
 * @param target  (out) [m] coefficients
 * @param solved  (out) 0 when it could not: target is then where it ended
 */
cxs_rc cxs_rows_step(cxs_ctx *ctx, cxs_rows *rows, const cxs_rows_place *at, double tol,
                     double *target, int *solved) CXS_MUST_USE;

#endif /* CXS_ROWS_H */
