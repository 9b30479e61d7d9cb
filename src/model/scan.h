/*
 * scan.h -- the adjusted scan on a design and a problem, for screen and rank
 */
#ifndef CXS_SCAN_H
#define CXS_SCAN_H

#include "coxswain/screen.h"
#include "resample/problem.h"

/** Fill rows[p]; z and p are Wald (or as settings.test), q is left NaN. */
cxs_rc cxs_scan(cxs_ctx *ctx, const cxs_design *design, const cxs_problem *problem,
                const cxs_screen_settings *settings, cxs_screen_row *rows) CXS_MUST_USE;

/**
 * Score test of every feature given the covariates: z[p] (sign of the effect), NaN
 * where not testable.  One O(n) pass per feature, no iteration: the statistic of the
 * permutation check.  Missing values: available cases are approximated by nothing: a
 * feature with missing values is refitted on its own rows.
 */
cxs_rc cxs_scan_score(cxs_ctx *ctx, const cxs_design *design,
                      const cxs_problem *problem, double *z) CXS_MUST_USE;

#endif /* CXS_SCAN_H */
