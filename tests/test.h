/*
 * test.h -- CHECK inside cmocka: a failed check does not leave the test, so nothing
 * leaks; one assert on the failure count ends each test.
 *
 *   static void by_hand(void **state) { (void)state; CHECK(...); CHECK_DONE(); }
 *   int main(void) {
 *       const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand)};
 *       return cmocka_run_group_tests_name("cox", tests, NULL, NULL);
 *   }
 */
#ifndef CXS_TEST_H
#define CXS_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* Named tolerances: the name states how many roundings are expected. */
#define TOL_EXACT 0.0
#define TOL_SUM   1e-12 /* a sum of up to ~1e3 terms, relative */
#define TOL_ITER  1e-7  /* a converged iteration */
#define TOL_FDIFF 1e-5  /* central difference, h = 1e-4 */

static int test_failures;

#define CHECK(cond)                                                                    \
    do {                                                                               \
        if (!(cond)) {                                                                 \
            test_failures++;                                                           \
            printf("  %s:%d: false: %s\n", __FILE__, __LINE__, #cond);                 \
        }                                                                              \
    } while (0)

#define CHECK_NEAR(got, want, tol)                                                     \
    do {                                                                               \
        const double got_ = (got), want_ = (want);                                     \
        if (!(fabs(got_ - want_) <= (tol)*fmax(1.0, fabs(want_)))) {                   \
            test_failures++;                                                           \
            printf("  %s:%d: %s = %.17g, want %.17g\n", __FILE__, __LINE__, #got,      \
                   got_, want_);                                                       \
        }                                                                              \
    } while (0)

#define CHECK_DONE()                                                                   \
    do {                                                                               \
        const int failures_ = test_failures;                                           \
        test_failures = 0;                                                             \
        assert_int_equal(failures_, 0);                                                \
    } while (0)

#endif /* CXS_TEST_H */
