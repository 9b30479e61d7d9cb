/*
 * test_batch.c -- main axes of expression and their association with batch and centre:
 * by hand, against R (prcomp, kruskal.test), and in a study
 */
#include "features/rna_batch.h"
#include "num/order.h"
#include "refdata_case.h"
#include "scores_case.h"
#include "study_case.h"

static const double nothing = (double)NAN;

static cxs_kruskal test_of(size_t n, const double *x, const uint32_t *group,
                           size_t groups)
{
    double *work = calloc(2 * groups + n, sizeof *work);
    size_t *order = calloc(2 * n, sizeof *order);
    cxs_kruskal t;

    cxs_average_ranks(n, x, work + 2 * groups, order);
    t = cxs_kruskal_test(n, work + 2 * groups, group, groups, work);
    free(order);
    free(work);
    return t;
}

/* Ranks 1 2 3 against 4 5 6: H = 12/42 (6^2/3 + 15^2/3) - 21 = 27/7.  With ties 1 1 2 |
 * 2 3 3, ranks 1.5 1.5 3.5 | 3.5 5.5 5.5: 12/42 (6.5^2/3 + 14.5^2/3) - 21 = 64/21, over
 * 1 - 3 * 6/210 it is 10/3. */
static void kruskal_by_hand(void **state)
{
    static const double apart[] = {10, 20, 30, 40, 50, 60}, ties[] = {1, 1, 2, 2, 3, 3},
                        same[] = {4, 4, 4, 4, 4, 4};
    static const uint32_t two[] = {2, 2, 2, 0, 0, 0}, one[] = {1, 1, 1, 1, 1, 1},
                          each[] = {0, 1, 2, 3, 4, 5};
    cxs_kruskal t = test_of(6, apart, two, 3); /* the second group is empty */

    (void)state;
    CHECK_NEAR(t.h, 27.0 / 7.0, TOL_SUM);
    CHECK_NEAR(t.df, 1.0, TOL_EXACT);
    CHECK_NEAR(t.p, 0.04953461343562649, 1e-13);
    CHECK_NEAR(t.eta_squared, 20.0 / 28.0, TOL_SUM);
    t = test_of(6, ties, two, 3);
    CHECK_NEAR(t.h, 10.0 / 3.0, TOL_SUM);
    t = test_of(6, apart, one, 2);
    CHECK(isnan(t.h) && isnan(t.p) && isnan(t.df) && isnan(t.eta_squared));
    t = test_of(6, same, two, 3);
    CHECK(isnan(t.h) && isnan(t.p));
    t = test_of(6, apart, each, 6); /* nothing left within the groups */
    CHECK_NEAR(t.h, 5.0, TOL_SUM);
    CHECK(isnan(t.eta_squared));
    CHECK_DONE();
}

/* Genes -2 0 2 and 1 -2 1 around any means are uncorrelated: the axes are they, with
 * 8/14 and 6/14 of the variance.  The largest score is positive, the first of equals. */
static void axes_by_hand(void **state)
{
    static const char *const genes[] = {"A", "B", "C", "rna.sig.X"};
    static const double x[] = {98, 100, 102, 6, 3, 6, 1, 1, 1, 900, 0, -900};
    static const uint32_t group[] = {0, 1, 1}, half[] = {1, UINT32_MAX, 0};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(3, 4, genes, CXS_KIND_LOG);
    const cxs_grouping g[] = {{"BATCH", group, 2}, {"CENTER_ID", half, 2}};
    cxs_batch *b = NULL;

    (void)state;
    memcpy(m->x, x, sizeof x);
    CHECK(cxs_batch_make(ctx, m, g, 2, &b) == CXS_OK && b != NULL);
    CHECK_NEAR(b->score[0], 2.0, TOL_SUM);
    CHECK(fabs(b->score[1]) < 1e-14);
    CHECK_NEAR(b->score[2], -2.0, TOL_SUM);
    CHECK_NEAR(b->score[3], -1.0, TOL_SUM);
    CHECK_NEAR(b->score[4], 2.0, TOL_SUM);
    CHECK_NEAR(b->share[0], 8.0 / 14.0, TOL_SUM);
    CHECK_NEAR(b->share[1], 6.0 / 14.0, TOL_SUM);
    CHECK(b->rows == 4 && b->row[0].axis == 0 && b->row[1].axis == 1);
    CHECK_NEAR(b->row[0].test.h, 1.5, TOL_SUM); /* ranks 3 | 2 1: 2 * 1.5 / 2 */
    CHECK(b->row[0].n == 3 && b->row[0].levels == 2);
    CHECK(strcmp(b->row[2].variable, "CENTER_ID") == 0 && b->row[2].n == 2);
    CHECK_NEAR(b->row[2].test.h, 1.0, TOL_SUM);
    cxs_batch_free(b);
    m->x[1] = nothing; /* a gene with a gap is no part, the sample stays */
    CHECK(cxs_batch_make(ctx, m, g, 2, &b) == CXS_OK && b != NULL);
    CHECK_NEAR(b->share[0], 1.0, TOL_SUM);
    CHECK(!isnan(b->score[1]));
    cxs_batch_free(b);
    CHECK(cxs_batch_make(ctx, m, NULL, 0, &b) == CXS_OK && b == NULL);
    m->n = 2;
    CHECK(cxs_batch_make(ctx, m, g, 2, &b) == CXS_OK && b == NULL);
    m->n = 3;
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- R ----------------------------------------------------------------------------- */

static cxs_table *table(cxs_ctx *ctx, const char *name)
{
    char path[200];
    cxs_table *t = NULL;

    snprintf(path, sizeof path, "tests/data/genesets/%s", name);
    if (cxs_table_read(ctx, path, &t) != CXS_OK)
        abort();
    return t;
}

/* log_cpm.tsv as a matrix: samples S01.. are sorted. */
static cxs_matrix *log_cpm(cxs_ctx *ctx)
{
    cxs_table *t = table(ctx, "log_cpm.tsv");
    cxs_matrix *m = case_matrix(t->columns - 1, t->rows, NULL, CXS_KIND_LOG);

    for (size_t j = 0; j < t->rows; j++)
        for (size_t i = 0; i < m->n; i++)
            m->x[j * m->n + i] = refdata_real(t, j, t->name[i + 1]);
    cxs_table_free(t);
    return m;
}

static void axes_and_tests_agree_with_r(void **state)
{
    static const uint32_t batch[] = {0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2};
    const cxs_grouping g = {"BATCH", batch, 3};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = log_cpm(ctx);
    cxs_table *axes = table(ctx, "axes.tsv"), *tests = table(ctx, "kruskal.tsv"),
              *ties = table(ctx, "ties.tsv");
    cxs_batch *b = NULL;
    double x[90];
    uint32_t group[90];
    cxs_kruskal t;

    (void)state;
    CHECK(cxs_batch_make(ctx, m, &g, 1, &b) == CXS_OK && b != NULL && b->rows == 2);
    for (size_t i = 0; i < m->n; i++) {
        CHECK_NEAR(b->score[i], refdata_real(axes, i, "PC1"), 1e-10);
        CHECK_NEAR(b->score[m->n + i], refdata_real(axes, i, "PC2"), 1e-10);
    }
    for (size_t a = 0; a < 2; a++) {
        CHECK_NEAR(b->share[a], refdata_real(tests, a, "share"), 1e-10);
        CHECK_NEAR(b->row[a].test.h, refdata_real(tests, a, "statistic"), 1e-10);
        CHECK_NEAR(b->row[a].test.df, refdata_real(tests, a, "df"), TOL_EXACT);
        CHECK_NEAR(b->row[a].test.p, refdata_real(tests, a, "p"), 1e-10);
    }
    CHECK(ties->rows == 90);
    for (size_t i = 0; i < 90; i++) {
        x[i] = refdata_real(ties, i, "value");
        group[i] = (uint32_t)refdata_int(ties, i, "group") - 1;
    }
    t = test_of(90, x, group, 5);
    CHECK_NEAR(t.h, refdata_real(tests, 2, "statistic"), 1e-10);
    CHECK_NEAR(t.p, refdata_real(tests, 2, "p"), 1e-10);
    cxs_batch_free(b);
    cxs_table_free(axes);
    cxs_table_free(tests);
    cxs_table_free(ties);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* More samples than a task's columns, more genes than a block: the scores solve the
 * eigenvalue equation, and do not depend on threads. */
static void large_sets_solve_their_equation(void **state)
{
    enum { N = 150, P = 1100 };
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(N, P, NULL, CXS_KIND_LOG);
    uint32_t group[N];
    const cxs_grouping g = {"BATCH", group, 2};
    cxs_batch *one = NULL, *three = NULL;
    double *gram = calloc((size_t)N * N, sizeof *gram), trace = 0.0;

    (void)state;
    case_counts(m, 20.0);
    for (size_t i = 0; i < N; i++)
        group[i] = i % 2;
    CHECK(cxs_batch_make(ctx, m, &g, 1, &one) == CXS_OK);
    cxs_ctx_set_threads(ctx, 3);
    CHECK(cxs_batch_make(ctx, m, &g, 1, &three) == CXS_OK);
    CHECK(memcmp(one->score, three->score, 2 * N * sizeof(double)) == 0);
    for (size_t j = 0; j < P; j++) {
        double mean = 0.0, *x = m->x + j * N;
        for (size_t i = 0; i < N; i++)
            mean += x[i] / N;
        for (size_t i = 0; i < N; i++)
            for (size_t k = 0; k < N; k++)
                gram[i * N + k] += (x[i] - mean) * (x[k] - mean);
    }
    for (size_t i = 0; i < N; i++)
        trace += gram[i * N + i];
    for (size_t a = 0; a < 2; a++)
        for (size_t i = 0; i < N; i++) {
            double product = 0.0;
            for (size_t k = 0; k < N; k++)
                product += gram[i * N + k] * one->score[a * N + k];
            CHECK(fabs(product - one->share[a] * trace * one->score[a * N + i]) <
                  1e-9 * one->share[a] * trace * sqrt(trace));
        }
    free(gram);
    cxs_batch_free(one);
    cxs_batch_free(three);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- study ------------------------------------------------------------------------- */

enum { PATIENTS = 20 };

/* Genes of the second batch are raised; P20 has no batch. */
static void put_study(const char *name)
{
    char text[8192] = "", *at = text;

    case_file(name, "study.yaml",
              "tables: {patients: patients.tsv, samples: samples.tsv}\n"
              "endpoint: {name: OS}\nexpression: {file: x.tsv, kind: log}\n");
    at += sprintf(at, "PATIENT_ID\tCENTER_ID\tOS_DAYS\tOS_STATUS\n");
    for (int i = 1; i <= PATIENTS; i++)
        at += sprintf(at, "P%02d\tC%d\t%d\t1:DECEASED\n", i, 1 + i % 2, 50 + 3 * i);
    case_file(name, "patients.tsv", text);
    at = text + sprintf(text, "SAMPLE_ID\tPATIENT_ID\tSOURCE\tCOLLECT_DAY\tBATCH\n");
    for (int i = 1; i <= PATIENTS; i++)
        at += sprintf(at, "S%02d\tP%02d\tTUMOR\t-1\t%s\n", i, i,
                      i == PATIENTS ? "NA"
                      : i <= 9      ? "early"
                                    : "late");
    case_file(name, "samples.tsv", text);
    at = text + sprintf(text, "gene");
    for (int i = 1; i <= PATIENTS; i++)
        at += sprintf(at, "\tS%02d", i);
    for (int j = 0; j < 30; j++) {
        at += sprintf(at, "\nG%02d", j);
        for (int i = 1; i <= PATIENTS; i++)
            at += sprintf(at, "\t%d", (i * (7 + 2 * j)) % 23 + (i > 9 ? 40 : 0));
    }
    sprintf(at, "\n");
    case_file(name, "x.tsv", text);
}

static void a_study_tells_of_its_batches(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_features_settings s = cxs_features_auto();
    cxs_study *study = NULL;
    cxs_features *f = NULL;
    size_t told = 0;
    char *text, path[1200];

    (void)state;
    put_study("b");
    CHECK(case_ingest(ctx, "b") == CXS_OK);
    snprintf(path, sizeof path, "%s.cxs", test_path("b"));
    CHECK(cxs_study_open(ctx, path, &study) == CXS_OK);
    s.refdata = "refdata";
    CHECK(cxs_features_study(ctx, study, &s, &f) == CXS_OK && f->batch != NULL);
    if (f == NULL || f->batch == NULL) {
        printf("  %s\n", cxs_ctx_message(ctx));
        abort();
    }
    CHECK(f->batch->rows == 4);
    CHECK(strcmp(f->batch->row[0].variable, "BATCH") == 0 && f->batch->row[0].n == 19);
    CHECK(strcmp(f->batch->row[2].variable, "CENTER_ID") == 0 &&
          f->batch->row[2].n == 20);
    /* 9 below 10: H = 12/(19 20) (45^2/9 + 145^2/10) - 60 = 27/2 */
    CHECK_NEAR(f->batch->row[0].test.h, 13.5, TOL_SUM);
    for (size_t i = 0; i < cxs_ctx_warning_count(ctx); i++)
        told += strstr(cxs_ctx_warning(ctx, i, NULL), "b.cxs: PC1 of expression (") !=
                    NULL &&
                strstr(cxs_ctx_warning(ctx, i, NULL),
                       "goes with BATCH: Kruskal-Wallis p = 0.00024, eta squared "
                       "0.74; nothing is corrected") != NULL;
    CHECK(told == 1);
    CHECK(cxs_features_write(ctx, f, test_path("w"), NULL) == CXS_OK);
    text = test_read(test_path("w.batch.tsv"), NULL);
    CHECK(text != NULL &&
          strncmp(text,
                  "component\tshare\tvariable\tlevels\tn\tstatistic\tdf\tp\t"
                  "eta_squared\nPC1\t",
                  64) == 0);
    free(text);
    text = test_read(test_path("w.components.tsv"), NULL);
    CHECK(text != NULL && strncmp(text, "sample_id\tPC1\tPC2\nP01\t", 22) == 0);
    free(text);
    cxs_features_free(f);
    cxs_study_close(study);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    static const uint32_t group[] = {0, 1, 1, 0, 1};
    const cxs_grouping g = {"BATCH", group, 2};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(5, 9, NULL, CXS_KIND_LOG);
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    case_counts(m, 20.0);
    for (k = 1; rc == CXS_ENOMEM && k < 200; k++) {
        cxs_batch *b = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_batch_make(ctx, m, &g, 1, &b);
        if (rc == CXS_OK)
            rc = cxs_batch_write(ctx, b, test_path("z"), NULL);
        cxs_alloc_fail_at(0);
        cxs_batch_free(b);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 20);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kruskal_by_hand),
        cmocka_unit_test(axes_by_hand),
        cmocka_unit_test(axes_and_tests_agree_with_r),
        cmocka_unit_test(large_sets_solve_their_equation),
        cmocka_unit_test(a_study_tells_of_its_batches),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("batch", tests, test_folder_make,
                                       test_folder_remove);
}
