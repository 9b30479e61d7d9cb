/*
 * test_tmm.c -- order statistics and count kernels: by hand, read literally,
 * invariances
 */
#include "num/order.h"
#include "num/tmm.h"

#include "base/stream.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { P = 400 };

/* Draws of a negative-binomial look: whole numbers with many ties and zeros. */
static double count_draw(uint64_t gene, uint64_t sample)
{
    const cxs_stream s = {7, CXS_DRAW_TEST, sample};
    const double mean = exp(2.5 * cxs_draw_normal(&s, 2 * gene));

    return floor(mean * exp(0.5 * cxs_draw_normal(&s, 2 * gene + 1)));
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- order statistics ------------------------------------------------------------ */

static void selection_agrees_with_sorting(void **state)
{
    double x[P], sorted[P], work[P];

    (void)state;
    for (size_t n = 1; n <= P; n = n * 3 / 2 + 1) {
        for (size_t i = 0; i < n; i++)
            x[i] = count_draw(i, n % 4);
        memcpy(sorted, x, sizeof x);
        qsort(sorted, n, sizeof *sorted, ascending);
        for (size_t k = 0; k < n; k += 1 + n / 17) {
            memcpy(work, x, sizeof x);
            CHECK_NEAR(cxs_select(n, work, k), sorted[k], TOL_EXACT);
            for (size_t i = 0; i < n; i++)
                CHECK(i < k ? work[i] <= work[k] : work[i] >= work[k]);
        }
    }
    CHECK_DONE();
}

/* Type 7 of 1 2 3 4 at 0.75: h = 3 * 0.75 = 2.25, so 3 + 0.25 (4 - 3). */
static void quantiles_by_hand(void **state)
{
    double x[] = {3, 1, 4, 2}, one[] = {5}, ties[] = {2, 2, 2, 9};
    const double falling[] = {7, 2, 0, -1};

    (void)state;
    CHECK_NEAR(cxs_quantile7(4, x, 0.75), 3.25, TOL_EXACT);
    CHECK_NEAR(cxs_median(4, x), 2.5, TOL_EXACT);
    CHECK_NEAR(cxs_quantile7(4, x, 0.0), 1.0, TOL_EXACT);
    CHECK_NEAR(cxs_quantile7(4, x, 1.0), 4.0, TOL_EXACT);
    CHECK_NEAR(cxs_quantile7(1, one, 0.3), 5.0, TOL_EXACT);
    CHECK_NEAR(cxs_quantile7(4, ties, 0.5), 2.0, TOL_EXACT);
    CHECK_NEAR(cxs_median_sorted(1, one), 5.0, TOL_EXACT);
    CHECK_NEAR(cxs_median_sorted(3, falling), 2.0, TOL_EXACT);
    CHECK_NEAR(cxs_median_sorted(4, falling), 1.0, TOL_EXACT); /* (2 + 0) / 2 */
    CHECK(cxs_ascending(&falling[1], &falling[0]) < 0);        /* 2 before 7 */
    CHECK(cxs_descending(&falling[1], &falling[0]) > 0);
    CHECK(cxs_ascending(&one[0], &one[0]) == 0 && cxs_descending(one, one) == 0);
    CHECK_DONE();
}

static void ranks_by_hand(void **state)
{
    const double x[] = {10, 20, 20, 5}, same[] = {3, 3, 3};
    const double want[] = {2, 3.5, 3.5, 1};
    double rank[4], score[4];
    size_t work[8];

    (void)state;
    cxs_average_ranks(4, x, rank, work);
    for (size_t i = 0; i < 4; i++)
        CHECK_NEAR(rank[i], want[i], TOL_EXACT);
    cxs_rank_normal(4, x, score, work);
    CHECK_NEAR(score[3], -1.1503493803760079, TOL_SUM);  /* qnorm(0.5/4) */
    CHECK_NEAR(score[0], -0.31863936396437515, TOL_SUM); /* qnorm(1.5/4) */
    CHECK_NEAR(score[1], 0.67448975019608171, TOL_SUM);  /* qnorm(3/4) */
    CHECK_NEAR(score[2], score[1], TOL_EXACT);
    cxs_rank_normal(3, same, score, work);
    for (size_t i = 0; i < 3; i++)
        CHECK_NEAR(score[i], 0.0, TOL_EXACT);
    CHECK_DONE();
}

/* Rank i = 1 + number below + half the number of other equal ones. */
static void naive_ranks(size_t n, const double *x, double *rank)
{
    for (size_t i = 0; i < n; i++) {
        rank[i] = 1.0;
        for (size_t j = 0; j < n; j++)
            rank[i] += x[j] < x[i] ? 1.0 : j != i && x[j] == x[i] ? 0.5 : 0.0;
    }
}

static void ranks_read_literally(void **state)
{
    double x[P], rank[P], want[P];
    size_t work[2 * P];

    (void)state;
    for (size_t n = 1; n <= P; n += 57) {
        for (size_t i = 0; i < n; i++)
            x[i] = count_draw(i, 9);
        cxs_average_ranks(n, x, rank, work);
        naive_ranks(n, x, want);
        for (size_t i = 0; i < n; i++)
            CHECK_NEAR(rank[i], want[i], TOL_EXACT);
    }
    CHECK_DONE();
}

/* ---- filter ---------------------------------------------------------------------- */

/* Twelve samples: 10 + 0.7 * 2 = 11.4 of them must reach 10 counts per median library.
 */
static void filter_by_hand(void **state)
{
    double count[12], library[12];
    double needed;

    (void)state;
    CHECK_NEAR(cxs_filter_samples(4), 4.0, TOL_EXACT);
    CHECK_NEAR(cxs_filter_samples(10), 10.0, TOL_EXACT);
    needed = cxs_filter_samples(12);
    CHECK_NEAR(needed, 11.4, TOL_SUM);
    for (size_t j = 0; j < 12; j++) {
        count[j] = 10.0;
        library[j] = 1e6;
    }
    CHECK(cxs_filter_by_expr(12, count, library, 1e6, needed));
    count[0] = 9.0; /* eleven are too few */
    CHECK(!cxs_filter_by_expr(12, count, library, 1e6, needed));
    library[0] = 0.9e6; /* 9 of 0.9 million are 10 per million again */
    CHECK(cxs_filter_by_expr(12, count, library, 1e6, needed));
    count[5] = (double)NAN; /* a missing count reaches nothing */
    CHECK(!cxs_filter_by_expr(12, count, library, 1e6, needed));
    count[0] = 14.0;
    library[0] = 1e6;
    CHECK(!cxs_filter_by_expr(1, count, library, 1e6, 1.0)); /* total below 15 */
    count[0] = 15.0;
    CHECK(cxs_filter_by_expr(1, count, library, 1e6, 1.0));
    CHECK_DONE();
}

/* ---- TMM ------------------------------------------------------------------------- */

/* Ten genes of 100 each; in the other sample one of them is at 1100.  Nine genes have
 * M = log2((100/2000)/(100/1000)) = -1 and average rank 5, within [4, 7]; the tenth has
 * rank 10 and is trimmed: f = 2^-1. */
static void tmm_by_hand(void **state)
{
    double ref[10], obs[10], work[40], f[] = {0.5, 1.0, 4.0};

    (void)state;
    for (size_t g = 0; g < 10; g++)
        ref[g] = obs[g] = 100.0;
    CHECK_NEAR(cxs_tmm_factor(10, obs, ref, 1000, 1000, work), 1.0, TOL_EXACT);
    obs[3] = 1100.0;
    CHECK_NEAR(cxs_tmm_factor(10, obs, ref, 2000, 1000, work), 0.5, TOL_SUM);
    for (size_t g = 0; g < 10; g++)
        obs[g] = 0.0; /* no gene in common */
    CHECK_NEAR(cxs_tmm_factor(10, obs, ref, 1000, 1000, work), 1.0, TOL_EXACT);
    cxs_geometric_centre(3, f); /* geometric mean 2^(1/3) */
    CHECK_NEAR(f[0] * f[1] * f[2], 1.0, TOL_SUM);
    CHECK_NEAR(f[2] / f[0], 8.0, TOL_SUM);
    CHECK_DONE();
}

static void reference_by_hand(void **state)
{
    const double quartile[] = {1, 5, 3, 2}, zero[] = {0, 0, 0, 4};
    const double roots[] = {7, 9, 9, 1};
    const double count[] = {4, 0, 8, 2};
    double work[4];

    (void)state;
    CHECK(cxs_tmm_reference(4, quartile, roots, work) == 2); /* mean 2.75 */
    CHECK(cxs_tmm_reference(4, zero, roots, work) == 1);     /* richest, first of two */
    CHECK_NEAR(cxs_tmm_upper_quartile(4, count, 2.0, work), 2.5, TOL_EXACT);
    CHECK_DONE();
}

/* Equations (2)-(4) of tmm.c with average ranks counted one by one. */
static double naive_tmm(size_t p, const double *a, const double *b, double na,
                        double nb)
{
    static double m[P], e[P], v[P], rm[P], re[P];
    double top = 0.0, sum = 0.0, lo_m, lo_e;
    size_t n = 0;

    for (size_t g = 0; g < p; g++)
        if (a[g] > 0 && b[g] > 0) {
            m[n] = log2((a[g] / na) / (b[g] / nb));
            e[n] = 0.5 * (log2(a[g] / na) + log2(b[g] / nb));
            v[n++] = (na - a[g]) / (na * a[g]) + (nb - b[g]) / (nb * b[g]);
        }
    naive_ranks(n, m, rm);
    naive_ranks(n, e, re);
    lo_m = floor(0.3 * (double)n) + 1;
    lo_e = floor(0.05 * (double)n) + 1;
    for (size_t i = 0; i < n; i++)
        if (rm[i] >= lo_m && rm[i] <= (double)n + 1 - lo_m && re[i] >= lo_e &&
            re[i] <= (double)n + 1 - lo_e) {
            top += m[i] / v[i];
            sum += 1 / v[i];
        }
    return sum > 0 ? exp2(top / sum) : 1.0;
}

static double draw_sample(size_t p, uint64_t sample, double *count)
{
    double library = 0.0;

    for (size_t g = 0; g < p; g++) {
        count[g] = count_draw(g, sample);
        library += count[g];
    }
    return library;
}

static void tmm_read_literally(void **state)
{
    static double a[P], b[P], work[4 * P];

    (void)state;
    for (uint64_t trial = 0; trial < 40; trial++) {
        const size_t p = 10 + (size_t)trial * 9;
        const double na = draw_sample(p, 20 + trial, a), nb = draw_sample(p, 90, b);
        CHECK_NEAR(cxs_tmm_factor(p, a, b, na, nb, work), naive_tmm(p, a, b, na, nb),
                   TOL_SUM);
    }
    CHECK_DONE();
}

/* Order of the genes; and counts of both samples times three (every v then is a third).
 */
static void tmm_invariances(void **state)
{
    static double a[P], b[P], work[4 * P], reversed_a[P], reversed_b[P];
    const double na = draw_sample(P, 31, a), nb = draw_sample(P, 32, b);
    const double f = cxs_tmm_factor(P, a, b, na, nb, work);

    (void)state;
    CHECK(fabs(f - 1.0) > 1e-3);
    for (size_t g = 0; g < P; g++) {
        reversed_a[g] = a[P - 1 - g];
        reversed_b[g] = b[P - 1 - g];
    }
    CHECK_NEAR(cxs_tmm_factor(P, reversed_a, reversed_b, na, nb, work), f, TOL_SUM);
    for (size_t g = 0; g < P; g++) {
        a[g] *= 3.0;
        b[g] *= 3.0;
    }
    CHECK_NEAR(cxs_tmm_factor(P, a, b, 3.0 * na, 3.0 * nb, work), f, TOL_SUM);
    CHECK_DONE();
}

/* ---- log values ------------------------------------------------------------------ */

static void log_values_by_hand(void **state)
{
    const double effective[] = {1e6, 3e6, 2e6}, rate_sum[] = {5.0, 10.0};
    double x[] = {2.0, 0.0, (double)NAN}, t[] = {100.0, 0.0};
    const double count[] = {2, 8}, zero[] = {2, 0};
    double ratio[2];

    (void)state;
    cxs_log_cpm(3, effective, 2e6, x); /* priors 2 E/Ebar: 1, 3, 2 */
    CHECK_NEAR(x[0], log2(3.0 / (1e6 + 2.0) * 1e6), TOL_SUM);
    CHECK_NEAR(x[1], log2(3.0 / (3e6 + 6.0) * 1e6), TOL_SUM);
    CHECK(isnan(x[2]));
    cxs_log_tpm(2, 50.0, rate_sum, t); /* 100/50/5 of a million */
    CHECK_NEAR(t[0], log2(400001.0), TOL_SUM);
    CHECK_NEAR(t[1], 0.0, TOL_EXACT);
    CHECK(cxs_mor_log_ratio(2, count, ratio)); /* 2 and 8 around their mean 4 */
    CHECK_NEAR(ratio[0], -log(2.0), TOL_SUM);
    CHECK_NEAR(ratio[1], log(2.0), TOL_SUM);
    CHECK(!cxs_mor_log_ratio(2, zero, ratio));
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selection_agrees_with_sorting),
        cmocka_unit_test(quantiles_by_hand),
        cmocka_unit_test(ranks_by_hand),
        cmocka_unit_test(ranks_read_literally),
        cmocka_unit_test(filter_by_hand),
        cmocka_unit_test(tmm_by_hand),
        cmocka_unit_test(reference_by_hand),
        cmocka_unit_test(tmm_read_literally),
        cmocka_unit_test(tmm_invariances),
        cmocka_unit_test(log_values_by_hand),
    };

    return cmocka_run_group_tests_name("tmm", tests, NULL, NULL);
}
