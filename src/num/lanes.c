/*
 * lanes.c -- sums in eight fixed lanes
 */
#include "num/lanes.h"

#include "num/vector.h"

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
