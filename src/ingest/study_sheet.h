/*
 * study_sheet.h -- one sheet of a study with typed columns
 */
#ifndef CXS_STUDY_SHEET_H
#define CXS_STUDY_SHEET_H

#include "ingest/study_plan.h"
#include "ingest/study_type.h"

typedef struct cxs_column {
    const char *name;   /* schema name, or the file's for a column outside the schema */
    const char *source; /* the file's name, for messages */
    cxs_type type;
    const cxs_field *field; /* NULL outside the schema */
    const char **text;      /* [rows] NULL = missing; borrowed from table and plan */
    double *number;         /* [rows] NaN = missing; NULL unless the type is numeric */
} cxs_column;

/* Room for columns that are made after a sheet is read (study_adtte.c). */
enum { CXS_SPARE_COLUMNS = 2 };

typedef struct cxs_sheet {
    cxs_sheet_id id;
    cxs_table *table;
    size_t rows;
    size_t *row; /* [rows] row of the table: merged rows are gone */
    cxs_column *column;
    size_t columns;
    size_t ignored; /* text columns that nothing asks for */
} cxs_sheet;

/* Read, map, type and check one sheet.  CX001, CX002, CX016-CX022, CX057; CXS_EARG for
 * a columns: or constants: entry that does not fit.  The plan and the schema outlive
 * it. */
cxs_rc cxs_sheet_read(cxs_ctx *ctx, const cxs_plan *plan, const cxs_schema *schema,
                      cxs_sheet_id id, cxs_sheet **out) CXS_MUST_USE;
void cxs_sheet_free(cxs_sheet *sheet);

/* Column by its name, or by its name in the file; NULL when absent (sheet NULL too). */
const cxs_column *cxs_sheet_find(const cxs_sheet *sheet, const char *name);
/* Line of a row in its file. */
size_t cxs_sheet_line(const cxs_sheet *sheet, size_t row);
/* Number of a row: NaN when the column is NULL or the cell missing. */
double cxs_column_number(const cxs_column *column, size_t row);
/* Text of a row: NULL when the column is NULL or the cell missing. */
const char *cxs_column_value(const cxs_column *column, size_t row);

#endif /* CXS_STUDY_SHEET_H */
