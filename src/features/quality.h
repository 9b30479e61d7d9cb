/*
 * quality.h -- states of quality checks, and a growing list of what they found
 */
#ifndef CXS_FEATURES_QUALITY_H
#define CXS_FEATURES_QUALITY_H

#include "base/base.h"
#include "coxswain/study.h"

#include <stdint.h>

typedef enum cxs_qc_state { CXS_QC_OK, CXS_QC_WARN, CXS_QC_FAIL } cxs_qc_state;

/* A row of PREFIX.qc.tsv. */
typedef struct cxs_quality_row {
    char *sample;
    const char *measure, *unit, *reason; /* static; reason NULL for none */
    double value;                        /* NaN where it could not be measured */
    cxs_qc_state state;
} cxs_quality_row;

/* The file that served features of a prefix ("cn") of a patient; texts are owned but
 * the prefix. */
typedef struct cxs_source_row {
    char *patient, *sample, *assay, *file;
    const char *features;
} cxs_source_row;

typedef struct cxs_quality_rows {
    cxs_quality_row *at;
    size_t count, capacity;
    cxs_source_row *source;
    size_t sources, source_capacity;
} cxs_quality_rows;

/* Append a row; the sample's id is copied.  rows NULL: nothing. */
cxs_rc cxs_quality_add(cxs_ctx *ctx, cxs_quality_rows *rows, const char *sample,
                       const cxs_quality_row *row) CXS_MUST_USE;
/* sources.c: the file of row `at` of the measures; of the baseline expression of all
 * patients.  rows NULL: nothing. */
cxs_rc cxs_source_add(cxs_ctx *ctx, cxs_study *study, cxs_quality_rows *rows,
                      const char *patient, const char *features,
                      int64_t at) CXS_MUST_USE;
cxs_rc cxs_source_add_expression(cxs_ctx *ctx, cxs_study *study,
                                 cxs_quality_rows *rows) CXS_MUST_USE;
void cxs_source_clear(cxs_source_row *row);
void cxs_quality_rows_clear(cxs_quality_rows *rows);

#endif /* CXS_FEATURES_QUALITY_H */
