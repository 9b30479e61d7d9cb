/*
 * factor.h -- a Cholesky factor that grows and shrinks by one row
 *
 * A = LL', L lower triangular, column-major with leading dimension ld.  Used by the
 * active-set solver of enet.c, whose support changes by one coordinate at a time.
 * Depends on: libc, libm, blas.h.
 */
#ifndef CXS_NUM_FACTOR_H
#define CXS_NUM_FACTOR_H

#include <stddef.h>

/**
 * Append one row and column: s -> s + 1.
 *
 * @param column    [s] new off-diagonal of A; overwritten
 * @param diagonal  new diagonal of A
 * @return 0 when the new column depends on the others to rounding (pivot below 1e-11
 *         of its diagonal); L is then unchanged.  Cost O(s^2).
 */
int cxs_factor_append(size_t s, double *l, size_t ld, double *column, double diagonal);

/**
 * Delete row and column k of A: s -> s - 1, by Givens rotations.  Cost O((s - k)^2).
 *
 * @param y  (in/out) [ld x count] solutions of L y = d, become those without row k
 */
void cxs_factor_delete(size_t s, double *l, size_t ld, size_t k, double *y,
                       size_t count);

#endif /* CXS_NUM_FACTOR_H */
