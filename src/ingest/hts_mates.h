/*
 * hts_mates.h -- which records are mates, and those that wait for theirs
 *
 * Two records are mates when name, both places and HI tag agree (hts_reads.h).  What a
 * block leaves over waits here, in the order of the file; in a file that is sorted by
 * coordinate a record stops waiting when its mate's place was passed.
 */
#ifndef CXS_HTS_MATES_H
#define CXS_HTS_MATES_H

#include "base/base.h"

#include <htslib/sam.h>

/* Hash of name and places; equal for mates. */
uint64_t cxs_mates_hash(const bam1_t *b);
bool cxs_mates_match(const bam1_t *a, const bam1_t *b);

typedef struct cxs_mate {
    bam1_t record;
    uint64_t hash;
    size_t next; /* in its bucket, or in the list of the free; SIZE_MAX ends */
    bool waits;
} cxs_mate;

typedef struct cxs_mates {
    cxs_mate *mate;
    size_t used, capacity;    /* of mate: slots ever taken, room */
    size_t free, waiting;     /* head of the free slots; number that wait */
    size_t *bucket, buckets;  /* heads; a power of two */
    size_t sweep_at;          /* look for those that wait in vain from this number on */
    size_t bytes, bytes_most; /* of records that wait, and how much is allowed */
} cxs_mates;

/* Start from {0}. */
void cxs_mates_free(cxs_mates *m);
/* The record that waits for b, in file order the first one; NULL: none.  It no longer
 * waits; it is valid until the next cxs_mates_wait(). */
bam1_t *cxs_mates_take(cxs_mates *m, const bam1_t *b, uint64_t hash);
/* Let *b wait: it is exchanged for an empty or used one.  CXS_EBUDGET. */
cxs_rc cxs_mates_wait(cxs_ctx *ctx, cxs_mates *m, bam1_t *b,
                      uint64_t hash) CXS_MUST_USE;
/* The next one, from *at on, that waits for a place before (tid, position), or any one
 * with tid < 0; NULL at the end. It no longer waits. */
bam1_t *cxs_mates_expired(cxs_mates *m, size_t *at, int64_t tid, int64_t position);

#endif /* CXS_HTS_MATES_H */
