/*
 * study_settings.c -- what study.yaml says, as settings of the study file
 */
#include "ingest/study_draft.h"

#include "base/number.h"
#include "store/db.h"

#include <string.h>

cxs_rc cxs_draft_put_pair(cxs_ctx *ctx, cxs_stmt *stmt, const char *key,
                          const char *value)
{
    if (value == NULL)
        return CXS_OK;
    cxs_bind_text(stmt, 1, key);
    cxs_bind_text(stmt, 2, value);
    return cxs_stmt_run(ctx, stmt);
}

/* One text of a section or of the top level into the settings, under its own name. */
static cxs_rc put_setting(cxs_ctx *ctx, const cxs_draft *draft, cxs_stmt *stmt,
                          const char *section, const char *key)
{
    return cxs_draft_put_pair(ctx, stmt, key, cxs_plan_text(draft->plan, section, key));
}

static cxs_rc put_items(cxs_ctx *ctx, const cxs_draft *draft, cxs_stmt *stmt,
                        const char *key)
{
    const char *value;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0;
         rc == CXS_OK && (value = cxs_plan_item(draft->plan, key, i)) != NULL; i++) {
        const cxs_column *column =
            cxs_sheet_find(draft->sheet[CXS_SHEET_PATIENTS], value);
        cxs_bind_text(stmt, 1, key);
        cxs_bind_int(stmt, 2, (int64_t)i);
        cxs_bind_text(stmt, 3, column != NULL ? column->name : value);
        rc = cxs_stmt_run(ctx, stmt);
    }
    return rc;
}

static cxs_rc put_references(cxs_ctx *ctx, const cxs_draft *draft, cxs_stmt *stmt)
{
    const char *column, *level;
    size_t line, n = 0;
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    for (size_t at = 0; cxs_plan_entry_at(draft->plan, "reference", CXS_SHEET_PATIENTS,
                                          &at, &column, &level, &line);) {
        const cxs_column *found =
            cxs_sheet_find(draft->sheet[CXS_SHEET_PATIENTS], column);
        text.length = 0;
        CXS_TRY(cxs_buf_addf(ctx, &text, "%s=%s", found != NULL ? found->name : column,
                             level));
        cxs_bind_text(stmt, 1, "reference");
        cxs_bind_int(stmt, 2, (int64_t)n++);
        cxs_bind_text(stmt, 3, text.text);
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }
done:
    cxs_free(text.text);
    return rc;
}

cxs_rc cxs_draft_lists(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    const bool declared = cxs_plan_has(draft->plan, "strata");
    const cxs_column *cohort =
        cxs_sheet_find(draft->sheet[CXS_SHEET_PATIENTS], "COHORT");
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(
        cxs_db_prepare(ctx, db, "INSERT INTO setting_item VALUES(?1, ?2, ?3)", &stmt));
    CXS_TRY(put_items(ctx, draft, stmt, "strata"));
    if (!declared && cohort != NULL) { /* cohort by default where given */
        cxs_bind_text(stmt, 1, "strata");
        cxs_bind_int(stmt, 2, 0);
        cxs_bind_text(stmt, 3, cohort->name);
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }
    CXS_TRY(put_items(ctx, draft, stmt, "covariates"));
    CXS_TRY(put_items(ctx, draft, stmt, "factors"));
    CXS_TRY(put_references(ctx, draft, stmt));
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* What became of the gene names, for whoever asks the file. */
static cxs_rc put_gene_counts(cxs_ctx *ctx, cxs_stmt *stmt,
                              const cxs_gene_counts *genes)
{
    const struct {
        const char *key;
        size_t count;
    } rows[] = {{"genes_ambiguous", genes->ambiguous},
                {"genes_matched", genes->matched},
                {"genes_unknown", genes->unknown},
                {"genes_updated", genes->alias},
                {"genes_versions_cut", genes->versions}};
    char text[CXS_NUMBER_BYTES];
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cxs_number_format((double)rows[i].count, text);
        CXS_TRY(cxs_draft_put_pair(ctx, stmt, rows[i].key, text));
    }
done:
    return rc;
}

cxs_rc cxs_draft_settings(cxs_ctx *ctx, const cxs_draft *draft, cxs_db *db)
{
    const cxs_sheet *patients = draft->sheet[CXS_SHEET_PATIENTS];
    const char *centre = cxs_plan_text(draft->plan, NULL, "centre");
    const char *normalise = cxs_plan_text(draft->plan, NULL, "normalise");
    const cxs_column *column =
        cxs_sheet_find(patients, centre != NULL ? centre : "CENTER_ID");
    const cxs_column *cohort = cxs_sheet_find(patients, "COHORT");
    const char *first = cxs_plan_item(draft->plan, "strata", 0);
    cxs_stmt *stmt = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, db, "INSERT INTO setting VALUES(?1, ?2)", &stmt));
    CXS_TRY(cxs_draft_put_pair(ctx, stmt, "endpoint",
                               draft->outcome[draft->declared].name));
    CXS_TRY(cxs_draft_put_pair(ctx, stmt, "time_unit", "days"));
    CXS_TRY(put_setting(ctx, draft, stmt, "endpoint", "horizon_days"));
    CXS_TRY(put_setting(ctx, draft, stmt, "endpoint", "landmark_days"));
    if (draft->outcome[draft->declared].entry != NULL)
        CXS_TRY(cxs_draft_put_pair(ctx, stmt, "delayed_entry", "yes"));
    if (column != NULL)
        CXS_TRY(cxs_draft_put_pair(ctx, stmt, "centre", column->name));
    if (first != NULL || (cohort != NULL && !cxs_plan_has(draft->plan, "strata")))
        CXS_TRY(cxs_draft_put_pair(ctx, stmt, "cohort",
                                   first != NULL ? first : cohort->name));
    if (normalise != NULL)
        CXS_TRY(cxs_draft_put_pair(ctx, stmt, "normalise", normalise));
    else
        CXS_TRY(put_setting(ctx, draft, stmt, "expression", "normalise"));
    CXS_TRY(put_setting(ctx, draft, stmt, "expression", "rank_normal"));
    if (draft->matrix != NULL && draft->matrix->estimated)
        CXS_TRY(cxs_draft_put_pair(ctx, stmt, "counts_estimated", "yes"));
    if (draft->matrix != NULL && draft->matrix->gene_counts != NULL)
        CXS_TRY(put_gene_counts(ctx, stmt, draft->matrix->gene_counts));
done:
    cxs_stmt_free(stmt);
    return rc;
}
