/*
 * events.h -- events of a tumour that files of several kinds tell together
 *
 *   rna.egfrviii  share of EGFR transcripts that skip exons 2 to 7: junction reads
 *                 e1-e8 / (e1-e8 + e1-e2), NaN below 10 of both
 *   var.egfrviii  1: RNA (10 junction reads e1-e8 and 1 %), a structural variant between
 *                 introns 1 and 7, or in an amplified EGFR the depth of exons 2-7 at
 *                 least 0.5 (log2) below that of exons 8-28.  0: RNA or depth were
 *                 measured and none says so.  A list of variants never excludes it.
 *   var.msi       unstable ones of five mononucleotide markers, tumour against the
 *                 patient's normal
 *   var.msi.high  1: two or more are unstable; both are NaN where those with fewer than
 *                 20 reads could turn it
 */
#ifndef CXS_FEATURES_EVENTS_H
#define CXS_FEATURES_EVENTS_H

#include "features/columns.h"
#include "store/measures.h"

/* What one patient has; bags are borrowed, NULL where there is none, texts NULL too. */
typedef struct cxs_event_files {
    const char *sample;         /* of the reads of DNA, for messages */
    const char *library;        /* of the reads of DNA */
    const char *build;          /* "hg19" or "hg38" of the reads of DNA */
    const cxs_measures *rna;    /* table "junctions" */
    const cxs_measures *reads;  /* of tumour DNA: "coverage", "msi" */
    const cxs_measures *normal; /* the same of the matched normal */
    const cxs_measures *copy;   /* "cn.gene" */
    bool lost;                  /* a passing structural variant says EGFRvIII */
    bool called;                /* there is a list of variants */
} cxs_event_files;

/* Does a bag of variants hold a passing structural variant that is EGFRvIII? */
bool cxs_has_egfrviii(const cxs_measures *variants);

/* rna.egfrviii and var.egfrviii of files [columns->n]; columns that would have no value
 * are left out.  refdata: folder of reference tables, NULL: default places. */
cxs_rc cxs_egfrviii_features(cxs_ctx *ctx, const cxs_event_files *files,
                             const char *refdata,
                             cxs_feature_columns *columns) CXS_MUST_USE;

/* var.msi and var.msi.high; left out without a patient who has both files. */
cxs_rc cxs_msi_features(cxs_ctx *ctx, const cxs_event_files *files,
                        cxs_feature_columns *columns) CXS_MUST_USE;

#endif /* CXS_FEATURES_EVENTS_H */
