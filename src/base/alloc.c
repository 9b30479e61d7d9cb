/*
 * alloc.c -- every allocation of the library
 *
 * Blocks are counted, and a test can let the k-th allocation fail (once, or from then
 * on), which is how "no leak, no crash, *out == NULL" is shown for each stage.
 * Counters are atomic because workers allocate too.  Depends on libc only.
 */
#include "base/base.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_long live_blocks;
static atomic_long fail_in; /* allocations until the injected failure, 0 = off */
static atomic_bool fail_on; /* every later allocation fails too */
static atomic_bool failing;

void cxs_alloc_fail_at(long k)
{
    atomic_store(&fail_in, k);
    atomic_store(&failing, false);
}

void cxs_alloc_fail_persistent(bool on)
{
    atomic_store(&fail_on, on);
}

long cxs_alloc_live(void)
{
    return atomic_load(&live_blocks);
}

/* True when the test asked that this allocation fails. */
static bool injected_failure(void)
{
    if (atomic_load(&failing))
        return true;
    if (atomic_load(&fail_in) == 0 || atomic_fetch_sub(&fail_in, 1) != 1)
        return false;
    atomic_store(&failing, atomic_load(&fail_on));
    return true;
}

/* count * size, or false when no object can be that large. */
static bool byte_count(size_t count, size_t size, size_t *bytes)
{
    return !__builtin_mul_overflow(count, size, bytes) && *bytes <= PTRDIFF_MAX;
}

void *cxs_calloc(cxs_ctx *ctx, size_t count, size_t size)
{
    size_t bytes = 0;
    void *block = NULL;

    if (byte_count(count, size, &bytes) && !injected_failure())
        block = calloc(1, bytes > 0 ? bytes : 1);
    if (block == NULL)
        cxs_fail(ctx, CXS_ENOMEM, "cannot allocate %zu x %zu bytes", count, size);
    else
        atomic_fetch_add(&live_blocks, 1);
    return block;
}

void *cxs_realloc(cxs_ctx *ctx, void *old, size_t count, size_t size)
{
    size_t bytes = 0;
    void *block = NULL;

    if (byte_count(count, size, &bytes) && !injected_failure())
        block = realloc(old, bytes > 0 ? bytes : 1);
    if (block == NULL)
        cxs_fail(ctx, CXS_ENOMEM, "cannot allocate %zu x %zu bytes", count, size);
    else if (old == NULL)
        atomic_fetch_add(&live_blocks, 1);
    return block;
}

void cxs_free(void *ptr)
{
    if (ptr == NULL)
        return;
    atomic_fetch_sub(&live_blocks, 1);
    free(ptr);
}

char *cxs_strndup(cxs_ctx *ctx, const char *text, size_t n)
{
    char *copy = cxs_calloc(ctx, n + 1, 1);

    if (copy != NULL)
        memcpy(copy, text, n);
    return copy;
}

char *cxs_strdup(cxs_ctx *ctx, const char *text)
{
    return cxs_strndup(ctx, text, strlen(text));
}

cxs_rc cxs_grow(cxs_ctx *ctx, void **array, size_t *capacity, size_t need, size_t size)
{
    size_t wanted = *capacity > 8 ? *capacity : 8;
    void *block;

    if (need <= *capacity)
        return CXS_OK;
    while (wanted < need)
        wanted = wanted <= SIZE_MAX / 2 ? 2 * wanted : need;
    block = cxs_realloc(ctx, *array, wanted, size);
    if (block == NULL)
        return CXS_ENOMEM;
    *array = block;
    *capacity = wanted;
    return CXS_OK;
}

void cxs_free_strings(char **strings, size_t count)
{
    if (strings == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        cxs_free(strings[i]);
    cxs_free(strings);
}

cxs_rc cxs_buf_add(cxs_ctx *ctx, cxs_buf *b, const char *bytes, size_t n)
{
    cxs_rc rc = cxs_grow(ctx, (void **)&b->text, &b->capacity, b->length + n + 1, 1);

    if (rc != CXS_OK)
        return rc;
    memcpy(b->text + b->length, bytes, n);
    b->length += n;
    b->text[b->length] = '\0';
    return CXS_OK;
}

cxs_rc cxs_buf_addf(cxs_ctx *ctx, cxs_buf *b, const char *fmt, ...)
{
    va_list args;
    int n;
    cxs_rc rc;

    va_start(args, fmt);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n < 0)
        return cxs_fail(ctx, CXS_EBUG, "cannot format text");
    rc = cxs_grow(ctx, (void **)&b->text, &b->capacity, b->length + (size_t)n + 1, 1);
    if (rc != CXS_OK)
        return rc;
    va_start(args, fmt);
    vsnprintf(b->text + b->length, (size_t)n + 1, fmt, args);
    va_end(args);
    b->length += (size_t)n;
    return CXS_OK;
}
