/*
 * test_consequence.c -- entries of VEP, SnpEff and bcftools csq
 */
#include "vcf_case.h"

#include "ingest/consequence.h"

static cxs_variant_refs *refs;

static int make(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_variant_refs_read(ctx, "refdata", &refs);

    cxs_ctx_free(ctx);
    return test_folder_make(state) || rc != CXS_OK;
}

static int unmake(void **state)
{
    cxs_variant_refs_free(refs);
    return test_folder_remove(state);
}

static const char csq_format[] =
    "\"Annotations. Format: Allele|Consequence|SYMBOL|Feature|BIOTYPE|HGVSp|"
    "MANE_SELECT|CANONICAL|gnomAD_NFE_AF|AF_popmax\"";

/* Picks of ALT `index` among alleles separated by ','. */
static cxs_rc pick(cxs_ctx *ctx, cxs_effects_kind kind, const char *value,
                   const char *alleles, size_t index, cxs_picks *picks)
{
    char copy[64];
    const char *allele[8];
    cxs_allele_key key = {.allele = allele, .index = index, .pos = 100};
    cxs_effects effects;
    cxs_rc rc = cxs_effects_read(ctx, "a.vcf", kind, csq_format, &effects);

    snprintf(copy, sizeof copy, "%s", alleles);
    for (char *at = strtok(copy, ","); at != NULL; at = strtok(NULL, ","))
        allele[key.count++] = at;
    if (rc == CXS_OK)
        rc = cxs_consequences(ctx, "a.vcf", &effects, refs, value, &key, picks);
    return rc;
}

typedef struct wanted {
    cxs_effects_kind kind;
    const char *value, *alleles;
    size_t index, count;
    const char *gene, *term, *transcript, *hgvsp;
} wanted;

static const wanted cases[] = {
    /* VEP leaves out the base that all alleles share; '-' is a deletion. */
    {CXS_EFFECTS_CSQ,
     "-|frameshift_variant|TP53|E1|protein_coding||||,T|missense_variant|TP53|E1|"
     "protein_coding||||",
     "CA,C,CT", 1, 1, "TP53", "frameshift_variant", "E1", ""},
    {CXS_EFFECTS_CSQ,
     "-|frameshift_variant|TP53|E1|protein_coding||||,T|missense_variant|TP53|E1|"
     "protein_coding||||",
     "CA,C,CT", 2, 1, "TP53", "missense_variant", "E1", ""},
    /* One ALT, entries of another spelling: they are its own. */
    {CXS_EFFECTS_CSQ, "AGG|inframe_insertion|EGFR|E1|protein_coding||||", "C,CAGGT", 1,
     1, "EGFR", "inframe_insertion", "E1", ""},
    /* Not of this ALT, and there are two. */
    {CXS_EFFECTS_CSQ, "G|missense_variant|EGFR|E1|protein_coding||||", "C,T,A", 1, 0,
     NULL, NULL, NULL, NULL},
    /* Other biotypes and empty genes are no gene. */
    {CXS_EFFECTS_CSQ, "T|intron_variant|AS1|E1|lncRNA||||,T|intergenic_variant|||||||",
     "C,T", 1, 0, NULL, NULL, NULL, NULL},
    /* Percent-encoding; the worst of joined terms. */
    {CXS_EFFECTS_CSQ,
     "T|splice_region_variant&synonymous_variant|PTEN|E1|protein_coding|E1.2:p."
     "Ala1%3D|||||",
     "C,T", 1, 1, "PTEN", "splice_region_variant", "E1", "E1.2:p.Ala1="},
    /* CANONICAL before a worse term; then the worse term; then the lower id. */
    {CXS_EFFECTS_CSQ,
     "T|stop_gained|PTEN|E1|protein_coding|||||,T|missense_variant|PTEN|E2|protein_"
     "coding|||YES||",
     "C,T", 1, 1, "PTEN", "missense_variant", "E2", ""},
    {CXS_EFFECTS_CSQ,
     "T|intron_variant|PTEN|E1|protein_coding|||||,T|missense_variant|PTEN|E2|protein_"
     "coding|||||",
     "C,T", 1, 1, "PTEN", "missense_variant", "E2", ""},
    {CXS_EFFECTS_CSQ,
     "T|missense_variant|PTEN|E3|protein_coding|||||,T|missense_variant|PTEN|E2|"
     "protein_coding|||||",
     "C,T", 1, 1, "PTEN", "missense_variant", "E2", ""},
    {CXS_EFFECTS_CSQ,
     "T|intron_variant|PTEN|E3|protein_coding||NM_1|||,T|missense_variant|PTEN|E2|"
     "protein_coding|||YES||",
     "C,T", 1, 1, "PTEN", "intron_variant", "E3", ""},
    /* An old symbol with one meaning becomes the current one. */
    {CXS_EFFECTS_CSQ, "T|missense_variant|H3F3A|E1|protein_coding|||||", "C,T", 1, 1,
     "H3-3A", "missense_variant", "E1", ""},
    {CXS_EFFECTS_ANN,
     "T|stop_gained|HIGH|ATRX|ENSG1|transcript|ENST1|protein_coding|1/2|c.1C>T|p.Arg1*|"
     "|||",
     "C,T", 1, 1, "ATRX", "stop_gained", "ENST1", "p.Arg1*"},
    {CXS_EFFECTS_ANN,
     "A|stop_gained|HIGH|ATRX|G|transcript|ENST1|protein_coding|1/2|c|p|||,T|missense_"
     "variant|MODERATE|ATRX|G|transcript|ENST1|protein_coding|1/2|c|q|||",
     "C,A,T", 2, 1, "ATRX", "missense_variant", "ENST1", "q"},
    {CXS_EFFECTS_BCSQ, "missense|IDH1|ENST1|protein_coding|-|132R>132H|100C>T", "C,T",
     1, 1, "IDH1", "missense_variant", "ENST1", "132R>132H"},
    /* A part of a compound change is ours; another position is not. */
    {CXS_EFFECTS_BCSQ,
     "inframe_deletion|G1|E1|protein_coding|+|5AB>5A|97CA>C+100C>T,missense|G2|E2|"
     "protein_coding|+|1A>1B|1100C>T",
     "C,T,G", 1, 1, "G1", "inframe_deletion", "E1", "5AB>5A"},
    /* Entries without change belong to every ALT. */
    {CXS_EFFECTS_BCSQ, "intron|G1||protein_coding", "C,T,G", 2, 1, "G1",
     "intron_variant", "", ""},
};

static void entries(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_picks picks = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const wanted *w = &cases[i];
        const cxs_rc rc = pick(ctx, w->kind, w->value, w->alleles, w->index, &picks);
        const int right =
            rc == CXS_OK && picks.count == w->count &&
            (w->count == 0 || (strcmp(picks.pick[0].gene, w->gene) == 0 &&
                               strcmp(picks.pick[0].term->so, w->term) == 0 &&
                               strcmp(picks.pick[0].transcript, w->transcript) == 0 &&
                               strcmp(picks.pick[0].hgvsp, w->hgvsp) == 0));
        if (!right)
            printf("  case %zu: %zu picks, %s %s %s\n", i, picks.count,
                   picks.count ? picks.pick[0].gene : "",
                   picks.count ? picks.pick[0].term->so : "",
                   picks.count ? picks.pick[0].transcript : "");
        CHECK(right);
    }
    CHECK(*tmp_log == '\0');
    cxs_picks_clear(&picks);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The largest of the frequencies of all entries. */
static void population_frequency(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_picks picks = {0};

    (void)state;
    CHECK(pick(ctx, CXS_EFFECTS_CSQ,
               "T|intron_variant|G|E|protein_coding||||0.001&0.004|0.002", "C,T", 1,
               &picks) == CXS_OK);
    CHECK_NEAR(picks.pop_af, 0.004, TOL_EXACT);
    CHECK(pick(ctx, CXS_EFFECTS_CSQ, "T|intron_variant|G|E|protein_coding|||||", "C,T",
               1, &picks) == CXS_OK);
    CHECK(isnan(picks.pop_af));
    CHECK(cxs_is_population("gnomADe_AF", 10) &&
          cxs_is_population("gnomADg_EAS_AF", 14));
    CHECK(cxs_is_population("MAX_AF", 6) && cxs_is_population("AF_popmax", 9));
    CHECK(!cxs_is_population("AF", 2) && !cxs_is_population("gnomAD_AN", 9));
    CHECK(!cxs_is_population("MAX_AF_POPS", 11));
    cxs_picks_clear(&picks);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void texts(void **state)
{
    static const struct {
        const char *in, *out;
    } encoded[] = {{"p.Ala1%3D", "p.Ala1="}, {"%3d%3B", "=;"},
                   {"100%", "100%"},         {"%3", "%3"},
                   {"%zz", "%zz"},           {"%00a", "%00a"},
                   {"a%09b", "a%09b"}}; /* control characters stay as they are */
    char text[32];

    (void)state;
    for (size_t i = 0; i < sizeof encoded / sizeof *encoded; i++) {
        snprintf(text, sizeof text, "%s", encoded[i].in);
        cxs_percent_decode(text);
        CHECK(strcmp(text, encoded[i].out) == 0);
    }
    CHECK(cxs_bcsq_protein("132R>132H", text, sizeof text));
    CHECK(strcmp(text, "p.Arg132His") == 0);
    CHECK(cxs_bcsq_protein("598G>598*", text, sizeof text));
    CHECK(strcmp(text, "p.Gly598Ter") == 0);
    CHECK(!cxs_bcsq_protein("132R", text, sizeof text));
    CHECK(!cxs_bcsq_protein("132R>133H", text, sizeof text));
    CHECK(!cxs_bcsq_protein("132RA>132HA", text, sizeof text));
    CHECK(!cxs_bcsq_protein("132B>132H", text, sizeof text));
    CHECK_DONE();
}

#define BCSQ_HEAD                                                                      \
    VCF_TOP VCF_HG19                                                                   \
        "##INFO=<ID=BCSQ,Number=.,Type=String,Description=\"b\">\n" VCF_FORMAT         \
            VCF_NAMES "\tT1\n"

/* '@' points to the record with the entry, before or behind; '*' is behind a stop and
 * changes no protein. */
static void references_and_stops(void **state)
{
    vcf_case c = vcf_case_make();

    (void)state;
    vcf_case_ok(
        &c, BCSQ_HEAD
        "2\t209113112\t.\tC\tT\t.\t.\tBCSQ=missense|IDH1|E1|protein_coding|-|"
        "132R>132H|209113112C>T\tAD\t50,50\n"
        "7\t100\t.\tC\tT\t.\t.\tBCSQ=missense|PTEN|E1|protein_coding|+|9RA>9HG|"
        "100C>T+102G>A\tAD\t50,50\n"
        "7\t102\t.\tG\tA\t.\t.\tBCSQ=@100\tAD\t50,50\n"
        "7\t110\t.\tG\tA\t.\t.\tBCSQ=@112\tAD\t50,50\n"
        "7\t112\t.\tG\tA\t.\t.\tBCSQ=stop_gained|ATRX|E1|protein_coding|+|9R>9*|"
        "110G>A+112G>A\tAD\t50,50\n"
        "7\t120\t.\tG\tA\t.\t.\tBCSQ=*missense|ATRX|E1|protein_coding|+|12R>12H|"
        "120G>A\tAD\t50,50\n"
        "17\t100\t.\tG\tA\t.\t.\tBCSQ=@112\tAD\t50,50\n");
    CHECK(vcf_is(&c, "hotspot", 0, "IDH1_R132H") &&
          vcf_is(&c, "hgvsp", 0, "p.Arg132His"));
    CHECK(vcf_is(&c, "gene", 1, "PTEN") && vcf_is(&c, "class", 1, "missense"));
    CHECK(vcf_is(&c, "gene", 2, "PTEN") && vcf_is(&c, "class", 2, "missense"));
    CHECK(vcf_is(&c, "gene", 3, "ATRX") && vcf_is(&c, "class", 3, "truncating"));
    CHECK(vcf_is(&c, "consequence", 5, "missense_variant"));
    CHECK(vcf_is(&c, "class", 5, "none") && vcf_has(&c, "protein", 5, 0));
    CHECK(vcf_is(&c, "gene", 6, "")); /* another chromosome */
    CHECK(vcf_rows(&c, "variants.genes") == 6);
    vcf_case_free(&c);
    CHECK_DONE();
}

/* Every class of the table by both of its names. */
static void every_term(void **state)
{
    (void)state;
    CHECK(refs->terms == 51);
    for (size_t i = 0; i < refs->terms; i++) {
        const cxs_term *t = &refs->term[i];
        CHECK(cxs_term_find(refs, t->so, strlen(t->so)) == t);
        CHECK(strcmp(t->bcsq, ".") == 0 ||
              cxs_term_find(refs, t->bcsq, strlen(t->bcsq)) == t);
        CHECK(!t->protein || strcmp(t->class, "truncating") == 0 ||
              strcmp(t->class, "missense") == 0 || strcmp(t->class, "inframe") == 0 ||
              strcmp(t->class, "other_protein") == 0);
        CHECK(i == 0 || t->rank > refs->term[i - 1].rank);
    }
    CHECK(cxs_term_find(refs, "missense_varian", 15) == NULL);
    CHECK(cxs_term_find(refs, "", 0) == NULL);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries),    cmocka_unit_test(population_frequency),
        cmocka_unit_test(texts),      cmocka_unit_test(references_and_stops),
        cmocka_unit_test(every_term),
    };

    return cmocka_run_group_tests_name("consequence", tests, make, unmake);
}
