/*
 * digest.h -- SHA-256 of files and bytes (OpenSSL's one home is digest.c)
 */
#ifndef CXS_DIGEST_H
#define CXS_DIGEST_H

#include "base/base.h"
#include "coxswain/record.h"

cxs_rc cxs_sha256_file(cxs_ctx *ctx, const char *path,
                       char hex[CXS_SHA256_HEX]) CXS_MUST_USE;
cxs_rc cxs_sha256_bytes(cxs_ctx *ctx, const void *bytes, size_t n,
                        char hex[CXS_SHA256_HEX]) CXS_MUST_USE;

/* Digest and size of a file in one pass. */
cxs_rc cxs_sha256_file_size(cxs_ctx *ctx, const char *path, char hex[CXS_SHA256_HEX],
                            uint64_t *bytes) CXS_MUST_USE;

/* Digest of a file for "is it still the same": of its size and all its bytes up to
 * CXS_DIGEST_WHOLE, else of its size, first and last MiB and 64 blocks of 64 KiB spread
 * evenly.  Compressed sequencing files change their size with their content, and their
 * blocks carry checksums of their own.  Neither name nor time count. */
#define CXS_DIGEST_WHOLE ((uint64_t)256 << 20)
cxs_rc cxs_file_mark(cxs_ctx *ctx, const char *path,
                     char hex[CXS_SHA256_HEX]) CXS_MUST_USE;

/* MD5 as other programs publish it beside their files. */
#define CXS_MD5_HEX 33
cxs_rc cxs_md5_file(cxs_ctx *ctx, const char *path, char hex[CXS_MD5_HEX]) CXS_MUST_USE;

/* Version of OpenSSL, for the run record. */
const char *cxs_openssl_version(void);

#endif /* CXS_DIGEST_H */
