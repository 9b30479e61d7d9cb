/*
 * test_path.c -- penalised Cox paths: by hand, glmnet, certificates
 */
#include "test.h"

#include "path_case.h"

#include "num/blas.h"

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
    path = case_solve(&d, &pr, &s, NULL);
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
        path = case_solve(&d, &pr, &s, a->factor ? factor : NULL);
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
            path = case_solve(&d, &pr, &s, NULL);
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
        cxs_path *path = case_solve(&d, &pr, &s, NULL);
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
        cmocka_unit_test(first_features_enter_in_order),
        cmocka_unit_test(every_allocation_may_fail),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1 : cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
