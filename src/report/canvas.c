/*
 * canvas.c -- the list of marks, and cairo to paint it as PDF or PNG
 */
#include "report/canvas.h"

#include "base/out.h"

#include <cairo-pdf.h>
#include <cairo.h>
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

/* ---- cairo ----------------------------------------------------------------------- */

static void set_colour(cairo_t *cr, uint32_t colour, double opacity)
{
    cairo_set_source_rgba(cr, (double)(colour >> 16 & 0xFF) / 255,
                          (double)(colour >> 8 & 0xFF) / 255,
                          (double)(colour & 0xFF) / 255, opacity);
}

static void paint_shape(cairo_t *cr, const cxs_ink *ink)
{
    static const double dashes[][4] = {{0}, {6, 3}, {1.5, 3}, {8, 3, 2, 3}};
    static const int counts[] = {0, 2, 2, 4};

    if (ink->fill != CXS_NO_INK) {
        set_colour(cr, ink->fill, ink->opacity);
        cairo_fill_preserve(cr);
    }
    if (ink->stroke != CXS_NO_INK) {
        set_colour(cr, ink->stroke, ink->opacity);
        cairo_set_line_width(cr, ink->width);
        cairo_set_dash(cr, dashes[ink->dash], counts[ink->dash], 0);
        cairo_stroke_preserve(cr);
    }
    cairo_new_path(cr);
}

static void paint_text(cxs_ctx *ctx, cairo_t *cr, const cxs_mark *mark, cxs_rc *rc)
{
    static const double shift[] = {0, -0.5, -1};
    const cxs_type *type = &mark->type;
    cxs_markup m = {.ctx = ctx};
    cairo_text_extents_t extents;

    cxs_put_plain(&m, mark->text);
    if (m.rc != CXS_OK || m.buf.text == NULL) {
        *rc = m.rc;
        return;
    }
    cairo_select_font_face(
        cr, "Helvetica",
        type->italic ? CAIRO_FONT_SLANT_ITALIC : CAIRO_FONT_SLANT_NORMAL,
        type->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, type->size);
    cairo_text_extents(cr, m.buf.text, &extents);
    cairo_save(cr);
    cairo_translate(cr, mark->x, mark->y);
    cairo_rotate(cr, type->turned ? -1.5707963267948966 : 0);
    cairo_move_to(cr, shift[type->anchor] * extents.x_advance, 0);
    set_colour(cr, type->colour, 1);
    cairo_show_text(cr, m.buf.text);
    cairo_restore(cr);
    cairo_new_path(cr);
    cxs_free(m.buf.text);
}

static cxs_rc paint(const cxs_canvas *c, cairo_t *cr)
{
    cxs_rc rc = c->rc;

    set_colour(cr, CXS_WHITE, 1);
    cairo_paint(cr);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < c->marks && rc == CXS_OK; i++) {
        const cxs_mark *mark = &c->mark[i];
        if (mark->kind == CXS_MARK_TEXT) {
            paint_text(c->ctx, cr, mark, &rc);
            continue;
        }
        for (size_t k = 0; k < mark->points; k++)
            cairo_line_to(cr, c->xy[2 * (mark->first + k)],
                          c->xy[2 * (mark->first + k) + 1]);
        if (mark->closed)
            cairo_close_path(cr);
        if (mark->kind == CXS_MARK_DISC)
            cairo_arc(cr, mark->x, mark->y, mark->radius, 0, 6.283185307179586);
        paint_shape(cr, &mark->ink);
    }
    return rc;
}

typedef struct sink {
    cxs_ctx *ctx;
    cxs_buf *bytes;
} sink;

static cairo_status_t take_bytes(void *closure, const unsigned char *data,
                                 unsigned length)
{
    const sink *s = closure;

    return cxs_buf_add(s->ctx, s->bytes, (const char *)data, length) == CXS_OK
               ? CAIRO_STATUS_SUCCESS
               : CAIRO_STATUS_WRITE_ERROR;
}

static cxs_rc cairo_rc(cxs_ctx *ctx, cairo_status_t status)
{
    if (status == CAIRO_STATUS_SUCCESS)
        return CXS_OK;
    if (status == CAIRO_STATUS_NO_MEMORY || status == CAIRO_STATUS_WRITE_ERROR)
        return cxs_fail(ctx, CXS_ENOMEM, "no memory to draw a figure");
    return cxs_fail(ctx, CXS_EOS, "cairo: %s", cairo_status_to_string(status));
}

/* Paint at a scale; the first failure of ours or of cairo counts. */
static cxs_rc paint_scaled(const cxs_canvas *c, cairo_surface_t *surface, double scale)
{
    cairo_t *cr = cairo_create(surface);
    cxs_rc rc;

    cairo_scale(cr, scale, scale);
    rc = paint(c, cr);
    if (rc == CXS_OK)
        rc = cairo_rc(c->ctx, cairo_status(cr));
    cairo_destroy(cr);
    return rc;
}

cxs_rc cxs_canvas_pdf(const cxs_canvas *c, cxs_buf *bytes)
{
    static const double points_per_pixel = 72.0 / 96.0;
    sink s = {c->ctx, bytes};
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        take_bytes, &s, c->width * points_per_pixel, c->height * points_per_pixel);
    cxs_rc rc;

    /* cairo would write the time of day */
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                   "2000-01-01T00:00:00Z");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "coxswain");
    rc = paint_scaled(c, surface, points_per_pixel);
    cairo_surface_finish(surface);
    if (rc == CXS_OK)
        rc = cairo_rc(c->ctx, cairo_surface_status(surface));
    cairo_surface_destroy(surface);
    return rc;
}

cxs_rc cxs_canvas_png(const cxs_canvas *c, cxs_buf *bytes)
{
    static const int dots_per_pixel = 2;
    sink s = {c->ctx, bytes};
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, dots_per_pixel * (int)c->width,
                                   dots_per_pixel * (int)c->height);
    cxs_rc rc = paint_scaled(c, surface, dots_per_pixel);

    if (rc == CXS_OK)
        rc = cairo_rc(c->ctx,
                      cairo_surface_write_to_png_stream(surface, take_bytes, &s));
    cairo_surface_destroy(surface);
    return rc;
}

cxs_rc cxs_canvas_save(cxs_ctx *ctx, const cxs_canvas *c, const char *folder,
                       cxs_figure_format format, cxs_record *record)
{
    static const char *const endings[] = {"svg", "pdf", "png"};
    cxs_rc rc = CXS_OK;
    cxs_markup m = {.ctx = ctx};
    cxs_buf path = {0};
    cxs_out *out = NULL;

    if (format == CXS_FIGURE_SVG)
        cxs_canvas_svg(c, true, &m);
    else
        m.rc = format == CXS_FIGURE_PDF ? cxs_canvas_pdf(c, &m.buf)
                                        : cxs_canvas_png(c, &m.buf);
    CXS_TRY(m.rc);
    CXS_TRY(cxs_buf_addf(ctx, &path, "%s/%s.%s", folder, c->slug, endings[format]));
    CXS_TRY(cxs_out_open(ctx, path.text, &out));
    CXS_TRY(cxs_out_write(ctx, out, m.buf.text, m.buf.length));
    rc = cxs_out_commit(ctx, out);
    out = NULL;
    if (rc == CXS_OK && record != NULL)
        rc = cxs_record_output(ctx, record, path.text);

done:
    cxs_out_abort(out);
    cxs_free(path.text);
    cxs_free(m.buf.text);
    return rc;
}

const char *cxs_cairo_version(void)
{
    return cairo_version_string();
}
