/*
 * hts_variants.c -- calls of one patient, tumour beside normal, as bgzip VCF
 *
 * Besides the planted mutations: up to three germline sites, one call of low depth and
 * one that the caller filtered, so that every rule of a record filter has work to do.
 * Depths are Poisson, alternative reads binomial by normal approximation to whole reads.
 */
#include "simulate/study.h"

#include "base/out.h"

#include <htslib/bgzf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PART_CALLS = 7,
    PER_CALL = 64, /* draws of a Poisson number are 32 */
    CALLS = CXS_TOY_MUTATIONS + 5,
    GERMLINE = 3
};

static const double TUMOUR_DEPTH = 120.0, NORMAL_DEPTH = 60.0;

typedef struct call {
    cxs_toy_site site;
    size_t gene;
    const char *class, *expected, *filter;
    double share, depth; /* of alternative reads in the tumour */
    int germline;
} call;

static int by_place(const void *a, const void *b)
{
    const cxs_toy_site *x = &((const call *)a)->site, *y = &((const call *)b)->site;

    if (x->contig != y->contig)
        return x->contig < y->contig ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static const char *class_name(cxs_toy_class class)
{
    return class == CXS_TOY_MISSENSE ? "missense"
           : class == CXS_TOY_STOP   ? "stop_gained"
                                     : "synonymous";
}

static size_t gene_at(const cxs_genome *genome, const cxs_toy_site *site)
{
    for (size_t g = 0; g < genome->genes; g++)
        for (int e = 0; e < genome->gene[g].exons; e++)
            if (genome->gene[g].contig == site->contig &&
                site->at >= genome->gene[g].start[e] &&
                site->at < genome->gene[g].end[e])
                return g;
    return 0;
}

/* The first two mutations are followed by a shallow and a filtered neighbour. */
static void add_rejected(const cxs_genome *genome, const cxs_toy_mutation *m, size_t k,
                         call *one)
{
    *one = (call){.site = m->site,
                  .gene = m->gene,
                  .class = "missense",
                  .share = 0.3,
                  .depth = k == 0 ? 8.0 : TUMOUR_DEPTH,
                  .filter = k == 0 ? "PASS" : "weak_evidence",
                  .expected = k == 0 ? "depth" : "filter"};
    one->site.at += 3;
    one->site.ref = genome->bases[one->site.contig][one->site.at];
    one->site.alt = one->site.ref == 'A' ? 'T' : 'A';
}

static size_t list_calls(const cohort *c, const cxs_person *person, call *calls)
{
    const cxs_genome *genome = &c->genome;
    size_t n = 0, germline = 0;

    for (size_t k = 0; k < person->mutations; k++) {
        const cxs_toy_mutation *m = &person->mutation[k];
        calls[n++] = (call){m->site,      m->gene, class_name(m->class),
                            "pass",       "PASS",  person->purity / 2.0,
                            TUMOUR_DEPTH, 0};
    }
    for (size_t k = 0; k < person->mutations && k < 2; k++)
        add_rejected(genome, &person->mutation[k], k, &calls[n++]);
    for (size_t k = 0; k < genome->snps && germline < GERMLINE; k++)
        if (person->genotype[k] == 1) {
            calls[n++] = (call){genome->snp[k], gene_at(genome, &genome->snp[k]),
                                "missense",     "germline",
                                "PASS",         0.5,
                                TUMOUR_DEPTH,   1};
            germline++;
        }
    qsort(calls, n, sizeof *calls, by_place);
    return n;
}

static int alt_reads(const cxs_stream *s, uint64_t index, int depth, double share)
{
    const double mean = depth * share, sd = sqrt(depth * share * (1.0 - share));
    const double reads = floor(mean + sd * cxs_draw_normal(s, index) + 0.5);

    return reads < 0.0 ? 0 : reads > depth ? depth : (int)reads;
}

static cxs_rc header(cxs_ctx *ctx, const cohort *c, size_t i, cxs_buf *text)
{
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_addf(
        ctx, text,
        "##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description=\"All filters passed\">\n"
        "##FILTER=<ID=weak_evidence,Description=\"Call is not convincing\">\n"));
    for (size_t k = 0; k < CXS_TOY_CONTIGS; k++)
        CXS_TRY(cxs_buf_addf(ctx, text, "##contig=<ID=%zu,length=%lld>\n", k + 1,
                             (long long)c->genome.length[k]));
    CXS_TRY(cxs_buf_addf(
        ctx, text,
        "##INFO=<ID=BCSQ,Number=.,Type=String,Description=\"Consequence. Format: "
        "Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change\">\n"
        "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
        "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Reads per allele\">\n"
        "##FORMAT=<ID=ADF,Number=R,Type=Integer,Description=\"Forward reads\">\n"
        "##FORMAT=<ID=ADR,Number=R,Type=Integer,Description=\"Reverse reads\">\n"
        "##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Depth\">\n"
        "##tumor_sample=T%0*zu\n##normal_sample=N%0*zu\n"
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN%0*zu\tT%0*zu\n",
        c->patient_digits, i + 1, c->patient_digits, i + 1, c->patient_digits, i + 1,
        c->patient_digits, i + 1));

done:
    return rc;
}

static cxs_rc add_sample(cxs_ctx *ctx, cxs_buf *text, int depth, int alt)
{
    const int ref = depth - alt;

    return cxs_buf_addf(ctx, text, "\t%s:%d,%d:%d,%d:%d,%d:%d", alt > 0 ? "0/1" : "0/0",
                        ref, alt, ref / 2, alt / 2, ref - ref / 2, alt - alt / 2,
                        depth);
}

static cxs_rc record(cxs_ctx *ctx, const cohort *c, size_t i, const cxs_stream *s,
                     size_t k, const call *one, cxs_buf *text, cxs_buf *truth)
{
    const uint64_t index = PER_CALL * (uint64_t)k;
    const int depth = (int)cxs_draw_poisson(s, 2 * (uint64_t)k, one->depth) + 1,
              normal = (int)cxs_draw_poisson(s, 2 * (uint64_t)k + 1, NORMAL_DEPTH) + 1;
    const cxs_stream reads = {s->seed, s->purpose, s->replicate + ((uint64_t)1 << 32)};
    const int alt = alt_reads(&reads, index, depth, one->share);
    const int normal_alt =
        one->germline ? alt_reads(&reads, index + 1, normal, one->share) : 0;
    const char *change =
        one->class[0] == 's' && one->class[1] == 'y' ? "12R" : "12R>12H";
    cxs_rc rc = CXS_OK;

    CXS_TRY(cxs_buf_addf(
        ctx, text,
        "%zu\t%lld\t.\t%c\t%c\t.\t%s\tBCSQ=%s|G%0*zu|T%0*zu|protein_coding|"
        "%c|%s|%lld%c>%c\tGT:AD:ADF:ADR:DP",
        one->site.contig + 1, (long long)one->site.at + 1, one->site.ref, one->site.alt,
        one->filter, one->class, c->gene_digits, one->gene + 1, c->gene_digits,
        one->gene + 1, c->genome.gene[one->gene].reverse ? '-' : '+', change,
        (long long)one->site.at + 1, one->site.ref, one->site.alt));
    CXS_TRY(add_sample(ctx, text, normal, normal_alt));
    CXS_TRY(add_sample(ctx, text, depth, alt));
    CXS_TRY(cxs_buf_add(ctx, text, "\n", 1));
    CXS_TRY(cxs_buf_addf(
        ctx, truth, "T%0*zu\t%zu\t%lld\t%c\t%c\tG%0*zu\t%s\t%d\t%d\t%s\n",
        c->patient_digits, i + 1, one->site.contig + 1, (long long)one->site.at + 1,
        one->site.ref, one->site.alt, c->gene_digits, one->gene + 1, one->class, depth,
        alt, one->expected));

done:
    return rc;
}

static cxs_rc write_text(cxs_ctx *ctx, const cxs_buf *text, const char *path)
{
    char *temp = NULL;
    BGZF *file;
    int status;
    cxs_rc rc = cxs_out_temp_name(ctx, path, &temp);

    if (rc != CXS_OK)
        return rc;
    file = bgzf_open(temp, "w6");
    status = file != NULL &&
                     bgzf_write(file, text->text, text->length) == (ssize_t)text->length
                 ? 0
                 : -1;
    if (file != NULL && bgzf_close(file) < 0)
        status = -1;
    if (status == 0) {
        rc = cxs_out_rename(ctx, temp, path);
    } else {
        cxs_out_discard(temp);
        rc = cxs_fail(ctx, CXS_EIO, "%s: cannot write calls", path);
    }
    cxs_free(temp);
    return rc;
}

cxs_rc cxs_variants_write(cxs_ctx *ctx, const cohort *c, size_t i, const char *path,
                          cxs_buf *truth)
{
    const cxs_stream s = cxs_sim_stream(c->s.seed, CXS_DRAW_SIMULATE, CXS_SIM_PERSON,
                                        ((uint64_t)PART_CALLS << 32) + (uint64_t)i);
    call calls[CALLS];
    const size_t n = list_calls(c, &c->persons[i], calls);
    cxs_buf text = {0};
    cxs_rc rc = CXS_OK;

    CXS_TRY(header(ctx, c, i, &text));
    for (size_t k = 0; k < n; k++)
        CXS_TRY(record(ctx, c, i, &s, k, &calls[k], &text, truth));
    CXS_TRY(write_text(ctx, &text, path));

done:
    cxs_free(text.text);
    return rc;
}
