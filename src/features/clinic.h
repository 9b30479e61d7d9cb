/*
 * clinic.h -- receptors, methylation and clinical scores of the patients of a study
 *
 * Which sample stands for a patient: the last with
 *     FIRST_DOSE_DAY - 28 <= COLLECT_DAY <= FIRST_DOSE_DAY
 * (tumour tissue without a lower limit; day 0 where no dose is given).  Only where there
 * is none, the last until a declared landmark or the patient's delayed entry.  A later
 * one is never a baseline.  Repertoires: CSF where there is any, else other material;
 * methylation: tumour tissue.
 *
 * tcr.*.change   early change: first sample 14 to 42 days after the first dose minus the
 *                one before it, log2((x_t + c)/(x_0 + c)).  Only those who lived and
 *                gave a sample have one, so it is made only where a landmark or a
 *                delayed entry at or after that sample is declared.
 */
#ifndef CXS_FEATURES_CLINIC_H
#define CXS_FEATURES_CLINIC_H

#include "features/receptors.h"

/* tcr.* (at the depth tcr_depth of the study, where given), meth.*, clin.*; *patient [columns->n] sorted, owned by the caller: those with
 * any value.  n = 0: the study has none. */
cxs_rc cxs_clinic_features(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                           char ***patient, cxs_feature_columns *columns) CXS_MUST_USE;

/* clin.gpa of patients [columns->n], sorted: the value given, else the sum of points. */
cxs_rc cxs_gpa_features(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                        char *const *patient,
                        cxs_feature_columns *columns) CXS_MUST_USE;

/* One sample that may stand for a patient; days since enrolment, NaN: not given. */
typedef struct cxs_dated {
    double day, dose, landmark, entry;
    bool fluid; /* blood and CSF change within weeks */
} cxs_dated;

typedef enum cxs_when {
    CXS_WHEN_NEVER,    /* too early, or too late without a landmark */
    CXS_WHEN_LATE,     /* after the dose, until the landmark or entry */
    CXS_WHEN_BASELINE, /* before the dose */
} cxs_when;

cxs_when cxs_when_of(const cxs_dated *sample);
/* 14 to 42 days after the dose, and covered by a landmark or entry? */
bool cxs_is_early(const cxs_dated *sample);

/* Columns "NAME.change" behind those of `to`: from each column of before to the one of
 * the same name in after (all of n rows); differences where the unit begins with log2,
 * else log2((x_t + limit)/(x_0 + limit)); NaN where either is. */
cxs_rc cxs_early_change(cxs_ctx *ctx, const cxs_feature_columns *before,
                        const cxs_feature_columns *after, double limit,
                        cxs_feature_columns *to) CXS_MUST_USE;

#endif /* CXS_FEATURES_CLINIC_H */
