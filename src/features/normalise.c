/*
 * normalise.c -- counts to log values: TMM, median of ratios, TPM
 *
 * The kernels of num/tmm.c want one sample contiguous, the matrix has one gene
 * contiguous.  Eight samples (one cache line of a gene) are gathered at a time, so that
 * the matrix is read once per eight samples.
 */
#include "features/frozen.h"

#include "base/pool.h"
#include "num/order.h"
#include "num/tmm.h"
#include "store/data.h"

#include <math.h>
#include <string.h>

enum { SAMPLES_PER_TASK = 8 };

/* Shared by the tasks of one normalisation. */
typedef struct job {
    const cxs_matrix *m;
    const uint32_t *gene; /* [used] columns that take part */
    size_t used;
    const double *library;
    double *quartile, *root_sum; /* [n] */
    const double *ref;           /* [used] counts of the reference sample */
    double ref_library;
    double *factor;                  /* [n] */
    const double *length, *rate_sum; /* [p], [n] */
    double effective_mean;
    const double *effective; /* [n] */
    cxs_frame *frame;        /* to keep what new samples need, or NULL */
    double *scratch;         /* per worker */
    size_t scratch_size;
} job;

static size_t gene_tasks(const cxs_matrix *m)
{
    return (m->p + CXS_GENES_PER_TASK - 1) / CXS_GENES_PER_TASK;
}

static cxs_rc new_scratch(cxs_ctx *ctx, job *w, size_t tasks, size_t size)
{
    w->scratch_size = size;
    w->scratch =
        cxs_calloc(ctx, cxs_pool_workers(ctx, tasks) * size, sizeof *w->scratch);
    return w->scratch != NULL ? CXS_OK : CXS_ENOMEM;
}

/* Counts of samples first .. first + count - 1, each [used] contiguous. */
static void gather(const job *w, size_t first, size_t count, double *to)
{
    for (size_t g = 0; g < w->used; g++) {
        const double *x = w->m->x + w->gene[g] * w->m->n + first;
        for (size_t s = 0; s < count; s++)
            to[s * w->used + g] = x[s];
    }
}

static size_t samples_of(const job *w, size_t index)
{
    const size_t left = w->m->n - index * SAMPLES_PER_TASK;
    return left < SAMPLES_PER_TASK ? left : SAMPLES_PER_TASK;
}

static cxs_rc quartile_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    job *w = arg;
    double *counts = w->scratch + worker * w->scratch_size;
    double *work = counts + SAMPLES_PER_TASK * w->used;
    const size_t first = index * SAMPLES_PER_TASK, count = samples_of(w, index);

    (void)ctx;
    gather(w, first, count, counts);
    for (size_t s = 0; s < count; s++) {
        const double *c = counts + s * w->used;
        w->quartile[first + s] =
            cxs_tmm_upper_quartile(w->used, c, w->library[first + s], work);
        w->root_sum[first + s] = 0.0;
        for (size_t g = 0; g < w->used; g++)
            w->root_sum[first + s] += sqrt(c[g]);
    }
    return CXS_OK;
}

static cxs_rc factor_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    job *w = arg;
    double *counts = w->scratch + worker * w->scratch_size;
    double *work = counts + SAMPLES_PER_TASK * w->used;
    const size_t first = index * SAMPLES_PER_TASK, count = samples_of(w, index);

    (void)ctx;
    gather(w, first, count, counts);
    for (size_t s = 0; s < count; s++)
        w->factor[first + s] =
            cxs_tmm_factor(w->used, counts + s * w->used, w->ref, w->library[first + s],
                           w->ref_library, work);
    return CXS_OK;
}

static cxs_rc log_cpm_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const job *w = arg;
    const size_t first = index * CXS_GENES_PER_TASK, n = w->m->n;

    (void)ctx, (void)worker;
    for (size_t j = first; j < w->m->p && j < first + CXS_GENES_PER_TASK; j++)
        cxs_log_cpm(n, w->effective, w->effective_mean, w->m->x + j * n);
    return CXS_OK;
}

/* Size factors and log2 CPM from library and norm. */
static cxs_rc finish_cpm(cxs_ctx *ctx, cxs_features *f)
{
    const size_t n = f->matrix->n;
    job w = {.m = f->matrix};
    double *effective = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(effective, n);
    for (size_t i = 0; i < n; i++) {
        effective[i] = f->library[i] * f->norm[i];
        w.effective_mean += effective[i];
    }
    w.effective_mean /= (double)n;
    w.effective = effective;
    if (f->frame != NULL)
        f->frame->effective_mean = w.effective_mean;
    CXS_TRY(cxs_pool_run(ctx, NULL, gene_tasks(w.m), log_cpm_task, &w));
    f->matrix->kind = CXS_KIND_LOG;

done:
    cxs_free(effective);
    return rc;
}

/* Genes that are counted in every sample and in some sample not zero. */
static void usable_genes(const cxs_matrix *m, const uint8_t *complete, uint32_t *gene,
                         size_t *used)
{
    *used = 0;
    for (size_t j = 0; j < m->p; j++) {
        int any = 0;
        for (size_t i = 0; complete[j] && !any && i < m->n; i++)
            any = m->x[j * m->n + i] > 0.0;
        if (any)
            gene[(*used)++] = (uint32_t)j;
    }
}

/* Factors of all samples against the reference; quartile, root_sum, factor, gene and
 * ref of w are allocated. */
static cxs_rc tmm_factors(cxs_ctx *ctx, job *w, double *ref)
{
    const size_t n = w->m->n, tasks = (n + SAMPLES_PER_TASK - 1) / SAMPLES_PER_TASK;
    cxs_rc rc = CXS_OK;
    size_t r;

    CXS_TRY(new_scratch(ctx, w, tasks, (SAMPLES_PER_TASK + 4) * w->used));
    CXS_TRY(cxs_pool_run(ctx, NULL, tasks, quartile_task, w));
    r = cxs_tmm_reference(n, w->quartile, w->root_sum, w->factor);
    w->ref_library = w->library[r];
    for (size_t g = 0; g < w->used; g++)
        ref[g] = w->m->x[w->gene[g] * n + r];
    w->ref = ref;
    CXS_TRY(cxs_pool_run(ctx, "TMM", tasks, factor_task, w));
    if (w->frame != NULL) {
        w->frame->ref_library = w->ref_library;
        for (size_t g = 0; g < w->used; g++)
            w->frame->count[w->gene[g]] = ref[g];
        w->frame->norm_log = cxs_mean_log(n, w->factor);
    }
    cxs_geometric_centre(n, w->factor);

done:
    cxs_free(w->scratch);
    w->scratch = NULL;
    return rc;
}

cxs_rc cxs_normalise_tmm(cxs_ctx *ctx, cxs_features *f, const uint8_t *complete)
{
    const cxs_matrix *m = f->matrix;
    job w = {.m = m, .library = f->library, .factor = f->norm, .frame = f->frame};
    uint32_t *gene = NULL;
    double *ref = NULL;
    cxs_rc rc = CXS_OK;

    if (m->p > UINT32_MAX)
        return cxs_fail(ctx, CXS_EARG, "TMM: %zu genes are too many", m->p);
    CXS_NEW(gene, m->p);
    CXS_NEW(ref, m->p);
    CXS_NEW(w.quartile, m->n);
    CXS_NEW(w.root_sum, m->n);
    usable_genes(m, complete, gene, &w.used);
    w.gene = gene;
    CXS_TRY(tmm_factors(ctx, &w, ref)); /* libraries > 0, so used >= 1 */
    for (size_t i = 0; i < m->n; i++)
        f->size[i] = f->library[i] * f->norm[i];
    if (f->frame != NULL)
        f->frame->size_log = cxs_mean_log(m->n, f->size);
    cxs_geometric_centre(m->n, f->size);
    CXS_TRY(finish_cpm(ctx, f));

done:
    cxs_free(w.root_sum);
    cxs_free(w.quartile);
    cxs_free(ref);
    cxs_free(gene);
    return rc;
}

/* Median over genes of each sample's log ratios: ratio is [genes x n], sample i's
 * values at ratio[g * n + i]. */
static void mor_medians(size_t n, size_t genes, const double *ratio, double *column,
                        double *size)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t g = 0; g < genes; g++)
            column[g] = ratio[g * n + i];
        size[i] = exp(cxs_median(genes, column));
    }
}

cxs_rc cxs_normalise_mor(cxs_ctx *ctx, cxs_features *f)
{
    const cxs_matrix *m = f->matrix;
    double *ratio = NULL, *column = NULL;
    size_t genes = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(ratio, m->n * m->p);
    CXS_NEW(column, m->p);
    for (size_t j = 0; j < m->p; j++)
        genes += (size_t)cxs_mor_log_ratio(m->n, m->x + j * m->n, ratio + genes * m->n);
    if (genes == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE,
                         "median of ratios: every gene has a zero in some sample; use "
                         "TMM"));
    mor_medians(m->n, genes, ratio, column, f->size);
    for (size_t i = 0; i < m->n; i++)
        f->norm[i] = f->size[i] / f->library[i];
    cxs_geometric_centre(m->n, f->norm);
    CXS_TRY(finish_cpm(ctx, f));

done:
    cxs_free(column);
    cxs_free(ratio);
    return rc;
}

static cxs_rc log_tpm_task(cxs_ctx *ctx, size_t index, size_t worker, void *arg)
{
    const job *w = arg;
    const size_t first = index * CXS_GENES_PER_TASK, n = w->m->n;

    (void)ctx, (void)worker;
    for (size_t j = first; j < w->m->p && j < first + CXS_GENES_PER_TASK; j++) {
        double *x = w->m->x + j * n;
        if (w->length != NULL)
            cxs_log_tpm(n, w->length[j], w->rate_sum, x);
        for (size_t i = 0; w->length == NULL && i < n; i++)
            x[i] = log2(x[i] + 1.0);
    }
    return CXS_OK;
}

cxs_rc cxs_normalise_tpm(cxs_ctx *ctx, cxs_features *f, const double *length,
                         const double *rate_sum)
{
    job w = {.m = f->matrix, .length = length, .rate_sum = rate_sum};
    const cxs_rc rc = cxs_pool_run(ctx, NULL, gene_tasks(w.m), log_tpm_task, &w);

    f->matrix->kind = CXS_KIND_LOG;
    return rc;
}

cxs_rc cxs_log_plus_one(cxs_ctx *ctx, cxs_matrix *m, const cxs_features_settings *s)
{
    job w = {.m = m};

    for (size_t k = 0; k < m->n * m->p; k++)
        if (m->x[k] < 0.0 || isinf(m->x[k]))
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX030",
                                 CXS_AT CXS_AT
                                 "feature '%s', sample '%s': %g is not a TPM value",
                                 CXS_AT_ARGS(s), CXS_AT_ARGS(s), m->feature[k / m->n],
                                 cxs_ctx_id(ctx, m->sample[k % m->n]), m->x[k]);
    m->kind = CXS_KIND_LOG;
    return cxs_pool_run(ctx, NULL, gene_tasks(m), log_tpm_task, &w);
}
