/*
 * contain_judge.c -- how a child ended, and the one sentence that says so
 *
 * A crash, an attempt to write and a flood of measures are laid to the file (65), what
 * ran out of time or memory to the limits (71), a report that is missing or does not
 * hold together to the pipe (74).
 */
#include "ingest/contain_private.h"

#include "base/memory.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static cxs_rc died(cxs_ctx *ctx, const char *what, int by, const cxs_contain_limits *l)
{
    char memory[CXS_MEMORY_BYTES];

    switch (by) {
    case SIGXCPU:
        return cxs_fail(ctx, CXS_EOS,
                        "%s: reading it took more than %u s of processor time", what,
                        l->cpu_s);
    case SIGKILL:
        cxs_memory_text((double)l->memory, memory);
        return cxs_fail(ctx, CXS_ENOMEM,
                        "%s: the process that read it was killed; it may have been the "
                        "largest one when memory ran out (its limit is %s)",
                        what, memory);
    case SIGXFSZ:
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: the process that read it tried to write a file and was "
                        "stopped: the file is damaged, or made to do harm",
                        what);
    default:
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: the process that read it died by signal %d (%s): the file "
                        "is damaged, or made to do harm",
                        what, by, strsignal(by));
    }
}

static uint64_t number_at(const char *bytes)
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    return value;
}

static cxs_rc garbled(cxs_ctx *ctx, const char *what)
{
    return cxs_fail(ctx, CXS_EIO,
                    "%s: the process that read it did not report its measures in full",
                    what);
}

static cxs_rc take_bag(cxs_ctx *ctx, const unsigned char *bytes, size_t size,
                       cxs_contained *file)
{
    cxs_rc rc = cxs_measures_unpack(ctx, bytes, size, file->what, &file->bag);

    if (rc != CXS_OK)
        return rc;
    if ((file->packed = cxs_calloc(ctx, size, 1)) == NULL) {
        cxs_measures_free(file->bag);
        file->bag = NULL;
        return CXS_ENOMEM;
    }
    memcpy(file->packed, bytes, size);
    file->packed_size = size;
    return CXS_OK;
}

/* The packet of a child that ended as it should: file->rc, message and bag. */
static cxs_rc open_packet(cxs_ctx *ctx, const cxs_buf *sent,
                          const cxs_contain_limits *limits, cxs_contained *file)
{
    uint64_t report, bag;
    const unsigned char *at;
    cxs_rc rc;

    if (sent->length < CXS_CONTAIN_HEAD ||
        memcmp(sent->text, CXS_CONTAIN_MAGIC, 8) != 0)
        return garbled(ctx, file->what);
    report = number_at(sent->text + 8);
    bag = number_at(sent->text + 16);
    if (report > CXS_CONTAIN_REPORT || bag > limits->bag_bytes ||
        sent->length != CXS_CONTAIN_HEAD + report + bag)
        return garbled(ctx, file->what);
    at = (const unsigned char *)sent->text + CXS_CONTAIN_HEAD;
    rc = cxs_contain_report_take(ctx, at, (size_t)report, file);
    if (rc == CXS_OK && file->rc == CXS_OK)
        rc = take_bag(ctx, at + report, (size_t)bag, file);
    else if (rc == CXS_OK && bag > 0)
        rc = CXS_EFORMAT;
    return rc == CXS_EFORMAT ? garbled(ctx, file->what) : rc;
}

static cxs_rc judge_exit(cxs_ctx *ctx, const cxs_contain_outcome *o,
                         const cxs_contain_limits *limits, cxs_contained *file)
{
    char memory[CXS_MEMORY_BYTES];
    cxs_rc rc;

    if (WIFSIGNALED(o->status))
        return died(ctx, file->what, WTERMSIG(o->status), limits);
    if (WEXITSTATUS(o->status) != 0)
        return WEXITSTATUS(o->status) == CXS_CONTAIN_MUTE
                   ? cxs_fail(ctx, CXS_EOS,
                              "%s: the process that should read it could not set its "
                              "limits or send its report",
                              file->what)
                   : cxs_fail(ctx, CXS_EFORMAT,
                              "%s: the process that read it ended with status %d: the "
                              "file is damaged, or made to do harm",
                              file->what, WEXITSTATUS(o->status));
    rc = open_packet(ctx, &o->sent, limits, file);
    if (rc != CXS_OK || file->rc != CXS_ENOMEM)
        return rc;
    cxs_memory_text((double)limits->memory, memory);
    return cxs_fail(
        ctx, cxs_ctx_memory(ctx) > 0 ? CXS_EBUDGET : CXS_ENOMEM,
        "%s: reading it needs more memory than its %s; --memory gives more, "
        "shared by the files that are read at once",
        file->what, memory);
}

cxs_rc cxs_contain_judge(cxs_ctx *ctx, const cxs_contain_outcome *o,
                         const cxs_contain_limits *limits, cxs_contained *file)
{
    char bytes[CXS_MEMORY_BYTES];

    switch (o->end) {
    case CXS_END_TOO_MUCH:
        cxs_memory_text((double)limits->bag_bytes, bytes);
        return cxs_fail(ctx, CXS_EFORMAT, "%s: its measures take more than %s",
                        file->what, bytes);
    case CXS_END_TOO_LONG:
        return cxs_fail(ctx, CXS_EOS, "%s: reading it took more than %u s", file->what,
                        limits->wall_s);
    case CXS_END_LINGERED:
        return garbled(ctx, file->what);
    case CXS_END_NO_MEMORY:
        return cxs_fail(ctx, CXS_ENOMEM, "%s: no memory for its measures", file->what);
    case CXS_END_RUNNING:
    case CXS_END_EXITED:
        break;
    }
    return judge_exit(ctx, o, limits, file);
}
