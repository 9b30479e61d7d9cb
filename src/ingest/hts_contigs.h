/*
 * hts_contigs.h -- kinds of contigs, and a grid of bins over those that count
 *
 * Autosomes are the contigs named 1 to 22.  A header without any of them (a toy
 * reference) has only autosomes, so that nothing is lost.
 */
#ifndef CXS_HTS_CONTIGS_H
#define CXS_HTS_CONTIGS_H

#include "base/base.h"
#include "ingest/hts_reads.h"

typedef enum cxs_contig_kind {
    CXS_CONTIG_OTHER, /* decoys, patches, alternate loci, viruses */
    CXS_CONTIG_AUTOSOME,
    CXS_CONTIG_X,
    CXS_CONTIG_Y,
    CXS_CONTIG_MT,
    CXS_CONTIG_KINDS
} cxs_contig_kind;

/* kind[n_targets], owned by the caller. */
cxs_rc cxs_contig_kinds(cxs_ctx *ctx, const cxs_reads_info *info,
                        unsigned char **kind) CXS_MUST_USE;

/* Bins of `width` from the start of every autosome, X and Y; the last may be short. */
typedef struct cxs_bins {
    int64_t width;
    size_t n_targets, count;
    size_t *first;     /* [n_targets + 1] first bin of the contig */
    unsigned char *on; /* [n_targets] 1: the contig has bins */
} cxs_bins;

cxs_rc cxs_bins_new(cxs_ctx *ctx, const cxs_reads_info *info, int64_t width,
                    cxs_bins **out) CXS_MUST_USE;
void cxs_bins_free(cxs_bins *bins);

/* Bin of a position >= 0, or -1 when the contig has none or ends before it. */
static inline int64_t cxs_bins_find(const cxs_bins *bins, int32_t tid, int64_t position)
{
    const size_t t = (size_t)tid;
    const size_t at = bins->first[t] + (size_t)(position / bins->width);

    return bins->on[t] && at < bins->first[t + 1] ? (int64_t)at : -1;
}

/* Add a table of the bins: chrom, start, end; the caller adds its columns. */
cxs_rc cxs_bins_table(cxs_ctx *ctx, const cxs_bins *bins, const cxs_reads_info *info,
                      const char *name, cxs_measures *bag,
                      cxs_measure **table) CXS_MUST_USE;

#endif /* CXS_HTS_CONTIGS_H */
