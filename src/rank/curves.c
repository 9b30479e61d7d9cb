/*
 * curves.c -- Kaplan-Meier curves of the first features, for display
 *
 * A continuous feature is split at its median, which was not chosen by the outcome; a
 * 0/1 feature by its value.  The groups illustrate a ranking that was made without
 * them.
 */
#include "rank/results.h"

#include "num/km.h"
#include "num/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS = 2, TICKS_MAX = 8 };

/* Rows of one feature, by group. */
typedef struct split {
    cxs_buf label[GROUPS];
    size_t n[GROUPS];
    cxs_km_row *row[GROUPS]; /* [n rows] */
} split;

typedef struct curve_writer {
    const cxs_surv *surv;
    cxs_stmt *curve, *at_risk;
    cxs_km_row *work;    /* [n] */
    cxs_km_point *point; /* [n] */
    double *values;      /* [n] */
    double end;          /* where curves end */
} curve_writer;

static cxs_km_row row_of(const cxs_surv *surv, size_t i)
{
    const double *entry = cxs_surv_entry(surv), *weight = cxs_surv_weight(surv);

    return (cxs_km_row){.time = cxs_surv_time(surv)[i],
                        .entry = entry != NULL ? entry[i] : 0.0,
                        .weight = weight != NULL ? weight[i] : 1.0,
                        .event = cxs_surv_event(surv)[i]};
}

/* Intervals of one subject: only the last can end its follow-up. */
static bool continues(const cxs_surv *surv, size_t i)
{
    const char *const *id = cxs_surv_id(surv);

    return cxs_surv_entry(surv) != NULL && i + 1 < cxs_surv_n(surv) &&
           strcmp(id[i], id[i + 1]) == 0;
}

cxs_rc cxs_median_followup(cxs_ctx *ctx, const cxs_surv *surv, double *median)
{
    const size_t n = cxs_surv_n(surv);
    cxs_km_row *row = NULL, *work = NULL;
    cxs_km_point *point = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(row, n);
    CXS_NEW(work, n);
    CXS_NEW(point, n);
    for (size_t i = 0; i < n; i++) {
        row[i] = row_of(surv, i);
        row[i].event = !row[i].event && !continues(surv, i);
    }
    *median = cxs_km_median_time(cxs_km(n, row, CXS_KM_LOGLOG, cxs_z95(), point, work),
                                 point);

done:
    cxs_free(row);
    cxs_free(work);
    cxs_free(point);
    return rc;
}

/* Where to cut: values above go to group 1.  False when all are equal. */
static bool find_cut(size_t n, const double *x, double *values, double *cut,
                     bool *binary)
{
    size_t m = 0;

    *binary = true;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i]))
            continue;
        *binary = *binary && (x[i] == 0.0 || x[i] == 1.0);
        values[m++] = x[i];
    }
    qsort(values, m, sizeof *values, cxs_ascending);
    if (m == 0 || values[0] == values[m - 1])
        return false;
    *cut = cxs_median_sorted(m, values);
    if (*binary)
        *cut = 0.0;
    else if (!(*cut < values[m - 1])) /* more than half share the largest value */
        for (size_t i = m; i-- > 0 && *cut >= values[m - 1];)
            *cut = values[i];
    return true;
}

static cxs_rc label_groups(cxs_ctx *ctx, const char *name, double cut, bool binary,
                           split *s)
{
    static const char *const words[] = {"low (<= ", "high (> "};
    char text[CXS_NUMBER_BYTES];
    cxs_rc rc = CXS_OK;

    cxs_round_text(cut, 3, text);
    for (int g = 0; g < GROUPS; g++) {
        if (binary)
            CXS_TRY(cxs_buf_addf(ctx, &s->label[g], "%s = %d", name, g));
        else
            CXS_TRY(cxs_buf_addf(ctx, &s->label[g], "%s %s%s)", name, words[g], text));
    }

done:
    return rc;
}

/* Two groups of rows, or *found = false when the values do not part. */
static cxs_rc make_split(cxs_ctx *ctx, curve_writer *w, const char *name,
                         const double *x, split *s, bool *found)
{
    const size_t n = cxs_surv_n(w->surv);
    double cut = 0.0;
    bool binary = false;
    cxs_rc rc = CXS_OK;

    *found = find_cut(n, x, w->values, &cut, &binary);
    if (!*found)
        return CXS_OK;
    CXS_TRY(label_groups(ctx, name, cut, binary, s));
    for (int g = 0; g < GROUPS; g++)
        CXS_NEW(s->row[g], n);
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) {
            const int g = x[i] > cut;
            s->row[g][s->n[g]++] = row_of(w->surv, i);
        }

done:
    return rc;
}

static void split_clear(split *s)
{
    for (int g = 0; g < GROUPS; g++) {
        cxs_free(s->label[g].text);
        cxs_free(s->row[g]);
    }
}

static cxs_rc put_step(cxs_ctx *ctx, cxs_stmt *stmt, size_t step, double time,
                       double surv, double lower, double upper)
{
    cxs_bind_int(stmt, 4, (int64_t)step);
    cxs_bind_real(stmt, 5, time);
    cxs_bind_real(stmt, 6, surv);
    cxs_bind_real(stmt, 7, lower);
    cxs_bind_real(stmt, 8, upper);
    return cxs_stmt_run(ctx, stmt);
}

/* Steps at event times, from (0, 1) to the end of the group's follow-up. */
static cxs_rc write_steps(cxs_ctx *ctx, curve_writer *w, const char *feature, int g,
                          split *s)
{
    const size_t points =
        cxs_km(s->n[g], s->row[g], CXS_KM_LOGLOG, cxs_z95(), w->point, w->work);
    const double last = fmin(w->end, w->point[points - 1].time);
    cxs_km_point now = {.surv = 1.0, .lower = 1.0, .upper = 1.0};
    size_t step = 0;
    cxs_rc rc = CXS_OK;

    cxs_bind_text(w->curve, 1, feature);
    cxs_bind_int(w->curve, 2, g);
    cxs_bind_text(w->curve, 3, s->label[g].text);
    CXS_TRY(put_step(ctx, w->curve, step++, 0.0, 1.0, 1.0, 1.0));
    for (size_t k = 0; k < points && w->point[k].time <= w->end; k++) {
        if (!(w->point[k].events > 0.0))
            continue;
        now = w->point[k];
        CXS_TRY(
            put_step(ctx, w->curve, step++, now.time, now.surv, now.lower, now.upper));
    }
    if (last > now.time) /* the flat part up to the last censoring */
        CXS_TRY(put_step(ctx, w->curve, step, last, now.surv, now.lower, now.upper));

done:
    return rc;
}

/* 1, 2 or 5 times a power of ten. */
static double decimal_step(double rough)
{
    const double power = pow(10.0, floor(log10(rough)));

    return power * (rough <= power       ? 1.0
                    : rough <= 2 * power ? 2.0
                    : rough <= 5 * power ? 5.0
                                         : 10.0);
}

double cxs_time_step(double end, const char *unit)
{
    /* days; weeks; months of 30.4375 days; years of 365.25 days */
    static const double days[] = {1,     2,       3,      5,       7,       14,
                                  21,    30.4375, 60.875, 91.3125, 182.625, 365.25,
                                  730.5, 1095.75, 1461,   1826.25, 3652.5,  0};
    static const double months[] = {1, 2, 3, 6, 12, 24, 36, 48, 60, 120, 0};
    const double *step = strcmp(unit, "days") == 0     ? days
                         : strcmp(unit, "months") == 0 ? months
                                                       : NULL;

    for (; step != NULL && *step > 0.0 && end >= *step; step++)
        if (end < TICKS_MAX * *step)
            return *step;
    return decimal_step(end / (TICKS_MAX - 1));
}

static cxs_rc write_at_risk(cxs_ctx *ctx, curve_writer *w, const char *feature, int g,
                            const split *s)
{
    const double step = cxs_time_step(w->end, cxs_surv_time_unit(w->surv));
    cxs_rc rc = CXS_OK;

    cxs_bind_text(w->at_risk, 1, feature);
    cxs_bind_int(w->at_risk, 2, g);
    for (size_t k = 0; (double)k * step <= w->end; k++) {
        const double time = (double)k * step;
        const size_t n_risk = cxs_km_at_risk(s->n[g], s->row[g], time);
        cxs_bind_real(w->at_risk, 3, time);
        cxs_bind_int(w->at_risk, 4, (int64_t)n_risk);
        CXS_TRY(cxs_stmt_run(ctx, w->at_risk));
    }

done:
    return rc;
}

static cxs_rc write_feature(cxs_ctx *ctx, curve_writer *w, const cxs_rank_row *row,
                            const double *x)
{
    split s = {.n = {0, 0}};
    bool found = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(make_split(ctx, w, row->feature_name, x, &s, &found));
    for (int g = 0; found && g < GROUPS; g++) {
        CXS_TRY(write_steps(ctx, w, row->feature_id, g, &s));
        CXS_TRY(write_at_risk(ctx, w, row->feature_id, g, &s));
    }

done:
    split_clear(&s);
    return rc;
}

/* End of the curves in the unit of the times. */
static double curves_end(const cxs_surv *surv, double horizon_days)
{
    static const double days_per_month = 30.4375, days_per_year = 365.25;
    const char *unit = cxs_surv_time_unit(surv);
    const double days = strcmp(unit, "months") == 0  ? days_per_month
                        : strcmp(unit, "years") == 0 ? days_per_year
                                                     : 1.0;
    double last = 0.0;

    for (size_t i = 0; i < cxs_surv_n(surv); i++)
        last = fmax(last, cxs_surv_time(surv)[i]);
    return isnan(horizon_days) ? last : fmin(last, horizon_days / days);
}

cxs_rc cxs_write_curves(cxs_ctx *ctx, const cxs_ranking *ranking, cxs_db *db)
{
    const cxs_design *design = &ranking->joined->design;
    curve_writer w = {.surv = ranking->joined->surv};
    cxs_rc rc = CXS_OK;

    CXS_NEW(w.work, design->n);
    CXS_NEW(w.point, design->n);
    CXS_NEW(w.values, design->n);
    w.end = curves_end(w.surv, ranking->settings.horizon_days);
    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO curve VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
                           &w.curve));
    CXS_TRY(
        cxs_db_prepare(ctx, db, "INSERT INTO at_risk VALUES(?1,?2,?3,?4)", &w.at_risk));
    for (size_t i = 0; i < ranking->p && i < ranking->settings.top; i++) {
        const cxs_rank_row *row = &ranking->row[i];
        if (row->adjusted.status != CXS_STATUS_OK)
            break; /* those come last */
        CXS_TRY(
            write_feature(ctx, &w, row, design->x + ranking->feature[i] * design->n));
    }

done:
    cxs_stmt_free(w.curve);
    cxs_stmt_free(w.at_risk);
    cxs_free(w.work);
    cxs_free(w.point);
    cxs_free(w.values);
    return rc;
}
