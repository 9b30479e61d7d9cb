/*
 * digest.c -- SHA-256 and MD5 of files and bytes; home of OpenSSL
 */
#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { BLOCK_BYTES = 1 << 18, SHA256_BYTES = 32, MD5_BYTES = 16, SAMPLES = 64 };

static const uint64_t end_bytes = (uint64_t)1 << 20, sample_bytes = (uint64_t)64 << 10;

static cxs_rc library_failure(cxs_ctx *ctx)
{
    return cxs_fail(ctx, CXS_EOS, "OpenSSL cannot compute a digest");
}

static cxs_rc finish(cxs_ctx *ctx, EVP_MD_CTX *md, unsigned bytes, char *hex)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (EVP_DigestFinal_ex(md, sum, &n) != 1 || n != bytes)
        return library_failure(ctx);
    for (unsigned i = 0; i < n; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[2 * bytes] = '\0';
    return CXS_OK;
}

static cxs_rc start(cxs_ctx *ctx, const EVP_MD *kind, EVP_MD_CTX **md)
{
    if ((*md = EVP_MD_CTX_new()) == NULL)
        return cxs_fail(ctx, CXS_ENOMEM, "no memory for a digest");
    if (EVP_DigestInit_ex(*md, kind, NULL) != 1)
        return library_failure(ctx);
    return CXS_OK;
}

cxs_rc cxs_sha256_bytes(cxs_ctx *ctx, const void *bytes, size_t n,
                        char hex[CXS_SHA256_HEX])
{
    EVP_MD_CTX *md = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(start(ctx, EVP_sha256(), &md));
    if (EVP_DigestUpdate(md, bytes, n) != 1)
        CXS_TRY(library_failure(ctx));
    CXS_TRY(finish(ctx, md, SHA256_BYTES, hex));
done:
    EVP_MD_CTX_free(md);
    return rc;
}

static cxs_rc add_file(cxs_ctx *ctx, EVP_MD_CTX *md, const char *path, int fd,
                       unsigned char *block, uint64_t *bytes)
{
    for (;;) {
        const ssize_t n = read(fd, block, BLOCK_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return cxs_fail(ctx, CXS_EIO, "%s: %s", path, strerror(errno));
        if (n == 0)
            return CXS_OK;
        if (EVP_DigestUpdate(md, block, (size_t)n) != 1)
            return library_failure(ctx);
        *bytes += (uint64_t)n;
    }
}

static cxs_rc open_input(cxs_ctx *ctx, const char *path, int *fd)
{
    if ((*fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0)
        return CXS_OK;
    return cxs_fail(ctx, errno == ENOENT ? CXS_ENOINPUT : CXS_EIO, "%s: %s", path,
                    strerror(errno));
}

/* Digest of one kind over a whole file. */
static cxs_rc whole_file(cxs_ctx *ctx, const char *path, const EVP_MD *kind,
                         unsigned digest_bytes, char *hex, uint64_t *bytes)
{
    EVP_MD_CTX *md = NULL;
    unsigned char *block = NULL;
    int fd = -1;
    cxs_rc rc = CXS_OK;

    *bytes = 0;
    CXS_NEW(block, BLOCK_BYTES);
    CXS_TRY(open_input(ctx, path, &fd));
    CXS_TRY(start(ctx, kind, &md));
    CXS_TRY(add_file(ctx, md, path, fd, block, bytes));
    CXS_TRY(finish(ctx, md, digest_bytes, hex));
done:
    if (fd >= 0)
        close(fd);
    EVP_MD_CTX_free(md);
    cxs_free(block);
    return rc;
}

cxs_rc cxs_sha256_file_size(cxs_ctx *ctx, const char *path, char hex[CXS_SHA256_HEX],
                            uint64_t *bytes)
{
    return whole_file(ctx, path, EVP_sha256(), SHA256_BYTES, hex, bytes);
}

cxs_rc cxs_md5_file(cxs_ctx *ctx, const char *path, char hex[CXS_MD5_HEX])
{
    uint64_t bytes = 0;

    return whole_file(ctx, path, EVP_md5(), MD5_BYTES, hex, &bytes);
}

/* ---- marks ------------------------------------------------------------------------ */

static cxs_rc add_span(cxs_ctx *ctx, EVP_MD_CTX *md, const char *path, int fd,
                       unsigned char *block, uint64_t from, uint64_t n)
{
    while (n > 0) {
        const size_t want = n < BLOCK_BYTES ? (size_t)n : BLOCK_BYTES;
        const ssize_t got = pread(fd, block, want, (off_t)from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return cxs_fail(ctx, CXS_EIO, "%s: %s", path,
                            got == 0 ? "it changes while it is read" : strerror(errno));
        if (EVP_DigestUpdate(md, block, (size_t)got) != 1)
            return library_failure(ctx);
        from += (uint64_t)got;
        n -= (uint64_t)got;
    }
    return CXS_OK;
}

static cxs_rc add_samples(cxs_ctx *ctx, EVP_MD_CTX *md, const char *path, int fd,
                          unsigned char *block, uint64_t size)
{
    const uint64_t inner = size - 2 * end_bytes - sample_bytes;
    cxs_rc rc = add_span(ctx, md, path, fd, block, 0, end_bytes);

    for (uint64_t i = 0; rc == CXS_OK && i < SAMPLES; i++)
        rc = add_span(ctx, md, path, fd, block, end_bytes + inner / (SAMPLES - 1) * i,
                      sample_bytes);
    return rc == CXS_OK
               ? add_span(ctx, md, path, fd, block, size - end_bytes, end_bytes)
               : rc;
}

cxs_rc cxs_file_mark(cxs_ctx *ctx, const char *path, char hex[CXS_SHA256_HEX])
{
    EVP_MD_CTX *md = NULL;
    unsigned char *block = NULL, stored[8];
    struct stat status;
    uint64_t size;
    int fd = -1;
    cxs_rc rc = CXS_OK;

    CXS_NEW(block, BLOCK_BYTES);
    CXS_TRY(open_input(ctx, path, &fd));
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        CXS_TRY(cxs_fail(ctx, CXS_ENOINPUT, "%s: not a regular file", path));
    size = (uint64_t)status.st_size;
    for (int i = 0; i < 8; i++)
        stored[i] = (unsigned char)(size >> (8 * i));
    CXS_TRY(start(ctx, EVP_sha256(), &md));
    if (EVP_DigestUpdate(md, stored, sizeof stored) != 1)
        CXS_TRY(library_failure(ctx));
    CXS_TRY(size <= CXS_DIGEST_WHOLE ? add_span(ctx, md, path, fd, block, 0, size)
                                     : add_samples(ctx, md, path, fd, block, size));
    CXS_TRY(finish(ctx, md, SHA256_BYTES, hex));
done:
    if (fd >= 0)
        close(fd);
    EVP_MD_CTX_free(md);
    cxs_free(block);
    return rc;
}

cxs_rc cxs_sha256_file(cxs_ctx *ctx, const char *path, char hex[CXS_SHA256_HEX])
{
    uint64_t bytes = 0;

    return cxs_sha256_file_size(ctx, path, hex, &bytes);
}

const char *cxs_openssl_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}

cxs_rc cxs_record_file_digest(cxs_ctx *ctx, const char *path, char hex[CXS_SHA256_HEX])
{
    return cxs_sha256_file(ctx, path, hex);
}
