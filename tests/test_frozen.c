/*
 * test_frozen.c -- one new sample at a time: the values of training samples come back to
 * the last bit, other samples change nothing, lacking genes and strange samples are
 * named, and a reference that was altered is refused
 */
#include "signature_case.h"

#include "features/columns.h"
#include "num/genesets.h"
#include "num/tmm.h"

/* Samples from..from+count of a matrix. */
static cxs_matrix *some_samples(const cxs_matrix *m, size_t from, size_t count)
{
    cxs_matrix *c = case_matrix(count, m->p, (const char *const *)m->feature, m->kind);

    for (size_t i = 0; i < count; i++) {
        cxs_free(c->sample[i]);
        c->sample[i] = cxs_strdup(NULL, m->sample[from + i]);
        for (size_t j = 0; j < m->p; j++)
            c->x[j * count + i] = m->x[j * m->n + from + i];
    }
    if (m->length != NULL) {
        c->length = cxs_calloc(NULL, m->p, sizeof *c->length);
        memcpy(c->length, m->length, m->p * sizeof *c->length);
    }
    return c;
}

/* test_path() lends four at once: this one stays. */
static const char *reference_path(void)
{
    static char path[2 * TEST_PATH_BYTES];

    snprintf(path, sizeof path, "%s/ref.txt", test_folder);
    return path;
}

/* Features of the matrix, and their reference in ref.txt of the test. */
static cxs_features *train(cxs_ctx *ctx, const cxs_matrix *m, cxs_features_settings s,
                           const cxs_sample_notes *notes)
{
    cxs_features *f = NULL;

    s.freeze = 1;
    if (cxs_features_derive_noted(ctx, m, NULL, &s, notes, &f) != CXS_OK ||
        cxs_features_write_reference(ctx, f, reference_path(), NULL) != CXS_OK) {
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
        abort();
    }
    return f;
}

static cxs_features_settings by_reference(void)
{
    cxs_features_settings s = cxs_features_auto();

    s.reference = reference_path();
    s.refdata = "refdata";
    return s;
}

/* Do rows `at` of one and `row` of the other hold the same bytes? */
static size_t differing(const cxs_matrix *a, size_t at, const cxs_matrix *b, size_t row)
{
    size_t differ = a->p != b->p;

    for (size_t j = 0; differ == 0 && j < a->p; j++)
        differ +=
            strcmp(a->feature[j], b->feature[j]) != 0 ||
            memcmp(&a->x[j * a->n + at], &b->x[j * b->n + row], sizeof(double)) != 0;
    return differ;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Sample i + k of the training set is sample k of the new one. */
static void check_sample(const cxs_features *f, size_t i, const cxs_features *g,
                         size_t k)
{
    CHECK(differing(f->matrix, i, g->matrix, k) == 0);
    CHECK(memcmp(&f->norm[i], &g->norm[k], sizeof(double)) == 0);
    CHECK(memcmp(&f->size[i], &g->size[k], sizeof(double)) == 0);
    if (f->scores == NULL)
        return;
    CHECK(differing(f->scores->matrix, i, g->scores->matrix, k) == 0);
    CHECK(same_text(f->scores->subtypes.call[i], g->scores->subtypes.call[k]));
    CHECK(same_text(f->scores->subtypes.flag[i], g->scores->subtypes.flag[k]));
    CHECK(memcmp(f->scores->subtypes.p + 3 * i, g->scores->subtypes.p + 3 * k,
                 3 * sizeof(double)) == 0);
}

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
    CHECK(g->others.count == 4);
    CHECK(strcmp(g->others.at[1].measure, "largest_z") == 0);
    CHECK_NEAR(g->others.at[1].value, 4.0 / sqrt(2.0 / 3.0), TOL_SUM);
    CHECK(g->others.at[1].state == CXS_QC_WARN);
    CHECK(strcmp(g->others.at[1].reason, "outside_training_range") == 0);
    CHECK_NEAR(g->others.at[3].value, 3.0 / sqrt(2.0 / 3.0), TOL_SUM);
    CHECK(g->others.at[3].state == CXS_QC_OK && g->others.at[3].reason == NULL);
    CHECK(cxs_ctx_warning_count(ctx) == warned + 1);
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
    CHECK_NEAR(g->others.at[2].value, 0.0, TOL_EXACT);
    CHECK(g->others.at[2].state == CXS_QC_OK);
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
        new->x[2 * j] = floor(new->x[2 * j] / 100.0);
    s = by_reference();
    s.rna_quality = CXS_RNA_TUMOUR;
    g = case_derive(ctx, new, &s);
    CHECK(cxs_features_failed(g, NULL) == 1);
    for (size_t j = 0; j < g->matrix->p; j++)
        missing += isnan(g->matrix->x[2 * j]) ? 1 : 0;
    CHECK(missing == g->matrix->p && isnan(g->library[0]) && isnan(g->norm[0]));
    check_sample(f, 1, g, 1);
    CHECK(g->others.count == 2); /* of the sample that passed */
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
        cmocka_unit_test(training_samples_get_their_values),
        cmocka_unit_test(clipping_and_gaps_are_frozen),
        cmocka_unit_test(new_values_by_their_definition),
        cmocka_unit_test(strange_samples_are_flagged),
        cmocka_unit_test(a_tenth_of_the_genes_may_be_lacking),
        cmocka_unit_test(tmm_makes_up_for_lacking_genes),
        cmocka_unit_test(a_failed_sample_is_missing),
        cmocka_unit_test(other_assays_follow),
    };
    return cmocka_run_group_tests_name("frozen", tests, test_folder_make,
                                       test_folder_remove);
}
