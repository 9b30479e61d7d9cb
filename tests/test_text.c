/*
 * test_text.c -- lines of plain, gzip, BGZF and zstd files, their encoding and faults
 */
#include "test.h"

#include "files.h"

#include "base/text.h"

#include <zlib.h>
#include <zstd.h>

/* ---- makers ---------------------------------------------------------------------- */

typedef struct bytes {
    unsigned char *data;
    size_t n;
} bytes;

static bytes new_bytes(size_t room)
{
    bytes b = {calloc(room > 0 ? room : 1, 1), 0};

    if (b.data == NULL)
        abort();
    return b;
}

static void append(bytes *b, const void *data, size_t n)
{
    unsigned char *larger = realloc(b->data, b->n + n + 1);

    if (larger == NULL)
        abort();
    b->data = larger;
    if (n > 0)
        memcpy(b->data + b->n, data, n);
    b->n += n;
}

/* One gzip member; with bgzf the extra field "BC" (its value is not read here). */
static void append_gzip(bytes *b, const void *text, size_t n, bool bgzf)
{
    unsigned char extra[6] = {'B', 'C', 2, 0, 27, 0};
    gz_header header = {.extra = extra, .extra_len = sizeof extra, .os = 255};
    const size_t room = n + n / 10 + 1000;
    bytes out = new_bytes(room);
    z_stream z = {0};

    if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    if (bgzf)
        deflateSetHeader(&z, &header);
    z.next_in = (unsigned char *)(uintptr_t)text;
    z.avail_in = (uInt)n;
    z.next_out = out.data;
    z.avail_out = (uInt)room;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    append(b, out.data, room - z.avail_out);
    deflateEnd(&z);
    free(out.data);
}

static void append_zstd(bytes *b, const void *text, size_t n)
{
    const size_t room = ZSTD_compressBound(n);
    bytes out = new_bytes(room);
    const size_t packed = ZSTD_compress(out.data, room, text, n, 3);

    if (ZSTD_isError(packed))
        abort();
    append(b, out.data, packed);
    free(out.data);
}

/* ---- reading --------------------------------------------------------------------- */

/* All lines of a file joined by '|', each followed by its length in the second form. */
static cxs_rc read_all(cxs_ctx *ctx, const char *path, char **joined, size_t *lines)
{
    cxs_text *text = NULL;
    cxs_buf b = {0};
    cxs_rc rc = CXS_OK;

    *joined = NULL;
    *lines = 0;
    CXS_TRY(cxs_buf_add(ctx, &b, "", 0));
    CXS_TRY(cxs_text_open(ctx, path, &text));
    for (;;) {
        char *line = NULL;
        size_t length = 0;
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        CHECK(strlen(line) == length);
        CXS_TRY(cxs_buf_add(ctx, &b, line, length));
        CXS_TRY(cxs_buf_add(ctx, &b, "|", 1));
        ++*lines;
        CHECK(cxs_text_line_number(text) == *lines);
    }
    *joined = b.text;
    b.text = NULL;
done:
    cxs_text_close(text);
    cxs_free(b.text);
    return rc;
}

static void check_lines(const char *path, const char *want)
{
    cxs_ctx *ctx = cxs_ctx_new();
    char *joined = NULL;
    size_t lines = 0;
    const cxs_rc rc = read_all(ctx, path, &joined, &lines);

    if (rc != CXS_OK)
        printf("  %s\n", cxs_ctx_message(ctx));
    else if (strcmp(joined, want) != 0)
        printf("  got %.80s\n", joined);
    CHECK(rc == CXS_OK && strcmp(joined, want) == 0);
    cxs_free(joined);
    cxs_ctx_free(ctx);
}

/* The whole message must be "PATH" + tail. */
static void check_failure(const char *path, cxs_rc want, const char *code,
                          const char *tail)
{
    cxs_ctx *ctx = cxs_ctx_new();
    char *joined = NULL, message[1024];
    size_t lines = 0;

    snprintf(message, sizeof message, "%s%s", path, tail);
    CHECK(read_all(ctx, path, &joined, &lines) == want);
    CHECK(joined == NULL);
    if (strcmp(cxs_ctx_message(ctx), message) != 0)
        printf("  got %s\n", cxs_ctx_message(ctx));
    CHECK(strcmp(cxs_ctx_message(ctx), message) == 0);
    CHECK(strcmp(cxs_ctx_code(ctx), code) == 0);
    cxs_free(joined);
    cxs_ctx_free(ctx);
}

static void plain_lines(void **state)
{
    (void)state;
    check_lines(test_text("a", "x\ty\n1\t2\n"), "x\ty|1\t2|");
    check_lines(test_text("a", "x\ty\n1\t2"), "x\ty|1\t2|"); /* no final newline */
    check_lines(test_text("a", ""), "");
    check_lines(test_text("a", "\n"), "|");
    check_lines(test_text("a", "\n\nz\n\n"), "||z||");
    check_lines(test_text("a", "x"), "x|");
    check_lines(test_text("a", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n"),
                "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80|");
    CHECK_DONE();
}

static void warnings_are_given_once(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    char *joined = NULL, want[1024];
    size_t lines = 0, times = 0;
    const char *path = test_text("crlf", "\xef\xbb\xbfx\ty\r\n1\t2\r\n3\t4\r\n");

    (void)state;
    CHECK(read_all(ctx, path, &joined, &lines) == CXS_OK);
    CHECK(joined != NULL && strcmp(joined, "x\ty|1\t2|3\t4|") == 0);
    CHECK(cxs_ctx_warning_count(ctx) == 2);
    snprintf(want, sizeof want, "CX021: %s: a UTF-8 byte-order mark was skipped", path);
    CHECK(strcmp(cxs_ctx_warning(ctx, 0, &times), want) == 0 && times == 1);
    snprintf(want, sizeof want, "CX021: %s: lines end with CR LF; the CR was cut off",
             path);
    CHECK(strcmp(cxs_ctx_warning(ctx, 1, &times), want) == 0 && times == 1);
    cxs_free(joined);
    cxs_ctx_set_strict(ctx, 1);
    CHECK(read_all(ctx, path, &joined, &lines) == CXS_EFORMAT && joined == NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- encoding -------------------------------------------------------------------- */

static void wrong_encodings(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *tail;
    } cases[] = {
        {"\xff\xfex\0y\0", 6, ": byte 0: this is UTF-16; save it as UTF-8"},
        {"\xfe\xff\0x", 4, ": byte 0: this is UTF-16; save it as UTF-8"},
        {"ab\xe4z\n", 5, ": byte 2: not UTF-8"},         /* Latin-1 */
        {"ab\xc0\x80\n", 5, ": byte 2: not UTF-8"},      /* overlong */
        {"a\xed\xa0\x80\n", 5, ": byte 1: not UTF-8"},   /* surrogate */
        {"a\xe0\x9f\xbf\n", 5, ": byte 1: not UTF-8"},   /* overlong */
        {"a\xf0\x8f\xbf\xbf", 5, ": byte 1: not UTF-8"}, /* overlong */
        {"a\xf4\x90\x80\x80", 5, ": byte 1: not UTF-8"}, /* beyond U+10FFFF */
        {"a\xf5\x80\x80\x80", 5, ": byte 1: not UTF-8"},
        {"a\x80", 2, ": byte 1: not UTF-8"},
        {"abc\xe2\x82", 5, ": byte 3: not UTF-8"}, /* cut at the end */
        {"ab\0c\n", 5, ": byte 2: a NUL byte in text"},
        {"x\ry\rz", 5,
         ":1: a carriage return inside the line; save the file with LF line ends"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_failure(test_file("enc", cases[i].bytes, cases[i].n), CXS_EFORMAT,
                      "CX021", cases[i].tail);
    CHECK_DONE();
}

/* A fault is found at every position of a long file, also across block borders. */
static void faults_behind_block_borders(void **state)
{
    const size_t n = 600000, border = 262144;
    bytes b = new_bytes(n);
    char tail[100];

    (void)state;
    b.n = n;
    for (size_t i = 0; i < n; i++)
        b.data[i] = i % 61 == 60 ? '\n' : (unsigned char)('a' + i % 26);
    for (size_t at = border - 40; at < border + 40; at++) {
        const unsigned char kept = b.data[at];
        b.data[at] = at % 2 == 0 ? 0xe4 : 0;
        snprintf(tail, sizeof tail, ": byte %zu: %s", at,
                 at % 2 == 0 ? "not UTF-8" : "a NUL byte in text");
        check_failure(test_file("long", b.data, n), CXS_EFORMAT, "CX021", tail);
        b.data[at] = kept;
    }
    free(b.data);
    CHECK_DONE();
}

/* A four-byte character and a line end at every offset of the border. */
static void text_across_block_borders(void **state)
{
    const size_t border = 262144;

    (void)state;
    for (size_t lead = border - 8; lead < border + 4; lead++) {
        bytes b = new_bytes(2 * border);
        cxs_ctx *ctx = cxs_ctx_new();
        char *joined = NULL;
        size_t lines = 0;
        b.n = 0;
        memset(b.data, 'x', lead);
        memcpy(b.data + lead, "\xf0\x9f\x98\x80\r\nlast", 10);
        CHECK(read_all(ctx, test_file("b", b.data, lead + 10), &joined, &lines) ==
              CXS_OK);
        CHECK(lines == 2 && joined != NULL && strlen(joined) == lead + 4 + 1 + 5);
        CHECK(joined != NULL &&
              memcmp(joined + lead, "\xf0\x9f\x98\x80|last|", 10) == 0);
        cxs_free(joined);
        cxs_ctx_free(ctx);
        free(b.data);
    }
    CHECK_DONE();
}

/* ---- containers ------------------------------------------------------------------ */

static void strangers_are_named(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *tail;
    } cases[] = {
        {"PK\003\004....", 8,
         ": this is an Excel workbook; save it as tab-separated text"},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8,
         ": this is an Excel workbook; save it as tab-separated text"},
        {"<html><body>", 12,
         ": this is a web page, not a text table; download the file itself"},
        {"\n  <!DOCTYPE html>", 18,
         ": this is a web page, not a text table; download the file itself"},
        {"\xef\xbb\xbf<HTML>", 9,
         ": this is a web page, not a text table; download the file itself"},
        {"version https://git-lfs.github.com/spec/v1\n", 43,
         ": this is a git-lfs pointer; run: git lfs pull"},
        {"SQLite format 3\0\020\0", 18,
         ": this is an SQLite database, not a text table"},
        {"BZh91AY", 7, ": this is a bzip2 file; decompress it first"},
        {"\xfd"
         "7zXZ\0",
         6, ": this is an xz file; decompress it first"},
        {"%PDF-1.4", 8,
         ": this is a PDF document; save the table as tab-separated text"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_failure(test_file("stranger", cases[i].bytes, cases[i].n), CXS_EFORMAT,
                      "CX022", cases[i].tail);
    CHECK_DONE();
}

static void absent_files(void **state)
{
    (void)state;
    check_failure(test_path("nowhere"), CXS_ENOINPUT, "",
                  ": No such file or directory");
    check_failure(test_folder, CXS_ENOINPUT, "", ": this is a folder");
    CHECK_DONE();
}

static void gzip_members(void **state)
{
    bytes b = new_bytes(0);

    (void)state;
    append_gzip(&b, "x\ty\n1", 5, false);
    check_lines(test_file("g", b.data, b.n), "x\ty|1|");
    append_gzip(&b, "", 0, false);
    append_gzip(&b, "\t2\n3\t4\n", 7, false);
    check_lines(test_file("g", b.data, b.n), "x\ty|1\t2|3\t4|");
    append(&b, "\0\0\0\0\0", 5); /* padding */
    check_lines(test_file("g", b.data, b.n), "x\ty|1\t2|3\t4|");
    append(&b, "junk", 4);
    check_failure(test_file("g", b.data, b.n), CXS_EFORMAT, "CX037",
                  ": the compressed data are damaged (other bytes follow the last gzip "
                  "member)");
    b.n = 0;
    append_gzip(&b, "PK\003\004....", 8, false);
    check_failure(test_file("g", b.data, b.n), CXS_EFORMAT, "CX022",
                  ": this is an Excel workbook; save it as tab-separated text");
    free(b.data);
    CHECK_DONE();
}

static void bgzf_needs_its_end_marker(void **state)
{
    bytes b = new_bytes(0);

    (void)state;
    append_gzip(&b, "x\n1\n", 4, true);
    append_gzip(&b, "2\n", 2, true);
    check_failure(test_file("b", b.data, b.n), CXS_ETRUNCATED, "CX037",
                  ": no end-of-file marker: the file is truncated");
    append_gzip(&b, "", 0, true);
    check_lines(test_file("b", b.data, b.n), "x|1|2|");
    free(b.data);
    CHECK_DONE();
}

static void zstd_frames(void **state)
{
    const char skippable[] = "\x50\x2a\x4d\x18\x03\0\0\0"
                             "abc";
    bytes b = new_bytes(0);

    (void)state;
    append(&b, skippable, 11);
    append_zstd(&b, "x\ty\n1", 5);
    append_zstd(&b, "", 0);
    append_zstd(&b, "\t2\n", 3);
    check_lines(test_file("z", b.data, b.n), "x\ty|1\t2|");
    append(&b, "junk", 4);
    check_failure(test_file("z", b.data, b.n), CXS_EFORMAT, "CX037",
                  ": the compressed data are damaged (Unknown frame descriptor)");
    free(b.data);
    CHECK_DONE();
}

/* Cut at each byte: never success, except between two members or frames, where less
 * text is a valid file. */
static void every_truncation_is_seen(void **state)
{
    char text[3000];

    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 50 == 49 ? '\n' : (char)('a' + (i * i / 7) % 26);
    for (int zstd = 0; zstd < 2; zstd++) {
        bytes b = new_bytes(0);
        if (zstd)
            append_zstd(&b, text, sizeof text);
        else
            append_gzip(&b, text, sizeof text, false);
        for (size_t n = 4; n < b.n; n++)
            check_failure(test_file("cut", b.data, n), CXS_ETRUNCATED, "CX037",
                          ": the compressed data end early: the file is truncated");
        free(b.data);
    }
    CHECK_DONE();
}

/* Bits flipped: an error or the same text, and never a crash. */
static void damage_is_seen(void **state)
{
    bytes b = new_bytes(0);
    cxs_ctx *ctx = cxs_ctx_new();
    size_t refused = 0;

    (void)state;
    append_gzip(&b, "x\ty\n1\t2\n3\t4\n", 12, false);
    for (size_t i = 10; i < b.n; i++) {
        char *joined = NULL;
        size_t lines = 0;
        b.data[i] ^= 0x10;
        const cxs_rc rc =
            read_all(ctx, test_file("flip", b.data, b.n), &joined, &lines);
        CHECK(rc == CXS_EFORMAT || rc == CXS_ETRUNCATED || rc == CXS_OK);
        CHECK((rc == CXS_OK) == (joined != NULL));
        if (joined != NULL)
            CHECK(strcmp(joined, "x\ty|1\t2|3\t4|") == 0);
        refused += rc != CXS_OK;
        cxs_free(joined);
        b.data[i] ^= 0x10;
    }
    CHECK(refused + 1 >= b.n - 10);
    free(b.data);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void texts_are_compared_bytewise(void **state)
{
    const char *const text[] = {"B", "a", "\xc3\xa4", "a b", "a"};

    (void)state;
    CHECK(cxs_text_compare(&text[0], &text[1]) < 0); /* capitals first */
    CHECK(cxs_text_compare(&text[2], &text[1]) > 0); /* bytes are unsigned */
    CHECK(cxs_text_compare(&text[1], &text[3]) < 0); /* a prefix first */
    CHECK(cxs_text_compare(&text[1], &text[4]) == 0);
    CHECK_DONE();
}

static void allocations_may_fail(void **state)
{
    bytes b = new_bytes(0);

    (void)state;
    append_gzip(&b, "x\ty\r\n1\t2\n", 9, false);
    test_file("oom", b.data, b.n);
    for (int persistent = 0; persistent < 2; persistent++) {
        cxs_rc rc = CXS_ENOMEM;
        long k;
        for (k = 1; rc == CXS_ENOMEM && k < 200; k++) {
            const long before = cxs_alloc_live();
            cxs_ctx *ctx = cxs_ctx_new();
            char *joined = NULL;
            size_t lines = 0;
            cxs_alloc_fail_persistent(persistent != 0);
            cxs_alloc_fail_at(k);
            rc = read_all(ctx, test_path("oom"), &joined, &lines);
            cxs_alloc_fail_at(0);
            cxs_alloc_fail_persistent(false);
            CHECK((rc == CXS_OK) == (joined != NULL));
            cxs_free(joined);
            cxs_ctx_free(ctx);
            CHECK(cxs_alloc_live() == before);
        }
        CHECK(rc == CXS_OK && k > 5);
    }
    free(b.data);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_lines),
        cmocka_unit_test(warnings_are_given_once),
        cmocka_unit_test(wrong_encodings),
        cmocka_unit_test(faults_behind_block_borders),
        cmocka_unit_test(text_across_block_borders),
        cmocka_unit_test(strangers_are_named),
        cmocka_unit_test(absent_files),
        cmocka_unit_test(gzip_members),
        cmocka_unit_test(bgzf_needs_its_end_marker),
        cmocka_unit_test(zstd_frames),
        cmocka_unit_test(every_truncation_is_seen),
        cmocka_unit_test(damage_is_seen),
        cmocka_unit_test(texts_are_compared_bytewise),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests_name("text", tests, test_folder_make,
                                       test_folder_remove);
}
