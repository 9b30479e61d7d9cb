/*
 * test_stream.c -- counter-based draws: known answers, moments, independence of order
 */
#include "test.h"

#include "base/stream.h"

#include <string.h>

/* philox4x32-10 in kat_vectors of Random123 1.14 (Salmon et al. 2011). */
static void known_answers(void **state)
{
    static const struct {
        cxs_stream stream;
        uint64_t index;
        uint32_t want[4];
    } cases[] = {
        {{0, 0, 0}, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{UINT64_MAX, UINT32_MAX, UINT64_MAX},
         UINT32_MAX,
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x299f31d0a4093822U, 0x243f6a88, 0x13198a2e85a308d3U},
         0x03707344,
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t word[4];
        cxs_draw_words(&cases[i].stream, cases[i].index, word);
        CHECK(memcmp(word, cases[i].want, sizeof word) == 0);
    }
    CHECK_DONE();
}

/* Worked from the first vector: bits = e169c58d6627e8d5. */
static void draws_from_the_zero_counter(void **state)
{
    const cxs_stream zero = {0, 0, 0};
    const double u = (double)(0xe169c58d6627e8d5U >> 12) * 0x1p-52 + 0x1p-53;
    const double v = (double)(0x9b00dbd8bc57ac4cU >> 12) * 0x1p-52 + 0x1p-53;

    (void)state;
    CHECK(cxs_draw_uniform(&zero, 0) == u);
    CHECK_NEAR(cxs_draw_normal(&zero, 0),
               sqrt(-2.0 * log(u)) * cos(2.0 * acos(-1.0) * v), TOL_SUM);
    CHECK(cxs_draw_below(&zero, 0, 256) == 0xe1);
    CHECK(cxs_draw_below(&zero, 0, 1) == 0);
    CHECK(cxs_draw_below(&zero, 0, (size_t)1 << 32) == 0xe169c58d);
    CHECK_DONE();
}

/* Each part of the address changes the draw, an index above 2^32 too. */
static void addresses_do_not_meet(void **state)
{
    const cxs_stream s[] = {{1, 2, 3},
                            {2, 2, 3},
                            {1, 3, 3},
                            {1, 2, 4},
                            {1, 2, 3 + ((uint64_t)1 << 32)},
                            {1 + ((uint64_t)1 << 32), 2, 3}};
    double seen[12];
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < sizeof s / sizeof *s; i++) {
        seen[n++] = cxs_draw_uniform(&s[i], 5);
        seen[n++] = cxs_draw_uniform(&s[i], 5 + ((uint64_t)1 << 32));
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            CHECK(seen[i] != seen[j]);
    CHECK(cxs_draw_uniform(&s[0], 5) == seen[0]);
    CHECK_DONE();
}

/* Within four standard errors: mean 1/2 and variance 1/12; mean 0, variance 1, third
 * moment 0, fourth 3 (their variances are 1/12n, 1/180n, 1/n, 2/n, 15/n, 96/n). */
static void moments(void **state)
{
    enum { N = 400000 };
    const cxs_stream s = {42, CXS_DRAW_TEST, 0};
    double u1 = 0, u2 = 0, z1 = 0, z2 = 0, z3 = 0, z4 = 0, lo = 1, hi = 0;

    (void)state;
    for (uint64_t i = 0; i < N; i++) {
        const double u = cxs_draw_uniform(&s, i) - 0.5, z = cxs_draw_normal(&s, i);
        u1 += u / N;
        u2 += u * u / N;
        z1 += z / N;
        z2 += z * z / N;
        z3 += z * z * z / N;
        z4 += z * z * z * z / N;
        lo = fmin(lo, u + 0.5);
        hi = fmax(hi, u + 0.5);
    }
    CHECK(fabs(u1) < 4 * sqrt(1.0 / 12 / N));
    CHECK(fabs(u2 - 1.0 / 12) < 4 * sqrt(1.0 / 180 / N));
    CHECK(fabs(z1) < 4 * sqrt(1.0 / N));
    CHECK(fabs(z2 - 1) < 4 * sqrt(2.0 / N));
    CHECK(fabs(z3) < 4 * sqrt(15.0 / N));
    CHECK(fabs(z4 - 3) < 4 * sqrt(96.0 / N));
    CHECK(lo > 0 && lo < 1e-4 && hi < 1 && hi > 1 - 1e-4);
    CHECK_DONE();
}

/* Every permutation of four equally often: chi-square with 23 degrees of freedom below
 * its 0.9999 quantile. */
static void shuffles_are_uniform(void **state)
{
    enum { N = 48000 };
    size_t count[256] = {0}, kinds = 0;
    double chi2 = 0;

    (void)state;
    for (uint64_t r = 0; r < N; r++) {
        const cxs_stream s = {7, CXS_DRAW_PERMUTATION, r};
        size_t order[] = {0, 1, 2, 3};
        cxs_draw_shuffle(&s, 100, 4, order);
        count[order[0] | order[1] << 2 | order[2] << 4 | order[3] << 6]++;
    }
    for (size_t i = 0; i < 256; i++)
        if (count[i] > 0) {
            const double d = (double)count[i] - N / 24.0;
            chi2 += d * d / (N / 24.0);
            kinds++;
        }
    CHECK(kinds == 24);
    CHECK(chi2 < 56.0);
    CHECK_DONE();
}

static void shuffle_keeps_what_it_is_given(void **state)
{
    const cxs_stream s = {1, CXS_DRAW_FOLDS, 9};
    size_t a[] = {10, 20, 30, 40, 50}, b[] = {10, 20, 30, 40, 50}, sum = 0;

    (void)state;
    cxs_draw_shuffle(&s, 0, 5, a);
    cxs_draw_shuffle(&s, 0, 5, b);
    CHECK(memcmp(a, b, sizeof a) == 0);
    for (int i = 0; i < 5; i++)
        sum += a[i];
    CHECK(sum == 150);
    cxs_draw_shuffle(&s, 0, 0, a);
    cxs_draw_shuffle(&s, 0, 1, a);
    CHECK(memcmp(a, b, sizeof a) == 0);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(draws_from_the_zero_counter),
        cmocka_unit_test(addresses_do_not_meet),
        cmocka_unit_test(moments),
        cmocka_unit_test(shuffles_are_uniform),
        cmocka_unit_test(shuffle_keeps_what_it_is_given),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
