/*
 * hts_refseq.c -- bases of the reference around alignments, from an indexed FASTA
 *
 * A contig of the header is looked up by its name there, then by the plain name, then
 * with "chr" in front.
 */
#include "ingest/hts_refseq.h"

#include "ingest/hts_open.h"

#include <htslib/faidx.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    WINDOW_BASES = 1 << 18,
    /* Read before the place asked for: the next fragment may begin further left by
     * its own length. */
    WINDOW_LEAD = 1 << 12,
    NAME_BYTES = 1024
};

struct cxs_refseq {
    faidx_t *fai;
    const cxs_reads_info *info;
    char *path;
    int32_t tid; /* of the window; -1: none */
    int64_t start, end, capacity;
    unsigned char *base;
    int32_t *gc, *acgt; /* [capacity + 1] */
    int32_t named_tid;  /* whose name in the FASTA is `name` */
    char name[NAME_BYTES];
    int64_t length; /* of that contig in the FASTA; -1: not there */
};

unsigned char cxs_base_code(char letter)
{
    switch (letter) {
    case 'A':
    case 'a':
        return 0;
    case 'C':
    case 'c':
        return 1;
    case 'G':
    case 'g':
        return 2;
    case 'T':
    case 't':
        return 3;
    default:
        return CXS_BASE_NONE;
    }
}

void cxs_refseq_free(cxs_refseq *ref)
{
    if (ref == NULL)
        return;
    if (ref->fai != NULL)
        fai_destroy(ref->fai);
    cxs_free(ref->path);
    cxs_free(ref->base);
    cxs_free(ref->gc);
    cxs_free(ref->acgt);
    cxs_free(ref);
}

cxs_rc cxs_refseq_new(cxs_ctx *ctx, const char *path, const cxs_reads_info *info,
                      cxs_refseq **out)
{
    cxs_rc rc = CXS_OK;
    cxs_refseq *ref = NULL;
    cxs_buf index = {0};

    *out = NULL;
    CXS_TRY(cxs_hts_local(ctx, path));
    CXS_NEW(ref, 1);
    ref->info = info;
    ref->tid = ref->named_tid = -1;
    if ((ref->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_buf_addf(ctx, &index, "%s.fai", path));
    if (access(path, R_OK) != 0)
        CXS_TRY(cxs_fail(ctx, CXS_ENOINPUT, "%s: this FASTA is not there", path));
    if (access(index.text, R_OK) != 0)
        CXS_TRY(cxs_fail(ctx, CXS_ENOINPUT,
                         "%s: its index is missing; run: samtools faidx %s", index.text,
                         path));
    if ((ref->fai = fai_load3(path, NULL, NULL, 0)) == NULL)
        CXS_TRY(
            cxs_fail(ctx, CXS_EIO, "%s: the FASTA or its index cannot be read", path));
    *out = ref;
    ref = NULL;

done:
    cxs_free(index.text);
    cxs_refseq_free(ref);
    return rc;
}

/* Find the name of a contig in the FASTA. */
static void look_up(cxs_refseq *ref, int32_t tid)
{
    const char *plain = ref->info->target[tid];
    const char *in_header = sam_hdr_tid2name(ref->info->header, tid);

    ref->named_tid = tid;
    snprintf(ref->name, sizeof ref->name, "%s", in_header != NULL ? in_header : plain);
    if (!faidx_has_seq(ref->fai, ref->name))
        snprintf(ref->name, sizeof ref->name, "%s", plain);
    if (!faidx_has_seq(ref->fai, ref->name))
        snprintf(ref->name, sizeof ref->name, "chr%s",
                 strcmp(plain, "MT") == 0 ? "M" : plain);
    ref->length =
        faidx_has_seq(ref->fai, ref->name) ? faidx_seq_len(ref->fai, ref->name) : -1;
}

static cxs_rc make_room(cxs_ctx *ctx, cxs_refseq *ref, int64_t bases)
{
    cxs_rc rc = CXS_OK;
    void *grown;

    if (bases <= ref->capacity)
        return CXS_OK;
    ref->tid = -1;
    if ((grown = cxs_realloc(ctx, ref->base, (size_t)bases, 1)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    ref->base = grown;
    grown = cxs_realloc(ctx, ref->gc, (size_t)bases + 1, sizeof *ref->gc);
    if (grown == NULL)
        CXS_TRY(CXS_ENOMEM);
    ref->gc = grown;
    grown = cxs_realloc(ctx, ref->acgt, (size_t)bases + 1, sizeof *ref->acgt);
    if (grown == NULL)
        CXS_TRY(CXS_ENOMEM);
    ref->acgt = grown;
    ref->capacity = bases;

done:
    return rc;
}

static cxs_rc load(cxs_ctx *ctx, cxs_refseq *ref, int32_t tid, int64_t start,
                   int64_t end)
{
    const int64_t from = start > WINDOW_LEAD ? start - WINDOW_LEAD : 0;
    int64_t to = from + WINDOW_BASES > end ? from + WINDOW_BASES : end;
    hts_pos_t got = 0;
    char *letters;

    if (to > ref->length)
        to = ref->length;
    if (make_room(ctx, ref, to - from) != CXS_OK)
        return CXS_ENOMEM;
    ref->tid = -1;
    letters = faidx_fetch_seq64(ref->fai, ref->name, from, to - 1, &got);
    if (letters == NULL || got != to - from) {
        free(letters);
        return cxs_fail(ctx, CXS_EIO, "%s: bases %lld to %lld of %s cannot be read",
                        ref->path, (long long)from + 1, (long long)to, ref->name);
    }
    ref->gc[0] = ref->acgt[0] = 0;
    for (int64_t i = 0; i < got; i++) {
        const unsigned char code = cxs_base_code(letters[i]);

        ref->base[i] = code;
        ref->gc[i + 1] = ref->gc[i] + (code == 1 || code == 2);
        ref->acgt[i + 1] = ref->acgt[i] + (code != CXS_BASE_NONE);
    }
    free(letters);
    ref->tid = tid;
    ref->start = from;
    ref->end = to;
    return CXS_OK;
}

cxs_rc cxs_refseq_get(cxs_ctx *ctx, cxs_refseq *ref, int32_t tid, int64_t start,
                      int64_t end, cxs_refseq_view *view)
{
    *view = (cxs_refseq_view){NULL, NULL, NULL};
    if (tid != ref->tid || start < ref->start || end > ref->end) {
        if (tid != ref->named_tid)
            look_up(ref, tid);
        if (start < 0 || end > ref->length || end <= start)
            return CXS_OK;
        const cxs_rc rc = load(ctx, ref, tid, start, end);
        if (rc != CXS_OK)
            return rc;
    }
    view->base = ref->base + (start - ref->start);
    view->gc = ref->gc + (start - ref->start);
    view->acgt = ref->acgt + (start - ref->start);
    return CXS_OK;
}
