/*
 * test_tcr.c -- repertoires: indices by hand and against golden values, down-sampling,
 * overlap, clones of a file, features
 */
#include "test.h"

#include "files.h"
#include "tmp.h"

#include "base/stream.h"
#include "base/table.h"
#include "features/receptors.h"
#include "ingest/airr.h"
#include "num/tcr.h"

/* Three clones of 4, 2, 2 counts: p = 1/2, 1/4, 1/4. */
static void indices_by_hand(void **state)
{
    const double count[] = {4.0, 2.0, 2.0}, one[] = {7.0},
                 rare[] = {2.0, 1.0, 1.0, 1.0};
    double x[CXS_TCR_INDICES];

    (void)state;
    cxs_tcr_indices(3, count, x);
    CHECK_NEAR(x[CXS_TCR_RICHNESS], 3.0, TOL_EXACT);
    CHECK_NEAR(x[CXS_TCR_SHANNON], 1.5 * log(2.0), TOL_SUM);
    CHECK_NEAR(x[CXS_TCR_CLONALITY], 1.0 - 1.5 * log(2.0) / log(3.0), TOL_SUM);
    CHECK_NEAR(x[CXS_TCR_SIMPSON], 0.375, TOL_SUM);
    /* ascending 2 2 4: (-2)2 + (0)2 + (2)4 = 4, over 3 * 8 */
    CHECK_NEAR(x[CXS_TCR_GINI], 4.0 / 24.0, TOL_SUM);
    CHECK_NEAR(x[CXS_TCR_CHAO1], 3.0, TOL_EXACT);
    CHECK_NEAR(x[CXS_TCR_D50], 1.0, TOL_EXACT); /* 4 of 8 are half */
    CHECK_NEAR(x[CXS_TCR_TOP10], 1.0, TOL_EXACT);
    CHECK_NEAR(x[CXS_TCR_EXPANDED], 1.0, TOL_EXACT);
    cxs_tcr_indices(1, one, x);
    CHECK(isnan(x[CXS_TCR_CLONALITY]));
    CHECK_NEAR(x[CXS_TCR_SHANNON], 0.0, TOL_EXACT);
    CHECK_NEAR(x[CXS_TCR_GINI], 0.0, TOL_EXACT);
    cxs_tcr_indices(4, rare, x); /* f1 = 3, f2 = 1: 4 + 3 * 2/(2 * 2) */
    CHECK_NEAR(x[CXS_TCR_CHAO1], 5.5, TOL_EXACT);
    CHECK_NEAR(x[CXS_TCR_D50], 2.0, TOL_EXACT); /* 3 of 5 */
    cxs_tcr_indices(0, NULL, x);
    for (size_t k = 0; k < CXS_TCR_INDICES; k++)
        CHECK(isnan(x[k]));
    CHECK_DONE();
}

/* Eleven clones, the last below a thousandth. */
static void shares_of_large_clones(void **state)
{
    double count[12], x[CXS_TCR_INDICES];

    (void)state;
    for (size_t i = 0; i < 10; i++)
        count[i] = 1000.0;
    count[10] = 11.0; /* 11/10021 > 0.001 */
    count[11] = 10.0; /* 10/10021 < 0.001 */
    cxs_tcr_indices(12, count, x);
    CHECK_NEAR(x[CXS_TCR_TOP10], 10000.0 / 10021.0, TOL_SUM);
    CHECK_NEAR(x[CXS_TCR_EXPANDED], 10011.0 / 10021.0, TOL_SUM);
    CHECK_NEAR(x[CXS_TCR_D50], 6.0, TOL_EXACT); /* 5000 < 5010.5 <= 6000 */
    CHECK_DONE();
}

static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

static cxs_table *golden(const char *name)
{
    cxs_table *t = NULL;
    char path[512];

    snprintf(path, sizeof path, "tests/data/golden/%s", name);
    if (access(path, R_OK) != 0) {
        printf("  skipped: no %s: run from the top of the checkout\n", path);
        return NULL;
    }
    CHECK(cxs_table_read(NULL, path, &t) == CXS_OK);
    return t;
}

static void indices_of_the_golden_table(void **state)
{
    static const struct {
        const char *name;
        cxs_tcr_index at;
    } names[] = {{"richness", CXS_TCR_RICHNESS},   {"shannon_nat", CXS_TCR_SHANNON},
                 {"clonality", CXS_TCR_CLONALITY}, {"simpson_sum_p2", CXS_TCR_SIMPSON},
                 {"gini", CXS_TCR_GINI},           {"chao1", CXS_TCR_CHAO1},
                 {"d50_clones", CXS_TCR_D50},      {"top10_fraction", CXS_TCR_TOP10}};
    cxs_table *counts = golden("tcr_counts.tsv"), *want = golden("tcr_expected.tsv");
    double x[CXS_TCR_INDICES], count[1000];
    size_t compared = 0;

    (void)state;
    if (counts == NULL || want == NULL) {
        cxs_table_free(counts);
        cxs_table_free(want);
        skip();
    }
    for (size_t r = 0; r < counts->rows; r++)
        count[r] = strtod(cxs_table_cell(counts, r, 1), NULL);
    qsort(count, counts->rows, sizeof *count, descending);
    cxs_tcr_indices(counts->rows, count, x);
    for (size_t r = 0; r < want->rows; r++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (strcmp(cxs_table_cell(want, r, 0), names[k].name) == 0) {
                CHECK_NEAR(x[names[k].at], strtod(cxs_table_cell(want, r, 1), NULL),
                           1e-9);
                compared++;
            }
    CHECK(compared == 8);
    cxs_table_free(counts);
    cxs_table_free(want);
    CHECK_DONE();
}

/* ---- down-sampling ---------------------------------------------------------------- */

static size_t draw(const void *stream, uint64_t repeat, uint64_t index, size_t below)
{
    return cxs_draw_below(stream, repeat << 32 | index, below);
}

static const cxs_stream stream = {.seed = 7, .purpose = CXS_DRAW_TEST};

/* All of it is the repertoire itself; part of it never exceeds a clone; the share of a
 * clone has the mean of the hypergeometric law. */
static void down_sampling_is_without_replacement(void **state)
{
    const double count[] = {50.0, 30.0, 0.0, 15.0, 5.0};
    double taken[5], work[6], mean[5] = {0.0}, x[CXS_TCR_INDICES], all[CXS_TCR_INDICES];
    double room[11];
    const double sorted[] = {50.0, 30.0, 15.0, 5.0};

    (void)state;
    cxs_tcr_downsample(5, count, 100, draw, &stream, 0, taken, work);
    for (size_t i = 0; i < 5; i++)
        CHECK(taken[i] == count[i]);
    for (uint64_t r = 0; r < 4000; r++) {
        double sum = 0.0;
        cxs_tcr_downsample(5, count, 40, draw, &stream, r, taken, work);
        for (size_t i = 0; i < 5; i++) {
            sum += taken[i];
            mean[i] += taken[i] / 4000.0;
            CHECK(taken[i] >= 0.0 && taken[i] <= count[i]);
        }
        CHECK(sum == 40.0);
    }
    /* sd of a mean: sqrt(40 p (1 - p) 60/99 / 4000) <= 0.039 */
    for (size_t i = 0; i < 5; i++)
        CHECK(fabs(mean[i] - 0.4 * count[i]) < 0.16);
    cxs_tcr_mean(4, sorted, 100, 20, draw, &stream, x, room);
    cxs_tcr_indices(4, sorted, all);
    for (size_t k = 0; k < CXS_TCR_INDICES; k++)
        CHECK_NEAR(x[k], all[k], TOL_SUM);
    CHECK_DONE();
}

static void below_the_depth_nothing_is_said(void **state)
{
    const double count[] = {50.0, 30.0, 15.0, 5.0}, lone[] = {9.0};
    double x[CXS_TCR_INDICES], work[9];
    size_t missing = 0;

    (void)state;
    cxs_tcr_mean(4, count, 101, 20, draw, &stream, x, work);
    for (size_t k = 0; k < CXS_TCR_INDICES; k++)
        missing += isnan(x[k]) != 0;
    CHECK(missing == CXS_TCR_INDICES);
    cxs_tcr_mean(4, count, 0, 20, draw, &stream, x, work);
    CHECK(isnan(x[CXS_TCR_RICHNESS]));
    cxs_tcr_mean(1, lone, 5, 20, draw, &stream, x, work);
    CHECK(x[CXS_TCR_RICHNESS] == 1.0 && isnan(x[CXS_TCR_CLONALITY]));
    CHECK_DONE();
}

/* a = 6 2 2 0, b = 5 0 3 2: A = B = 10, shared 8 of 10; sum pq = .30 + .06 = .36, sum
 * p^2 = .44, sum q^2 = .38: 2 * .36/.82. */
static void overlap_by_hand(void **state)
{
    const double a[] = {6.0, 2.0, 2.0, 0.0}, b[] = {5.0, 0.0, 3.0, 2.0},
                 zero[4] = {0.0};
    double share, morisita;

    (void)state;
    cxs_tcr_overlap(4, a, b, &share, &morisita);
    CHECK_NEAR(share, 0.8, TOL_SUM);
    CHECK_NEAR(morisita, 0.72 / 0.82, TOL_SUM);
    cxs_tcr_overlap(4, a, a, &share, &morisita);
    CHECK_NEAR(share, 1.0, TOL_SUM);
    CHECK_NEAR(morisita, 1.0, TOL_SUM);
    cxs_tcr_overlap(4, a, zero, &share, &morisita);
    CHECK(isnan(share) && isnan(morisita));
    CHECK_DONE();
}

/* ---- files and features ----------------------------------------------------------- */

#define AIRR "v_call\tj_call\tjunction\tjunction_aa\tproductive\tumi_count\n"

static cxs_measures *bag_of(cxs_ctx *ctx, const char *text)
{
    cxs_measures *bag = NULL;

    test_text("r.tsv", text);
    CHECK(cxs_measures_new(ctx, &bag) == CXS_OK);
    CHECK(cxs_airr_measure(ctx, test_path("r.tsv"), bag) == CXS_OK);
    return bag;
}

static void rows_of_a_clone_add_up(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_measures *bag =
        bag_of(ctx, AIRR "TRBV9*01\tTRBJ2*01\tTGT\tC\tT\t3\n"
                         "TRBV9*02,TRBV5\tTRBJ2*01\tTGT\tC\tT\t4\n" /* same genes */
                         "TRBV9*01\tTRBJ2*01\t\tC\tT\t5\n" /* another: amino acids */
                         "TRBV9*01\tTRBJ1*01\tTGT\tC\tT\t1\n"
                         "TRBV9*01\tTRBJ1*01\tTGT\tC\tF\t9\n"
                         "TRAV9*01\tTRAJ1*01\tTGT\tC\tT\t9\n");
    const cxs_measure *t = cxs_measures_find(bag, "clones");
    const cxs_measure *s = cxs_measures_find(bag, "repertoire");
    const int64_t *count = cxs_measure_get_int(t, "count");
    const char *const *j = cxs_measure_get_text(t, "j");
    const char *const *junction = cxs_measure_get_text(t, "junction");

    (void)state;
    CHECK(cxs_measure_rows(t) == 3);
    CHECK(count[0] == 1 && strcmp(j[0], "TRBJ1") == 0);
    CHECK(count[1] == 5 && strcmp(junction[1], "C") == 0);
    CHECK(count[2] == 7 && strcmp(junction[2], "TGT") == 0);
    CHECK(*cxs_measure_get_int(s, "rearrangements") == 4);
    CHECK(*cxs_measure_get_int(s, "unproductive") == 1);
    CHECK(*cxs_measure_get_int(s, "other_loci") == 1);
    cxs_measures_free(bag);
    bag = NULL;
    CHECK(cxs_measures_new(ctx, &bag) == CXS_OK);
    test_text("r.tsv", AIRR "TRBV9\tTRBJ2\tTGT\tC\tT\t1.5\n");
    CHECK(cxs_airr_measure(ctx, test_path("r.tsv"), bag) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX050") == 0);
    CHECK(strstr(cxs_ctx_message(ctx), "r.tsv:2: the count 1.5 is not whole") != NULL);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void the_depth_is_a_low_quantile(void **state)
{
    double total[20], work[20];

    (void)state;
    for (size_t i = 0; i < 20; i++)
        total[i] = 100.0 * (double)(20 - i);
    CHECK(cxs_receptor_depth(total, 20, work) == 200); /* second of twenty */
    CHECK(cxs_receptor_depth(total, 11, work) == 1100);
    total[3] = 0.0; /* a file without counts does not set the depth */
    CHECK(cxs_receptor_depth(total, 4, work) == 1800);
    for (size_t i = 0; i < 20; i++)
        total[i] = 1e6;
    CHECK(cxs_receptor_depth(total, 20, work) == 10000);
    CHECK(cxs_receptor_depth(total, 0, work) == 0);
    CHECK_DONE();
}

static size_t count_missing(const cxs_feature_columns *c, size_t i)
{
    size_t missing = 0;

    for (size_t k = 0; k < c->count; k++)
        missing += isnan(c->column[k].value[i]) != 0;
    return missing;
}

static double at(const cxs_feature_columns *c, const char *name, size_t i)
{
    const size_t k = cxs_feature_columns_find(c, name);

    CHECK(k != SIZE_MAX);
    return k != SIZE_MAX ? c->column[k].value[i] : (double)NAN;
}

/* Patients: 0 whole with product, 1 shallow, 2 no file, 3 whole without product. */
static void features_are_missing_where_they_must(void **state)
{
    static const char deep[] =
        AIRR "TRBV1\tTRBJ1\tA\tC\tT\t6\nTRBV1\tTRBJ1\tC\tC\tT\t2\n"
             "TRBV1\tTRBJ1\tG\tC\tT\t2\n";
    static const char product[] =
        AIRR "TRBV1\tTRBJ1\tA\tC\tT\t5\nTRBV1\tTRBJ1\tG\tC\tT\t3\n"
             "TRBV1\tTRBJ1\tT\tC\tT\t2\n";
    cxs_ctx *ctx = tmp_ctx();
    size_t used = 0;
    const cxs_receptor_settings set = {.depth = 10, .used = &used};
    cxs_patient_file file[4] = {
        {.sample = "a"}, {.sample = "b"}, {.sample = ""}, {.sample = "d"}};
    cxs_patient_file products[4] = {
        {.sample = "p"}, {.sample = "q"}, {.sample = ""}, {.sample = ""}};
    cxs_feature_columns c = {.n = 4};

    (void)state;
    file[0].bag = bag_of(ctx, deep);
    file[1].bag = bag_of(ctx, AIRR "TRBV1\tTRBJ1\tA\tC\tT\t9\n");
    file[3].bag = bag_of(ctx, deep);
    products[0].bag = bag_of(ctx, product);
    products[1].bag = bag_of(ctx, product);
    CHECK(cxs_receptor_features_at(ctx, file, products, &set, &c) == CXS_OK);
    CHECK(used == 10 && c.count == 11);
    CHECK(count_missing(&c, 0) == 0);
    CHECK(count_missing(&c, 1) == 11); /* nine counts are fewer than ten */
    CHECK(count_missing(&c, 2) == 11);
    CHECK(count_missing(&c, 3) == 2);
    CHECK_NEAR(at(&c, "tcr.richness", 0), 2.0, TOL_SUM); /* log2(3 + 1) */
    CHECK_NEAR(at(&c, "tcr.simpson", 0), 0.44, TOL_SUM);
    CHECK_NEAR(at(&c, "tcr.product.share", 0), 0.8, TOL_SUM);
    CHECK_NEAR(at(&c, "tcr.product.morisita", 0), 0.72 / 0.82, TOL_SUM);
    CHECK(strstr(tmp_log, "3 repertoires, down-sampled to 10 counts; 1 hold fewer") !=
          NULL);
    cxs_feature_columns_clear(&c);
    CHECK(cxs_receptor_features(ctx, file, NULL, &c) == CXS_OK); /* depth 9 */
    CHECK(count_missing(&c, 1) == 3); /* one clone: no clonality; no product */
    CHECK(isnan(at(&c, "tcr.clonality", 1)));
    CHECK(strcmp(c.column[10].note, "no patient has a T-cell product") == 0);
    CHECK(strstr(tmp_log, "the depth of 9 counts is that of the poorest") != NULL);
    cxs_feature_columns_clear(&c);
    for (size_t i = 0; i < 4; i++) {
        cxs_measures_free(file[i].bag);
        cxs_measures_free(products[i].bag);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The draws hang on the sample's id: companions and rows do not matter. */
static void samples_do_not_touch_each_other(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    const cxs_receptor_settings set = {.depth = 20}, other = {.depth = 20, .seed = 1};
    cxs_feature_columns one = {.n = 1}, two = {.n = 2}, seeded = {.n = 1};
    cxs_patient_file file[2] = {{.sample = "b"}, {.sample = "a"}};
    char text[4096] = AIRR;

    (void)state;
    for (int k = 0; k < 40; k++)
        sprintf(text + strlen(text), "TRBV%d\tTRBJ1\tA\tC\tT\t%d\n", k + 1, 1 + k % 5);
    file[0].bag = bag_of(ctx, text);
    file[1].bag = bag_of(ctx, text);
    CHECK(cxs_receptor_features_at(ctx, file, NULL, &set, &two) == CXS_OK);
    CHECK(cxs_receptor_features_at(ctx, file + 1, NULL, &set, &one) == CXS_OK);
    CHECK(cxs_receptor_features_at(ctx, file + 1, NULL, &other, &seeded) == CXS_OK);
    CHECK(at(&one, "tcr.shannon", 0) == at(&two, "tcr.shannon", 1));
    CHECK(at(&one, "tcr.shannon", 0) != at(&two, "tcr.shannon", 0));
    CHECK(at(&one, "tcr.shannon", 0) != at(&seeded, "tcr.shannon", 0));
    cxs_feature_columns_clear(&one);
    cxs_feature_columns_clear(&two);
    cxs_feature_columns_clear(&seeded);
    cxs_measures_free(file[0].bag);
    cxs_measures_free(file[1].bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A bag from a file may lie. */
static void damaged_clones_are_refused(void **state)
{
    static const int64_t counts[][2] = {{1, 0}, {1, -4}, {2, 3}};
    static const char *const genes[][2] = {
        {"A", "B"}, {"A", "B"}, {"B", "A"}}; /* not in order */
    cxs_ctx *ctx = tmp_ctx();

    (void)state;
    for (size_t k = 0; k < 4; k++) {
        cxs_patient_file file = {.sample = "a"};
        cxs_feature_columns c = {.n = 1};
        cxs_measure *t = NULL;
        size_t column[3];
        int64_t *count = NULL;
        static const char *const names[] = {"v", "j", "junction"};
        CHECK(cxs_measures_new(ctx, &file.bag) == CXS_OK);
        CHECK(cxs_measures_add(ctx, file.bag, k < 3 ? "clones" : "other", 2, &t) ==
              CXS_OK);
        for (size_t n = 0; n < 3; n++) {
            CHECK(cxs_measure_text(ctx, t, names[n], &column[n]) == CXS_OK);
            for (size_t r = 0; r < 2; r++)
                CHECK(cxs_measure_set_text(ctx, t, column[n], r,
                                           genes[k < 3 ? k : 0][r]) == CXS_OK);
        }
        CHECK(cxs_measure_int(ctx, t, "count", &count) == CXS_OK);
        count[0] = counts[k < 3 ? k : 2][0];
        count[1] = counts[k < 3 ? k : 2][1];
        CHECK(cxs_receptor_features(ctx, &file, NULL, &c) == CXS_EFORMAT);
        cxs_feature_columns_clear(&c);
        cxs_measures_free(file.bag);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void memory_may_run_out(void **state)
{
    cxs_ctx *ctx = tmp_ctx();
    cxs_measures *bag = bag_of(ctx, AIRR "TRBV1\tTRBJ1\tA\tC\tT\t6\n");
    cxs_patient_file file = {.sample = "a", .bag = bag};
    const long before = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;

    (void)state;
    for (long k = 1; rc != CXS_OK && k < 500; k++) {
        cxs_measures *again = NULL;
        cxs_feature_columns c = {.n = 1};
        cxs_alloc_fail_at(k);
        rc = cxs_measures_new(ctx, &again);
        if (rc == CXS_OK)
            rc = cxs_airr_measure(ctx, test_path("r.tsv"), again);
        if (rc == CXS_OK)
            rc = cxs_receptor_features(ctx, &file, &file, &c);
        if (rc == CXS_OK)
            rc = cxs_receptor_expansion(ctx, &file, &file, &file, 6, &c);
        cxs_alloc_fail_at(0);
        CHECK(rc == CXS_OK || rc == CXS_ENOMEM);
        cxs_measures_free(again);
        cxs_feature_columns_clear(&c);
        CHECK(cxs_alloc_live() <= before + 1); /* the message of the context */
    }
    CHECK(rc == CXS_OK);
    cxs_measures_free(bag);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* fisher.test and p.adjust of R 4.2: q of the eight clones is 5.1e-5, 9.6e-4, 1, not
 * tested, 0.80, not tested, 2.1e-9 (which shrank), 0.044. */
static void clones_that_grow(void **state)
{
    const double before[] = {10, 0, 5, 2, 3, 0, 100, 4},
                 after[] = {40, 12, 5, 2, 2, 4, 60, 15}, none[8] = {0};
    double number = -1.0, share = -1.0, p[8];
    cxs_p_item work[8];

    (void)state;
    cxs_tcr_expansion(8, before, after, &number, &share, p, work);
    CHECK(number == 2.0);
    CHECK_NEAR(share, 52.0 / 140.0, TOL_SUM);
    CHECK_NEAR(p[0], 5.099315053e-05, 1e-9);
    CHECK_NEAR(p[1], 9.566314986e-04, 1e-9);
    CHECK_NEAR(p[4], 8.018422780e-01, 1e-9);
    CHECK_NEAR(p[6], 2.071020813e-09, 1e-9);
    CHECK_NEAR(p[7], 4.411830122e-02, 1e-9);
    CHECK(isnan(p[3]) && isnan(p[5]));
    cxs_tcr_expansion(8, after, before, &number, &share, p, work); /* the way back */
    CHECK(number == 1.0);
    CHECK_NEAR(share, 100.0 / 124.0, TOL_SUM);
    cxs_tcr_expansion(8, before, before, &number, &share, p, work);
    CHECK(number == 0.0 && share == 0.0);
    cxs_tcr_expansion(8, none, after, &number, &share, p, work);
    CHECK(isnan(number) && isnan(share));
    cxs_tcr_expansion(8, before, none, &number, &share, p, work);
    CHECK(isnan(number) && isnan(share));
    cxs_tcr_expansion(0, before, after, &number, &share, p, work);
    CHECK(isnan(number));
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indices_by_hand),
        cmocka_unit_test(shares_of_large_clones),
        cmocka_unit_test(indices_of_the_golden_table),
        cmocka_unit_test(down_sampling_is_without_replacement),
        cmocka_unit_test(below_the_depth_nothing_is_said),
        cmocka_unit_test(overlap_by_hand),
        cmocka_unit_test(clones_that_grow),
        cmocka_unit_test(rows_of_a_clone_add_up),
        cmocka_unit_test(the_depth_is_a_low_quantile),
        cmocka_unit_test(features_are_missing_where_they_must),
        cmocka_unit_test(samples_do_not_touch_each_other),
        cmocka_unit_test(damaged_clones_are_refused),
        cmocka_unit_test(memory_may_run_out),
    };

    return cmocka_run_group_tests_name("tcr", tests, test_folder_make,
                                       test_folder_remove);
}
