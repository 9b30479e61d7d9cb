/*
 * scan_frame.h -- a null model made ready for the scan's kernels
 */
#ifndef CXS_SCAN_FRAME_H
#define CXS_SCAN_FRAME_H

#include "model/cox_newton.h"
#include "num/scan.h"
#include "resample/problem.h"

/** Null model of one set of rows.  Owned; free with cxs_scan_frame_free(). */
typedef struct cxs_scan_frame {
    cxs_newton *newton;
    cxs_scan_null null; /**< points into newton and the arrays below */
    double *z_ts, *hz_ts, *lin_ts, *info, *factor;
    double *work; /**< [cxs_scan_work_size()] for one worker */
} cxs_scan_frame;

/**
 * Fit the covariates of the problem alone.
 *
 * @param weight  [n] instead of the problem's weights (zero: left out); NULL: the
 *                problem's own
 * @return CXS_OK; CXS_EDEGENERATE when these rows hold no event; CXS_ENOMEM.
 */
cxs_rc cxs_scan_frame_new(cxs_ctx *ctx, const cxs_problem *problem,
                          const double *weight, cxs_ties ties,
                          cxs_scan_frame **out) CXS_MUST_USE;
void cxs_scan_frame_free(cxs_scan_frame *frame);

#endif /* CXS_SCAN_FRAME_H */
