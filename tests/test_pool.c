/*
 * test_pool.c -- tasks on threads: the same results, warnings and failure as a serial
 * run, and what the person who waits is told
 */
#include "test.h"

#include "base/pool.h"
#include "base/progress.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TASKS = 200 };

typedef struct job {
    size_t fail_at, also_fail_at; /* SIZE_MAX: never */
    atomic_size_t ran;
    size_t result[TASKS];
    size_t highest_worker[TASKS];
    bool nap;
} job;

static cxs_rc task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    job *j = arg;
    const struct timespec nap = {0, (long)(index % 3) * 200000};
    cxs_rc rc = CXS_OK;

    if (j->nap)
        nanosleep(&nap, NULL);
    atomic_fetch_add(&j->ran, 1U);
    j->result[index] = index * index;
    j->highest_worker[index] = worker;
    if (index % 10 == 3)
        CXS_TRY(cxs_warn(ctx, "CX027", "task %zu", index));
    if (index % 10 == 4)
        CXS_TRY(cxs_warn(ctx, "CX028", "the same"));
    if (index == j->fail_at || index == j->also_fail_at)
        return cxs_fail_code(ctx, CXS_EDEGENERATE, "CX052", "task %zu failed", index);
done:
    return rc;
}

typedef struct diary {
    char text[20000];
} diary;

static void note(void *user, cxs_log_level level, const char *code, const char *line)
{
    diary *d = user;
    const size_t n = strlen(d->text);

    if (level == CXS_LOG_WARNING)
        snprintf(d->text + n, sizeof d->text - n, "%s %s\n", code, line);
}

static cxs_rc run(int threads, size_t fail_at, size_t also, diary *d, job *j,
                  char message[64])
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_rc rc;

    memset(d, 0, sizeof *d);
    memset(j, 0, sizeof *j);
    j->fail_at = fail_at;
    j->also_fail_at = also;
    j->nap = threads > 1;
    cxs_ctx_set_log(ctx, note, d);
    cxs_ctx_set_threads(ctx, threads);
    rc = cxs_pool_run(ctx, NULL, TASKS, task, j);
    snprintf(message, 64, "%s %s", cxs_ctx_code(ctx), cxs_ctx_message(ctx));
    cxs_ctx_free(ctx);
    return rc;
}

static void any_number_of_threads_gives_the_same(void **state)
{
    const long live = cxs_alloc_live();
    diary *serial = calloc(1, sizeof *serial), *other = calloc(1, sizeof *other);
    job *j = calloc(1, sizeof *j);
    char message[64];

    (void)state;
    assert_true(serial != NULL && other != NULL && j != NULL);
    CHECK(run(1, SIZE_MAX, SIZE_MAX, serial, j, message) == CXS_OK);
    CHECK(j->ran == TASKS && strcmp(message, " ") == 0);
    CHECK(strncmp(serial->text, "CX027 task 3\nCX028 the same\nCX027 task 13\n", 42) ==
          0);
    for (int threads = 2; threads <= 8; threads *= 2) {
        CHECK(run(threads, SIZE_MAX, SIZE_MAX, other, j, message) == CXS_OK);
        CHECK(strcmp(serial->text, other->text) == 0);
        for (size_t i = 0; i < TASKS; i++)
            CHECK(j->result[i] == i * i && j->highest_worker[i] < (size_t)threads);
    }
    free(serial);
    free(other);
    free(j);
    CHECK(cxs_alloc_live() == live);
    CHECK_DONE();
}

static void the_first_failure_counts(void **state)
{
    diary *serial = calloc(1, sizeof *serial), *other = calloc(1, sizeof *other);
    job *j = calloc(1, sizeof *j);
    char message[64];

    (void)state;
    assert_true(serial != NULL && other != NULL && j != NULL);
    CHECK(run(1, 57, 58, serial, j, message) == CXS_EDEGENERATE);
    CHECK(j->ran == 58 && strcmp(message, "CX052 task 57 failed") == 0);
    CHECK(strstr(serial->text, "task 53") != NULL);
    CHECK(strstr(serial->text, "task 63") == NULL);
    for (int i = 0; i < 20; i++) {
        CHECK(run(4, 57, 58, other, j, message) == CXS_EDEGENERATE);
        CHECK(strcmp(message, "CX052 task 57 failed") == 0);
        CHECK(strcmp(serial->text, other->text) == 0);
        CHECK(j->ran >= 58 && j->ran < TASKS);
    }
    free(serial);
    free(other);
    free(j);
    CHECK_DONE();
}

static cxs_rc inner(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    size_t *sum = arg;

    CHECK(cxs_ctx_is_worker(ctx) && worker == 0);
    *sum += index;
    return CXS_OK;
}

static cxs_rc outer(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    size_t *sums = arg;

    (void)worker;
    CHECK(cxs_pool_workers(ctx, 100) == 1);
    return cxs_pool_run(ctx, "inner", 10, inner, &sums[index]);
}

static void pools_inside_pools_are_serial(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    size_t sums[50] = {0};

    (void)state;
    cxs_ctx_set_threads(ctx, 4);
    CHECK(cxs_pool_workers(ctx, 100) == 4 && cxs_pool_workers(ctx, 3) == 3);
    CHECK(cxs_pool_workers(ctx, 0) == 1 && cxs_pool_workers(NULL, 9) == 1);
    CHECK(cxs_pool_run(ctx, NULL, 50, outer, sums) == CXS_OK);
    for (int i = 0; i < 50; i++)
        CHECK(sums[i] == 45);
    CHECK(cxs_pool_run(ctx, NULL, 0, outer, NULL) == CXS_OK);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void allocations_may_fail(void **state)
{
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 100; k++) {
        const long live = cxs_alloc_live();
        cxs_ctx *ctx = cxs_ctx_new();
        size_t sums[5] = {0};
        cxs_ctx_set_threads(ctx, 3);
        cxs_alloc_fail_at(k);
        rc = cxs_pool_run(ctx, NULL, 5, outer, sums);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        if (rc == CXS_ENOMEM)
            CHECK(strstr(cxs_ctx_message(ctx), "no memory for 3 threads") != NULL ||
                  strstr(cxs_ctx_message(ctx), "cannot allocate") != NULL);
        cxs_ctx_free(ctx);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 4);
    CHECK_DONE();
}

/* Warnings survive short memory, only their order may not. */
static void warnings_survive_short_memory(void **state)
{
    diary *d = calloc(1, sizeof *d);
    job *j = calloc(1, sizeof *j);

    (void)state;
    assert_true(d != NULL && j != NULL);
    for (long k = 1; k < 120; k++) {
        const long live = cxs_alloc_live();
        cxs_ctx *ctx = cxs_ctx_new();
        memset(d, 0, sizeof *d);
        memset(j, 0, sizeof *j);
        j->fail_at = j->also_fail_at = SIZE_MAX;
        cxs_ctx_set_log(ctx, note, d);
        cxs_ctx_set_threads(ctx, 2);
        cxs_alloc_fail_at(k);
        const cxs_rc rc = cxs_pool_run(ctx, NULL, 20, task, j);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        cxs_ctx_free(ctx);
        CHECK(cxs_alloc_live() == live);
    }
    free(d);
    free(j);
    CHECK_DONE();
}

/* ---- progress -------------------------------------------------------------------- */

static void last_progress(void *user, cxs_log_level level, const char *code,
                          const char *line)
{
    (void)code;
    if (level == CXS_LOG_PROGRESS)
        snprintf(user, 200, "%s", line);
}

/* 104 of 200 after 100 s; then a rate so low that the clock is at its bound. */
static void progress_line(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_progress p;
    char line[200] = "none";

    (void)state;
    cxs_ctx_set_log(ctx, last_progress, line);
    cxs_progress_begin(ctx, &p, "permutations", 200);
    cxs_progress_step(ctx, &p, 1);
    CHECK(strcmp(line, "none") == 0); /* too early */
    p.started_s = cxs_now_s() - 100.0;
    p.last_s = p.started_s;
    cxs_progress_step(ctx, &p, 104);
    CHECK(strcmp(line, "permutations  [##########..........]  52 % 104/200 1.0/s ETA "
                       "1:32") == 0);
    p.started_s -= 7e6;
    p.last_s = p.started_s + 1.0;
    cxs_progress_step(ctx, &p, 100);
    CHECK(strstr(line, " 50 % 100/200 0.0/s ETA 99:59:59") != NULL);
    cxs_progress_end(ctx, &p);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void clock_goes_on(void **state)
{
    const double before = cxs_now_s();

    (void)state;
    CHECK(before > 0 && cxs_now_s() >= before && cxs_now_s() < before + 60);
    CHECK_DONE();
}

static void granted_threads(void **state)
{
    int all;

    (void)state;
    unsetenv("SLURM_CPUS_PER_TASK");
    all = cxs_default_threads();
    CHECK(all >= 1);
    setenv("SLURM_CPUS_PER_TASK", "1", 1);
    CHECK(cxs_default_threads() == 1);
    setenv("SLURM_CPUS_PER_TASK", "1000000", 1);
    CHECK(cxs_default_threads() == all);
    setenv("SLURM_CPUS_PER_TASK", "many", 1);
    CHECK(cxs_default_threads() == all);
    unsetenv("SLURM_CPUS_PER_TASK");
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_gives_the_same),
        cmocka_unit_test(the_first_failure_counts),
        cmocka_unit_test(pools_inside_pools_are_serial),
        cmocka_unit_test(allocations_may_fail),
        cmocka_unit_test(warnings_survive_short_memory),
        cmocka_unit_test(progress_line),
        cmocka_unit_test(clock_goes_on),
        cmocka_unit_test(granted_threads),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
