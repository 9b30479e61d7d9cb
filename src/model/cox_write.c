/*
 * cox_write.c -- P.coef.tsv, P.fit.tsv, P.basehaz.tsv and the variance matrices
 *
 * Columns are those of the command contract.
 */
#include "model/cox_private.h"

#include "base/out.h"

static cxs_rc reals(cxs_ctx *ctx, cxs_out *out, size_t count, const double *value)
{
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < count && rc == CXS_OK; i++)
        rc = cxs_out_real(ctx, out, value[i]);
    return rc;
}

static cxs_rc write_coef(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_cox_fit *fit = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out, "%s",
                           "term\tn\tevents\tbeta\tse\trobust_se\tz\tlog10_p\tp\thr\t"
                           "hr_l95\thr_u95\tph_p\tstatus\n"));
    for (size_t c = 0; c < fit->k; c++) {
        const cxs_cox_row *r = &fit->row[c];
        const double value[] = {r->beta, r->se, r->robust_se, r->z,      r->log10_p,
                                r->p,    r->hr, r->hr_l95,    r->hr_u95, r->ph_p};
        CXS_TRY(cxs_out_text(ctx, out, r->term));
        CXS_TRY(cxs_out_size(ctx, out, fit->total.n));
        CXS_TRY(cxs_out_size(ctx, out, fit->total.events));
        CXS_TRY(reals(ctx, out, sizeof value / sizeof *value, value));
        CXS_TRY(cxs_out_text(ctx, out, cxs_status_name(r->status)));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }
done:
    return rc;
}

static cxs_rc write_fit(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_cox_fit *fit = of;
    const cxs_cox_totals *t = &fit->total;
    const double tests[] = {t->loglik_null, t->loglik, t->score_test, t->wald_test,
                            t->lr_test};
    const double after[] = {t->concordance, t->concordance_se, t->ph_global_p};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out, "%s",
                           "loglik_null\tloglik\tscore_test\twald_test\tlr_test\tdf\t"
                           "concordance\tconcordance_se\tph_global_p\tn\tevents\t"
                           "iterations\tconverged\n"));
    CXS_TRY(reals(ctx, out, sizeof tests / sizeof *tests, tests));
    CXS_TRY(cxs_out_size(ctx, out, t->df));
    CXS_TRY(reals(ctx, out, sizeof after / sizeof *after, after));
    CXS_TRY(cxs_out_size(ctx, out, t->n));
    CXS_TRY(cxs_out_size(ctx, out, t->events));
    CXS_TRY(cxs_out_size(ctx, out, t->iterations));
    CXS_TRY(cxs_out_size(ctx, out, t->converged != 0));
    CXS_TRY(cxs_out_row_end(ctx, out));
done:
    return rc;
}

static cxs_rc write_basehaz(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_cox_fit *fit = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out, "%s", "stratum\ttime\tcumhaz\n"));
    for (size_t t = 0; t < fit->times; t++) {
        CXS_TRY(cxs_out_text(ctx, out, fit->stratum_name[fit->stratum[t]]));
        CXS_TRY(cxs_out_real(ctx, out, fit->time[t]));
        CXS_TRY(cxs_out_real(ctx, out, fit->cumhaz[t]));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }
done:
    return rc;
}

static cxs_rc write_matrix(cxs_ctx *ctx, const cxs_cox_fit *fit, const char *name,
                           const double *variance, cxs_out *out)
{
    cxs_rc rc = CXS_OK;

    for (size_t b = 0; b < fit->k; b++) {
        CXS_TRY(cxs_out_text(ctx, out, name));
        CXS_TRY(cxs_out_text(ctx, out, fit->term[b]));
        CXS_TRY(reals(ctx, out, fit->k, variance + b * fit->k));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }
done:
    return rc;
}

static cxs_rc write_vcov(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_cox_fit *fit = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_text(ctx, out, "variance"));
    CXS_TRY(cxs_out_text(ctx, out, "term"));
    for (size_t c = 0; c < fit->k; c++)
        CXS_TRY(cxs_out_text(ctx, out, fit->term[c]));
    CXS_TRY(cxs_out_row_end(ctx, out));
    if (fit->robust != NULL)
        CXS_TRY(write_matrix(ctx, fit, "robust", fit->robust, out));
    CXS_TRY(write_matrix(ctx, fit, "naive", fit->naive, out));
done:
    return rc;
}

cxs_rc cxs_cox_write_vcov(cxs_ctx *ctx, const cxs_cox_fit *fit, const char *path,
                          cxs_record *record)
{
    return cxs_out_file(ctx, path, "", write_vcov, fit, record);
}

cxs_rc cxs_cox_write(cxs_ctx *ctx, const cxs_cox_fit *fit, const char *prefix,
                     cxs_record *record)
{
    cxs_rc rc = cxs_out_file(ctx, prefix, ".coef.tsv", write_coef, fit, record);

    if (rc == CXS_OK)
        rc = cxs_out_file(ctx, prefix, ".fit.tsv", write_fit, fit, record);
    if (rc == CXS_OK)
        rc = cxs_out_file(ctx, prefix, ".basehaz.tsv", write_basehaz, fit, record);
    return rc;
}
