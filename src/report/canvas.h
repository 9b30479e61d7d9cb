/*
 * canvas.h -- a figure as a list of marks: paths, discs, texts
 *
 * A figure is drawn once into the list and then written as often as needed: as SVG by
 * svg.c, as PDF or PNG by cairo (canvas.c is cairo's one home).  The SVG is written
 * directly because cairo's own SVG surface turns text into numbered glyph outlines: no
 * reader, search or screen reader finds a gene name in it, the same word costs ten
 * times the bytes, and the outlines change with the fonts of the machine, so that two
 * machines would give two reports.
 *
 * Lengths are CSS pixels (1/96 inch), y grows downwards.  Errors are sticky: the first
 * one is kept, later marks are ignored; ask cxs_canvas_rc() at the end.
 */
#ifndef CXS_CANVAS_H
#define CXS_CANVAS_H

#include "coxswain/report.h"
#include "report/markup.h"

typedef enum cxs_anchor { CXS_START, CXS_MIDDLE, CXS_END } cxs_anchor;
typedef enum cxs_dash { CXS_SOLID, CXS_DASHED, CXS_DOTTED, CXS_DASHDOT } cxs_dash;

/* Colours are 0xRRGGBB.  Okabe & Ito (2008): told apart by every kind of colour vision;
 * a line style goes with each colour, so that print without colour works too. */
#define CXS_NO_INK     0xFF000000u
#define CXS_BLACK      0x1A1A1Au
#define CXS_GREY       0x5F6670u
#define CXS_LIGHT      0xD9DCE1u
#define CXS_WHITE      0xFFFFFFu
#define CXS_BLUE       0x0072B2u
#define CXS_VERMILLION 0xD55E00u
#define CXS_GREEN      0x009E73u
#define CXS_ORANGE     0xE69F00u
#define CXS_SKY        0x56B4E9u
#define CXS_PURPLE     0xCC79A7u

typedef struct cxs_ink {
    uint32_t stroke, fill; /* CXS_NO_INK: none */
    double width;          /* of the stroke */
    double opacity;        /* of the whole mark, 0..1 */
    cxs_dash dash;
} cxs_ink;

typedef struct cxs_type {
    double size;
    uint32_t colour;
    cxs_anchor anchor;
    bool bold, italic, turned; /* turned: reads upwards */
} cxs_type;

typedef struct cxs_canvas cxs_canvas;

/* @p slug names the figure: [a-z0-9-], unique on a page, also the file name. */
cxs_rc cxs_canvas_new(cxs_ctx *ctx, const char *slug, double width, double height,
                      cxs_canvas **out) CXS_MUST_USE;
void cxs_canvas_free(cxs_canvas *c); /* NULL allowed */
cxs_rc cxs_canvas_rc(const cxs_canvas *c) CXS_MUST_USE;

/* What the figure is, and what it shows in words: its text alternative.  Copied. */
void cxs_canvas_describe(cxs_canvas *c, const char *title, const char *description);

cxs_ink cxs_line_ink(uint32_t stroke, double width, cxs_dash dash);
cxs_ink cxs_fill_ink(uint32_t fill, double opacity);

/* xy: [2 x points]. */
void cxs_draw_path(cxs_canvas *c, const double *xy, size_t points, bool closed,
                   cxs_ink ink);
void cxs_draw_line(cxs_canvas *c, double x1, double y1, double x2, double y2,
                   cxs_ink ink);
void cxs_draw_rect(cxs_canvas *c, double x, double y, double width, double height,
                   cxs_ink ink);
void cxs_draw_disc(cxs_canvas *c, double x, double y, double radius, cxs_ink ink);
/* y is the baseline. */
void cxs_draw_text(cxs_canvas *c, double x, double y, cxs_type type, const char *text);

/* Width of a text in Helvetica of the given size.  Other sans-serif fonts are up to 12
 * % wider: leave room. */
double cxs_text_width(const char *text, double size);

/* Copy of @p text that is at most @p width wide, cut with an ellipsis. */
void cxs_text_fit(const char *text, double size, double width, char *out, size_t bytes);

/* Append the <svg> element.  @p alone: as a file of its own. */
void cxs_canvas_svg(const cxs_canvas *c, bool alone, cxs_markup *m);

/* Append the figure as PDF (72 points per inch) or PNG (192 dots per inch).  These two
 * use the fonts of the machine. */
cxs_rc cxs_canvas_pdf(const cxs_canvas *c, cxs_buf *bytes) CXS_MUST_USE;
cxs_rc cxs_canvas_png(const cxs_canvas *c, cxs_buf *bytes) CXS_MUST_USE;

/* Write FOLDER/slug.svg, .pdf or .png and name it in @p record (may be NULL). */
cxs_rc cxs_canvas_save(cxs_ctx *ctx, const cxs_canvas *c, const char *folder,
                       cxs_figure_format format, cxs_record *record) CXS_MUST_USE;

/* ---- the list itself, for the writers -------------------------------------------- */

typedef enum cxs_mark_kind {
    CXS_MARK_PATH,
    CXS_MARK_DISC,
    CXS_MARK_TEXT
} cxs_mark_kind;
typedef struct cxs_mark {
    cxs_mark_kind kind;
    cxs_ink ink;          /* path, disc */
    bool closed;          /* path */
    size_t first, points; /* path: points in xy */
    double x, y, radius;  /* disc, text */
    cxs_type type;        /* text */
    char *text;
} cxs_mark;

struct cxs_canvas {
    cxs_ctx *ctx;
    cxs_rc rc;
    double width, height;
    char *slug, *title, *description;
    cxs_mark *mark;
    size_t marks, mark_capacity;
    double *xy;
    size_t points, point_capacity; /* xy holds 2 x points */
};

/* Version of the library behind it. */
const char *cxs_cairo_version(void);

#endif /* CXS_CANVAS_H */
