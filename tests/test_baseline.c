/*
 * test_baseline.c -- which sample stands for a patient: the rule by hand, and studies
 * whose files, visits and matrix keep it
 */
#include "test.h"

#include "bag_case.h"
#include "study_case.h"
#include "tmp.h"

#include "coxswain/features.h"
#include "ingest/baseline.h"
#include "store/study_measures.h"
#include "store/study_schema.h"

#define U ((double)NAN)

/* ---- the rule ----------------------------------------------------------------------- */

/* Days by hand; the first dose is on day 7 where it is given, so that the window of
 * fluid begins on day -21. */
static void what_time_allows(void **state)
{
    static const struct {
        cxs_dated s; /* day, dose, landmark, entry, source */
        cxs_when when;
        bool early, immortal;
    } cases[] = {
        /* before, on and after the day of the dose */
        {{6, 7, U, U, "CSF_CFDNA"}, CXS_WHEN_BASELINE, false, false},
        {{7, 7, U, U, "CSF_CFDNA"}, CXS_WHEN_BASELINE, false, false},
        {{8, 7, U, U, "CSF_CFDNA"}, CXS_WHEN_AFTER, false, true},
        {{8, 7, U, U, "TUMOR"}, CXS_WHEN_AFTER, false, true},
        {{8, 7, U, U, ""}, CXS_WHEN_AFTER, false, true},
        {{8, 7, U, U, NULL}, CXS_WHEN_AFTER, false, true},
        {{8, 7, U, U, "TCELL_PRODUCT"}, CXS_WHEN_AFTER, false, false},
        /* 28 and 29 days before it */
        {{-21, 7, U, U, "CSF_CFDNA"}, CXS_WHEN_BASELINE, false, false},
        {{-22, 7, U, U, "CSF_CFDNA"}, CXS_WHEN_OLD, false, false},
        {{-22, 7, U, U, "CSF_CELLS"}, CXS_WHEN_OLD, false, false},
        {{-22, 7, U, U, "PLASMA_CFDNA"}, CXS_WHEN_OLD, false, false},
        {{-22, 7, U, U, "PBMC"}, CXS_WHEN_OLD, false, false},
        {{-22, 7, U, U, "TUMOR"}, CXS_WHEN_BASELINE, false, false},
        {{-2000, 7, U, U, "TUMOR"}, CXS_WHEN_BASELINE, false, false},
        {{-2000, 7, U, U, "TCELL_PRODUCT"}, CXS_WHEN_BASELINE, false, false},
        {{-22, 7, 42, 42, "CSF_CFDNA"}, CXS_WHEN_OLD, false, false},
        /* no day of the dose: enrolment */
        {{0, U, U, U, "CSF_CFDNA"}, CXS_WHEN_BASELINE, false, false},
        {{1, U, U, U, "CSF_CFDNA"}, CXS_WHEN_AFTER, false, true},
        {{-28, U, U, U, "PBMC"}, CXS_WHEN_BASELINE, false, false},
        {{-29, U, U, U, "PBMC"}, CXS_WHEN_OLD, false, false},
        /* no day of the sample */
        {{U, 7, U, U, "TUMOR"}, CXS_WHEN_BASELINE, false, false},
        {{U, 7, U, U, "PBMC"}, CXS_WHEN_BASELINE, false, false},
        {{U, 7, U, U, "CSF_CFDNA"}, CXS_WHEN_OLD, false, false},
        {{U, 7, 42, U, "PLASMA_CFDNA"}, CXS_WHEN_OLD, false, false},
        {{U, U, U, U, NULL}, CXS_WHEN_BASELINE, false, false},
        /* a landmark, an entry, both */
        {{8, 7, 42, U, "CSF_CFDNA"}, CXS_WHEN_LATE, false, false},
        {{42, 7, 42, U, "TUMOR"}, CXS_WHEN_LATE, true, false},
        {{43, 7, 42, U, "CSF_CFDNA"}, CXS_WHEN_AFTER, false, false},
        {{43, 7, 42, 43, "CSF_CFDNA"}, CXS_WHEN_LATE, true, false},
        {{20, 7, U, 20, "CSF_CFDNA"}, CXS_WHEN_LATE, false, false},
        {{21, 7, U, 20, "CSF_CFDNA"}, CXS_WHEN_AFTER, false, true},
        {{8, 7, U, 0, "CSF_CFDNA"}, CXS_WHEN_AFTER, false, true},
        /* 14 to 42 days after it, where covered */
        {{21, 7, U, U, "CSF_CFDNA"}, CXS_WHEN_AFTER, false, true},
        {{20, 7, 84, U, "CSF_CFDNA"}, CXS_WHEN_LATE, false, false},
        {{21, 7, 84, U, "CSF_CFDNA"}, CXS_WHEN_LATE, true, false},
        {{49, 7, 84, U, "CSF_CFDNA"}, CXS_WHEN_LATE, true, false},
        {{50, 7, 84, U, "CSF_CFDNA"}, CXS_WHEN_LATE, false, false},
        /* normal samples never */
        {{0, 7, U, U, "NORMAL_BLOOD"}, CXS_WHEN_NEVER, false, false},
        {{9, 7, U, U, "NORMAL_TISSUE"}, CXS_WHEN_NEVER, false, false},
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const cxs_dated *s = &cases[k].s;
        const bool right = cxs_when_of(s) == cases[k].when &&
                           cxs_is_early(s) == cases[k].early &&
                           cxs_is_immortal(s) == cases[k].immortal;
        if (!right)
            printf("  case %zu: %d\n", k, (int)cxs_when_of(s));
        CHECK(right);
    }
    CHECK_DONE();
}

/* Of two samples of one patient, in either order. */
static void the_better_of_two(void **state)
{
    static const struct {
        cxs_dated s[2];
        const char *id[2];
        int best; /* -1: neither */
    } cases[] = {
        {{{-3, 7, U, U, "CSF_CELLS"}, {2, 7, U, U, "CSF_CELLS"}}, {"A", "B"}, 1},
        {{{7, 7, U, U, "CSF_CELLS"}, {8, 7, U, U, "CSF_CELLS"}}, {"A", "B"}, 0},
        {{{7, 7, 42, U, "CSF_CELLS"}, {8, 7, 42, U, "CSF_CELLS"}}, {"A", "B"}, 0},
        {{{9, 7, 42, U, "CSF_CELLS"}, {8, 7, 42, U, "CSF_CELLS"}}, {"A", "B"}, 0},
        {{{41, 7, 42, U, "CSF_CELLS"}, {43, 7, 42, U, "CSF_CELLS"}}, {"A", "B"}, 0},
        {{{-22, 7, 42, U, "CSF_CELLS"}, {8, 7, 42, U, "CSF_CELLS"}}, {"A", "B"}, 1},
        {{{-22, 7, U, U, "CSF_CELLS"}, {8, 7, U, U, "CSF_CELLS"}}, {"A", "B"}, -1},
        {{{3, 7, U, U, "TUMOR"}, {3, 7, U, U, "TUMOR"}}, {"B", "A"}, 1},
        {{{U, 7, U, U, "TUMOR"}, {-900, 7, U, U, "TUMOR"}}, {"A", "B"}, 1},
        {{{U, 7, U, U, "TUMOR"}, {U, 7, U, U, "TUMOR"}}, {"A", "B"}, 0},
        {{{U, 7, 42, U, "TUMOR"}, {8, 7, 42, U, "TUMOR"}}, {"A", "B"}, 0},
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (int first = 0; first < 2; first++) {
            int best = -1;
            for (int step = 0; step < 2; step++) {
                const int i = step == 0 ? first : 1 - first;
                if (cxs_is_better(best < 0 ? NULL : &cases[k].s[best],
                                  best < 0 ? NULL : cases[k].id[best], &cases[k].s[i],
                                  cases[k].id[i]))
                    best = i;
            }
            if (best != cases[k].best)
                printf("  case %zu, %d first: %d\n", k, first, best);
            CHECK(best == cases[k].best);
        }
    CHECK_DONE();
}

static void what_is_told(void **state)
{
    static const cxs_dated tissue[] = {{-3, 7, U, U, "TUMOR"},
                                       {-40, 10, U, U, "TUMOR"},
                                       {0, U, U, U, "TUMOR"},
                                       {U, U, U, U, "TUMOR"},
                                       {3, 7, U, U, "CSF_CELLS"}};
    cxs_ctx *ctx = tmp_ctx();
    cxs_baseline_tally t = {0};

    (void)state;
    for (size_t k = 0; k < 5; k++)
        CHECK(cxs_tally_chosen(ctx, &t, &tissue[k]) == CXS_OK);
    CHECK(cxs_tally_chosen(ctx, &t, &(cxs_dated){9, 7, 42, U, "TUMOR"}) == CXS_OK);
    cxs_tally_seen(&t, &(cxs_dated){-22, 7, U, U, "PBMC"});
    cxs_tally_seen(&t, &(cxs_dated){-21, 7, U, U, "PBMC"});
    cxs_tally_seen(&t, &(cxs_dated){90, 7, 42, U, "PBMC"});
    CHECK(cxs_tally_tell(ctx, &t, "x") == CXS_OK);
    /* ages 10, 50 and 0 */
    CHECK(strstr(tmp_log, "x: 3 samples of tumour tissue were taken before the first "
                          "dose: median 10 days, at most 50") != NULL);
    CHECK(strstr(tmp_log, "x: 1 samples of fluid or blood are from more than 28 days "
                          "before the first dose: not used") != NULL);
    CHECK(strstr(tmp_log, "x: 1 samples are from after the first dose: not used as "
                          "baseline") != NULL);
    CHECK(strstr(tmp_log, "x: 1 samples from after the first dose stand for patients "
                          "who have none before it") != NULL);
    CHECK(cxs_ctx_warning_count(ctx) == 1);
    cxs_tally_immortal(&t, &(cxs_dated){21, 7, U, U, "TUMOR"});
    cxs_tally_immortal(&t, &(cxs_dated){30, 7, U, U, "TUMOR"});
    cxs_tally_immortal(&t, &(cxs_dated){8, 7, U, U, "TUMOR"});
    CHECK(cxs_tally_tell(ctx, &t, "x") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX014") == 0);
    CHECK(
        strcmp(cxs_ctx_message(ctx),
               "x: 3 samples were drawn after the time origin; a patient must survive "
               "to be sampled: set landmark = 30 (endpoint: landmark_days in "
               "study.yaml) or give a delayed entry") == 0);
    cxs_tally_clear(&t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- studies of files --------------------------------------------------------------- */

#define MAF_HEAD                                                                       \
    "Hugo_Symbol\tNCBI_Build\tChromosome\tStart_Position\tVariant_Classification\t"    \
    "Reference_Allele\tTumor_Seq_Allele2\tTumor_Sample_Barcode\tt_depth\t"             \
    "t_ref_count\tt_alt_count\tn_depth\tn_alt_count\n"
#define MISSENSE(at, sample)                                                           \
    "PTEN\tGRCh37\t10\t" at "\tMissense_Mutation\tC\tT\t" sample                       \
    "\t100\t60\t40\t50\t0\n"
#define SILENT(at, sample)                                                             \
    "PTEN\tGRCh37\t10\t" at "\tSilent\tC\tT\t" sample "\t100\t60\t40\t50\t0\n"
#define SEG_HEAD "ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean\n"

/* A: 6 variants that count and one that does not; B: 1; C: 2; D: 3.  A's
 * second file has 7 and one. */
static const char maf[] = MAF_HEAD MISSENSE("100", "A") MISSENSE("200", "A")
    MISSENSE("300", "A") MISSENSE("400", "A") MISSENSE("500", "A") MISSENSE("600", "A")
        SILENT("700", "A") MISSENSE("100", "B") MISSENSE("100", "C")
            MISSENSE("900", "C") MISSENSE("100", "D") MISSENSE("200", "D")
                MISSENSE("300", "D");

/* Tumours of A, B and C before the first dose on day 7, the sample D of C on `day`.  A
 * has two files, each with a length of its own. */
static void write_files(const char *name, const char *endpoint, const char *day,
                        const char *source, const char *row)
{
    char text[1024];

    snprintf(text, sizeof text,
             "tables: {patients: patients.tsv, samples: samples.tsv, assays: "
             "assays.tsv}\nendpoint: {name: OS, time: OS_DAYS, event: OS_STATUS%s}\n",
             endpoint);
    case_plain(name, text,
               "PATIENT_ID\tOS_DAYS\tOS_STATUS\tFIRST_DOSE_DAY\nA\t100\t1\t7\n"
               "B\t200\t0\t7\nC\t300\t1\t7\n");
    snprintf(text, sizeof text,
             "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n"
             "A\tA\tTUMOR\tDNA\t-20\nB\tB\tTUMOR\tDNA\t-400\nD\tC\t%s\tDNA\t%s\n",
             source, day);
    case_file(name, "samples.tsv", text);
    snprintf(text, sizeof text,
             "SAMPLE_ID\tASSAY\tFILE\tBUILD\tLIBRARY\tCALLABLE_MB\tUMI\n"
             "A\tMAF\tb.maf\thg19\tWGS\t1\t\nA\tMAF\ta.maf\thg19\tWGS\t100\t0\n"
             "B\tMAF\ta.maf\thg19\tWGS\t\t1\n%s",
             row);
    case_file(name, "assays.tsv", text);
    case_file(name, "a.maf", maf);
    case_file(name, "b.maf",
              MAF_HEAD MISSENSE("1", "A") MISSENSE("2", "A") MISSENSE("3", "A")
                  MISSENSE("4", "A") MISSENSE("5", "A") MISSENSE("6", "A")
                      MISSENSE("7", "A") SILENT("8", "A"));
    case_file(name, "a.seg", SEG_HEAD "D\t7\t1\t1000000\t50\t0.4\n");
}

static cxs_rc make(cxs_ctx *ctx, const char *study, const char *out,
                   cxs_ingest_settings s)
{
    s.refdata = "refdata";
    return cxs_ingest_study(ctx, test_path(study), &s, test_path(out));
}

/* Features of NAME.cxs; columns->n is 0 when that fails. */
static cxs_rc features_of(cxs_ctx *ctx, const char *file, cxs_feature_columns *columns)
{
    cxs_study *study = NULL;
    char **patient = NULL;
    cxs_quality_rows quality = {0};
    cxs_rc rc;

    CHECK(cxs_study_open(ctx, test_path(file), &study) == CXS_OK);
    rc = cxs_assay_features(ctx, study, "refdata", &patient, &quality, columns);
    CHECK((rc == CXS_OK) == (patient != NULL));
    if (patient != NULL)
        cxs_free_strings(patient, columns->n);
    cxs_quality_rows_clear(&quality);
    cxs_study_close(study);
    return rc;
}

static bool same_bytes(const char *a, const char *b)
{
    size_t n = 0, m = 0;
    char *x = test_read(test_path(a), &n), *y = test_read(test_path(b), &m);
    const bool same = x != NULL && y != NULL && n == m && memcmp(x, y, n) == 0;

    free(x);
    free(y);
    return same;
}

#define D_MAF "D\tMAF\ta.maf\thg19\tWGS\t.5\tNA\n"

/* A by its longest list: log2(1 + 7/1) = 3; C: log2(1 + 3/0.5) = log2 7; B says no
 * length. */
static void callable_length_reaches_the_burden(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_feature_columns c;
    char path[2][1200];
    const char *part[2] = {path[0], path[1]};

    (void)state;
    write_files("burden", "", "7", "TUMOR", D_MAF);
    CHECK(make(ctx, "burden", "whole.cxs", (cxs_ingest_settings){0}) == CXS_OK);
    CHECK(features_of(ctx, "whole.cxs", &c) == CXS_OK);
    CHECK(c.n == 3);
    CHECK_NEAR(bag_value(&c, "var.tmb", 0), 3.0, TOL_SUM);
    CHECK(isnan(bag_value(&c, "var.tmb", 1)));
    CHECK_NEAR(bag_value(&c, "var.tmb", 2), log2(7.0), TOL_SUM);
    cxs_feature_columns_clear(&c);
    /* tissue of days -20, -400 and 7: 27, 407 and 0 days before the dose */
    CHECK(strstr(tmp_log,
                 "sequencing files: 3 samples of tumour tissue were taken "
                 "before the first dose: median 27 days, at most 407") != NULL);
    CHECK(make(ctx, "burden", "1.cxp",
               (cxs_ingest_settings){.shard = 1, .shards = 2}) == CXS_OK);
    CHECK(make(ctx, "burden", "2.cxp",
               (cxs_ingest_settings){.shard = 2, .shards = 2}) == CXS_OK);
    snprintf(path[0], sizeof path[0], "%s", test_path("1.cxp"));
    snprintf(path[1], sizeof path[1], "%s", test_path("2.cxp"));
    CHECK(make(ctx, "burden", "merged.cxs",
               (cxs_ingest_settings){.part = part, .parts = 2}) == CXS_OK);
    CHECK(same_bytes("whole.cxs", "merged.cxs"));
    /* taken from the older file too */
    CHECK(make(ctx, "burden", "merged.cxs", (cxs_ingest_settings){0}) == CXS_OK);
    CHECK(strstr(tmp_log, "0 read, 4 taken from the older") != NULL);
    CHECK(same_bytes("whole.cxs", "merged.cxs"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* UMI by the row, not by the study; a row that says nothing follows the study. */
static void consensus_reads_by_row(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    static const int want[2][4] = {{0, 0, 1, 0}, {0, 1, 1, 1}};

    (void)state;
    for (int study_says = 0; study_says < 2; study_says++) {
        cxs_study *study = NULL;
        char *value = NULL;
        write_files("umi", study_says ? "}\nsequencing: {umi: yes" : "", "7", "TUMOR",
                    D_MAF);
        CHECK(make(ctx, "umi", "umi.cxs", (cxs_ingest_settings){0}) == CXS_OK);
        CHECK(cxs_study_open(ctx, test_path("umi.cxs"), &study) == CXS_OK);
        for (int at = 0; at < 4; at++) { /* A a.maf, A b.maf, B, D */
            cxs_measures *bag = NULL;
            CHECK(cxs_study_measures_at(ctx, study, at, &bag) == CXS_OK);
            const cxs_measure *t = cxs_measures_find(bag, "variants.assay");
            CHECK(t != NULL &&
                  cxs_measure_get_int(t, "umi")[0] == want[study_says][at]);
            cxs_measures_free(bag);
        }
        CHECK(cxs_study_measure_value(ctx, study, 1, "CALLABLE_MB", &value) == CXS_OK);
        CHECK(value != NULL && strcmp(value, "1") == 0);
        cxs_free(value);
        CHECK(cxs_study_measure_value(ctx, study, 2, "CALLABLE_MB", &value) == CXS_OK);
        CHECK(value == NULL);
        cxs_study_close(study);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A study file of version 2 has measures, and no cells of their rows. */
static void older_files_say_nothing(void **state)
{
    static const char schema[] =
        "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
        "CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) "
        "STRICT;" CXS_MEASURE_SCHEMA;
    cxs_ctx *ctx = tmp_ctx();
    cxs_study *study = NULL;
    cxs_db *db = NULL;
    char *value = (char[]){"x"};

    (void)state;
    CHECK(cxs_db_create(ctx, test_path("v2.cxs"), CXS_DB_STUDY, 2, schema, &db) ==
          CXS_OK);
    CHECK(cxs_db_commit(ctx, db) == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("v2.cxs"), &study) == CXS_OK);
    CHECK(cxs_study_measure_value(ctx, study, 0, "CALLABLE_MB", &value) == CXS_OK);
    CHECK(value == NULL);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* C's only sample of a kind of file is drawn after the dose: CX014, unless a landmark or
 * an entry accounts for it; too old a fluid is not used and no fault. */
static void later_files_are_no_baseline(void **state)
{
    static const struct {
        const char *endpoint, *day, *source, *row;
        cxs_rc rc;
        int stands;
    } cases[] = {
        {"", "7", "TUMOR", D_MAF, CXS_OK, 1},
        {"", "8", "TUMOR", D_MAF, CXS_EFORMAT, 0},
        {"", "8", "CSF_CFDNA", D_MAF, CXS_EFORMAT, 0},
        {"", "8", "TUMOR", "D\tSEG\ta.seg\thg19\tWGS\t\t\n", CXS_EFORMAT, 0},
        {", landmark_days: 8", "8", "TUMOR", D_MAF, CXS_OK, 1},
        {", landmark_days: 8", "9", "TUMOR", D_MAF, CXS_OK, 0},
        {"", "-21", "CSF_CFDNA", D_MAF, CXS_OK, 1},
        {"", "-22", "CSF_CFDNA", D_MAF, CXS_OK, 0},
        {"", "-22", "TUMOR", D_MAF, CXS_OK, 1},
    };

    (void)state;
    /* all samples may stand for a matrix there is not: judged before features are made;
     * none may: judged with its file */
    for (size_t k = 0; k < 2 * sizeof cases / sizeof *cases; k++) {
        const bool early = k % 2 == 0;
        const cxs_rc want = cases[k / 2].rc;
        const int stands = cases[k / 2].stands;
        cxs_ctx *ctx = tmp_ctx();
        cxs_feature_columns c = {.n = 0};
        char more[128];
        snprintf(more, sizeof more, "%s%s", cases[k / 2].endpoint,
                 early ? "" : "}\nsource: PBMC\nsequencing: {umi: no");
        write_files("late", more, cases[k / 2].day, cases[k / 2].source,
                    cases[k / 2].row);
        CHECK(make(ctx, "late", "late.cxs", (cxs_ingest_settings){0}) ==
              (early ? want : CXS_OK));
        if (!early || want == CXS_OK)
            CHECK(features_of(ctx, "late.cxs", &c) == want);
        if (want != CXS_OK) {
            CHECK(strcmp(cxs_ctx_code(ctx), "CX014") == 0);
            CHECK(strstr(cxs_ctx_message(ctx),
                         "1 samples were drawn after the time origin; a patient must "
                         "survive to be sampled: set landmark = 8 (") != NULL);
        } else {
            CHECK(isnan(bag_value(&c, "var.tmb", 2)) != stands);
            CHECK((strstr(tmp_log, "not used as baseline") != NULL) == !stands);
        }
        cxs_feature_columns_clear(&c);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* First dose on day 7 but for C (enrolment).  A: lumbar and reservoir fluid; B: one site,
 * tumour elsewhere; C: one with a site and one without.  Labels: A1 and C2 after the dose
 * as BASELINE, A2 before it as ON_TREATMENT, C1 on its day as FOLLOW_UP; B1 agrees; B3
 * has no day. */
static void sites_and_labels(void **state)
{
    cxs_ctx *ctx = tmp_ctx();

    (void)state;
    case_plain("labels",
               "tables: {patients: patients.tsv, samples: samples.tsv}\n"
               "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, landmark_days: "
               "42}\n",
               "PATIENT_ID\tOS_DAYS\tOS_STATUS\tFIRST_DOSE_DAY\nA\t100\t1\t7\n"
               "B\t200\t0\t7\nC\t300\t1\tNA\n");
    case_file("labels", "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\tTIMEPOINT\tSITE\n"
              "A1\tA\tCSF_CFDNA\tDNA\t8\tBASELINE\tOMMAYA\n"
              "A2\tA\tCSF_CELLS\tRNA\t7\tON_TREATMENT\tLUMBAR\n"
              "B1\tB\tCSF_CFDNA\tDNA\t8\tON_TREATMENT\tLUMBAR\n"
              "B2\tB\tCSF_CFDNA\tDNA\t3\tBASELINE\tLUMBAR\n"
              "B3\tB\tTUMOR\tDNA\tNA\tFOLLOW_UP\tSURGERY\n"
              "C1\tC\tCSF_CFDNA\tDNA\t0\tFOLLOW_UP\tVENTRICULAR\n"
              "C2\tC\tCSF_CFDNA\tDNA\t1\tBASELINE\tNA\n");
    CHECK(make(ctx, "labels", "labels.cxs", (cxs_ingest_settings){0}) == CXS_OK);
    CHECK(strstr(tmp_log, "1 patients gave fluid from several sites (first: OMMAYA, "
                          "LUMBAR)") != NULL);
    CHECK(strstr(tmp_log, "the TIMEPOINT of 4 samples disagrees with their "
                          "COLLECT_DAY") != NULL);
    CHECK(strstr(tmp_log,
                 "1 samples of ON_TREATMENT or FOLLOW_UP have no COLLECT_DAY") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Counts of patients in one matrix, their DNA in the sheet of assays. */
static void expression_beside_files(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_study *study = NULL;
    cxs_features *f = NULL;
    cxs_features_settings s = cxs_features_auto();
    const double *gene = NULL, *tmb = NULL;
    const cxs_matrix *m;

    (void)state;
    write_files("both", "}\nexpression: {file: x.tsv, kind: log}\nsequencing: {umi: no",
                "7", "TUMOR", D_MAF);
    case_file("both", "x.tsv",
              "gene\tA\tB\tC\nTP53\t10.5\t9\t2\nEGFR\t7\t14.5\t3\nIDH1\t9\t1\t12\n");
    CHECK(make(ctx, "both", "both.cxs", (cxs_ingest_settings){0}) == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("both.cxs"), &study) == CXS_OK);
    s.refdata = "refdata";
    s.standardise = 0;
    CHECK(cxs_features_study(ctx, study, &s, &f) == CXS_OK);
    if (f == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        fail();
    }
    m = cxs_features_matrix(f);
    CHECK(cxs_matrix_n(m) == 3 && strcmp(cxs_matrix_sample(m)[2], "C") == 0);
    for (size_t j = 0; j < cxs_matrix_p(m); j++) {
        const char *name = cxs_matrix_feature(m)[j];
        if (strcmp(name, "EGFR") == 0 || strcmp(name, "rna.gene.EGFR") == 0)
            gene = cxs_matrix_x(m) + 3 * j;
        if (strcmp(name, "var.tmb") == 0)
            tmb = cxs_matrix_x(m) + 3 * j;
    }
    CHECK(gene != NULL && gene[0] < gene[1] && gene[2] < gene[0]);
    CHECK(tmb != NULL && isnan(tmb[1]));
    CHECK_NEAR(tmb != NULL ? tmb[0] : 0.0, 3.0, TOL_SUM);
    CHECK_NEAR(tmb != NULL ? tmb[2] : 0.0, log2(7.0), TOL_SUM);
    cxs_features_free(f);
    cxs_study_close(study);
    /* a sheet that names a matrix of its own still has to name this one */
    write_files("both", "}\nexpression: {file: x.tsv, kind: log", "7", "TUMOR",
                "D\tRNA_LOG\ty.tsv\t\t\t\t\n");
    CHECK(make(ctx, "both", "both.cxs", (cxs_ingest_settings){0}) == CXS_EARG);
    CHECK(strstr(cxs_ctx_message(ctx), "x.tsv of this kind is not in the assays") !=
          NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_time_allows),
        cmocka_unit_test(the_better_of_two),
        cmocka_unit_test(what_is_told),
        cmocka_unit_test(callable_length_reaches_the_burden),
        cmocka_unit_test(consensus_reads_by_row),
        cmocka_unit_test(older_files_say_nothing),
        cmocka_unit_test(later_files_are_no_baseline),
        cmocka_unit_test(expression_beside_files),
        cmocka_unit_test(sites_and_labels),
    };

    return cmocka_run_group_tests_name("baseline", tests, test_folder_make,
                                       test_folder_remove);
}
