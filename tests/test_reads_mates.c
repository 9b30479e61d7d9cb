/*
 * test_reads_mates.c -- the pass over an alignment file: who is whose mate, and that
 * threads change nothing
 */
#include "test.h"

#include "reads_case.h"

#include "ingest/hts_blocks.h"

/* Pairs and lone reads of a text. */
static void check_pairs(const char *text, int64_t pairs, int64_t alone)
{
    cxs_measures *bag = pass(test_text("pairs.sam", text), 1);

    CHECK(cell(bag, "two", "pairs") == pairs);
    CHECK(cell(bag, "two", "alone") == alone);
    CHECK(cell(bag, "reads", "pairs") == pairs);
    cxs_measures_free(bag);
}

static void who_is_whose_mate(void **state)
{
    (void)state;
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("a", "147", "chr1", "50", "=", "10", ""),
                1, 0);
    /* another name; another place of the mate; another place of its own */
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("b", "147", "chr1", "50", "=", "10", ""),
                0, 2);
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "51", "")
                    R("a", "147", "chr1", "50", "=", "10", ""),
                0, 2);
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("a", "147", "chr1", "50", "=", "11", ""),
                0, 2);
    check_pairs(SQ R("a", "65", "chr1", "10", "chr2", "50", "")
                    R("a", "129", "chr1", "50", "=", "10", ""),
                0, 2);
    /* both are read 1: the places are told the other way round */
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("a", "83", "chr1", "50", "=", "10", ""),
                0, 2);
    /* HI tells apart hits at the same places */
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "\tHI:i:1")
                    R("a", "147", "chr1", "50", "=", "10", "\tHI:i:2"),
                0, 2);
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "\tHI:i:1")
                    R("a", "99", "chr1", "10", "=", "50", "\tHI:i:2")
                        R("a", "147", "chr1", "50", "=", "10", "\tHI:i:2")
                            R("a", "147", "chr1", "50", "=", "10", "\tHI:i:1"),
                2, 0);
    /* an unmapped mate has no place, wherever it stands */
    check_pairs(SQ R("a", "73", "chr1", "10", "=", "10", "")
                    R("a", "133", "chr1", "10", "=", "10", ""),
                1, 0);
    check_pairs(SQ R("a", "73", "chr1", "10", "*", "0", "")
                    R("a", "133", "*", "0", "chr1", "10", ""),
                1, 0);
    check_pairs(SQ R("a", "77", "*", "0", "*", "0", "")
                    R("a", "141", "*", "0", "*", "0", ""),
                1, 0);
    /* reads without pair, twice the same name */
    check_pairs(SQ R("a", "0", "chr1", "10", "*", "0", "")
                    R("a", "16", "chr1", "10", "*", "0", ""),
                0, 2);
    /* three that would fit: the first two meet */
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("a", "147", "chr1", "50", "=", "10", "")
                        R("a", "147", "chr1", "50", "=", "10", ""),
                1, 1);
    /* a supplementary alignment lies elsewhere */
    check_pairs(SQ R("a", "99", "chr1", "10", "=", "50", "")
                    R("a", "147", "chr1", "50", "=", "10", "")
                        R("a", "2147", "chr2", "50", "chr1", "50", ""),
                1, 1);
    CHECK_DONE();
}

/* The sum tells which position came first and which second. */
static void mates_in_other_blocks(void **state)
{
    static const size_t apart[] = {0, 1, 700, 5000};
    const int64_t pairs = 7000;

    (void)state;
    for (size_t a = 0; a < 4; a++) {
        int64_t sum = 0;
        for (int64_t i = 0; i < pairs; i++)
            sum +=
                2 * i * 1000003 + (i % 50 == 49 ? -7 : 2 * (i + (int64_t)apart[a]) + 1);
        for (size_t threads = 1; threads <= 3; threads += 2)
            for (size_t sorted = 0; sorted < 2; sorted++) {
                cxs_measures *bag =
                    pass(far_mates((size_t)pairs, apart[a], sorted), threads);
                CHECK(cell(bag, "one", "records") == 2 * pairs - pairs / 50);
                CHECK(cell(bag, "two", "pairs") == pairs - pairs / 50);
                CHECK(cell(bag, "two", "alone") == pairs / 50);
                CHECK(cell(bag, "reads", "pairs") == pairs - pairs / 50);
                CHECK(cell(bag, "reads", "lone") == pairs / 50);
                CHECK(cell(bag, "two", "sum") == sum);
                cxs_measures_free(bag);
            }
    }
    CHECK_DONE();
}

/* In a sorted file the slots of mates that cannot come any more are used again. */
static void waiting_in_vain_ends(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_mates m = {0};
    bam1_t *b = bam_init1();
    size_t at = 0;

    (void)state;
    for (int64_t i = 0; i < 100; i++) {
        CHECK(bam_set1(b, 1, "a", 65, 0, i, 60, 0, NULL, i % 2 == 0 ? 0 : 1, 500 + i, 0,
                       0, NULL, NULL, 0) >= 0);
        CHECK(cxs_mates_wait(ctx, &m, b, cxs_mates_hash(b)) == CXS_OK);
    }
    CHECK(m.waiting == 100);
    while (cxs_mates_expired(&m, &at, 0, 550) != NULL)
        continue;
    CHECK(m.waiting == 75); /* even ones with a mate before 550 are gone */
    at = 0;
    while (cxs_mates_expired(&m, &at, 1, 500) != NULL)
        continue;
    CHECK(m.waiting == 50);
    m.bytes_most = 1;
    CHECK(cxs_mates_wait(ctx, &m, b, 1) == CXS_EBUDGET);
    CHECK(strstr(cxs_ctx_message(ctx), "50 reads wait for their mates") != NULL);
    at = 0;
    while (cxs_mates_expired(&m, &at, -1, 0) != NULL)
        continue;
    CHECK(m.waiting == 0 && m.bytes == 0 && m.used == 100);
    cxs_mates_free(&m);
    bam_destroy1(b);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_whose_mate),
        cmocka_unit_test(mates_in_other_blocks),
        cmocka_unit_test(waiting_in_vain_ends),
    };

    return cmocka_run_group_tests_name("reads_mates", tests, test_folder_make,
                                       test_folder_remove);
}
