/*
 * expected_rank.c -- posterior expected rank by simulation
 *
 *     PER_j = 1 + sum_{k != j} [ P(|theta_k| > |theta_j|) + P(|theta_k| = |theta_j|)/2
 * ] (4) Laird and Louis (1989), Henderson and Newton (2016).  Read literally (4) costs
 * O(n^2) a draw.  But in one draw 1 + #{k: larger} + #{k != j: equal}/2 is the rank of
 * |theta_j| with ties averaged, so the mean of that rank over the draws estimates (4)
 * without bias, at the price of one sort.  All effects that are exactly zero share the
 * last ranks and need no sorting.
 *
 * Draw d of feature j is a function of (seed, d, j): uniform 2 j decides whether
 * theta_j is zero, normal 2 j + 1 gives its value.
 */
#include "rank/shrink.h"

#include "base/pool.h"
#include "base/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct effect {
    double size; /* |theta| */
    size_t at;
} effect;

typedef struct draw_job {
    size_t n, draws;
    const cxs_posterior *post;
    const size_t *index;
    uint64_t seed;
    effect *drawn; /* [workers x n] */
    double *twice; /* [workers x n] sums of twice the rank: whole numbers */
} draw_job;

/* Draws that one task makes: enough to make the hand-over free. */
enum { DRAWS_PER_TASK = 16 };

static int by_size_descending(const void *left, const void *right)
{
    const effect *a = left, *b = right;

    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

/* One draw of every effect: the nonzero ones, largest first; the other n - count are
 * exactly zero. */
static size_t draw_effects(const draw_job *job, size_t replicate, effect *drawn)
{
    const cxs_stream stream = {job->seed, CXS_DRAW_POSTERIOR, replicate};
    size_t count = 0;

    for (size_t j = 0; j < job->n; j++) {
        const cxs_posterior *post = &job->post[j];
        const uint64_t key = 2 * (uint64_t)job->index[j];
        if (cxs_draw_uniform(&stream, key) < post->weight)
            drawn[count++] = (effect){
                fabs(post->mean + post->sd * cxs_draw_normal(&stream, key + 1)), j};
    }
    qsort(drawn, count, sizeof *drawn, by_size_descending);
    return count;
}

/* Add twice the rank of every effect: places a..b-1 that are equal share a + b + 1. */
static void add_ranks(size_t n, const effect *drawn, size_t count, double *twice)
{
    const double zero = (double)(count + n + 1);

    /* as if all were zero, then put the others right */
    for (size_t j = 0; j < n; j++)
        twice[j] += zero;
    for (size_t a = 0, b; a < count; a = b) {
        for (b = a; b < count && drawn[b].size == drawn[a].size;)
            b++;
        for (size_t i = a; i < b; i++)
            twice[drawn[i].at] += (double)(a + b + 1) - zero;
    }
}

static cxs_rc run_draws(cxs_ctx *ctx, size_t task, size_t worker, void *arg)
{
    const draw_job *job = arg;
    effect *drawn = job->drawn + worker * job->n;
    double *twice = job->twice + worker * job->n;

    (void)ctx;
    for (size_t d = task * DRAWS_PER_TASK;
         d < (task + 1) * DRAWS_PER_TASK && d < job->draws; d++) {
        const size_t count = draw_effects(job, d, drawn);
        add_ranks(job->n, drawn, count, twice);
    }
    return CXS_OK;
}

cxs_rc cxs_expected_rank(cxs_ctx *ctx, size_t n, const cxs_posterior *post,
                         const size_t *index, size_t draws, uint64_t seed, double *rank)
{
    const size_t tasks = (draws + DRAWS_PER_TASK - 1) / DRAWS_PER_TASK;
    const size_t workers = cxs_pool_workers(ctx, tasks);
    draw_job job = {.n = n, .draws = draws, .post = post, .index = index, .seed = seed};
    cxs_rc rc = CXS_OK;

    if (draws < 1)
        CXS_TRY(cxs_fail(ctx, CXS_EARG, "posterior draws: 0 is below 1"));
    CXS_NEW(job.drawn, workers * n);
    CXS_NEW(job.twice, workers * n);
    CXS_TRY(cxs_pool_run(ctx, "posterior draws", tasks, run_draws, &job));
    for (size_t j = 0; j < n; j++) {
        double twice = 0.0;
        for (size_t w = 0; w < workers; w++)
            twice += job.twice[w * n + j];
        rank[j] = twice / (2.0 * (double)draws);
    }

done:
    cxs_free(job.drawn);
    cxs_free(job.twice);
    return rc;
}
