/*
 * samplesize.h -- how many patients a survival model needs
 *
 * Riley 2019 (Stat Med 38:1276), criterion (i): so many that the expected shrinkage of
 * p coefficients is S,
 *     n = p / ((S - 1) ln(1 - R2 / S)),                                             (1)
 * R2 being the Cox-Snell R2 that the model is expected to reach, a share of its maximum
 *     max R2 = 1 - exp(2 lnL0 / n).                                                 (2)
 * lnL0 is that of exponential times without covariates, E (ln(E / T) - 1) for E events
 * in a total time T; it depends on the unit of time, which is the mean follow-up here,
 * so that T = n.
 */
#ifndef CXS_SAMPLESIZE_H
#define CXS_SAMPLESIZE_H

#define CXS_RILEY_SHRINKAGE 0.9

/* (2) for a share of patients with an event, 0 < share; above 1 it counts as 1. */
double cxs_riley_max_r2(double event_share);

/* (1): patients, not rounded, for the shrinkage CXS_RILEY_SHRINKAGE.  0 < r2 < 0.9. */
double cxs_riley_patients(double parameters, double r2);

/* S of (1) at n patients: r2 < S < 1. */
double cxs_riley_shrinkage(double parameters, double r2, double patients);

#endif /* CXS_SAMPLESIZE_H */
