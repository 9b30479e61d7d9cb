/*
 * lanes.h -- sums in eight fixed lanes
 *
 * A plain sum is one chain of additions, four cycles each.  Here element i goes to lane
 * i mod 8 and the lanes are added in a fixed tree, so that the compiler may use vectors
 * and the bits are the same for every vector width.
 */
#ifndef CXS_NUM_LANES_H
#define CXS_NUM_LANES_H

#include <stddef.h>

/** sum of w_i x_i. */
double cxs_lanes_dot(size_t n, const double *w, const double *x);
/** sum of w_i (x_i - m)^2. */
double cxs_lanes_squares(size_t n, const double *w, const double *x, double m);

/** The same for four columns at a time: the bits of each are those of the calls above,
 *  the sums do not wait for each other. */
void cxs_lanes_dot4(size_t n, const double *w, const double *const *x, double *out);
void cxs_lanes_squares4(size_t n, const double *w, const double *const *x,
                        const double *m, double *out);

#endif /* CXS_NUM_LANES_H */
