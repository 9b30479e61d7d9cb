/*
 * figures.h -- the figures of a report, each on a canvas with its text alternative
 *
 * Every function gives *out = NULL with CXS_OK when there is nothing to draw.
 */
#ifndef CXS_FIGURES_H
#define CXS_FIGURES_H

#include "report/axis.h"
#include "report/load.h"

/* Patients into the analysis set: boxes from top to bottom, exclusions at the side. */
cxs_rc cxs_figure_flow(cxs_ctx *ctx, const cxs_loaded *d, size_t min_cell,
                       cxs_canvas **out) CXS_MUST_USE;

/* Hazard ratios with intervals of the first @p rows indicators, log scale. */
cxs_rc cxs_figure_forest(cxs_ctx *ctx, const cxs_loaded *d, size_t rows,
                         cxs_canvas **out) CXS_MUST_USE;

/* Kaplan-Meier curves of feature k with band and numbers at risk. */
cxs_rc cxs_figure_km(cxs_ctx *ctx, const cxs_loaded *d, size_t k, size_t min_cell,
                     cxs_canvas **out) CXS_MUST_USE;

/* Largest |z| under permutation, and the observed one. */
cxs_rc cxs_figure_null(cxs_ctx *ctx, const cxs_loaded *d,
                       cxs_canvas **out) CXS_MUST_USE;

/* Coefficients along the penalty; cross-validation curve. */
cxs_rc cxs_figure_path(cxs_ctx *ctx, const cxs_model_files *p,
                       cxs_canvas **out) CXS_MUST_USE;
cxs_rc cxs_figure_cv(cxs_ctx *ctx, const cxs_model_files *p,
                     cxs_canvas **out) CXS_MUST_USE;

/*
 * Step outline of one column of a curve on paper: it starts at (0, 1), stays at the
 * last value until the next time, and ends where the column does (first NaN).
 *
 * @param column  0 survival, 1 lower, 2 upper limit
 * @param xy      (out) [2 x (2 n + 1)]
 * @return points written
 */
size_t cxs_curve_outline(const cxs_point *point, size_t n, int column,
                         const cxs_axis *x, const cxs_axis *y, double *xy);

/* Survival at a time, and the first time where it is <= 1/2 (NaN when it is not). */
double cxs_curve_at(const cxs_group *group, double time);
double cxs_curve_median(const cxs_group *group);

#endif /* CXS_FIGURES_H */
