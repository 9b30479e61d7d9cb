/*
 * meter_counts_case.h -- contigs, bases and the context of the meters that count
 */
#ifndef CXS_METER_COUNTS_CASE_H
#define CXS_METER_COUNTS_CASE_H

#include "test.h"

#include "files.h"
#include "tmp.h"

#define SQ                                                                             \
    "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chrX\tLN:500\n"        \
    "@SQ\tSN:chrY\tLN:300\n@SQ\tSN:chrM\tLN:200\n@SQ\tSN:decoy\tLN:100\n"

#define T8 "ACGTACGT"
#define Q8 "IIIIIIII"

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

#endif /* CXS_METER_COUNTS_CASE_H */
