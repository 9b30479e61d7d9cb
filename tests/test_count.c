/*
 * test_count.c -- reads in genes: each rule by hand
 */
#include "test.h"

#include "count_case.h"

enum { GENES = 4 };

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
    /* the later end says that both map, the earlier one is unmapped */
    check_case("p c B",
               END("133", "*", "0", "0", "*", "chr1", "150", "")
                   END("97", "chr1", "150", "9", "9M", "*", "1", ""),
               0, 0, 0, 0, "Unassigned_Singleton");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_a_read_lies), cmocka_unit_test(sections_without_bases),
        cmocka_unit_test(filters_of_a_read), cmocka_unit_test(strands),
        cmocka_unit_test(where_a_pair_lies), cmocka_unit_test(filters_of_a_pair),
    };

    return cmocka_run_group_tests_name("count", tests, test_folder_make,
                                       test_folder_remove);
}
