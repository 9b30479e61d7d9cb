/*
 * source.h -- decoded bytes of a plain, gzip, BGZF or zstd file
 *
 * The container is told by its first bytes.  Memory is one input block and the
 * decoder's window (at most 128 MiB).
 */
#ifndef CXS_SOURCE_H
#define CXS_SOURCE_H

#include "base/base.h"

typedef struct cxs_source cxs_source;

/* Open @p path ("-" is stdin).  CXS_ENOINPUT when it cannot be opened. */
cxs_rc cxs_source_open(cxs_ctx *ctx, const char *path, cxs_source **out) CXS_MUST_USE;
void cxs_source_close(cxs_source *source);

/* Fill up to `room` > 0 bytes; *got == 0 at the end only.  CXS_ETRUNCATED (CX037) when
 * the compressed data end early, CXS_EFORMAT (CX037) when they are damaged. */
cxs_rc cxs_source_read(cxs_ctx *ctx, cxs_source *source, void *bytes, size_t room,
                       size_t *got) CXS_MUST_USE;

/* Versions of the libraries behind it, for the run record. */
const char *cxs_zlib_version(void);

#endif /* CXS_SOURCE_H */
