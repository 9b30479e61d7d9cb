/*
 * stress_case.h -- cohorts that break solvers, each of at most 60 subjects with what is
 * wrong put into it
 */
#ifndef CXS_STRESS_CASE_H
#define CXS_STRESS_CASE_H

#include "test.h"

#include "cohort.h"
#include "path_case.h"

#include <unistd.h>

enum { FIT_SECONDS = 120 }; /* some milliseconds each; under valgrind some seconds */

typedef struct stress_case {
    const char *name;
    size_t n, p, k;
    void (*spoil)(cxs_matrix *matrix, cxs_surv *surv);
    int no_event;   /* no fit at all */
    int one_event;  /* a fold has none: no cross-validation */
    int beyond_sum; /* squares overflow in the literal judge */
} stress_case;

static inline void nothing(cxs_matrix *m, cxs_surv *surv)
{
    (void)m;
    (void)surv;
}

static inline void copies(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    for (size_t i = 0; i < m->n; i++) {
        m->x[1 * m->n + i] = m->x[i];
        m->x[2 * m->n + i] = -2.0 * m->x[i];
        m->x[3 * m->n + i] = surv->z[i]; /* a covariate */
    }
}

static inline void constants(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    for (size_t i = 0; i < m->n; i++) {
        m->x[1 * m->n + i] = 7.0;
        m->x[2 * m->n + i] = 0.0;
        m->x[3 * m->n + i] = 1e300;
        m->x[4 * m->n + i] = 0.1 + (i % 2 ? 1e-17 : 0.0); /* the last digit */
    }
}

static inline void all_constant(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    for (size_t i = 0; i < m->n * m->p; i++)
        m->x[i] = (double)(i / m->n);
}

/* Two columns order the outcome, one perfectly in either direction. */
static inline void outcome_order(cxs_matrix *m, cxs_surv *surv)
{
    for (size_t i = 0; i < m->n; i++) {
        m->x[1 * m->n + i] = -surv->time[i];
        m->x[2 * m->n + i] = log1p(surv->time[i]);
        m->x[3 * m->n + i] = surv->event[i];
    }
}

static inline void all_censored(cxs_matrix *m, cxs_surv *surv)
{
    (void)m;
    memset(surv->event, 0, surv->n);
}

static inline void one_event(cxs_matrix *m, cxs_surv *surv)
{
    size_t early = 0;

    (void)m;
    for (size_t i = 0; i < surv->n; i++)
        if (surv->time[i] < surv->time[early])
            early = i;
    memset(surv->event, 0, surv->n);
    surv->event[early] = 1;
}

static inline void one_time(cxs_matrix *m, cxs_surv *surv)
{
    (void)m;
    for (size_t i = 0; i < surv->n; i++)
        surv->time[i] = 30.0;
}

static inline void one_time_all_dead(cxs_matrix *m, cxs_surv *surv)
{
    one_time(m, surv);
    memset(surv->event, 1, surv->n);
}

static inline void extreme_scales(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    for (size_t i = 0; i < m->n; i++) {
        m->x[1 * m->n + i] *= 1e300;
        m->x[2 * m->n + i] *= 1e-300;
    }
}

/* Not all digits are left, and a coefficient per unit is beyond all numbers. */
static inline void subnormal(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    for (size_t i = 0; i < m->n; i++)
        m->x[1 * m->n + i] *= 1e-310;
}

static inline void far_value(cxs_matrix *m, cxs_surv *surv)
{
    (void)surv;
    m->x[1 * m->n + 5] = 1e6;
    m->x[2 * m->n + 6] = -1e6;
}

static inline void two_dead(cxs_matrix *m, cxs_surv *surv)
{
    (void)m;
    for (size_t i = 0; i < surv->n; i++) {
        surv->time[i] = 1.0 + (double)i;
        surv->event[i] = 1;
    }
}

static const stress_case cases[] = {
    {"plain", 60, 40, 1, nothing, 0, 0, 0},
    {"copies", 60, 40, 1, copies, 0, 0, 0},
    {"constants", 60, 40, 1, constants, 0, 0, 0},
    {"all constant", 60, 10, 1, all_constant, 0, 0, 0},
    {"outcome order", 60, 40, 1, outcome_order, 0, 0, 0},
    {"all censored", 60, 40, 1, all_censored, 1, 0, 0},
    {"one event", 60, 40, 0, one_event, 0, 1, 0},
    {"one time", 60, 40, 1, one_time, 0, 0, 0},
    {"one time, all dead", 60, 40, 1, one_time_all_dead, 0, 0, 0},
    {"p = 1", 60, 1, 1, nothing, 0, 0, 0},
    {"p = 1, order", 60, 1, 0, nothing, 0, 0, 0},
    {"n = 2", 2, 5, 0, two_dead, 0, 1, 0},
    {"n = 2, p = 1", 2, 1, 0, two_dead, 0, 1, 0},
    {"n = 2, one event", 2, 5, 0, one_event, 0, 1, 0},
    {"scales", 60, 40, 1, extreme_scales, 0, 0, 1},
    {"subnormal", 60, 40, 1, subnormal, 0, 0, 1},
    {"far values", 60, 40, 1, far_value, 0, 0, 0},
};

enum { CASES = sizeof cases / sizeof *cases };

enum { PLAIN, COPIES, CONSTANTS, ALL_CONSTANT, OUTCOME_ORDER, SCALES = 14 };

static const stress_case *current;

static inline void make(const stress_case *c, cxs_matrix **matrix, cxs_surv **surv)
{
    current = c;
    *matrix = cohort_matrix(c->n, c->p, 11);
    *surv = cohort_surv(c->n, 1, c->k, NULL, 11);
    c->spoil(*matrix, *surv);
    alarm(FIT_SECONDS);
}

/* CHECK that names the case. */
#define HOLDS(cond)                                                                    \
    do {                                                                               \
        const int holds_ = (cond);                                                     \
        if (!holds_)                                                                   \
            printf("  case '%s': %s\n", current->name, #cond);                         \
        CHECK(holds_);                                                                 \
    } while (0)

#endif /* CXS_STRESS_CASE_H */
