/* fuzz_measures.c -- packed measures: the frame as it is, and the bytes as the body of one whose
 * checksum is right */
#include "fuzz.h"

#include "base/pack.h"
#include "store/measures.h"

/* The bytes as a body: past the checksum. */
static void unpack_body(cxs_ctx *ctx, const uint8_t *data, size_t size)
{
    const uint64_t hash = cxs_hash64(data, size);
    static unsigned char bytes[2 * FUZZ_LARGEST];
    cxs_measures *bag = NULL;
    void *frame = NULL;
    size_t n = 0;
    cxs_rc rc;

    if (cxs_pack(ctx, data, size, &frame, &n) != CXS_OK || n + 24 > sizeof bytes)
        abort();
    memcpy(bytes, "CXSMEAS1", 8);
    for (int i = 0; i < 8; i++) {
        bytes[8 + i] = (unsigned char)((uint64_t)size >> (8 * i));
        bytes[16 + i] = (unsigned char)(hash >> (8 * i));
    }
    memcpy(bytes + 24, frame, n);
    cxs_free(frame);
    rc = cxs_measures_unpack(ctx, bytes, n + 24, "input", &bag);
    fuzz_check(ctx, rc, bag != NULL);
    cxs_measures_free(bag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const long live = cxs_alloc_live();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;
    cxs_rc rc;

    if (size > FUZZ_LARGEST)
        size = FUZZ_LARGEST;
    rc = cxs_measures_unpack(ctx, data, size, "input", &bag);
    fuzz_check(ctx, rc, bag != NULL);
    cxs_measures_free(bag);
    unpack_body(ctx, data, size);
    fuzz_end(ctx, live);
    return 0;
}
