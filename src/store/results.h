/*
 * results.h -- schema of the results store (.cxr), shared by its writer (rank) and its
 * readers (report, query)
 *
 * No patient enters the store: curves and counts are aggregates.  No time, host, path or
 * command either: same input, same rows.
 */
#ifndef CXS_RESULTS_H
#define CXS_RESULTS_H

enum { CXS_RESULTS_VERSION = 1 };

/*
 * meta keys: version, settings_digest, title (of the study, may be empty), endpoint,
 * time_unit, n, n_subjects, events, p, p_tested, ties, strata (names joined by ", "),
 * covariates (terms joined by ", "), median_followup (reverse Kaplan-Meier), stability_q, stability_pairs,
 * stability_threshold, pfer_bound (Shah-Samworth, r-concave), pfer_bound_mb,
 * permutations, permutation_p, max_abs_z, verdict (one sentence), pi0, tau2
 */
#define CXS_RESULTS_SCHEMA                                                             \
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"             \
    "CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"          \
    "CREATE TABLE flow(step INTEGER PRIMARY KEY, what TEXT NOT NULL,"                  \
    " count INTEGER NOT NULL) STRICT;"                                                 \
    "CREATE TABLE centre(name TEXT PRIMARY KEY, n INTEGER NOT NULL,"                   \
    " events INTEGER NOT NULL) STRICT;"                                                \
    "CREATE TABLE stratum(name TEXT PRIMARY KEY, n INTEGER NOT NULL,"                  \
    " events INTEGER NOT NULL) STRICT;"                                                \
    "CREATE TABLE clinical(term TEXT PRIMARY KEY, beta REAL, se REAL, z REAL,"         \
    " log10_p REAL, p REAL, hr REAL, hr_l95 REAL, hr_u95 REAL,"                        \
    " status TEXT NOT NULL) STRICT;"                                                   \
    "CREATE TABLE indicator(rank INTEGER PRIMARY KEY, feature_id TEXT NOT NULL,"       \
    " feature_name TEXT, layer TEXT, tier TEXT, n INTEGER, events INTEGER,"            \
    " missing_n INTEGER, scale REAL, beta REAL, se REAL, z REAL, log10_p REAL,"        \
    " p REAL, q REAL, hr REAL, hr_l95 REAL, hr_u95 REAL, sel_freq REAL,"               \
    " pfer_bound REAL, lfsr REAL, beta_shrunk REAL, rank_l95 REAL, rank_u95 REAL,"     \
    " delta_c REAL, ph_p REAL, i2 REAL, direction TEXT, status TEXT,"                  \
    " expected_rank REAL, score REAL, sign_stability REAL, beta_unadjusted REAL,"      \
    " se_unadjusted REAL, p_unadjusted REAL) STRICT;"                                  \
    "CREATE INDEX indicator_feature ON indicator(feature_id);"                         \
    "CREATE VIRTUAL TABLE indicator_search USING fts5(feature_id, feature_name,"       \
    " layer, content='indicator', content_rowid='rank');"                              \
    "CREATE TABLE curve(feature_id TEXT NOT NULL, grp INTEGER NOT NULL,"               \
    " label TEXT NOT NULL, step INTEGER NOT NULL, time REAL NOT NULL,"                 \
    " surv REAL NOT NULL, lower REAL, upper REAL,"                                     \
    " PRIMARY KEY(feature_id, grp, step)) STRICT;"                                     \
    "CREATE TABLE at_risk(feature_id TEXT NOT NULL, grp INTEGER NOT NULL,"             \
    " time REAL NOT NULL, n_risk INTEGER NOT NULL,"                                    \
    " PRIMARY KEY(feature_id, grp, time)) STRICT;"                                     \
    "CREATE TABLE null_score(replicate INTEGER PRIMARY KEY,"                           \
    " max_abs_z REAL NOT NULL) STRICT;"                                                \
    "CREATE TABLE warning(text TEXT PRIMARY KEY, times INTEGER NOT NULL) STRICT;"

#endif /* CXS_RESULTS_H */
