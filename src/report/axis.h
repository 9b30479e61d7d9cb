/*
 * axis.h -- from data to paper: scales, ticks and their labels
 */
#ifndef CXS_AXIS_H
#define CXS_AXIS_H

#include "report/canvas.h"

enum { CXS_TICKS_MAX = 24 };

typedef struct cxs_ticks {
    size_t count;
    double at[CXS_TICKS_MAX]; /* ascending, in data units */
    int places;               /* decimals of the labels; < 0: each as short as it is */
    double unit;              /* labels are at / unit; 0: at */
} cxs_ticks;

/* Multiples of 1, 2 or 5 times a power of ten inside [lo, hi], about @p want of them
 * (Heckbert 1990, "Nice numbers for graph labels"). */
void cxs_ticks_linear(double lo, double hi, size_t want, cxs_ticks *ticks);

/* Log scale, 0 < lo < hi: the densest of {1}, {1,2,5}, {1,1.5,2,3,5,7} per decade that
 * gives at most @p want ticks; linear ones when less than two would be left. */
void cxs_ticks_log(double lo, double hi, size_t want, cxs_ticks *ticks);

/* A scale: data [lo, hi] to canvas [from, to]. */
typedef struct cxs_axis {
    double lo, hi, from, to;
    bool is_log;
} cxs_axis;
double cxs_axis_at(const cxs_axis *axis, double value);

/* Widen [lo, hi] so that it is neither empty nor not a number. */
void cxs_axis_make_valid(cxs_axis *axis);

/* Line, ticks, labels and title of a horizontal axis at height y / a vertical one at x.
 */
void cxs_axis_draw_x(cxs_canvas *c, const cxs_axis *axis, const cxs_ticks *ticks,
                     double y, const char *title);
void cxs_axis_draw_y(cxs_canvas *c, const cxs_axis *axis, const cxs_ticks *ticks,
                     double x, const char *title);

#endif /* CXS_AXIS_H */
