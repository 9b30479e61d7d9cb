/*
 * cmd_simulate.c -- `coxswain simulate`: a study or a regression design with known
 * truth
 */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct settings {
    cxs_common common;
    cxs_simulate_settings sim;
    size_t block; /* 0: the default of what is simulated */
    const char *design, *out;
} settings;

enum { SIZE_TOP = 1000000000 };

static const cxs_opt options[] = {
    CXS_OPT_HEADING("What"),
    CXS_OPT_TEXT_ROW(0, "design", settings, design, "N,P,K,RHO",
                     "a regression design instead of a study"),
    CXS_OPT_FILE_ROW('o', "out", settings, out, "DIR", "folder to write (required)"),
    CXS_OPT_SEED_ROW(settings, sim.seed),
    CXS_OPT_HEADING("Study"),
    CXS_OPT_SIZE_ROW('n', "patients", settings, sim.n, 2, SIZE_TOP, "patients"),
    CXS_OPT_SIZE_ROW('p', "genes", settings, sim.p, 1, SIZE_TOP, "genes"),
    CXS_OPT_SIZE_ROW('k', "planted", settings, sim.k, 0, SIZE_TOP,
                     "genes with an effect on survival"),
    CXS_OPT_REAL_ROW(0, "rho", settings, sim.rho, "R", 0, 1,
                     "correlation inside a block of genes"),
    CXS_OPT_SIZE_ROW(0, "centres", settings, sim.centres, 1, 99, "recruiting centres"),
    CXS_OPT_FLAG_ROW(0, "sequencing", settings, sim.sequencing,
                     "BAM, CRAM and VCF files on a toy genome instead of counts"),
    CXS_OPT_SIZE_ROW(0, "rna-fragments", settings, sim.rna_fragments, 1, SIZE_TOP,
                     "read pairs of a typical RNA sample, with --sequencing"),
    CXS_OPT_SIZE_ROW(0, "cfdna-fragments", settings, sim.cfdna_fragments, 1, SIZE_TOP,
                     "read pairs of a cell-free DNA sample, with --sequencing"),
    CXS_OPT_HEADING("Both"),
    CXS_OPT_SIZE_ROW(0, "block", settings, block, 0, SIZE_TOP,
                     "features per correlated block; 0: 20 in a study, 50 in a design"),
    CXS_OPT_REAL_ROW(0, "effect", settings, sim.effect, "B", -100, 100,
                     "log hazard ratio per sd of a planted feature, signs alternate"),
    CXS_OPT_REAL_ROW(0, "censoring", settings, sim.censoring, "SHARE", 0, 0.999999,
                     "share of patients censored"),
    CXS_OPT_HEADING("Common"),
    CXS_OPT_COMMON(settings),
    CXS_OPT_END,
};

static void usage(const void *defaults)
{
    fputs("Usage: coxswain simulate [options] --out DIR\n"
          "Write a study folder whose markers are known, or a regression design.\n",
          stdout);
    cxs_opt_help(stdout, options, defaults);
    fputs("\nA study: study.yaml patients.tsv samples.tsv assays.tsv counts.tsv.zst\n"
          "truth.tsv; with --sequencing reference.fa genes.gtf targets.bed snps.tsv\n"
          "reads/ variants/ truth.*.tsv.  A design: X.f64 clinical.tsv meta.tsv "
          "truth.tsv design.cxf.\n"
          "The same options give the same bytes.\n"
          "\nExample:\n"
          "  coxswain simulate --out study\n"
          "  coxswain simulate --sequencing -n 60 -p 300 --out reads-study\n"
          "  coxswain simulate --design 500,20000,10,0.5 --seed 1 --out design\n",
          stdout);
}

/* A whole number and what follows it; 0 when there is none. */
static int parse_size(const char **text, size_t *value)
{
    char *end = NULL;
    const unsigned long long whole = strtoull(*text, &end, 10);

    if (**text < '0' || **text > '9' || whole > SIZE_TOP)
        return 0;
    *value = (size_t)whole;
    *text = end;
    return 1;
}

/* "n,p,k,rho" into the settings. */
static cxs_rc parse_design(cxs_ctx *ctx, const char *text, cxs_simulate_settings *sim)
{
    size_t *const sizes[] = {&sim->n, &sim->p, &sim->k};
    const char *at = text;
    char *end = NULL;
    int good = 1;

    for (size_t i = 0; good && i < 3; i++)
        good = parse_size(&at, sizes[i]) && *at++ == ',';
    if (good) {
        sim->rho = strtod(at, &end);
        good = end != at && *end == '\0';
    }
    if (!good)
        return cxs_fail(ctx, CXS_EARG,
                        "--design: '%s' is not N,P,K,RHO such as 500,20000,10,0.5",
                        text);
    return CXS_OK;
}

static cxs_rc simulate(cxs_ctx *ctx, settings *s)
{
    cxs_rc rc;

    if (s->block > 0)
        s->sim.block = s->block;
    if (s->design == NULL)
        return cxs_simulate_study(ctx, &s->sim, s->out);
    if (s->block == 0)
        s->sim.block = cxs_simulate_design_defaults().block;
    rc = parse_design(ctx, s->design, &s->sim);
    return rc == CXS_OK ? cxs_simulate_design(ctx, &s->sim, s->out) : rc;
}

static cxs_rc run(cxs_ctx *ctx, void *of, int n, char **argument, cxs_record *record)
{
    settings *s = of;

    (void)record;
    if (n != 0)
        return cxs_fail(ctx, CXS_EARG, "simulate takes no argument, got '%s'",
                        argument[0]);
    if (s->out == NULL || *s->out == '\0')
        return cxs_fail(ctx, CXS_EARG, "simulate needs --out DIR");
    return simulate(ctx, s);
}

cxs_rc cmd_simulate(cxs_ctx *ctx, int argc, char **argv)
{
    const settings defaults = {.common = cxs_cli_common(),
                               .sim = cxs_simulate_defaults()};
    settings s = defaults;
    const cxs_cli_job job = {options, usage, run, &defaults, &s, &s.common, NULL};

    return cxs_cli_run(ctx, &job, argc, argv);
}
