/*
 * test_genesets.c -- ranks and gene-set scores: by hand and read literally
 */
#include "test.h"

#include "genesets_case.h"

#include "base/stream.h"

enum { N = 500 };

/* ---- ranks ----------------------------------------------------------------------- */

/* 5 2 2 -1 2 0: ascending -1 0 2 2 2 5; the three 2 have ranks 3 4 5, mean 4. */
static void ranks_by_hand(void **state)
{
    const double x[] = {5, 2, 2, -1, 2, 0};
    const uint32_t low[] = {6, 3, 3, 1, 3, 2}, middle[] = {6, 4, 4, 1, 4, 2},
                   place[] = {1, 2, 3, 6, 4, 5};
    ranked a = rank_values(6, x);

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        CHECK(a.r.low[i] == low[i]);
        CHECK(a.r.middle[i] == middle[i]);
        CHECK(a.r.place[i] == place[i]);
    }
    forget(&a);
    CHECK_DONE();
}

/* Two equal values have the mean rank 1.5, of which the floor counts; -0 is 0. */
static void the_floor_of_a_mean_rank_counts(void **state)
{
    const double x[] = {-0.0, 0.0, 1e-300, -HUGE_VAL, HUGE_VAL};
    ranked a = rank_values(5, x);

    (void)state;
    CHECK(a.r.middle[0] == 2 && a.r.middle[1] == 2); /* floor(2.5) */
    CHECK(a.r.low[0] == 2 && a.r.low[1] == 2);
    CHECK(a.r.place[0] == 3 && a.r.place[1] == 4);
    CHECK(a.r.low[2] == 4 && a.r.low[3] == 1 && a.r.low[4] == 5);
    forget(&a);
    CHECK_DONE();
}

/* Draws with ties, of both signs and many sizes. */
static double draw(uint64_t replicate, uint64_t i)
{
    const cxs_stream s = {11, CXS_DRAW_TEST, replicate};
    const double z = cxs_draw_normal(&s, i);

    return replicate % 3 == 0   ? floor(4.0 * z)
           : replicate % 3 == 1 ? exp(20.0 * z) * (i % 2 ? 1.0 : -1.0)
                                : z;
}

/* Each rank counted from its definition, n^2. */
static void ranks_read_literally(void **state)
{
    (void)state;
    for (uint64_t replicate = 0; replicate < 6; replicate++) {
        const size_t n = N - 37 * replicate;
        double x[N];
        ranked a;
        for (size_t i = 0; i < n; i++)
            x[i] = draw(replicate, i);
        a = rank_values(n, x);
        for (size_t i = 0; i < n; i++) {
            size_t below = 0, equal = 0, above = 0, equal_before = 0;
            for (size_t j = 0; j < n; j++) {
                below += x[j] < x[i];
                above += x[j] > x[i];
                equal += x[j] <= x[i] && x[j] >= x[i];
                equal_before += x[j] <= x[i] && x[j] >= x[i] && j < i;
            }
            CHECK(a.r.low[i] == below + 1);
            CHECK(a.r.middle[i] == (2 * below + equal + 1) / 2);
            CHECK(a.r.place[i] == above + equal_before + 1);
        }
        forget(&a);
    }
    CHECK_DONE();
}

/* ---- scores ---------------------------------------------------------------------- */

/* Ten genes with values 1..10.  The top three: mean rank 9, bounds 2 and 9, so 1 - 0.5.
 * Genes of rank 1, 5, 9: mean 5, (5 - 2)/7 - 0.5. */
static void singscore_by_hand(void **state)
{
    const double x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    const uint32_t top[] = {7, 8, 9}, bottom[] = {0, 1, 2}, spread[] = {0, 4, 8},
                   one[] = {9};
    ranked a = rank_values(10, x);

    (void)state;
    CHECK_NEAR(cxs_singscore(10, a.r.low, 3, top, 0), 0.5, TOL_SUM);
    CHECK_NEAR(cxs_singscore(10, a.r.low, 3, bottom, 0), -0.5, TOL_SUM);
    CHECK_NEAR(cxs_singscore(10, a.r.low, 3, spread, 0), 3.0 / 7.0 - 0.5, TOL_SUM);
    CHECK_NEAR(cxs_singscore(10, a.r.low, 3, bottom, 1), 0.5, TOL_SUM);
    /* down, ranks 10 6 2: mean 6, (6 - 2)/7 - 0.5 */
    CHECK_NEAR(cxs_singscore(10, a.r.low, 3, spread, 1), 4.0 / 7.0 - 0.5, TOL_SUM);
    CHECK_NEAR(cxs_singscore(10, a.r.low, 1, one, 0), 0.5, TOL_SUM);
    forget(&a);
    CHECK_DONE();
}

/* Ties take the smallest rank: 7 7 7 1 with the set of two 7s has mean rank 2, bounds
 * 1.5 and 3.5. */
static void singscore_of_ties(void **state)
{
    const double x[] = {7, 7, 7, 1};
    const uint32_t set[] = {0, 2};
    ranked a = rank_values(4, x);

    (void)state;
    CHECK_NEAR(cxs_singscore(4, a.r.low, 2, set, 0), 0.5 / 2.0 - 0.5, TOL_SUM);
    /* down: 4 + 1 - 2 = 3, (3 - 1.5)/2 - 0.5 */
    CHECK_NEAR(cxs_singscore(4, a.r.low, 2, set, 1), 1.5 / 2.0 - 0.5, TOL_SUM);
    forget(&a);
    CHECK_DONE();
}

/* Four genes 40 30 20 10, set {first, third}, exponent 1: ranks 4 and 2.
 * P_in: 4/6 4/6 1 1; P_out: 0 1/2 1/2 1; ES = 4/6 + 1/6 + 1/2 + 0 = 4/3. */
static void ssgsea_by_hand(void **state)
{
    const double x[] = {40, 30, 20, 10};
    const uint32_t set[] = {0, 2};
    double power[4];
    ranked a = rank_values(4, x);

    (void)state;
    cxs_ssgsea_powers(4, 1.0, power);
    CHECK_NEAR(cxs_ssgsea(4, &a.r, power, 2, set), 4.0 / 3.0, TOL_SUM);
    cxs_ssgsea_powers(4, 0.0, power); /* all alike: 1/2 1/2 1 1 */
    CHECK_NEAR(cxs_ssgsea(4, &a.r, power, 2, set), 1.0, TOL_SUM);
    forget(&a);
    CHECK_DONE();
}

/* Equation (2) of genesets.c walked gene by gene. */
static double walk(size_t n, const double *x, const ranked *a, double exponent,
                   const uint8_t *in)
{
    double total = 0.0, es = 0.0, in_sum = 0.0, out = 0.0, members = 0.0;

    (void)x;
    for (size_t g = 0; g < n; g++) {
        total += in[g] ? pow(a->r.middle[g], exponent) : 0.0;
        members += in[g];
    }
    for (size_t i = 1; i <= n; i++)
        for (size_t g = 0; g < n; g++) {
            if (a->r.place[g] != i)
                continue;
            in_sum += in[g] ? pow(a->r.middle[g], exponent) : 0.0;
            out += in[g] ? 0.0 : 1.0;
            es += in_sum / total - out / ((double)n - members);
        }
    return es;
}

static void ssgsea_read_literally(void **state)
{
    static const double exponents[] = {0.25, 1.0, 0.0};

    (void)state;
    for (uint64_t replicate = 0; replicate < 9; replicate++) {
        const size_t n = 60 + 11 * replicate;
        const double exponent = exponents[replicate / 3];
        double x[N], power[N];
        uint8_t in[N] = {0};
        uint32_t set[N];
        size_t k = 0;
        ranked a;
        for (size_t i = 0; i < n; i++) {
            x[i] = draw(replicate, i);
            in[i] = draw(replicate + 100, i) > 0.0;
            if (in[i])
                set[k++] = (uint32_t)i;
        }
        a = rank_values(n, x);
        cxs_ssgsea_powers(n, exponent, power);
        CHECK_NEAR(cxs_ssgsea(n, &a.r, power, k, set), walk(n, x, &a, exponent, in),
                   1e-11);
        forget(&a);
    }
    CHECK_DONE();
}

static void moments_by_hand(void **state)
{
    const double y[] = {1, 2, 4, 8}, same[] = {0.1, 0.1 * (1.0 + 4e-16), 0.1};
    double mean, sd;

    (void)state;
    cxs_moments(4, y, &mean, &sd);
    CHECK_NEAR(mean, 3.75, TOL_SUM);
    CHECK_NEAR(sd, sqrt(28.75 / 3.0), TOL_SUM); /* 7.5625 3.0625 .0625 18.0625 */
    cxs_moments(3, same, &mean, &sd);
    CHECK_NEAR(mean, 0.1, TOL_SUM);
    CHECK_NEAR(sd, 0.0, TOL_EXACT);
    cxs_moments(1, y, &mean, &sd);
    CHECK_NEAR(sd, 0.0, TOL_EXACT);
    CHECK_DONE();
}

/* Points (0,1) (1,3) (2,2): slope 1/2, mean 2; residuals -1/2 1 -1/2. */
static void residuals_by_hand(void **state)
{
    const double t[] = {0, 1, 2}, flat[] = {4, 4, 4};
    double y[] = {1, 3, 2};
    cxs_line line = cxs_line_fit(3, flat, y);

    (void)state;
    cxs_line_residuals(3, flat, &line, y); /* no line, nothing taken away */
    CHECK_NEAR(y[1], 3.0, TOL_EXACT);
    line = cxs_line_fit(3, t, y);
    CHECK_NEAR(line.mean_t, 1.0, TOL_EXACT);
    CHECK_NEAR(line.mean_y, 2.0, TOL_EXACT);
    CHECK_NEAR(line.slope, 0.5, TOL_EXACT);
    cxs_line_residuals(3, t, &line, y);
    CHECK_NEAR(y[0], -0.5, TOL_SUM);
    CHECK_NEAR(y[1], 1.0, TOL_SUM);
    CHECK_NEAR(y[2], -0.5, TOL_SUM);
    CHECK_DONE();
}

/* Only the order of the values counts: any increasing function leaves all as it is. */
static void scores_depend_on_ranks_alone(void **state)
{
    double x[N], y[N], power[N];
    uint32_t set[20];
    ranked a, b;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        x[i] = draw(3, i);
        y[i] = exp(x[i] / 7.0) - 3.0;
    }
    for (size_t i = 0; i < 20; i++)
        set[i] = (uint32_t)(i * 17);
    a = rank_values(N, x);
    b = rank_values(N, y);
    cxs_ssgsea_powers(N, 0.25, power);
    CHECK(memcmp(a.r.place, b.r.place, N * sizeof *a.r.place) == 0);
    CHECK_NEAR(cxs_ssgsea(N, &a.r, power, 20, set), cxs_ssgsea(N, &b.r, power, 20, set),
               TOL_EXACT);
    forget(&a);
    forget(&b);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_by_hand),
        cmocka_unit_test(the_floor_of_a_mean_rank_counts),
        cmocka_unit_test(ranks_read_literally),
        cmocka_unit_test(singscore_by_hand),
        cmocka_unit_test(singscore_of_ties),
        cmocka_unit_test(ssgsea_by_hand),
        cmocka_unit_test(ssgsea_read_literally),
        cmocka_unit_test(moments_by_hand),
        cmocka_unit_test(residuals_by_hand),
        cmocka_unit_test(scores_depend_on_ranks_alone),
    };
    return cmocka_run_group_tests_name("genesets", tests, NULL, NULL);
}
