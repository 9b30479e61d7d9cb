/*
 * evaluable.c -- which features the cohort can say anything about
 *
 * A feature whose patients nearly all share one value (the floor of an expression
 * assay, a rare alteration) is carried by the few others: one early death among them
 * gives a huge score statistic, in the data and in every permutation, and such features
 * then rule the largest of all.  So a feature needs max(5, 5 %) patients away from its
 * most frequent value and, where it has two values, 3 events on each side; and it may
 * be missing in 20 % of the patients at most.
 *
 * Risk sets lie within strata, and so does the floor (cohorts were measured apart):
 * patients are counted against the most frequent value of their own stratum.  That
 * also removes features that only tell the strata apart.
 *
 * All but the events rule is blind to the outcome and keeps its verdict when outcomes
 * change places within strata.  The events rule does not, so it is applied to each
 * permuted outcome as to the observed one: the same statistic of every data set.
 */
#include "rank/evidence.h"

#include "base/pool.h"
#include "num/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    GROUP_MIN = 5,     /* patients */
    GROUP_SHARE = 20,  /* one in 20: 5 % */
    MISSING_SHARE = 5, /* one in 5: 20 % */
    EVENTS_MIN = 3,
    BLOCK = 64 /* features of one task */
};

typedef struct filter_job {
    const cxs_joined *joined;
    size_t *subject;       /* [subjects] a row of each, stratum by stratum */
    size_t *stratum_first; /* [strata + 1] into subject */
    size_t subjects, strata;
    double *values;    /* [workers x n] */
    cxs_rank_row *row; /* [p] */
    uint8_t *binary;   /* [p] */
} filter_job;

/* The last row of each subject, grouped by stratum (a counting sort). */
static cxs_rc list_subjects(cxs_ctx *ctx, filter_job *job)
{
    const cxs_surv *surv = job->joined->surv;
    const uint32_t *stratum = cxs_surv_stratum(surv);
    const char *const *id = cxs_surv_id(surv);
    const size_t n = cxs_surv_n(surv);
    size_t *next = NULL;
    cxs_rc rc = CXS_OK;

    job->strata = cxs_surv_n_strata(surv);
    CXS_NEW(job->subject, n);
    CXS_NEW(job->stratum_first, job->strata + 1);
    CXS_NEW(next, job->strata);
    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || strcmp(id[i], id[i + 1]) != 0)
            job->stratum_first[stratum[i] + 1]++;
    for (size_t s = 0; s < job->strata; s++) {
        job->stratum_first[s + 1] += job->stratum_first[s];
        next[s] = job->stratum_first[s];
    }
    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || strcmp(id[i], id[i + 1]) != 0)
            job->subject[next[stratum[i]]++] = i;
    job->subjects = job->stratum_first[job->strata];

done:
    cxs_free(next);
    return rc;
}

/* How many of m values differ from the most frequent one. */
static size_t apart_from_mode(size_t m, double *values)
{
    size_t longest = 0;

    qsort(values, m, sizeof *values, cxs_ascending);
    for (size_t a = 0, b; a < m; a = b) {
        for (b = a; b < m && values[b] == values[a];)
            b++;
        longest = b - a > longest ? b - a : longest;
    }
    return m - longest;
}

/* Subjects with a value, and those whose value is not the most frequent one of their
 * stratum. */
static void count_subjects(const filter_job *job, const double *x, double *values,
                           size_t *known, size_t *apart)
{
    *known = *apart = 0;
    for (size_t s = 0; s < job->strata; s++) {
        size_t m = 0;
        for (size_t i = job->stratum_first[s]; i < job->stratum_first[s + 1]; i++)
            if (!isnan(x[job->subject[i]]))
                values[m++] = x[job->subject[i]];
        *known += m;
        *apart += apart_from_mode(m, values);
    }
}

/* Number of distinct values, 3 for more than two; rows and events with a value. */
static int describe(const cxs_joined *joined, const double *x, cxs_screen_row *row)
{
    const uint8_t *event = cxs_surv_event(joined->surv);
    double first = (double)NAN, second = (double)NAN;
    int distinct = 0;

    for (size_t i = 0; i < joined->design.n; i++) {
        if (isnan(x[i])) {
            row->missing++;
            continue;
        }
        row->n++;
        row->events += event[i];
        if (distinct == 0) {
            first = x[i];
            distinct = 1;
        } else if (distinct == 1 && x[i] != first) {
            second = x[i];
            distinct = 2;
        } else if (distinct == 2 && x[i] != first && x[i] != second) {
            distinct = 3;
        }
    }
    return distinct;
}

static cxs_status status_of(const filter_job *job, int distinct, size_t known,
                            size_t apart)
{
    const size_t share = (known + GROUP_SHARE - 1) / GROUP_SHARE;

    if (known == 0 || (job->subjects - known) * MISSING_SHARE > job->subjects)
        return CXS_STATUS_MISSING;
    if (distinct < 2)
        return CXS_STATUS_CONSTANT;
    return apart < (share > GROUP_MIN ? share : GROUP_MIN) ? CXS_STATUS_NOT_ASSESSED
                                                           : CXS_STATUS_OK;
}

/* A row without any number but its counts; the coefficient of a constant is zero. */
static void leave_out(cxs_rank_row *row, cxs_status status)
{
    const double nan = (double)NAN;
    cxs_screen_row *e2 = &row->adjusted;

    e2->scale = e2->beta = e2->se = e2->z = e2->p = e2->log10_p = e2->q = nan;
    if (status == CXS_STATUS_CONSTANT)
        e2->beta = 0.0;
    e2->status = status;
    row->unadjusted = *e2;
}

static cxs_rc filter_block(cxs_ctx *ctx, size_t task, size_t worker, void *arg)
{
    const filter_job *job = arg;
    const cxs_design *design = &job->joined->design;
    const size_t end = (task + 1) * BLOCK < design->p ? (task + 1) * BLOCK : design->p;

    (void)ctx;
    for (size_t j = task * BLOCK; j < end; j++) {
        const double *x = design->x + j * design->n;
        const int distinct = describe(job->joined, x, &job->row[j].adjusted);
        size_t known, apart;
        cxs_status status;
        count_subjects(job, x, job->values + worker * design->n, &known, &apart);
        status = status_of(job, distinct, known, apart);
        job->binary[j] = distinct == 2;
        if (status != CXS_STATUS_OK)
            leave_out(&job->row[j], status);
    }
    cxs_design_drop(design, task * BLOCK, end);
    return CXS_OK;
}

cxs_rc cxs_evaluable(cxs_ctx *ctx, const cxs_joined *joined, cxs_rank_row *row,
                     uint8_t *binary)
{
    const size_t tasks = (joined->design.p + BLOCK - 1) / BLOCK;
    filter_job job = {.joined = joined, .row = row, .binary = binary};
    cxs_rc rc = CXS_OK;

    CXS_TRY(list_subjects(ctx, &job));
    CXS_NEW(job.values, cxs_pool_workers(ctx, tasks) * joined->design.n);
    CXS_TRY(cxs_pool_run(ctx, NULL, tasks, filter_block, &job));

done:
    cxs_free(job.subject);
    cxs_free(job.stratum_first);
    cxs_free(job.values);
    return rc;
}

/* ---- events of a feature with two values ----------------------------------------- */

int cxs_enough_events(const cxs_problem *problem, const double *x)
{
    const cxs_outcome *o = &problem->outcome;
    size_t all = 0, lower = 0;
    double lowest = HUGE_VAL;

    for (size_t i = 0; i < o->n; i++)
        if (x[i] < lowest) /* false for NaN */
            lowest = x[i];
    for (size_t i = 0; i < o->n; i++) {
        if (isnan(x[i]) || !o->event[i])
            continue;
        all++;
        lower += x[i] == lowest;
    }
    return lower >= EVENTS_MIN && all - lower >= EVENTS_MIN;
}

void cxs_evaluable_events(const cxs_joined *joined, const uint8_t *binary,
                          cxs_rank_row *row)
{
    const cxs_design *design = &joined->design;

    for (size_t j = 0; j < design->p; j++)
        if (binary[j] && row[j].adjusted.status == CXS_STATUS_OK) {
            if (!cxs_enough_events(&joined->problem, design->x + j * design->n))
                leave_out(&row[j], CXS_STATUS_TOO_FEW_EVENTS);
            cxs_design_drop(design, j, j + 1);
        }
}

/* ---- candidates ------------------------------------------------------------------ */

void cxs_candidates_free(cxs_candidates *c)
{
    cxs_free(c->x);
    cxs_free(c->feature);
    cxs_free(c->at);
    cxs_free(c->binary);
    *c = (cxs_candidates){.at = NULL};
}

/* A copy of the columns at[0..count), unless these are all. */
static cxs_rc narrow(cxs_ctx *ctx, const cxs_design *all, size_t count,
                     cxs_candidates *c)
{
    cxs_design *design = &c->joined.design;
    cxs_rc rc = CXS_OK;

    if (count == all->p)
        return CXS_OK;
    CXS_NEW(c->x, all->n * count);
    CXS_NEW(c->feature, count);
    for (size_t i = 0; i < count; i++) {
        memcpy(c->x + i * all->n, all->x + c->at[i] * all->n, all->n * sizeof *c->x);
        c->feature[i] = all->feature[c->at[i]];
        cxs_design_drop(all, c->at[i], c->at[i] + 1);
    }
    *design = (cxs_design){.n = all->n,
                           .p = count,
                           .x = c->x,
                           .feature = c->feature,
                           .stream = all->stream};

done:
    return rc;
}

cxs_rc cxs_candidates_take(cxs_ctx *ctx, const cxs_joined *joined,
                           const cxs_rank_row *row, const uint8_t *binary,
                           cxs_candidates *c)
{
    size_t count = 0;
    cxs_rc rc = CXS_OK;

    cxs_candidates_free(c);
    c->joined = *joined;
    CXS_NEW(c->at, joined->design.p);
    CXS_NEW(c->binary, joined->design.p);
    for (size_t j = 0; j < joined->design.p; j++)
        if (row[j].adjusted.status == CXS_STATUS_OK) {
            c->binary[count] = binary[j];
            c->at[count++] = j;
        }
    CXS_TRY(narrow(ctx, &joined->design, count, c));

done:
    return rc;
}

/* ---- what is told ---------------------------------------------------------------- */

cxs_rc cxs_evaluable_warn(cxs_ctx *ctx, size_t p, const cxs_rank_row *row)
{
    static const struct {
        cxs_status status;
        const char *why;
    } reasons[] = {
        {CXS_STATUS_NOT_ASSESSED,
         "with fewer than max(5, 5 %) patients apart from the most frequent value"},
        {CXS_STATUS_MISSING, "missing in more than 20 % of the patients"},
        {CXS_STATUS_TOO_FEW_EVENTS, "with fewer than 3 events in one of two groups"},
        {CXS_STATUS_CONSTANT, "constant"},
    };
    cxs_buf text = {0};
    size_t total = 0;
    cxs_rc rc = CXS_OK;

    for (size_t r = 0; r < sizeof reasons / sizeof *reasons; r++) {
        size_t count = 0;
        for (size_t j = 0; j < p; j++)
            count += row[j].adjusted.status == reasons[r].status;
        if (count > 0)
            CXS_TRY(cxs_buf_addf(ctx, &text, "%s%zu %s", total > 0 ? ", " : "", count,
                                 reasons[r].why));
        total += count;
    }
    if (total > 0)
        CXS_TRY(cxs_warn(ctx, "", "%zu of %zu features are not evaluable: %s", total, p,
                         text.text));

done:
    cxs_free(text.text);
    return rc;
}
