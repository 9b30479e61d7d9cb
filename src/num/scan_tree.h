/*
 * scan_tree.h -- sums over intervals of event times, for scan_kernels.h
 *
 * Without delayed entry sums over risk sets are running sums.  With it, "those who are
 * there less those who have not entered" would cancel when one patient's risk is large
 * (see cox.c).  Rows that are there from the first event time of their stratum on go
 * through the running sums all the same; the late ones go through a binary tree of
 * partial sums over the event times: additions alone.
 *
 * The kernels begin with copies of the structs they read, which no store through a
 * vector can change: the members then stay in registers.
 */
#ifndef CXS_NUM_SCAN_TREE_H
#define CXS_NUM_SCAN_TREE_H

#include "num/scan_wide.h"

#include "num/scan_pass.h"

/* Element i of an array [m x L], the lanes from `first` on. */
#define AT(array, i) (*(lanes *)((array) + (i)*L + first))

enum { L = CXS_SCAN_LANES };

INLINE void copy(size_t count, const lanes *from, lanes *to)
{
#pragma GCC unroll 8
    for (size_t c = 0; c < count; c++)
        to[c] = from[c];
}

INLINE void clear(size_t count, lanes *sum)
{
#pragma GCC unroll 32
    for (size_t c = 0; c < count; c++)
        sum[c] = (lanes){0.0};
}

/* The sum of a term; 1 in lanes to which it does not belong. */
INLINE lanes live_sum(lanes wbar, lanes sum)
{
    return choose((mask)(wbar > 0.0), sum, (lanes){0.0} + 1.0);
}

INLINE int is_late(const cxs_risk *risk, size_t s, size_t i)
{
    return risk->first_ts[i] > risk->time_first[s];
}

/* Node `at` of a tree of nodes of `count` sums. */
#define NODE(tree, at, count) ((tree) + (at) * (count)*L)

/* Add value to the nodes that make up the event times at which row i is at risk. */
INLINE void tree_add(const cxs_risk *risk, double *tree, size_t count, size_t first,
                     size_t i, const lanes *value)
{
    size_t l = risk->first_ts[i] + risk->times, r = risk->last_ts[i] + risk->times;

    for (; l < r; l >>= 1, r >>= 1) {
        if (l & 1) {
            for (size_t c = 0; c < count; c++)
                AT(NODE(tree, l, count), c) += value[c];
            l++;
        }
        if (r & 1) {
            r--;
            for (size_t c = 0; c < count; c++)
                AT(NODE(tree, r, count), c) += value[c];
        }
    }
}

INLINE void tree_clear(const cxs_risk *risk, double *tree, size_t count, size_t first)
{
    for (size_t at = 0; at < 2 * risk->times * count; at++)
        AT(tree, at) = (lanes){0.0};
}

/* Hand each node's share down to the event times, nodes K .. 2 K - 1. */
INLINE void tree_settle(const cxs_risk *risk, double *tree, size_t count, size_t first)
{
    for (size_t at = 1; at < risk->times; at++)
        for (size_t c = 0; c < count; c++) {
            AT(NODE(tree, 2 * at, count), c) += AT(NODE(tree, at, count), c);
            AT(NODE(tree, 2 * at + 1, count), c) += AT(NODE(tree, at, count), c);
        }
}

/* Nodes as sums of those below; the event times are filled already. */
INLINE void tree_gather(const cxs_risk *risk, double *tree, size_t first)
{
    for (size_t at = risk->times; at-- > 1;)
        AT(tree, at) = AT(tree, 2 * at) + AT(tree, 2 * at + 1);
}

/* Sum over the event times at which row i is at risk. */
INLINE lanes tree_sum(const cxs_risk *risk, double *tree, size_t first, size_t i)
{
    size_t l = risk->first_ts[i] + risk->times, r = risk->last_ts[i] + risk->times;
    lanes total = {0.0};

    for (; l < r; l >>= 1, r >>= 1) {
        if (l & 1)
            total += AT(tree, l++);
        if (r & 1)
            total += AT(tree, --r);
    }
    return total;
}

/* The hazards as leaves of the tree. */
INLINE void gather_hazards(const cxs_risk *risk, const cxs_scan_pass *p, size_t first)
{
    for (size_t k = 0; k < risk->times; k++)
        AT(p->tree, risk->times + k) = AT(p->hazard, k);
    tree_gather(risk, p->tree, first);
}

#endif /* CXS_NUM_SCAN_TREE_H */
