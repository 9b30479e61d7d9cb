/*
 * test_stress_model.c -- model on data that break solvers: a right answer or a clear
 * status, no number that is none, no hang
 *
 * Every fit is judged by the literal likelihood of path_case.h.
 */
#include "test.h"

#include "stress_case.h"

#include "model/model_private.h"

static cxs_model *model(cxs_ctx *ctx, const stress_case *c, double alpha, int ties,
                        size_t folds)
{
    cxs_model_settings s = cxs_model_defaults();
    cxs_model *out = NULL;
    cxs_matrix *matrix;
    cxs_surv *surv;
    cxs_rc rc;

    s.alpha = alpha;
    s.ties = (cxs_ties)ties;
    s.nlambda = 25;
    s.tol = 1e-8;
    s.folds = folds;
    s.relax = alpha > 0.0;
    make(c, &matrix, &surv);
    rc = cxs_model_fit(ctx, matrix, surv, &s, &out);
    alarm(0);
    if (folds > c->n)
        HOLDS(rc == CXS_EARG);
    else if (c->no_event || (c->one_event && folds > 0))
        HOLDS(rc == CXS_EDEGENERATE);
    else
        HOLDS(rc == CXS_OK);
    HOLDS((rc == CXS_OK) == (out != NULL));
    HOLDS(rc == CXS_OK || *cxs_ctx_message(ctx) != '\0');
    return out;
}

/* Every lambda is converged, by the solver's certificate and by that of path_case.h. */
static void check_path(const cxs_model *m)
{
    const cxs_design *d = &m->joined->design;
    const cxs_path *path = m->path;
    double beta[COLUMNS_MAX], gamma[4] = {0}, factor[COLUMNS_MAX];

    for (size_t j = 0; j < d->p; j++) /* constant to the last digits but one */
        factor[j] = path->scale[j] > 0.0 ? 1.0 : HUGE_VAL;
    HOLDS(path->points == 25 || path->lambda_max == 0.0);
    for (size_t l = 0; l < path->points; l++) {
        const cxs_path_point *at = &path->point[l];
        HOLDS(isfinite(at->lambda) && isfinite(at->loglik) && isfinite(at->dev_ratio));
        HOLDS(at->converged && at->kkt_max <= m->settings.tol);
        dense(path, l, beta, gamma);
        for (size_t j = 0; j < d->p; j++)
            HOLDS(isfinite(beta[j]));
        if (!current->beyond_sum) {
            const judged by = judge(d, &m->joined->problem, factor, m->settings.alpha,
                                    at->lambda, beta, gamma);
            HOLDS(by.violation <= m->settings.tol * path->lambda_max + 1e-11);
        }
    }
}

/* A value 1e6 sd off, left out, makes a deviance of 1e6 and more: NaN where the sums
 * over its risk sets vanish, and never the best. */
static void check_curve(const cxs_model *m)
{
    const cxs_cv *cv = &m->cv;

    HOLDS(cv->points > 0 && cv->best < cv->points && isfinite(cv->cvm[cv->best]));
    for (size_t l = 0; l < cv->points; l++) {
        HOLDS(cv->used[l] == 3);
        HOLDS(isfinite(cv->cvm[l]) ||
              (current->spoil == far_value && isnan(cv->cvm[l])));
        HOLDS(isfinite(cv->cvse[l]) == isfinite(cv->cvm[l]));
    }
}

static void model_survives(void **state)
{
    static const double alphas[] = {1.0, 0.5, 0.0};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t i = 0; i < CASES; i++)
        for (int form = 0; form < 12; form++) {
            cxs_model *m =
                model(ctx, &cases[i], alphas[form % 3], form / 3 % 2, form < 6 ? 0 : 3);
            if (m == NULL)
                continue;
            check_path(m);
            if (form >= 6)
                check_curve(m);
            cxs_model_free(m);
        }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Copies share one coefficient's fit; what has no spread has no coefficient. */
static void model_of_copies_and_constants(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_model *flat = model(ctx, &cases[CONSTANTS], 1.0, 1, 0);
    cxs_model *none = model(ctx, &cases[ALL_CONSTANT], 1.0, 1, 0);
    cxs_model *ordered = model(ctx, &cases[OUTCOME_ORDER], 1.0, 1, 0);
    double beta[COLUMNS_MAX], gamma[1];

    (void)state;
    for (size_t l = 0; l < flat->path->points; l++) {
        dense(flat->path, l, beta, gamma);
        for (size_t j = 1; j <= 4; j++)
            HOLDS(beta[j] == 0.0);
    }
    HOLDS(none->path->lambda_max == 0.0 && none->path->point[0].df == 0);
    dense(ordered->path, 24, beta, gamma);
    HOLDS(beta[1] >= 0.0 && beta[2] <= 0.0 && beta[1] - beta[2] > 0.0);
    HOLDS(ordered->path->point[24].dev_ratio > 0.8);
    for (int ridge = 0; ridge < 2; ridge++) {
        cxs_model *copied = model(ctx, &cases[COPIES], ridge ? 0.0 : 0.5, 1, 0);
        dense(copied->path, 24, beta, gamma);
        CHECK_NEAR(beta[0], beta[1], 1e-6); /* strictly convex: shared evenly */
        CHECK_NEAR(beta[0], -2.0 * beta[2], 1e-6);
        cxs_model_free(copied);
    }
    cxs_model_free(flat);
    cxs_model_free(none);
    cxs_model_free(ordered);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void model_knows_no_scale(void **state)
{
    static const double alphas[] = {1.0, 0.5, 0.0};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t a = 0; a < 3; a++) {
        cxs_model *plain = model(ctx, &cases[PLAIN], alphas[a], 1, 0);
        cxs_model *scaled = model(ctx, &cases[SCALES], alphas[a], 1, 0);
        CHECK_NEAR(scaled->path->lambda_max / plain->path->lambda_max, 1.0, 1e-9);
        for (size_t l = 0; l < 25; l++) {
            double left[COLUMNS_MAX], right[COLUMNS_MAX], gamma[1];
            dense(plain->path, l, left, gamma);
            dense(scaled->path, l, right, gamma);
            CHECK_NEAR(left[1], right[1] * 1e300, 1e-5);
            CHECK_NEAR(left[2], right[2] * 1e-300, 1e-5);
            CHECK_NEAR(plain->path->point[l].loglik, scaled->path->point[l].loglik,
                       1e-6);
        }
        cxs_model_free(plain);
        cxs_model_free(scaled);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(model_survives),
        cmocka_unit_test(model_of_copies_and_constants),
        cmocka_unit_test(model_knows_no_scale),
    };
    return cmocka_run_group_tests_name("stress_model", tests, NULL, NULL);
}
