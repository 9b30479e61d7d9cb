/*
 * test_fold_column.c -- cross-validation folds that the clinical table names
 */
#include "test.h"
#include "tmp.h"

#include "cohort.h"
#include "coxswain/ingest.h"
#include "model/model_private.h"
#include "num/blas.h"

#include <string.h>

static cxs_rc read_text(cxs_ctx *ctx, const char *text, cxs_surv **out)
{
    cxs_clinical_settings s = cxs_clinical_defaults();
    char path[512];
    cxs_rc rc;

    s.time = "t";
    s.event = "e";
    s.cluster = strstr(text, "\tc") != NULL ? "c" : NULL;
    s.fold = "f";
    tmp_write(path, sizeof path, "clin.tsv", text, strlen(text));
    rc = cxs_clinical_read(ctx, path, &s, out);
    tmp_remove("clin.tsv");
    return rc;
}

/* Labels are texts in bytewise order ("10" < "9" < "b"); rows are sorted by id. */
static void labels_become_numbers(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;
    const size_t keep[] = {1, 3};

    (void)state;
    CHECK(read_text(ctx,
                    "id\tt\te\tf\n"
                    "P4\t5\t0\t9\nP1\t3\t1\tb\nP3\t4\t1\t10\nP2\t6\t1\tb\n",
                    &surv) == CXS_OK);
    CHECK(cxs_surv_n_folds(surv) == 3);
    CHECK(cxs_surv_fold(surv)[0] == 2 && cxs_surv_fold(surv)[1] == 2);
    CHECK(cxs_surv_fold(surv)[2] == 0 && cxs_surv_fold(surv)[3] == 1);
    CHECK(cxs_surv_keep(ctx, surv, keep, 2) == CXS_OK);
    CHECK(cxs_surv_fold(surv)[0] == 2 && cxs_surv_fold(surv)[1] == 1);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void faults_name_the_row(void **state)
{
    static const struct {
        const char *text, *message;
        cxs_rc rc;
    } cases[] = {
        {"id\tt\te\tf\nP1\t3\t1\ta\nP2\t5\t0\tNA\nP3\t4\t1\tb\n",
         "clin.tsv:3:f: the fold is missing", CXS_EFORMAT},
        {"id\tt\te\tf\tc\nP1\t3\t1\ta\tx\nP2\t5\t0\tb\tx\nP1\t4\t1\tb\ty\n",
         "clin.tsv:4:f: \"P1\" is in another fold than in line 2", CXS_EFORMAT},
        {"id\tt\te\tf\nP1\t3\t1\ta\nP2\t5\t0\ta\n",
         "clin.tsv:f: one fold only, needs two", CXS_EDEGENERATE},
    };
    cxs_ctx *ctx = tmp_ctx();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_surv *surv = NULL;
        CHECK(read_text(ctx, cases[i].text, &surv) == cases[i].rc && surv == NULL);
        CHECK(strstr(cxs_ctx_message(ctx), cases[i].message) != NULL);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A row that is dropped for another reason needs no fold; rows of one id share one. */
static void only_analysed_rows_need_a_fold(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    CHECK(read_text(ctx,
                    "id\tt\te\tf\tc\nP1\t3\t1\ta\tx\nP2\tNA\t0\t\tx\n"
                    "P1\t4\t0\ta\ty\nP3\t5\t1\tb\ty\n",
                    &surv) == CXS_OK);
    CHECK(cxs_surv_n(surv) == 3 && cxs_surv_n_folds(surv) == 2);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

enum { N = 60, P = 5, FOLDS = 3 };

/* A cohort whose follow-up carries folds 0, 2, 3 in use of 4 named ones. */
static cxs_rc fit(cxs_ctx *ctx, const cxs_model_settings *settings, cxs_model **model)
{
    static const uint32_t label[FOLDS] = {2, 0, 3};
    cxs_matrix *matrix = cohort_matrix(N, P, 5);
    cxs_surv *surv;
    double eta[N];

    for (size_t i = 0; i < N; i++)
        eta[i] = matrix->x[i];
    surv = cohort_surv(N, 1, 0, eta, 5);
    surv->n_folds = 4;
    surv->fold = cxs_calloc(NULL, N, sizeof *surv->fold);
    for (size_t i = 0; i < N; i++)
        surv->fold[i] = label[i * i % FOLDS];
    return cxs_model_fit(ctx, matrix, surv, settings, model);
}

/* The curve is that of cross-validation with these folds; folds without rows do not
 * exist. */
static void model_uses_the_folds(void **state)
{
    cxs_model_settings settings = cxs_model_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_model *model = NULL;
    cxs_cv cv;
    double lambda[100];
    uint32_t fold[N];

    (void)state;
    CHECK(fit(ctx, &settings, &model) == CXS_OK);
    CHECK(model->settings.folds == 2 && model->cv.folds == 2);
    for (size_t i = 0; i < N; i++) /* squares are 0 or 1 modulo 3: labels 2 and 0 */
        fold[i] = i % 3 == 0;
    for (size_t l = 0; l < model->path->points; l++)
        lambda[l] = model->path->point[l].lambda;
    settings.folds = 2;
    CHECK(cxs_cv_run(ctx, NULL, &model->joined->design, &model->joined->problem,
                     &settings, NULL, fold, lambda, model->path->points,
                     model->path->lambda_max, &cv) == CXS_OK);
    CHECK(cv.points == model->cv.points && cv.points > 5);
    for (size_t l = 0; l < cv.points; l++)
        CHECK_NEAR(model->cv.cvm[l], cv.cvm[l], TOL_ITER);
    cxs_cv_free(&cv);
    cxs_model_free(model);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void given_folds_are_not_repeated(void **state)
{
    cxs_model_settings settings = cxs_model_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_model *model = NULL;

    (void)state;
    settings.repeats = 2;
    CHECK(fit(ctx, &settings, &model) == CXS_EARG && model == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "cannot be repeated") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static int clean(void **state)
{
    (void)state;
    tmp_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_become_numbers),
        cmocka_unit_test(faults_name_the_row),
        cmocka_unit_test(only_analysed_rows_need_a_fold),
        cmocka_unit_test(model_uses_the_folds),
        cmocka_unit_test(given_folds_are_not_repeated),
    };

    return cmocka_run_group_tests_name("fold column", tests, NULL, clean);
}
