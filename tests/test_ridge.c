/*
 * test_ridge.c -- alpha = 0: the n x n form against its definition and the p x p form
 *
 * glmnet's objective on the same designs is compared in test_path.c.
 */
#include "path_case.h"

#include "model/batch.h"
#include "num/blas.h"

static cxs_rc solve_on(cxs_ctx *ctx, const cxs_design *d, const cxs_problem *p,
                       const cxs_model_settings *s, const double *factor,
                       cxs_path **out)
{
    const cxs_rc rc = cxs_path_solve(ctx, NULL, d, p, s, factor, out);

    if (rc != CXS_OK && rc != CXS_ENOMEM)
        printf("  %s\n", cxs_ctx_message(ctx));
    return rc;
}

static cxs_path *solve(const cxs_design *d, const cxs_problem *p,
                       const cxs_model_settings *s, const double *factor)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_path *path = NULL;

    CHECK(solve_on(ctx, d, p, s, factor, &path) == CXS_OK);
    cxs_ctx_free(ctx);
    assert_non_null(path);
    return path;
}

static cxs_model_settings ridge_settings(double tol)
{
    cxs_model_settings s = cxs_model_defaults();

    s.alpha = 0.0;
    s.tol = tol;
    s.nlambda = 10;
    return s;
}

/*
 * Three events at 1, 2, 3 and four copies of x = (1, 0, 0): with B the sum of the
 * coefficients each is B/4, so  2 / (e^B + 2) / (3 sd^2) = lambda B / 4 decides B.
 */
static void by_hand(void **unused)
{
    const double time[] = {1, 2, 3}, x[] = {1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0};
    const double lambda[] = {5.0, 0.5, 0.01};
    const uint8_t event[] = {1, 1, 1};
    const char *name[] = {"a", "b", "c", "d"};
    const cxs_design d = {.n = 3, .p = 4, .x = x, .feature = name};
    const cxs_problem pr = {.outcome = {.n = 3, .time = time, .event = event}};
    cxs_model_settings s = ridge_settings(1e-12);
    cxs_path *path;

    (void)unused;
    s.lambda = lambda;
    s.lambda_count = 3;
    path = solve(&d, &pr, &s, NULL);
    CHECK_NEAR(path->lambda_max, 1e3 * sqrt(2.0) / 3.0, TOL_SUM);
    for (size_t l = 0; l < 3; l++) {
        const double *beta = path->beta + path->point[l].first;
        double low = 0.0, high = 50.0;
        for (int i = 0; i < 100; i++) { /* the left side falls, the right side rises */
            const double b = 0.5 * (low + high);
            if (2.0 / (exp(b) + 2.0) / (3.0 * 2.0 / 9.0) > lambda[l] * b / 4.0)
                low = b;
            else
                high = b;
        }
        CHECK(path->point[l].count == 4 && path->point[l].df == 4);
        CHECK_NEAR(beta[0] + beta[1] + beta[2] + beta[3], low, 1e-10);
        CHECK_NEAR(beta[3], low / 4.0, 1e-10);
    }
    cxs_path_free(path);
    CHECK_DONE();
}

/* kkt_max is the certificate that we recompute: both ties, all 16 forms of the outcome,
 * covariates, factors, more features than rows (wide) and fewer. */
static void certificate_holds_everywhere(void **unused)
{
    static const char *const designs[] = {"wide", "tied", "collinear"};
    path_case *c = calloc(1, sizeof *c);
    double factor[COLUMNS_MAX];

    (void)unused;
    for (size_t j = 0; j < COLUMNS_MAX; j++)
        factor[j] = j == 3 ? 0.0 : j == 8 ? HUGE_VAL : 0.5 + 0.1 * (double)(j % 7);
    for (size_t i = 0; i < 3; i++)
        for (unsigned form = 0; form < 64; form++) {
            double z[2 * ROWS_MAX], beta[COLUMNS_MAX], gamma[2] = {0, 0};
            const double *pf = form % 5 == 0 ? factor : NULL;
            const cxs_model_settings s = ridge_settings(form % 2 ? 1e-6 : 1e-10);
            cxs_design d;
            cxs_problem pr;
            cxs_path *path;
            load_case(designs[i], c);
            d = case_design(c);
            pr = case_problem(c, form & 1, form & 2, form & 4, form & 8,
                              form & 16 ? CXS_TIES_EFRON : CXS_TIES_BRESLOW);
            for (size_t r = 0; r < c->n; r++) {
                z[r] = 50.0 + 10.0 * c->offset[r];
                z[c->n + r] = r % 3 == 0;
            }
            pr.z = z;
            pr.k = form & 32 ? 2 : 0;
            path = solve(&d, &pr, &s, pf);
            CHECK(path->points == 10);
            for (size_t l = 0; l < path->points; l++) {
                judged at;
                dense(path, l, beta, gamma);
                at = judge(&d, &pr, pf, 0.0, path->point[l].lambda, beta, gamma);
                CHECK(path->point[l].converged && path->point[l].kkt_max <= s.tol);
                /* the certificate says what the literal one says */
                CHECK_NEAR(path->point[l].kkt_max * path->lambda_max, at.violation,
                           1e-13 + 1e-11 * path->lambda_max);
                CHECK(at.violation <= s.tol * path->lambda_max + 1e-12);
                at = judge(&d, &pr, pf, 0.0, 0.0, beta, gamma);
                CHECK_NEAR(path->point[l].loglik, -path->weight_sum * at.objective,
                           1e-10);
            }
            CHECK(path->point[9].df == c->p - (pf != NULL ? 2 : 0));
            cxs_path_free(path);
        }
    free(c);
    CHECK_DONE();
}

/* Two copies of every feature at 2 lambda share the coefficient of one at lambda: 60
 * features on 58 rows by the n x n form, 30 on 58 by the p x p form. */
static void both_forms_agree(void **unused)
{
    path_case *c = calloc(1, sizeof *c), *t = calloc(1, sizeof *t);
    double single[8], twice[8];

    (void)unused;
    load_case("tied", c);
    for (size_t i = 0; i < 12; i++)
        c->weight[5 * i] = 0.0;
    *t = *c;
    t->p = 2 * c->p;
    memcpy(t->x + c->n * c->p, c->x, c->n * c->p * sizeof *c->x);
    for (size_t j = 0; j < t->p; j++)
        t->name[j] = t->names[j];
    for (size_t l = 0; l < 8; l++) {
        single[l] = 30.0 * pow(0.3, (double)l);
        twice[l] = 2.0 * single[l];
    }
    for (unsigned form = 0; form < 16; form++) {
        const cxs_design d = case_design(c), e = case_design(t);
        cxs_problem p = case_problem(c, form & 1, form & 2, 1, form & 4,
                                     form & 8 ? CXS_TIES_EFRON : CXS_TIES_BRESLOW);
        cxs_model_settings s = ridge_settings(1e-12);
        cxs_path *a, *b;
        p.z = c->offset;
        p.k = form & 4 ? 0 : 1;
        s.lambda_count = 8;
        s.lambda = single;
        a = solve(&d, &p, &s, NULL);
        s.lambda = twice;
        b = solve(&e, &p, &s, NULL);
        for (size_t l = 0; l < 8; l++) {
            double left[COLUMNS_MAX], right[COLUMNS_MAX], gamma[2] = {0};
            dense(a, l, left, gamma);
            dense(b, l, right, gamma + 1);
            CHECK_NEAR(gamma[0], gamma[1], 1e-8);
            CHECK_NEAR(a->point[l].loglik, b->point[l].loglik, 1e-10);
            for (size_t j = 0; j < c->p; j++) {
                CHECK_NEAR(right[j], 0.5 * left[j], 1e-9);
                CHECK_NEAR(right[c->p + j], 0.5 * left[j], 1e-9);
            }
        }
        cxs_path_free(a);
        cxs_path_free(b);
    }
    free(c);
    free(t);
    CHECK_DONE();
}

/* Rows of weight zero are as if deleted; a missing value is the mean of the others. */
static void weights_and_missing_values(void **unused)
{
    path_case *c = calloc(1, sizeof *c), *t = calloc(1, sizeof *t);
    const cxs_model_settings s = ridge_settings(1e-11);
    const size_t kept = 30;

    (void)unused;
    load_case("wide", c);
    for (size_t i = 0; i < c->n; i++)
        c->weight[i] = i < kept ? c->weight[i] : 0.0;
    *t = *c;
    t->n = kept;
    for (size_t j = 0; j < c->p; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < kept; i++)
            sum += i == j % kept ? 0.0 : c->weight[i] * c->x[j * c->n + i];
        for (size_t i = 0; i < kept; i++)
            t->x[j * kept + i] = c->x[j * c->n + i];
        if (j % 4 == 0) { /* weighted mean of the rows that are there */
            double rest = -c->weight[j % kept];
            for (size_t i = 0; i < kept; i++)
                rest += c->weight[i];
            t->x[j * kept + j % kept] = sum / rest;
            c->x[j * c->n + j % kept] = (double)NAN;
        }
    }
    {
        const cxs_design d = case_design(c), e = case_design(t);
        const cxs_problem p = case_problem(c, 1, 0, 1, 0, CXS_TIES_EFRON);
        const cxs_problem q = case_problem(t, 1, 0, 1, 0, CXS_TIES_EFRON);
        cxs_path *a = solve(&d, &p, &s, NULL), *b = solve(&e, &q, &s, NULL);
        CHECK_NEAR(a->lambda_max, b->lambda_max, 1e-12);
        for (size_t i = 0; i < a->coefs; i++)
            CHECK_NEAR(a->beta[i], b->beta[i], 1e-9);
        CHECK(a->coefs == b->coefs && a->coefs == 10 * c->p);
        cxs_path_free(a);
        cxs_path_free(b);
    }
    free(c);
    free(t);
    CHECK_DONE();
}

/* A covariate twice, and one that is constant in each stratum. */
static void unpenalised_terms_that_cannot_be_told_apart(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    const cxs_model_settings s = ridge_settings(1e-9);
    double z[3 * ROWS_MAX], beta[COLUMNS_MAX], gamma[3] = {0}, alone[1] = {0};

    (void)unused;
    load_case("wide", c);
    for (size_t i = 0; i < c->n; i++) {
        z[i] = c->offset[i];
        z[c->n + i] = 3.0 - 2.0 * z[i];
        z[2 * c->n + i] = (double)c->stratum[i];
    }
    {
        const cxs_design d = case_design(c);
        cxs_problem p = case_problem(c, 1, 0, 0, 0, CXS_TIES_EFRON), q = p;
        cxs_path *a, *b;
        p.z = q.z = z;
        p.k = 3;
        q.k = 1;
        a = solve(&d, &p, &s, NULL);
        b = solve(&d, &q, &s, NULL);
        for (size_t l = 0; l < a->points; l++) {
            dense(a, l, beta, gamma);
            dense(b, l, beta, alone);
            CHECK(a->point[l].converged && b->point[l].converged);
            CHECK_NEAR(gamma[0] - 2.0 * gamma[1], alone[0], 1e-7);
            CHECK_NEAR(a->point[l].loglik, b->point[l].loglik, 1e-8);
        }
        cxs_path_free(a);
        cxs_path_free(b);
    }
    free(c);
    CHECK_DONE();
}

/* Heavy tails from a cold start, columns of any scale, constant ones, lambda = 0 with
 * more features than rows: a certificate or a clear status, never a hang. */
static void stress(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    const double lambda[] = {1.0, 1e-4, 0.0};
    double beta[COLUMNS_MAX], gamma[1];
    cxs_model_settings s = ridge_settings(1e-9);

    (void)unused;
    load_case("wide", c);
    for (size_t j = 0; j < c->p; j++)
        for (size_t i = 0; i < c->n; i++)
            c->x[j * c->n + i] = j == 2   ? 7.0
                                 : j == 3 ? -c->time[i]
                                          : pow(c->x[j * c->n + i], 5.0);
    for (size_t i = 0; i < c->n; i++) {
        c->x[4 * c->n + i] *= 1e300;
        c->x[6 * c->n + i] *= 1e-300;
    }
    s.lambda = lambda;
    s.lambda_count = 3;
    for (size_t first = 0; first < 2; first++) {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
        cxs_path *path;
        s.lambda = lambda + first; /* the second time 1e-4 is a cold start */
        s.lambda_count = 3 - first;
        path = solve(&d, &pr, &s, NULL);
        for (size_t l = 0; l < path->points; l++) {
            const double at = path->point[l].lambda;
            dense(path, l, beta, gamma);
            CHECK(path->point[l].converged == (path->point[l].kkt_max <= s.tol));
            CHECK(at == 0.0 || path->point[l].converged);
            CHECK(beta[2] == 0.0);
            for (size_t j = 0; j < c->p; j++)
                CHECK(isfinite(beta[j]));
        }
        cxs_path_free(path);
    }
    free(c);
    CHECK_DONE();
}

/* A problem alone and in a batch of 20, one thread and five: the same bits. */
static void company_and_threads_do_not_matter(void **unused)
{
    enum { MEMBERS = 20 };
    path_case *c = calloc(1, sizeof *c);
    double(*weight)[ROWS_MAX] = calloc(MEMBERS, sizeof *weight);
    const cxs_model_settings s = ridge_settings(1e-6);
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_panel *panel = NULL;
    cxs_member many[MEMBERS] = {{0}}, one = {0};
    cxs_problem problem[MEMBERS];

    (void)unused;
    load_case("wide", c);
    {
        const cxs_design d = case_design(c);
        CHECK(!cxs_panel_new(ctx, &d, &panel));
        for (size_t b = 0; b < MEMBERS; b++) {
            for (size_t i = 0; i < c->n; i++)
                weight[b][i] = (double)((7 * i + 5 * b + i / (b + 1)) % 3 > 0);
            problem[b] = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
            problem[b].outcome.weight = weight[b];
            many[b].problem = &problem[b];
        }
        one.problem = &problem[17];
        cxs_ctx_set_threads(ctx, 5);
        CHECK(!cxs_batch_start(ctx, panel, &d, &s, NULL, many, MEMBERS));
        cxs_ctx_set_threads(ctx, 1);
        CHECK(!cxs_batch_start(ctx, panel, &d, &s, NULL, &one, 1));
        CHECK(cxs_solver_lambda_max(one.solver) ==
              cxs_solver_lambda_max(many[17].solver));
        for (size_t l = 0; l < 10; l++) {
            double beta[2][COLUMNS_MAX], eta[ROWS_MAX];
            uint32_t id[2][COLUMNS_MAX];
            size_t count[2];
            for (size_t b = 0; b < MEMBERS; b++) {
                many[b].reference = cxs_solver_lambda_max(many[b].solver);
                many[b].lambda = many[b].reference * pow(0.6, (double)l);
                many[b].next = many[b].lambda * 0.6;
            }
            one.reference = many[17].reference;
            one.lambda = many[17].lambda;
            one.next = many[17].next;
            cxs_ctx_set_threads(ctx, 5);
            CHECK(!cxs_batch_solve(ctx, panel, many, MEMBERS));
            cxs_ctx_set_threads(ctx, 1);
            CHECK(!cxs_batch_solve(ctx, panel, &one, 1));
            CHECK(one.solved.converged && one.solved.passes == 1);
            CHECK(one.solved.kkt_max == many[17].solved.kkt_max);
            count[0] = cxs_solver_coefs(many[17].solver, id[0], beta[0], COLUMNS_MAX);
            count[1] = cxs_solver_coefs(one.solver, id[1], beta[1], COLUMNS_MAX);
            CHECK(count[0] == c->p && count[1] == c->p);
            CHECK(memcmp(beta[0], beta[1], c->p * sizeof **beta) == 0);
            cxs_solver_predict(one.solver, eta); /* rows outside the problem too */
            for (size_t i = 0; i < c->n; i++) {
                double apart = 0.0;
                for (size_t j = 0; j < c->p; j++)
                    apart += beta[0][j] * (c->x[j * c->n + i] - c->x[j * c->n]);
                CHECK_NEAR(eta[i] - eta[0], apart, 1e-10);
            }
        }
        cxs_batch_end(many, MEMBERS);
        cxs_batch_end(&one, 1);
    }
    cxs_panel_free(panel);
    cxs_ctx_free(ctx);
    free(weight);
    free(c);
    CHECK_DONE();
}

/* The k-th allocation fails: a clean error each time, nothing leaks. */
static void every_allocation_may_fail(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    cxs_model_settings s = ridge_settings(1e-6);
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)unused;
    load_case("wide", c);
    s.nlambda = 3;
    for (k = 1; rc == CXS_ENOMEM && k < 500; k++) {
        const cxs_design d = case_design(c);
        cxs_problem pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
        const long live = cxs_alloc_live();
        cxs_path *path = NULL;
        pr.z = c->offset;
        pr.k = 1;
        cxs_alloc_fail_at(k);
        rc = solve_on(ctx, &d, &pr, &s, NULL, &path);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (path != NULL));
        cxs_path_free(path);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 40);
    cxs_ctx_free(ctx);
    free(c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(certificate_holds_everywhere),
        cmocka_unit_test(both_forms_agree),
        cmocka_unit_test(weights_and_missing_values),
        cmocka_unit_test(unpenalised_terms_that_cannot_be_told_apart),
        cmocka_unit_test(stress),
        cmocka_unit_test(company_and_threads_do_not_matter),
        cmocka_unit_test(every_allocation_may_fail),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1 : cmocka_run_group_tests_name("ridge", tests, NULL, NULL);
}
