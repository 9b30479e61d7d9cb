/*
 * test_count.c -- reads in genes: each rule by hand, featureCounts' answers on
 * alignments with every oddity, and that threads and orders change nothing
 */
#include "test.h"

#include "sam.h"

#include "base/text.h"
#include "coxswain/count.h"

static const char header[] = "@HD\tVN:1.6\tSO:unsorted\n@SQ\tSN:chr1\tLN:5000\n"
                             "@SQ\tSN:chr2\tLN:5000\n";
/* a: two exons; b: the second exon of a, and more; c: inside a's intron, reverse;
 * d: another contig */
static const char saf[] = "a\t1\t101\t200\t+\na\t1\t301\t400\t+\n"
                          "b\t1\t381\t500\t+\nc\t1\t221\t280\t-\nd\t2\t101\t200\t+\n";
enum { GENES = 4 };

static cxs_counts *count_with(const cxs_count_settings *settings, const char *sam,
                              cxs_rc want)
{
    const char *path = test_text("x.sam", sam);
    cxs_count_settings s = *settings;
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_counts *counts = NULL;
    const char *annotation = test_text("x.saf", saf);
    cxs_rc rc;

    s.annotation = annotation;
    rc = cxs_count_files(ctx, &s, &path, 1, &counts);
    CHECK(rc == want && (rc == CXS_OK) == (counts != NULL));
    if (rc != want)
        printf("  %s\n", cxs_ctx_message(ctx));
    cxs_ctx_free(ctx);
    return counts;
}

/* Settings by letters: p paired, c fragments, B, C, M, O, f, primary, dup, sN, QN, mN. */
static cxs_count_settings mode(const char *words)
{
    cxs_count_settings s = cxs_count_defaults();

    for (const char *w = words; w != NULL && *w != '\0';) {
        const size_t n = strcspn(w, " ");
        if (strncmp(w, "primary", n) == 0 && n > 1)
            s.primary = 1;
        else if (strncmp(w, "dup", n) == 0 && n > 1)
            s.ignore_dup = 1;
        else if (*w == 's')
            s.stranded = atoi(w + 1);
        else if (*w == 'Q')
            s.min_mapq = (size_t)atoi(w + 1);
        else if (*w == 'm')
            s.min_overlap = (size_t)atoi(w + 1);
        s.paired = s.paired || (*w == 'p' && n == 1);
        s.count_fragments = s.count_fragments || *w == 'c';
        s.both_ends = s.both_ends || *w == 'B';
        s.chimeric = s.chimeric && *w != 'C';
        s.multi = s.multi || *w == 'M';
        s.overlap = s.overlap || *w == 'O';
        s.fraction = s.fraction || *w == 'f';
        s.by_feature = s.by_feature || *w == 'x';
        w += n + (w[n] == ' ');
    }
    return s;
}

/* Counts of a, b, c, d and the only outcome. */
static void check_case(const char *words, const char *records, double a, double b,
                       double c, double d, const char *outcome)
{
    const cxs_count_settings s = mode(words);
    char sam[4096];
    cxs_counts *counts;
    const double want[GENES] = {a, b, c, d};
    int64_t total = 0;

    snprintf(sam, sizeof sam, "%s%s", header, records);
    counts = count_with(&s, sam, CXS_OK);
    assert_non_null(counts);
    for (size_t g = 0; g < GENES; g++)
        if (fabs(cxs_counts_of(counts, 0)[g] - want[g]) > 1e-4) {
            test_failures++;
            printf("  [%s] %s gene %s: %g, want %g\n", words, records,
                   cxs_counts_gene(counts, g), cxs_counts_of(counts, 0)[g], want[g]);
        }
    for (size_t o = 0; o < cxs_counts_outcomes(); o++) {
        const int64_t n = cxs_counts_outcome_of(counts, 0, o);
        total += n;
        if (n > 0 && strcmp(cxs_counts_outcome(o), outcome) != 0) {
            test_failures++;
            printf("  [%s] %s outcome %s, want %s\n", words, records,
                   cxs_counts_outcome(o), outcome);
        }
    }
    CHECK(total > 0);
    cxs_counts_free(counts);
}

#define ONE(flag, pos, mapq, cigar, tags)                                              \
    "r\t" flag "\tchr1\t" pos "\t" mapq "\t" cigar "\t*\t0\t0\t*\t*" tags "\n"
#define END(flag, chrom, pos, mapq, cigar, next, mpos, tags)                           \
    "r\t" flag "\t" chrom "\t" pos "\t" mapq "\t" cigar "\t" next "\t" mpos            \
    "\t0\t*\t*" tags "\n"

#define ASSIGNED  "Assigned"
#define NOTHING   "Unassigned_NoFeatures"
#define AMBIGUOUS "Unassigned_Ambiguity"

static void where_a_read_lies(void **state)
{
    (void)state;
    /* first and last base of an exon, and one beside each */
    check_case("", ONE("0", "52", "9", "50M", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("", ONE("0", "51", "9", "50M", ""), 0, 0, 0, 0, NOTHING);
    check_case("", ONE("0", "200", "9", "20M", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("", ONE("0", "201", "9", "20M", ""), 0, 0, 0, 0, NOTHING);
    check_case("", ONE("0", "361", "9", "20M", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("", ONE("0", "362", "9", "20M", ""), 0, 0, 0, 0, AMBIGUOUS);
    check_case("O", ONE("0", "362", "9", "20M", ""), 1, 1, 0, 0, ASSIGNED);
    check_case("O f", ONE("0", "362", "9", "20M", ""), .5, .5, 0, 0, ASSIGNED);
    /* the gap of a split read holds c, its ends lie in a */
    check_case("", ONE("0", "191", "9", "10M100N10M", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("", ONE("0", "191", "9", "10M25D10M", ""), 0, 0, 0, 0, AMBIGUOUS);
    check_case("", ONE("0", "191", "9", "10S10=10I10X", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("", ONE("0", "91", "9", "5H9M1I1M1X", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("", ONE("0", "91", "9", "5H9M1I1M", ""), 0, 0, 0, 0, NOTHING);
    check_case("", ONE("0", "81", "9", "10M20S", ""), 0, 0, 0, 0, NOTHING);
    /* the eleventh section does not count */
    check_case("", ONE("0", "1", "9", "1M8N1M8N1M8N1M8N1M8N1M8N1M8N1M8N1M27N1M", ""), 1,
               0, 0, 0, ASSIGNED);
    check_case("",
               ONE("0", "1", "9", "1M8N1M8N1M8N1M8N1M8N1M8N1M8N1M8N1M8N1M18N1M", ""), 0,
               0, 0, 0, NOTHING);
    check_case("", "r\t0\tchr2\t150\t9\t9M\t*\t0\t0\t*\t*\n", 0, 0, 0, 1, ASSIGNED);
    CHECK_DONE();
}

/* Between D and I lies a section without bases: what spans its place is marked. */
static void sections_without_bases(void **state)
{
    (void)state;
    check_case("", ONE("0", "91", "9", "5M10D5I100D5M", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("", ONE("0", "91", "9", "5M5D5I100D5M", ""), 0, 0, 0, 0, NOTHING);
    check_case("", ONE("0", "91", "9", "5M105D5I5D5M", ""), 0, 0, 0, 0, NOTHING);
    check_case("m2 O", ONE("0", "91", "9", "5M10D5I100D5M", ""), 0, 0, 0, 0,
               "Unassigned_Overlapping_Length");
    CHECK_DONE();
}

static void filters_of_a_read(void **state)
{
    (void)state;
    check_case("", ONE("4", "150", "0", "*", ""), 0, 0, 0, 0, "Unassigned_Unmapped");
    check_case("Q9", ONE("0", "150", "9", "9M", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("Q10", ONE("0", "150", "9", "9M", ""), 0, 0, 0, 0,
               "Unassigned_MappingQuality");
    check_case("", ONE("1024", "150", "9", "9M", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("dup", ONE("1024", "150", "9", "9M", ""), 0, 0, 0, 0,
               "Unassigned_Duplicate");
    check_case("", ONE("0", "150", "9", "9M", "\tNH:i:2"), 0, 0, 0, 0,
               "Unassigned_MultiMapping");
    check_case("", ONE("0", "150", "9", "9M", "\tNH:i:1"), 1, 0, 0, 0, ASSIGNED);
    check_case("M", ONE("0", "150", "9", "9M", "\tNH:i:3"), 1, 0, 0, 0, ASSIGNED);
    check_case("M f", ONE("0", "150", "9", "9M", "\tNH:i:4"), .25, 0, 0, 0, ASSIGNED);
    check_case("M O f", ONE("0", "390", "9", "9M", "\tNH:i:4"), .125, .125, 0, 0,
               ASSIGNED);
    check_case("M f", ONE("256", "150", "9", "9M", "\tNH:i:4"), .25, 0, 0, 0, ASSIGNED);
    check_case("M f primary", ONE("256", "150", "9", "9M", "\tNH:i:4"), 0, 0, 0, 0,
               "Unassigned_Secondary");
    check_case("M f primary", ONE("0", "150", "9", "9M", "\tNH:i:4"), 1, 0, 0, 0,
               ASSIGNED);
    /* the first filter names it: quality, duplicate, multi-mapping, secondary */
    check_case("Q10 dup primary", ONE("1280", "150", "9", "9M", "\tNH:i:2"), 0, 0, 0, 0,
               "Unassigned_MappingQuality");
    check_case("dup primary", ONE("1280", "150", "9", "9M", "\tNH:i:2"), 0, 0, 0, 0,
               "Unassigned_Duplicate");
    check_case("primary", ONE("256", "150", "9", "9M", "\tNH:i:2"), 0, 0, 0, 0,
               "Unassigned_MultiMapping");
    CHECK_DONE();
}

static void strands(void **state)
{
    (void)state;
    check_case("s1", ONE("0", "150", "9", "9M", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("s1", ONE("16", "150", "9", "9M", ""), 0, 0, 0, 0, NOTHING);
    check_case("s2", ONE("0", "150", "9", "9M", ""), 0, 0, 0, 0, NOTHING);
    check_case("s2", ONE("16", "150", "9", "9M", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("s1", ONE("16", "230", "9", "9M", ""), 0, 0, 1, 0, ASSIGNED);
    check_case("s1", ONE("0", "191", "9", "60M", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("s2", ONE("0", "191", "9", "60M", ""), 0, 0, 1, 0, ASSIGNED);
    /* read 2 points against its fragment */
    check_case("p s1", ONE("129", "150", "9", "9M", ""), 0, 0, 0, 0, NOTHING);
    check_case("p s1", ONE("145", "150", "9", "9M", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("p c s1",
               END("99", "chr1", "110", "9", "9M", "=", "310", "")
                   END("147", "chr1", "310", "9", "9M", "=", "110", ""),
               1, 0, 0, 0, ASSIGNED);
    check_case("p c s2",
               END("99", "chr1", "110", "9", "9M", "=", "310", "")
                   END("147", "chr1", "310", "9", "9M", "=", "110", ""),
               0, 0, 0, 0, NOTHING);
    check_case("p c s2",
               END("83", "chr1", "310", "9", "9M", "=", "110", "")
                   END("163", "chr1", "110", "9", "9M", "=", "310", ""),
               1, 0, 0, 0, ASSIGNED);
    CHECK_DONE();
}

/* Both ends in a, one of them in b as well. */
#define PAIR(mapq1, mapq2, tags1, tags2)                                               \
    END("99", "chr1", "150", mapq1, "50M", "=", "360", tags1)                          \
    END("147", "chr1", "360", mapq2, "50M", "=", "150", tags2)

static void where_a_pair_lies(void **state)
{
    (void)state;
    check_case("p O", PAIR("9", "9", "", ""), 2, 1, 0, 0, ASSIGNED); /* as reads */
    check_case("p c", PAIR("9", "9", "", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("p c O", PAIR("9", "9", "", ""), 1, 1, 0, 0, ASSIGNED);
    check_case("p c O f", PAIR("9", "9", "", ""), .5, .5, 0, 0, ASSIGNED);
    check_case("p c m31", PAIR("9", "9", "", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("p c O m29", PAIR("9", "9", "", ""), 1, 1, 0, 0, ASSIGNED);
    check_case("p c O m30", PAIR("9", "9", "", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("p c O f m31", PAIR("9", "9", "", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("p c m91", PAIR("9", "9", "", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("p c m92", PAIR("9", "9", "", ""), 0, 0, 0, 0,
               "Unassigned_Overlapping_Length");
    /* one end in a and b, the other one in neither: 2 of score 1 */
    check_case("p c",
               END("99", "chr1", "390", "9", "9M", "=", "700", "")
                   END("147", "chr1", "700", "9", "9M", "=", "390", ""),
               0, 0, 0, 0, AMBIGUOUS);
    /* bases that both ends cover count once: 120-150 and 130-160 are 41 */
    check_case("p c m41",
               END("99", "chr1", "120", "9", "31M", "=", "130", "")
                   END("147", "chr1", "130", "9", "31M", "=", "120", ""),
               1, 0, 0, 0, ASSIGNED);
    check_case("p c m42",
               END("99", "chr1", "120", "9", "31M", "=", "130", "")
                   END("147", "chr1", "130", "9", "31M", "=", "120", ""),
               0, 0, 0, 0, "Unassigned_Overlapping_Length");
    CHECK_DONE();
}

static void filters_of_a_pair(void **state)
{
    static const char half[] = END("73", "chr1", "150", "9", "9M", "=", "150", "")
        END("133", "chr1", "150", "0", "*", "=", "150", "");
    static const char none[] = END("77", "*", "0", "0", "*", "*", "0", "")
        END("141", "*", "0", "0", "*", "*", "0", "");
    static const char missing[] = END("99", "chr1", "150", "9", "9M", "=", "350", "");
    static const char apart[] = END("97", "chr1", "150", "9", "9M", "chr2", "150", "")
        END("145", "chr2", "150", "9", "9M", "chr1", "150", "");
    static const char one_strand[] = END("65", "chr1", "150", "9", "9M", "=", "350", "")
        END("129", "chr1", "350", "9", "9M", "=", "150", "");
    static const char single[] = ONE("0", "150", "9", "9M", "");

    (void)state;
    check_case("p c", none, 0, 0, 0, 0, "Unassigned_Unmapped");
    check_case("p c", half, 1, 0, 0, 0, ASSIGNED);
    check_case("p c B", half, 0, 0, 0, 0, "Unassigned_Singleton");
    check_case("p c C", half, 1, 0, 0, 0, ASSIGNED);
    check_case("p c", missing, 1, 0, 0, 0, ASSIGNED);
    check_case("p c B", missing, 1, 0, 0, 0, ASSIGNED); /* its flags say both map */
    check_case("p c", single, 1, 0, 0, 0, ASSIGNED);
    check_case("p c B", single, 0, 0, 0, 0, "Unassigned_Singleton");
    check_case("p c", ONE("4", "150", "0", "*", ""), 0, 0, 0, 0, "Unassigned_Unmapped");
    check_case("p c", apart, 0, 0, 0, 0, AMBIGUOUS);
    check_case("p c O", apart, 1, 0, 0, 1, ASSIGNED);
    check_case("p c O C", apart, 0, 0, 0, 0, "Unassigned_Chimera");
    check_case("p c", one_strand, 1, 0, 0, 0, ASSIGNED);
    check_case("p c C", one_strand, 0, 0, 0, 0, "Unassigned_Chimera");
    /* quality of the better end */
    check_case("p c Q20", PAIR("5", "20", "", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("p c Q20", PAIR("20", "5", "", ""), 1, 0, 0, 0, ASSIGNED);
    check_case("p c Q21", PAIR("20", "5", "", ""), 0, 0, 0, 0,
               "Unassigned_MappingQuality");
    check_case("p c Q20", missing, 0, 0, 0, 0, "Unassigned_MappingQuality");
    check_case("p c Q9", missing, 1, 0, 0, 0, ASSIGNED);
    /* one end is enough for a duplicate, a multi-mapper, a secondary alignment */
    check_case("p c dup",
               END("99", "chr1", "150", "9", "9M", "=", "350", "")
                   END("1171", "chr1", "350", "9", "9M", "=", "150", ""),
               0, 0, 0, 0, "Unassigned_Duplicate");
    check_case("p c dup",
               END("1123", "chr1", "150", "9", "9M", "=", "350", "")
                   END("147", "chr1", "350", "9", "9M", "=", "150", ""),
               0, 0, 0, 0, "Unassigned_Duplicate");
    check_case("p c", PAIR("9", "9", "", "\tNH:i:2"), 0, 0, 0, 0,
               "Unassigned_MultiMapping");
    check_case("p c", PAIR("9", "9", "\tNH:i:2", ""), 0, 0, 0, 0,
               "Unassigned_MultiMapping");
    check_case("p c M f", PAIR("9", "9", "\tNH:i:2", "\tNH:i:5"), .2, 0, 0, 0,
               ASSIGNED);
    check_case("p c M primary",
               END("99", "chr1", "150", "9", "9M", "=", "350", "")
                   END("403", "chr1", "350", "9", "9M", "=", "150", ""),
               0, 0, 0, 0, "Unassigned_Secondary");
    /* a multi-mapper is told before the quality of the other end is asked */
    check_case("p c Q20", PAIR("9", "9", "", "\tNH:i:2"), 0, 0, 0, 0,
               "Unassigned_MultiMapping");
    check_case("p c Q20", PAIR("9", "9", "\tNH:i:2", ""), 0, 0, 0, 0,
               "Unassigned_MappingQuality");
    CHECK_DONE();
}

/* ---- featureCounts' answers --------------------------------------------------------- */

static const char odd_sam[] = "tests/data/counts/odd.sam.gz";
static const char odd_saf[] = "tests/data/counts/odd.saf";

typedef struct answer {
    char mode[64], row[64];
    double count;
} answer;

static size_t read_answers(answer **out)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_text *text = NULL;
    cxs_fields f = {0};
    char *line = NULL;
    size_t length = 0, n = 0, room = 0;

    assert_int_equal(cxs_text_open(ctx, "tests/data/counts/expected.tsv", &text), 0);
    while (cxs_text_line(ctx, text, &line, &length) == CXS_OK && line != NULL) {
        assert_int_equal(cxs_fields_split(ctx, line, length, '\t', &f), 0);
        assert_int_equal(cxs_grow(ctx, (void **)out, &room, n + 1, sizeof **out), 0);
        snprintf((*out)[n].mode, sizeof(*out)[n].mode, "%s", f.text[0]);
        snprintf((*out)[n].row, sizeof(*out)[n].row, "%s", f.text[1]);
        (*out)[n++].count = strtod(f.text[2], NULL);
    }
    cxs_fields_free(&f);
    cxs_text_close(text);
    cxs_ctx_free(ctx);
    return n;
}

static double found(const cxs_counts *counts, const char *row)
{
    for (size_t g = 0; g < cxs_counts_genes(counts); g++)
        if (strcmp(cxs_counts_gene(counts, g), row) == 0)
            return cxs_counts_of(counts, 0)[g];
    for (size_t o = 0; o < cxs_counts_outcomes(); o++)
        if (strcmp(cxs_counts_outcome(o), row) == 0)
            return (double)cxs_counts_outcome_of(counts, 0, o);
    return -1.0;
}

static void as_featurecounts(void **state)
{
    const char *path = odd_sam;
    answer *want = NULL;
    const size_t n = read_answers(&want);
    size_t modes = 0;

    (void)state;
    for (size_t i = 1, end; i < n; i = end) { /* 0 is the header */
        cxs_count_settings s = mode(want[i].mode);
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_counts *counts = NULL;
        double most = 0.0;
        s.annotation = odd_saf;
        cxs_ctx_set_threads(ctx, 1 + (int)(modes++ % 3));
        CHECK(cxs_count_files(ctx, &s, &path, 1, &counts) == CXS_OK);
        assert_non_null(counts);
        for (end = i; end < n && strcmp(want[end].mode, want[i].mode) == 0; end++) {
            const double got = found(counts, want[end].row);
            most = fmax(most, got);
            if (fabs(got - want[end].count) > 0.005 + 1e-9) { /* two decimals */
                test_failures++;
                printf("  [%s] %s: %.17g, featureCounts %g\n", want[end].mode,
                       want[end].row, got, want[end].count);
            }
        }
        CHECK(end - i == 80 + cxs_counts_outcomes() && most > 20.0);
        cxs_counts_free(counts);
        cxs_ctx_free(ctx);
    }
    CHECK(modes == 26);
    cxs_free(want);
    CHECK_DONE();
}

/* ---- the same bytes ----------------------------------------------------------------- */

static void write_all(const char *annotation, const char *const *paths, size_t n,
                      int threads, const char *prefix)
{
    cxs_count_settings s = mode("p c M O f");
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_counts *counts = NULL;

    s.annotation = annotation;
    cxs_ctx_set_threads(ctx, threads);
    CHECK(cxs_count_files(ctx, &s, paths, n, &counts) == CXS_OK);
    CHECK(counts != NULL && cxs_counts_write(ctx, counts, prefix, NULL) == CXS_OK);
    cxs_counts_free(counts);
    cxs_ctx_free(ctx);
}

static bool same_file(const char *a, const char *b)
{
    size_t n = 0, m = 0;
    char *x = test_read(a, &n), *y = test_read(b, &m);
    const bool same =
        x != NULL && y != NULL && n == m && n > 100 && memcmp(x, y, n) == 0;

    free(x);
    free(y);
    return same;
}

/* Lines of a text from the last to the first, the first `keep` ones in their place. */
static cxs_buf reversed(const char *text, size_t keep)
{
    const char *line[4096];
    size_t n = 0;
    cxs_buf b = {0};

    for (const char *at = text; *at != '\0'; at = strchr(at, '\n') + 1)
        line[n++] = at;
    for (size_t i = 0; i < n; i++) {
        const char *from = line[i < keep ? i : n - 1 - (i - keep)];
        if (cxs_buf_add(NULL, &b, from, (size_t)(strchr(from, '\n') - from) + 1) !=
            CXS_OK)
            abort();
    }
    return b;
}

static void same_bytes(void **state)
{
    const char *first[] = {odd_sam, NULL, NULL};
    char prefix[2][TEST_PATH_BYTES * 2], path[2][TEST_PATH_BYTES * 2 + 16];
    char *rows = test_read(odd_saf, NULL);
    cxs_buf back = reversed(rows, 1);
    char annotation[TEST_PATH_BYTES * 2];

    (void)state;
    snprintf(annotation, sizeof annotation, "%s", test_text("back.saf", back.text));
    snprintf(prefix[0], sizeof prefix[0], "%s", test_path("p0"));
    snprintf(prefix[1], sizeof prefix[1], "%s", test_path("p1"));
    write_all(odd_saf, first, 1, 1, prefix[0]);
    for (int turn = 0; turn < 4; turn++) {
        static const char *const endings[] = {".counts.tsv", ".summary.tsv"};
        write_all(turn == 3 ? annotation : odd_saf, first, 1, turn + 1, prefix[1]);
        for (size_t e = 0; e < 2; e++) {
            snprintf(path[0], sizeof path[0], "%s%s", prefix[0], endings[e]);
            snprintf(path[1], sizeof path[1], "%s%s", prefix[1], endings[e]);
            CHECK(same_file(path[0], path[1]));
        }
    }
    cxs_free(back.text);
    free(rows);
    CHECK_DONE();
}

/* Several files at once, each the same as alone. */
static void several_files(void **state)
{
    char other[TEST_PATH_BYTES * 2];
    const char *paths[3] = {odd_sam, other, NULL};
    cxs_count_settings s = mode("p c");
    cxs_counts *counts = NULL;
    cxs_ctx *ctx = cxs_ctx_new();
    char sam[2048];

    (void)state;
    snprintf(sam, sizeof sam,
             "@SQ\tSN:1\tLN:60000\n@SQ\tSN:2\tLN:60000\n@SQ\tSN:3\tLN:60000\n");
    snprintf(other, sizeof other, "%s", test_text("other.sam", sam));
    s.annotation = odd_saf;
    for (int threads = 1; threads <= 5; threads += 2) {
        cxs_ctx_set_threads(ctx, threads);
        CHECK(cxs_count_files(ctx, &s, paths, 2, &counts) == CXS_OK);
        assert_non_null(counts);
        double sum = 0.0;
        for (size_t g = 0; g < cxs_counts_genes(counts); g++) {
            sum += cxs_counts_of(counts, 0)[g];
            CHECK_NEAR(cxs_counts_of(counts, 1)[g], 0.0, TOL_EXACT);
        }
        CHECK_NEAR(sum, (double)cxs_counts_outcome_of(counts, 0, 0), TOL_EXACT);
        CHECK(sum > 100.0);
        cxs_counts_free(counts);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

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
        cmocka_unit_test(where_a_read_lies),
        cmocka_unit_test(sections_without_bases),
        cmocka_unit_test(filters_of_a_read),
        cmocka_unit_test(strands),
        cmocka_unit_test(where_a_pair_lies),
        cmocka_unit_test(filters_of_a_pair),
        cmocka_unit_test(as_featurecounts),
        cmocka_unit_test(same_bytes),
        cmocka_unit_test(several_files),
        cmocka_unit_test(tables),
        cmocka_unit_test(settings_that_do_not_fit),
        cmocka_unit_test(files_that_do_not_fit),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("count", tests, test_folder_make,
                                       test_folder_remove);
}
