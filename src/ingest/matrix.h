/*
 * matrix.h -- the parts of the matrix reader (matrix.c, matrix_check.c)
 */
#ifndef CXS_INGEST_MATRIX_H
#define CXS_INGEST_MATRIX_H

#include "base/table.h"
#include "coxswain/ingest.h"
#include "store/data.h"

/* State of one read. */
typedef struct cxs_matrix_reader {
    const char *path;
    cxs_matrix_settings settings;
    char **extra_na;
    cxs_text *text;
    cxs_fields fields;
    char sep;
    cxs_matrix *matrix;
    char **header;       /* names of the value columns: samples, or features */
    size_t columns;      /* their number */
    size_t header_names; /* names in the header line, before the first row is seen */
    size_t header_line;
    size_t first;      /* first field of a row that is a value */
    size_t name_field; /* field of the display name, 0 = none */
    char **row_id;     /* ids of the rows so far */
    char **row_name;   /* display names of the rows, when name_field > 0 */
    size_t *row_line;  /* line of each row */
    size_t rows, id_capacity, name_capacity, line_capacity;
    size_t x_capacity;                  /* rows that the values have room for */
    cxs_faults bad_cells;               /* CX016 */
    size_t nbsp_names;                  /* names that had no-break spaces around them */
    size_t cells, fractional, negative; /* tallies of counts */
    double largest;
} cxs_matrix_reader;

/* Names, duplicates, dates and kind of a matrix whose rows have all been read. */
cxs_rc cxs_matrix_check(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;

#endif /* CXS_INGEST_MATRIX_H */
