/*
 * test_clinic.c -- scores and their parts, performance status, integrated diagnosis,
 * what time allows
 */
#include "test.h"

#include "files.h"
#include "study_case.h"
#include "tmp.h"

#include "base/base.h"
#include "features/clinic.h"
#include "features/cns5.h"
#include "ingest/gpa.h"

#define U ((double)NAN) /* not assessed */

/* ---- GPA -------------------------------------------------------------------------- */

static cxs_gpa_parts parts(double age, double kps, double n_bm, double ecm)
{
    cxs_gpa_parts p = {.subtype = NULL};

    for (size_t f = 0; f < CXS_GPA_FACTORS; f++)
        p.number[f] = (double)NAN;
    p.number[CXS_GPA_AGE] = age;
    p.number[CXS_GPA_KPS] = kps;
    p.number[CXS_GPA_N_BM] = n_bm;
    p.number[CXS_GPA_ECM] = ecm;
    return p;
}

/* By hand from the published tables. */
static void points_by_hand(void **state)
{
    cxs_gpa_tables *t = NULL;
    cxs_gpa_parts p = parts(55.0, 80.0, 2.0, 0.0);

    (void)state;
    CHECK(cxs_gpa_read(NULL, "refdata", &t) == CXS_OK);
    if (t == NULL)
        fail();
    /* generic: .5 + .5 + .5 + 1 */
    CHECK_NEAR(cxs_gpa(t, cxs_gpa_index("OTHER"), &p), 2.5, TOL_EXACT);
    CHECK_NEAR(cxs_gpa(t, cxs_gpa_index("SCLC"), &p), 2.5, TOL_EXACT);
    /* lung: .5 + .5 + .5 + 1, unknown driver counts as negative */
    CHECK_NEAR(cxs_gpa(t, cxs_gpa_index("NSCLC_ADENO"), &p), 2.5, TOL_EXACT);
    p.number[CXS_GPA_EGFR_ALK] = 1.0;
    CHECK_NEAR(cxs_gpa(t, cxs_gpa_index("NSCLC_ADENO"), &p), 3.5, TOL_EXACT);
    /* breast: .5 + .5 + 0 + .5 and the subtype, which must be known */
    CHECK(isnan(cxs_gpa(t, cxs_gpa_index("BREAST"), &p)));
    p.subtype = "HR-HER2+";
    CHECK_NEAR(cxs_gpa(t, cxs_gpa_index("BREAST"), &p), 3.0, TOL_EXACT);
    p.subtype = "TNBC";
    CHECK_NEAR(cxs_gpa(t, cxs_gpa_index("BREAST"), &p), 1.5, TOL_EXACT);
    /* renal: 1 + .5 + .5 and haemoglobin */
    CHECK(isnan(cxs_gpa(t, cxs_gpa_index("RCC"), &p)));
    p.number[CXS_GPA_HEMOGLOBIN] = 12.5;
    CHECK_NEAR(cxs_gpa(t, cxs_gpa_index("RCC"), &p), 2.5, TOL_EXACT);
    /* melanoma: .5 + .5 + .5 + 1 + .5; gut: 1 + .5 + .5 + .5 */
    p.number[CXS_GPA_BRAF] = 1.0;
    CHECK_NEAR(cxs_gpa(t, cxs_gpa_index("MELANOMA"), &p), 3.0, TOL_EXACT);
    CHECK_NEAR(cxs_gpa(t, cxs_gpa_index("CRC"), &p), 2.5, TOL_EXACT);
    /* PD-L1 from 1 % on */
    p.number[CXS_GPA_PDL1] = 0.5;
    CHECK_NEAR(cxs_gpa(t, "LUNG_ADENO_GPA", &p), 3.0, TOL_EXACT);
    p.number[CXS_GPA_PDL1] = 1.0;
    CHECK_NEAR(cxs_gpa(t, "LUNG_ADENO_GPA", &p), 3.5, TOL_EXACT);
    p.number[CXS_GPA_AGE] = 60.0; /* half-open: 60 has no point */
    CHECK_NEAR(cxs_gpa(t, "GPA_GENERIC", &p), 2.0, TOL_EXACT);
    for (int f = CXS_GPA_AGE; f <= CXS_GPA_ECM; f++) {
        cxs_gpa_parts less = p;
        less.number[f] = (double)NAN;
        CHECK(isnan(cxs_gpa(t, "GPA_GENERIC", &less)));
    }
    CHECK(isnan(cxs_gpa(t, cxs_gpa_index("NOT_APPLICABLE"), &p)));
    CHECK(isnan(cxs_gpa(t, cxs_gpa_index(NULL), &p)) && isnan(cxs_gpa(t, "NONE", &p)));
    cxs_gpa_free(t);
    CHECK_DONE();
}

#define YAML                                                                           \
    "tables: {patients: patients.tsv}\n"                                               \
    "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n"
#define PATIENTS "PATIENT_ID\tOS_DAYS\tOS_STATUS\tAGE\tKPS\tN_BM\tECM\tPRIMARY_TUMOR"

/* A: agrees, B: differs, C: a part is missing, D: not given, E: glioma. */
static void a_given_score_is_compared(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_study *study = NULL;
    char *patient[] = {(char[]){"A"}, (char[]){"B"}, (char[]){"C"}, (char[]){"D"},
                       (char[]){"E"}};
    cxs_feature_columns c = {.n = 5};
    const double *gpa;

    (void)state;
    case_plain("gpa", YAML,
               PATIENTS "\tGPA\nA\t30\t1\t55\t80\t2\t0\tOTHER\t2.5\n"
                        "B\t40\t0\t55\t80\t2\t0\tOTHER\t3\n"
                        "C\t50\t1\t55\t80\tNA\t0\tOTHER\t1\n"
                        "D\t60\t1\t55\t80\t2\t0\tOTHER\tNA\n"
                        "E\t70\t1\t55\t80\t2\t0\tNOT_APPLICABLE\tNA\n");
    CHECK(case_ingest(ctx, "gpa") == CXS_OK);
    CHECK(strstr(tmp_log, "CX060: 1 patients: GPA given and computed differ") != NULL);
    CHECK(cxs_study_open(ctx, test_path("gpa.cxs"), &study) == CXS_OK);
    CHECK(cxs_gpa_features(ctx, study, "refdata", patient, &c) == CXS_OK);
    gpa = c.column[0].value;
    CHECK(gpa[0] == 2.5 && gpa[1] == 3.0 && gpa[2] == 1.0 && gpa[3] == 2.5);
    CHECK(isnan(gpa[4]));
    cxs_feature_columns_clear(&c);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- performance status ----------------------------------------------------------- */

#define STATUS "PATIENT_ID\tOS_DAYS\tOS_STATUS\t"

static void swapped_performance_status(void **state)
{
    static const struct {
        const char *patients, *message;
    } cases[] = {
        {STATUS "KPS\nA\t30\t1\t1\nB\t40\t0\t0\nC\t50\t0\tNA\n",
         "patients.tsv:KPS: all values are 0..5: this is ECOG"},
        {STATUS "KPS\nA\t30\t1\t75\nB\t40\t0\t80\n",
         "patients.tsv:2:KPS: 75 is not a multiple of 10"},
        {STATUS "ECOG\nA\t30\t1\t1\nB\t40\t0\t80\n",
         "patients.tsv:3:ECOG: 80 is above 5: this is no ECOG"},
        {STATUS "KPS\tECOG\nA\t30\t1\t90\t1\nB\t40\t0\t0\t5\n", NULL},
        {STATUS "KPS\nA\t30\t1\t0\nB\t40\t0\tNA\n", NULL},
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_rc rc;
        case_plain("status", YAML, cases[k].patients);
        rc = case_ingest(ctx, "status");
        CHECK(rc == (cases[k].message != NULL ? CXS_EFORMAT : CXS_OK));
        if (cases[k].message != NULL) {
            CHECK(strcmp(cxs_ctx_code(ctx), "CX059") == 0);
            CHECK(strstr(cxs_ctx_message(ctx), cases[k].message) != NULL);
        }
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* ---- integrated diagnosis --------------------------------------------------------- */

static void integrated_diagnoses(void **state)
{
    /* idh, codel, +7/-10, EGFR, TERT, CDKN2A, K27, G34, age */
    static const struct {
        cxs_cns5_markers m;
        cxs_cns5_label label;
        double grade;
    } cases[] = {
        {{1, 1, 0, 0, 1, 0, 0, 0, 40}, CXS_CNS5_OLIGODENDROGLIOMA, U},
        {{1, 1, 0, 0, 1, 1, 0, 0, 40}, CXS_CNS5_OLIGODENDROGLIOMA, 3},
        {{1, 0, 0, 0, 0, 0, 0, 0, 40}, CXS_CNS5_ASTROCYTOMA, U},
        {{1, 0, 0, 0, 0, 1, 0, 0, 40}, CXS_CNS5_ASTROCYTOMA, 4},
        {{1, 0, 0, 0, 0, U, 0, 0, 40}, CXS_CNS5_ASTROCYTOMA, U},
        {{1, U, 0, 0, 0, 1, 0, 0, 40}, CXS_CNS5_UNKNOWN, U},
        {{0, 0, 0, 0, 0, 0, 1, 0, 12}, CXS_CNS5_MIDLINE, 4},
        {{U, 0, 0, 0, 0, 0, 0, 1, 20}, CXS_CNS5_HEMISPHERIC, 4},
        {{0, 0, 1, 0, 0, 0, 0, 0, 60}, CXS_CNS5_GLIOBLASTOMA, 4},
        {{0, 0, U, 1, U, 0, 0, 0, 60}, CXS_CNS5_GLIOBLASTOMA, 4},
        {{0, 0, 0, 0, 1, 0, 0, 0, 60}, CXS_CNS5_GLIOBLASTOMA, 4},
        {{0, 0, 0, 0, 0, 0, 0, 0, 60}, CXS_CNS5_NOT_CLASSIFIED, U},
        {{0, 0, 0, 0, U, 0, 0, 0, 60}, CXS_CNS5_UNKNOWN, U},
        {{0, 0, 1, 1, 1, 0, 0, 0, 17}, CXS_CNS5_NOT_CLASSIFIED, U},
        {{0, 0, 1, 1, 1, 0, U, 0, 60}, CXS_CNS5_UNKNOWN, U},
        {{U, 0, 1, 1, 1, 0, 0, 0, 60}, CXS_CNS5_UNKNOWN, U},
        {{0, 0, 1, 1, 1, 0, 0, 0, U}, CXS_CNS5_UNKNOWN, U},
    };
    size_t missing = 0;

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double grade = 0.0;
        const cxs_cns5_label label = cxs_cns5(&cases[k].m, &grade);
        if (label != cases[k].label)
            printf("  case %zu: %s\n", k, cxs_cns5_name(label));
        CHECK(label == cases[k].label);
        CHECK(isnan(cases[k].grade) ? isnan(grade) : grade == cases[k].grade);
        missing += isnan(grade) != 0;
    }
    CHECK(missing == 10); /* never 0 for "not settled" */
    CHECK(strcmp(cxs_cns5_name(CXS_CNS5_GLIOBLASTOMA), "glioblastoma") == 0);
    CHECK_DONE();
}

static void pathology_is_compared(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    const cxs_cns5_markers m[] = {{1, 0, 0, 0, 0, 1, 0, 0, 40},  /* astrocytoma 4 */
                                  {0, U, 1, 0, 0, 0, 0, 0, 60},  /* glioblastoma 4 */
                                  {U, U, U, U, U, U, U, U, 60}}; /* nothing */
    const double mgmt[] = {1.0, 0.0, U};
    const cxs_cns5_given same[] = {{1, 0, 1, 4}, {0, 0, 0, 4}, {1, 1, 1, 2}};
    const cxs_cns5_given other[] = {{0, 1, 0, 3}, {0, U, 1, 3}, {0, 0, 0, 4}};

    (void)state;
    CHECK(cxs_cns5_compare(ctx, m, mgmt, same, 3) == CXS_OK);
    CHECK(strstr(tmp_log, "CX060") == NULL);
    CHECK(cxs_cns5_compare(ctx, m, mgmt, other, 3) == CXS_OK);
    CHECK(strstr(tmp_log, "CX060: 1 patients: IDH given and computed differ") != NULL);
    CHECK(strstr(tmp_log, "CX060: 1 patients: 1p/19q given and computed differ") !=
          NULL);
    CHECK(strstr(tmp_log, "CX060: 2 patients: MGMT given and computed differ") != NULL);
    /* the first is wildtype by pathology, not codeleted by nothing: no grade */
    CHECK(strstr(tmp_log, "CX060: 1 patients: WHO grade given and computed differ") !=
          NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void markers_come_from_columns(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_feature_columns c = {.n = 2};
    static const struct {
        const char *name;
        double value[2];
    } columns[] = {
        {"var.hot.IDH1_R132", {0, U}},     {"var.hot.IDH2_R172", {1, 0}},
        {"var.hot.TERT_C228T", {0, 0}},    {"var.hot.TERT_C250T", {0, 1}},
        {"cn.focal.EGFR.amp", {1, U}},     {"cn.event.CODEL_1P19Q", {0, 1}},
        {"cn.event.GAIN7_LOSS10", {1, 0}}, {"cn.focal.CDKN2A.homdel", {0, 1}}};
    cxs_cns5_markers m;

    (void)state;
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
        double *value = NULL;
        CHECK(cxs_feature_columns_add(ctx, &c, columns[k].name, "", CXS_FEATURE_BINARY,
                                      &value) == CXS_OK);
        value[0] = columns[k].value[0];
        value[1] = columns[k].value[1];
    }
    m = cxs_cns5_take(&c, 0);
    CHECK(m.idh == 1.0 && m.tert == 0.0 && m.egfr_amp == 1.0 && m.codel == 0.0);
    CHECK(m.gain7_loss10 == 1.0 && m.cdkn2a_homdel == 0.0);
    CHECK(isnan(m.h3_k27) && isnan(m.h3_g34) && isnan(m.age));
    m = cxs_cns5_take(&c, 1);
    CHECK(isnan(m.idh) && m.tert == 1.0 && isnan(m.egfr_amp) && m.codel == 1.0);
    cxs_feature_columns_clear(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- time ------------------------------------------------------------------------- */

static void early_change_by_hand(void **state)
{
    cxs_feature_columns before = {.n = 2}, after = {.n = 2}, to = {.n = 2};
    double *value = NULL;

    (void)state;
    CHECK(cxs_feature_columns_add(NULL, &before, "a", "fraction",
                                  CXS_FEATURE_CONTINUOUS, &value) == CXS_OK);
    value[0] = 0.1;
    CHECK(cxs_feature_columns_add(NULL, &before, "b", "log2(clones + 1)",
                                  CXS_FEATURE_COUNT, &value) == CXS_OK);
    value[0] = 3.0;
    value[1] = 4.0;
    CHECK(cxs_feature_columns_add(NULL, &after, "b", "log2(clones + 1)",
                                  CXS_FEATURE_COUNT, &value) == CXS_OK);
    value[0] = 5.0;
    CHECK(cxs_feature_columns_add(NULL, &after, "a", "fraction", CXS_FEATURE_CONTINUOUS,
                                  &value) == CXS_OK);
    value[0] = 0.7;
    value[1] = 0.5;
    CHECK(cxs_early_change(NULL, &before, &after, 0.1, &to) == CXS_OK);
    CHECK(to.count == 2 && strcmp(to.column[0].name, "a.change") == 0);
    CHECK_NEAR(to.column[0].value[0], 2.0, TOL_SUM); /* log2(0.8/0.2) */
    CHECK(to.column[1].value[0] == 2.0);
    CHECK(isnan(to.column[0].value[1]) && isnan(to.column[1].value[1]));
    cxs_feature_columns_clear(&before);
    cxs_feature_columns_clear(&after);
    cxs_feature_columns_clear(&to);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_by_hand),
        cmocka_unit_test(a_given_score_is_compared),
        cmocka_unit_test(swapped_performance_status),
        cmocka_unit_test(integrated_diagnoses),
        cmocka_unit_test(pathology_is_compared),
        cmocka_unit_test(markers_come_from_columns),
        cmocka_unit_test(early_change_by_hand),
    };

    return cmocka_run_group_tests_name("clinic", tests, test_folder_make,
                                       test_folder_remove);
}
