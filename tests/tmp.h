/*
 * tmp.h -- files for one test under TMPDIR, and a log sink that keeps what it is told
 */
#ifndef CXS_TEST_TMP_H
#define CXS_TEST_TMP_H

#include "coxswain/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char tmp_folder[256];
static char tmp_log[16384]; /* lines "note: ..." and "CX007: ..." */

/* Make the folder once; tmp_remove() at the end. */
static inline const char *tmp_make(void)
{
    const char *base = getenv("TMPDIR");

    if (*tmp_folder == '\0') {
        snprintf(tmp_folder, sizeof tmp_folder, "%s/coxswain-test-XXXXXX",
                 base != NULL && *base != '\0' ? base : "/tmp");
        if (mkdtemp(tmp_folder) == NULL)
            abort();
    }
    return tmp_folder;
}

/* Write bytes to a file of the folder; the path is valid until the next call but one
 * of the same name. */
static inline void tmp_write(char *path, size_t size, const char *name,
                             const char *bytes, size_t length)
{
    FILE *file;

    snprintf(path, size, "%s/%s", tmp_make(), name);
    file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        abort();
}

static inline void tmp_remove(const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s", tmp_make(), name);
    unlink(path);
}

static inline void tmp_close(void)
{
    rmdir(tmp_folder);
}

static inline void tmp_keep_log(void *user, cxs_log_level level, const char *code,
                                const char *line)
{
    const size_t used = strlen(tmp_log);

    (void)user;
    snprintf(tmp_log + used, sizeof tmp_log - used, "%s: %s\n",
             level == CXS_LOG_WARNING ? (*code != '\0' ? code : "warning") : "note",
             line);
}

/* A context whose log goes to tmp_log. */
static inline cxs_ctx *tmp_ctx(void)
{
    cxs_ctx *ctx = cxs_ctx_new();

    if (ctx == NULL)
        abort();
    tmp_log[0] = '\0';
    cxs_ctx_set_log(ctx, tmp_keep_log, NULL);
    return ctx;
}

#endif /* CXS_TEST_TMP_H */
