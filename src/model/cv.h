/*
 * cv.h -- cross-validation of a penalised path
 *
 * Folds are problems on the shared design (weight zero outside the training rows) that
 * move along the full data's lambdas together, so that the rule that ends the curve
 * sees every fold at the same lambda.
 */
#ifndef CXS_CV_H
#define CXS_CV_H

#include "coxswain/model.h"
#include "model/panel.h"
#include "resample/problem.h"

/** Curve over lambdas; arrays are owned. */
typedef struct cxs_cv {
    size_t points;  /**< lambdas evaluated: fewer than given after an early stop */
    size_t folds;   /**< folds x repeats */
    double *lambda; /**< [points] */
    double *cvm;    /**< [points] mean loss (deviance) or concordance */
    double *cvse;   /**< [points] its standard error over folds */
    size_t *used;   /**< [points] folds that converged */
    size_t best, best_1se;      /**< indices of lambda_min and lambda_1se */
    size_t best_low, best_high; /**< smallest and largest index of the minimum that a
                                     single repeat's curve has */
    int stopped;                /**< the curve ended by the early-stop rule */
} cxs_cv;

/**
 * Cross-validate at the lambdas of a path.
 *
 * @param panel shared copy of the design, or NULL: passes in float64
 * @param fold  [repeats x n] fold of each row of the design, 0 .. settings->folds - 1
 * @return CXS_OK; CXS_EDEGENERATE when a training set has no event.
 */
cxs_rc cxs_cv_run(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                  const cxs_problem *problem, const cxs_model_settings *settings,
                  const double *factor, const uint32_t *fold, const double *lambda,
                  size_t count, double reference, cxs_cv *out) CXS_MUST_USE;
void cxs_cv_free(cxs_cv *cv);

/**
 * Concordance of a linear predictor on the rows with weight > 0, within strata; the
 * outcome's own weights are not used, its offset is.
 *
 * @param eta     [outcome->n] without the offset
 * @param weight  [outcome->n]
 * @param c       (out) NaN without a comparable pair
 * @param pairs   (out) weight of the comparable pairs
 */
cxs_rc cxs_cv_concordance(cxs_ctx *ctx, const cxs_outcome *outcome,
                          const double *weight, const double *eta, double *c,
                          double *pairs) CXS_MUST_USE;

/**
 * Where the curve ends and which lambdas it names; pure function of the curve.
 *
 * Early stop: the first index that lies at least 10 past the minimum and whose cvm
 * exceeds min + 2 cvse(min).  @p larger_is_better for the concordance.  A NaN (rows
 * left out lie so far off that their likelihood is no number) is never the best.
 * @param over  (out) 1 when the rule ends the curve within these points
 * @return points to keep.
 */
size_t cxs_cv_choose(size_t points, const double *cvm, const double *cvse,
                     int larger_is_better, int early_stop, size_t *best,
                     size_t *best_1se, int *over);

#endif /* CXS_CV_H */
