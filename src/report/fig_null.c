/*
 * fig_null.c -- what chance alone gives: the largest |z| of each permutation
 */
#include "report/figures.h"

#include "report/label.h"

#include <math.h>
#include <stdio.h>

enum { WIDTH = 600, HEIGHT = 300, LEFT = 62, RIGHT = 586, TOP = 34, BOTTOM = 244 };
enum { BINS = 15, BINS_MAX = 128 };

typedef struct histogram {
    double from, step;
    size_t bins, tallest;
    size_t count[BINS_MAX];
} histogram;

/* Bins that begin at multiples of a nice step, so that their borders can be read. */
static void fill(const double *value, size_t n, histogram *h)
{
    double lo = value[0], hi = value[0];
    cxs_ticks ticks;

    for (size_t i = 0; i < n; i++) {
        lo = fmin(lo, value[i]);
        hi = fmax(hi, value[i]);
    }
    cxs_ticks_linear(lo, hi, BINS, &ticks);
    h->step = ticks.count > 1 ? ticks.at[1] - ticks.at[0] : 0.1;
    h->from = floor(lo / h->step) * h->step;
    h->bins = (size_t)fmin(floor((hi - h->from) / h->step) + 1, BINS_MAX);
    for (size_t i = 0; i < n; i++) {
        size_t bin = (size_t)((value[i] - h->from) / h->step);
        bin = bin < h->bins ? bin : h->bins - 1;
        h->count[bin]++;
        h->tallest = h->count[bin] > h->tallest ? h->count[bin] : h->tallest;
    }
}

static void draw_bars(cxs_canvas *c, const histogram *h, const cxs_axis *x,
                      const cxs_axis *y)
{
    for (size_t b = 0; b < h->bins; b++) {
        const double from = cxs_axis_at(x, h->from + (double)b * h->step);
        const double to = cxs_axis_at(x, h->from + (double)(b + 1) * h->step);
        const double top = cxs_axis_at(y, (double)h->count[b]);
        if (h->count[b] > 0)
            cxs_draw_rect(c, from + 0.5, top, to - from - 1, BOTTOM - top,
                          cxs_fill_ink(CXS_SKY, 1));
    }
}

static void draw_observed(cxs_canvas *c, const cxs_axis *x, double observed)
{
    const double at = cxs_axis_at(x, observed);
    const bool right = at > (LEFT + RIGHT) / 2.0;
    const cxs_type type = {12,   CXS_VERMILLION, right ? CXS_END : CXS_START,
                           true, false,          false};
    char text[2 * CXS_LABEL_BYTES], number[CXS_LABEL_BYTES];

    cxs_draw_line(c, at, TOP - 16, at, BOTTOM,
                  cxs_line_ink(CXS_VERMILLION, 2, CXS_DASHED));
    snprintf(text, sizeof text, "observed %s", cxs_label_fixed(observed, 2, number));
    cxs_draw_text(c, at + (right ? -6 : 6), TOP - 8, type, text);
}

static void describe(cxs_canvas *c, const cxs_loaded *d, const histogram *h,
                     double observed)
{
    cxs_markup m = {.ctx = c->ctx};
    char text[CXS_LABEL_BYTES];
    size_t as_large = 0;

    for (size_t i = 0; i < d->null_scores; i++)
        as_large += d->null_score[i] >= observed;
    cxs_putf(&m, "Histogram of the largest |z| in each of %zu permutations, from ",
             d->null_scores);
    cxs_put(&m, cxs_label_short(h->from, 3, text));
    cxs_put(&m, " to ");
    cxs_put(&m, cxs_label_short(h->from + (double)h->bins * h->step, 3, text));
    if (isfinite(observed)) {
        cxs_put(&m, ". Observed: ");
        cxs_put(&m, cxs_label_fixed(observed, 2, text));
        cxs_putf(&m, "; %zu permutations reach it", as_large);
    }
    cxs_put(&m, ".");
    if (m.rc == CXS_OK)
        cxs_canvas_describe(c, "Largest |z| under permutation", m.buf.text);
    else
        c->rc = m.rc;
    cxs_free(m.buf.text);
}

cxs_rc cxs_figure_null(cxs_ctx *ctx, const cxs_loaded *d, cxs_canvas **out)
{
    const double observed = cxs_loaded_real(d, "max_abs_z");
    cxs_axis x = {0, 0, LEFT, RIGHT, false}, y = {0, 0, BOTTOM, TOP, false};
    histogram h = {0};
    cxs_ticks ticks;
    cxs_canvas *c = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (d->null_scores == 0)
        return CXS_OK;
    CXS_TRY(cxs_canvas_new(ctx, "permutation", WIDTH, HEIGHT, &c));
    fill(d->null_score, d->null_scores, &h);
    x.lo = fmin(h.from, observed) - h.step / 2;
    x.hi = fmax(h.from + (double)h.bins * h.step, observed) + h.step / 2;
    y.hi = (double)h.tallest * 1.04;
    draw_bars(c, &h, &x, &y);
    if (isfinite(observed))
        draw_observed(c, &x, observed);
    cxs_ticks_linear(x.lo, x.hi, 8, &ticks);
    cxs_axis_draw_x(c, &x, &ticks, BOTTOM, "Largest |z| over all markers");
    cxs_ticks_linear(0, y.hi, h.tallest < 5 ? h.tallest : 5, &ticks);
    cxs_axis_draw_y(c, &y, &ticks, LEFT, "Permutations");
    describe(c, d, &h, observed);
    CXS_TRY(cxs_canvas_rc(c));
    *out = c;
    c = NULL;

done:
    cxs_canvas_free(c);
    return rc;
}
