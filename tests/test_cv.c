/*
 * test_cv.c -- cross-validation against a naive loop of single fits; the stopping rule
 */
#include "path_case.h"

#include "model/cv.h"
#include "num/blas.h"

enum { FOLDS = 4, LAMBDAS = 15 };

static void assign(const path_case *c, uint32_t *fold)
{
    for (size_t i = 0; i < c->n; i++)
        fold[i] = (uint32_t)((7 * i + i / 3) % FOLDS);
}

/* D_f of cv.c for one fold and lambda: own fit, literal likelihoods. */
static double naive_fold(const path_case *c, const cxs_problem *pr, unsigned f,
                         const uint32_t *fold, const cxs_model_settings *s,
                         double lambda)
{
    const cxs_design d = case_design(c);
    double weight[ROWS_MAX], eta[ROWS_MAX] = {0}, r[ROWS_MAX], beta[COLUMNS_MAX];
    double gamma[1], all, train;
    cxs_model_settings one = *s;
    cxs_problem part = *pr;
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_path *path = NULL;

    for (size_t i = 0; i < c->n; i++)
        weight[i] = fold[i] == f ? 0.0 : row_weight(&pr->outcome, i);
    part.outcome.weight = weight;
    one.lambda = &lambda;
    one.lambda_count = 1;
    assert_int_equal(cxs_path_solve(ctx, NULL, &d, &part, &one, NULL, &path), 0);
    dense(path, 0, beta, gamma);
    for (size_t i = 0; i < c->n; i++)
        for (size_t j = 0; j < c->p; j++)
            eta[i] += c->x[j * c->n + i] * beta[j];
    all = naive_cox(&pr->outcome, eta, r);
    train = naive_cox(&part.outcome, eta, r);
    cxs_path_free(path);
    cxs_ctx_free(ctx);
    return -2.0 * (all - train);
}

/* Contributions of all folds at one lambda against cvm and cvse. */
static void check_point(const path_case *c, const cxs_problem *pr, const uint32_t *fold,
                        const cxs_model_settings *s, const cxs_cv *cv, size_t l)
{
    double contribution[FOLDS], held[FOLDS] = {0}, sum = 0.0, spread = 0.0;
    double weights = 0.0;

    for (unsigned f = 0; f < FOLDS; f++) {
        for (size_t i = 0; i < c->n; i++)
            held[f] += fold[i] == f ? row_weight(&pr->outcome, i) : 0.0;
        weights += held[f];
        contribution[f] = naive_fold(c, pr, f, fold, s, cv->lambda[l]);
        sum += contribution[f];
    }
    CHECK_NEAR(cv->cvm[l], sum / weights, 1e-8);
    for (unsigned f = 0; f < FOLDS; f++) {
        const double own = contribution[f] / held[f] - sum / weights;
        spread += held[f] / weights * own * own;
    }
    CHECK_NEAR(cv->cvse[l], sqrt(spread / (FOLDS - 1)), 1e-8);
    CHECK(cv->used[l] == FOLDS);
}

static void curve_equals_naive_loop(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    uint32_t fold[ROWS_MAX];
    double lambda[LAMBDAS];

    (void)unused;
    for (int form = 0; form < 8; form++) { /* the last four: ridge, n x n form */
        const int ridge = form >= 4;
        cxs_model_settings s = cxs_model_defaults();
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_panel *panel = NULL;
        cxs_design d;
        cxs_problem pr;
        cxs_cv cv;
        load_case(ridge ? "wide" : "tied", c);
        assign(c, fold);
        for (size_t l = 0; l < LAMBDAS; l++)
            lambda[l] = (ridge ? 20.0 : 0.25) * pow(ridge ? 0.6 : 0.8, (double)l);
        d = case_design(c);
        pr = case_problem(c, form & 1, 0, form & 2, form & 2,
                          form & 1 ? CXS_TIES_EFRON : CXS_TIES_BRESLOW);
        s.folds = FOLDS;
        s.alpha = ridge ? 0.0 : 1.0;
        s.early_stop = 0;
        s.tol = 1e-10;
        CHECK(!cxs_panel_new(ctx, &d, &panel) && panel != NULL);
        CHECK(!cxs_cv_run(ctx, panel, &d, &pr, &s, NULL, fold, lambda, LAMBDAS,
                          lambda[0], &cv));
        CHECK(cv.points == LAMBDAS && !cv.stopped);
        for (size_t l = 0; l < LAMBDAS; l += 3)
            check_point(c, &pr, fold, &s, &cv, l);
        cxs_cv_free(&cv);
        cxs_panel_free(panel);
        cxs_ctx_free(ctx);
    }
    free(c);
    CHECK_DONE();
}

/* A minimum at 2, then a climb past min + 2 se at index 12: stop there, not before. */
static void stopping_rule(void **unused)
{
    double cvm[20], cvse[20];
    size_t best, se;
    int over;

    (void)unused;
    for (size_t l = 0; l < 20; l++) {
        cvm[l] = 1.0 + 0.05 * fabs((double)l - 2.0);
        cvse[l] = 0.1;
    }
    CHECK(cxs_cv_choose(20, cvm, cvse, 0, 1, &best, &se, &over) == 13 && over);
    CHECK(cxs_cv_choose(13, cvm, cvse, 0, 1, &best, &se, &over) == 13 && over);
    CHECK(cxs_cv_choose(12, cvm, cvse, 0, 1, &best, &se, &over) == 12 && !over);
    CHECK(best == 2 && se == 0); /* cvm[0] = 1.1 <= 1.0 + 0.1 */
    CHECK(cxs_cv_choose(20, cvm, cvse, 0, 0, &best, &se, &over) == 20);
    cvse[2] = 0.3; /* min + 2 se = 1.6: passed at index 15 */
    CHECK(cxs_cv_choose(20, cvm, cvse, 0, 1, &best, &se, &over) == 16);
    cvse[2] = 0.06; /* 1se: first index with cvm <= 1.06 */
    CHECK(cxs_cv_choose(20, cvm, cvse, 0, 1, &best, &se, &over) == 13 && se == 1);
    for (size_t l = 0; l < 20; l++)
        cvm[l] = -cvm[l]; /* concordance: larger is better */
    CHECK(cxs_cv_choose(20, cvm, cvse, 1, 1, &best, &se, &over) == 13 && best == 2 &&
          se == 1);
    cvm[0] = cvm[2] = (double)NAN; /* a value that does not exist is not the best */
    CHECK(cxs_cv_choose(20, cvm, cvse, 1, 0, &best, &se, &over) == 20 && best == 1);
    CHECK(se == 1);
    CHECK_DONE();
}

/* Stopping early only cuts the curve: what is left has the same bits. */
static void early_stop_cuts_only(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    uint32_t fold[ROWS_MAX];
    double lambda[60];
    cxs_cv whole, cut;

    (void)unused;
    load_case("wide", c);
    assign(c, fold);
    for (size_t l = 0; l < 60; l++)
        lambda[l] = 0.4 * pow(0.94, (double)l);
    {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
        cxs_model_settings s = cxs_model_defaults();
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_panel *panel = NULL;
        s.folds = FOLDS;
        CHECK(!cxs_panel_new(ctx, &d, &panel) && panel != NULL);
        cxs_ctx_set_threads(ctx, 2);
        CHECK(!cxs_cv_run(ctx, panel, &d, &pr, &s, NULL, fold, lambda, 60, 0.4, &cut));
        s.early_stop = 0;
        cxs_ctx_set_threads(ctx, 1);
        CHECK(
            !cxs_cv_run(ctx, panel, &d, &pr, &s, NULL, fold, lambda, 60, 0.4, &whole));
        CHECK(cut.stopped && cut.points < 60 && whole.points == 60);
        CHECK(cut.best == whole.best || whole.best >= cut.points);
        CHECK(memcmp(cut.cvm, whole.cvm, cut.points * sizeof *cut.cvm) == 0);
        CHECK(memcmp(cut.cvse, whole.cvse, cut.points * sizeof *cut.cvse) == 0);
        cxs_panel_free(panel);
        cxs_ctx_free(ctx);
    }
    cxs_cv_free(&whole);
    cxs_cv_free(&cut);
    free(c);
    CHECK_DONE();
}

/* The range of lambda_min: each repeat alone finds its own, both ends are met. */
static void minima_of_the_repeats(void **unused)
{
    enum { REPEATS = 4, POINTS = 40 };
    path_case *c = calloc(1, sizeof *c);
    uint32_t fold[REPEATS * ROWS_MAX];
    double lambda[POINTS];
    cxs_cv all, one;

    (void)unused;
    load_case("wide", c);
    for (size_t l = 0; l < POINTS; l++)
        lambda[l] = 0.4 * pow(0.94, (double)l);
    for (size_t r = 0; r < REPEATS; r++)
        for (size_t i = 0; i < c->n; i++)
            fold[r * c->n + i] = (uint32_t)(((2 * r + 1) * i + i / (r + 2)) % FOLDS);
    for (int metric = 0; metric < 2; metric++) {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
        cxs_model_settings s = cxs_model_defaults();
        cxs_ctx *ctx = cxs_ctx_new();
        size_t low = POINTS, high = 0;
        s.folds = FOLDS;
        s.early_stop = 0;
        s.metric = metric ? CXS_CV_CONCORDANCE : CXS_CV_DEVIANCE;
        s.repeats = REPEATS;
        CHECK(
            !cxs_cv_run(ctx, NULL, &d, &pr, &s, NULL, fold, lambda, POINTS, 0.4, &all));
        s.repeats = 1;
        for (size_t r = 0; r < REPEATS; r++) {
            CHECK(!cxs_cv_run(ctx, NULL, &d, &pr, &s, NULL, fold + r * c->n, lambda,
                              POINTS, 0.4, &one));
            CHECK(one.best_low == one.best && one.best_high == one.best);
            low = one.best < low ? one.best : low;
            high = one.best > high ? one.best : high;
            cxs_cv_free(&one);
        }
        CHECK(all.best_low == low && all.best_high == high && low < high);
        cxs_cv_free(&all);
        cxs_ctx_free(ctx);
    }
    free(c);
    CHECK_DONE();
}

/* Concordance of the held-out rows, counted pair by pair. */
static void concordance_by_pairs(void **unused)
{
    path_case *c = calloc(1, sizeof *c);
    uint32_t fold[ROWS_MAX];
    const double lambda[] = {0.15, 0.08};
    cxs_cv cv;

    (void)unused;
    load_case("tall", c);
    assign(c, fold);
    {
        const cxs_design d = case_design(c);
        const cxs_problem pr = case_problem(c, 0, 0, 0, 0, CXS_TIES_EFRON);
        cxs_model_settings s = cxs_model_defaults();
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_panel *panel = NULL;
        s.folds = FOLDS;
        CHECK(!cxs_panel_new(ctx, &d, &panel) && panel != NULL);
        s.tol = 1e-10;
        s.metric = CXS_CV_CONCORDANCE;
        CHECK(!cxs_cv_run(ctx, panel, &d, &pr, &s, NULL, fold, lambda, 2, 0.2, &cv));
        for (size_t l = 0; l < 2; l++) {
            double right = 0.0, pairs = 0.0;
            for (unsigned f = 0; f < FOLDS; f++) {
                double weight[ROWS_MAX], beta[COLUMNS_MAX], gamma[1];
                double eta[ROWS_MAX] = {0};
                cxs_model_settings one = s;
                cxs_problem part = pr;
                cxs_path *path = NULL;
                for (size_t i = 0; i < c->n; i++)
                    weight[i] = fold[i] != f;
                part.outcome.weight = weight;
                one.lambda = lambda + l;
                one.lambda_count = 1;
                CHECK(!cxs_path_solve(ctx, NULL, &d, &part, &one, NULL, &path));
                dense(path, 0, beta, gamma);
                for (size_t i = 0; i < c->n; i++)
                    for (size_t j = 0; j < c->p; j++)
                        eta[i] += c->x[j * c->n + i] * beta[j];
                for (size_t i = 0; i < c->n; i++)
                    for (size_t j = 0; j < c->n; j++)
                        if (fold[i] == f && fold[j] == f && c->event[i] &&
                            c->time[i] < c->time[j]) {
                            pairs += 1.0;
                            right += eta[i] > eta[j]   ? 1.0
                                     : eta[i] < eta[j] ? 0.0
                                                       : 0.5;
                        }
                cxs_path_free(path);
            }
            CHECK_NEAR(cv.cvm[l], right / pairs, 1e-12);
        }
        cxs_cv_free(&cv);
        cxs_panel_free(panel);
        cxs_ctx_free(ctx);
    }
    free(c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curve_equals_naive_loop),
        cmocka_unit_test(stopping_rule),
        cmocka_unit_test(early_stop_cuts_only),
        cmocka_unit_test(minima_of_the_repeats),
        cmocka_unit_test(concordance_by_pairs),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1 : cmocka_run_group_tests_name("cv", tests, NULL, NULL);
}
