/*
 * test_copy_focal.c -- focal events in windows of 50 kb; what is told of a tumour fraction
 * without a panel of normals
 */
#include "test.h"

#include "bag_case.h"
#include "features/copy_private.h"
#include "tmp.h"

enum { WIDTH = 500000, NARROW = 50000 };

static cxs_patient_file made_file(const char *sample, const char *source,
                                  const copy_case *c)
{
    return (cxs_patient_file){.sample = sample,
                              .source = source,
                              .library = "WGS",
                              .build = "hg19",
                              .callable_mb = (double)NAN,
                              .bag = bag_depth(c)};
}

static void let_go(cxs_patient_file *file, size_t n)
{
    for (size_t i = 0; i < n; i++)
        cxs_measures_free(file[i].bag);
}

/* ---- without a panel ------------------------------------------------------------------- */

/* Without a panel: 0 by the rule of the longest altered segment is told and said, what
 * lies between it and 0.05 is missing, 0.2 is told.  The warning names what is missing. */
static void nothing_altered_is_an_answer(void **state)
{
    static const double fraction[3] = {0.0, 0.03, 0.2};
    cxs_ctx *ctx = tmp_ctx();
    cxs_patient_file file[3];
    cxs_feature_columns c = {.n = 3};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        copy_case one = copy_case_make(WIDTH, 1);
        copy_case_glioblastoma(&one);
        copy_case_reads(&one, fraction[k], 9e6, 0.01, 300 + k);
        file[k] = made_file("S", "CSF_CFDNA", &one);
        copy_case_free(&one);
    }
    CHECK(cxs_copy_features(ctx, file, NULL, "refdata", NULL, NULL, &c) == CXS_OK);
    CHECK_NEAR(bag_value(&c, "cn.tf", 0), log2(0.01), TOL_SUM);
    CHECK(isnan(bag_value(&c, "cn.tf", 1)));
    CHECK(fabs(exp2(bag_value(&c, "cn.tf", 2)) - 0.01 - 0.2) < 0.03);
    CHECK(strstr(tmp_log, "1 cell-free samples show no CNA evidence") != NULL);
    CHECK(strstr(tmp_log,
                 "3 cell-free samples have no panel of normals of their bins: "
                 "their tumour fraction above 0 and below 0.05 is not told") != NULL);
    let_go(file, 3);
    cxs_feature_columns_clear(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- by hand --------------------------------------------------------------------------- */

/* p 0.5, phi 2: C = (2 * 2^x - 1) / 0.5; six copies at log2 2, none at log2 0.5. */
static void copies_and_levels(void **state)
{
    (void)state;
    CHECK_NEAR(cxs_cn_copies(1.0, 0.5, 2.0), 6.0, TOL_SUM);
    CHECK_NEAR(cxs_cn_copies(-1.0, 0.5, 2.0), 1.0 / 64.0, TOL_EXACT); /* 0 */
    CHECK_NEAR(cxs_cn_copies(0.0, 0.5, 3.0), 3.0, TOL_SUM);
    CHECK(isnan(cxs_cn_copies((double)NAN, 0.5, 2.0)));
    CHECK(isnan(cxs_cn_copies(1.0, 0.0, 2.0)) &&
          isnan(cxs_cn_copies(1.0, (double)NAN, 2.0)));
    CHECK_NEAR(cxs_cn_level(6.0, 0.5, 2.0), 1.0, TOL_SUM);
    CHECK_NEAR(cxs_cn_level(0.0, 0.3, 2.0), log2(0.7), TOL_SUM); /* domain: -0.51 */
    CHECK_NEAR(cxs_cn_level(0.0, 0.2, 3.0), log2(1.6 / 2.2), TOL_SUM);
    CHECK_DONE();
}

/* One segment over the arm, or over 5 of its 100 Mb; levels of windows and their errors. */
static void calls_by_hand(void **state)
{
    const cxs_interval arm = {7, 0, 100000000}, gene = {7, 55000000, 55200000};
    const struct {
        double p;           /* tumour fraction */
        int64_t end;        /* of the segment from 54 Mb on */
        double corrected;   /* of the segment */
        double log2, error; /* of the windows */
        double amplified, deleted;
    } cases[] = {
        {0.5, 59000000, 2.0, 1.0, 0.1, 1, 0},      /* six copies */
        {0.5, 59000000, 2.0, 0.99, 0.1, 0, 0},     /* 5.94 */
        {0.5, 59000000, 2.0, 1.0, 0.24, 1, 0},     /* 1 > 4 * 0.24 */
        {0.5, 59000000, 2.0, 1.0, 0.26, NAN, NAN}, /* the errors are too large */
        {0.5, 59000000, 2.0, NAN, 0.1, NAN, NAN},
        {0.5, 59000000, 7.0, 1.5, 0.1, 1, 0},  /* the segment too, and it is focal */
        {0.5, 120000000, 7.0, 1.5, 0.1, 0, 0}, /* 66 Mb of 100: no focal event */
        {0.5, 120000000, 5.9, 1.5, 0.1, 1, 0}, /* a gain of the arm, more in the gene */
        {0.5, 59000000, 2.0, -0.7, 0.1, 0, 1}, /* (2^0.3 - 1)/0.5 = 0.46 */
        {0.5, 59000000, 2.0, -0.67, 0.1, 0, 0}, /* 0.514 */
        {0.5, 65000000, 0.1, -0.9, 0.1, 0, 0},  /* 11 Mb are lost: not focal */
        {0.5, 63000000, 0.1, -0.9, 0.1, 0, 1},
        {0.2, 59000000, 2.0, -0.3, 0.08, 0, 1},    /* -log2 0.8 = 0.322 > 0.32 */
        {0.2, 59000000, 2.0, -0.3, 0.081, 0, NAN}, /* amplified: 0.485 > 0.324 */
        {0.19, 59000000, 2.0, -0.3, 0.01, 0, NAN}, /* below a fifth: not told */
        {0.0, 59000000, NAN, 1.0, 0.1, 1, NAN},    /* no purity: log2 >= 1 */
        {0.0, 59000000, NAN, 0.99, 0.1, 0, NAN},
        {NAN, 59000000, NAN, 1.2, 0.26, NAN, NAN}};

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        cxs_cn_segment one = {.chrom = 7,
                              .start0 = 54000000,
                              .end0 = cases[k].end,
                              .corrected = cases[k].corrected};
        const cxs_cn_segments all = {
            .at = &one, .count = 1, .tumour_fraction = cases[k].p, .ploidy = 2.0};
        const cxs_cn_windows w = {cases[k].log2, cases[k].error};
        const double amplified = cxs_cn_amplified_near(&all, &gene, &arm, &w),
                     deleted = cxs_cn_deleted_near(&all, &gene, &w);
        const int good =
            (isnan(cases[k].amplified) ? isnan(amplified)
                                       : amplified == cases[k].amplified) &&
            (isnan(cases[k].deleted) ? isnan(deleted) : deleted == cases[k].deleted);
        CHECK(good);
        if (!good)
            printf("  case %zu: %g %g\n", k, amplified, deleted);
    }
    CHECK_DONE();
}

/* ---- a genome ----------------------------------------------------------------------------- */

static void set_place(copy_case *c, uint8_t chrom, int64_t from, int64_t to,
                      double copies)
{
    for (size_t i = 0; i < c->bins.n; i++)
        if (c->bins.chrom[i] == chrom && c->bins.start0[i] >= from &&
            c->bins.end0[i] <= to)
            c->copies[i] = copies;
}

/* EGFR in 20 copies over 250 kb, CDKN2A lost over 150 kb, each inside one bin of 500 kb;
 * 10 lost as a whole.  At 1.2 both are seen, at 0.9 neither. */
static void narrow_events_at_one_fold(void **state)
{
    static const double depth[2] = {1.2, 0.9};
    cxs_ctx *ctx = tmp_ctx();
    cxs_patient_file file[2];
    cxs_feature_columns c = {.n = 2};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        copy_case one = copy_case_make(NARROW, 4);
        copy_case_glioblastoma(&one);
        set_place(&one, 7, 55050000, 55300000, 20.0);
        set_place(&one, 9, 21900000, 22050000, 0.0);
        copy_case_reads(&one, 0.5, depth[k] * 2.84e9 / 170.0, 0.02, 40 + k);
        file[k] = made_file("S", "CSF_CFDNA", &one);
        copy_case_free(&one);
    }
    CHECK(cxs_copy_features(ctx, file, NULL, "refdata", NULL, NULL, &c) == CXS_OK);
    CHECK_NEAR(bag_value(&c, "cn.focal.EGFR.amp", 0), 1.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "cn.focal.CDKN2A.homdel", 0), 1.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "cn.focal.PTEN.homdel", 0), 0.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "cn.focal.RB1.homdel", 0), 0.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "cn.focal.MET.amp", 0), 0.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "cn.focal.MYC.amp", 0), 0.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "cn.focal.EGFR.amp", 1), 0.0, TOL_EXACT);
    CHECK(isnan(bag_value(&c, "cn.focal.CDKN2A.homdel", 1)));
    CHECK(fabs(exp2(bag_value(&c, "cn.tf", 0)) - 0.01 - 0.5) < 0.05);
    let_go(file, 2);
    cxs_feature_columns_clear(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_altered_is_an_answer),
        cmocka_unit_test(copies_and_levels),
        cmocka_unit_test(calls_by_hand),
        cmocka_unit_test(narrow_events_at_one_fold),
    };
    return cmocka_run_group_tests_name("copy focal", tests, NULL, NULL);
}
