/*
 * test_meter_fragments.c -- fragments of cell-free DNA: filter, bins, the reference,
 * what is refused, short memory
 */
#include "test.h"

#include "meter_fragments_case.h"

#include "ingest/hts_refseq.h"

/* ---- a reference ------------------------------------------------------------------- */

/* Any byte at any place, any number of bytes. */
static void composition_as_defined(void **state)
{
    static char letters[6000];
    uint32_t seed = 11;

    (void)state;
    for (int round = 0; round < 400; round++) {
        const int n = round % 100 == 99 ? 5900 : round % 50;
        int64_t want_gc = 0, want = 0, gc = -1, acgt = -1;

        for (int i = 0; i < n; i++) {
            seed = seed * 1664525U + 1013904223U;
            letters[i + round % 8] =
                round < 200 ? "ACGTacgtNnRYKM"[(seed >> 8) % 14] : (char)(seed >> 16);
            want_gc += memchr("GCgc", letters[i + round % 8], 4) != NULL;
            want += memchr("ACGTacgt", letters[i + round % 8], 8) != NULL;
        }
        cxs_base_composition(letters + round % 8, n, &gc, &acgt);
        CHECK(gc == want_gc && acgt == want);
    }
    CHECK_DONE();
}

/* Every base of every window is that of the file. */
static void windows_of_the_reference(void **state)
{
    meter_case *c = case_new(SQ, "hg19");
    cxs_refseq *ref = NULL;
    const char *letters = NULL;
    uint32_t seed = 1;

    (void)state;
    CHECK(cxs_refseq_new(ctx, fasta, &c->info, &ref) == CXS_OK);
    for (int round = 0; round < 500; round++) {
        const int32_t tid = round % 3 == 0;
        const int64_t length = tid == 0 ? 20000 : 5000;
        seed = seed * 1664525U + 1013904223U;
        const int64_t start = (seed >> 8) % length;
        const int64_t end =
            start + 1 + round % 200 < length ? start + 1 + round % 200 : length;
        bool same = true;

        CHECK(cxs_refseq_get(ctx, ref, tid, start, end, &letters) == CXS_OK);
        CHECK(letters != NULL);
        for (int64_t i = start; letters != NULL && i < end; i++)
            same = same && (letters[i - start] & ~32) == base_at(tid, i);
        CHECK(same);
    }
    CHECK(cxs_refseq_get(ctx, ref, 0, 19990, 20001, &letters) == CXS_OK &&
          letters == NULL);
    CHECK(cxs_refseq_get(ctx, ref, 2, 1, 2, &letters) == CXS_OK && letters == NULL);
    CHECK(cxs_refseq_get(ctx, ref, 0, -1, 2, &letters) == CXS_OK && letters == NULL);
    cxs_refseq_free(ref);
    case_free(c);
    CHECK_DONE();
}

static void bad_references(void **state)
{
    meter_case *c = case_new("@SQ\tSN:1\tLN:100\n", "hg19");
    cxs_refseq *ref = NULL;
    const char *letters = NULL;
    char copy[TEST_PATH_BYTES * 2];

    (void)state;
    snprintf(copy, sizeof copy, "%s", test_text("cut.fa", ">1\nACGT\n"));
    test_text("cut.fa.fai", "1\t100\t3\t50\t51\n");
    CHECK(cxs_refseq_new(ctx, copy, &c->info, &ref) == CXS_OK);
    CHECK(cxs_refseq_get(ctx, ref, 0, 0, 4, &letters) == CXS_EIO && letters == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "cut.fa: bases 1 to 100 of 1 cannot be read") !=
          NULL);
    cxs_refseq_free(ref);
    test_text("cut.fa.fai", "1\t100\t3\t0\t51\n");
    CHECK(cxs_refseq_new(ctx, copy, &c->info, &ref) == CXS_EFORMAT && ref == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "cut.fa.fai:1: not a line") != NULL);
    CHECK(cxs_refseq_new(ctx, "https://example.org/x.fa", &c->info, &ref) == CXS_EARG);
    case_free(c);
    CHECK_DONE();
}

/* ---- the filter --------------------------------------------------------------------- */

static cxs_rc bins(cxs_ctx *c, cxs_fragment_meter **out)
{
    return cxs_fragments_bins(c, false, 1000, out);
}

static cxs_rc bins_gc(cxs_ctx *c, cxs_fragment_meter **out)
{
    return cxs_fragments_bins(c, true, 1000, out);
}

static void the_filter(void **state)
{
    static char sam[SAM_BYTES];
    static const member_maker makers[] = {lengths};
    char *to = sam + sprintf(sam, "%s", SQ);
    cxs_measures *bag;

    (void)state;
    to = put_pair(to, "in1", "chr1", 100, 267, 0, 30);
    to = put_pair(to, "in2", "chr2", 100, 110, 0, 60);   /* short of 20: counted here */
    to = put_pair(to, "in3", "chr1", 3000, 4500, 0, 60); /* longer than 1000 */
    to = put_pair(to, "in4", "chr1", 3000, 4000, 0, 60); /* exactly 1000 */
    to = put_pair(to, "q29", "chr1", 100, 267, 0, 29);
    to = put_pair(to, "dup", "chr1", 100, 267, 1024, 60);
    to = put_pair(to, "sec", "chr1", 100, 267, 256, 60);
    to = put_pair(to, "sup", "chr1", 100, 267, 2048, 60);
    to = put_pair(to, "qcf", "chr1", 100, 267, 512, 60);
    to = put_pair(to, "sex", "chrX", 100, 267, 0, 60);
    to = put_pair(to, "mt", "chrM", 100, 267, 0, 60);
    to = put_pair(to, "alt", "alt_1", 100, 267, 0, 60);
    to = put_pair(to, "black", "chr1", 4990, 5157, 0, 60);
    to = put_pair(to, "white", "chr1", 4800, 4967, 0, 60); /* up to the first base */
    to += sprintf(to,
                  "mq29\t99\tchr1\t101\t60\t8M\t=\t261\t168\t" T8 "\t" Q8 "\tMQ:i:29\n"
                  "mq30\t99\tchr1\t101\t60\t8M\t=\t261\t169\t" T8 "\t" Q8
                  "\tXA:A:c\tMD:Z:8\tNM:i:0\tMQ:i:30\n"
                  "mqz\t99\tchr1\t101\t60\t8M\t=\t261\t168\t" T8 "\t" Q8
                  "\tXZ:Z:MQC\tNM:i:900\tMQ:i:29\n"
                  "improper\t97\tchr1\t101\t60\t8M\t=\t261\t168\t" T8 "\t" Q8 "\n"
                  "mate\t107\tchr1\t101\t60\t8M\t=\t261\t168\t" T8 "\t" Q8 "\n"
                  "apart\t99\tchr1\t101\t60\t8M\tchr2\t261\t168\t" T8 "\t" Q8 "\n"
                  "zero\t99\tchr1\t101\t60\t8M\t=\t261\t0\t" T8 "\t" Q8 "\n"
                  "single\t0\tchr1\t101\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
                  "second\t163\tchr1\t101\t60\t8M\t=\t261\t168\t" T8 "\t" Q8 "\n"
                  "reverse\t83\tchr1\t261\t60\t8M\t=\t101\t-170\t" T8 "\t" Q8 "\n");
    bag = fragments(sam, "hg19", makers, 1, test_text("bl.bed", "chr1\t4967\t5000\n"));
    CHECK(cell(bag, "fragment_lengths", "count", 167) == 2); /* in1, white */
    CHECK(cell(bag, "fragment_lengths", "count", 10) == 1);
    CHECK(cell(bag, "fragment_lengths", "count", 1000) == 1);
    CHECK(cell(bag, "fragment_lengths", "count", 1001) == 1);
    CHECK(cell(bag, "fragment_lengths", "count", 168) == 0);
    CHECK(cell(bag, "fragment_lengths", "count", 169) == 1);
    CHECK(cell(bag, "fragment_lengths", "count", 170) == 1);
    CHECK(cell(bag, "fragment_lengths", "length", 1001) == 1001);
    CHECK(column_sum(bag, "fragment_lengths", "count") == 7);
    CHECK(cell(bag, "fragments", "fragments", 0) == 7);
    /* Primary, mapped: 12 pairs and 10 single records. */
    CHECK(cell(bag, "fragments", "reads", 0) == 24 + 10);
    CHECK(cell(bag, "fragments", "proper_pair_reads", 0) == 24 + 8);
    cxs_measures_free(bag);
    bag = fragments(sam, "hg19", makers, 1, NULL);
    CHECK(cell(bag, "fragment_lengths", "count", 167) == 3);
    cxs_measures_free(bag);
    CHECK_DONE();
}

/* Fewer than half of the reads in proper pairs: CX041, and no table but the own. */
static void not_paired(void **state)
{
    static const char half[] =
        SQ "a\t99\tchr1\t101\t60\t8M\t=\t261\t168\t" T8 "\t" Q8 "\n"
           "b\t0\tchr1\t101\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
           "u\t4\t*\t0\t0\t*\t*\t0\t0\t" T8 "\t" Q8 "\n";
    static const char fewer[] =
        SQ "a\t99\tchr1\t101\t60\t8M\t=\t261\t168\t" T8 "\t" Q8 "\n"
           "b\t0\tchr1\t101\t60\t8M\t*\t0\t0\t" T8 "\t" Q8 "\n"
           "c\t97\tchr1\t101\t60\t8M\t=\t261\t168\t" T8 "\t" Q8 "\n";
    static const member_maker makers[] = {lengths};
    cxs_measures *bag = fragments(half, "hg19", makers, 1, NULL);
    cxs_ctx *logged = tmp_ctx(), *before = ctx;

    (void)state;
    CHECK(cxs_measures_find(bag, "fragment_lengths") != NULL);
    cxs_measures_free(bag);
    ctx = logged;
    bag = fragments(fewer, "hg19", makers, 1, NULL);
    CHECK(cxs_measures_find(bag, "fragment_lengths") == NULL);
    CHECK(cell(bag, "fragments", "reads", 0) == 3);
    CHECK(strstr(tmp_log,
                 "CX041: case.bam: 1 of 3 mapped reads are in proper pairs; no "
                 "fragment features") != NULL);
    cxs_measures_free(bag);
    ctx = before;
    cxs_ctx_free(logged);
    CHECK_DONE();
}

/* ---- bins --------------------------------------------------------------------------- */

static void short_and_long_per_bin(void **state)
{
    static char sam[SAM_BYTES];
    static const member_maker makers[] = {bins_gc}, plain[] = {bins};
    static const int length[] = {99, 100, 150, 151, 220, 221, 19, 20, 1000, 1001};
    char *to = sam + sprintf(sam, "%s", SQ), name[16];
    cxs_measures *bag;
    int64_t ppm = 0;

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        snprintf(name, sizeof name, "f%zu", i);
        to = put_pair(to, name, "chr1", 1400 - length[i] / 2,
                      1400 - length[i] / 2 + length[i], 0, 60);
    }
    to = put_pair(to, "edge", "chr1", 2950, 3049, 0, 60);  /* middle 2999 */
    to = put_pair(to, "edge2", "chr1", 2950, 3050, 0, 60); /* middle 3000 */
    to = put_pair(to, "last", "chr2", 4880, 5000, 0, 60);
    bag = fragments(sam, "hg19", makers, 1, NULL);
    /* chr1 20 bins, chr2 5, chrX 20. */
    CHECK(cxs_measure_rows(cxs_measures_find(bag, "fragment_bins")) == 45);
    CHECK(cell(bag, "fragment_bins", "short", 1) == 2);
    CHECK(cell(bag, "fragment_bins", "long", 1) == 2);
    CHECK(cell(bag, "fragment_bins", "all", 1) == 8);
    CHECK(cell(bag, "fragment_bins", "all", 2) == 1);
    CHECK(cell(bag, "fragment_bins", "all", 3) == 1);
    CHECK(cell(bag, "fragment_bins", "all", 24) == 1);
    CHECK(cell(bag, "fragment_bins", "end", 24) == 5000);
    CHECK(strcmp(text_cell(bag, "fragment_bins", "chrom", 25), "X") == 0);
    for (size_t i = 0; i < 10; i++) {
        int64_t gc = 0;

        if (length[i] < 20 || length[i] > 1000)
            continue;
        for (int k = 0; k < length[i]; k++)
            gc += strchr("GC", base_at(0, 1400 - length[i] / 2 + k)) != NULL;
        ppm += (int64_t)floor(1e6 * (double)gc / length[i] + 0.5);
    }
    CHECK(cell(bag, "fragment_bins", "gc_ppm", 1) == ppm);
    CHECK(cell(bag, "fragment_bins", "gc_fragments", 1) == 8);
    CHECK(cell(bag, "fragment_bins", "gc_ppm", 24) > 0); /* small letters, "2" */
    cxs_measures_free(bag);
    bag = fragments(sam, "hg19", plain, 1, NULL);
    CHECK(cell(bag, "fragment_bins", "gc_ppm", 1) == CXS_MEASURE_MISSING);
    cxs_measures_free(bag);
    CHECK_DONE();
}

/* N do not count in the share of GC; a contig that the FASTA lacks has none. */
static void gc_without_n(void **state)
{
    static char sam[SAM_BYTES];
    static const member_maker makers[] = {bins_gc};
    char *to = sam + sprintf(sam, "%s", "@SQ\tSN:1\tLN:20000\n@SQ\tSN:3\tLN:5000\n");
    cxs_measures *bag;
    int64_t gc = 0;

    (void)state;
    to = put_pair(to, "n", "1", 390, 430, 0, 60);
    to = put_pair(to, "no", "3", 100, 200, 0, 60);
    for (int k = 390; k < 430; k++)
        gc += strchr("GC", base_at(0, k)) != NULL;
    bag = fragments(sam, "hg19", makers, 1, NULL);
    CHECK(cell(bag, "fragment_bins", "gc_ppm", 0) ==
          (int64_t)floor(1e6 * (double)gc / 30 + 0.5));
    CHECK(cell(bag, "fragment_bins", "all", 20) == 1);
    CHECK(cell(bag, "fragment_bins", "gc_fragments", 20) == 0);
    CHECK(cell(bag, "fragment_bins", "gc_ppm", 20) == 0);
    cxs_measures_free(bag);
    CHECK_DONE();
}

/* ---- failures ----------------------------------------------------------------------- */

static const char *blacklist_path;

static cxs_rc make_all(cxs_ctx *c, cxs_meter **out)
{
    static const member_maker makers[] = {lengths, bins_gc, motifs_ref, tss, wps};

    return group_of(c, makers, 5, blacklist_path, out);
}

static void every_allocation(void **state)
{
    static char sam[SAM_BYTES];
    char *to = sam + sprintf(sam, "%s", SQ);

    (void)state;
    to = put_pair(to, "a", "chr1", 9700, 9867, 0, 60);
    meter_case *c = case_new(sam, "hg38");
    genes_path = test_text("t.tsv", "symbol\tchrom\tstrand\thg38_start\thg38_end\n"
                                    "F\t1\t+\t10001\t15000\n");
    windows_path = test_text("w.bed", "chr1\t9700\t9740\n");
    blacklist_path = test_text("b.bed", "chr1\t0\t10\n");
    case_every_failure(c, make_all);
    case_free(c);
    CHECK_DONE();
}

static void bad_inputs(void **state)
{
    static const member_maker with_fasta[] = {bins_gc}, with_genes[] = {tss};
    const char *good = fasta;
    cxs_meter *meter = NULL;
    cxs_measures *bag = NULL;
    meter_case *c = case_new(SQ, "hg38");

    (void)state;
    fasta = test_path("absent.fa");
    CHECK(group_of(ctx, with_fasta, 1, NULL, &meter) == CXS_OK);
    CHECK(case_run(ctx, c, meter, 1, &bag) == CXS_ENOINPUT && bag == NULL);
    meter->free(meter);
    fasta = test_text("noindex.fa", ">1\nACGT\n");
    CHECK(group_of(ctx, with_fasta, 1, NULL, &meter) == CXS_OK);
    CHECK(case_run(ctx, c, meter, 1, &bag) == CXS_ENOINPUT);
    CHECK(strstr(cxs_ctx_message(ctx), "samtools faidx") != NULL);
    CHECK(access(test_path("noindex.fa.fai"), F_OK) != 0); /* none was written */
    meter->free(meter);
    fasta = good;
    genes_path = test_text("g.tsv", "symbol\tchrom\tstrand\thg38_start\thg38_end\n"
                                    "F\t1\t*\t10001\t15000\n");
    CHECK(group_of(ctx, with_genes, 1, NULL, &meter) == CXS_EFORMAT && meter == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "g.tsv:2: '10001' to '15000' on strand '*'") !=
          NULL);
    genes_path = test_text("g.tsv", "symbol\tchrom\tstrand\thg19_start\thg19_end\n");
    CHECK(group_of(ctx, with_genes, 1, NULL, &meter) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX020") == 0);
    case_free(c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(composition_as_defined),
        cmocka_unit_test(windows_of_the_reference),
        cmocka_unit_test(bad_references),
        cmocka_unit_test(the_filter),
        cmocka_unit_test(not_paired),
        cmocka_unit_test(short_and_long_per_bin),
        cmocka_unit_test(gc_without_n),
        cmocka_unit_test(every_allocation),
        cmocka_unit_test(bad_inputs),
    };

    return cmocka_run_group_tests_name("meter_fragments", tests, make, end);
}
