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
#include "store/measures.h"

/* What one patient has for one kind of features; bag NULL: nothing. */
typedef struct cxs_patient_file {
    const char *sample, *source, *library, *build; /* "" where not known */
    double callable_mb;                            /* NaN where not given */
    double purity;                                 /* by pathology; NaN: not given */
    cxs_measures *bag;                             /* owned by the list */
    const cxs_measures *states; /* table cn.gene of another file, borrowed; or NULL */
} cxs_patient_file;

/* frag.*: tables fragment_lengths, end_motifs, fragment_bins of cell-free DNA. */
cxs_rc cxs_fragment_features(cxs_ctx *ctx, const cxs_patient_file *file,
                             const char *refdata,
                             cxs_feature_columns *columns) CXS_MUST_USE;

/* cn.*: table segments as it stands, else depth; states of genes (table cn.gene) where
 * these say nothing: arms from runs of genes, focal events from -2 and 2.  genes (NULL allowed): [n] bags that get a table
 * "cn.gene" (gene text, state int -2..2) for the variant features. */
cxs_rc cxs_copy_features(cxs_ctx *ctx, const cxs_patient_file *file,
                         const char *refdata, cxs_measures **genes,
                         cxs_feature_columns *columns) CXS_MUST_USE;

/* csf.*: the last visit on or before `day` (study day). */
cxs_rc cxs_fluid_features(cxs_ctx *ctx, cxs_study *study, const char *const *patient,
                          double day, cxs_feature_columns *columns) CXS_MUST_USE;

/* All of them, for the patients of a study that have any such file; *patient [n] sorted,
 * owned by the caller.  n = 0: the study has none. */
cxs_rc cxs_assay_features(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                          char ***patient, cxs_feature_columns *columns) CXS_MUST_USE;

#endif /* CXS_FEATURES_ASSAYS_H */
