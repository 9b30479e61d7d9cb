/*
 * sbs.h -- profiles of mutational signatures, as users have them
 *
 * COSMIC writes one column with the context (A[C>A]A), the PCAWG release two (C>A, ACA);
 * then one column for each signature.  Contexts are put into the order of
 * sbs96_contexts.tsv.
 */
#ifndef CXS_SBS_H
#define CXS_SBS_H

#include "base/base.h"

enum { CXS_SBS_CONTEXTS = 96 };

typedef struct cxs_sbs_matrix {
    char **name;             /* [n] */
    double *x;               /* [96 x n] shares, >= 0 */
    size_t n, names, values; /* names, values: capacities */
} cxs_sbs_matrix;

/* CXS_EFORMAT for what is no context of the 96, one that is missing or there twice, and
 * for values that are no shares. */
cxs_rc cxs_sbs_read(cxs_ctx *ctx, const char *path, cxs_sbs_matrix *out) CXS_MUST_USE;
void cxs_sbs_clear(cxs_sbs_matrix *matrix);

/* One profile as text (name and 96 values with tabs between) and back, which appends. */
cxs_rc cxs_sbs_text(cxs_ctx *ctx, const cxs_sbs_matrix *matrix, size_t at,
                    cxs_buf *text) CXS_MUST_USE;
cxs_rc cxs_sbs_add(cxs_ctx *ctx, const char *text, cxs_sbs_matrix *matrix) CXS_MUST_USE;

#endif /* CXS_SBS_H */
