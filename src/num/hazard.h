/*
 * hazard.h -- cumulative baseline hazard per stratum
 */
#ifndef CXS_NUM_HAZARD_H
#define CXS_NUM_HAZARD_H

#include "num/cox.h"

/**
 * Cumulative hazard of a row with linear predictor 0 (covariates 0, offset 0), eq. (1)
 * of hazard.c: Breslow or Efron as the risk sets.
 *
 * @param eta_ts  [n] linear predictor without the offset
 * @param state   state of cxs_cox_eval() at eta_ts
 * @param hazard  (out) [K] cumulative within each stratum, at each event time
 */
void cxs_hazard_baseline(const cxs_risk *risk, const double *eta_ts,
                         const cxs_cox_state *state, double *hazard);

#endif /* CXS_NUM_HAZARD_H */
