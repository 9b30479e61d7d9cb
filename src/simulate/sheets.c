/*
 * sheets.c -- study.yaml and the tables of a simulated study
 */
#include "simulate/study.h"

#define EXPRESSION_YAML                                                                \
    "expression: {file: counts.tsv.zst, kind: counts, normalise: tmm}\n"
#define SEQUENCING_YAML                                                                \
    "sequencing:\n"                                                                    \
    "  reference: reference.fa\n"                                                      \
    "  annotation: genes.gtf\n"                                                        \
    "  stranded: 2\n"                                                                  \
    "  snps: snps.tsv\n"

static cxs_rc write_yaml(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cohort *c = of;

    return cxs_out_printf(ctx, out,
                          "title: Simulated study of %zu patients and %zu genes\n"
                          "tables:\n"
                          "  patients: patients.tsv\n"
                          "  samples: samples.tsv\n"
                          "  assays: assays.tsv\n"
                          "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, "
                          "time_unit: days}\n"
                          "strata: [COHORT]\n"
                          "covariates: [AGE, KPS]\n"
                          "%s",
                          c->s.n, c->s.p,
                          c->s.sequencing ? SEQUENCING_YAML : EXPRESSION_YAML);
}

static cxs_rc write_patients(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cohort *c = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out,
                           "PATIENT_ID\tCENTER_ID\tCOHORT\tARM\tSEX\tAGE\tKPS\t"
                           "WHO_GRADE\tPRIMARY_TUMOR\tOS_DAYS\tOS_STATUS\n"));
    for (size_t i = 0; i < c->s.n; i++) {
        const patient *one = &c->patients[i];
        CXS_TRY(cxs_out_printf(ctx, out, "P%0*zu\tC%02zu\t%s\t%s\t%s\t%.0f\t%.0f\t",
                               c->patient_digits, i + 1, one->centre + 1,
                               one->metastasis ? "BM" : "GLIOMA",
                               one->metastasis ? "TCELL_PEM" : "TCELL",
                               one->female ? "F" : "M", one->age, one->kps));
        if (one->metastasis)
            CXS_TRY(cxs_out_printf(ctx, out, "NA\tNSCLC_ADENO\t"));
        else
            CXS_TRY(cxs_out_printf(ctx, out, "%d\tNOT_APPLICABLE\t", one->grade));
        CXS_TRY(cxs_out_printf(ctx, out, "%.0f\t%s\n", c->time[i],
                               c->event[i] ? "1:DECEASED" : "0:LIVING"));
    }

done:
    return rc;
}

/* Cell-free DNA of CSF (C), tumour (T) and blood (N). */
static cxs_rc write_dna_samples(cxs_ctx *ctx, cxs_out *out, const cohort *c)
{
    const int w = c->patient_digits;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < c->s.n; i++) {
        const int day = c->patients[i].collect_day;
        const char *type = c->patients[i].metastasis ? "Metastasis" : "Primary";
        CXS_TRY(cxs_out_printf(ctx, out,
                               "C%0*zu\tP%0*zu\tCSF_CFDNA\tDNA\t%d\tBASELINE\tOMMAYA\t"
                               "NA\tNA\n",
                               w, i + 1, w, i + 1, day));
        CXS_TRY(cxs_out_printf(ctx, out,
                               "T%0*zu\tP%0*zu\tTUMOR\tDNA\t%d\tBASELINE\tSURGERY\t%s\t"
                               "N%0*zu\n",
                               w, i + 1, w, i + 1, day, type, w, i + 1));
        CXS_TRY(
            cxs_out_printf(ctx, out,
                           "N%0*zu\tP%0*zu\tNORMAL_BLOOD\tDNA\t%d\tBASELINE\tBLOOD\t"
                           "NA\tNA\n",
                           w, i + 1, w, i + 1, day));
    }

done:
    return rc;
}

static cxs_rc write_samples(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cohort *c = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out,
                           "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\t"
                           "TIMEPOINT\tSITE\tSAMPLE_TYPE%s\n",
                           c->s.sequencing ? "\tNORMAL_SAMPLE_ID" : ""));
    for (size_t i = 0; i < c->s.n; i++)
        CXS_TRY(cxs_out_printf(
            ctx, out, "S%0*zu\tP%0*zu\tTUMOR\tRNA\t%d\tBASELINE\tSURGERY\t%s%s\n",
            c->patient_digits, i + 1, c->patient_digits, i + 1,
            c->patients[i].collect_day,
            c->patients[i].metastasis ? "Metastasis" : "Primary",
            c->s.sequencing ? "\tNA" : ""));
    if (c->s.sequencing)
        CXS_TRY(write_dna_samples(ctx, out, c));

done:
    return rc;
}

static cxs_rc write_files(cxs_ctx *ctx, cxs_out *out, const cohort *c)
{
    const int w = c->patient_digits;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(
        ctx, out, "SAMPLE_ID\tASSAY\tFILE\tCOLUMN\tBUILD\tLIBRARY\tTARGET_BED\n"));
    for (size_t i = 0; i < c->s.n; i++) {
        CXS_TRY(cxs_out_printf(ctx, out,
                               "S%0*zu\tBAM\treads/S%0*zu.bam\tNA\tother\tRNASEQ\tNA\n",
                               w, i + 1, w, i + 1));
        CXS_TRY(cxs_out_printf(ctx, out,
                               "C%0*zu\tCRAM\treads/C%0*zu.cram\tNA\tother\tSWGS\tNA\n",
                               w, i + 1, w, i + 1));
        CXS_TRY(
            cxs_out_printf(ctx, out,
                           "T%0*zu\tVCF\tvariants/T%0*zu.vcf.gz\tT%0*zu\tother\tWES\t"
                           "targets.bed\n",
                           w, i + 1, w, i + 1, w, i + 1));
    }

done:
    return rc;
}

static cxs_rc write_assays(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cohort *c = of;
    cxs_rc rc = CXS_OK;

    if (c->s.sequencing)
        return write_files(ctx, out, c);

    CXS_TRY(cxs_out_printf(ctx, out, "SAMPLE_ID\tASSAY\tFILE\tCOLUMN\tLIBRARY\n"));
    for (size_t i = 0; i < c->s.n; i++)
        CXS_TRY(cxs_out_printf(ctx, out,
                               "S%0*zu\tRNA_COUNTS\tcounts.tsv.zst\tS%0*zu\tRNASEQ\n",
                               c->patient_digits, i + 1, c->patient_digits, i + 1));

done:
    return rc;
}

static cxs_rc write_truth(cxs_ctx *ctx, cxs_out *out, const void *of)
{
    const cohort *c = of;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_printf(ctx, out, "feature_id\tlog_hr_per_sd\n"));
    for (size_t m = 0; m < c->s.k; m++) {
        CXS_TRY(cxs_out_printf(ctx, out, "G%0*zu\t", c->gene_digits,
                               cxs_planted_feature(&c->s, m) + 1));
        CXS_TRY(cxs_out_printf(ctx, out, "%.15g\n", cxs_planted_effect(&c->s, m)));
    }
    CXS_TRY(cxs_out_printf(ctx, out, "AGE\t%g\nKPS\t%g\n", CXS_SIM_AGE_EFFECT,
                           CXS_SIM_KPS_EFFECT));

done:
    return rc;
}

cxs_rc cxs_sim_write_sheets(cxs_ctx *ctx, const char *folder, const cohort *c)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_out_file(ctx, folder, "/study.yaml", write_yaml, c, NULL));
    CXS_TRY(cxs_out_file(ctx, folder, "/patients.tsv", write_patients, c, NULL));
    CXS_TRY(cxs_out_file(ctx, folder, "/samples.tsv", write_samples, c, NULL));
    CXS_TRY(cxs_out_file(ctx, folder, "/assays.tsv", write_assays, c, NULL));
    CXS_TRY(cxs_out_file(ctx, folder, "/truth.tsv", write_truth, c, NULL));

done:
    return rc;
}
