/*
 * clinical_terms.c -- covariates: numbers as they are, categories as indicators
 *
 * A column is categorical when the user says so or when a value is not a number.  The
 * first level in bytewise order is the reference unless --ref names another; a category
 * with one level left keeps one constant column, so that the fit can say `constant`
 * instead of losing the covariate in silence.
 */
#include "ingest/cells.h"
#include "ingest/clinical.h"

#include "base/number.h"

#include <string.h>

/* Texts that stand for "missing" in many tables and are no number (CX017). */
static bool is_missing_word(const char *text)
{
    static const char *const words[] = {"unk", "-", "?", "#N/A", "none"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}

/* What the cells of a covariate are, over the whole table. */
typedef struct cell_types {
    size_t numbers, words, texts; /* words: is_missing_word() */
    const char *word;             /* the first of them */
} cell_types;

static cell_types types_of(const cxs_clinical *c, size_t column)
{
    cell_types t = {0};

    for (size_t row = 0; row < c->table->rows; row++) {
        const char *cell = cxs_clinical_cell(c, row, column);
        double value;
        if (cxs_clinical_missing(c, row, column))
            continue;
        if (cxs_number_parse(cell, strlen(cell), &value)) {
            t.numbers++;
        } else if (is_missing_word(cell)) {
            t.word = t.words++ == 0 ? cell : t.word;
        } else {
            t.texts++;
        }
    }
    return t;
}

/* Numbers with a few other cells: an undeclared missing value stops (CX017), any other
 * text makes the column categorical, as agreed, but not in silence. */
static cxs_rc decide_factor(cxs_ctx *ctx, const cxs_clinical *c, size_t column,
                            bool *factor)
{
    const cell_types t = types_of(c, column);
    const char *name = cxs_clinical_column(c, column);

    *factor = t.words + t.texts > 0;
    if (t.numbers > 0 && t.words > 0 && t.texts == 0)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX017",
                             "%s:%s: %zu cells hold %s; is it missing? add --na %s",
                             c->path, name, t.words, t.word, t.word);
    if (t.numbers > t.words + t.texts && t.texts > 0)
        /* the cell itself stays out: warnings enter the run record */
        return cxs_warn(ctx, "CX016",
                        "%s:%s: %zu of %zu cells are numbers and the others are not: "
                        "the covariate is categorical",
                        c->path, name, t.numbers, t.numbers + t.words + t.texts);
    return CXS_OK;
}

/* True when `name` is in a comma-separated list. */
static cxs_rc is_listed(cxs_ctx *ctx, const char *names, const char *name, bool *listed)
{
    char **list = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_list_split(ctx, names, &list));
    *listed = false;
    for (size_t i = 0; list[i] != NULL; i++)
        *listed = *listed || strcmp(list[i], name) == 0;

done:
    cxs_list_free(list);
    return rc;
}

/* LEVEL of "COL=LEVEL,.." for a column, or *level NULL.  *list owns the text. */
static cxs_rc find_reference(cxs_ctx *ctx, const cxs_clinical *c, const char *name,
                             char ***list, const char **level)
{
    const size_t length = strlen(name);
    const cxs_rc rc = cxs_list_split(ctx, c->settings->reference, list);

    *level = NULL;
    if (rc != CXS_OK)
        return rc;
    for (size_t i = 0; (*list)[i] != NULL; i++)
        if (strncmp((*list)[i], name, length) == 0 && (*list)[i][length] == '=')
            *level = (*list)[i] + length + 1;
    return CXS_OK;
}

/* Room for `more` columns of z and their names. */
static cxs_rc grow_terms(cxs_ctx *ctx, cxs_surv *surv, size_t n, size_t more)
{
    double *z = cxs_realloc(ctx, surv->z, surv->k + more, n * sizeof *z);
    char **term;

    if (z == NULL)
        return CXS_ENOMEM;
    surv->z = z;
    if ((term = cxs_realloc(ctx, surv->term, surv->k + more, sizeof *term)) == NULL)
        return CXS_ENOMEM;
    surv->term = term;
    return CXS_OK;
}

static cxs_rc add_number(cxs_ctx *ctx, cxs_clinical *c, size_t column)
{
    cxs_surv *surv = c->surv;
    double *values = NULL;
    char *name = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(values, c->table->rows);
    CXS_TRY(cxs_table_numbers(ctx, c->table, column, (const char *const *)c->extra_na,
                              values));
    CXS_TRY(grow_terms(ctx, surv, c->kept_count, 1));
    if ((name = cxs_strdup(ctx, cxs_clinical_column(c, column))) == NULL)
        CXS_TRY(CXS_ENOMEM);
    for (size_t i = 0; i < c->kept_count; i++)
        surv->z[surv->k * c->kept_count + i] = values[c->kept[i]];
    surv->term[surv->k++] = name;

done:
    cxs_free(values);
    return rc;
}

/* Indicator of one level over the kept rows. */
static cxs_rc add_indicator(cxs_ctx *ctx, cxs_clinical *c, size_t column,
                            const char *level)
{
    cxs_surv *surv = c->surv;
    double *z = surv->z + surv->k * c->kept_count;
    cxs_buf name = {0};
    const cxs_rc rc =
        cxs_buf_addf(ctx, &name, "%s=%s", cxs_clinical_column(c, column), level);

    if (rc != CXS_OK) {
        cxs_free(name.text);
        return rc;
    }
    for (size_t i = 0; i < c->kept_count; i++)
        z[i] = strcmp(cxs_clinical_cell(c, c->kept[i], column), level) == 0;
    surv->term[surv->k++] = name.text;
    return CXS_OK;
}

/* Index of the reference among the levels of the analysis set. */
static cxs_rc reference_level(cxs_ctx *ctx, const cxs_clinical *c, size_t column,
                              const cxs_level *levels, size_t count, size_t *reference)
{
    const char *name = cxs_clinical_column(c, column), *level = NULL;
    char **list = NULL;
    cxs_buf known = {0};
    cxs_rc rc = CXS_OK;

    *reference = 0;
    CXS_TRY(find_reference(ctx, c, name, &list, &level));
    if (level == NULL)
        goto done;
    *reference = cxs_level_find(levels, count, level);
    if (*reference != SIZE_MAX)
        goto done;
    for (size_t i = 0; i < count; i++)
        CXS_TRY(cxs_buf_addf(ctx, &known, "%s%s", i > 0 ? ", " : "", levels[i].text));
    CXS_TRY(cxs_fail_code(ctx, CXS_EARG, "CX018",
                          "--ref %s=%s: \"%s\" is not one of %s", name, level, level,
                          known.text));

done:
    cxs_free(known.text);
    cxs_list_free(list);
    return rc;
}

static cxs_rc add_factor(cxs_ctx *ctx, cxs_clinical *c, size_t column)
{
    const char **cells = NULL;
    cxs_level *levels = NULL;
    size_t count = 0, reference = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(cells, c->kept_count);
    for (size_t i = 0; i < c->kept_count; i++)
        cells[i] = cxs_clinical_cell(c, c->kept[i], column);
    CXS_TRY(cxs_levels_of(ctx, cells, c->kept_count, &levels, &count));
    CXS_TRY(reference_level(ctx, c, column, levels, count, &reference));
    CXS_TRY(grow_terms(ctx, c->surv, c->kept_count, count));
    if (count == 1)
        CXS_TRY(add_indicator(ctx, c, column, levels[0].text));
    for (size_t i = 0; i < count; i++)
        if (i != reference)
            CXS_TRY(add_indicator(ctx, c, column, levels[i].text));
    cxs_note(ctx, "%s:%s: categorical, %zu levels, reference %s", c->path,
             cxs_clinical_column(c, column), count, levels[reference].text);

done:
    cxs_free(levels);
    cxs_free(cells);
    return rc;
}

/* Every name in --factor and --ref must be a covariate, and a --ref a categorical one:
 * a name that does nothing is a misspelling. */
static cxs_rc check_named(cxs_ctx *ctx, const cxs_clinical *c, const char *option,
                          const char *names)
{
    char **list = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_list_split(ctx, names, &list));
    for (size_t i = 0; list[i] != NULL; i++) {
        bool found = false;
        for (size_t j = 0; j < c->adjust_count && !found; j++) {
            const char *name = cxs_clinical_column(c, c->adjust[j]);
            const size_t length = strlen(name);
            found = strncmp(list[i], name, length) == 0 &&
                    list[i][length] == (*option == 'r' ? '=' : '\0');
        }
        if (!found)
            CXS_TRY(cxs_fail(ctx, CXS_EARG, "--%s %s: not a covariate of --adjust",
                             option, list[i]));
    }

done:
    cxs_list_free(list);
    return rc;
}

static cxs_rc add_covariate(cxs_ctx *ctx, cxs_clinical *c, size_t column)
{
    const char *name = cxs_clinical_column(c, column), *level = NULL;
    char **list = NULL;
    bool factor = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(is_listed(ctx, c->settings->factor, name, &factor));
    if (!factor)
        CXS_TRY(decide_factor(ctx, c, column, &factor));
    if (factor) {
        CXS_TRY(add_factor(ctx, c, column));
        goto done;
    }
    CXS_TRY(find_reference(ctx, c, name, &list, &level));
    if (level != NULL)
        CXS_TRY(cxs_fail(ctx, CXS_EARG, "--ref %s=%s: %s is numeric; add --factor %s",
                         name, level, name, name));
    CXS_TRY(add_number(ctx, c, column));

done:
    cxs_list_free(list);
    return rc;
}

cxs_rc cxs_clinical_terms(cxs_ctx *ctx, cxs_clinical *c)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_named(ctx, c, "factor", c->settings->factor));
    CXS_TRY(check_named(ctx, c, "ref", c->settings->reference));
    for (size_t j = 0; j < c->adjust_count; j++)
        CXS_TRY(add_covariate(ctx, c, c->adjust[j]));

done:
    return rc;
}
