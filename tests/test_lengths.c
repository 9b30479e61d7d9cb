/*
 * test_lengths.c -- gene lengths go from the source of the counts through the study file
 * into the scores that are defined for TPM
 */
#include "scores_case.h"
#include "study_case.h"

#include <sqlite3.h>

#define FOLLOWED                                                                       \
    "PATIENT_ID\tOS_DAYS\tOS_STATUS\nP1\t100\t1:DECEASED\nP2\t200\t0:LIVING\n"         \
    "P3\t300\t1:DECEASED\n"
#define PLAN  "tables: {patients: patients.tsv%s}\nendpoint: {name: OS}\n"
#define TABLE "Geneid\tChr\tStart\tEnd\tStrand\tLength\t"

/* Rates 10 20 10 of 40, 20 5 20 of 45, 1 1 1 of 3. */
static const char counts[] = TABLE "P1\tP2\tP3\n"
                                   "GZMA\t1\t1\t1000\t+\t1000\t10000\t20000\t1000\n"
                                   "PRF1\t1\t1\t2000\t+\t2000\t40000\t10000\t2000\n"
                                   "TP53\t1\t1\t500\t+\t500\t5000\t10000\t500\n";

/* Features of STUDY.cxs of the test's folder, or NULL with the message. */
static cxs_features *features_of(cxs_ctx *ctx, const char *study, cxs_rc want)
{
    char path[1200];
    cxs_features_settings s = cxs_features_auto();
    cxs_study *opened = NULL;
    cxs_features *f = NULL;
    cxs_rc rc;

    snprintf(path, sizeof path, "%s.cxs", test_path(study));
    s.refdata = "refdata";
    s.filter = 0;
    rc = cxs_study_open(ctx, path, &opened);
    if (rc == CXS_OK)
        rc = cxs_features_study(ctx, opened, &s, &f);
    CHECK(rc == want);
    if (rc != want)
        printf("  %s: %d %s\n", study, (int)rc, cxs_ctx_message(ctx));
    cxs_study_close(opened);
    return f;
}

static double cyt(double a, double b)
{
    return sqrt((a + 0.01) * (b + 0.01));
}

static const char *linear_of(const cxs_features *f)
{
    return cxs_features_scores(f)->linear;
}

/* Write to STUDY.cxs past the program. */
static void change(const char *study, const char *sql)
{
    char path[1200];
    sqlite3 *db = NULL;

    snprintf(path, sizeof path, "%s.cxs", test_path(study));
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
        abort();
    }
    sqlite3_close(db);
}

static void make_table(cxs_ctx *ctx)
{
    char plan[400];

    snprintf(plan, sizeof plan, PLAN "expression: {file: c.tsv, kind: counts}\n", "");
    case_plain("fc", plan, FOLLOWED);
    case_file("fc", "c.tsv", counts);
    CHECK(case_ingest(ctx, "fc") == CXS_OK);
}

static void a_table_brings_its_lengths(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_features *f;

    (void)state;
    make_table(ctx);
    f = features_of(ctx, "fc", CXS_OK);
    CHECK_NEAR(case_score(f, "rna.sig.CYT", 0), cyt(250000, 500000), TOL_SUM);
    CHECK_NEAR(case_score(f, "rna.sig.CYT", 1), cyt(20e6 / 45.0, 5e6 / 45.0), TOL_SUM);
    CHECK_NEAR(case_score(f, "rna.sig.CYT", 2), cyt(1e6 / 3.0, 1e6 / 3.0), TOL_SUM);
    CHECK(strcmp(linear_of(f), "tpm") == 0);
    CHECK(f->matrix->length == NULL); /* it holds signatures, which have none */
    cxs_features_free(f);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A study file of before has no table of lengths: counts per million, as then.  Lengths
 * that were altered are refused. */
static void study_files_without_lengths_open(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_features *f;

    (void)state;
    make_table(ctx);
    change("fc", "UPDATE matrix_length SET xxh64 = xxh64 + 1");
    CHECK(features_of(ctx, "fc", CXS_EFORMAT) == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "fc.cxs: damaged study file: the lengths of the "
                                       "features fail their checksum") != NULL);
    change("fc", "UPDATE matrix_length SET bytes = x'00'");
    CHECK(features_of(ctx, "fc", CXS_EFORMAT) == NULL);
    change("fc", "DELETE FROM matrix_length");
    f = features_of(ctx, "fc", CXS_OK);
    CHECK(strcmp(linear_of(f), "cpm") == 0);
    cxs_features_free(f);
    change("fc", "DROP TABLE matrix_length");
    f = features_of(ctx, "fc", CXS_OK);
    CHECK_NEAR(case_score(f, "rna.sig.CYT", 0), cyt(10e6 / 55.0, 40e6 / 55.0), TOL_SUM);
    CHECK(strcmp(linear_of(f), "cpm") == 0);
    cxs_features_free(f);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Two tables: their lengths stay when they agree on every gene that stays. */
static void files_must_agree(void **state)
{
    static const struct {
        const char *name, *second, *linear;
    } cases[] = {
        /* ABL1 is in the first file alone, TOP2A in the second */
        {"agree",
         TABLE "P3\nGZMA\t1\t1\t1\t+\t1000\t1000\nPRF1\t1\t1\t1\t+\t2000\t2000\n"
               "TOP2A\t1\t1\t1\t+\t70\t500\nTP53\t1\t1\t1\t+\t500\t500\n",
         "tpm"},
        {"differ",
         TABLE "P3\nGZMA\t1\t1\t1\t+\t1000\t1000\nPRF1\t1\t1\t1\t+\t2001\t2000\n"
               "TP53\t1\t1\t1\t+\t500\t500\n",
         "cpm"},
        {"none", "gene\tP3\nGZMA\t1000\nPRF1\t2000\nTP53\t500\n", "cpm"},
    };
    cxs_ctx *ctx = cxs_ctx_new();
    char plan[400], first[1024];

    (void)state;
    snprintf(plan, sizeof plan, PLAN, ", samples: samples.tsv, assays: assays.tsv");
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const char *name = cases[k].name;
        cxs_features *f;
        case_plain(name, plan, FOLLOWED);
        case_file(name, "samples.tsv",
                  "SAMPLE_ID\tPATIENT_ID\tSOURCE\tCOLLECT_DAY\nS1\tP1\tTUMOR\t-1\n"
                  "S2\tP2\tTUMOR\t-1\nS3\tP3\tTUMOR\t-1\n");
        case_file(name, "assays.tsv",
                  "SAMPLE_ID\tASSAY\tFILE\tCOLUMN\nS1\tRNA_COUNTS\ta.tsv\tP1\n"
                  "S2\tRNA_COUNTS\ta.tsv\tP2\nS3\tRNA_COUNTS\tb.tsv\tP3\n");
        sprintf(first, "%sABL1\t1\t1\t70\t+\t70\t900\t900\t900\n", counts);
        case_file(name, "a.tsv", first);
        case_file(name, "b.tsv", cases[k].second);
        CHECK(case_ingest(ctx, name) == CXS_OK);
        f = features_of(ctx, name, CXS_OK);
        if (f == NULL)
            continue;
        CHECK(strcmp(linear_of(f), cases[k].linear) == 0);
        if (k == 0)
            CHECK_NEAR(case_score(f, "rna.sig.CYT", 2), cyt(1e6 / 3.0, 1e6 / 3.0),
                       TOL_SUM);
        cxs_features_free(f);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_brings_its_lengths),
        cmocka_unit_test(study_files_without_lengths_open),
        cmocka_unit_test(files_must_agree),
    };
    return cmocka_run_group_tests_name("lengths", tests, test_folder_make,
                                       test_folder_remove);
}
