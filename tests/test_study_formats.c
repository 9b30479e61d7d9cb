/*
 * test_study_formats.c -- studies whose tables other programs wrote: CDISC data sets,
 * files of one sample each, methylation, a matrix on its side
 */
#include "files.h"
#include "study_case.h"
#include "test.h"

#include "coxswain/features.h"
#include "store/data.h"

#include <sqlite3.h>

static void expect_failure(const char *study, cxs_rc want, const char *code,
                           const char *message)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = case_ingest(ctx, study);
    const bool as_said = rc == want && strcmp(cxs_ctx_code(ctx), code) == 0 &&
                         strstr(cxs_ctx_message(ctx), message) != NULL;

    if (!as_said)
        printf("  %s: %d [%s] %s\n  want %s\n", study, (int)rc, cxs_ctx_code(ctx),
               cxs_ctx_message(ctx), message);
    CHECK(as_said);
    cxs_ctx_free(ctx);
}

/* One number of the study file. */
static double ask(const char *study, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    char path[1200];
    double value = (double)NAN;

    snprintf(path, sizeof path, "%s.cxs", test_path(study));
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        value = sqlite3_column_double(stmt, 0);
    else
        printf("  %s: %s\n", sql, sqlite3_errmsg(db));
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return value;
}

static void expect_ingest(const char *study)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = case_ingest(ctx, study);

    if (rc != CXS_OK)
        printf("  %s: [%s] %s\n", study, cxs_ctx_code(ctx), cxs_ctx_message(ctx));
    CHECK(rc == CXS_OK);
    cxs_ctx_free(ctx);
}

/* ---- CDISC ----------------------------------------------------------------------- */

#define PATIENTS   "PATIENT_ID\tSEX\nP1\tF\nP2\tM\nP3\tF\n"
#define ADTTE_HEAD "STUDYID\tUSUBJID\tPARAMCD\tPARAM\tAVAL\tCNSR\tSTARTDT\tADT\n"

static const char adtte[] =
    ADTTE_HEAD "X\tP1\tOS\tOverall Survival (months)\t2\t0\t2020-01-01\t2020-03-01\n"
               "X\tP3\tOS\tOverall Survival (months)\t4\t2\t2020-01-01\t2020-05-01\n"
               "X\tP1\tPFS\tProgression-free Survival (days)\t31\t0\t2020-01-01\t"
               "2020-01-31\n"
               "X\tP2\tPFS\tProgression-free Survival (days)\t11\t1\t2020-01-01\t"
               "2020-01-11\n";

#define CDISC_YAML(endpoint)                                                           \
    "tables: {patients: patients.tsv, adtte: adtte.tsv}\nendpoint: {" endpoint "}\n"

/* CNSR 0 is the event, months are 30.4375 days, the unit stands in PARAM. */
static void endpoints_from_adtte(void **state)
{
    (void)state;
    case_plain("cdisc", CDISC_YAML("name: OS, paramcd: OS"), PATIENTS);
    case_file("cdisc", "adtte.tsv", adtte);
    expect_ingest("cdisc");
    CHECK_NEAR(ask("cdisc", "SELECT time_days FROM endpoint WHERE name = 'OS' AND "
                            "patient = 'P1'"),
               60.875, TOL_EXACT);
    CHECK(ask("cdisc", "SELECT event FROM endpoint WHERE name = 'OS' AND patient = "
                       "'P1'") == 1.0);
    CHECK(ask("cdisc", "SELECT event FROM endpoint WHERE name = 'OS' AND patient = "
                       "'P3'") == 0.0);
    CHECK(ask("cdisc", "SELECT count(*) FROM endpoint WHERE name = 'OS'") == 2.0);
    case_file("cdisc", "study.yaml", CDISC_YAML("name: PFS, paramcd: PFS"));
    expect_ingest("cdisc");
    CHECK(ask("cdisc",
              "SELECT time_days FROM endpoint WHERE name = 'PFS' AND patient = "
              "'P1'") == 31.0);
    /* the sheet itself is kept */
    CHECK(ask("cdisc",
              "SELECT count(DISTINCT row) FROM record WHERE sheet = 'adtte'") == 4.0);
    CHECK_DONE();
}

static void faults_of_adtte(void **state)
{
    static const struct {
        const char *endpoint, *rows;
        cxs_rc rc;
        const char *code, *message;
    } cases[] = {
        {"name: OS, paramcd: OS, time: SEX, event: SEX", adtte, CXS_EARG, "",
         "paramcd stands instead of time and event"},
        {"name: OS, paramcd: TTP", adtte, CXS_EFORMAT, "",
         "adtte.tsv: no PARAMCD \"TTP\", there are OS, PFS"},
        {"name: OS, paramcd: OS, time_unit: days", adtte, CXS_EARG, "",
         "AVAL of OS is in months by AVALU or PARAM, not in days"},
        {"name: OS, paramcd: OS", ADTTE_HEAD "X\tP1\tOS\tOverall Survival\t2\t0\t\t\n",
         CXS_EARG, "", "time_unit is needed: neither AVALU nor PARAM of "},
        {"name: OS, paramcd: OS, time_unit: days",
         ADTTE_HEAD "X\tP9\tOS\tOverall Survival\t2\t0\t\t\n", CXS_EFORMAT, "CX003",
         "adtte.tsv:2:USUBJID: no patient \"P9\""},
        {"name: OS, paramcd: OS, time_unit: days",
         ADTTE_HEAD "X\tP1\tOS\tOS\t2\t0\t\t\nX\tP1\tOS\tOS\t3\t0\t\t\n", CXS_EFORMAT,
         "CX002", "adtte.tsv:3:USUBJID: \"P1\" has OS in line 2 already"},
        {"name: OS, paramcd: OS, time_unit: days",
         ADTTE_HEAD "X\tP1\tOS\tOS\t2\t-1\t\t\n", CXS_EFORMAT, "CX018",
         "adtte.tsv:2:CNSR: \"-1\" is not one of 0 (event), 1, 2, ... (censored)"},
        {"name: OS, paramcd: OS, time_unit: days",
         ADTTE_HEAD "X\tP1\tOS\tOS\tlong\t0\t\t\n", CXS_EFORMAT, "CX016",
         "adtte.tsv:2:AVAL: \"long\" is not a number"},
        {"name: OS, paramcd: OS",
         ADTTE_HEAD
         "X\tP1\tOS\tOS (days)\t2\t0\t\t\nX\tP2\tOS\tOS (months)\t2\t0\t\t\n",
         CXS_EFORMAT, "",
         "adtte.tsv:3: AVAL of OS is in months here and in days above"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[512];
        snprintf(yaml, sizeof yaml, CDISC_YAML("%s"), cases[i].endpoint);
        case_plain("bad", yaml, PATIENTS);
        case_file("bad", "adtte.tsv", cases[i].rows);
        expect_failure("bad", cases[i].rc, cases[i].code, cases[i].message);
    }
    case_plain("bad",
               "tables: {patients: patients.tsv}\n"
               "endpoint: {name: OS, paramcd: OS}\n",
               PATIENTS);
    expect_failure("bad", CXS_EARG, "", "study.yaml:2: paramcd needs an adtte table");
    CHECK_DONE();
}

/* Study day 1 is our day 0; the words of CDISC become those of the schema. */
static void adae_and_adrs_are_read(void **state)
{
    (void)state;
    case_plain("safety",
               "tables: {patients: patients.tsv, adtte: adtte.tsv, ae: adae.tsv,\n"
               "         visits: adrs.tsv}\n"
               "constants: {ae: {SYSTEM: CTCAE5}, visits: {CRITERIA: RANO_2010}}\n"
               "endpoint: {name: OS, paramcd: OS}\n",
               PATIENTS);
    case_file("safety", "adtte.tsv", adtte);
    case_file("safety", "adae.tsv",
              "USUBJID\tAEDECOD\tATOXGR\tASTDY\tAENDY\tAESER\tAEREL\n"
              "P1\tFatigue\tGrade 2\t1\t10\tN\tNOT RELATED\n"
              "P2\tSeizure\t3\t-2\t\tY\tProbably related\n");
    case_file("safety", "adrs.tsv",
              "USUBJID\tPARAMCD\tADY\tAVALC\nP1\tOVR\t29\tSD\nP1\tBOR\t29\tSD\n"
              "P2\tOVR\t57\tPR\n");
    expect_ingest("safety");
    CHECK(ask("safety", "SELECT value FROM record WHERE sheet = 'ae' AND row = 0 AND "
                        "name = 'START_DAY'") == 0.0);
    CHECK(ask("safety", "SELECT value FROM record WHERE sheet = 'ae' AND row = 0 AND "
                        "name = 'END_DAY'") == 9.0);
    CHECK(ask("safety", "SELECT value FROM record WHERE sheet = 'ae' AND row = 1 AND "
                        "name = 'START_DAY'") == -2.0);
    CHECK(ask("safety", "SELECT value FROM record WHERE sheet = 'ae' AND row = 0 AND "
                        "name = 'GRADE'") == 2.0);
    CHECK(ask("safety", "SELECT value = 'PROBABLE' FROM record WHERE sheet = 'ae' AND "
                        "row = 1 AND name = 'RELATED'") == 1.0);
    CHECK(ask("safety", "SELECT count(*) FROM record WHERE sheet = 'visits' AND "
                        "name = 'RESPONSE'") == 2.0);
    CHECK(ask("safety", "SELECT value FROM record WHERE sheet = 'visits' AND row = 1 "
                        "AND name = 'DAY'") == 56.0);
    case_file("safety", "adae.tsv",
              "USUBJID\tAEDECOD\tATOXGR\tASTDY\nP1\tFatigue\t2\t0\n");
    expect_failure("safety", CXS_EFORMAT, "CX018",
                   "adae.tsv:2:ASTDY: \"0\": CDISC study days have no day 0");
    case_file("safety", "adae.tsv",
              "USUBJID\tAEDECOD\tATOXGR\tASTDY\nP1\tFatigue\t2\t1\n");
    case_file("safety", "adrs.tsv", "USUBJID\tPARAMCD\tADY\tAVALC\nP1\tBOR\t29\tSD\n");
    expect_failure("safety", CXS_EFORMAT, "",
                   "adrs.tsv: an ADRS table without overall responses by visit "
                   "(PARAMCD OVR), there are BOR");
    CHECK_DONE();
}

/* ---- matrices -------------------------------------------------------------------- */

#define SAMPLES                                                                        \
    "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\n"                                         \
    "T1\tP1\tTUMOR\tRNA\nT2\tP2\tTUMOR\tRNA\nT3\tP3\tTUMOR\tRNA\n"
#define FOLLOWED "PATIENT_ID\tOS_DAYS\tOS_STATUS\nP1\t10\t1\nP2\t20\t0\nP3\t30\t1\n"
#define ASSAYS_YAML                                                                    \
    "tables: {patients: patients.tsv, samples: samples.tsv, assays: assays.tsv}\n"     \
    "endpoint: {name: OS}\nnormalise: none\n"

static void put_star(const char *study, const char *file, const char *a, const char *b)
{
    char text[512];

    snprintf(
        text, sizeof text,
        "N_unmapped\t1\t1\t1\nENSG00000141510.18\t1\t9\t%s\nENSG00000146648.18\t2\t"
        "9\t%s\n",
        a, b);
    case_file(study, file, text);
}

static void assays_of_one_sample_each(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = NULL;
    cxs_matrix *m = NULL;
    char path[1200];

    (void)state;
    case_plain("star", ASSAYS_YAML "expression: {stranded: 2}\n", FOLLOWED);
    case_file("star", "samples.tsv", SAMPLES);
    case_file("star", "assays.tsv",
              "SAMPLE_ID\tASSAY\tFILE\nT2\tRNA_COUNTS\tb.tab\nT1\tRNA_COUNTS\ta.tab\n"
              "T3\tRNA_COUNTS\tc.tab\n");
    put_star("star", "a.tab", "70", "80");
    put_star("star", "b.tab", "71", "81");
    put_star("star", "c.tab", "72", "82");
    expect_ingest("star");
    snprintf(path, sizeof path, "%s.cxs", test_path("star"));
    CHECK(cxs_study_open(ctx, path, &study) == CXS_OK);
    CHECK(study != NULL && cxs_study_matrix(ctx, study, &m) == CXS_OK);
    if (m != NULL) {
        CHECK(cxs_matrix_n(m) == 3 && cxs_matrix_p(m) == 2);
        CHECK(strcmp(cxs_matrix_feature(m)[0], "ENSG00000141510") == 0);
        CHECK(strcmp(cxs_matrix_feature_name(m)[0], "TP53") == 0);
        for (size_t i = 0; i < 3; i++)
            CHECK(cxs_matrix_x(m)[i] == 70.0 + (double)i &&
                  cxs_matrix_x(m)[3 + i] == 80.0 + (double)i);
    }
    CHECK(study != NULL && strcmp(cxs_study_setting(study, "genes_matched"), "2") == 0);
    CHECK(study != NULL &&
          strcmp(cxs_study_setting(study, "genes_versions_cut"), "2") == 0);
    cxs_matrix_free(m);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void faults_of_assay_files(void **state)
{
    (void)state;
    case_plain("files", ASSAYS_YAML, FOLLOWED);
    case_file("files", "samples.tsv", SAMPLES);
    case_file("files", "assays.tsv",
              "SAMPLE_ID\tASSAY\tFILE\nT1\tRNA_COUNTS\ta.tab\nT2\tRNA_COUNTS\tb.tab\n");
    put_star("files", "a.tab", "70", "80");
    case_file("files", "b.tab", "N_unmapped\t1\t1\t1\nENSG00000141510.18\t1\t9\t60\n");
    expect_failure("files", CXS_EARG, "", "STAR counts need --stranded 0, 1 or 2");
    case_file("files", "study.yaml", ASSAYS_YAML "expression: {stranded: 0}\n");
    expect_failure("files", CXS_EMISMATCH, "", "(ENSG00000146648.18)");
    case_file("files", "b.tab", "g\tT2\nx\t1\n");
    expect_failure("files", CXS_EFORMAT, "",
                   "b.tab: a table of format 'plain', not a file of one sample");
    case_file("files", "assays.tsv",
              "SAMPLE_ID\tASSAY\tFILE\nT1\tRNA_COUNTS\ta.tab\nT2\tRNA_COUNTS\ta.tab\n");
    expect_failure(
        "files", CXS_EFORMAT, "",
        "assays.tsv:3:FILE: \"a.tab\" holds one sample and was already given "
        "at line 2");
    CHECK_DONE();
}

/* Estimated counts keep their fractions, also past the study file. */
static void estimated_counts_are_counts(void **state)
{
    static const char quant[] = "Name\tLength\tEffectiveLength\tTPM\tNumReads\n";
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = NULL;
    cxs_features *f = NULL;
    cxs_features_settings s = cxs_features_auto();
    char path[1200], text[512];

    (void)state;
    case_plain("salmon",
               "tables: {patients: patients.tsv, samples: samples.tsv, "
               "assays: assays.tsv}\n"
               "endpoint: {name: OS}\n"
               "expression: {tx2gene: t.tsv, transcript_counts: sum}\n",
               FOLLOWED);
    case_file("salmon", "samples.tsv", SAMPLES);
    case_file("salmon", "t.tsv", "transcript_id\tgene_id\na\tTP53\nb\tEGFR\nc\tPTEN\n");
    case_file("salmon", "assays.tsv",
              "SAMPLE_ID\tASSAY\tFILE\nT1\tRNA_COUNTS\tq1\nT2\tRNA_COUNTS\tq2\n"
              "T3\tRNA_COUNTS\tq3\n");
    for (int i = 1; i <= 3; i++) {
        char name[8];
        snprintf(name, sizeof name, "q%d", i);
        snprintf(
            text, sizeof text,
            "%sa\t900\t800\t10\t100.25\nb\t900\t700\t20\t2%d0.5\nc\t9\t8\t3\t30%d.75"
            "\n",
            quant, i, i);
        case_file("salmon", name, text);
    }
    expect_ingest("salmon");
    snprintf(path, sizeof path, "%s.cxs", test_path("salmon"));
    CHECK(cxs_study_open(ctx, path, &study) == CXS_OK);
    s.filter = 0;
    CHECK(study != NULL && cxs_features_study(ctx, study, &s, &f) == CXS_OK);
    if (f == NULL)
        printf("  [%s] %s\n", cxs_ctx_code(ctx), cxs_ctx_message(ctx));
    CHECK(f != NULL && cxs_features_library_size(f)[0] == 100.25 + 210.5 + 301.75);
    cxs_features_free(f);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void methylation_is_a_matrix(void **state)
{
    (void)state;
    case_plain("meth", ASSAYS_YAML, FOLLOWED);
    case_file("meth", "samples.tsv", SAMPLES);
    case_file("meth", "assays.tsv",
              "SAMPLE_ID\tASSAY\tFILE\nT1\tMETH_BETA\tb.tsv\nT2\tMETH_BETA\tb.tsv\n"
              "T3\tMETH_BETA\tb.tsv\n");
    case_file("meth", "b.tsv",
              "probe\tT1\tT2\tT3\ncg12434587\t0.1\t0.2\t0.3\ncg12981137\t0.5\t0.6\t"
              "0.7\n");
    expect_ingest("meth");
    CHECK(ask("meth", "SELECT kind = 'beta' AND layer = 'meth' FROM matrix") == 1.0);
    case_file(
        "meth", "b.tsv",
        "probe\tT1\tT2\tT3\ncg12434587\t0.1\t0.2\t3\ncg12981137\t0.5\t0.6\t0.7\n");
    expect_failure("meth", CXS_EFORMAT, "CX049",
                   "b.tsv: cg12434587: 3 is not a beta value; METH_M?");
    CHECK_DONE();
}

/* CX033 */
static void a_matrix_on_its_side(void **state)
{
    (void)state;
    case_plain("side",
               "tables: {patients: patients.tsv}\nendpoint: {name: OS}\n"
               "expression: {file: x.tsv, kind: log}\n",
               FOLLOWED);
    case_file("side", "x.tsv", "id\tTP53\tEGFR\nP1\t1\t2\nP2\t3\t4\nP3\t5\t6\n");
    expect_failure("side", CXS_EFORMAT, "CX033",
                   "x.tsv: samples are in rows; transpose the file");
    case_file("side", "study.yaml",
              "tables: {patients: patients.tsv}\nendpoint: {name: OS}\n"
              "expression: {file: x.tsv, kind: log, rows: samples}\n");
    expect_ingest("side");
    CHECK_DONE();
}

/* A GCT file and the names of its genes: the record of what was mapped. */
static void formats_in_a_study(void **state)
{
    (void)state;
    case_plain("gct",
               "tables: {patients: patients.tsv}\nendpoint: {name: OS}\n"
               "expression: {file: x.gct, kind: log}\n",
               FOLLOWED);
    case_file("gct", "x.gct",
              "#1.2\n3\t3\nName\tDescription\tP1\tP2\tP3\nH3F3A\tx\t1\t2\t3\n"
              "TP53\ty\t1\t2\t4\nNOBODY9\tz\t1\t2\t5\n");
    expect_ingest("gct");
    CHECK(ask("gct", "SELECT CAST(value AS REAL) FROM setting WHERE key = "
                     "'genes_updated'") == 1.0);
    CHECK(ask("gct", "SELECT CAST(value AS REAL) FROM setting WHERE key = "
                     "'genes_unknown'") == 1.0);
    case_file("gct", "study.yaml",
              "tables: {patients: patients.tsv}\nendpoint: {name: OS}\n"
              "expression: {file: x.gct, kind: log, format: plan}\n");
    expect_failure("gct", CXS_EARG, "", "'plan' is no format of a matrix: gct, ");
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_from_adtte),
        cmocka_unit_test(faults_of_adtte),
        cmocka_unit_test(adae_and_adrs_are_read),
        cmocka_unit_test(assays_of_one_sample_each),
        cmocka_unit_test(faults_of_assay_files),
        cmocka_unit_test(estimated_counts_are_counts),
        cmocka_unit_test(methylation_is_a_matrix),
        cmocka_unit_test(a_matrix_on_its_side),
        cmocka_unit_test(formats_in_a_study),
    };

    return cmocka_run_group_tests_name("study_formats", tests, test_folder_make,
                                       test_folder_remove);
}
