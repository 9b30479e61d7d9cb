/*
 * frozen.h -- what a new sample needs to be put on the scale of a training set
 *
 * One object holds everything that the derivation of expression features took from the
 * training samples: which genes take part, the counts of TMM's reference sample, mean
 * effective library size, moments of each gene, the line of the residual score, the null
 * of the subtypes, and the clipping and scaling of each feature.  A sample scored with it
 * depends on itself and on the object alone.
 *
 * Two frames, because the filter of low counts is for the features: gene sets are scored
 * on all genes unless the filter was asked for.
 */
#ifndef CXS_FEATURES_FROZEN_H
#define CXS_FEATURES_FROZEN_H

#include "base/digest.h"
#include "features/derive.h"
#include "num/genesets.h"

enum { CXS_FROZEN_VERSION = 1, CXS_FROZEN_TABLES = 3, CXS_SUBTYPE_PROFILES = 1000 };

#define CXS_FROZEN_MAGIC "coxswain-features-reference"
#define CXS_FROZEN_GENE_HEADER                                                         \
    "gene\tname\tlength\tfeature_role\tfeature_count\tscore_role\tscore_count\tmean\t" \
    "sd\tlevel"
#define CXS_FROZEN_FEATURE_HEADER                                                      \
    "feature\tmean\tsd\twinsor_low\twinsor_high\t"                                     \
    "change\tchange_by"

/* Parts that a gene has in a frame. */
enum { CXS_ROLE_TOTAL = 1, CXS_ROLE_KEPT = 2 }; /* in library sizes; is normalised */

/* Genes of one frame, by index of the genes of its input, and TMM's constants. */
typedef struct cxs_frame {
    cxs_normalise normalise;
    uint8_t *role; /* [p]; NULL: there is no such frame */
    double *count; /* [p] of the reference sample, 0 outside; NULL without TMM */
    double ref_library, norm_log, size_log, effective_mean;
} cxs_frame;

/* One score that leaves a line. */
typedef struct cxs_frozen_line {
    char *id;
    cxs_line line;
} cxs_frozen_line;

typedef struct cxs_frozen {
    cxs_kind kind;
    int filter, winsorise, standardise, signatures;
    size_t n; /* training samples that passed */
    size_t p;
    char **gene;          /* [p] of the training matrix, sorted */
    char **shown;         /* [p] or NULL */
    double *length;       /* [p] or NULL */
    cxs_frame frame[2];   /* features; scores */
    double *mean, *sd;    /* [p] in the frame of scores, else NaN; or NULL */
    double *level;        /* [p] linear value where a new sample has none */
    cxs_frozen_line line; /* id NULL: none */
    int has_subtypes;     /* the next two were made */
    double es_mean[3], es_sd[3];
    double *null_es; /* [3 x CXS_SUBTYPE_PROFILES] sorted, or NULL */
    size_t features;
    char **feature;                                /* [features] sorted */
    cxs_transform *transform;                      /* [features] */
    char table[CXS_FROZEN_TABLES][CXS_SHA256_HEX]; /* "" where it was not read */
} cxs_frozen;

/* Names of the reference tables whose digests are kept. */
extern const char *const cxs_frozen_tables[CXS_FROZEN_TABLES];

void cxs_frozen_free(cxs_frozen *frozen);
void cxs_frame_clear(cxs_frame *frame);

/* ---- frozen.c: taken while training features are made ------------------------------ */

/* Room for a frame of p genes; NULL frame: nothing. */
cxs_rc cxs_frame_make(cxs_ctx *ctx, size_t p, cxs_frame *frame) CXS_MUST_USE;
/* Frame over the genes of `from` (sorted, a part of the p genes `to`) as one over `to`. */
cxs_rc cxs_frame_spread(cxs_ctx *ctx, const cxs_frame *frame, char *const *from,
                        size_t p_from, char *const *to, size_t p,
                        cxs_frame *out) CXS_MUST_USE;
/* Begin: the genes of the matrix as given, and digests of the reference tables. */
cxs_rc cxs_frozen_begin(cxs_ctx *ctx, const cxs_matrix *m,
                        const cxs_features_settings *s, cxs_frozen **out) CXS_MUST_USE;
struct cxs_levels;
/* Moments of the genes that scores were made of, and what the scores left. */
cxs_rc cxs_frozen_scores(cxs_ctx *ctx, const struct cxs_levels *levels,
                         const cxs_scores *scores, cxs_frozen *frozen) CXS_MUST_USE;

/* ---- frozen_write.c, frozen_read.c -------------------------------------------------- */

cxs_rc cxs_frozen_write(cxs_ctx *ctx, const cxs_frozen *frozen,
                        const char *path) CXS_MUST_USE;
/* CXS_ENOINPUT; CXS_EFORMAT: not such a file, of a newer version, altered. */
cxs_rc cxs_frozen_read(cxs_ctx *ctx, const char *path, cxs_frozen **out) CXS_MUST_USE;

/* ---- frozen_levels.c: new samples on the frozen scale ------------------------------- */

/* The genes of the training matrix, NaN where `m` lacks one.  Refuses less than nine
 * tenths of the genes, in the file or in a sample that has not failed; lacking: [n]. */
cxs_rc cxs_frozen_align(cxs_ctx *ctx, const cxs_frozen *frozen, const cxs_matrix *m,
                        const uint8_t *failed, const char *path, cxs_matrix **out,
                        size_t *lacking) CXS_MUST_USE;
/* Normalised values of one frame into f->matrix, library, norm and size, [n] each: NaN
 * in failed samples and where a gene is lacking. */
cxs_rc cxs_frozen_values(cxs_ctx *ctx, const cxs_frozen *frozen, const cxs_frame *frame,
                         const cxs_matrix *aligned, const uint8_t *failed,
                         cxs_features *f) CXS_MUST_USE;
/* Values that scores are made of, lacking genes at their training means.  failed NULL:
 * none has. */
cxs_rc cxs_frozen_make_levels(cxs_ctx *ctx, const cxs_frozen *frozen,
                              const cxs_matrix *aligned, const uint8_t *failed,
                              struct cxs_levels *out) CXS_MUST_USE;

/* ---- frozen_score.c ----------------------------------------------------------------- */

/* A value changed, clipped and scaled as in training. */
double cxs_frozen_apply(const cxs_transform *t, int standardise, double x);
/* cxs_features_derive_noted() with settings->reference. */
cxs_rc cxs_frozen_derive(cxs_ctx *ctx, const cxs_matrix *m,
                         const cxs_features_settings *settings,
                         const cxs_sample_notes *notes,
                         cxs_features **out) CXS_MUST_USE;

#endif /* CXS_FEATURES_FROZEN_H */
