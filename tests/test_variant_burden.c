/*
 * test_variant_burden.c -- burden, allele fractions, and variants known from the tumour
 */
#include "test.h"

#include "variant_case.h"

/* 20 protein-altering variants, one of VAF 0.04, two silent ones and a hotspot. */
static void burden(void **state)
{
    cxs_feature_columns columns = {.n = 5};
    cxs_buf text = {0};
    cxs_variant_sample s[5] = {
        {.id = "a", .library = "WES", .source = "TUMOR", .callable_mb = 2.0},
        {.id = "b", .library = "WES", .source = "TUMOR", .callable_mb = (double)NAN},
        {.id = "c", .library = "PANEL", .source = "TUMOR", .callable_mb = 2.0},
        {.id = "d", .library = "PANEL", .source = "TUMOR", .callable_mb = 0.9},
        {.id = "e", .library = "PANEL", .source = "TUMOR", .callable_mb = (double)NAN}};
    const char *bed = test_text("m.bed", "2\t0\t1500000\n2\t1000000\t2000000\n");

    (void)state;
    CHECK(cxs_buf_addf(c.ctx, &text, "%s", HEAD) == CXS_OK);
    for (int i = 0; i < 22; i++)
        CHECK(cxs_buf_addf(c.ctx, &text, "2\t%d\t.\tC\tA\t.\tPASS\tCSQ=%s\tAD\t%s\n",
                           100 + i,
                           i < 20 ? TERM("A", "missense_variant", "G1")
                                  : TERM("A", "synonymous_variant", "G1"),
                           i == 0 ? "960,40" : "500,500") == CXS_OK);
    CHECK(cxs_buf_addf(c.ctx, &text,
                       "7\t140453136\t.\tA\tT\t.\tPASS\tCSQ=%s\tAD\t500,500\n",
                       TERM("T", "missense_variant", "BRAF")) == CXS_OK);
    cxs_measures *exome = bag_of(text.text, "TUMOR", "WES", NULL);
    cxs_measures *panel = bag_of(text.text, "TUMOR", "PANEL", NULL);
    cxs_measures *small = bag_of(text.text, "TUMOR", "PANEL", bed);
    s[0].variants = s[1].variants = exome;
    s[2].variants = s[3].variants = panel;
    s[4].variants = small;
    derive(s, 5, &plain, &columns);
    /* 19 + BRAF = 20 in 2 Mb (the one of VAF 0.04 fails the exome's rule) */
    IS("var.tmb", 0, log2(11.0));
    NOT_ASSESSED("var.tmb", 1);
    IS("var.tmb", 2,
       log2(19.0 / 2.0 + 1.0)); /* without the driver; 0.04 is below 0.05 */
    NOT_ASSESSED("var.tmb", 3);
    IS("var.tmb", 4, log2(19.0 / 2.0 + 1.0)); /* bases of the BED, each once */
    IS("var.hypermut", 0, 0.0);               /* 10 is not above 10 */
    NOT_ASSESSED("var.hypermut", 1);
    cxs_feature_columns_clear(&columns);
    columns.n = 1;
    s[1].callable_mb = (double)NAN;
    derive(&s[1], 1, &plain, &columns);
    CHECK(strcmp(columns.column[cxs_feature_columns_find(&columns, "var.tmb")].note,
                 "no CALLABLE_MB and no TARGET_BED") == 0);
    cxs_feature_columns_clear(&columns);
    s[0].callable_mb = 1.0; /* 20 per Mb, no repair gene */
    derive(&s[0], 1, &plain, &columns);
    IS("var.hypermut", 0, 1.0);
    IS("var.hypermut.tmz", 0, 0.0);
    cxs_feature_columns_clear(&columns);
    s[2].callable_mb = 1.0; /* 19 per Mb, of a panel whose genes are not known */
    derive(&s[2], 1, &plain, &columns);
    IS("var.hypermut", 0, 1.0);
    NOT_ASSESSED("var.hypermut.tmz", 0);
    cxs_feature_columns_clear(&columns);
    cxs_measures_free(exome);
    cxs_measures_free(panel);
    cxs_measures_free(small);
    cxs_free(text.text);
    CHECK_DONE();
}

/* VAF 0.30 0.20 0.10 0.06 0.04 0.02; a germline-like 0.5 and DNMT3A are left out. */
static void fractions(void **state)
{
    static const char text[] =
        HEAD "2\t100\t.\tC\tA\t.\tPASS\t.\tAD\t700,300\n"
             "2\t101\t.\tC\tA\t.\tPASS\t.\tAD\t800,200\n"
             "2\t102\t.\tC\tA\t.\tPASS\t.\tAD\t900,100\n"
             "2\t103\t.\tC\tA\t.\tPASS\t.\tAD\t940,60\n"
             "2\t104\t.\tC\tA\t.\tPASS\t.\tAD\t960,40\n"
             "2\t105\t.\tC\tA\t.\tPASS\t.\tAD\t980,20\n"
             "2\t106\t.\tC\tA\t.\tPASS\t.\tAD\t500,500\n"
             "2\t25457242\t.\tC\tT\t.\tPASS\tCSQ=" TERM("T", "missense_variant",
                                                        "DNMT3A") "\tAD\t750,250\n";
    cxs_feature_columns columns = {.n = 3};
    cxs_variant_sample s[3] = {
        {.id = "a",
         .library = "PANEL",
         .source = "CSF_CFDNA",
         .callable_mb = (double)NAN},
        {.id = "b",
         .library = "PANEL",
         .source = "CSF_CFDNA",
         .callable_mb = (double)NAN},
        {.id = "c", .library = "PANEL", .source = "TUMOR", .callable_mb = (double)NAN}};
    cxs_measures *full = bag_of(text, "CSF_CFDNA", "PANEL", NULL);
    cxs_measures *none = bag_of(HEAD, "CSF_CFDNA", "PANEL", NULL);

    (void)state;
    s[0].variants = s[2].variants = full;
    s[1].variants = none;
    derive(s, 3, &plain, &columns);
    IS("var.vaf.n", 0, 6.0);
    IS("var.vaf.max", 0, 0.30);
    IS("var.vaf.mean", 0, 0.72 / 6.0);
    IS("var.vaf.median", 0, 0.08);
    IS("var.vaf.top5", 0, 0.14);
    IS("var.vaf.n05", 0, 4.0);
    IS("var.tf", 0, 0.40); /* upper half 0.30 0.20 0.10: median 0.20 */
    IS("var.ch.n", 0, 1.0);
    IS("var.germline.n", 0, 1.0);
    IS("var.vaf.n", 1, 0.0);
    IS("var.vaf.max", 1, 0.0);
    NOT_ASSESSED("var.tf", 1);
    NOT_ASSESSED("var.vaf.max", 2); /* tissue */
    NOT_ASSESSED("var.tf", 2);
    cxs_feature_columns_clear(&columns);
    cxs_measures_free(full);
    cxs_measures_free(none);
    CHECK_DONE();
}

/* Tissue with two sites.  CSF 2 + 3 reads of 2000 against 1e-3: mean 2, P(X >= 5) =
 * 0.0527, not detected; with UMI 1e-4: mean 0.2, P(X >= 5) = 2.3e-6, detected. */
static void tumour_informed(void **state)
{
    static const char tissue_text[] =
        HEAD "2\t100\t.\tC\tA\t.\tPASS\t.\tAD\t70,30\n2\t101\t.\tC\tA\t.\tPASS\t.\tAD\t"
             "70,30\n2\t102\t.\tC\tA\t.\tq1\t.\tAD\t70,30\n";
    static const char csf_text[] =
        HEAD "2\t100\t.\tC\tA\t.\tPASS\t.\tAD\t998,2\n2\t101\t.\tC\tA,T\t.\tPASS\t.\tAD"
             "\t997,3,0\n2\t102\t.\tC\tA\t.\tPASS\t.\tAD\t0,900\n";
    static const char clean_text[] =
        HEAD "2\t100\t.\tC\tA\t.\tPASS\t.\tGT:AD\t0/0:1000,0\n"
             "2\t101\t.\tC\tA\t.\tPASS\t.\tGT:AD\t0/0:1000,0\n";
    cxs_feature_columns columns = {.n = 2};
    cxs_variant_sample s[5] = {{.id = "a",
                                .library = "PANEL",
                                .source = "CSF_CFDNA",
                                .callable_mb = (double)NAN},
                               {.id = "b",
                                .library = "PANEL",
                                .source = "CSF_CFDNA",
                                .callable_mb = (double)NAN},
                               {.id = "c",
                                .library = "PANEL",
                                .source = "CSF_CFDNA",
                                .callable_mb = (double)NAN},
                               {.id = "d",
                                .library = "PANEL",
                                .source = "CSF_CFDNA",
                                .callable_mb = (double)NAN},
                               {.id = "e",
                                .library = "PANEL",
                                .source = "CSF_CFDNA",
                                .callable_mb = (double)NAN}};
    cxs_measures *tissue = bag_of(tissue_text, "TUMOR", "WES", NULL);
    cxs_measures *csf = bag_of(csf_text, "CSF_CFDNA", "PANEL", NULL), *umi = NULL;
    cxs_measures *clean = bag_of(clean_text, "CSF_CFDNA", "PANEL", NULL);

    (void)state;
    c.s.umi = true;
    umi = bag_of(csf_text, "CSF_CFDNA", "PANEL", NULL);
    c.s.umi = false;
    s[0].variants = csf;
    s[1].variants = umi;
    s[0].tissue = s[1].tissue = tissue;
    s[1].patient = "a"; /* the same person: not its own background */
    derive(s, 2, &plain, &columns);
    IS("var.informed.sites", 0, 2.0);
    IS("var.informed.rate", 0, 5.0 / 2000.0);
    IS("var.informed.detected", 0, 0.0);
    IS("var.informed.detected", 1, 1.0);
    cxs_feature_columns_clear(&columns);
    /* three others at the same sites: (0 + 1) / (6000 + 1), mean 0.33; the 5 reads
     * of the same person are not among them */
    columns.n = 5;
    for (int i = 2; i < 5; i++)
        s[i].variants = clean;
    derive(s, 5, &plain, &columns);
    IS("var.informed.detected", 0, 1.0);
    NOT_ASSESSED("var.informed.detected", 2);
    cxs_feature_columns_clear(&columns);
    columns.n = 4; /* two others are too few */
    derive(s, 4, &plain, &columns);
    IS("var.informed.detected", 0, 0.0);
    cxs_feature_columns_clear(&columns);
    cxs_measures_free(tissue);
    cxs_measures_free(csf);
    cxs_measures_free(umi);
    cxs_measures_free(clean);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(burden),
        cmocka_unit_test(fractions),
        cmocka_unit_test(tumour_informed),
    };

    return cmocka_run_group_tests_name("variant_burden", tests, make, unmake);
}
