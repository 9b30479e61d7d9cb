/*
 * contain_case.h -- work for readers in processes of their own
 */
#ifndef CXS_CONTAIN_CASE_H
#define CXS_CONTAIN_CASE_H

#include "test.h"

#include "tmp.h"

#include "ingest/contain.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

static inline cxs_ctx *new_ctx(int threads)
{
    cxs_ctx *ctx = tmp_ctx();

    cxs_ctx_set_threads(ctx, threads);
    return ctx;
}

static inline cxs_rc one_number(cxs_ctx *ctx, cxs_measures *bag, int64_t value)
{
    cxs_measure *table;
    int64_t *column;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_measures_add(ctx, bag, "number", 1, &table));
    CXS_TRY(cxs_measure_int(ctx, table, "value", &column));
    column[0] = value;
done:
    return rc;
}

static inline int64_t number_of(const cxs_measures *bag)
{
    const cxs_measure *table = bag != NULL ? cxs_measures_find(bag, "number") : NULL;

    return table != NULL ? cxs_measure_get_int(table, "value")[0] : -1;
}

static inline cxs_rc talk(cxs_ctx *ctx, void *arg, cxs_measures *bag)
{
    cxs_note(ctx, "a note about %s", (const char *)arg);
    if (cxs_warn(ctx, "CX041", "sample %s has no mates", cxs_ctx_id(ctx, "P-17")) !=
            CXS_OK ||
        cxs_warn(ctx, "CX041", "sample %s has no mates", cxs_ctx_id(ctx, "P-17")) !=
            CXS_OK)
        return CXS_EFORMAT;
    return one_number(ctx, bag, 42);
}

#endif /* CXS_CONTAIN_CASE_H */
