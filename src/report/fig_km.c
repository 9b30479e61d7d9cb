/*
 * fig_km.c -- Kaplan-Meier curves
 *
 * The split at the median is for the eye only; the effect in the subtitle is that of
 * the continuous marker.  Numbers at risk stand under the time they belong to, and
 * those times are the ticks, so that nothing has to be interpolated by the reader.
 */
#include "report/figures.h"

#include "report/label.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    WIDTH = 560,
    LEFT = 150,
    RIGHT = 538,
    TOP = 74,
    BOTTOM = 290,
    RISK = 358,
    ROW = 17,
    LABEL_BYTES = 256
};

static const uint32_t colours[] = {CXS_BLUE, CXS_VERMILLION, CXS_GREEN, CXS_PURPLE};
static const cxs_dash dashes[] = {CXS_SOLID, CXS_DASHED, CXS_DASHDOT, CXS_DOTTED};

static double column_of(const cxs_point *p, int column)
{
    return column == 0 ? p->surv : column == 1 ? p->lower : p->upper;
}

size_t cxs_curve_outline(const cxs_point *point, size_t n, int column,
                         const cxs_axis *x, const cxs_axis *y, double *xy)
{
    double level = 1;
    size_t at = 0;

    xy[2 * at] = cxs_axis_at(x, 0);
    xy[2 * at++ + 1] = cxs_axis_at(y, level);
    for (size_t i = 0; i < n; i++) {
        const double next = column_of(&point[i], column);
        xy[2 * at] = cxs_axis_at(x, point[i].time);
        xy[2 * at++ + 1] = cxs_axis_at(y, level);
        if (isnan(next))
            break;
        level = next;
        xy[2 * at] = cxs_axis_at(x, point[i].time);
        xy[2 * at++ + 1] = cxs_axis_at(y, level);
    }
    return at;
}

double cxs_curve_at(const cxs_group *group, double time)
{
    double surv = 1;

    for (size_t i = 0; i < group->points && group->point[i].time <= time; i++)
        surv = group->point[i].surv;
    return surv;
}

double cxs_curve_median(const cxs_group *group)
{
    for (size_t i = 0; i < group->points; i++)
        if (group->point[i].surv <= 0.5)
            return group->point[i].time;
    return (double)NAN;
}

static void draw_group(cxs_ctx *ctx, cxs_canvas *c, const cxs_group *g, size_t style,
                       const cxs_axis *x, const cxs_axis *y)
{
    const size_t room = 2 * g->points + 1;
    const uint32_t colour = colours[style % 4];
    double *xy = cxs_calloc(ctx, 2 * room, 2 * sizeof *xy);
    size_t upper, lower;

    if (xy == NULL) {
        c->rc = CXS_ENOMEM;
        return;
    }
    upper = cxs_curve_outline(g->point, g->points, 2, x, y, xy);
    lower = cxs_curve_outline(g->point, g->points, 1, x, y, xy + 2 * upper);
    for (size_t i = 0; i < lower / 2; i++) { /* the lower border runs backwards */
        double *a = xy + 2 * (upper + i), *b = xy + 2 * (upper + lower - 1 - i);
        const double t[] = {a[0], a[1]};
        memcpy(a, b, sizeof t);
        memcpy(b, t, sizeof t);
    }
    cxs_draw_path(c, xy, upper + lower, true, cxs_fill_ink(colour, 0.14));
    cxs_draw_path(c, xy, cxs_curve_outline(g->point, g->points, 0, x, y, xy), false,
                  cxs_line_ink(colour, 2, dashes[style % 4]));
    cxs_free(xy);
}

/* Group label as set in print: without the marker's name, which the title says already,
 * and with the signs for "<=" and minus; cut to its room. */
static void short_label(const cxs_group *g, const char *name, double width, char *out,
                        size_t bytes)
{
    const size_t n = strlen(name);
    const bool named = strncmp(g->label, name, n) == 0 && g->label[n] == ' ';
    char set[LABEL_BYTES];
    size_t at = 0;

    for (const char *c = g->label + (named ? n + 1 : 0); *c != '\0'; c++) {
        const bool minus =
            c[0] == '-' && c[1] >= '0' && c[1] <= '9' && c > g->label && c[-1] == ' ';
        const bool at_most = c[0] == '<' && c[1] == '=';
        if (at + 4 > sizeof set)
            break;
        if (minus || at_most) {
            memcpy(set + at, minus ? "\xE2\x88\x92" : "\xE2\x89\xA4", 3);
            at += 3;
            c += at_most;
        } else {
            set[at++] = *c;
        }
    }
    set[at] = '\0';
    cxs_text_fit(set, 11, width, out, bytes);
}

/* Line samples with names, one after the other above the plot. */
static void draw_key(cxs_canvas *c, const cxs_km *km, const char *marker)
{
    const double share = (double)(RIGHT - LEFT) / (double)km->groups;
    double x = LEFT;

    for (size_t g = 0; g < km->groups; g++) {
        const cxs_type type = {11, CXS_BLACK, CXS_START, false, false, false};
        char label[128];
        short_label(&km->group[g], marker, share - 44, label, sizeof label);
        cxs_draw_line(c, x, TOP - 18, x + 26, TOP - 18,
                      cxs_line_ink(colours[g % 4], 2, dashes[g % 4]));
        cxs_draw_text(c, x + 31, TOP - 14, type, label);
        x += 31 + 1.12 * cxs_text_width(label, 11) + 20;
    }
}

static void draw_at_risk(cxs_canvas *c, const cxs_km *km, const char *marker,
                         const cxs_axis *x, size_t min_cell)
{
    const cxs_type head = {11, CXS_BLACK, CXS_START, true, false, false};
    char text[CXS_LABEL_BYTES * 2];

    cxs_draw_text(c, 8, RISK - 18, head, "Number at risk");
    for (size_t g = 0; g < km->groups; g++) {
        const cxs_group *group = &km->group[g];
        const double y = RISK + (double)g * ROW;
        const cxs_type name = {11, colours[g % 4], CXS_START, false, false, false};
        const cxs_type cell = {11, CXS_BLACK, CXS_MIDDLE, false, false, false};
        short_label(group, marker, (LEFT - 26) / 1.1, text, sizeof text);
        cxs_draw_text(c, 8, y, name, text);
        for (size_t i = 0; i < group->risks; i++)
            cxs_draw_text(c, cxs_axis_at(x, group->risk_time[i]), y, cell,
                          cxs_label_count(group->n_risk[i], min_cell, text));
    }
}

static void time_axis(const cxs_km *km, cxs_axis *x, cxs_ticks *ticks)
{
    double gap;

    for (size_t g = 0; g < km->groups; g++) {
        const cxs_group *group = &km->group[g];
        if (group->points > 0)
            x->hi = fmax(x->hi, group->point[group->points - 1].time);
        if (group->risks > 0)
            x->hi = fmax(x->hi, group->risk_time[group->risks - 1]);
    }
    cxs_axis_make_valid(x);
    cxs_ticks_linear(x->lo, x->hi, 6, ticks);
    if (km->groups == 0 || km->group[0].risks < 2 || km->group[0].risks > CXS_TICKS_MAX)
        return;
    gap = cxs_axis_at(x, km->group[0].risk_time[1]) -
          cxs_axis_at(x, km->group[0].risk_time[0]);
    if (gap < 34) /* numbers would touch */
        return;
    ticks->count = km->group[0].risks;
    ticks->places = -1;
    memcpy(ticks->at, km->group[0].risk_time, ticks->count * sizeof *ticks->at);
}

/* How times are read: in the unit of the data, or days as months or years when every
 * tick is a whole number of them. */
typedef struct shown_time {
    double unit;
    const char *name, *title;
} shown_time;

static bool all_multiples(const cxs_ticks *ticks, double unit)
{
    for (size_t i = 0; i < ticks->count; i++)
        if (ticks->at[i] / unit != floor(ticks->at[i] / unit))
            return false;
    return ticks->count > 1;
}

static shown_time choose_time(const cxs_ticks *ticks, const char *unit)
{
    static const shown_time longer[] = {
        {365.25, "years", "Time (years of 365.25 days)"},
        {30.4375, "months", "Time (months of 30.4375 days)"}};

    for (size_t i = 0; i < 2 && strcmp(unit, "days") == 0; i++)
        if (all_multiples(ticks, longer[i].unit))
            return longer[i];
    return (shown_time){1, unit, NULL};
}

/* "low: median 512; survival 0.91 at 365, ..." for those who do not see the curve. */
static void describe(cxs_canvas *c, const cxs_km *km, const cxs_ticks *ticks,
                     const char *name, const shown_time *time)
{
    cxs_markup m = {.ctx = c->ctx};
    char text[CXS_LABEL_BYTES];

    cxs_put(&m, "Estimated probability of being free of the event, by group.");
    for (size_t g = 0; g < km->groups; g++) {
        const double median = cxs_curve_median(&km->group[g]);
        cxs_put(&m, " ");
        cxs_put_plain(&m, km->group[g].label);
        cxs_put(&m, isnan(median) ? ": median not reached" : ": median ");
        if (!isnan(median))
            cxs_put(&m, cxs_label_short(median / time->unit, 4, text));
        cxs_put(&m, " ");
        cxs_put_plain(&m, isnan(median) ? "" : time->name);
        for (size_t i = 0; i < ticks->count; i++) {
            if (ticks->at[i] <= 0)
                continue;
            cxs_put(&m, "; ");
            cxs_put(&m, cxs_label_fixed(cxs_curve_at(&km->group[g], ticks->at[i]), 2,
                                        text));
            cxs_put(&m, " at ");
            cxs_put(&m, cxs_label_short(ticks->at[i] / time->unit, 4, text));
        }
        cxs_put(&m, ".");
    }
    if (m.rc == CXS_OK)
        cxs_canvas_describe(c, name, m.buf.text);
    else
        c->rc = m.rc;
    cxs_free(m.buf.text);
}

/* A 0/1 marker is shown by its value, its labels end in "= 0" and "= 1". */
static const char *split_words(const cxs_km *km)
{
    const char *label = km->group[0].label;
    const size_t n = strlen(label);

    return n > 4 && strcmp(label + n - 4, " = 0") == 0 ? "by value"
                                                       : "median split, for display";
}

static void draw_title(cxs_canvas *c, const cxs_km *km, const char *name)
{
    const cxs_type bold = {14, CXS_BLACK, CXS_START, true, false, false};
    const cxs_type plain = {11.5, CXS_GREY, CXS_START, false, false, false};
    const cxs_indicator *i = km->indicator;
    const char *split = split_words(km);
    char text[4 * CXS_LABEL_BYTES], hr[CXS_LABEL_BYTES], lo[CXS_LABEL_BYTES],
        hi[CXS_LABEL_BYTES];

    cxs_text_fit(name, 14, WIDTH - 24, text, sizeof text);
    cxs_draw_text(c, 8, 20, bold, text);
    if (i != NULL && isfinite(i->hr))
        snprintf(text, sizeof text, "%s; HR per %s %s (95%% CI %s\xE2\x80\x93%s)",
                 split, i->scale == 1 ? "unit" : "SD", cxs_label_ratio(i->hr, hr),
                 cxs_label_ratio(i->hr_l95, lo), cxs_label_ratio(i->hr_u95, hi));
    else
        snprintf(text, sizeof text, "%s", split);
    cxs_draw_text(c, 8, 37, plain, text);
}

cxs_rc cxs_figure_km(cxs_ctx *ctx, const cxs_loaded *d, size_t k, size_t min_cell,
                     cxs_canvas **out)
{
    const cxs_km *km = &d->km[k];
    const cxs_indicator *i = km->indicator;
    const char *name = i != NULL && *i->name != '\0' ? i->name : km->feature_id;
    const char *unit = cxs_loaded_text(d, "time_unit");
    cxs_axis x = {0, 0, LEFT, RIGHT, false}, y = {0, 1, BOTTOM, TOP, false};
    cxs_ticks x_ticks, y_ticks;
    cxs_canvas *c = NULL;
    shown_time time;
    char text[CXS_LABEL_BYTES];
    cxs_rc rc = CXS_OK;

    *out = NULL;
    if (km->groups == 0)
        return CXS_OK;
    snprintf(text, sizeof text, "km-%zu", k + 1);
    CXS_TRY(cxs_canvas_new(ctx, text, WIDTH, RISK + ROW * (double)km->groups - 4, &c));
    time_axis(km, &x, &x_ticks);
    time = choose_time(&x_ticks, unit);
    x_ticks.unit = time.unit;
    cxs_ticks_linear(0, 1, 5, &y_ticks);
    y_ticks.places = 1;
    draw_title(c, km, name);
    draw_key(c, km, name);
    for (size_t t = 1; t < y_ticks.count; t++)
        cxs_draw_line(c, LEFT, cxs_axis_at(&y, y_ticks.at[t]), RIGHT,
                      cxs_axis_at(&y, y_ticks.at[t]),
                      cxs_line_ink(CXS_LIGHT, 0.6, CXS_SOLID));
    for (size_t g = 0; g < km->groups; g++)
        draw_group(ctx, c, &km->group[g], g, &x, &y);
    snprintf(text, sizeof text, *unit == '\0' ? "Time" : "Time (%.40s)", unit);
    cxs_axis_draw_x(c, &x, &x_ticks, BOTTOM, time.title != NULL ? time.title : text);
    cxs_axis_draw_y(c, &y, &y_ticks, LEFT, "Event-free probability");
    draw_at_risk(c, km, name, &x, min_cell);
    describe(c, km, &x_ticks, name, &time);
    CXS_TRY(cxs_canvas_rc(c));
    *out = c;
    c = NULL;

done:
    cxs_canvas_free(c);
    return rc;
}
