/*
 * test_subtypes.c -- calls of the glioblastoma subtypes: synthetic profiles recomputed,
 * and what decides where they do not
 */
#include "signature_case.h"

#include "num/genesets.h"

/* p of one sample recomputed: synthetic profiles from the same stream, ranks counted
 * from their definition. */
static void check_subtype(const cxs_matrix *y, const cxs_scores *scores, size_t i,
                          size_t set)
{
    const cxs_subtypes *t = &scores->subtypes;
    const double es = t->es[i * CXS_SUBTYPES + set];
    static const char *const ids[] = {"rna.sig.WANG_PN", "rna.sig.WANG_CL",
                                      "rna.sig.WANG_MES"};
    const size_t at = case_column(scores->matrix, ids[set]);
    const cxs_members *member = &scores->scored[at].first;
    double *x = calloc(y->p, sizeof *x), *power = calloc(y->p, sizeof *power);
    uint32_t *ranks = calloc(3 * y->p, sizeof *ranks);
    uint64_t *work = calloc(cxs_ranks_work(y->p), sizeof *work);
    const cxs_ranks r = {ranks, ranks + y->p, ranks + 2 * y->p};
    size_t larger = 0;

    cxs_ssgsea_powers(y->p, 0.25, power);
    for (size_t b = 0; b < 1000; b++) {
        const cxs_stream draws = {1, CXS_DRAW_SUBTYPE, b};
        for (size_t g = 0; g < y->p; g++)
            x[g] = y->x[g * y->n + cxs_draw_below(&draws, g, y->n)];
        cxs_ranks_of(y->p, x, &r, work);
        larger +=
            cxs_ssgsea(y->p, &r, power, member->present, member->gene) / (double)y->p >=
            es;
    }
    CHECK_NEAR(es, scores->matrix->x[at * y->n + i], TOL_EXACT);
    CHECK_NEAR(t->p[i * CXS_SUBTYPES + set], (1.0 + (double)larger) / 1001.0, TOL_SUM);
    free(work);
    free(ranks);
    free(power);
    free(x);
}

/* A tumour whose genes of one subtype are raised is called that subtype; two raised
 * sets are mixed. */
static void subtypes_are_called(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 800, 300.0);
    cxs_features_settings s = with_signatures();
    cxs_table *t = refdata_open(ctx, "signatures.tsv");
    const int8_t idh[SAMPLES] = {0}; /* wildtype */
    const cxs_sample_notes notes = {NULL, idh};
    cxs_features *f = NULL, *plain;
    const cxs_subtypes *called;

    (void)state;
    for (size_t r = 0; r < t->rows; r++) {
        const size_t j = case_column(m, refdata_text(t, r, "symbol"));
        if (refdata_is(t, r, "signature_id", "WANG_MES"))
            m->x[j * SAMPLES] *= 8.0;
        if (refdata_is(t, r, "signature_id", "WANG_CL") ||
            refdata_is(t, r, "signature_id", "WANG_PN"))
            m->x[j * SAMPLES + 1] *= 8.0;
    }
    CHECK(cxs_features_derive_noted(ctx, m, NULL, &s, &notes, &f) == CXS_OK);
    plain = unfiltered(ctx, m);
    called = &cxs_features_scores(f)->subtypes;
    CHECK(called->call[0] != NULL && strcmp(called->call[0], "MES") == 0);
    CHECK(called->call[1] != NULL && strcmp(called->call[1], "mixed") == 0);
    CHECK(strcmp(called->flag[0], "ok") == 0 && strcmp(called->flag[1], "ok") == 0);
    for (size_t k = 0; k < CXS_SUBTYPES; k++)
        check_subtype(cxs_features_matrix(plain), cxs_features_scores(f), 5, k);
    cxs_features_free(plain);
    cxs_features_free(f);
    cxs_table_free(t);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The largest of three z-scores over the samples, read literally. */
static const char *largest_z(const cxs_subtypes *t, size_t n, size_t i)
{
    static const char *const names[] = {"PN", "CL", "MES"};
    double z[3];
    size_t best = 0;

    for (size_t k = 0; k < CXS_SUBTYPES; k++) {
        double mean = 0.0, square = 0.0;
        for (size_t r = 0; r < n; r++)
            mean += t->es[r * CXS_SUBTYPES + k] / (double)n;
        for (size_t r = 0; r < n; r++)
            square += pow(t->es[r * CXS_SUBTYPES + k] - mean, 2.0);
        z[k] = (t->es[i * CXS_SUBTYPES + k] - mean) / sqrt(square / ((double)n - 1.0));
        best = z[k] > z[best] ? k : best;
    }
    return names[best];
}

static void cut_samples(cxs_matrix *m, size_t n)
{
    for (size_t j = 0; j < m->p; j++)
        for (size_t i = 0; i < n; i++)
            m->x[j * n + i] = m->x[j * SAMPLES + i];
    for (size_t i = n; i < SAMPLES; i++)
        cxs_free(m->sample[i]);
    m->n = n;
}

/* p decides for tumour RNA of a wildtype in a cohort of 20; else the largest z does, and
 * the flag says why. */
static void subtypes_need_a_cohort_of_wildtypes(void **state)
{
    static const char *const flags[] = {"idh_mutant", "ok", "idh_status_not_known",
                                        "not_tumour_rna"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 200, 300.0);
    cxs_features_settings s = with_signatures();
    const int8_t idh[SAMPLES] = {1, 0, -1, 0};
    cxs_rna_kind kind[SAMPLES] = {CXS_RNA_UNJUDGED, CXS_RNA_TUMOUR, CXS_RNA_TUMOUR,
                                  CXS_RNA_LOWINPUT};
    const cxs_sample_notes notes = {kind, idh};
    const cxs_subtypes *t;
    cxs_features *f = NULL;
    size_t other = 0;

    (void)state;
    CHECK(cxs_features_derive_noted(ctx, m, NULL, &s, &notes, &f) == CXS_OK);
    t = &f->scores->subtypes;
    for (size_t i = 0; i < 4; i++) {
        CHECK(strcmp(t->flag[i],
                     i == 1 && t->call[1] == NULL ? "undecided" : flags[i]) == 0);
        if (i != 1)
            CHECK(strcmp(t->call[i], largest_z(t, SAMPLES, i)) == 0);
        CHECK(!isnan(t->p[i * CXS_SUBTYPES]));
    }
    cxs_features_free(f);
    cut_samples(m, 19);
    kind[3] = CXS_RNA_TUMOUR;
    CHECK(cxs_features_derive_noted(ctx, m, NULL, &s, &notes, &f) == CXS_OK);
    t = &f->scores->subtypes;
    for (size_t i = 0; i < 19; i++) {
        CHECK(strcmp(t->call[i], largest_z(t, 19, i)) == 0);
        other += strcmp(t->call[i], t->call[0]) != 0;
        CHECK(isnan(t->p[i * CXS_SUBTYPES]));
        CHECK(!isnan(t->es[i * CXS_SUBTYPES]));
        if (idh[i] == 0)
            CHECK(strcmp(t->flag[i], "fewer_than_20_samples") == 0);
    }
    CHECK(other > 0);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The synthetic profiles follow the seed, and nothing else does. */
static void subtypes_follow_the_seed(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 200, 300.0);
    cxs_features_settings s = with_signatures();
    cxs_features *a = case_derive(ctx, m, &s), *b;
    size_t differ = 0;

    (void)state;
    CHECK(cxs_features_used(a).seed == 1);
    s.seed = 7;
    b = case_derive(ctx, m, &s);
    for (size_t k = 0; k < (size_t)SAMPLES * CXS_SUBTYPES; k++) {
        differ += fabs(a->scores->subtypes.p[k] - b->scores->subtypes.p[k]) > 0.0;
        CHECK(fabs(a->scores->subtypes.p[k] - b->scores->subtypes.p[k]) < 0.1);
    }
    CHECK(differ > 0);
    CHECK(memcmp(a->scores->matrix->x, b->scores->matrix->x,
                 a->scores->matrix->n * a->scores->matrix->p * sizeof(double)) == 0);
    cxs_features_free(a);
    cxs_features_free(b);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subtypes_are_called),
        cmocka_unit_test(subtypes_need_a_cohort_of_wildtypes),
        cmocka_unit_test(subtypes_follow_the_seed),
    };
    return cmocka_run_group_tests_name("subtypes", tests, test_folder_make,
                                       test_folder_remove);
}
