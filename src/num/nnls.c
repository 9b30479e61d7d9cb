/*
 * nnls.c -- Lawson and Hanson's active set method
 *
 * Notation: P is the set of columns that may be positive, z the least squares solution
 * on P, w = A'(b - A x) minus the gradient of half the squared residual.
 *
 *   (1) enter the j outside P with the largest w_j > 0
 *   (2) z = argmin over P of |A z - b|; when all z > 0, x = z and back to (1)
 *   (3) else move x towards z until the first coordinate is 0, drop the zeros from P,
 *       back to (2)
 *
 * At the end w = 0 on P and w <= 0 elsewhere: the conditions of Kuhn and Tucker.  (2) is
 * solved by Householder's QR of the columns of P made anew each time: with at most some
 * dozen columns this costs little and rounding does not add up.
 */
#include "num/nnls.h"

#include <math.h>

/* Gradients below this share of the largest |A'b| are rounding. */
static const double flat = 1e-13;

size_t cxs_nnls_work(size_t m, size_t n)
{
    return m * n + 2 * m + 4 * n;
}

/* Householder QR of the k columns of q [m x k], applied to c [m]; diagonal of R in d.
 * R stands above the diagonal of q. */
static void factor(size_t m, size_t k, double *q, double *c, double *d)
{
    for (size_t j = 0; j < k; j++) {
        double *v = q + j * m, norm = 0.0;

        for (size_t i = j; i < m; i++)
            norm += v[i] * v[i];
        norm = v[j] > 0.0 ? -sqrt(norm) : sqrt(norm);
        d[j] = norm;
        if (norm == 0.0)
            continue;
        v[j] -= norm;
        const double scale = -1.0 / (norm * v[j]); /* 2 / v'v */
        for (size_t l = j + 1; l <= k; l++) {
            double *to = l < k ? q + l * m : c, dot = 0.0;
            for (size_t i = j; i < m; i++)
                dot += v[i] * to[i];
            for (size_t i = j; i < m; i++)
                to[i] -= scale * dot * v[i];
        }
    }
}

/* z [k] by back substitution; a column that depends on those before it gets 0. */
static void back(size_t m, size_t k, const double *q, const double *c, const double *d,
                 double *z)
{
    double largest = 0.0;

    for (size_t j = 0; j < k; j++)
        largest = fmax(largest, fabs(d[j]));
    for (size_t j = k; j-- > 0;) {
        double sum = c[j];
        for (size_t l = j + 1; l < k; l++)
            sum -= q[l * m + j] * z[l];
        z[j] = fabs(d[j]) > 1e-14 * largest ? sum / d[j] : 0.0;
    }
}

typedef struct state {
    size_t m, n, count; /* count: columns in P */
    const double *a, *b;
    double *x;
    double *q, *c;             /* [m x n], [m] scratch of (2) */
    double *residual;          /* [m] */
    double *d, *z, *order, *w; /* [n]; order: P in the order of entry, as numbers */
} state;

/* w of the present x. */
static void gradient(const state *s)
{
    for (size_t i = 0; i < s->m; i++)
        s->residual[i] = s->b[i];
    for (size_t j = 0; j < s->n; j++)
        for (size_t i = 0; i < s->m && s->x[j] != 0.0; i++)
            s->residual[i] -= s->a[j * s->m + i] * s->x[j];
    for (size_t j = 0; j < s->n; j++) {
        s->w[j] = 0.0;
        for (size_t i = 0; i < s->m; i++)
            s->w[j] += s->a[j * s->m + i] * s->residual[i];
    }
}

static int is_member(const state *s, size_t column)
{
    for (size_t k = 0; k < s->count; k++)
        if ((size_t)s->order[k] == column)
            return 1;
    return 0;
}

/* (2): z [count] in the order of P. */
static void solve(const state *s)
{
    for (size_t k = 0; k < s->count; k++)
        for (size_t i = 0; i < s->m; i++)
            s->q[k * s->m + i] = s->a[(size_t)s->order[k] * s->m + i];
    for (size_t i = 0; i < s->m; i++)
        s->c[i] = s->b[i];
    factor(s->m, s->count, s->q, s->c, s->d);
    back(s->m, s->count, s->q, s->c, s->d, s->z);
}

/* (3): @return 1 when z is positive and x = z, 0 when columns were dropped. */
static int advance(state *s)
{
    double step = 1.0;
    size_t kept = 0;

    for (size_t k = 0; k < s->count; k++) {
        const double x = s->x[(size_t)s->order[k]];
        if (s->z[k] <= 0.0)
            step = fmin(step, x / (x - s->z[k]));
    }
    for (size_t k = 0; k < s->count; k++) {
        const size_t j = (size_t)s->order[k];
        const int leaves = s->z[k] <= 0.0 && s->x[j] / (s->x[j] - s->z[k]) <= step;
        s->x[j] += step * (s->z[k] - s->x[j]);
        if (leaves || s->x[j] <= 0.0)
            s->x[j] = 0.0;
        else
            s->order[kept++] = (double)j;
    }
    const int all = kept == s->count;
    s->count = kept;
    return all;
}

cxs_rc cxs_nnls(size_t m, size_t n, const double *a, const double *b, double *x,
                double *work)
{
    state s = {.m = m, .n = n, .a = a, .b = b, .x = x};
    size_t changes = 0, barred = n;
    double scale = 0.0;

    s.q = work;
    s.c = s.q + m * n;
    s.residual = s.c + m;
    s.d = s.residual + m;
    s.z = s.d + n;
    s.order = s.z + n;
    s.w = s.order + n;
    for (size_t j = 0; j < n; j++)
        x[j] = 0.0;
    gradient(&s);
    for (size_t j = 0; j < n; j++)
        scale = fmax(scale, fabs(s.w[j]));
    for (;;) {
        size_t best = n;
        for (size_t j = 0; j < n; j++)
            if (j != barred && s.w[j] > flat * scale && !is_member(&s, j) &&
                (best == n || s.w[j] > s.w[best]))
                best = j;
        if (best == n || s.count == m)
            return CXS_OK;
        s.order[s.count++] = (double)best;
        do {
            if (changes++ > 3 * n + 30)
                return CXS_ENOCONV;
            solve(&s);
        } while (!advance(&s));
        /* A column that left at once entered by rounding alone; not again now. */
        barred = is_member(&s, best) ? n : best;
        gradient(&s);
    }
}
