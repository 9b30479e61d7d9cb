/*
 * scan_frame.c -- fit the covariates alone and keep what every feature needs of it
 *
 * Constant and aliased covariates are left out.  A covariate that runs away (separated)
 * keeps its place in the linear predictor but is not refitted beside a feature: its
 * rows weigh nothing by then.
 */
#include "model/scan_frame.h"

#include <math.h>
#include <string.h>

void cxs_scan_frame_free(cxs_scan_frame *frame)
{
    if (frame == NULL)
        return;
    cxs_newton_free(frame->newton);
    cxs_free(frame->z_ts);
    cxs_free(frame->hz_ts);
    cxs_free(frame->lin_ts);
    cxs_free(frame->info);
    cxs_free(frame->factor);
    cxs_free(frame->work);
    cxs_free(frame);
}

/* eta + offset less the largest of the stratum. */
static void shifted_predictor(const cxs_newton *newton, double *lin_ts)
{
    const cxs_risk *risk = &newton->risk;

    for (size_t s = 0; s < risk->strata; s++) {
        double shift = -HUGE_VAL;
        for (size_t i = risk->stratum_first[s]; i < risk->stratum_first[s + 1]; i++) {
            lin_ts[i] = newton->eta_ts[i] + risk->offset_ts[i];
            shift = fmax(shift, lin_ts[i]);
        }
        for (size_t i = risk->stratum_first[s]; i < risk->stratum_first[s + 1]; i++)
            lin_ts[i] -= shift;
    }
}

/* Columns that are refitted, their products with H and their information. */
static size_t keep_columns(cxs_scan_frame *frame)
{
    cxs_newton *newton = frame->newton;
    const size_t n = newton->risk.n, k = newton->k;
    size_t kept = 0;

    for (size_t c = 0; c < k; c++) {
        if (newton->skip[c] || newton->status[c] == CXS_STATUS_SEPARATED)
            continue;
        memcpy(frame->z_ts + kept * n, newton->z_ts + c * n, n * sizeof(double));
        cxs_cox_hessian_times(&newton->risk, &newton->state, frame->z_ts + kept * n,
                              frame->hz_ts + kept * n, newton->work);
        kept++;
    }
    for (size_t c = 0; c < kept; c++)
        for (size_t b = 0; b < kept; b++) {
            double total = 0.0;
            for (size_t i = 0; i < n; i++)
                total += frame->z_ts[c * n + i] * frame->hz_ts[b * n + i];
            frame->info[b + c * kept] = total;
        }
    return kept;
}

cxs_rc cxs_scan_frame_new(cxs_ctx *ctx, const cxs_problem *problem,
                          const double *weight, cxs_ties ties, cxs_scan_frame **out)
{
    cxs_cox_settings settings = cxs_cox_defaults();
    cxs_outcome outcome = problem->outcome;
    cxs_rc rc = CXS_OK;
    cxs_scan_frame *frame = NULL;
    size_t n, k;

    *out = NULL;
    settings.ties = outcome.ties = ties;
    outcome.weight = weight != NULL ? weight : outcome.weight;
    CXS_NEW(frame, 1);
    CXS_TRY(cxs_newton_fit(ctx, &outcome, problem->k, problem->z, &settings,
                           &frame->newton));
    n = frame->newton->risk.n;
    k = frame->newton->k;
    CXS_NEW(frame->z_ts, n * k);
    CXS_NEW(frame->hz_ts, n * k);
    CXS_NEW(frame->lin_ts, n);
    CXS_NEW(frame->info, k * k);
    CXS_NEW(frame->factor, k * k);
    shifted_predictor(frame->newton, frame->lin_ts);
    k = keep_columns(frame);
    cxs_newton_factor(k, frame->info, frame->newton->risk.event_weight_sum, NULL,
                      frame->factor);
    frame->null = (cxs_scan_null){.risk = &frame->newton->risk,
                                  .state = &frame->newton->state,
                                  .k = k,
                                  .z_ts = frame->z_ts,
                                  .hz_ts = frame->hz_ts,
                                  .lin_ts = frame->lin_ts,
                                  .info = frame->info,
                                  .factor = frame->factor,
                                  .loglik = frame->newton->loglik};
    CXS_NEW(frame->work, cxs_scan_work_size(&frame->null));
    cxs_scan_prepare(&frame->null, frame->work);
    *out = frame;
    frame = NULL;

done:
    cxs_scan_frame_free(frame);
    return rc;
}
