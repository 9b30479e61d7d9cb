/*
 * test_frozen.c -- one new sample at a time: the values of training samples come back to
 * the last bit, other samples change nothing, and a sample that fails is missing
 */
#include "frozen_case.h"

#include "num/tmm.h"

/* Training samples by ones, twos and threes. */
static void check_alone(cxs_ctx *ctx, const cxs_matrix *m, const cxs_features *f,
                        const int8_t *idh, cxs_features_settings s)
{
    for (size_t i = 0; i + 3 <= m->n; i += 5) {
        const size_t count = 1 + i % 3;
        cxs_matrix *new = some_samples(m, i, count);
        const cxs_sample_notes notes = {NULL, idh + i};
        cxs_features *g = NULL;
        CHECK(cxs_features_derive_noted(ctx, new, NULL, &s, &notes, &g) == CXS_OK);
        if (g == NULL) {
            printf("  %s\n", cxs_ctx_message(ctx));
            abort();
        }
        for (size_t k = 0; k < count; k++)
            check_sample(f, i + k, g, k);
        CHECK(memcmp(f->transform, g->transform, f->matrix->p * sizeof *f->transform) ==
              0);
        CHECK(g->matrix->kind == f->matrix->kind);
        cxs_features_free(g);
        cxs_matrix_free(new);
    }
}

/* Counts with TMM, with TPM and with the filter for all; TPM; log values. */
static void training_samples_get_their_values(void **state)
{
    static const cxs_kind kinds[] = {CXS_KIND_COUNTS, CXS_KIND_COUNTS, CXS_KIND_COUNTS,
                                     CXS_KIND_TPM, CXS_KIND_LOG};
    static const int8_t idh[SAMPLES] = {0, 0, 0, 1, -1};
    const cxs_sample_notes notes = {NULL, idh};
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        cxs_matrix *m = expression(ctx, 300, 100.0);
        cxs_features_settings s = with_signatures(), alone = by_reference();
        cxs_features *f;
        m->kind = kinds[k];
        for (size_t c = 0; kinds[k] == CXS_KIND_LOG && c < m->n * m->p; c++)
            m->x[c] = log2(m->x[c] + 1.0);
        s.gmt = test_text("a.gmt", "UP\tx\tEGFR\tCD8A\tPTPRC\tMKI67\tTYMS\n");
        s.score = k == 3 ? CXS_SCORE_SSGSEA : CXS_SCORE_Z;
        s.standardise = k % 2 == 0;
        s.filter = k == 2 ? 1 : CXS_FEATURES_AUTO;
        if (k == 1) {
            s.normalise = CXS_NORMALISE_TPM;
            m->length = cxs_calloc(NULL, m->p, sizeof *m->length);
            for (size_t j = 0; j < m->p; j++)
                m->length[j] = (double)(500 + 10 * (j % 90));
        }
        f = train(ctx, m, s, &notes);
        CHECK(case_column(f->matrix, "rna.sig.TSTEM_BEYOND_TCELL") != SIZE_MAX);
        CHECK(case_column(f->matrix, "rna.sig.GEP18") != SIZE_MAX);
        alone.gmt = s.gmt;
        alone.score = s.score;
        check_alone(ctx, m, f, idh, alone);
        cxs_features_free(f);
        cxs_matrix_free(m);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* From 100 samples on the limits of clipping are frozen too; genes that some sample of
 * the training set misses take no part in its library sizes. */
static void clipping_and_gaps_are_frozen(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(120, 60, NULL, CXS_KIND_COUNTS), *new;
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f, *g;

    (void)state;
    case_counts(m, 50.0);
    m->x[7 * m->n + 3] = (double)NAN;
    s.standardise = 1;
    f = train(ctx, m, s, NULL);
    CHECK(!isnan(f->transform[0].winsor_low));
    s = by_reference();
    for (size_t i = 0; i < m->n; i += 7) {
        new = some_samples(m, i, 1);
        g = case_derive(ctx, new, &s);
        check_sample(f, i, g, 0);
        cxs_features_free(g);
        cxs_matrix_free(new);
    }
    new = some_samples(m, 3, 1); /* its own gap: the training mean, z = 0 */
    g = case_derive(ctx, new, &s);
    CHECK(isnan(f->matrix->x[case_column(f->matrix, "G00007") * m->n + 3]));
    CHECK_NEAR(g->matrix->x[case_column(g->matrix, "G00007")], 0.0, TOL_EXACT);
    cxs_features_free(g);
    cxs_matrix_free(new);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- by hand ---------------------------------------------------------------------- */

/* Gene by gene from the definition: TMM against the training reference sample, which is
 * found by its counts, mean log of the factors and mean effective size of training. */
static void new_values_by_their_definition(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(8, 200, NULL, CXS_KIND_COUNTS), *new;
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f, *g;
    double *work = calloc(6 * 200, sizeof *work), *ref = work + 800, *obs = work + 1000;
    double effective = 0.0, log_effective = 0.0, library[2] = {0.0, 0.0}, norm;
    size_t reference = SIZE_MAX;

    (void)state;
    case_counts(m, 40.0);
    s.filter = 0;
    f = train(ctx, m, s, NULL);
    for (size_t i = 0; i < 8; i++) {
        size_t same = 0;
        effective += f->library[i] * f->norm[i] / 8.0;
        log_effective += log(f->library[i] * f->norm[i]) / 8.0;
        for (size_t j = 0; j < m->p; j++)
            same += fabs(m->x[j * 8 + i] - f->frozen->frame[0].count[j]) < 0.5;
        reference = same == m->p ? i : reference;
    }
    CHECK(reference < 8); /* against itself its factor was 1 */
    CHECK_NEAR(f->norm[reference] * exp(f->frozen->frame[0].norm_log), 1.0, TOL_SUM);
    new = case_matrix(1, 200, NULL, CXS_KIND_COUNTS);
    for (size_t j = 0; j < m->p; j++) {
        new->x[j] = obs[j] = floor(m->x[j * 8 + 2] * 1.7) + (double)(j % 4);
        ref[j] = m->x[j * 8 + reference];
        library[0] += obs[j];
        library[1] += ref[j];
    }
    norm = cxs_tmm_factor(200, obs, ref, library[0], library[1], work) /
           exp(f->frozen->frame[0].norm_log);
    s = by_reference();
    g = case_derive(ctx, new, &s);
    CHECK_NEAR(g->library[0], library[0], TOL_EXACT);
    CHECK_NEAR(g->norm[0], norm, TOL_SUM);
    CHECK_NEAR(g->size[0], library[0] * norm / exp(log_effective), TOL_SUM);
    for (size_t j = 0; j < m->p; j++) {
        const double e = library[0] * norm, prior = 2.0 * e / effective;
        CHECK_NEAR(g->matrix->x[j], log2((obs[j] + prior) / (e + 2.0 * prior) * 1e6),
                   1e-12);
    }
    free(work);
    cxs_features_free(g);
    cxs_features_free(f);
    cxs_matrix_free(new);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A table of tests/data/genesets with samples S01.. or N1.. as a matrix of counts. */
static cxs_matrix *table_of(cxs_ctx *ctx, const char *name)
{
    char path[200];
    cxs_table *t = NULL;
    cxs_matrix *m;

    snprintf(path, sizeof path, "tests/data/genesets/%s", name);
    if (cxs_table_read(ctx, path, &t) != CXS_OK)
        abort();
    m = case_matrix(t->columns - 1, t->rows, NULL, CXS_KIND_COUNTS);
    for (size_t j = 0; j < m->p; j++) {
        cxs_free(m->feature[j]);
        m->feature[j] = cxs_strdup(NULL, cxs_table_cell(t, j, 0));
        for (size_t i = 0; i < m->n; i++)
            m->x[j * m->n + i] = refdata_real(t, j, t->name[i + 1]);
    }
    cxs_table_free(t);
    return m;
}

/* Two new samples against edgeR's factors and training moments of R. */
static void new_samples_agree_with_r(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = table_of(ctx, "counts.tsv"), *new = table_of(ctx, "new_counts.tsv");
    cxs_matrix *y = table_of(ctx, "new_log_cpm.tsv");
    cxs_matrix *z = table_of(ctx, "new_zscore.tsv");
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f, *g;

    (void)state;
    s.filter = 0;
    s.gmt = "tests/data/genesets/sets.gmt";
    s.score = CXS_SCORE_Z;
    f = train(ctx, m, s, NULL);
    s = by_reference();
    s.gmt = "tests/data/genesets/sets.gmt";
    s.score = CXS_SCORE_Z;
    g = case_derive(ctx, new, &s);
    CHECK(g->matrix->p == y->p && y->p == 300 && z->p == 5);
    for (size_t k = 0; k < y->p * 2; k++)
        CHECK_NEAR(g->matrix->x[k], y->x[k], 1e-10);
    for (size_t k = 0; k < z->p; k++)
        for (size_t i = 0; i < 2; i++)
            CHECK_NEAR(case_score(g, z->feature[k], i), z->x[k * 2 + i], 1e-10);
    cxs_features_free(g);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_matrix_free(new);
    cxs_matrix_free(y);
    cxs_matrix_free(z);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- quality ----------------------------------------------------------------------- */

/* A sample that fails is missing everywhere and stops nobody; none is compared with
 * another one. */
static void a_failed_sample_is_missing(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(3, 15000, NULL, CXS_KIND_COUNTS), *new;
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f, *g;
    size_t missing = 0;

    (void)state;
    for (size_t k = 0; k < (size_t)3 * 15000; k++)
        m->x[k] = (double)((k * 7919) % 2003);
    f = train(ctx, m, s, NULL);
    new = some_samples(m, 0, 2);
    for (size_t j = 0; j < m->p; j++)
        new->x[2 * j] = j % 4 > 0 ? floor(new->x[2 * j] / 100.0) : (double)NAN;
    s = by_reference();
    s.rna_quality = CXS_RNA_TUMOUR;
    g = case_derive(ctx, new, &s);
    CHECK(cxs_features_failed(g, NULL) == 1);
    for (size_t j = 0; j < g->matrix->p; j++)
        missing += isnan(g->matrix->x[2 * j]) ? 1 : 0;
    CHECK(missing == g->matrix->p && isnan(g->library[0]) && isnan(g->norm[0]));
    check_sample(f, 1, g, 1);
    CHECK(g->others.count == 3); /* of the sample that passed */
    for (size_t i = 0; i < 2; i++)
        CHECK(strcmp(g->quality->result[i * CXS_RNA_MEASURES + CXS_RNA_SPEARMAN].reason,
                     "scored_alone") == 0);
    cxs_features_free(g);
    new->n = 1; /* alone it is missing as well, and no error */
    cxs_free(new->sample[1]);
    for (size_t j = 0; j < m->p; j++)
        new->x[j] = new->x[2 * j];
    g = case_derive(ctx, new, &s);
    CHECK(cxs_features_failed(g, NULL) == 1 && isnan(g->matrix->x[0]));
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
        cmocka_unit_test(training_samples_get_their_values),
        cmocka_unit_test(clipping_and_gaps_are_frozen),
        cmocka_unit_test(new_values_by_their_definition),
        cmocka_unit_test(new_samples_agree_with_r),
        cmocka_unit_test(a_failed_sample_is_missing),
    };
    return cmocka_run_group_tests_name("frozen", tests, test_folder_make,
                                       test_folder_remove);
}
