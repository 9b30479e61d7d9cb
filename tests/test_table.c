/*
 * test_table.c -- tables in memory: header, rows, numeric columns, and their faults
 */
#include "test.h"

#include "files.h"

#include "base/table.h"

static void check_fault(const char *text, cxs_rc want, const char *code,
                        const char *tail)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *table = NULL;
    char message[2048];
    const char *path = test_text("t.tsv", text);

    snprintf(message, sizeof message, "%s%s", path, tail);
    CHECK(cxs_table_read(ctx, path, &table) == want);
    CHECK(table == NULL);
    if (strcmp(cxs_ctx_message(ctx), message) != 0)
        printf("  got %s\n", cxs_ctx_message(ctx));
    CHECK(strcmp(cxs_ctx_message(ctx), message) == 0);
    CHECK(strcmp(cxs_ctx_code(ctx), code) == 0);
    cxs_table_free(table);
    cxs_ctx_free(ctx);
}

static cxs_table *read_text(cxs_ctx *ctx, const char *text)
{
    cxs_table *table = NULL;
    const cxs_rc rc = cxs_table_read(ctx, test_text("t.tsv", text), &table);

    if (rc != CXS_OK)
        printf("  %s\n", cxs_ctx_message(ctx));
    assert_int_equal(rc, CXS_OK);
    return table;
}

static bool cell_is(const cxs_table *t, size_t row, size_t column, const char *want)
{
    return strcmp(cxs_table_cell(t, row, column), want) == 0;
}

static void cells_are_trimmed(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = read_text(ctx, "# made by hand\n#\tx\n id \tOS\tnote\n"
                                  "P1\t 3.5 \ta b\n\xc2\xa0P2\xc2\xa0\t\t \n\n\n");
    char want[1024];

    (void)state;
    CHECK(t->rows == 2 && t->columns == 3);
    CHECK(strcmp(t->name[0], "id") == 0 && strcmp(t->name[2], "note") == 0);
    CHECK(cell_is(t, 0, 0, "P1") && cell_is(t, 0, 1, "3.5") && cell_is(t, 0, 2, "a b"));
    CHECK(cell_is(t, 1, 0, "P2") && cell_is(t, 1, 1, "") && cell_is(t, 1, 2, ""));
    CHECK(t->line[0] == 4 && t->line[1] == 5 && t->header_line == 3);
    CHECK(cxs_table_find(t, "OS") == 1 && cxs_table_find(t, "os") == SIZE_MAX);
    snprintf(want, sizeof want,
             "CX021: %s: 1 cells had no-break spaces around them, cut off", t->path);
    CHECK(cxs_ctx_warning_count(ctx) == 1);
    CHECK(strcmp(cxs_ctx_warning(ctx, 0, NULL), want) == 0);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void comma_separated(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = read_text(ctx, "id,site\r\nP1,\"A, north\"\r\nP2,\" B \"\r\n");

    (void)state;
    CHECK(t->rows == 2 && cell_is(t, 0, 1, "A, north") && cell_is(t, 1, 1, "B"));
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Four comment rows, then the header: the layout of a cBioPortal clinical file. */
static void cbioportal_file(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = read_text(
        ctx, "#Patient Identifier\tOverall Survival Status\n#Id\tStatus\n"
             "#STRING\tSTRING\n#1\t1\nPATIENT_ID\tOS_STATUS\nP-1\t1:DECEASED\n#2\tx\n");

    (void)state;
    CHECK(t->rows == 2 && cell_is(t, 0, 1, "1:DECEASED"));
    CHECK(cell_is(t, 1, 0, "#2")); /* comments stand before the header only */
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void header_only(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = read_text(ctx, "id\tx");

    (void)state;
    CHECK(t->rows == 0 && t->columns == 2);
    CHECK(cxs_table_numbers(ctx, t, 1, NULL, NULL) == CXS_OK);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void malformed_tables(void **state)
{
    static const struct {
        const char *text, *code, *tail;
    } cases[] = {
        {"", "CX020", ": the file has no header"},
        {"# only\n# comments\n", "CX020", ": the file has no header"},
        {"a\tb\n1\n", "CX019", ":2: 1 fields, the header has 2"},
        {"a\tb\n1\t2\n1\t2\t3\n", "CX019", ":3: 3 fields, the header has 2"},
        {"a\tb\n1\t2\n\n1\t2\n", "CX019", ":3: 0 fields, the header has 2"},
        {"#c\na\tb\n1\n", "CX019", ":3: 1 fields, the header has 2"},
        {"a\t\tc\n", "CX020", ":1: column 2 has no name"},
        {"a\tb\ta\n", "CX020", ":1: column \"a\" is given twice"},
        {"#\na\tOs\tOS\n", "CX020",
         ":2: columns \"OS\" and \"Os\" differ only by case"},
        {"a,b\n\"x,1\n", "CX019", ":2: a quoted field has no closing quote"},
        {"a,b\n\"x\"y,1\n", "CX019", ":2: text follows a quoted field"},
        {"a;b\n1;2\n", "CX022",
         ": fields are separated by semicolons; save it as tab-separated text"},
        {"a\tb\n1\t\xe4\n", "CX021", ": byte 6: not UTF-8"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_fault(cases[i].text, CXS_EFORMAT, cases[i].code, cases[i].tail);
    CHECK_DONE();
}

static void check_need(const cxs_table *t, const char *name, const char *tail)
{
    cxs_ctx *ctx = cxs_ctx_new();
    char message[2048];
    size_t column = 7;

    snprintf(message, sizeof message, "%s:1: column \"%s\" is missing %s", t->path,
             name, tail);
    CHECK(cxs_table_need(ctx, t, name, &column) == CXS_EFORMAT);
    if (strcmp(cxs_ctx_message(ctx), message) != 0)
        printf("  got %s\n", cxs_ctx_message(ctx));
    CHECK(strcmp(cxs_ctx_message(ctx), message) == 0);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX020") == 0);
    cxs_ctx_free(ctx);
}

static void missing_columns_name_the_nearest(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = read_text(ctx, "id\tOS.time\tgrade\n");
    size_t column = 0;

    (void)state;
    CHECK(cxs_table_need(ctx, t, "grade", &column) == CXS_OK && column == 2);
    check_need(t, "grad", "(found \"grade\"); did you mean \"grade\"?");
    check_need(t, "graed", "(found \"grade\"); did you mean \"grade\"?");
    check_need(t, "os.TIME", "(found \"OS.time\"); did you mean \"OS.time\"?");
    check_need(t, "centre", "(found 3 other columns, the first is \"id\")");
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Levenshtein by the definition, O(nm). */
static size_t naive_distance(const char *a, const char *b)
{
    size_t row[64];
    const size_t m = strlen(b);

    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            const size_t change = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            if (row[j - 1] < row[j])
                row[j] = row[j - 1];
            row[j]++;
            if (change < row[j])
                row[j] = change;
        }
    }
    return row[m];
}

static void edit_distances(void **state)
{
    char word[64][8];

    (void)state;
    CHECK(cxs_edit_distance("", "", 2) == 0);
    CHECK(cxs_edit_distance("kitten", "sitting", 3) == 3);
    CHECK(cxs_edit_distance("kitten", "sitting", 2) == 3); /* limit + 1 */
    CHECK(cxs_edit_distance("abc", "", 2) == 3);
    CHECK(cxs_edit_distance("ab", "ba", 2) == 2);
    for (unsigned i = 0; i < 64; i++)
        snprintf(word[i], sizeof word[i], "%s%s%s",
                 i % 4 == 0   ? ""
                 : i % 4 == 1 ? "a"
                 : i % 4 == 2 ? "ba"
                              : "aab",
                 i / 4 % 4 == 0   ? "b"
                 : i / 4 % 4 == 1 ? ""
                                  : "ab",
                 i / 16 % 2 ? "a" : "");
    for (unsigned i = 0; i < 64; i++)
        for (unsigned j = 0; j < 64; j++)
            for (size_t limit = 0; limit < 5; limit++) {
                const size_t d = naive_distance(word[i], word[j]);
                CHECK(cxs_edit_distance(word[i], word[j], limit) ==
                      (d <= limit ? d : limit + 1));
            }
    CHECK_DONE();
}

/* ---- numbers --------------------------------------------------------------------- */

static void numeric_columns(void **state)
{
    static const char *const extra[] = {"x", "-9", NULL};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t =
        read_text(ctx, "id\tv\na\t1.5\nb\tNA\nc\t\nd\tx\ne\t-9.0\nf\t1e-2\n");
    double v[6];

    (void)state;
    CHECK(cxs_table_numbers(ctx, t, 1, extra, v) == CXS_OK);
    CHECK(v[0] == 1.5 && isnan(v[1]) && isnan(v[2]) && isnan(v[3]) && isnan(v[4]) &&
          v[5] == 0.01);
    CHECK(cxs_ctx_warning_count(ctx) == 0);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Column "v" of the text is refused with this code and this message (%s is the path).
 */
static void check_numbers_fault(const char *text, const char *code, const char *want)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = read_text(ctx, text);
    double v[64];
    const char *message = cxs_ctx_message(ctx);

    CHECK(cxs_table_numbers(ctx, t, 0, NULL, v) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), code) == 0);
    /* compare with every "%" of want standing for the path */
    for (; *want != '\0'; want++) {
        const size_t n = *want == '%' ? strlen(t->path) : 1;
        if (strncmp(message, *want == '%' ? t->path : want, n) != 0)
            break;
        message += n;
    }
    if (*want != '\0' || *message != '\0')
        printf("  got %s\n", cxs_ctx_message(ctx));
    CHECK(*want == '\0' && *message == '\0');
    cxs_table_free(t);
    cxs_ctx_free(ctx);
}

static void text_in_a_number_column(void **state)
{
    (void)state;
    check_numbers_fault("v\n1\n1,5\n2\n", "CX016", "%:3:v: \"1,5\" is not a number");
    check_numbers_fault("v\n<5\n0x1F\n", "CX016",
                        "%:2:v: \"<5\" is not a number\n"
                        "%:3:v: \"0x1F\" is not a number");
    check_numbers_fault("v\na\na\na\na\na\na\na\na\na\na\nb\nc\n", "CX016",
                        "%:2:v: \"a\" is not a number\n%:3:v: \"a\" is not a number\n"
                        "%:4:v: \"a\" is not a number\n%:5:v: \"a\" is not a number\n"
                        "%:6:v: \"a\" is not a number\n%:7:v: \"a\" is not a number\n"
                        "%:8:v: \"a\" is not a number\n%:9:v: \"a\" is not a number\n"
                        "%:10:v: \"a\" is not a number\n%:11:v: \"a\" is not a number\n"
                        "12 such faults in total");
    check_numbers_fault("v\n1\n?\n?\nUNK\n", "CX017",
                        "%:v: 1 cells hold UNK; is it missing? add --na UNK\n"
                        "%:v: 2 cells hold ?; is it missing? add --na ?");
    check_numbers_fault("v\n1\n#N/A\n", "CX017",
                        "%:v: 1 cells hold #N/A; is it missing? add --na #N/A");
    check_numbers_fault("v\n?\nbad\n", "CX016", "%:3:v: \"bad\" is not a number");
    CHECK_DONE();
}

static void cells_are_masked(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_table *t = read_text(ctx, "v\nsecret\n");
    double v[1];

    (void)state;
    cxs_ctx_set_mask_ids(ctx, 1);
    CHECK(cxs_table_numbers(ctx, t, 0, NULL, v) == CXS_EFORMAT);
    CHECK(strstr(cxs_ctx_message(ctx), "secret") == NULL);
    CHECK(strstr(cxs_ctx_message(ctx), ":2:v: \"***\" is not a number") != NULL);
    cxs_table_free(t);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void sentinels_at_the_end_of_the_range(void **state)
{
    static const struct {
        const char *text;
        size_t warnings;
        const char *tail;
    } cases[] = {
        {"v\n1\n999\n999\n", 1, ":v: 2 cells hold 999; is it missing? add --na 999"},
        {"v\n1\n-9\n", 1, ":v: 1 cells hold -9; is it missing? add --na -9"},
        {"v\n98\n99\n100\n", 0, ""}, /* inside the range */
        {"v\n-9\n-10\n", 1, ":v: 1 cells hold -9; is it missing? add --na -9"},
        {"v\n-9.5\n-9\n0\n", 0, ""},
        {"v\n-99\n9999\n", 2, ":v: 1 cells hold -99; is it missing? add --na -99"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_table *t = read_text(ctx, cases[i].text);
        double v[8];
        char want[1024];
        CHECK(cxs_table_numbers(ctx, t, 0, NULL, v) == CXS_OK);
        CHECK(cxs_ctx_warning_count(ctx) == cases[i].warnings);
        snprintf(want, sizeof want, "CX017: %s%s", t->path, cases[i].tail);
        if (cases[i].warnings > 0)
            CHECK(strcmp(cxs_ctx_warning(ctx, 0, NULL), want) == 0);
        cxs_table_free(t);
        cxs_ctx_free(ctx);
    }
    CHECK_DONE();
}

static void faults_are_counted(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_faults f = {.code = "CX003"};

    (void)state;
    CHECK(cxs_faults_end(ctx, &f) == CXS_OK);
    for (int i = 0; i < 25; i++)
        cxs_fault_add(ctx, &f, "f:%d: bad", i);
    CHECK(f.total == 25);
    CHECK(cxs_faults_end(ctx, &f) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX003") == 0);
    CHECK(strncmp(cxs_ctx_message(ctx), "f:0: bad\nf:1: bad\n", 18) == 0);
    CHECK(strstr(cxs_ctx_message(ctx), "f:19: bad\n25 such faults in total") != NULL);
    CHECK(strstr(cxs_ctx_message(ctx), "f:20:") == NULL);
    CHECK(f.total == 0 && f.text.text == NULL);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void allocations_may_fail(void **state)
{
    const char *path = test_text("oom.tsv", "id,x\nP1,\"3\"\nP2,5\nP3,6\n");
    cxs_rc rc = CXS_ENOMEM;
    long k;

    (void)state;
    for (k = 1; rc == CXS_ENOMEM && k < 200; k++) {
        const long live = cxs_alloc_live();
        cxs_ctx *ctx = cxs_ctx_new();
        cxs_table *t = NULL;
        cxs_alloc_fail_at(k);
        rc = cxs_table_read(ctx, path, &t);
        cxs_alloc_fail_at(0);
        CHECK((rc == CXS_OK) == (t != NULL));
        if (t != NULL)
            CHECK(t->rows == 3 && cell_is(t, 2, 1, "6"));
        cxs_table_free(t);
        cxs_ctx_free(ctx);
        CHECK(cxs_alloc_live() == live);
    }
    CHECK(rc == CXS_OK && k > 8);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_trimmed),
        cmocka_unit_test(comma_separated),
        cmocka_unit_test(cbioportal_file),
        cmocka_unit_test(header_only),
        cmocka_unit_test(malformed_tables),
        cmocka_unit_test(missing_columns_name_the_nearest),
        cmocka_unit_test(edit_distances),
        cmocka_unit_test(numeric_columns),
        cmocka_unit_test(text_in_a_number_column),
        cmocka_unit_test(cells_are_masked),
        cmocka_unit_test(sentinels_at_the_end_of_the_range),
        cmocka_unit_test(faults_are_counted),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests_name("table", tests, test_folder_make,
                                       test_folder_remove);
}
