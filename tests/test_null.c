/*
 * test_null.c -- tests hold their level where nothing is there; small, seed fixed
 *
 * `make check-null` does the same with more cohorts and prints the shares.
 */
#include "test.h"

#include "null_case.h"

enum { COHORTS = 250, CHECKED = 200 };

/* 3.3 standard errors: a test at its level fails once in a thousand seeds. */
static const double ERRORS = 3.3;

static void the_cohorts_are_as_described(void **state)
{
    size_t censored = 0, all = 0;

    (void)state;
    for (uint64_t r = 0; r < 40; r++) {
        cxs_surv *surv = null_surv(r);
        int seen[10] = {0};
        size_t distinct = 0;
        for (size_t i = 0; i < surv->n; i++) {
            distinct += !seen[(size_t)surv->time[i]]++;
            censored += !surv->event[i];
        }
        all += surv->n;
        CHECK(distinct <= 8);
        CHECK(surv->n_strata == 2 && surv->k == 1 && surv->n >= 60 && surv->n <= 100);
        cxs_surv_free(surv);
    }
    CHECK(censored > all / 4 && censored < all / 5 * 2);
    CHECK_DONE();
}

static void wald_ratio_and_score_hold_their_level(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int ties = 0; ties < 2; ties++) {
        null_count count[NULL_TESTS] = {{0, 0}};
        for (uint64_t r = 0; r < COHORTS; r++)
            CHECK(null_scan(ctx, r, (cxs_ties)ties, count) == CXS_OK);
        for (int test = 0; test < NULL_TESTS; test++) {
            CHECK(count[test].tests > COHORTS * NULL_FEATURES * 99 / 100);
            /* Breslow's tests are conservative under such ties */
            CHECK(null_share(&count[test]) < 0.05 + ERRORS * null_error(&count[test]));
            if (ties == CXS_TIES_EFRON)
                CHECK(null_share(&count[test]) >
                      0.05 - ERRORS * null_error(&count[test]));
        }
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void permutation_check_holds_its_level(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    null_count count = {0, 0};

    (void)state;
    for (uint64_t r = 0; r < CHECKED; r++)
        CHECK(null_permutation(ctx, r, &count) == CXS_OK);
    CHECK(count.tests == CHECKED);
    CHECK(fabs(null_share(&count) - 0.05) < ERRORS * null_error(&count));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cohorts_are_as_described),
        cmocka_unit_test(wald_ratio_and_score_hold_their_level),
        cmocka_unit_test(permutation_check_holds_its_level),
    };
    return cmocka_run_group_tests_name("null", tests, NULL, NULL);
}
