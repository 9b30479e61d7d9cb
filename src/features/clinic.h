/*
 * clinic.h -- receptors, methylation and clinical scores of the patients of a study
 *
 * Which sample stands for a patient is the rule of ingest/baseline.h.  Repertoires: CSF
 * where there is any that may stand, else other material; methylation: tumour tissue.
 *
 * tcr.*.change   early change: first sample 14 to 42 days after the first dose minus the
 *                one before it, log2((x_t + c)/(x_0 + c)).  Only those who lived and
 *                gave a sample have one, so it is made only where a landmark or a
 *                delayed entry at or after that sample is declared.
 */
#ifndef CXS_FEATURES_CLINIC_H
#define CXS_FEATURES_CLINIC_H

#include "features/receptors.h"

/* tcr.* (at the depth tcr_depth of the study, where given), meth.*, csf.*, clin.*; *patient [columns->n] sorted, owned by the caller: those with
 * any value.  n = 0: the study has none. */
cxs_rc cxs_clinic_features_at(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                              char ***patient, cxs_quality_rows *quality,
                              cxs_feature_columns *columns) CXS_MUST_USE;
cxs_rc cxs_clinic_features(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                           char ***patient, cxs_feature_columns *columns) CXS_MUST_USE;

/* clin.gpa of patients [columns->n], sorted: the value given, else the sum of points. */
cxs_rc cxs_gpa_features(cxs_ctx *ctx, cxs_study *study, const char *refdata,
                        char *const *patient,
                        cxs_feature_columns *columns) CXS_MUST_USE;

/* Columns "NAME.change" behind those of `to`: from each column of before to the one of
 * the same name in after (all of n rows); differences where the unit begins with log2,
 * else log2((x_t + limit)/(x_0 + limit)); NaN where either is. */
cxs_rc cxs_early_change(cxs_ctx *ctx, const cxs_feature_columns *before,
                        const cxs_feature_columns *after, double limit,
                        cxs_feature_columns *to) CXS_MUST_USE;

#endif /* CXS_FEATURES_CLINIC_H */
