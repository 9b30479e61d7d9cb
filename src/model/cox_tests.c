/*
 * cox_tests.c -- variances of the coefficients, Wald, score and likelihood ratio tests
 *
 * With V = I^-1 the sandwich variance (Lin and Wei 1989) is D'D, D = L V, where row c
 * of L is the sum of the weighted score residuals over cluster c (each row its own
 * cluster without one).  Tests at the fit b (per sd): score U(0)'V(0)U(0), Wald b'Ib
 * (robust: b'(D'D)^-1 b), likelihood ratio 2 (l(b) - l(0)).
 */
#include "model/cox_private.h"

#include "num/special.h"

#include <math.h>
#include <string.h>

/* Sum rows of one column into their clusters; a NULL cluster is the row itself. */
void cxs_cox_collapse(const cxs_risk *risk, const uint32_t *cluster,
                      const double *row_ts, double *sum, size_t clusters)
{
    memset(sum, 0, clusters * sizeof *sum);
    for (size_t i = 0; i < risk->n; i++)
        sum[cluster != NULL ? cluster[risk->row[i]] : i] += row_ts[i];
}

size_t cxs_cox_clusters(const cxs_risk *risk, const uint32_t *cluster)
{
    size_t count = risk->n;

    for (size_t i = 0; cluster != NULL && i < risk->n; i++)
        if (cluster[risk->row[i]] >= count)
            count = (size_t)cluster[risk->row[i]] + 1;
    return count;
}

/* variance = D'D in units of b. */
static cxs_rc sandwich(cxs_ctx *ctx, cxs_newton *newton, const uint32_t *cluster,
                       const double *model_variance, double *variance)
{
    const size_t n = newton->risk.n, k = newton->k;
    const size_t clusters = cxs_cox_clusters(&newton->risk, cluster);
    cxs_rc rc = CXS_OK;
    double *row = NULL, *residual = NULL, *dfbeta = NULL;

    CXS_NEW(row, n);
    CXS_NEW(residual, clusters * k);
    CXS_NEW(dfbeta, clusters * k);
    for (size_t c = 0; c < k; c++) {
        cxs_newton_score_residuals(&newton->risk, &newton->state, newton->z_ts + c * n,
                                   row, newton->m, newton->work);
        cxs_cox_collapse(&newton->risk, cluster, row, residual + c * clusters,
                         clusters);
    }
    for (size_t c = 0; c < k; c++)
        for (size_t b = 0; b < k; b++)
            for (size_t i = 0; i < clusters; i++)
                dfbeta[i + c * clusters] +=
                    residual[i + b * clusters] * model_variance[b + c * k];
    for (size_t c = 0; c < k; c++)
        for (size_t b = 0; b < k; b++) {
            double total = 0.0;
            for (size_t i = 0; i < clusters; i++)
                total += dfbeta[i + c * clusters] * dfbeta[i + b * clusters];
            variance[b + c * k] = total;
        }

done:
    cxs_free(row);
    cxs_free(residual);
    cxs_free(dfbeta);
    return rc;
}

/* b' A^-1 b with the columns that `skip` does not exclude. */
static double quadratic_form(size_t k, const double *a, const double *b,
                             const uint8_t *skip, double *factor, double *work)
{
    double total = 0.0;

    cxs_newton_factor(k, a, 0.0, skip, factor);
    memcpy(work, b, k * sizeof *work);
    cxs_newton_solve(k, factor, work);
    for (size_t c = 0; c < k; c++)
        total += work[c] * b[c];
    return total;
}

static void fill_row(cxs_cox_row *row, const cxs_newton *newton, size_t c,
                     const double *variance, const double *robust)
{
    static const double nan = (double)NAN;
    const double half_width = cxs_normal_quantile(0.975), scale = newton->scale[c];
    const size_t diagonal = c + c * newton->k;
    double se;

    *row = (cxs_cox_row){row->term,         nan, nan, nan, nan, nan, nan, nan, nan, nan,
                         newton->status[c], nan};
    if (row->status == CXS_STATUS_CONSTANT || row->status == CXS_STATUS_ALIASED)
        return;
    row->beta = newton->b[c] / scale;
    row->hr = exp(row->beta);
    if (row->status != CXS_STATUS_OK)
        return;
    row->se = se = sqrt(variance[diagonal]) / scale;
    if (robust != NULL)
        row->robust_se = se = sqrt(robust[diagonal]) / scale;
    row->z = row->beta / se;
    row->p = cxs_normal_p(row->z);
    row->log10_p = cxs_normal_log10_p(row->z);
    row->hr_l95 = exp(row->beta - half_width * se);
    row->hr_u95 = exp(row->beta + half_width * se);
}

/* A variance per sd in the units of the covariates. */
static void rescale(const cxs_newton *newton, const cxs_cox_row *row,
                    const double *variance, double *out)
{
    const size_t k = newton->k;

    for (size_t c = 0; c < k; c++)
        for (size_t b = 0; b <= c; b++)
            out[b + c * k] = out[c + b * k] =
                row[b].status == CXS_STATUS_OK && row[c].status == CXS_STATUS_OK
                    ? variance[b + c * k] / (newton->scale[b] * newton->scale[c])
                    : (double)NAN;
}

cxs_rc cxs_cox_fill_tests(cxs_ctx *ctx, cxs_cox_fit *fit, const uint32_t *cluster,
                          int is_robust)
{
    cxs_newton *newton = fit->newton;
    const size_t k = newton->k;
    cxs_rc rc = CXS_OK;
    double *variance = NULL, *robust = NULL, *factor = NULL, *work = NULL;
    int all_ok = 1;

    CXS_NEW(variance, k * k);
    CXS_NEW(factor, k * k);
    CXS_NEW(work, k);
    cxs_newton_inverse(k, newton->factor, variance);
    if (is_robust) {
        CXS_NEW(robust, k * k);
        CXS_TRY(sandwich(ctx, newton, cluster, variance, robust));
    }
    for (size_t c = 0; c < k; c++) {
        fill_row(&fit->row[c], newton, c, variance, robust);
        all_ok &= fit->row[c].status == CXS_STATUS_OK || newton->skip[c];
    }
    CXS_NEW(fit->naive, k * k);
    rescale(newton, fit->row, variance, fit->naive);
    if (is_robust) {
        CXS_NEW(fit->robust, k * k);
        rescale(newton, fit->row, robust, fit->robust);
    }
    fit->total.score_test = newton->score_test;
    fit->total.lr_test = 2.0 * (newton->loglik - newton->loglik_null);
    fit->total.wald_test = (double)NAN; /* no quadratic at a point that is no maximum */
    if (all_ok)
        fit->total.wald_test = quadratic_form(k, is_robust ? robust : variance,
                                              newton->b, newton->skip, factor, work);

done:
    cxs_free(variance);
    cxs_free(robust);
    cxs_free(factor);
    cxs_free(work);
    return rc;
}
