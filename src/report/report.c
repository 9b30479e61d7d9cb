/*
 * report.c -- results store to HTML file
 *
 * Everything is read and drawn in memory first; files appear at the end, each whole, so
 * that a damaged store leaves nothing behind.
 */
#include "coxswain/report.h"

#include "base/digest.h"
#include "base/out.h"
#include "report/page.h"

#include <string.h>

enum { TOP = 50, MIN_CELL = 11 }; /* 11: no cell of 1-10 persons (CMS policy) */

cxs_report_settings cxs_report_defaults(void)
{
    return (cxs_report_settings){.top = TOP, .min_cell = MIN_CELL};
}

static cxs_rc write_page(cxs_ctx *ctx, const cxs_markup *m, const char *path)
{
    cxs_rc rc = CXS_OK;
    cxs_out *out = NULL;

    CXS_TRY(cxs_out_open(ctx, path, &out));
    CXS_TRY(cxs_out_write(ctx, out, m->buf.text, m->buf.length));
    rc = cxs_out_commit(ctx, out);
    out = NULL;

done:
    cxs_out_abort(out);
    return rc;
}

static cxs_rc record_model(cxs_ctx *ctx, const char *prefix, cxs_record *record)
{
    static const char *const suffixes[] = {".path.tsv", ".coef.tsv"};
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < 2 && rc == CXS_OK; i++) {
        char *path = cxs_path_join(ctx, prefix, suffixes[i]);
        rc = path == NULL ? CXS_ENOMEM : cxs_record_input(ctx, record, path);
        cxs_free(path);
    }
    return rc;
}

cxs_rc cxs_report_write(cxs_ctx *ctx, const char *cxr_path,
                        const cxs_report_settings *settings, const char *html_path,
                        cxs_record *record)
{
    const cxs_report_settings s = settings != NULL ? *settings : cxs_report_defaults();
    cxs_rc rc = CXS_OK;
    cxs_loaded *loaded = NULL;
    cxs_model_files *path = NULL;
    char digest[CXS_SHA256_HEX] = "";
    cxs_page page = {.m = {.ctx = ctx}, .settings = &s, .record = record};

    CXS_TRY(cxs_loaded_read(ctx, cxr_path, s.top, &loaded));
    CXS_TRY(cxs_sha256_file(ctx, cxr_path, digest));
    if (s.model_prefix != NULL)
        CXS_TRY(cxs_model_files_read(ctx, s.model_prefix, loaded, &path));
    if (s.figures != NULL)
        CXS_TRY(cxs_make_folder(ctx, s.figures));
    page.d = loaded;
    page.path = path;
    page.store_digest = digest;
    cxs_page_build(&page);
    CXS_TRY(page.m.rc);
    CXS_TRY(write_page(ctx, &page.m, html_path));
    if (record != NULL) {
        CXS_TRY(cxs_record_input(ctx, record, cxr_path));
        if (s.model_prefix != NULL)
            CXS_TRY(record_model(ctx, s.model_prefix, record));
        CXS_TRY(cxs_record_output(ctx, record, html_path));
    }

done:
    cxs_free(page.m.buf.text);
    cxs_model_files_free(path);
    cxs_loaded_free(loaded);
    return rc;
}
