/*
 * plausible.c -- features that look like the outcome, and values that are missing with
 * a pattern
 *
 * A feature that was made from the outcome ranks first and means nothing (CX054).  A
 * feature that is missing where a centre did not measure it, or where patients died
 * early, tells of that (CX055); such patterns are those of an assay rather than of one
 * feature, so each is said once.
 */
#include "rank/evidence.h"

#include "num/fisher.h"
#include "num/ranks.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    LEAST_PAIRS = 10,   /* values, for a correlation that means something */
    NAMED = 10,         /* patterns that are described */
    MISSING_SHARE = 20, /* percent */
    TEXT_BYTES = 128
};

static const double SAME = 0.98, ASSOCIATED = 0.01;

/* ---- CX054 ----------------------------------------------------------------------- */

/* /death|vital|surviv|progress|last_?contact|days_to/i */
static bool is_named_like_outcome(const char *id)
{
    static const char *const words[] = {"death",    "vital",       "surviv",
                                        "progress", "lastcontact", "last_contact",
                                        "days_to"};

    for (; *id != '\0'; id++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (strncasecmp(id, words[k], strlen(words[k])) == 0)
                return true;
    return false;
}

static bool is_allowed(const char *list, const char *id)
{
    const size_t length = strlen(id);

    for (const char *at = list; at != NULL && *at != '\0';) {
        const size_t item = strcspn(at, ",");
        if (item == length && strncmp(at, id, length) == 0)
            return true;
        at += item + (at[item] == ',');
    }
    return false;
}

typedef struct outcome_ranks {
    const double *time;
    double *x, *t, *score[2]; /* [n] */
    uint64_t *work;
    size_t *order; /* [n] rows by time */
} outcome_ranks;

/*
 * Can |Spearman| be above SAME?  Ranks that differ by d sum to
 * sum d^2 <= (1 - SAME) m^3 / 6, and every pair half the values apart that goes the
 * other way costs m^2 / 8, so there are at most 8 (1 - SAME) m / 6 of them among m / 2;
 * twice that leaves room for ties.  Most features are sorted out without sorting.
 */
static bool may_be_same(const double *x, const double *t, size_t m)
{
    const double most = 2.0 * 8.0 * (1.0 - SAME) / 6.0 * (double)m;
    double with = 0.0, against = 0.0;

    for (size_t i = 0; i + m / 2 < m; i++) {
        const size_t k = i + m / 2;
        if (!(t[k] > t[i]))
            continue;
        with += x[k] > x[i];
        against += x[k] < x[i];
    }
    return fmin(with, against) <= most;
}

static bool follows_time(const outcome_ranks *r, const double *x, size_t n)
{
    double product = 0.0;
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(x[r->order[i]])) {
            r->x[m] = x[r->order[i]];
            r->t[m++] = r->time[r->order[i]];
        }
    if (m < LEAST_PAIRS || !may_be_same(r->x, r->t, m))
        return false;
    cxs_spearman_scores(m, r->x, r->score[0], r->work);
    cxs_spearman_scores(m, r->t, r->score[1], r->work);
    for (size_t i = 0; i < m; i++)
        product += r->score[0][i] * r->score[1][i];
    return fabs(product) > SAME;
}

typedef struct timed {
    double time;
    size_t row;
} timed;

static int by_time(const void *left, const void *right)
{
    const timed *l = left, *r = right;

    if (l->time < r->time || l->time > r->time)
        return l->time < r->time ? -1 : 1;
    return (l->row > r->row) - (l->row < r->row);
}

static cxs_rc ranks_new(cxs_ctx *ctx, const cxs_joined *joined, outcome_ranks *r)
{
    const size_t n = joined->design.n;
    timed *sorted = NULL;
    cxs_rc rc = CXS_OK;

    r->time = cxs_surv_time(joined->surv);
    CXS_NEW(r->x, n);
    CXS_NEW(r->t, n);
    CXS_NEW(r->score[0], n);
    CXS_NEW(r->score[1], n);
    CXS_NEW(r->work, cxs_ranks_work(n));
    CXS_NEW(r->order, n);
    CXS_NEW(sorted, n);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (timed){r->time[i], i};
    qsort(sorted, n, sizeof *sorted, by_time);
    for (size_t i = 0; i < n; i++)
        r->order[i] = sorted[i].row;
done:
    cxs_free(sorted);
    return rc;
}

static void ranks_free(outcome_ranks *r)
{
    cxs_free(r->x);
    cxs_free(r->t);
    cxs_free(r->score[0]);
    cxs_free(r->score[1]);
    cxs_free(r->work);
    cxs_free(r->order);
}

static cxs_rc check_leakage(cxs_ctx *ctx, const cxs_joined *joined,
                            const cxs_rank_settings *s)
{
    static const char text[] = "feature \"%s\" looks like the outcome";
    const cxs_design *d = &joined->design;
    outcome_ranks ranks = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(ranks_new(ctx, joined, &ranks));
    for (size_t j = 0; j < d->p; j++) {
        const bool leaks = is_named_like_outcome(d->feature[j]) ||
                           follows_time(&ranks, d->x + j * d->n, d->n);
        cxs_design_drop(d, j, j + 1);
        if (!leaks || is_allowed(s->allow_feature, d->feature[j]))
            continue;
        if (s->plausibility_stops)
            CXS_TRY(cxs_fail_code(ctx, CXS_EMISMATCH, "CX054", text, d->feature[j]));
        CXS_TRY(cxs_warn(ctx, "CX054", text, d->feature[j]));
    }
done:
    ranks_free(&ranks);
    return rc;
}

/* ---- CX055 ----------------------------------------------------------------------- */

/* A feature with missing values. */
typedef struct gap {
    uint64_t pattern; /* of the subjects without a value */
    size_t feature, missing;
} gap;

static int by_pattern(const void *left, const void *right)
{
    const gap *l = left, *r = right;

    if (l->missing != r->missing)
        return l->missing > r->missing ? -1 : 1;
    if (l->pattern != r->pattern)
        return l->pattern < r->pattern ? -1 : 1;
    return (l->feature > r->feature) - (l->feature < r->feature);
}

/* Rows that are the last of their subject. */
static size_t list_subjects(const cxs_surv *surv, size_t *subject)
{
    const char *const *id = cxs_surv_id(surv);
    const size_t n = cxs_surv_n(surv);
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        if (i + 1 == n || strcmp(id[i], id[i + 1]) != 0)
            subject[count++] = i;
    return count;
}

/* FNV-1a over the subjects that have no value. */
static gap gap_of(const double *x, const size_t *subject, size_t count, size_t feature)
{
    gap g = {.pattern = UINT64_C(14695981039346656037), .feature = feature};

    for (size_t i = 0; i < count; i++)
        if (isnan(x[subject[i]])) {
            for (int byte = 0; byte < 4; byte++) {
                g.pattern ^= (i >> (8 * byte)) & 0xFF;
                g.pattern *= UINT64_C(1099511628211);
            }
            g.missing++;
        }
    return g;
}

/* p of "missing" against membership; member[i] of subject i. */
static double association(const double *x, const size_t *subject, size_t count,
                          const uint8_t *member)
{
    size_t cell[2][2] = {{0, 0}, {0, 0}};

    for (size_t i = 0; i < count; i++)
        cell[isnan(x[subject[i]]) != 0][member[i] != 0]++;
    return cxs_fisher_exact(cell[1][1], cell[1][0], cell[0][1], cell[0][0]);
}

typedef struct pattern_job {
    const cxs_joined *joined;
    const size_t *subject; /* [count] */
    size_t count;
    uint8_t *member; /* [count] workspace */
} pattern_job;

static double outcome_p(const pattern_job *job, const double *x)
{
    const uint8_t *event = cxs_surv_event(job->joined->surv);

    for (size_t i = 0; i < job->count; i++)
        job->member[i] = event[job->subject[i]];
    return association(x, job->subject, job->count, job->member);
}

/* The smallest p of a centre against the others, times the centres (Bonferroni). */
static double centre_p(const pattern_job *job, const double *x)
{
    const uint32_t *centre = cxs_surv_centre(job->joined->surv);
    const size_t centres = centre != NULL ? cxs_surv_n_centres(job->joined->surv) : 0;
    double least = 1.0;

    for (size_t c = 0; centres > 1 && c < centres; c++) {
        for (size_t i = 0; i < job->count; i++)
            job->member[i] = centre[job->subject[i]] == c;
        least = fmin(least, association(x, job->subject, job->count, job->member));
    }
    return fmin(1.0, least * (double)(centres > 2 ? centres : 1));
}

/* One pattern, shared by `alike` features; *told says whether it was worth a word. */
static cxs_rc tell_pattern(cxs_ctx *ctx, const pattern_job *job, const gap *g,
                           size_t alike, bool silent, bool *told)
{
    const cxs_design *d = &job->joined->design;
    const double *x = d->x + g->feature * d->n;
    const double percent = 100.0 * (double)g->missing / (double)job->count;
    const double outcome = outcome_p(job, x), centre = centre_p(job, x);
    char more[TEXT_BYTES] = "", by_centre[TEXT_BYTES] = "", by_outcome[TEXT_BYTES] = "";

    *told = g->missing * 100 > MISSING_SHARE * job->count || outcome < ASSOCIATED ||
            centre < ASSOCIATED;
    if (!*told || silent)
        return CXS_OK;
    if (alike > 1)
        snprintf(more, sizeof more, ", and %zu more of the same patients", alike - 1);
    if (centre < ASSOCIATED)
        snprintf(by_centre, sizeof by_centre, "; missing by centre (Fisher p = %.2g)",
                 centre);
    if (outcome < ASSOCIATED)
        snprintf(by_outcome, sizeof by_outcome,
                 "; missing by outcome (Fisher p = %.2g)", outcome);
    return cxs_warn(ctx, "CX055", "feature %s: %.3g %% missing%s%s%s",
                    d->feature[g->feature], percent, more, by_centre, by_outcome);
}

static cxs_rc tell_patterns(cxs_ctx *ctx, const pattern_job *job, const gap *gaps,
                            size_t count)
{
    size_t told = 0, others = 0, end;
    cxs_rc rc = CXS_OK;

    for (size_t first = 0; first < count; first = end) {
        bool is_told = false;
        for (end = first + 1; end < count && gaps[end].pattern == gaps[first].pattern &&
                              gaps[end].missing == gaps[first].missing;)
            end++;
        CXS_TRY(
            tell_pattern(ctx, job, &gaps[first], end - first, told >= NAMED, &is_told));
        others += is_told && told >= NAMED ? end - first : 0;
        told += is_told;
    }
    if (others > 0)
        rc = cxs_warn(ctx, "CX055",
                      "%zu more features with missing values, in %zu patterns", others,
                      told - NAMED);
done:
    return rc;
}

static cxs_rc check_missing(cxs_ctx *ctx, const cxs_joined *joined)
{
    const cxs_design *d = &joined->design;
    pattern_job job = {.joined = joined};
    size_t *subject = NULL, count = 0;
    gap *gaps = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(subject, d->n);
    CXS_NEW(job.member, d->n);
    CXS_NEW(gaps, d->p);
    job.count = list_subjects(joined->surv, subject);
    job.subject = subject;
    for (size_t j = 0; j < d->p; j++) {
        gaps[count] = gap_of(d->x + j * d->n, subject, job.count, j);
        cxs_design_drop(d, j, j + 1);
        count += gaps[count].missing > 0;
    }
    qsort(gaps, count, sizeof *gaps, by_pattern);
    rc = tell_patterns(ctx, &job, gaps, count);
done:
    cxs_free(gaps);
    cxs_free(job.member);
    cxs_free(subject);
    return rc;
}

cxs_rc cxs_plausible(cxs_ctx *ctx, const cxs_joined *joined, const cxs_rank_settings *s)
{
    const cxs_rc rc = check_leakage(ctx, joined, s);

    return rc == CXS_OK ? check_missing(ctx, joined) : rc;
}
