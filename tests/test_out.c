/*
 * test_out.c -- output files appear whole or not at all
 */
#include "test.h"

#include "files.h"

#include "base/digest.h"
#include "base/out.h"
#include "base/pack.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static bool content_is(const char *path, const char *want)
{
    char *got = test_read(path, NULL);
    const bool same = got != NULL && strcmp(got, want) == 0;

    if (!same)
        printf("  got %s\n", got != NULL ? got : "(no file)");
    free(got);
    return same;
}

/* Files in the folder, hidden ones too. */
static size_t files_in_folder(void)
{
    DIR *folder = opendir(test_folder);
    size_t n = 0;

    while (folder != NULL && readdir(folder) != NULL)
        n++;
    closedir(folder);
    return n - 2;
}

static void rows_and_cells(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_out *out = NULL;
    const char *path = test_path("rows.tsv");

    (void)state;
    CHECK(cxs_out_open(ctx, path, &out) == CXS_OK);
    CHECK(access(path, F_OK) != 0); /* not there before the commit */
    CHECK(cxs_out_text(ctx, out, "id") == CXS_OK);
    CHECK(cxs_out_text(ctx, out, "a\tb\nc\x7f\\") == CXS_OK);
    CHECK(cxs_out_row_end(ctx, out) == CXS_OK);
    CHECK(cxs_out_real(ctx, out, 0.1) == CXS_OK);
    CHECK(cxs_out_real(ctx, out, (double)NAN) == CXS_OK);
    CHECK(cxs_out_size(ctx, out, 42) == CXS_OK);
    CHECK(cxs_out_text(ctx, out, "") == CXS_OK);
    CHECK(cxs_out_row_end(ctx, out) == CXS_OK);
    CHECK(cxs_out_printf(ctx, out, "%s-%d\n", "end", 7) == CXS_OK);
    CHECK(cxs_out_commit(ctx, out) == CXS_OK);
    CHECK(content_is(path, "id\ta\\x09b\\x0Ac\\x7F\\\n0.1\tNA\t42\t\nend-7\n"));
    CHECK(files_in_folder() == 1);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static cxs_rc fill_with(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_rc rc = cxs_out_printf(ctx, out, "%s\n", (const char *)of);

    return rc == CXS_OK && strcmp(of, "bad") == 0
               ? cxs_fail(ctx, CXS_EDEGENERATE, "bad")
               : rc;
}

static void files_are_filled_by_a_function(void **state)
{
    const size_t before = files_in_folder();
    cxs_ctx *ctx = cxs_ctx_new();
    char prefix[1024];

    (void)state;
    snprintf(prefix, sizeof prefix, "%s", test_path("filled"));
    CHECK(cxs_out_file(ctx, prefix, ".tsv", fill_with, "good", NULL) == CXS_OK);
    CHECK(content_is(test_path("filled.tsv"), "good\n"));
    CHECK(cxs_out_file(ctx, prefix, ".tsv", fill_with, "bad", NULL) == CXS_EDEGENERATE);
    CHECK(content_is(test_path("filled.tsv"), "good\n")); /* the old one stays */
    CHECK(files_in_folder() == before + 1);
    for (long k = 1; k < 100; k++) {
        cxs_alloc_fail_at(k);
        const cxs_rc rc = cxs_out_file(ctx, prefix, ".tsv", fill_with, "ok", NULL);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        CHECK(content_is(test_path("filled.tsv"), rc == CXS_OK ? "ok\n" : "good\n"));
        CHECK(files_in_folder() == before + 1);
        if (rc == CXS_OK)
            break;
    }
    remove(test_path("filled.tsv"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* More than the buffer, in pieces that do not divide it. */
static void long_files(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_out *out = NULL;
    const char *path = test_path("long.bin");
    char piece[1000], *big = malloc(700000), *got;
    size_t n = 0;

    (void)state;
    assert_non_null(big);
    memset(piece, 'p', sizeof piece);
    memset(big, 'q', 700000);
    CHECK(cxs_out_open(ctx, path, &out) == CXS_OK);
    for (int i = 0; i < 300; i++)
        CHECK(cxs_out_write(ctx, out, piece, 999) == CXS_OK);
    CHECK(cxs_out_write(ctx, out, big, 700000) == CXS_OK);
    CHECK(cxs_out_write(ctx, out, piece, 1) == CXS_OK);
    CHECK(cxs_out_commit(ctx, out) == CXS_OK);
    got = test_read(path, &n);
    CHECK(n == 999700 + 1);
    CHECK(got != NULL && got[299699] == 'p' && got[299700] == 'q' &&
          got[999700] == 'p');
    free(got);
    free(big);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void aborted_files_leave_nothing(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_out *out = NULL;
    const size_t before = files_in_folder();

    (void)state;
    CHECK(cxs_out_open(ctx, test_path("gone"), &out) == CXS_OK);
    CHECK(cxs_out_printf(ctx, out, "x") == CXS_OK);
    CHECK(files_in_folder() == before + 1);
    cxs_out_abort(out);
    cxs_out_abort(NULL);
    CHECK(files_in_folder() == before);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void old_files_stay_until_the_commit(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_out *out = NULL;
    const char *path = test_text("old", "old");

    (void)state;
    CHECK(cxs_out_open(ctx, path, &out) == CXS_OK);
    CHECK(cxs_out_printf(ctx, out, "new") == CXS_OK);
    CHECK(content_is(path, "old"));
    CHECK(cxs_out_commit(ctx, out) == CXS_OK);
    CHECK(content_is(path, "new"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A link at the final name is replaced; what it points to is untouched. */
static void links_are_not_followed(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_out *out = NULL;
    const char *victim = test_text("victim", "keep me"), *path = test_path("link");
    struct stat info;

    (void)state;
    CHECK(symlink(victim, path) == 0);
    CHECK(cxs_out_open(ctx, path, &out) == CXS_OK);
    CHECK(cxs_out_printf(ctx, out, "new") == CXS_OK);
    CHECK(cxs_out_commit(ctx, out) == CXS_OK);
    CHECK(content_is(victim, "keep me") && content_is(path, "new"));
    CHECK(lstat(path, &info) == 0 && S_ISREG(info.st_mode));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void check_create_fails(const char *path, const char *why)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_out *out = NULL;
    char message[1024];

    snprintf(message, sizeof message, "%s: cannot be created: %s", path, why);
    CHECK(cxs_out_open(ctx, path, &out) == CXS_ECREATE && out == NULL);
    if (strcmp(cxs_ctx_message(ctx), message) != 0)
        printf("  got %s\n", cxs_ctx_message(ctx));
    CHECK(strcmp(cxs_ctx_message(ctx), message) == 0);
    cxs_ctx_free(ctx);
}

static void files_that_cannot_be_created(void **state)
{
    (void)state;
    test_text("plain", "x");
    check_create_fails(test_path("absent/file"), "No such file or directory");
    check_create_fails(test_path("plain/file"), "Not a directory");
    check_create_fails(test_folder, "Is a directory");
    CHECK_DONE();
}

/* A full disk: the device that is always full, at a flush and at the commit. */
static void full_disk(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_out *out = NULL;
    char block[4096] = "";
    cxs_rc rc = CXS_OK;

    (void)state;
    CHECK(cxs_out_open(ctx, "/dev/full", &out) == CXS_OK);
    CHECK(cxs_out_printf(ctx, out, "x") == CXS_OK);
    CHECK(cxs_out_commit(ctx, out) == CXS_EIO);
    CHECK(strcmp(cxs_ctx_message(ctx),
                 "/dev/full: write failed: No space left on device") == 0);
    CHECK(cxs_out_open(ctx, "/dev/full", &out) == CXS_OK);
    for (int i = 0; i < 1000 && rc == CXS_OK; i++)
        rc = cxs_out_write(ctx, out, block, sizeof block);
    CHECK(rc == CXS_EIO);
    cxs_out_abort(out);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A file-size limit stands for a quota: EIO with the path, nothing is left. */
static void quota(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_out *out = NULL;
    const char *path = test_path("quota");
    const size_t before = files_in_folder();
    struct rlimit old, small;
    char block[4096] = "", message[1024];

    (void)state;
    CHECK(getrlimit(RLIMIT_FSIZE, &old) == 0);
    small = old;
    small.rlim_cur = 10000;
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK(cxs_out_open(ctx, path, &out) == CXS_OK);
    for (int i = 0; i < 10; i++)
        CHECK(cxs_out_write(ctx, out, block, sizeof block) == CXS_OK);
    CHECK(cxs_out_commit(ctx, out) == CXS_EIO);
    CHECK(setrlimit(RLIMIT_FSIZE, &old) == 0);
    snprintf(message, sizeof message, "%s: write failed: File too large", path);
    CHECK(strcmp(cxs_ctx_message(ctx), message) == 0);
    CHECK(files_in_folder() == before);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void files_of_other_libraries(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const char *path = test_path("other.db");
    char *temp = NULL;
    FILE *file;

    (void)state;
    CHECK(cxs_out_temp_name(ctx, path, &temp) == CXS_OK && temp != NULL);
    file = fopen(temp, "w");
    assert_non_null(file);
    fputs("content", file);
    fclose(file);
    CHECK(cxs_out_rename(ctx, temp, path) == CXS_OK);
    CHECK(content_is(path, "content") && access(temp, F_OK) != 0);
    CHECK(cxs_out_rename(ctx, temp, path) == CXS_EIO); /* it is gone */
    cxs_free(temp);
    CHECK(cxs_out_temp_name(ctx, test_path("absent/x"), &temp) == CXS_ECREATE);
    CHECK(temp == NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void folders(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    struct stat info;
    char *joined = cxs_path_join(ctx, "out/os", ".path.tsv"), message[1024];

    (void)state;
    CHECK(strcmp(joined, "out/os.path.tsv") == 0);
    cxs_free(joined);
    CHECK(cxs_make_folder(ctx, test_path("a/b//c/")) == CXS_OK);
    CHECK(cxs_make_folder(ctx, test_path("a/b/c")) == CXS_OK);
    CHECK(stat(test_path("a/b/c"), &info) == 0 && S_ISDIR(info.st_mode));
    test_text("a/file", "x");
    CHECK(cxs_make_folder(ctx, test_path("a/file/d")) == CXS_ECREATE);
    snprintf(message, sizeof message, "%s: cannot be created: Not a directory",
             test_path("a/file"));
    CHECK(strcmp(cxs_ctx_message(ctx), message) == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void allocations_may_fail(void **state)
{
    const size_t before = files_in_folder();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 100; k++) {
        const long live = cxs_alloc_live();
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_out *out = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_out_open(ctx, test_path("oom"), &out);
        CHECK((rc == CXS_OK) == (out != NULL));
        if (rc == CXS_OK)
            rc = cxs_out_printf(ctx, out, "x%d\n", 1);
        if (rc == CXS_OK)
            rc = cxs_out_commit(ctx, out);
        else
            cxs_out_abort(out);
        cxs_alloc_fail_at(0);
        cxs_ctx_free(ctx);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 4);
    CHECK(files_in_folder() == before + 1);
    CHECK_DONE();
}

/* ---- packing and digests --------------------------------------------------------- */

static void blocks_are_packed(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    char text[10000], back[10000];
    void *packed = NULL;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)('a' + i % 7);
    CHECK(cxs_pack(ctx, text, sizeof text, &packed, &n) == CXS_OK);
    CHECK(n > 0 && n < sizeof text / 10);
    CHECK(cxs_unpack(ctx, packed, n, back, sizeof back) == CXS_OK);
    CHECK(memcmp(text, back, sizeof text) == 0);
    CHECK(cxs_unpack(ctx, packed, n, back, sizeof back - 1) == CXS_EFORMAT);
    CHECK(cxs_unpack(ctx, packed, n - 1, back, sizeof back) == CXS_EFORMAT);
    ((unsigned char *)packed)[n - 1] ^= 1; /* the checksum */
    CHECK(cxs_unpack(ctx, packed, n, back, sizeof back) == CXS_EFORMAT);
    CHECK(strncmp(cxs_ctx_message(ctx), "a stored block is damaged: ", 27) == 0);
    cxs_free(packed);
    CHECK(cxs_pack(ctx, "", 0, &packed, &n) == CXS_OK);
    CHECK(cxs_unpack(ctx, packed, n, back, 0) == CXS_OK);
    CHECK(cxs_unpack(ctx, packed, n, back, 5) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_message(ctx), "a stored block is damaged: it holds 0 bytes "
                                       "instead of 5") == 0);
    cxs_free(packed);
    cxs_alloc_fail_at(1);
    CHECK(cxs_pack(ctx, "x", 1, &packed, &n) == CXS_ENOMEM && packed == NULL);
    cxs_alloc_fail_at(0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Known answers: xxHash's specification and FIPS 180-4. */
static void known_digests(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    char hex[CXS_SHA256_HEX];
    uint64_t bytes = 0;

    (void)state;
    CHECK(cxs_hash64("", 0) == 0xef46db3751d8e999U);
    CHECK(cxs_hash64("abc", 3) == 0x44bc2cf5ad770999U);
    CHECK(cxs_sha256_bytes(ctx, "abc", 3, hex) == CXS_OK);
    CHECK(strcmp(hex, "ba7816bf8f01cfea414140de5dae2223"
                      "b00361a396177a9cb410ff61f20015ad") == 0);
    CHECK(cxs_sha256_file_size(ctx, test_text("empty", ""), hex, &bytes) == CXS_OK);
    CHECK(strcmp(hex, "e3b0c44298fc1c149afbf4c8996fb924"
                      "27ae41e4649b934ca495991b7852b855") == 0);
    CHECK(bytes == 0);
    CHECK(cxs_sha256_file_size(ctx, test_text("abc", "abc"), hex, &bytes) == CXS_OK);
    CHECK(bytes == 3 && strncmp(hex, "ba7816bf", 8) == 0);
    CHECK(cxs_sha256_file(ctx, test_path("nowhere"), hex) == CXS_ENOINPUT);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_cells),
        cmocka_unit_test(files_are_filled_by_a_function),
        cmocka_unit_test(long_files),
        cmocka_unit_test(aborted_files_leave_nothing),
        cmocka_unit_test(old_files_stay_until_the_commit),
        cmocka_unit_test(links_are_not_followed),
        cmocka_unit_test(files_that_cannot_be_created),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(quota),
        cmocka_unit_test(files_of_other_libraries),
        cmocka_unit_test(folders),
        cmocka_unit_test(allocations_may_fail),
        cmocka_unit_test(blocks_are_packed),
        cmocka_unit_test(known_digests),
    };
    return cmocka_run_group_tests_name("out", tests, test_folder_make,
                                       test_folder_remove);
}
