/*
 * model_private.h -- the insides of cxs_model, for model.c and model_write.c
 */
#ifndef CXS_MODEL_PRIVATE_H
#define CXS_MODEL_PRIVATE_H

#include "model/cv.h"
#include "model/nested.h"
#include "model/path.h"
#include "model/relax.h"

struct cxs_model {
    cxs_model_settings settings;
    cxs_joined *joined;
    double *factor; /* [p] or NULL */
    double *lambda; /* given lambdas, decreasing, or NULL */
    uint32_t *fold; /* [repeats x n] or NULL */
    cxs_path *path;
    cxs_cv cv;
    int has_cv;
    cxs_relaxed relaxed; /* with settings.relax */
    cxs_nested nested;   /* with settings.outer_folds */
    double apparent;     /* concordance of the chosen model on its own patients */
    double *eta;         /* [n x points] of the path, with settings.outer_folds */
    double path_s, cv_s, nested_s; /* wall time of each, for the run record alone */
};

/* The lambda that the rule names. */
size_t cxs_model_chosen(const cxs_model *model);

#endif /* CXS_MODEL_PRIVATE_H */
