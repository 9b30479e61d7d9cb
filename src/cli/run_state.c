/*
 * run_state.c -- what earlier runs in the same folder finished
 *
 * A step is finished when FOLDER/.state names it with the digest of its settings and
 * input files and with the digest of its outputs.  Files are told by content, never by
 * their times, which copies and checkouts change.
 */
#include "cli/run.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char first_line[] = "coxswain run state 1";

/* Study folders are shallow; the bound stops a loop of links. */
enum { DEPTH_MAX = 8 };

cxs_rc run_path(cxs_ctx *ctx, const char *folder, const char *name, char path[PATH_MAX])
{
    const int n = snprintf(path, PATH_MAX, "%s/%s", folder, name);

    if (n < 0 || n >= PATH_MAX)
        return cxs_fail(ctx, CXS_EARG, "%s/%s: path is too long", folder, name);
    return CXS_OK;
}

cxs_rc run_make_folder(cxs_ctx *ctx, const char *folder)
{
    char path[PATH_MAX];
    cxs_rc rc = run_path(ctx, folder, "", path); /* ends with '/' */

    for (char *p = path + 1; rc == CXS_OK && (p = strchr(p, '/')) != NULL; *p++ = '/') {
        *p = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            rc = cxs_fail(ctx, CXS_ECREATE, "%s: %s", path, strerror(errno));
    }
    return rc;
}

cxs_rc run_state_read(cxs_ctx *ctx, const char *folder, run_state *state)
{
    char line[256];
    FILE *file;
    cxs_rc rc = run_path(ctx, folder, ".state", state->path);

    state->n = 0;
    if (rc != CXS_OK || (file = fopen(state->path, "r")) == NULL)
        return rc;
    if (fgets(line, sizeof line, file) == NULL ||
        strncmp(line, first_line, strlen(first_line)) != 0)
        line[0] = '\0';
    while (*line != '\0' && state->n < RUN_STEPS_MAX &&
           fgets(line, sizeof line, file) != NULL) {
        run_done *d = &state->done[state->n];
        if (sscanf(line, "%15s %64s %64s", d->name, d->key, d->outputs) == 3)
            state->n++;
    }
    fclose(file);
    return CXS_OK;
}

int run_state_holds(const run_state *state, const run_done *done)
{
    for (size_t i = 0; i < state->n; i++)
        if (strcmp(state->done[i].name, done->name) == 0)
            return strcmp(state->done[i].key, done->key) == 0 &&
                   strcmp(state->done[i].outputs, done->outputs) == 0;
    return 0;
}

static cxs_rc state_write(cxs_ctx *ctx, const run_state *state)
{
    char temp[PATH_MAX];
    FILE *file;
    int bad;

    if (snprintf(temp, sizeof temp, "%s.%ld", state->path, (long)getpid()) >=
        (int)sizeof temp)
        return cxs_fail(ctx, CXS_EARG, "%s: path is too long", state->path);
    if ((file = fopen(temp, "wx")) == NULL)
        return cxs_fail(ctx, CXS_ECREATE, "%s: %s", temp, strerror(errno));
    fprintf(file, "%s\n", first_line);
    for (size_t i = 0; i < state->n; i++)
        fprintf(file, "%s %s %s\n", state->done[i].name, state->done[i].key,
                state->done[i].outputs);
    bad = ferror(file);
    bad |= fclose(file);
    if (bad || rename(temp, state->path) != 0) {
        const int reason = errno;
        remove(temp);
        return cxs_fail(ctx, CXS_EIO, "%s: %s", state->path, strerror(reason));
    }
    return CXS_OK;
}

cxs_rc run_state_add(cxs_ctx *ctx, run_state *state, const run_done *done)
{
    size_t i = 0;

    while (i < state->n && strcmp(state->done[i].name, done->name) != 0)
        i++;
    if (i == RUN_STEPS_MAX)
        return cxs_fail(ctx, CXS_EBUG, "more steps than the state file holds");
    state->done[i] = *done;
    if (i == state->n)
        state->n++;
    return state_write(ctx, state);
}

static cxs_rc add_file(cxs_ctx *ctx, cxs_record *sum, const char *name,
                       const char *path)
{
    char hex[CXS_SHA256_HEX];
    cxs_rc rc = cxs_record_file_digest(ctx, path, hex);

    return rc != CXS_OK ? rc : cxs_record_setting_text(ctx, sum, name, hex);
}

static cxs_rc add_matches(cxs_ctx *ctx, cxs_record *sum, const char *folder,
                          const char *pattern, size_t *files)
{
    char path[PATH_MAX];
    glob_t found;
    cxs_rc rc = run_path(ctx, folder, pattern, path);
    int status;

    if (rc != CXS_OK)
        return rc;
    if ((status = glob(path, 0, NULL, &found)) == GLOB_NOSPACE)
        return cxs_fail(ctx, CXS_ENOMEM, "%s: out of memory", path);
    if (status != 0)
        return CXS_OK;
    for (size_t i = 0; rc == CXS_OK && i < found.gl_pathc; i++, ++*files)
        rc = add_file(ctx, sum, found.gl_pathv[i] + strlen(folder) + 1,
                      found.gl_pathv[i]);
    globfree(&found);
    return rc;
}

cxs_rc run_add_files(cxs_ctx *ctx, cxs_record *sum, const char *folder,
                     const char *patterns, size_t *files)
{
    cxs_rc rc = CXS_OK;

    *files = 0;
    while (rc == CXS_OK && *patterns != '\0') {
        char pattern[64];
        const size_t length = strcspn(patterns, " ");
        snprintf(pattern, sizeof pattern, "%.*s", (int)length, patterns);
        rc = add_matches(ctx, sum, folder, pattern, files);
        patterns += length + strspn(patterns + length, " ");
    }
    return rc;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Files of `path` and below; `top` is the length of the part that is not named. */
static cxs_rc add_tree(cxs_ctx *ctx, cxs_record *sum, const char *path, size_t top,
                       const struct stat *skip, int depth)
{
    struct dirent **entry = NULL;
    cxs_rc rc = CXS_OK;
    const int n = depth < DEPTH_MAX ? scandir(path, &entry, visible, by_name) : 0;

    if (n < 0)
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: %s", path, strerror(errno));
    for (int i = 0; i < n; i++) {
        char child[PATH_MAX];
        struct stat st;
        if (rc == CXS_OK)
            rc = run_path(ctx, path, entry[i]->d_name, child);
        free(entry[i]);
        if (rc != CXS_OK || stat(child, &st) != 0)
            continue;
        if (S_ISREG(st.st_mode))
            rc = add_file(ctx, sum, child + top, child);
        else if (S_ISDIR(st.st_mode) &&
                 (st.st_ino != skip->st_ino || st.st_dev != skip->st_dev))
            rc = add_tree(ctx, sum, child, top, skip, depth + 1);
    }
    free(entry);
    return rc;
}

cxs_rc run_add_study(cxs_ctx *ctx, cxs_record *sum, const char *study,
                     const char *output)
{
    char folder[PATH_MAX];
    struct stat st, skip;
    char *slash;

    if (stat(study, &st) != 0)
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: %s", study, strerror(errno));
    if (stat(output, &skip) != 0)
        return cxs_fail(ctx, CXS_ECREATE, "%s: %s", output, strerror(errno));
    if (snprintf(folder, sizeof folder, "%s", study) >= (int)sizeof folder)
        return cxs_fail(ctx, CXS_EARG, "%s: path is too long", study);
    if (!S_ISDIR(st.st_mode)) { /* study.yaml itself: the folder that holds it */
        if ((slash = strrchr(folder, '/')) != NULL)
            *slash = '\0';
        else
            snprintf(folder, sizeof folder, ".");
    }
    return add_tree(ctx, sum, *folder == '\0' ? "/" : folder, strlen(folder), &skip, 0);
}
