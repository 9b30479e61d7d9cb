/*
 * fields.c -- split a line into fields, in place
 *
 * Tab-separated text has no quoting (domain rule), comma-separated text follows
 * RFC 4180 within one line: a field that starts with '"' ends at the next '"' that is
 * not doubled.  Depends on libc only.
 */
#include "base/text.h"

#include <string.h>

static cxs_rc add_field(cxs_ctx *ctx, cxs_fields *f, char *text, size_t length)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_grow(ctx, (void **)&f->text, &f->capacity, f->count + 1, sizeof *f->text));
    CXS_TRY(cxs_grow(ctx, (void **)&f->length, &f->capacity_length, f->count + 1,
                     sizeof *f->length));
    f->text[f->count] = text;
    f->length[f->count++] = length;
done:
    return rc;
}

/* Take the quotes off the field at *at, which starts with one; *at moves behind it. */
static cxs_rc unquote(cxs_ctx *ctx, char **at, const char *end, char sep,
                      size_t *length)
{
    char *to = *at, *from = *at + 1;

    for (; from < end; from++) {
        if (*from == '"') {
            if (from + 1 == end || from[1] != '"')
                break;
            from++;
        }
        *to++ = *from;
    }
    if (from >= end)
        return cxs_fail(ctx, CXS_EFORMAT, "a quoted field has no closing quote");
    from++;
    if (from < end && *from != sep)
        return cxs_fail(ctx, CXS_EFORMAT, "text follows a quoted field");
    *length = (size_t)(to - *at);
    *at = from;
    return CXS_OK;
}

static cxs_rc split_quoted(cxs_ctx *ctx, char *line, char *end, char sep,
                           cxs_fields *fields)
{
    char *at = line;
    cxs_rc rc = CXS_OK;

    for (;;) {
        char *field = at;
        size_t length = 0;
        if (at < end && *at == '"') {
            CXS_TRY(unquote(ctx, &at, end, sep, &length));
        } else {
            char *stop = memchr(at, sep, (size_t)(end - at));
            at = stop != NULL ? stop : end;
            length = (size_t)(at - field);
        }
        CXS_TRY(add_field(ctx, fields, field, length));
        const bool last = at >= end;
        field[length] = '\0';
        if (last)
            break;
        at++;
    }
done:
    return rc;
}

/* Hot: matrices have short fields, for which a loop beats a call of memchr(). */
static cxs_rc split_plain(cxs_ctx *ctx, char *line, char *end, char sep,
                          cxs_fields *fields)
{
    char *field = line;
    cxs_rc rc = CXS_OK;

    for (char *p = line;; p++) {
        if (p < end && *p != sep)
            continue;
        if (fields->count < fields->capacity &&
            fields->count < fields->capacity_length) {
            fields->text[fields->count] = field;
            fields->length[fields->count++] = (size_t)(p - field);
        } else {
            CXS_TRY(add_field(ctx, fields, field, (size_t)(p - field)));
        }
        if (p == end)
            break;
        *p = '\0';
        field = p + 1;
    }
done:
    return rc;
}

cxs_rc cxs_fields_split(cxs_ctx *ctx, char *line, size_t length, char sep,
                        cxs_fields *fields)
{
    fields->count = 0;
    if (sep == ',' && memchr(line, '"', length) != NULL)
        return split_quoted(ctx, line, line + length, sep, fields);
    return split_plain(ctx, line, line + length, sep, fields);
}

void cxs_fields_free(cxs_fields *fields)
{
    cxs_free(fields->text);
    cxs_free(fields->length);
    *fields = (cxs_fields){0};
}

cxs_rc cxs_text_separator(cxs_ctx *ctx, const char *path, const char *header, char *sep)
{
    *sep = '\t';
    if (strchr(header, '\t') != NULL)
        return CXS_OK;
    if (strchr(header, ',') != NULL)
        *sep = ',';
    else if (strchr(header, ';') != NULL)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX022",
                             "%s: fields are separated by semicolons; save it as "
                             "tab-separated text",
                             path);
    return CXS_OK;
}
