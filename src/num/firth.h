/*
 * firth.h -- Jeffreys' penalty log|I| / 2 of the partial likelihood
 *
 * Depends on: libc, libm, num/cox.h, num/newton.h.
 */
#ifndef CXS_NUM_FIRTH_H
#define CXS_NUM_FIRTH_H

#include "num/newton.h"

/** log|I| / 2 over the columns that are not aliased, from the factor of I. */
double cxs_firth_penalty(size_t k, const double *factor);

/** @return doubles of workspace of cxs_firth_score(). */
size_t cxs_firth_work_size(const cxs_risk *risk, size_t k);

/**
 * Add the derivative of the penalty to the score, eq. (2) of firth.c.
 *
 * @param z_ts      [n x k] columns in sorted order
 * @param variance  [k x k] I^-1 at the state, zero rows for columns that take no part
 * @param grad      (in, out) [k] their entries are left alone
 * @param work      (workspace) [cxs_firth_work_size()]
 * Cost O(n k^2).
 */
void cxs_firth_score(const cxs_risk *risk, const cxs_cox_state *state, size_t k,
                     const double *z_ts, const double *variance, double *grad,
                     double *work);

#endif /* CXS_NUM_FIRTH_H */
