/*
 * panel_private.h -- the shared copy, for panel.c (making it) and panel_pass.c (passes)
 */
#ifndef CXS_PANEL_PRIVATE_H
#define CXS_PANEL_PRIVATE_H

#include "model/panel.h"

/* Columns per block: 128 columns of 500 rows in float32 are 256 KB, inside the L2
 * cache, so that the product of a panel reads memory once. */
enum { CXS_PANEL_BLOCK = 128 };

typedef struct cxs_found {
    uint32_t id, slot;
    double g;
} cxs_found;

typedef struct cxs_block_finds {
    cxs_found *list;
    size_t count, capacity, looked_at;
    double largest[CXS_PANEL_WIDTH]; /* float32 pass, in units of |g| / factor */
} cxs_block_finds;

/* How a column is centred and scaled. */
typedef struct cxs_location {
    double mean, sd; /* of x / largest; sd 0: constant over all rows; NaN: x has missing
                        values */
    double largest;  /* 1 but for columns of extreme scale */
} cxs_location;

struct cxs_panel {
    const cxs_design *design;
    float *x; /* [n x p] centred and scaled; NULL: converted in each pass */
    cxs_location *location; /* [p] */
    cxs_block_finds *block;
    size_t blocks;
};

/* Columns first .. end - 1 into out[n x (end - first)]; zeros where there is nothing to
 * compare. */
void cxs_panel_convert(const cxs_panel *p, size_t first, size_t end, float *out);
/* One past the last column of a block. */
size_t cxs_panel_block_end(const cxs_panel *p, size_t index);

#endif /* CXS_PANEL_PRIVATE_H */
