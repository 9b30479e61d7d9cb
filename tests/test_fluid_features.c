/*
 * test_fluid_features.c -- routine values of the fluid before treatment, by hand
 */
#include "test.h"

#include "bag_case.h"
#include "coxswain/features.h"
#include "features/catalogue.h"
#include "study_case.h"
#include "tmp.h"

#define U ((double)NAN)

#define HEADER                                                                         \
    "PATIENT_ID\tDAY\tCSF_CYTOLOGY\tCSF_PROTEIN_G_L\tCSF_WBC\tCSF_RBC\t"               \
    "CSF_GLUCOSE_MMOL_L\tSERUM_GLUCOSE_MMOL_L\tCSF_PRESSURE_CMH2O\tCSF_LDH_U_L\t"      \
    "CSF_LACTATE_MMOL_L\tCSF_IL6_PG_ML\tCSF_IFNG_PG_ML\n"

static cxs_study *study_with(cxs_ctx *ctx, const char *name, const char *visits,
                             const char *landmark, const char *patients)
{
    cxs_study *study = NULL;
    char path[64], yaml[256];

    snprintf(yaml, sizeof yaml,
             "tables: {patients: patients.tsv, visits: visits.tsv}\n"
             "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS%s}\n",
             landmark);
    case_plain(name, yaml, patients);
    case_file(name, "visits.tsv", visits);
    CHECK(case_ingest(ctx, name) == CXS_OK);
    snprintf(path, sizeof path, "%s.cxs", name);
    CHECK(cxs_study_open(ctx, test_path(path), &study) == CXS_OK);
    if (study == NULL)
        printf("  %s\n", cxs_ctx_message(ctx));
    return study;
}

static cxs_study *study_of(cxs_ctx *ctx, const char *name, const char *visits)
{
    return study_with(
        ctx, name, visits, "",
        "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t400\t1\nB\t500\t0\nC\t600\t1\n");
}

static const char *const patient[3] = {"A", "B", "C"};

static void values_by_hand(void **state)
{
    static const char visits[] =
        HEADER "A\t-10\tNEG\t0.5\t20\t1400\t2.0\t5.0\t18\t31\t2.5\t7\t3\n"
               "A\t0\tPOS\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\n"
               "A\t5\tNEG\t8\t9\t9\t9\t9\t9\t9\t9\t9\t9\n"
               "B\t-3\tEQUIVOCAL\t0.25\t1\t1400\t2.0\t0\tNA\tNA\tNA\tNA\tNA\n";
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = study_of(ctx, "values", visits);
    cxs_feature_columns c = {.n = 3};

    (void)state;
    CHECK(cxs_fluid_features(ctx, study, patient, &c) == CXS_OK);
    CHECK_NEAR(bag_value(&c, "csf.cytology", 0), 2.0, TOL_EXACT); /* the later visit */
    CHECK_NEAR(bag_value(&c, "csf.protein", 0), -1.0, TOL_SUM); /* the last that has */
    CHECK_NEAR(bag_value(&c, "csf.wbc", 0), log2(20.0 - 2.0 + 1.0), TOL_SUM);
    CHECK_NEAR(bag_value(&c, "csf.rbc", 0), log2(1401.0), TOL_SUM);
    CHECK_NEAR(bag_value(&c, "csf.glucose_ratio", 0), 0.4, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "csf.pressure", 0), 18.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "csf.ldh", 0), 5.0, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "csf.lactate", 0), 2.5, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "csf.il6", 0), 3.0, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "csf.ifng", 0), 2.0, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "csf.cytology", 1), 1.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "csf.wbc", 1), 0.0, TOL_SUM); /* not below 0 cells */
    CHECK(isnan(bag_value(&c, "csf.glucose_ratio", 1)));
    CHECK(isnan(bag_value(&c, "csf.pressure", 1)));
    for (size_t k = 0; k < c.count; k++)
        CHECK(isnan(c.column[k].value[2])); /* no visit: missing, not 0 */
    cxs_feature_columns_clear(&c);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void check_value(double got, double want)
{
    if (isnan(want))
        CHECK(isnan(got));
    else
        CHECK_NEAR(got, want, TOL_EXACT);
}

/*
 * First dose of A and B on day 7 (window from day -21), C: enrolment.  Protein of 2^k g/l.
 * A: day -21 is the first of the window, day 8 too late; without the landmark the last
 * before the dose stands.  B: day -22 is too old, day 20 is known at the landmark.
 * C: two values of one day, the greater stands; what is after day 0 is not looked at.
 */
static void which_visit_stands(void **state)
{
    static const char visits[] =
        "PATIENT_ID\tDAY\tCSF_PROTEIN_G_L\tCSF_LACTATE_MMOL_L\n"
        "A\t-21\t0.5\t1.5\nA\t7\t4\tNA\nA\t8\t8\t9\n"
        "B\t-22\t2\tNA\nB\t20\t16\t5\nB\t43\t1\t6\n"
        "C\t0\t2\tNA\nC\t0\t0.25\tNA\nC\t1\t1\tNA\n";
    static const char patients[] =
        "PATIENT_ID\tOS_DAYS\tOS_STATUS\tFIRST_DOSE_DAY\nA\t400\t1\t7\n"
        "B\t500\t0\t7\nC\t600\t1\tNA\n";
    static const struct {
        const char *name, *landmark;
        double protein[3], lactate[2]; /* log2; NaN: none */
    } cases[] = {
        {"dose", "", {2, U, 1}, {1.5, U}},
        {"marked", ", landmark_days: 42", {2, 4, 1}, {1.5, 5}},
        {"brief", ", landmark_days: 19", {2, U, 1}, {1.5, U}},
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_study *study =
            study_with(ctx, cases[k].name, visits, cases[k].landmark, patients);
        cxs_feature_columns c = {.n = 3};
        CHECK(cxs_fluid_features(ctx, study, patient, &c) == CXS_OK);
        for (size_t i = 0; i < 3; i++)
            check_value(bag_value(&c, "csf.protein", i), cases[k].protein[i]);
        for (size_t i = 0; i < 2; i++)
            check_value(bag_value(&c, "csf.lactate", i), cases[k].lactate[i]);
        CHECK((strstr(tmp_log, "visits: 1 patients have values of the fluid from more "
                               "than 28 days before the first dose alone") != NULL) ==
              (k != 1));
        cxs_feature_columns_clear(&c);
        cxs_study_close(study);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* 1000 erythrocytes are not yet a traumatic tap. */
static void the_limit_of_blood(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = study_of(ctx, "blood",
                                "PATIENT_ID\tDAY\tCSF_WBC\tCSF_RBC\n"
                                "A\t0\t7\t1000\nB\t0\t7\t2100\nC\t0\t7\tNA\n");
    cxs_feature_columns c = {.n = 3};

    (void)state;
    CHECK(cxs_fluid_features(ctx, study, patient, &c) == CXS_OK);
    CHECK_NEAR(bag_value(&c, "csf.wbc", 0), 3.0, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "csf.wbc", 1), log2(5.0), TOL_SUM);
    CHECK_NEAR(bag_value(&c, "csf.wbc", 2), 3.0, TOL_SUM);
    cxs_feature_columns_clear(&c);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_column_has_a_family(void **state)
{
    static const char *const types[] = {"continuous", "binary", "ordinal", "count"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = study_of(ctx, "families", "PATIENT_ID\tDAY\tCSF_WBC\nA\t0\t7\n");
    cxs_feature_columns c = {.n = 3};
    size_t families = 0;

    (void)state;
    CHECK(cxs_fluid_features(ctx, study, patient, &c) == CXS_OK);
    for (size_t k = 0; k < c.count; k++) {
        const cxs_family *f = cxs_catalogue_find(c.column[k].name);
        CHECK(f != NULL && cxs_family_available(f));
        CHECK(f != NULL && strcmp(f->type, types[c.column[k].type]) == 0);
    }
    for (size_t k = 0; k < cxs_catalogue_count(); k++)
        families += strncmp(cxs_catalogue_at(k)->pattern, "csf.", 4) == 0;
    CHECK(families == c.count);
    cxs_feature_columns_clear(&c);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Expression and visits, and no file beside them. */
static void visits_stand_beside_expression(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_study *study = NULL;
    cxs_features *f = NULL;
    cxs_features_settings s = cxs_features_auto();
    const double *x = NULL;
    const cxs_matrix *m;

    (void)state;
    case_plain("beside",
               "tables: {patients: patients.tsv, visits: visits.tsv}\n"
               "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n"
               "expression: {file: x.tsv, kind: log}\n",
               "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t400\t1\nB\t500\t0\nC\t600\t1\n");
    case_file("beside", "visits.tsv",
              "PATIENT_ID\tDAY\tCSF_PROTEIN_G_L\nA\t0\t0.5\nB\t-28\t4\nC\t-29\t1\n");
    case_file("beside", "x.tsv",
              "gene\tA\tB\tC\nTP53\t10.5\t9\t2\nEGFR\t7\t14.5\t3\nIDH1\t9\t1\t12\n");
    CHECK(case_ingest(ctx, "beside") == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("beside.cxs"), &study) == CXS_OK);
    s.refdata = "refdata";
    s.standardise = 0;
    CHECK(cxs_features_study(ctx, study, &s, &f) == CXS_OK);
    if (f == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        fail();
    }
    m = cxs_features_matrix(f);
    for (size_t j = 0; j < cxs_matrix_p(m); j++)
        if (strcmp(cxs_matrix_feature(m)[j], "csf.protein") == 0)
            x = cxs_matrix_x(m) + 3 * j;
    CHECK(cxs_matrix_n(m) == 3 && x != NULL);
    CHECK(x != NULL && x[0] == -1.0 && x[1] == 2.0 && isnan(x[2]));
    cxs_features_free(f);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void no_memory(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study =
        study_of(ctx, "memory", "PATIENT_ID\tDAY\tCSF_WBC\nA\t0\t7\nB\t-1\t3\n");
    const long before = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;

    (void)state;
    for (long at = 1; rc == CXS_ENOMEM && at < 500; at++) {
        cxs_feature_columns c = {.n = 3};
        cxs_alloc_fail_at(at);
        rc = cxs_fluid_features(NULL, study, patient, &c);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        cxs_feature_columns_clear(&c);
        CHECK(cxs_alloc_live() == before);
    }
    CHECK(rc == CXS_OK);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_hand),
        cmocka_unit_test(which_visit_stands),
        cmocka_unit_test(the_limit_of_blood),
        cmocka_unit_test(every_column_has_a_family),
        cmocka_unit_test(visits_stand_beside_expression),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("fluid features", tests, test_folder_make,
                                       test_folder_remove);
}
