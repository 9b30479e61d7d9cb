/*
 * test_sbs.c -- mutational signatures of a study: the file of the user, kept in the study
 * or given later; the disease decides which are fitted, the number of substitutions what
 * is said
 */
#include "vcf_case.h"

#include "study_case.h"

#include "coxswain/features.h"
#include "features/assays.h"
#include "features/variant_private.h"
#include "ingest/sbs.h"
#include "store/study_schema.h"

#define U ((double)NAN) /* not assessed */

static cxs_ctx *ctx;

static int make(void **state)
{
    if (test_folder_make(state) != 0)
        return 1;
    ctx = tmp_ctx();
    return 0;
}

static int unmake(void **state)
{
    cxs_ctx_free(ctx);
    return test_folder_remove(state);
}

static bool near(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) < 1e-9;
}

/* ---- the user's file -------------------------------------------------------------- */

static const char base[] = "ACGT";

/* Share of context k in a profile: SBS11 is C>T before C, SBS1 C>T before G, SBS5 all
 * T>C, SBS15 all T>A, SBS40 C>A. */
static double share_of(const char *name, size_t k)
{
    if (strcmp(name, "SBS11") == 0)
        return k / 16 == 2 && k % 4 == 1 ? 0.25 : 0.0;
    if (strcmp(name, "SBS1") == 0)
        return k / 16 == 2 && k % 4 == 2 ? 0.25 : 0.0;
    if (strcmp(name, "SBS5") == 0)
        return k / 16 == 4 ? 0.0625 : 0.0;
    return k / 16 == (strcmp(name, "SBS15") == 0 ? 3 : 0) ? 0.0625 : 0.0;
}

/* A file of these profiles; two columns of context as the PCAWG release has them. */
static void write_profiles(const char *path, const char *const *name, size_t n,
                           bool two)
{
    static const char *const change[] = {"C>A", "C>G", "C>T", "T>A", "T>C", "T>G"};
    cxs_buf text = {0};

    CHECK(cxs_buf_addf(ctx, &text, "%s", two ? "Type\tSubType" : "MutationType") ==
          CXS_OK);
    for (size_t j = 0; j < n; j++)
        CHECK(cxs_buf_addf(ctx, &text, "\t%s", name[j]) == CXS_OK);
    for (size_t k = 0; k < CXS_SBS; k++) {
        const char five = base[k / 4 % 4], three = base[k % 4], *c = change[k / 16];
        CHECK((two ? cxs_buf_addf(ctx, &text, "\n%s\t%c%c%c", c, five, c[0], three)
                   : cxs_buf_addf(ctx, &text, "\n%c[%s]%c", five, c, three)) == CXS_OK);
        for (size_t j = 0; j < n; j++)
            CHECK(cxs_buf_addf(ctx, &text, "\t%.17g", share_of(name[j], k)) == CXS_OK);
    }
    CHECK(cxs_buf_addf(ctx, &text, "\n") == CXS_OK);
    test_text(path, text.text);
    cxs_free(text.text);
}

static const char *const five_names[] = {"SBS11", "SBS1", "SBS5", "SBS15", "SBS40"};

static void files_and_texts(void **state)
{
    cxs_sbs_matrix m = {.n = 0}, again = {.n = 0};
    cxs_buf text = {0};

    (void)state;
    for (int two = 0; two < 2; two++) {
        write_profiles("p.tsv", five_names, 5, two == 1);
        CHECK(cxs_sbs_read(ctx, test_path("p.tsv"), &m) == CXS_OK);
        CHECK(m.n == 5);
        for (size_t j = 0; j < m.n; j++) {
            CHECK(strcmp(m.name[j], five_names[j]) == 0);
            for (size_t k = 0; k < CXS_SBS; k++)
                CHECK(m.x[CXS_SBS * j + k] == share_of(five_names[j], k));
            CHECK(cxs_sbs_text(ctx, &m, j, &text) == CXS_OK);
            CHECK(cxs_sbs_add(ctx, text.text, &again) == CXS_OK);
        }
        CHECK(again.n == 5 && memcmp(again.x, m.x, 5 * CXS_SBS * sizeof *m.x) == 0);
        cxs_sbs_clear(&again);
        cxs_sbs_clear(&m);
    }
    text.text[strlen(text.text) - 2] = '\0'; /* 95 values */
    CHECK(cxs_sbs_add(ctx, text.text, &again) == CXS_EFORMAT);
    cxs_sbs_clear(&again);
    CHECK(cxs_sbs_read(ctx, test_text("e.tsv", "Type\nA[C>A]A\n"), &m) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "no column of a signature") != NULL);
    CHECK(m.n == 0 && m.x == NULL);
    cxs_free(text.text);
    CHECK_DONE();
}

/* ---- thresholds ------------------------------------------------------------------- */

/* A bag of a genome with `n` substitutions: three quarters before C, the others before
 * G. */
static cxs_measures *bag_of(vcf_case *c, int64_t n)
{
    cxs_measure *t = NULL;
    cxs_measures *bag;
    int64_t *count = NULL;

    c->s.library = "WGS";
    vcf_case_ok(c, VCF_HEAD);
    bag = c->bag;
    c->bag = NULL;
    CHECK(cxs_measures_add(ctx, bag, "variants.sbs96", CXS_SBS, &t) == CXS_OK);
    CHECK(cxs_measure_int(ctx, t, "count", &count) == CXS_OK);
    for (int64_t i = 0; i < n; i++)
        count[32 + 4 * (i / 4 % 4) + (i % 4 < 3 ? 1 : 2)]++;
    return bag;
}

/* Nothing below 50, only SBS1, 4, 5, 7 and 11 below 200. */
static void few_substitutions_say_little(void **state)
{
    static const struct {
        int64_t n;
        bool few, all;
    } cases[] = {
        {49, false, false}, {50, true, false}, {199, true, false}, {200, true, true}};
    vcf_case c = vcf_case_make();

    (void)state;
    write_profiles("p.tsv", five_names, 5, false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const cxs_variant_feature_settings settings = {
            .refdata = "refdata", .signatures = test_path("p.tsv")};
        cxs_measures *bag = bag_of(&c, cases[i].n);
        const cxs_variant_sample s = {
            .id = "a", .library = "WGS", .callable_mb = (double)NAN, .variants = bag};
        cxs_feature_columns columns = {.n = 1};
        CHECK(cxs_variant_features(ctx, &s, 1, &settings, &columns) == CXS_OK);
        for (size_t k = 0; k < columns.count; k++) {
            const char *name = columns.column[k].name;
            const bool known = !isnan(columns.column[k].value[0]);
            if (strncmp(name, "var.sbs.", 8) != 0)
                continue;
            if (strncmp(name, "var.sbs.SBS11", 13) == 0 ||
                strncmp(name, "var.sbs.CLOCK", 13) == 0)
                CHECK(known == cases[i].few);
            else if (strncmp(name, "var.sbs.MMR", 11) == 0)
                CHECK(known == cases[i].all);
            else
                CHECK(!known); /* SBS4, SBS7, APOBEC: not of a glioma */
        }
        cxs_feature_columns_clear(&columns);
        cxs_measures_free(bag);
    }
    vcf_case_free(&c);
    CHECK_DONE();
}

/* ---- a study ---------------------------------------------------------------------- */

enum { SITES = 144, BLOCK = 5 };

/* Blocks T?CCA or T?CGA, the substitution at the third base: two thirds before C. */
static void write_genome(const char *study)
{
    cxs_buf fasta = {0}, calls = {0}, half = {0};
    char index[64];

    CHECK(cxs_buf_addf(ctx, &fasta, ">1\n") == CXS_OK);
    CHECK(cxs_buf_addf(ctx, &calls,
                       VCF_TOP VCF_FILTERS
                       "##contig=<ID=1,length=%d>\n" VCF_CSQ VCF_FORMAT VCF_NAMES
                       "\tALL\n",
                       SITES * BLOCK) == CXS_OK);
    for (int i = 0; i < SITES; i++) {
        CHECK(cxs_buf_addf(ctx, &fasta, "T%cC%cA", base[i / 3 % 4],
                           i % 3 < 2 ? 'C' : 'G') == CXS_OK);
        CHECK(cxs_buf_addf(ctx, &calls, "1\t%d\t.\tC\tT\t.\tPASS\t.\tAD\t500,500\n",
                           BLOCK * i + 3) == CXS_OK);
        if (2 * (i + 1) == SITES)
            CHECK(cxs_buf_addf(ctx, &half, "%s", calls.text) == CXS_OK);
    }
    CHECK(cxs_buf_addf(ctx, &fasta, "\n") == CXS_OK);
    case_file(study, "g.fa", fasta.text);
    snprintf(index, sizeof index, "1\t%d\t3\t%d\t%d\n", SITES * BLOCK, SITES * BLOCK,
             SITES * BLOCK + 1);
    case_file(study, "g.fa.fai", index);
    case_file(study, "calls.vcf", calls.text);
    case_file(study, "half.vcf", half.text);
    case_file(study, "all.bed", "1\t0\t720\n");
    cxs_free(fasta.text);
    cxs_free(calls.text);
    cxs_free(half.text);
}

/* P1: a genome.  P2: a panel of the whole chromosome, half of the
 * substitutions.  P3: metastasis of the kidney.  P4:
 * of an unknown primary.  P5: nothing. */
static void write_study(const char *study, const char *signatures)
{
    char yaml[512];

    snprintf(yaml, sizeof yaml,
             "tables: {patients: patients.tsv, samples: samples.tsv, assays: "
             "assays.tsv}\nendpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n"
             "sequencing: {reference: g.fa%s}\n",
             signatures);
    case_plain(
        study, yaml,
        "PATIENT_ID\tCOHORT\tPRIMARY_TUMOR\tOS_DAYS\tOS_STATUS\n"
        "P1\tGLIOMA\tNOT_APPLICABLE\t100\t1\nP2\tGLIOMA\tNOT_APPLICABLE\t200\t0\n"
        "P3\tBM\tRCC\t300\t1\nP4\tBM\tUNKNOWN\t400\t1\n"
        "P5\tGLIOMA\tNOT_APPLICABLE\t500\t1\n");
    case_file(study, "samples.tsv",
              "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n"
              "D1\tP1\tTUMOR\tDNA\t-9\nD2\tP2\tTUMOR\tDNA\t-9\nD3\tP3\tTUMOR\tDNA\t-9\n"
              "D4\tP4\tTUMOR\tDNA\t-9\n");
    case_file(study, "assays.tsv",
              "SAMPLE_ID\tASSAY\tFILE\tCOLUMN\tBUILD\tLIBRARY\tTARGET_BED\n"
              "D1\tVCF\tcalls.vcf\tALL\tother\tWGS\t\n"
              "D2\tVCF\thalf.vcf\tALL\tother\tPANEL\tall.bed\n"
              "D3\tVCF\tcalls.vcf\tALL\tother\tWGS\t\n"
              "D4\tVCF\tcalls.vcf\tALL\tother\tWGS\t\n");
    write_genome(study);
}

/* One value of the matrix of a study, NaN for a column that is not there. */
static double value_of(const cxs_features *f, const char *patient, const char *feature)
{
    const cxs_matrix *m = cxs_features_matrix(f);

    for (size_t j = 0; j < cxs_matrix_p(m); j++)
        for (size_t i = 0; i < cxs_matrix_n(m); i++)
            if (strcmp(cxs_matrix_feature(m)[j], feature) == 0 &&
                strcmp(cxs_matrix_sample(m)[i], patient) == 0)
                return cxs_matrix_x(m)[j * cxs_matrix_n(m) + i];
    return U;
}

static cxs_features *features_of(const char *study, const char *sbs, cxs_rc want)
{
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f = NULL;
    cxs_study *open = NULL;
    char file[64];
    cxs_rc rc;

    snprintf(file, sizeof file, "%s.cxs", study);
    s.refdata = "refdata";
    s.sbs = sbs;
    CHECK(case_ingest(ctx, study) == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path(file), &open) == CXS_OK);
    rc = cxs_features_study(ctx, open, &s, &f);
    CHECK(rc == want);
    if (rc != want)
        printf("  %s\n", cxs_ctx_message(ctx));
    cxs_study_close(open);
    return f;
}

/* Exposures of 96 and 48 substitutions, as log2(x + 1). */
static void a_study_brings_signatures(void **state)
{
    static const char *const renal[] = {"SBS1", "SBS5"};
    cxs_features *f;
    cxs_study *study = NULL;
    cxs_stmt *stmt = NULL;
    bool row = false;

    (void)state;
    write_study("s", ", signatures: sbs.tsv");
    mkdir(test_path("s"), 0777);
    write_profiles("s/sbs.tsv", five_names, 5, false);
    f = features_of("s", NULL, CXS_OK);
    CHECK(near(value_of(f, "P1", "var.sbs.SBS11.log2"), log2(97.0)));
    CHECK(near(value_of(f, "P1", "var.sbs.CLOCK.log2"), log2(49.0)));
    CHECK(near(value_of(f, "P2", "var.sbs.SBS11.log2"), log2(49.0)));
    CHECK(near(value_of(f, "P2", "var.sbs.CLOCK.log2"), log2(25.0)));
    CHECK(isnan(value_of(f, "P1", "var.sbs.MMR.log2"))); /* 144 substitutions */
    CHECK(isnan(value_of(f, "P4", "var.sbs.CLOCK.log2")));
    /* of the kidney SBS11 is not fitted: what is before C stays unexplained */
    CHECK(isnan(value_of(f, "P3", "var.sbs.SBS11.log2")));
    CHECK(near(value_of(f, "P3", "var.sbs.CLOCK.log2"), log2(49.0)));
    cxs_features_free(f);
    /* the file is among the sources, with its digest */
    CHECK(cxs_study_open(ctx, test_path("s.cxs"), &study) == CXS_OK);
    CHECK(cxs_db_prepare(ctx, study->db,
                         "SELECT length(sha256) FROM source WHERE file = 'sbs.tsv'",
                         &stmt) == CXS_OK);
    CHECK(cxs_stmt_step(ctx, stmt, &row) == CXS_OK && row &&
          cxs_column_int(stmt, 0) == 64);
    cxs_stmt_free(stmt);
    cxs_study_close(study);
    /* another file goes before that of the study */
    write_profiles("r.tsv", renal, 2, true);
    f = features_of("s", test_path("r.tsv"), CXS_OK);
    CHECK(isnan(value_of(f, "P1", "var.sbs.SBS11.log2")));
    CHECK(near(value_of(f, "P1", "var.sbs.CLOCK.log2"), log2(49.0)));
    cxs_features_free(f);
    /* without any there are none */
    write_study("n", "");
    f = features_of("n", NULL, CXS_EMISMATCH); /* nothing differs between patients */
    CHECK(f == NULL);
    CHECK_DONE();
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    write_study("d", ", signatures: sbs.tsv");
    case_file("d", "sbs.tsv", "Type\tSBS1\nA[C>A]A\t0.1\n");
    CHECK(case_ingest(ctx, "d") == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "sbs.tsv: 1 contexts, there are 96") != NULL);
    remove(test_path("d/sbs.tsv"));
    CHECK(case_ingest(ctx, "d") == CXS_ENOINPUT);
    CHECK(strstr(cxs_ctx_message(ctx), "d/sbs.tsv: No such file") != NULL);
    CHECK_DONE();
}

static void memory_may_run_out(void **state)
{
    cxs_rc rc = CXS_ENOMEM;

    (void)state;
    write_profiles("p.tsv", five_names, 5, false);
    for (long k = 1; rc == CXS_ENOMEM && k < 100000; k += k < 30 ? 1 : 37) {
        const long live = cxs_alloc_live();
        cxs_sbs_matrix m = {.n = 0}, more = {.n = 0};
        cxs_buf text = {0};
        cxs_alloc_fail_at(k);
        rc = cxs_sbs_read(ctx, test_path("p.tsv"), &m);
        for (size_t j = 0; rc == CXS_OK && j < m.n; j++)
            if ((rc = cxs_sbs_text(ctx, &m, j, &text)) == CXS_OK)
                rc = cxs_sbs_add(ctx, text.text, &more);
        cxs_alloc_fail_at(0);
        cxs_free(text.text);
        cxs_sbs_clear(&m);
        cxs_sbs_clear(&more);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK);
    CHECK_DONE();
}

/* The same for a study: its profiles, its lists of variants, its events. */
static void memory_of_a_study_may_run_out(void **state)
{
    cxs_study *study = NULL;
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    write_study("m", ", signatures: sbs.tsv");
    write_profiles("m/sbs.tsv", five_names, 5, false);
    CHECK(case_ingest(ctx, "m") == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("m.cxs"), &study) == CXS_OK);
    for (k = 1; rc == CXS_ENOMEM && k < 1000000; k += k < 150 ? 1 : 499) {
        const long live = cxs_alloc_live();
        cxs_feature_columns columns = {.n = 0};
        cxs_quality_rows quality = {0};
        char **patient = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_assay_features(ctx, study, "refdata", &patient, &quality, &columns);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || (rc == CXS_ENOMEM && patient == NULL));
        if (patient != NULL)
            cxs_free_strings(patient, columns.n);
        cxs_feature_columns_clear(&columns);
        cxs_quality_rows_clear(&quality);
        CHECK(cxs_alloc_live() <= live + 16); /* what the context was warned of */
    }
    CHECK(rc == CXS_OK && k > 500);
    cxs_study_close(study);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_texts),
        cmocka_unit_test(few_substitutions_say_little),
        cmocka_unit_test(a_study_brings_signatures),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(memory_may_run_out),
        cmocka_unit_test(memory_of_a_study_may_run_out),
    };

    return cmocka_run_group_tests_name("sbs", tests, make, unmake);
}
