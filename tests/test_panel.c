/*
 * test_panel.c -- the passes over all columns: nothing at the threshold is lost
 *
 * The answer must be exactly { j : |g_j| >= threshold factor_j } with g in float64.
 * The float32 products mis-rank columns whose gradients differ in the last bits, so
 * each column's own |g_j| is taken as threshold in turn: without the margin about half
 * of them would be lost.
 */
#include "test.h"

#include "panel_case.h"

#include "num/blas.h"

#include <string.h>

/* Threshold at each column's own size, just below so that no rounding of the test's
 * own division decides. */
static void nothing_at_the_threshold_is_lost(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int form = 0; form < 4; form++) {
        bed *b = bed_new(ctx, form & 1, form & 2);
        double size[P];
        size_t lost = 0, asked = 0;
        sizes(b, b->r, size);
        for (size_t j = 0; j < P; j++) {
            cxs_gate gate = gate_of(b, b->r, size[j] * (1.0 - 1e-15));
            cxs_gate *const gates[] = {NULL,
                                       &gate}; /* two slots: always a whole pass */
            int found = 0;
            if (!(size[j] > 0.0))
                continue;
            CHECK(cxs_panel_run(ctx, b->panel, gates, 2) == CXS_OK);
            check_answer(b, &gate, size);
            for (size_t i = 0; i < gate.count; i++)
                found |= gate.id[i] == j;
            asked++;
            lost += !found;
            cxs_gate_free(&gate);
        }
        CHECK(asked > P / 2 && lost == 0);
        bed_free(b);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* r almost orthogonal to a column: the product is nothing but rounding there. */
static void nothing_is_lost_in_cancellation(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    bed *b = bed_new(ctx, 0, 0);
    size_t asked = 0;

    (void)state;
    for (size_t t = 0; t < P; t++) {
        const double *x = cxs_columns_raw(&b->columns, t);
        double r[N], size[P], mean = 0.0, scale = 0.0, xr = 0.0, xx = 0.0;
        cxs_gate gate = gate_of(b, r, 0.0);
        cxs_gate *const gates[] = {NULL, &gate}; /* two slots: a whole pass */
        for (size_t i = 0; i < N; i++)
            mean += x[i] / N;
        for (size_t i = 0; i < N; i++)
            scale += fabs(x[i] - mean) / N;
        for (size_t i = 0; i < N && scale > 0.0; i++) {
            const double v = (x[i] - mean) / scale;
            xr += v * b->r[i];
            xx += v * v;
        }
        for (size_t i = 0; i < N && scale > 0.0; i++)
            r[i] = b->r[i] - (1.0 - 1e-6) * xr / xx * ((x[i] - mean) / scale);
        if (!(scale > 0.0))
            continue;
        centre(r);
        sizes(b, r, size);
        if (!(size[t] > 0.0))
            continue;
        gate.threshold = size[t] * (1.0 - 1e-15);
        CHECK(cxs_panel_run(ctx, b->panel, gates, 2) == CXS_OK);
        check_answer(b, &gate, size);
        asked++;
        cxs_gate_free(&gate);
    }
    CHECK(asked > P / 2);
    bed_free(b);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* The same answers without the shared copy, and as one of sixteen. */
static void copy_company_and_float64_agree(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    cxs_ctx_set_threads(ctx, 2);
    for (int missing = 0; missing < 2; missing++) {
        bed *b = bed_new(ctx, 0, missing), *s = bed_new(ctx, 1, missing);
        double r[CXS_PANEL_WIDTH][N], size[P];
        cxs_gate one[CXS_PANEL_WIDTH], streamed[CXS_PANEL_WIDTH];
        cxs_gate *a[CXS_PANEL_WIDTH], *c[CXS_PANEL_WIDTH];
        for (size_t k = 0; k < CXS_PANEL_WIDTH; k++) {
            make_gradient(r[k], k);
            one[k] = gate_of(b, r[k], 0.1 + 0.02 * (double)k);
            streamed[k] = gate_of(s, r[k], 0.1 + 0.02 * (double)k);
            one[k].want_largest = streamed[k].want_largest = k % 3 == 2;
            a[k] = &one[k];
            c[k] = &streamed[k];
        }
        CHECK(cxs_panel_run(ctx, b->panel, a, CXS_PANEL_WIDTH) == CXS_OK);
        CHECK(cxs_panel_run(ctx, s->panel, c, CXS_PANEL_WIDTH) == CXS_OK);
        for (size_t k = 0; k < CXS_PANEL_WIDTH; k++) {
            cxs_gate dense = gate_of(b, r[k], one[k].threshold);
            cxs_gate *const alone = &dense;
            double top = 0.0;
            sizes(b, r[k], size);
            for (size_t j = 0; j < P; j++)
                top = fmax(top, size[j]);
            CHECK(one[k].count == streamed[k].count && one[k].count > 0);
            CHECK(memcmp(one[k].id, streamed[k].id, one[k].count * sizeof *one[k].id) ==
                  0);
            CHECK(memcmp(one[k].g, streamed[k].g, one[k].count * sizeof *one[k].g) ==
                  0);
            if (one[k].want_largest) {
                CHECK_NEAR(one[k].largest, top, 1e-15);
                CHECK(streamed[k].largest == one[k].largest);
            } else {
                check_answer(b, &one[k], size);
                CHECK(cxs_panel_run(ctx, NULL, &alone, 1) == CXS_OK);
                CHECK(dense.count == one[k].count);
                CHECK(memcmp(dense.id, one[k].id, dense.count * sizeof *dense.id) == 0);
            }
            cxs_gate_free(&dense);
            cxs_gate_free(&one[k]);
            cxs_gate_free(&streamed[k]);
        }
        bed_free(b);
        bed_free(s);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/* All gradients are zero, or rounding: the largest is still found, and ends. */
static void largest_of_nothing(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();
    bed *b = bed_new(ctx, 0, 0);
    double zero[N] = {0}, tiny[N], size[P], top = 0.0;

    (void)state;
    for (int k = 0; k < 2; k++) {
        cxs_gate gate = gate_of(b, k == 0 ? zero : tiny, 0.0);
        cxs_gate *const alone = &gate;
        for (size_t i = 0; i < N; i++)
            tiny[i] = 1e-300 * b->r[i];
        sizes(b, tiny, size);
        for (size_t j = 0; j < P; j++)
            top = fmax(top, size[j]);
        gate.want_largest = 1;
        CHECK(cxs_panel_run(ctx, b->panel, &alone, 1) == CXS_OK);
        CHECK(k == 0 ? gate.largest == 0.0
                     : fabs(gate.largest - top) <= 1e-15 * top && top > 0.0);
        cxs_gate_free(&gate);
    }
    bed_free(b);
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_at_the_threshold_is_lost),
        cmocka_unit_test(nothing_is_lost_in_cancellation),
        cmocka_unit_test(copy_company_and_float64_agree),
        cmocka_unit_test(largest_of_nothing),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1 : cmocka_run_group_tests_name("panel", tests, NULL, NULL);
}
