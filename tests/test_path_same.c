/*
 * test_path_same.c -- penalised Cox paths: what must not change an answer, and what
 * must change it in a known way
 */
#include "test.h"

#include "path_case.h"

#include "model/batch.h"
#include "num/blas.h"

/* An excluded feature stays out; a factor of zero is an unpenalised covariate. */
static void factors_zero_and_infinite(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    double factor[COLUMNS_MAX], z[ROWS_MAX], *rest;
    cxs_model_settings s = cxs_model_defaults();
    cxs_design d, less;
    cxs_problem pr, with_z;
    cxs_path *a, *b;

    (void)unused;
    load_case("tied", c);
    d = case_design(c);
    pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
    for (size_t j = 0; j < c->p; j++)
        factor[j] = 1.0;
    factor[0] = 0.0;
    factor[5] = INFINITY;
    s.nlambda = 8;
    s.tol = 1e-10;
    a = case_solve(&d, &pr, &s, factor);
    memcpy(z, c->x, c->n * sizeof *z);
    rest = malloc(c->n * c->p * sizeof *rest);
    memcpy(rest, c->x + c->n, c->n * 4 * sizeof *rest);
    memcpy(rest + 4 * c->n, c->x + 6 * c->n, c->n * (c->p - 6) * sizeof *rest);
    less = (cxs_design){.n = c->n, .p = c->p - 2, .x = rest, .feature = c->name};
    with_z = pr;
    with_z.z = z;
    with_z.k = 1;
    b = case_solve(&less, &with_z, &s, NULL);
    assert_non_null(a);
    assert_non_null(b);
    CHECK_NEAR(a->lambda_max, b->lambda_max, 1e-11);
    for (size_t l = 0; l < 8; l++) {
        double left[COLUMNS_MAX], right[COLUMNS_MAX], gamma[1] = {0};
        dense(a, l, left, gamma);
        dense(b, l, right, gamma);
        CHECK(left[5] == 0.0 && left[0] != 0.0);
        CHECK_NEAR(left[0], gamma[0], 1e-7);
        CHECK_NEAR(left[1], right[0], 1e-7);
        CHECK_NEAR(left[6], right[4], 1e-7);
        CHECK(a->point[l].df == b->point[l].df); /* unpenalised ones do not count */
    }
    cxs_path_free(a);
    cxs_path_free(b);
    free(rest);
    free(c);
    CHECK_DONE();
}

/* x -> scale x + shift per column, rows reversed, time in another unit: the same model.
 */
static void invariances(void **unused)
{
    path_case *c = calloc(1, sizeof *c), *t = calloc(1, sizeof *t);
    cxs_model_settings s = cxs_model_defaults();
    double scale[COLUMNS_MAX];

    (void)unused;
    load_case("tied", c);
    *t = *c;
    for (size_t j = 0; j < c->p; j++) {
        scale[j] = j % 3 == 0 ? -40.0 : j % 3 == 1 ? 1e-6 : 1e6;
        for (size_t i = 0; i < c->n; i++)
            t->x[j * c->n + c->n - 1 - i] =
                scale[j] * c->x[j * c->n + i] + 3.0 * scale[j];
    }
    for (size_t i = 0; i < c->n; i++) {
        const size_t to = c->n - 1 - i;
        t->time[to] = c->time[i] * 30.4375;
        t->entry[to] = c->entry[i] * 30.4375;
        t->event[to] = c->event[i];
        t->weight[to] = c->weight[i];
        t->stratum[to] = 2 - c->stratum[i];
    }
    s.nlambda = 10;
    s.tol = 1e-11;
    for (int ties = 0; ties < 2; ties++) {
        const cxs_design d = case_design(c), e = case_design(t);
        const cxs_problem p = case_problem(c, 1, 1, 1, 0, (cxs_ties)ties);
        const cxs_problem q = case_problem(t, 1, 1, 1, 0, (cxs_ties)ties);
        cxs_path *a = case_solve(&d, &p, &s, NULL), *b = case_solve(&e, &q, &s, NULL);
        assert_non_null(a);
        assert_non_null(b);
        CHECK_NEAR(a->lambda_max, b->lambda_max, 1e-10);
        for (size_t l = 0; l < a->points; l++) {
            double left[COLUMNS_MAX], right[COLUMNS_MAX], gamma[1];
            dense(a, l, left, gamma);
            dense(b, l, right, gamma);
            for (size_t j = 0; j < c->p; j++)
                CHECK_NEAR(left[j], right[j] * scale[j], 1e-6);
        }
        cxs_path_free(a);
        cxs_path_free(b);
    }
    free(c);
    free(t);
    CHECK_DONE();
}

/* Weight zero is deletion; under Breslow weight 2 is the row twice. */
static void weights_are_rows(void **unused)
{
    path_case *c = calloc(1, sizeof *c), *t = calloc(1, sizeof *t);
    cxs_model_settings s = cxs_model_defaults();
    size_t m = 0;

    (void)unused;
    load_case("tied", c);
    for (size_t i = 0; i < c->n; i++)
        c->weight[i] = (double)(i % 3);
    for (size_t i = 0; i < c->n; i++)
        for (size_t copy = 0; copy < i % 3; copy++, m++) {
            t->time[m] = c->time[i];
            t->event[m] = c->event[i];
            for (size_t j = 0; j < c->p; j++)
                t->x[j * c->n + m] = c->x[j * c->n + i];
        }
    for (size_t j = 0; j < c->p; j++) /* columns of length m */
        memmove(t->x + j * m, t->x + j * c->n, m * sizeof *t->x);
    t->n = m;
    t->p = c->p;
    s.nlambda = 8;
    s.lambda_ratio = 0.05;
    s.tol = 1e-11;
    {
        const cxs_design d = case_design(c), e = case_design(t);
        const cxs_problem p = case_problem(c, 0, 0, 1, 0, CXS_TIES_BRESLOW);
        const cxs_problem q = case_problem(t, 0, 0, 0, 0, CXS_TIES_BRESLOW);
        cxs_path *a = case_solve(&d, &p, &s, NULL), *b = case_solve(&e, &q, &s, NULL);
        assert_non_null(a);
        assert_non_null(b);
        for (size_t l = 0; l < a->points; l++) {
            double left[COLUMNS_MAX], right[COLUMNS_MAX], gamma[1];
            dense(a, l, left, gamma);
            dense(b, l, right, gamma);
            CHECK_NEAR(a->point[l].loglik, b->point[l].loglik, 1e-9);
            for (size_t j = 0; j < c->p; j++)
                CHECK_NEAR(left[j], right[j], 1e-7);
        }
        cxs_path_free(a);
        cxs_path_free(b);
    }
    free(c);
    free(t);
    CHECK_DONE();
}

/* A missing value is the mean of the problem's own rows: those of weight > 0. */
static void missing_values_take_the_training_mean(void **unused)
{
    path_case *c = calloc(1, sizeof *c), *t = calloc(1, sizeof *t);
    cxs_model_settings s = cxs_model_defaults();
    cxs_path *a, *b;

    (void)unused;
    load_case("tied", c);
    for (size_t i = 0; i < c->n; i++)
        c->weight[i] = i < 50 ? 1.0 : 0.0;
    *t = *c;
    for (size_t k = 0; k < 3; k++) { /* the columns with an effect */
        const size_t j = 5 * k;
        double sum = 0.0;
        size_t seen = 0;
        for (size_t i = 0; i < 50; i++)
            if (i % 7 != k) {
                sum += c->x[j * c->n + i];
                seen++;
            }
        for (size_t i = 0; i < c->n; i++)
            if (i % 7 == k) {
                c->x[j * c->n + i] = (double)NAN;
                t->x[j * c->n + i] = sum / (double)seen;
            }
    }
    s.nlambda = 6;
    {
        const cxs_design d = case_design(c), e = case_design(t);
        const cxs_problem p = case_problem(c, 0, 0, 1, 0, CXS_TIES_EFRON);
        a = case_solve(&d, &p, &s, NULL);
        b = case_solve(&e, &p, &s, NULL);
        assert_non_null(a);
        assert_non_null(b);
        for (size_t i = 0; i < a->coefs; i++)
            CHECK_NEAR(a->beta[i], b->beta[i], 1e-9);
        CHECK(a->coefs == b->coefs && a->coefs > 0);
        cxs_path_free(a);
        s.missing = CXS_MISSING_REFUSE;
        CHECK(case_solve(&d, &p, &s, NULL) == NULL);
    }
    cxs_path_free(b);
    free(c);
    free(t);
    CHECK_DONE();
}

/* A problem alone, with the float64 pass, and inside a batch of 20: the same bits. */
static void company_does_not_matter(void **unused)
{
    enum { MEMBERS = 20 };
    path_case *c = calloc(1, sizeof *c);
    double(*weight)[ROWS_MAX] = calloc(MEMBERS, sizeof *weight);
    cxs_model_settings s = cxs_model_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_panel *panel = NULL;
    cxs_member many[MEMBERS] = {{0}}, one = {0}, dense_one = {0};
    cxs_problem problem[MEMBERS];

    (void)unused;
    load_case("wide", c);
    {
        const cxs_design d = case_design(c);
        CHECK(!cxs_panel_new(ctx, &d, &panel));
        for (size_t b = 0; b < MEMBERS; b++) {
            for (size_t i = 0; i < c->n; i++)
                weight[b][i] =
                    b == 0 ? 1.0 : (double)((7 * i + 5 * b + i / (b + 1)) % 3 > 0);
            problem[b] = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
            problem[b].outcome.weight = weight[b];
            many[b].problem = &problem[b];
        }
        one.problem = dense_one.problem = &problem[17];
        cxs_ctx_set_threads(ctx, 2);
        CHECK(!cxs_batch_start(ctx, panel, &d, &s, NULL, many, MEMBERS));
        CHECK(!cxs_batch_start(ctx, panel, &d, &s, NULL, &one, 1));
        CHECK(!cxs_batch_start(ctx, NULL, &d, &s, NULL, &dense_one, 1));
        for (size_t l = 0; l < 30; l++) {
            uint32_t id[2][COLUMNS_MAX];
            double beta[2][COLUMNS_MAX];
            size_t count[2];
            for (size_t b = 0; b < MEMBERS; b++) {
                many[b].reference = cxs_solver_lambda_max(many[b].solver);
                many[b].lambda = many[b].reference * pow(0.93, (double)l);
                many[b].next = many[b].lambda * 0.93;
            }
            one.reference = dense_one.reference = many[17].reference;
            one.lambda = dense_one.lambda = many[17].lambda;
            one.next = dense_one.next = many[17].next;
            CHECK(!cxs_batch_solve(ctx, panel, many, MEMBERS));
            CHECK(!cxs_batch_solve(ctx, panel, &one, 1));
            CHECK(!cxs_batch_solve(ctx, NULL, &dense_one, 1));
            CHECK(many[17].solved.converged);
            count[0] = cxs_solver_coefs(many[17].solver, id[0], beta[0], COLUMNS_MAX);
            count[1] = cxs_solver_coefs(one.solver, id[1], beta[1], COLUMNS_MAX);
            CHECK(count[0] == count[1]);
            CHECK(memcmp(beta[0], beta[1], count[0] * sizeof **beta) == 0);
            count[1] = cxs_solver_coefs(dense_one.solver, id[1], beta[1], COLUMNS_MAX);
            CHECK(count[0] == count[1]);
            for (size_t i = 0; i < count[0]; i++)
                CHECK_NEAR(beta[0][i], beta[1][i], 1e-9);
        }
        cxs_batch_end(many, MEMBERS);
        cxs_batch_end(&one, 1);
        cxs_batch_end(&dense_one, 1);
    }
    cxs_panel_free(panel);
    cxs_ctx_free(ctx);
    free(weight);
    free(c);
    CHECK_DONE();
}

/* The same bits with 1, 2 and 5 threads. */
static void threads_do_not_matter(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    cxs_model_settings s = cxs_model_defaults();
    cxs_path *path[3];
    const int threads[] = {1, 2, 5};

    (void)unused;
    load_case("wide", c);
    for (size_t i = 0; i < 3; i++) {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 1, 1, 1, 1, CXS_TIES_EFRON);
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_panel *panel = NULL;
        cxs_ctx_set_threads(ctx, threads[i]);
        CHECK(!cxs_panel_new(ctx, &d, &panel));
        CHECK(!cxs_path_solve(ctx, panel, &d, &pr, &s, NULL, &path[i]));
        cxs_panel_free(panel);
        cxs_ctx_free(ctx);
        CHECK(path[i]->coefs == path[0]->coefs && path[i]->coefs > 0);
        CHECK(memcmp(path[i]->beta, path[0]->beta,
                     path[0]->coefs * sizeof *path[0]->beta) == 0);
    }
    for (size_t i = 0; i < 3; i++)
        cxs_path_free(path[i]);
    free(c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_zero_and_infinite),
        cmocka_unit_test(invariances),
        cmocka_unit_test(weights_are_rows),
        cmocka_unit_test(missing_values_take_the_training_mean),
        cmocka_unit_test(company_does_not_matter),
        cmocka_unit_test(threads_do_not_matter),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1
                        : cmocka_run_group_tests_name("path_same", tests, NULL, NULL);
}
