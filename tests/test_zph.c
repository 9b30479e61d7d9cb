/*
 * test_zph.c -- score test for proportional hazards: by hand, on split follow-up,
 * against R survival
 */
#include "test.h"

#include "cox_case.h"

#include "num/exact.h"
#include "num/special.h"
#include "num/zph.h"

enum { K = CASE_COLUMNS };

/*
 * x = 1 dies at 1 with x = 1, 0, 0 at risk beside it, one x = 0 is censored at 1, x = 0
 * dies at 2 with x = 1 beside it: U = 1 - 1/2 - 1/2 = 0 at beta = 0, I = 1/4 + 1/4.
 * S = 3/4 after day 1, so g = 0 and 1/4, centred -1/8 and 1/8:
 *   u_g = -1/16 - 1/16,  I_12 = 0,  I_22 = 2/4/64,  statistic = (1/64) / (1/128) = 2
 */
static void by_hand(void **state)
{
    const double time[] = {1, 1, 2, 3}, x[] = {1, 0, 0, 1};
    const uint8_t event[] = {1, 0, 1, 0};
    cxs_surv *surv = case_surv(4, time, event, 1, x);
    cxs_cox_fit *fit = case_fit(surv, case_settings(CXS_TIES_EFRON));
    size_t k;

    (void)state;
    CHECK_NEAR(cxs_cox_rows(fit, &k)->beta, 0.0, TOL_SUM);
    CHECK_NEAR(cxs_cox_rows(fit, &k)->ph_p, cxs_chisq_p(2.0, 1.0), TOL_SUM);
    CHECK_NEAR(cxs_cox_total(fit)->ph_global_p, cxs_chisq_p(2.0, 1.0), TOL_SUM);
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    CHECK_DONE();
}

/* ---- the definition: time-dependent columns on split follow-up ------------------- */

enum { MORE = 2 * K, ROWS_MAX = CASE_ROWS * 8 };

/* Every row cut at every event time of its stratum; columns z and z g(t). */
typedef struct split {
    double time[ROWS_MAX], entry[ROWS_MAX], weight[ROWS_MAX], offset[ROWS_MAX];
    double z[ROWS_MAX * MORE], column[ROWS_MAX * MORE];
    uint8_t event[ROWS_MAX];
    uint32_t stratum[ROWS_MAX];
    size_t n;
} split;

static void add_piece(split *s, const cxs_outcome *o, const double *z, size_t i,
                      double from, double to, double g)
{
    const size_t at = s->n++;

    s->entry[at] = from;
    s->time[at] = to;
    s->event[at] = o->event[i] && !(to < o->time[i]);
    s->stratum[at] = o->stratum != NULL ? o->stratum[i] : 0;
    s->weight[at] = o->weight != NULL ? o->weight[i] : 1.0;
    s->offset[at] = o->offset != NULL ? o->offset[i] : 0.0;
    for (size_t c = 0; c < K; c++) {
        s->column[c * ROWS_MAX + at] = z[c * CASE_ROWS + i];
        s->column[(K + c) * ROWS_MAX + at] = g * z[c * CASE_ROWS + i];
    }
}

static void split_all(split *s, const cxs_outcome *o, const double *z,
                      const cxs_risk *risk, const double *g)
{
    s->n = 0;
    for (size_t at = 0; at < risk->n; at++) {
        const size_t i = risk->row[at];
        double from = o->entry != NULL ? o->entry[i] : 0.0;
        for (size_t t = risk->first_ts[at]; t < risk->last_ts[at]; t++) {
            add_piece(s, o, z, i, from, risk->time_value[t], g[t]);
            from = risk->time_value[t];
        }
        if (from < o->time[i])
            add_piece(s, o, z, i, from, o->time[i], 0.0);
    }
    for (size_t c = 0; c < MORE; c++)
        for (size_t i = 0; i < s->n; i++)
            s->z[c * s->n + i] = s->column[c * ROWS_MAX + i];
}

/* U'I^-1 U of the columns that skip leaves. */
static double score_statistic(const double *u, const double *info, const uint8_t *skip)
{
    double factor[MORE * MORE], solved[MORE], total = 0.0;

    cxs_newton_factor(MORE, info, 0.0, skip, factor);
    memcpy(solved, u, sizeof solved);
    cxs_newton_solve(MORE, factor, solved);
    for (size_t c = 0; c < MORE; c++)
        total += skip[c] ? 0.0 : solved[c] * u[c];
    return total;
}

/* Chi-squared of the added columns by the difference of two score statistics. */
static void literal(const split *s, const cxs_outcome *o, const double *beta, int exact,
                    double *statistic, double *global)
{
    const cxs_outcome cut = {.n = s->n,
                             .time = s->time,
                             .entry = s->entry,
                             .event = s->event,
                             .stratum = s->stratum,
                             .weight = s->weight,
                             .offset = s->offset,
                             .ties = o->ties};
    const double both[MORE] = {beta[0], beta[1], 0.0, 0.0};
    case_problem p = case_problem_new(&cut, MORE, s->z);
    double u[MORE], info[MORE * MORE];
    double *work = cxs_calloc(NULL, cxs_exact_work_size(&p.risk, MORE), sizeof *work);
    uint8_t skip[MORE] = {0, 0, 1, 1};
    double null;

    case_problem_at(&p, both);
    if (exact)
        cxs_exact_information(&p.risk, p.eta_ts, NULL, MORE, p.z_ts, u, info, work);
    else
        cxs_newton_information(&p.risk, &p.state, MORE, p.z_ts, u, info, p.m, p.work);
    null = score_statistic(u, info, skip);
    for (size_t c = 0; c < K; c++) {
        skip[K + c] = 0;
        statistic[c] = score_statistic(u, info, skip) - null;
        skip[K + c] = 1;
    }
    memset(skip, 0, sizeof skip);
    *global = score_statistic(u, info, skip) - null;
    cxs_free(work);
    case_problem_free(&p);
}

/* The kernel at the same beta, which is no maximum. */
static void kernel(case_problem *p, const double *g, int exact, double *statistic,
                   double *global)
{
    double g2[CASE_ROWS], one[CASE_ROWS], factor[K * K], info[K * K], cross[K * K];
    double square[K * K], u[K], u_g[K], unused[K], work[3 * K * K + 2 * K];
    double *room = cxs_calloc(NULL, cxs_exact_work_size(&p->risk, K), sizeof *room);
    const double *power[] = {one, g, g2};
    double *grad[] = {u, u_g, unused}, *matrix[] = {info, cross, square};

    for (size_t t = 0; t < p->risk.times; t++) {
        one[t] = 1.0;
        g2[t] = g[t] * g[t];
    }
    for (size_t j = 0; j < 3; j++)
        if (exact)
            cxs_exact_information(&p->risk, p->eta_ts, power[j], K, p->z_ts, grad[j],
                                  matrix[j], room);
        else
            cxs_zph_information(&p->risk, &p->state, power[j], K, p->z_ts, grad[j],
                                matrix[j], p->m, p->work);
    cxs_newton_factor(K, info, 0.0, NULL, factor);
    CHECK(
        cxs_zph_test(
            K,
            &(cxs_zph_sums){
                .factor = factor, .u = u, .u_g = u_g, .cross = cross, .square = square},
            statistic, global, work) == K);
    cxs_free(room);
}

static void time_dependent_columns(void **state)
{
    const double beta[K] = {0.4, -0.3};

    (void)state;
    for (unsigned f = 0; f < CASE_FORMS; f++)
        for (int exact = 0; exact < 2; exact++) {
            case_sample sample;
            static split s;
            cxs_outcome o;
            case_problem p;
            double g[CASE_ROWS], got[K], want[K], got_global, want_global;
            uint32_t seed = 77 + f;
            if (exact && (f & (4 | 16))) /* no weights; ties of Breslow's risk sets */
                continue;
            case_fill(&sample, 900 + f);
            o = case_outcome(&sample, f);
            p = case_problem_new(&o, K, sample.z);
            for (size_t t = 0; t < p.risk.times; t++)
                g[t] = case_draw(&seed) - 0.5;
            case_problem_at(&p, beta);
            kernel(&p, g, exact, got, &got_global);
            split_all(&s, &o, sample.z, &p.risk, g);
            CHECK(s.n > p.risk.n && s.n <= ROWS_MAX);
            literal(&s, &o, beta, exact, want, &want_global);
            for (size_t c = 0; c < K; c++)
                CHECK_NEAR(got[c], want[c], 1e-10);
            CHECK_NEAR(got_global, want_global, 1e-10);
            case_problem_free(&p);
        }
    CHECK_DONE();
}

/* Two events at 2 in stratum 0 and one at 4 in stratum 1: S is 1 before 2 and, with
 * four at risk at 2, 1/2 before 4; g = 0, 0, 1/2 less 1/6. */
static void transform_over_strata(void **state)
{
    enum { N = 5 };
    const double time[N] = {2, 3, 5, 4, 4}, entry[N] = {0, 0, 2, 0, 0};
    const uint8_t event[N] = {1, 0, 0, 1, 1};
    const uint32_t stratum[N] = {0, 0, 0, 1, 1};
    const cxs_outcome o = {
        .n = N, .time = time, .entry = entry, .event = event, .stratum = stratum};
    case_problem p = case_problem_new(&o, 0, NULL);
    cxs_km_row row[N], work[N];
    cxs_km_point point[N];
    double g[2];

    (void)state;
    for (size_t i = 0; i < N; i++)
        row[i] = (cxs_km_row){time[i], entry[i], 1.0, event[i]};
    cxs_zph_transform(&p.risk, cxs_km(N, row, CXS_KM_LOG, 1.0, point, work), point, g);
    CHECK_NEAR(g[0], -1.0 / 6, TOL_SUM);
    CHECK_NEAR(g[1], 1.0 / 12, TOL_SUM);
    case_problem_free(&p);
    CHECK_DONE();
}

/* ---- R survival ------------------------------------------------------------------ */

static void cox_zph_of_r(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv"), *want = ref_read("cohort_zph.tsv");

    (void)state;
    CHECK(want->rows == 32 * (CASE_TERMS + 1));
    for (size_t row = 0; row < want->rows; row += CASE_TERMS + 1) {
        const ref_setting s = ref_setting_of(want, row);
        cxs_surv *surv = ref_surv(cohort, s, CASE_TERMS, case_terms);
        for (int robust = 0; robust < 3; robust++) { /* none, rows, clusters */
            cxs_cox_settings settings = case_settings(s.ties);
            cxs_cox_fit *fit;
            size_t k;
            settings.robust = robust == 1;
            if (robust == 2)
                case_cluster(surv, cohort);
            fit = case_fit(surv, settings);
            for (size_t c = 0; c < CASE_TERMS; c++) {
                CHECK(strcmp(ref_text(want, row + c, "term"), case_terms[c]) == 0);
                CHECK_NEAR(log10(cxs_cox_rows(fit, &k)[c].ph_p),
                           log10(ref_number(want, row + c, "p")), 1e-7);
            }
            CHECK(strcmp(ref_text(want, row + CASE_TERMS, "term"), "GLOBAL") == 0);
            CHECK_NEAR(log10(cxs_cox_total(fit)->ph_global_p),
                       log10(ref_number(want, row + CASE_TERMS, "p")), 1e-7);
            cxs_cox_fit_free(fit);
        }
        cxs_surv_free(surv);
    }
    cxs_table_free(cohort);
    cxs_table_free(want);
    CHECK_DONE();
}

/* ---- invariances and what cannot be tested --------------------------------------- */

static const ref_setting everything = {
    .ties = CXS_TIES_EFRON, .strata = 1, .entry = 1, .weights = 1, .offset = 1};

static void same_p(const cxs_cox_fit *a, const cxs_cox_fit *b)
{
    size_t k;

    for (size_t c = 0; c < CASE_TERMS; c++)
        CHECK_REF(cxs_cox_rows(a, &k)[c].ph_p, cxs_cox_rows(b, &k)[c].ph_p, 1e-9);
    CHECK_REF(cxs_cox_total(a)->ph_global_p, cxs_cox_total(b)->ph_global_p, 1e-9);
}

/* Reversed rows, other units of time and covariate, cut intervals, weight zero. */
static void invariances(void **state)
{
    enum { N = 72 };
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
    fit = case_fit(a, case_settings(CXS_TIES_EFRON));
    other = case_fit(b, case_settings(CXS_TIES_EFRON));
    same_p(fit, other);
    cxs_cox_fit_free(other);
    cxs_surv_free(b);
    b = case_rows(cohort, everything, 2 * N, from);
    for (size_t i = 0; i < N; i++) { /* (entry, cut] and (cut, time] */
        const double cut = 0.5 * (b->entry[i] + b->time[i]);
        b->entry[2 * N - 1 - i] = b->time[i] = cut;
        b->event[i] = 0;
    }
    other = case_fit(b, case_settings(CXS_TIES_EFRON));
    same_p(fit, other);
    cxs_cox_fit_free(other);
    for (size_t i = 0; i < N; i++) { /* the second halves alone count */
        b->weight[i] = 0.0;
        b->entry[2 * N - 1 - i] = a->entry[i];
    }
    other = case_fit(b, case_settings(CXS_TIES_EFRON));
    same_p(fit, other);
    cxs_cox_fit_free(other);
    cxs_cox_fit_free(fit);
    cxs_surv_free(a);
    cxs_surv_free(b);
    cxs_table_free(cohort);
    CHECK_DONE();
}

/* One event time: g does not vary.  A separated term: no global test. */
static void not_assessed(void **state)
{
    const double once[] = {1, 2, 2}, x[] = {1, 0, 1};
    const uint8_t first[] = {1, 0, 0};
    const double time[] = {1, 2, 3, 4, 5, 6, 6, 6};
    const double z[] = {0, 0, 0, 0, 0, 0, 1, 1, 2, 1, 3, 2, 1, 4, 2, 3};
    const uint8_t event[] = {1, 1, 1, 1, 1, 0, 0, 0};
    cxs_surv *surv = case_surv(3, once, first, 1, x);
    cxs_cox_settings firth = case_settings(CXS_TIES_EFRON);
    cxs_cox_fit *fit;
    size_t k;

    (void)state;
    firth.firth = 1;
    fit = case_fit(surv, firth);
    CHECK(cxs_cox_rows(fit, &k)->status == CXS_STATUS_OK);
    CHECK(isnan(cxs_cox_rows(fit, &k)->ph_p));
    CHECK(isnan(cxs_cox_total(fit)->ph_global_p));
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    surv = case_surv(8, time, event, 2, z);
    fit = case_fit(surv, case_settings(CXS_TIES_EFRON));
    CHECK(cxs_cox_rows(fit, &k)[0].status == CXS_STATUS_SEPARATED);
    CHECK(isnan(cxs_cox_rows(fit, &k)[0].ph_p));
    CHECK(cxs_cox_rows(fit, &k)[1].ph_p > 0.0);
    CHECK(isnan(cxs_cox_total(fit)->ph_global_p));
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(time_dependent_columns),
        cmocka_unit_test(transform_over_strata),
        cmocka_unit_test(cox_zph_of_r),
        cmocka_unit_test(invariances),
        cmocka_unit_test(not_assessed),
    };
    return cmocka_run_group_tests_name("zph", tests, NULL, NULL);
}
