/*
 * study.c -- features of a study file: its matrix, its settings, its cohorts
 */
#include "coxswain/ingest.h"
#include "base/text.h"
#include "features/assays.h"
#include "features/clinic.h"
#include "features/cns5.h"
#include "features/derive.h"
#include "features/methylation.h"
#include "features/rna_batch.h"

#include "store/data.h"
#include "store/study_schema.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static cxs_rc parse_normalise(cxs_ctx *ctx, const char *text, cxs_normalise *out)
{
    for (int k = CXS_NORMALISE_NONE; k <= CXS_NORMALISE_TPM; k++)
        if (strcmp(text, cxs_normalise_name((cxs_normalise)k)) == 0) {
            *out = (cxs_normalise)k;
            return CXS_OK;
        }
    return cxs_fail(ctx, CXS_EARG,
                    "study setting normalise: '%s' is not one of none, tmm, mor, tpm",
                    text);
}

/* The study's yes or no; CXS_FEATURES_AUTO where it says nothing. */
static cxs_rc parse_yes(cxs_ctx *ctx, const char *key, const char *text, int *out)
{
    static const char *const words[2][4] = {{"no", "false", "0", "off"},
                                            {"yes", "true", "1", "on"}};

    for (int answer = 0; answer < 2; answer++)
        for (size_t k = 0; k < 4; k++)
            if (strcasecmp(text, words[answer][k]) == 0) {
                *out = answer;
                return CXS_OK;
            }
    return cxs_fail(ctx, CXS_EARG, "study setting %s: '%s' is not yes or no", key,
                    text);
}

static cxs_rc study_settings(cxs_ctx *ctx, cxs_study *study, cxs_features_settings *s)
{
    const char *normalise = cxs_study_setting(study, "normalise");
    const char *ranks = cxs_study_setting(study, "rank_normal");
    cxs_rc rc = CXS_OK;

    if (s->rna_quality == CXS_FEATURES_AUTO)
        s->rna_quality = CXS_RNA_BY_STUDY;
    if (s->reference != NULL)
        return CXS_OK; /* which decides the steps */
    if (s->normalise == CXS_NORMALISE_AUTO && *normalise != '\0')
        CXS_TRY(parse_normalise(ctx, normalise, &s->normalise));
    if (s->rank_normal == CXS_FEATURES_AUTO && *ranks != '\0')
        CXS_TRY(parse_yes(ctx, "rank_normal", ranks, &s->rank_normal));
    if (s->plausibility_stops == CXS_FEATURES_AUTO)
        s->plausibility_stops = 1;
    if (s->signatures == CXS_FEATURES_AUTO)
        s->signatures = 1;

done:
    return rc;
}

/* Stratum of each patient; patients outside the analysis set form one more cohort, so
 * that they neither borrow nor lend ranks. */
static void match_strata(const cxs_surv *surv, const cxs_matrix *m, uint32_t *cohort)
{
    size_t r = 0;

    for (size_t i = 0; i < m->n; i++) { /* both are sorted by id */
        while (r < surv->n && strcmp(surv->id[r], m->sample[i]) < 0)
            r++;
        cohort[i] = r < surv->n && strcmp(surv->id[r], m->sample[i]) == 0
                        ? surv->stratum[r]
                        : (uint32_t)surv->n_strata;
    }
}

/* ---- what the study knows of its samples ----------------------------------------- */

/* Sample of the matrix that stands for a patient, or SIZE_MAX. */
static size_t find_patient(const cxs_matrix *m, const char *id)
{
    char *const *hit =
        bsearch(&id, m->sample, m->n, sizeof *m->sample, cxs_text_compare);

    return hit != NULL ? (size_t)(hit - m->sample) : SIZE_MAX;
}

static cxs_rna_kind kind_of(const char *library)
{
    return strcmp(library, "RNA_LOWINPUT") == 0 ? CXS_RNA_LOWINPUT
           : strcmp(library, "RNASEQ") == 0     ? CXS_RNA_TUMOUR
                                                : CXS_RNA_UNJUDGED;
}

static int8_t idh_of(const char *status)
{
    return strcmp(status, "MUT") == 0 ? 1 : strcmp(status, "WT") == 0 ? 0 : -1;
}

/* One text per patient: library of its baseline RNA assay, then its IDH status. */
static cxs_rc read_notes(cxs_ctx *ctx, cxs_study *study, const cxs_matrix *m,
                         cxs_rna_kind *kind, int8_t *idh)
{
    static const char *const queries[] = {
        "SELECT s.patient, a.library FROM assay a JOIN sample s ON s.id = a.sample"
        " WHERE s.baseline = 1 AND a.assay LIKE 'RNA%' AND a.library IS NOT NULL",
        "SELECT patient, value FROM patient_value WHERE name = 'IDH_STATUS'"};
    cxs_stmt *stmt = NULL;
    bool row = false;
    cxs_rc rc = CXS_OK;

    memset(idh, -1, m->n * sizeof *idh);
    for (int q = 0; q < 2; q++) {
        CXS_TRY(cxs_db_prepare(ctx, study->db, queries[q], &stmt));
        for (;;) {
            size_t i;
            CXS_TRY(cxs_stmt_step(ctx, stmt, &row));
            if (!row)
                break;
            i = find_patient(m, cxs_column_text(stmt, 0));
            if (i != SIZE_MAX && q == 0)
                kind[i] = kind_of(cxs_column_text(stmt, 1));
            else if (i != SIZE_MAX)
                idh[i] = idh_of(cxs_column_text(stmt, 1));
        }
        cxs_stmt_free(stmt);
        stmt = NULL;
    }

done:
    cxs_stmt_free(stmt);
    return rc;
}

/* Columns of patients, sorted and the caller's. */
typedef cxs_rc (*columns_fn)(cxs_ctx *ctx, cxs_study *study,
                             const cxs_features_settings *s, char ***patient,
                             cxs_quality_rows *quality, cxs_feature_columns *columns);

static cxs_rc assays(cxs_ctx *ctx, cxs_study *study, const cxs_features_settings *s,
                     char ***patient, cxs_quality_rows *quality,
                     cxs_feature_columns *columns)
{
    return cxs_assay_features_at(ctx, study, cxs_refdata_folder(s->refdata), s->sbs,
                                 patient, quality, columns);
}

static cxs_rc clinic(cxs_ctx *ctx, cxs_study *study, const cxs_features_settings *s,
                     char ***patient, cxs_quality_rows *quality,
                     cxs_feature_columns *columns)
{
    return cxs_clinic_features_at(ctx, study, cxs_refdata_folder(s->refdata), patient,
                                  quality, columns);
}

/* Features of files and visits beside those of the matrix. */
static cxs_rc add_columns(cxs_ctx *ctx, cxs_study *study,
                          const cxs_features_settings *s, const char *what,
                          columns_fn make, cxs_features *f)
{
    cxs_feature_columns columns = {.n = 0};
    char **patient = NULL;
    size_t n = 0;
    cxs_rc rc = CXS_OK;

    CXS_TRY(make(ctx, study, s, &patient, &f->others, &columns));
    n = columns.n;
    if (n == 0)
        goto done;
    CXS_TRY(cxs_cns5_check(ctx, study, patient, &columns));
    cxs_note(ctx, "features of %s: %zu patients, %zu columns", what, n, columns.count);
    rc = cxs_features_join(ctx, f, patient, &columns);

done:
    cxs_feature_columns_clear(&columns);
    if (patient != NULL)
        cxs_free_strings(patient, n);
    return rc;
}

static cxs_rc add_assays(cxs_ctx *ctx, cxs_study *study, const cxs_features_settings *s,
                         cxs_features *f)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(add_columns(ctx, study, s, "sequencing files", assays, f));
    CXS_TRY(add_columns(ctx, study, s, "receptors, methylation, visits and clinic",
                        clinic, f));
    cxs_mgmt_beside_copies(ctx, f->matrix);
done:
    return rc;
}

/* A study without an expression matrix: features of files and visits alone. */
static cxs_rc without_matrix(cxs_ctx *ctx, cxs_study *study,
                             const cxs_features_settings *s, cxs_features **out)
{
    cxs_features *f = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(f, 1);
    f->used = cxs_features_resolved(s, CXS_KIND_OTHER);
    CXS_NEW(f->matrix, 1);
    f->matrix->kind = CXS_KIND_OTHER;
    CXS_NEW(f->matrix->x, 1);
    CXS_NEW(f->matrix->sample, 1);
    CXS_NEW(f->matrix->feature, 1);
    if ((f->matrix->layer = cxs_strdup(ctx, "")) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_NEW(f->library, 1);
    CXS_NEW(f->norm, 1);
    CXS_NEW(f->size, 1);
    CXS_NEW(f->transform, 1);
    CXS_TRY(add_assays(ctx, study, s, f));
    if (f->matrix->p == 0)
        CXS_TRY(
            cxs_fail(ctx, CXS_EMISMATCH,
                     "%s: the study has no expression matrix, and no feature of its "
                     "files differs between patients",
                     study->path));
    cxs_features_forget(&f->used);
    *out = f;
    f = NULL;

done:
    cxs_features_free(f);
    return rc;
}

cxs_rc cxs_features_study(cxs_ctx *ctx, cxs_study *study,
                          const cxs_features_settings *settings, cxs_features **out)
{
    cxs_features_settings s = settings != NULL ? *settings : cxs_features_auto();
    cxs_matrix *m = NULL;
    cxs_surv *surv = NULL;
    uint32_t *cohort = NULL;
    cxs_rna_kind *kind = NULL;
    int8_t *idh = NULL;
    int has = 0;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(study_settings(ctx, study, &s));
    CXS_TRY(cxs_study_has_matrix(ctx, study, &has));
    if (!has && (s.reference != NULL || s.freeze))
        CXS_TRY(cxs_fail(ctx, CXS_EMISMATCH,
                         "%s: the study has no expression matrix: a reference of "
                         "features does not belong to it",
                         study->path));
    if (!has) {
        rc = without_matrix(ctx, study, &s, out);
        goto done;
    }
    CXS_TRY(cxs_study_matrix(ctx, study, &m));
    m->estimated = strcmp(cxs_study_setting(study, "counts_estimated"), "yes") == 0;
    if (s.rank_normal == 1 && s.clinical == NULL) {
        CXS_TRY(cxs_study_surv(ctx, study, 0, &surv));
        CXS_NEW(cohort, m->n);
        match_strata(surv, m, cohort);
    }
    CXS_NEW(kind, m->n);
    CXS_NEW(idh, m->n);
    CXS_TRY(read_notes(ctx, study, m, kind, idh));
    CXS_TRY(cxs_features_derive_noted(
        ctx, m, cohort, &s,
        &(cxs_sample_notes){s.rna_quality == CXS_RNA_BY_STUDY ? kind : NULL, idh},
        out));
    if (s.reference == NULL) /* axes are those of a cohort */
        CXS_TRY(cxs_batch_study(ctx, study, *out));
    CXS_TRY(cxs_source_add_expression(ctx, study, &(*out)->others));
    CXS_TRY(add_assays(ctx, study, &s, *out));

done:
    if (rc != CXS_OK) {
        cxs_features_free(*out);
        *out = NULL;
    }
    cxs_free(idh);
    cxs_free(kind);
    cxs_free(cohort);
    cxs_surv_free(surv);
    cxs_matrix_free(m);
    return rc;
}
