/*
 * cns5.h -- integrated diagnosis of diffuse glioma (WHO CNS5, Louis 2021,
 * doi:10.1093/neuonc/noab106), and clinical results against measured ones
 *
 *   IDH mutant, 1p/19q codeleted       oligodendroglioma; CDKN2A homozygously deleted: 3
 *   IDH mutant, not codeleted          astrocytoma; CDKN2A homozygously deleted: 4
 *   H3 K27 altered                     diffuse midline glioma, 4
 *   H3 G34 altered                     diffuse hemispheric glioma, 4
 *   IDH and H3 wildtype, adult, and TERT promoter, EGFR amplification or +7/-10
 *                                      glioblastoma, 4
 *   else                               not classified
 *
 * Everything is three-valued: what was not assessed is NaN and decides nothing.
 */
#ifndef CXS_FEATURES_CNS5_H
#define CXS_FEATURES_CNS5_H

#include "coxswain/study.h"
#include "features/columns.h"

typedef enum cxs_cns5_label {
    CXS_CNS5_UNKNOWN, /* an input that decides was not assessed */
    CXS_CNS5_NOT_CLASSIFIED,
    CXS_CNS5_OLIGODENDROGLIOMA,
    CXS_CNS5_ASTROCYTOMA,
    CXS_CNS5_MIDLINE,
    CXS_CNS5_HEMISPHERIC,
    CXS_CNS5_GLIOBLASTOMA
} cxs_cns5_label;

/* 1, 0, NaN; age in years. */
typedef struct cxs_cns5_markers {
    double idh, codel, gain7_loss10, egfr_amp, tert, cdkn2a_homdel, h3_k27, h3_g34, age;
} cxs_cns5_markers;

/* The diagnosis; *grade is NaN where the markers do not settle it. */
cxs_cns5_label cxs_cns5(const cxs_cns5_markers *markers, double *grade);
const char *cxs_cns5_name(cxs_cns5_label label); /* "glioblastoma" */

/* Markers of patient i from feature columns, by name; NaN where there is no column. */
cxs_cns5_markers cxs_cns5_take(const cxs_feature_columns *columns, size_t i);

/* What pathology reports; NaN: not given. */
typedef struct cxs_cns5_given {
    double idh, codel, mgmt, grade;
} cxs_cns5_given;

/*
 * CX060, one warning with a count for each of IDH, 1p/19q, MGMT and WHO grade that
 * differs.  The grade is computed with the given IDH and codeletion where there are
 * such: the clinical value is used.
 *
 * @param measured  [n]
 * @param mgmt      [n] calls 1, 0, NaN; NULL: none
 * @param given     [n]
 */
cxs_rc cxs_cns5_compare(cxs_ctx *ctx, const cxs_cns5_markers *measured,
                        const double *mgmt, const cxs_cns5_given *given,
                        size_t n) CXS_MUST_USE;

/* The same for the gliomas of a study, against columns of its patients [columns->n],
 * sorted: IDH, 1p/19q and MGMT as given, WHO grade, age. */
cxs_rc cxs_cns5_check(cxs_ctx *ctx, cxs_study *study, char *const *patient,
                      const cxs_feature_columns *columns) CXS_MUST_USE;

#endif /* CXS_FEATURES_CNS5_H */
