/*
 * test_contain_many.c -- readers in processes of their own: many at a time, results in
 * order
 */
#include "test.h"

#include "contain_case.h"

#include "base/pool.h"

#include <errno.h>
#include <sys/wait.h>
#include <time.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_in_order),
        cmocka_unit_test(callers_failure),
        cmocka_unit_test(not_from_threads),
    };

    return cmocka_run_group_tests_name("contain_many", tests, NULL, NULL);
}
