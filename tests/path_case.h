/*
 * path_case.h -- designs of tests/data/path and a literal penalised objective
 *
 * Everything here is slow and obvious on purpose: it judges the solver and shares no code
 * with it.
 */
#ifndef CXS_PATH_CASE_H
#define CXS_PATH_CASE_H

#include "base/number.h"
#include "base/table.h"
#include "model/path.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 256, COLUMNS_MAX = 64 };

typedef struct path_case {
    size_t n, p;
    double time[ROWS_MAX], entry[ROWS_MAX], weight[ROWS_MAX], offset[ROWS_MAX];
    uint8_t event[ROWS_MAX];
    uint32_t stratum[ROWS_MAX];
    char id[ROWS_MAX][16];
    double x[ROWS_MAX * COLUMNS_MAX]; /* [n x p] */
    char names[COLUMNS_MAX][24];
    const char *name[COLUMNS_MAX];
} path_case;

static inline double number(const char *text)
{
    double value = (double)NAN;

    assert_true(cxs_number_parse(text, strlen(text), &value));
    return value;
}

/* Rows of one design of designs.tsv.gz. */
static inline void load_case(const char *design, path_case *c)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = NULL;

    memset(c, 0, sizeof *c);
    assert_int_equal(cxs_table_read(ctx, "tests/data/path/designs.tsv.gz", &t), CXS_OK);
    for (size_t row = 0; row < t->rows; row++) {
        const size_t i = c->n;
        double wide[COLUMNS_MAX];
        char *at, values[4096];
        size_t p = 0;
        if (strcmp(cxs_table_cell(t, row, 0), design) != 0)
            continue;
        snprintf(c->id[i], sizeof c->id[i], "%s", cxs_table_cell(t, row, 1));
        c->time[i] = number(cxs_table_cell(t, row, 2));
        c->entry[i] = number(cxs_table_cell(t, row, 3));
        c->event[i] = number(cxs_table_cell(t, row, 4)) > 0.5;
        c->stratum[i] = (uint32_t)number(cxs_table_cell(t, row, 5));
        c->weight[i] = number(cxs_table_cell(t, row, 6));
        c->offset[i] = number(cxs_table_cell(t, row, 7));
        snprintf(values, sizeof values, "%s", cxs_table_cell(t, row, 8));
        for (at = strtok(values, " "); at != NULL; at = strtok(NULL, " "))
            wide[p++] = number(at);
        c->p = p;
        for (size_t j = 0; j < p; j++) /* row-major until n is known */
            c->x[i * COLUMNS_MAX + j] = wide[j];
        c->n++;
    }
    {
        double *copy = malloc(sizeof c->x);
        memcpy(copy, c->x, sizeof c->x);
        for (size_t i = 0; i < c->n; i++)
            for (size_t j = 0; j < c->p; j++)
                c->x[j * c->n + i] = copy[i * COLUMNS_MAX + j];
        free(copy);
    }
    for (size_t j = 0; j < c->p; j++) {
        snprintf(c->names[j], sizeof c->names[j], "x%02zu", j);
        c->name[j] = c->names[j];
    }
    assert_true(c->n > 0);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
}

static inline cxs_design case_design(const path_case *c)
{
    return (cxs_design){.n = c->n, .p = c->p, .x = c->x, .feature = c->name};
}

static inline cxs_problem case_problem(const path_case *c, int strata, int entry,
                                       int weight, int offset, cxs_ties ties)
{
    return (cxs_problem){.outcome = {.n = c->n,
                                     .time = c->time,
                                     .event = c->event,
                                     .entry = entry ? c->entry : NULL,
                                     .stratum = strata ? c->stratum : NULL,
                                     .weight = weight ? c->weight : NULL,
                                     .offset = offset ? c->offset : NULL,
                                     .ties = ties}};
}

/* ---- the literal likelihood, O(n^2) ---------------------------------------------- */

static inline double row_weight(const cxs_outcome *o, size_t i)
{
    return o->weight != NULL ? o->weight[i] : 1.0;
}

/* Log partial likelihood and its gradient r in eta (offset added here). */
static inline double naive_cox(const cxs_outcome *o, const double *eta, double *r)
{
    double total = 0.0, e[ROWS_MAX];

    for (size_t i = 0; i < o->n; i++) {
        e[i] =
            row_weight(o, i) * exp(eta[i] + (o->offset != NULL ? o->offset[i] : 0.0));
        r[i] = 0.0;
    }
    for (size_t i = 0; i < o->n; i++) {
        double sum = 0.0, tied = 0.0, tied_weight = 0.0, d = 0.0, rank = 0.0, w, frac;
        uint8_t risk[ROWS_MAX], dead[ROWS_MAX];
        if (!o->event[i] || !(row_weight(o, i) > 0.0))
            continue;
        for (size_t j = 0; j < o->n; j++) {
            risk[j] = row_weight(o, j) > 0.0 && o->time[j] >= o->time[i] &&
                      (o->entry == NULL || o->entry[j] < o->time[i]) &&
                      (o->stratum == NULL || o->stratum[j] == o->stratum[i]);
            dead[j] = risk[j] && o->event[j] && !(o->time[j] > o->time[i]);
            sum += risk[j] ? e[j] : 0.0;
            tied += dead[j] ? e[j] : 0.0;
            tied_weight += dead[j] ? row_weight(o, j) : 0.0;
            d += dead[j];
            rank += dead[j] && j < i;
        }
        frac = o->ties == CXS_TIES_EFRON ? rank / d : 0.0;
        w = o->ties == CXS_TIES_EFRON ? tied_weight / d : row_weight(o, i);
        sum -= frac * tied;
        total +=
            row_weight(o, i) * (eta[i] + (o->offset != NULL ? o->offset[i] : 0.0)) -
            w * log(sum);
        r[i] += row_weight(o, i);
        for (size_t j = 0; j < o->n; j++)
            if (risk[j])
                r[j] -= w * e[j] * (dead[j] ? 1.0 - frac : 1.0) / sum;
    }
    return total;
}

/* Weighted sd (1/W) of a column over rows of positive weight. */
static inline double naive_sd(const cxs_outcome *o, const double *x)
{
    double w = 0.0, mean = 0.0, squares = 0.0;

    for (size_t i = 0; i < o->n; i++) {
        w += row_weight(o, i);
        mean += row_weight(o, i) * x[i];
    }
    mean /= w;
    for (size_t i = 0; i < o->n; i++)
        squares += row_weight(o, i) * (x[i] - mean) * (x[i] - mean);
    return sqrt(squares / w);
}

typedef struct judged {
    double objective, violation; /* violation relative to nothing: absolute */
} judged;

/* Objective of coxswain/model.h and largest KKT violation at raw coefficients beta[p] (and
 * gamma[k] of unpenalised covariates), recomputed from the raw data. */
static inline judged judge(const cxs_design *d, const cxs_problem *pr,
                           const double *factor, double alpha, double lambda,
                           const double *beta, const double *gamma)
{
    const cxs_outcome *o = &pr->outcome;
    double eta[ROWS_MAX] = {0}, r[ROWS_MAX], w = 0.0;
    judged out = {0.0, 0.0};

    for (size_t i = 0; i < d->n; i++) {
        w += row_weight(o, i);
        for (size_t j = 0; j < d->p; j++)
            eta[i] += beta[j] != 0.0 ? d->x[j * d->n + i] * beta[j] : 0.0;
        for (size_t t = 0; t < pr->k; t++)
            eta[i] += pr->z[t * d->n + i] * gamma[t];
    }
    out.objective = -naive_cox(o, eta, r) / w;
    for (size_t j = 0; j < d->p; j++) {
        const double *x = d->x + j * d->n, sd = naive_sd(o, x), b = beta[j] * sd;
        const double pf = factor != NULL ? factor[j] : 1.0;
        double g = 0.0;
        if (!(sd > 0.0) || !isfinite(pf))
            continue;
        for (size_t i = 0; i < d->n; i++)
            g += x[i] * r[i];
        g /= sd * w;
        out.objective += lambda * pf * (alpha * fabs(b) + 0.5 * (1.0 - alpha) * b * b);
        g -= lambda * pf * (1.0 - alpha) * b;
        out.violation =
            fmax(out.violation, b != 0.0 ? fabs(g - copysign(lambda * pf * alpha, b))
                                         : fmax(fabs(g) - lambda * pf * alpha, 0.0));
    }
    for (size_t t = 0; t < pr->k; t++) {
        double g = 0.0;
        for (size_t i = 0; i < d->n; i++)
            g += pr->z[t * d->n + i] * r[i];
        out.violation =
            fmax(out.violation, fabs(g / naive_sd(o, pr->z + t * d->n) / w));
    }
    return out;
}

/* Dense coefficients of one point of a path. */
static inline void dense(const cxs_path *path, size_t l, double *beta, double *gamma)
{
    memset(beta, 0, path->p * sizeof *beta);
    for (size_t i = 0; i < path->point[l].count; i++) {
        const size_t at = path->point[l].first + i;
        if (path->index[at] < path->p)
            beta[path->index[at]] = path->beta[at];
        else
            gamma[path->index[at] - path->p] = path->beta[at];
    }
}

static inline cxs_path *case_solve(const cxs_design *d, const cxs_problem *p,
                                   const cxs_model_settings *s, const double *factor)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_path *path = NULL;
    cxs_panel *panel = NULL;
    cxs_rc rc = cxs_panel_new(ctx, d, &panel);

    assert_int_equal(rc, CXS_OK);
    rc = cxs_path_solve(ctx, panel, d, p, s, factor, &path);
    cxs_panel_free(panel);

    if (rc != CXS_OK)
        printf("  %s\n", cxs_ctx_message(ctx));
    cxs_ctx_free(ctx);
    return path;
}

#endif /* CXS_PATH_CASE_H */
