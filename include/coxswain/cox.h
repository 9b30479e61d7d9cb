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

/** What is maximised.  exact and firth exclude each other, robust and clusters; exact
 *  excludes weights as well. */
typedef struct cxs_cox_settings {
    cxs_ties ties;      /**< tied event times                            [efron] */
    int exact;          /**< discrete partial likelihood in place of ties    [0] */
    int firth;          /**< Jeffreys' penalty log|I| / 2                    [0] */
    int robust;         /**< sandwich variance, each row its own cluster     [0] */
    int max_iterations; /**< Newton steps                                   [50] */
    double tol;         /**< relative change of loglik and Newton decrement [1e-11] */
} cxs_cox_settings;
cxs_cox_settings cxs_cox_defaults(void);

/** Result of a fit.  Opaque. */
typedef struct cxs_cox_fit cxs_cox_fit;

/** Newton-Raphson with step halving.  Aliased and constant terms get their status; with
 *  k = 0 the null model is returned.  CXS_EDEGENERATE when there is no event; CXS_EARG
 *  for settings that exclude each other. */
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
    /** Wald; firth: signed root and p of the profile penalised likelihood ratio. */
    double z, log10_p, p;
    /** exp(beta) and its 95 % interval: Wald; firth: profile penalised likelihood, NaN
     *  where it has no end. */
    double hr, hr_l95, hr_u95;
    cxs_status status;
    /** Score test for proportional hazards, model-based variance always; for `exact`
     *  that of the discrete likelihood. */
    double ph_p;
} cxs_cox_row;
/** @return [k] rows in the order of the covariates, their number in @p k.  Borrowed. */
const cxs_cox_row *cxs_cox_rows(const cxs_cox_fit *fit, size_t *k);

/** Numbers of the whole fit. */
typedef struct cxs_cox_totals {
    size_t n, n_subjects, events; /**< rows, ids and events with weight > 0 */
    /** At coefficients 0 (with the offset) and at the fit; firth: penalised, as are the
     *  score and likelihood ratio tests. */
    double loglik_null, loglik;
    double score_test, wald_test, lr_test;
    size_t df; /**< coefficients estimated */
    double concordance, concordance_se;
    size_t iterations;
    int converged;
    double ph_global_p; /**< all coefficients together; NaN with a separated term */
} cxs_cox_totals;
/** Borrowed until cxs_cox_fit_free(). */
const cxs_cox_totals *cxs_cox_total(const cxs_cox_fit *fit);

/**
 * Variance matrix of the coefficients.
 *
 * @param robust  0: inverse information; 1: sandwich
 * @return [k x k], NaN for terms without standard error; NULL when robust was not asked
 *         for.  Borrowed until cxs_cox_fit_free().
 */
const double *cxs_cox_vcov(const cxs_cox_fit *fit, int robust);

/** Residuals, as residuals.coxph() of R survival.  For `exact` martingale and deviance
 *  are those of Breslow's hazard and the others do not exist. */
typedef enum cxs_residual {
    CXS_RESIDUAL_MARTINGALE, /**< [n] event less expected number of events, per row */
    CXS_RESIDUAL_DEVIANCE,   /**< [n] the same, symmetrised */
    CXS_RESIDUAL_SCORE,      /**< [n x k] without the case weight */
    CXS_RESIDUAL_DFBETA,     /**< [n x k] change of beta when the row is left out, first
                                  order, with its weight and the model-based variance */
    CXS_RESIDUAL_SCHOENFELD, /**< [n x k] events alone */
    CXS_RESIDUAL_SCALED      /**< [n x k] beta + events V Schoenfeld: beta(t) */
} cxs_residual;

/**
 * Residuals of one kind.
 *
 * @param out  (out) [n] or [n x k] column-major, rows in the order of the follow-up;
 *             NaN where there is none (no event, weight zero, term not estimated)
 * @return CXS_OK; CXS_ENOMEM.
 */
cxs_rc cxs_cox_residuals(cxs_ctx *ctx, const cxs_cox_fit *fit, cxs_residual kind,
                         double *out) CXS_MUST_USE;

/** Write all residuals with ids, one row per row of @p surv, the follow-up of the fit;
 *  mode 0600 as patient ids are in it. */
cxs_rc cxs_cox_write_residuals(cxs_ctx *ctx, const cxs_cox_fit *fit,
                               const cxs_surv *surv, const char *path,
                               cxs_record *record) CXS_MUST_USE;

/** Write the variance matrices: columns `variance` (robust, naive) and `term`, then one
 *  for each term. */
cxs_rc cxs_cox_write_vcov(cxs_ctx *ctx, const cxs_cox_fit *fit, const char *path,
                          cxs_record *record) CXS_MUST_USE;

/** Write P.coef.tsv, P.fit.tsv, P.basehaz.tsv; names them in
 *  @p record (may be NULL). */
cxs_rc cxs_cox_write(cxs_ctx *ctx, const cxs_cox_fit *fit, const char *prefix,
                     cxs_record *record) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_COX_H */
