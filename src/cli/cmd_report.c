/*
 * cmd_report.c -- coxswain report: results store to one HTML file
 *
 * No run record is written: the page itself names the store's digest, and a record
 * beside it could replace that of `rank` or `model` of the same prefix.
 */
#include "cli/cli.h"

#include <stddef.h>

typedef struct settings {
    cxs_common common;
    cxs_report_settings report;
    const char *out;
} settings;

static const char *const format_choices[] = {"svg", "pdf", "png", NULL};

static const cxs_opt options[] = {
    CXS_OPT_HEADING("Output"),
    CXS_OPT_FILE_ROW('o', "out", settings, out, "FILE",
                     "HTML file to write; - is stdout"),
    CXS_OPT_FILE_ROW(0, "figures", settings, report.figures, "DIR",
                     "also write each figure there"),
    CXS_OPT_CHOICE_ROW(0, "figure-format", settings, report.figure_format,
                       format_choices, "of those files"),
    CXS_OPT_HEADING("Content"),
    CXS_OPT_TEXT_ROW(0, "model", settings, report.model_prefix, "PREFIX",
                     "show path and cross-validation of `coxswain model --out PREFIX`"),
    CXS_OPT_TEXT_ROW(0, "title", settings, report.title, "TEXT", "heading of the page"),
    CXS_OPT_SIZE_ROW(0, "top", settings, report.top, 1, 100000,
                     "rows of the marker table"),
    CXS_OPT_SIZE_ROW(0, "min-cell", settings, report.min_cell, 1, 1000,
                     "counts of persons below N are shown as <N"),
    CXS_OPT_HEADING("General"),
    CXS_OPT_COMMON(settings),
    CXS_OPT_END,
};

static void usage(const void *defaults)
{
    fputs(
        "Usage: coxswain report RESULTS.cxr -o FILE.html [options]\n\n"
        "Write a results store as one self-contained HTML page: verdict, markers,\n"
        "figures, methods. Nothing is loaded from elsewhere and no script is needed.\n",
        stdout);
    cxs_opt_help(stdout, options, defaults);
    fputs("\nExample:\n"
          "  coxswain report os.cxr --model os --figures figures -o os.html\n",
          stdout);
}

static cxs_rc run(cxs_ctx *ctx, void *of, int n, char **argument, cxs_record *record)
{
    const settings *s = of;
    cxs_rc rc;

    if (n != 1)
        return cxs_fail(ctx, CXS_EARG,
                        "report takes one results store, got %d arguments", n);
    if (s->out == NULL)
        return cxs_fail(ctx, CXS_EARG, "name the page to write with -o FILE.html");
    rc = cxs_opt_record(ctx, options, s, record);
    if (rc == CXS_OK)
        rc = cxs_report_write(ctx, argument[0], &s->report, s->out, record);
    return rc == CXS_OK ? cxs_cli_record_file(ctx, record, s->out) : rc;
}

cxs_rc cmd_report(cxs_ctx *ctx, int argc, char **argv)
{
    const settings defaults = {.common = cxs_cli_common(),
                               .report = cxs_report_defaults()};
    settings s = defaults;
    const cxs_cli_job job = {options, usage, run, &defaults, &s, &s.common, NULL};

    return cxs_cli_run(ctx, &job, argc, argv);
}
