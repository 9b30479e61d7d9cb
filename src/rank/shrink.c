/*
 * shrink.c -- two-group shrinkage of adjusted effects
 *
 * b_j | theta_j ~ N(theta_j, s_j^2),  theta_j = 0 with weight pi0, else N(0, tau2).
 * Posterior of effect j:
 *     w_j = P(theta_j != 0) = (1 - pi0) phi_1 / (pi0 phi_0 + (1 - pi0) phi_1)     (1)
 *           phi_0 = N(b_j; 0, s_j^2),  phi_1 = N(b_j; 0, s_j^2 + tau2)
 *     theta_j | != 0 ~ N(m_j, v_j),  m_j = b_j tau2 / (tau2 + s_j^2),
 *                                    v_j = s_j^2 tau2 / (tau2 + s_j^2)            (2)
 * EM (Dempster, Laird and Rubin 1977), pi0 kept in [0.5, 0.99]:
 *     pi0 <- 1 - mean w_j,   tau2 <- sum w_j (m_j^2 + v_j) / sum w_j              (3)
 * The two bounds keep the groups apart: with pi0 = 1 no effect could be told, with
 * pi0 < 1/2 the "null" group would be the smaller one.
 */
#include "rank/shrink.h"

#include "num/special.h"

#include <math.h>

enum { EM_STEPS = 2000 };
static const double EM_TOL = 1e-10;
static const double PI0_START = 0.8, PI0_LOW = 0.5, PI0_HIGH = 0.99;
static const double TAU2_START = 0.01; /* at least, where EM starts */
static const double TAU2_LOW = 1e-10; /* keeps (1) and (2) finite when b is all noise */
static const double TAU_FIXED = 0.35;

cxs_posterior cxs_posterior_of(const cxs_prior *prior, double b, double s)
{
    const double s2 = s * s, total = s2 + prior->tau2;
    const double log_odds = log((1.0 - prior->pi0) / prior->pi0) +
                            0.5 * log(s2 / total) +
                            0.5 * b * b * (prior->tau2 / (s2 * total));

    return (cxs_posterior){
        .weight = 1.0 / (1.0 + exp(-log_odds)), /* (1) */
        .mean = b * prior->tau2 / total,        /* (2) */
        .sd = sqrt(s2 * prior->tau2 / total),
    };
}

/* One step of (3). */
static cxs_prior em_step(size_t n, const double *b, const double *s,
                         const cxs_prior *prior)
{
    double weight = 0.0, square = 0.0;
    cxs_prior next = *prior;

    for (size_t j = 0; j < n; j++) {
        const cxs_posterior post = cxs_posterior_of(prior, b[j], s[j]);
        weight += post.weight;
        square += post.weight * (post.mean * post.mean + post.sd * post.sd);
    }
    next.pi0 = fmin(PI0_HIGH, fmax(PI0_LOW, 1.0 - weight / (double)n));
    next.tau2 = weight > 0.0 ? fmax(TAU2_LOW, square / weight) : TAU2_LOW;
    next.iterations++;
    return next;
}

cxs_prior cxs_prior_fit(size_t n, const double *b, const double *s)
{
    cxs_prior prior = {.pi0 = PI0_START, .tau2 = TAU_FIXED * TAU_FIXED};
    double excess = 0.0;

    if (n < CXS_PRIOR_MIN)
        return prior;
    for (size_t j = 0; j < n; j++)
        excess += b[j] * b[j] - s[j] * s[j];
    prior.tau2 = fmax(TAU2_START, excess / (double)n);
    for (int step = 0; step < EM_STEPS; step++) {
        const cxs_prior last = prior;
        prior = em_step(n, b, s, &last);
        if (fabs(prior.pi0 - last.pi0) <= EM_TOL &&
            fabs(prior.tau2 - last.tau2) <= EM_TOL * last.tau2)
            break;
    }
    return prior;
}

double cxs_posterior_mean(const cxs_posterior *post)
{
    return post->weight * post->mean;
}

double cxs_posterior_lfsr(const cxs_posterior *post)
{
    /* the zero belongs to both sides; the smaller side lies beyond 0 from the mean */
    return (1.0 - post->weight) +
           post->weight * cxs_normal_cdf(-fabs(post->mean) / post->sd);
}
