/*
 * test_fragment_sites.c -- protected windows and start sites of cell-free DNA: features
 * of tables that were written by hand
 */
#include "test.h"

#include "fragment_case.h"

#include "features/scores.h"
#include "tmp.h"

#include <string.h>

static int has_column(const cxs_feature_columns *c, const char *name)
{
    return cxs_feature_columns_find(c, name) != SIZE_MAX;
}

/* ---- start sites ----------------------------------------------------------------- */

/* Five T-cell genes on autosomes, SH2D1A on X, two of no group that is told. */
static const char *const symbol[GENES] = {"CD6",    "CD3D", "CD3E", "TRAT1",
                                          "SH2D1A", "CD3G", "EGFR", "TP53"};

static const char *const chrom_of[GENES] = {"11", "11", "11", "3",
                                            "X",  "11", "7",  "17"};

static const int64_t place[GENES] = {60971681,  118342744, 118304730, 108822784,
                                     124346563, 118344344, 55019017,  7687490};

/* Sums over 201, 2001, 2001 and 2001 bases. */
typedef struct gene_case {
    int64_t ndr, core, left, right;
    double log2; /* of its segment; NaN: in none */
} gene_case;

static void put_starts(cxs_measures *bag, const gene_case *g)
{
    static const char *const names[8] = {"ndr",        "core",       "left",
                                         "right",      "ndr_bases",  "core_bases",
                                         "left_bases", "right_bases"};
    cxs_measure *t = bag_table(bag, "tss", GENES);
    const size_t gene = bag_text(t, "gene"), chrom = bag_text(t, "chrom");
    int64_t *pos = bag_int(t, "pos"), *part[8];

    for (int k = 0; k < 8; k++)
        part[k] = bag_int(t, names[k]);
    for (size_t i = 0; i < GENES; i++) {
        const int64_t sums[4] = {g[i].ndr, g[i].core, g[i].left, g[i].right};
        bag_set(t, gene, i, symbol[i]);
        bag_set(t, chrom, i, chrom_of[i]);
        pos[i] = place[i];
        for (int k = 0; k < 4; k++) {
            part[k][i] = sums[k];
            part[k + 4][i] = k == 0 ? 201 : 2001;
        }
    }
}

/* A segment of one base more than needed on both sides of each gene: it begins at the
 * start site and ends with it. */
static cxs_measures *bag_segments(const gene_case *g)
{
    cxs_measures *bag = bag_new();
    cxs_measure *t = bag_table(bag, "cn.segments", 3 * GENES);
    int64_t *chrom = bag_int(t, "chrom"), *start = bag_int(t, "start0"),
            *end = bag_int(t, "end0");
    double *level = NULL;

    CHECK(cxs_measure_real(NULL, t, "log2", &level) == CXS_OK);
    for (size_t i = 0; i < GENES; i++) {
        for (size_t k = 0; k < 3; k++) {
            chrom[3 * i + k] = cxs_cn_chrom(chrom_of[i]);
            level[3 * i + k] = 7.0; /* of the neighbours: must not be taken */
        }
        start[3 * i] = place[i] - 100;
        end[3 * i] = start[3 * i + 1] = place[i] - 1;
        end[3 * i + 1] = start[3 * i + 2] = place[i];
        end[3 * i + 2] = place[i] + 100;
        if (isnan(g[i].log2))
            chrom[3 * i + 1] = 24;
        level[3 * i + 1] = g[i].log2;
    }
    return bag;
}

/* Mean cover of 1 in every flank base but for CD6 (3); ndr 0.5 at two copies: 0.5; at
 * 2^1 times as many copies: 0.25. */
static const gene_case by_hand[GENES] = {
    {402, 4002, 3 * 2001, 3 * 2001, 0.0}, /* CD6: 2/3 and 2/3, weight 3 */
    {201, 2001, 2001, 2001, 1.0},         /* CD3D: 1/2 and 1/2 */
    {0, 1000, 1000, 3002, 0.0},           /* CD3E: 0 and 1000/2001 */
    {603, 6003, 4002, 0, -1.0},           /* TRAT1: 6 and 6 */
    {201, 2001, 2001, 2001, 0.0},         /* SH2D1A: on X, never counted */
    {201, 2001, 2001, 2001, 0.5},         /* CD3G: 2^-0.5 */
    {201, 4002, 2001, 2001, 0.0},         /* EGFR: 1 and 2 */
    {201, 2001, 0, 0, 0.0},               /* TP53: nothing in the flanks */
};

/* Weights 3, 1, 1, 1, 1. */
static void groups_by_hand(void **state)
{
    cxs_measures *bag[1] = {bag_of(2e6, 3e9)}, *copies[1] = {bag_segments(by_hand)};
    cxs_feature_columns c;

    (void)state;
    put_starts(bag[0], by_hand);
    c = derive(NULL, bag, copies, 1, NULL);
    CHECK_NEAR(bag_value(&c, "frag.tss.DANAHER_TCELL.ndr", 0),
               (3 * 2.0 / 3.0 + 0.5 + 0.0 + 6.0 + sqrt(0.5)) / 7.0, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.tss.DANAHER_TCELL.2k", 0),
               (3 * 2.0 / 3.0 + 0.5 + 1000.0 / 2001.0 + 6.0 + sqrt(0.5)) / 7.0,
               TOL_SUM);
    CHECK(isnan(bag_value(&c, "frag.tss.WANG_MES.ndr", 0))); /* none of its genes */
    CHECK(!has_column(&c, "frag.tss.gene.EGFR.ndr"));        /* 0.1x */
    CHECK(!has_column(&c, "frag.tss.GEP18.ndr"));
    CHECK(!has_column(&c, "frag.wps.long.mean"));
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* Groups of the study stand in the place of the signatures'; genes without a place are
 * told.  Seven genes, of which X and the one without flanks do not count. */
static void groups_of_the_study(void **state)
{
    char *genes[GENES - 1], other[] = "ODD1";
    cxs_gene_set set = {.name = (char *)(uintptr_t) "MINE", .symbol = genes};
    cxs_gene_sets own = {.set = &set, .count = 1};
    const cxs_copy_frozen frozen = {.groups = &own};
    cxs_measures *bag = bag_of(2e6, 3e9), *copies = bag_segments(by_hand);
    const cxs_patient_file file = {.sample = "S", .build = "hg38", .bag = bag};
    cxs_feature_columns c = {.n = 1};
    cxs_ctx *ctx = tmp_ctx();

    (void)state;
    for (size_t g = 1; g < GENES - 1; g++) /* not CD6, not TP53 */
        genes[set.size++] = (char *)(uintptr_t)symbol[g];
    genes[set.size++] = other;
    put_starts(bag, by_hand);
    CHECK(cxs_fragment_features(ctx, &file, &frozen, &copies, "refdata", NULL, &c) ==
          CXS_OK);
    CHECK_NEAR(bag_value(&c, "frag.tss.MINE.ndr", 0),
               (0.5 + 0.0 + 6.0 + sqrt(0.5) + 1.0) / 5.0, TOL_SUM);
    CHECK(!has_column(&c, "frag.tss.DANAHER_TCELL.ndr"));
    CHECK(strstr(tmp_log, "start sites: group MINE: 1 of 7 genes have no place") !=
          NULL);
    cxs_feature_columns_clear(&c);
    cxs_measures_free(bag);
    cxs_measures_free(copies);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* One of the five T-cell genes without a segment: four are too few at 0.1x. */
static void four_genes_are_too_few(void **state)
{
    gene_case four[GENES];
    cxs_measures *bag[2] = {bag_of(2e6, 3e9), bag_of(2e6, 3e9)}, *copies[2];
    cxs_feature_columns c;

    (void)state;
    memcpy(four, by_hand, sizeof four);
    four[5].log2 = (double)NAN;
    copies[0] = bag_segments(four);
    four[5].log2 = 0.0;
    four[5].left = four[5].right = 0;
    copies[1] = bag_segments(four);
    put_starts(bag[0], by_hand);
    put_starts(bag[1], four); /* no flanks */
    c = derive(NULL, bag, copies, 2, NULL);
    for (size_t i = 0; i < 2; i++)
        CHECK(isnan(bag_value(&c, "frag.tss.DANAHER_TCELL.ndr", i)));
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* 30x is not above 30x: 18.75 M fragments of 160 bases over 100 Mb; one more is. */
static void single_genes_above_thirty(void **state)
{
    cxs_measures *bag[3] = {bag_of(18750001, 1e8), bag_of(18750000, 1e8),
                            bag_of(999999, 1e6)},
                 *copies[3];
    cxs_feature_columns c;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        put_starts(bag[i], by_hand);
        copies[i] = bag_segments(by_hand);
    }
    c = derive(NULL, bag, copies, 3, NULL);
    CHECK_NEAR(bag_value(&c, "frag.tss.gene.EGFR.ndr", 0), 1.0, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.tss.gene.EGFR.2k", 0), 2.0, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.tss.gene.CD3D.ndr", 0), 0.5, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.tss.gene.CD3E.ndr", 0), 0.0, TOL_EXACT);
    CHECK(isnan(bag_value(&c, "frag.tss.gene.TP53.ndr", 0)));
    CHECK(!has_column(&c, "frag.tss.gene.SH2D1A.ndr"));
    CHECK(isnan(bag_value(&c, "frag.tss.gene.EGFR.ndr", 1)));
    CHECK(!isnan(bag_value(&c, "frag.tss.DANAHER_TCELL.ndr", 1)));
    for (size_t k = 0; k < c.count; k++)
        CHECK(isnan(c.column[k].value[2])); /* 160x, but 999,999 fragments */
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* Without copy numbers nothing is told; nor where the contig ends in the flanks. */
static void starts_that_are_not_assessed(void **state)
{
    cxs_measures *bag[2] = {bag_of(2e6, 3e9), bag_of(2e6, 3e9)},
                 *copies[2] = {NULL, bag_segments(by_hand)};
    cxs_feature_columns c;
    int64_t *left;

    (void)state;
    put_starts(bag[0], by_hand);
    put_starts(bag[1], by_hand);
    left = (int64_t *)(uintptr_t)cxs_measure_get_int(cxs_measures_find(bag[1], "tss"),
                                                     "left_bases");
    left[0] = 0;
    c = derive(NULL, bag, copies, 2, NULL);
    CHECK(isnan(bag_value(&c, "frag.tss.DANAHER_TCELL.ndr", 0)));
    CHECK(isnan(bag_value(&c, "frag.tss.DANAHER_TCELL.ndr", 1)));
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* ---- protected windows ----------------------------------------------------------- */

/* `n` windows of 40 bases and one of 20: long sums -120 and 100, short 40 and -60 (raw
 * sums are other numbers); `missing` more that were not scored. */
static void put_windows(cxs_measures *bag, size_t n, size_t missing, int names)
{
    cxs_measure *t = bag_table(bag, "wps_windows", n + 1 + missing);
    const size_t chrom = bag_text(t, "chrom"), name = bag_text(t, "name");
    int64_t *start = bag_int(t, "start"), *end = bag_int(t, "end"),
            *raw[2] = {bag_int(t, "long"), bag_int(t, "short")},
            *own[2] = {bag_int(t, "long_adjusted"), bag_int(t, "short_adjusted")};

    for (size_t i = 0; i < n + 1 + missing; i++) {
        char text[32];
        snprintf(text, sizeof text, "G%zu", names > 0 ? i % (size_t)names : 0);
        bag_set(t, chrom, i, "1");
        bag_set(t, name, i, i == n ? "last" : names == 0 ? "" : text);
        start[i] = (int64_t)i * 1000;
        end[i] = start[i] + (i == n ? 20 : 40);
        own[0][i] = i < n ? -120 : i == n ? 100 : CXS_MEASURE_MISSING;
        own[1][i] = i < n ? 40 : i == n ? -60 : CXS_MEASURE_MISSING;
        raw[0][i] = raw[1][i] = 1000000;
    }
}

/* 999 and one more window at 0.1x: -119880 + 100 over 39960 + 20 bases; one less, and
 * many that were not scored: missing; at 10x told from the first window on. */
static void windows_by_hand(void **state)
{
    cxs_measures *bag[4] = {bag_of(2e6, 3e9), bag_of(2e6, 3e9), bag_of(6.25e6, 1e8),
                            bag_of(6249999, 1e8)};
    cxs_feature_columns c;

    (void)state;
    put_windows(bag[0], 999, 3, 0);
    put_windows(bag[1], 998, 500, 0);
    put_windows(bag[2], 1, 0, 0);
    put_windows(bag[3], 1, 0, 0);
    c = derive(NULL, bag, NULL, 4, NULL);
    CHECK_NEAR(bag_value(&c, "frag.wps.long.mean", 0),
               (-999.0 * 120 + 100) / (999.0 * 40 + 20), TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.wps.short.mean", 0),
               (999.0 * 40 - 60) / (999.0 * 40 + 20), TOL_SUM);
    CHECK(isnan(bag_value(&c, "frag.wps.long.mean", 1)));
    CHECK_NEAR(bag_value(&c, "frag.wps.long.mean", 2), -20.0 / 60, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.wps.short.mean", 2), -20.0 / 60, TOL_SUM);
    CHECK(isnan(bag_value(&c, "frag.wps.long.mean", 3)));
    CHECK(isnan(bag_value(&c, "frag.wps.long.last.mean", 0)));
    CHECK_NEAR(bag_value(&c, "frag.wps.long.last.mean", 2), 5.0, TOL_SUM);
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* Windows of one name are a group, in the order of names; 65 names are of windows. */
static void windows_of_one_name(void **state)
{
    cxs_measures *bag[1] = {bag_of(2e6, 3e9)}, *many[1] = {bag_of(2e6, 3e9)};
    cxs_feature_columns c;
    size_t at;

    (void)state;
    put_windows(bag[0], 2000, 0, 2);
    c = derive(NULL, bag, NULL, 1, NULL);
    CHECK_NEAR(bag_value(&c, "frag.wps.long.G0.mean", 0), -3.0, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.wps.short.G1.mean", 0), 1.0, TOL_SUM);
    at = cxs_feature_columns_find(&c, "frag.wps.long.G0.mean");
    CHECK(cxs_feature_columns_find(&c, "frag.wps.long.G1.mean") == at + 2);
    CHECK(cxs_feature_columns_find(&c, "frag.wps.long.last.mean") == at + 4);
    cxs_feature_columns_clear(&c);
    put_windows(many[0], 2000, 0, 64); /* and "last" */
    c = derive(NULL, many, NULL, 1, NULL);
    CHECK(has_column(&c, "frag.wps.long.mean"));
    CHECK(!has_column(&c, "frag.wps.long.G0.mean") &&
          !has_column(&c, "frag.wps.long.last.mean"));
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* ---- quality --------------------------------------------------------------------- */

static void no_memory(void **state)
{
    cxs_rc rc = CXS_ENOMEM;
    cxs_measures *bag = bag_of(18750001, 1e8), *copies = bag_segments(by_hand);
    const cxs_patient_file file = {.sample = "A",
                                   .source = "CSF_CFDNA",
                                   .library = "WGS",
                                   .build = "hg19",
                                   .bag = bag};
    long before;

    (void)state;
    put_starts(bag, by_hand);
    put_windows(bag, 5, 1, 2);
    put_reads(bag, 9000000, 5000000, 10, 10);
    before = cxs_alloc_live();
    for (long at = 1; rc == CXS_ENOMEM && at < 30000; at += at < 300 ? 1 : 61) {
        cxs_feature_columns columns = {.n = 1};
        cxs_quality_rows quality = {0};
        cxs_alloc_fail_at(at);
        rc = cxs_fragment_features(NULL, &file, NULL, &copies, "refdata", &quality,
                                   &columns);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        cxs_feature_columns_clear(&columns);
        cxs_quality_rows_clear(&quality);
        CHECK(cxs_alloc_live() == before);
    }
    CHECK(rc == CXS_OK);
    cxs_measures_free(bag);
    cxs_measures_free(copies);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_by_hand),
        cmocka_unit_test(groups_of_the_study),
        cmocka_unit_test(four_genes_are_too_few),
        cmocka_unit_test(single_genes_above_thirty),
        cmocka_unit_test(starts_that_are_not_assessed),
        cmocka_unit_test(windows_by_hand),
        cmocka_unit_test(windows_of_one_name),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("fragment_sites", tests, NULL, NULL);
}
