/*
 * gpa.c -- graded prognostic assessment of brain metastases from its parts
 */
#include "ingest/gpa.h"

#include "base/number.h"
#include "base/table.h"

#include <math.h>
#include <string.h>

const char *const cxs_gpa_column[CXS_GPA_FACTORS] = {
    "AGE",           "KPS",      "N_BM",        "ECM",
    "EGFR_ALK",      "PDL1_TPS", "BRAF_STATUS", "HEMOGLOBIN_G_DL",
    "BREAST_SUBTYPE"};

static const char *const factor_name[CXS_GPA_FACTORS] = {
    "age",           "kps",  "n_bm", "ecm",
    "egfr_or_alk",   "pdl1", "braf", "hemoglobin_g_dl",
    "breast_subtype"};

typedef struct points {
    const char *index, *values; /* of the table; values "." for an interval */
    cxs_gpa_factor factor;
    double from, to, points; /* from <= x < to */
} points;

struct cxs_gpa_tables {
    cxs_table *table;
    points *row;
    size_t rows;
};

void cxs_gpa_free(cxs_gpa_tables *tables)
{
    if (tables == NULL)
        return;
    cxs_table_free(tables->table);
    cxs_free(tables->row);
    cxs_free(tables);
}

/* A number, or `open` for ".". */
static bool bound(const char *text, double open, double *out)
{
    *out = open;
    return strcmp(text, ".") == 0 || cxs_number_parse(text, strlen(text), out);
}

static cxs_rc read_row(cxs_ctx *ctx, const cxs_table *t, const size_t *column, size_t r,
                       points *out)
{
    const char *factor = cxs_table_cell(t, r, column[1]);
    const char *score = cxs_table_cell(t, r, column[5]);
    size_t f = 0;

    while (f < CXS_GPA_FACTORS && strcmp(factor_name[f], factor) != 0)
        f++;
    *out = (points){.index = cxs_table_cell(t, r, column[0]),
                    .values = cxs_table_cell(t, r, column[4]),
                    .factor = (cxs_gpa_factor)f};
    if (f == CXS_GPA_FACTORS ||
        !bound(cxs_table_cell(t, r, column[2]), -(double)INFINITY, &out->from) ||
        !bound(cxs_table_cell(t, r, column[3]), (double)INFINITY, &out->to) ||
        !cxs_number_parse(score, strlen(score), &out->points))
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: not understood: factor %s", t->path,
                        t->line[r], factor);
    return CXS_OK;
}

cxs_rc cxs_gpa_read(cxs_ctx *ctx, const char *refdata, cxs_gpa_tables **out)
{
    static const char *const names[] = {"index",         "factor", "min_inclusive",
                                        "max_exclusive", "values", "points"};
    size_t column[sizeof names / sizeof *names];
    cxs_gpa_tables *all = NULL;
    cxs_buf path = {0};
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(all, 1);
    CXS_TRY(cxs_buf_addf(ctx, &path, "%s/gpa_tables.tsv", refdata));
    CXS_TRY(cxs_table_read(ctx, path.text, &all->table));
    for (size_t c = 0; c < sizeof names / sizeof *names; c++)
        CXS_TRY(cxs_table_need(ctx, all->table, names[c], &column[c]));
    CXS_NEW(all->row, all->table->rows);
    for (; all->rows < all->table->rows; all->rows++)
        CXS_TRY(read_row(ctx, all->table, column, all->rows, &all->row[all->rows]));
    *out = all;
    all = NULL;
done:
    cxs_free(path.text);
    cxs_gpa_free(all);
    return rc;
}

const char *cxs_gpa_index(const char *primary)
{
    static const char *const of[][2] = {{"NSCLC_ADENO", "LUNG_MOLGPA"},
                                        {"NSCLC_OTHER", "LUNG_MOLGPA"},
                                        {"SCLC", "LUNG_DSGPA"},
                                        {"BREAST", "BREAST_GPA"},
                                        {"MELANOMA", "MELANOMA_MOLGPA"},
                                        {"RCC", "RENAL_GPA"},
                                        {"CRC", "GI_GPA"},
                                        {"GI_OTHER", "GI_GPA"},
                                        {"OTHER", "GPA_GENERIC"},
                                        {"UNKNOWN", "GPA_GENERIC"}};

    for (size_t i = 0; primary != NULL && i < sizeof of / sizeof *of; i++)
        if (strcmp(primary, of[i][0]) == 0)
            return of[i][1];
    return NULL;
}

/* Is the text an item of "a|b|c"? */
static bool holds(const char *list, const char *text)
{
    const size_t length = strlen(text);

    for (const char *at = list; (at = strstr(at, text)) != NULL; at++)
        if ((at == list || at[-1] == '|') && (at[length] == '\0' || at[length] == '|'))
            return true;
    return false;
}

/* What a list of values is compared with: a status, "NA" when it is missing. */
static const char *status(const cxs_gpa_parts *parts, cxs_gpa_factor factor)
{
    const double x = parts->number[factor];

    if (factor == CXS_GPA_SUBTYPE)
        return parts->subtype != NULL ? parts->subtype : "NA";
    if (isnan(x))
        return "NA";
    return x >= 1.0 ? "1" : "0"; /* PD-L1: from 1 % on */
}

static bool fits(const points *row, const cxs_gpa_parts *parts)
{
    const double x = parts->number[row->factor];

    if (strcmp(row->values, ".") != 0)
        return holds(row->values, status(parts, row->factor));
    return x >= row->from && x < row->to; /* false for NaN */
}

double cxs_gpa(const cxs_gpa_tables *tables, const char *index,
               const cxs_gpa_parts *parts)
{
    bool asked[CXS_GPA_FACTORS] = {false}, answered[CXS_GPA_FACTORS] = {false};
    double sum = 0.0;
    bool any = false;

    for (size_t r = 0; index != NULL && r < tables->rows; r++) {
        const points *row = &tables->row[r];
        if (strcmp(row->index, index) != 0)
            continue;
        any = asked[row->factor] = true;
        if (!answered[row->factor] && fits(row, parts)) {
            answered[row->factor] = true;
            sum += row->points;
        }
    }
    for (size_t f = 0; f < CXS_GPA_FACTORS; f++)
        any = any && asked[f] == answered[f];
    return any ? sum : (double)NAN;
}
