/*
 * hts_vcf.c -- one sample of a VCF or BCF by HTSlib
 *
 * Text is read line by line and then parsed, because only the line shows what HTSlib
 * 1.16 forgives: blank lines (success with an errcode and a made-up contig), missing and
 * surplus sample columns, NUL bytes.  Reading is sequential, so an index is neither
 * needed nor looked for.
 */
#include "ingest/hts_vcf.h"

#include "base/source.h"
#include "ingest/hts_open.h"
#include "ingest/trinucleotides.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <htslib/bgzf.h>
#include <htslib/kseq.h>
#include <htslib/tbx.h>

static const double mismatch_share = 0.001; /* CX036 */

static void close_reader(cxs_vcf_reader *r)
{
    cxs_variant_set_clear(&r->set);
    cxs_picks_clear(&r->picks);
    cxs_vcf_counts_clear(&r->counts);
    cxs_vcf_counts_clear(&r->normal_counts);
    cxs_fasta_close(r->fasta);
    cxs_free(r->pointer);
    cxs_free(r->rid_seen);
    cxs_free(r->ref);
    cxs_free(r->alt);
    free(r->ints);
    free(r->floats);
    free(r->text);
    free(r->line.s);
    if (r->record != NULL)
        bcf_destroy(r->record);
    if (r->header != NULL)
        bcf_hdr_destroy(r->header);
    if (r->file != NULL)
        hts_close(r->file);
}

static cxs_rc truncated(cxs_ctx *ctx, const cxs_vcf_reader *r)
{
    return cxs_fail_code(ctx, CXS_ETRUNCATED, "CX037",
                         "%s: no end-of-file marker: the file is truncated",
                         r->s->path);
}

/* The stream broke off although its end was there. */
static cxs_rc broken(cxs_ctx *ctx, const cxs_vcf_reader *r)
{
    if (r->file->format.compression == no_compression && r->is_text)
        return cxs_fail(ctx, CXS_EIO, "%s: read failed after record %lld", r->s->path,
                        (long long)r->n);
    if (r->file->format.compression == no_compression)
        return truncated(ctx, r);
    return cxs_fail_code(ctx, CXS_EFORMAT, "CX037",
                         "%s: damaged after record %lld: a block does not decompress",
                         r->s->path, (long long)r->n);
}

/* HTSlib takes a gzip stream that ends early for the end of the file, so it is read once
 * for its checksum; BGZF files have their marker. */
static cxs_rc check_gzip(cxs_ctx *ctx, const char *path)
{
    enum { BLOCK = 1 << 16 };
    cxs_source *source = NULL;
    char *block = NULL;
    size_t got = 1;
    cxs_rc rc = CXS_OK;

    CXS_NEW(block, BLOCK);
    CXS_TRY(cxs_source_open(ctx, path, &source));
    while (got > 0)
        CXS_TRY(cxs_source_read(ctx, source, block, BLOCK, &got));
done:
    cxs_source_close(source);
    cxs_free(block);
    return rc;
}

static cxs_rc open_file(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_hts_local(ctx, r->s->path));
    if (access(r->s->path, R_OK) != 0)
        return cxs_fail(ctx, CXS_ENOINPUT, "%s: %s", r->s->path, strerror(errno));
    if ((r->file = hts_open(r->s->path, "r")) == NULL)
        return cxs_fail(ctx, CXS_EFORMAT, "%s: neither VCF nor BCF", r->s->path);
    if (r->file->format.format != vcf && r->file->format.format != bcf)
        return cxs_fail(ctx, CXS_EFORMAT, "%s: neither VCF nor BCF", r->s->path);
    r->is_text = r->file->format.format == vcf;
    if (hts_check_EOF(r->file) == 0)
        return truncated(ctx, r);
    if (r->file->format.compression == gzip &&
        (rc = check_gzip(ctx, r->s->path)) != CXS_OK)
        return rc == CXS_ETRUNCATED ? truncated(ctx, r) : rc;
    if ((r->header = bcf_hdr_read(r->file)) == NULL)
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: the header is damaged or the #CHROM line is missing",
                        r->s->path);
    if ((r->record = bcf_init()) == NULL)
        return cxs_fail(ctx, CXS_ENOMEM, "%s: no memory for a record", r->s->path);
    if (r->s->reference != NULL) {
        CXS_TRY(cxs_fasta_open(ctx, r->s->reference, &r->fasta));
        r->set.left_aligned = true;
    }
done:
    return rc;
}

static cxs_rc bad_line(cxs_ctx *ctx, const cxs_vcf_reader *r, const char *sentence)
{
    return cxs_fail(ctx, CXS_EFORMAT, "%s: record %lld: %s", r->s->path,
                    (long long)r->n, sentence);
}

static size_t count_fields(const kstring_t *line)
{
    size_t fields = 1;

    for (size_t i = 0; i < line->l; i++)
        fields += line->s[i] == '\t';
    return fields;
}

/* HTSlib lets a position overflow. */
static bool position_fits(const kstring_t *line)
{
    enum { DIGITS = 12 };
    const char *tab = memchr(line->s, '\t', line->l);
    const size_t digits = tab != NULL ? strspn(tab + 1, "0123456789") : 0;

    return digits > 0 && digits <= DIGITS && tab[1 + digits] == '\t';
}

/* What only the line shows. */
static cxs_rc check_line(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    const size_t fields = count_fields(&r->line);

    if (r->line.l == 0)
        return bad_line(ctx, r, "the line is empty");
    if (memchr(r->line.s, '\0', r->line.l) != NULL)
        return bad_line(ctx, r, "the line has a NUL byte");
    if (r->line.s[0] == '#')
        return bad_line(ctx, r, "a header line between records");
    if (fields != r->columns && !(r->columns == 8 && fields > 8))
        return cxs_fail(ctx, CXS_EFORMAT,
                        "%s: record %lld: %zu columns, the header has %zu", r->s->path,
                        (long long)r->n, fields, r->columns);
    if (!position_fits(&r->line))
        return bad_line(ctx, r, "POS is no position");
    return CXS_OK;
}

/* A line that a damaged block cuts short comes back as if it were whole. */
static bool has_read_error(const cxs_vcf_reader *r)
{
    const BGZF *stream = hts_get_bgzfp(r->file);

    return stream != NULL && stream->errcode != 0;
}

static cxs_rc malformed(cxs_ctx *ctx, const cxs_vcf_reader *r)
{
    return bad_line(ctx, r,
                    r->record->errcode & BCF_ERR_CHAR
                        ? "a value does not have the type that the header declares"
                        : "malformed");
}

/* Flags of HTSlib.  A file without any ##contig line may use any contig, and tags that
 * are not declared are not read. */
static cxs_rc check_errcode(cxs_ctx *ctx, const cxs_vcf_reader *r)
{
    int allowed = BCF_ERR_TAG_UNDEF;

    if (r->is_text && !r->has_contigs)
        allowed |= BCF_ERR_CTG_UNDEF;
    if ((r->record->errcode & ~allowed) == 0)
        return CXS_OK;
    if (r->record->errcode & BCF_ERR_CTG_UNDEF)
        return bad_line(ctx, r, "the contig is not declared in the header");
    return malformed(ctx, r);
}

/* HTSlib ends the program when a BCF holds text where the header declares numbers. */
static bool is_number(int declared, int wire, int values)
{
    if (declared != BCF_HT_INT && declared != BCF_HT_REAL)
        return true;
    return wire == BCF_BT_INT8 || wire == BCF_BT_INT16 || wire == BCF_BT_INT32 ||
           wire == BCF_BT_FLOAT || (wire == BCF_BT_NULL && values == 0);
}

static bool has_declared_types(const cxs_vcf_reader *r)
{
    const bcf1_t *rec = r->record;

    for (uint32_t i = 0; i < rec->n_info; i++) {
        const bcf_info_t *info = &rec->d.info[i];
        if (!is_number((int)bcf_hdr_id2type(r->header, BCF_HL_INFO, info->key),
                       info->type, info->len))
            return false;
    }
    for (uint32_t i = 0; i < rec->n_fmt; i++) {
        const bcf_fmt_t *fmt = &rec->d.fmt[i];
        const char *name = bcf_hdr_int2id(r->header, BCF_DT_ID, fmt->id);
        const bool genotype = name != NULL && strcmp(name, "GT") == 0;
        if (!is_number(genotype ? BCF_HT_INT
                                : (int)bcf_hdr_id2type(r->header, BCF_HL_FMT, fmt->id),
                       fmt->type, fmt->n))
            return false;
    }
    return true;
}

/* Next record into r->record; *end at the end of the file. */
static cxs_rc next_record(cxs_ctx *ctx, cxs_vcf_reader *r, bool *end)
{
    int got = 0;
    cxs_rc rc = CXS_OK;

    if (!r->is_text) {
        got = bcf_read(r->file, r->header, r->record);
        *end = got == -1;
        r->n += got >= 0;
        if (got < -1)
            return r->record->errcode != 0 ? malformed(ctx, r) : broken(ctx, r);
    } else {
        got = hts_getline(r->file, KS_SEP_LINE, &r->line);
        *end = got == -1;
        if (got < -1 || has_read_error(r))
            return broken(ctx, r);
        if (got >= 0) {
            r->n++;
            CXS_TRY(check_line(ctx, r));
            if (vcf_parse(&r->line, r->header, r->record) < 0)
                return malformed(ctx, r);
        }
    }
    if (*end)
        return CXS_OK;
    CXS_TRY(check_errcode(ctx, r));
    if (bcf_unpack(r->record, BCF_UN_ALL) < 0)
        return bad_line(ctx, r, "malformed");
    if (!has_declared_types(r))
        rc =
            bad_line(ctx, r, "a value does not have the type that the header declares");
done:
    return rc;
}

static cxs_rc read_records(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    bool end = false;
    cxs_rc rc = CXS_OK;

    for (;;) {
        CXS_TRY(next_record(ctx, r, &end));
        if (end)
            break;
        CXS_TRY(cxs_vcf_record(ctx, r));
    }
    r->set.records = r->n;
done:
    return rc;
}

static cxs_rc check_mismatches(cxs_ctx *ctx, const cxs_vcf_reader *r)
{
    if (!r->bad_hotspot &&
        (double)r->set.mismatched <= mismatch_share * (double)r->set.checked)
        return CXS_OK;
    return cxs_fail_code(ctx, CXS_EMISMATCH, "CX036",
                         "%s:%s:%lld: REF %s, reference has %s (%lld of %lld checked)",
                         r->s->path, r->bad_chrom, (long long)r->bad_pos, r->bad_ref,
                         r->bad_base, (long long)r->set.mismatched,
                         (long long)r->set.checked);
}

/* Genes of the record that a bcftools entry points to, to either side of it. */
static cxs_rc follow(cxs_ctx *ctx, cxs_variant_set *set, const cxs_vcf_pointer *p,
                     size_t hits)
{
    const cxs_variant *from = &set->variant[p->variant];
    const bool back = p->pos < from->file_pos;
    size_t at = p->variant;
    cxs_rc rc = CXS_OK;

    while (back ? at-- > 0 : ++at < set->count) {
        const cxs_variant *v = &set->variant[at];
        if (strcmp(v->chrom, from->chrom) != 0 ||
            (back ? v->file_pos < p->pos : v->file_pos > p->pos))
            break;
        for (size_t h = 0; v->file_pos == p->pos && h < hits; h++) {
            cxs_variant_hit hit = set->hit[h];
            if (hit.variant != at)
                continue;
            hit.variant = p->variant;
            CXS_TRY(cxs_variant_hit_add(ctx, set, &hit));
        }
    }
done:
    return rc;
}

static cxs_rc follow_pointers(cxs_ctx *ctx, cxs_vcf_reader *r)
{
    const size_t hits = r->set.hits;
    cxs_rc rc = CXS_OK;

    for (size_t i = 0; i < r->pointers; i++)
        CXS_TRY(follow(ctx, &r->set, &r->pointer[i], hits));
done:
    return rc;
}

static cxs_rc finish(cxs_ctx *ctx, cxs_vcf_reader *r, cxs_measures *bag)
{
    cxs_rc rc = CXS_OK;

    if (r->fasta != NULL)
        CXS_TRY(check_mismatches(ctx, r));
    else
        CXS_TRY(cxs_warn(ctx, "", /* of all files alike */
                         "no reference FASTA: alleles of calls are trimmed, not "
                         "left-aligned, and REF is not checked"));
    CXS_TRY(follow_pointers(ctx, r));
    CXS_TRY(cxs_variants_judge(ctx, &r->set));
    if (r->normal >= 0 && !r->s->genotypes)
        CXS_TRY(cxs_variants_swapped(ctx, &r->set, r->normal_name));
    if (r->fasta != NULL)
        CXS_TRY(cxs_variants_contexts(ctx, &r->set, r->fasta));
    if (r->set.skipped > 0)
        CXS_TRY(cxs_warn(ctx, "CX047", "%s: %lld alleles without reads were skipped",
                         r->s->path, (long long)r->set.skipped));
    CXS_TRY(cxs_variants_into(ctx, &r->set, bag));
done:
    return rc;
}

cxs_rc cxs_vcf_measure(cxs_ctx *ctx, const cxs_vcf_settings *settings,
                       cxs_measures *bag)
{
    cxs_vcf_reader r = {.s = settings, .tumour = -1, .normal = -1, .last_rid = -1};
    cxs_rc rc = CXS_OK;

    if (settings->refs == NULL || settings->path == NULL ||
        (settings->sample == NULL && settings->column == NULL))
        return cxs_fail(ctx, CXS_EARG,
                        "a variant file needs its path, a sample and reference tables");
    r.set.settings = settings;
    CXS_TRY(open_file(ctx, &r));
    CXS_TRY(cxs_vcf_header(ctx, &r));
    if (r.fasta != NULL)
        CXS_TRY(cxs_hotspots_check(ctx, settings->refs, r.set.build, r.fasta));
    CXS_TRY(read_records(ctx, &r));
    CXS_TRY(finish(ctx, &r, bag));
done:
    close_reader(&r);
    return rc;
}
