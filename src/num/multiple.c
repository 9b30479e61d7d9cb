/*
 * multiple.c -- p-values adjusted for the number of tests
 *
 * With m tests and p_(1) <= .. <= p_(m)
 *     BH:  q_(i) = min( 1, min_{k >= i} m p_(k) / k )                           (1)
 *     BY:  the same with m sum_{k=1..m} 1/k in place of m                       (2)
 * Benjamini and Hochberg (1995) J. R. Stat. Soc. B 57:289; Benjamini and Yekutieli
 * (2001) Ann. Stat. 29:1165.  Equal p-values get equal q-values because of the minimum.
 */
#include "num/multiple.h"

#include <math.h>
#include <stdlib.h>

/* By p, then place: a total order, so that the result never depends on qsort(). */
static int by_p(const void *left, const void *right)
{
    const cxs_p_item *a = left, *b = right;

    if (a->p != b->p)
        return a->p < b->p ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

/* Gather the tests in ascending order; q of the others becomes NaN. */
static size_t sort_tests(size_t n, const double *p, double *q, cxs_p_item *work)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        if (isnan(p[i]))
            q[i] = (double)NAN;
        else
            work[m++] = (cxs_p_item){p[i], i};
    }
    qsort(work, m, sizeof *work, by_p);
    return m;
}

/* (1) with `factor` in place of m, from the largest p down. */
static void step_up(size_t m, double factor, const cxs_p_item *work, double *q)
{
    double smallest = 1.0;

    for (size_t i = m; i-- > 0;) {
        smallest = fmin(smallest, factor / (double)(i + 1) * work[i].p);
        q[work[i].at] = smallest;
    }
}

void cxs_adjust_bh(size_t n, const double *p, double *q, cxs_p_item *work)
{
    const size_t m = sort_tests(n, p, q, work);

    step_up(m, (double)m, work, q);
}

void cxs_adjust_by(size_t n, const double *p, double *q, cxs_p_item *work)
{
    const size_t m = sort_tests(n, p, q, work);
    double harmonic = 0.0;

    for (size_t k = m; k >= 1; k--)
        harmonic += 1.0 / (double)k;
    step_up(m, (double)m * harmonic, work, q);
}
