/*
 * test_vcf_counts.c -- counts of alleles in VCF files made here: of normals, of
 * callers, and where nothing could have been seen
 */
#include "test.h"

#include "vcf_case.h"

#define VCF_PAIR                                                                       \
    VCF_TOP "##normal_sample=N1\n" VCF_HG19 VCF_CSQ VCF_FORMAT VCF_NAMES "\tN1\tT1\n"

/* The normal's column is on the left here; counts and reasons must not mix. */
static void matched_normal(void **state)
{
    vcf_case c = vcf_case_make();

    (void)state;
    vcf_case_ok(&c,
                VCF_PAIR "2\t100\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/0:40,0\t0/1:60,40\n"
                         "2\t101\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/0:97,3\t0/1:60,40\n"
                         "2\t102\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/0:97,2\t0/1:60,40\n"
                         "2\t103\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/0:147,3\t0/1:60,40\n"
                         "2\t104\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/0:9,0\t0/1:60,40\n");
    CHECK(vcf_has(&c, "normal_dp", 0, 40) && vcf_has(&c, "normal_alt", 0, 0));
    CHECK(vcf_has(&c, "ad_alt", 0, 40) && vcf_is(&c, "status", 0, "pass"));
    CHECK(vcf_is(&c, "status", 1, "germline")); /* 3 of 100 */
    CHECK(vcf_is(&c, "status", 2, "pass"));     /* 2 reads */
    CHECK(vcf_is(&c, "status", 3, "pass"));     /* 3 of 150 is 0.02, not above */
    CHECK(vcf_is(&c, "status", 4, "normal_depth"));
    CHECK(vcf_int(&c, "variants.assay", "normal", 0) == 1);

    c.s.sample = "N1"; /* the column that the header declares normal */
    vcf_case_read(&c, NULL);
    CHECK(c.rc == CXS_EMISMATCH && strcmp(cxs_ctx_code(c.ctx), "CX048") == 0);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* CX048: median VAF of passing calls is higher in the declared normal. */
static void swapped_columns(void **state)
{
    static const char records[] = "2\t100\t.\tA\tT\t.\tPASS\t.\tAD\t100,0\t60,40\n"
                                  "2\t101\t.\tA\tT\t.\tPASS\t.\tAD\t100,0\t70,30\n"
                                  "2\t102\t.\tA\tT\t.\tPASS\t.\tAD\t50,50\t50,50\n"
                                  "2\t103\t.\tA\tT\t.\tPASS\t.\tAD\t99,1\t80,20\n";
    char text[4096], want[700];
    vcf_case c = vcf_case_make();

    (void)state;
    c.s.normal = "P2";
    snprintf(text, sizeof text, "%s%s\tT1\tP2\n%s", VCF_TOP VCF_HG19 VCF_CSQ VCF_FORMAT,
             VCF_NAMES, records);
    vcf_case_read(&c, text);
    CHECK(c.rc == CXS_EMISMATCH && strcmp(cxs_ctx_code(c.ctx), "CX048") == 0);
    snprintf(want, sizeof want, "%s: calls are supported by P2, declared normal",
             c.s.path);
    CHECK(strcmp(cxs_ctx_message(c.ctx), want) == 0);
    snprintf(text, sizeof text, "%s%s\tP2\tT1\n%s", VCF_TOP VCF_HG19 VCF_CSQ VCF_FORMAT,
             VCF_NAMES, records);
    vcf_case_ok(&c, text);
    /* germline calls, a little higher in the normal, say nothing */
    snprintf(text, sizeof text, "%s%s\tP2\tT1\n%s%s",
             VCF_TOP VCF_HG19 VCF_CSQ VCF_FORMAT, VCF_NAMES, records,
             "7\t100\t.\tA\tT\t.\tPASS\t.\tAD\t45,55\t55,45\n"
             "7\t101\t.\tA\tT\t.\tPASS\t.\tAD\t45,55\t55,45\n"
             "7\t102\t.\tA\tT\t.\tPASS\t.\tAD\t45,55\t55,45\n"
             "7\t103\t.\tA\tT\t.\tPASS\t.\tAD\t45,55\t55,45\n"
             "7\t104\t.\tA\tT\t.\tPASS\t.\tAD\t45,55\t55,45\n");
    vcf_case_ok(&c, text);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* Every caller's way to write 30 reference and 20 variant reads. */
static void counts_of_callers(void **state)
{
    static const struct {
        const char *head, *info, *format, *values;
        int64_t fwd; /* of the variant, M: no strands */
    } cases[] = {
        {"", ".", "GT:AD:DP", "0/1:30,20:50", M},
        {"", ".", "DP:AF", "50:0.4", M},
        {"##FORMAT=<ID=RD,Number=1,Type=Integer,Description=\"r\">\n", ".", "RD:AD",
         "30:20", M},
        {"##FORMAT=<ID=RO,Number=1,Type=Integer,Description=\"r\">\n"
         "##FORMAT=<ID=AO,Number=A,Type=Integer,Description=\"a\">\n",
         ".", "RO:AO", "30:20", M},
        {"##FORMAT=<ID=AU,Number=2,Type=Integer,Description=\"a\">\n"
         "##FORMAT=<ID=TU,Number=2,Type=Integer,Description=\"t\">\n",
         ".", "AU:TU", "30,31:20,21", M},
        {"##INFO=<ID=DP4,Number=4,Type=Integer,Description=\"d\">\n", "DP4=10,20,9,11",
         "GT", "0/1", 9},
        {"##FORMAT=<ID=FREQ,Number=1,Type=String,Description=\"f\">\n", ".", "DP:FREQ",
         "50:40%", M},
        {"", ".", "AD:SB", "30,20:15,15,7,13", 7},
        {"##FORMAT=<ID=ADF,Number=R,Type=Integer,Description=\"f\">\n"
         "##FORMAT=<ID=ADR,Number=R,Type=Integer,Description=\"r\">\n",
         ".", "AD:ADF:ADR", "30,20:14,8:16,12", 8},
    };
    vcf_case c = vcf_case_make();
    char text[4096];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "%s%s%s%s\tT1\n2\t100\t.\tA\tT\t.\t.\t%s\t%s\t%s\n",
                 VCF_TOP VCF_HG19 VCF_CSQ, VCF_FORMAT, cases[i].head, VCF_NAMES,
                 cases[i].info, cases[i].format, cases[i].values);
        vcf_case_ok(&c, text);
        CHECK(vcf_has(&c, "ad_ref", 0, 30) && vcf_has(&c, "ad_alt", 0, 20));
        CHECK(vcf_has(&c, "dp", 0, 50) && vcf_has(&c, "alt_fwd", 0, cases[i].fwd));
        CHECK(vcf_is(&c, "status", 0, "pass"));
    }
    vcf_case_free(&c);
    CHECK_DONE();
}

static int64_t covered(const vcf_case *c, const char *kind, const char *name)
{
    for (size_t i = 0; i < vcf_rows(c, "variants.covered"); i++)
        if (strcmp(vcf_text(c, "variants.covered", "kind", i), kind) == 0 &&
            strcmp(vcf_text(c, "variants.covered", "name", i), name) == 0)
            return vcf_int(c, "variants.covered", "covered", i);
    return -1;
}

/* A BED of IDH1 alone: IDH1 is covered, TP53 is not; without BED an exome covers genes
 * but no promoter, a genome both, a panel nothing that is known. */
static void what_could_have_been_seen(void **state)
{
    static const char none[] = VCF_HEAD;
    vcf_case c = vcf_case_make();

    (void)state;
    c.s.target_bed = test_text("t.bed", "track name=x\nchr2\t209113100\t209113120\n"
                                        "chr2\t209113110\t209113130\nchr9\t5\t5\n"
                                        "chr8\t10\t20\tMYC_ex1\n");
    vcf_case_ok(&c, none);
    CHECK(covered(&c, "gene", "IDH1") == 1 && covered(&c, "gene", "TP53") == 0);
    CHECK(covered(&c, "gene", "MYC") == 1); /* by its label */
    CHECK(covered(&c, "hotspot", "IDH1_R132H") == 1);
    CHECK(covered(&c, "hotspot", "TERT_C228T") == 0);
    CHECK(vcf_int(&c, "variants.assay", "target_bases", 0) == 40);
    CHECK(vcf_rows(&c, "variants") == 0);
    c.s.target_bed = NULL;
    vcf_case_ok(&c, none);
    CHECK(covered(&c, "gene", "TP53") == 1 &&
          covered(&c, "hotspot", "TERT_C228T") == M);
    CHECK(covered(&c, "hotspot", "IDH1_R132H") == 1);
    CHECK(vcf_int(&c, "variants.assay", "target_bases", 0) == M);
    c.s.library = "WGS";
    vcf_case_ok(&c, none);
    CHECK(covered(&c, "hotspot", "TERT_C228T") == 1);
    c.s.library = "PANEL";
    vcf_case_ok(&c, none);
    CHECK(covered(&c, "gene", "TP53") == M &&
          covered(&c, "hotspot", "IDH1_R132H") == M);
    c.s.library = "SWGS";
    vcf_case_ok(&c, none);
    CHECK(covered(&c, "gene", "TP53") == M);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* A germline file of five people without counts: genotypes are kept for all alleles. */
static void genotypes_without_counts(void **state)
{
    vcf_case c = vcf_case_make();

    (void)state;
    c.s.genotypes = true;
    c.s.sample = "D";
    vcf_case_ok(&c, VCF_TOP
                "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"G\">\n" VCF_NAMES
                "\tA\tB\tC\tD\tE\n"
                "22\t100\t.\tA\tT\t.\t.\t.\tGT\t0|0\t0|0\t0|0\t1|0\t0|0\n"
                "22\t101\t.\tA\tT\t.\t.\t.\tGT\t1|1\t1|1\t1|1\t0|0\t1|1\n"
                "22\t102\t.\tA\tT\t.\t.\t.\tGT\t1|1\t1|1\t1|1\t./.\t1|1\n");
    CHECK(vcf_rows(&c, "variants") == 3);
    CHECK(vcf_is(&c, "gt", 0, "1|0") && vcf_is(&c, "status", 0, "pass"));
    CHECK(vcf_is(&c, "gt", 1, "0|0") && vcf_is(&c, "status", 1, "not_carried"));
    CHECK(vcf_is(&c, "gt", 2, "./."));
    CHECK(vcf_has(&c, "dp", 0, M) && isnan(vcf_real(&c, "vaf", 0)));
    vcf_case_free(&c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matched_normal),
        cmocka_unit_test(swapped_columns),
        cmocka_unit_test(counts_of_callers),
        cmocka_unit_test(what_could_have_been_seen),
        cmocka_unit_test(genotypes_without_counts),
    };

    return cmocka_run_group_tests_name("vcf_counts", tests, test_folder_make,
                                       test_folder_remove);
}
