/*
 * stp27.c -- methylation of the MGMT promoter from two probes of a methylation array
 */
#include "num/stp27.h"

#include <math.h>

static const double NORMAL_975 = 1.959963984540054;

double cxs_m_value(double beta)
{
    const double lowest = 0.001, highest = 0.999;

    if (isnan(beta))
        return beta;
    beta = beta < lowest ? lowest : beta > highest ? highest : beta;
    return log2(beta / (1.0 - beta));
}

static double logistic(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

cxs_stp27_call cxs_stp27(const cxs_stp27_model *model, double m1, double m2)
{
    const double v[3] = {1.0, m1, m2}, nan = (double)NAN;
    cxs_stp27_call call = {nan, nan, nan, nan, nan, -1, -1};
    double variance = 0.0;

    if (isnan(m1) || isnan(m2))
        return call;
    call.logit = 0.0;
    for (int i = 0; i < 3; i++) {
        call.logit += model->coefficient[i] * v[i];
        for (int k = 0; k < 3; k++)
            variance += v[i] * model->covariance[i][k] * v[k];
    }
    call.se = sqrt(variance);
    call.p = logistic(call.logit);
    call.low = logistic(call.logit - NORMAL_975 * call.se);
    call.high = logistic(call.logit + NORMAL_975 * call.se);
    call.methylated = call.p >= model->cutoff;
    call.uncertain = call.low <= model->cutoff && model->cutoff <= call.high;
    return call;
}
