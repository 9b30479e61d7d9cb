/*
 * segment.c -- circular binary segmentation
 */
#include "num/segment.h"

#include "num/order.h"

#include <math.h>

typedef struct arc { /* values [from, to) against the rest */
    size_t from, to;
    double score; /* squared sum of centred values / (k (n - k) / n) */
} arc;

typedef struct test {
    const cxs_cbs_settings *s;
    cxs_draw_fn draw;
    const void *stream;
    uint64_t number; /* of tests done: keys the draws */
} test;

cxs_cbs_settings cxs_cbs_defaults(void)
{
    return (cxs_cbs_settings){
        .alpha = 0.01, .permutations = 10000, .least = 2, .undo_sd = 1.0};
}

double cxs_sd_diff(const double *x, size_t n, double *work)
{
    if (n < 2)
        return (double)NAN;
    for (size_t i = 0; i + 1 < n; i++)
        work[i] = fabs(x[i + 1] - x[i]);
    return cxs_median(n - 1, work) / 0.6745 / sqrt(2.0);
}

/* ---- the statistic ------------------------------------------------------------------ */

/* Partial sums of x - mean: sum[0] = 0 .. sum[n]. */
static void partial_sums(const double *x, size_t n, double *sum)
{
    double mean = 0.0;

    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    sum[0] = 0.0;
    for (size_t i = 0; i < n; i++)
        sum[i + 1] = sum[i] + (x[i] - mean);
}

/* Largest |sum[i + k] - sum[i]| over i. */
static double widest(const double *sum, size_t n, size_t k)
{
    double high = 0.0, low = 0.0;

    for (size_t i = 0; i + k <= n; i++) {
        const double d = sum[i + k] - sum[i];
        high = d > high ? d : high;
        low = d < low ? d : low;
    }
    return high > -low ? high : -low;
}

/* Range of the partial sums bounds every difference of them. */
static double range_of(const double *sum, size_t n)
{
    double high = sum[0], low = sum[0];

    for (size_t i = 1; i <= n; i++) {
        high = sum[i] > high ? sum[i] : high;
        low = sum[i] < low ? sum[i] : low;
    }
    return high - low;
}

static double weight(size_t n, size_t k)
{
    return (double)n / ((double)k * (double)(n - k));
}

/* Best score over arcs of `least` .. n - least values; with stop >= 0 the first score
 * that reaches it will do.  Arcs of length k and n - k weigh the same: from the outside
 * in, the bound range^2 weight(k) falls, and the search ends when it cannot win. */
static double best_score(const double *sum, size_t n, size_t least, double stop)
{
    const double range = range_of(sum, n), bound = range * range;
    double best = 0.0;

    for (size_t k = least; 2 * k <= n; k++) {
        const double w = weight(n, k);
        double d;
        if (bound * w <= best || (stop >= 0.0 && bound * w < stop))
            break;
        d = widest(sum, n, k);
        if (d * d * w > best)
            best = d * d * w;
        if (2 * k < n) {
            d = widest(sum, n, n - k);
            if (d * d * w > best)
                best = d * d * w;
        }
        if (stop >= 0.0 && best >= stop)
            break;
    }
    return best;
}

/* The first arc (by length, then place) that has the best score. */
static arc best_arc(const double *sum, size_t n, size_t least)
{
    arc best = {0, n, 0.0};

    for (size_t k = least; k + least <= n; k++) {
        const double w = weight(n, k);
        for (size_t i = 0; i + k <= n; i++) {
            const double d = sum[i + k] - sum[i];
            if (d * d * w > best.score)
                best = (arc){i, i + k, d * d * w};
        }
    }
    return best;
}

/* ---- tests -------------------------------------------------------------------------- */

/* x [n] shuffled; the draws of permutation b are n b .. n b + n - 1. */
static void shuffle(const test *t, uint64_t b, double *x, size_t n)
{
    for (size_t i = n - 1; i > 0; i--) {
        const size_t j = t->draw(t->stream, t->number, b * n + i, i + 1);
        const double kept = x[i];
        x[i] = x[j];
        x[j] = kept;
    }
}

/* Is P(best score of a permutation >= score) surely below level?  Sum over arcs of
 * Bernstein's bound for the sum of k of n centred values with variance v and largest
 * distance c from the mean: 2 exp(-t^2 / (2 k v + 2/3 c t)). */
static int surely_rare(const double *x, size_t n, size_t least, double score,
                       double level)
{
    double mean = 0.0, v = 0.0, c = 0.0, p = 0.0;

    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        v += (x[i] - mean) * (x[i] - mean) / (double)n;
        c = fmax(c, fabs(x[i] - mean));
    }
    for (size_t k = least; k + least <= n && p < level; k++) {
        const size_t drawn = k < n - k ? k : n - k;
        const double t = sqrt(score / weight(n, k));
        p += 2.0 * (double)(n - k + 1) *
             exp(-t * t / (2.0 * (double)drawn * v + 2.0 / 3.0 * c * t));
    }
    return p < level;
}

/* Most exceedances that still mean p = (1 + #)/(B + 1) <= alpha; -1: none can. */
static long allowed(const test *t)
{
    return (long)floor(t->s->alpha * (double)(t->s->permutations + 1) + 1e-9) - 1;
}

/* Is the best arc of x [n] beyond what permutations of x give?  shuffled [n], sum
 * [n + 1]. */
static int arc_is_real(test *t, const double *x, size_t n, double score,
                       double *shuffled, double *sum)
{
    const long most = allowed(t);
    long beyond = 0;

    t->number++;
    if (!(score > 0.0))
        return 0;
    if (surely_rare(x, n, t->s->least, score, 0.1 * t->s->alpha))
        return 1;
    for (size_t i = 0; i < n; i++)
        shuffled[i] = x[i];
    for (uint64_t b = 0; b < t->s->permutations && beyond <= most; b++) {
        shuffle(t, b, shuffled, n);
        partial_sums(shuffled, n, sum);
        beyond += best_score(sum, n, t->s->least, score * (1.0 - 1e-12)) >=
                  score * (1.0 - 1e-12);
    }
    return beyond <= most;
}

/* Do the means of x[0, split) and x[split, n) differ? */
static int end_is_real(test *t, const double *x, size_t n, size_t split,
                       double *shuffled)
{
    const long most = allowed(t);
    double mean = 0.0, sum = 0.0;
    long beyond = 0;

    t->number++;
    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        shuffled[i] = x[i] - mean;
        sum += i < split ? shuffled[i] : 0.0;
    }
    for (uint64_t b = 0; b < t->s->permutations && beyond <= most; b++) {
        double drawn = 0.0;
        shuffle(t, b, shuffled, n);
        for (size_t i = 0; i < split; i++)
            drawn += shuffled[i];
        beyond += fabs(drawn) >= fabs(sum) * (1.0 - 1e-12);
    }
    return beyond <= most;
}

/* ---- splitting ---------------------------------------------------------------------- */

/* Cuts of x[n] in cut[2]: 0, 1 or 2 of them. */
static size_t find_cuts(test *t, const double *x, size_t n, double *work, size_t cut[2])
{
    double *sum = work, *shuffled = work + n + 1;
    size_t cuts = 0;
    arc best;

    if (n < 2 * t->s->least)
        return 0;
    partial_sums(x, n, sum);
    best = best_arc(sum, n, t->s->least);
    if (!arc_is_real(t, x, n, best.score, shuffled, sum))
        return 0;
    if (best.from == 0 || best.to == n) {
        cut[0] = best.from == 0 ? best.to : best.from;
        return 1;
    }
    if (best.from >= t->s->least && end_is_real(t, x, best.to, best.from, shuffled))
        cut[cuts++] = best.from;
    if (n - best.to >= t->s->least &&
        end_is_real(t, x + best.from, n - best.from, best.to - best.from, shuffled))
        cut[cuts++] = best.to;
    return cuts;
}

static double mean_of(const double *x, size_t from, size_t to)
{
    double sum = 0.0;

    for (size_t i = from; i < to; i++)
        sum += x[i];
    return sum / (double)(to - from);
}

/* Undo the smallest step below `limit`, until none is left. */
static size_t undo(const double *x, size_t *end, size_t count, double limit)
{
    while (count > 1) {
        double least = HUGE_VAL;
        size_t at = 0;
        for (size_t s = 0; s + 1 < count; s++) {
            const size_t from = s > 0 ? end[s - 1] : 0;
            const double step =
                fabs(mean_of(x, end[s], end[s + 1]) - mean_of(x, from, end[s]));
            if (step < least) {
                least = step;
                at = s;
            }
        }
        if (!(least < limit))
            break;
        for (size_t s = at; s + 1 < count; s++)
            end[s] = end[s + 1];
        count--;
    }
    return count;
}

size_t cxs_cbs(const double *x, size_t n, const cxs_cbs_settings *settings, double sd,
               cxs_draw_fn draw, const void *stream, size_t *end, double *work)
{
    test t = {settings, draw, stream, 0};
    size_t count = 1, at = 0;

    if (n == 0)
        return 0;
    end[0] = n;
    while (at < count) { /* end[at] is not yet known to be one segment */
        const size_t from = at > 0 ? end[at - 1] : 0;
        size_t cut[2];
        const size_t cuts = find_cuts(&t, x + from, end[at] - from, work, cut);
        if (cuts == 0) {
            at++;
            continue;
        }
        for (size_t s = count; s > at; s--)
            end[s + cuts - 1] = end[s - 1];
        for (size_t k = 0; k < cuts; k++)
            end[at + k] = from + cut[k];
        count += cuts;
    }
    if (settings->undo_sd > 0.0) {
        const double noise = isnan(sd) ? cxs_sd_diff(x, n, work) : sd;
        count = undo(x, end, count, settings->undo_sd * noise);
    }
    return count;
}
