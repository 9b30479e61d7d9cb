/*
 * cox_private.h -- the insides of cxs_cox_fit, for the fit and its writer
 */
#ifndef CXS_COX_PRIVATE_H
#define CXS_COX_PRIVATE_H

#include "base/base.h"
#include "coxswain/cox.h"

struct cxs_cox_fit {
    cxs_cox_totals total;
    size_t k;
    cxs_cox_row *row;    /* [k] */
    char **term;         /* [k] */
    size_t times;        /* event times over all strata */
    double *time;        /* [times] ascending within stratum */
    double *cumhaz;      /* [times] at covariates 0 and offset 0 */
    uint32_t *stratum;   /* [times] */
    char **stratum_name; /* [n_strata] */
    size_t n_strata;
};

#endif /* CXS_COX_PRIVATE_H */
