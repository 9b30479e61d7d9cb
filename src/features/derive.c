/*
 * derive.c -- the steps of features.h in their order, on a copy of the matrix
 */
#include "features/frozen.h"
#include "features/rna_batch.h"
#include "features/rna_qc.h"

#include "num/tmm.h"
#include "store/data.h"

#include <math.h>
#include <string.h>

static const uint64_t SEED = 1;

cxs_features_settings cxs_features_auto(void)
{
    return (cxs_features_settings){.normalise = CXS_NORMALISE_AUTO,
                                   .filter = CXS_FEATURES_AUTO,
                                   .rank_normal = CXS_FEATURES_AUTO,
                                   .winsorise = CXS_FEATURES_AUTO,
                                   .standardise = CXS_FEATURES_AUTO,
                                   .plausibility_stops = CXS_FEATURES_AUTO,
                                   .signatures = CXS_FEATURES_AUTO,
                                   .rna_quality = CXS_FEATURES_AUTO,
                                   .seed = SEED};
}

cxs_features_settings cxs_features_defaults(cxs_kind kind)
{
    return (cxs_features_settings){.normalise =
                                       kind == CXS_KIND_COUNTS ? CXS_NORMALISE_TMM
                                       : kind == CXS_KIND_TPM  ? CXS_NORMALISE_TPM
                                                               : CXS_NORMALISE_NONE,
                                   .filter = kind == CXS_KIND_COUNTS,
                                   .winsorise = 1,
                                   .seed = SEED};
}

const char *cxs_normalise_name(cxs_normalise normalise)
{
    static const char *const names[] = {"none", "tmm", "mor", "tpm"};

    return normalise == CXS_NORMALISE_AUTO ? "auto" : names[normalise];
}

static void resolve(int *value, int fallback)
{
    *value = *value == CXS_FEATURES_AUTO ? fallback : *value;
}

void cxs_features_forget(cxs_features_settings *s)
{
    s->cohort_column = s->lengths = s->clinical = s->id = NULL;
    s->source = s->refdata = s->gmt = s->reference = s->filter_groups = s->sbs = NULL;
}

cxs_features_settings cxs_features_resolved(const cxs_features_settings *given,
                                            cxs_kind kind)
{
    const cxs_features_settings d = cxs_features_defaults(kind);
    cxs_features_settings s = given != NULL ? *given : d;

    if (s.normalise == CXS_NORMALISE_AUTO)
        s.normalise = d.normalise;
    resolve(&s.filter, d.filter);
    resolve(&s.rank_normal, d.rank_normal);
    resolve(&s.winsorise, d.winsorise);
    resolve(&s.standardise, d.standardise);
    resolve(&s.plausibility_stops, d.plausibility_stops);
    resolve(&s.signatures, d.signatures);
    resolve(&s.rna_quality, d.rna_quality);
    return s;
}

/* Do the steps fit what the values are? */
static cxs_rc check_steps(cxs_ctx *ctx, const cxs_features_settings *s, cxs_kind kind,
                          bool lengths)
{
    const char *name = cxs_kind_name(kind);

    if (kind == CXS_KIND_COUNTS) {
        if (s->normalise == CXS_NORMALISE_TPM && s->lengths == NULL && !lengths)
            return cxs_fail(ctx, CXS_EARG,
                            "TPM from counts needs the gene lengths (--lengths)");
        return CXS_OK;
    }
    if (s->normalise == CXS_NORMALISE_TMM || s->normalise == CXS_NORMALISE_MOR)
        return cxs_fail_code(
            ctx, CXS_EMISMATCH, "CX031",
            CXS_AT "%s needs raw counts, the matrix holds %s values", CXS_AT_ARGS(s),
            s->normalise == CXS_NORMALISE_TMM ? "TMM" : "median of ratios", name);
    if (s->normalise == CXS_NORMALISE_TPM && kind != CXS_KIND_TPM)
        return cxs_fail(
            ctx, CXS_EARG,
            "TPM needs counts with gene lengths or TPM, the matrix holds %s "
            "values",
            name);
    if (s->filter)
        return cxs_fail(ctx, CXS_EARG,
                        "the filter of low counts needs counts, the matrix holds %s "
                        "values",
                        name);
    return CXS_OK;
}

void cxs_features_free(cxs_features *f)
{
    if (f == NULL)
        return;
    cxs_matrix_free(f->matrix);
    cxs_free(f->transform);
    cxs_free(f->library);
    cxs_free(f->norm);
    cxs_free(f->size);
    cxs_scores_free(f->scores);
    cxs_rna_qc_free(f->quality);
    cxs_quality_rows_clear(&f->others);
    if (f->frame != NULL)
        cxs_frame_clear(f->frame);
    cxs_free(f->frame);
    cxs_frozen_free(f->frozen);
    cxs_batch_free(f->batch);
    cxs_free(f);
}

/* Sum over all complete genes of count / length, per sample. */
static void rate_sums(const cxs_matrix *m, const uint8_t *complete,
                      const double *length, double *sum)
{
    for (size_t j = 0; j < m->p; j++)
        for (size_t i = 0; complete[j] && i < m->n; i++)
            sum[i] += m->x[j * m->n + i] / length[j];
}

/* Flags of the kept columns, moved to the front in place: they then belong to the
 * selected matrix. */
static void compact_flags(size_t p, const uint8_t *keep, uint8_t *flag)
{
    size_t to = 0;

    for (size_t j = 0; j < p; j++)
        if (keep[j])
            flag[to++] = flag[j];
}

static cxs_rc counts_to_tpm(cxs_ctx *ctx, const cxs_matrix *m, const uint8_t *keep,
                            const uint8_t *complete, const char *lengths,
                            cxs_features *f)
{
    double *length = NULL, *sum = NULL;
    cxs_rc rc = CXS_OK;
    size_t to = 0;

    CXS_NEW(length, m->p);
    CXS_NEW(sum, m->n);
    if (lengths != NULL)
        CXS_TRY(cxs_lengths_read(ctx, lengths, m, length));
    else /* the file of the counts has them */
        memcpy(length, m->length, m->p * sizeof *length);
    rate_sums(m, complete, length, sum);
    for (size_t j = 0; j < m->p; j++)
        if (keep[j])
            length[to++] = length[j];
    for (size_t i = 0; i < m->n; i++) {
        f->norm[i] = 1.0;
        f->size[i] = (double)NAN; /* a TPM is no count over one number */
    }
    CXS_TRY(cxs_normalise_tpm(ctx, f, length, sum));

done:
    cxs_free(sum);
    cxs_free(length);
    return rc;
}

static void set_roles(size_t p, const uint8_t *keep, const uint8_t *complete,
                      cxs_normalise normalise, cxs_frame *frame)
{
    frame->normalise = normalise;
    for (size_t j = 0; j < p; j++) {
        frame->role[j] = keep[j] ? CXS_ROLE_KEPT : 0;
        /* the denominator of TPM is all genes, a library size that of the kept ones */
        if (complete[j] && (keep[j] || normalise == CXS_NORMALISE_TPM))
            frame->role[j] |= CXS_ROLE_TOTAL;
    }
}

/* The counts of the reference sample, which stand at the front in the order of the kept
 * genes, to their genes: from behind, as no gene moves forward. */
static void place_counts(size_t p, cxs_frame *frame)
{
    size_t at = 0;

    for (size_t j = 0; j < p; j++)
        at += (frame->role[j] & CXS_ROLE_KEPT) != 0;
    for (size_t j = p; j-- > 0;)
        frame->count[j] =
            (frame->role[j] & CXS_ROLE_KEPT) != 0 ? frame->count[--at] : 0.0;
}

/* Steps 1 and 2 for counts; *zero gets the genes dropped as 0 everywhere. */
static cxs_rc derive_counts(cxs_ctx *ctx, const cxs_matrix *m,
                            const cxs_features_settings *s, cxs_features *f,
                            size_t *zero)
{
    uint8_t *keep = NULL, *complete = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(keep, m->p);
    CXS_NEW(complete, m->p);
    memset(keep, 1, m->p);
    CXS_TRY(cxs_counts_check(ctx, m, s, complete));
    CXS_TRY(cxs_counts_library(ctx, m, s, complete, keep, f->library));
    if (s->filter)
        CXS_TRY(cxs_counts_filter(ctx, m, s, f->library, keep));
    *zero = cxs_counts_drop_zero(m, keep);
    if (s->normalise != CXS_NORMALISE_TPM)
        CXS_TRY(cxs_counts_library(ctx, m, s, complete, keep, f->library));
    CXS_TRY(cxs_matrix_select(ctx, m, keep, &f->matrix));
    if (s->normalise == CXS_NORMALISE_TPM)
        CXS_TRY(counts_to_tpm(ctx, m, keep, complete, s->lengths, f));
    if (f->frame != NULL)
        set_roles(m->p, keep, complete, s->normalise, f->frame);
    compact_flags(m->p, keep, complete);
    if (s->normalise == CXS_NORMALISE_TMM)
        CXS_TRY(cxs_normalise_tmm(ctx, f, complete));
    if (f->frame != NULL)
        place_counts(m->p, f->frame);
    if (s->normalise == CXS_NORMALISE_MOR)
        CXS_TRY(cxs_normalise_mor(ctx, f));
    for (size_t i = 0; s->normalise == CXS_NORMALISE_NONE && i < m->n; i++)
        f->norm[i] = f->size[i] = 1.0;

done:
    cxs_free(complete);
    cxs_free(keep);
    return rc;
}

/* Steps 1 and 2 for anything else. */
static cxs_rc derive_values(cxs_ctx *ctx, const cxs_matrix *m,
                            const cxs_features_settings *s, cxs_features *f)
{
    uint8_t *keep = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(keep, m->p);
    memset(keep, 1, m->p);
    for (size_t i = 0; i < m->n; i++)
        f->library[i] = f->norm[i] = f->size[i] = (double)NAN;
    CXS_TRY(cxs_matrix_select(ctx, m, keep, &f->matrix));
    if (s->normalise == CXS_NORMALISE_TPM)
        CXS_TRY(cxs_log_plus_one(ctx, f->matrix, s));
    if (f->frame != NULL)
        set_roles(m->p, keep, keep, s->normalise, f->frame);

done:
    cxs_free(keep);
    return rc;
}

cxs_rc cxs_derive_levels(cxs_ctx *ctx, const cxs_matrix *m,
                         const cxs_features_settings *s, cxs_features *f, size_t *zero)
{
    cxs_rc rc = CXS_OK;

    *zero = 0;
    if (s->freeze) {
        CXS_NEW(f->frame, 1);
        CXS_TRY(cxs_frame_make(ctx, m->p, f->frame));
    }
    CXS_NEW(f->library, m->n);
    CXS_NEW(f->norm, m->n);
    CXS_NEW(f->size, m->n);
    if (m->kind == CXS_KIND_COUNTS)
        CXS_TRY(derive_counts(ctx, m, s, f, zero));
    else
        CXS_TRY(derive_values(ctx, m, s, f));

done:
    return rc;
}

/* Step 3: cohorts as given, else from the table that the settings name. */
static cxs_rc derive_scores(cxs_ctx *ctx, const cxs_features_settings *s,
                            const uint32_t *given, cxs_matrix *m)
{
    uint32_t *cohort = NULL;
    cxs_rc rc = CXS_OK;

    if (given == NULL && s->cohort_column != NULL && s->clinical == NULL)
        return cxs_fail(ctx, CXS_EARG,
                        "cohort column '%s': no clinical table was given",
                        s->cohort_column);
    if (given == NULL && s->cohort_column != NULL) {
        CXS_NEW(cohort, m->n);
        CXS_TRY(cxs_cohort_read(ctx, s->clinical, s->id, s->cohort_column, m, cohort));
    }
    CXS_TRY(cxs_cohort_scores(ctx, m, given != NULL ? given : cohort));

done:
    cxs_free(cohort);
    return rc;
}

/* Cohorts of the samples that are left. */
static void pass_cohorts(const cxs_features *f, size_t n, const uint32_t *cohort,
                         uint32_t *passed)
{
    for (size_t i = 0; i < n; i++)
        if (!f->quality->failed[i])
            *passed++ = cohort[i];
}

/* All steps on the samples of `m`; `whole` holds those that failed too. */
static cxs_rc derive_steps(cxs_ctx *ctx, const cxs_matrix *m, const cxs_matrix *whole,
                           const uint32_t *cohort, const cxs_sample_notes *notes,
                           bool filter_scores, cxs_features *f)
{
    const cxs_features_settings s = f->used;
    size_t zero = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_derive_levels(ctx, m, &s, f, &zero));
    if (f->frozen != NULL) {
        f->frozen->n = m->n;
        f->frozen->frame[0] = *f->frame;
        *f->frame = (cxs_frame){.role = NULL};
    }
    CXS_TRY(cxs_derive_scores(ctx, whole, &s, filter_scores, notes, f));
    CXS_TRY(cxs_derive_append(ctx, f));
    CXS_NEW(f->transform, f->matrix->p);
    cxs_change_columns(f->matrix, whole, f->transform);
    if (s.rank_normal)
        CXS_TRY(derive_scores(ctx, &s, cohort, f->matrix));
    CXS_TRY(cxs_clip(ctx, f->matrix, s.winsorise != 0, f->transform));
    CXS_TRY(cxs_drop_constant(ctx, f->matrix, &s, zero, f->transform));
    CXS_TRY(cxs_scale(ctx, f->matrix, s.standardise != 0, f->transform));

done:
    return rc;
}

cxs_rc cxs_features_derive_noted(cxs_ctx *ctx, const cxs_matrix *m,
                                 const uint32_t *cohort,
                                 const cxs_features_settings *settings,
                                 const cxs_sample_notes *notes, cxs_features **out)
{
    const bool filter_scores = settings != NULL && settings->filter == 1;
    cxs_features *f = NULL;
    cxs_matrix *passed = NULL;
    uint32_t *left = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (settings != NULL && settings->reference != NULL)
        return cxs_frozen_derive(ctx, m, settings, notes, out);
    CXS_NEW(f, 1);
    f->used = cxs_features_resolved(settings, m->kind);
    CXS_TRY(check_steps(ctx, &f->used, m->kind, m->length != NULL));
    if (f->used.freeze)
        CXS_TRY(cxs_frozen_begin(ctx, m, &f->used, &f->frozen));
    CXS_TRY(cxs_derive_quality(ctx, m, &f->used, notes, f, &passed));
    if (passed != NULL && cohort != NULL) {
        CXS_NEW(left, m->n);
        pass_cohorts(f, m->n, cohort, left);
    }
    CXS_TRY(derive_steps(ctx, passed != NULL ? passed : m, m,
                         left != NULL ? left : cohort, notes, filter_scores, f));
    if (passed != NULL)
        CXS_TRY(cxs_derive_expand(ctx, m, f));
    cxs_features_forget(&f->used);
    *out = f;
    f = NULL;

done:
    cxs_free(left);
    cxs_matrix_free(passed);
    cxs_features_free(f);
    return rc;
}

cxs_rc cxs_features_derive(cxs_ctx *ctx, const cxs_matrix *m, const uint32_t *cohort,
                           const cxs_features_settings *settings, cxs_features **out)
{
    return cxs_features_derive_noted(ctx, m, cohort, settings, NULL, out);
}

const cxs_scores *cxs_features_scores(const cxs_features *f)
{
    return f->scores;
}

size_t cxs_features_failed(const cxs_features *f, size_t *warned)
{
    if (warned != NULL)
        *warned = f->quality != NULL ? f->quality->warnings : 0;
    return f->quality != NULL ? f->quality->failures : 0;
}

const cxs_matrix *cxs_features_matrix(const cxs_features *f)
{
    return f->matrix;
}

const cxs_transform *cxs_features_transforms(const cxs_features *f)
{
    return f->transform;
}

const double *cxs_features_library_size(const cxs_features *f)
{
    return f->library;
}

const double *cxs_features_norm_factor(const cxs_features *f)
{
    return f->norm;
}

const double *cxs_features_size_factor(const cxs_features *f)
{
    return f->size;
}

cxs_features_settings cxs_features_used(const cxs_features *f)
{
    return f->used;
}
