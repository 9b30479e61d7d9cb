/*
 * rank.h -- evidence per feature and the ranking of prognostic indicators
 */
#ifndef COXSWAIN_RANK_H
#define COXSWAIN_RANK_H

#include "coxswain/model.h"
#include "coxswain/screen.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cxs_rank_settings {
    cxs_ties ties;        /**<                                               [efron] */
    size_t pairs;         /**< complementary pairs of half-samples; 0: none     [50] */
    double threshold;     /**< selection frequency called stable              [0.75] */
    double max_errors;    /**< bound on falsely selected features              [0.5] */
    double alpha;         /**< elastic-net mixing in stability selection       [0.9] */
    size_t permutations;  /**< of the global check; 0: none                    [200] */
    size_t bootstraps;    /**< for sign stability of candidates                [500] */
    size_t draws;         /**< posterior draws for the expected rank          [4000] */
    double min_log_hr;    /**< reserved for screening of tiny effects            [0] */
    size_t top;           /**< features with a Kaplan-Meier curve in the store   [6] */
    double horizon_days;  /**< end of the curves; NaN: last event              [NaN] */
    uint64_t seed;        /**<                                                   [1] */
} cxs_rank_settings;
cxs_rank_settings cxs_rank_defaults(void);

/** Ranked features with their evidence.  Opaque. */
typedef struct cxs_ranking cxs_ranking;

/** Gather the evidence and rank.  Takes matrix and follow-up over; the follow-up holds
 *  the covariates of the adjusted fit. */
cxs_rc cxs_rank_run(cxs_ctx *ctx, cxs_matrix *matrix, cxs_surv *surv,
                    const cxs_rank_settings *settings, cxs_ranking **out) CXS_MUST_USE;
void cxs_ranking_free(cxs_ranking *ranking);

/** Write P.rank.tsv and the results store P.cxr. */
cxs_rc cxs_rank_write(cxs_ctx *ctx, const cxs_ranking *ranking, const char *prefix,
                      cxs_record *record) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_RANK_H */
