/*
 * scan.h -- the adjusted scan on a design and a problem, for screen and rank
 */
#ifndef CXS_SCAN_H
#define CXS_SCAN_H

#include "coxswain/screen.h"
#include "resample/problem.h"

/** Fill rows[p]; beta, se and z are those of the fit, p that of settings.test (NULL:
 * the defaults), q is left NaN.  Each feature on its available cases.
 *  @return CXS_OK; CXS_EDEGENERATE without an event; CXS_ENOMEM. */
cxs_rc cxs_scan(cxs_ctx *ctx, const cxs_design *design, const cxs_problem *problem,
                const cxs_screen_settings *settings, cxs_screen_row *rows) CXS_MUST_USE;

/**
 * Score test of every feature given the covariates: z[p] (sign of the effect), NaN
 * where not testable (constant, aliased, no event).  One O(n) pass per feature, no
 * iteration: the statistic of the permutation check.  A feature with missing values is
 * tested on its own rows: the covariates are then fitted on those rows first, once for
 * each run of features that miss the same rows.  Ties as the problem's outcome says.
 */
cxs_rc cxs_scan_score(cxs_ctx *ctx, const cxs_design *design,
                      const cxs_problem *problem, double *z) CXS_MUST_USE;

#endif /* CXS_SCAN_H */
