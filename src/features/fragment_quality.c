/*
 * fragment_quality.c -- can the fragments of a file be believed?
 *
 * Duplicates never count as fragments, so the number of fragments is the effective one.
 */
#include "features/fragment_private.h"

#include <math.h>
#include <string.h>

enum { MARKS_EXPECTED = 1000000 };

static const double LYSED = 0.2, REPEATED = 0.5, PAIRED = 0.5;

/* Number of reads by the name of the table qc; missing without it. */
static int64_t reads_of(const cxs_measures *bag, const char *name)
{
    const cxs_measure *t = cxs_measures_find(bag, "qc");
    const char *const *names = t != NULL ? cxs_measure_get_text(t, "name") : NULL;
    const int64_t *value = t != NULL ? cxs_measure_get_int(t, "value") : NULL;

    for (size_t i = 0; names != NULL && value != NULL && i < cxs_measure_rows(t); i++)
        if (names[i] != NULL && strcmp(names[i], name) == 0)
            return value[i];
    return CXS_MEASURE_MISSING;
}

static cxs_rc add_duplicates(cxs_ctx *ctx, const cxs_patient_file *file,
                             cxs_quality_rows *quality, size_t *repeated)
{
    const int64_t marked = reads_of(file->bag, "duplicates"),
                  mapped = reads_of(file->bag, "mapped");
    cxs_quality_row row = {.measure = "frag_duplicates", .unit = "fraction"};

    if (marked == CXS_MEASURE_MISSING || !(mapped > 0))
        return CXS_OK;
    row.value = (double)marked / (double)mapped;
    if (row.value > REPEATED) {
        row.state = CXS_QC_WARN;
        row.reason = "low_complexity";
        ++*repeated;
    } else if (marked == 0 && mapped > MARKS_EXPECTED) {
        row.state = CXS_QC_WARN; /* CX041, told when the file was read */
        row.reason = "duplicates_not_marked";
    }
    return cxs_quality_add(ctx, quality, file->sample, &row);
}

static cxs_rc add_pairs(cxs_ctx *ctx, const cxs_patient_file *file,
                        cxs_quality_rows *quality)
{
    const cxs_measure *t = cxs_measures_find(file->bag, "fragments");
    const int64_t *reads = t != NULL ? cxs_measure_get_int(t, "reads") : NULL,
                  *proper =
                      t != NULL ? cxs_measure_get_int(t, "proper_pair_reads") : NULL;
    cxs_quality_row row = {.measure = "frag_proper_pairs", .unit = "fraction"};

    if (reads == NULL || proper == NULL || cxs_measure_rows(t) == 0 || !(reads[0] > 0))
        return CXS_OK;
    row.value = (double)proper[0] / (double)reads[0];
    if (row.value < PAIRED) {
        row.state = CXS_QC_FAIL; /* CX041: no fragment features */
        row.reason = "few_proper_pairs";
    }
    return cxs_quality_add(ctx, quality, file->sample, &row);
}

static cxs_rc add_counts(cxs_ctx *ctx, const cxs_patient_file *file,
                         const cxs_fragment_count *count, cxs_quality_rows *quality)
{
    const double n = count->fragments;
    const int lysed = count->long_share > LYSED;
    const cxs_quality_row fragments = {
        .measure = "frag_fragments",
        .unit = "fragments",
        .value = n,
        .state = n < CXS_FRAGMENTS_ENOUGH   ? CXS_QC_FAIL
                 : n < CXS_FRAGMENTS_BINNED ? CXS_QC_WARN
                                            : CXS_QC_OK,
        .reason = n < CXS_FRAGMENTS_BINNED ? "few_fragments" : NULL};
    const cxs_quality_row genomic = {.measure = "frag_share_400_up",
                                     .unit = "fraction",
                                     .value = count->long_share,
                                     .state = lysed ? CXS_QC_WARN : CXS_QC_OK,
                                     .reason = lysed ? "lysed_cells" : NULL};
    cxs_rc rc = CXS_OK;

    if (cxs_measures_find(file->bag, "fragment_lengths") == NULL)
        return CXS_OK;
    CXS_TRY(cxs_quality_add(ctx, quality, file->sample, &fragments));
    rc = cxs_quality_add(ctx, quality, file->sample, &genomic);
done:
    return rc;
}

cxs_rc cxs_fragment_quality(cxs_ctx *ctx, const cxs_patient_file *file,
                            const cxs_fragment_count *count, size_t n,
                            cxs_quality_rows *quality)
{
    size_t lysed = 0, repeated = 0;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < n; i++) {
        if (file[i].bag == NULL)
            continue;
        CXS_TRY(add_counts(ctx, &file[i], &count[i], quality));
        CXS_TRY(add_duplicates(ctx, &file[i], quality, &repeated));
        CXS_TRY(add_pairs(ctx, &file[i], quality));
        lysed +=
            count[i].fragments >= CXS_FRAGMENTS_ENOUGH && count[i].long_share > LYSED;
    }
    if (lysed > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "cell-free DNA: %zu samples have more than 20 %% fragments of "
                         "400 bases and longer: DNA of lysed cells",
                         lysed));
    if (repeated > 0)
        CXS_TRY(cxs_warn(ctx, "",
                         "cell-free DNA: %zu samples have more than 50 %% duplicates: "
                         "low complexity; their fragments are the unique ones",
                         repeated));
done:
    return rc;
}
