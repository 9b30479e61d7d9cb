/*
 * test_copy_tables.c -- copy numbers that were made elsewhere: segments, counts of bins,
 * states of genes; as measures, as segments, as features of a study
 */
#include "study_case.h"
#include "test.h"
#include "tmp.h"

#include "coxswain/features.h"
#include "features/copynumber.h"
#include "ingest/copy_tables.h"

#include <math.h>

typedef cxs_rc measure_fn(cxs_ctx *, const cxs_copy_settings *, cxs_measures *);

/* Measure a text; *bag is NULL on failure. */
static cxs_rc measure(cxs_ctx *ctx, measure_fn *fn, const char *text,
                      const char *sample, const char *reference, cxs_measures **bag)
{
    const char *path = test_file("table.tsv", text, strlen(text));
    const cxs_copy_settings s = {
        .path = path, .sample = sample, .reference = reference};
    cxs_rc rc = cxs_measures_new(ctx, bag);

    if (rc == CXS_OK)
        rc = fn(ctx, &s, *bag);
    if (rc != CXS_OK) {
        cxs_measures_free(*bag);
        *bag = NULL;
    }
    return rc;
}

static void fails(measure_fn *fn, const char *text, const char *code, const char *says)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_measures *bag = NULL;
    const cxs_rc rc = measure(ctx, fn, text, "A", NULL, &bag);

    CHECK(rc == CXS_EFORMAT || rc == CXS_EMISMATCH);
    CHECK(strcmp(cxs_ctx_code(ctx), code) == 0);
    CHECK(strstr(cxs_ctx_message(ctx), says) != NULL);
    if (strstr(cxs_ctx_message(ctx), says) == NULL)
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
}

/* ---- segments ----------------------------------------------------------------------- */

#define SEG "ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean\n"

static void segments_of_one_sample(void **state)
{
    static const char text[] = SEG "B\t2\t1\t100\t5\t0.5\nA\tX\t1\t9\tNA\tNA\n"
                                   "A\t2\t50\t80\t2\t1\nA\t2\t1\t50\t4\t-1\n"
                                   "A\tchr7\t0\t20\t3\t0.25\n";
    static const char *const chrom[] = {"2", "2", "7", "X"};
    static const int64_t start[] = {0, 50, 0, 0}, end[] = {50, 80, 20, 9},
                         marks[] = {4, 2, 3, CXS_MEASURE_MISSING};
    static const double log2[] = {-1.0, 1.0, 0.25, (double)NAN};
    char *plain = strdup(text);
    cxs_ctx *ctx = tmp_ctx();
    cxs_measures *bag = NULL;

    (void)state;
    memmove(strstr(plain, "chr7"), "7\t0\t20\t3\t0.25\n", 15);
    CHECK(measure(ctx, cxs_seg_measure, plain, "A", NULL, &bag) == CXS_OK);
    const cxs_measure *t = bag != NULL ? cxs_measures_find(bag, "segments") : NULL;
    CHECK(t != NULL && cxs_measure_rows(t) == 4);
    for (size_t i = 0; t != NULL && i < 4; i++) {
        CHECK(strcmp(cxs_measure_get_text(t, "chrom")[i], chrom[i]) == 0);
        CHECK(cxs_measure_get_int(t, "start")[i] == start[i]);
        CHECK(cxs_measure_get_int(t, "end")[i] == end[i]);
        CHECK(cxs_measure_get_int(t, "marks")[i] == marks[i]);
        CHECK(isnan(log2[i]) ? isnan(cxs_measure_get_real(t, "log2")[i])
                             : cxs_measure_get_real(t, "log2")[i] == log2[i]);
    }
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    free(plain);
    fails(cxs_seg_measure, SEG "B\t2\t1\t100\t5\t0.5\n", "",
          "table.tsv: no segment of sample \"A\"");
    CHECK_DONE();
}

/* ---- bins --------------------------------------------------------------------------- */

static void check_bins(const cxs_measures *bag, size_t rows, const int64_t (*want)[5])
{
    const cxs_measure *t = bag != NULL ? cxs_measures_find(bag, "depth") : NULL;
    static const char *const names[] = {"start", "end", "fragments", "gc", "acgt"};

    CHECK(t != NULL && cxs_measure_rows(t) == rows);
    for (size_t i = 0; t != NULL && i < rows; i++)
        for (size_t c = 0; c < 5; c++) {
            const int64_t *column = cxs_measure_get_int(t, names[c]);
            CHECK(column == NULL ? c > 2 && want[i][c] == -1 : column[i] == want[i][c]);
        }
}

static void bins_of_three_notations(void **state)
{
    static const char *const texts[] = {
        "chrom\tstart\tend\tgc\tB\tA\nchr1\t0\t100\t0."
        "41\t9\t3\nchr1\t100\t200\tNA\t9\t4\n"
        "chr1\t200\t300\t0.4\t9\tNA\nchr2\t0\t100\t0.5\t9\t5.0\n",
        "chrom\tstart\tend\tgc\tB\tA\n1\t1\t100\t0.41\t9\t3\n1\t101\t200\tNA\t9\t4\n"
        "1\t201\t300\t0.4\t9\tNA\n2\t1\t100\t0.5\t9\t5\n",
        "track type=wiggle_0\nfixedStep chrom=chr1 start=1 step=100 "
        "span=100\n3\n4\nNA\n"
        "fixedStep chrom=chr2 start=1 step=100\n5\n"};
    const int64_t none = CXS_MEASURE_MISSING;
    const int64_t want[2][3][5] = {
        {{0, 100, 3, 41, 100}, {100, 200, 4, none, none}, {0, 100, 5, 50, 100}},
        {{0, 100, 3, -1, -1}, {100, 200, 4, -1, -1}, {0, 100, 5, -1, -1}}};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        cxs_ctx *ctx = tmp_ctx();
        cxs_measures *bag = NULL;
        CHECK(measure(ctx, cxs_bins_measure, texts[k], "A", NULL, &bag) == CXS_OK);
        check_bins(bag, 3, want[k == 2]);
        CHECK((strstr(tmp_log, "GC of the bins is not known") != NULL) == (k == 2));
        CHECK(strstr(tmp_log, "1 bins without a count") != NULL);
        if (bag != NULL) {
            const cxs_measure *t = cxs_measures_find(bag, "depth");
            CHECK(strcmp(cxs_measure_get_text(t, "chrom")[1], "1") == 0);
            CHECK(strcmp(cxs_measure_get_text(t, "chrom")[2], "2") == 0);
        }
        cxs_measures_free(bag);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* GC counted by eye; a bin that reaches over the end of the contig has none. */
static void gc_comes_from_the_fasta(void **state)
{
    static const char fasta[] = ">chr1\nGGCCAATTNN\nGATTACAGNN\n",
                      index[] = "chr1\t20\t6\t10\t11\n",
                      bins[] = "chrom\tstart\tend\tA\n1\t0\t10\t1\n1\t10\t20\t2\n"
                               "1\t20\t30\t3\n2\t0\t10\t4\n";
    const int64_t none = CXS_MEASURE_MISSING, want[4][5] = {{0, 10, 1, 4, 8},
                                                            {10, 20, 2, 3, 8},
                                                            {20, 30, 3, none, none},
                                                            {0, 10, 4, none, none}};
    char path[2 * TEST_PATH_BYTES];
    cxs_ctx *ctx = tmp_ctx();
    cxs_measures *bag = NULL;

    (void)state;
    snprintf(path, sizeof path, "%s", test_file("r.fa", fasta, sizeof fasta - 1));
    test_file("r.fa.fai", index, sizeof index - 1);
    CHECK(measure(ctx, cxs_bins_measure, bins, "A", path, &bag) == CXS_OK);
    check_bins(bag, 4, want);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

#define BINS "chrom\tstart\tend\tA\n"
#define WIG  "fixedStep chrom=chr1 start=1 step=100 span=100\n"

static void faults_of_bins(void **state)
{
    (void)state;
    fails(cxs_bins_measure, BINS "1\t0\t100\t3\n1\t100\t200\t3\n1\t201\t300\t3\n", "",
          "1 bins begin where the one before ends, 1 one behind it");
    fails(cxs_bins_measure, BINS "1\t0\t100\t3\n1\t50\t150\t3\n", "",
          ":3: the bin begins at 50, the one before it ends at 100");
    fails(cxs_bins_measure, BINS "1\t100\t100\t3\n", "",
          ":2: the bin ends at 100, before 100");
    fails(cxs_bins_measure, BINS "1\t0\t100\t3\n2\t0\t100\t3\n1\t100\t200\t3\n", "",
          ":4: bins of 1 are in two places");
    fails(cxs_bins_measure, BINS "1\t0\t100\t3.5\n", "CX029", ":2: 3.5 is not a count");
    fails(cxs_bins_measure, BINS "1\t0\t100\t-1\n", "CX029", ":2: -1 is not a count");
    fails(cxs_bins_measure, BINS "1\t0\t100\tmany\n", "CX016",
          ":2: \"many\" is not a number");
    fails(cxs_bins_measure, BINS "1\tzero\t100\t1\n", "CX016",
          ":2:start: \"zero\" is not a number");
    fails(cxs_bins_measure, "chrom\tstart\tend\tgc\tA\n1\t0\t100\t41\t1\n", "CX016",
          ":2:gc: \"41\" is not a share from 0 to 1");
    fails(cxs_bins_measure, "chrom\tstart\tend\tB\n1\t0\t100\t3\n", "CX020",
          "column \"A\" is missing");
    fails(cxs_bins_measure, BINS "1\t0\t100\tNA\n", "CX019", "no row below the header");
    fails(cxs_bins_measure, "track x\n3\n", "", ":2: a value before fixedStep");
    fails(cxs_bins_measure, "variableStep chrom=chr1\n1 3\n", "",
          "bins must be of fixedStep");
    fails(cxs_bins_measure, "fixedStep chrom=chr1 step=5\n3\n", "",
          ":1: fixedStep needs chrom, start and step");
    fails(cxs_bins_measure, "fixedStep chrom=1 start=1 step=5 span=9\n3\n", "",
          ":1: bins overlap: span above step");
    fails(cxs_bins_measure, WIG "x\n", "CX016", ":2: \"x\" is not a number");
    CHECK_DONE();
}

/* ---- states ------------------------------------------------------------------------- */

static void states_of_one_sample(void **state)
{
    static const char text[] = "Entrez_Gene_Id\tHugo_Symbol\tB\tA\n1\tTP53\t0\t-2\n"
                               "2\tEGFR\t0\t2.0\n3\tPTEN\t0\tNA\n4\tTP53\t0\t1\n",
                      gistic[] =
                          "Gene Symbol\tLocus ID\tCytoband\tA\nTP53\t1\t17p\t-1\n";
    static const char *const gene[] = {"TP53", "EGFR", "PTEN"};
    static const int64_t want[] = {-2, 2, CXS_MEASURE_MISSING};
    cxs_ctx *ctx = tmp_ctx();
    cxs_measures *bag = NULL;
    const cxs_measure *t;

    (void)state;
    CHECK(measure(ctx, cxs_cna_measure, text, "A", NULL, &bag) == CXS_OK);
    t = bag != NULL ? cxs_measures_find(bag, "cn.gene") : NULL;
    CHECK(t != NULL && cxs_measure_rows(t) == 3);
    for (size_t i = 0; t != NULL && i < 3; i++) {
        CHECK(strcmp(cxs_measure_get_text(t, "gene")[i], gene[i]) == 0);
        CHECK(cxs_measure_get_int(t, "state")[i] == want[i]);
    }
    CHECK(strstr(tmp_log, "1 rows repeat a gene: the first one counts") != NULL);
    cxs_measures_free(bag);
    CHECK(measure(ctx, cxs_cna_measure, gistic, "A", NULL, &bag) == CXS_OK);
    t = bag != NULL ? cxs_measures_find(bag, "cn.gene") : NULL;
    CHECK(t != NULL && cxs_measure_rows(t) == 1 &&
          cxs_measure_get_int(t, "state")[0] == -1);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    fails(cxs_cna_measure, "Hugo_Symbol\tA\nTP53\t3\n", "CX016",
          ":2:A: \"3\" is not one of -2 -1 0 1 2");
    fails(cxs_cna_measure, "Hugo_Symbol\tA\nTP53\t-1.5\n", "CX016", "\"-1.5\" is not");
    fails(cxs_cna_measure, "Hugo_Symbol\tA\nTP53\t1\t1\n", "CX019",
          ":2: 3 fields, the header has 2");
    fails(cxs_cna_measure, "Hugo_Symbol\tA\n", "CX019", "no row below the header");
    fails(cxs_cna_measure, "Hugo_Symbol\tA\n\t1\n", "CX020", ":2: the row has no gene");
    fails(cxs_cna_measure, "Hugo_Symbol\tB\nTP53\t1\n", "CX020",
          ":1: column \"A\" is missing");
    fails(cxs_cna_measure, "Hugo_Symbol\tA\tA\nTP53\t1\t1\n", "CX020",
          ":1: column \"A\" is there twice");
    CHECK_DONE();
}

static void memory_may_be_short(void **state)
{
    static const struct {
        measure_fn *fn;
        const char *text;
    } cases[] = {{cxs_seg_measure, SEG "A\t2\t1\t50\t4\t-1\nA\t2\t60\t80\t4\t-1\n"},
                 {cxs_bins_measure,
                  "chrom\tstart\tend\tgc\tA\n1\t0\t9\t0.4\t1\n2\t0\t9\t0.4\t1\n"},
                 {cxs_bins_measure, WIG "3\n4\n"},
                 {cxs_cna_measure, "Hugo_Symbol\tA\nTP53\t1\nEGFR\t2\n"}};

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        bool done = false;
        for (long at = 1; !done && at < 500; at++) {
            cxs_ctx *ctx = tmp_ctx();
            cxs_measures *bag = NULL;
            cxs_rc rc;
            const char *path =
                test_file("table.tsv", cases[k].text, strlen(cases[k].text));
            const cxs_copy_settings s = {.path = path, .sample = "A"};
            CHECK(cxs_measures_new(ctx, &bag) == CXS_OK);
            cxs_alloc_fail_at(at);
            rc = cases[k].fn(ctx, &s, bag);
            cxs_alloc_fail_at(0);
            done = rc == CXS_OK;
            CHECK(done || rc == CXS_ENOMEM);
            cxs_measures_free(bag);
            cxs_ctx_free(ctx);
        }
        CHECK(done);
    }
    CHECK_DONE();
}

/* ---- as segments -------------------------------------------------------------------- */

/* At purity 0.5: 2^1 = (C + 2)/4 gives C = 6; 2^-1 gives 0, kept at 1/64; 2^0 gives 2. */
static void purity_corrects_copies(void **state)
{
    static const char text[] =
        SEG "A\t1\t1\t50\t4\t1\nA\t1\t51\t80\t2\t-1\nA\t2\t1\t9\t2\t0\n"
            "A\t3\t1\t9\t2\t0.2\nA\t4\t1\t9\t2\t-0.19\nA\t5\t1\t9\t2\tNA\n"
            "A\tMT\t1\t9\t2\t4\n";
    static const double want[] = {6.0, 1.0 / 64, 2.0};
    static const int direction[] = {1, -1, 0, 1, 0};
    cxs_ctx *ctx = tmp_ctx();
    cxs_measures *bag = NULL;
    cxs_cn_segments s = {0};

    (void)state;
    CHECK(measure(ctx, cxs_seg_measure, text, "A", NULL, &bag) == CXS_OK);
    for (int known = 0; bag != NULL && known < 2; known++) {
        CHECK(cxs_cn_given(ctx, cxs_measures_find(bag, "segments"),
                           known ? 0.5 : (double)NAN, &s) == CXS_OK);
        CHECK(s.count == 5);
        for (size_t i = 0; i < s.count; i++)
            CHECK(s.at[i].direction == direction[i]);
        for (size_t i = 0; i < 3; i++)
            CHECK(known ? fabs(s.at[i].corrected - want[i]) < 1e-12
                        : isnan(s.at[i].corrected));
        CHECK(known ? s.tumour_fraction == 0.5 : isnan(s.tumour_fraction));
        CHECK(s.at[0].start0 == 0 && s.at[0].end0 == 50 && s.at[0].bins == 4);
        cxs_cn_segments_free(&s);
    }
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Losses at 100-200 and 300-400, missing at 500, no change at 800-900; another
 * chromosome.  The border lies halfway between 400 and 800. */
static void runs_of_genes_meet_halfway(void **state)
{
    static const cxs_interval gene[] = {
        {2, 10, 20}, {1, 800, 900}, {1, 100, 200}, {1, 300, 400}, {1, 500, 600}};
    static const int64_t states[] = {2, 0, -1, -2, CXS_MEASURE_MISSING};
    static const size_t order[] = {2, 3, 4, 1, 0};
    cxs_ctx *ctx = tmp_ctx();
    cxs_cn_segments s = {0};

    (void)state;
    CHECK(cxs_cn_from_states(ctx, gene, states, order, 5, &s) == CXS_OK);
    CHECK(s.count == 3);
    CHECK(s.at[0].start0 == 100 && s.at[0].end0 == 600 && s.at[0].direction == -1);
    CHECK(s.at[0].bins == 2 && s.at[0].chrom == 1);
    CHECK(s.at[1].start0 == 600 && s.at[1].end0 == 900 && s.at[1].direction == 0);
    CHECK(s.at[2].chrom == 2 && s.at[2].direction == 1);
    CHECK(isnan(s.at[0].corrected) && isnan(s.at[0].log2));
    cxs_cn_segments_free(&s);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- as features of a study --------------------------------------------------------- */

/* P01: 1p and 19q lost, EGFR amplified in a short segment, CDKN2A gone at purity 0.8.
 * P02: 7 gained, 10 lost at purity 0.6.  P03, P04: states.  All on hg19. */
static void write_study(void)
{
    cxs_buf samples = {0}, assays = {0}, seg = {0}, cna = {0};
    cxs_ctx *ctx = cxs_ctx_new();

    case_study("copies", NULL, NULL, NULL);
    CHECK(cxs_buf_addf(ctx, &samples,
                       "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tTUMOR_PURITY\n") == 0);
    CHECK(cxs_buf_addf(ctx, &assays,
                       "SAMPLE_ID\tASSAY\tFILE\tCOLUMN\tBUILD\tLIBRARY\n") == 0);
    for (int i = 1; i <= 15; i++) {
        CHECK(cxs_buf_addf(ctx, &samples, "P%02d-T\tP%02d\tTUMOR\tRNA\tNA\n", i, i) ==
              0);
        CHECK(cxs_buf_addf(ctx, &assays,
                           "P%02d-T\tRNA_COUNTS\ttumour.tsv\tP%02d-T.x\tNA\tRNASEQ\n",
                           i, i) == 0);
    }
    for (int i = 1; i <= 4; i++)
        CHECK(cxs_buf_addf(ctx, &samples, "P%02d-D\tP%02d\tTUMOR\tDNA\t%s\n", i, i,
                           i == 1   ? "0.8"
                           : i == 2 ? "0.6"
                                    : "NA") == 0);
    CHECK(cxs_buf_addf(ctx, &assays,
                       "P01-D\tSEG\tcohort.seg\tNA\thg19\tNA\n"
                       "P02-D\tSEG\tcohort.seg\tsecond\thg19\tNA\n"
                       "P03-D\tCNA\tcna.tsv\tNA\tNA\tNA\n"
                       "P04-D\tCNA\tcna.tsv\tfourth\tNA\tNA\n") == 0);
    CHECK(cxs_buf_addf(
              ctx, &seg,
              SEG
              "P01-D\t1\t1\t125000000\t9\t-0.9\nP01-D\t1\t125000001\t249000000\t9\t0\n"
              "P01-D\t19\t1\t24600000\t9\t0\nP01-D\t19\t24600001\t59000000\t9\t-0.8\n"
              "P01-D\t7\t1\t55000000\t9\t0\nP01-D\t7\t55000001\t55400000\t9\t3\n"
              "P01-D\t7\t55400001\t159000000\t9\t0\nP01-D\t10\t1\t135000000\t9\t0\n"
              "P01-D\t9\t1\t21800000\t9\t0\nP01-D\t9\t21800001\t22200000\t9\t-2.2\n"
              "P01-D\t9\t22200001\t141000000\t9\t0\n"
              "second\t1\t1\t249000000\t9\t0\nsecond\t19\t1\t59000000\t9\t0.1\n"
              "second\t7\t1\t159000000\t9\t0.5\nsecond\t10\t1\t135000000\t9\t-0.6\n"
              "second\t9\t1\t141000000\t9\t0\n") == 0);
    CHECK(cxs_buf_addf(ctx, &cna,
                       "Hugo_Symbol\tP03-D\tfourth\nEGFR\t2\t0\nCDKN2A\t-1\t-2\n"
                       "MET\tNA\t1\n") == 0);
    case_file("copies", "samples.tsv", samples.text);
    case_file("copies", "assays.tsv", assays.text);
    case_file("copies", "cohort.seg", seg.text);
    case_file("copies", "cna.tsv", cna.text);
    case_file(
        "copies", "study.yaml",
        "tables: {patients: patients.tsv, samples: samples.tsv, assays: assays.tsv}\n"
        "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS}\n");
    cxs_free(samples.text);
    cxs_free(assays.text);
    cxs_free(seg.text);
    cxs_free(cna.text);
    cxs_ctx_free(ctx);
}

/* Value of a feature for P01..P04; NaN when it is not there or missing. */
static double value(const cxs_matrix *m, const char *feature, int patient)
{
    const char *const *name = cxs_matrix_feature(m), *const *id = cxs_matrix_sample(m);
    char want[8];

    snprintf(want, sizeof want, "P%02d", patient);
    for (size_t j = 0; j < cxs_matrix_p(m); j++)
        for (size_t i = 0; strcmp(name[j], feature) == 0 && i < cxs_matrix_n(m); i++)
            if (strcmp(id[i], want) == 0)
                return cxs_matrix_x(m)[j * cxs_matrix_n(m) + i];
    return (double)NAN;
}

static void a_study_of_tables(void **state)
{
    static const double none = (double)NAN;
    const struct {
        const char *feature;
        double want[4];
    } rows[] = {{"cn.event.CODEL_1P19Q", {1, 0, none, none}},
                {"cn.event.GAIN7_LOSS10", {0, 1, none, none}},
                {"cn.arm.1p", {-1, 0, none, none}},
                {"cn.arm.7q", {0, 1, none, none}},
                {"cn.focal.EGFR.amp", {1, 0, 1, 0}},
                {"cn.focal.CDKN2A.homdel", {1, 0, 0, 1}},
                /* purity by pathology is no estimate from copy numbers */
                {"cn.tf", {none, none, none, none}}};
    cxs_features_settings s = cxs_features_auto();
    cxs_ctx *ctx = tmp_ctx();
    cxs_study *study = NULL;
    cxs_features *f = NULL;

    (void)state;
    write_study();
    CHECK(case_ingest(ctx, "copies") == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("copies.cxs"), &study) == CXS_OK);
    s.refdata = "refdata";
    CHECK(study != NULL && cxs_features_study(ctx, study, &s, &f) == CXS_OK);
    if (f == NULL)
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
    for (size_t r = 0; f != NULL && r < sizeof rows / sizeof *rows; r++)
        for (int i = 0; i < 4; i++) {
            const double got = value(cxs_features_matrix(f), rows[r].feature, i + 1);
            const double want = rows[r].want[i];
            const bool same = isnan(want) ? isnan(got) : fabs(got - want) < 1e-12;
            CHECK(same);
            if (!same)
                fprintf(stderr, "%s P%02d: %g\n", rows[r].feature, i + 1, got);
        }
    cxs_features_free(f);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_of_one_sample),
        cmocka_unit_test(bins_of_three_notations),
        cmocka_unit_test(gc_comes_from_the_fasta),
        cmocka_unit_test(faults_of_bins),
        cmocka_unit_test(states_of_one_sample),
        cmocka_unit_test(memory_may_be_short),
        cmocka_unit_test(purity_corrects_copies),
        cmocka_unit_test(runs_of_genes_meet_halfway),
        cmocka_unit_test(a_study_of_tables),
    };

    return cmocka_run_group_tests_name("copy_tables", tests, test_folder_make,
                                       test_folder_remove);
}
