/*
 * test_null.c -- tests hold their level where nothing is there; small, seed fixed
 *
 * `make check-null` does the same with more cohorts and prints the shares.
 */
#include "test.h"

#include "null_case.h"

enum { COHORTS = 150, CHECKED = 150 };

/* A test at its level fails once in a thousand seeds on either side. */
static const double RARE = 1e-3;

static const null_kind kinds[] = {
    {"heavy ties", 100, 8, CXS_TIES_EFRON},
    {"light ties", 100, 300, CXS_TIES_EFRON},
    {"heavy ties, Breslow", 100, 8, CXS_TIES_BRESLOW},
};

/* 1 of 3: 1 - 0.95^3, 3 of 3: 0.05^3, by hand. */
static void tails_are_exact(void **state)
{
    const null_count none = {3, 0}, one = {3, 1}, all = {3, 3};

    (void)state;
    CHECK_NEAR(null_upper(&none), 1.0, TOL_SUM);
    CHECK_NEAR(null_upper(&one), 0.142625, TOL_SUM);
    CHECK_NEAR(null_upper(&all), 0.000125, TOL_SUM);
    CHECK_NEAR(null_lower(&none), 0.857375, TOL_SUM);
    CHECK_NEAR(null_lower(&all), 1.0, TOL_SUM);
    CHECK_DONE();
}

static void the_cohorts_are_as_described(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        size_t censored = 0, all = 0, distinct = 0;
        for (uint64_t r = 0; r < 20; r++) {
            cxs_surv *surv = null_surv(&kinds[k], r);
            int seen[301] = {0};
            for (size_t i = 0; i < surv->n; i++) {
                distinct += !seen[(size_t)surv->time[i]]++;
                censored += !surv->event[i];
            }
            all += surv->n;
            CHECK(surv->n_strata == 2 && surv->k == 1 && surv->n == 100);
            cxs_surv_free(surv);
        }
        CHECK(k == 0 ? distinct <= 20 * 8 : distinct > all / 2);
        CHECK(censored > all / 4 && censored < all / 5 * 2);
    }
    CHECK_DONE();
}

static void wald_ratio_and_score_hold_their_level(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        null_count count[NULL_TESTS] = {{0, 0}};
        for (uint64_t r = 0; r < COHORTS; r++)
            CHECK(null_scan(ctx, &kinds[k], r, count) == CXS_OK);
        for (int test = 0; test < NULL_TESTS; test++) {
            CHECK(count[test].tests > COHORTS * NULL_FEATURES * 99 / 100);
            CHECK(null_upper(&count[test]) > RARE);
            /* Breslow's tests are conservative under heavy ties */
            CHECK(kinds[k].ties == CXS_TIES_BRESLOW || null_lower(&count[test]) > RARE);
        }
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void permutation_check_holds_its_level(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        null_count count = {0, 0};
        for (uint64_t r = 0; r < CHECKED; r++)
            CHECK(null_permutation(ctx, &kinds[k], r, &count) == CXS_OK);
        CHECK(count.tests == CHECKED);
        CHECK(null_upper(&count) > RARE && null_lower(&count) > RARE);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tails_are_exact),
        cmocka_unit_test(the_cohorts_are_as_described),
        cmocka_unit_test(wald_ratio_and_score_hold_their_level),
        cmocka_unit_test(permutation_check_holds_its_level),
    };
    return cmocka_run_group_tests_name("null", tests, NULL, NULL);
}
