/*
 * hts_count.c -- the genes of one alignment file, counted in one pass
 */
#include "ingest/hts_meter_genes.h"

#include <string.h>

cxs_rc cxs_count_file(cxs_ctx *ctx, const cxs_count_plan *plan, const char *path,
                      size_t threads, double *count, int64_t *outcome)
{
    /* what is counted does not depend on a build */
    const cxs_reads_settings reads = {.path = path,
                                      .reference = plan->settings.reference,
                                      .build = "other",
                                      .threads = threads};
    cxs_meter *meter = NULL;
    cxs_measures *bag = NULL;
    const cxs_measure *counts, *outcomes;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_meter_genes_new(ctx, plan, &meter));
    CXS_TRY(cxs_measures_new(ctx, &bag));
    CXS_TRY(cxs_reads_pass(ctx, &reads, &meter, 1, bag));
    counts = cxs_measures_find(bag, "gene_counts");
    outcomes = cxs_measures_find(bag, "gene_outcomes");
    memcpy(count, cxs_measure_get_real(counts, "count"),
           cxs_measure_rows(counts) * sizeof *count);
    memcpy(outcome, cxs_measure_get_int(outcomes, "count"),
           cxs_measure_rows(outcomes) * sizeof *outcome);
done:
    cxs_measures_free(bag);
    if (meter != NULL)
        meter->free(meter);
    return rc;
}
