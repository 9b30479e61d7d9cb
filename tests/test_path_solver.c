/*
 * test_path_solver.c -- penalised Cox paths: line search, passes, the strong rule, hard
 * problems
 */
#include "test.h"

#include "cohort.h"
#include "path_case.h"

#include "model/batch.h"
#include "num/blas.h"

/* Designs that break solvers: a right answer or a clear status, never a hang. */
static void stress(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    cxs_model_settings s = cxs_model_defaults();
    double beta[COLUMNS_MAX], gamma[1];

    (void)unused;
    load_case("wide", c);
    for (size_t i = 0; i < c->n; i++) {
        c->x[0 * c->n + i] = c->x[5 * c->n + i];        /* a copy */
        c->x[1 * c->n + i] = -2.0 * c->x[5 * c->n + i]; /* a scaled copy */
        c->x[2 * c->n + i] = 7.0;                       /* constant */
        c->x[3 * c->n + i] = -c->time[i];               /* the outcome's order */
        c->x[4 * c->n + i] *= 1e300;
        c->x[6 * c->n + i] *= 1e-300;
        c->x[7 * c->n + i] = i == 3 ? 1e6 : c->x[7 * c->n + i];
    }
    s.tol = 1e-8;
    s.nlambda = 30;
    for (int ties = 0; ties < 2; ties++) {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 0, 0, 0, 0, (cxs_ties)ties);
        cxs_path *path = case_solve(&d, &pr, &s, NULL);
        assert_non_null(path);
        for (size_t l = 0; l < path->points; l++) {
            CHECK(path->point[l].converged && path->point[l].kkt_max <= 1e-8);
            dense(path, l, beta, gamma);
            CHECK(beta[2] == 0.0);
            for (size_t j = 0; j < c->p; j++)
                CHECK(isfinite(beta[j]));
        }
        CHECK(beta[3] > 0.0); /* shorter time, earlier event */
        cxs_path_free(path);
    }
    free(c);
    CHECK_DONE();
}

/* Cold starts at a small lambda, where a full Newton step overshoots: F must still
 * reach the value that the warm path reaches. */
static void cold_start_needs_the_line_search(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    cxs_model_settings warm = cxs_model_defaults(), cold = warm;

    (void)unused;
    load_case("censored", c);
    for (size_t i = 0; i < c->n; i++) /* heavy tails */
        for (size_t j = 0; j < c->p; j++)
            c->x[j * c->n + i] = pow(c->x[j * c->n + i], 5.0);
    warm.tol = cold.tol = 1e-9;
    warm.nlambda = 40;
    warm.lambda_ratio = 1e-3;
    {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
        cxs_path *a = case_solve(&d, &pr, &warm, NULL), *b;
        double last;
        assert_non_null(a);
        last = a->point[39].lambda;
        cold.lambda = &last;
        cold.lambda_count = 1;
        b = case_solve(&d, &pr, &cold, NULL);
        assert_non_null(b);
        CHECK(a->point[39].converged && b->point[0].converged);
        CHECK_NEAR(a->point[39].loglik, b->point[0].loglik, 1e-6);
        cxs_path_free(a);
        cxs_path_free(b);
    }
    free(c);
    CHECK_DONE();
}

/* The strong rule finds nearly all that enters: a lambda costs about one pass over X.
 */
static void about_one_pass_per_lambda(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    cxs_model_settings s = cxs_model_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    size_t passes = 0;

    (void)unused;
    load_case("wide", c);
    {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
        cxs_member m = {.problem = &pr};
        assert_int_equal(cxs_batch_start(ctx, NULL, &d, &s, NULL, &m, 1), CXS_OK);
        m.reference = cxs_solver_lambda_max(m.solver);
        for (size_t l = 0; l < 60; l++) {
            m.lambda = m.reference * pow(0.93, (double)l);
            m.next = m.lambda * 0.93;
            CHECK(!cxs_batch_solve(ctx, NULL, &m, 1));
            CHECK(m.solved.converged && m.solved.effort.sweeps == 0);
            passes += m.solved.passes;
        }
        cxs_batch_end(&m, 1);
    }
    CHECK(passes >= 60 && passes <= 66);
    cxs_ctx_free(ctx);
    free(c);
    CHECK_DONE();
}

/* 2 lambda - lambda_before, no less and no more: of 1,500 columns those that can enter
 * are held, and nearly all that enter were. */
static void the_strong_rule_chooses(void **unused)
{
    enum { N = 80, P = 1500, LAMBDAS = 40 };
    cxs_matrix *matrix = cohort_matrix(N, P, 3);
    double eta[N];
    cxs_surv *surv;
    cxs_model_settings s = cxs_model_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_panel *panel = NULL;
    cxs_design d = {.n = N, .p = P, .x = matrix->x};
    cxs_problem pr;
    cxs_member m = {.problem = &pr};
    size_t passes = 0, held = 0, nonzero = 0;

    (void)unused;
    for (size_t i = 0; i < N; i++)
        eta[i] = matrix->x[i] - matrix->x[7 * N + i];
    surv = cohort_surv(N, 1, 0, eta, 3);
    pr = cxs_problem_of(surv, CXS_TIES_EFRON);
    CHECK(!cxs_panel_new(ctx, &d, &panel));
    CHECK(!cxs_batch_start(ctx, panel, &d, &s, NULL, &m, 1));
    m.reference = cxs_solver_lambda_max(m.solver);
    for (size_t l = 0; l < LAMBDAS; l++) {
        m.lambda = m.reference * pow(0.95, (double)l);
        m.next = m.lambda * 0.95;
        CHECK(!cxs_batch_solve(ctx, panel, &m, 1));
        CHECK(m.solved.converged);
        passes += m.solved.passes;
        held += cxs_solver_held(m.solver);
        nonzero += m.solved.df;
    }
    CHECK(passes == LAMBDAS);
    CHECK(nonzero > 900 && held < 2 * nonzero);
    cxs_batch_end(&m, 1);
    cxs_panel_free(panel);
    cxs_ctx_free(ctx);
    cxs_surv_free(surv);
    cxs_matrix_free(matrix);
    CHECK_DONE();
}

static void tiny_and_degenerate(void **unused)
{
    const double time[] = {1, 2}, tied[] = {1, 1}, x[] = {0, 1}, flat[] = {1, 1};
    const uint8_t both[] = {1, 1}, one[] = {1, 0}, none[] = {0, 0};
    const char *name[] = {"x"};
    cxs_model_settings s = cxs_model_defaults();
    const struct {
        const double *time, *x;
        const uint8_t *event;
        int runs;
    } cases[] = {{time, x, both, 1}, {time, x, one, 1},     {tied, x, both, 1},
                 {tied, x, one, 1},  {time, flat, both, 1}, {time, x, none, 0}};

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int ties = 0; ties < 2; ties++) {
            const cxs_design d = {.n = 2, .p = 1, .x = cases[i].x, .feature = name};
            const cxs_problem pr = {.outcome = {.n = 2,
                                                .time = cases[i].time,
                                                .event = cases[i].event,
                                                .ties = (cxs_ties)ties}};
            cxs_path *path = case_solve(&d, &pr, &s, NULL);
            CHECK((path != NULL) == cases[i].runs);
            if (path == NULL)
                continue;
            for (size_t l = 0; l < path->points; l++)
                CHECK(path->point[l].converged && isfinite(path->point[l].loglik));
            if (cases[i].x == flat)
                CHECK(path->coefs == 0 && path->lambda_max == 0.0);
            cxs_path_free(path);
        }
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stress),
        cmocka_unit_test(cold_start_needs_the_line_search),
        cmocka_unit_test(about_one_pass_per_lambda),
        cmocka_unit_test(the_strong_rule_chooses),
        cmocka_unit_test(tiny_and_degenerate),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1
                        : cmocka_run_group_tests_name("path_solver", tests, NULL, NULL);
}
