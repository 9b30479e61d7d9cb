/*
 * test_meter_fragments.c -- fragments of cell-free DNA: filter, lengths, bins, end motifs,
 * start sites, protection scores
 *
 * Worked by hand, and protection scores also by their literal definition.
 */
#include "meter_case.h"

#include "ingest/hts_fragment.h"
#include "ingest/hts_refseq.h"

#include "files.h"
#include "tmp.h"

#include <htslib/faidx.h>

#define SQ                                                                             \
    "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:20000\n@SQ\tSN:chr2\tLN:5000\n"      \
    "@SQ\tSN:chrX\tLN:20000\n@SQ\tSN:chrM\tLN:16569\n@SQ\tSN:alt_1\tLN:5000\n"
#define T8 "ACGTACGT"
#define Q8 "IIIIIIII"

static cxs_ctx *ctx;
static const char *fasta; /* chr1 of 20000 bases, 2 (plain) of 5000 */

enum { SAM_BYTES = 1 << 17 };

/* A pair of reads of 8 bases at [start, end), 0-based; the first read stands left. */
static char *put_pair(char *to, const char *name, const char *chrom, int start, int end,
                      int flag, int mapq)
{
    to += sprintf(to, "%s\t%d\t%s\t%d\t%d\t8M\t=\t%d\t%d\t" T8 "\t" Q8 "\n", name,
                  flag | 99, chrom, start + 1, mapq, end - 8 + 1, end - start);
    return to + sprintf(to, "%s\t%d\t%s\t%d\t%d\t8M\t=\t%d\t%d\t" T8 "\t" Q8 "\n", name,
                        flag | 147, chrom, end - 8 + 1, mapq, start + 1, start - end);
}

typedef cxs_rc (*member_maker)(cxs_ctx *c, cxs_fragment_meter **out);

static cxs_rc group_of(cxs_ctx *c, const member_maker *makers, size_t count,
                       const char *blacklist, cxs_meter **out)
{
    cxs_fragment_meter *member[8];
    cxs_rc rc = CXS_OK;
    size_t n = 0;

    *out = NULL;
    for (; n < count; n++)
        if ((rc = makers[n](c, &member[n])) != CXS_OK)
            break;
    if (rc == CXS_OK)
        return cxs_meter_fragment_group(c, blacklist, fasta, member, count, out);
    while (n > 0) {
        n--;
        member[n]->free(member[n]);
    }
    return rc;
}

static cxs_measures *fragments(const char *sam, const char *build,
                               const member_maker *makers, size_t count,
                               const char *blacklist)
{
    meter_case *c = case_new(sam, build);
    cxs_meter *meter = NULL;
    cxs_measures *bag;

    CHECK(group_of(ctx, makers, count, blacklist, &meter) == CXS_OK);
    if (meter == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        abort();
    }
    bag = measured(ctx, c, meter);
    meter->free(meter);
    case_free(c);
    return bag;
}

static int64_t column_sum(const cxs_measures *bag, const char *table,
                          const char *column)
{
    const cxs_measure *t = cxs_measures_find(bag, table);
    int64_t sum = 0;

    for (size_t i = 0; t != NULL && i < cxs_measure_rows(t); i++)
        sum += cell(bag, table, column, i);
    return sum;
}

/* ---- a reference ------------------------------------------------------------------- */

static char base_at(int chrom, int64_t at)
{
    if (chrom == 0 && at >= 400 && at < 410)
        return 'N';
    return "ACGTTGCAAC"[(at * at / 7 + at / 3 + chrom) % 10];
}

static void write_fasta(void)
{
    static char text[32768];
    char *to = text;

    to += sprintf(to, ">chr1\n");
    for (int i = 0; i < 20000; i++) {
        *to++ = base_at(0, i);
        if (i % 61 == 60)
            *to++ = '\n';
    }
    to += sprintf(to, "\n>2\n");
    for (int i = 0; i < 5000; i++)
        *to++ = (char)(base_at(1, i) | 32); /* small letters */
    *to++ = '\n';
    *to = '\0';
    fasta = strdup(test_text("ref.fa", text));
    if (fai_build(fasta) != 0)
        abort();
}

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

static cxs_rc lengths(cxs_ctx *c, cxs_fragment_meter **out)
{
    return cxs_fragments_lengths(c, out);
}

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

/* ---- end motifs --------------------------------------------------------------------- */

static cxs_rc motifs_ref(cxs_ctx *c, cxs_fragment_meter **out)
{
    return cxs_fragments_motifs(c, true, out);
}

static cxs_rc motifs_read(cxs_ctx *c, cxs_fragment_meter **out)
{
    return cxs_fragments_motifs(c, false, out);
}

static void reference_motif(int64_t at, int reverse, char out[5])
{
    for (int i = 0; i < 4; i++) {
        const char base = base_at(0, reverse ? at - i : at + i);

        out[i] = !reverse ? base : "TGCA"[strchr("ACGT", base) - "ACGT"];
    }
    out[4] = '\0';
}

static void motifs_of_the_reference(void **state)
{
    static char sam[SAM_BYTES];
    static const member_maker makers[] = {motifs_ref};
    char *to = sam + sprintf(sam, "%s", SQ), left[5], right[5];
    cxs_measures *bag;

    (void)state;
    to = put_pair(to, "a", "chr1", 1003, 1170, 0, 60);
    to = put_pair(to, "n", "chr1", 398, 565, 0, 60); /* left end holds N */
    /* Read 1 on the right. */
    to += sprintf(to, "r\t83\tchr1\t3160\t60\t8M\t=\t3001\t-167\t" T8 "\t" Q8 "\n"
                      "r\t163\tchr1\t3001\t60\t8M\t=\t3160\t167\t" T8 "\t" Q8 "\n");
    reference_motif(1003, 0, left);
    reference_motif(1169, 1, right);
    bag = fragments(sam, "hg19", makers, 1, NULL);
    CHECK(column_sum(bag, "end_motifs", "count") == 5);
    CHECK(named_cell(bag, "end_motifs", "motif", left, "count") >= 1);
    CHECK(named_cell(bag, "end_motifs", "motif", right, "count") >= 1);
    reference_motif(564, 1, right);
    CHECK(named_cell(bag, "end_motifs", "motif", right, "count") >= 1);
    reference_motif(3000, 0, left);
    CHECK(named_cell(bag, "end_motifs", "motif", left, "count") >= 1);
    reference_motif(3166, 1, right);
    CHECK(named_cell(bag, "end_motifs", "motif", right, "count") >= 1);
    CHECK(strcmp(text_cell(bag, "end_motifs", "motif", 0), "AAAA") == 0);
    CHECK(strcmp(text_cell(bag, "end_motifs", "motif", 27), "ACGT") == 0);
    CHECK(strcmp(text_cell(bag, "end_motifs", "motif", 255), "TTTT") == 0);
    cxs_measures_free(bag);
    CHECK_DONE();
}

static void motifs_of_the_reads(void **state)
{
    /* a: CCCATTTT forward, mate GGGGAACC reverse: GGTT.  b: clipped at its 5' end, its
     * mate at its 3' end.  c: an N; its mate begins with an insertion.  d: MQ too low. */
    static const char sam[] =
        SQ "a\t99\tchr1\t101\t60\t8M\t=\t261\t168\tCCCATTTT\t" Q8 "\n"
           "a\t147\tchr1\t261\t60\t8M\t=\t101\t-168\tGGGGAACC\t" Q8 "\n"
           "b\t99\tchr1\t101\t60\t4S4M\t=\t261\t168\tCCCATTTT\t" Q8 "\n"
           "b\t147\tchr1\t261\t60\t2S6M\t=\t101\t-168\tGGGGAAAA\t" Q8 "\n"
           "c\t99\tchr1\t101\t60\t8M\t=\t261\t168\tCCNATTTT\t" Q8 "\n"
           "c\t147\tchr1\t261\t60\t7M1I\t=\t101\t-168\tGGGGAACC\t" Q8 "\n"
           "d\t99\tchr1\t101\t60\t8M\t=\t261\t168\tCCCATTTT\t" Q8 "\tMQ:i:3\n"
           "d\t147\tchr1\t261\t3\t8M\t=\t101\t-168\tGGGGAACC\t" Q8 "\tMQ:i:60\n";
    static const member_maker makers[] = {motifs_read, lengths};
    cxs_measures *bag = fragments(sam, "hg19", makers, 2, NULL);

    (void)state;
    CHECK(named_cell(bag, "end_motifs", "motif", "CCCA", "count") == 1);
    CHECK(named_cell(bag, "end_motifs", "motif", "GGTT", "count") == 1);
    CHECK(named_cell(bag, "end_motifs", "motif", "TTTT", "count") == 1);
    CHECK(column_sum(bag, "end_motifs", "count") == 3);
    /* Beside a member that wants both mates, the others see read 1 alone. */
    CHECK(cell(bag, "fragment_lengths", "count", 168) == 3);
    CHECK(cell(bag, "fragments", "fragments", 0) == 3);
    cxs_measures_free(bag);
    CHECK_DONE();
}

/* ---- start sites -------------------------------------------------------------------- */

static const char *genes_path, *windows_path;

static cxs_rc tss(cxs_ctx *c, cxs_fragment_meter **out)
{
    return cxs_fragments_tss(c, genes_path, "hg38", out);
}

static cxs_rc wps(cxs_ctx *c, cxs_fragment_meter **out)
{
    return cxs_fragments_wps(c, windows_path, out);
}

/* Sum over the bases [from, to] relative to the start, in the sense of the gene. */
static int64_t covered(int64_t start, int sense, int64_t from, int64_t to,
                       const int (*fragment)[2], size_t n)
{
    int64_t sum = 0;

    for (int64_t r = from; r <= to; r++)
        for (size_t i = 0; i < n; i++)
            sum += start + sense * r >= fragment[i][0] &&
                   start + sense * r < fragment[i][1];
    return sum;
}

static void cover_of_start_sites(void **state)
{
    static const int fragment[][2] = {{9800, 9967},   {9990, 10010},  {10049, 10120},
                                      {8990, 9020},   {10990, 11100}, {7000, 7100},
                                      {12950, 13050}, {100, 267}};
    enum { N = sizeof fragment / sizeof *fragment };
    static char sam[SAM_BYTES];
    static const member_maker makers[] = {tss};
    char *to = sam + sprintf(sam, "%s", SQ), name[16];
    cxs_measures *bag;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        snprintf(name, sizeof name, "f%zu", i);
        to = put_pair(to, name, "chr1", fragment[i][0], fragment[i][1], 0, 60);
    }
    genes_path = test_text("tss.tsv", "symbol\tchrom\tstrand\thg38_start\thg38_end\n"
                                      "F\t1\t+\t10001\t15000\n"
                                      "R\tchr1\t-\t5000\t10001\n"
                                      "EDGE\t1\t+\t101\t300\n"
                                      "NONE\t9\t+\t101\t300\n");
    bag = fragments(sam, "hg38", makers, 1, NULL);
    for (int row = 0; row < 2; row++) {
        const int sense = row == 0 ? 1 : -1;

        CHECK(cell(bag, "tss", "pos", (size_t)row) == 10001);
        CHECK(cell(bag, "tss", "ndr", (size_t)row) ==
              covered(10000, sense, -150, 50, fragment, N));
        CHECK(cell(bag, "tss", "core", (size_t)row) ==
              covered(10000, sense, -1000, 1000, fragment, N));
        CHECK(cell(bag, "tss", "left", (size_t)row) ==
              covered(10000, sense, -3000, -1000, fragment, N));
        CHECK(cell(bag, "tss", "right", (size_t)row) ==
              covered(10000, sense, 1000, 3000, fragment, N));
    }
    CHECK(cell(bag, "tss", "ndr", 0) != cell(bag, "tss", "ndr", 1));
    CHECK(cell(bag, "tss", "ndr_bases", 0) == 201);
    CHECK(cell(bag, "tss", "core_bases", 0) == 2001);
    CHECK(cell(bag, "tss", "right_bases", 1) == 2001);
    CHECK(cell(bag, "tss", "ndr_bases", 2) == 151); /* bases 0 .. 150 */
    CHECK(cell(bag, "tss", "left_bases", 2) == 0);
    CHECK(cell(bag, "tss", "core", 2) == 167);
    CHECK(cell(bag, "tss", "core", 3) == CXS_MEASURE_MISSING);
    cxs_measures_free(bag);
    CHECK_DONE();
}

/* ---- protection scores -------------------------------------------------------------- */

static int64_t score(int64_t c, int64_t k, int64_t shortest, int64_t longest,
                     int (*fragment)[2], size_t n)
{
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        const int64_t first = fragment[i][0], last = fragment[i][1] - 1;

        if (last - first + 1 < shortest || last - first + 1 > longest ||
            first > c + k / 2 || last < c - k / 2)
            continue;
        sum += first <= c - k / 2 && last >= c + k / 2 ? 1 : -1;
    }
    return sum;
}

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t median_around(int64_t c, int64_t k, int64_t shortest, int64_t longest,
                             int (*fragment)[2], size_t n)
{
    static int64_t value[1001];

    for (int64_t i = 0; i < 1001; i++)
        value[i] = score(c - 500 + i, k, shortest, longest, fragment, n);
    qsort(value, 1001, sizeof *value, compare);
    return value[500];
}

static void scores_as_defined(void **state)
{
    enum { N = 120, LENGTH = 40 };
    static int fragment[N][2];
    static char sam[SAM_BYTES];
    static const member_maker makers[] = {wps};
    char *to = sam + sprintf(sam, "%s", SQ), name[16];
    uint32_t seed = 3;
    cxs_measures *bag;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        seed = seed * 1664525U + 1013904223U;
        fragment[i][0] = 8600 + (int)((seed >> 8) % 2600);
        seed = seed * 1664525U + 1013904223U;
        fragment[i][1] =
            fragment[i][0] + (i % 2 == 0 ? 118 : 33) + (int)((seed >> 8) % 65);
        if (i == 0) { /* spans one place alone */
            fragment[i][0] = 9660;
            fragment[i][1] = 9781;
        }
        if (i == 2 || i == 4) { /* the longest that counts, and one more */
            fragment[i][0] = 9650;
            fragment[i][1] = i == 2 ? 9830 : 9831;
        }
        snprintf(name, sizeof name, "f%zu", i);
        to = put_pair(to, name, "chr1", fragment[i][0], fragment[i][1], 0, 60);
    }
    windows_path = test_text("wps.bed", "chr1\t9700\t9740\ta\t0\t+\n"
                                        "chr1\t10000\t10040\tb\t0\t-\n"
                                        "chr1\t9720\t9760\tc\n");
    bag = fragments(sam, "hg38", makers, 1, NULL);
    static const int64_t start[] = {9700, 10000, 9720};
    int64_t by_window[3][4] = {{0}};
    for (int64_t i = 0; i < LENGTH; i++) {
        int64_t want[4] = {0};

        for (int w = 0; w < 3; w++) {
            const int64_t c = start[w] + (w == 1 ? LENGTH - 1 - i : i);
            const int64_t raw[2] = {score(c, 120, 120, 180, fragment, N),
                                    score(c, 16, 35, 80, fragment, N)};
            const int64_t add[4] = {
                raw[0], raw[0] - median_around(c, 120, 120, 180, fragment, N), raw[1],
                raw[1] - median_around(c, 16, 35, 80, fragment, N)};

            for (int k = 0; k < 4; k++) {
                want[k] += add[k];
                by_window[w][k] += add[k];
            }
        }
        CHECK(cell(bag, "wps", "sites", (size_t)i) == 3);
        CHECK(cell(bag, "wps", "long", (size_t)i) == want[0]);
        CHECK(cell(bag, "wps", "long_adjusted", (size_t)i) == want[1]);
        CHECK(cell(bag, "wps", "short", (size_t)i) == want[2]);
        CHECK(cell(bag, "wps", "short_adjusted", (size_t)i) == want[3]);
    }
    for (size_t w = 0; w < 3; w++) {
        CHECK(cell(bag, "wps_windows", "long", w) == by_window[w][0]);
        CHECK(cell(bag, "wps_windows", "long_adjusted", w) == by_window[w][1]);
        CHECK(cell(bag, "wps_windows", "short_adjusted", w) == by_window[w][3]);
        CHECK(cell(bag, "wps_windows", "start", w) == start[w]);
    }
    cxs_measures_free(bag);
    windows_path = test_text("wps2.bed", "chr1\t9700\t9740\n1\t0\t20\n9\t0\t20\n"
                                         "chr1\t19990\t20001\n");
    bag = fragments(sam, "hg38", makers, 1, NULL);
    CHECK(cxs_measures_find(bag, "wps") == NULL); /* lengths differ */
    CHECK(cell(bag, "wps_windows", "long", 0) == by_window[0][0]);
    CHECK(cell(bag, "wps_windows", "long", 1) == 0);
    /* Not on the contigs, or over the end of one: not 0. */
    CHECK(cell(bag, "wps_windows", "long", 2) == CXS_MEASURE_MISSING);
    CHECK(cell(bag, "wps_windows", "short_adjusted", 2) == CXS_MEASURE_MISSING);
    CHECK(cell(bag, "wps_windows", "long_adjusted", 3) == CXS_MEASURE_MISSING);
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

static int make(void **state)
{
    const int failed = test_folder_make(state);

    ctx = cxs_ctx_new();
    write_fasta();
    return failed;
}

static int end(void **state)
{
    free((void *)(uintptr_t)fasta);
    cxs_ctx_free(ctx);
    return test_folder_remove(state);
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
        cmocka_unit_test(motifs_of_the_reference),
        cmocka_unit_test(motifs_of_the_reads),
        cmocka_unit_test(cover_of_start_sites),
        cmocka_unit_test(scores_as_defined),
        cmocka_unit_test(every_allocation),
        cmocka_unit_test(bad_inputs),
    };

    return cmocka_run_group_tests_name("meter fragments", tests, make, end);
}
