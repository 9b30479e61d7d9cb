/*
 * test_record.c -- the run record: fields, digest of settings, what must not be in it
 */
#include "test.h"

#include "files.h"

#include "base/base.h"
#include "coxswain/record.h"

#include <jansson.h>

static char words[][12] = {"coxswain", "model", "--out", "P", "bad\xff"};
static char *argv[] = {words[0], words[1], words[2], words[3], words[4]};

static cxs_rc make_record(cxs_ctx *ctx, const char *input, const char *prefix)
{
    cxs_record *r = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_record_new(ctx, "model", 5, argv, &r));
    CXS_TRY(cxs_record_setting_real(ctx, r, "alpha", 0.9));
    CXS_TRY(cxs_record_setting_text(ctx, r, "ties", "efron"));
    CXS_TRY(cxs_record_setting_text(ctx, r, "strata", NULL));
    CXS_TRY(cxs_record_result_real(ctx, r, "n", 200));
    CXS_TRY(cxs_record_result_real(ctx, r, "lambda_min", (double)NAN));
    CXS_TRY(cxs_record_result_text(ctx, r, "core", "Haswell"));
    CXS_TRY(cxs_record_input(ctx, r, input));
    CXS_TRY(cxs_record_input(ctx, r, input));
    CXS_TRY(cxs_record_input(ctx, r, "-"));
    CXS_TRY(cxs_record_output(ctx, r, input));
    CXS_TRY(cxs_record_write(ctx, r, prefix));
done:
    cxs_record_free(r);
    return rc;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "(none)";
}

static void check_files(const json_t *files, const char *path)
{
    const json_t *file = json_array_get(files, 0);

    CHECK(json_array_size(files) == 1);
    CHECK(strcmp(text_at(file, "path"), path) == 0);
    CHECK(json_integer_value(json_object_get(file, "bytes")) == 3);
    CHECK(strcmp(text_at(file, "sha256"), "ba7816bf8f01cfea414140de5dae2223"
                                          "b00361a396177a9cb410ff61f20015ad") == 0);
}

static void check_warnings(const json_t *list)
{
    CHECK(json_array_size(list) == 1);
    CHECK(strcmp(text_at(json_array_get(list, 0), "text"),
                 "CX007: patient *** has time 0") == 0);
    CHECK(json_integer_value(json_object_get(json_array_get(list, 0), "times")) == 3);
}

static void fields_of_a_record(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const char *input = test_text("in.tsv", "abc");
    json_t *root, *part;
    char *text;

    (void)state;
    cxs_ctx_set_threads(ctx, 3);
    for (int i = 0; i < 3; i++)
        CHECK(cxs_warn(ctx, "CX007", "patient %s has time 0",
                       cxs_ctx_id(ctx, i < 2 ? "P17" : "P18")) == CXS_OK);
    CHECK(make_record(ctx, input, test_path("os")) == CXS_OK);
    text = test_read(test_path("os.run.json"), NULL);
    root = text != NULL ? json_loads(text, 0, NULL) : NULL;
    assert_non_null(root);
    CHECK(strstr(text, "P17") == NULL && strstr(text, "NaN") == NULL);
    CHECK(strncmp(text, "{\n  \"argv\": [\n", 14) == 0); /* sorted, indented by two */
    CHECK(strcmp(text_at(root, "coxswain"), cxs_version()) == 0);
    CHECK(strcmp(text_at(root, "command"), "model") == 0);
    part = json_object_get(root, "argv");
    CHECK(json_array_size(part) == 5);
    CHECK(strcmp(json_string_value(json_array_get(part, 4)), "bad?") == 0);
    part = json_object_get(root, "settings");
    CHECK(json_real_value(json_object_get(part, "alpha")) == 0.9);
    CHECK(json_is_null(json_object_get(part, "strata")));
    part = json_object_get(root, "results");
    CHECK(json_is_integer(json_object_get(part, "n")));
    CHECK(json_is_null(json_object_get(part, "lambda_min")));
    CHECK(strcmp(text_at(part, "core"), "Haswell") == 0);
    check_files(json_object_get(root, "inputs"), input);
    check_files(json_object_get(root, "outputs"), input);
    check_warnings(json_object_get(root, "warnings"));
    CHECK(json_integer_value(json_object_get(root, "threads")) == 3);
    CHECK(strlen(text_at(root, "started")) == 20 &&
          text_at(root, "started")[19] == 'Z');
    CHECK(json_number_value(json_object_get(root, "wall_s")) >= 0);
    CHECK(json_number_value(json_object_get(root, "cpu_s")) >= 0);
    CHECK(json_number_value(json_object_get(root, "peak_rss_bytes")) > 1e5);
    CHECK(strlen(text_at(root, "host")) > 0);
    CHECK(strlen(text_at(json_object_get(root, "libraries"), "zstd")) >= 5);
    json_decref(root);
    free(text);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* SHA-256 of {"alpha":1,"ties":"efron"}; the order of calls does not matter, results
 * do not count. */
static void digest_of_the_settings(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_record *a = NULL, *b = NULL;
    char x[CXS_SHA256_HEX], y[CXS_SHA256_HEX];

    (void)state;
    CHECK(cxs_record_new(ctx, "cox", 0, NULL, &a) == CXS_OK);
    CHECK(cxs_record_new(ctx, "cox", 2, argv, &b) == CXS_OK);
    CHECK(cxs_record_setting_real(ctx, a, "alpha", 1) == CXS_OK);
    CHECK(cxs_record_setting_text(ctx, a, "ties", "efron") == CXS_OK);
    CHECK(cxs_record_setting_text(ctx, b, "ties", "efron") == CXS_OK);
    CHECK(cxs_record_setting_real(ctx, b, "alpha", 1) == CXS_OK);
    CHECK(cxs_record_result_real(ctx, b, "n", 5) == CXS_OK);
    CHECK(cxs_record_settings_digest(ctx, a, x) == CXS_OK);
    CHECK(cxs_record_settings_digest(ctx, b, y) == CXS_OK);
    CHECK(strcmp(x, y) == 0);
    CHECK(
        strcmp(x, "ed835c90e3eb16ee2f23184d28a2752422e087db030b613fddd10ce4d8dfce40") ==
        0);
    CHECK(cxs_record_setting_real(ctx, b, "alpha", 0.5) == CXS_OK);
    CHECK(cxs_record_settings_digest(ctx, b, y) == CXS_OK && strcmp(x, y) != 0);
    cxs_record_free(a);
    cxs_record_free(b);
    cxs_record_free(NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void failures(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_record *r = NULL;
    char message[1024];

    (void)state;
    CHECK(cxs_record_new(ctx, "cox", 0, NULL, &r) == CXS_OK);
    CHECK(cxs_record_input(ctx, r, test_path("nowhere")) == CXS_ENOINPUT);
    snprintf(message, sizeof message, "%s: No such file or directory",
             test_path("nowhere"));
    CHECK(strcmp(cxs_ctx_message(ctx), message) == 0);
    CHECK(cxs_record_write(ctx, r, test_path("absent/os")) == CXS_ECREATE);
    cxs_record_free(r);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The first file of a list of a written record. */
static json_t *first_file(json_t *root, const char *list)
{
    return json_array_get(json_object_get(root, list), 0);
}

/* A file of 300 MiB with a hole: its digest is that of blocks, and says so. */
static void large_files(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    char *large = strdup(test_path("large.bam"));
    const char *small = test_text("small.bam", "abc");
    cxs_record *r = NULL, *again = NULL;
    json_t *root;

    (void)state;
    test_text("large.bam", "abc");
    CHECK(truncate(large, (off_t)300 << 20) == 0);
    CHECK(cxs_record_new(ctx, "ingest", 0, NULL, &r) == CXS_OK);
    CHECK(cxs_record_input_large(ctx, r, large) == CXS_OK);
    CHECK(cxs_record_input_large(ctx, r, small) == CXS_OK);
    CHECK(cxs_record_input_large(ctx, r, "nowhere.bam") == CXS_ENOINPUT);
    CHECK(cxs_record_library(ctx, r, "htslib", "1.16") == CXS_OK);
    CHECK(cxs_record_write(ctx, r, test_path("large")) == CXS_OK);
    root = json_load_file(test_path("large.run.json"), 0, NULL);
    CHECK(json_object_get(first_file(root, "inputs"), "sha256") == NULL);
    CHECK(strlen(text_at(first_file(root, "inputs"), "sha256_of_blocks")) == 64);
    CHECK(json_integer_value(json_object_get(first_file(root, "inputs"), "bytes")) ==
          300 << 20);
    CHECK(strcmp(text_at(json_array_get(json_object_get(root, "inputs"), 1), "sha256"),
                 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") ==
          0);
    CHECK(strcmp(text_at(json_object_get(root, "libraries"), "htslib"), "1.16") == 0);
    json_decref(root);
    /* its inputs, in another record, are the same; none stands twice */
    CHECK(cxs_record_new(ctx, "run", 0, NULL, &again) == CXS_OK);
    for (int pass = 0; pass < 2; pass++)
        CHECK(cxs_record_copy_inputs(ctx, again, test_path("large.run.json")) ==
              CXS_OK);
    CHECK(cxs_record_write(ctx, again, test_path("again")) == CXS_OK);
    root = json_load_file(test_path("again.run.json"), 0, NULL);
    CHECK(json_array_size(json_object_get(root, "inputs")) == 2);
    CHECK(strcmp(text_at(first_file(root, "inputs"), "path"), large) == 0);
    json_decref(root);
    remove(large);
    free(large);
    cxs_record_free(r);
    cxs_record_free(again);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void records_that_are_none(void **state)
{
    static const char *const texts[] = {"{\"inputs\": 3}",
                                        "{\"inputs\": [{\"path\": 3}]}", "[1", "{}"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_record *r = NULL;

    (void)state;
    CHECK(cxs_record_new(ctx, "run", 0, NULL, &r) == CXS_OK);
    CHECK(cxs_record_copy_inputs(ctx, r, test_path("nowhere")) == CXS_ENOINPUT);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CHECK(cxs_record_copy_inputs(ctx, r, test_text("bad.json", texts[i])) ==
              CXS_EFORMAT);
        CHECK(strstr(cxs_ctx_message(ctx), "not a run record") != NULL);
    }
    cxs_record_free(r);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static long mallocs_left;

static void *short_malloc(size_t n)
{
    return mallocs_left-- > 0 ? malloc(n) : NULL;
}

/* Our own blocks and those of the JSON library. */
static void allocations_may_fail(void **state)
{
    char *input = strdup(test_text("in2.tsv", "abc"));
    cxs_rc rc;
    long k;

    (void)state;
    for (int json = 0; json < 2; json++) {
        rc = CXS_ENOMEM;
        for (k = 1; rc == CXS_ENOMEM && k < 2000; k++) {
            const long live = cxs_alloc_live();
            cxs_ctx *ctx = cxs_ctx_new();
            remove(test_path("oom.run.json"));
            CHECK(cxs_warn(ctx, "", "a warning") == CXS_OK);
            if (json) {
                mallocs_left = k;
                json_set_alloc_funcs(short_malloc, free);
            } else {
                cxs_alloc_fail_at(k);
            }
            rc = make_record(ctx, input, test_path("oom"));
            cxs_alloc_fail_at(0);
            json_set_alloc_funcs(malloc, free);
            CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
            CHECK((rc == CXS_OK) == (access(test_path("oom.run.json"), F_OK) == 0));
            cxs_ctx_free(ctx);
            CHECK(cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 8);
    }
    free(input);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_a_record),
        cmocka_unit_test(digest_of_the_settings),
        cmocka_unit_test(failures),
        cmocka_unit_test(large_files),
        cmocka_unit_test(records_that_are_none),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests_name("record", tests, test_folder_make,
                                       test_folder_remove);
}
