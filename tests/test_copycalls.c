/*
 * test_copycalls.c -- segments of tissue, calls and scores of profiles made by hand
 */
#include "test.h"

#include "copy_case.h"

/* ---- segments of tissue ------------------------------------------------------------- */

static void tissue_is_segmented(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(COPY_CASE_WIDTH, 7);
    cxs_cn_segments segments = {0};
    int64_t gained = 0, lost = 0;
    cxs_cn_quality q;

    (void)state;
    copy_case_set(&c, 7, 0.0, 1.0, 3.0);
    copy_case_set(&c, 9, 0.0, 0.3, 1.0);
    copy_case_reads(&c, 0.7, COPY_CASE_FRAGMENTS, 0.02, 7);
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_OK);
    CHECK(cxs_cn_segment_tissue(ctx, &c.bins, c.log2, 1, &segments) == CXS_OK);
    CHECK(isnan(segments.tumour_fraction) && segments.count >= 23);
    for (size_t s = 0; s < segments.count; s++) {
        const cxs_cn_segment *one = &segments.at[s];
        gained += one->direction > 0 ? one->end0 - one->start0 : 0;
        lost += one->direction < 0 ? one->end0 - one->start0 : 0;
        CHECK(one->direction == 0 || (one->chrom == 7 && one->direction == 1) ||
              (one->chrom == 9 && one->direction == -1 && one->start0 == 0));
        CHECK(one->copies == -1 && isnan(one->corrected));
    }
    CHECK(gained >= 155000000 && lost >= 39000000 && lost <= 45000000);
    cxs_cn_segments_free(&segments);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- calls by hand ------------------------------------------------------------------ */

static const cxs_interval arm = {1, 0, 100000000};

/* Segments of chromosome 1 by their ends and directions. */
static cxs_cn_segments made(size_t n, cxs_cn_segment *s, const int64_t *end,
                            const int *direction, const double *log2)
{
    for (size_t k = 0; k < n; k++)
        s[k] = (cxs_cn_segment){.chrom = 1,
                                .start0 = k > 0 ? end[k - 1] : 0,
                                .end0 = end[k],
                                .bins = 10,
                                .log2 = log2[k],
                                .direction = direction[k],
                                .copies = -1,
                                .corrected = (double)NAN};
    return (cxs_cn_segments){
        .at = s, .count = n, .tumour_fraction = (double)NAN, .ploidy = (double)NAN};
}

static double arm_of(int64_t lost, int64_t gained)
{
    cxs_cn_segment s[3];
    const int64_t end[3] = {lost, lost + gained, 100000000};
    const int direction[3] = {-1, 1, 0};
    const double log2[3] = {-0.5, 0.5, 0.0};
    const cxs_cn_segments all = made(3, s, end, direction, log2);

    return cxs_cn_arm_call(&all, &arm);
}

static void arms_by_hand(void **state)
{
    cxs_cn_segment s[1];
    const int64_t end[1] = {49999999};
    const int direction[1] = {-1};
    const double log2[1] = {-0.5};
    cxs_cn_segments all = made(1, s, end, direction, log2);

    (void)state;
    CHECK_NEAR(arm_of(80000000, 0), -1.0, TOL_EXACT);
    CHECK(isnan(arm_of(79999999, 0)));
    CHECK_NEAR(arm_of(0, 80000000), 1.0, TOL_EXACT);
    CHECK(isnan(arm_of(20000000, 0)) && isnan(arm_of(0, 20000000)));
    CHECK_NEAR(arm_of(19999999, 19999999), 0.0, TOL_EXACT);
    CHECK(isnan(arm_of(50000000, 50000000)));
    CHECK(isnan(cxs_cn_arm_call(&all, &arm))); /* less than half is covered */
    s[0].end0++;
    CHECK_NEAR(cxs_cn_arm_call(&all, &arm), -1.0, TOL_EXACT);
    s[0].chrom = 2;
    CHECK(isnan(cxs_cn_arm_call(&all, &arm)));
    CHECK_DONE();
}

static void focal_calls_by_hand(void **state)
{
    cxs_cn_segment s[3];
    const int64_t end[3] = {40000000, 45000000, 100000000};
    const int direction[3] = {0, 1, 0};
    const double log2[3] = {0.0, 1.0, 0.0};
    const cxs_interval gene = {1, 42000000, 42100000},
                       elsewhere = {2, 42000000, 42100000};
    cxs_cn_segments all = made(3, s, end, direction, log2);

    (void)state;
    /* without purity by the log ratio */
    CHECK_NEAR(cxs_cn_amplified(&all, &gene, &arm), 1.0, TOL_EXACT);
    s[1].log2 = 0.99;
    CHECK_NEAR(cxs_cn_amplified(&all, &gene, &arm), 0.0, TOL_EXACT);
    /* with purity by copies */
    s[1].corrected = 6.0;
    CHECK_NEAR(cxs_cn_amplified(&all, &gene, &arm), 1.0, TOL_EXACT);
    s[1].corrected = 5.9;
    s[1].log2 = 2.0;
    CHECK_NEAR(cxs_cn_amplified(&all, &gene, &arm), 0.0, TOL_EXACT);
    /* the same height over more than half of the arm is a gain */
    s[1].corrected = 6.0;
    s[1].end0 = s[2].start0 = 90000001;
    CHECK_NEAR(cxs_cn_amplified(&all, &gene, &arm), 0.0, TOL_EXACT);
    s[1].end0 = s[2].start0 = 90000000;
    CHECK_NEAR(cxs_cn_amplified(&all, &gene, &arm), 1.0, TOL_EXACT);
    CHECK(isnan(cxs_cn_amplified(&all, &elsewhere, &arm)));
    /* homozygous deletion: never without purity, at low purity or with wide bins */
    s[1].end0 = s[2].start0 = 45000000;
    s[1].corrected = 0.4;
    CHECK(isnan(cxs_cn_deleted(&all, &gene, 100000)));
    all.tumour_fraction = 0.199;
    CHECK(isnan(cxs_cn_deleted(&all, &gene, 100000)));
    all.tumour_fraction = 0.2;
    CHECK_NEAR(cxs_cn_deleted(&all, &gene, 100000), 1.0, TOL_EXACT);
    CHECK(isnan(cxs_cn_deleted(&all, &gene, 100001)));
    CHECK(isnan(cxs_cn_deleted(&all, &elsewhere, 100000)));
    s[1].corrected = 0.5;
    CHECK_NEAR(cxs_cn_deleted(&all, &gene, 100000), 0.0, TOL_EXACT);
    s[1].corrected = 0.4; /* and in at most 10 Mb */
    s[1].end0 = s[2].start0 = 50000001;
    CHECK_NEAR(cxs_cn_deleted(&all, &gene, 100000), 0.0, TOL_EXACT);
    CHECK_DONE();
}

/* ---- scores by hand ----------------------------------------------------------------- */

static void scores_by_hand(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_cn_segment s[6];
    const int64_t end[6] = {20000000, 22000000, 50000000,
                            65000000, 74000000, 100000000};
    const int direction[6] = {0, 1, 0, 1, -1, 0};
    const double log2[6] = {0.0, 1.5, 0.05, 0.5, -0.3, 0.19};
    cxs_cn_segments all = made(6, s, end, direction, log2);
    cxs_cn_scores got;

    (void)state;
    CHECK(cxs_cn_score(ctx, &all, 0.2, &got) == CXS_OK);
    CHECK_NEAR(got.fga, (2.0 + 15.0 + 9.0) / 100.0, TOL_SUM);
    CHECK_NEAR(got.burden, (2 * 1.5 + 28 * 0.05 + 15 * 0.5 + 9 * 0.3 + 26 * 0.19) / 100,
               TOL_SUM);
    CHECK_NEAR(got.segments, 6.0, TOL_EXACT);
    CHECK_NEAR(got.wgii, 0.26, TOL_SUM);
    /* without the 2 Mb the first and third are one; breaks 50, 65 | 74: one side of each
     * of the last two is below 10 Mb */
    CHECK_NEAR(got.lst, 1.0, TOL_EXACT);
    CHECK(cxs_cn_score(ctx, &all, 0.1, &got) == CXS_OK);
    CHECK_NEAR(got.fga, 0.52, TOL_SUM);
    s[4].end0 = s[5].start0 = 80000000; /* 15 Mb of -0.3, then 0.19 */
    s[4].log2 = 0.35; /* neighbours that were told apart stay apart at any distance */
    CHECK(cxs_cn_score(ctx, &all, 0.2, &got) == CXS_OK);
    CHECK_NEAR(got.lst, 3.0, TOL_EXACT);
    s[4].end0 = s[5].start0 = 74000000;
    s[4].log2 = -0.3;
    s[4].chrom = 2;  /* 9 Mb of -0.3 alone: a second chromosome, altered in whole */
    s[5].chrom = 23; /* and X, which is not counted */
    CHECK(cxs_cn_score(ctx, &all, 0.2, &got) == CXS_OK);
    CHECK_NEAR(got.wgii, 0.5 * (17.0 / 65.0 + 1.0), TOL_SUM);
    CHECK_NEAR(got.fga, 26.0 / 74.0, TOL_SUM);
    CHECK_NEAR(got.segments, 5.0, TOL_EXACT);
    /* with purity against the rounded ploidy: 3 copies are the rule at 2.6 */
    all.ploidy = 2.6;
    for (int k = 0; k < 6; k++)
        s[k].corrected = 3.2;
    s[3].corrected = 4.0;
    CHECK(cxs_cn_score(ctx, &all, 0.2, &got) == CXS_OK);
    CHECK_NEAR(got.wgii, 0.5 * 15.0 / 65.0, TOL_SUM);
    all.count = 0;
    CHECK(cxs_cn_score(ctx, &all, 0.2, &got) == CXS_OK);
    CHECK(isnan(got.fga) && isnan(got.wgii) && isnan(got.lst) && isnan(got.segments));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Two long segments of one copy number of the model about a short one: no break. */
static void transitions_of_the_model(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_cn_segment s[4];
    const int64_t end[4] = {20000000, 22000000, 50000000, 80000000};
    const int direction[4] = {0, 1, 0, 1};
    const double log2[4] = {0.0, 1.5, 0.3, 0.5};
    cxs_cn_segments all = made(4, s, end, direction, log2);
    cxs_cn_scores got;

    (void)state;
    s[0].copies = s[2].copies = 2;
    s[1].copies = s[3].copies = 3;
    CHECK(cxs_cn_score(ctx, &all, 0.1, &got) == CXS_OK);
    CHECK_NEAR(got.lst, 1.0, TOL_EXACT);
    s[2].copies = 4;
    CHECK(cxs_cn_score(ctx, &all, 0.1, &got) == CXS_OK);
    CHECK_NEAR(got.lst, 2.0, TOL_EXACT);
    s[3].start0 += 3000001; /* a gap of more than 3 Mb is no break */
    CHECK(cxs_cn_score(ctx, &all, 0.1, &got) == CXS_OK);
    CHECK_NEAR(got.lst, 1.0, TOL_EXACT);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tissue_is_segmented),      cmocka_unit_test(arms_by_hand),
        cmocka_unit_test(focal_calls_by_hand),      cmocka_unit_test(scores_by_hand),
        cmocka_unit_test(transitions_of_the_model),
    };
    return cmocka_run_group_tests_name("copycalls", tests, NULL, NULL);
}
