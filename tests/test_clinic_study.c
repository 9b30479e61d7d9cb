/*
 * test_clinic_study.c -- studies with repertoires, methylation and clinical results from
 * files to features
 */
#include "test.h"

#include "files.h"
#include "study_case.h"
#include "tmp.h"

#include "base/base.h"
#include "coxswain/features.h"
#include "features/clinic.h"
#include "features/cns5.h"
#include "store/data.h"

#define U ((double)NAN) /* not assessed */

#define YAML                                                                           \
    "tables: {patients: patients.tsv}\n"                                               \
    "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n"

/* ---- a study ---------------------------------------------------------------------- */

#define CLONES "v_call\tj_call\tjunction\tjunction_aa\tproductive\tumi_count\n"
#define FOUR                                                                           \
    CLONES "TRBV1\tTRBJ1\tA\tC\tT\t4\nTRBV1\tTRBJ1\tC\tC\tT\t2\n"                      \
           "TRBV1\tTRBJ1\tG\tC\tT\t2\n"
#define TWO CLONES "TRBV1\tTRBJ1\tA\tC\tT\t6\nTRBV1\tTRBJ1\tC\tC\tT\t2\n"

/*
 * P1: fluid before the dose, on days 21 and 30, product, methylation.  P2: fluid before the
 * dose, a product made after it.  P3: fluid on day 21 only.  P4: nothing but clinic (BM with its GPA).
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
              "P1-E\tP1\tCSF_CELLS\tTCR\t30\nP1-P\tP1\tTCELL_PRODUCT\tTCR\t-5\nP2-"
              "C\tP2\tCSF_CELLS\tTCR\t0\n"
              "P3-D\tP3\tCSF_CELLS\tTCR\t21\nP2-P\tP2\tTCELL_PRODUCT\tTCR\t30\n"
              "P3-T\tP3\tTUMOR\tRNA\t-5\nP4-T\tP4\tTUMOR\tRNA\t-9\n");
    case_file(name, "assays.tsv",
              "SAMPLE_ID\tASSAY\tFILE\tCOLUMN\n"
              "P1-T\tRNA_COUNTS\tx.tsv\tP1\nP2-T\tRNA_COUNTS\tx.tsv\tP2\n"
              "P3-T\tRNA_COUNTS\tx.tsv\tP3\nP4-T\tRNA_COUNTS\tx.tsv\tP4\n"
              "P1-T\tMETH_BETA\tm.tsv\tone\nP2-T\tMETH_BETA\tm.tsv\ttwo\n"
              "P1-C\tAIRR\tfour.tsv\t\nP1-D\tAIRR\ttwo.tsv\t\nP1-E\tAIRR\tfour."
              "tsv\t\nP1-P\tAIRR\ttwo.tsv\t\n"
              "P2-C\tAIRR\ttwo.tsv\t\nP2-P\tAIRR\ttwo.tsv\t\nP3-D\tAIRR\tfour.tsv\t\n");
    case_file(name, "x.tsv",
              "gene\tP1\tP2\tP3\tP4\nTP53\t400\t300\t200\t100\nEGFR\t1\t900\t30\t40\n");
    case_file(name, "m.tsv",
              "probe\tone\ttwo\ncg12434587\t.5\tNA\ncg12981137\t.4\t.4\n");
    case_file(name, "four.tsv", FOUR);
    case_file(name, "two.tsv", TWO);
}

/* P3's sample of day 21 without its file. */
static void without_late(const char *name)
{
    char file[64], *text, *at;

    snprintf(file, sizeof file, "%s/assays.tsv", name);
    text = test_read(test_path(file), NULL);
    at = text != NULL ? strstr(text, "P3-D\tAIRR") : NULL;
    if (at == NULL)
        abort();
    *at = '\0';
    case_file(name, "assays.tsv", text);
    free(text);
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
    study = open_study(ctx, "plain"); /* P3 has only what came too late */
    CHECK(cxs_clinic_features(ctx, study, "refdata", &patient, &c) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX014") == 0 && patient == NULL && c.n == 0);
    CHECK(
        strstr(cxs_ctx_message(ctx),
               "receptors and methylation: 1 samples were drawn after the time origin; "
               "a patient must survive to be sampled: set landmark = 21 ") != NULL);
    cxs_study_close(study);
    without_late("plain");
    study = open_study(ctx, "plain");
    CHECK(cxs_clinic_features(ctx, study, "refdata", &patient, &c) == CXS_OK);
    CHECK(c.n == 3);
    CHECK(strcmp(patient[0], "P1") == 0 && strcmp(patient[2], "P4") == 0);
    CHECK(cxs_feature_columns_find(&c, "tcr.shannon.change") == SIZE_MAX);
    CHECK(strstr(tmp_log, "2 repertoires, down-sampled to 8 counts") != NULL);
    CHECK(strstr(tmp_log, "receptors and methylation: 3 samples are from after the "
                          "first dose: not used as baseline") != NULL);
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
    write_study("deep", "}\nsequencing: {tcr_depth: 9");
    without_late("deep");
    study = open_study(ctx, "deep");
    CHECK(cxs_clinic_features(ctx, study, "refdata", &patient, &c) == CXS_OK);
    n = c.n; /* eight counts are fewer than nine: of P2 nothing is left */
    CHECK(n == 2 && cxs_feature_columns_find(&c, "tcr.richness") == SIZE_MAX);
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

/* P1 gave CSF and, later, blood: CSF stands.  P2 gave blood only.  A beta matrix of CSF
 * is not what the model was made for. */
static void materials_are_not_mixed_unseen(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_feature_columns c;
    char **patient = NULL;
    cxs_study *study;
    size_t n;

    (void)state;
    case_plain("mixed",
               "tables: {patients: patients.tsv, samples: samples.tsv, assays: "
               "assays.tsv}\nendpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, "
               "landmark_days: 40}\n",
               "PATIENT_ID\tOS_DAYS\tOS_STATUS\nP1\t100\t1\nP2\t200\t0\n");
    case_file("mixed", "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n"
              "A\tP1\tPBMC\tTCR\t0\nB\tP1\tCSF_CELLS\tTCR\t-3\n"
              "C\tP1\tPBMC\tTCR\t15\nD\tP2\tPBMC\tTCR\t0\n"
              "E\tP1\tCSF_CFDNA\tMETH\t0\n");
    case_file("mixed", "assays.tsv",
              "SAMPLE_ID\tASSAY\tFILE\nA\tAIRR\ttwo.tsv\nB\tAIRR\tfour.tsv\n"
              "C\tAIRR\ttwo.tsv\nD\tAIRR\ttwo.tsv\nE\tMETH_BETA\tm.tsv\n");
    case_file("mixed", "m.tsv", "probe\tE\ncg12434587\t.5\ncg12981137\t.4\n");
    case_file("mixed", "four.tsv", FOUR);
    case_file("mixed", "two.tsv", TWO);
    study = open_study(ctx, "mixed");
    CHECK(cxs_clinic_features(ctx, study, "refdata", &patient, &c) == CXS_OK);
    n = c.n;
    CHECK(n == 2);
    CHECK_NEAR(value_at(&c, "tcr.richness", 0), 2.0, TOL_SUM);
    CHECK_NEAR(value_at(&c, "tcr.richness", 1), log2(3.0), TOL_SUM);
    CHECK(strstr(tmp_log, "repertoires are of several materials (CSF_CELLS, PBMC)") !=
          NULL);
    CHECK(cxs_feature_columns_find(&c, "meth.mgmt.p") == SIZE_MAX);
    /* blood of day 15 is no later state of the fluid */
    CHECK(cxs_feature_columns_find(&c, "tcr.richness.change") == SIZE_MAX);
    cxs_feature_columns_clear(&c);
    cxs_free_strings(patient, n);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Counts of eight clones as an AIRR table. */
static void write_clones(const char *study, const char *file, const int *count)
{
    char text[1024] = CLONES, line[64];

    for (int i = 0; i < 8; i++) {
        if (count[i] == 0)
            continue;
        snprintf(line, sizeof line, "TRBV%d\tTRBJ1\tA\tC\tT\t%d\n", i + 1, count[i]);
        strcat(text, line);
    }
    case_file(study, file, text);
}

/* The clones of test_tcr.c: two grow and hold 52 of 140 counts; from the product, three
 * times what the fluid had, a third grows (R: q = 0.0027).  Only with a landmark. */
static void clones_that_grow_need_a_landmark(void **state)
{
    static const int before[] = {10, 0, 5, 2, 3, 0, 100, 4},
                     after[] = {40, 12, 5, 2, 2, 4, 60, 15},
                     product[] = {30, 0, 15, 6, 9, 0, 300, 12};
    static const char *const names[] = {"tcr.expansion.n", "tcr.expansion.share",
                                        "tcr.product.expansion.n",
                                        "tcr.product.expansion.share"};
    static const double want[] = {2.0, 52.0 / 140.0, 3.0, 67.0 / 140.0};

    (void)state;
    for (int landmark = 0; landmark < 2; landmark++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_feature_columns c;
        char **patient = NULL;
        cxs_study *study;
        char yaml[512];
        size_t n;
        snprintf(
            yaml, sizeof yaml,
            "tables: {patients: patients.tsv, samples: samples.tsv, assays: "
            "assays.tsv}\nendpoint: {name: OS, time: OS_DAYS, event: OS_STATUS%s}\n",
            landmark ? ", landmark_days: 45" : "");
        case_plain("grow", yaml,
                   "PATIENT_ID\tOS_DAYS\tOS_STATUS\tFIRST_DOSE_DAY\nP1\t100\t1\t3\n"
                   "P2\t200\t0\t3\n");
        case_file("grow", "samples.tsv",
                  "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n"
                  "A\tP1\tCSF_CELLS\tTCR\t0\nB\tP1\tCSF_CELLS\tTCR\t21\n"
                  "P\tP1\tTCELL_PRODUCT\tTCR\t-5\nC\tP2\tCSF_CELLS\tTCR\t0\n");
        case_file("grow", "assays.tsv",
                  "SAMPLE_ID\tASSAY\tFILE\nA\tAIRR\tbefore.tsv\nB\tAIRR\tafter.tsv\n"
                  "P\tAIRR\tproduct.tsv\nC\tAIRR\tbefore.tsv\n");
        write_clones("grow", "before.tsv", before);
        write_clones("grow", "after.tsv", after);
        write_clones("grow", "product.tsv", product);
        study = open_study(ctx, "grow");
        CHECK(cxs_clinic_features(ctx, study, "refdata", &patient, &c) == CXS_OK);
        n = c.n;
        for (size_t k = 0; k < 4; k++) {
            const size_t at = cxs_feature_columns_find(&c, names[k]);
            CHECK((at != SIZE_MAX) == (landmark == 1));
            if (at == SIZE_MAX)
                continue;
            CHECK_NEAR(c.column[at].value[0],
                       k % 2 == 0 ? log2(want[k] + 1.0) : want[k], TOL_SUM);
            CHECK(isnan(c.column[at].value[1])); /* no later sample */
        }
        cxs_feature_columns_clear(&c);
        cxs_free_strings(patient, n);
        cxs_study_close(study);
        cxs_ctx_free(ctx);
    }
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
        {1, 0, 1, 1}, {0, U, U, 0}, {1, 1, 0, 1}, {1, 1, 1, 1}};

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
    CHECK(strstr(tmp_log, "1 samples from after the first dose stand for patients "
                          "who have none before it") != NULL);
    cxs_matrix_free(m);
    cxs_study_close(study);
    /* tissue: its age is told */
    case_study("tissue", NULL, NULL, NULL);
    study = open_study(ctx, "tissue");
    CHECK(strstr(tmp_log, "15 samples of tumour tissue were taken before the "
                          "first dose: median ") != NULL);
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
    without_late("joined");
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
        cmocka_unit_test(features_of_a_study),
        cmocka_unit_test(materials_are_not_mixed_unseen),
        cmocka_unit_test(early_change_needs_a_landmark),
        cmocka_unit_test(clones_that_grow_need_a_landmark),
        cmocka_unit_test(gliomas_of_a_study_are_compared),
        cmocka_unit_test(baseline_goes_before_the_dose),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(they_join_the_matrix),
    };

    return cmocka_run_group_tests_name("clinic_study", tests, test_folder_make,
                                       test_folder_remove);
}
