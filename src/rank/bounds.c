/*
 * bounds.c -- expected number of false selections of stability selection
 *
 * With theta = q / p, B complementary pairs and threshold pi, Shah and Samworth (2013,
 * doi:10.1111/j.1467-9868.2011.01034.x, eq. 8) bound the number V of selected features
 * whose selection probability is at most theta by
 *     E V <= p min{ 1, D(theta^2, 2 pi - 1; B, -1/2), D(theta, pi; 2B, -1/4) }    (1)
 * D(eta, t/B; B, r) is the largest tail P(X >= t) of an r-concave X on {0..B} with mean
 * eta B.  The extremal masses are
 *     f(i) ~ (a + i)^-s for i <= k,  s = -1/r,  and what is left at k + 1         (2)
 * so that, the mean being eta B,
 *     P(X >= t) = 1 - (k + 1 - eta B) sum_{i < t} (a+i)^-s
 *                     / sum_{i <= k} (k + 1 - i) (a+i)^-s                         (3)
 * and the left-over is valid for a between a_{k+1} and a_k, a_k being the solution of
 *     sum_{i <= k} i (a+i)^-s / sum_{i <= k} (a+i)^-s = eta B                     (4)
 * (k = B: a_B itself).  Below k0 = ceil(2 eta B) + 1 no mass function (2) has so small
 * a mean: the tail is taken as 1.
 */
#include "rank/bounds.h"

#include <math.h>
#include <stdbool.h>

enum { BISECTIONS = 200, SECTIONS = 80 };
static const double A_MAX = 1e5, A_MIN = 1e-5; /* the range of a in (4) */

/* (a + i)^-s for s = 2 or 4. */
static double mass(double a, size_t i, int s)
{
    const double square = (a + (double)i) * (a + (double)i);

    return s == 2 ? 1.0 / square : 1.0 / (square * square);
}

/* Left side of (4). */
static double mean_of(double a, size_t k, int s)
{
    double sum = 0.0, first = 0.0;

    for (size_t i = 0; i <= k; i++) {
        const double f = mass(a, i, s);
        sum += f;
        first += (double)i * f;
    }
    return first / sum;
}

/* (4) by bisection on log a: the mean grows with a.  A mean below every a of the range
 * needs a smaller a than A_MIN. */
static double solve_a(double mean, size_t k, int s, double highest)
{
    double low = A_MIN, high = highest;

    while (mean_of(low, k, s) > mean && low > 1e-60)
        low *= 1e-5;
    for (int step = 0; step < BISECTIONS && high > low * (1.0 + 1e-14); step++) {
        const double middle = sqrt(low) * sqrt(high);
        if (mean_of(middle, k, s) > mean)
            high = middle;
        else
            low = middle;
    }
    return sqrt(low) * sqrt(high);
}

/*
 * (3) over one denominator, where the large first masses meet only the small mean:
 *     [ sum_{i < t} (eta B - i) f_i + sum_{t <= i <= k} (k + 1 - i) f_i ] / sum (..)
 * f_i
 */
static double tail_at(double a, double mean, size_t t, size_t k, int s)
{
    double above = 0.0, weighted = 0.0;

    for (size_t i = 0; i <= k; i++) {
        const double f = mass(a, i, s);
        weighted += (double)(k + 1 - i) * f;
        above += (i < t ? mean - (double)i : (double)(k + 1 - i)) * f;
    }
    return above / weighted;
}

/* Largest (3) over a in [low, high], by golden sections on log a and the two ends. */
static double largest_tail(double low, double high, double mean, size_t t, size_t k,
                           int s)
{
    const double golden = 0.5 * (sqrt(5.0) - 1.0);
    double left = log(low), right = log(high);
    double best = fmax(tail_at(low, mean, t, k, s), tail_at(high, mean, t, k, s));

    for (int step = 0; step < SECTIONS && right - left > 1e-10; step++) {
        const double x1 = right - golden * (right - left);
        const double x2 = left + golden * (right - left);
        const double f1 = tail_at(exp(x1), mean, t, k, s);
        const double f2 = tail_at(exp(x2), mean, t, k, s);
        best = fmax(best, fmax(f1, f2));
        if (f1 > f2)
            right = x2;
        else
            left = x1;
    }
    return best;
}

double cxs_concave_tail(double eta, size_t t, size_t trials, int s)
{
    const double mean = eta * (double)trials;
    const double first = ceil(2.0 * mean) + 1.0; /* k0 */
    double best = 0.0, a;

    if ((double)t < first || first > (double)trials)
        return 1.0;
    a = solve_a(mean, (size_t)first, s, A_MAX);
    for (size_t k = (size_t)first; k <= trials; k++) {
        const bool last = k == trials;
        const double next = last ? a : solve_a(mean, k + 1, s, a);
        if (k + 1 >= t) /* (2) has no mass at t otherwise */
            best = fmax(best, last ? tail_at(a, mean, t, k, s)
                                   : largest_tail(next, a, mean, t, k, s));
        a = next;
    }
    return fmin(1.0, best);
}

double cxs_pfer_mb(size_t p, size_t q, double threshold)
{
    if (!(threshold > 0.5) || p == 0)
        return (double)NAN;
    return (double)q * (double)q / ((2.0 * threshold - 1.0) * (double)p);
}

double cxs_pfer_concave(size_t p, size_t q, size_t hits, size_t pairs)
{
    const double theta = (double)q / (double)p;
    double pairwise, single;

    if (hits <= pairs || p == 0)
        return (double)NAN;
    pairwise = cxs_concave_tail(theta * theta, hits - pairs, pairs, 2);
    single = cxs_concave_tail(theta, hits, 2 * pairs, 4);
    return (double)p * fmin(1.0, fmin(pairwise, single)); /* (1) */
}

size_t cxs_pfer_hits(double threshold, size_t pairs)
{
    /* 0.7 * 100 is 70 and not 71, whatever the rounding of 0.7 */
    return (size_t)ceil(threshold * 2.0 * (double)pairs - 1e-9);
}

size_t cxs_pfer_choose_q(size_t p, double threshold, size_t pairs, double max_errors)
{
    const size_t hits = cxs_pfer_hits(threshold, pairs);
    const double cap = floor(0.8 * sqrt((double)p));
    size_t good = 1, bad = (size_t)fmax(1.0, cap) + 1;

    while (bad - good > 1) { /* the bound grows with q */
        const size_t middle = good + (bad - good) / 2;
        if (cxs_pfer_concave(p, middle, hits, pairs) <= max_errors)
            good = middle;
        else
            bad = middle;
    }
    return good;
}
