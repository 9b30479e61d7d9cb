/* fuzz_bed.c -- intervals, as targets of an assay and as windows of a meter */
#include "fuzz.h"

#include "ingest/hts_windows.h"
#include "ingest/targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const long live = cxs_alloc_live();
    cxs_ctx *ctx = cxs_ctx_new();
    const char *path = fuzz_file(data, size);
    cxs_targets targets = {0};
    cxs_windows *windows = NULL;
    cxs_rc rc = cxs_targets_read(ctx, path, &targets);

    if (rc == CXS_OK)
        (void)cxs_targets_touch(&targets, "1", 1, 1000);
    cxs_targets_clear(&targets);
    rc = cxs_windows_read(ctx, path, &windows);
    fuzz_check(ctx, rc, windows != NULL);
    cxs_windows_free(windows);
    fuzz_end(ctx, live);
    return 0;
}
