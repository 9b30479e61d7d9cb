/*
 * loess.c -- local polynomials and robust local lines
 */
#include "num/loess.h"

#include "num/order.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEGREE_TOP = 2 };

static double tricube(double share)
{
    const double c = 1.0 - share * share * share;

    return c * c * c;
}

/* First index of the q values nearest to `at` in ascending x. */
static size_t window(const double *x, size_t n, size_t q, double at)
{
    size_t low = 0, high = n - q;

    while (low < high) { /* the window moves right while its left end is farther */
        const size_t mid = low + (high - low) / 2;
        if (at - x[mid] > x[mid + q] - at)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Value at 0 of the weighted polynomial, by Gram-Schmidt on the columns 1, u, u^2; a
 * column that the ones before explain is left out. */
static double local_value(const double *x, const double *y, size_t count, double at,
                          double h, int degree)
{
    double q0[DEGREE_TOP + 1] = {0};                     /* polynomial k at u = 0 */
    double coef[DEGREE_TOP + 1][DEGREE_TOP + 1] = {{0}}; /* polynomial k in powers */
    double value = 0.0;

    for (int k = 0; k <= degree; k++) {
        double norm = 0.0, raw = 0.0, dot = 0.0;
        double poly[DEGREE_TOP + 1] = {0};
        poly[k] = 1.0;
        for (int pass = 0; pass < 2; pass++) /* twice is enough */
            for (int j = 0; j < k; j++) {
                double overlap = 0.0, own = 0.0;
                for (size_t i = 0; i < count; i++) {
                    const double u = (x[i] - at) / h,
                                 w = fabs(u) < 1.0 ? tricube(fabs(u)) : 0.0;
                    const double pj = coef[j][0] + u * (coef[j][1] + u * coef[j][2]);
                    overlap += w * pj * (poly[0] + u * (poly[1] + u * poly[2]));
                    own += w * pj * pj;
                }
                if (own > 0.0)
                    for (int d = 0; d <= DEGREE_TOP; d++)
                        poly[d] -= overlap / own * coef[j][d];
            }
        for (size_t i = 0; i < count; i++) {
            const double u = (x[i] - at) / h,
                         w = fabs(u) < 1.0 ? tricube(fabs(u)) : 0.0;
            const double p = poly[0] + u * (poly[1] + u * poly[2]);
            const double power = k == 0 ? 1.0 : k == 1 ? u : u * u;
            norm += w * p * p;
            raw += w * power * power;
            dot += w * p * y[i];
        }
        if (!(norm > 1e-14 * raw))
            continue; /* coef[k] stays 0 */
        memcpy(coef[k], poly, sizeof poly);
        q0[k] = poly[0];
        value += dot / norm * q0[k];
    }
    return value;
}

void cxs_loess(const double *x, const double *y, size_t n, double span, int degree,
               const double *at, size_t m, double *out)
{
    const double wanted = floor((double)n * span + 1e-5);
    const size_t q = wanted < 1.0 ? 1 : wanted > (double)n ? n : (size_t)wanted;

    for (size_t k = 0; k < m; k++) {
        const size_t first = window(x, n, q, at[k]);
        size_t low = first, high = first + q;
        double h = fmax(at[k] - x[first], x[first + q - 1] - at[k]);
        if (span > 1.0)
            h *= sqrt(span); /* R scales the squared distance */
        if (!(h > 0.0)) { /* q equal values at this very place: the mean of all such */
            double sum = 0.0;
            while (low > 0 && x[low - 1] >= at[k])
                low--;
            while (high < n && x[high] <= at[k])
                high++;
            for (size_t i = low; i < high; i++)
                sum += y[i];
            out[k] = sum / (double)(high - low);
            continue;
        }
        while (low > 0 && at[k] - x[low - 1] < h)
            low--;
        while (high < n && x[high] - at[k] < h)
            high++;
        out[k] = local_value(x + low, y + low, high - low, at[k], h, degree);
    }
}

/* ---- lowess ------------------------------------------------------------------------- */

/* Local line at x[at] over the window [left, right] and ties beyond it. */
static double line_value(const double *x, const double *y, size_t n, size_t at,
                         size_t left, size_t right, const double *robust, double *w)
{
    const double place = x[at], range = x[n - 1] - x[0];
    const double h = fmax(place - x[left], x[right] - place);
    double all = 0.0, mean = 0.0, square = 0.0, value = 0.0;
    size_t end = left;

    for (; end < n; end++) {
        const double r = fabs(x[end] - place);
        if (r > 0.999 * h && x[end] > place)
            break;
        w[end] = r > 0.999 * h ? 0.0 : r > 0.001 * h ? tricube(r / h) : 1.0;
        w[end] *= robust[end];
        all += w[end];
    }
    if (!(all > 0.0))
        return y[at];
    for (size_t i = left; i < end; i++)
        mean += w[i] / all * x[i];
    for (size_t i = left; i < end; i++)
        square += w[i] / all * (x[i] - mean) * (x[i] - mean);
    for (size_t i = left; i < end; i++) {
        double share = w[i] / all;
        if (sqrt(square) > 0.001 * range) /* spread enough for a slope */
            share *= 1.0 + (place - mean) / square * (x[i] - mean);
        value += share * y[i];
    }
    return value;
}

static void interpolate(const double *x, double *out, size_t from, size_t to)
{
    const double step = x[to] - x[from];

    for (size_t i = from + 1; i < to; i++) {
        const double share = step > 0.0 ? (x[i] - x[from]) / step : 0.0;
        out[i] = share * out[to] + (1.0 - share) * out[from];
    }
}

/* One sweep over the places that are fitted directly. */
static void sweep(const double *x, const double *y, size_t n, size_t q, double delta,
                  const double *robust, double *w, double *out)
{
    size_t left = 0, right = q - 1, last = SIZE_MAX, i = 0;

    for (;;) {
        while (right + 1 < n && x[i] - x[left] > x[right + 1] - x[i]) {
            left++;
            right++;
        }
        out[i] = line_value(x, y, n, i, left, right, robust, w);
        if (last != SIZE_MAX && last + 1 < i)
            interpolate(x, out, last, i);
        last = i;
        for (i = last + 1; i < n && x[i] <= x[last] + delta; i++)
            if (x[i] == x[last]) {
                out[i] = out[last];
                last = i;
            }
        i = i - 1 > last + 1 ? i - 1 : last + 1;
        if (last + 1 >= n)
            break;
        if (i >= n)
            i = n - 1;
    }
}

/* Bisquare weights of residuals at six median absolute residuals; 0 when these vanish. */
static int reweigh(const double *y, const double *out, size_t n, double *robust,
                   double *sorted)
{
    double scale = 0.0, six;

    for (size_t i = 0; i < n; i++) {
        robust[i] = fabs(y[i] - out[i]);
        sorted[i] = robust[i];
        scale += robust[i] / (double)n;
    }
    qsort(sorted, n, sizeof *sorted, cxs_ascending);
    six = n % 2 == 0 ? 3.0 * (sorted[n / 2 - 1] + sorted[n / 2]) : 6.0 * sorted[n / 2];
    if (six < 1e-7 * scale)
        return 0;
    for (size_t i = 0; i < n; i++) {
        const double r = robust[i], c = 1.0 - (r / six) * (r / six);
        robust[i] = r <= 0.001 * six ? 1.0 : r <= 0.999 * six ? c * c : 0.0;
    }
    return 1;
}

void cxs_lowess(const double *x, const double *y, size_t n, double f, int iterations,
                double *out, double *scratch)
{
    double *robust = scratch, *w = scratch + n;
    const double wanted = f * (double)n + 1e-7;
    const size_t least = n < 2 ? n : 2, q = wanted < (double)least ? least
                                            : wanted > (double)n   ? n
                                                                   : (size_t)wanted;

    if (n < 2) {
        if (n == 1)
            out[0] = y[0];
        return;
    }
    for (size_t i = 0; i < n; i++)
        robust[i] = 1.0;
    for (int pass = 0; pass <= iterations; pass++) {
        sweep(x, y, n, q, 0.01 * (x[n - 1] - x[0]), robust, w, out);
        if (pass < iterations && !reweigh(y, out, n, robust, w))
            break;
    }
}
