/*
 * fig_path.c -- penalised coefficients and cross-validation along lambda
 *
 * Both figures share one horizontal axis: the penalty falls from left to right, on a
 * log scale, and the two choices (smallest value; one standard error) are marked.
 */
#include "report/figures.h"

#include "report/label.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 720, HEIGHT = 400, LEFT = 72, TOP = 58, BOTTOM = 344 };
enum { PATH_RIGHT = 560, CV_RIGHT = 700, NAMED = 10, LABEL_STEP = 13, LABEL_SIZE = 11 };

static const uint32_t colours[] = {CXS_BLUE, CXS_VERMILLION, CXS_GREEN, CXS_ORANGE,
                                   CXS_PURPLE};
static const cxs_dash dashes[] = {CXS_SOLID, CXS_DASHED, CXS_DASHDOT, CXS_DOTTED};

static cxs_ink named_ink(size_t t)
{
    return cxs_line_ink(colours[t % 5], 1.8, dashes[(t / 5) % 4]);
}

/* Every lambda, largest first, and its range. */
static cxs_axis lambda_axis(const double *lambda, size_t n, double right)
{
    double lo = lambda[0], hi = lambda[0], pad;
    cxs_axis x = {0, 0, LEFT, right, true};

    for (size_t i = 0; i < n; i++) {
        lo = fmin(lo, lambda[i]);
        hi = fmax(hi, lambda[i]);
    }
    x.lo = lo;
    x.hi = hi;
    cxs_axis_make_valid(&x);
    pad = pow(x.hi / x.lo, 0.02);
    x.lo /= pad;
    x.hi *= pad;
    return (cxs_axis){x.hi, x.lo, x.from, x.to, true};
}

static void draw_lambda_axis(cxs_canvas *c, const cxs_axis *x)
{
    cxs_ticks ticks;

    cxs_ticks_log(x->hi, x->lo, 8, &ticks);
    cxs_axis_draw_x(c, x, &ticks, BOTTOM, "Penalty \xCE\xBB (log scale, falling)");
}

/* Number of nonzero coefficients above the plot, about every sixth part of its width.
 */
static void draw_df(cxs_canvas *c, const cxs_model_files *p, const cxs_axis *x)
{
    const cxs_type type = {11, CXS_GREY, CXS_MIDDLE, false, false, false};
    const cxs_type head = {11, CXS_GREY, CXS_START, false, false, false};
    const size_t step = p->shown > 6 ? p->shown / 6 : 1;
    char text[CXS_LABEL_BYTES];

    cxs_draw_text(c, 8, 18, head, "Markers in the model:");
    for (size_t i = 0; i < p->shown; i += step)
        if (isfinite(p->df[i]) && p->lambda[i] <= x->lo && p->lambda[i] >= x->hi)
            cxs_draw_text(c, cxs_axis_at(x, p->lambda[i]), 35, type,
                          cxs_label_short(p->df[i], 6, text));
}

static void draw_choice(cxs_canvas *c, const cxs_axis *x, double lambda,
                        const char *name, bool left)
{
    const cxs_type type = {11,    CXS_BLACK, left ? CXS_END : CXS_START,
                           false, true,      false};
    double at;

    if (!(lambda > 0) || lambda > x->lo * 1.0001 || lambda < x->hi * 0.9999)
        return;
    at = cxs_axis_at(x, lambda);
    cxs_draw_line(c, at, TOP - 10, at, BOTTOM, cxs_line_ink(CXS_BLACK, 1, CXS_DOTTED));
    cxs_draw_text(c, at + (left ? -4 : 4), TOP - 3, type, name);
}

/* The 1se choice has the larger lambda: it stands to the left, and so does its name. */
static void draw_choices(cxs_canvas *c, const cxs_model_files *p, const cxs_axis *x)
{
    draw_choice(c, x, p->lambda_1se, "1 se", true);
    draw_choice(c, x, p->lambda_min, "best", false);
}

/* Coefficient of trace t at lambda index i (from 1): nonzero values only are stored. */
static double beta_at(const cxs_trace *t, size_t i)
{
    for (size_t k = 0; k < t->points; k++)
        if (t->index[k] == i)
            return t->beta[k];
    return 0;
}

static void draw_trace(cxs_ctx *ctx, cxs_canvas *c, const cxs_model_files *p,
                       const cxs_trace *t, const cxs_axis *x, const cxs_axis *y,
                       cxs_ink ink)
{
    double *xy = cxs_calloc(ctx, p->shown, 2 * sizeof *xy);
    const size_t first = t->index[0] > 1 ? t->index[0] - 1 : 1;
    size_t n = 0;

    if (xy == NULL) {
        c->rc = CXS_ENOMEM;
        return;
    }
    for (size_t i = first; i <= p->shown; i++) {
        const double beta = beta_at(t, i);
        if (n > 1 && beta == 0 && t->index[t->points - 1] < i - 1)
            break; /* gone for good */
        xy[2 * n] = cxs_axis_at(x, p->lambda[i - 1]);
        xy[2 * n++ + 1] = cxs_axis_at(y, beta);
    }
    cxs_draw_path(c, xy, n, false, ink);
    cxs_free(xy);
}

typedef struct end_label {
    size_t trace;
    double y;
} end_label;

static int by_height(const void *a, const void *b)
{
    const end_label *p = a, *q = b;

    if (p->y < q->y || p->y > q->y)
        return p->y < q->y ? -1 : 1;
    return (p->trace > q->trace) - (p->trace < q->trace);
}

/* Names beside the ends of their lines, moved apart until none covers another. */
static void draw_names(cxs_canvas *c, const cxs_model_files *p, size_t named,
                       const cxs_axis *x, const cxs_axis *y)
{
    end_label label[NAMED] = {{0, 0}};
    char text[256];
    double floor_y = TOP;

    for (size_t t = 0; t < named; t++)
        label[t] = (end_label){t, cxs_axis_at(y, beta_at(&p->trace[t], p->shown))};
    qsort(label, named, sizeof *label, by_height);
    for (size_t l = 0; l < named; l++) {
        label[l].y = fmax(label[l].y, floor_y);
        floor_y = label[l].y + LABEL_STEP;
    }
    for (size_t l = named; l-- > 0;) { /* those pushed out below come back up */
        const double most = l + 1 < named ? label[l + 1].y - LABEL_STEP : BOTTOM;
        label[l].y = fmin(label[l].y, most);
    }
    for (size_t l = 0; l < named; l++) {
        const size_t t = label[l].trace;
        const double end = cxs_axis_at(y, beta_at(&p->trace[t], p->shown));
        const cxs_type type = {LABEL_SIZE, CXS_BLACK, CXS_START, false, false, false};
        cxs_draw_line(c, cxs_axis_at(x, p->lambda[p->shown - 1]) + 3, end,
                      PATH_RIGHT + 12, label[l].y,
                      cxs_line_ink(CXS_LIGHT, 0.8, CXS_SOLID));
        cxs_draw_line(c, PATH_RIGHT + 12, label[l].y, PATH_RIGHT + 30, label[l].y,
                      named_ink(t));
        cxs_text_fit(p->trace[t].name, LABEL_SIZE, WIDTH - PATH_RIGHT - 46, text,
                     sizeof text);
        cxs_draw_text(c, PATH_RIGHT + 34, label[l].y + 4, type, text);
    }
}

static void describe_path(cxs_canvas *c, const cxs_model_files *p, size_t traces,
                          size_t named)
{
    cxs_markup m = {.ctx = c->ctx};
    char text[CXS_LABEL_BYTES];

    cxs_putf(&m, "Coefficients of %zu markers along %zu values of the penalty, %s.",
             traces, p->shown,
             p->per_sd ? "log hazard ratio per standard deviation"
                       : "on the original scale of each marker");
    cxs_put(&m, " At the smallest of them:");
    for (size_t t = 0; t < named; t++) {
        cxs_put(&m, t == 0 ? " " : ", ");
        cxs_put_plain(&m, p->trace[t].name);
        cxs_put(&m, " ");
        cxs_put(&m, cxs_label_fixed(beta_at(&p->trace[t], p->shown), 3, text));
    }
    cxs_put(&m, ".");
    if (m.rc == CXS_OK)
        cxs_canvas_describe(c, "Penalised coefficients along the path", m.buf.text);
    else
        c->rc = m.rc;
    cxs_free(m.buf.text);
}

/* A little air between the data and the ends of an axis. */
static void widen(cxs_axis *y)
{
    const double air = (y->hi - y->lo) * 0.03;

    y->lo -= air;
    y->hi += air;
}

/* Traces stand by falling peak: those that are zero as far as shown come last. */
static size_t drawn_traces(const cxs_model_files *p)
{
    size_t traces = 0;

    while (traces < p->traces && p->trace[traces].peak > 0)
        traces++;
    return traces;
}

static cxs_axis beta_axis(const cxs_model_files *p)
{
    cxs_axis y = {0, 0, BOTTOM, TOP, false};

    for (size_t t = 0; t < p->traces; t++)
        for (size_t i = 0; i < p->trace[t].points; i++) {
            if (p->trace[t].index[i] > p->shown)
                continue;
            y.lo = fmin(y.lo, p->trace[t].beta[i]);
            y.hi = fmax(y.hi, p->trace[t].beta[i]);
        }
    cxs_axis_make_valid(&y);
    widen(&y);
    return y;
}

cxs_rc cxs_figure_path(cxs_ctx *ctx, const cxs_model_files *p, cxs_canvas **out)
{
    const size_t traces = drawn_traces(p), named = traces < NAMED ? traces : NAMED;
    const cxs_axis y = beta_axis(p);
    cxs_canvas *c = NULL;
    cxs_ticks ticks;
    cxs_axis x;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (traces == 0 || p->shown < 2)
        return CXS_OK;
    CXS_TRY(cxs_canvas_new(ctx, "path", WIDTH, HEIGHT, &c));
    x = lambda_axis(p->lambda, p->shown, PATH_RIGHT);
    cxs_draw_line(c, LEFT, cxs_axis_at(&y, 0), PATH_RIGHT, cxs_axis_at(&y, 0),
                  cxs_line_ink(CXS_LIGHT, 1, CXS_SOLID));
    for (size_t t = traces; t-- > 0;) /* the largest on top */
        draw_trace(ctx, c, p, &p->trace[t], &x, &y,
                   t < named ? named_ink(t) : cxs_line_ink(CXS_LIGHT, 1, CXS_SOLID));
    draw_df(c, p, &x);
    draw_choices(c, p, &x);
    draw_lambda_axis(c, &x);
    cxs_ticks_linear(y.lo, y.hi, 6, &ticks);
    cxs_axis_draw_y(c, &y, &ticks, LEFT,
                    p->per_sd ? "Log hazard ratio per SD"
                              : "Coefficient (original scale)");
    draw_names(c, p, named, &x, &y);
    describe_path(c, p, traces, named);
    CXS_TRY(cxs_canvas_rc(c));
    *out = c;
    c = NULL;

done:
    cxs_canvas_free(c);
    return rc;
}

static void draw_cv_points(cxs_canvas *c, const cxs_model_files *p, const cxs_axis *x,
                           const cxs_axis *y)
{
    const cxs_ink bar = cxs_line_ink(CXS_SKY, 1.2, CXS_SOLID);

    for (size_t i = 0; i < p->cvs; i++) {
        const double at = cxs_axis_at(x, p->cv_lambda[i]);
        if (!isfinite(p->cvm[i]))
            continue;
        if (isfinite(p->cvse[i]))
            cxs_draw_line(c, at, cxs_axis_at(y, p->cvm[i] - p->cvse[i]), at,
                          cxs_axis_at(y, p->cvm[i] + p->cvse[i]), bar);
        cxs_draw_disc(c, at, cxs_axis_at(y, p->cvm[i]), 2.2, cxs_fill_ink(CXS_BLUE, 1));
    }
}

/* The best lambda is where the deviance is smallest or the concordance largest: that
 * tells which of the two the file holds. */
static const char *cv_measure(const cxs_model_files *p)
{
    double lo = (double)INFINITY, hi = -(double)INFINITY, best = (double)NAN;

    for (size_t i = 0; i < p->cvs; i++) {
        lo = fmin(lo, p->cvm[i]);
        hi = fmax(hi, p->cvm[i]);
        if (fabs(p->cv_lambda[i] - p->lambda_min) <= 1e-9 * p->lambda_min)
            best = p->cvm[i];
    }
    return best <= lo   ? "Cross-validated deviance"
           : best >= hi ? "Cross-validated concordance"
                        : "Cross-validated measure";
}

static void describe_cv(cxs_canvas *c, const cxs_model_files *p, const char *measure)
{
    cxs_markup m = {.ctx = c->ctx};
    char text[CXS_LABEL_BYTES];

    cxs_putf(&m, "%s at %zu values of the penalty, with one standard error.", measure,
             p->cvs);
    if (isfinite(p->lambda_min)) {
        cxs_put(&m, " Best at penalty ");
        cxs_put(&m, cxs_label_short(p->lambda_min, 4, text));
    }
    if (isfinite(p->lambda_1se)) {
        cxs_put(&m, "; within one standard error up to ");
        cxs_put(&m, cxs_label_short(p->lambda_1se, 4, text));
    }
    cxs_put(&m, isfinite(p->lambda_min) ? "." : "");
    if (m.rc == CXS_OK)
        cxs_canvas_describe(c, "Cross-validation curve", m.buf.text);
    else
        c->rc = m.rc;
    cxs_free(m.buf.text);
}

cxs_rc cxs_figure_cv(cxs_ctx *ctx, const cxs_model_files *p, cxs_canvas **out)
{
    const char *measure = cv_measure(p);
    cxs_axis x, y = {(double)INFINITY, -(double)INFINITY, BOTTOM, TOP, false};
    cxs_canvas *c = NULL;
    cxs_ticks ticks;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (p->cvs < 2)
        return CXS_OK;
    CXS_TRY(cxs_canvas_new(ctx, "cv", WIDTH, HEIGHT, &c));
    x = lambda_axis(p->cv_lambda, p->cvs, CV_RIGHT);
    for (size_t i = 0; i < p->cvs; i++) {
        const double se = isfinite(p->cvse[i]) ? p->cvse[i] : 0;
        y.lo = fmin(y.lo, p->cvm[i] - se);
        y.hi = fmax(y.hi, p->cvm[i] + se);
    }
    cxs_axis_make_valid(&y);
    widen(&y);
    draw_cv_points(c, p, &x, &y);
    draw_df(c, p, &x);
    draw_choices(c, p, &x);
    draw_lambda_axis(c, &x);
    cxs_ticks_linear(y.lo, y.hi, 6, &ticks);
    cxs_axis_draw_y(c, &y, &ticks, LEFT, measure);
    describe_cv(c, p, measure);
    CXS_TRY(cxs_canvas_rc(c));
    *out = c;
    c = NULL;

done:
    cxs_canvas_free(c);
    return rc;
}
