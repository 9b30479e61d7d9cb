/*
 * scores_sets.c -- gene sets from a GMT file or from the reference signatures
 */
#include "features/scores.h"

#include "base/number.h"
#include "base/out.h"
#include "base/table.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void cxs_gene_sets_free(cxs_gene_sets *sets)
{
    if (sets == NULL)
        return;
    for (size_t s = 0; s < sets->count; s++) {
        cxs_gene_set *set = &sets->set[s];
        for (size_t g = 0; g < set->size; g++) {
            cxs_free(set->symbol[g]);
            cxs_free(set->former[g]);
        }
        cxs_free(set->symbol);
        cxs_free(set->former);
        cxs_free(set->weight);
        cxs_free(set->name);
    }
    cxs_free(sets->set);
    cxs_free(sets->path);
    cxs_free(sets);
}

size_t cxs_gene_sets_count(const cxs_gene_sets *sets)
{
    return sets->count;
}

const cxs_gene_set *cxs_gene_sets_find(const cxs_gene_sets *sets, const char *name)
{
    for (size_t s = 0; s < sets->count; s++)
        if (strcmp(sets->set[s].name, name) == 0)
            return &sets->set[s];
    return NULL;
}

cxs_rc cxs_gene_sets_add(cxs_ctx *ctx, cxs_gene_sets *sets, const char *name,
                         cxs_gene_set **out)
{
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(cxs_grow(ctx, (void **)&sets->set, &sets->capacity, sets->count + 1,
                     sizeof *sets->set));
    sets->set[sets->count] = (cxs_gene_set){0};
    if ((sets->set[sets->count].name = cxs_strdup(ctx, name)) == NULL)
        return CXS_ENOMEM;
    *out = &sets->set[sets->count++];

done:
    return rc;
}

cxs_rc cxs_gene_set_add(cxs_ctx *ctx, cxs_gene_set *set, const char *symbol,
                        const char *former, double weight)
{
    const size_t at = set->size;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&set->symbol, &set->capacity, at + 1,
                     sizeof *set->symbol));
    CXS_TRY(cxs_grow(ctx, (void **)&set->former, &set->capacity_former, at + 1,
                     sizeof *set->former));
    CXS_TRY(cxs_grow(ctx, (void **)&set->weight, &set->capacity_weight, at + 1,
                     sizeof *set->weight));
    set->former[at] = NULL;
    set->weight[at] = weight;
    if ((set->symbol[at] = cxs_strdup(ctx, symbol)) == NULL)
        return CXS_ENOMEM;
    set->size++; /* from here on freed with the set */
    if (former != NULL && (set->former[at] = cxs_strdup(ctx, former)) == NULL)
        return CXS_ENOMEM;

done:
    return rc;
}

static cxs_rc new_sets(cxs_ctx *ctx, const char *path, cxs_gene_sets **out)
{
    cxs_gene_sets *sets = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(sets, 1);
    if ((sets->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    *out = sets;
    sets = NULL;

done:
    cxs_gene_sets_free(sets);
    return rc;
}

/* ---- GMT ------------------------------------------------------------------------- */

/* Genes in bytewise order, each once: sums over a set then have one order. */
static cxs_rc add_genes(cxs_ctx *ctx, cxs_gene_set *set, char **gene, size_t count)
{
    qsort(gene, count, sizeof *gene, cxs_text_compare);
    for (size_t g = 0; g < count; g++) {
        if (*gene[g] == '\0' || (g > 0 && strcmp(gene[g - 1], gene[g]) == 0))
            continue;
        if (cxs_gene_set_add(ctx, set, gene[g], NULL, 1.0) != CXS_OK)
            return CXS_ENOMEM;
    }
    return CXS_OK;
}

static cxs_rc add_line(cxs_ctx *ctx, const cxs_text *text, const cxs_fields *fields,
                       cxs_gene_sets *sets)
{
    const char *name = fields->text[0];
    const size_t line = cxs_text_line_number(text);
    cxs_gene_set *set = NULL;
    cxs_rc rc = CXS_OK;

    if (fields->count < 3 || *name == '\0')
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s:%zu: a gene set needs a name, a description and genes, "
                        "separated by tabs",
                        sets->path, line);
    CXS_TRY(cxs_gene_sets_add(ctx, sets, name, &set));
    set->line = line;
    CXS_TRY(add_genes(ctx, set, fields->text + 2, fields->count - 2));
    if (set->size == 0)
        rc = cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: gene set '%s' has no gene", sets->path,
                      line, name);

done:
    return rc;
}

static int by_name(const void *a, const void *b)
{
    const cxs_gene_set *x = *(const cxs_gene_set *const *)a,
                       *y = *(const cxs_gene_set *const *)b;
    const int order = strcmp(x->name, y->name);

    return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

/* Every name once; collections hold tens of thousands of sets, so they are sorted. */
static cxs_rc check_names(cxs_ctx *ctx, const cxs_gene_sets *sets)
{
    const cxs_gene_set **sorted = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(sorted, sets->count);
    for (size_t s = 0; s < sets->count; s++)
        sorted[s] = &sets->set[s];
    qsort(sorted, sets->count, sizeof *sorted, by_name);
    for (size_t s = 1; s < sets->count && rc == CXS_OK; s++)
        if (strcmp(sorted[s - 1]->name, sorted[s]->name) == 0)
            rc = cxs_fail(
                ctx, CXS_EFORMAT, "%s:%zu: gene set '%s' was already given at line %zu",
                sets->path, sorted[s]->line, sorted[s]->name, sorted[s - 1]->line);

done:
    cxs_free(sorted);
    return rc;
}

cxs_rc cxs_gene_sets_read(cxs_ctx *ctx, const char *path, cxs_gene_sets **out)
{
    cxs_gene_sets *sets = NULL;
    cxs_text *text = NULL;
    cxs_fields fields = {0};
    char *line = NULL;
    size_t length = 0;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(new_sets(ctx, path, &sets));
    CXS_TRY(cxs_text_open(ctx, path, &text));
    for (;;) {
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        if (length == 0)
            continue;
        CXS_TRY(cxs_fields_split(ctx, line, length, '\t', &fields));
        CXS_TRY(add_line(ctx, text, &fields, sets));
    }
    if (sets->count == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: no gene set", path));
    CXS_TRY(check_names(ctx, sets));
    *out = sets;
    sets = NULL;

done:
    cxs_fields_free(&fields);
    cxs_text_close(text);
    cxs_gene_sets_free(sets);
    return rc;
}

/* ---- reference signatures -------------------------------------------------------- */

static cxs_rc add_rows(cxs_ctx *ctx, const cxs_table *t, cxs_gene_sets *sets)
{
    size_t id, symbol, weight, former;
    cxs_gene_set *set = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_table_need(ctx, t, "signature_id", &id));
    CXS_TRY(cxs_table_need(ctx, t, "symbol", &symbol));
    CXS_TRY(cxs_table_need(ctx, t, "weight", &weight));
    CXS_TRY(cxs_table_need(ctx, t, "published_symbol", &former));
    for (size_t r = 0; r < t->rows; r++) {
        const char *w = cxs_table_cell(t, r, weight),
                   *was = cxs_table_cell(t, r, former);
        double value;
        if (!cxs_number_parse(w, strlen(w), &value))
            CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX016",
                                  "%s:%zu:weight: '%s' is not a number", t->path,
                                  t->line[r], w));
        if (set == NULL || strcmp(set->name, cxs_table_cell(t, r, id)) != 0)
            CXS_TRY(cxs_gene_sets_add(ctx, sets, cxs_table_cell(t, r, id), &set));
        CXS_TRY(cxs_gene_set_add(ctx, set, cxs_table_cell(t, r, symbol),
                                 strcmp(was, ".") != 0 ? was : NULL, value));
    }

done:
    return rc;
}

cxs_rc cxs_signatures_read(cxs_ctx *ctx, const char *folder, cxs_gene_sets **out)
{
    cxs_gene_sets *sets = NULL;
    cxs_table *t = NULL;
    char *path = cxs_path_join(ctx, folder, "/signatures.tsv");
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (path == NULL)
        return CXS_ENOMEM;
    CXS_TRY(cxs_table_read(ctx, path, &t));
    CXS_TRY(new_sets(ctx, path, &sets));
    CXS_TRY(add_rows(ctx, t, sets));
    *out = sets;
    sets = NULL;

done:
    cxs_gene_sets_free(sets);
    cxs_table_free(t);
    cxs_free(path);
    return rc;
}
