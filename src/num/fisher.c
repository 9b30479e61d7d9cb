/*
 * fisher.c -- Fisher's exact test of a table of two by two
 *
 * Probabilities of neighbouring tables have a ratio of small whole numbers, so all of
 * them follow from one, here in logarithms and relative to the table seen:
 *     P(x + 1) / P(x) = (row1 - x)(col1 - x) / ((x + 1)(row2 - col1 + x + 1))
 */
#include "num/fisher.h"

#include <math.h>

/* Tables as likely as the one seen differ from it by rounding only (as in R). */
static const double EQUAL = 1e-7;

static double log_ratio(double x, double row1, double row2, double col1)
{
    return log((row1 - x) * (col1 - x)) - log((x + 1.0) * (row2 - col1 + x + 1.0));
}

double cxs_fisher_exact(size_t a, size_t b, size_t c, size_t d)
{
    const double row1 = (double)(a + b), row2 = (double)(c + d), col1 = (double)(a + c);
    const double low = fmax(0.0, col1 - row2), high = fmin(row1, col1);
    double all = 1.0, tail = 1.0, level = 0.0;

    for (double x = (double)a; x < high; x += 1.0) {
        level += log_ratio(x, row1, row2, col1);
        all += exp(level);
        tail += level <= log1p(EQUAL) ? exp(level) : 0.0;
    }
    level = 0.0;
    for (double x = (double)a - 1.0; x >= low; x -= 1.0) {
        level -= log_ratio(x, row1, row2, col1);
        all += exp(level);
        tail += level <= log1p(EQUAL) ? exp(level) : 0.0;
    }
    return isfinite(all) ? fmin(1.0, tail / all) : 0.0;
}
