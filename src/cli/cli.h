/*
 * cli.h -- what the commands share
 *
 * A command is one row in main.c and one file cmd_NAME.c; it uses public headers only.
 */
#ifndef CXS_CLI_H
#define CXS_CLI_H

#include "coxswain/coxswain.h"

#include "cli/opt.h"

typedef cxs_rc (*cxs_cmd_fn)(cxs_ctx *ctx, int argc, char **argv);
typedef struct cxs_cmd {
    const char *name, *help;
    cxs_cmd_fn run;
} cxs_cmd;

cxs_rc cmd_run(cxs_ctx *ctx, int argc, char **argv);
cxs_rc cmd_ingest(cxs_ctx *ctx, int argc, char **argv);
cxs_rc cmd_merge(cxs_ctx *ctx, int argc, char **argv);
cxs_rc cmd_count(cxs_ctx *ctx, int argc, char **argv);
cxs_rc cmd_features(cxs_ctx *ctx, int argc, char **argv);
cxs_rc cmd_cox(cxs_ctx *ctx, int argc, char **argv);
cxs_rc cmd_screen(cxs_ctx *ctx, int argc, char **argv);
cxs_rc cmd_model(cxs_ctx *ctx, int argc, char **argv);
cxs_rc cmd_rank(cxs_ctx *ctx, int argc, char **argv);
cxs_rc cmd_report(cxs_ctx *ctx, int argc, char **argv);
cxs_rc cmd_simulate(cxs_ctx *ctx, int argc, char **argv);

/* What every command does alike: options are read into `settings`, which holds the
 * defaults; --help shows them; else the context gets the common options, and run() the
 * n arguments that are left (argument[n] is NULL) with a record of the call. */
typedef struct cxs_cli_job {
    const cxs_opt *options;
    void (*usage)(const void *defaults); /* on stdout */
    cxs_rc (*run)(cxs_ctx *ctx, void *settings, int n, char **argument,
                  cxs_record *record);
    const void *defaults;
    void *settings;
    const cxs_common *common; /* in settings */
    /* NULL: cxs_cli_record() with the name of the command. */
    cxs_rc (*new_record)(cxs_ctx *ctx, int argc, char **argv, cxs_record **out);
} cxs_cli_job;
cxs_rc cxs_cli_run(cxs_ctx *ctx, const cxs_cli_job *job, int argc,
                   char **argv) CXS_MUST_USE;

/* Settings of the context from the common options; call after parsing. */
void cxs_cli_apply(cxs_ctx *ctx, const cxs_common *common);

/* Send the lines of a further context to where those of the program go. */
void cxs_cli_log(cxs_ctx *ctx);
/* The same, without lines that such a context has shown before. */
void cxs_cli_log_once(cxs_ctx *ctx);

/* A run record that names every library of the program. */
cxs_rc cxs_cli_record(cxs_ctx *ctx, const char *command, int argc, char **argv,
                      cxs_record **out) CXS_MUST_USE;
/* FILE.run.json of a command whose result is the one file; none for standard output.
 * (FILE keeps its ending: trial.cxs and trial.cxf are made by two commands.) */
cxs_rc cxs_cli_record_file(cxs_ctx *ctx, cxs_record *record,
                           const char *path) CXS_MUST_USE;

/* Defaults of the common options. */
cxs_common cxs_cli_common(void);

/* A number in a line for people: so many decimals, or significant digits; a number that
 * does not exist is "NA", as in the tables.  Returns out. */
enum { CXS_SHOWN_BYTES = 352 }; /* the largest double in full */
const char *cxs_cli_fixed(double value, int decimals, char out[CXS_SHOWN_BYTES]);
const char *cxs_cli_short(double value, int digits, char out[CXS_SHOWN_BYTES]);

/* Where matrix and follow-up come from, the same words in every command that fits.
 * Put `cxs_inputs in;` into the settings struct and CXS_OPT_INPUTS(settings) into the
 * table. */
typedef struct cxs_inputs {
    cxs_clinical_settings clinical;
    cxs_matrix_settings matrix;
    const char *matrix_path, *clinical_path, *study_path;
    int unadjusted; /* leave a study's covariates out */
} cxs_inputs;
cxs_inputs cxs_inputs_defaults(void);

extern const char *const cxs_kind_choices[];
extern const char *const cxs_ties_choices[];
extern const char *const cxs_rows_choices[];
extern const char *const cxs_bad_rows_choices[];
extern const char *const cxs_unit_choices[];
extern const char *const cxs_coding_choices[];
extern const char *const cxs_stranded_choices[];
extern const char *const cxs_transcript_choices[];
extern const char *const cxs_scale_choices[];
extern const char *const cxs_gene_map_choices[];
extern const char *const cxs_dup_genes_choices[];

/* How the matrix is read; m is the cxs_matrix_settings of the settings struct. */
#define CXS_OPT_FORMAT(type, m)                                                        \
    CXS_OPT_TEXT_ROW(0, "format", type, m.format, "NAME",                              \
                     "format of the matrix; default told by its content"),             \
        CXS_OPT_CHOICE_ROW(0, "matrix-rows", type, m.samples_in_rows,                  \
                           cxs_rows_choices, "what the rows are"),                     \
        CXS_OPT_FLAG_ROW(0, "transpose", type, m.samples_in_rows,                      \
                         "same as --matrix-rows samples"),                             \
        CXS_OPT_CHOICE_ROW(0, "kind", type, m.kind, cxs_kind_choices,                  \
                           "what the values are"),                                     \
        CXS_OPT_CHOICE_ROW(0, "scale", type, m.scale, cxs_scale_choices,               \
                           "log2p1: the file holds log2(x + 1), take x"),              \
        CXS_OPT_CHOICE_ROW(0, "stranded", type, m.stranded, cxs_stranded_choices,      \
                           "strand of the library, for STAR and GDC counts"),          \
        CXS_OPT_FILE_ROW(0, "tx2gene", type, m.tx2gene, "FILE",                        \
                         "table transcript, gene, name; for Salmon and kallisto"),     \
        CXS_OPT_CHOICE_ROW(0, "transcript-counts", type, m.transcript_counts,          \
                           cxs_transcript_choices,                                     \
                           "gene counts from transcripts (lengthScaledTPM, or sums)"), \
        CXS_OPT_CHOICE_ROW(0, "genes", type, m.genes, cxs_gene_map_choices,            \
                           "map: Ensembl versions cut, old symbols made current"),     \
        CXS_OPT_CHOICE_ROW(0, "dup-genes", type, m.dup_genes, cxs_dup_genes_choices,   \
                           "several rows of one gene: stop, add, or largest mean"),    \
        CXS_OPT_TEXT_ROW(0, "layer", type, m.layer, "NAME",                            \
                         "layer name of the features"),                                \
        CXS_OPT_FLAG_ROW(0, "repair-gene-dates", type, m.repair_gene_dates,            \
                         "turn unambiguous spreadsheet dates back into genes"),        \
        CXS_OPT_FILE_ROW(0, "refdata", type, m.refdata, "DIR",                         \
                         "folder of the reference tables")
/* The list of formats, for the help. */
void cxs_cli_formats(FILE *to);

#define CXS_OPT_CLINICAL(type)                                                         \
    CXS_OPT_HEADING("Follow-up"),                                                      \
        CXS_OPT_FILE_ROW(0, "clinical", type, in.clinical_path, "FILE",                \
                         "table of follow-up and covariates"),                         \
        CXS_OPT_TEXT_ROW(0, "id", type, in.clinical.id, "COL",                         \
                         "column of the ids; default the first"),                      \
        CXS_OPT_TEXT_ROW(0, "time", type, in.clinical.time, "COL", "stop time"),       \
        CXS_OPT_TEXT_ROW(0, "entry", type, in.clinical.entry, "COL",                   \
                         "start time: risk interval (entry, time]"),                   \
        CXS_OPT_TEXT_ROW(0, "event", type, in.clinical.event, "COL[=VALUE]",           \
                         "event column, 0/1 or the value that is the event"),          \
        CXS_OPT_TEXT_ROW(0, "time-unit", type, in.clinical.time_unit, "UNIT",          \
                         "unit of the times: days, months or years"),                  \
        CXS_OPT_TEXT_ROW(0, "paramcd", type, in.clinical.paramcd, "CODE",              \
                         "endpoint of a CDISC ADTTE table; AVAL and CNSR are known"),  \
        CXS_OPT_TEXT_ROW(0, "aval-unit", type, in.clinical.time_unit, "UNIT",          \
                         "same as --time-unit, where AVALU and PARAM do not tell"),    \
        CXS_OPT_REAL_ROW(0, "horizon", type, in.clinical.horizon, "T", 0, 1e300,       \
                         "censor events after T"),                                     \
        CXS_OPT_TEXT_ROW(0, "adjust", type, in.clinical.adjust, "COL,..",              \
                         "unpenalised covariates"),                                    \
        CXS_OPT_TEXT_ROW(0, "factor", type, in.clinical.factor, "COL,..",              \
                         "covariates that are categorical"),                           \
        CXS_OPT_TEXT_ROW(0, "ref", type, in.clinical.reference, "COL=LEVEL,..",        \
                         "reference levels"),                                          \
        CXS_OPT_TEXT_ROW(0, "strata", type, in.clinical.strata, "COL,..",              \
                         "strata: own baseline hazard"),                               \
        CXS_OPT_TEXT_ROW(0, "centre", type, in.clinical.centre, "COL",                 \
                         "centre, counted in the report"),                             \
        CXS_OPT_TEXT_ROW(0, "weights", type, in.clinical.weights, "COL",               \
                         "case weights"),                                              \
        CXS_OPT_TEXT_ROW(0, "offset", type, in.clinical.offset, "COL",                 \
                         "fixed part of the linear predictor"),                        \
        CXS_OPT_TEXT_ROW(0, "cluster", type, in.clinical.cluster, "COL",               \
                         "clusters of correlated rows"),                               \
        CXS_OPT_TEXT_ROW(0, "na", type, in.clinical.na, "TOKEN,..",                    \
                         "further missing-value tokens"),                              \
        CXS_OPT_CHOICE_ROW(0, "bad-rows", type, in.clinical.drop_bad_rows,             \
                           cxs_bad_rows_choices, "rows with entry >= time"),           \
        CXS_OPT_CHOICE_ROW(0, "status-coding", type, in.clinical.status_coding_12,     \
                           cxs_coding_choices,                                         \
                           "event column coded 0/1, or 1 = censored and 2 = event")

#define CXS_OPT_MATRIX(type)                                                           \
    CXS_OPT_HEADING("Matrix"),                                                         \
        CXS_OPT_FILE_ROW(0, "matrix", type, in.matrix_path, "FILE",                    \
                         "features x samples, TSV or CSV, plain, .gz or .zst"),        \
        CXS_OPT_FORMAT(type, in.matrix),                                               \
        CXS_OPT_FILE_ROW(0, "study", type, in.study_path, "FILE.cxs",                  \
                         "study file instead of --clinical"),                          \
        CXS_OPT_FLAG_ROW(0, "unadjusted", type, in.unadjusted,                         \
                         "leave the study's covariates out")

/* Read both inputs; argument is a positional .cxf or NULL.  Adds them to the record. */
cxs_rc cxs_inputs_read(cxs_ctx *ctx, cxs_inputs *in, const char *argument,
                       cxs_record *record, cxs_matrix **matrix,
                       cxs_surv **surv) CXS_MUST_USE;
/* Files and mapped genes of a matrix that was read from `path` into the record. */
cxs_rc cxs_inputs_record_matrix(cxs_ctx *ctx, cxs_record *record,
                                const cxs_matrix *matrix,
                                const char *path) CXS_MUST_USE;
/* Follow-up alone. */
cxs_rc cxs_inputs_surv(cxs_ctx *ctx, cxs_inputs *in, cxs_record *record,
                       cxs_surv **surv) CXS_MUST_USE;

/* What a feature is, on stdout; CXS_EARG with the nearest names for an unknown one. */
cxs_rc cxs_cli_explain(cxs_ctx *ctx, const char *name) CXS_MUST_USE;
/* The catalogue: for people on a terminal, as TSV elsewhere. */
cxs_rc cxs_cli_list(cxs_ctx *ctx, int markdown);

#endif /* CXS_CLI_H */
