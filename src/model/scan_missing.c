/*
 * scan_missing.c -- features with missing values, each on the rows where it is known
 *
 * The covariates' own fit differs with the rows.  It is found for each pattern of
 * missing rows in the block, patterns side by side, from the fit on all rows; then the
 * features go side by side as others do, each lane with the rows of its feature.  Where
 * the covariates have no plain fit on the rows that are left (aliased, separated) they
 * are fitted as those of a data set of its own.
 */
#include "model/scan_private.h"

#include <math.h>
#include <string.h>

enum { L = CXS_SCAN_LANES, BLOCK = CXS_SCAN_BLOCK };

/* Patterns of the rows that are present, in the order of their first feature. */
typedef struct patterns {
    size_t count;
    uint8_t *present;     /* [BLOCK x n] */
    double *shift;        /* [BLOCK x k] null model less that of all rows */
    size_t first[BLOCK];  /* feature */
    uint8_t plain[BLOCK]; /* the null model is in shift */
    double deaths[BLOCK]; /* their weight */
} patterns;

static cxs_rc patterns_make(cxs_ctx *ctx, const cxs_scan_job *job, size_t features,
                            patterns *known)
{
    cxs_rc rc = CXS_OK;

    memset(known, 0, sizeof *known);
    CXS_NEW(known->present, features * job->design->n);
    CXS_NEW(known->shift, features * (job->frame->null.k + 1));
done:
    return rc;
}

static void patterns_free(patterns *known)
{
    cxs_free(known->present);
    cxs_free(known->shift);
}

/* Rows of feature j that count into b->present and b->weight; their number and events
 * into row; returns the weight of the events. */
static double present_rows(const cxs_scan_job *job, size_t j, cxs_scan_bench *b,
                           cxs_screen_row *row)
{
    const cxs_outcome *o = &job->problem->outcome;
    const double *x = job->design->x + j * job->design->n;
    double deaths = 0.0;

    *row = (cxs_screen_row){0};
    for (size_t i = 0; i < job->design->n; i++) {
        const double weight = o->weight != NULL ? o->weight[i] : 1.0;
        b->present[i] = weight > 0.0 && !isnan(x[i]);
        b->weight[i] = b->present[i] ? weight : 0.0;
        row->n += b->present[i];
        row->events += b->present[i] && o->event[i];
        deaths += o->event[i] ? b->weight[i] : 0.0;
    }
    row->missing = job->frame->null.risk->n - row->n;
    cxs_scan_empty_row(row,
                       row->n == 0 ? CXS_STATUS_MISSING : CXS_STATUS_TOO_FEW_EVENTS);
    return deaths;
}

/* The pattern in b->present, new when it is not known. */
static size_t pattern_of(const cxs_scan_job *job, size_t feature, double deaths,
                         const cxs_scan_bench *b, patterns *known)
{
    const size_t n = job->design->n;
    size_t at = known->count;

    while (at-- > 0)
        if (memcmp(known->present + at * n, b->present, n) == 0)
            return at;
    at = known->count++;
    memcpy(known->present + at * n, b->present, n);
    known->first[at] = feature;
    known->deaths[at] = deaths;
    return at;
}

/* The covariates on the rows of each pattern, side by side. */
static void fit_patterns(const cxs_scan_job *job, cxs_scan_bench *b, patterns *known)
{
    const cxs_scan_null *null = &job->frame->null;
    const cxs_cox_settings cox = cxs_cox_defaults();
    const cxs_scan_limits limits = {(size_t)cox.max_iterations, cox.tol};

    for (size_t at = 0; at < known->count; at += L) {
        const size_t left = known->count - at;
        cxs_scan_group group = {.count = left < L ? left : L};
        uint8_t done[L];
        for (size_t l = 0; l < group.count; l++)
            group.feature[l] = known->first[at + l];
        cxs_scan_load(job, null->risk, &group, b);
        cxs_scan_null_lanes(null, b->x, &limits, b->cross, done, b->work);
        for (size_t l = 0; l < group.count; l++) {
            known->plain[at + l] = done[l];
            for (size_t c = 0; c < null->k; c++)
                known->shift[(at + l) * null->k + c] = b->cross[c * L + l];
        }
    }
}

/* A group whose patterns are plain. */
static void fit_group(const cxs_scan_job *job, const cxs_scan_group *group,
                      const size_t *pattern, const patterns *known, cxs_scan_bench *b)
{
    const cxs_scan_null *null = &job->frame->null;
    const cxs_scan_moments m = cxs_scan_load(job, null->risk, group, b);
    cxs_lane_score score;
    double z[L], factor[L];

    for (size_t l = 0; l < L; l++) {
        const size_t at = pattern[l < group->count ? l : group->count - 1];
        factor[l] = m.is_constant[l] ? 0.0 : 1.0 / sqrt(m.variance[l]);
        for (size_t c = 0; c < null->k; c++)
            b->cross[c * L + l] = known->shift[at * null->k + c];
    }
    cxs_scan_begin_own(null, b->x, factor, b->cross, &score, b->work);
    for (size_t l = 0; l < group->count; l++) {
        z[l] = m.is_constant[l] ? (double)NAN
                                : cxs_scan_z(&score, l, known->deaths[pattern[l]]);
        if (job->z != NULL)
            job->z[group->feature[l]] = z[l];
    }
    if (job->rows != NULL)
        cxs_scan_group_rows(job, null, group, &m, &score, z, b, b->work);
}

/* One feature with a null model of its own, kept while the pattern stays. */
static cxs_rc fit_alone(cxs_ctx *ctx, const cxs_scan_job *job, size_t feature,
                        size_t pattern, cxs_scan_bench *b)
{
    const cxs_scan_group group = {.count = 1, .feature = {feature}};
    cxs_rc rc = CXS_OK;
    cxs_screen_row row;
    cxs_scan_moments m;

    if (b->own == NULL || b->own_pattern != pattern) {
        cxs_scan_frame_free(b->own);
        present_rows(job, feature, b, &row);
        CXS_TRY(cxs_scan_frame_new(ctx, job->problem, b->weight, job->ties, &b->own));
        b->own_pattern = pattern;
    }
    m = cxs_scan_load(job, &b->own->newton->risk, &group, b);
    cxs_scan_group_fit(job, &b->own->null, &group, &m, b, b->own->work);
done:
    return rc;
}

cxs_rc cxs_scan_missing(cxs_ctx *ctx, const cxs_scan_job *job, size_t count,
                        const size_t *feature, cxs_scan_bench *b)
{
    cxs_scan_group group = {0};
    patterns known;
    size_t pattern[BLOCK], mine[L];
    cxs_rc rc = CXS_OK;

    CXS_TRY(patterns_make(ctx, job, count, &known));
    for (size_t j = 0; j < count; j++) {
        cxs_screen_row row;
        const double deaths = present_rows(job, feature[j], b, &row);
        pattern[j] = BLOCK;
        if (row.events > 0)
            pattern[j] = pattern_of(job, feature[j], deaths, b, &known);
        if (job->rows != NULL)
            job->rows[feature[j]] = row;
        if (job->z != NULL)
            job->z[feature[j]] = (double)NAN;
    }
    fit_patterns(job, b, &known);
    for (size_t j = 0; j < count; j++) {
        if (pattern[j] < BLOCK && known.plain[pattern[j]]) {
            mine[group.count] = pattern[j];
            group.feature[group.count++] = feature[j];
        } else if (pattern[j] < BLOCK)
            CXS_TRY(fit_alone(ctx, job, feature[j], pattern[j], b));
        if (group.count == L || (j + 1 == count && group.count > 0)) {
            fit_group(job, &group, mine, &known, b);
            group.count = 0;
        }
    }
done:
    patterns_free(&known);
    return rc;
}
