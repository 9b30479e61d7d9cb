/*
 * assays.h -- features of the sequencing files and visits of a study, patient by patient
 *
 * Each derivation appends columns to a list over the same patients; a patient without
 * the file has NaN, never 0.
 */
#ifndef CXS_FEATURES_ASSAYS_H
#define CXS_FEATURES_ASSAYS_H

#include "coxswain/features.h"
#include "features/columns.h"
#include "features/quality.h"
#include "store/measures.h"

/* What one patient has for one kind of features; bag NULL: nothing. */
typedef struct cxs_patient_file {
    const char *sample, *source, *library, *build; /* "" where not known */
    double callable_mb;                            /* NaN where not given */
    double purity;                                 /* by pathology; NaN: not given */
    cxs_measures *bag;                             /* owned by the list */
    const cxs_measures *states; /* table cn.gene of another file, borrowed; or NULL */
} cxs_patient_file;

/* Values of bins that do not hang on the cohort, in the order of build, chromosome and
 * start. */
typedef struct cxs_frozen_bin {
    char build[8]; /* "": fits any */
    uint8_t chrom; /* 1..24 */
    int64_t start0, end0;
    double value, spread; /* NaN: not known */
} cxs_frozen_bin;
typedef struct cxs_frozen_bins {
    cxs_frozen_bin *at;
    size_t count, capacity;
} cxs_frozen_bins;

/* What a study brings for copy numbers: median and MAD of log2 of normals; mappability.
 * Empty where it brings none. */
typedef struct cxs_copy_frozen {
    cxs_frozen_bins panel, map;
} cxs_copy_frozen;
cxs_rc cxs_copy_frozen_read(cxs_ctx *ctx, cxs_study *study,
                            cxs_copy_frozen *out) CXS_MUST_USE;
void cxs_copy_frozen_free(cxs_copy_frozen *frozen);

/* frag.*: tables fragment_lengths, end_motifs, fragment_bins of cell-free DNA. */
cxs_rc cxs_fragment_features(cxs_ctx *ctx, const cxs_patient_file *file,
                             const char *refdata, cxs_quality_rows *quality,
                             cxs_feature_columns *columns) CXS_MUST_USE;

/* cn.*: table segments as it stands, else depth; states of genes (table cn.gene) where
 * these say nothing: arms from runs of genes, focal events from -2 and 2.  genes (NULL
 * allowed): [n] bags that get a table "cn.gene" (gene text, state int -2..2) for the
 * variant features.  frozen, quality: NULL allowed. */
cxs_rc cxs_copy_features(cxs_ctx *ctx, const cxs_patient_file *file,
                         const cxs_copy_frozen *frozen, const char *refdata,
                         cxs_measures **genes, cxs_quality_rows *quality,
                         cxs_feature_columns *columns) CXS_MUST_USE;

/* Median and MAD of log2 of the bins of normal samples as a table (build chrom start0
 * end0 log2 mad samples), for each build with five or more of enough quality, in the
 * widest bins that one of them asks for.  CXS_EDEGENERATE with too few. */
cxs_rc cxs_copy_panel_write(cxs_ctx *ctx, const cxs_patient_file *file, size_t n,
                            const cxs_copy_frozen *frozen, const char *refdata,
                            const char *path) CXS_MUST_USE;

/* csf.*: for each value the visit that stands by the rule of ingest/baseline.h. */
cxs_rc cxs_fluid_features(cxs_ctx *ctx, cxs_study *study, const char *const *patient,
                          cxs_feature_columns *columns) CXS_MUST_USE;

/* All of them, for the patients of a study that have any such file; *patient [n] sorted,
 * owned by the caller.  n = 0: the study has none. */
cxs_rc cxs_assay_features(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                          char ***patient, cxs_quality_rows *quality,
                          cxs_feature_columns *columns) CXS_MUST_USE;

#endif /* CXS_FEATURES_ASSAYS_H */
