/*
 * clinic_gpa.c -- graded prognostic assessment as a feature
 */
#include "features/clinic.h"

#include "base/text.h"
#include "ingest/gpa.h"
#include "store/study_schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a study knows of one patient. */
typedef struct known {
    cxs_gpa_parts parts;
    char *primary, *subtype; /* owned */
    double given;
} known;

static cxs_rc take_text(cxs_ctx *ctx, const char *text, char **out)
{
    cxs_free(*out);
    *out = cxs_strdup(ctx, text);
    return *out != NULL ? CXS_OK : CXS_ENOMEM;
}

static cxs_rc take_value(cxs_ctx *ctx, cxs_stmt *stmt, known *k)
{
    const char *name = cxs_column_text(stmt, 1);

    if (strcmp(name, "GPA") == 0)
        k->given = cxs_column_real(stmt, 2);
    else if (strcmp(name, "PRIMARY_TUMOR") == 0)
        return take_text(ctx, cxs_column_text(stmt, 2), &k->primary);
    else if (strcmp(name, cxs_gpa_column[CXS_GPA_SUBTYPE]) == 0)
        return take_text(ctx, cxs_column_text(stmt, 2), &k->subtype);
    for (size_t f = 0; f < CXS_GPA_SUBTYPE; f++)
        if (strcmp(name, cxs_gpa_column[f]) == 0)
            k->parts.number[f] = cxs_column_real(stmt, 2);
    return CXS_OK;
}

static cxs_rc read_patients(cxs_ctx *ctx, cxs_study *study, char *const *patient,
                            size_t n, known *all)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < n; i++) {
        all[i].given = (double)NAN;
        for (size_t f = 0; f < CXS_GPA_FACTORS; f++)
            all[i].parts.number[f] = (double)NAN;
    }
    CXS_TRY(cxs_db_prepare(ctx, study->db,
                           "SELECT patient, name, value FROM patient_value", &stmt));
    for (;;) {
        const char *id;
        char *const *hit;
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        id = cxs_column_text(stmt, 0);
        hit = bsearch(&id, patient, n, sizeof *patient, cxs_text_compare);
        if (hit != NULL)
            CXS_TRY(take_value(ctx, stmt, &all[hit - patient]));
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_gpa_features(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                        char *const *patient, cxs_feature_columns *columns)
{
    cxs_gpa_tables *tables = NULL;
    known *all = NULL;
    double *value = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(all, columns->n);
    CXS_TRY(cxs_gpa_read(ctx, refdata, &tables));
    CXS_TRY(read_patients(ctx, study, patient, columns->n, all));
    CXS_TRY(cxs_feature_columns_add(ctx, columns, "clin.gpa", "points",
                                    CXS_FEATURE_CONTINUOUS, &value));
    for (size_t i = 0; i < columns->n; i++) {
        all[i].parts.subtype = all[i].subtype;
        value[i] = !isnan(all[i].given)
                       ? all[i].given
                       : cxs_gpa(tables, cxs_gpa_index(all[i].primary), &all[i].parts);
    }
done:
    for (size_t i = 0; all != NULL && i < columns->n; i++) {
        cxs_free(all[i].primary);
        cxs_free(all[i].subtype);
    }
    cxs_free(all);
    cxs_gpa_free(tables);
    return rc;
}
