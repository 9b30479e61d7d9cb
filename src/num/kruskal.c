/*
 * kruskal.c -- Kruskal-Wallis test
 *
 * Ranks r_i, n of them in k groups of n_g, Rbar_g their means, Rbar = (n + 1)/2:
 *
 *     H = (n - 1) sum_g n_g (Rbar_g - Rbar)^2 / sum_i (r_i - Rbar)^2,              (1)
 *
 * which holds the correction for ties (Kruskal and Wallis 1952), against chi-squared
 * with k - 1 degrees of freedom.  Effect size (H - k + 1)/(n - k) (Tomczak 2014).  (2)
 */
#include "num/kruskal.h"

#include "num/special.h"

#include <math.h>
#include <string.h>

cxs_kruskal cxs_kruskal_test(size_t n, const double *rank, const uint32_t *group,
                             size_t groups, double *work)
{
    const double nan = (double)NAN, mean = ((double)n + 1.0) / 2.0;
    double *sum = work, *count = work + groups, between = 0.0, total = 0.0, k = 0.0;
    cxs_kruskal t = {nan, nan, nan, nan};

    memset(work, 0, 2 * groups * sizeof *work);
    for (size_t i = 0; i < n; i++) {
        sum[group[i]] += rank[i] - mean;
        count[group[i]] += 1.0;
        total += (rank[i] - mean) * (rank[i] - mean);
    }
    for (size_t g = 0; g < groups; g++) {
        if (!(count[g] > 0.0))
            continue;
        between += sum[g] * sum[g] / count[g];
        k += 1.0;
    }
    if (k < 2.0 || !(total > 0.0))
        return t;
    t.h = ((double)n - 1.0) * between / total; /* (1) */
    t.df = k - 1.0;
    t.p = cxs_chisq_p(t.h, t.df);
    if ((double)n > k)
        t.eta_squared = (t.h - t.df) / ((double)n - k); /* (2) */
    return t;
}
