/*
 * scan_pass.h -- likelihood, score and information of (covariates, feature) for the
 * features of the lanes, for scan.c
 *
 * Workspace of one worker: the covariates' part is laid out once per null model, eight
 * features replace the lanes.  Every lane is a sum of its own, so that neither its
 * neighbours nor the processor's width change a result.  Equations are numbered in
 * scan.c.
 */
#ifndef CXS_NUM_SCAN_PASS_H
#define CXS_NUM_SCAN_PASS_H

#include "num/scan.h"

/**
 * params = k + 1, the feature last; pairs = params (params + 1) / 2, element (c, b),
 * b <= c, at c (c + 1) / 2 + b.  Arrays [m x L] have the lanes of an element side by
 * side, L = CXS_SCAN_LANES.  All lie in the caller's workspace.
 */
typedef struct cxs_scan_pass {
    size_t params, pairs;
    double *z;      /**< [n x k] covariates of each row side by side */
    double *hz;     /**< [n x k] H times the covariates, side by side */
    double *base;   /**< [n] linear predictor of the null model, shifted */
    double *x;      /**< [n x L] features, zero where missing */
    double *weight; /**< [n x L] case weights, zero where missing */
    double *e;      /**< [n x L] weight exp(linear predictor) */
    double *y;      /**< [n x L] score residuals of one direction */
    double *wbar;   /**< [M x L] weight of a term, zero: not a term of this lane */
    double *frac;   /**< [M x L] f of a term */
    double *run;    /**< [M x L] wbar, or that of the term before in the pass */
    uint8_t *turns; /**< [M] run differs from the term before in some lane */
    double *hazard; /**< [K x L] sum_l wbar / S */
    double *shared; /**< [K x L] the same weighted with f */
    double *moved;  /**< [3 K x L] residuals: hazard and shared times the mean of y; the
                         mean */
    double *tree;   /**< [2 K x (params + 1) x L] with delayed entry */
    double *died;   /**< [(params + 1) x L] sum over deaths of w v; of w base */
    double *unit;   /**< [L] weight of the lane's deaths */
    double *delta;  /**< [params x L] where the lanes stand */
    double *grad;   /**< [params x L] there */
    double *info;   /**< [pairs x L] there */
    double *step;   /**< [params x L] information^-1 score */
    double *factor; /**< [pairs x L] LDL' of info: inverse pivots, zero when aliased */
    double *pivot;  /**< [L] information of the feature given the covariates */
    double *gain;   /**< [L] decrement: step'score */
    double *trial;  /**< [params x L] where eval() looks */
    double *trial_grad, *trial_info,
        *trial_loglik; /**< its answer; NaN: out of range */
    double *spare;     /**< [(5 params + 2 + pairs) x L] */
} cxs_scan_pass;

/** Lay the workspace out in @p work and compute what the features do not change. */
cxs_scan_pass cxs_scan_pass_place(const cxs_scan_null *null, double *work);
void cxs_scan_pass_prepare(const cxs_scan_null *null, double *work);

/** Which rows belong to each lane: those where its feature is not NaN; [n x L]. */
void cxs_scan_pass_rows(const cxs_scan_null *null, const double *x_lanes, double *work);
/** What is compiled for several vector widths; the bits are the same for all. */
typedef struct cxs_scan_kernels {
    /** exp, relative error <= 2 ulp; log of normal positive numbers, the same or 2 ulp
     *  of one. */
    void (*exp)(size_t n, const double *x, double *out);
    void (*log)(size_t n, const double *x, double *out);
    /** Centre the lanes of x [n x L]. */
    void (*centre)(size_t n, const double *weight, double *x,
                   cxs_lane_moments *moments);
    /** Put features, times factor[l], into the lanes; zero where NaN. */
    void (*features)(const cxs_scan_null *null, const cxs_scan_pass *pass,
                     const double *x, const double *factor);
    /** u, info and cross of the score test of the features in x. */
    void (*score)(const cxs_scan_null *null, const cxs_scan_pass *pass,
                  cxs_lane_score *score, double *cross);
    /** Log likelihood, score and information at null model + trial. */
    void (*eval)(const cxs_scan_null *null, const cxs_scan_pass *pass);
    /** Factor info; pivot, step and gain.  fixed: the feature stays where it is. */
    void (*solve)(const cxs_scan_pass *pass, int fixed);
    /** dfbeta of the feature for each row into y: I^-1 times the score residuals, after
     *  eval() and solve() at the fit. */
    void (*dfbeta)(const cxs_scan_null *null, const cxs_scan_pass *pass);
} cxs_scan_kernels;

extern const cxs_scan_kernels cxs_scan_kernels_2, cxs_scan_kernels_4,
    cxs_scan_kernels_8;
/** @return kernels of vectors of 2, 4 or 8 doubles; NULL: not on this processor. */
const cxs_scan_kernels *cxs_scan_kernels_of(int width);
/** @return the widest of this processor. */
const cxs_scan_kernels *cxs_scan_kernels_here(void);

#endif /* CXS_NUM_SCAN_PASS_H */
