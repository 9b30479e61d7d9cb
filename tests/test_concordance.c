/*
 * test_concordance.c -- concordance, its standard error, and the baseline hazard
 *
 * By hand; the definition read literally; the derivative in each weight by central
 * differences.  R's answers are in test_cox_fit.c.
 */
#include "test.h"

#include "num/concordance.h"
#include "num/hazard.h"

#include <stdlib.h>
#include <string.h>

enum { N = 90 };

/* A small generator for made-up rows; any will do. */
static uint32_t lcg_state;
static uint32_t draw(uint32_t below)
{
    lcg_state = lcg_state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)lcg_state * below) >> 32);
}

typedef struct rows {
    double time[N], entry[N], weight[N], offset[N], score[N];
    uint8_t event[N];
    uint32_t stratum[N];
    cxs_outcome outcome;
} rows;

/* Few distinct times and scores, so that every kind of tie occurs. */
static void make_rows(rows *d, uint32_t seed, int entry, int strata, int weights)
{
    lcg_state = seed;
    memset(d, 0, sizeof *d);
    for (size_t i = 0; i < N; i++) {
        d->time[i] = 1.0 + draw(14);
        d->entry[i] = draw(3) == 0 ? (double)draw((uint32_t)d->time[i]) : 0.0;
        d->event[i] = (uint8_t)(draw(5) < 3);
        d->stratum[i] = draw(3);
        d->weight[i] = draw(8) == 0 ? 0.0 : 0.25 * (1.0 + draw(9));
        d->offset[i] = 0.1 * draw(7);
        d->score[i] = 0.5 * draw(11) - 0.1 * d->time[i];
    }
    d->outcome = (cxs_outcome){.n = N,
                               .time = d->time,
                               .entry = entry ? d->entry : NULL,
                               .event = d->event,
                               .stratum = strata ? d->stratum : NULL,
                               .weight = weights ? d->weight : NULL,
                               .offset = d->offset,
                               .ties = CXS_TIES_EFRON};
}

static double weight_of(const cxs_outcome *o, size_t i)
{
    return o->weight != NULL ? o->weight[i] : 1.0;
}

/* Concordance in the caller's row order; influence [n] or NULL. */
static cxs_concordance concordance(const cxs_outcome *o, const double *score,
                                   double *influence)
{
    void *memory = malloc(cxs_risk_size(o->n));
    void *work = malloc(cxs_concordance_work_size(o->n));
    double score_ts[N], influence_ts[N];
    cxs_concordance c;
    cxs_risk risk;

    (void)!cxs_risk_build(o, &risk, memory);
    for (size_t i = 0; i < risk.n; i++)
        score_ts[i] = score[risk.row[i]];
    c = cxs_concordance_of(&risk, score_ts, influence != NULL ? influence_ts : NULL,
                           work);
    if (influence != NULL) {
        memset(influence, 0, o->n * sizeof *influence);
        for (size_t i = 0; i < risk.n; i++)
            influence[risk.row[i]] = influence_ts[i];
    }
    free(work);
    free(memory);
    return c;
}

/* Comparable: i has its event while j is at risk and j has none then. */
static int comparable(const cxs_outcome *o, size_t i, size_t j)
{
    return o->event[i] && (o->stratum == NULL || o->stratum[i] == o->stratum[j]) &&
           (o->entry == NULL || o->entry[j] < o->time[i]) &&
           (o->time[j] > o->time[i] || (o->time[j] == o->time[i] && !o->event[j]));
}

static cxs_concordance naive(const cxs_outcome *o, const double *score)
{
    cxs_concordance c = {0};

    for (size_t i = 0; i < o->n; i++)
        for (size_t j = 0; j < o->n; j++) {
            const double pair = weight_of(o, i) * weight_of(o, j);
            if (i == j || !comparable(o, i, j))
                continue;
            c.concordant += score[i] > score[j] ? pair : 0.0;
            c.discordant += score[i] < score[j] ? pair : 0.0;
            c.tied += score[i] == score[j] ? pair : 0.0;
        }
    c.c = (c.concordant + 0.5 * c.tied) / (c.concordant + c.discordant + c.tied);
    return c;
}

/*
 * Events at 1 (score 3), 2 (score 1), censored at 2 (score 2) and 4 (score 1):
 * pairs of the first event: 3>1, 3>2, 3>1: three concordant; of the second: 1<2
 * (censored at the same time counts as later) discordant, 1=1 tied.
 * c = (3 + 1/2) / 5 = 0.7
 */
static void by_hand(void **state)
{
    const double time[] = {1, 2, 2, 4}, score[] = {3, 1, 2, 1};
    const uint8_t event[] = {1, 1, 0, 0};
    const cxs_outcome o = {.n = 4, .time = time, .event = event};
    double u[4];
    const cxs_concordance c = concordance(&o, score, u);

    (void)state;
    CHECK(c.concordant == 3.0 && c.discordant == 1.0 && c.tied == 1.0);
    CHECK_NEAR(c.c, 0.7, TOL_SUM);
    /* (2) with D = 2/5: rows have (A - B, all) = (3, 3), (1 - 1, 3), (1 - 1, 2), (1, 2)
     */
    CHECK_NEAR(u[0], 0.5 / 5 * (3 - 0.4 * 3), TOL_SUM);
    CHECK_NEAR(u[1], 0.5 / 5 * (0 - 0.4 * 3), TOL_SUM);
    CHECK_NEAR(u[2], 0.5 / 5 * (0 - 0.4 * 2), TOL_SUM);
    CHECK_NEAR(u[3], 0.5 / 5 * (1 - 0.4 * 2), TOL_SUM);
    CHECK_NEAR(c.se, sqrt(u[0] * u[0] + u[1] * u[1] + u[2] * u[2] + u[3] * u[3]),
               TOL_SUM);
    CHECK_DONE();
}

static void the_definition_read_literally(void **state)
{
    (void)state;
    for (uint32_t s = 0; s < 40; s++) {
        rows d;
        double u[N];
        cxs_concordance got, want;
        make_rows(&d, 100 + s, s & 1, s & 2, s & 4);
        got = concordance(&d.outcome, d.score, u);
        want = naive(&d.outcome, d.score);
        CHECK_NEAR(got.concordant, want.concordant, TOL_SUM);
        CHECK_NEAR(got.discordant, want.discordant, TOL_SUM);
        CHECK_NEAR(got.tied, want.tied, TOL_SUM);
        CHECK_NEAR(got.c, want.c, TOL_SUM);
        CHECK(got.c == concordance(&d.outcome, d.score, NULL).c);
    }
    CHECK_DONE();
}

/* u_i = w_i dc/dw_i, and the u_i sum to zero: c does not depend on the unit of w. */
static void jackknife_is_the_derivative(void **state)
{
    const double h = 1e-4;

    (void)state;
    for (uint32_t s = 0; s < 8; s++) {
        rows d;
        double u[N], sum = 0.0, squares = 0.0;
        cxs_concordance c;
        make_rows(&d, 900 + s, s & 1, s & 2, 1);
        c = concordance(&d.outcome, d.score, u);
        for (size_t i = 0; i < N; i++) {
            const double w = d.weight[i];
            double up, down;
            d.weight[i] = w * (1.0 + h);
            up = naive(&d.outcome, d.score).c;
            d.weight[i] = w * (1.0 - h);
            down = naive(&d.outcome, d.score).c;
            d.weight[i] = w;
            CHECK(fabs(u[i] - (up - down) / (2.0 * h)) < 1e-8);
            sum += u[i];
            squares += u[i] * u[i];
        }
        CHECK(fabs(sum) < TOL_SUM);
        CHECK_NEAR(c.se, sqrt(squares), TOL_SUM);
    }
    CHECK_DONE();
}

static void no_pair_no_number(void **state)
{
    const double time[] = {1, 2}, score[] = {3, 1};
    const uint8_t event[] = {0, 1};
    const cxs_outcome o = {.n = 2, .time = time, .event = event};
    double u[2];

    (void)state;
    CHECK(isnan(concordance(&o, score, u).c));
    CHECK(isnan(concordance(&o, score, u).se));
    CHECK_DONE();
}

/* Reversed scores give 1 - c; any increasing change of the score gives c. */
static void only_the_order_counts(void **state)
{
    rows d;
    double turned[N], grown[N], u[N], v[N];
    cxs_concordance a, b, c;

    (void)state;
    make_rows(&d, 5, 1, 1, 1);
    for (size_t i = 0; i < N; i++) {
        turned[i] = -d.score[i];
        grown[i] = exp(3.0 * d.score[i]);
    }
    a = concordance(&d.outcome, d.score, u);
    b = concordance(&d.outcome, turned, v);
    c = concordance(&d.outcome, grown, v);
    CHECK_NEAR(a.c + b.c, 1.0, TOL_SUM);
    CHECK_NEAR(a.se, b.se, TOL_SUM);
    CHECK(a.c == c.c && a.se == c.se);
    CHECK_DONE();
}

/* H0 of the outcome at eta, at the K event times. */
static size_t baseline(const cxs_outcome *o, const double *eta, double *time,
                       double *hazard)
{
    void *memory = malloc(cxs_risk_size(o->n));
    double *block, *work, eta_ts[N];
    cxs_cox_state state;
    cxs_risk risk;

    (void)!cxs_risk_build(o, &risk, memory);
    block = malloc(cxs_cox_state_size(&risk) * sizeof *block);
    work = malloc(cxs_cox_work_size(&risk) * sizeof *work);
    cxs_cox_state_place(&risk, block, &state);
    for (size_t i = 0; i < risk.n; i++)
        eta_ts[i] = eta[risk.row[i]];
    CHECK(cxs_cox_eval(&risk, eta_ts, &state, work) == CXS_OK);
    cxs_hazard_baseline(&risk, eta_ts, &state, hazard);
    for (size_t k = 0; k < risk.times; k++)
        time[k] = risk.time_value[k];
    free(work);
    free(block);
    free(memory);
    return risk.times;
}

/*
 * Deaths at 1 (relative risks 2 and 1), at 2 (1), one censored at 3 (4):
 * Breslow 2/8, then 1/5; Efron 1/8 + 1/(8 - 3/2), then 1/5.
 */
static void hazard_by_hand(void **state)
{
    const double time[] = {1, 1, 2, 3}, eta[] = {log(2.0), 0, 0, log(4.0)};
    const uint8_t event[] = {1, 1, 1, 0};
    cxs_outcome o = {.n = 4, .time = time, .event = event};
    double at[4], h[4];

    (void)state;
    o.ties = CXS_TIES_BRESLOW;
    CHECK(baseline(&o, eta, at, h) == 2 && at[0] == 1.0 && at[1] == 2.0);
    CHECK_NEAR(h[0], 0.25, TOL_SUM);
    CHECK_NEAR(h[1], 0.45, TOL_SUM);
    o.ties = CXS_TIES_EFRON;
    CHECK(baseline(&o, eta, at, h) == 2);
    CHECK_NEAR(h[0], 1.0 / 8 + 1.0 / 6.5, TOL_SUM);
    CHECK_NEAR(h[1], 1.0 / 8 + 1.0 / 6.5 + 0.2, TOL_SUM);
    CHECK_DONE();
}

/* A constant c added to the linear predictor divides the baseline by exp(c). */
static void hazard_moves_with_the_predictor(void **state)
{
    (void)state;
    for (uint32_t s = 0; s < 8; s++) {
        rows d;
        double at[N], h[N], moved[N], g[N];
        size_t times;
        make_rows(&d, 40 + s, s & 1, s & 2, s & 4);
        for (size_t i = 0; i < N; i++)
            moved[i] = d.score[i] + 3.0;
        times = baseline(&d.outcome, d.score, at, h);
        CHECK(baseline(&d.outcome, moved, at, g) == times && times > 10);
        for (size_t k = 0; k < times; k++)
            CHECK(fabs(g[k] * exp(3.0) / h[k] - 1.0) < TOL_SUM);
    }
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(the_definition_read_literally),
        cmocka_unit_test(jackknife_is_the_derivative),
        cmocka_unit_test(no_pair_no_number),
        cmocka_unit_test(only_the_order_counts),
        cmocka_unit_test(hazard_by_hand),
        cmocka_unit_test(hazard_moves_with_the_predictor),
    };
    return cmocka_run_group_tests_name("concordance", tests, NULL, NULL);
}
