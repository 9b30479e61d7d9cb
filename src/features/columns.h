/*
 * columns.h -- a growing list of named feature columns over a fixed list of samples
 *
 * Each assay's derivation appends to it; the study step joins the lists into one matrix.
 * A value that was not assessed is NaN, never 0.
 */
#ifndef CXS_FEATURE_COLUMNS_H
#define CXS_FEATURE_COLUMNS_H

#include "base/base.h"

typedef enum cxs_feature_type {
    CXS_FEATURE_CONTINUOUS,
    CXS_FEATURE_BINARY, /* 0 and 1 */
    CXS_FEATURE_ORDINAL,
    CXS_FEATURE_COUNT
} cxs_feature_type;

typedef struct cxs_feature_column {
    char *name; /* "var.gene.TP53" */
    char *unit; /* "1/Mb"; "" without one */
    char *note; /* why the whole column is missing, or made otherwise than its family
                   says; else "" */
    cxs_feature_type type;
    double *value; /* [n], NaN: not assessed */
} cxs_feature_column;

typedef struct cxs_feature_columns {
    size_t n; /* samples */
    size_t count, capacity;
    cxs_feature_column *column;
} cxs_feature_columns;

/* Append a column of NaN; *value [columns->n] is owned by the list.  Names are unique by
 * the caller's care. */
cxs_rc cxs_feature_columns_add(cxs_ctx *ctx, cxs_feature_columns *columns,
                               const char *name, const char *unit,
                               cxs_feature_type type, double **value) CXS_MUST_USE;
/* Reason for the last column. */
cxs_rc cxs_feature_columns_note(cxs_ctx *ctx, cxs_feature_columns *columns,
                                const char *note) CXS_MUST_USE;
/* Index of a name, or SIZE_MAX. */
size_t cxs_feature_columns_find(const cxs_feature_columns *columns, const char *name);
/* Free what the list owns and empty it; n stays. */
void cxs_feature_columns_clear(cxs_feature_columns *columns);

#endif /* CXS_FEATURE_COLUMNS_H */
