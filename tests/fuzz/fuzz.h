/*
 * fuzz.h -- what the fuzz targets share: the input as a file in memory, a quiet context
 *
 * A target is one file fuzz_NAME.c with LLVMFuzzerTestOneInput().  With clang it is
 * linked with libFuzzer (`make fuzz`); with any compiler with driver.c, which replays
 * the files of a corpus (part of `make check` under the sanitizers).
 */
#ifndef CXS_FUZZ_H
#define CXS_FUZZ_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create by number */
#endif
#include "base/base.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_LARGEST = 1 << 16 };

static int fuzz_fd = -1;
static char fuzz_path[64];

/* An empty file in memory; its path may be opened as often as one likes. */
static inline void fuzz_open(void)
{
    if (fuzz_fd >= 0)
        close(fuzz_fd);
    fuzz_fd = (int)syscall(SYS_memfd_create, "fuzz", 0U);
    if (fuzz_fd < 0)
        abort();
    snprintf(fuzz_path, sizeof fuzz_path, "/proc/self/fd/%d", fuzz_fd);
}

static inline void fuzz_write(const void *bytes, size_t n)
{
    if (n > 0 && write(fuzz_fd, bytes, n) != (ssize_t)n)
        abort();
}

/* The input as a file. */
static inline const char *fuzz_file(const uint8_t *data, size_t size)
{
    fuzz_open();
    fuzz_write(data, size);
    return fuzz_path;
}

/* Failures must have a sentence, results no failure. */
static inline void fuzz_check(const cxs_ctx *ctx, cxs_rc rc, bool made)
{
    if ((rc == CXS_OK) != made || (rc != CXS_OK && *cxs_ctx_message(ctx) == '\0') ||
        rc == CXS_EBUG) {
        fprintf(stderr, "code %d, result %d, \"%s\"\n", (int)rc, made,
                cxs_ctx_message(ctx));
        abort();
    }
}

/* Every allocation of the library was freed. */
static inline void fuzz_end(cxs_ctx *ctx, long live)
{
    cxs_ctx_free(ctx);
    if (cxs_alloc_live() != live) {
        fprintf(stderr, "%ld blocks were not freed\n", cxs_alloc_live() - live);
        abort();
    }
}

#endif /* CXS_FUZZ_H */
