/*
 * test_exact.c -- discrete partial likelihood: by hand, by enumeration of subsets,
 * with very many ties, against R survival
 */
#include "test.h"

#include "cox_case.h"

#include "num/exact.h"

#include <stdlib.h>

enum { K = CASE_COLUMNS };

static cxs_cox_settings exact_settings(void)
{
    cxs_cox_settings s = cxs_cox_defaults();

    s.exact = 1;
    return s;
}

/* ---- by hand --------------------------------------------------------------------- */

/*
 * Stratum 0: x = 1, 0, 0, 0 at risk, x = 1 and one x = 0 die: B = 3 r + 3.
 * Stratum 1: x = 1, 0, 0 at risk, both x = 0 die: B = 2 r + 1.
 *   U = 1 - r/(r+1) - 2r/(2r+1) = 0  <=>  2 r^2 = 1
 *   I = r/(1+r)^2 + 2r/(2r+1)^2
 */
static void by_hand(void **state)
{
    const double time[] = {1, 1, 2, 2, 1, 1, 1}, x[] = {1, 0, 0, 0, 1, 0, 0};
    const double r = sqrt(0.5);
    const uint8_t event[] = {1, 1, 0, 0, 0, 1, 1};
    cxs_surv *surv = case_surv(7, time, event, 1, x);
    cxs_cox_fit *fit;
    size_t k;

    (void)state;
    for (size_t i = 4; i < 7; i++)
        surv->stratum[i] = 1;
    surv->n_strata = 2;
    surv->stratum_name = cxs_realloc(NULL, surv->stratum_name, 2, sizeof(char *));
    surv->stratum_name[1] = cxs_strdup(NULL, "second");
    fit = case_fit(surv, exact_settings());
    CHECK_NEAR(cxs_cox_rows(fit, &k)->beta, log(r), 1e-10);
    CHECK_NEAR(cxs_cox_rows(fit, &k)->se,
               1.0 /
                   sqrt(r / ((1 + r) * (1 + r)) + 2 * r / ((2 * r + 1) * (2 * r + 1))),
               1e-9);
    CHECK_NEAR(cxs_cox_total(fit)->loglik, log(r) - log(3 * r + 3) - log(2 * r + 1),
               1e-12);
    CHECK_NEAR(cxs_cox_total(fit)->loglik_null, -log(6.0) - log(3.0), 1e-12);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    CHECK_DONE();
}

/* ---- all subsets, one by one ----------------------------------------------------- */

typedef struct sums {
    double loglik, grad[K], info[K * K];
} sums;

static int at_risk(const cxs_outcome *o, size_t j, size_t i)
{
    return o->time[j] >= o->time[i] && (o->entry == NULL || o->entry[j] < o->time[i]) &&
           (o->stratum == NULL || o->stratum[j] == o->stratum[i]);
}

static double eta_of(const cxs_outcome *o, const double *z, const double *beta,
                     size_t i)
{
    double eta = o->offset != NULL ? o->offset[i] : 0.0;

    for (size_t c = 0; c < K; c++)
        eta += beta[c] * z[c * CASE_ROWS + i];
    return eta;
}

/* Subsets of `left` more members from `member` on: adds weight, weight s, weight s s'.
 */
static void each_subset(const size_t *member, size_t members, size_t left,
                        const double *eta, const double *z, double sum_eta,
                        const double *sum_z, double *b)
{
    if (left == 0) {
        const double weight = exp(sum_eta);
        b[0] += weight;
        for (size_t c = 0; c < K; c++) {
            b[1 + c] += weight * sum_z[c];
            for (size_t d = 0; d < K; d++)
                b[1 + K + c * K + d] += weight * sum_z[c] * sum_z[d];
        }
        return;
    }
    for (size_t m = 0; m + left <= members; m++) {
        const size_t i = member[m];
        double more[K];
        for (size_t c = 0; c < K; c++)
            more[c] = sum_z[c] + z[c * CASE_ROWS + i];
        each_subset(member + m + 1, members - m - 1, left - 1, eta, z, sum_eta + eta[i],
                    more, b);
    }
}

static void add_time(const cxs_outcome *o, const double *z, const double *eta, size_t i,
                     double g, sums *out)
{
    const double zero[K] = {0};
    double b[1 + K + K * K] = {0};
    size_t member[CASE_ROWS], members = 0, deaths = 0;

    for (size_t j = 0; j < o->n; j++) {
        if (!at_risk(o, j, i))
            continue;
        member[members++] = j;
        if (!o->event[j] || o->time[j] > o->time[i])
            continue;
        deaths++;
        out->loglik += eta[j];
        for (size_t c = 0; c < K; c++)
            out->grad[c] += g * z[c * CASE_ROWS + j];
    }
    each_subset(member, members, deaths, eta, z, 0.0, zero, b);
    out->loglik -= log(b[0]);
    for (size_t c = 0; c < K; c++) {
        out->grad[c] -= g * b[1 + c] / b[0];
        for (size_t d = 0; d < K; d++)
            out->info[c * K + d] +=
                g * (b[1 + K + c * K + d] / b[0] - b[1 + c] * b[1 + d] / b[0] / b[0]);
    }
}

static sums literal(const cxs_outcome *o, const double *z, const double *beta,
                    const double *g_of_row)
{
    double eta[CASE_ROWS];
    sums out = {0.0, {0}, {0}};

    for (size_t i = 0; i < o->n; i++)
        eta[i] = eta_of(o, z, beta, i);
    for (size_t i = 0; i < o->n; i++) {
        int first = o->event[i];
        for (size_t j = 0; j < i; j++)
            first &= !(o->event[j] && !(o->time[j] < o->time[i]) && at_risk(o, j, i) &&
                       o->time[j] <= o->time[i]);
        if (first)
            add_time(o, z, eta, i, g_of_row != NULL ? g_of_row[i] : 1.0, &out);
    }
    return out;
}

static void subsets_one_by_one(void **state)
{
    const double beta[K] = {0.8, -0.6};

    (void)state;
    for (unsigned f = 0; f < 16; f++) { /* entry, strata, offset; bit 2 is weights */
        case_sample sample;
        cxs_outcome o;
        case_problem p;
        sums want, weighted;
        double grad[K], info[K * K], *work, g_row[CASE_ROWS], g[CASE_ROWS];
        if (f & 4)
            continue;
        case_fill(&sample, 40 + f);
        o = case_outcome(&sample, f);
        for (size_t i = 0; i < CASE_ROWS; i++)
            g_row[i] = cos(sample.time[i] + (o.stratum != NULL ? o.stratum[i] : 0));
        want = literal(&o, sample.z, beta, NULL);
        weighted = literal(&o, sample.z, beta, g_row);
        p = case_problem_new(&o, K, sample.z);
        CHECK(!(f & 1) == !p.risk.has_entry);
        case_problem_at(&p, beta);
        work = cxs_calloc(NULL, cxs_exact_work_size(&p.risk, K), sizeof *work);
        CHECK_NEAR(cxs_exact_loglik(&p.risk, p.eta_ts, work), want.loglik, TOL_SUM);
        cxs_exact_information(&p.risk, p.eta_ts, NULL, K, p.z_ts, grad, info, work);
        for (size_t c = 0; c < K; c++)
            CHECK_NEAR(grad[c], want.grad[c], 1e-11);
        for (size_t c = 0; c < K * K; c++)
            CHECK_NEAR(info[c], want.info[c], 1e-11);
        for (size_t i = 0; i < p.risk.n; i++)
            if (p.risk.event_ts[i])
                g[p.risk.death_ts[i]] = g_row[p.risk.row[i]];
        cxs_exact_information(&p.risk, p.eta_ts, g, K, p.z_ts, grad, info, work);
        for (size_t c = 0; c < K; c++)
            CHECK_NEAR(grad[c], weighted.grad[c], 1e-11);
        for (size_t c = 0; c < K * K; c++)
            CHECK_NEAR(info[c], weighted.info[c], 1e-11);
        cxs_free(work);
        case_problem_free(&p);
    }
    CHECK_DONE();
}

/* ---- very many ties -------------------------------------------------------------- */

enum { MANY = 3000, DIE = 1500 };

/* n at risk, d die, beta = 0: B = n over d, about 1e901; the sum of z over d of n drawn
 * without replacement has mean d zbar and variance d (n - d) / (n - 1) var(z). */
static void without_overflow(void **state)
{
    static double time[MANY], z[MANY], eta[MANY];
    static uint8_t event[MANY];
    const double n = MANY, d = DIE;
    cxs_outcome o = {.n = MANY, .time = time, .event = event};
    case_problem p;
    double grad, info, *work, mean = 0.0, variance = 0.0, died = 0.0;
    uint32_t seed = 1;

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        time[i] = i < DIE ? 1.0 : 2.0;
        event[i] = i < DIE;
        z[i] = case_draw(&seed);
        mean += z[i] / n;
        died += i < DIE ? z[i] : 0.0;
    }
    for (size_t i = 0; i < MANY; i++)
        variance += (z[i] - mean) * (z[i] - mean) / n;
    p = case_problem_new(&o, 1, z);
    work = cxs_calloc(NULL, cxs_exact_work_size(&p.risk, 1), sizeof *work);
    CHECK_NEAR(cxs_exact_loglik(&p.risk, eta, work),
               -(lgamma(n + 1) - lgamma(d + 1) - lgamma(n - d + 1)), TOL_SUM);
    cxs_exact_information(&p.risk, eta, NULL, 1, p.z_ts, &grad, &info, work);
    CHECK_NEAR(grad, died - d * mean, 1e-9);
    CHECK_NEAR(info, d * (n - d) / (n - 1) * variance, 1e-10);

    /* e^700 and e^-700 side by side, twice: {a, a, 1/a, 1/a} has B(2) = a^2 + 4 + 1/a^2
     */
    for (size_t i = 0; i < MANY; i++)
        eta[i] = 0.0;
    eta[0] = 800.0; /* the others are 0 beside it */
    CHECK(isnan(cxs_exact_loglik(&p.risk, eta, work)));
    eta[0] = (double)NAN;
    CHECK(isnan(cxs_exact_loglik(&p.risk, eta, work)));
    eta[0] = 300.0;
    CHECK(isfinite(cxs_exact_loglik(&p.risk, eta, work)));
    cxs_free(work);
    case_problem_free(&p);
    CHECK_DONE();
}

/* Risks e^500, e^500, e^-100, e^-100, two die: B = e^1000 + 4 e^400 + e^-200; the first
 * row is left out by two subsets of e^400, which is the variance of its indicator. */
static void wide_risks(void **state)
{
    const double time[] = {1, 1, 2, 2}, z[] = {1, 0, 0, 0};
    const double eta[] = {500, 500, -100, -100};
    const uint8_t event[] = {1, 1, 0, 0};
    const cxs_outcome o = {.n = 4, .time = time, .event = event};
    case_problem p = case_problem_new(&o, 1, z);
    double grad, info, eta_ts[4];
    double *work = cxs_calloc(NULL, cxs_exact_work_size(&p.risk, 1), sizeof *work);

    (void)state;
    for (size_t i = 0; i < 4; i++)
        eta_ts[i] = eta[p.risk.row[i]];
    CHECK_NEAR(cxs_exact_loglik(&p.risk, eta_ts, work), 0.0, TOL_SUM);
    cxs_exact_information(&p.risk, eta_ts, NULL, 1, p.z_ts, &grad, &info, work);
    CHECK(fabs(grad) < 1e-15);
    CHECK(fabs(info / (2.0 * exp(-600.0)) - 1.0) < 1e-10);
    cxs_free(work);
    case_problem_free(&p);
    CHECK_DONE();
}

/* ---- R survival ------------------------------------------------------------------ */

static void numbers_of_r(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv"), *want = ref_read("cohort_exact.tsv");

    (void)state;
    CHECK(want->rows == 8 * CASE_TERMS);
    for (size_t row = 0; row < want->rows; row += CASE_TERMS) {
        const ref_setting s = ref_setting_of(want, row);
        cxs_surv *surv = ref_surv(cohort, s, CASE_TERMS, case_terms);
        cxs_cox_fit *fit = case_fit(surv, exact_settings());
        const cxs_cox_totals *t = cxs_cox_total(fit);
        size_t k;
        for (size_t c = 0; c < CASE_TERMS; c++) {
            const cxs_cox_row *r = &cxs_cox_rows(fit, &k)[c];
            CHECK(strcmp(ref_text(want, row + c, "term"), r->term) == 0);
            CHECK_REF(r->beta, ref_number(want, row + c, "beta"), TOL_ITER);
            CHECK_REF(r->se, ref_number(want, row + c, "se"), TOL_ITER);
            CHECK_NEAR(r->z, r->beta / r->se, TOL_SUM);
        }
        CHECK_REF(t->loglik_null, ref_number(want, row, "loglik_null"), 1e-10);
        CHECK_REF(t->loglik, ref_number(want, row, "loglik"), 1e-10);
        CHECK_REF(t->score_test, ref_number(want, row, "score_test"), TOL_ITER);
        CHECK_REF(t->wald_test, ref_number(want, row, "wald_test"), TOL_ITER);
        CHECK_REF(t->lr_test, ref_number(want, row, "lr_test"), TOL_ITER);
        cxs_cox_fit_free(fit);
        cxs_surv_free(surv);
    }
    cxs_table_free(cohort);
    cxs_table_free(want);
    CHECK_DONE();
}

/* Without ties all three likelihoods are one, and so are the tests and the hazard. */
static void no_ties(void **state)
{
    static const ref_setting setting = {CXS_TIES_EFRON, 1, 1, 0, 1};
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *surv = ref_surv(cohort, setting, CASE_TERMS, case_terms);
    cxs_cox_fit *exact, *efron;
    size_t k;

    (void)state;
    for (size_t i = 0; i < surv->n; i++)
        surv->time[i] += 0.001 * (double)i;
    exact = case_fit(surv, exact_settings());
    efron = case_fit(surv, case_settings(CXS_TIES_EFRON));
    for (size_t c = 0; c < CASE_TERMS; c++) {
        const cxs_cox_row *r = &cxs_cox_rows(exact, &k)[c];
        CHECK_REF(r->beta, cxs_cox_rows(efron, &k)[c].beta, 1e-9);
        CHECK_REF(r->se, cxs_cox_rows(efron, &k)[c].se, 1e-9);
        CHECK_REF(r->ph_p, cxs_cox_rows(efron, &k)[c].ph_p, 1e-8);
    }
    CHECK_REF(cxs_cox_total(exact)->loglik, cxs_cox_total(efron)->loglik, 1e-12);
    CHECK_REF(cxs_cox_total(exact)->concordance, cxs_cox_total(efron)->concordance,
              1e-12);
    CHECK_REF(cxs_cox_total(exact)->ph_global_p, cxs_cox_total(efron)->ph_global_p,
              1e-8);
    cxs_cox_fit_free(exact);
    cxs_cox_fit_free(efron);
    cxs_surv_free(surv);
    cxs_table_free(cohort);
    CHECK_DONE();
}

/* Reversed rows, other units, cut intervals. */
static void invariances(void **state)
{
    enum { N = 72 };
    static const ref_setting setting = {CXS_TIES_EFRON, 1, 1, 0, 1};
    cxs_table *cohort = ref_read("cohort.tsv");
    size_t from[2 * N];
    cxs_surv *a, *b;
    cxs_cox_fit *fit, *other;
    size_t k;

    (void)state;
    for (size_t i = 0; i < 2 * N; i++)
        from[i] = i < N ? i : 2 * N - 1 - i;
    a = case_rows(cohort, setting, N, from);
    b = case_rows(cohort, setting, 2 * N, from);
    for (size_t i = 0; i < 2 * N; i++)
        b->z[i] = 40.0 - 1000.0 * b->z[i];
    for (size_t i = 0; i < N; i++) {
        const double cut = 0.5 * (b->entry[i] + b->time[i]);
        b->entry[2 * N - 1 - i] = b->time[i] = cut;
        b->event[i] = 0;
    }
    for (size_t i = 0; i < 2 * N; i++) {
        b->time[i] *= 30.4375;
        b->entry[i] *= 30.4375;
    }
    fit = case_fit(a, exact_settings());
    other = case_fit(b, exact_settings());
    CHECK_REF(cxs_cox_rows(other, &k)->beta, cxs_cox_rows(fit, &k)->beta / -1000, 1e-9);
    for (size_t c = 0; c < CASE_TERMS; c++) {
        CHECK_REF(fabs(cxs_cox_rows(other, &k)[c].z), fabs(cxs_cox_rows(fit, &k)[c].z),
                  1e-9);
        CHECK_REF(cxs_cox_rows(other, &k)[c].ph_p, cxs_cox_rows(fit, &k)[c].ph_p, 1e-8);
    }
    CHECK_REF(cxs_cox_total(other)->loglik, cxs_cox_total(fit)->loglik, 1e-12);
    cxs_cox_fit_free(other);
    cxs_cox_fit_free(fit);
    cxs_surv_free(a);
    cxs_surv_free(b);
    cxs_table_free(cohort);
    CHECK_DONE();
}

/* All events lie at x = 0: the hazard ratio is zero, also here. */
static void separated(void **state)
{
    cxs_table *table = ref_read("separated.tsv");
    cxs_surv *surv = ref_surv(table, (ref_setting){0}, CASE_TERMS, case_terms);
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_cox_settings s = exact_settings();
    cxs_cox_fit *fit = NULL;
    size_t k;

    (void)state;
    CHECK(cxs_cox_fit_new(ctx, surv, &s, &fit) == CXS_OK);
    CHECK(cxs_cox_rows(fit, &k)[0].status == CXS_STATUS_SEPARATED);
    CHECK(cxs_cox_rows(fit, &k)[0].beta < 0.0);
    CHECK(cxs_cox_rows(fit, &k)[1].status == CXS_STATUS_OK);
    CHECK(cxs_ctx_warning_count(ctx) == 2); /* that, and few events (CX053) */
    cxs_cox_fit_free(fit);
    cxs_ctx_free(ctx);
    cxs_surv_free(surv);
    cxs_table_free(table);
    CHECK_DONE();
}

static void refused(void **state)
{
    static const ref_setting weighted = {.weights = 1}, plain = {0};
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int what = 0; what < 4; what++) {
        static const char *const word[] = {"weights", "robust", "robust", "Firth"};
        cxs_surv *surv =
            ref_surv(cohort, what == 0 ? weighted : plain, CASE_TERMS, case_terms);
        cxs_cox_settings s = exact_settings();
        cxs_cox_fit *fit = (cxs_cox_fit *)ctx;
        s.robust = what == 1;
        s.firth = what == 3;
        if (what == 2)
            case_cluster(surv, cohort);
        CHECK(cxs_cox_fit_new(ctx, surv, &s, &fit) == CXS_EARG && fit == NULL);
        CHECK(strstr(cxs_ctx_message(ctx), "exact") != NULL);
        CHECK(strstr(cxs_ctx_message(ctx), word[what]) != NULL);
        cxs_surv_free(surv);
    }
    cxs_ctx_free(ctx);
    cxs_table_free(cohort);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    static const ref_setting setting = {CXS_TIES_EFRON, 1, 1, 0, 1};
    cxs_table *cohort = ref_read("cohort.tsv");
    cxs_surv *surv = ref_surv(cohort, setting, CASE_TERMS, case_terms);
    const cxs_cox_settings s = exact_settings();
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
        cmocka_unit_test(by_hand),          cmocka_unit_test(subsets_one_by_one),
        cmocka_unit_test(without_overflow), cmocka_unit_test(wide_risks),
        cmocka_unit_test(numbers_of_r),     cmocka_unit_test(no_ties),
        cmocka_unit_test(invariances),      cmocka_unit_test(separated),
        cmocka_unit_test(refused),          cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("exact", tests, NULL, NULL);
}
