/*
 * panel_case.h -- columns and problems for the passes over all columns
 */
#ifndef CXS_PANEL_CASE_H
#define CXS_PANEL_CASE_H

#include "test.h"

#include "cohort.h"

#include "model/path.h"

#include <stdlib.h>

/* Several blocks of 128 columns, the last one not full. */
enum { N = 90, P = 300 };

/* A design of every kind of column, and one problem on it. */
typedef struct bed {
    double x[N * P], time[N], weight[N], factor[P], r[N];
    uint8_t event[N];
    const char *name[P];
    cxs_design design;
    cxs_problem problem;
    cxs_model_settings settings;
    void *risk_memory;
    cxs_risk risk;
    cxs_columns columns;
    cxs_panel *panel;
} bed;

static inline void make_columns(bed *b)
{
    const cxs_stream stream = {5, CXS_DRAW_TEST, 0};

    for (size_t j = 0; j < P; j++)
        for (size_t i = 0; i < N; i++) {
            double *x = &b->x[j * N + i];
            *x = cxs_draw_normal(&stream, j * N + i);
            if (j % 10 == 3)
                *x += 1e4; /* cancels in the centring */
            if (j % 10 == 4)
                *x *= 1e200;
            if (j % 10 == 5)
                *x *= 1e-200;
            if (j % 50 == 6)
                *x = 7.0;
            if (j % 10 == 9) /* nearly the column before it */
                *x = b->x[(j - 1) * N + i] * (1.0 + 1e-7 * *x);
        }
}

/* Gradients sum to zero. */
static inline void centre(double *r)
{
    double mean = 0.0;

    for (size_t i = 0; i < N; i++)
        mean += r[i] / N;
    for (size_t i = 0; i < N; i++)
        r[i] -= mean;
}

static inline void make_gradient(double *r, uint64_t replicate)
{
    const cxs_stream stream = {6, CXS_DRAW_TEST, replicate};

    for (size_t i = 0; i < N; i++)
        r[i] = cxs_draw_normal(&stream, i);
    centre(r);
}

static inline bed *bed_new(cxs_ctx *ctx, int stream, int missing)
{
    bed *b = calloc(1, sizeof *b);

    make_columns(b);
    for (size_t j = 0; missing && j < P; j += 9)
        b->x[j * N + j % N] = (double)NAN;
    for (size_t i = 0; i < N; i++) {
        b->time[i] = 1.0 + (double)i;
        b->event[i] = i % 3 != 0;
        b->weight[i] = i % 5 == 0 ? 0.0 : 1.0; /* a fold: scales differ from the copy */
    }
    for (size_t j = 0; j < P; j++) {
        b->factor[j] = 0.5 + 0.1 * (double)(j % 7);
        if (j % 13 == 0)
            b->factor[j] = j % 2 ? HUGE_VAL : 0.0;
        b->name[j] = "x";
    }
    b->design =
        (cxs_design){.n = N, .p = P, .x = b->x, .feature = b->name, .stream = stream};
    b->problem.outcome =
        (cxs_outcome){.n = N, .time = b->time, .event = b->event, .weight = b->weight};
    b->settings = cxs_model_defaults();
    b->risk_memory = malloc(cxs_risk_size(N));
    CHECK(cxs_risk_build(&b->problem.outcome, &b->risk, b->risk_memory) == CXS_OK);
    const cxs_columns_of of = {&b->problem, &b->risk, &b->columns};
    CHECK(cxs_columns_new(ctx, &b->design, &b->settings, &of, 1) == CXS_OK);
    CHECK(cxs_panel_new(ctx, &b->design, &b->panel) == CXS_OK && b->panel != NULL);
    make_gradient(b->r, 0);
    return b;
}

static inline void bed_free(bed *b)
{
    cxs_panel_free(b->panel);
    cxs_columns_free(&b->columns);
    free(b->risk_memory);
    free(b);
}

static inline cxs_gate gate_of(const bed *b, const double *r, double threshold)
{
    return (cxs_gate){.columns = &b->columns,
                      .factor = b->factor,
                      .r = r,
                      .weight_sum = b->risk.weight_sum,
                      .threshold = threshold};
}

/* |g_j| / factor_j by the sum of one column; negative where j cannot enter. */
static inline void sizes(const bed *b, const double *r, double *size)
{
    for (size_t j = 0; j < P; j++) {
        double g;
        size[j] = -1.0;
        if (!(b->factor[j] > 0.0) || !isfinite(b->factor[j]) ||
            !(b->columns.unit[j] > 0.0))
            continue;
        cxs_columns_dot(&b->columns, j, r, b->risk.weight_sum, &g);
        size[j] = fabs(g) / b->factor[j];
    }
}

/* The answer is the set with size >= threshold (as the code divides nothing, a
 * rounding of threshold * factor is allowed for), ascending, with float64 gradients. */
static inline void check_answer(const bed *b, const cxs_gate *gate, const double *size)
{
    size_t at = 0;

    for (size_t j = 0; j < P; j++) {
        const double t = gate->threshold * b->factor[j];
        const int wanted = size[j] >= 0.0 && size[j] * b->factor[j] >= t;
        const int there = at < gate->count && gate->id[at] == j;
        if (there != wanted && fabs(size[j] - gate->threshold) > 4e-16 * size[j])
            CHECK(there == wanted);
        if (there) {
            CHECK(fabs(fabs(gate->g[at]) - size[j] * b->factor[j]) <=
                  1e-15 * size[j] * b->factor[j]);
            at++;
        }
    }
    CHECK(at == gate->count);
}

#endif /* CXS_PANEL_CASE_H */
