/*
 * test_path.c -- penalised Cox paths: by hand, glmnet, certificates, stress,
 * invariances
 */
#include "cohort.h"
#include "path_case.h"

#include "model/batch.h"
#include "num/blas.h"

static cxs_path *solve(const cxs_design *d, const cxs_problem *p,
                       const cxs_model_settings *s, const double *factor)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_path *path = NULL;
    cxs_panel *panel = NULL;
    cxs_rc rc = cxs_panel_new(ctx, d, &panel);

    assert_int_equal(rc, CXS_OK);
    rc = cxs_path_solve(ctx, panel, d, p, s, factor, &path);
    cxs_panel_free(panel);

    if (rc != CXS_OK)
        printf("  %s\n", cxs_ctx_message(ctx));
    cxs_ctx_free(ctx);
    return path;
}

/*
 * Three events at 1, 2, 3, x = (1, 0, 0): dl/dbeta = 2/(e^b + 2), sd = sqrt(2)/3, W
 * = 3. lambda_max = (2/3) / sd / 3 = 0.4714..;  at lambda: e^b = 2/(3 lambda sd) - 2.
 */
static void by_hand(void **unused)
{
    const double time[] = {1, 2, 3}, x[] = {1, 0, 0}, lambda[] = {0.4, 0.2, 0.05};
    const uint8_t event[] = {1, 1, 1};
    const char *name[] = {"x"};
    const cxs_design d = {.n = 3, .p = 1, .x = x, .feature = name};
    const cxs_problem pr = {.outcome = {.n = 3, .time = time, .event = event}};
    const double sd = sqrt(2.0) / 3.0;
    cxs_model_settings s = cxs_model_defaults();
    cxs_path *path;

    (void)unused;
    s.lambda = lambda;
    s.lambda_count = 3;
    s.tol = 1e-12;
    path = solve(&d, &pr, &s, NULL);
    assert_non_null(path);
    CHECK_NEAR(path->lambda_max, 2.0 / 9.0 / sd, TOL_SUM);
    CHECK_NEAR(path->loglik_null, -log(6.0), TOL_SUM);
    CHECK(path->loglik_saturated == 0.0);
    for (size_t l = 0; l < 3; l++)
        CHECK_NEAR(path->beta[path->point[l].first],
                   log(2.0 / (3.0 * lambda[l] * sd) - 2.0), 1e-10);
    cxs_path_free(path);
    CHECK_DONE();
}

typedef struct answer_set {
    char name[32], design[16];
    double alpha, lambda[32], beta[32][COLUMNS_MAX];
    int strata, entry, weight, offset, factor;
    size_t points;
} answer_set;

/* Cases of answers.tsv.gz, one after the other in the file. */
static size_t load_answers(answer_set *set, size_t capacity)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = NULL;
    size_t count = 0;

    assert_int_equal(cxs_table_read(ctx, "tests/data/path/answers.tsv.gz", &t), CXS_OK);
    for (size_t row = 0; row < t->rows; row++) {
        const char *name = cxs_table_cell(t, row, 0);
        const double lambda = number(cxs_table_cell(t, row, 9));
        answer_set *a;
        if (count == 0 || strcmp(set[count - 1].name, name) != 0) {
            assert_true(count < capacity);
            a = &set[count++];
            memset(a, 0, sizeof *a);
            snprintf(a->name, sizeof a->name, "%s", name);
            snprintf(a->design, sizeof a->design, "%s", cxs_table_cell(t, row, 1));
            a->alpha = number(cxs_table_cell(t, row, 2));
            a->strata = number(cxs_table_cell(t, row, 3)) > 0.0;
            a->entry = number(cxs_table_cell(t, row, 4)) > 0.0;
            a->weight = number(cxs_table_cell(t, row, 5)) > 0.0;
            a->offset = number(cxs_table_cell(t, row, 6)) > 0.0;
            a->factor = number(cxs_table_cell(t, row, 7)) > 0.0;
        }
        a = &set[count - 1];
        if (a->points == 0 || a->lambda[a->points - 1] != lambda)
            a->lambda[a->points++] = lambda;
        a->beta[a->points - 1][(size_t)number(cxs_table_cell(t, row, 10)) - 1] =
            number(cxs_table_cell(t, row, 11));
    }
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    return count;
}

/* The factors of make_reference_path.R: 0, 1.5, 0.5, 1.5, .. scaled to mean 1. */
static void reference_factors(double *factor, size_t p)
{
    double sum = 0.0;

    for (size_t j = 0; j < p; j++) {
        factor[j] = j == 0 ? 0.0 : j % 2 ? 1.5 : 0.5;
        sum += factor[j];
    }
    for (size_t j = 0; j < p; j++)
        factor[j] *= (double)p / sum;
}

/* Certificate outside the solver, objective not above glmnet's.  Coefficients are not
 * compared: at thresh 1e-14 glmnet's own still are off by up to 3e-5 (its KKT
 * residual). */
static void agrees_with_glmnet(void **unused)
{
    answer_set *set = calloc(20, sizeof *set);
    const size_t cases = load_answers(set, 20);
    path_case *c = calloc(1, sizeof *c);

    (void)unused;
    CHECK(cases == 18);
    for (size_t i = 0; i < cases; i++) {
        const answer_set *a = &set[i];
        double factor[COLUMNS_MAX], beta[COLUMNS_MAX], gamma[1];
        cxs_model_settings s = cxs_model_defaults();
        cxs_design d;
        cxs_problem pr;
        cxs_path *path;
        load_case(a->design, c);
        d = case_design(c);
        pr = case_problem(c, a->strata, a->entry, a->weight, a->offset,
                          CXS_TIES_BRESLOW);
        reference_factors(factor, c->p);
        s.alpha = a->alpha;
        s.lambda = a->lambda;
        s.lambda_count = a->points;
        s.tol = 1e-10;
        path = solve(&d, &pr, &s, a->factor ? factor : NULL);
        assert_non_null(path);
        for (size_t l = 0; l < a->points; l++) {
            judged ours, theirs;
            const double *pf = a->factor ? factor : NULL;
            dense(path, l, beta, gamma);
            ours = judge(&d, &pr, pf, a->alpha, a->lambda[l], beta, gamma);
            theirs = judge(&d, &pr, pf, a->alpha, a->lambda[l], a->beta[l], gamma);
            CHECK(path->point[l].converged);
            CHECK(ours.violation <= 1.01e-10 * path->lambda_max);
            CHECK(ours.objective <= theirs.objective * (1.0 + 1e-12));
            CHECK_NEAR(ours.objective, theirs.objective, 1e-8);
        }
        cxs_path_free(path);
    }
    free(set);
    free(c);
    CHECK_DONE();
}

/* kkt_max is the certificate that we recompute, and it keeps its bound: both ties, all
 * 16 forms of the outcome, with covariates, at two tolerances, on the default sequence.
 */
static void certificate_holds_everywhere(void **unused)
{
    static const char *const designs[] = {"wide", "tall", "tied", "collinear",
                                          "censored"};
    path_case *c = calloc(1, sizeof *c);

    (void)unused;
    for (size_t i = 0; i < 5; i++)
        for (unsigned form = 0; form < 64; form++) {
            double z[2 * ROWS_MAX], beta[COLUMNS_MAX], gamma[2] = {0, 0};
            cxs_model_settings s = cxs_model_defaults();
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
            s.alpha = form % 3 == 0 ? 0.3 : 1.0;
            s.nlambda = 12;
            s.lambda_ratio = 0.02;
            s.tol = form % 2 ? 1e-6 : 1e-10;
            path = solve(&d, &pr, &s, NULL);
            assert_non_null(path);
            CHECK(path->points == 12);
            for (size_t l = 0; l < path->points; l++) {
                judged at;
                dense(path, l, beta, gamma);
                at = judge(&d, &pr, NULL, s.alpha, path->point[l].lambda, beta, gamma);
                CHECK(path->point[l].converged && path->point[l].kkt_max <= s.tol);
                CHECK(at.violation <= s.tol * path->lambda_max + 1e-13);
            }
            CHECK(path->point[0].df == 0 && path->point[11].df > 0);
            cxs_path_free(path);
        }
    free(c);
    CHECK_DONE();
}

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
    a = solve(&d, &pr, &s, factor);
    memcpy(z, c->x, c->n * sizeof *z);
    rest = malloc(c->n * c->p * sizeof *rest);
    memcpy(rest, c->x + c->n, c->n * 4 * sizeof *rest);
    memcpy(rest + 4 * c->n, c->x + 6 * c->n, c->n * (c->p - 6) * sizeof *rest);
    less = (cxs_design){.n = c->n, .p = c->p - 2, .x = rest, .feature = c->name};
    with_z = pr;
    with_z.z = z;
    with_z.k = 1;
    b = solve(&less, &with_z, &s, NULL);
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
        cxs_path *a = solve(&d, &p, &s, NULL), *b = solve(&e, &q, &s, NULL);
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
        cxs_path *a = solve(&d, &p, &s, NULL), *b = solve(&e, &q, &s, NULL);
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
        a = solve(&d, &p, &s, NULL);
        b = solve(&e, &p, &s, NULL);
        assert_non_null(a);
        assert_non_null(b);
        for (size_t i = 0; i < a->coefs; i++)
            CHECK_NEAR(a->beta[i], b->beta[i], 1e-9);
        CHECK(a->coefs == b->coefs && a->coefs > 0);
        cxs_path_free(a);
        s.missing = CXS_MISSING_REFUSE;
        CHECK(solve(&d, &p, &s, NULL) == NULL);
    }
    cxs_path_free(b);
    free(c);
    free(t);
    CHECK_DONE();
}

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
        cxs_path *path = solve(&d, &pr, &s, NULL);
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
        cxs_path *a = solve(&d, &pr, &warm, NULL), *b;
        double last;
        assert_non_null(a);
        last = a->point[39].lambda;
        cold.lambda = &last;
        cold.lambda_count = 1;
        b = solve(&d, &pr, &cold, NULL);
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
            cxs_path *path = solve(&d, &pr, &s, NULL);
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

/* The first q: order of entry, a tie at one lambda by size, never more than q. */
static void first_features_enter_in_order(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    cxs_model_settings s = cxs_model_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    uint32_t all[COLUMNS_MAX], some[COLUMNS_MAX];
    size_t count, fewer;

    (void)unused;
    load_case("tied", c);
    {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
        cxs_path *path = solve(&d, &pr, &s, NULL);
        size_t seen = 0;
        uint8_t entered[COLUMNS_MAX] = {0};
        assert_non_null(path);
        CHECK(!cxs_path_first(ctx, NULL, &d, &pr, 1, &s, 12, all, &count));
        CHECK(!cxs_path_first(ctx, NULL, &d, &pr, 1, &s, 4, some, &fewer));
        CHECK(count == 12 && fewer == 4);
        CHECK(memcmp(all, some, 4 * sizeof *all) == 0);
        for (size_t l = 0; l < path->points && seen < count; l++) {
            double beta[COLUMNS_MAX], gamma[1], last = HUGE_VAL;
            size_t fresh = 0;
            dense(path, l, beta, gamma);
            for (size_t j = 0; j < c->p; j++)
                fresh += beta[j] != 0.0 && !entered[j];
            for (size_t i = 0; i < fresh && seen < count; i++, seen++) {
                const uint32_t j = all[seen];
                const double size = fabs(beta[j]) * path->scale[j];
                CHECK(beta[j] != 0.0 && !entered[j] && size <= last);
                last = size;
                entered[j] = 1;
            }
        }
        CHECK(seen == count);
        cxs_path_free(path);
    }
    cxs_ctx_free(ctx);
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

/* The k-th allocation fails: a clean error each time, nothing leaks. */
static void every_allocation_may_fail(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    cxs_model_settings s = cxs_model_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)unused;
    load_case("tied", c);
    c->x[3] = (double)NAN; /* the imputed copy allocates too */
    s.nlambda = 5;
    for (k = 1; rc == CXS_ENOMEM && k < 500; k++) {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
        const long live = cxs_alloc_live();
        cxs_path *path = NULL;
        cxs_panel *panel = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_panel_new(ctx, &d, &panel);
        if (rc == CXS_OK)
            rc = cxs_path_solve(ctx, panel, &d, &pr, &s, NULL, &path);
        cxs_panel_free(panel);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (path != NULL));
        cxs_path_free(path);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 20);
    cxs_ctx_free(ctx);
    free(c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(agrees_with_glmnet),
        cmocka_unit_test(certificate_holds_everywhere),
        cmocka_unit_test(factors_zero_and_infinite),
        cmocka_unit_test(invariances),
        cmocka_unit_test(weights_are_rows),
        cmocka_unit_test(missing_values_take_the_training_mean),
        cmocka_unit_test(stress),
        cmocka_unit_test(cold_start_needs_the_line_search),
        cmocka_unit_test(about_one_pass_per_lambda),
        cmocka_unit_test(the_strong_rule_chooses),
        cmocka_unit_test(company_does_not_matter),
        cmocka_unit_test(tiny_and_degenerate),
        cmocka_unit_test(first_features_enter_in_order),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(every_allocation_may_fail),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1 : cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
