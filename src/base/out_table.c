/*
 * out_table.c -- tables as whole files, named in the record of the run
 */
#include "base/out.h"

#include <string.h>

cxs_rc cxs_out_header(cxs_ctx *ctx, cxs_out *out, const char *const *names)
{
    cxs_rc rc = CXS_OK;

    for (; *names != NULL; names++)
        CXS_TRY(cxs_out_text(ctx, out, *names));
    rc = cxs_out_row_end(ctx, out);

done:
    return rc;
}

cxs_rc cxs_out_file(cxs_ctx *ctx, const char *prefix, const char *suffix,
                    cxs_out_fill write, const void *of, cxs_record *record)
{
    char *path = cxs_path_join(ctx, prefix, suffix);
    cxs_out *out = NULL;
    cxs_rc rc = CXS_OK;

    if (path == NULL)
        return CXS_ENOMEM;
    CXS_TRY(cxs_out_open(ctx, path, &out));
    CXS_TRY(write(ctx, out, of));
    rc = cxs_out_commit(ctx, out);
    out = NULL;
    if (rc == CXS_OK && record != NULL && strcmp(path, "-") != 0)
        rc = cxs_record_output(ctx, record, path);

done:
    cxs_out_abort(out);
    cxs_free(path);
    return rc;
}
