/*
 * few_events.c -- CX053: the warning and the table of sample sizes
 *
 * A model is expected to reach 15 % of the largest R2, 30 % if its markers are strong
 * (Riley 2020, BMJ 368:m441, takes 15 % where nothing is known).
 */
#include "model/few_events.h"

#include "num/samplesize.h"

#include <math.h>

static const double USUAL = 0.15, STRONG = 0.30; /* shares of the largest R2 */

static double patients_for(double parameters, double r2)
{
    return ceil(cxs_riley_patients(parameters, r2));
}

/* Notes do not depend on the model: a run of several commands shows them once. */
static void note_table(cxs_ctx *ctx, double patients, double share)
{
    static const size_t size[] = {1, 2, 5, 10};
    const double max = cxs_riley_max_r2(share);
    const double r2[] = {USUAL * max, STRONG * max};

    cxs_note(ctx,
             "patients (events) for an expected shrinkage of %.1f, and the shrinkage "
             "at %.0f patients (Riley 2019):",
             CXS_RILEY_SHRINKAGE, patients);
    cxs_note(ctx, "parameters  R2 15 %% of its maximum  R2 30 %% of its maximum");
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        const double p = (double)size[i];
        const double n[] = {patients_for(p, r2[0]), patients_for(p, r2[1])};
        cxs_note(ctx, "%10zu  %7.0f (%.0f), %.2f  %11.0f (%.0f), %.2f", size[i], n[0],
                 round(share * n[0]), cxs_riley_shrinkage(p, r2[0], patients), n[1],
                 round(share * n[1]), cxs_riley_shrinkage(p, r2[1], patients));
    }
}

cxs_rc cxs_warn_few_events(cxs_ctx *ctx, const cxs_surv *surv, size_t parameters,
                           int selects)
{
    const size_t events = cxs_surv_events(surv);
    const double patients = (double)cxs_surv_n_subjects(surv);
    const double share = fmin((double)events / patients, 1.0);
    cxs_rc rc;

    if (parameters == 0 || events == 0 ||
        (events >= CXS_EVENTS_PER_PARAMETER * parameters &&
         !(selects && events < CXS_EVENTS_TO_SELECT)))
        return CXS_OK;
    rc = cxs_warn(ctx, "CX053",
                  "%zu events: a model with %zu parameter%s needs about %.0f patients",
                  events, parameters, parameters == 1 ? "" : "s",
                  patients_for((double)parameters, USUAL * cxs_riley_max_r2(share)));
    if (rc == CXS_OK)
        note_table(ctx, patients, share);
    return rc;
}
