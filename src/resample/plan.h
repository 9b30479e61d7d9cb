/*
 * plan.h -- every random split of the project, made before anything runs
 *
 * Subjects, not rows, are the unit; strata are (stratum, event of the subject's last
 * row).  Draws are keyed by (seed, purpose, replicate, rank of the id), so a plan does
 * not depend on row order, threads or shards.
 */
#ifndef CXS_PLAN_H
#define CXS_PLAN_H

#include "base/base.h"
#include "base/stream.h"
#include "coxswain/study.h"

/** fold[n_rows] in 0..folds-1, balanced by stratum and event.  CXS_EARG when folds >
 *  subjects. */
cxs_rc cxs_plan_folds(cxs_ctx *ctx, const cxs_surv *surv, size_t folds, uint64_t seed,
                      size_t repeat, uint32_t *fold) CXS_MUST_USE;

/**
 * The same for another purpose, and among the rows with use[n_rows] != 0 alone (NULL:
 * all): the event of no other row decides anything.  Rows of one subject must agree in
 * @p use; fold is 0 where it is 0.
 */
cxs_rc cxs_plan_folds_among(cxs_ctx *ctx, const cxs_surv *surv, const uint8_t *use,
                            size_t folds, uint64_t seed, cxs_purpose purpose,
                            size_t repeat, uint32_t *fold) CXS_MUST_USE;

/** Complementary halves of pair b: half[n_rows] is 0 or 1; strata are halved as evenly
 *  as possible. */
cxs_rc cxs_plan_halves(cxs_ctx *ctx, const cxs_surv *surv, uint64_t seed, size_t pair,
                       uint8_t *half) CXS_MUST_USE;

/** Multiplicity of each row in bootstrap b of subjects within strata. */
cxs_rc cxs_plan_bootstrap(cxs_ctx *ctx, const cxs_surv *surv, uint64_t seed,
                          size_t replicate, double *weight) CXS_MUST_USE;

/** Permutation b within strata: row i of the matrix gets the outcome tuple of row
 *  from[i]. */
cxs_rc cxs_plan_permutation(cxs_ctx *ctx, const cxs_surv *surv, uint64_t seed,
                            size_t replicate, size_t *from) CXS_MUST_USE;

#endif /* CXS_PLAN_H */
