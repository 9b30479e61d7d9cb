/*
 * test_clinical_terms.c -- follow-up tables: covariates, strata, weights, offsets,
 * clusters
 */
#include "test.h"

#include "clinical_case.h"

/* Levels in bytewise order: F < M < m; the first is the reference unless told. */
static void covariates_become_terms(void **state)
{
    const char *text = "id\tt\te\tage\tsex\tgrade\nA\t1\t1\t50\tM\t2\nB\t2\t1\t60\tF\t3"
                       "\nC\t3\t0\t70.5\tm\t2\nD\t4\t1\tNA\tF\t4\n";
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.adjust = "age, sex,grade";
    CHECK(read_text(ctx, text, &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_k(surv) == 4 && cxs_surv_n(surv) == 3);
    if (surv != NULL) {
        const double want[] = {50, 60, 70.5, 1, 0, 0, 0, 0, 1, 2, 3, 2};
        const char *const term[] = {"age", "sex=M", "sex=m", "grade"};
        for (size_t i = 0; i < 12; i++)
            CHECK_NEAR(cxs_surv_z(surv)[i], want[i], TOL_EXACT);
        for (size_t j = 0; j < 4; j++)
            CHECK(strcmp(cxs_surv_term(surv)[j], term[j]) == 0);
        CHECK(flow_count(surv, "dropped: age missing") == 1);
    }
    cxs_surv_free(surv);
    s.adjust = "sex,grade";
    s.factor = "grade";
    s.reference = "sex=M,grade=3";
    CHECK(read_text(ctx, text, &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_k(surv) == 4);
    if (surv != NULL) {
        const char *const term[] = {"sex=F", "sex=m", "grade=2", "grade=4"};
        for (size_t j = 0; j < 4; j++)
            CHECK(strcmp(cxs_surv_term(surv)[j], term[j]) == 0);
        CHECK_NEAR(cxs_surv_z(surv)[1], 1.0, TOL_EXACT); /* B is F */
    }
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Numbers with one text among them: categorical, but not in silence, and the text is
 * not in the warning, which goes into the run record. */
static void mixed_covariate_is_categorical(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.adjust = "a";
    CHECK(read_text(ctx, "id\tt\te\ta\nA\t1\t1\t4\nB\t2\t1\t6\nC\t3\t0\t<5\n", &s,
                    &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_k(surv) == 2);
    CHECK(cxs_ctx_warning_count(ctx) == 1);
    CHECK(
        strstr(cxs_ctx_warning(ctx, 0, NULL),
               ":a: 2 of 3 cells are numbers and the others are not: the covariate is "
               "categorical") != NULL);
    CHECK(strstr(cxs_ctx_warning(ctx, 0, NULL), "<5") == NULL);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* One level left: a constant column that the fit can name. */
static void category_with_one_level_stays(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.adjust = "sex";
    CHECK(read_text(ctx, "id\tt\te\tsex\nA\t1\t1\tF\nB\t2\t1\tF\nC\tNA\t1\tM\n", &s,
                    &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_k(surv) == 1);
    if (surv != NULL) {
        CHECK(strcmp(cxs_surv_term(surv)[0], "sex=F") == 0);
        CHECK_NEAR(cxs_surv_z(surv)[0], 1.0, TOL_EXACT);
        CHECK_NEAR(cxs_surv_z(surv)[1], 1.0, TOL_EXACT);
    }
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void strata_combine(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.strata = "a,b";
    s.centre = "c";
    CHECK(read_text(ctx,
                    "id\tt\te\ta\tb\tc\nP1\t1\t1\ty\t2\tK\nP2\t2\t1\tx\t2\tNA\n"
                    "P3\t3\t0\tx\t1\tK\nP4\t4\t1\ty\t2\tL\nP5\t4\t1\tNA\t2\tL\n",
                    &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_n(surv) == 4 && cxs_surv_n_strata(surv) == 3);
    if (surv != NULL) {
        const char *const name[] = {"a=x,b=1", "a=x,b=2", "a=y,b=2"};
        const uint32_t want[] = {2, 1, 0, 2};
        for (size_t i = 0; i < 3; i++)
            CHECK(strcmp(cxs_surv_stratum_name(surv)[i], name[i]) == 0);
        for (size_t i = 0; i < 4; i++)
            CHECK(cxs_surv_stratum(surv)[i] == want[i]);
        CHECK(cxs_surv_n_centres(surv) == 3);
        CHECK(strcmp(cxs_surv_centre_name(surv)[cxs_surv_centre(surv)[1]], "NA") == 0);
        CHECK(flow_count(surv, "dropped: a missing") == 1);
    }
    CHECK(strstr(tmp_log, "CX052: ") != NULL);
    CHECK(strstr(tmp_log, "1 of 3 strata have no event") != NULL);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Weight zero is as if deleted: neither its bad time nor its level is seen. */
static void weights_offset_cluster(void **state)
{
    cxs_clinical_settings s = usual();
    cxs_ctx *ctx = tmp_ctx();
    cxs_surv *surv = NULL;

    (void)state;
    s.weights = "w";
    s.offset = "o";
    s.cluster = "k";
    s.adjust = "g";
    CHECK(read_text(ctx,
                    "id\tt\te\tw\to\tk\tg\nA\t1\t1\t2\t0.5\tu\tx\nA\t2\t0\t1\t0\tu\ty\n"
                    "B\t-3\t1\t0\t0\tv\tz\nC\t3\t1\tNA\t0\tv\tx\nD\t4\t1\t1\tNA\tv\tx\n"
                    "E\t5\t1\t1\t0\tNA\tx\nF\t6\t1\t1\t0\tt\tx\n",
                    &s, &surv) == CXS_OK);
    CHECK(surv != NULL && cxs_surv_n(surv) == 3 && cxs_surv_n_subjects(surv) == 2);
    if (surv != NULL) {
        CHECK_NEAR(cxs_surv_weight(surv)[0], 2.0, TOL_EXACT);
        CHECK_NEAR(cxs_surv_offset(surv)[0], 0.5, TOL_EXACT);
        CHECK(cxs_surv_cluster(surv)[0] == 1 && cxs_surv_cluster(surv)[2] == 0);
        CHECK(cxs_surv_k(surv) == 1 && strcmp(cxs_surv_term(surv)[0], "g=y") == 0);
        CHECK(flow_count(surv, "dropped: weight zero") == 1);
        CHECK(flow_count(surv, "dropped: weight missing") == 1);
        CHECK(flow_count(surv, "dropped: offset missing") == 1);
        CHECK(flow_count(surv, "dropped: cluster missing") == 1);
    }
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covariates_become_terms),
        cmocka_unit_test(mixed_covariate_is_categorical),
        cmocka_unit_test(category_with_one_level_stays),
        cmocka_unit_test(strata_combine),
        cmocka_unit_test(weights_offset_cluster),
    };
    return cmocka_run_group_tests_name("clinical_terms", tests, NULL, remove_folder);
}
