/*
 * data_matrix.c -- matrices in memory: accessors and order
 *
 * Samples and features are permuted in place, one column of scratch at a time; only a
 * memory-mapped matrix that is out of order has to be copied.  Depends on base only.
 */
#include "store/data.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const char *const *borrow(char *const *strings)
{
    return (const char *const *)strings;
}

/* Values lie in the map or in a block of their own. */
static void free_values(cxs_matrix *matrix)
{
    if (matrix->map != NULL)
        munmap(matrix->map, matrix->map_bytes);
    else
        cxs_free(matrix->x);
    matrix->map = NULL;
    matrix->x = NULL;
}

void cxs_matrix_free(cxs_matrix *matrix)
{
    if (matrix == NULL)
        return;
    cxs_free_strings(matrix->sample, matrix->n);
    cxs_free_strings(matrix->feature, matrix->p);
    cxs_free_strings(matrix->feature_name, matrix->p);
    cxs_free_strings(matrix->source, matrix->sources);
    cxs_free(matrix->gene_counts);
    cxs_free(matrix->length);
    cxs_free(matrix->layer);
    free_values(matrix);
    cxs_free(matrix->path);
    cxs_free(matrix);
}

size_t cxs_matrix_n(const cxs_matrix *matrix)
{
    return matrix->n;
}

size_t cxs_matrix_p(const cxs_matrix *matrix)
{
    return matrix->p;
}

const char *const *cxs_matrix_sample(const cxs_matrix *matrix)
{
    return borrow(matrix->sample);
}

const char *const *cxs_matrix_feature(const cxs_matrix *matrix)
{
    return borrow(matrix->feature);
}

const char *const *cxs_matrix_feature_name(const cxs_matrix *matrix)
{
    return borrow(matrix->feature_name != NULL ? matrix->feature_name
                                               : matrix->feature);
}

const char *cxs_matrix_layer(const cxs_matrix *matrix)
{
    return matrix->layer != NULL ? matrix->layer : "";
}

const char *cxs_feature_domain(const char *feature_id)
{
    static const char *const domains[] = {"rna",  "var", "cn",  "frag",
                                          "meth", "tcr", "csf", "clin"};
    const size_t length = strcspn(feature_id, ".");

    if (feature_id[length] == '\0')
        return NULL;
    for (size_t d = 0; d < sizeof domains / sizeof *domains; d++)
        if (strlen(domains[d]) == length &&
            strncmp(domains[d], feature_id, length) == 0)
            return domains[d];
    return NULL;
}

cxs_kind cxs_matrix_kind(const cxs_matrix *matrix)
{
    return matrix->kind;
}

const double *cxs_matrix_x(const cxs_matrix *matrix)
{
    return matrix->x;
}

const char *const *cxs_matrix_source(const cxs_matrix *matrix, size_t *sources)
{
    *sources = matrix->sources;
    return borrow(matrix->source);
}

const cxs_gene_counts *cxs_matrix_gene_counts(const cxs_matrix *matrix)
{
    return matrix->gene_counts;
}

const char *cxs_kind_name(cxs_kind kind)
{
    switch (kind) {
    case CXS_KIND_COUNTS:
        return "counts";
    case CXS_KIND_TPM:
        return "tpm";
    case CXS_KIND_LOG:
        return "log";
    case CXS_KIND_Z:
        return "z";
    case CXS_KIND_BETA:
        return "beta";
    case CXS_KIND_M:
        return "m";
    case CXS_KIND_OTHER:
        break;
    }
    return "other";
}

cxs_kind cxs_kind_named(const char *name)
{
    for (cxs_kind kind = CXS_KIND_COUNTS; kind <= CXS_KIND_M; kind++)
        if (strcmp(cxs_kind_name(kind), name) == 0)
            return kind;
    return CXS_KIND_OTHER;
}

/* ---- order ----------------------------------------------------------------------- */

typedef struct name_ref {
    const char *name;
    size_t index;
} name_ref;

static int compare_names(const void *left, const void *right)
{
    const name_ref *l = left, *r = right;
    const int order = strcmp(l->name, r->name);

    return order != 0 ? order : (l->index > r->index) - (l->index < r->index);
}

static bool is_sorted(char *const *names, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) > 0)
            return false;
    return true;
}

/* [count] order with names[order[i].index] ascending. */
static cxs_rc order_of(cxs_ctx *ctx, char *const *names, size_t count, name_ref **out)
{
    name_ref *order = cxs_calloc(ctx, count, sizeof *order);

    if (order == NULL)
        return CXS_ENOMEM;
    for (size_t i = 0; i < count; i++)
        order[i] = (name_ref){names[i], i};
    qsort(order, count, sizeof *order, compare_names);
    *out = order;
    return CXS_OK;
}

static cxs_rc gather_names(cxs_ctx *ctx, char **names, const name_ref *order,
                           size_t count)
{
    char **copy;

    if (names == NULL)
        return CXS_OK;
    if ((copy = cxs_calloc(ctx, count, sizeof *copy)) == NULL)
        return CXS_ENOMEM;
    memcpy(copy, names, count * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        names[i] = copy[order[i].index];
    cxs_free(copy);
    return CXS_OK;
}

static cxs_rc gather_numbers(cxs_ctx *ctx, double *values, const name_ref *order,
                             size_t count)
{
    double *copy;

    if (values == NULL)
        return CXS_OK;
    if ((copy = cxs_calloc(ctx, count, sizeof *copy)) == NULL)
        return CXS_ENOMEM;
    memcpy(copy, values, count * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        values[i] = copy[order[i].index];
    cxs_free(copy);
    return CXS_OK;
}

/* A map is read-only: take the values out of it before they are moved. */
static cxs_rc own_values(cxs_ctx *ctx, cxs_matrix *m)
{
    double *x;

    if (m->map == NULL)
        return CXS_OK;
    if ((x = cxs_calloc(ctx, m->n * m->p, sizeof *x)) == NULL)
        return CXS_ENOMEM;
    if (m->n * m->p > 0)
        memcpy(x, m->x, m->n * m->p * sizeof *x);
    free_values(m);
    m->x = x;
    return CXS_OK;
}

static cxs_rc sort_samples(cxs_ctx *ctx, cxs_matrix *m)
{
    const size_t n = m->n;
    name_ref *order = NULL;
    double *column = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(order_of(ctx, m->sample, n, &order));
    CXS_NEW(column, n);
    CXS_TRY(gather_names(ctx, m->sample, order, n));
    for (size_t j = 0; j < m->p; j++) {
        double *x = m->x + j * n;
        memcpy(column, x, n * sizeof *x);
        for (size_t i = 0; i < n; i++)
            x[i] = column[order[i].index];
    }

done:
    cxs_free(column);
    cxs_free(order);
    return rc;
}

/* Column j of the result is column order[j].index: follow the cycles, so that only one
 * column leaves its place at a time.  order[].index is consumed. */
static void permute_columns(double *x, size_t n, size_t p, name_ref *order,
                            double *column)
{
    for (size_t start = 0; start < p; start++) {
        size_t j = start;
        if (order[start].index == start)
            continue;
        memcpy(column, x + start * n, n * sizeof *x);
        while (order[j].index != start) {
            const size_t from = order[j].index;
            memcpy(x + j * n, x + from * n, n * sizeof *x);
            order[j].index = j;
            j = from;
        }
        memcpy(x + j * n, column, n * sizeof *x);
        order[j].index = j;
    }
}

static cxs_rc sort_features(cxs_ctx *ctx, cxs_matrix *m)
{
    name_ref *order = NULL;
    double *column = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(order_of(ctx, m->feature, m->p, &order));
    CXS_NEW(column, m->n);
    CXS_TRY(gather_names(ctx, m->feature, order, m->p));
    CXS_TRY(gather_names(ctx, m->feature_name, order, m->p));
    CXS_TRY(gather_numbers(ctx, m->length, order, m->p));
    permute_columns(m->x, m->n, m->p, order, column);

done:
    cxs_free(column);
    cxs_free(order);
    return rc;
}

cxs_rc cxs_matrix_sort(cxs_ctx *ctx, cxs_matrix *matrix)
{
    const bool samples = is_sorted(matrix->sample, matrix->n);
    const bool features = is_sorted(matrix->feature, matrix->p);
    cxs_rc rc = CXS_OK;

    if (!samples || !features)
        rc = own_values(ctx, matrix);
    if (rc == CXS_OK && !samples)
        rc = sort_samples(ctx, matrix);
    if (rc == CXS_OK && !features)
        rc = sort_features(ctx, matrix);
    return rc;
}
