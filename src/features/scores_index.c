/*
 * scores_index.c -- which column of a matrix a gene of a set is
 *
 * Matrices name genes by symbol, by a former symbol or by Ensembl id, with or without
 * version.  A gene is looked for by, in this order: its symbol as id, its symbol as
 * displayed name, its Ensembl id, its name in the publication, and the aliases that
 * mean it and no other gene.
 */
#include "features/scores.h"

#include "base/out.h"
#include "base/table.h"
#include "store/data.h"

#include <stdlib.h>
#include <string.h>

/* Name and what it leads to. */
typedef struct entry {
    const char *key;
    const char *text; /* another name, or NULL */
    size_t at;        /* column of y */
} entry;

struct cxs_gene_index {
    const cxs_matrix *y;
    entry *shown; /* [p] displayed names, or NULL */
    entry *id;    /* [ids] symbol -> Ensembl id */
    entry *alias; /* [aliases] symbol -> unique alias */
    size_t ids, aliases;
    cxs_table *genes, *alias_table; /* hold the texts */
};

static int by_key(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    const int order = strcmp(x->key, y->key);

    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* First entry whose key is not below the wanted one. */
static size_t first_of(const entry *e, size_t n, const char *key)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (strcmp(e[mid].key, key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Column with that id, version cut: names are sorted, so "ENSG0001.5" is the first name
 * not below "ENSG0001". */
static size_t find_id(const cxs_matrix *y, const char *id, int with_version)
{
    const size_t length = strlen(id);
    size_t lo = 0, hi = y->p;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (strcmp(y->feature[mid], id) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == y->p || strncmp(y->feature[lo], id, length) != 0)
        return SIZE_MAX;
    return y->feature[lo][length] == '\0' ||
                   (with_version && y->feature[lo][length] == '.')
               ? lo
               : SIZE_MAX;
}

static cxs_rc read_table(cxs_ctx *ctx, const char *folder, const char *name,
                         cxs_table **out)
{
    char *path = cxs_path_join(ctx, folder, name);
    cxs_rc rc = path != NULL ? cxs_table_read(ctx, path, out) : CXS_ENOMEM;

    cxs_free(path);
    return rc;
}

static cxs_rc read_names(cxs_ctx *ctx, const char *folder, cxs_gene_index *x)
{
    size_t symbol, id, alias, target, status;
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_table(ctx, folder, "/genes.tsv", &x->genes));
    CXS_TRY(read_table(ctx, folder, "/gene_alias.tsv", &x->alias_table));
    CXS_TRY(cxs_table_need(ctx, x->genes, "symbol", &symbol));
    CXS_TRY(cxs_table_need(ctx, x->genes, "ensembl_gene_id", &id));
    CXS_TRY(cxs_table_need(ctx, x->alias_table, "alias", &alias));
    CXS_TRY(cxs_table_need(ctx, x->alias_table, "symbol", &target));
    CXS_TRY(cxs_table_need(ctx, x->alias_table, "status", &status));
    CXS_NEW(x->id, x->genes->rows);
    CXS_NEW(x->alias, x->alias_table->rows);
    for (size_t r = 0; r < x->genes->rows; r++)
        x->id[x->ids++] = (entry){cxs_table_cell(x->genes, r, symbol),
                                  cxs_table_cell(x->genes, r, id), r};
    for (size_t r = 0; r < x->alias_table->rows; r++)
        if (strcmp(cxs_table_cell(x->alias_table, r, status), "unique") == 0)
            x->alias[x->aliases++] =
                (entry){cxs_table_cell(x->alias_table, r, target),
                        cxs_table_cell(x->alias_table, r, alias), r};
    qsort(x->id, x->ids, sizeof *x->id, by_key);
    qsort(x->alias, x->aliases, sizeof *x->alias, by_key);

done:
    return rc;
}

cxs_rc cxs_gene_index_new(cxs_ctx *ctx, const cxs_matrix *y, const char *folder,
                          cxs_gene_index **out)
{
    cxs_gene_index *x = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(x, 1);
    x->y = y;
    if (y->feature_name != NULL) {
        CXS_NEW(x->shown, y->p);
        for (size_t j = 0; j < y->p; j++)
            x->shown[j] = (entry){y->feature_name[j], NULL, j};
        qsort(x->shown, y->p, sizeof *x->shown, by_key);
    }
    if (folder != NULL)
        CXS_TRY(read_names(ctx, folder, x));
    *out = x;
    x = NULL;

done:
    cxs_gene_index_free(x);
    return rc;
}

void cxs_gene_index_free(cxs_gene_index *x)
{
    if (x == NULL)
        return;
    cxs_table_free(x->genes);
    cxs_table_free(x->alias_table);
    cxs_free(x->shown);
    cxs_free(x->id);
    cxs_free(x->alias);
    cxs_free(x);
}

size_t cxs_gene_index_find(const cxs_gene_index *x, const char *symbol,
                           const char *former)
{
    size_t at = find_id(x->y, symbol, 0), e;

    if (at == SIZE_MAX && x->shown != NULL) {
        e = first_of(x->shown, x->y->p, symbol);
        if (e < x->y->p && strcmp(x->shown[e].key, symbol) == 0)
            at = x->shown[e].at;
    }
    e = at == SIZE_MAX ? first_of(x->id, x->ids, symbol) : x->ids;
    if (e < x->ids && strcmp(x->id[e].key, symbol) == 0)
        at = find_id(x->y, x->id[e].text, 1);
    if (at == SIZE_MAX && former != NULL)
        at = find_id(x->y, former, 0);
    for (e = first_of(x->alias, x->aliases, symbol);
         at == SIZE_MAX && e < x->aliases && strcmp(x->alias[e].key, symbol) == 0; e++)
        at = find_id(x->y, x->alias[e].text, 0);
    return at;
}
