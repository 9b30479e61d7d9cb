/*
 * pack.c -- compress and check blocks of bytes; home of xxHash and of zstd blocks
 *
 * Level 3 is zstd's default; the frame carries a checksum, so that a flipped bit in a
 * stored block is found when it is read.
 */
#include "base/pack.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>
#include <zstd_errors.h>

static const int compression_level = 3;

uint64_t cxs_hash64(const void *bytes, size_t n)
{
    return XXH64(bytes, n, 0);
}

static cxs_rc zstd_failure(cxs_ctx *ctx, cxs_rc otherwise, const char *what,
                           size_t code)
{
    if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
        return cxs_fail(ctx, CXS_ENOMEM, "no memory for zstd");
    return cxs_fail(ctx, otherwise, "%s: %s", what, ZSTD_getErrorName(code));
}

cxs_rc cxs_pack(cxs_ctx *ctx, const void *bytes, size_t n, void **out, size_t *packed)
{
    const size_t bound = ZSTD_compressBound(n);
    ZSTD_CCtx *zstd = NULL;
    char *block = NULL;
    size_t code;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    *packed = 0;
    if (ZSTD_isError(bound))
        return cxs_fail(ctx, CXS_EARG, "a block of %zu bytes cannot be packed", n);
    CXS_NEW(block, bound);
    if ((zstd = ZSTD_createCCtx()) == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_ENOMEM, "no memory for zstd"));
    code = ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, compression_level);
    if (!ZSTD_isError(code))
        code = ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
    if (!ZSTD_isError(code))
        code = ZSTD_compress2(zstd, block, bound, bytes, n);
    if (ZSTD_isError(code))
        CXS_TRY(zstd_failure(ctx, CXS_EOS, "zstd cannot pack", code));
    *out = block;
    *packed = code;
    block = NULL;
done:
    ZSTD_freeCCtx(zstd);
    cxs_free(block);
    return rc;
}

cxs_rc cxs_unpack(cxs_ctx *ctx, const void *packed, size_t packed_n, void *out,
                  size_t n)
{
    const size_t code = ZSTD_decompress(out, n, packed, packed_n);

    if (ZSTD_isError(code))
        return zstd_failure(ctx, CXS_EFORMAT, "a stored block is damaged", code);
    if (code != n)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "a stored block is damaged: it holds %zu bytes instead of %zu",
                        code, n);
    return CXS_OK;
}

const char *cxs_zstd_version(void)
{
    return ZSTD_versionString();
}
