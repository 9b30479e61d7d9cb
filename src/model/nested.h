/*
 * nested.h -- what the whole selection is worth on patients it has not seen
 *
 * In every outer training set the path, its lambdas, the inner cross-validation and the
 * rule are done anew; the patients left out judge the model that was chosen.  Apparent
 * figures of the same selection are optimistic (Varma and Simon 2006).
 */
#ifndef CXS_NESTED_H
#define CXS_NESTED_H

#include "model/cv.h"
#include "model/path.h"

/** The selection on one training set; owned. */
typedef struct cxs_selection {
    cxs_path *path;
    cxs_cv cv;
    size_t chosen; /**< lambda of the path that the rule names */
    double *eta;   /**< [n] linear predictor there, all rows of the design, no offset */
} cxs_selection;

/**
 * Path and inner cross-validation on the rows of @p problem with weight > 0 alone: no
 * outcome of another row decides anything.
 *
 * @param surv       the follow-up whose rows are those of the design (ids and strata)
 * @param replicate  keys the draws of the inner folds
 */
cxs_rc cxs_nested_select(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                         const cxs_problem *problem, const cxs_surv *surv,
                         const cxs_model_settings *settings, const double *factor,
                         size_t replicate, cxs_selection *out) CXS_MUST_USE;
void cxs_selection_free(cxs_selection *selection);

/** One outer fold; indices from 0. */
typedef struct cxs_nested_fold {
    size_t repeat, fold, lambda_index, df;
    double lambda;
    double concordance, pairs; /**< of the rows left out; NaN without a pair */
    double deviance; /**< -2 [ l(beta) - l_training(beta) ], as a fold's of cv.h */
    int converged;   /**< the chosen lambda */
} cxs_nested_fold;

/** All outer folds; arrays are owned. */
typedef struct cxs_nested {
    size_t count; /**< outer folds x repeats */
    cxs_nested_fold *fold;
    size_t *selected; /**< [p] outer folds whose model holds the feature */
    double *eta;      /**< [n x repeats] linear predictor by the model of the outer fold
                           that left the row out, without the offset */
    double concordance, concordance_sd; /**< mean of the repeats, each weighted by
                                           pairs; their sd, NaN with one repeat */
    double deviance; /**< sum over the folds / W, mean of the repeats, as cvm */
} cxs_nested;

/** @return CXS_OK; CXS_EDEGENERATE when an outer or inner training set has no event;
 *          CXS_EARG when there are more folds than subjects. */
cxs_rc cxs_nested_run(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                      const cxs_problem *problem, const cxs_surv *surv,
                      const cxs_model_settings *settings, const double *factor,
                      cxs_nested *out) CXS_MUST_USE;
void cxs_nested_free(cxs_nested *nested);

#endif /* CXS_NESTED_H */
