/*
 * hts_marks.h -- the genes or exons that the ends of one template lie over
 *
 * An end is the sections of its CIGAR between I, D and N, at most ten, as featureCounts
 * takes them by default (--maxMOp); a section marks the targets that share a base with
 * it and have the strand that was asked for.
 */
#ifndef CXS_HTS_MARKS_H
#define CXS_HTS_MARKS_H

#include "ingest/count_private.h"

#include <htslib/sam.h>

typedef struct cxs_hit {
    uint32_t target;
    unsigned ends;  /* bits of the ends that mark it */
    int64_t shared; /* bases, after cxs_marks_measure() */
} cxs_hit;

/* Bases that one section shares with a target. */
typedef struct cxs_piece {
    uint32_t target;
    size_t contig;
    int64_t start, end;
} cxs_piece;

/* Start from {0}; hits are in the order of the sections. */
typedef struct cxs_marks {
    cxs_hit *hit;
    size_t hit_count, hit_capacity;
    cxs_piece *piece;
    size_t piece_count, piece_capacity;
} cxs_marks;

void cxs_marks_free(cxs_marks *marks);
void cxs_marks_begin(cxs_marks *marks); /* of a template */

/* Marks of a mapped end; contig: number in the annotation for each of the header, or
 * SIZE_MAX; end: its bit. */
cxs_rc cxs_marks_add(cxs_ctx *ctx, cxs_marks *marks, const cxs_count_plan *plan,
                     const size_t *contig, const bam1_t *b, unsigned end) CXS_MUST_USE;

/* Bases of each target in the union of the ends; needs min_overlap > 1. */
void cxs_marks_measure(cxs_marks *marks);

#endif /* CXS_HTS_MARKS_H */
