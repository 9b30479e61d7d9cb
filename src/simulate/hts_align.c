/*
 * hts_align.c -- fragments as coordinate-sorted read pairs in BAM or CRAM
 *
 * The header names no path: CRAM would store that of its reference, so that M5 and a
 * bare file name are given instead, and the library's own writer line is left out.
 */
#include "simulate/fragments.h"

#include "base/out.h"

#include <htslib/cram.h>
#include <htslib/hfile.h>
#include <htslib/hts.h>
#include <htslib/sam.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPS = 2 * CXS_TOY_EXONS, NAME_BYTES = 16, QUALITY = 37, ERRORS_PART = 3 };

static const double ERROR_RATE = 0.001;

/* One end of a fragment on the genome. */
typedef struct piece {
    int64_t start[CXS_TOY_EXONS], end[CXS_TOY_EXONS];
    int blocks;
    uint32_t bases;
} piece;

typedef struct line { /* one alignment, for sorting */
    int64_t at;
    uint32_t fragment;
    uint8_t contig, right; /* right: the end with the higher coordinates */
} line;

static int by_place(const void *a, const void *b)
{
    const line *x = a, *y = b;

    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    if (x->fragment != y->fragment)
        return x->fragment < y->fragment ? -1 : 1;
    return (x->right > y->right) - (x->right < y->right);
}

static int64_t fragment_bases(const cxs_fragment *f)
{
    int64_t bases = 0;

    for (int b = 0; b < f->blocks; b++)
        bases += f->end[b] - f->start[b];
    return bases;
}

/* The first or last CXS_SIM_READ bases of a fragment. */
static void cut_end(const cxs_fragment *f, int right, piece *p)
{
    const int64_t all = fragment_bases(f),
                  length = all < CXS_SIM_READ ? all : CXS_SIM_READ,
                  from = right ? all - length : 0;
    int64_t passed = 0;

    *p = (piece){.bases = (uint32_t)length};
    for (int b = 0; b < f->blocks; b++) {
        const int64_t bases = f->end[b] - f->start[b];
        const int64_t a = from > passed ? from - passed : 0;
        const int64_t z =
            from + length - passed < bases ? from + length - passed : bases;
        if (a < z) {
            p->start[p->blocks] = f->start[b] + a;
            p->end[p->blocks++] = f->start[b] + z;
        }
        passed += bases;
    }
}

/* What the sample carries at one place, '\0' for the reference. */
static char allele(const cxs_align_job *job, const cxs_fragment *f, int64_t at)
{
    const cxs_genome *genome = job->genome;

    for (size_t m = 0; m < job->person->mutations; m++) {
        const cxs_toy_site *site = &job->person->mutation[m].site;
        if (site->contig == f->contig && site->at == at)
            return f->tumour && f->haplotype ? site->alt : '\0';
    }
    for (size_t k = 0; k < genome->snps; k++) {
        const cxs_toy_site *site = &genome->snp[k];
        if (site->contig == f->contig && site->at == at)
            return job->person->genotype[k] > f->haplotype ? site->alt : '\0';
    }
    return '\0';
}

/* Is there any site in [start, end)?  Most reads have none. */
static int any_site(const cxs_align_job *job, size_t contig, int64_t start, int64_t end)
{
    for (size_t m = 0; m < job->person->mutations; m++) {
        const cxs_toy_site *site = &job->person->mutation[m].site;
        if (site->contig == contig && site->at >= start && site->at < end)
            return 1;
    }
    for (size_t k = 0; k < job->genome->snps; k++) {
        const cxs_toy_site *site = &job->genome->snp[k];
        if (site->contig == contig && site->at >= start && site->at < end)
            return 1;
    }
    return 0;
}

static void read_bases(const cxs_align_job *job, const cxs_fragment *f, const piece *p,
                       int right, char *seq)
{
    const cxs_stream s =
        cxs_sim_stream(job->seed, CXS_DRAW_SIMULATE, CXS_SIM_READS,
                       ((uint64_t)(ERRORS_PART + job->rna) << 32) + (uint64_t)job->i);
    const uint64_t index = 4 * (uint64_t)f->name + (right ? 2 : 0);
    size_t n = 0;

    for (int b = 0; b < p->blocks; b++) {
        const int sites = any_site(job, f->contig, p->start[b], p->end[b]);
        for (int64_t at = p->start[b]; at < p->end[b]; at++) {
            const char other = sites ? allele(job, f, at) : '\0';
            seq[n++] = other != '\0' ? other : job->genome->bases[f->contig][at];
        }
    }
    if (cxs_draw_uniform(&s, index) < ERROR_RATE * (double)n) {
        char *base = &seq[cxs_draw_below(&s, index + 1, n)];
        *base = *base == 'A' ? 'C' : 'A';
    }
}

static size_t cigar_of(const piece *p, uint32_t *cigar)
{
    size_t ops = 0;

    for (int b = 0; b < p->blocks; b++) {
        if (b > 0)
            cigar[ops++] =
                bam_cigar_gen((uint32_t)(p->start[b] - p->end[b - 1]), BAM_CREF_SKIP);
        cigar[ops++] = bam_cigar_gen((uint32_t)(p->end[b] - p->start[b]), BAM_CMATCH);
    }
    return ops;
}

/* Read 1 is the right end of a fragment whose first mate lies on the reverse strand. */
static uint16_t flags_of(const cxs_fragment *f, int right)
{
    const int first = right == f->reverse;
    int flag = BAM_FPAIRED | BAM_FPROPER_PAIR | (first ? BAM_FREAD1 : BAM_FREAD2) |
               (right ? BAM_FREVERSE : BAM_FMREVERSE);

    if (f->unmapped)
        flag =
            BAM_FPAIRED | BAM_FUNMAP | BAM_FMUNMAP | (right ? BAM_FREAD2 : BAM_FREAD1);
    if (f->duplicate)
        flag |= BAM_FDUP;
    if (f->hit == 2)
        flag |= BAM_FSECONDARY;
    return (uint16_t)flag;
}

static int add_tags(bam1_t *b, const cxs_fragment *f)
{
    uint8_t mq = f->mapq;
    int32_t hits = f->hits, hit = f->hit;

    if (bam_aux_append(b, "RG", 'Z', 3, (const uint8_t *)"r1") < 0)
        return -1;
    if (f->unmapped)
        return 0;
    if (bam_aux_append(b, "MQ", 'C', 1, &mq) < 0 ||
        bam_aux_update_int(b, "NH", hits) < 0)
        return -1;
    return f->hits > 1 ? bam_aux_update_int(b, "HI", hit) : 0;
}

static int unmapped_record(const cxs_align_job *job, const cxs_fragment *f,
                           const char *name, int right, bam1_t *b)
{
    char seq[CXS_SIM_READ], quality[CXS_SIM_READ];

    memset(quality, QUALITY, sizeof quality);
    for (size_t k = 0; k < sizeof seq; k++)
        seq[k] = "ACGT"[(f->name + k * (size_t)(right + 1)) % 4];
    (void)job;
    return bam_set1(b, strlen(name), name, flags_of(f, right), -1, -1, 0, 0, NULL, -1,
                    -1, 0, sizeof seq, seq, quality, 64);
}

static int make_record(const cxs_align_job *job, const cxs_fragment *f, int right,
                       bam1_t *b)
{
    char seq[CXS_SIM_READ], quality[CXS_SIM_READ], name[NAME_BYTES];
    uint32_t cigar[OPS];
    piece left_end, right_end;
    const piece *own, *mate;
    int64_t span;

    snprintf(name, sizeof name, "r%08u", (unsigned)f->name);
    if (f->unmapped)
        return unmapped_record(job, f, name, right, b) < 0 ? -1 : add_tags(b, f);
    cut_end(f, 0, &left_end);
    cut_end(f, 1, &right_end);
    own = right ? &right_end : &left_end;
    mate = right ? &left_end : &right_end;
    span = right_end.end[right_end.blocks - 1] - left_end.start[0];
    read_bases(job, f, own, right, seq);
    memset(quality, QUALITY, sizeof quality);
    if (bam_set1(b, strlen(name), name, flags_of(f, right), f->contig, own->start[0],
                 f->mapq, cigar_of(own, cigar), cigar, f->contig, mate->start[0],
                 right ? -span : span, own->bases, seq, quality, 64) < 0)
        return -1;
    return add_tags(b, f);
}

static cxs_rc sort_lines(cxs_ctx *ctx, const cxs_fragments *fragments, line **out)
{
    line *lines = cxs_calloc(ctx, 2 * fragments->count, sizeof *lines);

    if (lines == NULL)
        return CXS_ENOMEM;
    for (size_t k = 0; k < fragments->count; k++)
        for (uint8_t right = 0; right < 2; right++) {
            const cxs_fragment *f = &fragments->at[k];
            piece p;
            cut_end(f, right, &p);
            lines[2 * k + right] =
                (line){f->unmapped ? 0 : p.start[0], (uint32_t)k,
                       f->unmapped ? CXS_TOY_CONTIGS : f->contig, right};
        }
    qsort(lines, 2 * fragments->count, sizeof *lines, by_place);
    *out = lines;
    return CXS_OK;
}

static int contig_md5(const cxs_genome *genome, int c, char hex[33])
{
    hts_md5_context *md5 = hts_md5_init();
    unsigned char digest[16];

    if (md5 == NULL)
        return -1;
    hts_md5_update(md5, genome->bases[c], (unsigned long)genome->length[c]);
    hts_md5_final(digest, md5);
    hts_md5_hex(hex, digest);
    hts_md5_destroy(md5);
    return 0;
}

static sam_hdr_t *make_header(const cxs_align_job *job)
{
    char text[1024], md5[33];
    size_t n = 0;

    n += (size_t)snprintf(text, sizeof text, "@HD\tVN:1.6\tSO:coordinate\n");
    for (int c = 0; c < CXS_TOY_CONTIGS; c++) {
        if (contig_md5(job->genome, c, md5) < 0)
            return NULL;
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "@SQ\tSN:%d\tLN:%lld\tM5:%s\tUR:reference.fa\n", c + 1,
                              (long long)job->genome->length[c], md5);
    }
    snprintf(text + n, sizeof text - n, "@RG\tID:r1\tSM:%s\tPL:ILLUMINA\n",
             job->sample);
    return sam_hdr_parse(strlen(text), text);
}

static int write_lines(const cxs_align_job *job, htsFile *file, sam_hdr_t *header,
                       const line *lines)
{
    bam1_t *b = bam_init1();
    int status = b != NULL && sam_hdr_write(file, header) == 0 ? 0 : -1;

    for (size_t k = 0; status == 0 && k < 2 * job->fragments->count; k++) {
        const cxs_fragment *f = &job->fragments->at[lines[k].fragment];
        if (make_record(job, f, lines[k].right, b) < 0 ||
            sam_write1(file, header, b) < 0)
            status = -1;
    }
    bam_destroy1(b);
    return status;
}

/* CRAM keeps the first bytes of the name it is opened by: a constant one is given. */
static htsFile *open_file(const cxs_align_job *job, const char *temp)
{
    hFILE *bytes = hopen(temp, "w");
    htsFile *file;

    if (bytes == NULL)
        return NULL;
    file = hts_hopen(bytes, "simulated", job->reference != NULL ? "wc" : "wb6");
    if (file == NULL)
        hclose_abruptly(bytes);
    return file;
}

/* The reference as another writer's: a writer that was told the FASTA itself would put
 * its absolute path into the header. */
static htsFile *lend_reference(htsFile *file, const char *reference)
{
    htsFile *lender = hts_open("/dev/null", "wc");

    if (lender != NULL &&
        (hts_set_fai_filename(lender, reference) < 0 ||
         hts_set_opt(file, CRAM_OPT_SHARED_REF, cram_get_refs(lender)) < 0)) {
        hts_close(lender);
        lender = NULL;
    }
    return lender;
}

static cxs_rc write_file(cxs_ctx *ctx, const cxs_align_job *job, const line *lines,
                         const char *temp, const char *path)
{
    htsFile *file = open_file(job, temp), *lender = NULL;
    sam_hdr_t *header = make_header(job);
    int status = file != NULL && header != NULL ? 0 : -1;

    if (status == 0 && job->reference != NULL) {
        lender = lend_reference(file, job->reference);
        status = lender != NULL ? 0 : -1;
    }
    if (status == 0)
        status = write_lines(job, file, header, lines);
    sam_hdr_destroy(header);
    if (file != NULL && hts_close(file) < 0)
        status = -1;
    if (lender != NULL)
        hts_close(lender);
    return status == 0 ? CXS_OK
                       : cxs_fail(ctx, CXS_EIO, "%s: cannot write alignments", path);
}

cxs_rc cxs_align_write(cxs_ctx *ctx, const cxs_align_job *job, const char *path)
{
    line *lines = NULL;
    char *temp = NULL;
    cxs_rc rc = CXS_OK;

    CXS_TRY(sort_lines(ctx, job->fragments, &lines));
    CXS_TRY(cxs_out_temp_name(ctx, path, &temp));
    rc = write_file(ctx, job, lines, temp, path);
    if (rc == CXS_OK)
        rc = cxs_out_rename(ctx, temp, path);
    else
        cxs_out_discard(temp);

done:
    cxs_free(temp);
    cxs_free(lines);
    return rc;
}
