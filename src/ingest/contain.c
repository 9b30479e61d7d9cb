/*
 * contain.c -- the parent: starts children, reads their pipes, judges their ends
 *
 * One loop over poll() serves all children, so that no thread is needed.  A child is
 * over when it has died; what its pipe still holds is read then.  A child that closes
 * its pipe and stays is given a moment and then killed, as is one that sends too much
 * or takes too long.
 */
#include "ingest/contain_private.h"

#include "base/pool.h"
#include "base/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TICK_MS = 200,     /* how often the dead are looked for */
    GRACE_S = 2,       /* between the end of the pipe and that of the child */
    LAST_WORDS = 4096, /* of stderr */
    READ_BYTES = 64 << 10,
    CHILDREN_MAX = 64
};

typedef struct child {
    pid_t pid; /* 0: no child */
    size_t file;
    int data, errors; /* our ends of the pipes, -1 once closed */
    cxs_buf sent;
    char words[LAST_WORDS];
    size_t word_bytes;
    double deadline, closed_at; /* closed_at 0: the pipe is open */
    cxs_contain_end end;
    int status;
} child;

typedef struct yard {
    cxs_contained *file;
    size_t count, next, delivered, slots;
    child *child;                 /* [slots] */
    cxs_contain_outcome *outcome; /* [count] */
    cxs_contained_fn ended;
    void *user;
} yard;

static cxs_contain_limits with_defaults(const cxs_ctx *ctx, cxs_contain_limits given,
                                        size_t slots)
{
    const size_t allowed = cxs_ctx_memory(ctx);
    cxs_contain_limits l = given;

    if (l.memory == 0)
        l.memory = allowed > 0 ? allowed / slots : (size_t)8 << 30;
    if (l.cpu_s == 0)
        l.cpu_s = 86400;
    if (l.wall_s == 0)
        l.wall_s = 4 * 86400;
    if (l.bag_bytes == 0)
        l.bag_bytes = (size_t)256 << 20;
    return l;
}

/* ---- starting -------------------------------------------------------------------- */

static void close_pipe(int pipe_end[2])
{
    for (int i = 0; i < 2; i++)
        if (pipe_end[i] >= 0)
            close(pipe_end[i]);
}

static bool make_pipe(int pipe_end[2])
{
    if (pipe(pipe_end) != 0) {
        pipe_end[0] = pipe_end[1] = -1;
        return false;
    }
    return fcntl(pipe_end[0], F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(pipe_end[0], F_SETFD, FD_CLOEXEC) == 0 &&
           fcntl(pipe_end[1], F_SETFD, FD_CLOEXEC) == 0;
}

static cxs_rc start_child(cxs_ctx *ctx, yard *y, child *c)
{
    const cxs_contained *file = &y->file[y->next];
    const cxs_contain_limits limits = with_defaults(ctx, file->limits, y->slots);
    int data[2] = {-1, -1}, errors[2] = {-1, -1};
    const int threads = cxs_ctx_threads(ctx);
    const pid_t self = getpid();
    pid_t pid;

    if (!make_pipe(data) || !make_pipe(errors) || (pid = fork()) < 0) {
        const int why = errno;
        close_pipe(data);
        close_pipe(errors);
        return cxs_fail(ctx, CXS_EOS, "%s: no process can be started to read it: %s",
                        file->what, strerror(why));
    }
    if (pid == 0) {
        cxs_ctx_set_threads(ctx, threads / (int)y->slots);
        cxs_contain_child(ctx, file, &limits,
                          &(cxs_contain_link){data[1], errors[1], self});
    }
    close(data[1]);
    close(errors[1]);
    *c = (child){.pid = pid,
                 .file = y->next++,
                 .data = data[0],
                 .errors = errors[0],
                 .deadline = cxs_now_s() + limits.wall_s};
    return CXS_OK;
}

/* ---- reading --------------------------------------------------------------------- */

static void end_child(child *c, cxs_contain_end end)
{
    if (c->end == CXS_END_RUNNING) {
        c->end = end;
        kill(c->pid, SIGKILL);
    }
}

/* Read what there is; false at the end of the pipe. */
static bool read_data(cxs_ctx *ctx, child *c, size_t most)
{
    static char block[READ_BYTES];

    for (;;) {
        const ssize_t got = read(c->data, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 && errno == EAGAIN;
        if (c->end != CXS_END_RUNNING)
            continue; /* killed: what it still says does not count */
        if ((size_t)got > most - c->sent.length)
            end_child(c, CXS_END_TOO_MUCH);
        else if (cxs_buf_add(ctx, &c->sent, block, (size_t)got) != CXS_OK)
            end_child(c, CXS_END_NO_MEMORY);
    }
}

static bool read_words(child *c)
{
    char block[LAST_WORDS];

    for (;;) {
        const ssize_t got = read(c->errors, block, sizeof block);
        const size_t room = sizeof c->words - 1 - c->word_bytes;
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 && errno == EAGAIN;
        memcpy(c->words + c->word_bytes, block,
               (size_t)got < room ? (size_t)got : room);
        c->word_bytes += (size_t)got < room ? (size_t)got : room;
    }
}

static void read_pipes(cxs_ctx *ctx, yard *y, child *c)
{
    const cxs_contain_limits limits =
        with_defaults(ctx, y->file[c->file].limits, y->slots);
    const size_t most = CXS_CONTAIN_HEAD + CXS_CONTAIN_REPORT + limits.bag_bytes;

    if (c->data >= 0 && !read_data(ctx, c, most)) {
        close(c->data);
        c->data = -1;
        c->closed_at = cxs_now_s();
    }
    if (c->errors >= 0 && !read_words(c)) {
        close(c->errors);
        c->errors = -1;
    }
}

/* Is it dead?  Then its pipes hold all they will ever hold. */
static bool bury(cxs_ctx *ctx, yard *y, child *c)
{
    cxs_contain_outcome *o = &y->outcome[c->file];
    pid_t dead;

    while ((dead = waitpid(c->pid, &c->status, WNOHANG)) < 0 && errno == EINTR)
        ;
    if (dead == 0)
        return false;
    read_pipes(ctx, y, c);
    if (c->data >= 0)
        close(c->data);
    if (c->errors >= 0)
        close(c->errors);
    o->over = true;
    o->end = c->end == CXS_END_RUNNING ? CXS_END_EXITED : c->end;
    o->status = c->status;
    o->sent = c->sent;
    o->words = c->word_bytes > 0 ? cxs_strndup(NULL, c->words, c->word_bytes) : NULL;
    c->pid = 0;
    return true;
}

static void look_at_clock(child *c)
{
    const double now = cxs_now_s();

    if (now > c->deadline)
        end_child(c, CXS_END_TOO_LONG);
    else if (c->closed_at > 0.0 && now > c->closed_at + GRACE_S)
        end_child(c, CXS_END_LINGERED);
}

static void wait_for_children(const yard *y)
{
    struct pollfd fd[2 * CHILDREN_MAX];
    nfds_t n = 0;
    int wait_ms = TICK_MS;

    for (size_t s = 0; s < y->slots; s++) {
        const child *c = &y->child[s];
        if (c->pid == 0)
            continue;
        if (c->data < 0)
            wait_ms = 1; /* about to die */
        if (c->data >= 0)
            fd[n++] = (struct pollfd){.fd = c->data, .events = POLLIN};
        if (c->errors >= 0)
            fd[n++] = (struct pollfd){.fd = c->errors, .events = POLLIN};
    }
    (void)poll(fd, n, wait_ms);
}

/* ---- delivering ------------------------------------------------------------------ */

/* What the child printed, a note a line: HTSlib and the sanitizers speak there. */
static void tell_words(cxs_ctx *ctx, const char *what, char *words)
{
    char *rest = words;

    for (int i = 0; i < 20 && rest != NULL && *rest != '\0'; i++) {
        char *line = rest, *end = strchr(rest, '\n');
        rest = end != NULL ? end + 1 : NULL;
        if (end != NULL)
            *end = '\0';
        if (*line != '\0')
            cxs_note(ctx, "%s: %s", what, line);
    }
}

static cxs_rc keep_failure(cxs_ctx *ctx, cxs_contained *file, cxs_rc rc)
{
    cxs_free(file->message);
    file->rc = rc;
    file->code[0] = '\0';
    file->message = cxs_strdup(ctx, cxs_ctx_message(ctx));
    return file->message != NULL ? CXS_OK : CXS_ENOMEM;
}

/* Files that are over, in their order. */
static cxs_rc deliver(cxs_ctx *ctx, yard *y)
{
    cxs_rc rc = CXS_OK;

    while (y->delivered < y->count && y->outcome[y->delivered].over) {
        cxs_contain_outcome *o = &y->outcome[y->delivered];
        cxs_contained *file = &y->file[y->delivered];
        const cxs_contain_limits limits = with_defaults(ctx, file->limits, y->slots);
        const cxs_rc judged = cxs_contain_judge(ctx, o, &limits, file);
        if (judged != CXS_OK)
            CXS_TRY(keep_failure(ctx, file, judged));
        if (file->rc != CXS_OK)
            tell_words(ctx, file->what, o->words);
        cxs_free(o->sent.text);
        cxs_free(o->words);
        *o = (cxs_contain_outcome){.over = true};
        if (y->ended != NULL)
            CXS_TRY(y->ended(ctx, file, y->delivered, y->user));
        y->delivered++;
    }
done:
    return rc;
}

/* ---- the loop -------------------------------------------------------------------- */

static cxs_rc run(cxs_ctx *ctx, yard *y)
{
    cxs_progress progress;
    cxs_rc rc = CXS_OK;

    cxs_progress_begin(ctx, &progress, "files", y->count);
    while (y->delivered < y->count) {
        for (size_t s = 0; s < y->slots; s++)
            if (y->child[s].pid == 0 && y->next < y->count)
                CXS_TRY(start_child(ctx, y, &y->child[s]));
        wait_for_children(y);
        for (size_t s = 0; s < y->slots; s++) {
            child *c = &y->child[s];
            if (c->pid == 0)
                continue;
            read_pipes(ctx, y, c);
            if (!bury(ctx, y, c))
                look_at_clock(c);
        }
        CXS_TRY(deliver(ctx, y));
        cxs_progress_step(ctx, &progress, y->delivered);
    }
done:
    cxs_progress_end(ctx, &progress);
    return rc;
}

/* After a failure of ours: no child and no byte stays behind. */
static void clear_yard(yard *y)
{
    for (size_t s = 0; y->child != NULL && s < y->slots; s++) {
        child *c = &y->child[s];
        if (c->pid == 0)
            continue;
        kill(c->pid, SIGKILL);
        while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR)
            ;
        if (c->data >= 0)
            close(c->data);
        if (c->errors >= 0)
            close(c->errors);
        cxs_free(c->sent.text);
    }
    for (size_t i = 0; y->outcome != NULL && i < y->count; i++) {
        cxs_free(y->outcome[i].sent.text);
        cxs_free(y->outcome[i].words);
    }
    cxs_free(y->child);
    cxs_free(y->outcome);
}

cxs_rc cxs_contain_many(cxs_ctx *ctx, cxs_contained *file, size_t count,
                        cxs_contained_fn ended, void *user)
{
    yard y = {.file = file, .count = count, .ended = ended, .user = user};
    const size_t threads = (size_t)cxs_ctx_threads(ctx);
    cxs_rc rc = CXS_OK;

    if (count == 0)
        return CXS_OK;
    if (cxs_ctx_is_worker(ctx) || cxs_pool_busy())
        return cxs_fail(ctx, CXS_EBUG, "%s: files are read before threads start",
                        file[0].what);
    y.slots = threads < count ? threads : count;
    if (y.slots > CHILDREN_MAX)
        y.slots = CHILDREN_MAX;
    CXS_NEW(y.child, y.slots);
    CXS_NEW(y.outcome, count);
    rc = run(ctx, &y);
done:
    clear_yard(&y);
    return rc;
}

cxs_rc cxs_contained_fail(cxs_ctx *ctx, const cxs_contained *file)
{
    if (file->rc == CXS_OK)
        return CXS_OK;
    return cxs_fail_code(ctx, file->rc, file->code, "%s",
                         file->message != NULL ? file->message : "");
}

void cxs_contained_clear(cxs_contained *file)
{
    cxs_measures_free(file->bag);
    cxs_measures_free(file->report);
    cxs_free(file->packed);
    cxs_free(file->message);
    file->bag = NULL;
    file->report = NULL;
    file->packed = NULL;
    file->message = NULL;
}

cxs_rc cxs_contain(cxs_ctx *ctx, const char *what, const cxs_contain_limits *limits,
                   cxs_contain_fn fn, void *arg, cxs_measures **out)
{
    cxs_contained file = {.what = what, .fn = fn, .arg = arg};
    cxs_rc rc;

    *out = NULL;
    if (limits != NULL)
        file.limits = *limits;
    rc = cxs_contain_many(ctx, &file, 1, NULL, NULL);
    if (rc == CXS_OK)
        rc = cxs_contained_fail(ctx, &file);
    if (rc == CXS_OK) {
        *out = file.bag;
        file.bag = NULL;
    }
    cxs_contained_clear(&file);
    return rc;
}
