/*
 * scores_levels.c -- the values that gene sets are scored on
 *
 * Ranks of different samples compare only over the same genes, so a gene that some
 * usable sample misses leaves the universe, and a sample that misses more than a fifth
 * of the genes is not usable: without it, one bad sample would empty the universe.
 */
#include "features/scores.h"

#include "base/number.h"
#include "base/text.h"
#include "store/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double MAX_MISSING = 0.2; /* share of genes without a value */
static const double MILLION = 1e6;

void cxs_levels_free(cxs_levels *v)
{
    cxs_features_free(v->own);
    cxs_frame_clear(&v->frame);
    cxs_free(v->moments);
    cxs_free(v->usable);
    cxs_free(v->per_million);
    cxs_free(v->length);
    *v = (cxs_levels){0};
}

/* Samples that hold values for enough genes and have not failed. */
static cxs_rc find_usable(cxs_ctx *ctx, const cxs_matrix *m, const uint8_t *failed,
                          cxs_levels *v)
{
    size_t *missing = NULL, few = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(v->usable, m->n);
    CXS_NEW(missing, m->n);
    for (size_t j = 0; j < m->p; j++)
        for (size_t i = 0; i < m->n; i++)
            missing[i] += isnan(m->x[j * m->n + i]) ? 1 : 0;
    for (size_t i = 0; i < m->n; i++) {
        v->usable[i] = !(failed != NULL && failed[i]) &&
                       (double)missing[i] <= MAX_MISSING * (double)m->p;
        v->usable_count += v->usable[i];
        few += !v->usable[i] && !(failed != NULL && failed[i]);
    }
    if (few > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "gene sets: %zu of %zu samples have a value for less than "
                         "four fifths of the genes; their scores are missing",
                         few, m->n));

done:
    cxs_free(missing);
    return rc;
}

/* Copy of the usable samples, over the genes that all of them have. */
static cxs_rc select_usable(cxs_ctx *ctx, const cxs_matrix *m, const cxs_levels *v,
                            cxs_matrix **out)
{
    uint8_t *keep = NULL;
    cxs_matrix *c = NULL;
    size_t kept = 0, to = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(keep, m->p);
    for (size_t j = 0; j < m->p; j++) {
        keep[j] = 1;
        for (size_t i = 0; keep[j] && i < m->n; i++)
            keep[j] = !(v->usable[i] && isnan(m->x[j * m->n + i]));
        kept += keep[j];
    }
    if (kept < m->p)
        cxs_note(ctx, "gene sets: %zu of %zu genes have a value in every usable sample",
                 kept, m->p);
    CXS_TRY(cxs_matrix_select(ctx, m, keep, &c));
    for (size_t j = 0; j < c->p; j++)
        for (size_t i = 0; i < c->n; i++)
            if (v->usable[i])
                c->x[to++] = c->x[j * c->n + i];
    for (size_t i = 0, at = 0; i < m->n; i++) {
        if (!v->usable[i]) {
            cxs_free(c->sample[i]);
            continue;
        }
        c->sample[at++] = c->sample[i];
    }
    c->n = v->usable_count;
    *out = c;
    c = NULL;

done:
    cxs_matrix_free(c);
    cxs_free(keep);
    return rc;
}

/* Total that makes a count a share of a million, over all genes as given. */
static cxs_rc find_totals(cxs_ctx *ctx, const cxs_matrix *m,
                          const cxs_features_settings *s, cxs_levels *v)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(v->per_million, m->n);
    if (s->lengths != NULL || m->length != NULL)
        CXS_NEW(v->length, m->p);
    if (s->lengths != NULL)
        CXS_TRY(cxs_lengths_read(ctx, s->lengths, m, v->length));
    else if (m->length != NULL)
        memcpy(v->length, m->length, m->p * sizeof *v->length);
    for (size_t j = 0; j < m->p; j++)
        for (size_t i = 0; i < m->n; i++) {
            const double x = m->x[j * m->n + i];
            if (!isnan(x))
                v->per_million[i] += v->length != NULL ? x / v->length[j] : x;
        }
    for (size_t i = 0; i < m->n; i++)
        v->per_million[i] = MILLION / v->per_million[i];

done:
    return rc;
}

/* Is every value there?  Then the features as derived so far serve, when they came by
 * the same steps. */
static bool serves(const cxs_matrix *m, const cxs_levels *v,
                   const cxs_features_settings *s, const cxs_matrix *made,
                   const cxs_features_settings *s_made)
{
    if (made == NULL || v->usable_count < m->n || s->filter != s_made->filter ||
        s->normalise != s_made->normalise)
        return false;
    for (size_t k = 0; k < m->n * m->p; k++)
        if (isnan(m->x[k]))
            return false;
    return true;
}

const char *cxs_levels_basis(cxs_kind kind, cxs_normalise normalise)
{
    if (kind == CXS_KIND_TPM || normalise == CXS_NORMALISE_TPM)
        return "log_tpm";
    return kind == CXS_KIND_COUNTS ? "log_cpm" : "log";
}

cxs_rc cxs_levels_make(cxs_ctx *ctx, const cxs_matrix *m, const uint8_t *failed,
                       const cxs_features_settings *given, const cxs_matrix *made,
                       const cxs_features_settings *s_made, cxs_levels *out)
{
    cxs_features_settings s = *given;
    cxs_levels v = {.raw = m};
    cxs_matrix *usable = NULL;
    size_t zero = 0;
    cxs_rc rc = CXS_OK;

    *out = (cxs_levels){0};
    /* Values that are on no log scale yet get one; counts stay no counts. */
    if (m->kind == CXS_KIND_COUNTS && s.normalise == CXS_NORMALISE_NONE)
        s.normalise = CXS_NORMALISE_TMM;
    if (m->kind == CXS_KIND_TPM)
        s.normalise = CXS_NORMALISE_TPM;
    CXS_TRY(find_usable(ctx, m, failed, &v));
    if (v.usable_count == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE,
                         CXS_AT "none of %zu samples has values enough to score gene "
                                "sets",
                         CXS_AT_ARGS(&s), m->n));
    v.basis = cxs_levels_basis(m->kind, s.normalise);
    if (serves(m, &v, &s, made, s_made)) {
        v.y = made;
    } else {
        CXS_TRY(select_usable(ctx, m, &v, &usable));
        CXS_NEW(v.own, 1);
        CXS_TRY(cxs_derive_levels(ctx, usable, &s, v.own, &zero));
        v.y = v.own->matrix;
        if (v.own->frame != NULL)
            CXS_TRY(cxs_frame_spread(ctx, v.own->frame, usable->feature, usable->p,
                                     m->feature, m->p, &v.frame));
    }
    if (m->kind == CXS_KIND_COUNTS)
        CXS_TRY(find_totals(ctx, m, &s, &v));
    *out = v;
    v = (cxs_levels){0};

done:
    cxs_levels_free(&v);
    cxs_matrix_free(usable);
    return rc;
}

void cxs_levels_linear(const cxs_levels *v, size_t gene, double *value)
{
    const cxs_matrix *m = v->raw;
    const char *id = v->y->feature[gene];
    char *const *hit =
        bsearch(&id, m->feature, m->p, sizeof *m->feature, cxs_text_compare);
    const size_t j = (size_t)(hit - m->feature); /* y is a part of the matrix */

    for (size_t i = 0; i < m->n; i++) {
        const double x = m->x[j * m->n + i];
        value[i] = !v->usable[i]             ? (double)NAN
                   : isnan(x)                ? v->level != NULL ? v->level[gene] : x
                   : m->kind == CXS_KIND_LOG ? exp2(x)
                   : v->per_million == NULL  ? x
                   : v->length != NULL       ? x / v->length[j] * v->per_million[i]
                                             : x * v->per_million[i];
    }
}

const char *cxs_levels_linear_name(const cxs_levels *v)
{
    if (v->raw->kind == CXS_KIND_COUNTS)
        return v->length != NULL ? "tpm" : "cpm";
    return v->raw->kind == CXS_KIND_TPM ? "tpm" : v->basis;
}
