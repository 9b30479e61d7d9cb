/*
 * study_ids.h -- ids of patients and samples: lookup, repeats, near repeats, orphans
 */
#ifndef CXS_STUDY_IDS_H
#define CXS_STUDY_IDS_H

#include "base/table.h"

/* Rows by name, bytewise.  Names are borrowed. */
typedef struct cxs_index {
    struct cxs_index_entry {
        const char *name;
        size_t row;
    } * entry; /* [n], sorted by name, then row */
    size_t n;
} cxs_index;

/* name[n]; NULL names are left out. */
cxs_rc cxs_index_make(cxs_ctx *ctx, const char *const *name, size_t n,
                      cxs_index *out) CXS_MUST_USE;
void cxs_index_clear(cxs_index *index);
size_t cxs_index_find(const cxs_index *index, const char *name); /* SIZE_MAX: none */

/*
 * Rows of a table whose id is unique: keep[rows] gets the row numbers, *kept their
 * number.  A repeated id is CX001 (@p code) or, with @p merge, CX002: identical rows
 * are merged with a warning, different ones stop with the columns named.
 */
cxs_rc cxs_ids_unique(cxs_ctx *ctx, const cxs_table *table, size_t column, bool merge,
                      size_t *keep, size_t *kept) CXS_MUST_USE;

/* One id where it stands, for CX005. */
typedef struct cxs_id_use {
    const char *id, *path;
    size_t line;
} cxs_id_use;

/* CX005: two ids equal after lower-casing and mapping '-', '_', '.' and ' ' to one
 * symbol.  Reorders use[]. */
cxs_rc cxs_ids_distinct(cxs_ctx *ctx, cxs_id_use *use, size_t n) CXS_MUST_USE;

#endif /* CXS_STUDY_IDS_H */
