/*
 * test_variant_features.c -- features of genes from variants, copies and coverage; what
 * is refused
 */
#include "test.h"

#include "variant_case.h"

/* Sample 0: exome with hits; 1: a panel of IDH1 alone, nothing found; 2: no file;
 * 3: an exome without hits. */
static void genes_have_three_values(void **state)
{
    static const char hits[] = HEAD "2\t209113112\t.\tC\tT\t.\tPASS\tCSQ=" TERM(
        "T", "missense_variant",
        "IDH1") "\tAD\t50,50\n"
                "10\t89692904\t.\tC\tT\t.\tPASS\tCSQ=" TERM(
                    "T", "stop_gained",
                    "PTEN") "\tAD\t50,50\n"
                            "10\t89692910\t.\tC\tT\t.\tPASS\tCSQ=" TERM(
                                "T", "missense_variant",
                                "PTEN") "\tAD\t50,50\n"
                                        "13\t48900000\t.\tC\tT\t.\tPASS\tCSQ=" TERM(
                                            "T", "synonymous_variant",
                                            "RB1") "\tAD\t50,50\n"
                                                   "13\t48900001\t.\tC\tT\t."
                                                   "\tweak\tCSQ=" TERM(
                                                       "T", "stop_gained",
                                                       "RB1") "\tAD\t50,50\n"
                                                              "17\t7578406\t.\tC\tA\t."
                                                              "\tPASS\tCSQ=" TERM(
                                                                  "A",
                                                                  "missense_variant",
                                                                  "TP53") "\tAD\t98,2\n"
                                                                          "X\t76900000"
                                                                          "\t.\tC\tA\t."
                                                                          "\tPASS\tCSQ"
                                                                          "=" TERM(
                                                                              "A",
                                                                              "frameshi"
                                                                              "ft_"
                                                                              "variant",
                                                                              "ATRX") "\tAD\t60,40\n"
                                                                                      "X\t76900001\t.\tC\tA\t.\tPASS\tCSQ=" TERM(
                                                                                          "A",
                                                                                          "missense_variant",
                                                                                          "ODDGENE") "\tAD\t60,40\n";
    cxs_feature_columns columns = {.n = 4};
    cxs_variant_sample s[4] = {
        {.id = "a", .library = "WES", .callable_mb = (double)NAN},
        {.id = "b", .library = "PANEL", .callable_mb = (double)NAN},
        {.id = "c", .library = "WES", .callable_mb = (double)NAN},
        {.id = "d", .library = "WES", .callable_mb = (double)NAN}};
    cxs_variant_feature_settings settings = plain;

    (void)state;
    cxs_measures *one = bag_of(hits, "TUMOR", "WES", NULL);
    cxs_measures *two =
        bag_of(HEAD, "TUMOR", "PANEL", test_text("p.bed", "2\t209100000\t209119806\n"));
    cxs_measures *four = bag_of(HEAD, "TUMOR", "WES", NULL);
    s[0].variants = one;
    s[1].variants = two;
    s[3].variants = four;
    settings.all_genes = true;
    derive(s, 4, &settings, &columns);
    IS("var.gene.IDH1", 0, 1.0);
    IS("var.gene.IDH1", 1, 0.0); /* covered and not found */
    NOT_ASSESSED("var.gene.IDH1", 2);
    IS("var.gene.IDH1", 3, 0.0);
    IS("var.gene.IDH1.hot", 0, 1.0);
    IS("var.gene.IDH1.trunc", 0, 0.0);
    IS("var.gene.PTEN", 0, 1.0);
    IS("var.gene.PTEN.trunc", 0, 1.0);
    IS("var.gene.PTEN.hot", 0, 1.0); /* R130* */
    IS("var.gene.ATRX.hot", 0, 0.0);
    IS("var.gene.PTEN.biallelic", 0, 1.0);
    NOT_ASSESSED("var.gene.PTEN", 1); /* not on the panel: never 0 */
    NOT_ASSESSED("var.gene.PTEN.trunc", 1);
    NOT_ASSESSED("var.gene.PTEN.biallelic", 1);
    IS("var.gene.RB1", 0, 0.0);  /* synonymous, and filtered */
    IS("var.gene.TP53", 0, 0.0); /* two reads */
    IS("var.gene.ATRX.trunc", 0, 1.0);
    NOT_ASSESSED("var.gene.ATRX.biallelic", 0); /* one hit, copies not measured */
    IS("var.alt.PTEN", 0, 1.0);
    IS("var.alt.TP53", 0, 0.0); /* no copy numbers in the study: variants alone */
    IS("var.alt.PTEN", 3, 0.0);
    NOT_ASSESSED("var.alt.PTEN", 1); /* not covered */
    NOT_ASSESSED("var.alt.PTEN", 2);
    CHECK(
        strcmp(columns.column[cxs_feature_columns_find(&columns, "var.alt.PTEN")].note,
               "no copy numbers in this study: var.alt counts variants alone") == 0);
    CHECK(strstr(tmp_log, "in this study: var.alt counts variants alone") != NULL);
    IS("var.hot.IDH1_R132", 0, 1.0);
    IS("var.hot.IDH1_R132", 1, 0.0);
    NOT_ASSESSED("var.hot.IDH1_R132", 2);
    NOT_ASSESSED("var.hot.TERT_C228T", 1);
    NOT_ASSESSED("var.hot.TERT_C228T", 3); /* exomes miss promoters */
    NOT_ASSESSED("var.hot.EGFRvIII", 3);
    IS("var.gene.ODDGENE", 0, 1.0);
    NOT_ASSESSED("var.gene.ODDGENE", 1);
    IS("var.gene.ODDGENE", 3, 0.0);
    CHECK(cxs_feature_columns_find(&columns, "var.gene.ODDGENE.hot") == SIZE_MAX);
    IS("var.pathway.idh", 0, 1.0);
    NOT_ASSESSED("var.pathway.idh", 1); /* IDH2 is not on the panel */
    IS("var.pathway.idh", 3, 0.0);
    cxs_feature_columns_clear(&columns);
    cxs_measures_free(one);
    cxs_measures_free(two);
    cxs_measures_free(four);
    CHECK_DONE();
}

/* A table of gene names and one integer. */
static cxs_measures *gene_table(const char *table, const char *column,
                                const char *const *gene, const int64_t *number,
                                size_t count)
{
    cxs_measures *bag = NULL;
    cxs_measure *t = NULL;
    int64_t *cell = NULL;
    size_t text = 0;

    CHECK(cxs_measures_new(c.ctx, &bag) == CXS_OK);
    CHECK(cxs_measures_add(c.ctx, bag, table, count, &t) == CXS_OK);
    CHECK(cxs_measure_text(c.ctx, t, "gene", &text) == CXS_OK);
    CHECK(cxs_measure_int(c.ctx, t, column, &cell) == CXS_OK);
    for (size_t i = 0; i < count; i++) {
        CHECK(cxs_measure_set_text(c.ctx, t, text, i, gene[i]) == CXS_OK);
        cell[i] = number[i];
    }
    return bag;
}

/* Copies complete what small variants leave open; depth that was measured takes back
 * what an exome promises. */
static void copies_and_coverage(void **state)
{
    static const char *const genes[] = {"ATRX", "PTEN", "EGFR", "RB1", "TP53"};
    static const int64_t states[] = {-1, -2, 2, -1, 0}, assessed[] = {1, 1, 1, 0, 1};
    cxs_feature_columns columns = {.n = 1};
    cxs_variant_sample s = {.id = "a", .library = "WES", .callable_mb = (double)NAN};
    cxs_measures *bag = bag_of(HEAD "X\t76900000\t.\tC\tA\t.\tPASS\tCSQ=" TERM(
                                   "A", "frameshift_variant", "ATRX") "\tAD\t60,40\n",
                               "TUMOR", "WES", NULL);
    cxs_measures *copy = gene_table("cn.gene", "state", genes, states, 5);
    cxs_measures *depth = gene_table("coverage_genes", "assessed", genes, assessed, 5);

    (void)state;
    s.variants = bag;
    s.copy = copy;
    s.coverage = depth;
    derive(&s, 1, &plain, &columns);
    IS("var.gene.ATRX.biallelic", 0, 1.0);
    IS("var.alt.PTEN", 0, 1.0); /* homozygous deletion */
    IS("var.gene.PTEN", 0, 0.0);
    IS("var.alt.EGFR", 0, 1.0); /* amplification */
    IS("var.alt.TP53", 0, 0.0);
    NOT_ASSESSED("var.gene.RB1", 0); /* not deep enough */
    NOT_ASSESSED("var.alt.RB1", 0);
    IS("var.gene.IDH1", 0, 0.0); /* depth not measured: the exome's word */
    cxs_feature_columns_clear(&columns);
    cxs_measures_free(bag);
    cxs_measures_free(copy);
    cxs_measures_free(depth);
    CHECK_DONE();
}

/* Copies of one patient in three: where they are not known, no hit is no answer. */
static void copies_of_some(void **state)
{
    static const char *const genes[] = {"PTEN", "EGFR"};
    static const int64_t none[] = {0, 0};
    cxs_feature_columns columns = {.n = 3};
    cxs_variant_sample s[3] = {
        {.id = "a", .library = "WES", .callable_mb = (double)NAN},
        {.id = "b", .library = "WES", .callable_mb = (double)NAN},
        {.id = "c", .library = "WES", .callable_mb = (double)NAN}};
    cxs_measures *hit = bag_of(HEAD "10\t89692904\t.\tC\tT\t.\tPASS\tCSQ=" TERM(
                                   "T", "stop_gained", "PTEN") "\tAD\t50,50\n",
                               "TUMOR", "WES", NULL);
    cxs_measures *empty = bag_of(HEAD, "TUMOR", "WES", NULL);
    cxs_measures *copy = gene_table("cn.gene", "state", genes, none, 2);

    (void)state;
    s[0].variants = s[1].variants = empty;
    s[0].copy = copy;
    s[2].variants = hit;
    derive(s, 3, &plain, &columns);
    IS("var.alt.PTEN", 0, 0.0);
    NOT_ASSESSED("var.alt.PTEN", 1); /* a homozygous deletion is not excluded */
    IS("var.alt.PTEN", 2, 1.0);
    IS("var.alt.EGFR", 0, 0.0);
    NOT_ASSESSED("var.alt.EGFR", 1);
    IS("var.alt.TP53", 1, 0.0); /* nobody's copies of this gene are known */
    CHECK(*columns.column[cxs_feature_columns_find(&columns, "var.alt.PTEN")].note ==
          0);
    CHECK(*columns.column[cxs_feature_columns_find(&columns, "var.alt.TP53")].note !=
          0);
    cxs_feature_columns_clear(&columns);
    cxs_measures_free(hit);
    cxs_measures_free(empty);
    cxs_measures_free(copy);
    CHECK_DONE();
}

/* Wrong signature files and wrong bags are refused with their place. */
static void faults(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"Type\tSBS1\nA[C>A]A\t0.5\n", "bad.tsv: 1 contexts, there are 96"},
        {"Type\tSBS1\nA[C>A]\t0.5\n", "bad.tsv:2: not a context of 96, or again"},
        {"Type\tSBS1\nA[G>A]A\t0.5\n", "bad.tsv:2: not a context of 96, or again"},
        {"Type\tSBS1\nA[C>A]A\t0.5\nA[C>A]A\t0.5\n", "bad.tsv:3: not a context"},
        {"Type\tSBS1\nA[C>A]A\t-1\n", "bad.tsv:2:SBS1: \"-1\" is no share"},
    };
    cxs_variant_feature_settings settings = plain;
    cxs_feature_columns columns = {.n = 1};
    cxs_variant_sample s = {.id = "a", .library = "WGS", .callable_mb = (double)NAN};
    cxs_measures *bag = NULL, *hollow = NULL;
    double x[SIGNATURES * CXS_SBS];
    cxs_measure *t = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        settings.signatures = test_text("bad.tsv", cases[i].text);
        CHECK(cxs_variant_features(c.ctx, &s, 1, &settings, &columns) != CXS_OK);
        if (strstr(cxs_ctx_message(c.ctx), cases[i].message) == NULL)
            printf("  %s\n", cxs_ctx_message(c.ctx));
        CHECK(strstr(cxs_ctx_message(c.ctx), cases[i].message) != NULL);
        cxs_feature_columns_clear(&columns);
    }
    make_profiles(x);
    settings.signatures = write_matrix(x, false);
    settings.disease = "colon";
    CHECK(cxs_variant_features(c.ctx, &s, 1, &settings, &columns) == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(c.ctx), "no signature of the set \"colon\"") != NULL);
    cxs_feature_columns_clear(&columns);
    /* a bag without the columns, and one whose index lies */
    CHECK(cxs_measures_new(c.ctx, &hollow) == CXS_OK);
    CHECK(cxs_measures_add(c.ctx, hollow, "variants", 3, &t) == CXS_OK);
    s.variants = hollow;
    CHECK(cxs_variant_features(c.ctx, &s, 1, &plain, &columns) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(c.ctx), "variant tables of sample a") != NULL);
    cxs_feature_columns_clear(&columns);
    bag = bag_of(HEAD "2\t100\t.\tC\tA\t.\tPASS\tCSQ=" TERM("A", "missense_variant",
                                                            "G1") "\tAD\t500,500\n",
                 "TUMOR", "WES", NULL);
    s.variants = bag;
    for (int lie = -1; lie <= 1; lie += 2) {
        const cxs_measure *genes = cxs_measures_find(bag, "variants.genes");
        int64_t *at = (int64_t *)(uintptr_t)cxs_measure_get_int(genes, "variant");
        at[0] = lie;
        CHECK(cxs_variant_features(c.ctx, &s, 1, &plain, &columns) == CXS_EFORMAT);
        cxs_feature_columns_clear(&columns);
    }
    columns.n = 2;
    CHECK(cxs_variant_features(c.ctx, &s, 1, &plain, &columns) == CXS_EARG);
    cxs_measures_free(hollow);
    cxs_measures_free(bag);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_variant_feature_settings settings = plain;
    cxs_variant_sample s = {.id = "a", .library = "WGS", .source = "CSF_CFDNA"};
    double x[SIGNATURES * CXS_SBS], counts[CXS_SBS];
    cxs_rc rc = CXS_ENOMEM;

    (void)state;
    make_profiles(x);
    for (size_t i = 0; i < CXS_SBS; i++)
        counts[i] = floor(400.0 * x[i] + 0.5);
    settings.signatures = write_matrix(x, false);
    cxs_measures *bag = sbs_bag(counts);
    s.variants = s.tissue = bag;
    for (long k = 1; rc == CXS_ENOMEM && k < 1000000; k += k < 40 ? 1 : 389) {
        const long live = cxs_alloc_live();
        cxs_feature_columns columns = {.n = 1};
        cxs_alloc_fail_at(k);
        rc = cxs_variant_features(c.ctx, &s, 1, &settings, &columns);
        cxs_alloc_fail_at(0);
        cxs_feature_columns_clear(&columns);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK);
    cxs_measures_free(bag);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genes_have_three_values),
        cmocka_unit_test(copies_and_coverage),
        cmocka_unit_test(copies_of_some),
        cmocka_unit_test(faults),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("variant_features", tests, make, unmake);
}
