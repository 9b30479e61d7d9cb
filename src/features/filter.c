/*
 * filter.c -- raw counts: are they counts, which genes stay
 *
 * A gene that some sample misses (NaN) takes no part in library sizes and factors: a
 * sum without it would make the samples that miss it look shallow.
 */
#include "features/derive.h"

#include "base/pool.h"
#include "num/order.h"
#include "num/tmm.h"
#include "store/data.h"

#include <math.h>
#include <string.h>

enum { WHOLE_TRANSCRIPTOME = 5000 }; /* genes; fewer are a subset (CX031) */

static const double NON_INTEGER_SHARE = 0.01; /* above it values are no raw counts */

typedef struct checking {
    const cxs_matrix *m;
    const cxs_features_settings *s;
    uint8_t *complete;
    uint32_t *fractions; /* [p] cells that are no whole number */
} checking;

static cxs_rc check_genes(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    checking *c = arg;
    const size_t first = index * CXS_GENES_PER_TASK, n = c->m->n;

    (void)worker;
    for (size_t j = first; j < c->m->p && j < first + CXS_GENES_PER_TASK; j++) {
        const double *x = c->m->x + j * n;
        c->complete[j] = 1;
        for (size_t i = 0; i < n; i++) {
            if (isnan(x[i])) {
                c->complete[j] = 0;
                continue;
            }
            if (x[i] < 0.0 || !isfinite(x[i]))
                return cxs_fail_code(
                    ctx, CXS_EFORMAT, "CX029",
                    CXS_AT CXS_AT "feature '%s', sample '%s': %g is not a count",
                    CXS_AT_ARGS(c->s), CXS_AT_ARGS(c->s), c->m->feature[j],
                    cxs_ctx_id(ctx, c->m->sample[i]), x[i]);
            c->fractions[j] += x[i] > floor(x[i]);
        }
    }
    return CXS_OK;
}

/* TMM compares raw counts of a whole transcriptome. */
static cxs_rc judge_for_tmm(cxs_ctx *ctx, const cxs_matrix *m,
                            const cxs_features_settings *s, const uint32_t *fractions)
{
    static const char text[] =
        CXS_AT "TMM needs raw counts: %.0f of %.0f cells are not whole numbers";
    const double all = (double)m->n * (double)m->p;
    double cells = 0.0;

    for (size_t j = 0; j < m->p; j++)
        cells += (double)fractions[j];
    if (!m->estimated && cells > NON_INTEGER_SHARE * all) {
        if (s->plausibility_stops)
            return cxs_fail_code(ctx, CXS_EMISMATCH, "CX031", text, CXS_AT_ARGS(s),
                                 cells, all);
        return cxs_warn(ctx, "CX031", text, CXS_AT_ARGS(s), cells, all);
    }
    /* Fine for a whole small transcriptome, not for a panel chosen by its biology: only
     * the user knows, so the assumption is named and nothing is stopped. */
    if (m->p < WHOLE_TRANSCRIPTOME)
        return cxs_warn(ctx, "CX031",
                        CXS_AT "TMM on %zu genes assumes that most of them do not "
                               "differ between samples; for a panel of chosen genes "
                               "use another normalisation",
                        CXS_AT_ARGS(s), m->p);
    return CXS_OK;
}

cxs_rc cxs_counts_check(cxs_ctx *ctx, const cxs_matrix *m,
                        const cxs_features_settings *s, uint8_t *complete)
{
    checking c = {m, s, complete, NULL};
    size_t incomplete = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(c.fractions, m->p);
    CXS_TRY(cxs_pool_run(ctx, NULL,
                         (m->p + CXS_GENES_PER_TASK - 1) / CXS_GENES_PER_TASK,
                         check_genes, &c));
    for (size_t j = 0; j < m->p; j++)
        incomplete += !complete[j];
    if (incomplete > 0)
        CXS_TRY(cxs_warn(
            ctx, "",
            CXS_AT "%zu of %zu features have missing counts: they take no part in "
                   "library sizes and factors",
            CXS_AT_ARGS(s), incomplete, m->p));
    if (s->normalise == CXS_NORMALISE_TMM)
        CXS_TRY(judge_for_tmm(ctx, m, s, c.fractions));

done:
    cxs_free(c.fractions);
    return rc;
}

cxs_rc cxs_counts_library(cxs_ctx *ctx, const cxs_matrix *m,
                          const cxs_features_settings *s, const uint8_t *complete,
                          const uint8_t *keep, double *library)
{
    memset(library, 0, m->n * sizeof *library);
    for (size_t j = 0; j < m->p; j++)
        for (size_t i = 0; complete[j] && keep[j] && i < m->n; i++)
            library[i] += m->x[j * m->n + i];
    for (size_t i = 0; i < m->n; i++)
        if (!(library[i] > 0.0))
            return cxs_fail_code(ctx, CXS_EDEGENERATE, "CX028",
                                 CXS_AT "sample %s: %g counts in total, minimum 1",
                                 CXS_AT_ARGS(s), cxs_ctx_id(ctx, m->sample[i]),
                                 library[i]);
    return CXS_OK;
}

/* Samples of the smallest group that has any; all samples without groups. */
static cxs_rc smallest_group(cxs_ctx *ctx, const cxs_matrix *m,
                             const cxs_features_settings *s, size_t *smallest)
{
    uint32_t *group = NULL;
    size_t *count = NULL;
    cxs_rc rc = CXS_OK;

    *smallest = m->n;
    if (s->filter_groups == NULL)
        return CXS_OK;
    if (s->clinical == NULL)
        return cxs_fail(ctx, CXS_EARG, "groups '%s': no clinical table was given",
                        s->filter_groups);
    CXS_NEW(group, m->n);
    CXS_NEW(count, m->n + 1);
    CXS_TRY(cxs_cohort_read(ctx, s->clinical, s->id, s->filter_groups, m, group));
    for (size_t i = 0; i < m->n; i++)
        count[group[i]]++;
    for (size_t g = 0; g < m->n; g++)
        if (count[g] > 0 && count[g] < *smallest)
            *smallest = count[g];

done:
    cxs_free(count);
    cxs_free(group);
    return rc;
}

cxs_rc cxs_counts_filter(cxs_ctx *ctx, const cxs_matrix *m,
                         const cxs_features_settings *s, const double *library,
                         uint8_t *keep)
{
    double *sorted = NULL, median, samples;
    size_t kept = 0, smallest = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(smallest_group(ctx, m, s, &smallest));
    samples = cxs_filter_samples(smallest);

    CXS_NEW(sorted, m->n);
    memcpy(sorted, library, m->n * sizeof *sorted);
    median = cxs_median(m->n, sorted);
    for (size_t j = 0; j < m->p; j++) {
        keep[j] = keep[j] &&
                  cxs_filter_by_expr(m->n, m->x + j * m->n, library, median, samples);
        kept += keep[j];
    }
    cxs_note(ctx, "filter: %zu of %zu genes are expressed well enough", kept, m->p);
    if (kept == 0)
        rc = cxs_fail(ctx, CXS_EDEGENERATE,
                      "none of %zu genes passes the filter of low counts", m->p);

done:
    cxs_free(sorted);
    return rc;
}

size_t cxs_counts_drop_zero(const cxs_matrix *m, uint8_t *keep)
{
    size_t dropped = 0;

    for (size_t j = 0; j < m->p; j++) {
        const double *x = m->x + j * m->n;
        int any = 0;
        for (size_t i = 0; i < m->n && !any; i++)
            any = x[i] > 0.0 || x[i] < 0.0 || isnan(x[i]);
        dropped += keep[j] && !any;
        keep[j] = keep[j] && any;
    }
    return dropped;
}

static cxs_rc copy_names(cxs_ctx *ctx, char *const *from, size_t count,
                         const uint8_t *keep, char **to)
{
    for (size_t j = 0; j < count; j++)
        if ((keep == NULL || keep[j]) && (*to++ = cxs_strdup(ctx, from[j])) == NULL)
            return CXS_ENOMEM;
    return CXS_OK;
}

cxs_rc cxs_matrix_select(cxs_ctx *ctx, const cxs_matrix *m, const uint8_t *keep,
                         cxs_matrix **out)
{
    cxs_matrix *c = NULL;
    cxs_rc rc = CXS_OK;
    size_t to = 0;

    *out = NULL;
    CXS_NEW(c, 1);
    c->n = m->n;
    c->kind = m->kind;
    for (size_t j = 0; j < m->p; j++)
        c->p += keep[j];
    CXS_NEW(c->sample, c->n);
    CXS_NEW(c->feature, c->p);
    CXS_NEW(c->x, c->n * c->p);
    if ((c->layer = cxs_strdup(ctx, m->layer != NULL ? m->layer : "")) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(copy_names(ctx, m->sample, m->n, NULL, c->sample));
    CXS_TRY(copy_names(ctx, m->feature, m->p, keep, c->feature));
    if (m->feature_name != NULL) {
        CXS_NEW(c->feature_name, c->p);
        CXS_TRY(copy_names(ctx, m->feature_name, m->p, keep, c->feature_name));
    }
    if (m->length != NULL)
        CXS_NEW(c->length, c->p);
    for (size_t j = 0; j < m->p; j++) {
        if (!keep[j])
            continue;
        if (m->length != NULL)
            c->length[to] = m->length[j];
        memcpy(c->x + to++ * c->n, m->x + j * m->n, m->n * sizeof *m->x);
    }
    *out = c;
    c = NULL;

done:
    cxs_matrix_free(c);
    return rc;
}
