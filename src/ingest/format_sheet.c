/*
 * format_sheet.c -- files of one sample each, named by a folder or by a sheet
 *
 * A sheet has the columns sample_id and file (or SAMPLE_ID and FILE, as an assays
 * sheet; or those of a GDC sample sheet, whose client puts each file into a folder named
 * by its File ID); files are relative to it.  In a folder every file that is recognised as one
 * sample counts, and every subfolder that holds exactly one (Salmon and kallisto write
 * a folder per sample); the sample is then named by the file, or by the folder where
 * all programs call the file alike.  Names are only used to tell which of several files
 * of a subfolder is meant and to refuse a file that should have been one.
 */
#include "ingest/format.h"

#include "base/table.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

bool cxs_is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* ---- a list of files ------------------------------------------------------------- */

typedef struct file_list {
    char **path, **sample; /* sample NULL: made from the path */
    size_t count, paths, samples;
} file_list;

static void free_files(file_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        cxs_free(list->path[i]);
        cxs_free(list->sample[i]);
    }
    cxs_free(list->path);
    cxs_free(list->sample);
}

static cxs_rc add_file(cxs_ctx *ctx, file_list *list, const char *path,
                       const char *sample)
{
    char *copy = NULL, *name = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&list->path, &list->paths, list->count + 1,
                     sizeof *list->path));
    CXS_TRY(cxs_grow(ctx, (void **)&list->sample, &list->samples, list->count + 1,
                     sizeof *list->sample));
    if ((copy = cxs_strdup(ctx, path)) == NULL ||
        (sample != NULL && (name = cxs_strdup(ctx, sample)) == NULL))
        CXS_TRY(CXS_ENOMEM);
    list->path[list->count] = copy;
    list->sample[list->count++] = name;
    copy = NULL;
done:
    cxs_free(copy);
    return rc;
}

static cxs_rc check_samples(cxs_ctx *ctx, const char *path, const cxs_part *part,
                            size_t parts)
{
    for (size_t i = 0; i < parts; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(part[i].sample, part[k].sample) == 0)
                return cxs_fail_code(ctx, CXS_EFORMAT, "CX001",
                                     "%s: %s and %s are both sample \"%s\"; give a "
                                     "sheet with the columns sample_id and file",
                                     path, part[k].path, part[i].path,
                                     cxs_ctx_id(ctx, part[i].sample));
    return CXS_OK;
}

/* ---- folder ---------------------------------------------------------------------- */

/* Entries of a folder in bytewise order, without those that begin with a dot. */
static cxs_rc list_folder(cxs_ctx *ctx, const char *path, char ***names, size_t *count)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    size_t capacity = 0;
    cxs_rc rc = CXS_OK;

    *names = NULL;
    *count = 0;
    if (folder == NULL)
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: %s", path, strerror(errno));
    while ((entry = readdir(folder)) != NULL) {
        char *copy;
        if (entry->d_name[0] == '.')
            continue;
        CXS_TRY(cxs_grow(ctx, (void **)names, &capacity, *count + 1, sizeof **names));
        if ((copy = cxs_strdup(ctx, entry->d_name)) == NULL)
            CXS_TRY(CXS_ENOMEM);
        (*names)[(*count)++] = copy;
    }
    if (*count > 0)
        qsort(*names, *count, sizeof **names, cxs_text_compare);
done:
    closedir(folder);
    return rc;
}

/* Is this a file of one sample?  What cannot be read as text is none, unless its name
 * promises one: then the fault is told. */
static cxs_rc is_part(cxs_ctx *ctx, const char *path, const char *name,
                      const cxs_matrix_settings *settings, bool *part)
{
    const char *usual = cxs_usual_name(name, NULL);
    cxs_ctx *quiet = cxs_ctx_new();
    const cxs_format *format = NULL;
    cxs_text *text = NULL;
    cxs_rc rc = CXS_OK;

    *part = false;
    if (quiet == NULL)
        return cxs_fail(ctx, CXS_ENOMEM, "%s: out of memory", path);
    rc = cxs_text_open(quiet, path, &text);
    if (rc == CXS_OK)
        rc = cxs_format_tell(quiet, text, settings, &format);
    if (rc == CXS_OK)
        *part = format->join != NULL;
    else if (usual != NULL || rc == CXS_ENOMEM || rc == CXS_EARG)
        cxs_ctx_adopt(ctx, quiet);
    else
        rc = CXS_OK;
    if (rc == CXS_OK && !*part && usual != NULL)
        rc = cxs_fail_code(ctx, CXS_EFORMAT, "CX022",
                           "%s: this is not what its name says (%s)", path, usual);
    cxs_text_close(text);
    cxs_ctx_free(quiet);
    return rc;
}

/* The one file of a subfolder that holds a sample: NULL when there is none. */
static cxs_rc find_in_subfolder(cxs_ctx *ctx, const char *folder,
                                const cxs_matrix_settings *settings, char **found)
{
    char **names = NULL, *path = NULL;
    size_t count = 0;
    bool part = false, exact_found = false;
    cxs_rc rc = CXS_OK;

    *found = NULL;
    CXS_TRY(list_folder(ctx, folder, &names, &count));
    for (size_t i = 0; i < count; i++) {
        bool exact = false;
        cxs_free(path);
        if ((path = cxs_path_in_folder(ctx, folder, names[i])) == NULL)
            CXS_TRY(CXS_ENOMEM);
        if (cxs_is_folder(path))
            continue;
        CXS_TRY(is_part(ctx, path, names[i], settings, &part));
        if (!part)
            continue;
        (void)cxs_usual_name(names[i], &exact);
        if (exact_found && !exact)
            continue; /* quant.genes.sf beside quant.sf */
        if (*found != NULL && exact == exact_found)
            CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                             "%s and %s could both be the sample of this folder; give "
                             "a sheet with the columns sample_id and file",
                             *found, path));
        cxs_free(*found);
        *found = path;
        path = NULL;
        exact_found = exact;
    }
done:
    cxs_free(path);
    cxs_free_strings(names, count);
    if (rc != CXS_OK) {
        cxs_free(*found);
        *found = NULL;
    }
    return rc;
}

/* ---- many files ------------------------------------------------------------------ */

/* One file of the list: a folder stands for the one file in it. */
static cxs_rc read_part(cxs_ctx *ctx, const char *path, const char *sample,
                        const cxs_matrix_settings *settings, const cxs_format **format,
                        cxs_part *part)
{
    char *inside = NULL;
    cxs_rc rc = CXS_OK;

    if (!cxs_is_folder(path))
        return cxs_part_read(ctx, path, sample, settings, format, part);
    CXS_TRY(find_in_subfolder(ctx, path, settings, &inside));
    if (inside == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                         "%s: no file of one sample in this folder (STAR, GDC, RSEM, "
                         "Salmon, kallisto)",
                         path));
    CXS_TRY(cxs_part_read(ctx, inside, sample, settings, format, part));
done:
    cxs_free(inside);
    return rc;
}

cxs_rc cxs_part_probe(cxs_ctx *ctx, const char *path,
                      const cxs_matrix_settings *settings, bool *part)
{
    const cxs_format *format = NULL;
    cxs_text *text = NULL;
    cxs_rc rc = CXS_OK;

    *part = cxs_is_folder(path);
    if (*part || cxs_path_is_cxf(path))
        return CXS_OK;
    CXS_TRY(cxs_text_open(ctx, path, &text));
    CXS_TRY(cxs_format_tell(ctx, text, settings, &format));
    *part = format->join != NULL;
done:
    cxs_text_close(text);
    return rc;
}

/* The names of a part are those of part 0, or it is refused: they need not be kept, and
 * some hundred samples would otherwise hold them as often. */
static cxs_rc keep_values(cxs_ctx *ctx, cxs_part *part, size_t i,
                          const cxs_format *format)
{
    cxs_matrix *m = part[i].values;
    cxs_rc rc;

    if (i == 0)
        return CXS_OK;
    rc = cxs_parts_same(ctx, part, i, format->rows);
    if (rc != CXS_OK)
        return rc;
    cxs_free_strings(m->feature, m->p);
    cxs_free_strings(m->feature_name, m->p);
    m->feature = m->feature_name = NULL;
    return CXS_OK;
}

cxs_rc cxs_files_join(cxs_ctx *ctx, const char *origin, const char *const *path,
                      const char *const *sample, size_t count,
                      const cxs_matrix_settings *settings, cxs_matrix **out)
{
    const cxs_format *format = NULL;
    cxs_part *part = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(part, count);
    for (size_t i = 0; i < count; i++) {
        const cxs_format *found = NULL;
        CXS_TRY(read_part(ctx, path[i], sample[i], settings, &found, &part[i]));
        if (format != NULL && found != format)
            CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH,
                             "%s: format '%s', but %s is of format '%s'", path[i],
                             found->name, path[0], format->name));
        format = found;
        CXS_TRY(keep_values(ctx, part, i, format));
    }
    CXS_TRY(check_samples(ctx, origin, part, count));
    CXS_TRY(cxs_parts_join(ctx, origin, settings, format, part, count, out));
    cxs_note(ctx, "%s: format '%s', one sample per file, %zu in all", origin,
             format->name, count);
done:
    cxs_parts_free(part, count);
    return rc;
}

static cxs_rc read_list(cxs_ctx *ctx, const char *origin, const file_list *list,
                        const cxs_matrix_settings *settings, cxs_matrix **out)
{
    return cxs_files_join(ctx, origin, (const char *const *)list->path,
                          (const char *const *)list->sample, list->count, settings,
                          out);
}

/* A file or a subfolder of the folder. */
static cxs_rc add_entry(cxs_ctx *ctx, const char *path, const char *name,
                        const cxs_matrix_settings *settings, file_list *list)
{
    char *inside = NULL;
    bool part = false;
    cxs_rc rc = CXS_OK;

    if (cxs_is_folder(path)) {
        CXS_TRY(find_in_subfolder(ctx, path, settings, &inside));
        if (inside != NULL)
            CXS_TRY(add_file(ctx, list, inside, NULL));
    } else {
        CXS_TRY(is_part(ctx, path, name, settings, &part));
        if (part)
            CXS_TRY(add_file(ctx, list, path, NULL));
    }
done:
    cxs_free(inside);
    return rc;
}

cxs_rc cxs_folder_read(cxs_ctx *ctx, const char *folder,
                       const cxs_matrix_settings *settings, cxs_matrix **out)
{
    file_list list = {0};
    char **names = NULL, *path = NULL;
    size_t count = 0;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(list_folder(ctx, folder, &names, &count));
    for (size_t i = 0; i < count; i++) {
        cxs_free(path);
        if ((path = cxs_path_in_folder(ctx, folder, names[i])) == NULL)
            CXS_TRY(CXS_ENOMEM);
        CXS_TRY(add_entry(ctx, path, names[i], settings, &list));
    }
    if (list.count == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                         "%s: none of the %zu entries of this folder is a file of one "
                         "sample (STAR, GDC, RSEM, Salmon, kallisto)",
                         folder, count));
    if (list.count < count)
        cxs_note(ctx, "%s: %zu of %zu entries are files of one sample", folder,
                 list.count, count);
    CXS_TRY(read_list(ctx, folder, &list, settings, out));
done:
    cxs_free(path);
    free_files(&list);
    cxs_free_strings(names, count);
    return rc;
}

/* ---- sheet ----------------------------------------------------------------------- */

static const char *const sheet_columns[][2] = {{"sample_id", "file"},
                                               {"SAMPLE_ID", "FILE"},
                                               {"sample", "file"},
                                               {"Sample ID", "File Name"}};

enum { SHEETS = sizeof sheet_columns / sizeof *sheet_columns };

bool cxs_sniff_sheet(const cxs_head *head, const cxs_matrix_settings *s)
{
    const size_t fields = cxs_head_fields(head, head->header);

    (void)s;
    for (size_t k = 0; k < SHEETS; k++) {
        size_t found = 0;
        for (size_t f = 0; f < fields; f++)
            found += cxs_head_is(head, head->header, f, sheet_columns[k][0]) ||
                     cxs_head_is(head, head->header, f, sheet_columns[k][1]);
        if (found == 2)
            return true;
    }
    return false;
}

/* Path of a row's file: relative to the folder of the sheet, below `inner` when it lies
 * there. */
static char *path_of_row(cxs_ctx *ctx, const char *folder, const char *inner,
                         const char *name)
{
    char *below = NULL, *path = NULL;

    if (*name == '/')
        return cxs_strdup(ctx, name);
    if (inner != NULL && (below = cxs_path_in_folder(ctx, inner, name)) == NULL)
        return NULL;
    if (below != NULL)
        path = *folder == '\0' ? cxs_strdup(ctx, below)
                               : cxs_path_in_folder(ctx, folder, below);
    if (path == NULL || access(path, F_OK) != 0) {
        cxs_free(path);
        path = *folder == '\0' ? cxs_strdup(ctx, name)
                               : cxs_path_in_folder(ctx, folder, name);
    }
    cxs_free(below);
    return path;
}

static cxs_rc list_sheet(cxs_ctx *ctx, const char *path, const cxs_table *t,
                         file_list *list)
{
    const char *slash = strrchr(path, '/');
    const size_t inner = cxs_table_find(t, "File ID");
    size_t id = SIZE_MAX, file = SIZE_MAX;
    char *folder = NULL, *whole = NULL;
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < SHEETS && (id == SIZE_MAX || file == SIZE_MAX); k++) {
        id = cxs_table_find(t, sheet_columns[k][0]);
        file = cxs_table_find(t, sheet_columns[k][1]);
    }
    if (id == SIZE_MAX || file == SIZE_MAX)
        CXS_TRY(cxs_table_need(ctx, t, id == SIZE_MAX ? "sample_id" : "file", &id));
    folder = cxs_strndup(ctx, path, slash != NULL ? (size_t)(slash - path) : 0);
    if (folder == NULL)
        CXS_TRY(CXS_ENOMEM);
    for (size_t row = 0; row < t->rows; row++) {
        const char *sample = cxs_table_cell(t, row, id);
        const char *name = cxs_table_cell(t, row, file);
        if (*sample == '\0' || *name == '\0')
            CXS_TRY(cxs_fail_code(ctx, CXS_EFORMAT, "CX020", "%s:%zu:%s: empty", path,
                                  t->line[row], t->name[*name == '\0' ? file : id]));
        cxs_free(whole);
        whole =
            path_of_row(ctx, folder,
                        inner != SIZE_MAX ? cxs_table_cell(t, row, inner) : NULL, name);
        if (whole == NULL)
            CXS_TRY(CXS_ENOMEM);
        CXS_TRY(add_file(ctx, list, whole, sample));
    }
done:
    cxs_free(whole);
    cxs_free(folder);
    return rc;
}

cxs_rc cxs_sheet_of_files_read(cxs_ctx *ctx, const char *path,
                               const cxs_matrix_settings *settings, cxs_matrix **out)
{
    cxs_matrix_settings inner = *settings;
    file_list list = {0};
    cxs_table *t = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (strcmp(path, "-") == 0)
        return cxs_fail(ctx, CXS_EARG,
                        "a sheet of files cannot come from standard input");
    if (inner.format != NULL && strcmp(inner.format, "sheet") == 0)
        inner.format = NULL;
    CXS_TRY(cxs_table_read(ctx, path, &t));
    CXS_TRY(list_sheet(ctx, path, t, &list));
    if (list.count == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: no file below the header", path));
    CXS_TRY(read_list(ctx, path, &list, &inner, out));
done:
    free_files(&list);
    cxs_table_free(t);
    return rc;
}
