/*
 * cox_residuals.c -- residuals of a fit, row by row
 *
 * With event d_i, weight w_i, a and r of num/cox.c, weighted score residual w_i U_i of
 * num/newton.c, V the model-based variance, D the number of events:
 *     martingale M = r / w,   deviance = sign(M) sqrt(-2 (M + d log(d - M)))        (1)
 *     score U_i,   dfbeta = w_i U_i V                                               (2)
 *     Schoenfeld s_i = z_i - mean of z at the event,   scaled beta + D s_i V        (3)
 * (Therneau and Grambsch 2000, chapters 4 and 6), the conventions those of
 * residuals.coxph() in R survival.
 */
#include "model/cox_private.h"

#include "base/out.h"

#include <math.h>
#include <string.h>

enum { BLOCKS = 4 }; /* kinds with one column for each term */
static const cxs_residual block_kind[BLOCKS] = {CXS_RESIDUAL_SCORE, CXS_RESIDUAL_DFBETA,
                                                CXS_RESIDUAL_SCHOENFELD,
                                                CXS_RESIDUAL_SCALED};
static const char *const block_name[BLOCKS] = {"score", "dfbeta", "schoenfeld",
                                               "scaled_schoenfeld"};

static void fill_rows(const cxs_cox_fit *fit, cxs_residual kind, double *out)
{
    const cxs_newton *newton = fit->newton;
    const cxs_risk *risk = &newton->risk;

    for (size_t i = 0; i < risk->n; i++) {
        const double died = risk->event_ts[i] ? 1.0 : 0.0;
        const double m = newton->state.r[i] / risk->weight_ts[i];
        const double gain = died > 0.0 ? log1p(-m) : 0.0;
        out[risk->row[i]] =
            kind == CXS_RESIDUAL_MARTINGALE
                ? m
                : copysign(sqrt(-2.0 * fmin(0.0, m + gain)), m); /* (1) */
    }
}

/* Row i of `column` [n x k], sorted order, times V, for term c. */
static double times_variance(const cxs_cox_fit *fit, const double *column, size_t i,
                             size_t c)
{
    const size_t n = fit->newton->risk.n, k = fit->k;
    double total = 0.0;

    for (size_t b = 0; b < k; b++)
        if (fit->row[b].status == CXS_STATUS_OK)
            total += column[b * n + i] * fit->naive[b + c * k];
    return total;
}

/* Row i, term c of `kind` from the residuals `column` of all terms. */
static double term_residual(const cxs_cox_fit *fit, cxs_residual kind,
                            const double *column, size_t i, size_t c)
{
    const cxs_risk *risk = &fit->newton->risk;
    const double own = column[c * risk->n + i];

    switch (kind) {
    case CXS_RESIDUAL_SCORE:
        return own / risk->weight_ts[i];
    case CXS_RESIDUAL_SCALED:
        return fit->row[c].beta +
               (double)risk->events * times_variance(fit, column, i, c); /* (3) */
    case CXS_RESIDUAL_DFBETA:
        return times_variance(fit, column, i, c); /* (2) */
    case CXS_RESIDUAL_SCHOENFELD:
    case CXS_RESIDUAL_MARTINGALE:
    case CXS_RESIDUAL_DEVIANCE:
        break;
    }
    return own;
}

/* Weighted score or Schoenfeld residuals of the covariates as they were given. */
static void fill_columns(const cxs_cox_fit *fit, int events_alone, double *column,
                         double *m, double *work)
{
    const cxs_newton *newton = fit->newton;
    const size_t n = newton->risk.n;

    for (size_t c = 0; c < fit->k; c++) {
        double *out = column + c * n;
        (events_alone ? cxs_newton_schoenfeld : cxs_newton_score_residuals)(
            &newton->risk, &newton->state, newton->z_ts + c * n, out, m, work);
        for (size_t i = 0; i < n; i++)
            out[i] *= newton->scale[c];
    }
}

cxs_rc cxs_cox_residuals(cxs_ctx *ctx, const cxs_cox_fit *fit, cxs_residual kind,
                         double *out)
{
    const cxs_newton *newton = fit->newton;
    const size_t n = newton->risk.n, rows = fit->rows;
    const int events_alone =
        kind == CXS_RESIDUAL_SCHOENFELD || kind == CXS_RESIDUAL_SCALED;
    const int of_rows =
        kind == CXS_RESIDUAL_MARTINGALE || kind == CXS_RESIDUAL_DEVIANCE;
    cxs_rc rc = CXS_OK;
    double *column = NULL, *m = NULL, *work = NULL;

    for (size_t i = 0; i < rows * (of_rows ? 1 : fit->k); i++)
        out[i] = (double)NAN;
    if (of_rows)
        fill_rows(fit, kind, out);
    if (of_rows || newton->exact)
        return CXS_OK;
    CXS_NEW(column, n * fit->k);
    CXS_NEW(m, newton->risk.terms);
    CXS_NEW(work, cxs_cox_work_size(&newton->risk));
    fill_columns(fit, events_alone, column, m, work);
    for (size_t c = 0; c < fit->k; c++)
        for (size_t i = 0; i < n && fit->row[c].status == CXS_STATUS_OK; i++)
            out[c * rows + newton->risk.row[i]] =
                term_residual(fit, kind, column, i, c);

done:
    cxs_free(column);
    cxs_free(m);
    cxs_free(work);
    return rc;
}

/* ---- the table ------------------------------------------------------------------- */

static cxs_rc write_header(cxs_ctx *ctx, const cxs_cox_fit *fit, cxs_out *out)
{
    static const char *const first[] = {"id",      "time",       "event",
                                        "stratum", "martingale", "deviance"};
    cxs_rc rc = CXS_OK;
    char *name = NULL, *prefix = NULL;

    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        CXS_TRY(cxs_out_text(ctx, out, first[i]));
    for (size_t b = 0; b < BLOCKS; b++)
        for (size_t c = 0; c < fit->k; c++) {
            cxs_free(prefix);
            cxs_free(name);
            name = NULL;
            if ((prefix = cxs_path_join(ctx, block_name[b], "_")) == NULL ||
                (name = cxs_path_join(ctx, prefix, fit->term[c])) == NULL)
                CXS_TRY(CXS_ENOMEM);
            CXS_TRY(cxs_out_text(ctx, out, name));
        }
    CXS_TRY(cxs_out_row_end(ctx, out));

done:
    cxs_free(prefix);
    cxs_free(name);
    return rc;
}

static cxs_rc write_rows(cxs_ctx *ctx, const cxs_cox_fit *fit, const cxs_surv *surv,
                         const double *column, cxs_out *out)
{
    const size_t columns = 2 + BLOCKS * fit->k;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < fit->rows; i++) {
        const char *stratum = fit->stratum_name[cxs_surv_stratum(surv)[i]];
        CXS_TRY(cxs_out_text(ctx, out, cxs_surv_id(surv)[i]));
        CXS_TRY(cxs_out_real(ctx, out, cxs_surv_time(surv)[i]));
        CXS_TRY(cxs_out_size(ctx, out, cxs_surv_event(surv)[i]));
        CXS_TRY(cxs_out_text(ctx, out, stratum));
        for (size_t c = 0; c < columns; c++)
            CXS_TRY(cxs_out_real(ctx, out, column[c * fit->rows + i]));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }
done:
    return rc;
}

cxs_rc cxs_cox_write_residuals(cxs_ctx *ctx, const cxs_cox_fit *fit,
                               const cxs_surv *surv, const char *path,
                               cxs_record *record)
{
    const size_t rows = fit->rows;
    cxs_rc rc = CXS_OK;
    double *column = NULL;
    cxs_out *out = NULL, *whole;

    CXS_NEW(column, rows * (2 + BLOCKS * fit->k));
    CXS_TRY(cxs_cox_residuals(ctx, fit, CXS_RESIDUAL_MARTINGALE, column));
    CXS_TRY(cxs_cox_residuals(ctx, fit, CXS_RESIDUAL_DEVIANCE, column + rows));
    for (size_t b = 0; b < BLOCKS; b++)
        CXS_TRY(cxs_cox_residuals(ctx, fit, block_kind[b],
                                  column + rows * (2 + b * fit->k)));
    CXS_TRY(cxs_out_open_private(ctx, path, &out));
    CXS_TRY(write_header(ctx, fit, out));
    CXS_TRY(write_rows(ctx, fit, surv, column, out));
    whole = out;
    out = NULL;
    CXS_TRY(cxs_out_commit(ctx, whole));
    if (record != NULL && strcmp(path, "-") != 0)
        CXS_TRY(cxs_record_output(ctx, record, path));

done:
    cxs_free(column);
    cxs_out_abort(out);
    return rc;
}
