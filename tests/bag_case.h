/*
 * bag_case.h -- measures of one file, made by hand
 */
#ifndef CXS_TEST_BAG_CASE_H
#define CXS_TEST_BAG_CASE_H

#include "copy_case.h"
#include "features/assays.h"

#include <stdio.h>

static inline cxs_measures *bag_new(void)
{
    cxs_measures *bag = NULL;

    if (cxs_measures_new(NULL, &bag) != CXS_OK)
        abort();
    return bag;
}

static inline cxs_measure *bag_table(cxs_measures *bag, const char *name, size_t rows)
{
    cxs_measure *t = NULL;

    if (cxs_measures_add(NULL, bag, name, rows, &t) != CXS_OK)
        abort();
    return t;
}

static inline int64_t *bag_int(cxs_measure *t, const char *name)
{
    int64_t *column = NULL;

    if (cxs_measure_int(NULL, t, name, &column) != CXS_OK)
        abort();
    return column;
}

static inline size_t bag_text(cxs_measure *t, const char *name)
{
    size_t column;

    if (cxs_measure_text(NULL, t, name, &column) != CXS_OK)
        abort();
    return column;
}

static inline void bag_set(cxs_measure *t, size_t column, size_t row, const char *text)
{
    if (cxs_measure_set_text(NULL, t, column, row, text) != CXS_OK)
        abort();
}

/* Lengths first[k] with count[k]. */
static inline cxs_measures *bag_lengths(size_t n, const int *length,
                                        const double *count)
{
    cxs_measures *bag = bag_new();
    cxs_measure *t = bag_table(bag, "fragment_lengths", n);
    int64_t *l = bag_int(t, "length"), *c = bag_int(t, "count");

    for (size_t k = 0; k < n; k++) {
        l[k] = length[k];
        c[k] = (int64_t)count[k];
    }
    return bag;
}

/* The reads of a simulated genome as table depth. */
static inline cxs_measures *bag_depth(const copy_case *c)
{
    cxs_measures *bag = bag_new();
    cxs_measure *t = bag_table(bag, "depth", c->bins.n);
    const size_t chrom = bag_text(t, "chrom");
    int64_t *start = bag_int(t, "start"), *end = bag_int(t, "end"),
            *fragments = bag_int(t, "fragments"), *gc = bag_int(t, "gc"),
            *known = bag_int(t, "acgt");

    for (size_t i = 0; i < c->bins.n; i++) {
        char name[8];
        snprintf(name, sizeof name, "%d", c->bins.chrom[i]);
        bag_set(t, chrom, i, name);
        start[i] = c->bins.start0[i];
        end[i] = c->bins.end0[i];
        fragments[i] = (int64_t)c->reads[i];
        known[i] = end[i] - start[i];
        gc[i] = (int64_t)(c->bins.gc[i] * (double)known[i]);
    }
    return bag;
}

/* Value of a column for a patient; a failed check when there is no such column. */
static inline double bag_value(const cxs_feature_columns *columns, const char *name,
                               size_t i)
{
    const size_t at = cxs_feature_columns_find(columns, name);

    if (at == SIZE_MAX) {
        printf("  no column %s\n", name);
        exit(1);
    }
    return columns->column[at].value[i];
}

#endif /* CXS_TEST_BAG_CASE_H */
