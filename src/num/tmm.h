/*
 * tmm.h -- library normalisation of counts: filter, TMM, median of ratios, log-CPM, TPM
 *
 * Kernels: arrays in, arrays out, no allocation.  n = samples, p = genes.  A matrix of
 * counts is [n x p] column-major (gene by gene); a sample's counts are [p] contiguous.
 * Equations and sources in tmm.c.
 */
#ifndef CXS_NUM_TMM_H
#define CXS_NUM_TMM_H

#include <stddef.h>
#include <stdint.h>

/** Samples in which a gene must reach the CPM cut, from the smallest group's size. */
double cxs_filter_samples(size_t smallest_group);

/**
 * Is one gene expressed well enough to be kept (edgeR filterByExpr)?
 *
 * @param n            samples
 * @param count        [n] the gene's counts; NaN = missing, reaches no cut
 * @param library      [n] library sizes > 0
 * @param median       median library size
 * @param min_samples  cxs_filter_samples()
 * @return 1 keep, 0 drop
 */
int cxs_filter_by_expr(size_t n, const double *count, const double *library,
                       double median, double min_samples);

/**
 * 75 % quantile of count / library over genes that are not zero in all samples.
 *
 * @param p        genes of the sample, >= 1
 * @param count    [p] counts of one sample
 * @param library  its library size > 0
 * @param work     (workspace) [p]
 */
double cxs_tmm_upper_quartile(size_t p, const double *count, double library,
                              double *work);

/**
 * Reference sample: upper quartile nearest to the mean of all; the first at ties.
 *
 * @param n         samples, >= 1
 * @param quartile  [n] cxs_tmm_upper_quartile() of each
 * @param root_sum  [n] sum of sqrt(count): decides where the median quartile is zero
 * @param work      (workspace) [n]
 */
size_t cxs_tmm_reference(size_t n, const double *quartile, const double *root_sum,
                         double *work);

/**
 * Trimmed mean of M-values of one sample against the reference, not yet centred.
 *
 * @param p                 genes
 * @param obs, ref          [p] counts of the sample and of the reference
 * @param lib_obs, lib_ref  their library sizes > 0
 * @param work              (workspace) [4p]
 * @return factor > 0; 1 when the samples agree or share no gene
 */
double cxs_tmm_factor(size_t p, const double *obs, const double *ref, double lib_obs,
                      double lib_ref, double *work);

/** Mean of the logarithms of [n] positive factors. */
double cxs_mean_log(size_t n, const double *factor);

/** Divide [n] positive factors by their geometric mean, in place. */
void cxs_geometric_centre(size_t n, double *factor);

/**
 * Log ratios of one gene for the median-of-ratios size factors.
 *
 * @param n      samples
 * @param count  [n] the gene's counts
 * @param ratio  (out) [n] ln count - mean ln count
 * @return 1, or 0 when a count is not > 0: the gene is then no part of the medians
 */
int cxs_mor_log_ratio(size_t n, const double *count, double *ratio);

/**
 * Log2 counts per million of one gene, in place.
 *
 * @param n          samples
 * @param effective  [n] library size times norm factor, > 0
 * @param mean       mean of effective
 * @param x          (in, out) [n] counts -> log2 CPM; NaN stays NaN
 */
void cxs_log_cpm(size_t n, const double *effective, double mean, double *x);

/**
 * log2(TPM + 1) of one gene, in place.
 *
 * @param n         samples
 * @param length    length of the gene > 0
 * @param rate_sum  [n] sum over all genes of count / length, > 0
 * @param x         (in, out) [n] counts -> log2(TPM + 1); NaN stays NaN
 */
void cxs_log_tpm(size_t n, double length, const double *rate_sum, double *x);

#endif /* CXS_NUM_TMM_H */
