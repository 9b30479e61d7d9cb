/*
 * concordance.h -- how often the row with the higher score has its event first
 *
 * A kernel on the risk sets of num/cox.h: arrays in, arrays out.
 */
#ifndef CXS_NUM_CONCORDANCE_H
#define CXS_NUM_CONCORDANCE_H

#include "num/cox.h"

typedef struct cxs_concordance {
    double concordant, discordant, tied; /**< weights of comparable pairs */
    double c;  /**< (concordant + tied / 2) / all comparable; NaN without a pair */
    double se; /**< infinitesimal jackknife, each row its own cluster */
} cxs_concordance;

/** @return bytes of workspace for n rows. */
size_t cxs_concordance_work_size(size_t n);

/**
 * Concordance of a score with the outcome, within strata, weighted.
 *
 * @param score_ts     [n] higher = earlier event expected; equal scores count one half
 * @param influence_ts (out) [n] change of c when the row's weight grows from 0, first
 *                     order; the sum of squares is se^2.  NULL: not wanted, se = NaN
 * @param work         [cxs_concordance_work_size(n)] bytes, aligned to 8
 * Cost O(n log n).
 */
cxs_concordance cxs_concordance_of(const cxs_risk *risk, const double *score_ts,
                                   double *influence_ts, void *work);

#endif /* CXS_NUM_CONCORDANCE_H */
