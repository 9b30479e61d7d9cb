/*
 * markup.c -- HTML and SVG text, escaped in one place
 *
 * All text of a file goes through cxs_put_text().  It hides nothing: what could break
 * the markup, the terminal or the order of reading is shown as a visible escape.
 */
#include "report/markup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PIECE_BYTES = 1024 };

static void add(cxs_markup *m, const char *bytes, size_t n)
{
    if (m->rc == CXS_OK)
        m->rc = cxs_buf_add(m->ctx, &m->buf, bytes, n);
}

void cxs_put(cxs_markup *m, const char *markup)
{
    add(m, markup, strlen(markup));
}

void cxs_putf(cxs_markup *m, const char *fmt, ...)
{
    char piece[PIECE_BYTES];
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(piece, sizeof piece, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof piece) {
        if (m->rc == CXS_OK)
            m->rc = cxs_fail(m->ctx, CXS_EBUG,
                             "markup: a piece is longer than %d bytes", PIECE_BYTES);
        return;
    }
    add(m, piece, (size_t)n);
}

size_t cxs_utf8_next(const char *text, uint32_t *code)
{
    const unsigned char *t = (const unsigned char *)text;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t n = t[0] < 0x80             ? 1
                     : (t[0] & 0xE0) == 0xC0 ? 2
                     : (t[0] & 0xF0) == 0xE0 ? 3
                     : (t[0] & 0xF8) == 0xF0 ? 4
                                             : 0;
    uint32_t c = n == 1 ? t[0] : n == 0 ? 0 : t[0] & (0x7Fu >> n);

    for (size_t i = 1; i < n; i++) {
        if ((t[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (t[i] & 0x3Fu);
    }
    if (n == 0 || c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *code = c;
    return n;
}

/* Controls, line separators, marks and overrides of direction, non-characters. */
static bool is_unsafe(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || c == 0x200E ||
           c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || (c & 0xFFFE) == 0xFFFE;
}

/* The reference of a character that markup reserves, else NULL. */
static const char *reference(uint32_t c)
{
    return c == '<'    ? "&lt;"
           : c == '>'  ? "&gt;"
           : c == '&'  ? "&amp;"
           : c == '"'  ? "&quot;"
           : c == '\'' ? "&#39;"
                       : NULL;
}

static void put_visible(cxs_markup *m, const char *text, bool escape)
{
    for (size_t n; text != NULL && *text != '\0'; text += n) {
        uint32_t c = 0;

        n = cxs_utf8_next(text, &c);
        if (n == 0) {
            cxs_putf(m, "\\x%02X", (unsigned)(unsigned char)*text);
            n = 1;
        } else if (is_unsafe(c)) {
            cxs_putf(m, c < 0x100 ? "\\x%02X" : "\\u%04X", (unsigned)c);
        } else if (escape && reference(c) != NULL) {
            cxs_put(m, reference(c));
        } else {
            add(m, text, n);
        }
    }
}

void cxs_put_text(cxs_markup *m, const char *text)
{
    put_visible(m, text, true);
}

void cxs_put_plain(cxs_markup *m, const char *text)
{
    put_visible(m, text, false);
}

void cxs_put_in(cxs_markup *m, const char *open, const char *text, const char *close)
{
    cxs_put(m, open);
    cxs_put_text(m, text);
    cxs_put(m, close);
}
