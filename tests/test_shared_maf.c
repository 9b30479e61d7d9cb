/*
 * test_shared_maf.c -- a MAF of many samples is read once, and each sample gets what a
 * reading of its own would give
 */
#include "test.h"

#include "study_case.h"
#include "tmp.h"

#include "base/base.h"
#include "ingest/study_group.h"
#include "store/study_measures.h"
#include "store/study_schema.h"

#define HEAD                                                                           \
    "Hugo_Symbol\tNCBI_Build\tChromosome\tStart_Position\tVariant_Classification\t"    \
    "Reference_Allele\tTumor_Seq_Allele2\tTumor_Sample_Barcode\tt_depth\t"             \
    "t_ref_count\tt_alt_count\n"
#define ROW(at, class, sample)                                                         \
    "TP53\tGRCh37\t17\t" at "\t" class "\tC\tT\t" sample "\t100\t60\t40\n"
#define GOOD                                                                           \
    HEAD ROW("100", "Missense_Mutation", "A") ROW("200", "Odd", "B")                   \
        ROW("300", "Silent", "A") ROW("400", "Odd", "C") ROW("500", "Odd", "C")        \
            ROW("600", "Intron", "X")
#define BAD GOOD ROW("here", "Silent", "B")

/* A, B and C by one file, or by copies of it; B also has segments. */
static void write_study(const char *name, const char *text, bool copies,
                        const char *more, const char *md5)
{
    static const char *const copy[3][2] = {
        {"a.maf", "a.maf"}, {"a.maf", "b.maf"}, {"a.maf", "c.maf"}};
    char yaml[256], rows[512];

    snprintf(yaml, sizeof yaml,
             "tables: {patients: patients.tsv, samples: samples.tsv, assays: "
             "assays.tsv}\nendpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n%s",
             more);
    case_plain(name, yaml,
               "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t100\t1\nB\t200\t0\nC\t300\t1\n");
    case_file(name, "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n"
              "A\tA\tTUMOR\tDNA\t-20\nB\tB\tTUMOR\tDNA\t-4\nC\tC\tTUMOR\tDNA\t-9\n");
    snprintf(rows, sizeof rows,
             "SAMPLE_ID\tASSAY\tFILE\tBUILD\tLIBRARY\tMD5\nA\tMAF\t%s\thg19\tWGS\t\n"
             "B\tSEG\ta.seg\thg19\tWGS\t\nB\tMAF\t%s\thg19\tWGS\t%s\n"
             "C\tMAF\t%s\thg19\tWGS\t\n",
             copy[0][copies], copy[1][copies], md5, copy[2][copies]);
    case_file(name, "assays.tsv", rows);
    for (size_t i = 0; i < 3; i++)
        case_file(name, copy[i][1], text);
    case_file(name, "a.seg",
              "ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean\n"
              "B\t7\t1\t1000000\t50\t0.4\n");
}

static cxs_rc make(cxs_ctx *ctx, const char *study, const char *out)
{
    const cxs_ingest_settings s = {.refdata = "refdata"};

    return cxs_ingest_study(ctx, test_path(study), &s, test_path(out));
}

static cxs_rc note_warning(cxs_ctx *ctx, const char *code, const char *text,
                           size_t times, void *user)
{
    cxs_buf *all = user;

    (void)ctx;
    (void)text; /* names the file, which is another */
    return cxs_buf_addf(NULL, all, "%s x%zu;", code, times);
}

/* Bytes of the measures and codes of the warnings. */
static void same_measures(const char *one, const char *other)
{
    const char *const file[2] = {one, other};
    cxs_ctx *ctx = tmp_ctx();
    cxs_study *study[2] = {NULL, NULL};

    for (int s = 0; s < 2; s++)
        CHECK(cxs_study_open(ctx, test_path(file[s]), &study[s]) == CXS_OK);
    for (int64_t at = 0; at < 4; at++) {
        unsigned char *bytes[2];
        cxs_buf warned[2] = {{0}, {0}};
        size_t size[2];
        for (int s = 0; s < 2; s++) {
            CHECK(cxs_measure_bytes(ctx, study[s]->db, "x", at, &bytes[s], &size[s]) ==
                  CXS_OK);
            CHECK(cxs_buf_addf(NULL, &warned[s], "%s", "") == CXS_OK);
            CHECK(cxs_measure_warnings(ctx, study[s]->db, at, note_warning,
                                       &warned[s]) == CXS_OK);
        }
        CHECK(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0);
        CHECK(strcmp(warned[0].text, warned[1].text) == 0);
        /* rows: A MAF, B MAF, B SEG, C MAF */
        CHECK(at == 2 || strcmp(warned[0].text, at == 0   ? ""
                                                : at == 1 ? "CX046 x1;"
                                                          : "CX046 x2;") == 0);
        for (int s = 0; s < 2; s++) {
            cxs_free(bytes[s]);
            cxs_free(warned[s].text);
        }
    }
    cxs_study_close(study[0]);
    cxs_study_close(study[1]);
    cxs_ctx_free(ctx);
}

static bool same_files(const char *a, const char *b)
{
    size_t n = 0, m = 0;
    char *x = test_read(test_path(a), &n), *y = test_read(test_path(b), &m);
    const bool same = x != NULL && y != NULL && n == m && memcmp(x, y, n) == 0;

    free(x);
    free(y);
    return same;
}

static void one_reading_gives_the_same(void **state)
{
    cxs_ctx *ctx = tmp_ctx();

    (void)state;
    write_study("one", GOOD, false, "", "");
    write_study("many", GOOD, true, "", "");
    cxs_ctx_set_threads(ctx, 2);
    CHECK(make(ctx, "one", "one.cxs") == CXS_OK);
    CHECK(strstr(tmp_log, "sequencing files: 4 read, 0 taken") != NULL);
    CHECK(make(ctx, "many", "many.cxs") == CXS_OK);
    same_measures("one.cxs", "many.cxs");
    cxs_ctx_free(ctx);
    ctx = tmp_ctx(); /* a context counts a warning once */
    cxs_ctx_set_threads(ctx, 1);
    CHECK(make(ctx, "one", "again.cxs") == CXS_OK);
    CHECK(same_files("one.cxs", "again.cxs"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A bad row costs its sample; a bad file all of them. */
static void faults_stay_with_their_sample(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_study *study = NULL;
    cxs_measure_row *row = NULL;
    size_t rows = 0;

    (void)state;
    write_study("bad", BAD, false, "", "");
    CHECK(make(ctx, "bad", "bad.cxs") == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "a.maf:8:Start_Position: \"here\" is no") !=
          NULL);
    write_study("bad", BAD, false, "sequencing: {bad_files: drop}\n", "");
    CHECK(make(ctx, "bad", "bad.cxs") == CXS_OK);
    CHECK(strstr(tmp_log, "3 read, 0 taken from the older study file, 1 left out") !=
          NULL);
    CHECK(cxs_study_open(ctx, test_path("bad.cxs"), &study) == CXS_OK);
    CHECK(cxs_study_measure_rows(ctx, study, &row, &rows) == CXS_OK && rows == 3);
    CHECK(strcmp(row[0].key.sample, "A") == 0 && strcmp(row[2].key.sample, "C") == 0);
    CHECK(strcmp(row[1].key.assay, "SEG") == 0);
    cxs_measure_rows_free(row, rows);
    cxs_study_close(study);
    write_study("sum", GOOD, false, "", "00000000000000000000000000000000");
    CHECK(make(ctx, "sum", "sum.cxs") == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "line 4 of the assays sheet says 0000") != NULL);
    write_study("none", "no header\nat all\n", false, "", "");
    CHECK(make(ctx, "none", "none.cxs") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX020") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- what a child may send ----------------------------------------------------------- */

static void rubbish_is_refused(void **state)
{
    static const struct {
        int64_t size[2];
        int words, rows, good;
    } cases[] = {{{8, 8}, 2, 1, 1},         {{8, 9}, 2, 1, 0},
                 {{-1, 8}, 2, 1, 0},        {{17, 0}, 2, 1, 0},
                 {{9, 0}, 2, 1, 1},         {{8, 8}, 2, 2, 0},
                 {{INT64_MAX, 8}, 2, 1, 0}, {{INT64_MIN, 8}, 2, 1, 0}};
    cxs_assay a = {.path = (char[]){"a.maf"}};
    cxs_assay *member[] = {&a};
    size_t place[] = {0};
    const cxs_group group = {.assay = member, .place = place, .count = 1};

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_contained file = {.what = "a.maf"};
        cxs_yield yield = {0};
        cxs_measure *t;
        int64_t *column;
        CHECK(cxs_measures_new(ctx, &file.bag) == CXS_OK);
        CHECK(cxs_measures_add(ctx, file.bag, "member", (size_t)cases[k].rows, &t) ==
              CXS_OK);
        CHECK(cxs_measure_int(ctx, t, "measures", &column) == CXS_OK);
        column[0] = cases[k].size[0];
        CHECK(cxs_measure_int(ctx, t, "report", &column) == CXS_OK);
        column[0] = cases[k].size[1];
        CHECK(cxs_measures_add(ctx, file.bag, "bytes", (size_t)cases[k].words, &t) ==
              CXS_OK);
        CHECK(cxs_measure_int(ctx, t, "word", &column) == CXS_OK);
        CHECK(cxs_group_split(ctx, &group, &file, &yield) ==
              (cases[k].good ? CXS_OK : CXS_EFORMAT));
        if (cases[k].good) /* well shared out, and no packed bags */
            CHECK(cxs_yield_take(ctx, &yield) == CXS_EFORMAT);
        cxs_yield_clear(&yield);
        cxs_contained_clear(&file);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

static void memory_may_run_out(void **state)
{
    const long before = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;

    (void)state;
    write_study("poor", GOOD, false, "", "");
    for (long k = 1; rc != CXS_OK && k < 2000000; k += 1 + k / 12) {
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_alloc_fail_at(k);
        rc = make(ctx, "poor", "poor.cxs");
        cxs_alloc_fail_at(0);
        if (rc != CXS_OK && rc != CXS_ENOMEM)
            printf("  %ld: %s\n", k, cxs_ctx_message(ctx));
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        cxs_ctx_free(ctx);
        CHECK(cxs_alloc_live() == before);
    }
    CHECK(rc == CXS_OK);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_reading_gives_the_same),
        cmocka_unit_test(faults_stay_with_their_sample),
        cmocka_unit_test(rubbish_is_refused),
        cmocka_unit_test(memory_may_run_out),
    };

    return cmocka_run_group_tests_name("shared maf", tests, test_folder_make,
                                       test_folder_remove);
}
