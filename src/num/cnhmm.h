/*
 * cnhmm.h -- tumour fraction and copy numbers from corrected depth: hidden Markov model
 * with Student-t emissions
 *
 * Source: Adalsteinsson et al. (2017), Nature Communications 8:1324 (the model); fitted
 * here by expectation-maximisation with the scale mixture of the t distribution (Liu and
 * Rubin 1995, Statistica Sinica 5:19), which gives the precisions in closed form and
 * leaves a three-dimensional search for n, phi and s.
 *
 * For a bin t of copy number c, normal fraction n, tumour ploidy phi, share s of tumour
 * cells without the subclonal event:
 *     x_t = ln(corrected depth ratio)
 *     clonal     mu_c = ln((2 n + (1 - n) c) / (2 n + (1 - n) phi))
 *     subclonal  mu_c = ln((2 n + (1 - n)(2 s + (1 - s) c)) / (2 n + (1 - n) phi))
 *     x_t | c ~ t(nu = 2.1, mu_c, precision lambda_c); a missing x_t has density 1
 *     transition: stay e = 0.9999999, to another state (1 - e)/(K - 1), to a subclonal
 *             one a tenth of that
 *     priors: n, s ~ Beta(2, 2), phi ~ Gamma(4, rate 1.5),
 *             lambda_c ~ Gamma(3, rate (sd(x)/sqrt(K))^2), pi ~ Dirichlet(800 for c = 2,
 *             200 shared by the rest)
 */
#ifndef CXS_CNHMM_H
#define CXS_CNHMM_H

#include <stddef.h>
#include <stdint.h>

enum { CXS_CNHMM_STATES = 9, CXS_CNHMM_TOP = 7 }; /* copies 1..7, subclonal 1 and 3 */

typedef struct cxs_cnhmm_fit {
    double normal;    /* n */
    double ploidy;    /* phi */
    double subclonal; /* s; 0 without subclonal states */
    double loglik;    /* log-likelihood of the data */
    double posterior; /* loglik plus log priors: what EM raises */
    int iterations;
    int converged;
    size_t states; /* K: 7, or 9 with subclonal states */
    double precision[CXS_CNHMM_STATES];
} cxs_cnhmm_fit;

/* Copy number and kind of state k. */
int cxs_cnhmm_copies(size_t state);
int cxs_cnhmm_is_subclonal(size_t state);
/* mu of every state. */
void cxs_cnhmm_means(const cxs_cnhmm_fit *fit, double *mu);

/*
 * EM from one start.
 *
 *   x [t]          log ratios, NaN missing
 *   first [parts + 1]  chromosomes: part p is [first[p], first[p + 1])
 *   normal, ploidy     start; subclonal 0: 7 states, else 9
 *   gamma [t x K]      (out) posterior of the states at the last step, row by bin
 *   work [t x K + 2 K]
 * Stops when the posterior rises by less than 1e-3 relative... at most 50 steps.
 */
void cxs_cnhmm_em(const double *x, const size_t *first, size_t parts, double normal,
                  double ploidy, double subclonal, cxs_cnhmm_fit *fit, double *gamma,
                  double *work);

/* Most likely states: state [t]; work as above, back [t x K]. */
void cxs_cnhmm_viterbi(const double *x, const size_t *first, size_t parts,
                       const cxs_cnhmm_fit *fit, uint8_t *state, uint8_t *back,
                       double *work);

#endif /* CXS_CNHMM_H */
