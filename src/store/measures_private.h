/*
 * measures_private.h -- the insides of a bag (measures.c, measures_pack.c)
 */
#ifndef CXS_MEASURES_PRIVATE_H
#define CXS_MEASURES_PRIVATE_H

#include "store/measures.h"

enum { CXS_MEASURE_NAME = 64 }; /* longest name of a table or column */

/* Most bytes of a bag before compression: what a hostile reader may make us allocate. */
#define CXS_MEASURES_BYTES_MAX ((size_t)512 << 20)

typedef struct cxs_measure_column_data {
    char name[CXS_MEASURE_NAME + 1];
    cxs_measure_type type;
    int64_t *whole;    /* [rows] of CXS_MEASURE_INT */
    double *real;      /* [rows] of CXS_MEASURE_REAL */
    const char **text; /* [rows] of CXS_MEASURE_TEXT; cells lie in the table's chunks */
} cxs_measure_column_data;

/* Texts of a table lie one behind the other in chunks that never move. */
typedef struct cxs_measure_chunk cxs_measure_chunk;
struct cxs_measure_chunk {
    cxs_measure_chunk *next;
    size_t used, room;
    char bytes[];
};

struct cxs_measure {
    char name[CXS_MEASURE_NAME + 1];
    size_t rows, columns, capacity;
    cxs_measure_column_data *column;
    cxs_measure_chunk *chunk;
};

struct cxs_measures {
    cxs_measure **table;
    size_t count, capacity;
};

/* Room for `n` bytes and their zero, NULL when memory is short. */
char *cxs_measure_text_room(cxs_ctx *ctx, cxs_measure *table, size_t n);

#endif /* CXS_MEASURES_PRIVATE_H */
