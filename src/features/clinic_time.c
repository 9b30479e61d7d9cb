/*
 * clinic_time.c -- which sample may stand for which time, and early change
 */
#include "features/clinic.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const double WINDOW_DAYS = 28.0, EARLY_FROM = 14.0, EARLY_TO = 42.0;

static double dose_of(const cxs_dated *s)
{
    return isnan(s->dose) ? 0.0 : s->dose;
}

/* Until when the analysis waits: NaN when it does not. */
static double waits_until(const cxs_dated *s)
{
    return fmax(s->landmark, s->entry); /* fmax skips NaN */
}

cxs_when cxs_when_of(const cxs_dated *s)
{
    const double dose = dose_of(s);

    if (s->fluid && !(s->day >= dose - WINDOW_DAYS))
        return CXS_WHEN_NEVER;
    if (isnan(s->day) || s->day <= dose)
        return CXS_WHEN_BASELINE;
    return s->day <= waits_until(s) ? CXS_WHEN_LATE : CXS_WHEN_NEVER;
}

bool cxs_is_early(const cxs_dated *s)
{
    const double since = s->day - dose_of(s);

    return since >= EARLY_FROM && since <= EARLY_TO && s->day <= waits_until(s);
}

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
