/*
 * sbs_study.c -- mutational signatures of a study: its profiles, the disease of its
 * patients
 */
#include "features/assays.h"

#include "store/study_schema.h"

#include <string.h>

cxs_rc cxs_study_signatures(cxs_ctx *ctx, cxs_study *study, cxs_sbs_matrix *out)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    *out = (cxs_sbs_matrix){.n = 0};
    CXS_TRY(cxs_db_prepare(ctx, study->db,
                           "SELECT value FROM record WHERE sheet = 'signatures'"
                           " AND name = 'profile' ORDER BY row",
                           &stmt));
    for (;;) {
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(cxs_sbs_add(ctx, cxs_column_text(stmt, 0), out));
    }
done:
    cxs_stmt_free(stmt);
    if (rc != CXS_OK)
        cxs_sbs_clear(out);
    return rc;
}

/* A glioma by its cohort, a metastasis by its primary; NULL: nothing is said. */
static const char *set_of(const char *cohort, const char *primary)
{
    static const char *const sets[][2] = {
        {"NSCLC_ADENO", "lung"}, {"NSCLC_OTHER", "lung"},  {"SCLC", "lung"},
        {"BREAST", "breast"},    {"MELANOMA", "melanoma"}, {"RCC", "renal"},
        {"CRC", "gi"},           {"GI_OTHER", "gi"},       {"OTHER", ""},
        {"UNKNOWN", ""}};

    if (strcmp(cohort, "GLIOMA") == 0)
        return "glioma";
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++)
        if (strcmp(primary, sets[k][0]) == 0)
            return sets[k][1];
    return *cohort != '\0' ? "" : NULL;
}

cxs_rc cxs_study_disease(cxs_ctx *ctx, cxs_study *study, const char *patient,
                         const char **out)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(cxs_db_prepare(
        ctx, study->db,
        "SELECT (SELECT value FROM patient_value WHERE patient = ?1 AND name ="
        " 'COHORT'), (SELECT value FROM patient_value WHERE patient = ?1 AND name ="
        " 'PRIMARY_TUMOR')",
        &stmt));
    cxs_bind_text(stmt, 1, patient);
    CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
    if (row) {
        char cohort[16] = "";
        strncat(cohort, cxs_column_text(stmt, 0), sizeof cohort - 1);
        *out = set_of(cohort, cxs_column_text(stmt, 1));
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}
