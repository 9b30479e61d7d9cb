/*
 * memory.c -- what is resident, what is allowed, what is expected
 *
 * VmHWM is read instead of getrusage(): ru_maxrss starts with the size of the program
 * that called exec(), so a small job under a large shell or interpreter would be
 * charged for it.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* madvise */
#endif
#include "base/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The kernel maps up to this much around a page that is touched: 64 KiB (fault-around),
 * or a whole huge page where the file lies in such in the page cache. */
enum { AROUND = 2 << 20 };

/* Value of "NAME:   123 kB" in bytes; 0 where there is none. */
static double status_bytes(const char *name)
{
    FILE *file = fopen("/proc/self/status", "r");
    const size_t length = strlen(name);
    char line[256];
    double bytes = 0.0;

    if (file == NULL)
        return 0.0;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            bytes = 1024.0 * (double)strtoull(line + length + 1, NULL, 10);
    fclose(file);
    return bytes;
}

double cxs_memory_anonymous(void)
{
    return status_bytes("RssAnon");
}

double cxs_memory_peak(void)
{
    return status_bytes("VmHWM");
}

void cxs_memory_restart_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");

    if (file == NULL)
        return; /* the peak stays that of the whole process */
    fputs("5\n", file);
    fclose(file);
}

void cxs_memory_text(double bytes, char out[CXS_MEMORY_BYTES])
{
    static const char *const unit[] = {"B", "kB", "MB", "GB", "TB"};
    size_t u = 0;

    while (bytes >= 999.5 && u + 1 < sizeof unit / sizeof *unit) {
        bytes /= 1000.0;
        u++;
    }
    snprintf(out, CXS_MEMORY_BYTES, "%.*f %s",
             u == 0 || bytes >= 99.95 ? 0
             : bytes >= 9.995         ? 1
                                      : 2,
             bytes, unit[u]);
}

static cxs_rc too_small(cxs_ctx *ctx, double bytes, const char *what)
{
    char need[CXS_MEMORY_BYTES], allowed[CXS_MEMORY_BYTES];

    cxs_memory_text(bytes, need);
    cxs_memory_text((double)cxs_ctx_memory(ctx), allowed);
    return cxs_fail(ctx, CXS_EBUDGET, "--memory: %s needs about %s, %s are allowed",
                    what, need, allowed);
}

cxs_rc cxs_memory_expect(cxs_ctx *ctx, double bytes, const char *how)
{
    char text[CXS_MEMORY_BYTES];
    const size_t allowed = cxs_ctx_memory(ctx);

    if (allowed > 0 && bytes > (double)allowed)
        return too_small(ctx, bytes, "this run");
    cxs_ctx_expect(ctx, bytes);
    cxs_memory_text(bytes, text);
    cxs_note(ctx, "memory: about %s expected%s", text, how);
    return CXS_OK;
}

cxs_rc cxs_memory_room(cxs_ctx *ctx, double more, const char *what)
{
    const size_t allowed = cxs_ctx_memory(ctx);
    const double bytes = cxs_memory_anonymous() + more;

    return allowed > 0 && bytes > (double)allowed ? too_small(ctx, bytes, what)
                                                  : CXS_OK;
}

void cxs_memory_drop(const void *map, size_t map_bytes, const void *from, size_t bytes)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t low = (uintptr_t)map, high = low + map_bytes;
    uintptr_t first = (uintptr_t)from, end = first + bytes + AROUND;

    first = first - low > AROUND ? (first - AROUND) / page * page : low;
    end = end < high ? (end + page - 1) / page * page : high;
    if (first < end) /* a failure only leaves the pages where they are */
        (void)madvise((char *)low + (first - low), end - first, MADV_DONTNEED);
}
