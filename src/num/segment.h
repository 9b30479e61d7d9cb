/*
 * segment.h -- circular binary segmentation of one chromosome
 *
 * Sources: Olshen et al. (2004), Biostatistics 5:557 (the statistic and its permutation
 * reference); Venkatraman and Olshen (2007), Bioinformatics 23:657 (stopping early).
 * Differences from DNAcopy: reference values are always permutations (no asymptotic
 * tail for long segments), they stop early only where the decision is already certain,
 * and a split so clear that Bernstein's bound for sampling without replacement
 * (Hoeffding 1963, section 6) puts its p-value below alpha / 10 needs none.
 */
#ifndef CXS_SEGMENT_H
#define CXS_SEGMENT_H

#include <stddef.h>
#include <stdint.h>

typedef struct cxs_cbs_settings {
    double alpha;        /* level of a split                       [0.01] */
    size_t permutations; /* of one test                           [10000] */
    size_t least;        /* values of a segment, >= 2                 [2] */
    double undo_sd;      /* splits below so many sd are undone; 0: none [1] */
} cxs_cbs_settings;

cxs_cbs_settings cxs_cbs_defaults(void);

/* Whole number in [0, below) of draw `index` of test `test`: any stream that is a
 * function of its arguments. */
typedef size_t (*cxs_draw_fn)(const void *stream, uint64_t test, uint64_t index,
                              size_t below);

/*
 * Split x[n] into segments of equal mean.
 *
 *   x [n]            finite values in order of place
 *   sd               noise for undo_sd; NaN: from differences of neighbours (MAD)
 *   end [n]          (out) segment s is [end[s - 1], end[s]), end[-1] = 0
 *   work [4 n + 4]
 * Returns the number of segments, 1 when n is below 2 least.
 *
 * Statistic of an arc (i, j]: |mean inside - mean outside| / sqrt(1/(j-i) + 1/(n-j+i)),
 * in units that permutation leaves alone; the best arc is tested against permutations of
 * the segment, then each of its two ends alone against permutations of the two pieces
 * that meet there.
 */
size_t cxs_cbs(const double *x, size_t n, const cxs_cbs_settings *settings, double sd,
               cxs_draw_fn draw, const void *stream, size_t *end, double *work);

/* Median absolute difference of neighbours / 0.6745 / sqrt(2); NaN below two values.
 * work [n]. */
double cxs_sd_diff(const double *x, size_t n, double *work);

#endif /* CXS_SEGMENT_H */
