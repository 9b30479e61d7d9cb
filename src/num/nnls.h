/*
 * nnls.h -- non-negative least squares
 */
#ifndef CXS_NUM_NNLS_H
#define CXS_NUM_NNLS_H

#include "coxswain/error.h"

#include <stddef.h>

/**
 * x >= 0 that minimises |A x - b|, by the active set method.
 *
 * @param m     rows, >= 1
 * @param n     columns, >= 1
 * @param a     [m x n] column-major, finite
 * @param b     [m] finite
 * @param x     (out) [n] >= 0
 * @param work  (workspace) [cxs_nnls_work(m, n)]
 * @return CXS_OK; CXS_ENOCONV after 3n + 30 changes of the active set, x is then
 *         feasible but not the minimum
 *
 * Time O(m n^2) per change.  Among equals the lowest index enters first, so the answer
 * does not depend on anything but the input.  Source: Lawson and Hanson (1974), Solving
 * Least Squares Problems, chapter 23.
 */
cxs_rc cxs_nnls(size_t m, size_t n, const double *a, const double *b, double *x,
                double *work) CXS_MUST_USE;

/** Doubles of workspace. */
size_t cxs_nnls_work(size_t m, size_t n);

#endif /* CXS_NUM_NNLS_H */
