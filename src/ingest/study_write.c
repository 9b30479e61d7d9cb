/*
 * study_write.c -- a draft into its study file
 *
 * Everything is written in the order of ids, so that the order of rows in a sheet does
 * not change the store.  File names are kept without their folders: a store may be
 * handed on, and a folder's name often tells whose study it is.
 */
#include "ingest/study_draft.h"

#include "base/digest.h"
#include "store/study_schema.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static cxs_rc write_meta(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    const char *title = cxs_plan_text(draft->plan, NULL, "title");
    const char *origin = cxs_plan_text(draft->plan, NULL, "time_origin");
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO meta VALUES(?1, ?2)", &stmt));
    CXS_TRY(cxs_draft_put_pair(ctx, stmt, "program", cxs_version()));
    CXS_TRY(cxs_draft_put_pair(ctx, stmt, "title", title != NULL ? title : ""));
    CXS_TRY(cxs_draft_put_pair(ctx, stmt, "time_origin",
                               origin != NULL ? origin : "enrolment"));
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* A cell as a number, or as its text. */
static void bind_cell(cxs_stmt *stmt, int at, const cxs_column *column, size_t row)
{
    if (column->number != NULL && column->type != CXS_TYPE_DATE)
        cxs_bind_real(stmt, at, column->number[row]);
    else
        cxs_bind_text(stmt, at, column->text[row]);
}

static cxs_rc write_patient_column(cxs_ctx *ctx, const cxs_draft *draft, cxs_stmt *stmt,
                                   const cxs_column *column)
{
    cxs_rc rc = CXS_OK;

    for (size_t e = 0; rc == CXS_OK && e < draft->patient.n; e++) {
        const size_t row = draft->patient.entry[e].row;
        if (column->text[row] == NULL)
            continue;
        cxs_bind_text(stmt, 1, draft->patient.entry[e].name);
        cxs_bind_text(stmt, 2, column->name);
        bind_cell(stmt, 3, column, row);
        rc = cxs_stmt_run(ctx, stmt);
    }
    return rc;
}

static cxs_rc write_patients(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    cxs_stmt *ids = NULL, *columns = NULL, *values = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO patient VALUES(?1)", &ids));
    for (size_t e = 0; e < draft->patient.n; e++) {
        cxs_bind_text(ids, 1, draft->patient.entry[e].name);
        CXS_TRY(cxs_stmt_run(ctx, ids));
    }
    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO patient_column VALUES(?1, ?2, ?3)",
                           &columns));
    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO patient_value VALUES(?1, ?2, ?3)",
                           &values));
    for (size_t c = 0; c < patients->columns; c++) {
        const cxs_column *column = &patients->column[c];
        if (column == draft->patient_id)
            continue;
        cxs_bind_text(columns, 1, column->name);
        cxs_bind_int(columns, 2, (int64_t)c);
        cxs_bind_text(columns, 3, cxs_type_name(column->type));
        CXS_TRY(cxs_stmt_run(ctx, columns));
        CXS_TRY(write_patient_column(ctx, draft, values, column));
    }
done:
    cxs_stmt_free(ids);
    cxs_stmt_free(columns);
    cxs_stmt_free(values);
    return rc;
}

static cxs_rc write_samples(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    const cxs_sheet *sheet = draft->sheet[CXS_SHEET_SAMPLES];
    const cxs_column *owner = draft->patient_id;
    cxs_stmt *rows = NULL, *values = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO sample VALUES(?1, ?2, ?3, ?4, ?5)",
                           &rows));
    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO sample_value VALUES(?1, ?2, ?3)",
                           &values));
    for (size_t s = 0; s < draft->samples; s++) {
        const cxs_sample *sample = &draft->sample[s];
        cxs_bind_text(rows, 1, sample->id);
        cxs_bind_text(rows, 2, owner->text[sample->patient]);
        cxs_bind_real(rows, 3, sample->day);
        cxs_bind_int(rows, 4, sample->assayed);
        cxs_bind_int(rows, 5, sample->baseline);
        CXS_TRY(cxs_stmt_run(ctx, rows));
        for (size_t c = 0; sample->row != SIZE_MAX && c < sheet->columns; c++) {
            if (sheet->column[c].text[sample->row] == NULL)
                continue;
            cxs_bind_text(values, 1, sample->id);
            cxs_bind_text(values, 2, sheet->column[c].name);
            bind_cell(values, 3, &sheet->column[c], sample->row);
            CXS_TRY(cxs_stmt_run(ctx, values));
        }
        if (cxs_draft_excluded(draft, sample->id) == NULL)
            continue;
        cxs_bind_text(values, 1, sample->id);
        cxs_bind_text(values, 2, CXS_SAMPLE_EXCLUDED);
        cxs_bind_text(values, 3, cxs_draft_excluded(draft, sample->id));
        CXS_TRY(cxs_stmt_run(ctx, values));
    }
done:
    cxs_stmt_free(rows);
    cxs_stmt_free(values);
    return rc;
}

static const char *without_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static cxs_rc write_assays(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    static const char *const names[] = {"SAMPLE_ID", "ASSAY", "FILE",
                                        "COLUMN",    "BUILD", "LIBRARY"};
    const cxs_sheet *assays = draft->sheet[CXS_SHEET_ASSAYS];
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    if (assays == NULL)
        return CXS_OK;
    CXS_TRY(cxs_db_prepare(
        ctx, db, "INSERT INTO assay VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", &stmt));
    for (size_t r = 0; r < assays->rows; r++) {
        cxs_bind_int(stmt, 1, (int64_t)r);
        for (size_t c = 0; c < sizeof names / sizeof *names; c++) {
            const char *text = cxs_column_value(cxs_sheet_find(assays, names[c]), r);
            if (c == 2)
                text = without_folder(text != NULL ? text : "");
            cxs_bind_text(stmt, (int)c + 2, text);
        }
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* One cell of a sheet; nothing where it is empty. */
static cxs_rc write_cell(cxs_ctx *ctx, cxs_stmt *stmt, cxs_sheet_id sheet,
                         const cxs_column *column, size_t row)
{
    if (column == NULL || column->text[row] == NULL)
        return CXS_OK;
    cxs_bind_text(stmt, 1, cxs_sheet_name(sheet));
    cxs_bind_int(stmt, 2, (int64_t)row);
    cxs_bind_text(stmt, 3, column->name);
    bind_cell(stmt, 4, column, row);
    return cxs_stmt_run(ctx, stmt);
}

/* Visits, doses, adverse events: kept cell by cell for later rules. */
static cxs_rc write_records(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_db_prepare(ctx, db, "INSERT INTO record VALUES(?1, ?2, ?3, ?4)", &stmt));
    for (size_t s = CXS_SHEET_VISITS; s < CXS_SHEETS; s++) {
        const cxs_sheet *sheet = draft->sheet[s];
        for (size_t r = 0; sheet != NULL && r < sheet->rows; r++)
            for (size_t c = 0; c < sheet->columns; c++)
                CXS_TRY(write_cell(ctx, stmt, (cxs_sheet_id)s, &sheet->column[c], r));
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc write_endpoints(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO endpoint VALUES(?1, ?2, ?3, ?4, ?5)",
                           &stmt));
    for (size_t o = 0; o < draft->outcomes; o++) {
        const cxs_outcome *out = &draft->outcome[o];
        for (size_t e = 0; e < draft->patient.n; e++) {
            const size_t i = draft->patient.entry[e].row;
            if (out->event[i] < 0)
                continue;
            cxs_bind_text(stmt, 1, out->name);
            cxs_bind_text(stmt, 2, draft->patient.entry[e].name);
            cxs_bind_real(stmt, 3, out->time[i]);
            cxs_bind_int(stmt, 4, out->event[i]);
            cxs_bind_real(stmt, 5, out->entry != NULL ? out->entry[i] : (double)NAN);
            CXS_TRY(cxs_stmt_run(ctx, stmt));
        }
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* ---- where it came from ---------------------------------------------------------- */

static cxs_rc write_flow(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const cxs_outcome *o = &draft->outcome[draft->declared];
    size_t followed = 0, baseline = 0;
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < patients->rows; i++)
        followed += o->event[i] >= 0;
    for (size_t s = 0; s < draft->samples; s++)
        baseline += draft->sample[s].baseline;
    const struct {
        const char *what;
        size_t count;
    } steps[] = {
        {"rows in patients sheet", patients->table->rows},
        {"patients", patients->rows},
        {"patients with follow-up", followed},
        {"samples", draft->samples},
        {"excluded: samples that are not the patient's alone", draft->excluded_count},
        {"patients with a baseline sample", baseline}};
    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO flow VALUES(?1, ?2, ?3)", &stmt));
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
        cxs_bind_int(stmt, 1, (int64_t)s + 1);
        cxs_bind_text(stmt, 2, steps[s].what);
        cxs_bind_int(stmt, 3, (int64_t)steps[s].count);
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* text with every `path` replaced by its file name. */
static cxs_rc drop_folder(cxs_ctx *ctx, const char *text, const char *path,
                          cxs_buf *out)
{
    const char *name = without_folder(path), *found;
    cxs_rc rc = CXS_OK;

    out->length = 0;
    while (rc == CXS_OK && (found = strstr(text, path)) != NULL) {
        rc = cxs_buf_add(ctx, out, text, (size_t)(found - text));
        if (rc == CXS_OK)
            rc = cxs_buf_add(ctx, out, name, strlen(name));
        text = found + strlen(path);
    }
    return rc == CXS_OK ? cxs_buf_add(ctx, out, text, strlen(text)) : rc;
}

/* A warning as it is kept: without the folders of the files that were read. */
cxs_rc cxs_draft_without_folders(cxs_ctx *ctx, const cxs_draft *draft, const char *text,
                                 cxs_buf *out)
{
    cxs_buf next = {0};
    cxs_rc rc = CXS_OK;

    out->length = 0;
    CXS_TRY(cxs_buf_add(ctx, out, text, strlen(text)));
    for (size_t i = 0; i < draft->sources + draft->inputs; i++) {
        const char *path =
            i < draft->sources ? draft->source[i] : draft->input[i - draft->sources];
        cxs_buf swap;
        if (strstr(out->text, path) == NULL)
            continue;
        CXS_TRY(drop_folder(ctx, out->text, path, &next));
        swap = *out;
        *out = next;
        next = swap;
    }
done:
    cxs_free(next.text);
    return rc;
}

typedef struct kept_warning {
    char *text;
    size_t times;
} kept_warning;

static int by_text(const void *a, const void *b)
{
    return strcmp(((const kept_warning *)a)->text, ((const kept_warning *)b)->text);
}

/* In the order of the texts: which file was read first is no property of the study. */
static cxs_rc sort_warnings(cxs_ctx *ctx, const cxs_draft *draft, kept_warning *kept,
                            size_t n)
{
    cxs_rc rc = CXS_OK;

    for (size_t w = 0; w < n; w++) {
        cxs_buf text = {0};
        rc = cxs_draft_without_folders(
            ctx, draft, cxs_ctx_warning(ctx, draft->first_warning + w, &kept[w].times),
            &text);
        kept[w].text = text.text;
        if (rc != CXS_OK)
            return rc;
    }
    if (n > 1)
        qsort(kept, n, sizeof *kept, by_text);
    return CXS_OK;
}

static cxs_rc write_warnings(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    const size_t n = cxs_ctx_warning_count(ctx) - draft->first_warning;
    cxs_stmt *stmt = NULL;
    kept_warning *kept = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(kept, n);
    CXS_TRY(sort_warnings(ctx, draft, kept, n));
    CXS_TRY(cxs_db_prepare(ctx, db,
                           "INSERT INTO warning VALUES(?1, ?2) ON CONFLICT(text) "
                           "DO UPDATE SET times = times + excluded.times",
                           &stmt));
    for (size_t w = 0; w < n; w++) {
        cxs_bind_text(stmt, 1, kept[w].text);
        cxs_bind_int(stmt, 2, (int64_t)kept[w].times);
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }
done:
    for (size_t w = 0; kept != NULL && w < n; w++)
        cxs_free(kept[w].text);
    cxs_free(kept);
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc write_sources(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO source VALUES(?1, ?2, ?3)", &stmt));
    for (size_t i = 0; i < draft->sources; i++) {
        char hex[CXS_SHA256_HEX];
        CXS_TRY(cxs_sha256_file(ctx, draft->source[i], hex));
        cxs_bind_int(stmt, 1, (int64_t)i + 1);
        cxs_bind_text(stmt, 2, without_folder(draft->source[i]));
        cxs_bind_text(stmt, 3, hex);
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_draft_write(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(write_meta(ctx, draft, db));
    CXS_TRY(cxs_draft_settings(ctx, draft, db));
    CXS_TRY(cxs_draft_lists(ctx, draft, db));
    CXS_TRY(write_patients(ctx, draft, db));
    CXS_TRY(write_samples(ctx, draft, db));
    CXS_TRY(write_assays(ctx, draft, db));
    CXS_TRY(write_records(ctx, draft, db));
    CXS_TRY(write_endpoints(ctx, draft, db));
    CXS_TRY(cxs_study_put_matrix(ctx, draft->matrix, db));
    CXS_TRY(write_flow(ctx, draft, db));
    CXS_TRY(write_warnings(ctx, draft, db));
    CXS_TRY(write_sources(ctx, draft, db));
done:
    return rc;
}
