/*
 * load.h -- what the report shows, read from a results store and from model files
 */
#ifndef CXS_LOAD_H
#define CXS_LOAD_H

#include "store/db.h"

typedef struct cxs_pair {
    char *key, *value;
} cxs_pair;

/* A line with a count: flow step, centre, stratum, warning. */
typedef struct cxs_tally {
    char *what;
    size_t n, events;
} cxs_tally;

typedef struct cxs_term { /* clinical base model */
    char *name, *status;
    double z, log10_p, hr, hr_l95, hr_u95;
} cxs_term;

typedef struct cxs_indicator {
    size_t rank, n, events;
    char *id, *name, *layer, *tier, *direction, *status;
    double scale, log10_p, q, hr, hr_l95, hr_u95, sel_freq, pfer_bound, lfsr;
    double beta_shrunk, rank_l95, rank_u95, ph_p;
} cxs_indicator;

typedef struct cxs_point {
    double time, surv, lower, upper; /* lower, upper NaN where there is no interval */
} cxs_point;

typedef struct cxs_group { /* one Kaplan-Meier curve */
    char *label;
    int64_t number;
    size_t points, point_capacity;
    cxs_point *point;
    size_t risks, risk_capacity;
    double *risk_time;
    size_t *n_risk;
} cxs_group;

typedef struct cxs_km { /* curves of one feature */
    char *feature_id;
    const cxs_indicator
        *indicator; /* borrowed; NULL when it is not among those loaded */
    size_t groups, capacity;
    cxs_group *group;
} cxs_km;

typedef struct cxs_loaded {
    cxs_db *db;
    cxs_pair *meta, *setting;
    size_t metas, settings;
    cxs_tally *flow, *centre, *stratum, *warning;
    size_t flows, centres, strata, warnings;
    cxs_term *term;
    size_t terms;
    cxs_indicator *indicator; /* the first `top` */
    size_t indicators, indicators_total;
    cxs_tally *tier; /* tiers by name, n = features */
    size_t tiers;
    cxs_km *km;
    size_t kms;
    double *null_score;
    size_t null_scores;
} cxs_loaded;

/* Read a results store.  CXS_ENOINPUT, CXS_EFORMAT as cxs_db_open(). */
cxs_rc cxs_loaded_read(cxs_ctx *ctx, const char *path, size_t top,
                       cxs_loaded **out) CXS_MUST_USE;
void cxs_loaded_free(cxs_loaded *d); /* NULL allowed */

/* Value of a meta key (a setting when there is no such meta key), "" when absent. */
const char *cxs_loaded_text(const cxs_loaded *d, const char *key);
double cxs_loaded_real(const cxs_loaded *d, const char *key); /* NaN when absent */

/* Divisor of a feature in the ranking (sd, or 1 for a 0/1 feature), NaN when the
 * feature is not ranked; its display name, the caller's. */
cxs_rc cxs_loaded_feature(cxs_ctx *ctx, const cxs_loaded *d, const char *feature_id,
                          double *scale, char **name) CXS_MUST_USE;

/* ---- model files ----------------------------------------------------------------- */

typedef struct cxs_trace { /* one coefficient along the path */
    char *id, *name;
    size_t points;
    size_t *index; /* [points] lambda_index, ascending */
    double *beta;  /* [points] per sd where `per_sd`, else original scale */
    double peak;   /* max |beta| among those shown */
} cxs_trace;

typedef struct cxs_model_files {
    size_t lambdas, shown; /* shown: those not below the last cross-validated one */
    double *lambda, *df;   /* [lambdas], by lambda_index - 1 */
    cxs_trace *trace;      /* penalised features, by falling peak, then id */
    size_t traces;
    bool per_sd; /* every trace could be brought to one standard deviation */
    double *cv_lambda, *cvm, *cvse;
    size_t cvs;
    double lambda_min, lambda_1se; /* NaN when not recorded */
} cxs_model_files;

/* Read P.path.tsv, P.coef.tsv, P.cv.tsv (may be absent), P.run.json (may be absent). */
cxs_rc cxs_model_files_read(cxs_ctx *ctx, const char *prefix, const cxs_loaded *d,
                            cxs_model_files **out) CXS_MUST_USE;
void cxs_model_files_free(cxs_model_files *p); /* NULL allowed */

#endif /* CXS_LOAD_H */
