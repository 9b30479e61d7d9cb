/*
 * rates.c -- what this machine gives to the two products that a path is made of
 *
 *   bench_rates N P RIGHT THREADS
 *
 * gemv  X'r, one residual: reads all of X once, 2 flops per 8 bytes, bound by memory.
 * gemm  X'[r_1 .. r_RIGHT], a panel of problems: bound by arithmetic.
 * syrk  A'A with A [N x N], the shape of a Gram of a working set as large as N.
 * Each on one thread, and gemv and gemm with the columns dealt out to THREADS threads
 * in blocks, as the library does.  The best of several repeats counts: the question is
 * what the machine can do.  Prints name and value per line; bytes moved are those of X
 * alone, read once.
 */
#include "base/base.h"
#include "base/pool.h"
#include "base/progress.h"
#include "num/blas.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPEATS = 7, BLOCK = 256 };

typedef struct product {
    size_t n, p, right;
    double *x, *r, *y; /* [n x p], [n x right], [p x right] */
} product;

/* One block of columns; right = 1 is gemv. */
static cxs_rc block_task(cxs_ctx *ctx, size_t block, size_t worker, void *arg)
{
    const product *m = arg;
    const size_t first = block * BLOCK;
    const size_t count = m->p - first < BLOCK ? m->p - first : BLOCK;

    (void)ctx;
    (void)worker;
    if (m->right == 1)
        cxs_blas_gemv_t(m->n, count, m->x + first * m->n, m->r, m->y + first);
    else
        cxs_blas_gemm_tn(count, m->right, m->n, 1.0, m->x + first * m->n, m->r, 0.0,
                         m->y + first, m->p);
    return CXS_OK;
}

/* Seconds of the fastest of REPEATS products. */
static cxs_rc time_product(cxs_ctx *ctx, product *m, int threads, double *seconds)
{
    cxs_rc rc = CXS_OK;

    *seconds = INFINITY;
    cxs_ctx_set_threads(ctx, threads);
    for (int repeat = 0; repeat < REPEATS; repeat++) {
        const double started_s = cxs_now_s();
        CXS_TRY(cxs_pool_run(ctx, NULL, (m->p + BLOCK - 1) / BLOCK, block_task, m));
        *seconds = fmin(*seconds, cxs_now_s() - started_s);
    }

done:
    return rc;
}

static double time_syrk(const product *m, double *gram)
{
    double seconds = INFINITY;

    for (int repeat = 0; repeat < REPEATS; repeat++) {
        const double started_s = cxs_now_s();
        cxs_blas_syrk_t(m->n, m->n, 1.0, m->x, 0.0, gram, m->n);
        seconds = fmin(seconds, cxs_now_s() - started_s);
    }
    return seconds;
}

/* A product at one and at all threads. */
static cxs_rc report_product(cxs_ctx *ctx, product *m, size_t right, int threads)
{
    const char *name = right == 1 ? "gemv" : "gemm";
    const double bytes = 8.0 * (double)m->n * (double)m->p;
    const double flops = 2.0 * (double)m->n * (double)m->p * (double)right;
    cxs_rc rc = CXS_OK;

    m->right = right;
    for (int t = 1; t <= threads; t = t < threads ? threads : threads + 1) {
        double seconds;
        CXS_TRY(time_product(ctx, m, t, &seconds));
        printf("%s_%d_threads_s\t%.6f\n", name, t, seconds);
        printf("%s_%d_threads_gbytes_per_s\t%.2f\n", name, t, 1e-9 * bytes / seconds);
        printf("%s_%d_threads_gflops\t%.2f\n", name, t, 1e-9 * flops / seconds);
    }

done:
    return rc;
}

static cxs_rc measure(cxs_ctx *ctx, product *m, size_t right, int threads)
{
    const size_t n = m->n, values = n * (m->p > n ? m->p : n);
    double *gram = NULL, seconds;
    cxs_rc rc = CXS_OK;

    CXS_NEW(m->x, values);
    CXS_NEW(m->r, n * right);
    CXS_NEW(m->y, m->p * right);
    CXS_NEW(gram, n * n);
    for (size_t i = 0; i < values; i++)
        m->x[i] = (double)(i % 1021) / 1021.0 - 0.5;
    for (size_t i = 0; i < n * right; i++)
        m->r[i] = (double)(i % 509) / 509.0 - 0.5;
    CXS_TRY(cxs_blas_init(ctx));
    printf("blas_core\t%s\n", cxs_blas_core());
    CXS_TRY(report_product(ctx, m, 1, threads));
    CXS_TRY(report_product(ctx, m, right, threads));
    seconds = time_syrk(m, gram);
    printf("syrk_1_threads_s\t%.6f\nsyrk_1_threads_gflops\t%.2f\n", seconds,
           1e-9 * (double)n * (double)n * (double)n / seconds);

done:
    cxs_free(m->x);
    cxs_free(m->r);
    cxs_free(m->y);
    cxs_free(gram);
    return rc;
}

int main(int argc, char **argv)
{
    cxs_ctx *ctx = cxs_ctx_new();
    product m = {0};
    cxs_rc rc = CXS_ENOMEM;

    if (argc != 5) {
        fputs("usage: bench_rates N P RIGHT THREADS\n", stderr);
        cxs_ctx_free(ctx);
        return 64;
    }
    m.n = strtoul(argv[1], NULL, 10);
    m.p = strtoul(argv[2], NULL, 10);
    if (ctx != NULL) {
        rc = measure(ctx, &m, strtoul(argv[3], NULL, 10),
                     (int)strtol(argv[4], NULL, 10));
        if (rc != CXS_OK)
            fprintf(stderr, "bench_rates: %s\n", cxs_ctx_message(ctx));
    }
    cxs_ctx_free(ctx);
    return cxs_rc_exit_status(rc);
}
