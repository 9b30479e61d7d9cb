/* fuzz_vcf.c -- a VCF or BCF with one sample */
#include "fuzz.h"

#include "ingest/variants.h"

static cxs_variant_refs *refs; /* read once; stays */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const long live = cxs_alloc_live();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;
    cxs_vcf_settings settings = {
        .sample = "S1", .build = "other", .source = "TUMOR", .library = "WES"};
    long before = live;
    cxs_rc rc = CXS_OK;

    if (refs == NULL && cxs_variant_refs_read(ctx, "refdata", &refs) != CXS_OK)
        abort();
    cxs_ctx_free(ctx);
    before = cxs_alloc_live();
    ctx = cxs_ctx_new();
    settings.path = fuzz_file(data, size);
    settings.refs = refs;
    settings.genotypes = size % 2 == 1;
    if (cxs_measures_new(ctx, &bag) == CXS_OK)
        rc = cxs_vcf_measure(ctx, &settings, bag);
    fuzz_check(ctx, rc, rc == CXS_OK);
    cxs_measures_free(bag);
    fuzz_end(ctx, before);
    return 0;
}
