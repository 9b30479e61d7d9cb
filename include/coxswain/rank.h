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
    cxs_screen_test test; /**< gives p, Wald's with clusters; z stays Wald     [lrt] */
    size_t pairs;         /**< complementary pairs of half-samples; 0: none     [50] */
    double threshold;     /**< selection frequency called stable              [0.75] */
    double max_errors;    /**< bound on falsely selected features              [0.5] */
    double alpha;         /**< elastic-net mixing in selection, >= 0.001       [0.9] */
    size_t permutations;  /**< of the global check; 0: none                    [200] */
    size_t bootstraps;    /**< for sign stability of candidates; 0: none       [500] */
    size_t draws;         /**< posterior draws for the expected rank          [4000] */
    size_t top;           /**< features with a Kaplan-Meier curve in the store   [6] */
    double horizon_days;  /**< end of the curves; NaN: last follow-up          [NaN] */
    uint64_t seed;        /**<                                                   [1] */
    int plausibility_stops;    /**< a feature that looks like the outcome (CX054) is an
                                 error, not a warning            [0; 1 for study files] */
    const char *allow_feature; /**< ids of features for which it is neither, separated
                                    by commas; borrowed                        [NULL] */
} cxs_rank_settings;
/** @return settings with the defaults shown in brackets. */
cxs_rank_settings cxs_rank_defaults(void);

/** How far the evidence carries a feature.  Tier A needs out-of-fold and between-centre
 *  evidence on top of B and is given only where both were computed. */
typedef enum cxs_tier {
    CXS_TIER_A,
    CXS_TIER_B, /**< q <= 0.20 or selection frequency >= 0.5, and sign stability >= 0.9
                 */
    CXS_TIER_C, /**< p <= 0.05 adjusted or unadjusted */
    CXS_TIER_D, /**< evaluated, none of the above */
    CXS_TIER_X  /**< not evaluable; the status says why */
} cxs_tier;
/** @return "A" .. "D", "X". */
const char *cxs_tier_name(cxs_tier tier);

/** Evidence on one feature; NaN where it does not exist. */
typedef struct cxs_rank_row {
    const char *feature_id, *feature_name; /**< borrowed from the ranking */
    cxs_tier tier;
    cxs_screen_row adjusted;   /**< E2, with q over all features evaluated (E3) */
    cxs_screen_row unadjusted; /**< E1, without covariates */
    double sel_freq;           /**< E4: share of half-samples that select it */
    double pfer_bound;         /**< E5: r-concave bound on the expected number of false
                                    selections at a threshold equal to sel_freq; NaN when
                                    sel_freq <= 0.5 */
    double sign_stability;     /**< E7: share of bootstraps with the majority sign */
    double lfsr;               /**< local false sign rate */
    double beta_shrunk;   /**< posterior mean, per `scale` units as adjusted.beta */
    double expected_rank; /**< posterior expected rank of |effect per sd| */
    double score;         /**< 100 (1 - (expected_rank - 1) / (evaluated - 1)) */
} cxs_rank_row;

/** Ranked features with their evidence.  Opaque. */
typedef struct cxs_ranking cxs_ranking;

/**
 * Gather the evidence and rank by (tier, expected rank, feature id).
 *
 * Evaluated are features that max(5, 5 %) of the patients with a value, or more, have
 * apart from the most frequent value of their stratum (else not_assessed), that are
 * missing in 20 % of the patients at most (else missing) and that have, where they take
 * two values, 3 events on both sides (else too_few_events).  The others are no
 * candidates of any evidence, do not count in q, and come last.
 *
 * @param matrix    features; taken over, freed on failure too
 * @param surv      follow-up with the covariates of the adjusted fit; taken over, freed
 *                  on failure too
 * @param settings  NULL means cxs_rank_defaults()
 * @param out       (out) new ranking, free with cxs_ranking_free(); NULL on failure
 * @return CXS_OK; CXS_EARG for a setting out of range; CXS_EMISMATCH when no id is in
 *         both, or for a feature that looks like the outcome (CX054); CXS_EDEGENERATE when there is no event; CXS_ENOMEM.
 */
cxs_rc cxs_rank_run(cxs_ctx *ctx, cxs_matrix *matrix, cxs_surv *surv,
                    const cxs_rank_settings *settings, cxs_ranking **out) CXS_MUST_USE;
/** Free @p ranking and everything borrowed from it.  NULL is allowed. */
void cxs_ranking_free(cxs_ranking *ranking);

/** @return [*count] rows, best first: rank = index + 1.  Borrowed. */
const cxs_rank_row *cxs_ranking_rows(const cxs_ranking *ranking, size_t *count);
/** @return the verdict of the permutation check, one sentence.  Borrowed. */
const char *cxs_ranking_verdict(const cxs_ranking *ranking);

/** Write P.rank.tsv and the results store P.cxr; @p record (may be NULL) gets both and
 *  the main results.
 *  @return CXS_OK; CXS_ECREATE; CXS_EIO; CXS_ENOMEM.  Nothing half-written stays. */
cxs_rc cxs_rank_write(cxs_ctx *ctx, const cxs_ranking *ranking, const char *prefix,
                      cxs_record *record) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_RANK_H */
