/*
 * order.h -- order statistics: selection, quantiles, medians, ranks, normal scores
 *
 * NaN is not allowed in any input.  Nothing here depends on the order of equal values.
 */
#ifndef CXS_NUM_ORDER_H
#define CXS_NUM_ORDER_H

#include <stddef.h>

/**
 * The k-th smallest value, k from 0.
 *
 * @param n  number of values, > k
 * @param x  [n] values; reordered: x[0..k) <= x[k] <= x[k+1..n)
 * @return x[k].  Time O(n) on average; runs of equal values cost nothing extra.
 */
double cxs_select(size_t n, double *x, size_t k);

/**
 * Quantile of type 7 (Hyndman and Fan 1996), the default of R.
 *
 * @param n  number of values, >= 1
 * @param x  [n] values; reordered
 * @param q  probability in [0, 1]
 */
double cxs_quantile7(size_t n, double *x, double q);

/** Median: cxs_quantile7() at 0.5. */
double cxs_median(size_t n, double *x);

/** Median of n >= 1 values that are sorted, ascending or descending. */
double cxs_median_sorted(size_t n, const double *x);

/**
 * Comparisons of two doubles for qsort().
 *
 * A NaN would be equal to everything, which is no order: callers leave it out.
 */
int cxs_ascending(const void *left, const void *right);
int cxs_descending(const void *left, const void *right);

/**
 * Ranks from 1, equal values share the mean of their ranks.
 *
 * @param n     number of values
 * @param x     [n] values
 * @param rank  (out) [n] average ranks
 * @param work  (workspace) [2n]
 */
void cxs_average_ranks(size_t n, const double *x, double *rank, size_t *work);

/**
 * Rank-normal scores: qnorm((r - 0.5) / n) of the average ranks r.
 *
 * @param n      number of values
 * @param x      [n] values
 * @param score  (out) [n] scores; equal values get equal scores, a constant gets 0
 * @param work   (workspace) [2n]
 */
void cxs_rank_normal(size_t n, const double *x, double *score, size_t *work);

#endif /* CXS_NUM_ORDER_H */
