/*
 * enet.h -- the quadratic elastic-net problem of one proximal Newton step
 *
 * minimise over u:  1/2 (u - b)'G(u - b) - g'(u - b) + sum_j [ l1_j |u_j| + l2_j u_j^2
 * / 2 ]
 *
 * with b the present point and g the descent direction -(gradient) of the smooth part
 * there.  Corrections that would make the matrix indefinite on the way are left out.
 *
 * Solved exactly by following the optimum from the start to the problem, one change of
 * the support at a time; coordinate descent where that is degenerate.
 * Depends on: libc, libm, blas.h, factor.h.
 */
#ifndef CXS_NUM_ENET_H
#define CXS_NUM_ENET_H

#include <stddef.h>
#include <stdint.h>

enum { CXS_QUAD_RANK = 5 };

/** One problem of m coordinates with the matrix gram + sum_i sign_i w_i w_i'.  Borrowed
 *  arrays. */
typedef struct cxs_quad {
    size_t m, ld;
    const double *gram; /**< [m x m] symmetric, both triangles, leading dimension ld */
    size_t rank;        /**< corrections, at most CXS_QUAD_RANK */
    const double *w, *sign; /**< [m x rank], leading dimension ld; [rank] 1 or -1 */
    const double *c;        /**< [m] linear term */
    const double *l1, *l2;  /**< [m] >= 0 weights of |b| and b^2/2 */
} cxs_quad;

/** What a solve cost. */
typedef struct cxs_quad_effort {
    size_t solves, walks, changes, sweeps; /**< walks to the solution, one each but for
                                                rounding; changes of the support;
                                                coordinate sweeps */
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
    size_t solved; /**< leading corrections whose part of the factor is remembered too:
                        set to 0 when w changed */
    int corrected; /**< (out) the corrections took part; else they were left out */
} cxs_quad_memory;

/** @return doubles of workspace for problems of leading dimension ld. */
size_t cxs_quad_work_size(size_t ld);

/**
 * Solve to a KKT violation of at most @p tol (largest absolute violation over j).
 *
 * @param g       [m] descent of the smooth part at b as given; not needed afterwards
 * @param b       (in/out) [m] start and solution; a good start makes few changes
 * @param effort  (in/out) added to
 * @param memory  workspace for q->ld; begins with the [m] descent at the solution
 * @return violation left; above tol only where rounding or the sweep limit stopped it.
 */
double cxs_quad_solve(const cxs_quad *q, const double *g, double tol, double *b,
                      cxs_quad_effort *effort, cxs_quad_memory *memory);

/** KKT violation of coordinate value b with smooth descent g:
 *  |g - l2 b - l1 sign(b)| for b != 0, max(|g| - l1, 0) for b = 0. */
double cxs_enet_violation(double b, double g, double l1, double l2);

#endif /* CXS_NUM_ENET_H */
