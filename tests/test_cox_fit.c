/*
 * test_cox_fit.c -- classical Cox regression against R survival and by hand
 */
#include "test.h"

#include "cox_case.h"

#include <unistd.h>

static const char *const covariates[] = {"x1", "x2", "x3"};
enum { K = 3 };
static const ref_setting plain = {.ties = CXS_TIES_EFRON};

static cxs_cox_fit *fit_with(const cxs_surv *surv, cxs_ties ties, int robust)
{
    cxs_cox_settings s = cxs_cox_defaults();
    cxs_cox_fit *fit = NULL;

    s.ties = ties;
    s.robust = robust;
    CHECK(cxs_cox_fit_new(NULL, surv, &s, &fit) == CXS_OK);
    return fit;
}

/* ---- R survival ------------------------------------------------------------------ */

static void coefficients_of_r(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv"), *want = ref_read("cohort_coef.tsv");
    size_t k;

    (void)state;
    CHECK(want->rows == 32 * K);
    for (size_t row = 0; row < want->rows; row += K) {
        const ref_setting s = ref_setting_of(want, row);
        cxs_surv *surv = ref_surv(cohort, s, K, covariates);
        cxs_cox_fit *fit = fit_with(surv, s.ties, 0),
                    *robust = fit_with(surv, s.ties, 1);
        cxs_cox_fit *clustered;
        case_cluster(surv, cohort);
        clustered = fit_with(surv, s.ties, 0);
        for (size_t c = 0; c < K; c++) {
            const cxs_cox_row *r = &cxs_cox_rows(fit, &k)[c];
            const cxs_cox_row *q = &cxs_cox_rows(robust, &k)[c];
            CHECK(k == K && strcmp(r->term, ref_text(want, row + c, "term")) == 0);
            CHECK_REF(r->beta, ref_number(want, row + c, "beta"), TOL_ITER);
            CHECK_REF(r->se, ref_number(want, row + c, "se"), TOL_ITER);
            CHECK(isnan(r->robust_se) && r->status == CXS_STATUS_OK);
            CHECK_NEAR(r->z, r->beta / r->se, TOL_SUM);
            CHECK_NEAR(r->hr_u95, exp(r->beta + 1.959963984540054 * r->se), TOL_SUM);
            CHECK_NEAR(pow(10.0, -r->log10_p), r->p, TOL_SUM);
            CHECK_REF(q->se, r->se, TOL_SUM);
            CHECK_REF(q->robust_se, ref_number(want, row + c, "robust_se"), TOL_ITER);
            CHECK_NEAR(q->z, q->beta / q->robust_se, TOL_SUM);
            q = &cxs_cox_rows(clustered, &k)[c];
            CHECK_REF(q->robust_se, ref_number(want, row + c, "cluster_se"), TOL_ITER);
            CHECK_NEAR(q->z, q->beta / q->robust_se, TOL_SUM);
            CHECK_REF(q->p, ref_number(want, row + c, "cluster_p"), 1e-6);
            CHECK_REF(q->hr_l95, ref_number(want, row + c, "cluster_l95"), TOL_ITER);
            CHECK_REF(q->hr_u95, ref_number(want, row + c, "cluster_u95"), TOL_ITER);
        }
        cxs_cox_fit_free(fit);
        cxs_cox_fit_free(robust);
        cxs_cox_fit_free(clustered);
        cxs_surv_free(surv);
    }
    cxs_table_free(cohort);
    cxs_table_free(want);
    CHECK_DONE();
}

static void tests_and_concordance_of_r(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv"), *want = ref_read("cohort_fit.tsv");

    (void)state;
    CHECK(want->rows == 32);
    for (size_t row = 0; row < want->rows; row++) {
        const ref_setting s = ref_setting_of(want, row);
        cxs_surv *surv = ref_surv(cohort, s, K, covariates);
        cxs_cox_fit *fit = fit_with(surv, s.ties, 0),
                    *robust = fit_with(surv, s.ties, 1);
        const cxs_cox_totals *t = cxs_cox_total(fit);
        cxs_cox_fit *clustered;
        case_cluster(surv, cohort);
        clustered = fit_with(surv, s.ties, 0);
        CHECK_REF(cxs_cox_total(clustered)->wald_test,
                  ref_number(want, row, "wald_cluster"), TOL_ITER);
        CHECK_REF(cxs_cox_total(clustered)->concordance_se,
                  ref_number(want, row, "concordance_se_cluster"), 1e-9);
        CHECK(cxs_cox_total(clustered)->score_test == t->score_test);
        cxs_cox_fit_free(clustered);
        CHECK_REF(t->loglik_null, ref_number(want, row, "loglik_null"), 1e-10);
        CHECK_REF(t->loglik, ref_number(want, row, "loglik"), 1e-10);
        CHECK_REF(t->score_test, ref_number(want, row, "score_test"), TOL_ITER);
        CHECK_REF(t->wald_test, ref_number(want, row, "wald_test"), TOL_ITER);
        CHECK_REF(t->lr_test, ref_number(want, row, "lr_test"), TOL_ITER);
        CHECK_REF(t->concordance, ref_number(want, row, "concordance"), 1e-10);
        CHECK_REF(t->concordance_se, ref_number(want, row, "concordance_se"), 1e-9);
        CHECK_REF(cxs_cox_total(robust)->wald_test,
                  ref_number(want, row, "wald_robust"), TOL_ITER);
        CHECK(t->df == K && t->converged && t->iterations < 12);
        CHECK((double)t->n == ref_number(want, row, "n"));
        CHECK((double)t->events == ref_number(want, row, "events"));
        cxs_cox_fit_free(fit);
        cxs_cox_fit_free(robust);
        cxs_surv_free(surv);
    }
    cxs_table_free(cohort);
    cxs_table_free(want);
    CHECK_DONE();
}

/* Write the three files of a fit into a new folder and read one of them. */
static cxs_table *written(const cxs_cox_fit *fit, const char *suffix)
{
    const char *base = getenv("TMPDIR");
    char folder[512], prefix[600], path[700];
    static const char *const all[] = {".coef.tsv", ".fit.tsv", ".basehaz.tsv"};
    cxs_table *table = NULL;

    snprintf(folder, sizeof folder, "%s/cox_fit_XXXXXX", base != NULL ? base : "/tmp");
    if (mkdtemp(folder) == NULL)
        exit(1);
    snprintf(prefix, sizeof prefix, "%s/os", folder);
    CHECK(cxs_cox_write(NULL, fit, prefix, NULL) == CXS_OK);
    snprintf(path, sizeof path, "%s%s", prefix, suffix);
    CHECK(cxs_table_read(NULL, path, &table) == CXS_OK);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        snprintf(path, sizeof path, "%s%s", prefix, all[i]);
        CHECK(remove(path) == 0);
    }
    CHECK(rmdir(folder) == 0); /* nothing else was left there */
    return table;
}

static void baseline_of_r(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv"), *want = ref_read("cohort_basehaz.tsv");
    size_t row = 0, fits = 0;

    (void)state;
    while (row < want->rows) {
        const ref_setting s = ref_setting_of(want, row);
        cxs_surv *surv = ref_surv(cohort, s, K, covariates);
        cxs_cox_fit *fit = fit_with(surv, s.ties, 0);
        cxs_table *got = written(fit, ".basehaz.tsv");
        for (size_t i = 0; i < got->rows; i++, row++) {
            CHECK(strcmp(ref_text(got, i, "stratum"), ref_text(want, row, "stratum")) ==
                      0 ||
                  strcmp(ref_text(got, i, "stratum") + 8,
                         ref_text(want, row, "stratum")) == 0);
            CHECK_REF(ref_number(got, i, "time"), ref_number(want, row, "time"), 0.0);
            CHECK_REF(ref_number(got, i, "cumhaz"), ref_number(want, row, "cumhaz"),
                      TOL_ITER);
        }
        fits++;
        cxs_table_free(got);
        cxs_cox_fit_free(fit);
        cxs_surv_free(surv);
    }
    CHECK(fits == 32);
    cxs_table_free(cohort);
    cxs_table_free(want);
    CHECK_DONE();
}

/* ---- by hand --------------------------------------------------------------------- */

/*
 * Two tied events at day 1 (x = 1 and 0), one censored at day 2 (x = 0); r = exp(beta):
 *   Breslow  l' = 1 - 2r/(r+2)          = 0  <=>  r = 2,        I = 2 * 2r/(r+2)^2 =
 * 1/2 Efron    l' = 1 - r/(r+2) - r/(r+3) = 0  <=>  r = sqrt(6) I  = 2r/(r+2)^2 +
 * 3r/(r+3)^2 At beta = 0 Breslow: U = 1/3, I = 4/9: score test 1/4.
 */
static void by_hand_tied(void **state)
{
    const double time[] = {1, 1, 2}, x[] = {1, 0, 0}, r = sqrt(6.0);
    const uint8_t event[] = {1, 1, 0};
    cxs_surv *surv = case_surv(3, time, event, 1, x);
    cxs_cox_fit *breslow = fit_with(surv, CXS_TIES_BRESLOW, 0);
    cxs_cox_fit *efron = fit_with(surv, CXS_TIES_EFRON, 0);
    size_t k;

    (void)state;
    CHECK_NEAR(cxs_cox_rows(breslow, &k)->beta, log(2.0), 1e-10);
    CHECK_NEAR(cxs_cox_rows(breslow, &k)->se, sqrt(2.0), 1e-9);
    CHECK_NEAR(cxs_cox_total(breslow)->score_test, 0.25, 1e-12);
    CHECK_NEAR(cxs_cox_total(breslow)->loglik_null, -2.0 * log(3.0), 1e-12);
    CHECK_NEAR(cxs_cox_total(breslow)->loglik, log(2.0) - 2.0 * log(4.0), 1e-12);
    CHECK_NEAR(cxs_cox_rows(efron, &k)->beta, 0.5 * log(6.0), 1e-10);
    CHECK_NEAR(cxs_cox_rows(efron, &k)->se,
               1.0 / sqrt(2 * r / ((r + 2) * (r + 2)) + 3 * r / ((r + 3) * (r + 3))),
               1e-9);
    cxs_cox_fit_free(breslow);
    cxs_cox_fit_free(efron);
    cxs_surv_free(surv);
    CHECK_DONE();
}

/* No covariate: loglik = -log 3 - log 1 (event at 1 of three, event at 3 alone). */
static void null_model(void **state)
{
    const double time[] = {1, 2, 3};
    const uint8_t event[] = {1, 0, 1};
    cxs_surv *surv = case_surv(3, time, event, 0, NULL);
    cxs_cox_fit *fit = fit_with(surv, CXS_TIES_EFRON, 0);
    const cxs_cox_totals *t = cxs_cox_total(fit);
    cxs_table *coef = written(fit, ".coef.tsv"), *haz = written(fit, ".basehaz.tsv");

    (void)state;
    CHECK_NEAR(t->loglik, -log(3.0), TOL_SUM);
    CHECK(t->loglik == t->loglik_null && t->df == 0 && t->converged);
    CHECK(t->score_test == 0.0 && t->wald_test == 0.0 && t->lr_test == 0.0);
    CHECK(t->concordance == 0.5 && coef->rows == 0 && haz->rows == 2);
    CHECK_NEAR(ref_number(haz, 1, "cumhaz"), 1.0 / 3 + 1.0, TOL_SUM);
    cxs_table_free(coef);
    cxs_table_free(haz);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    CHECK_DONE();
}

/* ---- degenerate columns ---------------------------------------------------------- */

static void constant_and_aliased_terms(void **state)
{
    static const char *const four[] = {"x1", "x2", "x3", "x1"};
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *surv = ref_surv(cohort, plain, 4, four);
    cxs_surv *three = ref_surv(cohort, plain, 3, covariates);
    cxs_cox_fit *fit, *want = fit_with(three, CXS_TIES_EFRON, 0);
    const cxs_cox_row *r, *w;
    cxs_table *coef;
    size_t k;

    (void)state;
    for (size_t i = 0; i < surv->n; i++) { /* x1, constant, x2, 5 - 2 x1 + 3 x2 */
        surv->z[2 * surv->n + i] = surv->z[surv->n + i];
        surv->z[3 * surv->n + i] = 5.0 - 2.0 * surv->z[i] + 3.0 * surv->z[surv->n + i];
        surv->z[surv->n + i] = 7.0;
        three->z[2 * surv->n + i] = surv->z[2 * surv->n + i] * surv->z[i];
    }
    cxs_cox_fit_free(want);
    three->k = 2; /* x1 and x2 alone */
    want = fit_with(three, CXS_TIES_EFRON, 0);
    three->k = 3;
    fit = fit_with(surv, CXS_TIES_EFRON, 0);
    r = cxs_cox_rows(fit, &k);
    w = cxs_cox_rows(want, &k);
    CHECK(r[0].status == CXS_STATUS_OK && r[1].status == CXS_STATUS_CONSTANT);
    CHECK(r[2].status == CXS_STATUS_OK && r[3].status == CXS_STATUS_ALIASED);
    CHECK_NEAR(r[0].beta, w[0].beta, 1e-9);
    CHECK_NEAR(r[2].se, w[1].se, 1e-9);
    CHECK(isnan(r[1].beta) && isnan(r[3].beta) && isnan(r[3].p) && isnan(r[3].hr));
    CHECK(cxs_cox_total(fit)->df == 2);
    CHECK_NEAR(cxs_cox_total(fit)->wald_test, cxs_cox_total(want)->wald_test, 1e-9);
    coef = written(fit, ".coef.tsv");
    CHECK(strcmp(ref_text(coef, 1, "status"), "constant") == 0);
    CHECK(strcmp(ref_text(coef, 3, "status"), "aliased") == 0);
    CHECK(strcmp(ref_text(coef, 3, "beta"), "NA") == 0);
    CHECK(strcmp(ref_text(coef, 3, "ph_p"), "NA") == 0);
    CHECK_REF(r[2].ph_p, w[1].ph_p, 1e-9);
    cxs_table_free(coef);
    cxs_cox_fit_free(fit);
    cxs_cox_fit_free(want);
    cxs_surv_free(surv);
    cxs_surv_free(three);
    cxs_table_free(cohort);
    CHECK_DONE();
}

/* z1 = 1 has no event: its hazard ratio is 0 and the other coefficient is that of the
 * rows with z1 = 0. */
static void separated_terms(void **state)
{
    enum { N = 12 };
    const double time[N] = {1, 2, 3, 4, 5, 6, 7, 8, 3, 5, 9, 9};
    const uint8_t event[N] = {1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0};
    double z[2 * N] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1};
    const double z2[N] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_cox_settings s = cxs_cox_defaults();
    cxs_surv *surv, *rest;
    cxs_cox_fit *fit = NULL, *want;
    const cxs_cox_row *r;
    size_t k;

    (void)state;
    memcpy(z + N, z2, sizeof z2);
    surv = case_surv(N, time, event, 2, z);
    rest = case_surv(8, time, event, 1, z2);
    want = fit_with(rest, CXS_TIES_EFRON, 0);
    CHECK(cxs_cox_fit_new(ctx, surv, &s, &fit) == CXS_OK);
    r = cxs_cox_rows(fit, &k);
    CHECK(r[0].status == CXS_STATUS_SEPARATED && r[1].status == CXS_STATUS_OK);
    CHECK(r[0].beta < -10.0 && isnan(r[0].se) && isnan(r[0].p));
    CHECK_NEAR(r[1].beta, cxs_cox_rows(want, &k)->beta, 1e-6);
    CHECK_NEAR(r[1].se, cxs_cox_rows(want, &k)->se, 1e-6);
    CHECK_NEAR(cxs_cox_total(fit)->loglik, cxs_cox_total(want)->loglik, 1e-6);
    CHECK(isnan(cxs_cox_total(fit)->wald_test));
    CHECK(cxs_ctx_warning_count(ctx) == 2);
    CHECK(strstr(cxs_ctx_warning(ctx, 0, NULL), "CX052: term z1") != NULL);
    CHECK(strstr(cxs_ctx_warning(ctx, 1, NULL), "CX053: 6 events") != NULL);
    cxs_cox_fit_free(fit);
    cxs_cox_fit_free(want);
    cxs_surv_free(surv);
    cxs_surv_free(rest);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The likelihood rises for ever in the direction of one column, of a sum of two, or of
 * a column with delayed entry; with a finite neighbour that must stay finite. */
static void monotone_directions(void **state)
{
    enum { N = 40 };
    double time[N], z[2 * N], entry[N];
    uint8_t event[N];
    cxs_cox_fit *fit;
    cxs_surv *surv;
    uint32_t seed = 3;
    size_t k;

    (void)state;
    for (int ties = CXS_TIES_BRESLOW; ties <= CXS_TIES_EFRON; ties++)
        for (int what = 0; what < 3; what++) {
            for (size_t i = 0; i < N; i++) {
                const double noise = case_draw(&seed);
                time[i] = 1.0 + (double)(i / 2); /* pairs of ties */
                entry[i] = what == 2 && i > N / 2 ? 0.75 * time[i] : 0.0;
                event[i] = i % 3 != 0;
                z[i] = what == 1 ? noise - 0.1 * (double)(i / 2) : -(double)(i / 2);
                z[N + i] = what == 1 ? -noise : noise;
            }
            surv = case_surv(N, time, event, 2, z);
            if (what == 2) {
                surv->entry = cxs_calloc(NULL, N, sizeof *surv->entry);
                memcpy(surv->entry, entry, sizeof entry);
            }
            fit = fit_with(surv, (cxs_ties)ties, 0);
            CHECK(cxs_cox_rows(fit, &k)[0].status == CXS_STATUS_SEPARATED);
            CHECK(cxs_cox_rows(fit, &k)[0].beta > 0.0);
            CHECK(isnan(cxs_cox_rows(fit, &k)[0].se));
            CHECK(isnan(cxs_cox_vcov(fit, 0)[0]));
            CHECK(cxs_cox_rows(fit, &k)[1].status ==
                  (what == 1 ? CXS_STATUS_SEPARATED : CXS_STATUS_OK));
            CHECK(cxs_cox_total(fit)->converged);
            cxs_cox_fit_free(fit);
            cxs_surv_free(surv);
        }
    CHECK_DONE();
}

/* A strong but finite effect is not called separated: hazard ratio 3^6 per unit. */
static void strong_is_not_separated(void **state)
{
    enum { N = 60 };
    double time[N], z[N];
    uint8_t event[N];
    cxs_surv *surv;
    cxs_cox_fit *fit;
    size_t k;

    (void)state;
    for (size_t i = 0; i < N; i++) { /* two neighbours change places now and then */
        time[i] = (double)(i + 1);
        z[i] = -(double)(i % 7 == 3 ? i + 2 : i) / 10.0;
        event[i] = 1;
    }
    surv = case_surv(N, time, event, 1, z);
    fit = fit_with(surv, CXS_TIES_EFRON, 0);
    CHECK(cxs_cox_rows(fit, &k)->status == CXS_STATUS_OK);
    CHECK(cxs_cox_rows(fit, &k)->beta > 6.0);
    CHECK(cxs_cox_total(fit)->concordance > 0.98);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    CHECK_DONE();
}

/* Here Newton's whole steps go up and down for ever: they must be halved.  The root of
 * the score was found by bisection. */
static void steps_are_halved(void **state)
{
    enum { N = 9 };
    const double time[N] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const double x[N] = {5, 10, 1, 1, 1, 0, 0, 0, 0};
    const uint8_t event[N] = {1, 1, 1, 1, 0, 1, 0, 1, 1};
    cxs_surv *surv = case_surv(N, time, event, 1, x);
    cxs_cox_fit *fit = fit_with(surv, CXS_TIES_EFRON, 0);
    size_t k;

    (void)state;
    CHECK(cxs_cox_total(fit)->converged);
    CHECK_NEAR(cxs_cox_rows(fit, &k)->beta, 0.3583775052959709, 1e-10);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    CHECK_DONE();
}

/* A coarse tolerance stops early at a place where the step is still long: that alone
 * does not make a coefficient separated. */
static void a_long_step_is_not_separation(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *surv = ref_surv(cohort, plain, K, covariates);
    cxs_cox_settings s = cxs_cox_defaults();
    cxs_cox_fit *fit = NULL;
    size_t k;

    (void)state;
    s.tol = 1e-1;
    CHECK(cxs_cox_fit_new(NULL, surv, &s, &fit) == CXS_OK);
    for (size_t c = 0; c < K; c++)
        CHECK(cxs_cox_rows(fit, &k)[c].status == CXS_STATUS_OK);
    CHECK(cxs_cox_total(fit)->iterations <= 3);
    cxs_cox_fit_free(fit);
    s.tol = 1e-11;
    s.max_iterations = 1; /* stopped on the way: no number is given as a result */
    CHECK(cxs_cox_fit_new(NULL, surv, &s, &fit) == CXS_OK);
    CHECK(cxs_cox_rows(fit, &k)->status == CXS_STATUS_NOT_CONVERGED);
    CHECK(isnan(cxs_cox_rows(fit, &k)->p) && !cxs_cox_total(fit)->converged);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    cxs_table_free(cohort);
    CHECK_DONE();
}

static void no_event_is_an_error(void **state)
{
    const double time[] = {1, 2};
    const uint8_t event[] = {0, 0};
    cxs_surv *surv = case_surv(2, time, event, 0, NULL);
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_cox_fit *fit = (cxs_cox_fit *)ctx;

    (void)state;
    CHECK(cxs_cox_fit_new(ctx, surv, NULL, &fit) == CXS_EDEGENERATE);
    CHECK(fit == NULL && strstr(cxs_ctx_message(ctx), "none of 2 rows") != NULL);
    cxs_ctx_free(ctx);
    cxs_surv_free(surv);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coefficients_of_r),
        cmocka_unit_test(tests_and_concordance_of_r),
        cmocka_unit_test(baseline_of_r),
        cmocka_unit_test(by_hand_tied),
        cmocka_unit_test(null_model),
        cmocka_unit_test(constant_and_aliased_terms),
        cmocka_unit_test(separated_terms),
        cmocka_unit_test(monotone_directions),
        cmocka_unit_test(strong_is_not_separated),
        cmocka_unit_test(steps_are_halved),
        cmocka_unit_test(a_long_step_is_not_separation),
        cmocka_unit_test(no_event_is_an_error),
    };
    return cmocka_run_group_tests_name("cox_fit", tests, NULL, NULL);
}
