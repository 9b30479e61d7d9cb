/*
 * copy_case.h -- simulated shallow genomes: bins with GC and mappability, copies of a
 * tumour, reads with a GC bias
 *
 * 22 autosomes of the lengths of hg19, centromeres in the middle of each.  The fragments
 * of a bin are drawn around
 *     depth * bias(gc) * map * (2 (1 - p) + p c)/(2 (1 - p) + p phi) * exp(noise z)
 * with the Poisson variance as a normal draw (bins hold hundreds of fragments).
 */
#ifndef CXS_TEST_COPY_CASE_H
#define CXS_TEST_COPY_CASE_H

#include "base/stream.h"
#include "features/copynumber.h"

#include <math.h>
#include <stdlib.h>

static const int copy_case_megabases[CXS_CN_AUTOSOMES] = {
    249, 243, 198, 191, 181, 171, 159, 146, 141, 136, 135,
    134, 115, 107, 103, 90,  81,  78,  59,  63,  48,  51};

typedef struct copy_case {
    cxs_cn_bins bins;
    double *copies; /* [n] of the tumour, 2 at first */
    double *reads;  /* [n] */
    double *log2;   /* [n] room for the answer */
} copy_case;

static inline void *copy_case_room(size_t n, size_t size)
{
    void *p = cxs_calloc(NULL, n + 1, size);

    if (p == NULL)
        abort();
    return p;
}

/* GC wanders along a chromosome between 0.35 and 0.55; one bin in 25 maps badly. */
static inline copy_case copy_case_make(int64_t width, uint64_t seed)
{
    const cxs_stream s = {seed, CXS_DRAW_TEST, 1};
    copy_case c = {{0}, NULL, NULL, NULL};
    double level = 0.0;
    size_t n = 0, i = 0;

    for (int k = 0; k < CXS_CN_AUTOSOMES; k++)
        n += (size_t)(copy_case_megabases[k] * (int64_t)1000000 / width);
    c.bins.n = n;
    c.bins.chrom = copy_case_room(n, sizeof *c.bins.chrom);
    c.bins.start0 = copy_case_room(n, sizeof *c.bins.start0);
    c.bins.end0 = copy_case_room(n, sizeof *c.bins.end0);
    c.bins.gc = copy_case_room(n, sizeof *c.bins.gc);
    c.bins.map = copy_case_room(n, sizeof *c.bins.map);
    c.bins.near_centromere = copy_case_room(n, sizeof *c.bins.near_centromere);
    c.copies = copy_case_room(n, sizeof *c.copies);
    c.reads = copy_case_room(n, sizeof *c.reads);
    c.log2 = copy_case_room(n, sizeof *c.log2);
    for (int k = 0; k < CXS_CN_AUTOSOMES; k++) {
        const int64_t length = copy_case_megabases[k] * (int64_t)1000000;
        for (int64_t at = 0; at + width <= length; at += width, i++) {
            level = 0.9 * level + 0.02 * cxs_draw_normal(&s, 2 * i);
            c.bins.chrom[i] = (uint8_t)(k + 1);
            c.bins.start0[i] = at;
            c.bins.end0[i] = at + width;
            c.bins.gc[i] = fmin(0.58, fmax(0.33, 0.42 + level));
            c.bins.map[i] = cxs_draw_uniform(&s, 2 * i + 1) < 0.04
                                ? 0.5
                                : 0.9 + 0.1 * cxs_draw_uniform(&s, 2 * n + i);
            c.bins.near_centromere[i] = at <= length / 2 && at + width > length / 2;
            c.copies[i] = 2.0;
        }
    }
    return c;
}

static inline void copy_case_free(copy_case *c)
{
    cxs_cn_bins_free(&c->bins);
    cxs_free(c->copies);
    cxs_free(c->reads);
    cxs_free(c->log2);
}

/* Bins of a chromosome between two shares of its length get so many copies. */
static inline void copy_case_set(copy_case *c, int chrom, double from, double to,
                                 double copies)
{
    const double length = copy_case_megabases[chrom - 1] * 1e6;

    for (size_t i = 0; i < c->bins.n; i++)
        if (c->bins.chrom[i] == chrom && (double)c->bins.start0[i] >= from * length &&
            (double)c->bins.end0[i] <= to * length)
            c->copies[i] = copies;
}

/* A glioblastoma: +7, -10, -9p, -13, -22, gains of 19 and 20. */
static inline void copy_case_glioblastoma(copy_case *c)
{
    copy_case_set(c, 7, 0.0, 1.0, 3.0);
    copy_case_set(c, 10, 0.0, 1.0, 1.0);
    copy_case_set(c, 9, 0.0, 0.5, 1.0);
    copy_case_set(c, 13, 0.0, 1.0, 1.0);
    copy_case_set(c, 22, 0.0, 1.0, 1.0);
    copy_case_set(c, 19, 0.0, 1.0, 3.0);
    copy_case_set(c, 20, 0.0, 1.0, 3.0);
}

/* A metastasis with many gains: ploidy about 2.5. */
static inline void copy_case_metastasis(copy_case *c)
{
    for (int chrom = 1; chrom <= 8; chrom++)
        copy_case_set(c, chrom, 0.5, 1.0, 3.0);
    copy_case_set(c, 8, 0.5, 1.0, 5.0);
    copy_case_set(c, 5, 0.0, 0.5, 4.0);
    copy_case_set(c, 3, 0.0, 0.5, 1.0);
    copy_case_set(c, 9, 0.0, 1.0, 1.0);
    copy_case_set(c, 17, 0.0, 0.5, 1.0);
    copy_case_set(c, 18, 0.0, 1.0, 1.0);
    copy_case_set(c, 12, 0.0, 1.0, 4.0);
}

static inline double copy_case_ploidy(const copy_case *c)
{
    double sum = 0.0;

    for (size_t i = 0; i < c->bins.n; i++)
        sum += c->copies[i];
    return sum / (double)c->bins.n;
}

/* Falls off to both sides of 0.45 as the usual curve does. */
static inline double copy_case_bias(double gc)
{
    return exp(-12.0 * (gc - 0.45) * (gc - 0.45)) * (1.0 + 1.5 * (gc - 0.45));
}

static inline void copy_case_reads(copy_case *c, double fraction, double fragments,
                                   double noise, uint64_t seed)
{
    const cxs_stream s = {seed, CXS_DRAW_TEST, 2};
    const double phi = copy_case_ploidy(c), rest = 2.0 * (1.0 - fraction);
    double sum = 0.0;

    for (size_t i = 0; i < c->bins.n; i++) {
        c->reads[i] = copy_case_bias(c->bins.gc[i]) * c->bins.map[i] *
                      (rest + fraction * c->copies[i]) / (rest + fraction * phi);
        sum += c->reads[i];
    }
    for (size_t i = 0; i < c->bins.n; i++) {
        const double mean =
            c->reads[i] * fragments / sum * exp(noise * cxs_draw_normal(&s, 2 * i));
        c->reads[i] =
            floor(fmax(0.0, mean + sqrt(mean) * cxs_draw_normal(&s, 2 * i + 1)) + 0.5);
    }
}

/* Width of the bins and fragments of a sample in most tests. */
enum { COPY_CASE_WIDTH = 1000000, COPY_CASE_FRAGMENTS = 9000000 };

static inline cxs_rc copy_case_correct(cxs_ctx *ctx, copy_case *c, cxs_cn_quality *q)
{
    return cxs_cn_correct(ctx, &c->bins, c->reads, c->log2, q);
}

#endif /* CXS_TEST_COPY_CASE_H */
