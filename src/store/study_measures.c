/*
 * study_measures.c -- measures of sequencing files in a study file or a part of one
 *
 * The bytes are kept as they came from the process that read the file; they are hashed
 * here once more, so that a store that was tampered with shows before it is unpacked.
 */
#include "store/study_measures.h"

#include "base/pack.h"
#include "store/study_schema.h"

#include <stdio.h>
#include <string.h>

/* ---- rows ------------------------------------------------------------------------ */

void cxs_measure_rows_free(cxs_measure_row *rows, size_t count)
{
    for (size_t i = 0; rows != NULL && i < count; i++)
        for (size_t t = 0; t < 4; t++)
            cxs_free(rows[i].text[t]);
    cxs_free(rows);
}

/* A study of version 1 has no measures, one of version 2 no cells of their rows. */
static cxs_rc has_table(cxs_ctx *ctx, cxs_db *db, const char *name, bool *has)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db,
                           "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND "
                           "name = ?1",
                           &stmt));
    cxs_bind_text(stmt, 1, name);
    rc = cxs_stmt_step(ctx, stmt, has);
done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc read_row(cxs_ctx *ctx, cxs_stmt *stmt, cxs_measure_row *row)
{
    row->at = cxs_column_int(stmt, 0);
    for (int t = 0; t < 4; t++)
        if ((row->text[t] = cxs_strdup(ctx, cxs_column_text(stmt, t + 1))) == NULL)
            return CXS_ENOMEM;
    row->key.sample = row->text[0];
    row->key.assay = row->text[1];
    row->key.file = row->text[2];
    row->key.column = row->text[3];
    snprintf(row->key.input, CXS_SHA256_HEX, "%s", cxs_column_text(stmt, 5));
    snprintf(row->key.settings, CXS_SHA256_HEX, "%s", cxs_column_text(stmt, 6));
    return CXS_OK;
}

cxs_rc cxs_measure_rows_read(cxs_ctx *ctx, cxs_db *db, cxs_measure_row **rows,
                             size_t *count)
{
    cxs_measure_row *made = NULL;
    size_t n = 0, capacity = 0;
    cxs_stmt *stmt = NULL;
    bool more = false;
    cxs_rc rc = CXS_OK;

    *rows = NULL;
    *count = 0;
    CXS_TRY(has_table(ctx, db, "measure", &more));
    if (!more)
        return CXS_OK;
    CXS_TRY(cxs_db_prepare(ctx, db,
                           "SELECT at, sample, assay, file, column_name, input, "
                           "settings FROM measure ORDER BY at",
                           &stmt));
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &more));
        if (!more)
            break;
        CXS_TRY(cxs_grow(ctx, (void **)&made, &capacity, n + 1, sizeof *made));
        made[n] = (cxs_measure_row){0};
        CXS_TRY(read_row(ctx, stmt, &made[n++]));
    }
    *rows = made;
    *count = n;
    made = NULL;
done:
    cxs_stmt_free(stmt);
    cxs_measure_rows_free(made, n);
    return rc;
}

cxs_rc cxs_study_measure_rows(cxs_ctx *ctx, cxs_study *study, cxs_measure_row **rows,
                              size_t *count)
{
    return cxs_measure_rows_read(ctx, study->db, rows, count);
}

/* ---- bytes ----------------------------------------------------------------------- */

cxs_rc cxs_measure_bytes(cxs_ctx *ctx, cxs_db *db, const char *where, int64_t at,
                         unsigned char **bytes, size_t *size)
{
    cxs_stmt *stmt = NULL;
    unsigned char *copy = NULL;
    const void *blob;
    bool row = false;
    cxs_rc rc = CXS_OK;

    *bytes = NULL;
    CXS_TRY(cxs_db_prepare(ctx, db, "SELECT bytes, xxh64 FROM measure WHERE at = ?1",
                           &stmt));
    cxs_bind_int(stmt, 1, at);
    CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
    if (!row)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: no measures at row %lld", where,
                         (long long)at));
    blob = cxs_column_blob(stmt, 0, size);
    if (blob == NULL || (int64_t)cxs_hash64(blob, *size) != cxs_column_int(stmt, 1))
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                         "%s: damaged measures: the checksum of row %lld differs",
                         where, (long long)at));
    CXS_NEW(copy, *size);
    memcpy(copy, blob, *size);
    *bytes = copy;
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_measure_load(cxs_ctx *ctx, cxs_db *db, const char *where, int64_t at,
                        cxs_measures **out)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(cxs_measure_bytes(ctx, db, where, at, &bytes, &size));
    rc = cxs_measures_unpack(ctx, bytes, size, where, out);
done:
    cxs_free(bytes);
    return rc;
}

cxs_rc cxs_study_measures_at(cxs_ctx *ctx, cxs_study *study, int64_t at,
                             cxs_measures **out)
{
    return cxs_measure_load(ctx, study->db, study->path, at, out);
}

cxs_rc cxs_study_measures(cxs_ctx *ctx, cxs_study *study, const char *sample,
                          const char *assay, cxs_measures **out)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    int64_t at = 0;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(has_table(ctx, study->db, "measure", &row));
    if (!row)
        return CXS_OK;
    CXS_TRY(cxs_db_prepare(ctx, study->db,
                           "SELECT at FROM measure WHERE sample = ?1 AND assay = ?2 "
                           "ORDER BY at LIMIT 1",
                           &stmt));
    cxs_bind_text(stmt, 1, sample);
    cxs_bind_text(stmt, 2, assay);
    CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
    if (!row)
        goto done;
    at = cxs_column_int(stmt, 0);
    rc = cxs_study_measures_at(ctx, study, at, out);
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_study_measure_value(cxs_ctx *ctx, cxs_study *study, int64_t at,
                               const char *name, char **value)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    *value = NULL;
    CXS_TRY(has_table(ctx, study->db, "measure_value", &row));
    if (!row)
        return CXS_OK;
    CXS_TRY(cxs_db_prepare(ctx, study->db,
                           "SELECT value FROM measure_value WHERE at = ?1 AND "
                           "name = ?2",
                           &stmt));
    cxs_bind_int(stmt, 1, at);
    cxs_bind_text(stmt, 2, name);
    CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
    if (row && (*value = cxs_strdup(ctx, cxs_column_text(stmt, 0))) == NULL)
        rc = CXS_ENOMEM;
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_measure_value_store(cxs_ctx *ctx, cxs_db *db, int64_t at, const char *name,
                               const char *value)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    if (value == NULL)
        return CXS_OK;
    CXS_TRY(
        cxs_db_prepare(ctx, db, "INSERT INTO measure_value VALUES(?1, ?2, ?3)", &stmt));
    cxs_bind_int(stmt, 1, at);
    cxs_bind_text(stmt, 2, name);
    cxs_bind_text(stmt, 3, value);
    rc = cxs_stmt_run(ctx, stmt);
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_measure_store(cxs_ctx *ctx, cxs_db *db, int64_t at,
                         const cxs_measure_key *key, const unsigned char *bytes,
                         size_t size)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db,
                           "INSERT INTO measure VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
                           "?9)",
                           &stmt));
    cxs_bind_int(stmt, 1, at);
    cxs_bind_text(stmt, 2, key->sample);
    cxs_bind_text(stmt, 3, key->assay);
    cxs_bind_text(stmt, 4, key->file);
    cxs_bind_text(stmt, 5, key->column);
    cxs_bind_text(stmt, 6, key->input);
    cxs_bind_text(stmt, 7, key->settings);
    cxs_bind_int(stmt, 8, (int64_t)cxs_hash64(bytes, size));
    cxs_bind_blob(stmt, 9, bytes, size);
    rc = cxs_stmt_run(ctx, stmt);
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* ---- warnings and meta ----------------------------------------------------------- */

cxs_rc cxs_measure_warning_store(cxs_ctx *ctx, cxs_db *db, int64_t at, size_t line,
                                 const char *code, const char *text, size_t times)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(
        ctx, db, "INSERT INTO measure_warning VALUES(?1, ?2, ?3, ?4, ?5)", &stmt));
    cxs_bind_int(stmt, 1, at);
    cxs_bind_int(stmt, 2, (int64_t)line);
    cxs_bind_text(stmt, 3, code);
    cxs_bind_text(stmt, 4, text);
    cxs_bind_int(stmt, 5, (int64_t)times);
    rc = cxs_stmt_run(ctx, stmt);
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_measure_warnings(cxs_ctx *ctx, cxs_db *db, int64_t at,
                            cxs_measure_warning_fn fn, void *user)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db,
                           "SELECT code, text, times FROM measure_warning WHERE "
                           "at = ?1 ORDER BY line",
                           &stmt));
    cxs_bind_int(stmt, 1, at);
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(fn(ctx, cxs_column_text(stmt, 0), cxs_column_text(stmt, 1),
                   (size_t)cxs_column_int(stmt, 2), user));
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_measure_meta(cxs_ctx *ctx, cxs_db *db, const char *key, char **value)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    *value = NULL;
    CXS_TRY(cxs_db_prepare(ctx, db, "SELECT value FROM meta WHERE key = ?1", &stmt));
    cxs_bind_text(stmt, 1, key);
    CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
    if (row && (*value = cxs_strdup(ctx, cxs_column_text(stmt, 0))) == NULL)
        rc = CXS_ENOMEM;
done:
    cxs_stmt_free(stmt);
    return rc;
}
