/*
 * tcr.c -- diversity of a repertoire of receptor clones, and overlap of two
 */
#include "num/tcr.h"

#include "num/fisher.h"

#include "num/order.h"

#include <math.h>
#include <stdlib.h>

enum { TOP = 10, EXPANDED_PER = 1000 }; /* expanded: one count in a thousand */

static double sum_of(size_t n, const double *x)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

/* Whole numbers: the comparisons with half and a thousandth are exact. */
static double half_of(size_t n, const double *count, double total)
{
    double sum = 0.0;
    size_t i = 0;

    while (i < n && 2.0 * sum < total)
        sum += count[i++];
    return (double)i;
}

static double chao1(size_t n, const double *count)
{
    double once = 0.0, twice = 0.0;

    for (size_t i = 0; i < n; i++) {
        once += count[i] == 1.0;
        twice += count[i] == 2.0;
    }
    return (double)n + once * (once - 1.0) / (2.0 * (twice + 1.0));
}

void cxs_tcr_indices(size_t n, const double *count, double *index)
{
    const double total = sum_of(n, count), clones = (double)n;
    double shannon = 0.0, simpson = 0.0, gini = 0.0, expanded = 0.0;

    for (size_t k = 0; k < CXS_TCR_INDICES; k++)
        index[k] = (double)NAN;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        const double p = count[i] / total;
        shannon -= p * log(p);
        simpson += p * p;
        /* descending: clone i is the (n - i)-th in ascending order */
        gini += (clones - 1.0 - 2.0 * (double)i) * count[i];
        expanded += EXPANDED_PER * count[i] >= total ? count[i] : 0.0;
    }
    index[CXS_TCR_RICHNESS] = clones;
    index[CXS_TCR_SHANNON] = shannon;
    if (n > 1)
        index[CXS_TCR_CLONALITY] = 1.0 - shannon / log(clones);
    index[CXS_TCR_SIMPSON] = simpson;
    index[CXS_TCR_GINI] = gini / (clones * total);
    index[CXS_TCR_CHAO1] = chao1(n, count);
    index[CXS_TCR_D50] = half_of(n, count, total);
    index[CXS_TCR_TOP10] = sum_of(n < TOP ? n : TOP, count) / total;
    index[CXS_TCR_EXPANDED] = expanded / total;
}

/* tree[i] holds the sum of the lowbit(i) counts that end with count i - 1. */
static void plant(size_t n, const double *count, double *tree)
{
    tree[0] = 0.0;
    for (size_t i = 0; i < n; i++)
        tree[i + 1] = count[i];
    for (size_t i = 1; i <= n; i++) {
        const size_t up = i + (i & (~i + 1));
        if (up <= n)
            tree[up] += tree[i];
    }
}

/* Clone that holds count number `at` (from 0) of those left, which loses it. */
static size_t pick(size_t n, size_t top, double at, double *tree)
{
    size_t place = 0;

    for (size_t step = top; step > 0; step /= 2)
        if (place + step <= n && tree[place + step] <= at) {
            place += step;
            at -= tree[place];
        }
    for (size_t i = place + 1; i <= n; i += i & (~i + 1))
        tree[i] -= 1.0;
    return place;
}

void cxs_tcr_downsample(size_t n, const double *count, size_t depth, cxs_draw_fn draw,
                        const void *stream, uint64_t repeat, double *taken,
                        double *work)
{
    size_t left = (size_t)sum_of(n, count), top = 1;

    while (2 * top <= n)
        top *= 2;
    plant(n, count, work);
    for (size_t i = 0; i < n; i++)
        taken[i] = 0.0;
    for (size_t d = 0; d < depth && left > 0; d++, left--) {
        const size_t at = draw(stream, repeat, d, left);
        taken[pick(n, top, (double)at, work)] += 1.0;
    }
}

void cxs_tcr_mean(size_t n, const double *count, size_t depth, size_t repeats,
                  cxs_draw_fn draw, const void *stream, double *mean, double *work)
{
    const int enough = depth > 0 && repeats > 0 && sum_of(n, count) >= (double)depth;
    double *taken = work, *tree = work + n, index[CXS_TCR_INDICES];

    for (size_t k = 0; k < CXS_TCR_INDICES; k++)
        mean[k] = enough ? 0.0 : (double)NAN;
    for (size_t r = 0; enough && r < repeats; r++) {
        size_t present = 0;
        cxs_tcr_downsample(n, count, depth, draw, stream, r, taken, tree);
        for (size_t i = 0; i < n; i++)
            if (taken[i] > 0.0)
                taken[present++] = taken[i];
        qsort(taken, present, sizeof *taken, cxs_descending);
        cxs_tcr_indices(present, taken, index);
        for (size_t k = 0; k < CXS_TCR_INDICES; k++)
            mean[k] += index[k];
    }
    for (size_t k = 0; enough && k < CXS_TCR_INDICES; k++)
        mean[k] /= (double)repeats;
}

void cxs_tcr_overlap(size_t n, const double *a, const double *b, double *share,
                     double *morisita)
{
    const double in_a = sum_of(n, a), in_b = sum_of(n, b);
    double both = 0.0, cross = 0.0, square_a = 0.0, square_b = 0.0;

    *share = *morisita = (double)NAN;
    if (!(in_a > 0.0) || !(in_b > 0.0))
        return;
    for (size_t i = 0; i < n; i++) {
        const double p = a[i] / in_a, q = b[i] / in_b;
        both += b[i] > 0.0 ? a[i] : 0.0;
        cross += p * q;
        square_a += p * p;
        square_b += q * q;
    }
    *share = both / in_a;
    *morisita = 2.0 * cross / (square_a + square_b);
}

static const double EXPANDED_Q = 0.01, EXPANDED_COUNTS = 5.0;

void cxs_tcr_expansion(size_t n, const double *before, const double *after,
                       double *number, double *share, double *p, cxs_p_item *work)
{
    const double all_before = sum_of(n, before), all_after = sum_of(n, after);
    double grown = 0.0, counts = 0.0;

    *number = *share = (double)NAN;
    if (!(all_before > 0.0) || !(all_after > 0.0))
        return;
    for (size_t i = 0; i < n; i++)
        p[i] =
            before[i] + after[i] < EXPANDED_COUNTS
                ? (double)NAN
                : cxs_fisher_exact((size_t)after[i], (size_t)(all_after - after[i]),
                                   (size_t)before[i], (size_t)(all_before - before[i]));
    cxs_adjust_bh(n, p, p, work);
    for (size_t i = 0; i < n; i++)
        if (p[i] < EXPANDED_Q && after[i] * all_before > before[i] * all_after) {
            grown += 1.0;
            counts += after[i];
        }
    *number = grown;
    *share = counts / all_after;
}
