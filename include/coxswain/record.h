/*
 * record.h -- P.run.json: what was run, on what, with which settings
 *
 * The only result file that may hold command, times, threads, host and digests of
 * inputs and outputs.  Patient ids never enter it.  Opaque; free with cxs_record_free().
 */
#ifndef COXSWAIN_RECORD_H
#define COXSWAIN_RECORD_H

#include "coxswain/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CXS_SHA256_HEX 65 /* 64 hex digits and a zero */

typedef struct cxs_record cxs_record;

/** Starts the clocks.  command: "model", argv is copied. */
cxs_rc cxs_record_new(cxs_ctx *ctx, const char *command, int argc, char **argv,
                      cxs_record **out) CXS_MUST_USE;
void cxs_record_free(cxs_record *r);

/** Settings that change numbers go under "settings" and into the settings digest. */
cxs_rc cxs_record_setting_text(cxs_ctx *ctx, cxs_record *r, const char *key,
                               const char *value) CXS_MUST_USE;
cxs_rc cxs_record_setting_real(cxs_ctx *ctx, cxs_record *r, const char *key,
                               double value) CXS_MUST_USE;
/** Results go under "results": numbers and texts such as lambda_min, n, events. */
cxs_rc cxs_record_result_real(cxs_ctx *ctx, cxs_record *r, const char *key,
                              double value) CXS_MUST_USE;
cxs_rc cxs_record_result_text(cxs_ctx *ctx, cxs_record *r, const char *key,
                              const char *value) CXS_MUST_USE;
/** Path and SHA-256 of a file read or written. */
cxs_rc cxs_record_input(cxs_ctx *ctx, cxs_record *r, const char *path) CXS_MUST_USE;
cxs_rc cxs_record_output(cxs_ctx *ctx, cxs_record *r, const char *path) CXS_MUST_USE;
/** As cxs_record_input() for a file that may be large: above 256 MiB the digest is that
 *  of its size, its ends and blocks between, and stands as "sha256_of_blocks". */
cxs_rc cxs_record_input_large(cxs_ctx *ctx, cxs_record *r,
                              const char *path) CXS_MUST_USE;
/** Inputs of the run record at @p path, as they stand there.  CXS_ENOINPUT;
 *  CXS_EFORMAT when the file is not a run record. */
cxs_rc cxs_record_copy_inputs(cxs_ctx *ctx, cxs_record *r,
                              const char *path) CXS_MUST_USE;
/** A further library and its version; those that the record is made with are there. */
cxs_rc cxs_record_library(cxs_ctx *ctx, cxs_record *r, const char *name,
                          const char *version) CXS_MUST_USE;

/** SHA-256 of the file at @p path.  CXS_ENOINPUT, CXS_EIO. */
cxs_rc cxs_record_file_digest(cxs_ctx *ctx, const char *path,
                              char hex[CXS_SHA256_HEX]) CXS_MUST_USE;
/** A number of "results" in the run record at @p path; NaN when it is not there.
 *  CXS_ENOINPUT; CXS_EFORMAT when the file is not a run record. */
cxs_rc cxs_record_read_result(cxs_ctx *ctx, const char *path, const char *key,
                              double *out) CXS_MUST_USE;

/** Keep the peak of memory so far for this record and measure anew: a record inside
 *  another one then shows its own peak. */
void cxs_record_lap(cxs_record *r);

/** SHA-256 over the sorted settings: goes into result files as well. */
cxs_rc cxs_record_settings_digest(cxs_ctx *ctx, const cxs_record *r,
                                  char hex[CXS_SHA256_HEX]) CXS_MUST_USE;

/** Write PREFIX.run.json with times, peak memory, threads, host, versions, warnings. */
cxs_rc cxs_record_write(cxs_ctx *ctx, cxs_record *r, const char *prefix) CXS_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif /* COXSWAIN_RECORD_H */
