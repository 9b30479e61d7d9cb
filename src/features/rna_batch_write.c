/*
 * rna_batch_write.c -- main axes of expression and their tests as tables
 */
#include "features/rna_batch.h"

#include "base/out.h"

static cxs_rc write_tests(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_batch *b = of;
    static const char *const names[] = {
        "component", "share", "variable", "levels",      "n",
        "statistic", "df",    "p",        "eta_squared", NULL};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t k = 0; k < b->rows; k++) {
        const cxs_batch_row *r = &b->row[k];
        CXS_TRY(cxs_out_text(ctx, out, r->axis == 0 ? "PC1" : "PC2"));
        CXS_TRY(cxs_out_real(ctx, out, b->share[r->axis]));
        CXS_TRY(cxs_out_text(ctx, out, r->variable));
        CXS_TRY(cxs_out_size(ctx, out, r->levels));
        CXS_TRY(cxs_out_size(ctx, out, r->n));
        CXS_TRY(cxs_out_real(ctx, out, r->test.h));
        CXS_TRY(cxs_out_real(ctx, out, r->test.df));
        CXS_TRY(cxs_out_real(ctx, out, r->test.p));
        CXS_TRY(cxs_out_real(ctx, out, r->test.eta_squared));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

static cxs_rc write_scores(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_batch *b = of;
    static const char *const names[] = {"sample_id", "PC1", "PC2", NULL};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t i = 0; i < b->n; i++) {
        CXS_TRY(cxs_out_text(ctx, out, b->sample[i]));
        for (size_t a = 0; a < CXS_AXES; a++)
            CXS_TRY(cxs_out_real(ctx, out, b->score[a * b->n + i]));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

cxs_rc cxs_batch_write(cxs_ctx *ctx, const cxs_batch *b, const char *prefix,
                       cxs_record *record)
{
    const cxs_rc rc = cxs_out_file(ctx, prefix, ".batch.tsv", write_tests, b, record);

    return rc == CXS_OK
               ? cxs_out_file(ctx, prefix, ".components.tsv", write_scores, b, record)
               : rc;
}
