/*
 * test_features.c -- derived matrices: reference answers, steps by hand, faults
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

typedef struct fault {
    cxs_kind kind;
    cxs_normalise normalise;
    int filter;
    double value; /* of the first cell; the others are 20 and up */
    cxs_rc rc;
    const char *code, *message;
} fault;

static void faults_are_named(void **state)
{
    static const fault cases[] = {
        {CXS_KIND_COUNTS, CXS_NORMALISE_TMM, 0, -1, CXS_EFORMAT, "CX029",
         "in.tsv: feature 'G000', sample 'P000': -1 is not a count"},
        {CXS_KIND_TPM, CXS_NORMALISE_TMM, 0, 1, CXS_EMISMATCH, "CX031",
         "in.tsv: TMM needs raw counts, the matrix holds tpm values"},
        {CXS_KIND_LOG, CXS_NORMALISE_MOR, 0, 1, CXS_EMISMATCH, "CX031",
         "median of ratios needs raw counts"},
        {CXS_KIND_Z, CXS_NORMALISE_TPM, 0, 1, CXS_EARG, "", "matrix holds z values"},
        {CXS_KIND_LOG, CXS_NORMALISE_NONE, 1, 1, CXS_EARG, "", "filter of low counts"},
        {CXS_KIND_COUNTS, CXS_NORMALISE_TPM, 0, 1, CXS_EARG, "", "--lengths"},
        {CXS_KIND_TPM, CXS_NORMALISE_TPM, 0, -2, CXS_EFORMAT, "CX030",
         "-2 is not a TPM value"},
        {CXS_KIND_COUNTS, CXS_NORMALISE_TMM, 1, 1, CXS_EDEGENERATE, "",
         "none of 2 genes passes the filter"},
    };
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        cxs_features_settings s = cxs_features_auto();
        cxs_matrix *m = cohort_matrix(3, 2, 5);
        cxs_features *f = NULL;
        m->kind = cases[c].kind;
        for (size_t k = 0; k < 6; k++)
            m->x[k] = k == 0 ? cases[c].value : k % 3 == 0 ? 0.0 : (double)(k + 1);
        s.normalise = cases[c].normalise;
        s.filter = cases[c].filter;
        s.source = "in.tsv";
        CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == cases[c].rc);
        CHECK(f == NULL && strcmp(cxs_ctx_code(ctx), cases[c].code) == 0);
        CHECK(strstr(cxs_ctx_message(ctx), cases[c].message) != NULL);
        cxs_matrix_free(m);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void empty_library_is_named(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = cohort_matrix(3, 2, 5);
    cxs_features *f = NULL;

    (void)state;
    m->kind = CXS_KIND_COUNTS;
    for (size_t k = 0; k < 6; k++)
        m->x[k] = k % 3 == 1 ? 0.0 : 50.0;
    CHECK(cxs_features_derive(ctx, m, NULL, NULL, &f) == CXS_EDEGENERATE);
    CHECK(f == NULL && strcmp(cxs_ctx_code(ctx), "CX028") == 0);
    CHECK(strcmp(cxs_ctx_message(ctx), "sample P001: 0 counts in total, minimum 1") ==
          0);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Fractions under TMM: an error where a study is judged, a warning on a plain table. */
static void fractions_are_no_counts(void **state)
{
    (void)state;
    for (int stops = 0; stops < 2; stops++) {
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_features_settings s = cxs_features_auto();
        cxs_matrix *m = cohort_matrix(3, 4, 5);
        cxs_features *f = NULL;
        m->kind = CXS_KIND_COUNTS;
        for (size_t k = 0; k < 12; k++)
            m->x[k] = 20.25 + (double)(k * k);
        s.plausibility_stops = stops;
        CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) ==
              (stops ? CXS_EMISMATCH : CXS_OK));
        CHECK((f == NULL) == (stops == 1));
        CHECK(strstr(stops ? cxs_ctx_message(ctx) : cxs_ctx_warning(ctx, 0, NULL),
                     "12 of 12 cells are not whole numbers") != NULL);
        cxs_features_free(f);
        cxs_matrix_free(m);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

/* Cohorts and lengths come from tables; the order of their rows does not matter. */
static void tables_are_joined_by_id(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_features_settings s = cxs_features_auto();
    cxs_matrix *m = cohort_matrix(4, 2, 5);
    cxs_features *a = NULL, *b = NULL, *none = NULL;

    (void)state;
    s.rank_normal = 1;
    s.cohort_column = "group";
    s.clinical =
        test_text("one.tsv", "id\tgroup\nP000\tA\nP001\tB\nP002\tA\nP003\tB\nP9\tC\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &a) == CXS_OK);
    s.clinical =
        test_text("two.tsv", "group\tid\nB\tP003\nB\tP001\nA\tP002\nA\tP000\n");
    s.id = "id";
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &b) == CXS_OK);
    CHECK(memcmp(a->matrix->x, b->matrix->x, 8 * sizeof(double)) == 0);
    s.clinical = test_text("short.tsv", "id\tgroup\nP000\tA\nP002\tB\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &none) == CXS_EMISMATCH);
    CHECK(none == NULL &&
          strstr(cxs_ctx_message(ctx), "no row for 2 of 4: P001, P003") != NULL);
    s.clinical =
        test_text("na.tsv", "id\tgroup\nP000\tA\nP001\tNA\nP002\tB\nP003\tB\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &none) == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "na.tsv:3:group: sample P001 has no cohort"));
    s.clinical = test_text("twice.tsv", "id\tgroup\nP000\tA\nP000\tB\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &none) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "twice.tsv:3:id: 'P000' was already given"));
    cxs_features_free(a);
    cxs_features_free(b);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void lengths_are_checked(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_features_settings s = cxs_features_auto();
    cxs_matrix *m = cohort_matrix(2, 2, 5);
    cxs_features *f = NULL;

    (void)state;
    m->kind = CXS_KIND_COUNTS;
    for (size_t k = 0; k < 4; k++)
        m->x[k] = 30.0 + (double)(k * k);
    s.normalise = CXS_NORMALISE_TPM;
    s.filter = 0;
    s.lengths = test_text("zero.tsv", "id\tlength\nG000\t10\nG001\t0\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "zero.tsv:3:length: '0' is not a length > 0"));
    s.lengths = test_text("one.tsv", "id\tlength\nG000\t10\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_EMISMATCH);
    CHECK(strstr(cxs_ctx_message(ctx), "no length for 1 of 2: G001"));
    s.lengths = test_path("absent.tsv");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_ENOINPUT && f == NULL);
    s.lengths = test_text("good.tsv", "id\tlength\nG001\t20\nG000\t10\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_OK);
    CHECK_NEAR(cxs_features_matrix(f)->x[0], /* rates 3 and 1.7 of sample P000 */
               log2(3.0 / 4.7 * 1e6 + 1.0), TOL_SUM);
    cxs_features_free(f);
    cxs_matrix_free(m);
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
          strncmp(text, "feature_id\tmean\tsd\twinsor_low\twinsor_high\nGENE001\t",
                  48) == 0);
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

static void every_allocation_may_fail(void **state)
{
    static const cxs_normalise all[] = {CXS_NORMALISE_TMM, CXS_NORMALISE_MOR,
                                        CXS_NORMALISE_TPM};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = cohort_matrix(3, 6, 5);
    cxs_features_settings s = cxs_features_auto();
    cxs_features *first = NULL;
    long live;

    (void)state;
    m->kind = CXS_KIND_COUNTS;
    for (size_t k = 0; k < 18; k++)
        m->x[k] = 30.0 + (double)(k * k % 7);
    s.rank_normal = 1;
    s.cohort_column = "group";
    s.clinical = test_text("c.tsv", "id\tgroup\nP000\tA\nP001\tB\nP002\tA\n");
    s.lengths = test_text("l.tsv", "id\tlength\nG000\t1\nG001\t2\nG002\t3\nG003\t4\n"
                                   "G004\t5\nG005\t6\n");
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &first) == CXS_OK);
    cxs_features_free(
        first); /* the context now keeps the warning, whose copy may fail */
    live = cxs_alloc_live();
    for (size_t c = 0; c < 3; c++) {
        cxs_rc rc = CXS_ENOMEM;
        long k;
        s.normalise = all[c];
        for (k = 1; rc == CXS_ENOMEM && k < 500; k++) {
            cxs_features *f = NULL;
            cxs_alloc_fail_at(k);
            rc = cxs_features_derive(ctx, m, NULL, &s, &f);
            cxs_alloc_fail_at(0);
            CHECK((rc == CXS_OK) == (f != NULL));
            cxs_features_free(f);
            CHECK(cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 20);
    }
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_references),
        cmocka_unit_test(filter_agrees_with_the_reference),
        cmocka_unit_test(values_pass_through),
        cmocka_unit_test(ranks_within_cohorts_by_hand),
        cmocka_unit_test(winsorising_by_hand),
        cmocka_unit_test(missing_counts_stay_missing),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(empty_library_is_named),
        cmocka_unit_test(fractions_are_no_counts),
        cmocka_unit_test(tables_are_joined_by_id),
        cmocka_unit_test(lengths_are_checked),
        cmocka_unit_test(same_bytes_and_tables),
        cmocka_unit_test(study_gives_what_its_tables_give),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("features", tests, test_folder_make,
                                       test_folder_remove);
}
