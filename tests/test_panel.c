/*
 * test_panel.c -- the passes over all columns: nothing at the threshold is lost
 *
 * The answer must be exactly { j : |g_j| >= threshold factor_j } with g in float64.  The
 * float32 products mis-rank columns whose gradients differ in the last bits, so each
 * column's own |g_j| is taken as threshold in turn: without the margin about half of
 * them would be lost.
 */
#include "test.h"
#include "tmp.h"

#include "cohort.h"
#include "model/cv.h"
#include "model/panel.h"
#include "model/path.h"
#include "num/blas.h"

#include <stdlib.h>
#include <string.h>

/* Several blocks of 128 columns, the last one not full. */
enum { N = 90, P = 300 };

/* A design of every kind of column, and one problem on it. */
typedef struct bed {
    double x[N * P], time[N], weight[N], factor[P], r[N];
    uint8_t event[N];
    const char *name[P];
    cxs_design design;
    cxs_problem problem;
    cxs_model_settings settings;
    void *risk_memory;
    cxs_risk risk;
    cxs_columns columns;
    cxs_panel *panel;
} bed;

static void make_columns(bed *b)
{
    const cxs_stream stream = {5, CXS_DRAW_TEST, 0};

    for (size_t j = 0; j < P; j++)
        for (size_t i = 0; i < N; i++) {
            double *x = &b->x[j * N + i];
            *x = cxs_draw_normal(&stream, j * N + i);
            if (j % 10 == 3)
                *x += 1e4; /* cancels in the centring */
            if (j % 10 == 4)
                *x *= 1e200;
            if (j % 10 == 5)
                *x *= 1e-200;
            if (j % 50 == 6)
                *x = 7.0;
            if (j % 10 == 9) /* nearly the column before it */
                *x = b->x[(j - 1) * N + i] * (1.0 + 1e-7 * *x);
        }
}

/* Gradients sum to zero. */
static void centre(double *r)
{
    double mean = 0.0;

    for (size_t i = 0; i < N; i++)
        mean += r[i] / N;
    for (size_t i = 0; i < N; i++)
        r[i] -= mean;
}

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

static void make_gradient(double *r, uint64_t replicate)
{
    const cxs_stream stream = {6, CXS_DRAW_TEST, replicate};

    for (size_t i = 0; i < N; i++)
        r[i] = cxs_draw_normal(&stream, i);
    centre(r);
}

static bed *bed_new(cxs_ctx *ctx, int stream, int missing)
{
    bed *b = calloc(1, sizeof *b);

    make_columns(b);
    for (size_t j = 0; missing && j < P; j += 9)
        b->x[j * N + j % N] = (double)NAN;
    for (size_t i = 0; i < N; i++) {
        b->time[i] = 1.0 + (double)i;
        b->event[i] = i % 3 != 0;
        b->weight[i] = i % 5 == 0 ? 0.0 : 1.0; /* a fold: scales differ from the copy */
    }
    for (size_t j = 0; j < P; j++) {
        b->factor[j] = 0.5 + 0.1 * (double)(j % 7);
        if (j % 13 == 0)
            b->factor[j] = j % 2 ? HUGE_VAL : 0.0;
        b->name[j] = "x";
    }
    b->design =
        (cxs_design){.n = N, .p = P, .x = b->x, .feature = b->name, .stream = stream};
    b->problem.outcome =
        (cxs_outcome){.n = N, .time = b->time, .event = b->event, .weight = b->weight};
    b->settings = cxs_model_defaults();
    b->risk_memory = malloc(cxs_risk_size(N));
    CHECK(cxs_risk_build(&b->problem.outcome, &b->risk, b->risk_memory) == CXS_OK);
    const cxs_columns_of of = {&b->problem, &b->risk, &b->columns};
    CHECK(cxs_columns_new(ctx, &b->design, &b->settings, &of, 1) == CXS_OK);
    CHECK(cxs_panel_new(ctx, &b->design, &b->panel) == CXS_OK && b->panel != NULL);
    make_gradient(b->r, 0);
    return b;
}

static void bed_free(bed *b)
{
    cxs_panel_free(b->panel);
    cxs_columns_free(&b->columns);
    free(b->risk_memory);
    free(b);
}

static cxs_gate gate_of(const bed *b, const double *r, double threshold)
{
    return (cxs_gate){.columns = &b->columns,
                      .factor = b->factor,
                      .r = r,
                      .weight_sum = b->risk.weight_sum,
                      .threshold = threshold};
}

/* |g_j| / factor_j by the sum of one column; negative where j cannot enter. */
static void sizes(const bed *b, const double *r, double *size)
{
    for (size_t j = 0; j < P; j++) {
        double g;
        size[j] = -1.0;
        if (!(b->factor[j] > 0.0) || !isfinite(b->factor[j]) ||
            !(b->columns.unit[j] > 0.0))
            continue;
        cxs_columns_dot(&b->columns, j, r, b->risk.weight_sum, &g);
        size[j] = fabs(g) / b->factor[j];
    }
}

/* The answer is the set with size >= threshold (as the code divides nothing, a
 * rounding of threshold * factor is allowed for), ascending, with float64 gradients. */
static void check_answer(const bed *b, const cxs_gate *gate, const double *size)
{
    size_t at = 0;

    for (size_t j = 0; j < P; j++) {
        const double t = gate->threshold * b->factor[j];
        const int wanted = size[j] >= 0.0 && size[j] * b->factor[j] >= t;
        const int there = at < gate->count && gate->id[at] == j;
        if (there != wanted && fabs(size[j] - gate->threshold) > 4e-16 * size[j])
            CHECK(there == wanted);
        if (there) {
            CHECK(fabs(fabs(gate->g[at]) - size[j] * b->factor[j]) <=
                  1e-15 * size[j] * b->factor[j]);
            at++;
        }
    }
    CHECK(at == gate->count);
}

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

/* ---- a whole fit without the copy ------------------------------------------------ */

enum { ROWS = 80, COLUMNS = 400 };

/* A cohort whose matrix lies in a raw .cxf, mapped and joined without a copy. */
static cxs_joined *joined_from_file(cxs_ctx *ctx, int missing)
{
    char path[512];
    double eta[ROWS];
    cxs_matrix *m = cohort_matrix(ROWS, COLUMNS, 4), *mapped = NULL;
    cxs_joined *joined = NULL;

    for (size_t i = 0; i < ROWS; i++)
        eta[i] = m->x[i] - m->x[ROWS * 210 + i] + 0.8 * m->x[ROWS * 399 + i];
    for (size_t j = 0; missing && j < COLUMNS; j += 7)
        m->x[j * ROWS + j % ROWS] = (double)NAN;
    snprintf(path, sizeof path, "%s/panel.cxf", tmp_make());
    CHECK(cxs_matrix_write(ctx, m, path, 0) == CXS_OK);
    cxs_matrix_free(m);
    CHECK(cxs_matrix_open(ctx, path, &mapped) == CXS_OK);
    CHECK(cxs_join(ctx, mapped, cohort_surv(ROWS, 2, 1, eta, 4), CXS_TIES_EFRON,
                   &joined) == CXS_OK);
    tmp_remove("panel.cxf");
    CHECK(joined != NULL && joined->design.map != NULL && joined->x == NULL);
    return joined;
}

typedef struct fitted {
    cxs_path *path;
    cxs_cv cv;
    uint32_t first[4 * 12];
    size_t found[4];
} fitted;

static void fit(cxs_ctx *ctx, const cxs_joined *joined, fitted *f)
{
    cxs_model_settings s = cxs_model_defaults();
    cxs_panel *panel = NULL;
    cxs_problem problem[4];
    double weight[4][ROWS], lambda[20];
    uint32_t fold[ROWS];

    s.nlambda = 20;
    s.lambda_ratio = 0.1;
    s.folds = 4;
    s.early_stop = 0;
    for (size_t i = 0; i < ROWS; i++)
        fold[i] = (uint32_t)(i * 7 % 4);
    for (size_t h = 0; h < 4; h++) {
        problem[h] = joined->problem;
        problem[h].outcome.weight = weight[h];
        for (size_t i = 0; i < ROWS; i++)
            weight[h][i] = (double)((i + h) % 3 > 0);
    }
    CHECK(cxs_panel_new(ctx, &joined->design, &panel) == CXS_OK);
    CHECK(cxs_path_solve(ctx, panel, &joined->design, &joined->problem, &s, NULL,
                         &f->path) == CXS_OK);
    for (size_t l = 0; l < 20; l++)
        lambda[l] = f->path->point[l].lambda;
    CHECK(cxs_cv_run(ctx, panel, &joined->design, &joined->problem, &s, NULL, fold,
                     lambda, 20, lambda[0], &f->cv) == CXS_OK);
    CHECK(cxs_path_first(ctx, panel, &joined->design, problem, 4, &s, 12, f->first,
                         f->found) == CXS_OK);
    cxs_panel_free(panel);
}

static void streaming_changes_no_bit(void **state)
{
    cxs_ctx *ctx = cxs_ctx_new();

    (void)state;
    for (int missing = 0; missing < 2; missing++) {
        cxs_joined *joined = joined_from_file(ctx, missing);
        fitted f[2];
        memset(f, 0, sizeof f);
        for (int stream = 0; stream < 2; stream++) {
            cxs_ctx_set_threads(ctx, 1 + stream);
            joined->design.stream = stream;
            fit(ctx, joined, &f[stream]);
        }
        CHECK(f[0].path->coefs == f[1].path->coefs && f[0].path->coefs > 50);
        CHECK(memcmp(f[0].path->beta, f[1].path->beta,
                     f[0].path->coefs * sizeof(double)) == 0);
        CHECK(memcmp(f[0].path->index, f[1].path->index,
                     f[0].path->coefs * sizeof(uint32_t)) == 0);
        CHECK(f[0].cv.points == 20 && f[1].cv.points == 20);
        CHECK(memcmp(f[0].cv.cvm, f[1].cv.cvm, 20 * sizeof(double)) == 0);
        CHECK(memcmp(f[0].cv.cvse, f[1].cv.cvse, 20 * sizeof(double)) == 0);
        CHECK(memcmp(f[0].found, f[1].found, sizeof f[0].found) == 0);
        CHECK(f[0].found[0] == 12);
        CHECK(memcmp(f[0].first, f[1].first, sizeof f[0].first) == 0);
        for (int stream = 0; stream < 2; stream++) {
            cxs_path_free(f[stream].path);
            cxs_cv_free(&f[stream].cv);
        }
        cxs_joined_free(joined);
    }
    cxs_ctx_free(ctx);
    CHECK_DONE();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_at_the_threshold_is_lost),
        cmocka_unit_test(nothing_is_lost_in_cancellation),
        cmocka_unit_test(copy_company_and_float64_agree),
        cmocka_unit_test(a_remembered_pass_loses_nothing),
        cmocka_unit_test(problems_remember_together),
        cmocka_unit_test(largest_of_nothing),
        cmocka_unit_test(streaming_changes_no_bit),
    };
    cxs_ctx *ctx = cxs_ctx_new();
    const cxs_rc rc = cxs_blas_init(ctx);

    cxs_ctx_free(ctx);
    return rc != CXS_OK ? 1 : cmocka_run_group_tests_name("panel", tests, NULL, NULL);
}
