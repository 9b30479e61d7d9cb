/*
 * fig_flow.c -- patients into the analysis set (REMARK item 12)
 *
 * Steps that begin with "dropped", "excluded" or "merged" leave to the right; the
 * others stand on the main line.
 */
#include "report/figures.h"

#include "report/label.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 600, MAIN_X = 10, MAIN_W = 250, SIDE_X = 320, SIDE_W = 270, BOX_H = 34 };
enum { GAP = 16, TEXT = 12 };

static bool is_exclusion(const char *what)
{
    return strncmp(what, "dropped", 7) == 0 || strncmp(what, "excluded", 8) == 0 ||
           strncmp(what, "merged", 6) == 0;
}

/* Follow-up is called "analysed" before it is matched with the markers and once more
 * after it. */
static const char *step_name(const cxs_loaded *d, size_t i)
{
    for (size_t later = i + 1; later < d->flows; later++)
        if (strcmp(d->flow[later].what, d->flow[i].what) == 0)
            return "with usable follow-up";
    return d->flow[i].what;
}

static void draw_box(cxs_canvas *c, double x, double y, double width, const char *name,
                     const cxs_tally *step, size_t min_cell, bool main_line)
{
    const cxs_ink ink = {main_line ? CXS_BLUE : CXS_GREY, CXS_WHITE,
                         main_line ? 1.6 : 1.0, 1.0, CXS_SOLID};
    const cxs_type words = {TEXT, CXS_BLACK, CXS_START, false, false, false};
    const cxs_type count = {TEXT, CXS_BLACK, CXS_END, true, false, false};
    char text[256], number[CXS_LABEL_BYTES];

    cxs_label_count(step->n, min_cell, number);
    cxs_draw_rect(c, x, y, width, BOX_H, ink);
    cxs_text_fit(name, TEXT, (width - 34) / 1.1 - cxs_text_width(number, TEXT), text,
                 sizeof text);
    cxs_draw_text(c, x + 11, y + BOX_H / 2.0 + 4, words, text);
    cxs_draw_text(c, x + width - 11, y + BOX_H / 2.0 + 4, count, number);
}

static void draw_arrow(cxs_canvas *c, double x1, double y1, double x2, double y2)
{
    const bool down = y2 > y1;
    const double head[] = {x2 - (down ? 4 : 7),  y2 - (down ? 7 : 4), x2, y2,
                           x2 + (down ? 4 : -7), y2 + (down ? -7 : 4)};

    cxs_draw_line(c, x1, y1, x2, y2, cxs_line_ink(CXS_GREY, 1.2, CXS_SOLID));
    cxs_draw_path(c, head, 3, true, cxs_fill_ink(CXS_GREY, 1));
}

static void draw_steps(cxs_canvas *c, const cxs_loaded *d, size_t min_cell)
{
    const double stem = MAIN_X + MAIN_W / 2.0;
    double y = 10, last_main = -1; /* foot of the last box on the main line */

    for (size_t i = 0; i < d->flows; i++, y += BOX_H + GAP) {
        const cxs_tally *step = &d->flow[i];
        if (is_exclusion(step->what)) {
            draw_box(c, SIDE_X, y, SIDE_W, step->what, step, min_cell, false);
            draw_arrow(c, stem, y + BOX_H / 2.0, SIDE_X, y + BOX_H / 2.0);
            if (i + 1 == d->flows && last_main >= 0)
                cxs_draw_line(c, stem, last_main, stem, y + BOX_H / 2.0,
                              cxs_line_ink(CXS_GREY, 1.2, CXS_SOLID));
            continue;
        }
        if (last_main >= 0)
            draw_arrow(c, stem, last_main, stem, y);
        draw_box(c, MAIN_X, y, MAIN_W, step_name(d, i), step, min_cell, true);
        last_main = y + BOX_H;
    }
}

static void describe(cxs_canvas *c, const cxs_loaded *d, size_t min_cell)
{
    cxs_markup m = {.ctx = c->ctx};
    char number[CXS_LABEL_BYTES];

    for (size_t i = 0; i < d->flows; i++) {
        cxs_put(&m, i == 0 ? "" : "; ");
        cxs_put_plain(&m, is_exclusion(d->flow[i].what) ? d->flow[i].what
                                                        : step_name(d, i));
        cxs_put(&m, ": ");
        cxs_put(&m, cxs_label_count(d->flow[i].n, min_cell, number));
    }
    cxs_put(&m, ".");
    if (m.rc == CXS_OK)
        cxs_canvas_describe(c, "Flow of patients into the analysis", m.buf.text);
    else
        c->rc = m.rc;
    cxs_free(m.buf.text);
}

cxs_rc cxs_figure_flow(cxs_ctx *ctx, const cxs_loaded *d, size_t min_cell,
                       cxs_canvas **out)
{
    cxs_canvas *c = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (d->flows == 0)
        return CXS_OK;
    CXS_TRY(
        cxs_canvas_new(ctx, "flow", WIDTH, 4 + (BOX_H + GAP) * (double)d->flows, &c));
    draw_steps(c, d, min_cell);
    describe(c, d, min_cell);
    CXS_TRY(cxs_canvas_rc(c));
    *out = c;
    c = NULL;

done:
    cxs_canvas_free(c);
    return rc;
}
