/*
 * clinical_event.c -- who had the event
 *
 * The coding of a status column is the most expensive thing to get wrong: every hazard
 * ratio turns over or every censored patient dies.  So only 0/1 (or text that begins
 * with 0: or 1:) is taken on trust; {1, 2} and CDISC's CNSR stop the read until the
 * user says what they mean, and any other coding needs COL=VALUE.
 */
#include "ingest/clinical.h"

#include "base/number.h"

#include <string.h>
#include <strings.h>

enum { LEVELS_SHOWN = 12 };

static const char cdisc_column[] = "CNSR";

static bool number_of(const char *text, double *value)
{
    return cxs_number_parse(text, strlen(text), value);
}

static bool same_value(const char *cell, const char *value)
{
    double a, b;

    return strcmp(cell, value) == 0 ||
           (number_of(cell, &a) && number_of(value, &b) && a == b);
}

/* CX009, first form: CNSR itself is used, where 0 is the event. */
static cxs_rc check_cdisc(cxs_ctx *ctx, const cxs_clinical *c)
{
    const char *name = cxs_clinical_column(c, c->event_column);

    if (strcasecmp(name, cdisc_column) != 0 ||
        (c->event_value != NULL && same_value(c->event_value, "0")))
        return CXS_OK;
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX009",
                         "%s: CNSR 0 means event; the column cannot be a status; say "
                         "--event %s=0",
                         c->path, name);
}

/* CX009, second form: the status column is a copy of CNSR. */
static cxs_rc check_cdisc_copy(cxs_ctx *ctx, const cxs_clinical *c)
{
    const size_t cnsr = cxs_table_find(c->table, cdisc_column);
    size_t compared = 0;

    if (cnsr == CXS_NO_COLUMN || cnsr == c->event_column ||
        (c->event_value != NULL && same_value(c->event_value, "0")))
        return CXS_OK;
    for (size_t row = 0; row < c->table->rows; row++) {
        if (!c->keep[row] || cxs_clinical_missing(c, row, cnsr) ||
            cxs_clinical_missing(c, row, c->event_column))
            continue;
        if (!same_value(cxs_clinical_cell(c, row, cnsr),
                        cxs_clinical_cell(c, row, c->event_column)))
            return CXS_OK;
        compared++;
    }
    if (compared == 0)
        return CXS_OK;
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX009",
                         "%s: CNSR 0 means event; the column cannot be a status: %s "
                         "equals CNSR in all %zu rows",
                         c->path, cxs_clinical_column(c, c->event_column), compared);
}

/* CX008: every value is 1 or 2 and at least one is 2. */
static cxs_rc check_coding_12(cxs_ctx *ctx, const cxs_clinical *c,
                              const cxs_level *levels, size_t count)
{
    bool two = false;
    double value;

    for (size_t i = 0; i < count; i++) {
        if (!number_of(levels[i].text, &value) || (value != 1.0 && value != 2.0))
            return CXS_OK;
        two = two || value == 2.0;
    }
    if (!two)
        return CXS_OK;
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX008",
                         "%s:%s: values are 1 and 2; say --status-coding 12 if 2 means "
                         "event",
                         c->path, cxs_clinical_column(c, c->event_column));
}

/* 1, 0, or -1 when the text says neither. */
static int event_of(const cxs_clinical *c, const char *cell)
{
    double value;

    if (c->event_value != NULL)
        return same_value(cell, c->event_value);
    if ((cell[0] == '0' || cell[0] == '1') && cell[1] == ':')
        return cell[0] == '1';
    if (!number_of(cell, &value))
        return -1;
    if (c->settings->status_coding_12)
        value -= 1.0;
    return value == 0.0 ? 0 : value == 1.0 ? 1 : -1;
}

static cxs_rc fill_events(cxs_ctx *ctx, cxs_clinical *c)
{
    cxs_faults faults = {.code = "CX018"};
    const char *column = cxs_clinical_column(c, c->event_column);

    for (size_t row = 0; row < c->table->rows; row++) {
        const char *cell = cxs_clinical_cell(c, row, c->event_column);
        int event = -1;
        if (c->keep[row] && !cxs_clinical_missing(c, row, c->event_column)) {
            event = event_of(c, cell);
            if (event < 0)
                cxs_fault_add(
                    ctx, &faults,
                    "%s:%zu:%s: \"%s\" is not one of %s; say --event "
                    "%s=VALUE to name the event",
                    c->path, c->table->line[row], column, cxs_ctx_id(ctx, cell),
                    c->settings->status_coding_12 ? "1, 2" : "0, 1, 0:..., 1:...",
                    column);
        }
        c->event[row] = (int8_t)event;
    }
    return cxs_faults_end(ctx, &faults);
}

/* "clin.tsv:status: event "2" (165), censored "1" (63)" */
static cxs_rc note_counts(cxs_ctx *ctx, const cxs_clinical *c, const cxs_level *levels,
                          size_t count)
{
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < count && i < LEVELS_SHOWN; i++)
        CXS_TRY(cxs_buf_addf(ctx, &text, "%s%s \"%s\" (%zu)", i > 0 ? ", " : "",
                             event_of(c, levels[i].text) == 1 ? "event" : "censored",
                             levels[i].text, levels[i].count));
    if (count > LEVELS_SHOWN)
        CXS_TRY(cxs_buf_addf(ctx, &text, ", %zu more values", count - LEVELS_SHOWN));
    cxs_note(ctx, "%s:%s: %s", c->path, cxs_clinical_column(c, c->event_column),
             count > 0 ? text.text : "no value");

done:
    cxs_free(text.text);
    return rc;
}

cxs_rc cxs_clinical_read_event(cxs_ctx *ctx, cxs_clinical *c)
{
    const char **cells = NULL;
    cxs_level *levels = NULL;
    size_t count = 0, n_levels = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(c->event, c->table->rows);
    CXS_NEW(cells, c->table->rows);
    CXS_TRY(check_cdisc(ctx, c));
    CXS_TRY(check_cdisc_copy(ctx, c));
    for (size_t row = 0; row < c->table->rows; row++)
        if (c->keep[row] && !cxs_clinical_missing(c, row, c->event_column))
            cells[count++] = cxs_clinical_cell(c, row, c->event_column);
    CXS_TRY(cxs_levels_of(ctx, cells, count, &levels, &n_levels));
    if (c->event_value == NULL && !c->settings->status_coding_12)
        CXS_TRY(check_coding_12(ctx, c, levels, n_levels));
    CXS_TRY(fill_events(ctx, c));
    CXS_TRY(note_counts(ctx, c, levels, n_levels));

done:
    cxs_free(levels);
    cxs_free(cells);
    return rc;
}
