/*
 * test_permuted_p.c -- permutation p of the score against all permutations of a tiny
 * set
 */
#include "base/base.h"
#include "num/blas.h"
#include "rank/evidence.h"
#include "store/data.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { N = 7, DRAWS = 20000 };

static const double times[N] = {5, 3, 8, 3, 9, 1, 4};
static const uint8_t events[N] = {1, 1, 0, 1, 1, 1, 0};

static char letter[N][2] = {"a", "b", "c", "d", "e", "f", "g"};
static char one[] = "one", two[] = "two";

static void name_rows(char **ids)
{
    for (size_t i = 0; i < N; i++)
        ids[i] = letter[i];
}

/* Martingale residuals at beta = 0 of stratum rows, literal: events - sum d_k / n_k. */
static void residuals(const uint32_t *stratum, double *r)
{
    for (size_t i = 0; i < N; i++) {
        r[i] = events[i];
        for (size_t e = 0; e < N; e++) {
            double at_risk = 0.0;
            if (!events[e] || stratum[e] != stratum[i] || times[e] > times[i])
                continue;
            for (size_t j = 0; j < N; j++)
                at_risk += stratum[j] == stratum[e] && times[j] >= times[e];
            r[i] -= 1.0 / at_risk;
        }
    }
}

static void swap(size_t *a, size_t *b)
{
    const size_t t = *a;
    *a = *b;
    *b = t;
}

/* Visit all permutations that stay within strata; count |x'r_perm| >= |x'r|. */
static void visit(size_t at, size_t *from, const uint32_t *stratum, const double *x,
                  const double *r, double observed, double *larger, double *total)
{
    if (at == N) {
        double u = 0.0;
        for (size_t i = 0; i < N; i++) {
            if (stratum[i] != stratum[from[i]])
                return;
            u += x[i] * r[from[i]];
        }
        *larger += fabs(u) >= fabs(observed) * (1.0 - 1e-9);
        *total += 1.0;
        return;
    }
    for (size_t i = at; i < N; i++) {
        swap(&from[at], &from[i]);
        visit(at + 1, from, stratum, x, r, observed, larger, total);
        swap(&from[at], &from[i]);
    }
}

static double exact_p(const uint32_t *stratum, const double *x)
{
    double r[N], observed = 0.0, larger = 0.0, total = 0.0;
    size_t from[N];

    residuals(stratum, r);
    for (size_t i = 0; i < N; i++) {
        observed += x[i] * r[i];
        from[i] = i;
    }
    visit(0, from, stratum, x, r, observed, &larger, &total);
    return larger / total;
}

/* Within four standard errors of the exact value, whatever the threads. */
static void agrees_with_all_permutations(void **unused)
{
    const double x[2 * N] = {
        1.2, 0.1,  -0.7, 0.9, -1.5, 2.0,  0.3, /* early events high */
        0.2, -0.4, 0.1,  0.3, 0.2,  -0.3, 0.1};
    char *ids[N];
    uint32_t stratum[2][N] = {{0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 1, 1, 1}};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)unused;
    name_rows(ids);
    assert_int_equal(cxs_blas_init(ctx), CXS_OK);
    for (size_t s = 0; s < 2; s++) {
        double time[N], p[2], again[2];
        uint8_t event[N];
        char *names[2] = {one, two};
        struct cxs_surv surv = {.n = N,
                                .n_subjects = N,
                                .n_strata = s + 1,
                                .id = ids,
                                .time = time,
                                .event = event,
                                .stratum = stratum[s],
                                .stratum_name = names};
        cxs_joined joined = {.surv = &surv,
                             .design = {.n = N, .p = 2, .x = x},
                             .problem = {.outcome = {.n = N,
                                                     .time = time,
                                                     .event = event,
                                                     .stratum = stratum[s]}}};
        memcpy(time, times, sizeof time);
        memcpy(event, events, sizeof event);
        CHECK(!cxs_permuted_p(ctx, &joined, 5, DRAWS, p));
        cxs_ctx_set_threads(ctx, 3);
        CHECK(!cxs_permuted_p(ctx, &joined, 5, DRAWS, again));
        CHECK(memcmp(p, again, sizeof p) == 0);
        for (size_t j = 0; j < 2; j++) {
            const double want = exact_p(stratum[s], x + j * N);
            CHECK(fabs(p[j] - want) <=
                  4.0 * sqrt(want * (1.0 - want) / DRAWS) + 1.0 / DRAWS);
        }
        CHECK(p[0] < p[1]);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A missing value adds nothing: x with a hole is x with the stratum's mean in it. */
static void missing_is_the_stratum_mean(void **unused)
{
    double x[2 * N] = {1.2, NAN, -0.7, 0.9, -1.5, 2.0, 0.3};
    char *ids[N];
    uint32_t stratum[N] = {0, 0, 0, 0, 1, 1, 1};
    char *names[2] = {one, two};
    double time[N], p[2];
    uint8_t event[N];
    cxs_ctx *ctx = cxs_ctx_new();

    (void)unused;
    name_rows(ids);
    memcpy(x + N, x, N * sizeof *x);
    x[N + 1] = (1.2 - 0.7 + 0.9) / 3.0;
    memcpy(time, times, sizeof time);
    memcpy(event, events, sizeof event);
    {
        struct cxs_surv surv = {.n = N,
                                .n_subjects = N,
                                .n_strata = 2,
                                .id = ids,
                                .time = time,
                                .event = event,
                                .stratum = stratum,
                                .stratum_name = names};
        cxs_joined joined = {
            .surv = &surv,
            .design = {.n = N, .p = 2, .x = x},
            .problem = {
                .outcome = {.n = N, .time = time, .event = event, .stratum = stratum}}};
        CHECK(!cxs_permuted_p(ctx, &joined, 5, 2000, p));
        CHECK(p[0] == p[1] && p[0] > 0.0);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_all_permutations),
        cmocka_unit_test(missing_is_the_stratum_mean),
    };
    return cmocka_run_group_tests_name("permuted_p", tests, NULL, NULL);
}
