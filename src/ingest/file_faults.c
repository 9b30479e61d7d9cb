/*
 * file_faults.c -- what the files of a study could not be read for
 */
#include "ingest/file_faults.h"

#include "base/text.h"

#include <string.h>

struct cxs_file_fault {
    char *line;  /* the first sentence with its hint */
    char *shape; /* sentence without the path; NULL: stands alone */
    char code[8];
    cxs_rc rc;
    bool shared; /* not about the file itself */
    size_t files;
};

/* text without the first `part`. */
static char *without(cxs_ctx *ctx, const char *text, const char *part)
{
    const char *found = strstr(text, part);
    char *copy = cxs_strdup(ctx, text);

    if (copy != NULL && found != NULL) {
        char *at = copy + (found - text);
        memmove(at, at + strlen(part), strlen(at + strlen(part)) + 1);
    }
    return copy;
}

static struct cxs_file_fault *find(const cxs_file_faults *faults, const char *code,
                                   const char *shape)
{
    for (size_t i = 0; shape != NULL && i < faults->count; i++)
        if (faults->at[i].shape != NULL && strcmp(faults->at[i].code, code) == 0 &&
            strcmp(faults->at[i].shape, shape) == 0)
            return &faults->at[i];
    return NULL;
}

cxs_rc cxs_file_faults_add(cxs_ctx *ctx, cxs_file_faults *faults, cxs_rc fault,
                           const char *code, const char *message, const char *path,
                           const char *hint)
{
    const bool shared = strstr(message, path) == NULL;
    struct cxs_file_fault *f;
    cxs_buf line = {0};
    char *shape = NULL;
    cxs_rc rc = CXS_OK;

    if ((shared || strcmp(code, "CX039") == 0 || fault == CXS_ENOMEM ||
         fault == CXS_EBUDGET) &&
        (shape = without(ctx, message, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    if ((f = find(faults, code, shape)) != NULL) {
        f->files++;
        goto done;
    }
    CXS_TRY(cxs_grow(ctx, (void **)&faults->at, &faults->capacity, faults->count + 1,
                     sizeof *faults->at));
    CXS_TRY(cxs_buf_addf(ctx, &line, "%s%s", message, hint));
    f = &faults->at[faults->count++];
    *f = (struct cxs_file_fault){
        .line = line.text, .shape = shape, .rc = fault, .shared = shared, .files = 1};
    strncpy(f->code, code, sizeof f->code - 1);
    line.text = shape = NULL;
done:
    cxs_free(line.text);
    cxs_free(shape);
    return rc;
}

static cxs_rc add_line(cxs_ctx *ctx, const struct cxs_file_fault *f, bool with_code,
                       cxs_buf *text)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_addf(ctx, text, "%s%s%s%s", text->length > 0 ? "\n" : "",
                         with_code ? f->code : "",
                         with_code && *f->code != '\0' ? ": " : "", f->line));
    if (f->files > 1 && f->shared)
        rc = cxs_buf_addf(ctx, text, " (needed for %zu files)", f->files);
    else if (f->files > 1)
        rc = cxs_buf_addf(ctx, text, " (and %zu more file%s)", f->files - 1,
                          f->files == 2 ? "" : "s");
done:
    return rc;
}

cxs_rc cxs_file_faults_end(cxs_ctx *ctx, cxs_file_faults *faults)
{
    cxs_buf text = {0};
    bool differ = false;
    cxs_rc rc = CXS_OK;

    if (faults->count == 0)
        return CXS_OK;
    for (size_t i = 1; i < faults->count; i++)
        differ = differ || strcmp(faults->at[i].code, faults->at[0].code) != 0;
    for (size_t i = 0; i < faults->count; i++)
        CXS_TRY(add_line(ctx, &faults->at[i], differ, &text));
    rc = differ ? cxs_fail(ctx, faults->at[0].rc, "%s", text.text)
                : cxs_fail_code(ctx, faults->at[0].rc, faults->at[0].code, "%s",
                                text.text);
done:
    cxs_free(text.text);
    cxs_file_faults_clear(faults);
    return rc;
}

void cxs_file_faults_clear(cxs_file_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        cxs_free(faults->at[i].line);
        cxs_free(faults->at[i].shape);
    }
    cxs_free(faults->at);
    *faults = (cxs_file_faults){0};
}
