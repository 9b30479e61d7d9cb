/*
 * db_statement.c -- SQLite: prepared statements, their parameters and columns
 *
 * Binding does not fail where it stands: the first failure waits for the next step, so
 * that a row of ten values is ten plain lines.
 */
#include "store/db_private.h"

#include <math.h>
#include <string.h>

cxs_rc cxs_db_prepare(cxs_ctx *ctx, cxs_db *db, const char *sql, cxs_stmt **out)
{
    cxs_stmt *stmt;
    int prepared;

    *out = NULL;
    if ((stmt = cxs_calloc(ctx, 1, sizeof *stmt)) == NULL)
        return CXS_ENOMEM;
    stmt->db = db;
    prepared = sqlite3_prepare_v2(db->handle, sql, -1, &stmt->handle, NULL);
    if (prepared != SQLITE_OK || stmt->handle == NULL) {
        const cxs_rc rc = prepared != SQLITE_OK
                              ? cxs_db_fail(ctx, db, prepared)
                              : cxs_fail(ctx, CXS_EBUG, "%s: no statement", db->path);
        cxs_free(stmt);
        return rc;
    }
    *out = stmt;
    return CXS_OK;
}

void cxs_stmt_free(cxs_stmt *stmt)
{
    if (stmt == NULL)
        return;
    sqlite3_finalize(stmt->handle);
    cxs_free(stmt);
}

static void bound(cxs_stmt *stmt, int rc)
{
    if (stmt->bind_rc == SQLITE_OK)
        stmt->bind_rc = rc;
}

void cxs_bind_text(cxs_stmt *stmt, int at, const char *text)
{
    if (text == NULL)
        bound(stmt, sqlite3_bind_null(stmt->handle, at));
    else
        bound(stmt, sqlite3_bind_text64(stmt->handle, at, text, strlen(text),
                                        SQLITE_TRANSIENT, SQLITE_UTF8));
}

void cxs_bind_real(cxs_stmt *stmt, int at, double value)
{
    bound(stmt, isnan(value) ? sqlite3_bind_null(stmt->handle, at)
                             : sqlite3_bind_double(stmt->handle, at, value));
}

void cxs_bind_int(cxs_stmt *stmt, int at, int64_t value)
{
    bound(stmt, sqlite3_bind_int64(stmt->handle, at, value));
}

void cxs_bind_blob(cxs_stmt *stmt, int at, const void *bytes, size_t n)
{
    bound(stmt,
          n == 0 ? sqlite3_bind_zeroblob(stmt->handle, at, 0)
                 : sqlite3_bind_blob64(stmt->handle, at, bytes, n, SQLITE_TRANSIENT));
}

cxs_rc cxs_stmt_step(cxs_ctx *ctx, cxs_stmt *stmt, bool *row)
{
    int stepped = stmt->bind_rc;

    *row = false;
    stmt->bind_rc = SQLITE_OK;
    if (stepped != SQLITE_OK)
        return cxs_db_fail(ctx, stmt->db, stepped);
    stepped = sqlite3_step(stmt->handle);
    if (stepped == SQLITE_ROW) {
        *row = true;
        return CXS_OK;
    }
    if (stepped != SQLITE_DONE) {
        const cxs_rc rc = cxs_db_fail(ctx, stmt->db, stepped);
        sqlite3_reset(stmt->handle);
        return rc;
    }
    sqlite3_reset(stmt->handle);
    return CXS_OK;
}

cxs_rc cxs_stmt_run(cxs_ctx *ctx, cxs_stmt *stmt)
{
    bool row = false;
    const cxs_rc rc = cxs_stmt_step(ctx, stmt, &row);

    if (rc == CXS_OK && row) {
        sqlite3_reset(stmt->handle);
        return cxs_fail(ctx, CXS_EBUG, "%s: a statement gave rows", stmt->db->path);
    }
    return rc;
}

const char *cxs_column_text(cxs_stmt *stmt, int at)
{
    const unsigned char *text = sqlite3_column_text(stmt->handle, at);

    return text != NULL ? (const char *)text : "";
}

double cxs_column_real(cxs_stmt *stmt, int at)
{
    return sqlite3_column_type(stmt->handle, at) == SQLITE_NULL
               ? (double)NAN
               : sqlite3_column_double(stmt->handle, at);
}

int64_t cxs_column_int(cxs_stmt *stmt, int at)
{
    return sqlite3_column_int64(stmt->handle, at);
}

const void *cxs_column_blob(cxs_stmt *stmt, int at, size_t *n)
{
    const void *bytes = sqlite3_column_blob(stmt->handle, at);

    *n = (size_t)sqlite3_column_bytes(stmt->handle, at);
    return bytes;
}
