/*
 * data.h -- the insides of cxs_surv and cxs_matrix, for the stages that make them
 *
 * Makers fill the fields, sort with cxs_surv_sort() / cxs_matrix_sort() and hand the
 * object out; everybody else uses the accessors of study.h.
 */
#ifndef CXS_DATA_H
#define CXS_DATA_H

#include "base/base.h"
#include "coxswain/study.h"

struct cxs_surv {
    size_t n, n_subjects, n_strata, n_centres, k;
    char **id;               /* [n] */
    double *time, *entry;    /* [n]; entry NULL when nobody enters late */
    uint8_t *event;          /* [n] */
    double *weight, *offset; /* [n] or NULL */
    uint32_t *stratum;       /* [n] */
    char **stratum_name;     /* [n_strata] */
    uint32_t *centre;        /* [n] or NULL */
    char **centre_name;      /* [n_centres] */
    uint32_t *cluster;       /* [n] or NULL */
    uint32_t *fold;          /* [n] given folds or NULL */
    size_t n_folds;          /* their number, 0 without */
    double *z;               /* [n x k] column-major or NULL */
    char **term;             /* [k] */
    char *time_unit, *endpoint;
    char *title; /* of the study; NULL without */
    cxs_flow_step *flow;
    size_t flow_steps, flow_capacity;
    char *path; /* file it was read from, for messages; NULL when made in memory */
};

struct cxs_matrix {
    size_t n, p;
    char **sample, **feature; /* [n], [p] */
    char **feature_name;      /* [p] or NULL: same as feature */
    bool estimated;           /* counts are estimates and need not be whole */
    double *length;           /* [p] lengths in bases that the file gives, or NULL */
    char *layer;
    cxs_kind kind;
    double *x; /* [n x p] column-major, NaN = missing */
    void *map; /* not NULL when x lies in a memory map */
    size_t map_bytes;
    char *path;    /* file it was read from, for messages; may be NULL */
    char **source; /* [sources] every file read for it, or NULL */
    size_t sources;
    cxs_gene_counts *gene_counts; /* NULL: names were kept as they are */
};

/* The kind with this name, CXS_KIND_OTHER when there is none. */
cxs_kind cxs_kind_named(const char *name);

/* Append one line to the flow. */
cxs_rc cxs_surv_flow_add(cxs_ctx *ctx, cxs_surv *surv, size_t count, const char *fmt,
                         ...) CXS_PRINTF(4, 5) CXS_MUST_USE;

/* Bring rows into the order id, entry, time, event, content (bytewise ids). */
cxs_rc cxs_surv_sort(cxs_ctx *ctx, cxs_surv *surv) CXS_MUST_USE;

/* The same order without the ids, for tables in which each row is a subject of its own:
 * a row number as id must not decide the order of summation. */
cxs_rc cxs_surv_sort_by_content(cxs_ctx *ctx, cxs_surv *surv) CXS_MUST_USE;

/* Keep the rows keep[0..count) (ascending), in place: strata and centres that lose all
 * rows keep their index. */
cxs_rc cxs_surv_keep(cxs_ctx *ctx, cxs_surv *surv, const size_t *keep,
                     size_t count) CXS_MUST_USE;

/* Sort samples and features bytewise; CX001 / CX025 for repeated names is the maker's.
 */
cxs_rc cxs_matrix_sort(cxs_ctx *ctx, cxs_matrix *matrix) CXS_MUST_USE;

#endif /* CXS_DATA_H */
