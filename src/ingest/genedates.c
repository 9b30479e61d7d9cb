/*
 * genedates.c -- gene names that a spreadsheet turned into dates (CX023)
 *
 * SEPT2 becomes "2-Sep", MARCH1 becomes "1-Mar" (Ziemann, Eren, El-Osta 2016).  Some
 * dates have one possible origin and can be turned back; "1-Mar" has two and never is.
 * The table is excel_gene_dates.tsv of the reference tables.
 */
#include "ingest/genedates.h"

#include "base/table.h"
#include "coxswain/ingest.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { MONTH_LETTERS = 3, DATE_BYTES_MAX = 16 };

static bool starts_with_month(const char *text)
{
    static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                         "jul", "aug", "sep", "oct", "nov", "dec"};

    for (size_t i = 0; i < sizeof months / sizeof *months; i++)
        if (strncasecmp(text, months[i], MONTH_LETTERS) == 0)
            return true;
    return false;
}

/* "2-Sep", "Sep-02": a day or year on one side of a dash and a month on the other. */
static bool looks_like_date(const char *name)
{
    const char *dash = strchr(name, '-');

    if (dash == NULL || strlen(name) > DATE_BYTES_MAX)
        return false;
    if (isdigit((unsigned char)name[0]))
        return starts_with_month(dash + 1);
    return starts_with_month(name) && isdigit((unsigned char)dash[1]);
}

static bool any_date(char *const *feature, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (looks_like_date(feature[i]))
            return true;
    return false;
}

typedef struct dates {
    cxs_table *table;
    size_t mangled, symbol, status; /* columns */
} dates;

/* dates.table stays NULL, with a warning, when there is no table to read. */
static cxs_rc open_dates(cxs_ctx *ctx, const cxs_gene_dates_source *source, dates *d)
{
    const char *folder = cxs_refdata_folder(source->refdata);
    cxs_buf path = {0};
    cxs_rc rc = CXS_OK;

    if (folder != NULL)
        CXS_TRY(cxs_buf_addf(ctx, &path, "%s/excel_gene_dates.tsv", folder));
    if (folder == NULL || access(path.text, R_OK) != 0) {
        CXS_TRY(cxs_warn(ctx, "CX023",
                         "%s: no reference tables found, so gene names that look like "
                         "spreadsheet dates were not checked; say --refdata FOLDER",
                         source->path));
        goto done;
    }
    CXS_TRY(cxs_table_read(ctx, path.text, &d->table));
    CXS_TRY(cxs_table_need(ctx, d->table, "mangled", &d->mangled));
    CXS_TRY(cxs_table_need(ctx, d->table, "current_symbol", &d->symbol));
    CXS_TRY(cxs_table_need(ctx, d->table, "status", &d->status));

done:
    cxs_free(path.text);
    return rc;
}

/* Row of a name in the table, or SIZE_MAX. */
static size_t find_date(const dates *d, const char *name)
{
    for (size_t row = 0; row < d->table->rows; row++)
        if (strcasecmp(cxs_table_cell(d->table, row, d->mangled), name) == 0)
            return row;
    return SIZE_MAX;
}

/* "MTARC1|MARCHF1" for reading: "MTARC1 or MARCHF1". */
static cxs_rc add_candidates(cxs_ctx *ctx, cxs_buf *text, const char *symbols)
{
    cxs_rc rc = CXS_OK;

    for (const char *c = symbols; rc == CXS_OK && *c != '\0'; c++)
        rc = *c == '|' ? cxs_buf_add(ctx, text, " or ", 4)
                       : cxs_buf_add(ctx, text, c, 1);
    return rc;
}

static cxs_rc add_fault(cxs_ctx *ctx, cxs_faults *faults, const char *path, size_t line,
                        const char *name, const char *symbols)
{
    cxs_buf candidates = {0};
    const cxs_rc rc = add_candidates(ctx, &candidates, symbols);

    if (rc == CXS_OK)
        cxs_fault_add(ctx, faults, "%s:%zu: gene \"%s\" is a spreadsheet date (%s)",
                      path, line, name, candidates.text);
    cxs_free(candidates.text);
    return rc;
}

cxs_rc cxs_gene_dates_check(cxs_ctx *ctx, const cxs_gene_dates_source *source,
                            char **feature, const size_t *line, size_t count)
{
    cxs_faults faults = {.code = "CX023"};
    dates d = {0};
    size_t repaired = 0;
    cxs_rc rc = CXS_OK;

    if (!any_date(feature, count))
        return CXS_OK;
    CXS_TRY(open_dates(ctx, source, &d));
    for (size_t i = 0; d.table != NULL && i < count; i++) {
        const size_t row =
            looks_like_date(feature[i]) ? find_date(&d, feature[i]) : SIZE_MAX;
        const char *symbols;
        char *name;
        if (row == SIZE_MAX)
            continue;
        symbols = cxs_table_cell(d.table, row, d.symbol);
        if (!source->repair ||
            strcmp(cxs_table_cell(d.table, row, d.status), "unique") != 0) {
            CXS_TRY(
                add_fault(ctx, &faults, source->path, line[i], feature[i], symbols));
            continue;
        }
        if ((name = cxs_strdup(ctx, symbols)) == NULL)
            CXS_TRY(CXS_ENOMEM);
        cxs_free(feature[i]);
        feature[i] = name;
        repaired++;
    }
    CXS_TRY(cxs_faults_end(ctx, &faults));
    if (repaired > 0)
        CXS_TRY(
            cxs_warn(ctx, "CX023",
                     "%s: %zu gene names were spreadsheet dates and were turned back",
                     source->path, repaired));

done:
    cxs_free(faults.text.text);
    cxs_table_free(d.table);
    return rc;
}
