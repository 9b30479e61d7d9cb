/*
 * scan.h -- one feature after another beside the same covariates
 *
 * The covariates' own fit (the null model) is computed once; CXS_SCAN_LANES features
 * then go side by side through a score test of one pass over the rows and a fit of a
 * few passes.  Features are in the sorted order of the risk sets and centred (any
 * centre; it only saves digits); lane l of row i at l + i * CXS_SCAN_LANES.  Nothing
 * that happens in one lane changes the numbers of another.  Equations are numbered in
 * scan.c.
 */
#ifndef CXS_NUM_SCAN_H
#define CXS_NUM_SCAN_H

#include "num/cox.h"

enum { CXS_SCAN_LANES = 8 };

/** The null model: borrowed arrays, k columns without constant and aliased ones. */
typedef struct cxs_scan_null {
    const cxs_risk *risk;
    const cxs_cox_state *state; /**< at eta_ts */
    size_t k;
    const double *z_ts;   /**< [n x k] columns */
    const double *hz_ts;  /**< [n x k] H z of each column */
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
    double loglik[CXS_SCAN_LANES];   /**< of the lane's null model */
} cxs_lane_score;

typedef enum cxs_scan_end {
    CXS_SCAN_CONVERGED,
    CXS_SCAN_SEPARATED,
    CXS_SCAN_UNFINISHED
} cxs_scan_end;

/** Fits of the lanes. */
typedef struct cxs_lane_fit {
    double b[CXS_SCAN_LANES], se[CXS_SCAN_LANES], loglik[CXS_SCAN_LANES];
    cxs_scan_end end[CXS_SCAN_LANES];
} cxs_lane_fit;

/** When a fit ends: the decrement is <= tol (1 + |loglik|). */
typedef struct cxs_scan_limits {
    size_t max_iterations;
    double tol;
} cxs_scan_limits;

/** @return doubles of workspace of the functions below. */
size_t cxs_scan_work_size(const cxs_scan_null *null);
/** Fill the workspace with what is common to all features; once before the others. */
void cxs_scan_prepare(const cxs_scan_null *null, double *work);

/**
 * Score test at the null model of all rows, eq. (1).
 *
 * @param cross  (out) [CXS_SCAN_LANES x k] x'HZ, lanes contiguous
 */
void cxs_scan_score_lanes(const cxs_scan_null *null, const double *x_lanes,
                          cxs_lane_score *score, double *cross, double *work);

/** Begin the fits of these features where the score test left them; factor [lanes]:
 * what brings each to sd 1, zero for a lane without a feature. */
void cxs_scan_begin(const cxs_scan_null *null, const double *x_lanes,
                    const cxs_lane_score *score, const double *cross,
                    const double *factor, double *work);

/**
 * Null models of the lanes' own rows, where x_lanes is not NaN, score tests there and
 * begin of the fits; numbers are per sd.  cxs_scan_begin() then needs
 * cxs_scan_prepare() anew.
 *
 * @param factor  [lanes] what brings each feature to sd 1
 * @param known   [lanes] 1: the null model is in shift
 * @param shift   (in, out) [k x CXS_SCAN_LANES] its coefficients less those of all rows
 * @param plain   (out) [lanes] 0: not converged, or a covariate is aliased or runs away
 *                on these rows: they need a null model of their own
 */
void cxs_scan_begin_own(const cxs_scan_null *null, const double *x_lanes,
                        const double *factor, const cxs_scan_limits *limits,
                        const uint8_t *known, double *shift, uint8_t *plain,
                        cxs_lane_score *score, double *work);

/** Newton-Raphson on (covariates, x) in the wanted lanes, after cxs_scan_begin();
 * score: where they began.  Numbers are per sd. */
void cxs_scan_newton(const cxs_scan_null *null, const uint8_t wanted[CXS_SCAN_LANES],
                     const cxs_scan_limits *limits, const cxs_lane_score *score,
                     cxs_lane_fit *fit, double *work);

/**
 * Robust standard errors of converged lanes, directly after cxs_scan_newton(), eq. (4).
 *
 * @param cluster  [rows of the caller] numbers below `clusters`; NULL: rows by
 * themselves
 * @param sums     (workspace) [clusters x CXS_SCAN_LANES]
 */
void cxs_scan_robust(const cxs_scan_null *null, const uint32_t *cluster,
                     size_t clusters, double *sums, double se[CXS_SCAN_LANES],
                     double *work);

#endif /* CXS_NUM_SCAN_H */
