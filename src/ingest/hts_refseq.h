/*
 * hts_refseq.h -- bases of the reference around alignments, from an indexed FASTA
 *
 * One window of one contig is held, with running counts of G and C, so that the GC of a
 * fragment is a difference of two numbers.  Alignments come almost sorted: a window is
 * read once.  Each worker has its own, because a FASTA handle has one file position.
 */
#ifndef CXS_HTS_REFSEQ_H
#define CXS_HTS_REFSEQ_H

#include "base/base.h"
#include "ingest/hts_reads.h"

enum { CXS_BASE_NONE = 4 }; /* code of what is not A, C, G, T = 0, 1, 2, 3 */

typedef struct cxs_refseq cxs_refseq;

/* Needs PATH.fai (and PATH.gzi when compressed): CXS_ENOINPUT when it is missing; none
 * is written. */
cxs_rc cxs_refseq_new(cxs_ctx *ctx, const char *path, const cxs_reads_info *info,
                      cxs_refseq **out) CXS_MUST_USE;
void cxs_refseq_free(cxs_refseq *ref);

/* Base codes of [start, end) of a contig, and the running counts: gc[end - start] -
 * gc[0] of its bases are G or C, acgt likewise.  *base is NULL when the FASTA lacks the
 * contig, or the part; borrowed until the next call. */
typedef struct cxs_refseq_view {
    const unsigned char *base;
    const int32_t *gc, *acgt;
} cxs_refseq_view;
cxs_rc cxs_refseq_get(cxs_ctx *ctx, cxs_refseq *ref, int32_t tid, int64_t start,
                      int64_t end, cxs_refseq_view *view) CXS_MUST_USE;

/* Code of a base letter. */
unsigned char cxs_base_code(char letter);

#endif /* CXS_HTS_REFSEQ_H */
