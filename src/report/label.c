/*
 * label.c -- numbers for readers
 *
 * printf() rounds correctly but follows the locale in its decimal point: the digits are
 * taken from it, the point is put here.  Depends on libc only.
 */
#include "report/label.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUS "\xE2\x88\x92"
#define DASH  "\xE2\x80\x93"

enum { DIGITS_MAX = 17 };

/* |value| = 0.d1d2d3... * 10^(exponent + 1), correctly rounded to n digits. */
static int decimal(double value, int n, char digits[DIGITS_MAX + 1])
{
    char text[CXS_LABEL_BYTES];
    size_t kept = 0;
    const char *e;

    snprintf(text, sizeof text, "%.*e", n - 1, fabs(value));
    e = strchr(text, 'e');
    for (const char *c = text; c < e; c++)
        if (*c >= '0' && *c <= '9' && kept < DIGITS_MAX)
            digits[kept++] = *c;
    digits[kept] = '\0';
    return atoi(e + 1);
}

const char *cxs_label_fixed(double value, int places, char out[CXS_LABEL_BYTES])
{
    char text[CXS_LABEL_BYTES - 4] = "";
    size_t at = 0;
    bool point = false, nonzero = false;

    if (!isfinite(value) || fabs(value) > 1e30) {
        snprintf(out, CXS_LABEL_BYTES, DASH);
        return out;
    }
    snprintf(text, sizeof text, "%.*f", places, fabs(value));
    for (const char *c = text; *c != '\0'; c++) {
        nonzero |= *c >= '1' && *c <= '9';
        if (*c >= '0' && *c <= '9') {
            text[at++] = *c;
        } else if (!point) { /* a locale's point may be longer than one byte */
            text[at++] = '.';
            point = true;
        }
    }
    text[at] = '\0';
    snprintf(out, CXS_LABEL_BYTES, "%s%s", value < 0 && nonzero ? MINUS : "", text);
    return out;
}

/* d.dde-x with a true minus. */
static const char *scientific(double value, int n, bool trim, char out[CXS_LABEL_BYTES])
{
    char digits[DIGITS_MAX + 1];
    const int exponent = decimal(value, n, digits);
    size_t length = strlen(digits);

    while (trim && length > 1 && digits[length - 1] == '0')
        digits[--length] = '\0';
    snprintf(out, CXS_LABEL_BYTES, "%s%c%s%se%s%d", value < 0 ? MINUS : "", digits[0],
             digits[1] != '\0' ? "." : "", digits + 1, exponent < 0 ? MINUS : "",
             abs(exponent));
    return out;
}

const char *cxs_label_ratio(double value, char out[CXS_LABEL_BYTES])
{
    char digits[DIGITS_MAX + 1];
    int exponent;

    if (!isfinite(value) || value < 0)
        return cxs_label_fixed((double)NAN, 0, out);
    if (value > 0 && (value < 0.001 || value >= 1000))
        return scientific(value, 2, false, out);
    if (value >= 0.0995)
        return cxs_label_fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, out);
    exponent = decimal(value, 2, digits);
    return cxs_label_fixed(value, value == 0 ? 0 : 1 - exponent, out);
}

const char *cxs_label_p(double value, char out[CXS_LABEL_BYTES])
{
    char digits[DIGITS_MAX + 1];

    if (!isfinite(value) || value < 0)
        return cxs_label_fixed((double)NAN, 0, out);
    if (value == 0)
        snprintf(out, CXS_LABEL_BYTES, "<1e" MINUS "300");
    else if (value > 0.99)
        snprintf(out, CXS_LABEL_BYTES, ">0.99");
    else if (value < 0.001)
        return scientific(value, 2, false, out);
    else
        return cxs_label_fixed(
            value, value >= 0.0995 ? 2 : 1 - decimal(value, 2, digits), out);
    return out;
}

const char *cxs_label_log10_p(double log10_p, char out[CXS_LABEL_BYTES])
{
    double whole, mantissa;

    if (!isfinite(log10_p) || log10_p < 300)
        return cxs_label_p(pow(10.0, -log10_p), out);
    whole = ceil(log10_p);
    mantissa = pow(10.0, whole - log10_p);
    if (mantissa >= 9.95) {
        mantissa = 1;
        whole -= 1;
    }
    cxs_label_fixed(mantissa, 1, out);
    snprintf(out + strlen(out), CXS_LABEL_BYTES - strlen(out), "e" MINUS "%.0f", whole);
    return out;
}

const char *cxs_label_short(double value, int significant, char out[CXS_LABEL_BYTES])
{
    char digits[DIGITS_MAX + 1];
    int exponent, used;

    if (!isfinite(value))
        return cxs_label_fixed((double)NAN, 0, out);
    if (value == 0)
        return cxs_label_fixed(0, 0, out);
    exponent = decimal(value, significant, digits);
    if (exponent < -4 || exponent > 6)
        return scientific(value, significant, true, out);
    for (used = (int)strlen(digits); used > 1 && digits[used - 1] == '0';)
        used--;
    return cxs_label_fixed(value, used - 1 > exponent ? used - 1 - exponent : 0, out);
}

const char *cxs_label_size(size_t value, char out[CXS_LABEL_BYTES])
{
    char plain[32];
    const int n = snprintf(plain, sizeof plain, "%zu", value);
    size_t at = 0;

    for (int i = 0; i < n; i++) {
        if (i > 0 && value >= 10000 && (n - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = plain[i];
    }
    out[at] = '\0';
    return out;
}

const char *cxs_label_count(size_t value, size_t min_cell, char out[CXS_LABEL_BYTES])
{
    if (value == 0 || value >= min_cell)
        return cxs_label_size(value, out);
    snprintf(out, CXS_LABEL_BYTES, "<%zu", min_cell);
    return out;
}
