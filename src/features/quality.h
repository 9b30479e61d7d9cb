/*
 * quality.h -- states of quality checks, and a growing list of what they found
 */
#ifndef CXS_FEATURES_QUALITY_H
#define CXS_FEATURES_QUALITY_H

#include "base/base.h"

typedef enum cxs_qc_state { CXS_QC_OK, CXS_QC_WARN, CXS_QC_FAIL } cxs_qc_state;

/* A row of PREFIX.qc.tsv. */
typedef struct cxs_quality_row {
    char *sample;
    const char *measure, *unit, *reason; /* static; reason NULL for none */
    double value;                        /* NaN where it could not be measured */
    cxs_qc_state state;
} cxs_quality_row;

typedef struct cxs_quality_rows {
    cxs_quality_row *at;
    size_t count, capacity;
} cxs_quality_rows;

/* Append a row; the sample's id is copied.  rows NULL: nothing. */
cxs_rc cxs_quality_add(cxs_ctx *ctx, cxs_quality_rows *rows, const char *sample,
                       const cxs_quality_row *row) CXS_MUST_USE;
void cxs_quality_rows_clear(cxs_quality_rows *rows);

#endif /* CXS_FEATURES_QUALITY_H */
