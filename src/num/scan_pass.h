/*
 * scan_pass.h -- likelihood, score and information of (covariates, feature), for scan.c
 *
 * Workspace of one worker: the covariates' part is laid out once per null model, a
 * feature replaces its own lane.  Equations are numbered in scan.c.
 */
#ifndef CXS_NUM_SCAN_PASS_H
#define CXS_NUM_SCAN_PASS_H

#include "num/scan.h"

/** Lanes of one group: four doubles side by side, one processor register with AVX. Each
 *  lane is a sum of its own, so that the processor's width does not change a result. */
enum { CXS_SCAN_GROUP = 4 };

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) &&                 \
    !defined(__SANITIZE_ADDRESS__)
#define CXS_SCAN_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CXS_SCAN_EACH_CPU
#endif

/** p = k + 1 parameters, the feature last; width: p in whole groups; rows: n in whole
 *  groups.  All arrays lie in the caller's workspace. */
typedef struct cxs_scan_pass {
    size_t params, width, rows;
    double *side;            /**< [width x n] z and x of each row, side by side */
    double *columns;         /**< [rows x params] the same by columns, zero beyond n */
    double *base;            /**< [rows] linear predictor of the null model, shifted */
    double *died;            /**< [rows] w event */
    double *lin, *e;         /**< [rows] */
    double *hazard, *shared; /**< [K] sum_l wbar / S; the same weighted with f */
    double *sum_info;        /**< [width x width] */
    double *sum_mean;        /**< [width] sum wbar mean */
    double *died_sum; /**< [params + 1] sum over deaths of w v; of w base in the last */
    double *delta, *trial, *step, *grad; /**< [params] */
    double *info, *factor;               /**< [params x params] */
    double *m, *block, *kernel;          /**< general path: [M x params], cox.c's */
} cxs_scan_pass;

/** Lay the workspace out in @p work and compute what the feature does not change. */
cxs_scan_pass cxs_scan_pass_place(const cxs_scan_null *null, double *work);
void cxs_scan_pass_prepare(const cxs_scan_null *null, double *work);

/** Put a feature into its lane.  x_ts [n]. */
void cxs_scan_pass_feature(const cxs_scan_null *null, const double *x_ts,
                           cxs_scan_pass *pass);

/** Log likelihood (returned), grad and info at null model + delta; NaN out of range. */
double cxs_scan_pass_eval(const cxs_scan_null *null, cxs_scan_pass *pass,
                          const double *delta);

#endif /* CXS_NUM_SCAN_PASS_H */
