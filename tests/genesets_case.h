/*
 * genesets_case.h -- the ranks of one sample
 */
#ifndef CXS_GENESETS_CASE_H
#define CXS_GENESETS_CASE_H

#include "test.h"

#include "refdata_case.h"

#include "num/genesets.h"

/* Ranks of n values with their memory. */
typedef struct ranked {
    cxs_ranks r;
    uint64_t *work;
} ranked;

static inline ranked rank_values(size_t n, const double *x)
{
    ranked a = {.work = calloc(cxs_ranks_work(n), sizeof *a.work)};

    a.r.low = calloc(n, sizeof(uint32_t));
    a.r.middle = calloc(n, sizeof(uint32_t));
    a.r.place = calloc(n, sizeof(uint32_t));
    cxs_ranks_of(n, x, &a.r, a.work);
    return a;
}

static inline void forget(ranked *a)
{
    free(a->r.low);
    free(a->r.middle);
    free(a->r.place);
    free(a->work);
}

#endif /* CXS_GENESETS_CASE_H */
