/*
 * study_bins.c -- values of bins that a study brings: panel of normals, mappability, GC
 *
 *   sequencing: {panel_of_normals: FILE, mappability: FILE, gc: FILE}
 *
 * A panel is a table: chrom (or seqnames), start0 and end0 (from 0, half-open) or start
 * and end (from 1, inclusive), log2 (or pon_median_log2), and where known mad and build.
 * Mappability is such a table with the column value, map or mappability, GC with value
 * or gc; or a WIG file with fixedStep lines.  A bin is one record "bin": build, chrom,
 * start0, end0, value, spread with tabs between.
 *
 * A row of a panel with a number in the column short_long is a bin of the reference
 * profile of fragments, one record "profile": the first four, short_long, pc1, pc2, pc3.
 */
#include "ingest/study_draft.h"

#include "base/number.h"
#include "base/table.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BIN_VALUES = 2, PROFILE_VALUES = 4, VALUES = BIN_VALUES + PROFILE_VALUES };

typedef struct bins {
    const char *sheet; /* of the records */
    cxs_stmt *stmt;
    int64_t row;
    cxs_buf text;
} bins;

/* count: 2 values of a "bin", 4 of a "profile". */
static cxs_rc put(cxs_ctx *ctx, bins *b, const char *build, const char *chrom,
                  int64_t start0, int64_t end0, const double *value, size_t count)
{
    char number[CXS_NUMBER_BYTES];

    if (strncmp(chrom, "chr", 3) == 0)
        chrom += 3;
    b->text.length = 0;
    if (cxs_buf_addf(ctx, &b->text, "%s\t%s\t%" PRId64 "\t%" PRId64, build, chrom,
                     start0, end0) != CXS_OK)
        return CXS_ENOMEM;
    for (size_t k = 0; k < count; k++) {
        cxs_number_format(value[k], number);
        if (cxs_buf_addf(ctx, &b->text, "\t%s", number) != CXS_OK)
            return CXS_ENOMEM;
    }
    cxs_bind_text(b->stmt, 1, b->sheet);
    cxs_bind_int(b->stmt, 2, b->row++);
    cxs_bind_text(b->stmt, 3, count == BIN_VALUES ? "bin" : "profile");
    cxs_bind_text(b->stmt, 4, b->text.text);
    return cxs_stmt_run(ctx, b->stmt);
}

/* ---- WIG ------------------------------------------------------------------------- */

typedef struct step {
    char chrom[32];
    int64_t start, width; /* start from 1, of the next value; 0: no header yet */
} step;

/* "fixedStep chrom=1 start=1 step=1000000 [span=1000000]" */
static int read_step(const char *line, step *s)
{
    const char *chrom = strstr(line, " chrom="), *start = strstr(line, " start="),
               *width = strstr(line, " step=");
    char text[3][32];

    if (strncmp(line, "fixedStep ", 10) != 0 || chrom == NULL || start == NULL ||
        width == NULL || sscanf(chrom, " chrom=%31s", text[0]) != 1 ||
        sscanf(start, " start=%31s", text[1]) != 1 ||
        sscanf(width, " step=%31s", text[2]) != 1)
        return 0;
    memcpy(s->chrom, text[0], sizeof s->chrom);
    return cxs_number_parse_int(text[1], 1, INT32_MAX, &s->start) &&
           cxs_number_parse_int(text[2], 1, INT32_MAX, &s->width);
}

static cxs_rc read_wig_line(cxs_ctx *ctx, const cxs_text *file, const char *line,
                            size_t length, step *s, bins *b)
{
    double value[2] = {0.0, (double)NAN};
    cxs_rc rc;

    if (length == 0 || *line == '#' || strncmp(line, "track", 5) == 0)
        return CXS_OK;
    if (*line == 'f' && read_step(line, s))
        return CXS_OK;
    if (s->width == 0 || !cxs_number_parse(line, length, &value[0]))
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s:%zu: neither a fixedStep line nor a value",
                        cxs_text_path(file), cxs_text_line_number(file));
    rc = put(ctx, b, "", s->chrom, s->start - 1, s->start - 1 + s->width, value,
             BIN_VALUES);
    s->start += s->width;
    return rc;
}

static cxs_rc read_wig(cxs_ctx *ctx, cxs_text *file, bins *b)
{
    step s = {{0}, 0, 0};
    char *line;
    size_t length;
    cxs_rc rc = CXS_OK;

    for (;;) {
        CXS_TRY(cxs_text_line(ctx, file, &line, &length));
        if (line == NULL)
            break;
        CXS_TRY(read_wig_line(ctx, file, line, length, &s, b));
    }
done:
    return rc;
}

/* ---- tables ---------------------------------------------------------------------- */

/* First of the names that the table has, or SIZE_MAX. */
static size_t find_any(const cxs_table *t, const char *const *names, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (cxs_table_find(t, names[k]) != SIZE_MAX)
            return cxs_table_find(t, names[k]);
    return SIZE_MAX;
}

static cxs_rc put_row(cxs_ctx *ctx, const cxs_table *t, size_t row, size_t chrom,
                      const double *number, bool from_0, bins *b)
{
    const size_t build = cxs_table_find(t, "build");
    const double *start = number + row, *end = number + t->rows + row;
    double value[VALUES];
    size_t first = 0, count = BIN_VALUES;

    if (!(*start >= (from_0 ? 0.0 : 1.0) && *start < 1e9 && *end > *start - 1.0 &&
          *end < 1e9))
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: start and end are no bin", t->path,
                        t->line[row]);
    for (size_t k = 0; k < VALUES; k++)
        value[k] = number[(2 + k) * t->rows + row];
    if (!isnan(value[BIN_VALUES])) {
        first = BIN_VALUES;
        count = PROFILE_VALUES;
    }
    return put(ctx, b, build != SIZE_MAX ? cxs_table_cell(t, row, build) : "",
               cxs_table_cell(t, row, chrom), (int64_t)*start - (from_0 ? 0 : 1),
               (int64_t)*end, value + first, count);
}

static cxs_rc read_table(cxs_ctx *ctx, const cxs_table *t, bins *b)
{
    static const char *const chroms[] = {"chrom", "seqnames", "chr"},
                             *const values[][3] = {{"log2", "pon_median_log2", "log2"},
                                                   {"value", "map", "mappability"},
                                                   {"value", "gc", "value"}};
    const bool from_0 = cxs_table_find(t, "start0") != SIZE_MAX,
               is_panel = strcmp(b->sheet, "panel_of_normals") == 0;
    const size_t kind = is_panel ? 0 : strcmp(b->sheet, "gc") == 0 ? 2 : 1;
    const size_t columns[2 + VALUES] = {cxs_table_find(t, from_0 ? "start0" : "start"),
                                        cxs_table_find(t, from_0 ? "end0" : "end"),
                                        find_any(t, values[kind], 3),
                                        cxs_table_find(t, "mad"),
                                        is_panel ? cxs_table_find(t, "short_long")
                                                 : SIZE_MAX,
                                        cxs_table_find(t, "pc1"),
                                        cxs_table_find(t, "pc2"),
                                        cxs_table_find(t, "pc3")};
    const size_t chrom = find_any(t, chroms, 3);
    double *number = NULL;
    cxs_rc rc = CXS_OK;

    if (chrom == SIZE_MAX || columns[0] == SIZE_MAX || columns[1] == SIZE_MAX ||
        columns[2] == SIZE_MAX)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s:%zu: needed are chrom, start0 and end0 (or start and end), "
                        "and %s",
                        t->path, t->header_line, is_panel ? "log2" : "value");
    CXS_NEW(number, (2 + VALUES) * t->rows + 1);
    for (size_t k = 0; k < 2 + VALUES; k++) {
        if (columns[k] != SIZE_MAX)
            CXS_TRY(cxs_table_numbers(ctx, t, columns[k], NULL, number + k * t->rows));
        else
            for (size_t i = 0; i < t->rows; i++)
                number[k * t->rows + i] = (double)NAN;
    }
    for (size_t i = 0; i < t->rows; i++)
        CXS_TRY(put_row(ctx, t, i, chrom, number, from_0, b));
done:
    cxs_free(number);
    return rc;
}

/* ---- both ------------------------------------------------------------------------ */

static cxs_rc read_one(cxs_ctx *ctx, const char *path, bins *b)
{
    cxs_text *file = NULL;
    cxs_table *t = NULL;
    const char *bytes;
    size_t length;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_text_open(ctx, path, &file));
    CXS_TRY(cxs_text_peek(ctx, file, 1, &bytes, &length));
    if ((length >= 9 && strncmp(bytes, "fixedStep", 9) == 0) ||
        (length >= 5 && strncmp(bytes, "track", 5) == 0)) {
        rc = read_wig(ctx, file, b);
    } else {
        CXS_TRY(cxs_table_read(ctx, path, &t));
        rc = read_table(ctx, t, b);
    }
done:
    cxs_table_free(t);
    cxs_text_close(file);
    return rc;
}

cxs_rc cxs_draft_bins(cxs_ctx *ctx, cxs_draft *draft, cxs_db *db)
{
    static const char *const keys[] = {"panel_of_normals", "mappability", "gc"};
    char *path = NULL;
    bins b = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_db_prepare(ctx, db, "INSERT INTO record VALUES(?1, ?2, ?3, ?4)", &b.stmt));
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        const char *name = cxs_plan_text(draft->plan, "sequencing", keys[k]);
        if (name == NULL)
            continue;
        if ((path = cxs_plan_file(ctx, draft->plan, name)) == NULL)
            CXS_TRY(CXS_ENOMEM);
        b.sheet = keys[k];
        b.row = 0;
        CXS_TRY(read_one(ctx, path, &b));
        CXS_TRY(cxs_draft_source(ctx, draft, path));
        cxs_free(path);
        path = NULL;
    }
done:
    cxs_free(path);
    cxs_free(b.text.text);
    cxs_stmt_free(b.stmt);
    return rc;
}
