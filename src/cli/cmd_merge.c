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
    CXS_OPT_TEXT_ROW('o', "out", settings, out, "FILE.cxs", "study file to write"),
    CXS_OPT_HEADING("Input"),
    CXS_OPT_TEXT_ROW(0, "refdata", settings, refdata, "DIR",
                     "folder of the reference tables"),
    CXS_OPT_HEADING("General"),
    CXS_OPT_COMMON(settings),
    CXS_OPT_END,
};

static void help(FILE *to, const settings *defaults)
{
    fputs("Usage: coxswain merge STUDY PART.cxp ... -o FILE.cxs [options]\n\n"
          "Join what `coxswain ingest --shard K/N` or `--sample ID` read, on one "
          "machine\n"
          "or many, into the study file; it has the same bytes as one made in one go.\n"
          "Parts that are missing are named; parts of another plan (other sheets,\n"
          "settings, reference files or another version of the program) are refused.\n",
          to);
    cxs_opt_help(to, options, defaults);
    fputs("\nExample:\n"
          "  coxswain ingest study/ --shard 1/2 -o 1.cxp\n"
          "  coxswain ingest study/ --shard 2/2 -o 2.cxp\n"
          "  coxswain merge study/ 1.cxp 2.cxp -o study.cxs\n",
          to);
}

cxs_rc cmd_merge(cxs_ctx *ctx, int argc, char **argv)
{
    const settings defaults = {.common = cxs_cli_common()};
    settings s = defaults;
    cxs_ingest_settings in = {0};
    int positional = 0;
    cxs_rc rc = cxs_opt_parse(ctx, options, argc, argv, &s, &positional);

    if (rc != CXS_OK)
        return rc;
    if (s.common.help) {
        help(stdout, &defaults);
        return CXS_OK;
    }
    cxs_cli_apply(ctx, &s.common);
    if (positional < 2)
        return cxs_fail(ctx, CXS_EARG, "merge takes a study and its parts");
    if (s.out == NULL || strcmp(s.out, "-") == 0)
        return cxs_fail(ctx, CXS_EARG, "name the study file to write with -o FILE.cxs");
    in.refdata = s.refdata;
    in.part = (const char *const *)(argv + 2);
    in.parts = (size_t)positional - 1;
    return cxs_ingest_study(ctx, argv[1], &in, s.out);
}
