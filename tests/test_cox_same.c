/*
 * test_cox_same.c -- changes of the data that must not change a classical Cox fit, and
 * allocation failures
 */
#include "test.h"

#include "reference.h"

#include "coxswain/cox.h"

#include <unistd.h>

static const char *const covariates[] = {"x1", "x2", "x3"};
enum { K = 3 };

static cxs_cox_fit *fit_with(const cxs_surv *surv, cxs_ties ties, int robust)
{
    cxs_cox_settings s = cxs_cox_defaults();
    cxs_cox_fit *fit = NULL;

    s.ties = ties;
    s.robust = robust;
    CHECK(cxs_cox_fit_new(NULL, surv, &s, &fit) == CXS_OK);
    return fit;
}

static void same_numbers(const cxs_cox_fit *a, const cxs_cox_fit *b, double tolerance)
{
    const cxs_cox_totals *s = cxs_cox_total(a), *t = cxs_cox_total(b);
    size_t k, l;
    const cxs_cox_row *r = cxs_cox_rows(a, &k), *q = cxs_cox_rows(b, &l);

    CHECK(k == l);
    for (size_t c = 0; c < k; c++) {
        CHECK_REF(r[c].beta, q[c].beta, tolerance);
        CHECK_REF(r[c].se, q[c].se, tolerance);
    }
    CHECK_REF(s->loglik, t->loglik, tolerance);
    CHECK_REF(s->score_test, t->score_test, tolerance);
    CHECK_REF(s->concordance, t->concordance, tolerance);
}

static const ref_setting everything = {
    .ties = CXS_TIES_EFRON, .strata = 1, .entry = 1, .weights = 1, .offset = 1};

/* Reversed rows, another unit of time, a x + b for a covariate. */
static void order_unit_and_scale(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *a = ref_surv(cohort, everything, K, covariates);
    cxs_surv *b = ref_surv(cohort, everything, K, covariates);
    cxs_cox_fit *fit = fit_with(a, CXS_TIES_EFRON, 0), *other;
    const size_t n = a->n;
    size_t k;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        const size_t j = n - 1 - i;
        b->time[i] = a->time[j] * 30.4375;
        b->entry[i] = a->entry[j] * 30.4375;
        b->event[i] = a->event[j];
        b->weight[i] = a->weight[j];
        b->offset[i] = a->offset[j];
        b->stratum[i] = a->stratum[j];
        for (size_t c = 0; c < K; c++)
            b->z[c * n + i] = a->z[c * n + j];
    }
    other = fit_with(b, CXS_TIES_EFRON, 0);
    same_numbers(fit, other, 1e-9);
    CHECK_REF(cxs_cox_total(other)->concordance_se, cxs_cox_total(fit)->concordance_se,
              1e-9);
    cxs_cox_fit_free(other);
    for (size_t i = 0; i < n; i++)
        b->z[i] = 40.0 - 1000.0 * b->z[i];
    other = fit_with(b, CXS_TIES_EFRON, 0);
    CHECK_REF(cxs_cox_rows(other, &k)->beta, cxs_cox_rows(fit, &k)->beta / -1000.0,
              1e-9);
    CHECK_REF(cxs_cox_rows(other, &k)->se, cxs_cox_rows(fit, &k)->se / 1000.0, 1e-9);
    CHECK_REF(cxs_cox_rows(other, &k)[2].beta, cxs_cox_rows(fit, &k)[2].beta, 1e-9);
    cxs_cox_fit_free(other);
    cxs_cox_fit_free(fit);
    cxs_surv_free(a);
    cxs_surv_free(b);
    cxs_table_free(cohort);
    CHECK_DONE();
}

/* Copy row j of a to row i of b; both hold entry, weight and offset. */
static void copy_row(cxs_surv *b, size_t i, const cxs_surv *a, size_t j)
{
    b->time[i] = a->time[j];
    b->entry[i] = a->entry[j];
    b->event[i] = a->event[j];
    b->weight[i] = a->weight[j];
    b->offset[i] = a->offset[j];
    b->stratum[i] = a->stratum[j];
    for (size_t c = 0; c < a->k; c++)
        b->z[c * b->n + i] = a->z[c * a->n + j];
}

/* A follow-up object of the same kind with room for n rows. */
static cxs_surv *like(const cxs_table *cohort, size_t n)
{
    cxs_surv *surv = ref_surv(cohort, everything, K, covariates);

    for (size_t i = 0; i < surv->n; i++)
        cxs_free(surv->id[i]);
    surv->id = cxs_realloc(NULL, surv->id, n, sizeof *surv->id);
    surv->n = surv->n_subjects = n;
    for (size_t i = 0; i < n; i++)
        surv->id[i] = cxs_strdup(NULL, "P");
    surv->time = cxs_realloc(NULL, surv->time, n, sizeof *surv->time);
    surv->entry = cxs_realloc(NULL, surv->entry, n, sizeof *surv->entry);
    surv->event = cxs_realloc(NULL, surv->event, n, sizeof *surv->event);
    surv->weight = cxs_realloc(NULL, surv->weight, n, sizeof *surv->weight);
    surv->offset = cxs_realloc(NULL, surv->offset, n, sizeof *surv->offset);
    surv->stratum = cxs_realloc(NULL, surv->stratum, n, sizeof *surv->stratum);
    surv->z = cxs_realloc(NULL, surv->z, n * K, sizeof *surv->z);
    return surv;
}

/* (entry, time] cut at a day inside is the same follow-up. */
static void split_intervals(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *a = ref_surv(cohort, everything, K, covariates);
    cxs_surv *b = like(cohort, 2 * a->n);
    cxs_cox_fit *fit, *split;

    (void)state;
    for (int ties = CXS_TIES_BRESLOW; ties <= CXS_TIES_EFRON; ties++) {
        for (size_t i = 0; i < a->n; i++) {
            const double cut = 0.5 * (a->entry[i] + a->time[i]);
            copy_row(b, i, a, i);
            copy_row(b, a->n + i, a, i);
            b->time[i] = cut;
            b->event[i] = 0;
            b->entry[a->n + i] = cut;
        }
        fit = fit_with(a, (cxs_ties)ties, 0);
        split = fit_with(b, (cxs_ties)ties, 0);
        same_numbers(fit, split, 1e-9);
        cxs_cox_fit_free(fit);
        cxs_cox_fit_free(split);
    }
    cxs_surv_free(a);
    cxs_surv_free(b);
    cxs_table_free(cohort);
    CHECK_DONE();
}

static void weights_zero_and_two(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *a = ref_surv(cohort, everything, K, covariates);
    cxs_surv *b = like(cohort, a->n);
    cxs_cox_fit *fit, *other;
    size_t rows = 0, doubled = 0;

    (void)state;
    for (size_t i = 0; i < a->n; i++) /* zero: as if deleted, also among ties */
        if (i % 5 == 0)
            a->weight[i] = 0.0;
        else
            copy_row(b, rows++, a, i);
    for (size_t c = 0; c < K; c++) /* close the gaps of the column-major covariates */
        memmove(b->z + c * rows, b->z + c * b->n, rows * sizeof *b->z);
    for (size_t i = rows; i < b->n; i++)
        cxs_free(b->id[i]);
    b->n = b->n_subjects = rows;
    fit = fit_with(a, CXS_TIES_EFRON, 0);
    other = fit_with(b, CXS_TIES_EFRON, 0);
    same_numbers(fit, other, 1e-10);
    CHECK(cxs_cox_total(fit)->n == rows);
    CHECK(cxs_cox_total(fit)->events == cxs_cox_total(other)->events);
    cxs_cox_fit_free(fit);
    cxs_cox_fit_free(other);
    cxs_surv_free(b);

    b = like(cohort, 2 * a->n);
    for (size_t i = 0; i < a->n; i++) /* two: the row twice, under Breslow */
        a->weight[i] = i % 3 == 0 ? 2.0 : 1.0;
    for (size_t i = 0; i < b->n; i++) {
        copy_row(b, i, a, i % a->n);
        b->weight[i] = i < a->n || i % a->n % 3 == 0 ? 1.0 : 0.0;
        doubled += b->weight[i] > 0.0;
    }
    fit = fit_with(a, CXS_TIES_BRESLOW, 0);
    other = fit_with(b, CXS_TIES_BRESLOW, 0);
    same_numbers(fit, other, 1e-9);
    CHECK(cxs_cox_total(other)->n == doubled && doubled > a->n);
    cxs_cox_fit_free(fit);
    cxs_cox_fit_free(other);
    cxs_surv_free(a);
    cxs_surv_free(b);
    cxs_table_free(cohort);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *surv = ref_surv(cohort, everything, K, covariates);
    cxs_cox_settings s = cxs_cox_defaults();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    s.robust = 1;
    for (k = 1; rc == CXS_ENOMEM && k < 200; k++) {
        cxs_cox_fit *fit = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_cox_fit_new(NULL, surv, &s, &fit);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (fit != NULL));
        cxs_cox_fit_free(fit);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 30);
    cxs_surv_free(surv);
    cxs_table_free(cohort);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_unit_and_scale),
        cmocka_unit_test(split_intervals),
        cmocka_unit_test(weights_zero_and_two),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("cox_same", tests, NULL, NULL);
}
