/*
 * test_copy_features.c -- from tables of depth to calls: named events, the panel of
 * normals and mappability of a study, quality
 */
#include "test.h"

#include "bag_case.h"
#include "coxswain/features.h"
#include "features/copy_private.h"
#include "study_case.h"

enum { WIDTH = 500000, MOST = 8 };

/* Copies over the arms of chrom_arms.tsv of hg19: "1p" or, of the arm's length, a part
 * from its start. */
static void set_arm(copy_case *c, const cxs_copy_refs *refs, const char *name,
                    double share, double copies)
{
    for (size_t r = 0; r < refs->arms->rows; r++) {
        char arm[16];
        snprintf(arm, sizeof arm, "%s%s", cxs_copy_cell(refs->arms, r, "chrom"),
                 cxs_copy_cell(refs->arms, r, "arm"));
        if (strcmp(cxs_copy_cell(refs->arms, r, "build"), "hg19") != 0 ||
            strcmp(arm, name) != 0)
            continue;
        const double from = strtod(cxs_copy_cell(refs->arms, r, "start0"), NULL),
                     to = strtod(cxs_copy_cell(refs->arms, r, "end0"), NULL);
        const uint8_t chrom = cxs_cn_chrom(cxs_copy_cell(refs->arms, r, "chrom"));
        for (size_t i = 0; i < c->bins.n; i++)
            if (c->bins.chrom[i] == chrom && (double)c->bins.end0[i] > from &&
                (double)c->bins.start0[i] < from + share * (to - from))
                c->copies[i] = copies;
    }
}

static cxs_patient_file made_file(const char *sample, const char *source,
                                  const copy_case *c)
{
    return (cxs_patient_file){.sample = sample,
                              .source = source,
                              .library = "SWGS",
                              .build = "hg19",
                              .callable_mb = (double)NAN,
                              .bag = bag_depth(c)};
}

static void let_go(cxs_patient_file *file, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cxs_measures_free(file[i].bag);
}

static void events(copy_case *c, const cxs_copy_refs *refs, int which)
{
    static const char *const whole[4] = {"7p", "7q", "10p", "10q"};

    if (which == 0 || which == 1) { /* codeletion; 1p only in part */
        set_arm(c, refs, "19q", 1.0, 1.0);
        set_arm(c, refs, "1p", which == 0 ? 1.0 : 0.5, 1.0);
    } else if (which < 4) { /* +7/-10; +7 and 10q alone */
        for (int k = 0; k < 4; k++)
            if (which == 2 || k != 2)
                set_arm(c, refs, whole[k], 1.0, k < 2 ? 3.0 : 1.0);
    } else if (which == 4) { /* +7p: 7q is not gained */
        set_arm(c, refs, "7p", 1.0, 3.0);
    }
}

/* Cell-free DNA with half a tumour, and tissue of the same. */
static void named_events(void **state)
{
    static const char *const names[3] = {"cn.event.CODEL_1P19Q",
                                         "cn.event.GAIN7_LOSS10", "cn.event.CHR7_GAIN"};
    static const double want[5][3] = {
        {1, 0, 0}, {-1, 0, 0}, {0, 1, 1}, {0, 0, 1}, {0, 0, 0}};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_copy_refs refs = {0};
    cxs_patient_file file[10];
    cxs_feature_columns c = {.n = 10};

    (void)state;
    CHECK(cxs_copy_refs_read(ctx, "refdata", &refs) == CXS_OK);
    for (int k = 0; k < 10; k++) {
        copy_case one = copy_case_make(WIDTH, 30 + (uint64_t)k);
        events(&one, &refs, k % 5);
        copy_case_reads(&one, 0.5, 9e6, 0.02, 30 + (uint64_t)k);
        file[k] = made_file("S", k < 5 ? "CSF_CFDNA" : "TUMOR", &one);
        copy_case_free(&one);
    }
    CHECK(cxs_copy_features(ctx, file, NULL, "refdata", NULL, NULL, &c) == CXS_OK);
    for (size_t i = 0; i < 10; i++)
        for (int k = 0; k < 3; k++) {
            const double got = bag_value(&c, names[k], i), value = want[i % 5][k];
            if (value < 0) /* part of an arm: not called codeleted, whatever else */
                CHECK(!(got > 0.0));
            else
                CHECK_NEAR(got, value, TOL_EXACT);
        }
    CHECK_NEAR(bag_value(&c, "cn.arm.1p", 0), -1.0, TOL_EXACT);
    CHECK(isnan(bag_value(&c, "cn.arm.1p", 1))); /* half: between the calls */
    CHECK_NEAR(bag_value(&c, "cn.arm.1q", 1), 0.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "cn.aneuploidy", 0), 2.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "cn.aneuploidy", 2), 4.0, TOL_EXACT);
    CHECK(fabs(bag_value(&c, "cn.tf", 2) - log2(0.51)) < 0.1);
    CHECK(isnan(bag_value(&c, "cn.tf", 7))); /* tissue: no such estimate */
    CHECK(isnan(bag_value(&c, "cn.focal.CDKN2A.homdel", 2))); /* bins of 500 kb */
    CHECK_NEAR(bag_value(&c, "cn.focal.EGFR.amp", 2), 0.0, TOL_EXACT);
    let_go(file, 10);
    cxs_feature_columns_clear(&c);
    cxs_copy_refs_free(&refs);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- panel of normals --------------------------------------------------------------- */

/* Reads of a genome with a bias of the bins that neither GC nor mappability explains:
 * blocks of 12 bins up or down by 3 %. */
static copy_case biased(double fraction, uint64_t seed)
{
    copy_case c = copy_case_make(WIDTH, 1); /* one genome: GC and map are the same */

    copy_case_set(&c, 7, 0.0, 1.0, 3.0);
    copy_case_set(&c, 10, 0.0, 1.0, 1.0);
    copy_case_reads(&c, fraction, 9e6, 0.01, seed);
    for (size_t i = 0; i < c.bins.n; i++)
        c.reads[i] = floor(c.reads[i] * (1.0 + 0.03 * ((i / 12) % 2 == 0 ? 1 : -1)));
    return c;
}

static void write_map(const copy_case *c)
{
    FILE *f = fopen(test_path("pon/map.wig"), "w");

    for (size_t i = 0; i < c->bins.n; i++) {
        if (i == 0 || c->bins.chrom[i] != c->bins.chrom[i - 1])
            fprintf(f, "fixedStep chrom=chr%d start=1 step=%d span=%d\n",
                    c->bins.chrom[i], WIDTH, WIDTH);
        fprintf(f, "%.17g\n", c->bins.map[i]);
    }
    fclose(f);
}

/* A study with the panel at `path` and mappability; its frozen bins. */
static cxs_copy_frozen frozen_of(cxs_ctx *ctx, const char *sequencing)
{
    cxs_copy_frozen frozen = {.profile = NULL};
    cxs_study *study = NULL;
    char yaml[512];

    snprintf(yaml, sizeof yaml,
             "tables: {patients: patients.tsv}\n"
             "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n"
             "sequencing: {%s}\n",
             sequencing);
    case_plain("pon", yaml, "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t400\t1\nB\t500\t0\n");
    CHECK(case_ingest(ctx, "pon") == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("pon.cxs"), &study) == CXS_OK);
    CHECK(cxs_copy_frozen_read(ctx, study, &frozen) == CXS_OK);
    if (study == NULL)
        printf("  %s\n", cxs_ctx_message(ctx));
    cxs_study_close(study);
    return frozen;
}

static void check_frozen(const cxs_copy_frozen *frozen, const copy_case *c)
{
    size_t k = 0;
    double spread = 0.0;

    CHECK(frozen->map.count == c->bins.n);
    for (size_t i = 0; i < c->bins.n && i < frozen->map.count; i++) {
        const cxs_frozen_bin *at = &frozen->map.at[i];
        CHECK(at->chrom == c->bins.chrom[i] && at->start0 == c->bins.start0[i] &&
              at->end0 == c->bins.end0[i]);
        CHECK_NEAR(at->value, c->bins.map[i], TOL_EXACT);
    }
    CHECK(frozen->panel.count > 4000 && frozen->panel.count < c->bins.n);
    for (size_t i = 0; i < c->bins.n && k < frozen->panel.count; i++) {
        const cxs_frozen_bin *at = &frozen->panel.at[k];
        if (at->chrom != c->bins.chrom[i] || at->start0 != c->bins.start0[i])
            continue;
        CHECK(strcmp(at->build, "hg19") == 0 && c->bins.map[i] >= 0.9);
        CHECK(fabs(at->value - log2(1.0 + 0.03 * ((i / 12) % 2 == 0 ? 1 : -1))) < 0.08);
        CHECK(at->spread >= 0.0 && at->spread < 0.15);
        spread += at->spread / (double)frozen->panel.count;
        k++;
    }
    CHECK(k == frozen->panel.count);
    /* sd 0.039 (1600 reads, 1 %): a MAD of 0.6745 of it, less in seven */
    CHECK(spread > 0.015 && spread < 0.03);
}

/* Seven normals make a panel; a study takes it and mappability; with them a fraction of
 * 0.03 is told and found, without it is missing.  A normal is 0 with the panel. */
static void panel_there_and_back(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_patient_file normal[MOST], sample[3];
    cxs_copy_frozen none = {.profile = NULL}, map, frozen;
    cxs_feature_columns with = {.n = 3}, without = {.n = 3};
    cxs_quality_rows quality = {0};
    copy_case c = biased(0.0, 100);

    (void)state;
    for (size_t k = 0; k < 7; k++) {
        copy_case one = biased(0.0, 101 + k);
        normal[k] = made_file("N", "NORMAL_BLOOD", &one);
        copy_case_free(&one);
    }
    mkdir(test_path("pon"), 0777);
    write_map(&c);
    map = frozen_of(ctx, "mappability: map.wig");
    CHECK(cxs_copy_panel_write(ctx, normal, 4, &none, "refdata",
                               test_path("pon/pon.tsv")) == CXS_EDEGENERATE);
    CHECK(access(test_path("pon/pon.tsv"), F_OK) != 0); /* nothing half-written */
    CHECK(cxs_copy_panel_write(ctx, normal, 7, &map, "refdata",
                               test_path("pon/pon.tsv")) == CXS_OK);
    frozen = frozen_of(ctx, "panel_of_normals: pon.tsv, mappability: map.wig");
    check_frozen(&frozen, &c);
    for (size_t k = 0; k < 3; k++) {
        copy_case one = biased(k == 0 ? 0.0 : k == 1 ? 0.03 : 0.2, 200 + k);
        sample[k] = made_file(k == 0 ? "A" : k == 1 ? "B" : "C", "CSF_CFDNA", &one);
        copy_case_free(&one);
    }
    CHECK(cxs_copy_features(ctx, sample, &frozen, "refdata", NULL, &quality, &with) ==
          CXS_OK);
    CHECK(cxs_copy_features(ctx, sample, &map, "refdata", NULL, NULL, &without) ==
          CXS_OK);
    CHECK_NEAR(bag_value(&with, "cn.tf", 0), log2(0.01), TOL_SUM);
    CHECK(fabs(exp2(bag_value(&with, "cn.tf", 1)) - 0.01 - 0.03) < 0.02);
    CHECK(fabs(exp2(bag_value(&with, "cn.tf", 2)) - 0.01 - 0.2) < 0.03);
    CHECK(isnan(bag_value(&without, "cn.tf", 1)));
    CHECK(fabs(exp2(bag_value(&without, "cn.tf", 2)) - 0.01 - 0.2) < 0.03);
    CHECK(quality.count == 15 && strcmp(quality.at[5].sample, "B") == 0);
    CHECK(strcmp(quality.at[5].measure, "cn_bins") == 0 && quality.at[5].value > 4000);
    for (size_t k = 0; k < quality.count; k++)
        CHECK(quality.at[k].state == CXS_QC_OK &&
              (k % 5 == 4 || quality.at[k].reason == NULL));
    CHECK(strcmp(quality.at[4].measure, "cn_tumour_fraction") == 0 &&
          quality.at[4].value == 0.0 &&
          strcmp(quality.at[4].reason, "no_cna_evidence") == 0);
    CHECK_NEAR(quality.at[9].value, exp2(bag_value(&with, "cn.tf", 1)) - 0.01, TOL_SUM);
    CHECK(strcmp(quality.at[9].reason,
                 quality.at[9].value < 0.03 ? "not_detected" : "indeterminate") == 0);
    CHECK(quality.at[14].reason == NULL && quality.at[14].value > 0.1);
    let_go(normal, 7);
    let_go(sample, 3);
    cxs_quality_rows_clear(&quality);
    cxs_feature_columns_clear(&with);
    cxs_feature_columns_clear(&without);
    cxs_copy_frozen_free(&map);
    cxs_copy_frozen_free(&frozen);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Faults of a file are named with their line. */
static void what_a_panel_file_must_be(void **state)
{
    static const char *const bad[][2] = {
        {"chrom\tstart\tend\n1\t1\t100\n", "needed are chrom"},
        {"chrom\tstart\tend\tlog2\n1\t0\t100\t0.1\n", "pon.tsv:2: start and end"},
        {"chrom\tstart0\tend0\tlog2\n1\t100\t50\t0.1\n", "pon.tsv:2: start and end"},
        {"fixedStep chrom=1 start=1 step=x\n", "pon.tsv:1: neither a fixedStep"},
        {"fixedStep chrom=1 start=1 step=10\n0.5\nhalf\n", "pon.tsv:3: neither"}};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        case_plain("bad",
                   "tables: {patients: patients.tsv}\n"
                   "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n"
                   "sequencing: {panel_of_normals: pon.tsv}\n",
                   "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t400\t1\nB\t500\t0\n");
        case_file("bad", "pon.tsv", bad[k][0]);
        CHECK(case_ingest(ctx, "bad") == CXS_EFORMAT);
        CHECK(strstr(cxs_ctx_message(ctx), bad[k][1]) != NULL);
        if (strstr(cxs_ctx_message(ctx), bad[k][1]) == NULL)
            printf("  %s\n", cxs_ctx_message(ctx));
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Bins from 0 or from 1, with or without chr, of a build or of any. */
static void bins_of_other_makers(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_copy_frozen frozen;

    (void)state;
    mkdir(test_path("pon"), 0777);
    case_file("pon", "p.tsv",
              "# made elsewhere\nseqnames\tstart\tend\tpon_median_log2\n"
              "2\t1\t1000000\t0.25\nchr1\t1000001\t2000000\tNA\n1\t1\t1000000\t-0.5\n"
              "MT\t1\t16000\t3\n");
    case_file("pon", "m.tsv",
              "chrom\tstart0\tend0\tvalue\tbuild\nX\t5\t10\t0.5\thg38\n");
    frozen = frozen_of(ctx, "panel_of_normals: p.tsv, mappability: m.tsv");
    CHECK(frozen.panel.count == 3 && frozen.map.count == 1);
    CHECK(frozen.panel.at[0].chrom == 1 && frozen.panel.at[0].start0 == 0);
    CHECK(frozen.panel.at[0].end0 == 1000000);
    CHECK_NEAR(frozen.panel.at[0].value, -0.5, TOL_EXACT);
    CHECK(isnan(frozen.panel.at[1].value) && frozen.panel.at[1].start0 == 1000000);
    CHECK(frozen.panel.at[2].chrom == 2 && isnan(frozen.panel.at[2].spread));
    CHECK(cxs_copy_panel_width(&frozen.panel, "hg38") == 1000000);
    CHECK(frozen.map.at[0].chrom == 23 && frozen.map.at[0].start0 == 5);
    CHECK(strcmp(frozen.map.at[0].build, "hg38") == 0);
    CHECK(cxs_copy_panel_width(&frozen.map, "hg19") == 0);
    cxs_copy_frozen_free(&frozen);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Mean by overlap; less than half covered is not known. */
static void mappability_by_hand(void **state)
{
    cxs_frozen_bin rows[4] = {{"", 1, 0, 100, 0.5, 0},
                              {"", 1, 100, 200, 1.0, 0},
                              {"", 1, 200, 300, (double)NAN, 0},
                              {"", 2, 0, 100, 0.25, 0}};
    const cxs_frozen_bins map = {.at = rows, .count = 4, .capacity = 4};
    uint8_t chrom[4] = {1, 1, 1, 2};
    int64_t start[4] = {0, 50, 150, 20}, end[4] = {200, 150, 300, 60};
    double found[4];
    cxs_cn_bins bins = {
        .n = 4, .chrom = chrom, .start0 = start, .end0 = end, .map = found};

    (void)state;
    cxs_copy_map(&map, "hg19", &bins);
    CHECK_NEAR(found[0], 0.75, TOL_SUM);
    CHECK_NEAR(found[1], 0.75, TOL_SUM);
    CHECK(isnan(found[2]));
    CHECK_NEAR(found[3], 0.25, TOL_SUM);
    CHECK_DONE();
}

/* `count` normals and a tumour as counts of bins of 10 Mb; the panel of the study. */
static cxs_rc panel_of_study(cxs_ctx *ctx, const char *name, size_t count)
{
    char samples[1024] = "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n"
                         "T\tA\tTUMOR\tDNA\t-3\n",
         assays[1024] = "SAMPLE_ID\tASSAY\tFILE\tBUILD\tLIBRARY\n"
                        "T\tBIN_COUNTS\tN0.tsv\thg19\tSWGS\n",
         path[64];
    cxs_study *study = NULL;
    cxs_rc rc = CXS_EFORMAT;

    case_plain(name,
               "tables: {patients: patients.tsv, samples: samples.tsv,"
               " assays: assays.tsv}\n"
               "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n",
               "PATIENT_ID\tOS_DAYS\tOS_STATUS\nA\t400\t1\nB\t500\t0\n");
    for (size_t k = 0; k <= count; k++) {
        copy_case c = copy_case_make(10000000, 1);
        FILE *f;
        copy_case_reads(&c, 0.0, 9e6, 0.02, 50 + k);
        snprintf(path, sizeof path, "%s/N%zu.tsv", name, k);
        f = fopen(test_path(path), "w");
        if (k == 0)
            fprintf(f, "chrom\tstart\tend\tT\tgc\n");
        else
            fprintf(f, "chrom\tstart\tend\tN%zu\tgc\n", k);
        for (size_t i = 0; i < c.bins.n; i++)
            fprintf(f, "%d\t%lld\t%lld\t%.0f\t%.6f\n", c.bins.chrom[i],
                    (long long)c.bins.start0[i] + 1, (long long)c.bins.end0[i],
                    c.reads[i], c.bins.gc[i]);
        fclose(f);
        copy_case_free(&c);
        if (k == 0)
            continue;
        snprintf(samples + strlen(samples), sizeof samples - strlen(samples),
                 "N%zu\tB\tNORMAL_BLOOD\tDNA\t-3\n", k);
        snprintf(assays + strlen(assays), sizeof assays - strlen(assays),
                 "N%zu\tBIN_COUNTS\tN%zu.tsv\thg19\tSWGS\n", k, k);
    }
    case_file(name, "samples.tsv", samples);
    case_file(name, "assays.tsv", assays);
    CHECK(case_ingest(ctx, name) == CXS_OK);
    snprintf(path, sizeof path, "%s.cxs", name);
    if (cxs_study_open(ctx, test_path(path), &study) == CXS_OK)
        rc = cxs_study_panel_of_normals(ctx, study, "refdata", test_path("n.tsv"));
    cxs_study_close(study);
    return rc;
}

/* The normals of a study and not its tumour; four are too few. */
static void normals_of_a_study(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = NULL;

    (void)state;
    CHECK(panel_of_study(ctx, "four", 4) == CXS_EDEGENERATE);
    CHECK(strstr(cxs_ctx_message(ctx), "the study has 4 samples") != NULL);
    CHECK(access(test_path("n.tsv"), F_OK) != 0);
    CHECK(panel_of_study(ctx, "six", 6) == CXS_OK);
    CHECK(cxs_table_read(ctx, test_path("n.tsv"), &t) == CXS_OK);
    CHECK(t != NULL && t->rows > 200 && t->rows < 280);
    for (size_t r = 0; t != NULL && r < t->rows; r++) {
        CHECK(strcmp(cxs_copy_cell(t, r, "build"), "hg19") == 0);
        CHECK(strcmp(cxs_copy_cell(t, r, "samples"), "6") == 0);
    }
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- quality and memory ------------------------------------------------------------- */

/* Below 1 M fragments every feature is missing, and the table says why. */
static void failed_quality_is_missing(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(1000000, 9);
    cxs_feature_columns columns = {.n = 1};
    cxs_quality_rows quality = {0};
    cxs_patient_file file;

    (void)state;
    copy_case_glioblastoma(&c);
    copy_case_reads(&c, 0.4, 0.9e6, 0.02, 9);
    file = made_file("S9", "CSF_CFDNA", &c);
    CHECK(cxs_copy_features(ctx, &file, NULL, "refdata", NULL, &quality, &columns) ==
          CXS_OK);
    for (size_t k = 0; k < columns.count; k++)
        CHECK(isnan(columns.column[k].value[0]));
    CHECK(quality.count == 4 && quality.at[1].state == CXS_QC_FAIL);
    CHECK(strcmp(quality.at[1].measure, "cn_fragments") == 0);
    CHECK(strcmp(quality.at[1].reason, "few_fragments") == 0);
    CHECK(quality.at[0].state == CXS_QC_OK && quality.at[2].state == CXS_QC_OK);
    let_go(&file, 1);
    cxs_quality_rows_clear(&quality);
    cxs_feature_columns_clear(&columns);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void no_memory(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(10000000, 10);
    cxs_frozen_bin row = {"", 1, 0, 10000000, 0.0, 0.0};
    const cxs_copy_frozen frozen = {.panel = {&row, 1, 1}, .map = {&row, 1, 1}};
    cxs_patient_file file;
    cxs_rc rc = CXS_ENOMEM;
    long before;

    (void)state;
    copy_case_reads(&c, 0.4, 9e6, 0.02, 10);
    file = made_file("S", "CSF_CFDNA", &c);
    before = cxs_alloc_live();
    for (long at = 1; rc == CXS_ENOMEM && at < 1000000; at += at < 60 ? 1 : at / 16) {
        cxs_feature_columns columns = {.n = 1};
        cxs_quality_rows quality = {0};
        cxs_measures *genes = NULL;
        cxs_alloc_fail_at(at);
        rc = cxs_copy_features(NULL, &file, &frozen, "refdata", &genes, &quality,
                               &columns);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        cxs_measures_free(genes);
        cxs_feature_columns_clear(&columns);
        cxs_quality_rows_clear(&quality);
        CHECK(cxs_alloc_live() == before);
    }
    CHECK(rc == CXS_OK);
    let_go(&file, 1);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_events),
        cmocka_unit_test(panel_there_and_back),
        cmocka_unit_test(what_a_panel_file_must_be),
        cmocka_unit_test(bins_of_other_makers),
        cmocka_unit_test(mappability_by_hand),
        cmocka_unit_test(normals_of_a_study),
        cmocka_unit_test(failed_quality_is_missing),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("copy features", tests, test_folder_make,
                                       test_folder_remove);
}
