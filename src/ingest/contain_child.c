/*
 * contain_child.c -- the process that decodes one file
 *
 * It gives away what it does not need, first descriptors, then limits, then system
 * calls, runs the reader, writes one packet and leaves by _exit(): buffers of stdio and
 * exit handlers belong to the parent.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* close_range by number */
#endif
#include "ingest/contain_private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    DATA = 3,         /* descriptor of the pipe to the parent */
    DESCRIPTORS = 64, /* the file, its index, the reference, a few site lists */
    SPARE_MIB = 256,  /* above the limit: for the report of a failure */
    SIGNALS = 32
};

/* Descriptors neither: valgrind keeps some of its own high up. */
bool cxs_contain_under_tool(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) ||             \
    __has_feature(thread_sanitizer)
    return true;
#endif
#endif
    const char *preloaded = getenv("LD_PRELOAD");

    return preloaded != NULL && strstr(preloaded, "vgpreload") != NULL;
}

/* ---- giving away ----------------------------------------------------------------- */

static void default_signals(void)
{
    sigset_t none;

    for (int s = 1; s < SIGNALS; s++)
        (void)signal(s, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Stdin and stdout are /dev/null, stderr the pipe of errors, DATA the pipe of data, and
 * nothing else is open. */
static bool settle_files(int data, int errors)
{
    int null = open("/dev/null", O_RDWR);

    data = fcntl(data, F_DUPFD, 10);
    errors = fcntl(errors, F_DUPFD, 10);
    null = fcntl(null, F_DUPFD, 10);
    if (data < 0 || errors < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
        dup2(errors, 2) < 0 || dup2(data, DATA) < 0)
        return false;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, DATA + 1, ~0U, 0) == 0)
        return true;
#endif
    for (int fd = DATA + 1; fd < sysconf(_SC_OPEN_MAX) && fd < 65536; fd++)
        close(fd);
    return true;
}

static bool limit(int what, rlim_t soft, rlim_t hard)
{
    struct rlimit old, now;

    if (getrlimit((__rlimit_resource_t)what, &old) != 0)
        return false;
    now.rlim_max = hard < old.rlim_max ? hard : old.rlim_max;
    now.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
    return setrlimit((__rlimit_resource_t)what, &now) == 0;
}

/* Pages of address space that the process has now, as bytes. */
static rlim_t address_space(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (file != NULL) {
        if (fscanf(file, "%lu", &pages) != 1)
            pages = 0;
        fclose(file);
    }
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static bool set_limits(const cxs_contain_limits *limits)
{
    const rlim_t most = address_space() + limits->memory;
    const rlim_t spare = (rlim_t)SPARE_MIB << 20;

    return limit(RLIMIT_CORE, 0, 0) && limit(RLIMIT_FSIZE, 0, 0) &&
           limit(RLIMIT_CPU, limits->cpu_s, (rlim_t)limits->cpu_s + 2) &&
           (cxs_contain_under_tool() ||
            (limit(RLIMIT_NOFILE, DESCRIPTORS, DESCRIPTORS) &&
             limit(RLIMIT_AS, most, most + spare)));
}

/* Room for the report of a reader that has used up its memory. */
static void raise_limit(void)
{
    struct rlimit now;

    if (getrlimit(RLIMIT_AS, &now) == 0) {
        now.rlim_cur = now.rlim_max;
        (void)setrlimit(RLIMIT_AS, &now);
    }
}

static bool give_away(const cxs_contain_limits *limits, const cxs_contain_link *link)
{
    default_signals();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != link->parent ||
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        !settle_files(link->data, link->errors) || !set_limits(limits))
        return false;
    cxs_contain_guard();
    return true;
}

/* ---- reporting ------------------------------------------------------------------- */

static void keep_note(void *user, cxs_log_level level, const char *code,
                      const char *line)
{
    cxs_contain_notes *notes = user;

    (void)code;
    if (level == CXS_LOG_NOTE && notes->count < CXS_CONTAIN_NOTES &&
        (notes->line[notes->count] = cxs_strdup(NULL, line)) != NULL)
        notes->count++;
}

static bool send_bytes(const unsigned char *bytes, size_t n)
{
    while (n > 0) {
        const ssize_t sent = write(DATA, bytes, n);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool send_packet(const unsigned char *report, size_t report_size,
                        const unsigned char *bag, size_t bag_size)
{
    unsigned char head[CXS_CONTAIN_HEAD];

    memcpy(head, CXS_CONTAIN_MAGIC, 8);
    for (int i = 0; i < 8; i++) {
        head[8 + i] = (unsigned char)((uint64_t)report_size >> (8 * i));
        head[16 + i] = (unsigned char)((uint64_t)bag_size >> (8 * i));
    }
    return send_bytes(head, sizeof head) && send_bytes(report, report_size) &&
           send_bytes(bag, bag_size);
}

_Noreturn void cxs_contain_child(cxs_ctx *ctx, const cxs_contained *file,
                                 const cxs_contain_limits *limits,
                                 const cxs_contain_link *link)
{
    static cxs_contain_notes notes;
    unsigned char *report = NULL, *packed = NULL;
    size_t report_size = 0, packed_size = 0;
    cxs_measures *bag = NULL;
    bool sent = false;
    cxs_rc rc;

    if (!give_away(limits, link))
        _exit(CXS_CONTAIN_MUTE);
    cxs_ctx_set_log(ctx, keep_note, &notes);
    cxs_ctx_give_warnings(NULL, cxs_ctx_take_warnings(ctx));
    (void)cxs_fail(ctx, CXS_OK, "%s", ""); /* the message of an older failure goes */
    rc = cxs_measures_new(ctx, &bag);
    if (rc == CXS_OK)
        rc = file->fn(ctx, file->arg, bag);
    raise_limit();
    if (rc == CXS_OK)
        rc = cxs_measures_pack(ctx, bag, &packed, &packed_size);
    if (cxs_contain_report_make(ctx, rc, &notes, &report, &report_size) == CXS_OK)
        sent = send_packet(report, report_size, packed, packed_size);
    _exit(sent ? 0 : CXS_CONTAIN_MUTE);
}
