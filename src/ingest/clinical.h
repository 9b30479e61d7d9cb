/*
 * clinical.h -- the parts of the follow-up reader
 *
 *   clinical.c          the flow: table, columns, drops, arrays, order
 *   clinical_ids.c      repeated ids, overlapping intervals
 *   clinical_event.c    what the event column says
 *   clinical_time.c     negative and zero times, entry, horizon
 *   clinical_groups.c   levels, strata, centres, clusters, folds
 *   clinical_terms.c    covariates
 */
#ifndef CXS_INGEST_CLINICAL_H
#define CXS_INGEST_CLINICAL_H

#include "base/table.h"
#include "coxswain/ingest.h"
#include "store/data.h"

#define CXS_NO_COLUMN SIZE_MAX

/* Times closer than this, relative, are one time, as in num/cox.h. */
#define CXS_TIME_TOLERANCE 1e-9

/* State of one read.  Arrays have one element per row of the table. */
typedef struct cxs_clinical {
    const char *path;
    const cxs_clinical_settings *settings;
    cxs_table *table;
    char **extra_na;
    size_t id, time_column, entry_column, event_column, weight_column, offset_column,
        cluster_column, centre_column, fold_column; /* CXS_NO_COLUMN when not named */
    const char *event_value;                        /* VALUE of "COL=VALUE", or NULL */
    size_t *adjust, adjust_count;                   /* columns */
    size_t *strata, strata_count;
    bool *keep;                             /* row is still in the analysis set */
    double *time, *entry, *weight, *offset; /* NaN = missing; NULL = not named */
    int8_t *event;                          /* 1, 0, -1 = missing */
    size_t *kept, kept_count; /* rows of the analysis set, once it is settled */
    cxs_surv *surv;           /* under construction; carries the flow */
} cxs_clinical;

const char *cxs_clinical_cell(const cxs_clinical *c, size_t row, size_t column);
bool cxs_clinical_missing(const cxs_clinical *c, size_t row, size_t column);
const char *cxs_clinical_column(const cxs_clinical *c, size_t column);

/* clinical_columns.c: every name of the settings becomes a column, CX020, CXS_EARG. */
cxs_rc cxs_clinical_resolve(cxs_ctx *ctx, cxs_clinical *c) CXS_MUST_USE;

/* CX005, CX002; identical rows are merged with a warning. */
cxs_rc cxs_clinical_check_ids(cxs_ctx *ctx, cxs_clinical *c) CXS_MUST_USE;
/* CX002 for intervals of one id that overlap. */
cxs_rc cxs_clinical_check_intervals(cxs_ctx *ctx, const cxs_clinical *c) CXS_MUST_USE;

/* Fill event[]; CX008, CX009, CX018; a note with the counts per value. */
cxs_rc cxs_clinical_read_event(cxs_ctx *ctx, cxs_clinical *c) CXS_MUST_USE;

/* CX007 error for negative times, in any row. */
cxs_rc cxs_clinical_refuse_negative(cxs_ctx *ctx, const cxs_clinical *c) CXS_MUST_USE;
/* CX007 warning: times of zero become half a day, or half of the smallest time. */
cxs_rc cxs_clinical_move_zeros(cxs_ctx *ctx, cxs_clinical *c) CXS_MUST_USE;
/* CX013, or drop. */
cxs_rc cxs_clinical_check_entry(cxs_ctx *ctx, cxs_clinical *c) CXS_MUST_USE;
cxs_rc cxs_clinical_apply_horizon(cxs_ctx *ctx, cxs_clinical *c) CXS_MUST_USE;

/* One distinct text of a column and how often it stands there. */
typedef struct cxs_level {
    const char *text;
    size_t count;
} cxs_level;

/* Distinct texts of text[0..count), bytewise ascending; free with cxs_free(). */
cxs_rc cxs_levels_of(cxs_ctx *ctx, const char *const *text, size_t count,
                     cxs_level **levels, size_t *n_levels) CXS_MUST_USE;
/* Index of a text that is among the levels. */
size_t cxs_level_find(const cxs_level *levels, size_t n_levels, const char *text);

/* Strata, centres, clusters and folds of the kept rows into surv. */
cxs_rc cxs_clinical_groups(cxs_ctx *ctx, cxs_clinical *c) CXS_MUST_USE;
/* Covariates of the kept rows into surv. */
cxs_rc cxs_clinical_terms(cxs_ctx *ctx, cxs_clinical *c) CXS_MUST_USE;

#endif /* CXS_INGEST_CLINICAL_H */
