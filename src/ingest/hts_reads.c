/*
 * hts_reads.c -- one pass over an alignment file for any number of meters
 *
 * The calling thread reads records into blocks; HTSlib's pool decompresses and works on
 * the blocks.  Blocks come back in the order of the file, and only then do the records
 * that found no mate in their block meet those that wait.  All of that happens in one
 * order for any number of threads, which is why the counters do.
 */
#include "base/progress.h"
#include "ingest/hts_blocks.h"
#include "ingest/hts_open.h"

#include <string.h>

enum {
    BLOCKS_PER_THREAD = 2,
    SWEEP_FIRST = 1 << 12 /* records that wait before the first look for vain ones */
};

static const size_t waiting_bytes = (size_t)4 << 30;

typedef struct pass {
    cxs_hts *file;
    cxs_crew crew;
    hts_tpool_process *queue; /* NULL with one thread */
    cxs_block *blocks[2][64]; /* all blocks of records, of pairs */
    cxs_block *idle[2][64];   /* those that nobody works on */
    size_t block_count, idle_count[2];
    size_t flying;    /* blocks that the pool has */
    cxs_block *pairs; /* being filled; NULL: none */
    cxs_mates mates;
    size_t pair_count, lone_count;
} pass;

/* ---- blocks come and go ------------------------------------------------------------- */

static cxs_rc meet_later(cxs_ctx *ctx, pass *p, cxs_block *block);

/* A block that was worked on. */
static cxs_rc take_back(cxs_ctx *ctx, pass *p, cxs_block *block)
{
    cxs_rc rc = block->rc;

    if (rc != CXS_OK)
        cxs_ctx_adopt(ctx, block->ctx);
    else
        cxs_ctx_give_warnings(ctx, cxs_ctx_take_warnings(block->ctx));
    if (rc == CXS_OK && !block->is_pairs)
        rc = meet_later(ctx, p, block);
    p->pair_count += block->is_pairs ? 0 : block->pair_count;
    p->idle[block->is_pairs][p->idle_count[block->is_pairs]++] = block;
    return rc;
}

/* Wait for the oldest block. */
static cxs_rc take_oldest(cxs_ctx *ctx, pass *p)
{
    hts_tpool_result *result = hts_tpool_next_result_wait(p->queue);
    cxs_block *block = result != NULL ? hts_tpool_result_data(result) : NULL;

    if (block == NULL)
        return cxs_fail(ctx, CXS_EOS, "the thread pool broke down");
    hts_tpool_delete_result(result, 0);
    p->flying--;
    return take_back(ctx, p, block);
}

static cxs_rc send(cxs_ctx *ctx, pass *p, cxs_block *block)
{
    if (p->queue == NULL) {
        cxs_block_work(block);
        return take_back(ctx, p, block);
    }
    if (hts_tpool_dispatch(p->file->pool, p->queue, cxs_block_work, block) != 0)
        return cxs_fail(ctx, CXS_EOS, "the thread pool broke down");
    p->flying++;
    return CXS_OK;
}

/* ---- mates that stand in different blocks ------------------------------------------- */

static void exchange(bam1_t *a, bam1_t *b)
{
    const bam1_t c = *a;

    *a = *b;
    *b = c;
}

/* Two that met, or one that stays alone, go into the block of pairs.  A block that is
 * full is worked on here when the pool is behind with the others. */
static cxs_rc add_pair(cxs_ctx *ctx, pass *p, bam1_t *first, bam1_t *second)
{
    cxs_block *block = p->pairs;
    cxs_rc rc = CXS_OK;

    if (block == NULL) {
        block = p->pairs = p->idle[1][--p->idle_count[1]];
        block->count = 0;
    }
    exchange(&block->record[block->count], first);
    if (second != NULL)
        exchange(&block->record[block->count + 1], second);
    else
        block->record[block->count + 1].l_data = 0;
    block->count += 2;
    if (block->count < CXS_BLOCK_RECORDS)
        return CXS_OK;
    p->pairs = NULL;
    if (p->idle_count[1] > 0)
        return send(ctx, p, block);
    cxs_block_work(block);
    CXS_TRY(take_back(ctx, p, block));
done:
    return rc;
}

/* Records that waited for a place that was passed; all of them with tid < 0. */
static cxs_rc give_up(cxs_ctx *ctx, pass *p, int64_t tid, int64_t position)
{
    size_t at = 0;
    bam1_t *b;
    cxs_rc rc = CXS_OK;

    while ((b = cxs_mates_expired(&p->mates, &at, tid, position)) != NULL) {
        p->lone_count++;
        CXS_TRY(add_pair(ctx, p, b, NULL));
    }
done:
    return rc;
}

static cxs_rc meet_later(cxs_ctx *ctx, pass *p, cxs_block *block)
{
    const bam1_core_t last = block->record[block->count - 1].core;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < block->left_count; i++) {
        bam1_t *b = &block->record[block->left[i]];
        const uint64_t hash = block->hash[block->left[i]];
        bam1_t *mate = cxs_mates_take(&p->mates, b, hash);
        if (mate == NULL) {
            CXS_TRY(cxs_mates_wait(ctx, &p->mates, b, hash));
            continue;
        }
        p->pair_count++;
        CXS_TRY(add_pair(ctx, p, mate, b));
    }
    if (p->file->check_order && last.tid >= 0 && p->mates.waiting > p->mates.sweep_at) {
        CXS_TRY(give_up(ctx, p, last.tid, last.pos));
        p->mates.sweep_at =
            2 * p->mates.waiting > SWEEP_FIRST ? 2 * p->mates.waiting : SWEEP_FIRST;
    }
done:
    return rc;
}

/* ---- the pass ----------------------------------------------------------------------- */

static cxs_rc start(cxs_ctx *ctx, pass *p, const cxs_reads_settings *s,
                    cxs_meter *const *meters, size_t count)
{
    const size_t most = sizeof p->blocks[0] / sizeof p->blocks[0][0];
    const size_t threads = s->threads > 1 ? s->threads : 1;
    const size_t want = threads > 1 ? BLOCKS_PER_THREAD * threads + 1 : 1;
    cxs_rc rc = CXS_OK;

    p->mates.sweep_at = SWEEP_FIRST;
    p->mates.bytes_most = waiting_bytes;
    CXS_TRY(cxs_hts_open(ctx, s, &p->file));
    CXS_TRY(cxs_crew_start(ctx, &p->crew, meters, count, threads + 1, &p->file->info));
    p->block_count = want < most ? want : most;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < p->block_count; i++) {
            CXS_TRY(cxs_block_new(ctx, &p->crew, k == 1, &p->blocks[k][i]));
            p->idle[k][p->idle_count[k]++] = p->blocks[k][i];
        }
    if (p->file->pool != NULL &&
        (p->queue = hts_tpool_process_init(p->file->pool, (int)(2 * p->block_count),
                                           0)) == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_EOS, "cannot start a queue of work"));
done:
    return rc;
}

static void stop(pass *p)
{
    while (p->queue != NULL && p->flying > 0) { /* after a failure */
        hts_tpool_result *result = hts_tpool_next_result_wait(p->queue);
        if (result == NULL)
            break;
        hts_tpool_delete_result(result, 0);
        p->flying--;
    }
    if (p->queue != NULL)
        hts_tpool_process_destroy(p->queue);
    for (size_t i = 0; i < p->block_count; i++) {
        cxs_block_free(p->blocks[0][i]);
        cxs_block_free(p->blocks[1][i]);
    }
    cxs_mates_free(&p->mates);
    cxs_crew_end(&p->crew);
    cxs_hts_close(p->file);
}

static cxs_rc fill(cxs_ctx *ctx, pass *p, cxs_block *block, bool *more)
{
    cxs_rc rc = CXS_OK;

    block->count = 0;
    while (*more && block->count < CXS_BLOCK_RECORDS) {
        CXS_TRY(cxs_hts_next(ctx, p->file, &block->record[block->count], more));
        block->count += *more;
    }
done:
    return rc;
}

static cxs_rc read_all(cxs_ctx *ctx, pass *p)
{
    cxs_progress progress;
    bool more = true;
    cxs_rc rc = CXS_OK;

    cxs_progress_begin(ctx, &progress, "megabytes read", cxs_hts_megabytes(p->file));
    while (more) {
        while (p->idle_count[0] == 0)
            CXS_TRY(take_oldest(ctx, p));
        cxs_block *block = p->idle[0][--p->idle_count[0]];
        CXS_TRY(fill(ctx, p, block, &more));
        if (block->count > 0)
            CXS_TRY(send(ctx, p, block));
        if (progress.total > 0)
            cxs_progress_step(ctx, &progress, cxs_hts_megabytes_read(p->file));
    }
    while (p->flying > 0)
        CXS_TRY(take_oldest(ctx, p));
    CXS_TRY(give_up(ctx, p, -1, 0));
    if (p->pairs != NULL)
        CXS_TRY(send(ctx, p, p->pairs));
    while (p->flying > 0)
        CXS_TRY(take_oldest(ctx, p));
    cxs_progress_end(ctx, &progress);
done:
    return rc;
}

static cxs_rc add_table(cxs_ctx *ctx, const pass *p, cxs_measures *bag)
{
    const struct {
        const char *name;
        size_t value;
    } numbers[] = {{"sorted", p->file->info.sorted},
                   {"records", p->file->records},
                   {"pairs", p->pair_count},
                   {"lone", p->lone_count}};
    cxs_measure *table = NULL;
    size_t column = 0;
    int64_t *cell = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "reads", 1, &table));
    CXS_TRY(cxs_measure_text(ctx, table, "build", &column));
    CXS_TRY(cxs_measure_set_text(ctx, table, column, 0, p->file->info.build));
    CXS_TRY(cxs_measure_text(ctx, table, "samples", &column));
    if (p->file->samples != NULL)
        CXS_TRY(cxs_measure_set_text(ctx, table, column, 0, p->file->samples));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        CXS_TRY(cxs_measure_int(ctx, table, numbers[i].name, &cell));
        cell[0] = (int64_t)numbers[i].value;
    }
done:
    return rc;
}

cxs_rc cxs_reads_pass(cxs_ctx *ctx, const cxs_reads_settings *settings,
                      cxs_meter *const *meters, size_t count, cxs_measures *bag)
{
    pass p = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(start(ctx, &p, settings, meters, count));
    CXS_TRY(read_all(ctx, &p));
    cxs_crew_add(&p.crew);
    CXS_TRY(add_table(ctx, &p, bag));
    for (size_t m = 0; m < count; m++)
        CXS_TRY(meters[m]->finish(ctx, meters[m], &p.file->info, p.crew.state[m], bag));
done:
    stop(&p);
    return rc;
}
