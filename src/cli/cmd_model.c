/* cmd_model.c -- `coxswain model`: penalised Cox path, cross-validation */
#include "cli/cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct settings {
    cxs_model_settings model;
    cxs_inputs in;
    cxs_common common;
    const char *lambda_list, *lambda_file, *out;
} settings;

static const char *const metric_names[] = {"deviance", "concordance", NULL};
static const char *const rule_names[] = {"min", "1se", NULL};
static const char *const missing_names[] = {"mean", "median", "refuse", NULL};

static const cxs_opt options[] = {
    CXS_OPT_MATRIX(settings),
    CXS_OPT_CLINICAL(settings),
    CXS_OPT_HEADING("Penalty"),
    CXS_OPT_REAL_ROW(0, "alpha", settings, model.alpha, "SHARE", 0, 1,
                     "elastic-net mixing: 1 lasso, 0 ridge"),
    CXS_OPT_SIZE_ROW(0, "nlambda", settings, model.nlambda, 1, 100000,
                     "length of the default lambda sequence"),
    CXS_OPT_REAL_ROW(0, "lambda-ratio", settings, model.lambda_ratio, "RATIO", 1e-8, 1,
                     "smallest over largest lambda; 0.01 if n < p, else 1e-4"),
    CXS_OPT_TEXT_ROW(0, "lambda", settings, lambda_list, "L1,L2,..",
                     "these lambdas instead"),
    CXS_OPT_TEXT_ROW(0, "lambda-file", settings, lambda_file, "FILE",
                     "lambdas from a file, one per line"),
    CXS_OPT_TEXT_ROW(0, "penalty-factor", settings, model.penalty_factor, "FILE",
                     "table feature_id, factor: 0 unpenalised, inf excluded"),
    CXS_OPT_YESNO_ROW("standardize", settings, model.standardize,
                      "scale features to unit sd"),
    CXS_OPT_CHOICE_ROW(0, "missing", settings, model.missing, missing_names,
                       "missing matrix values"),
    CXS_OPT_FLAG_ROW(0, "relax", settings, model.relax,
                     "fit each support again without a penalty"),
    CXS_OPT_HEADING("Likelihood and solver"),
    CXS_OPT_CHOICE_ROW(0, "ties", settings, model.ties, cxs_ties_choices,
                       "tied event times"),
    CXS_OPT_REAL_ROW(0, "tol", settings, model.tol, "SHARE", 1e-14, 0.1,
                     "bound on the KKT violation, relative to lambda_max"),
    CXS_OPT_FILE_ROW(0, "start", settings, model.start, "FILE",
                     "begin at these coefficients: feature_id, beta, or a coef.tsv"),
    CXS_OPT_SIZE_ROW(0, "start-index", settings, model.start_index, 0, 100000,
                     "their lambda_index; 0: nearest to the first lambda"),
    CXS_OPT_HEADING("Cross-validation"),
    CXS_OPT_SIZE_ROW(0, "folds", settings, model.folds, 0, 100000,
                     "folds, split by patient; 0: none"),
    CXS_OPT_SIZE_ROW(0, "repeats", settings, model.repeats, 1, 10000,
                     "repeats with other folds"),
    CXS_OPT_TEXT_ROW(0, "fold-col", settings, in.clinical.fold, "COL",
                     "column of given folds instead of random ones"),
    CXS_OPT_CHOICE_ROW(0, "metric", settings, model.metric, metric_names,
                       "what is compared"),
    CXS_OPT_CHOICE_ROW(0, "rule", settings, model.rule, rule_names,
                       "which lambda is chosen"),
    CXS_OPT_NEGATE_ROW("no-early-stop", settings, model.early_stop,
                       "follow the curve to the last lambda"),
    CXS_OPT_SIZE_ROW(0, "outer-folds", settings, model.outer_folds, 0, 100000,
                     "judge the whole selection on folds left out of it; 0: no"),
    CXS_OPT_SIZE_ROW(0, "outer-repeats", settings, model.outer_repeats, 1, 10000,
                     "repeats with other outer folds"),
    CXS_OPT_SEED_ROW(settings, model.seed),
    CXS_OPT_HEADING("Run"),
    CXS_OPT_TEXT_ROW('o', "out", settings, out, "PREFIX", "prefix of the result files"),
    CXS_OPT_MEMORY(settings),
    CXS_OPT_COMMON(settings),
    CXS_OPT_END,
};

static void usage(const void *defaults)
{
    fputs("Usage: coxswain model [options] [FEATURES.cxf] --out PREFIX\n"
          "Fit a penalised Cox path and choose lambda by cross-validation.\n"
          "Writes PREFIX.path.tsv, PREFIX.coef.tsv, PREFIX.cv.tsv, PREFIX.run.json;\n"
          "with --relax PREFIX.relaxed.tsv, with --outer-folds PREFIX.nested.tsv and\n"
          "PREFIX.selected.tsv.\n",
          stdout);
    cxs_opt_help(stdout, options, defaults);
    fputs(
        "\nExample:\n"
        "  coxswain model --matrix expr.tsv.zst --clinical clin.tsv --time OS.time \\\n"
        "      --event OS --adjust age --alpha 0.9 --folds 10 --out os\n",
        stdout);
}

/* Append numbers of a text separated by commas, blanks or line ends. */
static cxs_rc parse_lambdas(cxs_ctx *ctx, const char *from, const char *text,
                            double **list, size_t *count)
{
    while (*text != '\0') {
        char *end;
        const double value = strtod(text, &end);
        double *longer;
        if (end == text || !isfinite(value) || value < 0.0)
            return cxs_fail(ctx, CXS_EARG, "%s: '%.40s' is not a lambda >= 0", from,
                            text);
        if ((longer = realloc(*list, (*count + 1) * sizeof **list)) == NULL)
            return cxs_fail(ctx, CXS_ENOMEM, "%s: too many lambdas", from);
        *list = longer;
        longer[(*count)++] = value;
        text = end + strspn(end, ", \t\r\n");
    }
    return CXS_OK;
}

static cxs_rc read_lambdas(cxs_ctx *ctx, const settings *s, double **list,
                           size_t *count)
{
    FILE *file;
    char line[256];
    cxs_rc rc = CXS_OK;

    if (s->lambda_list != NULL)
        return parse_lambdas(ctx, "--lambda", s->lambda_list, list, count);
    if (s->lambda_file == NULL)
        return CXS_OK;
    if ((file = fopen(s->lambda_file, "r")) == NULL)
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: cannot be opened", s->lambda_file);
    while (rc == CXS_OK && fgets(line, sizeof line, file) != NULL)
        rc = parse_lambdas(ctx, s->lambda_file, line + strspn(line, " \t\r\n"), list,
                           count);
    fclose(file);
    if (rc == CXS_OK && *count == 0)
        rc = cxs_fail(ctx, CXS_EFORMAT, "%s: holds no lambda", s->lambda_file);
    return rc;
}

static cxs_rc fit_and_write(cxs_ctx *ctx, settings *s, const char *argument,
                            cxs_record *record)
{
    cxs_matrix *matrix = NULL;
    cxs_surv *surv = NULL;
    cxs_model *model = NULL;
    cxs_rc rc = cxs_inputs_read(ctx, &s->in, argument, record, &matrix, &surv);

    if (rc == CXS_OK && s->model.penalty_factor != NULL)
        rc = cxs_record_input(ctx, record, s->model.penalty_factor);
    if (rc == CXS_OK && s->model.start != NULL)
        rc = cxs_record_input(ctx, record, s->model.start);
    if (rc != CXS_OK) {
        cxs_matrix_free(matrix);
        cxs_surv_free(surv);
        return rc;
    }
    if ((rc = cxs_model_fit(ctx, matrix, surv, &s->model, &model)) == CXS_OK &&
        (rc = cxs_model_write(ctx, model, s->out, record)) == CXS_OK)
        rc = cxs_record_write(ctx, record, s->out);
    cxs_model_free(model);
    return rc;
}

static cxs_rc run(cxs_ctx *ctx, void *of, int n, char **argument, cxs_record *record)
{
    settings *s = of;
    double *lambda = NULL;
    cxs_rc rc;

    if (s->out == NULL || n > 1)
        return cxs_fail(ctx, CXS_EARG,
                        "needs --out PREFIX and at most one FEATURES.cxf");
    rc = read_lambdas(ctx, s, &lambda, &s->model.lambda_count);
    s->model.lambda = s->model.lambda_count > 0 ? lambda : NULL;
    if (rc == CXS_OK)
        rc = cxs_opt_record(ctx, options, s, record);
    if (rc == CXS_OK)
        rc = fit_and_write(ctx, s, argument[0], record);
    free(lambda);
    return rc;
}

cxs_rc cmd_model(cxs_ctx *ctx, int argc, char **argv)
{
    const settings defaults = {.model = cxs_model_defaults(),
                               .in = cxs_inputs_defaults(),
                               .common = cxs_cli_common()};
    settings s = defaults;
    const cxs_cli_job job = {options, usage, run, &defaults, &s, &s.common, NULL};

    return cxs_cli_run(ctx, &job, argc, argv);
}
