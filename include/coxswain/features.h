/*
 * features.h -- study -> feature matrix: filter, normalisation, transforms
 *
 * Order of the steps, each one optional:
 *   1. filter (counts only): edgeR's filterByExpr, without groups or with.  It comes first, as
 * in edgeR's own workflow, and therefore uses raw library sizes (edgeR uses effective
 *      ones only when factors were computed before the filter).
 *   2. normalisation of what is left; library sizes are those of the kept genes
 *      (keep.lib.sizes = FALSE), except TPM, whose denominator is all genes.
 *   3. signatures are added (scores.h), then rank-normal scores within cohorts.
 *   4. winsorising at the 1 % and 99 % quantiles (type 7) when n >= 100; features with
 *      only 0 and 1 are left alone, and so are ordinal ones.  Before that, features that
 *      are made here (not those of the input) take log2(x + c) or the logit where the
 *      catalogue says so.
 *   5. features that are constant by now are dropped and counted (CX027); so are genes
 *      that are 0 in every sample.
 *   6. standardising with mean and sd (divisor n); 0/1 features are left alone.
 * A missing value stays missing in every step and is never 0.  A sample that fails its
 * quality checks takes part in none and is missing in every feature.  Genes with a missing
 * count take no part in library sizes and factors.
 */
#ifndef COXSWAIN_FEATURES_H
#define COXSWAIN_FEATURES_H

#include "coxswain/record.h"
#include "coxswain/scores.h"
#include "coxswain/study.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { CXS_FEATURES_AUTO = -1 }; /**< for the numbers of cxs_features_settings */

typedef enum cxs_normalise {
    CXS_NORMALISE_AUTO = CXS_FEATURES_AUTO, /**< as the study says, or by kind */
    CXS_NORMALISE_NONE = 0,
    CXS_NORMALISE_TMM, /**< TMM factors, then log2 counts per million */
    CXS_NORMALISE_MOR, /**< median of ratios, then log2 counts per million */
    CXS_NORMALISE_TPM  /**< log2(TPM + 1) */
} cxs_normalise;

/** CXS_FEATURES_AUTO in a number means: as the study file says, else the default shown.
 *  Texts are borrowed for the time of the call. */
typedef struct cxs_features_settings {
    cxs_normalise normalise; /**< [tmm for counts, tpm for tpm, none else] */
    int filter;      /**< drop genes of low count (edgeR filterByExpr) [1 for counts] */
    int rank_normal; /**< within-cohort rank-normal scores: for z-scores of mixed
                          origin, whose centres and scales do not compare        [0] */
    const char *cohort_column; /**< cohorts for it; NULL: one cohort          [NULL] */
    int winsorise;             /**< clip at 1 % / 99 % when n >= 100             [1] */
    int standardise;           /**< z = (x - mean)/sd, frozen                    [0] */
    const char *lengths;       /**< gene lengths for TPM from counts: first column id,
                                    column `length`; NULL                         [NULL] */
    const char *filter_groups; /**< column of the groups of the filter: a gene must be
                                    expressed in as many samples as the smallest has;
                                    NULL: all samples                          [NULL] */
    const char *clinical;   /**< table that holds these columns; NULL          [NULL] */
    const char *id;         /**< its id column; NULL: the first column         [NULL] */
    int plausibility_stops; /**< CX031 for values that are no raw counts is an error,
                                 not a warning                    [1 for study files] */
    const char *source; /**< file that the matrix came from, for messages   [NULL] */
    int signatures;  /**< add the reference signatures as features rna.sig.NAME; never
                         for z-scores                                  [1 for study files] */
    int rna_quality; /**< a cxs_rna_kind: thresholds of the quality of RNA samples
                          [CXS_RNA_UNJUDGED; CXS_RNA_BY_STUDY for study files] */
    const char *refdata; /**< folder of the reference tables; NULL: default   [NULL] */
    const char *gmt;     /**< gene sets to score, in tables of their own      [NULL] */
    cxs_score score;     /**< how                          [CXS_SCORE_SINGSCORE] */
    uint64_t seed;       /**< of the synthetic profiles of the subtypes          [1] */
    int freeze;          /**< keep what cxs_features_write_reference() needs     [0] */
    const char *reference; /**< score on the scale of this file instead: every sample
                                by itself                                     [NULL] */
    const char *sbs; /**< profiles of mutational signatures (COSMIC, PCAWG), instead of
                          those of the study                                  [NULL] */
} cxs_features_settings;

/** @return settings with every number CXS_FEATURES_AUTO and every text NULL. */
cxs_features_settings cxs_features_auto(void);

/** @return settings with the defaults shown in brackets, for values of @p kind. */
cxs_features_settings cxs_features_defaults(cxs_kind kind);

/** Derived matrix with the factors and constants that made it.  Opaque. */
typedef struct cxs_features cxs_features;

/** What is done to a value first. */
typedef enum cxs_change {
    CXS_CHANGE_NONE,
    CXS_CHANGE_LOG2, /**< log2(x + c) */
    CXS_CHANGE_LOGIT /**< logit((x (n - 1) + 0.5)/n) */
} cxs_change;

/** Constants of one feature, frozen so that a new sample can be put on the same scale:
 *  change, clip to [winsor_low, winsor_high], then (x - mean)/sd. */
typedef struct cxs_transform {
    double mean, sd;                /**< over the samples that have a value, divisor n;
                                         0 and 1 for a 0/1 feature */
    double winsor_low, winsor_high; /**< NaN when the feature was not clipped */
    cxs_change change;
    double change_by; /**< c, or n; 0 without a change */
} cxs_transform;

/**
 * Normalise, filter and transform an expression matrix.
 *
 * @param matrix    input, borrowed
 * @param cohort    [n] cohort index per sample for rank_normal, or NULL: read from
 *                  settings->clinical, one cohort when that is NULL
 * @param settings  NULL means cxs_features_defaults() of the matrix's kind, which also
 *                  stand for CXS_FEATURES_AUTO
 * @param out       (out) owned by the caller, NULL on failure
 * @return CXS_OK; CXS_EARG for steps that do not fit the kind; CXS_EFORMAT for negative
 *         or infinite counts (CX029); CXS_EMISMATCH for TMM without raw counts (CX031),
 *         a gene without length or a sample without cohort; CXS_EDEGENERATE for an
 *         empty library (CX028) or when no feature is left; CXS_ENOINPUT; CXS_ENOMEM.
 *         CX027 and, for fewer than 5000 genes under TMM, CX031 are warnings.
 *
 * Sources: Robinson and Oshlack (2010); Chen, Lun and Smyth (2016); Anders and Huber
 * (2010); equations in src/num/tmm.c.
 */
cxs_rc cxs_features_derive(cxs_ctx *ctx, const cxs_matrix *matrix,
                           const uint32_t *cohort,
                           const cxs_features_settings *settings,
                           cxs_features **out) CXS_MUST_USE;

/**
 * Features of a study file: its matrix, with the steps that its settings name
 * (`normalise`: tmm, mor, tpm, none; `rank_normal`: yes, no).  The cohorts of
 * rank-normal scores are the strata of the analysis set, unless the settings name a
 * table.
 *
 * @param settings  what is not CXS_FEATURES_AUTO goes before the study's word; NULL:
 * all as the study says
 * @return as cxs_features_derive(), and what cxs_study_matrix() and cxs_study_surv()
 *         return.
 */
cxs_rc cxs_features_study(cxs_ctx *ctx, cxs_study *study,
                          const cxs_features_settings *settings,
                          cxs_features **out) CXS_MUST_USE;

/**
 * Panel of normals: median and MAD of log2 of the corrected depth of each autosomal bin
 * over the normal samples of a study (SOURCE NORMAL_BLOOD or NORMAL_TISSUE, or `yes` in
 * the column PANEL_OF_NORMALS), as the table that `sequencing: {panel_of_normals: FILE}`
 * of study.yaml takes.
 *
 * @param refdata  folder of reference tables; NULL: the default one
 * @return CXS_OK; CXS_EDEGENERATE with fewer than five normals of enough quality;
 *         CXS_ENOINPUT, CXS_EFORMAT, CXS_ENOMEM.
 */
cxs_rc cxs_study_panel_of_normals(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                                  const char *path) CXS_MUST_USE;

/** @return the settings that were used, without CXS_FEATURES_AUTO and with texts NULL.
 */
cxs_features_settings cxs_features_used(const cxs_features *features);

/** Name of a normalisation, "none", "tmm", "mor" or "tpm". */
const char *cxs_normalise_name(cxs_normalise normalise);

/** Free @p features and everything borrowed from it.  NULL is allowed. */
void cxs_features_free(cxs_features *features);

/** @return the derived matrix, borrowed.  Its kind is `log` after normalisation, `z`
 *          after rank-normal scores or standardising, else that of the input. */
const cxs_matrix *cxs_features_matrix(const cxs_features *features);

/** @return [p] constants in the order of the features, borrowed. */
const cxs_transform *cxs_features_transforms(const cxs_features *features);

/** @return [n] library sizes used; NaN for kinds without libraries.  Borrowed. */
const double *cxs_features_library_size(const cxs_features *features);

/** @return [n] norm factors with geometric mean 1: library size times factor is the
 *          effective library size; 1 without TMM or median of ratios, NaN for kinds
 *          without libraries.  Borrowed. */
const double *cxs_features_norm_factor(const cxs_features *features);

/** @return [n] numbers that raw counts are divided by to compare samples: the factors
 * of Anders and Huber for median of ratios, effective library sizes over their
 *          geometric mean for TMM, 1 for untouched counts, else NaN.  Borrowed. */
const double *cxs_features_size_factor(const cxs_features *features);

/** @return scores of the signatures and of the gene sets, borrowed; NULL when neither
 *          was asked for. */
const cxs_scores *cxs_features_scores(const cxs_features *features);

/** @return samples that failed their quality checks; warned ones in @p warned when not
 *          NULL. */
size_t cxs_features_failed(const cxs_features *features, size_t *warned);

/**
 * Write PREFIX.factors.tsv (sample_id library_size norm_factor size_factor) and
 * PREFIX.transform.tsv (feature_id mean sd winsor_low winsor_high change change_by family
 * type unit: change none, log2 or logit; family, type and unit of the catalogue, "none"
 * and NA for a column of the input that is no family's); with @p table also
 * PREFIX.features.tsv (features in rows), with a study PREFIX.sources.tsv (patient_id
 * features sample_id assay file state: which file served features of this prefix, and the
 * worst of its quality states or not_judged).  Where they were made: PREFIX.scores.tsv and
 * PREFIX.sets.tsv (cxs_scores_write()), PREFIX.qc.tsv (sample_id measure value unit state
 * reason; state ok, warn or fail).  For a study of several batches or centres also
 * PREFIX.batch.tsv (component share variable levels n statistic df p eta_squared:
 * Kruskal-Wallis test of the two main axes of expression) and PREFIX.components.tsv
 * (sample_id PC1 PC2).
 */
cxs_rc cxs_features_write_tables(cxs_ctx *ctx, const cxs_features *features,
                                 const char *prefix, int table,
                                 cxs_record *record) CXS_MUST_USE;

/**
 * Write what new samples need to be put on the scale of these (settings.freeze): genes,
 * counts of TMM's reference sample, mean effective library size, moments of the genes,
 * line of the residual score, null of the subtypes, clipping and scaling of every
 * feature, digests of the reference tables.  Text; the last line is the SHA-256 of those
 * before it.  Holds no sample's id, but the counts of one.
 *
 * cxs_features_derive() and cxs_features_study() with settings.reference score the
 * samples of a matrix with it, each by itself: a training sample gets the values it had,
 * and other samples change nothing.  A gene that is lacking gets the training mean; with
 * less than nine tenths of the genes the call fails.  PREFIX.qc.tsv then also says how
 * far a sample lies outside the training range.
 *
 * @return CXS_OK; CXS_EARG without freeze, for rank-normal scores and for median of
 *         ratios; CXS_ECREATE; CXS_EIO; CXS_ENOMEM.
 */
cxs_rc cxs_features_write_reference(cxs_ctx *ctx, const cxs_features *features,
                                    const char *path, cxs_record *record) CXS_MUST_USE;

/** cxs_features_write_tables() with the feature table.  @p record may be NULL. */
cxs_rc cxs_features_write(cxs_ctx *ctx, const cxs_features *features,
                          const char *prefix, cxs_record *record) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_FEATURES_H */
