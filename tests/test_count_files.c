/*
 * test_count_files.c -- reads in genes: the tables that are written, what is refused,
 * short memory
 */
#include "test.h"

#include "count_case.h"

#include "base/text.h"

/* ---- the same bytes ----------------------------------------------------------------- */

static void tables(void **state)
{
    static const char annotation[] =
        "e8\tchr1\t60\t61\t+\ne38\tchr1\t70\t71\t+\ne23\tchr1\t80\t81\t+\n"
        "m\tchr2\t5\t9\t+\nm\tchr1\t11\t20\t+\nm\tchr1\t16\t30\t-\nk\tchr1\t50\t59\t.\n"
        "m\tchr1\t41\t45\t+\n";
    /* as featureCounts prints them: 1/8 and 3/8 lie half-way and go to the even digit */
    static const char want[] = "gene_id\tchrom\tstart\tend\tstrand\tlength\tx\n"
                               "e23\t1\t80\t81\t+\t2\t0.67\n"
                               "e38\t1\t70\t71\t+\t2\t0.38\n"
                               "e8\t1\t60\t61\t+\t2\t0.12\n"
                               "k\t1\t50\t59\t.\t10\t0.33\n"
                               "m\t1;2\t11;5\t45;9\t.;+\t30\t2\n";
    static const char rows[] = "gene_id\tchrom\tstart\tend\tstrand\tlength\tx\n"
                               "m\t1\t11\t20\t+\t10\t1\n"
                               "m\t1\t16\t30\t-\t15\t0\n"
                               "m\t1\t41\t45\t+\t5\t0\n"
                               "k\t1\t50\t59\t.\t10\t0.33\n"
                               "e8\t1\t60\t61\t+\t2\t0.12\n"
                               "e38\t1\t70\t71\t+\t2\t0.38\n"
                               "e23\t1\t80\t81\t+\t2\t0.67\n"
                               "m\t2\t5\t9\t+\t5\t1\n";
    static const char sam[] = "@SQ\tSN:1\tLN:99\n@SQ\tSN:2\tLN:99\n"
                              "r\t0\t1\t12\t9\t4M\t*\t0\t0\t*\t*\n"
                              "r\t0\t2\t5\t9\t1M\t*\t0\t0\t*\t*\n"
                              "r\t0\t1\t59\t9\t1M\t*\t0\t0\t*\t*\tNH:i:3\n"
                              "r\t0\t1\t60\t9\t1M\t*\t0\t0\t*\t*\tNH:i:8\n"
                              "r\t0\t1\t70\t9\t1M\t*\t0\t0\t*\t*\tNH:i:4\n"
                              "r\t0\t1\t70\t9\t1M\t*\t0\t0\t*\t*\tNH:i:8\n"
                              "r\t0\t1\t80\t9\t1M\t*\t0\t0\t*\t*\tNH:i:3\n"
                              "r\t0\t1\t80\t9\t1M\t*\t0\t0\t*\t*\tNH:i:3\n";
    char path[TEST_PATH_BYTES * 2], name[TEST_PATH_BYTES * 2 + 16];
    const char *paths[] = {path};
    cxs_count_settings s = mode("M f");
    char *got;

    (void)state;
    snprintf(path, sizeof path, "%s", test_text("x.sam.gz", sam));
    s.annotation = test_text("t.saf", annotation);
    for (int feature = 0; feature < 2; feature++) {
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_counts *counts = NULL;
        s.by_feature = feature;
        CHECK(cxs_count_files(ctx, &s, paths, 1, &counts) == CXS_OK);
        CHECK(cxs_counts_write(ctx, counts, test_path("t"), NULL) == CXS_OK);
        snprintf(name, sizeof name, "%s.counts.tsv", test_path("t"));
        got = test_read(name, NULL);
        CHECK(got != NULL && strcmp(got, feature ? rows : want) == 0);
        if (got == NULL || strcmp(got, feature ? rows : want) != 0)
            printf("%s", got);
        free(got);
        snprintf(name, sizeof name, "%s.summary.tsv", test_path("t"));
        got = test_read(name, NULL);
        CHECK(got != NULL && strstr(got, "status\tx\nAssigned\t8\n") == got);
        free(got);
        cxs_counts_free(counts);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* ---- refused ------------------------------------------------------------------------ */

static void check_settings(const char *words, const char *sentence)
{
    const cxs_count_settings s = mode(words);
    const char *path = "x.bam";
    cxs_count_settings given = s;
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_counts *counts = NULL;

    given.annotation = odd_saf;
    CHECK(cxs_count_files(ctx, &given, &path, 1, &counts) == CXS_EARG);
    CHECK(counts == NULL && strcmp(cxs_ctx_message(ctx), sentence) == 0);
    if (strcmp(cxs_ctx_message(ctx), sentence) != 0)
        printf("  got %s\n", cxs_ctx_message(ctx));
    cxs_ctx_free(ctx);
}

static void settings_that_do_not_fit(void **state)
{
    const char *twice[] = {"a/x.bam", "b/x.cram"};
    cxs_count_settings s = cxs_count_defaults();
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_counts *counts = NULL;

    (void)state;
    check_settings("c", "--count-fragments needs --paired");
    check_settings("p B", "--both-ends needs --count-fragments");
    check_settings("p C", "--chimeric no needs --count-fragments");
    check_settings("f", "--fraction needs --multi or --overlap");
    check_settings("s3", "--stranded is 0, 1 or 2");
    check_settings("m0", "--min-overlap is at least 1");
    CHECK(cxs_count_files(ctx, &s, twice, 1, &counts) == CXS_EARG);
    CHECK(strcmp(cxs_ctx_message(ctx), "counting needs --annotation") == 0);
    s.annotation = odd_saf;
    CHECK(cxs_count_files(ctx, &s, twice, 2, &counts) == CXS_EARG);
    CHECK(strcmp(cxs_ctx_message(ctx),
                 "a/x.bam and b/x.cram would have the same column name, x") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void files_that_do_not_fit(void **state)
{
    char sam[1024], want[2048];
    const cxs_count_settings single = mode("");
    cxs_count_settings s = mode("");
    const char *path;
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_counts *counts = NULL;

    (void)state;
    snprintf(sam, sizeof sam, "%s%s", header, ONE("99", "150", "9", "9M", ""));
    CHECK(count_with(&single, sam, CXS_EMISMATCH) == NULL);
    s.annotation = test_text("x.saf", saf);
    path = test_text("x.sam", sam);
    CHECK(cxs_count_files(ctx, &s, &path, 1, &counts) == CXS_EMISMATCH);
    snprintf(want, sizeof want, "%s: there are paired reads; give --paired", path);
    CHECK(strcmp(cxs_ctx_message(ctx), want) == 0);
    path = test_text("x.sam", "@SQ\tSN:chr9\tLN:500\n");
    CHECK(cxs_count_files(ctx, &s, &path, 1, &counts) == CXS_EMISMATCH);
    snprintf(want, sizeof want,
             "%s: no contig occurs in the annotation (9 here, 1 there)", path);
    CHECK(strcmp(cxs_ctx_message(ctx), want) == 0);
    s.stranded = 1;
    s.annotation = test_text("x.saf", "a\t9\t5\t6\t.\nb\t9\t5\t6\t+\n");
    CHECK(cxs_count_files(ctx, &s, &path, 1, &counts) == CXS_OK);
    CHECK(cxs_ctx_warning_count(ctx) == 1);
    CHECK(strstr(cxs_ctx_warning(ctx, 0, NULL),
                 "1 features have no strand: with --stranded 1 no read counts for "
                 "them") != NULL);
    cxs_counts_free(counts);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    char sam[2048], annotation[TEST_PATH_BYTES * 2], out[TEST_PATH_BYTES * 2];
    cxs_count_settings s = mode("p c m2");
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    const char *path;
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    snprintf(sam, sizeof sam, "%s%s", header, PAIR("9", "9", "", ""));
    snprintf(annotation, sizeof annotation, "%s", test_text("x.saf", saf));
    snprintf(out, sizeof out, "%s", test_path("alloc"));
    path = test_text("x.sam", sam);
    s.annotation = annotation;
    for (k = 1; rc == CXS_ENOMEM && k < 2000; k++) {
        cxs_counts *counts = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_count_files(ctx, &s, &path, 1, &counts);
        if (rc == CXS_OK)
            rc = cxs_counts_write(ctx, counts, out, NULL);
        cxs_alloc_fail_at(0);
        cxs_counts_free(counts);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 40);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables),
        cmocka_unit_test(settings_that_do_not_fit),
        cmocka_unit_test(files_that_do_not_fit),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("count_files", tests, test_folder_make,
                                       test_folder_remove);
}
