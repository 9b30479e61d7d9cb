/*
 * hts_fasta.c -- bases of a local, indexed FASTA
 *
 * The index is never built: nothing is written beside an input.
 */
#include "ingest/hts_fasta.h"

#include "ingest/hts_open.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <htslib/faidx.h>

enum { WINDOW = 1 << 16 };

struct cxs_fasta {
    char *path;
    faidx_t *index;
    char chrom[256]; /* of the window, as asked for; "" before the first use */
    char *bases;     /* by HTSlib's malloc */
    int64_t start0, length;
};

cxs_rc cxs_fasta_open(cxs_ctx *ctx, const char *path, cxs_fasta **out)
{
    cxs_fasta *fasta = NULL;
    cxs_buf fai = {0};
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_TRY(cxs_hts_local(ctx, path));
    CXS_TRY(cxs_buf_addf(ctx, &fai, "%s.fai", path));
    if (access(path, R_OK) != 0)
        CXS_TRY(cxs_fail(ctx, CXS_ENOINPUT, "%s: cannot be read", path));
    if (access(fai.text, R_OK) != 0)
        CXS_TRY(cxs_fail_code(ctx, CXS_ENOINPUT, "CX038",
                              "%s: index is missing; run: samtools faidx %s", path,
                              path));
    CXS_NEW(fasta, 1);
    if ((fasta->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    if ((fasta->index = fai_load3(path, fai.text, NULL, 0)) == NULL)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: FASTA or its index is damaged", path));
    *out = fasta;
    fasta = NULL;
done:
    cxs_free(fai.text);
    cxs_fasta_close(fasta);
    return rc;
}

void cxs_fasta_close(cxs_fasta *fasta)
{
    if (fasta == NULL)
        return;
    if (fasta->index != NULL)
        fai_destroy(fasta->index);
    free(fasta->bases);
    cxs_free(fasta->path);
    cxs_free(fasta);
}

/* Name in the file: plain, "chr" before it, or M for MT. */
static const char *name_in_file(const cxs_fasta *fasta, const char *chrom, char *room,
                                size_t size)
{
    const char *const prefix[] = {"", "chr"};

    for (size_t i = 0; i < 2; i++) {
        const char *name = i == 1 && strcmp(chrom, "MT") == 0 ? "M" : chrom;
        const int length = snprintf(room, size, "%s%s", prefix[i], name);
        if (length > 0 && (size_t)length < size && faidx_has_seq(fasta->index, room))
            return room;
    }
    return NULL;
}

int64_t cxs_fasta_length(const cxs_fasta *fasta, const char *chrom)
{
    char room[256];
    const char *name = name_in_file(fasta, chrom, room, sizeof room);

    return name != NULL ? faidx_seq_len(fasta->index, name) : 0;
}

static cxs_rc load(cxs_ctx *ctx, cxs_fasta *fasta, const char *chrom, int64_t pos)
{
    char room[256];
    const char *name = name_in_file(fasta, chrom, room, sizeof room);
    const int64_t start0 = pos - 1 > WINDOW / 2 ? pos - 1 - WINDOW / 2 : 0;
    hts_pos_t length = 0;

    free(fasta->bases);
    fasta->bases = NULL;
    fasta->length = 0;
    snprintf(fasta->chrom, sizeof fasta->chrom, "%s", chrom);
    fasta->start0 = start0;
    if (name == NULL || pos > faidx_seq_len(fasta->index, name))
        return CXS_OK;
    fasta->bases =
        faidx_fetch_seq64(fasta->index, name, start0, start0 + WINDOW - 1, &length);
    if (fasta->bases == NULL || length < 0)
        return cxs_fail(ctx, CXS_EIO, "%s: cannot read %s", fasta->path, name);
    fasta->length = length;
    return CXS_OK;
}

cxs_rc cxs_fasta_base(cxs_ctx *ctx, cxs_fasta *fasta, const char *chrom, int64_t pos,
                      char *base)
{
    int64_t at = pos - 1 - fasta->start0;
    cxs_rc rc = CXS_OK;

    *base = 0;
    if (pos < 1)
        return CXS_OK;
    if (strcmp(chrom, fasta->chrom) != 0 || at < 0 || at >= fasta->length) {
        CXS_TRY(load(ctx, fasta, chrom, pos));
        at = pos - 1 - fasta->start0;
    }
    if (at >= 0 && at < fasta->length)
        *base = (char)toupper((unsigned char)fasta->bases[at]);
done:
    return rc;
}
