/*
 * join_columns.c -- features of files and visits beside those of the expression matrix
 *
 * The rows become the union of the patients; who lacks an assay has NaN in its features.
 * The columns take the logarithm or logit of their family and go through the same last
 * steps as expression: clipped, dropped when constant, scaled.
 */
#include "features/derive.h"

#include "features/columns.h"
#include "features/frozen.h"
#include "store/data.h"

#include <math.h>
#include <string.h>

/* The columns as a matrix of their own. */
static cxs_rc as_matrix(cxs_ctx *ctx, char *const *patient,
                        const cxs_feature_columns *columns, cxs_matrix **out)
{
    cxs_matrix *m = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(m, 1);
    m->n = columns->n;
    m->kind = CXS_KIND_OTHER;
    CXS_NEW(m->sample, m->n + 1);
    CXS_NEW(m->feature, columns->count + 1);
    CXS_NEW(m->x, m->n * columns->count + 1);
    if ((m->layer = cxs_strdup(ctx, "")) == NULL)
        CXS_TRY(CXS_ENOMEM);
    for (size_t i = 0; i < m->n; i++)
        if ((m->sample[i] = cxs_strdup(ctx, patient[i])) == NULL)
            CXS_TRY(CXS_ENOMEM);
    for (size_t j = 0; j < columns->count; j++) {
        memcpy(m->x + j * m->n, columns->column[j].value, m->n * sizeof *m->x);
        if ((m->feature[j] = cxs_strdup(ctx, columns->column[j].name)) == NULL)
            CXS_TRY(CXS_ENOMEM);
        m->p = j + 1;
    }
    CXS_TRY(cxs_matrix_sort(ctx, m));
    *out = m;
    m = NULL;

done:
    cxs_matrix_free(m);
    return rc;
}

/* Sorted union of the rows of a and b; from[2][n]: row of each, SIZE_MAX without. */
static cxs_rc unite(cxs_ctx *ctx, const cxs_matrix *a, const cxs_matrix *b,
                    char ***names, size_t *count, size_t *from[2])
{
    const size_t most = a->n + b->n;
    size_t i = 0, k = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(*names, most + 1);
    CXS_NEW(from[0], most + 1);
    CXS_NEW(from[1], most + 1);
    for (; i < a->n || k < b->n; ++*count) {
        const int order = i == a->n   ? 1
                          : k == b->n ? -1
                                      : strcmp(a->sample[i], b->sample[k]);
        from[0][*count] = order <= 0 ? i : SIZE_MAX;
        from[1][*count] = order >= 0 ? k : SIZE_MAX;
        (*names)[*count] = cxs_strdup(ctx, order <= 0 ? a->sample[i] : b->sample[k]);
        if ((*names)[*count] == NULL)
            CXS_TRY(CXS_ENOMEM);
        i += order <= 0;
        k += order >= 0;
    }
done:
    return rc;
}

/* x [from n x p] to [n x p] by rows. */
static cxs_rc widen(cxs_ctx *ctx, double **x, size_t old, size_t p, const size_t *from,
                    size_t n)
{
    double *wide = cxs_calloc(ctx, n * p + 1, sizeof *wide);

    if (wide == NULL)
        return CXS_ENOMEM;
    for (size_t j = 0; j < p; j++)
        for (size_t i = 0; i < n; i++)
            wide[j * n + i] =
                from[i] != SIZE_MAX ? (*x)[j * old + from[i]] : (double)NAN;
    cxs_free(*x);
    *x = wide;
    return CXS_OK;
}

static cxs_rc widen_rows(cxs_ctx *ctx, cxs_features *f, cxs_matrix *more)
{
    cxs_matrix *m = f->matrix;
    size_t *from[2] = {NULL, NULL}, n = 0;
    char **names = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(unite(ctx, m, more, &names, &n, from));
    CXS_TRY(widen(ctx, &m->x, m->n, m->p, from[0], n));
    CXS_TRY(widen(ctx, &more->x, more->n, more->p, from[1], n));
    CXS_TRY(widen(ctx, &f->library, m->n, 1, from[0], n));
    CXS_TRY(widen(ctx, &f->norm, m->n, 1, from[0], n));
    CXS_TRY(widen(ctx, &f->size, m->n, 1, from[0], n));
    cxs_free_strings(m->sample, m->n);
    m->sample = names;
    m->n = n;
    names = NULL;

done:
    cxs_free_strings(names, n);
    cxs_free(from[0]);
    cxs_free(from[1]);
    return rc;
}

/* Columns of `more` (same rows) behind those of f, then all in order of names. */
static cxs_rc append(cxs_ctx *ctx, cxs_features *f, cxs_matrix *more,
                     const cxs_transform *transform)
{
    cxs_matrix *m = f->matrix, *joined = NULL;
    const size_t p = m->p + more->p, n = m->n;
    cxs_transform *both = NULL;
    size_t j = 0, k = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(joined, 1);
    joined->n = n;
    joined->kind = m->kind;
    CXS_NEW(joined->x, n * p + 1);
    CXS_NEW(joined->feature, p + 1);
    if (m->feature_name != NULL)
        CXS_NEW(joined->feature_name, p + 1);
    CXS_NEW(both, p + 1);
    while (joined->p < p) {
        const int first =
            k == more->p || (j < m->p && strcmp(m->feature[j], more->feature[k]) < 0);
        const cxs_matrix *source = first ? m : more;
        const size_t at = first ? j : k, to = joined->p;
        memcpy(joined->x + to * n, source->x + at * n, n * sizeof *joined->x);
        joined->feature[to] = cxs_strdup(ctx, source->feature[at]);
        if (joined->feature_name != NULL)
            joined->feature_name[to] =
                cxs_strdup(ctx, source->feature_name != NULL ? source->feature_name[at]
                                                             : source->feature[at]);
        joined->p++;
        if (joined->feature[to] == NULL ||
            (joined->feature_name != NULL && joined->feature_name[to] == NULL))
            CXS_TRY(CXS_ENOMEM);
        both[to] = first ? f->transform[j] : transform[k];
        j += first != 0;
        k += first == 0;
    }
    joined->sample = m->sample;
    joined->layer = m->layer;
    m->sample = NULL;
    m->layer = NULL;
    m->n = 0;
    cxs_matrix_free(m);
    f->matrix = joined;
    cxs_free(f->transform);
    f->transform = both;
    joined = NULL;
    both = NULL;

done:
    cxs_matrix_free(joined);
    cxs_free(both);
    return rc;
}

/* Do the values of a column differ anywhere? */
static int varies(const double *x, size_t n)
{
    double first = (double)NAN;

    for (size_t i = 0; i < n; i++) {
        if (isnan(first))
            first = x[i];
        else if (!isnan(x[i]) && fabs(x[i] - first) > 0.0)
            return 1;
    }
    return 0;
}

static int any_varies(const cxs_matrix *m)
{
    for (size_t j = 0; j < m->p; j++)
        if (varies(m->x + j * m->n, m->n))
            return 1;
    return 0;
}

/* On the scale of a reference: columns that it has, clipped and scaled as in training. */
static cxs_rc join_frozen(cxs_ctx *ctx, cxs_features *f, cxs_matrix *more)
{
    cxs_matrix *m = f->matrix;
    size_t j = 0, strange = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(widen_rows(ctx, f, more));
    for (size_t k = 0; k < more->p; k++) { /* both are sorted */
        while (j < m->p && strcmp(m->feature[j], more->feature[k]) < 0)
            j++;
        if (j == m->p || strcmp(m->feature[j], more->feature[k]) != 0) {
            strange++;
            continue;
        }
        for (size_t i = 0; i < m->n; i++)
            m->x[j * m->n + i] = cxs_frozen_apply(&f->transform[j], f->used.standardise,
                                                  more->x[k * m->n + i]);
    }
    if (strange > 0)
        cxs_note(ctx, "%zu of %zu features are not those of the reference", strange,
                 more->p);

done:
    return rc;
}

/* Columns that one patient alone has. */
static size_t of_one_patient(const cxs_matrix *m)
{
    size_t found = 0;

    for (size_t j = 0; j < m->p; j++) {
        size_t have = 0;
        for (size_t i = 0; i < m->n; i++)
            have += isnan(m->x[j * m->n + i]) ? 0 : 1;
        found += have == 1;
    }
    return found;
}

/* Columns are made for all genes and arms, whether a patient has a change there or not:
 * most of them are the same in everybody, which is no fault of the data (CX027 is). */
static void keep_varying(cxs_ctx *ctx, cxs_matrix *m, cxs_transform *transform)
{
    const size_t all = m->p, of_one = of_one_patient(m);
    const size_t dropped = cxs_keep_varying(m, transform);

    if (dropped > 0 && of_one > 0)
        cxs_note(ctx,
                 "%zu of %zu columns do not differ between the patients who have them, "
                 "%zu of these because one patient alone has them; they are left out",
                 dropped, all, of_one);
    else if (dropped > 0)
        cxs_note(ctx,
                 "%zu of %zu columns do not differ between the patients who have them; "
                 "they are left out",
                 dropped, all);
}

cxs_rc cxs_features_join(cxs_ctx *ctx, cxs_features *f, char *const *patient,
                         const cxs_feature_columns *columns)
{
    cxs_matrix *more = NULL;
    cxs_transform *transform = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(as_matrix(ctx, patient, columns, &more));
    if (f->frozen != NULL && !f->used.freeze) {
        rc = join_frozen(ctx, f, more);
        goto done;
    }
    if (!any_varies(more)) {
        cxs_note(ctx, "none of %zu columns differs between the patients who have them",
                 more->p);
        goto done;
    }
    CXS_NEW(transform, more->p + 1);
    cxs_change_columns(more, NULL, transform);
    CXS_TRY(cxs_clip(ctx, more, f->used.winsorise != 0, transform));
    keep_varying(ctx, more, transform);
    CXS_TRY(cxs_scale(ctx, more, f->used.standardise != 0, transform));
    CXS_TRY(widen_rows(ctx, f, more));
    rc = append(ctx, f, more, transform);

done:
    cxs_free(transform);
    cxs_matrix_free(more);
    return rc;
}
