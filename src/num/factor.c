/*
 * factor.c -- one-row updates of a Cholesky factor
 *
 * Append: L y = column, new diagonal sqrt(diagonal - y'y).  Delete row k: the rows
 * below move up, which leaves one element above the diagonal in each column k+1..;
 * rotations of neighbouring columns remove it (Golub and Van Loan, section 6.5).
 */
#include "num/factor.h"

#include "num/blas.h"
#include "num/vector.h"

#include <math.h>
#include <string.h>

static const double DEPENDENT = 1e-11;

int cxs_factor_append(size_t s, double *l, size_t ld, double *column, double diagonal)
{
    double pivot = diagonal;

    cxs_lower_solve(s, l, ld, column);
    for (size_t i = 0; i < s; i++)
        pivot -= column[i] * column[i];
    if (!(pivot > DEPENDENT * diagonal))
        return 0;
    for (size_t i = 0; i < s; i++)
        l[i * ld + s] = column[i];
    l[s * ld + s] = sqrt(pivot);
    return 1;
}

/* Columns a and b of length n become ca + sb and cb - sa. */
CXS_VECTOR static void rotate(size_t n, double c, double s, double *a, double *b)
{
    for (size_t i = 0; i < n; i++) {
        const double ai = a[i], bi = b[i];
        a[i] = c * ai + s * bi;
        b[i] = c * bi - s * ai;
    }
}

void cxs_factor_delete(size_t s, double *l, size_t ld, size_t k, double *y,
                       size_t count)
{
    for (size_t j = 0; j < s; j++) { /* rows below k move up */
        const size_t from = j > k ? j : k + 1;
        memmove(l + j * ld + from - 1, l + j * ld + from, (s - from) * sizeof *l);
    }
    for (size_t j = k; j + 1 < s; j++) {
        double *a = l + j * ld, *b = a + ld;
        const double length = hypot(a[j], b[j]);
        const double cosine = a[j] / length, sine = b[j] / length;
        rotate(s - 1 - j, cosine, sine, a + j, b + j);
        for (size_t c = 0; c < count; c++) /* L y = d still holds in rows that stay */
            rotate(1, cosine, sine, y + c * ld + j, y + c * ld + j + 1);
    }
}
