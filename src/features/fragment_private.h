/*
 * fragment_private.h -- the profile of fragment lengths along the genome
 */
#ifndef CXS_FRAGMENT_PRIVATE_H
#define CXS_FRAGMENT_PRIVATE_H

#include "base/table.h"
#include "features/assays.h"

enum {
    CXS_FRAGMENTS_ENOUGH = 1000000, /* below it nothing is told */
    CXS_FRAGMENTS_BINNED = 5000000  /* below it no profile */
};

/* frag.short_long.*; fragments [n] of each patient; arms: chrom_arms.tsv. */
cxs_rc cxs_fragment_profile(cxs_ctx *ctx, const cxs_patient_file *file,
                            const double *fragments, const cxs_table *arms,
                            cxs_feature_columns *columns) CXS_MUST_USE;

#endif /* CXS_FRAGMENT_PRIVATE_H */
