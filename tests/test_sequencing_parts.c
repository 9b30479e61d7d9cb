/*
 * test_sequencing_parts.c -- sequencing files of a study, measured in parts that are
 * merged
 */
#include "test.h"

#include "sequencing_case.h"

static void shards_and_merge(void **state)
{
    cxs_ctx *ctx = new_ctx(2);
    const char *part[4];
    char path[4][1200];
    cxs_ingest_settings s = {.shards = 3};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        char name[16];
        snprintf(name, sizeof name, "%zu.cxp", k + 1);
        snprintf(path[k], sizeof path[k], "%s", test_path(name));
        part[k] = path[k];
        s.shard = k + 1;
        CHECK(ingest(ctx, "study", name, &s) == CXS_OK);
    }
    s = (cxs_ingest_settings){.part = part, .parts = 3};
    CHECK(ingest(ctx, "study", "m.cxs", &s) == CXS_OK);
    CHECK(same_files("a.cxs", "m.cxs"));
    part[1] = path[2];
    s.parts = 2;
    CHECK(ingest(ctx, "study", "n.cxs", &s) == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "4 of 12 files are in no part (first: sample "
                                       "\"C0002\", reads/C0002.cram); missing shards: "
                                       "2/3") != NULL);
    CHECK(!is_there("n.cxs"));
    s = (cxs_ingest_settings){.shard = 4, .shards = 3};
    CHECK(ingest(ctx, "study", "n.cxp", &s) == CXS_EARG);
    s = (cxs_ingest_settings){.part = part, .parts = 1, .shard = 1, .shards = 3};
    CHECK(ingest(ctx, "study", "n.cxp", &s) == CXS_EARG);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Memory runs out at every 61st allocation of a merge: no leak, no file. */
static void allocation_failures(void **state)
{
    const cxs_ingest_settings shard = {.shard = 1, .shards = 1};
    char path[1200];
    const char *part[1] = {path};
    const cxs_ingest_settings whole = {.part = part, .parts = 1};
    cxs_rc rc = CXS_ENOMEM;
    cxs_ctx *ctx = new_ctx(1);

    (void)state;
    CHECK(ingest(ctx, "study", "all.cxp", &shard) == CXS_OK);
    cxs_ctx_free(ctx);
    snprintf(path, sizeof path, "%s", test_path("all.cxp"));
    for (long k = 1; rc != CXS_OK && k < 200000; k += 61) {
        const long live = cxs_alloc_live();
        ctx = new_ctx(1);
        cxs_alloc_fail_at(k);
        rc = ingest(ctx, "study", "fail.cxs", &whole);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        CHECK((rc == CXS_OK) == is_there("fail.cxs"));
        cxs_ctx_free(ctx);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && same_files("fail.cxs", "a.cxs"));
    CHECK_DONE();
}

static void parts_by_sample(void **state)
{
    static const char *const one[] = {"S0001", "C0003"}, *const bad[] = {"S0009"};
    static const char *const rest[] = {"C0001", "C0002", "C0004", "S0002", "S0003",
                                       "S0004", "T0001", "T0002", "T0003", "T0004"};
    cxs_ctx *ctx = new_ctx(2);
    char path[2][1200];
    const char *part[2] = {path[0], path[1]};
    cxs_ingest_settings s = {.sample = one, .samples = 2};

    (void)state;
    snprintf(path[0], sizeof path[0], "%s", test_path("one.cxp"));
    snprintf(path[1], sizeof path[1], "%s", test_path("rest.cxp"));
    CHECK(ingest(ctx, "study", "one.cxp", &s) == CXS_OK);
    CHECK(strstr(tmp_log, "measures of 2 of 12 files") != NULL);
    s = (cxs_ingest_settings){.part = part, .parts = 1};
    CHECK(ingest(ctx, "study", "m2.cxs", &s) == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "10 of 12 files are in no part") != NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "missing shards") == NULL);
    s = (cxs_ingest_settings){.sample = rest, .samples = 10};
    CHECK(ingest(ctx, "study", "rest.cxp", &s) == CXS_OK);
    s = (cxs_ingest_settings){.part = part, .parts = 2};
    CHECK(ingest(ctx, "study", "m2.cxs", &s) == CXS_OK);
    CHECK(same_files("a.cxs", "m2.cxs"));
    s = (cxs_ingest_settings){.sample = bad, .samples = 1};
    CHECK(ingest(ctx, "study", "bad.cxp", &s) == CXS_EARG);
    CHECK(strstr(cxs_ctx_message(ctx), "\"S0009\" has no sequencing file") != NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void parts_that_do_not_fit(void **state)
{
    cxs_ctx *ctx = new_ctx(1);
    char path[1200];
    const char *part[1] = {path};
    const cxs_ingest_settings s = {.part = part, .parts = 1};
    cxs_db *db = NULL;

    (void)state;
    link_study("other");
    edit("other", "study.yaml", "stranded: 2", "stranded: 0");
    snprintf(path, sizeof path, "%s", test_path("1.cxp"));
    CHECK(ingest(ctx, "other", "o.cxs", &s) == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "1.cxp: a part of another plan") != NULL);
    CHECK(cxs_db_create(ctx, test_path("short.cxp"), CXS_DB_PART, CXS_PART_VERSION,
                        CXS_PART_SCHEMA, &db) == CXS_OK);
    CHECK(cxs_db_commit(ctx, db) == CXS_OK);
    snprintf(path, sizeof path, "%s", test_path("short.cxp"));
    CHECK(ingest(ctx, "study", "o.cxs", &s) == CXS_ETRUNCATED);
    CHECK(strstr(cxs_ctx_message(ctx), "the part is incomplete") != NULL);
    snprintf(path, sizeof path, "%s", test_path("a.cxs"));
    CHECK(ingest(ctx, "study", "o.cxs", &s) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "not a coxswain part of a study") != NULL);
    CHECK(!is_there("o.cxs"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The study measured as a whole: what the parts must come to. */
static int set_up_whole(void **state)
{
    cxs_ctx *ctx = new_ctx(1);
    int rc = set_up(state);

    if (rc == 0)
        rc = ingest(ctx, "study", "a.cxs", NULL) != CXS_OK;
    cxs_ctx_free(ctx);
    return rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_and_merge),
        cmocka_unit_test(allocation_failures),
        cmocka_unit_test(parts_by_sample),
        cmocka_unit_test(parts_that_do_not_fit),
    };

    return cmocka_run_group_tests_name("sequencing_parts", tests, set_up_whole,
                                       test_folder_remove);
}
