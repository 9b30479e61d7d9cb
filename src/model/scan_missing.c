/*
 * scan_missing.c -- features with missing values, each on the rows where it is known
 *
 * Features go side by side as others do, each lane with the rows of its feature.  The
 * covariates' own fit differs with the rows: it is found from the fit on all rows, once
 * for each pattern of missing rows in the block.  Where the covariates have no plain
 * fit on the rows that are left (aliased, separated) they are fitted as those of a data
 * set of its own.
 */
#include "model/scan_private.h"

#include <math.h>
#include <string.h>

enum { L = CXS_SCAN_LANES, BLOCK = CXS_SCAN_BLOCK };

typedef enum pattern_state { PATTERN_NEW, PATTERN_PLAIN, PATTERN_ALONE } pattern_state;

/* Patterns of the rows that are present, in the order of their first feature. */
typedef struct patterns {
    size_t count;
    uint8_t *present; /* [BLOCK x n] sorted rows of the frame */
    double *shift;    /* [BLOCK x k] null model less that of all rows */
    pattern_state state[BLOCK];
    double deaths[BLOCK]; /* their weight */
} patterns;

static cxs_rc patterns_make(cxs_ctx *ctx, const cxs_scan_job *job, size_t features,
                            patterns *known)
{
    cxs_rc rc = CXS_OK;

    memset(known, 0, sizeof *known);
    CXS_NEW(known->present, features * job->frame->null.risk->n);
    CXS_NEW(known->shift, features * (job->frame->null.k + 1));
done:
    return rc;
}

static void patterns_free(patterns *known)
{
    cxs_free(known->present);
    cxs_free(known->shift);
}

/* The pattern of the present rows of feature j; BLOCK when they hold no event.  Their
 * number and events go into row. */
static size_t pattern_of(const cxs_scan_job *job, size_t j, cxs_screen_row *row,
                         patterns *known)
{
    const cxs_risk *risk = job->frame->null.risk;
    const double *x = job->design->x + j * job->design->n;
    const size_t n = risk->n;
    uint8_t *present = known->present + known->count * n;
    double deaths = 0.0;

    *row = (cxs_screen_row){0};
    for (size_t i = 0; i < n; i++) {
        const int here = !isnan(x[risk->row[i]]), died = here && risk->event_ts[i];
        present[i] = (uint8_t)here;
        row->n += (size_t)here;
        row->events += (size_t)died;
        deaths += died ? risk->weight_ts[i] : 0.0;
    }
    row->missing = n - row->n;
    cxs_scan_empty_row(row,
                       row->n == 0 ? CXS_STATUS_MISSING : CXS_STATUS_TOO_FEW_EVENTS);
    if (row->events == 0)
        return BLOCK;
    for (size_t at = known->count; at-- > 0;)
        if (memcmp(known->present + at * n, present, n) == 0)
            return at;
    known->deaths[known->count] = deaths;
    return known->count++;
}

/* Fit a group, its patterns first where they are new. */
static void fit_group(const cxs_scan_job *job, const cxs_scan_group *group,
                      const size_t *pattern, patterns *known, cxs_scan_bench *b)
{
    const cxs_scan_null *null = &job->frame->null;
    const cxs_cox_settings cox = cxs_cox_defaults();
    const cxs_scan_limits limits = {(size_t)cox.max_iterations, cox.tol};
    const cxs_scan_moments m = cxs_scan_load(job, null->risk, group, b);
    uint8_t is_known[L], plain[L];
    double z[L], factor[L];
    cxs_lane_score score;

    for (size_t l = 0; l < L; l++) {
        const size_t at = pattern[l < group->count ? l : group->count - 1];
        is_known[l] = known->state[at] == PATTERN_PLAIN;
        factor[l] = m.is_constant[l] ? 0.0 : 1.0 / sqrt(m.variance[l]);
        for (size_t c = 0; c < null->k; c++)
            b->cross[c * L + l] = known->shift[at * null->k + c];
    }
    cxs_scan_begin_own(null, b->x, factor, &limits, is_known, b->cross, plain, &score,
                       b->work);
    for (size_t l = 0; l < group->count; l++) {
        const size_t at = pattern[l];
        known->state[at] = plain[l] ? PATTERN_PLAIN : PATTERN_ALONE;
        for (size_t c = 0; c < null->k; c++)
            known->shift[at * null->k + c] = b->cross[c * L + l];
        z[l] =
            m.is_constant[l] ? (double)NAN : cxs_scan_z(&score, l, known->deaths[at]);
        if (job->z != NULL)
            job->z[group->feature[l]] = z[l];
    }
    if (job->rows != NULL)
        cxs_scan_group_rows(job, null, group, &m, &score, z, b, b->work);
}

/* One feature with a null model of its own, kept while the pattern stays. */
static cxs_rc fit_alone(cxs_ctx *ctx, const cxs_scan_job *job, size_t feature,
                        size_t pattern, const patterns *known, cxs_scan_bench *b)
{
    const cxs_risk *risk = job->frame->null.risk;
    const uint8_t *present = known->present + pattern * risk->n;
    const cxs_scan_group group = {.count = 1, .feature = {feature}};
    cxs_rc rc = CXS_OK;
    cxs_scan_moments m;

    if (b->own == NULL || b->own_pattern != pattern) {
        cxs_scan_frame_free(b->own);
        b->own = NULL;
        memset(b->weight, 0, job->design->n * sizeof *b->weight);
        for (size_t i = 0; i < risk->n; i++)
            b->weight[risk->row[i]] = present[i] ? risk->weight_ts[i] : 0.0;
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
        pattern[j] = pattern_of(job, feature[j], &row, &known);
        if (job->rows != NULL)
            job->rows[feature[j]] = row;
        if (job->z != NULL)
            job->z[feature[j]] = (double)NAN;
    }
    for (size_t j = 0; j < count; j++) {
        if (pattern[j] < BLOCK && known.state[pattern[j]] != PATTERN_ALONE) {
            mine[group.count] = pattern[j];
            group.feature[group.count++] = feature[j];
        }
        if (group.count == L || (j + 1 == count && group.count > 0)) {
            fit_group(job, &group, mine, &known, b);
            group.count = 0;
        }
    }
    for (size_t j = 0; j < count; j++)
        if (pattern[j] < BLOCK && known.state[pattern[j]] == PATTERN_ALONE)
            CXS_TRY(fit_alone(ctx, job, feature[j], pattern[j], &known, b));
done:
    patterns_free(&known);
    return rc;
}
