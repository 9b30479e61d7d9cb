/*
 * count_private.h -- outcomes of a read, and the unit of its counts
 */
#ifndef CXS_COUNT_PRIVATE_H
#define CXS_COUNT_PRIVATE_H

#include "coxswain/count.h"

#include "ingest/annotation.h"
#include "ingest/reads.h"

/* In the order of featureCounts' summary.  Those that belong to options that are not
 * offered stay 0. */
typedef enum cxs_outcome {
    CXS_ASSIGNED,
    CXS_UNMAPPED,
    CXS_READ_TYPE,
    CXS_SINGLETON,
    CXS_MAPPING_QUALITY,
    CXS_CHIMERA,
    CXS_FRAGMENT_LENGTH,
    CXS_DUPLICATE,
    CXS_MULTI_MAPPING,
    CXS_SECONDARY,
    CXS_NON_SPLIT,
    CXS_NO_FEATURES,
    CXS_OVERLAPPING_LENGTH,
    CXS_AMBIGUITY,
    CXS_OUTCOMES
} cxs_outcome;

/* Counts are whole multiples of 1/65536, so that shares of reads can be added in any
 * order: a share 1/k is 65536/k cut off, as in featureCounts. */
enum { CXS_COUNT_UNIT = 65536 };

/* What the readers of the files share. */
typedef struct cxs_count_plan {
    cxs_count_settings settings;
    cxs_annotation *annotation;
    cxs_segments *segments;
} cxs_count_plan;

size_t cxs_counts_files(const cxs_counts *counts);
const char *cxs_counts_name(const cxs_counts *counts, size_t i); /* of the column */
const cxs_count_plan *cxs_counts_plan(const cxs_counts *counts);

/* One file: count [genes or exons] and outcome [CXS_OUTCOMES] are filled. */
cxs_rc cxs_count_file(cxs_ctx *ctx, const cxs_count_plan *plan, const char *path,
                      size_t threads, double *count, int64_t *outcome) CXS_MUST_USE;

#endif /* CXS_COUNT_PRIVATE_H */
