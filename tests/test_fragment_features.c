/*
 * test_fragment_features.c -- lengths, motifs and the profile of made files by hand
 */
#include "test.h"

#include "bag_case.h"

#include <string.h>

static cxs_feature_columns derive(cxs_measures **bag, size_t n,
                                  cxs_quality_rows *quality)
{
    cxs_patient_file file[4];
    cxs_feature_columns columns = {.n = n};
    cxs_ctx *ctx = cxs_ctx_new();

    for (size_t i = 0; i < n; i++)
        file[i] = (cxs_patient_file){.sample = i == 0 ? "A" : "B",
                                     .source = "CSF_CFDNA",
                                     .library = "SWGS",
                                     .build = "hg19",
                                     .bag = bag[i]};
    CHECK(cxs_fragment_features(ctx, file, NULL, NULL, "refdata", quality, &columns) ==
          CXS_OK);
    for (size_t i = 0; i < n; i++)
        cxs_measures_free(bag[i]);
    cxs_ctx_free(ctx);
    return columns;
}

/* Four lengths: 100 (20 %), 150 (30 %), 170 (40 %), 450 (10 %) of 2 M. */
static void lengths_by_hand(void **state)
{
    const int length[6] = {100, 150, 170, 450, 19, 1001};
    const double count[6] = {4e5, 6e5, 8e5, 2e5, 9e5, 9e5}; /* the last do not count */
    cxs_measures *bag[1] = {bag_lengths(6, length, count)};
    cxs_quality_rows quality = {0};
    cxs_feature_columns c = derive(bag, 1, &quality);
    const double mean = 0.2 * 100 + 0.3 * 150 + 0.4 * 170 + 0.1 * 450;

    (void)state;
    CHECK_NEAR(bag_value(&c, "frag.length.mean", 0), mean, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.length.sd", 0),
               sqrt(0.2 * pow(100 - mean, 2) + 0.3 * pow(150 - mean, 2) +
                    0.4 * pow(170 - mean, 2) + 0.1 * pow(450 - mean, 2)),
               TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.length.q05", 0), 100, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "frag.length.q25", 0), 150, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "frag.length.median", 0), 150, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "frag.length.q75", 0), 170, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "frag.length.q95", 0), 450, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "frag.share.20_150", 0), 0.5, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.share.100_150", 0), 0.5, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.share.151_220", 0), 0.4, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.share.160_180", 0), 0.4, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.share.180_220", 0), 0.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "frag.share.250_320", 0), 0.0, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "frag.share.400_up", 0), 0.1, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.ratio.20_150_to_160_180", 0), 1.25, TOL_SUM);
    CHECK(isnan(bag_value(&c, "frag.ratio.100_150_to_163_169", 0))); /* none below */
    CHECK_NEAR(bag_value(&c, "frag.oscillation", 0), 0.2 / 5.0, TOL_SUM); /* 102 +-2 */
    CHECK(quality.count == 2 && strcmp(quality.at[0].sample, "A") == 0);
    CHECK_NEAR(quality.at[0].value, 2e6, TOL_EXACT);
    CHECK(quality.at[0].state == CXS_QC_WARN && quality.at[1].state == CXS_QC_OK);
    cxs_quality_rows_clear(&quality);
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* The mode is that of means of five: a lone spike loses to a broad hill. */
static void the_mode_is_smoothed(void **state)
{
    const int length[6] = {120, 165, 166, 167, 168, 169};
    const double count[6] = {3e5, 2e5, 2e5, 2e5, 2e5, 2e5};
    cxs_measures *bag[1] = {bag_lengths(6, length, count)};
    cxs_feature_columns c = derive(bag, 1, NULL);

    (void)state;
    CHECK_NEAR(bag_value(&c, "frag.length.mode", 0), 167, TOL_EXACT);
    CHECK_NEAR(bag_value(&c, "frag.ratio.100_150_to_163_169", 0), 0.3, TOL_SUM);
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* Peaks at 81 .. 134 minus valleys at 84 .. 137, each a mean of five lengths. */
static void oscillation_by_hand(void **state)
{
    const int length[3] = {92, 126, 160};
    const double count[3] = {5e5, 2e5, 3e5};
    cxs_measures *bag[1] = {bag_lengths(3, length, count)};
    cxs_feature_columns c = derive(bag, 1, NULL);

    (void)state;
    CHECK_NEAR(bag_value(&c, "frag.oscillation", 0), 0.5 / 5.0 - 0.2 / 5.0, TOL_SUM);
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* 999,999 fragments: every value is missing, none is 0; one more: there they are.  A
 * patient without the file has no value and no row of quality. */
static void too_few_are_missing(void **state)
{
    const int length[2] = {150, 170};
    const double few[2] = {400000, 599999}, enough[2] = {400000, 600000};
    cxs_measures *bag[3] = {bag_lengths(2, length, few), bag_lengths(2, length, enough),
                            NULL};
    cxs_quality_rows quality = {0};
    cxs_feature_columns c = derive(bag, 3, &quality);

    (void)state;
    for (size_t k = 0; k < c.count; k++)
        CHECK(isnan(c.column[k].value[0]) && isnan(c.column[k].value[2]));
    CHECK_NEAR(bag_value(&c, "frag.share.20_150", 1), 0.4, TOL_SUM);
    CHECK(isnan(bag_value(&c, "frag.mds", 1)));
    CHECK(isnan(bag_value(&c, "frag.short_long.mean", 1)));
    CHECK(quality.count == 4);
    CHECK(quality.at[0].state == CXS_QC_FAIL &&
          strcmp(quality.at[0].reason, "few_fragments") == 0);
    CHECK(quality.at[2].state == CXS_QC_WARN);
    cxs_quality_rows_clear(&quality);
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* ---- motifs ---------------------------------------------------------------------- */

static cxs_measures *bag_motifs(double fragments, const double count[256])
{
    static const int length[1] = {160};
    cxs_measures *bag = bag_lengths(1, length, &fragments);
    cxs_measure *t = bag_table(bag, "end_motifs", 256);
    const size_t motif = bag_text(t, "motif");
    int64_t *c = bag_int(t, "count");

    for (size_t m = 0; m < 256; m++) {
        const char text[5] = {"ACGT"[m / 64], "ACGT"[m / 16 % 4], "ACGT"[m / 4 % 4],
                              "ACGT"[m % 4], '\0'};
        bag_set(t, motif, m, text);
        c[m] = (int64_t)count[m];
    }
    return bag;
}

/* All alike: 1.  Two motifs with 1/4 and 3/4: -(ln(1/4)/4 + 3 ln(3/4)/4)/ln 256.  One
 * fragment short of a million: missing.  Ends that cannot be read (clipped, N) are fewer
 * than two for each fragment. */
static void motif_diversity_by_hand(void **state)
{
    double all[256], two[256] = {0}, few[256] = {0};
    cxs_measures *bag[3];
    cxs_feature_columns c;

    (void)state;
    for (int m = 0; m < 256; m++)
        all[m] = 1e5;
    two[84] = 1e6; /* CCCA */
    two[0] = 3e6;  /* AAAA */
    few[0] = 1999998;
    bag[0] = bag_motifs(2e7, all);
    bag[1] = bag_motifs(3e6, two);
    bag[2] = bag_motifs(999999, few);
    c = derive(bag, 3, NULL);
    CHECK_NEAR(bag_value(&c, "frag.mds", 0), 1.0, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.motif.CCCA", 0), 1.0 / 256.0, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.mds", 1),
               -(0.25 * log(0.25) + 0.75 * log(0.75)) / log(256.0), TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.motif.CCCA", 1), 0.25, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.motif.AAAA", 1), 0.75, TOL_SUM);
    CHECK_NEAR(bag_value(&c, "frag.motif.TAAA", 1), 0.0, TOL_EXACT);
    CHECK(isnan(bag_value(&c, "frag.mds", 2)) &&
          isnan(bag_value(&c, "frag.motif.AAAA", 2)));
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

/* ---- profile --------------------------------------------------------------------- */

/* 100 kb bins of chromosome 1 of hg19 with a short count that `value` gives for the
 * start, 1000 long ones, one GC; `total` fragments in all. */
static cxs_measures *bag_profile(double total, double (*value)(int64_t start))
{
    static const int length[1] = {160};
    cxs_measures *bag = bag_lengths(1, length, &total);
    const size_t n = 2492;
    cxs_measure *t = bag_table(bag, "fragment_bins", n);
    const size_t chrom = bag_text(t, "chrom");
    int64_t *start = bag_int(t, "start"), *end = bag_int(t, "end"),
            *s = bag_int(t, "short"), *l = bag_int(t, "long"), *all = bag_int(t, "all"),
            *counted = bag_int(t, "gc_fragments"), *ppm = bag_int(t, "gc_ppm");

    for (size_t i = 0; i < n; i++) {
        bag_set(t, chrom, i, "1");
        start[i] = (int64_t)i * 100000;
        end[i] = start[i] + 100000;
        s[i] = (int64_t)value(start[i]);
        l[i] = 1000;
        all[i] = s[i] + l[i];
        counted[i] = 100;
        ppm[i] = 42000000;
    }
    return bag;
}

static double flat(int64_t start)
{
    (void)start;
    return 300.0;
}

/* chr1 of hg19: p 0-121.5 Mb (24 whole bins of 5 Mb from the telomere, 1.5 Mb left over
 * at the centromere), q 128.9-249.25 Mb from the end.  Short fragments stand in the left
 * over 1.5 Mb alone: joined from the telomere they are dropped. */
static double left_over(int64_t start)
{
    return start >= 120000000 && start < 121500000 ? 50000.0 : 300.0;
}

/* The first bin of 5 Mb of the p arm. */
static double at_the_telomere(int64_t start)
{
    return start < 5000000 ? 600.0 : 300.0;
}

/* With one GC everywhere the correction is value - mean + median. */
static void profile_from_the_telomere(void **state)
{
    cxs_measures *bag[4] = {bag_profile(5e6, flat), bag_profile(4999999, flat),
                            bag_profile(5e6, left_over),
                            bag_profile(5e6, at_the_telomere)};
    cxs_feature_columns c = derive(bag, 4, NULL);
    double shift, mean, bins = 48.0; /* 24 of p, 24 of q */

    (void)state;
    CHECK_NEAR(bag_value(&c, "frag.short_long.mean", 0), 0.3, 1e-9);
    CHECK(bag_value(&c, "frag.short_long.sd", 0) < 1e-6);
    CHECK(isnan(bag_value(&c, "frag.short_long.mean", 1)));
    CHECK(isnan(bag_value(&c, "frag.short_long.sd", 1)));
    CHECK(bag_value(&c, "frag.short_long.sd", 2) < 1e-6);
    shift = -300.0 * 50.0 / 2492.0; /* mean to median of what is corrected */
    mean = (0.3 * (bins - 1.0) + 0.6) / bins + shift / 1000.0;
    CHECK_NEAR(bag_value(&c, "frag.short_long.mean", 3), mean, 1e-4);
    CHECK_NEAR(bag_value(&c, "frag.short_long.sd", 3), 0.3 / sqrt(bins), 1e-4);
    cxs_feature_columns_clear(&c);
    CHECK_DONE();
}

static void no_memory(void **state)
{
    cxs_rc rc = CXS_ENOMEM;
    cxs_measures *bag = bag_profile(6e6, flat);
    const cxs_patient_file file = {.sample = "A",
                                   .source = "CSF_CFDNA",
                                   .library = "SWGS",
                                   .build = "hg19",
                                   .bag = bag};
    const long before = cxs_alloc_live();

    (void)state;
    for (long at = 1; rc == CXS_ENOMEM && at < 5000; at += at < 120 ? 1 : 97) {
        cxs_feature_columns columns = {.n = 1};
        cxs_quality_rows quality = {0};
        cxs_alloc_fail_at(at);
        rc = cxs_fragment_features(NULL, &file, NULL, NULL, "refdata", &quality,
                                   &columns);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        cxs_feature_columns_clear(&columns);
        cxs_quality_rows_clear(&quality);
        CHECK(cxs_alloc_live() == before);
    }
    CHECK(rc == CXS_OK);
    cxs_measures_free(bag);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_by_hand),
        cmocka_unit_test(the_mode_is_smoothed),
        cmocka_unit_test(oscillation_by_hand),
        cmocka_unit_test(too_few_are_missing),
        cmocka_unit_test(motif_diversity_by_hand),
        cmocka_unit_test(profile_from_the_telomere),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("fragment features", tests, NULL, NULL);
}
