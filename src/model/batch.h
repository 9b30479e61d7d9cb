/*
 * batch.h -- several problems on one design, in lock step
 *
 * Folds, half-samples and the full data are solvers that share the design's float32
 * copy: one pass over all columns answers all of them, inner solves run one problem per
 * thread. Results of a problem do not depend on the others (panel.h).
 */
#ifndef CXS_BATCH_H
#define CXS_BATCH_H

#include "model/solver.h"

/** One problem of a batch and what it should do next. */
typedef struct cxs_member {
    const cxs_problem *problem;
    cxs_solver *solver;             /**< NULL when it could not be set up */
    double lambda, next, reference; /**< next lambda; its successor or NaN; see aim */
    cxs_solved solved;              /**< outcome */
    int idle;                       /**< leave out of the next solve */
} cxs_member;

/** Set up the solvers of @p count members and their lambda_max.  Members whose problem
 * has no event keep solver = NULL and are idle (with one member: the failure is
 * returned). */
cxs_rc cxs_batch_start(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                       const cxs_model_settings *settings, const double *factor,
                       cxs_member *member, size_t count) CXS_MUST_USE;

/** Bring every member that is not idle to its lambda. */
cxs_rc cxs_batch_solve(cxs_ctx *ctx, cxs_panel *panel, cxs_member *member,
                       size_t count) CXS_MUST_USE;

void cxs_batch_end(cxs_member *member, size_t count);

#endif /* CXS_BATCH_H */
