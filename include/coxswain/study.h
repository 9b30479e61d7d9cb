/*
 * study.h -- what was measured on whom
 *
 * Three things that later stages share:
 *   cxs_surv    follow-up of the analysis set: times, events, covariates, strata
 *   cxs_matrix  n samples x p features with names, layers and transforms
 *   cxs_study   a study file (.cxs): patients, samples, endpoints, matrices, warnings
 * All are read-only once made; accessors return borrowed pointers that live as long as
 * the object.
 */
#ifndef COXSWAIN_STUDY_H
#define COXSWAIN_STUDY_H

#include "coxswain/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How tied event times enter the partial likelihood. */
typedef enum cxs_ties { CXS_TIES_BRESLOW, CXS_TIES_EFRON } cxs_ties;

/* ---- follow-up ------------------------------------------------------------------- */

/** Follow-up of n rows, sorted by id, entry, time (bytewise ids).  Opaque. */
typedef struct cxs_surv cxs_surv;

/** Free @p surv and everything borrowed from it.  NULL is allowed. */
void cxs_surv_free(cxs_surv *surv);

/** @return number of rows; several rows of one id are intervals or a cluster. */
size_t cxs_surv_n(const cxs_surv *surv);
/** @return number of distinct ids. */
size_t cxs_surv_n_subjects(const cxs_surv *surv);
/** @return number of rows with an event and weight > 0. */
size_t cxs_surv_events(const cxs_surv *surv);
/** @return [n] ids. */
const char *const *cxs_surv_id(const cxs_surv *surv);
/** @return [n] stop times > 0 in cxs_surv_time_unit(). */
const double *cxs_surv_time(const cxs_surv *surv);
/** @return [n] start of the risk interval (entry, time], or NULL when all enter at 0. */
const double *cxs_surv_entry(const cxs_surv *surv);
/** @return [n] 1 = event, 0 = censored. */
const uint8_t *cxs_surv_event(const cxs_surv *surv);
/** @return [n] case weights > 0, or NULL when all are one. */
const double *cxs_surv_weight(const cxs_surv *surv);
/** @return [n] offset on the log-hazard scale, or NULL when all are zero. */
const double *cxs_surv_offset(const cxs_surv *surv);
/** @return number of strata, >= 1. */
size_t cxs_surv_n_strata(const cxs_surv *surv);
/** @return [n] stratum index in [0, n_strata). */
const uint32_t *cxs_surv_stratum(const cxs_surv *surv);
/** @return [n_strata] names such as "cohort=GBM"; "all" when unstratified. */
const char *const *cxs_surv_stratum_name(const cxs_surv *surv);
/** @return [n] centre index, or NULL when no centre column was named. */
const uint32_t *cxs_surv_centre(const cxs_surv *surv);
/** @return number of centres, 0 when none was named. */
size_t cxs_surv_n_centres(const cxs_surv *surv);
/** @return [n_centres] names. */
const char *const *cxs_surv_centre_name(const cxs_surv *surv);
/** @return [n] cluster index, or NULL. */
const uint32_t *cxs_surv_cluster(const cxs_surv *surv);
/** @return [n] fold of each row in [0, n_folds), the same in all rows of an id, or NULL
 *          when no fold column was named. */
const uint32_t *cxs_surv_fold(const cxs_surv *surv);
/** @return number of folds named by the table; some may have lost all rows since. */
size_t cxs_surv_n_folds(const cxs_surv *surv);
/** @return number of covariate columns k. */
size_t cxs_surv_k(const cxs_surv *surv);
/** @return [n x k] column-major covariates, no missing values; NULL when k = 0. */
const double *cxs_surv_z(const cxs_surv *surv);
/** @return [k] term names: "age" or "sex=male". */
const char *const *cxs_surv_term(const cxs_surv *surv);
/** @return "days", "months", "years", or "" when not declared. */
const char *cxs_surv_time_unit(const cxs_surv *surv);
/** @return endpoint label such as "OS", "" when not declared. */
const char *cxs_surv_endpoint(const cxs_surv *surv);

/** @return title of the study it was read from, "" for a plain table. */
const char *cxs_surv_title(const cxs_surv *surv);

/** One line of the flow of patients into the analysis set: what and how many. */
typedef struct cxs_flow_step {
    char *what;   /**< "rows in table", "dropped: time missing", "analysed" */
    size_t count; /**< rows */
} cxs_flow_step;
/** @return flow steps in order, their number in @p steps. */
const cxs_flow_step *cxs_surv_flow(const cxs_surv *surv, size_t *steps);

/* ---- matrix ---------------------------------------------------------------------- */

/** What the values of an expression matrix are. */
typedef enum cxs_kind {
    CXS_KIND_COUNTS, /**< raw counts, whole numbers */
    CXS_KIND_TPM,    /**< transcripts per million */
    CXS_KIND_LOG,    /**< log scale, any base */
    CXS_KIND_Z,      /**< z-scores */
    CXS_KIND_OTHER,  /**< anything else: taken as it is */
    CXS_KIND_BETA,   /**< methylation, share 0..1 */
    CXS_KIND_M       /**< methylation, log2 of methylated over unmethylated */
} cxs_kind;

/** n samples x p features.  Opaque. */
typedef struct cxs_matrix cxs_matrix;

/** Free @p matrix and everything borrowed from it.  NULL is allowed. */
void cxs_matrix_free(cxs_matrix *matrix);
/** @return number of samples. */
size_t cxs_matrix_n(const cxs_matrix *matrix);
/** @return number of features. */
size_t cxs_matrix_p(const cxs_matrix *matrix);
/** @return [n] sample (or patient) ids, sorted bytewise. */
const char *const *cxs_matrix_sample(const cxs_matrix *matrix);
/** @return [p] feature ids, sorted bytewise. */
const char *const *cxs_matrix_feature(const cxs_matrix *matrix);
/** @return [p] display names (the id where none is known). */
const char *const *cxs_matrix_feature_name(const cxs_matrix *matrix);
/** @return layer that the matrix declares, such as "rna"; "" when not declared. */
const char *cxs_matrix_layer(const cxs_matrix *matrix);
/** @return the domain that the id of a feature begins with (rna, var, cn, frag, meth, tcr,
 *          csf or clin, then a dot), a static text; NULL when it begins with none.  It goes
 *          before the layer of the matrix. */
const char *cxs_feature_domain(const char *feature_id);
/** @return kind of the values. */
cxs_kind cxs_matrix_kind(const cxs_matrix *matrix);
/** @return [n x p] column-major values as read, NaN = missing; feature j is
 *          x + j * n. */
const double *cxs_matrix_x(const cxs_matrix *matrix);

/** @return files that a text reader read for it, their number in @p sources (0 for .cxf
 *          and study files). */
const char *const *cxs_matrix_source(const cxs_matrix *matrix, size_t *sources);

/** What became of the gene names when they were mapped to current symbols. */
typedef struct cxs_gene_counts {
    size_t versions;  /**< Ensembl ids whose version was cut */
    size_t matched;   /**< current symbols and known Ensembl ids */
    size_t alias;     /**< old or alternative symbols that were updated (CX026) */
    size_t ambiguous; /**< aliases of several genes, left alone */
    size_t unknown;   /**< names that the tables do not hold, left alone */
} cxs_gene_counts;
/** @return the counts, NULL when the names were kept as they are. */
const cxs_gene_counts *cxs_matrix_gene_counts(const cxs_matrix *matrix);

/** Name of a kind, "counts", "tpm", "log", "z", "other", "beta", "m". */
const char *cxs_kind_name(cxs_kind kind);

/**
 * Open a matrix file (.cxf): header, names and checksums are verified, values are
 * memory-mapped when stored raw and read when compressed.
 *
 * @return CXS_OK; CXS_ENOINPUT; CXS_EFORMAT (not a .cxf file, newer major version,
 *         altered: the sentence says which); CXS_ETRUNCATED; CXS_ENOMEM.
 */
cxs_rc cxs_matrix_open(cxs_ctx *ctx, const char *path, cxs_matrix **out) CXS_MUST_USE;

/** Write a matrix as .cxf.  @p compress 0 = raw (mmap), 1 = zstd blocks. */
cxs_rc cxs_matrix_write(cxs_ctx *ctx, const cxs_matrix *matrix, const char *path,
                        int compress) CXS_MUST_USE;

/** Write a matrix as TSV, features in rows, first column "feature_id". */
cxs_rc cxs_matrix_write_tsv(cxs_ctx *ctx, const cxs_matrix *matrix,
                            const char *path) CXS_MUST_USE;

/* ---- study file ------------------------------------------------------------------ */

/** A study file (.cxs, SQLite).  Opaque. */
typedef struct cxs_study cxs_study;

/** Open a study file for reading; checks application id, version and integrity. */
cxs_rc cxs_study_open(cxs_ctx *ctx, const char *path, cxs_study **out) CXS_MUST_USE;
/** Close.  NULL is allowed. */
void cxs_study_close(cxs_study *study);

/** The analysis set of the study's declared endpoint, covariates and strata, with times
 *  in days.  @p adjusted 0 leaves the covariates out. */
cxs_rc cxs_study_surv(cxs_ctx *ctx, cxs_study *study, int adjusted,
                      cxs_surv **out) CXS_MUST_USE;

/** @p has 1 when the study holds an expression matrix, 0 when it is one of sequencing
 *  files and visits alone. */
cxs_rc cxs_study_has_matrix(cxs_ctx *ctx, cxs_study *study, int *has) CXS_MUST_USE;

/** The study's expression matrix, samples renamed to their patients (baseline sample of
 *  each patient). */
cxs_rc cxs_study_matrix(cxs_ctx *ctx, cxs_study *study, cxs_matrix **out) CXS_MUST_USE;

/** A setting of the study file ("normalise", "title", ...), "" when absent. */
const char *cxs_study_setting(cxs_study *study, const char *key);

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_STUDY_H */
