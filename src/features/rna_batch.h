/*
 * rna_batch.h -- do the main axes of expression go with batch or centre
 */
#ifndef CXS_FEATURES_RNA_BATCH_H
#define CXS_FEATURES_RNA_BATCH_H

#include "coxswain/features.h"
#include "num/kruskal.h"

enum { CXS_AXES = 2 }; /* PC1, PC2 */

/* A grouping of the samples. */
typedef struct cxs_grouping {
    const char *name;      /* static: "BATCH" */
    const uint32_t *group; /* [n]; UINT32_MAX: not known */
    size_t groups;
} cxs_grouping;

typedef struct cxs_batch_row {
    size_t axis; /* 0: PC1 */
    const char *variable;
    size_t n, levels; /* samples and groups that have both */
    cxs_kruskal test;
} cxs_batch_row;

typedef struct cxs_batch {
    size_t n, rows;
    char **sample;          /* [n] */
    double *score;          /* [n x CXS_AXES], NaN where a sample was not used */
    double share[CXS_AXES]; /* of the variance */
    cxs_batch_row *row;     /* [rows] */
} cxs_batch;

/*
 * Axes of the genes of a matrix of features (not its signatures) and their association
 * with groupings of two levels or more.  *out is NULL where there is none of those, or
 * no more than two samples or one gene: then nothing is to be said.
 */
cxs_rc cxs_batch_make(cxs_ctx *ctx, const cxs_matrix *m, const cxs_grouping *grouping,
                      size_t groupings, cxs_batch **out) CXS_MUST_USE;
void cxs_batch_free(cxs_batch *batch);

/* The same for the baseline samples of a study (BATCH, CENTER_ID), into f->batch; a
 * warning for each p below 0.01. */
cxs_rc cxs_batch_study(cxs_ctx *ctx, cxs_study *study, cxs_features *f) CXS_MUST_USE;

/* PREFIX.batch.tsv: component share variable levels n statistic df p eta_squared;
 * PREFIX.components.tsv: sample_id PC1 PC2. */
cxs_rc cxs_batch_write(cxs_ctx *ctx, const cxs_batch *batch, const char *prefix,
                       cxs_record *record) CXS_MUST_USE;

#endif /* CXS_FEATURES_RNA_BATCH_H */
