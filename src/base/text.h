/*
 * text.h -- stream the lines of a plain, .gz, .bgz or .zst file
 *
 * The container is told by its first bytes, not by the name.  The reader holds one
 * block and one line; a truncated stream is CXS_ETRUNCATED, a stranger's container
 * (Excel, HTML, git-lfs pointer, SQLite) CX022, wrong encoding CX021.
 */
#ifndef CXS_TEXT_H
#define CXS_TEXT_H

#include "base/base.h"

typedef struct cxs_text cxs_text;

/* Open @p path ("-" is stdin).  CXS_ENOINPUT when absent; CX022, CX021. */
cxs_rc cxs_text_open(cxs_ctx *ctx, const char *path, cxs_text **out) CXS_MUST_USE;
void cxs_text_close(cxs_text *text);

/* Next line without its LF or CRLF.  *line is borrowed until the next call, may be
 * written to, has a zero after its last byte; NULL at the end of the file.  Checks
 * UTF-8 and NUL bytes (CX021 with the byte offset); a BOM and CRLF are counted and
 * warned once. */
cxs_rc cxs_text_line(cxs_ctx *ctx, cxs_text *text, char **line,
                     size_t *length) CXS_MUST_USE;

/* What the next cxs_text_line() calls will read, without moving on: at least `lines`
 * lines, all that is left when there are fewer.  Borrowed until the next call. */
cxs_rc cxs_text_peek(cxs_ctx *ctx, cxs_text *text, size_t lines, const char **bytes,
                     size_t *length) CXS_MUST_USE;

size_t cxs_text_line_number(const cxs_text *text); /* of the last line, from 1 */
const char *cxs_text_path(const cxs_text *text);

/* UTF-8 without NUL, no overlong forms, no surrogates. */
bool cxs_text_is_utf8(const char *bytes, size_t n);

/* For qsort() and bsearch() over arrays of strings, none of them NULL: bytewise. */
int cxs_text_compare(const void *left, const void *right);

/* Split a line in place at the separator; quoted fields only when sep is ','.
 * fields grows as needed.  CX019 is the caller's. */
typedef struct cxs_fields {
    char **text;
    size_t *length;
    size_t count, capacity, capacity_length;
} cxs_fields;
cxs_rc cxs_fields_split(cxs_ctx *ctx, char *line, size_t length, char sep,
                        cxs_fields *fields) CXS_MUST_USE;
void cxs_fields_free(cxs_fields *fields);

/* Separator of a header line: tab when it holds one, else comma when it holds one, else
 * tab.  A semicolon header without tab or comma is CX022. */
cxs_rc cxs_text_separator(cxs_ctx *ctx, const char *path, const char *header,
                          char *sep) CXS_MUST_USE;

#endif /* CXS_TEXT_H */
