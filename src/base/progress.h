/*
 * progress.h -- how far long work is
 *
 * Lines go to the context's log sink at level PROGRESS: at most five a second; the
 * program draws a bar on a terminal and one line a minute in a batch job.
 */
#ifndef CXS_PROGRESS_H
#define CXS_PROGRESS_H

#include "base/base.h"

typedef struct cxs_progress {
    const char *what;
    size_t done, total;
    double started_s, last_s; /* monotonic seconds */
} cxs_progress;

void cxs_progress_begin(cxs_ctx *ctx, cxs_progress *p, const char *what, size_t total);
void cxs_progress_step(cxs_ctx *ctx, cxs_progress *p, size_t done);
void cxs_progress_end(cxs_ctx *ctx, cxs_progress *p);
double cxs_now_s(void); /* monotonic clock */

#endif /* CXS_PROGRESS_H */
