/*
 * cox_zph.c -- the score test for proportional hazards of a fit
 *
 * g(t) = 1 - S(t-), S the Kaplan-Meier curve of all rows: without strata and without
 * case weights, as cox.zph() of R survival takes it.  The test uses the model-based
 * variance, also of a robust fit.  A separated term has no test; its information has
 * all but vanished, so that it does not disturb those of the others.
 */
#include "model/cox_private.h"

#include "num/exact.h"
#include "num/special.h"
#include "num/zph.h"

#include <math.h>
#include <string.h>

/* g [K] of the rows that count. */
static cxs_rc transform(cxs_ctx *ctx, const cxs_outcome *outcome, const cxs_risk *risk,
                        double *g)
{
    const size_t n = risk->n;
    cxs_rc rc = CXS_OK;
    cxs_km_row *row = NULL, *work = NULL;
    cxs_km_point *point = NULL;

    CXS_NEW(row, n);
    CXS_NEW(work, n);
    CXS_NEW(point, n);
    for (size_t i = 0; i < n; i++) {
        const size_t at = risk->row[i];
        row[i] = (cxs_km_row){.time = outcome->time[at],
                              .entry = outcome->entry != NULL ? outcome->entry[at] : 0,
                              .weight = 1.0,
                              .event = outcome->event[at]};
    }
    cxs_zph_transform(risk, cxs_km(n, row, CXS_KM_LOG, 1.0, point, work), point, g);

done:
    cxs_free(row);
    cxs_free(work);
    cxs_free(point);
    return rc;
}

/* Sums over the event times with weights g. */
static void weighted_sums(cxs_newton *newton, const double *g, double *grad,
                          double *info)
{
    if (newton->exact)
        cxs_exact_information(&newton->risk, newton->eta_ts, g, newton->k, newton->z_ts,
                              grad, info, newton->objective_work);
    else
        cxs_zph_information(&newton->risk, &newton->state, g, newton->k, newton->z_ts,
                            grad, info, newton->m, newton->work);
}

static void fill(cxs_cox_fit *fit, const double *statistic, double global, size_t df)
{
    int all = 1;

    for (size_t c = 0; c < fit->k; c++) {
        cxs_cox_row *row = &fit->row[c];
        row->ph_p = (double)NAN;
        if (row->status == CXS_STATUS_OK && !isnan(statistic[c]))
            row->ph_p = cxs_chisq_p(statistic[c], 1.0);
        all &= row->status != CXS_STATUS_SEPARATED;
    }
    fit->total.ph_global_p =
        all && df > 0 ? cxs_chisq_p(global, (double)df) : (double)NAN;
}

cxs_rc cxs_cox_fill_ph(cxs_ctx *ctx, cxs_cox_fit *fit, const cxs_outcome *outcome)
{
    cxs_newton *newton = fit->newton;
    const size_t k = fit->k, times = newton->risk.times;
    cxs_rc rc = CXS_OK;
    double *g = NULL, *power = NULL, *matrix = NULL, *vector = NULL, *work = NULL;
    double *cross, *square, *u, *u_g, *unused, *statistic, global;
    size_t df;

    CXS_NEW(g, times);
    CXS_NEW(power, times);
    CXS_NEW(matrix, 2 * k * k);
    CXS_NEW(vector, 4 * k);
    CXS_NEW(work, 3 * k * k + 2 * k);
    cross = matrix, square = cross + k * k;
    u = vector, u_g = u + k, unused = u_g + k, statistic = unused + k;
    CXS_TRY(transform(ctx, outcome, &newton->risk, g));
    for (size_t t = 0; t < times; t++)
        power[t] = 1.0;
    weighted_sums(newton, power, u, cross); /* the score without Firth's part */
    for (size_t t = 0; t < times; t++)
        power[t] = g[t] * g[t];
    weighted_sums(newton, power, unused, square);
    weighted_sums(newton, g, u_g, cross);
    df = cxs_zph_test(k,
                      &(cxs_zph_sums){.factor = newton->factor,
                                      .u = u,
                                      .u_g = u_g,
                                      .cross = cross,
                                      .square = square},
                      statistic, &global, work);
    fill(fit, statistic, global, df);

done:
    cxs_free(g);
    cxs_free(power);
    cxs_free(matrix);
    cxs_free(vector);
    cxs_free(work);
    return rc;
}
