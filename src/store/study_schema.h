/*
 * study_schema.h -- schema of the study file (.cxs), shared by its writer (ingest) and
 * its reader (store/study.c)
 *
 * No time, host or path: same input, same bytes.  Rows are written in the order of ids.
 * Numbers are double precision in days, years and the units of the clinical schema; a
 * missing cell has no row.
 */
#ifndef CXS_STUDY_SCHEMA_H
#define CXS_STUDY_SCHEMA_H

#include "store/data.h"
#include "store/db.h"

/* 2: measure, measure_warning; 3: measure_value.  Older files are read; what they lack
 * is not known. */
enum { CXS_STUDY_VERSION = 3, CXS_PART_VERSION = 1 };

/* About the bytes of one block of matrix values before compression. */
enum { CXS_STUDY_BLOCK_BYTES = 4 << 20 };

/*
 * meta     program (version that wrote it), title, time_origin
 * setting  endpoint, time_unit, horizon_days, landmark_days, centre, normalise; lists
 * are rows of setting_item: strata, covariates, factors, reference (COL=LEVEL)
 * patient_column.type  "number", "date" (value is text YYYY-MM-DD) or "text"
 * sample.baseline      1 for the sample that stands for its patient
 * matrix_block         columns [block * block_columns, ..) of the n x p matrix as
 *                      little-endian doubles, column-major, one zstd frame; xxh64 of
 *                      the bytes before compression
 * matrix_length        lengths of the features in bases, as the values; no row where the
 *                      source of the values gives none, no table in older files
 * record               cells of visits, doses and adverse events; bins of the sheets
 *                      panel_of_normals and mappability, each one text: build, chrom,
 *                      start0, end0, value, spread; profiles of the sheet signatures:
 *                      name and 96 shares with tabs between
 * measure              packed measures of one row of the assays sheet, in the order of
 * sample, assay, file, column; input is the digest of the file, settings that of
 * everything else that the measures depend on
 * measure_warning      what reading it warned of, without folders and ids
 * measure_value        cells of its row of the sheet that features need: BUILD, LIBRARY,
 *                      CALLABLE_MB (Mb)
 */
#define CXS_MEASURE_SCHEMA                                                             \
    "CREATE TABLE measure(at INTEGER PRIMARY KEY, sample TEXT NOT NULL,"               \
    " assay TEXT NOT NULL, file TEXT NOT NULL, column_name TEXT NOT NULL,"             \
    " input TEXT NOT NULL, settings TEXT NOT NULL, xxh64 INTEGER NOT NULL,"            \
    " bytes BLOB NOT NULL) STRICT;"                                                    \
    "CREATE UNIQUE INDEX measure_of ON measure(sample, assay, file, column_name);"     \
    "CREATE TABLE measure_warning(at INTEGER NOT NULL, line INTEGER NOT NULL,"         \
    " code TEXT NOT NULL, text TEXT NOT NULL, times INTEGER NOT NULL,"                 \
    " PRIMARY KEY(at, line)) STRICT, WITHOUT ROWID;"

/* A part of a study (.cxp): the measures of some rows of the sheet.  meta: program, plan
 * (digest of the plan that all parts share), part ("2/5", or "" for named samples),
 * rows (number of measures; written last). */
#define CXS_PART_SCHEMA                                                                \
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) "                    \
    "STRICT;" CXS_MEASURE_SCHEMA

#define CXS_STUDY_SCHEMA                                                               \
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"             \
    "CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"          \
    "CREATE TABLE setting_item(key TEXT NOT NULL, at INTEGER NOT NULL,"                \
    " value TEXT NOT NULL, PRIMARY KEY(key, at)) STRICT;"                              \
    "CREATE TABLE patient(id TEXT PRIMARY KEY) STRICT;"                                \
    "CREATE TABLE patient_column(name TEXT PRIMARY KEY, at INTEGER NOT NULL,"          \
    " type TEXT NOT NULL) STRICT;"                                                     \
    "CREATE TABLE patient_value(patient TEXT NOT NULL, name TEXT NOT NULL,"            \
    " value ANY NOT NULL, PRIMARY KEY(name, patient)) STRICT, WITHOUT ROWID;"          \
    "CREATE TABLE sample(id TEXT PRIMARY KEY, patient TEXT NOT NULL,"                  \
    " collect_day REAL, assayed INTEGER NOT NULL, baseline INTEGER NOT NULL) STRICT;"  \
    "CREATE TABLE sample_value(sample TEXT NOT NULL, name TEXT NOT NULL,"              \
    " value ANY NOT NULL, PRIMARY KEY(sample, name)) STRICT, WITHOUT ROWID;"           \
    "CREATE TABLE assay(at INTEGER PRIMARY KEY, sample TEXT NOT NULL,"                 \
    " assay TEXT NOT NULL, file TEXT NOT NULL, column_name TEXT, build TEXT,"          \
    " library TEXT) STRICT;"                                                           \
    "CREATE TABLE record(sheet TEXT NOT NULL, row INTEGER NOT NULL,"                   \
    " name TEXT NOT NULL, value ANY NOT NULL, PRIMARY KEY(sheet, row, name))"          \
    " STRICT, WITHOUT ROWID;"                                                          \
    "CREATE TABLE endpoint(name TEXT NOT NULL, patient TEXT NOT NULL,"                 \
    " time_days REAL NOT NULL, event INTEGER NOT NULL, entry_days REAL,"               \
    " PRIMARY KEY(name, patient)) STRICT, WITHOUT ROWID;"                              \
    "CREATE TABLE matrix(id INTEGER PRIMARY KEY, layer TEXT NOT NULL,"                 \
    " kind TEXT NOT NULL, n INTEGER NOT NULL, p INTEGER NOT NULL,"                     \
    " block_columns INTEGER NOT NULL) STRICT;"                                         \
    "CREATE TABLE matrix_sample(matrix INTEGER NOT NULL, at INTEGER NOT NULL,"         \
    " sample TEXT NOT NULL, PRIMARY KEY(matrix, at)) STRICT, WITHOUT ROWID;"           \
    "CREATE TABLE matrix_feature(matrix INTEGER NOT NULL, at INTEGER NOT NULL,"        \
    " feature TEXT NOT NULL, shown TEXT, PRIMARY KEY(matrix, at))"                     \
    " STRICT, WITHOUT ROWID;"                                                          \
    "CREATE TABLE matrix_block(matrix INTEGER NOT NULL, block INTEGER NOT NULL,"       \
    " xxh64 INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(matrix, block)) "       \
    "STRICT;"                                                                          \
    "CREATE TABLE matrix_length(matrix INTEGER PRIMARY KEY, xxh64 INTEGER NOT NULL,"   \
    " bytes BLOB NOT NULL) STRICT;"                                                    \
    "CREATE TABLE flow(step INTEGER PRIMARY KEY, what TEXT NOT NULL,"                  \
    " count INTEGER NOT NULL) STRICT;"                                                 \
    "CREATE TABLE warning(text TEXT PRIMARY KEY, times INTEGER NOT NULL) STRICT;"      \
    "CREATE TABLE source(at INTEGER PRIMARY KEY, file TEXT NOT NULL,"                  \
    " sha256 TEXT NOT NULL) STRICT;"                                                   \
    "CREATE TABLE measure_value(at INTEGER NOT NULL, name TEXT NOT NULL,"              \
    " value ANY NOT NULL, PRIMARY KEY(at, name)) STRICT,"                              \
    " WITHOUT ROWID;" CXS_MEASURE_SCHEMA

/* Name in sample_value of why a sample makes no features, and the condition of a query
 * that the sample `of` is not one of those. */
#define CXS_SAMPLE_EXCLUDED "coxswain.excluded"
#define CXS_NOT_EXCLUDED(of)                                                           \
    "NOT EXISTS (SELECT 1 FROM sample_value x WHERE x.sample = " of                    \
    " AND x.name = '" CXS_SAMPLE_EXCLUDED "')"

/* Write the study's matrix (NULL: nothing); read it, NULL when the study has none. */
cxs_rc cxs_study_put_matrix(cxs_ctx *ctx, const cxs_matrix *m, cxs_db *db) CXS_MUST_USE;
cxs_rc cxs_study_get_matrix(cxs_ctx *ctx, cxs_db *db, const char *path,
                            cxs_matrix **out) CXS_MUST_USE;
/* Keep the samples keep[count] (ascending) of a matrix in place. */
cxs_rc cxs_study_keep_samples(cxs_ctx *ctx, cxs_matrix *m, const size_t *keep,
                              size_t count) CXS_MUST_USE;

/* An open study: settings and meta in memory, values by query. */
typedef struct cxs_pair {
    char *key, *value;
} cxs_pair;
struct cxs_study {
    cxs_db *db;
    char *path;
    cxs_pair *setting; /* settings, then meta */
    size_t settings, capacity;
};

#endif /* CXS_STUDY_SCHEMA_H */
