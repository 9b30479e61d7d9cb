/*
 * test_screen.c -- the adjusted scan against R survival; q-values and result files
 */
#include "test.h"

#include "made.h"
#include "reference.h"

#include "base/pool.h"
#include "model/scan.h"

#include <unistd.h>

static const char *const covariates[] = {"x1", "x2"};

/* The reference matrix in the row order of the cohort, as design. */
typedef struct genes {
    cxs_table *table;
    size_t n, p;
    double *x; /* [n x p] */
    const char **feature;
} genes;

static genes read_genes(const cxs_table *cohort)
{
    genes g = {.table = ref_read("matrix.tsv"), .n = cohort->rows};

    g.p = g.table->rows;
    g.x = cxs_calloc(NULL, g.n * g.p, sizeof *g.x);
    g.feature = cxs_calloc(NULL, g.p, sizeof *g.feature);
    for (size_t j = 0; j < g.p; j++) {
        g.feature[j] = ref_text(g.table, j, "feature_id");
        for (size_t i = 0; i < g.n; i++)
            g.x[i + j * g.n] = ref_number(g.table, j, ref_text(cohort, i, "id"));
    }
    return g;
}

static void free_genes(genes *g)
{
    cxs_table_free(g->table);
    cxs_free(g->x);
    cxs_free(g->feature);
}

static cxs_design design_of(const genes *g)
{
    return (cxs_design){.n = g->n, .p = g->p, .x = g->x, .feature = g->feature};
}

static size_t feature_row(const genes *g, const char *name)
{
    for (size_t j = 0; j < g->p; j++)
        if (strcmp(g->feature[j], name) == 0)
            return j;
    printf("%s is not in the matrix\n", name);
    exit(1);
}

static cxs_screen_settings settings_with(cxs_ties ties, cxs_screen_test test)
{
    cxs_screen_settings s = cxs_screen_defaults();

    s.ties = ties;
    s.test = test;
    return s;
}

/* ---- R survival ------------------------------------------------------------------ */

static void check_row(const cxs_table *want, size_t row, const cxs_screen_row *wald,
                      const cxs_screen_row *lrt, const cxs_screen_row *score,
                      double score_z)
{
    const double z = ref_number(want, row, "score_z");

    CHECK(wald->status == CXS_STATUS_OK);
    CHECK((double)wald->n == ref_number(want, row, "n"));
    CHECK((double)wald->events == ref_number(want, row, "events"));
    CHECK(wald->n + wald->missing == 72);
    CHECK_REF(wald->scale, ref_number(want, row, "scale"), 1e-9);
    CHECK_REF(wald->beta, ref_number(want, row, "beta"), TOL_ITER);
    CHECK_REF(wald->se, ref_number(want, row, "se"), TOL_ITER);
    CHECK_NEAR(wald->z, wald->beta / wald->se, TOL_SUM);
    CHECK_NEAR(wald->p, erfc(fabs(wald->z) / sqrt(2.0)), TOL_SUM);
    /* 2 (l1 - l0) keeps the absolute digits of l, some 1e-12 of 150 */
    CHECK(fabs(lrt->p - erfc(sqrt(ref_number(want, row, "lrt") / 2.0))) < 1e-8);
    CHECK(lrt->z == wald->z);
    CHECK_REF(score_z, z, TOL_ITER);
    CHECK_NEAR(score->p, erfc(fabs(z) / sqrt(2.0)), TOL_ITER);
    CHECK_NEAR(pow(10.0, -score->log10_p), score->p, TOL_SUM);
}

/* Robust standard errors, each row or each cluster by itself; z and p use them. */
static void robust_numbers_of_r(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv"), *want = ref_read("matrix_screen.tsv");
    genes g = read_genes(cohort);
    const cxs_design design = design_of(&g);
    uint32_t *cluster = cxs_calloc(NULL, cohort->rows, sizeof *cluster);
    cxs_screen_row *row = cxs_calloc(NULL, g.p, sizeof *row);

    (void)state;
    for (size_t i = 0; i < cohort->rows; i++)
        cluster[i] = (uint32_t)ref_number(cohort, i, "cluster");
    for (size_t at = 0; at < want->rows; at += 9)
        for (int clustered = 0; clustered < 2; clustered++) {
            const ref_setting s = ref_setting_of(want, at);
            cxs_surv *surv = ref_surv(cohort, s, 2, covariates);
            cxs_problem problem = cxs_problem_of(surv, s.ties);
            cxs_screen_settings o = settings_with(s.ties, CXS_SCREEN_WALD);
            problem.cluster = clustered ? cluster : NULL;
            o.robust = !clustered;
            CHECK(cxs_scan(NULL, &design, &problem, &o, row) == CXS_OK);
            for (size_t i = at; i < at + 9; i++) {
                const cxs_screen_row *r =
                    &row[feature_row(&g, ref_text(want, i, "feature_id"))];
                CHECK(r->status == CXS_STATUS_OK);
                CHECK_REF(r->beta, ref_number(want, i, "beta"), TOL_ITER);
                CHECK_REF(r->se,
                          ref_number(want, i, clustered ? "cluster_se" : "robust_se"),
                          TOL_ITER);
                CHECK_NEAR(r->z, r->beta / r->se, TOL_SUM);
                CHECK_NEAR(r->p, erfc(fabs(r->z) / sqrt(2.0)), TOL_SUM);
            }
            cxs_surv_free(surv);
        }
    cxs_free(row);
    cxs_free(cluster);
    free_genes(&g);
    cxs_table_free(cohort);
    cxs_table_free(want);
    CHECK_DONE();
}

static void numbers_of_r(void **state)
{
    cxs_table *cohort = ref_read("cohort.tsv"), *want = ref_read("matrix_screen.tsv");
    genes g = read_genes(cohort);
    const cxs_design design = design_of(&g);
    size_t settings = 0;

    (void)state;
    for (size_t row = 0; row < want->rows; settings++) {
        const ref_setting s = ref_setting_of(want, row);
        cxs_surv *surv = ref_surv(cohort, s, 2, covariates);
        const cxs_problem problem = cxs_problem_of(surv, s.ties);
        cxs_screen_row *result[3];
        double *z = cxs_calloc(NULL, g.p, sizeof *z);
        for (int test = 0; test < 3; test++) {
            const cxs_screen_settings o = settings_with(s.ties, (cxs_screen_test)test);
            result[test] = cxs_calloc(NULL, g.p, sizeof *result[test]);
            CHECK(cxs_scan(NULL, &design, &problem, &o, result[test]) == CXS_OK);
        }
        CHECK(cxs_scan_score(NULL, &design, &problem, z) == CXS_OK);
        for (size_t i = 0; i < 9; i++, row++) {
            const size_t j = feature_row(&g, ref_text(want, row, "feature_id"));
            check_row(want, row, &result[0][j], &result[1][j], &result[2][j], z[j]);
        }
        CHECK(result[0][feature_row(&g, "g08")].status == CXS_STATUS_CONSTANT);
        CHECK(result[0][feature_row(&g, "g09")].status == CXS_STATUS_ALIASED);
        CHECK(isnan(z[feature_row(&g, "g08")]) && isnan(z[feature_row(&g, "g09")]));
        for (int test = 0; test < 3; test++)
            cxs_free(result[test]);
        cxs_free(z);
        cxs_surv_free(surv);
    }
    CHECK(settings == 32);
    free_genes(&g);
    cxs_table_free(cohort);
    cxs_table_free(want);
    CHECK_DONE();
}

/* ---- files ----------------------------------------------------------------------- */

static cxs_matrix *matrix_of(const made *d, size_t p)
{
    cxs_matrix *m = cxs_calloc(NULL, 1, sizeof *m);

    m->n = N;
    m->p = p;
    m->sample = cxs_calloc(NULL, N, sizeof *m->sample);
    m->feature = cxs_calloc(NULL, p, sizeof *m->feature);
    m->layer = cxs_strdup(NULL, "rna");
    m->kind = CXS_KIND_OTHER;
    m->x = cxs_calloc(NULL, N * p, sizeof *m->x);
    memcpy(m->x, d->x, N * p * sizeof *m->x);
    for (size_t i = 0; i < N; i++) {
        char id[32];
        snprintf(id, sizeof id, "P%03zu", i);
        m->sample[i] = cxs_strdup(NULL, id);
    }
    for (size_t j = 0; j < p; j++)
        m->feature[j] = cxs_strdup(NULL, d->feature[j]);
    return m;
}

static cxs_surv *surv_of(const made *d)
{
    const size_t k = d->problem.k;
    cxs_surv *s = cxs_calloc(NULL, 1, sizeof *s);

    s->n = s->n_subjects = N;
    s->n_strata = 3;
    s->k = k;
    s->id = cxs_calloc(NULL, N, sizeof *s->id);
    s->time = cxs_calloc(NULL, N, sizeof *s->time);
    s->event = cxs_calloc(NULL, N, sizeof *s->event);
    s->stratum = cxs_calloc(NULL, N, sizeof *s->stratum);
    s->stratum_name = cxs_calloc(NULL, 3, sizeof *s->stratum_name);
    s->term = cxs_calloc(NULL, k, sizeof *s->term);
    s->z = cxs_calloc(NULL, N * k, sizeof *s->z);
    s->time_unit = cxs_strdup(NULL, "");
    s->endpoint = cxs_strdup(NULL, "");
    memcpy(s->z, d->z, N * k * sizeof *s->z);
    memcpy(s->time, d->time, sizeof d->time);
    memcpy(s->event, d->event, sizeof d->event);
    memcpy(s->stratum, d->stratum, sizeof d->stratum);
    for (size_t c = 0; c < 3; c++)
        s->stratum_name[c] = cxs_strdup(NULL, "s");
    for (size_t c = 0; c < k; c++)
        s->term[c] = cxs_strdup(NULL, "t");
    for (size_t i = 0; i < N; i++) {
        char id[32];
        snprintf(id, sizeof id, "P%03zu", i);
        s->id[i] = cxs_strdup(NULL, id);
    }
    return s;
}

/* P.screen.tsv of a run with so many threads, as text; the caller frees. */
static char *screen_file(const made *d, int threads,
                         const cxs_screen_settings *settings, size_t *size)
{
    const char *base = getenv("TMPDIR");
    char folder[512], prefix[600], path[700], *text = NULL;
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_screen *screen = NULL;
    FILE *file;

    snprintf(folder, sizeof folder, "%s/screen_XXXXXX", base != NULL ? base : "/tmp");
    if (mkdtemp(folder) == NULL)
        exit(1);
    snprintf(prefix, sizeof prefix, "%s/os", folder);
    snprintf(path, sizeof path, "%s.screen.tsv", prefix);
    cxs_ctx_set_threads(ctx, threads);
    CHECK(cxs_screen_run(ctx, matrix_of(d, P), surv_of(d), settings, &screen) ==
          CXS_OK);
    CHECK(cxs_screen_write(ctx, screen, prefix, NULL) == CXS_OK);
    *size = 0;
    if ((file = fopen(path, "rb")) != NULL) {
        text = malloc(1 << 20);
        *size = fread(text, 1, 1 << 20, file);
        fclose(file);
    }
    CHECK(remove(path) == 0 && rmdir(folder) == 0);
    cxs_screen_free(screen);
    cxs_ctx_free(ctx);
    return text;
}

static void same_bytes_for_any_threads(void **state)
{
    made *d = make(21, 3, 0, 1, 0);
    size_t one_size, size;
    char *one = screen_file(d, 1, NULL, &one_size);

    (void)state;
    CHECK(one_size > 10000);
    for (int threads = 2; threads < 4; threads++) {
        char *other = screen_file(d, threads, NULL, &size);
        CHECK(size == one_size && memcmp(one, other, size) == 0);
        free(other);
    }
    CHECK(
        strncmp(one,
                "feature_id\tn\tevents\tmissing_n\tscale\tbeta\tse\tz\tlog10_p\tp\tq\t"
                "hr\thr_l95\thr_u95\tdirection\tstatus\n",
                80) == 0);
    free(one);
    cxs_free(d);
    CHECK_DONE();
}

/* q read literally: min over p_j >= p_i of c m p_j / #{p <= p_j}, at most 1. */
static void q_read_literally(void **state)
{
    made *d = make(33, 1, 0, 0, 0);

    (void)state;
    for (int by = 0; by < 2; by++) {
        cxs_screen_settings s = cxs_screen_defaults();
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_screen *screen = NULL;
        const cxs_screen_row *row;
        double c = 0.0;
        size_t m = 0;
        s.by = by;
        CHECK(cxs_screen_run(ctx, matrix_of(d, P), surv_of(d), &s, &screen) == CXS_OK);
        row = cxs_screen_rows(screen);
        for (size_t j = 0; j < P; j++)
            m += row[j].status == CXS_STATUS_OK;
        CHECK(m > 100 && m < P);
        for (size_t i = 1; i <= m; i++)
            c += by || i == 1 ? 1.0 / (double)i : 0.0;
        for (size_t i = 0; i < P; i++) {
            double q = 1.0;
            CHECK((row[i].status == CXS_STATUS_OK) == !isnan(row[i].q));
            if (row[i].status != CXS_STATUS_OK)
                continue;
            for (size_t j = 0; j < P; j++) {
                size_t below = 0;
                if (!(row[j].p >= row[i].p))
                    continue;
                for (size_t l = 0; l < P; l++)
                    below += row[l].p <= row[j].p;
                q = fmin(q, c * (double)m * row[j].p / (double)below);
            }
            CHECK_NEAR(row[i].q, q, TOL_SUM);
        }
        cxs_screen_free(screen);
        cxs_ctx_free(ctx);
    }
    cxs_free(d);
    CHECK_DONE();
}

/* Tests that take rows as independent are refused beside a robust variance. */
static void robust_is_wald(void **state)
{
    made *d = make(33, 1, 0, 0, 0);
    cxs_screen_settings s = cxs_screen_defaults();
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    s.robust = 1;
    for (int test = CXS_SCREEN_LRT; test <= CXS_SCREEN_SCORE; test++) {
        const long live = cxs_alloc_live();
        cxs_screen *screen = NULL;
        s.test = (cxs_screen_test)test;
        CHECK(cxs_screen_run(ctx, matrix_of(d, P), surv_of(d), &s, &screen) ==
              CXS_EARG);
        CHECK(screen == NULL && cxs_alloc_live() == live);
        CHECK(strstr(cxs_ctx_message(ctx), "Wald") != NULL);
    }
    cxs_ctx_free(ctx);
    cxs_free(d);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_of_r),
        cmocka_unit_test(robust_numbers_of_r),
        cmocka_unit_test(same_bytes_for_any_threads),
        cmocka_unit_test(q_read_literally),
        cmocka_unit_test(robust_is_wald),
    };
    return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
