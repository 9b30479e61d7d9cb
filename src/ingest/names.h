/*
 * names.h -- texts as numbers: each distinct text once, in the order of first sight
 */
#ifndef CXS_NAMES_H
#define CXS_NAMES_H

#include "base/base.h"

typedef struct cxs_names {
    char **name; /* [count] */
    size_t count, capacity;
    uint32_t *slot; /* number + 1 by hash; 0: empty */
    size_t slots;   /* a power of two */
} cxs_names;

/* Number of a text of `length` bytes, entered when it is new.  Start from {0}. */
cxs_rc cxs_names_number(cxs_ctx *ctx, cxs_names *names, const char *text, size_t length,
                        uint32_t *number) CXS_MUST_USE;
void cxs_names_free(cxs_names *names);

/* Order the names bytewise; rank[old number] = new number, [count], the caller frees. */
cxs_rc cxs_names_sort(cxs_ctx *ctx, cxs_names *names, uint32_t **rank) CXS_MUST_USE;

#endif /* CXS_NAMES_H */
