/*
 * test_special.c -- tails of the normal and chi-squared distributions
 *
 * Truth: R 4.2 pnorm/pchisq/qnorm with log.p = TRUE, 17 digits (z = 1e-9: the series
 * z sqrt(2/pi), which R loses to cancellation); exact values where there are any.
 */
#include "test.h"

#include "num/special.h"

#include <float.h>

static void normal_tails(void **state)
{
    static const struct {
        double z, p, log10_p;
    } cases[] = {
        {0.0, 1.0, 0.0},
        {1e-9, 0.99999999920211546, 3.4651686209072426e-10},
        {0.3, 0.76417715562209465, 0.11680594929031836},
        {1.0, 0.31731050786291409, 0.49851554582798935},
        {8.0, 1.244192114854357e-15, 14.905112555353172},
        {30.0, 9.8134278542963744e-198, 197.00817926599694},
        {37.0, 1.1451142445049154e-299, 298.94115118294593},
        {40.0, 0.0, 349.13597646368186},
        {1000.0, 0.0, 217150.3390119987},
        {1e8, 0.0, 2171472409516266.8},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double p = cxs_normal_p(cases[i].z), l = cxs_normal_log10_p(cases[i].z);
        if (cases[i].p > 0.0)
            CHECK(fabs(p / cases[i].p - 1.0) < 1e-12);
        CHECK(p == cxs_normal_p(-cases[i].z));
        CHECK(fabs(l - cases[i].log10_p) <= 1e-13 * cases[i].log10_p);
        CHECK(l == cxs_normal_log10_p(-cases[i].z));
    }
    CHECK(isnan(cxs_normal_log10_p((double)NAN)));
    CHECK(isinf(cxs_normal_log10_p((double)INFINITY)));
    CHECK_DONE();
}

static void chisq_tails(void **state)
{
    static const struct {
        double df, x, p, log10_p;
    } cases[] = {
        {1, 0.1, 0.75182963404584935, 0.12388056017455268},
        {1, 300, 3.294362383314041e-67, 66.482228629690468},
        {1, 1e5, 0.0, 21717.322159443946},
        {2, 3, 0.22313016014842982, 0.65144172285487767},
        {2, 2000, 0.0, 434.29448190325178},
        {3, 0.1, 0.99183742373187644, 0.0035595090579992137},
        {3, 2000, 0.0, 432.74180985931963},
        {7.5, 30, 0.00014301587882904849, 3.8446157408217232},
        {7.5, 1e5, 0.0, 21702.447619565683},
        {20, 3, 0.99999590249902359, 1.7795257094481216e-06},
        {20, 300, 8.082849629775909e-52, 51.092435500573714},
        {20, 2000, 0.0, 412.85032256248269},
        {200, 300, 5.9245403354839159e-06, 5.2273453394118583},
        {200, 1400, 5.6842082838797678e-179, 178.2453300167962},
        {200, 1e5, 0.0, 21405.495207649801},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double p = cxs_chisq_p(cases[i].x, cases[i].df);
        const double l = cxs_chisq_log10_p(cases[i].x, cases[i].df);
        if (cases[i].p > 0.0)
            CHECK(fabs(p / cases[i].p - 1.0) < 1e-11);
        CHECK(fabs(l - cases[i].log10_p) <= 1e-12 * fmax(1.0, cases[i].log10_p));
        CHECK(fabs(l / cases[i].log10_p - 1.0) < 1e-9);
    }
    /* two degrees of freedom: the tail is exp(-x/2) */
    for (double x = 0.5; x < 3000.0; x *= 3.0)
        CHECK_NEAR(cxs_chisq_log10_p(x, 2.0), 0.5 * x / log(10.0), TOL_SUM);
    CHECK(cxs_chisq_p(0.0, 3.0) == 1.0 && cxs_chisq_log10_p(0.0, 3.0) == 0.0);
    CHECK(cxs_chisq_p(-1.0, 1.0) == 1.0);
    CHECK(isnan(cxs_chisq_p(1.0, 0.0)) && isnan(cxs_chisq_log10_p((double)NAN, 2.0)));
    CHECK_DONE();
}

/* The tail is one function: no step where the method of computation changes. */
static void tails_are_continuous(void **state)
{
    static const double df[] = {1.0, 2.0, 3.0, 10.0};
    (void)state;
    for (double z = 36.0; z < 38.0; z += 1.0 / 64) {
        const double h = 1.0 / 1024;
        const double slope =
            (cxs_normal_log10_p(z + h) - cxs_normal_log10_p(z - h)) / (2.0 * h);
        CHECK_NEAR(slope * log(10.0) / (z + 1.0 / z), 1.0, 1e-4);
    }
    for (size_t k = 0; k < sizeof df / sizeof *df; k++)
        for (double x = 1300.0; x < 1500.0; x += 5.0) {
            const double step =
                cxs_chisq_log10_p(x + 1.0, df[k]) - cxs_chisq_log10_p(x, df[k]);
            const double want =
                (0.5 - (0.5 * df[k] - 1.0) * log1p(1.0 / x)) / log(10.0);
            CHECK_NEAR(step, want, 1e-4);
        }
    CHECK_DONE();
}

static void quantiles_invert(void **state)
{
    (void)state;
    CHECK_NEAR(cxs_normal_quantile(0.975), 1.9599639845400536, 1e-14);
    CHECK_NEAR(cxs_normal_quantile(0.025), -1.9599639845400538, 1e-14);
    CHECK_NEAR(cxs_normal_quantile(1e-300), -37.047096299361201, 1e-12);
    CHECK(cxs_normal_quantile(0.5) == 0.0);
    for (double p = 0.001; p < 1.0; p += 0.013)
        CHECK_NEAR(cxs_normal_cdf(cxs_normal_quantile(p)), p, 1e-13);
    CHECK(isnan(cxs_normal_quantile(0.0)) && isnan(cxs_normal_quantile(1.0)));
    CHECK(isnan(cxs_normal_quantile((double)NAN)));
    CHECK_NEAR(cxs_normal_pdf(0.0), 0.39894228040143268, 1e-15);
    CHECK_NEAR(cxs_normal_pdf(-2.0), 0.053990966513188063, 1e-14);
    CHECK_NEAR((cxs_normal_cdf(1.0 + 1e-4) - cxs_normal_cdf(1.0 - 1e-4)) / 2e-4,
               cxs_normal_pdf(1.0), 1e-8);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_tails),
        cmocka_unit_test(chisq_tails),
        cmocka_unit_test(tails_are_continuous),
        cmocka_unit_test(quantiles_invert),
    };
    return cmocka_run_group_tests_name("special", tests, NULL, NULL);
}
