/*
 * blas.h -- the few BLAS and LAPACK calls, sizes checked before they are narrowed
 *
 * OpenBLAS runs with one thread: our own threads are outside, and results must not
 * depend on their number.  All matrices column-major.
 */
#ifndef CXS_NUM_BLAS_H
#define CXS_NUM_BLAS_H

#include "coxswain/error.h"

#include <stddef.h>

/** One BLAS thread and a self test (dot, gemv, syrk against plain loops); call once
 *  before any other.  CXS_EOS with the core type when the BLAS is broken. */
cxs_rc cxs_blas_init(cxs_ctx *ctx) CXS_MUST_USE;
/** Name of the kernel family in use, "Haswell" and the like. */
const char *cxs_blas_core(void);

/** y = A'x, A [n x p]. */
void cxs_blas_gemv_t(size_t n, size_t p, const double *a, const double *x, double *y);
/** y = A x + beta y, A [n x p]. */
void cxs_blas_gemv(size_t n, size_t p, const double *a, const double *x, double beta,
                   double *y);
/** C = alpha A'B + beta C; A [n x p], B [n x q], C [p x q] with leading dimension ldc.
 */
void cxs_blas_gemm_tn(size_t p, size_t q, size_t n, double alpha, const double *a,
                      const double *b, double beta, double *c, size_t ldc);
/** Lower triangle of C = alpha A'A + beta C; A [n x p], C [p x p]. */
void cxs_blas_syrk_t(size_t p, size_t n, double alpha, const double *a, double beta,
                     double *c, size_t ldc);

/** C = A B' + C; A [p x k] and B [q x k] with leading dimensions lda and ldb, C [p x q]
 *  with leading dimension ldc. */
void cxs_blas_add_nt(size_t p, size_t q, size_t k, const double *a, size_t lda,
                     const double *b, size_t ldb, double *c, size_t ldc);

/** Cholesky of the lower triangle in place; false when not positive definite. */
int cxs_cholesky(size_t n, double *a, size_t lda);
/** Solve A x = b with that factor, b in place. */
void cxs_cholesky_solve(size_t n, const double *factor, size_t lda, double *b);

/** LU factors with row exchanges in place, pivot[n]; false when singular. */
int cxs_lu(size_t n, double *a, int *pivot);
/** Solve A x = b with those factors, b in place. */
void cxs_lu_solve(size_t n, const double *factor, const int *pivot, double *b);

/**
 * The k largest eigenvalues of a symmetric matrix and their vectors, largest first.
 *
 * @param n       order, >= k >= 1
 * @param a       [n x n] lower triangle; destroyed
 * @param value   (out) [n]; the first k count
 * @param vector  (out) [n x k] of length 1, column by column; signs are arbitrary
 * @param work    (workspace) [40 n]
 * @param whole   (workspace) [12 n]
 * @return 1, or 0 when the iteration failed
 */
int cxs_symmetric_top(size_t n, size_t k, double *a, double *value, double *vector,
                      double *work, int *whole);

/** C = A'B in float32; A [n x p], B [n x q], C [p x q] with leading dimension p. */
void cxs_blas_sgemm_tn(size_t p, size_t q, size_t n, const float *a, const float *b,
                       float *c);

/** a'b in float32. */
float cxs_blas_sdot(size_t n, const float *a, const float *b);

/** Solve L x = b alone, or L'x = b, b in place. */
void cxs_lower_solve(size_t n, const double *factor, size_t lda, double *b);
void cxs_lower_solve_t(size_t n, const double *factor, size_t lda, double *b);

#endif /* CXS_NUM_BLAS_H */
