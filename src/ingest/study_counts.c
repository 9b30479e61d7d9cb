/*
 * study_counts.c -- counts of genes from RNA reads as the study's expression matrix
 *
 * Only when no matrix is given.  Files of one sample (lanes, repeats of a run) add up.
 * Genes are those of the annotation, which all files were counted with; a store from
 * elsewhere may lie, so they are compared.
 */
#include "ingest/study_measure.h"

#include <stdint.h>
#include <string.h>

typedef struct counts {
    cxs_db *db;
    const char *path; /* for messages */
    const cxs_measure_row *row;
    size_t rows;
    cxs_matrix *m;
} counts;

static const cxs_measure *genes_of(const cxs_measures *bag)
{
    const cxs_measure *table = cxs_measures_find(bag, "gene_counts");

    return table != NULL && cxs_measure_get_text(table, "gene") != NULL &&
                   cxs_measure_get_real(table, "count") != NULL
               ? table
               : NULL;
}

/* Measures of an older version have none. */
static bool has_lengths(const cxs_measure *table)
{
    const double *length = cxs_measure_get_real(table, "length");
    bool all = length != NULL;

    for (size_t j = 0; all && j < cxs_measure_rows(table); j++)
        all = length[j] > 0.0;
    return all;
}

/* Genes of the first table become the features. */
static cxs_rc take_genes(cxs_ctx *ctx, counts *c, const cxs_measure *table)
{
    const char *const *gene = cxs_measure_get_text(table, "gene");
    const double *length = cxs_measure_get_real(table, "length");
    cxs_rc rc = CXS_OK;

    if (has_lengths(table)) {
        CXS_NEW(c->m->length, cxs_measure_rows(table) + 1);
        memcpy(c->m->length, length, cxs_measure_rows(table) * sizeof *length);
    }
    CXS_NEW(c->m->feature, cxs_measure_rows(table));
    for (; c->m->p < cxs_measure_rows(table); c->m->p++) {
        const char *name = gene[c->m->p];
        if (name == NULL || (c->m->feature[c->m->p] = cxs_strdup(ctx, name)) == NULL)
            return name == NULL
                       ? cxs_fail(ctx, CXS_EFORMAT, "%s: a gene has no name", c->path)
                       : CXS_ENOMEM;
    }
done:
    return rc;
}

static cxs_rc check_genes(cxs_ctx *ctx, const counts *c, const cxs_measure *table,
                          const char *file)
{
    const char *const *gene = cxs_measure_get_text(table, "gene");
    bool same = cxs_measure_rows(table) == c->m->p;

    for (size_t j = 0; same && j < c->m->p; j++)
        same = gene[j] != NULL && strcmp(gene[j], c->m->feature[j]) == 0;
    return same ? CXS_OK
                : cxs_fail(ctx, CXS_EMISMATCH,
                           "%s: counted with another annotation than the files before",
                           file);
}

/* Samples that have counts, in order, each once. */
static cxs_rc list_samples(cxs_ctx *ctx, counts *c)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(c->m->sample, c->rows);
    for (size_t r = 0; r < c->rows; r++) {
        const cxs_measure_row *row = &c->row[r];
        cxs_measures *bag = NULL;
        if (!cxs_assay_is_reads(row->key.assay) ||
            (c->m->n > 0 && strcmp(c->m->sample[c->m->n - 1], row->key.sample) == 0))
            continue;
        CXS_TRY(cxs_measure_load(ctx, c->db, c->path, row->at, &bag));
        if (genes_of(bag) != NULL) {
            if (c->m->p == 0)
                rc = take_genes(ctx, c, genes_of(bag));
            if (rc == CXS_OK &&
                (c->m->sample[c->m->n] = cxs_strdup(ctx, row->key.sample)) == NULL)
                rc = CXS_ENOMEM;
            c->m->n += rc == CXS_OK;
        }
        cxs_measures_free(bag);
        CXS_TRY(rc);
    }
done:
    return rc;
}

static cxs_rc add_counts(cxs_ctx *ctx, counts *c, const cxs_measure_row *row, size_t i)
{
    cxs_measures *bag = NULL;
    const cxs_measure *table;
    const double *count;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measure_load(ctx, c->db, c->path, row->at, &bag));
    if ((table = genes_of(bag)) == NULL)
        goto done;
    CXS_TRY(check_genes(ctx, c, table, row->key.file));
    count = cxs_measure_get_real(table, "count");
    for (size_t j = 0; j < c->m->p; j++)
        c->m->x[j * c->m->n + i] += count[j];
done:
    cxs_measures_free(bag);
    return rc;
}

static cxs_rc fill(cxs_ctx *ctx, counts *c)
{
    size_t i = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(c->m->x, c->m->n * c->m->p);
    for (size_t r = 0; r < c->rows; r++) {
        const cxs_measure_row *row = &c->row[r];
        while (i < c->m->n && strcmp(c->m->sample[i], row->key.sample) < 0)
            i++;
        if (i < c->m->n && cxs_assay_is_reads(row->key.assay) &&
            strcmp(c->m->sample[i], row->key.sample) == 0)
            CXS_TRY(add_counts(ctx, c, row, i));
    }
    rc = cxs_matrix_sort(ctx, c->m);
done:
    return rc;
}

cxs_rc cxs_draft_counts(cxs_ctx *ctx, cxs_draft *draft, cxs_db *db)
{
    counts c = {.db = db, .path = draft->plan->path};
    cxs_measure_row *row = NULL;
    cxs_rc rc = CXS_OK;

    if (draft->matrix != NULL)
        return CXS_OK;
    CXS_TRY(cxs_measure_rows_read(ctx, db, &row, &c.rows));
    c.row = row;
    CXS_NEW(c.m, 1);
    c.m->kind = CXS_KIND_COUNTS;
    c.m->layer = cxs_strdup(ctx, "rna");
    c.m->path = cxs_strdup(ctx, draft->plan->path);
    if (c.m->layer == NULL || c.m->path == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(list_samples(ctx, &c));
    if (c.m->n == 0)
        goto done;
    CXS_TRY(fill(ctx, &c));
    cxs_note(ctx, "expression: counts of %zu genes in the reads of %zu samples", c.m->p,
             c.m->n);
    draft->matrix = c.m;
    c.m = NULL;
done:
    cxs_matrix_free(c.m);
    cxs_measure_rows_free(row, c.rows);
    return rc;
}
