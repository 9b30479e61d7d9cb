/*
 * db.h -- SQLite's one home: create, open, bind, step
 *
 * Stores are written to a temporary name with a rollback journal (no WAL: network disks),
 * then renamed; opened read-only and hardened: defensive, untrusted schema off,
 * application id and version checked, quick_check run.  Only bound parameters carry data.
 */
#ifndef CXS_DB_H
#define CXS_DB_H

#include "base/base.h"

typedef struct cxs_db cxs_db;
typedef struct cxs_stmt cxs_stmt;

enum {
    CXS_DB_STUDY = 0x63787331,  /* application id "cxs1" */
    CXS_DB_PART = 0x63787031,   /* "cxp1" */
    CXS_DB_RESULTS = 0x63787231 /* "cxr1" */
};

/* Create a store under a temporary name beside @p path and run @p schema in one
 * transaction that stays open until cxs_db_commit().  CXS_ECREATE: also when the file
 * that is there is not a store of this kind. */
cxs_rc cxs_db_create(cxs_ctx *ctx, const char *path, int application_id, int version,
                     const char *schema, cxs_db **out) CXS_MUST_USE;
/* Finish a created store: commit, close, sync, rename into place.  Frees in any case. */
cxs_rc cxs_db_commit(cxs_ctx *ctx, cxs_db *db) CXS_MUST_USE;
/* Open read-only.  CXS_ENOINPUT; CXS_EFORMAT: not such a store, newer major version,
 * damaged. */
cxs_rc cxs_db_open(cxs_ctx *ctx, const char *path, int application_id, int version,
                   cxs_db **out) CXS_MUST_USE;
/* Close; removes the temporary file of a store that was not committed.  NULL allowed. */
void cxs_db_close(cxs_db *db);

cxs_rc cxs_db_prepare(cxs_ctx *ctx, cxs_db *db, const char *sql,
                      cxs_stmt **out) CXS_MUST_USE;
void cxs_stmt_free(cxs_stmt *stmt); /* NULL allowed; free before its db */

/* Parameters from 1.  Text and blobs are copied.  NaN binds NULL.  Errors surface in
 * cxs_stmt_step(). */
void cxs_bind_text(cxs_stmt *stmt, int at, const char *text); /* NULL binds NULL */
void cxs_bind_real(cxs_stmt *stmt, int at, double value);
void cxs_bind_int(cxs_stmt *stmt, int at, int64_t value);
void cxs_bind_blob(cxs_stmt *stmt, int at, const void *bytes, size_t n);

/* One row more?  After the last row the statement is reset and ready to bind again. */
cxs_rc cxs_stmt_step(cxs_ctx *ctx, cxs_stmt *stmt, bool *row) CXS_MUST_USE;
/* Step a statement that gives no row (INSERT). */
cxs_rc cxs_stmt_run(cxs_ctx *ctx, cxs_stmt *stmt) CXS_MUST_USE;

/* Columns from 0, of the current row; text and blob borrowed until the next step. */
const char *cxs_column_text(cxs_stmt *stmt, int at); /* "" for NULL */
double cxs_column_real(cxs_stmt *stmt, int at);      /* NaN for NULL */
int64_t cxs_column_int(cxs_stmt *stmt, int at);
const void *cxs_column_blob(cxs_stmt *stmt, int at, size_t *n);

/* Version of the library behind it. */
const char *cxs_sqlite_version(void);

#endif /* CXS_DB_H */
