/*
 * test_fields.c -- lines split into fields
 */
#include "test.h"

#include "base/text.h"

#include <string.h>

static void check_fields(const char *text, char sep, const char *want)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_fields fields = {0};
    char line[256], joined[512] = "";

    snprintf(line, sizeof line, "%s", text);
    CHECK(cxs_fields_split(ctx, line, strlen(line), sep, &fields) == CXS_OK);
    for (size_t i = 0; i < fields.count; i++) {
        CHECK(strlen(fields.text[i]) == fields.length[i]);
        strcat(strcat(joined, fields.text[i]), "|");
    }
    if (strcmp(joined, want) != 0)
        printf("  got %s\n", joined);
    CHECK(strcmp(joined, want) == 0);
    cxs_fields_free(&fields);
    CHECK(fields.text == NULL);
    cxs_ctx_free(ctx);
}

static void fields_of_a_line(void **state)
{
    (void)state;
    check_fields("a\tb\tc", '\t', "a|b|c|");
    check_fields("", '\t', "|");
    check_fields("\t", '\t', "||");
    check_fields("a\t\t", '\t', "a|||");
    check_fields("a,b\t\"c\"", '\t', "a,b|\"c\"|"); /* no quoting in TSV */
    check_fields("a,b,c", ',', "a|b|c|");
    check_fields("\"a,1\",b", ',', "a,1|b|");
    check_fields("\"a \"\"b\"\"\",\"\",c", ',', "a \"b\"||c|");
    check_fields("x,\"a\"", ',', "x|a|");
    check_fields("\"a\",", ',', "a||");
    check_fields("a\"b,c", ',', "a\"b|c|"); /* a quote inside is a character */
    check_fields("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", ',',
                 "1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|");
    CHECK_DONE();
}

static void bad_quotes(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_fields fields = {0};
    char open[] = "\"a,b", behind[] = "\"a\"b,c";

    (void)state;
    CHECK(cxs_fields_split(ctx, open, 4, ',', &fields) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_message(ctx), "a quoted field has no closing quote") == 0);
    CHECK(cxs_fields_split(ctx, behind, 6, ',', &fields) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_message(ctx), "text follows a quoted field") == 0);
    cxs_fields_free(&fields);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void separators(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    char sep = '?';

    (void)state;
    CHECK(cxs_text_separator(ctx, "f", "a\tb,c", &sep) == CXS_OK && sep == '\t');
    CHECK(cxs_text_separator(ctx, "f", "a,b;c", &sep) == CXS_OK && sep == ',');
    CHECK(cxs_text_separator(ctx, "f", "a", &sep) == CXS_OK && sep == '\t');
    CHECK(cxs_text_separator(ctx, "f.csv", "a;b", &sep) == CXS_EFORMAT);
    CHECK(strcmp(cxs_ctx_code(ctx), "CX022") == 0);
    CHECK(strcmp(cxs_ctx_message(ctx), "f.csv: fields are separated by semicolons; "
                                       "save it as tab-separated text") == 0);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_a_line),
        cmocka_unit_test(bad_quotes),
        cmocka_unit_test(separators),
    };
    return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
