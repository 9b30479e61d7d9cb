/*
 * test_cox.c -- risk sets and likelihood: by hand, read literally, finite differences
 */
#include "num/cox.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { N = 37, FORMS = 32 };

/* A small linear congruential sequence: the same numbers on every machine. */
static double draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return ((double)*state + 0.5) / 4294967296.0;
}

typedef struct sample {
    double time[N], entry[N], weight[N], offset[N], eta[N], x[N];
    uint8_t event[N];
    uint32_t stratum[N];
} sample;

static void make_sample(sample *s, uint32_t seed)
{
    for (size_t i = 0; i < N; i++) {
        s->time[i] = 1.0 + floor(10.0 * draw(&seed)); /* heavy ties */
        s->entry[i] = draw(&seed) < 0.5 ? 0.0 : floor(s->time[i] * draw(&seed));
        s->event[i] = draw(&seed) < 0.6;
        s->weight[i] = draw(&seed) < 0.1 ? 0.0 : 0.25 + floor(8.0 * draw(&seed)) / 4.0;
        s->offset[i] = draw(&seed) - 0.5;
        s->eta[i] = 3.0 * (draw(&seed) - 0.5);
        s->x[i] = draw(&seed) - 0.3;
        s->stratum[i] = (uint32_t)(3.0 * draw(&seed));
    }
}

/* Form f: which of ties, strata, entry, weights, offset are on. */
static cxs_outcome outcome_of(const sample *s, unsigned f)
{
    return (cxs_outcome){
        .n = N,
        .time = s->time,
        .event = s->event,
        .entry = f & 1 ? s->entry : NULL,
        .stratum = f & 2 ? s->stratum : NULL,
        .weight = f & 4 ? s->weight : NULL,
        .offset = f & 8 ? s->offset : NULL,
        .ties = f & 16 ? CXS_TIES_EFRON : CXS_TIES_BRESLOW,
    };
}

static double weight_of(const cxs_outcome *o, size_t i)
{
    return o->weight != NULL ? o->weight[i] : 1.0;
}

static int at_risk(const cxs_outcome *o, size_t j, size_t i)
{
    return weight_of(o, j) > 0.0 && o->time[j] >= o->time[i] &&
           (o->entry == NULL || o->entry[j] < o->time[i]) &&
           (o->stratum == NULL || o->stratum[j] == o->stratum[i]);
}

/* Equation (1) of cox.c read literally, O(n^2), no sums carried over. */
static double naive_loglik(const cxs_outcome *o, const double *eta)
{
    double total = 0.0;

    for (size_t i = 0; i < o->n; i++) {
        double risk = 0.0, tied = 0.0, tied_weight = 0.0, d = 0.0, rank = 0.0, w;
        if (!o->event[i] || !(weight_of(o, i) > 0.0))
            continue;
        for (size_t j = 0; j < o->n; j++) {
            const double off = o->offset != NULL ? o->offset[j] : 0.0;
            const double e = weight_of(o, j) * exp(eta[j] + off);
            const int dead =
                at_risk(o, j, i) && o->event[j] && o->time[j] == o->time[i];
            risk += at_risk(o, j, i) ? e : 0.0;
            tied += dead ? e : 0.0;
            tied_weight += dead ? weight_of(o, j) : 0.0;
            d += dead;
            rank += dead && j < i;
        }
        w = o->ties == CXS_TIES_EFRON ? tied_weight / d : weight_of(o, i);
        total += weight_of(o, i) * (eta[i] + (o->offset != NULL ? o->offset[i] : 0.0)) -
                 w * log(risk - (o->ties == CXS_TIES_EFRON ? tied * rank / d : 0.0));
    }
    return total;
}

/* Everything the kernel gives, in the caller's row order. */
typedef struct answer {
    double loglik, loglik_alone, saturated, r[N], hv[N], mm[N];
    size_t n, times, terms, events;
    cxs_rc build, eval;
} answer;

static void evaluate(const cxs_outcome *o, const double *eta, const double *v,
                     answer *a)
{
    void *memory = malloc(cxs_risk_size(o->n));
    double *block, *work, *m, eta_ts[N], v_ts[N], out_ts[N];
    cxs_risk risk;
    cxs_cox_state state;

    memset(a, 0, sizeof *a);
    a->build = cxs_risk_build(o, &risk, memory);
    block = malloc((cxs_cox_state_size(&risk) + 1) * sizeof *block);
    work = malloc((cxs_cox_work_size(&risk) + 1) * sizeof *work);
    m = malloc((risk.terms + 1) * sizeof *m);
    cxs_cox_state_place(&risk, block, &state);
    for (size_t i = 0; i < risk.n; i++) {
        eta_ts[i] = eta[risk.row[i]];
        v_ts[i] = v[risk.row[i]];
    }
    a->eval = cxs_cox_eval(&risk, eta_ts, &state, work);
    a->loglik = state.loglik;
    a->loglik_alone = cxs_cox_loglik(&risk, eta_ts, work);
    a->saturated = cxs_cox_loglik_saturated(&risk);
    if (a->eval == CXS_OK) {
        cxs_cox_hessian_times(&risk, &state, v_ts, out_ts, work);
        cxs_cox_means(&risk, &state, v_ts, m, work);
        for (size_t i = 0; i < risk.n; i++) {
            a->r[risk.row[i]] = state.r[i];
            a->hv[risk.row[i]] = out_ts[i];
        }
        for (size_t t = 0; t < risk.terms; t++)
            a->mm[0] += m[t] * m[t];
        for (size_t i = 0; i < risk.n; i++) /* v'Hv by (3): diagonal less means */
            a->mm[1] += v_ts[i] * v_ts[i] * state.a[i];
    }
    a->n = risk.n;
    a->times = risk.times;
    a->terms = risk.terms;
    a->events = risk.events;
    free(m);
    free(work);
    free(block);
    free(memory);
}

/*
 * Two tied events at day 1 (x=1 and x=0), one censored at day 2 (x=0), eta = beta x:
 *   Breslow  l' = 1 - 2r/(r+2)            = 0  <=>  beta = log 2
 *   Efron    l' = 1 - r/(r+2) - r/(r+3)   = 0  <=>  beta = log(6)/2,  r = exp(beta)
 */
static void by_hand_tied(void **unused)
{
    const double time[] = {1, 1, 2}, x[] = {1, 0, 0};
    const uint8_t event[] = {1, 1, 0};
    const double root[] = {log(2.0), 0.5 * log(6.0)};

    (void)unused;
    for (int ties = 0; ties < 2; ties++) {
        const cxs_outcome o = {
            .n = 3, .time = time, .event = event, .ties = (cxs_ties)ties};
        double eta[N] = {root[ties], 0, 0}, v[N] = {1, 0, 0};
        answer a;
        evaluate(&o, eta, v, &a);
        CHECK(a.eval == CXS_OK && a.times == 1 && a.events == 2);
        CHECK(a.terms == (ties == CXS_TIES_EFRON ? 2u : 1u));
        CHECK_NEAR(a.r[0] * x[0], 0.0, TOL_SUM);
    }
    CHECK_DONE();
}

/*
 * Delayed entry by hand, Breslow, eta = 0: P1 (0,3] event, P2 (1,2] event, P3 (2,4]
 * censored. At t = 2: P1, P2 at risk (P3 enters at 2, not before): log 2.  At t = 3:
 * P1, P3: log 2.
 */
static void by_hand_entry(void **unused)
{
    const double time[] = {3, 2, 4}, entry[] = {0, 1, 2};
    const uint8_t event[] = {1, 1, 0};
    const double zero[N] = {0};
    const cxs_outcome o = {.n = 3, .time = time, .entry = entry, .event = event};
    answer a;

    (void)unused;
    evaluate(&o, zero, zero, &a);
    CHECK_NEAR(a.loglik, -2.0 * log(2.0), TOL_SUM);
    CHECK_NEAR(a.r[0], 1.0 - 0.5 - 0.5, TOL_SUM);
    CHECK_NEAR(a.r[1], 1.0 - 0.5, TOL_SUM);
    CHECK_NEAR(a.r[2], -0.5, TOL_SUM);
    CHECK_DONE();
}

/* Value, gradient and Hessian against the literal definition, all 32 forms. */
static void all_forms_agree_with_definition(void **unused)
{
    const double h = 1e-4;

    (void)unused;
    for (unsigned f = 0; f < FORMS; f++)
        for (uint32_t seed = 1; seed <= 3; seed++) {
            sample s;
            answer a, up, down;
            double v[N];
            cxs_outcome o;
            make_sample(&s, 1000 * f + seed);
            o = outcome_of(&s, f);
            memcpy(v, s.x, sizeof v);
            evaluate(&o, s.eta, v, &a);
            CHECK(a.build == CXS_OK && a.eval == CXS_OK);
            CHECK_NEAR(a.loglik, a.loglik_alone, TOL_SUM);
            {
                double vhv = 0.0;
                for (size_t i = 0; i < N; i++)
                    vhv += v[i] * a.hv[i];
                CHECK_NEAR(vhv, a.mm[1] - a.mm[0], 1e-10); /* (3) against (4) */
            }
            for (size_t i = 0; i < N; i++) {
                const double eta_i = s.eta[i], mid = naive_loglik(&o, s.eta);
                double above, below;
                s.eta[i] = eta_i + h;
                above = naive_loglik(&o, s.eta);
                s.eta[i] = eta_i - h;
                below = naive_loglik(&o, s.eta);
                s.eta[i] = eta_i;
                if (i == 0) /* the shift of eta per stratum drops out of (1) */
                    CHECK_NEAR(a.loglik, mid, TOL_SUM);
                CHECK_NEAR(a.r[i], (above - below) / (2.0 * h), TOL_FDIFF);
            }
            {
                double eta_up[N], eta_down[N];
                for (size_t i = 0; i < N; i++) {
                    eta_up[i] = s.eta[i] + h * v[i];
                    eta_down[i] = s.eta[i] - h * v[i];
                }
                evaluate(&o, eta_up, v, &up);
                evaluate(&o, eta_down, v, &down);
                for (size_t i = 0; i < N; i++)
                    CHECK_NEAR(a.hv[i], (down.r[i] - up.r[i]) / (2.0 * h), TOL_FDIFF);
            }
        }
    CHECK_DONE();
}

/* Every fourth row has weight zero: the same as leaving it out, also in the ties. */
static void zero_weight_is_deletion(void **unused)
{
    (void)unused;
    for (unsigned f = 4; f < FORMS; f++) {
        sample s, cut;
        cxs_outcome whole, part;
        answer a, b;
        size_t m = 0;
        if (!(f & 4))
            continue;
        make_sample(&s, 77 + f);
        cut = s;
        for (size_t i = 0; i < N; i++) {
            if (i % 4 == 0) {
                s.weight[i] = 0.0;
                continue;
            }
            cut.time[m] = s.time[i];
            cut.entry[m] = s.entry[i];
            cut.event[m] = s.event[i];
            cut.weight[m] = s.weight[i];
            cut.offset[m] = s.offset[i];
            cut.eta[m] = s.eta[i];
            cut.stratum[m] = s.stratum[i];
            cut.x[m++] = s.x[i];
        }
        whole = outcome_of(&s, f);
        part = outcome_of(&cut, f);
        part.n = m;
        evaluate(&whole, s.eta, s.x, &a);
        evaluate(&part, cut.eta, cut.x, &b);
        CHECK_NEAR(a.loglik, b.loglik, TOL_EXACT);
        CHECK_NEAR(a.saturated, b.saturated, TOL_EXACT);
        CHECK(a.n == b.n && a.terms == b.terms);
        for (size_t i = 0, j = 0; i < N; i++)
            if (i % 4 == 0)
                CHECK(a.r[i] == 0.0);
            else
                CHECK_NEAR(a.r[i], b.r[j++], TOL_EXACT);
    }
    CHECK_DONE();
}

/* Splitting (entry, time] at any point changes nothing; times may be scaled. */
static void split_intervals_and_scaled_time(void **unused)
{
    const double entry[] = {0, 1, 0, 2, 0}, time[] = {5, 4, 3, 7, 6};
    const uint8_t event[] = {1, 1, 0, 1, 1};
    const double eta[N] = {0.3, -0.2, 0.9, 0.1, -0.7};
    const double entry2[] = {0, 3, 1, 0, 2, 0}, time2[] = {3, 5, 4, 3, 7, 6};
    const uint8_t event2[] = {0, 1, 1, 0, 1, 1};
    const double eta2[N] = {0.3, 0.3, -0.2, 0.9, 0.1, -0.7};
    double scaled[5], scaled_entry[5];
    answer a, b, c;

    (void)unused;
    for (size_t i = 0; i < 5; i++) {
        scaled[i] = time[i] * 30.4375;
        scaled_entry[i] = entry[i] * 30.4375;
    }
    for (int ties = 0; ties < 2; ties++) {
        cxs_outcome o = {.n = 5,
                         .time = time,
                         .entry = entry,
                         .event = event,
                         .ties = (cxs_ties)ties};
        cxs_outcome split = {.n = 6,
                             .time = time2,
                             .entry = entry2,
                             .event = event2,
                             .ties = (cxs_ties)ties};
        evaluate(&o, eta, eta, &a);
        evaluate(&split, eta2, eta2, &b);
        o.time = scaled;
        o.entry = scaled_entry;
        evaluate(&o, eta, eta, &c);
        CHECK_NEAR(a.loglik, b.loglik, TOL_SUM);
        CHECK_NEAR(a.loglik, c.loglik, TOL_EXACT);
        CHECK_NEAR(a.r[0], b.r[0] + b.r[1], TOL_SUM);
        CHECK_NEAR(a.r[4], c.r[4], TOL_EXACT);
    }
    CHECK_DONE();
}

/* sqrt(2)^2 and 2 are one time (R's timefix); 2 and 2 + 1e-6 are two. */
static void times_tie_within_tolerance(void **unused)
{
    const double root = sqrt(2.0);
    double time[] = {root * root, 2.0, 3.0};
    const uint8_t event[] = {1, 1, 0};
    const double zero[N] = {0};
    const cxs_outcome o = {.n = 3, .time = time, .event = event};
    answer a;

    (void)unused;
    assert_true(time[0] > 2.0);
    evaluate(&o, zero, zero, &a);
    CHECK(a.times == 1);
    CHECK_NEAR(a.loglik, -2.0 * log(3.0), TOL_SUM);
    time[0] = 2.0 + 1e-6;
    evaluate(&o, zero, zero, &a);
    CHECK(a.times == 2);
    CHECK_NEAR(a.loglik, -log(3.0) - log(2.0), TOL_SUM);
    CHECK_DONE();
}

/* Saturated value: deaths of a time share one large eta, all others vanish. */
static void saturated_is_the_limit(void **unused)
{
    (void)unused;
    for (unsigned f = 0; f < FORMS; f++) {
        sample s;
        cxs_outcome o;
        answer a;
        double eta[N];
        make_sample(&s, 5 + f);
        memset(s.offset, 0, sizeof s.offset);
        o = outcome_of(&s, f);
        for (size_t i = 0; i < N; i++) /* earlier deaths dominate later ones */
            eta[i] = s.event[i] ? -40.0 * s.time[i] : -600.0;
        evaluate(&o, eta, eta, &a);
        CHECK(a.eval == CXS_OK);
        CHECK_NEAR(a.loglik, a.saturated, 1e-10);
    }
    CHECK_DONE();
}

/* One patient of huge risk leaves early: sums with entry must not cancel. */
static void entry_does_not_cancel(void **unused)
{
    const double entry[] = {0, 2, 2, 2, 0}, time[] = {1, 3, 4, 5, 6};
    const uint8_t event[] = {1, 1, 1, 0, 0};
    const double eta[N] = {60.0, 0.5, -0.25, 0.75, 0.0};
    const cxs_outcome o = {.n = 5, .time = time, .entry = entry, .event = event};
    answer a;

    (void)unused;
    evaluate(&o, eta, eta, &a);
    CHECK_NEAR(a.r[1], 1.0 - exp(0.5) / (exp(0.5) + exp(-0.25) + exp(0.75) + 1.0),
               1e-13);
    CHECK_NEAR(a.loglik, naive_loglik(&o, eta), TOL_SUM);
    CHECK_DONE();
}

static void degenerate_outcomes(void **unused)
{
    const double time[] = {1, 2}, wide[N] = {0.0, 1e5}, bad[N] = {0.0, (double)NAN};
    const uint8_t none[] = {0, 0}, both[] = {1, 1}, first_only[] = {1, 0};
    const cxs_outcome censored = {.n = 2, .time = time, .event = none};
    cxs_outcome o = {.n = 2, .time = time, .event = both};
    answer a;

    (void)unused;
    evaluate(&censored, time, time, &a);
    CHECK(a.build == CXS_EDEGENERATE && a.eval == CXS_OK && a.events == 0);
    CHECK(a.loglik == 0.0 && a.r[0] == 0.0 && a.r[1] == 0.0);
    evaluate(&o, bad, time, &a);
    CHECK(a.eval == CXS_EDEGENERATE && isnan(a.loglik_alone));
    evaluate(&o, wide, time, &a); /* one dominates: still finite */
    CHECK(a.eval == CXS_OK && a.loglik == -1e5);
    o.event = first_only;
    {
        const double alone[N] = {-1e5, 0.0};
        const double time_late[] = {2, 1};
        const uint8_t late[] = {1, 0};
        o.time = time_late; /* risk set of the event holds only the vanished row */
        o.event = late;
        evaluate(&o, alone, time, &a);
        CHECK(a.eval == CXS_EDEGENERATE && isnan(a.loglik_alone));
    }
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand_tied),
        cmocka_unit_test(by_hand_entry),
        cmocka_unit_test(all_forms_agree_with_definition),
        cmocka_unit_test(zero_weight_is_deletion),
        cmocka_unit_test(split_intervals_and_scaled_time),
        cmocka_unit_test(times_tie_within_tolerance),
        cmocka_unit_test(saturated_is_the_limit),
        cmocka_unit_test(entry_does_not_cancel),
        cmocka_unit_test(degenerate_outcomes),
    };
    return cmocka_run_group_tests_name("cox", tests, NULL, NULL);
}
