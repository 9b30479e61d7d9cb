/*
 * test_copynumber.c -- correction, quality and tumour fraction of simulated profiles
 */
#include "test.h"

#include "copy_case.h"

#include <string.h>

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
    copy_case c = copy_case_make(COPY_CASE_WIDTH, 1);
    double low = HUGE_VAL, high = 0.0;
    cxs_cn_quality q;

    (void)state;
    copy_case_reads(&c, 0.0, COPY_CASE_FRAGMENTS, 0.0, 1);
    for (size_t i = 0; i < c.bins.n; i++)
        if (c.bins.map[i] > 0.9) {
            low = fmin(low, c.reads[i]);
            high = fmax(high, c.reads[i]);
        }
    CHECK(high > 1.3 * low);
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_OK);
    CHECK(q.state == CXS_CN_OK && *q.reason == '\0');
    CHECK(spread(&c) < 0.032);
    CHECK(fabs(q.gc_rank) < 0.05);
    CHECK(q.sd_diff > 0.02 && q.sd_diff < 0.035);
    CHECK(fabs(q.fragments / COPY_CASE_FRAGMENTS - 1.0) < 0.001);
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
    copy_case c = copy_case_make(COPY_CASE_WIDTH, 2);
    double gain = 0.0, rest = 0.0, gains = 0.0, rests = 0.0;
    cxs_cn_quality q;

    (void)state;
    copy_case_glioblastoma(&c);
    copy_case_reads(&c, 0.5, COPY_CASE_FRAGMENTS, 0.0, 2);
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_OK);
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
    copy_case c = copy_case_make(COPY_CASE_WIDTH, 3);
    double before;
    cxs_cn_quality q;

    (void)state;
    copy_case_reads(&c, 0.0, COPY_CASE_FRAGMENTS, 0.0, 3);
    c.bins.pon = copy_case_room(c.bins.n, sizeof *c.bins.pon);
    c.bins.pon_mad = copy_case_room(c.bins.n, sizeof *c.bins.pon_mad);
    for (size_t i = 0; i < c.bins.n; i++) {
        c.bins.pon[i] = 0.2 * sin((double)i);
        c.reads[i] = floor(c.reads[i] * exp2(c.bins.pon[i]));
    }
    {
        double *pon = c.bins.pon;
        c.bins.pon = NULL;
        CHECK(copy_case_correct(ctx, &c, &q) == CXS_OK);
        before = spread(&c);
        c.bins.pon = pon;
    }
    c.bins.pon_mad[100] = 0.21;
    c.bins.pon_mad[101] = 0.20;
    c.bins.map[100] = c.bins.map[101] = 1.0;
    c.bins.pon[102] = (double)NAN;
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_OK);
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
    copy_case c = copy_case_make(COPY_CASE_WIDTH, 4);
    cxs_cn_quality q;

    (void)state;
    copy_case_reads(&c, 0.0, COPY_CASE_FRAGMENTS, 0.0, 4);
    for (size_t i = 0; i < c.bins.n; i++)
        c.bins.map[i] = (double)NAN;
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_OK);
    CHECK(q.used > 2000);
    for (size_t i = 0; i < c.bins.n; i++)
        c.bins.gc[i] = 0.42;
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_OK);
    CHECK(q.used > 2000);
    CHECK_NEAR(q.gc_rank, 0.0, 1e-12);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void too_little_is_an_error(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(10 * (int64_t)COPY_CASE_WIDTH, 5);
    cxs_cn_quality q;

    (void)state;
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_EDEGENERATE); /* no reads at all */
    copy_case_reads(&c, 0.0, COPY_CASE_FRAGMENTS, 0.0, 5);
    for (size_t i = 40; i < c.bins.n; i++)
        c.reads[i] = 0.0;
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_EDEGENERATE);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- quality ------------------------------------------------------------------------ */

static void check_state(cxs_ctx *ctx, double fragments, double noise, cxs_cn_state want,
                        const char *reason)
{
    copy_case c = copy_case_make(COPY_CASE_WIDTH, 6);
    cxs_cn_quality q;

    copy_case_reads(&c, 0.0, fragments, noise, 6);
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_OK);
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
    copy_case c = copy_case_make(COPY_CASE_WIDTH, 6);
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
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_OK);
    CHECK(q.gc_rank < -0.2 && q.state == CXS_CN_WARN);
    CHECK(strcmp(q.reason, "follows_gc") == 0);
    copy_case_free(&c);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- tumour fraction ---------------------------------------------------------------- */

static double fraction_of(cxs_ctx *ctx, double fraction, uint64_t seed)
{
    copy_case c = copy_case_make(COPY_CASE_WIDTH / 2, seed);
    cxs_cn_segments segments = {0};
    cxs_cn_quality q;
    double found = (double)NAN;

    copy_case_glioblastoma(&c);
    copy_case_reads(&c, fraction, COPY_CASE_FRAGMENTS, 0.02, seed);
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_OK);
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
    copy_case c = copy_case_make(COPY_CASE_WIDTH, 40);
    cxs_cn_segments segments = {0};
    cxs_cn_quality q;
    double found;

    copy_case_set(&c, 1, 0.0, megabases / copy_case_megabases[0], 1.0);
    for (size_t i = 0; i < c.bins.n; i++)
        c.bins.map[i] = 1.0;
    copy_case_reads(&c, 0.3, COPY_CASE_FRAGMENTS, 0.01, 40);
    CHECK(copy_case_correct(ctx, &c, &q) == CXS_OK);
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

/* ---- no memory ---------------------------------------------------------------------- */

static void no_memory(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    copy_case c = copy_case_make(20 * (int64_t)COPY_CASE_WIDTH, 8);
    cxs_rc rc = CXS_ENOMEM;

    (void)state;
    copy_case_reads(&c, 0.3, COPY_CASE_FRAGMENTS, 0.02, 8);
    for (long at = 1; rc == CXS_ENOMEM && at < 100; at++) {
        cxs_cn_segments fluid = {0}, tissue = {0};
        cxs_cn_scores scores;
        cxs_cn_quality q;
        cxs_alloc_fail_at(at);
        rc = copy_case_correct(ctx, &c, &q);
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
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("copynumber", tests, NULL, NULL);
}
