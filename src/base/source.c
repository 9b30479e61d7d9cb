/*
 * source.c -- decoded bytes of a plain, gzip, BGZF or zstd file
 *
 * A gzip file is a sequence of members (RFC 1952), a zstd file a sequence of frames
 * (RFC 8878); both are read to the last one, because `cat a.gz b.gz` is a valid file.
 * BGZF is gzip whose members carry an extra field "BC" and which ends with an empty
 * member: without that one the file was cut at a block border, where gzip itself sees
 * nothing wrong (SAM specification 4.1.2).  Home of zlib, and of zstd streams.
 */
#include "base/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    INPUT_BYTES = 1 << 18,
    HEAD_BYTES = 18,    /* gzip header with the BGZF extra field */
    WINDOW_LOG_MAX = 27 /* 128 MiB: what `zstd -d` accepts without asking */
};

typedef enum container { PLAIN, GZIP, ZSTD } container;

struct cxs_source {
    char *path;
    int fd;
    container kind;
    bool at_end;   /* of the file */
    bool in_frame; /* a member or frame is open */
    bool finished; /* every decoded byte was handed out */
    bool bgzf;
    size_t frame_out; /* decoded bytes of the present gzip member */
    unsigned char *input;
    size_t begin, end; /* unread part of input */
    z_stream z;
    bool z_ready;
    ZSTD_DStream *zstd;
};

static bool is_missing(int error)
{
    return error == ENOENT || error == ENOTDIR || error == EACCES || error == ELOOP ||
           error == ENAMETOOLONG || error == EPERM;
}

static cxs_rc open_file(cxs_ctx *ctx, const char *path, int *fd)
{
    struct stat info;

    *fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0 && is_missing(errno))
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: %s", path, strerror(errno));
    if (*fd < 0 || fstat(*fd, &info) != 0)
        return cxs_fail(ctx, CXS_EIO, "%s: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: this is a folder", path);
    return CXS_OK;
}

/* Read from the file behind what is unread; sets at_end. */
static cxs_rc fill_input(cxs_ctx *ctx, cxs_source *s)
{
    ssize_t n;

    if (s->begin > 0) {
        memmove(s->input, s->input + s->begin, s->end - s->begin);
        s->end -= s->begin;
        s->begin = 0;
    }
    do
        n = read(s->fd, s->input + s->end, INPUT_BYTES - s->end);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return cxs_fail(ctx, CXS_EIO, "%s: %s", s->path, strerror(errno));
    s->end += (size_t)n;
    s->at_end = n == 0;
    return CXS_OK;
}

static cxs_rc fill_at_least(cxs_ctx *ctx, cxs_source *s, size_t need)
{
    cxs_rc rc = CXS_OK;

    while (s->end - s->begin < need && !s->at_end)
        CXS_TRY(fill_input(ctx, s));
done:
    return rc;
}

/* zlib's blocks are counted like all others. */
static voidpf z_alloc(voidpf ctx, uInt items, uInt size)
{
    return cxs_calloc(ctx, items, size);
}

static void z_free(voidpf ctx, voidpf block)
{
    (void)ctx;
    cxs_free(block);
}

static cxs_rc start_gzip(cxs_ctx *ctx, cxs_source *s)
{
    const unsigned char *b = s->input;
    const int fextra = 4; /* bit of the flag byte: an extra field follows */

    s->kind = GZIP;
    s->bgzf =
        s->end >= HEAD_BYTES && (b[3] & fextra) != 0 && b[12] == 'B' && b[13] == 'C';
    s->z.zalloc = z_alloc;
    s->z.zfree = z_free;
    s->z.opaque = ctx;
    if (inflateInit2(&s->z, 15 + 16) != Z_OK)
        return cxs_fail(ctx, CXS_ENOMEM, "cannot start gzip decoding");
    s->z_ready = true;
    return CXS_OK;
}

static cxs_rc start_zstd(cxs_ctx *ctx, cxs_source *s)
{
    s->kind = ZSTD;
    if ((s->zstd = ZSTD_createDStream()) == NULL)
        return cxs_fail(ctx, CXS_ENOMEM, "cannot start zstd decoding");
    if (ZSTD_isError(
            ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
        return cxs_fail(ctx, CXS_EOS, "cannot set the zstd window");
    return CXS_OK;
}

static cxs_rc start_decoder(cxs_ctx *ctx, cxs_source *s)
{
    const unsigned char *b = s->input;
    cxs_rc rc = CXS_OK;

    CXS_TRY(fill_at_least(ctx, s, HEAD_BYTES));
    if (s->end >= 2 && b[0] == 0x1f && b[1] == 0x8b)
        return start_gzip(ctx, s);
    /* a zstd frame, or a skippable frame as seekable files have */
    if (s->end >= 4 &&
        ((b[0] == 0x28 && b[1] == 0xb5 && b[2] == 0x2f) ||
         ((b[0] & 0xf0) == 0x50 && b[1] == 0x2a && b[2] == 0x4d)) &&
        (b[3] == 0xfd || b[3] == 0x18))
        return start_zstd(ctx, s);
done:
    return rc;
}

cxs_rc cxs_source_open(cxs_ctx *ctx, const char *path, cxs_source **out)
{
    cxs_source *s = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(s, 1);
    s->fd = -1;
    CXS_TRY(open_file(ctx, path, &s->fd));
    if ((s->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_NEW(s->input, INPUT_BYTES);
    CXS_TRY(start_decoder(ctx, s));
    *out = s;
    s = NULL;
done:
    cxs_source_close(s);
    return rc;
}

void cxs_source_close(cxs_source *source)
{
    if (source == NULL)
        return;
    if (source->z_ready)
        inflateEnd(&source->z);
    ZSTD_freeDStream(source->zstd);
    if (source->fd > STDERR_FILENO)
        close(source->fd);
    cxs_free(source->input);
    cxs_free(source->path);
    cxs_free(source);
}

static cxs_rc truncated(cxs_ctx *ctx, const cxs_source *s)
{
    return cxs_fail_code(ctx, CXS_ETRUNCATED, "CX037",
                         "%s: the compressed data end early: the file is truncated",
                         s->path);
}

static cxs_rc damaged(cxs_ctx *ctx, const cxs_source *s, const char *why)
{
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX037",
                         "%s: the compressed data are damaged (%s)", s->path, why);
}

static cxs_rc read_plain(cxs_ctx *ctx, cxs_source *s, void *bytes, size_t room,
                         size_t *got)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(fill_at_least(ctx, s, 1));
    *got = s->end - s->begin < room ? s->end - s->begin : room;
    memcpy(bytes, s->input + s->begin, *got);
    s->begin += *got;
done:
    return rc;
}

/* Between two members: another one, zero padding as tape writers leave it, or the end.
 * Sets in_frame or finished. */
static cxs_rc next_member(cxs_ctx *ctx, cxs_source *s)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(fill_at_least(ctx, s, 2));
    while (s->begin < s->end && s->input[s->begin] == 0) {
        s->begin++;
        CXS_TRY(fill_at_least(ctx, s, 2));
    }
    if (s->begin == s->end) {
        s->finished = true;
        if (s->bgzf && s->frame_out > 0)
            return cxs_fail_code(ctx, CXS_ETRUNCATED, "CX037",
                                 "%s: no end-of-file marker: the file is truncated",
                                 s->path);
        return CXS_OK;
    }
    if (s->end - s->begin < 2)
        return truncated(ctx, s);
    if (s->input[s->begin] != 0x1f || s->input[s->begin + 1] != 0x8b)
        return damaged(ctx, s, "other bytes follow the last gzip member");
    if (inflateReset(&s->z) != Z_OK)
        return cxs_fail(ctx, CXS_EBUG, "%s: cannot reset gzip decoding", s->path);
    s->in_frame = true;
    s->frame_out = 0;
done:
    return rc;
}

/* One call of inflate(); *got bytes came out, perhaps none. */
static cxs_rc inflate_step(cxs_ctx *ctx, cxs_source *s, void *bytes, size_t room,
                           size_t *got)
{
    const uInt n = room < INT_MAX ? (uInt)room : INT_MAX;
    cxs_rc rc = CXS_OK;
    int z;

    CXS_TRY(fill_at_least(ctx, s, 1));
    s->z.next_in = s->input + s->begin;
    s->z.avail_in = (uInt)(s->end - s->begin);
    s->z.next_out = bytes;
    s->z.avail_out = n;
    s->z.opaque = ctx;
    z = inflate(&s->z, Z_NO_FLUSH);
    s->begin = s->end - s->z.avail_in;
    *got = n - s->z.avail_out;
    s->frame_out += *got;
    if (z == Z_STREAM_END)
        s->in_frame = false;
    else if (z == Z_MEM_ERROR)
        return cxs_fail(ctx, CXS_ENOMEM, "%s: no memory for gzip decoding", s->path);
    else if (z == Z_DATA_ERROR || z == Z_NEED_DICT || z == Z_STREAM_ERROR)
        return damaged(ctx, s, s->z.msg != NULL ? s->z.msg : "not gzip");
    else if (*got == 0 && s->begin == s->end && s->at_end)
        return truncated(ctx, s);
done:
    return rc;
}

static cxs_rc read_gzip(cxs_ctx *ctx, cxs_source *s, void *bytes, size_t room,
                        size_t *got)
{
    cxs_rc rc = CXS_OK;

    while (*got == 0 && !s->finished) {
        if (!s->in_frame)
            CXS_TRY(next_member(ctx, s));
        else
            CXS_TRY(inflate_step(ctx, s, bytes, room, got));
    }
done:
    return rc;
}

static cxs_rc read_zstd(cxs_ctx *ctx, cxs_source *s, void *bytes, size_t room,
                        size_t *got)
{
    ZSTD_outBuffer to = {bytes, room, 0};
    cxs_rc rc = CXS_OK;

    while (to.pos == 0) {
        CXS_TRY(fill_at_least(ctx, s, 1));
        const bool no_input = s->begin == s->end;
        if (no_input && !s->in_frame)
            break;
        ZSTD_inBuffer from = {s->input, s->end, s->begin};
        const size_t left = ZSTD_decompressStream(s->zstd, &to, &from);
        s->begin = from.pos;
        if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation)
            return cxs_fail(ctx, CXS_ENOMEM, "%s: no memory for zstd decoding",
                            s->path);
        if (ZSTD_isError(left))
            return damaged(ctx, s, ZSTD_getErrorName(left));
        s->in_frame = left != 0;
        if (no_input && s->in_frame && to.pos == 0)
            return truncated(ctx, s);
    }
    *got = to.pos;
done:
    return rc;
}

cxs_rc cxs_source_read(cxs_ctx *ctx, cxs_source *source, void *bytes, size_t room,
                       size_t *got)
{
    *got = 0;
    switch (source->kind) {
    case GZIP:
        return read_gzip(ctx, source, bytes, room, got);
    case ZSTD:
        return read_zstd(ctx, source, bytes, room, got);
    case PLAIN:
        break;
    }
    return read_plain(ctx, source, bytes, room, got);
}

const char *cxs_zlib_version(void)
{
    return zlibVersion();
}
