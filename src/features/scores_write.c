/*
 * scores_write.c -- scores, how they were made, and subtype calls as tables
 */
#include "features/scores.h"

#include "base/out.h"
#include "store/data.h"

#include <string.h>

static cxs_rc texts(cxs_ctx *ctx, cxs_out *out, const char *const *text, size_t count)
{
    cxs_rc rc = CXS_OK;

    for (size_t k = 0; k < count; k++)
        CXS_TRY(cxs_out_text(ctx, out, text[k] != NULL ? text[k] : "NA"));

done:
    return rc;
}

/* Values that a score is made of. */
static const char *basis_of(const cxs_scores *s, cxs_method method)
{
    return method == CXS_METHOD_WEIGHTED || method == CXS_METHOD_GEOMETRIC ? s->linear
                                                                           : s->basis;
}

static cxs_rc write_sets(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_scores *s = of;
    static const char *const names[] = {"feature_id", "method",  "basis",
                                        "genes",      "present", "status",
                                        "remark",     "missing", NULL};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t k = 0; k < s->matrix->p; k++) {
        const cxs_scored *c = &s->scored[k];
        const char *const first[] = {c->id, cxs_method_name(c->method),
                                     basis_of(s, c->method)};
        const char *const last[] = {c->status, c->remark,
                                    c->missing != NULL ? c->missing : NULL};
        size_t genes = 0;
        const size_t present = cxs_scores_present(s, k, &genes);
        CXS_TRY(texts(ctx, out, first, 3));
        CXS_TRY(cxs_out_size(ctx, out, genes));
        CXS_TRY(cxs_out_size(ctx, out, present));
        CXS_TRY(texts(ctx, out, last, 3));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

static cxs_rc write_subtypes(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cxs_scores *s = of;
    static const char *const names[] = {"sample_id", "es_PN", "p_PN", "es_CL", "p_CL",
                                        "es_MES",    "p_MES", "call", "flag",  NULL};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_header(ctx, out, names));
    for (size_t i = 0; i < s->matrix->n; i++) {
        CXS_TRY(cxs_out_text(ctx, out, s->matrix->sample[i]));
        for (size_t t = 0; t < CXS_SUBTYPES; t++) {
            CXS_TRY(cxs_out_real(ctx, out, s->subtypes.es[i * CXS_SUBTYPES + t]));
            CXS_TRY(cxs_out_real(ctx, out, s->subtypes.p[i * CXS_SUBTYPES + t]));
        }
        CXS_TRY(texts(ctx, out,
                      (const char *const[]){s->subtypes.call[i], s->subtypes.flag[i]},
                      2));
        CXS_TRY(cxs_out_row_end(ctx, out));
    }

done:
    return rc;
}

cxs_rc cxs_scores_write(cxs_ctx *ctx, const cxs_scores *s, const char *prefix,
                        cxs_record *record)
{
    char *path = cxs_path_join(ctx, prefix, ".scores.tsv");
    cxs_rc rc = CXS_OK;

    if (path == NULL)
        return CXS_ENOMEM;
    CXS_TRY(cxs_matrix_write_tsv(ctx, s->matrix, path));
    if (record != NULL)
        CXS_TRY(cxs_record_output(ctx, record, path));
    CXS_TRY(cxs_out_file(ctx, prefix, ".sets.tsv", write_sets, s, record));
    if (s->subtypes.es != NULL)
        CXS_TRY(cxs_out_file(ctx, prefix, ".subtype.tsv", write_subtypes, s, record));

done:
    cxs_free(path);
    return rc;
}
