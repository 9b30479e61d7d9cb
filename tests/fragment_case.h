/*
 * fragment_case.h -- features of tables of fragments that were written by hand
 */
#ifndef CXS_FRAGMENT_CASE_H
#define CXS_FRAGMENT_CASE_H

#include "test.h"

#include "bag_case.h"

enum { GENES = 8, MOST_FILES = 4 };

/* A file of so many fragments of 160 bases over `bases` autosomal bases. */
static inline cxs_measures *bag_of(double fragments, double bases)
{
    static const int length[1] = {160};
    cxs_measures *bag = bag_lengths(1, length, &fragments);
    cxs_measure *t = bag_table(bag, "fragment_bins", 2);
    const size_t chrom = bag_text(t, "chrom");
    int64_t *start = bag_int(t, "start"), *end = bag_int(t, "end");

    bag_set(t, chrom, 0, "1");
    bag_set(t, chrom, 1, "X"); /* fragments of X do not count: its bases neither */
    start[0] = start[1] = 0;
    end[0] = (int64_t)bases;
    end[1] = 155000000;
    return bag;
}

static inline cxs_feature_columns derive(cxs_ctx *ctx, cxs_measures **bag,
                                         cxs_measures **copies, size_t n,
                                         cxs_quality_rows *quality)
{
    cxs_patient_file file[MOST_FILES];
    cxs_feature_columns columns = {.n = n};

    for (size_t i = 0; i < n; i++)
        file[i] = (cxs_patient_file){.sample = "S",
                                     .source = "CSF_CFDNA",
                                     .library = "WGS",
                                     .build = "hg38",
                                     .bag = bag[i]};
    CHECK(cxs_fragment_features(ctx, file, NULL, copies, "refdata", quality,
                                &columns) == CXS_OK);
    for (size_t i = 0; i < n; i++) {
        cxs_measures_free(bag[i]);
        if (copies != NULL)
            cxs_measures_free(copies[i]);
    }
    return columns;
}

static inline void put_reads(cxs_measures *bag, int64_t mapped, int64_t duplicates,
                             int64_t reads, int64_t proper)
{
    cxs_measure *t = bag_table(bag, "qc", 2), *own = bag_table(bag, "fragments", 1);
    const size_t name = bag_text(t, "name");
    int64_t *value = bag_int(t, "value");

    bag_set(t, name, 0, "mapped");
    bag_set(t, name, 1, "duplicates");
    value[0] = mapped;
    value[1] = duplicates;
    bag_int(own, "reads")[0] = reads;
    bag_int(own, "proper_pair_reads")[0] = proper;
}

#endif /* CXS_FRAGMENT_CASE_H */
