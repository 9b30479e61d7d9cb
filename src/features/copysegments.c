/*
 * copysegments.c -- segments of one sample's copy-number profile
 */
#include "features/copynumber.h"

#include "base/stream.h"
#include "num/cnhmm.h"
#include "num/segment.h"

#include <math.h>

static const double TISSUE_CHANGE = 0.2, FEW_ALTERED = 0.05, COPIES_LEAST = 1.0 / 64.0,
                    DIPLOID = 2.0;
enum { SHORT_ALTERED = 50 };

void cxs_cn_segments_free(cxs_cn_segments *segments)
{
    cxs_free(segments->at);
    *segments = (cxs_cn_segments){0};
}

double cxs_cn_corrected(double log2_ratio, double fraction, double ploidy)
{
    const double rest = 2.0 * (1.0 - fraction);

    if (!(fraction > 0.0))
        return (double)NAN;
    return fmax(COPIES_LEAST,
                (exp2(log2_ratio) * (rest + fraction * ploidy) - rest) / fraction);
}

double cxs_cn_level(double copies, double fraction, double ploidy)
{
    const double rest = 2.0 * (1.0 - fraction);

    return log2((rest + fraction * copies) / (rest + fraction * ploidy));
}

void cxs_cn_take_purity(cxs_cn_segments *segments, double purity)
{
    segments->tumour_fraction = purity;
    segments->ploidy = DIPLOID;
    for (size_t k = 0; k < segments->count; k++)
        segments->at[k].corrected =
            cxs_cn_corrected(segments->at[k].log2, purity, DIPLOID);
}

static cxs_rc push(cxs_ctx *ctx, cxs_cn_segments *out, const cxs_cn_segment *one)
{
    const cxs_rc rc = cxs_grow(ctx, (void **)&out->at, &out->capacity, out->count + 1,
                               sizeof *out->at);

    if (rc == CXS_OK)
        out->at[out->count++] = *one;
    return rc;
}

/* Bins with a log ratio: where they stand among all, and where chromosomes begin. */
typedef struct kept {
    size_t *bin;  /* [count] */
    double *log2; /* [count] */
    size_t count, parts;
    size_t first[CXS_CN_CHROMS + 1];
} kept;

static cxs_rc keep(cxs_ctx *ctx, const cxs_cn_bins *bins, const double *log2,
                   int last_chrom, kept *k)
{
    cxs_rc rc = CXS_OK;

    CXS_NEW(k->bin, bins->n + 1);
    CXS_NEW(k->log2, bins->n + 1);
    for (size_t i = 0; i < bins->n; i++) {
        if (isnan(log2[i]) || bins->chrom[i] > last_chrom)
            continue;
        if (k->count == 0 || bins->chrom[i] != bins->chrom[k->bin[k->count - 1]])
            k->first[k->parts++] = k->count;
        k->bin[k->count] = i;
        k->log2[k->count++] = log2[i];
    }
    k->first[k->parts] = k->count;

done:
    return rc;
}

static void let_go(kept *k)
{
    cxs_free(k->bin);
    cxs_free(k->log2);
}

/* Kept bins [from, to) as a segment. */
static cxs_cn_segment segment_of(const cxs_cn_bins *bins, const kept *k, size_t from,
                                 size_t to)
{
    cxs_cn_segment s = {.chrom = bins->chrom[k->bin[from]],
                        .start0 = bins->start0[k->bin[from]],
                        .end0 = bins->end0[k->bin[to - 1]],
                        .bins = to - from,
                        .copies = -1,
                        .corrected = (double)NAN};

    for (size_t i = from; i < to; i++)
        s.log2 += k->log2[i] / (double)(to - from);
    return s;
}

/* ---- tissue ------------------------------------------------------------------------- */

typedef struct draws {
    uint64_t seed;
    uint32_t chrom;
} draws;

static size_t draw(const void *stream, uint64_t test, uint64_t index, size_t below)
{
    const draws *d = stream;
    const cxs_stream s = {d->seed, CXS_DRAW_SEGMENTS,
                          ((uint64_t)d->chrom << 40) + test};

    return cxs_draw_below(&s, index, below);
}

cxs_rc cxs_cn_segment_tissue(cxs_ctx *ctx, const cxs_cn_bins *bins, const double *log2,
                             uint64_t seed, cxs_cn_segments *out)
{
    const cxs_cbs_settings settings = cxs_cbs_defaults();
    kept k = {0};
    size_t *end = NULL;
    double *work = NULL, noise;
    cxs_rc rc = CXS_OK;

    *out = (cxs_cn_segments){.tumour_fraction = (double)NAN, .ploidy = (double)NAN};
    CXS_TRY(keep(ctx, bins, log2, CXS_CN_CHROMS - 1, &k));
    CXS_NEW(end, k.count + 1);
    CXS_NEW(work, 4 * k.count + 4);
    noise = cxs_sd_diff(k.log2, k.count, work);
    for (size_t p = 0; p < k.parts; p++) {
        const size_t first = k.first[p];
        const draws stream = {seed, bins->chrom[k.bin[first]]};
        const size_t count = cxs_cbs(k.log2 + first, k.first[p + 1] - first, &settings,
                                     noise, draw, &stream, end, work);
        for (size_t s = 0; s < count; s++) {
            cxs_cn_segment one =
                segment_of(bins, &k, first + (s > 0 ? end[s - 1] : 0), first + end[s]);
            one.direction = one.log2 >= TISSUE_CHANGE    ? 1
                            : one.log2 <= -TISSUE_CHANGE ? -1
                                                         : 0;
            CXS_TRY(push(ctx, out, &one));
        }
    }

done:
    cxs_free(work);
    cxs_free(end);
    let_go(&k);
    if (rc != CXS_OK)
        cxs_cn_segments_free(out);
    return rc;
}

/* ---- cell-free DNA ------------------------------------------------------------------ */

typedef struct hmm {
    const kept *k;
    double *x; /* natural log */
    double *gamma, *work;
    uint8_t *state, *back;
    cxs_cnhmm_fit best;
} hmm;

/* Shares of the genome: altered at all, subclonal, subclonal among the altered. */
static void shares(const hmm *h, double *altered, double *subclonal)
{
    size_t changed = 0, sub = 0;

    for (size_t i = 0; i < h->k->count; i++) {
        changed += cxs_cnhmm_copies(h->state[i]) != 2;
        sub += cxs_cnhmm_is_subclonal(h->state[i]) != 0;
    }
    *altered = (double)changed / (double)h->k->count;
    *subclonal = (double)sub / (double)h->k->count;
}

/* A start replaces the best so far when it is likelier and not mostly subclonal. */
static void try_start(hmm *h, double normal, double ploidy, double subclonal)
{
    double altered, sub;
    cxs_cnhmm_fit fit;

    cxs_cnhmm_em(h->x, h->k->first, h->k->parts, normal, ploidy, subclonal, &fit,
                 h->gamma, h->work);
    if (!(fit.loglik > h->best.loglik))
        return;
    cxs_cnhmm_viterbi(h->x, h->k->first, h->k->parts, &fit, h->state, h->back, h->work);
    shares(h, &altered, &sub);
    if (sub <= 0.5 && (altered == 0.0 || sub / altered <= 0.7))
        h->best = fit;
}

static void fit_model(hmm *h)
{
    static const double normals[] = {0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99};

    h->best.loglik = -HUGE_VAL;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t a = 0; a < sizeof normals / sizeof normals[0]; a++)
            for (int ploidy = 2; ploidy <= 3; ploidy++)
                if (ploidy == 2 || normals[a] < 0.95)
                    try_start(h, normals[a], ploidy, pass == 0 ? 0.0 : 0.5);
        if (1.0 - h->best.normal <= 0.1)
            break; /* subclonal states only where the tumour is plain to see */
    }
    cxs_cnhmm_viterbi(h->x, h->k->first, h->k->parts, &h->best, h->state, h->back,
                      h->work);
}

static int same_level(const hmm *h, size_t a, size_t b)
{
    return h->state[a] == h->state[b];
}

static cxs_rc list_segments(cxs_ctx *ctx, const cxs_cn_bins *bins, const hmm *h,
                            cxs_cn_segments *out)
{
    cxs_rc rc = CXS_OK;

    for (size_t p = 0; p < h->k->parts; p++)
        for (size_t from = h->k->first[p], to; from < h->k->first[p + 1]; from = to) {
            cxs_cn_segment one;
            for (to = from + 1; to < h->k->first[p + 1] && same_level(h, from, to);
                 to++)
                ;
            one = segment_of(bins, h->k, from, to);
            one.copies = cxs_cnhmm_copies(h->state[from]);
            one.subclonal = cxs_cnhmm_is_subclonal(h->state[from]);
            one.direction = (one.copies > 2) - (one.copies < 2);
            CXS_TRY(push(ctx, out, &one));
        }
done:
    return rc;
}

/* No long altered segment and little altered at all: no tumour seen. */
static int nothing_seen(const cxs_cn_segments *segments, size_t bins)
{
    size_t longest = 0, altered = 0;

    for (size_t s = 0; s < segments->count; s++)
        if (segments->at[s].direction != 0) {
            altered += segments->at[s].bins;
            longest = segments->at[s].bins > longest ? segments->at[s].bins : longest;
        }
    return longest <= SHORT_ALTERED && (double)altered <= FEW_ALTERED * (double)bins;
}

cxs_rc cxs_cn_segment_cfdna(cxs_ctx *ctx, const cxs_cn_bins *bins, const double *log2,
                            cxs_cn_segments *out)
{
    kept k = {0};
    hmm h = {.k = &k};
    cxs_rc rc = CXS_OK;

    *out = (cxs_cn_segments){.tumour_fraction = (double)NAN, .ploidy = (double)NAN};
    CXS_TRY(keep(ctx, bins, log2, CXS_CN_AUTOSOMES, &k));
    CXS_NEW(h.x, k.count + 1);
    CXS_NEW(h.gamma, (k.count + 1) * CXS_CNHMM_STATES);
    CXS_NEW(h.work, (k.count + 3) * CXS_CNHMM_STATES);
    CXS_NEW(h.state, k.count + 1);
    CXS_NEW(h.back, (k.count + 1) * CXS_CNHMM_STATES);
    for (size_t i = 0; i < k.count; i++)
        h.x[i] = k.log2[i] * log(2.0);
    if (k.count == 0)
        goto done;
    fit_model(&h);
    CXS_TRY(list_segments(ctx, bins, &h, out));
    out->tumour_fraction = nothing_seen(out, k.count) ? 0.0 : 1.0 - h.best.normal;
    out->ploidy = h.best.ploidy;
    out->loglik = h.best.loglik;
    for (size_t s = 0; s < out->count; s++)
        out->at[s].corrected =
            cxs_cn_corrected(out->at[s].log2, out->tumour_fraction, out->ploidy);

done:
    cxs_free(h.back);
    cxs_free(h.state);
    cxs_free(h.work);
    cxs_free(h.gamma);
    cxs_free(h.x);
    let_go(&k);
    if (rc != CXS_OK)
        cxs_cn_segments_free(out);
    return rc;
}
