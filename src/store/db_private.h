/*
 * db_private.h -- what a store and a statement are, for db.c and db_statement.c alone
 */
#ifndef CXS_DB_PRIVATE_H
#define CXS_DB_PRIVATE_H

#include "store/db.h"

#include <sqlite3.h>

struct cxs_db {
    sqlite3 *handle;
    char *path; /* final name, for messages */
    char *temp; /* not NULL while a created store is not committed */
};

struct cxs_stmt {
    sqlite3_stmt *handle;
    cxs_db *db;
    int bind_rc; /* first failed binding, reported by the next step */
};

/* SQLite's sentence after the path; the kind from its code. */
cxs_rc cxs_db_fail(cxs_ctx *ctx, const cxs_db *db, int sqlite_rc) CXS_MUST_USE;

#endif /* CXS_DB_PRIVATE_H */
