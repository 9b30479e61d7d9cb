/*
 * samplesize.c -- how many patients a survival model needs (Riley 2019)
 */
#include "num/samplesize.h"

#include <math.h>

double cxs_riley_max_r2(double event_share)
{
    const double r = fmin(event_share, 1.0);

    return -expm1(2.0 * r * (log(r) - 1.0));
}

double cxs_riley_patients(double parameters, double r2)
{
    const double s = CXS_RILEY_SHRINKAGE;

    return parameters / ((s - 1.0) * log1p(-r2 / s));
}

/* (S - 1) ln(1 - r2 / S) falls from infinity at S = r2 to 0 at S = 1, so that it is
 * p / n at one S. */
double cxs_riley_shrinkage(double parameters, double r2, double patients)
{
    const double want = parameters / patients;
    double lo = r2, hi = 1.0;

    for (int step = 0; step < 60; step++) {
        const double s = 0.5 * (lo + hi);
        if ((s - 1.0) * log1p(-r2 / s) > want)
            lo = s;
        else
            hi = s;
    }
    return 0.5 * (lo + hi);
}
