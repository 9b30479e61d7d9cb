/*
 * evidence.h -- the pieces of evidence that rank.c joins, and the finished ranking
 */
#ifndef CXS_RANK_EVIDENCE_H
#define CXS_RANK_EVIDENCE_H

#include "coxswain/rank.h"
#include "rank/shrink.h"
#include "resample/problem.h"

/** A copy of a problem that one replicate of a resampling plan may overwrite: other
 *  weights, or outcomes that changed places.  Memory is about n (k + 6) doubles. */
typedef struct cxs_replicate {
    cxs_problem problem; /**< points into the arrays below */
    double *time, *entry, *weight, *offset, *z;
    uint8_t *event;
    uint32_t *cluster;
    size_t *from;
} cxs_replicate;

/** One replicate for each worker of a pool run over @p tasks tasks; all equal to
 *  @p problem.  Free with cxs_replicates_free(). */
cxs_rc cxs_replicates_new(cxs_ctx *ctx, const cxs_problem *problem, size_t tasks,
                          cxs_replicate **out, size_t *count) CXS_MUST_USE;
void cxs_replicates_free(cxs_replicate *replicates, size_t count);

/** Weights of @p problem times @p factor[n] (subjects drawn, halves). */
void cxs_replicate_weigh(cxs_replicate *r, const cxs_problem *problem,
                         const double *factor);

/** Row i gets the outcome tuple (entry, time, event, weight, offset, covariates,
 *  cluster) of row from[i] of @p problem; strata stay, since the plan keeps them. */
void cxs_replicate_permute(cxs_replicate *r, const cxs_problem *problem);

/* ---- evaluable features ---------------------------------------------------------- */

/** Rows, events and missing values of every feature into row[p].adjusted, and a status
 *  other than ok (with no number but the counts) where the feature cannot be evaluated
 *  whatever the outcome: constant, missing, not_assessed.  binary[p]: two values. */
cxs_rc cxs_evaluable(cxs_ctx *ctx, const cxs_joined *joined, cxs_rank_row *row,
                     uint8_t *binary) CXS_MUST_USE;
/** @return whether both groups of a feature x[n] with two values have events enough. */
int cxs_enough_events(const cxs_problem *problem, const double *x);
/** too_few_events for the features with two values that have not. */
void cxs_evaluable_events(const cxs_joined *joined, const uint8_t *binary,
                          cxs_rank_row *row);
/** One warning that counts the features left out by reason. */
cxs_rc cxs_evaluable_warn(cxs_ctx *ctx, size_t p, const cxs_rank_row *row) CXS_MUST_USE;

/** CX054: a feature named like the outcome or with |Spearman| > 0.98 with time stops
 *  (plausibility_stops) or is warned, unless allowed.  CX055: warns of features missing in
 *  more than 20 % of the patients or by centre or outcome (Fisher p < 0.01; the smallest
 *  of the centres times their number), one for all features of the same patients. */
cxs_rc cxs_plausible(cxs_ctx *ctx, const cxs_joined *joined,
                     const cxs_rank_settings *settings) CXS_MUST_USE;

/** One warning that counts the features (status ok) with a value far outside: they rule
 *  score tests, and with them the global check. */
cxs_rc cxs_outliers_warn(cxs_ctx *ctx, const cxs_joined *joined,
                         const cxs_rank_row *row) CXS_MUST_USE;

/** The columns of the features whose status is ok.  Zero it before the first use. */
typedef struct cxs_candidates {
    cxs_joined joined; /**< as the whole, but for the design; owns nothing */
    size_t *at;        /**< [joined.design.p] index of each in the whole design */
    uint8_t *binary;   /**< [joined.design.p] has two values */
    double *x;         /**< copy of the columns; NULL when none was left out */
    const char **feature;
} cxs_candidates;
/** Take them by row[p].adjusted.status; what @p out held before is freed. */
cxs_rc cxs_candidates_take(cxs_ctx *ctx, const cxs_joined *joined,
                           const cxs_rank_row *row, const uint8_t *binary,
                           cxs_candidates *out) CXS_MUST_USE;
void cxs_candidates_free(cxs_candidates *candidates);

/** Say how much memory the evidence on @p evaluable features will take, and choose the
 *  way that fits (budget.h).  CXS_EBUDGET when none does. */
cxs_rc cxs_rank_budget(cxs_ctx *ctx, cxs_joined *joined,
                       const cxs_rank_settings *settings,
                       size_t evaluable) CXS_MUST_USE;

/* ---- evidence -------------------------------------------------------------------- */

/** E1 in cohorts of few events: p[p] of the unadjusted score test of every feature by
 *  @p replicates permutations within strata, never 0.  Memory n x replicates doubles. */
cxs_rc cxs_permuted_p(cxs_ctx *ctx, const cxs_joined *joined, uint64_t seed,
                      size_t replicates, double *p) CXS_MUST_USE;

/** Result of stability selection. */
typedef struct cxs_stability {
    size_t q;       /**< features taken from each half-sample */
    size_t pairs;   /**< complementary pairs; 0: not done */
    size_t empty;   /**< half-samples that could not be fitted */
    uint32_t *hits; /**< [p] half-samples that selected the feature; NULL: not done */
    double bound, bound_mb; /**< at the threshold of the settings; NaN: not done */
} cxs_stability;

/** E4, E5: complementary pairs stability selection (Shah and Samworth 2013).
 *  @p evaluated is the number of features that can be selected. */
cxs_rc cxs_stability_select(cxs_ctx *ctx, const cxs_joined *joined,
                            const cxs_rank_settings *settings, size_t evaluated,
                            cxs_stability *out) CXS_MUST_USE;

/** E7: share of subject bootstraps in which the adjusted effect of each of @p count
 *  features has its majority sign. */
cxs_rc cxs_sign_stability(cxs_ctx *ctx, const cxs_joined *joined,
                          const cxs_rank_settings *settings, size_t count,
                          const size_t *feature, double *share) CXS_MUST_USE;

/** Result of the global check. */
typedef struct cxs_permutation {
    size_t replicates;
    double observed;   /**< max |z| of the adjusted scan by its score test */
    double *max_abs_z; /**< [replicates] the same of the permuted problems */
    double p;          /**< (1 + #{max_abs_z >= observed}) / (replicates + 1) */
} cxs_permutation;
/** @p binary [p] marks features with two values: they count only in replicates with
 *  events enough in both groups (cxs_enough_events()). */
cxs_rc cxs_permutation_check(cxs_ctx *ctx, const cxs_joined *joined,
                             const uint8_t *binary, const cxs_rank_settings *settings,
                             cxs_permutation *out) CXS_MUST_USE;

struct cxs_ranking {
    cxs_rank_settings settings;
    cxs_joined *joined;
    cxs_candidates candidates; /**< evaluable features, the design of all evidence */
    size_t p, evaluated;       /**< features, those with status ok */
    cxs_rank_row *row;         /**< [p] in the order of the ranks */
    size_t *feature;           /**< [p] index in joined->design of each row */
    cxs_stability stability;
    cxs_permutation permutation;
    cxs_prior prior;
    cxs_cox_fit *clinical; /**< covariates alone; NULL without covariates */
    char *verdict;
};

/** Name of a tier from its evidence alone. */
cxs_tier cxs_tier_of(const cxs_rank_row *row);
/** Candidates of tier B whose sign stability is worth computing. */
int cxs_tier_candidate(const cxs_rank_row *row);

/** "PREFIX.cxr". */
cxs_rc cxs_rank_write_store(cxs_ctx *ctx, const cxs_ranking *ranking, const char *path,
                            const cxs_record *record) CXS_MUST_USE;

/** "harmful", "protective", "NA". */
const char *cxs_rank_direction(const cxs_rank_row *row);
/** @return layer of the feature at rank i + 1: the domain of its id, else that of the
 *  matrix.  Borrowed. */
const char *cxs_rank_layer(const cxs_ranking *ranking, size_t i);
/** Half width of a 95 % interval in standard errors. */
double cxs_z95(void);

#endif /* CXS_RANK_EVIDENCE_H */
