/*
 * measures.h -- what one file of one sample yielded: named tables of equal columns
 *
 * Every reader of sequencing files (alignments, variants, repertoires) returns one bag:
 * counts, histograms and lists, from which features are derived without reading the
 * file again.  A bag travels packed: through the pipe of a contained reader, into the
 * study file and into shards.  The packed form is little-endian, checksummed (xxh64),
 * independent of the machine, and unpacking trusts nothing: it may come from a process
 * that a hostile file has taken over.
 *
 * Tables keep the order in which they were added, columns too; both names are unique,
 * [a-z0-9_.]{1,64}.  Missing: INT64_MIN, NaN, NULL text.
 */
#ifndef CXS_MEASURES_H
#define CXS_MEASURES_H

#include "base/base.h"

#include <stdint.h>

typedef enum cxs_measure_type {
    CXS_MEASURE_INT,  /* int64_t */
    CXS_MEASURE_REAL, /* double */
    CXS_MEASURE_TEXT  /* zero-terminated UTF-8, owned by the bag */
} cxs_measure_type;

#define CXS_MEASURE_MISSING INT64_MIN

typedef struct cxs_measures cxs_measures; /* the bag */
typedef struct cxs_measure cxs_measure;   /* one table, borrowed from its bag */

cxs_rc cxs_measures_new(cxs_ctx *ctx, cxs_measures **out) CXS_MUST_USE;
void cxs_measures_free(cxs_measures *bag); /* NULL allowed */

/* Add a table of `rows` rows; *out is borrowed. */
cxs_rc cxs_measures_add(cxs_ctx *ctx, cxs_measures *bag, const char *name, size_t rows,
                        cxs_measure **out) CXS_MUST_USE;
/* Add a column; *column [rows] is zeroed (text: NULL) and stays owned by the bag; the
 * caller fills it.  Texts are set by cxs_measure_set_text(), which copies. */
cxs_rc cxs_measure_int(cxs_ctx *ctx, cxs_measure *table, const char *name,
                       int64_t **column) CXS_MUST_USE;
cxs_rc cxs_measure_real(cxs_ctx *ctx, cxs_measure *table, const char *name,
                        double **column) CXS_MUST_USE;
cxs_rc cxs_measure_text(cxs_ctx *ctx, cxs_measure *table, const char *name,
                        size_t *column) CXS_MUST_USE;
cxs_rc cxs_measure_set_text(cxs_ctx *ctx, cxs_measure *table, size_t column, size_t row,
                            const char *text) CXS_MUST_USE;

/* Reading. NULL when there is no such table, or no such column of that type. */
size_t cxs_measures_count(const cxs_measures *bag);
const cxs_measure *cxs_measures_at(const cxs_measures *bag, size_t at);
const cxs_measure *cxs_measures_find(const cxs_measures *bag, const char *name);
const char *cxs_measure_name(const cxs_measure *table);
size_t cxs_measure_rows(const cxs_measure *table);
size_t cxs_measure_columns(const cxs_measure *table);
const char *cxs_measure_column_name(const cxs_measure *table, size_t column);
cxs_measure_type cxs_measure_column_type(const cxs_measure *table, size_t column);
const int64_t *cxs_measure_get_int(const cxs_measure *table, const char *name);
const double *cxs_measure_get_real(const cxs_measure *table, const char *name);
const char *const *cxs_measure_get_text(const cxs_measure *table, const char *name);

/* To bytes and back.  Unpack checks everything: CXS_EFORMAT names what is wrong;
 * `where` is the file or sample for the message. */
cxs_rc cxs_measures_pack(cxs_ctx *ctx, const cxs_measures *bag, unsigned char **bytes,
                         size_t *size) CXS_MUST_USE;
cxs_rc cxs_measures_unpack(cxs_ctx *ctx, const unsigned char *bytes, size_t size,
                           const char *where, cxs_measures **out) CXS_MUST_USE;

#endif /* CXS_MEASURES_H */
