/*
 * test_meter_targets.c -- depth over targets
 *
 * Small numbers are worked by hand; depth is also compared with its literal definition,
 * base by base, on made-up pairs with gaps, clips and overlaps.
 */
#include "test.h"

#include "meter_targets_case.h"

static cxs_coverage_settings coverage_of(const char *bed)
{
    return (cxs_coverage_settings){.targets = bed, .min_depth = 2, .mates_once = true};
}

static cxs_measures *coverage(const char *sam, const cxs_coverage_settings *set)
{
    meter_case *c = case_new(sam, "hg19");
    cxs_meter *meter = NULL;
    cxs_measures *bag = NULL;

    CHECK(cxs_meter_coverage(ctx, set, &meter) == CXS_OK);
    if (meter == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        abort();
    }
    CHECK(meter->wants_pairs);
    bag = measured(ctx, c, meter);
    meter->free(meter);
    case_free(c);
    return bag;
}

/* ---- coverage ---------------------------------------------------------------------- */

static void depth_by_hand(void **state)
{
    /* a and its mate overlap by 4 bases; b has a deletion of 2; c is a duplicate, d
     * secondary, e QC-fail, f unmapped, g has a low MAPQ; s is supplementary and counts. */
    static const char sam[] =
        SQ "a\t99\tchr1\t11\t60\t10M\t=\t17\t16\t" T10 "\t" Q10 "\n"
           "a\t147\tchr1\t17\t60\t10M\t=\t11\t-16\t" T10 "\t" Q10 "\n"
           "b\t0\tchr1\t31\t20\t5M2D5M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "c\t1024\tchr1\t31\t60\t10M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "d\t256\tchr1\t31\t60\t10M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "e\t512\tchr1\t31\t60\t10M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "f\t4\tchr1\t31\t60\t*\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "g\t0\tchr1\t31\t19\t10M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "s\t2048\tchr1\t33\t60\t3S4M3I\t*\t0\t0\t" T10 "\t" Q10 "\n";
    cxs_coverage_settings set =
        coverage_of(test_text("a.bed", "track name=x\n#note\n"
                                       "chr1\t10\t26\tGENA_1\n"
                                       "1\t30\t42\tGENB\n"
                                       "chr1\t20\t36\tGENA_2\t0\t-\n"
                                       "chr9\t0\t5\tGENC\n"));
    set.min_mapq = 20;
    cxs_measures *bag = coverage(sam, &set);

    (void)state;
    /* Target 0: a and mate on 10..25, each base once. */
    CHECK(cell(bag, "coverage", "depth_sum", 0) == 16);
    CHECK(cell(bag, "coverage", "ge_1", 0) == 16);
    CHECK(cell(bag, "coverage", "ge_10", 0) == 0);
    CHECK(cell(bag, "coverage", "seen", 0) == 0);
    /* Target 1: b on 30..34 and 37..41, s on 32..35. */
    CHECK(cell(bag, "coverage", "bases", 1) == 12);
    CHECK(cell(bag, "coverage", "depth_sum", 1) == 10 + 4);
    CHECK(cell(bag, "coverage", "ge_1", 1) == 11);
    CHECK(cell(bag, "coverage", "seen", 1) == 3);
    /* Target 2 overlaps both: 20..25 of a, 30..35. */
    CHECK(cell(bag, "coverage", "depth_sum", 2) == 6 + 5 + 4);
    /* Target 3 lies on no contig of the header. */
    CHECK(cell(bag, "coverage", "depth_sum", 3) == CXS_MEASURE_MISSING);
    CHECK(cell(bag, "coverage", "seen", 3) == CXS_MEASURE_MISSING);
    CHECK(strcmp(text_cell(bag, "coverage", "chrom", 0), "1") == 0);
    CHECK(strcmp(text_cell(bag, "coverage", "name", 2), "GENA_2") == 0);
    CHECK(cell(bag, "coverage", "start", 2) == 20);
    CHECK(cell(bag, "coverage", "end", 2) == 36);
    CHECK(named_cell(bag, "coverage_genes", "gene", "GENA", "targets") == 2);
    CHECK(named_cell(bag, "coverage_genes", "gene", "GENA", "bases") == 32);
    CHECK(named_cell(bag, "coverage_genes", "gene", "GENC", "assessed") == 0);
    cxs_measures_free(bag);

    set.mates_once = false;
    bag = coverage(sam, &set);
    CHECK(cell(bag, "coverage", "depth_sum", 0) == 20);
    CHECK(cell(bag, "coverage", "seen", 0) == 4);
    cxs_measures_free(bag);
    CHECK_DONE();
}

static void mates_count_twice_when(void **state)
{
    /* Not a proper pair; one mate supplementary; one mate filtered. */
    static const char *const sam[] = {
        SQ "a\t97\tchr1\t11\t60\t10M\t=\t11\t10\t" T10 "\t" Q10 "\n"
           "a\t145\tchr1\t11\t60\t10M\t=\t11\t-10\t" T10 "\t" Q10 "\n",
        SQ "a\t99\tchr1\t11\t60\t10M\t=\t11\t10\t" T10 "\t" Q10 "\n"
           "a\t2195\tchr1\t11\t60\t10M\t=\t11\t-10\t" T10 "\t" Q10 "\n",
        SQ "a\t99\tchr1\t11\t60\t10M\t=\t11\t10\t" T10 "\t" Q10 "\n"
           "a\t147\tchr1\t11\t0\t10M\t=\t11\t-10\t" T10 "\t" Q10 "\n",
        SQ "a\t99\tchr1\t11\t60\t10M\t=\t11\t10\t" T10 "\t" Q10 "\n"
           "a\t147\tchr1\t11\t60\t10M\t=\t11\t-10\t" T10 "\t" Q10 "\n"};
    static const int64_t want[] = {20, 20, 10, 10};
    cxs_coverage_settings set = coverage_of(test_text("b.bed", "1\t0\t100\n"));

    (void)state;
    set.min_mapq = 1;
    for (size_t i = 0; i < 4; i++) {
        cxs_measures *bag = coverage(sam[i], &set);

        CHECK(cell(bag, "coverage", "depth_sum", 0) == want[i]);
        CHECK(cxs_measure_rows(cxs_measures_find(bag, "coverage_genes")) == 0);
        cxs_measures_free(bag);
    }
    CHECK_DONE();
}

static void base_quality_splits_runs(void **state)
{
    /* Qualities 40 40 10 40 40 | 10 10 40 40 40 over 5M2D5M at 31. */
    static const char sam[] =
        SQ "b\t0\tchr1\t31\t60\t5M2D5M\t*\t0\t0\t" T10 "\tII+II++III\n"
           "n\t0\tchr1\t31\t60\t5M2D5M\t*\t0\t0\t*\t*\n"; /* no bases */
    cxs_coverage_settings set = coverage_of(
        test_text("c.bed", "1\t30\t33\n1\t33\t35\n1\t35\t37\n1\t37\t39\n1\t39\t50\n"));
    static const int64_t want[] = {2, 2, 0, 0, 3};
    cxs_measures *bag;

    (void)state;
    set.min_baseq = 20;
    set.min_depth = 1;
    bag = coverage(sam, &set);
    for (size_t i = 0; i < 5; i++)
        CHECK(cell(bag, "coverage", "depth_sum", i) == want[i]);
    cxs_measures_free(bag);
    CHECK_DONE();
}

/* A gene is assessed when 90 % of each of its targets is seen. */
static void genes_are_assessed(void **state)
{
    static const char sam[] =
        SQ "a\t0\tchr1\t1\t60\t10M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "b\t0\tchr1\t1\t60\t10M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "c\t0\tchr1\t21\t60\t9M1S\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "d\t0\tchr1\t21\t60\t9M1S\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "e\t0\tchr1\t41\t60\t8M2S\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "f\t0\tchr1\t41\t60\t8M2S\t*\t0\t0\t" T10 "\t" Q10 "\n";
    static const char genes[] = "symbol\tchrom\tstrand\thg19_start\thg19_end\n"
                                "ONE\t1\t+\t5\t25\n"
                                "TWO\t1\t-\t31\t41\n"
                                "GONE\t1\t-\t.\t.\n"
                                "FAR\t1\t-\t500\t600\n";
    cxs_coverage_settings set =
        coverage_of(test_text("d.bed", "1\t0\t10\tP|1\n1\t20\t30\tP|2\n1\t40\t50\tQ\n"
                                       "1\t20\t30\tR 1\n1\t40\t50\tR 2\n"));
    cxs_measures *bag = coverage(sam, &set);

    (void)state;
    CHECK(named_cell(bag, "coverage_genes", "gene", "P", "assessed") == 1);
    CHECK(named_cell(bag, "coverage_genes", "gene", "P", "targets_seen") == 2);
    CHECK(named_cell(bag, "coverage_genes", "gene", "P", "seen") == 19);
    CHECK(named_cell(bag, "coverage_genes", "gene", "Q", "assessed") == 0);
    CHECK(named_cell(bag, "coverage_genes", "gene", "Q", "targets_seen") == 0);
    CHECK(named_cell(bag, "coverage_genes", "gene", "R", "targets_seen") == 1);
    CHECK(named_cell(bag, "coverage_genes", "gene", "R", "assessed") == 0);
    cxs_measures_free(bag);
    set.genes = test_text("genes.tsv", genes);
    set.build = "hg19";
    bag = coverage(sam, &set);
    CHECK(cxs_measure_rows(cxs_measures_find(bag, "coverage_genes")) == 2);
    CHECK(named_cell(bag, "coverage_genes", "gene", "ONE", "targets") == 3);
    CHECK(named_cell(bag, "coverage_genes", "gene", "ONE", "assessed") == 1);
    CHECK(named_cell(bag, "coverage_genes", "gene", "TWO", "targets") == 2);
    CHECK(named_cell(bag, "coverage_genes", "gene", "TWO", "assessed") == 0);
    cxs_measures_free(bag);
    CHECK_DONE();
}

/* ---- depth by its definition -------------------------------------------------------- */

static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % below;
}

enum { MADE = 60, SPAN = 300 };

/* Which bases of the reference an alignment matches, 1 per base. */
static void matched(const bam1_t *b, int8_t on[SPAN])
{
    int64_t at = b->core.pos;

    memset(on, 0, SPAN);
    for (uint32_t i = 0; i < b->core.n_cigar; i++) {
        const char op = bam_cigar_opchr(bam_get_cigar(b)[i]);
        const int64_t n = bam_cigar_oplen(bam_get_cigar(b)[i]);

        for (int64_t k = 0; k < n && strchr("M=X", op) != NULL; k++)
            on[at + k] = 1;
        if (strchr("MDN=X", op) != NULL)
            at += n;
    }
}

static void depth_as_defined(void **state)
{
    static const char *const cigar[] = {"20M",      "5S15M",       "8M3D12M", "6M2I12M",
                                        "9M30N11M", "4M1D4M2D12M", "10=1X9=", "15M5S"};
    static const char seq[] = "ACGTACGTACGTACGTACGT", qual[] = "IIIIIIIIIIIIIIIIIIII";
    char sam[65536] = SQ, *end = sam + strlen(sam);
    char bed[SPAN * 16] = "", *bed_end = bed;
    int64_t depth[SPAN] = {0};
    int8_t one[SPAN], two[SPAN];
    uint32_t seed = 7;

    (void)state;
    for (int i = 0; i < MADE; i++) {
        const unsigned a = 1 + draw(&seed, 200), b = a + draw(&seed, 30);
        const int proper = draw(&seed, 4) > 0 ? 2 : 0;

        end += sprintf(end, "p%d\t%d\tchr1\t%u\t60\t%s\t=\t%u\t50\t%s\t%s\n", i,
                       97 | proper, a, cigar[draw(&seed, 8)], b, seq, qual);
        end += sprintf(end, "p%d\t%d\tchr1\t%u\t60\t%s\t=\t%u\t-50\t%s\t%s\n", i,
                       145 | proper, b, cigar[draw(&seed, 8)], a, seq, qual);
    }
    for (int i = 0; i < SPAN; i++)
        bed_end += sprintf(bed_end, "1\t%d\t%d\n", i, i + 1);
    meter_case *c = case_new(sam, "hg19");
    for (size_t i = 0; i < c->count; i += 2) {
        const bool once = (c->record[i]->core.flag & BAM_FPROPER_PAIR) != 0;

        matched(c->record[i], one);
        matched(c->record[i + 1], two);
        for (int k = 0; k < SPAN; k++)
            depth[k] += once ? one[k] | two[k] : one[k] + two[k];
    }
    case_free(c);
    const cxs_coverage_settings set = coverage_of(test_text("e.bed", bed));
    cxs_measures *bag = coverage(sam, &set);
    for (size_t k = 0; k < SPAN; k++)
        CHECK(cell(bag, "coverage", "depth_sum", k) == depth[k]);
    cxs_measures_free(bag);
    CHECK_DONE();
}

/* ---- failures ----------------------------------------------------------------------- */

static void bad_targets(void **state)
{
    static const struct {
        const char *text, *message;
    } bad[] = {{"1\t5\n", "x.bed:1: 2 fields"},
               {"1\t5\t5\n", "x.bed:1: '5' to '5' is not an interval"},
               {"#c\n1\t-1\t5\n", "x.bed:2: '-1' to '5'"},
               {"#c\n", "no interval in this file"}};
    cxs_meter *meter = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const cxs_coverage_settings set = coverage_of(test_text("x.bed", bad[i].text));

        CHECK(cxs_meter_coverage(ctx, &set, &meter) == CXS_EFORMAT && meter == NULL);
        CHECK(strstr(cxs_ctx_message(ctx), bad[i].message) != NULL);
    }
    const cxs_coverage_settings set = coverage_of(test_text("x.bed", "9\t0\t5\n"));
    meter_case *c = case_new(SQ, "hg19");
    cxs_measures *bag = NULL;
    CHECK(cxs_meter_coverage(ctx, &set, &meter) == CXS_OK);
    CHECK(case_run(ctx, c, meter, 1, &bag) == CXS_EMISMATCH && bag == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "none of its intervals") != NULL);
    meter->free(meter);
    case_free(c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depth_by_hand),
        cmocka_unit_test(mates_count_twice_when),
        cmocka_unit_test(base_quality_splits_runs),
        cmocka_unit_test(genes_are_assessed),
        cmocka_unit_test(depth_as_defined),
        cmocka_unit_test(bad_targets),
    };

    return cmocka_run_group_tests_name("meter_targets", tests, make, end);
}
