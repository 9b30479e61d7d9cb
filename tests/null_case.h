/*
 * null_case.h -- cohorts in which no feature has an effect, with heavy or light ties
 *
 * Subjects in two strata with different hazards, one covariate with an effect, about
 * 30 % censored; times are rounded up to eight values (heavy ties) or to some hundred
 * (light).  A share of p-values below 5 % that is not 5 % is a fault of the test, not
 * of the data.
 */
#ifndef CXS_NULL_CASE_H
#define CXS_NULL_CASE_H

#include "cohort.h"
#include "model/scan.h"
#include "rank/evidence.h"

#include <string.h>

enum { NULL_FEATURES = 6, NULL_TESTS = 3, NULL_PANEL = 50, NULL_PERMUTATIONS = 99 };

/* How many p-values there were, and how many were <= 0.05. */
typedef struct null_count {
    size_t tests, rejected;
} null_count;

/* What kind of cohorts: subjects, distinct times at most. */
typedef struct null_kind {
    const char *name;
    size_t n, times;
    cxs_ties ties;
} null_kind;

static inline cxs_surv *null_surv(const null_kind *kind, uint64_t replicate)
{
    const cxs_stream stream = {21, CXS_DRAW_TEST, replicate};
    const size_t n = kind->n;
    const double steps = 3.0 / 8.0 * (double)kind->times;
    cxs_surv *surv = cohort_surv(n, 2, 1, NULL, 1000 + replicate);

    for (size_t i = 0; i < n; i++) {
        const double hazard = exp(0.6 * surv->z[i]) * (i % 2 ? 1.7 : 1.0);
        const double death = -log(cxs_draw_uniform(&stream, 2 * i)) / hazard;
        const double stop = -log(cxs_draw_uniform(&stream, 2 * i + 1)) / 0.6;
        const double last = 8.0 / 3.0; /* end of the study */
        surv->time[i] = ceil(steps * fmin(fmin(death, stop), last));
        surv->event[i] = death <= fmin(stop, last);
    }
    return surv;
}

/* Four normal features, one that goes with the covariate, one with two values. */
static inline cxs_matrix *null_features(const cxs_surv *surv, uint64_t replicate)
{
    const size_t n = surv->n;
    cxs_matrix *m = cohort_matrix(n, NULL_FEATURES, 5000 + replicate);

    for (size_t i = 0; i < n; i++) {
        double *goes = &m->x[4 * n + i], *binary = &m->x[5 * n + i];
        *goes = 0.6 * surv->z[i] + 0.8 * *goes;
        *binary = *binary > 0.25;
    }
    return m;
}

static inline void count_p(null_count *count, double p)
{
    count->tests++;
    count->rejected += p <= 0.05;
}

/* Wald, likelihood ratio and score tests of one cohort. */
static inline cxs_rc null_scan(cxs_ctx *ctx, const null_kind *kind, uint64_t replicate,
                               null_count count[NULL_TESTS])
{
    cxs_surv *surv = null_surv(kind, replicate);
    cxs_matrix *matrix = null_features(surv, replicate);
    cxs_joined *joined = NULL;
    cxs_rc rc = cxs_join(ctx, matrix, surv, kind->ties, &joined); /* takes both over */

    for (int test = 0; test < NULL_TESTS && rc == CXS_OK; test++) {
        cxs_screen_settings s = cxs_screen_defaults();
        cxs_screen_row row[NULL_FEATURES];
        s.ties = kind->ties;
        s.test = (cxs_screen_test)test;
        rc = cxs_scan(ctx, &joined->design, &joined->problem, &s, row);
        for (size_t j = 0; j < NULL_FEATURES && rc == CXS_OK; j++)
            if (row[j].status == CXS_STATUS_OK)
                count_p(&count[test], row[j].p);
    }
    cxs_joined_free(joined);
    return rc;
}

/* The permutation check of one cohort with NULL_PANEL features. */
static inline cxs_rc null_permutation(cxs_ctx *ctx, const null_kind *kind,
                                      uint64_t replicate, null_count *count)
{
    const uint8_t binary[NULL_PANEL] = {0};
    cxs_rank_settings settings = cxs_rank_defaults();
    cxs_surv *surv = null_surv(kind, replicate);
    cxs_matrix *matrix = cohort_matrix(surv->n, NULL_PANEL, 9000 + replicate);
    cxs_permutation check = {0};
    cxs_joined *joined = NULL;
    cxs_rc rc = cxs_join(ctx, matrix, surv, kind->ties, &joined);

    settings.permutations = NULL_PERMUTATIONS;
    settings.seed = replicate;
    if (rc == CXS_OK)
        rc = cxs_permutation_check(ctx, joined, binary, &settings, &check);
    if (rc == CXS_OK)
        count_p(count, check.p);
    cxs_free(check.max_abs_z);
    cxs_joined_free(joined);
    return rc;
}

static inline double null_share(const null_count *c)
{
    return (double)c->rejected / (double)c->tests;
}

/* P(at least `rejected` of `tests` independent p-values lie below 5 %), exactly; and at
 * most.  log C(n, k) by lgamma. */
static inline double null_binomial(size_t tests, size_t k)
{
    const double n = (double)tests, x = (double)k;

    return exp(lgamma(n + 1.0) - lgamma(x + 1.0) - lgamma(n - x + 1.0) + x * log(0.05) +
               (n - x) * log(0.95));
}

static inline double null_upper(const null_count *c)
{
    double sum = 0.0;

    for (size_t k = c->rejected; k <= c->tests; k++)
        sum += null_binomial(c->tests, k);
    return sum;
}

static inline double null_lower(const null_count *c)
{
    double sum = 0.0;

    for (size_t k = 0; k <= c->rejected; k++)
        sum += null_binomial(c->tests, k);
    return sum;
}

#endif /* CXS_NULL_CASE_H */
