/*
 * test_study.c -- what ingest wrote comes back: analysis set, matrix, settings
 *
 * The committed study has 16 patients whose times are listed in make_study.py; the
 * numbers below are read off that list by hand.
 */
#include "test.h"

#include "study_case.h"

#include "base/base.h"

/* Ingest the committed study with one change and open it. */
static cxs_study *open_changed(cxs_ctx *ctx, const char *name, const char *file,
                               const char *from, const char *to)
{
    cxs_study *study = NULL;
    char path[1200];

    case_study(name, file, from, to);
    CHECK(case_ingest(ctx, name) == CXS_OK);
    snprintf(path, sizeof path, "%s.cxs", test_path(name));
    CHECK(cxs_study_open(ctx, path, &study) == CXS_OK);
    if (study == NULL)
        printf("  %s\n", cxs_ctx_message(ctx));
    return study;
}

static cxs_study *open_plain(cxs_ctx *ctx, const char *yaml, const char *patients)
{
    cxs_study *study = NULL;
    char path[1200];

    case_plain("plain", yaml, patients);
    CHECK(case_ingest(ctx, "plain") == CXS_OK);
    snprintf(path, sizeof path, "%s.cxs", test_path("plain"));
    CHECK(cxs_study_open(ctx, path, &study) == CXS_OK);
    if (study == NULL)
        printf("  %s\n", cxs_ctx_message(ctx));
    return study;
}

static size_t flow_count(const cxs_surv *surv, const char *what)
{
    size_t steps = 0;
    const cxs_flow_step *flow = cxs_surv_flow(surv, &steps);

    for (size_t i = 0; i < steps; i++)
        if (strcmp(flow[i].what, what) == 0)
            return flow[i].count;
    return 0;
}

static void analysis_set_of_the_committed_study(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = open_changed(ctx, "set", NULL, NULL, NULL);
    cxs_surv *surv = NULL;

    (void)state;
    CHECK(cxs_study_surv(ctx, study, 1, &surv) == CXS_OK);
    CHECK(cxs_surv_n(surv) == 16 && cxs_surv_n_subjects(surv) == 16);
    /* 12 deaths; that of P13 on day 760 is after the horizon of 730.5 days */
    CHECK(cxs_surv_events(surv) == 11);
    CHECK(strcmp(cxs_surv_id(surv)[12], "P13") == 0);
    CHECK(cxs_surv_time(surv)[12] == 730.5 && cxs_surv_event(surv)[12] == 0);
    CHECK(cxs_surv_time(surv)[3] == 730.5 && cxs_surv_event(surv)[3] == 0); /* 900 */
    CHECK(cxs_surv_time(surv)[0] == 140.0 && cxs_surv_event(surv)[0] == 1);
    CHECK(cxs_surv_entry(surv) == NULL && cxs_surv_weight(surv) == NULL);
    CHECK(cxs_surv_n_strata(surv) == 2);
    CHECK(strcmp(cxs_surv_stratum_name(surv)[0], "COHORT=BM") == 0);
    CHECK(strcmp(cxs_surv_stratum_name(surv)[1], "COHORT=GLIOMA") == 0);
    CHECK(cxs_surv_stratum(surv)[0] == 1 && cxs_surv_stratum(surv)[15] == 0);
    CHECK(cxs_surv_n_centres(surv) == 2);
    CHECK(strcmp(cxs_surv_centre_name(surv)[1], "C2") == 0);
    CHECK(cxs_surv_centre(surv)[0] == 0 && cxs_surv_centre(surv)[3] == 1);
    CHECK(cxs_surv_k(surv) == 2);
    CHECK(strcmp(cxs_surv_term(surv)[0], "AGE") == 0);
    CHECK(strcmp(cxs_surv_term(surv)[1], "SEX=F") == 0); /* reference: M */
    CHECK(cxs_surv_z(surv)[0] == 61.0 && cxs_surv_z(surv)[15] == 72.0);
    CHECK(cxs_surv_z(surv)[16] == 0.0 && cxs_surv_z(surv)[17] == 1.0);
    CHECK(strcmp(cxs_surv_time_unit(surv), "days") == 0);
    CHECK(strcmp(cxs_surv_endpoint(surv), "OS") == 0);
    CHECK(strcmp(cxs_surv_title(surv), "Simulated study of 16 patients") == 0);
    CHECK(flow_count(surv, "patients in study") == 16);
    CHECK(flow_count(surv, "analysed") == 16);
    cxs_surv_free(surv);
    CHECK(cxs_study_surv(ctx, study, 0, &surv) == CXS_OK && cxs_surv_k(surv) == 0);
    cxs_surv_free(surv);
    CHECK(strcmp(cxs_study_setting(study, "title"), "Simulated study of 16 patients") ==
          0);
    CHECK(strcmp(cxs_study_setting(study, "normalise"), "tmm") == 0);
    CHECK(strcmp(cxs_study_setting(study, "cohort"), "COHORT") == 0);
    CHECK(strcmp(cxs_study_setting(study, "nothing"), "") == 0);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* P15 progressed on the day of enrolment: 0.5 day; dates and months agree within a day.
 */
static void progression_free_survival_from_dates(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = open_changed(
        ctx, "pfs", "study.yaml",
        "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, horizon_days: 730.5}",
        "endpoint: {name: PFS}");
    cxs_surv *surv = NULL;

    (void)state;
    CHECK(cxs_study_surv(ctx, study, 0, &surv) == CXS_OK);
    CHECK(cxs_surv_n(surv) == 16 && cxs_surv_events(surv) == 13);
    CHECK(cxs_surv_time(surv)[0] == 61.0); /* not 2.00 months = 60.875 */
    CHECK(cxs_surv_time(surv)[14] == 0.5 && cxs_surv_event(surv)[14] == 1);
    CHECK(cxs_surv_time(surv)[3] == 800.0 && cxs_surv_event(surv)[3] == 1);
    cxs_surv_free(surv);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A registry that calls progression-free survival "OS": the columns tell what it is. */
static void a_label_is_only_a_label(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study =
        open_changed(ctx, "label", "study.yaml", "time: OS_DAYS, event: OS_STATUS",
                     "time: PFS_MONTHS, event: PFS_STATUS");
    cxs_surv *surv = NULL;

    (void)state;
    CHECK(cxs_study_surv(ctx, study, 0, &surv) == CXS_OK);
    CHECK(strcmp(cxs_surv_endpoint(surv), "OS") == 0);
    CHECK(cxs_surv_time(surv)[0] == 61.0);
    cxs_surv_free(surv);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Landmark 100: P05 (88), P08 (95), P12 (45), P16 (61) have left; the clock restarts.
 */
static void landmark_restarts_the_clock(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study =
        open_changed(ctx, "landmark", "study.yaml", "horizon_days: 730.5",
                     "horizon_days: 500, landmark_days: 100");
    cxs_surv *surv = NULL;

    (void)state;
    CHECK(cxs_study_surv(ctx, study, 0, &surv) == CXS_OK);
    CHECK(cxs_surv_n(surv) == 12);
    CHECK(flow_count(surv, "dropped: left before the landmark") == 4);
    CHECK(cxs_surv_time(surv)[0] == 40.0); /* P01: 140 - 100 */
    CHECK(strcmp(cxs_surv_id(surv)[3], "P04") == 0);
    CHECK(cxs_surv_time(surv)[3] == 400.0 && cxs_surv_event(surv)[3] == 0);
    cxs_surv_free(surv);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void units_entry_and_missing_rows(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study =
        open_plain(ctx,
                   "tables: {patients: patients.tsv}\n"
                   "endpoint: {name: TTP, time: t, event: state=bad, entry: came, "
                   "time_unit: years}\n"
                   "strata: [b, a]\ncovariates: [grade, age]\nfactors: [grade]\n"
                   "reference: {grade: 3}\n",
                   "PATIENT_ID\tt\tstate\tcame\ta\tb\tgrade\tage\n"
                   "Q5\t2\tbad\t0.5\tx\t1\t2\t40\n"
                   "Q1\t1\tgood\t0\ty\t1\t3\t50\n"
                   "Q2\t1\tbad\t0\tx\t2\t4\t60\n"
                   "Q3\tNA\tbad\t0\tx\t2\t4\t60\n"
                   "Q4\t1\tbad\tNA\tx\t2\t4\t60\n"
                   "Q6\t1\tbad\t0\tNA\t2\t4\t60\n"
                   "Q7\t1\tbad\t0\tx\t2\tNA\t60\n"
                   "Q8\t3\tbad\t0\tx\t2\t4\tNA\n");
    cxs_surv *surv = NULL;

    (void)state;
    CHECK(cxs_study_surv(ctx, study, 1, &surv) == CXS_OK);
    CHECK(cxs_surv_n(surv) == 3);
    CHECK(strcmp(cxs_surv_id(surv)[0], "Q1") == 0 &&
          strcmp(cxs_surv_id(surv)[2], "Q5") == 0);
    CHECK(cxs_surv_time(surv)[0] == 365.25 && cxs_surv_time(surv)[2] == 730.5);
    CHECK(cxs_surv_entry(surv) != NULL && cxs_surv_entry(surv)[2] == 182.625);
    CHECK(cxs_surv_event(surv)[0] == 0 && cxs_surv_event(surv)[1] == 1);
    CHECK(strcmp(cxs_surv_stratum_name(surv)[0], "b=1,a=x") == 0);
    CHECK(cxs_surv_n_strata(surv) == 3 && cxs_surv_n_centres(surv) == 0);
    CHECK(cxs_surv_k(surv) == 3);
    CHECK(strcmp(cxs_surv_term(surv)[0], "grade=2") == 0); /* 3 is the reference */
    CHECK(strcmp(cxs_surv_term(surv)[1], "grade=4") == 0);
    CHECK(cxs_surv_z(surv)[0] == 0.0 && cxs_surv_z(surv)[2] == 1.0);
    CHECK(cxs_surv_z(surv)[6] == 50.0 && cxs_surv_z(surv)[8] == 40.0);
    CHECK(flow_count(surv, "dropped: time or event of TTP missing") == 1);
    CHECK(flow_count(surv, "dropped: delayed entry missing") == 1);
    CHECK(flow_count(surv, "dropped: a missing") == 1);
    CHECK(flow_count(surv, "dropped: grade missing") == 1);
    CHECK(flow_count(surv, "dropped: age missing") == 1);
    cxs_surv_free(surv);
    CHECK(cxs_study_surv(ctx, study, 0, &surv) == CXS_OK && cxs_surv_n(surv) == 5);
    cxs_surv_free(surv);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void a_reference_must_be_a_level(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = open_changed(ctx, "level", "study.yaml", "SEX: M", "SEX: male");
    cxs_surv *surv = NULL;

    (void)state;
    CHECK(cxs_study_surv(ctx, study, 1, &surv) == CXS_EARG && surv == NULL);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX018") == 0);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Tumour of P01, CD8A: the first count of tumour.tsv; P16 has no sample. */
static void matrix_holds_baseline_samples_by_patient(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = open_changed(ctx, "matrix", NULL, NULL, NULL);
    cxs_matrix *m = NULL;

    (void)state;
    CHECK(cxs_study_matrix(ctx, study, &m) == CXS_OK);
    CHECK(cxs_matrix_n(m) == 15 && cxs_matrix_p(m) == 19); /* XIST only in tumours */
    CHECK(strcmp(cxs_matrix_sample(m)[0], "P01") == 0);
    CHECK(strcmp(cxs_matrix_sample(m)[14], "P15") == 0);
    CHECK(strcmp(cxs_matrix_feature(m)[0], "CD8A") == 0);
    CHECK(cxs_matrix_x(m)[0] == 442.0 && cxs_matrix_x(m)[1] == 461.0);
    CHECK(cxs_matrix_kind(m) == CXS_KIND_COUNTS);
    CHECK(strcmp(cxs_matrix_layer(m), "rna") == 0);
    cxs_matrix_free(m);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/*
 * Fluid: the last sample with day in [first dose - 28, first dose].  P01 gave CSF on
 * day 7 (its first dose) and day 35; moved to day -22 the first is too old (7 - 28 =
 * -21), and P01 is left with a sample of day 35, which is after the origin.
 */
static void baseline_window_of_fluids(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = NULL;
    cxs_matrix *m = NULL;

    (void)state;
    study =
        open_changed(ctx, "fluid", "study.yaml", "source: TUMOR", "source: CSF_CELLS");
    CHECK(cxs_study_matrix(ctx, study, &m) == CXS_OK);
    CHECK(cxs_matrix_n(m) == 6);
    CHECK(cxs_matrix_x(m)[0] == 88.0); /* P01-C0, not P01-C1 with 34 */
    cxs_matrix_free(m);
    cxs_study_close(study);

    case_copy("fluid", "samples.tsv", "P01-C0\tP01\tCSF_CELLS\tRNA\t7",
              "P01-C0\tP01\tCSF_CELLS\tRNA\t-22");
    CHECK(case_ingest(ctx, "fluid") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX014") == 0);
    case_copy("fluid", "samples.tsv", "P01-C0\tP01\tCSF_CELLS\tRNA\t7",
              "P01-C0\tP01\tCSF_CELLS\tRNA\t-21");
    CHECK(case_ingest(ctx, "fluid") == CXS_OK);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Expression without samples: columns are patients, strangers are left out. */
static void expression_of_patients(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study;
    cxs_matrix *m = NULL;

    (void)state;
    case_file("plain", "x.tsv", "gene\tB\tZ\tA\nG2\t1.5\t9\tNA\nG1\t-3\t9\t4\n");
    study =
        open_plain(ctx,
                   "tables: {patients: patients.tsv}\nendpoint: {name: OS}\n"
                   "expression: {file: x.tsv, kind: log, rank_normal: yes}\n",
                   "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t30\t1\nB\t40\t0\nC\t50\t1\n");
    CHECK(cxs_study_matrix(ctx, study, &m) == CXS_OK);
    CHECK(cxs_matrix_n(m) == 2 && cxs_matrix_p(m) == 2);
    CHECK(strcmp(cxs_matrix_sample(m)[0], "A") == 0);
    CHECK(strcmp(cxs_matrix_feature(m)[0], "G1") == 0);
    CHECK(cxs_matrix_x(m)[0] == 4.0 && cxs_matrix_x(m)[1] == -3.0);
    CHECK(isnan(cxs_matrix_x(m)[2]) && cxs_matrix_x(m)[3] == 1.5);
    CHECK(strcmp(cxs_study_setting(study, "rank_normal"), "yes") == 0);
    cxs_matrix_free(m);
    cxs_study_close(study);
    study = open_plain(ctx, "tables: {patients: patients.tsv}\nendpoint: {name: OS}\n",
                       "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t30\t1\nB\t40\t0\n");
    CHECK(cxs_study_matrix(ctx, study, &m) == CXS_EMISMATCH && m == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "the study has no expression matrix") != NULL);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Same tables, same bytes, wherever they lie; no folder inside. */
static void twice_gives_the_same_bytes(void **state)
{
    size_t n[2] = {0, 0};
    char *bytes[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? "one" : "another_folder";
        char path[1200];
        cxs_ctx *ctx = cxs_ctx_new();
        case_study(name, NULL, NULL, NULL);
        CHECK(case_ingest(ctx, name) == CXS_OK);
        snprintf(path, sizeof path, "%s.cxs", test_path(name));
        bytes[i] = test_read(path, &n[i]);
        cxs_ctx_free(ctx);
    }
    CHECK(n[0] > 0 && n[0] == n[1] && memcmp(bytes[0], bytes[1], n[0]) == 0);
    for (size_t at = 0; at + 8 < n[0]; at++)
        CHECK(memcmp(bytes[0] + at, "cxs_test", 8) != 0);
    free(bytes[0]);
    free(bytes[1]);
    CHECK_DONE();
}

/* Rows of the sheet and columns and rows of the matrix in another order. */
static void order_does_not_matter(void **state)
{
    static const char *const sheet[] = {
        "PATIENT_ID\tOS_DAYS\tOS_STATUS\tAGE\tSEX\nA\t30\t1\t50\tF\n"
        "B\t40\t0\t60\tM\nC\t50\t1\t70\tF\n",
        "SEX\tAGE\tOS_STATUS\tOS_DAYS\tPATIENT_ID\nF\t70\t1\t50\tC\n"
        "F\t50\t1\t30\tA\nM\t60\t0\t40\tB\n"};
    static const char *const values[] = {"gene\tA\tB\tC\nG1\t1\t2\t3\nG2\t4\t5\t6\n",
                                         "gene\tC\tA\tB\nG2\t6\t4\t5\nG1\t3\t1\t2\n"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *surv[2] = {NULL, NULL};
    cxs_matrix *m[2] = {NULL, NULL};

    (void)state;
    for (int i = 0; i < 2; i++) {
        cxs_study *study;
        case_file("plain", "x.tsv", values[i]);
        study = open_plain(ctx,
                           "tables: {patients: patients.tsv}\nendpoint: {name: OS}\n"
                           "covariates: [AGE, SEX]\nexpression: {file: x.tsv}\n",
                           sheet[i]);
        CHECK(cxs_study_surv(ctx, study, 1, &surv[i]) == CXS_OK);
        CHECK(cxs_study_matrix(ctx, study, &m[i]) == CXS_OK);
        cxs_study_close(study);
    }
    for (size_t i = 0; i < 3; i++) {
        CHECK(strcmp(cxs_surv_id(surv[0])[i], cxs_surv_id(surv[1])[i]) == 0);
        CHECK(cxs_surv_time(surv[0])[i] == cxs_surv_time(surv[1])[i]);
    }
    CHECK(memcmp(cxs_surv_z(surv[0]), cxs_surv_z(surv[1]), 6 * sizeof(double)) == 0);
    CHECK(memcmp(cxs_matrix_x(m[0]), cxs_matrix_x(m[1]), 6 * sizeof(double)) == 0);
    CHECK(cxs_matrix_x(m[1])[0] == 1.0 && cxs_matrix_x(m[1])[5] == 6.0);
    for (int i = 0; i < 2; i++) {
        cxs_surv_free(surv[i]);
        cxs_matrix_free(m[i]);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A column OS_* that counts progressions under its own definition: visits after the
 * progression are not visits after death. */
static void progression_is_not_death(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study;

    (void)state;
    case_file("plain", "visits.tsv", "PATIENT_ID\tDAY\nA\t90\n");
    study = open_plain(ctx,
                       "tables: {patients: patients.tsv, visits: visits.tsv}\n"
                       "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, "
                       "definition: PFS}\n",
                       "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t30\t1\nB\t40\t0\n");
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void a_damaged_block_is_refused(void **state)
{
    static const unsigned char zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_study *study = open_changed(ctx, "hurt", NULL, NULL, NULL);
    cxs_matrix *m = NULL;
    const char *path = test_path("hurt.cxs");
    size_t n = 0, at = 0;
    char *bytes = test_read(path, &n);

    (void)state;
    cxs_study_close(study);
    while (at + 40 < n && memcmp(bytes + at, zstd_magic, 4) != 0)
        at++;
    CHECK(at + 40 < n);
    bytes[at + 30] = (char)(bytes[at + 30] ^ 0x11);
    test_file("hurt.cxs", bytes, n);
    CHECK(cxs_study_open(ctx, test_path("hurt.cxs"), &study) == CXS_OK);
    CHECK(cxs_study_matrix(ctx, study, &m) == CXS_EFORMAT && m == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "a block of the matrix fails its checksum") !=
          NULL);
    cxs_study_close(study);
    free(bytes);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static cxs_rc read_all(cxs_ctx *ctx, const char *path)
{
    cxs_study *study = NULL;
    cxs_surv *surv = NULL;
    cxs_matrix *m = NULL;
    cxs_rc rc = cxs_study_open(ctx, path, &study);

    CHECK((rc == CXS_OK) == (study != NULL));
    if (rc == CXS_OK) {
        rc = cxs_study_surv(ctx, study, 1, &surv);
        CHECK((rc == CXS_OK) == (surv != NULL));
    }
    if (rc == CXS_OK) {
        rc = cxs_study_matrix(ctx, study, &m);
        CHECK((rc == CXS_OK) == (m != NULL));
    }
    cxs_matrix_free(m);
    cxs_surv_free(surv);
    cxs_study_close(study);
    return rc;
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const char *path;
    cxs_rc rc = CXS_ENOMEM;
    long live, k;

    (void)state;
    case_study("alloc", NULL, NULL, NULL);
    CHECK(case_ingest(ctx, "alloc") == CXS_OK);
    path = test_path("alloc.cxs");
    live = cxs_alloc_live();
    for (k = 1; rc == CXS_ENOMEM && k < 2000; k++) {
        cxs_alloc_fail_at(k);
        rc = read_all(ctx, path);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 100);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(analysis_set_of_the_committed_study),
        cmocka_unit_test(progression_free_survival_from_dates),
        cmocka_unit_test(a_label_is_only_a_label),
        cmocka_unit_test(landmark_restarts_the_clock),
        cmocka_unit_test(units_entry_and_missing_rows),
        cmocka_unit_test(a_reference_must_be_a_level),
        cmocka_unit_test(matrix_holds_baseline_samples_by_patient),
        cmocka_unit_test(baseline_window_of_fluids),
        cmocka_unit_test(expression_of_patients),
        cmocka_unit_test(twice_gives_the_same_bytes),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(progression_is_not_death),
        cmocka_unit_test(a_damaged_block_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("study", tests, test_folder_make,
                                       test_folder_remove);
}
