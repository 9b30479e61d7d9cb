/*
 * clinical.c -- follow-up from a clinical table
 *
 * The order of the steps is the flow that is reported: rows without weight are as if
 * deleted and go first, then ids, then what is missing, then what cannot be, then the
 * horizon.  Rows are marked, never moved, until the analysis set is settled; only then
 * are levels and strata formed, so that a level that nobody has left makes no column.
 */
#include "ingest/clinical.h"

#include "ingest/cdisc.h"
#include "ingest/cells.h"

#include <math.h>
#include <string.h>

cxs_clinical_settings cxs_clinical_defaults(void)
{
    return (cxs_clinical_settings){.horizon = (double)NAN};
}

const char *cxs_clinical_cell(const cxs_clinical *c, size_t row, size_t column)
{
    return cxs_table_cell(c->table, row, column);
}

bool cxs_clinical_missing(const cxs_clinical *c, size_t row, size_t column)
{
    const char *cell = cxs_table_cell(c->table, row, column);

    return cxs_cell_missing(cell, strlen(cell), c->extra_na);
}

const char *cxs_clinical_column(const cxs_clinical *c, size_t column)
{
    return c->table->name[column];
}

/* Leave out rows in which a named column is missing. */
static cxs_rc drop_missing(cxs_ctx *ctx, cxs_clinical *c, size_t column,
                           const char *what)
{
    size_t dropped = 0;

    if (column == CXS_NO_COLUMN)
        return CXS_OK;
    for (size_t row = 0; row < c->table->rows; row++)
        if (c->keep[row] && cxs_clinical_missing(c, row, column)) {
            c->keep[row] = false;
            dropped++;
        }
    return dropped == 0
               ? CXS_OK
               : cxs_surv_flow_add(ctx, c->surv, dropped, "dropped: %s missing", what);
}

/* Numbers of a column that may not be named: *values stays NULL then. */
static cxs_rc read_numbers(cxs_ctx *ctx, const cxs_clinical *c, size_t column,
                           double **values)
{
    if (column == CXS_NO_COLUMN)
        return CXS_OK;
    if ((*values = cxs_calloc(ctx, c->table->rows, sizeof **values)) == NULL)
        return CXS_ENOMEM;
    return cxs_table_numbers(ctx, c->table, column, (const char *const *)c->extra_na,
                             *values);
}

/* Weights: negative ones stop, rows of weight zero are as if deleted. */
static cxs_rc read_weights(cxs_ctx *ctx, cxs_clinical *c)
{
    cxs_faults faults = {.code = ""};
    size_t zeros = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_numbers(ctx, c, c->weight_column, &c->weight));
    for (size_t row = 0; c->weight != NULL && row < c->table->rows; row++) {
        if (c->weight[row] < 0.0)
            cxs_fault_add(ctx, &faults, "%s:%zu:%s: negative weight %s", c->path,
                          c->table->line[row], cxs_clinical_column(c, c->weight_column),
                          cxs_ctx_id(ctx, cxs_clinical_cell(c, row, c->weight_column)));
        if (c->weight[row] == 0.0) {
            c->keep[row] = false;
            zeros++;
        }
    }
    CXS_TRY(cxs_faults_end(ctx, &faults));
    if (zeros > 0)
        CXS_TRY(cxs_surv_flow_add(ctx, c->surv, zeros, "dropped: weight zero"));

done:
    return rc;
}

/* Rows with something missing, by reason, in the order of the settings. */
static cxs_rc drop_incomplete(cxs_ctx *ctx, cxs_clinical *c)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(drop_missing(ctx, c, c->time_column, "time"));
    CXS_TRY(drop_missing(ctx, c, c->event_column, "event"));
    CXS_TRY(drop_missing(ctx, c, c->entry_column, "entry"));
    for (size_t j = 0; j < c->strata_count; j++)
        CXS_TRY(
            drop_missing(ctx, c, c->strata[j], cxs_clinical_column(c, c->strata[j])));
    CXS_TRY(drop_missing(ctx, c, c->weight_column, "weight"));
    CXS_TRY(drop_missing(ctx, c, c->offset_column, "offset"));
    CXS_TRY(drop_missing(ctx, c, c->cluster_column, "cluster"));
    for (size_t j = 0; j < c->adjust_count; j++)
        CXS_TRY(
            drop_missing(ctx, c, c->adjust[j], cxs_clinical_column(c, c->adjust[j])));

done:
    return rc;
}

/* Decide which rows are analysed. */
static cxs_rc settle_rows(cxs_ctx *ctx, cxs_clinical *c)
{
    const size_t rows = c->table->rows;
    cxs_rc rc = CXS_OK;

    CXS_NEW(c->keep, rows);
    for (size_t row = 0; row < rows; row++)
        c->keep[row] = true;
    CXS_TRY(cxs_surv_flow_add(ctx, c->surv, rows, "rows in table"));
    CXS_TRY(read_weights(ctx, c));
    CXS_TRY(drop_missing(ctx, c, c->id, "id"));
    CXS_TRY(cxs_clinical_check_ids(ctx, c));
    CXS_TRY(cxs_clinical_read_event(ctx, c));
    CXS_TRY(read_numbers(ctx, c, c->time_column, &c->time));
    CXS_TRY(read_numbers(ctx, c, c->entry_column, &c->entry));
    CXS_TRY(read_numbers(ctx, c, c->offset_column, &c->offset));
    CXS_TRY(cxs_clinical_refuse_negative(ctx, c));
    CXS_TRY(drop_incomplete(ctx, c));
    CXS_TRY(cxs_clinical_move_zeros(ctx, c));
    CXS_TRY(cxs_clinical_check_entry(ctx, c));
    CXS_TRY(cxs_clinical_check_intervals(ctx, c));
    CXS_TRY(cxs_clinical_apply_horizon(ctx, c));
    CXS_NEW(c->kept, rows);
    for (size_t row = 0; row < rows; row++)
        if (c->keep[row])
            c->kept[c->kept_count++] = row;
    if (c->kept_count == 0)
        CXS_TRY(cxs_fail(ctx, CXS_EDEGENERATE,
                         "%s: none of %zu rows is complete in the named columns",
                         c->path, rows));
    CXS_TRY(cxs_surv_flow_add(ctx, c->surv, c->kept_count, "analysed"));

done:
    return rc;
}

/* Values of the kept rows, or NULL when all are `neutral` and can be left out. */
static cxs_rc take_values(cxs_ctx *ctx, const cxs_clinical *c, const double *values,
                          double neutral, double **out)
{
    bool needed = false;

    for (size_t i = 0; values != NULL && i < c->kept_count; i++)
        needed = needed || values[c->kept[i]] != neutral;
    if (!needed)
        return CXS_OK;
    if ((*out = cxs_calloc(ctx, c->kept_count, sizeof **out)) == NULL)
        return CXS_ENOMEM;
    for (size_t i = 0; i < c->kept_count; i++)
        (*out)[i] = values[c->kept[i]];
    return CXS_OK;
}

/* Id of a kept row: its cell, or the number of the row where rows are subjects. */
static char *id_of(cxs_ctx *ctx, const cxs_clinical *c, size_t row)
{
    cxs_buf text = {0};

    if (c->id != CXS_NO_COLUMN)
        return cxs_strdup(ctx, cxs_clinical_cell(c, row, c->id));
    if (cxs_buf_addf(ctx, &text, "%zu", row + 1) != CXS_OK) {
        cxs_free(text.text);
        return NULL;
    }
    return text.text;
}

static cxs_rc fill_rows(cxs_ctx *ctx, cxs_clinical *c)
{
    cxs_surv *surv = c->surv;
    const size_t n = c->kept_count;
    cxs_rc rc = CXS_OK;

    CXS_NEW(surv->id, n);
    for (surv->n = 0; surv->n < n; surv->n++)
        if ((surv->id[surv->n] = id_of(ctx, c, c->kept[surv->n])) == NULL)
            CXS_TRY(CXS_ENOMEM);
    CXS_NEW(surv->time, n);
    CXS_NEW(surv->event, n);
    for (size_t i = 0; i < n; i++) {
        surv->time[i] = c->time[c->kept[i]];
        surv->event[i] = (uint8_t)(c->event[c->kept[i]] == 1);
    }
    CXS_TRY(take_values(ctx, c, c->entry, 0.0, &surv->entry));
    CXS_TRY(take_values(ctx, c, c->weight, 1.0, &surv->weight));
    CXS_TRY(take_values(ctx, c, c->offset, 0.0, &surv->offset));
    CXS_TRY(cxs_clinical_groups(ctx, c));
    CXS_TRY(cxs_clinical_terms(ctx, c));

done:
    return rc;
}

static cxs_rc fill_labels(cxs_ctx *ctx, cxs_clinical *c)
{
    const cxs_clinical_settings *s = c->settings;

    c->surv->time_unit = cxs_strdup(ctx, s->time_unit != NULL ? s->time_unit : "");
    c->surv->endpoint = cxs_strdup(ctx, s->endpoint != NULL ? s->endpoint : "");
    c->surv->path = cxs_strdup(ctx, c->path);
    return c->surv->time_unit != NULL && c->surv->endpoint != NULL &&
                   c->surv->path != NULL
               ? CXS_OK
               : CXS_ENOMEM;
}

/* No event at all is the end; a stratum without one only contributes nothing. */
static cxs_rc check_events(cxs_ctx *ctx, const cxs_clinical *c)
{
    const cxs_surv *surv = c->surv;
    size_t *events = NULL, empty = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(events, surv->n_strata);
    if (cxs_surv_events(surv) == 0)
        CXS_TRY(cxs_fail_code(ctx, CXS_EDEGENERATE, "CX052",
                              "%s:%s: none of %zu rows has an event", c->path,
                              cxs_clinical_column(c, c->event_column), surv->n));
    for (size_t i = 0; i < surv->n; i++)
        events[surv->stratum[i]] += surv->event[i];
    for (size_t s = 0; s < surv->n_strata; s++)
        empty += events[s] == 0;
    if (empty > 0)
        CXS_TRY(cxs_warn(ctx, "CX052", "%s: %zu of %zu strata have no event", c->path,
                         empty, surv->n_strata));

done:
    cxs_free(events);
    return rc;
}

/* "clin.tsv: 228 rows in table, 1 dropped: time missing, 227 analysed; 164 events" */
static cxs_rc note_flow(cxs_ctx *ctx, const cxs_clinical *c)
{
    const cxs_surv *surv = c->surv;
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < surv->flow_steps; i++)
        CXS_TRY(cxs_buf_addf(ctx, &text, "%s%zu %s", i > 0 ? ", " : "",
                             surv->flow[i].count, surv->flow[i].what));
    cxs_note(ctx, "%s: %s; %zu events", c->path, text.text, cxs_surv_events(surv));

done:
    cxs_free(text.text);
    return rc;
}

static void close_clinical(cxs_clinical *c)
{
    cxs_table_free(c->table);
    cxs_list_free(c->extra_na);
    cxs_free(c->adjust);
    cxs_free(c->strata);
    cxs_free(c->keep);
    cxs_free(c->time);
    cxs_free(c->entry);
    cxs_free(c->weight);
    cxs_free(c->offset);
    cxs_free(c->event);
    cxs_free(c->kept);
    cxs_surv_free(c->surv);
}

/* An ADTTE table says itself what time and event are; the endpoint's rows stay. */
static cxs_rc take_adtte(cxs_ctx *ctx, cxs_table *t, cxs_clinical_settings *s,
                         cxs_adtte *adtte)
{
    const bool other = (s->time != NULL && strcmp(s->time, "AVAL") != 0) ||
                       (s->event != NULL && strcmp(s->event, "CNSR=0") != 0);
    cxs_rc rc = CXS_OK;

    if (!cxs_is_adtte(t) || other)
        return s->paramcd == NULL
                   ? CXS_OK
                   : cxs_fail(
                         ctx, CXS_EARG,
                         "%s: --paramcd belongs to an ADTTE table (USUBJID PARAMCD "
                         "AVAL CNSR) whose AVAL and CNSR are the outcome",
                         t->path);
    CXS_TRY(cxs_adtte_choose(ctx, t, s->paramcd, s->time_unit, adtte));
    s->id = s->id != NULL ? s->id : "USUBJID";
    s->time = "AVAL";
    s->event = "CNSR=0";
    s->time_unit = adtte->unit;
    s->endpoint = s->endpoint != NULL ? s->endpoint : adtte->paramcd;
    rc = cxs_adtte_narrow(ctx, adtte, t);
done:
    return rc;
}

cxs_rc cxs_clinical_read(cxs_ctx *ctx, const char *path,
                         const cxs_clinical_settings *settings, cxs_surv **out)
{
    cxs_clinical_settings s = settings != NULL ? *settings : cxs_clinical_defaults();
    cxs_clinical c = {.path = path, .settings = &s};
    cxs_adtte adtte = {0};
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(cxs_table_read(ctx, path, &c.table));
    CXS_TRY(take_adtte(ctx, c.table, &s, &adtte));
    CXS_TRY(cxs_list_split(ctx, c.settings->na, &c.extra_na));
    CXS_TRY(cxs_clinical_resolve(ctx, &c));
    CXS_NEW(c.surv, 1);
    CXS_TRY(settle_rows(ctx, &c));
    CXS_TRY(fill_rows(ctx, &c));
    CXS_TRY(fill_labels(ctx, &c));
    CXS_TRY(c.id != CXS_NO_COLUMN ? cxs_surv_sort(ctx, c.surv)
                                  : cxs_surv_sort_by_content(ctx, c.surv));
    CXS_TRY(check_events(ctx, &c));
    CXS_TRY(note_flow(ctx, &c));
    *out = c.surv;
    c.surv = NULL; /* now the caller's */

done:
    close_clinical(&c);
    return rc;
}
