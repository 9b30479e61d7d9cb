/*
 * ctx.c -- the run context: last failure, warnings, log sink
 *
 * The last message lives in a fixed buffer inside the context, so that recording
 * "out of memory" needs no memory.  Warnings are kept once per text with a count,
 * because a report that repeats one sentence 20,000 times hides the other ones.
 * Depends on libc only.
 */
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_BYTES = 8192, CODE_BYTES = 8, WARNINGS_KEPT = 256 };

typedef struct warning {
    char *text;
    size_t times;
} warning;

struct cxs_ctx {
    char message[MESSAGE_BYTES];
    char code[CODE_BYTES];
    cxs_log_fn log;
    void *log_user;
    int threads;
    bool strict, mask_ids, worker;
    warning warnings[WARNINGS_KEPT];
    size_t warning_count;
};

cxs_ctx *cxs_ctx_new(void)
{
    cxs_ctx *ctx = cxs_calloc(NULL, 1, sizeof *ctx);

    if (ctx != NULL)
        ctx->threads = 1;
    return ctx;
}

void cxs_ctx_free(cxs_ctx *ctx)
{
    if (ctx == NULL)
        return;
    for (size_t i = 0; i < ctx->warning_count; i++)
        cxs_free(ctx->warnings[i].text);
    cxs_free(ctx);
}

void cxs_ctx_set_log(cxs_ctx *ctx, cxs_log_fn fn, void *user)
{
    ctx->log = fn;
    ctx->log_user = user;
}

void cxs_ctx_set_threads(cxs_ctx *ctx, int threads)
{
    ctx->threads = threads < 1 ? 1 : threads;
}

int cxs_ctx_threads(const cxs_ctx *ctx)
{
    return ctx == NULL ? 1 : ctx->threads;
}

void cxs_ctx_set_strict(cxs_ctx *ctx, int strict)
{
    ctx->strict = strict != 0;
}

void cxs_ctx_set_mask_ids(cxs_ctx *ctx, int mask)
{
    ctx->mask_ids = mask != 0;
}

const char *cxs_ctx_message(const cxs_ctx *ctx)
{
    return ctx->message;
}

const char *cxs_ctx_code(const cxs_ctx *ctx)
{
    return ctx->code;
}

size_t cxs_ctx_warning_count(const cxs_ctx *ctx)
{
    return ctx->warning_count;
}

const char *cxs_ctx_warning(const cxs_ctx *ctx, size_t i, size_t *times)
{
    if (times != NULL)
        *times = ctx->warnings[i].times;
    return ctx->warnings[i].text;
}

const char *cxs_ctx_id(const cxs_ctx *ctx, const char *id)
{
    return ctx != NULL && ctx->mask_ids ? "***" : id;
}

bool cxs_ctx_is_worker(const cxs_ctx *ctx)
{
    return ctx != NULL && ctx->worker;
}

bool cxs_ctx_strict(const cxs_ctx *ctx)
{
    return ctx != NULL && ctx->strict;
}

/* Control characters of names and cells must not reach a terminal or a log. */
static void make_printable(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 && *text != '\n')
            *text = '?';
}

static void set_message(cxs_ctx *ctx, const char *code, const char *fmt, va_list args)
{
    char text[MESSAGE_BYTES]; /* an argument may be the old message itself */

    vsnprintf(text, sizeof text, fmt, args);
    make_printable(text);
    memcpy(ctx->message, text, sizeof text);
    snprintf(ctx->code, sizeof ctx->code, "%s", code);
}

cxs_rc cxs_fail(cxs_ctx *ctx, cxs_rc rc, const char *fmt, ...)
{
    va_list args;

    if (ctx == NULL)
        return rc;
    va_start(args, fmt);
    set_message(ctx, "", fmt, args);
    va_end(args);
    return rc;
}

cxs_rc cxs_fail_code(cxs_ctx *ctx, cxs_rc rc, const char *code, const char *fmt, ...)
{
    va_list args;

    if (ctx == NULL)
        return rc;
    va_start(args, fmt);
    set_message(ctx, code, fmt, args);
    va_end(args);
    return rc;
}

void cxs_ctx_log(cxs_ctx *ctx, cxs_log_level level, const char *code, const char *line)
{
    if (ctx != NULL && ctx->log != NULL)
        ctx->log(ctx->log_user, level, code, line);
}

/* Count @p text among the warnings; true when it is new.  A full table or short
 * memory only loses the text for the report, the line is still logged. */
static bool keep_warning(cxs_ctx *ctx, const char *text, size_t times)
{
    for (size_t i = 0; i < ctx->warning_count; i++)
        if (strcmp(ctx->warnings[i].text, text) == 0) {
            ctx->warnings[i].times += times;
            return false;
        }
    if (ctx->warning_count < WARNINGS_KEPT) {
        char *copy = cxs_strdup(NULL, text);
        if (copy != NULL)
            ctx->warnings[ctx->warning_count++] = (warning){copy, times};
    }
    return true;
}

cxs_rc cxs_warn(cxs_ctx *ctx, const char *code, const char *fmt, ...)
{
    char line[MESSAGE_BYTES / 2], text[MESSAGE_BYTES / 2 + CODE_BYTES + 2];
    va_list args;

    if (ctx == NULL)
        return CXS_OK;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    make_printable(line);
    if (ctx->strict)
        return cxs_fail_code(ctx, CXS_EFORMAT, code, "%s", line);
    snprintf(text, sizeof text, "%s%s%s", code, *code != '\0' ? ": " : "", line);
    if (keep_warning(ctx, text, 1))
        cxs_ctx_log(ctx, CXS_LOG_WARNING, code, line);
    return CXS_OK;
}

void cxs_note(cxs_ctx *ctx, const char *fmt, ...)
{
    char line[MESSAGE_BYTES / 2];
    va_list args;

    if (ctx == NULL || ctx->log == NULL)
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    make_printable(line);
    cxs_ctx_log(ctx, CXS_LOG_NOTE, "", line);
}

cxs_ctx *cxs_ctx_child(cxs_ctx *parent)
{
    cxs_ctx *child = cxs_ctx_new();

    if (child == NULL)
        return NULL;
    child->worker = true;
    if (parent != NULL) {
        child->strict = parent->strict;
        child->mask_ids = parent->mask_ids;
    }
    return child;
}

void cxs_ctx_adopt(cxs_ctx *parent, const cxs_ctx *child)
{
    if (parent == NULL)
        return;
    if (child->message[0] != '\0') {
        memcpy(parent->message, child->message, sizeof parent->message);
        memcpy(parent->code, child->code, sizeof parent->code);
    }
    for (size_t i = 0; i < child->warning_count; i++) {
        const warning *w = &child->warnings[i];
        if (keep_warning(parent, w->text, w->times))
            cxs_ctx_log(parent, CXS_LOG_WARNING, "", w->text);
    }
}

const char *cxs_rc_text(cxs_rc rc)
{
    switch (rc) {
#define CXS_RC_TEXT(name, value, exit_status, text)                                    \
    case name:                                                                         \
        return text;
        CXS_RC_LIST(CXS_RC_TEXT)
#undef CXS_RC_TEXT
    }
    return "unknown return code";
}

int cxs_rc_exit_status(cxs_rc rc)
{
    switch (rc) {
#define CXS_RC_EXIT(name, value, exit_status, text)                                    \
    case name:                                                                         \
        return exit_status;
        CXS_RC_LIST(CXS_RC_EXIT)
#undef CXS_RC_EXIT
    }
    return 70;
}
