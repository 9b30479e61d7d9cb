/*
 * null.c -- share of p-values <= 0.05 in cohorts without any effect
 *
 *   bench_null [COHORTS]
 *
 * Prints a table and ends with status 1 when one of Efron's tests or the permutation
 * check leaves 3.6 to 6.4 % at 100 subjects: two binomial standard errors of 1,000
 * tests.  The rows at 40 subjects and Breslow's are shown, not judged.
 */
#include "../null_case.h"

#include <stdio.h>
#include <stdlib.h>

static const null_kind kinds[] = {
    {"heavy ties, n = 100", 100, 8, CXS_TIES_EFRON},
    {"light ties, n = 100", 100, 300, CXS_TIES_EFRON},
    {"heavy ties, n = 40", 40, 8, CXS_TIES_EFRON},
    {"light ties, n = 40", 40, 300, CXS_TIES_EFRON},
    {"heavy ties, n = 100, Breslow", 100, 8, CXS_TIES_BRESLOW},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static int is_judged(const null_kind *kind)
{
    return kind->n == 100 && kind->ties == CXS_TIES_EFRON;
}

static int show(const null_kind *kind, const char *test, const null_count *c)
{
    const double share = null_share(c);
    const int good = share >= 0.036 && share <= 0.064;
    const double error = sqrt(0.05 * 0.95 / (double)c->tests);

    printf("%-30s %-18s %7zu tests  %5.2f %%  (error %.2f %%)%s\n", kind->name, test,
           c->tests, 100.0 * share, 100.0 * error,
           is_judged(kind) && !good ? "  OUTSIDE" : "");
    return !is_judged(kind) || good;
}

static int run(cxs_ctx *ctx, const null_kind *kind, uint64_t cohorts)
{
    static const char *const test_name[] = {"Wald", "likelihood ratio", "score"};
    null_count count[NULL_TESTS] = {{0, 0}}, checked = {0, 0};
    int good = 1;

    for (uint64_t r = 0; r < cohorts; r++)
        good &= null_scan(ctx, kind, r, count) == CXS_OK &&
                null_permutation(ctx, kind, r, &checked) == CXS_OK;
    for (int test = 0; test < NULL_TESTS; test++)
        good &= show(kind, test_name[test], &count[test]);
    return show(kind, "permutation check", &checked) && good;
}

int main(int argc, char **argv)
{
    const long cohorts = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
    cxs_ctx *ctx = cxs_ctx_new();
    int good = ctx != NULL && cohorts > 0;

    for (size_t i = 0; i < KINDS && ctx != NULL && cohorts > 0; i++)
        good &= run(ctx, &kinds[i], (uint64_t)cohorts);
    cxs_ctx_free(ctx);
    return good ? 0 : 1;
}
