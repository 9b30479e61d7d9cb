/*
 * study_surv.c -- the analysis set of a study: follow-up, strata, covariates, centres
 *
 * The store keeps what was observed; landmark and horizon are applied here, in this
 * order: horizon T censors an event after T at T; landmark L drops who left the risk
 * set by L and starts the clock there.  Rows with a missing entry, stratum or covariate
 * are dropped and counted by reason.  Rules of covariates as for plain tables: a column
 * is categorical when a value is not a number or when `factors` names it; levels in
 * bytewise order, the first is the reference unless `reference` names another.
 */
#include "store/study_builder.h"

#include "base/number.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows ------------------------------------------------------------------------ */

static cxs_rc count_rows(cxs_builder *b, const char *sql, const char *name,
                         size_t *count)
{
    cxs_ctx *ctx = b->ctx;
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, b->study->db, sql, &stmt));
    if (name != NULL)
        cxs_bind_text(stmt, 1, name);
    CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
    *count = row && cxs_column_int(stmt, 0) > 0 ? (size_t)cxs_column_int(stmt, 0) : 0;
done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc read_rows(cxs_builder *b, const char *endpoint)
{
    cxs_ctx *ctx = b->ctx;
    cxs_surv *surv = b->surv;
    cxs_stmt *stmt = NULL;
    size_t capacity = 0;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(count_rows(b, "SELECT count(*) FROM endpoint WHERE name = ?1", endpoint,
                       &capacity));
    CXS_NEW(surv->id, capacity);
    CXS_NEW(surv->time, capacity);
    CXS_NEW(surv->event, capacity);
    CXS_NEW(surv->entry, capacity);
    CXS_TRY(cxs_db_prepare(ctx, b->study->db,
                           "SELECT patient, time_days, event, entry_days FROM endpoint "
                           "WHERE name = ?1 ORDER BY patient",
                           &stmt));
    cxs_bind_text(stmt, 1, endpoint);
    while (surv->n < capacity) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        if ((surv->id[surv->n] = cxs_strdup(ctx, cxs_column_text(stmt, 0))) == NULL)
            CXS_TRY(CXS_ENOMEM);
        surv->time[surv->n] = cxs_column_real(stmt, 1);
        surv->event[surv->n] = cxs_column_int(stmt, 2) == 1;
        surv->entry[surv->n] = cxs_column_real(stmt, 3);
        if (!(surv->time[surv->n++] > 0.0))
            CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: damaged study file: time not > 0",
                             b->study->path));
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* Keep the rows that `drop` does not mark, count the others under `reason`. */
static cxs_rc drop_rows(cxs_builder *b, const bool *drop, const char *reason)
{
    cxs_ctx *ctx = b->ctx;
    cxs_surv *surv = b->surv;
    const size_t n = surv->n;
    size_t *keep = NULL, kept = 0;
    cxs_rc rc = CXS_OK;

    CXS_NEW(keep, n);
    for (size_t i = 0; i < n; i++)
        if (!drop[i])
            keep[kept++] = i;
    if (kept == n)
        goto done;
    CXS_TRY(cxs_surv_flow_add(ctx, surv, n - kept, "dropped: %s", reason));
    for (size_t c = 0; c < b->count; c++) {
        cxs_study_column *col = &b->columns[c];
        size_t at = 0;
        for (size_t i = 0; i < n; i++) {
            if (drop[i]) {
                cxs_free(col->text[i]);
                continue;
            }
            col->value[at] = col->value[i];
            col->text[at++] = col->text[i];
        }
        for (; at < n; at++)
            col->text[at] = NULL;
    }
    CXS_TRY(cxs_surv_keep(ctx, surv, keep, kept));
done:
    cxs_free(keep);
    return rc;
}

static double number_setting(cxs_builder *b, const char *key)
{
    const char *text = cxs_study_setting(b->study, key);
    double value = 0.0;

    return cxs_number_parse(text, strlen(text), &value) ? value : (double)NAN;
}

/* Horizon, landmark, delayed entry. */
static cxs_rc set_clock(cxs_builder *b)
{
    cxs_ctx *ctx = b->ctx;
    cxs_surv *surv = b->surv;
    const double horizon = number_setting(b, "horizon_days");
    const double landmark = number_setting(b, "landmark_days");
    const bool late = *cxs_study_setting(b->study, "delayed_entry") != '\0';
    bool *left = NULL, *no_entry = NULL, *outside = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(left, surv->n);
    CXS_NEW(no_entry, surv->n);
    CXS_NEW(outside, surv->n);
    for (size_t i = 0; i < surv->n; i++) {
        if (surv->time[i] > horizon) {
            surv->time[i] = horizon;
            surv->event[i] = 0;
        }
        left[i] = surv->time[i] <= landmark;
        no_entry[i] = late && isnan(surv->entry[i]);
        if (isnan(surv->entry[i]))
            surv->entry[i] = 0.0;
    }
    CXS_TRY(drop_rows(b, no_entry, "delayed entry missing"));
    if (!isnan(landmark)) {
        size_t at = 0; /* left[] follows the rows that were kept */
        for (size_t i = 0; at < surv->n; i++)
            if (!no_entry[i])
                left[at++] = left[i];
        CXS_TRY(drop_rows(b, left, "left before the landmark"));
        for (size_t i = 0; i < surv->n; i++) {
            surv->time[i] -= landmark;
            surv->entry[i] = fmax(0.0, surv->entry[i] - landmark);
        }
    }
    for (size_t i = 0; i < surv->n; i++)
        outside[i] = surv->entry[i] >= surv->time[i];
    CXS_TRY(drop_rows(b, outside, "entered after the horizon"));
done:
    cxs_free(left);
    cxs_free(no_entry);
    cxs_free(outside);
    return rc;
}

/* ---- columns --------------------------------------------------------------------- */

static cxs_rc read_type(cxs_builder *b, cxs_study_column *col)
{
    cxs_ctx *ctx = b->ctx;
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, b->study->db,
                           "SELECT type FROM patient_column WHERE name = ?1", &stmt));
    cxs_bind_text(stmt, 1, col->name);
    CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
    if (!row)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: damaged study file: no column %s",
                         b->study->path, col->name));
    col->is_number = strcmp(cxs_column_text(stmt, 0), "number") == 0;
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* Values of a column for the rows; a text column whose values are all numbers counts as
 * numbers. */
static cxs_rc read_column(cxs_builder *b, const char *name)
{
    cxs_ctx *ctx = b->ctx;
    const cxs_surv *surv = b->surv;
    cxs_study_column *col = &b->columns[b->count++];
    cxs_stmt *stmt = NULL;
    bool row = true, all_numbers = true;
    cxs_rc rc = CXS_OK;

    CXS_NEW(col->text, surv->n);
    col->rows = surv->n;
    CXS_NEW(col->value, surv->n);
    if ((col->name = cxs_strdup(ctx, name)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(read_type(b, col));
    CXS_TRY(cxs_db_prepare(ctx, b->study->db,
                           "SELECT value FROM patient_value WHERE name = ?1 AND "
                           "patient = ?2",
                           &stmt));
    for (size_t i = 0; i < surv->n; i++) {
        char number[CXS_NUMBER_BYTES] = "";
        const char *text = number;
        cxs_bind_text(stmt, 1, name);
        cxs_bind_text(stmt, 2, surv->id[i]);
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        col->value[i] = row && col->is_number ? cxs_column_real(stmt, 0) : (double)NAN;
        if (row && col->is_number)
            (void)cxs_number_format(col->value[i], number);
        else if (row)
            text = cxs_column_text(stmt, 0);
        if ((col->text[i] = cxs_strdup(ctx, text)) == NULL)
            CXS_TRY(CXS_ENOMEM);
        if (row && !col->is_number)
            all_numbers =
                cxs_number_parse(text, strlen(text), &col->value[i]) && all_numbers;
        if (row)
            CXS_TRY(cxs_stmt_step(ctx, stmt, &row)); /* past the only row */
    }
    col->is_number = col->is_number || all_numbers;
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* All items of a list setting as columns. */
static cxs_rc read_listed(cxs_builder *b, const char *key)
{
    cxs_ctx *ctx = b->ctx;
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, b->study->db,
                           "SELECT value FROM setting_item WHERE key = ?1 ORDER BY at",
                           &stmt));
    cxs_bind_text(stmt, 1, key);
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(read_column(b, cxs_column_text(stmt, 0)));
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc read_columns(cxs_builder *b, bool adjusted)
{
    cxs_ctx *ctx = b->ctx;
    const char *centre = cxs_study_setting(b->study, "centre");
    size_t items = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(count_rows(b, "SELECT count(*) FROM setting_item", NULL, &items));
    CXS_NEW(b->columns, items + 1);
    CXS_TRY(read_listed(b, "strata"));
    b->strata = b->count;
    if (adjusted)
        CXS_TRY(read_listed(b, "covariates"));
    b->covariates = b->count - b->strata;
    for (size_t c = 0; c < b->count; c++) {
        bool *missing = NULL;
        cxs_buf reason = {0};
        CXS_NEW(missing, b->surv->n);
        for (size_t i = 0; i < b->surv->n; i++)
            missing[i] = *b->columns[c].text[i] == '\0';
        rc = cxs_buf_addf(ctx, &reason, "%s missing", b->columns[c].name);
        if (rc == CXS_OK)
            rc = drop_rows(b, missing, reason.text);
        cxs_free(missing);
        cxs_free(reason.text);
        CXS_TRY(rc);
    }
    if (*centre != '\0') {
        CXS_TRY(read_column(b, centre));
        b->has_centre = true;
    }
done:
    return rc;
}

/* ---- whole ----------------------------------------------------------------------- */

static void clear_builder(cxs_builder *b)
{
    for (size_t c = 0; c < b->count; c++) {
        for (size_t i = 0; b->columns[c].text != NULL && i < b->columns[c].rows; i++)
            cxs_free(b->columns[c].text[i]);
        cxs_free(b->columns[c].text);
        cxs_free(b->columns[c].value);
        cxs_free(b->columns[c].name);
    }
    cxs_free(b->columns);
}

static cxs_rc finish(cxs_builder *b, const char *endpoint)
{
    cxs_ctx *ctx = b->ctx;
    cxs_surv *surv = b->surv;
    bool late = false;
    size_t events = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < surv->n; i++) {
        late = late || surv->entry[i] > 0.0;
        events += surv->event[i];
    }
    if (!late) {
        cxs_free(surv->entry);
        surv->entry = NULL;
    }
    surv->time_unit = cxs_strdup(ctx, "days");
    surv->endpoint = cxs_strdup(ctx, endpoint);
    surv->title = cxs_strdup(ctx, cxs_study_setting(b->study, "title"));
    surv->path = cxs_strdup(ctx, b->study->path);
    if (surv->time_unit == NULL || surv->endpoint == NULL || surv->title == NULL ||
        surv->path == NULL)
        return CXS_ENOMEM;
    if (events == 0)
        CXS_TRY(
            cxs_fail_code(ctx, CXS_EDEGENERATE, "CX052",
                          "%s: no event of %s among %zu patients of the analysis set",
                          b->study->path, endpoint, surv->n));
    CXS_TRY(cxs_surv_flow_add(ctx, surv, surv->n, "analysed"));
    CXS_TRY(cxs_surv_sort(ctx, surv));
done:
    return rc;
}

cxs_rc cxs_study_surv(cxs_ctx *ctx, cxs_study *study, int adjusted, cxs_surv **out)
{
    const char *endpoint = cxs_study_setting(study, "endpoint");
    cxs_builder b = {.ctx = ctx, .study = study};
    size_t patients = 0;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(b.surv, 1);
    CXS_TRY(count_rows(&b, "SELECT count(*) FROM patient", NULL, &patients));
    CXS_TRY(cxs_surv_flow_add(ctx, b.surv, patients, "patients in study"));
    CXS_TRY(read_rows(&b, endpoint));
    if (b.surv->n < patients)
        CXS_TRY(cxs_surv_flow_add(ctx, b.surv, patients - b.surv->n,
                                  "dropped: time or event of %s missing", endpoint));
    CXS_TRY(set_clock(&b));
    CXS_TRY(read_columns(&b, adjusted != 0));
    CXS_TRY(cxs_builder_strata(&b));
    CXS_TRY(cxs_builder_centres(&b));
    CXS_TRY(cxs_builder_covariates(&b));
    CXS_TRY(finish(&b, endpoint));
    CXS_TRY(cxs_builder_confounded(&b));
    *out = b.surv;
    b.surv = NULL;
done:
    clear_builder(&b);
    cxs_surv_free(b.surv);
    return rc;
}
