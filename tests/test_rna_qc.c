/*
 * test_rna_qc.c -- quality of RNA samples: thresholds, measures by hand, and what a
 * failed sample is: missing everywhere, and no part of anything
 */
#include "scores_case.h"

enum { GENES = 15000, N = 6 };

/* ---- thresholds ------------------------------------------------------------------- */

static void thresholds_are_those_of_the_library(void **state)
{
    static const struct {
        cxs_rna_measure measure;
        cxs_rna_kind kind;
        double value;
        cxs_qc_state state;
    } cases[] = {
        {CXS_RNA_FRAGMENTS, CXS_RNA_TUMOUR, 4999999, CXS_QC_FAIL},
        {CXS_RNA_FRAGMENTS, CXS_RNA_TUMOUR, 5e6, CXS_QC_WARN},
        {CXS_RNA_FRAGMENTS, CXS_RNA_TUMOUR, 10e6, CXS_QC_OK},
        {CXS_RNA_FRAGMENTS, CXS_RNA_LOWINPUT, 499999, CXS_QC_FAIL},
        {CXS_RNA_FRAGMENTS, CXS_RNA_LOWINPUT, 0.5e6, CXS_QC_WARN},
        {CXS_RNA_FRAGMENTS, CXS_RNA_LOWINPUT, 2e6, CXS_QC_OK},
        {CXS_RNA_GENES, CXS_RNA_TUMOUR, 9999, CXS_QC_FAIL},
        {CXS_RNA_GENES, CXS_RNA_TUMOUR, 11999, CXS_QC_WARN},
        {CXS_RNA_GENES, CXS_RNA_TUMOUR, 12000, CXS_QC_OK},
        {CXS_RNA_GENES, CXS_RNA_LOWINPUT, 3999, CXS_QC_FAIL},
        {CXS_RNA_GENES, CXS_RNA_LOWINPUT, 5999, CXS_QC_WARN},
        {CXS_RNA_GENES, CXS_RNA_LOWINPUT, 6000, CXS_QC_OK},
        {CXS_RNA_MITOCHONDRIA, CXS_RNA_TUMOUR, 0.51, CXS_QC_FAIL},
        {CXS_RNA_MITOCHONDRIA, CXS_RNA_TUMOUR, 0.5, CXS_QC_WARN},
        {CXS_RNA_MITOCHONDRIA, CXS_RNA_LOWINPUT, 0.2, CXS_QC_OK},
        {CXS_RNA_HAEMOGLOBIN, CXS_RNA_TUMOUR, 0.99, CXS_QC_WARN},
        {CXS_RNA_HAEMOGLOBIN, CXS_RNA_LOWINPUT, 0.2, CXS_QC_OK},
        {CXS_RNA_TOP_GENE, CXS_RNA_TUMOUR, 0.26, CXS_QC_WARN},
        {CXS_RNA_TOP_GENE, CXS_RNA_TUMOUR, 0.25, CXS_QC_OK},
        {CXS_RNA_SPEARMAN, CXS_RNA_TUMOUR, 0.69, CXS_QC_WARN},
        {CXS_RNA_SPEARMAN, CXS_RNA_TUMOUR, 0.7, CXS_QC_OK},
        {CXS_RNA_FRAGMENTS, CXS_RNA_UNJUDGED, 0, CXS_QC_OK},
        {CXS_RNA_FRAGMENTS, CXS_RNA_BY_STUDY, 0, CXS_QC_OK},
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const cxs_rna_result r =
            cxs_rna_judge(cases[k].measure, cases[k].kind, cases[k].value);
        CHECK(r.state == cases[k].state);
        CHECK((r.reason == NULL) ==
              (r.state == CXS_QC_OK && cases[k].kind != CXS_RNA_UNJUDGED &&
               cases[k].kind != CXS_RNA_BY_STUDY));
    }
    CHECK_DONE();
}

/* ---- measures --------------------------------------------------------------------- */

/* Six tumours of 15000 genes with 12 to 18 million counts; HBB and MT-CO1 among them. */
static cxs_matrix *tumours(void)
{
    cxs_matrix *m = case_matrix(N, GENES, NULL, CXS_KIND_COUNTS);

    for (size_t j = 0; j < GENES; j++)
        for (size_t i = 0; i < N; i++)
            m->x[j * N + i] = (double)((j * 7919) % 2003 + 2 * ((j * 31 + i * 17) % 5));
    cxs_free(m->feature[GENES - 2]);
    cxs_free(m->feature[GENES - 1]);
    m->feature[GENES - 2] = cxs_strdup(NULL, "HBB");
    m->feature[GENES - 1] = cxs_strdup(NULL, "MT-CO1");
    return m;
}

static const cxs_rna_result *result(const cxs_rna_qc *qc, size_t i,
                                    cxs_rna_measure measure)
{
    return &qc->result[i * CXS_RNA_MEASURES + measure];
}

static void measures_by_hand(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = tumours();
    cxs_rna_qc *qc = NULL;
    double total = 0.0, genes = 0.0;

    (void)state;
    m->x[(GENES - 2) * N + 1] = 4e6; /* HBB */
    m->x[(GENES - 1) * N + 1] = 9e6; /* MT-CO1 */
    for (size_t j = 0; j < GENES; j++)
        total += m->x[j * N + 1];
    for (size_t j = 0; j < GENES; j++)
        genes += m->x[j * N + 1] / total * 1e6 > 1.0;
    CHECK(cxs_rna_qc_make(ctx, m, NULL, CXS_RNA_TUMOUR, false, "refdata", &qc) ==
          CXS_OK);
    CHECK_NEAR(result(qc, 1, CXS_RNA_FRAGMENTS)->value, total, TOL_EXACT);
    CHECK_NEAR(result(qc, 1, CXS_RNA_GENES)->value, genes, TOL_EXACT);
    CHECK_NEAR(result(qc, 1, CXS_RNA_HAEMOGLOBIN)->value, 4e6 / total, TOL_EXACT);
    CHECK_NEAR(result(qc, 1, CXS_RNA_MITOCHONDRIA)->value, 9e6 / total, TOL_EXACT);
    CHECK_NEAR(result(qc, 1, CXS_RNA_TOP_GENE)->value, 9e6 / total, TOL_EXACT);
    CHECK(result(qc, 1, CXS_RNA_TOP_GENE)->state == CXS_QC_WARN);
    CHECK(result(qc, 1, CXS_RNA_MITOCHONDRIA)->state == CXS_QC_WARN);
    CHECK(result(qc, 0, CXS_RNA_TOP_GENE)->state == CXS_QC_OK);
    CHECK(qc->failures == 0 && qc->warnings == 1);
    cxs_rna_qc_free(qc);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- every state, from a matrix ---------------------------------------------------- */

/* How a sample is spoiled: scale of its counts, genes that keep theirs, shares of
 * MT-CO1, of each haemoglobin gene, of gene 0; order of the genes turned round. */
typedef struct spoiled {
    cxs_rna_kind kind;
    double scale;
    size_t genes;
    double mitochondria, haemoglobin, top;
    bool reversed;
    cxs_rna_measure measure; /* that tells */
    cxs_qc_state state;
} spoiled;

static void spoil(cxs_matrix *m, size_t i, const spoiled *s)
{
    const size_t special[] = {0, GENES - 4, GENES - 3, GENES - 2, GENES - 1};
    const double share[] = {s->top, s->haemoglobin, s->haemoglobin, s->haemoglobin,
                            s->mitochondria};
    double rest = 0.0, others = 1.0;

    for (size_t j = 0; j < GENES; j++) {
        const size_t k = s->reversed ? GENES - 1 - j : j;
        const double x = floor(s->scale * (1000.0 + (double)((k * 7919) % 2003)));
        m->x[j * m->n + i] = (j * 7919) % GENES < s->genes ? x : 0.0;
    }
    for (size_t k = 0; k < 5; k++) {
        others -= share[k];
        if (share[k] > 0.0)
            m->x[special[k] * m->n + i] = 0.0;
    }
    for (size_t j = 0; j < GENES; j++)
        rest += m->x[j * m->n + i];
    for (size_t k = 0; k < 5; k++)
        if (share[k] > 0.0)
            m->x[special[k] * m->n + i] = floor(share[k] / others * rest);
}

#define T CXS_RNA_TUMOUR
#define L CXS_RNA_LOWINPUT
static void every_state_is_reached(void **state)
{
    static const spoiled cases[] = {
        {T, 1, GENES, 0, 0, 0, false, CXS_RNA_FRAGMENTS, CXS_QC_OK},
        {T, 0.25, GENES, 0, 0, 0, false, CXS_RNA_FRAGMENTS, CXS_QC_WARN},
        {T, 0.1, GENES, 0, 0, 0, false, CXS_RNA_FRAGMENTS, CXS_QC_FAIL},
        {T, 1, 11500, 0, 0, 0, false, CXS_RNA_GENES, CXS_QC_WARN},
        {T, 1, 9000, 0, 0, 0, false, CXS_RNA_GENES, CXS_QC_FAIL},
        {T, 1, GENES, 0.19, 0, 0, false, CXS_RNA_MITOCHONDRIA, CXS_QC_OK},
        {T, 1, GENES, 0.3, 0, 0, false, CXS_RNA_MITOCHONDRIA, CXS_QC_WARN},
        {T, 1, GENES, 0.6, 0, 0, false, CXS_RNA_MITOCHONDRIA, CXS_QC_FAIL},
        {T, 1, GENES, 0, 0.066, 0, false, CXS_RNA_HAEMOGLOBIN, CXS_QC_OK},
        {T, 1, GENES, 0, 0.07, 0, false, CXS_RNA_HAEMOGLOBIN, CXS_QC_WARN},
        {T, 1, GENES, 0, 0, 0.24, false, CXS_RNA_TOP_GENE, CXS_QC_OK},
        {T, 1, GENES, 0, 0, 0.26, false, CXS_RNA_TOP_GENE, CXS_QC_WARN},
        {T, 1, GENES, 0, 0, 0, false, CXS_RNA_SPEARMAN, CXS_QC_OK},
        {T, 1, GENES, 0, 0, 0, true, CXS_RNA_SPEARMAN, CXS_QC_WARN},
        {L, 0.1, GENES, 0, 0, 0, false, CXS_RNA_FRAGMENTS, CXS_QC_OK},
        {L, 0.05, GENES, 0, 0, 0, false, CXS_RNA_FRAGMENTS, CXS_QC_WARN},
        {L, 0.015, GENES, 0, 0, 0, false, CXS_RNA_FRAGMENTS, CXS_QC_FAIL},
        {L, 1, 9000, 0, 0, 0, false, CXS_RNA_GENES, CXS_QC_OK},
        {L, 1, 5000, 0, 0, 0, false, CXS_RNA_GENES, CXS_QC_WARN},
        {L, 1, 3500, 0, 0, 0, false, CXS_RNA_GENES, CXS_QC_FAIL},
        {L, 1, GENES, 0.3, 0, 0, false, CXS_RNA_MITOCHONDRIA, CXS_QC_WARN},
        {L, 1, GENES, 0.6, 0, 0, false, CXS_RNA_MITOCHONDRIA, CXS_QC_FAIL},
        {L, 1, GENES, 0, 0.07, 0, false, CXS_RNA_HAEMOGLOBIN, CXS_QC_WARN},
        {L, 1, GENES, 0, 0, 0.26, false, CXS_RNA_TOP_GENE, CXS_QC_WARN},
        {L, 1, GENES, 0, 0, 0, true, CXS_RNA_SPEARMAN, CXS_QC_WARN},
    };
    enum { COUNT = sizeof cases / sizeof *cases };
    static const char *const names[] = {"HBA1", "HBA2", "HBB", "MT-CO1"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(COUNT, GENES, NULL, CXS_KIND_COUNTS);
    cxs_rna_kind kind[COUNT];
    const cxs_sample_notes notes = {kind, NULL};
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f = NULL;

    (void)state;
    for (size_t k = 0; k < 4; k++) {
        cxs_free(m->feature[GENES - 4 + k]);
        m->feature[GENES - 4 + k] = cxs_strdup(NULL, names[k]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        spoil(m, i, &cases[i]);
        kind[i] = cases[i].kind;
    }
    CHECK(cxs_features_derive_noted(ctx, m, NULL, &s, &notes, &f) == CXS_OK);
    for (size_t i = 0; i < COUNT; i++) {
        const cxs_rna_result *r = result(f->quality, i, cases[i].measure);
        const bool failed = cases[i].state == CXS_QC_FAIL;
        CHECK(r->state == cases[i].state);
        if (r->state != cases[i].state)
            printf("  case %zu: state %d, value %g\n", i, (int)r->state, r->value);
        CHECK((r->reason == NULL) == (r->state == CXS_QC_OK));
        CHECK((f->quality->failed[i] != 0) == failed);
        for (size_t j = 0; j < f->matrix->p; j += 997) /* missing, never 0 */
            CHECK((isnan(f->matrix->x[j * COUNT + i]) != 0) == failed);
    }
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Pearson's correlation of average ranks, then the median over the other samples. */
static double spearman(const cxs_matrix *m, size_t a, size_t b)
{
    double sum = 0.0, aa = 0.0, bb = 0.0;

    for (size_t j = 0; j < m->p; j++) {
        double r[2] = {0.0, 0.0};
        for (int k = 0; k < 2; k++) {
            const size_t i = k == 0 ? a : b;
            for (size_t g = 0; g < m->p; g++)
                r[k] += (m->x[g * m->n + i] < m->x[j * m->n + i]) +
                        0.5 * (m->x[g * m->n + i] <= m->x[j * m->n + i] &&
                               m->x[g * m->n + i] >= m->x[j * m->n + i]);
            r[k] -= (double)m->p / 2.0;
        }
        sum += r[0] * r[1];
        aa += r[0] * r[0];
        bb += r[1] * r[1];
    }
    return sum / sqrt(aa * bb);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* 70 samples: more than one block. */
static void correlation_is_the_median_over_the_others(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(70, 120, NULL, CXS_KIND_COUNTS);
    cxs_rna_qc *qc = NULL, *again = NULL;

    (void)state;
    case_counts(m, 20.0);
    CHECK(cxs_rna_qc_make(ctx, m, NULL, CXS_RNA_TUMOUR, false, NULL, &qc) == CXS_OK);
    for (size_t i = 0; i < 70; i += 23) {
        double rho[69];
        size_t at = 0;
        for (size_t k = 0; k < 70; k++)
            if (k != i)
                rho[at++] = spearman(m, i, k);
        qsort(rho, 69, sizeof *rho, ascending);
        CHECK_NEAR(result(qc, i, CXS_RNA_SPEARMAN)->value, rho[34], 1e-12);
        CHECK(strcmp(result(qc, i, CXS_RNA_SPEARMAN)->reason,
                     "part_of_a_transcriptome") == 0);
    }
    cxs_ctx_set_threads(ctx, 5);
    CHECK(cxs_rna_qc_make(ctx, m, NULL, CXS_RNA_TUMOUR, false, NULL, &again) == CXS_OK);
    for (size_t i = 0; i < 70; i++)
        CHECK_NEAR(result(again, i, CXS_RNA_SPEARMAN)->value,
                   result(qc, i, CXS_RNA_SPEARMAN)->value, TOL_EXACT);
    cxs_rna_qc_free(again);
    cxs_rna_qc_free(qc);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* ---- failed samples ---------------------------------------------------------------- */

static size_t missing_in(const cxs_matrix *m, size_t sample, size_t *zeros)
{
    size_t missing = 0;

    *zeros = 0;
    for (size_t j = 0; j < m->p; j++) {
        const double x = m->x[j * m->n + sample];
        missing += isnan(x) ? 1 : 0;
        *zeros += x <= 0.0 && x >= 0.0;
    }
    return missing;
}

/* Sample 2 has a hundredth of the counts.  It is missing in every feature and score,
 * never 0; the others are what they are without it. */
static void a_failed_sample_is_missing_and_never_zero(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = tumours(), *less = tumours();
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f, *want;
    size_t zeros = 0, warned = 0, differ = 0;

    (void)state;
    for (size_t j = 0; j < GENES; j++) {
        size_t to = 0;
        m->x[j * N + 2] = floor(m->x[j * N + 2] / 100.0);
        for (size_t i = 0; i < N; i++)
            if (i != 2)
                less->x[j * (N - 1) + to++] = m->x[j * N + i];
    }
    cxs_free(less->sample[2]);
    memmove(less->sample + 2, less->sample + 3, 3 * sizeof *less->sample);
    less->n = N - 1;
    s.rna_quality = CXS_RNA_TUMOUR;
    s.gmt = test_text("a.gmt", "A\tx\tG00001\tG00002\tG00007\nB\tx\tG00009\tHBB\n");
    f = case_derive(ctx, m, &s);
    CHECK(cxs_features_failed(f, &warned) == 1 && warned == 0);
    s.rna_quality = CXS_RNA_UNJUDGED;
    want = case_derive(ctx, less, &s);
    CHECK(f->matrix->n == N && f->matrix->p == want->matrix->p && f->matrix->p > 14000);
    CHECK(missing_in(f->matrix, 2, &zeros) == f->matrix->p && zeros == 0);
    CHECK(missing_in(cxs_scores_matrix(f->scores), 2, &zeros) == 2 && zeros == 0);
    CHECK(isnan(f->library[2]) && isnan(f->norm[2]) && isnan(f->size[2]));
    for (size_t j = 0; j < f->matrix->p; j++)
        for (size_t i = 0; i < N; i++)
            differ += i != 2 && memcmp(&f->matrix->x[j * N + i],
                                       &want->matrix->x[j * (N - 1) + i - (i > 2)],
                                       sizeof(double)) != 0;
    CHECK(differ == 0);
    CHECK_NEAR(case_score(f, "A", 3), case_score(want, "A", 2), TOL_EXACT);
    CHECK(cxs_ctx_warning_count(ctx) >= 2);
    cxs_features_free(want);
    cxs_features_free(f);
    cxs_matrix_free(less);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* A low-input library of the same depth passes. */
static void thresholds_may_differ_by_sample(void **state)
{
    static const cxs_rna_kind kind[N] = {CXS_RNA_TUMOUR,   CXS_RNA_TUMOUR,
                                         CXS_RNA_LOWINPUT, CXS_RNA_TUMOUR,
                                         CXS_RNA_TUMOUR,   CXS_RNA_TUMOUR};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = tumours();
    cxs_rna_qc *qc = NULL;

    (void)state;
    for (size_t j = 0; j < GENES; j++)
        m->x[j * N + 2] = floor(m->x[j * N + 2] / 10.0);
    CHECK(cxs_rna_qc_make(ctx, m, kind, CXS_RNA_UNJUDGED, false, NULL, &qc) == CXS_OK);
    CHECK(!qc->failed[2]);
    CHECK(result(qc, 2, CXS_RNA_FRAGMENTS)->state == CXS_QC_WARN);
    cxs_rna_qc_free(qc);
    CHECK(cxs_rna_qc_make(ctx, m, NULL, CXS_RNA_TUMOUR, false, NULL, &qc) == CXS_OK);
    CHECK(qc->failed[2] && qc->failures == 1);
    cxs_rna_qc_free(qc);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Empty libraries stop (CX028), and so does a study of which nothing is left; a part of
 * a transcriptome is never judged. */
static void what_cannot_be_judged(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = tumours();
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f = NULL;

    (void)state;
    s.rna_quality = CXS_RNA_TUMOUR;
    for (size_t k = 0; k < (size_t)GENES * N; k++)
        m->x[k] = floor(m->x[k] / 50.0);
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_EDEGENERATE && f == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "all of 6 RNA samples failed") != NULL);
    for (size_t j = 0; j < GENES; j++)
        m->x[j * N + 4] = 0.0;
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_EDEGENERATE);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX028") == 0);
    CHECK(strstr(cxs_ctx_message(ctx),
                 "sample S004: 0 counts in total, minimum 5000000") != NULL);
    for (size_t j = 0; j < GENES; j++)
        m->x[j * N + 4] = m->x[j * N + 3];
    cxs_free(m->feature[GENES - 1]);
    m->p = GENES - 1;
    CHECK(cxs_features_derive(ctx, m, NULL, &s, &f) == CXS_OK);
    CHECK(f != NULL && cxs_features_failed(f, NULL) == 0);
    cxs_features_free(f);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void the_table_is_written(void **state)
{
    static const char want[] =
        "sample_id\tmeasure\tvalue\tunit\tstate\treason\n"
        "S000\tcounted_fragments\t16\tfragments\tok\tpart_of_a_transcriptome\n"
        "S000\tgenes_detected\t4\tgenes\tok\tpart_of_a_transcriptome\n"
        "S000\tmitochondrial_share\tNA\tfraction\tok\tno_such_genes\n";
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(2, 4, NULL, CXS_KIND_COUNTS);
    cxs_rna_qc *qc = NULL;
    char *text;

    (void)state;
    for (size_t k = 0; k < 8; k++)
        m->x[k] = (double)(k + 1); /* S000: 1 3 5 7, S001: 2 4 6 8 */
    CHECK(cxs_rna_qc_make(ctx, m, NULL, CXS_RNA_TUMOUR, false, NULL, &qc) == CXS_OK);
    CHECK(cxs_rna_qc_write(ctx, qc, NULL, test_path("q"), NULL) == CXS_OK);
    text = test_read(test_path("q.qc.tsv"), NULL);
    CHECK(strncmp(text, want, strlen(want)) == 0);
    CHECK(strstr(text, "S001\ttop_gene_share\t0.4\tfraction\tok\t") != NULL);
    free(text);
    cxs_rna_qc_free(qc);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = case_matrix(3, 8, NULL, CXS_KIND_COUNTS);
    const char *folder = case_refdata();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    case_counts(m, 50.0);
    for (k = 1; rc == CXS_ENOMEM && k < 500; k++) {
        cxs_rna_qc *qc = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_rna_qc_make(ctx, m, NULL, CXS_RNA_TUMOUR, false, folder, &qc);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (qc != NULL));
        cxs_rna_qc_free(qc);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 15);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The whole way of a failed sample, at allocations spread over it: 15000 names make
 * every single one too many. */
static void allocations_may_fail_on_the_way(void **state)
{
    cxs_matrix *m = tumours();
    cxs_features_settings s = cxs_features_auto();
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (size_t j = 0; j < GENES; j++)
        m->x[j * N + 2] = floor(m->x[j * N + 2] / 100.0);
    s.rna_quality = CXS_RNA_TUMOUR;
    s.signatures = 1;
    s.refdata = case_refdata();
    for (k = 1; rc == CXS_ENOMEM && k < 400000; k += 1999) {
        cxs_ctx *ctx = cxs_ctx_new(); /* it keeps the warnings */
        cxs_features *f = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_features_derive(ctx, m, NULL, &s, &f);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (f != NULL));
        cxs_features_free(f);
        cxs_ctx_free(ctx);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 15 * 1999);
    cxs_matrix_free(m);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thresholds_are_those_of_the_library),
        cmocka_unit_test(measures_by_hand),
        cmocka_unit_test(every_state_is_reached),
        cmocka_unit_test(correlation_is_the_median_over_the_others),
        cmocka_unit_test(a_failed_sample_is_missing_and_never_zero),
        cmocka_unit_test(thresholds_may_differ_by_sample),
        cmocka_unit_test(what_cannot_be_judged),
        cmocka_unit_test(the_table_is_written),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(allocations_may_fail_on_the_way),
    };
    return cmocka_run_group_tests_name("rna_qc", tests, test_folder_make,
                                       test_folder_remove);
}
