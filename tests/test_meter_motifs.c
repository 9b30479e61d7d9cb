/*
 * test_meter_motifs.c -- fragments of cell-free DNA: end motifs, start sites,
 * protection scores
 *
 * Worked by hand, and protection scores also by their literal definition.
 */
#include "test.h"

#include "meter_fragments_case.h"

/* ---- end motifs --------------------------------------------------------------------- */

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(motifs_of_the_reference),
        cmocka_unit_test(motifs_of_the_reads),
        cmocka_unit_test(cover_of_start_sites),
        cmocka_unit_test(scores_as_defined),
    };

    return cmocka_run_group_tests_name("meter_motifs", tests, make, end);
}
