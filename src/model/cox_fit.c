/*
 * cox_fit.c -- classical Cox regression: the object, concordance, baseline hazard
 */
#include "model/cox_private.h"
#include "model/few_events.h"

#include "num/concordance.h"
#include "num/hazard.h"

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
        .ties = CXS_TIES_EFRON, .max_iterations = 50, .tol = 1e-11};
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
    cxs_free(fit->naive);
    cxs_free(fit->robust);
    cxs_newton_free(fit->newton);
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

const double *cxs_cox_vcov(const cxs_cox_fit *fit, int robust)
{
    return robust ? fit->robust : fit->naive;
}

static cxs_rc fill_concordance(cxs_ctx *ctx, cxs_cox_fit *fit, const uint32_t *cluster)
{
    const cxs_newton *newton = fit->newton;
    const size_t n = newton->risk.n;
    const size_t clusters = cxs_cox_clusters(&newton->risk, cluster);
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
        cxs_cox_collapse(&newton->risk, cluster, influence, sum, clusters);
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

static cxs_rc fill_hazard(cxs_ctx *ctx, cxs_cox_fit *fit, const cxs_surv *surv)
{
    const cxs_newton *newton = fit->newton;
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
                             "term %s: the likelihood rises for ever in its direction; "
                             "its hazard ratio is %s and has no standard error "
                             "(--firth gives finite estimates)",
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

static cxs_outcome outcome_of(const cxs_surv *surv, const cxs_cox_settings *s)
{
    return (cxs_outcome){.n = cxs_surv_n(surv),
                         .time = cxs_surv_time(surv),
                         .entry = cxs_surv_entry(surv),
                         .event = cxs_surv_event(surv),
                         .stratum = cxs_surv_stratum(surv),
                         .weight = cxs_surv_weight(surv),
                         .offset = cxs_surv_offset(surv),
                         .ties = s->exact ? CXS_TIES_BRESLOW : s->ties};
}

/* The discrete likelihood has no weighted form, and its rows, like those of Firth's
 * penalty, no score residuals to make a sandwich of. */
static cxs_rc check(cxs_ctx *ctx, const cxs_surv *surv, const cxs_cox_settings *s)
{
    const char *what = s->exact ? "exact ties" : "Firth's penalty";

    if (s->exact && s->firth)
        return cxs_fail(ctx, CXS_EARG,
                        "exact ties and Firth's penalty exclude each "
                        "other");
    if ((s->exact || s->firth) && (s->robust || cxs_surv_cluster(surv) != NULL))
        return cxs_fail(ctx, CXS_EARG, "%s and a robust variance exclude each other",
                        what);
    if (s->exact && cxs_surv_weight(surv) != NULL)
        return cxs_fail(ctx, CXS_EARG,
                        "exact ties and case weights exclude each other");
    return CXS_OK;
}

static void fill_totals(cxs_cox_fit *fit, const cxs_surv *surv)
{
    const cxs_newton *newton = fit->newton;
    double log_scale = 0.0; /* of |I|: from per sd to the units of the covariates */

    for (size_t c = 0; c < fit->k; c++)
        if (newton->firth && !newton->skip[c])
            log_scale += log(newton->scale[c]);
    fit->total = (cxs_cox_totals){
        .n = newton->risk.n,
        .n_subjects = cxs_surv_n_subjects(surv),
        .events = newton->risk.events,
        .loglik_null = newton->loglik_null + log_scale,
        .loglik = newton->loglik + log_scale,
        .df = newton->used,
        .iterations = newton->iterations,
        .converged = newton->converged,
    };
}

cxs_rc cxs_cox_fit_unwarned(cxs_ctx *ctx, const cxs_surv *surv,
                            const cxs_cox_settings *settings, cxs_cox_fit **out)
{
    const cxs_cox_settings s = settings != NULL ? *settings : cxs_cox_defaults();
    const uint32_t *cluster = cxs_surv_cluster(surv);
    const cxs_outcome outcome = outcome_of(surv, &s);
    cxs_rc rc = CXS_OK;
    cxs_cox_fit *fit = NULL;

    *out = NULL;
    CXS_TRY(check(ctx, surv, &s));
    CXS_NEW(fit, 1);
    CXS_TRY(cxs_newton_fit(ctx, &outcome, cxs_surv_k(surv), cxs_surv_z(surv), &s,
                           &fit->newton));
    fit->k = fit->newton->k;
    fit->rows = cxs_surv_n(surv);
    fit->n_strata = cxs_surv_n_strata(surv);
    CXS_TRY(copy_names(ctx, fit, surv));
    fill_totals(fit, surv);
    CXS_TRY(cxs_cox_fill_tests(ctx, fit, cluster, s.robust || cluster != NULL));
    if (s.firth && fit->newton->converged)
        CXS_TRY(cxs_cox_fill_profile(ctx, fit, &s));
    CXS_TRY(cxs_cox_fill_ph(ctx, fit, &outcome));
    CXS_TRY(fill_concordance(ctx, fit, cluster));
    CXS_TRY(fill_hazard(ctx, fit, surv));
    CXS_TRY(warn_about(ctx, fit));
    *out = fit;
    fit = NULL;

done:
    cxs_cox_fit_free(fit);
    return rc;
}

/* Firth's penalty is what few events ask for. */
cxs_rc cxs_cox_fit_new(cxs_ctx *ctx, const cxs_surv *surv,
                       const cxs_cox_settings *settings, cxs_cox_fit **out)
{
    cxs_rc rc = cxs_cox_fit_unwarned(ctx, surv, settings, out);

    if (rc == CXS_OK && (settings == NULL || !settings->firth))
        rc = cxs_warn_few_events(ctx, surv, cxs_surv_k(surv), 0);
    if (rc != CXS_OK) {
        cxs_cox_fit_free(*out);
        *out = NULL;
    }
    return rc;
}
