/*
 * copy_reference.h -- tables of reference answers for the copy-number kernels
 */
#ifndef CXS_TEST_COPY_REFERENCE_H
#define CXS_TEST_COPY_REFERENCE_H

#include "base/table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline cxs_table *copy_reference(const char *path)
{
    cxs_table *t = NULL;

    if (cxs_table_read(NULL, path, &t) != CXS_OK || t == NULL) {
        printf("%s is missing: run from the top of the checkout\n", path);
        exit(1);
    }
    return t;
}

static inline double *copy_reference_column(const cxs_table *t, const char *name)
{
    const size_t column = cxs_table_find(t, name);
    double *value = cxs_calloc(NULL, t->rows + 1, sizeof *value);

    if (column == SIZE_MAX || value == NULL) {
        printf("%s has no column %s\n", t->path, name);
        exit(1);
    }
    for (size_t i = 0; i < t->rows; i++)
        value[i] = strtod(cxs_table_cell(t, i, column), NULL);
    return value;
}

#endif /* CXS_TEST_COPY_REFERENCE_H */
