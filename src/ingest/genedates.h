/*
 * genedates.h -- gene names that a spreadsheet turned into dates (CX023)
 */
#ifndef CXS_GENEDATES_H
#define CXS_GENEDATES_H

#include "base/base.h"

typedef struct cxs_gene_dates_source {
    const char *path;    /* file of the names, for messages */
    const char *refdata; /* folder of the reference tables or NULL */
    int repair;          /* 1: rename the unambiguous ones, with one warning */
} cxs_gene_dates_source;

/* Check feature[0..count), owned strings; line[i] is where feature i stands.
 * CX023 for every date that is not repaired.  Without reference tables one warning,
 * and only when some name looks like a date. */
cxs_rc cxs_gene_dates_check(cxs_ctx *ctx, const cxs_gene_dates_source *source,
                            char **feature, const size_t *line,
                            size_t count) CXS_MUST_USE;

#endif /* CXS_GENEDATES_H */
