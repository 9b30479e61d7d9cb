/* fuzz_gtf.c -- an annotation: GTF, GFF3 or SAF, and its segments */
#include "fuzz.h"

#include "ingest/annotation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const long live = cxs_alloc_live();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_annotation *genes = NULL;
    cxs_segments *segments = NULL;
    cxs_rc rc =
        cxs_annotation_read(ctx, fuzz_file(data, size), "exon", "gene_id", &genes);

    fuzz_check(ctx, rc, genes != NULL);
    if (rc == CXS_OK) {
        rc = cxs_segments_new(ctx, genes, size % 2 == 1, &segments);
        fuzz_check(ctx, rc, segments != NULL);
    }
    cxs_segments_free(segments);
    cxs_annotation_free(genes);
    fuzz_end(ctx, live);
    return 0;
}
