/*
 * rna_qc.c -- quality of RNA samples from their counts
 *
 * Thresholds of tissue libraries are the usual ones; for the few cells of cerebrospinal
 * fluid there is no consensus, and theirs are a choice of this project.  A failed sample
 * is missing in every expression feature, never 0.
 *
 * Totals and numbers of genes mean something for a whole transcriptome alone: a matrix
 * of fewer than 15,000 genes is a part of one, and they are then reported unjudged.
 */
#include "features/rna_qc.h"

#include "base/out.h"
#include "base/pool.h"
#include "num/blas.h"
#include "num/order.h"
#include "num/ranks.h"
#include "store/data.h"

#include <math.h>
#include <string.h>

enum {
    WHOLE_TRANSCRIPTOME = 15000, /* genes */
    BLOCK = 64                   /* samples per task, a fixed width: see num/blas.h */
};

static const double MILLION = 1e6;

/* A value beyond `fail` fails, beyond `warn` warns; NaN: no such threshold. */
typedef struct limits {
    double fail, warn;
} limits;

static const struct {
    const char *name, *unit, *reason;
    bool low_is_bad;
    limits tumour, lowinput;
} measures[CXS_RNA_MEASURES] = {
    {"counted_fragments",
     "fragments",
     "few_fragments",
     true,
     {5e6, 10e6},
     {0.5e6, 2e6}},
    {"genes_detected", "genes", "few_genes", true, {10000, 12000}, {4000, 6000}},
    {"mitochondrial_share", "fraction", "mitochondrial", false, {0.5, 0.2}, {0.5, 0.2}},
    {"haemoglobin_share",
     "fraction",
     "blood",
     false,
     {(double)NAN, 0.2},
     {(double)NAN, 0.2}},
    {"top_gene_share",
     "fraction",
     "one_gene_dominates",
     false,
     {(double)NAN, 0.25},
     {(double)NAN, 0.25}},
    {"median_spearman",
     "correlation",
     "unlike_the_cohort",
     true,
     {(double)NAN, 0.7},
     {(double)NAN, 0.7}},
};

static bool is_beyond(double value, double limit, bool low_is_bad)
{
    return low_is_bad ? value < limit : value > limit; /* false for NaN */
}

cxs_rna_result cxs_rna_judge(cxs_rna_measure measure, cxs_rna_kind kind, double value)
{
    const limits *l = kind == CXS_RNA_LOWINPUT ? &measures[measure].lowinput
                                               : &measures[measure].tumour;
    const bool low = measures[measure].low_is_bad;
    cxs_rna_result r = {value, CXS_QC_OK, NULL};

    if (kind == CXS_RNA_UNJUDGED || kind == CXS_RNA_BY_STUDY) {
        r.reason = "not_judged";
        return r;
    }
    if (is_beyond(value, l->fail, low))
        r.state = CXS_QC_FAIL;
    else if (is_beyond(value, l->warn, low))
        r.state = CXS_QC_WARN;
    if (r.state != CXS_QC_OK)
        r.reason = measures[measure].reason;
    return r;
}

double cxs_rna_least_fragments(cxs_rna_kind kind)
{
    return kind == CXS_RNA_LOWINPUT ? measures[CXS_RNA_FRAGMENTS].lowinput.fail
                                    : measures[CXS_RNA_FRAGMENTS].tumour.fail;
}

void cxs_rna_qc_free(cxs_rna_qc *qc)
{
    if (qc == NULL)
        return;
    cxs_free_strings(qc->sample, qc->n);
    cxs_free(qc->result);
    cxs_free(qc->failed);
    cxs_free(qc);
}

/* ---- sums over genes ------------------------------------------------------------- */

typedef struct totals {
    double *total, *genes, *mitochondria, *haemoglobin, *top; /* [n] each */
    size_t mt_genes, hb_genes;
    double *store;
} totals;

static const char *shown_name(const cxs_matrix *m, size_t j)
{
    return m->feature_name != NULL ? m->feature_name[j] : m->feature[j];
}

static cxs_rc find_haemoglobin(cxs_ctx *ctx, const cxs_matrix *m, const char *folder,
                               size_t at[3])
{
    static const char *const symbols[] = {"HBB", "HBA1", "HBA2"};
    cxs_gene_index *index = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_gene_index_new(ctx, m, folder, &index));
    for (size_t k = 0; k < 3; k++)
        at[k] = cxs_gene_index_find(index, symbols[k], NULL);

done:
    cxs_gene_index_free(index);
    return rc;
}

static void add_gene(const cxs_matrix *m, size_t j, double *sum)
{
    for (size_t i = 0; i < m->n; i++) {
        const double x = m->x[j * m->n + i];
        sum[i] += isnan(x) ? 0.0 : x;
    }
}

static cxs_rc sum_genes(cxs_ctx *ctx, const cxs_matrix *m, const char *folder,
                        totals *t)
{
    size_t hb[3];
    cxs_rc rc = CXS_OK;

    CXS_NEW(t->store, 5 * m->n);
    t->total = t->store;
    t->genes = t->store + m->n;
    t->mitochondria = t->store + 2 * m->n;
    t->haemoglobin = t->store + 3 * m->n;
    t->top = t->store + 4 * m->n;
    CXS_TRY(find_haemoglobin(ctx, m, folder, hb));
    for (size_t j = 0; j < m->p; j++) {
        const bool mt = strncmp(shown_name(m, j), "MT-", 3) == 0;
        add_gene(m, j, t->total);
        t->mt_genes += mt;
        if (mt)
            add_gene(m, j, t->mitochondria);
        for (size_t i = 0; i < m->n; i++)
            t->top[i] = fmax(t->top[i], m->x[j * m->n + i]); /* passes over NaN */
    }
    for (size_t k = 0; k < 3; k++) {
        t->hb_genes += hb[k] != SIZE_MAX;
        if (hb[k] != SIZE_MAX)
            add_gene(m, hb[k], t->haemoglobin);
    }
    for (size_t j = 0; j < m->p; j++)
        for (size_t i = 0; i < m->n; i++)
            t->genes[i] += m->x[j * m->n + i] / t->total[i] * MILLION > 1.0 ? 1.0 : 0.0;

done:
    return rc;
}

/* ---- correlation with the cohort -------------------------------------------------- */

typedef struct correlation {
    const cxs_matrix *m;
    const uint32_t *gene; /* [used] */
    size_t used;
    double *score;  /* [used x n] scaled ranks, sample by sample */
    double *median; /* [n] */
    double *block;  /* per worker */
    uint64_t *work;
} correlation;

static cxs_rc rank_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const correlation *w = arg;
    double *x = w->block + worker * w->used;

    (void)ctx;
    for (size_t g = 0; g < w->used; g++)
        x[g] = w->m->x[w->gene[g] * w->m->n + index];
    cxs_spearman_scores(w->used, x, w->score + index * w->used,
                        w->work + worker * cxs_ranks_work(w->used));
    return CXS_OK;
}

/* Correlations of one block of samples with all, then the median of each. */
static cxs_rc median_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const correlation *w = arg;
    const size_t n = w->m->n, first = index * BLOCK;
    const size_t count = n - first < BLOCK ? n - first : BLOCK;
    double *rho = w->block + worker * BLOCK * n;

    (void)ctx;
    cxs_blas_gemm_tn(n, count, w->used, 1.0, w->score, w->score + first * w->used, 0.0,
                     rho, n);
    for (size_t i = 0; i < count; i++) {
        double *column = rho + i * n;
        column[first + i] = column[n - 1]; /* without itself */
        w->median[first + i] = cxs_median(n - 1, column);
    }
    return CXS_OK;
}

/* Genes that every sample has and that are not 0 in all of them. */
static size_t comparable_genes(const cxs_matrix *m, uint32_t *gene)
{
    size_t used = 0;

    for (size_t j = 0; j < m->p; j++) {
        int any = 0, missing = 0;
        for (size_t i = 0; !missing && i < m->n; i++) {
            any = any || m->x[j * m->n + i] > 0.0;
            missing = isnan(m->x[j * m->n + i]);
        }
        if (any && !missing)
            gene[used++] = (uint32_t)j;
    }
    return used;
}

static cxs_rc correlate(cxs_ctx *ctx, const cxs_matrix *m, double *median)
{
    const size_t tasks = (m->n + BLOCK - 1) / BLOCK;
    const size_t workers = cxs_pool_workers(ctx, m->n);
    correlation w = {.m = m, .median = median};
    uint32_t *gene = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_blas_init(ctx));
    CXS_NEW(gene, m->p);
    w.used = comparable_genes(m, gene);
    w.gene = gene;
    for (size_t i = 0; i < m->n; i++)
        median[i] = (double)NAN;
    if (w.used < 2)
        goto done; /* nothing to compare */
    CXS_NEW(w.score, w.used * m->n);
    CXS_NEW(w.work, workers * cxs_ranks_work(w.used));
    CXS_NEW(w.block, workers * (w.used > BLOCK * m->n ? w.used : BLOCK * m->n));
    CXS_TRY(cxs_pool_run(ctx, NULL, m->n, rank_task, &w));
    CXS_TRY(cxs_pool_run(ctx, NULL, tasks, median_task, &w));

done:
    cxs_free(w.block);
    cxs_free(w.work);
    cxs_free(w.score);
    cxs_free(gene);
    return rc;
}

/* ---- judging --------------------------------------------------------------------- */

static cxs_rna_result unmeasured(const char *reason)
{
    return (cxs_rna_result){(double)NAN, CXS_QC_OK, reason};
}

/* One measure; a part of a transcriptome is reported and not judged. */
static cxs_rna_result judge(const cxs_matrix *m, cxs_rna_measure measure,
                            cxs_rna_kind kind, double value)
{
    const bool whole = m->p >= WHOLE_TRANSCRIPTOME;
    cxs_rna_result r = cxs_rna_judge(measure, whole ? kind : CXS_RNA_UNJUDGED, value);

    if (!whole && (kind == CXS_RNA_TUMOUR || kind == CXS_RNA_LOWINPUT))
        r.reason = "part_of_a_transcriptome";
    return r;
}

static void judge_sample(const cxs_matrix *m, const totals *t, const double *median,
                         size_t i, cxs_rna_kind kind, cxs_rna_result *r)
{
    const double total = t->total[i];

    r[CXS_RNA_FRAGMENTS] = m->kind == CXS_KIND_COUNTS
                               ? judge(m, CXS_RNA_FRAGMENTS, kind, total)
                               : unmeasured("not_counts");
    r[CXS_RNA_GENES] = judge(m, CXS_RNA_GENES, kind, t->genes[i]);
    r[CXS_RNA_MITOCHONDRIA] = t->mt_genes > 0 ? judge(m, CXS_RNA_MITOCHONDRIA, kind,
                                                      t->mitochondria[i] / total)
                                              : unmeasured("no_such_genes");
    r[CXS_RNA_HAEMOGLOBIN] =
        t->hb_genes > 0 ? judge(m, CXS_RNA_HAEMOGLOBIN, kind, t->haemoglobin[i] / total)
                        : unmeasured("no_such_genes");
    r[CXS_RNA_TOP_GENE] = judge(m, CXS_RNA_TOP_GENE, kind, t->top[i] / total);
    r[CXS_RNA_SPEARMAN] = median == NULL ? unmeasured("scored_alone")
                          : m->n > 1     ? judge(m, CXS_RNA_SPEARMAN, kind, median[i])
                                         : unmeasured("one_sample");
}

static cxs_rc new_qc(cxs_ctx *ctx, const cxs_matrix *m, cxs_rna_qc **out)
{
    cxs_rna_qc *qc = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(qc, 1);
    CXS_NEW(qc->sample, m->n);
    qc->n = m->n;
    CXS_NEW(qc->result, m->n * CXS_RNA_MEASURES);
    CXS_NEW(qc->failed, m->n);
    for (size_t i = 0; i < m->n; i++)
        if ((qc->sample[i] = cxs_strdup(ctx, m->sample[i])) == NULL)
            CXS_TRY(CXS_ENOMEM);
    *out = qc;
    qc = NULL;

done:
    cxs_rna_qc_free(qc);
    return rc;
}

cxs_rc cxs_rna_qc_make(cxs_ctx *ctx, const cxs_matrix *m, const cxs_rna_kind *kind,
                       cxs_rna_kind all, bool alone, const char *folder,
                       cxs_rna_qc **out)
{
    cxs_rna_qc *qc = NULL;
    totals t = {0};
    double *median = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(new_qc(ctx, m, &qc));
    CXS_TRY(sum_genes(ctx, m, folder, &t));
    if (!alone)
        CXS_NEW(median, m->n);
    if (!alone && m->n > 1)
        CXS_TRY(correlate(ctx, m, median));
    for (size_t i = 0; i < m->n; i++) {
        cxs_rna_result *r = qc->result + i * CXS_RNA_MEASURES;
        bool warned = false;
        judge_sample(m, &t, median, i, kind != NULL ? kind[i] : all, r);
        for (size_t k = 0; k < CXS_RNA_MEASURES; k++) {
            qc->failed[i] = qc->failed[i] || r[k].state == CXS_QC_FAIL;
            warned = warned || r[k].state == CXS_QC_WARN;
        }
        qc->failures += qc->failed[i];
        qc->warnings += warned && !qc->failed[i];
    }
    *out = qc;
    qc = NULL;

done:
    cxs_free(t.store);
    cxs_free(median);
    cxs_rna_qc_free(qc);
    return rc;
}

static cxs_rc write_row(cxs_ctx *ctx, cxs_out *out, const cxs_quality_row *r)
{
    static const char *const states[] = {"ok", "warn", "fail"};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_text(ctx, out, r->sample));
    CXS_TRY(cxs_out_text(ctx, out, r->measure));
    CXS_TRY(cxs_out_real(ctx, out, r->value));
    CXS_TRY(cxs_out_text(ctx, out, r->unit));
    CXS_TRY(cxs_out_text(ctx, out, states[r->state]));
    CXS_TRY(cxs_out_text(ctx, out, r->reason != NULL ? r->reason : "NA"));
    rc = cxs_out_row_end(ctx, out);

done:
    return rc;
}

/* RNA, then the rows of other assays. */
typedef struct all_rows {
    const cxs_rna_qc *qc;
    const cxs_quality_rows *others;
} all_rows;

static cxs_rc write_rows(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    static const char *const names[] = {"sample_id", "measure", "value", "unit",
                                        "state",     "reason",  NULL};
    const cxs_rna_qc *qc = ((const all_rows *)of)->qc;
    const cxs_quality_rows *others = ((const all_rows *)of)->others;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t i = 0; qc != NULL && i < qc->n; i++)
        for (size_t k = 0; k < CXS_RNA_MEASURES; k++) {
            const cxs_rna_result *r = &qc->result[i * CXS_RNA_MEASURES + k];
            const cxs_quality_row row = {.sample = qc->sample[i],
                                         .measure = measures[k].name,
                                         .unit = measures[k].unit,
                                         .reason = r->reason,
                                         .value = r->value,
                                         .state = r->state};
            CXS_TRY(write_row(ctx, out, &row));
        }
    for (size_t k = 0; others != NULL && k < others->count; k++)
        CXS_TRY(write_row(ctx, out, &others->at[k]));

done:
    return rc;
}

cxs_rc cxs_rna_qc_write(cxs_ctx *ctx, const cxs_rna_qc *qc,
                        const cxs_quality_rows *others, const char *prefix,
                        cxs_record *record)
{
    const all_rows rows = {qc, others};

    return cxs_out_file(ctx, prefix, ".qc.tsv", write_rows, &rows, record);
}
