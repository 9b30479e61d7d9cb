/* fuzz_sam.c -- alignments as text */
#include "fuzz.h"

#include "ingest/assay.h"

/* One pass with every meter that a toy file gets. */
static void read_path(cxs_ctx *ctx, char *path, size_t size)
{
    static cxs_sequencing study;
    static char targets[] = "tests/fuzz/targets.bed";
    cxs_assay assay = {.sample = "S1",
                       .assay = "BAM",
                       .file = path,
                       .build = "other",
                       .library = size % 2 == 1 ? "WES" : "WGS",
                       .source = "PLASMA_CFDNA",
                       .path = path,
                       .targets = targets,
                       .study = &study};
    cxs_measures *bag = NULL;
    cxs_rc rc = CXS_OK;

    if (cxs_measures_new(ctx, &bag) == CXS_OK)
        rc = cxs_assay_measure(ctx, &assay, bag);
    fuzz_check(ctx, rc, rc == CXS_OK);
    cxs_measures_free(bag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const long live = cxs_alloc_live();
    cxs_ctx *ctx = cxs_ctx_new();

    (void)fuzz_file(data, size);
    read_path(ctx, fuzz_path, size);
    fuzz_end(ctx, live);
    return 0;
}
