/*
 * zph.h -- score test for proportional hazards
 *
 * Alternative: the coefficient of column c is beta_c + theta_c g(t).  Depends on: libc,
 * libm, num/cox.h, num/newton.h, num/km.h.
 */
#ifndef CXS_NUM_ZPH_H
#define CXS_NUM_ZPH_H

#include "num/km.h"
#include "num/newton.h"

/**
 * Kaplan-Meier transform: g_k = 1 - S(t_k-), centred at its mean over the events.
 *
 * @param point  [points] curve of all rows, without strata and case weights, ascending
 * @param g      (out) [K]
 */
void cxs_zph_transform(const cxs_risk *risk, size_t points, const cxs_km_point *point,
                       double *g);

/**
 * Score and information with each event time multiplied by g_k, eq. (1) of zph.c.
 *
 * @param g     [K]
 * @param z_ts  [n x k] columns in sorted order
 * @param grad  (out) [k] sum of g_k U_k
 * @param info  (out) [k x k] sum of g_k I_k
 * @param m     (workspace) [terms x k]
 * @param work  (workspace) [cxs_cox_work_size()]
 */
void cxs_zph_information(const cxs_risk *risk, const cxs_cox_state *state,
                         const double *g, size_t k, const double *z_ts, double *grad,
                         double *info, double *m, double *work);

/** Sums over the event times at the fitted beta.  All matrices [k x k]. */
typedef struct cxs_zph_sums {
    const double *factor; /**< of sum I_k, cxs_newton_factor(); columns whose pivot is
                               zero take no part */
    const double *u;      /**< [k] sum U_k: zero at a maximum of the likelihood */
    const double *u_g;    /**< [k] sum g_k U_k */
    const double *cross;  /**< sum g_k I_k */
    const double *square; /**< sum g_k^2 I_k */
} cxs_zph_sums;

/**
 * Chi-squared statistics, eq. (2) and (3) of zph.c.
 *
 * @param statistic  (out) [k] one degree of freedom each; NaN when g does not vary or
 *                   the column takes no part
 * @param global     (out) all columns together; NaN without one
 * @param work       (workspace) [3 k k + 2 k]
 * @return degrees of freedom of the global statistic
 */
size_t cxs_zph_test(size_t k, const cxs_zph_sums *sums, double *statistic,
                    double *global, double *work);

#endif /* CXS_NUM_ZPH_H */
