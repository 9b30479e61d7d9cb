/* cmd_screen.c -- `coxswain screen`: one adjusted Cox fit per feature */
#include "cli/cli.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

typedef struct settings {
    cxs_screen_settings screen;
    cxs_inputs in;
    cxs_common common;
    const char *out;
} settings;

static const char *const test_choices[] = {"wald", "lrt", "score", NULL};
static const char *const fdr_choices[] = {"bh", "by", NULL};

static const cxs_opt options[] = {
    CXS_OPT_MATRIX(settings),
    CXS_OPT_CLINICAL(settings),
    CXS_OPT_HEADING("Likelihood"),
    CXS_OPT_CHOICE_ROW(0, "ties", settings, screen.ties, cxs_ties_choices,
                       "tied event times"),
    CXS_OPT_CHOICE_ROW(0, "test", settings, screen.test, test_choices,
                       "test that gives p; z stays Wald"),
    CXS_OPT_CHOICE_ROW(0, "fdr", settings, screen.by, fdr_choices,
                       "q by Benjamini-Hochberg or Benjamini-Yekutieli"),
    CXS_OPT_FLAG_ROW(0, "robust", settings, screen.robust,
                     "sandwich variance, each row its own cluster"),
    CXS_OPT_SIZE_ROW(0, "min-events", settings, screen.min_events, 1, 1000000,
                     "fewer events: not tested"),
    CXS_OPT_HEADING("Output"),
    {.kind = CXS_OPT_TEXT,
     .letter = 'o',
     .name = "out",
     .unit = "PREFIX",
     .offset = offsetof(settings, out),
     .help = "write PREFIX.screen.tsv and PREFIX.run.json"},
    CXS_OPT_HEADING("Run"),
    CXS_OPT_MEMORY(settings),
    CXS_OPT_COMMON(settings),
    CXS_OPT_END,
};

static void usage(const void *defaults)
{
    fputs("Usage: coxswain screen [FILE.cxf] [options] --out PREFIX\n"
          "Fit every feature beside the same covariates.\n",
          stdout);
    cxs_opt_help(stdout, options, defaults);
    fputs("\nbeta and hr are per standard deviation, per unit for a 0/1 feature.\n"
          "With --cluster or --robust se, z, p and intervals are robust, and p is "
          "Wald's.\n"
          "\nExamples:\n"
          "  coxswain screen --matrix expr.tsv.zst --clinical clin.tsv --time OS.time "
          "\\\n"
          "      --event OS --adjust age,grade --strata centre --out os\n"
          "  coxswain screen genes.cxf --study trial.cxs --out os\n",
          stdout);
}

/* How many rows ended how; CXS_ENOCONV when nothing converged although it was tried. */
static cxs_rc summarise(cxs_ctx *ctx, const cxs_screen *screen, size_t p)
{
    const cxs_screen_row *row = cxs_screen_rows(screen);
    size_t ok = 0, below = 0, failed = 0, separated = 0;

    for (size_t j = 0; j < p; j++) {
        ok += row[j].status == CXS_STATUS_OK;
        below += row[j].q < 0.05;
        failed += row[j].status == CXS_STATUS_NOT_CONVERGED;
        separated += row[j].status == CXS_STATUS_SEPARATED;
    }
    if (separated > 0) {
        const cxs_rc rc =
            cxs_warn(ctx, "CX052",
                     "%zu features separate the events: no finite estimate, "
                     "status separated, no p",
                     separated);
        if (rc != CXS_OK)
            return rc;
    }
    cxs_note(ctx, "%zu features, %zu tested, %zu with q < 0.05", p, ok, below);
    if (ok == 0 && failed > 0)
        return cxs_fail(ctx, CXS_ENOCONV, "none of %zu features converged", failed);
    return CXS_OK;
}

static cxs_rc run(cxs_ctx *ctx, void *of, int n, char **argument, cxs_record *record)
{
    settings *s = of;
    cxs_matrix *matrix = NULL;
    cxs_surv *surv = NULL;
    cxs_screen *screen = NULL;
    size_t p = 0;
    cxs_rc rc;

    if (n > 1)
        return cxs_fail(ctx, CXS_EARG, "takes one matrix file, got %d arguments", n);
    if (s->out == NULL)
        return cxs_fail(ctx, CXS_EARG, "--out: needs a prefix for the results");
    rc = cxs_opt_record(ctx, options, s, record);
    if (rc == CXS_OK)
        rc = cxs_inputs_read(ctx, &s->in, argument[0], record, &matrix, &surv);
    if (rc == CXS_OK) { /* the scan takes matrix and surv over */
        p = cxs_matrix_p(matrix);
        rc = cxs_screen_run(ctx, matrix, surv, &s->screen, &screen);
    }
    if (rc == CXS_OK)
        rc = cxs_screen_write(ctx, screen, s->out, record);
    if (rc == CXS_OK)
        rc = cxs_record_write(ctx, record, s->out);
    if (rc == CXS_OK)
        rc = summarise(ctx, screen, p);
    cxs_screen_free(screen);
    return rc;
}

cxs_rc cmd_screen(cxs_ctx *ctx, int argc, char **argv)
{
    const settings defaults = {.screen = cxs_screen_defaults(),
                               .in = cxs_inputs_defaults(),
                               .common = cxs_cli_common()};
    settings s = defaults;
    const cxs_cli_job job = {options, usage, run, &defaults, &s, &s.common, NULL};

    return cxs_cli_run(ctx, &job, argc, argv);
}
