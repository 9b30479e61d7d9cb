/*
 * clinical_time.c -- times that cannot be, times of zero, late entry, horizon
 *
 * The risk interval is (entry, time].  Time 0 would leave a patient in no risk set,
 * although death on the day of enrolment is an event like any other; half a day puts it
 * before day 1 and after day 0.
 */
#include "ingest/clinical.h"

#include <math.h>
#include <string.h>

/* Half a day in the unit of the times; NaN when the unit is not declared. */
static double half_day(const char *unit)
{
    const double days_per_month = 30.4375, days_per_year = 365.25;

    if (unit == NULL)
        return (double)NAN;
    if (strcmp(unit, "months") == 0)
        return 0.5 / days_per_month;
    return strcmp(unit, "years") == 0 ? 0.5 / days_per_year : 0.5;
}

static bool has_time(const cxs_clinical *c, size_t row)
{
    return c->keep[row] && !isnan(c->time[row]);
}

cxs_rc cxs_clinical_refuse_negative(cxs_ctx *ctx, const cxs_clinical *c)
{
    cxs_faults faults = {.code = "CX007"};

    for (size_t row = 0; row < c->table->rows; row++)
        if (has_time(c, row) && c->time[row] < 0.0)
            cxs_fault_add(ctx, &faults, "%s:%zu:%s: negative time %s", c->path,
                          c->table->line[row], cxs_clinical_column(c, c->time_column),
                          cxs_ctx_id(ctx, cxs_clinical_cell(c, row, c->time_column)));
    return cxs_faults_end(ctx, &faults);
}

cxs_rc cxs_clinical_move_zeros(cxs_ctx *ctx, cxs_clinical *c)
{
    const char *column = cxs_clinical_column(c, c->time_column);
    double smallest = (double)INFINITY, instead = half_day(c->settings->time_unit);
    size_t zeros = 0;
    cxs_rc rc = CXS_OK;

    for (size_t row = 0; row < c->table->rows; row++) {
        if (has_time(c, row) && c->time[row] > 0.0)
            smallest = fmin(smallest, c->time[row]);
        zeros += has_time(c, row) && c->time[row] == 0.0;
    }
    if (zeros == 0)
        return CXS_OK;
    if (isnan(instead) && isinf(smallest))
        CXS_TRY(cxs_fail_code(ctx, CXS_EDEGENERATE, "CX007", "%s:%s: all times are 0",
                              c->path, column));
    if (isnan(instead))
        instead = 0.5 * smallest;
    for (size_t row = 0; row < c->table->rows; row++)
        if (has_time(c, row) && c->time[row] == 0.0)
            c->time[row] = instead;
    if (c->settings->time_unit != NULL)
        CXS_TRY(cxs_warn(ctx, "CX007", "%s:%s: %zu times of 0 were set to 0.5 day",
                         c->path, column, zeros));
    else
        CXS_TRY(cxs_warn(ctx, "CX007",
                         "%s:%s: %zu times of 0 were set to half of the smallest "
                         "positive time",
                         c->path, column, zeros));

done:
    return rc;
}

cxs_rc cxs_clinical_check_entry(cxs_ctx *ctx, cxs_clinical *c)
{
    cxs_faults faults = {.code = "CX013"};
    size_t dropped = 0;
    cxs_rc rc = CXS_OK;

    if (c->entry == NULL)
        return CXS_OK;
    for (size_t row = 0; row < c->table->rows; row++) {
        const double entry = c->entry[row], time = c->time[row];
        if (!c->keep[row] || entry < time - CXS_TIME_TOLERANCE * time)
            continue;
        if (c->settings->drop_bad_rows) {
            c->keep[row] = false;
            dropped++;
            continue;
        }
        cxs_fault_add(ctx, &faults, "%s:%zu:%s: entry %s is not before exit %s",
                      c->path, c->table->line[row],
                      cxs_clinical_column(c, c->entry_column),
                      cxs_ctx_id(ctx, cxs_clinical_cell(c, row, c->entry_column)),
                      cxs_ctx_id(ctx, cxs_clinical_cell(c, row, c->time_column)));
    }
    CXS_TRY(cxs_faults_end(ctx, &faults));
    if (dropped > 0) {
        CXS_TRY(cxs_warn(ctx, "CX013",
                         "%s:%s: %zu rows with entry not before exit were dropped",
                         c->path, cxs_clinical_column(c, c->entry_column), dropped));
        CXS_TRY(
            cxs_surv_flow_add(ctx, c->surv, dropped, "dropped: entry not before exit"));
    }

done:
    return rc;
}

cxs_rc cxs_clinical_apply_horizon(cxs_ctx *ctx, cxs_clinical *c)
{
    const double horizon = c->settings->horizon;
    size_t late = 0, censored = 0;
    cxs_rc rc = CXS_OK;

    if (isnan(horizon))
        return CXS_OK;
    for (size_t row = 0; row < c->table->rows; row++) {
        if (!c->keep[row])
            continue;
        if (c->entry != NULL &&
            c->entry[row] >= horizon - CXS_TIME_TOLERANCE * horizon) {
            c->keep[row] = false;
            late++;
        } else if (c->time[row] > horizon + CXS_TIME_TOLERANCE * horizon) {
            censored += c->event[row] == 1;
            c->event[row] = 0;
            c->time[row] = horizon;
        }
    }
    if (late > 0)
        CXS_TRY(
            cxs_surv_flow_add(ctx, c->surv, late, "dropped: entry beyond the horizon"));
    cxs_note(ctx, "%s: horizon %.15g: %zu events after it are censored", c->path,
             horizon, censored);

done:
    return rc;
}
