/* fuzz_maf.c -- a MAF, and the variants of each of its samples */
#include "fuzz.h"

#include "ingest/variants.h"

static cxs_variant_refs *refs; /* read once; stays */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const long live = cxs_alloc_live();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_maf *maf = NULL;
    long before = live;
    cxs_rc rc;

    if (refs == NULL && cxs_variant_refs_read(ctx, "refdata", &refs) != CXS_OK)
        abort();
    cxs_ctx_free(ctx);
    before = cxs_alloc_live();
    ctx = cxs_ctx_new();
    rc = cxs_maf_read(ctx, fuzz_file(data, size), &maf);
    fuzz_check(ctx, rc, maf != NULL);
    for (size_t i = 0; rc == CXS_OK && i < cxs_maf_samples(maf) && i < 4; i++) {
        const cxs_vcf_settings settings = {.path = "input",
                                           .sample = cxs_maf_sample(maf, i),
                                           .build = "hg38",
                                           .source = "TUMOR",
                                           .library = "WES",
                                           .refs = refs};
        cxs_measures *bag = NULL;
        if (cxs_measures_new(ctx, &bag) == CXS_OK &&
            cxs_maf_measure(ctx, maf, &settings, bag) != CXS_OK)
            fuzz_check(ctx, CXS_EFORMAT, false);
        cxs_measures_free(bag);
    }
    cxs_maf_free(maf);
    fuzz_end(ctx, before);
    return 0;
}
