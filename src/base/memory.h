/*
 * memory.h -- how much memory the process uses, may use, and is expected to use
 *
 * Linux says what is resident in /proc/self/status; elsewhere the functions give 0 and
 * nothing is predicted.  Sizes are doubles in bytes: they are only compared and shown.
 */
#ifndef CXS_MEMORY_H
#define CXS_MEMORY_H

#include "base/base.h"

enum { CXS_MEMORY_BYTES = 32 }; /* room for a size as text */

/* Resident pages of the process that no file backs, and its peak of all resident pages
 * since the start or the last cxs_memory_restart_peak(). */
double cxs_memory_anonymous(void);
double cxs_memory_peak(void);
void cxs_memory_restart_peak(void);

/* "231 MB": three digits, decimal units. */
void cxs_memory_text(double bytes, char out[CXS_MEMORY_BYTES]);

/* Say how much the work ahead is expected to take at its peak, and keep the number for
 * the run record.  CXS_EBUDGET, with both numbers in the sentence, when it exceeds
 * cxs_ctx_memory(); `how` ends the note ("" or "; the matrix is ..."). */
cxs_rc cxs_memory_expect(cxs_ctx *ctx, double bytes, const char *how) CXS_MUST_USE;
double cxs_memory_expected(const cxs_ctx *ctx); /* 0: nothing was predicted */
void cxs_ctx_expect(cxs_ctx *ctx, double bytes);

/* CXS_EBUDGET when `more` bytes on top of what is in use now exceed cxs_ctx_memory():
 * for blocks as large as the matrix, before they are allocated. */
cxs_rc cxs_memory_room(cxs_ctx *ctx, double more, const char *what) CXS_MUST_USE;

/* Give back the pages of [from, from + bytes) inside the file map [map, map +
 * map_bytes), with a margin for what the system read ahead.  They come back from the
 * file when they are touched again.  Never for memory that no file backs. */
void cxs_memory_drop(const void *map, size_t map_bytes, const void *from, size_t bytes);

#endif /* CXS_MEMORY_H */
