/*
 * test_variant_signatures.c -- exposures to mutational signatures
 */
#include "test.h"

#include "variant_case.h"

static void signatures_that_are_not_there_are_dropped(void **state)
{
    double x[SIGNATURES * CXS_SBS], counts[CXS_SBS], exposure[SIGNATURES], share[4];
    double cosine = 0.0;
    bool kept[SIGNATURES];

    (void)state;
    make_profiles(x);
    for (size_t i = 0; i < CXS_SBS; i++)
        counts[i] = floor(600.0 * x[i] + 300.0 * x[2 * CXS_SBS + i] + 0.5);
    CHECK(cxs_sbs_refit(c.ctx, SIGNATURES, x, counts, exposure, kept, &cosine) ==
          CXS_OK);
    CHECK(kept[0] && !kept[1] && kept[2] && !kept[3]);
    CHECK(exposure[1] == 0.0 && exposure[3] == 0.0);
    CHECK_NEAR(exposure[0], 600.0, 0.01);
    CHECK_NEAR(exposure[2], 300.0, 0.02);
    CHECK(cosine > 0.999 && cosine <= 1.0);
    CHECK(cxs_sbs_bootstrap(c.ctx, SIGNATURES, x, counts, kept, 1, 0, share) == CXS_OK);
    CHECK(share[0] == 1.0 && share[2] == 1.0 && share[1] == 0.0 && share[3] == 0.0);
    CHECK_DONE();
}

/* The share of bootstraps with more than 5 % grows with the true share. */
static void bootstraps_tell_what_is_certain(void **state)
{
    double x[SIGNATURES * CXS_SBS], counts[CXS_SBS], share[SIGNATURES];
    const bool kept[SIGNATURES] = {true, true, true, true};
    double last = -1.0;

    (void)state;
    make_profiles(x);
    for (int percent = 0; percent <= 10; percent += 5) {
        for (size_t i = 0; i < CXS_SBS; i++)
            counts[i] = floor(20.0 * (100 - percent) * x[i] +
                              20.0 * percent * x[CXS_SBS + i] + 0.5);
        CHECK(cxs_sbs_bootstrap(c.ctx, SIGNATURES, x, counts, kept, 1, 7, share) ==
              CXS_OK);
        CHECK(share[1] > last);
        last = share[1];
        CHECK(percent != 0 || share[1] < 0.05);
        CHECK(percent != 5 || (share[1] > 0.2 && share[1] < 0.8));
        CHECK(percent != 10 || share[1] > 0.95);
    }
    CHECK_DONE();
}

/* 400 of SBS11 and 600 of SBS1: shares 0.4 and 0.6; 40 substitutions tell nothing;
 * SBS4 is not of the glioma set; the order of the samples changes nothing. */
static void exposures_of_samples(void **state)
{
    double x[SIGNATURES * CXS_SBS], many[CXS_SBS], few[CXS_SBS];
    cxs_variant_feature_settings settings = plain;
    cxs_variant_sample s[2] = {{.id = "a", .library = "WGS", .callable_mb = 3000.0},
                               {.id = "b", .library = "WGS", .callable_mb = 3000.0}};

    (void)state;
    make_profiles(x);
    for (size_t i = 0; i < CXS_SBS; i++) {
        many[i] = floor(400.0 * x[i] + 600.0 * x[CXS_SBS + i] + 0.5);
        few[i] = i < 40 ? 1.0 : 0.0;
    }
    cxs_measures *rich = sbs_bag(many), *poor = sbs_bag(few);
    for (int layout = 0; layout < 2; layout++) {
        cxs_feature_columns columns = {.n = 2}, turned = {.n = 2};
        settings.signatures = write_matrix(x, layout == 1);
        s[0] = (cxs_variant_sample){
            .id = "a", .library = "WGS", .callable_mb = 3000.0, .variants = rich};
        s[1] = (cxs_variant_sample){
            .id = "b", .library = "WGS", .callable_mb = 3000.0, .variants = poor};
        derive(s, 2, &settings, &columns);
        CHECK_NEAR(value(&columns, "var.sbs.SBS11.share", 0), 0.4, 0.01);
        CHECK_NEAR(value(&columns, "var.sbs.SBS11.log2", 0), log2(401.0), 0.02);
        CHECK(value(&columns, "var.sbs.SBS11.present", 0) == 1.0);
        CHECK_NEAR(value(&columns, "var.sbs.CLOCK.share", 0), 0.6, 0.01);
        CHECK(value(&columns, "var.sbs.MMR.share", 0) == 0.0);
        CHECK(value(&columns, "var.sbs.MMR.present", 0) == 0.0);
        NOT_ASSESSED("var.sbs.SBS4.share", 0);
        NOT_ASSESSED("var.sbs.SBS11.share", 1);
        const cxs_variant_sample swap[2] = {s[1], s[0]};
        derive(swap, 2, &settings, &turned);
        for (size_t k = 0; k < columns.count; k++)
            for (size_t i = 0; i < 2; i++) {
                const double a = columns.column[k].value[i];
                const double b = turned.column[k].value[1 - i];
                CHECK(a == b || (isnan(a) && isnan(b)));
            }
        cxs_feature_columns_clear(&columns);
        cxs_feature_columns_clear(&turned);
    }
    cxs_measures_free(rich);
    cxs_measures_free(poor);
    CHECK_DONE();
}

/* An exome with twice the CpG: without frequencies nothing is said; with them what made
 * the counts comes back. */
static void exomes_have_other_trinucleotides(void **state)
{
    double x[SIGNATURES * CXS_SBS], y[2 * CXS_SBS], counts[CXS_SBS];
    cxs_variant_feature_settings settings = plain;
    cxs_variant_sample s = {.id = "a", .library = "WES", .callable_mb = 30.0};
    cxs_measure *t = NULL;
    int64_t *target = NULL, *genome = NULL;

    (void)state;
    make_profiles(x);
    for (size_t j = 0; j < 2; j++) {
        double total = 0.0;
        for (size_t i = 0; i < CXS_SBS; i++) { /* 3' base G after a middle C */
            y[j * CXS_SBS + i] =
                x[j * CXS_SBS + i] * (i < 48 && i % 4 == 2 ? 5.0 : 1.0);
            total += y[j * CXS_SBS + i];
        }
        for (size_t i = 0; i < CXS_SBS; i++)
            y[j * CXS_SBS + i] /= total;
    }
    for (size_t i = 0; i < CXS_SBS; i++)
        counts[i] = floor(4000.0 * y[i] + 6000.0 * y[CXS_SBS + i] + 0.5);
    settings.signatures = write_matrix(x, false);
    cxs_measures *bag = sbs_bag(counts);
    for (int known = 0; known < 2; known++) {
        cxs_feature_columns columns = {.n = 1};
        s.variants = bag;
        derive(&s, 1, &settings, &columns);
        if (known == 0) {
            NOT_ASSESSED("var.sbs.SBS11.share", 0);
            CHECK(cxs_measures_add(c.ctx, bag, "variants.trinucleotides", 32, &t) ==
                  CXS_OK);
            CHECK(cxs_measure_int(c.ctx, t, "target", &target) == CXS_OK);
            CHECK(cxs_measure_int(c.ctx, t, "genome", &genome) == CXS_OK);
            for (size_t i = 0; i < 32; i++) {
                genome[i] = 1000;
                target[i] = i < 16 && i % 4 == 2 ? 50 : 10;
            }
        } else {
            CHECK_NEAR(value(&columns, "var.sbs.SBS11.share", 0), 0.4, 0.002);
            CHECK_NEAR(value(&columns, "var.sbs.CLOCK.share", 0), 0.6, 0.002);
        }
        cxs_feature_columns_clear(&columns);
    }
    cxs_measures_free(bag);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_that_are_not_there_are_dropped),
        cmocka_unit_test(bootstraps_tell_what_is_certain),
        cmocka_unit_test(exposures_of_samples),
        cmocka_unit_test(exomes_have_other_trinucleotides),
    };

    return cmocka_run_group_tests_name("variant_signatures", tests, make, unmake);
}
