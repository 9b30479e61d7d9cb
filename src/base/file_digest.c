/*
 * file_digest.c -- the digest of a file for callers outside the library
 */
#include "base/digest.h"

cxs_rc cxs_record_file_digest(cxs_ctx *ctx, const char *path, char hex[CXS_SHA256_HEX])
{
    return cxs_sha256_file(ctx, path, hex);
}
