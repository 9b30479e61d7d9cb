/*
 * copy_focal.c -- narrow windows around the focal targets of a sample of enough depth
 *
 * A gene of 30 kb is lost in a bin of 500 kb.  From 1x on the bins of 50 kb of a genome
 * carry some 300 fragments each: they are corrected by their own GC curve, and the
 * windows within a megabase of each target are segmented by themselves (domain: 50 kb
 * windows around focal targets from 1x on).  Three windows are the least that can be
 * told: a permutation of some 40 puts the two lowest side by side in 1 of 20.  They take
 * no panel of normals, whose bins are wider.  A level that runs out of its windows is one
 * that wide bins see: its extent is theirs where they change in the same direction.
 */
#include "features/copy_private.h"

#include "base/stream.h"
#include "num/order.h"
#include "num/segment.h"

#include <math.h>

enum {
    WINDOW = CXS_COPY_WINDOW,
    FLANK = 1000000,
    LEAST_WINDOWS = 10,
    LEAST_SPAN = 3,
    AROUND = 10,
    BESIDE = 2
};
static const double LEAST_DEPTH = 1.0, CHANGE = 0.2, OUTLIER_SD = 4.0, DRAWN_SD = 2.0,
                    AMPLIFIED = 6.0, TOLD_ERRORS = 4.0;

/* Row of the genes for a target, placed on this build; SIZE_MAX: not known. */
static size_t gene_of(const cxs_copy_refs *refs, size_t build, size_t target)
{
    const size_t row =
        cxs_index_find(&refs->gene, cxs_copy_cell(refs->targets, target, "gene"));

    return row != SIZE_MAX && refs->place[build][row].chrom != 0 ? row : SIZE_MAX;
}

/* Windows that touch [from, to): the first, and how many. */
static size_t windows_of(const cxs_cn_bins *bins, uint8_t chrom, int64_t from,
                         int64_t to, size_t *first)
{
    size_t count = 0;

    *first = 0;
    while (*first < bins->n &&
           (bins->chrom[*first] != chrom || bins->end0[*first] <= from))
        ++*first;
    while (*first + count < bins->n && bins->chrom[*first + count] == chrom &&
           bins->start0[*first + count] < to)
        count++;
    return count;
}

/* ---- one target ------------------------------------------------------------------ */

typedef struct region {
    const cxs_cn_bins *bins;
    const cxs_interval *gene;
    size_t *bin;  /* [count] */
    double *log2; /* [count] */
    size_t count;
    size_t *end;  /* [count] of segments */
    double *work; /* [4 count + 4] */
} region;

static size_t draw(const void *stream, uint64_t test, uint64_t index, size_t below)
{
    const uint64_t *target = stream;
    const cxs_stream s = {1, CXS_DRAW_FOCAL, (*target << 40) + test};

    return cxs_draw_below(&s, index, below);
}

static int64_t overlap(const cxs_interval *gene, int64_t from, int64_t to)
{
    const int64_t low = from > gene->start0 ? from : gene->start0,
                  high = to < gene->end0 ? to : gene->end0;

    return high > low ? high - low : 0;
}

/* A single window is drawn in where it lies more than 4 sd beyond both windows on either
 * side of it, to 2 sd from the median of 21: the rule of smooth.CNA of DNAcopy, with a
 * narrower neighbourhood, as windows that map badly are not rare. */
static void draw_in(region *g, double *smooth, double *near)
{
    const double sd = cxs_sd_diff(g->log2, g->count, near);

    for (size_t i = 0; i < g->count; i++) {
        double low = HUGE_VAL, high = -HUGE_VAL, middle;
        size_t n = 0;
        for (size_t k = i > AROUND ? i - AROUND : 0; k < g->count && k <= i + AROUND;
             k++) {
            const int beside = k != i && k + BESIDE >= i && k <= i + BESIDE;
            near[n++] = g->log2[k];
            low = beside ? fmin(low, g->log2[k]) : low;
            high = beside ? fmax(high, g->log2[k]) : high;
        }
        middle = cxs_median(n, near);
        smooth[i] = g->log2[i] > high + OUTLIER_SD * sd  ? middle + DRAWN_SD * sd
                    : g->log2[i] < low - OUTLIER_SD * sd ? middle - DRAWN_SD * sd
                                                         : g->log2[i];
    }
    for (size_t i = 0; i < g->count; i++)
        g->log2[i] = smooth[i];
}

/* The run of windows that holds most of the gene, at their median; 0 when none of its
 * windows is known. */
static int level_of_gene(const region *g, size_t count, cxs_cn_segment *out)
{
    int64_t most = 0;

    for (size_t s = 0; s < count; s++) {
        const size_t from = s > 0 ? g->end[s - 1] : 0, to = g->end[s];
        int64_t bases = 0;
        for (size_t i = from; i < to; i++)
            bases +=
                overlap(g->gene, g->bins->start0[g->bin[i]], g->bins->end0[g->bin[i]]);
        if (bases <= most)
            continue;
        most = bases;
        for (size_t i = from; i < to; i++)
            g->work[i - from] = g->log2[i];
        *out = (cxs_cn_segment){.chrom = g->gene->chrom,
                                .start0 = g->bins->start0[g->bin[from]],
                                .end0 = g->bins->end0[g->bin[to - 1]],
                                .bins = to - from,
                                .log2 = cxs_median(to - from, g->work),
                                .copies = -1,
                                .corrected = (double)NAN};
    }
    return most > 0;
}

/* Ends that lie at the border of the windows go as far as the wide segment at the gene
 * does, when that is of the same level. */
static void reach(const cxs_cn_segments *wide, const region *g, cxs_cn_segment *one)
{
    const int64_t low = g->bins->start0[g->bin[0]],
                  high = g->bins->end0[g->bin[g->count - 1]];
    const cxs_cn_segment *w = cxs_cn_covering(wide, g->gene);

    if (w == NULL || !(fabs(w->log2 - one->log2) < CHANGE))
        return;
    if (one->start0 == low && w->start0 < low)
        one->start0 = w->start0;
    if (one->end0 == high && w->end0 > high)
        one->end0 = w->end0;
}

/* Levels of a target into *out; left as it is where too few windows are known. */
static void look_at(region *g, uint64_t target, const double *log2_of_bins,
                    const cxs_cn_segments *wide, cxs_cn_segment *out)
{
    const cxs_cbs_settings settings = cxs_cbs_defaults();
    cxs_cn_segment one;
    size_t first, count;
    const size_t bins = windows_of(g->bins, g->gene->chrom, g->gene->start0 - FLANK,
                                   g->gene->end0 + FLANK, &first);

    g->count = 0;
    for (size_t i = first; i < first + bins; i++)
        if (!isnan(log2_of_bins[i])) {
            g->bin[g->count] = i;
            g->log2[g->count++] = log2_of_bins[i];
        }
    if (g->count < LEAST_WINDOWS)
        return;
    draw_in(g, g->work, g->work + g->count);
    count = cxs_cbs(g->log2, g->count, &settings, (double)NAN, draw, &target, g->end,
                    g->work);
    if (!level_of_gene(g, count, &one))
        return;
    one.direction = (one.log2 >= CHANGE) - (one.log2 <= -CHANGE);
    reach(wide, g, &one);
    one.corrected = cxs_cn_corrected(one.log2, wide->tumour_fraction, wide->ploidy);
    *out = one;
}

/* ---- a sample -------------------------------------------------------------------- */

static cxs_rc room(cxs_ctx *ctx, const cxs_cn_bins *bins, region *g)
{
    cxs_rc rc = CXS_OK;

    *g = (region){.bins = bins};
    CXS_NEW(g->bin, bins->n + 1);
    CXS_NEW(g->log2, bins->n + 1);
    CXS_NEW(g->end, bins->n + 1);
    CXS_NEW(g->work, 4 * bins->n + 4);
done:
    return rc;
}

static void leave(region *g)
{
    cxs_free(g->bin);
    cxs_free(g->log2);
    cxs_free(g->end);
    cxs_free(g->work);
}

static cxs_rc all_targets(cxs_ctx *ctx, const cxs_copy_job *j, size_t build,
                          const cxs_cn_bins *bins, const double *log2_of_bins,
                          cxs_copy_result *r)
{
    const cxs_copy_refs *refs = j->refs;
    region g;
    cxs_rc rc = CXS_OK;

    CXS_TRY(room(ctx, bins, &g));
    CXS_NEW(r->focal, refs->genes->rows + 1);
    for (size_t t = 0; t < refs->targets->rows; t++) {
        const size_t row = gene_of(refs, build, t);
        if (row == SIZE_MAX)
            continue;
        g.gene = &refs->place[build][row];
        look_at(&g, row, log2_of_bins, &r->segments, &r->focal[row]);
    }
done:
    leave(&g);
    return rc;
}

cxs_rc cxs_copy_focal(cxs_ctx *ctx, const cxs_copy_job *j, const cxs_patient_file *file,
                      const cxs_measure *depth, cxs_copy_result *r)
{
    cxs_cn_bins bins = {0};
    cxs_cn_quality quality;
    double *reads = NULL, *log2_of_bins = NULL;
    cxs_rc rc = CXS_OK;

    if (r->width <= WINDOW || cxs_copy_given_width(depth) > WINDOW ||
        cxs_copy_mean_depth(depth) < LEAST_DEPTH)
        return CXS_OK;
    CXS_TRY(cxs_copy_bins(ctx, depth, j->refs, file->build, WINDOW, &bins, &reads));
    if (j->frozen != NULL && j->frozen->map.count > 0)
        cxs_copy_map(&j->frozen->map, file->build, &bins);
    if (j->frozen != NULL && j->frozen->gc.count > 0)
        cxs_copy_gc(&j->frozen->gc, file->build, &bins);
    CXS_NEW(log2_of_bins, bins.n + 1);
    rc = cxs_cn_correct(ctx, &bins, reads, log2_of_bins, &quality);
    if (rc == CXS_EDEGENERATE) {
        rc = CXS_OK; /* the wide bins stand alone */
        goto done;
    }
    CXS_TRY(rc);
    r->focal_error = quality.sd_diff / sqrt(LEAST_SPAN);
    rc = all_targets(ctx, j, cxs_copy_build(file->build), &bins, log2_of_bins, r);

done:
    cxs_free(log2_of_bins);
    cxs_free(reads);
    cxs_cn_bins_free(&bins);
    return rc;
}

/* ---- calls ----------------------------------------------------------------------- */

/* The level at a gene in narrow windows; NULL: none, or three of them could not tell
 * `copies` from no change: the level lies within four standard errors. */
static cxs_cn_segment *near_level(const cxs_copy_refs *refs, const cxs_copy_result *r,
                                  const char *symbol, double copies)
{
    const size_t row = cxs_index_find(&refs->gene, symbol);
    const double fraction = r->segments.tumour_fraction,
                 level = fraction > 0.0
                             ? cxs_cn_level(copies, fraction, r->segments.ploidy)
                             : 1.0; /* of an amplification without purity */

    return r->focal != NULL && row != SIZE_MAX && r->focal[row].bins > 0 &&
                   fabs(level) > TOLD_ERRORS * r->focal_error
               ? &r->focal[row]
               : NULL;
}

double cxs_copy_amplified(const cxs_copy_refs *refs, const cxs_copy_result *r,
                          const char *symbol, const cxs_interval *gene,
                          const cxs_interval *arm)
{
    cxs_cn_segment *at = near_level(refs, r, symbol, AMPLIFIED);
    cxs_cn_segments level = r->segments;

    if (at != NULL) {
        level.at = at;
        level.count = 1;
    }
    return cxs_cn_amplified(&level, gene, arm);
}

double cxs_copy_deleted(const cxs_copy_refs *refs, const cxs_copy_result *r,
                        const char *symbol, const cxs_interval *gene)
{
    cxs_cn_segment *at = near_level(refs, r, symbol, 0.0);
    cxs_cn_segments level = r->segments;

    if (at != NULL) {
        level.at = at;
        level.count = 1;
    }
    return cxs_cn_deleted(&level, gene, at != NULL ? CXS_COPY_WINDOW : r->width);
}
