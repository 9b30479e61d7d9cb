/*
 * test_features.c -- derived matrices: reference answers and steps by hand
 */
#include "features/derive.h"
#include "coxswain/ingest.h"
#include "coxswain/simulate.h"
#include "num/special.h"

#include "cohort.h"
#include "files.h"
#include "test.h"

#define GOLDEN "tests/data/golden/"

enum { GENES = 200, SAMPLES = 8 };

static double reference_tol(void)
{
    return 1e-9; /* the tables hold 12 digits */
}

static cxs_matrix *read_kind(const char *path, cxs_kind kind)
{
    cxs_matrix_settings s = cxs_matrix_defaults();
    cxs_matrix *m = NULL;
    cxs_ctx *ctx = cxs_ctx_new();

    s.kind = kind;
    if (cxs_matrix_read(ctx, path, &s, &m) != CXS_OK)
        printf("  %s\n", cxs_ctx_message(ctx));
    CHECK(m != NULL);
    cxs_ctx_free(ctx);
    return m;
}

static size_t feature_at(const cxs_matrix *m, const char *id)
{
    for (size_t j = 0; j < m->p; j++)
        if (strcmp(m->feature[j], id) == 0)
            return j;
    return SIZE_MAX;
}

/* Largest difference between a derived matrix and a table of the same samples. */
static double difference(const cxs_matrix *a, const cxs_matrix *table, int log_plus_one)
{
    double worst = 0.0;

    for (size_t j = 0; j < a->p; j++) {
        const size_t t = feature_at(table, a->feature[j]);
        if (t == SIZE_MAX)
            return HUGE_VAL;
        for (size_t i = 0; i < a->n; i++) {
            const double y = table->x[t * a->n + i];
            worst = fmax(worst,
                         fabs(a->x[j * a->n + i] - (log_plus_one ? log2(y + 1.0) : y)));
        }
    }
    return worst;
}

static cxs_features *derive(cxs_ctx *ctx, const cxs_matrix *m, cxs_normalise normalise,
                            int filter)
{
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f = NULL;

    s.normalise = normalise;
    s.filter = filter;
    s.lengths = GOLDEN "gene_length.tsv";
    if (cxs_features_derive(ctx, m, NULL, &s, &f) != CXS_OK)
        printf("  %s\n", cxs_ctx_message(ctx));
    CHECK(f != NULL);
    return f;
}

/* Columns of norm_factors.tsv, samples in rows. */
static void check_factors(const double *got, const cxs_matrix *table, const char *name)
{
    const size_t j = feature_at(table, name);

    CHECK(j != SIZE_MAX);
    for (size_t i = 0; j != SIZE_MAX && i < SAMPLES; i++)
        CHECK_NEAR(got[i], table->x[j * SAMPLES + i], reference_tol());
}

static void agrees_with_the_references(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *counts = read_kind(GOLDEN "counts.tsv", CXS_KIND_COUNTS);
    cxs_matrix *log_cpm = read_kind(GOLDEN "logcpm_tmm.tsv", CXS_KIND_OTHER);
    cxs_matrix *tpm = read_kind(GOLDEN "tpm.tsv", CXS_KIND_OTHER), *factors = NULL;
    cxs_matrix_settings by_rows = cxs_matrix_defaults();
    cxs_features *all, *filtered, *mor, *log_tpm;

    (void)state;
    by_rows.samples_in_rows = 1;
    CHECK(cxs_matrix_read(ctx, GOLDEN "norm_factors.tsv", &by_rows, &factors) ==
          CXS_OK);
    all = derive(ctx, counts, CXS_NORMALISE_TMM, 0);
    filtered = derive(ctx, counts, CXS_NORMALISE_TMM, 1);
    mor = derive(ctx, counts, CXS_NORMALISE_MOR, 0);
    log_tpm = derive(ctx, counts, CXS_NORMALISE_TPM, 0);
    check_factors(cxs_features_norm_factor(all), factors, "tmm_all");
    check_factors(cxs_features_library_size(all), factors, "lib_size");
    check_factors(cxs_features_norm_factor(filtered), factors, "tmm_filtered");
    check_factors(cxs_features_library_size(filtered), factors, "lib_filtered");
    check_factors(cxs_features_size_factor(mor), factors, "deseq_size_factor");
    CHECK(cxs_features_matrix(all)->p == 192); /* eight genes are 0 everywhere */
    CHECK(difference(cxs_features_matrix(all), log_cpm, 0) < reference_tol());
    CHECK(difference(cxs_features_matrix(log_tpm), tpm, 1) < reference_tol());
    CHECK(cxs_matrix_kind(cxs_features_matrix(all)) == CXS_KIND_LOG);
    cxs_features_free(all);
    cxs_features_free(filtered);
    cxs_features_free(mor);
    cxs_features_free(log_tpm);
    cxs_matrix_free(counts);
    cxs_matrix_free(log_cpm);
    cxs_matrix_free(tpm);
    cxs_matrix_free(factors);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void filter_agrees_with_the_reference(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *counts = read_kind(GOLDEN "counts.tsv", CXS_KIND_COUNTS);
    cxs_matrix *keep = read_kind(GOLDEN "filterByExpr.tsv", CXS_KIND_OTHER);
    cxs_features *f = derive(ctx, counts, CXS_NORMALISE_NONE, 1);
    size_t kept = 0;

    (void)state;
    for (size_t j = 0; j < GENES; j++) { /* column keep_nogroup sorts last */
        const int want = keep->x[j * 2 + 1] > 0.0;
        CHECK(strcmp(keep->sample[1], "keep_nogroup") == 0);
        CHECK(want ==
              (feature_at(cxs_features_matrix(f), keep->feature[j]) != SIZE_MAX));
        kept += (size_t)want;
    }
    CHECK(cxs_features_matrix(f)->p == kept);
    cxs_features_free(f);
    cxs_matrix_free(counts);
    cxs_matrix_free(keep);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Two groups of four, as in the reference: a gene needs four samples, not eight. */
static void filter_takes_the_smallest_group(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *counts = read_kind(GOLDEN "counts.tsv", CXS_KIND_COUNTS);
    cxs_matrix *keep = read_kind(GOLDEN "filterByExpr.tsv", CXS_KIND_OTHER);
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f = NULL;
    size_t kept = 0, without = 0;

    (void)state;
    s.normalise = CXS_NORMALISE_NONE;
    s.filter_groups = "arm";
    CHECK(cxs_features_derive(ctx, counts, NULL, &s, &f) == CXS_EARG && f == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "no clinical table") != NULL);
    s.clinical = test_text("groups.tsv", "id\tarm\nS1\ta\nS2\ta\nS3\ta\nS4\ta\n"
                                         "S5\tb\nS6\tb\nS7\tb\nS8\tb\n");
    CHECK(cxs_features_derive(ctx, counts, NULL, &s, &f) == CXS_OK && f != NULL);
    for (size_t j = 0; j < GENES; j++) {
        const int want = keep->x[j * 2] > 0.0;
        CHECK(strcmp(keep->sample[0], "keep_group4v4") == 0);
        CHECK(want ==
              (feature_at(cxs_features_matrix(f), keep->feature[j]) != SIZE_MAX));
        kept += (size_t)want;
        without += keep->x[j * 2 + 1] > 0.0;
    }
    CHECK(cxs_features_matrix(f)->p == kept && kept > without);
    cxs_features_free(f);
    cxs_matrix_free(counts);
    cxs_matrix_free(keep);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Pass-through, missing values and constant features. */
static void values_pass_through(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = cohort_matrix(4, 3, 5);
    cxs_features *f = NULL;
    const cxs_matrix *d;

    (void)state;
    m->x[1] = (double)NAN;
    for (size_t i = 0; i < 4; i++)
        m->x[4 + i] = i == 2 ? (double)NAN : 7.0; /* constant where it is known */
    CHECK(cxs_features_derive(ctx, m, NULL, NULL, &f) == CXS_OK);
    d = cxs_features_matrix(f);
    CHECK(d->p == 2 && d->kind == CXS_KIND_OTHER);
    CHECK(strcmp(d->feature[1], "G002") == 0 && isnan(d->x[1]));
    CHECK_NEAR(d->x[0], m->x[0], TOL_EXACT);
    CHECK_NEAR(d->x[4], m->x[8], TOL_EXACT);
    CHECK(strcmp(cxs_ctx_warning(ctx, 0, NULL),
                 "CX027: 1 of 3 features are constant and were dropped") == 0);
    CHECK(isnan(cxs_features_library_size(f)[0]));
    CHECK_NEAR(cxs_features_transforms(f)[0].mean, (m->x[0] + m->x[2] + m->x[3]) / 3.0,
               TOL_SUM);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Two cohorts on different scales get the same scores; the missing value stays. */
static void ranks_within_cohorts_by_hand(void **state)
{
    const double x[] = {1, 100, 3, 300, 2, 200, 0, 5};
    const uint32_t cohort[] = {0, 1, 0, 1, 0, 1, 0, 1};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_features_settings s = cxs_features_auto();
    cxs_matrix *m = cohort_matrix(8, 1, 5);
    cxs_features *f = NULL;
    const double *y;

    (void)state;
    memcpy(m->x, x, sizeof x);
    m->x[6] = m->x[7] = (double)NAN;
    s.rank_normal = 1;
    CHECK(cxs_features_derive(ctx, m, cohort, &s, &f) == CXS_OK);
    y = cxs_features_matrix(f)->x;
    for (size_t i = 0; i < 6; i += 2) { /* ranks 1 3 2 of three */
        const double want = cxs_normal_quantile((x[i] - 0.5) / 3.0);
        CHECK_NEAR(y[i], want, TOL_SUM);
        CHECK_NEAR(y[i + 1], want, TOL_SUM);
    }
    CHECK(isnan(y[6]) && isnan(y[7]));
    CHECK(cxs_features_matrix(f)->kind == CXS_KIND_Z);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* 101 values 0..100: the 1 % and 99 % quantiles are 1 and 99.  The 0/1 feature, rarer
 * than 1 %, is left alone; at 99 samples nothing is clipped. */
static void winsorising_by_hand(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_features_settings s = cxs_features_auto();

    (void)state;
    s.standardise = 1;
    for (size_t n = 99; n <= 101; n += 2) {
        cxs_matrix *m = cohort_matrix(n, 2, 5);
        cxs_features *f = NULL;
        const cxs_transform *t;
        double sum = 0.0, squares = 0.0;
        for (size_t i = 0; i < n; i++) {
            m->x[i] = (double)((i * 7) % n);
            m->x[n + i] = i == 5;
        }
        CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_OK);
        t = cxs_features_transforms(f);
        CHECK(n == 101 ? t[0].winsor_low == 1.0 && t[0].winsor_high == 99.0
                       : isnan(t[0].winsor_low) && isnan(t[0].winsor_high));
        CHECK_NEAR(t[0].mean, n == 101 ? 50.0 : 49.0, TOL_SUM);
        CHECK(t[1].mean == 0.0 && t[1].sd == 1.0 && isnan(t[1].winsor_low));
        for (size_t i = 0; i < n; i++) {
            const double raw = m->x[i], z = cxs_features_matrix(f)->x[i];
            const double clipped = n == 101 ? fmin(fmax(raw, 1.0), 99.0) : raw;
            CHECK_NEAR(z * t[0].sd + t[0].mean, clipped, TOL_SUM);
            CHECK_NEAR(cxs_features_matrix(f)->x[n + i], m->x[n + i], TOL_EXACT);
            sum += z;
            squares += z * z;
        }
        CHECK_NEAR(sum / (double)n, 0.0, TOL_SUM);
        CHECK_NEAR(squares / (double)n, 1.0, TOL_SUM);
        cxs_features_free(f);
        cxs_matrix_free(m);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A gene that one sample misses keeps its missing cell and leaves the factors of the
 * others as if it were not there. */
static void missing_counts_stay_missing(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *counts = read_kind(GOLDEN "counts.tsv", CXS_KIND_COUNTS);
    cxs_matrix *fewer = read_kind(GOLDEN "counts.tsv", CXS_KIND_COUNTS);
    cxs_features *with, *without;
    const cxs_matrix *d;

    (void)state;
    counts->x[3] = (double)NAN; /* first gene, fourth sample */
    for (size_t i = 0; i < SAMPLES; i++)
        fewer->x[i] = 0.0; /* an empty gene takes no part either */
    with = derive(ctx, counts, CXS_NORMALISE_TMM, 0);
    without = derive(ctx, fewer, CXS_NORMALISE_TMM, 0);
    d = cxs_features_matrix(with);
    CHECK(strcmp(d->feature[0], "GENE001") == 0 && isnan(d->x[3]) && !isnan(d->x[2]));
    for (size_t i = 0; i < SAMPLES; i++) {
        CHECK_NEAR(cxs_features_norm_factor(with)[i],
                   cxs_features_norm_factor(without)[i], TOL_EXACT);
        CHECK_NEAR(cxs_features_library_size(with)[i],
                   cxs_features_library_size(without)[i], TOL_EXACT);
    }
    cxs_features_free(with);
    cxs_features_free(without);
    cxs_matrix_free(counts);
    cxs_matrix_free(fewer);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* One thread or three, the same bytes; and the tables as they are written. */
static void same_bytes_and_tables(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *counts = read_kind(GOLDEN "counts.tsv", CXS_KIND_COUNTS);
    cxs_features *one = derive(ctx, counts, CXS_NORMALISE_TMM, 1), *three;
    char *text;

    (void)state;
    cxs_ctx_set_threads(ctx, 3);
    three = derive(ctx, counts, CXS_NORMALISE_TMM, 1);
    CHECK(memcmp(one->matrix->x, three->matrix->x,
                 one->matrix->n * one->matrix->p * sizeof(double)) == 0);
    CHECK(cxs_features_write(ctx, one, test_path("p"), NULL) == CXS_OK);
    text = test_read(test_path("p.factors.tsv"), NULL);
    CHECK(text != NULL && strstr(text, "sample_id\tlibrary_size\tnorm_factor\t"
                                       "size_factor\nS1\t31390\t1.41230826") == text);
    free(text);
    text = test_read(test_path("p.transform.tsv"), NULL);
    CHECK(text != NULL &&
          strncmp(text,
                  "feature_id\tmean\tsd\twinsor_low\twinsor_high\tchange\t"
                  "change_by\tfamily\ttype\tunit\nGENE001\t",
                  84) == 0);
    free(text);
    text = test_read(test_path("p.features.tsv"), NULL);
    CHECK(text != NULL &&
          strncmp(text, "feature_id\tS1\tS2\tS3\tS4\tS5\tS6\tS7\tS8\nGENE001\t", 43) ==
              0);
    free(text);
    cxs_features_free(one);
    cxs_features_free(three);
    cxs_matrix_free(counts);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A study's own settings, and its strata as cohorts: the same numbers as from its plain
 * tables with the strata's column as cohorts. */
static void study_gives_what_its_tables_give(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_simulate_settings sim = cxs_simulate_defaults();
    cxs_features_settings s = cxs_features_auto();
    cxs_study *study = NULL;
    cxs_matrix *m = NULL;
    cxs_features *of_study = NULL, *plain = NULL, *of_tables = NULL;

    (void)state;
    sim.n = 40;
    sim.p = 150;
    CHECK(cxs_simulate_study(ctx, &sim, test_path("study")) == CXS_OK);
    CHECK(cxs_ingest(ctx, test_path("study"), NULL, test_path("a.cxs")) == CXS_OK);
    CHECK(cxs_study_open(ctx, test_path("a.cxs"), &study) == CXS_OK);
    CHECK(cxs_features_study(ctx, study, NULL, &plain) == CXS_OK);
    CHECK(cxs_features_used(plain).normalise == CXS_NORMALISE_TMM);
    CHECK(cxs_features_used(plain).filter == 1);
    CHECK(cxs_features_matrix(plain)->kind == CXS_KIND_LOG);
    s.rank_normal = 1;
    CHECK(cxs_features_study(ctx, study, &s, &of_study) == CXS_OK);
    CHECK(cxs_study_matrix(ctx, study, &m) == CXS_OK);
    s.clinical = test_path("study/patients.tsv");
    s.cohort_column = "COHORT";
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &of_tables) == CXS_OK);
    CHECK(of_study->matrix->p == of_tables->matrix->p);
    CHECK(memcmp(of_study->matrix->x, of_tables->matrix->x,
                 of_study->matrix->n * of_study->matrix->p * sizeof(double)) == 0);
    cxs_features_free(of_study);
    cxs_features_free(of_tables);
    cxs_features_free(plain);
    cxs_matrix_free(m);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_references),
        cmocka_unit_test(filter_agrees_with_the_reference),
        cmocka_unit_test(filter_takes_the_smallest_group),
        cmocka_unit_test(values_pass_through),
        cmocka_unit_test(ranks_within_cohorts_by_hand),
        cmocka_unit_test(winsorising_by_hand),
        cmocka_unit_test(missing_counts_stay_missing),
        cmocka_unit_test(same_bytes_and_tables),
        cmocka_unit_test(study_gives_what_its_tables_give),
    };

    return cmocka_run_group_tests_name("features", tests, test_folder_make,
                                       test_folder_remove);
}
