/*
 * test_copynumber.c -- correction, quality, segments, calls and scores of simulated and
 * hand-made profiles
 */
#include "test.h"

#include "copy_case.h"

#include <string.h>

enum { WIDTH = 1000000, FRAGMENTS = 9000000 };

static cxs_rc correct(cxs_ctx *ctx, copy_case *c, cxs_cn_quality *q)
{
    return cxs_cn_correct(ctx, &c->bins, c->reads, c->log2, q);
}

/* Root mean square of the autosomal log ratios that are there. */
static double spread(const copy_case *c)
{
    double sum = 0.0, count = 0.0;

    for (size_t i = 0; i < c->bins.n; i++)
        if (!isnan(c->log2[i])) {
            sum += c->log2[i] * c->log2[i];
            count++;
        }
    return sqrt(sum / count);
}

/* ---- correction --------------------------------------------------------------------- */

/* 9 M fragments in 3000 bins: Poisson noise of 1/sqrt(3000)/ln 2 = 0.026 is all that is
 * left of a bias of more than a factor of two. */
static void bias_is_taken_out(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(WIDTH, 1);
    double low = HUGE_VAL, high = 0.0;
    cxs_cn_quality q;

    (void)state;
    copy_case_reads(&c, 0.0, FRAGMENTS, 0.0, 1);
    for (size_t i = 0; i < c.bins.n; i++)
        if (c.bins.map[i] > 0.9) {
            low = fmin(low, c.reads[i]);
            high = fmax(high, c.reads[i]);
        }
    CHECK(high > 1.3 * low);
    CHECK(correct(ctx, &c, &q) == CXS_OK);
    CHECK(q.state == CXS_CN_OK && *q.reason == '\0');
    CHECK(spread(&c) < 0.032);
    CHECK(fabs(q.gc_rank) < 0.05);
    CHECK(q.sd_diff > 0.02 && q.sd_diff < 0.035);
    CHECK(fabs(q.fragments / FRAGMENTS - 1.0) < 0.001);
    for (size_t i = 0; i < c.bins.n; i++)
        if (c.bins.map[i] < 0.9 || c.bins.near_centromere[i])
            CHECK(isnan(c.log2[i]));
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Copies survive the correction: log2 of a gain in a genome of fraction 0.5. */
static void copies_survive(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(WIDTH, 2);
    double gain = 0.0, rest = 0.0, gains = 0.0, rests = 0.0;
    cxs_cn_quality q;

    (void)state;
    copy_case_glioblastoma(&c);
    copy_case_reads(&c, 0.5, FRAGMENTS, 0.0, 2);
    CHECK(correct(ctx, &c, &q) == CXS_OK);
    for (size_t i = 0; i < c.bins.n; i++)
        if (!isnan(c.log2[i]) && c.bins.chrom[i] == 7) {
            gain += c.log2[i];
            gains++;
        } else if (!isnan(c.log2[i]) && c.bins.chrom[i] == 1) {
            rest += c.log2[i];
            rests++;
        }
    CHECK_NEAR(gain / gains - rest / rests, log2(2.5 / 2.0), 0.01);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A bias that GC does not explain is that of the normals: their median takes it out, and
 * bins where they disagree are dropped. */
static void the_panel_takes_out_its_bias(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(WIDTH, 3);
    double before;
    cxs_cn_quality q;

    (void)state;
    copy_case_reads(&c, 0.0, FRAGMENTS, 0.0, 3);
    c.bins.pon = copy_case_room(c.bins.n, sizeof *c.bins.pon);
    c.bins.pon_mad = copy_case_room(c.bins.n, sizeof *c.bins.pon_mad);
    for (size_t i = 0; i < c.bins.n; i++) {
        c.bins.pon[i] = 0.2 * sin((double)i);
        c.reads[i] = floor(c.reads[i] * exp2(c.bins.pon[i]));
    }
    {
        double *pon = c.bins.pon;
        c.bins.pon = NULL;
        CHECK(correct(ctx, &c, &q) == CXS_OK);
        before = spread(&c);
        c.bins.pon = pon;
    }
    c.bins.pon_mad[100] = 0.21;
    c.bins.pon_mad[101] = 0.20;
    c.bins.map[100] = c.bins.map[101] = 1.0;
    c.bins.pon[102] = (double)NAN;
    CHECK(correct(ctx, &c, &q) == CXS_OK);
    CHECK(before > 0.13);
    CHECK(spread(&c) < 0.04);
    CHECK(isnan(c.log2[100]) && !isnan(c.log2[101]) && isnan(c.log2[102]));
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* No mappability and one GC for all: still corrected by what is known. */
static void less_may_be_known(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(WIDTH, 4);
    cxs_cn_quality q;

    (void)state;
    copy_case_reads(&c, 0.0, FRAGMENTS, 0.0, 4);
    for (size_t i = 0; i < c.bins.n; i++)
        c.bins.map[i] = (double)NAN;
    CHECK(correct(ctx, &c, &q) == CXS_OK);
    CHECK(q.used > 2000);
    for (size_t i = 0; i < c.bins.n; i++)
        c.bins.gc[i] = 0.42;
    CHECK(correct(ctx, &c, &q) == CXS_OK);
    CHECK(q.used > 2000);
    CHECK_NEAR(q.gc_rank, 0.0, 1e-12);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void too_little_is_an_error(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(10 * (int64_t)WIDTH, 5);
    cxs_cn_quality q;

    (void)state;
    CHECK(correct(ctx, &c, &q) == CXS_EDEGENERATE); /* no reads at all */
    copy_case_reads(&c, 0.0, FRAGMENTS, 0.0, 5);
    for (size_t i = 40; i < c.bins.n; i++)
        c.reads[i] = 0.0;
    CHECK(correct(ctx, &c, &q) == CXS_EDEGENERATE);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- quality ------------------------------------------------------------------------ */

static void check_state(cxs_ctx *ctx, double fragments, double noise, cxs_cn_state want,
                        const char *reason)
{
    copy_case c = copy_case_make(WIDTH, 6);
    cxs_cn_quality q;

    copy_case_reads(&c, 0.0, fragments, noise, 6);
    CHECK(correct(ctx, &c, &q) == CXS_OK);
    CHECK(q.state == want);
    CHECK(strcmp(q.reason, reason) == 0);
    if (q.state != want)
        printf("  %g fragments, noise %g: sd %g, %s\n", fragments, noise, q.sd_diff,
               q.reason);
    copy_case_free(&c);
}

static void every_state_is_reached(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(WIDTH, 6);
    cxs_cn_quality q;

    (void)state;
    check_state(ctx, 9e6, 0.02, CXS_CN_OK, "");
    check_state(ctx, 4.9e6, 0.02, CXS_CN_WARN, "few_fragments");
    check_state(ctx, 5.1e6, 0.02, CXS_CN_OK, "");
    check_state(ctx, 0.99e6, 0.02, CXS_CN_FAIL, "few_fragments");
    check_state(ctx, 1.01e6, 0.02, CXS_CN_WARN, "few_fragments");
    check_state(ctx, 9e6, 0.17, CXS_CN_WARN, "noisy_bins");
    check_state(ctx, 9e6, 0.25, CXS_CN_FAIL, "noisy_bins");
    /* normals whose panel follows GC put it back into the sample */
    copy_case_reads(&c, 0.0, 9e6, 0.0, 6);
    c.bins.pon = copy_case_room(c.bins.n, sizeof *c.bins.pon);
    for (size_t i = 0; i < c.bins.n; i++)
        c.bins.pon[i] = c.bins.gc[i];
    CHECK(correct(ctx, &c, &q) == CXS_OK);
    CHECK(q.gc_rank < -0.2 && q.state == CXS_CN_WARN);
    CHECK(strcmp(q.reason, "follows_gc") == 0);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- tumour fraction ---------------------------------------------------------------- */

static double fraction_of(cxs_ctx *ctx, double fraction, uint64_t seed)
{
    copy_case c = copy_case_make(WIDTH / 2, seed);
    cxs_cn_segments segments = {0};
    cxs_cn_quality q;
    double found = (double)NAN;

    copy_case_glioblastoma(&c);
    copy_case_reads(&c, fraction, FRAGMENTS, 0.02, seed);
    CHECK(correct(ctx, &c, &q) == CXS_OK);
    CHECK(cxs_cn_segment_cfdna(ctx, &c.bins, c.log2, &segments) == CXS_OK);
    found = segments.tumour_fraction;
    for (size_t s = 0; s < segments.count; s++)
        CHECK(isnan(segments.at[s].corrected) == (found <= 0.0));
    cxs_cn_segments_free(&segments);
    copy_case_free(&c);
    return found;
}

/* Acceptance: within 0.03 from 0.03 to 0.5 at 0.5x, 0 in normals; more genomes and a
 * second profile in tests/bench/tumour.c. */
static void the_fraction_is_found(void **state)
{
    static const double fractions[] = {0.03, 0.1, 0.3, 0.5};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t k = 0; k < sizeof fractions / sizeof *fractions; k++)
        CHECK(fabs(fraction_of(ctx, fractions[k], 10 + k) - fractions[k]) <= 0.03);
    for (uint64_t seed = 20; seed < 24; seed++)
        CHECK_NEAR(fraction_of(ctx, 0.0, seed), 0.0, TOL_EXACT);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* One loss of `megabases` in chromosome 1 and nothing else, at a fraction of 0.3. */
static double fraction_of_one_loss(cxs_ctx *ctx, double megabases)
{
    copy_case c = copy_case_make(WIDTH, 40);
    cxs_cn_segments segments = {0};
    cxs_cn_quality q;
    double found;

    copy_case_set(&c, 1, 0.0, megabases / copy_case_megabases[0], 1.0);
    for (size_t i = 0; i < c.bins.n; i++)
        c.bins.map[i] = 1.0;
    copy_case_reads(&c, 0.3, FRAGMENTS, 0.01, 40);
    CHECK(correct(ctx, &c, &q) == CXS_OK);
    CHECK(cxs_cn_segment_cfdna(ctx, &c.bins, c.log2, &segments) == CXS_OK);
    found = segments.tumour_fraction;
    cxs_cn_segments_free(&segments);
    copy_case_free(&c);
    return found;
}

/* An altered segment of 50 bins in 1.7 % of the genome is no evidence, one of more is. */
static void little_that_is_altered_is_none(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    CHECK_NEAR(fraction_of_one_loss(ctx, 44.0), 0.0, TOL_EXACT);
    CHECK(fabs(fraction_of_one_loss(ctx, 60.0) - 0.3) < 0.03);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- segments of tissue ------------------------------------------------------------- */

static void tissue_is_segmented(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(WIDTH, 7);
    cxs_cn_segments segments = {0};
    int64_t gained = 0, lost = 0;
    cxs_cn_quality q;

    (void)state;
    copy_case_set(&c, 7, 0.0, 1.0, 3.0);
    copy_case_set(&c, 9, 0.0, 0.3, 1.0);
    copy_case_reads(&c, 0.7, FRAGMENTS, 0.02, 7);
    CHECK(correct(ctx, &c, &q) == CXS_OK);
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

/* ---- no memory ---------------------------------------------------------------------- */

static void no_memory(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(20 * (int64_t)WIDTH, 8);
    cxs_rc rc = CXS_ENOMEM;

    (void)state;
    copy_case_reads(&c, 0.3, FRAGMENTS, 0.02, 8);
    for (long at = 1; rc == CXS_ENOMEM && at < 100; at++) {
        cxs_cn_segments fluid = {0}, tissue = {0};
        cxs_cn_scores scores;
        cxs_cn_quality q;
        cxs_alloc_fail_at(at);
        rc = correct(ctx, &c, &q);
        if (rc == CXS_OK)
            rc = cxs_cn_segment_cfdna(ctx, &c.bins, c.log2, &fluid);
        if (rc == CXS_OK)
            rc = cxs_cn_segment_tissue(ctx, &c.bins, c.log2, 1, &tissue);
        if (rc == CXS_OK)
            rc = cxs_cn_score(ctx, &tissue, 0.2, &scores);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        cxs_cn_segments_free(&fluid);
        cxs_cn_segments_free(&tissue);
    }
    CHECK(rc == CXS_OK);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bias_is_taken_out),
        cmocka_unit_test(copies_survive),
        cmocka_unit_test(the_panel_takes_out_its_bias),
        cmocka_unit_test(less_may_be_known),
        cmocka_unit_test(too_little_is_an_error),
        cmocka_unit_test(every_state_is_reached),
        cmocka_unit_test(the_fraction_is_found),
        cmocka_unit_test(little_that_is_altered_is_none),
        cmocka_unit_test(tissue_is_segmented),
        cmocka_unit_test(arms_by_hand),
        cmocka_unit_test(focal_calls_by_hand),
        cmocka_unit_test(scores_by_hand),
        cmocka_unit_test(transitions_of_the_model),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("copy number", tests, NULL, NULL);
}
