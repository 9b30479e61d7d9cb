/*
 * special.h -- distributions and special functions (GSL's one home is special.c)
 *
 * GSL's error handler is switched off at the first call; results outside the range are
 * NaN.  Tails are computed without cancellation: p = 0 never comes from 1 - cdf.
 */
#ifndef CXS_NUM_SPECIAL_H
#define CXS_NUM_SPECIAL_H

/** Two-sided normal p-value of z; 0 only below the smallest double. */
double cxs_normal_p(double z);
/** -log10 of the same, without underflow (asymptotic series for |z| > 37). */
double cxs_normal_log10_p(double z);
/** Upper tail of chi-squared with df degrees of freedom. */
double cxs_chisq_p(double x, double df);
/** -log10 of the same without underflow. */
double cxs_chisq_log10_p(double x, double df);
/** Quantile of the standard normal, p in (0, 1). */
double cxs_normal_quantile(double p);
/** Standard normal distribution function and density. */
double cxs_normal_cdf(double x);
double cxs_normal_pdf(double x);

/* Version of the library behind it. */
const char *cxs_gsl_version(void);

#endif /* CXS_NUM_SPECIAL_H */
