/*
 * study_terms.c -- strata, centres and covariates of an analysis set
 *
 * The rules are those of plain tables: a column is categorical when a value is not a
 * number or when `factors` names it; levels in bytewise order, the first is the
 * reference unless `reference` names another; terms are COLUMN or COLUMN=LEVEL.
 */
#include "store/study_builder.h"

#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- groups ---------------------------------------------------------------------- */

/* Distinct texts in bytewise order: level[] borrows, *levels their number. */
static cxs_rc distinct(cxs_ctx *ctx, char *const *text, size_t n, const char ***level,
                       size_t *levels)
{
    cxs_rc rc = CXS_OK;

    *levels = 0;
    CXS_NEW(*level, n);
    for (size_t i = 0; i < n; i++)
        (*level)[i] = text[i];
    qsort(*level, n, sizeof **level, cxs_text_compare);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || strcmp((*level)[i], (*level)[*levels - 1]) != 0)
            (*level)[(*levels)++] = (*level)[i];
done:
    return rc;
}

static size_t level_of(const char *const *level, size_t levels, const char *text)
{
    const char *const *found =
        bsearch(&text, level, levels, sizeof *level, cxs_text_compare);

    return found != NULL ? (size_t)(found - level) : SIZE_MAX;
}

/* Index and names of groups. */
static cxs_rc set_groups(cxs_ctx *ctx, char *const *text, size_t n, uint32_t **index,
                         char ***name, size_t *groups)
{
    const char **level = NULL;
    size_t levels = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(distinct(ctx, text, n, &level, &levels));
    CXS_NEW(*index, n);
    CXS_NEW(*name, levels);
    for (; *groups < levels; ++*groups)
        if (((*name)[*groups] = cxs_strdup(ctx, level[*groups])) == NULL)
            CXS_TRY(CXS_ENOMEM);
    for (size_t i = 0; i < n; i++)
        (*index)[i] = (uint32_t)level_of(level, levels, text[i]);
done:
    cxs_free(level);
    return rc;
}

/* Strata: the combination of the columns, named "A=x,B=y"; "all" without columns. */
cxs_rc cxs_builder_strata(cxs_builder *b)
{
    cxs_ctx *ctx = b->ctx;
    cxs_surv *surv = b->surv;
    char **name = NULL;
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    CXS_NEW(name, surv->n);
    for (size_t i = 0; i < surv->n; i++) {
        text.length = 0;
        for (size_t c = 0; c < b->strata; c++)
            CXS_TRY(cxs_buf_addf(ctx, &text, "%s%s=%s", c > 0 ? "," : "",
                                 b->columns[c].name, b->columns[c].text[i]));
        name[i] = cxs_strdup(ctx, b->strata > 0 ? text.text : "all");
        if (name[i] == NULL)
            CXS_TRY(CXS_ENOMEM);
    }
    CXS_TRY(set_groups(ctx, name, surv->n, &surv->stratum, &surv->stratum_name,
                       &surv->n_strata));
done:
    cxs_free(text.text);
    cxs_free_strings(name, name != NULL ? surv->n : 0);
    return rc;
}

cxs_rc cxs_builder_centres(cxs_builder *b)
{
    cxs_surv *surv = b->surv;
    cxs_study_column *col;
    cxs_rc rc;

    if (!b->has_centre)
        return CXS_OK;
    col = &b->columns[b->count - 1];
    for (size_t i = 0; i < surv->n; i++)
        if (*col->text[i] == '\0') { /* counted under a name of its own */
            cxs_free(col->text[i]);
            if ((col->text[i] = cxs_strdup(b->ctx, "NA")) == NULL)
                return CXS_ENOMEM;
        }
    rc = set_groups(b->ctx, col->text, surv->n, &surv->centre, &surv->centre_name,
                    &surv->n_centres);
    return rc;
}

/* ---- covariates ------------------------------------------------------------------ */

/* Does a list setting hold the text? */
static cxs_rc is_item(cxs_builder *b, const char *key, const char *text, bool *found)
{
    cxs_ctx *ctx = b->ctx;
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, b->study->db,
                           "SELECT 1 FROM setting_item WHERE key = ?1 AND value = ?2",
                           &stmt));
    cxs_bind_text(stmt, 1, key);
    cxs_bind_text(stmt, 2, text);
    CXS_TRY(cxs_stmt_step(ctx, stmt, found));
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* Does any `reference` row speak of the column? */
static cxs_rc has_reference(cxs_builder *b, const char *name, bool *found)
{
    cxs_ctx *ctx = b->ctx;
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, b->study->db,
                           "SELECT 1 FROM setting_item WHERE key = 'reference' AND "
                           "substr(value, 1, length(?1) + 1) = ?1 || '='",
                           &stmt));
    cxs_bind_text(stmt, 1, name);
    CXS_TRY(cxs_stmt_step(ctx, stmt, found));
done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc reference_level(cxs_builder *b, const cxs_study_column *col,
                              const char *const *level, size_t levels,
                              size_t *reference)
{
    cxs_ctx *ctx = b->ctx;
    cxs_buf text = {0};
    bool found = false;
    cxs_rc rc = CXS_OK;

    for (*reference = 0; *reference < levels && !found; ++*reference) {
        text.length = 0;
        CXS_TRY(cxs_buf_addf(ctx, &text, "%s=%s", col->name, level[*reference]));
        CXS_TRY(is_item(b, "reference", text.text, &found));
    }
    if (found) {
        --*reference;
        goto done;
    }
    *reference = 0;
    CXS_TRY(has_reference(b, col->name, &found));
    if (found)
        rc = cxs_fail_code(ctx, CXS_EARG, "CX018",
                           "%s: the reference of %s is not one of its levels in the "
                           "analysis set",
                           b->study->path, col->name);
done:
    cxs_free(text.text);
    return rc;
}

/* One more column of z with its name; the caller fills it. */
static cxs_rc add_term(cxs_builder *b, const char *name, const char *level, double **z)
{
    cxs_ctx *ctx = b->ctx;
    cxs_surv *surv = b->surv;
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;
    double *grown = cxs_realloc(
        ctx, surv->z, (surv->k + 1) * (surv->n > 0 ? surv->n : 1), sizeof *grown);
    char **term;

    if (grown == NULL)
        return CXS_ENOMEM;
    surv->z = grown;
    if ((term = cxs_realloc(ctx, surv->term, surv->k + 1, sizeof *term)) == NULL)
        return CXS_ENOMEM;
    surv->term = term;
    CXS_TRY(level != NULL ? cxs_buf_addf(ctx, &text, "%s=%s", name, level)
                          : cxs_buf_addf(ctx, &text, "%s", name));
    surv->term[surv->k] = text.text;
    text.text = NULL;
    *z = surv->z + surv->k * surv->n;
    surv->k++;
done:
    cxs_free(text.text);
    return rc;
}

static cxs_rc add_factor(cxs_builder *b, const cxs_study_column *col)
{
    cxs_ctx *ctx = b->ctx;
    const size_t n = b->surv->n;
    const char **level = NULL;
    size_t levels = 0, reference = 0;
    double *z = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(distinct(ctx, col->text, n, &level, &levels));
    CXS_TRY(reference_level(b, col, level, levels, &reference));
    for (size_t l = 0; l < levels; l++) {
        if (l == reference && levels > 1)
            continue; /* a single level keeps its constant column, to be reported */
        CXS_TRY(add_term(b, col->name, level[l], &z));
        for (size_t i = 0; i < n; i++)
            z[i] = strcmp(col->text[i], level[l]) == 0;
    }
done:
    cxs_free(level);
    return rc;
}

cxs_rc cxs_builder_covariates(cxs_builder *b)
{
    cxs_rc rc = CXS_OK;

    for (size_t c = b->strata; c < b->strata + b->covariates; c++) {
        const cxs_study_column *col = &b->columns[c];
        bool factor = false;
        double *z = NULL;
        CXS_TRY(is_item(b, "factors", col->name, &factor));
        if (factor || !col->is_number) {
            CXS_TRY(add_factor(b, col));
            continue;
        }
        CXS_TRY(add_term(b, col->name, NULL, &z));
        memcpy(z, col->value, b->surv->n * sizeof *z);
    }
done:
    return rc;
}
