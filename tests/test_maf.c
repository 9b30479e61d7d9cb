/*
 * test_maf.c -- a MAF of several samples
 */
#include "vcf_case.h"

#define MAF_HEAD                                                                       \
    "#version gdc-1.0.0\nHugo_Symbol\tNCBI_Build\tChromosome\tStart_Position\t"        \
    "Variant_Classification\tReference_Allele\tTumor_Seq_Allele1\tTumor_Seq_Allele2\t" \
    "Tumor_Sample_Barcode\tt_depth\tt_ref_count\tt_alt_count\tn_depth\tn_alt_count\t"  \
    "FILTER\tHGVSp\n"

static const char maf_text[] = MAF_HEAD
    "IDH1\tGRCh37\tchr2\t209113112\tMissense_"
    "Mutation\tC\tC\tT\tS2\t100\t60\t40\t50\t0\t"
    "PASS\tp.Arg132His\n"
    "TP53\tGRCh37\tchr17\t7578406\tNonsense_Mutation\tC\tC\tT\tS1\t90\t.\t9\t50\t0\t"
    "PASS\t\n"
    "ATRX\tGRCh37\tchrX\t100\tFrame_Shift_Del\tAG\tAG\t-"
    "\tS2\t100\t60\t40\t50\t3\tPASS\t"
    "\n"
    "PTEN\tGRCh37\tchr10\t100\tSilent\tA\tA\tG\tS2\t100\t60\t40\t50\t0\tPASS\t\n"
    "EGFR\tGRCh37\tchr7\t100\tSplice_Site\tA\tA\tG\tS2\t100\t60\t40\t50\t0\twga\t\n"
    "RB1\tGRCh37\tchr13\t100\tTargeted_Region\t-\t-\tGG\tS2\t10\t6\t4\t50\t0\tPASS\t\n"
    "BRAF\tGRCh37\tchr7\t1.40453136e+08\tMissense_"
    "Mutation\tA\tT\tA\tS3\t\t\t\t\t\t\t\n";

static void measure(vcf_case *c, const cxs_maf *maf, const char *sample)
{
    c->s.sample = sample;
    cxs_measures_free(c->bag);
    c->bag = NULL;
    CHECK(cxs_measures_new(c->ctx, &c->bag) == CXS_OK);
    c->rc = cxs_maf_measure(c->ctx, maf, &c->s, c->bag);
}

static void samples_of_one_file(void **state)
{
    vcf_case c = vcf_case_make();
    cxs_maf *maf = NULL;

    (void)state;
    CHECK(cxs_maf_read(c.ctx, test_text("a.maf", maf_text), &maf) == CXS_OK);
    CHECK(cxs_maf_samples(maf) == 3 && strcmp(cxs_maf_sample(maf, 1), "S2") == 0);
    measure(&c, maf, "S2");
    CHECK(c.rc == CXS_OK && vcf_rows(&c, "variants") == 5);
    CHECK(vcf_is(&c, "gene", 0, "IDH1") && vcf_is(&c, "chrom", 0, "2"));
    CHECK(vcf_is(&c, "hotspot", 0, "IDH1_R132H") && vcf_is(&c, "status", 0, "pass"));
    CHECK(vcf_has(&c, "dp", 0, 100) && vcf_has(&c, "ad_alt", 0, 40));
    CHECK_NEAR(vcf_real(&c, "vaf", 0), 0.4, TOL_SUM);
    CHECK(vcf_is(&c, "class", 1, "truncating") && vcf_is(&c, "alt", 1, "-"));
    CHECK(vcf_is(&c, "status", 1, "germline")); /* 3 of 50 in the normal */
    CHECK(vcf_is(&c, "class", 2, "synonymous") && vcf_has(&c, "protein", 2, 0));
    CHECK(vcf_is(&c, "status", 3, "filter"));
    CHECK(vcf_is(&c, "status", 4, "depth"));
    CHECK(strcmp(vcf_text(&c, "variants.assay", "annotation", 0), "MAF") == 0);
    measure(&c, maf, "S1"); /* reference reads from the depth */
    CHECK(vcf_rows(&c, "variants") == 1 && vcf_has(&c, "ad_ref", 0, 81));
    CHECK_NEAR(vcf_real(&c, "vaf", 0), 0.1, TOL_SUM);
    measure(&c, maf, "S3"); /* allele 2 is the reference; no counts at all */
    CHECK(vcf_is(&c, "alt", 0, "T") && vcf_is(&c, "hotspot", 0, "BRAF_V600E"));
    CHECK(vcf_is(&c, "status", 0, "pass") && vcf_has(&c, "dp", 0, M));
    measure(&c, maf, "S9"); /* a sample without a row has no variant */
    CHECK(c.rc == CXS_OK && vcf_rows(&c, "variants") == 0);
    CHECK(vcf_rows(&c, "variants.covered") > 1000);
    cxs_maf_free(maf);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* Every classification of the format has its class. */
static void classifications(void **state)
{
    static const struct {
        const char *maf, *class;
        int protein;
    } cases[] = {
        {"Frame_Shift_Ins", "truncating", 1},
        {"In_Frame_Del", "inframe", 1},
        {"In_Frame_Ins", "inframe", 1},
        {"Missense_Mutation", "missense", 1},
        {"Nonsense_Mutation", "truncating", 1},
        {"Nonstop_Mutation", "other_protein", 1},
        {"Splice_Site", "truncating", 1},
        {"Splice_Region", "splice_region", 0},
        {"Translation_Start_Site", "truncating", 1},
        {"Silent", "synonymous", 0},
        {"3'UTR", "none", 0},
        {"5'Flank", "none", 0},
        {"Intron", "none", 0},
        {"IGR", "none", 0},
        {"RNA", "none", 0},
        {"Odd", "none", 0},
    };
    vcf_case c = vcf_case_make();
    char text[2048];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_maf *maf = NULL;
        snprintf(text, sizeof text,
                 "%sTP53\t37\t17\t100\t%s\tA\tA\tT\tT1\t\t\t\t\t\t\t\n", MAF_HEAD,
                 cases[i].maf);
        CHECK(cxs_maf_read(c.ctx, test_text("c.maf", text), &maf) == CXS_OK);
        measure(&c, maf, "T1");
        CHECK(vcf_is(&c, "class", 0, cases[i].class));
        CHECK(vcf_has(&c, "protein", 0, cases[i].protein));
        cxs_maf_free(maf);
    }
    CHECK(strstr(tmp_log, ": unknown consequence term \"Odd\"") != NULL);
    vcf_case_free(&c);
    CHECK_DONE();
}

static void faults(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"Hugo_Symbol\tChromosome\n",
         "a.maf:1: column \"Tumor_Sample_Barcode\" is missing"},
        {"#version 2.4\n", "a.maf: no header line"},
        {MAF_HEAD "TP53\t37\n", "a.maf:3: 2 fields, the header has 16"},
        {MAF_HEAD "TP53\t38\t17\t1\tSilent\tA\tA\tT\tT1\t\t\t\t\t\t\t\n",
         "a.maf:3: NCBI_Build says 38, sheet says hg19"},
        {MAF_HEAD "TP53\t37\t17\tx\tSilent\tA\tA\tT\tT1\t\t\t\t\t\t\t\n",
         "a.maf:3:Start_Position: \"x\" is no position"},
        {MAF_HEAD "TP53\t37\t17\t5\tSilent\tA\tA\t?\tT1\t\t\t\t\t\t\t\n",
         "a.maf:3: Reference_Allele and Tumor_Seq_Allele2 must be bases or \"-\""},
        {MAF_HEAD "TP53\t37\t17\t5\tSilent\tA\tA\tT\tT1\t\t\t-4\t\t\t\t\n",
         "a.maf:3:t_alt_count: \"-4\" is no number of reads"},
    };
    vcf_case c = vcf_case_make();

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_maf *maf = NULL;
        cxs_rc rc = cxs_maf_read(c.ctx, test_text("a.maf", cases[i].text), &maf);
        CHECK((rc == CXS_OK) == (maf != NULL));
        if (rc == CXS_OK) {
            measure(&c, maf, "T1");
            rc = c.rc;
            CHECK(cxs_measures_count(c.bag) == 0);
        }
        CHECK(rc == CXS_EFORMAT || rc == CXS_EMISMATCH);
        if (strstr(cxs_ctx_message(c.ctx), cases[i].message) == NULL)
            printf("  %s\n", cxs_ctx_message(c.ctx));
        CHECK(strstr(cxs_ctx_message(c.ctx), cases[i].message) != NULL);
        cxs_maf_free(maf);
    }
    vcf_case_free(&c);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    vcf_case c = vcf_case_make();
    cxs_rc rc = CXS_ENOMEM;
    long k = 0;

    (void)state;
    c.s.sample = "S2";
    test_text("a.maf", maf_text);
    for (k = 1; rc == CXS_ENOMEM && k < 5000; k++) {
        const long live = cxs_alloc_live();
        cxs_maf *maf = NULL;
        cxs_measures *bag = NULL;
        CHECK(cxs_measures_new(c.ctx, &bag) == CXS_OK);
        cxs_alloc_fail_at(k);
        rc = cxs_maf_read(c.ctx, test_path("a.maf"), &maf);
        CHECK((rc == CXS_OK) == (maf != NULL));
        if (rc == CXS_OK)
            rc = cxs_maf_measure(c.ctx, maf, &c.s, bag);
        cxs_alloc_fail_at(0);
        cxs_maf_free(maf);
        cxs_measures_free(bag);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 60);
    vcf_case_free(&c);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_of_one_file),
        cmocka_unit_test(classifications),
        cmocka_unit_test(faults),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("maf", tests, test_folder_make,
                                       test_folder_remove);
}
