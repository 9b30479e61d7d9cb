/*
 * enet.h -- the quadratic elastic-net problem of one proximal Newton step
 *
 * minimise over b:  1/2 b'Gb - c'b + sum_j [ l1_j |b_j| + l2_j b_j^2 / 2 ]
 *
 * Solved exactly by following the optimum from the start to the problem, one change of
 * the support at a time; coordinate descent where that is degenerate.
 * Depends on: libc, libm, blas.h, factor.h.
 */
#ifndef CXS_NUM_ENET_H
#define CXS_NUM_ENET_H

#include <stddef.h>
#include <stdint.h>

/** One problem of m coordinates.  Borrowed arrays. */
typedef struct cxs_quad {
    size_t m, ld;
    const double *gram; /**< [m x m] symmetric, both triangles, leading dimension ld */
    const double *c;    /**< [m] linear term */
    const double *l1, *l2; /**< [m] >= 0 weights of |b| and b^2/2 */
} cxs_quad;

/** What a solve cost. */
typedef struct cxs_quad_effort {
    size_t solves, changes, sweeps; /**< changes of the support, coordinate sweeps */
} cxs_quad_effort;

/**
 * Workspace that remembers the factor of the last support, so that a next problem with
 * the same Gram (and more columns, and any c, l1) starts without a factorisation.  The
 * caller brings the memory, sets valid = 0 at first and whenever the Gram changed.
 */
typedef struct cxs_quad_memory {
    double *work;    /**< [cxs_quad_work_size(ld)] */
    uint32_t *index; /**< [2 ld] */
    size_t s;        /**< rows of the factor */
    int valid;
} cxs_quad_memory;

/** @return doubles of workspace for problems of leading dimension ld. */
size_t cxs_quad_work_size(size_t ld);

/**
 * Solve to a KKT violation of at most @p tol (largest absolute violation over j).
 *
 * @param b       (in/out) [m] start and solution; a good start makes few changes
 * @param effort  (in/out) added to
 * @param memory  workspace for q->ld
 * @return violation left; above tol only where rounding or the sweep limit stopped it.
 */
double cxs_quad_solve(const cxs_quad *q, double tol, double *b, cxs_quad_effort *effort,
                      cxs_quad_memory *memory);

/** KKT violation of coordinate value b with smooth descent g = c - (Gb):
 *  |g - l2 b - l1 sign(b)| for b != 0, max(|g| - l1, 0) for b = 0. */
double cxs_enet_violation(double b, double g, double l1, double l2);

#endif /* CXS_NUM_ENET_H */
