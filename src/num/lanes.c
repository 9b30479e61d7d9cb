/*
 * lanes.c -- sums in eight fixed lanes
 */
#include "num/lanes.h"

#include "num/vector.h"

#include <string.h>

enum { LANES = 8 };

static double tree(const double *lane)
{
    return ((lane[0] + lane[1]) + (lane[2] + lane[3])) +
           ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

CXS_VECTOR double cxs_lanes_dot(size_t n, const double *w, const double *x)
{
    double lane[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += w[i + l] * x[i + l];
    for (size_t l = 0; i < n; i++, l++)
        lane[l] += w[i] * x[i];
    return tree(lane);
}

CXS_VECTOR double cxs_lanes_squares(size_t n, const double *w, const double *x,
                                    double m)
{
    double lane[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            lane[l] += w[i + l] * ((x[i + l] - m) * (x[i + l] - m));
    for (size_t l = 0; i < n; i++, l++)
        lane[l] += w[i] * ((x[i] - m) * (x[i] - m));
    return tree(lane);
}

/* Eight lanes as one value: from loops over four columns of them the compiler makes
 * vectors across the columns. */
typedef double eight __attribute__((vector_size(LANES * sizeof(double))));

static const size_t WIDTH = LANES * sizeof(double);

/* The lanes of what is left over, and their tree. */
static double finish(const eight *sum, size_t rest, const double *term)
{
    double lane[LANES];

    memcpy(lane, sum, WIDTH);
    for (size_t l = 0; l < rest; l++)
        lane[l] += term[l];
    return tree(lane);
}

CXS_VECTOR void cxs_lanes_dot4(size_t n, const double *w, const double *const *x,
                               double *out)
{
    const size_t whole = n - n % LANES;
    eight a = {0}, b = {0}, c = {0}, d = {0};

    for (size_t i = 0; i < whole; i += LANES) {
        eight v, xa, xb, xc, xd;
        memcpy(&v, w + i, WIDTH);
        memcpy(&xa, x[0] + i, WIDTH);
        memcpy(&xb, x[1] + i, WIDTH);
        memcpy(&xc, x[2] + i, WIDTH);
        memcpy(&xd, x[3] + i, WIDTH);
        a += v * xa;
        b += v * xb;
        c += v * xc;
        d += v * xd;
    }
    for (size_t k = 0; k < 4; k++) {
        double term[LANES];
        for (size_t l = 0; l < n - whole; l++)
            term[l] = w[whole + l] * x[k][whole + l];
        out[k] = finish(k == 0 ? &a : k == 1 ? &b : k == 2 ? &c : &d, n - whole, term);
    }
}

CXS_VECTOR void cxs_lanes_squares4(size_t n, const double *w, const double *const *x,
                                   const double *m, double *out)
{
    const size_t whole = n - n % LANES;
    eight a = {0}, b = {0}, c = {0}, d = {0};

    for (size_t i = 0; i < whole; i += LANES) {
        eight v, xa, xb, xc, xd;
        memcpy(&v, w + i, WIDTH);
        memcpy(&xa, x[0] + i, WIDTH);
        memcpy(&xb, x[1] + i, WIDTH);
        memcpy(&xc, x[2] + i, WIDTH);
        memcpy(&xd, x[3] + i, WIDTH);
        xa -= m[0];
        xb -= m[1];
        xc -= m[2];
        xd -= m[3];
        a += v * (xa * xa);
        b += v * (xb * xb);
        c += v * (xc * xc);
        d += v * (xd * xd);
    }
    for (size_t k = 0; k < 4; k++) {
        double term[LANES];
        for (size_t l = 0; l < n - whole; l++) {
            const double away = x[k][whole + l] - m[k];
            term[l] = w[whole + l] * (away * away);
        }
        out[k] = finish(k == 0 ? &a : k == 1 ? &b : k == 2 ? &c : &d, n - whole, term);
    }
}
