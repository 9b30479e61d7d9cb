/*
 * airr.c -- T-cell receptor rearrangements from AIRR Rearrangement TSV
 *
 * Files have a hundred columns and a million rows, of which eight columns count: lines
 * are streamed and each kept row is one block with its texts.
 */
#include "ingest/airr.h"

#include "base/number.h"
#include "base/table.h"

#include <stdint.h>
#include <string.h>

typedef enum airr_column {
    V_CALL,
    J_CALL,
    JUNCTION_AA,
    PRODUCTIVE, /* needed up to here */
    JUNCTION,
    LOCUS,
    CLONE_ID,
    UMI_COUNT,
    DUPLICATE_COUNT,
    COLUMNS
} airr_column;

static const char *const names[COLUMNS] = {
    "v_call", "j_call",   "junction_aa", "productive",     "junction",
    "locus",  "clone_id", "umi_count",   "duplicate_count"};

typedef struct reading {
    const char *path, *locus;
    cxs_text *text;
    cxs_fields fields;
    size_t column[COLUMNS], columns, count_column; /* SIZE_MAX: not in the file */
    cxs_faults faults;
    cxs_repertoire *out;
    size_t rows, row_capacity, text_capacity;
} reading;

void cxs_repertoire_free(cxs_repertoire *repertoire)
{
    if (repertoire == NULL)
        return;
    cxs_free_strings(repertoire->text, repertoire->texts);
    cxs_free(repertoire->row);
    cxs_free(repertoire);
}

static cxs_rc read_header(cxs_ctx *ctx, reading *r)
{
    char *line = NULL;
    size_t length = 0;
    cxs_rc rc = CXS_OK;

    do
        CXS_TRY(cxs_text_line(ctx, r->text, &line, &length));
    while (line != NULL && *line == '#');
    if (line == NULL)
        CXS_TRY(
            cxs_fail_code(ctx, CXS_EFORMAT, "CX020", "%s:1: no header line", r->path));
    CXS_TRY(cxs_fields_split(ctx, line, length, '\t', &r->fields));
    r->columns = r->fields.count;
    for (size_t c = 0; c < COLUMNS; c++) {
        r->column[c] = SIZE_MAX;
        for (size_t f = 0; f < r->columns; f++)
            if (strcmp(r->fields.text[f], names[c]) == 0)
                r->column[c] = f;
        if (c <= PRODUCTIVE && r->column[c] == SIZE_MAX)
            CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX050",
                                  "%s:%zu: column \"%s\" is missing", r->path,
                                  cxs_text_line_number(r->text), names[c]));
    }
    r->count_column = r->column[UMI_COUNT] != SIZE_MAX ? r->column[UMI_COUNT]
                                                       : r->column[DUPLICATE_COUNT];
    if (r->count_column == SIZE_MAX)
        CXS_TRY(cxs_warn(ctx, "CX050",
                         "%s: no umi_count and no duplicate_count: each row counts 1",
                         r->path));
done:
    return rc;
}

static const char *cell(const reading *r, airr_column column)
{
    return r->column[column] != SIZE_MAX ? r->fields.text[r->column[column]] : "";
}

/* 1 true, 0 false, -1 neither. */
static int truth(const char *text)
{
    static const char *const yes[] = {"T", "TRUE", "true", "1"};
    static const char *const no[] = {"F", "FALSE", "false", "0"};

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (strcmp(text, yes[i]) == 0)
            return 1;
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (strcmp(text, no[i]) == 0)
            return 0;
    return -1;
}

/* Length of the first gene of a call without its allele: "TRBV6-2*01,TRBV6-3". */
static size_t gene_length(const char *call)
{
    return strcspn(call, ",* ");
}

/* Is the row of the locus that is asked for? */
static bool is_locus(const reading *r)
{
    const char *locus = cell(r, LOCUS);

    if (r->locus == NULL)
        return true;
    if (*locus == '\0')
        locus = cell(r, V_CALL);
    return strncmp(locus, r->locus, strlen(r->locus)) == 0;
}

/* Count of the row; 0 and a fault when it is none. */
static double read_count(cxs_ctx *ctx, reading *r)
{
    double count = 0.0;

    if (r->count_column == SIZE_MAX)
        return 1.0;
    if (cxs_number_parse(r->fields.text[r->count_column],
                         r->fields.length[r->count_column], &count) &&
        count > 0.0)
        return count;
    cxs_fault_add(ctx, &r->faults, "%s:%zu:%s: \"%s\" is not a number > 0", r->path,
                  cxs_text_line_number(r->text),
                  r->column[UMI_COUNT] != SIZE_MAX ? names[UMI_COUNT]
                                                   : names[DUPLICATE_COUNT],
                  r->fields.text[r->count_column]);
    return 0.0;
}

/* Copy of text[0..length) behind what the block holds; moves *at on. */
static const char *put(char **at, const char *text, size_t length)
{
    char *start = *at;

    memcpy(start, text, length);
    start[length] = '\0';
    *at += length + 1;
    return start;
}

static cxs_rc keep_row(cxs_ctx *ctx, reading *r, double count)
{
    cxs_repertoire *out = r->out;
    const char *v = cell(r, V_CALL), *j = cell(r, J_CALL), *aa = cell(r, JUNCTION_AA);
    const char *clone = cell(r, CLONE_ID), *junction = cell(r, JUNCTION);
    const char *bases = *junction != '\0' ? junction : aa;
    cxs_rearrangement *row;
    char *block, *at;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&out->row, &r->row_capacity, out->count + 1,
                     sizeof *out->row));
    CXS_TRY(cxs_grow(ctx, (void **)&out->text, &r->text_capacity, out->texts + 1,
                     sizeof *out->text));
    block = cxs_calloc(ctx,
                       gene_length(v) + gene_length(j) + strlen(aa) + strlen(bases) +
                           strlen(clone) + 5,
                       1);
    if (block == NULL)
        CXS_TRY(CXS_ENOMEM);
    out->text[out->texts++] = at = block;
    row = &out->row[out->count++];
    row->v = put(&at, v, gene_length(v));
    row->j = put(&at, j, gene_length(j));
    row->junction_aa = put(&at, aa, strlen(aa));
    row->junction = put(&at, bases, strlen(bases));
    row->clone = put(&at, clone, strlen(clone));
    row->count = count;
    row->line = cxs_text_line_number(r->text);
    out->total += count;
done:
    return rc;
}

static cxs_rc read_row(cxs_ctx *ctx, reading *r)
{
    const size_t line = cxs_text_line_number(r->text);
    const int productive = truth(cell(r, PRODUCTIVE));
    double count;

    if (productive < 0) {
        cxs_fault_add(ctx, &r->faults, "%s:%zu:productive: \"%s\"", r->path, line,
                      cell(r, PRODUCTIVE));
        return CXS_OK;
    }
    if (!is_locus(r)) {
        r->out->other_loci++;
        return CXS_OK;
    }
    if (!productive) {
        r->out->unproductive++;
        return CXS_OK;
    }
    for (size_t c = V_CALL; c <= JUNCTION_AA; c++)
        if (*cell(r, (airr_column)c) == '\0') {
            cxs_fault_add(ctx, &r->faults, "%s:%zu:%s: empty in a productive row",
                          r->path, line, names[c]);
            return CXS_OK;
        }
    count = read_count(ctx, r);
    return count > 0.0 ? keep_row(ctx, r, count) : CXS_OK;
}

static cxs_rc read_rows(cxs_ctx *ctx, reading *r)
{
    char *line = NULL;
    size_t length = 0;
    cxs_rc rc = CXS_OK;

    for (;;) {
        CXS_TRY(cxs_text_line(ctx, r->text, &line, &length));
        if (line == NULL)
            break;
        if (length == 0)
            continue;
        CXS_TRY(cxs_fields_split(ctx, line, length, '\t', &r->fields));
        if (r->fields.count != r->columns)
            CXS_TRY(cxs_fail_code(
                ctx, CXS_EFORMAT, "CX019", "%s:%zu: %zu fields, the header has %zu",
                r->path, cxs_text_line_number(r->text), r->fields.count, r->columns));
        CXS_TRY(read_row(ctx, r));
        r->rows++;
    }
    CXS_TRY(cxs_faults_end(ctx, &r->faults));
    if (r->rows == 0)
        CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX019", "%s: no row below the header",
                              r->path));
done:
    return rc;
}

cxs_rc cxs_repertoire_read(cxs_ctx *ctx, const char *path, const char *locus,
                           cxs_repertoire **out)
{
    reading r = {.path = path, .locus = locus, .faults = {.code = "CX050"}};
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(cxs_text_open(ctx, path, &r.text));
    CXS_NEW(r.out, 1);
    CXS_TRY(read_header(ctx, &r));
    CXS_TRY(read_rows(ctx, &r));
    cxs_note(ctx,
             "%s: %zu productive rearrangements, %.15g in all; left out: %zu not "
             "productive, %zu of other loci",
             path, r.out->count, r.out->total, r.out->unproductive, r.out->other_loci);
    *out = r.out;
    r.out = NULL;
done:
    cxs_text_close(r.text);
    cxs_fields_free(&r.fields);
    cxs_free(r.faults.text.text);
    cxs_repertoire_free(r.out);
    return rc;
}
