/*
 * targets.h -- intervals of a BED file: what a panel or an exome covers
 *
 * Chromosomes lose "chr", intervals are sorted and merged.  The fourth column, when
 * there is one, names genes.
 */
#ifndef CXS_TARGETS_H
#define CXS_TARGETS_H

#include "base/base.h"

#include <stdint.h>

typedef struct cxs_target {
    const char *chrom;
    int64_t start0, end0; /* half-open */
} cxs_target;

typedef struct cxs_targets {
    cxs_target *interval; /* [count] by chrom (bytewise) and start, disjoint */
    size_t count, capacity;
    char **chrom; /* storage of the names */
    size_t chroms, chrom_capacity;
    char **label; /* fourth column, every distinct one, bytewise order */
    size_t labels, label_capacity;
    int64_t bases;
} cxs_targets;

/* CXS_ENOINPUT; CXS_EFORMAT names line and field. */
cxs_rc cxs_targets_read(cxs_ctx *ctx, const char *path, cxs_targets *out) CXS_MUST_USE;
void cxs_targets_clear(cxs_targets *targets);

/* True when an interval shares a base with chrom:[start, end], 1-based inclusive. */
bool cxs_targets_touch(const cxs_targets *targets, const char *chrom, int64_t start,
                       int64_t end);
/* True when a label of the fourth column holds this gene name as a word. */
bool cxs_targets_name(const cxs_targets *targets, const char *gene);

#endif /* CXS_TARGETS_H */
