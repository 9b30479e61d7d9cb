/*
 * hts_coverage.h -- depth over targets: what is counted and what is told of it
 */
#ifndef CXS_HTS_COVERAGE_H
#define CXS_HTS_COVERAGE_H

#include "ingest/hts_meters.h"
#include "ingest/hts_windows.h"

typedef struct cxs_coverage {
    cxs_windows *targets;
    cxs_windows *genes; /* NULL: the names of the targets tell the gene */
    int64_t min_depth;
    int min_mapq, min_baseq;
    bool mates_once;
} cxs_coverage;

typedef struct cxs_coverage_state {
    const cxs_coverage *c;
    cxs_spans *spans; /* merged targets */
    int32_t **page;   /* [pages] changes of depth; NULL: none */
    size_t pages;
} cxs_coverage_state;

/* depth[end - start] of the bases of a span. */
void cxs_coverage_depths(const cxs_coverage_state *s, const cxs_span *span,
                         int64_t *depth);

cxs_rc cxs_coverage_finish(cxs_ctx *ctx, const cxs_meter *meter,
                           const cxs_reads_info *info, const void *state,
                           cxs_measures *bag) CXS_MUST_USE;

#endif /* CXS_HTS_COVERAGE_H */
