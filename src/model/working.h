/*
 * working.h -- the working set: gathered columns and their Gram under the Cox Hessian
 *
 * Columns are time-sorted, centred and divided by their sd.  With H = diag(a) - M'M
 * (cox.h) the Gram is X'(a X) - (MX)'(MX), divided by W.  It belongs to one reference
 * point; columns that enter later are brought in at the same point, so that the Gram
 * stays positive semidefinite.
 *
 * From one event to the next the mean of a column over the risk set hardly moves, so
 * neighbouring terms share a row of M: the weighted mean of theirs.  A mean of means has
 * no larger square than they have (Jensen), so the Gram is a little above the Hessian,
 * never below, and stays positive semidefinite; M has some 100 rows instead of one for
 * each event.
 *
 * Large products are done in float32: the Gram steers the steps, gradients and
 * likelihood, in float64, decide where they end.
 */
#ifndef CXS_WORKING_H
#define CXS_WORKING_H

#include "base/base.h"
#include "num/cox.h"

/** Columns per task of a product: fixed, so that threads do not change a bit. */
enum { CXS_WORKING_TILE = 256 };

typedef struct cxs_working {
    size_t n, terms, total; /**< rows, likelihood terms, columns that exist */
    size_t m, capacity;     /**< columns held */
    uint32_t *id;           /**< [m] which column */
    uint32_t *slot;         /**< [total] place of a column, UINT32_MAX when outside */
    double *b, *l1, *l2;    /**< [m] standardised coefficients and penalty weights */
    double *x;              /**< [n x m] */
    double *mx;             /**< [groups x m] means over the risk sets / sqrt(W) */
    uint32_t *group;        /**< [terms] row of mx that a term is part of */
    double *share;          /**< [terms] weight of the term in it */
    size_t groups;
    double *aw;              /**< [n] a / W */
    double *ax;              /**< [n x CXS_WORKING_TILE] a x / W of some columns */
    float *x32, *ax32;       /**< x and ax in float32 */
    size_t x32_m;            /**< columns of x that x32 has */
    int in_float;            /**< some of the Gram was made in float32 */
    int double_only;         /**< that was not enough: not again */
    double *gram;            /**< [m x m], leading dimension `capacity`; made by
                                  cxs_working_refresh() and cxs_working_extend() */
    size_t gram_ld;          /**< capacity that it was made for */
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

/** g = X'r / W of the held columns from..m, g[m], on all threads when there is enough to
 *  do. */
cxs_rc cxs_working_gradient(cxs_ctx *ctx, const cxs_working *w, size_t from,
                            const double *r, double weight_sum, double *g) CXS_MUST_USE;

/** eta[n] = X b, likewise. */
cxs_rc cxs_working_predict(cxs_ctx *ctx, const cxs_working *w, const double *b,
                           double *eta) CXS_MUST_USE;

/** Bring columns added since into the Gram at the reference point, likewise. */
cxs_rc cxs_working_extend(cxs_ctx *ctx, cxs_working *w,
                          const cxs_risk *risk) CXS_MUST_USE;

/** Give the memory of the Gram back; the next one is a cxs_working_refresh(). */
void cxs_working_drop_gram(cxs_working *w);

#endif /* CXS_WORKING_H */
