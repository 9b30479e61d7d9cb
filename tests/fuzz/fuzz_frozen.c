/* fuzz_frozen.c -- a reference of features: refused or read, and then written alike */
#include "fuzz.h"

#include "base/digest.h"
#include "features/frozen.h"

/* The bytes with a digest that fits, so that the lines behind it are reached. */
static const char *sealed(const uint8_t *data, size_t size)
{
    static uint8_t text[FUZZ_LARGEST + 128];
    char hex[CXS_SHA256_HEX];
    int n;

    if (size > FUZZ_LARGEST)
        size = FUZZ_LARGEST;
    memcpy(text, data, size);
    if (cxs_sha256_bytes(NULL, text, size, hex) != CXS_OK)
        abort();
    n = snprintf((char *)text + size, sizeof text - size, "sha256\t%s\n", hex);
    return fuzz_file(text, size + (size_t)n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const long live = cxs_alloc_live();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_frozen *z = NULL;
    cxs_rc rc = cxs_frozen_read(ctx, fuzz_file(data, size), &z);

    fuzz_check(ctx, rc, z != NULL);
    cxs_frozen_free(z);
    rc = cxs_frozen_read(ctx, sealed(data, size), &z);
    fuzz_check(ctx, rc, z != NULL);
    cxs_frozen_free(z);
    fuzz_end(ctx, live);
    return 0;
}
