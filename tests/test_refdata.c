/*
 * test_refdata.c -- refdata/MANIFEST tells what each reference table is
 */
#include "test.h"

#include "base/digest.h"
#include "base/number.h"
#include "base/table.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static const char folder[] = "refdata";

static void check_file(cxs_ctx *ctx, const cxs_table *manifest, size_t r)
{
    static const char *const names[] = {"name", "sha256", "rows", "source", "licence"};
    const char *cell[5];
    char path[512], hex[CXS_SHA256_HEX];
    cxs_table *table = NULL;
    int64_t rows = -1;

    for (size_t c = 0; c < 5; c++) {
        size_t at = 0;
        CHECK(cxs_table_need(ctx, manifest, names[c], &at) == CXS_OK);
        cell[c] = cxs_table_cell(manifest, r, at);
        CHECK(*cell[c] != '\0');
    }
    snprintf(path, sizeof path, "%s/%s", folder, cell[0]);
    CHECK(cxs_sha256_file(ctx, path, hex) == CXS_OK && strcmp(hex, cell[1]) == 0);
    CHECK(cxs_table_read(ctx, path, &table) == CXS_OK);
    CHECK(cxs_number_parse_int(cell[2], 0, 100000000, &rows));
    CHECK(table != NULL && (int64_t)table->rows == rows);
    if (table == NULL || (int64_t)table->rows != rows)
        printf("  %s: %s\n", path, cxs_ctx_message(ctx));
    cxs_table_free(table);
}

static void every_table_is_as_listed(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *manifest = NULL;

    (void)state;
    CHECK(cxs_table_read(ctx, "refdata/MANIFEST", &manifest) == CXS_OK);
    for (size_t r = 0; manifest != NULL && r < manifest->rows; r++)
        check_file(ctx, manifest, r);
    CHECK(manifest != NULL && manifest->rows >= 20);
    cxs_table_free(manifest);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void every_table_is_listed(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *manifest = NULL;
    DIR *dir = opendir(folder);
    struct dirent *entry;

    (void)state;
    CHECK(dir != NULL);
    CHECK(cxs_table_read(ctx, "refdata/MANIFEST", &manifest) == CXS_OK);
    while (dir != NULL && manifest != NULL && (entry = readdir(dir)) != NULL) {
        bool listed = false;
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "MANIFEST") == 0 ||
            strcmp(entry->d_name, "README.md") == 0)
            continue;
        for (size_t r = 0; r < manifest->rows; r++)
            listed =
                listed || strcmp(cxs_table_cell(manifest, r, 0), entry->d_name) == 0;
        CHECK(listed);
        if (!listed)
            printf("  refdata/%s is not in the MANIFEST\n", entry->d_name);
    }
    if (dir != NULL)
        closedir(dir);
    cxs_table_free(manifest);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The comment lines of a table say where its facts come from, under which terms, of
 * which date and how certain they are. */
static void check_provenance(const char *name)
{
    static const char *const keys[] = {
        "# source: ", "# licence: ", "# facts of: ", "# certainty: "};
    char path[512], line[4096];
    int found[4] = {0, 0, 0, 0};
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "r");
    CHECK(file != NULL);
    while (file != NULL && fgets(line, sizeof line, file) != NULL && line[0] == '#')
        for (size_t k = 0; k < 4; k++)
            found[k] += strncmp(line, keys[k], strlen(keys[k])) == 0 &&
                        strlen(line) > strlen(keys[k]) + 1;
    for (size_t k = 0; k < 4; k++) {
        CHECK(found[k] == 1);
        if (found[k] != 1)
            printf("  %s: %d lines '%s'\n", path, found[k], keys[k]);
    }
    if (file != NULL)
        fclose(file);
}

static void every_table_says_where_it_comes_from(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *manifest = NULL;

    (void)state;
    CHECK(cxs_table_read(ctx, "refdata/MANIFEST", &manifest) == CXS_OK);
    for (size_t r = 0; manifest != NULL && r < manifest->rows; r++)
        check_provenance(cxs_table_cell(manifest, r, 0));
    cxs_table_free(manifest);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Codes CX001.. in order, each with a sentence and an action. */
static void the_catalogue_is_complete(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = NULL;

    (void)state;
    CHECK(cxs_table_read(ctx, "refdata/error_catalogue.tsv", &t) == CXS_OK);
    for (size_t r = 0; t != NULL && r < t->rows; r++) {
        char code[32];
        snprintf(code, sizeof code, "CX%03zu", r + 1);
        CHECK(strcmp(cxs_table_cell(t, r, 0), code) == 0);
        for (size_t c = 1; c < t->columns; c++)
            CHECK(*cxs_table_cell(t, r, c) != '\0');
    }
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_table_is_as_listed),
        cmocka_unit_test(every_table_is_listed),
        cmocka_unit_test(every_table_says_where_it_comes_from),
        cmocka_unit_test(the_catalogue_is_complete),
    };
    return cmocka_run_group_tests_name("refdata", tests, NULL, NULL);
}
