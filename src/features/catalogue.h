/*
 * catalogue.h -- the rows of the feature catalogue, one array per domain
 */
#ifndef CXS_FEATURES_CATALOGUE_H
#define CXS_FEATURES_CATALOGUE_H

#include "coxswain/catalogue.h"

/* The function that derives a family, as the rows hold it. */
#define CXS_DERIVED_BY(function) ((cxs_deriving_fn)(function))
#define CXS_NOT_YET              NULL

extern const cxs_family cxs_catalogue_rna[], cxs_catalogue_variants[],
    cxs_catalogue_copies[], cxs_catalogue_others[];
extern const size_t cxs_catalogue_rna_count, cxs_catalogue_variants_count,
    cxs_catalogue_copies_count, cxs_catalogue_others_count;

/* Does a name fit a pattern?  A star is one character or more. */
int cxs_pattern_fits(const char *pattern, const char *name);

#endif /* CXS_FEATURES_CATALOGUE_H */
