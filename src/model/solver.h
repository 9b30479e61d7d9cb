/*
 * solver.h -- penalised Cox of one problem, one lambda after the other
 *
 * Proximal Newton with the exact Hessian on a working set of columns; every lambda ends
 * with a certificate over all features in float64.  A path, a cross-validation fold and
 * a half-sample are the same object fed with other lambdas.
 */
#ifndef CXS_SOLVER_H
#define CXS_SOLVER_H

#include "coxswain/model.h"
#include "model/panel.h"
#include "num/enet.h"
#include "resample/problem.h"

typedef struct cxs_solver cxs_solver;

/** Outcome of one lambda. */
typedef struct cxs_solved {
    double lambda, loglik, kkt_max;   /**< kkt_max relative to lambda_max */
    size_t df, iterations, refreshes; /**< Newton steps; Gram computed anew */
    size_t passes;                    /**< passes over all columns */
    cxs_quad_effort effort;
    int converged;
} cxs_solved;

/**
 * Set up in three steps: sort the outcome; scale the columns, of several solvers on one
 * design at a time; fit the unpenalised terms.
 *
 * @param factor  [p] penalty factors or NULL (all 1); INFINITY excludes
 * @return CXS_OK; CXS_EDEGENERATE without an event, or when missing values are refused;
 *         CXS_EARG for a negative factor; CXS_ENOMEM.
 * design, problem and settings are borrowed for the life of the solver.
 */
cxs_rc cxs_solver_new(cxs_ctx *ctx, const cxs_design *design,
                      const cxs_problem *problem, const cxs_model_settings *settings,
                      const double *factor, cxs_solver **out) CXS_MUST_USE;
/** @param s  [count] entries may be NULL */
cxs_rc cxs_solver_scale_columns(cxs_ctx *ctx, cxs_solver *const *s,
                                size_t count) CXS_MUST_USE;
cxs_rc cxs_solver_fit_null(cxs_ctx *ctx, cxs_solver *s) CXS_MUST_USE;
void cxs_solver_free(cxs_solver *s);

/** Largest lambda at which a penalised coefficient can be nonzero; 0 when no feature
 *  varies with the outcome. */
double cxs_solver_lambda_max(const cxs_solver *s);
/** Log partial likelihood at beta = 0 (with offset), and the saturated one. */
double cxs_solver_loglik_null(const cxs_solver *s);
double cxs_solver_loglik_saturated(const cxs_solver *s);
double cxs_solver_weight_sum(const cxs_solver *s);
/** [p] sd used as the unit of b (1 without standardising; 0: constant or excluded). */
const double *cxs_solver_scale(const cxs_solver *s);
/** [p] what missing values became in the problem, NaN where none is missing. */
const double *cxs_solver_fill(const cxs_solver *s);

/*
 * One lambda in phases, so that several problems can share the pass over all columns:
 *   aim;  if it needs a list: ask, pass, review;
 *   then until review says done:  advance, ask, pass (cxs_panel_run), review.
 * batch.h does this; phases of different solvers may run on different threads.
 */

/** @p next is the lambda that follows (NaN: none), a hint for the strong rule;
 *  @p reference divides kkt_max (the lambda_max of the full data in cross-validation).
 */
void cxs_solver_aim(cxs_solver *s, double lambda, double next, double reference);
/** @return 1 when the strong rule needs a pass at the present point first. */
int cxs_solver_needs_list(const cxs_solver *s);
/** Solve on the working set. */
cxs_rc cxs_solver_advance(cxs_ctx *ctx, cxs_solver *s) CXS_MUST_USE;
/** The question to the pass; answered in place.  NULL: nothing to ask (a ridge). */
cxs_gate *cxs_solver_ask(cxs_solver *s);
/** Judge the answer; *done = 1 when the lambda is certified or given up. */
cxs_rc cxs_solver_review(cxs_ctx *ctx, cxs_solver *s, int *done) CXS_MUST_USE;
cxs_solved cxs_solver_solved(const cxs_solver *s);

/** After cxs_solver_fit_null(): the question for lambda_max, and taking its answer. */
cxs_gate *cxs_solver_ask_largest(cxs_solver *s);
void cxs_solver_take_largest(cxs_solver *s);

/**
 * Begin the next lambda at given coefficients instead of the fit without features,
 * where the objective at @p lambda is lower there; after the answer for lambda_max.
 *
 * @param index, beta  [count] as cxs_solver_coefs() gives them; those of columns that
 *                     are constant or excluded are ignored
 */
cxs_rc cxs_solver_start(cxs_ctx *ctx, cxs_solver *s, double lambda,
                        const uint32_t *index, const double *beta,
                        size_t count) CXS_MUST_USE;

/** Nonzero coefficients now: index < p is a feature, p + t covariate t; ascending
 * index.
 *  @param index, beta  [capacity] filled up to it; beta on the original scale
 *  @return how many there are. */
size_t cxs_solver_coefs(const cxs_solver *s, uint32_t *index, double *beta,
                        size_t capacity);
/** Linear predictor of every row of the design (features and covariates; without the
 *  offset), eta[design.n]: rows outside the problem get their missing values filled by
 *  the problem's own means. */
void cxs_solver_predict(const cxs_solver *s, double *eta);
/** Columns held now, and the index and standardised coefficient of the i-th. */
size_t cxs_solver_held(const cxs_solver *s);
size_t cxs_solver_held_at(const cxs_solver *s, size_t i, double *b);

#endif /* CXS_SOLVER_H */
