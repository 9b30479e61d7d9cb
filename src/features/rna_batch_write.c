/*
 * rna_batch_write.c -- main axes of expression and their tests as tables
 */
#include "features/rna_batch.h"

#include "base/out.h"

static cxs_rc header(cxs_ctx *ctx, cxs_out *out, const char *const *names, size_t count)
{
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < count; k++)
        CXS_TRY(cxs_out_text(ctx, out, names[k]));
    rc = cxs_out_row_end(ctx, out);

done:
    return rc;
}

static cxs_rc write_tests(cxs_ctx *ctx, const cxs_batch *b, cxs_out *out)
{
    static const char *const names[] = {"component", "share", "variable",
                                        "levels",    "n",     "statistic",
                                        "df",        "p",     "eta_squared"};
    cxs_rc rc = CXS_OK;

    CXS_TRY(header(ctx, out, names, sizeof names / sizeof *names));
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

static cxs_rc write_scores(cxs_ctx *ctx, const cxs_batch *b, cxs_out *out)
{
    static const char *const names[] = {"sample_id", "PC1", "PC2"};
    cxs_rc rc = CXS_OK;

    CXS_TRY(header(ctx, out, names, sizeof names / sizeof *names));
    for (size_t i = 0; i < b->n; i++) {
        CXS_TRY(cxs_out_text(ctx, out, b->sample[i]));
        for (size_t a = 0; a < CXS_AXES; a++)
            CXS_TRY(cxs_out_real(ctx, out, b->score[a * b->n + i]));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

static cxs_rc write_one(cxs_ctx *ctx, const cxs_batch *b, const char *path,
                        cxs_rc (*write)(cxs_ctx *, const cxs_batch *, cxs_out *))
{
    cxs_out *out = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_open(ctx, path, &out));
    CXS_TRY(write(ctx, b, out));
    rc = cxs_out_commit(ctx, out);
    out = NULL;

done:
    cxs_out_abort(out);
    return rc;
}

cxs_rc cxs_batch_write(cxs_ctx *ctx, const cxs_batch *b, const char *prefix,
                       cxs_record *record)
{
    static const struct {
        const char *suffix;
        cxs_rc (*write)(cxs_ctx *, const cxs_batch *, cxs_out *);
    } tables[] = {{".batch.tsv", write_tests}, {".components.tsv", write_scores}};
    char *path = NULL;
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < sizeof tables / sizeof *tables; k++) {
        if ((path = cxs_path_join(ctx, prefix, tables[k].suffix)) == NULL)
            CXS_TRY(CXS_ENOMEM);
        CXS_TRY(write_one(ctx, b, path, tables[k].write));
        if (record != NULL)
            CXS_TRY(cxs_record_output(ctx, record, path));
        cxs_free(path);
        path = NULL;
    }

done:
    cxs_free(path);
    return rc;
}
