/*
 * genes.c -- the tables of gene names: symbols, Ensembl ids and aliases by bisection
 */
#include "ingest/genes.h"

#include "base/number.h"
#include "ingest/study_ids.h"

#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct cxs_genes {
    cxs_table *gene, *alias;
    size_t symbol, ensembl;      /* columns of genes.tsv */
    size_t old, current, status; /* columns of gene_alias.tsv */
    cxs_index symbols, ids, aliases;
};

enum { ENSEMBL_DIGITS = 11 };

void cxs_genes_free(cxs_genes *genes)
{
    if (genes == NULL)
        return;
    cxs_index_clear(&genes->symbols);
    cxs_index_clear(&genes->ids);
    cxs_index_clear(&genes->aliases);
    cxs_table_free(genes->gene);
    cxs_table_free(genes->alias);
    cxs_free(genes);
}

static cxs_rc table_path(cxs_ctx *ctx, const char *folder, const char *name,
                         cxs_buf *path)
{
    path->length = 0;
    return cxs_buf_addf(ctx, path, "%s/%s", folder, name);
}

bool cxs_genes_exist(const char *refdata)
{
    static const char *const names[] = {"genes.tsv", "gene_alias.tsv"};
    const char *folder = cxs_refdata_folder(refdata);
    char path[PATH_MAX];

    for (size_t i = 0; folder != NULL && i < sizeof names / sizeof *names; i++) {
        const int length = snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (length < 0 || (size_t)length >= sizeof path || access(path, R_OK) != 0)
            return false;
    }
    return folder != NULL;
}

/* Rows of a table by one of its columns. */
static cxs_rc index_column(cxs_ctx *ctx, const cxs_table *t, const char *name,
                           size_t *column, cxs_index *index)
{
    const char **text = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_table_need(ctx, t, name, column));
    CXS_NEW(text, t->rows);
    for (size_t row = 0; row < t->rows; row++) {
        text[row] = cxs_table_cell(t, row, *column);
        if (cxs_is_na(text[row], strlen(text[row])))
            text[row] = NULL;
    }
    CXS_TRY(cxs_index_make(ctx, text, t->rows, index));
done:
    cxs_free(text);
    return rc;
}

cxs_rc cxs_genes_read(cxs_ctx *ctx, const char *refdata, cxs_genes **out)
{
    const char *folder = cxs_refdata_folder(refdata);
    cxs_buf path = {0};
    cxs_genes *g = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (folder == NULL)
        return cxs_fail(ctx, CXS_ENOINPUT,
                        "no folder of reference tables: give --refdata or "
                        "COXSWAIN_REFDATA");
    CXS_NEW(g, 1);
    CXS_TRY(table_path(ctx, folder, "genes.tsv", &path));
    CXS_TRY(cxs_table_read(ctx, path.text, &g->gene));
    CXS_TRY(index_column(ctx, g->gene, "symbol", &g->symbol, &g->symbols));
    CXS_TRY(index_column(ctx, g->gene, "ensembl_gene_id", &g->ensembl, &g->ids));
    CXS_TRY(table_path(ctx, folder, "gene_alias.tsv", &path));
    CXS_TRY(cxs_table_read(ctx, path.text, &g->alias));
    CXS_TRY(index_column(ctx, g->alias, "alias", &g->old, &g->aliases));
    CXS_TRY(cxs_table_need(ctx, g->alias, "symbol", &g->current));
    CXS_TRY(cxs_table_need(ctx, g->alias, "status", &g->status));
    *out = g;
    g = NULL;
done:
    cxs_free(path.text);
    cxs_genes_free(g);
    return rc;
}

size_t cxs_ensembl_length(const char *name, const char **rest)
{
    size_t length = 4;

    if (strncmp(name, "ENSG", length) != 0)
        return 0;
    while (isdigit((unsigned char)name[length]))
        length++;
    if (length != 4 + ENSEMBL_DIGITS)
        return 0;
    *rest = name + length;
    if (**rest == '.' && isdigit((unsigned char)(*rest)[1]))
        for (++*rest; isdigit((unsigned char)**rest);)
            ++*rest;
    return **rest == '\0' || **rest == '_' ? length : 0;
}

static size_t find_ensembl(const cxs_genes *genes, const char *name)
{
    char id[4 + ENSEMBL_DIGITS + 1];
    const char *rest = NULL;
    const size_t length = cxs_ensembl_length(name, &rest);

    if (length == 0)
        return SIZE_MAX;
    memcpy(id, name, length);
    id[length] = '\0';
    return cxs_index_find(&genes->ids, id);
}

cxs_gene_fate cxs_genes_find(const cxs_genes *genes, const char *name,
                             const char **symbol)
{
    size_t row = cxs_index_find(&genes->symbols, name);

    *symbol = name;
    if (row != SIZE_MAX)
        return CXS_GENE_CURRENT;
    if ((row = find_ensembl(genes, name)) != SIZE_MAX) {
        *symbol = cxs_table_cell(genes->gene, row, genes->symbol);
        return CXS_GENE_CURRENT;
    }
    if ((row = cxs_index_find(&genes->aliases, name)) == SIZE_MAX)
        return CXS_GENE_UNKNOWN;
    if (strcmp(cxs_table_cell(genes->alias, row, genes->status), "unique") != 0)
        return CXS_GENE_AMBIGUOUS;
    *symbol = cxs_table_cell(genes->alias, row, genes->current);
    return CXS_GENE_ALIAS;
}
