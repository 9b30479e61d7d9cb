/*
 * label.h -- numbers as a reader of a paper expects them
 *
 * Always with a decimal point and a true minus (U+2212), whatever the locale; NaN is an
 * en dash.  Result files keep their shortest exact form (base/number.h); this is for
 * eyes only.
 */
#ifndef CXS_LABEL_H
#define CXS_LABEL_H

#include <stddef.h>

enum { CXS_LABEL_BYTES = 64 };

/* Fixed number of decimals, "-0.00" without its sign. */
const char *cxs_label_fixed(double value, int places, char out[CXS_LABEL_BYTES]);

/* Hazard ratio: 1.85, 0.54, 12.3, 148, 0.043; beyond [0.001, 1000): 3.2e-5. */
const char *cxs_label_ratio(double value, char out[CXS_LABEL_BYTES]);

/* Probability: 0.45, 0.032, 0.0041, 3.2e-8; >0.99 above that. */
const char *cxs_label_p(double value, char out[CXS_LABEL_BYTES]);

/* Probability from -log10(p), exact where p itself has underflown. */
const char *cxs_label_log10_p(double log10_p, char out[CXS_LABEL_BYTES]);

/* Up to @p significant digits without trailing zeros: 0.5, 12, 1500, 2.4e-7. */
const char *cxs_label_short(double value, int significant, char out[CXS_LABEL_BYTES]);

/* Whole number with commas by thousands from 10,000 on. */
const char *cxs_label_size(size_t value, char out[CXS_LABEL_BYTES]);

/* Count of persons: 1 .. min_cell-1 is "<min_cell", 0 stays 0. */
const char *cxs_label_count(size_t value, size_t min_cell, char out[CXS_LABEL_BYTES]);

#endif /* CXS_LABEL_H */
