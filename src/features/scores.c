/*
 * scores.c -- score gene sets in every sample
 *
 * Scores of ranks go sample by sample: a sample is gathered from the matrix (which has
 * one gene contiguous), sorted once, and all sets are scored on its ranks.  The others
 * go gene by gene (scores_values.c).
 */
#include "features/scores.h"

#include "base/pool.h"
#include "num/genesets.h"
#include "store/data.h"

#include <math.h>
#include <string.h>

enum {
    SAMPLES_PER_TASK = 8, /* one cache line of a gene */
    SMALL_SET = 2,        /* sets of one or two genes need all of them */
    LEAST_PRESENT = 3,
    LINE_SAMPLES = 3 /* two points lie on their line */
};

static const double PRESENT_SHARE = 0.6, SSGSEA_EXPONENT = 0.25;

const char *cxs_method_name(cxs_method method)
{
    static const char *const names[CXS_METHODS] = {
        "singscore", "singscore_up_down", "ssgsea",         "mean",       "mean_z",
        "sum_z",     "weighted_sum",      "geometric_mean", "difference", "residual"};

    return names[method];
}

/* ---- objects --------------------------------------------------------------------- */

static void members_free(cxs_members *m)
{
    cxs_free(m->gene);
    cxs_free(m->weight);
}

void cxs_scores_free(cxs_scores *s)
{
    if (s == NULL)
        return;
    for (size_t k = 0; s->scored != NULL && k < s->matrix->p; k++) {
        cxs_free(s->scored[k].id);
        cxs_free(s->scored[k].missing);
        members_free(&s->scored[k].first);
        members_free(&s->scored[k].second);
    }
    cxs_free(s->scored);
    cxs_subtypes_free(&s->subtypes);
    cxs_matrix_free(s->matrix);
    cxs_free(s);
}

const cxs_matrix *cxs_scores_matrix(const cxs_scores *s)
{
    return s->matrix;
}

size_t cxs_scores_present(const cxs_scores *s, size_t at, size_t *genes)
{
    const cxs_scored *k = &s->scored[at];

    if (genes != NULL)
        *genes = k->first.genes + k->second.genes;
    return k->first.present + k->second.present;
}

const char *cxs_scores_status(const cxs_scores *s, size_t at)
{
    return s->scored[at].status;
}

cxs_rc cxs_score_rules_add(cxs_ctx *ctx, cxs_score_rules *rules, const char *id,
                           const cxs_score_rule *rule)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&rules->rule, &rules->capacity, rules->count + 1,
                     sizeof *rules->rule));
    rules->rule[rules->count] = *rule;
    if ((rules->rule[rules->count].id = cxs_strdup(ctx, id)) == NULL)
        return CXS_ENOMEM;
    rules->count++;

done:
    return rc;
}

void cxs_score_rules_free(cxs_score_rules *rules)
{
    for (size_t k = 0; k < rules->count; k++)
        cxs_free(rules->rule[k].id);
    cxs_free(rules->rule);
    *rules = (cxs_score_rules){0};
}

/* ---- which genes are there ------------------------------------------------------- */

static bool uses_z(cxs_method method)
{
    return method == CXS_METHOD_Z_MEAN || method == CXS_METHOD_Z_SUM ||
           method == CXS_METHOD_DIFFERENCE || method == CXS_METHOD_RESIDUAL;
}

static bool uses_ranks(cxs_method method)
{
    return method <= CXS_METHOD_SSGSEA;
}

static bool holds(const cxs_members *m, size_t gene)
{
    for (size_t i = 0; i < m->present; i++)
        if (m->gene[i] == gene)
            return true;
    return false;
}

/* A gene without spread has no z-score. */
static bool has_spread(const cxs_levels *v, size_t gene)
{
    double mean, sd;

    cxs_levels_moments(v, gene, &mean, &sd);
    return sd > 0.0;
}

static cxs_rc find_members(cxs_ctx *ctx, const cxs_levels *v,
                           const cxs_gene_index *index, const cxs_gene_set *set,
                           const char *without, bool needs_spread, cxs_members *out,
                           cxs_buf *missing)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(out->gene, set->size);
    CXS_NEW(out->weight, set->size);
    for (size_t g = 0; g < set->size; g++) {
        size_t at;
        if (without != NULL && strcmp(set->symbol[g], without) == 0)
            continue;
        out->genes++;
        at = cxs_gene_index_find(index, set->symbol[g], set->former[g]);
        if (at == SIZE_MAX || holds(out, at) || (needs_spread && !has_spread(v, at))) {
            CXS_TRY(cxs_buf_addf(ctx, missing, "%s%s", missing->length > 0 ? "," : "",
                                 set->symbol[g]));
            continue;
        }
        out->gene[out->present] = (uint32_t)at;
        out->weight[out->present++] = set->weight[g];
    }

done:
    return rc;
}

static bool enough(const cxs_members *m)
{
    if (m->genes <= SMALL_SET)
        return m->present == m->genes;
    return m->present >= LEAST_PRESENT &&
           (double)m->present >= PRESENT_SHARE * (double)m->genes;
}

static const char *status_of(const cxs_scored *s, const cxs_levels *v, bool has_second)
{
    const cxs_matrix *y = v->y;

    if (!enough(&s->first) || (has_second && !enough(&s->second)))
        return "too_few_genes";
    if (uses_ranks(s->method) &&
        (s->first.present >= y->p || s->second.present >= y->p))
        return "set_is_everything";
    if (uses_z(s->method) && v->mean == NULL && y->n < 2)
        return "one_sample";
    if (s->method == CXS_METHOD_RESIDUAL && v->mean == NULL && y->n < LINE_SAMPLES)
        return "two_samples";
    return "ok";
}

static cxs_rc prepare(cxs_ctx *ctx, const cxs_levels *v, const cxs_gene_index *index,
                      const cxs_score_rule *rule, cxs_scored *s)
{
    cxs_buf missing = {0};
    cxs_rc rc = CXS_OK;

    s->method = rule->method;
    s->remark = rule->remark;
    if ((s->id = cxs_strdup(ctx, rule->id)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(find_members(ctx, v, index, rule->first, rule->without,
                         uses_z(rule->method), &s->first, &missing));
    if (rule->second != NULL)
        CXS_TRY(find_members(ctx, v, index, rule->second, NULL, uses_z(rule->method),
                             &s->second, &missing));
    s->status = status_of(s, v, rule->second != NULL);
    s->missing = missing.text;
    missing.text = NULL;

done:
    cxs_free(missing.text);
    return rc;
}

/* ---- ranks: sample by sample ----------------------------------------------------- */

typedef struct ranking {
    const cxs_levels *levels;
    const size_t *column; /* [usable] sample of y -> row of the result */
    const cxs_scored *scored;
    size_t scores;
    const double *power;
    double *out; /* [n x scores] */
    double *gathered;
    uint64_t *work;
    uint32_t *ranks;
} ranking;

static double rank_score(const ranking *w, const cxs_ranks *r, const cxs_scored *s)
{
    const size_t n = w->levels->y->p;

    if (s->method == CXS_METHOD_SSGSEA)
        return cxs_ssgsea(n, r, w->power, s->first.present, s->first.gene) / (double)n;
    return cxs_singscore(n, r->low, s->first.present, s->first.gene, 0) +
           (s->method == CXS_METHOD_SINGSCORE_PAIR
                ? cxs_singscore(n, r->low, s->second.present, s->second.gene, 1)
                : 0.0);
}

static cxs_rc rank_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const ranking *w = arg;
    const cxs_matrix *y = w->levels->y;
    const size_t first = index * SAMPLES_PER_TASK, p = y->p, n = w->levels->raw->n;
    const size_t left = y->n - first;
    const size_t count = left < SAMPLES_PER_TASK ? left : SAMPLES_PER_TASK;
    double *x = w->gathered + worker * SAMPLES_PER_TASK * p;
    uint32_t *ranks = w->ranks + worker * 3 * p;
    const cxs_ranks r = {ranks, ranks + p, ranks + 2 * p};

    (void)ctx;
    for (size_t g = 0; g < p; g++)
        for (size_t i = 0; i < count; i++)
            x[i * p + g] = y->x[g * y->n + first + i];
    for (size_t i = 0; i < count; i++) {
        cxs_ranks_of(p, x + i * p, &r, w->work + worker * cxs_ranks_work(p));
        for (size_t k = 0; k < w->scores; k++)
            if (uses_ranks(w->scored[k].method) &&
                strcmp(w->scored[k].status, "ok") == 0)
                w->out[k * n + w->column[first + i]] = rank_score(w, &r, &w->scored[k]);
    }
    return CXS_OK;
}

static cxs_rc score_ranks(cxs_ctx *ctx, const cxs_levels *v, const size_t *column,
                          cxs_scores *s)
{
    const cxs_matrix *y = v->y;
    const size_t tasks = (y->n + SAMPLES_PER_TASK - 1) / SAMPLES_PER_TASK;
    const size_t workers = cxs_pool_workers(ctx, tasks);
    ranking w = {.levels = v,
                 .column = column,
                 .scored = s->scored,
                 .scores = s->matrix->p,
                 .out = s->matrix->x};
    double *power = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(power, y->p);
    cxs_ssgsea_powers(y->p, SSGSEA_EXPONENT, power);
    w.power = power;
    CXS_NEW(w.gathered, workers * SAMPLES_PER_TASK * y->p);
    CXS_NEW(w.work, workers * cxs_ranks_work(y->p));
    CXS_NEW(w.ranks, workers * 3 * y->p);
    CXS_TRY(cxs_pool_run(ctx, "gene sets", tasks, rank_task, &w));

done:
    cxs_free(w.ranks);
    cxs_free(w.work);
    cxs_free(w.gathered);
    cxs_free(power);
    return rc;
}

/* ---- all of them ----------------------------------------------------------------- */

static cxs_rc new_scores(cxs_ctx *ctx, const cxs_levels *v, size_t count,
                         cxs_scores **out)
{
    cxs_scores *s = NULL;
    cxs_matrix *m;
    cxs_rc rc = CXS_OK;

    CXS_NEW(s, 1);
    CXS_NEW(s->matrix, 1);
    m = s->matrix;
    m->kind = CXS_KIND_OTHER;
    m->n = v->raw->n;
    s->basis = v->basis;
    s->linear = cxs_levels_linear_name(v);
    CXS_NEW(m->sample, m->n);
    CXS_NEW(m->feature, count);
    CXS_NEW(m->x, m->n * count);
    CXS_NEW(s->scored, count);
    m->p = count;
    for (size_t i = 0; i < m->n * count; i++)
        m->x[i] = (double)NAN;
    for (size_t i = 0; i < m->n; i++)
        if ((m->sample[i] = cxs_strdup(ctx, v->raw->sample[i])) == NULL)
            CXS_TRY(CXS_ENOMEM);
    if ((m->layer = cxs_strdup(ctx, "rna")) == NULL)
        CXS_TRY(CXS_ENOMEM);
    *out = s;
    s = NULL;

done:
    cxs_scores_free(s);
    return rc;
}

cxs_rc cxs_scores_make(cxs_ctx *ctx, const cxs_levels *v, const cxs_gene_index *index,
                       const cxs_score_rules *rules, cxs_scores **out)
{
    cxs_scores *s = NULL;
    size_t *column = NULL, at = 0;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (v->y->p > UINT32_MAX)
        return cxs_fail(ctx, CXS_EARG, "gene sets: %zu genes are too many", v->y->p);
    CXS_TRY(new_scores(ctx, v, rules->count, &s));
    CXS_NEW(column, v->usable_count);
    for (size_t i = 0; i < v->raw->n; i++)
        if (v->usable[i])
            column[at++] = i;
    for (size_t k = 0; k < rules->count; k++) {
        CXS_TRY(prepare(ctx, v, index, &rules->rule[k], &s->scored[k]));
        if ((s->matrix->feature[k] = cxs_strdup(ctx, rules->rule[k].id)) == NULL)
            CXS_TRY(CXS_ENOMEM);
    }
    CXS_TRY(score_ranks(ctx, v, column, s));
    CXS_TRY(cxs_scores_values(ctx, v, column, s));
    *out = s;
    s = NULL;

done:
    cxs_free(column);
    cxs_scores_free(s);
    return rc;
}
