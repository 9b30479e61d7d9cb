/*
 * test_nested.c -- nested cross-validation: nothing leaks from the rows left out, null
 * data are worth 0.5, the summary is the definition
 */
#include "cohort.h"
#include "test.h"

#include "model/nested.h"
#include "num/blas.h"
#include "resample/plan.h"

#include <string.h>

enum { ROWS = 90, FEATURES = 120 };

typedef struct cohort {
    cxs_matrix *matrix;
    cxs_surv *surv;
    cxs_design design;
    cxs_problem problem;
} cohort;

/* `effect` on the log hazard of the first feature; 0 is null data. */
static cohort make(double strength, uint64_t seed)
{
    cohort c = {.matrix = cohort_matrix(ROWS, FEATURES, seed)};
    double eta[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        eta[i] = strength * c.matrix->x[i];
    c.surv = cohort_surv(ROWS, 2, 1, eta, seed);
    c.design = (cxs_design){.n = ROWS,
                            .p = FEATURES,
                            .x = c.matrix->x,
                            .feature = cxs_matrix_feature(c.matrix)};
    c.problem = cxs_problem_of(c.surv, CXS_TIES_EFRON);
    return c;
}

static void unmake(cohort *c)
{
    cxs_matrix_free(c->matrix);
    cxs_surv_free(c->surv);
}

static cxs_model_settings small_settings(double alpha)
{
    cxs_model_settings s = cxs_model_defaults();

    s.alpha = alpha;
    s.nlambda = 15;
    s.lambda_ratio = 0.1;
    s.folds = 4;
    s.outer_folds = 5;
    return s;
}

/* Rows left out keep their features but exchange their outcomes: path, inner curve,
 * choice and prediction keep their bits; exchanging two training rows changes them. */
static void rows_left_out_decide_nothing(void **unused)
{
    static const double alphas[] = {1.0, 0.0};

    (void)unused;
    for (size_t a = 0; a < 2; a++)
        for (int training = 0; training < 2; training++) {
            cohort c = make(0.8, 4);
            cxs_model_settings s = small_settings(alphas[a]);
            cxs_ctx *ctx = cxs_ctx_new();
            cxs_panel *panel = NULL;
            cxs_selection before, after;
            double weight[ROWS];
            s.repeats = 2;
            for (size_t i = 0; i < ROWS; i++)
                weight[i] = i % 5 == 2 ? 0.0 : 1.0;
            c.problem.outcome.weight = weight;
            CHECK(!cxs_panel_new(ctx, &c.design, &panel));
            CHECK(!cxs_nested_select(ctx, panel, &c.design, &c.problem, c.surv, &s,
                                     NULL, 3, &before));
            for (size_t i = 2; i < ROWS; i += 10) { /* two rows of the same kind */
                const size_t j = training ? i + 1 : i + 5 < ROWS ? i + 5 : 2;
                const size_t from = training ? i - 1 : i;
                const double time = c.surv->time[from];
                const uint8_t event = c.surv->event[from];
                c.surv->time[from] = c.surv->time[j];
                c.surv->event[from] = c.surv->event[j];
                c.surv->time[j] = time;
                c.surv->event[j] = event;
            }
            for (size_t i = 2; i < ROWS && !training; i += 5) {
                c.surv->time[i] += 17.0; /* and other ones altogether */
                c.surv->event[i] = !c.surv->event[i];
            }
            CHECK(!cxs_nested_select(ctx, panel, &c.design, &c.problem, c.surv, &s,
                                     NULL, 3, &after));
            if (training) {
                CHECK(before.path->lambda_max != after.path->lambda_max);
            } else {
                const size_t coefs = before.path->coefs, points = before.cv.points;
                CHECK(after.path->coefs == coefs && coefs > 0);
                CHECK(after.cv.points == points && after.chosen == before.chosen);
                CHECK(memcmp(before.path->beta, after.path->beta,
                             coefs * sizeof(double)) == 0);
                for (size_t l = 0; l < before.path->points; l++)
                    CHECK(before.path->point[l].lambda == after.path->point[l].lambda &&
                          before.path->point[l].loglik == after.path->point[l].loglik);
                CHECK(memcmp(before.cv.cvm, after.cv.cvm, points * sizeof(double)) ==
                      0);
                CHECK(memcmp(before.cv.cvse, after.cv.cvse, points * sizeof(double)) ==
                      0);
                CHECK(memcmp(before.eta, after.eta, ROWS * sizeof(double)) == 0);
            }
            cxs_selection_free(&before);
            cxs_selection_free(&after);
            cxs_panel_free(panel);
            cxs_ctx_free(ctx);
            unmake(&c);
        }
    CHECK_DONE();
}

/* Concordance of one row's predictor by all pairs, rows of one fold and stratum. */
static double by_pairs(const cohort *c, const uint32_t *fold, uint32_t f,
                       const double *eta, double *pairs)
{
    const cxs_outcome *o = &c->problem.outcome;
    double right = 0.0;

    *pairs = 0.0;
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < ROWS; j++)
            if (fold[i] == f && fold[j] == f && o->event[i] &&
                o->stratum[i] == o->stratum[j] &&
                (o->time[i] < o->time[j] ||
                 (o->time[i] == o->time[j] && !o->event[j]))) {
                *pairs += 1.0;
                right += eta[i] > eta[j] ? 1.0 : eta[i] < eta[j] ? 0.0 : 0.5;
            }
    return right / *pairs;
}

/* Each fold's figures from the predictors, the summary from the folds; a planted marker
 * is found in nearly every outer fold and predicts; threads do not matter. */
static void summary_is_the_definition(void **unused)
{
    cohort c = make(1.2, 7);
    cxs_model_settings s = small_settings(1.0);
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_panel *panel = NULL;
    cxs_nested nested, again;
    double repeat_c[3], mean = 0.0, spread = 0.0, deviance = 0.0;

    (void)unused;
    s.outer_repeats = 3;
    CHECK(!cxs_panel_new(ctx, &c.design, &panel));
    CHECK(
        !cxs_nested_run(ctx, panel, &c.design, &c.problem, c.surv, &s, NULL, &nested));
    CHECK(nested.count == 15);
    for (size_t r = 0; r < 3; r++) {
        uint32_t fold[ROWS];
        double right = 0.0, all = 0.0;
        CHECK(!cxs_plan_folds_among(ctx, c.surv, NULL, 5, s.seed, CXS_DRAW_OUTER_FOLDS,
                                    r, fold));
        for (uint32_t f = 0; f < 5; f++) {
            const cxs_nested_fold *at = &nested.fold[5 * r + f];
            double pairs, own;
            own = by_pairs(&c, fold, f, nested.eta + r * ROWS, &pairs);
            CHECK(at->repeat == r && at->fold == f && at->converged);
            CHECK(at->pairs == pairs);
            CHECK_NEAR(at->concordance, own, 1e-14);
            right += own * pairs;
            all += pairs;
            deviance += at->deviance / ROWS / 3.0;
        }
        repeat_c[r] = right / all;
        mean += repeat_c[r] / 3.0;
    }
    for (size_t r = 0; r < 3; r++)
        spread += (repeat_c[r] - mean) * (repeat_c[r] - mean);
    CHECK_NEAR(nested.concordance, mean, 1e-13);
    CHECK_NEAR(nested.concordance_sd, sqrt(spread / 2.0), 1e-10);
    CHECK_NEAR(nested.deviance, deviance, 1e-13);
    CHECK(nested.selected[0] >= 14 && nested.concordance > 0.7);
    cxs_ctx_set_threads(ctx, 5);
    CHECK(!cxs_nested_run(ctx, panel, &c.design, &c.problem, c.surv, &s, NULL, &again));
    CHECK(memcmp(nested.eta, again.eta, 3 * ROWS * sizeof(double)) == 0);
    CHECK(memcmp(nested.selected, again.selected, FEATURES * sizeof(size_t)) == 0);
    CHECK(nested.deviance == again.deviance);
    cxs_nested_free(&nested);
    cxs_nested_free(&again);
    cxs_panel_free(panel);
    cxs_ctx_free(ctx);
    unmake(&c);
    CHECK_DONE();
}

/* The deviance of one fold from its definition: a model of the training rows, both
 * likelihoods by the solver's own path on a problem of each. */
static void deviance_is_that_of_the_rows_added(void **unused)
{
    cohort c = make(1.0, 5);
    cxs_model_settings s = small_settings(1.0);
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_nested nested;
    uint32_t fold[ROWS];
    double weight[ROWS];

    (void)unused;
    CHECK(!cxs_nested_run(ctx, NULL, &c.design, &c.problem, c.surv, &s, NULL, &nested));
    CHECK(!cxs_plan_folds_among(ctx, c.surv, NULL, 5, s.seed, CXS_DRAW_OUTER_FOLDS, 0,
                                fold));
    for (uint32_t f = 0; f < 5; f++) {
        cxs_problem training = c.problem;
        cxs_selection chosen;
        double both[2];
        for (size_t i = 0; i < ROWS; i++)
            weight[i] = fold[i] != f;
        training.outcome.weight = weight;
        CHECK(!cxs_nested_select(ctx, NULL, &c.design, &training, c.surv, &s, NULL, f,
                                 &chosen));
        for (int all = 0; all < 2; all++) { /* eta as an offset, nothing fitted */
            const cxs_outcome *o = all ? &c.problem.outcome : &training.outcome;
            double total = 0.0;
            for (size_t i = 0; i < ROWS; i++) {
                double sum = 0.0, tied = 0.0, d = 0.0, rank = 0.0;
                if (!o->event[i] || (o->weight != NULL && o->weight[i] == 0.0))
                    continue;
                for (size_t j = 0; j < ROWS; j++) {
                    const int there = o->weight == NULL || o->weight[j] > 0.0;
                    const int same = there && o->stratum[i] == o->stratum[j];
                    const int dead = same && o->event[j] && o->time[j] == o->time[i];
                    sum += same && o->time[j] >= o->time[i] ? exp(chosen.eta[j]) : 0.0;
                    tied += dead ? exp(chosen.eta[j]) : 0.0;
                    d += dead;
                    rank += dead && j < i;
                }
                total += chosen.eta[i] - log(sum - rank / d * tied);
            }
            both[all] = total;
        }
        CHECK_NEAR(nested.fold[f].deviance, -2.0 * (both[1] - both[0]), 1e-9);
        CHECK(nested.fold[f].lambda_index == chosen.chosen);
        CHECK(nested.fold[f].df == chosen.path->point[chosen.chosen].df);
        cxs_selection_free(&chosen);
    }
    cxs_nested_free(&nested);
    cxs_ctx_free(ctx);
    unmake(&c);
    CHECK_DONE();
}

/* Null data: what the chosen model says about its own patients is above 0.5 (ridge uses
 * every feature; the lasso often rightly chooses none), what it says about others is
 * not.  Mean of six cohorts of 90; one has a standard error near 0.05, so 0.06 is three
 * of the mean's. */
static void null_data_are_worth_nothing(void **unused)
{
    static const double alphas[] = {0.0, 1.0}, above[] = {0.75, 0.52};
    const size_t cohorts = 6;
    double weight[ROWS];

    (void)unused;
    for (size_t i = 0; i < ROWS; i++)
        weight[i] = 1.0;
    for (size_t a = 0; a < 2; a++) {
        const cxs_model_settings s = small_settings(alphas[a]);
        double nested_sum = 0.0, apparent_sum = 0.0;
        for (uint64_t seed = 1; seed <= cohorts; seed++) {
            cohort c = make(0.0, 100 + seed);
            cxs_ctx *ctx = cxs_ctx_new();
            cxs_nested nested;
            cxs_selection full;
            double apparent, pairs;
            c.problem.k = 0;
            CHECK(!cxs_nested_run(ctx, NULL, &c.design, &c.problem, c.surv, &s, NULL,
                                  &nested));
            CHECK(!cxs_nested_select(ctx, NULL, &c.design, &c.problem, c.surv, &s, NULL,
                                     999, &full));
            CHECK(!cxs_cv_concordance(ctx, &c.problem.outcome, weight, full.eta,
                                      &apparent, &pairs));
            CHECK(isnan(nested.concordance_sd)); /* one repeat has no spread */
            nested_sum += nested.concordance / (double)cohorts;
            apparent_sum += apparent / (double)cohorts;
            cxs_nested_free(&nested);
            cxs_selection_free(&full);
            cxs_ctx_free(ctx);
            unmake(&c);
        }
        printf("  null data, alpha %g: nested %.3f, apparent %.3f\n", alphas[a],
               nested_sum, apparent_sum);
        CHECK(fabs(nested_sum - 0.5) < 0.06);
        CHECK(apparent_sum > above[a]);
    }
    CHECK_DONE();
}

/* No event in a training set, and the k-th allocation fails: clean errors. */
static void failures(void **unused)
{
    cohort c = make(0.0, 1);
    cxs_model_settings s = small_settings(1.0);
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_rc rc = CXS_ENOMEM;
    cxs_nested nested;
    long k;

    (void)unused;
    s.nlambda = 2;
    s.folds = s.outer_folds = 2;
    for (k = 1; rc == CXS_ENOMEM && k < 2000; k += 1 + k / 50) {
        const long live = cxs_alloc_live();
        cxs_alloc_fail_at(k);
        rc =
            cxs_nested_run(ctx, NULL, &c.design, &c.problem, c.surv, &s, NULL, &nested);
        cxs_alloc_fail_at(0);
        if (rc == CXS_OK)
            cxs_nested_free(&nested);
        CHECK(nested.fold == NULL && cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 100);
    for (size_t i = 0; i < ROWS; i++)
        c.surv->event[i] = i == 7;
    CHECK(cxs_nested_run(ctx, NULL, &c.design, &c.problem, c.surv, &s, NULL, &nested) ==
          CXS_EDEGENERATE);
    CHECK(strstr(cxs_ctx_message(ctx), "hold no event") != NULL);
    s.outer_folds = ROWS + 1;
    CHECK(cxs_nested_run(ctx, NULL, &c.design, &c.problem, c.surv, &s, NULL, &nested) ==
          CXS_EARG);
    cxs_ctx_free(ctx);
    unmake(&c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_left_out_decide_nothing),
        cmocka_unit_test(summary_is_the_definition),
        cmocka_unit_test(deviance_is_that_of_the_rows_added),
        cmocka_unit_test(null_data_are_worth_nothing),
        cmocka_unit_test(failures),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1 : cmocka_run_group_tests_name("nested", tests, NULL, NULL);
}
