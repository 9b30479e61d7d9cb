/*
 * test_db.c -- stores appear whole or not at all, and are opened with distrust
 */
#include "test.h"

#include "files.h"

#include "store/db.h"

static const char schema[] =
    "CREATE TABLE t(a TEXT, b REAL, c INTEGER, d BLOB) STRICT;";

/* A store with `rows` rows; committed or given up. */
static cxs_rc make(cxs_ctx *ctx, const char *path, int version, int rows, bool commit)
{
    cxs_db *db = NULL;
    cxs_stmt *stmt = NULL;
    cxs_rc rc = cxs_db_create(ctx, path, CXS_DB_STUDY, version, schema, &db);

    if (rc == CXS_OK)
        rc = cxs_db_prepare(ctx, db, "INSERT INTO t VALUES(?1, ?2, ?3, ?4)", &stmt);
    for (int i = 0; i < rows && rc == CXS_OK; i++) {
        cxs_bind_text(stmt, 1, "x'); DROP TABLE t; --");
        cxs_bind_real(stmt, 2, i == 0 ? (double)NAN : 0.1 * i);
        cxs_bind_int(stmt, 3, i);
        cxs_bind_blob(stmt, 4, "a\0b", 3);
        rc = cxs_stmt_run(ctx, stmt);
    }
    cxs_stmt_free(stmt);
    if (rc != CXS_OK || !commit) {
        cxs_db_close(db);
        return rc;
    }
    return cxs_db_commit(ctx, db);
}

static size_t files_in_folder(void)
{
    char command[TEST_PATH_BYTES + 32];
    FILE *pipe;
    unsigned long n = 99;

    snprintf(command, sizeof command, "ls -A '%s' | wc -l", test_folder);
    pipe = popen(command, "r");
    if (pipe == NULL || fscanf(pipe, "%lu", &n) != 1)
        n = 99;
    if (pipe != NULL)
        pclose(pipe);
    return n;
}

static void values_come_back(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const char *path = test_path("odd name %3F?#.cxs");
    cxs_db *db = NULL;
    cxs_stmt *stmt = NULL;
    bool row = false;
    size_t n = 0;

    (void)state;
    CHECK(make(ctx, path, 1, 3, true) == CXS_OK);
    CHECK(cxs_db_open(ctx, path, CXS_DB_STUDY, 1, &db) == CXS_OK);
    CHECK(cxs_db_prepare(ctx, db, "SELECT a, b, c, d FROM t ORDER BY c", &stmt) ==
          CXS_OK);
    CHECK(cxs_stmt_step(ctx, stmt, &row) == CXS_OK && row);
    CHECK(strcmp(cxs_column_text(stmt, 0), "x'); DROP TABLE t; --") == 0);
    CHECK(isnan(cxs_column_real(stmt, 1)));
    CHECK(strcmp(cxs_column_text(stmt, 1), "") == 0);
    CHECK(memcmp(cxs_column_blob(stmt, 3, &n), "a\0b", 3) == 0 && n == 3);
    CHECK(cxs_stmt_step(ctx, stmt, &row) == CXS_OK && row);
    CHECK(cxs_column_real(stmt, 1) == 0.1 && cxs_column_int(stmt, 2) == 1);
    CHECK(cxs_stmt_step(ctx, stmt, &row) == CXS_OK && row);
    CHECK(cxs_stmt_step(ctx, stmt, &row) == CXS_OK && !row);
    CHECK(cxs_stmt_step(ctx, stmt, &row) == CXS_OK && row); /* ready again */
    cxs_stmt_free(stmt);
    CHECK(cxs_db_prepare(ctx, db, "DELETE FROM t", &stmt) != CXS_OK ||
          cxs_stmt_run(ctx, stmt) != CXS_OK); /* read-only */
    cxs_stmt_free(stmt);
    CHECK(cxs_db_prepare(ctx, db, "SELECT nothing FROM t", &stmt) != CXS_OK);
    CHECK(stmt == NULL);
    cxs_db_close(db);
    remove(path);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void given_up_leaves_nothing(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    CHECK(files_in_folder() == 0);
    CHECK(make(ctx, test_path("a.cxs"), 1, 5, false) == CXS_OK);
    CHECK(files_in_folder() == 0);
    CHECK(make(ctx, test_path("a.cxs"), 1, 5, true) == CXS_OK);
    CHECK(files_in_folder() == 1);
    CHECK(make(ctx, test_path("no/folder.cxs"), 1, 5, true) == CXS_ECREATE);
    remove(test_path("a.cxs"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void twice_gives_the_same_bytes(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    size_t na = 0, nb = 0;
    char *a, *b;

    (void)state;
    CHECK(make(ctx, test_path("a.cxs"), 1, 50, true) == CXS_OK);
    CHECK(make(ctx, test_path("b.cxs"), 1, 50, true) == CXS_OK);
    a = test_read(test_path("a.cxs"), &na);
    b = test_read(test_path("b.cxs"), &nb);
    CHECK(a != NULL && b != NULL && na == nb && memcmp(a, b, na) == 0);
    free(a);
    free(b);
    remove(test_path("a.cxs"));
    remove(test_path("b.cxs"));
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void expect_refused(cxs_ctx *ctx, const char *path, int id, int version,
                           cxs_rc rc, const char *message)
{
    cxs_db *db = NULL;

    CHECK(cxs_db_open(ctx, path, id, version, &db) == rc);
    CHECK(db == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), message) != NULL);
    if (strstr(cxs_ctx_message(ctx), message) == NULL)
        printf("  got: %s\n", cxs_ctx_message(ctx));
}

static void strangers_are_refused(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const char *path = test_path("a.cxs");
    size_t n = 0;
    char *bytes;

    (void)state;
    expect_refused(ctx, test_path("none.cxs"), CXS_DB_STUDY, 1, CXS_ENOINPUT,
                   "none.cxs: ");
    CHECK(make(ctx, path, 2, 400, true) == CXS_OK);
    expect_refused(ctx, path, CXS_DB_RESULTS, 2, CXS_EFORMAT,
                   "a.cxs: not a coxswain results file");
    expect_refused(
        ctx, path, CXS_DB_STUDY, 1, CXS_EFORMAT,
        "a.cxs: study file of version 2; this program reads up to version 1");
    bytes = test_read(path, &n);
    CHECK(bytes != NULL && n > 8192);
    test_file("cut.cxs", bytes, n - 4096);
    expect_refused(ctx, test_path("cut.cxs"), CXS_DB_STUDY, 2, CXS_ETRUNCATED,
                   "cut.cxs: truncated");
    test_file("short.cxs", bytes, 60);
    expect_refused(ctx, test_path("short.cxs"), CXS_DB_STUDY, 2, CXS_EFORMAT,
                   "not a coxswain study file");
    memset(bytes + 4096, 0x5a, 200); /* the first page of the table */
    test_file("hurt.cxs", bytes, n);
    expect_refused(ctx, test_path("hurt.cxs"), CXS_DB_STUDY, 2, CXS_EFORMAT,
                   "hurt.cxs: ");
    test_text("text.cxs", "PATIENT_ID\tAGE\n");
    expect_refused(ctx, test_path("text.cxs"), CXS_DB_STUDY, 2, CXS_EFORMAT,
                   "not a coxswain study file");
    free(bytes);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_allocation_may_fail(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    const char *path = test_path("alloc.cxs");
    const long live = cxs_alloc_live();
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 100; k++) {
        cxs_alloc_fail_at(k);
        rc = make(ctx, path, 1, 2, true);
        cxs_alloc_fail_at(0);
        if (access(path, F_OK) == 0) { /* under its name it is whole */
            cxs_db *db = NULL;
            CHECK(cxs_db_open(ctx, path, CXS_DB_STUDY, 1, &db) == CXS_OK);
            cxs_db_close(db);
        } else {
            CHECK(rc == CXS_ENOMEM);
        }
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 4);
    rc = CXS_ENOMEM;
    for (k = 1; rc == CXS_ENOMEM && k < 100; k++) {
        cxs_db *db = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_db_open(ctx, path, CXS_DB_STUDY, 1, &db);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (db != NULL));
        cxs_db_close(db);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 3);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_up_leaves_nothing),
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(twice_gives_the_same_bytes),
        cmocka_unit_test(strangers_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("db", tests, test_folder_make,
                                       test_folder_remove);
}
