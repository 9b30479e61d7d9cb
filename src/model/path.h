/*
 * path.h -- elastic-net Cox path of one problem on a shared design
 *
 * The solver that `model`, stability selection and cross-validation share.
 */
#ifndef CXS_PATH_H
#define CXS_PATH_H

#include "coxswain/model.h"
#include "model/panel.h"
#include "model/start.h"
#include "resample/problem.h"

/** One lambda of a path. */
typedef struct cxs_path_point {
    double lambda, loglik, dev_ratio, kkt_max;
    size_t df;         /**< nonzero penalised coefficients */
    size_t iterations; /**< Newton steps */
    int converged;
    size_t first, count; /**< slice of the coefficient list */
} cxs_path_point;

/** Sparse path: nonzero coefficients of lambda l are index/beta[first .. first+count).
 *  index < p is a feature, p + t is covariate t.  beta on the original scale. */
typedef struct cxs_path {
    size_t points, p, k;
    cxs_path_point *point;
    size_t coefs, capacity_points, capacity_coefs, capacity_index;
    uint32_t *index;
    double *beta;
    double lambda_max, loglik_null, loglik_saturated, weight_sum;
    double *scale; /**< [p] sd of the problem's rows (1 without standardising) */
    double *fill;  /**< [p] what missing values became, NaN where none is missing */
} cxs_path;

/**
 * Solve the path.  Missing values of the design are imputed by the mean (median) of the
 * problem's own rows with weight > 0.
 *
 * @param panel   shared copy of the design, or NULL: passes in float64
 * @param factor  [p] penalty factors or NULL (all 1)
 */
cxs_rc cxs_path_solve(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                      const cxs_problem *problem, const cxs_model_settings *settings,
                      const double *factor, cxs_path **out) CXS_MUST_USE;

/** What a path may take along and leave behind. */
typedef struct cxs_path_extra {
    cxs_start *start;   /**< coefficients to begin from, or NULL; those of one lambda */
    size_t start_index; /**< are left: this one, or 0 for the nearest to the first */
    double *eta;        /**< (out) [n x lambdas] linear predictors of all rows, see
                             cxs_solver_predict(); or NULL */
} cxs_path_extra;
cxs_rc cxs_path_solve_with(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                           const cxs_problem *problem,
                           const cxs_model_settings *settings, const double *factor,
                           const cxs_path_extra *extra, cxs_path **out) CXS_MUST_USE;
void cxs_path_free(cxs_path *path);

/**
 * The first q features that enter the path of each of several problems (ever active, in
 * order of entry; features that enter at one lambda ordered by |standardised beta|,
 * then index; never more than q), on the problem's own lambdas.  A path stops as soon
 * as q have entered.  Problems move together, a panel's width at a time.  CXS_EARG for
 * a ridge (alpha < 0.001): it selects nothing.
 *
 * @param selected  (out) [count x q] feature indices, problem after problem
 * @param found     (out) [count] how many, <= q; SIZE_MAX where no fit was possible
 */
cxs_rc cxs_path_first(cxs_ctx *ctx, cxs_panel *panel, const cxs_design *design,
                      const cxs_problem *problem, size_t count,
                      const cxs_model_settings *settings, size_t q, uint32_t *selected,
                      size_t *found) CXS_MUST_USE;

#endif /* CXS_PATH_H */
