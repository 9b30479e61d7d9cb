/*
 * problem.h -- a problem is weights + outcome on a shared matrix
 *
 * Folds, half-samples, bootstraps, permutations and centres left out are the same
 * design with other weights or another outcome; every fit of the project takes this
 * pair.
 */
#ifndef CXS_PROBLEM_H
#define CXS_PROBLEM_H

#include "base/base.h"
#include "coxswain/study.h"
#include "num/cox.h"

/** Feature matrix of the analysis set, shared by all problems.  Borrowed arrays. */
typedef struct cxs_design {
    size_t n, p;
    const double *x;            /**< [n x p] column-major, NaN = missing */
    const char *const *feature; /**< [p] ids, bytewise ascending */
    const void *map;            /**< file map that holds x, or NULL */
    size_t map_bytes;
    int stream; /**< memory is short: no float32 copy, pages of the map are given back
                     after use */
} cxs_design;

/** Columns first .. end - 1 are not needed for now: with stream, give their pages back
 *  to the file map.  Their values stay readable. */
void cxs_design_drop(const cxs_design *design, size_t first, size_t end);

/** Outcome and unpenalised covariates of one problem.  Borrowed arrays; the rows are
 *  those of the design. */
typedef struct cxs_problem {
    cxs_outcome outcome;     /**< outcome.n == design.n */
    const uint32_t *cluster; /**< [n] or NULL */
    size_t k;
    const double *z; /**< [n x k] column-major covariates */
} cxs_problem;

/** Matrix and follow-up brought to the same rows.  Owns all of it. */
typedef struct cxs_joined {
    cxs_surv *surv; /**< rows present in both, sorted */
    cxs_design design;
    cxs_problem problem;
    double *x; /**< storage of design.x */
    cxs_matrix *matrix;
} cxs_joined;

/**
 * Intersect ids of matrix and follow-up.  Takes both over (frees them on failure too).
 * Leftovers of both sides are counted and the first five named by cxs_note(); none in
 * common: CXS_EMISMATCH.  Constant features stay.
 */
cxs_rc cxs_join(cxs_ctx *ctx, cxs_matrix *matrix, cxs_surv *surv, cxs_ties ties,
                cxs_joined **out) CXS_MUST_USE;
void cxs_joined_free(cxs_joined *joined);

/** The problem of a follow-up table alone (no matrix). */
cxs_problem cxs_problem_of(const cxs_surv *surv, cxs_ties ties);

#endif /* CXS_PROBLEM_H */
