/*
 * test_fault_catalogue.c -- every row of refdata/error_catalogue.tsv, without exception, is
 * raised somewhere in src/ and asserted by some test
 *
 * What counts is a code inside a string literal of C (a comment does not), or anywhere
 * in a bats test outside comments.
 */
#include "test.h"

#include "base/table.h"
#include "files.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <string.h>

enum { CODES = 60 };

typedef struct uses {
    bool in_source[CODES + 1], in_test[CODES + 1];
} uses;

/* Number of the code that begins here, 0: none. */
static int code_at(const char *c)
{
    int code;

    if (strncmp(c, "CX", 2) != 0 || !isdigit((unsigned char)c[2]) ||
        !isdigit((unsigned char)c[3]) || !isdigit((unsigned char)c[4]) ||
        isdigit((unsigned char)c[5]))
        return 0;
    code = (c[2] - '0') * 100 + (c[3] - '0') * 10 + (c[4] - '0');
    return code <= CODES ? code : 0;
}

/* Codes inside the string literals of C. */
static void take_c(const char *text, bool found[CODES + 1])
{
    char in = ' '; /* what we are in: ' ' code, '"' or '\'' literal, '*' comment, '/' */

    for (const char *c = text; *c != '\0'; c++) {
        if ((in == '"' || in == '\'') && *c == '\\' && c[1] != '\0')
            c++;
        else if (in == '"' || in == '\'')
            in = *c == in ? ' ' : in;
        else if (in == '*')
            in = *c == '/' && c[-1] == '*' ? ' ' : '*';
        else if (in == '/')
            in = *c == '\n' ? ' ' : '/';
        else if (*c == '"' || *c == '\'')
            in = *c;
        else if (*c == '/' && (c[1] == '*' || c[1] == '/'))
            in = *++c;
        if (in == '"')
            found[code_at(c + 1)] = true;
    }
}

/* Codes of a shell script, comments left out. */
static void take_shell(const char *text, bool found[CODES + 1])
{
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");
        const char *word = text + strspn(text, " \t");
        for (const char *c = word; *word != '#' && c < text + length; c++)
            found[code_at(c)] = true;
        text += length + (text[length] == '\n');
    }
}

static void take_folder(const char *folder, const char *ending,
                        void (*take)(const char *, bool *), bool *found)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    size_t files = 0;

    CHECK(dir != NULL);
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        const size_t length = strlen(entry->d_name), end = strlen(ending);
        char path[512], *text;
        if (length < end || strcmp(entry->d_name + length - end, ending) != 0 ||
            strcmp(entry->d_name, "test_fault_catalogue.c") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if ((text = test_read(path, NULL)) == NULL)
            abort();
        take(text, found);
        free(text);
        files++;
    }
    if (dir != NULL)
        closedir(dir);
    CHECK(files > 0);
}

static void literals_count_and_comments_do_not(void **state)
{
    bool found[CODES + 1] = {false};

    (void)state;
    take_c("/* \"CX001\" */ f(\"CX002: a\", 'CX003', \"\\\"CX004\"); // \"CX005\"\n"
           "g(\"a // CX006\", '\"', \"CX007\", CX008, \"CX0091\", \"CX061\");",
           found);
    for (int c = 1; c <= 9; c++)
        CHECK(found[c] == (c == 2 || c == 4 || c == 6 || c == 7));
    memset(found, 0, sizeof found);
    take_shell("# CX001\ngrep -q 'CX002: ' # x\n  # CX003\nCX004", found);
    for (int c = 1; c <= 4; c++)
        CHECK(found[c] == (c == 2 || c == 4));
    CHECK_DONE();
}

static void every_code_is_raised_and_tested(void **state)
{
    static const char *const stages[] = {"src/base",   "src/num",      "src/store",
                                         "src/ingest", "src/features", "src/model",
                                         "src/rank",   "src/resample", "src/cli"};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *table = NULL;
    uses found = {{false}, {false}};
    size_t column = 0;

    (void)state;
    for (size_t s = 0; s < sizeof stages / sizeof *stages; s++)
        take_folder(stages[s], ".c", take_c, found.in_source);
    take_folder("tests", ".c", take_c, found.in_test);
    take_folder("tests/cli", ".bats", take_shell, found.in_test);
    CHECK(cxs_table_read(ctx, "refdata/error_catalogue.tsv", &table) == CXS_OK);
    CHECK(cxs_table_need(ctx, table, "code", &column) == CXS_OK);
    CHECK(table != NULL && table->rows == CODES);
    for (size_t r = 0; table != NULL && r < table->rows; r++) {
        const char *name = cxs_table_cell(table, r, column);
        const int code = code_at(name);
        CHECK(code == (int)r + 1);
        if (!found.in_source[code] || !found.in_test[code]) {
            printf("  %s: %s%s\n", name, found.in_source[code] ? "" : "not raised ",
                   found.in_test[code] ? "" : "not tested");
            test_failures++;
        }
    }
    cxs_table_free(table);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_count_and_comments_do_not),
        cmocka_unit_test(every_code_is_raised_and_tested),
    };

    return cmocka_run_group_tests_name("fault_catalogue", tests, NULL, NULL);
}
