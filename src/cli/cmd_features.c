/*
 * cmd_features.c -- `coxswain features`: counts or values to a feature matrix
 *
 * Options that are not given are CXS_FEATURES_AUTO: the study file decides, else the
 * kind of the values.  A plain table is not clipped unless asked, so that its log-CPM
 * are those of edgeR for any number of samples.
 */
#include "cli/cli.h"
#include "coxswain/catalogue.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

typedef struct settings {
    cxs_common common;
    cxs_features_settings features;
    cxs_matrix_settings matrix;
    const char *matrix_path, *out, *cxf, *tsv, *explain, *write_reference;
    int compress, list, markdown;
} settings;

static const char *const normalise_choices[] = {"none", "tmm", "mor", "tpm", NULL};
static const char *const no_yes[] = {"no", "yes", NULL};
static const char *const score_choices[] = {"singscore", "ssgsea", "z", NULL};
static const char *const quality_choices[] = {"none", "tumour", "csf", "study", NULL};

static const cxs_opt options[] = {
    CXS_OPT_HEADING("Plain matrix instead of a study file"),
    CXS_OPT_FILE_ROW(0, "matrix", settings, matrix_path, "FILE",
                     "features x samples: one table, or a folder or sheet of "
                     "files with one sample each"),
    CXS_OPT_FORMAT(settings, matrix),
    CXS_OPT_TEXT_ROW(0, "na", settings, matrix.na, "TOKEN,..",
                     "further missing-value tokens"),
    CXS_OPT_HEADING("Steps, in their order"),
    CXS_OPT_CHOICE_ROW(0, "filter", settings, features.filter, no_yes,
                       "drop genes of low count; default yes for counts"),
    CXS_OPT_TEXT_ROW(0, "filter-groups", settings, features.filter_groups, "COL",
                     "column of groups in --clinical: enough in the smallest one"),
    CXS_OPT_CHOICE_ROW(0, "normalise", settings, features.normalise, normalise_choices,
                       "default as the study says, else tmm for counts, tpm for tpm"),
    CXS_OPT_FILE_ROW(0, "lengths", settings, features.lengths, "FILE",
                     "table: gene, length; for TPM from counts"),
    CXS_OPT_CHOICE_ROW(0, "rank-normal", settings, features.rank_normal, no_yes,
                       "normal scores of the ranks within each cohort; default no"),
    CXS_OPT_TEXT_ROW(0, "cohort", settings, features.cohort_column, "COL",
                     "column of the cohorts in --clinical"),
    CXS_OPT_FILE_ROW(0, "clinical", settings, features.clinical, "FILE",
                     "table with the cohorts or groups"),
    CXS_OPT_TEXT_ROW(0, "id", settings, features.id, "COL",
                     "column of the ids in it; default the first"),
    CXS_OPT_CHOICE_ROW(
        0, "winsorise", settings, features.winsorise, no_yes,
        "clip at the 1 % and 99 % quantiles from 100 samples on; default "
        "yes for a study"),
    CXS_OPT_CHOICE_ROW(0, "standardise", settings, features.standardise, no_yes,
                       "subtract the mean, divide by the sd; default no"),
    CXS_OPT_HEADING("Gene sets"),
    CXS_OPT_CHOICE_ROW(0, "signatures", settings, features.signatures, no_yes,
                       "add the reference signatures as rna.sig.NAME; default yes for "
                       "a study"),
    CXS_OPT_FILE_ROW(0, "gmt", settings, features.gmt, "FILE",
                     "gene sets to score, into PREFIX.scores.tsv"),
    CXS_OPT_CHOICE_ROW(0, "score", settings, features.score, score_choices,
                       "how they are scored"),
    CXS_OPT_FILE_ROW(
        0, "sbs", settings, features.sbs, "FILE",
        "profiles of mutational signatures (COSMIC or PCAWG) for var.sbs.*; "
        "default those of the study"),
    CXS_OPT_CHOICE_ROW(
        0, "rna-quality", settings, features.rna_quality, quality_choices,
        "thresholds a sample must pass; default study, none for a table"),
    CXS_OPT_SEED_ROW(settings, features.seed),
    CXS_OPT_HEADING("New samples"),
    CXS_OPT_FILE_ROW(0, "write-reference", settings, write_reference, "FILE",
                     "keep what new samples need to be put on the same scale"),
    CXS_OPT_FILE_ROW(0, "reference", settings, features.reference, "FILE",
                     "score on the scale of such a file, each sample by itself"),
    CXS_OPT_HEADING("Catalogue, instead of a matrix"),
    {.kind = CXS_OPT_FLAG,
     .name = "list",
     .offset = offsetof(settings, list),
     .help = "table of all feature families"},
    {.kind = CXS_OPT_FLAG,
     .name = "markdown",
     .offset = offsetof(settings, markdown),
     .help = "--list as tables in Markdown"},
    CXS_OPT_FILE_ROW(0, "explain", settings, explain, "NAME",
                     "what a feature is, how it is made and what it needs"),
    CXS_OPT_HEADING("Output"),
    CXS_OPT_FILE_ROW(0, "out", settings, out, "PREFIX",
                     "PREFIX.features.tsv, PREFIX.factors.tsv, PREFIX.transform.tsv"),
    CXS_OPT_FILE_ROW('o', "cxf", settings, cxf, "F.cxf",
                     "matrix file, with F.factors.tsv and F.transform.tsv"),
    CXS_OPT_FILE_ROW(0, "tsv", settings, tsv, "FILE", "the matrix as TSV"),
    {.kind = CXS_OPT_FLAG,
     .name = "compress",
     .offset = offsetof(settings, compress),
     .help = "zstd blocks in the matrix file (smaller, not mapped)"},
    CXS_OPT_HEADING("Common"),
    CXS_OPT_COMMON(settings),
    CXS_OPT_END,
};

static void usage(const void *defaults)
{
    fputs(
        "Usage: coxswain features [options] STUDY.cxs -o F.cxf\n"
        "       coxswain features [options] --matrix FILE --kind KIND --out PREFIX\n"
        "       coxswain features --list | --explain NAME\n"
        "Make features of expression, variants, copy numbers and fragments: those of\n"
        "a study, or an expression matrix filtered, normalised and transformed.\n",
        stdout);
    cxs_opt_help(stdout, options, defaults);
    cxs_cli_formats(stdout);
    fputs(
        "\nThe filter is edgeR's filterByExpr on raw library sizes, before the factors "
        "are\ncomputed on the genes it keeps.  Constant features are dropped.\n"
        "\nExample:\n"
        "  coxswain features study.cxs -o study.cxf --tsv study.tsv\n"
        "  coxswain features --matrix counts.tsv --kind counts --out run1\n"
        "  coxswain features study.cxs -o study.cxf --write-reference study.ref\n"
        "  coxswain features --matrix new.tsv --kind counts --reference study.ref "
        "--out new\n"
        "  coxswain features --matrix salmon/ --tx2gene tx2gene.tsv --kind counts "
        "--out run2\n",
        stdout);
}

static cxs_rc check_arguments(cxs_ctx *ctx, const settings *s, int n)
{
    if (n + (s->matrix_path != NULL) != 1)
        return cxs_fail(ctx, CXS_EARG,
                        "features needs one input: STUDY.cxs, F.cxf or --matrix FILE");
    if (s->out == NULL && s->cxf == NULL && s->tsv == NULL)
        return cxs_fail(
            ctx, CXS_EARG,
            "features needs an output: -o F.cxf, --out PREFIX or --tsv FILE");
    if (s->write_reference != NULL && s->features.reference != NULL)
        return cxs_fail(
            ctx, CXS_EARG,
            "--write-reference makes what --reference uses: one of the two");
    if (s->features.sbs != NULL && s->matrix_path != NULL)
        return cxs_fail(ctx, CXS_EARG, "--sbs belongs to a study, not to a matrix");
    if (s->features.cohort_column != NULL && s->features.rank_normal != 1)
        return cxs_fail(ctx, CXS_EARG, "--cohort belongs to --rank-normal yes");
    if ((s->features.cohort_column == NULL && s->features.filter_groups == NULL) !=
        (s->features.clinical == NULL))
        return cxs_fail(ctx, CXS_EARG,
                        "--cohort, --filter-groups: with --clinical, and it with them");
    return CXS_OK;
}

/* A matrix file begins with "CXF1"; anything else as argument is a study file. */
static int is_matrix_file(const char *path)
{
    char magic[4] = "";
    FILE *file = fopen(path, "rb");
    int found;

    if (file == NULL)
        return 0; /* the reader of study files says why */
    found = fread(magic, 1, sizeof magic, file) == sizeof magic &&
            memcmp(magic, "CXF1", sizeof magic) == 0;
    fclose(file);
    return found;
}

static cxs_rc derive_study(cxs_ctx *ctx, const settings *s, const char *path,
                           cxs_features **out)
{
    cxs_features_settings features = s->features;
    cxs_study *study = NULL;
    cxs_rc rc = cxs_study_open(ctx, path, &study);

    features.source = path;
    features.refdata = s->matrix.refdata;
    if (rc == CXS_OK)
        rc = cxs_features_study(ctx, study, &features, out);
    cxs_study_close(study);
    return rc;
}

static cxs_rc derive_matrix(cxs_ctx *ctx, const settings *s, const char *path,
                            cxs_record *record, cxs_features **out)
{
    cxs_features_settings features = s->features;
    cxs_matrix *matrix = NULL;
    cxs_rc rc = cxs_matrix_read(ctx, path, &s->matrix, &matrix);

    features.source = path;
    features.refdata = s->matrix.refdata;
    if (features.winsorise == CXS_FEATURES_AUTO && features.reference == NULL)
        features.winsorise = 0;
    if (rc == CXS_OK)
        rc = cxs_features_derive(ctx, matrix, NULL, &features, out);
    if (rc == CXS_OK)
        rc = cxs_inputs_record_matrix(ctx, record, matrix, path);
    cxs_matrix_free(matrix);
    return rc;
}

/* Settings as they were used go into the record, with the words of the command line. */
static cxs_rc record_settings(cxs_ctx *ctx, const settings *s, const cxs_features *f,
                              cxs_record *record)
{
    settings used = *s;

    used.features = cxs_features_used(f);
    used.features.cohort_column = s->features.cohort_column;
    used.features.filter_groups = s->features.filter_groups;
    used.features.id = s->features.id;
    used.features.gmt = s->features.gmt;
    used.features.sbs = s->features.sbs;
    return cxs_opt_record(ctx, options, &used, record);
}

/* PREFIX of the tables beside the matrix file: its name without the ending. */
static cxs_rc table_prefix(cxs_ctx *ctx, const settings *s, char prefix[PATH_MAX])
{
    const char *from = s->out != NULL ? s->out : s->cxf != NULL ? s->cxf : s->tsv;
    const char *ending = s->out != NULL ? "" : s->cxf != NULL ? ".cxf" : ".tsv";
    const size_t length = strlen(from), cut = strlen(ending);

    if (length >= PATH_MAX)
        return cxs_fail(ctx, CXS_EARG, "%s: path is too long", from);
    memcpy(prefix, from, length + 1);
    if (length > cut && strcmp(from + length - cut, ending) == 0)
        prefix[length - cut] = '\0';
    return CXS_OK;
}

static cxs_rc write_results(cxs_ctx *ctx, const settings *s, const cxs_features *f,
                            cxs_record *record)
{
    const cxs_matrix *m = cxs_features_matrix(f);
    char prefix[PATH_MAX];
    cxs_rc rc = table_prefix(ctx, s, prefix);

    if (rc == CXS_OK && s->cxf != NULL)
        rc = cxs_matrix_write(ctx, m, s->cxf, s->compress);
    if (rc == CXS_OK && s->cxf != NULL)
        rc = cxs_record_output(ctx, record, s->cxf);
    if (rc == CXS_OK && s->tsv != NULL)
        rc = cxs_matrix_write_tsv(ctx, m, s->tsv);
    if (rc == CXS_OK && s->tsv != NULL)
        rc = cxs_record_output(ctx, record, s->tsv);
    if (rc == CXS_OK)
        rc = cxs_features_write_tables(ctx, f, prefix, s->out != NULL, record);
    if (rc == CXS_OK && s->write_reference != NULL)
        rc = cxs_features_write_reference(ctx, f, s->write_reference, record);
    if (rc == CXS_OK)
        rc = cxs_record_result_real(ctx, record, "n", (double)cxs_matrix_n(m));
    if (rc == CXS_OK)
        rc = cxs_record_result_real(ctx, record, "p", (double)cxs_matrix_p(m));
    if (rc == CXS_OK)
        rc = cxs_record_write(ctx, record, prefix);
    return rc;
}

/* The signatures that were scored are an input as much as the matrix. */
static cxs_rc record_signatures(cxs_ctx *ctx, const settings *s, const cxs_features *f,
                                cxs_record *record)
{
    const char *folder = cxs_refdata_folder(s->matrix.refdata);
    char path[PATH_MAX];

    if (cxs_features_scores(f) == NULL || cxs_features_used(f).signatures != 1 ||
        folder == NULL)
        return CXS_OK;
    if (snprintf(path, sizeof path, "%s/signatures.tsv", folder) >= (int)sizeof path)
        return cxs_fail(ctx, CXS_EARG, "%s: path is too long", folder);
    return cxs_record_input(ctx, record, path);
}

static cxs_rc make(cxs_ctx *ctx, const settings *s, const char *argument,
                   cxs_record *record)
{
    const char *input = s->matrix_path != NULL ? s->matrix_path : argument;
    cxs_features *f = NULL;
    cxs_rc rc = CXS_OK;

    if (s->matrix_path != NULL || is_matrix_file(argument))
        rc = derive_matrix(ctx, s, input, record, &f);
    else
        rc = derive_study(ctx, s, input, &f);
    if (rc == CXS_OK && s->matrix_path == NULL && !is_matrix_file(argument))
        rc = cxs_record_input(ctx, record, input);
    if (rc == CXS_OK && s->features.lengths != NULL)
        rc = cxs_record_input(ctx, record, s->features.lengths);
    if (rc == CXS_OK && s->features.clinical != NULL)
        rc = cxs_record_input(ctx, record, s->features.clinical);
    if (rc == CXS_OK && s->features.gmt != NULL)
        rc = cxs_record_input(ctx, record, s->features.gmt);
    if (rc == CXS_OK && s->features.reference != NULL)
        rc = cxs_record_input(ctx, record, s->features.reference);
    if (rc == CXS_OK && s->features.sbs != NULL)
        rc = cxs_record_input(ctx, record, s->features.sbs);
    if (rc == CXS_OK)
        rc = record_signatures(ctx, s, f, record);
    if (rc == CXS_OK)
        rc = record_settings(ctx, s, f, record);
    if (rc == CXS_OK)
        rc = write_results(ctx, s, f, record);
    cxs_features_free(f);
    return rc;
}

/* The catalogue needs no input. */
static cxs_rc catalogue(cxs_ctx *ctx, const settings *s, int n)
{
    if (n > 0 || s->matrix_path != NULL || (s->list && s->explain != NULL))
        return cxs_fail(ctx, CXS_EARG, "--list and --explain stand alone");
    if (s->markdown && !s->list)
        return cxs_fail(ctx, CXS_EARG, "--markdown belongs to --list");
    return s->list ? cxs_cli_list(ctx, s->markdown) : cxs_cli_explain(ctx, s->explain);
}

static cxs_rc run(cxs_ctx *ctx, void *of, int n, char **argument, cxs_record *record)
{
    settings *s = of;
    cxs_rc rc;

    if (s->list || s->markdown || s->explain != NULL)
        return catalogue(ctx, s, n);
    s->features.freeze = s->write_reference != NULL;
    rc = check_arguments(ctx, s, n);
    return rc == CXS_OK ? make(ctx, s, argument[0], record) : rc;
}

cxs_rc cmd_features(cxs_ctx *ctx, int argc, char **argv)
{
    const settings defaults = {.common = cxs_cli_common(),
                               .features = cxs_features_auto(),
                               .matrix = cxs_matrix_defaults()};
    settings s = defaults;
    const cxs_cli_job job = {options, usage, run, &defaults, &s, &s.common, NULL};

    return cxs_cli_run(ctx, &job, argc, argv);
}
