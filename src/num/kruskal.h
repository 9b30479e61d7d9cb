/*
 * kruskal.h -- do groups differ in the ranks of a value: Kruskal-Wallis test
 *
 * Kernel: arrays in, numbers out, no allocation.  Equations and sources in kruskal.c.
 */
#ifndef CXS_NUM_KRUSKAL_H
#define CXS_NUM_KRUSKAL_H

#include <stddef.h>
#include <stdint.h>

/** Result; NaN with fewer than two groups that have values, or without differing ones. */
typedef struct cxs_kruskal {
    double h;           /**< statistic, corrected for ties */
    double df;          /**< groups with values, less one */
    double p;           /**< upper tail of chi-squared */
    double eta_squared; /**< (H - df)/(n - groups), share of the variance of ranks */
} cxs_kruskal;

/**
 * @param n       values, >= 1
 * @param rank    [n] average ranks, cxs_average_ranks()
 * @param group   [n] group of each value, below @p groups
 * @param groups  number of groups; some may have no value
 * @param work    (workspace) [2 groups]
 */
cxs_kruskal cxs_kruskal_test(size_t n, const double *rank, const uint32_t *group,
                             size_t groups, double *work);

#endif /* CXS_NUM_KRUSKAL_H */
