/*
 * matrix.h -- the parts of the matrix reader
 *
 *   matrix.c        from a path to a checked, sorted matrix
 *   matrix_rows.c   header and rows of one text file
 *   matrix_check.c  names, duplicates, kind
 *   format.c        the table of formats, see format.h
 */
#ifndef CXS_INGEST_MATRIX_H
#define CXS_INGEST_MATRIX_H

#include "base/table.h"
#include "coxswain/ingest.h"
#include "store/data.h"

typedef struct cxs_format cxs_format;

/* State of one read. */
typedef struct cxs_matrix_reader {
    const char *path;
    cxs_matrix_settings settings;
    char **extra_na;
    cxs_text *text;
    cxs_fields fields;
    char sep;
    const cxs_format *format;
    cxs_matrix *matrix;
    char **header;       /* names of the value columns: samples, or features */
    size_t columns;      /* their number */
    size_t header_names; /* names in the header line, before the first row is seen */
    size_t header_line;  /* 0: the file has none */
    size_t row_fields;   /* fields of every row; 0: the first row decides */
    size_t first;        /* first field of a row that is a value */
    size_t name_field;   /* field of the display name, 0 = none */
    size_t length_field; /* field of the feature's length in bases, 0 = none */
    const char *skip_prefix; /* rows whose id begins so are no features, or NULL */
    size_t skip_rows;        /* rows below the header that hold no values */
    bool estimated;          /* counts are estimates: they need not be whole */
    bool declared;           /* the file says how large it is: */
    size_t declared_rows, declared_columns, annotations;
    char **row_id;      /* ids of the rows so far */
    char **row_name;    /* display names of the rows, when name_field > 0 */
    size_t *row_line;   /* line of each row */
    double *row_length; /* lengths of the rows, when length_field > 0 */
    size_t rows, id_capacity, name_capacity, line_capacity, length_capacity;
    size_t x_capacity;                  /* rows that the values have room for */
    cxs_faults bad_cells;               /* CX016 */
    size_t nbsp_names;                  /* names that had no-break spaces around them */
    size_t cells, fractional, negative; /* tallies of counts */
    double largest;
} cxs_matrix_reader;

/* matrix_rows.c: names of the columns into header[]; then all rows.  CX019, CX020,
 * CX016 with every bad cell named. */
cxs_rc cxs_reader_header(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;
cxs_rc cxs_reader_rows(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;

/* Names, duplicates, dates and kind of a matrix whose rows have all been read. */
cxs_rc cxs_matrix_check(cxs_ctx *ctx, cxs_matrix_reader *r) CXS_MUST_USE;

#endif /* CXS_INGEST_MATRIX_H */
