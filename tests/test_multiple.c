/*
 * test_multiple.c -- p-values adjusted for the number of tests
 */
#include "test.h"

#include "num/multiple.h"

/* Four tests by hand: 4 x 0.04 / 3 = 0.0533.. is above 0.05 x 4 / 4. */
static void by_hand(void **state)
{
    const double p[] = {0.05, 0.01, 0.04, 0.02};
    double q[4];
    cxs_p_item work[4];

    (void)state;
    cxs_adjust_bh(4, p, q, work);
    CHECK_NEAR(q[0], 0.05, TOL_SUM);
    CHECK_NEAR(q[1], 0.04, TOL_SUM);
    CHECK_NEAR(q[2], 0.05, TOL_SUM);
    CHECK_NEAR(q[3], 0.04, TOL_SUM);
    cxs_adjust_by(4, p, q, work); /* 1 + 1/2 + 1/3 + 1/4 = 25/12 */
    CHECK_NEAR(q[1], 0.04 * 25.0 / 12.0, TOL_SUM);
    CHECK_DONE();
}

/* R 4.2.2: p.adjust(p, "BH") and p.adjust(p, "BY"); NA is no test. */
static void as_r_does(void **state)
{
    const double na = (double)NAN;
    const double p[] = {0.01,  0.02,  0.03, 0.04, 0.05,  0.5,
                        0.001, 0.001, 0.8,  na,   0.0249};
    const double bh[] = {0.03333333333333333, 0.04980000000000000,
                         0.05000000000000000, 0.05714285714285715,
                         0.06250000000000000, 0.55555555555555558,
                         0.00500000000000000, 0.00500000000000000,
                         0.80000000000000004, na,
                         0.04980000000000000};
    const double by[] = {0.09763227513227513,
                         0.14586261904761902,
                         0.14644841269841269,
                         0.16736961451247165,
                         0.18306051587301586,
                         1.0,
                         0.01464484126984127,
                         0.01464484126984127,
                         1.0,
                         na,
                         0.14586261904761902};
    double q[11];
    cxs_p_item work[11];

    (void)state;
    cxs_adjust_bh(11, p, q, work);
    for (size_t i = 0; i < 11; i++)
        CHECK(isnan(bh[i]) ? isnan(q[i]) : fabs(q[i] - bh[i]) <= TOL_SUM);
    cxs_adjust_by(11, p, q, work);
    for (size_t i = 0; i < 11; i++)
        CHECK(isnan(by[i]) ? isnan(q[i]) : fabs(q[i] - by[i]) <= TOL_SUM);
    CHECK_DONE();
}

/* In place, one test, no test, p = 0. */
static void edges(void **state)
{
    double p[] = {0.03, (double)NAN, 0.0};
    cxs_p_item work[3];

    (void)state;
    cxs_adjust_bh(3, p, p, work);
    CHECK_NEAR(p[0], 0.03, TOL_SUM);
    CHECK(isnan(p[1]));
    CHECK(p[2] == 0.0);
    p[0] = 0.7;
    cxs_adjust_bh(1, p, p, work);
    CHECK(p[0] == 0.7);
    p[0] = (double)NAN;
    cxs_adjust_by(1, p, p, work);
    CHECK(isnan(p[0]));
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(as_r_does),
        cmocka_unit_test(edges),
    };

    return cmocka_run_group_tests_name("multiple", tests, NULL, NULL);
}
