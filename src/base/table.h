/*
 * table.h -- a small table of text cells in memory (clinical tables, sheets, refdata)
 *
 * Leading '#' lines are skipped (cBioPortal).  Cells are trimmed.  Memory is the text
 * itself plus one pointer per cell.
 */
#ifndef CXS_TABLE_H
#define CXS_TABLE_H

#include "base/text.h"

typedef struct cxs_table {
    char *path; /* as given, for messages */
    size_t rows, columns;
    char **name;        /* [columns] */
    char **cell;        /* [rows x columns], row-major, never NULL */
    size_t *line;       /* [rows] line number in the file */
    size_t header_line; /* line number of the header */
    char **line_text;   /* [rows] storage of the cells */
    char *header_text;  /* storage of the names */
    size_t capacity_rows, capacity_cells, capacity_lines;
    size_t nbsp_cells; /* cells that had no-break spaces around them */
} cxs_table;

/* Read a whole table.  CX019 ragged row, CX020 header fault (empty or repeated name,
 * names that differ by case only), CX021, CX022.  *out is NULL on failure. */
cxs_rc cxs_table_read(cxs_ctx *ctx, const char *path, cxs_table **out) CXS_MUST_USE;
void cxs_table_free(cxs_table *table);

/* Index of a column, or SIZE_MAX. */
size_t cxs_table_find(const cxs_table *table, const char *name);

/* Index of a column that must exist: else CX020 which names the nearest column. */
cxs_rc cxs_table_need(cxs_ctx *ctx, const cxs_table *table, const char *name,
                      size_t *column) CXS_MUST_USE;

/* Rows with keep[row] false go, in place. */
void cxs_table_keep(cxs_table *table, const bool *keep);

const char *cxs_table_cell(const cxs_table *table, size_t row, size_t column);

/*
 * Collector of faults of one file: at most 20 sentences are kept, all are counted; the
 * failure then is one message of several lines.  Sentences of one collector share one
 * catalogue code.
 */
typedef struct cxs_faults {
    const char *code; /* "CX016" */
    size_t keep;      /* sentences to keep, 0 for 20 */
    size_t total;
    cxs_buf text;
} cxs_faults;
void cxs_fault_add(cxs_ctx *ctx, cxs_faults *f, const char *fmt, ...) CXS_PRINTF(3, 4);
/* CXS_OK when there was none; else CXS_EFORMAT with the collected message.  Frees. */
cxs_rc cxs_faults_end(cxs_ctx *ctx, cxs_faults *f) CXS_MUST_USE;

/* Edit distance, at most `limit` + 1; for "did you mean". */
size_t cxs_edit_distance(const char *a, const char *b, size_t limit);

/* Numeric column: values[rows], NaN for NA tokens and for `extra_na` (NULL-terminated
 * list of user tokens, may be NULL).  CX016 for text in a number column (first 10 cells
 * and the total), CX017 for an undeclared missing-value token. */
cxs_rc cxs_table_numbers(cxs_ctx *ctx, const cxs_table *table, size_t column,
                         const char *const *extra_na, double *values) CXS_MUST_USE;

#endif /* CXS_TABLE_H */
