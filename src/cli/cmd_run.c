/*
 * cmd_run.c -- `coxswain run`: the whole study, one command after the other
 *
 * Each step is the command of the same name with its files in one folder, so that `run`
 * and the commands by hand (or pipelines/slurm.sh) give the same result files.  A step
 * whose settings, inputs and outputs are those of an earlier run is not repeated.
 */
#include "cli/cli.h"
#include "cli/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TOP_ROWS = 10 }; /* markers shown at the end */

static const cxs_opt options[] = {
    CXS_OPT_HEADING("Study"),
    CXS_OPT_FLAG_ROW(0, "unadjusted", run_settings, unadjusted,
                     "leave the study's covariates out"),
    CXS_OPT_FILE_ROW(0, "refdata", run_settings, refdata, "DIR",
                     "folder of the reference tables"),
    CXS_OPT_HEADING("Model"),
    CXS_OPT_REAL_ROW(0, "alpha", run_settings, model.alpha, "A", 0, 1,
                     "elastic-net mixing: 1 lasso, 0 ridge"),
    CXS_OPT_SIZE_ROW(0, "folds", run_settings, model.folds, 0, 1000,
                     "cross-validation folds; 0 for none"),
    CXS_OPT_HEADING("Ranking"),
    CXS_OPT_TEXT_ROW(0, "allow-feature", run_settings, rank.allow_feature, "ID,..",
                     "may look like the outcome"),
    CXS_OPT_SIZE_ROW(0, "pairs", run_settings, rank.pairs, 0, 100000,
                     "complementary half-samples for stability"),
    CXS_OPT_SIZE_ROW(0, "permutations", run_settings, rank.permutations, 0, 1000000,
                     "of the global check"),
    CXS_OPT_SIZE_ROW(0, "bootstraps", run_settings, rank.bootstraps, 0, 1000000,
                     "for sign stability"),
    CXS_OPT_SEED_ROW(run_settings, seed),
    CXS_OPT_HEADING("Output"),
    CXS_OPT_TEXT_ROW('o', "out", run_settings, out, "DIR",
                     "folder of all results (required)"),
    CXS_OPT_SIZE_ROW(0, "top", run_settings, report.top, 1, 100000,
                     "markers in the table of the report"),
    CXS_OPT_FLAG_ROW(0, "screen", run_settings, screen,
                     "write the scan of all features as a table of its own"),
    {.kind = CXS_OPT_FLAG,
     .name = "fresh",
     .offset = offsetof(run_settings, fresh),
     .help = "repeat every step, also those that are up to date"},
    CXS_OPT_HEADING("Common"),
    CXS_OPT_MEMORY(run_settings),
    CXS_OPT_COMMON(run_settings),
    CXS_OPT_END,
};

static void usage(const void *defaults)
{
    fputs("Usage: coxswain run [options] STUDY -o DIR\n"
          "Read a study, fit, rank and report; repeat only what has changed.\n",
          stdout);
    cxs_opt_help(stdout, options, defaults);
    fputs(
        "\nSTUDY is a folder with study.yaml, or that file.  Steps: ingest, features,\n"
        "cox, screen (with --screen), model, rank, report.\n"
        "\nExample:\n  coxswain simulate --out study\n"
        "  coxswain run study -o results\n",
        stdout);
}

/* ---- steps ----------------------------------------------------------------------- */

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Digest of the words that decide the numbers and of the files that go in.  The folder
 * is left out, so that results may be moved. */
static cxs_rc step_key(run *r, const run_step *step, const run_words *w, run_done *done)
{
    const size_t folder = strlen(r->folder);
    cxs_record *sum = NULL;
    char *no_words[] = {NULL};
    size_t files;
    cxs_rc rc = cxs_record_new(r->ctx, step->name, 0, no_words, &sum);

    if (rc == CXS_OK)
        rc = cxs_record_setting_text(r->ctx, sum, "version", cxs_version());
    for (int i = 0; rc == CXS_OK && i < w->own; i++) {
        const char *word = w->argv[i];
        char name[32];
        snprintf(name, sizeof name, "word %d", i);
        if (strncmp(word, r->folder, folder) == 0 && word[folder] == '/')
            word += folder + 1;
        if (strcmp(word, r->study) != 0)
            rc = cxs_record_setting_text(r->ctx, sum, name, word);
    }
    if (rc == CXS_OK)
        rc = *step->inputs == '\0'
                 ? run_add_study(r->ctx, sum, r->study, r->folder)
                 : run_add_files(r->ctx, sum, r->folder, step->inputs, &files);
    if (rc == CXS_OK)
        rc = cxs_record_settings_digest(r->ctx, sum, done->key);
    cxs_record_free(sum);
    return rc;
}

/* Digest of the files that are there; "-" when there are none. */
static cxs_rc step_outputs(run *r, const run_step *step, run_done *done)
{
    cxs_record *sum = NULL;
    char *no_words[] = {NULL};
    size_t files = 0;
    cxs_rc rc = cxs_record_new(r->ctx, step->name, 0, no_words, &sum);

    if (rc == CXS_OK)
        rc = run_add_files(r->ctx, sum, r->folder, step->outputs, &files);
    if (rc == CXS_OK)
        rc = cxs_record_settings_digest(r->ctx, sum, done->outputs);
    if (files == 0)
        snprintf(done->outputs, sizeof done->outputs, "-");
    cxs_record_free(sum);
    return rc;
}

/* The sentence of `from` with the step at its end: the beginning is the place. */
static cxs_rc fail_in_step(cxs_ctx *ctx, const cxs_ctx *from, const run_step *step,
                           cxs_rc rc)
{
    char message[8192], code[16];

    snprintf(message, sizeof message, "%s", cxs_ctx_message(from));
    snprintf(code, sizeof code, "%s", cxs_ctx_code(from));
    return cxs_fail_code(ctx, rc, code, "%s (step %s)",
                         *message != '\0' ? message : cxs_rc_text(rc), step->name);
}

/* The command in a context of its own: warnings of another step are not its own, and
 * its result files must not depend on which steps were up to date. */
static cxs_rc call(run *r, const run_step *step, run_words *w)
{
    cxs_ctx *own = cxs_ctx_new();
    cxs_rc rc;

    if (own == NULL)
        return cxs_fail(r->ctx, CXS_ENOMEM, "out of memory (step %s)", step->name);
    cxs_cli_log_once(own);
    cxs_record_lap(r->record);
    if ((rc = step->command(own, w->n, w->argv)) != CXS_OK)
        rc = fail_in_step(r->ctx, own, step, rc);
    cxs_record_lap(r->record);
    cxs_ctx_free(own);
    cxs_cli_apply(r->ctx, &r->s->common);
    return rc;
}

static cxs_rc do_step(run *r, const run_step *step)
{
    const double started = now_s();
    char seconds[RUN_NAME_MAX];
    run_done done = {.name = ""};
    run_words w;
    cxs_rc rc;

    run_make_words(r, step, &w);
    if (w.too_long)
        return cxs_fail(r->ctx, CXS_EARG, "%s: path is too long", r->folder);
    snprintf(done.name, sizeof done.name, "%s", step->name);
    if ((rc = step_key(r, step, &w, &done)) != CXS_OK)
        return fail_in_step(r->ctx, r->ctx, step, rc);
    rc = r->s->fresh ? CXS_OK : step_outputs(r, step, &done);
    if (rc == CXS_OK && !r->s->fresh && run_state_holds(&r->state, &done)) {
        cxs_note(r->ctx, "%-9s up to date", step->name);
        return CXS_OK;
    }
    if (rc != CXS_OK)
        return fail_in_step(r->ctx, r->ctx, step, rc);
    if ((rc = call(r, step, &w)) != CXS_OK)
        return rc;
    rc = step_outputs(r, step, &done);
    if (rc == CXS_OK)
        rc = run_state_add(r->ctx, &r->state, &done);
    if (rc != CXS_OK)
        return fail_in_step(r->ctx, r->ctx, step, rc);
    snprintf(seconds, sizeof seconds, "%s_s", step->name);
    cxs_note(r->ctx, "%-9s %.1f s", step->name, now_s() - started);
    return cxs_record_result_real(r->ctx, r->record, seconds, now_s() - started);
}

static cxs_rc all_steps(run *r)
{
    char study[PATH_MAX];
    cxs_rc rc = run_path(r->ctx, r->folder, "study.cxs", study);

    r->folds = r->s->model.folds;
    for (size_t i = 0; rc == CXS_OK && run_steps[i].name != NULL; i++) {
        if (run_steps[i].command == cmd_model)
            rc = run_choose_folds(r->ctx, study, !r->s->unadjusted, &r->folds);
        if (rc == CXS_OK && (run_steps[i].command != cmd_screen || r->s->screen))
            rc = do_step(r, &run_steps[i]);
    }
    return rc;
}

/* The record of the whole: what the study was made of went in. */
static cxs_rc record_files(run *r)
{
    static const char *const outputs[] = {"study.cxs", "features.cxf", "rank.rank.tsv",
                                          "report.html"};
    char path[PATH_MAX];
    cxs_rc rc = run_path(r->ctx, r->folder, "study.cxs.run.json", path);

    if (rc == CXS_OK)
        rc = cxs_record_copy_inputs(r->ctx, r->record, path);
    for (size_t i = 0; rc == CXS_OK && i < sizeof outputs / sizeof *outputs; i++) {
        rc = run_path(r->ctx, r->folder, outputs[i], path);
        if (rc == CXS_OK)
            rc = cxs_record_output(r->ctx, r->record, path);
    }
    if (rc == CXS_OK)
        rc = run_path(r->ctx, r->folder, "run", path);
    return rc == CXS_OK ? cxs_record_write(r->ctx, r->record, path) : rc;
}

/* The global check, the markers, where the report lies. */
static cxs_rc finish(run *r)
{
    char path[PATH_MAX];
    cxs_rc rc = run_path(r->ctx, r->folder, "rank.run.json", path);

    if (rc == CXS_OK)
        rc = run_print_check(r->ctx, path);
    if (rc == CXS_OK)
        rc = run_path(r->ctx, r->folder, "rank.rank.tsv", path);
    if (rc == CXS_OK)
        rc = run_print_top(r->ctx, path, TOP_ROWS);
    if (rc == CXS_OK)
        printf("report: %s/report.html\n", r->folder);
    return rc == CXS_OK ? record_files(r) : rc;
}

static cxs_rc check_arguments(cxs_ctx *ctx, const run_settings *s, int n,
                              char folder[PATH_MAX])
{
    size_t length;

    if (n != 1)
        return cxs_fail(ctx, CXS_EARG, "run needs one STUDY, got %d argument%s", n,
                        n == 1 ? "" : "s");
    if (s->out == NULL || *s->out == '\0')
        return cxs_fail(ctx, CXS_EARG, "run needs -o DIR");
    length = strlen(s->out);
    while (length > 1 && s->out[length - 1] == '/')
        length--;
    if (length >= PATH_MAX)
        return cxs_fail(ctx, CXS_EARG, "-o: path is too long");
    snprintf(folder, PATH_MAX, "%.*s", (int)length, s->out);
    return CXS_OK;
}

/* A missing study leaves no folder behind. */
static cxs_rc prepare(run *r)
{
    cxs_rc rc;

    if (access(r->study, F_OK) != 0) {
        rc = cxs_fail(r->ctx, CXS_ENOINPUT, "%s: %s", r->study, strerror(errno));
        return fail_in_step(r->ctx, r->ctx, &run_steps[0], rc);
    }
    rc = run_make_folder(r->ctx, r->folder);
    return rc == CXS_OK ? run_state_read(r->ctx, r->folder, &r->state) : rc;
}

static cxs_rc run_study(cxs_ctx *ctx, void *of, int n, char **argument,
                        cxs_record *record)
{
    run r = {.ctx = ctx, .s = of, .study = argument[0], .record = record};
    cxs_rc rc = check_arguments(ctx, r.s, n, r.folder);

    if (rc != CXS_OK)
        return rc;
    rc = prepare(&r);
    if (rc == CXS_OK)
        rc = cxs_opt_record(ctx, options, r.s, record);
    if (rc == CXS_OK)
        rc = all_steps(&r);
    if (rc == CXS_OK)
        rc = finish(&r);
    if (rc != CXS_OK)
        rmdir(r.folder); /* only when nothing is in it */
    return rc;
}

cxs_rc cmd_run(cxs_ctx *ctx, int argc, char **argv)
{
    const run_settings defaults = {.common = cxs_cli_common(),
                                   .model = cxs_model_defaults(),
                                   .rank = cxs_rank_defaults(),
                                   .report = cxs_report_defaults(),
                                   .seed = cxs_rank_defaults().seed};
    run_settings s = defaults;
    const cxs_cli_job job = {options, usage, run_study, &defaults, &s, &s.common, NULL};

    return cxs_cli_run(ctx, &job, argc, argv);
}
