/*
 * inputs.c -- matrix and follow-up of a command, from plain tables or a study file
 */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

/* In the order of the enums and flags that they set. */
const char *const cxs_kind_choices[] = {"counts", "tpm",  "log", "z",
                                        "other",  "beta", "m",   NULL};
const char *const cxs_ties_choices[] = {"breslow", "efron", NULL};
const char *const cxs_rows_choices[] = {"features", "samples", NULL};
const char *const cxs_bad_rows_choices[] = {"stop", "drop", NULL};
const char *const cxs_unit_choices[] = {"days", "months", "years", NULL};
const char *const cxs_coding_choices[] = {"01", "12", NULL};
const char *const cxs_stranded_choices[] = {"0", "1", "2", "unknown", NULL};
const char *const cxs_transcript_choices[] = {"length-scaled", "sum", NULL};
const char *const cxs_scale_choices[] = {"as-is", "log2p1", NULL};
const char *const cxs_gene_map_choices[] = {"keep", "map", NULL};
const char *const cxs_dup_genes_choices[] = {"stop", "sum", "max-mean", NULL};

void cxs_cli_formats(FILE *to)
{
    const char *help = NULL, *name;

    fputs("\nFormats of a matrix, told by content (--format NAME overrules):\n", to);
    for (size_t i = 0; (name = cxs_matrix_format(i, &help)) != NULL; i++)
        fprintf(to, "  %-14s %s\n", name, help);
}

cxs_inputs cxs_inputs_defaults(void)
{
    return (cxs_inputs){.clinical = cxs_clinical_defaults(),
                        .matrix = cxs_matrix_defaults()};
}

/* Standard input has no digest that could be checked later. */
static cxs_rc record_input(cxs_ctx *ctx, cxs_record *record, const char *path)
{
    if (record == NULL || strcmp(path, "-") == 0)
        return CXS_OK;
    return cxs_record_input(ctx, record, path);
}

cxs_rc cxs_inputs_record_matrix(cxs_ctx *ctx, cxs_record *record,
                                const cxs_matrix *matrix, const char *path)
{
    const cxs_gene_counts *genes = cxs_matrix_gene_counts(matrix);
    size_t sources = 0;
    const char *const *source = cxs_matrix_source(matrix, &sources);
    cxs_rc rc = sources == 0 ? record_input(ctx, record, path) : CXS_OK;

    for (size_t i = 0; rc == CXS_OK && i < sources; i++)
        rc = record_input(ctx, record, source[i]);
    if (genes != NULL && record != NULL) {
        const struct {
            const char *name;
            size_t count;
        } rows[] = {{"genes_versions_cut", genes->versions},
                    {"genes_matched", genes->matched},
                    {"genes_updated", genes->alias},
                    {"genes_ambiguous", genes->ambiguous},
                    {"genes_unknown", genes->unknown}};
        for (size_t i = 0; rc == CXS_OK && i < sizeof rows / sizeof *rows; i++)
            rc = cxs_record_result_real(ctx, record, rows[i].name,
                                        (double)rows[i].count);
    }
    return rc;
}

static cxs_rc check_inputs(cxs_ctx *ctx, const cxs_inputs *in)
{
    if (in->study_path != NULL && in->clinical_path != NULL)
        return cxs_fail(ctx, CXS_EARG, "--study and --clinical exclude each other");
    if (in->study_path != NULL &&
        (in->clinical.time != NULL || in->clinical.event != NULL))
        return cxs_fail(
            ctx, CXS_EARG,
            "--time and --event belong to --clinical; a study file declares "
            "its endpoint");
    if (in->study_path != NULL && in->clinical.fold != NULL)
        return cxs_fail(ctx, CXS_EARG, "--fold-col belongs to --clinical");
    if (in->study_path == NULL && in->clinical_path == NULL)
        return cxs_fail(ctx, CXS_EARG, "--clinical FILE or --study FILE.cxs is needed");
    if (in->clinical_path != NULL && in->matrix_path != NULL &&
        strcmp(in->clinical_path, "-") == 0 && strcmp(in->matrix_path, "-") == 0)
        return cxs_fail(ctx, CXS_EARG, "only one input can come from standard input");
    return CXS_OK;
}

cxs_rc cxs_inputs_surv(cxs_ctx *ctx, cxs_inputs *in, cxs_record *record,
                       cxs_surv **surv)
{
    cxs_study *study = NULL;
    cxs_rc rc;

    *surv = NULL;
    if ((rc = check_inputs(ctx, in)) != CXS_OK)
        return rc;
    if (in->study_path == NULL) {
        rc = cxs_clinical_read(ctx, in->clinical_path, &in->clinical, surv);
    } else {
        rc = cxs_study_open(ctx, in->study_path, &study);
        if (rc == CXS_OK)
            rc = cxs_study_surv(ctx, study, !in->unadjusted, surv);
        cxs_study_close(study);
    }
    if (rc == CXS_OK)
        rc = record_input(ctx, record,
                          in->study_path != NULL ? in->study_path : in->clinical_path);
    if (rc != CXS_OK) {
        cxs_surv_free(*surv);
        *surv = NULL;
    }
    return rc;
}

/* The matrix of --matrix, of the positional argument, or of the study file. */
static cxs_rc read_matrix(cxs_ctx *ctx, cxs_inputs *in, const char *argument,
                          cxs_record *record, cxs_matrix **matrix)
{
    const char *path = in->matrix_path != NULL ? in->matrix_path : argument;
    cxs_study *study = NULL;
    cxs_rc rc;

    if (in->matrix_path != NULL && argument != NULL)
        return cxs_fail(ctx, CXS_EARG, "%s: the matrix is already given by --matrix",
                        argument);
    if (path == NULL && in->study_path == NULL)
        return cxs_fail(ctx, CXS_EARG, "--matrix FILE or a .cxf file is needed");
    if (path != NULL) {
        if (in->matrix.na == NULL)
            in->matrix.na = in->clinical.na;
        rc = cxs_matrix_read(ctx, path, &in->matrix, matrix);
        return rc == CXS_OK ? cxs_inputs_record_matrix(ctx, record, *matrix, path) : rc;
    }
    rc = cxs_study_open(ctx, in->study_path, &study);
    if (rc == CXS_OK)
        rc = cxs_study_matrix(ctx, study, matrix);
    cxs_study_close(study);
    return rc;
}

cxs_rc cxs_inputs_read(cxs_ctx *ctx, cxs_inputs *in, const char *argument,
                       cxs_record *record, cxs_matrix **matrix, cxs_surv **surv)
{
    cxs_rc rc;

    *matrix = NULL;
    *surv = NULL;
    if ((rc = cxs_inputs_surv(ctx, in, record, surv)) == CXS_OK)
        rc = read_matrix(ctx, in, argument, record, matrix);
    if (rc != CXS_OK) {
        cxs_surv_free(*surv);
        cxs_matrix_free(*matrix);
        *surv = NULL;
        *matrix = NULL;
    }
    return rc;
}
