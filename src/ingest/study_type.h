/*
 * study_type.h -- the clinical schema (refdata/clinical_schema.tsv) and one cell of it
 */
#ifndef CXS_STUDY_TYPE_H
#define CXS_STUDY_TYPE_H

#include "base/table.h"

typedef enum cxs_type {
    CXS_TYPE_STRING, /* any text; also a column that is not in the schema */
    CXS_TYPE_ID,
    CXS_TYPE_ENUM,
    CXS_TYPE_STATUS, /* "0:..", "1:..", 0, 1; read by the endpoint */
    CXS_TYPE_INT,
    CXS_TYPE_FLOAT,
    CXS_TYPE_BOOL,
    CXS_TYPE_DATE, /* number: days since 1970-01-01 */
    CXS_TYPE_PATH
} cxs_type;

/* Name as stored in the study file: "text", "number" or "date". */
const char *cxs_type_name(cxs_type type);
bool cxs_type_is_number(cxs_type type); /* int, float, bool and date carry a number */

/* One row of the schema; texts borrowed from the table. */
typedef struct cxs_field {
    const char *table, *column, *allowed, *aliases;
    cxs_type type;
    bool required; /* R in the schema */
} cxs_field;

typedef struct cxs_schema {
    cxs_table *table;
    cxs_field *field;
    size_t fields;
} cxs_schema;

cxs_rc cxs_schema_read(cxs_ctx *ctx, const char *refdata,
                       cxs_schema **out) CXS_MUST_USE;
void cxs_schema_free(cxs_schema *schema);
const cxs_field *cxs_schema_find(const cxs_schema *schema, const char *table,
                                 const char *column);

/* Judgement of one cell. */
typedef enum cxs_cell {
    CXS_CELL_OK,
    CXS_CELL_NOT_NUMBER, /* CX016 */
    CXS_CELL_NOT_DATE,   /* CX057 */
    CXS_CELL_NOT_LISTED, /* CX018, also out of range and not an id */
    CXS_CELL_TOKEN,      /* CX017, text: looks like a missing value */
    CXS_CELL_SENTINEL,   /* CX017, number outside the range that means missing */
    CXS_CELL_SUSPECT     /* CX017, warning: in range, but often means missing */
} cxs_cell;

/*
 * Judge trimmed, non-missing text for a field (NULL: a column outside the schema, any
 * text).  @p number: value of a numeric type, else NaN.  @p canon: text to keep,
 * borrowed from @p text or static (roman grades become arabic).
 */
cxs_cell cxs_cell_judge(const cxs_field *field, const char *text, double *number,
                        const char **canon);

/* Nearest item of an enum within two edits (letter case counts half), or NULL when
 * there is none; written to out. */
const char *cxs_enum_nearest(const char *allowed, const char *text, char out[64]);

/* Days since 1970-01-01 of "YYYY-MM-DD" with a real day of 1900..2199. */
bool cxs_date_parse(const char *text, double *days);
/* The last day that a record may tell of: tomorrow, as it may be that somewhere already.
 * A clock that is behind this program's first year is not believed. */
double cxs_date_latest(void);

#endif /* CXS_STUDY_TYPE_H */
