/*
 * copy_focal.c -- levels of narrow windows at the focal targets
 *
 * A depth of 1 asks for bins of 500 kb, in which an amplified gene of 50 kb is a gain of
 * a tenth of its size.  From that depth on a window of 50 kb holds 300 fragments, enough
 * to see the genes that are looked for, though not for a profile.
 */
#include "features/copy_private.h"

#include <math.h>

enum { WINDOW = 50000 };

static const double DEPTH = 1.0;

/* Mean level of the windows that a gene overlaps. */
static cxs_cn_windows level_at(const cxs_cn_bins *bins, const double *log2,
                               const cxs_interval *gene, double noise)
{
    cxs_cn_windows w = {(double)NAN, (double)NAN};
    double sum = 0.0, count = 0.0;

    for (size_t i = 0; i < bins->n; i++)
        if (bins->chrom[i] == gene->chrom && bins->start0[i] < gene->end0 &&
            bins->end0[i] > gene->start0 && !isnan(log2[i])) {
            sum += log2[i];
            count++;
        }
    if (count > 0.0) {
        w.log2 = sum / count;
        w.error = noise / sqrt(count);
    }
    return w;
}

static int is_narrow(const cxs_measure *depth)
{
    const int64_t *start = cxs_measure_get_int(depth, "start"),
                  *end = cxs_measure_get_int(depth, "end");

    return cxs_measure_rows(depth) > 0 && end[0] - start[0] <= WINDOW &&
           WINDOW % (end[0] - start[0]) == 0;
}

cxs_rc cxs_copy_focal(cxs_ctx *ctx, const cxs_copy_job *job,
                      const cxs_patient_file *file, const cxs_measure *depth,
                      cxs_copy_result *r)
{
    const cxs_copy_refs *refs = job->refs;
    const cxs_interval *place = refs->place[cxs_copy_build(file->build)];
    cxs_cn_bins bins = {0};
    double *reads = NULL, *log2 = NULL;
    cxs_cn_quality quality;
    cxs_rc rc = CXS_OK;

    if (!is_narrow(depth) || cxs_copy_mean_depth(depth) < DEPTH)
        return CXS_OK;
    CXS_TRY(cxs_copy_bins(ctx, depth, refs, file->build, WINDOW, &bins, &reads));
    if (job->frozen != NULL && job->frozen->map.count > 0)
        cxs_copy_map(&job->frozen->map, file->build, &bins);
    if (job->frozen != NULL && job->frozen->gc.count > 0)
        cxs_copy_gc(&job->frozen->gc, file->build, &bins);
    CXS_NEW(log2, bins.n + 1);
    rc = cxs_cn_correct(ctx, &bins, reads, log2, &quality);
    if (rc == CXS_EDEGENERATE) {
        rc = CXS_OK; /* windows cannot be corrected: the segments have the word */
        goto done;
    }
    CXS_TRY(rc);
    CXS_NEW(r->focal, refs->targets->rows + 1);
    for (size_t row = 0; row < refs->targets->rows; row++) {
        const size_t gene =
            cxs_index_find(&refs->gene, cxs_copy_cell(refs->targets, row, "gene"));
        const cxs_interval nowhere = {.chrom = 0};
        r->focal[row] = level_at(
            &bins, log2, gene != SIZE_MAX ? &place[gene] : &nowhere, quality.sd_diff);
    }
done:
    cxs_free(log2);
    cxs_free(reads);
    cxs_cn_bins_free(&bins);
    return rc;
}
