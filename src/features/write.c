/*
 * write.c -- the derived matrix, its factors and its frozen constants as tables
 */
#include "coxswain/catalogue.h"
#include "features/derive.h"
#include "features/rna_batch.h"
#include "features/rna_qc.h"

#include "base/out.h"
#include "store/data.h"

#include <string.h>

static cxs_rc write_factors(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_features *f = of;
    static const char *const names[] = {"sample_id", "library_size", "norm_factor",
                                        "size_factor", NULL};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t i = 0; i < f->matrix->n; i++) {
        CXS_TRY(cxs_out_text(ctx, out, f->matrix->sample[i]));
        CXS_TRY(cxs_out_real(ctx, out, f->library[i]));
        CXS_TRY(cxs_out_real(ctx, out, f->norm[i]));
        CXS_TRY(cxs_out_real(ctx, out, f->size[i]));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

/* What the catalogue says of a feature; a gene or a column of the user is no family's. */
static cxs_rc write_family(cxs_ctx *ctx, cxs_out *out, const char *feature)
{
    const cxs_family *f = cxs_catalogue_find(feature);
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_text(ctx, out, f != NULL ? f->pattern : "none"));
    CXS_TRY(cxs_out_text(ctx, out, f != NULL ? f->type : "NA"));
    CXS_TRY(cxs_out_text(ctx, out, f != NULL ? f->unit : "NA"));
done:
    return rc;
}

static cxs_rc write_transforms(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_features *f = of;
    static const char *const names[] = {
        "feature_id", "mean",   "sd",   "winsor_low", "winsor_high", "change",
        "change_by",  "family", "type", "unit",       NULL};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t j = 0; j < f->matrix->p; j++) {
        const cxs_transform *t = &f->transform[j];
        CXS_TRY(cxs_out_text(ctx, out, f->matrix->feature[j]));
        CXS_TRY(cxs_out_real(ctx, out, t->mean));
        CXS_TRY(cxs_out_real(ctx, out, t->sd));
        CXS_TRY(cxs_out_real(ctx, out, t->winsor_low));
        CXS_TRY(cxs_out_real(ctx, out, t->winsor_high));
        CXS_TRY(cxs_out_text(ctx, out, cxs_change_names[t->change]));
        CXS_TRY(cxs_out_real(ctx, out, t->change_by));
        CXS_TRY(write_family(ctx, out, f->matrix->feature[j]));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

/* The matrix itself, and its digest into the record. */
static cxs_rc write_matrix(cxs_ctx *ctx, const cxs_features *f, const char *prefix,
                           cxs_record *record)
{
    cxs_rc rc = CXS_OK;
    char *path = cxs_path_join(ctx, prefix, ".features.tsv");

    if (path == NULL)
        return CXS_ENOMEM;
    CXS_TRY(cxs_matrix_write_tsv(ctx, f->matrix, path));
    if (record != NULL)
        CXS_TRY(cxs_record_output(ctx, record, path));

done:
    cxs_free(path);
    return rc;
}

cxs_rc cxs_features_write_tables(cxs_ctx *ctx, const cxs_features *f,
                                 const char *prefix, int table, cxs_record *record)
{
    cxs_rc rc = CXS_OK;

    if (table)
        CXS_TRY(write_matrix(ctx, f, prefix, record));
    CXS_TRY(cxs_out_file(ctx, prefix, ".factors.tsv", write_factors, f, record));
    CXS_TRY(cxs_out_file(ctx, prefix, ".transform.tsv", write_transforms, f, record));
    if (f->others.sources > 0)
        CXS_TRY(
            cxs_out_file(ctx, prefix, ".sources.tsv", cxs_sources_write, f, record));
    if (f->scores != NULL)
        CXS_TRY(cxs_scores_write(ctx, f->scores, prefix, record));
    if (f->quality != NULL || f->others.count > 0)
        CXS_TRY(cxs_rna_qc_write(ctx, f->quality, &f->others, prefix, record));

    if (f->batch != NULL)
        CXS_TRY(cxs_batch_write(ctx, f->batch, prefix, record));

done:
    return rc;
}

cxs_rc cxs_features_write(cxs_ctx *ctx, const cxs_features *f, const char *prefix,
                          cxs_record *record)
{
    return cxs_features_write_tables(ctx, f, prefix, 1, record);
}
