/*
 * panel.h -- which features can matter: gradients of several problems over all columns
 *
 * A pass over all columns is done in float32 on a centred and scaled copy that all
 * problems share, several problems in one matrix product.  It only rules out: a feature
 * whose float32 gradient stays below the threshold by more than the rounding margin has
 * |g_j| < threshold for certain; every other one is computed in float64 from the values
 * as read.  So what a problem learns does not depend on who else is in the product.
 */
#ifndef CXS_PANEL_H
#define CXS_PANEL_H

#include "model/columns.h"

enum { CXS_PANEL_WIDTH = 16 }; /* problems in one product */

/** The shared copy.  Opaque. */
typedef struct cxs_panel cxs_panel;

/** Make the copy: n p floats; with design->stream only 24 bytes a column, and each pass
 *  converts the columns anew, with the same results bit for bit.  Columns with missing
 *  values, which each problem fills in its own way, are not in the copy: they pass in
 *  float64. */
cxs_rc cxs_panel_new(cxs_ctx *ctx, const cxs_design *design,
                     cxs_panel **out) CXS_MUST_USE;
void cxs_panel_free(cxs_panel *panel);

/** One problem's question and its answer. */
typedef struct cxs_gate {
    const cxs_columns *columns; /**< the problem's units and values */
    const double *factor;       /**< [p] penalty factors */
    const double *r;            /**< [n] gradient in eta, row order, summing to zero */
    double weight_sum, weight_least; /**< of the problem's rows */
    double threshold; /**< find all features with |g_j| >= threshold * factor_j > 0 */
    int want_largest; /**< find the largest |g_j| / factor_j instead */
    size_t count, capacity, capacity_g; /**< answer: features found, ascending */
    uint32_t *id;
    double *g;      /**< their gradients per unit of b, float64 */
    double largest; /**< answer to want_largest */
    float
        *ratio;  /**< [p] |g| / factor of a column whose x~'r / W is 1; 0: cannot enter,
                       NaN: values are missing; NULL until the first pass */
    float *seen; /**< [p] bound of |g| / factor at the last whole pass, with its margin:
                       rules features out while r has moved little */
    double *seen_r; /**< [n] the r of that pass */
    double spread;  /**< bound of |x~'d| / |d| over all columns for a d that is zero
                         outside the problem and sums to zero in it */
    int has_seen, renew; /**< the next pass is a whole one */
} cxs_gate;
void cxs_gate_free(cxs_gate *gate);

/** Answer @p count <= CXS_PANEL_WIDTH gates (NULL entries are skipped).  @p panel may
 * be NULL: float64 passes one by one. */
cxs_rc cxs_panel_run(cxs_ctx *ctx, cxs_panel *panel, cxs_gate *const *gate,
                     size_t count) CXS_MUST_USE;

#endif /* CXS_PANEL_H */
