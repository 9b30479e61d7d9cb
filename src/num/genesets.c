/*
 * genesets.c -- scores of gene sets in one sample
 *
 * N genes of the universe, k of them in the set S, r_g the rank of gene g in the sample.
 *
 * Singscore (Foroutan 2018, doi:10.1186/s12859-018-2435-4), r_g from the smallest, ties
 * the smallest of their ranks, N + 1 - r_g for a set that is expected low:
 *
 *     S = (mean r_g - (k + 1)/2) / ((2N - k + 1)/2 - (k + 1)/2) - 1/2,            (1)
 *
 * the mean between its smallest and largest possible value.
 *
 * ssGSEA (Barbie 2009, doi:10.1038/nature08460), r_g the floor of the average rank.
 * Walk down the genes in decreasing order, i = 1..N:
 *
 *     P_in(i)  = sum_{g in S, place <= i} r_g^a / sum_{g in S} r_g^a,
 *     P_out(i) = #{g not in S, place <= i} / (N - k),
 *     ES = sum_i (P_in(i) - P_out(i)).                                            (2)
 *
 * A gene at place i counts in the N - i + 1 sums from i on, so with v_g = N - place + 1
 *
 *     ES = sum_S r^a v / sum_S r^a - (N(N + 1)/2 - sum_S v) / (N - k),            (3)
 *
 * which costs k operations instead of N.
 */
#include "num/genesets.h"

#include <math.h>

static const double ROUNDING = 1e-13;

double cxs_singscore(size_t n, const uint32_t *low, size_t k, const uint32_t *set,
                     int down)
{
    const double smallest = ((double)k + 1.0) / 2.0;
    const double largest = (2.0 * (double)n - (double)k + 1.0) / 2.0;
    uint64_t sum = 0;

    for (size_t i = 0; i < k; i++)
        sum += down ? n + 1 - low[set[i]] : low[set[i]];
    return ((double)sum / (double)k - smallest) / (largest - smallest) - 0.5; /* (1) */
}

void cxs_ssgsea_powers(size_t n, double exponent, double *power)
{
    for (size_t r = 0; r < n; r++)
        power[r] = pow((double)(r + 1), exponent);
}

double cxs_ssgsea(size_t n, const cxs_ranks *ranks, const double *power, size_t k,
                  const uint32_t *set)
{
    const double all = (double)n * ((double)n + 1.0) / 2.0;
    double weighted = 0.0, weight = 0.0;
    uint64_t inside = 0;

    for (size_t i = 0; i < k; i++) {
        const uint32_t g = set[i];
        const size_t v = n - ranks->place[g] + 1;
        const double w = power[ranks->middle[g] - 1];
        weighted += w * (double)v;
        weight += w;
        inside += v;
    }
    return weighted / weight - (all - (double)inside) / (double)(n - k); /* (3) */
}

void cxs_moments(size_t n, const double *x, double *mean, double *sd)
{
    double sum = 0.0, square = 0.0, lo = HUGE_VAL, hi = -HUGE_VAL;

    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        lo = fmin(lo, x[i]);
        hi = fmax(hi, x[i]);
    }
    *mean = sum / (double)n;
    *sd = 0.0;
    if (hi - lo <= ROUNDING * fmax(fabs(lo), fabs(hi)))
        return; /* a constant, and what rounding made of one: no z-score */
    for (size_t i = 0; i < n; i++)
        square += (x[i] - *mean) * (x[i] - *mean);
    *sd = sqrt(square / (double)(n - 1));
}

cxs_line cxs_line_fit(size_t n, const double *t, const double *y)
{
    double sd_t, sd_y, cross = 0.0;
    cxs_line line;

    cxs_moments(n, t, &line.mean_t, &sd_t);
    cxs_moments(n, y, &line.mean_y, &sd_y);
    if (!(sd_t > 0.0))
        return (cxs_line){0.0, 0.0, 0.0};
    for (size_t i = 0; i < n; i++)
        cross += (t[i] - line.mean_t) * (y[i] - line.mean_y);
    line.slope = cross / (sd_t * sd_t * (double)(n - 1));
    return line;
}

void cxs_line_residuals(size_t n, const double *t, const cxs_line *line, double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = y[i] - line->mean_y - line->slope * (t[i] - line->mean_t);
}
