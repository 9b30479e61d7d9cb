/*
 * text.c -- lines of a text file, with its encoding and its nature checked
 *
 * Bytes are checked for UTF-8 when they enter the buffer, a block at a time: a word of
 * eight ASCII bytes without a NUL is told by one subtraction, so that the check costs
 * far less than the search for line ends.  A sequence that a block border cuts waits
 * for the next block.  Memory is one block and the longest line.  Depends on source.h.
 */
#include "base/text.h"

#include "base/source.h"

#include <stdint.h>
#include <string.h>

static const size_t block_bytes = (size_t)1 << 18;
static const size_t longest_line = (size_t)1
                                   << 30; /* a bound for decompression bombs */

struct cxs_text {
    char *path;
    cxs_source *source;
    char *buffer; /* one byte longer than capacity, for the final zero */
    size_t capacity;
    size_t begin, end;     /* unread bytes */
    size_t checked;        /* bytes of [begin, end) known to be UTF-8 end here */
    uint64_t buffer_start; /* offset of buffer[0] in the decoded file */
    size_t line_number;
    bool at_end, crlf_seen;
};

/* ---- what kind of file is it ----------------------------------------------------- */

static bool starts_with(const cxs_text *t, const char *magic, size_t n)
{
    return t->end >= n && memcmp(t->buffer, magic, n) == 0;
}

/* The first non-blank bytes are @p word, ASCII case ignored. */
static bool starts_with_tag(const cxs_text *t, const char *word)
{
    const char *p = t->buffer + t->begin, *end = t->buffer + t->end;

    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    for (; *word != '\0'; word++, p++) {
        const char low = p < end && *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : '\0';
        if (p >= end || (*p != *word && low != *word))
            return false;
    }
    return true;
}

static cxs_rc refuse_strangers(cxs_ctx *ctx, const cxs_text *t)
{
    static const struct {
        const char *magic;
        size_t n;
        const char *message;
    } strangers[] = {
        {"PK\003\004", 4, "an Excel workbook; save it as tab-separated text"},
        {"\xd0\xcf\x11\xe0", 4, "an Excel workbook; save it as tab-separated text"},
        {"version https://git-lfs", 23, "a git-lfs pointer; run: git lfs pull"},
        {"SQLite format 3", 16, "an SQLite database, not a text table"},
        {"%PDF-", 5, "a PDF document; save the table as tab-separated text"},
        {"BZh", 3, "a bzip2 file; decompress it first"},
        {"\xfd"
         "7zXZ",
         6, "an xz file; decompress it first"},
        {"\x1f\x8b", 2, "compressed twice; decompress it once"},
        {"\x28\xb5\x2f\xfd", 4, "compressed twice; decompress it once"},
    };

    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        if (starts_with(t, strangers[i].magic, strangers[i].n))
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX022", "%s: this is %s", t->path,
                                 strangers[i].message);
    if (starts_with_tag(t, "<html") || starts_with_tag(t, "<!doctype") ||
        starts_with_tag(t, "<?xml"))
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX022",
                             "%s: this is a web page, not a text table; download the "
                             "file itself",
                             t->path);
    if (starts_with(t, "\xff\xfe", 2) || starts_with(t, "\xfe\xff", 2))
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX021",
                             "%s: byte 0: this is UTF-16; save it as UTF-8", t->path);
    return CXS_OK;
}

/* ---- UTF-8 ----------------------------------------------------------------------- */

/* Length of the valid sequence that starts at p, 0 when invalid, -1 when it is cut by
 * the end.  Ranges as in Unicode table 3-7: no overlong forms, no surrogates. */
static int sequence_length(const unsigned char *p, size_t room)
{
    const unsigned char c = p[0];
    unsigned char lo = 0x80, hi = 0xbf;
    int n;

    if (c >= 0x01 && c <= 0x7f)
        return 1;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    if (c == 0xe0)
        lo = 0xa0;
    else if (c == 0xed)
        hi = 0x9f;
    else if (c == 0xf0)
        lo = 0x90;
    else if (c == 0xf4)
        hi = 0x8f;
    for (int i = 1; i < n; i++, lo = 0x80, hi = 0xbf) {
        if ((size_t)i >= room)
            return -1;
        if (p[i] < lo || p[i] > hi)
            return 0;
    }
    return n;
}

/* Bytes from p on that are ASCII without NUL, in whole words of eight.  In w - 01..01 a
 * zero byte borrows and so sets its high bit. */
static size_t ascii_run(const unsigned char *p, size_t n)
{
    const uint64_t ones = 0x0101010101010101U, highs = 0x8080808080808080U;
    size_t i = 0;

    for (; i + 32 <= n; i += 32) {
        uint64_t w[4];
        memcpy(w, p + i, sizeof w);
        if (((w[0] | (w[0] - ones) | w[1] | (w[1] - ones) | w[2] | (w[2] - ones) |
              w[3] | (w[3] - ones)) &
             highs) != 0)
            break;
    }
    return i;
}

bool cxs_text_is_utf8(const char *bytes, size_t n)
{
    const unsigned char *b = (const unsigned char *)bytes;

    for (size_t i = 0; i < n;) {
        const int length = sequence_length(b + i, n - i);
        if (length <= 0)
            return false;
        i += (size_t)length;
    }
    return true;
}

static cxs_rc check_encoding(cxs_ctx *ctx, cxs_text *t)
{
    const unsigned char *b = (const unsigned char *)t->buffer;
    size_t i = t->checked;

    while (i < t->end) {
        i += ascii_run(b + i, t->end - i);
        for (size_t stop = i + 32; i < t->end && i < stop;) {
            const int n = sequence_length(b + i, t->end - i);
            if (n < 0 && !t->at_end) {
                t->checked = i;
                return CXS_OK;
            }
            if (n <= 0)
                return cxs_fail_code(ctx, CXS_EFORMAT, "CX021", "%s: byte %llu: %s",
                                     t->path, (unsigned long long)(t->buffer_start + i),
                                     b[i] == 0 ? "a NUL byte in text" : "not UTF-8");
            i += (size_t)n;
        }
    }
    t->checked = i;
    return CXS_OK;
}

/* ---- buffer ---------------------------------------------------------------------- */

/* Room for one more block behind what is unread. */
static cxs_rc make_room(cxs_ctx *ctx, cxs_text *t)
{
    size_t capacity = t->capacity;
    char *larger;

    if (t->begin > 0) {
        memmove(t->buffer, t->buffer + t->begin, t->end - t->begin);
        t->buffer_start += t->begin;
        t->end -= t->begin;
        t->checked -= t->begin;
        t->begin = 0;
    }
    if (t->end > longest_line) /* what is unread holds no line end */
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: the line is longer than %zu bytes",
                        t->path, t->line_number + 1, longest_line);
    if (capacity - t->end >= block_bytes)
        return CXS_OK;
    capacity = capacity > 0 ? 2 * capacity : 2 * block_bytes;
    if ((larger = cxs_realloc(ctx, t->buffer, capacity + 1, 1)) == NULL)
        return CXS_ENOMEM;
    t->buffer = larger;
    t->capacity = capacity;
    return CXS_OK;
}

static cxs_rc fill(cxs_ctx *ctx, cxs_text *t)
{
    size_t got = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(make_room(ctx, t));
    CXS_TRY(cxs_source_read(ctx, t->source, t->buffer + t->end, t->capacity - t->end,
                            &got));
    t->end += got;
    t->at_end = got == 0;
done:
    return rc;
}

/* The first block, its nature and its byte-order mark. */
static cxs_rc read_head(cxs_ctx *ctx, cxs_text *t)
{
    const size_t head = 512; /* more than any magic or any blanks before a tag */
    cxs_rc rc = CXS_OK;

    while (t->end < head && !t->at_end)
        CXS_TRY(fill(ctx, t));
    CXS_TRY(refuse_strangers(ctx, t));
    if (starts_with(t, "\xef\xbb\xbf", 3)) {
        t->begin = t->checked = 3;
        CXS_TRY(
            cxs_warn(ctx, "CX021", "%s: a UTF-8 byte-order mark was skipped", t->path));
        CXS_TRY(refuse_strangers(ctx, t));
    }
    CXS_TRY(check_encoding(ctx, t));
done:
    return rc;
}

cxs_rc cxs_text_open(cxs_ctx *ctx, const char *path, cxs_text **out)
{
    cxs_text *t = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(t, 1);
    if ((t->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_source_open(ctx, path, &t->source));
    CXS_TRY(read_head(ctx, t));
    *out = t;
    t = NULL;
done:
    cxs_text_close(t);
    return rc;
}

void cxs_text_close(cxs_text *text)
{
    if (text == NULL)
        return;
    cxs_source_close(text->source);
    cxs_free(text->buffer);
    cxs_free(text->path);
    cxs_free(text);
}

/* ---- lines ----------------------------------------------------------------------- */

/* The line end at or behind begin; NULL with at_end when the rest is the last line. */
static cxs_rc find_line_end(cxs_ctx *ctx, cxs_text *t, char **newline)
{
    size_t seen = 0;
    cxs_rc rc = CXS_OK;

    for (;;) {
        const size_t n = t->end - t->begin;
        *newline =
            n > seen ? memchr(t->buffer + t->begin + seen, '\n', n - seen) : NULL;
        if (*newline != NULL || t->at_end)
            break;
        seen = n;
        CXS_TRY(fill(ctx, t));
        CXS_TRY(check_encoding(ctx, t));
    }
done:
    return rc;
}

/* Cut the carriage return of CRLF; one inside the first line means that every line
 * ends with CR alone, which would make the file one line. */
static cxs_rc check_carriage_return(cxs_ctx *ctx, cxs_text *t, char *line,
                                    size_t *length)
{
    cxs_rc rc = CXS_OK;

    if (*length > 0 && line[*length - 1] == '\r') {
        line[--*length] = '\0';
        if (!t->crlf_seen)
            CXS_TRY(cxs_warn(ctx, "CX021",
                             "%s: lines end with CR LF; the CR was cut off", t->path));
        t->crlf_seen = true;
    }
    if (t->line_number == 1 && memchr(line, '\r', *length) != NULL)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX021",
                             "%s:1: a carriage return inside the line; save the file "
                             "with LF line ends",
                             t->path);
done:
    return rc;
}

cxs_rc cxs_text_line(cxs_ctx *ctx, cxs_text *text, char **line, size_t *length)
{
    char *newline = NULL, *start;
    cxs_rc rc = CXS_OK;

    *line = NULL;
    *length = 0;
    CXS_TRY(find_line_end(ctx, text, &newline));
    if (newline == NULL && text->begin == text->end)
        return CXS_OK;
    start = text->buffer + text->begin;
    if (newline == NULL)
        newline = text->buffer + text->end; /* the spare byte */
    *newline = '\0';
    *length = (size_t)(newline - start);
    text->begin += *length + (text->begin + *length < text->end);
    text->line_number++;
    CXS_TRY(check_carriage_return(ctx, text, start, length));
    *line = start;
done:
    return rc;
}

cxs_rc cxs_text_peek(cxs_ctx *ctx, cxs_text *text, size_t lines, const char **bytes,
                     size_t *length)
{
    size_t found = 0, seen = 0;
    cxs_rc rc = CXS_OK;

    *bytes = NULL;
    *length = 0;
    for (;;) {
        for (; text->begin + seen < text->end && found < lines; seen++)
            found += text->buffer[text->begin + seen] == '\n';
        if (found == lines || text->at_end)
            break;
        CXS_TRY(fill(ctx, text));
        CXS_TRY(check_encoding(ctx, text));
    }
    *bytes = text->buffer + text->begin;
    *length = text->end - text->begin;
done:
    return rc;
}

int cxs_text_compare(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

size_t cxs_text_line_number(const cxs_text *text)
{
    return text->line_number;
}

const char *cxs_text_path(const cxs_text *text)
{
    return text->path;
}
