/*
 * columns.h -- location and scale of the design's columns for one problem
 */
#ifndef CXS_COLUMNS_H
#define CXS_COLUMNS_H

#include "coxswain/model.h"
#include "num/cox.h"
#include "resample/problem.h"

/** Columns 0..p-1 are features, p..p+k-1 covariates. */
typedef struct cxs_columns {
    size_t n, p, k; /**< rows of the design, features, covariates */
    const cxs_design *design;
    const double *z;     /**< [n x k] */
    double *filled;      /**< the features with missing values, filled; or NULL */
    uint32_t *filled_at; /**< [p] column in filled, UINT32_MAX: nothing is missing; NULL
                              with filled */
    double *fill;      /**< [p] what missing values became, NaN where none is missing */
    double *mean, *sd; /**< [p + k] weighted, 1/W; sd 0 = constant */
    double *unit;      /**< [p + k] what one unit of b is: sd (the same array), or 1;
                              0 = constant */
} cxs_columns;

/** What one problem brings. */
typedef struct cxs_columns_of {
    const cxs_problem *problem; /**< NULL: left out */
    const cxs_risk *risk;
    cxs_columns *out;
} cxs_columns_of;

/** Compute for some problems on one design at a time, each as it would be alone: columns
 *  are read once for all.  Missing values are filled by the mean or median of the rows
 *  with weight > 0, or refused (CXS_EDEGENERATE).  On failure no out holds anything. */
cxs_rc cxs_columns_new(cxs_ctx *ctx, const cxs_design *design,
                       const cxs_model_settings *settings, const cxs_columns_of *of,
                       size_t count) CXS_MUST_USE;
void cxs_columns_free(cxs_columns *c);

/** Raw column, [n] in row order. */
const double *cxs_columns_raw(const cxs_columns *c, size_t id);

/** The raw column is not read again for now (cxs_design_drop()). */
void cxs_columns_done(const cxs_columns *c, size_t id);

/** out[risk->n] = (x - mean) / unit, time-sorted. */
void cxs_columns_gather(const cxs_columns *c, const cxs_risk *risk, size_t id,
                        double *out);

/** g[p + k] = column'r / (unit W) for all columns, 0 where constant.  r in row order.
 */
cxs_rc cxs_columns_gradient(cxs_ctx *ctx, const cxs_columns *c, const double *r,
                            double weight_sum, double *g) CXS_MUST_USE;

/** The same for one column (feature or covariate): always the same sum, so that a value
 *  does not depend on which others were asked for. */
void cxs_columns_dot(const cxs_columns *c, size_t id, const double *r,
                     double weight_sum, double *g);

#endif /* CXS_COLUMNS_H */
