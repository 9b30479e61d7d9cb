/*
 * study_assays.h -- sequencing files of a study: what is to be read, and with what
 */
#ifndef CXS_STUDY_ASSAYS_H
#define CXS_STUDY_ASSAYS_H

#include "ingest/assay.h"
#include "ingest/study_draft.h"

typedef struct cxs_assays {
    cxs_sequencing study;
    cxs_assay *at; /* [count] by sample, assay, file, column */
    size_t count;
    char plan[CXS_SHA256_HEX]; /* of all rows with their settings */
} cxs_assays;

/* Rows of the assays sheet that have a reader, checked: every file named and there,
 * BUILD and LIBRARY given where readers need them, one build for all files of a sample
 * (CX034), no row twice. */
cxs_rc cxs_assays_make(cxs_ctx *ctx, const cxs_draft *draft,
                       cxs_assays **out) CXS_MUST_USE;
void cxs_assays_free(cxs_assays *assays); /* NULL allowed */

/* Read annotation and reference tables that readers need, before the first child. */
cxs_rc cxs_assays_load(cxs_ctx *ctx, const cxs_draft *draft,
                       cxs_assays *assays) CXS_MUST_USE;

/* Cells of the rows that features need, by cxs_study_measure_value(). */
cxs_rc cxs_assays_keep_values(cxs_ctx *ctx, const cxs_assays *assays,
                              cxs_db *db) CXS_MUST_USE;

/* Reads of one patient given as those of another, under the same name or as a copy:
 * input[count] are digests of the files, "" where a file is not asked for. */
cxs_rc cxs_assays_check_shared(cxs_ctx *ctx, const cxs_draft *draft,
                               const cxs_assays *assays,
                               const char *const *input) CXS_MUST_USE;

/* Which rows make a part; no samples and shards 0: all. */
typedef struct cxs_assay_choice {
    const char *const *sample; /* [samples] */
    size_t samples;
    size_t shard, shards; /* shard from 1 */
} cxs_assay_choice;
/* wanted[count]; CXS_EARG for a sample that has no sequencing file. */
cxs_rc cxs_assays_choose(cxs_ctx *ctx, const cxs_assays *assays,
                         const cxs_assay_choice *choice, bool *wanted) CXS_MUST_USE;

#endif /* CXS_STUDY_ASSAYS_H */
