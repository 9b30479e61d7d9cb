/*
 * markup.h -- a growing HTML or SVG text with a sticky error
 *
 * As a cairo context does, the writer remembers the first failure and ignores what
 * follows, so that a page is written without a test after each word; look at `rc` once
 * at the end.  Two doors: cxs_put*() for our own words, cxs_put_text() for everything
 * that came from a file.
 */
#ifndef CXS_MARKUP_H
#define CXS_MARKUP_H

#include "base/base.h"

/* Start from {.ctx = ctx}; free with cxs_free(m.buf.text). */
typedef struct cxs_markup {
    cxs_ctx *ctx;
    cxs_buf buf;
    cxs_rc rc;
} cxs_markup;

/* Trusted text, copied as it is. */
void cxs_put(cxs_markup *m, const char *markup);

/* Trusted format; arguments are whole numbers and texts of our own, never reals (the
 * decimal point follows the locale) and never text from a file. */
void cxs_putf(cxs_markup *m, const char *fmt, ...) CXS_PRINTF(2, 3);

/*
 * Any bytes as character data, good in elements and in quoted attributes: the five
 * characters < > & " ' become references; control characters, bytes that are not UTF-8,
 * line separators and characters that reorder the line (U+202A-E, U+2066-9) become a
 * visible \xNN or \uNNNN.  NULL is the empty text.
 */
void cxs_put_text(cxs_markup *m, const char *text);

/* The same without the references: for a renderer that is handed text, not markup. */
void cxs_put_plain(cxs_markup *m, const char *text);

/* open, escaped text, close. */
void cxs_put_in(cxs_markup *m, const char *open, const char *text, const char *close);

/* Length in bytes of the UTF-8 character at @p text and its code point; 0 when the
 * bytes are not one. */
size_t cxs_utf8_next(const char *text, uint32_t *code);

#endif /* CXS_MARKUP_H */
