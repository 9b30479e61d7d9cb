/*
 * test_vcf.c -- alleles, rules and flags of VCF files made here
 */
#include "test.h"

#include "vcf_case.h"

/* CSQ entry: allele, terms, gene, transcript, HGVSp, allele number, MANE, canonical,
 * MAX_AF. */
#define ENTRY(allele, terms, gene, transcript, hgvsp, num, mane, canonical, max)       \
    allele "|" terms "|X|" gene "|G|Transcript|" transcript "|protein_coding||" hgvsp  \
           "|" num "|" mane "|" canonical "|" max "|"

/* One record, two ALTs: AD 60,30,10 is DP 100 and VAF 0.3 and 0.1. */
static void two_alts_become_two_alleles(void **state)
{
    vcf_case c = vcf_case_make();

    (void)state;
    vcf_case_ok(&c,
                VCF_HEAD "17\t7578406\t.\tCA\tTA,C\t.\tPASS\tCSQ=" ENTRY(
                    "TA", "missense_variant", "TP53", "ENST1", "p.Arg175His", "1", "",
                    "YES", "") "," ENTRY("C", "frameshift_variant", "TP53", "ENST1", "",
                                         "2", "", "YES", "") "\tGT:AD:DP\t0/1:60,30,10:"
                                                             "101\n");
    CHECK(vcf_rows(&c, "variants") == 2);
    CHECK(vcf_has(&c, "pos", 0, 7578406) && vcf_has(&c, "pos", 1, 7578406));
    CHECK(vcf_is(&c, "ref", 0, "C") && vcf_is(&c, "alt", 0, "T")); /* trimmed */
    CHECK(vcf_is(&c, "ref", 1, "CA") && vcf_is(&c, "alt", 1, "C"));
    CHECK(vcf_has(&c, "dp", 0, 100) && vcf_has(&c, "dp_file", 0, 101));
    CHECK(vcf_has(&c, "ad_ref", 0, 60) && vcf_has(&c, "ad_alt", 0, 30));
    CHECK(vcf_has(&c, "ad_alt", 1, 10));
    CHECK_NEAR(vcf_real(&c, "vaf", 0), 0.3, TOL_SUM);
    CHECK_NEAR(vcf_real(&c, "vaf", 1), 0.1, TOL_SUM);
    CHECK(vcf_is(&c, "class", 0, "missense"));
    CHECK(vcf_is(&c, "hotspot", 0, "TP53_R175H"));
    CHECK(vcf_is(&c, "gt", 0, "0/1"));
    CHECK(vcf_is(&c, "status", 0, "pass"));
    CHECK(vcf_is(&c, "class", 1, "truncating"));
    CHECK(vcf_is(&c, "status", 1, "not_carried")); /* the genotype is 0/1 */
    CHECK(vcf_int(&c, "variants.assay", "records", 0) == 1);
    CHECK(vcf_int(&c, "variants.assay", "alleles", 0) == 2);
    CHECK(vcf_int(&c, "variants.assay", "passed", 0) == 1);
    CHECK(strstr(tmp_log, "trimmed, not left-aligned") != NULL);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* MANE before CANONICAL before the worst term before the lowest id; one row per gene;
 * the worst gene stands in the allele's row. */
static void one_entry_per_gene_is_picked(void **state)
{
    vcf_case c = vcf_case_make();

    (void)state;
    vcf_case_ok(
        &c,
        VCF_HEAD "7\t55259515\t.\tT\tG\t.\tPASS\tCSQ=" ENTRY(
            "G", "stop_gained", "EGFR", "ENST9", "p.Leu858Ter", "", "", "",
            "") "," ENTRY("G", "missense_variant&splice_region_variant", "EGFR",
                          "ENST5", "ENSP5:p.Leu858Arg", "", "NM_005228.5", "",
                          "0.00002&0.00001") "," ENTRY("G", "synonymous_variant",
                                                       "EGFR", "ENST4", "p.Leu858%3D",
                                                       "", "", "YES",
                                                       "") "," ENTRY("G",
                                                                     "intron_variant",
                                                                     "EGFR-AS1",
                                                                     "ENST2", "", "",
                                                                     "", "YES",
                                                                     "") "\tAD\t50,"
                                                                         "50\n");
    CHECK(vcf_rows(&c, "variants") == 1 && vcf_rows(&c, "variants.genes") == 2);
    CHECK(vcf_is(&c, "gene", 0, "EGFR") && vcf_is(&c, "transcript", 0, "ENST5"));
    CHECK(vcf_is(&c, "consequence", 0, "missense_variant"));
    CHECK(vcf_is(&c, "hgvsp", 0, "ENSP5:p.Leu858Arg"));
    CHECK(vcf_is(&c, "hotspot", 0, "EGFR_L858R"));
    CHECK(vcf_has(&c, "protein", 0, 1) && vcf_has(&c, "tmb", 0, 1));
    CHECK_NEAR(vcf_real(&c, "pop_af", 0), 0.00002, 1e-15);
    CHECK(strcmp(vcf_text(&c, "variants.genes", "gene", 1), "EGFR-AS1") == 0);
    CHECK(strcmp(vcf_text(&c, "variants.genes", "class", 1), "none") == 0);
    CHECK(vcf_is(&c, "status", 0, "pass"));
    vcf_case_free(&c);
    CHECK_DONE();
}

/* Rows of the filter table at and just below each threshold. */
static void thresholds_by_source_and_library(void **state)
{
    static const struct {
        const char *source, *library;
        bool umi;
        const char *place, *counts, *status; /* place: TP53 I195T is a hotspot */
    } cases[] = {
        {"TUMOR", "WES", false, "17\t100", "14,6", "pass"},
        {"TUMOR", "WES", false, "17\t100", "13,6", "depth"},
        {"TUMOR", "WGS", false, "17\t100", "95,5", "pass"},
        {"TUMOR", "WGS", false, "17\t100", "96,4", "alt_reads"},
        {"TUMOR", "WES", false, "17\t100", "96,5", "vaf"},
        {"TUMOR", "WES", false, "7\t140453136", "97,3", "pass"},
        {"TUMOR", "WES", false, "7\t140453136", "98,2", "alt_reads"},
        {"TUMOR", "WES", false, "7\t140453136", "148,3", "vaf"},
        {"TUMOR", "PANEL", false, "17\t100", "92,8", "pass"},
        {"TUMOR", "PANEL", false, "17\t100", "91,8", "depth"},
        {"TUMOR", "PANEL", false, "17\t100", "93,7", "alt_reads"},
        {"TUMOR", "PANEL", false, "7\t140453136", "495,5", "pass"},
        {"TUMOR", "PANEL", false, "7\t140453136", "496,5", "vaf"},
        {"TUMOR", "PANEL", false, "7\t140453136", "96,4", "alt_reads"},
        {"CSF_CFDNA", "PANEL", false, "17\t100", "495,5", "pass"},
        {"CSF_CFDNA", "PANEL", false, "17\t100", "194,5", "depth"},
        {"CSF_CFDNA", "PANEL", false, "17\t100", "496,5", "vaf"},
        {"CSF_CFDNA", "PANEL", false, "17\t100", "296,4", "alt_reads"},
        {"CSF_CFDNA", "PANEL", false, "7\t140453136", "997,3", "alt_reads"},
        {"CSF_CFDNA", "PANEL", true, "7\t140453136", "198,2", "alt_reads"},
        {"CSF_CFDNA", "PANEL", true, "7\t140453136", "997,3", "pass"},
        {"CSF_CFDNA", "PANEL", true, "7\t140453136", "998,3", "vaf"},
        {"CSF_CFDNA", "WES", false, "17\t100", "45,5", "pass"},
        {"CSF_CFDNA", "WES", false, "17\t100", "44,5", "depth"},
        {"CSF_CFDNA", "WES", false, "17\t100", "46,4", "alt_reads"},
        {"CSF_CFDNA", "WES", false, "17\t100", "96,5", "vaf"},
        {"CSF_CFDNA", "WES", false, "7\t140453136", "46,4", "alt_reads"},
        {"PLASMA_CFDNA", "PANEL", false, "17\t100", "995,5", "pass"},
        {"PLASMA_CFDNA", "PANEL", false, "17\t100", "596,4", "alt_reads"},
        {"PLASMA_CFDNA", "PANEL", true, "7\t140453136", "596,4", "alt_reads"},
        {"PLASMA_CFDNA", "PANEL", false, "17\t100", "996,5", "vaf"},
        {"PLASMA_CFDNA", "PANEL", false, "17\t100", "494,5", "depth"},
    };
    vcf_case c = vcf_case_make();
    char text[4096];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        c.s.source = cases[i].source;
        c.s.library = cases[i].library;
        c.s.umi = cases[i].umi;
        snprintf(text, sizeof text, "%s%s\t.\tA\tT\t.\t.\t.\tGT:AD\t0/1:%s\n", VCF_HEAD,
                 cases[i].place, cases[i].counts);
        vcf_case_ok(&c, text);
        if (!vcf_is(&c, "status", 0, cases[i].status)) {
            test_failures++;
            printf("  case %zu\n", i);
        }
    }
    vcf_case_free(&c);
    CHECK_DONE();
}

/* FILTER, strands, population frequency and the flags of CSF. */
static void reasons_and_flags(void **state)
{
    vcf_case c = vcf_case_make();

    (void)state;
    vcf_case_ok(&c, VCF_HEAD
                "2\t100\t.\tA\tT\t.\tweak\t.\tAD\t50,50\n"
                "2\t101\t.\tA\tT\t.\tPASS\t.\tAD:SB\t50,50:25,25,50,0\n"
                "2\t102\t.\tA\tT\t.\tPASS\t.\tAD:SB\t50,50:25,25,49,1\n"
                "2\t103\t.\tA\tT\t.\tPASS\tCSQ=" ENTRY(
                    "T", "missense_variant", "G1", "E", "", "", "", "",
                    "0.0011") "\tAD\t70,30\n"
                              "2\t104\t.\tA\tT\t.\tPASS\tCSQ=" ENTRY(
                                  "T", "missense_variant", "G1", "E", "", "", "", "",
                                  "0.001") "\tAD\t70,30\n"
                                           "7\t140453136\t.\tA\tT\t.\tPASS\tCSQ=" ENTRY(
                                               "T", "missense_variant", "BRAF", "E", "",
                                               "", "", "",
                                               "0.5") "\tAD\t70,30\n"
                                                      "7\t140453137\t.\tA\tT\t."
                                                      "\tPASS\t.\tAD\t0,0\n");
    CHECK(vcf_rows(&c, "variants") == 6);
    CHECK(vcf_is(&c, "status", 0, "filter") && vcf_is(&c, "filter", 0, "weak"));
    CHECK(vcf_is(&c, "status", 1, "strand"));
    CHECK(vcf_is(&c, "status", 2, "pass") && vcf_has(&c, "alt_rev", 2, 1));
    CHECK(vcf_is(&c, "status", 3, "population"));
    CHECK(vcf_is(&c, "status", 4, "pass"));
    CHECK(vcf_is(&c, "status", 5, "pass")); /* a hotspot is kept */
    CHECK(vcf_is(&c, "hotspot", 5, "BRAF_V600E"));
    CHECK(vcf_int(&c, "variants.assay", "skipped", 0) == 1);
    CHECK(strstr(tmp_log, "CX047") != NULL);
    CHECK(vcf_has(&c, "possible_germline", 0, 0)); /* tissue */

    c.s.source = "CSF_CFDNA";
    vcf_case_ok(&c, VCF_HEAD "2\t100\t.\tA\tT\t.\t.\tCSQ=" ENTRY(
                        "T", "missense_variant", "DNMT3A", "E", "", "", "", "",
                        "") "\tAD\t"
                            "60,40\n"
                            "2\t101\t.\tA\tT\t.\t.\t.\tAD\t61,39\n"
                            "2\t102\t.\tA\tT\t.\t.\t.\tAD\t9,91\n"
                            "2\t103\t.\tA\tT\t.\t.\t.\tAD\t10,90\n");
    CHECK(vcf_has(&c, "possible_germline", 0, 1) && vcf_has(&c, "ch_gene", 0, 1));
    CHECK(vcf_has(&c, "possible_germline", 1, 0) && vcf_has(&c, "ch_gene", 1, 0));
    CHECK(vcf_has(&c, "possible_germline", 2, 1));
    CHECK(vcf_has(&c, "possible_germline", 3, 0));
    vcf_case_free(&c);
    CHECK_DONE();
}

/* Reference of 40 bases, chromosome 17:
 *   1 GGGCACACACAGTTTTTCCGATCGATCGTACGTACGTAAA */
static const char *write_fasta(void)
{
    static char path[TEST_PATH_BYTES * 2];

    test_text("r.fa.fai", "chr17\t40\t7\t40\t41\n");
    snprintf(path, sizeof path, "%s",
             test_text("r.fa", ">chr17\nGGGCACACACAGTTTTTCCGATCGATCGTACGTACGTAAA\n"));
    return path;
}

#define VCF_TOY                                                                        \
    VCF_TOP "##contig=<ID=17,length=40>\n" VCF_CSQ VCF_FORMAT VCF_NAMES "\tT1\n"

/* A CA unit removed or inserted anywhere in CACACACA stands at its left end, so does a
 * T of the run; a deletion at the first base cannot go further. */
static void indels_stand_at_the_left(void **state)
{
    vcf_case c = vcf_case_make();

    (void)state;
    c.s.build = "other";
    c.s.reference = write_fasta();
    vcf_case_ok(&c, VCF_TOY "17\t1\t.\tGG\tG\t.\t.\t.\tAD\t50,50\n"
                            "17\t7\t.\tACA\tA\t.\t.\t.\tAD\t50,50\n"
                            "17\t10\t.\tC\tCAC\t.\t.\t.\tAD\t50,50\n"
                            "17\t16\t.\tTT\tT\t.\t.\t.\tAD\t50,50\n"
                            "17\t19\t.\tCGATC\tCGATG,CCATC\t.\t.\t.\tAD\t50,50,20\n");
    CHECK(vcf_rows(&c, "variants") == 6);
    CHECK(vcf_has(&c, "pos", 0, 1) && vcf_is(&c, "ref", 0, "GG"));
    CHECK(vcf_has(&c, "pos", 1, 3) && vcf_is(&c, "ref", 1, "GCA"));
    CHECK(vcf_is(&c, "alt", 1, "G"));
    CHECK(vcf_has(&c, "pos", 2, 3) && vcf_is(&c, "ref", 2, "G"));
    CHECK(vcf_is(&c, "alt", 2, "GCA"));
    CHECK(vcf_has(&c, "pos", 3, 12) && vcf_is(&c, "ref", 3, "GT"));
    CHECK(vcf_is(&c, "alt", 3, "G"));
    CHECK(vcf_has(&c, "pos", 4, 23) && vcf_is(&c, "ref", 4, "C"));
    CHECK(vcf_is(&c, "alt", 4, "G"));
    CHECK(vcf_has(&c, "pos", 5, 20) && vcf_is(&c, "alt", 5, "C"));
    CHECK(vcf_int(&c, "variants.assay", "checked", 0) == 5);
    CHECK(vcf_int(&c, "variants.assay", "mismatched", 0) == 0);
    CHECK(vcf_int(&c, "variants.assay", "left_aligned", 0) == 1);
    CHECK(strstr(tmp_log, "trimmed") == NULL);
    vcf_case_free(&c);
    CHECK_DONE();
}

static int64_t sbs(const vcf_case *c, const char *context)
{
    for (size_t i = 0; i < vcf_rows(c, "variants.sbs96"); i++)
        if (strcmp(vcf_text(c, "variants.sbs96", "context", i), context) == 0)
            return vcf_int(c, "variants.sbs96", "count", i);
    return M;
}

/* C>T at 19 in CCG; A>G at 21 in GAT is T>C in ATC on the other strand; G>T at 28 in
 * CGT is C>A in ACG.  What fails the filter and indels are not counted. */
static void substitutions_in_context(void **state)
{
    vcf_case c = vcf_case_make();
    int64_t total = 0;

    (void)state;
    c.s.build = "other";
    c.s.reference = write_fasta();
    vcf_case_ok(&c, VCF_TOY "17\t18\t.\tC\tCA\t.\t.\t.\tAD\t50,50\n"
                            "17\t19\t.\tC\tT\t.\t.\t.\tAD\t50,50\n"
                            "17\t21\t.\tA\tG\t.\t.\t.\tAD\t50,50\n"
                            "17\t28\t.\tG\tT\t.\t.\t.\tAD\t50,50\n"
                            "17\t29\t.\tT\tC\t.\t.\t.\tAD\t99,1\n");
    CHECK(vcf_rows(&c, "variants.sbs96") == 96);
    CHECK(strcmp(vcf_text(&c, "variants.sbs96", "context", 0), "A[C>A]A") == 0);
    CHECK(strcmp(vcf_text(&c, "variants.sbs96", "context", 95), "T[T>G]T") == 0);
    CHECK(sbs(&c, "C[C>T]G") == 1 && sbs(&c, "A[T>C]C") == 1 &&
          sbs(&c, "A[C>A]G") == 1);
    for (size_t i = 0; i < 96; i++)
        total += vcf_int(&c, "variants.sbs96", "count", i);
    CHECK(total == 3);
    CHECK(vcf_rows(&c, "variants.trinucleotides") == 0); /* no targets */
    c.s.target_bed = test_text("s.bed", "chr17\t18\t21\n");
    vcf_case_ok(&c, NULL);
    CHECK(vcf_rows(&c, "variants.trinucleotides") == 32);
    /* CCG; CGA is TCG; GAT is ATC */
    CHECK(vcf_int(&c, "variants.trinucleotides", "target", 4 * 1 + 2) == 1);
    CHECK(vcf_int(&c, "variants.trinucleotides", "target", 4 * 3 + 2) == 1);
    CHECK(vcf_int(&c, "variants.trinucleotides", "target", 16 + 4 * 0 + 1) == 1);
    total = 0;
    for (size_t i = 0; i < 32; i++)
        total += 100 * vcf_int(&c, "variants.trinucleotides", "target", i) +
                 vcf_int(&c, "variants.trinucleotides", "genome", i);
    CHECK(total == 3 * 100 + 38); /* the ends of 40 bases have one neighbour */
    vcf_case_free(&c);
    CHECK_DONE();
}

/* Region events and the numbering of histones. */
static void named_events(void **state)
{
    vcf_case c = vcf_case_make();

    (void)state;
    vcf_case_ok(
        &c, VCF_TOP
        "##contig=<ID=1,length=249250621>\n" VCF_HG19
        "##INFO=<ID=END,Number=1,Type=Integer,Description=\"e\">\n" VCF_CSQ VCF_FORMAT
            VCF_NAMES "\tT1\n"
        "1\t226252135\t.\tA\tT\t.\t.\tCSQ=" ENTRY(
            "T", "missense_variant", "H3F3A", "E", "p.Lys28Met", "", "", "",
            "") "\tAD\t50,50\n"
                "5\t1295228\t.\tG\tA\t.\t.\t.\tAD\t50,50\n"
                "5\t1295230\t.\tG\tA\t.\t.\t.\tAD\t50,50\n"
                "7\t55100000\t.\tG\t<DEL>\t.\t.\tEND=55222500\tGT\t0/1\n"
                "7\t55100001\t.\tG\t<DEL>\t.\t.\tEND=55100500\tGT\t0/1\n"
                "7\t55242464\t.\tAGGAATTAAGAGAAGC\tA\t.\t.\tCSQ=" ENTRY(
                    "-", "inframe_deletion", "EGFR", "E", "", "", "", "",
                    "") "\tAD\t50,50\n");
    CHECK(vcf_rows(&c, "variants") == 5);
    CHECK(vcf_is(&c, "hotspot", 0, "H3-3A_K27M") && vcf_is(&c, "gene", 0, "H3-3A"));
    CHECK(vcf_is(&c, "hotspot", 1, "TERT_C228T"));
    CHECK(vcf_is(&c, "hotspot", 2, "TERT_PROMOTER"));
    CHECK(vcf_is(&c, "hotspot", 3, "EGFRvIII") && vcf_is(&c, "status", 3, "pass"));
    CHECK(strstr(vcf_text(&c, "variants", "hotspot", 4), "EGFR") != NULL);
    vcf_case_free(&c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_alts_become_two_alleles),
        cmocka_unit_test(one_entry_per_gene_is_picked),
        cmocka_unit_test(thresholds_by_source_and_library),
        cmocka_unit_test(reasons_and_flags),
        cmocka_unit_test(indels_stand_at_the_left),
        cmocka_unit_test(substitutions_in_context),
        cmocka_unit_test(named_events),
    };

    return cmocka_run_group_tests_name("vcf", tests, test_folder_make,
                                       test_folder_remove);
}
