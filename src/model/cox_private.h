/*
 * cox_private.h -- the insides of cxs_cox_fit, for the fit and its writers
 */
#ifndef CXS_COX_PRIVATE_H
#define CXS_COX_PRIVATE_H

#include "model/cox_newton.h"

struct cxs_cox_fit {
    cxs_cox_totals total;
    size_t k, rows;      /* terms; rows of the follow-up */
    cxs_cox_row *row;    /* [k] */
    char **term;         /* [k] */
    cxs_newton *newton;  /* the fit itself, for residuals */
    double *naive;       /* [k x k], NaN without standard error */
    double *robust;      /* [k x k] or NULL */
    size_t times;        /* event times over all strata */
    double *time;        /* [times] ascending within stratum */
    double *cumhaz;      /* [times] at covariates 0 and offset 0 */
    uint32_t *stratum;   /* [times] */
    char **stratum_name; /* [n_strata] */
    size_t n_strata;
};

/* Sum rows of one column, sorted order, into their clusters; a NULL cluster is the row
 * itself. */
void cxs_cox_collapse(const cxs_risk *risk, const uint32_t *cluster,
                      const double *row_ts, double *sum, size_t clusters);
size_t cxs_cox_clusters(const cxs_risk *risk, const uint32_t *cluster);

/* The rows, the variances and the tests of the whole fit. */
cxs_rc cxs_cox_fill_tests(cxs_ctx *ctx, cxs_cox_fit *fit, const uint32_t *cluster,
                          int is_robust) CXS_MUST_USE;

/* ph_p of the rows and ph_global_p. */
cxs_rc cxs_cox_fill_ph(cxs_ctx *ctx, cxs_cox_fit *fit,
                       const cxs_outcome *outcome) CXS_MUST_USE;

/* z, p and interval of the rows by the profile of Firth's likelihood; the fit is left
 * where it was. */
cxs_rc cxs_cox_fill_profile(cxs_ctx *ctx, cxs_cox_fit *fit,
                            const cxs_cox_settings *settings) CXS_MUST_USE;

#endif /* CXS_COX_PRIVATE_H */
