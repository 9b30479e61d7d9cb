/*
 * frozen_levels.c -- values of new samples on the scale of a training set
 *
 * The sums go over the same genes in the same order as in training, so that a training
 * sample gets its own values back to the last bit:
 *
 *     E = N f / exp(mean log f of training),  f the TMM factor against the training
 *     reference sample,  y = log2((c + 2 E/Ebar)/(E + 4 E/Ebar) 1e6), Ebar of training.
 *
 * A lacking gene counts 0 in N; TMM compares the genes that are there and takes the
 * difference out of E again.
 */
#include "features/frozen.h"

#include "features/scores.h"
#include "num/tmm.h"
#include "store/data.h"

#include <math.h>
#include <string.h>

static const double LEAST_SHARE = 0.9; /* of the genes; fewer are another assay */
static const double MILLION = 1e6;

/* Is the gene normalised in a frame? */
static bool is_used(const cxs_frozen *z, size_t j)
{
    return (z->frame[0].role[j] & CXS_ROLE_KEPT) != 0 ||
           (z->frame[1].role != NULL && (z->frame[1].role[j] & CXS_ROLE_KEPT) != 0);
}

static cxs_rc copy_samples(cxs_ctx *ctx, const cxs_matrix *m, cxs_matrix *to)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(to->sample, m->n + 1);
    to->n = m->n;
    for (size_t i = 0; i < m->n; i++)
        if ((to->sample[i] = cxs_strdup(ctx, m->sample[i])) == NULL)
            return CXS_ENOMEM;
    if ((to->layer = cxs_strdup(ctx, m->layer != NULL ? m->layer : "")) == NULL)
        rc = CXS_ENOMEM;

done:
    return rc;
}

/* Genes with flag set, by name; x is NaN. */
static cxs_rc new_matrix(cxs_ctx *ctx, const cxs_frozen *z, const cxs_frame *frame,
                         const cxs_matrix *m, cxs_matrix **out)
{
    cxs_matrix *a = NULL;
    size_t p = 0;
    cxs_rc rc = CXS_OK;

    for (size_t j = 0; j < z->p; j++)
        p += frame == NULL || (frame->role[j] & CXS_ROLE_KEPT) != 0;
    CXS_NEW(a, 1);
    a->kind = z->kind;
    CXS_TRY(copy_samples(ctx, m, a));
    CXS_NEW(a->x, m->n * p + 1);
    CXS_NEW(a->feature, p + 1);
    if (z->shown != NULL)
        CXS_NEW(a->feature_name, p + 1);
    for (size_t j = 0; j < z->p; j++) {
        if (frame != NULL && (frame->role[j] & CXS_ROLE_KEPT) == 0)
            continue;
        a->feature[a->p] = cxs_strdup(ctx, z->gene[j]);
        if (z->shown != NULL)
            a->feature_name[a->p] = cxs_strdup(ctx, z->shown[j]);
        if (a->feature[a->p] == NULL ||
            (z->shown != NULL && a->feature_name[a->p] == NULL)) {
            cxs_free(a->feature[a->p]);
            CXS_TRY(CXS_ENOMEM);
        }
        a->p++;
    }
    for (size_t k = 0; k < a->n * a->p; k++)
        a->x[k] = (double)NAN;
    *out = a;
    a = NULL;

done:
    cxs_matrix_free(a);
    return rc;
}

/* Enough of the genes in every sample that has not failed? */
static cxs_rc check_share(cxs_ctx *ctx, const cxs_frozen *z, const cxs_matrix *a,
                          const uint8_t *failed, const char *path, size_t *lacking)
{
    size_t used = 0;

    memset(lacking, 0, a->n * sizeof *lacking);
    for (size_t j = 0; j < z->p; j++) {
        if (!is_used(z, j))
            continue;
        used++;
        for (size_t i = 0; i < a->n; i++)
            lacking[i] += isnan(a->x[j * a->n + i]) ? 1 : 0;
    }
    for (size_t i = 0; i < a->n; i++)
        if (!failed[i] && (double)(used - lacking[i]) < LEAST_SHARE * (double)used)
            return cxs_fail(ctx, CXS_EMISMATCH,
                            "%s: sample %s has %zu of the %zu genes of the reference, "
                            "less than nine tenths",
                            path, cxs_ctx_id(ctx, a->sample[i]), used - lacking[i],
                            used);
    return CXS_OK;
}

cxs_rc cxs_frozen_align(cxs_ctx *ctx, const cxs_frozen *z, const cxs_matrix *m,
                        const uint8_t *failed, const char *path, cxs_matrix **out,
                        size_t *lacking)
{
    cxs_matrix *a = NULL;
    size_t k = 0;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(new_matrix(ctx, z, NULL, m, &a));
    for (size_t j = 0; j < z->p; j++) { /* both are sorted */
        while (k < m->p && strcmp(m->feature[k], z->gene[j]) < 0)
            k++;
        if (k < m->p && strcmp(m->feature[k], z->gene[j]) == 0)
            memcpy(a->x + j * m->n, m->x + k * m->n, m->n * sizeof *a->x);
    }
    CXS_TRY(check_share(ctx, z, a, failed, path, lacking));
    *out = a;
    a = NULL;

done:
    cxs_matrix_free(a);
    return rc;
}

/* ---- one frame ------------------------------------------------------------------- */

/* Sums of the counts, or of count / length, of the genes that make the total. */
static void sum_totals(const cxs_frozen *z, const cxs_frame *frame, const cxs_matrix *a,
                       const double *length, double *sum)
{
    memset(sum, 0, a->n * sizeof *sum);
    for (size_t j = 0; j < z->p; j++)
        for (size_t i = 0; (frame->role[j] & CXS_ROLE_TOTAL) != 0 && i < a->n; i++) {
            const double x = a->x[j * a->n + i];
            if (!isnan(x))
                sum[i] += length != NULL ? x / length[j] : x;
        }
}

/* Factors of the samples, against the training reference alone. */
static cxs_rc tmm_factors(cxs_ctx *ctx, const cxs_frozen *z, const cxs_frame *frame,
                          const cxs_matrix *a, const uint8_t *failed, cxs_features *f)
{
    const uint8_t both = CXS_ROLE_TOTAL | CXS_ROLE_KEPT;
    double *work = NULL, *counts = NULL, *ref = NULL;
    size_t used = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(work, 4 * z->p + 1);
    CXS_NEW(counts, z->p + 1);
    CXS_NEW(ref, z->p + 1);
    for (size_t j = 0; j < z->p; j++)
        if (frame->role[j] == both)
            ref[used++] = frame->count[j];
    for (size_t i = 0; i < a->n; i++) {
        size_t at = 0;
        if (failed[i])
            continue;
        for (size_t j = 0; j < z->p; j++)
            if (frame->role[j] == both) {
                const double x = a->x[j * a->n + i];
                counts[at++] = isnan(x) ? 0.0 : x;
            }
        f->norm[i] =
            cxs_tmm_factor(used, counts, ref, f->library[i], frame->ref_library, work) /
            exp(frame->norm_log);
        f->size[i] = f->library[i] * f->norm[i] / exp(frame->size_log);
    }

done:
    cxs_free(ref);
    cxs_free(counts);
    cxs_free(work);
    return rc;
}

/* Counts of the kept genes to values; scale: [n] effective sizes or rate sums. */
static void transform(const cxs_frozen *z, const cxs_frame *frame, const double *scale,
                      cxs_matrix *y)
{
    size_t at = 0;

    for (size_t j = 0; j < z->p; j++) {
        double *x = y->x + at * y->n;
        if ((frame->role[j] & CXS_ROLE_KEPT) == 0)
            continue;
        at++;
        if (frame->normalise == CXS_NORMALISE_TMM)
            cxs_log_cpm(y->n, scale, frame->effective_mean, x);
        else if (frame->normalise == CXS_NORMALISE_TPM && z->kind == CXS_KIND_COUNTS)
            cxs_log_tpm(y->n, z->length[j], scale, x);
        else if (frame->normalise == CXS_NORMALISE_TPM)
            for (size_t i = 0; i < y->n; i++)
                x[i] = log2(x[i] + 1.0);
    }
}

static cxs_rc scale_counts(cxs_ctx *ctx, const cxs_frozen *z, const cxs_frame *frame,
                           const cxs_matrix *a, const uint8_t *failed, cxs_features *f,
                           double *scale)
{
    cxs_rc rc = CXS_OK;

    sum_totals(z, frame, a, NULL, f->library);
    for (size_t i = 0; i < a->n; i++) {
        f->norm[i] = f->size[i] = failed[i] ? (double)NAN : 1.0;
        if (failed[i])
            f->library[i] = (double)NAN;
        else if (!(f->library[i] > 0.0))
            return cxs_fail_code(ctx, CXS_EDEGENERATE, "CX028",
                                 "sample %s: %g counts in total, minimum 1",
                                 cxs_ctx_id(ctx, a->sample[i]), f->library[i]);
    }
    if (frame->normalise == CXS_NORMALISE_TMM)
        CXS_TRY(tmm_factors(ctx, z, frame, a, failed, f));
    for (size_t i = 0; i < a->n; i++)
        scale[i] = f->library[i] * f->norm[i];
    if (frame->normalise == CXS_NORMALISE_TPM) {
        sum_totals(z, frame, a, z->length, scale);
        for (size_t i = 0; i < a->n; i++)
            f->size[i] = (double)NAN;
    }

done:
    return rc;
}

cxs_rc cxs_frozen_values(cxs_ctx *ctx, const cxs_frozen *z, const cxs_frame *frame,
                         const cxs_matrix *a, const uint8_t *failed, cxs_features *f)
{
    double *scale = NULL;
    cxs_matrix *y;
    size_t at = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(scale, a->n + 1);
    CXS_NEW(f->library, a->n + 1);
    CXS_NEW(f->norm, a->n + 1);
    CXS_NEW(f->size, a->n + 1);
    CXS_TRY(new_matrix(ctx, z, frame, a, &f->matrix));
    y = f->matrix;
    for (size_t j = 0; j < z->p; j++) {
        if ((frame->role[j] & CXS_ROLE_KEPT) == 0)
            continue;
        for (size_t i = 0; i < a->n; i++)
            y->x[at * a->n + i] = failed[i] ? (double)NAN : a->x[j * a->n + i];
        at++;
    }
    for (size_t i = 0; i < a->n; i++)
        f->library[i] = f->norm[i] = f->size[i] = (double)NAN;
    if (z->kind == CXS_KIND_COUNTS)
        CXS_TRY(scale_counts(ctx, z, frame, a, failed, f, scale));
    transform(z, frame, scale, y);
    if (frame->normalise != CXS_NORMALISE_NONE)
        y->kind = CXS_KIND_LOG;

done:
    cxs_free(scale);
    return rc;
}

/* ---- scores ---------------------------------------------------------------------- */

/* Samples that have not failed, genes with their frozen moments. */
static cxs_rc narrow(cxs_ctx *ctx, const cxs_frozen *z, const uint8_t *failed,
                     cxs_levels *v, double **moments)
{
    cxs_matrix *y = v->own->matrix;
    const size_t n = y->n, p = y->p;
    size_t to = 0, at = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(*moments, 3 * p + 1);
    for (size_t j = 0; j < z->p; j++) {
        if ((z->frame[1].role[j] & CXS_ROLE_KEPT) == 0)
            continue;
        (*moments)[at] = z->mean[j];
        (*moments)[p + at] = z->sd[j];
        (*moments)[2 * p + at] = z->level[j];
        for (size_t i = 0; i < n; i++)
            if (!failed[i]) {
                const double x = y->x[at * n + i];
                y->x[to++] = isnan(x) ? z->mean[j] : x;
            }
        at++;
    }
    for (size_t i = 0, k = 0; i < n; i++) {
        if (failed[i])
            cxs_free(y->sample[i]);
        else
            y->sample[k++] = y->sample[i];
    }
    y->n = v->usable_count;

done:
    return rc;
}

/* What makes a count a share of a million. */
static cxs_rc per_million(cxs_ctx *ctx, const cxs_frozen *z, const cxs_matrix *a,
                          cxs_levels *v)
{
    cxs_rc rc = CXS_OK;

    if (z->kind != CXS_KIND_COUNTS)
        return CXS_OK;
    CXS_NEW(v->per_million, a->n + 1);
    if (z->length != NULL) {
        CXS_NEW(v->length, z->p + 1);
        memcpy(v->length, z->length, z->p * sizeof *v->length);
    }
    for (size_t j = 0; j < z->p; j++)
        for (size_t i = 0; i < a->n; i++) {
            const double x = a->x[j * a->n + i];
            if (!isnan(x))
                v->per_million[i] += z->length != NULL ? x / z->length[j] : x;
        }
    for (size_t i = 0; i < a->n; i++)
        v->per_million[i] = MILLION / v->per_million[i];

done:
    return rc;
}

cxs_rc cxs_frozen_make_levels(cxs_ctx *ctx, const cxs_frozen *z, const cxs_matrix *a,
                              const uint8_t *failed, struct cxs_levels *out)
{
    const cxs_frame *frame = &z->frame[1];
    cxs_levels v = {.raw = a};
    uint8_t *none = NULL;
    cxs_rc rc = CXS_OK;

    *out = (cxs_levels){0};
    if (failed == NULL) {
        CXS_NEW(none, a->n + 1);
        failed = none;
    }
    CXS_NEW(v.usable, a->n + 1);
    for (size_t i = 0; i < a->n; i++) {
        v.usable[i] = !failed[i];
        v.usable_count += v.usable[i];
    }
    v.basis = cxs_levels_basis(z->kind, frame->normalise);
    CXS_NEW(v.own, 1);
    CXS_TRY(cxs_frozen_values(ctx, z, frame, a, failed, v.own));
    v.y = v.own->matrix;
    CXS_TRY(narrow(ctx, z, failed, &v, &v.moments));
    v.mean = v.moments;
    v.sd = v.moments + v.y->p;
    v.level = v.moments + 2 * v.y->p;
    v.line = z->line.id != NULL ? &z->line.line : NULL;
    CXS_TRY(per_million(ctx, z, a, &v));
    *out = v;
    v = (cxs_levels){0};

done:
    cxs_free(none);
    cxs_levels_free(&v);
    return rc;
}
