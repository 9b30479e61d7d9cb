/*
 * digest.c -- SHA-256 of files and bytes; home of OpenSSL
 */
#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { BLOCK_BYTES = 1 << 18, SHA256_BYTES = 32 };

static cxs_rc library_failure(cxs_ctx *ctx)
{
    return cxs_fail(ctx, CXS_EOS, "OpenSSL cannot compute SHA-256");
}

static cxs_rc finish(cxs_ctx *ctx, EVP_MD_CTX *md, char hex[CXS_SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (EVP_DigestFinal_ex(md, sum, &n) != 1 || n != SHA256_BYTES)
        return library_failure(ctx);
    for (unsigned i = 0; i < n; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[CXS_SHA256_HEX - 1] = '\0';
    return CXS_OK;
}

static cxs_rc start(cxs_ctx *ctx, EVP_MD_CTX **md)
{
    if ((*md = EVP_MD_CTX_new()) == NULL)
        return cxs_fail(ctx, CXS_ENOMEM, "no memory for SHA-256");
    if (EVP_DigestInit_ex(*md, EVP_sha256(), NULL) != 1)
        return library_failure(ctx);
    return CXS_OK;
}

cxs_rc cxs_sha256_bytes(cxs_ctx *ctx, const void *bytes, size_t n,
                        char hex[CXS_SHA256_HEX])
{
    EVP_MD_CTX *md = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(start(ctx, &md));
    if (EVP_DigestUpdate(md, bytes, n) != 1)
        CXS_TRY(library_failure(ctx));
    CXS_TRY(finish(ctx, md, hex));
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

cxs_rc cxs_sha256_file_size(cxs_ctx *ctx, const char *path, char hex[CXS_SHA256_HEX],
                            uint64_t *bytes)
{
    EVP_MD_CTX *md = NULL;
    unsigned char *block = NULL;
    int fd = -1;
    cxs_rc rc = CXS_OK;

    *bytes = 0;
    CXS_NEW(block, BLOCK_BYTES);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        CXS_TRY(cxs_fail(ctx, errno == ENOENT ? CXS_ENOINPUT : CXS_EIO, "%s: %s", path,
                         strerror(errno)));
    CXS_TRY(start(ctx, &md));
    CXS_TRY(add_file(ctx, md, path, fd, block, bytes));
    CXS_TRY(finish(ctx, md, hex));
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
