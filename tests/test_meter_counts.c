/*
 * test_meter_counts.c -- totals and quality, sex, fragments per bin, intervals
 */
#include "test.h"

#include "meter_case.h"
#include "meter_counts_case.h"

#include "ingest/hts_windows.h"

#include <htslib/faidx.h>

static cxs_measures *run(const char *sam, const char *build, cxs_meter *meter)
{
    meter_case *c = case_new(sam, build);
    cxs_measures *bag;

    if (meter == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        abort();
    }
    bag = measured(ctx, c, meter);
    meter->free(meter);
    case_free(c);
    return bag;
}

static int64_t qc(const cxs_measures *bag, const char *name)
{
    return named_cell(bag, "qc", "name", name, "value");
}

/* ---- quality ------------------------------------------------------------------------ */

static void totals_by_hand(void **state)
{
    static const char sam[] =
        SQ "a\t99\tchr1\t101\t60\t8M\t=\t121\t28\t" T8 "\t" Q8 "\n"
           "a\t147\tchr1\t121\t37\t2S6M\t=\t101\t-28\t" T8 "\t" Q8 "\n"
           "b\t1097\tchr1\t201\t0\t3S4M1S\t=\t201\t0\t" T8 "\t" Q8
           "\n" /* dup, mate unmapped */
           "b\t1157\tchr1\t201\t0\t*\t=\t201\t0\t" T8 "\t" Q8 "\n" /* dup, unmapped */
           "c\t97\tchr1\t301\t60\t8M\tchrM\t11\t0\t" T8 "\t" Q8 "\n"
           "c\t145\tchrM\t11\t60\t8M\tchr1\t301\t0\t" T8 "\t" Q8 "\n"
           "d\t256\tchr1\t401\t0\t8M\t*\t0\t0\t*\t*\n"
           "e\t2048\tchr1\t402\t9\t2S6M\t*\t0\t0\t" T8 "\t" Q8 "\n"
           "f\t512\tchr1\t403\t60\t10M\t*\t0\t0\t" T8 "GG\t" Q8 "II\n"
           "u\t4\t*\t0\t0\t*\t*\t0\t0\t" T8 "\t" Q8 "\n";
    cxs_meter *meter = NULL;
    cxs_measures *bag;

    (void)state;
    CHECK(cxs_meter_qc(ctx,
                       test_text("classes.bed", "chr1\t100\t110\trrna\n"
                                                "chr1\t105\t126\trrna\n"
                                                "chr1\t402\t410\thb\n"),
                       &meter) == CXS_OK);
    bag = run(sam, "hg19", meter);
    CHECK(qc(bag, "records") == 10);
    CHECK(qc(bag, "primary") == 8);
    CHECK(qc(bag, "secondary") == 1);
    CHECK(qc(bag, "supplementary") == 1);
    CHECK(qc(bag, "duplicates") == 2);
    CHECK(qc(bag, "qc_fail") == 1);
    CHECK(qc(bag, "mapped") == 8);
    CHECK(qc(bag, "primary_mapped") == 6);
    CHECK(qc(bag, "paired") == 6);
    CHECK(qc(bag, "proper_pair") == 2);
    CHECK(qc(bag, "both_mapped") == 4);
    CHECK(qc(bag, "singletons") == 1);
    CHECK(qc(bag, "mate_elsewhere") == 2);
    CHECK(qc(bag, "bases") == 5 * 8 + 10);
    CHECK(qc(bag, "soft_clipped") == 2 + 4);
    CHECK(qc(bag, "class.mt") == 1);
    CHECK(qc(bag, "class.rrna") == 2);
    CHECK(qc(bag, "class.hb") == 1); /* f; e is supplementary */
    CHECK(cell(bag, "qc_mapq", "reads", 60) == 4);
    CHECK(cell(bag, "qc_mapq", "reads", 37) == 1);
    CHECK(cell(bag, "qc_mapq", "reads", 0) == 1);
    CHECK(cell(bag, "qc_mapq", "reads", 9) == 0);
    CHECK(cell(bag, "qc_read_length", "reads", 8) == 7);
    CHECK(cell(bag, "qc_read_length", "reads", 10) == 1);
    CHECK(cell(bag, "qc_insert_size", "inward", 28) == 2);
    CHECK(cell(bag, "qc_insert_size", "inward", 0) == 0);
    cxs_measures_free(bag);
    CHECK_DONE();
}

static void orientations(void **state)
{
    /* inward, outward, same strand; long ones end in the last row. */
    static const char sam[] =
        SQ "i\t97\tchr1\t101\t60\t8M\t=\t121\t28\t" T8 "\t" Q8 "\n"
           "i\t145\tchr1\t121\t60\t8M\t=\t101\t-28\t" T8 "\t" Q8 "\n"
           "o\t81\tchr1\t101\t60\t8M\t=\t121\t28\t" T8 "\t" Q8 "\n"
           "o\t161\tchr1\t121\t60\t8M\t=\t101\t-28\t" T8 "\t" Q8 "\n"
           "s\t113\tchr1\t101\t60\t8M\t=\t121\t28\t" T8 "\t" Q8 "\n"
           "s\t177\tchr1\t121\t60\t8M\t=\t101\t-28\t" T8 "\t" Q8 "\n"
           "e\t97\tchr1\t101\t60\t8M\t=\t101\t8\t" T8 "\t" Q8
           "\n" /* equal, read 1 forward */
           "e\t145\tchr1\t101\t60\t8M\t=\t101\t-8\t" T8 "\t" Q8 "\n"
           "r\t81\tchr1\t101\t60\t8M\t=\t101\t8\t" T8 "\t" Q8
           "\n" /* equal, read 1 reverse */
           "r\t161\tchr1\t101\t60\t8M\t=\t101\t-8\t" T8 "\t" Q8 "\n"
           "l\t97\tchr1\t101\t60\t8M\t=\t121\t8000\t" T8 "\t" Q8 "\n"
           "l\t145\tchr1\t121\t60\t8M\t=\t101\t-9000\t" T8 "\t" Q8 "\n";
    cxs_meter *meter = NULL;
    cxs_measures *bag;

    (void)state;
    CHECK(cxs_meter_qc(ctx, NULL, &meter) == CXS_OK);
    bag = run(sam, "hg19", meter);
    CHECK(cell(bag, "qc_insert_size", "inward", 28) == 2);
    CHECK(cell(bag, "qc_insert_size", "outward", 28) == 2);
    CHECK(cell(bag, "qc_insert_size", "other", 28) == 2);
    CHECK(cell(bag, "qc_insert_size", "inward", 8) == 2);
    CHECK(cell(bag, "qc_insert_size", "outward", 8) == 2);
    CHECK(cell(bag, "qc_insert_size", "inward", 8000) == 2);
    cxs_measures_free(bag);
    CHECK_DONE();
}

/* CX041 asks for more than a million mapped reads and no duplicate. */
static void duplicates_are_expected(void **state)
{
    static const char line[] =
        SQ "a\t0\tchr1\t101\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
           "b\t1024\tchr1\t101\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n";
    cxs_ctx *logged = tmp_ctx();
    meter_case *c = case_new(line, "hg19");
    cxs_meter *meter = NULL;

    (void)state;
    CHECK(cxs_meter_qc(logged, NULL, &meter) == CXS_OK);
    for (int round = 0; round < 3; round++) {
        void *s = NULL;
        cxs_measures *bag = NULL;

        CHECK(cxs_measures_new(logged, &bag) == CXS_OK);
        CHECK(meter->state_new(logged, meter, &c->info, &s) == CXS_OK);
        for (int i = 0; i < 1000000 + (round > 0); i++)
            CHECK(meter->record(logged, meter, s, c->record[0]) == CXS_OK);
        if (round == 2)
            CHECK(meter->record(logged, meter, s, c->record[1]) == CXS_OK);
        tmp_log[0] = '\0';
        CHECK(meter->finish(logged, meter, &c->info, s, bag) == CXS_OK);
        CHECK((strstr(tmp_log, "CX041: case.bam: no read is marked duplicate; depth "
                               "features may be inflated") != NULL) == (round == 1));
        meter->state_free(s);
        cxs_measures_free(bag);
    }
    meter->free(meter);
    case_free(c);
    cxs_ctx_free(logged);
    CHECK_DONE();
}

/* ---- sex, depth --------------------------------------------------------------------- */

static void reads_by_kind(void **state)
{
    static const char sam[] = SQ "a\t0\tchr1\t101\t20\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
                                 "b\t16\tchr1\t101\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
                                 "q\t0\tchr1\t101\t19\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
                                 "d\t1024\tchr1\t101\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
                                 "s\t256\tchr1\t101\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
                                 "x\t0\tchrX\t101\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
                                 "y\t0\tchrY\t101\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
                                 "m\t0\tchrM\t101\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
                                 "k\t0\tdecoy\t1\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n";
    static const char toy[] = "@SQ\tSN:a\tLN:50\n@SQ\tSN:b\tLN:60\n"
                              "q\t0\tb\t1\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n";
    cxs_meter *meter = NULL;
    cxs_measures *bag;

    (void)state;
    CHECK(cxs_meter_sex(ctx, &meter) == CXS_OK);
    bag = run(sam, "hg19", meter);
    CHECK(named_cell(bag, "sex", "kind", "autosomes", "reads") == 2);
    CHECK(named_cell(bag, "sex", "kind", "X", "reads") == 1);
    CHECK(named_cell(bag, "sex", "kind", "Y", "reads") == 1);
    CHECK(named_cell(bag, "sex", "kind", "MT", "reads") == 1);
    CHECK(named_cell(bag, "sex", "kind", "other", "reads") == 1);
    CHECK(named_cell(bag, "sex", "kind", "Y", "length") == 300);
    CHECK(named_cell(bag, "sex", "kind", "other", "length") == 100);
    cxs_measures_free(bag);
    CHECK(cxs_meter_sex(ctx, &meter) == CXS_OK);
    bag = run(toy, "other", meter);
    CHECK(named_cell(bag, "sex", "kind", "autosomes", "reads") == 1);
    CHECK(named_cell(bag, "sex", "kind", "autosomes", "length") == 110);
    cxs_measures_free(bag);
    CHECK_DONE();
}

static void depth_by_hand(void **state)
{
    /* Bins of 100.  p: 91..109, middle 100 -> bin 1 (read 1 reverse); o: 81..118, middle
     * 99 -> bin 0; f and r single; x: 3 of 5 filters; e hangs over the end. */
    static const char sam[] =
        SQ "p\t83\tchr1\t102\t20\t8M\t=\t92\t-18\t" T8 "\t" Q8 "\n"
           "p\t163\tchr1\t92\t20\t8M\t=\t102\t18\t" T8 "\t" Q8 "\n"
           "o\t99\tchr1\t82\t60\t8M\t=\t110\t37\t" T8 "\t" Q8 "\n"
           "f\t0\tchr1\t300\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"      /* 299 -> bin 2 */
           "r\t16\tchr1\t294\t60\t4M2D4M\t*\t0\t0\t" T8 "\t" Q8 "\n" /* 302 -> 3 */
           "r\t16\tchr1\t291\t60\t4M2D4M\t*\t0\t0\t" T8 "\t" Q8 "\n" /* 299 -> 2 */
           "v\t83\tchr1\t111\t60\t8M\t=\t82\t-37\t" T8 "\t" Q8 "\n"  /* as o */
           "q\t0\tchr1\t300\t19\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
           "d\t1024\tchr1\t300\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
           "s\t2048\tchr1\t300\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
           "i\t97\tchr1\t300\t60\t8M\t=\t310\t20\t" T8 "\t" Q8 "\n"
           "e\t99\tchr1\t990\t60\t8M\t=\t990\t40\t" T8 "\t" Q8 "\n"
           "y\t0\tchrY\t300\t60\t1M7S\t*\t0\t0\t" T8 "\t" Q8 "\n"
           "m\t0\tchrM\t10\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
           "k\t0\tdecoy\t1\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n";
    static const int64_t want[] = {2, 1, 2, 1, 0, 0, 0, 0, 0, 0};
    const char *fasta = test_text("d.fa", ">chr1\nGGCCNNAATT\n>X\nacgt\n");
    cxs_meter *meter = NULL;
    cxs_measures *bag;

    (void)state;
    CHECK(cxs_meter_depth(ctx, NULL, 100, &meter) == CXS_OK);
    bag = run(sam, "hg19", meter);
    CHECK(cxs_measure_rows(cxs_measures_find(bag, "depth")) == 10 + 5 + 3);
    for (size_t i = 0; i < 10; i++)
        CHECK(cell(bag, "depth", "fragments", i) == want[i]);
    for (size_t i = 10; i < 18; i++) /* e is nowhere, y in the last */
        CHECK(cell(bag, "depth", "fragments", i) == (i == 17));
    CHECK(strcmp(text_cell(bag, "depth", "chrom", 17), "Y") == 0);
    CHECK(cell(bag, "depth", "start", 17) == 200 &&
          cell(bag, "depth", "end", 17) == 300);
    CHECK(cxs_measure_get_int(cxs_measures_find(bag, "depth"), "gc") == NULL);
    cxs_measures_free(bag);

    CHECK(fai_build(fasta) == 0);
    CHECK(cxs_meter_depth(ctx, fasta, 4, &meter) == CXS_OK);
    bag = run("@SQ\tSN:1\tLN:10\n@SQ\tSN:X\tLN:4\n@SQ\tSN:Y\tLN:4\n", "hg19", meter);
    CHECK(cell(bag, "depth", "gc", 0) == 4 && cell(bag, "depth", "acgt", 0) == 4);
    CHECK(cell(bag, "depth", "gc", 1) == 0 && cell(bag, "depth", "acgt", 1) == 2);
    CHECK(cell(bag, "depth", "end", 2) == 10 && cell(bag, "depth", "acgt", 2) == 2);
    CHECK(cell(bag, "depth", "gc", 3) == 2);
    CHECK(cell(bag, "depth", "gc", 4) == CXS_MEASURE_MISSING);
    cxs_measures_free(bag);
    CHECK_DONE();
}

/* ---- intervals ---------------------------------------------------------------------- */

/* Every look-up equals the literal search, in order and out of order. */
static void spans_as_defined(void **state)
{
    static const int64_t place[][2] = {{10, 500}, {20, 30}, {20, 25},   {40, 41},
                                       {60, 90},  {90, 95}, {100, 300}, {700, 1000}};
    enum { N = sizeof place / sizeof *place };
    meter_case *c = case_new(SQ, "hg19");
    cxs_windows *w = NULL;
    cxs_spans *spans = NULL, *merged = NULL;
    uint32_t seed = 5;

    (void)state;
    CHECK(cxs_windows_new(ctx, "made", &w) == CXS_OK);
    for (size_t i = N; i-- > 0;)
        CHECK(cxs_windows_add(ctx, w, "chr1", place[i][0], place[i][1], "", '.') ==
              CXS_OK);
    CHECK(cxs_windows_add(ctx, w, "Y", 5, 10, "", '.') == CXS_OK);
    CHECK(cxs_windows_add(ctx, w, "Y", 10, 900, "", '.') == CXS_OK);
    CHECK(cxs_spans_new(ctx, &c->info, w, 0, false, &spans) == CXS_OK);
    CHECK(cxs_spans_new(ctx, &c->info, w, 3, true, &merged) == CXS_OK);
    CHECK(spans->count == N + 2 && spans->span[N + 1].end == 300);
    CHECK(merged->count == 3 && merged->span[0].start == 7 &&
          merged->span[0].end == 503);
    CHECK(merged->span[1].end == 1000 && merged->span[2].start == 2);
    cxs_spans *touching = NULL;
    CHECK(cxs_spans_new(ctx, &c->info, w, 0, true, &touching) == CXS_OK);
    CHECK(touching->count == 3 && touching->span[2].start == 5);
    cxs_spans_free(touching);
    CHECK(merged->span[1].cell == 497 && merged->cells == 497 + 304 + 299);
    for (int64_t round = 0; round < 3000; round++) {
        const bool sorted = round < 1000;
        const int64_t start =
            sorted ? round
                   : (int64_t)((seed = seed * 1664525U + 1013904223U) >> 8) % 1000;
        const int64_t end = start + 1 + round % 50;
        int64_t want = 0, got = 0;

        for (size_t i = 0; i < N; i++)
            want += place[i][0] < end && place[i][1] > start;
        for (size_t i = cxs_spans_seek(spans, 0, start);
             i < cxs_spans_limit(spans, 0) && spans->span[i].start < end; i++)
            got += spans->span[i].end > start;
        CHECK(got == want);
        CHECK(cxs_spans_hit(spans, 0, start, end) == (want > 0));
        if (round % 7 == 0)
            CHECK(!cxs_spans_hit(spans, 1, start, end));
        if (round % 11 == 0)
            CHECK(cxs_spans_hit(spans, 2, 299, 300));
    }
    cxs_spans_free(spans);
    cxs_spans_free(merged);
    cxs_windows_free(w);
    case_free(c);
    CHECK_DONE();
}

/* ---- failures ----------------------------------------------------------------------- */

static const char *classes_path;

static cxs_rc make_qc(cxs_ctx *c, cxs_meter **out)
{
    return cxs_meter_qc(c, classes_path, out);
}

static cxs_rc make_depth(cxs_ctx *c, cxs_meter **out)
{
    return cxs_meter_depth(c, NULL, 100, out);
}

static void every_allocation(void **state)
{
    meter_case *c = case_new(SQ, "hg19");
    cxs_meter_settings set = cxs_meter_defaults();
    cxs_rc rc = CXS_ENOMEM;

    (void)state;
    classes_path = test_text("c.bed", "chr1\t100\t110\trrna\nchr1\t105\t126\thb\n");
    case_every_failure(c, make_qc);
    case_every_failure(c, make_depth);
    case_every_failure(c, cxs_meter_sex);
    case_free(c);
    set.sites = test_text("t.snps", "chrom\tpos\tref\talt\n1\t5\tA\tC\n");
    set.blacklist = classes_path;
    for (long k = 1; rc != CXS_OK && k < 2000; k++) {
        const long before = cxs_alloc_live();
        cxs_ctx *own = cxs_ctx_new();
        cxs_meter **meters = NULL;
        size_t count = 0;

        cxs_alloc_fail_at(k);
        rc = cxs_meters_for(own, "BAM", "WGS", &set, &meters, &count);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || (rc == CXS_ENOMEM && meters == NULL && count == 0));
        cxs_meters_free(meters, count);
        cxs_ctx_free(own);
        CHECK(cxs_alloc_live() == before);
    }
    CHECK(rc == CXS_OK);
    CHECK_DONE();
}

static void bad_classes(void **state)
{
    static char many[65 * 16];
    char *to = many;
    cxs_meter *meter = NULL;

    (void)state;
    CHECK(cxs_meter_qc(ctx, test_text("n.bed", "1\t0\t5\n"), &meter) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "interval 1 has no class") != NULL);
    for (int i = 0; i < 65; i++)
        to += sprintf(to, "1\t0\t5\tc%d\n", i);
    CHECK(cxs_meter_qc(ctx, test_text("n.bed", many), &meter) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "more than 64 classes") != NULL &&
          meter == NULL);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_by_hand),          cmocka_unit_test(orientations),
        cmocka_unit_test(duplicates_are_expected), cmocka_unit_test(reads_by_kind),
        cmocka_unit_test(depth_by_hand),           cmocka_unit_test(spans_as_defined),
        cmocka_unit_test(every_allocation),        cmocka_unit_test(bad_classes),
    };

    return cmocka_run_group_tests_name("meter_counts", tests, make, end);
}
