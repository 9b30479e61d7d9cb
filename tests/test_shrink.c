/*
 * test_shrink.c -- two-group shrinkage and posterior expected ranks
 */
#include "test.h"

#include "base/stream.h"
#include "rank/shrink.h"

#include <stdlib.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

enum { N = 300, SMALL = 7 };

/* Estimates of effects: the first tenth is real, N(0, 0.6^2). */
static void simulate(double *b, double *s)
{
    const cxs_stream stream = {11, CXS_DRAW_TEST, 0};

    for (size_t j = 0; j < N; j++) {
        const double theta = j < N / 10 ? 0.6 * cxs_draw_normal(&stream, 3 * j) : 0.0;
        s[j] = 0.1 + 0.1 * cxs_draw_uniform(&stream, 3 * j + 1);
        b[j] = theta + s[j] * cxs_draw_normal(&stream, 3 * j + 2);
    }
}

static double density(double x, double variance)
{
    return exp(-0.5 * x * x / variance) / sqrt(2.0 * PI * variance);
}

/* Observed-data log likelihood of the two-group model. */
static double loglik(double pi0, double tau2, const double *b, const double *s)
{
    double sum = 0.0;

    for (size_t j = 0; j < N; j++)
        sum += log(pi0 * density(b[j], s[j] * s[j]) +
                   (1.0 - pi0) * density(b[j], s[j] * s[j] + tau2));
    return sum;
}

/* EM written from densities, without logarithms and without the conjugate shortcuts.
 * Returns the steps it took. */
static size_t literal_em(const double *b, const double *s, double *pi0, double *tau2)
{
    size_t steps = 0;
    double excess = 0.0;

    for (size_t j = 0; j < N; j++)
        excess += b[j] * b[j] - s[j] * s[j];
    *pi0 = 0.8;
    *tau2 = fmax(0.01, excess / N);
    for (double moved = 1.0; moved > 1e-10; steps++) {
        const double pi0_was = *pi0, tau2_was = *tau2;
        double weights = 0.0, squares = 0.0;
        for (size_t j = 0; j < N; j++) {
            const double v = s[j] * s[j];
            const double f0 = *pi0 * density(b[j], v);
            const double f1 = (1.0 - *pi0) * density(b[j], v + *tau2);
            const double w = f1 / (f0 + f1);
            const double precision = 1.0 / v + 1.0 / *tau2;
            const double m = b[j] / v / precision;
            weights += w;
            squares += w * (m * m + 1.0 / precision);
        }
        *pi0 = fmin(0.99, fmax(0.5, 1.0 - weights / N));
        *tau2 = squares / weights;
        moved = fmax(fabs(*pi0 - pi0_was), fabs(*tau2 - tau2_was) / tau2_was);
    }
    return steps;
}

static void em_against_a_literal_one(void **state)
{
    double b[N], s[N], pi0, tau2;
    cxs_prior prior;

    (void)state;
    simulate(b, s);
    prior = cxs_prior_fit(N, b, s);
    CHECK(prior.iterations == literal_em(b, s, &pi0, &tau2));
    CHECK(prior.iterations > 5);
    CHECK_NEAR(prior.pi0, pi0, 1e-10);
    CHECK_NEAR(prior.tau2, tau2, 1e-10);
    CHECK(prior.pi0 > 0.8 && prior.pi0 < 0.97);
    CHECK(prior.tau2 > 0.15 && prior.tau2 < 0.8);
    /* a maximum of the likelihood: no step in any direction goes up */
    for (int d = 0; d < 4; d++) {
        const double dp = d == 0 ? 1e-3 : d == 1 ? -1e-3 : 0.0;
        const double dt = d == 2 ? 1e-2 : d == 3 ? -1e-2 : 0.0;
        CHECK(loglik(prior.pi0 + dp, prior.tau2 + dt, b, s) <
              loglik(prior.pi0, prior.tau2, b, s));
    }
    CHECK_DONE();
}

/* Posterior quantities by quadrature over theta. */
static void posterior_by_quadrature(void **state)
{
    const cxs_prior prior = {.pi0 = 0.7, .tau2 = 0.25};
    const double b = 0.31, s = 0.2, step = 1e-4;
    const cxs_posterior post = cxs_posterior_of(&prior, b, s);
    const cxs_posterior mirror = cxs_posterior_of(&prior, -b, s);
    const double zero = 0.7 * density(b, s * s);
    double mass = 0.0, first = 0.0, below = 0.0;

    (void)state;
    for (double theta = -4.0 + step / 2; theta < 4.0; theta += step) {
        const double f = 0.3 * density(theta, 0.25) * density(b - theta, s * s) * step;
        mass += f;
        first += theta * f;
        below += theta < 0.0 ? f : 0.0;
    }
    CHECK_NEAR(post.weight, mass / (mass + zero), 1e-8);
    CHECK_NEAR(cxs_posterior_mean(&post), first / (mass + zero), 1e-8);
    CHECK_NEAR(cxs_posterior_lfsr(&post), (below + zero) / (mass + zero), 1e-8);
    CHECK(mirror.weight == post.weight && mirror.mean == -post.mean);
    CHECK(cxs_posterior_lfsr(&mirror) == cxs_posterior_lfsr(&post));
    CHECK_DONE();
}

static void edges_of_the_prior(void **state)
{
    double b[N], s[N];
    cxs_prior prior;

    (void)state;
    simulate(b, s);
    prior = cxs_prior_fit(CXS_PRIOR_MIN - 1, b, s); /* too few: fixed */
    CHECK(prior.pi0 == 0.8 && fabs(prior.tau2 - 0.1225) < TOL_SUM);
    CHECK(prior.iterations == 0);
    CHECK(cxs_prior_fit(CXS_PRIOR_MIN, b, s).iterations > 0);
    for (size_t j = 0; j < N; j++)
        b[j] = 2.0 + (double)j / N; /* everything real */
    CHECK(cxs_prior_fit(N, b, s).pi0 == 0.5);
    for (size_t j = 0; j < N; j++)
        b[j] = 0.0; /* nothing at all */
    prior = cxs_prior_fit(N, b, s);
    CHECK(isfinite(prior.tau2) && prior.pi0 >= 0.5 && prior.pi0 <= 0.99);
    CHECK_DONE();
}

/*
 * The definition of the expected rank, literally: every pair in every draw, from the
 * same draws that the specification of the stream names.
 */
static void literal_rank(const cxs_posterior *post, const size_t *index, size_t draws,
                         uint64_t seed, double *rank)
{
    for (size_t j = 0; j < SMALL; j++)
        rank[j] = 1.0;
    for (size_t d = 0; d < draws; d++) {
        const cxs_stream stream = {seed, CXS_DRAW_POSTERIOR, d};
        double size[SMALL];
        for (size_t j = 0; j < SMALL; j++)
            size[j] =
                cxs_draw_uniform(&stream, 2 * index[j]) < post[j].weight
                    ? fabs(post[j].mean +
                           post[j].sd * cxs_draw_normal(&stream, 2 * index[j] + 1))
                    : 0.0;
        for (size_t j = 0; j < SMALL; j++)
            for (size_t k = 0; k < SMALL; k++)
                if (k != j)
                    rank[j] += ((size[k] > size[j]) + 0.5 * (size[k] == size[j])) /
                               (double)draws;
    }
}

static void expected_rank_against_its_definition(void **state)
{
    const cxs_posterior post[SMALL] = {
        {0.9, 0.8, 0.1},  {0.2, 0.3, 0.2},  {0.5, -0.7, 0.3}, {0.0, 0.1, 0.1},
        {1.0, 0.2, 0.0},  {1.0, -0.2, 0.0}, /* equal without being zero */
        {0.01, 0.0, 1.0},
    };
    const size_t index[SMALL] = {3, 4, 9, 11, 12, 20, 21};
    double rank[SMALL], want[SMALL], again[SMALL], sum = 0.0;
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    CHECK(cxs_expected_rank(ctx, SMALL, post, index, 1000, 7, rank) == CXS_OK);
    literal_rank(post, index, 1000, 7, want);
    for (size_t j = 0; j < SMALL; j++) {
        CHECK_NEAR(rank[j], want[j], 1e-11);
        sum += rank[j];
    }
    CHECK_NEAR(sum, SMALL * (SMALL + 1) / 2.0, TOL_SUM);
    cxs_ctx_set_threads(ctx, 5);
    CHECK(cxs_expected_rank(ctx, SMALL, post, index, 1000, 7, again) == CXS_OK);
    CHECK(memcmp(rank, again, sizeof rank) == 0);
    CHECK(cxs_expected_rank(ctx, SMALL, post, index, 0, 7, again) == CXS_EARG);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Two effects: P(|theta_2| > |theta_1|) in closed form when one is fixed. */
static void expected_rank_in_closed_form(void **state)
{
    const cxs_posterior post[2] = {{1.0, 0.5, 0.0}, {0.6, 0.4, 0.25}};
    const size_t index[2] = {0, 1};
    /* 0.6 P(|N(0.4, 0.25^2)| > 0.5) */
    const double larger =
        0.6 * (0.5 * erfc(0.4 / sqrt(2.0)) + 0.5 * erfc(3.6 / sqrt(2.0)));
    double rank[2];
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    CHECK(cxs_expected_rank(ctx, 2, post, index, 200000, 1, rank) == CXS_OK);
    CHECK(fabs(rank[0] - (1.0 + larger)) < 5.0 * sqrt(larger * (1 - larger) / 200000));
    CHECK_NEAR(rank[0] + rank[1], 3.0, TOL_SUM);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    const cxs_posterior post[2] = {{1.0, 0.5, 0.1}, {0.6, 0.4, 0.25}};
    const size_t index[2] = {0, 1};
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    double rank[2];
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 50; k++) {
        cxs_alloc_fail_at(k);
        rc = cxs_expected_rank(ctx, 2, post, index, 40, 1, rank);
        cxs_alloc_fail_at(0);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 2);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(em_against_a_literal_one),
        cmocka_unit_test(posterior_by_quadrature),
        cmocka_unit_test(edges_of_the_prior),
        cmocka_unit_test(expected_rank_against_its_definition),
        cmocka_unit_test(expected_rank_in_closed_form),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("shrink", tests, NULL, NULL);
}
