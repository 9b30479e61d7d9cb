/*
 * study_endpoint.h -- which columns and units an endpoint is made from
 */
#ifndef CXS_STUDY_ENDPOINT_H
#define CXS_STUDY_ENDPOINT_H

#include "ingest/study_draft.h"

/* What the declared endpoint, or the schema's OS or PFS, is made from. */
typedef struct cxs_recipe {
    const char *name;
    const char *definition; /* "OS", "PFS" or "other" */
    const cxs_column *time, *other_time, *event, *entry;
    double unit, other_unit, entry_unit; /* days */
    const char *event_value;             /* after "COL="; NULL: 0/1 coding */
    bool given_only; /* dates of the patients sheet do not take part: ADTTE counts its
                        own first day, and one endpoint has one source */
} cxs_recipe;

/* Columns that the schema has for "OS" or "PFS"; absent ones stay NULL. */
void cxs_recipe_schema(const cxs_sheet *patients, const char *name, cxs_recipe *r);

/* The study's endpoint: the columns that study.yaml gives, else the schema's of that
 * name.  CX009, CX020; CXS_EARG where the unit of a time is not told. */
cxs_rc cxs_recipe_declared(cxs_ctx *ctx, const cxs_draft *draft,
                           cxs_recipe *r) CXS_MUST_USE;

#endif /* CXS_STUDY_ENDPOINT_H */
