/*
 * scan_private.h -- what scan.c and scan_missing.c share
 */
#ifndef CXS_SCAN_PRIVATE_H
#define CXS_SCAN_PRIVATE_H

#include "model/scan.h"
#include "model/scan_frame.h"

/** Features of one task of the pool. */
enum { CXS_SCAN_BLOCK = 16 * CXS_SCAN_LANES };

/** What all tasks share. */
typedef struct cxs_scan_job {
    const cxs_design *design;
    const cxs_problem *problem;
    const cxs_screen_settings *settings;
    const cxs_scan_frame *frame; /**< null model of all rows */
    cxs_ties ties;
    int is_robust;
    size_t clusters;
    cxs_screen_row *rows; /**< [p], or NULL: score tests alone */
    double *z;            /**< [p] or NULL */
} cxs_scan_job;

/** Scratch of one task. */
typedef struct cxs_scan_bench {
    double *x;      /**< [n x L] features, sorted and centred */
    double *cross;  /**< [L x k] */
    double *sums;   /**< [clusters x L] */
    double *work;   /**< for the shared frame */
    double *weight; /**< [n] weights of the rows that are not missing, row order */
    double
        unit[CXS_SCAN_LANES]; /**< what 1 in a lane of x stands for: a power of two */
    cxs_scan_frame
        *own; /**< null model of the rows of pattern `own_pattern`, or NULL */
    size_t own_pattern;
} cxs_scan_bench;

/** Some features side by side; spare lanes repeat the last. */
typedef struct cxs_scan_group {
    size_t count, feature[CXS_SCAN_LANES];
} cxs_scan_group;

/** Bring a group into b->x, in units whose squares are safe, and centre it. */
void cxs_scan_load(const cxs_scan_job *job, const cxs_risk *risk,
                   const cxs_scan_group *group, cxs_scan_bench *b, cxs_lane_moments *m);

/** Score tests and fits of a loaded group on all rows of the frame's null model; n,
 *  events and missing of the rows are filled already. */
void cxs_scan_group_fit(const cxs_scan_job *job, const cxs_scan_null *null,
                        const cxs_scan_group *group, const cxs_lane_moments *m,
                        cxs_scan_bench *b, double *work);

/** Fits of the lanes whose z is known, from where cxs_scan_begin() or _own() left the
 *  workspace. */
void cxs_scan_group_rows(const cxs_scan_job *job, const cxs_scan_null *null,
                         const cxs_scan_group *group, const cxs_lane_moments *m,
                         const cxs_lane_score *score, const double *z,
                         cxs_scan_bench *b, double *work);

/** Score z; NaN when the covariates explain the feature.  unit: information of a column
 *  of this variance that they do not explain. */
double cxs_scan_z(const cxs_lane_score *score, size_t l, double unit);

/** Features that miss rows. */
cxs_rc cxs_scan_missing(cxs_ctx *ctx, const cxs_scan_job *job, size_t count,
                        const size_t *feature, cxs_scan_bench *b) CXS_MUST_USE;

/** A row without numbers. */
void cxs_scan_empty_row(cxs_screen_row *row, cxs_status status);

#endif /* CXS_SCAN_PRIVATE_H */
