/*
 * cohort.h -- small simulated cohorts in memory: follow-up and matrix for tests
 *
 * Ids are P000, P001, .. so that the order of the rows is the order of the ids.
 */
#ifndef CXS_TEST_COHORT_H
#define CXS_TEST_COHORT_H

#include "base/base.h"
#include "base/stream.h"
#include "store/data.h"

#include <math.h>
#include <stdio.h>

/* Strings "<prefix>000", ... */
static inline char **cohort_names(const char *prefix, size_t count)
{
    char **names = cxs_calloc(NULL, count, sizeof *names);

    for (size_t i = 0; names != NULL && i < count; i++) {
        char text[32];
        snprintf(text, sizeof text, "%s%03zu", prefix, i);
        names[i] = cxs_strdup(NULL, text);
    }
    return names;
}

/*
 * n subjects with one row each, `strata` strata in turn, exponential times whose log
 * hazard is eta[i] (NULL: 0), about 30 % censored, one covariate when k = 1.
 */
static inline cxs_surv *cohort_surv(size_t n, size_t strata, size_t k,
                                    const double *eta, uint64_t seed)
{
    const cxs_stream stream = {seed, CXS_DRAW_TEST, 0};
    cxs_surv *surv = cxs_calloc(NULL, 1, sizeof *surv);

    surv->n = surv->n_subjects = n;
    surv->n_strata = strata;
    surv->k = k;
    surv->id = cohort_names("P", n);
    surv->stratum_name = cohort_names("S", strata);
    surv->term = cohort_names("z", k);
    surv->time = cxs_calloc(NULL, n, sizeof *surv->time);
    surv->event = cxs_calloc(NULL, n, sizeof *surv->event);
    surv->stratum = cxs_calloc(NULL, n, sizeof *surv->stratum);
    surv->z = k > 0 ? cxs_calloc(NULL, n * k, sizeof *surv->z) : NULL;
    surv->time_unit = cxs_strdup(NULL, "days");
    surv->endpoint = cxs_strdup(NULL, "OS");
    for (size_t i = 0; i < n; i++) {
        const double hazard = exp(eta != NULL ? eta[i] : 0.0) / 400.0;
        const double death = -log(cxs_draw_uniform(&stream, 4 * i)) / hazard;
        const double stop = -log(cxs_draw_uniform(&stream, 4 * i + 1)) * 900.0;
        surv->time[i] = ceil(fmin(death, stop)); /* whole days: some ties */
        surv->event[i] = death <= stop;
        surv->stratum[i] = (uint32_t)(i % strata);
        for (size_t t = 0; t < k; t++)
            surv->z[t * n + i] = cxs_draw_normal(&stream, 4 * i + 2 + t);
    }
    return surv;
}

/* n x p standard normal values, features G000, .. */
static inline cxs_matrix *cohort_matrix(size_t n, size_t p, uint64_t seed)
{
    const cxs_stream stream = {seed, CXS_DRAW_TEST, 1};
    cxs_matrix *matrix = cxs_calloc(NULL, 1, sizeof *matrix);

    matrix->n = n;
    matrix->p = p;
    matrix->sample = cohort_names("P", n);
    matrix->feature = cohort_names("G", p);
    matrix->layer = cxs_strdup(NULL, "rna");
    matrix->kind = CXS_KIND_OTHER;
    matrix->x = cxs_calloc(NULL, n * p, sizeof *matrix->x);
    for (size_t i = 0; i < n * p; i++)
        matrix->x[i] = cxs_draw_normal(&stream, i);
    return matrix;
}

/* ---- a cohort with known markers ------------------------------------------------- */

enum { PLANTED_N = 140, PLANTED_P = 40, PLANTED = 3 };
static const size_t planted[PLANTED] = {5, 17, 31};
static const double effect[PLANTED] = {1.0, -0.9, 0.8};

/* PLANTED_P features, three of them with an effect on the log hazard; G020 is 0/1, G021
 * constant, G022 has gaps.  Two strata, one covariate. */
static inline void planted_cohort(cxs_matrix **matrix, cxs_surv **surv)
{
    const size_t n = PLANTED_N;
    double eta[PLANTED_N];
    cxs_matrix *m = cohort_matrix(n, PLANTED_P, 2);

    for (size_t i = 0; i < n; i++) {
        eta[i] = 0.0;
        for (size_t e = 0; e < PLANTED; e++)
            eta[i] += effect[e] * m->x[i + planted[e] * n];
        m->x[i + 20 * n] = m->x[i + 20 * n] > 0.3;
        m->x[i + 21 * n] = 4.0;
        m->x[i + 22 * n] = i % 10 == 0 ? (double)NAN : m->x[i + 22 * n];
    }
    *matrix = m;
    *surv = cohort_surv(n, 2, 1, eta, 2);
}

#endif /* CXS_TEST_COHORT_H */
