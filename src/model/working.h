/*
 * working.h -- the working set: gathered columns and their Gram under the Cox Hessian
 *
 * Columns are time-sorted, centred and divided by their sd.  With H = diag(a) - M'M
 * (cox.h) the Gram is (sqrt(a) X)'(sqrt(a) X) - (MX)'(MX), divided by W: two rank-k
 * updates.  It belongs to one reference point; columns that enter later are brought in
 * at the same point, so that the Gram stays positive semidefinite.
 */
#ifndef CXS_WORKING_H
#define CXS_WORKING_H

#include "base/base.h"
#include "num/cox.h"

typedef struct cxs_working {
    size_t n, terms, total;  /**< rows, likelihood terms, columns that exist */
    size_t m, capacity;      /**< columns held */
    uint32_t *id;            /**< [m] which column */
    uint32_t *slot;          /**< [total] place of a column, UINT32_MAX when outside */
    double *b, *l1, *l2;     /**< [m] standardised coefficients and penalty weights */
    double *x;               /**< [n x m] */
    double *ax, *mx;         /**< [n x m] sqrt(a/W) x, [terms x m] means / sqrt(W) */
    double *gram;            /**< [m x m], leading dimension `capacity` */
    size_t gram_m;           /**< columns whose Gram is in place */
    cxs_cox_state reference; /**< state at the reference point */
    double *reference_memory;
    int has_reference;
} cxs_working;

cxs_rc cxs_working_init(cxs_ctx *ctx, cxs_working *w, const cxs_risk *risk,
                        size_t total) CXS_MUST_USE;
void cxs_working_free(cxs_working *w);

/** Add column @p id with b = 0; returns its place for the caller to fill x. */
cxs_rc cxs_working_add(cxs_ctx *ctx, cxs_working *w, uint32_t id,
                       double **x) CXS_MUST_USE;

/** Keep the columns with keep[i] != 0, in order.  The Gram must be refreshed. */
void cxs_working_prune(cxs_working *w, const uint8_t *keep);

/** Make @p state the reference point and compute the whole Gram, on all threads. */
cxs_rc cxs_working_refresh(cxs_ctx *ctx, cxs_working *w, const cxs_risk *risk,
                           const cxs_cox_state *state) CXS_MUST_USE;

/** g[m] = X'r / W over the held columns, on all threads when there is enough to do. */
cxs_rc cxs_working_gradient(cxs_ctx *ctx, const cxs_working *w, const double *r,
                            double weight_sum, double *g) CXS_MUST_USE;

/** eta[n] = X b, likewise. */
cxs_rc cxs_working_predict(cxs_ctx *ctx, const cxs_working *w, const double *b,
                           double *eta) CXS_MUST_USE;

/** Bring columns added since into the Gram at the reference point. */
void cxs_working_extend(cxs_working *w, const cxs_risk *risk, double *work);

#endif /* CXS_WORKING_H */
