/*
 * pack.h -- compress and check blocks of bytes (zstd and xxHash have their home in
 * pack.c)
 */
#ifndef CXS_PACK_H
#define CXS_PACK_H

#include "base/base.h"

/* 64-bit xxHash (seed 0). */
uint64_t cxs_hash64(const void *bytes, size_t n);

/* Compress with zstd level 3 and a frame checksum; *out is the caller's (cxs_free). */
cxs_rc cxs_pack(cxs_ctx *ctx, const void *bytes, size_t n, void **out,
                size_t *packed) CXS_MUST_USE;

/* Decompress a frame that must hold exactly n bytes; CXS_EFORMAT otherwise (the size in
 * the frame is never trusted for allocation). */
cxs_rc cxs_unpack(cxs_ctx *ctx, const void *packed, size_t packed_n, void *out,
                  size_t n) CXS_MUST_USE;

/* Version of zstd, for the run record. */
const char *cxs_zstd_version(void);

#endif /* CXS_PACK_H */
