/*
 * test_contain_deaths.c -- readers in processes of their own: nothing a child does
 * costs more than its own file
 */
#include "test.h"

#include "contain_case.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deaths),
        cmocka_unit_test(limits),
        cmocka_unit_test(stdio_of_the_parent),
    };
    const int failed = cmocka_run_group_tests_name("contain_deaths", tests, NULL, NULL);

    tmp_remove("buffered");
    tmp_close();
    return failed;
}
