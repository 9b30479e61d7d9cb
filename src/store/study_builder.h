/*
 * study_builder.h -- an analysis set while it is made (study_surv.c, study_terms.c)
 */
#ifndef CXS_STUDY_BUILDER_H
#define CXS_STUDY_BUILDER_H

#include "store/study_schema.h"

/* One column of the patients over the rows of the analysis set. */
typedef struct cxs_study_column {
    char *name;
    char **text;   /* [n] "" = missing; numbers in shortest form */
    double *value; /* [n] NaN = missing or not a number */
    size_t rows;   /* allocated; those after the kept ones hold NULL */
    bool is_number;
} cxs_study_column;

typedef struct cxs_builder {
    cxs_ctx *ctx;
    cxs_study *study;
    cxs_surv *surv;
    cxs_study_column *columns;
    size_t count, strata, covariates; /* strata first, then covariates, then centre */
    bool has_centre;
} cxs_builder;

/* From the columns of the kept rows: stratum, centre, z and their names. */
cxs_rc cxs_builder_strata(cxs_builder *b) CXS_MUST_USE;
cxs_rc cxs_builder_centres(cxs_builder *b) CXS_MUST_USE;
/* CX018 when the reference of a column is not one of its levels. */
cxs_rc cxs_builder_covariates(cxs_builder *b) CXS_MUST_USE;

/* CX051 of a finished set: a warning, an error when the model takes both. */
cxs_rc cxs_builder_confounded(cxs_builder *b) CXS_MUST_USE;

#endif /* CXS_STUDY_BUILDER_H */
