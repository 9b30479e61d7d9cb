/*
 * results.h -- the parts of the results writer
 */
#ifndef CXS_RANK_RESULTS_H
#define CXS_RANK_RESULTS_H

#include "base/number.h"
#include "rank/evidence.h"
#include "store/db.h"

/** Median follow-up by reverse Kaplan-Meier: censoring is the event. */
cxs_rc cxs_median_followup(cxs_ctx *ctx, const cxs_surv *surv,
                           double *median) CXS_MUST_USE;

/** Kaplan-Meier curves and numbers at risk of the first features. */
cxs_rc cxs_write_curves(cxs_ctx *ctx, const cxs_ranking *ranking,
                        cxs_db *db) CXS_MUST_USE;

/** Distance of the ticks on a time axis that ends at @p end > 0: the smallest of the
 *  calendar steps (where @p unit is known; else 1, 2, 5 times a power of ten) that
 * gives at most 8 ticks, 0 counted. */
double cxs_time_step(double end, const char *unit);

/** Meta keys, settings, flow, centres, strata, clinical model, warnings. */
cxs_rc cxs_write_context(cxs_ctx *ctx, const cxs_ranking *ranking,
                         const cxs_record *record, cxs_db *db) CXS_MUST_USE;

/** A number rounded to @p digits significant digits, shortest text. */
void cxs_round_text(double value, int digits, char out[CXS_NUMBER_BYTES]);

#endif /* CXS_RANK_RESULTS_H */
