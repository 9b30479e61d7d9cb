/*
 * pool.h -- run numbered tasks on threads
 *
 * Tasks must write only what belongs to their index; the caller reduces in index order,
 * so that results do not depend on the number of threads.  Called from inside a task it
 * runs serially in place.  A failure stops later tasks; the failure of the lowest index
 * that ran is handed to the caller's context.
 */
#ifndef CXS_POOL_H
#define CXS_POOL_H

#include "base/base.h"

/* ctx: this worker's own context.  worker: 0 .. threads-1, for scratch space. */
typedef cxs_rc (*cxs_task_fn)(cxs_ctx *ctx, size_t index, size_t worker, void *arg);

/* Run tasks 0..count-1 on cxs_ctx_threads(ctx) threads.  @p what names the work in the
 * progress line ("permutations"), NULL for none. */
cxs_rc cxs_pool_run(cxs_ctx *ctx, const char *what, size_t count, cxs_task_fn fn,
                    void *arg) CXS_MUST_USE;

/* Are threads of any cxs_pool_run() alive?  A process that forks then leaves their
 * locks held in the child. */
bool cxs_pool_busy(void);

/* Number of workers that cxs_pool_run() will use for @p count tasks. */
size_t cxs_pool_workers(const cxs_ctx *ctx, size_t count);

#endif /* CXS_POOL_H */
