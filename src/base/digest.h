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

/* Version of OpenSSL, for the run record. */
const char *cxs_openssl_version(void);

#endif /* CXS_DIGEST_H */
