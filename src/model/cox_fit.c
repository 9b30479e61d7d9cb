/*
 * cox_fit.c -- classical Cox regression: coefficients, tests, variances, baseline
 *
 * With V = I^-1 the sandwich variance (Lin and Wei 1989) is D'D, D = L V, where row c
 * of L is the sum of the weighted score residuals over cluster c (each row its own
 * cluster without one).  Tests at the fit b (per sd): score U(0)'V(0)U(0), Wald b'Ib
 * (robust: b'(D'D)^-1 b), likelihood ratio 2 (l(b) - l(0)).
 */
#include "model/cox_private.h"

#include "model/cox_newton.h"
#include "num/concordance.h"
#include "num/hazard.h"
#include "num/special.h"

#include <math.h>
#include <string.h>

const char *cxs_status_name(cxs_status status)
{
    switch (status) {
#define CXS_STATUS_CASE(name, text)                                                    \
    case name:                                                                         \
        return text;
        CXS_STATUS_LIST(CXS_STATUS_CASE)
#undef CXS_STATUS_CASE
    }
    return "unknown";
}

cxs_cox_settings cxs_cox_defaults(void)
{
    return (cxs_cox_settings){
        .ties = CXS_TIES_EFRON, .robust = 0, .max_iterations = 50, .tol = 1e-11};
}

void cxs_cox_fit_free(cxs_cox_fit *fit)
{
    if (fit == NULL)
        return;
    cxs_free_strings(fit->term, fit->k);
    cxs_free_strings(fit->stratum_name, fit->n_strata);
    cxs_free(fit->row);
    cxs_free(fit->time);
    cxs_free(fit->cumhaz);
    cxs_free(fit->stratum);
    cxs_free(fit);
}

const cxs_cox_row *cxs_cox_rows(const cxs_cox_fit *fit, size_t *k)
{
    *k = fit->k;
    return fit->row;
}

const cxs_cox_totals *cxs_cox_total(const cxs_cox_fit *fit)
{
    return &fit->total;
}

/* Sum rows of one column into their clusters; a NULL cluster is the row itself. */
static void collapse(const cxs_risk *risk, const uint32_t *cluster,
                     const double *row_ts, double *sum, size_t clusters)
{
    memset(sum, 0, clusters * sizeof *sum);
    for (size_t i = 0; i < risk->n; i++)
        sum[cluster != NULL ? cluster[risk->row[i]] : i] += row_ts[i];
}

static size_t cluster_count(const cxs_risk *risk, const uint32_t *cluster)
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
    const size_t clusters = cluster_count(&newton->risk, cluster);
    cxs_rc rc = CXS_OK;
    double *row = NULL, *residual = NULL, *dfbeta = NULL;

    CXS_NEW(row, n);
    CXS_NEW(residual, clusters * k);
    CXS_NEW(dfbeta, clusters * k);
    for (size_t c = 0; c < k; c++) {
        cxs_newton_score_residuals(&newton->risk, &newton->state, newton->z_ts + c * n,
                                   row, newton->m, newton->work);
        collapse(&newton->risk, cluster, row, residual + c * clusters, clusters);
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

    *row = (cxs_cox_row){row->term,        nan, nan, nan, nan, nan, nan, nan, nan, nan,
                         newton->status[c]};
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

static cxs_rc fill_tests(cxs_ctx *ctx, cxs_cox_fit *fit, cxs_newton *newton,
                         const uint32_t *cluster, int is_robust)
{
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

static cxs_rc fill_concordance(cxs_ctx *ctx, cxs_cox_fit *fit, const cxs_newton *newton,
                               const uint32_t *cluster)
{
    const size_t n = newton->risk.n;
    const size_t clusters = cluster_count(&newton->risk, cluster);
    cxs_rc rc = CXS_OK;
    double *score = NULL, *influence = NULL, *sum = NULL, squares = 0.0;
    double *work = NULL;
    cxs_concordance c;

    CXS_NEW(score, n);
    CXS_NEW(influence, n);
    CXS_NEW(sum, clusters);
    CXS_NEW(work, cxs_concordance_work_size(n) / sizeof *work + 1);
    for (size_t i = 0; i < n; i++)
        score[i] = newton->eta_ts[i] + newton->risk.offset_ts[i];
    c = cxs_concordance_of(&newton->risk, score, influence, work);
    fit->total.concordance = c.c;
    fit->total.concordance_se = c.se;
    if (cluster != NULL && !isnan(c.c)) {
        collapse(&newton->risk, cluster, influence, sum, clusters);
        for (size_t i = 0; i < clusters; i++)
            squares += sum[i] * sum[i];
        fit->total.concordance_se = sqrt(squares);
    }

done:
    cxs_free(score);
    cxs_free(influence);
    cxs_free(sum);
    cxs_free(work);
    return rc;
}

static cxs_rc fill_hazard(cxs_ctx *ctx, cxs_cox_fit *fit, const cxs_newton *newton,
                          const cxs_surv *surv)
{
    const cxs_risk *risk = &newton->risk;
    const uint32_t *stratum = cxs_surv_stratum(surv);
    cxs_rc rc = CXS_OK;
    double shift = 0.0; /* linear predictor of a row at the column means */

    fit->times = risk->times;
    CXS_NEW(fit->time, risk->times);
    CXS_NEW(fit->cumhaz, risk->times);
    CXS_NEW(fit->stratum, risk->times);
    cxs_hazard_baseline(risk, newton->eta_ts, &newton->state, fit->cumhaz);
    for (size_t c = 0; c < newton->k; c++)
        if (!newton->skip[c])
            shift += newton->b[c] / newton->scale[c] * newton->mean[c];
    for (size_t t = 0; t < risk->times; t++) {
        const size_t first = risk->stratum_first[risk->time_stratum[t]];
        fit->time[t] = risk->time_value[t];
        fit->cumhaz[t] *= exp(-shift);
        fit->stratum[t] = stratum != NULL ? stratum[risk->row[first]] : 0;
    }

done:
    return rc;
}

static cxs_rc copy_names(cxs_ctx *ctx, cxs_cox_fit *fit, const cxs_surv *surv)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(fit->term, fit->k);
    CXS_NEW(fit->row, fit->k);
    CXS_NEW(fit->stratum_name, fit->n_strata);
    for (size_t c = 0; c < fit->k; c++) {
        fit->term[c] = cxs_strdup(ctx, cxs_surv_term(surv)[c]);
        if (fit->term[c] == NULL)
            return CXS_ENOMEM;
        fit->row[c].term = fit->term[c];
    }
    for (size_t s = 0; s < fit->n_strata; s++) {
        fit->stratum_name[s] = cxs_strdup(ctx, cxs_surv_stratum_name(surv)[s]);
        if (fit->stratum_name[s] == NULL)
            return CXS_ENOMEM;
    }

done:
    return rc;
}

static cxs_rc warn_about(cxs_ctx *ctx, const cxs_cox_fit *fit)
{
    cxs_rc rc = CXS_OK;

    for (size_t c = 0; c < fit->k; c++) {
        const cxs_cox_row *row = &fit->row[c];
        if (row->status == CXS_STATUS_SEPARATED)
            CXS_TRY(cxs_warn(ctx, "CX052",
                             "term %s: all events are on one side; its hazard ratio is "
                             "%s and has no standard error",
                             row->term, row->beta > 0.0 ? "infinite" : "zero"));
        else if (row->status == CXS_STATUS_CONSTANT)
            CXS_TRY(cxs_warn(ctx, "", "term %s is constant", row->term));
        else if (row->status == CXS_STATUS_ALIASED)
            CXS_TRY(cxs_warn(ctx, "",
                             "term %s is a combination of earlier terms or of strata",
                             row->term));
    }
    if (!fit->total.converged)
        CXS_TRY(cxs_warn(ctx, "", "the fit did not converge in %zu steps",
                         fit->total.iterations));

done:
    return rc;
}

static cxs_outcome outcome_of(const cxs_surv *surv, cxs_ties ties)
{
    return (cxs_outcome){.n = cxs_surv_n(surv),
                         .time = cxs_surv_time(surv),
                         .entry = cxs_surv_entry(surv),
                         .event = cxs_surv_event(surv),
                         .stratum = cxs_surv_stratum(surv),
                         .weight = cxs_surv_weight(surv),
                         .offset = cxs_surv_offset(surv),
                         .ties = ties};
}

cxs_rc cxs_cox_fit_new(cxs_ctx *ctx, const cxs_surv *surv,
                       const cxs_cox_settings *settings, cxs_cox_fit **out)
{
    const cxs_cox_settings s = settings != NULL ? *settings : cxs_cox_defaults();
    const uint32_t *cluster = cxs_surv_cluster(surv);
    const cxs_outcome outcome = outcome_of(surv, s.ties);
    cxs_rc rc = CXS_OK;
    cxs_newton *newton = NULL;
    cxs_cox_fit *fit = NULL;

    *out = NULL;
    CXS_TRY(
        cxs_newton_fit(ctx, &outcome, cxs_surv_k(surv), cxs_surv_z(surv), &s, &newton));
    CXS_NEW(fit, 1);
    fit->k = newton->k;
    fit->n_strata = cxs_surv_n_strata(surv);
    CXS_TRY(copy_names(ctx, fit, surv));
    fit->total.n = newton->risk.n;
    fit->total.n_subjects = cxs_surv_n_subjects(surv);
    fit->total.events = newton->risk.events;
    fit->total.loglik_null = newton->loglik_null;
    fit->total.loglik = newton->loglik;
    fit->total.df = newton->used;
    fit->total.iterations = newton->iterations;
    fit->total.converged = newton->converged;
    CXS_TRY(fill_tests(ctx, fit, newton, cluster, s.robust || cluster != NULL));
    CXS_TRY(fill_concordance(ctx, fit, newton, cluster));
    CXS_TRY(fill_hazard(ctx, fit, newton, surv));
    CXS_TRY(warn_about(ctx, fit));
    *out = fit;
    fit = NULL;

done:
    cxs_newton_free(newton);
    cxs_cox_fit_free(fit);
    return rc;
}
