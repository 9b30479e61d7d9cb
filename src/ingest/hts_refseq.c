/*
 * hts_refseq.c -- bases of the reference around alignments, from an indexed FASTA
 *
 * HTSlib's faidx fetches letter by letter, which at low depth costs more than all
 * counting; here the bytes of a window are read at once and the line ends left out.
 * A contig of the header is looked up by its name there, then by the plain name.
 */
#include "ingest/hts_refseq.h"

#include "base/number.h"
#include "base/text.h"
#include "ingest/contigs.h"
#include "ingest/hts_open.h"

#include <htslib/bgzf.h>

#include <string.h>
#include <unistd.h>

enum {
    WINDOW_BASES = 1 << 18,
    /* Read before the place asked for: the next fragment may begin further left by
     * its own length. */
    WINDOW_LEAD = 1 << 12
};

typedef struct contig { /* a line of the index */
    char *name;
    int64_t length, offset, line_bases, line_bytes;
} contig;

struct cxs_refseq {
    BGZF *file;
    char *path;
    contig *contig;
    size_t contigs, capacity_contigs;
    size_t n_targets;
    size_t *of;  /* [n_targets] contig of a target; SIZE_MAX: none */
    int32_t tid; /* of the window; -1: none */
    int64_t start, end, capacity;
    char *bytes; /* letters from bytes[0] */
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

/* Sixteen letters at once, in the vectors that every processor of the kind has. */
typedef unsigned char letters16 __attribute__((vector_size(16)));

/* Sum of sixteen counters. */
static int64_t counter_sum(letters16 counter)
{
    int64_t sum = 0;

    for (int i = 0; i < 16; i++)
        sum += counter[i];
    return sum;
}

void cxs_base_composition(const char *letters, int64_t n, int64_t *gc, int64_t *acgt)
{
    int64_t i = 0;

    *gc = *acgt = 0;
    while (i + 16 <= n) {
        letters16 strong = {0}, weak = {0}; /* counters that hold 255 at most */

        for (int k = 0; k < 255 && i + 16 <= n; k++, i += 16) {
            letters16 word;

            memcpy(&word, letters + i, sizeof word);
            /* A comparison gives -1 where it holds.  'c' is 0x63 and 'g' 0x67: with the
             * bits 0x24 set both letters, large or small, are 0x67, and no other byte
             * is. */
            strong -= (letters16)((word | 0x24) == 0x67);
            word |= 0x20;
            weak -= (letters16)((word == 'a') | (word == 't'));
        }
        *gc += counter_sum(strong);
        *acgt += counter_sum(strong) + counter_sum(weak);
    }
    for (; i < n; i++) {
        const unsigned char code = cxs_base_code(letters[i]);

        *gc += code == 1 || code == 2;
        *acgt += code != CXS_BASE_NONE;
    }
}

/* ---- index ----------------------------------------------------------------------- */

void cxs_refseq_free(cxs_refseq *ref)
{
    if (ref == NULL)
        return;
    if (ref->file != NULL)
        bgzf_close(ref->file);
    for (size_t i = 0; i < ref->contigs; i++)
        cxs_free(ref->contig[i].name);
    cxs_free(ref->contig);
    cxs_free(ref->of);
    cxs_free(ref->path);
    cxs_free(ref->bytes);
    cxs_free(ref);
}

static cxs_rc add_contig(cxs_ctx *ctx, cxs_refseq *ref, const cxs_fields *f,
                         const char *index, size_t line)
{
    const int64_t most = (int64_t)1 << 48;
    contig c = {NULL, 0, 0, 0, 0};
    cxs_rc rc = CXS_OK;

    if (f->count < 5 || !cxs_number_parse_int(f->text[1], 0, most, &c.length) ||
        !cxs_number_parse_int(f->text[2], 0, most, &c.offset) ||
        !cxs_number_parse_int(f->text[3], 0, most, &c.line_bases) ||
        !cxs_number_parse_int(f->text[4], 0, most, &c.line_bytes) ||
        c.line_bytes < c.line_bases || (c.length > 0 && c.line_bases == 0) ||
        c.line_bytes > c.line_bases + 2)
        return cxs_fail(ctx, CXS_EFORMAT, "%s:%zu: not a line of a FASTA index", index,
                        line);
    CXS_TRY(cxs_grow(ctx, (void **)&ref->contig, &ref->capacity_contigs,
                     ref->contigs + 1, sizeof *ref->contig));
    if ((c.name = cxs_strdup(ctx, f->text[0])) == NULL)
        return CXS_ENOMEM;
    ref->contig[ref->contigs++] = c;

done:
    return rc;
}

static cxs_rc read_index(cxs_ctx *ctx, cxs_refseq *ref, const char *index)
{
    cxs_rc rc = CXS_OK;
    cxs_text *text = NULL;
    cxs_fields fields = {0};
    char *line;
    size_t length;

    CXS_TRY(cxs_text_open(ctx, index, &text));
    for (;;) {
        CXS_TRY(cxs_text_line(ctx, text, &line, &length));
        if (line == NULL)
            break;
        CXS_TRY(cxs_fields_split(ctx, line, length, '\t', &fields));
        CXS_TRY(add_contig(ctx, ref, &fields, index, cxs_text_line_number(text)));
    }

done:
    cxs_fields_free(&fields);
    cxs_text_close(text);
    return rc;
}

/* Contigs of the FASTA for those of the header. */
static cxs_rc match_contigs(cxs_ctx *ctx, cxs_refseq *ref, const cxs_reads_info *info)
{
    cxs_rc rc = CXS_OK;

    ref->n_targets = info->n_targets;
    CXS_NEW(ref->of, info->n_targets);
    for (size_t t = 0; t < info->n_targets; t++) {
        const char *name = sam_hdr_tid2name(info->header, (int)t);

        ref->of[t] = SIZE_MAX;
        for (size_t i = 0; i < ref->contigs; i++)
            if (name != NULL && strcmp(ref->contig[i].name, name) == 0)
                ref->of[t] = i;
        for (size_t i = 0; i < ref->contigs && ref->of[t] == SIZE_MAX; i++)
            if (strcmp(cxs_contig_plain(ref->contig[i].name), info->target[t]) == 0)
                ref->of[t] = i;
    }

done:
    return rc;
}

static cxs_rc open_bases(cxs_ctx *ctx, cxs_refseq *ref)
{
    if ((ref->file = bgzf_open(ref->path, "r")) == NULL)
        return cxs_fail(ctx, CXS_EIO, "%s: the FASTA cannot be read", ref->path);
    if (bgzf_compression(ref->file) == 1)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: compressed by gzip, which allows no jumps; compress it by "
                        "bgzip",
                        ref->path);
    if (bgzf_compression(ref->file) == 2 &&
        bgzf_index_load(ref->file, ref->path, ".gzi") != 0)
        return cxs_fail(ctx, CXS_ENOINPUT,
                        "%s.gzi: its index is missing; run: samtools faidx %s",
                        ref->path, ref->path);
    return CXS_OK;
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
    ref->tid = -1;
    if ((ref->path = cxs_strdup(ctx, path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(cxs_buf_addf(ctx, &index, "%s.fai", path));
    if (access(path, R_OK) != 0)
        CXS_TRY(cxs_fail(ctx, CXS_ENOINPUT, "%s: this FASTA is not there", path));
    if (access(index.text, R_OK) != 0)
        CXS_TRY(cxs_fail(ctx, CXS_ENOINPUT,
                         "%s: its index is missing; run: samtools faidx %s", index.text,
                         path));
    CXS_TRY(read_index(ctx, ref, index.text));
    CXS_TRY(match_contigs(ctx, ref, info));
    CXS_TRY(open_bases(ctx, ref));
    *out = ref;
    ref = NULL;

done:
    cxs_free(index.text);
    cxs_refseq_free(ref);
    return rc;
}

/* ---- windows --------------------------------------------------------------------- */

/* Place of a base in the file. */
static int64_t byte_of(const contig *c, int64_t base)
{
    return c->offset + base / c->line_bases * c->line_bytes + base % c->line_bases;
}

/* Take the line ends out of the bytes of the bases [from, to). */
static void close_lines(const contig *c, char *bytes, int64_t from, int64_t to)
{
    char *write = bytes, *read = bytes;

    while (from < to) {
        const int64_t rest = c->line_bases - from % c->line_bases;
        const int64_t run = rest < to - from ? rest : to - from;

        memmove(write, read, (size_t)run);
        write += run;
        read += run + (c->line_bytes - c->line_bases);
        from += run;
    }
}

static cxs_rc load(cxs_ctx *ctx, cxs_refseq *ref, int32_t tid, int64_t start,
                   int64_t end)
{
    const contig *c = &ref->contig[ref->of[tid]];
    const int64_t from = start > WINDOW_LEAD ? start - WINDOW_LEAD : 0;
    const int64_t far = from + WINDOW_BASES > end ? from + WINDOW_BASES : end;
    const int64_t to = far < c->length ? far : c->length;
    const int64_t first = byte_of(c, from), bytes = byte_of(c, to - 1) + 1 - first;

    ref->tid = -1;
    if (bytes > ref->capacity) {
        char *grown = cxs_realloc(ctx, ref->bytes, (size_t)bytes, 1);

        if (grown == NULL)
            return CXS_ENOMEM;
        ref->bytes = grown;
        ref->capacity = bytes;
    }
    if (bgzf_useek(ref->file, first, SEEK_SET) != 0 ||
        bgzf_read(ref->file, ref->bytes, (size_t)bytes) != bytes)
        return cxs_fail(ctx, CXS_EIO,
                        "%s: bases %lld to %lld of %s cannot be read: the index is of "
                        "another file, or the file is cut off",
                        ref->path, (long long)from + 1, (long long)to, c->name);
    close_lines(c, ref->bytes, from, to);
    ref->tid = tid;
    ref->start = from;
    ref->end = to;
    return CXS_OK;
}

cxs_rc cxs_refseq_get(cxs_ctx *ctx, cxs_refseq *ref, int32_t tid, int64_t start,
                      int64_t end, const char **letters)
{
    *letters = NULL;
    if (tid != ref->tid || start < ref->start || end > ref->end) {
        if (ref->of[tid] == SIZE_MAX || start < 0 || end <= start ||
            end > ref->contig[ref->of[tid]].length)
            return CXS_OK;
        const cxs_rc rc = load(ctx, ref, tid, start, end);
        if (rc != CXS_OK)
            return rc;
    }
    *letters = ref->bytes + (start - ref->start);
    return CXS_OK;
}
