/*
 * meter_targets_case.h -- contigs, bases and the context of the meters of targets
 */
#ifndef CXS_METER_TARGETS_CASE_H
#define CXS_METER_TARGETS_CASE_H

#include "test.h"

#include "files.h"
#include "meter_case.h"

#define SQ                                                                             \
    "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr7\tLN:60000000\n"

#define T10 "ACGTACGTAC"
#define Q10 "IIIIIIIIII"

static cxs_ctx *ctx;

static inline int make(void **state)
{
    ctx = cxs_ctx_new();
    return test_folder_make(state);
}

static inline int end(void **state)
{
    cxs_ctx_free(ctx);
    return test_folder_remove(state);
}

#endif /* CXS_METER_TARGETS_CASE_H */
