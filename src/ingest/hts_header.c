/*
 * hts_header.c -- what the header of an alignment file tells: contigs, build, samples
 */
#include "ingest/contigs.h"
#include "ingest/hts_open.h"

#include <stdlib.h>
#include <string.h>

/* ---- contigs and build -------------------------------------------------------------- */

typedef struct named {
    const char *plain, *given;
} named;

static int by_plain(const void *a, const void *b)
{
    const named *x = a, *y = b;
    const int order = strcmp(x->plain, y->plain);

    return order != 0 ? order : strcmp(x->given, y->given);
}

static cxs_rc two_styles(cxs_ctx *ctx, const cxs_hts *h, const char *a, const char *b)
{
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX035", "%s: both \"%s\" and \"%s\" occur",
                         h->path, a, b);
}

/* Main chromosomes with and without "chr", or two contigs of one plain name. */
static cxs_rc check_styles(cxs_ctx *ctx, const cxs_hts *h)
{
    const char *with = NULL, *without = NULL;
    named *sorted = NULL;
    cxs_rc rc = CXS_OK;

    CXS_NEW(sorted, h->info.n_targets);
    for (size_t i = 0; i < h->info.n_targets; i++) {
        const char *given = sam_hdr_tid2name(h->header, (int)i);
        sorted[i] = (named){h->target[i], given};
        if (!cxs_contig_is_main(h->target[i]))
            continue;
        if (strncmp(given, "chr", 3) == 0)
            with = with == NULL ? given : with;
        else
            without = without == NULL ? given : without;
    }
    qsort(sorted, h->info.n_targets, sizeof *sorted, by_plain);
    for (size_t i = 1; i < h->info.n_targets; i++)
        if (strcmp(sorted[i - 1].plain, sorted[i].plain) == 0)
            CXS_TRY(two_styles(ctx, h, sorted[i].given, sorted[i - 1].given));
    if (with != NULL && without != NULL)
        CXS_TRY(two_styles(ctx, h, with, without));
done:
    cxs_free(sorted);
    return rc;
}

static cxs_rc read_contigs(cxs_ctx *ctx, cxs_hts *h)
{
    const size_t n = (size_t)sam_hdr_nref(h->header);
    cxs_rc rc = CXS_OK;

    CXS_NEW(h->target, n);
    CXS_NEW(h->length, n);
    for (size_t i = 0; i < n; i++) {
        h->target[i] =
            cxs_strdup(ctx, cxs_contig_plain(sam_hdr_tid2name(h->header, (int)i)));
        if (h->target[i] == NULL)
            CXS_TRY(CXS_ENOMEM);
        h->length[i] = sam_hdr_tid2len(h->header, (int)i);
        h->info.n_targets = i + 1;
    }
    h->info.target = (const char *const *)h->target;
    h->info.length = h->length;
    CXS_TRY(check_styles(ctx, h));
done:
    return rc;
}

/* The first contig whose length belongs to one build decides. */
static cxs_rc check_build(cxs_ctx *ctx, cxs_hts *h, const char *declared)
{
    const char *found = NULL;
    size_t at = 0;

    for (size_t i = 0; i < h->info.n_targets && found == NULL; i++)
        if ((found = cxs_contig_build(h->target[i], h->length[i])) != NULL)
            at = i;
    h->info.build = "other";
    if (declared != NULL && strcmp(declared, "other") == 0)
        return CXS_OK;
    if (found != NULL && (strcmp(found, "hg19") == 0 || strcmp(found, "hg38") == 0))
        h->info.build = found;
    else if (found != NULL && declared == NULL)
        return cxs_fail_code(
            ctx, CXS_EMISMATCH, "CX034",
            "%s: header says %s (%s %lld), which is not supported: hg19 and hg38 are",
            h->path, cxs_build_name(found), sam_hdr_tid2name(h->header, (int)at),
            (long long)h->length[at]);
    if (declared == NULL || strcmp(declared, h->info.build) == 0)
        return CXS_OK;
    if (h->info.n_targets == 0)
        return cxs_fail_code(ctx, CXS_EMISMATCH, "CX034",
                             "%s: header has no contigs, sheet says %s", h->path,
                             declared);
    return cxs_fail_code(
        ctx, CXS_EMISMATCH, "CX034", "%s: header says %s (%s %lld), sheet says %s",
        h->path, cxs_build_name(found != NULL ? found : "other"),
        sam_hdr_tid2name(h->header, (int)at), (long long)h->length[at], declared);
}

/* ---- sample name -------------------------------------------------------------------- */

/* Add a name to the list "a,b" unless it is there. */
static cxs_rc add_sample(cxs_ctx *ctx, cxs_buf *list, const char *name)
{
    const size_t n = strlen(name);
    const char *at = list->text;

    while (at != NULL) {
        if (strncmp(at, name, n) == 0 && (at[n] == '\0' || at[n] == ','))
            return CXS_OK;
        at = strchr(at, ',');
        at = at != NULL ? at + 1 : NULL;
    }
    return cxs_buf_addf(ctx, list, "%s%s", list->length > 0 ? "," : "", name);
}

static cxs_rc check_sample(cxs_ctx *ctx, cxs_hts *h, const char *expected)
{
    const int groups = sam_hdr_count_lines(h->header, "RG");
    kstring_t name = KS_INITIALIZE;
    cxs_buf list = {0};
    cxs_rc rc = CXS_OK;

    for (int i = 0; i < groups; i++)
        if (sam_hdr_find_tag_pos(h->header, "RG", i, "SM", &name) == 0)
            CXS_TRY(add_sample(ctx, &list, name.s));
    h->samples = list.text;
    if (expected != NULL && list.text != NULL && strcmp(list.text, expected) != 0)
        rc = cxs_fail_code(ctx, CXS_EMISMATCH, "CX042",
                           "%s: sample is \"%s\", sheet says \"%s\"", h->path,
                           cxs_ctx_id(ctx, list.text), cxs_ctx_id(ctx, expected));
    list.text = NULL;
done:
    cxs_free(list.text);
    free(name.s);
    return rc;
}

cxs_rc cxs_hts_header(cxs_ctx *ctx, cxs_hts *hts, const cxs_reads_settings *settings)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(read_contigs(ctx, hts));
    CXS_TRY(check_build(ctx, hts, settings->build));
    CXS_TRY(check_sample(ctx, hts, settings->sample));
done:
    return rc;
}
