/*
 * catalogue_markdown.c -- the table of feature families for readers
 *
 * src/features/CATALOGUE.md is this text (make catalogue); a test compares them.
 */
#include "features/catalogue.h"

#include "base/out.h"

#include <string.h>

/* A cell of a Markdown table: what would be markup is escaped. */
static cxs_rc put_cell(cxs_ctx *ctx, cxs_out *out, const char *text)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_write(ctx, out, " ", 1));
    for (; *text != '\0'; text++) {
        if (strchr("|*_<\\`", *text) != NULL)
            CXS_TRY(cxs_out_write(ctx, out, "\\", 1));
        CXS_TRY(cxs_out_write(ctx, out, text, 1));
    }
    rc = cxs_out_write(ctx, out, " |", 2);
done:
    return rc;
}

static cxs_rc put_row(cxs_ctx *ctx, cxs_out *out, const cxs_family *f)
{
    const char *const text[] = {f->what,      f->formula, f->unit,    f->type,
                                f->transform, f->needs,   f->missing, f->source};
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out, "| `%s`%s |", f->pattern,
                           cxs_family_available(f) ? "" : " (not in this build)"));
    for (size_t k = 0; k < sizeof text / sizeof *text; k++)
        CXS_TRY(put_cell(ctx, out, text[k]));
    rc = cxs_out_write(ctx, out, "\n", 1);
done:
    return rc;
}

cxs_rc cxs_catalogue_write_markdown(cxs_ctx *ctx, const char *path)
{
    const char *domain = "";
    cxs_out *out = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_open(ctx, path, &out));
    CXS_TRY(cxs_out_printf(
        ctx, out,
        "# Features\n\nWritten by `coxswain features --list --markdown` (`make "
        "catalogue`), not by hand.\nA star stands for one part of a name or more; the "
        "unit is that of the value before the\ntransform.  A value that was not "
        "assessed is missing, never 0.\n"));
    for (size_t k = 0; k < cxs_catalogue_count(); k++) {
        const cxs_family *f = cxs_catalogue_at(k);
        const char *name = cxs_catalogue_domain(f);
        if (strcmp(name, domain) != 0)
            CXS_TRY(cxs_out_printf(
                ctx, out,
                "\n## %s\n\n| feature | what | formula | unit | type | transform | "
                "needs | missing | source |\n| --- | --- | --- | --- | --- | --- | --- "
                "| --- | --- |\n",
                name));
        domain = name;
        CXS_TRY(put_row(ctx, out, f));
    }
    rc = cxs_out_commit(ctx, out);
    out = NULL;

done:
    cxs_out_abort(out);
    return rc;
}
