/*
 * cells.h -- small questions about cells that clinical tables and matrices share
 */
#ifndef CXS_CELLS_H
#define CXS_CELLS_H

#include "base/base.h"

/* "a,b,c" as a NULL-terminated list of trimmed texts; NULL text gives an empty list.
 * Empty parts are left out.  Free with cxs_list_free(). */
cxs_rc cxs_list_split(cxs_ctx *ctx, const char *text, char ***out) CXS_MUST_USE;
void cxs_list_free(char **list);
size_t cxs_list_length(char *const *list);

/* True for a missing-value token of the domain or of the user's list. */
bool cxs_cell_missing(const char *cell, size_t length, char *const *extra_na);

/* Where an id stands, for messages.  line 0: the id has no line (joined objects). */
typedef struct cxs_id_ref {
    const char *id, *file;
    size_t line;
} cxs_id_ref;

/* CX005: two different ids that become equal after lower-casing, trimming and mapping
 * blank, '-', '_' and '.' to one symbol.  Sorts @p refs. */
cxs_rc cxs_ids_check(cxs_ctx *ctx, cxs_id_ref *refs, size_t count) CXS_MUST_USE;

/* Order of ids by that key; 0 when they are the same but for case and punctuation. */
int cxs_id_key_compare(const char *a, const char *b);

#endif /* CXS_CELLS_H */
