/*
 * scores.h -- gene-set scores of an expression matrix, signatures of the reference
 * tables, and quality of RNA samples
 *
 * A score is made of y, the log2 values of all genes that have a value in every usable
 * sample and are not 0 in all of them: log-CPM of counts (unfiltered unless the filter
 * was asked for), log2(TPM + 1) of TPM, the values themselves of a log matrix.  A
 * sample without a value for more than a fifth of the genes is not usable; its scores
 * are missing, and so are those of a sample that failed its quality checks.
 *
 * A set is missing in all samples when fewer than 60 % of its genes, or fewer than
 * three, are present; a set of one or two genes needs all of them.
 */
#ifndef COXSWAIN_SCORES_H
#define COXSWAIN_SCORES_H

#include "coxswain/record.h"
#include "coxswain/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How the sets of a GMT file are scored. */
typedef enum cxs_score {
    CXS_SCORE_SINGSCORE, /**< mean rank between its bounds, centred: -0.5..0.5; NAME_UP
                              with NAME_DN (or NAME_DOWN) also gives NAME, their sum */
    CXS_SCORE_SSGSEA,    /**< running sum of Barbie 2009, exponent 0.25, over the number
                              of genes; never divided by a range over samples */
    CXS_SCORE_Z          /**< sum of the genes' z-scores over the root of their number;
                              depends on the cohort */
} cxs_score;

/** Thresholds for the quality of RNA samples. */
typedef enum cxs_rna_kind {
    CXS_RNA_UNJUDGED, /**< values are reported, nothing fails */
    CXS_RNA_TUMOUR,   /**< tissue libraries (RNASEQ) */
    CXS_RNA_LOWINPUT, /**< cells of cerebrospinal fluid (RNA_LOWINPUT) */
    CXS_RNA_BY_STUDY  /**< as the study says for each sample; unjudged without one */
} cxs_rna_kind;

/** Gene sets of a GMT file.  Opaque. */
typedef struct cxs_gene_sets cxs_gene_sets;

/**
 * Read a GMT file: NAME TAB DESCRIPTION TAB GENE TAB GENE ...; empty lines are passed
 * over, a gene given twice counts once.
 *
 * @param out  (out) owned by the caller, NULL on failure
 * @return CXS_OK; CXS_ENOINPUT; CXS_EFORMAT for a line of fewer than three fields, a
 *         name given twice or a file without sets; CXS_ENOMEM.
 */
cxs_rc cxs_gene_sets_read(cxs_ctx *ctx, const char *path,
                          cxs_gene_sets **out) CXS_MUST_USE;
/** Free @p sets.  NULL is allowed. */
void cxs_gene_sets_free(cxs_gene_sets *sets);
/** @return number of sets. */
size_t cxs_gene_sets_count(const cxs_gene_sets *sets);

/** Scores of n samples with how each was made.  Opaque. */
typedef struct cxs_scores cxs_scores;

/** @return the scores, n samples x scores, borrowed; kind `other`. */
const cxs_matrix *cxs_scores_matrix(const cxs_scores *scores);
/** @return genes of score @p at that were found, of @p genes in the set (may be NULL).
 */
size_t cxs_scores_present(const cxs_scores *scores, size_t at, size_t *genes);
/** @return "ok", or why score @p at is missing in every sample. */
const char *cxs_scores_status(const cxs_scores *scores, size_t at);
/** Free @p scores.  NULL is allowed. */
void cxs_scores_free(cxs_scores *scores);

/**
 * Write PREFIX.scores.tsv (scores x samples), PREFIX.sets.tsv (feature_id method basis
 * genes present status remark missing) and, where the subtypes were called,
 * PREFIX.subtype.tsv.  @p record may be NULL.
 */
cxs_rc cxs_scores_write(cxs_ctx *ctx, const cxs_scores *scores, const char *prefix,
                        cxs_record *record) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_SCORES_H */
