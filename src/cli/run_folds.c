/*
 * run_folds.c -- folds that a small study has events for
 */
#include "cli/run.h"

#include "coxswain/study.h"

cxs_rc run_choose_folds(cxs_ctx *ctx, const char *study_path, int adjusted,
                        size_t *folds)
{
    cxs_study *study = NULL;
    cxs_surv *surv = NULL;
    size_t events = 0;
    cxs_rc rc = cxs_study_open(ctx, study_path, &study);

    if (rc == CXS_OK)
        rc = cxs_study_surv(ctx, study, adjusted, &surv);
    if (rc == CXS_OK)
        events = cxs_surv_events(surv);
    cxs_surv_free(surv);
    cxs_study_close(study);
    if (rc != CXS_OK || *folds <= events)
        return rc;
    /* One fold more than events leaves a fold that judges nothing. */
    cxs_note(ctx, "model: %zu folds instead of %zu: the study has %zu events",
             events < 2 ? 0 : events, *folds, events);
    *folds = events < 2 ? 0 : events;
    return CXS_OK;
}
