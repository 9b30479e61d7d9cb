/*
 * test_refdata_genome.c -- coordinates of the reference tables, on both assemblies
 */
#include "refdata_case.h"

#include <ctype.h>

static const char *const builds[] = {"hg19", "hg38"};

/* Length of a chromosome; a failed check and 0 when there is none. */
static int64_t length_of(const cxs_table *sizes, const char *chrom, const char *build)
{
    const size_t r = refdata_row(sizes, "chrom", chrom);
    char column[32];

    CHECK(r != SIZE_MAX);
    if (r == SIZE_MAX) {
        printf("  no chromosome '%s'\n", chrom);
        return 0;
    }
    snprintf(column, sizeof column, "%s_length", build);
    return refdata_int(sizes, r, column);
}

static void chromosomes_are_complete(void **state)
{
    /* GRCh37 and GRCh38 primary assemblies, without MT */
    const int64_t total[] = {INT64_C(3095677412), INT64_C(3088269832)};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "chrom_sizes.tsv");

    (void)state;
    CHECK(t->rows == 25);
    for (size_t b = 0; b < 2; b++) {
        int64_t sum = 0;
        char column[32];
        snprintf(column, sizeof column, "%s_length", builds[b]);
        for (size_t r = 0; r < t->rows; r++)
            if (!refdata_is(t, r, "chrom", "MT"))
                sum += refdata_int(t, r, column);
        CHECK(sum == total[b]);
    }
    CHECK(length_of(t, "1", "hg19") == 249250621);
    CHECK(length_of(t, "1", "hg38") == 248956422);
    CHECK(length_of(t, "MT", "hg19") == 16569 && length_of(t, "MT", "hg38") == 16569);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* p, cen and q follow each other without gap from 0 to the chromosome's end. */
static void arms_tile_the_chromosome(void **state)
{
    static const char *const arms[] = {"p", "cen", "q"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "chrom_arms.tsv");
    cxs_table *sizes = refdata_open(ctx, "chrom_sizes.tsv");
    size_t used[2] = {0, 0};

    (void)state;
    CHECK(t->rows == (size_t)2 * 24 * 3);
    for (size_t r = 0; r < t->rows; r++) {
        const int64_t start = refdata_int(t, r, "start0");
        const int64_t end = refdata_int(t, r, "end0");
        const char *chrom = refdata_text(t, r, "chrom");
        const char *build = refdata_text(t, r, "build");
        refdata_check(refdata_is(t, r, "arm", arms[r % 3]), t, r, "order of arms");
        refdata_check(start < end, t, r, "empty arm");
        if (r % 3 == 0)
            refdata_check(start == 0, t, r, "p does not begin at 0");
        else
            refdata_check(start == refdata_int(t, r - 1, "end0") &&
                              refdata_is(t, r - 1, "chrom", chrom) &&
                              refdata_is(t, r - 1, "build", build),
                          t, r, "gap between arms");
        if (r % 3 == 2)
            refdata_check(end == length_of(sizes, chrom, build), t, r,
                          "q does not end with the chromosome");
        refdata_check(refdata_int(t, r, "use") <= (r % 3 != 1), t, r,
                      "a centromere is used");
        used[strcmp(build, "hg38") == 0] +=
            (size_t)(refdata_int(t, r, "use") == 1 && isdigit((unsigned char)*chrom));
    }
    CHECK(used[0] == 39 && used[1] == 39); /* 22 long arms, 17 short ones */
    cxs_table_free(sizes);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void centromeres_lie_between_the_arms(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "centromeres.tsv");
    cxs_table *sizes = refdata_open(ctx, "chrom_sizes.tsv");
    cxs_table *arms = refdata_open(ctx, "chrom_arms.tsv");

    (void)state;
    CHECK(t->rows == (size_t)2 * 24);
    for (size_t r = 0; r < t->rows; r++) {
        const int64_t start = refdata_int(t, r, "start0");
        const int64_t end = refdata_int(t, r, "end0");
        const char *build = refdata_text(t, r, "build");
        const char *chrom = refdata_text(t, r, "chrom");
        int touches = 0;
        refdata_check(start < end && end <= length_of(sizes, chrom, build), t, r,
                      "outside the chromosome");
        for (size_t a = 0; a < arms->rows; a++)
            touches += refdata_is(arms, a, "arm", "cen") &&
                       refdata_is(arms, a, "build", build) &&
                       refdata_is(arms, a, "chrom", chrom) &&
                       refdata_int(arms, a, "start0") < end &&
                       refdata_int(arms, a, "end0") > start;
        refdata_check(touches == 1, t, r, "does not touch the centromeric bands");
    }
    cxs_table_free(arms);
    cxs_table_free(sizes);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* First and last base of a row lie in the chromosome of that build; `last` NULL: one
 * base. */
static void check_interval(const cxs_table *t, size_t r, const cxs_table *sizes,
                           const char *build, const char *first, const char *last)
{
    char start_name[32], end_name[32];
    int64_t start, end;

    snprintf(start_name, sizeof start_name, "%s_%s", build, first);
    snprintf(end_name, sizeof end_name, "%s_%s", build, last != NULL ? last : first);
    start = refdata_int(t, r, start_name);
    end = refdata_int(t, r, end_name);
    refdata_check(start >= 1 && start <= end &&
                      end <= length_of(sizes, refdata_text(t, r, "chrom"), build),
                  t, r, "outside the chromosome");
}

static void genes_are_well_formed(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "genes.tsv");
    cxs_table *sizes = refdata_open(ctx, "chrom_sizes.tsv");
    size_t unsure = 0, unlifted = 0;

    (void)state;
    for (size_t r = 0; r < t->rows; r++) {
        const char *id = refdata_text(t, r, "ensembl_gene_id");
        const int plus = refdata_is(t, r, "strand", "+");
        refdata_check(strlen(id) == 15 && strncmp(id, "ENSG", 4) == 0 &&
                          strspn(id + 4, "0123456789") == 11,
                      t, r, "Ensembl id");
        refdata_check(r == 0 || strcmp(refdata_text(t, r - 1, "symbol"),
                                       refdata_text(t, r, "symbol")) < 0,
                      t, r, "symbols are not in order, or one comes twice");
        refdata_check(plus || refdata_is(t, r, "strand", "-"), t, r, "strand");
        refdata_check(refdata_int(t, r, "hg38_tss") ==
                          refdata_int(t, r, plus ? "hg38_start" : "hg38_end"),
                      t, r, "5-prime end");
        if (!refdata_is(t, r, "entrez_id", "."))
            refdata_check(refdata_int(t, r, "entrez_id") > 0, t, r, "Entrez id");
        check_interval(t, r, sizes, "hg38", "start", "end");
        unsure += (size_t)!refdata_is(t, r, "certainty", "verified");
        refdata_check(refdata_is(t, r, "certainty", "verified") ==
                          refdata_is(t, r, "note", "."),
                      t, r, "a doubt has a note");
        if (refdata_is(t, r, "hg19_start", ".")) {
            unlifted++;
            continue;
        }
        check_interval(t, r, sizes, "hg19", "start", "end");
    }
    CHECK(t->rows == 935 && unsure == 17 && unlifted == 1); /* CD24 */
    cxs_table_free(sizes);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* [start - margin, end + margin] of the row's gene holds the position. */
static int in_gene(const cxs_table *genes, size_t g, const char *build, int64_t at,
                   int64_t margin)
{
    char start[32], end[32];

    snprintf(start, sizeof start, "%s_start", build);
    snprintf(end, sizeof end, "%s_end", build);
    return at >= refdata_int(genes, g, start) - margin &&
           at <= refdata_int(genes, g, end) + margin;
}

/* ACGT and nothing else. */
static int is_bases(const char *text)
{
    return *text != '\0' && text[strspn(text, "ACGT")] == '\0';
}

/* p.Xxx123Yyy says the same residues as X123Y; histones count one less. */
static int same_change(const char *label, const char *hgvs, int shift)
{
    static const char codes[] =
        "AlaA ArgR AsnN AspD CysC GlnQ GluE GlyG HisH IleI LeuL "
        "LysK MetM PheF ProP SerS ThrT TrpW TyrY ValV Ter* ";
    char from[4] = "", to[4] = "", letter[2] = "";
    int residue = 0;
    char want[32];

    if (sscanf(hgvs, "p.%3[A-Za-z]%d%3[A-Za-z*=]", from, &residue, to) != 3)
        return 0;
    for (int k = 0; k < 2; k++) {
        const char *hit = strstr(codes, k == 0 ? from : to);
        if (hit == NULL || strlen(k == 0 ? from : to) != 3)
            return 0;
        letter[k] = hit[3];
    }
    snprintf(want, sizeof want, "%c%d%c", letter[0], residue - shift, letter[1]);
    return strcmp(label, want) == 0;
}

static void check_hotspot(const cxs_table *t, size_t r, const cxs_table *genes)
{
    const char *ref = refdata_text(t, r, "ref"), *alt = refdata_text(t, r, "alt");
    const char *gene = refdata_text(t, r, "gene");
    const size_t g = refdata_row(genes, "symbol", gene);
    const int promoter = refdata_is(t, r, "class", "promoter");
    const int64_t margin = promoter ? 300 : 0;

    refdata_check(is_bases(ref) && is_bases(alt) && strcmp(ref, alt) != 0, t, r,
                  "alleles");
    refdata_check(strlen(ref) == strlen(alt), t, r, "alleles of unequal length");
    refdata_check(g != SIZE_MAX, t, r, "unknown gene");
    if (g == SIZE_MAX)
        return;
    refdata_check(
        refdata_is(genes, g, "chrom", refdata_text(t, r, "chrom")) &&
            in_gene(genes, g, "hg19", refdata_int(t, r, "hg19_pos"), margin) &&
            in_gene(genes, g, "hg38", refdata_int(t, r, "hg38_pos"), margin),
        t, r, "not in its gene");
    if (!promoter)
        refdata_check(same_change(refdata_text(t, r, "label"),
                                  refdata_text(t, r, "hgvs"),
                                  strncmp(gene, "H3", 2) == 0),
                      t, r, "label and HGVS differ");
}

/* Two alleles at distance d on one assembly lie at distance d on the other, within a
 * gene: the REF bases then are the same bases. */
static void check_pair(const cxs_table *t, size_t r)
{
    if (r == 0 || !refdata_is(t, r - 1, "gene", refdata_text(t, r, "gene")))
        return;
    refdata_check(refdata_int(t, r, "hg19_pos") - refdata_int(t, r - 1, "hg19_pos") ==
                      refdata_int(t, r, "hg38_pos") - refdata_int(t, r - 1, "hg38_pos"),
                  t, r, "the assemblies are not shifted alike within the gene");
}

static void check_no_repeat(const cxs_table *t, size_t r)
{
    static const char *const keys[] = {"chrom", "hg19_pos", "ref", "alt"};

    for (size_t q = 0; q < r; q++) {
        int same = 1;
        for (size_t k = 0; same && k < sizeof keys / sizeof *keys; k++)
            same = refdata_is(t, q, keys[k], refdata_text(t, r, keys[k]));
        refdata_check(!same, t, r, "allele given twice");
    }
}

static void hotspots_are_on_both_assemblies(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "hotspots.tsv");
    cxs_table *genes = refdata_open(ctx, "genes.tsv");
    cxs_table *sizes = refdata_open(ctx, "chrom_sizes.tsv");
    size_t probable = 0;

    (void)state;
    CHECK(t->rows == 669);
    for (size_t r = 0; r < t->rows; r++) {
        for (size_t b = 0; b < 2; b++)
            check_interval(t, r, sizes, builds[b], "pos", NULL);
        check_hotspot(t, r, genes);
        check_pair(t, r);
        check_no_repeat(t, r);
        probable += (size_t)refdata_is(t, r, "certainty", "probable");
    }
    CHECK(probable == 11);
    cxs_table_free(sizes);
    cxs_table_free(genes);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The alleles that a clinician would look for first, from the literature. */
static void well_known_hotspots_are_there(void **state)
{
    static const struct {
        const char *gene, *label, *chrom, *hg19, *hg38, *ref, *alt;
    } known[] = {
        {"IDH1", "R132H", "2", "209113112", "208248388", "C", "T"},
        {"IDH2", "R172K", "15", "90631838", "90088606", "C", "T"},
        {"TERT", "C228T", "5", "1295228", "1295113", "G", "A"},
        {"TERT", "C250T", "5", "1295250", "1295135", "G", "A"},
        {"H3-3A", "K27M", "1", "226252135", "226064434", "A", "T"},
        {"BRAF", "V600E", "7", "140453136", "140753336", "A", "T"},
        {"EGFR", "L858R", "7", "55259515", "55191822", "T", "G"},
        {"EGFR", "A289V", "7", "55221822", "55154129", "C", "T"},
        {"PDGFRA", "D842V", "4", "55152093", "54285926", "A", "T"},
    };
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "hotspots.tsv");

    (void)state;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        int found = 0;
        for (size_t r = 0; r < t->rows; r++)
            found += refdata_is(t, r, "gene", known[k].gene) &&
                     refdata_is(t, r, "label", known[k].label) &&
                     refdata_is(t, r, "chrom", known[k].chrom) &&
                     refdata_is(t, r, "hg19_pos", known[k].hg19) &&
                     refdata_is(t, r, "hg38_pos", known[k].hg38) &&
                     refdata_is(t, r, "ref", known[k].ref) &&
                     refdata_is(t, r, "alt", known[k].alt);
        CHECK(found == 1);
        if (found != 1)
            printf("  %s %s\n", known[k].gene, known[k].label);
    }
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void regions_and_markers_lie_in_their_genes(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = refdata_open(ctx, "hotspot_regions.tsv");
    cxs_table *m = refdata_open(ctx, "msi_markers.tsv");
    cxs_table *genes = refdata_open(ctx, "genes.tsv");
    cxs_table *sizes = refdata_open(ctx, "chrom_sizes.tsv");

    (void)state;
    for (size_t r = 0; r < t->rows; r++) {
        const int64_t size19 =
            refdata_int(t, r, "hg19_end") - refdata_int(t, r, "hg19_start");
        const size_t g = refdata_row(genes, "symbol", refdata_text(t, r, "gene"));
        check_interval(t, r, sizes, "hg19", "start", "end");
        check_interval(t, r, sizes, "hg38", "start", "end");
        refdata_check(
            g != SIZE_MAX &&
                in_gene(genes, g, "hg19", refdata_int(t, r, "hg19_start"), 500) &&
                in_gene(genes, g, "hg38", refdata_int(t, r, "hg38_end"), 500),
            t, r, "not in its gene");
        if (!refdata_is(t, r, "region_id",
                        "EGFR_INTRON1")) /* assemblies differ there */
            refdata_check(size19 == refdata_int(t, r, "hg38_end") -
                                        refdata_int(t, r, "hg38_start"),
                          t, r, "length differs between the assemblies");
    }
    for (size_t r = 0; r < m->rows; r++) {
        const size_t g = refdata_row(genes, "symbol", refdata_text(m, r, "gene"));
        refdata_check(
            g != SIZE_MAX &&
                in_gene(genes, g, "hg19", refdata_int(m, r, "hg19_start"), 0) &&
                in_gene(genes, g, "hg38", refdata_int(m, r, "hg38_start"), 0) &&
                is_bases(refdata_text(m, r, "unit")),
            m, r, "not in its gene");
    }
    CHECK(t->rows == 17 && m->rows == 5);
    cxs_table_free(sizes);
    cxs_table_free(genes);
    cxs_table_free(m);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chromosomes_are_complete),
        cmocka_unit_test(arms_tile_the_chromosome),
        cmocka_unit_test(centromeres_lie_between_the_arms),
        cmocka_unit_test(genes_are_well_formed),
        cmocka_unit_test(hotspots_are_on_both_assemblies),
        cmocka_unit_test(well_known_hotspots_are_there),
        cmocka_unit_test(regions_and_markers_lie_in_their_genes),
    };
    return cmocka_run_group_tests_name("refdata_genome", tests, NULL, NULL);
}
