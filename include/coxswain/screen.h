/*
 * screen.h -- one adjusted Cox fit per feature
 */
#ifndef COXSWAIN_SCREEN_H
#define COXSWAIN_SCREEN_H

#include "coxswain/cox.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum cxs_screen_test {
    CXS_SCREEN_WALD,
    CXS_SCREEN_LRT,
    CXS_SCREEN_SCORE
} cxs_screen_test;

typedef struct cxs_screen_settings {
    cxs_ties ties;        /**< [efron] */
    cxs_screen_test test; /**< which test gives p                        [wald] */
    int by;               /**< Benjamini-Yekutieli instead of BH            [0] */
    int robust;           /**< sandwich se, each row its own cluster        [0] */
    size_t min_events;    /**< fewer events: too_few_events                 [3] */
    int max_iterations;   /**< Newton steps per feature                    [30] */
    double tol;           /**< Newton decrement relative to 1 + |loglik| [1e-10] */
} cxs_screen_settings;
cxs_screen_settings cxs_screen_defaults(void);

/** One row of the scan.  beta, se per `scale` units of the feature. */
typedef struct cxs_screen_row {
    size_t n, events, missing;
    double scale; /**< sd (1/n) of the feature, 1 for a 0/1 feature */
    double beta, se, z, p, log10_p, q;
    cxs_status status;
} cxs_screen_row;

/** Scan of all features of @p matrix over @p surv.  Takes both over. */
typedef struct cxs_screen cxs_screen;
cxs_rc cxs_screen_run(cxs_ctx *ctx, cxs_matrix *matrix, cxs_surv *surv,
                      const cxs_screen_settings *settings,
                      cxs_screen **out) CXS_MUST_USE;
void cxs_screen_free(cxs_screen *screen);
/** @return [p] rows in the order of the features. */
const cxs_screen_row *cxs_screen_rows(const cxs_screen *screen);
/** Write P.screen.tsv; the time that the scan took goes into @p record. */
cxs_rc cxs_screen_write(cxs_ctx *ctx, const cxs_screen *screen, const char *prefix,
                        cxs_record *record) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif /* COXSWAIN_SCREEN_H */
