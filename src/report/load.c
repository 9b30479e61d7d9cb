/*
 * load.c -- results store into plain arrays
 *
 * Rows come in an order fixed by the query, never by the store, so that the page is the
 * same whoever wrote the rows first.
 */
#include "report/load.h"

#include "base/number.h"
#include "store/results.h"

#include <math.h>
#include <string.h>

/* The statement's next row stored at array[count], one element of `size` bytes. */
typedef cxs_rc (*row_fn)(cxs_ctx *ctx, cxs_stmt *stmt, void *element);

static cxs_rc copy_text(cxs_ctx *ctx, cxs_stmt *stmt, int at, char **out)
{
    *out = cxs_strdup(ctx, cxs_column_text(stmt, at));
    return *out == NULL ? CXS_ENOMEM : CXS_OK;
}

static size_t column_size(cxs_stmt *stmt, int at)
{
    const int64_t value = cxs_column_int(stmt, at);

    return value < 0 ? 0 : (size_t)value;
}

static cxs_rc read_rows(cxs_ctx *ctx, cxs_db *db, const char *sql, int64_t limit,
                        size_t size, row_fn take, void **array, size_t *count)
{
    cxs_rc rc = CXS_OK;
    cxs_stmt *stmt = NULL;
    size_t capacity = 0;
    bool row;

    CXS_TRY(cxs_db_prepare(ctx, db, sql, &stmt));
    if (limit >= 0)
        cxs_bind_int(stmt, 1, limit);
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(cxs_grow(ctx, array, &capacity, *count + 1, size));
        memset((char *)*array + *count * size, 0, size);
        ++*count; /* counted first: a half-filled element is freed with the others */
        CXS_TRY(take(ctx, stmt, (char *)*array + (*count - 1) * size));
    }

done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc take_pair(cxs_ctx *ctx, cxs_stmt *stmt, void *element)
{
    cxs_pair *pair = element;
    const cxs_rc rc = copy_text(ctx, stmt, 0, &pair->key);

    return rc != CXS_OK ? rc : copy_text(ctx, stmt, 1, &pair->value);
}

static cxs_rc take_tally(cxs_ctx *ctx, cxs_stmt *stmt, void *element)
{
    cxs_tally *tally = element;

    tally->n = column_size(stmt, 1);
    tally->events = column_size(stmt, 2);
    return copy_text(ctx, stmt, 0, &tally->what);
}

static cxs_rc take_term(cxs_ctx *ctx, cxs_stmt *stmt, void *element)
{
    cxs_term *term = element;
    const cxs_rc rc = copy_text(ctx, stmt, 0, &term->name);

    term->z = cxs_column_real(stmt, 1);
    term->log10_p = cxs_column_real(stmt, 2);
    term->hr = cxs_column_real(stmt, 3);
    term->hr_l95 = cxs_column_real(stmt, 4);
    term->hr_u95 = cxs_column_real(stmt, 5);
    return rc != CXS_OK ? rc : copy_text(ctx, stmt, 6, &term->status);
}

static const char indicator_sql[] =
    "SELECT rank, n, events, feature_id, feature_name, layer, tier, direction, status,"
    " scale, log10_p, q, hr, hr_l95, hr_u95, sel_freq, pfer_bound, lfsr, beta_shrunk,"
    " rank_l95, rank_u95, ph_p FROM indicator ORDER BY rank LIMIT ?1";

static cxs_rc take_indicator(cxs_ctx *ctx, cxs_stmt *stmt, void *element)
{
    cxs_indicator *i = element;
    char **const texts[] = {&i->id,   &i->name,      &i->layer,
                            &i->tier, &i->direction, &i->status};
    double *const reals[] = {&i->scale,  &i->log10_p,     &i->q,        &i->hr,
                             &i->hr_l95, &i->hr_u95,      &i->sel_freq, &i->pfer_bound,
                             &i->lfsr,   &i->beta_shrunk, &i->rank_l95, &i->rank_u95,
                             &i->ph_p};
    const int first_text = 3, first_real = 9;

    i->rank = column_size(stmt, 0);
    i->n = column_size(stmt, 1);
    i->events = column_size(stmt, 2);
    for (int k = 0; k < (int)(sizeof reals / sizeof *reals); k++)
        *reals[k] = cxs_column_real(stmt, first_real + k);
    for (int k = 0; k < (int)(sizeof texts / sizeof *texts); k++) {
        const cxs_rc rc = copy_text(ctx, stmt, first_text + k, texts[k]);
        if (rc != CXS_OK)
            return rc;
    }
    return CXS_OK;
}

static cxs_rc take_real(cxs_ctx *ctx, cxs_stmt *stmt, void *element)
{
    (void)ctx;
    *(double *)element = cxs_column_real(stmt, 0);
    return CXS_OK;
}

static cxs_rc add_group(cxs_ctx *ctx, cxs_km *km, cxs_stmt *stmt)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_grow(ctx, (void **)&km->group, &km->capacity, km->groups + 1,
                     sizeof *km->group));
    km->group[km->groups++] = (cxs_group){.number = cxs_column_int(stmt, 1)};
    CXS_TRY(copy_text(ctx, stmt, 2, &km->group[km->groups - 1].label));

done:
    return rc;
}

/* feature, grp, label, time, surv, lower, upper: rows of one feature stand together. */
static cxs_rc read_curves(cxs_ctx *ctx, cxs_loaded *d)
{
    static const char sql[] =
        "SELECT c.feature_id, c.grp, c.label, c.time, c.surv, c.lower, c.upper"
        " FROM curve c LEFT JOIN (SELECT feature_id AS id, min(rank) AS r FROM "
        "indicator"
        " GROUP BY feature_id) ON id = c.feature_id"
        " ORDER BY r IS NULL, r, c.feature_id, c.grp, c.step";
    cxs_rc rc = CXS_OK;
    cxs_stmt *stmt = NULL;
    size_t capacity = 0;
    bool row;

    CXS_TRY(cxs_db_prepare(ctx, d->db, sql, &stmt));
    for (;;) {
        cxs_km *km;
        cxs_group *g;
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        if (d->kms == 0 ||
            strcmp(d->km[d->kms - 1].feature_id, cxs_column_text(stmt, 0)) != 0) {
            CXS_TRY(
                cxs_grow(ctx, (void **)&d->km, &capacity, d->kms + 1, sizeof *d->km));
            d->km[d->kms++] = (cxs_km){0};
            CXS_TRY(copy_text(ctx, stmt, 0, &d->km[d->kms - 1].feature_id));
        }
        km = &d->km[d->kms - 1];
        if (km->groups == 0 ||
            km->group[km->groups - 1].number != cxs_column_int(stmt, 1))
            CXS_TRY(add_group(ctx, km, stmt));
        g = &km->group[km->groups - 1];
        CXS_TRY(cxs_grow(ctx, (void **)&g->point, &g->point_capacity, g->points + 1,
                         sizeof *g->point));
        g->point[g->points++] =
            (cxs_point){cxs_column_real(stmt, 3), cxs_column_real(stmt, 4),
                        cxs_column_real(stmt, 5), cxs_column_real(stmt, 6)};
    }

done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc add_risk(cxs_ctx *ctx, cxs_group *g, double time, size_t n_risk)
{
    cxs_rc rc = CXS_OK;
    size_t capacity = g->risk_capacity; /* two arrays of one capacity */

    CXS_TRY(
        cxs_grow(ctx, (void **)&g->n_risk, &capacity, g->risks + 1, sizeof *g->n_risk));
    CXS_TRY(cxs_grow(ctx, (void **)&g->risk_time, &g->risk_capacity, g->risks + 1,
                     sizeof *g->risk_time));
    g->risk_time[g->risks] = time;
    g->n_risk[g->risks++] = n_risk;

done:
    return rc;
}

static cxs_rc read_at_risk(cxs_ctx *ctx, cxs_loaded *d, cxs_km *km)
{
    static const char sql[] = "SELECT grp, time, n_risk FROM at_risk"
                              " WHERE feature_id = ?1 ORDER BY grp, time";
    cxs_rc rc = CXS_OK;
    cxs_stmt *stmt = NULL;
    bool row;

    CXS_TRY(cxs_db_prepare(ctx, d->db, sql, &stmt));
    cxs_bind_text(stmt, 1, km->feature_id);
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        for (size_t g = 0; g < km->groups; g++)
            if (km->group[g].number == cxs_column_int(stmt, 0))
                CXS_TRY(add_risk(ctx, &km->group[g], cxs_column_real(stmt, 1),
                                 column_size(stmt, 2)));
    }

done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc read_km(cxs_ctx *ctx, cxs_loaded *d)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_curves(ctx, d));
    for (size_t k = 0; k < d->kms; k++) {
        CXS_TRY(read_at_risk(ctx, d, &d->km[k]));
        for (size_t i = 0; i < d->indicators; i++)
            if (d->km[k].indicator == NULL &&
                strcmp(d->indicator[i].id, d->km[k].feature_id) == 0)
                d->km[k].indicator = &d->indicator[i];
    }

done:
    return rc;
}

static cxs_rc read_tables(cxs_ctx *ctx, cxs_loaded *d, size_t top)
{
    const int64_t limit = top > INT32_MAX ? INT32_MAX : (int64_t)top;
    const struct {
        const char *sql;
        int64_t limit;
        size_t size;
        row_fn take;
        void **array;
        size_t *count;
    } queries[] = {
        {"SELECT key, value FROM meta ORDER BY key", -1, sizeof(cxs_pair), take_pair,
         (void **)&d->meta, &d->metas},
        {"SELECT key, value FROM setting ORDER BY key", -1, sizeof(cxs_pair), take_pair,
         (void **)&d->setting, &d->settings},
        {"SELECT what, count, 0 FROM flow ORDER BY step", -1, sizeof(cxs_tally),
         take_tally, (void **)&d->flow, &d->flows},
        {"SELECT name, n, events FROM centre ORDER BY name", -1, sizeof(cxs_tally),
         take_tally, (void **)&d->centre, &d->centres},
        {"SELECT name, n, events FROM stratum ORDER BY name", -1, sizeof(cxs_tally),
         take_tally, (void **)&d->stratum, &d->strata},
        {"SELECT text, times, 0 FROM warning ORDER BY text", -1, sizeof(cxs_tally),
         take_tally, (void **)&d->warning, &d->warnings},
        {"SELECT coalesce(tier, ''), count(*), 0 FROM indicator GROUP BY 1 ORDER BY 1",
         -1, sizeof(cxs_tally), take_tally, (void **)&d->tier, &d->tiers},
        {"SELECT term, z, log10_p, hr, hr_l95, hr_u95, status FROM clinical"
         " ORDER BY term",
         -1, sizeof(cxs_term), take_term, (void **)&d->term, &d->terms},
        {indicator_sql, limit, sizeof(cxs_indicator), take_indicator,
         (void **)&d->indicator, &d->indicators},
        {"SELECT max_abs_z FROM null_score ORDER BY replicate", -1, sizeof(double),
         take_real, (void **)&d->null_score, &d->null_scores},
    };
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        CXS_TRY(read_rows(ctx, d->db, queries[i].sql, queries[i].limit, queries[i].size,
                          queries[i].take, queries[i].array, queries[i].count));
    for (size_t i = 0; i < d->tiers; i++)
        d->indicators_total += d->tier[i].n;

done:
    return rc;
}

cxs_rc cxs_loaded_read(cxs_ctx *ctx, const char *path, size_t top, cxs_loaded **out)
{
    cxs_rc rc = CXS_OK;
    cxs_loaded *d = NULL;

    *out = NULL;
    CXS_NEW(d, 1);
    CXS_TRY(cxs_db_open(ctx, path, CXS_DB_RESULTS, CXS_RESULTS_VERSION, &d->db));
    CXS_TRY(read_tables(ctx, d, top));
    CXS_TRY(read_km(ctx, d));
    *out = d;
    d = NULL;

done:
    cxs_loaded_free(d);
    return rc;
}

static void free_tallies(cxs_tally *tally, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cxs_free(tally[i].what);
    cxs_free(tally);
}

static void free_pairs(cxs_pair *pair, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cxs_free(pair[i].key);
        cxs_free(pair[i].value);
    }
    cxs_free(pair);
}

static void free_indicators(cxs_indicator *indicator, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cxs_free(indicator[i].id);
        cxs_free(indicator[i].name);
        cxs_free(indicator[i].layer);
        cxs_free(indicator[i].tier);
        cxs_free(indicator[i].direction);
        cxs_free(indicator[i].status);
    }
    cxs_free(indicator);
}

static void free_km(cxs_km *km)
{
    for (size_t g = 0; g < km->groups; g++) {
        cxs_free(km->group[g].label);
        cxs_free(km->group[g].point);
        cxs_free(km->group[g].risk_time);
        cxs_free(km->group[g].n_risk);
    }
    cxs_free(km->group);
    cxs_free(km->feature_id);
}

void cxs_loaded_free(cxs_loaded *d)
{
    if (d == NULL)
        return;
    cxs_db_close(d->db);
    free_pairs(d->meta, d->metas);
    free_pairs(d->setting, d->settings);
    free_tallies(d->flow, d->flows);
    free_tallies(d->centre, d->centres);
    free_tallies(d->stratum, d->strata);
    free_tallies(d->warning, d->warnings);
    free_tallies(d->tier, d->tiers);
    for (size_t i = 0; i < d->terms; i++) {
        cxs_free(d->term[i].name);
        cxs_free(d->term[i].status);
    }
    cxs_free(d->term);
    free_indicators(d->indicator, d->indicators);
    for (size_t k = 0; k < d->kms; k++)
        free_km(&d->km[k]);
    cxs_free(d->km);
    cxs_free(d->null_score);
    cxs_free(d);
}

const char *cxs_loaded_text(const cxs_loaded *d, const char *key)
{
    for (size_t i = 0; i < d->metas; i++)
        if (strcmp(d->meta[i].key, key) == 0)
            return d->meta[i].value;
    for (size_t i = 0; i < d->settings; i++)
        if (strcmp(d->setting[i].key, key) == 0)
            return d->setting[i].value;
    return "";
}

double cxs_loaded_real(const cxs_loaded *d, const char *key)
{
    const char *text = cxs_loaded_text(d, key);
    double value;

    if (!cxs_number_parse(text, strlen(text), &value))
        value = (double)NAN;
    return value;
}

cxs_rc cxs_loaded_feature(cxs_ctx *ctx, const cxs_loaded *d, const char *feature_id,
                          double *scale, char **name)
{
    static const char sql[] =
        "SELECT scale, coalesce(nullif(feature_name, ''), feature_id)"
        " FROM indicator WHERE feature_id = ?1 ORDER BY rank LIMIT 1";
    cxs_rc rc = CXS_OK;
    cxs_stmt *stmt = NULL;
    bool row;

    *scale = (double)NAN;
    *name = NULL;
    CXS_TRY(cxs_db_prepare(ctx, d->db, sql, &stmt));
    cxs_bind_text(stmt, 1, feature_id);
    CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
    if (row)
        *scale = cxs_column_real(stmt, 0);
    if ((*name = cxs_strdup(ctx, row ? cxs_column_text(stmt, 1) : feature_id)) == NULL)
        CXS_TRY(CXS_ENOMEM);

done:
    cxs_stmt_free(stmt);
    return rc;
}
