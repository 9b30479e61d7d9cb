/*
 * test_fragment_reference.c -- the reference profile of fragments: of a sample and of
 * normals, by its definition
 *
 * Certificates: loadings are orthonormal eigenvectors of the normals' covariance, the
 * first three by size; features agree with their definition written out.
 */
#include "test.h"

#include "profile_case.h"
#include "study_case.h"

/* ---- the sample's own profile ----------------------------------------------------------- */

/* The curve between 257 places is that at every GC to 1e-5; a bin without fragments is
 * passed over, so the joined bins behind it stand one bin further. */
static void own_profile_as_defined(void **state)
{
    (void)state;
    for (int k = 0; k < 2; k++) {
        const size_t empty = k == 0 ? SIZE_MAX : 700;
        cxs_measures *bag = person_bag(3, 6e6, (made_as){1, 1, empty});
        const cxs_patient_file file = file_of(bag);
        cxs_feature_columns c = {.n = 1};
        double ratio[JOINED + 5], mean = 0.0, squares = 0.0;
        size_t n = join_literally(bag, empty, ratio);
        CHECK(n == JOINED);
        for (size_t j = 0; j < n; j++)
            mean += ratio[j] / (double)n;
        for (size_t j = 0; j < n; j++)
            squares += (ratio[j] - mean) * (ratio[j] - mean);
        CHECK(cxs_fragment_features(NULL, &file, NULL, NULL, "refdata", NULL, &c) ==
              CXS_OK);
        CHECK_NEAR(bag_value(&c, "frag.short_long.mean", 0), mean, 1e-5);
        CHECK_NEAR(bag_value(&c, "frag.short_long.sd", 0),
                   sqrt(squares / (double)(n - 1)), 1e-5);
        CHECK(isnan(bag_value(&c, "frag.profile.correlation", 0)));
        CHECK(isnan(bag_value(&c, "frag.profile.pc1", 0)));
        CHECK(strcmp(c.column[cxs_feature_columns_find(&c, "frag.profile.pc3")].note,
                     "the panel of normals has no profile of fragments") == 0);
        cxs_feature_columns_clear(&c);
        cxs_measures_free(bag);
    }
    CHECK_DONE();
}

/* ---- the reference ------------------------------------------------------------------------ */

static void check_loadings(const reference *r, double z[NORMALS][JOINED])
{
    double variance[CXS_PROFILE_COMPONENTS], all = 0.0;

    for (size_t k = 0; k < JOINED; k++) {
        double mean = 0.0;
        for (size_t i = 0; i < NORMALS; i++)
            mean += z[i][k] / NORMALS;
        for (size_t i = 0; i < NORMALS; i++)
            z[i][k] -= mean;
        for (size_t i = 0; i < NORMALS; i++)
            all += z[i][k] * z[i][k];
    }
    for (int c = 0; c < CXS_PROFILE_COMPONENTS; c++) {
        double score[NORMALS] = {0.0}, top = 0.0, low = 0.0;
        variance[c] = 0.0;
        for (int d = 0; d <= c; d++) {
            double dot = 0.0;
            for (size_t k = 0; k < JOINED; k++)
                dot += r->row[k].loading[c] * r->row[k].loading[d];
            CHECK_NEAR(dot, c == d ? 1.0 : 0.0, 1e-10);
        }
        for (size_t i = 0; i < NORMALS; i++) {
            for (size_t k = 0; k < JOINED; k++)
                score[i] += z[i][k] * r->row[k].loading[c];
            variance[c] += score[i] * score[i];
        }
        for (size_t k = 0; k < JOINED; k++) { /* Z'Z v = lambda v */
            double image = 0.0;
            for (size_t i = 0; i < NORMALS; i++)
                image += z[i][k] * score[i];
            CHECK(fabs(image - variance[c] * r->row[k].loading[c]) <
                  2e-4 * variance[0]);
            top = fmax(top, r->row[k].loading[c]);
            low = fmin(low, r->row[k].loading[c]);
        }
        CHECK(top > -low); /* the largest in size is positive */
        CHECK(c == 0 || variance[c] < variance[c - 1]);
    }
    /* What is left is less than the last component. */
    CHECK(all - variance[0] - variance[1] - variance[2] <
          (NORMALS - 1 - 3) * variance[2]);
}

static void reference_as_defined(void **state)
{
    static double z[NORMALS][JOINED];
    cxs_measures *bag[NORMALS + 1];
    reference r;

    (void)state;
    for (size_t i = 0; i < NORMALS; i++) {
        bag[i] = person_bag(20 + i, 6e6, plain);
        CHECK(join_literally(bag[i], SIZE_MAX, z[i]) == JOINED);
        scale_literally(z[i], JOINED);
    }
    bag[NORMALS] = person_bag(50, 4999999, plain); /* too few fragments */
    CHECK(reference_of(bag, NORMALS + 1, 5, NULL, &r) == CXS_OK);
    CHECK(r.count == JOINED && r.used == NORMALS);
    for (size_t k = 0; k < JOINED && r.count == JOINED; k++) {
        double one[NORMALS];
        for (size_t i = 0; i < NORMALS; i++)
            one[i] = z[i][k];
        qsort(one, NORMALS, sizeof *one, up);
        CHECK_NEAR(r.row[k].middle, one[NORMALS / 2], 1e-4);
    }
    CHECK(r.row[0].chrom == 1 && r.row[0].start0 == 0 && r.row[0].end0 == 5000000);
    CHECK(r.row[24].end0 == 249200000 && r.row[24].start0 == 244200000);
    CHECK(r.row[48].chrom == 2 && strcmp(r.row[48].build, "hg19") == 0);
    check_loadings(&r, z);
    cxs_free(r.row);
    CHECK(reference_of(bag, 5, 6, NULL, &r) == CXS_OK && r.count == 0 && r.row == NULL);
    for (size_t i = 0; i <= NORMALS; i++)
        cxs_measures_free(bag[i]);
    CHECK_DONE();
}

/* The order of the normals does not matter beyond rounding; twins differ in too few
 * directions. */
static void order_and_twins(void **state)
{
    cxs_measures *bag[NORMALS], *back[NORMALS], *twin[NORMALS];
    reference r, s, none;

    (void)state;
    for (size_t i = 0; i < NORMALS; i++) {
        bag[i] = person_bag(20 + i, 6e6, plain);
        back[NORMALS - 1 - i] = bag[i];
        twin[i] = bag[i % 3]; /* two directions */
    }
    CHECK(reference_of(bag, NORMALS, 5, NULL, &r) == CXS_OK);
    CHECK(reference_of(back, NORMALS, 5, NULL, &s) == CXS_OK);
    CHECK(r.count == s.count);
    for (size_t k = 0; k < r.count; k++) {
        CHECK(r.row[k].middle == s.row[k].middle);
        for (int c = 0; c < CXS_PROFILE_COMPONENTS; c++)
            CHECK_NEAR(s.row[k].loading[c], r.row[k].loading[c], 1e-9);
    }
    CHECK(reference_of(twin, NORMALS, 5, NULL, &none) == CXS_OK && none.count == 0);
    cxs_free(r.row);
    cxs_free(s.row);
    for (size_t i = 0; i < NORMALS; i++)
        cxs_measures_free(bag[i]);
    CHECK_DONE();
}

/* A bin that one normal lacks is in no joined bin: that of its place is one longer, and
 * those behind it on the arm stand one further. */
static void bins_that_all_have(void **state)
{
    cxs_measures *bag[NORMALS];
    reference r;

    (void)state;
    for (size_t i = 0; i < NORMALS; i++)
        bag[i] = person_bag(20 + i, 6e6, (made_as){1, 1, i == 3 ? 720 : SIZE_MAX});
    CHECK(reference_of(bag, NORMALS, 5, NULL, &r) == CXS_OK && r.count == JOINED);
    for (size_t k = 0; k < 24 && k < r.count; k++) {
        CHECK(r.row[k].start0 == (int64_t)k * 5000000 + (k > 14 ? 100000 : 0));
        CHECK(r.row[k].end0 - r.row[k].start0 == (k == 14 ? 5100000 : 5000000));
    }
    cxs_free(r.row);
    for (size_t i = 0; i < NORMALS; i++)
        cxs_measures_free(bag[i]);
    CHECK_DONE();
}

/* ---- without a reference genome --------------------------------------------------------- */

static void no_memory(void **state)
{
    enum { FEW = 4 }; /* three directions */
    cxs_measures *bag[FEW];
    cxs_rc rc = CXS_ENOMEM;
    reference r;
    long before;

    (void)state;
    for (size_t i = 0; i < FEW; i++)
        bag[i] = person_bag(20 + i, 6e6, plain);
    before = cxs_alloc_live();
    for (long at = 1; rc == CXS_ENOMEM && at < 200; at += at < 9 ? 1 : 5) {
        cxs_patient_file file[FEW];
        cxs_table *arms = NULL;
        for (size_t i = 0; i < FEW; i++)
            file[i] = file_of(bag[i]);
        CHECK(cxs_table_read(NULL, "refdata/chrom_arms.tsv", &arms) == CXS_OK);
        cxs_alloc_fail_at(at);
        rc = cxs_profile_reference(NULL, file, FEW, FEW, NULL, arms, "hg19", &r.row,
                                   &r.count, &r.used);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK ? r.row != NULL : rc == CXS_ENOMEM && r.row == NULL);
        cxs_free(r.row);
        cxs_table_free(arms);
        CHECK(cxs_alloc_live() == before);
    }
    CHECK(rc == CXS_OK);
    for (size_t i = 0; i < FEW; i++)
        cxs_measures_free(bag[i]);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_profile_as_defined),
        cmocka_unit_test(reference_as_defined),
        cmocka_unit_test(order_and_twins),
        cmocka_unit_test(bins_that_all_have),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("fragment_reference", tests, test_folder_make,
                                       test_folder_remove);
}
