/*
 * frozen.c -- taking the constants of a training set while its features are made
 */
#include "features/frozen.h"

#include "base/out.h"
#include "coxswain/ingest.h"
#include "features/scores.h"
#include "store/data.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

const char *const cxs_frozen_tables[CXS_FROZEN_TABLES] = {"genes.tsv", "gene_alias.tsv",
                                                          "signatures.tsv"};

void cxs_frame_clear(cxs_frame *frame)
{
    cxs_free(frame->role);
    cxs_free(frame->count);
    *frame = (cxs_frame){.normalise = CXS_NORMALISE_NONE};
}

void cxs_frozen_free(cxs_frozen *z)
{
    if (z == NULL)
        return;
    cxs_free_strings(z->gene, z->p);
    cxs_free_strings(z->shown, z->p);
    cxs_free(z->length);
    cxs_frame_clear(&z->frame[0]);
    cxs_frame_clear(&z->frame[1]);
    cxs_free(z->mean);
    cxs_free(z->sd);
    cxs_free(z->level);
    cxs_free(z->line.id);
    cxs_free(z->null_es);
    cxs_free_strings(z->feature, z->features);
    cxs_free(z->transform);
    cxs_free(z);
}

cxs_rc cxs_frame_make(cxs_ctx *ctx, size_t p, cxs_frame *frame)
{
    cxs_rc rc = CXS_OK;

    if (frame == NULL)
        return CXS_OK;
    CXS_NEW(frame->role, p + 1);
    CXS_NEW(frame->count, p + 1);

done:
    return rc;
}

cxs_rc cxs_frame_spread(cxs_ctx *ctx, const cxs_frame *frame, char *const *from,
                        size_t p_from, char *const *to, size_t p, cxs_frame *out)
{
    cxs_frame wide = *frame;
    size_t k = 0;
    cxs_rc rc = CXS_OK;

    wide.role = NULL;
    wide.count = NULL;
    CXS_TRY(cxs_frame_make(ctx, p, &wide));
    for (size_t j = 0; j < p && k < p_from; j++)
        if (strcmp(from[k], to[j]) == 0) { /* both sorted, from within to */
            wide.role[j] = frame->role[k];
            wide.count[j] = frame->count[k++];
        }
    cxs_frame_clear(out);
    *out = wide;
    wide = (cxs_frame){.role = NULL};

done:
    cxs_frame_clear(&wide);
    return rc;
}

static cxs_rc copy_strings(cxs_ctx *ctx, char *const *from, size_t n, char ***out)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(*out, n + 1);
    for (size_t i = 0; i < n; i++)
        if (((*out)[i] = cxs_strdup(ctx, from[i])) == NULL)
            return CXS_ENOMEM;

done:
    return rc;
}

/* Digests of the tables that name genes and signatures. */
static cxs_rc read_digests(cxs_ctx *ctx, const char *folder, cxs_frozen *z)
{
    char *base = NULL, *path = NULL;
    cxs_rc rc = CXS_OK;

    if (folder == NULL)
        return CXS_OK;
    if ((base = cxs_path_join(ctx, folder, "/")) == NULL)
        CXS_TRY(CXS_ENOMEM);
    for (size_t k = 0; k < CXS_FROZEN_TABLES; k++) {
        if ((path = cxs_path_join(ctx, base, cxs_frozen_tables[k])) == NULL)
            CXS_TRY(CXS_ENOMEM);
        if (access(path, R_OK) == 0)
            CXS_TRY(cxs_sha256_file(ctx, path, z->table[k]));
        cxs_free(path);
        path = NULL;
    }

done:
    cxs_free(path);
    cxs_free(base);
    return rc;
}

/* Gene lengths that TPM is made with. */
static cxs_rc copy_lengths(cxs_ctx *ctx, const cxs_matrix *m,
                           const cxs_features_settings *s, cxs_frozen *z)
{
    cxs_rc rc = CXS_OK;

    if (m->kind != CXS_KIND_COUNTS || (s->lengths == NULL && m->length == NULL))
        return CXS_OK;
    CXS_NEW(z->length, m->p + 1);
    if (s->lengths != NULL)
        CXS_TRY(cxs_lengths_read(ctx, s->lengths, m, z->length));
    else
        memcpy(z->length, m->length, m->p * sizeof *z->length);

done:
    return rc;
}

cxs_rc cxs_frozen_begin(cxs_ctx *ctx, const cxs_matrix *m,
                        const cxs_features_settings *s, cxs_frozen **out)
{
    cxs_frozen *z = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (s->rank_normal || s->normalise == CXS_NORMALISE_MOR)
        return cxs_fail(ctx, CXS_EARG,
                        "a reference for new samples cannot be made with %s: they "
                        "depend on the other samples",
                        s->rank_normal ? "rank-normal scores" : "median of ratios");
    CXS_NEW(z, 1);
    z->kind = m->kind;
    z->filter = s->filter;
    z->winsorise = s->winsorise;
    z->standardise = s->standardise;
    z->signatures = s->signatures == 1;
    z->p = m->p;
    CXS_TRY(copy_strings(ctx, m->feature, m->p, &z->gene));
    if (m->feature_name != NULL)
        CXS_TRY(copy_strings(ctx, m->feature_name, m->p, &z->shown));
    CXS_TRY(copy_lengths(ctx, m, s, z));
    if (s->signatures == 1 || s->gmt != NULL)
        CXS_TRY(read_digests(ctx, cxs_refdata_folder(s->refdata), z));
    *out = z;
    z = NULL;

done:
    cxs_frozen_free(z);
    return rc;
}

/* ---- scores ---------------------------------------------------------------------- */

/* Linear value that stands where a new sample has none: on the log scale of the weighted
 * scores it is the training mean. */
static double mean_level(const cxs_levels *v, const double *value)
{
    double sum = 0.0, n = 0.0;

    for (size_t i = 0; i < v->raw->n; i++)
        if (v->usable[i] && !isnan(value[i])) {
            sum += v->raw->kind == CXS_KIND_LOG ? log2(value[i]) : log2(value[i] + 1.0);
            n += 1.0;
        }
    return v->raw->kind == CXS_KIND_LOG ? exp2(sum / n) : exp2(sum / n) - 1.0;
}

static cxs_rc freeze_moments(cxs_ctx *ctx, const cxs_levels *v, cxs_frozen *z)
{
    double *value = NULL;
    size_t g = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(value, v->raw->n);
    CXS_NEW(z->mean, z->p + 1);
    CXS_NEW(z->sd, z->p + 1);
    CXS_NEW(z->level, z->p + 1);
    for (size_t j = 0; j < z->p; j++) {
        z->mean[j] = z->sd[j] = z->level[j] = (double)NAN;
        if (g == v->y->p || strcmp(v->y->feature[g], z->gene[j]) != 0)
            continue;
        cxs_levels_moments(v, g, &z->mean[j], &z->sd[j]);
        cxs_levels_linear(v, g, value);
        z->level[j] = mean_level(v, value);
        g++;
    }

done:
    cxs_free(value);
    return rc;
}

cxs_rc cxs_frozen_scores(cxs_ctx *ctx, const struct cxs_levels *v, const cxs_scores *s,
                         cxs_frozen *z)
{
    const cxs_subtypes *t = &s->subtypes;
    cxs_rc rc = CXS_OK;

    CXS_TRY(freeze_moments(ctx, v, z));
    for (size_t k = 0; k < s->matrix->p; k++)
        if (s->scored[k].method == CXS_METHOD_RESIDUAL && z->line.id == NULL &&
            strcmp(s->scored[k].status, "ok") == 0) {
            z->line.line = s->scored[k].line;
            if ((z->line.id = cxs_strdup(ctx, s->scored[k].id)) == NULL)
                CXS_TRY(CXS_ENOMEM);
        }
    if (t->es == NULL)
        goto done;
    z->has_subtypes = 1;
    memcpy(z->es_mean, t->mean, sizeof z->es_mean);
    memcpy(z->es_sd, t->sd, sizeof z->es_sd);
    if (t->null_es != NULL) {
        CXS_NEW(z->null_es, (size_t)CXS_SUBTYPES * CXS_SUBTYPE_PROFILES);
        memcpy(z->null_es, t->null_es,
               (size_t)CXS_SUBTYPES * CXS_SUBTYPE_PROFILES * sizeof *z->null_es);
    }

done:
    return rc;
}
