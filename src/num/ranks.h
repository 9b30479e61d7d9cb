/*
 * ranks.h -- ranks of one sample's genes, shared by every gene set that is scored on it
 *
 * Kernels: arrays in, arrays out, no allocation.  A sample is sorted once; each score
 * then costs as much as its gene set is large.  NaN is not allowed.  Values are sorted
 * by their bits, so that the time does not depend on how they are spread.
 */
#ifndef CXS_NUM_RANKS_H
#define CXS_NUM_RANKS_H

#include <stddef.h>
#include <stdint.h>

/** Ranks of n values, each array [n]. */
typedef struct cxs_ranks {
    uint32_t *low;    /**< rank from 1, equal values share the smallest of theirs */
    uint32_t *middle; /**< rank from 1, equal values share the floor of their mean */
    uint32_t *place;  /**< place from 1 in decreasing order, equal values in theirs */
} cxs_ranks;

/** Words of workspace for n values; allocated memory. */
size_t cxs_ranks_work(size_t n);

/**
 * Rank the values of one sample.
 *
 * @param n      number of values, below 2^32
 * @param x      [n] values
 * @param ranks  (out) three arrays [n]
 * @param work   (workspace) [cxs_ranks_work(n)]
 */
void cxs_ranks_of(size_t n, const double *x, const cxs_ranks *ranks, uint64_t *work);

/**
 * Average ranks of one sample, centred and scaled to length one: the inner product of
 * two such vectors is Spearman's correlation.
 *
 * @param n      number of values, below 2^32
 * @param x      [n] values
 * @param score  (out) [n] scaled ranks; all 0 for a constant
 * @param work   (workspace) [cxs_ranks_work(n)]
 */
void cxs_spearman_scores(size_t n, const double *x, double *score, uint64_t *work);

#endif /* CXS_NUM_RANKS_H */
