/*
 * tmm.c -- library normalisation of counts
 *
 * c_gj count of gene g in sample j, N_j library size.
 *
 * Filter (edgeR filterByExpr; Chen, Lun and Smyth 2016): with L the median of N,
 * k = 10/L * 1e6 and m samples in the smallest group, m' = m or, above ten,
 * 10 + 0.7 (m - 10); keep g when CPM_gj >= k in at least m' samples and
 * sum_j c_gj >= 15.                                                              (1)
 *
 * TMM (Robinson and Oshlack 2010), a = c_gj against b = c_gr of the reference r:
 *   M = log2((a/N_j)/(b/N_r)),  A = (log2(a/N_j) + log2(b/N_r))/2,               (2)
 *   v = (N_j - a)/(N_j a) + (N_r - b)/(N_r b),                                   (3)
 * over the m genes with a, b > 0; keep the genes whose average ranks of M lie in
 * [floor(0.3 m) + 1, m - floor(0.3 m)] and of A in [floor(0.05 m) + 1,
 * m - floor(0.05 m)]; f_j = 2^(sum M/v / sum 1/v); then all f are divided by their
 * geometric mean.                                                                (4)
 *
 * Median of ratios (Anders and Huber 2010), over genes with all counts > 0:
 *   s_j = exp(median_g(ln c_gj - mean_j ln c_gj)).                               (5)
 *
 * log-CPM (edgeR cpm, prior count 2): E_j = N_j f_j, Ebar their mean,
 *   p_j = 2 E_j/Ebar,  y = log2((c + p_j)/(E_j + 2 p_j) 1e6).                    (6)
 *
 * TPM (Wagner, Kin and Lynch 2012): (c/len) / sum_g(c/len) * 1e6.                (7)
 *
 * (2) is evaluated as written, not as a difference of logarithms: equal ratios must be
 * equal numbers, because ties decide what is trimmed.
 */
#include "num/tmm.h"

#include "num/order.h"

#include <math.h>
#include <string.h>

static const double MILLION = 1e6;

/* The defaults of filterByExpr and calcNormFactors. */
static const double MIN_COUNT = 10.0, MIN_TOTAL = 15.0, LARGE_GROUP = 10.0,
                    SHARE_ABOVE = 0.7, TOLERANCE = 1e-14;
static const double TRIM_M = 0.3, TRIM_A = 0.05, SAME_SAMPLE = 1e-6;
static const double PRIOR_COUNT = 2.0;

double cxs_filter_samples(size_t smallest_group)
{
    const double m = (double)smallest_group;

    return m > LARGE_GROUP ? LARGE_GROUP + (m - LARGE_GROUP) * SHARE_ABOVE : m;
}

int cxs_filter_by_expr(size_t n, const double *count, const double *library,
                       double median, double min_samples)
{
    const double cut = MIN_COUNT / median * MILLION; /* k of (1) */
    double total = 0.0, reached = 0.0;

    for (size_t j = 0; j < n; j++) {
        if (isnan(count[j]))
            continue;
        total += count[j];
        reached += count[j] / library[j] * MILLION >= cut ? 1.0 : 0.0;
    }
    return reached >= min_samples - TOLERANCE && total >= MIN_TOTAL - TOLERANCE;
}

double cxs_tmm_upper_quartile(size_t p, const double *count, double library,
                              double *work)
{
    for (size_t g = 0; g < p; g++)
        work[g] = count[g] / library;
    return cxs_quantile7(p, work, 0.75);
}

size_t cxs_tmm_reference(size_t n, const double *quartile, const double *root_sum,
                         double *work)
{
    double mean = 0.0;
    size_t best = 0;

    memcpy(work, quartile, n * sizeof *work);
    if (cxs_median(n, work) < 1e-20) { /* most samples are mostly zero: take the
                                        * richest one, as edgeR does */
        for (size_t j = 1; j < n; j++)
            best = root_sum[j] > root_sum[best] ? j : best;
        return best;
    }
    for (size_t j = 0; j < n; j++)
        mean += quartile[j];
    mean /= (double)n;
    for (size_t j = 1; j < n; j++)
        if (fabs(quartile[j] - mean) < fabs(quartile[best] - mean))
            best = j;
    return best;
}

/* Values whose average rank lies in [floor(trim n) + 1, n - floor(trim n)] are exactly
 * those in [*lo, *hi].  Only a run of equal values across a border needs its average
 * rank: a value below the border's value ranks below the border, one above it above. */
static void trim_limits(size_t n, double trim, double *x, double *lo, double *hi)
{
    const size_t first = (size_t)floor((double)n * trim); /* border ranks, from 0 */
    const size_t last = n - 1 - first;
    size_t below[2] = {0, 0}, equal[2] = {0, 0};

    *lo = cxs_select(n, x, first);
    *hi = cxs_select(n, x, last);
    for (size_t i = 0; i < n; i++) {
        below[0] += x[i] < *lo;
        equal[0] += x[i] <= *lo && x[i] >= *lo;
        below[1] += x[i] < *hi;
        equal[1] += x[i] <= *hi && x[i] >= *hi;
    }
    /* twice the average rank is 2 below + equal + 1 */
    if (2 * below[0] + equal[0] + 1 < 2 * (first + 1))
        *lo = nextafter(*lo, HUGE_VAL);
    if (2 * below[1] + equal[1] + 1 > 2 * (last + 1))
        *hi = nextafter(*hi, -HUGE_VAL);
}

double cxs_tmm_factor(size_t p, const double *obs, const double *ref, double lib_obs,
                      double lib_ref, double *work)
{
    double *m = work, *a = work + p, *v = work + 2 * p, *scratch = work + 3 * p;
    double lo_m, hi_m, lo_a, hi_a, largest = 0.0, sum = 0.0, weight = 0.0;
    size_t n = 0;

    for (size_t g = 0; g < p; g++) {
        if (!(obs[g] > 0.0 && ref[g] > 0.0))
            continue;
        const double qo = obs[g] / lib_obs, qr = ref[g] / lib_ref;
        m[n] = log2(qo / qr);
        a[n] = (log2(qo) + log2(qr)) / 2.0; /* (2) */
        v[n] = (lib_obs - obs[g]) / lib_obs / obs[g] +
               (lib_ref - ref[g]) / lib_ref / ref[g]; /* (3) */
        largest = fmax(largest, fabs(m[n++]));
    }
    if (n == 0 || largest < SAME_SAMPLE)
        return 1.0;
    memcpy(scratch, m, n * sizeof *m);
    trim_limits(n, TRIM_M, scratch, &lo_m, &hi_m);
    memcpy(scratch, a, n * sizeof *a);
    trim_limits(n, TRIM_A, scratch, &lo_a, &hi_a);
    for (size_t g = 0; g < n; g++) {
        if (m[g] < lo_m || m[g] > hi_m || a[g] < lo_a || a[g] > hi_a)
            continue;
        sum += m[g] / v[g];
        weight += 1.0 / v[g];
    }
    sum /= weight; /* nothing kept, or all of a library in one gene: no evidence */
    return isfinite(sum) ? exp2(sum) : 1.0;
}

double cxs_mean_log(size_t n, const double *factor)
{
    double mean_log = 0.0;

    for (size_t j = 0; j < n; j++)
        mean_log += log(factor[j]);
    return mean_log / (double)n;
}

void cxs_geometric_centre(size_t n, double *factor)
{
    const double mean_log = cxs_mean_log(n, factor);

    for (size_t j = 0; j < n; j++)
        factor[j] /= exp(mean_log);
}

int cxs_mor_log_ratio(size_t n, const double *count, double *ratio)
{
    double mean = 0.0;

    for (size_t j = 0; j < n; j++) {
        if (!(count[j] > 0.0))
            return 0;
        ratio[j] = log(count[j]);
        mean += ratio[j];
    }
    mean /= (double)n;
    for (size_t j = 0; j < n; j++)
        ratio[j] -= mean; /* inner part of (5) */
    return 1;
}

void cxs_log_cpm(size_t n, const double *effective, double mean, double *x)
{
    for (size_t j = 0; j < n; j++) {
        const double prior = PRIOR_COUNT * effective[j] / mean; /* p_j of (6) */
        x[j] = log2((x[j] + prior) / (effective[j] + 2.0 * prior) * MILLION);
    }
}

void cxs_log_tpm(size_t n, double length, const double *rate_sum, double *x)
{
    for (size_t j = 0; j < n; j++)
        x[j] = log2(x[j] / length / rate_sum[j] * MILLION + 1.0); /* (7) */
}
