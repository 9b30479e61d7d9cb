/*
 * cns5_study.c -- pathology of a study's gliomas against their measured features
 */
#include "features/cns5.h"

#include "base/text.h"
#include "store/study_schema.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* 1 for the first word, 0 for the second. */
static double either(const char *text, const char *one, const char *zero)
{
    return strcmp(text, one) == 0 ? 1.0 : strcmp(text, zero) == 0 ? 0.0 : (double)NAN;
}

static void take(cxs_stmt *stmt, cxs_cns5_given *g, cxs_cns5_markers *m)
{
    const char *name = cxs_column_text(stmt, 1), *text = cxs_column_text(stmt, 2);

    if (strcmp(name, "IDH_STATUS") == 0)
        g->idh = either(text, "MUT", "WT");
    else if (strcmp(name, "CODEL_1P19Q") == 0)
        g->codel = either(text, "CODEL", "NON_CODEL");
    else if (strcmp(name, "MGMT_STATUS") == 0)
        g->mgmt = either(text, "METH", "UNMETH");
    else if (strcmp(name, "WHO_GRADE") == 0)
        g->grade = strtod(text, NULL);
    else if (strcmp(name, "AGE") == 0)
        m->age = cxs_column_real(stmt, 2);
}

static cxs_rc read_given(cxs_ctx *ctx, cxs_study *study, char *const *patient, size_t n,
                         cxs_cns5_given *given, cxs_cns5_markers *markers)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(
        ctx, study->db,
        "SELECT v.patient, v.name, v.value FROM patient_value v JOIN patient_value c"
        " ON c.patient = v.patient AND c.name = 'COHORT' AND c.value = 'GLIOMA'"
        " WHERE v.name IN ('IDH_STATUS', 'CODEL_1P19Q', 'MGMT_STATUS', 'WHO_GRADE',"
        " 'AGE')",
        &stmt));
    for (;;) {
        const char *id;
        char *const *hit;
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        id = cxs_column_text(stmt, 0);
        hit = bsearch(&id, patient, n, sizeof *patient, cxs_text_compare);
        if (hit != NULL)
            take(stmt, &given[hit - patient], &markers[hit - patient]);
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_cns5_check(cxs_ctx *ctx, cxs_study *study, char *const *patient,
                      const cxs_feature_columns *columns)
{
    const size_t n = columns->n,
                 at = cxs_feature_columns_find(columns, "meth.mgmt.call");
    cxs_cns5_given *given = NULL;
    cxs_cns5_markers *markers = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(given, n);
    CXS_NEW(markers, n);
    for (size_t i = 0; i < n; i++) {
        given[i] = (cxs_cns5_given){(double)NAN, (double)NAN, (double)NAN, (double)NAN};
        markers[i] = cxs_cns5_take(columns, i);
    }
    CXS_TRY(read_given(ctx, study, patient, n, given, markers));
    rc = cxs_cns5_compare(ctx, markers,
                          at != SIZE_MAX ? columns->column[at].value : NULL, given, n);
done:
    cxs_free(given);
    cxs_free(markers);
    return rc;
}
