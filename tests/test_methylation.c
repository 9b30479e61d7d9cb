/*
 * test_methylation.c -- MGMT-STP27: golden values, by hand, probes of a file, features
 */
#include "test.h"

#include "files.h"
#include "tmp.h"

#include "base/table.h"
#include "coxswain/ingest.h"
#include "features/methylation.h"
#include "ingest/mgmt.h"

#define U ((double)NAN) /* not assessed */

static double cell(const cxs_table *t, size_t row, const char *name)
{
    const size_t column = cxs_table_find(t, name);

    CHECK(column != SIZE_MAX);
    return column != SIZE_MAX ? strtod(cxs_table_cell(t, row, column), NULL)
                              : (double)NAN;
}

static void golden_calls(void **state)
{
    static const char path[] = "tests/data/golden/stp27.tsv";
    cxs_stp27_model model;
    cxs_table *t = NULL;

    (void)state;
    if (access(path, R_OK) != 0) {
        printf("  skipped: no %s: run from the top of the checkout\n", path);
        skip();
    }
    CHECK(cxs_stp27_read(NULL, "refdata", &model) == CXS_OK);
    CHECK(cxs_table_read(NULL, path, &t) == CXS_OK);
    CHECK(t != NULL && t->rows == 6);
    for (size_t r = 0; t != NULL && r < t->rows; r++) {
        const double m1 = cxs_m_value(cell(t, r, "beta_cg12434587"));
        const double m2 = cxs_m_value(cell(t, r, "beta_cg12981137"));
        const cxs_stp27_call c = cxs_stp27(&model, m1, m2);
        const char *call = cxs_table_cell(t, r, cxs_table_find(t, "call"));
        CHECK_NEAR(m1, cell(t, r, "M_cg12434587"), 1e-9);
        CHECK_NEAR(m2, cell(t, r, "M_cg12981137"), 1e-9);
        CHECK_NEAR(c.logit, cell(t, r, "logit"), 1e-9);
        CHECK_NEAR(c.se, cell(t, r, "se"), 1e-9);
        CHECK_NEAR(c.p, cell(t, r, "prob"), 1e-9);
        CHECK_NEAR(c.low, cell(t, r, "lo"), 1e-9);
        CHECK_NEAR(c.high, cell(t, r, "hi"), 1e-9);
        CHECK(c.methylated == (strcmp(call, "M") == 0));
        CHECK(c.uncertain ==
              (c.low <= 0.358247619805778 && c.high >= 0.358247619805778));
    }
    cxs_table_free(t);
    CHECK_DONE();
}

/* Coefficients 1, 2, 3, variances 4, 9, 16 without covariance. */
static void a_call_by_hand(void **state)
{
    const cxs_stp27_model model = {
        .coefficient = {1.0, 2.0, 3.0},
        .covariance = {{0.04, 0.0, 0.0}, {0.0, 0.09, 0.0}, {0.0, 0.0, 0.16}},
        .cutoff = 0.5};
    cxs_stp27_call c = cxs_stp27(&model, 1.0, -1.0);

    (void)state;
    CHECK_NEAR(c.logit, 0.0, TOL_SUM); /* 1 + 2 - 3 */
    CHECK_NEAR(c.se, sqrt(0.29), TOL_SUM);
    CHECK_NEAR(c.p, 0.5, TOL_SUM);
    CHECK(c.methylated == 1 && c.uncertain == 1); /* at the cut-off: methylated */
    c = cxs_stp27(&model, 4.0, -1.0);             /* logit 6, se 1.276 */
    CHECK(c.methylated == 1 && c.uncertain == 0);
    c = cxs_stp27(&model, (double)NAN, 1.0);
    CHECK(c.methylated == -1 && isnan(c.p) && isnan(c.logit) && isnan(c.low));
    CHECK_NEAR(cxs_m_value(0.5), 0.0, TOL_EXACT);
    CHECK_NEAR(cxs_m_value(0.0), log2(0.001 / 0.999), TOL_SUM);
    CHECK_NEAR(cxs_m_value(1.0), log2(0.999 / 0.001), TOL_SUM);
    CHECK(isnan(cxs_m_value((double)NAN)));
    CHECK_DONE();
}

/* ---- files ------------------------------------------------------------------------ */

static cxs_rc measure(cxs_ctx *ctx, const char *text, const char *column, bool beta,
                      cxs_measures **bag)
{
    test_text("m.tsv", text);
    *bag = NULL;
    CHECK(cxs_measures_new(ctx, bag) == CXS_OK);
    return cxs_mgmt_measure(ctx, test_path("m.tsv"), column, beta, *bag);
}

static void probes_are_found(void **state)
{
    static const struct {
        const char *text, *said;
        bool beta;
        double m[2];
    } cases[] = {
        {"probe\tA\tB\ncg00000001\t.1\t.1\ncg12434587\t.9\t0.5\ncg12981137\t.9\t0.2\n",
         "",
         true,
         {0.0, -2.0}},
        {"ID,A,B\ncg12981137,3,-1\ncg12434587,3,2.5\n", "", false, {2.5, -1.0}},
        {"\"A\"\t\"B\"\n\"cg12434587_BC11\"\t.9\t.5\n\"cg12981137_TC11\"\t.9\t0.2\n",
         "2 of 2 MGMT probes carry the suffix of EPICv2",
         true,
         {0.0, -2.0}},
        {"p\tB\ncg12434587_BC11\t.9\ncg12434587\t.5\ncg12434587_TC11\t.9\n"
         "cg12981137\t0.2\n",
         "",
         true,
         {0.0, -2.0}},
        {"p\tB\ncg12434587\t.5\ncg12434587_BC11\t.9\ncg12981137\t0.2\n",
         "",
         true,
         {0.0, -2.0}},
        {"p\tB\ncg12434587\tNA\ncg12981137\t0.2\n", "", true, {U, -2.0}},
        {"p\tB\ncg12434587\t.5\ncg129811370\t0.2\n", "CX049: ", true, {0.0, U}},
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_measures *bag = NULL;
        const double *m;
        CHECK(measure(ctx, cases[k].text, "B", cases[k].beta, &bag) == CXS_OK);
        m = cxs_measure_get_real(cxs_measures_find(bag, "mgmt"), "m");
        for (size_t p = 0; p < 2; p++)
            CHECK(isnan(cases[k].m[p]) ? isnan(m[p]) : m[p] == cases[k].m[p]);
        CHECK(strstr(tmp_log, cases[k].said) != NULL);
        CHECK((strstr(tmp_log, "those of Illumina have 100 added") != NULL) ==
              cases[k].beta);
        cxs_measures_free(bag);
        cxs_ctx_free(ctx);
    }
    CHECK(strstr(tmp_log, "m.tsv: probe cg12981137 is missing: no MGMT call") != NULL);
    CHECK_DONE();
}

/* Eight patients: P1 to P6 have a call and 10q or the whole chromosome; P1, P2 and P4
 * lost it, P1 and P4 of them are methylated. */
static void calls_stand_beside_copies(void **state)
{
    static const char both[] =
        "id\tP1\tP2\tP3\tP4\tP5\tP6\tP7\tP8\nmeth.mgmt.call\t1\t0\t1\t1\t0\t1\tNA\t1\n"
        "cn.event.CHR10Q_LOSS\t1\t1\t0\tNA\t0\t0\t1\tNA\n"
        "cn.event.CHR10_LOSS\t1\t0\t0\t1\tNA\t0\t1\tNA\n";
    cxs_matrix_settings settings = cxs_matrix_defaults();
    cxs_ctx *ctx = tmp_ctx();
    cxs_matrix *m = NULL;

    (void)state;
    settings.kind = CXS_KIND_OTHER;
    CHECK(cxs_matrix_read(ctx, test_text("b.tsv", both), &settings, &m) == CXS_OK);
    cxs_mgmt_beside_copies(ctx, m);
    CHECK(strstr(tmp_log,
                 "MGMT beside its copies: 6 patients with both, 3 lost 10q and "
                 "with it a copy of the gene, 2 of them methylated") != NULL);
    cxs_matrix_free(m);
    tmp_log[0] = '\0';
    CHECK(cxs_matrix_read(ctx, test_text("b.tsv", "id\tP1\tP2\nmeth.mgmt.call\t1\t0\n"),
                          &settings, &m) == CXS_OK);
    cxs_mgmt_beside_copies(ctx, m);
    CHECK(strstr(tmp_log, "MGMT beside") == NULL);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void faults_of_probes(void **state)
{
    static const struct {
        const char *text, *code, *message;
    } cases[] = {
        {"p\tB\ncg12434587\t1.5\n", "CX049",
         "m.tsv: cg12434587: 1.5 is not a beta value; METH_M?"},
        {"p\tB\ncg12981137\t-0.1\n", "CX049",
         "m.tsv: cg12981137: -0.1 is not a beta value; METH_M?"},
        {"p\tA\ncg12434587\t.5\n", "CX006", "m.tsv:1: no column \"B\""},
        {"p\tB\ncg12434587\tlow\n", "CX016", "m.tsv:2: \"low\" is not a number"},
        {"p\tB\ncg12434587\t.5\t.5\t.5\n", "CX019", "4 fields, the header has 2"},
        {"p\tB\ncg12434587\t.5\ncg12434587\t.6\n", "CX025",
         "m.tsv:3: probe \"cg12434587\" was already given"},
        {"# only this\n", "CX020", "no header line"},
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_measures *bag = NULL;
        CHECK(measure(ctx, cases[k].text, "B", true, &bag) == CXS_EFORMAT);
        if (strstr(cxs_ctx_message(ctx), cases[k].message) == NULL)
            printf("  case %zu: %s\n", k, cxs_ctx_message(ctx));
        CHECK(strcmp(cxs_ctx_code(ctx), cases[k].code) == 0);
        CHECK(strstr(cxs_ctx_message(ctx), cases[k].message) != NULL);
        cxs_measures_free(bag);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* ---- features --------------------------------------------------------------------- */

/* Patients: methylated, unmethylated, one probe, no file. */
static void features_by_patient(void **state)
{
    static const char *const text[3] = {"p\tB\ncg12434587\t.5\ncg12981137\t0.4\n",
                                        "p\tB\ncg12434587\t.02\ncg12981137\t0.03\n",
                                        "p\tB\ncg12434587\t.5\n"};
    cxs_ctx *ctx = tmp_ctx();
    cxs_patient_file file[4] = {
        {.sample = "a"}, {.sample = "b"}, {.sample = "c"}, {.sample = ""}};
    cxs_feature_columns c = {.n = 4};
    size_t missing = 0, zero = 0;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        CHECK(measure(ctx, text[i], "B", true, &file[i].bag) == CXS_OK);
    CHECK(cxs_methylation_features(ctx, file, "refdata", &c) == CXS_OK);
    CHECK(c.count == 3);
    for (size_t k = 0; k < c.count; k++)
        for (size_t i = 0; i < 4; i++) {
            missing += isnan(c.column[k].value[i]) != 0;
            zero += c.column[k].value[i] == 0.0;
        }
    CHECK(missing == 6); /* three columns of two patients */
    CHECK(zero == 3);    /* unmethylated, and two that are certain */
    CHECK_NEAR(c.column[0].value[0], 3.77960180343, 1e-9);
    CHECK_NEAR(c.column[0].value[1], -3.28412067616, 1e-9);
    CHECK(c.column[1].value[0] == 1.0 && c.column[1].value[1] == 0.0);
    CHECK(strstr(tmp_log, "MGMT promoter: called in 2 patients") != NULL);
    cxs_feature_columns_clear(&c);
    CHECK(cxs_methylation_features(ctx, file, test_path("no"), &c) != CXS_OK);
    test_text("stp27.tsv", "parameter\tvalue\nintercept\t1\n");
    CHECK(cxs_methylation_features(ctx, file, test_folder, &c) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "stp27.tsv: no value of cg12434587") != NULL);
    cxs_feature_columns_clear(&c);
    for (size_t i = 0; i < 3; i++)
        cxs_measures_free(file[i].bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void memory_may_run_out(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    const long before = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;

    (void)state;
    test_text("m.tsv", "p\tB\ncg12434587_BC11\t.5\ncg12981137\t0.2\n");
    for (long k = 1; rc != CXS_OK && k < 2000; k++) {
        cxs_patient_file file = {.sample = "a"};
        cxs_feature_columns c = {.n = 1};
        cxs_alloc_fail_at(k);
        rc = cxs_measures_new(ctx, &file.bag);
        if (rc == CXS_OK)
            rc = cxs_mgmt_measure(ctx, test_path("m.tsv"), "B", true, file.bag);
        if (rc == CXS_OK)
            rc = cxs_methylation_features(ctx, &file, "refdata", &c);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        cxs_measures_free(file.bag);
        cxs_feature_columns_clear(&c);
        CHECK(cxs_alloc_live() <= before + 1); /* the message of the context */
    }
    CHECK(rc == CXS_OK);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_calls),
        cmocka_unit_test(a_call_by_hand),
        cmocka_unit_test(probes_are_found),
        cmocka_unit_test(faults_of_probes),
        cmocka_unit_test(calls_stand_beside_copies),
        cmocka_unit_test(features_by_patient),
        cmocka_unit_test(memory_may_run_out),
    };

    return cmocka_run_group_tests_name("methylation", tests, test_folder_make,
                                       test_folder_remove);
}
