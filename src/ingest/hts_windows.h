/*
 * hts_windows.h -- intervals on contigs: read from BED, looked up by alignments
 *
 * A list of windows is read once and shared; every worker makes its own index of it,
 * because the numbers of the contigs are known only from the header and because a look-up
 * moves a cursor: alignments come almost sorted, so the next answer is at or just
 * behind the last one.
 *
 * Coordinates are 0-based, half-open.  Contig names are plain: no "chr", "M" is "MT".
 */
#ifndef CXS_HTS_WINDOWS_H
#define CXS_HTS_WINDOWS_H

#include "base/base.h"
#include "ingest/hts_reads.h"

typedef struct cxs_window {
    char *contig; /* plain */
    char *name;   /* fourth column of BED; "" where there is none */
    int64_t start, end;
    char strand; /* '+', '-' or '.' */
} cxs_window;

typedef struct cxs_windows {
    char *path;     /* for messages */
    cxs_window *at; /* [count] in file order */
    size_t count, capacity;
} cxs_windows;

/* Read BED (tab-separated, 3 to 12 columns; lines "#", "track" and "browser" are
 * skipped; plain or compressed).  CXS_EFORMAT names the line. */
cxs_rc cxs_windows_read(cxs_ctx *ctx, const char *path, cxs_windows **out) CXS_MUST_USE;
/* Read a table of genes with the columns symbol, chrom, strand, BUILD_start, BUILD_end
 * (1-based); genes that are not on this build are left out. */
cxs_rc cxs_windows_read_genes(cxs_ctx *ctx, const char *path, const char *build,
                              cxs_windows **out) CXS_MUST_USE;
cxs_rc cxs_windows_new(cxs_ctx *ctx, const char *path, cxs_windows **out) CXS_MUST_USE;
cxs_rc cxs_windows_add(cxs_ctx *ctx, cxs_windows *windows, const char *contig,
                       int64_t start, int64_t end, const char *name,
                       char strand) CXS_MUST_USE;
void cxs_windows_free(cxs_windows *windows);

typedef struct cxs_span {
    int64_t start, end;
    size_t row;  /* window of the list; of merged windows the first */
    size_t cell; /* sum of (length + 1) over the spans before */
} cxs_span;

typedef struct cxs_spans {
    size_t n_targets;
    size_t *first;  /* [n_targets + 1] */
    cxs_span *span; /* [count] by contig, start, end, row */
    int64_t *reach; /* [count] largest end up to here on the contig */
    size_t count, cells;
    int32_t tid; /* cursor */
    int64_t from;
    size_t cursor;
} cxs_spans;

/* Index of the windows whose contig is in the header, each widened by `margin` (and
 * cut at the ends of the contig); merged: overlapping and touching ones are one span.
 * CXS_EMISMATCH when no contig of the list is in the header. */
cxs_rc cxs_spans_new(cxs_ctx *ctx, const cxs_reads_info *info,
                     const cxs_windows *windows, int64_t margin, bool merged,
                     cxs_spans **out) CXS_MUST_USE;
void cxs_spans_free(cxs_spans *spans);

/* First span of the contig that ends behind `start`, or that of the next contig when
 * there is none: the spans that overlap [start, end) are
 *     for (i = seek; i < limit && span[i].start < end; i++) if (span[i].end > start)
 */
size_t cxs_spans_seek(cxs_spans *spans, int32_t tid, int64_t start);
static inline size_t cxs_spans_limit(const cxs_spans *spans, int32_t tid)
{
    return spans->first[(size_t)tid + 1];
}
/* True when a span overlaps [start, end); `tid` >= 0. */
static inline bool cxs_spans_hit(cxs_spans *spans, int32_t tid, int64_t start,
                                 int64_t end)
{
    const size_t limit = cxs_spans_limit(spans, tid);

    for (size_t i = cxs_spans_seek(spans, tid, start);
         i < limit && spans->span[i].start < end; i++)
        if (spans->span[i].end > start)
            return true;
    return false;
}

/* bam_endpos() without a call for the most frequent CIGAR, one match. */
static inline int64_t cxs_read_end(const bam1_t *b)
{
    const uint32_t *cigar = bam_get_cigar(b);

    return b->core.n_cigar == 1 && bam_cigar_op(*cigar) == BAM_CMATCH
               ? b->core.pos + bam_cigar_oplen(*cigar)
               : bam_endpos(b);
}

#endif /* CXS_HTS_WINDOWS_H */
