/*
 * order.c -- order statistics: selection, quantiles, medians, ranks, normal scores
 *
 * Selection is Hoare's quickselect with a three-way partition: counts hold long runs of
 * equal values (zeros above all), on which a two-way partition turns quadratic.
 *
 * Sorting is a bottom-up merge sort of indices: stable, no recursion, workspace known.
 */
#include "num/order.h"

#include "num/special.h"

#include <math.h>

static void swap(double *x, size_t a, size_t b)
{
    const double t = x[a];
    x[a] = x[b];
    x[b] = t;
}

static double median_of_3(double a, double b, double c)
{
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

/* Pivot: median of three medians of three, spread over [lo, hi); plain median of three
 * where nine values would overlap.  Fixed positions, so that a run repeats itself. */
static double pivot_of(const double *x, size_t lo, size_t hi)
{
    const size_t m = hi - lo, s = m / 9;
    const double *a = x + lo;

    if (s < 2)
        return median_of_3(a[0], a[m / 2], a[m - 1]);
    return median_of_3(median_of_3(a[0], a[s], a[2 * s]),
                       median_of_3(a[3 * s], a[4 * s], a[5 * s]),
                       median_of_3(a[6 * s], a[7 * s], a[m - 1]));
}

double cxs_select(size_t n, double *x, size_t k)
{
    size_t lo = 0, hi = n; /* x[k] is among x[lo..hi) */

    while (hi - lo > 1) {
        const double pivot = pivot_of(x, lo, hi);
        size_t less = lo, more = hi, i = lo; /* [lo,less) < pivot, [more,hi) > pivot */
        while (i < more) {
            if (x[i] < pivot)
                swap(x, i++, less++);
            else if (x[i] > pivot)
                swap(x, i, --more);
            else
                i++;
        }
        if (k < less)
            hi = less;
        else if (k >= more)
            lo = more;
        else
            return pivot;
    }
    return x[k];
}

double cxs_quantile7(size_t n, double *x, double q)
{
    const double h = (double)(n - 1) * q;
    const size_t k = (size_t)floor(h);
    const double below = cxs_select(n, x, k), part = h - floor(h);
    double above;

    if (part <= 0.0 || k + 1 >= n)
        return below;
    above = x[k + 1];
    for (size_t i = k + 2; i < n; i++)
        above = fmin(above, x[i]);
    return above > below ? (1.0 - part) * below + part * above : below;
}

double cxs_median(size_t n, double *x)
{
    return cxs_quantile7(n, x, 0.5);
}

double cxs_median_sorted(size_t n, const double *x)
{
    return n % 2 == 1 ? x[n / 2] : 0.5 * (x[n / 2 - 1] + x[n / 2]);
}

int cxs_ascending(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

int cxs_descending(const void *left, const void *right)
{
    return cxs_ascending(right, left);
}

/* Merge the sorted runs from[lo..mid) and from[mid..hi) into to[lo..hi). */
static void merge(const double *x, const size_t *from, size_t *to, size_t lo,
                  size_t mid, size_t hi)
{
    size_t a = lo, b = mid;

    for (size_t i = lo; i < hi; i++)
        to[i] =
            a < mid && (b >= hi || x[from[a]] <= x[from[b]]) ? from[a++] : from[b++];
}

/* Indices of x in ascending order; the result is in one of the halves of work. */
static const size_t *sorted_order(size_t n, const double *x, size_t *work)
{
    size_t *from = work, *to = work + n;

    for (size_t i = 0; i < n; i++)
        from[i] = i;
    for (size_t width = 1; width < n; width *= 2) {
        size_t *const t = from;
        for (size_t lo = 0; lo < n; lo += 2 * width) {
            const size_t mid = lo + width < n ? lo + width : n;
            const size_t hi = mid + width < n ? mid + width : n;
            merge(x, from, to, lo, mid, hi);
        }
        from = to;
        to = t;
    }
    return from;
}

void cxs_average_ranks(size_t n, const double *x, double *rank, size_t *work)
{
    const size_t *order = sorted_order(n, x, work);

    for (size_t first = 0, end; first < n; first = end) {
        for (end = first; end < n && x[order[end]] == x[order[first]]; end++)
            ;
        for (size_t i = first; i < end; i++) /* mean of ranks first+1 .. end */
            rank[order[i]] = 0.5 * (double)(first + 1 + end);
    }
}

void cxs_rank_normal(size_t n, const double *x, double *score, size_t *work)
{
    cxs_average_ranks(n, x, score, work);
    for (size_t i = 0; i < n; i++)
        score[i] = cxs_normal_quantile((score[i] - 0.5) / (double)n);
}
