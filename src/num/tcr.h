/*
 * tcr.h -- diversity of a repertoire of receptor clones, and overlap of two
 *
 * Kernels: arrays in, arrays out, no allocation.  Counts are whole numbers.  Every index
 * depends on how deeply a repertoire was sequenced, so repertoires are compared at one
 * depth, by down-sampling.
 */
#ifndef CXS_NUM_TCR_H
#define CXS_NUM_TCR_H

#include "num/multiple.h"
#include "num/segment.h" /* cxs_draw_fn */

#include <stddef.h>

/** Places of the indices; N clones with shares p of the counts. */
typedef enum cxs_tcr_index {
    CXS_TCR_RICHNESS,  /**< N */
    CXS_TCR_SHANNON,   /**< H = - sum p ln p, nats */
    CXS_TCR_CLONALITY, /**< 1 - H/ln N; NaN when N < 2 */
    CXS_TCR_SIMPSON,   /**< sum p^2 */
    CXS_TCR_GINI,      /**< sum (2i - N - 1) x_(i) / (N sum x), x ascending */
    CXS_TCR_CHAO1,     /**< N + f1 (f1 - 1)/(2 (f2 + 1)), f_k: clones of count k
                            (Chao 1984) */
    CXS_TCR_D50,       /**< fewest largest clones that hold half of the counts */
    CXS_TCR_TOP10,     /**< share of the ten largest clones */
    CXS_TCR_EXPANDED,  /**< share of clones with p >= 0.001 */
    CXS_TCR_INDICES
} cxs_tcr_index;

/**
 * Indices of one repertoire.
 *
 * @param n      clones
 * @param count  [n] > 0, descending
 * @param index  (out) [CXS_TCR_INDICES]; all NaN when n is 0
 */
void cxs_tcr_indices(size_t n, const double *count, double *index);

/**
 * Take `depth` of the counts without replacement, each subset of them equally likely.
 *
 * @param n       clones
 * @param count   [n] >= 0; the result depends on the order of clones
 * @param depth   at most their sum
 * @param draw    draws of (stream, repeat, 0 .. depth - 1) are used
 * @param taken   (out) [n]
 * @param work    (workspace) [n + 1]
 *
 * Time O(n + depth log n): partial sums in a binary indexed tree (Fenwick 1994).
 */
void cxs_tcr_downsample(size_t n, const double *count, size_t depth, cxs_draw_fn draw,
                        const void *stream, uint64_t repeat, double *taken,
                        double *work);

/**
 * Mean of the indices over `repeats` down-samplings.
 *
 * @param count  [n] > 0, descending
 * @param mean   (out) [CXS_TCR_INDICES]; all NaN when the counts are fewer than depth,
 *               or depth is 0; one that is NaN in any down-sampling is NaN
 * @param work   (workspace) [2 n + 1]
 */
void cxs_tcr_mean(size_t n, const double *count, size_t depth, size_t repeats,
                  cxs_draw_fn draw, const void *stream, double *mean, double *work);

/**
 * Overlap of two repertoires over the union of their clones.
 *
 * @param a, b      [n] counts of the same clones, 0 where absent
 * @param share     (out) sum of a over clones with b > 0, over the sum of a
 * @param morisita  (out) 2 sum a b / ((sum a^2/A^2 + sum b^2/B^2) A B), A = sum a, B =
 *                  sum b (Horn 1966)
 *
 * Both are NaN when either repertoire is empty.
 */
void cxs_tcr_overlap(size_t n, const double *a, const double *b, double *share,
                     double *morisita);

/**
 * Clones that grew between two repertoires: Fisher's exact test of a clone against all
 * others for each clone of five counts or more in both together, adjusted over these
 * (Benjamini & Hochberg); it grew when q < 0.01 and its share is larger after.  Counts
 * are taken as independent draws, which cells of one clone are not quite.
 *
 * @param before, after  [n] counts of the same clones, 0 where absent
 * @param number  (out) of clones that grew
 * @param share   (out) their share of the counts after
 * @param p       (workspace) [n]
 * @param work    (workspace) [n]
 *
 * Both are NaN when either repertoire is empty.  Time: O(sum of all counts + n log n).
 */
void cxs_tcr_expansion(size_t n, const double *before, const double *after,
                       double *number, double *share, double *p, cxs_p_item *work);

#endif /* CXS_NUM_TCR_H */
