/*
 * test_relax.c -- the support of each lambda fitted again: the score is zero, the
 * definition read literally, and the penalised solver without a penalty agrees
 */
#include "path_case.h"

#include "model/relax.h"
#include "num/blas.h"

static cxs_path *solve(cxs_ctx *ctx, const cxs_design *d, const cxs_problem *pr,
                       const cxs_model_settings *s, const double *factor)
{
    cxs_path *path = NULL;

    CHECK(!cxs_path_solve(ctx, NULL, d, pr, s, factor, &path));
    assert_non_null(path);
    return path;
}

/* Score of a point of the relaxed path in its support, from raw data. */
static double worst_score(const cxs_design *d, const cxs_problem *pr,
                          const cxs_path *path, const cxs_relaxed *relaxed, size_t l)
{
    const cxs_path_point *point = &path->point[l];
    double eta[ROWS_MAX] = {0}, r[ROWS_MAX], worst = 0.0;

    for (size_t i = 0; i < point->count; i++) {
        const size_t id = path->index[point->first + i];
        const double *x = id < d->p ? d->x + id * d->n : pr->z + (id - d->p) * d->n;
        for (size_t row = 0; row < d->n; row++)
            eta[row] += relaxed->beta[point->first + i] * x[row];
    }
    naive_cox(&pr->outcome, eta, r);
    for (size_t i = 0; i < point->count; i++) {
        const size_t id = path->index[point->first + i];
        const double *x = id < d->p ? d->x + id * d->n : pr->z + (id - d->p) * d->n;
        double score = 0.0;
        for (size_t row = 0; row < d->n; row++)
            score += x[row] * r[row];
        worst = fmax(worst, fabs(score) / naive_sd(&pr->outcome, x));
    }
    return worst;
}

/* Every outcome's form: score zero where the status is ok, NaN where it is not;
 * supports of half the events and more are not fitted. */
static void scores_vanish(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    size_t fitted = 0, refused = 0;

    (void)unused;
    load_case("tall", c);
    for (unsigned form = 0; form < 32; form++) {
        const cxs_design d = case_design(c);
        cxs_problem pr = case_problem(c, form & 1, form & 2, form & 4, form & 8,
                                      form & 16 ? CXS_TIES_EFRON : CXS_TIES_BRESLOW);
        cxs_model_settings s = cxs_model_defaults();
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_relaxed relaxed;
        cxs_path *path;
        double z[ROWS_MAX];
        size_t events = 0;
        for (size_t i = 0; i < c->n; i++) {
            z[i] = 60.0 + 9.0 * c->offset[i];
            c->event[i] = c->event[i] && i % 3 > 0; /* fewer events: both kinds */
            events += c->event[i];
        }
        pr.z = z;
        pr.k = form & 8 ? 1 : 0;
        s.nlambda = 20;
        path = solve(ctx, &d, &pr, &s, NULL);
        CHECK(!cxs_relax(ctx, &d, &pr, path, pr.outcome.ties, &relaxed));
        for (size_t l = 0; l < path->points; l++) {
            const cxs_path_point *point = &path->point[l];
            const cxs_status *status = relaxed.status + point->first;
            const int small = 2 * point->count < events;
            for (size_t i = 0; i < point->count; i++) {
                CHECK(status[i] == (small ? CXS_STATUS_OK : CXS_STATUS_TOO_FEW_EVENTS));
                CHECK(isnan(relaxed.beta[point->first + i]) == !small);
            }
            if (small)
                CHECK(worst_score(&d, &pr, path, &relaxed, l) < 1e-8);
            fitted += small && point->count > 0;
            refused += !small;
        }
        cxs_relaxed_free(&relaxed);
        cxs_path_free(path);
        cxs_ctx_free(ctx);
    }
    CHECK(fitted > 100 && refused > 20);
    free(c);
    CHECK_DONE();
}

/* The same support by the penalised solver at lambda = 0, everything else excluded; a
 * missing value is the mean that the path used. */
static void agrees_with_the_solver_at_zero(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    const double zero = 0.0;

    (void)unused;
    load_case("tied", c);
    c->x[2] = c->x[5 * c->n + 9] = (double)NAN;
    {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 1, 0, 1, 1, CXS_TIES_EFRON);
        cxs_model_settings s = cxs_model_defaults(), none;
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_relaxed relaxed;
        cxs_path *path;
        s.nlambda = 20;
        s.lambda_ratio = 0.1;
        none = s;
        none.lambda = &zero;
        none.lambda_count = 1;
        path = solve(ctx, &d, &pr, &s, NULL);
        CHECK(!cxs_relax(ctx, &d, &pr, path, s.ties, &relaxed));
        for (size_t l = 1; l < path->points; l++) {
            const cxs_path_point *point = &path->point[l];
            double factor[COLUMNS_MAX];
            cxs_path *again;
            if (relaxed.status[point->first] != CXS_STATUS_OK)
                break;
            for (size_t j = 0; j < c->p; j++)
                factor[j] = HUGE_VAL;
            for (size_t i = 0; i < point->count; i++)
                factor[path->index[point->first + i]] = 0.0;
            again = solve(ctx, &d, &pr, &none, factor);
            CHECK(again->coefs == point->count);
            for (size_t i = 0; i < point->count; i++) {
                CHECK(again->index[i] == path->index[point->first + i]);
                CHECK_NEAR(again->beta[i], relaxed.beta[point->first + i], 1e-7);
            }
            CHECK(l < 4 || point->count >= 2);
            cxs_path_free(again);
        }
        CHECK(relaxed.fitted >= 4);
        cxs_relaxed_free(&relaxed);
        cxs_path_free(path);
        cxs_ctx_free(ctx);
    }
    free(c);
    CHECK_DONE();
}

/* A copy of a chosen column is aliased; a column that orders the outcome separates; a
 * lambda without a certificate is not fitted. */
static void statuses(void **unused)
{
    const double time[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    const double x[] = {5, 4, 6, 3, 4, 2, 3, 1, 2, 2, 10, 8, 12, 6, 8,
                        4, 6, 2, 4, 4, 9, 8, 7, 6, 5, 4,  3, 2,  1, 0};
    const uint8_t event[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const char *name[] = {"a", "b", "c"};
    const cxs_design d = {.n = 10, .p = 3, .x = x, .feature = name};
    const cxs_problem pr = {.outcome = {.n = 10, .time = time, .event = event}};
    uint32_t index[] = {0, 1, 2, 0, 1};
    double fill[] = {(double)NAN, (double)NAN, (double)NAN};
    cxs_path_point point[] = {{.converged = 1, .first = 0, .count = 2},
                              {.converged = 1, .first = 2, .count = 1},
                              {.converged = 0, .first = 3, .count = 2}};
    cxs_path path = {
        .points = 3, .p = 3, .point = point, .coefs = 5, .index = index, .fill = fill};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_relaxed relaxed;

    (void)unused;
    CHECK(!cxs_relax(ctx, &d, &pr, &path, CXS_TIES_EFRON, &relaxed));
    CHECK(relaxed.status[0] == CXS_STATUS_OK && isfinite(relaxed.beta[0]));
    CHECK(relaxed.status[1] == CXS_STATUS_ALIASED && isnan(relaxed.beta[1]));
    CHECK(relaxed.status[2] == CXS_STATUS_SEPARATED && isnan(relaxed.beta[2]));
    CHECK(relaxed.status[3] == CXS_STATUS_NOT_CONVERGED && isnan(relaxed.beta[4]));
    CHECK(relaxed.fitted == 0);
    cxs_relaxed_free(&relaxed);
    for (long k = 1; k < 4; k++) { /* allocations fail: nothing leaks */
        const long live = cxs_alloc_live();
        cxs_alloc_fail_at(k);
        CHECK(cxs_relax(ctx, &d, &pr, &path, CXS_TIES_EFRON, &relaxed) == CXS_ENOMEM);
        cxs_alloc_fail_at(0);
        CHECK(relaxed.beta == NULL && cxs_alloc_live() == live);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_vanish),
        cmocka_unit_test(agrees_with_the_solver_at_zero),
        cmocka_unit_test(statuses),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1 : cmocka_run_group_tests_name("relax", tests, NULL, NULL);
}
