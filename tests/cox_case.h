/*
 * cox_case.h -- samples, follow-up objects and fits for the tests of `cox`
 */
#ifndef CXS_TEST_COX_CASE_H
#define CXS_TEST_COX_CASE_H

#include "reference.h"

#include "coxswain/cox.h"
#include "num/newton.h"

/* A small linear congruential sequence: the same numbers on every machine. */
static inline double case_draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return ((double)*state + 0.5) / 4294967296.0;
}

enum { CASE_ROWS = 24, CASE_COLUMNS = 2 };

/* Ties, delayed entry, weights (some zero), offsets and three strata. */
typedef struct case_sample {
    double time[CASE_ROWS], entry[CASE_ROWS], weight[CASE_ROWS], offset[CASE_ROWS];
    double z[CASE_ROWS * CASE_COLUMNS];
    uint8_t event[CASE_ROWS];
    uint32_t stratum[CASE_ROWS];
} case_sample;

static inline void case_fill(case_sample *s, uint32_t seed)
{
    for (size_t i = 0; i < CASE_ROWS; i++) {
        s->time[i] = 1.0 + floor(7.0 * case_draw(&seed));
        s->entry[i] =
            case_draw(&seed) < 0.5 ? 0.0 : floor(s->time[i] * case_draw(&seed));
        s->event[i] = case_draw(&seed) < 0.6;
        s->weight[i] =
            case_draw(&seed) < 0.1 ? 0.0 : 0.25 + floor(8.0 * case_draw(&seed)) / 4.0;
        s->offset[i] = case_draw(&seed) - 0.5;
        s->stratum[i] = (uint32_t)(3.0 * case_draw(&seed));
        for (size_t c = 0; c < CASE_COLUMNS; c++)
            s->z[c * CASE_ROWS + i] = 2.0 * case_draw(&seed) - 1.0 + (double)c;
    }
}

/* Form f in [0, 32): which of entry, strata, weights, offset and Efron are on. */
enum { CASE_FORMS = 32 };
static inline cxs_outcome case_outcome(const case_sample *s, unsigned f)
{
    return (cxs_outcome){
        .n = CASE_ROWS,
        .time = s->time,
        .event = s->event,
        .entry = f & 1 ? s->entry : NULL,
        .stratum = f & 2 ? s->stratum : NULL,
        .weight = f & 4 ? s->weight : NULL,
        .offset = f & 8 ? s->offset : NULL,
        .ties = f & 16 ? CXS_TIES_EFRON : CXS_TIES_BRESLOW,
    };
}

/* One outcome, sorted, with its state at eta = z beta and room for k columns. */
typedef struct case_problem {
    cxs_risk risk;
    cxs_cox_state state;
    size_t k;
    double *z_ts, *eta_ts, *work, *m;
    void *memory[2];
} case_problem;

static inline void case_problem_at(case_problem *p, const double *beta)
{
    for (size_t i = 0; i < p->risk.n; i++) {
        p->eta_ts[i] = 0.0;
        for (size_t c = 0; c < p->k; c++)
            p->eta_ts[i] += beta[c] * p->z_ts[c * p->risk.n + i];
    }
    CHECK(cxs_cox_eval(&p->risk, p->eta_ts, &p->state, p->work) == CXS_OK);
}

static inline case_problem case_problem_new(const cxs_outcome *o, size_t k,
                                            const double *z)
{
    case_problem p = {.k = k};
    size_t n;

    p.memory[0] = cxs_calloc(NULL, cxs_risk_size(o->n), 1);
    CHECK(cxs_risk_build(o, &p.risk, p.memory[0]) == CXS_OK);
    n = p.risk.n;
    p.memory[1] = cxs_calloc(NULL, cxs_cox_state_size(&p.risk), sizeof(double));
    cxs_cox_state_place(&p.risk, p.memory[1], &p.state);
    p.z_ts = cxs_calloc(NULL, n * k, sizeof(double));
    p.eta_ts = cxs_calloc(NULL, n, sizeof(double));
    p.work = cxs_calloc(NULL, cxs_cox_work_size(&p.risk), sizeof(double));
    p.m = cxs_calloc(NULL, p.risk.terms * k, sizeof(double));
    for (size_t c = 0; c < k; c++)
        for (size_t i = 0; i < n; i++)
            p.z_ts[c * n + i] = z[c * o->n + p.risk.row[i]];
    return p;
}

static inline void case_problem_free(case_problem *p)
{
    cxs_free(p->memory[0]);
    cxs_free(p->memory[1]);
    cxs_free(p->z_ts);
    cxs_free(p->eta_ts);
    cxs_free(p->work);
    cxs_free(p->m);
}

/* Rows of one stratum, covariates z1, z2, ..; arrays are copied. */
static inline cxs_surv *case_surv(size_t n, const double *time, const uint8_t *event,
                                  size_t k, const double *z)
{
    cxs_surv *surv = cxs_calloc(NULL, 1, sizeof *surv);

    surv->n = surv->n_subjects = n;
    surv->n_strata = 1;
    surv->k = k;
    surv->id = cxs_calloc(NULL, n, sizeof *surv->id);
    surv->time = cxs_calloc(NULL, n, sizeof *surv->time);
    surv->event = cxs_calloc(NULL, n, sizeof *surv->event);
    surv->stratum = cxs_calloc(NULL, n, sizeof *surv->stratum);
    surv->stratum_name = cxs_calloc(NULL, 1, sizeof *surv->stratum_name);
    surv->stratum_name[0] = cxs_strdup(NULL, "all");
    surv->term = cxs_calloc(NULL, k, sizeof *surv->term);
    surv->z = cxs_calloc(NULL, n * k, sizeof *surv->z);
    surv->time_unit = cxs_strdup(NULL, "");
    surv->endpoint = cxs_strdup(NULL, "");
    for (size_t i = 0; i < n; i++) {
        char id[32];
        snprintf(id, sizeof id, "P%02zu", i);
        surv->id[i] = cxs_strdup(NULL, id);
        surv->time[i] = time[i];
        surv->event[i] = event[i];
    }
    for (size_t c = 0; c < k; c++) {
        char term[32];
        snprintf(term, sizeof term, "z%zu", c + 1);
        surv->term[c] = cxs_strdup(NULL, term);
    }
    if (k > 0)
        memcpy(surv->z, z, n * k * sizeof *z);
    return surv;
}

static const char *const case_terms[] = {"x1", "x2", "x3"};
enum { CASE_TERMS = 3 };

static inline cxs_cox_fit *case_fit(const cxs_surv *surv, cxs_cox_settings s)
{
    cxs_cox_fit *fit = NULL;

    CHECK(cxs_cox_fit_new(NULL, surv, &s, &fit) == CXS_OK);
    return fit;
}

static inline cxs_cox_settings case_settings(cxs_ties ties)
{
    cxs_cox_settings s = cxs_cox_defaults();

    s.ties = ties;
    return s;
}

/* Give the rows the clusters of a column of the table. */
static inline void case_cluster(cxs_surv *surv, const cxs_table *table)
{
    double *cluster = ref_column(table, "cluster");

    surv->cluster = cxs_calloc(NULL, surv->n, sizeof *surv->cluster);
    for (size_t i = 0; i < surv->n; i++)
        surv->cluster[i] = (uint32_t)cluster[i];
    cxs_free(cluster);
}

/* The row of `surv` moved to row `to` of `other`, which has the same optional columns.
 */
static inline void case_copy_row(cxs_surv *other, size_t to, const cxs_surv *surv,
                                 size_t from)
{
    other->time[to] = surv->time[from];
    other->event[to] = surv->event[from];
    other->stratum[to] = surv->stratum[from];
    if (surv->entry != NULL)
        other->entry[to] = surv->entry[from];
    if (surv->weight != NULL)
        other->weight[to] = surv->weight[from];
    if (surv->offset != NULL)
        other->offset[to] = surv->offset[from];
    for (size_t c = 0; c < surv->k; c++)
        other->z[c * other->n + to] = surv->z[c * surv->n + from];
}

/* The same rows in the order `from` [n], a row may come twice or not at all. */
static inline cxs_surv *case_rows(const cxs_table *cohort, ref_setting setting,
                                  size_t n, const size_t *from)
{
    cxs_surv *source = ref_surv(cohort, setting, CASE_TERMS, case_terms);
    cxs_surv *surv = ref_surv(cohort, setting, CASE_TERMS, case_terms);

    for (size_t i = 0; i < surv->n; i++)
        cxs_free(surv->id[i]);
    surv->id = cxs_realloc(NULL, surv->id, n, sizeof *surv->id);
    surv->time = cxs_realloc(NULL, surv->time, n, sizeof *surv->time);
    surv->event = cxs_realloc(NULL, surv->event, n, sizeof *surv->event);
    surv->stratum = cxs_realloc(NULL, surv->stratum, n, sizeof *surv->stratum);
    surv->z = cxs_realloc(NULL, surv->z, n * surv->k, sizeof *surv->z);
    if (surv->entry != NULL)
        surv->entry = cxs_realloc(NULL, surv->entry, n, sizeof *surv->entry);
    if (surv->weight != NULL)
        surv->weight = cxs_realloc(NULL, surv->weight, n, sizeof *surv->weight);
    if (surv->offset != NULL)
        surv->offset = cxs_realloc(NULL, surv->offset, n, sizeof *surv->offset);
    surv->n = surv->n_subjects = n;
    for (size_t i = 0; i < n; i++) {
        surv->id[i] = cxs_strdup(NULL, source->id[from[i]]);
        case_copy_row(surv, i, source, from[i]);
    }
    cxs_surv_free(source);
    return surv;
}

#endif /* CXS_TEST_COX_CASE_H */
