/*
 * test_panel_streamed.c -- the passes over all columns: a whole fit without the copy in
 * memory
 */
#include "test.h"

#include "panel_case.h"
#include "tmp.h"

#include "model/cv.h"
#include "num/blas.h"

enum { ROWS = 80, COLUMNS = 400 };

/* A cohort whose matrix lies in a raw .cxf, mapped and joined without a copy. */
static cxs_joined *joined_from_file(cxs_ctx *ctx, int missing)
{
    char path[512];
    double eta[ROWS];
    cxs_matrix *m = cohort_matrix(ROWS, COLUMNS, 4), *mapped = NULL;
    cxs_joined *joined = NULL;

    for (size_t i = 0; i < ROWS; i++)
        eta[i] = m->x[i] - m->x[ROWS * 210 + i] + 0.8 * m->x[ROWS * 399 + i];
    for (size_t j = 0; missing && j < COLUMNS; j += 7)
        m->x[j * ROWS + j % ROWS] = (double)NAN;
    snprintf(path, sizeof path, "%s/panel.cxf", tmp_make());
    CHECK(cxs_matrix_write(ctx, m, path, 0) == CXS_OK);
    cxs_matrix_free(m);
    CHECK(cxs_matrix_open(ctx, path, &mapped) == CXS_OK);
    CHECK(cxs_join(ctx, mapped, cohort_surv(ROWS, 2, 1, eta, 4), CXS_TIES_EFRON,
                   &joined) == CXS_OK);
    tmp_remove("panel.cxf");
    CHECK(joined != NULL && joined->design.map != NULL && joined->x == NULL);
    return joined;
}

typedef struct fitted {
    cxs_path *path;
    cxs_cv cv;
    uint32_t first[4 * 12];
    size_t found[4];
} fitted;

static void fit(cxs_ctx *ctx, const cxs_joined *joined, fitted *f)
{
    cxs_model_settings s = cxs_model_defaults();
    cxs_panel *panel = NULL;
    cxs_problem problem[4];
    double weight[4][ROWS], lambda[20];
    uint32_t fold[ROWS];

    s.nlambda = 20;
    s.lambda_ratio = 0.1;
    s.folds = 4;
    s.early_stop = 0;
    for (size_t i = 0; i < ROWS; i++)
        fold[i] = (uint32_t)(i * 7 % 4);
    for (size_t h = 0; h < 4; h++) {
        problem[h] = joined->problem;
        problem[h].outcome.weight = weight[h];
        for (size_t i = 0; i < ROWS; i++)
            weight[h][i] = (double)((i + h) % 3 > 0);
    }
    CHECK(cxs_panel_new(ctx, &joined->design, &panel) == CXS_OK);
    CHECK(cxs_path_solve(ctx, panel, &joined->design, &joined->problem, &s, NULL,
                         &f->path) == CXS_OK);
    for (size_t l = 0; l < 20; l++)
        lambda[l] = f->path->point[l].lambda;
    CHECK(cxs_cv_run(ctx, panel, &joined->design, &joined->problem, &s, NULL, fold,
                     lambda, 20, lambda[0], &f->cv) == CXS_OK);
    CHECK(cxs_path_first(ctx, panel, &joined->design, problem, 4, &s, 12, f->first,
                         f->found) == CXS_OK);
    cxs_panel_free(panel);
}

static void streaming_changes_no_bit(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int missing = 0; missing < 2; missing++) {
        cxs_joined *joined = joined_from_file(ctx, missing);
        fitted f[2];
        memset(f, 0, sizeof f);
        for (int stream = 0; stream < 2; stream++) {
            cxs_ctx_set_threads(ctx, 1 + stream);
            joined->design.stream = stream;
            fit(ctx, joined, &f[stream]);
        }
        CHECK(f[0].path->coefs == f[1].path->coefs && f[0].path->coefs > 50);
        CHECK(memcmp(f[0].path->beta, f[1].path->beta,
                     f[0].path->coefs * sizeof(double)) == 0);
        CHECK(memcmp(f[0].path->index, f[1].path->index,
                     f[0].path->coefs * sizeof(uint32_t)) == 0);
        CHECK(f[0].cv.points == 20 && f[1].cv.points == 20);
        CHECK(memcmp(f[0].cv.cvm, f[1].cv.cvm, 20 * sizeof(double)) == 0);
        CHECK(memcmp(f[0].cv.cvse, f[1].cv.cvse, 20 * sizeof(double)) == 0);
        CHECK(memcmp(f[0].found, f[1].found, sizeof f[0].found) == 0);
        CHECK(f[0].found[0] == 12);
        CHECK(memcmp(f[0].first, f[1].first, sizeof f[0].first) == 0);
        for (int stream = 0; stream < 2; stream++) {
            cxs_path_free(f[stream].path);
            cxs_cv_free(&f[stream].cv);
        }
        cxs_joined_free(joined);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streaming_changes_no_bit),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);
    int failed = rc != CXS_OK;

    cxs_ctx_free(ctx);
    if (rc == CXS_OK)
        failed = cmocka_run_group_tests_name("panel_streamed", tests, NULL, NULL);
    tmp_close();
    return failed;
}
