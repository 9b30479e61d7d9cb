/*
 * study_measure.h -- measures of all sequencing files into a store: read, taken from an
 * older study file, or from parts
 */
#ifndef CXS_STUDY_MEASURE_H
#define CXS_STUDY_MEASURE_H

#include "ingest/study_assays.h"
#include "store/study_measures.h"

/* A store that may hold what is wanted. */
typedef struct cxs_measure_source {
    char *path;
    cxs_db *db;
    cxs_measure_row *row; /* [rows] */
    size_t rows;
    char *part; /* "2/5"; NULL for a study file */
} cxs_measure_source;

/* The study file at path, when it is there and readable; else an empty source: what
 * cannot be reused is read anew. */
cxs_rc cxs_measure_source_old(cxs_ctx *ctx, const char *path,
                              cxs_measure_source *out) CXS_MUST_USE;
/* Parts of the plan: CXS_EMISMATCH for a part of another plan, CXS_ETRUNCATED when its
 * end record is missing. */
cxs_rc cxs_measure_source_part(cxs_ctx *ctx, const char *path, const char *plan,
                               cxs_measure_source *out) CXS_MUST_USE;
void cxs_measure_source_close(cxs_measure_source *source);

/* Where measures come from and go to. */
typedef struct cxs_measure_work {
    const cxs_draft *draft;
    cxs_assays *assays;
    const bool *wanted; /* [assays->count] */
    cxs_measure_source *source;
    size_t sources;
    bool parts; /* the sources are parts: nothing is read, everything must be there */
    cxs_db *db; /* gets the rows */
    size_t read, reused, dropped;
} cxs_measure_work;

/* Rows in the order of the assays; files that cannot be read stop the work after all
 * were tried, or are left out with a warning (sequencing: bad_files: drop). */
cxs_rc cxs_measure_all(cxs_ctx *ctx, cxs_measure_work *work) CXS_MUST_USE;

/* study_counts.c: counts of genes in RNA reads become draft->matrix, when there is none
 * and any file was counted. */
cxs_rc cxs_draft_counts(cxs_ctx *ctx, cxs_draft *draft, cxs_db *db) CXS_MUST_USE;

#endif /* CXS_STUDY_MEASURE_H */
