/*
 * sources.c -- from which file the features of a patient came, and in what state it was
 *
 * PREFIX.sources.tsv: a row for each patient, prefix of features (rna, var, cn, frag,
 * meth, tcr) and file that was chosen for it.  The state is the worst that PREFIX.qc.tsv
 * has of the assay: its measures begin with the prefix.
 */
#include "features/quality.h"

#include "base/out.h"
#include "features/derive.h"
#include "features/rna_qc.h"
#include "store/data.h"
#include "store/study_schema.h"

#include <stdlib.h>
#include <string.h>

cxs_rc cxs_source_add(cxs_ctx *ctx, cxs_study *study, cxs_quality_rows *rows,
                      const char *patient, const char *features, int64_t at)
{
    cxs_source_row row = {.features = features};
    cxs_stmt *stmt = NULL;
    bool found = false;
    cxs_rc rc = CXS_OK;

    if (rows == NULL)
        return CXS_OK;
    CXS_TRY(cxs_grow(ctx, (void **)&rows->source, &rows->source_capacity,
                     rows->sources + 1, sizeof *rows->source));
    CXS_TRY(cxs_db_prepare(ctx, study->db,
                           "SELECT sample, assay, file FROM measure WHERE at = ?1",
                           &stmt));
    cxs_bind_int(stmt, 1, at);
    CXS_TRY(cxs_stmt_step(ctx, stmt, &found));
    if (!found)
        goto done;
    rc = CXS_ENOMEM;
    if ((row.patient = cxs_strdup(ctx, patient)) == NULL ||
        (row.sample = cxs_strdup(ctx, cxs_column_text(stmt, 0))) == NULL ||
        (row.assay = cxs_strdup(ctx, cxs_column_text(stmt, 1))) == NULL ||
        (row.file = cxs_strdup(ctx, cxs_column_text(stmt, 2))) == NULL)
        goto done;
    rc = CXS_OK;
    rows->source[rows->sources++] = row;
    row = (cxs_source_row){.features = NULL};

done:
    cxs_source_clear(&row);
    cxs_stmt_free(stmt);
    return rc;
}

cxs_rc cxs_source_add_expression(cxs_ctx *ctx, cxs_study *study, cxs_quality_rows *rows)
{
    cxs_stmt *stmt = NULL;
    bool found = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_db_prepare(
        ctx, study->db,
        "SELECT s.patient, s.id, a.assay, a.file FROM assay a JOIN sample s ON s.id ="
        " a.sample WHERE s.baseline = 1 AND (a.assay LIKE 'RNA%' OR (a.library LIKE"
        " 'RNA%' AND a.assay IN ('BAM', 'CRAM'))) ORDER BY a.at",
        &stmt));
    for (;;) {
        cxs_source_row *row;
        CXS_TRY(cxs_stmt_step(ctx, stmt, &found));
        if (!found)
            break;
        CXS_TRY(cxs_grow(ctx, (void **)&rows->source, &rows->source_capacity,
                         rows->sources + 1, sizeof *rows->source));
        row = &rows->source[rows->sources++];
        *row = (cxs_source_row){.features = "rna"};
        if ((row->patient = cxs_strdup(ctx, cxs_column_text(stmt, 0))) == NULL ||
            (row->sample = cxs_strdup(ctx, cxs_column_text(stmt, 1))) == NULL ||
            (row->assay = cxs_strdup(ctx, cxs_column_text(stmt, 2))) == NULL ||
            (row->file = cxs_strdup(ctx, cxs_column_text(stmt, 3))) == NULL)
            CXS_TRY(CXS_ENOMEM);
    }
done:
    cxs_stmt_free(stmt);
    return rc;
}

/* ---- state -------------------------------------------------------------------------- */

/* A state, or -1 where nothing of the assay was judged. */
static int state_of(const cxs_features *f, const cxs_source_row *row)
{
    const size_t length = strlen(row->features);
    const cxs_rna_qc *rna = f->quality;
    int worst = -1;

    for (size_t k = 0; k < f->others.count; k++) {
        const cxs_quality_row *q = &f->others.at[k];
        if (strcmp(q->sample, row->sample) == 0 &&
            strncmp(q->measure, row->features, length) == 0 &&
            q->measure[length] == '_' && (int)q->state > worst)
            worst = (int)q->state;
    }
    if (rna == NULL || strcmp(row->features, "rna") != 0)
        return worst;
    for (size_t i = 0; i < rna->n; i++)
        for (size_t m = 0;
             strcmp(rna->sample[i], row->patient) == 0 && m < CXS_RNA_MEASURES; m++) {
            const cxs_rna_result *r = &rna->result[i * CXS_RNA_MEASURES + m];
            if ((r->reason == NULL || r->state != CXS_QC_OK) && (int)r->state > worst)
                worst = (int)r->state;
        }
    return worst;
}

static int by_patient(const void *a, const void *b)
{
    const cxs_source_row *x = a, *y = b;
    int order = strcmp(x->patient, y->patient);

    if (order == 0)
        order = strcmp(x->features, y->features);
    if (order == 0)
        order = strcmp(x->sample, y->sample);
    if (order == 0)
        order = strcmp(x->assay, y->assay);
    return order != 0 ? order : strcmp(x->file, y->file);
}

static cxs_rc write_row(cxs_ctx *ctx, cxs_out *out, const cxs_features *f,
                        const cxs_source_row *row)
{
    static const char *const states[] = {"not_judged", "ok", "warn", "fail"};
    const char *name = strrchr(row->file, '/'); /* where it lay is nobody's business */
    const char *const text[] = {row->patient,
                                row->features,
                                row->sample,
                                row->assay,
                                name != NULL ? name + 1 : row->file,
                                states[state_of(f, row) + 1]};
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < sizeof text / sizeof *text; k++)
        CXS_TRY(cxs_out_text(ctx, out, text[k]));
    rc = cxs_out_row_end(ctx, out);
done:
    return rc;
}

cxs_rc cxs_sources_write(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    static const char *const names[] = {"patient_id", "features", "sample_id", "assay",
                                        "file",       "state",    NULL};
    const cxs_features *f = of;
    cxs_rc rc = CXS_OK;

    if (f->others.sources > 0)
        qsort(f->others.source, f->others.sources, sizeof *f->others.source,
              by_patient);
    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t r = 0; r < f->others.sources; r++)
        CXS_TRY(write_row(ctx, out, f, &f->others.source[r]));
done:
    return rc;
}
