/*
 * frozen_score.c -- features of new samples from the constants of a training set
 *
 * Nothing here looks at two samples at once.  Quality is that of the sample itself; its
 * correlation with the cohort is not measured, for there is none.
 */
#include "features/frozen.h"

#include "base/out.h"
#include "base/text.h"
#include "coxswain/ingest.h"
#include "features/rna_qc.h"
#include "features/scores.h"
#include "store/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double OUTSIDE = 4.0; /* |z|: beyond it a sample is unlike the training */
/* Of very many features some lie there by chance: worth a warning above this share. */
static const double BY_CHANCE = 0.001;

/* How far a sample lies from those of training. */
typedef struct distance {
    double largest; /* |z| of any feature */
    size_t beyond;  /* features with |z| > OUTSIDE */
} distance;

/* ---- does the reference fit? ----------------------------------------------------- */

static bool differs(int given, int frozen)
{
    return given != CXS_FEATURES_AUTO && given != frozen;
}

static cxs_rc check_settings(cxs_ctx *ctx, const cxs_frozen *z, const cxs_matrix *m,
                             const cxs_features_settings *s)
{
    if (m->kind != z->kind)
        return cxs_fail(ctx, CXS_EMISMATCH,
                        CXS_AT "the matrix holds %s values, the reference %s was made "
                               "of %s",
                        CXS_AT_ARGS(s), cxs_kind_name(m->kind), s->reference,
                        cxs_kind_name(z->kind));
    if (differs((int)s->normalise, (int)z->frame[0].normalise) ||
        differs(s->filter, z->filter) || differs(s->winsorise, z->winsorise) ||
        differs(s->standardise, z->standardise) ||
        differs(s->signatures, z->signatures) || s->rank_normal == 1 ||
        s->lengths != NULL || s->filter_groups != NULL || s->freeze)
        return cxs_fail(
            ctx, CXS_EARG,
            "the steps are those of the reference %s: another one cannot be "
            "asked for",
            s->reference);
    if (s->gmt != NULL && z->frame[1].role == NULL)
        return cxs_fail(ctx, CXS_EARG,
                        "%s: made without signatures or gene sets, none can be scored",
                        s->reference);
    return CXS_OK;
}

/* Signatures mean the same only with the same tables. */
static cxs_rc check_tables(cxs_ctx *ctx, const cxs_frozen *z,
                           const cxs_features_settings *s)
{
    const char *folder = cxs_refdata_folder(s->refdata);
    char hex[CXS_SHA256_HEX], *base = NULL, *path = NULL;
    cxs_rc rc = CXS_OK;

    if (!z->signatures || z->frame[1].role == NULL)
        return CXS_OK;
    if (folder == NULL)
        return cxs_fail(ctx, CXS_ENOINPUT,
                        "%s: signatures need the reference tables (--refdata)",
                        s->reference);
    if ((base = cxs_path_join(ctx, folder, "/")) == NULL)
        CXS_TRY(CXS_ENOMEM);
    for (size_t k = 0; k < CXS_FROZEN_TABLES; k++) {
        if ((path = cxs_path_join(ctx, base, cxs_frozen_tables[k])) == NULL)
            CXS_TRY(CXS_ENOMEM);
        CXS_TRY(cxs_sha256_file(ctx, path, hex));
        if (strcmp(hex, z->table[k]) != 0)
            CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH,
                             "%s: made with another %s (SHA-256 %.12s) than %s (%.12s)",
                             s->reference, cxs_frozen_tables[k],
                             *z->table[k] != '\0' ? z->table[k] : "none", path, hex));
        cxs_free(path);
        path = NULL;
    }

done:
    cxs_free(path);
    cxs_free(base);
    return rc;
}

/* Settings as they are used. */
static cxs_features_settings settings_of(const cxs_frozen *z,
                                         const cxs_features_settings *given)
{
    cxs_features_settings s = cxs_features_resolved(given, z->kind);

    s.normalise = z->frame[0].normalise;
    s.filter = z->filter;
    s.winsorise = z->winsorise;
    s.standardise = z->standardise;
    s.signatures = z->signatures;
    s.rank_normal = 0;
    return s;
}

/* ---- columns --------------------------------------------------------------------- */

/* Column of a matrix with sorted names, or NULL. */
static const double *column_of(const cxs_matrix *m, const char *id)
{
    char *const *hit =
        bsearch(&id, m->feature, m->p, sizeof *m->feature, cxs_text_compare);

    return hit != NULL ? m->x + (size_t)(hit - m->feature) * m->n : NULL;
}

/* Column of the scores, which stand in the order of the sets, or NULL. */
static const double *score_of(const cxs_scores *s, const char *id)
{
    for (size_t k = 0; s != NULL && k < s->matrix->p; k++)
        if (strcmp(s->scored[k].id, id) == 0)
            return s->matrix->x + k * s->matrix->n;
    return NULL;
}

double cxs_frozen_apply(const cxs_transform *t, int standardise, double x)
{
    x = cxs_change_value(t, x);
    if (!isnan(t->winsor_low) && !isnan(x))
        x = fmin(fmax(x, t->winsor_low), t->winsor_high);
    return standardise && t->sd > 0.0 ? (x - t->mean) / t->sd : x;
}

/* One feature of all samples; far [n] is the distance so far. */
static void fill_column(const cxs_transform *t, int standardise, const uint8_t *failed,
                        const double *from, bool is_gene, size_t n, double *to,
                        distance *far)
{
    for (size_t i = 0; i < n; i++) {
        const double x = from != NULL && !failed[i] ? from[i] : (double)NAN;
        if (!isnan(x) && t->sd > 0.0) {
            const double z = fabs(cxs_change_value(t, x) - t->mean) / t->sd;
            far[i].largest = fmax(far[i].largest, z);
            far[i].beyond += z > OUTSIDE;
        }
        to[i] = cxs_frozen_apply(t, standardise,
                                 isnan(x) && is_gene && !failed[i] ? t->mean : x);
    }
}

/* The features of the training set in place of the genes of the frame. */
static cxs_rc fill_features(cxs_ctx *ctx, const cxs_frozen *z, const uint8_t *failed,
                            cxs_features *f, distance *far)
{
    cxs_matrix *genes = f->matrix, *m = NULL;
    const size_t n = genes->n;
    size_t others = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(m, 1);
    m->kind = z->standardise ? CXS_KIND_Z : genes->kind;
    CXS_NEW(m->x, n * z->features + 1);
    CXS_NEW(m->feature, z->features + 1);
    if (z->shown != NULL)
        CXS_NEW(m->feature_name, z->features + 1);
    CXS_NEW(f->transform, z->features + 1);
    for (size_t k = 0; k < z->features; k++) {
        const char *id = z->feature[k];
        const double *gene = column_of(genes, id);
        const double *x = gene != NULL ? gene : score_of(f->scores, id);
        f->transform[k] = z->transform[k];
        m->p = k + 1;
        if ((m->feature[k] = cxs_strdup(ctx, id)) == NULL)
            CXS_TRY(CXS_ENOMEM);
        if (z->shown != NULL) {
            const size_t at = gene != NULL ? (size_t)(gene - genes->x) / n : 0;
            m->feature_name[k] =
                cxs_strdup(ctx, gene != NULL ? genes->feature_name[at] : id);
            if (m->feature_name[k] == NULL)
                CXS_TRY(CXS_ENOMEM);
        }
        others += x == NULL;
        fill_column(&z->transform[k], z->standardise, failed, x, gene != NULL, n,
                    m->x + k * n, far);
    }
    if (others > 0)
        cxs_note(ctx,
                 "reference: %zu of %zu features are of other assays than "
                 "expression",
                 others, z->features);
    m->n = n;
    m->sample = genes->sample;
    m->layer = genes->layer;
    genes->sample = NULL;
    genes->layer = NULL;
    genes->n = 0;
    cxs_matrix_free(genes);
    f->matrix = m;
    m = NULL;

done:
    cxs_matrix_free(m);
    return rc;
}

/* ---- is the sample like those of training? ---------------------------------------- */

static cxs_rc add_rows(cxs_ctx *ctx, const cxs_features_settings *s,
                       const uint8_t *failed, const size_t *lacking,
                       const distance *far, cxs_features *f)
{
    size_t outside = 0, filled = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < f->matrix->n; i++) {
        const bool strange = far[i].beyond > 0;
        const cxs_quality_row rows[] = {
            {.measure = "lacking_genes",
             .unit = "genes",
             .value = (double)lacking[i],
             .state = lacking[i] > 0 ? CXS_QC_WARN : CXS_QC_OK,
             .reason = lacking[i] > 0 ? "training_mean_stands_for_them" : NULL},
            {.measure = "largest_z",
             .unit = "sd",
             .value = far[i].largest,
             .state = strange ? CXS_QC_WARN : CXS_QC_OK,
             .reason = strange ? "outside_training_range" : NULL},
            {.measure = "features_beyond_4_sd",
             .unit = "features",
             .value = (double)far[i].beyond,
             .state = CXS_QC_OK}};
        if (failed[i])
            continue;
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            CXS_TRY(cxs_quality_add(ctx, &f->others, f->matrix->sample[i], &rows[k]));
        outside += (double)far[i].beyond > BY_CHANCE * (double)f->matrix->p;
        filled += lacking[i] > 0;
    }
    if (filled > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         CXS_AT "%zu of %zu samples lack genes of the reference: the "
                                "training mean stands for them (P.qc.tsv)",
                         CXS_AT_ARGS(s), filled, f->matrix->n));
    if (outside > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         CXS_AT
                         "%zu of %zu samples lie outside the training range: more "
                         "than one in a thousand features are more than %g sd "
                         "from their mean (P.qc.tsv)",
                         CXS_AT_ARGS(s), outside, f->matrix->n, OUTSIDE));

done:
    return rc;
}

/* ---- all of it ------------------------------------------------------------------- */

/* Counts are counts; whether they are whole was judged in training. */
static cxs_rc check_counts(cxs_ctx *ctx, const cxs_matrix *m, const uint8_t *failed,
                           const cxs_features_settings *s)
{
    if (m->kind != CXS_KIND_COUNTS && m->kind != CXS_KIND_TPM)
        return CXS_OK;
    for (size_t k = 0; k < m->n * m->p; k++)
        if (!failed[k % m->n] && (m->x[k] < 0.0 || isinf(m->x[k])))
            return cxs_fail_code(
                ctx, CXS_EFORMAT, m->kind == CXS_KIND_COUNTS ? "CX029" : "CX030",
                CXS_AT "feature '%s', sample '%s': %g is not a %s", CXS_AT_ARGS(s),
                m->feature[k / m->n], cxs_ctx_id(ctx, m->sample[k % m->n]), m->x[k],
                m->kind == CXS_KIND_COUNTS ? "count" : "TPM value");
    return CXS_OK;
}

static bool any_left(const uint8_t *failed, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!failed[i])
            return true;
    return false;
}

static cxs_rc score_samples(cxs_ctx *ctx, const cxs_matrix *m,
                            const cxs_sample_notes *notes, const char *path,
                            cxs_features *f)
{
    const cxs_frozen *z = f->frozen;
    cxs_matrix *aligned = NULL, *passed = NULL;
    uint8_t *failed = NULL;
    size_t *lacking = NULL;
    distance *far = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(failed, m->n + 1);
    CXS_NEW(lacking, m->n + 1);
    CXS_NEW(far, m->n + 1);
    CXS_TRY(cxs_derive_quality(ctx, m, &f->used, notes, f, &passed));
    if (f->quality != NULL)
        memcpy(failed, f->quality->failed, m->n);
    CXS_TRY(check_counts(ctx, m, failed, &f->used));
    CXS_TRY(cxs_frozen_align(ctx, z, m, failed, path, &aligned, lacking));
    CXS_TRY(cxs_frozen_values(ctx, z, &z->frame[0], aligned, failed, f));
    if (z->frame[1].role != NULL && any_left(failed, m->n))
        CXS_TRY(cxs_derive_scores(ctx, aligned, &f->used, false, notes, f));
    CXS_TRY(fill_features(ctx, z, failed, f, far));
    rc = add_rows(ctx, &f->used, failed, lacking, far, f);

done:
    cxs_free(far);
    cxs_free(lacking);
    cxs_free(failed);
    cxs_matrix_free(passed);
    cxs_matrix_free(aligned);
    return rc;
}

cxs_rc cxs_frozen_derive(cxs_ctx *ctx, const cxs_matrix *m,
                         const cxs_features_settings *settings,
                         const cxs_sample_notes *notes, cxs_features **out)
{
    const char *path = settings->source != NULL ? settings->source : "matrix";
    cxs_features *f = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(f, 1);
    CXS_TRY(cxs_frozen_read(ctx, settings->reference, &f->frozen));
    CXS_TRY(check_settings(ctx, f->frozen, m, settings));
    CXS_TRY(check_tables(ctx, f->frozen, settings));
    f->used = settings_of(f->frozen, settings);
    CXS_TRY(score_samples(ctx, m, notes, path, f));
    cxs_features_forget(&f->used);
    *out = f;
    f = NULL;

done:
    cxs_features_free(f);
    return rc;
}
