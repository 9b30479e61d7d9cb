/*
 * ctx.c -- the run context: last failure, warnings, log sink
 *
 * The last message lives in a fixed buffer inside the context, so that recording
 * "out of memory" needs no memory.  Warnings are kept once per text with a count,
 * because a report that repeats one sentence 20,000 times hides the other ones.
 *
 * Patient ids may stand in a message on stderr but never in a file that is kept.  So
 * cxs_ctx_id() puts two control bytes around an id, which no message holds otherwise;
 * the line that is logged loses the two bytes, the text that is kept loses the id.
 * Depends on libc only.
 */
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MESSAGE_BYTES = 8192,
    CODE_BYTES = 8,
    WARNINGS_KEPT = 2048, /* a few for each of some hundred sequencing files */
    ID_BYTES = 256,
    IDS_AT_ONCE = 16, /* ids in the arguments of one message */
    ID_BEGIN = 0x02,
    ID_END = 0x03
};

typedef struct warning {
    char code[CODE_BYTES];
    char *line;   /* as logged */
    char *masked; /* "CX007: sentence" without ids */
    size_t times;
} warning;

struct cxs_warnings {
    size_t count;
    warning item[];
};

typedef struct id_ring {
    size_t next;
    char text[IDS_AT_ONCE][ID_BYTES];
} id_ring;

struct cxs_ctx {
    char message[MESSAGE_BYTES];
    char code[CODE_BYTES];
    cxs_log_fn log;
    void *log_user;
    int threads;
    size_t memory;   /* bytes allowed, 0: no limit */
    double expected; /* bytes predicted */
    bool strict, mask_ids, worker;
    warning warnings[WARNINGS_KEPT];
    size_t warning_count;
    id_ring *ids; /* &id_storage: written through a const context */
    id_ring id_storage;
};

static void free_warning(warning *w)
{
    cxs_free(w->line);
    cxs_free(w->masked);
}

cxs_ctx *cxs_ctx_new(void)
{
    cxs_ctx *ctx = cxs_calloc(NULL, 1, sizeof *ctx);

    if (ctx != NULL) {
        ctx->threads = 1;
        ctx->ids = &ctx->id_storage;
    }
    return ctx;
}

void cxs_ctx_free(cxs_ctx *ctx)
{
    if (ctx == NULL)
        return;
    for (size_t i = 0; i < ctx->warning_count; i++)
        free_warning(&ctx->warnings[i]);
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

void cxs_ctx_set_memory(cxs_ctx *ctx, size_t bytes)
{
    ctx->memory = bytes;
}

size_t cxs_ctx_memory(const cxs_ctx *ctx)
{
    return ctx == NULL ? 0 : ctx->memory;
}

void cxs_ctx_expect(cxs_ctx *ctx, double bytes)
{
    ctx->expected = bytes;
}

double cxs_memory_expected(const cxs_ctx *ctx)
{
    return ctx == NULL ? 0.0 : ctx->expected;
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
    return ctx->warnings[i].masked;
}

const char *cxs_ctx_id(const cxs_ctx *ctx, const char *id)
{
    char *slot;

    if (ctx == NULL)
        return id;
    if (ctx->mask_ids)
        return "***";
    slot = ctx->ids->text[ctx->ids->next++ % IDS_AT_ONCE];
    snprintf(slot, ID_BYTES, "%c%.*s%c", ID_BEGIN, ID_BYTES - 3, id, ID_END);
    return slot;
}

const char *cxs_version(void)
{
    return CXS_VERSION;
}

bool cxs_ctx_is_worker(const cxs_ctx *ctx)
{
    return ctx != NULL && ctx->worker;
}

bool cxs_ctx_strict(const cxs_ctx *ctx)
{
    return ctx != NULL && ctx->strict;
}

/* Copy text without the marks of ids, or with "***" for the ids.  Control characters of
 * names and cells (C0, DEL, and C1 in UTF-8) must not reach a terminal or a log. */
static void make_printable(const char *from, bool mask, char *to, size_t room)
{
    size_t n = 0;

    for (; *from != '\0' && n + 4 < room; from++) {
        const unsigned char c = (unsigned char)*from;
        if (c == ID_BEGIN && mask) {
            memcpy(to + n, "***", 3);
            n += 3;
            from += strcspn(from, "\003");
            if (*from == '\0')
                break;
        } else if (c == 0xc2 && (unsigned char)from[1] >= 0x80 &&
                   (unsigned char)from[1] < 0xa0) {
            to[n++] = '?';
            from++;
        } else if (c != ID_BEGIN && c != ID_END) {
            to[n++] = (c < 0x20 && c != '\n') || c == 0x7f ? '?' : *from;
        }
    }
    to[n] = '\0';
}

static void set_message(cxs_ctx *ctx, const char *code, const char *fmt, va_list args)
    CXS_PRINTF(3, 0);
static void set_message(cxs_ctx *ctx, const char *code, const char *fmt, va_list args)
{
    char text[MESSAGE_BYTES]; /* an argument may be the old message itself */

    vsnprintf(text, sizeof text, fmt, args);
    snprintf(ctx->code, sizeof ctx->code, "%s", code);
    make_printable(text, false, ctx->message, sizeof ctx->message);
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

/* Count a warning; a line that is new is logged.  A full table or short memory only
 * loses the text for the report, the line is still logged. */
static void keep_warning(cxs_ctx *ctx, const char *code, const char *line,
                         const char *masked, size_t times)
{
    warning w = {.times = times};

    for (size_t i = 0; i < ctx->warning_count; i++)
        if (strcmp(ctx->warnings[i].code, code) == 0 &&
            strcmp(ctx->warnings[i].line, line) == 0) {
            ctx->warnings[i].times += times;
            return;
        }
    cxs_ctx_log(ctx, CXS_LOG_WARNING, code, line);
    if (ctx->warning_count == WARNINGS_KEPT)
        return;
    snprintf(w.code, sizeof w.code, "%s", code);
    w.line = cxs_strdup(NULL, line);
    w.masked = cxs_strdup(NULL, masked);
    if (w.line != NULL && w.masked != NULL)
        ctx->warnings[ctx->warning_count++] = w;
    else
        free_warning(&w);
}

const char *cxs_ctx_warning_line(const cxs_ctx *ctx, size_t i, const char **code)
{
    *code = ctx->warnings[i].code;
    return ctx->warnings[i].line;
}

void cxs_ctx_keep_warning(cxs_ctx *ctx, const char *code, const char *line,
                          const char *masked, size_t times)
{
    char clean_line[MESSAGE_BYTES / 2], clean_masked[MESSAGE_BYTES / 2];

    if (ctx == NULL)
        return;
    make_printable(line, false, clean_line, sizeof clean_line);
    make_printable(masked, false, clean_masked, sizeof clean_masked);
    keep_warning(ctx, code, clean_line, clean_masked, times);
}

cxs_rc cxs_warn(cxs_ctx *ctx, const char *code, const char *fmt, ...)
{
    char raw[MESSAGE_BYTES / 2], line[MESSAGE_BYTES / 2];
    char masked[MESSAGE_BYTES / 2 + CODE_BYTES + 2];
    va_list args;
    size_t n = 0;

    if (ctx == NULL)
        return CXS_OK;
    va_start(args, fmt);
    vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    if (ctx->strict)
        return cxs_fail_code(ctx, CXS_EFORMAT, code, "%s", raw);
    make_printable(raw, false, line, sizeof line);
    if (*code != '\0')
        n = (size_t)snprintf(masked, CODE_BYTES + 2, "%.*s: ", CODE_BYTES - 1, code);
    make_printable(raw, true, masked + n, sizeof masked - n);
    keep_warning(ctx, code, line, masked, 1);
    return CXS_OK;
}

void cxs_note(cxs_ctx *ctx, const char *fmt, ...)
{
    char raw[MESSAGE_BYTES / 2], line[MESSAGE_BYTES / 2];
    va_list args;

    if (ctx == NULL || ctx->log == NULL)
        return;
    va_start(args, fmt);
    vsnprintf(raw, sizeof raw, fmt, args);
    va_end(args);
    make_printable(raw, false, line, sizeof line);
    cxs_ctx_log(ctx, CXS_LOG_NOTE, "", line);
}

cxs_ctx *cxs_ctx_child(cxs_ctx *parent)
{
    cxs_ctx *child = cxs_ctx_new();

    if (child == NULL)
        return NULL;
    child->worker = true;
    if (parent != NULL) {
        child->memory = parent->memory;
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
        keep_warning(parent, w->code, w->line, w->masked, w->times);
    }
}

cxs_warnings *cxs_ctx_take_warnings(cxs_ctx *ctx)
{
    const size_t n = ctx->warning_count;
    cxs_warnings *taken;

    if (n == 0)
        return NULL;
    taken = cxs_calloc(NULL, 1, sizeof *taken + n * sizeof taken->item[0]);
    if (taken == NULL)
        return NULL;
    taken->count = n;
    memcpy(taken->item, ctx->warnings, n * sizeof taken->item[0]);
    ctx->warning_count = 0;
    return taken;
}

void cxs_ctx_give_warnings(cxs_ctx *ctx, cxs_warnings *taken)
{
    if (taken == NULL)
        return;
    for (size_t i = 0; i < taken->count; i++) {
        warning *w = &taken->item[i];
        if (ctx != NULL)
            keep_warning(ctx, w->code, w->line, w->masked, w->times);
        free_warning(w);
    }
    cxs_free(taken);
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
