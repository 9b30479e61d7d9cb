/* fuzz_copies.c -- copy numbers made elsewhere: one text as segments, bins and states */
#include "fuzz.h"

#include "ingest/copy_tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static cxs_rc (*const measure[])(cxs_ctx *, const cxs_copy_settings *,
                                     cxs_measures *) = {
        cxs_seg_measure, cxs_bins_measure, cxs_cna_measure};
    const cxs_copy_settings settings = {.path = fuzz_file(data, size), .sample = "A"};
    const long live = cxs_alloc_live();

    for (size_t k = 0; k < sizeof measure / sizeof *measure; k++) {
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_measures *bag = NULL;
        if (cxs_measures_new(ctx, &bag) == CXS_OK) {
            const cxs_rc rc = measure[k](ctx, &settings, bag);
            fuzz_check(ctx, rc, rc == CXS_OK);
        }
        cxs_measures_free(bag);
        fuzz_end(ctx, live);
    }
    return 0;
}
