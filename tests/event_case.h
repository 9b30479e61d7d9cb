/*
 * event_case.h -- tables and columns for tests of events (features/events.h)
 */
#ifndef CXS_TEST_EVENT_CASE_H
#define CXS_TEST_EVENT_CASE_H

#include "vcf_case.h"

#include "meter_case.h"
#include "study_case.h"

#include "coxswain/features.h"
#include "features/assays.h"
#include "features/events.h"

#define U ((double)NAN) /* not assessed */

static cxs_ctx *ctx;

static inline int make(void **state)
{
    if (test_folder_make(state) != 0)
        return 1;
    ctx = tmp_ctx();
    return 0;
}

static inline int unmake(void **state)
{
    cxs_ctx_free(ctx);
    return test_folder_remove(state);
}

static inline bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) < 1e-12;
}

static inline double value(const cxs_feature_columns *columns, const char *name,
                           size_t i)
{
    const size_t at = cxs_feature_columns_find(columns, name);

    if (at == SIZE_MAX)
        printf("  no column %s\n", name);
    CHECK(at != SIZE_MAX);
    return at != SIZE_MAX ? columns->column[at].value[i] : -1.0;
}

/* ---- tables by hand --------------------------------------------------------------- */

typedef struct row {
    const char *text;
    int64_t number[3];
} row;

/* A table of one text and some whole numbers; bag NULL: a new one. */
static inline cxs_measures *table(cxs_measures *bag, const char *name, const char *text,
                                  const char *const *columns, size_t count,
                                  const row *rows, size_t n)
{
    cxs_measure *t = NULL;
    int64_t *cells = NULL;
    size_t at = 0;

    if (bag == NULL)
        CHECK(cxs_measures_new(ctx, &bag) == CXS_OK);
    CHECK(cxs_measures_add(ctx, bag, name, n, &t) == CXS_OK);
    CHECK(cxs_measure_text(ctx, t, text, &at) == CXS_OK);
    for (size_t i = 0; i < n; i++)
        CHECK(cxs_measure_set_text(ctx, t, at, i, rows[i].text) == CXS_OK);
    for (size_t c = 0; c < count; c++) {
        CHECK(cxs_measure_int(ctx, t, columns[c], &cells) == CXS_OK);
        for (size_t i = 0; i < n; i++)
            cells[i] = rows[i].number[c];
    }
    return bag;
}

#endif /* CXS_TEST_EVENT_CASE_H */
