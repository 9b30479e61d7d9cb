/*
 * clinical_groups.c -- distinct values of columns; strata, centres, clusters, folds
 *
 * Groups are numbered in bytewise order of their names, never in order of appearance.
 */
#include "ingest/clinical.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

cxs_rc cxs_levels_of(cxs_ctx *ctx, const char *const *text, size_t count,
                     cxs_level **levels, size_t *n_levels)
{
    const char **sorted = NULL;
    cxs_rc rc = CXS_OK;

    *levels = NULL;
    *n_levels = 0;
    CXS_NEW(sorted, count);
    CXS_NEW(*levels, count);
    for (size_t i = 0; i < count; i++)
        sorted[i] = text[i];
    qsort(sorted, count, sizeof *sorted, cxs_text_compare);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(sorted[i - 1], sorted[i]) != 0)
            (*levels)[(*n_levels)++] = (cxs_level){sorted[i], 0};
        (*levels)[*n_levels - 1].count++;
    }

done:
    cxs_free(sorted);
    return rc;
}

static int compare_level(const void *key, const void *level)
{
    return strcmp(key, ((const cxs_level *)level)->text);
}

size_t cxs_level_find(const cxs_level *levels, size_t n_levels, const char *text)
{
    const cxs_level *found =
        bsearch(text, levels, n_levels, sizeof *levels, compare_level);

    return found != NULL ? (size_t)(found - levels) : SIZE_MAX;
}

/* Number text[0..n) by level: index[n] and the levels, to be freed by the caller. */
static cxs_rc number_groups(cxs_ctx *ctx, const char *const *text, size_t n,
                            uint32_t **index, cxs_level **levels, size_t *count)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_levels_of(ctx, text, n, levels, count));
    if (*count > UINT32_MAX)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE, "more than %u groups", UINT32_MAX));
    CXS_NEW(*index, n);
    for (size_t i = 0; i < n; i++)
        (*index)[i] = (uint32_t)cxs_level_find(*levels, *count, text[i]);

done:
    return rc;
}

/* Copies of the names of the levels. */
static cxs_rc name_groups(cxs_ctx *ctx, const cxs_level *levels, size_t count,
                          char ***name, size_t *groups)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(*name, count);
    for (*groups = 0; *groups < count; (*groups)++) {
        char *copy = cxs_strdup(ctx, levels[*groups].text);
        if (copy == NULL)
            CXS_TRY(CXS_ENOMEM);
        (*name)[*groups] = copy;
    }

done:
    return rc;
}

/* "A=x,B=y" of one row. */
static char *stratum_label(cxs_ctx *ctx, const cxs_clinical *c, size_t row)
{
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    for (size_t j = 0; rc == CXS_OK && j < c->strata_count; j++)
        rc = cxs_buf_addf(ctx, &text, "%s%s=%s", j > 0 ? "," : "",
                          cxs_clinical_column(c, c->strata[j]),
                          cxs_clinical_cell(c, row, c->strata[j]));
    if (rc == CXS_OK && c->strata_count == 0)
        rc = cxs_buf_add(ctx, &text, "all", 3);
    if (rc != CXS_OK) {
        cxs_free(text.text);
        text.text = NULL;
    }
    return text.text;
}

static cxs_rc number_strata(cxs_ctx *ctx, cxs_clinical *c)
{
    cxs_surv *surv = c->surv;
    cxs_level *levels = NULL;
    char **label = NULL;
    size_t labels = 0, count = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(label, c->kept_count);
    for (; labels < c->kept_count; labels++) {
        char *text = stratum_label(ctx, c, c->kept[labels]);
        if (text == NULL)
            CXS_TRY(CXS_ENOMEM);
        label[labels] = text;
    }
    CXS_TRY(number_groups(ctx, (const char *const *)label, labels, &surv->stratum,
                          &levels, &count));
    CXS_TRY(name_groups(ctx, levels, count, &surv->stratum_name, &surv->n_strata));

done:
    cxs_free(levels);
    cxs_free_strings(label, labels);
    return rc;
}

/* Cells of one column in the kept rows; a missing centre is a centre called NA. */
static cxs_rc cells_of(cxs_ctx *ctx, const cxs_clinical *c, size_t column,
                       const char ***out)
{
    const char **cells = cxs_calloc(ctx, c->kept_count, sizeof *cells);

    if (cells == NULL)
        return CXS_ENOMEM;
    for (size_t i = 0; i < c->kept_count; i++)
        cells[i] = cxs_clinical_missing(c, c->kept[i], column)
                       ? "NA"
                       : cxs_clinical_cell(c, c->kept[i], column);
    *out = cells;
    return CXS_OK;
}

/* A named column as groups; name NULL where nobody asks for the names. */
static cxs_rc number_column(cxs_ctx *ctx, const cxs_clinical *c, size_t column,
                            uint32_t **index, char ***name, size_t *groups)
{
    const char **cells = NULL;
    cxs_level *levels = NULL;
    size_t count = 0;
    cxs_rc rc = CXS_OK;

    if (column == CXS_NO_COLUMN)
        return CXS_OK;
    CXS_TRY(cells_of(ctx, c, column, &cells));
    CXS_TRY(number_groups(ctx, cells, c->kept_count, index, &levels, &count));
    if (name != NULL)
        CXS_TRY(name_groups(ctx, levels, count, name, groups));

done:
    cxs_free(levels);
    cxs_free(cells);
    return rc;
}

/* A row must say its fold: to guess one would move a patient between folds. */
static cxs_rc need_folds(cxs_ctx *ctx, const cxs_clinical *c)
{
    cxs_faults faults = {.code = ""};

    for (size_t i = 0; i < c->kept_count; i++)
        if (cxs_clinical_missing(c, c->kept[i], c->fold_column))
            cxs_fault_add(ctx, &faults, "%s:%zu:%s: the fold is missing", c->path,
                          c->table->line[c->kept[i]],
                          cxs_clinical_column(c, c->fold_column));
    return cxs_faults_end(ctx, &faults);
}

typedef struct fold_ref {
    const char *id;
    size_t line;
    uint32_t fold;
} fold_ref;

static int by_id_and_line(const void *left, const void *right)
{
    const fold_ref *a = left, *b = right;
    const int order = strcmp(a->id, b->id);

    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* All rows of one patient lie in one fold, else the patient is trained on and judged at
 * the same time. */
static cxs_rc one_fold_each(cxs_ctx *ctx, const cxs_clinical *c, const uint32_t *fold)
{
    cxs_faults faults = {.code = ""};
    fold_ref *ref = NULL;
    cxs_rc rc = CXS_OK;

    if (c->id == CXS_NO_COLUMN)
        return CXS_OK;
    CXS_NEW(ref, c->kept_count);
    for (size_t i = 0; i < c->kept_count; i++)
        ref[i] = (fold_ref){cxs_clinical_cell(c, c->kept[i], c->id),
                            c->table->line[c->kept[i]], fold[i]};
    qsort(ref, c->kept_count, sizeof *ref, by_id_and_line);
    for (size_t i = 1; i < c->kept_count; i++)
        if (strcmp(ref[i].id, ref[i - 1].id) == 0 && ref[i].fold != ref[i - 1].fold)
            cxs_fault_add(ctx, &faults,
                          "%s:%zu:%s: \"%s\" is in another fold than in line %zu",
                          c->path, ref[i].line, cxs_clinical_column(c, c->fold_column),
                          cxs_ctx_id(ctx, ref[i].id), ref[i - 1].line);
    CXS_TRY(cxs_faults_end(ctx, &faults));

done:
    cxs_free(ref);
    return rc;
}

static cxs_rc read_folds(cxs_ctx *ctx, cxs_clinical *c)
{
    cxs_surv *surv = c->surv;
    char **name = NULL;
    cxs_rc rc = CXS_OK;

    if (c->fold_column == CXS_NO_COLUMN)
        return CXS_OK;
    CXS_TRY(need_folds(ctx, c));
    CXS_TRY(number_column(ctx, c, c->fold_column, &surv->fold, &name, &surv->n_folds));
    CXS_TRY(one_fold_each(ctx, c, surv->fold));
    if (surv->n_folds < 2)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE, "%s:%s: one fold only, needs two",
                         c->path, cxs_clinical_column(c, c->fold_column)));

done:
    cxs_free_strings(name, surv->n_folds);
    return rc;
}

cxs_rc cxs_clinical_groups(cxs_ctx *ctx, cxs_clinical *c)
{
    cxs_surv *surv = c->surv;
    size_t unused = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(number_strata(ctx, c));
    CXS_TRY(number_column(ctx, c, c->centre_column, &surv->centre, &surv->centre_name,
                          &surv->n_centres));
    CXS_TRY(number_column(ctx, c, c->cluster_column, &surv->cluster, NULL, &unused));
    CXS_TRY(read_folds(ctx, c));

done:
    return rc;
}
