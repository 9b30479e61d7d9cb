/*
 * svg.c -- a canvas as SVG: text stays text, same marks same bytes
 *
 * Coordinates are rounded to 1/100 pixel and written as whole numbers, so that no
 * locale and no last bit of a cosine shows in the file.
 */
#include "report/canvas.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void put_length(cxs_markup *m, double value)
{
    const long hundredths = isfinite(value) ? lround(value * 100) : 0;
    const long whole = labs(hundredths) / 100, rest = labs(hundredths) % 100;

    cxs_putf(m, rest == 0 ? "%s%ld" : "%s%ld.", hundredths < 0 ? "-" : "", whole);
    if (rest != 0)
        cxs_putf(m, rest % 10 == 0 ? "%ld" : "%02ld",
                 rest % 10 == 0 ? rest / 10 : rest);
}

static void put_attribute(cxs_markup *m, const char *name, double value)
{
    cxs_putf(m, " %s=\"", name);
    put_length(m, value);
    cxs_put(m, "\"");
}

static void put_colour(cxs_markup *m, const char *name, uint32_t colour)
{
    if (colour == CXS_NO_INK)
        cxs_putf(m, " %s=\"none\"", name);
    else
        cxs_putf(m, " %s=\"#%06x\"", name, (unsigned)colour);
}

static void put_ink(cxs_markup *m, const cxs_ink *ink)
{
    static const char *const dashes[] = {NULL, "6 3", "1.5 3", "8 3 2 3"};

    put_colour(m, "fill", ink->fill);
    if (ink->stroke != CXS_NO_INK) {
        put_colour(m, "stroke", ink->stroke);
        put_attribute(m, "stroke-width", ink->width);
        if (dashes[ink->dash] != NULL)
            cxs_putf(m, " stroke-dasharray=\"%s\"", dashes[ink->dash]);
    }
    if (ink->opacity < 1)
        put_attribute(m, "opacity", ink->opacity);
}

static void put_path(cxs_markup *m, const cxs_canvas *c, const cxs_mark *mark)
{
    const double *xy = c->xy + 2 * mark->first;

    cxs_put(m, "<path d=\"");
    for (size_t i = 0; i < mark->points; i++) {
        cxs_put(m, i == 0 ? "M" : "L");
        put_length(m, xy[2 * i]);
        cxs_put(m, " ");
        put_length(m, xy[2 * i + 1]);
    }
    cxs_put(m, mark->closed ? "Z\"" : "\"");
    put_ink(m, &mark->ink);
    cxs_put(m, "/>\n");
}

static void put_words(cxs_markup *m, const cxs_mark *mark)
{
    static const char *const anchors[] = {NULL, "middle", "end"};
    const cxs_type *type = &mark->type;

    cxs_put(m, "<text");
    put_attribute(m, "x", mark->x);
    put_attribute(m, "y", mark->y);
    put_attribute(m, "font-size", type->size);
    put_colour(m, "fill", type->colour);
    if (anchors[type->anchor] != NULL)
        cxs_putf(m, " text-anchor=\"%s\"", anchors[type->anchor]);
    if (type->bold)
        cxs_put(m, " font-weight=\"600\"");
    if (type->italic)
        cxs_put(m, " font-style=\"italic\"");
    if (type->turned) {
        cxs_put(m, " transform=\"rotate(-90 ");
        put_length(m, mark->x);
        cxs_put(m, " ");
        put_length(m, mark->y);
        cxs_put(m, ")\"");
    }
    cxs_put_in(m, ">", mark->text, "</text>\n");
}

static void put_mark(cxs_markup *m, const cxs_canvas *c, const cxs_mark *mark)
{
    if (mark->kind == CXS_MARK_PATH) {
        put_path(m, c, mark);
    } else if (mark->kind == CXS_MARK_TEXT) {
        put_words(m, mark);
    } else {
        cxs_put(m, "<circle");
        put_attribute(m, "cx", mark->x);
        put_attribute(m, "cy", mark->y);
        put_attribute(m, "r", mark->radius);
        put_ink(m, &mark->ink);
        cxs_put(m, "/>\n");
    }
}

void cxs_canvas_svg(const cxs_canvas *c, bool alone, cxs_markup *m)
{
    if (alone)
        cxs_put(m, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    cxs_put(m, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ");
    put_length(m, c->width);
    cxs_put(m, " ");
    put_length(m, c->height);
    cxs_put(m, "\"");
    put_attribute(m, "width", c->width);
    put_attribute(m, "height", c->height);
    cxs_putf(
        m,
        " role=\"img\" aria-labelledby=\"%s-title %s-desc\" font-family=\"Helvetica,"
        " Arial, 'Liberation Sans', sans-serif\" stroke-linejoin=\"round\">\n",
        c->slug, c->slug);
    cxs_putf(m, "<title id=\"%s-title\">", c->slug);
    cxs_put_in(m, "", c->title, "</title>\n");
    cxs_putf(m, "<desc id=\"%s-desc\">", c->slug);
    cxs_put_in(m, "", c->description, "</desc>\n");
    cxs_put(m, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    for (size_t i = 0; i < c->marks; i++)
        put_mark(m, c, &c->mark[i]);
    cxs_put(m, "</svg>\n");
    if (m->rc == CXS_OK)
        m->rc = c->rc;
}
