/*
 * test_contain.c -- readers in processes of their own: what comes back and what they
 * may not do
 */
#include "test.h"

#include "contain_case.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- what a child may do ---------------------------------------------------------- */

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

/* ---- many ------------------------------------------------------------------------- */

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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_and_warnings),
        cmocka_unit_test(failures),
        cmocka_unit_test(doors),
        cmocka_unit_test(inherited_files),
        cmocka_unit_test(threads_in_the_child),
        cmocka_unit_test(allocation_failures),
    };
    const int failed = cmocka_run_group_tests_name("contain", tests, NULL, NULL);

    tmp_remove("kept");
    tmp_remove("inherited");
    tmp_close();
    return failed;
}
