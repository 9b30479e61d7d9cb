/*
 * exact.h -- discrete partial likelihood of tied events
 *
 * On the risk sets of num/cox.h, whose weights must all be one.  Depends on: libc,
 * libm, num/cox.h.
 */
#ifndef CXS_NUM_EXACT_H
#define CXS_NUM_EXACT_H

#include "num/cox.h"

/** @return doubles of workspace of the functions below for k columns. */
size_t cxs_exact_work_size(const cxs_risk *risk, size_t k);

/**
 * Log likelihood, eq. (1) of exact.c.
 *
 * @param eta_ts  [n] linear predictor without the offset, sorted order
 * @param work    [cxs_exact_work_size(risk, 0)]
 * @return NaN when some eta is not finite or its spread is too wide for exp()
 * Cost O(n D), D the largest number of ties; with delayed entry O(sum of |R_k| d_k).
 */
double cxs_exact_loglik(const cxs_risk *risk, const double *eta_ts, double *work);

/**
 * Score and information of k columns, each event time multiplied by g_k.
 *
 * @param eta_ts  [n] as above, where cxs_exact_loglik() is finite
 * @param g       [K], or NULL: all one
 * @param z_ts    [n x k] columns in sorted order
 * @param grad    (out) [k] sum of g_k U_k
 * @param info    (out) [k x k] sum of g_k I_k
 * @param work    [cxs_exact_work_size(risk, k)]
 * Cost as above times k^2.
 */
void cxs_exact_information(const cxs_risk *risk, const double *eta_ts, const double *g,
                           size_t k, const double *z_ts, double *grad, double *info,
                           double *work);

#endif /* CXS_NUM_EXACT_H */
