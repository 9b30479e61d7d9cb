/*
 * test_signatures.c -- reference signatures as features: formulas read literally, names
 * of genes; samples that fail their quality checks
 */
#include "signature_case.h"

#include "coxswain/ingest.h"
#include "num/genesets.h"

/* ---- formulas read literally -------------------------------------------------------- */

static double tpm_of(const cxs_matrix *m, const char *gene, size_t i, double length)
{
    double total = 0.0;

    for (size_t j = 0; j < m->p; j++)
        total += m->x[j * m->n + i] / (double)(500 + 10 * (j % 90));
    return m->x[case_column(m, gene) * m->n + i] / length / total * 1e6;
}

static double length_of(const cxs_matrix *m, const char *gene)
{
    return (double)(500 + 10 * (case_column(m, gene) % 90));
}

/* GEP18 from the table of weights and housekeeping genes, TPM with lengths. */
static double gep18(cxs_ctx *ctx, const cxs_matrix *m, size_t i)
{
    cxs_table *t = refdata_open(ctx, "signatures.tsv");
    double h = 0.0, score = 0.0;
    size_t genes = 0;

    for (size_t r = 0; r < t->rows; r++) {
        const char *g = refdata_text(t, r, "symbol");
        if (!refdata_is(t, r, "signature_id", "GEP18_HK"))
            continue;
        h += log2(tpm_of(m, g, i, length_of(m, g)) + 1.0);
        genes++;
    }
    h /= (double)genes;
    for (size_t r = 0; r < t->rows; r++) {
        const char *g = refdata_text(t, r, "symbol");
        if (refdata_is(t, r, "signature_id", "GEP18"))
            score += refdata_real(t, r, "weight") *
                     (log2(tpm_of(m, g, i, length_of(m, g)) + 1.0) - h);
    }
    CHECK(genes == 11);
    cxs_table_free(t);
    return score;
}

static const char *write_lengths(const cxs_matrix *m)
{
    FILE *file = fopen(test_path("lengths.tsv"), "w");

    fprintf(file, "gene\tlength\n");
    for (size_t j = 0; j < m->p; j++)
        fprintf(file, "%s\t%.0f\n", m->feature[j], length_of(m, m->feature[j]));
    fclose(file);
    return test_path("lengths.tsv");
}

static void tpm_signatures_follow_their_formulas(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 50, 100.0);
    cxs_features_settings s = with_signatures();
    cxs_features *f;
    char lengths[2 * TEST_PATH_BYTES];

    (void)state;
    snprintf(lengths, sizeof lengths, "%s", write_lengths(m));
    s.lengths = lengths;
    f = case_derive(ctx, m, &s);
    for (size_t i = 0; i < SAMPLES; i += 7) {
        const double a = tpm_of(m, "GZMA", i, length_of(m, "GZMA"));
        const double b = tpm_of(m, "PRF1", i, length_of(m, "PRF1"));
        CHECK_NEAR(case_score(f, "rna.sig.CYT", i), sqrt((a + 0.01) * (b + 0.01)),
                   1e-11);
        CHECK_NEAR(case_score(f, "rna.sig.GEP18", i), gep18(ctx, m, i), 1e-11);
    }
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Without lengths counts per million stand for TPM. */
static void counts_per_million_stand_for_tpm(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 50, 100.0);
    cxs_features_settings s = with_signatures();
    cxs_features *f = case_derive(ctx, m, &s);
    double total = 0.0, product = 1.0;

    (void)state;
    for (size_t j = 0; j < m->p; j++)
        total += m->x[j * m->n + 3];
    product *= m->x[case_column(m, "GZMA") * m->n + 3] / total * 1e6 + 0.01;
    product *= m->x[case_column(m, "PRF1") * m->n + 3] / total * 1e6 + 0.01;
    CHECK_NEAR(case_score(f, "rna.sig.CYT", 3), sqrt(product), 1e-11);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* TPM are taken as they are, log values stand for log2. */
static void tpm_and_log_matrices_are_taken_as_they_are(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 50, 10.0);
    cxs_features_settings s = with_signatures();
    const size_t gzma = case_column(m, "GZMA"), prf1 = case_column(m, "PRF1");
    cxs_features *f;

    (void)state;
    m->kind = CXS_KIND_TPM;
    f = case_derive(ctx, m, &s);
    for (size_t i = 0; i < SAMPLES; i += 6)
        CHECK_NEAR(
            case_score(f, "rna.sig.CYT", i),
            sqrt((m->x[gzma * SAMPLES + i] + 0.01) * (m->x[prf1 * SAMPLES + i] + 0.01)),
            1e-12);
    cxs_features_free(f);
    m->kind = CXS_KIND_LOG;
    for (size_t k = 0; k < m->n * m->p; k++)
        m->x[k] = log2(m->x[k] + 1.0);
    f = case_derive(ctx, m, &s);
    for (size_t i = 0; i < SAMPLES; i += 6)
        CHECK_NEAR(case_score(f, "rna.sig.CYT", i),
                   exp2((m->x[gzma * SAMPLES + i] + m->x[prf1 * SAMPLES + i]) / 2.0),
                   1e-12);
    CHECK(isfinite(case_score(f, "rna.sig.GEP18", 0)));
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static double z_of(const cxs_matrix *y, const char *gene, size_t i)
{
    const double *x = y->x + case_column(y, gene) * y->n;
    double mean, sd;

    cxs_moments(y->n, x, &mean, &sd);
    return (x[i] - mean) / sd;
}

/* Weighted mean of y or of z over a set of the reference table. */
static double set_mean(cxs_ctx *ctx, const cxs_matrix *y, const char *set, size_t i,
                       int z)
{
    cxs_table *t = refdata_open(ctx, "signatures.tsv");
    double sum = 0.0, weight = 0.0;

    for (size_t r = 0; r < t->rows; r++) {
        const char *g = refdata_text(t, r, "symbol");
        const double w = refdata_real(t, r, "weight");
        if (!refdata_is(t, r, "signature_id", set))
            continue;
        sum += w * (z ? z_of(y, g, i) : y->x[case_column(y, g) * y->n + i]);
        weight += fabs(w);
    }
    cxs_table_free(t);
    return sum / weight;
}

static void means_follow_their_formulas(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 50, 100.0);
    cxs_features_settings s = with_signatures();
    cxs_features *f = case_derive(ctx, m, &s), *plain = unfiltered(ctx, m);
    const cxs_matrix *y = cxs_features_matrix(plain);

    (void)state;
    for (size_t i = 0; i < SAMPLES; i += 5) {
        CHECK_NEAR(case_score(f, "rna.sig.IFNG6", i), set_mean(ctx, y, "IFNG6", i, 0),
                   1e-11);
        CHECK_NEAR(case_score(f, "rna.sig.DANAHER_TCELL", i),
                   set_mean(ctx, y, "DANAHER_TCELL", i, 0), 1e-11);
        CHECK_NEAR(case_score(f, "rna.sig.PEMETREXED_AXIS", i),
                   set_mean(ctx, y, "PEMETREXED_AXIS", i, 1), 1e-11);
        CHECK_NEAR(case_score(f, "rna.sig.TEX_MINUS_TEFF", i),
                   set_mean(ctx, y, "TEX_CORE", i, 1) -
                       set_mean(ctx, y, "TEFF_CORE", i, 1),
                   1e-11);
    }
    cxs_features_free(plain);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The residual is free of its line: it sums to 0, is orthogonal to the T cells, and
 * with some multiple of them gives the score back. */
static void residuals_are_orthogonal(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 50, 100.0);
    cxs_features_settings s = with_signatures();
    cxs_features *f = case_derive(ctx, m, &s);
    double sum = 0.0, cross = 0.0, t[2], d[2];

    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        const double r = case_score(f, "rna.sig.TSTEM_BEYOND_TCELL", i);
        sum += r;
        cross += r * case_score(f, "rna.sig.DANAHER_TCELL", i);
    }
    CHECK(fabs(sum) < 1e-11 && fabs(cross) < 1e-11);
    for (size_t i = 0; i + 2 < SAMPLES; i++) { /* slopes between samples agree */
        for (size_t k = 0; k < 2; k++) {
            t[k] = case_score(f, "rna.sig.DANAHER_TCELL", i + k + 1) -
                   case_score(f, "rna.sig.DANAHER_TCELL", i);
            d[k] = case_score(f, "rna.sig.TSTEM_CORE", i + k + 1) -
                   case_score(f, "rna.sig.TSTEM_CORE", i) -
                   case_score(f, "rna.sig.TSTEM_BEYOND_TCELL", i + k + 1) +
                   case_score(f, "rna.sig.TSTEM_BEYOND_TCELL", i);
        }
        CHECK_NEAR(d[0] * t[1], d[1] * t[0], 1e-11);
    }
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Without its neighbour of EGFR the hypoxia set has one gene less; the others are all
 * there, and the signatures stand among the features. */
static void every_signature_is_scored_once(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 50, 100.0);
    cxs_features_settings s = with_signatures();
    cxs_features *f = case_derive(ctx, m, &s);
    const cxs_scores *scores = cxs_features_scores(f);
    const cxs_matrix *names = cxs_scores_matrix(scores), *y = cxs_features_matrix(f);
    size_t with = 0, without = 0;

    (void)state;
    CHECK(names->p == 41); /* 39 sets, less the housekeeping one, and three derived */
    for (size_t k = 0; k < names->p; k++) {
        const size_t at = case_column(y, names->feature[k]);
        size_t genes = 0;
        const size_t present = cxs_scores_present(scores, k, &genes);
        CHECK(strcmp(cxs_scores_status(scores, k), "ok") == 0 && present == genes);
        CHECK(at != SIZE_MAX);
        /* the catalogue takes the logarithm of this one score: it is in TPM */
        const int in_tpm = strcmp(names->feature[k], "rna.sig.CYT") == 0;
        for (size_t i = 0; at != SIZE_MAX && i < SAMPLES; i++) {
            const double score = names->x[k * SAMPLES + i];
            CHECK_NEAR(y->x[at * SAMPLES + i], in_tpm ? log2(score + 1.0) : score,
                       in_tpm ? TOL_SUM : TOL_EXACT);
        }
        if (strcmp(names->feature[k], "rna.sig.HYPOXIA_BUFFA") == 0)
            with = genes;
        if (strcmp(names->feature[k], "rna.sig.HYPOXIA_BUFFA_NO_EGFR") == 0)
            without = genes;
    }
    CHECK(with == 50 && without == 49);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* z-scores are no expression values: no signature is made of them. */
static void zscores_have_no_signatures(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 0, 100.0);
    cxs_features_settings s = with_signatures();
    cxs_features *f;

    (void)state;
    m->kind = CXS_KIND_Z;
    f = case_derive(ctx, m, &s);
    CHECK(cxs_features_scores(f) == NULL);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- names of genes ---------------------------------------------------------------- */

/* A matrix that names its genes by Ensembl id with version, by a former symbol or by
 * the name in the publication gives the same score. */
static void genes_are_found_by_their_other_names(void **state)
{
    static const char *const ids[] = {"ENSG00000000001.7", "Q", "QOLD", "QPUB"};
    static const char *const none[] = {"ENSG000000000011", "QX", "QOL"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_features_settings s = with_signatures();

    (void)state;
    s.refdata = case_refdata();
    for (size_t k = 0; k < 7; k++) {
        const char *const gene[] = {k < 4 && *ids[k] == 'E' ? ids[k] : "AAA", "G00001",
                                    "G00002", "G00003",
                                    k >= 4           ? none[k - 4]
                                    : *ids[k] == 'E' ? "ZZZ"
                                                     : ids[k]};
        cxs_matrix *m = case_matrix(4, 5, gene, CXS_KIND_LOG);
        cxs_features *f;
        for (size_t j = 0; j < 20; j++)
            m->x[j] = (double)((j * 7) % 13);
        if (k >= 4 && *none[k - 4] == 'E') { /* in order: E before G */
            char *t = m->feature[4];
            memmove(m->feature + 2, m->feature + 1, 3 * sizeof *m->feature);
            m->feature[1] = t;
        }
        f = case_derive(ctx, m, &s);
        CHECK(cxs_scores_present(cxs_features_scores(f), 0, NULL) == (k < 4 ? 3 : 2));
        CHECK(isnan(case_score(f, "rna.sig.IFNG6", 0)) == (k >= 4));
        cxs_features_free(f);
        cxs_matrix_free(m);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tpm_signatures_follow_their_formulas),
        cmocka_unit_test(counts_per_million_stand_for_tpm),
        cmocka_unit_test(tpm_and_log_matrices_are_taken_as_they_are),
        cmocka_unit_test(means_follow_their_formulas),
        cmocka_unit_test(residuals_are_orthogonal),
        cmocka_unit_test(every_signature_is_scored_once),
        cmocka_unit_test(zscores_have_no_signatures),
        cmocka_unit_test(genes_are_found_by_their_other_names),
    };
    return cmocka_run_group_tests_name("signatures", tests, test_folder_make,
                                       test_folder_remove);
}
