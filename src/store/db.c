/*
 * db.c -- SQLite: stores written whole, opened with distrust
 *
 * A new store is one transaction in a temporary file beside its final name, so that a
 * kill, a full disk or a failure leaves the final name absent or as it was.  The
 * journal stays in memory: the temporary file is thrown away on failure, never
 * repaired, and no journal may be left beside a result.  Finished stores never change,
 * which allows `immutable`: no lock, no shared memory, no foreign journal is read, and
 * read-only and network folders work.  The header is read by hand first, so that a
 * stranger's file, a cut file and a newer version each get their own sentence.
 *
 * Depends on base/out.h, SQLite >= 3.37 (STRICT tables).
 */
#include "store/db_private.h"

#include "base/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    HEADER_BYTES = 100,    /* SQLite file format 2, section 1.3 */
    AT_PAGE_SIZE = 16,     /* two bytes, 1 means 65536 */
    AT_WRITE_VERSION = 18, /* 2 is WAL */
    AT_READ_VERSION = 19,
    AT_PAGES = 28,          /* four bytes */
    AT_USER_VERSION = 60,   /* four bytes */
    AT_APPLICATION_ID = 68, /* four bytes */
    PRAGMA_BYTES = 160
};

static cxs_rc kind_of(int sqlite_rc)
{
    switch (sqlite_rc & 0xff) {
    case SQLITE_NOMEM:
        return CXS_ENOMEM;
    case SQLITE_FULL:
    case SQLITE_IOERR:
        return CXS_EIO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
    case SQLITE_AUTH:
        return CXS_EFORMAT;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
        return CXS_EBUG;
    default:
        return CXS_EOS;
    }
}

cxs_rc cxs_db_fail(cxs_ctx *ctx, const cxs_db *db, int sqlite_rc)
{
    const char *why =
        db->handle != NULL ? sqlite3_errmsg(db->handle) : sqlite3_errstr(sqlite_rc);

    return cxs_fail(ctx, kind_of(sqlite_rc), "%s: %s", db->path, why);
}

static cxs_rc run(cxs_ctx *ctx, cxs_db *db, const char *sql)
{
    const int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? CXS_OK : cxs_db_fail(ctx, db, rc);
}

/* Nothing in a file may run code, reach another file or ask for boundless work. */
static void harden(sqlite3 *handle)
{
    static const struct {
        int id, value;
    } limits[] = {
        {SQLITE_LIMIT_SQL_LENGTH, 1000000}, {SQLITE_LIMIT_COLUMN, 256},
        {SQLITE_LIMIT_EXPR_DEPTH, 200},     {SQLITE_LIMIT_COMPOUND_SELECT, 50},
        {SQLITE_LIMIT_ATTACHED, 0},         {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 99}, {SQLITE_LIMIT_TRIGGER_DEPTH, 4},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(handle, limits[i].id, limits[i].value);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
}

static cxs_rc db_new(cxs_ctx *ctx, const char *path, cxs_db **out)
{
    cxs_db *db = cxs_calloc(ctx, 1, sizeof *db);

    *out = NULL;
    if (db == NULL)
        return CXS_ENOMEM;
    if ((db->path = cxs_strdup(ctx, path)) == NULL) {
        cxs_free(db);
        return CXS_ENOMEM;
    }
    *out = db;
    return CXS_OK;
}

static cxs_rc set_up(cxs_ctx *ctx, cxs_db *db, int application_id, int version,
                     const char *schema)
{
    char pragmas[PRAGMA_BYTES];
    cxs_rc rc = CXS_OK;

    snprintf(pragmas, sizeof pragmas,
             "PRAGMA application_id=%d; PRAGMA user_version=%d;", application_id,
             version);
    CXS_TRY(run(ctx, db,
                "PRAGMA page_size=4096; PRAGMA encoding='UTF-8';"
                "PRAGMA auto_vacuum=NONE; PRAGMA journal_mode=MEMORY;"
                "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
                "PRAGMA locking_mode=EXCLUSIVE; PRAGMA secure_delete=ON;"
                "PRAGMA foreign_keys=OFF;"));
    CXS_TRY(run(ctx, db, "BEGIN EXCLUSIVE"));
    CXS_TRY(run(ctx, db, pragmas));
    CXS_TRY(run(ctx, db, schema));
done:
    return rc;
}

static uint32_t big_endian(const unsigned char *bytes, size_t n)
{
    uint32_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

static const char *store_name(int application_id)
{
    return application_id == CXS_DB_STUDY  ? "study file"
           : application_id == CXS_DB_PART ? "part of a study"
                                           : "results file";
}

/* Application id of the store whose first bytes these are; 0: of another program. */
static int kind_of_file(const unsigned char *head)
{
    const int known[] = {CXS_DB_STUDY, CXS_DB_PART, CXS_DB_RESULTS};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (memcmp(head, "SQLite format 3", 16) == 0 &&
            big_endian(head + AT_APPLICATION_ID, 4) == (uint32_t)known[i])
            return known[i];
    return 0;
}

/* A result may replace an older one of its kind; a misplaced name must not cost a file
 * of another kind.  Empty files and what is no file (a pipe) hold nothing to lose. */
static cxs_rc check_replaced(cxs_ctx *ctx, const char *path, int application_id)
{
    unsigned char head[HEADER_BYTES] = {0};
    struct stat status;
    ssize_t got = 0;
    int fd, kind;

    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0)
        return CXS_OK;
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0) {
        got = read(fd, head, sizeof head);
        close(fd);
    }
    kind = got == HEADER_BYTES ? kind_of_file(head) : 0;
    if (kind == application_id)
        return CXS_OK;
    return cxs_fail(ctx, CXS_ECREATE,
                    "%s: is %s, which a %s does not replace; choose another name", path,
                    kind == 0              ? "another kind of file"
                    : kind == CXS_DB_STUDY ? "a study file"
                    : kind == CXS_DB_PART  ? "a part of a study"
                                           : "a results file",
                    store_name(application_id));
}

cxs_rc cxs_db_create(cxs_ctx *ctx, const char *path, int application_id, int version,
                     const char *schema, cxs_db **out)
{
    cxs_rc rc = CXS_OK;
    cxs_db *db = NULL;
    int opened;

    *out = NULL;
    CXS_TRY(check_replaced(ctx, path, application_id));
    CXS_TRY(db_new(ctx, path, &db));
    CXS_TRY(cxs_out_temp_name(ctx, path, &db->temp)); /* an empty file of ours */
    /* no file locks: the temporary name is ours, and some network disks have none */
    opened = sqlite3_open_v2(db->temp, &db->handle, SQLITE_OPEN_READWRITE, "unix-none");
    if (opened != SQLITE_OK) {
        CXS_TRY(cxs_fail(ctx, opened == SQLITE_NOMEM ? CXS_ENOMEM : CXS_ECREATE,
                         "%s: cannot be created: %s", path, sqlite3_errstr(opened)));
    }
    harden(db->handle);
    CXS_TRY(set_up(ctx, db, application_id, version, schema));
    *out = db;
    db = NULL;
done:
    cxs_db_close(db);
    return rc;
}

cxs_rc cxs_db_commit(cxs_ctx *ctx, cxs_db *db)
{
    cxs_rc rc = CXS_OK;
    int closed;

    CXS_TRY(run(ctx, db, "COMMIT"));
    if ((closed = sqlite3_close(db->handle)) != SQLITE_OK)
        CXS_TRY(cxs_db_fail(ctx, db, closed)); /* a statement is still alive */
    db->handle = NULL;
    CXS_TRY(cxs_out_rename(ctx, db->temp, db->path));
    cxs_free(db->temp);
    db->temp = NULL;
done:
    cxs_db_close(db);
    return rc;
}

void cxs_db_close(cxs_db *db)
{
    if (db == NULL)
        return;
    sqlite3_close_v2(db->handle);
    if (db->temp != NULL)
        cxs_out_discard(db->temp);
    cxs_free(db->temp);
    cxs_free(db->path);
    cxs_free(db);
}

/* Judge the first 100 bytes: whose file, which version, whole? */
static cxs_rc check_header(cxs_ctx *ctx, const char *path, int application_id,
                           int version, const unsigned char *head, uint64_t bytes)
{
    const char *what = store_name(application_id);
    uint64_t page = big_endian(head + AT_PAGE_SIZE, 2);
    const uint64_t pages = big_endian(head + AT_PAGES, 4);
    const uint32_t found = big_endian(head + AT_USER_VERSION, 4);

    if (page == 1)
        page = 65536;
    if (memcmp(head, "SQLite format 3", 16) != 0 ||
        big_endian(head + AT_APPLICATION_ID, 4) != (uint32_t)application_id)
        return cxs_fail(ctx, CXS_EFORMAT, "%s: not a coxswain %s", path, what);
    if (found > (uint32_t)version)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: %s of version %u; this program reads up to version %d",
                        path, what, found, version);
    if (page * pages > bytes)
        return cxs_fail(ctx, CXS_ETRUNCATED,
                        "%s: truncated: %llu bytes, its header says %llu", path,
                        (unsigned long long)bytes, (unsigned long long)(page * pages));
    if (page < 512 || pages == 0 || page * pages != bytes || found == 0 ||
        head[AT_WRITE_VERSION] != 1 || head[AT_READ_VERSION] != 1)
        return cxs_fail(ctx, CXS_EFORMAT, "%s: damaged %s: header and size disagree",
                        path, what);
    return CXS_OK;
}

static cxs_rc read_header(cxs_ctx *ctx, const char *path, int application_id,
                          int version)
{
    unsigned char head[HEADER_BYTES] = {0};
    struct stat status;
    cxs_rc rc = CXS_OK;
    ssize_t got = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: %s", path, strerror(errno));
    if (fstat(fd, &status) != 0 || (got = read(fd, head, sizeof head)) < 0)
        CXS_TRY(cxs_fail(ctx, CXS_EIO, "%s: %s", path, strerror(errno)));
    if (got < HEADER_BYTES)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: not a coxswain %s", path,
                         store_name(application_id)));
    CXS_TRY(check_header(ctx, path, application_id, version, head,
                         (uint64_t)status.st_size));
done:
    close(fd);
    return rc;
}

/* path as an immutable URI; every byte that could mean something is escaped. */
static cxs_rc make_uri(cxs_ctx *ctx, const char *path, cxs_buf *uri)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789/._-~";
    cxs_rc rc = cxs_buf_addf(ctx, uri, path[0] == '/' ? "file://" : "file:");

    for (const char *c = path; rc == CXS_OK && *c != '\0'; c++) {
        if (strchr(plain, *c) != NULL)
            rc = cxs_buf_add(ctx, uri, c, 1);
        else
            rc = cxs_buf_addf(ctx, uri, "%%%02X", (unsigned)(unsigned char)*c);
    }
    return rc == CXS_OK ? cxs_buf_addf(ctx, uri, "?immutable=1") : rc;
}

static cxs_rc quick_check(cxs_ctx *ctx, cxs_db *db, int application_id)
{
    cxs_rc rc = CXS_OK;
    cxs_stmt *stmt = NULL;
    bool row = false;

    CXS_TRY(run(ctx, db,
                "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
                "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY;"));
    CXS_TRY(cxs_db_prepare(ctx, db, "PRAGMA quick_check(1)", &stmt));
    CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
    if (!row || strcmp(cxs_column_text(stmt, 0), "ok") != 0)
        rc = cxs_fail(ctx, CXS_EFORMAT, "%s: damaged %s: %s", db->path,
                      store_name(application_id), cxs_column_text(stmt, 0));
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_db_open(cxs_ctx *ctx, const char *path, int application_id, int version,
                   cxs_db **out)
{
    cxs_rc rc = CXS_OK;
    cxs_db *db = NULL;
    cxs_buf uri = {0};
    int opened;

    *out = NULL;
    CXS_TRY(read_header(ctx, path, application_id, version));
    CXS_TRY(db_new(ctx, path, &db));
    CXS_TRY(make_uri(ctx, path, &uri));
    opened = sqlite3_open_v2(uri.text, &db->handle,
                             SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    if (opened != SQLITE_OK)
        CXS_TRY(cxs_db_fail(ctx, db, opened));
    harden(db->handle);
    CXS_TRY(quick_check(ctx, db, application_id));
    *out = db;
    db = NULL;
done:
    cxs_free(uri.text);
    cxs_db_close(db);
    return rc;
}

const char *cxs_sqlite_version(void)
{
    return sqlite3_libversion();
}
