/*
 * study_values.c -- the matrix of a study by its assays sheet
 *
 * The sheet names a file for each sample: a column of a matrix, or a file that holds
 * this sample alone (STAR, GDC, RSEM, Salmon, kallisto).  Matrices keep the features
 * that all of them have, with a count; files of one sample must agree in theirs.
 */
#include "ingest/assay.h"
#include "ingest/study_draft.h"

#include "ingest/format.h"
#include "store/study_schema.h"

#include <stdint.h>
#include <math.h>
#include <string.h>

/* ---- assays sheet ---------------------------------------------------------------- */

/* Kind of an assay that is an expression matrix; CXS_KIND_OTHER: it is not one. */
cxs_kind cxs_draft_assay_kind(const char *assay)
{
    static const struct {
        const char *assay;
        cxs_kind kind;
    } kinds[] = {{"RNA_COUNTS", CXS_KIND_COUNTS},
                 {"RNA_TPM", CXS_KIND_TPM},
                 {"RNA_LOG", CXS_KIND_LOG},
                 {"METH_BETA", CXS_KIND_BETA},
                 {"METH_M", CXS_KIND_M}};

    for (size_t i = 0; assay != NULL && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].assay, assay) == 0)
            return kinds[i].kind;
    return CXS_KIND_OTHER;
}

static bool is_methylation(cxs_kind kind)
{
    return kind == CXS_KIND_BETA || kind == CXS_KIND_M;
}

/* Kind of the assay in a row; a study with expression has its matrix from that, and its
 * methylation is not read. */
static cxs_kind kind_of_row(const cxs_column *assay, size_t rows, size_t row)
{
    const cxs_kind kind = cxs_draft_assay_kind(assay->text[row]);

    for (size_t r = 0; is_methylation(kind) && r < rows; r++)
        if (cxs_draft_assay_kind(assay->text[r]) <= CXS_KIND_LOG)
            return CXS_KIND_OTHER;
    return kind;
}

/* Columns of one file that the assays sheet names, renamed to their samples. */
static cxs_rc take_columns(cxs_ctx *ctx, cxs_draft *draft, const char *file,
                           const char *path, cxs_matrix *m)
{
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *id = cxs_sheet_find(assays, "SAMPLE_ID");
    const cxs_column *files = cxs_sheet_find(assays, "FILE");
    const cxs_column *column = cxs_sheet_find(assays, "COLUMN");
    cxs_faults faults = {.code = "CX006"};
    cxs_index known = {0}, column_of = {0};
    const char **wanted = NULL;
    size_t *keep = NULL, kept = 0, matched = 0, n = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(wanted, assays->rows);
    CXS_NEW(keep, m->n);
    CXS_TRY(cxs_index_make(ctx, (const char *const *)m->sample, m->n, &column_of));
    for (size_t r = 0; r < assays->rows; r++) {
        if (files->text[r] == NULL || strcmp(files->text[r], file) != 0)
            continue;
        wanted[r] = cxs_column_value(column, r);
        if (wanted[r] == NULL)
            wanted[r] = id->text[r];
        n++;
        if (cxs_index_find(&column_of, wanted[r]) != SIZE_MAX)
            matched++;
        else
            cxs_fault_add(ctx, &faults, "%s:%zu: %s has no column \"%s\"",
                          assays->table->path, cxs_sheet_line(assays, r), path,
                          cxs_ctx_id(ctx, wanted[r]));
    }
    CXS_TRY(cxs_index_make(ctx, wanted, assays->rows, &known));
    for (size_t r = 0; r < assays->rows; r++)
        if (wanted[r] != NULL && cxs_index_find(&known, wanted[r]) != r)
            cxs_fault_add(ctx, &faults,
                          "%s:%zu: column \"%s\" of %s is another sample's",
                          assays->table->path, cxs_sheet_line(assays, r),
                          cxs_ctx_id(ctx, wanted[r]), path);
    if (2 * matched < n)
        CXS_TRY(cxs_draft_check_cut(ctx, draft, path, &known, m->sample, m->n,
                                    cxs_draft_matches(&known, m)));
    CXS_TRY(cxs_faults_end(ctx, &faults));
    for (size_t i = 0; i < m->n; i++)
        if (cxs_index_find(&known, m->sample[i]) != SIZE_MAX)
            keep[kept++] = i;
    CXS_TRY(cxs_study_keep_samples(ctx, m, keep, kept));
    for (size_t i = 0; i < m->n; i++) {
        const size_t row = cxs_index_find(&known, m->sample[i]);
        char *name = cxs_strdup(ctx, id->text[row]);
        if (name == NULL)
            CXS_TRY(CXS_ENOMEM);
        cxs_free(m->sample[i]);
        m->sample[i] = name;
    }
    rc = cxs_matrix_sort(ctx, m);
done:
    cxs_free(faults.text.text);
    cxs_index_clear(&known);
    cxs_index_clear(&column_of);
    cxs_free(keep);
    cxs_free(wanted);
    return rc;
}

/* Move the samples of b behind those of a; features that both have stay. */
static cxs_rc join(cxs_ctx *ctx, cxs_matrix *a, cxs_matrix *b, size_t *lost)
{
    const size_t n = a->n + b->n;
    char **sample = NULL;
    double *x = NULL;
    size_t p = 0, j = 0, k = 0;
    bool lengths = a->length != NULL && b->length != NULL; /* and they agree */
    cxs_rc rc = CXS_OK;

    CXS_NEW(sample, n);
    CXS_NEW(x, n * (a->p < b->p ? a->p : b->p));
    while (j < a->p || k < b->p) {
        const int order = j == a->p   ? 1
                          : k == b->p ? -1
                                      : strcmp(a->feature[j], b->feature[k]);
        if (order == 0) {
            memcpy(x + p * n, a->x + j * a->n, a->n * sizeof *x);
            memcpy(x + p * n + a->n, b->x + k * b->n, b->n * sizeof *x);
        }
        if (order <= 0) { /* feature j moves to place p, or goes */
            char *name = a->feature[j], *shown = NULL;
            a->feature[j] = NULL;
            if (a->feature_name != NULL) {
                shown = a->feature_name[j];
                a->feature_name[j] = NULL;
            }
            if (order == 0) {
                a->feature[p] = name;
                if (a->feature_name != NULL)
                    a->feature_name[p] = shown;
                lengths = lengths && fabs(a->length[j] - b->length[k]) < 0.5;
                if (lengths)
                    a->length[p] = a->length[j];
                p++;
            } else {
                cxs_free(name);
                cxs_free(shown);
                ++*lost;
            }
            j++;
        } else {
            ++*lost;
        }
        k += order >= 0;
    }
    for (size_t i = 0; i < n; i++)
        sample[i] = i < a->n ? a->sample[i] : b->sample[i - a->n];
    cxs_free(a->sample);
    cxs_free(a->x);
    if (!lengths) {
        cxs_free(a->length);
        a->length = NULL;
    }
    a->sample = sample;
    a->x = x;
    a->n = n;
    a->p = p;
    b->n = 0; /* its names moved */
    sample = NULL;
    x = NULL;
done:
    cxs_free(sample);
    cxs_free(x);
    return rc;
}

static cxs_rc add_file(cxs_ctx *ctx, cxs_draft *draft, const char *file, cxs_kind kind)
{
    cxs_matrix *m = NULL;
    char *path = NULL;
    size_t lost = 0;
    cxs_rc rc = CXS_OK;

    if ((path = cxs_plan_file(ctx, draft->plan, file)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_draft_read_file(ctx, draft, path, kind, 0, &m));
    CXS_TRY(take_columns(ctx, draft, file, path, m));
    if (draft->matrix == NULL) {
        draft->matrix = m;
        m = NULL;
    } else {
        CXS_TRY(join(ctx, draft->matrix, m, &lost));
        if (lost > 0)
            CXS_TRY(cxs_warn(ctx, "",
                             "%s: %zu features are not in every file and are "
                             "left out",
                             path, lost));
        if (draft->matrix->p == 0)
            CXS_TRY(
                cxs_fail(ctx, CXS_EMISMATCH, "%s: no feature is in every file", path));
    }
done:
    cxs_matrix_free(m);
    cxs_free(path);
    return rc;
}

/* One kind of expression in the sheet, one row for each sample and assay. */
static cxs_rc check_assays(cxs_ctx *ctx, const cxs_draft *draft, cxs_kind *kind,
                           size_t *others)
{
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *assay = cxs_sheet_find(assays, "ASSAY");
    const cxs_column *id = cxs_sheet_find(assays, "SAMPLE_ID");
    cxs_faults faults = {.code = "CX001"};
    cxs_index index = {0};
    const char **rna = NULL;
    cxs_rc rc = CXS_OK;

    *kind = CXS_KIND_OTHER;
    *others = 0;
    CXS_NEW(rna, assays->rows);
    for (size_t r = 0; r < assays->rows; r++) {
        const cxs_kind k = kind_of_row(assay, assays->rows, r);
        *others += k == CXS_KIND_OTHER && !cxs_assay_is_read(assay->text[r]);
        if (k == CXS_KIND_OTHER)
            continue;
        rna[r] = id->text[r];
        if (*kind != CXS_KIND_OTHER && *kind != k)
            CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH,
                             "%s:%zu:%s: \"%s\" beside %s: one study holds one kind of "
                             "expression values",
                             assays->table->path, cxs_sheet_line(assays, r),
                             assay->source, assay->text[r], cxs_kind_name(*kind)));
        *kind = k;
    }
    CXS_TRY(cxs_index_make(ctx, rna, assays->rows, &index));
    for (size_t r = 0; r < assays->rows; r++) {
        const size_t first = rna[r] != NULL ? cxs_index_find(&index, rna[r]) : r;
        if (first != r)
            cxs_fault_add(ctx, &faults,
                          "%s:%zu:%s: \"%s\" was already given at line %zu",
                          assays->table->path, cxs_sheet_line(assays, r), id->source,
                          cxs_ctx_id(ctx, rna[r]), cxs_sheet_line(assays, first));
    }
    rc = cxs_faults_end(ctx, &faults);
done:
    cxs_index_clear(&index);
    cxs_free(rna);
    return rc;
}

/* Files of the assays of one sample each, in the order of the sheet. */
typedef struct part_files {
    char **path;
    const char **sample; /* borrowed */
    size_t *row;         /* of the sheet */
    size_t count;
} part_files;

static void free_part_files(part_files *files)
{
    cxs_free_strings(files->path, files->count);
    cxs_free(files->sample);
    cxs_free(files->row);
}

/* Rows of the sheet with files that are read. */
static cxs_rc list_parts(cxs_ctx *ctx, cxs_draft *draft, part_files *files)
{
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *assay = cxs_sheet_find(assays, "ASSAY");
    const cxs_column *id = cxs_sheet_find(assays, "SAMPLE_ID");
    const cxs_column *file = cxs_sheet_find(assays, "FILE");
    cxs_rc rc = CXS_OK;

    CXS_NEW(files->path, assays->rows);
    CXS_NEW(files->sample, assays->rows);
    CXS_NEW(files->row, assays->rows);
    for (size_t r = 0; r < assays->rows; r++) {
        if (kind_of_row(assay, assays->rows, r) == CXS_KIND_OTHER)
            continue;
        files->row[files->count] = r;
        files->path[files->count] = cxs_plan_file(ctx, draft->plan, file->text[r]);
        if (files->path[files->count] == NULL)
            CXS_TRY(CXS_ENOMEM);
        files->sample[files->count++] = id->text[r];
    }
done:
    return rc;
}

/* A file of one sample cannot be that of two. */
static cxs_rc check_parts(cxs_ctx *ctx, const cxs_sheet *assays,
                          const part_files *files)
{
    const cxs_column *file = cxs_sheet_find(assays, "FILE");
    cxs_faults faults = {.code = ""};
    cxs_index index = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_index_make(ctx, (const char *const *)files->path, files->count, &index));
    for (size_t i = 0; i < files->count; i++) {
        const size_t first = cxs_index_find(&index, files->path[i]);
        if (first != i)
            cxs_fault_add(ctx, &faults,
                          "%s:%zu:%s: \"%s\" holds one sample and was already given "
                          "at line %zu",
                          assays->table->path, cxs_sheet_line(assays, files->row[i]),
                          file->source, file->text[files->row[i]],
                          cxs_sheet_line(assays, files->row[first]));
    }
    rc = cxs_faults_end(ctx, &faults);
done:
    cxs_index_clear(&index);
    return rc;
}

/* The matrix from files of one sample each; *found false when the first is a table. */
static cxs_rc read_parts(cxs_ctx *ctx, cxs_draft *draft, cxs_kind kind, bool *found)
{
    cxs_matrix_settings settings;
    part_files files = {0};
    const char *const *source;
    size_t sources = 0;
    cxs_rc rc = CXS_OK;

    *found = false;
    CXS_TRY(cxs_draft_matrix_settings(ctx, draft, kind, 0, &settings));
    CXS_TRY(list_parts(ctx, draft, &files));
    CXS_TRY(cxs_part_probe(ctx, files.path[0], &settings, found));
    if (!*found)
        goto done;
    CXS_TRY(check_parts(ctx, draft->sheet[CXS_SHEET_ASSAYS], &files));
    cxs_note(ctx, "reading %zu files of one sample each", files.count);
    CXS_TRY(cxs_files_join(ctx, draft->sheet[CXS_SHEET_ASSAYS]->table->path,
                           (const char *const *)files.path, files.sample, files.count,
                           &settings, &draft->matrix));
    source = cxs_matrix_source(draft->matrix, &sources);
    for (size_t i = 0; i < sources; i++)
        CXS_TRY(cxs_draft_source(ctx, draft, source[i]));
done:
    free_part_files(&files);
    return rc;
}

/* Every row that is read names a file. */
static cxs_rc check_files(cxs_ctx *ctx, const cxs_sheet *assays)
{
    const cxs_column *assay = cxs_sheet_find(assays, "ASSAY");
    const cxs_column *files = cxs_sheet_find(assays, "FILE");

    for (size_t r = 0; r < assays->rows; r++)
        if (kind_of_row(assay, assays->rows, r) != CXS_KIND_OTHER &&
            files->text[r] == NULL)
            return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu:%s: the file is not given",
                            assays->table->path, cxs_sheet_line(assays, r),
                            files->source);
    return CXS_OK;
}

cxs_rc cxs_draft_assays(cxs_ctx *ctx, cxs_draft *draft)
{
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    const cxs_column *assay = cxs_sheet_find(assays, "ASSAY");
    const cxs_column *files = cxs_sheet_find(assays, "FILE");
    cxs_kind kind = CXS_KIND_OTHER;
    size_t others = 0;
    bool parts = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(check_assays(ctx, draft, &kind, &others));
    if (others > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "%s: %zu assays are listed but not read: the matrix comes "
                         "from RNA_COUNTS, RNA_TPM or RNA_LOG, else from METH_BETA or "
                         "METH_M",
                         assays->table->path, others));
    CXS_TRY(check_files(ctx, assays));
    if (kind != CXS_KIND_OTHER)
        CXS_TRY(read_parts(ctx, draft, kind, &parts));
    for (size_t r = 0; !parts && r < assays->rows; r++) {
        bool seen = kind_of_row(assay, assays->rows, r) == CXS_KIND_OTHER;
        for (size_t s = 0; s < r && !seen; s++)
            seen =
                files->text[s] != NULL && strcmp(files->text[s], files->text[r]) == 0;
        if (!seen)
            CXS_TRY(add_file(ctx, draft, files->text[r], kind));
    }
done:
    return rc;
}
