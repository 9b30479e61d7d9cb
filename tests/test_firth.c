/*
 * test_firth.c -- Firth's penalised likelihood: by hand, by differences, against
 * numbers of R, under separation
 */
#include "test.h"

#include "cox_case.h"

#include "num/firth.h"
#include "num/special.h"

enum { K = CASE_COLUMNS };

static cxs_cox_settings firth_settings(cxs_ties ties)
{
    cxs_cox_settings s = case_settings(ties);

    s.firth = 1;
    return s;
}

/* ---- by hand --------------------------------------------------------------------- */

/* x = 1 dies with x = 0 beside it; r = exp(beta), I = r / (1 + r)^2:
 *   l* = beta - log(1 + r) + log(I) / 2 = 1.5 beta - 2 log(1 + r) */
static double one_pair(double beta)
{
    return 1.5 * beta - 2.0 * log1p(exp(beta));
}

/* l*' = 1.5 - 2 r / (1 + r) = 0  <=>  r = 3, I = 3/16.  Plain Cox has no maximum. */
static void by_hand(void **state)
{
    const double time[] = {1, 2}, x[] = {1, 0}, best = one_pair(log(3.0));
    const double quantile = 3.841458820694124;
    const uint8_t event[] = {1, 0};
    cxs_surv *surv = case_surv(2, time, event, 1, x);
    cxs_cox_fit *fit = case_fit(surv, firth_settings(CXS_TIES_EFRON));
    cxs_cox_fit *plain = case_fit(surv, case_settings(CXS_TIES_EFRON));
    const cxs_cox_totals *t = cxs_cox_total(fit);
    size_t k;
    const cxs_cox_row *r = cxs_cox_rows(fit, &k);

    (void)state;
    CHECK(r->status == CXS_STATUS_OK && t->converged);
    CHECK(cxs_cox_rows(plain, &k)->status == CXS_STATUS_SEPARATED);
    CHECK_NEAR(r->beta, log(3.0), 1e-10);
    CHECK_NEAR(r->se, 4.0 / sqrt(3.0), 1e-9);
    CHECK_NEAR(t->loglik, best, 1e-12);
    CHECK_NEAR(t->loglik_null, -2.0 * log(2.0), 1e-12);
    CHECK_NEAR(t->lr_test, 2.0 * (best + 2.0 * log(2.0)), 1e-11);
    CHECK_NEAR(t->score_test, 0.25 / 0.25, 1e-11); /* U*(0) = 1/2, I(0) = 1/4 */
    CHECK_NEAR(t->wald_test, log(3.0) * log(3.0) * 3.0 / 16.0, 1e-9);
    CHECK_NEAR(r->z, sqrt(2.0 * (best + 2.0 * log(2.0))), 1e-8);
    CHECK_NEAR(r->p, cxs_chisq_p(t->lr_test, 1.0), 1e-8);
    CHECK_NEAR(2.0 * (best - one_pair(log(r->hr_l95))), quantile, 1e-7);
    CHECK_NEAR(2.0 * (best - one_pair(log(r->hr_u95))), quantile, 1e-7);
    CHECK(r->hr_l95 < 1.0 && r->hr_u95 > 3.0 && isnan(r->robust_se));
    cxs_cox_fit_free(plain);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    CHECK_DONE();
}

/* One event of three: the curvature of l* is 2 I at the maximum r = 3/2, where steps by
 * I^-1 go to and fro for ever. */
static void no_swinging(void **state)
{
    const double time[] = {1, 2, 2}, x[] = {1, 0, 1};
    const uint8_t event[] = {1, 0, 0};
    cxs_surv *surv = case_surv(3, time, event, 1, x);
    cxs_cox_fit *fit = case_fit(surv, firth_settings(CXS_TIES_EFRON));
    size_t k;

    (void)state;
    CHECK(cxs_cox_total(fit)->converged && cxs_cox_total(fit)->iterations < 12);
    CHECK_NEAR(cxs_cox_rows(fit, &k)->beta, log(1.5), 1e-10);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    CHECK_DONE();
}

/* ---- the score by differences of the penalised likelihood ------------------------ */

static double penalised(case_problem *p, const double *beta)
{
    double grad[K], info[K * K], factor[K * K];

    case_problem_at(p, beta);
    cxs_newton_information(&p->risk, &p->state, K, p->z_ts, grad, info, p->m, p->work);
    CHECK(cxs_newton_factor(K, info, 0.0, NULL, factor) == K);
    CHECK_NEAR(cxs_firth_penalty(K, factor),
               0.5 * log(info[0] * info[3] - info[1] * info[2]), 1e-11);
    return p->state.loglik + cxs_firth_penalty(K, factor);
}

static void score_by_differences(void **state)
{
    (void)state;
    for (unsigned f = 0; f < CASE_FORMS; f++) {
        const double h = 1e-4;
        double beta[K] = {0.7, -0.5}, grad[K], info[K * K], factor[K * K];
        double variance[K * K], *work;
        case_sample sample;
        cxs_outcome o;
        case_problem p;
        case_fill(&sample, 300 + f);
        o = case_outcome(&sample, f);
        p = case_problem_new(&o, K, sample.z);
        work = cxs_calloc(NULL, cxs_firth_work_size(&p.risk, K), sizeof *work);
        case_problem_at(&p, beta);
        cxs_newton_information(&p.risk, &p.state, K, p.z_ts, grad, info, p.m, p.work);
        cxs_newton_factor(K, info, 0.0, NULL, factor);
        cxs_newton_inverse(K, factor, variance);
        cxs_firth_score(&p.risk, &p.state, K, p.z_ts, variance, grad, work);
        for (size_t c = 0; c < K; c++) {
            double up, down;
            beta[c] += h;
            up = penalised(&p, beta);
            beta[c] -= 2.0 * h;
            down = penalised(&p, beta);
            beta[c] += h;
            CHECK_NEAR(grad[c], (up - down) / (2.0 * h), 1e-6);
        }
        cxs_free(work);
        case_problem_free(&p);
    }
    CHECK_DONE();
}

/* A column that takes no part neither changes nor is changed. */
static void skipped_column(void **state)
{
    const double beta[K] = {0.7, 0.0};
    double grad[K], alone, info[K * K], factor[K * K], variance[K * K], *work;
    const uint8_t skip[K] = {0, 1};
    case_sample sample;
    cxs_outcome o;
    case_problem p;

    (void)state;
    case_fill(&sample, 5);
    o = case_outcome(&sample, 31);
    p = case_problem_new(&o, K, sample.z);
    work = cxs_calloc(NULL, cxs_firth_work_size(&p.risk, K), sizeof *work);
    case_problem_at(&p, beta);
    cxs_newton_information(&p.risk, &p.state, K, p.z_ts, grad, info, p.m, p.work);
    cxs_newton_factor(K, info, 0.0, skip, factor);
    CHECK_NEAR(cxs_firth_penalty(K, factor), 0.5 * log(info[0]), TOL_SUM);
    cxs_newton_inverse(K, factor, variance);
    alone = grad[0];
    grad[1] = 17.0;
    cxs_firth_score(&p.risk, &p.state, K, p.z_ts, variance, grad, work);
    CHECK(grad[1] == 17.0);
    cxs_firth_score(&p.risk, &p.state, 1, p.z_ts, variance, &alone, work);
    CHECK_NEAR(grad[0], alone, TOL_SUM);
    cxs_free(work);
    case_problem_free(&p);
    CHECK_DONE();
}

/* ---- R: coxph() with the penalty added, maximised by differences ----------------- */

static void check_row(const cxs_cox_row *r, const cxs_table *want, size_t at)
{
    const double lr = ref_number(want, at, "lr");
    const double low = ref_number(want, at, "hr_l95");

    CHECK(strcmp(ref_text(want, at, "term"), r->term) == 0);
    CHECK(r->status == CXS_STATUS_OK);
    CHECK_REF(r->beta, ref_number(want, at, "beta"), 1e-7);
    CHECK_REF(r->se, ref_number(want, at, "se"), 1e-7);
    CHECK_REF(r->z * r->z, lr, 1e-6);
    CHECK((r->z > 0.0) == (r->beta > 0.0));
    CHECK_NEAR(r->log10_p, cxs_chisq_log10_p(lr, 1.0), 1e-6);
    CHECK_NEAR(r->p, cxs_chisq_p(lr, 1.0), 1e-6);
    if (isnan(low))
        return;
    CHECK_REF(r->hr_l95, low, 1e-6);
    CHECK_REF(r->hr_u95, ref_number(want, at, "hr_u95"), 1e-6);
}

static void numbers_of_r(void **state)
{
    cxs_table *table[] = {ref_read("cohort.tsv"), ref_read("separated.tsv")};
    cxs_table *want = ref_read("cohort_firth.tsv");
    size_t with_ends = 0;

    (void)state;
    CHECK(want->rows == 36 * CASE_TERMS);
    for (size_t row = 0; row < want->rows; row += CASE_TERMS) {
        const ref_setting s = ref_setting_of(want, row);
        const int separated = strcmp(ref_text(want, row, "cohort"), "separated") == 0;
        cxs_surv *surv = ref_surv(table[separated], s, CASE_TERMS, case_terms);
        cxs_cox_fit *fit = case_fit(surv, firth_settings(s.ties));
        size_t k;
        const cxs_cox_row *r = cxs_cox_rows(fit, &k);
        for (size_t c = 0; c < CASE_TERMS; c++)
            check_row(&r[c], want, row + c);
        with_ends += isnan(ref_number(want, row, "hr_l95")) ? 0 : 1;
        CHECK_REF(cxs_cox_total(fit)->loglik, ref_number(want, row, "loglik"), 1e-10);
        CHECK_REF(cxs_cox_total(fit)->loglik_null, ref_number(want, row, "loglik_null"),
                  1e-10);
        CHECK(cxs_cox_total(fit)->df == CASE_TERMS && cxs_cox_total(fit)->converged);
        CHECK(cxs_cox_total(fit)->iterations < 15);
        cxs_cox_fit_free(fit);
        if (separated) {
            fit = case_fit(surv, case_settings(s.ties));
            CHECK(cxs_cox_rows(fit, &k)[0].status == CXS_STATUS_SEPARATED);
            CHECK(cxs_cox_rows(fit, &k)[1].status == CXS_STATUS_OK);
            cxs_cox_fit_free(fit);
        }
        cxs_surv_free(surv);
    }
    CHECK(with_ends == 6);
    cxs_table_free(table[0]);
    cxs_table_free(table[1]);
    cxs_table_free(want);
    CHECK_DONE();
}

/* ---- invariances ----------------------------------------------------------------- */

static void same_rows(const cxs_cox_fit *a, const cxs_cox_fit *b, double factor)
{
    size_t k;
    const cxs_cox_row *r = cxs_cox_rows(a, &k), *q = cxs_cox_rows(b, &k);

    for (size_t c = 0; c < k; c++) {
        const double unit = c == 0 ? factor : 1.0;
        CHECK_REF(q[c].beta * unit, r[c].beta, 1e-9);
        CHECK_REF(q[c].se * fabs(unit), r[c].se, 1e-9);
        CHECK_REF(fabs(q[c].z), fabs(r[c].z), 1e-7);
        CHECK_REF(unit * log(unit > 0.0 ? q[c].hr_l95 : q[c].hr_u95), log(r[c].hr_l95),
                  1e-7);
        CHECK_REF(q[c].ph_p, r[c].ph_p, 1e-8);
    }
}

/* Reversed rows, another unit of time and of x1: the penalised likelihood moves by
 * log 1000, the factor's part in log|I| / 2. */
static void order_and_units(void **state)
{
    enum { N = 72 };
    static const ref_setting everything = {CXS_TIES_EFRON, 1, 1, 1, 1};
    cxs_table *cohort = ref_read("cohort.tsv");
    size_t from[2 * N];
    cxs_surv *a, *b;
    cxs_cox_fit *fit, *other;

    (void)state;
    for (size_t i = 0; i < 2 * N; i++)
        from[i] = i < N ? i : 2 * N - 1 - i;
    a = case_rows(cohort, everything, N, from);
    b = case_rows(cohort, everything, N, from + N);
    for (size_t i = 0; i < N; i++) {
        b->time[i] *= 30.4375;
        b->entry[i] *= 30.4375;
        b->z[i] = 40.0 - 1000.0 * b->z[i];
    }
    fit = case_fit(a, firth_settings(CXS_TIES_EFRON));
    other = case_fit(b, firth_settings(CXS_TIES_EFRON));
    same_rows(fit, other, -1000.0);
    CHECK_NEAR(cxs_cox_total(other)->loglik, cxs_cox_total(fit)->loglik + log(1000.0),
               1e-10);
    CHECK_REF(cxs_cox_total(other)->lr_test, cxs_cox_total(fit)->lr_test, 1e-9);
    cxs_cox_fit_free(other);
    cxs_cox_fit_free(fit);
    cxs_surv_free(a);
    cxs_surv_free(b);
    cxs_table_free(cohort);
    CHECK_DONE();
}

/* Weight 2 is the row twice (Breslow), weight 0 is the row deleted. */
static void weights(void **state)
{
    enum { N = 72 };
    static const ref_setting weighted = {CXS_TIES_BRESLOW, 1, 0, 1, 0};
    cxs_table *cohort = ref_read("cohort.tsv");
    size_t from[2 * N], n = 0;
    cxs_surv *a, *b;
    cxs_cox_fit *fit, *other;

    (void)state;
    for (size_t i = 0; i < N; i++)
        for (size_t copies = i % 3; copies > 0; copies--)
            from[n++] = i;
    b = case_rows(cohort, weighted, n, from);
    for (size_t i = 0; i < N; i++)
        from[i] = i;
    a = case_rows(cohort, weighted, N, from);
    for (size_t i = 0; i < N; i++)
        a->weight[i] = (double)(i % 3);
    for (size_t i = 0; i < n; i++)
        b->weight[i] = 1.0;
    fit = case_fit(a, firth_settings(CXS_TIES_BRESLOW));
    other = case_fit(b, firth_settings(CXS_TIES_BRESLOW));
    for (size_t c = 0; c < CASE_TERMS; c++) {
        size_t k;
        const cxs_cox_row *r = cxs_cox_rows(fit, &k), *q = cxs_cox_rows(other, &k);
        CHECK_REF(q[c].beta, r[c].beta, 1e-9);
        CHECK_REF(q[c].p, r[c].p, 1e-7);
        CHECK_REF(q[c].hr_u95, r[c].hr_u95, 1e-7);
    }
    cxs_cox_fit_free(other);
    cxs_cox_fit_free(fit);
    cxs_surv_free(a);
    cxs_surv_free(b);
    cxs_table_free(cohort);
    CHECK_DONE();
}

/* Constant and aliased columns get their status; the others are as without them. */
static void degenerate_columns(void **state)
{
    static const char *const five[] = {"x1", "x2", "x3", "x1", "x2"};
    static const ref_setting plain = {.ties = CXS_TIES_EFRON};
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *a = ref_surv(cohort, plain, CASE_TERMS, case_terms);
    cxs_surv *b = ref_surv(cohort, plain, 5, five);
    cxs_cox_fit *fit, *other;
    size_t k;

    (void)state;
    for (size_t i = 0; i < b->n; i++)
        b->z[4 * b->n + i] = 3.0;
    fit = case_fit(a, firth_settings(CXS_TIES_EFRON));
    other = case_fit(b, firth_settings(CXS_TIES_EFRON));
    for (size_t c = 0; c < CASE_TERMS; c++) {
        CHECK_REF(cxs_cox_rows(other, &k)[c].beta, cxs_cox_rows(fit, &k)[c].beta, 1e-9);
        CHECK_REF(cxs_cox_rows(other, &k)[c].p, cxs_cox_rows(fit, &k)[c].p, 1e-8);
    }
    CHECK(cxs_cox_rows(other, &k)[3].status == CXS_STATUS_ALIASED);
    CHECK(cxs_cox_rows(other, &k)[4].status == CXS_STATUS_CONSTANT);
    CHECK(isnan(cxs_cox_rows(other, &k)[3].hr_l95));
    CHECK_REF(cxs_cox_total(other)->loglik, cxs_cox_total(fit)->loglik, 1e-10);
    cxs_cox_fit_free(other);
    cxs_cox_fit_free(fit);
    cxs_surv_free(a);
    cxs_surv_free(b);
    cxs_table_free(cohort);
    CHECK_DONE();
}

static void refused_with_robust(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *surv = ref_surv(cohort, (ref_setting){0}, CASE_TERMS, case_terms);
    cxs_cox_settings s = firth_settings(CXS_TIES_EFRON);
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_cox_fit *fit = (cxs_cox_fit *)ctx;

    (void)state;
    s.robust = 1;
    CHECK(cxs_cox_fit_new(ctx, surv, &s, &fit) == CXS_EARG && fit == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "robust") != NULL);
    s.robust = 0;
    case_cluster(surv, cohort);
    CHECK(cxs_cox_fit_new(ctx, surv, &s, &fit) == CXS_EARG && fit == NULL);
    cxs_ctx_free(ctx);
    cxs_surv_free(surv);
    cxs_table_free(cohort);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *surv = ref_surv(cohort, (ref_setting){0}, CASE_TERMS, case_terms);
    const cxs_cox_settings s = firth_settings(CXS_TIES_EFRON);
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 200; k++) {
        cxs_cox_fit *fit = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_cox_fit_new(NULL, surv, &s, &fit);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (fit != NULL));
        cxs_cox_fit_free(fit);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 40);
    cxs_surv_free(surv);
    cxs_table_free(cohort);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(no_swinging),
        cmocka_unit_test(score_by_differences),
        cmocka_unit_test(skipped_column),
        cmocka_unit_test(numbers_of_r),
        cmocka_unit_test(order_and_units),
        cmocka_unit_test(weights),
        cmocka_unit_test(degenerate_columns),
        cmocka_unit_test(refused_with_robust),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("firth", tests, NULL, NULL);
}
