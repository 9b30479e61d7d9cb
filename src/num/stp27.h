/*
 * stp27.h -- methylation of the MGMT promoter from two probes of a methylation array
 *
 * Source: Bady et al. (2012), Acta Neuropathologica 124:547: a logistic model on
 * M-values, fitted on log2((Meth + 1)/(Unmeth + 1)).  Betas that were computed with an
 * offset in the denominator shift M for dim probes, which is accepted.
 */
#ifndef CXS_NUM_STP27_H
#define CXS_NUM_STP27_H

/** Coefficients; v = (1, M of cg12434587, M of cg12981137). */
typedef struct cxs_stp27_model {
    double coefficient[3];
    double covariance[3][3]; /**< of the coefficients, symmetric */
    double cutoff;           /**< methylated at or above this probability */
} cxs_stp27_model;

/** One sample; all NaN and -1 when either M-value is NaN. */
typedef struct cxs_stp27_call {
    double logit, se; /**< v' coefficient; sqrt(v' covariance v) */
    double p;         /**< logistic(logit) */
    double low, high; /**< 95 % interval of p: logistic(logit -+ 1.959964 se) */
    int methylated;   /**< 1 or 0 */
    int uncertain;    /**< 1: the interval holds the cut-off */
} cxs_stp27_call;

/** M = log2(beta/(1 - beta)), beta clipped to [0.001, 0.999]; NaN stays. */
double cxs_m_value(double beta);

/** @param m1, m2  M-values of cg12434587 and cg12981137 */
cxs_stp27_call cxs_stp27(const cxs_stp27_model *model, double m1, double m2);

#endif /* CXS_NUM_STP27_H */
