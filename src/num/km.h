/*
 * km.h -- Kaplan-Meier curves with Greenwood intervals, (entry, time] allowed
 *
 * Depends on: libc, libm.
 */
#ifndef CXS_NUM_KM_H
#define CXS_NUM_KM_H

#include <stddef.h>
#include <stdint.h>

/** One row of follow-up: at risk in (entry, time]. */
typedef struct cxs_km_row {
    double time, entry; /**< entry 0 for everybody who is watched from the origin */
    double weight;      /**< > 0, 1 when there are no weights */
    uint8_t event;
} cxs_km_row;

/** Scale on which the interval is symmetric. */
typedef enum cxs_km_interval {
    CXS_KM_LOG,   /**< log S, the default of survival::survfit */
    CXS_KM_LOGLOG /**< log(-log S), stays inside [0, 1] */
} cxs_km_interval;

/** The curve just after one distinct time (of an event or of a censoring). */
typedef struct cxs_km_point {
    double time;
    double n_risk, events, censored; /**< sums of weights */
    double surv;
    double se_log;       /**< standard error of log S; infinite when S = 0 */
    double lower, upper; /**< both S where S = 1, NaN where S = 0 */
} cxs_km_point;

/**
 * Kaplan-Meier curve, eq. (1)-(3).
 *
 * Times that differ by less than 1e-9 relative are one time; at equal times events
 * precede censorings.
 *
 * @param n         number of rows
 * @param row       [n], sorted in place by time
 * @param interval  scale of the interval
 * @param z         normal quantile of the interval, 1.959964 for 95 %
 * @param point     (out) [n], ascending in time
 * @param work      [n]
 * @return number of points
 * Cost O(n log n).
 */
size_t cxs_km(size_t n, cxs_km_row *row, cxs_km_interval interval, double z,
              cxs_km_point *point, cxs_km_row *work);

/** Time at which S falls to one half: the first with S <= 0.5; where the curve is flat
 *  at one half the middle of the flat part.  NaN when it never gets there. */
double cxs_km_median_time(size_t points, const cxs_km_point *point);

/** S(t) of a curve: 1 before its first point. */
double cxs_km_surv_at(size_t points, const cxs_km_point *point, double t);

/** Number of rows at risk at t: entry < t <= time (at t = 0: entry <= 0). */
size_t cxs_km_at_risk(size_t n, const cxs_km_row *row, double t);

#endif /* CXS_NUM_KM_H */
