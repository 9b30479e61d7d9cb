/*
 * test_panel_remembered.c -- the passes over all columns: what one pass leaves to the
 * next loses nothing
 */
#include "test.h"

#include "panel_case.h"

#include "num/blas.h"

static void centre_own(const bed *b, double *r)
{
    double sum = 0.0, rows = 0.0;

    for (size_t i = 0; i < N; i++) {
        sum += r[i];
        rows += b->weight[i] > 0.0;
    }
    for (size_t i = 0; i < N; i++)
        r[i] -= b->weight[i] > 0.0 ? sum / rows : 0.0;
}

/*
 * A lone gate remembers a pass.  r then moves along column t, the direction in which
 * the bound |x~'r - t_t| <= sqrt(n) |r - r_then| is an equation, and the threshold is
 * the new size of that column.
 */
static void a_remembered_pass_loses_nothing(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int form = 0; form < 4; form++) {
        bed *b = bed_new(ctx, form & 1, form & 2);
        cxs_gate gate = gate_of(b, b->r, 0.3);
        cxs_gate *const alone = &gate;
        double moved[N], size[P];
        size_t missed = 0;
        CHECK(cxs_panel_run(ctx, b->panel, &alone, 1) == CXS_OK);
        for (size_t t = 1; t < P; t += 3) {
            const double *x = cxs_columns_raw(&b->columns, t);
            double mean = 0.0, norm = 0.0, g = 0.0, step = 0.02;
            int found = 0;
            for (size_t i = 0; i < N; i++)
                mean += x[i] / N;
            for (size_t i = 0; i < N; i++)
                norm += fabs(x[i] - mean) / N;
            for (size_t i = 0; i < N; i++)
                g += (x[i] - mean) / norm * b->r[i];
            if (!(norm > 0.0))
                continue;
            step *= g > 0.0 ? 1.0 : -1.0; /* away from zero */
            for (size_t i = 0; i < N; i++)
                moved[i] = b->r[i] + step * (x[i] - mean) / norm;
            centre(moved);
            sizes(b, moved, size);
            if (!(size[t] > 0.0))
                continue;
            gate.r = moved;
            gate.threshold = size[t] * (1.0 - 1e-15);
            gate.renew = 0;
            CHECK(cxs_panel_run(ctx, b->panel, &alone, 1) == CXS_OK);
            check_answer(b, &gate, size);
            for (size_t i = 0; i < gate.count; i++)
                found |= gate.id[i] == t;
            missed += !found;
        }
        CHECK(missed == 0);
        gate.r = b->r; /* r stands still: rounding alone decides */
        gate.want_largest = 1;
        CHECK(cxs_panel_run(ctx, b->panel, &alone, 1) == CXS_OK);
        gate.want_largest = 0;
        sizes(b, b->r, size);
        for (size_t t = 0; t < P; t++)
            if (size[t] > 0.0) {
                gate.threshold = size[t] * (1.0 - 1e-15);
                gate.renew = 0;
                CHECK(cxs_panel_run(ctx, b->panel, &alone, 1) == CXS_OK);
                check_answer(b, &gate, size);
            }
        gate.r = b->r; /* far below all thresholds: nothing needs to be looked at */
        gate.threshold = 1e3;
        gate.renew = 0;
        CHECK(cxs_panel_run(ctx, b->panel, &alone, 1) == CXS_OK);
        CHECK(gate.count == 0 && !gate.renew);
        make_gradient(moved, 3); /* far from what is remembered: all are in doubt */
        gate.r = moved;
        gate.threshold = 0.0;
        for (size_t t = 0; t < P; t++)
            gate.threshold = fmax(gate.threshold, 1.5 * size[t]);
        CHECK(cxs_panel_run(ctx, b->panel, &alone, 1) == CXS_OK);
        CHECK(gate.renew); /* a whole pass comes next */
        sizes(b, moved, size);
        CHECK(cxs_panel_run(ctx, b->panel, &alone, 1) == CXS_OK);
        CHECK(!gate.renew);
        for (size_t t = 0; t < P; t++)
            gate.threshold = fmax(t == 0 ? 0.0 : gate.threshold, 1.05 * size[t]);
        CHECK(cxs_panel_run(ctx, b->panel, &alone, 1) == CXS_OK);
        CHECK(gate.count == 0 && !gate.renew); /* r stands still: none is in doubt */
        gate.threshold = 1e-9;
        CHECK(cxs_panel_run(ctx, b->panel, &alone, 1) == CXS_OK);
        CHECK(!gate.renew);   /* all reach it for certain */
        gate.threshold = 0.1; /* and it is what is remembered then */
        CHECK(cxs_panel_run(ctx, b->panel, &alone, 1) == CXS_OK);
        check_answer(b, &gate, size);
        cxs_gate_free(&gate);
        bed_free(b);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

/*
 * Two problems that know their rows, as half-samples do: r is zero outside them.  r moves
 * along column t centred on those rows, the direction in which |x~'d| <= spread |d| is an
 * equation for the column whose spread there is widest.
 */
static void problems_remember_together(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int form = 0; form < 4; form++) {
        bed *b = bed_new(ctx, form & 1, form & 2);
        double start[2][N], moved[2][N], size[2][P];
        cxs_gate gate[2], *gates[2] = {&gate[0], &gate[1]};
        size_t ruled_out = 0;
        for (size_t k = 0; k < 2; k++) {
            make_gradient(start[k], 10 + k);
            for (size_t i = 0; i < N; i++)
                start[k][i] = b->weight[i] > 0.0 ? start[k][i] : 0.0;
            centre_own(b, start[k]);
            gate[k] = gate_of(b, start[k], 0.3);
            gate[k].weight_least = 1.0;
        }
        CHECK(cxs_panel_run(ctx, b->panel, gates, 2) == CXS_OK);
        for (size_t t = 1; t < P; t++) {
            const double *x = cxs_columns_raw(&b->columns, t);
            for (size_t k = 0; k < 2; k++) {
                double g, step = k == 0 ? 0.02 : 2.0;
                if (!(b->columns.unit[t] > 0.0))
                    continue;
                cxs_columns_dot(&b->columns, t, start[k], b->risk.weight_sum, &g);
                step *= g > 0.0 ? 1.0 : -1.0; /* away from zero */
                for (size_t i = 0; i < N; i++)
                    moved[k][i] =
                        start[k][i] +
                        (b->weight[i] > 0.0
                             ? step * ((x[i] - b->columns.mean[t]) / b->columns.unit[t])
                             : 0.0);
                centre_own(b, moved[k]);
                sizes(b, moved[k], size[k]);
                gate[k].r = moved[k];
                gate[k].threshold = size[k][t] > 0.0 ? size[k][t] * (1.0 - 1e-15) : 0.5;
                gate[k].renew = 0;
            }
            CHECK(cxs_panel_run(ctx, b->panel, gates, 2) == CXS_OK);
            check_answer(b, &gate[0], size[0]);
            check_answer(b, &gate[1], size[1]);
        }
        gate[1].threshold = 0.1; /* one that remembers beside one that is new */
        sizes(b, moved[0], size[0]);
        sizes(b, moved[1], size[1]);
        cxs_gate_free(&gate[0]);
        gate[0] = gate_of(b, moved[0], 0.1);
        gate[1].renew = 0;
        CHECK(cxs_panel_run(ctx, b->panel, gates, 2) == CXS_OK);
        check_answer(b, &gate[0], size[0]);
        check_answer(b, &gate[1], size[1]);
        gate[0].threshold = gate[1].threshold = 1e3;
        CHECK(cxs_panel_run(ctx, b->panel, gates, 2) == CXS_OK);
        for (size_t k = 0; k < 2; k++) {
            ruled_out += gate[k].count == 0 && !gate[k].renew;
            cxs_gate_free(&gate[k]);
        }
        CHECK(ruled_out == 2);
        bed_free(b);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_remembered_pass_loses_nothing),
        cmocka_unit_test(problems_remember_together),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK
               ? 1
               : cmocka_run_group_tests_name("panel_remembered", tests, NULL, NULL);
}
