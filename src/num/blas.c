/*
 * blas.c -- the one home of BLAS and LAPACK
 *
 * Debian's OpenBLAS has 32-bit sizes: every size is checked before it is narrowed.  It
 * is set to one thread at start, because the last bits of its sums depend on the number
 * of threads, and a self test refuses a build whose kernels are wrong for this
 * processor (seen in the field: OpenBLAS issue 3454).
 */
#include "num/blas.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <math.h>

/* LAPACK in OpenBLAS, Fortran interface; character length arguments are not used. */
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda,
                    int *info);
extern void dgetrf_(const int *rows, const int *columns, double *a, const int *lda,
                    int *pivot, int *info);
extern void dgetrs_(const char *trans, const int *n, const int *nrhs, const double *a,
                    const int *lda, const int *pivot, double *b, const int *ldb,
                    int *info);
extern void dsyevr_(const char *job, const char *range, const char *uplo, const int *n,
                    double *a, const int *lda, const double *vl, const double *vu,
                    const int *il, const int *iu, const double *abstol, int *found,
                    double *w, double *z, const int *ldz, int *isuppz, double *work,
                    const int *lwork, int *iwork, const int *liwork, int *info);

static int narrow(size_t size)
{
    assert(size <= INT_MAX);
    return (int)size;
}

enum { TEST_N = 67, TEST_P = 13 }; /* odd sizes reach the edge code of each kernel */

/* dot, gemv, gemm and syrk of a small known matrix against plain loops. */
static int self_test(void)
{
    double a[TEST_N * TEST_P], c[TEST_P * TEST_P], d[TEST_P * TEST_P], y[TEST_P];
    double worst = 0.0;

    for (int i = 0; i < TEST_N * TEST_P; i++)
        a[i] = sin(1.0 + 0.7 * i);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, TEST_P, TEST_N, 1.0, a, TEST_N,
                0.0, c, TEST_P);
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, TEST_P, TEST_P, TEST_N, 1.0, a,
                TEST_N, a, TEST_N, 0.0, d, TEST_P);
    cblas_dgemv(CblasColMajor, CblasTrans, TEST_N, TEST_P, 1.0, a, TEST_N, a, 1, 0.0, y,
                1);
    for (int i = 0; i < TEST_P; i++)
        for (int j = 0; j <= i; j++) {
            double want = 0.0;
            for (int r = 0; r < TEST_N; r++)
                want += a[i * TEST_N + r] * a[j * TEST_N + r];
            worst = fmax(worst, fabs(c[j * TEST_P + i] - want));
            worst = fmax(worst, fabs(d[j * TEST_P + i] - want));
            if (j == 0)
                worst = fmax(worst, fabs(y[i] - want));
        }
    return worst < 1e-12;
}

cxs_rc cxs_blas_init(cxs_ctx *ctx)
{
    openblas_set_num_threads(1);
    if (!self_test())
        return cxs_fail(
            ctx, CXS_EOS,
            "OpenBLAS gives wrong sums on this processor (kernels: %s); set "
            "OPENBLAS_CORETYPE to an older one, such as Haswell",
            cxs_blas_core());
    return CXS_OK;
}

const char *cxs_blas_core(void)
{
    return openblas_get_corename();
}

void cxs_blas_gemv_t(size_t n, size_t p, const double *a, const double *x, double *y)
{
    if (p > 0)
        cblas_dgemv(CblasColMajor, CblasTrans, narrow(n), narrow(p), 1.0, a, narrow(n),
                    x, 1, 0.0, y, 1);
}

void cxs_blas_gemv(size_t n, size_t p, const double *a, const double *x, double beta,
                   double *y)
{
    cblas_dgemv(CblasColMajor, CblasNoTrans, narrow(n), narrow(p), 1.0, a, narrow(n), x,
                1, beta, y, 1);
}

void cxs_blas_gemm_tn(size_t p, size_t q, size_t n, double alpha, const double *a,
                      const double *b, double beta, double *c, size_t ldc)
{
    if (p > 0 && q > 0)
        cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, narrow(p), narrow(q),
                    narrow(n), alpha, a, narrow(n), b, narrow(n), beta, c, narrow(ldc));
}

void cxs_blas_syrk_t(size_t p, size_t n, double alpha, const double *a, double beta,
                     double *c, size_t ldc)
{
    if (p > 0)
        cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, narrow(p), narrow(n), alpha,
                    a, narrow(n), beta, c, narrow(ldc));
}

void cxs_blas_add_nt(size_t p, size_t q, size_t k, const double *a, size_t lda,
                     const double *b, size_t ldb, double *c, size_t ldc)
{
    if (p > 0 && q > 0 && k > 0)
        cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, narrow(p), narrow(q),
                    narrow(k), 1.0, a, narrow(lda), b, narrow(ldb), 1.0, c,
                    narrow(ldc));
}

int cxs_lu(size_t n, double *a, int *pivot)
{
    const int size = narrow(n);
    int info = 0;

    if (n == 0)
        return 1;
    dgetrf_(&size, &size, a, &size, pivot, &info);
    return info == 0;
}

void cxs_lu_solve(size_t n, const double *factor, const int *pivot, double *b)
{
    const int size = narrow(n), one = 1;
    int info = 0;

    if (n > 0)
        dgetrs_("N", &size, &one, factor, &size, pivot, b, &size, &info);
    assert(info == 0);
    (void)info;
}

int cxs_symmetric_top(size_t n, size_t k, double *a, double *value, double *vector,
                      double *work, int *whole)
{
    const int size = narrow(n), first = narrow(n - k + 1), reals = narrow(40 * n),
              wholes = narrow(10 * n);
    const double none = 0.0;
    int found = 0, info = 0;

    dsyevr_("V", "I", "L", &size, a, &size, &none, &none, &first, &size, &none, &found,
            value, vector, &size, whole + 10 * n, work, &reals, whole, &wholes, &info);
    if (info != 0 || found != narrow(k))
        return 0;
    for (size_t lo = 0, hi = k - 1; lo < hi; lo++, hi--) { /* they come ascending */
        const double swap = value[lo];
        value[lo] = value[hi];
        value[hi] = swap;
        for (size_t i = 0; i < n; i++) {
            const double x = vector[lo * n + i];
            vector[lo * n + i] = vector[hi * n + i];
            vector[hi * n + i] = x;
        }
    }
    return 1;
}

int cxs_cholesky(size_t n, double *a, size_t lda)
{
    const int size = narrow(n), leading = narrow(lda);
    int info = 0;

    if (n == 0)
        return 1;
    dpotrf_("L", &size, a, &leading, &info);
    return info == 0;
}

void cxs_cholesky_solve(size_t n, const double *factor, size_t lda, double *b)
{
    cxs_lower_solve(n, factor, lda, b);
    cxs_lower_solve_t(n, factor, lda, b);
}

void cxs_lower_solve(size_t n, const double *factor, size_t lda, double *b)
{
    if (n > 0)
        cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, narrow(n),
                    factor, narrow(lda), b, 1);
}

void cxs_blas_sgemm_tn(size_t p, size_t q, size_t n, const float *a, const float *b,
                       float *c)
{
    if (q == 1)
        cblas_sgemv(CblasColMajor, CblasTrans, narrow(n), narrow(p), 1.0f, a, narrow(n),
                    b, 1, 0.0f, c, 1);
    else if (p > 0 && q > 0)
        cblas_sgemm(CblasColMajor, CblasTrans, CblasNoTrans, narrow(p), narrow(q),
                    narrow(n), 1.0f, a, narrow(n), b, narrow(n), 0.0f, c, narrow(p));
}

float cxs_blas_sdot(size_t n, const float *a, const float *b)
{
    return cblas_sdot(narrow(n), a, 1, b, 1);
}

void cxs_lower_solve_t(size_t n, const double *factor, size_t lda, double *b)
{
    if (n > 0)
        cblas_dtrsv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, narrow(n),
                    factor, narrow(lda), b, 1);
}
