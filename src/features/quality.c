/*
 * quality.c -- the list of what quality checks found
 */
#include "features/quality.h"

cxs_rc cxs_quality_add(cxs_ctx *ctx, cxs_quality_rows *rows, const char *sample,
                       const cxs_quality_row *row)
{
    cxs_quality_row copy = *row;
    cxs_rc rc = CXS_OK;

    if (rows == NULL)
        return CXS_OK;
    CXS_TRY(cxs_grow(ctx, (void **)&rows->at, &rows->capacity, rows->count + 1,
                     sizeof *rows->at));
    if ((copy.sample = cxs_strdup(ctx, sample)) == NULL)
        return CXS_ENOMEM;
    rows->at[rows->count++] = copy;
done:
    return rc;
}

void cxs_source_clear(cxs_source_row *row)
{
    cxs_free(row->patient);
    cxs_free(row->sample);
    cxs_free(row->assay);
    cxs_free(row->file);
    *row = (cxs_source_row){.features = NULL};
}

void cxs_quality_rows_clear(cxs_quality_rows *rows)
{
    for (size_t k = 0; k < rows->count; k++)
        cxs_free(rows->at[k].sample);
    for (size_t k = 0; k < rows->sources; k++)
        cxs_source_clear(&rows->source[k]);
    cxs_free(rows->source);
    cxs_free(rows->at);
    *rows = (cxs_quality_rows){0};
}
