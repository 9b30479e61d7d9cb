/*
 * ingest.h -- the outside world into follow-up, matrices and study files
 */
#ifndef COXSWAIN_INGEST_H
#define COXSWAIN_INGEST_H

#include "coxswain/record.h"
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
    const char *paramcd; /**< endpoint of a CDISC ADTTE table; NULL: its only one; `id`,
                               `time`, `event` are then not needed             [NULL] */
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

/** Which strand the reads of STAR's and the GDC's gene counts come from. */
typedef enum cxs_stranded {
    CXS_STRANDED_NO,      /**< unstranded library: column 2 of ReadsPerGene.out.tab */
    CXS_STRANDED_FORWARD, /**< first read on the strand of the gene: column 3 */
    CXS_STRANDED_REVERSE, /**< second read on it, as dUTP libraries: column 4 */
    CXS_STRANDED_UNKNOWN  /**< not said: an error for STAR, 0 for the GDC */
} cxs_stranded;

/** Counts of genes from estimates of transcripts (Soneson, Love, Robinson 2015). */
typedef enum cxs_transcript_counts {
    CXS_LENGTH_SCALED_TPM, /**< TPM times mean length, scaled to the library */
    CXS_SUMMED_COUNTS      /**< sum of the estimated counts */
} cxs_transcript_counts;

/** What to do with several rows of one gene (CX025). */
typedef enum cxs_dup_genes {
    CXS_DUP_STOP,
    CXS_DUP_SUM,     /**< add them: counts and TPM */
    CXS_DUP_MAX_MEAN /**< keep the row with the largest mean */
} cxs_dup_genes;

/** Names of genes: as they are, or current symbols by the table of aliases. */
typedef enum cxs_gene_map { CXS_GENES_KEEP, CXS_GENES_MAP } cxs_gene_map;

/** What values that the file holds on another scale are turned into. */
typedef enum cxs_value_scale {
    CXS_SCALE_AS_IS,
    CXS_SCALE_LOG2P1 /**< the file holds log2(x + 1): take x */
} cxs_value_scale;

/** How to read an expression matrix. */
typedef struct cxs_matrix_settings {
    cxs_kind kind;       /**< declared kind, checked against the values      [other] */
    int samples_in_rows; /**< 1: rows are samples, columns features              [0] */
    const char *layer;   /**< layer name of the features                      ["rna"] */
    const char *na;      /**< further missing-value tokens                     [NULL] */
    int repair_gene_dates; /**< turn unambiguous spreadsheet dates back (CX023)    [0] */
    int plausibility_stops; /**< CX029 and the like are errors (study files)        [0] */
    const char *refdata; /**< folder of reference tables; NULL: default path  [NULL] */
    const char *format;  /**< name of the format; NULL: told by content       [NULL] */
    int stranded;        /**< cxs_stranded                                 [unknown] */
    const char *tx2gene; /**< table transcript, gene, gene name               [NULL] */
    int transcript_counts; /**< cxs_transcript_counts                [length-scaled] */
    int scale;     /**< cxs_value_scale                                   [as-is] */
    int genes;     /**< cxs_gene_map                                  [keep] */
    int dup_genes; /**< cxs_dup_genes                                 [stop] */
} cxs_matrix_settings;

/** @return settings with the defaults shown in brackets. */
cxs_matrix_settings cxs_matrix_defaults(void);

/**
 * Read a matrix from TSV/CSV (plain, .gz, .bgz, .zst), .cxf, a folder of files with one
 * sample each, or a sheet that names such files (sample_id, file); told by content, the
 * formats are those of cxs_matrix_format().
 *
 * Streams: memory is the result plus one line.  A second text column such as
 * `Entrez_Gene_Id` after `Hugo_Symbol` is skipped.
 * @return CXS_OK; CXS_EFORMAT with CX001 (sample twice), CX016, CX019-CX025, CX029,
 *         CX032, CX049; CXS_EMISMATCH when files of single samples differ in their
 *         genes; CXS_EARG for a format that needs a setting; CXS_ENOINPUT;
 *         CXS_ETRUNCATED; CXS_ENOMEM.
 */
cxs_rc cxs_matrix_read(cxs_ctx *ctx, const char *path,
                       const cxs_matrix_settings *settings,
                       cxs_matrix **out) CXS_MUST_USE;

/** @return name of the i-th format of a matrix, its description in @p help; NULL after
 *          the last. */
const char *cxs_matrix_format(size_t i, const char **help);

/** Which part of a study's sequencing files to process, and what is there already. */
typedef struct cxs_ingest_settings {
    const char *refdata; /**< folder of the reference tables; NULL: found     [NULL] */
    const char *const *sample; /**< [samples] only these, into a part         [NULL] */
    size_t samples;            /**< 0: not chosen by name                        [0] */
    size_t shard, shards;      /**< only shard (from 1) of shards, into a part   [0] */
    const char *const *part;   /**< [parts] nothing is read, parts are joined [NULL] */
    size_t parts;              /**< 0: files are read                            [0] */
    int anew; /**< 1: read every file, also those that an older study file at the same
                 path holds                                                      [0] */
    cxs_record *record; /**< gets the files that were read, and counts       [NULL] */
} cxs_ingest_settings;

/**
 * Read a study into a study file, a part of its sequencing files into a part (.cxp), or
 * join parts into the study file.
 *
 * Sequencing files are decoded in processes of their own, as many at once as there are
 * threads; the caller must have no threads alive.  Measures whose file and settings did
 * not change are taken from an older study file at @p out_path; the result has the same
 * bytes either way, as it has when joined from parts.
 *
 * @return as cxs_ingest(); CXS_EMISMATCH for a part of another plan or when parts are
 *         missing; CXS_EOS, CXS_ENOMEM or CXS_EFORMAT for files that cannot be read.
 */
cxs_rc cxs_ingest_study(cxs_ctx *ctx, const char *study_path,
                        const cxs_ingest_settings *settings,
                        const char *out_path) CXS_MUST_USE;

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
