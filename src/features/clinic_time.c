/*
 * clinic_time.c -- early change
 */
#include "features/clinic.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

cxs_rc cxs_early_change(cxs_ctx *ctx, const cxs_feature_columns *before,
                        const cxs_feature_columns *after, double limit,
                        cxs_feature_columns *to)
{
    cxs_buf name = {0};
    cxs_rc rc = CXS_OK;

    for (size_t c = 0; c < before->count; c++) {
        const cxs_feature_column *b = &before->column[c];
        const size_t at = cxs_feature_columns_find(after, b->name);
        const bool logged = strncmp(b->unit, "log2", 4) == 0;
        double *delta;
        if (at == SIZE_MAX)
            continue;
        name.length = 0;
        CXS_TRY(cxs_buf_addf(ctx, &name, "%s.change", b->name));
        CXS_TRY(cxs_feature_columns_add(ctx, to, name.text, "log2 ratio",
                                        CXS_FEATURE_CONTINUOUS, &delta));
        for (size_t i = 0; i < to->n; i++) {
            const double x0 = b->value[i], xt = after->column[at].value[i];
            delta[i] = logged ? xt - x0 : log2((xt + limit) / (x0 + limit));
        }
    }
done:
    cxs_free(name.text);
    return rc;
}
