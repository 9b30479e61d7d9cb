/*
 * genes_check.c -- gene names of a matrix: numbers, species, symbols, repeats
 *
 * Spreadsheets leave serial days (36526..50000, the years 2000 to 2036) and scientific
 * notation where gene names were.  A file whose names are mostly digits holds Entrez
 * ids, and 40000 there is a gene, so the rule is for the odd ones among names.
 *
 * Symbols of mouse are written Gapdh.  Toy names such as Gene12 look the same but share
 * their letters; names are taken for those of mouse when the letters differ.
 */
#include "ingest/genes.h"

#include "base/number.h"
#include "ingest/matrix.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows that go ---------------------------------------------------------------- */

void cxs_matrix_drop_features(cxs_matrix *m, const bool *drop, size_t *line)
{
    size_t to = 0;

    for (size_t j = 0; j < m->p; j++) {
        if (drop[j]) {
            cxs_free(m->feature[j]);
            if (m->feature_name != NULL)
                cxs_free(m->feature_name[j]);
            continue;
        }
        m->feature[to] = m->feature[j];
        if (m->feature_name != NULL)
            m->feature_name[to] = m->feature_name[j];
        if (m->length != NULL)
            m->length[to] = m->length[j];
        if (line != NULL)
            line[to] = line[j];
        if (to != j)
            memcpy(m->x + to * m->n, m->x + j * m->n, m->n * sizeof *m->x);
        to++;
    }
    m->p = to;
}

/* ---- numbers (CX024) ------------------------------------------------------------- */

static bool all_digits(const char *name)
{
    return *name != '\0' && name[strspn(name, "0123456789")] == '\0';
}

/* "43891", a day of a spreadsheet, or "2.31E+19", a clone id. */
static bool is_mangled_number(const char *name)
{
    const double first_day = 36526.0, last_day = 50000.0;
    const size_t mantissa = strspn(name, "0123456789.");
    const char *at = name + mantissa;
    double value = 0.0;

    if (all_digits(name))
        return strlen(name) == 5 && cxs_number_parse(name, 5, &value) &&
               value >= first_day && value <= last_day;
    if (mantissa == 0 || *at != 'E')
        return false;
    at += 1 + (at[1] == '+' || at[1] == '-');
    return all_digits(at);
}

static cxs_rc check_numbers(cxs_ctx *ctx, cxs_matrix *m, const char *path, size_t *line)
{
    const size_t most_tolerated = 5;
    size_t mangled = 0, digits = 0, first = 0;
    bool *drop = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(drop, m->p);
    for (size_t j = 0; j < m->p; j++) {
        digits += all_digits(m->feature[j]);
        drop[j] = is_mangled_number(m->feature[j]);
        if (drop[j] && mangled++ == 0)
            first = j;
    }
    if (mangled == 0 || 2 * digits > m->p)
        goto done;
    if (mangled > most_tolerated || mangled == m->p)
        CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX024",
                              "%s: %zu gene names are numbers such as %s", path,
                              mangled, m->feature[first]));
    CXS_TRY(cxs_warn(ctx, "CX024", "%s: %zu gene names are numbers such as %s", path,
                     mangled, m->feature[first]));
    cxs_matrix_drop_features(m, drop, line);
done:
    cxs_free(drop);
    return rc;
}

/* ---- species and systems (CX032) ------------------------------------------------- */

/* Gapdh, Trp53, Cd8a: a capital, then no other, with a small letter. */
static bool has_mouse_capitals(const char *name)
{
    size_t small = 0;

    if (!isupper((unsigned char)name[0]))
        return false;
    for (const char *c = name + 1; *c != '\0'; c++) {
        if (isupper((unsigned char)*c) ||
            (!isalnum((unsigned char)*c) && *c != '-' && *c != '.'))
            return false;
        small += islower((unsigned char)*c) != 0;
    }
    return small > 0;
}

static size_t letters_of(const char *name)
{
    size_t length = 0;

    while (isalpha((unsigned char)name[length]))
        length++;
    return length;
}

/* Names that look like those of mouse, 0 when they are one word with numbers. */
static size_t count_mouse(const cxs_matrix *m)
{
    const char *first = NULL;
    size_t mouse = 0;
    bool differ = false;

    for (size_t j = 0; j < m->p; j++) {
        const char *name = m->feature[j];
        if (!has_mouse_capitals(name) && strncmp(name, "ENSMUSG", 7) != 0)
            continue;
        mouse++;
        if (first == NULL)
            first = name;
        differ = differ || letters_of(name) != letters_of(first) ||
                 strncmp(name, first, letters_of(first)) != 0 ||
                 strncmp(name, "ENSMUSG", 7) == 0;
    }
    return differ ? mouse : 0;
}

/* An error where names are to be mapped, a warning where they stay as they are. */
static cxs_rc check_system(cxs_ctx *ctx, const cxs_matrix *m, bool stops,
                           const char *path)
{
    const double mixed = 0.01; /* spike-ins and the like are fewer */
    const size_t mouse = count_mouse(m);
    size_t ensembl = 0;
    const char *rest;

    for (size_t j = 0; j < m->p; j++)
        ensembl += cxs_ensembl_length(m->feature[j], &rest) > 0;
    if (2 * mouse > m->p) {
        if (stops)
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX032",
                                 "%s: %zu of %zu row names look like mouse symbols",
                                 path, mouse, m->p);
        return cxs_warn(ctx, "CX032",
                        "%s: %zu of %zu row names look like mouse symbols", path, mouse,
                        m->p);
    }
    if ((double)ensembl < mixed * (double)m->p || ensembl == 0 ||
        (double)(m->p - ensembl) < mixed * (double)m->p || ensembl == m->p)
        return CXS_OK;
    if (stops)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX032",
                             "%s: %zu of %zu row names are Ensembl ids, the others are "
                             "not: one matrix holds one system of names",
                             path, ensembl, m->p);
    return cxs_warn(ctx, "CX032",
                    "%s: %zu of %zu row names are Ensembl ids, the others are not",
                    path, ensembl, m->p);
}

/* ---- current names (CX026) ------------------------------------------------------- */

static cxs_rc rename_feature(cxs_ctx *ctx, char **name, const char *text)
{
    char *copy = cxs_strdup(ctx, text);

    if (copy == NULL)
        return CXS_ENOMEM;
    cxs_free(*name);
    *name = copy;
    return CXS_OK;
}

/* Cut the version of an Ensembl id in place; what follows it stays. */
static bool cut_version(char *name)
{
    const char *rest = NULL;
    const size_t length = cxs_ensembl_length(name, &rest);

    if (length == 0 || rest == name + length)
        return false;
    memmove(name + length, rest, strlen(rest) + 1);
    return true;
}

/* Display names where the file had none: the ids themselves. */
static cxs_rc make_display_names(cxs_ctx *ctx, cxs_matrix *m)
{
    cxs_rc rc = CXS_OK;

    if (m->feature_name != NULL)
        return CXS_OK;
    CXS_NEW(m->feature_name, m->p);
    for (size_t j = 0; j < m->p; j++)
        if ((m->feature_name[j] = cxs_strdup(ctx, m->feature[j])) == NULL)
            CXS_TRY(CXS_ENOMEM);
done:
    return rc;
}

typedef struct mapping {
    const cxs_genes *genes;
    cxs_gene_counts *counts;
    char *from, *to; /* the first update, for the message */
} mapping;

/* One name: an Ensembl id keeps its place and gets a display name, an alias goes. */
static cxs_rc map_name(cxs_ctx *ctx, mapping *map, cxs_matrix *m, size_t j, bool named)
{
    const char *symbol = NULL;
    const bool ensembl = strncmp(m->feature[j], "ENSG", 4) == 0;
    cxs_rc rc = CXS_OK;

    switch (cxs_genes_find(map->genes, m->feature[j], &symbol)) {
    case CXS_GENE_CURRENT:
        map->counts->matched++;
        if (ensembl && !named) {
            CXS_TRY(make_display_names(ctx, m));
            CXS_TRY(rename_feature(ctx, &m->feature_name[j], symbol));
        }
        break;
    case CXS_GENE_ALIAS:
        if (map->counts->alias++ == 0) {
            map->from = cxs_strdup(ctx, m->feature[j]);
            map->to = cxs_strdup(ctx, symbol);
            if (map->from == NULL || map->to == NULL)
                CXS_TRY(CXS_ENOMEM);
        }
        CXS_TRY(rename_feature(ctx, &m->feature[j], symbol));
        break;
    case CXS_GENE_AMBIGUOUS:
        map->counts->ambiguous++;
        break;
    case CXS_GENE_UNKNOWN:
        map->counts->unknown++;
        break;
    }
done:
    return rc;
}

static cxs_rc map_names(cxs_ctx *ctx, cxs_matrix *m, const char *refdata,
                        const char *path)
{
    const bool named = m->feature_name != NULL;
    cxs_genes *genes = NULL;
    mapping map = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_genes_read(ctx, refdata, &genes));
    map.genes = genes;
    CXS_NEW(map.counts, 1);
    for (size_t j = 0; j < m->p; j++)
        map.counts->versions += cut_version(m->feature[j]);
    for (size_t j = 0; j < m->p; j++)
        CXS_TRY(map_name(ctx, &map, m, j, named));
    cxs_note(ctx,
             "%s: gene names: %zu known, %zu updated, %zu ambiguous, %zu not in the "
             "tables; %zu Ensembl versions cut",
             path, map.counts->matched, map.counts->alias, map.counts->ambiguous,
             map.counts->unknown, map.counts->versions);
    if (map.counts->alias > 0)
        CXS_TRY(cxs_warn(ctx, "CX026",
                         "%zu symbols were updated (for example %s to %s); %zu "
                         "ambiguous aliases were left alone",
                         map.counts->alias, map.from, map.to, map.counts->ambiguous));
    cxs_free(m->gene_counts);
    m->gene_counts = map.counts;
    map.counts = NULL;
done:
    cxs_free(map.counts);
    cxs_free(map.from);
    cxs_free(map.to);
    cxs_genes_free(genes);
    return rc;
}

/* ---- several rows of one gene (CX025) -------------------------------------------- */

typedef struct row_ref {
    const char *name;
    size_t row;
} row_ref;

static int compare_rows(const void *left, const void *right)
{
    const row_ref *l = left, *r = right;
    const int order = strcmp(l->name, r->name);

    return order != 0 ? order : (l->row > r->row) - (l->row < r->row);
}

/* Mean over the samples that have a value; -inf without one. */
static double row_mean(const cxs_matrix *m, size_t j)
{
    double sum = 0.0;
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++)
        if (!isnan(m->x[j * m->n + i])) {
            sum += m->x[j * m->n + i];
            n++;
        }
    return n > 0 ? sum / (double)n : -(double)INFINITY;
}

/* Row `again` into row `into`, which stands earlier in the file. */
static void merge_rows(cxs_matrix *m, size_t into, size_t again, bool add)
{
    double *x = m->x + into * m->n;
    const double *y = m->x + again * m->n;

    if (add)
        for (size_t i = 0; i < m->n; i++)
            x[i] = isnan(x[i]) ? y[i] : isnan(y[i]) ? x[i] : x[i] + y[i];
    else if (row_mean(m, again) > row_mean(m, into))
        memcpy(x, y, m->n * sizeof *x);
}

static cxs_rc merge_repeats(cxs_ctx *ctx, cxs_matrix *m, int how, const char *path,
                            size_t *line)
{
    row_ref *order = NULL;
    bool *drop = NULL;
    size_t merged = 0, first = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(order, m->p);
    CXS_NEW(drop, m->p);
    for (size_t j = 0; j < m->p; j++)
        order[j] = (row_ref){m->feature[j], j};
    qsort(order, m->p, sizeof *order, compare_rows);
    for (size_t k = 1; k < m->p; k++) {
        if (strcmp(order[k].name, order[first].name) != 0) {
            first = k;
            continue;
        }
        merge_rows(m, order[first].row, order[k].row, how == CXS_DUP_SUM);
        drop[order[k].row] = true;
        merged++;
    }
    if (merged > 0) {
        CXS_TRY(cxs_warn(ctx, "CX025",
                         how == CXS_DUP_SUM
                             ? "%s: %zu rows repeat a gene and were added to its first"
                             : "%s: %zu rows repeat a gene; of its rows that with the "
                               "largest mean was kept",
                         path, merged));
        cxs_matrix_drop_features(m, drop, line);
    }
done:
    cxs_free(order);
    cxs_free(drop);
    return rc;
}

cxs_rc cxs_matrix_gene_names(cxs_ctx *ctx, cxs_matrix *m,
                             const cxs_matrix_settings *settings, const char *path,
                             size_t *line)
{
    const bool map = settings->genes == CXS_GENES_MAP;
    cxs_rc rc = CXS_OK;

    if (settings->layer == NULL || strcmp(settings->layer, "rna") == 0) {
        CXS_TRY(check_numbers(ctx, m, path, line));
        CXS_TRY(check_system(ctx, m, map, path));
    }
    if (map)
        CXS_TRY(map_names(ctx, m, settings->refdata, path));
    if (settings->dup_genes != CXS_DUP_STOP)
        CXS_TRY(merge_repeats(ctx, m, settings->dup_genes, path, line));
done:
    return rc;
}
