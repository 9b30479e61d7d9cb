/*
 * progress.c -- how far long work is, as one line of text
 *
 *   permutations  [##########..........]  52 % 104/200 12.1/s ETA 0:08
 *
 * On a terminal the line is renewed five times a second; a batch log gets one line a
 * minute, and nothing for work shorter than that.  Depends on libc only.
 */
#include "base/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR_CELLS = 20, LINE_BYTES = 160 };

double cxs_now_s(void)
{
    struct timespec t = {0};

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool on_terminal(void)
{
    return isatty(STDERR_FILENO) == 1;
}

/* Seconds as 0:08 or 3:04:05. */
static void clock_text(double seconds, char *out, size_t room)
{
    const double bound = 359999.0; /* 99:59:59 */
    const unsigned s = (unsigned)(seconds < bound ? seconds + 0.5 : bound);

    if (s < 3600U)
        snprintf(out, room, "%u:%02u", s / 60U, s % 60U);
    else
        snprintf(out, room, "%u:%02u:%02u", s / 3600U, s / 60U % 60U, s % 60U);
}

/* One decimal with a point in every locale. */
static void rate_text(double per_second, char *out, size_t room)
{
    const unsigned long long tenths = (unsigned long long)(per_second * 10.0 + 0.5);

    snprintf(out, room, "%llu.%llu", tenths / 10U, tenths % 10U);
}

static void report(cxs_ctx *ctx, const cxs_progress *p, double now)
{
    const double fraction = p->total > 0 ? (double)p->done / (double)p->total : 1.0;
    const double elapsed = now - p->started_s;
    const double rate = elapsed > 0.0 ? (double)p->done / elapsed : 0.0;
    const size_t full = (size_t)(fraction * BAR_CELLS);
    char bar[BAR_CELLS + 1], speed[32], left[32], line[LINE_BYTES];

    memset(bar, '.', BAR_CELLS);
    memset(bar, '#', full < BAR_CELLS ? full : BAR_CELLS);
    bar[BAR_CELLS] = '\0';
    rate_text(rate, speed, sizeof speed);
    clock_text(rate > 0.0 ? (double)(p->total - p->done) / rate : 0.0, left,
               sizeof left);
    snprintf(line, sizeof line, "%.40s  [%s] %3.0f %% %zu/%zu %s/s ETA %s", p->what,
             bar, 100.0 * fraction, p->done, p->total, speed, left);
    cxs_ctx_log(ctx, CXS_LOG_PROGRESS, "", line);
}

void cxs_progress_begin(cxs_ctx *ctx, cxs_progress *p, const char *what, size_t total)
{
    (void)ctx;
    *p = (cxs_progress){.what = what, .total = total};
    p->started_s = p->last_s = cxs_now_s();
}

void cxs_progress_step(cxs_ctx *ctx, cxs_progress *p, size_t done)
{
    const double now = cxs_now_s();

    p->done = done < p->total ? done : p->total;
    if (now - p->last_s < (on_terminal() ? 0.2 : 60.0) || p->done == 0)
        return;
    p->last_s = now;
    report(ctx, p, now);
}

/* An empty line takes the bar off the terminal; a batch log that saw the work begin
 * also sees it end. */
void cxs_progress_end(cxs_ctx *ctx, cxs_progress *p)
{
    if (p->last_s <= p->started_s)
        return;
    if (on_terminal())
        cxs_ctx_log(ctx, CXS_LOG_PROGRESS, "", "");
    else
        report(ctx, p, cxs_now_s());
}
