/*
 * digest.h -- SHA-256 of files and bytes (OpenSSL's one home is digest.c)
 */
#ifndef CXS_DIGEST_H
#define CXS_DIGEST_H

#include "base/base.h"
#include "coxswain/record.h" /* CXS_SHA256_HEX */

cxs_rc cxs_sha256_file(cxs_ctx *ctx, const char *path,
                       char hex[CXS_SHA256_HEX]) CXS_MUST_USE;
cxs_rc cxs_sha256_bytes(cxs_ctx *ctx, const void *bytes, size_t n,
                        char hex[CXS_SHA256_HEX]) CXS_MUST_USE;

#endif /* CXS_DIGEST_H */
