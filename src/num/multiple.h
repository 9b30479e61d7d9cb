/*
 * multiple.h -- p-values adjusted for the number of tests
 *
 * Depends on: libc.
 */
#ifndef CXS_NUM_MULTIPLE_H
#define CXS_NUM_MULTIPLE_H

#include <stddef.h>

/** Workspace of the adjustments: one p-value and where it stood. */
typedef struct cxs_p_item {
    double p;
    size_t at;
} cxs_p_item;

/**
 * Benjamini & Hochberg (1995) step-up: control of the false discovery rate under
 * independence or positive dependence, eq. (1).
 *
 * @param n     number of rows
 * @param p     [n] p-values in [0, 1]; NaN rows are not tests: they do not count
 * @param q     (out) [n] adjusted p-values, NaN where p is; may be the same array as p
 * @param work  [n]
 * Cost O(n log n).
 */
void cxs_adjust_bh(size_t n, const double *p, double *q, cxs_p_item *work);

/** Benjamini & Yekutieli (2001): the same under any dependence, eq. (2). */
void cxs_adjust_by(size_t n, const double *p, double *q, cxs_p_item *work);

#endif /* CXS_NUM_MULTIPLE_H */
