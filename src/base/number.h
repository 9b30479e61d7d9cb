/*
 * number.h -- numbers to and from text, always in the C locale
 *
 * Decimal or scientific notation; a decimal comma, hexadecimal, "inf" and "nan" are
 * not numbers.  Output is the shortest text that reads back to the same double.
 */
#ifndef CXS_NUMBER_H
#define CXS_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CXS_NUMBER_BYTES = 32 }; /* room for any formatted double and its zero */

/* Read all of text[0..length) as a double; blanks at both ends and a leading plus are
 * allowed.  False when it is not a finite number (overflow too); underflow reads as 0.
 * Correctly rounded.  Hot: an exact fast path for <= 15 digits, strtod_l otherwise. */
bool cxs_number_parse(const char *text, size_t length, double *value);

/* Whole number in [lo, hi], decimal digits only with an optional sign. */
bool cxs_number_parse_int(const char *text, int64_t lo, int64_t hi, int64_t *value);

/* Shortest text of value; NaN gives "NA", infinities "inf" / "-inf".
 * @return length written to out. */
size_t cxs_number_format(double value, char out[CXS_NUMBER_BYTES]);

/* True for a missing-value token of the domain (empty, NA, N/A, na, n/a, NaN, nan,
 * NULL, null, ., [Not Available], [Not Applicable], [Unknown], [Not Evaluated]). */
bool cxs_is_na(const char *text, size_t length);

#endif /* CXS_NUMBER_H */
