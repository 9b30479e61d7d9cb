/*
 * format_names.c -- what the names of files of one sample say: the sample, the program
 */
#include "ingest/format.h"

#include <string.h>
#include <strings.h>

/* Names, or their ends, that the programs give. */
static const char *const usual_names[] = {
    "quant.sf", "abundance.tsv", "ReadsPerGene.out.tab",
    ".rna_seq.augmented_star_gene_counts.tsv", ".genes.results"};

enum { USUAL_NAMES = sizeof usual_names / sizeof *usual_names };

/* Length of a file name without the ending of its compression. */
static size_t plain_length(const char *name, size_t length)
{
    static const char *const endings[] = {".gz", ".bgz", ".zst"};

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t n = strlen(endings[i]);
        if (length > n && strncasecmp(name + length - n, endings[i], n) == 0)
            return length - n;
    }
    return length;
}

/* Index of the usual name that ends this one, USUAL_NAMES when none does. */
static size_t usual_name(const char *name, size_t length)
{
    size_t i = 0;

    for (; i < USUAL_NAMES; i++) {
        const size_t n = strlen(usual_names[i]);
        if (length >= n && memcmp(name + length - n, usual_names[i], n) == 0)
            break;
    }
    return i;
}

char *cxs_part_name(cxs_ctx *ctx, const char *path)
{
    static const char *const endings[] = {".tsv", ".txt", ".tab", ".sf"};
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    size_t length = plain_length(name, strlen(name));
    const size_t usual = usual_name(name, length);

    if (usual < USUAL_NAMES)
        length -= strlen(usual_names[usual]);
    for (size_t i = 0; usual == USUAL_NAMES && i < sizeof endings / sizeof *endings;
         i++)
        if (length > strlen(endings[i]) &&
            strncasecmp(name + length - strlen(endings[i]), endings[i],
                        strlen(endings[i])) == 0)
            length -= strlen(endings[i]);
    while (length > 0 && strchr("._-", name[length - 1]) != NULL)
        length--;
    if (length == 0 && slash != NULL && slash > path) { /* P1/quant.sf */
        const char *end = slash;
        while (end > path && end[-1] == '/')
            end--;
        name = end;
        while (name > path && name[-1] != '/')
            name--;
        length = (size_t)(end - name);
    }
    return length > 0 ? cxs_strndup(ctx, name, length) : cxs_strdup(ctx, "sample");
}

const char *cxs_usual_name(const char *name, bool *exact)
{
    const size_t length = plain_length(name, strlen(name));
    const size_t usual = usual_name(name, length);

    if (usual == USUAL_NAMES)
        return NULL;
    if (exact != NULL)
        *exact = length == strlen(usual_names[usual]);
    return usual_names[usual];
}

char *cxs_path_in_folder(cxs_ctx *ctx, const char *folder, const char *name)
{
    const size_t length = strlen(folder);
    cxs_buf text = {0};

    if (cxs_buf_addf(ctx, &text, "%s%s%s", folder,
                     length > 0 && folder[length - 1] == '/' ? "" : "/",
                     name) != CXS_OK) {
        cxs_free(text.text);
        return NULL;
    }
    return text.text;
}
