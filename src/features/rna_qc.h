/*
 * rna_qc.h -- is an RNA sample good enough to be believed
 */
#ifndef CXS_FEATURES_RNA_QC_H
#define CXS_FEATURES_RNA_QC_H

#include "coxswain/scores.h"
#include "features/quality.h"
#include "features/scores.h"

typedef enum cxs_rna_measure {
    CXS_RNA_FRAGMENTS,    /* counts in total */
    CXS_RNA_GENES,        /* genes above one count per million */
    CXS_RNA_MITOCHONDRIA, /* share of the MT- genes */
    CXS_RNA_HAEMOGLOBIN,  /* share of HBB, HBA1 and HBA2 */
    CXS_RNA_TOP_GENE,     /* share of the largest gene */
    CXS_RNA_SPEARMAN,     /* median correlation with the other samples */
    CXS_RNA_MEASURES
} cxs_rna_measure;

typedef struct cxs_rna_result {
    double value; /* NaN where it could not be measured */
    cxs_qc_state state;
    const char *reason; /* static; NULL for none */
} cxs_rna_result;

typedef struct cxs_rna_qc {
    size_t n;
    char **sample;          /* [n] */
    cxs_rna_result *result; /* [n x CXS_RNA_MEASURES], sample by sample */
    uint8_t *failed;        /* [n] */
    size_t failures, warnings;
} cxs_rna_qc;

/* Judge the samples of a matrix of counts or TPM.  kind: [n], or NULL: `all` for every
 * sample.  alone: no sample is compared with another one.  folder: reference tables, or
 * NULL. */
cxs_rc cxs_rna_qc_make(cxs_ctx *ctx, const cxs_matrix *m, const cxs_rna_kind *kind,
                       cxs_rna_kind all, bool alone, const char *folder,
                       cxs_rna_qc **out) CXS_MUST_USE;
void cxs_rna_qc_free(cxs_rna_qc *qc);

/* PREFIX.qc.tsv: sample_id measure value unit state reason; RNA (NULL allowed), then the
 * rows of other assays (NULL allowed). */
cxs_rc cxs_rna_qc_write(cxs_ctx *ctx, const cxs_rna_qc *qc,
                        const cxs_quality_rows *others, const char *prefix,
                        cxs_record *record) CXS_MUST_USE;

/* What a threshold compares with: the least number of fragments of a kind. */
double cxs_rna_least_fragments(cxs_rna_kind kind);

/* Judge one value; exposed for the tests of the thresholds. */
cxs_rna_result cxs_rna_judge(cxs_rna_measure measure, cxs_rna_kind kind, double value);

#endif /* CXS_FEATURES_RNA_QC_H */
