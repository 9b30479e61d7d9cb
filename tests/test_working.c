/*
 * test_working.c -- the Gram of the working set against the Hessian read literally
 *
 * X'HX/W column by column through cxs_cox_hessian_times() (which test_cox.c judges).
 * The Gram shares rows among event times, so it is a little above, never below; with
 * delayed entry it is the Hessian itself.
 */
#include "test.h"

#include "base/pool.h"
#include "base/stream.h"
#include "model/path.h"
#include "model/working.h"
#include "num/blas.h"
#include "num/lanes.h"

#include <stdlib.h>
#include <string.h>

typedef struct bed {
    size_t n, m;
    double *x, *eta, *time, *entry, *work, *state_memory;
    uint8_t *event;
    void *risk_memory;
    cxs_risk risk;
    cxs_cox_state state;
} bed;

static bed *bed_new(size_t n, size_t m, int entry, cxs_ties ties)
{
    const cxs_stream stream = {11, CXS_DRAW_TEST, 0};
    bed *b = calloc(1, sizeof *b);
    cxs_outcome outcome = {.n = n, .ties = ties};

    b->n = n;
    b->m = m;
    b->x = malloc(n * m * sizeof *b->x);
    b->eta = malloc(n * sizeof *b->eta);
    b->time = malloc(n * sizeof *b->time);
    b->entry = malloc(n * sizeof *b->entry);
    b->event = malloc(n);
    for (size_t i = 0; i < n; i++) {
        b->time[i] = 1.0 + (double)(i * 7 % n / 2); /* ties */
        b->entry[i] = b->time[i] * 0.9 * cxs_draw_uniform(&stream, i);
        b->event[i] = i % 3 != 0;
        b->eta[i] = 0.7 * cxs_draw_normal(&stream, n + i);
    }
    for (size_t i = 0; i < n * m; i++)
        b->x[i] = cxs_draw_normal(&stream, 2 * n + i) +
                  0.5 * b->eta[i % n]; /* means over risk sets move */
    outcome.time = b->time;
    outcome.entry = entry ? b->entry : NULL;
    outcome.event = b->event;
    b->risk_memory = malloc(cxs_risk_size(n));
    CHECK(cxs_risk_build(&outcome, &b->risk, b->risk_memory) == CXS_OK);
    b->work = malloc(cxs_cox_work_size(&b->risk) * sizeof *b->work);
    b->state_memory = malloc(cxs_cox_state_size(&b->risk) * sizeof *b->work);
    cxs_cox_state_place(&b->risk, b->state_memory, &b->state);
    CHECK(cxs_cox_eval(&b->risk, b->eta, &b->state, b->work) == CXS_OK);
    return b;
}

static void bed_free(bed *b)
{
    free(b->x);
    free(b->eta);
    free(b->time);
    free(b->entry);
    free(b->event);
    free(b->risk_memory);
    free(b->work);
    free(b->state_memory);
    free(b);
}

static void hold(cxs_ctx *ctx, const bed *b, cxs_working *w, size_t first, size_t end)
{
    for (size_t j = first; j < end; j++) {
        double *x = NULL;
        CHECK(cxs_working_add(ctx, w, (uint32_t)j, &x) == CXS_OK);
        memcpy(x, b->x + j * b->n, b->n * sizeof *x);
    }
}

/* The Gram, column-major [m x m]: `first` columns at the refresh, the rest later. */
static double *gram_of(cxs_ctx *ctx, const bed *b, size_t first, int *in_float)
{
    double *gram = malloc(b->m * b->m * sizeof *gram);
    cxs_working w;

    CHECK(cxs_working_init(ctx, &w, &b->risk, b->m) == CXS_OK);
    hold(ctx, b, &w, 0, first);
    CHECK(cxs_working_refresh(ctx, &w, &b->risk, &b->state) == CXS_OK);
    for (size_t done = first; done < b->m; done += 1 + b->m / 3) {
        hold(ctx, b, &w, done, done + 1 + b->m / 3 < b->m ? done + 1 + b->m / 3 : b->m);
        CHECK(cxs_working_extend(ctx, &w, &b->risk) == CXS_OK);
    }
    CHECK(w.m == b->m && w.gram_m == b->m);
    for (size_t j = 0; j < b->m; j++)
        for (size_t i = 0; i < b->m; i++) {
            gram[j * b->m + i] = w.gram[j * w.capacity + i];
            CHECK(w.gram[j * w.capacity + i] == w.gram[i * w.capacity + j]);
        }
    *in_float = w.in_float;
    cxs_working_free(&w);
    return gram;
}

static double *hessian_of(const bed *b)
{
    double *h = malloc(b->m * b->m * sizeof *h), *v = malloc(b->n * sizeof *v);

    for (size_t j = 0; j < b->m; j++) {
        cxs_cox_hessian_times(&b->risk, &b->state, b->x + j * b->n, v, b->work);
        for (size_t i = 0; i < b->m; i++) {
            double sum = 0.0;
            for (size_t r = 0; r < b->n; r++)
                sum += b->x[i * b->n + r] * v[r];
            h[j * b->m + i] = sum / b->risk.weight_sum;
        }
    }
    free(v);
    return h;
}

static void gram_is_a_little_above_the_hessian(void **unused)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)unused;
    for (int form = 0; form < 4; form++) {
        enum { M = 30 };
        const int entry = form & 1;
        bed *b = bed_new(200, M, entry, form & 2 ? CXS_TIES_EFRON : CXS_TIES_BRESLOW);
        int in_float = 1;
        double *gram = gram_of(ctx, b, M, &in_float), *h = hessian_of(b);
        double far = 0.0, above = 0.0;
        CHECK(!in_float);
        for (size_t i = 0; i < M * M; i++)
            far = fmax(far, fabs(gram[i] - h[i]));
        for (size_t i = 0; i < M; i++)
            above = fmax(above, gram[i * M + i] - h[i * M + i]);
        CHECK(far < (entry ? 1e-14 : 0.002) * h[0]);
        CHECK(entry || above > 1e-6 * h[0]); /* rows are shared indeed */
        for (size_t i = 0; i < M * M; i++)
            gram[i] -= h[i];
        for (size_t i = 0; i < M; i++) /* never below */
            gram[i * M + i] += 1e-13;
        CHECK(cxs_cholesky(M, gram, M));
        free(gram);
        free(h);
        bed_free(b);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Large enough for float32, threads and several tiles: columns that come later, any
 * number of threads. */
static void large_grams(void **unused)
{
    enum { N = 1100, M = 600 };
    bed *b = bed_new(N, M, 0, CXS_TIES_BRESLOW);
    double *h = hessian_of(b), *first = NULL;
    double far = 0.0;

    (void)unused;
    for (int threads = 1; threads <= 5; threads += threads == 3 ? 2 : 1) {
        cxs_ctx *ctx = cxs_ctx_new();
        int in_float = 0;
        double *gram, *later;
        cxs_ctx_set_threads(ctx, threads);
        gram = gram_of(ctx, b, M, &in_float);
        CHECK(in_float);
        if (first == NULL)
            first = gram_of(ctx, b, M, &in_float);
        CHECK(memcmp(first, gram, sizeof *gram * M * M) == 0);
        /* float64 at first, float32 for those that come when there are many */
        later = gram_of(ctx, b, 100, &in_float);
        CHECK(in_float);
        for (size_t i = 0; i < M * M; i++) {
            far = fmax(far, fabs(gram[i] - h[i]));
            CHECK(fabs(later[i] - gram[i]) <= 2e-6 * h[0]);
        }
        free(gram);
        free(later);
        cxs_ctx_free(ctx);
    }
    CHECK(far < 0.002 * h[0]);
    free(first);
    free(h);
    bed_free(b);
    CHECK_DONE();
}

/* Columns that are dropped leave nothing behind: many in float32, few in float64, many
 * again. */
static void after_pruning(void **unused)
{
    enum { N = 1100, M = 300, FEW = 50 };
    cxs_ctx *ctx = cxs_ctx_new();
    bed *b = bed_new(N, M, 0, CXS_TIES_BRESLOW);
    double *h = hessian_of(b);
    uint8_t keep[M];
    cxs_working w;

    (void)unused;
    CHECK(cxs_working_init(ctx, &w, &b->risk, M) == CXS_OK);
    hold(ctx, b, &w, 0, M);
    CHECK(cxs_working_refresh(ctx, &w, &b->risk, &b->state) == CXS_OK && w.in_float);
    for (size_t j = 0; j < M; j++)
        keep[j] = j % 6 == 5;
    cxs_working_prune(&w, keep);
    CHECK(w.m == FEW && w.id[1] == 11 && w.slot[11] == 1 && w.slot[0] == UINT32_MAX);
    CHECK(cxs_working_refresh(ctx, &w, &b->risk, &b->state) == CXS_OK && !w.in_float);
    for (size_t j = 0; j < M; j++)
        if (!keep[j])
            hold(ctx, b, &w, j, j + 1);
    CHECK(cxs_working_extend(ctx, &w, &b->risk) == CXS_OK && w.in_float);
    for (size_t j = 0; j < M; j++)
        for (size_t i = 0; i < M; i++)
            CHECK(fabs(w.gram[j * w.capacity + i] - h[w.id[j] * M + w.id[i]]) <
                  0.002 * h[0]);
    cxs_working_free(&w);
    free(h);
    bed_free(b);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* X b and X'r from their definitions, with zeros among b, any number of threads. */
static void products(void **unused)
{
    enum { N = 1100, M = 501 };
    bed *b = bed_new(N, M, 0, CXS_TIES_BRESLOW);
    double *eta[2] = {malloc(N * sizeof(double)), malloc(N * sizeof(double))};
    double *g[2] = {malloc(M * sizeof(double)), malloc(M * sizeof(double))};
    double coef[M];

    (void)unused;
    for (size_t j = 0; j < M; j++)
        coef[j] = j % 3 == 1 ? 0.0 : 0.01 * (double)(j % 17) - 0.05;
    for (int threads = 1; threads <= 5; threads += threads == 3 ? 2 : 1) {
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_working w;
        const int k = threads > 1;
        cxs_ctx_set_threads(ctx, threads);
        CHECK(cxs_working_init(ctx, &w, &b->risk, M) == CXS_OK);
        hold(ctx, b, &w, 0, M);
        CHECK(cxs_working_predict(ctx, &w, coef, eta[k]) == CXS_OK);
        CHECK(cxs_working_gradient(ctx, &w, 0, b->state.r, 7.0, g[k]) == CXS_OK);
        CHECK(memcmp(eta[0], eta[k], N * sizeof(double)) == 0);
        CHECK(memcmp(g[0], g[k], M * sizeof(double)) == 0);
        if (k == 0) {
            double from[M];
            memcpy(from, g[0], sizeof from);
            memset(from + 400, 0, (M - 400) * sizeof *from);
            CHECK(cxs_working_gradient(ctx, &w, 400, b->state.r, 7.0, from) == CXS_OK);
            for (size_t j = 0; j < M; j++)
                CHECK_NEAR(from[j], g[0][j], 1e-13);
        }
        cxs_working_free(&w);
        cxs_ctx_free(ctx);
    }
    for (size_t i = 0; i < N; i++) {
        double sum = 0.0;
        for (size_t j = 0; j < M; j++)
            sum += coef[j] * b->x[j * N + i];
        CHECK_NEAR(eta[0][i], sum, 1e-12);
    }
    for (size_t j = 0; j < M; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < N; i++)
            sum += b->x[j * N + i] * b->state.r[i];
        CHECK_NEAR(g[0][j], sum / 7.0, 1e-12);
    }
    for (int k = 0; k < 2; k++) {
        free(eta[k]);
        free(g[k]);
    }
    bed_free(b);
    CHECK_DONE();
}

/* Four columns at a time have the bits of each alone. */
static void four_lanes(void **unused)
{
    enum { MOST = 37 };
    const cxs_stream stream = {12, CXS_DRAW_TEST, 0};
    double w[MOST], x[4][MOST], m[4] = {0.1, -3.0, 1e4, 0.0}, out[4];
    const double *columns[4] = {x[0], x[1], x[2], x[3]};

    (void)unused;
    for (size_t i = 0; i < MOST; i++) {
        w[i] = cxs_draw_uniform(&stream, i);
        for (size_t k = 0; k < 4; k++)
            x[k][i] = m[k] + cxs_draw_normal(&stream, MOST * (k + 1) + i);
    }
    for (size_t n = 0; n <= MOST; n++) {
        cxs_lanes_dot4(n, w, columns, out);
        for (size_t k = 0; k < 4; k++) {
            const double alone = cxs_lanes_dot(n, w, x[k]);
            CHECK(memcmp(&alone, &out[k], sizeof alone) == 0);
        }
        cxs_lanes_squares4(n, w, columns, m, out);
        for (size_t k = 0; k < 4; k++) {
            const double alone = cxs_lanes_squares(n, w, x[k], m[k]);
            CHECK(memcmp(&alone, &out[k], sizeof alone) == 0);
        }
    }
    CHECK_DONE();
}

/* A path whose Grams are float32: certified, and the same for any number of threads;
 * with copies of columns the Gram is singular, and it ends all the same. */
static void tall_path(void **unused)
{
    enum { N = 1200, P = 700 };
    bed *b = bed_new(N, P, 0, CXS_TIES_BRESLOW);
    const char *names[P];
    cxs_model_settings s = cxs_model_defaults();

    (void)unused;
    for (size_t j = 0; j < P; j++)
        names[j] = "x";
    s.nlambda = 15;
    s.lambda_ratio = 0.03;
    for (int copies = 0; copies < 2; copies++) {
        const cxs_design d = {.n = N, .p = P, .x = b->x, .feature = names};
        const cxs_problem p = {
            .outcome = {
                .n = N, .time = b->time, .event = b->event, .ties = CXS_TIES_BRESLOW}};
        cxs_path *path[2] = {NULL, NULL};
        for (size_t j = 0; copies && j + 1 < P; j += 9)
            memcpy(b->x + (j + 1) * N, b->x + j * N, N * sizeof *b->x);
        for (int threads = 1; threads <= 5; threads += threads == 3 ? 2 : 1) {
            cxs_ctx *ctx = cxs_ctx_new();
            cxs_panel *panel = NULL;
            const int k = threads > 1;
            if (copies && threads == 3)
                threads = 5;
            cxs_ctx_set_threads(ctx, threads);
            CHECK(cxs_panel_new(ctx, &d, &panel) == CXS_OK);
            CHECK(cxs_path_solve(ctx, panel, &d, &p, &s, NULL, &path[k]) == CXS_OK);
            for (size_t l = 0; l < path[k]->points; l++)
                CHECK(path[k]->point[l].converged &&
                      path[k]->point[l].kkt_max <= s.tol);
            CHECK(path[k]->point[path[k]->points - 1].df > 470); /* N df > 2^19 */
            CHECK(path[k]->coefs == path[0]->coefs);
            CHECK(memcmp(path[k]->beta, path[0]->beta,
                         path[0]->coefs * sizeof(double)) == 0);
            if (k == 1)
                cxs_path_free(path[1]);
            cxs_panel_free(panel);
            cxs_ctx_free(ctx);
        }
        cxs_path_free(path[0]);
    }
    bed_free(b);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gram_is_a_little_above_the_hessian),
        cmocka_unit_test(large_grams),
        cmocka_unit_test(after_pruning),
        cmocka_unit_test(products),
        cmocka_unit_test(four_lanes),
        cmocka_unit_test(tall_path),
    };
    cxs_ctx *ctx = cxs_ctx_new();

    assert_int_equal(cxs_blas_init(ctx), CXS_OK);
    cxs_ctx_free(ctx);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
