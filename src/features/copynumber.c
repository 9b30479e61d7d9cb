/*
 * copynumber.c -- from read counts of bins to log2 copy ratios
 */
#include "features/copynumber.h"

#include "num/loess.h"
#include "num/order.h"
#include "num/ranks.h"
#include "num/segment.h"

#include <math.h>
#include <stdlib.h>

enum { GRID = 1000 };
static const size_t FEW = 300, LEAST = 50;

static const double MAP_LEAST = 0.9, OUTLIER = 0.01, GC_EDGE = 0.001, PON_MAD = 0.2;

void cxs_cn_bins_free(cxs_cn_bins *bins)
{
    cxs_free(bins->chrom);
    cxs_free(bins->start0);
    cxs_free(bins->end0);
    cxs_free(bins->gc);
    cxs_free(bins->map);
    cxs_free(bins->near_centromere);
    cxs_free(bins->pon);
    cxs_free(bins->pon_mad);
    *bins = (cxs_cn_bins){0};
}

/* ---- help --------------------------------------------------------------------------- */

typedef struct point {
    double x, y;
} point;

static int by_x(const void *a, const void *b)
{
    const point *p = a, *q = b;

    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

/* Quantile of type 7; sorts. */
static double quantile(double *values, size_t n, double p)
{
    const double at = p * (double)(n - 1), low = floor(at);
    const size_t i = (size_t)low;

    qsort(values, n, sizeof *values, cxs_ascending);
    return i + 1 < n ? values[i] + (at - low) * (values[i + 1] - values[i]) : values[i];
}

/* Line through (x, y) with ascending x; NaN outside. */
static double interpolate(const double *x, const double *y, size_t n, double at)
{
    size_t low = 0, high = n - 1;

    if (n == 0 || !(at >= x[0] && at <= x[n - 1]))
        return (double)NAN;
    while (high - low > 1) {
        const size_t mid = low + (high - low) / 2;
        if (x[mid] <= at)
            low = mid;
        else
            high = mid;
    }
    if (n == 1 || !(x[high] > x[low]))
        return y[low];
    return y[low] + (at - x[low]) / (x[high] - x[low]) * (y[high] - y[low]);
}

/* ---- one sample while it is corrected ----------------------------------------------- */

typedef struct work {
    const cxs_cn_bins *bins;
    const double *reads;
    double *ratio; /* [n] depth over what GC and mappability predict; NaN */
    point *points; /* [n] */
    double *x, *y; /* [n] */
    double *other; /* [3 n] */
} work;

static int is_valid(const work *w, size_t i)
{
    return w->reads[i] > 0.0 && !isnan(w->bins->gc[i]);
}

static int maps(const work *w, size_t i)
{
    return isnan(w->bins->map[i]) || w->bins->map[i] >= MAP_LEAST;
}

/* Bins that stand for an unaltered genome of known GC, sorted by it. */
static size_t ideal_bins(work *w)
{
    const cxs_cn_bins *b = w->bins;
    double reads_top, reads_low = HUGE_VAL, gc_low, gc_high;
    size_t valid = 0, count = 0;

    for (size_t i = 0; i < b->n; i++)
        if (is_valid(w, i)) {
            w->x[valid] = w->reads[i];
            w->y[valid++] = b->gc[i];
            reads_low = fmin(reads_low, w->reads[i]);
        }
    if (valid == 0)
        return 0;
    reads_top = quantile(w->x, valid, 1.0 - OUTLIER);
    gc_low = quantile(w->y, valid, GC_EDGE);
    gc_high = quantile(w->y, valid, 1.0 - GC_EDGE);
    for (size_t i = 0; i < b->n; i++)
        if (is_valid(w, i) && maps(w, i) && b->chrom[i] <= CXS_CN_AUTOSOMES &&
            w->reads[i] > reads_low && w->reads[i] <= reads_top && b->gc[i] >= gc_low &&
            b->gc[i] <= gc_high)
            w->points[count++] = (point){b->gc[i], w->reads[i]};
    qsort(w->points, count, sizeof *w->points, by_x);
    for (size_t k = 0; k < count; k++) {
        w->x[k] = w->points[k].x;
        w->y[k] = w->points[k].y;
    }
    return count;
}

/* The rough curve on a grid of GC, smoothed once more: ratio = reads / curve(gc). */
static void divide_by_gc(work *w, size_t ideal)
{
    const cxs_cn_bins *b = w->bins;
    double grid[GRID + 1], rough[GRID + 1], smooth[GRID + 1];
    size_t m = 0;

    for (int k = 0; k <= GRID; k++) {
        const double gc = (double)k / GRID;
        if (gc >= w->x[0] && gc <= w->x[ideal - 1])
            grid[m++] = gc;
    }
    if (m < 3) { /* nearly one GC: a constant */
        const double level = quantile(w->y, ideal, 0.5);
        for (size_t i = 0; i < b->n; i++)
            w->ratio[i] = is_valid(w, i) ? w->reads[i] / level : (double)NAN;
        return;
    }
    cxs_loess(w->x, w->y, ideal, ideal < FEW ? 0.3 : 0.03, 2, grid, m, rough);
    cxs_loess(grid, rough, m, 0.3, 2, grid, m, smooth);
    for (size_t i = 0; i < b->n; i++) {
        const double level =
            is_valid(w, i) ? interpolate(grid, smooth, m, b->gc[i]) : (double)NAN;
        w->ratio[i] = level > 0.0 ? w->reads[i] / level : (double)NAN;
    }
}

/* lowess of the ratio on mappability, from ratios below their 99 % quantile. */
static void divide_by_map(work *w)
{
    const cxs_cn_bins *b = w->bins;
    size_t count = 0;
    double top;

    for (size_t i = 0; i < b->n; i++)
        if (!isnan(w->ratio[i]))
            w->x[count++] = w->ratio[i];
    if (count == 0)
        return;
    top = quantile(w->x, count, 1.0 - OUTLIER);
    count = 0;
    for (size_t i = 0; i < b->n; i++)
        if (w->ratio[i] < top && !isnan(b->map[i]))
            w->points[count++] = (point){b->map[i], w->ratio[i]};
    if (count < LEAST)
        return; /* no mappability: nothing to correct by */
    qsort(w->points, count, sizeof *w->points, by_x);
    for (size_t k = 0; k < count; k++) {
        w->x[k] = w->points[k].x;
        w->y[k] = w->points[k].y;
    }
    cxs_lowess(w->x, w->y, count, 2.0 / 3.0, 3, w->other, w->other + count);
    for (size_t i = 0; i < b->n; i++) {
        const double level = isnan(b->map[i])
                                 ? (double)NAN
                                 : interpolate(w->x, w->other, count, b->map[i]);
        w->ratio[i] = level > 0.0 ? w->ratio[i] / level : (double)NAN;
    }
}

/* log2, the filters of bins, the panel of normals, the median of the autosomes. */
static size_t take_logs(work *w, double *log2_out)
{
    const cxs_cn_bins *b = w->bins;
    size_t used = 0, autosomal = 0;
    double middle;

    for (size_t i = 0; i < b->n; i++) {
        double y = w->ratio[i] > 0.0 ? log2(w->ratio[i]) : (double)NAN;
        if (!maps(w, i) || b->near_centromere[i])
            y = (double)NAN;
        if (b->pon != NULL)
            y = b->pon_mad != NULL && b->pon_mad[i] > PON_MAD ? (double)NAN
                                                              : y - b->pon[i];
        log2_out[i] = y;
        used += isnan(y) ? 0 : 1;
        if (!isnan(y) && b->chrom[i] <= CXS_CN_AUTOSOMES)
            w->x[autosomal++] = y;
    }
    if (autosomal == 0)
        return 0;
    middle = quantile(w->x, autosomal, 0.5);
    for (size_t i = 0; i < b->n; i++)
        log2_out[i] -= middle;
    return used;
}

cxs_cn_state cxs_cn_judge(cxs_cn_measure measure, double value, const char **reason)
{
    static const struct {
        double sign, fail, warn; /* beyond: sign * value > sign * limit */
        const char *reason;
    } limits[CXS_CN_MEASURES] = {{-1.0, 1e6, 5e6, "few_fragments"},
                                 {1.0, 0.30, 0.20, "noisy_bins"},
                                 {1.0, HUGE_VAL, 0.2, "follows_gc"}};
    const double sign = limits[measure].sign, size = fabs(value);
    const cxs_cn_state state = sign * size > sign * limits[measure].fail   ? CXS_CN_FAIL
                               : sign * size > sign * limits[measure].warn ? CXS_CN_WARN
                                                                           : CXS_CN_OK;

    *reason = state != CXS_CN_OK ? limits[measure].reason : "";
    return state;
}

/* The worst of the measures; of equal ones the first. */
static void judge(cxs_cn_quality *q)
{
    const double value[CXS_CN_MEASURES] = {q->fragments, q->sd_diff, q->gc_rank};

    q->state = CXS_CN_OK;
    q->reason = "";
    for (int m = 0; m < CXS_CN_MEASURES; m++) {
        const char *reason;
        const cxs_cn_state state = cxs_cn_judge((cxs_cn_measure)m, value[m], &reason);
        if (state > q->state) {
            q->state = state;
            q->reason = reason;
        }
    }
}

static cxs_rc measure(cxs_ctx *ctx, work *w, const double *log2_out, cxs_cn_quality *q)
{
    const cxs_cn_bins *b = w->bins;
    double *first = w->other, *second = w->other + b->n;
    uint64_t *sorting = NULL;
    size_t count = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < b->n; i++)
        if (!isnan(log2_out[i]) && b->chrom[i] <= CXS_CN_AUTOSOMES) {
            w->x[count] = log2_out[i];
            w->y[count++] = b->gc[i];
        }
    q->sd_diff = cxs_sd_diff(w->x, count, w->other);
    CXS_NEW(sorting, cxs_ranks_work(count));
    cxs_spearman_scores(count, w->x, first, sorting);
    cxs_spearman_scores(count, w->y, second, sorting);
    for (size_t i = 0; i < count; i++)
        q->gc_rank += first[i] * second[i];
    judge(q);

done:
    cxs_free(sorting);
    return rc;
}

cxs_rc cxs_cn_correct(cxs_ctx *ctx, const cxs_cn_bins *bins, const double *reads,
                      double *log2_out, cxs_cn_quality *quality)
{
    const size_t n = bins->n;
    work w = {.bins = bins, .reads = reads};
    cxs_rc rc = CXS_OK;

    *quality = (cxs_cn_quality){.reason = ""};
    CXS_NEW(w.points, n);
    CXS_NEW(w.ratio, 7 * n);
    w.x = w.ratio + n;
    w.y = w.x + n;
    w.other = w.y + n;
    for (size_t i = 0; i < n; i++)
        quality->fragments += reads[i];
    quality->ideal = ideal_bins(&w);
    if (quality->ideal < LEAST) {
        rc = cxs_fail(ctx, CXS_EDEGENERATE,
                      "copy number: %zu bins can carry a GC curve, %zu are needed",
                      quality->ideal, LEAST);
        goto done;
    }
    divide_by_gc(&w, quality->ideal);
    divide_by_map(&w);
    quality->used = take_logs(&w, log2_out);
    if (quality->used < LEAST) {
        rc = cxs_fail(ctx, CXS_EDEGENERATE,
                      "copy number: %zu bins are left, %zu are needed", quality->used,
                      LEAST);
        goto done;
    }
    rc = measure(ctx, &w, log2_out, quality);

done:
    cxs_free(w.ratio);
    cxs_free(w.points);
    return rc;
}
