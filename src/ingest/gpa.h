/*
 * gpa.h -- graded prognostic assessment of brain metastases from its parts
 *
 * Points of refdata/gpa_tables.tsv, summed over the factors of the index of the primary
 * tumour:
 *
 *   NSCLC_ADENO, NSCLC_OTHER   LUNG_MOLGPA 2017
 *   SCLC                       LUNG_DSGPA 2012
 *   BREAST 2020, MELANOMA_MOLGPA 2017, RENAL (RCC) 2018, GI (CRC, GI_OTHER) 2019
 *   OTHER, UNKNOWN             GPA_GENERIC 2008
 *
 * An unknown molecular status counts as negative, as published; any other part that is
 * missing makes the index missing.  The lung index of 2022 is in the table for whoever
 * asks for it by name; its points are not sure enough to be a default.
 */
#ifndef CXS_GPA_H
#define CXS_GPA_H

#include "base/base.h"

typedef enum cxs_gpa_factor {
    CXS_GPA_AGE,
    CXS_GPA_KPS,
    CXS_GPA_N_BM,
    CXS_GPA_ECM,
    CXS_GPA_EGFR_ALK,
    CXS_GPA_PDL1, /* per cent */
    CXS_GPA_BRAF,
    CXS_GPA_HEMOGLOBIN, /* g/dl */
    CXS_GPA_SUBTYPE,    /* of breast cancer: the only text */
    CXS_GPA_FACTORS
} cxs_gpa_factor;

/* Column of the patients sheet that holds a factor. */
extern const char *const cxs_gpa_column[CXS_GPA_FACTORS];

typedef struct cxs_gpa_parts {
    double number[CXS_GPA_FACTORS]; /* NaN: missing */
    const char *subtype;            /* NULL: missing */
} cxs_gpa_parts;

typedef struct cxs_gpa_tables cxs_gpa_tables;

/* CXS_EFORMAT for a factor or a number that is not understood. */
cxs_rc cxs_gpa_read(cxs_ctx *ctx, const char *refdata,
                    cxs_gpa_tables **out) CXS_MUST_USE;
void cxs_gpa_free(cxs_gpa_tables *tables);

/* Index for PRIMARY_TUMOR; NULL when there is none (NULL, NOT_APPLICABLE). */
const char *cxs_gpa_index(const char *primary);

/* Sum of points; NaN when a part is missing or index is NULL or unknown. */
double cxs_gpa(const cxs_gpa_tables *tables, const char *index,
               const cxs_gpa_parts *parts);

#endif /* CXS_GPA_H */
