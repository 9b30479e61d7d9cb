/*
 * made.h -- made-up rows and features of every kind, for the tests of the scan
 */
#ifndef CXS_TEST_MADE_H
#define CXS_TEST_MADE_H

#include "model/scan.h"

enum { N = 130, P = 150, K = 9 };

typedef struct made {
    double time[N], entry[N], weight[N], offset[N], z[N * K], x[N * P];
    uint8_t event[N];
    uint32_t stratum[N];
    cxs_design design;
    cxs_problem problem;
    char name[P][8];
    const char *feature[P];
} made;

static uint32_t lcg_state;
static inline double uniform(void)
{
    lcg_state = lcg_state * 1664525u + 1013904223u;
    return ((double)lcg_state + 0.5) / 4294967296.0;
}

/* Features of every kind: several values, 0/1, missing, constant, copies of covariates.
 * More covariates than the kernels are compiled for when k > 5. */
static inline made *make(uint32_t seed, size_t k, int entry, int strata, int weights)
{
    made *d = cxs_calloc(NULL, 1, sizeof *d);

    lcg_state = seed;
    for (size_t c = 0; c < N * K; c++)
        d->z[c] = c < N ? (uniform() < 0.4) : uniform() - uniform();
    for (size_t i = 0; i < N; i++) {
        const double hazard = exp(0.7 * d->z[i] - d->z[N + i]);
        const double died = -log(uniform()) / hazard * 8.0,
                     left = 1.0 + 12.0 * uniform();
        d->time[i] = ceil(fmin(died, left));
        d->event[i] = died <= left;
        d->entry[i] = uniform() < 0.4 ? floor(uniform() * d->time[i]) : 0.0;
        d->weight[i] = 0.5 + uniform();
        d->offset[i] = 0.3 * uniform();
        d->stratum[i] = (uint32_t)(3.0 * uniform());
    }
    for (size_t j = 0; j < P; j++) {
        snprintf(d->name[j], sizeof d->name[j], "f%03zu", j);
        d->feature[j] = d->name[j];
        for (size_t i = 0; i < N; i++) {
            double *x = &d->x[j * N + i];
            *x = j % 7 == 2 ? (double)(uniform() < 0.3)
                            : 4.0 * uniform() + d->time[i] / 9.0;
            if (j % 11 == 3 && uniform() < 0.2)
                *x = (double)NAN;
            if (j % 31 == 4)
                *x = 2.0;
            if (j % 31 == 5)
                *x = 3.0 - d->z[i];
        }
    }
    d->design = (cxs_design){.n = N, .p = P, .x = d->x, .feature = d->feature};
    d->problem.outcome = (cxs_outcome){.n = N,
                                       .time = d->time,
                                       .entry = entry ? d->entry : NULL,
                                       .event = d->event,
                                       .stratum = strata ? d->stratum : NULL,
                                       .weight = weights ? d->weight : NULL,
                                       .offset = d->offset,
                                       .ties = CXS_TIES_EFRON};
    d->problem.k = k;
    d->problem.z = k > 0 ? d->z : NULL;
    return d;
}

#endif /* CXS_TEST_MADE_H */
