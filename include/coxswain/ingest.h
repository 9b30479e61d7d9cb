/*
 * ingest.h -- the outside world into follow-up, matrices and study files
 */
#ifndef COXSWAIN_INGEST_H
#define COXSWAIN_INGEST_H

#include "coxswain/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How to read follow-up from a clinical table.  Texts are
 *  borrowed; comma-separated lists stay one text. */
typedef struct cxs_clinical_settings {
    const char *id; /**< id column; NULL: the first column               [NULL] */
    int rows_are_subjects; /**< 1: without `id` each row is its own subject        [0] */
    const char *time;  /**< stop time column                            [required] */
    const char *entry; /**< start column of (entry, time]                   [NULL] */
    const char *event; /**< "COL" or "COL=VALUE"                        [required] */
    const char
        *time_unit;     /**< "days", "months", "years"; NULL: undeclared     [NULL] */
    double horizon;     /**< censor later events; NaN: never                  [NaN] */
    const char *adjust; /**< covariate columns, comma-separated              [NULL] */
    const char *factor; /**< covariates that are categorical                 [NULL] */
    const char
        *reference;       /**< "COL=LEVEL,..": reference levels                [NULL] */
    const char *strata;   /**< stratum columns                                 [NULL] */
    const char *centre;   /**< centre column: counted, not a stratum           [NULL] */
    const char *weights;  /**< case weight column, >= 0                        [NULL] */
    const char *offset;   /**< offset column                                   [NULL] */
    const char *cluster;  /**< cluster column                                  [NULL] */
    const char *fold;     /**< column of given cross-validation folds          [NULL] */
    const char *na;       /**< further missing-value tokens                    [NULL] */
    int drop_bad_rows;    /**< drop rows with entry >= time instead of CX013      [0] */
    int status_coding_12; /**< event column is coded 1 = censored, 2 = event      [0] */
    const char *endpoint; /**< label of the outcome                            [NULL] */
} cxs_clinical_settings;

/** @return settings with the defaults shown in brackets. */
cxs_clinical_settings cxs_clinical_defaults(void);

/**
 * Read follow-up from a table.
 *
 * @return CXS_OK; CXS_EFORMAT with CX002, CX007, CX008, CX009, CX013, CX016-CX022;
 *         CXS_EARG for a column that is named twice or an impossible setting;
 *         CXS_EDEGENERATE when no event is left; CXS_ENOINPUT; CXS_ENOMEM.
 *         *out is NULL on failure.
 */
cxs_rc cxs_clinical_read(cxs_ctx *ctx, const char *path,
                         const cxs_clinical_settings *settings,
                         cxs_surv **out) CXS_MUST_USE;

/** How to read an expression matrix. */
typedef struct cxs_matrix_settings {
    cxs_kind kind;       /**< declared kind, checked against the values      [other] */
    int samples_in_rows; /**< 1: rows are samples, columns features              [0] */
    const char *layer;   /**< layer name of the features                      ["rna"] */
    const char *na;      /**< further missing-value tokens                     [NULL] */
    int repair_gene_dates; /**< turn unambiguous spreadsheet dates back (CX023)    [0] */
    int plausibility_stops; /**< CX029 and the like are errors (study files)        [0] */
    const char *refdata; /**< folder of reference tables; NULL: default path  [NULL] */
} cxs_matrix_settings;

/** @return settings with the defaults shown in brackets. */
cxs_matrix_settings cxs_matrix_defaults(void);

/**
 * Read a matrix from TSV/CSV (plain, .gz, .bgz, .zst) or .cxf, told by content.
 *
 * Streams: memory is the result plus one line.  A second text column such as
 * `Entrez_Gene_Id` after `Hugo_Symbol` is skipped.
 * @return CXS_OK; CXS_EFORMAT with CX001 (sample twice), CX016, CX019-CX023, CX025
 *         (feature twice), CX029; CXS_ENOINPUT; CXS_ETRUNCATED; CXS_ENOMEM.
 */
cxs_rc cxs_matrix_read(cxs_ctx *ctx, const char *path,
                       const cxs_matrix_settings *settings,
                       cxs_matrix **out) CXS_MUST_USE;

/** Read a study folder or its study.yaml into a study file.
 *  @return as above, with CX001-CX023 for the sheets. */
cxs_rc cxs_ingest(cxs_ctx *ctx, const char *study_path, const char *refdata,
                  const char *out_path) CXS_MUST_USE;

/** Folder of the reference tables: @p given, COXSWAIN_REFDATA, PREFIX/share. */
const char *cxs_refdata_folder(const char *given);

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_INGEST_H */
