/*
 * test_ctx.c -- run context: messages, warnings, masking; allocation
 */
#include "test.h"

#include "base/base.h"

#include <string.h>

typedef struct heard {
    size_t lines;
    cxs_log_level level;
    char code[8], line[512];
} heard;

static void listen(void *user, cxs_log_level level, const char *code, const char *line)
{
    heard *h = user;

    h->lines++;
    h->level = level;
    snprintf(h->code, sizeof h->code, "%s", code);
    snprintf(h->line, sizeof h->line, "%s", line);
}

static void failures_are_remembered(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    CHECK(*cxs_ctx_message(ctx) == '\0' && *cxs_ctx_code(ctx) == '\0');
    CHECK(cxs_fail_code(ctx, CXS_EFORMAT, "CX001", "%s:%d: bad", "f", 3) ==
          CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_message(ctx), "f:3: bad") == 0);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX001") == 0);
    CHECK(cxs_fail(ctx, CXS_EIO, "again: %s", cxs_ctx_message(ctx)) == CXS_EIO);
    CHECK(strcmp(cxs_ctx_message(ctx), "again: f:3: bad") == 0);
    CHECK(*cxs_ctx_code(ctx) == '\0');
    CHECK(cxs_fail(NULL, CXS_EARG, "nobody hears") == CXS_EARG);
    cxs_fail(ctx, CXS_EARG,
             "a\033[31mb\x7f\xc2\x9b"
             "c\xc3\xa9\nd\te");
    CHECK(strcmp(cxs_ctx_message(ctx), "a?[31mb??c\xc3\xa9\nd?e") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_code_has_text_and_status(void **state)
{
    (void)state;
    CHECK(cxs_rc_exit_status(CXS_OK) == 0 && cxs_rc_exit_status(CXS_EARG) == 64);
    CHECK(cxs_rc_exit_status(CXS_EFORMAT) == 65 && cxs_rc_exit_status(CXS_EBUG) == 70);
    CHECK(cxs_rc_exit_status(CXS_ENOINPUT) == 66 &&
          cxs_rc_exit_status(CXS_ENOMEM) == 71);
    CHECK(cxs_rc_exit_status(CXS_ECREATE) == 73 && cxs_rc_exit_status(CXS_EIO) == 74);
    CHECK(cxs_rc_exit_status(CXS_ETRUNCATED) == 74 &&
          cxs_rc_exit_status(CXS_ENOTBUILT) == 64);
    for (int rc = CXS_OK; rc <= CXS_ENOTBUILT; rc++)
        CHECK(strcmp(cxs_rc_text((cxs_rc)rc), "unknown return code") != 0);
    CHECK(strcmp(cxs_rc_text((cxs_rc)999), "unknown return code") == 0);
    CHECK(cxs_rc_exit_status((cxs_rc)999) == 70);
    CHECK(cxs_version()[0] >= '0' && cxs_version()[0] <= '9');
    CHECK_DONE();
}

static void warnings_are_counted(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    heard h = {0};
    size_t times = 0;

    (void)state;
    cxs_ctx_set_log(ctx, listen, &h);
    CHECK(cxs_warn(ctx, "CX007", "time %d", 0) == CXS_OK);
    CHECK(h.lines == 1 && h.level == CXS_LOG_WARNING);
    CHECK(strcmp(h.code, "CX007") == 0 && strcmp(h.line, "time 0") == 0);
    CHECK(cxs_warn(ctx, "CX007", "time %d", 0) == CXS_OK);
    CHECK(cxs_warn(ctx, "", "plain") == CXS_OK);
    CHECK(h.lines == 2); /* a repeated one is counted, not shown */
    CHECK(cxs_ctx_warning_count(ctx) == 2);
    CHECK(strcmp(cxs_ctx_warning(ctx, 0, &times), "CX007: time 0") == 0 && times == 2);
    CHECK(strcmp(cxs_ctx_warning(ctx, 1, &times), "plain") == 0 && times == 1);
    cxs_note(ctx, "%d rows", 5);
    CHECK(h.level == CXS_LOG_NOTE && strcmp(h.line, "5 rows") == 0);
    CHECK(cxs_warn(NULL, "", "x") == CXS_OK);
    cxs_ctx_set_strict(ctx, 1);
    CHECK(cxs_warn(ctx, "CX009", "now %s", "fatal") == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_message(ctx), "now fatal") == 0);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX009") == 0 && cxs_ctx_warning_count(ctx) == 2);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Shown with ids, kept without them. */
static void ids_stay_out_of_what_is_kept(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    heard h = {0};
    char longest[400];

    (void)state;
    cxs_ctx_set_log(ctx, listen, &h);
    CHECK(cxs_warn(ctx, "CX005", "ids \"%s\" and \"%s\"", cxs_ctx_id(ctx, "P1"),
                   cxs_ctx_id(ctx, "p\0021")) == CXS_OK);
    CHECK(strcmp(h.line, "ids \"P1\" and \"p1\"") == 0);
    CHECK(strncmp(cxs_ctx_warning(ctx, 0, NULL), "CX005: ids \"***\" and \"***", 24) ==
          0);
    cxs_fail(ctx, CXS_EFORMAT, "patient %s", cxs_ctx_id(ctx, "P7"));
    CHECK(strcmp(cxs_ctx_message(ctx), "patient P7") == 0);
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    CHECK(cxs_warn(ctx, "", "<%s>", cxs_ctx_id(ctx, longest)) == CXS_OK);
    CHECK(strcmp(cxs_ctx_warning(ctx, 1, NULL), "<***>") == 0);
    cxs_ctx_set_mask_ids(ctx, 1);
    cxs_fail(ctx, CXS_EFORMAT, "patient %s", cxs_ctx_id(ctx, "P7"));
    CHECK(strcmp(cxs_ctx_message(ctx), "patient ***") == 0);
    cxs_note(ctx, "patient %s", cxs_ctx_id(ctx, "P7"));
    CHECK(strcmp(h.line, "patient ***") == 0);
    CHECK(strcmp(cxs_ctx_id(NULL, "P8"), "P8") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void children_hand_over(void **state)
{
    cxs_ctx *parent = cxs_ctx_new(), *child;
    heard h = {0};

    (void)state;
    cxs_ctx_set_log(parent, listen, &h);
    cxs_ctx_set_mask_ids(parent, 1);
    child = cxs_ctx_child(parent);
    CHECK(cxs_ctx_is_worker(child) && !cxs_ctx_is_worker(parent));
    CHECK(!cxs_ctx_strict(child) && strcmp(cxs_ctx_id(child, "P1"), "***") == 0);
    CHECK(cxs_warn(child, "CX007", "zero") == CXS_OK && h.lines == 0);
    cxs_fail_code(child, CXS_EIO, "CX999", "broken");
    cxs_ctx_adopt(parent, child);
    CHECK(h.lines == 1 && strcmp(h.line, "zero") == 0 && strcmp(h.code, "CX007") == 0);
    CHECK(strcmp(cxs_ctx_warning(parent, 0, NULL), "CX007: zero") == 0);
    CHECK(strcmp(cxs_ctx_message(parent), "broken") == 0);
    CHECK(strcmp(cxs_ctx_code(parent), "CX999") == 0);
    cxs_ctx_free(child);
    cxs_ctx_free(parent);
    CHECK_DONE();
}

/* A full table still shows each warning. */
static void many_warnings(void **state)
{
    const long live = cxs_alloc_live();
    cxs_ctx *ctx = cxs_ctx_new();
    heard h = {0};

    (void)state;
    cxs_ctx_set_log(ctx, listen, &h);
    for (int i = 0; i < 3000; i++)
        CHECK(cxs_warn(ctx, "", "number %d", i) == CXS_OK);
    CHECK(h.lines == 3000 && cxs_ctx_warning_count(ctx) == 2048);
    cxs_ctx_free(ctx);
    cxs_ctx_free(NULL);
    CHECK(cxs_alloc_live() == live);
    CHECK_DONE();
}

static void allocation(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    int *numbers = NULL;
    size_t capacity = 0;
    cxs_buf b = {0};
    char *copy;

    (void)state;
    CHECK(cxs_calloc(ctx, SIZE_MAX, 2) == NULL);
    CHECK(strcmp(cxs_ctx_message(ctx),
                 "cannot allocate 18446744073709551615 x 2 bytes") == 0);
    CHECK(cxs_grow(ctx, (void **)&numbers, &capacity, SIZE_MAX, 4) == CXS_ENOMEM);
    CHECK(cxs_grow(ctx, (void **)&numbers, &capacity, SIZE_MAX - 7, 1) == CXS_ENOMEM);
    CHECK(numbers == NULL && capacity == 0);
    CHECK(cxs_grow(ctx, (void **)&numbers, &capacity, 9, sizeof *numbers) == CXS_OK);
    CHECK(capacity == 16);
    CHECK(cxs_grow(ctx, (void **)&numbers, &capacity, 16, sizeof *numbers) == CXS_OK);
    CHECK(capacity == 16 && cxs_alloc_live() == live + 1);
    cxs_free(numbers);
    CHECK(cxs_buf_addf(ctx, &b, "%d-%s", 7, "x") == CXS_OK);
    CHECK(cxs_buf_add(ctx, &b, "yz", 1) == CXS_OK);
    CHECK(strcmp(b.text, "7-xy") == 0 && b.length == 4);
    cxs_free(b.text);
    copy = cxs_strndup(ctx, "abcdef", 3);
    CHECK(copy != NULL && strcmp(copy, "abc") == 0);
    cxs_free(copy);
    cxs_free(NULL);
    cxs_alloc_fail_at(2);
    copy = cxs_strdup(ctx, "one");
    CHECK(copy != NULL && cxs_strdup(ctx, "two") == NULL);
    cxs_free(copy);
    copy = cxs_strdup(ctx, "three"); /* only one failure was asked for */
    CHECK(copy != NULL);
    cxs_free(copy);
    cxs_alloc_fail_at(0);
    CHECK(cxs_alloc_live() == live);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_are_remembered),
        cmocka_unit_test(every_code_has_text_and_status),
        cmocka_unit_test(warnings_are_counted),
        cmocka_unit_test(ids_stay_out_of_what_is_kept),
        cmocka_unit_test(children_hand_over),
        cmocka_unit_test(many_warnings),
        cmocka_unit_test(allocation),
    };
    return cmocka_run_group_tests_name("ctx", tests, NULL, NULL);
}
