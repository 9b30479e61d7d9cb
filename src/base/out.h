/*
 * out.h -- output files that appear whole or not at all
 *
 * Written under a temporary name in the same folder (O_EXCL, O_NOFOLLOW, mode 0666 less
 * umask), synced, renamed, folder synced.  "-" writes to stdout.
 */
#ifndef CXS_OUT_H
#define CXS_OUT_H

#include "base/base.h"
#include "coxswain/record.h"

#include <stdio.h>

typedef struct cxs_out cxs_out;

/* CXS_ECREATE with path and errno when it cannot be created. */
cxs_rc cxs_out_open(cxs_ctx *ctx, const char *path, cxs_out **out) CXS_MUST_USE;
/* The same with mode 0600, for files that name patients. */
cxs_rc cxs_out_open_private(cxs_ctx *ctx, const char *path, cxs_out **out) CXS_MUST_USE;
cxs_rc cxs_out_write(cxs_ctx *ctx, cxs_out *out, const void *bytes,
                     size_t n) CXS_MUST_USE;
cxs_rc cxs_out_printf(cxs_ctx *ctx, cxs_out *out, const char *fmt, ...)
    CXS_PRINTF(3, 4) CXS_MUST_USE;

/* TSV rows: text cells escape tab, newline and other control bytes as \xNN; numbers in
 * shortest form, NaN as NA.  Separators are put by the writer; end each row. */
cxs_rc cxs_out_text(cxs_ctx *ctx, cxs_out *out, const char *cell) CXS_MUST_USE;
cxs_rc cxs_out_real(cxs_ctx *ctx, cxs_out *out, double value) CXS_MUST_USE;
cxs_rc cxs_out_size(cxs_ctx *ctx, cxs_out *out, size_t value) CXS_MUST_USE;
cxs_rc cxs_out_row_end(cxs_ctx *ctx, cxs_out *out) CXS_MUST_USE;

/* Sync and rename into place; frees in any case.  CXS_EIO with path and errno. */
cxs_rc cxs_out_commit(cxs_ctx *ctx, cxs_out *out) CXS_MUST_USE;

/* Remove the temporary file and free.  NULL allowed; use at `done:` with the pointer
 * set to NULL after cxs_out_commit(). */
void cxs_out_abort(cxs_out *out);

/* Row of column names, up to a NULL. */
cxs_rc cxs_out_header(cxs_ctx *ctx, cxs_out *out,
                      const char *const *names) CXS_MUST_USE;

/* Whole file prefix + suffix: opened, filled by `write` with what `of` holds, committed
 * and, where there is a record, named in it ("-" is not). */
typedef cxs_rc (*cxs_out_fill)(cxs_ctx *ctx, cxs_out *out, const void *of);
cxs_rc cxs_out_file(cxs_ctx *ctx, const char *prefix, const char *suffix,
                    cxs_out_fill write, const void *of,
                    cxs_record *record) CXS_MUST_USE;

/* Name a temporary file beside `path` for libraries that open files themselves
 * (SQLite); then commit or remove it by these. */
cxs_rc cxs_out_temp_name(cxs_ctx *ctx, const char *path, char **temp) CXS_MUST_USE;
cxs_rc cxs_out_rename(cxs_ctx *ctx, const char *temp, const char *path) CXS_MUST_USE;
/* Remove a file of cxs_out_temp_name(). */
void cxs_out_discard(const char *temp);

/* mkdir -p */
cxs_rc cxs_make_folder(cxs_ctx *ctx, const char *path) CXS_MUST_USE;

/* prefix + suffix as a new string ("out/os" + ".path.tsv"). */
char *cxs_path_join(cxs_ctx *ctx, const char *prefix, const char *suffix);

#endif /* CXS_OUT_H */
