/*
 * test_contain.c -- readers in processes of their own: what comes back, and that nothing
 * a child does costs more than its own file
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* SYS_ numbers */
#endif
#include "base/base.h"
#include "base/pool.h"
#include "ingest/contain.h"

#include "test.h"
#include "tmp.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

static cxs_ctx *new_ctx(int threads)
{
    cxs_ctx *ctx = tmp_ctx();

    cxs_ctx_set_threads(ctx, threads);
    return ctx;
}

static cxs_rc one_number(cxs_ctx *ctx, cxs_measures *bag, int64_t value)
{
    cxs_measure *table;
    int64_t *column;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "number", 1, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "value", &column));
    column[0] = value;
done:
    return rc;
}

static int64_t number_of(const cxs_measures *bag)
{
    const cxs_measure *table = bag != NULL ? cxs_measures_find(bag, "number") : NULL;

    return table != NULL ? cxs_measure_get_int(table, "value")[0] : -1;
}

/* ---- what a child may do ---------------------------------------------------------- */

static cxs_rc talk(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    cxs_note(ctx, "a note about %s", (const char *)arg);
    if (cxs_warn(ctx, "CX041", "sample %s has no mates", cxs_ctx_id(ctx, "P-17")) !=
            CXS_OK ||
        cxs_warn(ctx, "CX041", "sample %s has no mates", cxs_ctx_id(ctx, "P-17")) !=
            CXS_OK)
        return CXS_EFORMAT;
    return one_number(ctx, bag, 42);
}

static void results_and_warnings(void **state)
{
    cxs_ctx *ctx = new_ctx(1);
    cxs_measures *bag = NULL;
    size_t times = 0;
    char name[] = "a.bam";

    (void)state;
    CHECK(cxs_warn(ctx, "", "of the parent") == CXS_OK);
    CHECK(cxs_contain(ctx, name, NULL, talk, name, &bag) == CXS_OK);
    CHECK(number_of(bag) == 42);
    CHECK(strstr(tmp_log, "note: a note about a.bam\n") != NULL);
    CHECK(strstr(tmp_log, "CX041: sample P-17 has no mates\n") != NULL);
    CHECK(cxs_ctx_warning_count(ctx) == 2);
    CHECK(strcmp(cxs_ctx_warning(ctx, 1, &times), "CX041: sample *** has no mates") ==
          0);
    CHECK(times == 2);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static cxs_rc fail_with_code(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    (void)arg;
    (void)bag;
    return cxs_fail_code(ctx, CXS_ETRUNCATED, "CX037", "a.bam: cut \xff short");
}

static void failures(void **state)
{
    cxs_ctx *ctx = new_ctx(1);
    cxs_measures *bag = NULL;

    (void)state;
    CHECK(cxs_contain(ctx, "a.bam", NULL, fail_with_code, NULL, &bag) ==
          CXS_ETRUNCATED);
    CHECK(bag == NULL && strcmp(cxs_ctx_code(ctx), "CX037") == 0);
    CHECK(strcmp(cxs_ctx_message(ctx), "a.bam: cut ? short") == 0);
    cxs_ctx_set_strict(ctx, 1);
    CHECK(cxs_contain(ctx, "a", NULL, talk, (char[]){"a"}, &bag) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_message(ctx), "sample P-17 has no mates") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- what it may not -------------------------------------------------------------- */

/* Every door that the guard and the limits close, as bits of one number. */
static cxs_rc try_doors(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    char *const program[] = {(char[]){"/bin/true"}, NULL};
    char path[512];
    int64_t open_doors = 0;
    int door = 0, fd;
    struct rlimit r;

#define DOOR(opened) open_doors |= (int64_t)((opened) ? 1 : 0) << door++
    snprintf(path, sizeof path, "%s/made", (const char *)arg);
    DOOR((fd = open(path, O_WRONLY | O_CREAT, 0600)) >= 0);
    snprintf(path, sizeof path, "%s/kept", (const char *)arg);
    DOOR(open(path, O_RDWR) >= 0);
    DOOR(open(path, O_RDONLY | O_TRUNC) >= 0);
    DOOR(openat(AT_FDCWD, path, O_WRONLY | O_APPEND) >= 0);
    DOOR(fopen(path, "w") != NULL);
    DOOR(truncate(path, 0) == 0);
    DOOR(chmod(path, 0) == 0);
    DOOR(rename(path, "/tmp/elsewhere") == 0);
    DOOR(unlink(path) == 0);
    DOOR(socket(AF_INET, SOCK_STREAM, 0) >= 0);
    DOOR(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
    DOOR(fork() >= 0);
    DOOR(kill(getppid(), SIGCONT) == 0);
    DOOR(execv(program[0], program) == 0);
    DOOR(mkdir("/tmp/coxswain-door", 0700) == 0);
    DOOR(prctl(PR_GET_DUMPABLE) != 0);
    DOOR(getrlimit(RLIMIT_CORE, &r) != 0 || r.rlim_max != 0);
    DOOR(getrlimit(RLIMIT_FSIZE, &r) != 0 || r.rlim_max != 0);
    DOOR(!UNDER_ASAN && getenv("LD_PRELOAD") == NULL &&
         (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_max > 64));
    DOOR(fcntl(4, F_GETFD) != -1 || fcntl(9, F_GETFD) != -1);
    DOOR((fd = open(path, O_RDONLY)) < 0); /* reading stays possible */
#undef DOOR
    return one_number(ctx, bag, open_doors);
}

static void doors(void **state)
{
    cxs_ctx *ctx = new_ctx(1);
    cxs_measures *bag = NULL;
    char path[512], made[512];
    struct stat status;
    const int stray = open("/dev/null", O_RDONLY);

    (void)state;
    tmp_write(path, sizeof path, "kept", "content", 7);
    CHECK(dup2(stray, 9) == 9);
    CHECK(cxs_contain(ctx, "doors", NULL, try_doors, tmp_folder, &bag) == CXS_OK);
    if (number_of(bag) != 0)
        printf("  open doors: %#llx\n", (unsigned long long)number_of(bag));
    CHECK(number_of(bag) == 0);
    CHECK(stat(path, &status) == 0 && status.st_size == 7);
    snprintf(made, sizeof made, "%s/made", tmp_folder);
    CHECK(stat(made, &status) != 0);
    close(9);
    close(stray);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A descriptor that was open for writing is closed before the reader runs. */
static cxs_rc write_through(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    const int *fd = arg;

    return one_number(ctx, bag, write(*fd, "x", 1) == 1);
}

static void inherited_files(void **state)
{
    cxs_ctx *ctx = new_ctx(1);
    cxs_measures *bag = NULL;
    char path[512];
    struct stat status;
    int fd;

    (void)state;
    tmp_write(path, sizeof path, "inherited", "", 0);
    fd = open(path, O_WRONLY);
    CHECK(fd >= 0 && dup2(fd, 77) == 77);
    close(fd);
    fd = 77;
    CHECK(cxs_contain(ctx, "x", NULL, write_through, &fd, &bag) == CXS_OK);
    CHECK(number_of(bag) == 0);
    CHECK(stat(path, &status) == 0 && status.st_size == 0);
    close(77);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- deaths ----------------------------------------------------------------------- */

static cxs_rc crash(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    const cxs_rc rc = one_number(ctx, bag, 1);

    (void)raise(*(const int *)arg);
    return rc;
}

static cxs_rc null_pointer(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    volatile int *volatile nowhere = arg;

    *nowhere = 1;
    return one_number(ctx, bag, 1);
}

static cxs_rc leave_early(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    (void)ctx;
    (void)bag;
    if (arg == NULL)
        exit(0); /* with the parent's exit handlers, which must not matter to it */
    _exit(*(const int *)arg);
}

static cxs_rc endless(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    volatile uint64_t turns = 0;

    (void)ctx;
    (void)arg;
    (void)bag;
    while (turns < UINT64_MAX)
        turns++;
    return CXS_OK;
}

static cxs_rc sleep_long(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    const struct timespec hour = {.tv_sec = 3600};

    (void)ctx;
    (void)arg;
    (void)bag;
    nanosleep(&hour, NULL);
    return CXS_OK;
}

static cxs_rc greedy(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    static char *block[4096];
    size_t n = 0;
    cxs_rc rc = CXS_OK;

    (void)arg;
    while (rc == CXS_OK && n < 4096) {
        if ((block[n] = cxs_calloc(ctx, 1, 1 << 20)) == NULL)
            rc = CXS_ENOMEM;
        else
            memset(block[n++], 1, 1 << 20);
    }
    while (n > 0)
        cxs_free(block[--n]);
    return rc != CXS_OK ? rc : one_number(ctx, bag, 1);
}

static cxs_rc close_and_stay(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    close(3);
    return sleep_long(ctx, arg, bag);
}

static cxs_rc speak_out_of_turn(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    const char *garbage = arg;
    const cxs_rc rc = one_number(ctx, bag, 7);

    return write(3, garbage, strlen(garbage)) > 0 ? rc : CXS_EIO;
}

static cxs_rc flood(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    static char block[1 << 16];

    (void)ctx;
    (void)arg;
    (void)bag;
    while (write(3, block, sizeof block) > 0)
        ;
    return CXS_OK;
}

static cxs_rc cut_packet(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    (void)ctx;
    (void)arg;
    (void)bag;
    _exit(write(3, "CXSCHLD1\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0abc", 27) != 27);
}

/* The failure of one contained function; the next file is read as ever. */
static void check_end(cxs_contain_fn fn, void *arg, const cxs_contain_limits *limits,
                      cxs_rc want, const char *sentence)
{
    cxs_ctx *ctx = new_ctx(1);
    cxs_measures *bag = NULL;
    const long live = cxs_alloc_live();
    const cxs_rc rc = cxs_contain(ctx, "x.bam", limits, fn, arg, &bag);

    if (rc != want || strstr(cxs_ctx_message(ctx), sentence) == NULL ||
        strncmp(cxs_ctx_message(ctx), "x.bam: ", 7) != 0) {
        printf("  %d: %s\n", (int)rc, cxs_ctx_message(ctx));
        test_failures++;
    }
    CHECK(bag == NULL);
    CHECK(cxs_alloc_live() == live);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    CHECK(cxs_contain(ctx, "next", NULL, talk, (char[]){"next"}, &bag) == CXS_OK);
    CHECK(number_of(bag) == 42);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
}

static void deaths(void **state)
{
    const char *const died = "died by signal 11";
    int segv = SIGSEGV, abrt = SIGABRT, kill_ = SIGKILL, xfsz = SIGXFSZ, seven = 7;
    int zero = 0;

    (void)state;
    check_end(crash, &segv, NULL, CXS_EFORMAT, died);
    check_end(null_pointer, NULL, NULL, CXS_EFORMAT,
              UNDER_ASAN ? "ended with status" : died);
    check_end(crash, &abrt, NULL, CXS_EFORMAT, "died by signal 6");
    check_end(crash, &kill_, NULL, CXS_ENOMEM, "was killed");
    check_end(crash, &xfsz, NULL, CXS_EFORMAT, "tried to write a file");
    check_end(leave_early, &seven, NULL, CXS_EFORMAT, "ended with status 7");
    check_end(leave_early, &zero, NULL, CXS_EIO, "did not report");
    check_end(speak_out_of_turn, (char[]){"garbage"}, NULL, CXS_EIO, "did not report");
    check_end(speak_out_of_turn, (char[]){"CXSCHLD1"}, NULL, CXS_EIO, "did not report");
    check_end(cut_packet, NULL, NULL, CXS_EIO, "did not report");
    CHECK_DONE();
}

static void limits(void **state)
{
    const cxs_contain_limits cpu = {.cpu_s = 1}, wall = {.wall_s = 1},
                             memory = {.memory = (size_t)300 << 20},
                             bytes = {.bag_bytes = 1000};

    (void)state;
    check_end(endless, NULL, &cpu, CXS_EOS, "more than 1 s of processor time");
    check_end(sleep_long, NULL, &wall, CXS_EOS, "took more than 1 s");
    check_end(close_and_stay, NULL, NULL, CXS_EIO, "did not report");
    check_end(flood, NULL, &bytes, CXS_EFORMAT, "measures take more than 1.00 kB");
    if (!UNDER_ASAN && getenv("LD_PRELOAD") == NULL)
        check_end(greedy, NULL, &memory, CXS_ENOMEM,
                  "needs more memory than its 315 MB");
    CHECK_DONE();
}

/* Exit handlers and buffers of the parent are not the child's. */
static int handlers_run;
static void count_handler(void)
{
    handlers_run++;
}

static void stdio_of_the_parent(void **state)
{
    cxs_ctx *ctx = new_ctx(1);
    cxs_measures *bag = NULL;
    char path[512];
    struct stat status;
    FILE *file;

    (void)state;
    tmp_write(path, sizeof path, "buffered", "", 0);
    file = fopen(path, "w");
    CHECK(file != NULL && fputs("once", file) >= 0);
    CHECK(atexit(count_handler) == 0);
    for (int i = 0; i < 3; i++) {
        CHECK(cxs_contain(ctx, "x", NULL, talk, (char[]){"x"}, &bag) == CXS_OK);
        cxs_measures_free(bag);
    }
    CHECK(cxs_contain(ctx, "x", NULL, leave_early, NULL, &bag) != CXS_OK);
    CHECK(stat(path, &status) == 0 && status.st_size == 0);
    CHECK(file != NULL && fclose(file) == 0);
    CHECK(stat(path, &status) == 0 && status.st_size == 4);
    CHECK(handlers_run == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- many ------------------------------------------------------------------------- */

static cxs_rc take_turns(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    const size_t index = *(const size_t *)arg;
    const struct timespec pause = {.tv_nsec = (long)(7 - index % 7) * 3000000};
    cxs_rc rc;

    nanosleep(&pause, NULL);
    if (index == 5)
        (void)raise(SIGSEGV);
    if (index == 8)
        return cxs_fail(ctx, CXS_EFORMAT, "file 8 is bad");
    rc = cxs_warn(ctx, "", "warning of %zu", index);
    return rc == CXS_OK ? one_number(ctx, bag, (int64_t)(100 + index)) : rc;
}

static cxs_rc in_order(cxs_ctx *ctx, cxs_contained *file, size_t index, void *user)
{
    size_t *next = user;

    (void)ctx;
    CHECK(index == (*next)++);
    CHECK((file->rc == CXS_OK) == (file->bag != NULL));
    return CXS_OK;
}

static void check_many(int threads, char *log, size_t room)
{
    enum { FILES = 20 };
    cxs_ctx *ctx = new_ctx(threads);
    cxs_contained file[FILES] = {0};
    size_t index[FILES], next = 0;
    char name[FILES][8];

    for (size_t i = 0; i < FILES; i++) {
        index[i] = i;
        snprintf(name[i], sizeof name[i], "f%zu", i);
        file[i] = (cxs_contained){.what = name[i], .fn = take_turns, .arg = &index[i]};
    }
    CHECK(cxs_contain_many(ctx, file, FILES, in_order, &next) == CXS_OK);
    CHECK(next == FILES);
    for (size_t i = 0; i < FILES; i++) {
        CHECK(file[i].rc == (i == 5 || i == 8 ? CXS_EFORMAT : CXS_OK));
        CHECK(number_of(file[i].bag) == (i == 5 || i == 8 ? -1 : (int64_t)(100 + i)));
    }
    CHECK(cxs_contained_fail(ctx, &file[8]) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_message(ctx), "file 8 is bad") == 0);
    CHECK(cxs_contained_fail(ctx, &file[5]) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "f5: the process") == cxs_ctx_message(ctx));
    for (size_t i = 0; i < FILES; i++)
        cxs_contained_clear(&file[i]);
    snprintf(log, room, "%s", tmp_log);
    cxs_ctx_free(ctx);
}

static void many_in_order(void **state)
{
    static char one[sizeof tmp_log], four[sizeof tmp_log];

    (void)state;
    check_many(1, one, sizeof one);
    check_many(4, four, sizeof four);
    CHECK(strstr(one, "warning of 19") != NULL);
    CHECK(strcmp(one, four) == 0);
    CHECK_DONE();
}

static cxs_rc stop_at_three(cxs_ctx *ctx, cxs_contained *file, size_t index, void *user)
{
    (void)file;
    (void)user;
    return index < 3 ? CXS_OK : cxs_fail(ctx, CXS_EIO, "the disk is full");
}

static void callers_failure(void **state)
{
    const long live = cxs_alloc_live();
    cxs_ctx *ctx = new_ctx(3);
    cxs_contained file[9] = {0};
    size_t index = 1;

    (void)state;
    for (size_t i = 0; i < 9; i++)
        file[i] = (cxs_contained){.what = "x", .fn = take_turns, .arg = &index};
    CHECK(cxs_contain_many(ctx, file, 9, stop_at_three, NULL) == CXS_EIO);
    CHECK(strcmp(cxs_ctx_message(ctx), "the disk is full") == 0);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
    for (size_t i = 0; i < 9; i++)
        cxs_contained_clear(&file[i]);
    cxs_ctx_free(ctx);
    CHECK(cxs_alloc_live() == live);
    CHECK_DONE();
}

static cxs_rc from_a_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    cxs_measures *bag = NULL;

    (void)index;
    (void)worker;
    return cxs_contain(ctx, "x", NULL, talk, arg, &bag);
}

static void not_from_threads(void **state)
{
    cxs_ctx *ctx = new_ctx(2);

    (void)state;
    CHECK(cxs_pool_run(ctx, NULL, 2, from_a_task, (char[]){"x"}) == CXS_EBUG);
    CHECK(!cxs_pool_busy());
    CHECK(cxs_pool_run(ctx, NULL, 1, from_a_task, (char[]){"x"}) == CXS_EBUG);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The reader may have threads. */
static void *add_up(void *arg)
{
    ++*(int64_t *)arg;
    return NULL;
}

static cxs_rc with_thread(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    int64_t value = 10 * cxs_ctx_threads(ctx);
    pthread_t thread;

    (void)arg;
    if (pthread_create(&thread, NULL, add_up, &value) != 0)
        return cxs_fail(ctx, CXS_EOS, "no thread");
    pthread_join(thread, NULL);
    return one_number(ctx, bag, value);
}

static void threads_in_the_child(void **state)
{
    cxs_ctx *ctx = new_ctx(4);
    cxs_measures *bag = NULL;

    (void)state;
    CHECK(cxs_contain(ctx, "x", NULL, with_thread, NULL, &bag) == CXS_OK);
    CHECK(number_of(bag) == 41);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void allocation_failures(void **state)
{
    cxs_ctx *ctx = new_ctx(1);
    const long live = cxs_alloc_live();
    cxs_measures *bag = NULL;
    cxs_rc rc = CXS_ENOMEM;
    long k = 1;

    (void)state;
    for (; k < 300 && rc != CXS_OK; k++) {
        cxs_alloc_fail_at(k);
        rc = cxs_contain(ctx, "x", NULL, fail_with_code, NULL, &bag);
        cxs_alloc_fail_at(0);
        if (rc == CXS_ETRUNCATED)
            rc = CXS_OK;
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM || rc == CXS_EOS);
        CHECK(bag == NULL && cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 20);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(results_and_warnings),
                                       cmocka_unit_test(failures),
                                       cmocka_unit_test(doors),
                                       cmocka_unit_test(inherited_files),
                                       cmocka_unit_test(deaths),
                                       cmocka_unit_test(limits),
                                       cmocka_unit_test(stdio_of_the_parent),
                                       cmocka_unit_test(many_in_order),
                                       cmocka_unit_test(callers_failure),
                                       cmocka_unit_test(not_from_threads),
                                       cmocka_unit_test(threads_in_the_child),
                                       cmocka_unit_test(allocation_failures)};
    const int failed = cmocka_run_group_tests_name("contain", tests, NULL, NULL);

    tmp_remove("kept");
    tmp_remove("inherited");
    tmp_remove("buffered");
    tmp_close();
    return failed;
}
