/*
 * matrix_rows.c -- header and rows of an expression matrix in text
 *
 * One pass, a line at a time.  Features in rows is the layout of nearly every public
 * file, and a row is then one column of the result, appended where it belongs.  Samples
 * in rows spread over all columns: room for rows grows by half at a time and the
 * columns move apart in place, so that memory stays below one and a half results.
 *
 * Accepted in every format: a header with one name fewer than the rows (R), names in
 * quotes (R), leading '#' lines, a second text column with a known name (cBioPortal,
 * nf-core).  What else a format has is in its row of the table in format.c.
 */
#include "ingest/format.h"
#include "ingest/matrix.h"

#include "base/number.h"
#include "ingest/cells.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { ROWS_AT_FIRST = 64 };

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
                         "%s:%zu: %zu fields, the %s has %zu", r->path, line, fields,
                         r->header_line > 0 ? "header" : "first row", wanted);
}

/* Line of names: the first that is no comment. */
static cxs_rc find_header(cxs_ctx *ctx, cxs_matrix_reader *r, char **line,
                          size_t *length)
{
    cxs_rc rc;

    do
        if ((rc = cxs_text_line(ctx, r->text, line, length)) != CXS_OK)
            return rc;
    while (*line != NULL && **line == '#');
    if (*line == NULL)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX020", "%s:1: no header line",
                             r->path);
    return CXS_OK;
}

cxs_rc cxs_reader_header(cxs_ctx *ctx, cxs_matrix_reader *r)
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
        r->row_fields = fields;
    } else if (fields == r->header_names + 1) { /* R leaves the corner out */
        r->first = 1;
        r->columns = fields - 1;
        r->row_fields = fields;
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

/* The value on the scale that is asked for: x of log2(x + 1).  Files round, so a count
 * comes back near a whole number and is one. */
static double rescaled(const cxs_matrix_reader *r, double value)
{
    const double rounding = 1e-3;
    double x, whole;

    if (r->settings.scale != CXS_SCALE_LOG2P1)
        return value;
    x = exp2(value) - 1.0;
    whole = round(x);
    return r->settings.kind == CXS_KIND_COUNTS &&
                   fabs(x - whole) <= rounding * fmax(1.0, whole)
               ? whole
               : x;
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
        } else {
            *x = rescaled(r, *x);
            if (counts)
                tally_count(r, *x);
        }
    }
}

/* Room for what goes with row r->rows. */
static cxs_rc make_row(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const size_t rows = r->rows + 1;
    cxs_rc rc = CXS_OK;

    CXS_TRY(make_room(ctx, r));
    CXS_TRY(
        cxs_grow(ctx, (void **)&r->row_id, &r->id_capacity, rows, sizeof *r->row_id));
    CXS_TRY(cxs_grow(ctx, (void **)&r->row_name, &r->name_capacity, rows,
                     sizeof *r->row_name));
    CXS_TRY(cxs_grow(ctx, (void **)&r->row_line, &r->line_capacity, rows,
                     sizeof *r->row_line));
    if (r->length_field > 0)
        CXS_TRY(cxs_grow(ctx, (void **)&r->row_length, &r->length_capacity, rows,
                         sizeof *r->row_length));
done:
    return rc;
}

/* Length of the feature in bases: a number > 0. */
static void read_length(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const char *cell = r->fields.text[r->length_field];
    double *length = &r->row_length[r->rows];

    if (cxs_number_parse(cell, r->fields.length[r->length_field], length) &&
        *length > 0.0)
        return;
    *length = (double)NAN;
    cxs_fault_add(ctx, &r->bad_cells, "%s:%zu:Length: \"%s\" is not a length > 0",
                  r->path, cxs_text_line_number(r->text), cell);
}

static cxs_rc read_name(cxs_ctx *ctx, cxs_matrix_reader *r, size_t row)
{
    const size_t f = r->name_field;

    r->row_name[row] =
        cxs_cell_missing(r->fields.text[f], r->fields.length[f], r->extra_na)
            ? cxs_strdup(ctx, r->row_id[row])
            : copy_name(ctx, r, r->fields.text[f], r->fields.length[f]);
    return r->row_name[row] != NULL ? CXS_OK : CXS_ENOMEM;
}

/* Rows that summarise, "N_unmapped": checked for their shape and left out. */
static bool is_summary(const cxs_matrix_reader *r)
{
    return r->skip_prefix != NULL &&
           strncmp(r->fields.text[0], r->skip_prefix, strlen(r->skip_prefix)) == 0;
}

static cxs_rc read_row(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const cxs_fields *f = &r->fields;
    const size_t line = cxs_text_line_number(r->text), row = r->rows;
    cxs_rc rc;

    if (f->count != r->row_fields)
        return ragged(ctx, r, line, f->count, r->row_fields);
    if (r->skip_rows > 0 || is_summary(r)) {
        r->skip_rows -= r->skip_rows > 0;
        return CXS_OK;
    }
    if ((rc = make_row(ctx, r)) != CXS_OK)
        return rc;
    r->row_line[row] = line;
    r->row_name[row] = NULL;
    if ((r->row_id[row] = copy_name(ctx, r, f->text[0], f->length[0])) == NULL)
        return CXS_ENOMEM;
    read_values(ctx, r);
    if (r->length_field > 0)
        read_length(ctx, r);
    r->rows++;
    return r->name_field > 0 ? read_name(ctx, r, row) : CXS_OK;
}

cxs_rc cxs_reader_rows(cxs_ctx *ctx, cxs_matrix_reader *r)
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
        if (r->row_fields == 0)
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
