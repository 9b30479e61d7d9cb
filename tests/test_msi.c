/*
 * test_msi.c -- unstable repeats: their lengths in reads, tumour against normal
 */
#include "event_case.h"

/* ---- repeats: the meter ----------------------------------------------------------- */

/* A chromosome "1" of 30 + 10 A + 30 bases; the run begins at 31. */
#define LEFT  "CGTACGTGCATGCTCGATCGTACGATCGTC"
#define TEN   "AAAAAAAAAA"
#define RIGHT "CGTGCATCGATGCATCGTACGTGCATCGTC"
#define SAM_HEAD                                                                       \
    "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr2\tLN:50\n@SQ\tSN:chr1\tLN:70\n"

static const char *write_genome(void)
{
    test_text("g.fa.fai", "1\t70\t3\t70\t71\n");
    return test_text("g.fa", ">1\n" LEFT TEN RIGHT "\n");
}

#define MARKERS                                                                        \
    "marker\tchrom\thg19_start\thg38_start\tunit\n"                                    \
    "M1\t1\t31\t31\tA\nM2\t1\t32\t31\tA\nM3\t9\t31\t31\tA\n"

static cxs_rc make_msi(cxs_ctx *use, cxs_meter **out)
{
    return cxs_meter_msi(use, test_path("m.tsv"), test_path("g.fa"), "hg19", out);
}

static void repeats_are_measured(void **state)
{
    /* 5 + 10 + 5 bases from 26: spans; a: 10, b: 2 lost at the left, c: 3 gained in the
     * middle, d: 4 bases to the left are too few, e: 4 to the right, f: duplicate, g:
     * MAPQ 19, h: the base before the run is lost, i: clipped, as a. */
    static const char sam[] =
        SAM_HEAD "a\t0\tchr1\t26\t20\t20M\t*\t0\t0\tCGTCGAAAAAAAAAACGTGC\t*\n"
                 "b\t0\tchr1\t26\t60\t5M2D13M\t*\t0\t0\tCGTCGAAAAAAAACGTGC\t*\n"
                 "c\t0\tchr1\t26\t60\t9M3I11M\t*\t0\t0\tCGTCGAAAAAAAAAAAAACGTGC\t*\n"
                 "d\t0\tchr1\t27\t60\t19M\t*\t0\t0\tGTCGAAAAAAAAAACGTGC\t*\n"
                 "e\t0\tchr1\t26\t60\t19M\t*\t0\t0\tCGTCGAAAAAAAAAACGTG\t*\n"
                 "f\t1024\tchr1\t26\t60\t20M\t*\t0\t0\tCGTCGAAAAAAAAAACGTGC\t*\n"
                 "g\t0\tchr1\t26\t19\t20M\t*\t0\t0\tCGTCGAAAAAAAAAACGTGC\t*\n"
                 "h\t0\tchr1\t25\t60\t5M1D15M\t*\t0\t0\tTCGTCAAAAAAAAAACGTGC\t*\n"
                 "i\t0\tchr1\t26\t60\t3S20M2H\t*\t0\t0\tAAACGTCGAAAAAAAAAACGTGC\t*\n";
    meter_case *c = case_new(sam, "hg19");
    cxs_meter *meter = NULL;
    cxs_measures *bag;

    (void)state;
    write_genome();
    test_text("m.tsv", MARKERS);
    tmp_log[0] = '\0';
    CHECK(make_msi(ctx, &meter) == CXS_OK);
    if (meter == NULL)
        abort();
    CHECK(strstr(tmp_log, "marker M2: the reference has no run of A from 1:32") !=
          NULL);
    CHECK(strstr(tmp_log, "marker M3: the reference has no run of A from 9:31") !=
          NULL);
    bag = measured(ctx, c, meter);
    CHECK(named_cell(bag, "msi_markers", "marker", "M1", "repeat") == 10);
    CHECK(named_cell(bag, "msi_markers", "marker", "M1", "start") == 31);
    CHECK(named_cell(bag, "msi_markers", "marker", "M2", "repeat") == M);
    CHECK(named_cell(bag, "msi_markers", "marker", "M3", "start") == M);
    CHECK(cxs_measure_rows(cxs_measures_find(bag, "msi")) == 3);
    CHECK(cell(bag, "msi", "length", 0) == 8 && cell(bag, "msi", "reads", 0) == 1);
    CHECK(cell(bag, "msi", "length", 1) == 10 && cell(bag, "msi", "reads", 1) == 2);
    CHECK(cell(bag, "msi", "length", 2) == 13 && cell(bag, "msi", "reads", 2) == 1);
    cxs_measures_free(bag);
    meter->free(meter);
    case_every_failure(c, make_msi);
    case_free(c);
    test_text("m.tsv", "marker\tchrom\thg19_start\tunit\nM1\t1\tx\tA\n");
    CHECK(make_msi(ctx, &meter) == CXS_EFORMAT && meter == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "m.tsv:2: no marker of one base") != NULL);
    test_text("m.tsv", "marker\tchrom\thg19_start\tunit\nM1\t1\t31\tCA\n");
    CHECK(make_msi(ctx, &meter) == CXS_EFORMAT);
    CHECK_DONE();
}

/* The five of refdata are on where their lengths can be read from a reference. */
static void markers_need_a_reference(void **state)
{
    static const struct {
        const char *library, *build;
        bool reference, on;
    } cases[] = {{"WGS", "hg19", true, true},     {"WES", "hg38", true, true},
                 {"PANEL", "hg38", true, true},   {"SWGS", "hg38", true, false},
                 {"RNASEQ", "hg38", true, false}, {"WGS", "hg38", false, false},
                 {"WGS", "other", true, false}};

    (void)state;
    write_genome();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_meter_settings s = cxs_meter_defaults();
        cxs_meter **meters = NULL;
        size_t count = 0;
        bool on = false;
        s.source = "TUMOR";
        s.build = cases[i].build;
        s.markers = "refdata/msi_markers.tsv";
        s.reference = cases[i].reference ? test_path("g.fa") : NULL;
        CHECK(cxs_meters_for(ctx, "BAM", cases[i].library, &s, &meters, &count) ==
              CXS_OK);
        for (size_t k = 0; k < count; k++)
            on = on || strcmp(meters[k]->name, "msi") == 0;
        CHECK(on == cases[i].on);
        cxs_meters_free(meters, count);
    }
    CHECK_DONE();
}

/* ---- repeats: the call ------------------------------------------------------------ */

enum { FIVE = 5 };
static const char *const five[FIVE] = {"A", "B", "C", "D", "E"};

/* Reads of length 20, 21 and 22 of five markers; a marker with -1 is not measured. */
static cxs_measures *repeats(const int64_t reads[FIVE][3])
{
    static const char *const columns[] = {"length", "reads"};
    row rows[3 * FIVE], names[FIVE];
    size_t n = 0;
    cxs_measures *bag;

    for (size_t k = 0; k < FIVE; k++) {
        names[k] = (row){five[k], {0}};
        for (size_t l = 0; l < 3; l++)
            if (reads[k][l] > 0)
                rows[n++] = (row){five[k], {20 + (int64_t)l, reads[k][l]}};
    }
    bag = table(NULL, "msi_markers", "marker", NULL, 0, names, FIVE);
    return table(bag, "msi", "marker", columns, 2, rows, n);
}

/*
 * Normal: 20 reads of 22 each.  14 of 20 at 22 have a distance of 0.3, 13 of 20 one of
 * 0.35; 8/4/8 has its shortest mode at 20.
 */
static void instability_by_hand(void **state)
{
#define S                                                                              \
    {                                                                                  \
        0, 0, 20                                                                       \
    }
#define D30                                                                            \
    {                                                                                  \
        0, 6, 14                                                                       \
    }
#define D35                                                                            \
    {                                                                                  \
        0, 7, 13                                                                       \
    }
#define FEW                                                                            \
    {                                                                                  \
        0, 0, 19                                                                       \
    }
    static const int64_t normal[FIVE][3] = {S, S, S, S, S},
                         few[FIVE][3] = {FEW, FEW, S, S, S};
    static const struct {
        int64_t tumour[FIVE][3];
        double count, high;
    } cases[] = {
        {{S, S, S, S, S}, 0.0, 0.0},       {{D30, D30, S, S, S}, 0.0, 0.0},
        {{D35, S, S, S, S}, 1.0, 0.0},     {{D35, S, D35, S, S}, 2.0, 1.0},
        {{FEW, S, S, S, S}, 0.0, 0.0},     {{FEW, FEW, S, S, S}, U, U},
        {{D35, FEW, S, S, S}, U, U},       {{D35, FEW, FEW, D35, FEW}, 2.0, 1.0},
        {{FEW, FEW, FEW, FEW, FEW}, U, U},
    };
    enum { N = sizeof cases / sizeof *cases };
    cxs_event_files files[N + 2] = {{.rna = NULL}};
    cxs_feature_columns columns = {.n = N + 2};
    cxs_measures *tumour[N], *blood = repeats(normal), *shallow = repeats(few);

    (void)state;
    for (size_t i = 0; i < N; i++) {
        files[i].reads = tumour[i] = repeats(cases[i].tumour);
        files[i].normal = blood;
    }
    files[N].reads = tumour[0]; /* without a normal */
    files[N + 1] = (cxs_event_files){.reads = tumour[0], .normal = shallow};
    CHECK(cxs_msi_features(ctx, files, &columns) == CXS_OK);
    for (size_t i = 0; i < N; i++) {
        CHECK(same(value(&columns, "var.msi", i), cases[i].count));
        CHECK(same(value(&columns, "var.msi.high", i), cases[i].high));
        cxs_measures_free(tumour[i]);
    }
    CHECK(isnan(value(&columns, "var.msi", N)));
    CHECK(isnan(value(&columns, "var.msi", N + 1))); /* 19 reads of two in the normal */
    cxs_feature_columns_clear(&columns);
    columns = (cxs_feature_columns){.n = 1};
    CHECK(cxs_msi_features(ctx, &files[N], &columns) == CXS_OK);
    CHECK(columns.count == 0); /* nobody has both files */
    cxs_measures_free(blood);
    cxs_measures_free(shallow);
    CHECK_DONE();
}

/* A mode two bases shorter counts although the distance does not: 100 reads. */
static void modes_may_shift(void **state)
{
    static const int64_t normal[FIVE][3] = {{25, 35, 40}, S, S, S, S},
                         tumour[FIVE][3] = {{40, 32, 28}, S, S, S, S},
                         near[FIVE][3] = {{25, 40, 35}, S, S, S, S};
    cxs_measures *bag[3] = {repeats(tumour), repeats(near), repeats(normal)};
    const cxs_event_files files[2] = {{.reads = bag[0], .normal = bag[2]},
                                      {.reads = bag[1], .normal = bag[2]}};
    cxs_feature_columns columns = {.n = 2};

    (void)state;
    CHECK(cxs_msi_features(ctx, files, &columns) == CXS_OK);
    CHECK(value(&columns, "var.msi", 0) == 1.0); /* distance 0.15, modes 20 and 22 */
    CHECK(value(&columns, "var.msi", 1) == 0.0); /* modes 21 and 22 */
    cxs_feature_columns_clear(&columns);
    for (size_t i = 0; i < 3; i++)
        cxs_measures_free(bag[i]);
    CHECK_DONE();
}

static void memory_may_run_out(void **state)
{
    static const int64_t stable[FIVE][3] = {S, S, S, S, S};
    cxs_measures *msi = repeats(stable);
    const cxs_event_files files[1] = {{.reads = msi, .normal = msi}};
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 200; k++) {
        const long live = cxs_alloc_live();
        cxs_feature_columns columns = {.n = 1};
        cxs_alloc_fail_at(k);
        rc = cxs_msi_features(ctx, files, &columns);
        cxs_alloc_fail_at(0);
        cxs_feature_columns_clear(&columns);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 3);
    cxs_measures_free(msi);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_are_measured),
        cmocka_unit_test(markers_need_a_reference),
        cmocka_unit_test(instability_by_hand),
        cmocka_unit_test(modes_may_shift),
        cmocka_unit_test(memory_may_run_out),
    };

    return cmocka_run_group_tests_name("msi", tests, make, unmake);
}
