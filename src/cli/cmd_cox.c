/* cmd_cox.c -- `coxswain cox`: classical Cox regression of a follow-up table */
#include "cli/cli.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef struct settings {
    cxs_cox_settings cox;
    cxs_inputs in;
    cxs_common common;
    const char *out, *residuals, *vcov;
    int ties; /* one more than cxs_ties has, see ties_choices */
} settings;

/* In the order of cxs_ties, then the discrete likelihood. */
static const char *const ties_choices[] = {"breslow", "efron", "exact", NULL};
enum { TIES_EXACT = 2 };

static const cxs_opt options[] = {
    CXS_OPT_CLINICAL(settings),
    CXS_OPT_FILE_ROW(0, "study", settings, in.study_path, "FILE.cxs",
                     "study file instead of --clinical"),
    CXS_OPT_FLAG_ROW(0, "unadjusted", settings, in.unadjusted,
                     "leave the study's covariates out"),
    CXS_OPT_HEADING("Likelihood"),
    CXS_OPT_CHOICE_ROW(0, "ties", settings, ties, ties_choices,
                       "tied event times; exact is the discrete likelihood"),
    CXS_OPT_FLAG_ROW(0, "robust", settings, cox.robust,
                     "sandwich variance, each row its own cluster"),
    CXS_OPT_FLAG_ROW(0, "firth", settings, cox.firth,
                     "Firth's penalty: finite estimates under separation"),
    CXS_OPT_REAL_ROW(0, "tol", settings, cox.tol, "SHARE", 1e-14, 1e-2,
                     "Newton decrement relative to the log likelihood"),
    CXS_OPT_HEADING("Output"),
    {.kind = CXS_OPT_TEXT,
     .letter = 'o',
     .name = "out",
     .unit = "PREFIX",
     .offset = offsetof(settings, out),
     .help = "write PREFIX.coef.tsv, .fit.tsv, .basehaz.tsv and .run.json"},
    CXS_OPT_FILE_ROW(0, "residuals", settings, residuals, "FILE",
                     "write the residuals of each row, with ids, mode 0600"),
    CXS_OPT_FILE_ROW(0, "vcov", settings, vcov, "FILE",
                     "write the variance matrix of the coefficients"),
    CXS_OPT_HEADING("Run"),
    CXS_OPT_COMMON(settings),
    CXS_OPT_END,
};

static void usage(const void *defaults)
{
    fputs("Usage: coxswain cox [options] --out PREFIX\n"
          "Fit a Cox regression: coefficients, tests, concordance, baseline hazard.\n",
          stdout);
    cxs_opt_help(stdout, options, defaults);
    fputs(
        "\nWithout --id each row of the table is a subject of its own.\n"
        "\nz, p and the interval are Wald's, robust with --cluster or --robust.  With\n"
        "--firth z is the signed root of the profile penalised likelihood ratio, p "
        "its\n"
        "test and hr_l95, hr_u95 its interval; se and wald_test stay Wald's.  ph_p is\n"
        "the score test for proportional hazards, Kaplan-Meier transform.\n"
        "--ties exact excludes --weights; --ties exact and --firth exclude each "
        "other,\n"
        "--cluster and --robust.  With --ties exact the residuals file holds the\n"
        "martingale and deviance residuals alone, the other columns are NA.\n"
        "\nExamples:\n"
        "  coxswain cox --clinical lung.tsv --time time --event status=2 \\\n"
        "      --adjust age,sex --factor sex --out os\n"
        "  coxswain cox --study trial.cxs --out os\n"
        "  coxswain cox --clinical small.tsv --time time --event status \\\n"
        "      --adjust arm --firth --vcov os.vcov.tsv --out os\n",
        stdout);
}

/* The rules are the library's; here they are told in the words of the options. */
static cxs_rc check(cxs_ctx *ctx, settings *s)
{
    const int exact = s->ties == TIES_EXACT;
    const char *robust = s->in.clinical.cluster != NULL ? "--cluster"
                         : s->cox.robust                ? "--robust"
                                                        : NULL;

    if (s->out == NULL)
        return cxs_fail(ctx, CXS_EARG, "--out: needs a prefix for the results");
    if (exact && s->cox.firth)
        return cxs_fail(ctx, CXS_EARG, "--ties exact and --firth exclude each other");
    if (exact && s->in.clinical.weights != NULL)
        return cxs_fail(ctx, CXS_EARG, "--ties exact and --weights exclude each other");
    if ((exact || s->cox.firth) && robust != NULL)
        return cxs_fail(ctx, CXS_EARG, "%s and %s exclude each other",
                        exact ? "--ties exact" : "--firth", robust);
    if (s->residuals != NULL && s->vcov != NULL && strcmp(s->residuals, "-") == 0 &&
        strcmp(s->vcov, "-") == 0)
        return cxs_fail(ctx, CXS_EARG, "only one output can go to standard output");
    s->cox.exact = exact;
    if (!exact)
        s->cox.ties = (cxs_ties)s->ties;
    return CXS_OK;
}

/* Counts and tests into the run record. */
static cxs_rc record_totals(cxs_ctx *ctx, const cxs_cox_totals *t, cxs_record *record)
{
    const struct {
        const char *key;
        double value;
    } result[] = {
        {"n", (double)t->n},
        {"n_subjects", (double)t->n_subjects},
        {"events", (double)t->events},
        {"loglik", t->loglik},
        {"concordance", t->concordance},
        {"converged", (double)t->converged},
    };
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; rc == CXS_OK && i < sizeof result / sizeof *result; i++)
        rc = cxs_record_result_real(ctx, record, result[i].key, result[i].value);
    return rc;
}

/* The coefficients as notes. */
static void show(cxs_ctx *ctx, const cxs_cox_fit *fit)
{
    size_t k = 0;
    const cxs_cox_row *row = cxs_cox_rows(fit, &k);
    const cxs_cox_totals *t = cxs_cox_total(fit);
    char text[4][CXS_SHOWN_BYTES];

    cxs_note(ctx, "%zu rows, %zu events, concordance %s (se %s)", t->n, t->events,
             cxs_cli_fixed(t->concordance, 3, text[0]),
             cxs_cli_fixed(t->concordance_se, 3, text[1]));
    for (size_t c = 0; c < k; c++)
        cxs_note(ctx, "%-24s HR %8s [%s, %s]  p %s  %s", row[c].term,
                 cxs_cli_fixed(row[c].hr, 3, text[0]),
                 cxs_cli_fixed(row[c].hr_l95, 3, text[1]),
                 cxs_cli_fixed(row[c].hr_u95, 3, text[2]),
                 cxs_cli_short(row[c].p, 3, text[3]), cxs_status_name(row[c].status));
}

static cxs_rc run(cxs_ctx *ctx, void *of, int n, char **argument, cxs_record *record)
{
    settings *s = of;
    cxs_surv *surv = NULL;
    cxs_cox_fit *fit = NULL;
    cxs_rc rc;

    if (n > 0)
        return cxs_fail(ctx, CXS_EARG, "takes no argument, got '%s'", argument[0]);
    rc = check(ctx, s);
    if (rc == CXS_OK)
        rc = cxs_opt_record(ctx, options, s, record);
    if (rc == CXS_OK)
        rc = cxs_inputs_surv(ctx, &s->in, record, &surv);
    if (rc == CXS_OK)
        rc = cxs_cox_fit_new(ctx, surv, &s->cox, &fit);
    if (rc == CXS_OK)
        rc = record_totals(ctx, cxs_cox_total(fit), record);
    if (rc == CXS_OK)
        rc = cxs_cox_write(ctx, fit, s->out, record);
    if (rc == CXS_OK && s->residuals != NULL)
        rc = cxs_cox_write_residuals(ctx, fit, surv, s->residuals, record);
    if (rc == CXS_OK && s->vcov != NULL)
        rc = cxs_cox_write_vcov(ctx, fit, s->vcov, record);
    if (rc == CXS_OK)
        rc = cxs_record_write(ctx, record, s->out);
    if (rc == CXS_OK) {
        show(ctx, fit);
        if (!cxs_cox_total(fit)->converged)
            rc = cxs_fail(ctx, CXS_ENOCONV,
                          "the fit did not converge: no row is usable");
    }
    cxs_cox_fit_free(fit);
    cxs_surv_free(surv);
    return rc;
}

cxs_rc cmd_cox(cxs_ctx *ctx, int argc, char **argv)
{
    settings defaults = {.cox = cxs_cox_defaults(),
                         .in = cxs_inputs_defaults(),
                         .common = cxs_cli_common()};
    settings s;
    const cxs_cli_job job = {options, usage, run, &defaults, &s, &s.common, NULL};

    defaults.ties = (int)defaults.cox.ties;
    defaults.in.clinical.rows_are_subjects = 1;
    s = defaults;
    return cxs_cli_run(ctx, &job, argc, argv);
}
