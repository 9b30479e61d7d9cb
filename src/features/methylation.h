/*
 * methylation.h -- MGMT promoter methylation (num/stp27.h) of patients
 *
 *   meth.mgmt.p          logit of the probability
 *   meth.mgmt.call       1: methylated
 *   meth.mgmt.uncertain  1: the 95 % interval of the probability holds the cut-off
 *
 * NaN, never 0, without both probes.
 */
#ifndef CXS_FEATURES_METHYLATION_H
#define CXS_FEATURES_METHYLATION_H

#include "coxswain/study.h"
#include "features/assays.h"
#include "num/stp27.h"

/* Coefficients of refdata/stp27.tsv; refdata NULL: default places.  CXS_EFORMAT when a
 * parameter is missing. */
cxs_rc cxs_stp27_read(cxs_ctx *ctx, const char *refdata,
                      cxs_stp27_model *out) CXS_MUST_USE;

/* file [columns->n]: bags of cxs_mgmt_measure(), NULL where there is none. */
cxs_rc cxs_methylation_features(cxs_ctx *ctx, const cxs_patient_file *file,
                                const char *refdata,
                                cxs_feature_columns *columns) CXS_MUST_USE;

/* Say how many of the patients with a call lost 10q, which holds the gene: the call says
 * nothing of its dosage.  matrix: columns meth.mgmt.call and cn.event.CHR10Q_LOSS (or
 * CHR10_LOSS); nothing without both. */
void cxs_mgmt_beside_copies(cxs_ctx *ctx, const cxs_matrix *matrix);

#endif /* CXS_FEATURES_METHYLATION_H */
