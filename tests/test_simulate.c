/*
 * test_simulate.c -- simulated studies and designs: same bytes, stated distributions,
 * the outcome model recovered from the files
 */
#include "simulate/draw.h"

#include "coxswain/ingest.h"
#include "coxswain/simulate.h"
#include "coxswain/study.h"
#include "store/data.h"

#include "files.h"
#include "test.h"

static cxs_ctx *context(int threads)
{
    cxs_ctx *ctx = cxs_ctx_new();

    cxs_ctx_set_threads(ctx, threads);
    return ctx;
}

/* Small but with several centres, blocks, chunks of genes and tied names. */
static cxs_simulate_settings small(void)
{
    cxs_simulate_settings s = cxs_simulate_defaults();

    s.n = 60;
    s.p = 300;
    s.k = 5;
    s.block = 7;
    s.seed = 11;
    return s;
}

static int same_file(const char *a, const char *b)
{
    char path[2][TEST_PATH_BYTES * 2];
    size_t n[2] = {0, 0};
    char *bytes[2];
    int same;

    snprintf(path[0], sizeof path[0], "%s/%s", test_folder, a);
    snprintf(path[1], sizeof path[1], "%s/%s", test_folder, b);
    bytes[0] = test_read(path[0], &n[0]);
    bytes[1] = test_read(path[1], &n[1]);
    same = bytes[0] != NULL && bytes[1] != NULL && n[0] == n[1] && n[0] > 0 &&
           memcmp(bytes[0], bytes[1], n[0]) == 0;
    free(bytes[0]);
    free(bytes[1]);
    return same;
}

static void check_same_folders(const char *a, const char *b, const char *const *files)
{
    for (; *files != NULL; files++) {
        char one[64], two[64];
        snprintf(one, sizeof one, "%s/%s", a, *files);
        snprintf(two, sizeof two, "%s/%s", b, *files);
        CHECK(same_file(one, two));
    }
}

static void threads_do_not_matter(void **state)
{
    static const char *const study[] = {"study.yaml", "patients.tsv", "samples.tsv",
                                        "assays.tsv", "truth.tsv",    "counts.tsv.zst",
                                        NULL};
    static const char *const design[] = {"X.f64",     "clinical.tsv", "meta.tsv",
                                         "truth.tsv", "design.cxf",   NULL};
    cxs_ctx *one = context(1), *three = context(3);
    cxs_simulate_settings s = small();

    (void)state;
    CHECK(cxs_simulate_study(one, &s, test_path("s1")) == CXS_OK);
    CHECK(cxs_simulate_study(three, &s, test_path("s3")) == CXS_OK);
    check_same_folders("s1", "s3", study);
    CHECK(cxs_simulate_design(one, &s, test_path("d1")) == CXS_OK);
    CHECK(cxs_simulate_design(three, &s, test_path("d3")) == CXS_OK);
    check_same_folders("d1", "d3", design);
    s.seed++;
    CHECK(cxs_simulate_design(three, &s, test_path("d4")) == CXS_OK);
    CHECK(!same_file("d1/X.f64", "d4/X.f64"));
    cxs_ctx_free(one);
    cxs_ctx_free(three);
    CHECK_DONE();
}

/* Mean and variance of a Poisson equal its parameter; 4 standard errors of each. */
static void poisson_has_its_moments(void **state)
{
    static const double means[] = {0.3, 4.0, 9.99, 10.0, 37.5, 2500.0};
    enum { DRAWS = 40000 };

    (void)state;
    for (size_t m = 0; m < sizeof means / sizeof *means; m++) {
        const cxs_stream s = {5, CXS_DRAW_TEST, m};
        const double mean = means[m], n = DRAWS;
        double sum = 0.0, squares = 0.0;
        for (uint64_t i = 0; i < DRAWS; i++) {
            const double k = cxs_draw_poisson(&s, i, mean);
            CHECK(k >= 0.0 && k == floor(k));
            sum += k;
            squares += (k - mean) * (k - mean);
        }
        CHECK(fabs(sum / n - mean) < 4.0 * sqrt(mean / n));
        /* var of (K - mean)^2 is mean (1 + 2 mean) */
        CHECK(fabs(squares / n - mean) < 4.0 * sqrt(mean * (1.0 + 2.0 * mean) / n));
    }
    CHECK_NEAR(cxs_draw_poisson(&(cxs_stream){1, CXS_DRAW_TEST, 0}, 0, 0.0), 0.0,
               TOL_EXACT);
    CHECK_DONE();
}

/* Probabilities of single values by the definition, in both branches: 4 standard
 * errors. */
static void poisson_has_its_probabilities(void **state)
{
    static const double means[] = {3.0, 12.0};
    enum { DRAWS = 1000000, VALUES = 40 };

    (void)state;
    for (size_t m = 0; m < 2; m++) {
        const cxs_stream s = {6, CXS_DRAW_TEST, m};
        double seen[VALUES] = {0}, p = exp(-means[m]);
        for (uint64_t i = 0; i < DRAWS; i++) {
            const double k = cxs_draw_poisson(&s, i, means[m]);
            if (k < VALUES)
                seen[(size_t)k] += 1.0;
        }
        for (size_t k = 0; k < VALUES; p *= means[m] / (double)++k)
            CHECK(fabs(seen[k] - DRAWS * p) < 4.5 * sqrt(DRAWS * p * (1.0 - p)) + 1.0);
    }
    CHECK_DONE();
}

static double correlation(size_t n, const double *x, const double *y)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

/* Mean correlation of neighbours inside blocks is rho, across borders 0. */
static void blocks_correlate_by_rho(void **state)
{
    enum { N = 200, BLOCK = 10, COUNT = 400 };
    const cxs_latent l = {3, CXS_DRAW_DESIGN, N, BLOCK, 0.6};
    static double u[N], z[2][N];
    double inside = 0.0, across = 0.0, n_inside = 0.0, n_across = 0.0;

    (void)state;
    for (size_t g = 0; g < COUNT; g++) {
        cxs_latent_block(&l, g / BLOCK, u);
        cxs_latent_feature(&l, g, u, z[g % 2]);
        if (g > 0 && g % BLOCK > 0) {
            inside += correlation(N, z[0], z[1]);
            n_inside += 1.0;
        } else if (g > 0) {
            across += correlation(N, z[0], z[1]);
            n_across += 1.0;
        }
    }
    /* one correlation has se (1 - rho^2)/sqrt(N); neighbours share their block's part
     */
    CHECK(fabs(inside / n_inside - 0.6) < 0.03);
    CHECK(fabs(across / n_across) < 4.0 / sqrt(N * n_across));
    CHECK_DONE();
}

static void planted_features_by_hand(void **state)
{
    cxs_simulate_settings s = small();

    (void)state;
    for (s.p = 1; s.p < 60; s.p += 7)
        for (s.k = 1; s.k <= s.p; s.k++)
            for (size_t m = 0; m < s.k; m++)
                CHECK(cxs_planted_feature(&s, m) == (2 * m + 1) * s.p / (2 * s.k));
    CHECK_NEAR(cxs_planted_effect(&s, 0), 0.5, TOL_EXACT);
    CHECK_NEAR(cxs_planted_effect(&s, 3), -0.5, TOL_EXACT);
    CHECK_DONE();
}

/* ---- a design read back ---------------------------------------------------------- */

typedef struct read_back {
    cxs_matrix *matrix;
    cxs_surv *surv;
    double *x; /* X.f64 */
} read_back;

static void read_design(cxs_ctx *ctx, const cxs_simulate_settings *s, const char *name,
                        read_back *r)
{
    cxs_clinical_settings c = cxs_clinical_defaults();
    char path[TEST_PATH_BYTES * 2];
    size_t bytes = 0;

    *r = (read_back){0};
    c.id = "id";
    c.time = "time";
    c.event = "event";
    c.adjust = "z1,z2,z3";
    CHECK(cxs_simulate_design(ctx, s, test_path(name)) == CXS_OK);
    snprintf(path, sizeof path, "%s/%s/design.cxf", test_folder, name);
    CHECK(cxs_matrix_open(ctx, path, &r->matrix) == CXS_OK);
    snprintf(path, sizeof path, "%s/%s/clinical.tsv", test_folder, name);
    CHECK(cxs_clinical_read(ctx, path, &c, &r->surv) == CXS_OK);
    snprintf(path, sizeof path, "%s/%s/X.f64", test_folder, name);
    r->x = (void *)test_read(path, &bytes);
    CHECK(bytes == s->n * s->p * sizeof(double));
}

static void forget(read_back *r)
{
    cxs_matrix_free(r->matrix);
    cxs_surv_free(r->surv);
    free(r->x);
}

static size_t number_of(const char *name)
{
    return strtoul(name + 1, NULL, 10) - 1;
}

static void design_files_agree(void **state)
{
    cxs_ctx *ctx = context(2);
    cxs_simulate_settings s = small();
    read_back r;

    (void)state;
    read_design(ctx, &s, "agree", &r);
    CHECK(r.matrix->n == s.n && r.matrix->p == s.p);
    CHECK(strcmp(r.matrix->sample[1], "P10") == 0); /* bytewise */
    for (size_t j = 0; j < s.p; j++)
        for (size_t i = 0; i < s.n; i++)
            CHECK(r.matrix->x[j * s.n + i] ==
                  r.x[number_of(r.matrix->feature[j]) * s.n +
                      number_of(r.matrix->sample[i])]);
    CHECK(cxs_surv_n(r.surv) == s.n && cxs_surv_events(r.surv) == 42); /* 70 % of 60 */
    forget(&r);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A draw belongs to its patient and feature, whatever stands beside them. */
static void more_patients_begin_with_the_same(void **state)
{
    cxs_ctx *ctx = context(2);
    cxs_simulate_settings s = small(), fewer = small();
    read_back all, some;

    (void)state;
    fewer.n = 13;
    fewer.p = 110;
    read_design(ctx, &s, "all", &all);
    read_design(ctx, &fewer, "some", &some);
    for (size_t j = 0; j < fewer.p; j++)
        for (size_t i = 0; i < fewer.n; i++)
            CHECK(some.x[j * fewer.n + i] == all.x[j * s.n + i]);
    forget(&all);
    forget(&some);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Under the model H_i(t_i) = t_i exp(eta_i) is the compensator of the event: the sum of
 * event - H over patients has mean 0 and variance about the number of events; so has
 * any sum weighted by something known before.  Weighted by eta it finds a wrong effect.
 */
static void outcome_follows_the_model(void **state)
{
    cxs_ctx *ctx = context(2);
    cxs_simulate_settings s = small();
    double plain = 0.0, weighted = 0.0, variance = 0.0, events = 0.0;
    read_back r;

    (void)state;
    s.n = 3000;
    s.p = 40;
    s.k = 4;
    s.effect = 0.4;
    read_design(ctx, &s, "model", &r);
    for (size_t i = 0; i < s.n; i++) { /* rows of surv are in the order of the matrix */
        const double *z = cxs_surv_z(r.surv);
        double eta = 0.4 * z[i] - 0.3 * z[s.n + i], residual;
        for (size_t m = 0; m < 4; m++) {
            const size_t f = cxs_planted_feature(&s, m);
            eta += (m % 2 == 0 ? 0.4 : -0.4) *
                   r.x[f * s.n + number_of(cxs_surv_id(r.surv)[i])];
        }
        residual =
            (double)cxs_surv_event(r.surv)[i] - cxs_surv_time(r.surv)[i] * exp(eta);
        plain += residual;
        weighted += eta * residual;
        variance += eta * eta * (double)cxs_surv_event(r.surv)[i];
        events += (double)cxs_surv_event(r.surv)[i];
    }
    CHECK_NEAR(events, 2100.0, TOL_EXACT);
    CHECK(fabs(plain) < 4.0 * sqrt(events));
    CHECK(fabs(weighted) < 4.0 * sqrt(variance));
    forget(&r);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- a study read back ----------------------------------------------------------- */

static void study_is_readable(void **state)
{
    cxs_ctx *ctx = context(2);
    cxs_simulate_settings s = small();
    cxs_clinical_settings c = cxs_clinical_defaults();
    cxs_matrix_settings ms = cxs_matrix_defaults();
    cxs_matrix *m = NULL;
    cxs_surv *surv = NULL;
    char *text;

    (void)state;
    CHECK(cxs_simulate_study(ctx, &s, test_path("study")) == CXS_OK);
    c.id = "PATIENT_ID";
    c.time = "OS_DAYS";
    c.event = "OS_STATUS";
    c.time_unit = "days";
    c.strata = "COHORT";
    c.adjust = "AGE,KPS";
    CHECK(cxs_clinical_read(ctx, test_path("study/patients.tsv"), &c, &surv) == CXS_OK);
    CHECK(surv != NULL && surv->n == 60 && surv->n_strata == 2 &&
          cxs_surv_events(surv) == 42);
    ms.kind = CXS_KIND_COUNTS;
    CHECK(cxs_matrix_read(ctx, test_path("study/counts.tsv.zst"), &ms, &m) == CXS_OK);
    CHECK(m != NULL && m->n == 60 && m->p == 300 &&
          strcmp(m->feature[299], "G00300") == 0);
    for (size_t i = 0; m != NULL && i < m->n; i++) { /* 1000 per gene, sd 0.3 in ln */
        double library = 0.0;
        for (size_t j = 0; j < m->p; j++)
            library += m->x[j * m->n + i];
        CHECK(library > 60000.0 && library < 1500000.0);
    }
    text = test_read(test_path("study/truth.tsv"), NULL);
    CHECK(text != NULL && strcmp(text, "feature_id\tlog_hr_per_sd\nG00031\t0.5\n"
                                       "G00091\t-0.5\nG00151\t0.5\nG00211\t-0.5\n"
                                       "G00271\t0.5\nAGE\t0.35\nKPS\t-0.3\n") == 0);
    free(text);
    cxs_matrix_free(m);
    cxs_surv_free(surv);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void settings_are_checked(void **state)
{
    cxs_ctx *ctx = context(1);

    (void)state;
    for (int fault = 0; fault < 7; fault++) {
        cxs_simulate_settings s = small();
        s.n = fault == 0 ? 1 : s.n;
        s.p = fault == 1 ? 0 : s.p;
        s.k = fault == 2 ? 301 : s.k;
        s.rho = fault == 3 ? 1.5 : s.rho;
        s.censoring = fault == 4 ? 1.0 : s.censoring;
        s.block = fault == 5 ? 0 : s.block;
        s.centres = fault == 6 ? 100 : s.centres;
        CHECK(cxs_simulate_study(ctx, &s, test_path("never")) == CXS_EARG);
        CHECK(access(test_path("never"), F_OK) != 0);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = context(1);
    cxs_simulate_settings s = small();

    (void)state;
    s.n = 5;
    s.p = 6;
    s.k = 2;
    for (int design = 0; design < 2; design++) {
        const long live = cxs_alloc_live();
        cxs_rc rc = CXS_ENOMEM;
        long k;
        for (k = 1; rc == CXS_ENOMEM && k < 500; k++) {
            cxs_alloc_fail_at(k);
            rc = design ? cxs_simulate_design(ctx, &s, test_path("alloc_d"))
                        : cxs_simulate_study(ctx, &s, test_path("alloc_s"));
            cxs_alloc_fail_at(0);
            CHECK(cxs_alloc_live() == live);
        }
        CHECK(rc == CXS_OK && k > 20);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(poisson_has_its_moments),
        cmocka_unit_test(poisson_has_its_probabilities),
        cmocka_unit_test(blocks_correlate_by_rho),
        cmocka_unit_test(planted_features_by_hand),
        cmocka_unit_test(design_files_agree),
        cmocka_unit_test(more_patients_begin_with_the_same),
        cmocka_unit_test(outcome_follows_the_model),
        cmocka_unit_test(study_is_readable),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests_name("simulate", tests, test_folder_make,
                                       test_folder_remove);
}
