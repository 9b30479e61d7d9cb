/*
 * pool.c -- run numbered tasks on threads
 *
 * Threads live for one cxs_pool_run() call: starting one costs about 20 us, tasks are
 * far longer.  Indices come from one atomic counter, so that when task i fails every
 * task below i has been started and will end: the lowest failing index, and the
 * warnings up to it, are those of a serial run.  Every run uses worker contexts, also
 * with one thread, so that messages do not depend on the number of threads.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include "base/pool.h"

#include "base/number.h"
#include "base/progress.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

int cxs_default_threads(void)
{
    const char *slurm = getenv("SLURM_CPUS_PER_TASK");
    int64_t threads = sysconf(_SC_NPROCESSORS_ONLN), granted = 0;
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        threads = CPU_COUNT(&set);
    if (slurm != NULL && cxs_number_parse_int(slurm, 1, INT_MAX, &granted) &&
        granted < threads)
        threads = granted;
    return threads < 1 ? 1 : (int)threads;
}

size_t cxs_pool_workers(const cxs_ctx *ctx, size_t count)
{
    const size_t threads = (size_t)cxs_ctx_threads(ctx);

    if (cxs_ctx_is_worker(ctx) || count <= 1)
        return 1;
    return threads < count ? threads : count;
}

/* Warnings of one task. */
typedef struct letter {
    size_t index;
    cxs_warnings *warnings;
} letter;

typedef struct pool {
    size_t count;
    cxs_task_fn fn;
    void *arg;
    atomic_size_t next, ended;
    atomic_bool stop;
    cxs_ctx *caller;
    cxs_progress *progress; /* NULL when the work has no name */
} pool;

typedef struct worker {
    pool *pool;
    size_t number;
    cxs_ctx *ctx;
    pthread_t thread;
    bool started;
    letter *letters;
    size_t letter_count, letter_capacity;
    size_t failed_index;
    cxs_rc rc;
} worker;

static void keep_letter(worker *w, size_t index)
{
    cxs_warnings *taken = cxs_ctx_take_warnings(w->ctx);

    if (taken == NULL)
        return;
    if (cxs_grow(NULL, (void **)&w->letters, &w->letter_capacity, w->letter_count + 1,
                 sizeof *w->letters) == CXS_OK)
        w->letters[w->letter_count++] = (letter){index, taken};
    else
        cxs_ctx_give_warnings(w->ctx, taken); /* out of order, but not lost */
}

static void *work(void *arg)
{
    worker *w = arg;
    pool *p = w->pool;

    while (!atomic_load(&p->stop)) {
        const size_t index = atomic_fetch_add(&p->next, 1U);
        if (index >= p->count)
            break;
        w->rc = p->fn(w->ctx, index, w->number, p->arg);
        keep_letter(w, index);
        const size_t ended = atomic_fetch_add(&p->ended, 1U) + 1;
        if (w->rc != CXS_OK) {
            w->failed_index = index;
            atomic_store(&p->stop, true);
            break;
        }
        if (w->number == 0 && p->progress != NULL)
            cxs_progress_step(p->caller, p->progress, ended);
    }
    return NULL;
}

static int by_index(const void *a, const void *b)
{
    const letter *x = a, *y = b;

    return (x->index > y->index) - (x->index < y->index);
}

/* The worker whose failure has the lowest index, or NULL. */
static const worker *first_failure(const worker *workers, size_t n)
{
    const worker *first = NULL;

    for (size_t i = 0; i < n; i++)
        if (workers[i].rc != CXS_OK &&
            (first == NULL || workers[i].failed_index < first->failed_index))
            first = &workers[i];
    return first;
}

/* Hand the warnings of tasks up to `last` to the caller, in the order of the tasks. */
static void deliver(cxs_ctx *ctx, worker *workers, size_t n, size_t last)
{
    letter *all = NULL;
    size_t count = 0, capacity = 0;
    bool sorted;

    for (size_t i = 0; i < n; i++)
        count += workers[i].letter_count;
    sorted = cxs_grow(NULL, (void **)&all, &capacity, count, sizeof *all) == CXS_OK;
    count = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < workers[i].letter_count; k++) {
            const letter l = workers[i].letters[k];
            if (sorted)
                all[count++] = l;
            else
                cxs_ctx_give_warnings(l.index <= last ? ctx : NULL, l.warnings);
        }
    if (count > 1)
        qsort(all, count, sizeof *all, by_index);
    for (size_t k = 0; k < count; k++)
        cxs_ctx_give_warnings(all[k].index <= last ? ctx : NULL, all[k].warnings);
    cxs_free(all);
}

static void free_workers(worker *workers, size_t n)
{
    for (size_t i = 0; workers != NULL && i < n; i++) {
        cxs_ctx_free(workers[i].ctx);
        cxs_free(workers[i].letters);
    }
    cxs_free(workers);
}

static atomic_size_t threads_alive; /* of every pool of the process */

bool cxs_pool_busy(void)
{
    return atomic_load(&threads_alive) > 0;
}

/* Start what can be started: fewer threads cost time, not results. */
static void run_workers(worker *workers, size_t n)
{
    atomic_fetch_add(&threads_alive, n - 1);
    for (size_t i = 1; i < n; i++)
        workers[i].started =
            pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    work(&workers[0]);
    for (size_t i = 1; i < n; i++)
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
    atomic_fetch_sub(&threads_alive, n - 1);
}

static cxs_rc run_in_place(cxs_ctx *ctx, size_t count, cxs_task_fn fn, void *arg)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < count && rc == CXS_OK; i++)
        rc = fn(ctx, i, 0, arg);
    return rc;
}

static cxs_rc make_workers(cxs_ctx *ctx, pool *p, size_t n, worker **out)
{
    worker *workers = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(workers, n);
    for (size_t i = 0; i < n; i++) {
        workers[i].pool = p;
        workers[i].number = i;
        if ((workers[i].ctx = cxs_ctx_child(ctx)) == NULL)
            CXS_TRY(cxs_fail(ctx, CXS_ENOMEM, "no memory for %zu threads", n));
    }
    *out = workers;
    workers = NULL;
done:
    free_workers(workers, n);
    return rc;
}

cxs_rc cxs_pool_run(cxs_ctx *ctx, const char *what, size_t count, cxs_task_fn fn,
                    void *arg)
{
    const size_t n = cxs_pool_workers(ctx, count);
    pool p = {.count = count, .fn = fn, .arg = arg, .caller = ctx};
    cxs_progress progress;
    worker *workers = NULL;
    const worker *failed;
    cxs_rc rc = CXS_OK;

    if (cxs_ctx_is_worker(ctx))
        return run_in_place(ctx, count, fn, arg);
    CXS_TRY(make_workers(ctx, &p, n, &workers));
    if (what != NULL) {
        cxs_progress_begin(ctx, &progress, what, count);
        p.progress = &progress;
    }
    run_workers(workers, n);
    if (p.progress != NULL) {
        progress.done = atomic_load(&p.ended);
        cxs_progress_end(ctx, &progress);
    }
    failed = first_failure(workers, n);
    deliver(ctx, workers, n, failed != NULL ? failed->failed_index : SIZE_MAX);
    if (failed != NULL) {
        rc = failed->rc;
        cxs_ctx_adopt(ctx, failed->ctx);
    }
done:
    free_workers(workers, n);
    return rc;
}
