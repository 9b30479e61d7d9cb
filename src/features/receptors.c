/*
 * receptors.c -- T-cell receptor features of the repertoires of patients
 */
#include "features/receptors.h"

#include "base/digest.h"
#include "base/stream.h"
#include "num/order.h"
#include "num/tcr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REPEATS = 20, DEPTH_MOST = 10000, DEPTH_NOISY = 1000, KEY_DIGITS = 15 };

static const struct {
    const char *name, *unit;
    cxs_feature_type type;
} indices[CXS_TCR_INDICES] = {
    [CXS_TCR_RICHNESS] = {"tcr.richness", "log2(clones + 1)", CXS_FEATURE_COUNT},
    [CXS_TCR_SHANNON] = {"tcr.shannon", "nats", CXS_FEATURE_CONTINUOUS},
    [CXS_TCR_CLONALITY] = {"tcr.clonality", "fraction", CXS_FEATURE_CONTINUOUS},
    [CXS_TCR_SIMPSON] = {"tcr.simpson", "fraction", CXS_FEATURE_CONTINUOUS},
    [CXS_TCR_GINI] = {"tcr.gini", "fraction", CXS_FEATURE_CONTINUOUS},
    [CXS_TCR_CHAO1] = {"tcr.chao1", "log2(clones + 1)", CXS_FEATURE_COUNT},
    [CXS_TCR_D50] = {"tcr.d50", "log2(clones + 1)", CXS_FEATURE_COUNT},
    [CXS_TCR_TOP10] = {"tcr.top10", "fraction", CXS_FEATURE_CONTINUOUS},
    [CXS_TCR_EXPANDED] = {"tcr.expanded", "fraction", CXS_FEATURE_CONTINUOUS},
};

/* Clones of one file; all is borrowed from the bag. */
typedef struct clones {
    const char *const *v, *const *j, *const *junction;
    const int64_t *count;
    size_t n;
    double total;
} clones;

static int compare(const clones *a, size_t x, const clones *b, size_t y)
{
    int order = strcmp(a->v[x], b->v[y]);

    if (order == 0)
        order = strcmp(a->j[x], b->j[y]);
    return order != 0 ? order : strcmp(a->junction[x], b->junction[y]);
}

/* A bag may come from a file: what the rest relies on is checked here, once. */
static cxs_rc read_clones(cxs_ctx *ctx, const cxs_patient_file *file, clones *c)
{
    const cxs_measure *t =
        file->bag != NULL ? cxs_measures_find(file->bag, "clones") : NULL;
    bool whole;

    *c = (clones){.n = 0};
    if (file->bag == NULL)
        return CXS_OK;
    whole = t != NULL && (c->v = cxs_measure_get_text(t, "v")) != NULL &&
            (c->j = cxs_measure_get_text(t, "j")) != NULL &&
            (c->junction = cxs_measure_get_text(t, "junction")) != NULL &&
            (c->count = cxs_measure_get_int(t, "count")) != NULL;
    c->n = whole ? cxs_measure_rows(t) : 0;
    for (size_t i = 0; whole && i < c->n; i++) {
        whole = c->v[i] != NULL && c->j[i] != NULL && c->junction[i] != NULL &&
                c->count[i] > 0 && (i == 0 || compare(c, i - 1, c, i) < 0);
        c->total += (double)c->count[i];
    }
    if (!whole)
        return cxs_fail(ctx, CXS_EFORMAT, "the table of clones of sample %s is damaged",
                        cxs_ctx_id(ctx, file->sample));
    return CXS_OK;
}

/* ---- depth ------------------------------------------------------------------------ */

size_t cxs_receptor_depth(const double *total, size_t n, double *work)
{
    size_t present = 0;
    double depth;

    for (size_t i = 0; i < n; i++)
        if (total[i] > 0.0)
            work[present++] = total[i];
    if (present == 0)
        return 0;
    qsort(work, present, sizeof *work, cxs_ascending);
    depth = work[(present + 9) / 10 - 1];
    return depth < DEPTH_MOST ? (size_t)depth : DEPTH_MOST;
}

/* Counts of each file: below the depth there are no features, below a thousand they say
 * little. */
static cxs_rc judge_counts(cxs_ctx *ctx, const cxs_patient_file *file,
                           const clones *all, size_t n, size_t depth,
                           cxs_quality_rows *quality)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < n && rc == CXS_OK; i++) {
        const bool few = depth == 0 || all[i].total < (double)depth;
        const bool noisy = all[i].total < DEPTH_NOISY;
        if (all[i].count == NULL)
            continue;
        rc = cxs_quality_add(ctx, quality, file[i].sample,
                             &(cxs_quality_row){.measure = "tcr_counts",
                                                .unit = "counts",
                                                .value = all[i].total,
                                                .state = few     ? CXS_QC_FAIL
                                                         : noisy ? CXS_QC_WARN
                                                                 : CXS_QC_OK,
                                                .reason = few     ? "below_the_depth"
                                                          : noisy ? "few_counts"
                                                                  : NULL});
    }
    return rc;
}

static cxs_rc choose_depth(cxs_ctx *ctx, const clones *all, size_t n,
                           const cxs_receptor_settings *settings, size_t *depth)
{
    double *total = NULL, *work = NULL;
    size_t files = 0, below = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(total, n);
    CXS_NEW(work, n);
    for (size_t i = 0; i < n; i++)
        total[i] = all[i].total;
    *depth = settings->depth > 0 ? settings->depth : cxs_receptor_depth(total, n, work);
    for (size_t i = 0; i < n; i++) {
        files += all[i].count != NULL;
        below += all[i].count != NULL && total[i] < (double)*depth;
    }
    if (files > 0)
        cxs_note(ctx,
                 "receptors: %zu repertoires, down-sampled to %zu counts; %zu hold "
                 "fewer and are missing",
                 files, *depth, below);
    if (settings->depth == 0 && *depth > 0 && *depth < DEPTH_NOISY)
        rc = cxs_warn(ctx, "",
                      "receptors: the depth of %zu counts is that of the poorest "
                      "repertoires: diversity of so few counts says little",
                      *depth);
done:
    cxs_free(total);
    cxs_free(work);
    return rc;
}

/* ---- diversity -------------------------------------------------------------------- */

static size_t draw(const void *stream, uint64_t repeat, uint64_t index, size_t below)
{
    return cxs_draw_below(stream, repeat << 32 | index, below);
}

/* Key of a sample: 60 bits of the digest of its id. */
static cxs_rc key_of(cxs_ctx *ctx, const char *sample, uint64_t *key)
{
    char hex[CXS_SHA256_HEX];
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_sha256_bytes(ctx, sample, strlen(sample), hex));
    hex[KEY_DIGITS] = '\0';
    *key = strtoull(hex, NULL, 16);
done:
    return rc;
}

/* Counts in descending order: the order of names does not matter. */
static cxs_rc diversity(cxs_ctx *ctx, const char *sample, const clones *c, size_t depth,
                        uint64_t seed, double *mean)
{
    cxs_stream s = {.seed = seed, .purpose = CXS_DRAW_RECEPTORS};
    double *count = NULL, *work = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(key_of(ctx, sample, &s.replicate));
    CXS_NEW(count, c->n);
    CXS_NEW(work, 2 * c->n + 1);
    for (size_t i = 0; i < c->n; i++)
        count[i] = (double)c->count[i];
    if (c->n > 0)
        qsort(count, c->n, sizeof *count, cxs_descending);
    cxs_tcr_mean(c->n, count, depth, REPEATS, draw, &s, mean, work);
done:
    cxs_free(count);
    cxs_free(work);
    return rc;
}

static cxs_rc add_diversity(cxs_ctx *ctx, const cxs_patient_file *file,
                            const clones *all, size_t depth, uint64_t seed,
                            cxs_feature_columns *columns)
{
    double *value[CXS_TCR_INDICES], mean[CXS_TCR_INDICES];
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < CXS_TCR_INDICES; k++)
        CXS_TRY(cxs_feature_columns_add(ctx, columns, indices[k].name, indices[k].unit,
                                        indices[k].type, &value[k]));
    for (size_t i = 0; i < columns->n; i++) {
        if (all[i].count == NULL)
            continue;
        CXS_TRY(diversity(ctx, file[i].sample, &all[i], depth, seed, mean));
        for (size_t k = 0; k < CXS_TCR_INDICES; k++)
            value[k][i] =
                indices[k].type == CXS_FEATURE_COUNT ? log2(mean[k] + 1.0) : mean[k];
    }
done:
    return rc;
}

/* ---- product ---------------------------------------------------------------------- */

/* Counts of both over the union of their clones; sorted lists are merged. */
typedef struct pair {
    double *a, *b;
    size_t n;
} pair;

static void pair_clear(pair *p)
{
    cxs_free(p->a);
    cxs_free(p->b);
}

static cxs_rc join(cxs_ctx *ctx, const clones *a, const clones *b, pair *p)
{
    size_t x = 0, y = 0;
    cxs_rc rc = CXS_OK;

    *p = (pair){.n = 0};
    CXS_NEW(p->a, a->n + b->n + 1);
    CXS_NEW(p->b, a->n + b->n + 1);
    for (; x < a->n || y < b->n; p->n++) {
        const int order = x == a->n ? 1 : y == b->n ? -1 : compare(a, x, b, y);
        if (order <= 0)
            p->a[p->n] = (double)a->count[x++];
        if (order >= 0)
            p->b[p->n] = (double)b->count[y++];
    }
done:
    return rc;
}

static cxs_rc overlap(cxs_ctx *ctx, const clones *a, const clones *b, double *share,
                      double *morisita)
{
    pair p = {.n = 0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(join(ctx, a, b, &p));
    cxs_tcr_overlap(p.n, p.a, p.b, share, morisita);
done:
    pair_clear(&p);
    return rc;
}

static cxs_rc expansion(cxs_ctx *ctx, const clones *before, const clones *after,
                        double *number, double *share)
{
    pair joined = {.n = 0};
    cxs_p_item *work = NULL;
    double *p = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(join(ctx, before, after, &joined));
    CXS_NEW(p, joined.n + 1);
    CXS_NEW(work, joined.n + 1);
    cxs_tcr_expansion(joined.n, joined.a, joined.b, number, share, p, work);
    *number = log2(*number + 1.0);
done:
    cxs_free(p);
    cxs_free(work);
    pair_clear(&joined);
    return rc;
}

static cxs_rc add_overlap(cxs_ctx *ctx, const char *name, bool any,
                          cxs_feature_columns *columns, double **value)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_feature_columns_add(ctx, columns, name, "fraction",
                                    CXS_FEATURE_CONTINUOUS, value));
    if (!any)
        rc = cxs_feature_columns_note(ctx, columns, "no patient has a T-cell product");
done:
    return rc;
}

static cxs_rc add_product(cxs_ctx *ctx, const clones *all, const clones *product,
                          size_t depth, cxs_feature_columns *columns)
{
    double *share, *morisita;
    bool any = false;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; product != NULL && i < columns->n; i++)
        any = any || product[i].count != NULL;
    CXS_TRY(add_overlap(ctx, "tcr.product.share", any, columns, &share));
    CXS_TRY(add_overlap(ctx, "tcr.product.morisita", any, columns, &morisita));
    for (size_t i = 0; any && i < columns->n; i++)
        if (product[i].count != NULL && depth > 0 && all[i].total >= (double)depth)
            CXS_TRY(overlap(ctx, &all[i], &product[i], &share[i], &morisita[i]));
done:
    return rc;
}

static cxs_rc read_all(cxs_ctx *ctx, const cxs_patient_file *file, size_t n,
                       clones **out)
{
    cxs_rc rc = CXS_OK;

    if (file == NULL)
        return CXS_OK;
    if ((*out = cxs_calloc(ctx, n, sizeof **out)) == NULL)
        return CXS_ENOMEM;
    for (size_t i = 0; i < n && rc == CXS_OK; i++)
        rc = read_clones(ctx, &file[i], &(*out)[i]);
    return rc;
}

cxs_rc cxs_receptor_features_at(cxs_ctx *ctx, const cxs_patient_file *file,
                                const cxs_patient_file *product,
                                const cxs_receptor_settings *settings,
                                cxs_feature_columns *columns)
{
    clones *all = NULL, *products = NULL;
    size_t depth = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_all(ctx, file, columns->n, &all));
    CXS_TRY(read_all(ctx, product, columns->n, &products));
    CXS_TRY(choose_depth(ctx, all, columns->n, settings, &depth));
    CXS_TRY(judge_counts(ctx, file, all, columns->n, depth, settings->quality));
    CXS_TRY(add_diversity(ctx, file, all, depth, settings->seed, columns));
    CXS_TRY(add_product(ctx, all, products, depth, columns));
    if (settings->used != NULL)
        *settings->used = depth;
done:
    cxs_free(all);
    cxs_free(products);
    return rc;
}

/* Both columns of one comparison; a bag that is not there has a total of 0. */
static cxs_rc add_expansion(cxs_ctx *ctx, const char *const names[2],
                            const clones *before, const clones *after, size_t depth,
                            cxs_feature_columns *columns)
{
    double *number, *share;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_feature_columns_add(ctx, columns, names[0], "log2(clones + 1)",
                                    CXS_FEATURE_COUNT, &number));
    CXS_TRY(cxs_feature_columns_add(ctx, columns, names[1], "fraction",
                                    CXS_FEATURE_CONTINUOUS, &share));
    for (size_t i = 0; depth > 0 && i < columns->n; i++)
        if (before[i].total >= (double)depth && after[i].total >= (double)depth)
            CXS_TRY(expansion(ctx, &before[i], &after[i], &number[i], &share[i]));
done:
    return rc;
}

cxs_rc cxs_receptor_expansion(cxs_ctx *ctx, const cxs_patient_file *before,
                              const cxs_patient_file *after,
                              const cxs_patient_file *product, size_t depth,
                              cxs_feature_columns *columns)
{
    static const char *const own[2] = {"tcr.expansion.n", "tcr.expansion.share"},
                             *const infused[2] = {"tcr.product.expansion.n",
                                                  "tcr.product.expansion.share"};
    clones *first = NULL, *last = NULL, *given = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_all(ctx, before, columns->n, &first));
    CXS_TRY(read_all(ctx, after, columns->n, &last));
    CXS_TRY(read_all(ctx, product, columns->n, &given));
    CXS_TRY(add_expansion(ctx, own, first, last, depth, columns));
    if (given != NULL)
        rc = add_expansion(ctx, infused, given, last, depth, columns);
done:
    cxs_free(first);
    cxs_free(last);
    cxs_free(given);
    return rc;
}

cxs_rc cxs_receptor_features(cxs_ctx *ctx, const cxs_patient_file *file,
                             const cxs_patient_file *product,
                             cxs_feature_columns *columns)
{
    const cxs_receptor_settings settings = {.depth = 0};

    return cxs_receptor_features_at(ctx, file, product, &settings, columns);
}
