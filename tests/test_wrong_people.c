/*
 * test_wrong_people.c -- whose reads are these?  CX043, CX044, CX045 and CX056 through
 * a whole study, and that excluded samples make no features
 */
#include "test.h"

#include "people_case.h"

#include "store/study_schema.h"

/* ---- features ----------------------------------------------------------------------- */

typedef struct values {
    cxs_ctx *ctx;
    cxs_features *features;
    const cxs_matrix *matrix;
} values;

static values open_features(void)
{
    values v = {.ctx = cxs_ctx_new()};
    cxs_features_settings s = cxs_features_auto();
    cxs_study *study = NULL;

    s.filter = 0;
    s.refdata = "refdata";
    s.plausibility_stops = 0;
    if (cxs_study_open(v.ctx, test_path("people.cxs"), &study) != CXS_OK ||
        cxs_features_study(v.ctx, study, &s, &v.features) != CXS_OK) {
        printf("  %s\n", cxs_ctx_message(v.ctx));
        abort();
    }
    v.matrix = cxs_features_matrix(v.features);
    cxs_study_close(study);
    return v;
}

static void close_features(values *v)
{
    cxs_features_free(v->features);
    cxs_ctx_free(v->ctx);
}

/* Features that a patient has, of the 7 of variants or of the 8 genes of the matrix; -1
 * when the patient is not there at all. */
static int present(const values *v, bool of_variants, const char *patient)
{
    const size_t n = cxs_matrix_n(v->matrix);
    size_t i = 0;
    int found = 0;

    while (i < n && strcmp(cxs_matrix_sample(v->matrix)[i], patient) != 0)
        i++;
    if (i == n)
        return -1;
    for (size_t j = 0; j < cxs_matrix_p(v->matrix); j++)
        found += (strncmp(cxs_matrix_feature(v->matrix)[j], "var.", 4) == 0) ==
                     of_variants &&
                 !isnan(cxs_matrix_x(v->matrix)[j * n + i]);
    return found;
}

static int variants(const values *v, const char *patient)
{
    return present(v, true, patient);
}

static int genes(const values *v, const char *patient)
{
    return present(v, false, patient);
}

static double ask(const char *sql)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = NULL;
    cxs_stmt *stmt = NULL;
    double answer = (double)NAN;
    bool row = false;

    if (cxs_study_open(ctx, test_path("people.cxs"), &study) == CXS_OK &&
        cxs_db_prepare(ctx, study->db, sql, &stmt) == CXS_OK &&
        cxs_stmt_step(ctx, stmt, &row) == CXS_OK && row)
        answer = cxs_column_real(stmt, 0);
    cxs_stmt_free(stmt);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    return answer;
}

static const char excluded_samples[] =
    "SELECT count FROM flow WHERE what LIKE 'excluded: samples%'";

/* ---- studies ------------------------------------------------------------------------ */

static void all_is_well(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    char patient[16];
    values v;

    (void)state;
    CHECK(ingest(ctx, "FMFMFM", "N2", "C6") == CXS_OK);
    CHECK(strstr(tmp_log, "identity: 21 of 21 pairs compared") != NULL);
    CHECK(warned_of(ctx, "CX04") == 0);
    CHECK(ask(excluded_samples) == 0.0);
    v = open_features();
    for (int i = 1; i <= PATIENTS; i++) {
        snprintf(patient, sizeof patient, "P%d", i);
        CHECK(genes(&v, patient) == 8);
        CHECK(variants(&v, patient) == 7);
    }
    close_features(&v);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* P6 is recorded as a woman: Y genes in RNA, half of X and a Y in DNA. */
static void sex_of_rna_and_dna(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    values v;

    (void)state;
    CHECK(ingest(ctx, "FMFMFF", "N2", "C6") == CXS_OK);
    CHECK(strstr(tmp_log, "CX043: sample C6: recorded F, chrY has 0.50 of the depth of "
                          "the autosomes") != NULL);
    CHECK(strstr(tmp_log, "CX043: sample R6: recorded F, Y genes expressed (log2 CPM "
                          "10.") != NULL);
    CHECK(strstr(tmp_log, "CX043: sample C6 is excluded (sex of RNA and DNA): its "
                          "features are missing") != NULL);
    CHECK(strstr(tmp_log, "CX043: sample R6 is excluded (sex of RNA and DNA)") != NULL);
    CHECK(warned_of(ctx, "CX043") == 4);
    CHECK(strstr(tmp_log, "CX004: patients without any sample: 1 (P6)") != NULL);
    CHECK(ask(excluded_samples) == 2.0);
    CHECK(
        ask("SELECT count FROM flow WHERE what = 'patients with a baseline sample'") ==
        5.0);
    v = open_features();
    CHECK(genes(&v, "P6") <= 0 && variants(&v, "P6") <= 0);
    CHECK(genes(&v, "P5") == 8 && variants(&v, "P5") == 7);
    close_features(&v);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* One witness is not enough: its warning stands alone.  A man's tumour may lack Y. */
static void sex_of_dna_alone(void **state)
{
    static const char *const last[] = {"C6", "L6"};
    cxs_ctx *ctx;
    values v;

    (void)state;
    for (int pass = 0; pass < 2; pass++) {
        ctx = tmp_ctx();
        CHECK(ingest(ctx, "FMFMFM", "N2", last[pass]) == CXS_OK);
        CHECK(warned_of(ctx, "CX043") == 0);
        cxs_ctx_free(ctx);
    }
    /* without Y nothing in the DNA contradicts a woman but the RNA does */
    ctx = tmp_ctx();
    CHECK(ingest(ctx, "FMFMFF", "N2", "L6") == CXS_OK);
    CHECK(warned_of(ctx, "CX043") == 1);
    CHECK(strstr(tmp_log, "CX043: sample R6: recorded F, Y genes expressed") != NULL);
    CHECK(ask(excluded_samples) == 0.0);
    cxs_ctx_free(ctx);
    v = open_features();
    CHECK(genes(&v, "P6") == 8 && variants(&v, "P6") == 7);
    close_features(&v);
    /* P1's RNA is a woman's, and so is her DNA */
    ctx = tmp_ctx();
    CHECK(ingest(ctx, "MMFMFM", "N2", "C6") == CXS_OK);
    CHECK(strstr(tmp_log, "CX043: sample C1: recorded M, chrX has 1.00 of the depth of "
                          "the autosomes, chrY 0.00") != NULL);
    CHECK(strstr(tmp_log, "CX043: sample R1: recorded M, XIST expressed") != NULL);
    CHECK(ask(excluded_samples) == 2.0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* C6 holds reads of person 3: 6 % is told, 20 % costs the sample and nothing else. */
static void contamination(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    values v;

    (void)state;
    CHECK(ingest(ctx, "FMFMFM", "N2", "M6") == CXS_OK);
    CHECK(warned_of(ctx, "CX045") == 1);
    CHECK(strstr(tmp_log, "CX045: sample C6: estimated contamination ") != NULL);
    CHECK(ask(excluded_samples) == 0.0);
    cxs_ctx_free(ctx);
    v = open_features();
    CHECK(variants(&v, "P6") == 7);
    close_features(&v);
    ctx = tmp_ctx();
    CHECK(ingest(ctx, "FMFMFM", "N2", "X6") == CXS_OK);
    CHECK(warned_of(ctx, "CX045") == 2);
    CHECK(strstr(tmp_log, "CX045: sample C6 is excluded (contaminated): its features "
                          "are missing") != NULL);
    CHECK(ask(excluded_samples) == 1.0);
    v = open_features();
    CHECK(variants(&v, "P6") == 0);
    CHECK(genes(&v, "P6") == 8);
    CHECK(variants(&v, "P5") == 7);
    close_features(&v);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The first `old` of a file of the test folder becomes `new`. */
static void replace_in(const char *file, const char *old, const char *new)
{
    char *text = test_read(test_path(file), NULL), *at, made[4096];

    if (text == NULL || (at = strstr(text, old)) == NULL)
        abort();
    *at = '\0';
    snprintf(made, sizeof made, "%s%s%s", text, new, at + strlen(old));
    test_text(file, made);
    free(text);
}

/* C6 as tumour tissue: the same may be alleles that the tumour lost, unless blood of the
 * patient (here N2, with reads of person 6) tells the genotypes. */
static void contamination_of_a_tumour(void **state)
{
    static const char yes[] = "CX045: sample C6 is excluded (contaminated)";

    (void)state;
    for (int with_blood = 0; with_blood < 2; with_blood++) {
        cxs_ctx *ctx = tmp_ctx();
        put_sheets("FMFMFM", with_blood ? "L6" : "N2", "X6");
        replace_in("people/samples.tsv", "C6\tP6\tCSF_CFDNA", "C6\tP6\tTUMOR");
        if (with_blood)
            replace_in("people/samples.tsv", "N2\tP2", "N2\tP6");
        CHECK(ingest_people(ctx) == CXS_OK);
        CHECK((strstr(tmp_log, yes) != NULL) == (with_blood == 1));
        CHECK(
            (strstr(tmp_log, "no normal sample of the patient was read: it is kept") !=
             NULL) == (with_blood == 0));
        CHECK(ask(excluded_samples) == (double)with_blood);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* N2 is given the reads of P5: blood and fluid of P2 are of two people, and P2 and P5
 * share one. */
static void swapped_and_twice(void **state)
{
    cxs_ctx *ctx = tmp_ctx();

    (void)state;
    remove(test_path("people.cxs"));
    CHECK(ingest(ctx, "FMFMFM", "B2", "C6") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX044") == 0);
    CHECK(
        strncmp(cxs_ctx_message(ctx),
                "samples C2 and N2 of patient P2 are different people (concordance 0.",
                67) == 0);
    CHECK(strstr(tmp_log, "sample  sample  patient  patient  concordance  SNPs") !=
          NULL);
    CHECK(strstr(tmp_log, "C2  N2  P2  P2  0.") != NULL);
    CHECK(strstr(tmp_log, "C5  N2  P5  P2  1.000  ") != NULL);
    CHECK(access(test_path("people.cxs"), F_OK) != 0);
    cxs_ctx_free(ctx);
    ctx = tmp_ctx();
    CHECK(ingest(ctx, "FMFMFM", "N2", "T6") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX056") == 0);
    CHECK(strcmp(cxs_ctx_message(ctx), "patients P4 and P6 look like one person") == 0);
    CHECK(strstr(tmp_log, "C4  C6  P4  P6  1.000  ") != NULL);
    CHECK(access(test_path("people.cxs"), F_OK) != 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_well),
        cmocka_unit_test(sex_of_rna_and_dna),
        cmocka_unit_test(sex_of_dna_alone),
        cmocka_unit_test(contamination),
        cmocka_unit_test(contamination_of_a_tumour),
        cmocka_unit_test(swapped_and_twice),
    };

    return cmocka_run_group_tests_name("wrong_people", tests, make_people,
                                       test_folder_remove);
}
