/*
 * copycalls.c -- calls of arms and genes, scores of a whole profile
 */
#include "features/copynumber.h"

#include <math.h>

static const double CALLED = 0.8, UNCHANGED = 0.2, SEEN = 0.5, AMPLIFIED = 6.0,
                    AMPLIFIED_LOG2 = 1.0, DELETED = 0.5, DELETED_FRACTION = 0.2,
                    FOCAL = 0.5;
enum {
    DELETED_BIN = 100000,
    DELETED_SEGMENT = 10000000,
    LST_LONG = 10000000,
    LST_SHORT = 3000000
};

static int64_t overlap(const cxs_cn_segment *s, const cxs_interval *i)
{
    const int64_t from = s->start0 > i->start0 ? s->start0 : i->start0,
                  to = s->end0 < i->end0 ? s->end0 : i->end0;

    return s->chrom == i->chrom && to > from ? to - from : 0;
}

double cxs_cn_arm_call(const cxs_cn_segments *segments, const cxs_interval *arm)
{
    double covered = 0.0, changed[2] = {0.0, 0.0};

    for (size_t k = 0; k < segments->count; k++) {
        const cxs_cn_segment *s = &segments->at[k];
        const double bases = (double)overlap(s, arm);
        covered += bases;
        if (s->direction != 0)
            changed[s->direction > 0] += bases;
    }
    if (covered < SEEN * (double)(arm->end0 - arm->start0))
        return (double)NAN;
    if (changed[1] >= CALLED * covered)
        return 1.0;
    if (changed[0] >= CALLED * covered)
        return -1.0;
    return changed[0] < UNCHANGED * covered && changed[1] < UNCHANGED * covered
               ? 0.0
               : (double)NAN;
}

const cxs_cn_segment *cxs_cn_covering(const cxs_cn_segments *segments,
                                      const cxs_interval *gene)
{
    const cxs_cn_segment *best = NULL;
    int64_t most = 0;

    for (size_t k = 0; k < segments->count; k++) {
        const int64_t bases = overlap(&segments->at[k], gene);
        if (bases > most) {
            most = bases;
            best = &segments->at[k];
        }
    }
    return best;
}

double cxs_cn_amplified(const cxs_cn_segments *segments, const cxs_interval *gene,
                        const cxs_interval *arm)
{
    const cxs_cn_segment *s = cxs_cn_covering(segments, gene);
    int high;

    if (s == NULL)
        return (double)NAN;
    high = isnan(s->corrected) ? s->log2 >= AMPLIFIED_LOG2 : s->corrected >= AMPLIFIED;
    return high &&
           (double)(s->end0 - s->start0) <= FOCAL * (double)(arm->end0 - arm->start0);
}

double cxs_cn_deleted(const cxs_cn_segments *segments, const cxs_interval *gene,
                      int64_t bin_width)
{
    const cxs_cn_segment *s = cxs_cn_covering(segments, gene);

    if (s == NULL || bin_width > DELETED_BIN || isnan(s->corrected) ||
        !(segments->tumour_fraction >= DELETED_FRACTION))
        return (double)NAN;
    return s->corrected < DELETED && s->end0 - s->start0 <= DELETED_SEGMENT;
}

/* ---- scores ------------------------------------------------------------------------- */

/* Copies of a segment relative to the rounded ploidy: -1, 0, +1. */
static int against_ploidy(const cxs_cn_segments *segments, const cxs_cn_segment *s,
                          double threshold)
{
    if (isnan(s->corrected))
        return s->log2 >= threshold ? 1 : s->log2 <= -threshold ? -1 : 0;
    const double copies = floor(s->corrected + 0.5),
                 ploidy = floor(segments->ploidy + 0.5);
    return (copies > ploidy) - (copies < ploidy);
}

static double wgii(const cxs_cn_segments *segments, double threshold)
{
    double sum = 0.0;
    int chroms = 0;

    for (int c = 1; c <= CXS_CN_AUTOSOMES; c++) {
        double covered = 0.0, altered = 0.0;
        for (size_t k = 0; k < segments->count; k++) {
            const cxs_cn_segment *s = &segments->at[k];
            if (s->chrom != c)
                continue;
            covered += (double)(s->end0 - s->start0);
            if (against_ploidy(segments, s, threshold) != 0)
                altered += (double)(s->end0 - s->start0);
        }
        if (covered > 0.0) {
            sum += altered / covered;
            chroms++;
        }
    }
    return chroms > 0 ? sum / chroms : (double)NAN;
}

/* The same level: of the model where it has one, else log ratios closer than what
 * counts as a change. */
static int is_one_level(const cxs_cn_segment *a, const cxs_cn_segment *b,
                        double threshold)
{
    return a->copies >= 0 ? a->copies == b->copies
                          : fabs(a->log2 - b->log2) < threshold;
}

/* Segments without the short ones; those of one level that now meet become one. */
static size_t without_short(const cxs_cn_segments *segments, double threshold,
                            cxs_cn_segment *out)
{
    size_t count = 0, last = 0;

    for (size_t k = 0; k < segments->count; k++) {
        const cxs_cn_segment *s = &segments->at[k];
        if (s->chrom > CXS_CN_AUTOSOMES || s->end0 - s->start0 < LST_SHORT)
            continue;
        if (count > 0 && out[count - 1].chrom == s->chrom && k > last + 1 &&
            is_one_level(&out[count - 1], s, threshold))
            out[count - 1].end0 = s->end0;
        else
            out[count++] = *s;
        last = k;
    }
    return count;
}

static double transitions(const cxs_cn_segment *s, size_t count)
{
    double breaks = 0.0;

    for (size_t k = 0; k + 1 < count; k++)
        breaks += s[k].chrom == s[k + 1].chrom && s[k].end0 - s[k].start0 >= LST_LONG &&
                  s[k + 1].end0 - s[k + 1].start0 >= LST_LONG &&
                  s[k + 1].start0 - s[k].end0 <= LST_SHORT;
    return breaks;
}

cxs_rc cxs_cn_score(cxs_ctx *ctx, const cxs_cn_segments *segments, double threshold,
                    cxs_cn_scores *out)
{
    double covered = 0.0, altered = 0.0, burden = 0.0, autosomal = 0.0;
    cxs_cn_segment *longer = NULL;
    cxs_rc rc = CXS_OK;

    *out = (cxs_cn_scores){(double)NAN, (double)NAN, (double)NAN, (double)NAN,
                           (double)NAN};
    CXS_NEW(longer, segments->count + 1);
    for (size_t k = 0; k < segments->count; k++) {
        const cxs_cn_segment *s = &segments->at[k];
        const double length = (double)(s->end0 - s->start0);
        if (s->chrom > CXS_CN_AUTOSOMES)
            continue;
        autosomal++;
        covered += length;
        altered += fabs(s->log2) >= threshold ? length : 0.0;
        burden += fabs(s->log2) * length;
    }
    if (!(covered > 0.0))
        goto done;
    out->fga = altered / covered;
    out->burden = burden / covered;
    out->wgii = wgii(segments, threshold);
    out->segments = autosomal;
    out->lst = transitions(longer, without_short(segments, threshold, longer));

done:
    cxs_free(longer);
    return rc;
}
