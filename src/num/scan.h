/*
 * scan.h -- one feature after another beside the same covariates
 *
 * The covariates' own fit (the null model) is computed once; a feature then costs one
 * pass over the rows for its score test and a few passes for its fit.  x is a feature
 * in the sorted order of the risk sets, centred (any centre; it only saves digits).
 * Equations are numbered in scan.c.
 */
#ifndef CXS_NUM_SCAN_H
#define CXS_NUM_SCAN_H

#include "num/cox.h"

/** Features handled side by side in the score pass. */
enum { CXS_SCAN_LANES = 8 };

/** The null model: borrowed arrays, k columns without constant and aliased ones. */
typedef struct cxs_scan_null {
    const cxs_risk *risk;
    const cxs_cox_state *state; /**< at eta_ts */
    size_t k;
    const double *z_ts;   /**< [n x k] columns */
    const double *hz_ts;  /**< [n x k] H z of each column */
    const double *eta_ts; /**< [n] fitted linear predictor without the offset */
    const double *lin_ts; /**< [n] eta + offset less the maximum of the stratum */
    const double *info;   /**< [k x k] Z'HZ */
    const double *factor; /**< [k x k] its Cholesky factor, cxs_newton_factor() */
    double loglik;
} cxs_scan_null;

/** Score, information alone and information given the covariates of the lanes. */
typedef struct cxs_lane_score {
    double u[CXS_SCAN_LANES];        /**< x'r */
    double info[CXS_SCAN_LANES];     /**< x'Hx */
    double variance[CXS_SCAN_LANES]; /**< x'Hx - x'HZ (Z'HZ)^-1 Z'Hx */
} cxs_lane_score;

/** @return doubles of workspace of the functions below. */
size_t cxs_scan_work_size(const cxs_scan_null *null);
/** Fill the workspace with what is common to all features; once before the others. */
void cxs_scan_prepare(const cxs_scan_null *null, double *work);

/**
 * Score test of CXS_SCAN_LANES features, eq. (1).
 *
 * @param x_lanes  [CXS_SCAN_LANES x n] lane l of row i at l + i * CXS_SCAN_LANES
 * @param cross    (out) [CXS_SCAN_LANES x k] x'HZ, lanes contiguous
 */
void cxs_scan_score_lanes(const cxs_scan_null *null, const double *x_lanes,
                          cxs_lane_score *score, double *cross, double *work);

typedef enum cxs_scan_end {
    CXS_SCAN_CONVERGED,
    CXS_SCAN_SEPARATED,
    CXS_SCAN_UNFINISHED
} cxs_scan_end;

/** Fit of one feature. */
typedef struct cxs_scan_fit {
    double b, se, loglik;
    cxs_scan_end end;
} cxs_scan_fit;

/**
 * Newton-Raphson on (covariates, x) from the null model.
 *
 * @param x_ts   [n] feature, centred, sd 1
 * @param u      its score at the null model, info its information, cross [k] its x'HZ
 * @param tol    the fit has converged when the decrement is <= tol (1 + |loglik|)
 */
cxs_scan_fit cxs_scan_newton(const cxs_scan_null *null, const double *x_ts, double u,
                             double info, const double *cross, size_t max_iterations,
                             double tol, double *work);

#endif /* CXS_NUM_SCAN_H */
