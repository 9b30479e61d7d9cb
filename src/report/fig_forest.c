/*
 * fig_forest.c -- hazard ratios of the top indicators with their 95 % intervals
 *
 * Log scale, so that 2 and 1/2 stand equally far from 1.  The shrunken estimate stands
 * beside the raw one: what was picked because it is large is too large on average.
 */
#include "report/figures.h"

#include "report/label.h"

#include <math.h>
#include <stdio.h>

enum {
    WIDTH = 760,
    LEFT = 236,
    RIGHT = 520,
    HR_AT = 650,
    Q_AT = 748,
    TOP = 38,
    ROW = 23
};

/* Beyond this range an interval ends in an arrow instead of squeezing all others. */
static const double RANGE_LO = 0.1, RANGE_HI = 10;

static bool is_drawn(const cxs_indicator *i)
{
    return isfinite(i->hr) && i->hr > 0;
}

static void ratio_axis(const cxs_loaded *d, size_t rows, cxs_axis *x)
{
    double lo = 0.8, hi = 1.25;

    for (size_t r = 0; r < rows; r++) {
        const cxs_indicator *i = &d->indicator[r];
        if (!is_drawn(i))
            continue;
        lo = fmin(lo, fmax(fmin(i->hr, i->hr_l95), RANGE_LO));
        hi = fmax(hi, fmin(fmax(i->hr, i->hr_u95), RANGE_HI));
    }
    x->lo = lo / 1.08;
    x->hi = hi * 1.08;
}

/* A whisker from lo to hi; an arrow head where it leaves the axis. */
static void draw_interval(cxs_canvas *c, const cxs_axis *x, const cxs_indicator *i,
                          double y, uint32_t colour)
{
    const double lo = fmax(i->hr_l95, x->lo), hi = fmin(i->hr_u95, x->hi);
    const double from = cxs_axis_at(x, lo), to = cxs_axis_at(x, hi);
    const cxs_ink ink = cxs_line_ink(colour, 1.6, CXS_SOLID);

    if (!(hi > lo))
        return;
    cxs_draw_line(c, from, y, to, y, ink);
    if (i->hr_l95 < x->lo) {
        const double head[] = {from + 6, y - 4, from, y, from + 6, y + 4};
        cxs_draw_path(c, head, 3, false, ink);
    }
    if (i->hr_u95 > x->hi) {
        const double head[] = {to - 6, y - 4, to, y, to - 6, y + 4};
        cxs_draw_path(c, head, 3, false, ink);
    }
}

static void draw_estimate(cxs_canvas *c, double x, double y, bool harmful)
{
    if (harmful)
        cxs_draw_rect(c, x - 4, y - 4, 8, 8, cxs_fill_ink(CXS_VERMILLION, 1));
    else
        cxs_draw_disc(c, x, y, 4.5, cxs_fill_ink(CXS_BLUE, 1));
}

static void draw_shrunken(cxs_canvas *c, double x, double y)
{
    const double xy[] = {x, y - 5, x + 5, y, x, y + 5, x - 5, y};
    const cxs_ink ink = {CXS_BLACK, CXS_WHITE, 1.2, 1, CXS_SOLID};

    cxs_draw_path(c, xy, 4, true, ink);
}

static void draw_row(cxs_canvas *c, const cxs_axis *x, const cxs_indicator *i, double y)
{
    const cxs_type name = {12, CXS_BLACK, CXS_START, false, false, false};
    const cxs_type number = {11.5, CXS_BLACK, CXS_END, false, false, false};
    const cxs_type faint = {11, CXS_GREY, CXS_END, false, true, false};
    const bool harmful = i->hr > 1;
    char text[4 * CXS_LABEL_BYTES], a[CXS_LABEL_BYTES], b[CXS_LABEL_BYTES],
        h[CXS_LABEL_BYTES];

    snprintf(text, sizeof text, "%zu", i->rank);
    cxs_draw_text(c, 26, y + 4, number, text);
    cxs_text_fit(*i->name != '\0' ? i->name : i->id, 12, LEFT - 52, text, sizeof text);
    cxs_draw_text(c, 36, y + 4, name, text);
    if (!is_drawn(i)) {
        cxs_draw_text(c, HR_AT, y + 4, faint, "not estimated");
        return;
    }
    draw_interval(c, x, i, y, harmful ? CXS_VERMILLION : CXS_BLUE);
    if (i->hr >= x->lo && i->hr <= x->hi)
        draw_estimate(c, cxs_axis_at(x, i->hr), y, harmful);
    if (exp(i->beta_shrunk) >= x->lo && exp(i->beta_shrunk) <= x->hi)
        draw_shrunken(c, cxs_axis_at(x, exp(i->beta_shrunk)), y);
    snprintf(text, sizeof text, "%s (%s\xE2\x80\x93%s)", cxs_label_ratio(i->hr, h),
             cxs_label_ratio(i->hr_l95, a), cxs_label_ratio(i->hr_u95, b));
    cxs_draw_text(c, HR_AT, y + 4, number, text);
    cxs_draw_text(c, Q_AT, y + 4, number, cxs_label_p(i->q, a));
}

static void draw_head(cxs_canvas *c)
{
    const cxs_type start = {11.5, CXS_BLACK, CXS_START, true, false, false};
    const cxs_type middle = {11.5, CXS_BLACK, CXS_MIDDLE, true, false, false};
    const cxs_type end = {11.5, CXS_BLACK, CXS_END, true, false, false};

    cxs_draw_text(c, 36, 18, start, "Marker");
    cxs_draw_text(c, (LEFT + RIGHT) / 2.0, 18, middle,
                  "protective \xE2\x86\x90   \xE2\x86\x92 harmful");
    cxs_draw_text(c, HR_AT, 18, end, "HR (95% CI)");
    cxs_draw_text(c, Q_AT, 18, end, "q");
    cxs_draw_line(c, 8, 26, WIDTH - 8, 26, cxs_line_ink(CXS_LIGHT, 1, CXS_SOLID));
}

static void draw_key(cxs_canvas *c, double y)
{
    const cxs_type type = {11, CXS_BLACK, CXS_START, false, false, false};

    draw_estimate(c, 240, y - 4, true);
    cxs_draw_text(c, 250, y, type, "HR above 1");
    draw_estimate(c, 346, y - 4, false);
    cxs_draw_text(c, 356, y, type, "HR below 1");
    draw_shrunken(c, 452, y - 4);
    cxs_draw_text(c, 463, y, type, "shrunken estimate");
}

static void describe(cxs_canvas *c, const cxs_loaded *d, size_t rows)
{
    cxs_markup m = {.ctx = c->ctx};
    char a[CXS_LABEL_BYTES];

    cxs_put(&m, "Hazard ratios with 95% confidence intervals, log scale.");
    for (size_t r = 0; r < rows; r++) {
        const cxs_indicator *i = &d->indicator[r];
        cxs_put(&m, " ");
        cxs_put_plain(&m, *i->name != '\0' ? i->name : i->id);
        cxs_put(&m, ": ");
        cxs_put(&m, cxs_label_ratio(i->hr, a));
        cxs_put(&m, " (");
        cxs_put(&m, cxs_label_ratio(i->hr_l95, a));
        cxs_put(&m, " to ");
        cxs_put(&m, cxs_label_ratio(i->hr_u95, a));
        cxs_put(&m, ").");
    }
    if (m.rc == CXS_OK)
        cxs_canvas_describe(c, "Hazard ratios of the top markers", m.buf.text);
    else
        c->rc = m.rc;
    cxs_free(m.buf.text);
}

cxs_rc cxs_figure_forest(cxs_ctx *ctx, const cxs_loaded *d, size_t rows,
                         cxs_canvas **out)
{
    const size_t shown = d->indicators < rows ? d->indicators : rows;
    const double bottom = TOP + ROW * (double)shown + 4;
    cxs_axis x = {0, 0, LEFT, RIGHT, true};
    cxs_canvas *c = NULL;
    cxs_ticks ticks;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (shown == 0)
        return CXS_OK;
    CXS_TRY(cxs_canvas_new(ctx, "forest", WIDTH, bottom + 74, &c));
    ratio_axis(d, shown, &x);
    cxs_ticks_log(x.lo, x.hi, 7, &ticks);
    draw_head(c);
    cxs_draw_line(c, cxs_axis_at(&x, 1), 28, cxs_axis_at(&x, 1), bottom,
                  cxs_line_ink(CXS_GREY, 1, CXS_DASHED));
    for (size_t r = 0; r < shown; r++)
        draw_row(c, &x, &d->indicator[r], TOP + ROW * ((double)r + 0.5));
    cxs_axis_draw_x(c, &x, &ticks, bottom, "Hazard ratio per SD (log scale)");
    draw_key(c, bottom + 62);
    describe(c, d, shown);
    CXS_TRY(cxs_canvas_rc(c));
    *out = c;
    c = NULL;

done:
    cxs_canvas_free(c);
    return rc;
}
