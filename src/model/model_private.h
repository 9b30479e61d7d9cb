/*
 * model_private.h -- the insides of cxs_model, for model.c and model_write.c
 */
#ifndef CXS_MODEL_PRIVATE_H
#define CXS_MODEL_PRIVATE_H

#include "model/cv.h"
#include "model/path.h"

struct cxs_model {
    cxs_model_settings settings;
    cxs_joined *joined;
    double *factor; /* [p] or NULL */
    double *lambda; /* given lambdas, decreasing, or NULL */
    uint32_t *fold; /* [repeats x n] or NULL */
    cxs_path *path;
    cxs_cv cv;
    int has_cv;
    double path_s, cv_s; /* wall time of the two, for the run record alone */
};

#endif /* CXS_MODEL_PRIVATE_H */
