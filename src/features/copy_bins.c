/*
 * copy_bins.c -- depth in narrow bins to bins of a width that fits the depth
 */
#include "features/copy_refs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FRAGMENT = 170, FLANK = 100000 };

static const double KNOWN_SHARE = 0.9;

int64_t cxs_copy_width(const cxs_measure *depth)
{
    const int64_t *fragments = cxs_measure_get_int(depth, "fragments"),
                  *start = cxs_measure_get_int(depth, "start"),
                  *end = cxs_measure_get_int(depth, "end");
    double total = 0.0, bases = 0.0, mean;

    for (size_t i = 0; i < cxs_measure_rows(depth); i++) {
        total += (double)fragments[i];
        bases += (double)(end[i] - start[i]);
    }
    mean = bases > 0.0 ? total * FRAGMENT / bases : 0.0;
    return mean < 0.3 ? 1000000 : mean <= 3.0 ? 500000 : 100000;
}

static cxs_rc bins_allocate(cxs_ctx *ctx, size_t n, cxs_cn_bins *bins, double **reads)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(bins->chrom, n);
    CXS_NEW(bins->start0, n);
    CXS_NEW(bins->end0, n);
    CXS_NEW(bins->gc, n);
    CXS_NEW(bins->map, n);
    CXS_NEW(bins->near_centromere, n);
    CXS_NEW(*reads, n);
done:
    return rc;
}

static void mark_centromeres(const cxs_copy_refs *refs, const char *build,
                             cxs_cn_bins *bins)
{
    for (size_t row = 0; row < refs->centromeres->rows; row++) {
        const uint8_t chrom =
            cxs_cn_chrom(cxs_copy_cell(refs->centromeres, row, "chrom"));
        const double from =
                         strtod(cxs_copy_cell(refs->centromeres, row, "start0"), NULL) -
                         FLANK,
                     to = strtod(cxs_copy_cell(refs->centromeres, row, "end0"), NULL) +
                          FLANK;
        if (strcmp(cxs_copy_cell(refs->centromeres, row, "build"), build) != 0)
            continue;
        for (size_t i = 0; i < bins->n; i++)
            bins->near_centromere[i] |= bins->chrom[i] == chrom &&
                                        (double)bins->start0[i] < to &&
                                        (double)bins->end0[i] > from;
    }
}

cxs_rc cxs_copy_bins(cxs_ctx *ctx, const cxs_measure *depth, const cxs_copy_refs *refs,
                     const char *build, int64_t width, cxs_cn_bins *bins,
                     double **reads)
{
    const char *const *chrom = cxs_measure_get_text(depth, "chrom");
    const int64_t *start = cxs_measure_get_int(depth, "start"),
                  *end = cxs_measure_get_int(depth, "end"),
                  *fragments = cxs_measure_get_int(depth, "fragments"),
                  *gc = cxs_measure_get_int(depth, "gc"),
                  *known = cxs_measure_get_int(depth, "acgt");
    double *known_bases;
    cxs_rc rc = CXS_OK;

    CXS_TRY(bins_allocate(ctx, cxs_measure_rows(depth), bins, reads));
    known_bases = bins->map; /* until the end */
    for (size_t i = 0; i < cxs_measure_rows(depth); i++) {
        const uint8_t number = cxs_cn_chrom(chrom[i]);
        size_t b = bins->n;
        if (number == 0)
            continue;
        if (b == 0 || bins->chrom[b - 1] != number ||
            start[i] / width != bins->start0[b - 1] / width) {
            bins->chrom[b] = number;
            bins->start0[b] = start[i];
            bins->n++;
        } else {
            b--;
        }
        bins->end0[b] = end[i];
        (*reads)[b] += (double)fragments[i];
        if (gc != NULL && known != NULL) {
            bins->gc[b] += (double)gc[i];
            known_bases[b] += (double)known[i];
        }
    }
    for (size_t b = 0; b < bins->n; b++) {
        const double length = (double)(bins->end0[b] - bins->start0[b]);
        bins->gc[b] = known_bases[b] >= KNOWN_SHARE * length
                          ? bins->gc[b] / known_bases[b]
                          : (double)NAN;
        bins->map[b] = (double)NAN;
    }
    mark_centromeres(refs, build, bins);
done:
    return rc;
}
