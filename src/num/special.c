/*
 * special.c -- tails and quantiles of the normal and chi-squared distributions
 *
 * A p-value of a strong marker is far below the smallest double, so each tail comes
 * with its -log10, computed from the logarithm of the tail and never from the tail.
 *
 *     Q(a, y) = Gamma(a, y) / Gamma(a),   p = Q(df / 2, x / 2)                  (1)
 *     Gamma(a, y) = exp(-y) y^a / (y + 1 - a - 1 (1 - a) / (y + 3 - a - ...))    (2)
 *
 * (2) is Legendre's continued fraction (Abramowitz and Stegun 1964, 6.5.31), evaluated
 * by the method of Lentz (1976); it converges for y > a + 1.
 * Home of GSL: quantiles, chi-squared tail, log(erfc).
 */
#include "num/special.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_erf.h>
#include <gsl/gsl_version.h>
#include <math.h>
#include <threads.h>

/* erfc() is a normal double up to here: erfc(26.5) = 5e-307. */
#define ERFC_MAX 26.0
/* Below this tail the chi-squared p-value is left to its logarithm. */
#define TAIL_MIN 1e-300

static const double sqrt_half = 0.70710678118654752440;
static const double log10_e = 0.43429448190325182765;
static const double inv_sqrt_2pi = 0.39894228040143267794;

static void handler_off(void)
{
    gsl_set_error_handler_off();
}

/* GSL's default handler aborts the process. */
static void prepare(void)
{
    static once_flag once = ONCE_FLAG_INIT;

    call_once(&once, handler_off);
}

double cxs_normal_p(double z)
{
    return erfc(fabs(z) * sqrt_half);
}

double cxs_normal_log10_p(double z)
{
    const double x = fabs(z) * sqrt_half;
    gsl_sf_result log_tail;

    if (!(x <= ERFC_MAX)) {
        if (isnan(x) || isinf(x))
            return x;
        prepare();
        return gsl_sf_log_erfc_e(x, &log_tail) == GSL_SUCCESS ? -log_tail.val * log10_e
                                                              : (double)NAN;
    }
    /* near p = 1 the logarithm of erfc() would lose the digits of z */
    return x < 0.5 ? -log1p(-erf(x)) * log10_e : -log10(erfc(x));
}

double cxs_chisq_p(double x, double df)
{
    if (isnan(x) || !(df > 0.0) || isinf(df))
        return (double)NAN;
    if (x <= 0.0)
        return 1.0;
    if (df == 1.0)
        return erfc(sqrt(x) * sqrt_half);
    prepare();
    return isinf(x) ? 0.0 : gsl_cdf_chisq_Q(x, df);
}

/* log of the continued fraction in (2). */
static double log_fraction(double a, double y)
{
    const double tiny = 1e-300; /* Lentz: stands in for a zero denominator */
    double b = y + 1.0 - a, c = 1.0 / tiny, d = 1.0 / b, h = d;

    for (int i = 1; i < 10000; i++) {
        const double an = -(double)i * ((double)i - a);
        double change;
        b += 2.0;
        d = an * d + b;
        d = 1.0 / (fabs(d) < tiny ? tiny : d);
        c = b + an / c;
        c = fabs(c) < tiny ? tiny : c;
        change = d * c;
        h *= change;
        if (fabs(change - 1.0) < 1e-15)
            break;
    }
    return log(h);
}

double cxs_chisq_log10_p(double x, double df)
{
    const double p = cxs_chisq_p(x, df), a = 0.5 * df, y = 0.5 * x;

    if (isnan(p) || isinf(x))
        return isnan(p) ? p : x;
    if (df == 1.0)
        return cxs_normal_log10_p(sqrt(fmax(x, 0.0)));
    if (p > 0.5)
        return -log1p(-gsl_cdf_chisq_P(fmax(x, 0.0), df)) * log10_e;
    if (p > TAIL_MIN)
        return -log10(p);
    return -(a * log(y) - y - lgamma(a) + log_fraction(a, y)) * log10_e;
}

double cxs_normal_quantile(double p)
{
    if (!(p > 0.0 && p < 1.0))
        return (double)NAN;
    prepare();
    return p <= 0.5 ? gsl_cdf_ugaussian_Pinv(p) : gsl_cdf_ugaussian_Qinv(1.0 - p);
}

double cxs_normal_cdf(double x)
{
    return 0.5 * erfc(-x * sqrt_half);
}

double cxs_normal_pdf(double x)
{
    return inv_sqrt_2pi * exp(-0.5 * x * x);
}

const char *cxs_gsl_version(void)
{
    return gsl_version;
}
