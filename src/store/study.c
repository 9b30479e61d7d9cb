/*
 * study.c -- read a study file
 *
 * Settings are small and are read once, so that cxs_study_setting() can lend its texts;
 * everything else is a query away.  The analysis set is made in study_surv.c.
 */
#include "store/study_schema.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static cxs_rc read_pairs(cxs_ctx *ctx, cxs_study *study, const char *sql)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, study->db, sql, &stmt));
    for (;;) {
        cxs_pair *pair;
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        CXS_TRY(cxs_grow(ctx, (void **)&study->setting, &study->capacity,
                         study->settings + 1, sizeof *study->setting));
        pair = &study->setting[study->settings++];
        pair->key = cxs_strdup(ctx, cxs_column_text(stmt, 0));
        pair->value = cxs_strdup(ctx, cxs_column_text(stmt, 1));
        if (pair->key == NULL || pair->value == NULL)
            CXS_TRY(CXS_ENOMEM);
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_study_open(cxs_ctx *ctx, const char *path, cxs_study **out)
{
    cxs_study *study = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(study, 1);
    if ((study->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_db_open(ctx, path, CXS_DB_STUDY, CXS_STUDY_VERSION, &study->db));
    CXS_TRY(read_pairs(ctx, study, "SELECT key, value FROM setting ORDER BY key"));
    CXS_TRY(read_pairs(ctx, study, "SELECT key, value FROM meta ORDER BY key"));
    *out = study;
    study = NULL;
done:
    cxs_study_close(study);
    return rc;
}

void cxs_study_close(cxs_study *study)
{
    if (study == NULL)
        return;
    for (size_t i = 0; i < study->settings; i++) {
        cxs_free(study->setting[i].key);
        cxs_free(study->setting[i].value);
    }
    cxs_free(study->setting);
    cxs_db_close(study->db);
    cxs_free(study->path);
    cxs_free(study);
}

const char *cxs_study_setting(cxs_study *study, const char *key)
{
    for (size_t i = 0; i < study->settings; i++)
        if (strcmp(study->setting[i].key, key) == 0)
            return study->setting[i].value;
    return "";
}

/* ---- the matrix by patient ------------------------------------------------------- */

static size_t find_sample(const cxs_matrix *m, const char *name)
{
    size_t lo = 0, hi = m->n;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (strcmp(m->sample[mid], name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < m->n && strcmp(m->sample[lo], name) == 0 ? lo : SIZE_MAX;
}

/* Baseline samples in their order: row of the matrix and patient. */
static cxs_rc read_baseline(cxs_ctx *ctx, cxs_study *study, const cxs_matrix *m,
                            size_t *keep, char **patient, size_t *count)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(ctx, study->db,
                           "SELECT id, patient FROM sample WHERE baseline = 1 AND "
                           "assayed = 1 ORDER BY id",
                           &stmt));
    for (;;) {
        size_t at;
        CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
        if (!row)
            break;
        at = find_sample(m, cxs_column_text(stmt, 0));
        if (at == SIZE_MAX || *count == m->n)
            CXS_TRY(cxs_fail(ctx, CXS_EFORMAT,
                             "%s: damaged study file: samples and matrix disagree",
                             study->path));
        keep[*count] = at;
        patient[*count] = cxs_strdup(ctx, cxs_column_text(stmt, 1));
        if (patient[*count] == NULL)
            CXS_TRY(CXS_ENOMEM);
        ++*count;
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_study_has_matrix(cxs_ctx *ctx, cxs_study *study, int *has)
{
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    *has = 0;
    CXS_TRY(cxs_db_prepare(ctx, study->db, "SELECT 1 FROM matrix LIMIT 1", &stmt));
    CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
    *has = row;
done:
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_study_matrix(cxs_ctx *ctx, cxs_study *study, cxs_matrix **out)
{
    cxs_matrix *m = NULL;
    size_t *keep = NULL, count = 0;
    char **patient = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(cxs_study_get_matrix(ctx, study->db, study->path, &m));
    if (m == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH, "%s: the study has no expression matrix",
                         study->path));
    CXS_NEW(keep, m->n);
    CXS_NEW(patient, m->n);
    CXS_TRY(read_baseline(ctx, study, m, keep, patient, &count));
    CXS_TRY(cxs_study_keep_samples(ctx, m, keep, count));
    for (size_t i = 0; i < count; i++) {
        cxs_free(m->sample[i]);
        m->sample[i] = patient[i];
        patient[i] = NULL;
    }
    CXS_TRY(cxs_matrix_sort(ctx, m));
    *out = m;
    m = NULL;
done:
    cxs_free_strings(patient, patient != NULL ? count : 0);
    cxs_free(keep);
    cxs_matrix_free(m);
    return rc;
}
