/*
 * test_bounds.c -- error bounds of stability selection
 */
#include "test.h"

#include "rank/bounds.h"

/* Shah and Samworth's own numbers (B = 50 pairs), four decimals. */
static void published_bounds(void **state)
{
    static const size_t hits[] = {60, 70, 75, 80, 90};
    static const struct {
        size_t p, q;
        double want[5], mb_at_75;
    } rows[] = {
        {1000, 50, {2.6053, 0.9686, 0.6478, 0.4351, 0.1705}, 5.0},
        {500, 15, {0.4347, 0.1675, 0.1120, 0.0752, 0.0294}, 0.9},
        {200, 10, {0.5211, 0.1937, 0.1296, 0.0870, 0.0341}, 1.0},
        {100, 6, {0.3820, 0.1422, 0.0952, 0.0639, 0.0251}, 0.72},
    };

    (void)state;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        for (size_t h = 0; h < 5; h++)
            CHECK(fabs(cxs_pfer_concave(rows[r].p, rows[r].q, hits[h], 50) -
                       rows[r].want[h]) <= 0.5e-4 + 1e-9);
        CHECK_NEAR(cxs_pfer_mb(rows[r].p, rows[r].q, 0.75), rows[r].mb_at_75, TOL_SUM);
    }
    CHECK(isnan(cxs_pfer_mb(100, 6, 0.5)));
    CHECK(isnan(cxs_pfer_concave(100, 6, 50, 50)));
    CHECK_DONE();
}

/*
 * Trials 3, s = 2, mean 3 eta = 1/2: k0 = 2.  With the support {0..k} cut at its
 * largest tail the definition can be searched by brute force: masses (a+i)^-2 on 0..k,
 * the rest at k + 1, mean one half.
 */
static double brute_force_tail(double mean, size_t t, size_t trials, int s)
{
    double best = 0.0;

    for (double log_a = log(1e-5); log_a < log(1e5); log_a += 2e-4) {
        const double a = exp(log_a);
        for (size_t k = 0; k <= trials; k++) {
            double sum = 0.0, first = 0.0, above = 0.0, rest;
            for (size_t i = 0; i <= k; i++) {
                const double f = pow(a + (double)i, -(double)s);
                sum += f;
                first += (double)i * f;
                above += i >= t ? f : 0.0;
            }
            /* (first + (k+1) rest) / (sum + rest) = mean */
            rest = (mean * sum - first) / ((double)(k + 1) - mean);
            if (k == trials ? fabs(first / sum - mean) > 1e-4
                            : rest < 0.0 || rest > pow(a + (double)k + 1.0, -(double)s))
                continue;
            rest = k == trials ? 0.0 : rest;
            above += k + 1 >= t ? rest : 0.0;
            best = fmax(best, above / (sum + rest));
        }
    }
    return best;
}

static void tail_against_its_definition(void **state)
{
    static const struct {
        double eta;
        size_t t, trials;
        int s;
    } cases[] = {
        {0.05, 3, 8, 2}, {0.05, 8, 8, 2},  {0.1, 4, 10, 4},
        {0.02, 2, 6, 4}, {0.15, 7, 12, 2}, {0.3, 11, 14, 4},
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const double mean = cases[c].eta * (double)cases[c].trials;
        CHECK_NEAR(
            cxs_concave_tail(cases[c].eta, cases[c].t, cases[c].trials, cases[c].s),
            brute_force_tail(mean, cases[c].t, cases[c].trials, cases[c].s), 2e-4);
    }
    CHECK_DONE();
}

static void tails_fall_and_start_at_one(void **state)
{
    (void)state;
    for (int s = 2; s <= 4; s += 2) {
        double last = 1.0;
        for (size_t t = 1; t <= 50; t++) {
            const double tail = cxs_concave_tail(0.05, t, 50, s);
            CHECK(tail <= last && tail >= 0.0);
            CHECK(t >= 6 || tail == 1.0); /* k0 = ceil(2 * 2.5) + 1 = 6 */
            CHECK(t < 6 || tail < 1.0);
            last = tail;
        }
    }
    CHECK(cxs_concave_tail(0.5, 50, 50, 2) == 1.0); /* k0 beyond the trials */
    /* a below the usual range: the tail is proportional to a small mean, but for terms
     * of the order of a itself, mean^(1/s) */
    for (int s = 2; s <= 4; s += 2) {
        const double one = cxs_concave_tail(1e-22, 3, 10, s);
        CHECK(one > 1e-23 && one < 1e-21);
        CHECK_NEAR(cxs_concave_tail(2e-22, 3, 10, s) / one, 2.0, 1e-5);
    }
    CHECK_DONE();
}

/* q is the largest that keeps the bound, and never above 0.8 sqrt(p). */
static void largest_q(void **state)
{
    static const size_t ps[] = {10, 60, 100, 1000, 20000};

    (void)state;
    CHECK(cxs_pfer_hits(0.7, 50) == 70);
    CHECK(cxs_pfer_hits(0.701, 50) == 71);
    CHECK(0.55 * 100 > 55.0 && cxs_pfer_hits(0.55, 50) == 55); /* 0.55 is rounded */
    for (size_t i = 0; i < sizeof ps / sizeof *ps; i++)
        for (double errors = 0.01; errors < 2.0; errors *= 5.0) {
            const size_t q = cxs_pfer_choose_q(ps[i], 0.75, 50, errors);
            const double cap = 0.8 * sqrt((double)ps[i]);
            CHECK(q == 1 || (double)q <= cap);
            CHECK(q == 1 || cxs_pfer_concave(ps[i], q, 75, 50) <= errors);
            CHECK((double)(q + 1) > cap ||
                  cxs_pfer_concave(ps[i], q + 1, 75, 50) > errors);
        }
    CHECK(cxs_pfer_choose_q(1, 0.75, 50, 0.5) == 1);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_bounds),
        cmocka_unit_test(tail_against_its_definition),
        cmocka_unit_test(tails_fall_and_start_at_one),
        cmocka_unit_test(largest_q),
    };

    return cmocka_run_group_tests_name("bounds", tests, NULL, NULL);
}
