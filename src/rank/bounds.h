/*
 * bounds.h -- expected number of false selections of stability selection
 *
 * "False" means: selected by a half-sample with a probability below the average q / p.
 * It does not mean "without any effect on the outcome".
 */
#ifndef CXS_RANK_BOUNDS_H
#define CXS_RANK_BOUNDS_H

#include <stddef.h>

/** Meinshausen & Buhlmann (2010): q^2 / ((2 threshold - 1) p); NaN for threshold <=
 * 1/2. Assumes exchangeable false features. */
double cxs_pfer_mb(size_t p, size_t q, double threshold);

/**
 * Tail D(eta, t / B; B, -1/s) of Shah & Samworth (2013): the largest P(X >= t) over
 * r-concave X on {0..B} with mean eta B; r = -1/s.
 *
 * @param eta    mean as a share of B, > 0
 * @param t      1..B
 * @param trials B
 * @param s      2 or 4
 * Cost O(B^2) times about 100.
 */
double cxs_concave_tail(double eta, size_t t, size_t trials, int s);

/** r-concave bound for features that @p hits or more of the 2 * pairs half-samples
 *  selected, q features each, out of p.  p when nothing better holds; NaN for
 *  hits <= pairs (threshold <= 1/2). */
double cxs_pfer_concave(size_t p, size_t q, size_t hits, size_t pairs);

/** Smallest number of half-samples of 2 * pairs that reaches the threshold. */
size_t cxs_pfer_hits(double threshold, size_t pairs);

/** Largest q with q <= 0.8 sqrt(p) and cxs_pfer_concave(q) <= max_errors; at least 1:
 *  then the bound may be larger than asked. */
size_t cxs_pfer_choose_q(size_t p, double threshold, size_t pairs, double max_errors);

#endif /* CXS_RANK_BOUNDS_H */
