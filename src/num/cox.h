/*
 * cox.h -- Cox partial likelihood: value, gradient, Hessian products, on risk sets
 *
 * A kernel reads arrays, writes arrays and returns.  It never prints, opens a file or
 * knows what a gene is.  The caller brings the memory: cxs_risk_size() says how much,
 * cxs_risk_build() sorts one outcome into it, everything after that is O(n) a call.
 *
 * Suffix _ts: time-sorted (by stratum, then ascending time; at equal times events come
 * first).  No suffix: the caller's row order.  n rows, K event times (distinct within a
 * stratum), M likelihood terms (Breslow: M = K; Efron: one per event).
 * Matrices are column-major.  Equations are numbered in cox.c.
 *
 * Depends on: libc, libm, <coxswain/study.h> for cxs_ties.
 */
#ifndef CXS_NUM_COX_H
#define CXS_NUM_COX_H

#include "coxswain/study.h"

#include <stddef.h>
#include <stdint.h>

/** One outcome: what is needed to form risk sets.  Borrowed arrays in row order. */
typedef struct cxs_outcome {
    size_t n;
    const double *time;      /**< [n] stop times */
    const double *entry;     /**< [n] start times or NULL */
    const uint8_t *event;    /**< [n] 1 = event */
    const uint32_t *stratum; /**< [n] or NULL: one stratum */
    const double *weight;    /**< [n] >= 0 or NULL: all one; zero = as if deleted */
    const double *offset;    /**< [n] or NULL: zero */
    cxs_ties ties;
} cxs_outcome;

/** Risk sets of one outcome, sorted.  All arrays lie in the caller's block. */
typedef struct cxs_risk {
    size_t n;      /**< rows with weight > 0 */
    size_t times;  /**< K */
    size_t terms;  /**< M */
    size_t strata; /**< non-empty strata */
    cxs_ties ties;
    double weight_sum, event_weight_sum;
    size_t events;
    size_t *row;                   /**< [n] caller's row of each sorted position */
    double *weight_ts, *offset_ts; /**< [n] */
    uint8_t *event_ts;             /**< [n] */
    uint32_t *stratum_first;       /**< [strata + 1] first sorted position */
    uint32_t *first_ts, *last_ts;  /**< [n] event times k with entry < t_k <= time are
                                        first_ts <= k < last_ts */
    uint32_t *death_ts; /**< [n] k of the row's own event, UINT32_MAX when censored */
    uint32_t *time_stratum;  /**< [K] stratum (in sorted order) of each event time */
    double *time_value;      /**< [K] event times, ascending in each stratum */
    uint32_t *deaths;        /**< [K] rows with an event at t_k */
    double *death_weight;    /**< [K] their weight in total */
    uint32_t *term_first;    /**< [K + 1] first likelihood term of each event time */
    uint32_t *time_position; /**< [K] first sorted position with time t_k: the deaths at
                                  t_k are the deaths[k] positions from here */
    uint32_t *time_first;    /**< [strata + 1] first event time of each stratum */
    int has_entry;           /**< somebody enters after the first event of a stratum */
} cxs_risk;

/** @return bytes that cxs_risk_build() needs for n rows. */
size_t cxs_risk_size(size_t n);

/**
 * Sort an outcome into risk sets.
 *
 * Times that differ by less than 1e-9 relative are one time (a tie).
 * @param memory  [cxs_risk_size(n)] bytes, aligned to 8; owned by the caller, lives as
 *                long as @p risk
 * @return CXS_OK; CXS_EDEGENERATE when no row with weight > 0 has an event (risk is
 *         then still valid with K = 0).
 * Cost O(n log n).
 */
cxs_rc cxs_risk_build(const cxs_outcome *outcome, cxs_risk *risk, void *memory);

/** sum[k] = sum of v over the risk set at t_k.
 *
 * @param v     [n] sorted order
 * @param sum   (out) [K]
 * @param work  [2 K]
 */
void cxs_risk_sums(const cxs_risk *risk, const double *v, double *sum, double *work);

/** out[i] = sum of u[k] over the event times t_k at which row i is at risk.
 *
 * @param u     [K]
 * @param out   (out) [n] sorted order
 * @param work  [2 K]
 */
void cxs_risk_interval_sums(const cxs_risk *risk, const double *u, double *out,
                            double *work);

/** @return the sum of v [n], sorted order, over the deaths at t_k. */
double cxs_risk_death_sum(const cxs_risk *risk, size_t k, const double *v);

/** State of the likelihood at one eta; caller's arrays, filled by cxs_cox_eval(). */
typedef struct cxs_cox_state {
    double loglik;
    double *r;           /**< [n] d loglik / d eta, sorted order */
    double *a;           /**< [n] diagonal part of -d2 loglik / d eta2, sorted order */
    double *we;          /**< [n] weight * exp(eta - shift of the stratum) */
    double *term_sum;    /**< [M] S_kl of each term */
    double *term_weight; /**< [M] wbar of each term */
    double *term_frac;   /**< [M] l / d of each term (0 for Breslow) */
    double *term_scale;  /**< [M] sqrt(wbar) / S_kl */
} cxs_cox_state;

/** @return doubles that cxs_cox_state_place() needs. */
size_t cxs_cox_state_size(const cxs_risk *risk);
/** Lay the state's arrays into @p memory. */
void cxs_cox_state_place(const cxs_risk *risk, double *memory, cxs_cox_state *state);

/**
 * Log partial likelihood, gradient and the pieces of the Hessian, eq. (1)-(3).
 *
 * @param eta_ts  [n] linear predictor WITHOUT the offset, sorted order
 * @param work    [cxs_cox_work_size()], as for the functions below
 * @return CXS_OK; CXS_EDEGENERATE when some eta is not finite or its spread within a
 *         stratum is too wide for exp(): shorten the step, the state is then unusable.
 * Cost O(n + M).
 */
cxs_rc cxs_cox_eval(const cxs_risk *risk, const double *eta_ts, cxs_cox_state *state,
                    double *work);

/**
 * we = w exp(eta + offset - shift), shift = the largest exponent of the stratum, and
 * linear = sum over the events of w (eta + offset - shift).
 *
 * @param eta  [n] linear predictor WITHOUT the offset, sorted order
 * @param we   (out) [n]
 * @return CXS_OK; CXS_EDEGENERATE when some eta is not finite
 */
cxs_rc cxs_cox_relative_risks(const cxs_risk *risk, const double *eta, double *we,
                              double *linear);

/** @return doubles of workspace that every function below needs. */
size_t cxs_cox_work_size(const cxs_risk *risk);

/** Log partial likelihood alone; NaN where cxs_cox_eval() fails. */
double cxs_cox_loglik(const cxs_risk *risk, const double *eta_ts, double *work);

/** Log of the saturated partial likelihood: each event time explains its deaths. */
double cxs_cox_loglik_saturated(const cxs_risk *risk);

/**
 * Means of one column over the risk sets, scaled: m_kl = sqrt(wbar_kl) q_kl' x, eq.
 * (4).
 *
 * @param x_ts  [n] column in sorted order
 * @param m     (out) [M]
 * @param work  [cxs_cox_work_size()]
 */
void cxs_cox_means(const cxs_risk *risk, const cxs_cox_state *state, const double *x_ts,
                   double *m, double *work);

/**
 * H v with H = -d2 loglik / d eta2, eq. (3).
 *
 * @param v_ts  [n]
 * @param out_ts (out) [n]
 * @param work  [cxs_cox_work_size()]
 */
void cxs_cox_hessian_times(const cxs_risk *risk, const cxs_cox_state *state,
                           const double *v_ts, double *out_ts, double *work);

#endif /* CXS_NUM_COX_H */
