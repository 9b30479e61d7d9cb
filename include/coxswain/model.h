/*
 * model.h -- penalised Cox path with cross-validation
 *
 * Objective, b_j = beta_j sd_j, sd_j the weighted 1/W standard deviation:
 *   -(1/W) loglik + lambda sum_j pf_j [ alpha |b_j| + (1 - alpha)/2 b_j^2 ]
 */
#ifndef COXSWAIN_MODEL_H
#define COXSWAIN_MODEL_H

#include "coxswain/cox.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cxs_missing {
    CXS_MISSING_MEAN,
    CXS_MISSING_MEDIAN,
    CXS_MISSING_REFUSE
} cxs_missing;
typedef enum cxs_cv_metric { CXS_CV_DEVIANCE, CXS_CV_CONCORDANCE } cxs_cv_metric;
typedef enum cxs_cv_rule { CXS_CV_MIN, CXS_CV_1SE } cxs_cv_rule;

typedef struct cxs_model_settings {
    double alpha;         /**< elastic-net mixing: 1 lasso, 0 ridge              [1] */
    cxs_ties ties;        /**<                                               [efron] */
    size_t nlambda;       /**< length of the default sequence                  [100] */
    double lambda_ratio;  /**< smallest over largest; NaN: 0.01 if n < p, 1e-4 [NaN] */
    const double *lambda; /**< given sequence or NULL; borrowed during the call      */
    size_t lambda_count;  /**< length of it                                      [0] */
    const char
        *penalty_factor;  /**< file feature_id, factor; NULL: all 1       [NULL] */
    int standardize;      /**< scale columns to unit sd                          [1] */
    double tol;           /**< bound on kkt_max                               [1e-6] */
    int max_iterations;   /**< Newton steps per lambda                         [100] */
    cxs_missing missing;  /**< missing matrix values                          [mean] */
    size_t folds;         /**< 0 = no cross-validation                          [10] */
    size_t repeats;       /**<                                                   [1] */
    cxs_cv_metric metric; /**<                                            [deviance] */
    cxs_cv_rule rule;     /**<                                                 [min] */
    int early_stop;       /**< stop the CV when its curve has passed the minimum [1] */
    uint64_t seed;        /**<                                                   [1] */
    size_t max_df;        /**< stop the path beyond this many nonzero; 0: none   [0] */
    const char *start;    /**< file of coefficients to begin from, or NULL    [NULL] */
    size_t start_index;   /**< its lambda_index; 0: nearest to the first lambda  [0] */
    int relax;            /**< fit each support again without a penalty          [0] */
    size_t outer_folds;   /**< outer folds of nested cross-validation; 0: none   [0] */
    size_t outer_repeats; /**<                                                   [1] */
} cxs_model_settings;
cxs_model_settings cxs_model_defaults(void);

typedef struct cxs_model cxs_model;

/** Fit path and CV.  Takes matrix and follow-up over. */
cxs_rc cxs_model_fit(cxs_ctx *ctx, cxs_matrix *matrix, cxs_surv *surv,
                     const cxs_model_settings *settings, cxs_model **out) CXS_MUST_USE;
void cxs_model_free(cxs_model *model);
/**
 * Write P.path.tsv, P.coef.tsv and, with CV, P.cv.tsv; with relax P.relaxed.tsv; with
 * outer folds P.nested.tsv and P.selected.tsv.
 *
 * lambda_min, lambda_1se (with repeats the range of lambda_min over them) and the
 * selected features go into @p record as results, beside the times path_s and cv_s;
 * with outer folds also nested_concordance (mean over outer repeats), its sd over them,
 * nested_deviance, and apparent_concordance: that of the chosen model on the patients
 * it was chosen on, which is optimistic.
 */
cxs_rc cxs_model_write(cxs_ctx *ctx, const cxs_model *model, const char *prefix,
                       cxs_record *record) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_MODEL_H */
