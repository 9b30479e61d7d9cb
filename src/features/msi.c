/*
 * msi.c -- microsatellite instability: lengths of five repeats, tumour against normal
 *
 * A marker is unstable when the distributions of its lengths differ by more than 0.3
 * (Kolmogorov-Smirnov) or their modes by two bases or more; both files must show it in
 * 20 reads.  Two unstable ones of five are enough; "stable" needs that those which were
 * not seen could not change it.
 */
#include "features/events.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double DISTANCE = 3.0, PARTS = 10.0; /* 0.3 */
enum { READS = 20, SHIFT = 2, HIGH = 2, LENGTHS = 64 };

/* Reads of a marker by length; their sum. */
static int64_t lengths_of(const cxs_measures *bag, const char *marker,
                          int64_t reads[LENGTHS])
{
    const cxs_measure *t = cxs_measures_find(bag, "msi");
    const char *const *name = t != NULL ? cxs_measure_get_text(t, "marker") : NULL;
    const int64_t *length = t != NULL ? cxs_measure_get_int(t, "length") : NULL,
                  *seen = t != NULL ? cxs_measure_get_int(t, "reads") : NULL;
    int64_t total = 0;

    memset(reads, 0, LENGTHS * sizeof *reads);
    for (size_t i = 0; name && length && seen && i < cxs_measure_rows(t); i++)
        if (name[i] != NULL && strcmp(name[i], marker) == 0 && length[i] >= 0 &&
            length[i] < LENGTHS && seen[i] > 0 && seen[i] <= INT32_MAX) {
            reads[length[i]] += seen[i];
            total += seen[i];
        }
    return total;
}

/* The shortest of the most frequent lengths. */
static int mode_of(const int64_t reads[LENGTHS])
{
    int best = 0;

    for (int l = 1; l < LENGTHS; l++)
        if (reads[l] > reads[best])
            best = l;
    return best;
}

/* 1 unstable, 0 stable, -1: too few reads. */
static int is_unstable(const cxs_event_files *f, const char *marker)
{
    int64_t tumour[LENGTHS], normal[LENGTHS];
    const int64_t n = lengths_of(f->reads, marker, tumour),
                  m = lengths_of(f->normal, marker, normal);
    double a = 0.0, b = 0.0, most = 0.0; /* n m times the distance: whole numbers */

    if (n < READS || m < READS)
        return -1;
    for (int l = 0; l < LENGTHS; l++) {
        a += (double)tumour[l];
        b += (double)normal[l];
        most = fmax(most, fabs(a * (double)m - b * (double)n));
    }
    return PARTS * most > DISTANCE * (double)n * (double)m ||
           abs(mode_of(tumour) - mode_of(normal)) >= SHIFT;
}

/* Unstable markers, and whether they are many: 1, 0, NaN where that is open. */
static void judge(const cxs_event_files *f, double *count, double *high)
{
    const cxs_measure *t = f->reads != NULL && f->normal != NULL
                               ? cxs_measures_find(f->reads, "msi_markers")
                               : NULL;
    const char *const *marker = t != NULL ? cxs_measure_get_text(t, "marker") : NULL;
    size_t unstable = 0, open = 0;

    for (size_t i = 0; marker != NULL && i < cxs_measure_rows(t); i++) {
        const int one = marker[i] != NULL ? is_unstable(f, marker[i]) : -1;
        unstable += one > 0;
        open += one < 0;
    }
    if (marker == NULL || (unstable < HIGH && unstable + open >= HIGH))
        return;
    *count = (double)unstable;
    *high = unstable >= HIGH;
}

cxs_rc cxs_msi_features(cxs_ctx *ctx, const cxs_event_files *files,
                        cxs_feature_columns *columns)
{
    double *count, *high;
    bool any = false;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < columns->n; i++)
        any = any || (files[i].reads != NULL && files[i].normal != NULL &&
                      cxs_measures_find(files[i].reads, "msi_markers") != NULL);
    if (!any)
        return CXS_OK;
    CXS_TRY(cxs_feature_columns_add(ctx, columns, "var.msi", "markers",
                                    CXS_FEATURE_ORDINAL, &count));
    CXS_TRY(cxs_feature_columns_add(ctx, columns, "var.msi.high", "",
                                    CXS_FEATURE_BINARY, &high));
    for (size_t i = 0; i < columns->n; i++)
        judge(&files[i], &count[i], &high[i]);
done:
    return rc;
}
