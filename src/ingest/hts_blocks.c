/*
 * hts_blocks.c -- the work of one thread on one block of records
 *
 * Mates that stand in one block meet here, in parallel; what is left over goes back to
 * the reader in file order, so that who meets whom does not depend on the threads.
 */
#include "ingest/hts_blocks.h"

#include <stdlib.h>
#include <string.h>

/* ---- crew --------------------------------------------------------------------------- */

cxs_rc cxs_crew_start(cxs_ctx *ctx, cxs_crew *crew, cxs_meter *const *meters,
                      size_t count, size_t threads, const cxs_reads_info *info)
{
    cxs_rc rc = CXS_OK;

    crew->meters = meters;
    crew->meter_count = count;
    for (size_t m = 0; m < count; m++)
        crew->any_pairs = crew->any_pairs || meters[m]->wants_pairs;
    CXS_NEW(crew->busy, threads);
    CXS_NEW(crew->state, threads * count);
    crew->slot_count = threads;
    if (pthread_mutex_init(&crew->lock, NULL) != 0)
        CXS_TRY(cxs_fail(ctx, CXS_EOS, "cannot create a lock"));
    crew->lock_ready = true;
    for (size_t s = 0; s < threads; s++)
        for (size_t m = 0; m < count; m++)
            CXS_TRY(meters[m]->state_new(ctx, meters[m], info,
                                         &crew->state[s * count + m]));
done:
    return rc;
}

void cxs_crew_end(cxs_crew *crew)
{
    for (size_t i = 0; i < crew->slot_count * crew->meter_count; i++)
        if (crew->state[i] != NULL)
            crew->meters[i % crew->meter_count]->state_free(crew->state[i]);
    if (crew->lock_ready)
        pthread_mutex_destroy(&crew->lock);
    cxs_free(crew->state);
    cxs_free(crew->busy);
    *crew = (cxs_crew){0};
}

void cxs_crew_add(cxs_crew *crew)
{
    const size_t n = crew->meter_count;

    for (size_t s = 1; s < crew->slot_count; s++)
        for (size_t m = 0; m < n; m++)
            crew->meters[m]->add(crew->state[m], crew->state[s * n + m]);
}

/* There are as many slots as threads that work at once. */
static size_t take_slot(cxs_crew *crew)
{
    size_t s = 0;

    pthread_mutex_lock(&crew->lock);
    while (s + 1 < crew->slot_count && crew->busy[s])
        s++;
    crew->busy[s] = true;
    pthread_mutex_unlock(&crew->lock);
    return s;
}

static void give_slot(cxs_crew *crew, size_t s)
{
    pthread_mutex_lock(&crew->lock);
    crew->busy[s] = false;
    pthread_mutex_unlock(&crew->lock);
}

/* ---- blocks ------------------------------------------------------------------------- */

cxs_rc cxs_block_new(cxs_ctx *ctx, cxs_crew *crew, bool is_pairs, cxs_block **out)
{
    cxs_block *block = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(block, 1);
    block->crew = crew;
    block->is_pairs = is_pairs;
    if ((block->ctx = cxs_ctx_child(ctx)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    *out = block;
    block = NULL;
done:
    cxs_block_free(block);
    return rc;
}

void cxs_block_free(cxs_block *block)
{
    if (block == NULL)
        return;
    for (size_t i = 0; i < CXS_BLOCK_RECORDS; i++)
        free(block->record[i].data);
    cxs_ctx_free(block->ctx);
    cxs_free(block);
}

static cxs_rc give_record(cxs_ctx *ctx, const cxs_crew *crew, void **state,
                          const bam1_t *b)
{
    cxs_rc rc = CXS_OK;

    for (size_t m = 0; m < crew->meter_count && rc == CXS_OK; m++)
        if (!crew->meters[m]->wants_pairs)
            rc = crew->meters[m]->record(ctx, crew->meters[m], state[m], b);
    return rc;
}

static cxs_rc give_pair(cxs_ctx *ctx, const cxs_crew *crew, void **state,
                        const bam1_t *first, const bam1_t *second)
{
    cxs_rc rc = CXS_OK;

    for (size_t m = 0; m < crew->meter_count && rc == CXS_OK; m++)
        if (crew->meters[m]->wants_pairs)
            rc = crew->meters[m]->pair(ctx, crew->meters[m], state[m], first, second);
    return rc;
}

/* The record before i that is its mate and has met none yet; else i is entered and the
 * answer is SIZE_MAX. */
static size_t meet(cxs_block *block, size_t i)
{
    const size_t mask = 2 * CXS_BLOCK_RECORDS - 1;
    const uint64_t hash = cxs_mates_hash(&block->record[i]);
    size_t at = hash & mask;

    block->hash[i] = hash;
    for (; block->table[at] != 0; at = (at + 1) & mask) {
        const size_t j = block->table[at] - 1U;
        if (block->hash[j] == hash && !block->met[j] &&
            cxs_mates_match(&block->record[j], &block->record[i]))
            return j;
    }
    block->table[at] = (uint16_t)(i + 1);
    return SIZE_MAX;
}

static cxs_rc pair_records(cxs_ctx *ctx, cxs_block *block, void **state)
{
    cxs_rc rc = CXS_OK;

    memset(block->table, 0, sizeof block->table);
    memset(block->met, 0, sizeof block->met);
    for (size_t i = 0; i < block->count && rc == CXS_OK; i++) {
        const bam1_t *b = &block->record[i];
        const bool alone = (b->core.flag & BAM_FPAIRED) == 0;
        const size_t j = alone ? SIZE_MAX : meet(block, i);
        if (alone || j != SIZE_MAX) {
            block->met[i] = true;
            rc = alone ? give_pair(ctx, block->crew, state, b, NULL)
                       : give_pair(ctx, block->crew, state, &block->record[j], b);
        }
        if (j != SIZE_MAX) {
            block->met[j] = true;
            block->pair_count++;
        }
    }
    for (size_t i = 0; i < block->count; i++)
        if (!block->met[i])
            block->left[block->left_count++] = (uint16_t)i;
    return rc;
}

static cxs_rc work(cxs_ctx *ctx, cxs_block *block, void **state)
{
    const bool any_records = !block->is_pairs;
    cxs_rc rc = CXS_OK;

    block->left_count = block->pair_count = 0;
    for (size_t i = 0; any_records && i < block->count && rc == CXS_OK; i++)
        rc = give_record(ctx, block->crew, state, &block->record[i]);
    for (size_t i = 0; block->is_pairs && i < block->count && rc == CXS_OK; i += 2)
        rc = give_pair(ctx, block->crew, state, &block->record[i],
                       block->record[i + 1].l_data > 0 ? &block->record[i + 1] : NULL);
    if (rc == CXS_OK && any_records && block->crew->any_pairs)
        rc = pair_records(ctx, block, state);
    return rc;
}

void *cxs_block_work(void *arg)
{
    cxs_block *block = arg;
    cxs_crew *crew = block->crew;
    const size_t s = take_slot(crew);

    block->rc = work(block->ctx, block, crew->state + s * crew->meter_count);
    give_slot(crew, s);
    return block;
}
