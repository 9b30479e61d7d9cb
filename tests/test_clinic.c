/*
 * test_clinic.c -- scores and their parts, performance status, integrated diagnosis,
 * what time allows, and a study with repertoires and methylation from files to features
 */
#include "test.h"

#include "files.h"
#include "study_case.h"
#include "tmp.h"

#include "base/base.h"
#include "coxswain/features.h"
#include "features/clinic.h"
#include "features/cns5.h"
#include "ingest/gpa.h"
#include "store/data.h"

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

#define U (double)NAN

static void integrated_diagnoses(void **state)
{
    /* idh, codel, +7/-10, EGFR, TERT, CDKN2A, K27, G34, age */
    static const struct {
        cxs_cns5_markers m;
        cxs_cns5_label label;
        double grade;
    } cases[] = {
        {{1, 1, 0, 0, 1, 0, 0, 0, 40}, CXS_CNS5_OLIGODENDROGLIOMA, NAN},
        {{1, 1, 0, 0, 1, 1, 0, 0, 40}, CXS_CNS5_OLIGODENDROGLIOMA, 3},
        {{1, 0, 0, 0, 0, 0, 0, 0, 40}, CXS_CNS5_ASTROCYTOMA, NAN},
        {{1, 0, 0, 0, 0, 1, 0, 0, 40}, CXS_CNS5_ASTROCYTOMA, 4},
        {{1, 0, 0, 0, 0, NAN, 0, 0, 40}, CXS_CNS5_ASTROCYTOMA, NAN},
        {{1, NAN, 0, 0, 0, 1, 0, 0, 40}, CXS_CNS5_UNKNOWN, NAN},
        {{0, 0, 0, 0, 0, 0, 1, 0, 12}, CXS_CNS5_MIDLINE, 4},
        {{NAN, 0, 0, 0, 0, 0, 0, 1, 20}, CXS_CNS5_HEMISPHERIC, 4},
        {{0, 0, 1, 0, 0, 0, 0, 0, 60}, CXS_CNS5_GLIOBLASTOMA, 4},
        {{0, 0, NAN, 1, NAN, 0, 0, 0, 60}, CXS_CNS5_GLIOBLASTOMA, 4},
        {{0, 0, 0, 0, 1, 0, 0, 0, 60}, CXS_CNS5_GLIOBLASTOMA, 4},
        {{0, 0, 0, 0, 0, 0, 0, 0, 60}, CXS_CNS5_NOT_CLASSIFIED, NAN},
        {{0, 0, 0, 0, NAN, 0, 0, 0, 60}, CXS_CNS5_UNKNOWN, NAN},
        {{0, 0, 1, 1, 1, 0, 0, 0, 17}, CXS_CNS5_NOT_CLASSIFIED, NAN},
        {{0, 0, 1, 1, 1, 0, NAN, 0, 60}, CXS_CNS5_UNKNOWN, NAN},
        {{NAN, 0, 1, 1, 1, 0, 0, 0, 60}, CXS_CNS5_UNKNOWN, NAN},
        {{0, 0, 1, 1, 1, 0, 0, 0, NAN}, CXS_CNS5_UNKNOWN, NAN},
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
        {"var.hot.IDH1_R132", {0, NAN}},   {"var.hot.IDH2_R172", {1, 0}},
        {"var.hot.TERT_C228T", {0, 0}},    {"var.hot.TERT_C250T", {0, 1}},
        {"cn.focal.EGFR.amp", {1, NAN}},   {"cn.event.CODEL_1P19Q", {0, 1}},
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

static void what_time_allows(void **state)
{
    /* day, dose, landmark, entry, fluid */
    static const struct {
        cxs_dated s;
        cxs_when when;
        bool early;
    } cases[] = {
        {{7, 7, NAN, NAN, true}, CXS_WHEN_BASELINE, false},
        {{-21, 7, NAN, NAN, true}, CXS_WHEN_BASELINE, false},
        {{-22, 7, NAN, NAN, true}, CXS_WHEN_NEVER, false},
        {{-400, 7, NAN, NAN, false}, CXS_WHEN_BASELINE, false},
        {{NAN, 7, NAN, NAN, false}, CXS_WHEN_BASELINE, false},
        {{NAN, 7, NAN, NAN, true}, CXS_WHEN_NEVER, false},
        {{8, 7, NAN, NAN, true}, CXS_WHEN_NEVER, false},
        {{1, NAN, NAN, NAN, true}, CXS_WHEN_NEVER, false},
        {{8, 7, 42, NAN, true}, CXS_WHEN_LATE, false},
        {{43, 7, 42, NAN, true}, CXS_WHEN_NEVER, false},
        {{43, 7, 42, 43, true}, CXS_WHEN_LATE, true},
        {{21, 7, NAN, NAN, true}, CXS_WHEN_NEVER, false}, /* nothing declared */
        {{21, 7, 42, NAN, true}, CXS_WHEN_LATE, true},
        {{20, 7, 42, NAN, true}, CXS_WHEN_LATE, false},
        {{49, 7, 84, NAN, true}, CXS_WHEN_LATE, true},
        {{50, 7, 84, NAN, true}, CXS_WHEN_LATE, false},
        {{21, 7, NAN, 30, true}, CXS_WHEN_LATE, true},
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        if (cxs_when_of(&cases[k].s) != cases[k].when ||
            cxs_is_early(&cases[k].s) != cases[k].early)
            printf("  case %zu\n", k);
        CHECK(cxs_when_of(&cases[k].s) == cases[k].when);
        CHECK(cxs_is_early(&cases[k].s) == cases[k].early);
    }
    CHECK_DONE();
}

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

/* ---- a study ---------------------------------------------------------------------- */

#define CLONES "v_call\tj_call\tjunction\tjunction_aa\tproductive\tumi_count\n"
#define FOUR                                                                           \
    CLONES "TRBV1\tTRBJ1\tA\tC\tT\t4\nTRBV1\tTRBJ1\tC\tC\tT\t2\n"                      \
           "TRBV1\tTRBJ1\tG\tC\tT\t2\n"
#define TWO CLONES "TRBV1\tTRBJ1\tA\tC\tT\t6\nTRBV1\tTRBJ1\tC\tC\tT\t2\n"

/*
 * P1: fluid before the dose and on day 21, product, methylation.  P2: fluid before the
 * dose only.  P3: fluid on day 21 only.  P4: nothing but clinic (BM with its GPA).
 */
static void write_study(const char *name, const char *more)
{
    char yaml[512];

    snprintf(yaml, sizeof yaml,
             "tables: {patients: patients.tsv, samples: samples.tsv, assays: "
             "assays.tsv}\nendpoint: {name: OS, time: OS_DAYS, event: OS_STATUS%s}\n"
             "source: TUMOR\n",
             more);
    case_plain(
        name, yaml,
        "PATIENT_ID\tCOHORT\tOS_DAYS\tOS_STATUS\tFIRST_DOSE_DAY\tAGE\tKPS\tN_BM\t"
        "ECM\tPRIMARY_TUMOR\nP1\tBM\t100\t1\t3\t50\t80\t1\t0\tNOT_APPLICABLE\n"
        "P2\tBM\t200\t0\t3\t60\t80\tNA\t0\tNOT_APPLICABLE\n"
        "P3\tBM\t300\t1\t3\t70\t80\tNA\t0\tNOT_APPLICABLE\n"
        "P4\tBM\t400\t1\t3\t55\t80\t2\t0\tOTHER\n");
    case_file(name, "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n"
              "P1-T\tP1\tTUMOR\tMETH\t-20\nP2-T\tP2\tTUMOR\tMETH\t-20\n"
              "P1-C\tP1\tCSF_CELLS\tTCR\t0\nP1-D\tP1\tCSF_CELLS\tTCR\t21\n"
              "P1-P\tP1\tTCELL_PRODUCT\tTCR\t-5\nP2-C\tP2\tCSF_CELLS\tTCR\t0\n"
              "P3-D\tP3\tCSF_CELLS\tTCR\t21\n"
              "P3-T\tP3\tTUMOR\tRNA\t-5\nP4-T\tP4\tTUMOR\tRNA\t-9\n");
    case_file(name, "assays.tsv",
              "SAMPLE_ID\tASSAY\tFILE\tCOLUMN\n"
              "P1-T\tRNA_COUNTS\tx.tsv\tP1\nP2-T\tRNA_COUNTS\tx.tsv\tP2\n"
              "P3-T\tRNA_COUNTS\tx.tsv\tP3\nP4-T\tRNA_COUNTS\tx.tsv\tP4\n"
              "P1-T\tMETH_BETA\tm.tsv\tone\nP2-T\tMETH_BETA\tm.tsv\ttwo\n"
              "P1-C\tAIRR\tfour.tsv\t\nP1-D\tAIRR\ttwo.tsv\t\nP1-P\tAIRR\ttwo.tsv\t\n"
              "P2-C\tAIRR\ttwo.tsv\t\nP3-D\tAIRR\tfour.tsv\t\n");
    case_file(name, "x.tsv",
              "gene\tP1\tP2\tP3\tP4\nTP53\t400\t300\t200\t100\nEGFR\t1\t900\t30\t40\n");
    case_file(name, "m.tsv",
              "probe\tone\ttwo\ncg12434587\t.5\tNA\ncg12981137\t.4\t.4\n");
    case_file(name, "four.tsv", FOUR);
    case_file(name, "two.tsv", TWO);
}

static double value_at(const cxs_feature_columns *c, const char *name, size_t i)
{
    const size_t k = cxs_feature_columns_find(c, name);

    if (k == SIZE_MAX)
        printf("  no %s\n", name);
    CHECK(k != SIZE_MAX);
    return k != SIZE_MAX ? c->column[k].value[i] : (double)NAN;
}

static cxs_study *open_study(cxs_ctx *ctx, const char *name)
{
    cxs_study *study = NULL;
    char file[64];

    CHECK(case_ingest(ctx, name) == CXS_OK);
    snprintf(file, sizeof file, "%s.cxs", name);
    CHECK(cxs_study_open(ctx, test_path(file), &study) == CXS_OK);
    if (study == NULL)
        fail();
    return study;
}

static void features_of_a_study(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_feature_columns c;
    char **patient = NULL;
    size_t missing = 0, zero = 0;
    cxs_study *study;

    (void)state;
    write_study("plain", "");
    study = open_study(ctx, "plain");
    CHECK(cxs_clinic_features(ctx, study, "refdata", &patient, &c) == CXS_OK);
    CHECK(c.n == 3); /* P3 has only what came too late */
    CHECK(strcmp(patient[0], "P1") == 0 && strcmp(patient[2], "P4") == 0);
    CHECK(cxs_feature_columns_find(&c, "tcr.shannon.change") == SIZE_MAX);
    CHECK(strstr(tmp_log, "2 files of receptors or methylation are of samples after "
                          "the first dose: not used as baseline") != NULL);
    CHECK_NEAR(value_at(&c, "tcr.richness", 0), 2.0, TOL_SUM);
    CHECK_NEAR(value_at(&c, "tcr.richness", 1), log2(3.0), TOL_SUM);
    CHECK_NEAR(value_at(&c, "tcr.product.share", 0), 0.75, TOL_SUM);
    CHECK(isnan(value_at(&c, "tcr.product.share", 1)));
    CHECK_NEAR(value_at(&c, "meth.mgmt.p", 0), 3.77960180343, 1e-9);
    CHECK(isnan(value_at(&c, "meth.mgmt.call", 1)));
    CHECK_NEAR(value_at(&c, "clin.gpa", 2), 2.5, TOL_EXACT);
    for (size_t k = 0; k < c.count; k++)
        for (size_t i = 0; i < c.n; i++) {
            missing += isnan(c.column[k].value[i]) != 0;
            zero += c.column[k].value[i] == 0.0;
        }
    /* P1 lacks the GPA; P2 the GPA, three of methylation, two of the product; P4 all
     * but the GPA */
    CHECK(c.count == 15 && missing == 1 + 6 + 14);
    CHECK(zero == 1); /* meth.mgmt.uncertain of P1 */
    cxs_feature_columns_clear(&c);
    cxs_free_strings(patient, 3);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void early_change_needs_a_landmark(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_feature_columns c;
    char **patient = NULL;
    cxs_study *study;
    size_t n;

    (void)state;
    write_study("marked", ", landmark_days: 45");
    study = open_study(ctx, "marked");
    CHECK(cxs_clinic_features(ctx, study, "refdata", &patient, &c) == CXS_OK);
    n = c.n;
    CHECK(n == 4); /* P3's sample of day 21 stands for it at the landmark */
    /* three clones became two */
    CHECK_NEAR(value_at(&c, "tcr.richness.change", 0), log2(3.0) - 2.0, TOL_SUM);
    CHECK_NEAR(value_at(&c, "tcr.top10.change", 0), 0.0, TOL_SUM);
    CHECK(isnan(value_at(&c, "tcr.richness.change", 1)));
    CHECK(isnan(value_at(&c, "tcr.richness.change", 2))); /* none before the dose */
    CHECK_NEAR(value_at(&c, "tcr.richness", 0), 2.0, TOL_SUM); /* of day 0 */
    CHECK_NEAR(value_at(&c, "tcr.richness", 2), 2.0, TOL_SUM);
    cxs_feature_columns_clear(&c);
    cxs_free_strings(patient, n);
    cxs_study_close(study);
    write_study("brief", ", landmark_days: 20"); /* before the second sample */
    study = open_study(ctx, "brief");
    CHECK(cxs_clinic_features(ctx, study, "refdata", &patient, &c) == CXS_OK);
    n = c.n;
    CHECK(cxs_feature_columns_find(&c, "tcr.richness.change") == SIZE_MAX);
    cxs_feature_columns_clear(&c);
    cxs_free_strings(patient, n);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Gliomas by the study's own sheet; others are not compared. */
static void gliomas_of_a_study_are_compared(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_study *study = NULL;
    char *patient[] = {(char[]){"A"}, (char[]){"B"}, (char[]){"C"}, (char[]){"D"}};
    cxs_feature_columns c = {.n = 4};
    static const char *const names[] = {"var.hot.IDH1_R132", "cn.event.CODEL_1P19Q",
                                        "cn.focal.CDKN2A.homdel", "meth.mgmt.call"};
    static const double values[4][4] = {
        {1, 0, 1, 1}, {0, NAN, NAN, 0}, {1, 1, 0, 1}, {1, 1, 1, 1}};

    (void)state;
    case_plain("glioma", YAML,
               "PATIENT_ID\tCOHORT\tOS_DAYS\tOS_STATUS\tAGE\tIDH_STATUS\tCODEL_1P19Q\t"
               "MGMT_STATUS\tWHO_GRADE\n"
               "A\tGLIOMA\t30\t1\t50\tMUT\tNON_CODEL\tMETH\t3\n" /* grade: 4 */
               "B\tGLIOMA\t40\t0\t50\tMUT\tNON_CODEL\tMETH\t3\n" /* IDH, MGMT */
               "C\tGLIOMA\t50\t1\t50\tMUT\tNON_CODEL\tMETH\t2\n" /* 1p/19q */
               "D\tBM\t60\t1\t50\tWT\tNON_CODEL\tUNMETH\t2\n");
    study = open_study(ctx, "glioma");
    for (size_t k = 0; k < 4; k++) {
        double *value = NULL;
        CHECK(cxs_feature_columns_add(ctx, &c, names[k], "", CXS_FEATURE_BINARY,
                                      &value) == CXS_OK);
        for (size_t i = 0; i < 4; i++)
            value[i] = values[i][k];
    }
    CHECK(cxs_cns5_check(ctx, study, patient, &c) == CXS_OK);
    CHECK(strstr(tmp_log, "CX060: 1 patients: IDH given and computed differ") != NULL);
    CHECK(strstr(tmp_log, "CX060: 1 patients: 1p/19q given and") != NULL);
    CHECK(strstr(tmp_log, "CX060: 1 patients: MGMT given and") != NULL);
    CHECK(strstr(tmp_log, "CX060: 1 patients: WHO grade given and") != NULL);
    cxs_feature_columns_clear(&c);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/*
 * Which column of the matrix is a patient's: P1 gave fluid on days 0, 1, 21 and 22: of
 * those before the dose the last stands, at a landmark too; P2 only on day 21; P3's product is none of its own;
 * P4's blood cells are too old.
 */
static void baseline_goes_before_the_dose(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_study *study;
    cxs_matrix *m = NULL;

    (void)state;
    case_plain("base",
               "tables: {patients: patients.tsv, samples: samples.tsv}\n"
               "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, landmark_days: "
               "45}\nexpression: {file: x.tsv, kind: log}\n",
               "PATIENT_ID\tOS_DAYS\tOS_STATUS\tFIRST_DOSE_DAY\nP1\t100\t1\t3\n"
               "P2\t200\t0\t3\nP3\t300\t1\t3\nP4\t400\t1\t3\n");
    case_file("base", "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n"
              "A\tP1\tCSF_CELLS\tRNA\t21\nB\tP1\tCSF_CELLS\tRNA\t0\n"
              "B2\tP1\tCSF_CELLS\tRNA\t1\nB3\tP1\tCSF_CELLS\tRNA\t22\n"
              "C\tP2\tCSF_CELLS\tRNA\t21\nD\tP3\tTCELL_PRODUCT\tRNA\t0\n"
              "E\tP4\tPBMC\tRNA\t-26\nF\tP2\tTUMOR\tDNA\t-30\n");
    case_file("base", "x.tsv",
              "gene\tA\tB\tC\tD\tE\tB2\tB3\nG1\t6\t2\t3\t4\t5\t1\t7\n");
    study = open_study(ctx, "base");
    CHECK(cxs_study_matrix(ctx, study, &m) == CXS_OK);
    CHECK(m != NULL && cxs_matrix_n(m) == 2);
    CHECK(m != NULL && cxs_matrix_x(m)[0] == 1.0 && cxs_matrix_x(m)[1] == 3.0);
    CHECK(strstr(tmp_log, "for 1 patients without a sample before the first dose a "
                          "later one stands") != NULL);
    cxs_matrix_free(m);
    cxs_study_close(study);
    /* tissue: its age is told */
    case_study("tissue", NULL, NULL, NULL);
    study = open_study(ctx, "tissue");
    CHECK(strstr(tmp_log, "tumour tissue of 15 patients was taken ") != NULL);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void memory_may_run_out(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_study *study;
    const long before = cxs_alloc_live();
    long live;
    cxs_rc rc = CXS_ENOMEM;

    (void)state;
    write_study("poor", ", landmark_days: 45");
    study = open_study(ctx, "poor");
    live = cxs_alloc_live();
    for (long k = 1; rc != CXS_OK && k < 20000; k++) {
        cxs_feature_columns c = {.n = 0};
        char **patient = NULL;
        size_t n;
        cxs_alloc_fail_at(k);
        rc = cxs_clinic_features(ctx, study, "refdata", &patient, &c);
        n = c.n;
        if (rc == CXS_OK)
            rc = cxs_cns5_check(ctx, study, patient, &c);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || (rc == CXS_ENOMEM && (n == 0) == (patient == NULL)));
        cxs_feature_columns_clear(&c);
        if (patient != NULL)
            cxs_free_strings(patient, n);
        /* the context keeps its message and what it warned of */
        CHECK(cxs_alloc_live() <= live + 16);
    }
    CHECK(rc == CXS_OK);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK(cxs_alloc_live() < before);
    CHECK_DONE();
}

/* The same columns stand beside expression in the features of the study. */
static void they_join_the_matrix(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_study *study;
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f = NULL;
    const cxs_matrix *m;
    size_t found = 0;

    (void)state;
    write_study("joined", "");
    study = open_study(ctx, "joined");
    s.refdata = "refdata";
    s.filter = 0;
    s.standardise = 0;
    CHECK(cxs_features_study(ctx, study, &s, &f) == CXS_OK);
    if (f == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        fail();
    }
    m = cxs_features_matrix(f);
    CHECK(cxs_matrix_n(m) == 4);
    for (size_t j = 0; j < cxs_matrix_p(m); j++)
        if (strcmp(cxs_matrix_feature(m)[j], "tcr.richness") == 0) {
            const double *x = cxs_matrix_x(m) + j * 4;
            CHECK_NEAR(x[0], 2.0, TOL_SUM);
            CHECK_NEAR(x[1], log2(3.0), TOL_SUM);
            CHECK(isnan(x[2]) && isnan(x[3]));
            found++;
        }
    CHECK(found == 1);
    cxs_features_free(f);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
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
        cmocka_unit_test(what_time_allows),
        cmocka_unit_test(early_change_by_hand),
        cmocka_unit_test(features_of_a_study),
        cmocka_unit_test(early_change_needs_a_landmark),
        cmocka_unit_test(gliomas_of_a_study_are_compared),
        cmocka_unit_test(baseline_goes_before_the_dose),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(they_join_the_matrix),
    };

    return cmocka_run_group_tests_name("clinic", tests, test_folder_make,
                                       test_folder_remove);
}
