/*
 * scores_case.h -- expression matrices and small reference tables for the tests of
 * gene-set scores and of the quality of RNA samples
 */
#ifndef CXS_TEST_SCORES_CASE_H
#define CXS_TEST_SCORES_CASE_H

#include "base/stream.h"
#include "features/rna_qc.h"
#include "features/scores.h"
#include "files.h"
#include "store/data.h"
#include "test.h"

/* Genes named by the caller (sorted bytewise by it), samples S000.. */
static inline cxs_matrix *case_matrix(size_t n, size_t p, const char *const *gene,
                                      cxs_kind kind)
{
    cxs_matrix *m = cxs_calloc(NULL, 1, sizeof *m);
    char name[32];

    m->n = n;
    m->p = p;
    m->kind = kind;
    m->layer = cxs_strdup(NULL, "rna");
    m->sample = cxs_calloc(NULL, n, sizeof *m->sample);
    m->feature = cxs_calloc(NULL, p, sizeof *m->feature);
    m->x = cxs_calloc(NULL, n * p, sizeof *m->x);
    for (size_t i = 0; i < n; i++) {
        snprintf(name, sizeof name, "S%03zu", i);
        m->sample[i] = cxs_strdup(NULL, name);
    }
    for (size_t j = 0; j < p; j++) {
        snprintf(name, sizeof name, "G%05zu", j);
        m->feature[j] = cxs_strdup(NULL, gene != NULL ? gene[j] : name);
    }
    return m;
}

/* Whole numbers of a negative-binomial look, never all 0 in a gene. */
static inline void case_counts(cxs_matrix *m, double scale)
{
    for (size_t j = 0; j < m->p; j++)
        for (size_t i = 0; i < m->n; i++) {
            const cxs_stream s = {3, CXS_DRAW_TEST, j};
            const double mean = exp(2.0 * cxs_draw_normal(&s, 2000));
            m->x[j * m->n + i] =
                floor(scale * mean * exp(0.7 * cxs_draw_normal(&s, i))) +
                (i == j % m->n ? 1.0 : 0.0);
        }
}

static inline size_t case_column(const cxs_matrix *m, const char *id)
{
    for (size_t j = 0; j < m->p; j++)
        if (strcmp(m->feature[j], id) == 0)
            return j;
    return SIZE_MAX;
}

/* Derive or stop: a test that needs features cannot go on without. */
static inline cxs_features *case_derive(cxs_ctx *ctx, const cxs_matrix *m,
                                        const cxs_features_settings *s)
{
    cxs_features *f = NULL;

    if (cxs_features_derive(ctx, m, NULL, s, &f) != CXS_OK) {
        fprintf(stderr, "%s\n", cxs_ctx_message(ctx));
        abort();
    }
    return f;
}

/* Value of a score in a sample; stops when there is no such score. */
static inline double case_score(const cxs_features *f, const char *id, size_t sample)
{
    const cxs_matrix *m = cxs_scores_matrix(cxs_features_scores(f));
    const size_t at = case_column(m, id);

    if (at == SIZE_MAX) {
        fprintf(stderr, "no score %s\n", id);
        abort();
    }
    return m->x[at * m->n + sample];
}

/* Reference tables of a few rows in the folder of the test. @return the folder */
static inline const char *case_refdata(void)
{
    test_text("genes.tsv", "symbol\tensembl_gene_id\nQ\tENSG00000000001\n"
                           "HBB\tENSG00000244734\n");
    test_text("gene_alias.tsv", "alias\tsymbol\tstatus\nQOLD\tQ\tunique\n"
                                "QX\tQ\tambiguous\n");
    test_text("signatures.tsv",
              "signature_id\tsymbol\tweight\tpublished_symbol\n"
              "IFNG6\tG00001\t1\t.\nIFNG6\tG00002\t1\t.\nIFNG6\tQ\t1\tQPUB\n"
              "TEX_CORE\tG00003\t1\t.\nTEX_CORE\tG00004\t1\t.\n"
              "TEFF_CORE\tG00005\t1\t.\n");
    return test_folder;
}

#endif /* CXS_TEST_SCORES_CASE_H */
