/* fuzz_table.c -- a table of text cells */
#include "fuzz.h"

#include "base/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const long live = cxs_alloc_live();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *table = NULL;
    const cxs_rc rc = cxs_table_read(ctx, fuzz_file(data, size), &table);

    fuzz_check(ctx, rc, table != NULL);
    cxs_table_free(table);
    fuzz_end(ctx, live);
    return 0;
}
