/*
 * study_measures.h -- measures of sequencing files in a study file or a part of one
 *
 * Rows stand in the order of sample, assay, file and column.  Files written before
 * there were measures have none.
 */
#ifndef CXS_STUDY_MEASURES_H
#define CXS_STUDY_MEASURES_H

#include "coxswain/record.h"
#include "coxswain/study.h"
#include "store/db.h"
#include "store/measures.h"

/* Which row of the assays sheet, and from what it was made. */
typedef struct cxs_measure_key {
    const char *sample, *assay, *file, *column; /* column "" where not given */
    char input[CXS_SHA256_HEX], settings[CXS_SHA256_HEX];
} cxs_measure_key;

/* One stored row; the texts are owned. */
typedef struct cxs_measure_row {
    int64_t at;
    cxs_measure_key key;
    char *text[4]; /* behind the key */
} cxs_measure_row;

/* ---- for features ---------------------------------------------------------------- */

/* All rows of a study, in order. */
cxs_rc cxs_study_measure_rows(cxs_ctx *ctx, cxs_study *study, cxs_measure_row **rows,
                              size_t *count) CXS_MUST_USE;
void cxs_measure_rows_free(cxs_measure_row *rows, size_t count);

/* Measures of one row; CXS_EFORMAT when they are damaged. */
cxs_rc cxs_study_measures_at(cxs_ctx *ctx, cxs_study *study, int64_t at,
                             cxs_measures **out) CXS_MUST_USE;

/* Measures of a sample from an assay ("BAM"; with several files the first); *out is
 * NULL, and that is no failure, when there are none. */
cxs_rc cxs_study_measures(cxs_ctx *ctx, cxs_study *study, const char *sample,
                          const char *assay, cxs_measures **out) CXS_MUST_USE;

/* Cell of the assays sheet in the row of the measures `at`, as text: "CALLABLE_MB";
 * *value is the caller's, NULL where it was not given or the file is older. */
cxs_rc cxs_study_measure_value(cxs_ctx *ctx, cxs_study *study, int64_t at,
                               const char *name, char **value) CXS_MUST_USE;

/* ---- for ingest: any store with these tables -------------------------------------- */

cxs_rc cxs_measure_rows_read(cxs_ctx *ctx, cxs_db *db, cxs_measure_row **rows,
                             size_t *count) CXS_MUST_USE;
/* Packed bytes of a row, checked against their hash; the caller's. */
cxs_rc cxs_measure_bytes(cxs_ctx *ctx, cxs_db *db, const char *where, int64_t at,
                         unsigned char **bytes, size_t *size) CXS_MUST_USE;
cxs_rc cxs_measure_load(cxs_ctx *ctx, cxs_db *db, const char *where, int64_t at,
                        cxs_measures **out) CXS_MUST_USE;
cxs_rc cxs_measure_store(cxs_ctx *ctx, cxs_db *db, int64_t at,
                         const cxs_measure_key *key, const unsigned char *bytes,
                         size_t size) CXS_MUST_USE;

/* A cell for cxs_study_measure_value(); nothing when it is NULL. */
cxs_rc cxs_measure_value_store(cxs_ctx *ctx, cxs_db *db, int64_t at, const char *name,
                               const char *value) CXS_MUST_USE;

/* Warning `line` (from 0) of a row. */
cxs_rc cxs_measure_warning_store(cxs_ctx *ctx, cxs_db *db, int64_t at, size_t line,
                                 const char *code, const char *text,
                                 size_t times) CXS_MUST_USE;
/* fn for each warning of a row, in order. */
typedef cxs_rc (*cxs_measure_warning_fn)(cxs_ctx *ctx, const char *code,
                                         const char *text, size_t times, void *user);
cxs_rc cxs_measure_warnings(cxs_ctx *ctx, cxs_db *db, int64_t at,
                            cxs_measure_warning_fn fn, void *user) CXS_MUST_USE;

/* Value of a key of `meta`, NULL (no failure) when it is not there; the caller's. */
cxs_rc cxs_measure_meta(cxs_ctx *ctx, cxs_db *db, const char *key,
                        char **value) CXS_MUST_USE;

#endif /* CXS_STUDY_MEASURES_H */
