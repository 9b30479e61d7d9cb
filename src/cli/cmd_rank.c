/* cmd_rank.c -- `coxswain rank`: evidence per feature, tiers and the ranking */
#include "cli/cli.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { SHOWN = 10 }; /* markers in the short table on stderr */

typedef struct settings {
    cxs_rank_settings rank;
    cxs_inputs in;
    cxs_common common;
    const char *out;
} settings;

static const char *const test_choices[] = {"wald", "lrt", "score", NULL};

static const cxs_opt options[] = {
    CXS_OPT_MATRIX(settings),
    CXS_OPT_CLINICAL(settings),
    CXS_OPT_HEADING("Likelihood"),
    CXS_OPT_CHOICE_ROW(0, "ties", settings, rank.ties, cxs_ties_choices,
                       "tied event times"),
    CXS_OPT_CHOICE_ROW(0, "test", settings, rank.test, test_choices,
                       "test that gives p; z stays Wald"),
    CXS_OPT_TEXT_ROW(0, "allow-feature", settings, rank.allow_feature, "ID,..",
                     "features that may look like the outcome"),
    CXS_OPT_HEADING("Stability selection"),
    CXS_OPT_SIZE_ROW(0, "pairs", settings, rank.pairs, 0, 100000,
                     "complementary pairs of half-samples; 0: none"),
    CXS_OPT_REAL_ROW(0, "threshold", settings, rank.threshold, "SHARE", 0.51, 1,
                     "selection frequency called stable"),
    CXS_OPT_REAL_ROW(0, "max-errors", settings, rank.max_errors, "N", 1e-6, 1e6,
                     "bound on falsely selected features"),
    CXS_OPT_REAL_ROW(0, "alpha", settings, rank.alpha, "SHARE", 0.001, 1,
                     "elastic-net mixing: 1 lasso, 0.001 nearly ridge"),
    CXS_OPT_HEADING("Evidence"),
    CXS_OPT_SIZE_ROW(0, "permutations", settings, rank.permutations, 0, 10000000,
                     "permutations of the global check; 0: none"),
    CXS_OPT_SIZE_ROW(0, "bootstraps", settings, rank.bootstraps, 0, 10000000,
                     "bootstraps for sign stability; 0: none"),
    CXS_OPT_SIZE_ROW(0, "draws", settings, rank.draws, 1, 10000000,
                     "posterior draws for the expected rank"),
    CXS_OPT_SEED_ROW(settings, rank.seed),
    CXS_OPT_HEADING("Output"),
    CXS_OPT_SIZE_ROW(0, "top", settings, rank.top, 0, 1000,
                     "features with Kaplan-Meier curves"),
    CXS_OPT_REAL_ROW(0, "curve-end", settings, rank.horizon_days, "DAYS", 1e-6, 1e300,
                     "end of the curves; default the last follow-up"),
    {.kind = CXS_OPT_TEXT,
     .letter = 'o',
     .name = "out",
     .unit = "PREFIX",
     .offset = offsetof(settings, out),
     .help = "write PREFIX.rank.tsv, PREFIX.cxr and PREFIX.run.json"},
    CXS_OPT_HEADING("Run"),
    CXS_OPT_MEMORY(settings),
    CXS_OPT_COMMON(settings),
    CXS_OPT_END,
};

static void usage(const void *defaults)
{
    fputs("Usage: coxswain rank [FILE.cxf] [options] --out PREFIX\n"
          "Rank features by adjusted effect, error control and stability.\n",
          stdout);
    cxs_opt_help(stdout, options, defaults);
    fputs("\nWith --cluster se, z, p and intervals of the rows are robust, and p is "
          "Wald's\nwhatever --test says.\n"
          "\nExamples:\n"
          "  coxswain rank genes.cxf --study trial.cxs --out os\n"
          "  coxswain rank --matrix expr.tsv.zst --clinical clin.tsv --time months \\\n"
          "      --event dead --adjust age,grade --strata centre --out os\n",
          stdout);
}

/* The ten first markers and the verdict, as notes. */
static void show(cxs_ctx *ctx, const cxs_ranking *ranking)
{
    size_t count = 0;
    const cxs_rank_row *row = cxs_ranking_rows(ranking, &count);

    cxs_note(ctx, "%4s %-20s %4s %8s %10s %9s %9s", "rank", "feature", "tier", "HR",
             "p", "q", "selected");
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        const cxs_screen_row *e2 = &row[i].adjusted;
        char text[4][CXS_SHOWN_BYTES];
        cxs_note(ctx, "%4zu %-20s %4s %8s %10s %9s %9s", i + 1, row[i].feature_name,
                 cxs_tier_name(row[i].tier), cxs_cli_fixed(exp(e2->beta), 3, text[0]),
                 cxs_cli_short(e2->p, 3, text[1]), cxs_cli_short(e2->q, 3, text[2]),
                 cxs_cli_fixed(row[i].sel_freq, 2, text[3]));
    }
    cxs_note(ctx, "%s", cxs_ranking_verdict(ranking));
}

static cxs_rc run(cxs_ctx *ctx, void *of, int n, char **argument, cxs_record *record)
{
    settings *s = of;
    cxs_matrix *matrix = NULL;
    cxs_surv *surv = NULL;
    cxs_ranking *ranking = NULL;
    cxs_rc rc;

    if (n > 1)
        return cxs_fail(ctx, CXS_EARG, "takes one matrix file, got %d arguments", n);
    if (s->out == NULL)
        return cxs_fail(ctx, CXS_EARG, "--out: needs a prefix for the results");
    rc = cxs_opt_record(ctx, options, s, record);
    if (rc == CXS_OK)
        rc = cxs_inputs_read(ctx, &s->in, argument[0], record, &matrix, &surv);
    s->rank.plausibility_stops = s->in.study_path != NULL;
    if (rc == CXS_OK) /* takes matrix and surv over */
        rc = cxs_rank_run(ctx, matrix, surv, &s->rank, &ranking);
    if (rc == CXS_OK)
        rc = cxs_rank_write(ctx, ranking, s->out, record);
    if (rc == CXS_OK)
        rc = cxs_record_write(ctx, record, s->out);
    if (rc == CXS_OK)
        show(ctx, ranking);
    cxs_ranking_free(ranking);
    return rc;
}

cxs_rc cmd_rank(cxs_ctx *ctx, int argc, char **argv)
{
    const settings defaults = {.rank = cxs_rank_defaults(),
                               .in = cxs_inputs_defaults(),
                               .common = cxs_cli_common()};
    settings s = defaults;
    const cxs_cli_job job = {options, usage, run, &defaults, &s, &s.common, NULL};

    return cxs_cli_run(ctx, &job, argc, argv);
}
