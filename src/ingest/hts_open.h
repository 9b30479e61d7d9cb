/*
 * hts_open.h -- an alignment file that was checked before its first record
 *
 * Only local files are opened and nothing is ever fetched: REF_PATH is set to a local
 * value before HTSlib sees a file, and the places of references that a CRAM header
 * names are forgotten.  HTSlib's own messages are off: every failure is one sentence in
 * the context.
 */
#ifndef CXS_HTS_OPEN_H
#define CXS_HTS_OPEN_H

#include "ingest/hts_reads.h"

#include <htslib/thread_pool.h>

typedef struct cxs_hts {
    char *path;
    htsFile *file;
    sam_hdr_t *header;
    hts_tpool *pool; /* NULL with one thread */
    char *reference; /* local FASTA, NULL: none */
    char *samples;   /* SM of the read groups, each once, joined by ','; NULL: none */
    bool check_order, is_stream;
    cxs_reads_info info;
    char **target; /* behind info.target */
    int64_t *length;
    size_t records;        /* read so far */
    int64_t tid, position; /* of the record above */
} cxs_hts;

/* CXS_ENOINPUT; CXS_EARG for a URL; CXS_EFORMAT for another format (CX022), damaged
 * headers, two styles of contig names (CX035), an order that is not by coordinate where
 * it must be (CX040); CXS_ETRUNCATED without end-of-file marker (CX037); CXS_EMISMATCH
 * for another build (CX034), sample (CX042) or a reference that is not there (CX039). */
cxs_rc cxs_hts_open(cxs_ctx *ctx, const cxs_reads_settings *settings,
                    cxs_hts **out) CXS_MUST_USE;
void cxs_hts_close(cxs_hts *hts); /* NULL allowed */

/* Fill info, target, length and samples from the header; CX034, CX035, CX042. */
cxs_rc cxs_hts_header(cxs_ctx *ctx, cxs_hts *hts,
                      const cxs_reads_settings *settings) CXS_MUST_USE;

/* Next record into b; *more is false at the end.  CXS_EFORMAT for damaged records and
 * for positions that go back although the header says they do not (CX040);
 * CXS_EMISMATCH when a CRAM needs a reference that was not given (CX039). */
cxs_rc cxs_hts_next(cxs_ctx *ctx, cxs_hts *hts, bam1_t *b, bool *more) CXS_MUST_USE;

/* Size of the file, 0 for a stream, and how far it was read: for the progress. */
size_t cxs_hts_megabytes(const cxs_hts *hts);
size_t cxs_hts_megabytes_read(const cxs_hts *hts);

/* For readers that jump: the index beside an alignment or variant file.  CXS_ENOINPUT
 * when it is missing, a warning when it is older than the data (both CX038). */
cxs_rc cxs_hts_need_index(cxs_ctx *ctx, const char *path) CXS_MUST_USE;

/* Before any file is opened through HTSlib: CXS_EARG for a path that is a URL; turns
 * HTSlib's messages off and keeps its reference search on this machine. */
cxs_rc cxs_hts_local(cxs_ctx *ctx, const char *path) CXS_MUST_USE;

#endif /* CXS_HTS_OPEN_H */
