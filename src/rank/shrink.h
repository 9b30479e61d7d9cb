/*
 * shrink.h -- two-group shrinkage of adjusted effects and posterior expected ranks
 *
 * The largest of many estimates is too large (winner's curse); the posterior under a
 * prior that is estimated from all of them is not.
 */
#ifndef CXS_RANK_SHRINK_H
#define CXS_RANK_SHRINK_H

#include "base/base.h"

/** Prior of an effect: 0 with weight pi0, else N(0, tau2). */
typedef struct cxs_prior {
    double pi0, tau2;
    size_t iterations; /**< EM steps taken, 0 when the prior is fixed */
} cxs_prior;

/** Posterior of one effect: 0 with probability 1 - weight, else N(mean, sd^2). */
typedef struct cxs_posterior {
    double weight, mean, sd;
} cxs_posterior;

/** Fewer effects than this do not tell a prior: pi0 = 0.8, tau = 0.35 are taken. */
enum { CXS_PRIOR_MIN = 20 };

/**
 * Estimate the prior by EM, eq. (1)-(3).
 *
 * @param n  number of effects
 * @param b  [n] estimates per standard deviation of the feature
 * @param s  [n] their standard errors, > 0
 */
cxs_prior cxs_prior_fit(size_t n, const double *b, const double *s);

/** Posterior of one effect, eq. (1)-(2). */
cxs_posterior cxs_posterior_of(const cxs_prior *prior, double b, double s);

/** Posterior mean, the zero part included. */
double cxs_posterior_mean(const cxs_posterior *post);

/** Local false sign rate: min{P(theta >= 0), P(theta <= 0)} (Stephens 2017). */
double cxs_posterior_lfsr(const cxs_posterior *post);

/**
 * Posterior expected rank of |theta| among n effects, 1 = largest, eq. (4).
 *
 * @param n      number of effects
 * @param post   [n]
 * @param index  [n] index of each feature among all: it keys the draws, so that the
 * same feature draws the same numbers whatever else is evaluated
 * @param draws  posterior draws, >= 1
 * @param rank   (out) [n]
 * Cost O(draws n log n), parallel over draws; the result is the same for any number of
 * threads because sums of half-integers are exact.
 */
cxs_rc cxs_expected_rank(cxs_ctx *ctx, size_t n, const cxs_posterior *post,
                         const size_t *index, size_t draws, uint64_t seed,
                         double *rank) CXS_MUST_USE;

#endif /* CXS_RANK_SHRINK_H */
