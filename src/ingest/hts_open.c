/*
 * hts_open.c -- an alignment file that was checked before its first record
 *
 * HTSlib takes in silence what must not pass: a BAM without its end-of-file block is a
 * warning, a header that says SO:coordinate is believed, a CRAM without reference asks
 * a server.  Each of these has its own check here.
 */
#include "ingest/hts_open.h"

#include "ingest/assay.h"

#include <htslib/bgzf.h>
#include <htslib/cram.h>
#include <htslib/faidx.h>
#include <htslib/hfile.h>

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* "scheme://", or a scheme that HTSlib serves without slashes. */
bool cxs_hts_is_url(const char *path)
{
    size_t n = 0;

    while (isalnum((unsigned char)path[n]) || path[n] == '+' || path[n] == '-' ||
           path[n] == '.')
        n++;
    return n > 1 && path[n] == ':' &&
           (strncmp(path + n, "://", 3) == 0 || strncmp(path, "data:", 5) == 0 ||
            strncmp(path, "mem:", 4) == 0 || strncmp(path, "preload:", 8) == 0 ||
            strncmp(path, "file:", 5) == 0);
}

cxs_rc cxs_hts_local(cxs_ctx *ctx, const char *path)
{
    const char *search = getenv("REF_PATH");

    hts_set_log_level(HTS_LOG_OFF);
    if (cxs_hts_is_url(path))
        return cxs_fail(ctx, CXS_EARG, "%s: only local files are read", path);
    if ((search == NULL || *search == '\0' || strstr(search, "//") != NULL ||
         strstr(search, "URL=") != NULL) &&
        setenv("REF_PATH", "/nonexistent", 1) != 0)
        return cxs_fail(ctx, CXS_EOS, "cannot set REF_PATH: %s", strerror(errno));
    return CXS_OK;
}

static cxs_rc check_file(cxs_ctx *ctx, const char *path)
{
    struct stat info;

    if (strcmp(path, "-") == 0)
        return CXS_OK;
    if (stat(path, &info) != 0)
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: %s", path, strerror(errno));
    if (S_ISDIR(info.st_mode))
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: this is a folder", path);
    return CXS_OK;
}

/* The FASTA must be indexed, because HTSlib would write an index beside it. */
static cxs_rc set_reference(cxs_ctx *ctx, cxs_hts *h, const char *reference)
{
    cxs_buf index = {0};
    cxs_rc rc = CXS_OK;

    if (reference == NULL)
        return CXS_OK;
    CXS_TRY(cxs_hts_local(ctx, reference));
    CXS_TRY(check_file(ctx, reference));
    CXS_TRY(cxs_buf_addf(ctx, &index, "%s.fai", reference));
    if (access(index.text, R_OK) != 0)
        CXS_TRY(cxs_fail_code(ctx, CXS_ENOINPUT, "CX038",
                              "%s: index is missing; run: samtools faidx %s", reference,
                              reference));
    if ((h->reference = cxs_strdup(ctx, reference)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    if (h->file->format.format == cram &&
        hts_set_opt(h->file, CRAM_OPT_REFERENCE, reference) != 0)
        CXS_TRY(cxs_fail(ctx, CXS_EFORMAT, "%s: cannot be read as an indexed FASTA",
                         reference));
done:
    cxs_free(index.text);
    return rc;
}

static cxs_rc open_file(cxs_ctx *ctx, cxs_hts *h, const cxs_reads_settings *s)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_hts_local(ctx, s->path));
    CXS_TRY(check_file(ctx, s->path));
    errno = 0;
    h->file = hts_open(s->path, "r");
    if (h->file == NULL && (errno == EACCES || errno == EPERM))
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: %s", s->path, strerror(errno));
    if (h->file == NULL && errno != 0 && errno != ENOEXEC && errno != EINVAL &&
        errno != EPIPE)
        return cxs_fail(ctx, CXS_EIO, "%s: %s", s->path, strerror(errno));
    if (h->file == NULL ||
        (h->file->format.format != bam && h->file->format.format != cram &&
         h->file->format.format != sam))
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX022",
                             "%s: this is neither BAM, CRAM nor SAM", s->path);
    CXS_TRY(set_reference(ctx, h, s->reference));
done:
    return rc;
}

static cxs_rc truncated(cxs_ctx *ctx, const cxs_hts *h)
{
    return cxs_fail_code(ctx, CXS_ETRUNCATED, "CX037",
                         "%s: no end-of-file marker: the file is truncated", h->path);
}

/* A stream cannot be looked at from its end: cxs_hts_next() does it there. */
static cxs_rc check_end(cxs_ctx *ctx, cxs_hts *h)
{
    errno = 0;
    switch (hts_check_EOF(h->file)) {
    case 0:
        return truncated(ctx, h);
    case 2:
        h->is_stream = true;
        return CXS_OK;
    case 1:
    case 3:
        return CXS_OK;
    default:
        return cxs_fail(ctx, CXS_EIO, "%s: %s", h->path, strerror(errno));
    }
}

/* Thread pool for decoding and for the meters; before the header is read. */
static cxs_rc start_threads(cxs_ctx *ctx, cxs_hts *h, size_t threads)
{
    htsThreadPool shared = {NULL, 0};

    if (threads <= 1)
        return CXS_OK;
    if ((h->pool = hts_tpool_init((int)threads)) == NULL)
        return cxs_fail(ctx, CXS_EOS, "cannot start %zu threads", threads);
    shared.pool = h->pool;
    if (hts_set_opt(h->file, HTS_OPT_THREAD_POOL, &shared) != 0)
        return cxs_fail(ctx, CXS_EOS, "%s: cannot decode with threads", h->path);
    return CXS_OK;
}

/* A CRAM header may name a server as the place of the reference. */
static cxs_rc forget_places(cxs_ctx *ctx, cxs_hts *h)
{
    sam_hdr_t *inner;

    if (h->file->format.format != cram)
        return CXS_OK;
    inner = cram_fd_get_header(h->file->fp.cram);
    for (int i = 0; i < sam_hdr_nref(inner); i++)
        if (sam_hdr_remove_tag_id(inner, "SQ", "SN", sam_hdr_tid2name(inner, i), "UR") <
            0)
            return cxs_fail(ctx, CXS_EFORMAT, "%s: the header is damaged", h->path);
    return CXS_OK;
}

static cxs_rc read_header(cxs_ctx *ctx, cxs_hts *h)
{
    kstring_t order = KS_INITIALIZE;
    const char *wrong = NULL;

    h->header = sam_hdr_read(h->file);
    if (h->header == NULL)
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX037", "%s: the header is damaged",
                             h->path);
    h->info.header = h->header;
    h->info.path = h->path;
    h->info.sorted = sam_hdr_find_tag_hd(h->header, "SO", &order) == 0 &&
                     strcmp(order.s, "coordinate") == 0;
    if (!h->info.sorted && h->check_order)
        wrong = order.s != NULL ? order.s : "unknown";
    if (wrong != NULL)
        cxs_fail_code(
            ctx, CXS_EFORMAT, "CX040",
            "%s: the header says SO:%s, not coordinate; run: samtools sort %s", h->path,
            wrong, h->path);
    h->check_order = h->info.sorted;
    free(order.s);
    return wrong != NULL ? CXS_EFORMAT : forget_places(ctx, h);
}

/* ---- open, next, close -------------------------------------------------------------- */

cxs_rc cxs_hts_open(cxs_ctx *ctx, const cxs_reads_settings *settings, cxs_hts **out)
{
    cxs_hts *h = NULL;
    cxs_rc rc = CXS_OK;

    *out = NULL;
    CXS_NEW(h, 1);
    h->tid = h->position = -1;
    h->check_order = settings->need_sorted;
    if ((h->path = cxs_strdup(ctx, settings->path)) == NULL)
        CXS_TRY(CXS_ENOMEM);
    CXS_TRY(open_file(ctx, h, settings));
    CXS_TRY(check_end(ctx, h));
    CXS_TRY(start_threads(ctx, h, settings->threads));
    CXS_TRY(read_header(ctx, h));
    CXS_TRY(cxs_hts_header(ctx, h, settings));
    *out = h;
    h = NULL;
done:
    cxs_hts_close(h);
    return rc;
}

void cxs_hts_close(cxs_hts *hts)
{
    if (hts == NULL)
        return;
    if (hts->header != NULL)
        sam_hdr_destroy(hts->header);
    if (hts->file != NULL)
        hts_close(hts->file);
    if (hts->pool != NULL)
        hts_tpool_destroy(hts->pool);
    cxs_free_strings(hts->target, hts->info.n_targets);
    cxs_free(hts->length);
    cxs_free(hts->samples);
    cxs_free(hts->reference);
    cxs_free(hts->path);
    cxs_free(hts);
}

/* The same contig with or without "chr". */
static void other_style(const char *name, char *out, size_t size)
{
    if (strncmp(name, "chr", 3) == 0)
        snprintf(out, size, "%s", name + 3);
    else
        snprintf(out, size, "chr%s", name);
}

/* The first contig from the present one on that the FASTA lacks; NULL: none.  @p shown
 * gets what the FASTA calls it, "" when it does not have it. */
static const char *missing_contig(const cxs_hts *h, char *shown, size_t size)
{
    faidx_t *fasta =
        h->reference != NULL ? fai_load3(h->reference, NULL, NULL, 0) : NULL;
    const char *missing = NULL;

    *shown = '\0';
    for (int i = h->tid > 0 ? (int)h->tid : 0;
         i < sam_hdr_nref(h->header) && missing == NULL; i++) {
        const char *name = sam_hdr_tid2name(h->header, i);
        if (fasta == NULL || !faidx_has_seq(fasta, name))
            missing = name;
    }
    if (fasta != NULL && missing != NULL) {
        other_style(missing, shown, size);
        if (!faidx_has_seq(fasta, shown))
            *shown = '\0';
    }
    if (fasta != NULL)
        fai_destroy(fasta);
    return missing;
}

static cxs_rc unreadable(cxs_ctx *ctx, const cxs_hts *h)
{
    const bool is_cram = h->file->format.format == cram;
    char shown[256];
    const char *missing = is_cram ? missing_contig(h, shown, sizeof shown) : NULL;

    if (missing != NULL && *shown != '\0')
        return cxs_fail_code(ctx, CXS_EMISMATCH, "CX039",
                             "%s: reference for %s not found; give --reference FASTA "
                             "with the names of the file (%s calls it %s)",
                             h->path, missing, h->reference, shown);
    if (missing != NULL)
        return cxs_fail_code(ctx, CXS_EMISMATCH, "CX039",
                             "%s: reference for %s not found; give --reference FASTA",
                             h->path, missing);
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX037", "%s: record %zu is damaged%s",
                         h->path, h->records + 1,
                         is_cram ? ", or was written with another reference" : "");
}

static cxs_rc check_place(cxs_ctx *ctx, cxs_hts *h, const bam1_t *b)
{
    const int64_t tid = b->core.tid, position = b->core.pos;

    if (tid >= 0 && position >= h->length[tid])
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: record %zu (%s:%lld) lies behind the end of its contig, "
                        "%lld",
                        h->path, h->records, sam_hdr_tid2name(h->header, (int)tid),
                        (long long)position + 1, (long long)h->length[tid]);
    /* what has no place stands at the end */
    if (h->check_order &&
        ((tid >= 0 && h->records > 1 && h->tid < 0) || (tid >= 0 && tid < h->tid) ||
         (tid >= 0 && tid == h->tid && position < h->position)))
        return cxs_fail_code(ctx, CXS_EFORMAT, "CX040",
                             "%s: record %zu (%s:%lld) is before the one above",
                             h->path, h->records, sam_hdr_tid2name(h->header, (int)tid),
                             (long long)position + 1);
    h->tid = tid;
    h->position = position;
    return CXS_OK;
}

cxs_rc cxs_hts_next(cxs_ctx *ctx, cxs_hts *hts, bam1_t *b, bool *more)
{
    const int got = sam_read1(hts->file, hts->header, b);

    *more = got >= 0;
    if (got < -1)
        return unreadable(ctx, hts);
    if (got == -1)
        return hts->is_stream && hts->file->format.compression == bgzf &&
                       hts->file->format.format != cram &&
                       hts->file->fp.bgzf->no_eof_block
                   ? truncated(ctx, hts)
                   : CXS_OK;
    hts->records++;
    return check_place(ctx, hts, b);
}

/* ---- progress ----------------------------------------------------------------------- */

static const int64_t megabyte = 1000000;

size_t cxs_hts_megabytes(const cxs_hts *hts)
{
    struct stat info;

    if (hts->is_stream || strcmp(hts->path, "-") == 0 || stat(hts->path, &info) != 0)
        return 0;
    return (size_t)(info.st_size / megabyte);
}

size_t cxs_hts_megabytes_read(const cxs_hts *hts)
{
    const htsFile *f = hts->file;
    int64_t at = 0;

    if (f->format.format == cram)
        at = htell(cram_fd_get_fp(f->fp.cram));
    else if (f->format.compression == bgzf)
        at = bgzf_tell(f->fp.bgzf) >> 16; /* virtual offset: block, place inside */
    return (size_t)(at / megabyte);
}

/* ---- index -------------------------------------------------------------------------- */

/* Beside x.bam: x.bam.bai or x.bai, with any ending that an index has. */
static cxs_rc find_index(cxs_ctx *ctx, const char *path, struct stat *info, bool *found)
{
    static const char *const endings[] = {"bai", "csi", "crai", "tbi"};
    const char *dot = strrchr(path, '.');
    const size_t whole = strlen(path);
    const size_t bare =
        dot != NULL && strchr(dot, '/') == NULL ? (size_t)(dot - path) : whole;
    cxs_buf name = {0};
    cxs_rc rc = CXS_OK;

    *found = false;
    for (size_t i = 0; i < 2 * sizeof endings / sizeof *endings && !*found; i++) {
        name.length = 0;
        CXS_TRY(cxs_buf_addf(ctx, &name, "%.*s.%s", (int)(i % 2 == 0 ? whole : bare),
                             path, endings[i / 2]));
        *found = stat(name.text, info) == 0;
    }
done:
    cxs_free(name.text);
    return rc;
}

cxs_rc cxs_hts_need_index(cxs_ctx *ctx, const char *path)
{
    struct stat data, index;
    bool found = false;
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_hts_local(ctx, path));
    CXS_TRY(check_file(ctx, path));
    CXS_TRY(find_index(ctx, path, &index, &found));
    if (!found)
        CXS_TRY(cxs_fail_code(ctx, CXS_ENOINPUT, "CX038",
                              "%s: index is missing; run: samtools index %s", path,
                              path));
    if (stat(path, &data) == 0 && index.st_mtime < data.st_mtime)
        CXS_TRY(cxs_warn(ctx, "CX038",
                         "%s: index is older than the data; run: samtools index %s",
                         path, path));
done:
    return rc;
}
