/*
 * derive.h -- the parts of cxs_features_derive(), private to this stage
 */
#ifndef CXS_FEATURES_DERIVE_H
#define CXS_FEATURES_DERIVE_H

#include "base/base.h"
#include "coxswain/features.h"
#include "coxswain/scores.h"
#include "features/quality.h"

#include <stdbool.h>

/* "FILE: " before a sentence, nothing when the file is not known. */
#define CXS_AT "%s%s"
#define CXS_AT_ARGS(s)                                                                 \
    ((s)->source != NULL ? (s)->source : ""), ((s)->source != NULL ? ": " : "")

enum { CXS_GENES_PER_TASK = 128 }; /* of the pool; results do not depend on it */

struct cxs_features {
    cxs_matrix *matrix;
    cxs_transform *transform;      /* [p] */
    double *library, *norm, *size; /* [n] */
    cxs_features_settings used;
    cxs_scores *scores;         /* or NULL */
    struct cxs_rna_qc *quality; /* or NULL */
    cxs_quality_rows others;    /* quality of other assays */
    struct cxs_batch *batch;    /* main axes against batch and centre, or NULL */
    struct cxs_frame *frame;    /* of the genes of the input, when asked to freeze */
    struct cxs_frozen *frozen;  /* made when asked to freeze, or scored with; or NULL */
};

/* What a study knows of the samples of its matrix; NULL where it does not. */
typedef struct cxs_sample_notes {
    const cxs_rna_kind *kind; /* [n] thresholds of each sample */
    const int8_t *idh;        /* [n] 1 mutant, 0 wildtype, -1 not known */
} cxs_sample_notes;

/* cxs_features_derive() with them. */
cxs_rc cxs_features_derive_noted(cxs_ctx *ctx, const cxs_matrix *matrix,
                                 const uint32_t *cohort,
                                 const cxs_features_settings *settings,
                                 const cxs_sample_notes *notes,
                                 cxs_features **out) CXS_MUST_USE;

/* derive_scores.c: quality into f->quality; then the matrix without the samples that
 * failed, NULL when none did; scores into f->scores; the signatures as columns of
 * f->matrix; f with a row for each sample of m again. */
cxs_rc cxs_derive_quality(cxs_ctx *ctx, const cxs_matrix *m,
                          const cxs_features_settings *s, const cxs_sample_notes *notes,
                          cxs_features *f, cxs_matrix **passed) CXS_MUST_USE;
cxs_rc cxs_derive_scores(cxs_ctx *ctx, const cxs_matrix *m,
                         const cxs_features_settings *s, bool filter,
                         const cxs_sample_notes *notes, cxs_features *f) CXS_MUST_USE;
cxs_rc cxs_derive_append(cxs_ctx *ctx, cxs_features *f) CXS_MUST_USE;
cxs_rc cxs_derive_expand(cxs_ctx *ctx, const cxs_matrix *m,
                         cxs_features *f) CXS_MUST_USE;

/* derive.c: steps 1 and 2.  f->used holds resolved settings; fills library, norm, size
 * and matrix; *zero gets the genes dropped as 0 everywhere. */
cxs_rc cxs_derive_levels(cxs_ctx *ctx, const cxs_matrix *m,
                         const cxs_features_settings *s, cxs_features *f,
                         size_t *zero) CXS_MUST_USE;
/* Defaults of the kind in place of CXS_FEATURES_AUTO. */
cxs_features_settings cxs_features_resolved(const cxs_features_settings *given,
                                            cxs_kind kind);

/* Texts of settings are borrowed for the time of a call: none is kept. */
void cxs_features_forget(cxs_features_settings *s);

/* filter.c: counts are finite and >= 0 (CX029) and, for TMM, raw (CX031); complete: [p]
 * 1 where no sample misses the gene. */
cxs_rc cxs_counts_check(cxs_ctx *ctx, const cxs_matrix *counts,
                        const cxs_features_settings *s, uint8_t *complete) CXS_MUST_USE;
/* Library sizes [n] over complete genes with keep set; CX028 for an empty one. */
cxs_rc cxs_counts_library(cxs_ctx *ctx, const cxs_matrix *counts,
                          const cxs_features_settings *s, const uint8_t *complete,
                          const uint8_t *keep, double *library) CXS_MUST_USE;
/* filterByExpr: clears keep [p] of the genes to drop. */
cxs_rc cxs_counts_filter(cxs_ctx *ctx, const cxs_matrix *counts,
                         const cxs_features_settings *s, const double *library,
                         uint8_t *keep) CXS_MUST_USE;
/* Genes that are 0 in every sample lose keep; @return how many had it. */
size_t cxs_counts_drop_zero(const cxs_matrix *counts, uint8_t *keep);
/* New matrix of the columns with keep set. */
cxs_rc cxs_matrix_select(cxs_ctx *ctx, const cxs_matrix *m, const uint8_t *keep,
                         cxs_matrix **out) CXS_MUST_USE;

/* normalise.c: counts in f->matrix become log values in place; fills norm and size,
 * library is given.  complete: [p] of that matrix.  f->frame (NULL allowed) gets the
 * counts of the reference sample at the front, in the order of that matrix. */
cxs_rc cxs_normalise_tmm(cxs_ctx *ctx, cxs_features *f,
                         const uint8_t *complete) CXS_MUST_USE;
cxs_rc cxs_normalise_mor(cxs_ctx *ctx, cxs_features *f) CXS_MUST_USE;
/* length [p] of f->matrix, rate_sum [n] over all genes. */
cxs_rc cxs_normalise_tpm(cxs_ctx *ctx, cxs_features *f, const double *length,
                         const double *rate_sum) CXS_MUST_USE;
/* TPM given: log2(x + 1). */
cxs_rc cxs_log_plus_one(cxs_ctx *ctx, cxs_matrix *m,
                        const cxs_features_settings *s) CXS_MUST_USE;

/* transform.c: the steps after normalisation, in place. */
cxs_rc cxs_cohort_scores(cxs_ctx *ctx, cxs_matrix *m,
                         const uint32_t *cohort) CXS_MUST_USE;
/* change.c: columns that `known` (NULL: none) does not hold take the change of their
 * family, which transform [p] remembers. */
void cxs_change_columns(cxs_matrix *m, const cxs_matrix *known,
                        cxs_transform *transform);
double cxs_change_value(const cxs_transform *t, double x);
/* Neither clipped nor scaled, whatever its values are. */
bool cxs_is_ordinal(const char *feature);
extern const char *const cxs_change_names[];
/* Clip at the 1 % and 99 % quantiles where there are samples enough; sets the fields of
 * transform [p] but those of the change. */
cxs_rc cxs_clip(cxs_ctx *ctx, cxs_matrix *m, bool clip,
                cxs_transform *transform) CXS_MUST_USE;
/* Keep the columns that differ between samples, with their transforms; the number of the
 * others.  Those are constant or hold no value. */
size_t cxs_keep_varying(cxs_matrix *m, cxs_transform *transform);
/* The same of an expression matrix; `before` more
 * were dropped earlier.  CX027. */
cxs_rc cxs_drop_constant(cxs_ctx *ctx, cxs_matrix *m, const cxs_features_settings *s,
                         size_t before, cxs_transform *transform) CXS_MUST_USE;
/* Mean and sd into transform; standardise when asked. */
cxs_rc cxs_scale(cxs_ctx *ctx, cxs_matrix *m, bool standardise,
                 cxs_transform *transform) CXS_MUST_USE;

/* tables.c: what is joined by id.  length: [p]; cohort: [n]. */
cxs_rc cxs_lengths_read(cxs_ctx *ctx, const char *path, const cxs_matrix *m,
                        double *length) CXS_MUST_USE;
cxs_rc cxs_cohort_read(cxs_ctx *ctx, const char *path, const char *id,
                       const char *column, const cxs_matrix *m,
                       uint32_t *cohort) CXS_MUST_USE;

/* sources.c: patient_id features sample_id assay file state. */
struct cxs_out;
cxs_rc cxs_sources_write(cxs_ctx *ctx, struct cxs_out *out,
                         const void *features) CXS_MUST_USE;

/* join_columns.c: columns [columns->n] of patients (sorted) beside the features of f. */
struct cxs_feature_columns;
cxs_rc cxs_features_join(cxs_ctx *ctx, cxs_features *f, char *const *patient,
                         const struct cxs_feature_columns *columns) CXS_MUST_USE;

#endif /* CXS_FEATURES_DERIVE_H */
