/*
 * test_signatures.c -- reference signatures as features: formulas read literally, names
 * of genes, subtypes; samples that fail their quality checks
 */
#include "scores_case.h"

#include "coxswain/ingest.h"
#include "num/genesets.h"
#include "refdata_case.h"

enum { SAMPLES = 24 };

/* All symbols of the reference signatures and `more` other genes, sorted. */
typedef struct symbols {
    char **name;
    size_t count;
} symbols;

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static symbols read_symbols(cxs_ctx *ctx, size_t more)
{
    cxs_table *t = refdata_open(ctx, "signatures.tsv");
    symbols s = {calloc(t->rows + more, sizeof *s.name), 0};
    size_t to = 0;

    for (size_t r = 0; r < t->rows + more; r++) {
        char name[32];
        snprintf(name, sizeof name, "ZZ%05zu", r);
        s.name[r] = strdup(r < t->rows ? refdata_text(t, r, "symbol") : name);
    }
    qsort(s.name, t->rows + more, sizeof *s.name, by_text);
    for (size_t r = 0; r < t->rows + more; r++) {
        if (to > 0 && strcmp(s.name[to - 1], s.name[r]) == 0)
            free(s.name[r]);
        else
            s.name[to++] = s.name[r];
    }
    s.count = to;
    cxs_table_free(t);
    return s;
}

static void free_symbols(symbols *s)
{
    for (size_t k = 0; k < s->count; k++)
        free(s->name[k]);
    free(s->name);
}

/* Counts of all signature genes and `more` others in SAMPLES samples. */
static cxs_matrix *expression(cxs_ctx *ctx, size_t more, double scale)
{
    symbols s = read_symbols(ctx, more);
    cxs_matrix *m =
        case_matrix(SAMPLES, s.count, (const char *const *)s.name, CXS_KIND_COUNTS);

    case_counts(m, scale);
    free_symbols(&s);
    return m;
}

static cxs_features_settings with_signatures(void)
{
    cxs_features_settings s = cxs_features_auto();

    s.signatures = 1;
    s.refdata = "refdata";
    return s;
}

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

/* y of one gene: the features before any further step, unfiltered. */
static cxs_features *unfiltered(cxs_ctx *ctx, const cxs_matrix *m)
{
    cxs_features_settings s = cxs_features_auto();

    s.filter = s.winsorise = 0;
    return case_derive(ctx, m, &s);
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
        for (size_t i = 0; at != SIZE_MAX && i < SAMPLES; i++)
            CHECK_NEAR(y->x[at * SAMPLES + i], names->x[k * SAMPLES + i], TOL_EXACT);
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

/* ---- subtypes ---------------------------------------------------------------------- */

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
    cxs_features *f, *plain;
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
    f = case_derive(ctx, m, &s);
    plain = unfiltered(ctx, m);
    called = &cxs_features_scores(f)->subtypes;
    CHECK(called->call[0] != NULL && strcmp(called->call[0], "MES") == 0);
    CHECK(called->call[1] != NULL && strcmp(called->call[1], "mixed") == 0);
    CHECK(strcmp(called->flag[0], "idh_status_not_known") == 0);
    for (size_t k = 0; k < CXS_SUBTYPES; k++)
        check_subtype(cxs_features_matrix(plain), cxs_features_scores(f), 5, k);
    cxs_features_free(plain);
    cxs_features_free(f);
    cxs_table_free(t);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Fewer than 20 samples, or a mutant: no call; wildtype: no flag. */
static void subtypes_need_a_cohort_of_wildtypes(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = expression(ctx, 200, 300.0);
    cxs_features_settings s = with_signatures();
    int8_t idh[SAMPLES] = {1, 0, -1};
    const cxs_sample_notes notes = {NULL, idh};
    cxs_features *f = NULL;

    (void)state;
    CHECK(cxs_features_derive_noted(ctx, m, NULL, &s, &notes, &f) == CXS_OK);
    CHECK(f->scores->subtypes.call[0] == NULL);
    CHECK(strcmp(f->scores->subtypes.flag[0], "idh_mutant") == 0);
    CHECK(f->scores->subtypes.call[1] == NULL ||
          strcmp(f->scores->subtypes.flag[1], "ok") == 0);
    CHECK(strcmp(f->scores->subtypes.flag[2], "ok") != 0);
    cxs_features_free(f);
    for (size_t j = 0; j < m->p; j++) /* 19 samples */
        for (size_t i = 0; i < 19; i++)
            m->x[j * 19 + i] = m->x[j * SAMPLES + i];
    for (size_t i = 19; i < SAMPLES; i++)
        cxs_free(m->sample[i]);
    m->n = 19;
    f = case_derive(ctx, m, &s);
    for (size_t i = 0; i < 19; i++) {
        CHECK(f->scores->subtypes.call[i] == NULL);
        CHECK(isnan(f->scores->subtypes.p[i * CXS_SUBTYPES]));
        CHECK(!isnan(f->scores->subtypes.es[i * CXS_SUBTYPES]));
        CHECK(strcmp(f->scores->subtypes.flag[i], "fewer_than_20_samples") == 0);
    }
    cxs_features_free(f);
    cxs_matrix_free(m);
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
        cmocka_unit_test(subtypes_are_called),
        cmocka_unit_test(subtypes_need_a_cohort_of_wildtypes),
    };
    return cmocka_run_group_tests_name("signatures", tests, test_folder_make,
                                       test_folder_remove);
}
