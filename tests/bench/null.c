/*
 * null.c -- share of p-values <= 0.05 in cohorts without any effect
 *
 *   bench_null [COHORTS]
 *
 * Prints a table and ends with status 1 when Efron's tests or the permutation check
 * leave 3.6 to 6.4 %: two binomial standard errors of 1,000 tests.
 */
#include "../null_case.h"

#include <stdio.h>
#include <stdlib.h>

static int show(const char *what, const null_count *c, int judged)
{
    const double share = null_share(c);
    const int good = share >= 0.036 && share <= 0.064;

    printf("%-28s %7zu tests  %5.2f %%  (error %.2f %%)%s\n", what, c->tests,
           100.0 * share, 100.0 * null_error(c), judged && !good ? "  OUTSIDE" : "");
    return !judged || good;
}

int main(int argc, char **argv)
{
    static const char *const ties_name[] = {"Breslow", "Efron"};
    static const char *const test_name[] = {"Wald", "likelihood ratio", "score"};
    const long cohorts = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
    cxs_ctx *ctx = cxs_ctx_new();
    null_count checked = {0, 0};
    int good = ctx != NULL && cohorts > 0;

    for (int ties = 1; ties >= 0 && good; ties--) {
        null_count count[NULL_TESTS] = {{0, 0}};
        for (long r = 0; r < cohorts; r++)
            good &= null_scan(ctx, (uint64_t)r, (cxs_ties)ties, count) == CXS_OK;
        for (int test = 0; test < NULL_TESTS; test++) {
            char what[64];
            snprintf(what, sizeof what, "%s, %s", ties_name[ties], test_name[test]);
            good &= show(what, &count[test], ties == 1);
        }
    }
    for (long r = 0; r < cohorts && good; r++)
        good &= null_permutation(ctx, (uint64_t)r, &checked) == CXS_OK;
    if (checked.tests > 0)
        good &= show("permutation check, 50 features", &checked, 1);
    cxs_ctx_free(ctx);
    return good ? 0 : 1;
}
