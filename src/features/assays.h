/*
 * assays.h -- features of the sequencing files and visits of a study, patient by patient
 *
 * Each derivation appends columns to a list over the same patients; a patient without
 * the file has NaN, never 0.
 */
#ifndef CXS_FEATURES_ASSAYS_H
#define CXS_FEATURES_ASSAYS_H

#include "coxswain/features.h"
#include "coxswain/scores.h"
#include "features/columns.h"
#include "features/quality.h"
#include "ingest/sbs.h"
#include "store/measures.h"

/* What one patient has for one kind of features; bag NULL: nothing. */
typedef struct cxs_patient_file {
    const char *sample, *source, *library, *build; /* "" where not known */
    double callable_mb;                            /* NaN where not given */
    double purity;                                 /* by pathology; NaN: not given */
    cxs_measures *bag;                             /* owned by the list */
    int64_t at;                                    /* row of its measures */
    const cxs_measures *states; /* table cn.gene of another file, borrowed; or NULL */
    bool egfrviii; /* a list of variants of the sample holds EGFRvIII, and it passes */
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

/* A bin of 5 Mb of the reference profile of short against long fragments. */
enum { CXS_PROFILE_COMPONENTS = 3 };
typedef struct cxs_frozen_profile {
    char build[8]; /* "": fits any */
    uint8_t chrom;
    int64_t start0, end0;
    double middle;                          /* median of normals, centred and scaled */
    double loading[CXS_PROFILE_COMPONENTS]; /* of the first components */
} cxs_frozen_profile;

/* What a study brings: for bins median and MAD of log2 of normals, mappability, share of
 * GC, the profile of normals, in the order of the file; groups of genes (NULL: the sets of
 * signatures.tsv).  Empty where it brings none. */
typedef struct cxs_copy_frozen {
    cxs_frozen_bins panel, map, gc;
    cxs_frozen_profile *profile;
    size_t profile_count, profile_capacity;
    cxs_gene_sets *groups;
} cxs_copy_frozen;
cxs_rc cxs_copy_frozen_read(cxs_ctx *ctx, cxs_study *study,
                            cxs_copy_frozen *out) CXS_MUST_USE;
void cxs_copy_frozen_free(cxs_copy_frozen *frozen);

/* frag.*: tables fragment_lengths, end_motifs, fragment_bins, tss and wps_windows of
 * cell-free DNA.  frozen: NULL allowed; copies (NULL allowed): [n] bags with the table
 * "cn.segments" of cxs_copy_features(). */
cxs_rc cxs_fragment_features(cxs_ctx *ctx, const cxs_patient_file *file,
                             const cxs_copy_frozen *frozen, cxs_measures *const *copies,
                             const char *refdata, cxs_quality_rows *quality,
                             cxs_feature_columns *columns) CXS_MUST_USE;

/* cn.*: table segments as it stands, else depth; states of genes (table cn.gene) where
 * these say nothing: arms from runs of genes, focal events from -2 and 2.  genes (NULL
 * allowed): [n] bags that get a table "cn.gene" (gene text, state int -2..2) for the
 * variant features and "cn.segments" (chrom int 1..24, start0, end0, log2 real) for the
 * fragment features.  frozen, quality: NULL allowed. */
cxs_rc cxs_copy_features(cxs_ctx *ctx, const cxs_patient_file *file,
                         const cxs_copy_frozen *frozen, const char *refdata,
                         cxs_measures **genes, cxs_quality_rows *quality,
                         cxs_feature_columns *columns) CXS_MUST_USE;

/* Median and MAD of log2 of the bins of normal samples as a table (build chrom start0
 * end0 log2 mad samples short_long pc1 pc2 pc3), for each build with five or more of
 * enough quality, in the widest bins that one of them asks for.  Below them, where five
 * or more are cell-free DNA with enough fragments, rows of 5 Mb with the reference
 * profile of fragments (log2 and mad NA there, the others NA above).  CXS_EDEGENERATE
 * with too few. */
cxs_rc cxs_copy_panel_write(cxs_ctx *ctx, const cxs_patient_file *file, size_t n,
                            const cxs_copy_frozen *frozen, const char *refdata,
                            const char *path) CXS_MUST_USE;

/* csf.*: for each value the visit that stands by the rule of ingest/baseline.h. */
cxs_rc cxs_fluid_features(cxs_ctx *ctx, cxs_study *study, const char *const *patient,
                          cxs_feature_columns *columns) CXS_MUST_USE;

/* Bag and row of the longest list of small variants of a sample, and whether any of its lists
 * tells EGFRvIII: structural variants often have a file of their own. */
cxs_rc cxs_calls_load(cxs_ctx *ctx, cxs_study *study, const char *sample,
                      cxs_patient_file *file) CXS_MUST_USE;

/* Files of each kind [columns->n]: of tissue, of fluid. */
typedef struct cxs_event_lists {
    const cxs_patient_file *rna[2], *reads[2], *calls[2];
} cxs_event_lists;

/* Features of events.h; genes [columns->n]: bags with "cn.gene", NULL allowed. */
cxs_rc cxs_event_features(cxs_ctx *ctx, cxs_study *study, const cxs_event_lists *lists,
                          cxs_measures *const *genes, const char *refdata,
                          cxs_feature_columns *columns) CXS_MUST_USE;

/* Profiles of signatures that the study brings; n = 0: none.  The caller clears. */
cxs_rc cxs_study_signatures(cxs_ctx *ctx, cxs_study *study,
                            cxs_sbs_matrix *out) CXS_MUST_USE;
/* Refit set of a patient (static): "glioma", or by the primary tumour; "" where there is
 * no set for it, NULL where the study does not say. */
cxs_rc cxs_study_disease(cxs_ctx *ctx, cxs_study *study, const char *patient,
                         const char **out) CXS_MUST_USE;

/* All of them, for the patients of a study that have any such file; *patient [n] sorted,
 * owned by the caller.  n = 0: the study has none. */
cxs_rc cxs_assay_features(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                          char ***patient, cxs_quality_rows *quality,
                          cxs_feature_columns *columns) CXS_MUST_USE;

/* The same with a file of profiles that goes before those of the study; NULL: none. */
cxs_rc cxs_assay_features_at(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                             const char *signatures, char ***patient,
                             cxs_quality_rows *quality,
                             cxs_feature_columns *columns) CXS_MUST_USE;

#endif /* CXS_FEATURES_ASSAYS_H */
