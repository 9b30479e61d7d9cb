/*
 * newton.h -- the small dense algebra of an unpenalised Cox fit
 *
 * k columns, k small.  Matrices are [k x k], symmetric ones full.  A column that
 * depends on earlier ones is aliased: its column of the factor is zero, and so is its
 * element of every solution, as in R survival.
 */
#ifndef CXS_NUM_NEWTON_H
#define CXS_NUM_NEWTON_H

#include "num/cox.h"

/** A column is collinear with earlier ones when its information, given them, is not
 * above this share of its information alone: 11 digits; rounding is some 1e-15 of it.
 */
#define CXS_ALIAS 1e-11

/**
 * Score U = Z'r and information I = Z'HZ of k columns, eq. (1) of newton.c.
 *
 * @param z_ts  [n x k] columns in sorted order
 * @param grad  (out) [k]
 * @param info  (out) [k x k]
 * @param m     (workspace) [terms x k]
 * @param work  (workspace) [cxs_cox_work_size()]
 */
void cxs_newton_information(const cxs_risk *risk, const cxs_cox_state *state, size_t k,
                            const double *z_ts, double *grad, double *info, double *m,
                            double *work);

/**
 * Cholesky factor of info, columns in order; column j is aliased when its pivot is not
 * above CXS_ALIAS max(info_jj, unit).
 *
 * @param unit    information of a column that explains nothing and is not collinear
 * @param skip    [k] 1: treat as aliased from the start; NULL: none
 * @param factor  (out) [k x k] lower triangle
 * @return number of columns that are not aliased
 */
size_t cxs_newton_factor(size_t k, const double *info, double unit, const uint8_t *skip,
                         double *factor);

/** Solve info x = b in place with that factor. */
void cxs_newton_solve(size_t k, const double *factor, double *b);

/** Inverse of info from its factor, zero rows for aliased columns.  variance may not be
 *  factor. */
void cxs_newton_inverse(size_t k, const double *factor, double *variance);

/**
 * Schoenfeld residuals of one column: z minus its mean over the risk set at the row's
 * event, for Efron the mean of the means of its terms; NaN for rows without event.
 *
 * @param z_ts, out, m, work  as below
 */
void cxs_newton_schoenfeld(const cxs_risk *risk, const cxs_cox_state *state,
                           const double *z_ts, double *out, double *m, double *work);

/**
 * Score residuals of one column times the weights, eq. (2) of newton.c.
 *
 * @param z_ts  [n] column
 * @param out   (out) [n]
 * @param m     (workspace) [terms]
 * @param work  (workspace) [cxs_cox_work_size()]
 */
void cxs_newton_score_residuals(const cxs_risk *risk, const cxs_cox_state *state,
                                const double *z_ts, double *out, double *m,
                                double *work);

#endif /* CXS_NUM_NEWTON_H */
