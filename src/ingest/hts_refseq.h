/*
 * hts_refseq.h -- bases of the reference around alignments, from an indexed FASTA
 *
 * One window of one contig is held as letters.  Alignments come almost sorted: a window
 * is read once.  Each worker has its own, because an open file has one position.
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

/* Letters, large or small, of [start, end) of a contig; NULL when the FASTA lacks the
 * contig or that part of it.  Borrowed until the next call. */
cxs_rc cxs_refseq_get(cxs_ctx *ctx, cxs_refseq *ref, int32_t tid, int64_t start,
                      int64_t end, const char **letters) CXS_MUST_USE;

/* How many letters are G or C, and how many A, C, G or T. */
void cxs_base_composition(const char *letters, int64_t n, int64_t *gc, int64_t *acgt);

/* Code of a base letter. */
unsigned char cxs_base_code(char letter);

#endif /* CXS_HTS_REFSEQ_H */
