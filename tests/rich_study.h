/*
 * rich_study.h -- a study with every kind of file that is a table, and the same study
 * with one assay of one patient gone, failed or empty
 *
 * Six patients P1..P6: expression, variants of tissue and fluid, counts of bins of fluid,
 * methylation, receptors before and after the dose and of the product, visits, clinic.
 * What is taken away is taken from P3.
 */
#ifndef CXS_TEST_RICH_STUDY_H
#define CXS_TEST_RICH_STUDY_H

#include "copy_case.h"
#include "refdata_case.h"
#include "study_case.h"

#include "coxswain/features.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RICH_N = 6, RICH_KNOCKED = 2, RICH_TEXT = 1 << 20 };

typedef enum rich_without {
    RICH_WHOLE,
    RICH_NO_RNA,
    RICH_RNA_FAILS,      /* its quality */
    RICH_NO_VARIANTS,    /* neither of tissue nor of fluid */
    RICH_NO_FLUID_CALLS, /* of fluid */
    RICH_FEW_TARGETS,    /* tissue: TP53 alone is covered */
    RICH_NO_BINS,
    RICH_BINS_FAIL,  /* half a million fragments */
    RICH_BINS_NOISY, /* neighbouring bins differ too much */
    RICH_NO_DNA,     /* neither variants nor bins */
    RICH_NO_METHYLATION,
    RICH_PROBE_MISSING,
    RICH_NO_RECEPTORS,
    RICH_EMPTY_RECEPTORS, /* none is productive */
    RICH_NO_VISIT,
    RICH_VISIT_EMPTY,
    RICH_NO_FACTORS, /* of the GPA */
    RICH_CASES
} rich_without;

typedef struct rich_text {
    char *text;
    size_t length;
} rich_text;

static inline rich_text rich_new(void)
{
    return (rich_text){calloc(1, RICH_TEXT), 0};
}

static inline void rich_add(rich_text *t, const char *fmt, ...) CXS_PRINTF(2, 3);
static inline void rich_add(rich_text *t, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    t->length +=
        (size_t)vsnprintf(t->text + t->length, RICH_TEXT - t->length, fmt, args);
    va_end(args);
    if (t->length >= RICH_TEXT)
        abort();
}

static inline void rich_write(const char *study, const char *file, rich_text *t)
{
    case_file(study, file, t->text);
    free(t->text);
}

/* Counts of one gene. */
static inline void rich_gene(rich_text *out, const char *name, size_t key, bool in_all)
{
    const cxs_stream s = {5, CXS_DRAW_TEST, key};

    rich_add(out, "%s", name);
    for (size_t i = 0; i < RICH_N; i++)
        rich_add(out, "\t%.0f",
                 (in_all || i != RICH_KNOCKED) *
                     (200.0 + floor(1000.0 * exp(cxs_draw_normal(&s, 50) +
                                                 0.8 * cxs_draw_normal(&s, i)))));
    rich_add(out, "\n");
}

/* Counts of the genes of all signatures, and of so many others that P3 lacks. */
static inline void rich_expression(cxs_ctx *ctx, const char *study, size_t others)
{
    cxs_table *t = refdata_open(ctx, "signatures.tsv");
    rich_text out = rich_new();

    rich_add(&out, "gene\tP1\tP2\tP3\tP4\tP5\tP6\n");
    for (size_t r = 0; r < t->rows; r++) {
        const char *symbol = refdata_text(t, r, "symbol");
        bool seen = false;
        for (size_t k = 0; k < r && !seen; k++)
            seen = strcmp(refdata_text(t, k, "symbol"), symbol) == 0;
        if (!seen)
            rich_gene(&out, symbol, r, true);
    }
    for (size_t k = 0; k < others; k++) {
        char name[16];
        snprintf(name, sizeof name, "GENE%05zu", k);
        rich_gene(&out, name, 1000 + k, false);
    }
    rich_write(study, "x.tsv", &out);
    cxs_table_free(t);
}

/* Variants of tissue (T) and fluid (C) of one patient. */
static inline void rich_variants(const char *study, size_t i)
{
    static const struct {
        const char *gene, *place, *class, *type, *protein;
        unsigned patients; /* bit by patient */
    } rows[] = {
        {"TP53", "17\t7675088\t7675088\tC\tC\tT", "Missense_Mutation", "SNP", "p.R175H",
         0x2d},
        {"TP53", "17\t7674220\t7674220\tG\tG\tA", "Nonsense_Mutation", "SNP", "p.R248*",
         0x05},
        {"IDH1", "2\t208248388\t208248388\tC\tC\tT", "Missense_Mutation", "SNP",
         "p.R132H", 0x12},
        {"PTEN", "10\t87933147\t87933147\tC\tC\tT", "Nonsense_Mutation", "SNP",
         "p.R130*", 0x0b},
        {"BRAF", "7\t140753336\t140753336\tA\tA\tT", "Missense_Mutation", "SNP",
         "p.V600E", 0x21},
        {"EGFR", "7\t55154129\t55154129\tC\tC\tT", "Missense_Mutation", "SNP",
         "p.A289V", 0x11},
        {"RB1", "13\t48303764\t48303764\tC\tC\tT", "Nonsense_Mutation", "SNP", "p.R46*",
         0x18},
        {"DNMT3A", "2\t25234373\t25234373\tC\tC\tT", "Missense_Mutation", "SNP",
         "p.R882H", 0x09},
    };
    char file[16];

    for (int fluid = 0; fluid < 2; fluid++) {
        rich_text out = rich_new();
        rich_add(&out, "#version 2.4\nHugo_Symbol\tChromosome\tStart_Position\t"
                       "End_Position\tReference_Allele\tTumor_Seq_Allele1\t"
                       "Tumor_Seq_Allele2\tVariant_Classification\tVariant_Type\t"
                       "Tumor_Sample_Barcode\tt_depth\tt_ref_count\tt_alt_count\t"
                       "n_depth\tn_alt_count\tHGVSp_Short\tNCBI_Build\tFILTER\n");
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
            const size_t alt = 6 + 4 * r + 2 * i;
            if ((rows[r].patients >> i & 1u) == 0)
                continue;
            rich_add(&out,
                     "%s\t%s\t%s\t%s\t%c%zu\t100\t%zu\t%zu\t60\t0\t%s\tGRCh38\tPASS\n",
                     rows[r].gene, rows[r].place, rows[r].class, rows[r].type,
                     fluid ? 'C' : 'T', i + 1, 100 - alt, alt, rows[r].protein);
        }
        snprintf(file, sizeof file, "%c%zu.maf", fluid ? 'C' : 'T', i + 1);
        rich_write(study, file, &out);
    }
}

/* Bins of 10 Mb: tumours of two kinds in four patients, none in two. */
static inline void rich_bins(const char *study, size_t i, rich_without w)
{
    static const double fraction[RICH_N] = {0.6, 0.3, 0.5, 0.0, 0.7, 0.0};
    const bool knocked = i == RICH_KNOCKED;
    const double fragments = knocked && w == RICH_BINS_FAIL ? 5e5 : 9e6,
                 noise = knocked && w == RICH_BINS_NOISY ? 0.6 : 0.02;
    copy_case c = copy_case_make(10000000, 1);
    rich_text out = rich_new();
    char file[16];

    if (i % 2 == 0)
        copy_case_glioblastoma(&c);
    else
        copy_case_metastasis(&c);
    copy_case_reads(&c, fraction[i], fragments, noise, 50 + i);
    rich_add(&out, "chrom\tstart\tend\tC%zu\tgc\n", i + 1);
    for (size_t k = 0; k < c.bins.n; k++)
        rich_add(&out, "%d\t%lld\t%lld\t%.0f\t%.6f\n", c.bins.chrom[k],
                 (long long)c.bins.start0[k] + 1, (long long)c.bins.end0[k], c.reads[k],
                 c.bins.gc[k]);
    snprintf(file, sizeof file, "B%zu.tsv", i + 1);
    rich_write(study, file, &out);
    copy_case_free(&c);
}

/* Clones of one repertoire. */
static inline void rich_receptors(const char *study, const char *name, size_t i,
                                  size_t clones, bool productive)
{
    rich_text out = rich_new();
    char file[16];

    rich_add(&out, "v_call\tj_call\tjunction\tjunction_aa\tproductive\tumi_count\n");
    for (size_t k = 0; k < clones; k++) {
        char junction[4] = {"ACGT"[k % 4], "ACGT"[k / 4 % 4], "ACGT"[i % 4], '\0'};
        rich_add(&out, "TRBV%zu\tTRBJ1\t%s\tCAS\t%c\t%zu\n", 1 + k % 3, junction,
                 productive ? 'T' : 'F', 30 + (k * k * (i + 1)) % 17);
    }
    snprintf(file, sizeof file, "%s%zu.tsv", name, i + 1);
    rich_write(study, file, &out);
}

static inline void rich_clinic(const char *study, rich_without w)
{
    rich_text patients = rich_new(), visits = rich_new();

    rich_add(&patients, "PATIENT_ID\tCOHORT\tOS_DAYS\tOS_STATUS\tFIRST_DOSE_DAY\tAGE\t"
                        "KPS\tN_BM\tECM\tPRIMARY_TUMOR\n");
    rich_add(&visits, "PATIENT_ID\tDAY\tCSF_CYTOLOGY\tCSF_PROTEIN_G_L\tCSF_WBC\t"
                      "CSF_RBC\tCSF_GLUCOSE_MMOL_L\tSERUM_GLUCOSE_MMOL_L\t"
                      "CSF_PRESSURE_CMH2O\tCSF_LDH_U_L\tCSF_LACTATE_MMOL_L\t"
                      "CSF_IL6_PG_ML\tCSF_IFNG_PG_ML\n");
    for (size_t i = 0; i < RICH_N; i++) {
        static const char *const cytology[] = {"NEG", "POS", "EQUIVOCAL"};
        const bool knocked = i == RICH_KNOCKED;
        rich_add(&patients, "P%zu\tBM\t%zu\t%d\t3\t%zu\t%s\t%zu\t%d\tOTHER\n", i + 1,
                 200 + 50 * i, i % 3 != 0, 48 + 5 * i,
                 knocked && w == RICH_NO_FACTORS ? "NA"
                 : i % 2 == 0                    ? "90"
                                                 : "60",
                 1 + i % 4, i % 2 == 1);
        if (knocked && w == RICH_NO_VISIT)
            continue;
        if (knocked && w == RICH_VISIT_EMPTY)
            rich_add(&visits, "P3\t0\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\n");
        else
            rich_add(&visits,
                     "P%zu\t0\t%s\t0.%zu\t%zu\t%zu\t2.%zu\t5\t%zu\t%zu\t3.%zu\t"
                     "%zu\t%zu\n",
                     i + 1, cytology[i % 3], i + 2, 4 * i + 1, 30 * i, i, 10 + i,
                     20 + i, i, 3 * i, 2 * i);
    }
    rich_write(study, "patients.tsv", &patients);
    rich_write(study, "visits.tsv", &visits);
}

/* Rows of the sheets of one patient. */
static inline void rich_rows(size_t i, rich_without w, rich_text *samples,
                             rich_text *assays)
{
    static const char *const kinds[][4] = {
        {"X", "TUMOR", "RNA", "-20"},       {"T", "TUMOR", "DNA", "-20"},
        {"C", "CSF_CFDNA", "DNA", "0"},     {"M", "TUMOR", "METH", "-20"},
        {"R", "CSF_CELLS", "TCR", "0"},     {"S", "CSF_CELLS", "TCR", "21"},
        {"Q", "TCELL_PRODUCT", "TCR", "-5"}};
    const bool k = i == RICH_KNOCKED;
    const size_t p = i + 1;

    for (size_t s = 0; s < sizeof kinds / sizeof *kinds; s++)
        rich_add(samples, "%s%zu\tP%zu\t%s\t%s\t%s\n", kinds[s][0], p, p, kinds[s][1],
                 kinds[s][2], kinds[s][3]);
    if (!(k && w == RICH_NO_RNA))
        rich_add(assays, "X%zu\tRNA_COUNTS\tx.tsv\tP%zu\tNA\t%s\tNA\tNA\n", p, p,
                 k && w == RICH_RNA_FAILS ? "RNASEQ" : "NA");
    if (!(k && (w == RICH_NO_VARIANTS || w == RICH_NO_DNA))) {
        const bool few = k && w == RICH_FEW_TARGETS;
        rich_add(assays, "T%zu\tMAF\tT%zu.maf\tT%zu\thg38\t%s\t%s\t%s\n", p, p, p,
                 few ? "WES" : "WGS", few ? "few.bed" : "NA", few ? "NA" : "30");
        if (!(k && w == RICH_NO_FLUID_CALLS))
            rich_add(assays, "C%zu\tMAF\tC%zu.maf\tC%zu\thg38\tWGS\tNA\t30\n", p, p, p);
    }
    if (!(k && (w == RICH_NO_BINS || w == RICH_NO_DNA)))
        rich_add(assays, "C%zu\tBIN_COUNTS\tB%zu.tsv\tNA\thg38\tSWGS\tNA\tNA\n", p, p);
    if (!(k && w == RICH_NO_METHYLATION))
        rich_add(assays, "M%zu\tMETH_BETA\tm.tsv\tP%zu\tNA\tNA\tNA\tNA\n", p, p);
    if (!(k && w == RICH_NO_RECEPTORS))
        rich_add(assays,
                 "R%zu\tAIRR\tr%zu.tsv\tNA\tNA\tNA\tNA\tNA\n"
                 "S%zu\tAIRR\ts%zu.tsv\tNA\tNA\tNA\tNA\tNA\n"
                 "Q%zu\tAIRR\tq%zu.tsv\tNA\tNA\tNA\tNA\tNA\n",
                 p, p, p, p, p, p);
}

static inline void rich_study(cxs_ctx *ctx, const char *study, rich_without w)
{
    rich_text samples = rich_new(), assays = rich_new();

    case_file(study, "study.yaml",
              "tables: {patients: patients.tsv, samples: samples.tsv, assays: "
              "assays.tsv, visits: visits.tsv}\n"
              "endpoint: {name: OS, time: OS_DAYS, event: OS_STATUS, landmark_days: "
              "42}\nsource: TUMOR\n");
    rich_clinic(study, w);
    /* a part of a transcriptome is not judged */
    rich_expression(ctx, study, w == RICH_RNA_FAILS ? 15000 : 0);
    rich_add(&samples, "SAMPLE_ID\tPATIENT_ID\tSOURCE\tANALYTE\tCOLLECT_DAY\n");
    rich_add(&assays, "SAMPLE_ID\tASSAY\tFILE\tCOLUMN\tBUILD\tLIBRARY\tTARGET_BED\t"
                      "CALLABLE_MB\n");
    for (size_t i = 0; i < RICH_N; i++) {
        const bool empty = i == RICH_KNOCKED && w == RICH_EMPTY_RECEPTORS;
        rich_rows(i, w, &samples, &assays);
        rich_variants(study, i);
        rich_bins(study, i, w);
        rich_receptors(study, "r", i, 9 + i, !empty);
        rich_receptors(study, "s", i, 12 - i, !empty);
        rich_receptors(study, "q", i, 8, !empty);
    }
    rich_write(study, "samples.tsv", &samples);
    rich_write(study, "assays.tsv", &assays);
    case_file(study, "few.bed", "17\t7661778\t7687538\tTP53\n");
    case_file(
        study, "m.tsv",
        w == RICH_PROBE_MISSING
            ? "probe\tP1\tP2\tP3\tP4\tP5\tP6\ncg12434587\t.5\t.1\tNA\t.9\t.2\t.04\n"
              "cg12981137\t.4\t.1\t.3\t.8\t.1\t.02\n"
            : "probe\tP1\tP2\tP3\tP4\tP5\tP6\ncg12434587\t.5\t.1\t.3\t.9\t.2\t.04\n"
              "cg12981137\t.4\t.1\t.3\t.8\t.1\t.02\n");
}

/* Features of the study, unscaled, no gene filtered; NULL with the message printed. */
static inline cxs_features *rich_features(cxs_ctx *ctx, const char *study)
{
    cxs_features_settings s = cxs_features_auto();
    cxs_features *f = NULL;
    cxs_study *opened = NULL;
    char file[64];

    s.refdata = "refdata";
    s.filter = 0;
    snprintf(file, sizeof file, "%s.cxs", study);
    if (case_ingest(ctx, study) != CXS_OK ||
        cxs_study_open(ctx, test_path(file), &opened) != CXS_OK ||
        cxs_features_study(ctx, opened, &s, &f) != CXS_OK)
        printf("  %s\n", cxs_ctx_message(ctx));
    cxs_study_close(opened);
    return f;
}

#endif /* CXS_TEST_RICH_STUDY_H */
