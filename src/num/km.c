/*
 * km.c -- Kaplan-Meier curves with Greenwood intervals, (entry, time] allowed
 *
 * At a distinct time t let d = weight of the events and
 *     n(t)  = sum of weights with entry < t <= time
 *           = sum_{time >= t} w - sum_{entry >= t} w        (since entry < time)
 *     S(t)  = prod_{u <= t} (1 - d_u / n_u)                                     (1)
 *     V(t)  = sum_{u <= t} d_u / (n_u (n_u - d_u)) = Var log S                  (2)
 *     log:      S exp(+- z sqrt V), at most 1                                   (3a)
 *     log-log:  S^exp(+- z sqrt(V) / log S)                                     (3b)
 * Kaplan and Meier (1958); Greenwood (1926); (3b) Kalbfleisch and Prentice (1980).  The
 * two sums of n(t) run from the last time back, so that they hold no cancelled terms of
 * rows that have left.
 */
#include "num/km.h"

#include <math.h>
#include <stdlib.h>

static const double SAME_TIME = 1e-9; /* relative distance of tied times */
static const double SAME_SURV =
    1e-8; /* a product that should be one half is one half */

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

/* Total orders: rows that compare equal are equal, so sums never depend on qsort(). */
static int by_time(const void *left, const void *right)
{
    const cxs_km_row *a = left, *b = right;

    if (a->time != b->time)
        return compare(a->time, b->time);
    if (a->event != b->event)
        return a->event > b->event ? -1 : 1;
    return compare(a->weight, b->weight);
}

static int by_entry(const void *left, const void *right)
{
    const cxs_km_row *a = left, *b = right;

    if (a->entry != b->entry)
        return compare(a->entry, b->entry);
    return compare(a->weight, b->weight);
}

/* First row after those tied with row i. */
static size_t tie_end(size_t n, const cxs_km_row *row, size_t i)
{
    const double last = row[i].time * (1.0 + SAME_TIME);

    while (i < n && row[i].time <= last)
        i++;
    return i;
}

/* Times, event weights and numbers at risk; S later. */
static size_t risk_sets(size_t n, const cxs_km_row *row, const cxs_km_row *entered,
                        cxs_km_point *point)
{
    size_t points = 0, late = n;
    double stayed = 0.0, not_yet = 0.0;

    for (size_t i = 0, end; i < n; i = end, points++) {
        cxs_km_point *at = &point[points];
        end = tie_end(n, row, i);
        *at = (cxs_km_point){.time = row[i].time};
        for (size_t j = i; j < end; j++)
            *(row[j].event ? &at->events : &at->censored) += row[j].weight;
    }
    for (size_t k = points; k-- > 0;) {
        stayed += point[k].events + point[k].censored;
        while (late > 0 && entered[late - 1].entry >= point[k].time * (1.0 - SAME_TIME))
            not_yet += entered[--late].weight;
        point[k].n_risk = stayed - not_yet;
    }
    return points;
}

static void interval_of(cxs_km_point *at, cxs_km_interval interval, double z)
{
    const double log_s = log(at->surv);

    if (!(at->surv > 0.0)) {
        at->lower = at->upper = (double)NAN;
    } else if (at->se_log == 0.0) {
        at->lower = at->upper = at->surv;
    } else if (interval == CXS_KM_LOG) { /* (3a) */
        at->lower = at->surv * exp(-z * at->se_log);
        at->upper = fmin(1.0, at->surv * exp(z * at->se_log));
    } else { /* (3b); log S < 0 turns the sign round */
        at->lower = exp(log_s * exp(-z * at->se_log / log_s));
        at->upper = exp(log_s * exp(z * at->se_log / log_s));
    }
}

size_t cxs_km(size_t n, cxs_km_row *row, cxs_km_interval interval, double z,
              cxs_km_point *point, cxs_km_row *work)
{
    double surv = 1.0, variance = 0.0;
    size_t points;

    for (size_t i = 0; i < n; i++)
        work[i] = row[i];
    qsort(row, n, sizeof *row, by_time);
    qsort(work, n, sizeof *work, by_entry);
    points = risk_sets(n, row, work, point);
    for (size_t k = 0; k < points; k++) {
        cxs_km_point *at = &point[k];
        const double left = at->n_risk - at->events;
        if (at->events > 0.0) {
            /* everybody died: exactly zero, whatever the weights were rounded to */
            const int all = left <= SAME_TIME * at->n_risk;
            surv = all ? 0.0 : surv * (left / at->n_risk); /* (1) */
            variance +=
                all ? (double)INFINITY : at->events / (at->n_risk * left); /* (2) */
        }
        at->surv = surv;
        at->se_log = sqrt(variance);
        interval_of(at, interval, z);
    }
    return points;
}

double cxs_km_median_time(size_t points, const cxs_km_point *point)
{
    for (size_t k = 0; k < points; k++) {
        if (point[k].surv > 0.5 + SAME_SURV)
            continue;
        if (point[k].surv < 0.5 - SAME_SURV)
            return point[k].time;
        for (size_t m = k + 1; m < points; m++)
            if (point[m].surv < 0.5 - SAME_SURV)
                return 0.5 * (point[k].time + point[m].time);
        return point[k].time;
    }
    return (double)NAN;
}

double cxs_km_surv_at(size_t points, const cxs_km_point *point, double t)
{
    double surv = 1.0;

    for (size_t k = 0; k < points && point[k].time <= t; k++)
        surv = point[k].surv;
    return surv;
}

size_t cxs_km_at_risk(size_t n, const cxs_km_row *row, double t)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count +=
            row[i].time >= t && (row[i].entry < t || (t <= 0.0 && row[i].entry <= 0.0));
    return count;
}
