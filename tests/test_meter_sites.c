/*
 * test_meter_sites.c -- alleles at sites, splice junctions, short memory
 */
#include "test.h"

#include "meter_targets_case.h"

/* ---- sites -------------------------------------------------------------------------- */

static cxs_measures *sites(const char *sam, const char *table, const char *build)
{
    meter_case *c = case_new(sam, build);
    cxs_meter *meter = NULL;
    cxs_measures *bag = NULL;

    CHECK(cxs_meter_sites(ctx, "snps", test_text("sites.tsv", table), build, 20, 20,
                          &meter) == CXS_OK);
    if (meter == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        abort();
    }
    bag = measured(ctx, c, meter);
    meter->free(meter);
    case_free(c);
    return bag;
}

static void check_site(const cxs_measures *bag, size_t row, int64_t ref, int64_t alt,
                       int64_t other, int64_t reverse)
{
    CHECK(cell(bag, "snps", "n_ref", row) == ref);
    CHECK(cell(bag, "snps", "n_alt", row) == alt);
    CHECK(cell(bag, "snps", "n_other", row) == other);
    CHECK(cell(bag, "snps", "n_alt_reverse", row) == reverse);
}

static void alleles_by_hand(void **state)
{
    /* Site 1:13 C>T is base 3 of reads at 11.  a ref, b alt, c alt reverse, d other, e of
     * low quality, f of low MAPQ, g duplicate, h deletion, i skipped, j behind an
     * insertion, k supplementary, n an N. */
    static const char sam[] =
        SQ "a\t0\tchr1\t11\t60\t10M\t*\t0\t0\tAACTACGTAC\t" Q10 "\n"
           "b\t0\tchr1\t11\t60\t10M\t*\t0\t0\tAATTACGTAC\t" Q10 "\n"
           "c\t16\tchr1\t11\t60\t10M\t*\t0\t0\tAATTACGTAC\t" Q10 "\n"
           "d\t0\tchr1\t11\t60\t10M\t*\t0\t0\tAAGTACGTAC\t" Q10 "\n"
           "e\t0\tchr1\t11\t60\t10M\t*\t0\t0\tAATTACGTAC\tII4IIIIIII\n"
           "e2\t0\tchr1\t11\t60\t10M\t*\t0\t0\tAATTACGTAC\tII5IIIIIII\n"
           "f\t0\tchr1\t11\t19\t10M\t*\t0\t0\tAATTACGTAC\t" Q10 "\n"
           "g\t1024\tchr1\t11\t60\t10M\t*\t0\t0\tAATTACGTAC\t" Q10 "\n"
           "h\t0\tchr1\t11\t60\t2M1D8M\t*\t0\t0\tAATTACGTAC\t" Q10 "\n"
           "i\t0\tchr1\t11\t60\t2M1N8M\t*\t0\t0\tAATTACGTAC\t" Q10 "\n"
           "j\t0\tchr1\t11\t60\t1M1I8M\t*\t0\t0\tAGATACGTAC\t" Q10 "\n"
           "k\t2048\tchr1\t11\t60\t10M\t*\t0\t0\tAATTACGTAC\t" Q10 "\n"
           "n\t0\tchr1\t11\t60\t10M\t*\t0\t0\tAANTACGTAC\t" Q10 "\n";
    /* j: M A, I G, then A T: base at 13 is T?  A(11) [G] A(12) T(13): alt. */
    cxs_measures *bag = sites(sam,
                              "chrom\tpos\tref\talt\n"
                              "chr1\t13\tC\tT\n"
                              "1\t13\tc\tg\n"
                              "9\t13\tC\tT\n"
                              "1\t13\tC\tCA\n"
                              "1\t12\tAC\tAT\n"
                              "1\t10\tA\tT\n"
                              "1\t21\tA\tT\n",
                              "hg19");

    (void)state;
    check_site(bag, 0, 1, 4, 2, 1);
    check_site(bag, 1, 1, 1, 5, 0);
    CHECK(cell(bag, "snps", "n_ref", 2) == CXS_MEASURE_MISSING);
    CHECK(strcmp(text_cell(bag, "snps", "alt", 1), "G") == 0);
    /* The insertion of CA is no substitution; AC>AT is compared whole. */
    CHECK(cell(bag, "snps", "pos", 3) == 12);
    check_site(bag, 3, 1, 4, 2, 1);
    check_site(bag, 4, 0, 0, 0, 0);
    check_site(bag, 5, 0, 0, 2, 0); /* the last bases of h and i */
    cxs_measures_free(bag);
    CHECK_DONE();
}

static void mates_show_a_site_once(void **state)
{
    static const char table[] = "gene\tlabel\tchrom\thg38_pos\thg19_pos\tref\talt\n"
                                "IDH1\tR132H\t1\t.\t15\tC\tT\n"
                                "X\tY\t1\t15\t.\tC\tT\n";
    /* a: both alt; b: alt better than ref; c: equal qualities, different; d: mate does
     * not reach the site; e: first fails its quality, second counts, on the reverse. */
    static const char sam[] =
        SQ "a\t99\tchr1\t11\t60\t10M\t=\t13\t12\tAAAATAAAAA\t" Q10 "\n"
           "a\t147\tchr1\t13\t60\t10M\t=\t11\t-12\tAATAAAAAAA\t" Q10 "\n"
           "b\t99\tchr1\t11\t60\t10M\t=\t13\t12\tAAAATAAAAA\tIIIIIIIIII\n"
           "b\t147\tchr1\t13\t60\t10M\t=\t11\t-12\tAACAAAAAAA\tII5IIIIIII\n"
           "c\t99\tchr1\t11\t60\t10M\t=\t13\t12\tAAAATAAAAA\t" Q10 "\n"
           "c\t147\tchr1\t13\t60\t10M\t=\t11\t-12\tAACAAAAAAA\t" Q10 "\n"
           "d\t99\tchr1\t11\t60\t10M\t=\t21\t20\tAAAACAAAAA\t" Q10 "\n"
           "d\t147\tchr1\t21\t60\t10M\t=\t11\t-20\tAAAAAAAAAA\t" Q10 "\n"
           "e\t99\tchr1\t11\t60\t10M\t=\t13\t12\tAAAACAAAAA\tIIII#IIIII\n"
           "e\t147\tchr1\t13\t60\t10M\t=\t11\t-12\tAATAAAAAAA\t" Q10 "\n"
           "f\t99\tchr1\t1\t60\t10M\t=\t13\t22\tAAAACAAAAA\t" Q10 "\n"
           "f\t147\tchr1\t13\t60\t10M\t=\t1\t-22\tAACAAAAAAA\t" Q10 "\n";
    cxs_measures *bag = sites(sam, table, "hg19");

    (void)state;
    CHECK(cxs_measure_rows(cxs_measures_find(bag, "snps")) == 1);
    CHECK(strcmp(text_cell(bag, "snps", "name", 0), "IDH1 R132H") == 0);
    check_site(bag, 0, 2, 3, 0, 1);
    cxs_measures_free(bag);
    CHECK_DONE();
}

static void bad_sites(void **state)
{
    cxs_meter *meter = NULL;

    (void)state;
    CHECK(cxs_meter_sites(ctx, "snps",
                          test_text("s", "chrom\tpos\tref\talt\n1\tx\tA\tC\n"), NULL, 0,
                          0, &meter) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "s:2:pos: 'x'") != NULL && meter == NULL);
    CHECK(cxs_meter_sites(ctx, "snps",
                          test_text("s", "chrom\tpos\tref\talt\n1\t5\tA\tA\n"), NULL, 0,
                          0, &meter) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "no substitution") != NULL);
    CHECK(cxs_meter_sites(ctx, "snps", test_text("s", "chrom\tref\talt\n1\tA\tC\n"),
                          "hg19", 0, 0, &meter) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX020") == 0);
    CHECK_DONE();
}

/* ---- junctions ---------------------------------------------------------------------- */

static cxs_measures *junctions(const char *sam, const char *build, bool all)
{
    meter_case *c = case_new(sam, build);
    cxs_meter *meter = NULL;
    cxs_measures *bag;

    CHECK(cxs_meter_junctions(ctx, all, &meter) == CXS_OK);
    if (meter == NULL)
        abort();
    bag = measured(ctx, c, meter);
    meter->free(meter);
    case_free(c);
    return bag;
}

static void junctions_of_egfr(void **state)
{
    /* hg38: exon 1 ends at 55019365 (1-based), exon 8 begins at 55155830: a read with 5
     * bases in exon 1 begins at 55019361 and skips 136464.  To exon 2 (55142286): 122920.
     * a exact; b shifted by 5 at both ends; c shifted by 6; d exon 2; e low MAPQ; f
     * secondary; p both mates cross: once. */
    static const char sam[] =
        SQ "a\t0\tchr7\t55019361\t60\t5M136464N5M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "b\t0\tchr7\t55019366\t60\t5M136464N5M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "c\t0\tchr7\t55019367\t60\t5M136464N5M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "c2\t0\tchr7\t55019361\t60\t5M136470N5M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "d\t0\tchr7\t55019361\t60\t5M122920N5M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "d2\t1024\tchr7\t55019359\t60\t2S5M2D122920N3M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "e\t0\tchr7\t55019361\t19\t5M136464N5M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "f\t256\tchr7\t55019361\t60\t5M136464N5M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "g\t0\tchr1\t11\t60\t5M100N5M\t*\t0\t0\t" T10 "\t" Q10 "\n"
           "p\t99\tchr7\t55019361\t60\t5M136464N5M\t=\t55019362\t9\t" T10 "\t" Q10 "\n"
           "p\t147\tchr7\t55019362\t60\t4M136464N3M100N3M\t=\t55019361\t-9\t" T10
           "\t" Q10 "\n";
    cxs_measures *bag = junctions(sam, "hg38", true);

    (void)state;
    CHECK(named_cell(bag, "junctions", "name", "egfr_e1_e8", "reads") == 3);
    CHECK(named_cell(bag, "junctions", "name", "egfr_e1_e2", "reads") == 2);
    CHECK(named_cell(bag, "junctions", "name", "egfr_e1_e8", "start") == 55019365);
    CHECK(named_cell(bag, "junctions", "name", "egfr_e1_e8", "end") == 55155829);
    /* All: chr1 once; chr7 by start, then end; the exact one from a and p. */
    CHECK(cxs_measure_rows(cxs_measures_find(bag, "junctions_all")) == 7);
    CHECK(strcmp(text_cell(bag, "junctions_all", "chrom", 0), "1") == 0);
    CHECK(cell(bag, "junctions_all", "start", 0) == 15);
    CHECK(cell(bag, "junctions_all", "end", 0) == 115);
    CHECK(cell(bag, "junctions_all", "reads", 1) == 2); /* d and d2 */
    CHECK(cell(bag, "junctions_all", "end", 1) == 55142285);
    CHECK(cell(bag, "junctions_all", "reads", 2) == 2); /* a and p */
    CHECK(cell(bag, "junctions_all", "end", 3) == 55155835);
    CHECK(cell(bag, "junctions_all", "start", 6) == 55155832); /* p alone */
    cxs_measures_free(bag);
    bag = junctions(sam, "other", false);
    CHECK(cxs_measure_rows(cxs_measures_find(bag, "junctions")) == 0);
    CHECK(cxs_measures_find(bag, "junctions_all") == NULL);
    cxs_measures_free(bag);
    CHECK_DONE();
}

/* ---- failures ----------------------------------------------------------------------- */

static const char *bed_path, *genes_path, *sites_path;

static cxs_rc make_coverage(cxs_ctx *c, cxs_meter **out)
{
    const cxs_coverage_settings set = {.targets = bed_path,
                                       .genes = genes_path,
                                       .build = "hg19",
                                       .min_depth = 1,
                                       .mates_once = true};
    return cxs_meter_coverage(c, &set, out);
}

static cxs_rc make_sites(cxs_ctx *c, cxs_meter **out)
{
    return cxs_meter_sites(c, "snps", sites_path, "hg19", 0, 0, out);
}

static cxs_rc make_junctions(cxs_ctx *c, cxs_meter **out)
{
    return cxs_meter_junctions(c, true, out);
}

static void every_allocation(void **state)
{
    static const char sam[] =
        SQ "a\t99\tchr1\t11\t60\t10M\t=\t17\t16\t" T10 "\t" Q10 "\n"
           "a\t147\tchr1\t17\t60\t4M10N6M\t=\t11\t-16\t" T10 "\t" Q10 "\n";
    meter_case *c = case_new(sam, "hg19");

    (void)state;
    bed_path = test_text("f.bed", "1\t10\t26\tG\n1\t30\t42\tG\n");
    genes_path = test_text("f.genes", "symbol\tchrom\tstrand\thg19_start\thg19_end\n"
                                      "ONE\t1\t+\t5\t25\n");
    sites_path = test_text("f.sites", "chrom\tpos\tref\talt\n1\t13\tC\tT\n");
    case_every_failure(c, make_coverage);
    case_every_failure(c, make_sites);
    case_every_failure(c, make_junctions);
    case_free(c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alleles_by_hand),  cmocka_unit_test(mates_show_a_site_once),
        cmocka_unit_test(bad_sites),        cmocka_unit_test(junctions_of_egfr),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests_name("meter_sites", tests, make, end);
}
