/*
 * test_number.c -- numbers to and from text
 */
#include "test.h"

#include "base/number.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

static bool parse(const char *text, double *value)
{
    *value = -1234.5;
    return cxs_number_parse(text, strlen(text), value);
}

static void texts_that_are_numbers(void **state)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0.0},
        {"1", 1.0},
        {"-2.50", -2.5},
        {"+3", 3.0},
        {" 4\t", 4.0},
        {".5", 0.5},
        {"5.", 5.0},
        {"1e3", 1e3},
        {"1E+3", 1e3},
        {"12.5e-1", 1.25},
        {"0.1", 0.1},
        {"123456789012345", 123456789012345.0},
        {"0.30000000000000004", 0.30000000000000004},
        {"9007199254740993", 9007199254740992.0}, /* a tie, to even */
        {"9007199254740993.00000000000000000001", 9007199254740994.0},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"1e-22", 1e-22},
        {"1e-23", 1e-23},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"4.9e-324", 0x1p-1074},
        {"1e-400", 0.0}, /* underflow */
        {"0e99999", 0.0},
        {"0.0000000000000000000000000000000000000001e40", 1.0},
    };
    double v;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(parse(cases[i].text, &v));
        if (v != cases[i].value)
            printf("  %s gave %.17g\n", cases[i].text, v);
        CHECK(v == cases[i].value);
    }
    CHECK(parse("-0", &v) && v == 0.0 && signbit(v));
    CHECK(cxs_number_parse("12345", 2, &v) && v == 12.0);
    CHECK_DONE();
}

static void texts_that_are_not(void **state)
{
    static const char *const cases[] = {
        "",      " ",   "+",    "-",   ".",        "e5",     "1e",     "1e+",
        "0x10",  "inf", "-inf", "nan", "NaN",      "NA",     "1,5",    "1 000",
        "1.2.3", "<5",  "5%",   "--1", "+-1",      "1e400",  "-1e400", "1e5.5",
        "1d3",   "١",   "12a",  "a12", "infinity", "1.8e308"};
    double v;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (parse(cases[i], &v))
            printf("  '%s' gave %g\n", cases[i], v);
        CHECK(!parse(cases[i], &v));
    }
    CHECK(!cxs_number_parse("1\0002", 3, &v));
    CHECK_DONE();
}

/* A small generator, so that the cases are the same everywhere. */
static uint64_t next_bits(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15U; /* splitmix64 */
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

/* Against strtod() of the C library, on decimals around the border of the fast path. */
static void random_decimals_match_strtod(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        const uint64_t bits = next_bits(&seed);
        const int digits = 1 + (int)(bits % 19U),
                  exponent = (int)(bits >> 32) % 60 - 30;
        char text[64], all[32];
        double v;
        snprintf(all, sizeof all, "%019llu",
                 (unsigned long long)(next_bits(&seed) % 10000000000000000000U));
        snprintf(text, sizeof text, "%.*s.%se%d", 1 + i % digits, all,
                 all + 19 - (digits - 1), exponent);
        CHECK(parse(text, &v) && v == strtod(text, NULL));
    }
    CHECK_DONE();
}

static const char *format(double value)
{
    static char text[CXS_NUMBER_BYTES];
    const size_t n = cxs_number_format(value, text);

    return n == strlen(text) ? text : "wrong length";
}

static void shortest_text(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {-17.0, "-17"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3.0, "0.3333333333333333"},
        {999999999999999.0, "999999999999999"},
        {1e15, "1e+15"},
        {123456.789, "123456.789"},
        {1e-5, "1e-05"},
        {1e22, "1e+22"},
        {5e-324, "5e-324"},
        {1e-310, "1e-310"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {0x1p-44, "5.684341886080802e-14"}, /* 16 digits, but not the nearest 16 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(format(cases[i].value), cases[i].text) != 0)
            printf("  got %s\n", format(cases[i].value));
        CHECK(strcmp(format(cases[i].value), cases[i].text) == 0);
    }
    CHECK(strcmp(format((double)NAN), "NA") == 0);
    CHECK(strcmp(format((double)INFINITY), "inf") == 0);
    CHECK(strcmp(format(-(double)INFINITY), "-inf") == 0);
    CHECK_DONE();
}

/* Digits from the first to the last that is not zero. */
static size_t significant_digits(const char *text)
{
    size_t digits = 0, upto_nonzero = 0;

    for (; *text != '\0' && *text != 'e'; text++) {
        digits += *text >= (digits > 0 ? '0' : '1') && *text <= '9';
        if (*text >= '1' && *text <= '9')
            upto_nonzero = digits;
    }
    return upto_nonzero;
}

/* Any bit pattern reads back, and no text of one digit less does. */
static void every_double_reads_back(void **state)
{
    uint64_t seed = 2;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        const uint64_t bits = next_bits(&seed);
        char shorter[400];
        double value, back = 0.0;
        size_t digits = 0;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        CHECK(parse(format(value), &back) && memcmp(&value, &back, sizeof value) == 0);
        digits = significant_digits(format(value));
        if (digits > 1) {
            snprintf(shorter, sizeof shorter, "%.*g", (int)digits - 1, value);
            CHECK(!parse(shorter, &back) || back != value);
        }
    }
    CHECK_DONE();
}

static void locale_does_not_matter(void **state)
{
    static const char *const comma[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8",
                                        "ru_RU.UTF-8", "da_DK.UTF-8", "nl_NL.UTF-8"};
    const char *got = NULL;
    double v;

    (void)state;
    for (size_t i = 0; got == NULL && i < sizeof comma / sizeof *comma; i++)
        got = setlocale(LC_ALL, comma[i]);
    if (got == NULL)
        skip();                        /* no locale with a decimal comma is installed */
    CHECK(strtod("1,5", NULL) == 1.5); /* it is in force */
    CHECK(parse("1.5", &v) && v == 1.5);
    CHECK(parse("1.50000000000000000001e-30", &v) && v == 1.5e-30);
    CHECK(!parse("1,5", &v));
    CHECK(strcmp(format(0.1), "0.1") == 0);
    CHECK(strcmp(format(1.5e-7), "1.5e-07") == 0);
    setlocale(LC_ALL, "C");
    CHECK_DONE();
}

static void whole_numbers(void **state)
{
    int64_t v = 7;

    (void)state;
    CHECK(cxs_number_parse_int("12", 0, 100, &v) && v == 12);
    CHECK(cxs_number_parse_int(" +12 ", 0, 100, &v) && v == 12);
    CHECK(cxs_number_parse_int("-3", -5, 5, &v) && v == -3);
    CHECK(cxs_number_parse_int("-9223372036854775808", INT64_MIN, INT64_MAX, &v) &&
          v == INT64_MIN);
    CHECK(cxs_number_parse_int("9223372036854775807", INT64_MIN, INT64_MAX, &v) &&
          v == INT64_MAX);
    v = 7;
    CHECK(!cxs_number_parse_int("9223372036854775808", INT64_MIN, INT64_MAX, &v));
    CHECK(!cxs_number_parse_int("101", 0, 100, &v));
    CHECK(!cxs_number_parse_int("-1", 0, 100, &v));
    CHECK(!cxs_number_parse_int("", 0, 100, &v));
    CHECK(!cxs_number_parse_int("1.0", 0, 100, &v));
    CHECK(!cxs_number_parse_int("1e1", 0, 100, &v));
    CHECK(!cxs_number_parse_int("0x1", 0, 100, &v));
    CHECK(!cxs_number_parse_int("-", 0, 100, &v));
    CHECK(v == 7);
    CHECK_DONE();
}

static void missing_value_tokens(void **state)
{
    static const char *const yes[] = {"",
                                      "NA",
                                      "N/A",
                                      "na",
                                      "n/a",
                                      "NaN",
                                      "nan",
                                      "NULL",
                                      "null",
                                      ".",
                                      " ",
                                      " NA ",
                                      "[Not Available]",
                                      "[Not Applicable]",
                                      "[Unknown]",
                                      "[Not Evaluated]"};
    static const char *const no[] = {"0",  "-",   "Na", "NAN",      "nA", "none", "?",
                                     "..", "NAs", "N",  "[Unknown", "[]", "N/a"};

    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        CHECK(cxs_is_na(yes[i], strlen(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        CHECK(!cxs_is_na(no[i], strlen(no[i])));
    CHECK(cxs_is_na("NAME", 2));
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_are_numbers),
        cmocka_unit_test(texts_that_are_not),
        cmocka_unit_test(random_decimals_match_strtod),
        cmocka_unit_test(shortest_text),
        cmocka_unit_test(every_double_reads_back),
        cmocka_unit_test(locale_does_not_matter),
        cmocka_unit_test(whole_numbers),
        cmocka_unit_test(missing_value_tokens),
    };
    return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
