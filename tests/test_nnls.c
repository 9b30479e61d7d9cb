/*
 * test_nnls.c -- non-negative least squares: by hand, and by its certificate
 */
#include "test.h"

#include "base/stream.h"
#include "num/nnls.h"

#include <stdlib.h>

enum { M = 12, N = 9 };

static double work[4096];

/* Identity: negative parts become 0.  Two columns: x1 would be -1 alone, so x0 = 1.5. */
static void by_hand(void **state)
{
    const double identity[] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, b[] = {1, -2, 3};
    /* A = [1 1; 1 2], b = (2, 1): unconstrained (3, -1); with x1 = 0, x0 = 3/2. */
    const double a[] = {1, 1, 1, 2}, c[] = {2, 1};
    double x[3];

    (void)state;
    CHECK(cxs_nnls(3, 3, identity, b, x, work) == CXS_OK);
    CHECK_NEAR(x[0], 1.0, TOL_SUM);
    CHECK_NEAR(x[1], 0.0, TOL_EXACT);
    CHECK_NEAR(x[2], 3.0, TOL_SUM);
    CHECK(cxs_nnls(2, 2, a, c, x, work) == CXS_OK);
    CHECK_NEAR(x[0], 1.5, TOL_SUM);
    CHECK_NEAR(x[1], 0.0, TOL_EXACT);
    CHECK_DONE();
}

/* w = A'(b - A x): zero where x > 0, not positive elsewhere. */
static void check_kkt(size_t m, size_t n, const double *a, const double *b,
                      const double *x)
{
    double scale = 1e-300;

    for (size_t pass = 0; pass < 2; pass++)
        for (size_t j = 0; j < n; j++) {
            double w = 0.0, largest = 0.0;
            for (size_t i = 0; i < m; i++) {
                double r = b[i];
                for (size_t l = 0; l < n; l++)
                    r -= a[l * m + i] * x[l];
                w += a[j * m + i] * r;
                largest += a[j * m + i] * b[i];
            }
            if (pass == 0) {
                scale = fmax(scale, fabs(largest));
                continue;
            }
            CHECK(x[j] >= 0.0);
            CHECK(w <= 1e-10 * scale);
            CHECK(x[j] == 0.0 || fabs(w) <= 1e-10 * scale);
        }
}

static void random_problems(void **state)
{
    const cxs_stream s = {.seed = 5, .purpose = CXS_DRAW_TEST};
    double a[M * N], b[M], x[N];
    uint64_t at = 0;
    size_t zeros = 0;

    (void)state;
    for (int problem = 0; problem < 300; problem++) {
        /* the first third are like signatures, all positive */
        for (size_t i = 0; i < M * N; i++)
            a[i] =
                problem < 100 ? cxs_draw_uniform(&s, at++) : cxs_draw_normal(&s, at++);
        for (size_t i = 0; i < M; i++)
            b[i] =
                problem < 200 ? cxs_draw_uniform(&s, at++) : cxs_draw_normal(&s, at++);
        CHECK(cxs_nnls(M, N, a, b, x, work) == CXS_OK);
        check_kkt(M, N, a, b, x);
        for (size_t j = 0; j < N; j++)
            zeros += x[j] == 0.0;
    }
    CHECK(zeros > 300 && zeros < 300 * N);
    CHECK_DONE();
}

/* What is a non-negative combination comes back exactly. */
static void recovers_what_made_it(void **state)
{
    const cxs_stream s = {.seed = 6, .purpose = CXS_DRAW_TEST};
    const double truth[4] = {3.0, 0.0, 0.5, 0.0};
    double a[M * 4], b[M] = {0}, x[4];

    (void)state;
    for (size_t i = 0; i < M * 4; i++)
        a[i] = cxs_draw_uniform(&s, i);
    for (size_t j = 0; j < 4; j++)
        for (size_t i = 0; i < M; i++)
            b[i] += a[j * M + i] * truth[j];
    CHECK(cxs_nnls(M, 4, a, b, x, work) == CXS_OK);
    for (size_t j = 0; j < 4; j++)
        CHECK_NEAR(x[j], truth[j], 1e-12);
    CHECK_DONE();
}

/* Zero columns, equal columns, nothing to fit, more columns than rows. */
static void degenerate(void **state)
{
    const double zero[4] = {0}, a[] = {1, 2, 1, 2, 0, 0}, b[] = {2, 4};
    const double wide[] = {1, 0, 0, 1, 1, 1, -1, 2}, c[] = {1, 3};
    double x[4];

    (void)state;
    CHECK(cxs_nnls(2, 2, zero, b, x, work) == CXS_OK && x[0] == 0.0 && x[1] == 0.0);
    CHECK(cxs_nnls(2, 3, a, b, x, work) == CXS_OK);
    CHECK_NEAR(x[0] + x[1], 2.0, TOL_SUM);
    CHECK(x[2] == 0.0);
    CHECK(cxs_nnls(2, 3, a, zero, x, work) == CXS_OK && x[0] == 0.0 && x[1] == 0.0);
    CHECK(cxs_nnls(2, 4, wide, c, x, work) == CXS_OK);
    check_kkt(2, 4, wide, c, x);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(random_problems),
        cmocka_unit_test(recovers_what_made_it),
        cmocka_unit_test(degenerate),
    };

    return cmocka_run_group_tests_name("nnls", tests, NULL, NULL);
}
