/*
 * study_signatures.c -- profiles of mutational signatures that a study brings
 *
 *   sequencing: {signatures: FILE}
 *
 * They are kept in the study file, so that its features need no other.  A profile is one
 * record: name and 96 shares with tabs between.
 */
#include "ingest/study_draft.h"

#include "ingest/sbs.h"

cxs_rc cxs_draft_signatures(cxs_ctx *ctx, cxs_draft *draft, cxs_db *db)
{
    const char *name = cxs_plan_text(draft->plan, "sequencing", "signatures");
    cxs_sbs_matrix m = {.n = 0};
    cxs_stmt *stmt = NULL;
    cxs_buf text = {0};
    char *path = NULL;
    cxs_rc rc = CXS_OK;

    if (name == NULL)
        return CXS_OK;
    if ((path = cxs_plan_file(ctx, draft->plan, name)) == NULL)
        return CXS_ENOMEM;
    CXS_TRY(cxs_sbs_read(ctx, path, &m));
    CXS_TRY(
        cxs_db_prepare(ctx, db, "INSERT INTO record VALUES(?1, ?2, ?3, ?4)", &stmt));
    for (size_t k = 0; k < m.n; k++) {
        CXS_TRY(cxs_sbs_text(ctx, &m, k, &text));
        cxs_bind_text(stmt, 1, "signatures");
        cxs_bind_int(stmt, 2, (int64_t)k);
        cxs_bind_text(stmt, 3, "profile");
        cxs_bind_text(stmt, 4, text.text);
        CXS_TRY(cxs_stmt_run(ctx, stmt));
    }
    rc = cxs_draft_source(ctx, draft, path);
done:
    cxs_sbs_clear(&m);
    cxs_free(text.text);
    cxs_stmt_free(stmt);
    cxs_free(path);
    return rc;
}
