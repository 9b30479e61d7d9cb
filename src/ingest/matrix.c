/*
 * matrix.c -- expression matrices: from a path to a checked, sorted matrix
 *
 * A path is a .cxf file, a folder of files with one sample each, a sheet that names
 * such files, or one table; what it is, its first bytes say.  Tables are streamed by
 * matrix_rows.c as their row in format.c says.
 */
#include "ingest/format.h"

#include "ingest/cells.h"
#include "ingest/genes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CELLS_NAMED = 10, MAGIC_BYTES = 4 };

cxs_matrix_settings cxs_matrix_defaults(void)
{
    return (cxs_matrix_settings){
        .kind = CXS_KIND_OTHER, .layer = "rna", .stranded = CXS_STRANDED_UNKNOWN};
}

bool cxs_path_is_cxf(const char *path)
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
    m->length = r->row_length;
    r->row_length = NULL;
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
    cxs_free(r->row_length);
    cxs_free(r->bad_cells.text.text);
    cxs_matrix_free(r->matrix);
}

/* Open the file and tell its format. */
static cxs_rc open_reader(cxs_ctx *ctx, const char *path,
                          const cxs_matrix_settings *settings, cxs_matrix_reader *r)
{
    cxs_rc rc = CXS_OK;

    *r = (cxs_matrix_reader){.path = path,
                             .settings = *settings,
                             .sep = '\t',
                             .bad_cells = {.code = "CX016", .keep = CELLS_NAMED}};
    if (settings->na != NULL)
        CXS_TRY(cxs_list_split(ctx, settings->na, &r->extra_na));
    CXS_TRY(cxs_text_open(ctx, path, &r->text));
    CXS_TRY(cxs_format_tell(ctx, r->text, settings, &r->format));
done:
    return rc;
}

/* Everything of the file into r->matrix, in the order of the file. */
static cxs_rc read_all(cxs_ctx *ctx, cxs_matrix_reader *r)
{
    const cxs_format *format = r->format;
    cxs_rc rc = CXS_OK;

    CXS_NEW(r->matrix, 1);
    if (format->begin != NULL)
        CXS_TRY(format->begin(ctx, r));
    if (r->header == NULL)
        CXS_TRY(cxs_reader_header(ctx, r));
    if (format->layout != NULL)
        CXS_TRY(format->layout(ctx, r));
    CXS_TRY(cxs_reader_rows(ctx, r));
    if (format->end != NULL)
        CXS_TRY(format->end(ctx, r));
    hand_over_names(r);
    r->matrix->kind = r->settings.kind;
    r->matrix->estimated = r->estimated;
    r->matrix->layer =
        cxs_strdup(ctx, r->settings.layer != NULL ? r->settings.layer : "");
    r->matrix->path = cxs_strdup(ctx, r->path);
    if (r->matrix->layer == NULL || r->matrix->path == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_matrix_check(ctx, r));
    CXS_TRY(cxs_matrix_sort(ctx, r->matrix));
done:
    return rc;
}

/* Files that the matrix was read from, for the run record. */
static cxs_rc add_source(cxs_ctx *ctx, cxs_matrix *m, const char *path)
{
    char **list = cxs_realloc(ctx, m->source, m->sources + 1, sizeof *list);

    if (list == NULL)
        return CXS_ENOMEM;
    m->source = list;
    if ((list[m->sources] = cxs_strdup(ctx, path)) == NULL)
        return CXS_ENOMEM;
    m->sources++;
    return CXS_OK;
}

/* ---- files of one sample --------------------------------------------------------- */

void cxs_parts_free(cxs_part *part, size_t parts)
{
    for (size_t i = 0; part != NULL && i < parts; i++) {
        cxs_free(part[i].sample);
        cxs_free(part[i].path);
        cxs_matrix_free(part[i].values);
    }
    cxs_free(part);
}

/* The file that r has open as a part. */
static cxs_rc fill_part(cxs_ctx *ctx, cxs_matrix_reader *r, const char *sample,
                        cxs_part *part)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_all(ctx, r));
    part->sample =
        sample != NULL ? cxs_strdup(ctx, sample) : cxs_part_name(ctx, r->path);
    part->path = cxs_strdup(ctx, r->path);
    if (part->sample == NULL || part->path == NULL)
        CXS_TRY(CXS_ENOMEM);
    part->values = r->matrix;
    r->matrix = NULL; /* now the part's */
done:
    return rc;
}

cxs_rc cxs_part_read(cxs_ctx *ctx, const char *path, const char *sample,
                     const cxs_matrix_settings *settings, const cxs_format **format,
                     cxs_part *part)
{
    cxs_matrix_reader r;
    cxs_rc rc = open_reader(ctx, path, settings, &r);

    *format = NULL;
    if (rc == CXS_OK && r.format->join == NULL)
        rc = cxs_fail(ctx, CXS_EFORMAT,
                      "%s: a table of format '%s', not a file of one sample (STAR, "
                      "GDC, RSEM, Salmon, kallisto)",
                      path, r.format->name);
    if (rc == CXS_OK)
        rc = fill_part(ctx, &r, sample, part);
    if (rc == CXS_OK)
        *format = r.format;
    close_reader(&r);
    return rc;
}

/* Names that became the same when they were mapped. */
static cxs_rc check_joined(cxs_ctx *ctx, const cxs_matrix *m, const char *path)
{
    for (size_t j = 1; j < m->p; j++)
        if (strcmp(m->feature[j - 1], m->feature[j]) == 0)
            return cxs_fail_code(ctx, CXS_EFORMAT, "CX025",
                                 "%s: gene \"%s\" stands in two rows", path,
                                 m->feature[j]);
    return CXS_OK;
}

cxs_rc cxs_parts_join(cxs_ctx *ctx, const char *path,
                      const cxs_matrix_settings *settings, const cxs_format *format,
                      const cxs_part *part, size_t parts, cxs_matrix **out)
{
    cxs_matrix *m = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(format->join(ctx, settings, part, parts, &m));
    CXS_TRY(cxs_matrix_gene_names(ctx, m, settings, path, NULL));
    m->layer = cxs_strdup(ctx, settings->layer != NULL ? settings->layer : "");
    m->path = cxs_strdup(ctx, path);
    if (m->layer == NULL || m->path == NULL)
        CXS_TRY(CXS_ENOMEM);
    if (settings->tx2gene != NULL)
        CXS_TRY(add_source(ctx, m, settings->tx2gene));
    for (size_t i = 0; i < parts; i++)
        CXS_TRY(add_source(ctx, m, part[i].path));
    CXS_TRY(cxs_matrix_sort(ctx, m));
    CXS_TRY(check_joined(ctx, m, path));
    *out = m;
    m = NULL;
done:
    cxs_matrix_free(m);
    return rc;
}

static cxs_rc read_one_part(cxs_ctx *ctx, cxs_matrix_reader *r,
                            const cxs_matrix_settings *settings, cxs_matrix **out)
{
    cxs_part *part = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(part, 1);
    CXS_TRY(fill_part(ctx, r, NULL, part));
    CXS_TRY(cxs_parts_join(ctx, r->path, settings, r->format, part, 1, out));
done:
    cxs_parts_free(part, 1);
    return rc;
}

/* ---- any path -------------------------------------------------------------------- */

static cxs_rc read_text(cxs_ctx *ctx, const char *path,
                        const cxs_matrix_settings *settings, cxs_matrix **out)
{
    cxs_matrix_reader r;
    cxs_matrix *m = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(open_reader(ctx, path, settings, &r));
    if (strcmp(r.format->name, "sheet") == 0) {
        CXS_TRY(cxs_sheet_of_files_read(ctx, path, settings, &m));
        CXS_TRY(add_source(ctx, m, path));
        *out = m;
        m = NULL;
    } else if (r.format->join != NULL) {
        CXS_TRY(read_one_part(ctx, &r, settings, out));
    } else {
        CXS_TRY(read_all(ctx, &r));
        CXS_TRY(add_source(ctx, r.matrix, path));
        *out = r.matrix;
        r.matrix = NULL; /* now the caller's */
    }
done:
    cxs_matrix_free(m);
    close_reader(&r);
    return rc;
}

cxs_rc cxs_matrix_read(cxs_ctx *ctx, const char *path,
                       const cxs_matrix_settings *settings, cxs_matrix **out)
{
    const cxs_matrix_settings s = settings != NULL ? *settings : cxs_matrix_defaults();

    *out = NULL;
    if (cxs_path_is_cxf(path))
        return cxs_matrix_open(ctx, path, out);
    if (cxs_is_folder(path))
        return cxs_folder_read(ctx, path, &s, out);
    return read_text(ctx, path, &s, out);
}
