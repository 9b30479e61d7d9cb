/*
 * genesets.h -- scores of gene sets in one sample: singscore, ssGSEA, moments for z, lines
 *
 * Kernels: arrays in, arrays out, no allocation.  N genes of the universe, the same in
 * every sample; a set is the k distinct indices of its genes that are in the universe.
 * Equations and sources in genesets.c.
 */
#ifndef CXS_NUM_GENESETS_H
#define CXS_NUM_GENESETS_H

#include "num/ranks.h"

/**
 * Singscore of one set, centred: from -0.5 (the genes rank lowest) to 0.5.
 *
 * @param n     genes of the universe
 * @param low   [n] ranks, equal values share the smallest
 * @param k     genes of the set, 1 <= k < n
 * @param set   [k] their indices
 * @param down  the set is expected low: ranks are counted from the top
 * @return the score; add those of an up and a down set for their joint score
 */
double cxs_singscore(size_t n, const uint32_t *low, size_t k, const uint32_t *set,
                     int down);

/** Weights of the ranks 1..n: power [n], power[r - 1] = r^exponent. */
void cxs_ssgsea_powers(size_t n, double exponent, double *power);

/**
 * Enrichment score of single-sample GSEA: the sum of the running difference, before any
 * division.  ES/n lies within -1..1.
 *
 * @param n      genes of the universe
 * @param ranks  ranks of the sample (middle and place are read)
 * @param power  [n] cxs_ssgsea_powers()
 * @param k      genes of the set, 1 <= k < n
 * @param set    [k] their indices
 */
double cxs_ssgsea(size_t n, const cxs_ranks *ranks, const double *power, size_t k,
                  const uint32_t *set);

/** Mean and sd (divisor n - 1) of [n] values, n >= 1; sd is 0 for one value and
 *  for values that differ by rounding alone. */
void cxs_moments(size_t n, const double *x, double *mean, double *sd);

/** Least-squares line y = mean_y + slope (t - mean_t). */
typedef struct cxs_line {
    double mean_t, mean_y, slope;
} cxs_line;

/** Line of [n] points, n >= 2; all zero, so that it takes nothing away, when t has no
 *  spread. */
cxs_line cxs_line_fit(size_t n, const double *t, const double *y);

/** Residuals of y after a line in t, in place. */
void cxs_line_residuals(size_t n, const double *t, const cxs_line *line, double *y);

#endif /* CXS_NUM_GENESETS_H */
