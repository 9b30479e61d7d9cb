/*
 * canvas.c -- the list of marks
 */
#include "report/canvas.h"

#include <stdio.h>
#include <string.h>

cxs_rc cxs_canvas_new(cxs_ctx *ctx, const char *slug, double width, double height,
                      cxs_canvas **out)
{
    cxs_rc rc = CXS_OK;
    cxs_canvas *c = NULL;

    *out = NULL;
    CXS_NEW(c, 1);
    c->ctx = ctx;
    c->width = width;
    c->height = height;
    if ((c->slug = cxs_strdup(ctx, slug)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    *out = c;
    c = NULL;

done:
    cxs_canvas_free(c);
    return rc;
}

void cxs_canvas_free(cxs_canvas *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->marks; i++)
        cxs_free(c->mark[i].text);
    cxs_free(c->mark);
    cxs_free(c->xy);
    cxs_free(c->slug);
    cxs_free(c->title);
    cxs_free(c->description);
    cxs_free(c);
}

cxs_rc cxs_canvas_rc(const cxs_canvas *c)
{
    return c->rc;
}

void cxs_canvas_describe(cxs_canvas *c, const char *title, const char *description)
{
    cxs_free(c->title);
    cxs_free(c->description);
    c->title = cxs_strdup(c->ctx, title);
    c->description = cxs_strdup(c->ctx, description);
    if (c->title == NULL || c->description == NULL)
        c->rc = CXS_ENOMEM;
}

cxs_ink cxs_line_ink(uint32_t stroke, double width, cxs_dash dash)
{
    return (cxs_ink){stroke, CXS_NO_INK, width, 1.0, dash};
}

cxs_ink cxs_fill_ink(uint32_t fill, double opacity)
{
    return (cxs_ink){CXS_NO_INK, fill, 0.0, opacity, CXS_SOLID};
}

static cxs_mark *new_mark(cxs_canvas *c, cxs_mark_kind kind)
{
    if (c->rc == CXS_OK)
        c->rc = cxs_grow(c->ctx, (void **)&c->mark, &c->mark_capacity, c->marks + 1,
                         sizeof *c->mark);
    if (c->rc != CXS_OK)
        return NULL;
    c->mark[c->marks] = (cxs_mark){.kind = kind};
    return &c->mark[c->marks++];
}

void cxs_draw_path(cxs_canvas *c, const double *xy, size_t points, bool closed,
                   cxs_ink ink)
{
    cxs_mark *mark;

    if (c->rc == CXS_OK)
        c->rc = cxs_grow(c->ctx, (void **)&c->xy, &c->point_capacity,
                         c->points + points, 2 * sizeof *c->xy);
    if (points < 2 || (mark = new_mark(c, CXS_MARK_PATH)) == NULL)
        return;
    memcpy(c->xy + 2 * c->points, xy, 2 * points * sizeof *xy);
    mark->ink = ink;
    mark->closed = closed;
    mark->first = c->points;
    mark->points = points;
    c->points += points;
}

void cxs_draw_line(cxs_canvas *c, double x1, double y1, double x2, double y2,
                   cxs_ink ink)
{
    const double xy[] = {x1, y1, x2, y2};

    cxs_draw_path(c, xy, 2, false, ink);
}

void cxs_draw_rect(cxs_canvas *c, double x, double y, double width, double height,
                   cxs_ink ink)
{
    const double xy[] = {x, y, x + width, y, x + width, y + height, x, y + height};

    cxs_draw_path(c, xy, 4, true, ink);
}

void cxs_draw_disc(cxs_canvas *c, double x, double y, double radius, cxs_ink ink)
{
    cxs_mark *mark = new_mark(c, CXS_MARK_DISC);

    if (mark == NULL)
        return;
    mark->ink = ink;
    mark->x = x;
    mark->y = y;
    mark->radius = radius;
}

void cxs_draw_text(cxs_canvas *c, double x, double y, cxs_type type, const char *text)
{
    cxs_mark *mark = new_mark(c, CXS_MARK_TEXT);

    if (mark == NULL)
        return;
    mark->x = x;
    mark->y = y;
    mark->type = type;
    if ((mark->text = cxs_strdup(c->ctx, text)) == NULL)
        c->rc = CXS_ENOMEM;
}

/* Advance widths of Helvetica, 1/1000 em, from U+0020 (Adobe font metrics, 1989): sizes
 * of boxes may not depend on the fonts of the machine. */
static const short helvetica[] = {
    278,  278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556,  556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667,  778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333,  556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556,  556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584};

static double em_width(uint32_t c)
{
    if (c < 0x20)
        return 2.2; /* shown as \xNN */
    if (c < 0x7F)
        return helvetica[c - 0x20] / 1000.0;
    return c < 0x1100 || (c >= 0x2000 && c < 0x2E80) ? 0.6 : 1.0; /* wide scripts */
}

double cxs_text_width(const char *text, double size)
{
    double em = 0;

    while (*text != '\0') {
        uint32_t c = 0;
        const size_t n = cxs_utf8_next(text, &c);
        em += em_width(n == 0 ? 0 : c);
        text += n == 0 ? 1 : n;
    }
    return em * size;
}

void cxs_text_fit(const char *text, double size, double width, char *out, size_t bytes)
{
    static const char ellipsis[] = "\xE2\x80\xA6";
    const double room = width - 0.6 * size;
    double used = 0;
    size_t at = 0;

    if (cxs_text_width(text, size) <= width && strlen(text) < bytes) {
        snprintf(out, bytes, "%s", text);
        return;
    }
    for (;;) {
        uint32_t c = 0;
        const size_t n = cxs_utf8_next(text + at, &c), step = n == 0 ? 1 : n;
        used += size * em_width(n == 0 ? 0 : c);
        if (text[at] == '\0' || used > room || at + step + sizeof ellipsis > bytes)
            break;
        at += step;
    }
    memcpy(out, text, at);
    memcpy(out + at, ellipsis, sizeof ellipsis);
}
