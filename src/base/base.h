/*
 * base.h -- allocation, the cleanup idiom and small string help, private to the library
 *
 * Everything the library allocates goes through these functions, so that a test can
 * let the k-th allocation fail and count what is still alive.
 */
#ifndef CXS_BASE_H
#define CXS_BASE_H

#include "coxswain/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Forward a failure to the cleanup label.  A function that uses CXS_TRY
 *   - declares `cxs_rc rc = CXS_OK;` first,
 *   - sets every pointer it owns to NULL before the first CXS_TRY,
 *   - has exactly one `done:` label that frees them all and returns rc.
 */
#define CXS_TRY(call)                                                                  \
    do {                                                                               \
        if ((rc = (call)) != CXS_OK)                                                   \
            goto done;                                                                 \
    } while (0)

/* Allocate count zeroed elements of whatever ptr points to, or go to done with
 * CXS_ENOMEM. */
#define CXS_NEW(ptr, count)                                                            \
    do {                                                                               \
        if (((ptr) = cxs_calloc(ctx, (count), sizeof *(ptr))) == NULL) {               \
            rc = CXS_ENOMEM;                                                           \
            goto done;                                                                 \
        }                                                                              \
    } while (0)

/* Zeroed memory, count * size checked for overflow; NULL with a message on failure.
 * count 0 gives a valid pointer. */
void *cxs_calloc(cxs_ctx *ctx, size_t count, size_t size);

/* Resize to count * size bytes; the old block stays valid on failure. */
void *cxs_realloc(cxs_ctx *ctx, void *old, size_t count, size_t size);

void cxs_free(void *ptr); /* NULL allowed */

/* Copy of the first n bytes of text with a terminating zero. */
char *cxs_strndup(cxs_ctx *ctx, const char *text, size_t n);
char *cxs_strdup(cxs_ctx *ctx, const char *text);

/* Grow an array so that it holds `need` elements: capacity doubles, *array may move.
 * Use as CXS_TRY(cxs_grow(ctx, (void **)&a, &cap, need, sizeof *a)). */
cxs_rc cxs_grow(cxs_ctx *ctx, void **array, size_t *capacity, size_t need,
                size_t size) CXS_MUST_USE;

/* Free `count` strings and the array that holds them. */
void cxs_free_strings(char **strings, size_t count);

/* Growing text; start from {0}, free with cxs_free(b.text). */
typedef struct cxs_buf {
    char *text; /* zero-terminated once something was added */
    size_t length, capacity;
} cxs_buf;
cxs_rc cxs_buf_add(cxs_ctx *ctx, cxs_buf *b, const char *bytes, size_t n) CXS_MUST_USE;
cxs_rc cxs_buf_addf(cxs_ctx *ctx, cxs_buf *b, const char *fmt, ...)
    CXS_PRINTF(3, 4) CXS_MUST_USE;

/* Test hooks: fail the k-th allocation from now (0 = never; with persistent, all later
 * ones too), and count live blocks. */
void cxs_alloc_fail_at(long k);
void cxs_alloc_fail_persistent(bool on);
long cxs_alloc_live(void);

/* Context internals that stages may need. */
cxs_ctx *cxs_ctx_child(cxs_ctx *parent); /* for one worker; free with cxs_ctx_free */
void cxs_ctx_adopt(cxs_ctx *parent, const cxs_ctx *child); /* take message, warnings */
void cxs_ctx_log(cxs_ctx *ctx, cxs_log_level level, const char *code, const char *line);
/* Move the warnings out of a context (NULL when it has none, or memory is short and
 * they stay), and into another one, which logs them; ctx NULL discards them. */
typedef struct cxs_warnings cxs_warnings;
cxs_warnings *cxs_ctx_take_warnings(cxs_ctx *ctx);
void cxs_ctx_give_warnings(cxs_ctx *ctx, cxs_warnings *taken);
/* What a warning carries, to take it to another process and keep it there: the line as
 * logged, the code in *code; borrowed.  The one that comes back is not trusted. */
const char *cxs_ctx_warning_line(const cxs_ctx *ctx, size_t i, const char **code);
void cxs_ctx_keep_warning(cxs_ctx *ctx, const char *code, const char *line,
                          const char *masked, size_t times);
bool cxs_ctx_is_worker(const cxs_ctx *ctx);
bool cxs_ctx_strict(const cxs_ctx *ctx);

/* record.c: version of jansson. */
const char *cxs_jansson_version(void);

#endif /* CXS_BASE_H */
