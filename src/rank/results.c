/*
 * results.c -- the results store P.cxr: indicators and null scores
 *
 * The schema is in store/results.h.  Everything is written in one transaction in a
 * fixed order, so the same ranking gives the same bytes.
 */
#include "rank/results.h"

#include "store/results.h"

#include <math.h>

static const char insert_indicator[] =
    "INSERT INTO indicator VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,"
    "?16,?17,?18,?19,?20,?21,?22,NULL,NULL,NULL,NULL,NULL,?23,?24,?25,?26,?27,?28,?29,"
    "?30)";

static void bind_effect(cxs_stmt *stmt, int at, const cxs_screen_row *row)
{
    const double half = cxs_z95() * row->se;

    cxs_bind_real(stmt, at, row->scale);
    cxs_bind_real(stmt, at + 1, row->beta);
    cxs_bind_real(stmt, at + 2, row->se);
    cxs_bind_real(stmt, at + 3, row->z);
    cxs_bind_real(stmt, at + 4, row->log10_p);
    cxs_bind_real(stmt, at + 5, row->p);
    cxs_bind_real(stmt, at + 6, row->q);
    cxs_bind_real(stmt, at + 7, exp(row->beta));
    cxs_bind_real(stmt, at + 8, exp(row->beta - half));
    cxs_bind_real(stmt, at + 9, exp(row->beta + half));
}

static cxs_rc put_indicator(cxs_ctx *ctx, cxs_stmt *stmt, size_t rank,
                            const char *layer, const cxs_rank_row *row)
{
    const cxs_screen_row *e2 = &row->adjusted;

    cxs_bind_int(stmt, 1, (int64_t)rank);
    cxs_bind_text(stmt, 2, row->feature_id);
    cxs_bind_text(stmt, 3, row->feature_name);
    cxs_bind_text(stmt, 4, layer);
    cxs_bind_text(stmt, 5, cxs_tier_name(row->tier));
    cxs_bind_int(stmt, 6, (int64_t)e2->n);
    cxs_bind_int(stmt, 7, (int64_t)e2->events);
    cxs_bind_int(stmt, 8, (int64_t)e2->missing);
    bind_effect(stmt, 9, e2);
    cxs_bind_real(stmt, 19, row->sel_freq);
    cxs_bind_real(stmt, 20, row->pfer_bound);
    cxs_bind_real(stmt, 21, row->lfsr);
    cxs_bind_real(stmt, 22, row->beta_shrunk);
    cxs_bind_text(stmt, 23, cxs_rank_direction(row));
    cxs_bind_text(stmt, 24, cxs_status_name(e2->status));
    cxs_bind_real(stmt, 25, row->expected_rank);
    cxs_bind_real(stmt, 26, row->score);
    cxs_bind_real(stmt, 27, row->sign_stability);
    cxs_bind_real(stmt, 28, row->unadjusted.beta);
    cxs_bind_real(stmt, 29, row->unadjusted.se);
    cxs_bind_real(stmt, 30, row->unadjusted.p);
    return cxs_stmt_run(ctx, stmt);
}

static cxs_rc write_indicators(cxs_ctx *ctx, const cxs_ranking *ranking, cxs_db *db)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, insert_indicator, &stmt));
    for (size_t i = 0; i < ranking->p; i++)
        CXS_TRY(put_indicator(ctx, stmt, i + 1, cxs_rank_layer(ranking, i),
                              &ranking->row[i]));
    cxs_stmt_free(stmt);
    stmt = NULL;
    CXS_TRY(cxs_db_prepare(
        ctx, db, "INSERT INTO indicator_search(indicator_search) VALUES('rebuild')",
        &stmt));
    CXS_TRY(cxs_stmt_run(ctx, stmt));

done:
    cxs_stmt_free(stmt);
    return rc;
}

static cxs_rc write_null_scores(cxs_ctx *ctx, const cxs_permutation *check, cxs_db *db)
{
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO null_score VALUES(?1,?2)", &stmt));
    for (size_t b = 0; b < check->replicates; b++) {
        cxs_bind_int(stmt, 1, (int64_t)b + 1);
        cxs_bind_real(stmt, 2, check->max_abs_z[b]);
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }

done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_rank_write_store(cxs_ctx *ctx, const cxs_ranking *ranking, const char *path,
                            const cxs_record *record)
{
    cxs_db *db = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_create(ctx, path, CXS_DB_RESULTS, CXS_RESULTS_VERSION,
                          CXS_RESULTS_SCHEMA, &db));
    CXS_TRY(cxs_write_context(ctx, ranking, record, db));
    CXS_TRY(write_indicators(ctx, ranking, db));
    CXS_TRY(cxs_write_curves(ctx, ranking, db));
    CXS_TRY(write_null_scores(ctx, &ranking->permutation, db));
    rc = cxs_db_commit(ctx, db);
    db = NULL;

done:
    cxs_db_close(db);
    return rc;
}
