/*
 * test_reads.c -- the pass over an alignment file: CRAM and indexes, meters that fail,
 * short memory
 */
#include "test.h"

#include "reads_case.h"

#include "ingest/hts_blocks.h"

#include <fcntl.h>
#include <sys/stat.h>

/* ---- CRAM and indexes --------------------------------------------------------------- */

static const char *make_fasta(const char *name, const char *contigs)
{
    const char *path = test_text(name, contigs);

    if (fai_build(path) != 0)
        abort();
    return path;
}

static void references(void **state)
{
    /* 1: ACGT.., 2: all G */
    char fasta[4096], other[4096];
    char text[2048];
    char both[TEST_PATH_BYTES * 2], cram[TEST_PATH_BYTES * 2];
    cxs_reads_settings s = {.threads = 2};
    cxs_measures *bag = NULL;
    cxs_ctx *ctx = cxs_ctx_new();
    size_t n;

    (void)state;
    n = (size_t)snprintf(fasta, sizeof fasta, ">chr1\n");
    for (size_t i = 0; i < 1000; i++)
        fasta[n++] = "ACGT"[i % 4];
    snprintf(fasta + n, sizeof fasta - n, "\n");
    memcpy(other, fasta, sizeof other);
    other[300] = other[300] == 'A' ? 'C' : 'A';
    n += 1;
    n += (size_t)snprintf(fasta + n, sizeof fasta - n, ">chr2\n");
    for (size_t i = 0; i < 500; i++)
        fasta[n++] = 'G';
    snprintf(fasta + n, sizeof fasta - n, "\n");
    snprintf(both, sizeof both, "%s", make_fasta("both.fa", fasta));
    /* the place of the reference is a server: it must not be asked */
    snprintf(text, sizeof text,
             HD "@SQ\tSN:chr1\tLN:1000\tUR:https://example.org/x.fa\n"
                "@SQ\tSN:chr2\tLN:500\n"
                "a\t0\tchr1\t50\t60" SEQ "b\t0\tchr2\t60\t60\t10M\t*\t0\t0\t"
                "GGGGGGGGGG\t*\n");
    snprintf(cram, sizeof cram, "%s", sam_convert("x.cram", text, "wc", both));
    s.path = cram;
    s.reference = both;
    CHECK(pass_with(ctx, &s, &bag) == CXS_OK);
    CHECK(cell(bag, "one", "records") == 2 && cell(bag, "one", "sum") == 49 + 59);
    cxs_measures_free(bag);
    s.reference = NULL;
    unlink(both); /* its path is in the header of the CRAM */
    check_refused(&s, CXS_EMISMATCH, "CX039",
                  "%s: reference for chr1 not found; give --reference FASTA");
    s.reference = make_fasta("other.fa", other);
    check_refused(&s, CXS_EMISMATCH, "CX039",
                  "%s: reference for chr2 not found; give --reference FASTA");
    s.reference = "/nonexistent/x.fa";
    CHECK(pass_with(ctx, &s, &bag) == CXS_ENOINPUT);
    CHECK(strstr(cxs_ctx_message(ctx), "/nonexistent/x.fa: No such file") != NULL);
    cxs_measures_free(bag);
    s.reference = test_text("bare.fa", ">chr1\nACGT\n");
    CHECK(pass_with(ctx, &s, &bag) == CXS_ENOINPUT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX038") == 0);
    CHECK(strstr(cxs_ctx_message(ctx), "run: samtools faidx ") != NULL);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void reference_search_stays_here(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    setenv("REF_PATH", "/local/%2s:https\\://example.org/%s", 1);
    CHECK(cxs_hts_local(ctx, "x.bam") == CXS_OK);
    CHECK(strcmp(getenv("REF_PATH"), "/nonexistent") == 0);
    setenv("REF_PATH", "/local/cache/%2s/%s", 1);
    CHECK(cxs_hts_local(ctx, "x.bam") == CXS_OK);
    CHECK(strcmp(getenv("REF_PATH"), "/local/cache/%2s/%s") == 0);
    unsetenv("REF_PATH");
    CHECK(cxs_hts_local(ctx, "a:b.bam") == CXS_OK);
    CHECK(strcmp(getenv("REF_PATH"), "/nonexistent") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void indexes(void **state)
{
    char bam[TEST_PATH_BYTES * 2], want[TEST_PATH_BYTES * 6];
    const struct timespec old[2] = {{1000000000, 0}, {1000000000, 0}};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    snprintf(bam, sizeof bam, "%s", test_text("i.bam", "x"));
    CHECK(cxs_hts_need_index(ctx, bam) == CXS_ENOINPUT);
    snprintf(want, sizeof want, "%s: index is missing; run: samtools index %s", bam,
             bam);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX038") == 0);
    CHECK(strcmp(cxs_ctx_message(ctx), want) == 0);
    CHECK(cxs_hts_need_index(ctx, test_text("j.bam", "x")) == CXS_ENOINPUT);
    test_text("j.bai", "x");
    CHECK(cxs_hts_need_index(ctx, test_path("j.bam")) == CXS_OK);
    const char *bai = test_text("i.bam.bai", "x");
    CHECK(cxs_hts_need_index(ctx, bam) == CXS_OK);
    CHECK(cxs_ctx_warning_count(ctx) == 0);
    CHECK(utimensat(AT_FDCWD, bai, old, 0) == 0);
    CHECK(cxs_hts_need_index(ctx, bam) == CXS_OK);
    CHECK(cxs_ctx_warning_count(ctx) == 1);
    CHECK(strstr(cxs_ctx_warning(ctx, 0, NULL), "CX038: ") != NULL);
    CHECK(strstr(cxs_ctx_warning(ctx, 0, NULL), "index is older than the data") !=
          NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- meters that fail, short memory ------------------------------------------------- */

static void failing_meters(void **state)
{
    const char *path = far_mates(9000, 100, true);
    int64_t fails_at = 14000;

    (void)state;
    for (size_t threads = 1; threads <= 4; threads++) {
        const cxs_reads_settings s = {.path = path, .threads = threads};
        cxs_meter one = seen_meter("one", false), two = seen_meter("two", true);
        cxs_meter *const meters[] = {&two, &one};
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_measures *bag = NULL;
        one.shared = &fails_at;
        CHECK(cxs_measures_new(ctx, &bag) == CXS_OK);
        CHECK(cxs_reads_pass(ctx, &s, meters, 2, bag) == CXS_EFORMAT);
        CHECK(strcmp(cxs_ctx_message(ctx), "the meter does not like 14000") == 0);
        cxs_measures_free(bag);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* What each worker counted ends in the first state. */
static void states_are_added(void **state)
{
    cxs_meter one = seen_meter("one", false), two = seen_meter("two", true);
    cxs_meter *const meters[] = {&one, &two};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_crew crew = {0};

    (void)state;
    CHECK(cxs_crew_start(ctx, &crew, meters, 2, 4, NULL) == CXS_OK);
    for (int64_t s = 0, ten = 1; s < 4; s++, ten *= 10) {
        ((seen *)crew.state[2 * s])->records = ten;
        ((seen *)crew.state[2 * s + 1])->pairs = 2 * ten;
    }
    cxs_crew_add(&crew);
    CHECK(((seen *)crew.state[0])->records == 1111);
    CHECK(((seen *)crew.state[1])->pairs == 2222);
    cxs_crew_end(&crew);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void warnings_arrive(void **state)
{
    const cxs_reads_settings s = {
        .path = test_text("w.sam", HD SQ "a\t0\tchr1\t78\t60" SEQ), .threads = 2};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_measures *bag = NULL;

    (void)state;
    CHECK(pass_with(ctx, &s, &bag) == CXS_OK);
    CHECK(cxs_ctx_warning_count(ctx) == 1);
    CHECK(strcmp(cxs_ctx_warning(ctx, 0, NULL), "seventy-seven") == 0);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    const cxs_reads_settings s = {
        .path = test_text("m.sam", HD SQ
                          "@RG\tID:a\tSM:S1\n" R("a", "99", "chr1", "10", "=", "50", "")
                              R("a", "147", "chr1", "50", "=", "10", "")
                                  R("b", "99", "chr1", "60", "=", "70", "")),
        .sample = "S1",
        .threads = 2};
    cxs_ctx *ctx = cxs_ctx_new();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 500; k++) {
        cxs_measures *bag = NULL;
        cxs_alloc_fail_at(k);
        rc = pass_with(ctx, &s, &bag);
        cxs_alloc_fail_at(0);
        if (rc == CXS_OK)
            CHECK(cell(bag, "two", "pairs") == 1 && cell(bag, "two", "alone") == 1);
        cxs_measures_free(bag);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 20);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references),
        cmocka_unit_test(reference_search_stays_here),
        cmocka_unit_test(indexes),
        cmocka_unit_test(failing_meters),
        cmocka_unit_test(states_are_added),
        cmocka_unit_test(warnings_arrive),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("reads", tests, test_folder_make,
                                       test_folder_remove);
}
