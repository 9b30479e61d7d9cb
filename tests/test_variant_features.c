/*
 * test_variant_features.c -- features of samples whose files are written here
 */
#include "vcf_case.h"

#include "base/stream.h"
#include "features/variant_private.h"

#define HEAD                                                                           \
    VCF_TOP "##contig=<ID=1,length=249250621>\n" VCF_HG19                              \
            "##contig=<ID=10,length=135534747>\n##contig=<ID=13,length=115169878>\n"   \
            "##contig=<ID=X,length=155270560>\n" VCF_CSQ VCF_FORMAT VCF_NAMES "\tT1\n"
#define TERM(alt, term, gene)                                                          \
    alt "|" term "|X|" gene "|G|Transcript|E1|protein_coding||||||||"

static vcf_case c;

static int make(void **state)
{
    if (test_folder_make(state) != 0)
        return 1;
    c = vcf_case_make();
    return 0;
}

static int unmake(void **state)
{
    vcf_case_free(&c);
    return test_folder_remove(state);
}

/* Bag of a file; the caller frees. */
static cxs_measures *bag_of(const char *text, const char *source, const char *library,
                            const char *bed)
{
    cxs_measures *bag = NULL;

    c.s.source = source;
    c.s.library = library;
    c.s.target_bed = bed;
    vcf_case_ok(&c, text);
    bag = c.bag;
    c.bag = NULL;
    return bag;
}

static double value(const cxs_feature_columns *columns, const char *name, size_t sample)
{
    const size_t at = cxs_feature_columns_find(columns, name);

    if (at == SIZE_MAX) {
        test_failures++;
        printf("  no column %s\n", name);
        return (double)NAN;
    }
    return columns->column[at].value[sample];
}

#define IS(name, sample, want)     CHECK_NEAR(value(&columns, name, sample), want, TOL_SUM)
#define NOT_ASSESSED(name, sample) CHECK(isnan(value(&columns, name, sample)))

static void derive(const cxs_variant_sample *sample, size_t count,
                   const cxs_variant_feature_settings *s, cxs_feature_columns *columns)
{
    const cxs_rc rc = cxs_variant_features(c.ctx, sample, count, s, columns);

    CHECK(rc == CXS_OK);
    if (rc != CXS_OK)
        printf("  %s\n", cxs_ctx_message(c.ctx));
}

static const cxs_variant_feature_settings plain = {.refdata = "refdata"};

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

/* ---- signatures ------------------------------------------------------------------ */

enum { SIGNATURES = 4 };

/* Four made profiles: peaks in different substitutions over a floor. */
static void make_profiles(double *x)
{
    const cxs_stream s = {.seed = 3, .purpose = CXS_DRAW_TEST};

    for (size_t j = 0; j < SIGNATURES; j++) {
        double total = 0.0;
        for (size_t i = 0; i < CXS_SBS; i++) {
            const double u = cxs_draw_uniform(&s, j * CXS_SBS + i);
            x[j * CXS_SBS + i] = u * u * (i / 16 == j ? 10.0 : 0.2);
            total += x[j * CXS_SBS + i];
        }
        for (size_t i = 0; i < CXS_SBS; i++)
            x[j * CXS_SBS + i] /= total;
    }
}

static void signatures_that_are_not_there_are_dropped(void **state)
{
    double x[SIGNATURES * CXS_SBS], counts[CXS_SBS], exposure[SIGNATURES], share[4];
    double cosine = 0.0;
    bool kept[SIGNATURES];

    (void)state;
    make_profiles(x);
    for (size_t i = 0; i < CXS_SBS; i++)
        counts[i] = floor(600.0 * x[i] + 300.0 * x[2 * CXS_SBS + i] + 0.5);
    CHECK(cxs_sbs_refit(c.ctx, SIGNATURES, x, counts, exposure, kept, &cosine) ==
          CXS_OK);
    CHECK(kept[0] && !kept[1] && kept[2] && !kept[3]);
    CHECK(exposure[1] == 0.0 && exposure[3] == 0.0);
    CHECK_NEAR(exposure[0], 600.0, 0.01);
    CHECK_NEAR(exposure[2], 300.0, 0.02);
    CHECK(cosine > 0.999 && cosine <= 1.0);
    CHECK(cxs_sbs_bootstrap(c.ctx, SIGNATURES, x, counts, kept, 1, 0, share) == CXS_OK);
    CHECK(share[0] == 1.0 && share[2] == 1.0 && share[1] == 0.0 && share[3] == 0.0);
    CHECK_DONE();
}

/* The share of bootstraps with more than 5 % grows with the true share. */
static void bootstraps_tell_what_is_certain(void **state)
{
    double x[SIGNATURES * CXS_SBS], counts[CXS_SBS], share[SIGNATURES];
    const bool kept[SIGNATURES] = {true, true, true, true};
    double last = -1.0;

    (void)state;
    make_profiles(x);
    for (int percent = 0; percent <= 10; percent += 5) {
        for (size_t i = 0; i < CXS_SBS; i++)
            counts[i] = floor(20.0 * (100 - percent) * x[i] +
                              20.0 * percent * x[CXS_SBS + i] + 0.5);
        CHECK(cxs_sbs_bootstrap(c.ctx, SIGNATURES, x, counts, kept, 1, 7, share) ==
              CXS_OK);
        CHECK(share[1] > last);
        last = share[1];
        CHECK(percent != 0 || share[1] < 0.05);
        CHECK(percent != 5 || (share[1] > 0.2 && share[1] < 0.8));
        CHECK(percent != 10 || share[1] > 0.95);
    }
    CHECK_DONE();
}

/* A bag with the assay tables of an empty file and made counts. */
static cxs_measures *sbs_bag(const double *counts)
{
    cxs_measures *bag = bag_of(HEAD, "TUMOR", "WGS", NULL);
    cxs_measure *t = NULL;
    int64_t *count = NULL;

    CHECK(cxs_measures_add(c.ctx, bag, "variants.sbs96", CXS_SBS, &t) == CXS_OK);
    CHECK(cxs_measure_int(c.ctx, t, "count", &count) == CXS_OK);
    for (size_t i = 0; i < CXS_SBS; i++)
        count[i] = (int64_t)(counts[i] + 0.5);
    return bag;
}

static const char *write_matrix(const double *x, bool two_columns)
{
    static const char base[] = "ACGT";
    static const char *const change[] = {"C>A", "C>G", "C>T", "T>A", "T>C", "T>G"};
    static char path[TEST_PATH_BYTES * 2];
    cxs_buf text = {0};

    CHECK(cxs_buf_addf(c.ctx, &text, "%s\tSBS11\tSBS1\tSBS5\tSBS15\tSBS4\n",
                       two_columns ? "Type\tSubType" : "Type") == CXS_OK);
    for (size_t k = CXS_SBS; k-- > 0;) { /* any order of rows */
        const char five = base[k / 4 % 4], three = base[k % 4], *c6 = change[k / 16];
        if (two_columns)
            CHECK(cxs_buf_addf(c.ctx, &text, "%s\t%c%c%c", c6, five, c6[0], three) ==
                  CXS_OK);
        else
            CHECK(cxs_buf_addf(c.ctx, &text, "%c[%s]%c", five, c6, three) == CXS_OK);
        for (size_t j = 0; j < SIGNATURES; j++)
            CHECK(cxs_buf_addf(c.ctx, &text, "\t%.17g", x[j * CXS_SBS + k]) == CXS_OK);
        CHECK(cxs_buf_addf(c.ctx, &text, "\t0.5\n") == CXS_OK);
    }
    snprintf(path, sizeof path, "%s",
             test_text(two_columns ? "two.tsv" : "one.tsv", text.text));
    cxs_free(text.text);
    return path;
}

/* 400 of SBS11 and 600 of SBS1: shares 0.4 and 0.6; 40 substitutions tell nothing;
 * SBS4 is not of the glioma set; the order of the samples changes nothing. */
static void exposures_of_samples(void **state)
{
    double x[SIGNATURES * CXS_SBS], many[CXS_SBS], few[CXS_SBS];
    cxs_variant_feature_settings settings = plain;
    cxs_variant_sample s[2] = {{.id = "a", .library = "WGS", .callable_mb = 3000.0},
                               {.id = "b", .library = "WGS", .callable_mb = 3000.0}};

    (void)state;
    make_profiles(x);
    for (size_t i = 0; i < CXS_SBS; i++) {
        many[i] = floor(400.0 * x[i] + 600.0 * x[CXS_SBS + i] + 0.5);
        few[i] = i < 40 ? 1.0 : 0.0;
    }
    cxs_measures *rich = sbs_bag(many), *poor = sbs_bag(few);
    for (int layout = 0; layout < 2; layout++) {
        cxs_feature_columns columns = {.n = 2}, turned = {.n = 2};
        settings.signatures = write_matrix(x, layout == 1);
        s[0] = (cxs_variant_sample){
            .id = "a", .library = "WGS", .callable_mb = 3000.0, .variants = rich};
        s[1] = (cxs_variant_sample){
            .id = "b", .library = "WGS", .callable_mb = 3000.0, .variants = poor};
        derive(s, 2, &settings, &columns);
        CHECK_NEAR(value(&columns, "var.sbs.SBS11.share", 0), 0.4, 0.01);
        CHECK_NEAR(value(&columns, "var.sbs.SBS11.log2", 0), log2(401.0), 0.02);
        CHECK(value(&columns, "var.sbs.SBS11.present", 0) == 1.0);
        CHECK_NEAR(value(&columns, "var.sbs.CLOCK.share", 0), 0.6, 0.01);
        CHECK(value(&columns, "var.sbs.MMR.share", 0) == 0.0);
        CHECK(value(&columns, "var.sbs.MMR.present", 0) == 0.0);
        NOT_ASSESSED("var.sbs.SBS4.share", 0);
        NOT_ASSESSED("var.sbs.SBS11.share", 1);
        const cxs_variant_sample swap[2] = {s[1], s[0]};
        derive(swap, 2, &settings, &turned);
        for (size_t k = 0; k < columns.count; k++)
            for (size_t i = 0; i < 2; i++) {
                const double a = columns.column[k].value[i];
                const double b = turned.column[k].value[1 - i];
                CHECK(a == b || (isnan(a) && isnan(b)));
            }
        cxs_feature_columns_clear(&columns);
        cxs_feature_columns_clear(&turned);
    }
    cxs_measures_free(rich);
    cxs_measures_free(poor);
    CHECK_DONE();
}

/* An exome with twice the CpG: without frequencies nothing is said; with them what made
 * the counts comes back. */
static void exomes_have_other_trinucleotides(void **state)
{
    double x[SIGNATURES * CXS_SBS], y[2 * CXS_SBS], counts[CXS_SBS];
    cxs_variant_feature_settings settings = plain;
    cxs_variant_sample s = {.id = "a", .library = "WES", .callable_mb = 30.0};
    cxs_measure *t = NULL;
    int64_t *target = NULL, *genome = NULL;

    (void)state;
    make_profiles(x);
    for (size_t j = 0; j < 2; j++) {
        double total = 0.0;
        for (size_t i = 0; i < CXS_SBS; i++) { /* 3' base G after a middle C */
            y[j * CXS_SBS + i] =
                x[j * CXS_SBS + i] * (i < 48 && i % 4 == 2 ? 5.0 : 1.0);
            total += y[j * CXS_SBS + i];
        }
        for (size_t i = 0; i < CXS_SBS; i++)
            y[j * CXS_SBS + i] /= total;
    }
    for (size_t i = 0; i < CXS_SBS; i++)
        counts[i] = floor(4000.0 * y[i] + 6000.0 * y[CXS_SBS + i] + 0.5);
    settings.signatures = write_matrix(x, false);
    cxs_measures *bag = sbs_bag(counts);
    for (int known = 0; known < 2; known++) {
        cxs_feature_columns columns = {.n = 1};
        s.variants = bag;
        derive(&s, 1, &settings, &columns);
        if (known == 0) {
            NOT_ASSESSED("var.sbs.SBS11.share", 0);
            CHECK(cxs_measures_add(c.ctx, bag, "variants.trinucleotides", 32, &t) ==
                  CXS_OK);
            CHECK(cxs_measure_int(c.ctx, t, "target", &target) == CXS_OK);
            CHECK(cxs_measure_int(c.ctx, t, "genome", &genome) == CXS_OK);
            for (size_t i = 0; i < 32; i++) {
                genome[i] = 1000;
                target[i] = i < 16 && i % 4 == 2 ? 50 : 10;
            }
        } else {
            CHECK_NEAR(value(&columns, "var.sbs.SBS11.share", 0), 0.4, 0.002);
            CHECK_NEAR(value(&columns, "var.sbs.CLOCK.share", 0), 0.6, 0.002);
        }
        cxs_feature_columns_clear(&columns);
    }
    cxs_measures_free(bag);
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
        cmocka_unit_test(burden),
        cmocka_unit_test(fractions),
        cmocka_unit_test(tumour_informed),
        cmocka_unit_test(signatures_that_are_not_there_are_dropped),
        cmocka_unit_test(bootstraps_tell_what_is_certain),
        cmocka_unit_test(exposures_of_samples),
        cmocka_unit_test(exomes_have_other_trinucleotides),
        cmocka_unit_test(faults),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("variant features", tests, make, unmake);
}
