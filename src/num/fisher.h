/*
 * fisher.h -- Fisher's exact test of a table of two by two
 */
#ifndef CXS_NUM_FISHER_H
#define CXS_NUM_FISHER_H

#include <stddef.h>

/**
 * Two-sided p: the sum over all tables with these margins that are no more likely than
 * the one seen (Fisher 1935; fisher.test of R).  1 when a margin is 0.
 *
 *          column 1  column 2
 *   row 1      a         b
 *   row 2      c         d
 */
double cxs_fisher_exact(size_t a, size_t b, size_t c, size_t d);

#endif /* CXS_NUM_FISHER_H */
