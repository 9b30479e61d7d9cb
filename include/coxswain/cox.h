/*
 * cox.h -- classical Cox regression of a follow-up table on its covariates
 */
#ifndef COXSWAIN_COX_H
#define COXSWAIN_COX_H

#include "coxswain/record.h"
#include "coxswain/study.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What became of one row of results. */
#define CXS_STATUS_LIST(X)                                                             \
    X(CXS_STATUS_OK, "ok")                                                             \
    X(CXS_STATUS_CONSTANT, "constant")                                                 \
    X(CXS_STATUS_ALIASED, "aliased")                                                   \
    X(CXS_STATUS_SEPARATED, "separated")                                               \
    X(CXS_STATUS_NOT_CONVERGED, "not_converged")                                       \
    X(CXS_STATUS_TOO_FEW_EVENTS, "too_few_events")                                     \
    X(CXS_STATUS_NOT_ASSESSED, "not_assessed")                                         \
    X(CXS_STATUS_MISSING, "missing")
typedef enum cxs_status {
#define CXS_STATUS_ENUM(name, text) name,
    CXS_STATUS_LIST(CXS_STATUS_ENUM)
#undef CXS_STATUS_ENUM
} cxs_status;
/** @return "ok", "constant", ... */
const char *cxs_status_name(cxs_status status);

typedef struct cxs_cox_settings {
    cxs_ties ties;      /**< tied event times                            [efron] */
    int robust;         /**< sandwich variance, each row its own cluster     [0] */
    int max_iterations; /**< Newton steps                                   [50] */
    double tol;         /**< relative change of loglik and Newton decrement [1e-11] */
} cxs_cox_settings;
cxs_cox_settings cxs_cox_defaults(void);

/** Result of a fit.  Opaque. */
typedef struct cxs_cox_fit cxs_cox_fit;

/** Newton-Raphson with step halving.  Aliased and constant terms get their status; with
 *  k = 0 the null model is returned.  CXS_EDEGENERATE when there is no event. */
cxs_rc cxs_cox_fit_new(cxs_ctx *ctx, const cxs_surv *surv,
                       const cxs_cox_settings *settings,
                       cxs_cox_fit **out) CXS_MUST_USE;
void cxs_cox_fit_free(cxs_cox_fit *fit);

/** One coefficient.  Numbers that do not exist are NaN: all of a constant or aliased
 *  term; everything but beta and hr of a separated one, where beta tells the direction
 *  only. */
typedef struct cxs_cox_row {
    const char *term;
    double beta, se, robust_se; /**< robust_se NaN unless asked for; z, p use it then */
    double z, log10_p, p;       /**< Wald */
    double hr, hr_l95, hr_u95;  /**< exp(beta) and its 95 % interval */
    cxs_status status;
} cxs_cox_row;
/** @return [k] rows in the order of the covariates, their number in @p k.  Borrowed. */
const cxs_cox_row *cxs_cox_rows(const cxs_cox_fit *fit, size_t *k);

/** Numbers of the whole fit. */
typedef struct cxs_cox_totals {
    size_t n, n_subjects, events; /**< rows, ids and events with weight > 0 */
    double loglik_null, loglik; /**< at coefficients 0 (with the offset), at the fit */
    double score_test, wald_test, lr_test;
    size_t df; /**< coefficients estimated */
    double concordance, concordance_se;
    size_t iterations;
    int converged;
} cxs_cox_totals;
/** Borrowed until cxs_cox_fit_free(). */
const cxs_cox_totals *cxs_cox_total(const cxs_cox_fit *fit);

/** Write P.coef.tsv, P.fit.tsv, P.basehaz.tsv (CONTRACT: "Files out"); names them in
 *  @p record (may be NULL). */
cxs_rc cxs_cox_write(cxs_ctx *ctx, const cxs_cox_fit *fit, const char *prefix,
                     cxs_record *record) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_COX_H */
