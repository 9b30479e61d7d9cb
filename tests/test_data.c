/*
 * test_data.c -- order and subsets of follow-up and matrices
 */
#include "test.h"

#include "store/data.h"

#include <string.h>

static char *copy(cxs_ctx *ctx, const char *text)
{
    return cxs_strdup(ctx, text);
}

/* n rows given by arrays; every row gets covariate 10 * time + event. */
static cxs_surv *make_surv(cxs_ctx *ctx, size_t n, const char *const *id,
                           const double *entry, const double *time,
                           const uint8_t *event)
{
    cxs_surv *s = cxs_calloc(ctx, 1, sizeof *s);

    s->n = n;
    s->k = 1;
    s->n_strata = 1;
    s->id = cxs_calloc(ctx, n, sizeof *s->id);
    s->time = cxs_calloc(ctx, n, sizeof *s->time);
    s->entry = cxs_calloc(ctx, n, sizeof *s->entry);
    s->event = cxs_calloc(ctx, n, 1);
    s->stratum = cxs_calloc(ctx, n, sizeof *s->stratum);
    s->stratum_name = cxs_calloc(ctx, 1, sizeof *s->stratum_name);
    s->stratum_name[0] = copy(ctx, "all");
    s->term = cxs_calloc(ctx, 1, sizeof *s->term);
    s->term[0] = copy(ctx, "t");
    s->z = cxs_calloc(ctx, n, sizeof *s->z);
    for (size_t i = 0; i < n; i++) {
        s->id[i] = copy(ctx, id[i]);
        s->entry[i] = entry[i];
        s->time[i] = time[i];
        s->event[i] = event[i];
        s->z[i] = 10.0 * time[i] + event[i];
    }
    return s;
}

/* Bytewise: "P1" < "P10" < "P2" < "p1"; within P1 by entry. */
static void rows_are_sorted_by_id_entry_time(void **state)
{
    const char *const id[] = {"p1", "P10", "P1", "P2", "P1"};
    const double entry[] = {0, 0, 4, 0, 0}, time[] = {3, 5, 9, 1, 4};
    const uint8_t event[] = {1, 0, 1, 0, 0};
    const char *const want[] = {"P1", "P1", "P10", "P2", "p1"};
    const double want_time[] = {4, 9, 5, 1, 3};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *s = make_surv(ctx, 5, id, entry, time, event);

    (void)state;
    CHECK(cxs_surv_sort(ctx, s) == CXS_OK);
    CHECK(cxs_surv_n_subjects(s) == 4);
    for (size_t i = 0; i < 5; i++) {
        CHECK(strcmp(cxs_surv_id(s)[i], want[i]) == 0);
        CHECK_NEAR(cxs_surv_time(s)[i], want_time[i], TOL_EXACT);
        CHECK_NEAR(cxs_surv_z(s)[i], 10.0 * want_time[i] + cxs_surv_event(s)[i],
                   TOL_EXACT);
    }
    CHECK(cxs_surv_events(s) == 2);
    cxs_surv_free(s);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Ids are row numbers here and must not decide the order. */
static void rows_are_sorted_by_content(void **state)
{
    const char *const id[] = {"1", "2", "3"};
    const double entry[] = {0, 0, 0}, time[] = {7, 7, 2};
    const uint8_t event[] = {1, 0, 1};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *s = make_surv(ctx, 3, id, entry, time, event);

    (void)state;
    CHECK(cxs_surv_sort_by_content(ctx, s) == CXS_OK);
    CHECK(strcmp(s->id[0], "3") == 0 && strcmp(s->id[1], "2") == 0 &&
          strcmp(s->id[2], "1") == 0);
    CHECK(s->n_subjects == 3);
    cxs_surv_free(s);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* Censored before event at one time, whatever the covariates say. */
static void event_comes_before_content(void **state)
{
    const char *const id[] = {"a", "a"};
    const double entry[] = {0, 0}, time[] = {7, 7};
    const uint8_t event[] = {1, 0};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *s = make_surv(ctx, 2, id, entry, time, event);

    (void)state;
    s->z[0] = -1.0;
    s->z[1] = 1.0;
    CHECK(cxs_surv_sort(ctx, s) == CXS_OK);
    CHECK(s->event[0] == 0 && s->event[1] == 1);
    CHECK_NEAR(s->z[0], 1.0, TOL_EXACT);
    cxs_surv_free(s);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void kept_rows_stay_together(void **state)
{
    const char *const id[] = {"a", "b", "b", "c"};
    const double entry[] = {0, 0, 2, 0}, time[] = {1, 2, 3, 4};
    const uint8_t event[] = {0, 1, 0, 1};
    const size_t keep[] = {1, 3}, wrong[] = {3, 1};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *s = make_surv(ctx, 4, id, entry, time, event);

    (void)state;
    CHECK(cxs_surv_keep(ctx, s, wrong, 2) == CXS_EBUG);
    CHECK(cxs_surv_keep(ctx, s, keep, 2) == CXS_OK);
    CHECK(s->n == 2 && s->n_subjects == 2);
    CHECK(strcmp(s->id[0], "b") == 0 && strcmp(s->id[1], "c") == 0);
    CHECK_NEAR(s->z[0], 21.0, TOL_EXACT);
    CHECK_NEAR(s->z[1], 41.0, TOL_EXACT);
    CHECK(cxs_surv_events(s) == 2);
    cxs_surv_free(s);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void flow_is_kept_in_order(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_surv *s = cxs_calloc(ctx, 1, sizeof *s);
    const cxs_flow_step *flow;
    size_t steps = 0;

    (void)state;
    CHECK(cxs_surv_flow_add(ctx, s, 9, "rows in %s", "table") == CXS_OK);
    CHECK(cxs_surv_flow_add(ctx, s, 8, "analysed") == CXS_OK);
    flow = cxs_surv_flow(s, &steps);
    CHECK(steps == 2 && strcmp(flow[0].what, "rows in table") == 0 &&
          flow[0].count == 9 && flow[1].count == 8);
    CHECK(strcmp(cxs_surv_time_unit(s), "") == 0);
    cxs_surv_free(s);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* x of sample i, feature j before the sort is 10 i + j: it must travel with both. */
static cxs_matrix *make_matrix(cxs_ctx *ctx, size_t n, const char *const *sample,
                               size_t p, const char *const *feature)
{
    cxs_matrix *m = cxs_calloc(ctx, 1, sizeof *m);

    m->n = n;
    m->p = p;
    m->sample = cxs_calloc(ctx, n, sizeof *m->sample);
    m->feature = cxs_calloc(ctx, p, sizeof *m->feature);
    m->x = cxs_calloc(ctx, n * p, sizeof *m->x);
    for (size_t i = 0; i < n; i++)
        m->sample[i] = copy(ctx, sample[i]);
    for (size_t j = 0; j < p; j++)
        m->feature[j] = copy(ctx, feature[j]);
    for (size_t j = 0; j < p; j++)
        for (size_t i = 0; i < n; i++)
            m->x[j * n + i] = 10.0 * (double)i + (double)j;
    return m;
}

static void matrix_is_sorted_both_ways(void **state)
{
    const char *const sample[] = {"S3", "S1", "S2"};
    const char *const feature[] = {"D", "A", "E", "C", "B"};
    const double sample_was[] = {1, 2, 0}, feature_was[] = {1, 4, 3, 0, 2};
    cxs_ctx *ctx = cxs_ctx_new();
    cxs_matrix *m = make_matrix(ctx, 3, sample, 5, feature);

    (void)state;
    CHECK(cxs_matrix_sort(ctx, m) == CXS_OK);
    for (size_t i = 1; i < 3; i++)
        CHECK(strcmp(m->sample[i - 1], m->sample[i]) < 0);
    for (size_t j = 1; j < 5; j++)
        CHECK(strcmp(m->feature[j - 1], m->feature[j]) < 0);
    for (size_t j = 0; j < 5; j++)
        for (size_t i = 0; i < 3; i++)
            CHECK_NEAR(cxs_matrix_x(m)[j * 3 + i],
                       10.0 * sample_was[i] + feature_was[j], TOL_EXACT);
    CHECK(cxs_matrix_feature_name(m) == cxs_matrix_feature(m));
    CHECK(strcmp(cxs_matrix_layer(m), "") == 0);
    cxs_matrix_free(m);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

static void names_of_kinds(void **state)
{
    (void)state;
    CHECK(strcmp(cxs_kind_name(CXS_KIND_COUNTS), "counts") == 0);
    CHECK(strcmp(cxs_kind_name(CXS_KIND_TPM), "tpm") == 0);
    CHECK(strcmp(cxs_kind_name(CXS_KIND_LOG), "log") == 0);
    CHECK(strcmp(cxs_kind_name(CXS_KIND_Z), "z") == 0);
    CHECK(strcmp(cxs_kind_name(CXS_KIND_OTHER), "other") == 0);
    CHECK_DONE();
}

static void freeing_nothing_is_allowed(void **state)
{
    const long live = cxs_alloc_live();

    (void)state;
    cxs_surv_free(NULL);
    cxs_matrix_free(NULL);
    CHECK(cxs_alloc_live() == live);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_by_id_entry_time),
        cmocka_unit_test(rows_are_sorted_by_content),
        cmocka_unit_test(event_comes_before_content),
        cmocka_unit_test(kept_rows_stay_together),
        cmocka_unit_test(flow_is_kept_in_order),
        cmocka_unit_test(matrix_is_sorted_both_ways),
        cmocka_unit_test(names_of_kinds),
        cmocka_unit_test(freeing_nothing_is_allowed),
    };
    return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
