/*
 * test_cox_residuals.c -- residuals and variance matrices against R survival, by their
 * sums, and as files
 */
#include "test.h"

#include "cox_case.h"
#include "files.h"

#include <sys/stat.h>

enum { N = 72, KINDS = 6, MARTINGALE = 0, DEVIANCE = 1 };
static const ref_setting everything = {CXS_TIES_EFRON, 1, 1, 1, 1};

static size_t width(int kind)
{
    return kind <= DEVIANCE ? 1 : CASE_TERMS;
}

static double *residuals(const cxs_cox_fit *fit, int kind)
{
    double *out = cxs_calloc(NULL, N * CASE_TERMS, sizeof *out);

    CHECK(cxs_cox_residuals(NULL, fit, (cxs_residual)kind, out) == CXS_OK);
    return out;
}

/* ---- R survival ------------------------------------------------------------------ */

static void residuals_of_r(void **state)
{
    static const char *const name[KINDS] = {"martingale", "deviance",   "score",
                                            "dfbeta",     "schoenfeld", "scaledsch"};
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_table *want = ref_read("cohort_residuals.tsv.gz");
    size_t numbers = 0;

    (void)state;
    CHECK(want->rows == 32 * N);
    for (size_t row = 0; row < want->rows; row += N) {
        const ref_setting s = ref_setting_of(want, row);
        cxs_surv *surv = ref_surv(cohort, s, CASE_TERMS, case_terms);
        cxs_cox_fit *fit = case_fit(surv, case_settings(s.ties));
        for (int kind = 0; kind < KINDS; kind++) {
            double *got = residuals(fit, kind);
            for (size_t c = 0; c < width(kind); c++)
                for (size_t i = 0; i < N; i++) {
                    char column[64];
                    double value;
                    snprintf(column, sizeof column, kind <= DEVIANCE ? "%s" : "%s_x%zu",
                             name[kind], c + 1);
                    value = ref_number(want, row + i, column);
                    CHECK(strcmp(surv->id[i], ref_text(want, row + i, "id")) == 0);
                    CHECK(isnan(value) == isnan(got[c * N + i]));
                    if (isnan(value))
                        continue;
                    /* x3 has sd 25: its score residuals are sums of such numbers */
                    CHECK_NEAR(got[c * N + i], value, 1e-7);
                    numbers++;
                }
            cxs_free(got);
        }
        cxs_cox_fit_free(fit);
        cxs_surv_free(surv);
    }
    CHECK(numbers > 32 * N * 8);
    cxs_table_free(cohort);
    cxs_table_free(want);
    CHECK_DONE();
}

static void variances_of_r(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv"), *want = ref_read("cohort_vcov.tsv");
    static const char *const name[] = {"naive", "robust", "cluster"};

    (void)state;
    CHECK(want->rows == 32 * 3 * CASE_TERMS);
    for (size_t row = 0; row < want->rows; row += CASE_TERMS) {
        const ref_setting s = ref_setting_of(want, row);
        const char *kind = ref_text(want, row, "variance");
        cxs_surv *surv = ref_surv(cohort, s, CASE_TERMS, case_terms);
        cxs_cox_settings settings = case_settings(s.ties);
        const int is_robust = strcmp(kind, name[0]) != 0;
        const double *v;
        cxs_cox_fit *fit;
        settings.robust = strcmp(kind, name[1]) == 0;
        if (strcmp(kind, name[2]) == 0)
            case_cluster(surv, cohort);
        fit = case_fit(surv, settings);
        v = cxs_cox_vcov(fit, is_robust);
        CHECK((cxs_cox_vcov(fit, 1) != NULL) == is_robust);
        for (size_t b = 0; b < CASE_TERMS; b++)
            for (size_t c = 0; c < CASE_TERMS; c++) {
                /* a covariance is known to the digits of its standard deviations */
                const double size = sqrt(v[b + b * CASE_TERMS] * v[c + c * CASE_TERMS]);
                CHECK_NEAR(v[b + c * CASE_TERMS] / size,
                           ref_number(want, row + b, case_terms[c]) / size, 1e-7);
                CHECK(v[b + c * CASE_TERMS] == v[c + b * CASE_TERMS]);
            }
        cxs_cox_fit_free(fit);
        cxs_surv_free(surv);
    }
    cxs_table_free(cohort);
    cxs_table_free(want);
    CHECK_DONE();
}

/* ---- what must hold -------------------------------------------------------------- */

/* Weighted martingale, score and Schoenfeld residuals sum to zero, the first in every
 * stratum; dfbeta'dfbeta is the robust variance. */
static void sums(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *surv = ref_surv(cohort, everything, CASE_TERMS, case_terms);
    cxs_cox_settings s = case_settings(CXS_TIES_BRESLOW);
    cxs_cox_fit *fit;
    double *r[KINDS], total[3] = {0, 0, 0};

    (void)state;
    s.robust = 1;
    fit = case_fit(surv, s);
    for (int kind = 0; kind < KINDS; kind++)
        r[kind] = residuals(fit, kind);
    for (size_t i = 0; i < N; i++)
        total[surv->stratum[i]] += surv->weight[i] * r[MARTINGALE][i];
    for (size_t j = 0; j < 3; j++)
        CHECK_NEAR(total[j], 0.0, 1e-11);
    for (size_t c = 0; c < CASE_TERMS; c++) {
        double score = 0.0, schoenfeld = 0.0;
        for (size_t i = 0; i < N; i++) {
            score += surv->weight[i] * r[CXS_RESIDUAL_SCORE][c * N + i];
            if (surv->event[i])
                schoenfeld += surv->weight[i] * r[CXS_RESIDUAL_SCHOENFELD][c * N + i];
        }
        CHECK_NEAR(score, 0.0, 1e-8);
        CHECK_NEAR(schoenfeld, 0.0, 1e-8);
        for (size_t b = 0; b < CASE_TERMS; b++) {
            double square = 0.0;
            for (size_t i = 0; i < N; i++)
                square += r[CXS_RESIDUAL_DFBETA][c * N + i] *
                          r[CXS_RESIDUAL_DFBETA][b * N + i];
            CHECK_NEAR(square, cxs_cox_vcov(fit, 1)[b + c * CASE_TERMS], TOL_SUM);
        }
    }
    for (int kind = 0; kind < KINDS; kind++)
        cxs_free(r[kind]);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    cxs_table_free(cohort);
    CHECK_DONE();
}

/*
 * By hand, r = exp(beta) = 2 under Breslow: x = 1 and x = 0 die at day 1, x = 0 lives.
 *   hazard 2/(2+2) = 1/2; martingale 1 - 2/2 = 0, 1 - 1/2, -1/2; mean of x 1/2
 *   deviance of the second sqrt(-2 (1/2 + log(1/2))), of the third -1
 *   score (1 - 1/2)(1 - 1), (0 - 1/2)(1 - 1/2), (0 - 1/2)(-1/2); V = 2
 */
static void by_hand(void **state)
{
    const double time[] = {1, 1, 2}, x[] = {1, 0, 0};
    const uint8_t event[] = {1, 1, 0};
    const double want[KINDS][3] = {
        {0.0, 0.5, -0.5},         {0.0, sqrt(2.0 * log(2.0) - 1.0), -1.0},
        {0.0, -0.25, 0.25},       {0.0, -0.5, 0.5},
        {0.5, -0.5, (double)NAN}, {0.5 * 4.0, -0.5 * 4.0, (double)NAN}};
    cxs_surv *surv = case_surv(3, time, event, 1, x);
    cxs_cox_fit *fit = case_fit(surv, case_settings(CXS_TIES_BRESLOW));

    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        const double beta = kind == CXS_RESIDUAL_SCALED ? log(2.0) : 0.0;
        double got[3];
        CHECK(cxs_cox_residuals(NULL, fit, (cxs_residual)kind, got) == CXS_OK);
        for (size_t i = 0; i < 3; i++)
            if (isnan(want[kind][i]))
                CHECK(isnan(got[i]));
            else if (kind == DEVIANCE && i == 0) /* the square root of rounding */
                CHECK_NEAR(got[i], 0.0, 1e-5);
            else
                CHECK_NEAR(got[i], want[kind][i] + beta, 1e-8);
    }
    CHECK_NEAR(cxs_cox_vcov(fit, 0)[0], 2.0, 1e-9);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    CHECK_DONE();
}

/* Rows of weight zero, constant and aliased terms have none. */
static void missing(void **state)
{
    static const char *const four[] = {"x1", "x2", "x3", "x1"};
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *surv = ref_surv(cohort, everything, 4, four);
    cxs_surv *three = ref_surv(cohort, everything, CASE_TERMS, case_terms);
    cxs_cox_fit *fit, *want;
    double got[4 * N], *r;

    (void)state;
    surv->weight[7] = three->weight[7] = 0.0;
    fit = case_fit(surv, case_settings(CXS_TIES_EFRON));
    want = case_fit(three, case_settings(CXS_TIES_EFRON));
    for (int kind = 0; kind < KINDS; kind++) {
        CHECK(cxs_cox_residuals(NULL, fit, (cxs_residual)kind, got) == CXS_OK);
        r = residuals(want, kind);
        for (size_t i = 0; i < N * width(kind); i++)
            if (isnan(r[i]))
                CHECK(isnan(got[i]));
            else
                CHECK_NEAR(got[i], r[i], 1e-8);
        CHECK(isnan(got[7]));
        for (size_t i = 3 * N; kind > DEVIANCE && i < 4 * N; i++)
            CHECK(isnan(got[i]));
        cxs_free(r);
    }
    CHECK(isnan(cxs_cox_vcov(fit, 0)[3]) && isnan(cxs_cox_vcov(fit, 0)[15]));
    CHECK_REF(cxs_cox_vcov(fit, 0)[6], cxs_cox_vcov(want, 0)[5], 1e-7);
    cxs_cox_fit_free(want);
    cxs_cox_fit_free(fit);
    cxs_surv_free(three);
    cxs_surv_free(surv);
    cxs_table_free(cohort);
    CHECK_DONE();
}

/* The discrete likelihood: events less Breslow's hazard, no other residuals. */
static void exact_ties(void **state)
{
    static const ref_setting setting = {CXS_TIES_BRESLOW, 0, 0, 0, 1};
    cxs_table *cohort = ref_read("cohort.tsv"), *hazard = NULL;
    cxs_surv *surv = ref_surv(cohort, setting, CASE_TERMS, case_terms);
    cxs_cox_settings s = cxs_cox_defaults();
    cxs_cox_fit *fit;
    double *r;
    size_t k;

    (void)state;
    s.exact = 1;
    fit = case_fit(surv, s);
    CHECK(cxs_cox_write(NULL, fit, test_path("exact"), NULL) == CXS_OK);
    CHECK(cxs_table_read(NULL, test_path("exact.basehaz.tsv"), &hazard) == CXS_OK);
    r = residuals(fit, MARTINGALE);
    for (size_t i = 0; i < N; i++) {
        double lin = surv->offset[i], cumulative = 0.0;
        for (size_t c = 0; c < CASE_TERMS; c++)
            lin += cxs_cox_rows(fit, &k)[c].beta * surv->z[c * N + i];
        for (size_t t = 0; t < hazard->rows; t++)
            if (ref_number(hazard, t, "time") <= surv->time[i])
                cumulative = ref_number(hazard, t, "cumhaz");
        CHECK_NEAR(r[i], surv->event[i] - exp(lin) * cumulative, 1e-10);
    }
    cxs_free(r);
    for (int kind = 2; kind < KINDS; kind++) {
        r = residuals(fit, kind);
        for (size_t i = 0; i < N * CASE_TERMS; i++)
            CHECK(isnan(r[i]));
        cxs_free(r);
    }
    cxs_table_free(hazard);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    cxs_table_free(cohort);
    CHECK_DONE();
}

/* ---- files ----------------------------------------------------------------------- */

static mode_t mode_of(const char *path)
{
    struct stat info;

    CHECK(stat(path, &info) == 0);
    return info.st_mode & 0777;
}

static void residuals_file(void **state)
{
    static const char *const prefix[] = {"score", "dfbeta", "schoenfeld",
                                         "scaled_schoenfeld"};
    cxs_table *cohort = ref_read("cohort.tsv"), *table = NULL;
    cxs_surv *surv = ref_surv(cohort, everything, CASE_TERMS, case_terms);
    cxs_cox_fit *fit = case_fit(surv, case_settings(CXS_TIES_EFRON));
    const char *path = test_text("residuals.tsv", "an older file, open to all\n");
    double *r;

    (void)state;
    CHECK(chmod(path, 0644) == 0);
    CHECK(cxs_cox_write_residuals(NULL, fit, surv, path, NULL) == CXS_OK);
    CHECK(mode_of(path) == 0600);
    CHECK(cxs_table_read(NULL, path, &table) == CXS_OK);
    CHECK(table->rows == N && cxs_table_find(table, "id") == 0);
    CHECK(cxs_table_find(table, "time") == 1 && cxs_table_find(table, "event") == 2);
    CHECK(cxs_table_find(table, "stratum") == 3);
    CHECK(cxs_table_find(table, "martingale") == 4);
    CHECK(cxs_table_find(table, "deviance") == 5);
    for (int kind = 0; kind < KINDS; kind++) {
        r = residuals(fit, kind);
        for (size_t c = 0; c < width(kind); c++)
            for (size_t i = 0; i < N; i++) {
                char name[64] = "martingale";
                double value;
                if (kind > DEVIANCE) {
                    snprintf(name, sizeof name, "%s_%s", prefix[kind - 2],
                             case_terms[c]);
                    CHECK(cxs_table_find(table, name) ==
                          6 + CASE_TERMS * (size_t)(kind - 2) + c);
                }
                value = ref_number(table, i, kind == DEVIANCE ? "deviance" : name);
                CHECK(isnan(value) ? isnan(r[c * N + i]) : value == r[c * N + i]);
            }
        cxs_free(r);
    }
    for (size_t i = 0; i < N; i++) {
        CHECK(strcmp(ref_text(table, i, "id"), surv->id[i]) == 0);
        CHECK(ref_number(table, i, "time") == surv->time[i]);
        CHECK(ref_number(table, i, "event") == surv->event[i]);
        CHECK(strcmp(ref_text(table, i, "stratum"),
                     surv->stratum_name[surv->stratum[i]]) == 0);
    }
    cxs_table_free(table);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    cxs_table_free(cohort);
    CHECK_DONE();
}

static void variance_file(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv"), *table = NULL;
    cxs_surv *surv = ref_surv(cohort, everything, CASE_TERMS, case_terms);
    cxs_cox_settings s = case_settings(CXS_TIES_EFRON);
    const char *path = test_path("vcov.tsv");

    (void)state;
    for (int robust = 0; robust < 2; robust++) {
        cxs_cox_fit *fit;
        s.robust = robust;
        fit = case_fit(surv, s);
        CHECK(cxs_cox_write_vcov(NULL, fit, path, NULL) == CXS_OK);
        CHECK(cxs_table_read(NULL, path, &table) == CXS_OK);
        CHECK(table->rows == CASE_TERMS * (size_t)(1 + robust));
        for (size_t row = 0; row < table->rows; row++) {
            const int of_robust = robust && row < CASE_TERMS;
            CHECK(strcmp(ref_text(table, row, "variance"),
                         of_robust ? "robust" : "naive") == 0);
            CHECK(strcmp(ref_text(table, row, "term"), case_terms[row % CASE_TERMS]) ==
                  0);
            for (size_t c = 0; c < CASE_TERMS; c++)
                CHECK(ref_number(table, row, case_terms[c]) ==
                      cxs_cox_vcov(fit, of_robust)[row % CASE_TERMS + c * CASE_TERMS]);
        }
        cxs_table_free(table);
        table = NULL;
        cxs_cox_fit_free(fit);
    }
    CHECK(remove(path) == 0);
    cxs_surv_free(surv);
    cxs_table_free(cohort);
    CHECK_DONE();
}

/* No covariate: martingale and deviance remain.  A folder that is not there: 73. */
static void null_model_and_no_folder(void **state)
{
    const double time[] = {1, 2, 3};
    const uint8_t event[] = {1, 0, 1};
    cxs_surv *surv = case_surv(3, time, event, 0, NULL);
    cxs_cox_fit *fit = case_fit(surv, case_settings(CXS_TIES_EFRON));
    cxs_table *table = NULL;
    const char *path = test_path("null.tsv");

    (void)state;
    CHECK(cxs_cox_write_residuals(NULL, fit, surv, path, NULL) == CXS_OK);
    CHECK(cxs_table_read(NULL, path, &table) == CXS_OK);
    CHECK(table->columns == 6 && table->rows == 3);
    CHECK_NEAR(ref_number(table, 0, "martingale"), 1.0 - 1.0 / 3, TOL_SUM);
    CHECK_NEAR(ref_number(table, 2, "martingale"), -1.0 / 3, TOL_SUM);
    CHECK(cxs_cox_write_residuals(NULL, fit, surv, test_path("no/such"), NULL) ==
          CXS_ECREATE);
    CHECK(cxs_cox_write_vcov(NULL, fit, test_path("no/such"), NULL) == CXS_ECREATE);
    cxs_table_free(table);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *surv = ref_surv(cohort, everything, CASE_TERMS, case_terms);
    cxs_cox_fit *fit = case_fit(surv, case_settings(CXS_TIES_EFRON));
    const char *path = test_path("faults.tsv");
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 400; k++) {
        cxs_alloc_fail_at(k);
        rc = cxs_cox_write_residuals(NULL, fit, surv, path, NULL);
        if (rc == CXS_OK)
            rc = cxs_cox_write_vcov(NULL, fit, test_path("faults.vcov.tsv"), NULL);
        cxs_alloc_fail_at(0);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 20);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    cxs_table_free(cohort);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(residuals_of_r),
        cmocka_unit_test(variances_of_r),
        cmocka_unit_test(sums),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(missing),
        cmocka_unit_test(exact_ties),
        cmocka_unit_test(residuals_file),
        cmocka_unit_test(variance_file),
        cmocka_unit_test(null_model_and_no_folder),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("cox_residuals", tests, test_folder_make,
                                       test_folder_remove);
}
