/*
 * test_frozen_fit.c -- does a new sample fit a reference: strange samples, lacking genes,
 * features of other assays
 */
#include "frozen_case.h"

#include "features/columns.h"
#include "num/genesets.h"

/* Two genes of log values, means 2 and 20, sd sqrt(2/3) and 0.5: a sample at 6 lies
 * 4.9 sd out, one at 5 3.7; the largest of all features is told. */
static void strange_samples_are_flagged(void **state)
{
    static const char *const genes[] = {"A", "B"};
    static const double train_x[] = {1, 2, 3, 19.5, 20, 20.5};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(3, 2, genes, CXS_KIND_LOG), *new;
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f, *g;
    size_t warned;

    (void)state;
    memcpy(m->x, train_x, sizeof train_x);
    f = train(ctx, m, s, NULL);
    new = case_matrix(2, 2, genes, CXS_KIND_LOG);
    new->x[0] = 6.0;
    new->x[1] = 5.0;
    new->x[2] = new->x[3] = 20.0;
    s = by_reference();
    warned = cxs_ctx_warning_count(ctx);
    g = case_derive(ctx, new, &s);
    CHECK(g->others.count == 6);
    CHECK(strcmp(g->others.at[1].measure, "largest_z") == 0);
    CHECK_NEAR(g->others.at[1].value, 4.0 / sqrt(2.0 / 3.0), TOL_SUM);
    CHECK(g->others.at[1].state == CXS_QC_WARN);
    CHECK(strcmp(g->others.at[1].reason, "outside_training_range") == 0);
    CHECK_NEAR(g->others.at[4].value, 3.0 / sqrt(2.0 / 3.0), TOL_SUM);
    CHECK(g->others.at[4].state == CXS_QC_OK && g->others.at[4].reason == NULL);
    CHECK_NEAR(g->others.at[2].value, 1.0, TOL_EXACT); /* features beyond */
    CHECK_NEAR(g->others.at[5].value, 0.0, TOL_EXACT);
    CHECK(cxs_ctx_warning_count(ctx) == warned + 1);
    cxs_features_free(g);
    cxs_features_free(f);
    cxs_matrix_free(new);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* One of 2000 features far out is chance, three are not: both flagged, one told. */
static void a_few_of_many_are_chance(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(5, 2000, NULL, CXS_KIND_LOG), *new;
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f, *g;

    (void)state;
    for (size_t k = 0; k < 10000; k++)
        m->x[k] = (double)((k * 37) % 11);
    f = train(ctx, m, s, NULL);
    new = some_samples(m, 0, 2);
    new->x[2 * 7] = new->x[2 * 7 + 1] = 500.0;
    new->x[2 * 8 + 1] = new->x[2 * 9 + 1] = 500.0;
    s = by_reference();
    g = case_derive(ctx, new, &s);
    CHECK(g->others.at[1].state == CXS_QC_WARN && g->others.at[4].state == CXS_QC_WARN);
    CHECK_NEAR(g->others.at[2].value, 1.0, TOL_EXACT);
    CHECK_NEAR(g->others.at[5].value, 3.0, TOL_EXACT);
    CHECK(cxs_ctx_warning_count(ctx) == 1);
    CHECK(strstr(cxs_ctx_warning(ctx, 0, NULL), "1 of 2 samples lie outside") != NULL);
    cxs_features_free(g);
    cxs_features_free(f);
    cxs_matrix_free(new);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- lacking genes ----------------------------------------------------------------- */

/* Ten genes: one may be lacking and gets its mean, two may not. */
static void a_tenth_of_the_genes_may_be_lacking(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(4, 10, NULL, CXS_KIND_LOG), *new;
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f, *g = NULL;
    double mean = 0.0;

    (void)state;
    for (size_t k = 0; k < 40; k++)
        m->x[k] = (double)((k * 37) % 41);
    s.gmt = test_text("m.gmt", "S\tx\tG00003\tG00004\tG00009\n");
    s.score = CXS_SCORE_Z;
    f = train(ctx, m, s, NULL);
    for (size_t i = 0; i < 4; i++)
        mean += m->x[4 * 4 + i] / 4.0;
    new = some_samples(m, 1, 2);
    new->x[4 * 2] = (double)NAN; /* G00004 of the first */
    s = by_reference();
    s.gmt = test_path("m.gmt");
    s.score = CXS_SCORE_Z;
    CHECK(cxs_features_derive(ctx, new, NULL, &s, &g) == CXS_OK);
    CHECK_NEAR(g->matrix->x[4 * 2], mean, TOL_SUM);
    CHECK(differing(f->matrix, 2, g->matrix, 1) == 0);
    CHECK_NEAR(g->others.at[0].value, 1.0, TOL_EXACT);
    CHECK(g->others.at[0].state == CXS_QC_WARN);
    CHECK_NEAR(g->others.at[3].value, 0.0, TOL_EXACT); /* the second lacks none */
    CHECK(g->others.at[3].state == CXS_QC_OK);
    { /* its z is 0 in the score: what the two others give */
        double z = 0.0, mu, sd;
        for (size_t j = 3; j < 10; j += 6) {
            cxs_moments(4, m->x + 4 * j, &mu, &sd);
            z += (m->x[4 * j + 1] - mu) / sd;
        }
        CHECK_NEAR(case_score(g, "S", 0), z / sqrt(3.0), TOL_SUM);
    }
    cxs_features_free(g);
    new->x[5 * 2] = (double)NAN;
    CHECK(cxs_features_derive(ctx, new, NULL, &s, &g) == CXS_EMISMATCH && g == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "sample S001 has 8 of the 10 genes of the "
                                       "reference, less than nine tenths") != NULL);
    cxs_features_free(f);
    cxs_matrix_free(new);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* CYT of a sample without GZMA: the level whose log2(x + 1) is the mean of training. */
static void lacking_genes_have_a_level(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 100, 300.0), *new = some_samples(m, 6, 1);
    cxs_features *f = train(ctx, m, with_signatures(), NULL), *g;
    const cxs_features_settings s = by_reference();
    const size_t a = case_column(m, "GZMA"), b = case_column(m, "PRF1");
    double level = 0.0, rest = 0.0;

    (void)state;
    for (size_t i = 0; i < m->n; i++) {
        double total = 0.0;
        for (size_t j = 0; j < m->p; j++)
            total += m->x[j * m->n + i];
        level += log2(m->x[a * m->n + i] / total * 1e6 + 1.0) / (double)m->n;
    }
    new->x[a] = (double)NAN;
    for (size_t j = 0; j < m->p; j++)
        rest += j != a ? new->x[j] : 0.0;
    g = case_derive(ctx, new, &s);
    CHECK_NEAR(case_score(g, "rna.sig.CYT", 0),
               sqrt((exp2(level) - 1.0 + 0.01) * (new->x[b] / rest * 1e6 + 0.01)),
               1e-11);
    cxs_features_free(g);
    cxs_features_free(f);
    cxs_matrix_free(new);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A gene that is lacking in the file moves library size and factor against each other:
 * the values of the others stay near. */
static void tmm_makes_up_for_lacking_genes(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 600, 300.0), *all, *few;
    cxs_features_settings s = with_signatures();
    cxs_features *f = train(ctx, m, s, NULL), *a, *b;
    double largest = 0.0;

    (void)state;
    s = by_reference();
    all = some_samples(m, 4, 1);
    few = some_samples(m, 4, 1);
    for (size_t j = 0; j < m->p; j += 16)
        few->x[j] = (double)NAN;
    a = case_derive(ctx, all, &s);
    b = case_derive(ctx, few, &s);
    CHECK(b->library[0] < 0.99 * a->library[0]);
    for (size_t j = 0; j < a->matrix->p; j++) {
        const size_t at = case_column(m, a->matrix->feature[j]);
        if (at != SIZE_MAX && at % 16 != 0)
            largest = fmax(largest, fabs(a->matrix->x[j] - b->matrix->x[j]));
    }
    CHECK(largest < 0.05 && largest > 0.0);
    CHECK(!isnan(case_score(b, "rna.sig.GEP18", 0)));
    cxs_features_free(a);
    cxs_features_free(b);
    cxs_features_free(f);
    cxs_matrix_free(all);
    cxs_matrix_free(few);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- other assays ------------------------------------------------------------------ */

/* Two columns of patients beside the features: one that the training set has too. */
static cxs_rc join(cxs_ctx *ctx, cxs_features *f, char **patient, size_t n,
                   const double *value, const char *second)
{
    cxs_feature_columns c = {.n = n};
    double *to;
    cxs_rc rc = cxs_feature_columns_add(ctx, &c, "csf.protein", "mg/dl",
                                        CXS_FEATURE_CONTINUOUS, &to);

    if (rc == CXS_OK)
        memcpy(to, value, n * sizeof *to);
    if (rc == CXS_OK)
        rc = cxs_feature_columns_add(ctx, &c, second, "", CXS_FEATURE_CONTINUOUS, &to);
    for (size_t i = 0; rc == CXS_OK && i < n; i++)
        to[i] = (double)i;
    if (rc == CXS_OK)
        rc = cxs_features_join(ctx, f, patient, &c);
    cxs_feature_columns_clear(&c);
    return rc;
}

/* Values 1 2 6 of training: mean 3, sd sqrt(14/3).  A new 10 becomes 7 over that sd, a
 * column that training did not have is left out, one that is not given stays missing. */
static void other_assays_follow(void **state)
{
    static const double train_x[] = {1, 2, 6}, new_x[] = {10};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(3, 40, NULL, CXS_KIND_COUNTS), *new;
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f, *g;
    size_t at;

    (void)state;
    case_counts(m, 50.0);
    s.freeze = s.standardise = 1;
    f = case_derive(ctx, m, &s);
    CHECK(join(ctx, f, m->sample, 3, train_x, "csf.cells") == CXS_OK);
    CHECK(cxs_features_write_reference(ctx, f, reference_path(), NULL) == CXS_OK);
    new = some_samples(m, 1, 1);
    s = by_reference();
    g = case_derive(ctx, new, &s);
    CHECK(join(ctx, g, new->sample, 1, new_x, "csf.glucose") == CXS_OK);
    CHECK(g->matrix->p == f->matrix->p && g->matrix->n == 1);
    at = case_column(g->matrix, "csf.protein");
    CHECK_NEAR(g->matrix->x[at], 7.0 / sqrt(14.0 / 3.0), TOL_SUM);
    CHECK(isnan(g->matrix->x[case_column(g->matrix, "csf.cells")]));
    CHECK(case_column(g->matrix, "csf.glucose") == SIZE_MAX);
    for (size_t j = 0; j < g->matrix->p; j++)
        if (strncmp(g->matrix->feature[j], "csf", 3) != 0)
            CHECK(memcmp(&g->matrix->x[j], &f->matrix->x[3 * j + 1], 8) == 0);
    cxs_features_free(g);
    cxs_features_free(f);
    cxs_matrix_free(new);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strange_samples_are_flagged),
        cmocka_unit_test(a_few_of_many_are_chance),
        cmocka_unit_test(a_tenth_of_the_genes_may_be_lacking),
        cmocka_unit_test(lacking_genes_have_a_level),
        cmocka_unit_test(tmm_makes_up_for_lacking_genes),
        cmocka_unit_test(other_assays_follow),
    };
    return cmocka_run_group_tests_name("frozen_fit", tests, test_folder_make,
                                       test_folder_remove);
}
