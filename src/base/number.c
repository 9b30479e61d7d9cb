/*
 * number.c -- numbers to and from text, independent of the process locale
 *
 * Reading: a decimal with an integer significand w <= 2^53 and a power 10^e, |e| <= 22,
 * is the quotient or product of two exact doubles, so that one IEEE operation rounds it
 * correctly (Clinger 1990, "How to read floating point numbers accurately").  Anything
 * else goes to strtod_l() with a C locale.  Depends on libc only.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* strtod_l */
#endif
#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXACT_DIGITS = 15,    /* 10^15 < 2^53 */
    EXACT_POWER = 22,     /* 10^22 = 2^22 * 5^22 and 5^22 < 2^53 */
    LONGEST_NUMBER = 2047 /* longer texts are not taken for numbers */
};

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

/* glibc hands out its static C locale here, which cannot fail and is never freed. */
static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static locale_t get_c_locale(void)
{
    pthread_once(&c_locale_once, make_c_locale);
    return c_locale;
}

static bool is_digit(char c)
{
    return (unsigned)(c - '0') < 10U;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Narrow [*begin, *end) to what lies between the blanks. */
static void trim(const char **begin, const char **end)
{
    while (*begin < *end && is_blank(**begin))
        (*begin)++;
    while (*end > *begin && is_blank((*end)[-1]))
        (*end)--;
}

/* What the scan of a decimal found: value = significand * 10^power. */
typedef struct decimal {
    uint64_t significand;
    int digits; /* significant ones, leading zeros do not count */
    int power;
    bool negative;
} decimal;

/* Digits from *at on; those behind EXACT_DIGITS are counted but not kept. */
static size_t scan_digits(const char **at, const char *end, decimal *d)
{
    const char *p = *at;
    uint64_t significand = d->significand;
    int digits = d->digits;

    for (; p < end && is_digit(*p); p++) {
        if (digits < EXACT_DIGITS)
            significand = significand * 10U + (uint64_t)(*p - '0');
        digits += digits > 0 || *p != '0';
    }
    const size_t n = (size_t)(p - *at);
    d->significand = significand;
    d->digits = digits;
    *at = p;
    return n;
}

/* "e-12" to its value, held at a bound that no double needs; false when malformed. */
static bool scan_exponent(const char **at, const char *end, int *exponent)
{
    const char *p = *at + 1;
    const bool negative = p < end && *p == '-';
    int e = 0;

    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (p == end || !is_digit(*p))
        return false;
    for (; p < end && is_digit(*p); p++)
        if (e < 100000)
            e = e * 10 + (*p - '0');
    *exponent = negative ? -e : e;
    *at = p;
    return true;
}

/* True when [p, end) is [+-]digits[.digits][e[+-]digits] with at least one digit. */
static bool scan_decimal(const char *p, const char *end, decimal *d)
{
    size_t n, fraction = 0;
    int exponent = 0;

    *d = (decimal){0};
    if (p < end && (*p == '-' || *p == '+'))
        d->negative = *p++ == '-';
    n = scan_digits(&p, end, d);
    if (p < end && *p == '.') {
        p++;
        fraction = scan_digits(&p, end, d);
    }
    if (n + fraction == 0)
        return false;
    if (p < end && (*p == 'e' || *p == 'E') && !scan_exponent(&p, end, &exponent))
        return false;
    d->power = exponent - (int)fraction;
    return p == end;
}

static bool parse_slowly(const char *begin, const char *end, double *value)
{
    char text[LONGEST_NUMBER + 1];
    const size_t n = (size_t)(end - begin);

    memcpy(text, begin, n);
    text[n] = '\0';
    *value = strtod_l(text, NULL, get_c_locale());
    return isfinite(*value);
}

bool cxs_number_parse(const char *text, size_t length, double *value)
{
    static const double power_of_10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                         1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                         1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *begin = text, *end = text + length;
    decimal d;
    double v;

    trim(&begin, &end);
    if (end - begin > LONGEST_NUMBER || !scan_decimal(begin, end, &d))
        return false;
    if (d.digits > EXACT_DIGITS || d.power > EXACT_POWER || d.power < -EXACT_POWER)
        return parse_slowly(begin, end, value);
    v = (double)d.significand;
    v = d.power < 0 ? v / power_of_10[-d.power] : v * power_of_10[d.power];
    *value = d.negative ? -v : v;
    return true;
}

bool cxs_number_parse_int(const char *text, int64_t lo, int64_t hi, int64_t *value)
{
    const char *p = text, *end = text + strlen(text);
    bool negative = false;
    int64_t v = 0;

    trim(&p, &end);
    if (p < end && (*p == '-' || *p == '+'))
        negative = *p++ == '-';
    if (p == end)
        return false;
    for (; p < end; p++) {
        const int digit = negative ? '0' - *p : *p - '0';
        if (!is_digit(*p) || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, digit, &v))
            return false;
    }
    if (v < lo || v > hi)
        return false;
    *value = v;
    return true;
}

/* value with `digits` significant digits; true when that reads back exactly. */
static bool try_digits(double value, int digits, char out[CXS_NUMBER_BYTES], int *n)
{
    double back = 0.0;

    *n = snprintf(out, CXS_NUMBER_BYTES, "%.*g", digits, value);
    return cxs_number_parse(out, (size_t)*n, &back) && back == value;
}

/* Whole numbers below 10^15 without the detour over printf. */
static size_t format_whole(double value, char out[CXS_NUMBER_BYTES])
{
    char reversed[CXS_NUMBER_BYTES];
    uint64_t rest = (uint64_t)fabs(value);
    size_t n = 0, length = 0;

    do {
        reversed[n++] = (char)('0' + (int)(rest % 10U));
        rest /= 10U;
    } while (rest > 0);
    if (signbit(value))
        out[length++] = '-';
    while (n > 0)
        out[length++] = reversed[--n];
    out[length] = '\0';
    return length;
}

/* Above a power of two doubles lie twice as far apart as below it, so that the 16-digit
 * decimal that reads back may be the second nearest one: the nearest to the upper end
 * of the interval that rounds to value. */
static bool try_second_nearest(double value, char out[CXS_NUMBER_BYTES], int *n)
{
    int exponent = 0;
    double back = 0.0;

    if (fabs(frexp(value, &exponent)) != 0.5)
        return false;
    *n = snprintf(out, CXS_NUMBER_BYTES, "%.16Lg",
                  (long double)value * (1.0L + 0x1p-53L));
    return cxs_number_parse(out, (size_t)*n, &back) && back == value;
}

/* Normal doubles hold any decimal of 15 digits; subnormal ones hold fewer, so that the
 * search starts at one digit there. */
static size_t format_real(double value, char out[CXS_NUMBER_BYTES])
{
    const locale_t before = uselocale(get_c_locale());
    int digits = fabs(value) < 0x1p-1022 ? 1 : EXACT_DIGITS, n = 0;

    while (digits <= 16 && !try_digits(value, digits, out, &n))
        digits++;
    if (digits > 16 && !try_second_nearest(value, out, &n))
        n = snprintf(out, CXS_NUMBER_BYTES, "%.17g", value);
    uselocale(before);
    return (size_t)n;
}

size_t cxs_number_format(double value, char out[CXS_NUMBER_BYTES])
{
    if (isnan(value) || isinf(value))
        return (size_t)snprintf(out, CXS_NUMBER_BYTES, "%s",
                                isnan(value)  ? "NA"
                                : value > 0.0 ? "inf"
                                              : "-inf");
    if (fabs(value) < 1e15 && value == floor(value))
        return format_whole(value, out);
    return format_real(value, out);
}

bool cxs_is_na(const char *text, size_t length)
{
    static const char *const tokens[] = {"",
                                         "NA",
                                         "N/A",
                                         "na",
                                         "n/a",
                                         "NaN",
                                         "nan",
                                         "NULL",
                                         "null",
                                         ".",
                                         "[Not Available]",
                                         "[Not Applicable]",
                                         "[Unknown]",
                                         "[Not Evaluated]"};
    const char *begin = text, *end = text + length;

    trim(&begin, &end);
    /* Nearly every cell starts with a digit or a sign: leave at once. */
    if (begin < end && strchr("Nn.[", *begin) == NULL)
        return false;
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        if (strlen(tokens[i]) == (size_t)(end - begin) &&
            memcmp(tokens[i], begin, (size_t)(end - begin)) == 0)
            return true;
    return false;
}
