/*
 * loess.h -- local regression of one variable on one other
 *
 * Sources: Cleveland (1979), Journal of the American Statistical Association 74:829
 * (lowess); Cleveland and Devlin (1988), JASA 83:596 (loess).  Numbers agree with R's
 * loess(surface = "direct") and lowess() (tests/test_loess.c).
 */
#ifndef CXS_LOESS_H
#define CXS_LOESS_H

#include <stddef.h>

/*
 * Local polynomial of degree 0..2 at the places at[m]:
 *     min_b sum_i w_i (y_i - sum_d b_d (x_i - at)^d)^2,  value b_0,
 *     w_i = (1 - (|x_i - at|/h)^3)^3 for |x_i - at| < h,
 *     h the distance of the q-th nearest x, q = floor(span n), times sqrt(span) when
 *     span > 1 (as R does).
 * Where the x within h are too few or too equal for the degree, the highest degree that
 * they carry is used.
 *
 *   x, y [n]    x ascending, both finite
 *   at, out [m]
 *   n >= 1, span > 0
 */
void cxs_loess(const double *x, const double *y, size_t n, double span, int degree,
               const double *at, size_t m, double *out);

/*
 * Robust local line: three bisquare iterations, R's lowess(x, y, f, iter, delta) with
 * delta = 1 % of the range: fitted directly at places more than delta apart and
 * interpolated between.
 *
 *   x, y, out [n]   x ascending
 *   scratch [2 n]
 */
void cxs_lowess(const double *x, const double *y, size_t n, double f, int iterations,
                double *out, double *scratch);

#endif /* CXS_LOESS_H */
