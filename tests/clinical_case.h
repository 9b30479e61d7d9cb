/*
 * clinical_case.h -- follow-up tables from texts
 */
#ifndef CXS_CLINICAL_CASE_H
#define CXS_CLINICAL_CASE_H

#include "test.h"

#include "tmp.h"

#include "coxswain/ingest.h"

static inline cxs_rc read_text(cxs_ctx *ctx, const char *text,
                               const cxs_clinical_settings *settings, cxs_surv **out)
{
    char path[512];
    cxs_rc rc;

    tmp_write(path, sizeof path, "clin.tsv", text, strlen(text));
    rc = cxs_clinical_read(ctx, path, settings, out);
    tmp_remove("clin.tsv");
    return rc;
}

static inline cxs_clinical_settings usual(void)
{
    cxs_clinical_settings s = cxs_clinical_defaults();

    s.time = "t";
    s.event = "e";
    return s;
}

/* Counts of one flow step, SIZE_MAX when there is none. */
static inline size_t flow_count(const cxs_surv *surv, const char *what)
{
    size_t steps = 0;
    const cxs_flow_step *flow = cxs_surv_flow(surv, &steps);

    for (size_t i = 0; i < steps; i++)
        if (strcmp(flow[i].what, what) == 0)
            return flow[i].count;
    return SIZE_MAX;
}

static inline int remove_folder(void **state)
{
    (void)state;
    tmp_close();
    return 0;
}

#endif /* CXS_CLINICAL_CASE_H */
