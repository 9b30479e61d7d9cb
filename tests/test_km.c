/*
 * test_km.c -- Kaplan-Meier curves
 *
 * Reference numbers: R 4.2.2, survival 3.5-3, survfit().
 */
#include "test.h"

#include "num/km.h"

#include <math.h>

enum { MAX = 32 };
static const double Z95 = 1.959963984540054;

typedef struct curve {
    cxs_km_row row[MAX];
    cxs_km_point point[MAX];
    size_t points;
} curve;

static curve fit(size_t n, const double *entry, const double *time,
                 const uint8_t *event, const double *weight, cxs_km_interval interval)
{
    curve c = {.points = 0};
    cxs_km_row work[MAX];

    for (size_t i = 0; i < n; i++)
        c.row[i] = (cxs_km_row){.time = time[i],
                                .entry = entry != NULL ? entry[i] : 0.0,
                                .weight = weight != NULL ? weight[i] : 1.0,
                                .event = event[i]};
    c.points = cxs_km(n, c.row, interval, Z95, c.point, work);
    return c;
}

/*
 * Five patients: events at 1 and 3, one censored at 3, event at 4, censored at 5.
 *   S = 4/5, 4/5 x 3/4 = 3/5, 3/5 x 1/2 = 3/10
 *   Var log S = 1/20, 1/20 + 1/12, 1/20 + 1/12 + 1/2
 */
static void by_hand(void **state)
{
    const double time[] = {5, 3, 1, 4, 3};
    const uint8_t event[] = {0, 0, 1, 1, 1};
    const curve c = fit(5, NULL, time, event, NULL, CXS_KM_LOG);

    (void)state;
    CHECK(c.points == 4);
    CHECK_NEAR(c.point[0].surv, 0.8, TOL_SUM);
    CHECK_NEAR(c.point[1].surv, 0.6, TOL_SUM);
    CHECK(c.point[1].n_risk == 4.0 && c.point[1].events == 1.0);
    CHECK(c.point[1].censored == 1.0);
    CHECK_NEAR(c.point[2].surv, 0.3, TOL_SUM);
    CHECK_NEAR(c.point[2].se_log, sqrt(1.0 / 20 + 1.0 / 12 + 1.0 / 2), TOL_SUM);
    CHECK_NEAR(c.point[0].lower, 0.8 * exp(-Z95 * sqrt(1.0 / 20)), TOL_SUM);
    CHECK(c.point[0].upper == 1.0);
    CHECK_NEAR(c.point[3].surv, 0.3, TOL_SUM);
    CHECK(cxs_km_median_time(c.points, c.point) == 4.0);
    CHECK(cxs_km_surv_at(c.points, c.point, 0.5) == 1.0);
    CHECK_NEAR(cxs_km_surv_at(c.points, c.point, 3.5), 0.6, TOL_SUM);
    CHECK(cxs_km_at_risk(5, c.row, 0.0) == 5);
    CHECK(cxs_km_at_risk(5, c.row, 3.0) == 4);
    CHECK(cxs_km_at_risk(5, c.row, 3.5) == 2);
    CHECK_DONE();
}

/* The 6-MP arm of Freireich et al. (1963). */
static void leukaemia(void **state)
{
    static const double time[] = {6,  6,  6,  7,  10, 13, 16, 22, 23, 6, 9,
                                  10, 11, 17, 19, 20, 25, 32, 32, 34, 35};
    static const uint8_t event[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0,
                                    0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const double want[][6] = {
        /* time, n_risk, log lower, log upper, log-log lower, log-log upper */
        {6, 21, 0.7198170839162704, 1.0, 0.6197179552659839, 0.9515517476469970},
        {7, 17, 0.6531242184621711, 0.9964436759086591, 0.5631465646222333,
         0.9228090192028804},
        {23, 6, 0.2487882268176596, 0.8073720455290770, 0.1880520059592324,
         0.6801426284952413},
    };
    static const double surv[] = {0.8571428571428571, 0.8067226890756302,
                                  0.4481792717086834};
    const curve log_ = fit(21, NULL, time, event, NULL, CXS_KM_LOG);
    const curve loglog = fit(21, NULL, time, event, NULL, CXS_KM_LOGLOG);
    uint8_t censored[21];
    curve reverse;
    size_t w = 0;

    (void)state;
    CHECK(log_.points == 16);
    for (size_t k = 0; k < log_.points && w < 3; k++) {
        if (log_.point[k].time != want[w][0])
            continue;
        CHECK(log_.point[k].n_risk == want[w][1]);
        CHECK_NEAR(log_.point[k].surv, surv[w], TOL_SUM);
        CHECK_NEAR(log_.point[k].lower, want[w][2], TOL_SUM);
        CHECK_NEAR(log_.point[k].upper, want[w][3], TOL_SUM);
        CHECK_NEAR(loglog.point[k].lower, want[w][4], TOL_SUM);
        CHECK_NEAR(loglog.point[k].upper, want[w][5], TOL_SUM);
        w++;
    }
    CHECK(w == 3);
    CHECK(cxs_km_median_time(log_.points, log_.point) == 23.0);
    for (size_t i = 0; i < 21; i++)
        censored[i] = !event[i];
    reverse = fit(21, NULL, time, censored, NULL, CXS_KM_LOG);
    CHECK(cxs_km_median_time(reverse.points, reverse.point) == 25.0);
    CHECK_DONE();
}

static const double late_entry[] = {0, 0, 2, 3, 1, 0, 4, 5, 0, 7, 2, 6};
static const double late_time[] = {5, 8, 8, 9, 4, 12, 10, 11, 3, 15, 14, 9};
static const uint8_t late_event[] = {1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1};

/* (start, stop] and weights, against R. */
static void late_entries(void **state)
{
    static const double weight[] = {1, 2, 1, 1, 0.5, 1, 1, 3, 1, 1, 2, 1};
    static const double risk[] = {7, 7, 7, 9, 7, 5, 4, 3, 2, 1};
    static const double surv[] = {1.0,
                                  0.8571428571428571,
                                  0.7346938775510203,
                                  0.6530612244897959,
                                  0.4664723032069971,
                                  0.3731778425655977,
                                  0.2798833819241983,
                                  0.2798833819241983,
                                  0.2798833819241983,
                                  0.0};
    static const double se[] = {0.0,
                                0.1543033499620919,
                                0.2182178902359924,
                                0.2480079363809483,
                                0.3444572450258430,
                                0.4106711502538176,
                                0.5019802057692384};
    const curve c = fit(12, late_entry, late_time, late_event, NULL, CXS_KM_LOGLOG);
    const curve w = fit(12, late_entry, late_time, late_event, weight, CXS_KM_LOG);

    (void)state;
    CHECK(c.points == 10 && w.points == 10);
    for (size_t k = 0; k < 10; k++) {
        CHECK(c.point[k].n_risk == risk[k]);
        CHECK_NEAR(c.point[k].surv, surv[k], TOL_SUM);
        CHECK(k >= 7 || fabs(c.point[k].se_log - se[k]) <= TOL_SUM);
    }
    CHECK_NEAR(c.point[4].lower, 0.15750536644618085, TOL_SUM);
    CHECK_NEAR(c.point[4].upper, 0.7300734323235754, TOL_SUM);
    CHECK(isinf(c.point[9].se_log) && isnan(c.point[9].lower));
    CHECK(cxs_km_at_risk(12, c.row, 5.0) == 7);
    CHECK_NEAR(w.point[3].n_risk, 13.0, TOL_SUM);
    CHECK_NEAR(w.point[6].surv, 0.2831573655103067, TOL_SUM);
    CHECK_NEAR(w.point[6].se_log, 0.43038104518132930, TOL_SUM);
    CHECK_NEAR(w.point[6].lower, 0.1218110966696266, TOL_SUM);
    CHECK_NEAR(w.point[6].upper, 0.6582166636279019, TOL_SUM);
    CHECK_DONE();
}

/* A flat part at exactly one half gives its middle, as in R; no half, no median. */
static void median_of_flat_parts(void **state)
{
    const double time[] = {1, 2, 3, 6};
    const uint8_t all[] = {1, 1, 1, 1}, early[] = {1, 1, 0, 0}, one[] = {1, 0, 0, 0};
    const curve a = fit(4, NULL, time, all, NULL, CXS_KM_LOG);
    const curve b = fit(4, NULL, time, early, NULL, CXS_KM_LOG);
    const curve c = fit(4, NULL, time, one, NULL, CXS_KM_LOG);
    double long_time[12];
    uint8_t half[12];
    curve d;

    (void)state;
    CHECK(cxs_km_median_time(a.points, a.point) == 2.5);
    CHECK(cxs_km_median_time(b.points, b.point) == 2.0);
    CHECK(isnan(cxs_km_median_time(c.points, c.point)));
    CHECK(cxs_km_surv_at(a.points, a.point, 6.0) == 0.0);
    /* 11/12 x 10/11 x .. x 6/7 is a little less than one half in doubles */
    for (size_t i = 0; i < 12; i++) {
        long_time[i] = i < 6 ? 1.0 + (double)i : 20.0 + (double)i;
        half[i] = i < 6;
    }
    d = fit(12, NULL, long_time, half, NULL, CXS_KM_LOG);
    CHECK(d.point[5].surv < 0.5);
    CHECK(cxs_km_median_time(d.points, d.point) == 6.0);
    CHECK_DONE();
}

/* Order of rows and unit of time do not matter; 0.3 and 0.1 + 0.2 are one time. */
static void invariances(void **state)
{
    static const double sum = 0.1 + 0.2;
    const double tied[] = {0.3, sum, 1.0};
    const uint8_t event[] = {1, 1, 0};
    const curve c = fit(12, late_entry, late_time, late_event, NULL, CXS_KM_LOG);
    const curve t = fit(3, NULL, tied, event, NULL, CXS_KM_LOG);
    double entry[12], time[12];
    uint8_t back[12];
    curve d;

    (void)state;
    for (size_t i = 0; i < 12; i++) {
        entry[i] = late_entry[11 - i] * 30.4375;
        time[i] = late_time[11 - i] * 30.4375;
        back[i] = late_event[11 - i];
    }
    d = fit(12, entry, time, back, NULL, CXS_KM_LOG);
    CHECK(d.points == c.points);
    for (size_t k = 0; k < c.points; k++)
        CHECK(d.point[k].surv == c.point[k].surv &&
              d.point[k].n_risk == c.point[k].n_risk);
    CHECK(t.points == 2 && t.point[0].events == 2.0);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),      cmocka_unit_test(leukaemia),
        cmocka_unit_test(late_entries), cmocka_unit_test(median_of_flat_parts),
        cmocka_unit_test(invariances),
    };

    return cmocka_run_group_tests_name("km", tests, NULL, NULL);
}
