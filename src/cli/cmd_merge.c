/* cmd_merge.c -- `coxswain merge`: parts of a study's measures into its study file */
#include "cli/cli.h"

#include <stddef.h>
#include <string.h>

typedef struct settings {
    cxs_common common;
    const char *out, *refdata;
} settings;

static const cxs_opt options[] = {
    CXS_OPT_HEADING("Output"),
    CXS_OPT_FILE_ROW('o', "out", settings, out, "FILE.cxs", "study file to write"),
    CXS_OPT_HEADING("Input"),
    CXS_OPT_FILE_ROW(0, "refdata", settings, refdata, "DIR",
                     "folder of the reference tables"),
    CXS_OPT_HEADING("General"),
    CXS_OPT_COMMON(settings),
    CXS_OPT_END,
};

static void usage(const void *defaults)
{
    fputs("Usage: coxswain merge STUDY PART.cxp ... -o FILE.cxs [options]\n\n"
          "Join what `coxswain ingest --shard K/N` or `--sample ID` read, on one "
          "machine\n"
          "or many, into the study file; it has the same bytes as one made in one go.\n"
          "Parts that are missing are named; parts of another plan (other sheets,\n"
          "settings, reference files or another version of the program) are refused.\n",
          stdout);
    cxs_opt_help(stdout, options, defaults);
    fputs("\nExample:\n"
          "  coxswain ingest study/ --shard 1/2 -o 1.cxp\n"
          "  coxswain ingest study/ --shard 2/2 -o 2.cxp\n"
          "  coxswain merge study/ 1.cxp 2.cxp -o study.cxs\n",
          stdout);
}

static cxs_rc run(cxs_ctx *ctx, void *of, int n, char **argument, cxs_record *record)
{
    const settings *s = of;
    const cxs_ingest_settings in = {.refdata = s->refdata,
                                    .part = (const char *const *)(argument + 1),
                                    .parts = (size_t)n - 1,
                                    .record = record};
    cxs_rc rc;

    if (n < 2)
        return cxs_fail(ctx, CXS_EARG, "merge takes a study and its parts");
    if (s->out == NULL || strcmp(s->out, "-") == 0)
        return cxs_fail(ctx, CXS_EARG, "name the study file to write with -o FILE.cxs");
    rc = cxs_opt_record(ctx, options, s, record);
    if (rc == CXS_OK)
        rc = cxs_ingest_study(ctx, argument[0], &in, s->out);
    return rc == CXS_OK ? cxs_cli_record_file(ctx, record, s->out) : rc;
}

cxs_rc cmd_merge(cxs_ctx *ctx, int argc, char **argv)
{
    const settings defaults = {.common = cxs_cli_common()};
    settings s = defaults;
    const cxs_cli_job job = {options, usage, run, &defaults, &s, &s.common, NULL};

    return cxs_cli_run(ctx, &job, argc, argv);
}
