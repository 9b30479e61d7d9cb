/*
 * catalogue.h -- the rows of the feature catalogue, one array per domain
 */
#ifndef CXS_FEATURES_CATALOGUE_H
#define CXS_FEATURES_CATALOGUE_H

#include "coxswain/catalogue.h"
#include "coxswain/features.h"

/* The function that derives a family, as the rows hold it. */
#define CXS_DERIVED_BY(function) ((cxs_deriving_fn)(function))
#define CXS_NOT_YET              NULL

/* Transforms before a Cox model; a row holds one of these texts, and by it the values are
 * changed (change.c). */
#define CXS_AS_SCALED                                                                  \
    "winsorise at 1 and 99 % from 100 samples on, then (x - mean)/sd of the "          \
    "training samples"
#define CXS_AS_LOGIT       "logit((x (n - 1) + 0.5)/n), " CXS_AS_SCALED
#define CXS_AS_LOG2_PLUS_1 "log2(x + 1), " CXS_AS_SCALED
#define CXS_AS_BINARY      "none: 0 or 1"
#define CXS_AS_ORDINAL     "none"

extern const cxs_family cxs_catalogue_rna[], cxs_catalogue_variants[],
    cxs_catalogue_copies[], cxs_catalogue_others[];
extern const size_t cxs_catalogue_rna_count, cxs_catalogue_variants_count,
    cxs_catalogue_copies_count, cxs_catalogue_others_count;

/* What a family's transform does first (change.c), and the c of log2(x + c). */
cxs_change cxs_family_change(const cxs_family *family, double *c);

/* Does a name fit a pattern?  A star is one character or more. */
int cxs_pattern_fits(const char *pattern, const char *name);

#endif /* CXS_FEATURES_CATALOGUE_H */
