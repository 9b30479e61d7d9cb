/*
 * test_file_faults.c -- one line for a fault, however many files meet it
 */
#include "ingest/file_faults.h"
#include "test.h"

#include <string.h>

static cxs_rc add(cxs_ctx *ctx, cxs_file_faults *f, cxs_rc rc, const char *code,
                  const char *message, const char *path)
{
    return cxs_file_faults_add(ctx, f, rc, code, message, path, "");
}

static void shared_faults_are_counted(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_file_faults f = {0};

    (void)state;
    CHECK(cxs_file_faults_end(ctx, &f) == CXS_OK);
    CHECK(add(ctx, &f, CXS_EFORMAT, "", "t.bed:3: not BED", "a.bam") == CXS_OK);
    CHECK(add(ctx, &f, CXS_EFORMAT, "", "b.bam: broken", "b.bam") == CXS_OK);
    CHECK(add(ctx, &f, CXS_EFORMAT, "", "t.bed:3: not BED", "c.bam") == CXS_OK);
    CHECK(add(ctx, &f, CXS_EFORMAT, "", "d.bam: broken", "d.bam") == CXS_OK);
    CHECK(add(ctx, &f, CXS_EFORMAT, "", "t.bed:4: not BED", "e.bam") == CXS_OK);
    CHECK(cxs_file_faults_end(ctx, &f) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_message(ctx), "t.bed:3: not BED (needed for 2 files)\n"
                                       "b.bam: broken\nd.bam: broken\n"
                                       "t.bed:4: not BED") == 0);
    CHECK(f.at == NULL && f.count == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A truncated file is named each time, a missing reference or memory once; codes stand
 * before the lines where they differ, and the first fault gives the kind. */
static void what_is_named_each_time(void **state)
{
    static const char *const names[] = {"a", "b", "c"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_file_faults f = {0};
    char message[64];

    (void)state;
    for (int i = 0; i < 3; i++) {
        snprintf(message, sizeof message, "%s: reference not found", names[i]);
        CHECK(cxs_file_faults_add(ctx, &f, CXS_EMISMATCH, "CX039", message, names[i],
                                  " (hint)") == CXS_OK);
        snprintf(message, sizeof message, "%s: truncated", names[i]);
        CHECK(add(ctx, &f, CXS_ETRUNCATED, "CX037", message, names[i]) == CXS_OK);
        snprintf(message, sizeof message, "%s: more memory", names[i]);
        CHECK(i == 2 || add(ctx, &f, CXS_EBUDGET, "", message, names[i]) == CXS_OK);
    }
    CHECK(cxs_file_faults_end(ctx, &f) == CXS_EMISMATCH);
    CHECK(strcmp(cxs_ctx_code(ctx), "") == 0);
    CHECK(strcmp(cxs_ctx_message(ctx),
                 "CX039: a: reference not found (hint) (and 2 more files)\n"
                 "CX037: a: truncated\na: more memory (and 1 more file)\n"
                 "CX037: b: truncated\nCX037: c: truncated") == 0);
    CHECK(add(ctx, &f, CXS_ETRUNCATED, "CX037", "a: cut", "a") == CXS_OK);
    CHECK(cxs_file_faults_end(ctx, &f) == CXS_ETRUNCATED);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX037") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 100; k++) {
        cxs_file_faults f = {0};
        cxs_alloc_fail_at(k);
        rc = add(ctx, &f, CXS_EFORMAT, "CX039", "a: x", "a");
        if (rc == CXS_OK)
            rc = add(ctx, &f, CXS_EFORMAT, "CX039", "b: x", "b");
        if (rc == CXS_OK)
            rc = cxs_file_faults_end(ctx, &f);
        cxs_alloc_fail_at(0);
        cxs_file_faults_clear(&f);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_EFORMAT && k > 5);
    CHECK(strcmp(cxs_ctx_message(ctx), "a: x (and 1 more file)") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_faults_are_counted),
        cmocka_unit_test(what_is_named_each_time),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("file_faults", tests, NULL, NULL);
}
