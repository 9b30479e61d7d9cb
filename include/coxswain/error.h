/*
 * error.h -- return codes and the run context
 *
 * Every function that can fail returns cxs_rc.  The code says what KIND of
 * failure it was (so that a script can branch on it); the sentence that names
 * the file, the line and the value stays in the context until the next failure.
 * The library never prints: warnings, notes and progress go to the log sink that
 * the caller sets with cxs_ctx_set_log().
 */
#ifndef COXSWAIN_ERROR_H
#define COXSWAIN_ERROR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * One list makes the enum, the names, the one-line texts and the exit status,
 * so that they cannot drift apart.  Values are frozen: add at the end only.
 *
 *        name         value  exit  text
 */
#define CXS_RC_LIST(X)                                                                 \
    X(CXS_OK, 0, 0, "success")                                                         \
    X(CXS_EARG, 1, 64, "invalid argument or setting")                                  \
    X(CXS_EFORMAT, 2, 65, "malformed input: the file breaks its own format")           \
    X(CXS_EMISMATCH, 3, 65, "inputs are well formed but do not belong together")       \
    X(CXS_EDEGENERATE, 4, 65, "inputs leave the computation undefined")                \
    X(CXS_ENOINPUT, 5, 66, "input is absent")                                          \
    X(CXS_ENOCONV, 6, 70, "nothing converged: no row is usable")                       \
    X(CXS_EBUG, 7, 70, "internal error; please report")                                \
    X(CXS_ENOMEM, 8, 71, "out of memory")                                              \
    X(CXS_EOS, 9, 71, "the operating system or a library reported a failure")          \
    X(CXS_ECREATE, 10, 73, "output cannot be created")                                 \
    X(CXS_EIO, 11, 74, "read or write failed")                                         \
    X(CXS_ETRUNCATED, 12, 74, "input is truncated")                                    \
    X(CXS_EBUSY, 13, 75, "another process holds the lock")                             \
    X(CXS_EBUDGET, 14, 75, "the memory budget is too small")                           \
    X(CXS_ENOTBUILT, 15, 64, "this option is not built yet")

typedef enum cxs_rc {
#define CXS_RC_ENUM(name, value, exit_status, text) name = value,
    CXS_RC_LIST(CXS_RC_ENUM)
#undef CXS_RC_ENUM
} cxs_rc;

#if defined(__GNUC__)
#define CXS_MUST_USE        __attribute__((warn_unused_result))
#define CXS_PRINTF(fmt, va) __attribute__((format(printf, fmt, va)))
#else
#define CXS_MUST_USE
#define CXS_PRINTF(fmt, va)
#endif

/** Run context: last message, log sink, seed, threads, warnings.  Opaque; used by one
 *  thread at a time (workers of the pool get children of it). */
typedef struct cxs_ctx cxs_ctx;

/** Kinds of lines that reach the log sink. */
typedef enum cxs_log_level {
    CXS_LOG_WARNING, /**< something the user must know; also kept for the report */
    CXS_LOG_NOTE,    /**< counts and choices, shown unless --quiet */
    CXS_LOG_PROGRESS /**< state of long work; transient on a terminal */
} cxs_log_level;

/** Receives one line without its newline.  @p code is a catalogue code or "". */
typedef void (*cxs_log_fn)(void *user, cxs_log_level level, const char *code,
                           const char *line);

/** @return a new context, or NULL when memory is short.  Free with cxs_ctx_free(). */
cxs_ctx *cxs_ctx_new(void);

/** Free a context.  NULL is allowed and does nothing. */
void cxs_ctx_free(cxs_ctx *ctx);

/** Send warnings, notes and progress to @p fn.  NULL silences (the default). */
void cxs_ctx_set_log(cxs_ctx *ctx, cxs_log_fn fn, void *user);

/** Worker threads for parallel stages; values < 1 mean 1.  Results never depend on it.
 */
void cxs_ctx_set_threads(cxs_ctx *ctx, int threads);

/** @return worker threads in use, >= 1; 1 before cxs_ctx_set_threads(). */
int cxs_ctx_threads(const cxs_ctx *ctx);

/** Memory that the process may take, in bytes; 0 means no limit (the default).  Work
 *  that needs more takes a slower way that needs less where there is one, with the same
 *  results, and else fails with CXS_EBUDGET before it begins. */
void cxs_ctx_set_memory(cxs_ctx *ctx, size_t bytes);

/** @return the limit of cxs_ctx_set_memory(). */
size_t cxs_ctx_memory(const cxs_ctx *ctx);

/** @return threads that this process may use: min(affinity, SLURM_CPUS_PER_TASK), >= 1.
 */
int cxs_default_threads(void);

/** Remove the temporary files of outputs that this process has begun and not finished.
 *  Async-signal-safe: for a handler of a signal that ends the process, nothing else. */
void cxs_remove_temporary_files(void);

/** @return version of the library, a bare number such as "0.1.0". */
const char *cxs_version(void);

/** Make every warning an error (--strict). */
void cxs_ctx_set_strict(cxs_ctx *ctx, int strict);

/** Hide patient and sample ids in messages (--mask-ids). */
void cxs_ctx_set_mask_ids(cxs_ctx *ctx, int mask);

/** @return the message of the last failure on @p ctx, never NULL, borrowed: valid
 *          until the next failing call on the same context or cxs_ctx_free(). */
const char *cxs_ctx_message(const cxs_ctx *ctx);

/** @return catalogue code of the last failure, such as "CX008", or "".  Borrowed. */
const char *cxs_ctx_code(const cxs_ctx *ctx);

/** @return number of distinct warnings kept, in the order of their first occurrence. */
size_t cxs_ctx_warning_count(const cxs_ctx *ctx);

/** @return text of warning @p i ("CX007: sentence" or "sentence") with "***" for ids,
 * as it may stand in files; times it occurred in @p times when not NULL. Borrowed until
 * cxs_ctx_free(). */
const char *cxs_ctx_warning(const cxs_ctx *ctx, size_t i, size_t *times);

/** Record a message on @p ctx (NULL allowed) and hand @p rc back, so that a failure is
 *  one statement: `return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: ...", path, line)`. */
cxs_rc cxs_fail(cxs_ctx *ctx, cxs_rc rc, const char *fmt, ...) CXS_PRINTF(3, 4);

/** As cxs_fail() with a catalogue code (refdata/error_catalogue.tsv), "CX001".. */
cxs_rc cxs_fail_code(cxs_ctx *ctx, cxs_rc rc, const char *code, const char *fmt, ...)
    CXS_PRINTF(4, 5);

/** Warn once per distinct text; with --strict the same as cxs_fail_code(EFORMAT).
 *  @return CXS_OK, or CXS_EFORMAT under --strict. @p code may be "". */
cxs_rc cxs_warn(cxs_ctx *ctx, const char *code, const char *fmt, ...)
    CXS_PRINTF(3, 4) CXS_MUST_USE;

/** A line of information for the person who waits. */
void cxs_note(cxs_ctx *ctx, const char *fmt, ...) CXS_PRINTF(2, 3);

/** Use for every id or cell in a message, as an argument of cxs_fail(), cxs_warn() or
 *  cxs_note() and nowhere else.
 *  @return @p id between two control bytes, which those functions take off; "***" when
 *          ids are masked.  Borrowed, valid for the next 15 calls. */
const char *cxs_ctx_id(const cxs_ctx *ctx, const char *id);

/** @return a static one-line description of @p rc. */
const char *cxs_rc_text(cxs_rc rc);

/** @return the process exit status the command line tool uses for @p rc. */
int cxs_rc_exit_status(cxs_rc rc);

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_ERROR_H */
