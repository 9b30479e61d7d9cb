/*
 * budget.h -- how much memory fits will take, and what to do when that is too much
 *
 * Counted are the blocks whose size grows with n, p and the number of problems; sizes
 * that only the data decide (features that a path holds) are guesses that are stated in
 * budget.c.  Measured: within 20 % of the peak.
 */
#ifndef CXS_BUDGET_H
#define CXS_BUDGET_H

#include "coxswain/model.h"
#include "resample/problem.h"

/** Memory of one run, in bytes on top of what is in use when it is asked. */
typedef struct cxs_budget {
    double work; /**< whatever the way */
    double copy; /**< float32 copy of the design: not needed with design->stream */
} cxs_budget;

/** One problem of many on a design. */
typedef struct cxs_budget_problem {
    size_t rows, events, k; /**< its own rows and events; unpenalised columns */
    size_t held;            /**< columns in its working set at most */
    size_t missing;         /**< features with missing values */
    int ridge;              /**< alpha = 0 by the n x n form */
    int mixed;              /**< 0 < alpha < 1: on the rows once columns are many */
} cxs_budget_problem;
double cxs_budget_solver(const cxs_design *design, const cxs_budget_problem *problem);
/** Passes over all columns: the copy into b->copy, the rest into b->work. */
void cxs_budget_panel(const cxs_ctx *ctx, const cxs_design *design, cxs_budget *b);
/** The adjusted scan of all features, without the rows of its result. */
double cxs_budget_scan(const cxs_ctx *ctx, const cxs_design *design, size_t k);
/** @return features of the design with missing values. */
cxs_rc cxs_budget_missing(cxs_ctx *ctx, const cxs_design *design,
                          size_t *features) CXS_MUST_USE;

/**
 * Compare with the limit, choose the way, say what is expected (cxs_memory_expect()).
 * The fast way where it fits; else design->stream is set, which changes no result.
 * @return CXS_OK; CXS_EBUDGET when that is too much as well.
 */
cxs_rc cxs_budget_settle(cxs_ctx *ctx, cxs_design *design,
                         const cxs_budget *b) CXS_MUST_USE;

/** `model`: path and cross-validation.  `screen`: the scan and its table. */
cxs_rc cxs_budget_model(cxs_ctx *ctx, cxs_joined *joined,
                        const cxs_model_settings *settings) CXS_MUST_USE;
cxs_rc cxs_budget_screen(cxs_ctx *ctx, cxs_joined *joined) CXS_MUST_USE;

#endif /* CXS_BUDGET_H */
