/*
 * hts_blocks.h -- the work of one thread on one block of records, see hts_reads.c
 */
#ifndef CXS_HTS_BLOCKS_H
#define CXS_HTS_BLOCKS_H

#include "ingest/hts_mates.h"
#include "ingest/hts_reads.h"

#include <pthread.h>

enum { CXS_BLOCK_RECORDS = 4096 };

/* What every worker needs; a slot holds the states of one worker. */
typedef struct cxs_crew {
    cxs_meter *const *meters;
    size_t meter_count;
    bool any_pairs;
    size_t slot_count;
    void **state; /* [slot_count x meter_count] */
    bool *busy;   /* [slot_count] */
    pthread_mutex_t lock;
    bool lock_ready;
} cxs_crew;

cxs_rc cxs_crew_start(cxs_ctx *ctx, cxs_crew *crew, cxs_meter *const *meters,
                      size_t count, size_t threads,
                      const cxs_reads_info *info) CXS_MUST_USE;
void cxs_crew_end(cxs_crew *crew);
/* Add all states to those of slot 0. */
void cxs_crew_add(cxs_crew *crew);

/* Records in file order, or mates that met: 2 i and 2 i + 1 belong together, and the
 * second one has no data when the first one is alone. */
typedef struct cxs_block {
    cxs_crew *crew;
    bool is_pairs;
    bam1_t record[CXS_BLOCK_RECORDS];
    size_t count;
    uint64_t hash[CXS_BLOCK_RECORDS]; /* of records that are in `left` */
    uint16_t left[CXS_BLOCK_RECORDS]; /* records whose mate is not in the block */
    size_t left_count, pair_count;
    uint16_t table[2 * CXS_BLOCK_RECORDS]; /* record + 1, by hash; 0: empty */
    bool met[CXS_BLOCK_RECORDS];
    cxs_ctx *ctx; /* takes the messages, which are delivered in the order of blocks */
    cxs_rc rc;
} cxs_block;

cxs_rc cxs_block_new(cxs_ctx *ctx, cxs_crew *crew, bool is_pairs,
                     cxs_block **out) CXS_MUST_USE;
void cxs_block_free(cxs_block *block);

/* The task of a worker: all meters over the block, with the states of a free slot. */
void *cxs_block_work(void *block);

#endif /* CXS_HTS_BLOCKS_H */
