/*
 * axis.c -- ticks at numbers that people count in
 */
#include "report/axis.h"

#include "report/label.h"

#include <math.h>

enum { TICK_LENGTH = 5, TICK_SIZE = 11, TITLE_SIZE = 12 };

/* Guards a tick that sits on the border against the rounding of the border. */
static const double BORDER = 1e-9;

/* Smallest of 1, 2, 5 times a power of ten that is >= rough; step = mantissa *
 * 10^power. */
static int nice_step(double rough, int *power)
{
    const double exponent = floor(log10(rough) + BORDER);
    const double mantissa = rough / pow(10.0, exponent);

    *power = (int)exponent;
    if (mantissa <= 1 + BORDER)
        return 1;
    if (mantissa <= 2 + BORDER)
        return 2;
    if (mantissa <= 5 + BORDER)
        return 5;
    *power += 1;
    return 1;
}

void cxs_ticks_linear(double lo, double hi, size_t want, cxs_ticks *ticks)
{
    int power = 0, mantissa;
    double step, first;

    *ticks = (cxs_ticks){0};
    if (!(hi > lo) || want < 1)
        return;
    mantissa = nice_step((hi - lo) / (double)want, &power);
    step = mantissa * pow(10.0, power);
    first = ceil(lo / step - BORDER);
    for (double k = first; k * step <= hi + BORDER * step; k++) {
        if (ticks->count == CXS_TICKS_MAX)
            break;
        /* a whole number over a power of ten is the nearest double to its label */
        ticks->at[ticks->count++] =
            power < 0 ? k * mantissa / pow(10.0, -power) : k * step;
    }
    ticks->places = power < 0 ? -power : 0;
}

static size_t log_ticks(double lo, double hi, const double *mantissas, size_t count,
                        cxs_ticks *ticks)
{
    size_t n = 0;

    for (double e = floor(log10(lo)) - 1; e <= ceil(log10(hi)); e++)
        for (size_t i = 0; i < count; i++) {
            const double at =
                e < 0 ? mantissas[i] / pow(10.0, -e) : mantissas[i] * pow(10.0, e);
            if (at < lo * (1 - BORDER) || at > hi * (1 + BORDER))
                continue;
            if (n < CXS_TICKS_MAX)
                ticks->at[n] = at;
            n++;
        }
    ticks->count = n < CXS_TICKS_MAX ? n : CXS_TICKS_MAX;
    return n;
}

void cxs_ticks_log(double lo, double hi, size_t want, cxs_ticks *ticks)
{
    static const double mantissas[] = {1, 1.5, 2, 3, 5, 7, 1, 2, 5, 1};
    static const size_t first[] = {0, 6, 9}, count[] = {6, 3, 1};

    *ticks = (cxs_ticks){.places = -1};
    if (!(hi > lo) || !(lo > 0))
        return;
    for (size_t set = 0; set < 3; set++)
        if (log_ticks(lo, hi, mantissas + first[set], count[set], ticks) <= want)
            break;
    if (ticks->count < 3)
        cxs_ticks_linear(lo, hi, want / 2 + 1, ticks);
}

double cxs_axis_at(const cxs_axis *axis, double value)
{
    const double lo = axis->is_log ? log(axis->lo) : axis->lo;
    const double hi = axis->is_log ? log(axis->hi) : axis->hi;
    const double v = axis->is_log ? log(value) : value;

    return axis->from + (axis->to - axis->from) * (v - lo) / (hi - lo);
}

void cxs_axis_make_valid(cxs_axis *axis)
{
    if (!isfinite(axis->lo) || !isfinite(axis->hi) || axis->lo > axis->hi) {
        axis->lo = axis->is_log ? 0.5 : 0;
        axis->hi = axis->is_log ? 2 : 1;
    }
    if (axis->hi - axis->lo <= BORDER * fabs(axis->hi)) {
        axis->lo -= axis->is_log ? axis->lo / 2 : 0.5;
        axis->hi += axis->is_log ? axis->hi : 0.5;
    }
}

static const char *tick_label(const cxs_ticks *ticks, size_t i,
                              char out[CXS_LABEL_BYTES])
{
    const double shown = ticks->unit > 0 ? ticks->at[i] / ticks->unit : ticks->at[i];

    if (ticks->places < 0 || fabs(shown) >= 1e7 || ticks->places > 4)
        return cxs_label_short(shown, 4, out);
    return cxs_label_fixed(shown, ticks->places, out);
}

void cxs_axis_draw_x(cxs_canvas *c, const cxs_axis *axis, const cxs_ticks *ticks,
                     double y, const char *title)
{
    const cxs_ink ink = cxs_line_ink(CXS_BLACK, 1, CXS_SOLID);
    const cxs_type small = {TICK_SIZE, CXS_BLACK, CXS_MIDDLE, false, false, false};
    const cxs_type large = {TITLE_SIZE, CXS_BLACK, CXS_MIDDLE, false, false, false};
    char label[CXS_LABEL_BYTES];

    cxs_draw_line(c, axis->from, y, axis->to, y, ink);
    for (size_t i = 0; i < ticks->count; i++) {
        const double x = cxs_axis_at(axis, ticks->at[i]);
        cxs_draw_line(c, x, y, x, y + TICK_LENGTH, ink);
        cxs_draw_text(c, x, y + TICK_LENGTH + TICK_SIZE + 1, small,
                      tick_label(ticks, i, label));
    }
    cxs_draw_text(c, (axis->from + axis->to) / 2, y + TICK_LENGTH + 2 * TICK_SIZE + 10,
                  large, title);
}

void cxs_axis_draw_y(cxs_canvas *c, const cxs_axis *axis, const cxs_ticks *ticks,
                     double x, const char *title)
{
    const cxs_ink ink = cxs_line_ink(CXS_BLACK, 1, CXS_SOLID);
    const cxs_type small = {TICK_SIZE, CXS_BLACK, CXS_END, false, false, false};
    const cxs_type large = {TITLE_SIZE, CXS_BLACK, CXS_MIDDLE, false, false, true};
    char label[CXS_LABEL_BYTES];
    double widest = 0;

    cxs_draw_line(c, x, axis->from, x, axis->to, ink);
    for (size_t i = 0; i < ticks->count; i++) {
        const double y = cxs_axis_at(axis, ticks->at[i]);
        const double width = cxs_text_width(tick_label(ticks, i, label), TICK_SIZE);
        widest = width > widest ? width : widest;
        cxs_draw_line(c, x - TICK_LENGTH, y, x, y, ink);
        cxs_draw_text(c, x - TICK_LENGTH - 3, y + TICK_SIZE * 0.35, small, label);
    }
    cxs_draw_text(c, x - TICK_LENGTH - widest - 16, (axis->from + axis->to) / 2, large,
                  title);
}
