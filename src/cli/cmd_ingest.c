/* cmd_ingest.c -- `coxswain ingest`: a study folder into a study file */
#include "cli/cli.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct settings {
    cxs_common common;
    const char *out, *refdata, *shard, *panel;
    cxs_opt_texts sample;
    int anew;
} settings;

static const cxs_opt options[] = {
    CXS_OPT_HEADING("Output"),
    CXS_OPT_FILE_ROW('o', "out", settings, out, "FILE.cxs", "study file to write"),
    CXS_OPT_FILE_ROW(0, "make-pon", settings, panel, "FILE",
                     "also write the panel of normals of the study's normal samples"),
    CXS_OPT_HEADING("Input"),
    CXS_OPT_FILE_ROW(0, "refdata", settings, refdata, "DIR",
                     "folder of the reference tables"),
    CXS_OPT_HEADING("Sequencing files"),
    CXS_OPT_TEXTS_ROW(0, "sample", settings, sample, "ID",
                      "read the files of this sample only, into a part; may be "
                      "repeated"),
    CXS_OPT_TEXT_ROW(0, "shard", settings, shard, "K/N",
                     "read the K-th of N shares of the samples, into a part"),
    {.kind = CXS_OPT_FLAG,
     .name = "anew",
     .offset = offsetof(settings, anew),
     .help = "read files again that did not change since the older study file"},
    {.kind = CXS_OPT_BYTES,
     .name = "memory",
     .unit = "SIZE",
     .lo = 1,
     .offset = offsetof(settings, common.memory),
     .help = "memory for the files that are read at once; default 8G for each"},
    CXS_OPT_HEADING("General"),
    CXS_OPT_COMMON(settings),
    CXS_OPT_END,
};

static void usage(const void *defaults)
{
    fputs(
        "Usage: coxswain ingest STUDY -o FILE.cxs [options]\n\n"
        "Check the tables and matrices of a study and write them as one study file.\n"
        "STUDY is a folder with study.yaml, or that file.  Reads and variants that "
        "the\n"
        "assays sheet lists are decoded in processes of their own, as many at once as\n"
        "there are threads; what did not change is taken from the study file that is\n"
        "there.  With --sample or --shard the result is a part, for `coxswain "
        "merge`.\nFILE.cxs.run.json says what was read.\n",
        stdout);
    cxs_opt_help(stdout, options, defaults);
    fputs(
        "\nstudy.yaml (paths are relative to it; tables, endpoint and the columns of\n"
        "patient id, time and event are all that a study needs):\n"
        "  title: Glioma T cells\n"
        "  time_origin: enrolment      enrolment, diagnosis, treatment, surgery, "
        "other\n"
        "  tables: {patients: patients.tsv, samples: samples.tsv, assays: assays.tsv,\n"
        "           visits: visits.tsv, doses: doses.tsv, ae: ae.tsv,\n"
        "           adtte: adtte.tsv}   CDISC ADRS as visits and ADAE as ae, too\n"
        "  columns:                    schema name: column of the file\n"
        "    AGE: age_years\n"
        "    samples: {SAMPLE_ID: sample}\n"
        "  constants: {CENTER_ID: PUDONG}\n"
        "  values: {WHO_GRADE: {G2: 2, G3: 3}}   cells to translate, by column\n"
        "  na: [unknown]               further missing-value tokens\n"
        "  endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, entry: ENTRY_DAYS,\n"
        "             time_unit: days, horizon_days: 730.5, landmark_days: 42,\n"
        "             definition: OS}  OS, PFS or other; paramcd: OS instead of time\n"
        "                              and event takes this endpoint of adtte\n"
        "  centre: CENTER_ID\n"
        "  strata: [COHORT]            default COHORT where given; [] for none\n"
        "  covariates: [AGE, KPS]\n"
        "  factors: [WHO_GRADE]\n"
        "  reference: {SEX: F}\n"
        "  expression: {file: counts.tsv.zst, kind: counts, rows: features,\n"
        "               normalise: tmm, layer: rna, rank_normal: no, format: gct,\n"
        "               stranded: 2, tx2gene: tx2gene.tsv, scale: log2p1,\n"
        "               transcript_counts: length-scaled, genes: map, dup_genes: "
        "stop}\n"
        "  sequencing: {reference: genome.fa, annotation: genes.gtf, stranded: 2,\n"
        "               snps: snps.tsv, blacklist: FILE, classes: FILE, windows: "
        "FILE,\n"
        "               panel_of_normals: pon.tsv, mappability: map.wig, gc: "
        "gc.wig,\n"
        "               gene_groups: groups.gmt,\n"
        "               signatures: sbs.tsv,\n"
        "               depth_bin: 50000, fragment_bin: 100000, umi: no,\n"
        "               bad_files: stop}  drop: go on without files that fail\n"
        "  source: TUMOR               material of the baseline samples, default any\n"
        "  normalise: tmm              tmm, mor, tpm, none; with an assays sheet\n"
        "  accept_units: no            yes: the units are right although they look "
        "odd\n"
        "  status_coding_12: no        yes: 1 = censored, 2 = event\n"
        "  repair_gene_dates: no\n"
        "  bad_rows: stop              drop: leave out patients with entry >= exit\n",
        stdout);
    cxs_cli_formats(stdout);
    fputs("\nExample:\n"
          "  coxswain ingest study/ -o study.cxs\n"
          "  coxswain ingest study/ --shard 2/5 -o part2.cxp\n"
          "  coxswain ingest study/ -o study.cxs --make-pon pon.tsv\n",
          stdout);
}

/* "K/N" */
static int parse_shard(const char *text, cxs_ingest_settings *in)
{
    char *end;
    long k, n;

    k = strtol(text, &end, 10);
    if (end == text || *end != '/' || k < 1)
        return 0;
    text = end + 1;
    n = strtol(text, &end, 10);
    if (end == text || *end != '\0' || n < k || n > 1000000)
        return 0;
    in->shard = (size_t)k;
    in->shards = (size_t)n;
    return 1;
}

static cxs_rc write_panel(cxs_ctx *ctx, const settings *s)
{
    cxs_study *study = NULL;
    cxs_rc rc = cxs_study_open(ctx, s->out, &study);

    if (rc == CXS_OK)
        rc = cxs_study_panel_of_normals(ctx, study, s->refdata, s->panel);
    cxs_study_close(study);
    return rc;
}

static cxs_rc check(cxs_ctx *ctx, const settings *s, int positional,
                    cxs_ingest_settings *in)
{
    if (positional != 1)
        return cxs_fail(ctx, CXS_EARG, "ingest takes one study, got %d arguments",
                        positional);
    if (s->out == NULL)
        return cxs_fail(ctx, CXS_EARG, "name the study file to write with -o FILE.cxs");
    if (strcmp(s->out, "-") == 0)
        return cxs_fail(ctx, CXS_EARG, "a study file cannot be written to stdout");
    in->refdata = s->refdata;
    in->sample = s->sample.item;
    in->samples = s->sample.count;
    in->anew = s->anew;
    if (s->shard != NULL && !parse_shard(s->shard, in))
        return cxs_fail(ctx, CXS_EARG, "--shard must be K/N with 1 <= K <= N, got '%s'",
                        s->shard);
    if (s->panel != NULL && (in->samples > 0 || in->shards > 0))
        return cxs_fail(ctx, CXS_EARG, "--make-pon needs the whole study, not a part");
    return CXS_OK;
}

static cxs_rc run(cxs_ctx *ctx, void *of, int n, char **argument, cxs_record *record)
{
    const settings *s = of;
    cxs_ingest_settings in = {.record = record};
    cxs_rc rc = check(ctx, s, n, &in);

    if (rc == CXS_OK)
        rc = cxs_opt_record(ctx, options, s, record);
    if (rc == CXS_OK)
        rc = cxs_ingest_study(ctx, argument[0], &in, s->out);
    if (rc == CXS_OK && s->panel != NULL)
        rc = write_panel(ctx, s);
    if (rc == CXS_OK && s->panel != NULL)
        rc = cxs_record_output(ctx, record, s->panel);
    return rc == CXS_OK ? cxs_cli_record_file(ctx, record, s->out) : rc;
}

/* A record without the ids after --sample. */
static cxs_rc new_record(cxs_ctx *ctx, int argc, char **argv, cxs_record **record)
{
    static char hidden[] = "***", hidden_too[] = "--sample=***";
    char **word = calloc((size_t)argc + 1, sizeof *word);
    cxs_rc rc;

    *record = NULL;
    if (word == NULL)
        return cxs_fail(ctx, CXS_ENOMEM, "out of memory");
    for (int i = 0; i < argc; i++)
        word[i] = i > 0 && strcmp(argv[i - 1], "--sample") == 0 ? hidden
                  : strncmp(argv[i], "--sample=", 9) == 0       ? hidden_too
                                                                : argv[i];
    rc = cxs_cli_record(ctx, "ingest", argc, word, record);
    free(word);
    return rc;
}

cxs_rc cmd_ingest(cxs_ctx *ctx, int argc, char **argv)
{
    static settings s; /* large: room for many samples */
    const settings defaults = {.common = cxs_cli_common()};
    const cxs_cli_job job = {options, usage, run, &defaults, &s, &s.common, new_record};

    s = defaults;
    return cxs_cli_run(ctx, &job, argc, argv);
}
