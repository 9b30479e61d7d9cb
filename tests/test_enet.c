/*
 * test_enet.c -- quadratic elastic-net problem and the one-row Cholesky updates
 */
#include "num/blas.h"
#include "num/enet.h"
#include "num/factor.h"
#include "test.h"

#include "base/stream.h"

#include <stdlib.h>
#include <string.h>

enum { M = 5, BIG = 40 };

/* A problem by its linear term: 1/2 b'Gb - c'b + penalty. */
typedef struct quad_case {
    size_t m, ld;
    const double *gram, *c, *l1, *l2;
} quad_case;

static double draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return ((double)*state + 0.5) / 4294967296.0 - 0.5;
}

/* G = A'A / rows of a random A: positive definite when rows >= m. */
static void random_gram(size_t m, size_t rows, uint32_t *seed, double *gram)
{
    double *a = malloc(rows * m * sizeof *a);

    for (size_t i = 0; i < rows * m; i++)
        a[i] = draw(seed);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++) {
            double sum = 0.0;
            for (size_t r = 0; r < rows; r++)
                sum += a[i * rows + r] * a[j * rows + r];
            gram[j * m + i] = sum / (double)rows;
        }
    free(a);
}

static double objective(const quad_case *q, const double *b)
{
    double total = 0.0;

    for (size_t i = 0; i < q->m; i++) {
        double gb = 0.0;
        for (size_t j = 0; j < q->m; j++)
            gb += q->gram[j * q->ld + i] * b[j];
        total += b[i] * (0.5 * gb - q->c[i]) + q->l1[i] * fabs(b[i]) +
                 0.5 * q->l2[i] * b[i] * b[i];
    }
    return total;
}

/* Violation recomputed from the definition, nothing of the solver's. */
static double violation(const quad_case *q, const double *b)
{
    double worst = 0.0;

    for (size_t i = 0; i < q->m; i++) {
        double g = q->c[i] - q->l2[i] * b[i];
        for (size_t j = 0; j < q->m; j++)
            g -= q->gram[j * q->ld + i] * b[j];
        worst = fmax(worst, b[i] != 0.0 ? fabs(g - copysign(q->l1[i], b[i]))
                                        : fmax(fabs(g) - q->l1[i], 0.0));
    }
    return worst;
}

static double solve_with(const quad_case *q, double tol, double *b,
                         cxs_quad_effort *effort, cxs_quad_memory *memory)
{
    const cxs_quad quad = {
        .m = q->m, .ld = q->ld, .gram = q->gram, .l1 = q->l1, .l2 = q->l2};
    double g[BIG];

    for (size_t i = 0; i < q->m; i++) {
        g[i] = q->c[i];
        for (size_t j = 0; j < q->m; j++)
            g[i] -= q->gram[j * q->ld + i] * b[j];
    }
    return cxs_quad_solve(&quad, g, tol, b, effort, memory);
}

static double solve(const quad_case *q, double tol, double *b, cxs_quad_effort *effort)
{
    cxs_quad_memory memory = {
        .work = malloc((cxs_quad_work_size(q->ld) + 1) * sizeof(double)),
        .index = malloc((2 * q->ld + 1) * sizeof(uint32_t))};
    const double left = solve_with(q, tol, b, effort, &memory);

    free(memory.work);
    free(memory.index);
    return left;
}

/*
 * Two coordinates, G = [2 1; 1 2], c = (3, 0), l1 = 1, no ridge: b1 = (3 - 1)/2 = 1
 * leaves g2 = 0 - 1 = -1, exactly on the bound: b = (1, 0).  With c2 = -1: g2 = -2 <
 * -1, so 2 b1 + b2 = 2, b1 + 2 b2 = -1 + 1 = 0  =>  b = (4/3, -2/3).
 */
static void by_hand(void **unused)
{
    const double gram[] = {2, 1, 1, 2}, l1[] = {1, 1}, l2[] = {0, 0};
    double c[] = {3, 0}, b[] = {0, 0};
    quad_case q = {.m = 2, .ld = 2, .gram = gram, .c = c, .l1 = l1, .l2 = l2};
    cxs_quad_effort effort = {0};

    (void)unused;
    solve(&q, 1e-14, b, &effort);
    CHECK_NEAR(b[0], 1.0, TOL_SUM);
    CHECK_NEAR(b[1], 0.0, TOL_SUM);
    c[1] = -1.0;
    solve(&q, 1e-14, b, &effort);
    CHECK_NEAR(b[0], 4.0 / 3.0, TOL_SUM);
    CHECK_NEAR(b[1], -2.0 / 3.0, TOL_SUM);
    c[0] = c[1] =
        0.5; /* everything inside the bounds: back to zero from a warm start */
    solve(&q, 1e-14, b, &effort);
    CHECK(b[0] == 0.0 && b[1] == 0.0);
    CHECK(effort.sweeps == 0); /* the walk alone was exact */
    CHECK_DONE();
}

/* All 3^5 sign patterns: the best feasible stationary point is the optimum. */
static double enumerate(const quad_case *q)
{
    double best = 0.0; /* b = 0 */

    for (int code = 0; code < 243; code++) {
        double a[M * M], x[M], b[M] = {0};
        size_t on[M], s = 0;
        int sign[M], c = code, agrees = 1;
        for (size_t j = 0; j < M; j++, c /= 3) {
            sign[j] = c % 3 - 1;
            if (sign[j] != 0)
                on[s++] = j;
        }
        for (size_t i = 0; i < s; i++) {
            for (size_t r = 0; r < s; r++)
                a[i * s + r] = q->gram[on[i] * M + on[r]] + (r == i) * q->l2[on[i]];
            x[i] = q->c[on[i]] - q->l1[on[i]] * sign[on[i]];
        }
        if (!cxs_cholesky(s, a, s))
            continue;
        cxs_cholesky_solve(s, a, s, x);
        for (size_t i = 0; i < s; i++) {
            agrees &= x[i] * sign[on[i]] > 0.0;
            b[on[i]] = x[i];
        }
        if (agrees)
            best = fmin(best, objective(q, b));
    }
    return best;
}

static void agrees_with_enumeration(void **unused)
{
    (void)unused;
    for (uint32_t seed = 1; seed <= 300; seed++) {
        uint32_t s = seed;
        double gram[M * M], c[M], l1[M], l2[M], b[M];
        const quad_case q = {.m = M, .ld = M, .gram = gram, .c = c, .l1 = l1, .l2 = l2};
        cxs_quad_effort effort = {0};
        random_gram(M, 7, &s, gram);
        for (size_t j = 0; j < M; j++) {
            c[j] = 0.3 * draw(&s);
            l1[j] = 0.1 * fabs(draw(&s));
            l2[j] = seed % 2 ? 0.1 * fabs(draw(&s)) : 0.0;
            b[j] = seed % 3 ? 5.0 * draw(&s) : 0.0; /* any start */
        }
        solve(&q, 1e-13, b, &effort);
        CHECK(violation(&q, b) <= 1e-12);
        CHECK(effort.sweeps == 0); /* the walk alone, no coordinate descent */
        CHECK_NEAR(objective(&q, b), enumerate(&q), TOL_SUM);
    }
    CHECK_DONE();
}

/* Copies of a column, more columns than rank, free coordinates, zero columns. */
static void degenerate_problems_end(void **unused)
{
    (void)unused;
    for (uint32_t seed = 1; seed <= 60; seed++) {
        uint32_t s = seed;
        double gram[BIG * BIG], c[BIG], l1[BIG], l2[BIG] = {0}, b[BIG] = {0}, x[BIG];
        const quad_case q = {
            .m = BIG, .ld = BIG, .gram = gram, .c = c, .l1 = l1, .l2 = l2};
        cxs_quad_effort effort = {0};
        random_gram(BIG, 12, &s, gram); /* rank 12 */
        for (size_t j = 0; j < BIG;
             j++) { /* column 1 copies column 0, column 2 is zero */
            gram[BIG + j] = gram[j];
            gram[2 * BIG + j] = 0.0;
        }
        for (size_t j = 0; j < BIG; j++) {
            gram[j * BIG + 1] = gram[j * BIG];
            gram[j * BIG + 2] = 0.0;
            x[j] = draw(&s);
            l1[j] = j == 5 ? 0.0 : 0.01;
        }
        for (size_t i = 0; i < BIG; i++) { /* c in the range of G: bounded below */
            c[i] = 0.0;
            for (size_t j = 0; j < BIG; j++)
                c[i] += gram[j * BIG + i] * x[j];
        }
        solve(&q, 1e-9, b, &effort);
        CHECK(violation(&q, b) <= 1.1e-9);
        CHECK(b[2] == 0.0);
    }
    CHECK_DONE();
}

/* The remembered factor: a chain of problems on one Gram that gains columns gives what
 * fresh solves give. */
static void remembered_factor(void **unused)
{
    uint32_t seed = 11;
    double gram[BIG * BIG], c[BIG], l1[BIG], l2[BIG] = {0}, b[BIG] = {0}, fresh[BIG];
    cxs_quad_memory memory = {.work = malloc(cxs_quad_work_size(BIG) * sizeof(double)),
                              .index = malloc(2 * BIG * sizeof(uint32_t))};
    cxs_quad_effort effort = {0};

    (void)unused;
    random_gram(BIG, 2 * BIG, &seed, gram);
    for (size_t step = 0; step < 60; step++) {
        const quad_case q = {
            .m = 10 + step / 2, .ld = BIG, .gram = gram, .c = c, .l1 = l1, .l2 = l2};
        for (size_t j = 0; j < BIG; j++) {
            c[j] = 0.2 * draw(&seed);
            l1[j] = j == 3 ? 0.0 : 0.03;
            fresh[j] = 0.0;
        }
        if (step % 7 == 6)
            b[step % 10] = 0.0; /* a halved step may leave another support */
        solve_with(&q, 1e-13, b, &effort, &memory);
        solve(&q, 1e-13, fresh, &effort);
        for (size_t j = 0; j < q.m; j++)
            CHECK_NEAR(b[j], fresh[j], 1e-10);
    }
    CHECK(effort.sweeps == 0);
    free(memory.work);
    free(memory.index);
    CHECK_DONE();
}

/* Append and delete rows in a random order against a fresh factor. */
static void factor_updates(void **unused)
{
    uint32_t seed = 3;
    double gram[BIG * BIG], l[BIG * BIG], fresh[BIG * BIG], column[BIG];
    size_t on[BIG], s = 0;

    (void)unused;
    random_gram(BIG, 2 * BIG, &seed, gram);
    for (int step = 0; step < 400; step++) {
        const size_t pick = (size_t)((draw(&seed) + 0.5) * BIG);
        size_t at = 0;
        while (at < s && on[at] != pick)
            at++;
        if (at == s && s < BIG) {
            for (size_t i = 0; i < s; i++)
                column[i] = gram[pick * BIG + on[i]];
            CHECK(cxs_factor_append(s, l, BIG, column, gram[pick * BIG + pick]));
            on[s++] = pick;
        } else if (at < s) {
            cxs_factor_delete(s, l, BIG, at, NULL, 0);
            memmove(on + at, on + at + 1, (s - at - 1) * sizeof *on);
            s--;
        }
        for (size_t i = 0; i < s; i++)
            for (size_t r = i; r < s; r++)
                fresh[i * BIG + r] = gram[on[i] * BIG + on[r]];
        CHECK(cxs_cholesky(s, fresh, BIG));
        for (size_t i = 0; i < s; i++)
            for (size_t r = i; r < s; r++)
                CHECK_NEAR(fabs(l[i * BIG + r]), fabs(fresh[i * BIG + r]), 1e-9);
    }
    CHECK(s > 5);
    for (size_t i = 0; i < s; i++) /* a copy of a row of the set depends on it */
        column[i] = gram[on[0] * BIG + on[i]];
    CHECK(!cxs_factor_append(s, l, BIG, column, gram[on[0] * BIG + on[0]]));
    CHECK_DONE();
}

/*
 * Corrections: the same answer as with the matrix that has them in it, whatever was
 * remembered; one that makes the matrix indefinite is left out.
 */
static void corrections_count(void **unused)
{
    enum { SIDE = 24, RANK = CXS_QUAD_RANK };
    double gram[SIDE * SIDE], whole[SIDE * SIDE], w[SIDE * RANK], sign[RANK], c[SIDE],
        g[SIDE], l1[SIDE], l2[SIDE];
    cxs_quad_memory memory = {.work = calloc(cxs_quad_work_size(SIDE), sizeof(double)),
                              .index = calloc(2 * SIDE, sizeof(uint32_t))};
    cxs_quad_effort effort = {0};
    const cxs_stream stream = {21, CXS_DRAW_TEST, 0};

    (void)unused;
    for (size_t j = 0; j < SIDE; j++) {
        for (size_t i = 0; i < SIDE; i++)
            gram[j * SIDE + i] = pow(0.6, fabs((double)i - (double)j));
        l1[j] = j % 7 == 6 ? 0.0 : 0.3;
        l2[j] = j % 5 == 4 ? 0.1 : 0.0;
    }
    for (size_t k = 0; k < RANK; k++) {
        sign[k] = k % 2 == 0 ? -1.0 : 1.0;
        for (size_t j = 0; j < SIDE; j++)
            w[k * SIDE + j] = 0.07 * cxs_draw_normal(&stream, k * SIDE + j);
    }
    for (size_t round = 0; round < 12; round++) {
        const size_t rank = round % 6 < RANK ? round % 6 : RANK;
        double b[SIDE] = {0}, want[SIDE] = {0};
        cxs_quad q = {.m = SIDE,
                      .ld = SIDE,
                      .gram = gram,
                      .rank = rank,
                      .w = w,
                      .sign = sign,
                      .c = c,
                      .l1 = l1,
                      .l2 = l2};
        const quad_case literal = {
            .m = SIDE, .ld = SIDE, .gram = whole, .c = c, .l1 = l1, .l2 = l2};
        if (round % 6 == 0)
            memory.solved = 0; /* fewer corrections than before */
        memcpy(whole, gram, sizeof whole);
        for (size_t k = 0; k < rank; k++)
            for (size_t i = 0; i < SIDE * SIDE; i++)
                whole[i] += sign[k] * w[k * SIDE + i / SIDE] * w[k * SIDE + i % SIDE];
        for (size_t j = 0; j < SIDE; j++) {
            c[j] = g[j] =
                1.5 * cxs_draw_normal(&stream, 1000 + (round < 6 ? 0U : 100U) + j);
        }
        CHECK(cxs_quad_solve(&q, g, 1e-12, b, &effort, &memory) <= 1e-12);
        CHECK(effort.walks ==
              effort.solves); /* a wrong direction would cost a second */
        CHECK(memory.corrected == (rank > 0));
        CHECK(violation(&literal, b) <= 1e-12);
        for (size_t j = 0; j < SIDE; j++) { /* the work begins with the descent there */
            double left = c[j];
            for (size_t i = 0; i < SIDE; i++)
                left -= whole[i * SIDE + j] * b[i];
            CHECK_NEAR(memory.work[j], left, 1e-12);
        }
        CHECK(solve(&literal, 1e-12, want, &effort) <= 1e-12);
        for (size_t j = 0; j < SIDE; j++)
            CHECK_NEAR(b[j], want[j], 1e-10);
        for (size_t j = 0; j < SIDE; j++) { /* from here to another: some leave */
            const double there = -0.5 * c[(j + 5) % SIDE];
            g[j] = memory.work[j] + there - c[j];
            want[j] = there;
        }
        memcpy(c, want, sizeof want);
        CHECK(cxs_quad_solve(&q, g, 1e-12, b, &effort, &memory) <= 1e-12);
        CHECK(effort.walks == effort.solves);
        CHECK(violation(&literal, b) <= 1e-12);
    }
    for (size_t j = 0; j < SIDE; j++)
        w[j] = j < 3 ? 2.0 : 0.0; /* gram - w w' has a negative eigenvalue */
    for (int again = 0; again < 2; again++) {
        double b[SIDE] = {0}, plain[SIDE] = {0};
        const quad_case literal = {
            .m = SIDE, .ld = SIDE, .gram = gram, .c = c, .l1 = l1, .l2 = l2};
        cxs_quad q = {.m = SIDE,
                      .ld = SIDE,
                      .gram = gram,
                      .rank = 1,
                      .w = w,
                      .sign = sign,
                      .c = c,
                      .l1 = l1,
                      .l2 = l2};
        c[0] = c[1] = c[2] = 2.0;
        memcpy(g, c, sizeof g);
        memory.solved = 0;
        CHECK(cxs_quad_solve(&q, g, 1e-12, b, &effort, &memory) <= 1e-12);
        CHECK(!memory.corrected);
        CHECK(violation(&literal, b) <= 1e-12);
        CHECK(solve(&literal, 1e-12, plain, &effort) <= 1e-12);
        for (size_t j = 0; j < SIDE; j++)
            CHECK_NEAR(b[j], plain[j], 1e-10);
    }
    CHECK(effort.sweeps == 0);
    free(memory.work);
    free(memory.index);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(agrees_with_enumeration),
        cmocka_unit_test(degenerate_problems_end),
        cmocka_unit_test(remembered_factor),
        cmocka_unit_test(factor_updates),
        cmocka_unit_test(corrections_count),
    };
    return cmocka_run_group_tests_name("enet", tests, NULL, NULL);
}
