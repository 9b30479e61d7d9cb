/*
 * matrix.c -- expression matrices from TSV and CSV
 *
 * One pass, a line at a time.  Features in rows is the layout of nearly every public
 * file, and a row is then one column of the result, appended where it belongs.  Samples
 * in rows spread over all columns: room for rows grows by half at a time and the
 * columns move apart in place, so that memory stays below one and a half results.
 *
 * Accepted as they are: a header with one name fewer than the rows (R), names in quotes
 * (R), leading '#' lines, the two extra lines of GCT, a second text column with a known
 * name (cBioPortal, GCT, nf-core).
 */
#include "ingest/matrix.h"

#include "base/number.h"
#include "ingest/cells.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { CELLS_NAMED = 10, ROWS_AT_FIRST = 64, MAGIC_BYTES = 4 };

cxs_matrix_settings cxs_matrix_defaults(void)
{
    return (cxs_matrix_settings){.kind = CXS_KIND_OTHER, .layer = "rna"};
}

/* True when the file begins with the magic bytes of a .cxf file. */
static bool is_cxf(const char *path)
{
    char magic[MAGIC_BYTES] = "";
    FILE *file;
    bool found;

    if (strcmp(path, "-") == 0 || (file = fopen(path, "rb")) == NULL)
        return false; /* absence is reported by the text reader */
    found = fread(magic, 1, MAGIC_BYTES, file) == MAGIC_BYTES &&
            memcmp(magic, "CXF1", MAGIC_BYTES) == 0;
    fclose(file);
    return found;
}

/* Blank, or the first byte of a no-break space (counted: it is invisible). */
static size_t blank_bytes(const char *text, size_t length, bool at_end)
{
    const char *nbsp = "\xc2\xa0";
    const size_t wide = 2;

    if (length == 0)
        return 0;
    if (length >= wide && memcmp(at_end ? text + length - wide : text, nbsp, wide) == 0)
        return wide;
    text += at_end ? length - 1 : 0;
    return *text == ' ' || *text == '\r';
}

/* Copy of a name without blanks around it and without the quotes that R writes. */
static char *copy_name(cxs_ctx *ctx, cxs_matrix_reader *r, const char *text,
                       size_t length)
{
    bool nbsp = false;

    for (size_t cut; (cut = blank_bytes(text, length, false)) > 0;) {
        text += cut;
        length -= cut;
        nbsp = nbsp || cut > 1;
    }
    for (size_t cut; (cut = blank_bytes(text, length, true)) > 0;) {
        length -= cut;
        nbsp = nbsp || cut > 1;
    }
    r->nbsp_names += nbsp;
    if (length >= 2 && text[0] == '"' && text[length - 1] == '"')
        return cxs_strndup(ctx, text + 1, length - 2);
    return cxs_strndup(ctx, text, length);
}

/* Fields of one line, with the place added to what the splitter says. */
static cxs_rc split(cxs_ctx *ctx, cxs_matrix_reader *r, char *line, size_t length)
{
    const cxs_rc rc = cxs_fields_split(ctx, line, length, r->sep, &r->fields);

    if (rc == CXS_EFORMAT)
        return cxs_fail_code(ctx, rc, "CX019", "%s:%zu: %s", r->path,
                             cxs_text_line_number(r->text), cxs_ctx_message(ctx));
    return rc;
}

static cxs_rc ragged(cxs_ctx *ctx, const cxs_matrix_reader *r, size_t line,
                     size_t fields, size_t wanted)
{
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX019",
                         "%s:%zu: %zu fields, the header has %zu", r->path, line,
                         fields, wanted);
}

/* Line of names: the first that is neither a comment nor part of a GCT preamble. */
static cxs_rc find_header(cxs_ctx *ctx, cxs_matrix_reader *r, char **line,
                          size_t *length)
{
    bool gct_sizes = false;
    cxs_rc rc;

    for (;;) {
        if ((rc = cxs_text_line(ctx, r->text, line, length)) != CXS_OK)
            return rc;
        if (*line == NULL)
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX020", "%s:1: no header line",
                                 r->path);
        if (gct_sizes) { /* "rows<TAB>columns" below "#1.2" */
            gct_sizes = false;
            continue;
        }
        if (**line != '#')
            return CXS_OK;
        gct_sizes = strncmp(*line, "#1.2", 4) == 0;
    }
}

static cxs_rc read_header(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    char *line = NULL;
    size_t length = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(find_header(ctx, r, &line, &length));
    r->header_line = cxs_text_line_number(r->text);
    CXS_TRY(cxs_text_separator(ctx, r->path, line, &r->sep));
    CXS_TRY(split(ctx, r, line, length));
    CXS_NEW(r->header, r->fields.count);
    for (; r->header_names < r->fields.count; r->header_names++) {
        const size_t i = r->header_names;
        char *name = copy_name(ctx, r, r->fields.text[i], r->fields.length[i]);
        if (name == NULL)
            CXS_TRY(CXS_ENOMEM);
        r->header[i] = name;
    }

done:
    r->columns = r->header_names;
    return rc;
}

/* A text column that stands between the ids and the values in well-known files. */
static bool is_second_id(const char *name, bool *is_name)
{
    *is_name =
        strcasecmp(name, "gene_name") == 0 || strcasecmp(name, "description") == 0;
    return *is_name || strcasecmp(name, "entrez_gene_id") == 0;
}

/* The first row decides where the values begin; the header keeps their names only. */
static cxs_rc settle_layout(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const size_t fields = r->fields.count;
    bool is_name = false;

    if (fields == r->header_names) {
        r->first = 1;
        if (fields > 1 && !r->settings.samples_in_rows &&
            is_second_id(r->header[1], &is_name))
            r->first = 2;
        r->name_field = is_name ? 1 : 0;
        for (size_t i = 0; i < r->first; i++)
            cxs_free(r->header[i]);
        r->columns = fields - r->first;
        memmove(r->header, r->header + r->first, r->columns * sizeof *r->header);
    } else if (fields == r->header_names + 1) { /* R leaves the corner out */
        r->first = 1;
        r->columns = fields - 1;
    } else {
        return ragged(ctx, r, cxs_text_line_number(r->text), fields, r->header_names);
    }
    if (r->columns == 0)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020",
                             "%s:%zu: no column beside the ids", r->path,
                             r->header_line);
    return CXS_OK;
}

/* Room for one more row of values, in the layout of the result. */
static cxs_rc make_room(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const size_t old = r->x_capacity;
    const size_t room = old < ROWS_AT_FIRST ? ROWS_AT_FIRST : old + old / 2;
    cxs_matrix *m = r->matrix;
    double *x;

    if (r->rows < old)
        return CXS_OK;
    if (r->columns > SIZE_MAX / sizeof *x)
        return cxs_fail(ctx, CXS_ENOMEM, "%s: too many columns", r->path);
    if ((x = cxs_realloc(ctx, m->x, room, r->columns * sizeof *x)) == NULL)
        return CXS_ENOMEM;
    m->x = x;
    r->x_capacity = room;
    if (r->settings.samples_in_rows) /* columns move apart, the last one first */
        for (size_t j = r->columns; j-- > 1;)
            memmove(x + j * room, x + j * old, r->rows * sizeof *x);
    return CXS_OK;
}

/* Give back what make_room() took in advance. */
static cxs_rc trim_room(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const size_t room = r->x_capacity;
    double *x = r->matrix->x;

    if (r->settings.samples_in_rows)
        for (size_t j = 1; j < r->columns; j++)
            memmove(x + j * r->rows, x + j * room, r->rows * sizeof *x);
    x = cxs_realloc(ctx, x, r->rows, r->columns * sizeof *x);
    if (x == NULL)
        return CXS_ENOMEM;
    r->matrix->x = x;
    r->x_capacity = r->rows;
    return CXS_OK;
}

/* Names of rows and columns: samples are persons and may be masked, features not. */
static const char *column_label(cxs_ctx *ctx, const cxs_matrix_reader *r, size_t j)
{
    return r->settings.samples_in_rows ? r->header[j] : cxs_ctx_id(ctx, r->header[j]);
}

static void add_bad_cell(cxs_ctx *ctx, cxs_matrix_reader *r, size_t j, const char *cell)
{
    cxs_fault_add(ctx, &r->bad_cells, "%s:%zu:%s: \"%s\" is not a number", r->path,
                  cxs_text_line_number(r->text), column_label(ctx, r, j),
                  cxs_ctx_id(ctx, cell));
}

static void tally_count(cxs_matrix_reader *r, double value)
{
    r->cells++;
    r->fractional += value != floor(value);
    r->negative += value < 0.0;
    r->largest = fmax(r->largest, value);
}

static void read_values(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const bool across = r->settings.samples_in_rows != 0;
    const bool counts = r->settings.kind == CXS_KIND_COUNTS;
    const size_t stride = across ? r->x_capacity : 1;
    double *x = r->matrix->x + (across ? r->rows : r->rows * r->columns);

    for (size_t j = 0; j < r->columns; j++, x += stride) {
        const char *cell = r->fields.text[r->first + j];
        const size_t length = r->fields.length[r->first + j];
        if (!cxs_number_parse(cell, length, x)) {
            *x = (double)NAN;
            if (!cxs_cell_missing(cell, length, r->extra_na))
                add_bad_cell(ctx, r, j, cell);
        } else if (r->extra_na != NULL && cxs_cell_missing(cell, length, r->extra_na)) {
            *x = (double)NAN; /* a number such as -999 that the user calls missing */
        } else if (counts) {
            tally_count(r, *x);
        }
    }
}

static cxs_rc read_row(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const cxs_fields *f = &r->fields;
    const size_t line = cxs_text_line_number(r->text);
    cxs_rc rc;

    if (f->count != r->first + r->columns)
        return ragged(ctx, r, line, f->count, r->first + r->columns);
    if ((rc = make_room(ctx, r)) != CXS_OK ||
        (rc = cxs_grow(ctx, (void **)&r->row_id, &r->id_capacity, r->rows + 1,
                       sizeof *r->row_id)) != CXS_OK ||
        (rc = cxs_grow(ctx, (void **)&r->row_name, &r->name_capacity, r->rows + 1,
                       sizeof *r->row_name)) != CXS_OK ||
        (rc = cxs_grow(ctx, (void **)&r->row_line, &r->line_capacity, r->rows + 1,
                       sizeof *r->row_line)) != CXS_OK)
        return rc;
    r->row_line[r->rows] = line;
    r->row_name[r->rows] = NULL;
    if ((r->row_id[r->rows] = copy_name(ctx, r, f->text[0], f->length[0])) == NULL)
        return CXS_ENOMEM;
    read_values(ctx, r);
    r->rows++;
    if (r->name_field == 0)
        return CXS_OK;
    r->row_name[r->rows - 1] = cxs_cell_missing(f->text[1], f->length[1], r->extra_na)
                                   ? cxs_strdup(ctx, r->row_id[r->rows - 1])
                                   : copy_name(ctx, r, f->text[1], f->length[1]);
    return r->row_name[r->rows - 1] != NULL ? CXS_OK : CXS_ENOMEM;
}

static cxs_rc read_rows(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    char *line = NULL;
    size_t length = 0, empty_line = 0; /* empty lines may only stand at the end */
    cxs_rc rc = CXS_OK;

    for (;;) {
        CXS_TRY(cxs_text_line(ctx, r->text, &line, &length));
        if (line == NULL)
            break;
        if (length == 0) {
            empty_line = empty_line > 0 ? empty_line : cxs_text_line_number(r->text);
            continue;
        }
        if (empty_line > 0)
            CXS_TRY(ragged(ctx, r, empty_line, 0, r->header_names));
        CXS_TRY(split(ctx, r, line, length));
        if (r->first == 0)
            CXS_TRY(settle_layout(ctx, r));
        CXS_TRY(read_row(ctx, r));
    }
    if (r->rows == 0)
        CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX019", "%s: no row below the header",
                              r->path));
    CXS_TRY(cxs_faults_end(ctx, &r->bad_cells));
    if (r->nbsp_names > 0)
        CXS_TRY(cxs_warn(ctx, "CX021",
                         "%s: %zu names had no-break spaces around them, cut off",
                         r->path, r->nbsp_names));
    CXS_TRY(trim_room(ctx, r));

done:
    return rc;
}

/* Rows and header become samples and features; the reader lets go of them. */
static void hand_over_names(cxs_matrix_reader *r)
{
    cxs_matrix *m = r->matrix;
    const bool across = r->settings.samples_in_rows != 0;

    m->n = across ? r->rows : r->columns;
    m->p = across ? r->columns : r->rows;
    m->sample = across ? r->row_id : r->header;
    m->feature = across ? r->header : r->row_id;
    if (r->name_field > 0) {
        m->feature_name = r->row_name;
        r->row_name = NULL;
    }
    r->header = NULL;
    r->row_id = NULL;
}

static void close_reader(cxs_matrix_reader *r)
{
    cxs_text_close(r->text);
    cxs_fields_free(&r->fields);
    cxs_list_free(r->extra_na);
    cxs_free_strings(r->header, r->columns);
    cxs_free_strings(r->row_id, r->rows);
    cxs_free_strings(r->row_name, r->rows);
    cxs_free(r->row_line);
    cxs_free(r->bad_cells.text.text);
    cxs_matrix_free(r->matrix);
}

cxs_rc cxs_matrix_read(cxs_ctx *ctx, const char *path,
                       const cxs_matrix_settings *settings, cxs_matrix **out)
{
    cxs_matrix_reader r = {.path = path,
                           .bad_cells = {.code = "CX016", .keep = CELLS_NAMED}};
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (is_cxf(path))
        return cxs_matrix_open(ctx, path, out);
    r.settings = settings != NULL ? *settings : cxs_matrix_defaults();
    if (r.settings.na != NULL)
        CXS_TRY(cxs_list_split(ctx, r.settings.na, &r.extra_na));
    CXS_TRY(cxs_text_open(ctx, path, &r.text));
    CXS_NEW(r.matrix, 1);
    CXS_TRY(read_header(ctx, &r));
    CXS_TRY(read_rows(ctx, &r));
    hand_over_names(&r);
    r.matrix->kind = r.settings.kind;
    r.matrix->layer = cxs_strdup(ctx, r.settings.layer != NULL ? r.settings.layer : "");
    r.matrix->path = cxs_strdup(ctx, path);
    if (r.matrix->layer == NULL || r.matrix->path == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_matrix_check(ctx, &r));
    CXS_TRY(cxs_matrix_sort(ctx, r.matrix));
    *out = r.matrix;
    r.matrix = NULL; /* now the caller's */

done:
    close_reader(&r);
    return rc;
}
